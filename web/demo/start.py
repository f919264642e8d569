"""The demo as `tangye up --demo` opens it: a county at work, with a queue to review and a day to plan."""

import os
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tcm.demand.series import week_of
from tcm.knowledge import load
from tcm.records.clock import Clock, county_day, day_start, utc_now
from tcm.records.roles import Role
from tcm.services.signing_in import make_hasher
from tcm.store.engine import Store
from web.demo import county
from web.demo.clock import DayClock
from web.demo.mornings import write_prescriptions
from web.demo.orders import place_orders
from web.demo.outage import fill_drawers
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.stock import bring_goods, bring_past_use
from web.demo.systems import connect_hospital
from web.demo.today import light_pots, live_until
from web.demo.together import confer
from web.demo.town import Tell, Town
from web.demo.week import PRESCRIPTIONS, first_day, live_week
from web.demo.weighing import put_on_the_scales
from web.settings import Settings

PASSWORD_VARIABLE = "TANGYE_DEMO_PASSWORD"  # noqa: S105 - the name of a variable
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of a file
APPROVED = 14
WAITING = 10
# Wait for a pharmacist's inspection when the desks open.
NEW_GOODS = ("党参", "当归", "黄芪", "三七", "川贝母")
# All of it lies in the past when the desks open: 24 visits, 14 reviews and what follows take some 41 minutes.
BEFORE_OPENING = timedelta(minutes=45)

LOOKS = {
    Role.DOCTOR: "/doctor      photograph, prescribe, sign (doctor01 ... doctor22; expert01, 02)",
    Role.PHARMACIST: "/pharmacist  the queue (pharmacist01 ... 03)",
    Role.MANAGER: "/manager     plan the day",
    Role.FLOOR: "/floor       soak, decoct, pack (floor01 ... 06)",
    Role.COURIER: "/courier     own route (courier01 ... 08)",
    Role.ADMIN: "/admin       staff, access log, ledger",
}


@dataclass(frozen=True)
class DemoLogins:
    """How to log in to the demo.

    Args:
        password: Of every demo user.
        users: Role, user name and where it leads.
    """

    password: str
    users: tuple[tuple[str, str, str], ...]


def start_demo(
    store: Store,
    settings: Settings,
    seed: int,
    environ: Mapping[str, str],
    tell: Tell,
    *,
    week: bool = True,
    clock: Clock = utc_now,
) -> DemoLogins:
    """Set up the demo county where nobody works yet; a county already there is left as it is.

    Args:
        store: Migrated.
        settings: Say how passwords are hashed.
        seed: Of everything drawn by lot.
        environ: `TANGYE_DEMO_PASSWORD` gives the password of a new demo.
        tell: Told the stage, how many are done, and of how many.
        week: Whether work lies behind it; without, the county is as on its first morning.
        clock: Tells when the desks open.

    Returns:
        The log-ins.
    """
    password = demo_password(store.home, environ)
    if not county.is_set_up(store):
        opens_at = day_start(first_day(county_day(clock()))) if week else clock()
        found_county(store, settings, password, seed, opens_at)
        _live(store, settings, seed, clock, tell, week=week)
    return DemoLogins(password, tuple((role.value, f"{role.value}01", look) for role, look in LOOKS.items()))


def found_county(
    store: Store, settings: Settings, password: str, seed: int, opens_at: datetime | None = None
) -> None:
    """Set up houses, staff and equipment in an empty store.

    Args:
        store: Migrated and empty.
        settings: Say how passwords are hashed.
        password: Of every demo user.
        seed: Of the invented names.
        opens_at: When the first patients may come, aware; None for now.
    """
    hasher = make_hasher(settings.argon2_time_cost, settings.argon2_memory_kib, settings.argon2_parallelism)
    county.set_up(store, hasher.hash(password), seed, opens_at)


def demo_password(home: Path, environ: Mapping[str, str]) -> str:
    """The password of the demo users, made once and kept in the instance folder with mode 600.

    Args:
        home: The instance folder.
        environ: `TANGYE_DEMO_PASSWORD` is used for a new demo instead of a made one.

    Returns:
        The password.
    """
    path = home / PASSWORD_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    password = environ.get(PASSWORD_VARIABLE) or f"tangye-{secrets.token_hex(4)}"
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    return password


def _live(store: Store, settings: Settings, seed: int, clock: Clock, tell: Tell, *, week: bool) -> None:
    """What lies behind, today's round as far as it is, the pots on the fire, and what waits on the desks."""
    now = clock()
    opens_at, today = now - BEFORE_OPENING, county_day(now)
    photographs = Photographs(None, seed)
    if week:
        town = live_week(store, seed, today, settings.public_url, tell)
        live_until(town, opens_at, seed)
    town = Town(store, DayClock(opens_at), load(), random.Random(seed), today, tell)  # noqa: S311
    town.meet()
    if week:
        light_pots(town, now, seed)
    _open_the_day(town, photographs, seed, week=week)


def _open_the_day(town: Town, photographs: Photographs, seed: int, *, week: bool) -> None:
    approved = write_prescriptions(town, photographs, APPROVED, f"start-{seed}")
    review_all(town)
    write_prescriptions(town, photographs, WAITING, f"start-waiting-{seed}")
    with town.work() as work:
        bring_goods(work, seed, NEW_GOODS)
        # Before the shelf's own record begins, which is today without a week behind.
        until = first_day(town.day) if week else week_of(county_day(work.now))
        bring_past_use(work, seed, until, sum(PRESCRIPTIONS))
        work.commit()
    place_orders(town, f"start-orders-{seed}")
    put_on_the_scales(town, approved)
    confer(town, f"start-together-{seed}")
    connect_hospital(town, f"HIS-{seed}")
    fill_drawers(town, f"start-papers-{seed}")
