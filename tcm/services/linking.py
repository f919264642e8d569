"""A patient who asks to be told by WeChat instead of by short message, and who changes their mind."""

from tcm.records.aftercare import WechatLink
from tcm.records.errors import N_, Invalid
from tcm.store.work import Work

MOST_OPENID = 64


def link_wechat(work: Work, prescription_id: int, openid: str) -> WechatLink:
    """Tell a patient by WeChat from now on; the caller has made sure of the PIN and of the account.

    Args:
        work: The unit of work.
        prescription_id: Whose medicine was held.
        openid: Of the account, as WeChat itself told it.

    Returns:
        The link; another account replaces the one before.

    Raises:
        NotFound: When there is no such prescription.
        Invalid: When that is no account.
    """
    if not openid or len(openid) > MOST_OPENID:
        raise Invalid(N_("微信没有告诉我们是哪个账号，请在微信里重新打开。"))
    patient_id = work.prescriptions.get(prescription_id).patient_id
    link = work.wechat_links.of_patients([patient_id]).get(patient_id)
    if link is None:
        return work.wechat_links.add(WechatLink(patient_id=patient_id, openid=openid, linked_at=work.now))
    link.openid, link.linked_at = openid, work.now
    work.session.flush()
    return link


def unlink_wechat(work: Work, prescription_id: int) -> None:
    """Tell a patient by short message again.

    Args:
        work: The unit of work.
        prescription_id: Whose medicine was held.

    Raises:
        NotFound: When there is no such prescription.
    """
    work.wechat_links.drop(work.prescriptions.get(prescription_id).patient_id)


def is_linked(work: Work, prescription_id: int) -> bool:
    """Whether a patient is told by WeChat.

    Args:
        work: The unit of work.
        prescription_id: Whose medicine is held.

    Returns:
        True where they asked for it.

    Raises:
        NotFound: When there is no such prescription.
    """
    patient_id = work.prescriptions.get(prescription_id).patient_id
    return patient_id in work.wechat_links.of_patients([patient_id])
