"""How often people, scales and machines are checked, and how far a pouch may be off: rule rows."""

from functools import cache

from tcm.knowledge.tables import rows


@cache
def quality_rules() -> dict[str, int]:
    """The rule rows by key.

    Returns:
        Days or per cent by key; `check_every_days:KIND` for each kind of device.

    Source:
        Each row's own; see quality_rules.csv.
    """
    return {row["key"]: int(row["value"]) for row in rows("quality_rules")}


def pouch_limits_ml(target_ml: int) -> tuple[int, int]:
    """What one pouch may hold, ends included.

    Args:
        target_ml: What it should hold, above 0.

    Returns:
        Least and most, whole millilitres.
    """
    percent = quality_rules()["pouch_tolerance_pct"]
    # The least is rounded up and the most down: no pouch outside the share passes.
    return -(-target_ml * (100 - percent) // 100), target_ml * (100 + percent) // 100
