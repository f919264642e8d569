"""A small county to test with: its people, its houses, a patient, and a prescription as far as one likes."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import event, select

from tcm.knowledge import Knowledge, load
from tcm.records.centre import Crew, Pot, Vehicle
from tcm.records.clinical import (
    Encounter,
    Photograph,
    PhotographKind,
    Prescription,
    Reading,
    Sign,
    VisitType,
)
from tcm.records.governance import FindingDecision, RuleVersion, Standing
from tcm.records.ledger import Event
from tcm.records.people import Institution, InstitutionKind, Patient, Sex, Staff
from tcm.records.roles import Actor, Role
from tcm.services import charting, photographing, prescribing, reviewing
from tcm.services.charting import PatientDetails, VisitNotes
from tcm.services.photographing import Outcome, Upload
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.reviewing import FindingJudgement, Unjudged
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tcm.store.work import Work

P = ParamSpec("P")
Result = TypeVar("Result")

KNOWLEDGE: Knowledge = load()
DAY = date(2026, 11, 21)
USAGE = "水煎服，一日一剂，分两次温服"
# 四君子汤 and what a test adds to it; every dose lies inside the pharmacopoeia's.
FOUR_GENTLEMEN = (
    ItemDraft("党参", 12.0),
    ItemDraft("白术", 9.0),
    ItemDraft("茯苓", 12.0),
    ItemDraft("炙甘草", 6.0),
)
NAME, PHONE, ID_NUMBER = "欧阳桂芳", "13900001234", "430682196611215528"
ADDRESS, COMPLAINT = "临湘市詹桥镇白石村三组七号", "食少便溏两月余"

CLEAN = Upload(b"a clean picture")
PALE_TONGUE = Outcome(
    "tongue-1",
    Reading(400, 300, quality={"lightness": 55.0}, zones={"tip": (60.0, 30.0, 12.0)}),
    (Sign("body", "pale", "淡白舌", 0.91, False), Sign("shape", "normal", "胖瘦适中", 0.4, True)),
    b"a drawn overlay",
)


class Watch:
    """A clock that a test moves.

    Args:
        now: What it shows, aware UTC.
    """

    def __init__(self, now: datetime = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now

    def pass_(self, **how_long: float) -> None:
        """Let time pass.

        Args:
            how_long: As timedelta takes it.
        """
        self.now += timedelta(**how_long)


def draft(items: Sequence[ItemDraft] = FOUR_GENTLEMEN, **changes: Any) -> PrescriptionDraft:
    """A form that the review engine has nothing to say about, unless it is changed.

    Args:
        items: The lines.
        changes: Other fields of the form.

    Returns:
        The form.
    """
    fields: dict[str, Any] = {
        "disease": "泄泻",
        "syndrome": "脾胃气虚证",
        "doses_count": 7,
        "doses_per_day": 1,
        "usage": USAGE,
        "decoction_class": "一般",
        "visit_type": VisitType.OUTPATIENT,
        "extended_supply_reason": "",
        "urgent": False,
        "items": tuple(items),
    }
    return PrescriptionDraft(**{**fields, **changes})


def house(code: str, kind: InstitutionKind, name: str, **fields: Any) -> Institution:
    """An institution not stored yet.

    Args:
        code: Its code.
        kind: What sort.
        name: Its name.
        fields: Whatever else.

    Returns:
        The institution.
    """
    place: dict[str, Any] = {"township": "詹桥镇", "lon": 113.45, "lat": 29.47, "coordinate_source": "test"}
    return Institution(code=code, kind=kind, name=name, **{**place, **fields})


@dataclass
class County:
    """Two township hospitals, two villages, a centre with its people, all stored.

    Args:
        store: Where.
        watch: The clock of everything done here.
    """

    store: Store
    watch: Watch = field(default_factory=Watch)
    knowledge: Knowledge = KNOWLEDGE

    def __post_init__(self) -> None:
        """Store houses, staff, equipment and one patient."""
        self._keys = (f"form-{number}" for number in itertools.count(1))
        with self.work() as work:
            self._build_houses(work)
            self._hire(work)
            self._equip(work)
            work.commit()
        self.patient = self.registered()

    def _build_houses(self, work: Work) -> None:
        kinds = InstitutionKind
        add = work.institutions.add
        self.centre = add(house("C1", kinds.CENTRE, "临湘市共享中药房"))
        self.hospital = add(house("H1", kinds.TOWNSHIP_HOSPITAL, "詹桥镇卫生院"))
        self.other_hospital = add(house("H2", kinds.TOWNSHIP_HOSPITAL, "桃林镇卫生院"))
        self.village = add(house("V1", kinds.VILLAGE_CLINIC, "白石村卫生室"))
        self.other_village = add(house("V2", kinds.VILLAGE_CLINIC, "观山村卫生室", lat=29.6))

    def _hire(self, work: Work) -> None:
        def hire(username: str, name: str, role: Role, where: Institution, **fields: Any) -> Actor:
            house_id = where.id or 0
            staff = Staff(institution_id=house_id, username=username, password_hash="", name=name, role=role)
            for key, value in fields.items():
                setattr(staff, key, value)
            return work.staff.add(staff).actor

        skilled = {"title": "主管药师", "dispensing_years": 8, "reviewer_trained": True}
        self.doctor = hire("li", "李春生", Role.DOCTOR, self.hospital)
        self.other_doctor = hire("wu", "吴秋实", Role.DOCTOR, self.hospital)
        self.foreign_doctor = hire("he", "何冬青", Role.DOCTOR, self.other_hospital)
        self.pharmacist = hire("chen", "陈半夏", Role.PHARMACIST, self.centre, **skilled)
        self.colleague = hire("tang", "唐远志", Role.PHARMACIST, self.centre, **skilled)
        self.novice = hire("xu", "徐文元", Role.PHARMACIST, self.centre, **{**skilled, "dispensing_years": 2})
        self.untrained = hire(
            "gu", "顾知母", Role.PHARMACIST, self.centre, **{**skilled, "reviewer_trained": False}
        )
        self.floor = hire("zhou", "周麦冬", Role.FLOOR, self.centre)
        self.courier = hire("sun", "孙行舟", Role.COURIER, self.centre)
        self.other_courier = hire("ma", "马长途", Role.COURIER, self.centre)
        self.manager = hire("qin", "秦当归", Role.MANAGER, self.centre)
        self.admin = hire("root", "管承气", Role.ADMIN, self.centre)

    def _equip(self, work: Work) -> None:
        self.pots = {
            code: work.pots.add(Pot(code=code, max_ml=max_ml, duty=duty))
            for code, max_ml, duty in (
                ("P01", 60_000, "any"),
                ("P02", 60_000, "any"),
                ("S01", 1_000, "any"),
                ("T01", 60_000, "toxic"),
                ("Q01", 60_000, "strong"),
            )
        }
        work.crews.add(Crew(packers=2, loaders=2, adders=1))
        self.van, self.other_van = (
            work.vehicles.add(
                Vehicle(
                    name=name,
                    courier_id=courier.staff_id,
                    capacity_bags=80,
                    shift_start_min=420,
                    shift_end_min=1080,
                    km_cost_fen=90,
                    fixed_cost_fen=5000,
                )
            )
            for name, courier in (("湘F0001", self.courier), ("湘F0002", self.other_courier))
        )

    def at(self, store: Store) -> "County":
        """The same county in a copy of its database.

        Args:
            store: That holds the same rows.

        Returns:
            A county with a clock of its own.
        """
        other = copy(self)
        other.store, other.watch = store, Watch(self.watch.now)
        other._keys = (f"later-form-{number}" for number in itertools.count(1))
        return other

    @property
    def actors(self) -> dict[Role, Actor]:
        """One person of each role."""
        people = (self.doctor, self.pharmacist, self.floor, self.courier, self.manager, self.admin)
        return {actor.role: actor for actor in people}

    def new_key(self) -> str:
        """The key of a form nobody has sent yet."""
        return next(self._keys)

    def work(self) -> Work:
        """A unit of work by the county's clock, a second later than the one before."""
        self.watch.pass_(seconds=1)
        return self.store.work(self.watch)

    def do(
        self,
        use_case: Callable[Concatenate[Work, Actor, P], Result],
        actor: Actor,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a use case in a work of its own and commit it.

        Args:
            use_case: A function of `tcm.services`.
            actor: Who asks.
            args: What else it takes.
            kwargs: What else it takes by name.

        Returns:
            What it returns.
        """
        with self.work() as work:
            result = use_case(work, actor, *args, **kwargs)
            work.commit()
        return result

    def registered(self, **changes: Any) -> Patient:
        """A patient of the doctor's house.

        Args:
            changes: Fields of the registration form.

        Returns:
            The patient.
        """
        fields: dict[str, Any] = {
            "name": NAME,
            "sex": Sex.FEMALE,
            "born_on": date(1966, 11, 21),
            "village_id": self.village.id,
            "phone": PHONE,
            "address": ADDRESS,
            "id_number": ID_NUMBER,
        }
        details = PatientDetails(**{**fields, **changes})
        return self.do(charting.register_patient, self.doctor, details, self.new_key())

    def visited(self, patient: Patient | None = None, **notes: Any) -> Encounter:
        """A visit to the doctor with its notes.

        Args:
            patient: Who comes; the county's own where None.
            notes: What the doctor writes down.

        Returns:
            The visit.
        """
        patient_id = (patient or self.patient).id or 0
        visit = self.do(charting.open_encounter, self.doctor, patient_id, self.new_key())
        written = VisitNotes(**{"complaint": COMPLAINT, **notes})
        return self.do(charting.write_notes, self.doctor, visit.id or 0, written)

    def uploaded(self, visit: Encounter, upload: Upload = CLEAN, key: str = "") -> Photograph:
        """A photograph of a visit that waits to be read.

        Args:
            visit: Which visit.
            upload: The picture.
            key: Of the form; a new one where empty.

        Returns:
            The photograph.
        """
        return self.do(
            photographing.keep_upload,
            self.doctor,
            visit.id or 0,
            upload,
            key or self.new_key(),
            enqueue=lambda _work, _photograph_id: None,
        )

    def photographed(
        self,
        visit: Encounter,
        outcome: Outcome = PALE_TONGUE,
        kind: PhotographKind = PhotographKind.TONGUE,
        clean: bytes = CLEAN.clean,
    ) -> Photograph:
        """A photograph of a visit that has been read, or refused.

        Args:
            visit: Which visit.
            outcome: What came of reading it.
            kind: What it shows.
            clean: Its bytes.

        Returns:
            The photograph as the database has it then.
        """
        photograph_id = self.uploaded(visit, Upload(clean, kind)).id or 0
        with self.work() as work:
            photographing.keep_outcome(work, photograph_id, outcome)
            work.commit()
        with self.work() as work:
            return work.photographs.get(photograph_id)

    def drafted(self, form: PrescriptionDraft | None = None, visit: Encounter | None = None) -> Prescription:
        """A saved draft.

        Args:
            form: What it says; 四君子汤 where None.
            visit: Which visit; a new one where None.

        Returns:
            The draft.
        """
        visit = visit or self.visited()
        begun = self.do(prescribing.begin, self.doctor, visit.id or 0, self.new_key())
        return self.saved(begun, form or draft())

    def saved(self, prescription: Prescription, form: PrescriptionDraft) -> Prescription:
        """The prescription with another form saved over it."""
        return self.do(
            prescribing.save, self.doctor, self.knowledge, prescription.key(), prescription.version, form
        )

    def sign(self, prescription: Prescription) -> Prescription:
        """The doctor signs it."""
        return self.do(
            prescribing.sign, self.doctor, self.knowledge, prescription.key(), prescription.version
        )

    def signed(self, form: PrescriptionDraft | None = None, visit: Encounter | None = None) -> Prescription:
        """A signed prescription."""
        return self.sign(self.drafted(form, visit))

    def claimed(self, prescription: Prescription, by: Actor | None = None) -> Prescription:
        """It on a pharmacist's desk."""
        return self.do(reviewing.claim, by or self.pharmacist, prescription.key())

    def approve(self, prescription: Prescription) -> Prescription:
        """A pharmacist claims and approves it, and accepts whatever was found."""
        claimed = self.claimed(prescription)
        return self.approve_as(self.pharmacist, claimed.key(), claimed.version)

    def approve_as(self, actor: Actor, prescription_id: int, version: int) -> Prescription:
        """Somebody approves what they claimed, and accepts whatever was found."""
        page = (actor, self.knowledge, prescription_id, version)
        try:
            return self.do(reviewing.approve, *page)
        except Unjudged as refusal:
            accepted = dict.fromkeys(refusal.keys, FindingJudgement(FindingDecision.ACCEPTED))
            return self.do(reviewing.approve, *page, decisions=accepted)

    def approved(self, form: PrescriptionDraft | None = None, visit: Encounter | None = None) -> Prescription:
        """An approved prescription."""
        return self.approve(self.signed(form, visit))

    def rules_in_force(self, version: str, settings: dict[str, dict[str, object]]) -> None:
        """Put a version of the rules in force for the whole county.

        Args:
            version: Its name.
            settings: What differs from the rules as shipped.
        """
        with self.work() as work:
            work.rule_versions.add(
                RuleVersion(
                    institution_id=self.centre.id or 0,
                    version=version,
                    standing=Standing.IN_FORCE,
                    settings=settings,
                    made_by_id=self.pharmacist.staff_id,
                    made_at=work.now,
                    approved_by_id=self.colleague.staff_id,
                    approved_at=work.now,
                    request_key=self.new_key(),
                )
            )
            work.commit()

    def now(self, prescription: Prescription) -> Prescription:
        """The prescription as the database has it now."""
        with self.work() as work:
            return work.prescriptions.get(prescription.key())

    def events(self, prescription: Prescription) -> list[Event]:
        """Its chain."""
        with self.work() as work:
            return work.ledger.events(prescription.key())

    def story(self, prescription: Prescription) -> list[str]:
        """Its chain in words: the state a move led to, or the kind of another event."""
        return [
            event.target.value if event.kind == "move" else event.kind for event in self.events(prescription)
        ]

    def looks(self) -> list[tuple[int, str, str, int | None, bool]]:
        """The access log: who, action, at what, which, allowed."""
        log = access_log.c
        query = select(log.actor_id, log.action, log.subject_kind, log.subject_id, log.allowed)
        with self.store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query.order_by(log.id))]

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Collect the statements sent to the database meanwhile."""
        statements: list[str] = []

        def note(*args: Any) -> None:
            statements.append(args[2])

        event.listen(self.store.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(self.store.engine, "before_cursor_execute", note)
