"""The migrations make the tables that the code expects, on both databases."""

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import migrations
from tcm.records.centre import Vehicle
from tcm.records.clinical import PhotographKind, PhotographState, Preparation
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.records.plans import Plan, PlanKind
from tcm.store.engine import Store, open_engine
from tcm.store.migrate import is_current, upgrade
from tcm.store.tables import encounters, metadata, photographs, prescriptions, reviews
from tests.conftest import KEYS
from tests.tcm.county import County, draft


def test_the_migrated_database_is_what_the_tables_say(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_migrated_database_is_current(store: Store) -> None:
    assert is_current(store.engine)


def down(store: Store, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with store.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
        connection.commit()


def test_granules_never_become_decocted_by_going_back(store: Store) -> None:
    county = County(store)
    granules = county.drafted(draft(preparation=Preparation.GRANULES, usage="开水冲服"))
    with pytest.raises(RuntimeError, match="1 prescriptions are granules"):
        down(store, "0008")
    assert is_current(store.engine)
    assert county.now(granules).preparation is Preparation.GRANULES


def test_a_county_that_only_decocts_goes_back_and_forth(store: Store) -> None:
    county = County(store)
    county.drafted()
    down(store, "0008")
    assert not is_current(store.engine)
    upgrade(store.engine)
    with store.engine.connect() as connection:
        assert connection.scalars(select(prescriptions.c.preparation)).all() == [Preparation.DECOCTED]


def test_a_sheet_that_was_entered_again_is_not_forgotten_by_going_back(store: Store) -> None:
    county = County(store)
    for state in (State.CANCELLED, State.DRAFT):
        prescription = county.drafted()
        with county.work() as work:
            entered = work.prescriptions.locked(prescription.key())
            entered.paper_number, entered.state = "H1-P-1", state
            work.commit()
    with pytest.raises(RuntimeError, match="1 sheets were entered again"):
        down(store, "0021")
    assert is_current(store.engine)


def test_findings_written_before_they_were_sealed_are_sealed_and_can_be_read(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}", KEYS)
    upgrade(engine, "0001")
    found = [{"rule": "ddi", "message": "患者在用呋塞米"}]
    insert_old = text(
        "INSERT INTO reviews (prescription_id, pharmacist_id, decided_at, decision, reason_code, note,"
        " herbs, verdict, findings) VALUES (1, 1, '2026-11-21 00:00:00', 'approved', '',"
        " x'00', '[]', 'warn', :found)"
    )
    with engine.connect() as connection:
        # The review alone is looked at: whose it is does not matter here.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(insert_old, {"found": json.dumps(found)})
        connection.commit()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(select(reviews.c.findings)) == found
        assert connection.scalar(text("SELECT substr(findings, 1, 1) FROM reviews")) == b"\x01"
    engine.dispose()


def test_visits_and_prescriptions_of_before_the_rules_had_versions_are_kept(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}", KEYS)
    upgrade(engine, "0002")
    visit = (
        "INSERT INTO encounters (id, patient_id, institution_id, doctor_id, opened_at, complaint, history,"
        " inquiry, pulse, conditions, western_drugs, pregnant, lactating, request_key) VALUES"
        " (1, 1, 1, 1, '2026-11-21', x'00', x'00', x'00', x'00', x'00', x'00', 0, 0, 'v')"
    )
    prescription = (
        "INSERT INTO prescriptions (id, encounter_id, patient_id, institution_id, village_id, doctor_id,"
        " state, version, disease, syndrome, doses_count, doses_per_day, usage, decoction_class, visit_type,"
        " extended_supply_reason, urgent, edited_at, signed_at, request_key) VALUES"
        " ({id}, 1, 1, 1, 1, 1, 'draft', 1, '', '', 7, 1, '', '', 'outpatient', x'00', 0, '2026-11-21',"
        " {signed}, 'p{id}')"
    )
    with engine.connect() as connection:
        # Whose they are does not matter here.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text(visit))
        connection.execute(text(prescription.format(id=1, signed="'2026-11-21 01:00:00'")))
        connection.execute(text(prescription.format(id=2, signed="NULL")))
        connection.commit()
    upgrade(engine)
    with engine.connect() as connection:
        versions = connection.execute(
            select(prescriptions.c.rules_version).order_by(prescriptions.c.id)
        ).scalars()
        assert (list(versions), connection.scalar(select(encounters.c.labs))) == (["shipped", ""], {})
    engine.dispose()


def test_photographs_of_before_there_was_a_queue_are_tongues_that_were_read(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}", KEYS)
    upgrade(engine, "0003")
    photograph = (
        "INSERT INTO photographs (id, encounter_id, taken_at, blob_key, overlay_key, sha256, drawn, model,"
        " signs, request_key) VALUES (1, 1, '2026-11-21', 'a', 'b', 'c', 0, 'tongue-1', x'00', 'k')"
    )
    with engine.connect() as connection:
        # Whose it is does not matter here.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text(photograph))
        connection.commit()
    upgrade(engine)
    kept = photographs.c
    with engine.connect() as connection:
        columns = select(kept.kind, kept.state, kept.refusal, kept.reading, kept.blob_key, kept.model)
        assert tuple(connection.execute(columns).one()) == (
            PhotographKind.TONGUE,
            PhotographState.READ,
            "",
            None,
            "a",
            "tongue-1",
        )
    engine.dispose()


def test_vehicles_villages_and_plans_of_before_events_can_do_what_they_could(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}", KEYS)
    upgrade(engine, "0004")
    rows = (
        "INSERT INTO institutions (id, code, kind, name, township, lon, lat, coordinate_source, phone,"
        " has_road) VALUES (1, 'V1', 'village_clinic', '白石村卫生室', '', 113.0, 29.0, '', '', 1)",
        "INSERT INTO vehicles (id, name, courier_id, capacity_bags, shift_start_min, shift_end_min,"
        " km_cost_fen, fixed_cost_fen, active) VALUES (1, '1号车', 1, 60, 480, 1080, 90, 8000, 1)",
        "INSERT INTO plans (id, day, state, asked_by_id, asked_at, from_minute, seconds, seed,"
        " progress_percent, stage, problem, result, unserved, violations, failure, in_force, request_key)"
        " VALUES (1, '2026-11-21', 'done', 1, '2026-11-21', 480, 20.0, 0, 100, '', '{}', '{}', '[]', '[]',"
        " '', 1, 'k')",
    )
    with engine.connect() as connection:
        # Whose they are does not matter here.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for row in rows:
            connection.execute(text(row))
        connection.commit()
    upgrade(engine)
    with Session(engine) as session:
        village, vehicle, plan = (session.get_one(kind, 1) for kind in (Institution, Vehicle, Plan))
    assert (village.vehicle_kinds, village.door_windows) == (["van", "motorbike", "foot"], [])
    assert (vehicle.kind, vehicle.capacity_ml, vehicle.breaks) == ("van", None, [])
    assert (vehicle.max_trips, vehicle.speed_factor) == (4, 1.0)
    assert (plan.kind, plan.cancelled_at, plan.difference) == (PlanKind.DAY, None, {})
    assert (plan.told, plan.roads, plan.in_force) == ([], {}, True)
    engine.dispose()


def test_what_was_set_aside_of_one_lot_in_two_parts_becomes_one(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}", KEYS)
    upgrade(engine, "0020")
    insert_old = text(
        "INSERT INTO reservations (id, prescription_id, lot_id, herb, amount_mg, used_at) VALUES"
        " (1, 1, 1, '党参', 42000, NULL), (2, 1, 1, '党参', 40000, NULL), (3, 1, 2, '白术', 7, NULL),"
        " (4, 1, 1, '党参', 84000, '2026-11-21 00:00:00')"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(insert_old)
        connection.commit()
    upgrade(engine)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT id, amount_mg FROM reservations ORDER BY id")).all()
    assert [tuple(row) for row in kept] == [(1, 82_000), (3, 7), (4, 84_000)]
    engine.dispose()
