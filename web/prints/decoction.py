"""The record of a decoction (煎药记录): the rows of the blank form for outages, by name and minute."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from web.prints import validate
from web.prints.paper import local_moment, mask_name
from web.prints.press import Json, press
from web.prints.validate import CODE, LINE, NAME, NOTE, PERSON
from web.prints.wording import Language, words

MAX_RECORDS: Final = 500
# Words of the rows, those of the blank form where it has the row.
ROWS: Final = {
    "dispense": "blank_dispense",
    "recheck": "blank_recheck",
    "soak": "blank_soak",
    "pot": "decoction_pot_step",
    "heat": "decoction_heat",
    "pre_boil": "blank_pre_boil",
    "first_boil": "blank_first_boil",
    "add_later": "blank_add_later",
    "second_boil": "blank_second_boil",
    "pack": "blank_pack",
    "clean": "blank_clean",
}
_MAX_NAMES: Final = 80
_MAX_HAPPENED: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoctionRow:
    """A row of the record.

    Attributes:
        step: key of ROWS.
        begun_at: aware UTC, or None.
        ended_at: aware UTC, or None.
        volume_ml: water poured on or what was got, or None.
        who: names.
    """

    step: str
    begun_at: datetime | None
    ended_at: datetime | None
    volume_ml: int | None
    who: str

    def __post_init__(self) -> None:
        if self.step not in ROWS:
            raise ValueError(f"step {self.step!r} is no row of the record")
        for name in ("begun_at", "ended_at"):
            if getattr(self, name) is not None:
                validate.instant(getattr(self, name), name)
        validate.text(self.who, "who", limit=_MAX_NAMES, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoctionSheet:
    """What the record of a decoction says.

    Attributes:
        number: of the prescription.
        patient: name; the paper shows its first character.
        centre: where it was decocted.
        house: where it was prescribed.
        village: where it goes.
        state: where the prescription stands, in words.
        doses: doses of the prescription.
        decoction_class: 一般, 解表 or 滋补.
        special: herbs with a note of their own.
        soak_min: of the programme, as the four that follow.
        pre_boil_min: 0 without.
        first_boil_min: minutes.
        second_boil_min: 0 without.
        first_water_ml: poured on before soaking.
        second_water_ml: poured on before the second boil.
        pot: code, or empty.
        pouches: filled.
        pouch_ml: of each.
        bags: they went into.
        packed_at: aware UTC.
        rows: in order.
        happened: what went otherwise, a sentence each.
        quality: looks at the batch, a line each.
        sample: what was retained, or empty.
        scrapped: whether the batch was thrown away.
        curve_svg: temperature of the boil as an SVG document, empty for none.
        curve_legend: what the numbers above the curve are.
    """

    number: str
    patient: str
    centre: str
    house: str
    village: str
    state: str
    doses: int
    decoction_class: str
    special: tuple[str, ...]
    soak_min: int
    pre_boil_min: int
    first_boil_min: int
    second_boil_min: int
    first_water_ml: int
    second_water_ml: int
    pot: str
    pouches: int
    pouch_ml: int
    bags: int
    packed_at: datetime
    rows: tuple[DecoctionRow, ...]
    happened: tuple[str, ...]
    quality: tuple[str, ...]
    sample: str
    scrapped: bool
    curve_svg: str = ""
    curve_legend: str = ""

    def __post_init__(self) -> None:
        validate.text(self.number, "number", limit=CODE)
        validate.text(self.patient, "patient", limit=PERSON)
        for name, limit in (("centre", NAME), ("house", NAME), ("village", LINE), ("state", PERSON)):
            validate.text(getattr(self, name), name, limit=limit)
        for each in (*self.special, *self.happened, *self.quality):
            validate.text(each, "line", limit=NOTE)
        validate.whole(len(self.happened), "number of sentences", least=0, most=_MAX_HAPPENED)
        validate.text(self.sample, "sample", limit=LINE, optional=True)
        validate.text(self.curve_legend, "curve_legend", limit=NOTE, optional=True)
        validate.instant(self.packed_at, "packed_at")
        if self.curve_svg and "<svg" not in self.curve_svg[:1000]:
            raise ValueError("curve_svg is not an SVG document")


def decoction_pdf(
    sheets: tuple[DecoctionSheet, ...],
    printed_at: datetime,
    language: Language = "zh",
    day: date | None = None,
) -> bytes:
    """Print records of decoctions, an A4 page each unless one has more to tell.

    Args:
        sheets: at least one.
        printed_at: aware UTC.
        language: of the labels; the content stays as given.
        day: of which these are all records, for a page in front with what they are; None for none.

    Returns:
        PDF bytes.

    Raises:
        ValueError: without a sheet or for too many; for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 医疗机构中药煎药室管理规范 (国中医药发〔2009〕3号): a record of each decoction.
    """
    validate.whole(len(sheets), "number of records", least=1, most=MAX_RECORDS)
    validate.instant(printed_at, "printed_at")
    label = words(language)
    front: Json = None
    if day is not None:
        front = {
            "title": label["decoction_day_title"].format(day=day.isoformat()),
            "count": label["decoction_day_count"].format(count=len(sheets)),
            "centre": sheets[0].centre,
            "lines": [
                [each.number, each.pot or "—", local_moment(each.packed_at), _yield(each, label)]
                for each in sheets
            ],
        }
    view: dict[str, Json] = {
        "front": front,
        "records": [_view(each, label) for each in sheets],
        "printed": local_moment(printed_at),
    }
    return press("decoction", view, language=language, printed_at=printed_at)


def _view(sheet: DecoctionSheet, label: dict[str, str]) -> Json:
    programme = label["decoction_programme_line"].format(
        soak=sheet.soak_min,
        pre=sheet.pre_boil_min or "—",
        first=sheet.first_boil_min,
        second=sheet.second_boil_min or "—",
        water1=sheet.first_water_ml,
        water2=sheet.second_water_ml,
    )
    return {
        "centre": sheet.centre,
        "number": sheet.number,
        "scrapped": sheet.scrapped,
        "facts": [
            {"head": label[key], "body": body}
            for key, body in (
                ("name", mask_name(sheet.patient)),
                ("decoction_house", sheet.house),
                ("decoction_village", sheet.village),
                ("blank_doses", label["doses_short"].format(doses=sheet.doses)),
                ("blank_pot", sheet.pot or "—"),
                ("decoction_class", sheet.decoction_class),
                ("decoction_packed_on", local_moment(sheet.packed_at)),
                ("decoction_state", sheet.state),
            )
        ],
        "special": "、".join(sheet.special) or label["decoction_none"],
        "programme": programme,
        "yield": _yield(sheet, label),
        "rows": [
            [
                label[ROWS[row.step]],
                local_moment(row.begun_at) if row.begun_at else "",
                local_moment(row.ended_at) if row.ended_at else "",
                "" if row.volume_ml is None else str(row.volume_ml),
                row.who,
            ]
            for row in sheet.rows
        ],
        "happened": list(sheet.happened) or [label["decoction_none"]],
        "quality": list(sheet.quality),
        "sample": sheet.sample or label["decoction_none"],
        "curve": {"svg": sheet.curve_svg, "legend": sheet.curve_legend} if sheet.curve_svg else None,
    }


def _yield(sheet: DecoctionSheet, label: dict[str, str]) -> str:
    return label["decoction_yield"].format(pouches=sheet.pouches, ml=sheet.pouch_ml, bags=sheet.bags)
