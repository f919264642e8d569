"""Why something could not be planned, what would serve it: codes with sentences in Chinese and English."""

from dispatch.plan_types import Relaxation, Unserved

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
    "no_vehicle_of_kind": (
        "今日出车的车型都进不了{place}的路",
        "no kind of vehicle that is out today can take the road to {place}",
    ),
    "too_long_in_box": (
        "{ready} 才包装好，{latest} 之前（保温箱时限）送不到",
        "packed at {ready}, it cannot be there by {latest}, the longest time in the box",
    ),
    "closed_when_reached": (
        "{ready} 才包装好，赶不上收药时间（{windows}）",
        "packed at {ready}, it cannot be there while the place takes deliveries ({windows})",
    ),
    "breaks_in_the_way": (
        "{ready} 才包装好，避开送药员休息时间后送不到",
        "packed at {ready}, the breaks of the couriers leave no time to bring it",
    ),
    "no_capacity_left": ("今日车辆的班次和装载已排满", "the vehicles have no time or room left today"),
}

# One constraint relaxed by an amount; the unit of the amount is the sentence's own.
RELAXATIONS: dict[str, tuple[str, str]] = {
    "shift_end_later": (
        "{vehicle}收班推迟 {amount} 分钟（到 {clock}）即可送达",
        "it could be served if {vehicle} came back {amount} min later, by {clock}",
    ),
    "shift_start_earlier": (
        "{vehicle}出车提早 {amount} 分钟（{clock} 起）即可送达",
        "it could be served if {vehicle} began {amount} min earlier, at {clock}",
    ),
    "one_more_trip": ("{vehicle}多跑一趟即可送达", "it could be served if {vehicle} made one more trip"),
    "break_left_out": (
        "{vehicle}在 {clock} 前后不休息即可送达",
        "it could be served if {vehicle} left out its break of {amount} min around {clock}",
    ),
    "one_more_pot": (
        "再有一口{duty}锅（{ml} mL）即可排上",
        "it could be served with one more pot of duty {duty} ({ml} ml)",
    ),
    "later_horizon": (
        "收工推迟 {amount} 分钟（到 {clock}）即可排上",
        "it could be served if packing went on {amount} min longer, until {clock}",
    ),
    "longer_box": (
        "保温箱时限放宽 {amount} 分钟即可送达",
        "it could be served if it might be in the box {amount} min longer",
    ),
    "door_later": (
        "{place}收药延后 {amount} 分钟（到 {clock}）即可送达",
        "it could be served if {place} took deliveries {amount} min longer, until {clock}",
    ),
    "door_earlier": (
        "{place}收药提早 {amount} 分钟（{clock} 起）即可送达",
        "it could be served if {place} took deliveries {amount} min earlier, from {clock}",
    ),
    "other_kind": (
        "允许{kind}走{place}的路即可送达",
        "it could be served if a {kind} might take the road to {place}",
    ),
    "one_more_vehicle": (
        "再有一辆与{vehicle}相同的车即可送达",
        "it could be served with one more vehicle like {vehicle}",
    ),
    "larger_pot": (
        "有一口能装 {amount} mL 的{duty}锅即可排上",
        "it could be served with a pot of duty {duty} for {amount} ml",
    ),
    "larger_vehicle": (
        "{vehicle}能装 {amount} 袋（{ml} mL）即可送达",
        "it could be served if {vehicle} held {amount} bags ({ml} ml)",
    ),
    "one_more_person": ("多一名{role}人员即可排上", "it could be served with one more person as {role}"),
    "order_earlier": (
        "处方早到 {amount} 分钟即可送达",
        "it could be served had it come {amount} min earlier",
    ),
    "road_opened": ("{place}通车即可送达", "it could be served if the road to {place} were open"),
}
# The words of the sentences in Chinese; in English they are called as in the code.
ZH_WORDS = {
    "any": "普通",
    "toxic": "毒性药",
    "strong": "浓味药",
    "van": "汽车",
    "motorbike": "摩托车",
    "foot": "步行",
    "loader": "上锅",
    "packer": "包装",
    "adder": "后下",
}

# The facts whose value is one of these words, and no name of somebody's choice.
_WORDED = {"duty", "kind", "role"}


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


def relaxation(order_id: str, code: str, amount: int, **facts: object) -> Relaxation:
    """The relaxation `code` by `amount` that would serve an order, its sentences filled with `facts`.

    Raises: KeyError when the code or a fact is missing.
    """
    zh, en = RELAXATIONS[code]
    zh_facts = {name: ZH_WORDS.get(str(fact), fact) for name, fact in facts.items() if name in _WORDED}
    return Relaxation(
        order_id=order_id,
        code=code,
        amount=amount,
        zh=zh.format(amount=amount, **(facts | zh_facts)),
        en=en.format(amount=amount, **facts),
    )
