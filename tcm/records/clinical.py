"""A visit and what it leaves behind: the encounter, its photographs, the prescription and its bags."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tcm.records.errors import N_
from tcm.records.lifecycle import State


@dataclass(eq=False, kw_only=True)
class Encounter:
    """One visit of one patient to one doctor.

    Args:
        id: Row, None before it is stored.
        patient_id: Who came.
        institution_id: Where.
        doctor_id: Who saw them.
        opened_at: Aware UTC.
        complaint: What the patient says, sealed.
        history: What went before, sealed.
        inquiry: Terms of the ten questions that were ticked.
        pulse: Terms of the pulse.
        pulse_places: Pulses by side and position, such as 左关, where the doctor told them apart; sealed.
        conditions: Illnesses and states that bear on the review, such as 肾功能不全.
        western_drugs: Other medicine taken now.
        pregnant: As asked at this visit.
        lactating: As asked at this visit.
        labs: Laboratory values that bear on the review, by test (creatinine_umol_l, alt_u_l ...), sealed.
        request_key: Key of the form that opened it.
        notes_version: Rises with every writing of the notes.
        notes_key: The form that wrote them last.
    """

    id: int | None = None
    patient_id: int
    institution_id: int
    doctor_id: int
    opened_at: datetime
    complaint: str = ""
    history: str = ""
    inquiry: list[str] = field(default_factory=list)
    pulse: list[str] = field(default_factory=list)
    pulse_places: dict[str, list[str]] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    western_drugs: list[str] = field(default_factory=list)
    pregnant: bool = False
    lactating: bool = False
    labs: dict[str, float] = field(default_factory=dict)
    request_key: str
    notes_version: int = 1
    notes_key: str = ""


# Signs too rare in what the readers learnt from to be asserted, each with its usual label.
USUAL_OF_RARE = {"peeled": "0", "stasis": "0", "moisture": "normal"}


@dataclass(frozen=True)
class Sign:
    """One sign as the software read it from a picture.

    Args:
        name: `body`, `coat_colour` ...
        label: The label of that sign.
        term: The same in Chinese.
        probability: 0 to 1.
        abstained: True where the software does not assert it.
    """

    name: str
    label: str
    term: str
    probability: float
    abstained: bool


class PhotographKind(StrEnum):
    """What a picture shows."""

    TONGUE = "tongue"
    FACE = "face"


class PhotographState(StrEnum):
    """How far the reading of a picture is."""

    WAITING = "waiting"
    READ = "read"
    REFUSED = "refused"
    # Refused, and the doctor has put the sentence away.
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Reading:
    """What was measured on a picture beside its signs: enough to understand them and to read it again.

    Args:
        width_px: Of the picture that was read.
        height_px: The same.
        quality: The measures its acceptance rests on, by name; empty where it could not be decoded.
        zones: Median L, a and b of CIE Lab under corrected light, by zone of the tongue.
        light: Where the light was taken from (`source`), and its figures.
        marks: How many of each mark were found, by name.
        doubts: Why nothing is asserted, as codes of the reader.
    """

    width_px: int
    height_px: int
    quality: dict[str, float] = field(default_factory=dict)
    zones: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    light: dict[str, object] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


@dataclass(eq=False, kw_only=True)
class Photograph:
    """A picture taken at a visit, its reading, and where the sealed bytes lie.

    Args:
        id: Row, None before it is stored.
        encounter_id: Which visit.
        kind: What it shows.
        taken_at: Aware UTC.
        blob_key: Name of the sealed picture in the blob store, empty once a refused one has been dropped.
        overlay_key: Name of the sealed overlay, empty unless it was read.
        sha256: Of the clean picture, hexadecimal.
        drawn: True for a drawn tongue of the demo.
        state: How far its reading is.
        refusal: Code of why it was refused, empty unless it was.
        model: Version of the model that read it, empty before.
        signs: What was read.
        reading: What was measured; None before it is read, and for pictures read before this was kept.
        request_key: Key of the form that brought it.
    """

    id: int | None = None
    encounter_id: int
    kind: PhotographKind = PhotographKind.TONGUE
    taken_at: datetime
    blob_key: str
    overlay_key: str = ""
    sha256: str
    drawn: bool = False
    state: PhotographState = PhotographState.WAITING
    refusal: str = ""
    model: str = ""
    signs: list[Sign] = field(default_factory=list)
    reading: Reading | None = None
    request_key: str

    @property
    def readings(self) -> list[Sign]:
        """The signs that the software was made to read."""
        return [sign for sign in self.signs if sign.name not in USUAL_OF_RARE]

    @property
    def flags(self) -> list[Sign]:
        """Rare signs that look unlike the usual: for the doctor to look at, never evidence."""
        return [sign for sign in self.signs if USUAL_OF_RARE.get(sign.name, sign.label) != sign.label]


class Preparation(StrEnum):
    """How the herbs of a prescription become what the patient drinks, as 调配方式 of the form."""

    DECOCTED = "decocted"
    GRANULES = "granules"
    OWN_COOKING = "own_cooking"

    @property
    def needs_pot(self) -> bool:
        """Whether the centre soaks and boils it; the others are packed as they are dispensed."""
        return self is Preparation.DECOCTED


PREPARATION_TERMS = {
    Preparation.DECOCTED: N_("代煎"),
    Preparation.GRANULES: N_("配方颗粒"),
    Preparation.OWN_COOKING: N_("自煎"),
}


class VisitType(StrEnum):
    """Kind of visit, on which the longest supply depends."""

    OUTPATIENT = "outpatient"
    EMERGENCY = "emergency"
    INPATIENT = "inpatient"


@dataclass(eq=False, kw_only=True)
class Item:
    """One herb of a prescription.

    Args:
        id: Row, None before it is stored.
        position: Order on the paper, from 0.
        herb: Standard name where it is known, else as written.
        written_as: What the doctor typed.
        dose_g: Grams a dose (剂).
        decoction_note: 先煎, 后下, 包煎 ... or empty.
        origin: `typed`, or the formula the line was adopted from as `web/desks/doctor/origins.py` writes it.
        second_signed_by_id: Doctor who signed again above this herb.
        second_signed_at: When, aware UTC.
        second_signed_for: The findings that signature answered; None for one of before they were kept.
    """

    id: int | None = None
    position: int
    herb: str
    written_as: str
    dose_g: float
    decoction_note: str = ""
    origin: str = "typed"
    second_signed_by_id: int | None = None
    second_signed_at: datetime | None = None
    second_signed_for: list[dict[str, object]] | None = None


@dataclass(eq=False, kw_only=True)
class Prescription:
    """A doctor's order for herbs.

    Args:
        id: Row, None before it is stored.
        number: What people call it by, such as 20261121-00042; given with the first signature.
        encounter_id: The visit it belongs to.
        patient_id: For whom.
        institution_id: Where it was written.
        village_id: Village clinic it is delivered to.
        doctor_id: Who writes and signs.
        state: Where it stands.
        version: Rises with every change; the page that edits must know it.
        disease: 病名, may be empty.
        syndrome: 证型.
        doses_count: 剂数.
        doses_per_day: 剂 a day.
        usage: How to take it.
        decoction_class: 解表, 一般 or 滋补.
        preparation: Decocted at the centre, granules, or cooked at home.
        visit_type: Kind of visit.
        extended_supply_reason: Why for longer than seven days, where it is.
        urgent: To be decocted and brought before others.
        items: The herbs in order.
        edited_at: Last change, aware UTC.
        signed_at: First or latest signature.
        rules_version: Version of the rules it was signed under, empty before.
        claimed_by_id: Pharmacist who has it on the desk.
        claimed_at: Since when.
        reviewed_by_id: Pharmacist who approved.
        reviewed_at: When.
        pot_id: The pot it is in, while it is decocted.
        request_key: Key of the form that began it.
        paper_number: Of the sheet it was first written on during an outage, if so (补录).
    """

    id: int | None = None
    number: str | None = None
    encounter_id: int
    patient_id: int
    institution_id: int
    village_id: int
    doctor_id: int
    state: State = State.DRAFT
    version: int = 1
    disease: str = ""
    syndrome: str = ""
    doses_count: int = 7
    doses_per_day: int = 1
    usage: str = ""
    decoction_class: str = "一般"
    preparation: Preparation = Preparation.DECOCTED
    visit_type: VisitType = VisitType.OUTPATIENT
    extended_supply_reason: str = ""
    urgent: bool = False
    items: list[Item] = field(default_factory=list)
    edited_at: datetime
    signed_at: datetime | None = None
    rules_version: str = ""
    claimed_by_id: int | None = None
    claimed_at: datetime | None = None
    reviewed_by_id: int | None = None
    reviewed_at: datetime | None = None
    pot_id: int | None = None
    request_key: str
    paper_number: str | None = None

    def key(self) -> int:
        """The row's number of a stored prescription.

        Returns:
            `id`.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the prescription is not stored yet")
        return self.id


@dataclass(eq=False, kw_only=True)
class ReviewRecord:
    """What a pharmacist decided on a prescription, with the findings that lay before them; or a call made.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
        pharmacist_id: Who decided.
        decided_at: Aware UTC.
        decision: `approved` or `returned`; `called` for a call to the doctor, which decides nothing.
        reason_code: Why it was returned, else empty.
        note: Free words to the doctor, or what was agreed with them; sealed.
        herbs: Herbs a second signature is asked for.
        verdict: The engine's verdict at that moment.
        rules_version: Version of the rules that gave it.
        findings: The engine's findings as JSON values, sealed.
    """

    id: int | None = None
    prescription_id: int
    pharmacist_id: int
    decided_at: datetime
    decision: str
    reason_code: str = ""
    note: str = ""
    herbs: list[str] = field(default_factory=list)
    verdict: str
    rules_version: str = ""
    findings: list[dict[str, object]] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Bag:
    """One delivery bag with a code of its own.

    Args:
        id: Row, None before it is stored.
        prescription_id: Whose medicine is in it.
        code: Public, not to be guessed; printed as QR.
        position: 1, 2 ... of the prescription's bags.
        pouches: Sealed pouches inside.
        pouch_ml: Millilitres of one pouch.
        packed_at: Aware UTC.
        packed_by_id: Who packed.
        voided_at: When it was scrapped, else None.
    """

    id: int | None = None
    prescription_id: int
    code: str
    position: int
    pouches: int
    pouch_ml: int
    packed_at: datetime
    packed_by_id: int
    voided_at: datetime | None = None
