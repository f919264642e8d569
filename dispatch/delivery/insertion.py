"""Cheapest insertion: a first set of tours that always keeps every rule."""

from dispatch.delivery.tours import RouteProblem, Tours


def insertion_tours(problem: RouteProblem) -> Tours:
    """Insert the stops, urgent and early packed ones first, where they cost least.

    Every position of every trip is tried, and a further trip at the end of each vehicle's day. A stop that
    fits nowhere is left out.
    """
    tours: Tours = [[] for _ in problem.vehicles]
    costs = [0.0] * len(problem.vehicles)
    stops = problem.stops
    order = sorted(
        range(len(stops)), key=lambda s: (-stops[s].priority, stops[s].ready_min, -stops[s].bags, s)
    )
    for stop in order:
        options = [
            (cost - costs[vehicle], vehicle, trips)
            for vehicle in range(len(problem.vehicles))
            for cost, trips in _options(problem, vehicle, tours[vehicle], stop)
        ]
        if not options:
            continue
        extra, vehicle, trips = min(options, key=lambda option: option[:2])
        tours[vehicle] = trips
        costs[vehicle] += extra
    return tours


def _options(
    problem: RouteProblem, vehicle: int, trips: list[list[int]], stop: int
) -> list[tuple[float, list[list[int]]]]:
    found: list[tuple[float, list[list[int]]]] = []

    def consider(changed: list[list[int]]) -> None:
        times = problem.times(vehicle, changed)
        if times is not None:
            found.append((problem.vehicle_cost(vehicle, changed, times), changed))

    for number, trip in enumerate(trips):
        if not problem.holds(vehicle, [*trip, stop]):
            continue
        for place in range(len(trip) + 1):
            consider([*trips[:number], [*trip[:place], stop, *trip[place:]], *trips[number + 1 :]])
    if len(trips) < problem.trips_left(vehicle) and problem.holds(vehicle, [stop]):
        consider([*trips, [stop]])
    return found
