"""Two tongues held against one another, from the pictures' bytes to what the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext

from tcm.records.clinical import PhotographKind
from tcm.records.errors import N_
from tcm.services.following import SeenTongue
from vision import clean
from vision.followup.align import (
    FRAME_PX,
    LEAST_OVERLAP,
    Aligned,
    Image,
    NoContour,
    align,
    contour,
    framed,
)
from vision.followup.changes import TOGETHER, Change, Verdict, compare, limits
from vision.followup.look import Look, look, mask_of, small
from vision.followup.measures import CHANNELS, MEASURES, ZONE_ABOVE, ZONE_CHANNELS, ZONE_DIFFERENCE, swatch
from vision.tongue.zones import ZONES
from web.desks.doctor.pictures import ZONE_TERMS
from web.reading import sentence_of

# Of the measures of a zone, in the order of the table's columns.
COLUMNS = (
    (ZONE_CHANNELS.format(zone="{zone}", channel="lightness"), N_("明度 L*")),
    (ZONE_CHANNELS.format(zone="{zone}", channel="redness"), N_("红 a*")),
    (ZONE_CHANNELS.format(zone="{zone}", channel="yellowness"), N_("黄 b*")),
    (ZONE_DIFFERENCE, N_("色差 ΔE")),
    (ZONE_ABOVE.format(zone="{zone}", channel="redness"), N_("比全舌红")),
    (ZONE_ABOVE.format(zone="{zone}", channel="yellowness"), N_("比全舌黄")),
)
GROUP_TERMS = {
    "coat": N_("舌苔"),
    "marks": N_("裂纹、齿痕、点刺、剥苔"),
    "form": N_("舌形"),
    "grades": N_("识别的等级"),
}
TERMS = {
    "coat_cover_share": N_("苔覆盖（占舌面）"),
    "coat_lightness_above_body_lab": N_("苔比舌质白（L*）"),
    "coat_yellowness_above_body_lab": N_("苔比舌质黄（b*）"),
    "crack_length_share": N_("裂纹总长（占舌长）"),
    "notches_count": N_("齿痕（处）"),
    "spots_count": N_("点刺（个）"),
    "peeled_share": N_("剥苔面积（占舌面）"),
    "width_per_length": N_("宽与长之比"),
    "body_grade": N_("舌色（淡白到绛）"),
    "coat_colour_grade": N_("苔色（白到黄）"),
    "coat_thickness_grade": N_("苔厚薄（少到厚）"),
    "cracks_grade": N_("裂纹（级）"),
    "tooth_marks_grade": N_("齿痕（级）"),
    "red_spots_grade": N_("点刺（级）"),
    "shape_grade": N_("胖瘦（瘦到胖）"),
}
VERDICT_TERMS = {
    Verdict.MORE: N_("较前增"),
    Verdict.LESS: N_("较前减"),
    Verdict.WITHIN: N_("在误差内"),
    Verdict.INCOMPARABLE: N_("不可比"),
}
# A difference of colours has no direction.
DIFFERS = N_("有变化")
REASON_TERMS = {"light": N_("两次光线相差太大，或只有一次用了色卡"), "absent": N_("至少一张照片上测不到")}
MARKS = {Verdict.MORE: "↑", Verdict.LESS: "↓", Verdict.WITHIN: "", Verdict.INCOMPARABLE: ""}
TONES = {Verdict.MORE: "work", Verdict.LESS: "work", Verdict.WITHIN: "quiet", Verdict.INCOMPARABLE: "wait"}


@dataclass(frozen=True)
class Row:
    """One measure as the page shows it; every figure is written out.

    Args:
        term: What is measured.
        before: Earlier, with its unit.
        after: Now.
        change: With its sign; empty where not comparable.
        limit: What re-takes of an unchanged tongue stay below.
        verdict: In words.
        mark: An arrow, or empty.
        tone: Class of its colour.
        reason: Why it is not comparable, in words.
        stands_out: Whether it is more than a re-take brings about.
    """

    term: str
    before: str
    after: str
    change: str
    limit: str
    verdict: str
    mark: str
    tone: str
    reason: str
    stands_out: bool


@dataclass(frozen=True)
class ZoneRow:
    """One zone.

    Args:
        term: Its name.
        before: Its colour then, as #rrggbb, empty where it is not to be seen.
        after: Its colour now.
        cells: In the order of COLUMNS.
    """

    term: str
    before: str
    after: str
    cells: tuple[Row, ...]


@dataclass(frozen=True)
class Group:
    """Measures that belong together."""

    term: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Compared:
    """What came of two photographs.

    Args:
        model: Version of the reader that read both now.
        limits_model: Version that the limits were measured with.
        refused_before: Why the earlier picture can not be read today, empty where it can.
        refused_after: The same of the later one.
        overlap: Intersection over union of the contours, 0 where they could not be brought together.
        least_overlap: What it must be.
        frame_px: Side of the common frame, in which the contours are.
        contour_before: Points as SVG writes them.
        contour_after: The same.
        zones: Colours by zone, empty where nothing is compared.
        groups: All other measures.
        changed: How many measures stand out.
        by_chance: How many stand out in 95 of 100 pairs of re-takes of an unchanged tongue, at most.
    """

    model: str
    limits_model: str
    refused_before: str = ""
    refused_after: str = ""
    overlap: float = 0.0
    least_overlap: float = LEAST_OVERLAP
    frame_px: int = FRAME_PX
    contour_before: str = ""
    contour_after: str = ""
    zones: tuple[ZoneRow, ...] = ()
    groups: tuple[Group, ...] = ()
    changed: int = 0
    by_chance: int = 0

    @property
    def aligned(self) -> bool:
        """Whether there are two pictures in one frame to show."""
        return bool(self.contour_before)

    @property
    def comparable(self) -> bool:
        """Whether the changes are told."""
        return bool(self.groups)

    @property
    def measures(self) -> int:
        """How many are measured."""
        return len(MEASURES)


def compare_tongues(before: SeenTongue, after: SeenTongue) -> Compared:
    """Read both pictures with today's model and hold them against one another.

    Args:
        before: The earlier.
        after: The later.

    Returns:
        What the page shows.
    """
    first, second = look(before.picture), look(after.picture)
    table = limits()
    versions = (second.reading.model, table[TOGETHER].model)
    if first.reading.refused or second.reading.refused:
        return Compared(*versions, _refusal(first), _refusal(second))
    try:
        both = _aligned(first, second)
    except NoContour:
        return Compared(*versions)
    shown = Compared(
        *versions,
        overlap=both.overlap,
        contour_before=_points(both.before_mask),
        contour_after=_points(both.after_mask),
    )
    return _with_changes(shown, first, second, both) if both.comparable else shown


def picture_in_frame(before: SeenTongue, after: SeenTongue, *, later: bool) -> bytes | None:
    """One of two pictures in their common frame.

    Args:
        before: The earlier.
        after: The later.
        later: True for the later one.

    Returns:
        A JPEG without metadata; None where they cannot be brought together.
    """
    one = small(before.picture)
    try:
        if not later:
            return clean(framed(one, mask_of(one)))
        other = small(after.picture)
        return clean(align(one, mask_of(one), other, mask_of(other)).after)
    except NoContour:
        return None


def _aligned(first: Look, second: Look) -> Aligned:
    one, other = first.reading.mask, second.reading.mask
    if one is None or other is None:
        raise NoContour("a picture without a mask")
    return align(first.picture, one, second.picture, other)


def _refusal(one: Look) -> str:
    return sentence_of(PhotographKind.TONGUE, one.reading.refused) if one.reading.refused else ""


def _points(mask: Image) -> str:
    return " ".join(f"{point.real:.0f},{point.imag:.0f}" for point in contour(mask))


def _with_changes(shown: Compared, first: Look, second: Look, both: Aligned) -> Compared:
    changes = {change.measure.name: change for change in compare(first, second, both)}
    groups = tuple(
        Group(
            gettext(term),
            tuple(
                _row(change, gettext(TERMS[name]), first, second)
                for name, change in changes.items()
                if change.measure.group == group
            ),
        )
        for group, term in GROUP_TERMS.items()
    )
    return replace(
        shown,
        zones=tuple(_zone(zone, changes, first, second) for zone in ZONES),
        groups=groups,
        changed=sum(change.stands_out for change in changes.values()),
        by_chance=round(limits()[TOGETHER].limit),
    )


def _zone(zone: str, changes: Mapping[str, Change], first: Look, second: Look) -> ZoneRow:
    colours = [changes[ZONE_CHANNELS.format(zone=zone, channel=channel)] for channel in CHANNELS]
    cells = tuple(
        _row(changes[name.format(zone=zone)], gettext(term), first, second) for name, term in COLUMNS
    )
    then, now = [one.before for one in colours], [one.after for one in colours]
    return ZoneRow(gettext(ZONE_TERMS[zone]), _swatch(then), _swatch(now), cells)


def _swatch(lab: list[float | None]) -> str:
    lightness, a, b = lab
    return "" if lightness is None or a is None or b is None else swatch((lightness, a, b))


def _row(change: Change, term: str, first: Look, second: Look) -> Row:
    name = change.measure.name
    is_difference = name.endswith("_de2000")
    verdict = DIFFERS if is_difference and change.stands_out else VERDICT_TERMS[change.verdict]
    signed = "" if change.change is None else _figure(name, change.change)
    return Row(
        term=term,
        before="" if is_difference else _value(name, change.before, first),
        after="" if is_difference else _value(name, change.after, second),
        change=f"+{signed}" if signed and not is_difference and (change.change or 0) > 0 else signed,
        limit=_figure(name, change.limit),
        verdict=gettext(verdict),
        mark="" if is_difference else MARKS[change.verdict],
        tone=TONES[change.verdict],
        reason=gettext(REASON_TERMS[change.reason]) if change.reason else "",
        stands_out=change.stands_out,
    )


def _value(name: str, value: float | None, one: Look) -> str:
    """A value in words where it is a grade, else in figures."""
    sign = one.reading.signs.get(name.removesuffix("_grade")) if name.endswith("_grade") else None
    if sign is not None:
        return f"{sign.term}（{_figure(name, value)}）" if value is not None else sign.term
    return "" if value is None else _figure(name, value)


def _figure(name: str, value: float) -> str:
    """A figure as its unit, the end of its name, asks for."""
    if name.endswith("_share"):
        text = f"{100 * value:.1f}%"
    elif name.endswith(("_count", "_grade")):
        text = f"{value:.1f}".removesuffix(".0")
    elif name == "width_per_length":
        text = f"{value:.2f}"
    else:
        text = f"{value:.1f}"
    return text.replace("-", "−")
