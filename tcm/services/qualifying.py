"""Who may answer by name for a decision of review, and for the rules of review."""

from tcm.records.errors import N_, Forbidden
from tcm.records.roles import Actor
from tcm.store.work import Work

# Source: 医疗机构处方审核规范 (国卫办医发〔2018〕14号) 第5条: 药师 or above, three years, trained.
DISPENSING_YEARS_NEEDED = 3


def demand_qualified_reviewer(work: Work, actor: Actor) -> None:
    """Let a pharmacist pass who may review prescriptions, or refuse.

    Args:
        work: The unit of work.
        actor: A pharmacist.

    Raises:
        Forbidden: When years of dispensing or the examination are missing.
    """
    reviewer = work.staff.get(actor.staff_id)
    if reviewer.dispensing_years < DISPENSING_YEARS_NEEDED or not reviewer.reviewer_trained:
        raise Forbidden(N_("审核处方须为药师以上职称、三年以上调剂经历并经培训考核合格。"))
