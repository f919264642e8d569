"""What a visit's page shows of its photographs: how far they are, what was read, how to take a better one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from flask import url_for
from markupsafe import Markup

from tcm.records.clinical import Photograph, PhotographKind, PhotographState
from tcm.records.errors import N_
from tcm.services.charting import Chart
from vision import quality as tongue_quality
from vision.face import quality as face_quality
from web.house import current_house
from web.polling import if_none_match, tag_of
from web.reading import sentence_of

# A reading is there within a second or two; after this the page says that it waits in the queue.
LATE_AFTER = timedelta(seconds=6)
POLL_MS, POLL_LATE_MS = 500, 2000

# What a page can see by itself of a file that was chosen, before the server answers.
ADVISED = ("too_small", "dark", "bright", "colour_cast", "blurred")
COMPARE, COLOUR_CARD = N_("与上次对比"), N_("打印色卡")
ZONE_TERMS = {"tip": N_("舌尖"), "edges": N_("舌边"), "centre": N_("舌中"), "root": N_("舌根")}
LIGHT_TERMS = {
    "card": N_("按色卡校正"),
    "estimate": N_("按画面估计校正"),
    "sclera": N_("按眼白校正"),
    "teeth": N_("按牙齿校正"),
    "none": N_("按画面估计校正"),
}


@dataclass(frozen=True)
class Pictures:
    """The photographs of one kind at one visit, as far as they are.

    Args:
        kind: What they show.
        newest: The one sent last, unless it was refused and put away.
        read: The newest that has been read.
        count: How many have been read.
        refusal: Why the newest was refused, a sentence.
        is_late: Whether the newest has waited longer than usual.
    """

    kind: PhotographKind
    newest: Photograph | None
    read: Photograph | None
    count: int
    refusal: str
    is_late: bool

    @property
    def is_waiting(self) -> bool:
        """Whether the newest is still to be read."""
        return self.newest is not None and self.newest.state is PhotographState.WAITING

    @property
    def facts(self) -> tuple[object, ...]:
        """All that a page which polls waits for."""
        newest = self.newest
        return (newest.id, newest.state, newest.refusal, self.is_late) if newest else ()

    @property
    def if_none_match(self) -> Markup:
        """The attribute by which the page asks only for what is new."""
        return if_none_match(tag_of(self.facts))

    @property
    def poll_ms(self) -> int:
        """How often the page asks."""
        return POLL_LATE_MS if self.is_late else POLL_MS


@dataclass(frozen=True)
class Card:
    """A form for one kind of photograph with what was sent before.

    Args:
        pictures: What was sent.
        request_key: The form's key.
        refusal: Why the file just sent was no picture, a sentence, or empty.
        links: What else there is to do: a msgid, an address, an icon.
        limits: What the page's own look at a picture goes by, JSON.
        advice: What to tell of a chosen file, by code.
        upload_mb: Largest file, in mebibytes.
    """

    pictures: Pictures
    request_key: str
    refusal: str
    links: tuple[tuple[str, str, str], ...]
    limits: str
    advice: Mapping[str, str]
    upload_mb: int


@dataclass(frozen=True)
class Swatch:
    """The colour of one zone.

    Args:
        term: The zone's name, a msgid.
        lab: L, a and b.
        colour: The same for a screen, `#rrggbb`.
    """

    term: str
    lab: tuple[float, float, float]
    colour: str


def pictures_of(photographs: Sequence[Photograph], kind: PhotographKind, now: datetime) -> Pictures:
    """The photographs of one kind, as far as they are.

    Args:
        photographs: Of a visit, newest first, of any kind.
        kind: Which.
        now: Aware UTC.

    Returns:
        What the page shows.
    """
    of_kind = [one for one in photographs if one.kind is kind]
    left = [one for one in of_kind if one.state is not PhotographState.DISMISSED]
    read = [one for one in of_kind if one.state is PhotographState.READ]
    newest = left[0] if left else None
    waits = newest is not None and newest.state is PhotographState.WAITING
    return Pictures(
        kind=kind,
        newest=newest,
        read=read[0] if read else None,
        count=len(read),
        refusal=sentence_of(kind, newest.refusal) if newest is not None and newest.refusal else "",
        is_late=waits and newest is not None and now - newest.taken_at > LATE_AFTER,
    )


def new_card(chart: Chart, kind: PhotographKind, refusal: str, now: datetime) -> Card:
    """A form for one more photograph.

    Args:
        chart: The visit.
        kind: What it is to show.
        refusal: Why the file just sent was no picture, or empty.
        now: Aware UTC.

    Returns:
        The card.
    """
    pictures = pictures_of(chart.photographs, kind, now)
    return Card(
        pictures=pictures,
        request_key=token_urlsafe(24),
        refusal=refusal,
        links=_links(chart, pictures),
        limits=json.dumps(limits_of(kind)),
        advice={code: sentence_of(kind, code) for code in ADVISED},
        upload_mb=current_house().settings.upload_mb,
    )


def _links(chart: Chart, pictures: Pictures) -> tuple[tuple[str, str, str], ...]:
    if pictures.kind is not PhotographKind.TONGUE:
        return ()
    links = [(COLOUR_CARD, url_for("doctor.colour_card"), "print")]
    # Also while it is read: what polls exchanges the picture alone.
    if chart.seen_before and (pictures.read is not None or pictures.is_waiting):
        links.append((COMPARE, url_for("doctor.followup", visit_id=chart.encounter.id), "search"))
    return tuple(links)


def limits_of(kind: PhotographKind) -> dict[str, object]:
    """What a picture is refused for, as `vision` has it, for the page's own look.

    Args:
        kind: What it shows.

    Returns:
        Limits by the name `web/static/js/picture.js` knows them by.
    """
    gate = tongue_quality if kind is PhotographKind.TONGUE else face_quality
    return {
        "across_px": tongue_quality.TONGUE_PX,
        "least_px": tongue_quality.LEAST_TONGUE_PX,
        "least_lightness": gate.LEAST_LIGHTNESS,
        "most_lightness": gate.MOST_LIGHTNESS,
        "most_burnt_share": gate.MOST_BURNT_SHARE,
        "redness": gate.REDNESS,
        "yellowness": gate.YELLOWNESS,
        "least_sharpness": gate.LEAST_SHARPNESS,
    }


def swatches_of(photograph: Photograph) -> list[Swatch]:
    """The colours of the zones.

    Args:
        photograph: Read.

    Returns:
        In the order of `ZONE_TERMS`; none where no zones were measured.
    """
    zones = photograph.reading.zones if photograph.reading else {}
    return [
        Swatch(term, zones[zone], screen_colour(*zones[zone]))
        for zone, term in ZONE_TERMS.items()
        if zone in zones
    ]


def light_of(photograph: Photograph) -> str:
    """Which light the colours were corrected by.

    Args:
        photograph: Read.

    Returns:
        A msgid, empty where that was not kept.
    """
    source = photograph.reading.light.get("source") if photograph.reading else None
    return LIGHT_TERMS.get(str(source), "")


def screen_colour(lightness: float, redness: float, yellowness: float) -> str:
    """A CIE Lab colour under D65 as a screen shows it.

    Args:
        lightness: L, 0 to 100.
        redness: a.
        yellowness: b.

    Returns:
        `#rrggbb` in sRGB, clipped to what a screen has. Source: IEC 61966-2-1.
    """
    fy = (lightness + 16) / 116
    x, y, z = (
        white * (f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29))
        for white, f in ((0.95047, fy + redness / 500), (1.0, fy), (1.08883, fy - yellowness / 200))
    )
    linear = (
        3.2406 * x - 1.5372 * y - 0.4986 * z,
        -0.9689 * x + 1.8758 * y + 0.0415 * z,
        0.0557 * x - 0.2040 * y + 1.0570 * z,
    )
    return "#" + "".join(f"{round(255 * _encoded(min(max(part, 0.0), 1.0))):02x}" for part in linear)


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
