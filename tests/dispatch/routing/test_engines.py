"""Every engine gives answers that the checker accepts, and the best ones where they are known."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_solution
from dispatch.routing.engines.pyvrp_model import Model
from dispatch.routing.engines.pyvrp_router import PyvrpRouter
from dispatch.routing.engines.pyvrp_search import ANNEALED, STEEP, Limit, Style, Task, search
from dispatch.routing.engines.recombine import recombine
from dispatch.routing.insertion import insert_all
from dispatch.routing.instance import Instance, VehicleType
from dispatch.routing.parts import inside, neighbouring_groups, outside, part, servable
from dispatch.routing.repair import repair
from dispatch.routing.solution import Route, Solution, make_solution
from dispatch.routing.solve import solve
from dispatch.routing.timing import cost, is_valid, route_trips
from tests.dispatch.routing.conftest import random_instance

ENGINES = ("auto", "ortools", "pyvrp")


def _best_by_trying_all(instance: Instance) -> int:
    """The least cost of one route for each vehicle, every division and every order tried."""
    kinds = [at for at, kind in enumerate(instance.vehicle_types) for _ in range(kind.count)]
    best = None
    for owners in itertools.product(range(len(kinds)), repeat=len(instance.clients)):
        total = 0
        for vehicle, kind in enumerate(kinds):
            mine = [node for node, owner in zip(instance.nodes, owners, strict=True) if owner == vehicle]
            costs = [
                cost(instance, make_solution(instance, [route], "all"))
                for order in itertools.permutations(mine)
                if mine and route_trips(instance, route := Route(kind, (order,))) is not None
            ]
            if mine and not costs:
                break
            total += min(costs, default=0)
        else:
            best = total if best is None else min(best, total)
    assert best is not None
    return best


@pytest.mark.parametrize("engine", ENGINES)
def test_six_clients_are_served_at_least_cost(six: Instance, engine: str) -> None:
    found = solve(six, engine=engine, seconds=0.6, seed=1)
    assert (found.is_feasible, found.verdict.cost) == (True, _best_by_trying_all(six))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mixed_fleet_is_used_at_least_cost(mixed: Instance, engine: str) -> None:
    found = solve(mixed, engine=engine, seconds=0.5, seed=1)
    assert (found.is_feasible, found.verdict.cost) == (True, _best_by_trying_all(mixed))


@pytest.mark.parametrize("engine", ENGINES)
def test_one_vehicle_comes_home_for_what_is_released_later(trips: Instance, engine: str) -> None:
    found = solve(trips, engine=engine, seconds=0.5, seed=1)
    # 1 and 3 (10 of 10) on one trip, 2 on its own: (50 + 50 + 100) + (50 + 50).
    assert (found.is_feasible, found.verdict.cost) == (True, 300)
    assert len(found.solution.routes[0].trips) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_everything_the_own_form_holds_is_kept(own: Instance, engine: str) -> None:
    found = solve(own, engine=engine, seconds=0.5, seed=1)
    assert found.is_feasible
    assert found.verdict.cost == 100 + 116  # the bike alone, two trips; the van's fixed cost is saved


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("several_trips", [False, True])
def test_random_instances_are_served_and_checked(
    make_random: Callable[..., Instance], engine: str, several_trips: bool
) -> None:
    instance = make_random(5, several_trips=several_trips)
    found = solve(instance, engine=engine, seconds=0.8, seed=3)
    assert found.verdict.violations == ()
    assert set(found.solution.unserved) == set(instance.nodes) - set(servable(instance))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_does_not_fit_is_named_and_nothing_else_suffers(
    make_random: Callable[..., Instance], engine: str
) -> None:
    instance = make_random(2, 16, tight=True)
    found = solve(instance, engine=engine, seconds=0.8, seed=3)
    assert (found.verdict.violations, found.is_feasible) == ((), False)
    assert 0 < len(found.solution.unserved) <= len(insert_all(instance).unserved)


def test_a_client_too_large_for_every_vehicle_is_named(six: Instance) -> None:
    large = replace(six.client(2), demand=(99,))
    instance = replace(six, clients=(six.client(1), large, *six.clients[2:]))
    found = solve(instance, seconds=0.3)
    assert (found.solution.unserved, found.verdict.violations) == ((2,), ())
    nobody = replace(six, vehicle_types=(VehicleType("bike", 3, (1,)),))
    assert solve(nobody, seconds=0.3).solution.unserved == (1, 2, 3, 4, 5, 6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), several_trips=st.booleans(), tight=st.booleans())
def test_insertion_always_keeps_every_rule(seed: int, several_trips: bool, tight: bool) -> None:
    instance = random_instance(seed, several_trips=several_trips, tight=tight)
    made = insert_all(instance)
    assert check_solution(instance, made).violations == ()
    assert check_solution(instance, made).cost == cost(instance, made)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), several_trips=st.booleans(), tight=st.booleans())
def test_any_instance_gets_a_checked_answer(seed: int, several_trips: bool, tight: bool) -> None:
    instance = random_instance(seed, 10, several_trips=several_trips, tight=tight)
    found = solve(instance, seconds=0.15, seed=seed % 7)
    assert found.verdict.violations == ()
    assert found.is_feasible == (found.solution.unserved == ())


@pytest.mark.parametrize("recombines", [False, True])
def test_one_thread_and_one_seed_give_one_answer(
    make_random: Callable[..., Instance], recombines: bool
) -> None:
    instance = make_random(8, 30, several_trips=True)
    router = PyvrpRouter(recombines, pace=0.02)
    began_at = time.monotonic()
    first, second = (router.solve(instance, seconds=30.0, seed=4, threads=1) for _ in range(2))
    assert time.monotonic() - began_at < 30.0
    assert first == second
    assert first != router.solve(instance, seconds=30.0, seed=5, threads=1)


def test_an_answer_says_whether_the_clock_ended_it(six: Instance, trips: Instance) -> None:
    assert solve(trips, seconds=2.0, threads=1).repeatable
    assert not solve(trips, engine="ortools", seconds=0.2, threads=1).repeatable
    assert not solve(six, seconds=0.2, threads=2).repeatable


def test_two_processes_keep_the_time_and_the_rules(make_random: Callable[..., Instance]) -> None:
    instance = make_random(9, 40)
    began_at = time.monotonic()
    found = solve(instance, seconds=1.5, seed=1, threads=2)
    assert time.monotonic() - began_at < 4.0
    assert found.verdict.violations == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_large_instance_is_searched_by_parts(make_random: Callable[..., Instance], engine: str) -> None:
    instance = make_random(1, 320)
    told: list[tuple[int, int]] = []
    found = solve(
        instance,
        engine=engine,
        seconds=3.0,
        seed=1,
        threads=2,
        progress=lambda _, left, paid: told.append((left, paid)),
    )
    assert found.verdict.violations == ()
    assert told == sorted(told, reverse=True)
    hopeless = len(instance.clients) - len(servable(instance))
    assert (len(found.solution.unserved) - hopeless, found.verdict.cost) <= told[0]


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0.0}, {"seconds": float("nan")}, {"threads": 0}, {"engine": "guess"}]
)
def test_arguments_that_mean_nothing_are_refused(six: Instance, wrong: dict[str, object]) -> None:
    (field,) = wrong
    with pytest.raises(ValueError, match=f"{field} must be"):
        solve(six, **wrong)  # type: ignore[arg-type]  # that is the point


def test_solutions_go_to_pyvrp_and_back(own: Instance, trips: Instance, mixed: Instance) -> None:
    for instance in (own, trips, mixed):
        made = insert_all(instance)
        assert made.unserved == ()
        there = Model(instance).start(made)
        assert (there.is_feasible(), there.distance_cost() + there.fixed_vehicle_cost()) == (
            True,
            cost(instance, made),
        )
        assert Model(instance).solution(there, "insertion") == made


def test_repair_finds_places_for_who_was_left_out(six: Instance) -> None:
    # Routes that leave no vehicle for 5 and 6, though three are enough for all.
    clumsy = make_solution(six, [Route(0, ((1,),)), Route(0, ((2, 4),)), Route(0, ((3,),))], "clumsy")
    assert (clumsy.unserved, is_valid(six, clumsy)) == ((5, 6), True)
    made = repair(six, clumsy, ends_at=time.monotonic() + 20, seed=1)
    assert (made.unserved, check_solution(six, made).violations) == ((), ())
    assert repair(six, made, ends_at=time.monotonic() + 20, seed=1) is made


def test_routes_met_are_put_together_to_the_best_choice(six: Instance) -> None:
    poor = make_solution(six, [Route(0, ((1, 4),)), Route(0, ((3, 2),)), Route(0, ((5, 6),))], "poor")
    good = [Route(0, ((2, 1),)), Route(0, ((3, 4),))]
    assert is_valid(six, make_solution(six, good, "good"))
    made = recombine(six, good, poor, ends_at=time.monotonic() + 5, seed=0)
    assert {route.nodes for route in made.routes} == {(2, 1), (3, 4), (5, 6)}
    assert recombine(six, [], made, ends_at=time.monotonic() + 5, seed=0) is made


def test_trips_of_different_days_are_put_into_one_day(trips: Instance) -> None:
    dear = make_solution(trips, [Route(0, ((1,), (3,), (2,)))], "dear")
    assert is_valid(trips, dear)
    other = Route(0, ((3, 1),))
    made = recombine(trips, [other], dear, ends_at=time.monotonic() + 5, seed=0)
    assert made.routes == (Route(0, ((3, 1), (2,))),)


@pytest.mark.parametrize("style", [STEEP, ANNEALED, Style(2, 5.0, 1.0)])
def test_a_search_goes_on_from_where_it_is_told_and_never_ends_above_it(
    make_random: Callable[..., Instance], style: Style
) -> None:
    instance = make_random(4, 15)
    start = insert_all(instance)
    assert start.unserved == ()
    task = Task(instance, Limit(time.monotonic() + 5, rounds=50), 1, start=start, style=style)
    found, again = search(task), search(task)
    assert (found.in_time, found.rounds) == (True, 50)
    assert found.solution is not None
    assert cost(instance, found.solution) <= cost(instance, start)
    assert again.solution == found.solution


@given(st.integers(0, 1000), st.floats(0, 1), st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_a_division_into_parts_loses_nothing(seed: int, turn: float, parts: int) -> None:
    instance = random_instance(seed, 25)
    whole: Solution = insert_all(instance)
    groups = neighbouring_groups(instance, whole, parts, turn)
    assert 1 <= len(groups) <= parts
    assert sorted(route for group in groups for route in map(repr, group)) == sorted(map(repr, whole.routes))
    for group in groups:
        nodes = sorted(node for route in group for node in route.nodes)
        small = part(instance, nodes)
        there = inside(group, nodes)
        assert outside(there, nodes) == tuple(group)
        assert cost(small, make_solution(small, there, "x")) == cost(
            instance, make_solution(instance, group, "x")
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_window_before_the_release_is_no_choice(own: Instance, engine: str) -> None:
    late = replace(own, clients=(replace(own.client(1), release=80), own.client(2)))
    assert late.client(1).windows[0][1] < 80
    assert solve(late, engine=engine, seconds=0.3).is_feasible
