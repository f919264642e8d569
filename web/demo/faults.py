"""What goes wrong on the demo day: late orders, a broken pot, burnt batches, somebody not at home."""

from collections.abc import Callable
from dataclasses import dataclass

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.roles import Role
from tcm.services import flooring
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.town import Town

LATE_SHARE = 0.05
SCRAPPED_SHARE = 0.01
LATE_MIN = 7 * 60 + 30
POT_DOWN_MIN = 8 * 60 + 20
BURNT_MIN = 9 * 60 + 40
SECOND_TRY_MIN = 12 * 60 + 30


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, after which the day is planned again.

    Args:
        minute: When, minutes after midnight.
        name: For the log.
        strike: Does it; returns prescriptions that came in by it.
    """

    minute: int
    name: str
    strike: Callable[[Town], list[int]]


def faults_of_day(photographs: Photographs, count: int, tag: str) -> list[Fault]:
    """The faults of a day, in order of time.

    Args:
        photographs: For the late patients.
        count: Prescriptions of the day.
        tag: Makes the forms' keys of this run its own.

    Returns:
        The faults.
    """
    late = max(1, round(count * LATE_SHARE))
    burnt = max(1, round(count * SCRAPPED_SHARE))

    def late_orders(town: Town) -> list[int]:
        signed = write_prescriptions(town, photographs, late, f"{tag}-late")
        review_all(town)
        return signed

    return [
        Fault(LATE_MIN, "late orders", late_orders),
        Fault(POT_DOWN_MIN, "pot down", _break_pot),
        Fault(BURNT_MIN, "burnt batches", lambda town: _burn(town, burnt)),
        Fault(SECOND_TRY_MIN, "second try", lambda town: []),
    ]


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
            flooring.scrap(work, hand, prescription.key(), prescription.version, "burnt")
        work.commit()
    return []


def _cooking(prescriptions: list[Prescription]) -> list[Prescription]:
    return [each for each in prescriptions if each.pot_id is not None]
