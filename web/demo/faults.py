"""What goes wrong on the demo day: late orders, a broken pot, burnt batches, somebody not at home."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.machines import Verdict
from tcm.records.roles import Role
from tcm.services import flooring, halting
from tcm.store.work import Work
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.road import sign_in_bags
from web.demo.town import Town
from web.machines.playing import play_run
from web.machines.simulated import Fault as MachineFault

LATE_SHARE = 0.05
SCRAPPED_SHARE = 0.01
LATE_MIN = 7 * 60 + 30
POT_DOWN_MIN = 8 * 60 + 20
BURNT_MIN = 9 * 60 + 40
SECOND_TRY_MIN = 12 * 60 + 30
DRY_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, after which the day is planned again.

    Args:
        minute: When, minutes after midnight.
        name: For the log.
        strike: Does it; returns prescriptions that came in by it.
        at_fire: Whether something must be on the fire for it.
    """

    minute: int
    name: str
    strike: Callable[[Town], list[int]]
    at_fire: bool = False


@dataclass(frozen=True)
class Trouble:
    """How much goes wrong on a day.

    Args:
        late: Orders that come in after the morning's plan.
        burnt: Batches that burn.
        pot_down: Whether a pot breaks.
        absent: How many are not at home at the first try.
    """

    late: int = 0
    burnt: int = 0
    pot_down: bool = False
    absent: int = 0


def trouble_of_day(count: int) -> Trouble:
    """Of everything something, on a day of so many prescriptions.

    Args:
        count: Prescriptions of the day.

    Returns:
        At least one of each.
    """
    return Trouble(
        late=max(1, round(count * LATE_SHARE)),
        burnt=max(1, round(count * SCRAPPED_SHARE)),
        pot_down=True,
        absent=1,
    )


def trouble_of_days(counts: Sequence[int]) -> list[Trouble]:
    """The same shares of days in a row; no small day bears all of it.

    Args:
        counts: Prescriptions of each day.

    Returns:
        Of each day: the late and the burnt go round, a pot breaks on one, a door is closed on another.
    """
    days, whole = len(counts), trouble_of_day(sum(counts))
    return [
        Trouble(
            late=len(range(number, whole.late, days)),
            burnt=len(range((number - 1) % days, whole.burnt, days)),
            pot_down=number == days // 2,
            absent=int(number == (days // 2 + 1) % days),
        )
        for number in range(days)
    ]


def faults_of_day(photographs: Photographs, trouble: Trouble, tag: str) -> list[Fault]:
    """The faults of a day, in order of time.

    Args:
        photographs: For the late patients.
        trouble: How much goes wrong.
        tag: Makes the forms' keys of this run its own.

    Returns:
        The faults.
    """

    def late_orders(town: Town) -> list[int]:
        signed = write_prescriptions(town, photographs, trouble.late, f"{tag}-late")
        review_all(town)
        return signed

    faults = []
    if trouble.late:
        faults.append(Fault(LATE_MIN, "late orders", late_orders))
    if trouble.pot_down:
        faults.append(Fault(POT_DOWN_MIN, "pot down", _break_pot, at_fire=True))
    if trouble.burnt:
        faults.append(
            Fault(BURNT_MIN, "burnt batches", lambda town: _burn(town, trouble.burnt), at_fire=True)
        )
    if trouble.absent:
        faults.append(Fault(SECOND_TRY_MIN, "second try", _take_back))
    return faults


def repair_pots(town: Town) -> None:
    """Put every pot back into service.

    Args:
        town: The county in the evening.
    """
    hand = town.staff[Role.FLOOR][0].actor
    with town.work() as work:
        for pot in work.pots.all():
            if not pot.active:
                flooring.set_pot_active(work, hand, pot.code, active=True)
        work.commit()


def _take_back(town: Town) -> list[int]:
    sign_in_bags(town)
    return []


def _break_pot(town: Town) -> list[int]:
    hand = town.staff[Role.FLOOR][0].actor
    with town.work() as work:
        cooking = _cooking(work.prescriptions.in_states([State.DECOCTING]))
        pots = {pot.id: pot for pot in work.pots.all() if pot.active and pot.duty == "any"}
        held = next((each for each in cooking if each.pot_id in pots), None)
        pot = pots[held.pot_id] if held is not None else next(iter(pots.values()))
        if held is not None:
            flooring.scrap(work, hand, held.key(), held.version, "equipment")
        flooring.set_pot_active(work, hand, pot.code, active=False)
        work.commit()
    return []


def _burn(town: Town, count: int) -> list[int]:
    hand = town.staff[Role.FLOOR][0].actor
    with town.work() as work:
        for prescription in _cooking(work.prescriptions.in_states([State.DECOCTING]))[:count]:
            _boil_dry(town, work, prescription.key())
            flooring.scrap(work, hand, prescription.key(), prescription.version, "burnt")
        work.commit()
    return []


def _boil_dry(town: Town, work: Work, prescription_id: int) -> None:
    """The machine tells that the pot boils dry, and a pharmacist that the batch is to go."""
    run = work.pot_runs.open_of(prescription_id)
    if run is None:
        return
    pharmacist = town.staff[Role.PHARMACIST][0].actor
    for deviation in play_run(work, run, fault=MachineFault.DRY, fault_at=work.now - DRY_FOR).deviations:
        if deviation.stops:
            halting.decide(work, pharmacist, deviation.id or 0, Verdict.SCRAP, remark="已煎干，有焦味。")


def _cooking(prescriptions: list[Prescription]) -> list[Prescription]:
    return [each for each in prescriptions if each.pot_id is not None]
