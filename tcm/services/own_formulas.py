"""A doctor's own formulas (我的方): kept by name for their own pen, offered to nobody else."""

from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, Invalid
from tcm.records.own_formulas import OwnFormula
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.review import Line
from tcm.services.access import demand_same_form, look
from tcm.services.recipes import DECOCTION_CLASSES, HERBS_AT_MOST, USAGE_LONGEST, demand_herbs
from tcm.services.ruling import rules_for
from tcm.store.work import Work

OWN_FORMULA = "own_formula"
# What begins the origin of a line adopted from an own formula.
OWN = "我的方:"
NAME_SHORTEST, NAME_LONGEST = 2, 20
SYNDROME_LONGEST = 80
OFFERED_AT_MOST = 200


@dataclass(frozen=True)
class OwnRecipe:
    """What an own formula says.

    Args:
        items: Herbs as written, grams a 剂, decoction notes, in order.
        syndrome: 证型, may be empty.
        decoction_class: 解表, 一般 or 滋补.
        usage: How to take it, may be empty.
    """

    items: tuple[Line, ...]
    syndrome: str = ""
    decoction_class: str = "一般"
    usage: str = ""


def origin_text(formula: OwnFormula) -> str:
    """What a prescription's line keeps when it was adopted from an own formula.

    Args:
        formula: The version.

    Returns:
        Such as 我的方:理中加味 v2; at most 40 characters, for the name has at most 20.
    """
    return f"{OWN}{formula.name} v{formula.version}"


def recipe_of(formula: OwnFormula) -> OwnRecipe:
    """What a stored version says.

    Args:
        formula: The version.

    Returns:
        Its recipe.
    """
    return OwnRecipe(
        items=tuple(
            Line(str(item["herb"]), float(str(item["dose_g"])), str(item["decoction_note"]))
            for item in formula.items
        ),
        syndrome=formula.syndrome,
        decoction_class=formula.decoction_class,
        usage=formula.usage,
    )


def mine(work: Work, actor: Actor) -> list[OwnFormula]:
    """What the doctor keeps, last kept first.

    Args:
        work: The unit of work.
        actor: The doctor.

    Returns:
        One version of each name; none for other roles.
    """
    return work.own_formulas.offered(actor.staff_id)


def keep(
    work: Work, actor: Actor, knowledge: Knowledge, name: str, recipe: OwnRecipe, request_key: str
) -> OwnFormula:
    """Keep a recipe under a name; what stood under that name before is put away, not lost.

    Args:
        work: The unit of work.
        actor: The doctor.
        knowledge: Names and notes; the classics' names are taken.
        name: As the doctor will look for it.
        recipe: What it says.
        request_key: The form's own key.

    Returns:
        The version that is offered from now on; the same one for the same key.

    Raises:
        Forbidden: For roles that do not prescribe.
        Invalid: When the name or the recipe cannot be kept.
    """
    _look(work, actor, None, actor.staff_id)
    earlier = work.own_formulas.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.owner_id == actor.staff_id)
        return earlier
    plain = _demand_name(name, knowledge)
    _demand_sound(work, actor, recipe, knowledge)
    former = work.own_formulas.named(actor.staff_id, plain)
    if former is not None:
        former.put_away_at = work.now
        # The one offered must have gone before the next comes: the database allows one at a time.
        work.session.flush()
    elif len(work.own_formulas.offered(actor.staff_id)) >= OFFERED_AT_MOST:
        raise Invalid(N_("最多存 %(most)s 个方子，请先删去不用的。"), most=OFFERED_AT_MOST)
    return work.own_formulas.add(
        OwnFormula(
            owner_id=actor.staff_id,
            name=plain,
            version=work.own_formulas.last_version(actor.staff_id, plain) + 1,
            items=[
                {"herb": line.herb, "dose_g": line.grams, "decoction_note": line.decoction_note}
                for line in recipe.items
            ],
            syndrome=recipe.syndrome,
            decoction_class=recipe.decoction_class,
            usage=recipe.usage,
            kept_at=work.now,
            request_key=request_key,
        )
    )


def put_away(work: Work, actor: Actor, formula_id: int) -> OwnFormula:
    """Offer a formula no more; lines that were adopted from it keep their origin.

    Args:
        work: The unit of work.
        actor: Its owner.
        formula_id: Which version.

    Returns:
        The version; putting it away again is nothing new.

    Raises:
        NotFound: When there is none.
        Forbidden: When it is another doctor's.
    """
    formula = work.own_formulas.get(formula_id)
    _look(work, actor, formula_id, formula.owner_id)
    if formula.put_away_at is None:
        formula.put_away_at = work.now
        work.session.flush()
    return formula


def _look(work: Work, actor: Actor, formula_id: int | None, owner_id: int) -> None:
    look(work, actor, Action.OWN_FORMULA, OWN_FORMULA, formula_id, assigned_to_id=owner_id)


def _demand_name(name: str, knowledge: Knowledge) -> str:
    plain = knowledge.names.normalise(name)
    if not NAME_SHORTEST <= len(plain) <= NAME_LONGEST:
        raise Invalid(
            N_("方子的名称要有 %(least)s 至 %(most)s 个字。"), least=NAME_SHORTEST, most=NAME_LONGEST
        )
    if plain in knowledge.formulas:
        raise Invalid(N_("“%(name)s”是经典方的方名，请另起名称，如“%(name)s加味”。"), name=plain)
    return plain


def _demand_sound(work: Work, actor: Actor, recipe: OwnRecipe, knowledge: Knowledge) -> None:
    if not 1 <= len(recipe.items) <= HERBS_AT_MOST:
        raise Invalid(N_("要有 1 至 %(most)s 味药才能存。"), most=HERBS_AT_MOST)
    demand_herbs(recipe.items, knowledge, rules_for(work, actor.institution_id))
    if recipe.decoction_class not in DECOCTION_CLASSES:
        raise Invalid(N_("煎法只能是解表、一般或滋补。"))
    if len(recipe.usage) > USAGE_LONGEST or len(recipe.syndrome) > SYNDROME_LONGEST:
        raise Invalid(
            N_("用法最多 %(usage)s 个字，证型最多 %(syndrome)s 个字。"),
            usage=USAGE_LONGEST,
            syndrome=SYNDROME_LONGEST,
        )
