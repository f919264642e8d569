"""A forecast of what herbs will be needed as a durable job: read the past, compute, keep the answer."""

from dataclasses import dataclass

from tcm.records.clock import Clock
from tcm.records.errors import Invalid
from tcm.services import forecasting
from tcm.store.engine import Store


@dataclass(frozen=True)
class Forecaster:
    """What a forecast needs besides its row.

    Args:
        store: The open store.
        clock: Tells the time.
    """

    store: Store
    clock: Clock

    def run(self, forecast_id: int) -> None:
        """Compute a forecast and keep what came of it; doing it again after a crash begins anew.

        Args:
            forecast_id: The forecast's row.
        """
        try:
            # The past is read in one work and nothing is held while it is learned from.
            with self.store.work(self.clock) as work:
                horizon_weeks = work.forecasts.get(forecast_id).horizon_weeks
                use = forecasting.use_on_record(work)
            result = forecasting.foresee(use, horizon_weeks)
        except Invalid as refusal:
            self._fail(forecast_id, refusal.msgid)
        except Exception:
            # A row left without an end would look as if it were still running.
            self._fail(forecast_id, forecasting.BROKE)
            raise
        else:
            with self.store.work(self.clock) as work:
                forecasting.keep_forecast(work, forecast_id, result)
                work.commit()

    def _fail(self, forecast_id: int, sentence: str) -> None:
        with self.store.work(self.clock) as work:
            forecasting.fail_forecast(work, forecast_id, sentence)
            work.commit()
