"""Vehicles and village roads: what they can do, changed where it has changed."""

from datetime import time
from typing import Literal

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from tcm.services import equipping
from tcm.services.equipping import VehicleDetails
from web.auth import current_actor
from web.desks.manager.blueprint import asked_day, desk, usual_day
from web.door import Form, Rejected, parse
from web.house import work
from web.i18n import say

Kind = Literal["van", "motorbike", "foot"]
KINDS: dict[Kind, str] = {"van": N_("面包车"), "motorbike": N_("摩托车"), "foot": N_("步行")}


class VehicleForm(Form):
    """What a vehicle and its courier can do."""

    kind: Kind
    capacity_bags: int = Field(ge=1, le=10_000)
    capacity_litres: int | None = Field(default=None, ge=1, le=100_000)
    shift_start: time
    shift_end: time
    rest_earliest: time | None = None
    rest_latest: time | None = None
    rest_min: int | None = Field(default=None, ge=5, le=240)
    max_trips: int = Field(ge=1, le=20)
    speed_percent: int = Field(ge=20, le=300)
    active: bool = False

    def details(self) -> VehicleDetails:
        """As the service takes it.

        Raises:
            Invalid: When a rest is told in part.
        """
        rest = (self.rest_earliest, self.rest_latest, self.rest_min)
        breaks: tuple[tuple[int, int, int], ...] = ()
        if self.rest_earliest and self.rest_latest and self.rest_min:
            breaks = ((_minute(self.rest_earliest), _minute(self.rest_latest), self.rest_min),)
        elif any(each is not None for each in rest):
            raise Invalid(N_("休息要填齐：最早、最晚和多久，或者都不填。"))
        return VehicleDetails(
            kind=self.kind,
            capacity_bags=self.capacity_bags,
            capacity_ml=None if self.capacity_litres is None else 1000 * self.capacity_litres,
            shift_start_min=_minute(self.shift_start),
            shift_end_min=_minute(self.shift_end),
            breaks=breaks,
            max_trips=self.max_trips,
            speed_factor=self.speed_percent / 100,
            active=self.active,
        )


class VillageForm(Form):
    """What a village's road lets through, and when somebody is there."""

    has_road: bool = False
    kinds: list[Kind] = Field(default_factory=list)
    first_from: time | None = None
    first_to: time | None = None
    second_from: time | None = None
    second_to: time | None = None

    def windows(self) -> tuple[tuple[int, int], ...]:
        """First and last minutes.

        Raises:
            Invalid: When a window is told in part.
        """
        pairs = ((self.first_from, self.first_to), (self.second_from, self.second_to))
        if any((begin is None) != (end is None) for begin, end in pairs):
            raise Invalid(N_("收药时段要填起和止，或者都不填。"))
        return tuple((_minute(begin), _minute(end)) for begin, end in pairs if begin and end)


class TownshipForm(Form):
    """Whose villages are looked at."""

    township: str = Field(default="", max_length=40)


@desk.get("/equipment")
def equipment() -> str:
    """Vehicles, and the villages of a township."""
    return _page()


@desk.post("/equipment/vehicles/<int:vehicle_id>")
def change_vehicle(vehicle_id: int) -> Response:
    """Write down what a vehicle can do."""
    try:
        details = parse(VehicleForm, request.form).details()
        with work() as open_work:
            equipping.change_vehicle(open_work, current_actor(), vehicle_id, details)
            open_work.commit()
    except (Rejected, Invalid) as refusal:
        return make_response(_page(_sentence(refusal)), 422)
    return redirect(url_for("manager.equipment", _anchor=f"vehicle-{vehicle_id}"), 303)


@desk.post("/equipment/villages/<int:village_id>")
def change_village(village_id: int) -> Response:
    """Write down what a village's road lets through."""
    try:
        form = parse(VillageForm, request.form)
        with work() as open_work:
            village = equipping.change_village(
                open_work,
                current_actor(),
                village_id,
                has_road=form.has_road,
                vehicle_kinds=tuple(form.kinds),
                door_windows=form.windows(),
            )
            open_work.commit()
    except (Rejected, Invalid) as refusal:
        return make_response(_page(_sentence(refusal)), 422)
    where = url_for("manager.equipment", township=village.township, _anchor=f"village-{village_id}")
    return redirect(where, 303)


def _page(sentence: str = "") -> str:
    try:
        township = parse(TownshipForm, request.args).township
    except Rejected:
        township = ""
    with work() as open_work:
        day = asked_day() or usual_day(open_work)
        view = equipping.equipment(open_work, current_actor(), township)
        return render_template("manager/equipment.html", view=view, day=day, kinds=KINDS, sentence=sentence)


def _sentence(refusal: Invalid) -> str:
    # The page holds a form for every vehicle and village: what is wrong is said above them all.
    if isinstance(refusal, Rejected):
        wrong = sorted(set(refusal.typed.errors.values()))
        return str(gettext("没有保存：")) + "".join(wrong)
    return say(refusal)


def _minute(at: time) -> int:
    return 60 * at.hour + at.minute
