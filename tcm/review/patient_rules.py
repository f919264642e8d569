"""Rules about the patient: pregnancy, nursing, allergy, organs, age, other drugs."""

import re
from collections.abc import Iterable, Iterator

from tcm.knowledge import Herb, Knowledge
from tcm.knowledge.facts import Contraindication, DrugInteraction, Restriction
from tcm.review.dose_rules import is_indicated
from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import cite, found, rule

_CLAUSES = re.compile(r"[,，;；。\n]")
_ENUMERATED = re.compile(r"[、/和及]")
_ALLERGY_DECORATION = re.compile(r"^对|过敏.*$|^中药[:：]?")
# What a medicine made of a herb is called beside the herb: 丹参注射液, 复方丹参滴丸.
_PREPARATION = re.compile(
    r"^(?:复方|注射用)|(?:注射[液剂]|粉?针剂?|滴丸|(?:泡腾|分散|缓释|含)?片|[软硬]?胶囊|颗粒|冲剂|口服液|合剂"
    r"|糖浆|制剂|提取物|[水蜜]?丸|散|酊|软?膏)$"
)
_DENIALS = ("无", "否认", "未见", "未患", "未服", "没有", "排除", "已排除", "no ", "denies ")
# What another of the family had, or what the patient was vaccinated against.
_NOT_THE_PATIENTS = ("家族史", "疫苗接种", "疫苗接种史", "疫苗史")


def _affirmed(records: Iterable[str]) -> Iterator[str]:
    """The clauses of a record that do not deny what they name: 否认肝炎、肾炎 denies both."""
    for record in records:
        for clause in _CLAUSES.split(record):
            text = clause.strip()
            if text and not text.lower().startswith(_DENIALS) and not text.endswith(_NOT_THE_PATIENTS):
                yield text


def _forbidden_by_law(reading: Reading, herb: Herb) -> str | None:
    for restriction in reading.knowledge.restrictions.get(herb.monograph, ()):
        if restriction.kind == "preg_forbidden":
            return cite(restriction.source, restriction.edition)
    return None


@rule("preg_forbidden")
def preg_forbidden(reading: Reading) -> Iterator[Finding]:
    """孕妇禁用, 忌用."""
    yield from _pregnancy(reading, "preg_forbidden", ("禁用", "忌用"), "is forbidden in pregnancy")


@rule("preg_caution")
def preg_caution(reading: Reading) -> Iterator[Finding]:
    """孕妇慎用."""
    yield from _pregnancy(reading, "preg_caution", ("慎用",), "needs caution in pregnancy")


def _pregnancy(reading: Reading, rule_id: str, words: tuple[str, ...], says_en: str) -> Iterator[Finding]:
    if not reading.case.patient.pregnant:
        return
    fact = reading.fact(rule_id)
    seen = set()
    for line, herb in reading.mentions():
        if herb.pregnancy not in words or line.written in seen:
            continue
        seen.add(line.written)
        law = _forbidden_by_law(reading, herb)
        # Cautions that only textbooks or provincial standards give are worth a warning, no more.
        severity = None if herb.verified or law else "warn"
        yield found(
            fact,
            (line.written,),
            f"患者妊娠，{line.written}孕妇{herb.pregnancy}。",
            f"The patient is pregnant: {line.written} ({herb.pinyin}) {says_en}.",
            severity=severity,
            source=law or cite(herb.source, herb.edition),
        )


@rule("lact_caution")
def lact_caution(reading: Reading) -> Iterator[Finding]:
    """哺乳期慎用."""
    if not reading.case.patient.lactating:
        return
    fact = reading.fact("lact_caution")
    for line, herb in reading.mentions():
        caution = reading.knowledge.lactation.get(herb.monograph)
        doses = reading.knowledge.doses.get(herb.dose_group, ())
        # 麦芽 for weaning is given because she nurses.
        if caution is not None and not any(is_indicated(dose, reading) for dose in doses):
            yield found(
                fact,
                (line.written,),
                f"患者哺乳，{line.written}{caution.note}。",
                f"The patient is nursing: {line.written} ({herb.pinyin}) needs caution.",
                severity=caution.severity,
                source=cite(caution.source, caution.edition),
            )


@rule("allergy")
def allergy(reading: Reading) -> Iterator[Finding]:
    """A herb, or another form of the material, that the patient does not tolerate."""
    recorded = dict.fromkeys(_allergens(reading))
    materials = {base: text for text in recorded for base in _materials(text, reading.knowledge)}
    seen = set()
    for line, herb in reading.mentions():
        if line.written in seen:
            continue
        contra, text = _contraindicated_by_allergy(herb, recorded, reading.knowledge)
        if herb.base in materials:
            seen.add(line.written)
            yield _allergy(reading, line.written, materials[herb.base])
        elif contra is not None:
            seen.add(line.written)
            yield _allergy(reading, line.written, text, contra)


def _allergy(
    reading: Reading, written: str, allergen: str, contra: Contraindication | None = None
) -> Finding:
    return found(
        reading.fact("allergy"),
        (written,),
        f"患者对{allergen}过敏，处方有{written}。",
        f"The patient is allergic to {allergen}: {written}.",
        severity=None if contra is None else contra.severity,
        source=None if contra is None else cite(contra.source, contra.edition),
    )


def _allergens(reading: Reading) -> Iterator[str]:
    """What the patient is recorded not to tolerate, without the words around it."""
    knowledge = reading.knowledge
    for clause in _affirmed(reading.case.patient.allergies):
        for part in _ENUMERATED.split(clause):
            text = _ALLERGY_DECORATION.sub("", knowledge.names.normalise(part))
            if text and text not in knowledge.allergy_exclusions:
                yield text


def _materials(allergen: str, knowledge: Knowledge) -> Iterator[str]:
    """The materials behind a recorded allergen: a herb, or a medicine named after one."""
    resolution = knowledge.names.resolve(allergen)
    if resolution.status == "unknown":
        resolution = knowledge.names.resolve(_PREPARATION.sub("", allergen))
    # The candidates of an unknown text are mere suggestions; those of an ambiguous one all count.
    possible = resolution.candidates if resolution.status == "ambiguous" else ()
    for name in (resolution.name,) if resolution.name else possible:
        yield knowledge.herbs[name].base


def _contraindicated_by_allergy(
    herb: Herb, allergens: Iterable[str], knowledge: Knowledge
) -> tuple[Contraindication | None, str]:
    """The caution that names an allergy the patient has (漆 for 干漆), and that allergen."""
    for contra in knowledge.contraindications.get(herb.monograph, ()):
        if "过敏" in contra.condition:
            for text in allergens:
                if _is_named(contra.words, f"{text}过敏"):
                    return contra, text
    return None, ""


def _is_named(words: Iterable[str], record: str) -> bool:
    """Whether a record holds one of the words; one written ^word must open it: 经期第2天, not 绝经期."""
    return any(record.startswith(word[1:]) if word.startswith("^") else word in record for word in words)


def _failing_organs(reading: Reading) -> Iterator[str]:
    """Conditions that the laboratory values show, each with its value."""
    patient = reading.case.patient
    for test, value in sorted(patient.labs.items()):
        for threshold in reading.knowledge.lab_thresholds.get(test, ()):
            if threshold.is_beyond(value, patient.sex):
                yield f"{threshold.condition}（{threshold.term}{value:g}{threshold.unit}）"
                break


@rule("organ_contra")
def organ_contra(reading: Reading) -> Iterator[Finding]:
    """A herb that a disease of the patient does not allow."""
    fact = reading.fact("organ_contra")
    recorded = _affirmed(reading.case.patient.conditions)
    conditions = (*recorded, *_failing_organs(reading))
    seen = set()
    for line, herb in reading.mentions() if conditions else ():
        for contra in reading.knowledge.contraindications.get(herb.monograph, ()):
            condition = next((text for text in conditions if _is_named(contra.words, text.lower())), None)
            if condition is None or (line.written, condition) in seen:
                continue
            seen.add((line.written, condition))
            yield found(
                fact,
                (line.written,),
                f"患者{condition}，{line.written}不宜（{contra.condition}）。",
                f"{line.written} ({herb.pinyin}) does not suit the patient's condition: {condition}.",
                severity=contra.severity,
                source=cite(contra.source, contra.edition),
            )


@rule("child_forbidden")
def child_forbidden(reading: Reading) -> Iterator[Finding]:
    """A herb that children of this age must not have."""
    age = reading.case.patient.age_years
    if age is None:
        return
    fact = reading.fact("child_forbidden")
    for line, herb in reading.mentions():
        limits = [
            (restriction.max_age_years, restriction)
            for restriction in reading.knowledge.restrictions.get(herb.monograph, ())
            if restriction.kind == "child_forbidden" and restriction.max_age_years is not None
        ]
        above = [limit for limit in limits if age < limit[0]]
        if above:
            # The youngest are forbidden what the older are only warned of: the narrowest age says it.
            limit, restriction = min(above, key=_years)
            yield found(
                fact,
                (line.written,),
                f"患儿{age:g}岁，{line.written}{restriction.note}。",
                f"{line.written} ({herb.pinyin}) is not for patients below {limit:g} years.",
                severity=restriction.severity,
                source=cite(restriction.source, restriction.edition),
                value=age,
                limit=limit,
                unit="岁",
            )


def _years(limit: tuple[float, Restriction]) -> float:
    return limit[0]


@rule("ddi")
def ddi(reading: Reading) -> Iterator[Finding]:
    """A western drug that a herb, or a whole formula, does not go with."""
    yield from _with_drugs(reading, "ddi", reading.knowledge.drug_interactions, "a known interaction")


@rule("same_ingredient")
def same_ingredient(reading: Reading) -> Iterator[Finding]:
    """A western or patent medicine that holds the same active substance as a herb."""
    yield from _with_drugs(
        reading, "same_ingredient", reading.knowledge.same_ingredient, "the same active substance"
    )


def _with_drugs(
    reading: Reading, rule_id: str, interactions: tuple[DrugInteraction, ...], says_en: str
) -> Iterator[Finding]:
    fact = reading.fact(rule_id)
    drugs = [drug.lower() for drug in _affirmed(reading.case.patient.western_drugs)]
    if not drugs:
        return
    present = frozenset(herb.monograph for _, herb in reading.mentions())
    for interaction in interactions:
        taken = sorted(drug for drug in drugs if any(word in drug for word in interaction.words))
        hits = [group & present for group in interaction.groups]
        if not taken or not any(hits) or (interaction.needs_all and not all(hits)):
            continue
        herbs = reading.written_as(frozenset().union(*hits))
        yield found(
            fact,
            herbs,
            f"患者在用{taken[0]}，与{'、'.join(herbs)}同用：{interaction.note}。",
            f"{', '.join(herbs)} with {taken[0]}: {says_en}.",
            severity=interaction.severity,
            source=cite(interaction.source, interaction.edition),
        )
