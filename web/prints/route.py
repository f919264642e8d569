"""What the courier's route sheet says: trips, stops and parcels, checked when made."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from web.prints import validate
from web.prints.validate import CODE, FEN_LIMIT, LINE, NAME, PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel for one recipient.

    Attributes:
        code: short parcel or bag code.
        bags: bags inside.
        recipient: masked or full name, printed as given.
        cash_fen: cash to collect in fen, 0 for none.
    """

    code: str
    bags: int
    recipient: str
    cash_fen: int = 0

    def __post_init__(self) -> None:
        validate.text(self.code, "parcel code", limit=20)
        validate.text(self.recipient, f"recipient of {self.code}", limit=PERSON)
        validate.whole(self.bags, f"bags of {self.code}", least=1, most=999)
        validate.whole(self.cash_fen, f"cash_fen of {self.code}", least=0, most=FEN_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of a trip.

    Attributes:
        sequence: its number in the day, as the map shows it.
        planned_at: planned arrival, aware UTC.
        window_start_at: start of the promised window, aware UTC.
        window_end_at: end of the promised window, aware UTC.
        village: the village.
        place: where exactly: the village clinic, a door; may be empty.
        contact: contact person.
        phones: phones of the village clinic or the contact, at least one.
        parcels: parcels handed over here, at least one.
        qr_content: what the QR code holds; scanning it marks the delivery.
        note: a word for the courier; may be empty.
    """

    sequence: int
    planned_at: datetime
    window_start_at: datetime
    window_end_at: datetime
    village: str
    place: str = ""
    contact: str
    phones: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    qr_content: str
    note: str = ""

    def __post_init__(self) -> None:
        validate.whole(self.sequence, "stop sequence", least=1, most=999)
        for field in ("planned_at", "window_start_at", "window_end_at"):
            validate.instant(getattr(self, field), f"{field} of stop {self.sequence}")
        if self.window_start_at > self.window_end_at:
            raise ValueError(f"the window of stop {self.sequence} ends before it starts")
        validate.text(self.village, f"village of stop {self.sequence}", limit=NAME)
        validate.text(self.place, f"place of stop {self.sequence}", limit=NAME, optional=True)
        validate.text(self.contact, f"contact of stop {self.sequence}", limit=PERSON)
        validate.whole(len(self.phones), f"phones of stop {self.sequence}", least=1, most=4)
        for phone in self.phones:
            validate.text(phone, f"phone of stop {self.sequence}", limit=CODE)
        validate.whole(len(self.parcels), f"parcels of stop {self.sequence}", least=1, most=200)
        validate.qr_content(self.qr_content, f"qr_content of stop {self.sequence}")
        validate.text(self.note, f"note of stop {self.sequence}", limit=LINE, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One trip: load at the centre, then the stops in order.

    Attributes:
        departs_at: departure from the centre, aware UTC.
        returns_at: planned return to the centre, aware UTC.
        stops: in driving order, at least one.
        load_note: a word for loading, such as 3号冷藏箱; may be empty.
    """

    departs_at: datetime
    returns_at: datetime
    stops: tuple[Stop, ...]
    load_note: str = ""

    def __post_init__(self) -> None:
        validate.instant(self.departs_at, "departs_at")
        validate.instant(self.returns_at, "returns_at")
        if self.departs_at >= self.returns_at:
            raise ValueError("a trip returns before it departs")
        validate.whole(len(self.stops), "stops of a trip", least=1, most=200)
        validate.text(self.load_note, "load_note", limit=LINE, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSheet:
    """A courier's day on paper.

    Attributes:
        centre: name of the decoction centre.
        centre_phone: whom to call when something goes wrong.
        courier: the courier's name.
        vehicle: plate or name of the vehicle.
        service_day: the day, county calendar.
        trips: in time order, 1 to 12.
        distance_m: metres of the whole day.
        cold_box_note: how warm or cold the boxes must stay; may be empty.
        map_svg: the route sketch as an SVG document, empty for none.
        printed_at: when this paper is printed, aware UTC.
    """

    centre: str
    centre_phone: str
    courier: str
    vehicle: str
    service_day: date
    trips: tuple[Trip, ...]
    distance_m: int
    cold_box_note: str = ""
    map_svg: str = ""
    printed_at: datetime

    def __post_init__(self) -> None:
        validate.text(self.centre, "centre", limit=NAME)
        validate.text(self.courier, "courier", limit=PERSON)
        for field in ("centre_phone", "vehicle"):
            validate.text(getattr(self, field), field, limit=CODE)
        if not isinstance(self.service_day, date) or isinstance(self.service_day, datetime):
            raise ValueError(f"service_day must be a calendar day, not {self.service_day!r}")
        validate.whole(len(self.trips), "trips", least=1, most=12)
        validate.whole(self.distance_m, "distance_m", least=0, most=10_000_000)
        validate.text(self.cold_box_note, "cold_box_note", limit=LINE, optional=True)
        if self.map_svg and "<svg" not in self.map_svg[:1000]:
            raise ValueError("map_svg is not an SVG document")
        validate.instant(self.printed_at, "printed_at")
        if any(later.departs_at < earlier.returns_at for earlier, later in pairwise(self.trips)):
            raise ValueError("a trip departs before the one before it returns")
        sequences = [stop.sequence for trip in self.trips for stop in trip.stops]
        if sequences != sorted(set(sequences)):
            raise ValueError("stops are not numbered upwards over the day, each once")
