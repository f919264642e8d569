"""Anybody tries anything in any order: the lifecycle, the ledger and the pots hold all the same."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tcm.records.clinical import Prescription
from tcm.records.errors import Refused
from tcm.records.ledger import Event
from tcm.records.lifecycle import MOVES, State
from tcm.records.roles import Actor, Role
from tcm.services import delivering, flooring, prescribing, reviewing
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tests.conftest import KEYS
from tests.tcm.centre import planned, route, stop
from tests.tcm.county import County

MOST_PRESCRIPTIONS = 4
PEOPLE = (
    "doctor",
    "other_doctor",
    "foreign_doctor",
    "pharmacist",
    "colleague",
    "novice",
    "untrained",
    "floor",
    "courier",
    "other_courier",
    "manager",
    "admin",
)
POTS = ("P01", "P02", "S01", "T01", "P99", None)
REASONS_TRIED = ("other", "second_signature", "burnt", "not_home", "", "no such reason")
# Everything here is decocted.
TABLE = {(move.source, move.target): move.roles for move in MOVES if move.needs_pot is not False}
WITH_BAGS = (State.PACKED, State.LOADED, State.DELIVERED, State.FAILED)
BEFORE_APPROVAL = (State.DRAFT, State.SIGNED, State.RETURNED, State.CANCELLED)
# Who takes a prescription how on from where it stands.
NEXT: dict[State, tuple[str, str]] = {
    State.DRAFT: ("doctor", "sign"),
    State.RETURNED: ("doctor", "sign"),
    State.SIGNED: ("pharmacist", "approve"),
    State.APPROVED: ("floor", "dispensed"),
    State.SCRAPPED: ("floor", "dispensed"),
    State.DISPENSED: ("floor", "soaking"),
    State.SOAKING: ("floor", "decocting"),
    State.DECOCTING: ("floor", "packed"),
    State.PACKED: ("courier", "load"),
    State.FAILED: ("courier", "load"),
    State.LOADED: ("courier", "deliver"),
}
# Steps off the straight road: who takes them, and with which reason.
DETOURS = {
    "fail": ("courier", "not_home"),
    "return": ("pharmacist", "second_signature"),
    "cancel": ("doctor", "other"),
    "second_sign": ("doctor", "other"),
    "claim": ("colleague", "other"),
    "release": ("colleague", "other"),
    "draw_off": ("floor", "other"),
    "scrap": ("floor", "burnt"),
}
VERBS = (
    "sign",
    "second_sign",
    "cancel",
    "claim",
    "release",
    "approve",
    "return",
    *(state.value for state in State),
    "draw_off",
    "scrap",
    "load",
    "deliver",
    "fail",
)


class Lifecycle(RuleBasedStateMachine):
    """A county in which people of all roles do what they like.

    Args:
        template: A county whose database is copied for each run.
        home: Folder for the copies.
    """

    numbers = itertools.count()

    def __init__(self, template: County, home: Path) -> None:
        super().__init__()
        self.path = home / f"run-{next(self.numbers)}.sqlite"
        self.path.write_bytes((template.store.home / "tangye.sqlite").read_bytes())
        engine = open_engine(f"sqlite:///{self.path}", KEYS)
        self.county = template.at(Store(engine, KEYS, Blobs(str(home / "blobs"), KEYS), home))
        self.visit = self.county.visited()
        self.seen: dict[int, list[Event]] = {}

    def teardown(self) -> None:
        """Take the copy away."""
        self.county.store.close()
        self.path.unlink()

    @initialize()
    def write_the_first(self) -> None:
        self.county.drafted(visit=self.visit)

    @precondition(lambda self: len(self.prescriptions()) < MOST_PRESCRIPTIONS)
    @rule()
    def write_another(self) -> None:
        self.county.drafted(visit=self.visit)

    @rule(
        which=st.integers(0, MOST_PRESCRIPTIONS - 1),
        pot=st.sampled_from(POTS[:2]),
        until=st.sampled_from([State.LOADED, State.SIGNED, *State]),
        detour=st.sampled_from([*DETOURS, None]),
    )
    def go_on(self, which: int, pot: str, until: State, detour: str | None) -> None:
        """The right people take the next steps, and perhaps one off the road from where they stop."""
        for _ in NEXT:
            prescription = self.chosen(which)
            if prescription.state is until or prescription.state not in NEXT:
                break
            self.take_next_step(prescription, pot)
        if detour:
            self.go_astray(self.chosen(which), detour)

    def take_next_step(self, prescription: Prescription, pot: str) -> None:
        """Pot, claim or route may still be wanting."""
        who, verb = NEXT[prescription.state]
        if verb == "approve":
            self.attempt_by(self.county.pharmacist, prescription, "claim")
        if verb == "load":
            self.plan_the_day(late=False)
        self.attempt_by(getattr(self.county, who), self.county.now(prescription), verb, pot=pot)

    def go_astray(self, prescription: Prescription, verb: str) -> None:
        """The right person takes a step off the road, where that can be done from here."""
        who, reason = DETOURS[verb]
        if verb == "return":
            self.attempt_by(self.county.pharmacist, prescription, "claim")
        self.attempt_by(getattr(self.county, who), self.county.now(prescription), verb, reason=reason)

    @rule(
        which=st.integers(0, MOST_PRESCRIPTIONS - 1),
        who=st.sampled_from(PEOPLE),
        verb=st.sampled_from(VERBS),
        reason=st.sampled_from(REASONS_TRIED),
        pot=st.sampled_from(POTS),
        stale=st.booleans(),
    )
    def try_anything(
        self, which: int, who: str, verb: str, reason: str, pot: str | None, *, stale: bool
    ) -> None:
        """Somebody tries something, from a fresh page or an old one."""
        actor, prescription = getattr(self.county, who), self.chosen(which)
        self.attempt_by(actor, prescription, verb, reason=reason, pot=pot, stale=stale)

    @precondition(lambda self: any(p.state is State.FAILED for p in self.prescriptions()))
    @rule(late=st.booleans())
    def plan_the_day(self, *, late: bool) -> None:
        """The manager puts all that is owed and not on the road onto a route."""
        owed = [
            p
            for p in self.prescriptions()
            if p.state not in (*BEFORE_APPROVAL, State.LOADED, State.DELIVERED)
        ]
        if owed:
            planned(self.county, route(self.county, stop(self.county, owed, trip=2 if late else 1)))

    @rule(minutes=st.integers(1, 30))
    def wait(self, minutes: int) -> None:
        """Claims run out meanwhile."""
        self.county.watch.pass_(minutes=minutes)

    @invariant()
    def the_house_stands(self) -> None:
        """Everything that must always hold, on one reading of the database."""
        with self.county.work() as work:
            broken = work.ledger.verify().broken
            there = work.prescriptions.all()
            chains = work.ledger.chains([prescription.key() for prescription in there])
            bags = work.bags.of_prescriptions(chains)
        assert broken is None
        assert set(bags) == {prescription.key() for prescription in there if prescription.state in WITH_BAGS}
        for key, before in self.seen.items():
            assert chains[key][: len(before)] == before, "the ledger only grows"
        self.seen = chains
        nothing_is_in_two_pots_and_no_pot_holds_two(there)
        for prescription in there:
            chain = chains[prescription.key()]
            it_stands_where_its_last_event_left_it(prescription, chain)
            self.it_was_approved_by_name_before_it_was_made(prescription, chain)

    def it_was_approved_by_name_before_it_was_made(
        self, prescription: Prescription, chain: list[Event]
    ) -> None:
        """A qualified pharmacist answers for whatever is made."""
        approvals = [step for step in chain if step.kind == "move" and step.target is State.APPROVED]
        assert {step.actor_role for step in approvals} <= {Role.PHARMACIST}
        if prescription.state not in BEFORE_APPROVAL:
            assert approvals[-1].actor_id == prescription.reviewed_by_id
            assert prescription.reviewed_by_id in (
                self.county.pharmacist.staff_id,
                self.county.colleague.staff_id,
            )

    def prescriptions(self) -> list[Prescription]:
        """All of them, as they are now."""
        with self.county.work() as work:
            return work.prescriptions.all()

    def chosen(self, which: int) -> Prescription:
        """One of them."""
        there = self.prescriptions()
        return there[which % len(there)]

    def attempt_by(
        self,
        actor: Actor,
        prescription: Prescription,
        verb: str,
        *,
        reason: str = "other",
        pot: str | None = None,
        stale: bool = False,
    ) -> None:
        """Try; a refusal must leave everything as it was."""
        version = prescription.version - 1 if stale else prescription.version
        before = self.everything()
        try:
            self.deed(actor, prescription, verb, version, reason, pot)
        except Refused:
            assert self.everything() == before
            return
        after = self.county.now(prescription)
        if after.state is not prescription.state:
            event(f"became {after.state}")
            assert actor.role in TABLE[prescription.state, after.state]
        if verb not in ("claim", "release", "load", "deliver", "fail"):
            assert not stale

    def deed(
        self, actor: Actor, prescription: Prescription, verb: str, version: int, reason: str, pot: str | None
    ) -> None:
        """What a verb means as a use case."""
        do, know, key = self.county.do, self.county.knowledge, prescription.key()
        deeds: dict[str, Callable[[], object]] = {
            "sign": lambda: do(prescribing.sign, actor, know, key, version),
            "second_sign": lambda: do(prescribing.second_sign, actor, know, key, version, ("党参",)),
            "cancel": lambda: do(prescribing.cancel, actor, key, version, reason),
            "claim": lambda: do(reviewing.claim, actor, key),
            "release": lambda: do(reviewing.release, actor, key),
            "approve": lambda: self.county.approve_as(actor, key, version),
            "return": lambda: do(
                reviewing.return_to_doctor, actor, know, key, version, reason, herbs=("党参",)
            ),
            "draw_off": lambda: do(flooring.draw_off, actor, key, version),
            "scrap": lambda: do(flooring.scrap, actor, key, version, reason),
            "load": lambda: self.load(actor, key),
            "deliver": lambda: do(delivering.deliver, actor, key, None),
            "fail": lambda: do(delivering.fail, actor, key, None, reason),
        }
        if verb in deeds:
            deeds[verb]()
        else:
            do(flooring.advance, actor, know, key, version, State(verb), pot_code=pot)

    def load(self, actor: Actor, key: int) -> None:
        """Load the trip that carries a prescription, where one does."""
        with self.county.work() as work:
            way = work.routes.carrying([key]).get(key)
        if way is not None:
            trip = next(s.trip for s in way.stops if key in {d.prescription_id for d in s.deliveries})
            self.county.do(delivering.load_trip, actor, way.id or 0, trip)

    def everything(self) -> list[tuple[object, ...]]:
        """Every row that a refused deed must leave alone; the access log may grow."""
        tables = (
            "prescriptions",
            "items",
            "ledger_events",
            "reviews",
            "finding_records",
            "bags",
            "plans",
            "routes",
            "deliveries",
        )
        with self.county.store.engine.connect() as connection:
            return [
                (table, *row)
                for table in tables
                for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
            ]


def it_stands_where_its_last_event_left_it(prescription: Prescription, chain: list[Event]) -> None:
    """Each move a row of the table for its role, each other event without a change of state."""
    assert prescription.state is (chain[-1].target if chain else State.DRAFT)
    for step in chain:
        if step.kind == "move":
            assert step.actor_role in TABLE[step.source, step.target]
        else:
            assert step.source is step.target


def nothing_is_in_two_pots_and_no_pot_holds_two(there: list[Prescription]) -> None:
    """Only what is being decocted is in a pot, each in one of its own."""
    held = [(each.pot_id, each.state) for each in there if each.pot_id is not None]
    assert len({pot for pot, _ in held}) == len(held)
    assert {state for _, state in held} <= {State.DECOCTING}


@pytest.fixture
def template(migrated_sqlite: Path, tmp_path: Path) -> County:
    """A county on SQLite to be copied."""
    path = tmp_path / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    county = County(Store(open_engine(f"sqlite:///{path}", KEYS), KEYS, Blobs(str(tmp_path), KEYS), tmp_path))
    county.store.close()
    return county


def test_whatever_people_do_the_house_stands(template: County, tmp_path: Path) -> None:
    run_state_machine_as_test(
        lambda: Lifecycle(template, tmp_path),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
