"""Distances without any map: great circle times a winding factor, at the mean speed of the vehicle's kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dispatch.county import Centre, TravelSettings, VehicleKind, Village
from dispatch.roads.kinds import kind_rows
from dispatch.roads.reasons import unreachable
from dispatch.travel import Travel, great_circle_travel


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """The provider that needs no data; only a village on record as without a road cannot be reached.

    Attributes:
        winding_factor: road metres for one metre of straight line; None takes that of the kind's row.
    """

    winding_factor: float | None = None

    def travel(
        self, centre: Centre, villages: Sequence[Village], kind: VehicleKind = "van", day: date | None = None
    ) -> Travel:
        """Distances and times for one kind of vehicle; the day makes no difference.

        Args:
            centre: becomes row 0.
            villages: rows 1..
            kind: of vehicle.
            day: not used.
        """
        settings = self._settings(kind)
        return replace(
            great_circle_travel(centre, villages, settings),
            source=f"great circle x {settings.winding_factor:g}",
            unreachable=tuple(
                unreachable(village, "no_road") for village in villages if not village.has_road
            ),
        )

    def identity(self, kind: VehicleKind, day: date | None) -> Mapping[str, str]:
        """Winding factor and mean speed."""
        settings = self._settings(kind)
        return {
            "provider": "great-circle",
            "winding_factor": repr(settings.winding_factor),
            "mean_speed_kmh": repr(settings.mean_speed_kmh),
        }

    def _settings(self, kind: VehicleKind) -> TravelSettings:
        row = kind_rows()[kind]
        return TravelSettings(self.winding_factor or row.winding_factor, row.mean_speed_kmh)
