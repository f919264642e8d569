"""Past use and forecasts."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tcm.records.demand import Forecast, ForecastState, PastUse
from tcm.records.errors import N_
from tcm.store import demand_tables as t
from tcm.store.repositories.base import Repository


class PastUseRepository(Repository[PastUse]):
    """What was used before the stock was on record."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PastUse, N_("没有这条用量记录。"))

    def is_any(self) -> bool:
        """Whether anything is known.

        Returns:
            True where there is a row.
        """
        return self._session.scalar(select(t.past_uses.c.id).limit(1)) is not None

    def replace(self, used_mg: Mapping[tuple[str, date], int]) -> None:
        """Keep weeks of herbs; what is known of the same weeks is forgotten.

        Args:
            used_mg: Milligrams by herb and Monday.
        """
        weeks = {week for _, week in used_mg}
        self._session.execute(delete(t.past_uses).where(t.past_uses.c.week.in_(weeks)))
        rows = [{"herb": herb, "week": week, "used_mg": mg} for (herb, week), mg in used_mg.items()]
        if rows:
            # Years of hundreds of herbs: one statement instead of an object each.
            self._session.execute(insert(t.past_uses), rows)


class ForecastRepository(Repository[Forecast]):
    """Forecasts, one computation a row."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Forecast, N_("没有这次预测。"))

    def newest(self, state: ForecastState | None = None) -> Forecast | None:
        """The newest forecast.

        Args:
            state: Only one that stands there; any where None.

        Returns:
            The forecast, or None before the first.
        """
        query = select(Forecast).order_by(t.forecasts.c.id.desc()).limit(1)
        return self._one(query if state is None else query.where(t.forecasts.c.state == state))

    def of_week(self, until: date) -> Forecast | None:
        """The newest forecast that was made with a week as its first.

        Args:
            until: Its Monday.

        Returns:
            The forecast, or None.
        """
        query = select(Forecast).where(t.forecasts.c.until == until)
        return self._one(query.order_by(t.forecasts.c.id.desc()).limit(1))
