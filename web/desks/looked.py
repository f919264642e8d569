"""The access log in words: what somebody wanted and what it was about, instead of the codes it is kept in."""

from tcm.records.errors import N_
from tcm.records.permissions import Action

# What people ask an inspector about; every other kind is in the list all the same.
SUBJECT_TERMS = {
    "patient": N_("患者"),
    "encounter": N_("就诊"),
    "prescription": N_("处方"),
    "photograph": N_("照片"),
    "route": N_("路线"),
    "consultation": N_("会诊"),
    "referral": N_("转诊"),
    "message": N_("患者留言"),
    "rating": N_("患者评价"),
    "lot": N_("批次"),
    "recall": N_("召回"),
}
ACTION_TERMS = {
    Action.PATIENT_READ: N_("看患者资料"),
    Action.PATIENT_WRITE: N_("写病历"),
    Action.PHOTOGRAPH_READ: N_("看照片"),
    Action.PRESCRIPTION_READ: N_("看处方"),
    Action.PRESCRIPTION_WRITE: N_("写处方"),
    Action.PRESCRIPTION_CANCEL: N_("取消处方"),
    Action.REVIEW_DECIDE: N_("审方"),
    Action.FLOOR_MOVE: N_("调剂煎药"),
    Action.DISPENSE_CHECK: N_("复核"),
    Action.LABEL_PRINT: N_("打印标签"),
    Action.ROUTE_READ: N_("看路线"),
    Action.ROUTE_DELIVER: N_("送药"),
    Action.TRACE_READ: N_("看溯源"),
    Action.RULES_DRAFT: N_("起草规则"),
    Action.FORMULARY_WRITE: N_("写协定方"),
    Action.FORMULARY_APPROVE: N_("批准协定方"),
    Action.OWN_FORMULA: N_("用自己的方"),
    Action.CONSULT_ASK: N_("请会诊"),
    Action.CONSULT_ANSWER: N_("答会诊"),
    Action.REFERRAL_WRITE: N_("写转诊信"),
    Action.REFERRAL_RECEIVE: N_("接转诊"),
    Action.RECORD_CONSENT: N_("记授权"),
    Action.RECORD_READ: N_("调阅他院病历"),
    Action.MESSAGE_ANSWER: N_("看和答患者留言"),
    Action.VOICES_READ: N_("看患者评价"),
    Action.RECALL_READ: N_("看召回"),
}


def action_term(action: str) -> str:
    """What somebody wanted.

    Args:
        action: As the log keeps it.

    Returns:
        A msgid; the code itself for what has no word yet.
    """
    return ACTION_TERMS.get(Action(action), action) if action in set(Action) else action
