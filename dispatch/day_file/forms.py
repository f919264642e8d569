"""The day file as written: every field with its unit, its limits and what it is when left out.

Minutes count from the day's start (`clock.start`); money is in fen, volumes in millilitres unless the name
says otherwise. `docs/day-file.md` is made from these descriptions.
"""

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dispatch.county import VehicleKind
from dispatch.guard import MOST
from dispatch.problem import LONGEST_DAY_MIN, Duty, Taint
from dispatch.roads import RoadSettings

Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
Minute = Annotated[int, Field(ge=0, le=LONGEST_DAY_MIN)]
Length = Annotated[int, Field(ge=0, le=LONGEST_DAY_MIN)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Fen = Annotated[int, Field(ge=0, le=MOST)]
Whole = Annotated[int, Field(ge=0, le=MOST)]
Positive = Annotated[int, Field(ge=1, le=MOST)]
Coordinates = Literal["wgs84", "gcj02"]


class Form(BaseModel):
    """Strict: no unknown field, no text where a number is meant."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class ClockForm(Form):
    """When the day begins and ends."""

    start: str = Field(
        default="00:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Clock time of minute 0, HH:MM.",
    )
    horizon_min: int = Field(
        ge=1, le=LONGEST_DAY_MIN, description="Minute by which every packing must have ended."
    )
    grid_min: int = Field(
        default=5, ge=1, le=30, description="Soaking, loading and packing begin on multiples of it, minutes."
    )
    now_min: Minute = Field(default=0, description="Nothing begins before this minute.")


class CentreForm(Form):
    """The decoction centre, where every trip begins and ends."""

    id: Id = Field(default="centre", description="Its id; no place may have the same.")
    name: Name = Field(default="共享中药房", description="Its name, for people.")
    lon: float = Field(ge=-180, le=180, description="Longitude, degrees.")
    lat: float = Field(ge=-90, le=90, description="Latitude, degrees.")


class PlaceForm(Form):
    """A village clinic, a township hospital, a door: where bags are handed over."""

    id: Id = Field(description="Its id; orders name it as their village.")
    name: Name | None = Field(default=None, description="Its name, for people; the id where it has none.")
    lon: float = Field(ge=-180, le=180, description="Longitude, degrees.")
    lat: float = Field(ge=-90, le=90, description="Latitude, degrees.")
    road: bool = Field(
        default=True,
        description="False: no road today; its orders are answered as unserved, with the reason.",
    )
    kinds: list[VehicleKind] = Field(
        default=["van", "motorbike", "foot"], min_length=1, description="The vehicles its road lets through."
    )
    windows_min: list[Annotated[list[Minute], Field(min_length=2, max_length=2)]] = Field(
        default=[],
        description="First and last minutes at which handing over may begin; any time where there are none.",
    )


class PotForm(Form):
    """A decoction pot."""

    id: Id = Field(description="Its id.")
    max_ml: Positive = Field(description="The most it holds, millilitres.")
    duty: Duty = Field(
        default="any", description="What it cooks: any herbs, toxic ones only, strong-smelling ones only."
    )


class CrewForm(Form):
    """How many people work at the same time."""

    packers: Count = Field(description="Who pack, people.")
    loaders: Count = Field(description="Who load the pots, people.")
    adders: Count = Field(default=0, description="Who add late herbs (后下), people.")


class BreakForm(Form):
    """A courier's rest."""

    earliest_min: Minute = Field(description="First minute at which it may begin.")
    latest_min: Minute = Field(description="Last minute at which it may begin.")
    length_min: Annotated[int, Field(ge=1, le=LONGEST_DAY_MIN)] = Field(
        description="How long it is, minutes."
    )


class VehicleForm(Form):
    """A vehicle with its courier for one shift."""

    id: Id = Field(description="Its id.")
    name: Name | None = Field(
        default=None, description="Its name or plate, for people; the id where it has none."
    )
    kind: VehicleKind = Field(default="van", description="What it is: van, motorbike, or a courier on foot.")
    capacity_bags: Positive = Field(description="Bags it holds on one trip.")
    capacity_litres: float | None = Field(
        default=None, gt=0, le=10_000, description="Litres it holds on one trip; no limit where left out."
    )
    shift_start_min: Minute = Field(description="Minute from which it can be loaded.")
    shift_end_min: Minute = Field(description="Minute by which it is back from its last trip.")
    breaks: list[BreakForm] = Field(default=[], description="The courier's rests, in order and apart.")
    fixed_cost_fen: Fen = Field(default=0, description="Cost of using it at all today, fen.")
    km_cost_fen: Fen = Field(default=0, description="Cost of a kilometre, fen.")
    speed_factor: float = Field(
        default=1.0, ge=0.05, le=20, description="Its speed against that of the roads: 0.8 is a fifth slower."
    )
    max_trips: int = Field(default=3, ge=1, le=20, description="Trips it may make today.")
    familiar: list[Id] = Field(
        default=[], description="Ids of the villages its courier knows; empty where that is not known."
    )


class BoilForm(Form):
    """How a prescription is decocted; lengths in minutes."""

    soak_min: Length = Field(default=30, description="Soaking at least, before the pot, minutes.")
    load_min: Length = Field(default=5, description="A loader fills the pot, minutes.")
    cook_min: Annotated[int, Field(ge=1, le=LONGEST_DAY_MIN)] = Field(
        default=60, description="Both boils together, in the pot, minutes."
    )
    add_at_min: Length | None = Field(
        default=None,
        description="Minutes after the beginning of cooking at which late herbs go in; none: no adding.",
    )
    add_min: Length = Field(default=5, description="An adder is busy with late herbs, minutes.")
    pack_min: Length = Field(default=5, description="A packer packs the bags, minutes.")
    clean_min: Length = Field(default=10, description="The pot is cleaned after cooking, minutes.")


class OrderForm(Form):
    """One prescription to decoct and deliver, or only to deliver where `ready_min` is given."""

    id: Id = Field(description="Its id.")
    village: Id = Field(description="Id of the place it goes to.")
    bags: Annotated[int, Field(ge=1, le=10_000)] = Field(description="Bags to hand over.")
    ml: Positive = Field(description="Liquid of all its bags, in the pot and in the vehicle, millilitres.")
    recipe: Name | None = Field(
        default=None, description="Orders of one recipe, boiled alike, may share a pot while they fit."
    )
    taint: Taint = Field(
        default="none", description="none, toxic or strong(-smelling): cooked only in pots of that duty."
    )
    priority: int = Field(
        default=1, ge=1, le=1000, description="What its waiting, lateness and leaving out weigh, a factor."
    )
    fragile: bool = Field(
        default=False, description="A patient who is new to the medicine or frail; see limits.fragile_*."
    )
    release_min: Minute | None = Field(
        default=None, description="Minute from which it can be soaked; now_min where left out."
    )
    packed_by_min: Minute | None = Field(
        default=None,
        description="Minute by which it should be packed, for the schedule alone; where left out, in time "
        "for due_min, for the last wave, or by the horizon.",
    )
    due_min: Minute | None = Field(
        default=None, description="Minute by which it is wanted at its place; later costs, none: whenever."
    )
    ready_min: Minute | None = Field(
        default=None, description="Minute from which its bags are packed already: it is not cooked today."
    )
    longest_box_min: Annotated[int, Field(ge=1, le=LONGEST_DAY_MIN)] | None = Field(
        default=None, description="Longest time between its packing and its handing over, minutes; none: any."
    )
    boil: BoilForm | None = Field(
        default=None, description="How it is boiled; the figures left out, or all, are the defaults below."
    )


class GreatCircleForm(Form):
    """Roads estimated from coordinates; needs no data."""

    provider: Literal["great_circle"] = Field(
        default="great_circle", description="Straight lines, lengthened."
    )
    winding_factor: float = Field(default=1.35, ge=1, le=10, description="Road length over straight line.")
    mean_speed_kmh: float = Field(
        default=40.0,
        ge=1,
        le=150,
        description="Mean speed of vans, kilometres an hour; motorbikes and couriers on foot have their own.",
    )


class OsmForm(Form):
    """Roads of an OpenStreetMap extract."""

    provider: Literal["osm"] = Field(description="A file of OpenStreetMap.")
    file: str = Field(min_length=1, description="Its path (.osm, .osm.pbf), from the folder of the day file.")
    closures: str = Field(default="", description="Path of a list of closed roads; none where left out.")
    snap_m: int = Field(
        default=RoadSettings().snap_m,
        ge=1,
        le=50_000,
        description="A place farther from a road cannot be reached, metres.",
    )


class OsrmForm(Form):
    """Roads of a server with OSRM's table service."""

    provider: Literal["osrm"] = Field(description="A server that answers as OSRM does.")
    url: str = Field(
        min_length=1,
        pattern=r"^https?://",
        description="Its address for vans, such as http://127.0.0.1:5000.",
    )
    motorbike_url: str = Field(default="", description="Of a server for motorbikes; that for vans otherwise.")
    foot_url: str = Field(
        default="", description="Of a server for couriers on foot; that for vans otherwise."
    )


Row = list[Whole | None]


class MatrixForm(Form):
    """Lengths and times given outright, the centre first, then the places in their order; null: no way."""

    provider: Literal["matrix"] = Field(description="Tables of this file.")
    metres: list[Row] = Field(description="Metres from each (row) to each (column).")
    minutes: list[Row] = Field(description="Minutes from each (row) to each (column).")


TravelForm = Annotated[GreatCircleForm | OsmForm | OsrmForm | MatrixForm, Field(discriminator="provider")]


class PricesForm(Form):
    """What the plan weighs besides kilometres and vehicles."""

    wait_fen_per_hour: Fen = Field(
        default=100, description="An hour between packing and arrival of a stop, times its priority, fen."
    )
    late_fen_per_hour: Fen = Field(default=600, description="An hour after due_min, times the priority, fen.")
    strange_stop_fen: Fen = Field(
        default=50, description="A stop in a village its courier does not know, fen."
    )
    uneven_fen: Fen = Field(
        default=20, description="The square of the hours each vehicle is in use, summed, for each one fen."
    )


class LimitsForm(Form):
    """How long bags may be in the insulated box, and what a fragile patient weighs."""

    longest_box_min: Annotated[int, Field(ge=1, le=LONGEST_DAY_MIN)] | None = Field(
        default=None,
        description="Longest time between packing and handing over of any order, minutes; none: any.",
    )
    fragile_box_min: Annotated[int, Field(ge=1, le=LONGEST_DAY_MIN)] | None = Field(
        default=None, description="The same for fragile orders, minutes."
    )
    fragile_factor: int = Field(
        default=3, ge=1, le=100, description="A fragile order's priority is multiplied by it."
    )


class HandlingForm(Form):
    """How long things take at the centre and at the door."""

    loading_min: Annotated[int, Field(ge=0, le=600)] = Field(
        default=10, description="Between bags and vehicle being there and the departure, minutes."
    )
    service_min: Annotated[int, Field(ge=0, le=600)] = Field(
        default=5, description="Spent at each stop, minutes."
    )
    service_order_min: Annotated[int, Field(ge=0, le=600)] = Field(
        default=1, description="Spent there for each order in addition, minutes."
    )
    buffer_min: Annotated[int, Field(ge=0, le=600)] = Field(
        default=0, description="Kept between the planned end of a packing and counting on its bags, minutes."
    )


class PromiseForm(Form):
    """The window told to the patient around the planned arrival."""

    early_min: Annotated[int, Field(ge=0, le=600)] = Field(
        default=15, description="Before the arrival, minutes."
    )
    late_min: Annotated[int, Field(ge=0, le=600)] = Field(
        default=45, description="After the arrival, minutes."
    )


class DayForm(Form):
    """A whole day to plan."""

    date: datetime.date | None = Field(
        default=None,
        description="Calendar day, YYYY-MM-DD: for roads closed in a season, and on the route sheets.",
    )
    clock: ClockForm = Field(description="When the day begins and ends.")
    coordinates: Coordinates = Field(
        default="wgs84",
        description="What all lon and lat are in: WGS-84, or GCJ-02 as Chinese maps give them.",
    )
    centre: CentreForm = Field(description="Where every trip begins and ends.")
    places: list[PlaceForm] = Field(min_length=1, max_length=20_000, description="Where bags can go to.")
    pots: list[PotForm] = Field(min_length=1, max_length=10_000, description="The pots of the centre.")
    crew: CrewForm = Field(description="The people of the centre.")
    vehicles: list[VehicleForm] = Field(
        min_length=1, max_length=1000, description="Vehicles and their couriers."
    )
    orders: list[OrderForm] = Field(max_length=20_000, description="What is to be decocted and delivered.")
    travel: TravelForm = Field(
        default=GreatCircleForm(), description="Where road lengths and times come from."
    )
    prices: PricesForm = Field(default=PricesForm(), description="What the plan weighs.")
    limits: LimitsForm = Field(default=LimitsForm(), description="Of the insulated box.")
    handling: HandlingForm = Field(default=HandlingForm(), description="How long handling takes.")
    promise: PromiseForm = Field(default=PromiseForm(), description="The window told to patients.")
    waves_min: list[Minute] = Field(
        default=[],
        description="Usual departure times, rising: orders that make different ones become different stops.",
    )
    note: str = Field(
        default="", max_length=1000, description="A word for people; the plan does not read it."
    )
