"""What the demo's couriers bring back: proofs, the warmth of the box, cash, bags that nobody took."""

import random

import cv2
import numpy as np

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.plans import Route
from tcm.records.road import HandingWay, Proof
from tcm.records.roles import Actor, Role
from tcm.services import cashing, cooling, returning
from tcm.store.work import Work
from web.demo.town import Town

# Of ten hand-overs: how the others are signed for stands here by the last digit of the prescription's row.
_WAYS = (HandingWay.CODE,) * 5 + (HandingWay.SIGNATURE,) * 2 + (HandingWay.CLINIC,) * 2 + (HandingWay.PAPER,)
# Of so many prescriptions one has something to be collected at the door.
CASH_ONE_IN, CASH_FEN = 6, 1_500
# Of so many readings one finds the box too warm.
WARM_ONE_IN = 30
COOL_C, WARM_C = (14.0, 19.0), 22.5
# Of so many evenings one finds a yuan too little in a purse.
SHORT_ONE_IN, SHORT_FEN = 9, 100


def ask_cash(town: Town, work: Work, route: Route, trip: int) -> None:
    """Say what is to be collected on a trip.

    Args:
        town: The county today.
        work: The unit of work.
        route: Of which route.
        trip: Which trip of it.
    """
    manager = town.staff[Role.MANAGER][0].actor
    carried = [
        delivery.prescription_id for stop in route.stops if stop.trip == trip for delivery in stop.deliveries
    ]
    for prescription in work.prescriptions.by_ids(carried).values():
        if prescription.key() % CASH_ONE_IN == 0 and prescription.state is State.PACKED:
            cashing.set_due(work, manager, prescription.number or "", CASH_FEN)


def read_box(work: Work, courier: Actor, route_id: int, trip: int) -> None:
    """Read the thermometer of the box.

    Args:
        work: The unit of work.
        courier: Of the route.
        route_id: Which route.
        trip: Which trip of it.
    """
    dice = random.Random(f"{route_id}/{trip}")  # noqa: S311 - an invented thermometer
    if dice.randrange(WARM_ONE_IN):
        cooling.take_temperature(work, courier, route_id, trip, dice.uniform(*COOL_C))
    else:
        cooling.take_temperature(work, courier, route_id, trip, WARM_C, note="箱盖没盖严，已盖好并加冰袋")


def proof_of(work: Work, prescription: Prescription) -> Proof:
    """What the courier has to show at a door.

    Args:
        work: The unit of work.
        prescription: On the van.

    Returns:
        A code, a signature, the clinic's hand, or paper.
    """
    way = _WAYS[prescription.key() % len(_WAYS)]
    if way is HandingWay.CODE:
        told = work.pickup_codes.of_prescription(prescription.key())
        return Proof(way, code=told.code) if told is not None else Proof()
    if way is HandingWay.SIGNATURE:
        return Proof(way, signature_png=_scribble(prescription.key()))
    if way is HandingWay.CLINIC:
        return Proof(way, received_by=work.institutions.get(prescription.village_id).name)
    return Proof()


def paid_for(work: Work, prescription: Prescription) -> int | None:
    """What is paid at a door: all of it.

    Args:
        work: The unit of work.
        prescription: On the van.

    Returns:
        Fen, None where nothing is to be collected.
    """
    due = work.cash_dues.of_prescription(prescription.key())
    return None if due is None else due.due_fen


def sign_in_bags(town: Town) -> None:
    """Count the bags that came back.

    Args:
        town: The county at the time of the second try, or in the evening.
    """
    hand = town.staff[Role.FLOOR][-1].actor
    with town.work() as work:
        for each in returning.coming_back(work, hand):
            returning.sign_in(work, hand, each.prescription.key(), each.bags)
        work.commit()


def hand_in_cash(town: Town) -> None:
    """Count what the couriers collected.

    Args:
        town: The county in the evening.
    """
    hand = town.staff[Role.FLOOR][-1].actor
    with town.work() as work:
        for purse in cashing.purses(work, hand):
            key = f"demo-cash-{town.day:%Y%m%d}-{purse.courier_id}"
            is_short = (town.day.toordinal() + purse.courier_id) % SHORT_ONE_IN == 0
            counted_fen, words = (SHORT_FEN, "少一元，配送员说找零时多找了") if is_short else (0, "")
            cashing.hand_in(work, hand, purse.courier_id, purse.paid_fen - counted_fen, words, key)
        work.commit()


def _scribble(seed: int) -> bytes:
    """A line that nobody can read, as signatures are; as a PNG."""
    dice = random.Random(seed)  # noqa: S311 - an invented hand
    across = np.linspace(30, 370, 14)
    points = np.array([(x, 75 + dice.uniform(-45, 45)) for x in across], dtype=np.int32)
    paper = np.full((150, 400), 255, dtype=np.uint8)
    cv2.polylines(paper, [points], isClosed=False, color=20, thickness=3, lineType=cv2.LINE_AA)
    return bytes(cv2.imencode(".png", paper)[1])
