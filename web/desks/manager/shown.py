"""A stored plan in words: what it costs, how far it is from the best, what would help, whence its roads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from dispatch.formats import read
from dispatch.plan_types import CostParts, Relaxation
from tcm.records.errors import N_
from tcm.records.plans import Plan
from web.house import current_house

# In the order in which they are told; the first two are money, the others are weighed in it. Orders left out
# are counted, not priced.
PARTS = {
    "drive_fen": N_("里程"),
    "vehicles_fen": N_("出车"),
    "waiting_fen": N_("药包好后等待"),
    "late_fen": N_("迟到"),
    "strange_fen": N_("走不熟的村"),
    "uneven_fen": N_("忙闲不均"),
}
MONEY = ("drive_fen", "vehicles_fen")
MADE_BY = {
    "sequence": N_("先排锅、再排路"),
    "joint": N_("锅和路一起排"),
    "repair": N_("在原计划上调整"),
}
_GREAT_CIRCLE = re.compile(r"great circle x ([0-9.]+)")
_DAY_S = 86_400


@dataclass(frozen=True)
class Costs:
    """What a plan costs.

    Args:
        parts: Name, fen and whether it is money, of each part that is not nothing.
        money_fen: What is really spent.
        total_fen: All parts but the price of orders left out, which is no money anybody pays.
        leaves_out: Whether an order is left out.
        bound_fen: No plan of this day costs less, 0 where that is not known.
        gap_percent: How far above the bound, None where the bound is not known or orders are left out.
        made_by: Which way of planning found it, empty where that has no words.
    """

    parts: list[tuple[str, int, bool]]
    money_fen: int
    total_fen: int
    leaves_out: bool
    bound_fen: int
    gap_percent: float | None
    made_by: str


@dataclass(frozen=True)
class Roads:
    """Where the travel times of a plan come from.

    Args:
        source: In words.
        made_at: When they were computed, None for those made on the spot.
        age_days: How old they are.
        unreachable: Villages without a way, each with the reason in both languages.
    """

    source: str
    made_at: datetime | None
    age_days: int
    unreachable: list[Mapping[str, Any]]


def costs_of(plan: Plan | None) -> Costs | None:
    """What a plan costs, part by part.

    Args:
        plan: In force, or None.

    Returns:
        The costs; None for a plan of before they were told.
    """
    stored: Any = plan.result.get("routes", {}) if plan is not None else {}
    if plan is None or "parts" not in stored:
        return None
    parts = read(CostParts, stored["parts"], "parts")
    bound_fen = int(str(plan.result.get("lower_bound_fen", 0)))
    is_known = bound_fen > 0 and parts.unserved_fen == 0
    return Costs(
        parts=[
            (gettext(name), getattr(parts, key), key in MONEY)
            for key, name in PARTS.items()
            if getattr(parts, key)
        ],
        money_fen=sum(getattr(parts, key) for key in MONEY),
        total_fen=parts.total_fen - parts.unserved_fen,
        leaves_out=parts.unserved_fen > 0,
        bound_fen=bound_fen,
        gap_percent=100 * (parts.total_fen - bound_fen) / bound_fen if is_known else None,
        made_by=_words(MADE_BY.get(str(plan.result.get("made_by", "sequence")), "")),
    )


def relaxing(plan: Plan | None) -> dict[str, Relaxation]:
    """The one constraint that would serve each order left out.

    Args:
        plan: The newest, or None.

    Returns:
        Relaxation by order; orders that nothing single would serve are left out.
    """
    stored: Any = plan.result.get("relaxations", []) if plan is not None else []
    found = [read(Relaxation, each, "relaxation") for each in stored]
    return {each.order_id: each for each in found}


def roads_of(plan: Plan | None) -> Roads | None:
    """Where the travel times of a plan come from.

    Args:
        plan: In force, or None.

    Returns:
        Source and age; None for a plan of before they were told.
    """
    if plan is None or not plan.roads:
        return None
    stored: Any = plan.roads
    made_at = datetime.fromisoformat(stored["made_at"]) if stored["made_at"] else None
    age_s = (current_house().clock() - made_at).total_seconds() if made_at else 0
    return Roads(
        source=_source(stored["source"]),
        made_at=made_at,
        age_days=int(age_s // _DAY_S),
        unreachable=stored["unreachable"],
    )


def _words(msgid: str) -> str:
    # The empty msgid is the catalogue's own head.
    return str(gettext(msgid)) if msgid else ""


def _source(source: str) -> str:
    found = _GREAT_CIRCLE.fullmatch(source)
    return str(gettext("直线距离乘弯曲系数 %(factor)s", factor=found[1])) if found else source
