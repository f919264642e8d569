"""The words of the rules' pages: groups, units, standings."""

from tcm.knowledge import Knowledge
from tcm.knowledge.rules import RuleParameter
from tcm.records.errors import N_
from tcm.records.governance import Standing

# What the kinds of the rules are about, in the order in which a pharmacist looks for them.
GROUPS: dict[str, tuple[str, ...]] = {
    N_("配伍"): ("incompat_18", "incompat_19", "duplicate", "ddi"),
    N_("妊娠哺乳"): ("preg_forbidden", "preg_caution", "lact_caution"),
    N_("剂量"): (
        "overdose",
        "invalid_dose",
        "cumulative_dose",
        "repeated_supply",
        "days_supply",
        "herb_count",
    ),
    N_("毒麻禁"): ("regulated_toxic", "narcotic", "banned", "unmarked_toxic", "toxic_sum", "toxic_supply"),
    N_("煎法书写"): (
        "not_for_decoction",
        "external_only",
        "missing_decoction_note",
        "missing_diagnosis",
        "missing_usage",
        "preparation",
    ),
    N_("患者"): ("allergy", "organ_contra", "child_forbidden", "child_dose", "elderly_dose"),
    N_("辨证"): ("pattern_mismatch",),
    N_("医保"): ("price_ceiling", "insurance_single", "insurance_excluded"),
    N_("名称"): ("ambiguous_name", "unknown_herb", "not_in_pharmacopoeia", "look_alike"),
}
STANDING_TERMS = {
    Standing.DRAFT: N_("草稿"),
    Standing.IN_FORCE: N_("现行"),
    Standing.RETIRED: N_("已停用"),
}
STANDING_TONES = {Standing.DRAFT: "wait", Standing.IN_FORCE: "good", Standing.RETIRED: "quiet"}
STANDING_ICONS = {Standing.DRAFT: "pen", Standing.IN_FORCE: "check", Standing.RETIRED: "clock"}
UNITS = (N_("天"), N_("味"), N_("岁"), N_("倍"), N_("分"), N_("分/g"), "g")
# In the tables 分 is money where the key says so, and else a score.
SCORE = N_("分值")


def unit_of(parameter: RuleParameter) -> str:
    """A parameter's unit as a msgid.

    Args:
        parameter: A row of rule_parameters.csv.

    Returns:
        The unit; a score is told from money.
    """
    return SCORE if parameter.unit == "分" and not parameter.key.endswith("_fen") else parameter.unit


def grouped(knowledge: Knowledge) -> dict[str, list[str]]:
    """The rules' ids under what they are about.

    Args:
        knowledge: The shipped rules.

    Returns:
        Ids by the group's msgid, in the order of the tables.
    """
    return {
        group: [rule for kind in kinds for rule, fact in knowledge.rules.items() if fact.kind == kind]
        for group, kinds in GROUPS.items()
    }
