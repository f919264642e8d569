"""Why something could not be planned: a code, and one sentence each in Chinese and English."""

from dispatch.plan_types import Unserved

REASONS: dict[str, tuple[str, str]] = {
    "no_pots": ("今日没有可用的煎药锅", "there are no pots today"),
    "no_pot_of_duty": ("没有可用于此类药（{duty}）的专用锅", "there is no pot of duty {duty}"),
    "too_large_for_pots": (
        "药液 {ml} mL 超过同类最大的锅（{largest} mL）",
        "{ml} ml is more than the largest pot of its duty holds ({largest} ml)",
    ),
    "no_loaders": ("没有上锅人员", "there are no loaders"),
    "no_packers": ("没有包装人员", "there are no packers"),
    "no_adders": ("需要后下，但没有后下人员", "it needs an adder and there is none"),
    "past_horizon": (
        "最早 {earliest} 才能包装完毕，晚于收工（{horizon}）",
        "it cannot be packed before {earliest}, after the day's end at {horizon}",
    ),
    "pot_gone": ("所在的锅 {pot} 已停用，请重新调配", "its pot {pot} is no longer there: dispense it again"),
    "soaked_too_long": ("浸泡已超过允许时间，请重新调配", "it has soaked too long: dispense it again"),
    "no_room": ("收工前锅或人手排不下", "the pots or people have no room for it before the day's end"),
    "no_road": ("{place}不通车", "{place} cannot be reached by road"),
    "no_vehicles": ("今日没有可用的车辆", "there are no vehicles today"),
    "too_large_for_vehicles": (
        "共 {bags} 袋（{ml} mL），任何一辆车都装不下",
        "{bags} bags ({ml} ml) are more than any vehicle holds",
    ),
    "ready_too_late": (
        "{ready} 才包装好，任何班次都来不及往返",
        "packed at {ready}, too late for any shift to go there and back",
    ),
    "no_capacity_left": ("今日车辆的班次和装载已排满", "the vehicles have no time or room left today"),
}


def clock(minute: int, start_clock_min: int) -> str:
    """A minute of the plan as HH:MM; hours go on past 24 for the next day."""
    total = minute + start_clock_min
    return f"{total // 60:02d}:{total % 60:02d}"


def unserved(id_: str, code: str, **facts: object) -> Unserved:
    """The reason `code` about the thing `id_`, its sentences filled with `facts`.

    Raises: KeyError when the code or a fact is missing.
    """
    zh, en = REASONS[code]
    return Unserved(id=id_, code=code, zh=zh.format(**facts), en=en.format(**facts))
