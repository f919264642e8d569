"""The houses of the county's pharmacy, those who work in them and those who are treated."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tcm.records.centre import VEHICLE_KINDS
from tcm.records.errors import N_
from tcm.records.roles import Actor, Role
from tcm.records.stock import SELF_PAID


class InstitutionKind(StrEnum):
    """What sort of house it is."""

    CENTRE = "centre"
    COUNTY_HOSPITAL = "county_hospital"
    TOWNSHIP_HOSPITAL = "township_hospital"
    VILLAGE_CLINIC = "village_clinic"


class Sex(StrEnum):
    """As the prescription form writes it."""

    FEMALE = "F"
    MALE = "M"


SEX_TERMS = {Sex.FEMALE: N_("女"), Sex.MALE: N_("男")}


@dataclass(eq=False, kw_only=True)
class Institution:
    """A centre, a county hospital, a township hospital or a village clinic.

    Args:
        id: Row, None before it is stored.
        code: Statistical code of the place, or the pharmacy's own.
        kind: What sort of house.
        name: Full name as printed.
        township: Township it lies in.
        lon: WGS-84 degrees east.
        lat: WGS-84 degrees north.
        coordinate_source: Where the coordinates come from and how far they can be trusted.
        phone: Line a courier or patient can call.
        has_road: Whether a vehicle can reach it.
        vehicle_kinds: Which kinds of vehicle its road lets through.
        door_windows: When somebody is there to take medicine: first and last minute after midnight, in order;
            any time where empty.
    """

    id: int | None = None
    code: str
    kind: InstitutionKind
    name: str
    township: str
    lon: float
    lat: float
    coordinate_source: str
    phone: str = ""
    has_road: bool = True
    vehicle_kinds: list[str] = field(default_factory=lambda: list(VEHICLE_KINDS))
    door_windows: list[tuple[int, int]] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Staff:
    """A person who works here and can log in.

    Args:
        id: Row, None before it is stored.
        institution_id: Where they work.
        username: Log-in name, lower case, unique in the county.
        password_hash: Argon2id.
        name: As it is signed.
        role: What they do.
        title: Professional title, such as 主治医师 or 主管药师.
        dispensing_years: Years of dispensing, which the reviewer's right depends on.
        reviewer_trained: Whether the reviewer's examination is passed.
        active: False once they have left.
        language: `zh` or `en`.
        expert_in: What they are consulted about by doctors of other houses, empty for those who are not.
        tours_taken: Names of the tours they have taken or put away.
    """

    id: int | None = None
    institution_id: int
    username: str
    password_hash: str
    name: str
    role: Role
    title: str = ""
    dispensing_years: int = 0
    reviewer_trained: bool = False
    active: bool = True
    language: str = "zh"
    expert_in: str = ""
    tours_taken: list[str] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """This person as the one who asks."""
        if self.id is None:
            raise ValueError("staff without a row cannot act")
        return Actor(self.id, self.role, self.institution_id)


@dataclass(eq=False, kw_only=True)
class Patient:
    """A person treated here; name, phone, address and ID number are sealed in the database.

    Args:
        id: Row, None before it is stored.
        institution_id: Where they were registered.
        village_id: Village clinic their medicine is brought to.
        name: Sealed.
        phone: Sealed, empty where unknown.
        address: Sealed, empty where unknown.
        id_number: Resident identity number, sealed, empty where unknown.
        sex: As on the prescription.
        born_on: Date of birth.
        allergies: Herbs and drugs the patient must not get, sealed.
        created_at: Aware UTC.
        request_key: Key of the form that registered them, so that a double submit makes one patient.
        scheme: Code of the scheme of insurance that pays a part, `self` where none does.
    """

    id: int | None = None
    institution_id: int
    village_id: int
    name: str
    phone: str = ""
    address: str = ""
    id_number: str = ""
    sex: Sex
    born_on: date
    allergies: list[str] = field(default_factory=list)
    created_at: datetime
    request_key: str
    scheme: str = SELF_PAID
