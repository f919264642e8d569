"""Boils, their steps, and what the centre keeps of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tcm.records.boils import BoilSettings, PotRun, PotStep
from tcm.records.errors import N_
from tcm.store import boil_tables as b
from tcm.store.repositories.base import Repository


class PotRunRepository(Repository[PotRun]):
    """Boils, one prescription in one pot each."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PotRun, N_("没有这条煎煮记录。"))

    def open_of(self, prescription_id: int) -> PotRun | None:
        """The boil that a prescription is in now.

        Args:
            prescription_id: Which.

        Returns:
            The boil as it is now, or None.
        """
        runs = b.pot_runs.c
        query = select(PotRun).where(runs.prescription_id == prescription_id, runs.closed_at.is_(None))
        return self._one(query.execution_options(populate_existing=True))

    def last_of(self, prescription_id: int) -> PotRun | None:
        """The newest boil of a prescription.

        Args:
            prescription_id: Which.

        Returns:
            The boil, or None before the first.
        """
        query = select(PotRun).filter_by(prescription_id=prescription_id)
        return self._one(query.order_by(b.pot_runs.c.id.desc()).limit(1))

    def of_prescription(self, prescription_id: int) -> list[PotRun]:
        """Every boil of a prescription, the oldest first; more than one where a batch was scrapped.

        Args:
            prescription_id: Which.

        Returns:
            Boils.
        """
        query = select(PotRun).filter_by(prescription_id=prescription_id)
        return self._many(query.order_by(b.pot_runs.c.id))

    def holding(self, pot_id: int | None) -> PotRun | None:
        """What a pot holds, or held and was not cleaned of.

        Args:
            pot_id: Which pot.

        Returns:
            The boil as it is now, or None where the pot may be filled.
        """
        runs = b.pot_runs.c
        query = select(PotRun).where(runs.pot_id == pot_id, runs.freed_at.is_(None))
        return self._one(query.execution_options(populate_existing=True))

    def covering(self, pot_id: int, at: datetime) -> PotRun | None:
        """What boiled in a pot at a moment.

        Args:
            pot_id: Which pot.
            at: Aware UTC.

        Returns:
            The boil, or None where nothing on record did.
        """
        runs = b.pot_runs.c
        boils = or_(runs.closed_at.is_(None), runs.closed_at >= at)
        query = select(PotRun).where(runs.pot_id == pot_id, runs.opened_at <= at, boils)
        return self._one(query.order_by(runs.opened_at.desc()).limit(1))

    def last_in(self, pot_id: int | None) -> PotRun | None:
        """The newest boil of a pot.

        Args:
            pot_id: Which pot.

        Returns:
            The boil, or None before the first.
        """
        query = select(PotRun).filter_by(pot_id=pot_id)
        return self._one(query.order_by(b.pot_runs.c.id.desc()).limit(1))

    def held(self) -> list[PotRun]:
        """What all pots hold, or held and were not cleaned of, by row.

        Returns:
            Boils, one a pot at most.
        """
        query = select(PotRun).where(b.pot_runs.c.freed_at.is_(None))
        return sorted(self._many(query), key=PotRun.key)


class PotStepRepository(Repository[PotStep]):
    """Steps of boils."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PotStep, N_("没有这一步。"))

    def of_run(self, run_id: int) -> list[PotStep]:
        """The steps of a boil that count, in the order in which they were taken.

        Args:
            run_id: Which.

        Returns:
            Steps without those taken back.
        """
        return self.of_runs([run_id]).get(run_id, [])

    def of_runs(self, run_ids: Iterable[int]) -> dict[int, list[PotStep]]:
        """The steps of several boils in one query.

        Args:
            run_ids: Which.

        Returns:
            By boil, in the order in which they were taken, without those taken back.
        """
        steps = b.pot_steps.c
        query = select(PotStep).where(steps.run_id.in_(set(run_ids)), steps.voided_at.is_(None))
        grouped: dict[int, list[PotStep]] = {}
        for each in self._many(query.order_by(steps.id)):
            grouped.setdefault(each.run_id, []).append(each)
        return grouped


class BoilSettingsRepository(Repository[BoilSettings]):
    """What the centre keeps of its boils, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, BoilSettings, N_("没有这条煎煮设置。"))

    def current(self) -> BoilSettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the first.
        """
        return self._one(select(BoilSettings).order_by(self._column("id").desc()).limit(1))
