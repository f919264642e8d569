"""What leaves with a trip, and what stays behind and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.plans import Route
from tcm.records.road import PhoneTime
from tcm.services.halting import is_halted
from tcm.services.quality_gate import held_back as unchecked_among
from tcm.services.retrying import Wait
from tcm.services.retrying import held_back as waiting_among
from tcm.store.trace_queries import recalled_prescriptions
from tcm.store.work import Work

READY = (State.PACKED, State.FAILED)
# What a phone with a line sends is as good as told on the spot.
TOLD_AT_ONCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Loaded:
    """What happened when a trip was loaded.

    Args:
        loaded: Numbers now on the vehicle.
        missing: Numbers that are not packed yet and stay behind.
        recalled: Numbers that stay behind because a lot in them is called back.
        unchecked: Numbers that stay behind until somebody has looked at them (质检).
        later: Numbers that stay behind because their next try is on a later day.
        halted: Numbers that stay behind because their boil went another way and nobody has let them go on.
        undecided: Numbers that stay behind because the manager decides what becomes of them.
        elsewhere: Numbers that stay behind because the plan in force gives them to nobody or to another.
    """

    loaded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    halted: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def has_left_behind(self) -> bool:
        """Whether anything of the trip is not on the vehicle."""
        stays = (self.missing, self.recalled, self.unchecked, self.later, self.halted)
        return any((*stays, self.undecided, self.elsewhere))


def left_behind(
    work: Work, route: Route, ready: Sequence[Prescription], phone: PhoneTime | None
) -> dict[int, str]:
    """What is packed and stays behind all the same.

    Args:
        work: The unit of work.
        route: Of the trip that is loaded.
        ready: Held for this work, in one of the states `READY`.
        phone: When it was by the phone's clock, None where a page tells it at once.

    Returns:
        Field of `Loaded` by prescription; what may leave is left out.
    """
    ids = [each.key() for each in ready]
    carried = work.routes.carrying(ids)
    waits = waiting_among(work, ready, route.day)
    unpacked = _packed_since(work, ready, phone)
    recalled, unchecked = recalled_prescriptions(work.session, ids), unchecked_among(work, ids)
    behind = {}
    for prescription in ready:
        key = prescription.key()
        if key not in carried or carried[key].courier_id != route.courier_id:
            behind[key] = "elsewhere"
        elif key in waits:
            behind[key] = "later" if waits[key].why is Wait.LATER else "undecided"
        elif key in recalled:
            behind[key] = "recalled"
        elif key in unchecked:
            behind[key] = "unchecked"
        elif is_halted(work, prescription):
            behind[key] = "halted"
        elif key in unpacked:
            behind[key] = "missing"
    return behind


def _packed_since(work: Work, ready: Sequence[Prescription], phone: PhoneTime | None) -> set[int]:
    """What was packed after a phone without a line said that the trip was loaded."""
    loaded_at = phone.happened_at(work.now) if phone else work.now
    if work.now - loaded_at <= TOLD_AT_ONCE:
        return set()
    bags = work.bags.of_prescriptions([each.key() for each in ready if each.state is State.PACKED])
    return {key for key, found in bags.items() if max(each.packed_at for each in found) > loaded_at}
