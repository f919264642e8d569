"""Versions of the rules, begun, changed and approved by a small county's people."""

from tcm.records.governance import RuleVersion
from tcm.records.roles import Actor
from tcm.review import RuleSetting
from tcm.services import ruling
from tests.tcm.county import KNOWLEDGE, County

EXCLUDED_ON = {"insurance_excluded": RuleSetting(enabled=True)}
FEW_HERBS = {"herb_count": RuleSetting(parameters={"most_herbs": 5.0})}


def begun(county: County, by: Actor | None = None) -> RuleVersion:
    return county.do(ruling.begin, by or county.pharmacist, county.new_key())


def drafted(
    county: County, settings: dict[str, RuleSetting] | None = None, by: Actor | None = None
) -> RuleVersion:
    return changed(county, begun(county, by), EXCLUDED_ON if settings is None else settings, by)


def changed(
    county: County, version: RuleVersion, settings: dict[str, RuleSetting], by: Actor | None = None
) -> RuleVersion:
    actor = by or county.pharmacist
    return county.do(ruling.change, actor, KNOWLEDGE, version.id or 0, settings, "药事会议定")


def approved(county: County, version: RuleVersion, by: Actor | None = None) -> RuleVersion:
    return county.do(ruling.put_in_force, by or county.manager, KNOWLEDGE, version.id or 0)


def now(county: County, version: RuleVersion) -> RuleVersion:
    with county.work() as work:
        return work.rule_versions.get(version.id or 0)
