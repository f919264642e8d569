"""Pots, vehicles, people at the ramp."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.centre import Crew, PlanningSettings, Pot, Vehicle
from tcm.records.errors import N_, NotFound
from tcm.store.repositories.base import Repository


class PotRepository(Repository[Pot]):
    """The centre's pots."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Pot, N_("没有这口锅。"))

    def by_code(self, code: str) -> Pot:
        """The pot with that code.

        Args:
            code: As painted or scanned.

        Returns:
            The pot.

        Raises:
            NotFound: When no pot has it.
        """
        pot = self._one(select(Pot).filter_by(code=code))
        if pot is None:
            raise NotFound(self._missing)
        return pot


class VehicleRepository(Repository[Vehicle]):
    """The vehicles."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Vehicle, N_("没有这辆车。"))


class CrewRepository(Repository[Crew]):
    """The people at the ramp, counted."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Crew, N_("还没有设置班组人数。"))


class PlanningSettingsRepository(Repository[PlanningSettings]):
    """What plans have to keep, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PlanningSettings, N_("没有这条排程设置。"))

    def current(self) -> PlanningSettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the first.
        """
        return self._one(select(PlanningSettings).order_by(self._column("id").desc()).limit(1))
