"""Plans of days and their routes."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.errors import N_, NotFound
from tcm.records.plans import Plan, PlanState, Route
from tcm.store import tables as t
from tcm.store.repositories.base import Repository


class PlanRepository(Repository[Plan]):
    """Plans of days."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Plan, N_("没有这份计划。"))

    def in_force(self, day: date) -> Plan | None:
        """The plan that is followed on a day.

        Args:
            day: County date.

        Returns:
            The plan, or None before one is made.
        """
        return self._one(select(Plan).filter_by(day=day, in_force=True))

    def next_in_force(self, day: date) -> Plan | None:
        """The plan that is followed on a day or on the first planned day after it.

        Args:
            day: County date.

        Returns:
            The plan, or None where nothing is planned from that day on.
        """
        query = select(Plan).where(t.plans.c.day >= day, t.plans.c.in_force).order_by(t.plans.c.day)
        return self._one(query.limit(1))

    def newest(self, day: date) -> Plan | None:
        """The plan last asked for, whatever became of it.

        Args:
            day: County date.

        Returns:
            The plan, or None.
        """
        return self._one(select(Plan).filter_by(day=day).order_by(t.plans.c.id.desc()).limit(1))

    def state_of(self, plan_id: int) -> PlanState | None:
        """Where a plan stands, without its problem and result.

        Args:
            plan_id: Its row.

        Returns:
            The state, or None where there is no such plan.
        """
        return self.states_of([plan_id]).get(plan_id)

    def states_of(self, plan_ids: Iterable[int]) -> dict[int, PlanState]:
        """Where several plans stand.

        Args:
            plan_ids: Rows; unknown ones are left out.

        Returns:
            State by row.
        """
        query = select(t.plans.c.id, t.plans.c.state).where(t.plans.c.id.in_(set(plan_ids)))
        return {row[0]: row[1] for row in self._session.execute(query)}


class RouteRepository(Repository[Route]):
    """Routes with their stops and deliveries."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Route, N_("没有这条路线。"))

    def of_plan(self, plan_id: int) -> list[Route]:
        """A plan's routes, by row.

        Args:
            plan_id: Which plan.

        Returns:
            The routes.
        """
        return self._many(select(Route).filter_by(plan_id=plan_id).order_by(t.routes.c.id))

    def of_courier(self, courier_id: int, day: date) -> list[Route]:
        """A courier's routes of a day under the plan in force, by row.

        Args:
            courier_id: Whose.
            day: County date.

        Returns:
            The routes.
        """
        query = select(Route).join(t.plans, t.plans.c.id == t.routes.c.plan_id)
        query = query.where(t.routes.c.courier_id == courier_id, t.routes.c.day == day, t.plans.c.in_force)
        return self._many(query.order_by(t.routes.c.id))

    def known_villages(self, since: date, until: date) -> dict[int, list[int]]:
        """The villages that each courier drove to under the plans in force of some days.

        Args:
            since: First county date.
            until: The county date after the last.

        Returns:
            Rows of villages, in order, by courier.
        """
        query = (
            select(t.routes.c.courier_id, t.route_stops.c.village_id)
            .join(t.plans, t.plans.c.id == t.routes.c.plan_id)
            .join(t.route_stops, t.route_stops.c.route_id == t.routes.c.id)
            .where(t.plans.c.in_force, t.plans.c.day >= since, t.plans.c.day < until)
            .distinct()
            .order_by(t.routes.c.courier_id, t.route_stops.c.village_id)
        )
        known: dict[int, list[int]] = {}
        for courier_id, village_id in self._session.execute(query):
            known.setdefault(courier_id, []).append(village_id)
        return known

    def of_stop(self, stop_id: int) -> Route:
        """The route that a stop belongs to, of whatever plan.

        Args:
            stop_id: Row of the stop.

        Returns:
            The route.

        Raises:
            NotFound: When there is no such stop.
        """
        query = select(Route).join(t.route_stops, t.route_stops.c.route_id == t.routes.c.id)
        route = self._one(query.where(t.route_stops.c.id == stop_id))
        if route is None:
            raise NotFound(N_("没有这一站。"))
        return route

    def carrying(self, prescription_ids: Sequence[int]) -> dict[int, Route]:
        """The route in force that carries each prescription.

        Args:
            prescription_ids: Which.

        Returns:
            The newest such route by prescription; those on no route are left out.
        """
        query = (
            select(t.deliveries.c.prescription_id, Route)
            .join(t.route_stops, t.route_stops.c.route_id == t.routes.c.id)
            .join(t.deliveries, t.deliveries.c.route_stop_id == t.route_stops.c.id)
            .join(t.plans, t.plans.c.id == t.routes.c.plan_id)
            .where(t.deliveries.c.prescription_id.in_(list(prescription_ids)), t.plans.c.in_force)
            .order_by(t.routes.c.id)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}
