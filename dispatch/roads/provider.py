"""What every source of distances offers, and how the matrices of several kinds become one Travel."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from dispatch.county import VEHICLE_KINDS, Centre, VehicleKind, Village
from dispatch.travel import Matrices, Travel, Unreachable

# A village clinic farther than this from any road that a map knows is not on that map.
DEFAULT_SNAP_M: Final = 1000


class RoadsUnusableError(Exception):
    """Distances cannot be made; the message is one sentence that says why."""


class Provider(Protocol):
    """A source of road distances and driving times."""

    def travel(
        self, centre: Centre, villages: Sequence[Village], kind: VehicleKind = "van", day: date | None = None
    ) -> Travel:
        """Distances and times for one kind of vehicle.

        Args:
            centre: becomes row 0.
            villages: rows 1..; one that cannot be reached is in `unreachable` with its reason.
            kind: of vehicle.
            day: the county date whose closed roads count; None passes every seasonal closure over.

        Raises:
            RoadsUnusableError: when there are no distances to be had at all.
        """
        ...

    def identity(self, kind: VehicleKind, day: date | None) -> Mapping[str, str]:
        """What the matrices depend on besides the places; equal identities give equal matrices."""
        ...


def travel_for(
    provider: Provider,
    centre: Centre,
    villages: Sequence[Village],
    kinds: Collection[VehicleKind] = VEHICLE_KINDS,
    day: date | None = None,
) -> Travel:
    """The travel of a day whose vehicles are of several kinds.

    Args:
        provider: where the distances come from.
        centre: becomes row 0.
        villages: rows 1..
        kinds: of the day's vehicles; a van's matrices are always made.
        day: the county date whose closed roads count.

    Returns:
        A van's matrices, those of the other kinds in `by_kind`, the age of the oldest of them, and every
        place without a way once for each kind it holds for, or once where it holds for all.

    Raises:
        RoadsUnusableError: when there are no distances to be had.
    """
    wanted: list[VehicleKind] = [kind for kind in VEHICLE_KINDS if kind == "van" or kind in kinds]
    made = {kind: provider.travel(centre, villages, kind, day) for kind in wanted}
    van = made["van"]
    return replace(
        van,
        by_kind={kind: Matrices(made[kind].metres, made[kind].minutes) for kind in wanted[1:]},
        made_at=min((each.made_at for each in made.values() if each.made_at is not None), default=None),
        unreachable=_joined(made),
    )


def _joined(made: Mapping[VehicleKind, Travel]) -> tuple[Unreachable, ...]:
    """Each reason once: without a kind where it holds for every kind that was asked for."""
    found: dict[tuple[str, str], list[Unreachable]] = {}
    for kind, travel in made.items():
        for each in travel.unreachable:
            found.setdefault((each.place_id, each.code), []).append(replace(each, kind=kind))
    joined: list[Unreachable] = []
    for same in found.values():
        joined += [replace(same[0], kind=None)] if len(same) == len(made) else same
    return tuple(joined)
