"""The one table of permissions: who may do what, and how far their right reaches."""

from enum import StrEnum

from tcm.records.errors import N_, Forbidden
from tcm.records.roles import Actor, Role


class Action(StrEnum):
    """What a use case does, as the permission table names it."""

    PATIENT_READ = "patient.read"
    PATIENT_WRITE = "patient.write"
    PHOTOGRAPH_READ = "photograph.read"
    PRESCRIPTION_READ = "prescription.read"
    PRESCRIPTION_WRITE = "prescription.write"
    PRESCRIPTION_CANCEL = "prescription.cancel"
    REVIEW_QUEUE = "review.queue"
    REVIEW_DECIDE = "review.decide"
    FLOOR_BOARD = "floor.board"
    FLOOR_MOVE = "floor.move"
    FLOOR_SET = "floor.set"
    DEVIATION_READ = "deviation.read"
    DEVIATION_DECIDE = "deviation.decide"
    DISPENSE_CHECK = "dispense.check"
    PLAN_READ = "plan.read"
    PLAN_MAKE = "plan.make"
    ROUTE_READ = "route.read"
    ROUTE_DELIVER = "route.deliver"
    ROAD_RECEIVE = "road.receive"
    ROAD_DECIDE = "road.decide"
    LABEL_PRINT = "label.print"
    TRACE_READ = "trace.read"
    STAFF_MANAGE = "staff.manage"
    AUDIT_READ = "audit.read"
    RULES_READ = "rules.read"
    RULES_DRAFT = "rules.draft"
    RULES_APPROVE = "rules.approve"
    FORMULARY_READ = "formulary.read"
    FORMULARY_WRITE = "formulary.write"
    FORMULARY_APPROVE = "formulary.approve"
    OWN_FORMULA = "own_formula"
    APPRAISAL_READ = "appraisal.read"
    APPRAISAL_DRAW = "appraisal.draw"
    APPRAISAL_GIVE = "appraisal.give"
    APPRAISAL_APPEAL = "appraisal.appeal"
    OUTAGE_PAPER = "outage.paper"
    STOCK_READ = "stock.read"
    STOCK_RECEIVE = "stock.receive"
    STOCK_INSPECT = "stock.inspect"
    STOCK_COUNT = "stock.count"
    STOCK_SET = "stock.set"
    BOOK_READ = "book.read"
    BOOK_SIGN = "book.sign"
    BOOK_SET = "book.set"
    PURCHASE_DRAFT = "purchase.draft"
    PURCHASE_APPROVE = "purchase.approve"
    REQUISITION_ASK = "requisition.ask"
    REQUISITION_READ = "requisition.read"
    REQUISITION_SEND = "requisition.send"
    SYSTEMS_MANAGE = "systems.manage"
    HERB_CODES_WRITE = "herb_codes.write"
    CONSULT_ASK = "consult.ask"
    CONSULT_ANSWER = "consult.answer"
    REFERRAL_WRITE = "referral.write"
    REFERRAL_RECEIVE = "referral.receive"
    RECORD_CONSENT = "record.consent"
    RECORD_READ = "record.read"
    MESSAGE_ANSWER = "message.answer"
    QUALITY_READ = "quality.read"
    QUALITY_CHECK = "quality.check"
    QUALITY_KEEP = "quality.keep"
    QUALITY_SET = "quality.set"
    HEALTH_KEEP = "health.keep"
    VOICES_READ = "voices.read"
    RECALL_READ = "recall.read"
    RECALL_DRAFT = "recall.draft"
    RECALL_SEND = "recall.send"


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN_INSTITUTION = "own_institution"
    ASSIGNED = "assigned"
    COUNTY = "county"


_OWN, _ASSIGNED, _COUNTY = Scope.OWN_INSTITUTION, Scope.ASSIGNED, Scope.COUNTY

PERMISSIONS: dict[tuple[Role, Action], Scope] = {
    (Role.DOCTOR, Action.PATIENT_READ): _OWN,
    (Role.DOCTOR, Action.PATIENT_WRITE): _OWN,
    (Role.DOCTOR, Action.PHOTOGRAPH_READ): _OWN,
    (Role.DOCTOR, Action.PRESCRIPTION_READ): _OWN,
    (Role.DOCTOR, Action.PRESCRIPTION_WRITE): _ASSIGNED,
    (Role.DOCTOR, Action.PRESCRIPTION_CANCEL): _ASSIGNED,
    (Role.DOCTOR, Action.TRACE_READ): _OWN,
    (Role.PHARMACIST, Action.PATIENT_READ): _COUNTY,
    (Role.PHARMACIST, Action.PHOTOGRAPH_READ): _COUNTY,
    (Role.PHARMACIST, Action.PRESCRIPTION_READ): _COUNTY,
    (Role.PHARMACIST, Action.PRESCRIPTION_CANCEL): _COUNTY,
    (Role.PHARMACIST, Action.REVIEW_QUEUE): _COUNTY,
    (Role.PHARMACIST, Action.REVIEW_DECIDE): _COUNTY,
    (Role.PHARMACIST, Action.TRACE_READ): _COUNTY,
    (Role.PHARMACIST, Action.LABEL_PRINT): _COUNTY,
    (Role.FLOOR, Action.FLOOR_BOARD): _COUNTY,
    (Role.FLOOR, Action.FLOOR_MOVE): _COUNTY,
    # The second person: 药师 or above (国务院令第23号 第九条), and never who weighed.
    (Role.PHARMACIST, Action.DISPENSE_CHECK): _COUNTY,
    (Role.FLOOR, Action.LABEL_PRINT): _COUNTY,
    (Role.FLOOR, Action.TRACE_READ): _COUNTY,
    (Role.FLOOR, Action.PLAN_READ): _COUNTY,
    (Role.COURIER, Action.ROUTE_READ): _ASSIGNED,
    (Role.COURIER, Action.ROUTE_DELIVER): _ASSIGNED,
    # Who counts bags and cash is never the courier who brings them.
    (Role.FLOOR, Action.ROAD_RECEIVE): _COUNTY,
    (Role.MANAGER, Action.ROAD_RECEIVE): _COUNTY,
    (Role.MANAGER, Action.ROAD_DECIDE): _COUNTY,
    (Role.MANAGER, Action.PLAN_READ): _COUNTY,
    (Role.MANAGER, Action.PLAN_MAKE): _COUNTY,
    (Role.MANAGER, Action.ROUTE_READ): _COUNTY,
    (Role.MANAGER, Action.FLOOR_BOARD): _COUNTY,
    (Role.MANAGER, Action.FLOOR_SET): _COUNTY,
    # Whoever boils does not decide alone that what went wrong is good enough.
    (Role.FLOOR, Action.DEVIATION_READ): _COUNTY,
    (Role.PHARMACIST, Action.DEVIATION_READ): _COUNTY,
    (Role.MANAGER, Action.DEVIATION_READ): _COUNTY,
    (Role.PHARMACIST, Action.DEVIATION_DECIDE): _COUNTY,
    (Role.MANAGER, Action.DEVIATION_DECIDE): _COUNTY,
    (Role.MANAGER, Action.LABEL_PRINT): _COUNTY,
    (Role.MANAGER, Action.TRACE_READ): _COUNTY,
    (Role.DOCTOR, Action.RULES_READ): _COUNTY,
    (Role.PHARMACIST, Action.RULES_READ): _COUNTY,
    (Role.MANAGER, Action.RULES_READ): _COUNTY,
    # The institution approves its rules; the service asks that the approver is not the drafter.
    (Role.PHARMACIST, Action.RULES_DRAFT): _COUNTY,
    (Role.PHARMACIST, Action.RULES_APPROVE): _COUNTY,
    (Role.MANAGER, Action.RULES_APPROVE): _COUNTY,
    (Role.DOCTOR, Action.FORMULARY_READ): _COUNTY,
    (Role.PHARMACIST, Action.FORMULARY_READ): _COUNTY,
    (Role.DOCTOR, Action.FORMULARY_WRITE): _OWN,
    (Role.PHARMACIST, Action.FORMULARY_WRITE): _COUNTY,
    (Role.PHARMACIST, Action.FORMULARY_APPROVE): _COUNTY,
    # A doctor keeps recipes for their own pen; nobody else sees them.
    (Role.DOCTOR, Action.OWN_FORMULA): _ASSIGNED,
    (Role.PHARMACIST, Action.APPRAISAL_READ): _COUNTY,
    (Role.MANAGER, Action.APPRAISAL_READ): _COUNTY,
    (Role.PHARMACIST, Action.APPRAISAL_DRAW): _COUNTY,
    (Role.MANAGER, Action.APPRAISAL_DRAW): _COUNTY,
    (Role.PHARMACIST, Action.APPRAISAL_GIVE): _COUNTY,
    (Role.DOCTOR, Action.APPRAISAL_APPEAL): _ASSIGNED,
    # Assigned: the visit's doctor asks and sends, the expert who is asked answers and sees the case.
    (Role.DOCTOR, Action.CONSULT_ASK): _ASSIGNED,
    (Role.DOCTOR, Action.CONSULT_ANSWER): _ASSIGNED,
    (Role.DOCTOR, Action.REFERRAL_WRITE): _ASSIGNED,
    (Role.DOCTOR, Action.REFERRAL_RECEIVE): _OWN,
    (Role.DOCTOR, Action.RECORD_CONSENT): _OWN,
    # Own is the house that the patient lets read; the service names none where no consent holds.
    (Role.DOCTOR, Action.RECORD_READ): _OWN,
    # The floor takes goods in, a pharmacist inspects them, the manager counts and sets prices.
    (Role.FLOOR, Action.STOCK_READ): _COUNTY,
    (Role.FLOOR, Action.STOCK_RECEIVE): _COUNTY,
    (Role.PHARMACIST, Action.STOCK_READ): _COUNTY,
    (Role.PHARMACIST, Action.STOCK_INSPECT): _COUNTY,
    (Role.MANAGER, Action.STOCK_READ): _COUNTY,
    (Role.MANAGER, Action.STOCK_COUNT): _COUNTY,
    (Role.MANAGER, Action.STOCK_SET): _COUNTY,
    # The locked book: the floor keeps, a pharmacist checks, both sign; the manager answers differences.
    (Role.FLOOR, Action.BOOK_READ): _COUNTY,
    (Role.PHARMACIST, Action.BOOK_READ): _COUNTY,
    (Role.MANAGER, Action.BOOK_READ): _COUNTY,
    (Role.FLOOR, Action.BOOK_SIGN): _COUNTY,
    (Role.PHARMACIST, Action.BOOK_SIGN): _COUNTY,
    (Role.MANAGER, Action.BOOK_SET): _COUNTY,
    # Who orders is not who takes in: the manager alone binds the centre to a supplier.
    (Role.FLOOR, Action.PURCHASE_DRAFT): _COUNTY,
    (Role.MANAGER, Action.PURCHASE_DRAFT): _COUNTY,
    (Role.MANAGER, Action.PURCHASE_APPROVE): _COUNTY,
    # A township asks and receives, the centre sends.
    (Role.DOCTOR, Action.REQUISITION_ASK): _OWN,
    (Role.DOCTOR, Action.REQUISITION_READ): _OWN,
    (Role.FLOOR, Action.REQUISITION_READ): _COUNTY,
    (Role.FLOOR, Action.REQUISITION_SEND): _COUNTY,
    (Role.MANAGER, Action.REQUISITION_READ): _COUNTY,
    (Role.MANAGER, Action.REQUISITION_SEND): _COUNTY,
    # Whoever did not pack it looks at it; the floor keeps samples and devices, the manager answers for both.
    (Role.FLOOR, Action.QUALITY_READ): _COUNTY,
    (Role.PHARMACIST, Action.QUALITY_READ): _COUNTY,
    (Role.MANAGER, Action.QUALITY_READ): _COUNTY,
    (Role.FLOOR, Action.QUALITY_CHECK): _COUNTY,
    (Role.PHARMACIST, Action.QUALITY_CHECK): _COUNTY,
    (Role.FLOOR, Action.QUALITY_KEEP): _COUNTY,
    (Role.MANAGER, Action.QUALITY_KEEP): _COUNTY,
    (Role.MANAGER, Action.QUALITY_SET): _COUNTY,
    # The house keeps whether a person may work and until when, nothing else of their health.
    (Role.MANAGER, Action.HEALTH_KEEP): _COUNTY,
    # Whoever of the house is there answers a patient who feels worse.
    (Role.DOCTOR, Action.MESSAGE_ANSWER): _OWN,
    # How patients rate, with their words and without their names.
    (Role.MANAGER, Action.VOICES_READ): _COUNTY,
    # Whoever finds a bad lot stops it at once; telling the patients is the manager's act.
    (Role.FLOOR, Action.RECALL_READ): _COUNTY,
    (Role.PHARMACIST, Action.RECALL_READ): _COUNTY,
    (Role.MANAGER, Action.RECALL_READ): _COUNTY,
    (Role.PHARMACIST, Action.RECALL_DRAFT): _COUNTY,
    (Role.MANAGER, Action.RECALL_DRAFT): _COUNTY,
    (Role.MANAGER, Action.RECALL_SEND): _COUNTY,
    (Role.DOCTOR, Action.OUTAGE_PAPER): _OWN,
    (Role.PHARMACIST, Action.OUTAGE_PAPER): _OWN,
    (Role.FLOOR, Action.OUTAGE_PAPER): _OWN,
    (Role.COURIER, Action.OUTAGE_PAPER): _OWN,
    (Role.MANAGER, Action.OUTAGE_PAPER): _OWN,
    (Role.ADMIN, Action.STAFF_MANAGE): _COUNTY,
    (Role.ADMIN, Action.AUDIT_READ): _COUNTY,
    (Role.ADMIN, Action.SYSTEMS_MANAGE): _COUNTY,
    # What a code stands for decides what is dispensed: a pharmacist answers for it.
    (Role.PHARMACIST, Action.HERB_CODES_WRITE): _COUNTY,
}


def may(actor: Actor, action: Action) -> bool:
    """Whether the role has the action at all; what a page asks to hide a button.

    Args:
        actor: Who would act.
        action: What they would do.

    Returns:
        True where the table has the row.
    """
    return (actor.role, action) in PERMISSIONS


def allows(
    actor: Actor, action: Action, *, institution_id: int | None = None, assigned_to_id: int | None = None
) -> bool:
    """Whether the actor may do this to a thing of that institution, assigned to that person.

    Args:
        actor: Who acts.
        action: What they do.
        institution_id: Where the thing belongs, None where it belongs to no one house.
        assigned_to_id: Staff the thing is assigned to, None where it is nobody's.

    Returns:
        True where the table has the row and its scope holds.
    """
    scope = PERMISSIONS.get((actor.role, action))
    if scope is Scope.COUNTY:
        return True
    if scope is Scope.OWN_INSTITUTION:
        return institution_id == actor.institution_id
    if scope is Scope.ASSIGNED:
        return assigned_to_id == actor.staff_id
    return False


def demand(
    actor: Actor, action: Action, *, institution_id: int | None = None, assigned_to_id: int | None = None
) -> None:
    """Let the actor pass or refuse.

    Args:
        actor: Who acts.
        action: What they do.
        institution_id: Where the thing belongs.
        assigned_to_id: Staff the thing is assigned to.

    Raises:
        Forbidden: When `allows` says no.
    """
    if not allows(actor, action, institution_id=institution_id, assigned_to_id=assigned_to_id):
        raise Forbidden(N_("您没有这项权限。"))
