"""What an agreed formula says: whether it is sound, what review makes of it, how two versions differ."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import date
from hashlib import sha256

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, Invalid
from tcm.records.governance import AgreedFormula
from tcm.review import Case, Finding, Line, RuleSet, check
from tcm.review.rule_set import RulesInUse

HERBS_AT_MOST, SYNDROMES_AT_MOST = 40, 4
NAME_SHORTEST, NAME_LONGEST = 2, 20
USAGE_LONGEST, NOTE_LONGEST = 200, 400
DECOCTION_CLASSES = ("解表", "一般", "滋补")
# What a recipe that says nothing of its usage is checked with; the doctor writes it on the prescription.
USUAL_USAGE = "每日1剂，水煎400ml，分早晚两次温服"
# With one of these a formula is not put in force: a second signature is given on a prescription, not before.
UNAPPROVABLE = ("return", "sign", "block")


@dataclass(frozen=True)
class Recipe:
    """A version of an agreed formula as its form holds it.

    Args:
        items: Herbs as written, grams a 剂, decoction notes, in order.
        syndromes: Names of GB/T 16751.2, the chief one first.
        decoction_class: 解表, 一般 or 滋补.
        usage: How to take it, may be empty.
        note: Where it comes from and what it is for.
    """

    items: tuple[Line, ...]
    syndromes: tuple[str, ...]
    decoction_class: str = "一般"
    usage: str = ""
    note: str = ""


@dataclass(frozen=True)
class LineChange:
    """A herb that differs between two versions.

    Args:
        herb: Standard name.
        before: Its line in the older version, None where it was added.
        after: Its line in the newer version, None where it was left out.
    """

    herb: str
    before: Line | None
    after: Line | None


def recipe_of(formula: AgreedFormula) -> Recipe:
    """What a stored version says.

    Args:
        formula: The version.

    Returns:
        Its recipe.
    """
    return Recipe(
        items=tuple(
            Line(str(item["herb"]), float(str(item["dose_g"])), str(item["decoction_note"]))
            for item in formula.items
        ),
        syndromes=tuple(formula.syndromes),
        decoction_class=formula.decoction_class,
        usage=formula.usage,
        note=formula.note,
    )


def write_recipe(formula: AgreedFormula, recipe: Recipe) -> None:
    """Put a recipe into a version.

    Args:
        formula: The version.
        recipe: What it is to say.
    """
    formula.items = [
        {"herb": line.herb, "dose_g": line.grams, "decoction_note": line.decoction_note}
        for line in recipe.items
    ]
    formula.syndromes = list(recipe.syndromes)
    formula.decoction_class = recipe.decoction_class
    formula.usage, formula.note = recipe.usage, recipe.note


def fingerprint(formula: AgreedFormula) -> str:
    """What tells a page that a draft is still the one it showed.

    Args:
        formula: The version.

    Returns:
        Sixteen hexadecimal digits of its recipe.
    """
    return sha256(repr(astuple(recipe_of(formula))).encode()).hexdigest()[:16]


def check_recipe(recipe: Recipe, knowledge: Knowledge, rules: RuleSet, on: date) -> tuple[Finding, ...]:
    """What review says of a recipe as one 剂 for an adult of whom nothing else is known.

    Args:
        recipe: Perhaps half written.
        knowledge: The rules' facts.
        rules: Of the institution whose formula it is.
        on: The county day.

    Returns:
        Findings, gravest first.
    """
    case = Case(
        lines=recipe.items,
        syndrome=next(iter(recipe.syndromes), None),
        usage=recipe.usage or USUAL_USAGE,
        written_on=on,
    )
    return check(case, knowledge, rules)


def demand_name(name: str, knowledge: Knowledge) -> str:
    """The name under which a formula is kept.

    Args:
        name: As typed.
        knowledge: Its classics' names are taken.

    Returns:
        The name half width, without spaces, simplified.

    Raises:
        Invalid: When it is too short, too long, or a classic's.
    """
    plain = knowledge.names.normalise(name)
    if not NAME_SHORTEST <= len(plain) <= NAME_LONGEST:
        raise Invalid(
            N_("协定方的名称要有 %(least)s 至 %(most)s 个字。"), least=NAME_SHORTEST, most=NAME_LONGEST
        )
    if plain in knowledge.formulas:
        raise Invalid(N_("“%(name)s”是经典方的方名，协定方请另起名称。"), name=plain)
    return plain


def demand_sound(recipe: Recipe, knowledge: Knowledge, rules: RuleSet) -> None:
    """Let a recipe pass that can be kept, or refuse with one sentence.

    Args:
        recipe: As typed.
        knowledge: Names, notes, syndromes.
        rules: Say which grams are a slip of the pen.

    Raises:
        Invalid: When a herb's name is not clear or stands twice, grams or a note make no sense, a syndrome is
            not of GB/T 16751.2, or a text is too long.
    """
    if not 1 <= len(recipe.items) <= HERBS_AT_MOST:
        raise Invalid(N_("协定方要有 1 至 %(most)s 味药。"), most=HERBS_AT_MOST)
    demand_herbs(recipe.items, knowledge, rules)
    _demand_syndromes(recipe.syndromes, knowledge)
    if recipe.decoction_class not in DECOCTION_CLASSES:
        raise Invalid(N_("煎法只能是解表、一般或滋补。"))
    if len(recipe.usage) > USAGE_LONGEST or len(recipe.note) > NOTE_LONGEST:
        raise Invalid(
            N_("用法最多 %(usage)s 个字，说明最多 %(note)s 个字。"), usage=USAGE_LONGEST, note=NOTE_LONGEST
        )


def demand_herbs(lines: tuple[Line, ...], knowledge: Knowledge, rules: RuleSet) -> None:
    """Let herbs pass that can be kept for another day, or refuse with one sentence.

    Args:
        lines: As typed.
        knowledge: Names and notes.
        rules: Say which grams are a slip of the pen.

    Raises:
        Invalid: When a herb's name is not clear or stands twice, or grams or a note make no sense.
    """
    absurd_g = RulesInUse(rules, knowledge, None).parameter("invalid_dose", "absurd_g")
    standard = [_demand_line(line, knowledge, absurd_g) for line in lines]
    twice = next((herb for herb in standard if standard.count(herb) > 1), None)
    if twice is not None:
        raise Invalid(N_("%(herb)s 写了不止一次，请合成一味。"), herb=twice)


def compare(before: Recipe, after: Recipe, knowledge: Knowledge) -> tuple[LineChange, ...]:
    """What changed between two versions, herb by herb.

    Args:
        before: The older.
        after: The newer.
        knowledge: Two spellings of one herb are one herb.

    Returns:
        Herbs left out and changed in the older one's order, then those added; none where nothing changed.
    """
    return tuple(_changes(_by_herb(before, knowledge), _by_herb(after, knowledge)))


def _changes(before: dict[str, Line], after: dict[str, Line]) -> Iterator[LineChange]:
    for herb, line in before.items():
        now = after.get(herb)
        if now is None or (now.grams, now.decoction_note) != (line.grams, line.decoction_note):
            yield LineChange(herb, line, now)
    for herb, line in after.items():
        if herb not in before:
            yield LineChange(herb, None, line)


def _by_herb(recipe: Recipe, knowledge: Knowledge) -> dict[str, Line]:
    return {knowledge.names.resolve(line.herb).name or line.herb: line for line in recipe.items}


def _demand_line(line: Line, knowledge: Knowledge, absurd_g: float) -> str:
    resolved = knowledge.names.resolve(line.herb)
    if resolved.name is None:
        candidates = "、".join(resolved.candidates)
        if resolved.status == "ambiguous":
            raise Invalid(
                N_("“%(herb)s”可能是 %(candidates)s，请写明是哪一味。"),
                herb=line.herb,
                candidates=candidates,
            )
        if candidates:
            raise Invalid(
                N_("没有“%(herb)s”这味药，是不是 %(candidates)s？"), herb=line.herb, candidates=candidates
            )
        raise Invalid(N_("没有“%(herb)s”这味药。"), herb=line.herb)
    # Also refuses what is not a number at all.
    if not 0 < line.grams <= absurd_g:
        raise Invalid(
            N_("%(herb)s 的剂量要大于 0 克，不超过 %(most)s 克。"), herb=line.herb, most=f"{absurd_g:g}"
        )
    if line.decoction_note and not knowledge.handlings(line.decoction_note):
        raise Invalid(
            N_("%(herb)s 的脚注“%(note)s”不认识，请写先煎、后下、包煎等。"),
            herb=line.herb,
            note=line.decoction_note,
        )
    return resolved.name


def _demand_syndromes(syndromes: tuple[str, ...], knowledge: Knowledge) -> None:
    if not 1 <= len(syndromes) <= SYNDROMES_AT_MOST:
        raise Invalid(N_("请写明 1 至 %(most)s 个主治证型。"), most=SYNDROMES_AT_MOST)
    known = {term.name for term in knowledge.syndromes}
    strange = next((name for name in syndromes if name not in known), None)
    if strange is not None:
        raise Invalid(N_("“%(name)s”不是 GB/T 16751.2 的证候名，请从列表里选。"), name=strange)
