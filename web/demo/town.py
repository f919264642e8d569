"""What every part of the demo day is given: the store, the clock, the staff, the dice."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from tcm.knowledge import Knowledge
from tcm.records.people import Institution, InstitutionKind, Staff
from tcm.records.roles import Role
from tcm.store.engine import Store
from tcm.store.work import Work
from web.demo.clock import DayClock

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Town:
    """The county on one simulated day.

    Args:
        store: The open store.
        clock: The simulated time.
        knowledge: Clinical facts.
        rng: Seeded dice.
        day: The county date.
        tell: Told the stage, how many are done, and of how many.
        staff: Everyone, by role.
        villages: Village clinics by township.
    """

    store: Store
    clock: DayClock
    knowledge: Knowledge
    rng: random.Random
    day: date
    tell: Tell
    staff: dict[Role, list[Staff]] = field(default_factory=dict)
    villages: dict[str, list[Institution]] = field(default_factory=dict)

    def work(self) -> Work:
        """A unit of work at the simulated time."""
        return self.store.work(self.clock)

    def meet(self) -> None:
        """Learn who works here and where the villages are."""
        with self.work() as work:
            for role in Role:
                # Experts are asked by the townships' doctors; nobody of the demo comes to them first.
                self.staff[role] = [one for one in work.staff.with_role(role) if not one.expert_in]
            for village in work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC):
                self.villages.setdefault(village.township, []).append(village)
