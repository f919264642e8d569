"""Who may do what: the whole table once more, by hand, against every role, action and reach."""

import itertools

import pytest

from tcm.records.errors import Forbidden
from tcm.records.permissions import PERMISSIONS, Action, Scope, allows, demand, may
from tcm.records.roles import Actor, Role

# One line a role: action -> reach. Whatever is not here is refused.
ALLOWED: dict[Role, dict[Action, Scope]] = {
    Role.DOCTOR: {
        Action.PATIENT_READ: Scope.OWN_INSTITUTION,
        Action.PATIENT_WRITE: Scope.OWN_INSTITUTION,
        Action.PHOTOGRAPH_READ: Scope.OWN_INSTITUTION,
        Action.PRESCRIPTION_READ: Scope.OWN_INSTITUTION,
        Action.PRESCRIPTION_WRITE: Scope.ASSIGNED,
        Action.PRESCRIPTION_CANCEL: Scope.ASSIGNED,
        Action.TRACE_READ: Scope.OWN_INSTITUTION,
        Action.RULES_READ: Scope.COUNTY,
        Action.FORMULARY_READ: Scope.COUNTY,
        Action.FORMULARY_WRITE: Scope.OWN_INSTITUTION,
        Action.OWN_FORMULA: Scope.ASSIGNED,
        Action.APPRAISAL_APPEAL: Scope.ASSIGNED,
        Action.OUTAGE_PAPER: Scope.OWN_INSTITUTION,
        Action.CONSULT_ASK: Scope.ASSIGNED,
        Action.CONSULT_ANSWER: Scope.ASSIGNED,
        Action.REFERRAL_WRITE: Scope.ASSIGNED,
        Action.REFERRAL_RECEIVE: Scope.OWN_INSTITUTION,
        Action.RECORD_CONSENT: Scope.OWN_INSTITUTION,
        Action.RECORD_READ: Scope.OWN_INSTITUTION,
        Action.REQUISITION_ASK: Scope.OWN_INSTITUTION,
        Action.REQUISITION_READ: Scope.OWN_INSTITUTION,
        Action.MESSAGE_ANSWER: Scope.OWN_INSTITUTION,
    },
    Role.PHARMACIST: {
        Action.DEVIATION_READ: Scope.COUNTY,
        Action.DEVIATION_DECIDE: Scope.COUNTY,
        Action.PATIENT_READ: Scope.COUNTY,
        Action.PHOTOGRAPH_READ: Scope.COUNTY,
        Action.PRESCRIPTION_READ: Scope.COUNTY,
        Action.PRESCRIPTION_CANCEL: Scope.COUNTY,
        Action.REVIEW_QUEUE: Scope.COUNTY,
        Action.REVIEW_DECIDE: Scope.COUNTY,
        Action.DISPENSE_CHECK: Scope.COUNTY,
        Action.TRACE_READ: Scope.COUNTY,
        Action.LABEL_PRINT: Scope.COUNTY,
        Action.RULES_READ: Scope.COUNTY,
        Action.RULES_DRAFT: Scope.COUNTY,
        Action.RULES_APPROVE: Scope.COUNTY,
        Action.FORMULARY_READ: Scope.COUNTY,
        Action.FORMULARY_WRITE: Scope.COUNTY,
        Action.FORMULARY_APPROVE: Scope.COUNTY,
        Action.APPRAISAL_READ: Scope.COUNTY,
        Action.APPRAISAL_DRAW: Scope.COUNTY,
        Action.APPRAISAL_GIVE: Scope.COUNTY,
        Action.OUTAGE_PAPER: Scope.OWN_INSTITUTION,
        Action.HERB_CODES_WRITE: Scope.COUNTY,
        Action.STOCK_READ: Scope.COUNTY,
        Action.STOCK_INSPECT: Scope.COUNTY,
        Action.BOOK_READ: Scope.COUNTY,
        Action.BOOK_SIGN: Scope.COUNTY,
        Action.RECALL_READ: Scope.COUNTY,
        Action.RECALL_DRAFT: Scope.COUNTY,
        Action.QUALITY_READ: Scope.COUNTY,
        Action.QUALITY_CHECK: Scope.COUNTY,
    },
    Role.FLOOR: {
        Action.ROAD_RECEIVE: Scope.COUNTY,
        Action.DEVIATION_READ: Scope.COUNTY,
        Action.FLOOR_BOARD: Scope.COUNTY,
        Action.FLOOR_MOVE: Scope.COUNTY,
        Action.LABEL_PRINT: Scope.COUNTY,
        Action.TRACE_READ: Scope.COUNTY,
        Action.PLAN_READ: Scope.COUNTY,
        Action.STOCK_READ: Scope.COUNTY,
        Action.STOCK_RECEIVE: Scope.COUNTY,
        Action.BOOK_READ: Scope.COUNTY,
        Action.BOOK_SIGN: Scope.COUNTY,
        Action.PURCHASE_DRAFT: Scope.COUNTY,
        Action.REQUISITION_READ: Scope.COUNTY,
        Action.REQUISITION_SEND: Scope.COUNTY,
        Action.RECALL_READ: Scope.COUNTY,
        Action.OUTAGE_PAPER: Scope.OWN_INSTITUTION,
        Action.QUALITY_READ: Scope.COUNTY,
        Action.QUALITY_CHECK: Scope.COUNTY,
        Action.QUALITY_KEEP: Scope.COUNTY,
    },
    Role.COURIER: {
        Action.ROUTE_READ: Scope.ASSIGNED,
        Action.ROUTE_DELIVER: Scope.ASSIGNED,
        Action.OUTAGE_PAPER: Scope.OWN_INSTITUTION,
    },
    Role.MANAGER: {
        Action.ROAD_RECEIVE: Scope.COUNTY,
        Action.ROAD_DECIDE: Scope.COUNTY,
        Action.DEVIATION_READ: Scope.COUNTY,
        Action.DEVIATION_DECIDE: Scope.COUNTY,
        Action.PLAN_READ: Scope.COUNTY,
        Action.PLAN_MAKE: Scope.COUNTY,
        Action.ROUTE_READ: Scope.COUNTY,
        Action.FLOOR_BOARD: Scope.COUNTY,
        Action.FLOOR_SET: Scope.COUNTY,
        Action.LABEL_PRINT: Scope.COUNTY,
        Action.TRACE_READ: Scope.COUNTY,
        Action.RULES_READ: Scope.COUNTY,
        Action.RULES_APPROVE: Scope.COUNTY,
        Action.APPRAISAL_READ: Scope.COUNTY,
        Action.APPRAISAL_DRAW: Scope.COUNTY,
        Action.STOCK_READ: Scope.COUNTY,
        Action.STOCK_COUNT: Scope.COUNTY,
        Action.STOCK_SET: Scope.COUNTY,
        Action.BOOK_READ: Scope.COUNTY,
        Action.BOOK_SET: Scope.COUNTY,
        Action.PURCHASE_DRAFT: Scope.COUNTY,
        Action.PURCHASE_APPROVE: Scope.COUNTY,
        Action.REQUISITION_READ: Scope.COUNTY,
        Action.REQUISITION_SEND: Scope.COUNTY,
        Action.RECALL_READ: Scope.COUNTY,
        Action.RECALL_DRAFT: Scope.COUNTY,
        Action.RECALL_SEND: Scope.COUNTY,
        Action.VOICES_READ: Scope.COUNTY,
        Action.OUTAGE_PAPER: Scope.OWN_INSTITUTION,
        Action.QUALITY_READ: Scope.COUNTY,
        Action.QUALITY_KEEP: Scope.COUNTY,
        Action.QUALITY_SET: Scope.COUNTY,
        Action.HEALTH_KEEP: Scope.COUNTY,
    },
    Role.ADMIN: {
        Action.STAFF_MANAGE: Scope.COUNTY,
        Action.AUDIT_READ: Scope.COUNTY,
        Action.SYSTEMS_MANAGE: Scope.COUNTY,
    },
}
ME, MY_HOUSE, SOMEBODY, ELSEWHERE = 1, 10, 2, 20


def expected(role: Role, action: Action, institution_id: int | None, assigned_to_id: int | None) -> bool:
    reach = ALLOWED[role].get(action)
    return {
        None: False,
        Scope.COUNTY: True,
        Scope.OWN_INSTITUTION: institution_id == MY_HOUSE,
        Scope.ASSIGNED: assigned_to_id == ME,
    }[reach]


def test_the_table_is_the_one_written_down_here() -> None:
    assert {
        (role, action): scope for role, actions in ALLOWED.items() for action, scope in actions.items()
    } == PERMISSIONS


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_every_role_action_and_reach(role: Role, action: Action) -> None:
    actor = Actor(ME, role, MY_HOUSE)
    for house, person in itertools.product((None, MY_HOUSE, ELSEWHERE), (None, ME, SOMEBODY)):
        answer = allows(actor, action, institution_id=house, assigned_to_id=person)
        assert answer is expected(role, action, house, person), (house, person)
    assert may(actor, action) is (action in ALLOWED[role])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_demand_refuses_in_words_what_is_not_allowed(role: Role, action: Action) -> None:
    actor = Actor(ME, role, MY_HOUSE)
    if allows(actor, action, institution_id=ELSEWHERE, assigned_to_id=SOMEBODY):
        demand(actor, action, institution_id=ELSEWHERE, assigned_to_id=SOMEBODY)
        return
    with pytest.raises(Forbidden) as refusal:
        demand(actor, action, institution_id=ELSEWHERE, assigned_to_id=SOMEBODY)
    assert str(refusal.value) == "您没有这项权限。"


def test_only_a_pharmacist_decides_and_only_a_doctor_writes() -> None:
    assert {role for role, action in PERMISSIONS if action is Action.REVIEW_DECIDE} == {Role.PHARMACIST}
    assert {role for role, action in PERMISSIONS if action is Action.PRESCRIPTION_WRITE} == {Role.DOCTOR}
