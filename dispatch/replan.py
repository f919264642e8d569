"""Planning again after something has happened: what is under way stays, and as little as possible changes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dispatch.bounds import cost_bound_fen
from dispatch.check import Violation, check_day
from dispatch.county import Window
from dispatch.day import plan
from dispatch.decoction.keeping import free_pots_only, keep_schedule
from dispatch.delivery.rejecting import rejections
from dispatch.delivery.results import to_routes
from dispatch.delivery.tours import RouteProblem, Tours
from dispatch.difference import STANDARD_PRICES, ChangePrices, Difference, compare
from dispatch.events import Event, Standing, standing
from dispatch.kept_tours import (
    KeepingProblem,
    KeptTours,
    Told,
    drop_what_fails,
    join_neighbours,
    keep_tours,
    keeping_problem,
    wait_for_promises,
)
from dispatch.mending import mend
from dispatch.plan_types import DayPlan, Schedule, Stop, Unserved
from dispatch.problem import Day
from dispatch.progress import Progress
from dispatch.reasons import unserved
from dispatch.relaxing import relaxations
from dispatch.stops import ready_times
from dispatch.told import day_plan
from dispatch.travel import Travel, great_circle_travel

# Until which part of the time trips are mended, mended for a second schedule, and the day is planned anew.
_FIRST_SHARE, _REPAIR_SHARE, _ANEW_SHARE = 0.4, 0.55, 0.8
# Less time than this is not worth beginning to plan anew.
_SHORTEST_ANEW_S = 0.5
# Steps of mending that take about a second, for repeatable plans.
_STEPS_A_SECOND = 200
_RELAXING_S = 0.3


@dataclass(frozen=True, slots=True)
class Replanned:
    """A plan of the rest of a day.

    Attributes:
        day, travel: what was planned, and the roads it was planned on.
        plan: it.
        difference: what it changes, and who must be told.
        stands: what is delivered, on the road, coming back or stranded, and so in no plan.
        violations: what the checker found; none unless no plan without any was found.
    """

    day: Day
    travel: Travel
    plan: DayPlan
    difference: Difference
    stands: Standing
    violations: tuple[Violation, ...] = ()


def replan(
    day: Day,
    so_far: DayPlan,
    events: Sequence[Event],
    *,
    now_min: int,
    travel: Travel | None = None,
    seconds: float = 5.0,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    change: ChangePrices = STANDARD_PRICES,
    told: Mapping[str, Window] | None = None,
    on_progress: Progress | None = None,
) -> Replanned:
    """Plan the rest of a day after events.

    Args:
        day: the day as it was planned.
        so_far: the plan followed until now.
        events: what has happened; nothing changes where they force nothing.
        now_min: the present minute.
        travel: matrices; great circle times winding from the day's coordinates by default.
        seconds: time limit.
        seed, threads, repeatable: of the searches, as in `dispatch.day.plan`.
        change: what changes are worth avoiding.
        told: the windows that patients were told, where they are not those of `so_far`.
        on_progress: told a fraction 0..1 and the stage, "repair", "anew" or "done".

    Raises:
        ValueError: `seconds` not above 0; an event that names what is not there.
    """
    roads = travel or great_circle_travel(day.centre, day.villages, day.travel)
    stands = standing(day, so_far, events, now_min=now_min, travel=roads)
    return replan_from(
        stands,
        so_far,
        seconds=seconds,
        seed=seed,
        threads=threads,
        repeatable=repeatable,
        change=change,
        told=told,
        on_progress=on_progress,
    )


def replan_from(
    stands: Standing,
    so_far: DayPlan,
    *,
    seconds: float = 5.0,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    change: ChangePrices = STANDARD_PRICES,
    told: Mapping[str, Window] | None = None,
    on_progress: Progress | None = None,
) -> Replanned:
    """Plan a day on from where it stands, as in `replan`; for callers who know that better than the plan.

    Args:
        stands: the day and the roads as they are.
        so_far: the plan followed until now.
        seconds, seed, threads, repeatable, change, told, on_progress: as in `replan`.

    Raises:
        ValueError: `seconds` not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    limits = _Limits(time.perf_counter(), seconds, seed, threads, repeatable)
    tell = on_progress or (lambda _fraction, _stage: None)
    tell(0.0, "repair")
    repair = _Repair(stands, so_far, change, told)
    kept = keep_schedule(stands.day.decoction(), so_far.schedule)
    found = [repair.weigh(repair.plan(kept, limits, _FIRST_SHARE))]
    if not (found[0].is_untouched and found[0].is_right):
        on_time = keep_schedule(stands.day.decoction(), so_far.schedule, on_time=True)
        if on_time.weighted_tardiness < kept.weighted_tardiness:
            found.append(repair.weigh(repair.plan(on_time, limits, _REPAIR_SHARE)))
        tell(_REPAIR_SHARE, "anew")
        anew = limits.left_until(_ANEW_SHARE)
        if anew >= _SHORTEST_ANEW_S:
            fresh = plan(
                stands.day,
                seconds=anew,
                seed=seed,
                threads=threads,
                repeatable=repeatable,
                travel=stands.travel,
                on_progress=lambda part, _: tell(_REPAIR_SHARE + (1 - _REPAIR_SHARE) * part, "anew"),
            )
            found.append(repair.weigh(fresh))
    best = min(found, key=lambda each: (not each.is_right, each.weight_fen))
    made = _bounded(stands, best.plan)
    tell(1.0, "done")
    return Replanned(
        day=stands.day,
        travel=stands.travel,
        plan=replace(made, seconds=time.perf_counter() - limits.began),
        difference=best.difference,
        stands=stands,
        violations=best.violations,
    )


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much time there is, and how it may be spent."""

    began: float
    seconds: float
    seed: int
    threads: int
    repeatable: bool

    def left_until(self, share: float) -> float:
        """Seconds until a share of the time has gone; the whole share where work is counted."""
        if self.repeatable:
            return share * self.seconds
        return share * self.seconds - (time.perf_counter() - self.began)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A plan with what it changes and breaks."""

    plan: DayPlan
    difference: Difference
    violations: tuple[Violation, ...]
    weight_fen: int
    is_untouched: bool

    @property
    def is_right(self) -> bool:
        """Whether the checker has nothing to say."""
        return not self.violations


class _Repair:
    """One repair: the earlier plan, held against the day as it stands."""

    def __init__(
        self, stands: Standing, so_far: DayPlan, change: ChangePrices, told: Mapping[str, Window] | None
    ) -> None:
        self.stands, self.so_far, self.change, self.windows = stands, so_far, change, told
        self.day, self.travel = stands.day, stands.travel
        self.told = {
            each.order_id: Told(
                each.vehicle_id, (told or {}).get(each.order_id, (each.from_min, each.to_min))
            )
            for each in so_far.promises
        }

    def plan(self, schedule: Schedule, limits: _Limits, share: float) -> DayPlan:
        """The earlier trips with what is missing in them, for a schedule.

        Args:
            schedule: of the day as it stands.
            limits: time.
            share: of the time, until which trips are improved where something has to change.
        """
        ready = ready_times(self.day, schedule)
        kept = keep_tours(self.day, self.so_far, ready, self.stands.gone)
        served, rejected = self._served(kept)
        problem = self._problem(served)
        tours, engine = self._mended(problem, served, limits, share)
        joined = join_neighbours(self.day, KeptTours(served.stops, tours), ready)
        problem, tours = self._cheaper(problem, tours, joined)
        problem = wait_for_promises(problem, tours)
        visited = {stop for trips in tours for trip in trips for stop in trip}
        missed = [stop for number, stop in enumerate(problem.stops) if number not in visited]
        hopeless = [stop for stop in kept.stops if stop.id in rejected]
        routes = to_routes(
            self._plain(problem.stops),
            tours,
            [*rejected.values(), *(unserved(stop.id, "no_capacity_left") for stop in missed)],
            missed=[*missed, *hopeless],
            engine=engine,
            seconds=0.0,
        )
        return day_plan(
            self.day, schedule, (*problem.stops, *hopeless), routes, seconds=0.0, made_by="repair"
        )

    def _plain(self, stops: Sequence[Stop]) -> RouteProblem:
        day = self.day
        return RouteProblem(tuple(stops), day.vehicles, self.travel, day.loading_min, day.now_min, day.prices)

    def _problem(self, kept: KeptTours) -> KeepingProblem:
        return keeping_problem(self.day, self.travel, kept.stops, self.told, self.change)

    def _served(self, kept: KeptTours) -> tuple[KeptTours, dict[str, Unserved]]:
        """The stops without those that nobody can serve, and the reasons of these by id."""
        everything = self._plain(kept.stops)
        usable = tuple(
            vehicle
            for number, vehicle in enumerate(self.day.vehicles)
            if everything.trips_left(number) > 0
            and everything.first_departure(number) <= vehicle.shift_end_min
        )
        hopeless = rejections(replace(everything, vehicles=usable), start_clock_min=self.day.start_clock_min)
        left = [number for number in range(len(kept.stops)) if number not in hopeless]
        place = {old: new for new, old in enumerate(left)}
        tours = [[[place[stop] for stop in trip if stop in place] for trip in trips] for trips in kept.tours]
        return (
            KeptTours(
                tuple(kept.stops[number] for number in left),
                [[trip for trip in trips if trip] for trips in tours],
            ),
            {kept.stops[number].id: reason for number, reason in hopeless.items()},
        )

    def _mended(
        self, problem: KeepingProblem, kept: KeptTours, limits: _Limits, share: float
    ) -> tuple[Tours, str]:
        """What is missing is inserted where it costs least; then everything may move that is worth it."""
        tours = drop_what_fails(problem, kept.tours)
        left_out = set(range(len(problem.stops))) - {
            stop for trips in tours for trip in trips for stop in trip
        }
        if not left_out or not self.day.vehicles:
            return tours, "kept"
        seconds = limits.left_until(share)
        steps = int(seconds * _STEPS_A_SECOND) if limits.repeatable else None
        return mend(problem, tours, seconds=seconds, seed=limits.seed, steps=steps), "mended"

    def _cheaper(
        self, problem: KeepingProblem, tours: Tours, joined: KeptTours
    ) -> tuple[KeepingProblem, Tours]:
        """The joined stops where they cost less: a shorter stay may also come before anybody waits."""
        if len(joined.stops) == len(problem.stops):
            return problem, tours
        other = self._problem(joined)
        cost, known = other.cost(joined.tours), problem.cost(tours)
        is_cheaper = cost is not None and (known is None or cost < known)
        return (other, joined.tours) if is_cheaper else (problem, tours)

    def weigh(self, made: DayPlan) -> _Weighed:
        """What a plan costs together with what it changes."""
        difference = compare(self.so_far, made, stands=self.stands, told=self.windows)
        violations = check_day(self.day, made, self.travel)
        if not free_pots_only(self.so_far.schedule, made.schedule, self.day.now_min):
            violations.append(
                Violation("pot_overlap", "schedule", "a pot is loaded while it is still cleaned")
            )
        return _Weighed(
            plan=made,
            difference=difference,
            violations=tuple(violations),
            weight_fen=made.routes.parts.total_fen + difference.price_fen(self.change),
            is_untouched=difference.is_empty,
        )


def _bounded(stands: Standing, made: DayPlan) -> DayPlan:
    """The plan with its bound and what would serve what it leaves out, as a plan made anew has them."""
    if made.made_by != "repair":
        return made
    told = replace(made, lower_bound_fen=cost_bound_fen(stands.day, stands.travel))
    if not told.unserved:
        return told
    return replace(told, relaxations=relaxations(stands.day, told, stands.travel, seconds=_RELAXING_S))
