"""What the demo county has on order, and what its townships have asked for, when the desks open."""

from tcm.knowledge import load
from tcm.records.people import Staff
from tcm.records.roles import Role
from tcm.records.stock import MG_PER_G
from tcm.services import purchasing, requisitioning
from tcm.services.purchasing import Wanted
from tcm.store.stock_queries import shelf
from web.demo.stock import MARK_UP
from web.demo.town import Town

# What a small hospital keeps in its own cupboard for patients who cook at home.
ASKED = (("甘草", 500.0), ("生姜", 800.0), ("大枣", 1000.0))
SENT = (("薄荷", 400.0), ("金银花", 600.0))
SHORT_G = 15.0


def place_orders(town: Town, tag: str) -> None:
    """An approved order of what runs low, another that waits, a requisition that waits, one received short.

    Args:
        town: The county, with a stocked shelf.
        tag: Of the forms' keys.
    """
    knowledge = load()
    manager, floor = (town.staff[role][0].actor for role in (Role.MANAGER, Role.FLOOR))
    first, second = _two_houses(town.staff[Role.DOCTOR])
    with town.work() as work:
        suppliers = [one.id or 0 for one in work.suppliers.all()]
        low = [row for row in shelf(work.session, town.day).values() if row.is_low]
        wanted = [
            Wanted(row.herb, 2 * row.low_mg / MG_PER_G, round((row.fen_per_kg or 0) / MARK_UP)) for row in low
        ]
        half = len(wanted) // 2
        if half:
            ordered = purchasing.draft(work, floor, knowledge, suppliers[0], wanted[:half], f"{tag}-1")
            purchasing.approve(work, manager, ordered.id or 0)
            purchasing.draft(
                work, floor, knowledge, suppliers[1], wanted[half:], f"{tag}-2", note="低于低限，请批"
            )
        requisitioning.ask(work, first.actor, knowledge, ASKED, f"{tag}-3", note="门诊患者自煎用")
        sent = requisitioning.ask(work, second.actor, knowledge, SENT, f"{tag}-4", note="感冒患者备药")
        grams = {line.id or 0: line.asked_mg / MG_PER_G for line in sent.lines}
        requisitioning.send(work, floor, sent.id or 0, grams)
        row, amount_g = next(iter(grams.items()))
        arrived = {**grams, row: amount_g - SHORT_G}
        requisitioning.receive(work, second.actor, sent.id or 0, arrived, "路上袋子破了，洒了一些")
        work.commit()


def _two_houses(doctors: list[Staff]) -> tuple[Staff, Staff]:
    first = doctors[0]
    return first, next(one for one in doctors if one.institution_id != first.institution_id)
