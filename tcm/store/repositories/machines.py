"""Decoction machines: what they said last, their curves, what was not taken of them, deviations."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.machines import (
    Deviation,
    Machine,
    MachineReading,
    MachineRefusal,
    RefusedBecause,
    Temperature,
)
from tcm.store import boil_tables as b
from tcm.store import machine_tables as m
from tcm.store.repositories.base import Repository


class MachineRepository(Repository[Machine]):
    """What each pot's machine said last."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Machine, N_("没有这台煎药机。"))

    def held(self, pot_id: int) -> Machine | None:
        """A pot's machine as it is now, for this work alone.

        Args:
            pot_id: Which pot.

        Returns:
            The machine, or None where none has spoken yet.
        """
        query = select(Machine).filter_by(pot_id=pot_id).with_for_update()
        return self._one(query.execution_options(populate_existing=True))

    def of_pots(self, pot_ids: Iterable[int]) -> dict[int, Machine]:
        """The machines of several pots in one query.

        Args:
            pot_ids: Which.

        Returns:
            By pot; pots whose machine never spoke are left out.
        """
        query = select(Machine).where(m.machines.c.pot_id.in_(set(pot_ids)))
        return {each.pot_id: each for each in self._many(query)}


class MachineReadingRepository(Repository[MachineReading]):
    """Curves, point by point."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, MachineReading, N_("没有这条读数。"))

    def of_runs(self, run_ids: Collection[int]) -> dict[int, list[MachineReading]]:
        """The curves of several runs in one query.

        Args:
            run_ids: Which boils.

        Returns:
            Points by run, oldest first; empty where no machine spoke.
        """
        columns = m.machine_readings.c
        query = select(MachineReading).where(columns.run_id.in_(set(run_ids)))
        curves: dict[int, list[MachineReading]] = {key: [] for key in run_ids}
        for point in self._many(query.order_by(columns.at, columns.id)):
            curves[point.run_id].append(point)
        return curves

    def temperatures(self, run_ids: Collection[int]) -> dict[int, list[Temperature]]:
        """The bare curves of several runs, for small pictures.

        Args:
            run_ids: Which boils.

        Returns:
            Points by run, oldest first; empty where no machine spoke.
        """
        columns = m.machine_readings.c
        query = select(columns.run_id, columns.at, columns.temperature_c).where(
            columns.run_id.in_(set(run_ids))
        )
        curves: dict[int, list[Temperature]] = {key: [] for key in run_ids}
        for run_id, at, temperature_c in self._session.execute(query.order_by(columns.at, columns.id)):
            curves[run_id].append(Temperature(at, temperature_c))
        return curves

    def to_thin(self, closed_before: datetime, closed_after: datetime) -> list[int]:
        """Runs whose curves are old enough to keep their corners only.

        Args:
            closed_before: Aware UTC.
            closed_after: Those before it were thinned already.

        Returns:
            Runs by row.
        """
        closed_at = b.pot_runs.c.closed_at
        query = select(b.pot_runs.c.id).where(closed_at < closed_before, closed_at >= closed_after)
        return list(self._session.scalars(query.order_by(b.pot_runs.c.id)))

    def remove(self, reading_ids: Collection[int]) -> None:
        """Let points go.

        Args:
            reading_ids: Rows.
        """
        self._session.execute(delete(m.machine_readings).where(m.machine_readings.c.id.in_(set(reading_ids))))


class MachineRefusalRepository(Repository[MachineRefusal]):
    """How many messages were not taken, and why."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, MachineRefusal, N_("没有这条记录。"))

    def of_day(self, day: date) -> list[MachineRefusal]:
        """What was not taken on a day.

        Args:
            day: County date.

        Returns:
            By pot and reason.
        """
        columns = m.machine_refusals.c
        query = select(MachineRefusal).where(columns.day == day)
        return self._many(query.order_by(columns.pot_code, columns.reason))

    def held(self, day: date, pot_code: str, reason: RefusedBecause) -> MachineRefusal | None:
        """One count, for this work alone.

        Args:
            day: County date.
            pot_code: Empty for none of ours.
            reason: Why.

        Returns:
            The count, or None before the first of its day.
        """
        query = select(MachineRefusal).filter_by(day=day, pot_code=pot_code, reason=reason)
        return self._one(query.with_for_update())


class DeviationRepository(Repository[Deviation]):
    """Where boils went another way."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Deviation, N_("没有这条异常。"))

    def of_runs(self, run_ids: Collection[int]) -> dict[int, list[Deviation]]:
        """The deviations of several runs in one query.

        Args:
            run_ids: Which boils.

        Returns:
            By run, in order of their beginning.
        """
        columns = m.deviations.c
        query = select(Deviation).where(columns.run_id.in_(set(run_ids)))
        found: dict[int, list[Deviation]] = {key: [] for key in run_ids}
        for each in self._many(query.order_by(columns.began_at, columns.id)):
            found[each.run_id].append(each)
        return found

    def holding(self, prescription_id: int) -> list[Deviation]:
        """What a prescription's batch waits for.

        Args:
            prescription_id: Which.

        Returns:
            Deviations that nobody has decided, in order of their beginning.
        """
        columns = m.deviations.c
        query = select(Deviation).where(
            columns.prescription_id == prescription_id, columns.stops, columns.verdict.is_(None)
        )
        return self._many(query.order_by(columns.began_at))

    def waiting(self) -> list[Deviation]:
        """Everything that waits for a decision.

        Returns:
            The oldest first.
        """
        columns = m.deviations.c
        query = select(Deviation).where(columns.stops, columns.verdict.is_(None))
        return self._many(query.order_by(columns.found_at, columns.id))

    def between(self, from_at: datetime, to_at: datetime) -> list[Deviation]:
        """What was found in a time, and what lasts.

        Args:
            from_at: Aware UTC.
            to_at: Aware UTC, not itself in it.

        Returns:
            The newest first.
        """
        columns = m.deviations.c
        is_waiting = columns.stops & columns.verdict.is_(None)
        in_time = (columns.found_at >= from_at) & (columns.found_at < to_at)
        query = select(Deviation).where(or_(in_time, is_waiting))
        return self._many(query.order_by(columns.found_at.desc(), columns.id.desc()))
