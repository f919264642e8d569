"""The demo centre's own version of the rules: drafted by one pharmacist, put in force by another."""

from tcm.knowledge import load
from tcm.records.roles import Role
from tcm.review import RuleSetting
from tcm.services import ruling
from tcm.store.work import Work
from web.demo.clock import DayClock

# About one in twenty of the shipped formulas costs more a dose at the reference prices.
CEILING_FEN = 2_000.0
SETTINGS = {
    "insurance_excluded": RuleSetting(enabled=True),
    "insurance_single": RuleSetting(enabled=True),
    "price_ceiling": RuleSetting(parameters={"ceiling_fen": CEILING_FEN}),
}
NOTE = "药事会议定：启用医保不予支付提示，每剂参考金额上限20元。"
REQUEST_KEY = "demo-rules"
# Between the draft and its approval.
READING_S = 3_600


def put_rules_in_force(work: Work, clock: DayClock) -> None:
    """Give the centre a version in which no rule is switched off, by the same services as the web.

    Args:
        work: The unit of work, by that clock; two qualified pharmacists work there.
        clock: The demo's clock; an hour passes.
    """
    drafter, approver = (person.actor for person in work.staff.with_role(Role.PHARMACIST)[:2])
    knowledge = load()
    draft = ruling.begin(work, drafter, REQUEST_KEY)
    draft = ruling.change(work, drafter, knowledge, draft.id or 0, SETTINGS, NOTE)
    clock.tick(READING_S)
    ruling.put_in_force(work, approver, knowledge, draft.id or 0, seen=draft.made_at)
