"""How large and how clear a mark must be: in two steps, `POSSIBLE` and `SURE`.

A possible mark is shown where its sign was read; it is what the readers of the photographs went by. A sure
one stands alone: on photographs without the sign nearly none is found. `python -m bench.construct` measures
both."""

from typing import Final, NamedTuple


class Limit(NamedTuple):
    """Least size, as a share of the tongue's length, and least strength, as the mark's class says."""

    size: float
    strength: float


POSSIBLE: Final[dict[str, Limit]] = {
    "cracks": Limit(0.08, 0.1),
    "notches": Limit(0.006, 0.08),
    "spots": Limit(0.0, 0.04),
    "peeled": Limit(0.06, 0.12),
    "stasis": Limit(0.02, 0.2),
}
SURE: Final[dict[str, Limit]] = {
    "cracks": Limit(0.1, 0.19),
    "notches": Limit(0.006, 0.13),
    "spots": Limit(0.0, 0.1),
    "peeled": Limit(0.06, 0.25),
    "stasis": Limit(0.02, 0.4),
}
