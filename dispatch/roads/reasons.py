"""Why a place cannot be reached: a code, and one sentence each in Chinese and English."""

from dispatch.county import Centre, Village
from dispatch.travel import Unreachable

REASONS: dict[str, tuple[str, str]] = {
    "no_road": ("{place}登记为不通车", "{place} is on record as having no road"),
    "far_from_road": (
        "{place}周围 {limit_m} 米内没有可走的路（最近的在 {metres} 米外）",
        "{place} has no usable road within {limit_m} m (the nearest is {metres} m away)",
    ),
    "cut_off": (
        "{place}附近的路与煎药中心不连通",
        "the roads near {place} are not joined to those of the centre",
    ),
    "closed": ("{day} 通往{place}的路封闭", "the roads to {place} are closed on {day}"),
    "no_way": ("地图服务找不到往返{place}的路", "the map server finds no way to {place} and back"),
}


def unreachable(place: Centre | Village, code: str, **facts: object) -> Unreachable:
    """The reason `code` about a place, its sentences filled with `facts`.

    Raises: KeyError when the code or a fact is missing.
    """
    zh, en = REASONS[code]
    return Unreachable(
        place_id=place.id,
        name=place.name,
        code=code,
        zh=zh.format(place=place.name, **facts),
        en=en.format(place=place.name, **facts),
    )
