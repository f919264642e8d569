"""What the demo centre's people sign for besides the medicine: devices, health, the quarter, the locks."""

from datetime import date, timedelta

from tcm.records.clock import county_day
from tcm.records.roles import Role
from tcm.records.upkeep import DeviceKind, Upkeep
from tcm.services import book_keeping, book_views, health_checking, quality_reviewing, upkeeping
from tcm.services.upkeeping import Done
from tcm.store.work import Work
from web.demo.town import Town

# Besides the pots: code, sort, make, and how many days after the desks open its check ends, None as usual.
DEVICES = (
    ("S1", DeviceKind.SCALE, "JJ500 电子秤", None),
    ("S2", DeviceKind.SCALE, "JJ500 电子秤", 9),
    ("B1", DeviceKind.PACKER, "YB50 包装机", -2),
    ("B2", DeviceKind.PACKER, "YB50 包装机", None),
    ("R1", DeviceKind.ROOM, "煎药间", None),
    ("R2", DeviceKind.ROOM, "包装间", None),
)
# Days before the desks open on which each was examined, in turn; the first has to go again within the month.
EXAMINED_BEFORE_DAYS = (350, 40, 75, 130, 160, 205, 240, 270, 300)
OPINIONS = "煎药员：包装间夏天闷热。患者：希望写明每袋怎样加热。"
FINDINGS = "本季度尚未启用本系统，煎药记录在纸上，已抽查30份；2份漏写浸泡开始时间。"
MEASURES = "下季度起每一步用手持机扫码记录；包装间加装排风。"
# The balance behind the locks shows less than the sum of what was weighed out.
MISSED_HERB, MISSING_G, WHY = "川贝母", 0.4, "weighing"
FOUND_OUT = "两人复称两次，差额在多次称量的允差之内，已按实数入账，下月重点复点。"
COUNTING_S, ANSWERED_AFTER_S = 20, 1_200


def begin_records(town: Town) -> None:
    """Write down devices and their checks, who was examined when, and what the quarter before came to.

    Args:
        town: The county before its first day; its own day is that on which the desks open.
    """
    manager, hand = (town.staff[role][0].actor for role in (Role.MANAGER, Role.FLOOR))
    with town.work() as work:
        today = county_day(work.now)
        for code, kind, name, _ in DEVICES:
            upkeeping.add_device(work, manager, code, kind, name)
        ends = {code: town.day + timedelta(days=days) for code, *_, days in DEVICES if days is not None}
        for code in _codes(work, town):
            done = Done(Upkeep.CHECKED, holds_until=ends.get(code))
            upkeeping.note_done(work, hand, code, done, f"demo-check-{code}")
        people = [*town.staff[Role.FLOOR], *town.staff[Role.PHARMACIST]]
        for number, (person, days) in enumerate(zip(people, EXAMINED_BEFORE_DAYS, strict=True), start=1):
            health_checking.enter(
                work,
                manager,
                person.id or 0,
                examined_on=town.day - timedelta(days=days),
                fit=True,
                certificate=f"演示-{number:03}",
                request_key=f"demo-health-{number}",
            )
        quality_reviewing.hold_review(
            work,
            manager,
            _quarter_before(today),
            opinions=OPINIONS,
            findings=FINDINGS,
            measures=MEASURES,
            request_key="demo-quarter",
        )
        work.commit()


def clean_devices(town: Town) -> None:
    """Sign in the evening that everything was cleaned.

    Args:
        town: The county at the end of its day.
    """
    floor = town.staff[Role.FLOOR]
    hand = floor[town.day.toordinal() % len(floor)].actor
    with town.work() as work:
        upkeeping.note_cleaned(work, hand, _codes(work, town), f"demo-clean-{town.day:%Y%m%d}")
        work.commit()


def count_the_book(town: Town) -> None:
    """Count everything behind the two locks, two people together; the manager answers for what is missing.

    Args:
        town: The county in the evening; its clock is moved on.
    """
    hand, second, manager = (town.staff[role][0] for role in (Role.FLOOR, Role.PHARMACIST, Role.MANAGER))
    with town.work() as work:
        herbs = [row.herb for row in book_views.open_book(work, hand.actor).rows if row.balance_mg > 0]
    missing: list[int] = []
    for herb in herbs:
        town.clock.tick(COUNTING_S)
        with town.work() as work:
            lots = book_views.open_page(work, hand.actor, herb).lots
            seen_g = {lot.id or 0: lot.on_hand_mg / 1000 for lot in lots}
            counted_g = dict(seen_g)
            if herb == MISSED_HERB:
                counted_g[lots[0].id or 0] -= MISSING_G
            lines = book_keeping.count(work, hand.actor, second.actor, herb, counted_g, seen_g, WHY)
            missing += [line.id or 0 for line in lines if line.is_difference]
            work.commit()
    town.clock.tick(ANSWERED_AFTER_S)
    with town.work() as work:
        for line_id in missing:
            book_keeping.answer(work, manager.actor, line_id, FOUND_OUT)
        work.commit()


def _codes(work: Work, town: Town) -> list[str]:
    return [row.code for row in upkeeping.list_devices(work, town.staff[Role.FLOOR][0].actor)]


def _quarter_before(day: date) -> str:
    begins, _ = quality_reviewing.bounds_of(quality_reviewing.quarter_of(day))
    return quality_reviewing.quarter_of(begins - timedelta(days=1))
