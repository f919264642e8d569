"""The road as the centre sees it: what comes back, who has cash, and what the manager has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tcm.records.clock import day_start
from tcm.records.errors import N_, Invalid
from tcm.records.lifecycle import State
from tcm.records.people import Staff
from tcm.records.permissions import Action, demand, may
from tcm.records.plans import Route
from tcm.records.road import BagReturn, BoxReading, CashDue, CashHandIn, CourierAct, CourierSettings, Handover
from tcm.records.roles import Actor
from tcm.services.cashing import Purse, purses
from tcm.services.cooling import LIMITS
from tcm.services.handing_over import settings_of
from tcm.services.retrying import HeldBack, held_back
from tcm.services.returning import Returning, coming_back
from tcm.store.queries import standings
from tcm.store.work import Work

# Differences are looked at for so long.
LOOKED_BACK = timedelta(days=7)


@dataclass(frozen=True)
class Attention:
    """What only the manager sees.

    Args:
        refused: What phones sent and the house refused, not seen yet.
        outside: Boxes outside their limits, not seen yet.
        held: Failed deliveries that wait for a later day or for the manager.
        bags: Returns of which the count did not agree.
        hand_ins: Cash that came to the centre.
        dues: Cash that is to be collected.
        handovers: What was handed over today, newest first.
        routes: Of the boxes, by row.
        settings: How the centre delivers.
    """

    refused: Sequence[CourierAct]
    outside: Sequence[BoxReading]
    held: Sequence[HeldBack]
    bags: Sequence[BagReturn]
    hand_ins: Sequence[CashHandIn]
    dues: Sequence[CashDue]
    handovers: Sequence[Handover]
    routes: dict[int, Route]
    settings: CourierSettings


@dataclass(frozen=True)
class RoadView:
    """The road; it names no patient.

    Args:
        coming_back: Bags that could not be handed over.
        purses: Who has cash in hand.
        attention: What the manager has to look at, None for others.
        people: Staff by row.
        numbers: Number by prescription.
    """

    coming_back: Sequence[Returning]
    purses: Sequence[Purse]
    attention: Attention | None
    people: dict[int, Staff] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)


def road_view(work: Work, actor: Actor, today: date) -> RoadView:
    """The road as the centre sees it.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        today: County date.

    Returns:
        The view.

    Raises:
        Forbidden: For other roles.
    """
    back, cash = coming_back(work, actor), purses(work, actor)
    attention = _attention(work, actor, today) if may(actor, Action.ROAD_DECIDE) else None
    people = {each.attempt.courier_id for each in back} | {each.courier_id for each in cash}
    named = {receipt.prescription_id for purse in cash for receipt in purse.receipts}
    if attention is not None:
        people |= _people_of(attention)
        named |= _prescriptions_of(attention)
    return RoadView(
        coming_back=back,
        purses=cash,
        attention=attention,
        people=work.staff.by_ids(people),
        numbers={key: each.number for key, each in standings(work.session, named).items()},
    )


def decide(work: Work, actor: Actor, *, paper_enough: bool, attempts_most: int, box: str) -> CourierSettings:
    """Decide how the centre delivers.

    Args:
        work: The unit of work.
        actor: A manager.
        paper_enough: Whether a signature on the printed sheet is proof enough.
        attempts_most: After so many tries in vain the manager decides.
        box: Code of the limits of the cold box.

    Returns:
        The decision, which holds from now on.

    Raises:
        Invalid: When there are no such limits.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_DECIDE)
    if box not in LIMITS:
        raise Invalid(N_("请从列出的项目中选择。"))
    return work.courier_settings.add(
        CourierSettings(
            paper_enough=paper_enough,
            attempts_most=attempts_most,
            box=box,
            set_by_id=actor.staff_id,
            set_at=work.now,
        )
    )


def _attention(work: Work, actor: Actor, today: date) -> Attention:
    demand(actor, Action.ROAD_DECIDE)
    outside = work.box_readings.outside_unseen()
    since = work.now - LOOKED_BACK
    failed = work.prescriptions.in_states([State.FAILED])
    return Attention(
        refused=work.courier_acts.refused_unseen(),
        outside=outside,
        held=list(held_back(work, failed, today).values()),
        bags=work.bag_returns.differing_since(since),
        hand_ins=work.cash_hand_ins.since(since),
        dues=work.cash_dues.unpaid(),
        handovers=work.handovers.since(day_start(today)),
        routes=work.routes.by_ids(each.route_id for each in outside),
        settings=settings_of(work),
    )


def _people_of(attention: Attention) -> set[int]:
    couriers = (attention.refused, attention.outside, attention.hand_ins, attention.handovers)
    found = {each.courier_id for group in couriers for each in group}
    found |= {each.received_by_id for each in attention.bags}
    return found | {each.received_by_id for each in attention.hand_ins}


def _prescriptions_of(attention: Attention) -> set[int]:
    groups = (attention.bags, attention.dues, attention.handovers)
    found = {each.prescription_id for group in groups for each in group}
    of_trips = ("loaded", "temperature")
    return found | {each.subject_id for each in attention.refused if each.kind not in of_trips}
