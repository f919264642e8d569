"""The pots as a wall shows them: what is in each, where it stands, who was there last; no patient."""

from dataclasses import dataclass
from datetime import datetime

from tcm.knowledge import Knowledge
from tcm.records.boil_standing import Alarm, Standing
from tcm.records.boils import PotRun
from tcm.records.centre import Pot
from tcm.records.lifecycle import State
from tcm.records.machines import DeviationKind
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.halting import BOILED
from tcm.services.stepping import standing_of
from tcm.store.queries import floor_board
from tcm.store.work import Work

# What nobody may overlook stands first in this order.
PRESSING = (Alarm.LATE_HERBS, Alarm.OVER, Alarm.CLEAN, Alarm.CLOCK)


@dataclass(frozen=True)
class PotCard:
    """A pot on the wall.

    Args:
        pot: Which.
        run: The boil in it, or the one it was not cleaned of; None for a free pot.
        number: Of the prescription; empty for a free pot.
        urgent: Whether it is to go first.
        standing: Where the boil stands, None for a free pot.
        by: Who took its last step.
        halted: How its boil went another way, so that it waits for a decision or to be scrapped, else None.
    """

    pot: Pot
    run: PotRun | None = None
    number: str = ""
    urgent: bool = False
    standing: Standing | None = None
    by: str = ""
    halted: DeviationKind | None = None

    @property
    def is_pressing(self) -> bool:
        """Whether somebody is to go there at once."""
        alarm = None if self.standing is None else self.standing.alarm
        return self.halted is not None or alarm in PRESSING


@dataclass(frozen=True)
class Wall:
    """All pots, and what waits beside them.

    Args:
        at: When it was read.
        cards: A card a pot, by code.
        to_soak: Prescriptions that are dispensed and not soaking yet.
        soaking: Prescriptions that soak.
        to_pack: Decoctions that left their pot and wait to be packed.
    """

    at: datetime
    cards: tuple[PotCard, ...]
    to_soak: int
    soaking: int
    to_pack: int

    @property
    def late_herbs(self) -> tuple[PotCard, ...]:
        """The pots into which late herbs are to go now."""
        return tuple(each for each in self.cards if each.standing and each.standing.alarm is Alarm.LATE_HERBS)


def wall(work: Work, actor: Actor, knowledge: Knowledge) -> Wall:
    """The pots now.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        knowledge: Says when a pot asks for a hand.

    Returns:
        The wall, in a number of statements that does not grow with the pots.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_BOARD)
    runs = work.pot_runs.held()
    steps = work.pot_steps.of_runs(run.key() for run in runs)
    staff = work.staff.by_ids(steps[run.key()][-1].by_id for run in runs)
    waiting = [row for row in floor_board(work.session) if row.preparation.needs_pot]
    numbers = work.prescriptions.by_ids(run.prescription_id for run in runs)
    by_pot = {run.pot_id: run for run in runs}
    # What was scrapped waits for nobody, though its pot waits to be cleaned.
    newest = {run.prescription_id: run.key() for run in runs if numbers[run.prescription_id].state in BOILED}
    found = work.deviations.of_runs(newest.values())
    halted = {key: each.kind for key, of_run in found.items() for each in of_run if each.holds}
    cards = []
    for pot in sorted(work.pots.all(), key=lambda pot: pot.code):
        run = by_pot.get(pot.id or 0)
        if run is None:
            cards.append(PotCard(pot))
            continue
        inside, taken = numbers[run.prescription_id], steps[run.key()]
        cards.append(
            PotCard(
                pot=pot,
                run=run,
                number=inside.number or "",
                urgent=inside.urgent,
                standing=standing_of(work, knowledge, run, taken, is_held=run.stepwise),
                by=staff[taken[-1].by_id].name,
                halted=halted.get(run.key()),
            )
        )
    in_pots = {run.prescription_id for run in runs if run.closed_at is None}
    return Wall(
        at=work.now,
        cards=tuple(cards),
        to_soak=sum(row.state is State.DISPENSED for row in waiting),
        soaking=sum(row.state is State.SOAKING for row in waiting),
        to_pack=sum(row.state is State.DECOCTING and row.prescription_id not in in_pots for row in waiting),
    )
