"""What whoever holds a bag and knows its PIN may see besides: herbs, allergies, hours, what was answered.

The PIN is the last four digits of the telephone number that the patient left. Four digits can be guessed, so
that tries are counted for each prescription, whoever makes them.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcm.records.aftercare import PatientMessage, Rating
from tcm.records.clinical import Item, Prescription
from tcm.records.errors import N_, Forbidden, Invalid
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.moving import hold, note
from tcm.services.signing_in import LockOut
from tcm.store.work import Work

PIN_LENGTH = 4
# Five of ten thousand in twelve hours: within the week a bag keeps, at most seven in a thousand are found.
PIN_LOCK_OUT = LockOut(failures=5, window=timedelta(hours=12))
HERBS_SHOWN, HERBS_HIDDEN = "herbs_shown", "herbs_hidden"


@dataclass(frozen=True)
class HeldBag:
    """What the holder sees once the PIN was right; no name even then.

    Args:
        herbs: In the order of the paper; empty where the doctor shows none.
        herbs_shown: Whether the doctor lets them be seen.
        allergies: On record for the patient.
        decocted_at: When it was set on the fire last, aware UTC; None for what is handed out dry.
        packed_at: When this bag was packed, aware UTC.
        doctors_house: Where it was prescribed, with its line.
        messages: What was said and answered, oldest first.
        rating: What was rated, None before.
    """

    herbs: list[Item]
    herbs_shown: bool
    allergies: list[str]
    decocted_at: datetime | None
    packed_at: datetime
    doctors_house: Institution
    messages: list[PatientMessage]
    rating: Rating | None


def unlock(work: Work, code: str, pin: str, *, lock_out: LockOut = PIN_LOCK_OUT) -> int:
    """Let the holder of a bag see more; every try is on record before the PIN is looked at.

    Args:
        work: The unit of work; it is committed here, on refusal too, so that tries stay counted.
        code: Of the bag.
        pin: As typed.
        lock_out: When a prescription is locked.

    Returns:
        Row of the prescription that may be seen.

    Raises:
        NotFound: When no bag has the code.
        Invalid: When nobody left a telephone number.
        Forbidden: When the PIN is wrong, or was tried too often.
    """
    prescription = work.prescriptions.locked(work.bags.by_code(code).prescription_id)
    key = prescription.key()
    digits = "".join(filter(str.isdigit, work.patients.get(prescription.patient_id).phone))
    if len(digits) < PIN_LENGTH:
        raise Invalid(N_("登记时没有留电话，这里看不了详情，请打电话问药房。"))
    since = work.now - lock_out.window
    if work.ratings.failed_pins_between(key, since, work.now + lock_out.window) >= lock_out.failures:
        hours = int(lock_out.window.total_seconds() // 3600)
        raise Forbidden(N_("输错次数太多，请 %(hours)s 小时后再试，或打电话问药房。"), hours=hours)
    work.ratings.add_failed_pin(key, work.now)
    work.commit()
    if not hmac.compare_digest(digits[-PIN_LENGTH:].encode(), pin.encode()):
        raise Forbidden(N_("后四位不对，请核对登记时留的电话。"))
    work.ratings.forget_failed_pins(key, work.now + timedelta(seconds=1))
    work.commit()
    return key


def held_bag(work: Work, code: str) -> HeldBag:
    """What the holder of a bag sees besides; the caller has made sure of the PIN.

    Args:
        work: The unit of work.
        code: Of the bag.

    Returns:
        The details.

    Raises:
        NotFound: When no bag has the code.
    """
    bag = work.bags.by_code(code)
    prescription = work.prescriptions.get(bag.prescription_id)
    events = work.ledger.events(prescription.key())
    cooked = [each.at for each in events if each.target is State.DECOCTING and each.kind == "move"]
    shown = herbs_shown(events)
    return HeldBag(
        herbs=list(prescription.items) if shown else [],
        herbs_shown=shown,
        allergies=work.patients.get(prescription.patient_id).allergies,
        decocted_at=max((at for at in cooked if at <= bag.packed_at), default=None),
        packed_at=bag.packed_at,
        doctors_house=work.institutions.get(prescription.institution_id),
        messages=work.patient_messages.of_prescription(prescription.key()),
        rating=work.ratings.of_prescription(prescription.key()),
    )


def herbs_shown(events: list[Event]) -> bool:
    """Whether the doctor lets the patient see the herbs; they are shown until the doctor hides them.

    Args:
        events: The prescription's chain.

    Returns:
        What was decided last.
    """
    decided = [each.kind for each in events if each.kind in (HERBS_SHOWN, HERBS_HIDDEN)]
    return not decided or decided[-1] == HERBS_SHOWN


def show_herbs(work: Work, actor: Actor, prescription_id: int, *, shown: bool) -> Prescription:
    """Let the patient see the herbs behind the bag's code, or not.

    Args:
        work: The unit of work.
        actor: The doctor who wrote the prescription.
        prescription_id: Which.
        shown: False to hide them.

    Returns:
        The prescription; deciding the same again changes nothing.

    Raises:
        NotFound: When there is none.
        Forbidden: For everybody else.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.PRESCRIPTION_WRITE)
    if herbs_shown(work.ledger.events(prescription_id)) is not shown:
        note(work, actor, prescription, HERBS_SHOWN if shown else HERBS_HIDDEN, {})
    return prescription
