"""Everything known, read once: `load()`."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from tcm.knowledge import boiling, cautions, facts
from tcm.knowledge.appraisals import (
    AppraisalCode,
    AppraisalRate,
    read_appraisal_codes,
    read_appraisal_rates,
)
from tcm.knowledge.constitution import ConstitutionForm, read_constitution_form
from tcm.knowledge.formulas import Formula, FormulaCode, Formulas, read_formula_codes, read_formulas
from tcm.knowledge.herbs import Herb, Herbs, read_herbs
from tcm.knowledge.names import Alias, Names, read_aliases, read_simplified
from tcm.knowledge.outcomes import OutcomeGrade, read_outcome_grades
from tcm.knowledge.patterns import Patterns, read_patterns
from tcm.knowledge.preparation import (
    PreparationLimit,
    PreparationWord,
    read_preparation_limits,
    read_preparation_words,
)
from tcm.knowledge.properties import HerbProperties, read_properties
from tcm.knowledge.pulses import Pulses, read_pulses
from tcm.knowledge.red_flags import RedFlag, read_red_flags
from tcm.knowledge.review_queue import ReviewTargets, read_review_targets
from tcm.knowledge.rules import RuleFact, RuleParameter, read_rule_parameters, read_rules

_BOILED_APART = frozenset({"另煎", "烊化"})
_POURED_IN = frozenset({"冲服", "兑服"})
# What stands beside the words of a note: for how long, and what joins them.
_BESIDE_HANDLING = re.compile(r"\d*半?(?:分钟|小时)|[煎服\s,、;.()]")


@dataclass(frozen=True)
class Knowledge:
    """The clinical facts of the pharmacy, each row with its source and edition."""

    herbs: Herbs
    names: Names
    formulas: Formulas
    patterns: Patterns
    boil_rules: Mapping[str, int]
    pot_taints: Mapping[str, facts.PotTaint]
    absorption_ml_per_g: Mapping[str, float]
    seeds_and_fruits: frozenset[str]
    child_volumes: tuple[boiling.ChildVolume, ...]
    class_rules: tuple[boiling.ClassRule, ...]
    properties: Mapping[str, HerbProperties]
    rules: Mapping[str, RuleFact]
    rule_parameters: Mapping[str, Mapping[str, RuleParameter]]
    incompatibilities: tuple[facts.Incompatibility, ...]
    restrictions: Mapping[str, tuple[facts.Restriction, ...]]
    handling: Mapping[str, tuple[facts.Handling, ...]]
    handling_words: tuple[facts.HandlingWord, ...]
    doses: Mapping[str, tuple[facts.RouteDose, ...]]
    contraindications: Mapping[str, tuple[facts.Contraindication, ...]]
    lactation: Mapping[str, facts.LactationCaution]
    drug_interactions: tuple[facts.DrugInteraction, ...]
    allergy_exclusions: frozenset[str]
    duplicate_exemptions: frozenset[frozenset[str]]
    same_ingredient: tuple[facts.DrugInteraction, ...]
    look_alikes: Mapping[str, tuple[cautions.LookAlike, ...]]
    toxic_members: Mapping[str, tuple[cautions.ToxicMember, ...]]
    lab_thresholds: Mapping[str, tuple[cautions.LabThreshold, ...]]
    syndrome_cautions: Mapping[str, tuple[cautions.SyndromeCaution, ...]]
    syndrome_natures: tuple[cautions.SyndromeNature, ...]
    preparation_limits: Mapping[str, tuple[PreparationLimit, ...]]
    preparation_words: tuple[PreparationWord, ...]

    # The long lists of terms are wanted by few: each is read when it is first asked for.
    @cached_property
    def diseases(self) -> tuple[facts.Term, ...]:
        """Diseases of GB/T 15657-2021."""
        return facts.read_terms("diseases")

    @cached_property
    def syndromes(self) -> tuple[facts.Term, ...]:
        """Syndromes of GB/T 16751.2-2021."""
        return facts.read_terms("syndromes")

    @cached_property
    def inspection_terms(self) -> tuple[facts.InspectionTerm, ...]:
        """Terms of tongue, face and pulse."""
        return facts.read_inspection_terms()

    @cached_property
    def appraisal_codes(self) -> tuple[AppraisalCode, ...]:
        """The faults a prescription can be appraised with."""
        return read_appraisal_codes()

    @cached_property
    def appraisal_rates(self) -> Mapping[str, AppraisalRate]:
        """How many prescriptions of a month are appraised, by scope."""
        return read_appraisal_rates()

    @cached_property
    def review_targets(self) -> ReviewTargets:
        """How long a prescription may wait for its review, and who is a child there."""
        return read_review_targets()

    @cached_property
    def pulses(self) -> Pulses:
        """The 28 pulses, and the limits by which a recorded one is told."""
        return read_pulses()

    @cached_property
    def constitution_form(self) -> ConstitutionForm:
        """The form of sixty questions for the nine types of constitution."""
        return read_constitution_form()

    @cached_property
    def red_flags(self) -> tuple[RedFlag, ...]:
        """What in a complaint asks for referral."""
        return read_red_flags()

    @cached_property
    def outcome_grades(self) -> tuple[OutcomeGrade, ...]:
        """What can come of a treatment, best first."""
        return read_outcome_grades()

    @cached_property
    def formula_codes(self) -> tuple[FormulaCode, ...]:
        """The code list of SZJG 38.2."""
        return read_formula_codes()

    def herb(self, text: str) -> Herb | None:
        """The herb that a written name means, or None where it is ambiguous or unknown."""
        name = self.names.resolve(text).name
        return None if name is None else self.herbs[name]

    def properties_of(self, herb: Herb) -> HerbProperties | None:
        """What a herb is like; a processed form without a row of its own is like its material."""
        return self.properties.get(herb.name) or self.properties.get(herb.monograph)

    def handlings(self, note: str) -> frozenset[str]:
        """The standard decoction notes that a written note holds: `打碎先煎30分钟` -> {先煎, 打碎}.

        `另煎兑服` is {另煎}: what was boiled apart or melted is poured in, not swallowed as a powder.
        """
        rest = self.names.normalise(note)
        found = set()
        for word in self.handling_words:
            if word.word in rest:
                found.add(word.handling)
                rest = rest.replace(word.word, " ")
        if found & _BOILED_APART:
            found -= _POURED_IN
        return frozenset(found)

    def is_handling(self, note: str) -> bool:
        """Whether a written note holds nothing but decoction notes and times; an empty one does.

        Args:
            note: Such as `打碎先煎30分钟`; `3钱` and `500mg` are none.
        """
        rest = self.names.normalise(note)
        for word in self.handling_words:
            rest = rest.replace(word.word, " ")
        return not _BESIDE_HANDLING.sub("", rest)

    @cached_property
    def formula_classes(self) -> Mapping[frozenset[str], Formula]:
        """Formulas by the set of their monographs, without those whose equals are boiled otherwise."""
        found: dict[frozenset[str], Formula] = {}
        mixed = set()
        for formula in self.formulas.values():
            herbs = (self.herb(item.herb) for item in formula.items)
            names = frozenset(herb.monograph for herb in herbs if herb is not None)
            if found.setdefault(names, formula).decoction_class != formula.decoction_class:
                mixed.add(names)
        return {names: formula for names, formula in found.items() if names not in mixed}

    @cached_property
    def off_pot(self) -> frozenset[str]:
        """The standard notes under which a herb is not boiled: 冲服, 吞服, 外用, ..."""
        return frozenset(word.handling for word in self.handling_words if word.off_pot)

    @property
    def boiled_apart(self) -> frozenset[str]:
        """The standard notes of what is boiled or melted by itself: 另煎, 烊化."""
        return _BOILED_APART


@cache
def load() -> Knowledge:
    """Read every table once; later calls return the same object.

    Returns:
        The knowledge, frozen.
    """
    aliases = read_aliases()
    spellings: dict[str, list[Alias]] = defaultdict(list)
    for alias in aliases.values():
        if alias.name:
            spellings[alias.name].append(alias)
    herbs = read_herbs({name: tuple(texts) for name, texts in spellings.items()})
    words = facts.read_handling_words()
    return Knowledge(
        herbs=herbs,
        names=Names(
            {herb.name: herb.use_count for herb in herbs.values()},
            aliases,
            read_simplified(),
            frozenset(word.word for word in words),
        ),
        formulas=read_formulas(),
        patterns=read_patterns(),
        boil_rules=facts.read_boil_rules(),
        pot_taints=facts.read_pot_taints(),
        absorption_ml_per_g=boiling.read_absorption(),
        seeds_and_fruits=boiling.read_seeds_and_fruits(),
        child_volumes=boiling.read_child_volumes(),
        class_rules=boiling.read_class_rules(),
        properties=read_properties(),
        rules=read_rules(),
        rule_parameters=read_rule_parameters(),
        incompatibilities=facts.read_incompatibilities(),
        restrictions=facts.read_restrictions(),
        handling=facts.read_handling(),
        handling_words=words,
        doses=facts.read_doses(),
        contraindications=facts.read_contraindications(),
        lactation=facts.read_lactation(),
        drug_interactions=facts.read_drug_interactions("drug_interactions"),
        allergy_exclusions=facts.read_allergy_exclusions(),
        duplicate_exemptions=facts.read_duplicate_exemptions(),
        same_ingredient=facts.read_drug_interactions("same_ingredient"),
        look_alikes=cautions.read_look_alikes(),
        toxic_members=cautions.read_toxic_members(),
        lab_thresholds=cautions.read_lab_thresholds(),
        syndrome_cautions=cautions.read_syndrome_cautions(),
        syndrome_natures=cautions.read_syndrome_natures(),
        preparation_limits=read_preparation_limits(),
        preparation_words=read_preparation_words(),
    )
