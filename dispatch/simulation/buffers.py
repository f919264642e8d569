"""Buffers: how many minutes to keep, so that nearly all bags are on time at the least cost."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dispatch.day import plan
from dispatch.guard import number, whole
from dispatch.outcomes import parts_from_packing
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.simulation.monte_carlo import Drawn
from dispatch.simulation.road import HOLD_MIN
from dispatch.simulation.robustness import BufferCandidate, BufferChoice
from dispatch.simulation.spread import Spread, usual_spread
from dispatch.travel import Travel, great_circle_travel

Progress = Callable[[float, str], None]

BUFFERS_MIN = (0, 5, 10, 15, 20, 30)
PROMISES_MIN = (15, 30, 45, 60, 90)


def choose_buffer(
    day: Day,
    travel: Travel | None = None,
    *,
    target: float = 0.95,
    seconds: float,
    seed: int,
    draws: int = 1000,
    buffers_min: Sequence[int] = BUFFERS_MIN,
    promises_min: Sequence[int] = PROMISES_MIN,
    window_fen_per_hour: int | None = None,
    spread: Spread | None = None,
    hold_min: int = HOLD_MIN,
    threads: int = 2,
    repeatable: bool = False,
    on_progress: Progress | None = None,
) -> BufferChoice:
    """Plan and simulate the day with each pair of buffers; choose the cheapest that is on time.

    A wider promise changes no trip, so it would cost nothing if nobody minded it: an hour of its width is
    worth `window_fen_per_hour` of each order's priority. No luck makes a candidate good enough: it counts
    with the share that its draws are sure of, and only if those with more of both are on time as well.

    Args:
        day: its own `buffer_min` and `promise_late_min` are replaced by each pair.
        travel: matrices; great circle times winding where None.
        target: share of the bags to be on time.
        seconds: for the plan of each of `buffers_min`.
        seed: of plans and draws.
        draws: days for each.
        buffers_min, promises_min: the candidates.
        window_fen_per_hour: the day's `wait_fen_per_hour` by default.
        spread, hold_min: as in `simulate`.
        threads, repeatable: as in `dispatch.day.plan`.
        on_progress: told a fraction 0..1 and "buffer", then "done".

    Raises:
        ValueError: a target outside 0..1, no candidates; as `dispatch.day.plan`.
    """
    number("target", target, low=0, high=1)
    if not buffers_min or not promises_min:
        raise ValueError("buffers_min and promises_min need a candidate each")
    tell = on_progress or (lambda _fraction, _stage: None)
    roads = travel or great_circle_travel(day.centre, day.villages, day.travel)
    price = day.wait_fen_per_hour if window_fen_per_hour is None else window_fen_per_hour
    whole("window_fen_per_hour", price)
    found: list[BufferCandidate] = []
    for place, buffer_min in enumerate(buffers_min):
        tell(place / len(buffers_min), "buffer")
        asked = replace(day, buffer_min=buffer_min)
        made = plan(asked, seconds=seconds, seed=seed, threads=threads, repeatable=repeatable, travel=roads)
        days = Drawn(asked, made, roads, draws=draws, seed=seed, hold_min=hold_min).days(
            spread or usual_spread()
        )
        for late_min in promises_min:
            wider_min = late_min - day.promise_late_min
            found.append(
                BufferCandidate(
                    buffer_min=buffer_min,
                    promise_late_min=late_min,
                    plan_fen=parts_from_packing(asked, made).total_fen,
                    promise_fen=_promise_fen(day, made, late_min, price),
                    on_time=days.on_time(wider_min),
                    unserved=len(made.unserved),
                    metres=made.routes.metres,
                    at_least=days.at_least(wider_min),
                )
            )
    tell(1.0, "done")
    return choice_of(found, target, draws)


def choice_of(candidates: Sequence[BufferCandidate], target: float, draws: int) -> BufferChoice:
    """The cheapest candidate that is on time, and so is every one with at least as much of both buffers.

    More of either makes bags earlier or promises later; where a longer buffer misses the target all the same,
    its plan shows what planning anew does to the share, and the shorter one reached it by luck.

    Args:
        candidates: at least one.
        target: share of the bags to be on time.
        draws: of each candidate.
    """
    missing = [each for each in candidates if each.at_least < target]
    reaching = [each for each in candidates if not any(_has_as_much(more, each) for more in missing)]
    return BufferChoice(
        target=target,
        draws=draws,
        chosen=min(reaching, key=_dear, default=None),
        closest=max(candidates, key=lambda each: (each.on_time, -each.total_fen)),
        candidates=tuple(candidates),
    )


def _has_as_much(one: BufferCandidate, of: BufferCandidate) -> bool:
    return one.buffer_min >= of.buffer_min and one.promise_late_min >= of.promise_late_min


def _dear(each: BufferCandidate) -> tuple[int, int, int]:
    return each.total_fen, each.promise_late_min, each.buffer_min


def _promise_fen(day: Day, made: DayPlan, late_min: int, fen_per_hour: int) -> int:
    """What the widths of all promises are worth, by the orders' priorities."""
    priorities = {order.id: day.priority_of(order) for order in day.orders}
    weights = sum(priorities[promise.order_id] for promise in made.promises)
    return weights * (day.promise_early_min + late_min) * fen_per_hour // 60
