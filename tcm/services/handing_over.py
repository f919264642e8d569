"""What shows that a bag reached the right hands: a signature, a code that the patient was told, a clinic."""

import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta

from tcm.records.clinical import Prescription
from tcm.records.errors import N_, Forbidden, Invalid, NotFound
from tcm.records.permissions import Action
from tcm.records.road import CourierSettings, HandingWay, Handover, PhoneTime, PickupCode, Proof
from tcm.records.roles import Actor
from tcm.services.access import look
from tcm.services.signing_in import LockOut
from tcm.store.work import Work

PICKUP_DIGITS = 4
# Five of ten thousand: a courier who guesses hits once in two thousand bags, and each try stays on record.
PICKUP_LOCK_OUT = LockOut(failures=5, window=timedelta(hours=12))


def settings_of(work: Work) -> CourierSettings:
    """How the centre delivers.

    Args:
        work: The unit of work.

    Returns:
        The newest decision; before the first, one that takes a signature on the printed sheet.
    """
    return work.courier_settings.current() or CourierSettings(set_by_id=0, set_at=work.now)


def make_codes(work: Work, prescription_ids: Collection[int]) -> None:
    """Give prescriptions that leave the centre their pick-up codes; one that has a code keeps it.

    Args:
        work: The unit of work, which holds the prescriptions.
        prescription_ids: Which.
    """
    known = work.pickup_codes.of_prescriptions(prescription_ids)
    work.session.add_all(
        PickupCode(
            prescription_id=each,
            code=f"{secrets.randbelow(10**PICKUP_DIGITS):0{PICKUP_DIGITS}}",
            made_at=work.now,
        )
        for each in sorted(set(prescription_ids) - set(known))
    )
    work.session.flush()


def keep_proof(
    work: Work, actor: Actor, prescription: Prescription, proof: Proof, phone: PhoneTime | None = None
) -> Handover:
    """Keep what shows that a held prescription is handed over.

    Args:
        work: The unit of work; it is committed here where a code is wrong, so that tries stay counted.
        actor: The courier.
        prescription: From `hold`, before it is moved.
        proof: What there is to show.
        phone: When it was by the phone's clock, None where a page tells it at once.

    Returns:
        What is kept.

    Raises:
        Invalid: When something of the proof is missing, or paper is not enough here.
        Forbidden: When the code is wrong, or wrong ones were said too often.
    """
    signature_key = ""
    if proof.way is HandingWay.CODE:
        _demand_code(work, prescription, proof.code)
    elif proof.way is HandingWay.SIGNATURE:
        if not proof.signature_png:
            raise Invalid(N_("还没有签名，请在框里签名。"))
        signature_key = work.put_blob(proof.signature_png)
    elif proof.way is HandingWay.CLINIC and not proof.received_by:
        raise Invalid(N_("请写明村卫生室谁收的。"))
    elif proof.way is HandingWay.PAPER and not settings_of(work).paper_enough:
        raise Invalid(N_("中心要求在手机上签收：请收件人签名、说取药码，或由村卫生室代收。"))
    return work.handovers.add(
        Handover(
            prescription_id=prescription.key(),
            courier_id=actor.staff_id,
            way=proof.way,
            received_by=proof.received_by,
            signature_key=signature_key,
            phone_at=phone.at if phone else None,
            phone_skew_s=phone.skew_s if phone else None,
            received_at=work.now,
        )
    )


def open_signature(work: Work, actor: Actor, prescription_id: int) -> bytes:
    """The picture of a signature.

    Args:
        work: The unit of work.
        actor: The manager, or the courier who took it.
        prescription_id: Of which hand-over.

    Returns:
        A PNG.

    Raises:
        NotFound: When there is none.
        Forbidden: For everybody else.
    """
    handover = work.handovers.of_prescription(prescription_id)
    if handover is None or not handover.signature_key:
        raise NotFound(N_("没有这条签收记录。"))
    look(
        work,
        actor,
        Action.ROUTE_READ,
        "prescription",
        prescription_id,
        assigned_to_id=handover.courier_id,
    )
    return work.blobs.get(handover.signature_key)


def _demand_code(work: Work, prescription: Prescription, said: str) -> None:
    key = prescription.key()
    if not said:
        raise Invalid(N_("请填四位取药码。"))
    right = work.pickup_codes.of_prescription(key)
    if right is None:
        raise Invalid(N_("这张处方没有取药码，请改用签名。"))
    since = work.now - PICKUP_LOCK_OUT.window
    if work.pickup_codes.failed_since(key, since) >= PICKUP_LOCK_OUT.failures:
        raise Forbidden(N_("取药码错的次数太多，请改用签名，或打电话给中心。"))
    if not hmac.compare_digest(right.code.encode(), said.encode()):
        work.pickup_codes.add_failed(key, work.now)
        work.commit()
        raise Forbidden(N_("取药码不对，请再问一遍，或改用签名。"))
    work.pickup_codes.forget_failed(key)
