"""An instance as a model of OR-Tools' routing library.

A vehicle that makes several trips is a chain of virtual vehicles: each leaves after the one before is back.
Release times ride in a dimension with zero transit: one number for a whole trip, not below the release of any
of its clients, and the departure is not below that number.
"""

from ortools.constraint_solver import pywrapcp

from dispatch.routing.instance import NO_LIMIT, UNREACHABLE, Instance, Matrix
from dispatch.routing.solution import Route, Solution, make_solution

# Trips of a chain at most: each is a vehicle of its own to the library.
_MOST_TRIPS = 6


class Model:
    """One instance in OR-Tools' terms.

    Args:
        instance: the problem.
        known: a solution; its vehicles and some more are put into the model, not the whole fleet.
    """

    def __init__(self, instance: Instance, known: Solution) -> None:
        self.instance = instance
        self.virtual = _virtual_vehicles(instance, known)
        size = len(instance.clients) + 1
        self.manager = pywrapcp.RoutingIndexManager(size, len(self.virtual), 0)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._costs()
        self._loads()
        self._times()
        self._closed()
        dearest = max(kind.unit_cost for kind in instance.vehicle_types)
        dearest_vehicle = max(kind.fixed_cost for kind in instance.vehicle_types)
        distances = instance.distances
        penalty = 1 + 6 * dearest * int(distances[distances < UNREACHABLE].max()) + 2 * dearest_vehicle
        for node in instance.nodes:
            self.routing.AddDisjunction([self.manager.NodeToIndex(node)], penalty)

    def first(self, solution: Solution) -> pywrapcp.Assignment | None:
        """Our solution as an assignment of the closed model, None when the model does not hold it."""
        chains: dict[int, list[list[int]]] = {}
        for at, (kind, _, trip) in enumerate(self.virtual):
            if trip == 0:
                chains.setdefault(kind, []).append([at])
            else:
                chains[kind][-1].append(at)
        indices: list[list[int]] = [[] for _ in self.virtual]
        for route in solution.routes:
            chain = chains[route.vehicle_type].pop(0) if chains.get(route.vehicle_type) else []
            if len(route.trips) > len(chain):
                return None
            for virtual, nodes in zip(chain, route.trips, strict=False):
                indices[virtual] = [self.manager.NodeToIndex(node) for node in nodes]
        return self.routing.ReadAssignmentFromRoutes(indices, True)

    def solution(self, found: pywrapcp.Assignment, engine: str) -> Solution:
        """An assignment in our terms."""
        days: dict[tuple[int, int], list[tuple[int, ...]]] = {}
        for at, (kind, vehicle, _) in enumerate(self.virtual):
            index = found.Value(self.routing.NextVar(self.routing.Start(at)))
            trip: list[int] = []
            while not self.routing.IsEnd(index):
                trip.append(self.manager.IndexToNode(index))
                index = found.Value(self.routing.NextVar(index))
            days.setdefault((kind, vehicle), []).append(tuple(trip))
        routes = [Route(kind, tuple(trips)) for (kind, _), trips in days.items()]
        return make_solution(self.instance, routes, engine)

    def _costs(self) -> None:
        by_rate: dict[int, int] = {}
        for at, (kind, _, trip) in enumerate(self.virtual):
            one = self.instance.vehicle_types[kind]
            if one.unit_cost not in by_rate:
                matrix = (self.instance.distances * one.unit_cost).tolist()
                by_rate[one.unit_cost] = self.routing.RegisterTransitMatrix(matrix)
            self.routing.SetArcCostEvaluatorOfVehicle(by_rate[one.unit_cost], at)
            if trip == 0:
                self.routing.SetFixedCostOfVehicle(one.fixed_cost, at)

    def _loads(self) -> None:
        for figure in range(len(self.instance.vehicle_types[0].capacity)):
            loads = [0, *(client.demand[figure] for client in self.instance.clients)]
            limits = [self.instance.vehicle_types[kind].capacity[figure] for kind, _, _ in self.virtual]
            callback = self.routing.RegisterUnaryTransitVector(loads)
            self.routing.AddDimensionWithVehicleCapacity(callback, 0, limits, True, f"load {figure}")
        if any(kind.max_distance is not None for kind in self.instance.vehicle_types):
            matrix = self.routing.RegisterTransitMatrix(self.instance.distances.tolist())
            limits = [
                NO_LIMIT if (most := self.instance.vehicle_types[kind].max_distance) is None else most
                for kind, _, _ in self.virtual
            ]
            self.routing.AddDimensionWithVehicleCapacity(matrix, 0, limits, True, "distance")

    def _times(self) -> None:
        instance, routing = self.instance, self.routing
        ends = [instance.depot.close_at, *(client.windows[-1][1] for client in instance.clients)]
        ends += [kind.end_at for kind in instance.vehicle_types]
        if min(ends) >= NO_LIMIT and not any(client.release for client in instance.clients):
            return
        latest = min(NO_LIMIT, instance.depot.close_at)
        transit = routing.RegisterTransitMatrix(_with_service(instance))
        routing.AddDimension(transit, latest, latest, False, "time")
        time = routing.GetDimensionOrDie("time")
        leave = None
        if any(client.release for client in instance.clients):
            routing.AddConstantDimension(0, latest, False, "leave")
            leave = routing.GetDimensionOrDie("leave")
        for node in instance.nodes:
            client, index = instance.client(node), self.manager.NodeToIndex(node)
            time.CumulVar(index).SetRange(client.windows[0][0], min(latest, client.windows[-1][1]))
            for (_, last), (first, _) in zip(client.windows[:-1], client.windows[1:], strict=True):
                time.CumulVar(index).RemoveInterval(last + 1, first - 1)
            if leave is not None:
                leave.CumulVar(index).SetMin(min(latest, client.release))
        solver = routing.solver()
        for at, (kind, _, trip) in enumerate(self.virtual):
            one = instance.vehicle_types[kind]
            start, end = time.CumulVar(routing.Start(at)), time.CumulVar(routing.End(at))
            for each in (start, end):
                each.SetRange(max(one.start_at, instance.depot.open_at), min(one.end_at, latest))
            if leave is not None:
                solver.Add(start >= leave.CumulVar(routing.Start(at)))
                routing.AddVariableMinimizedByFinalizer(leave.CumulVar(routing.Start(at)))
            if trip:
                solver.Add(start >= time.CumulVar(routing.End(at - 1)))
            routing.AddVariableMinimizedByFinalizer(start)

    def _closed(self) -> None:
        if all(client.vehicle_types is None for client in self.instance.clients):
            return
        for node in self.instance.nodes:
            allowed = [
                at for at, (kind, _, _) in enumerate(self.virtual) if self.instance.may_visit(kind, node)
            ]
            # -1 is nobody: the client may still be left out.
            self.routing.VehicleVar(self.manager.NodeToIndex(node)).SetValues([-1, *allowed])


def _virtual_vehicles(instance: Instance, known: Solution) -> list[tuple[int, int, int]]:
    """(type, vehicle, trip), the trips of one vehicle one after another."""
    found = []
    for at, kind in enumerate(instance.vehicle_types):
        mine = [route for route in known.routes if route.vehicle_type == at]
        count = min(kind.count, len(mine) + len(mine) // 10 + 5) if not known.unserved else kind.count
        trips = max([2, *(len(route.trips) + 1 for route in mine)])
        trips = min(kind.max_trips, max(trips, _MOST_TRIPS))
        found += [
            (at, vehicle, trip)
            for vehicle in range(min(count, len(instance.clients)))
            for trip in range(trips)
        ]
    return found


def _with_service(instance: Instance) -> list[list[int]]:
    service = [0, *(client.service for client in instance.clients)]
    durations: Matrix = instance.durations
    return [[spent + cell for cell in row] for spent, row in zip(service, durations.tolist(), strict=True)]
