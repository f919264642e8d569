"""How robust a plan is: it is carried out on a thousand drawn days, and the bags on time are counted.

A plan is executed as ordered, not planned again: every pot takes its loads in their order, people take the
work as it comes to them, a trip waits for its bags for a while, and couriers drive on from door to door.
Nothing begins before its planned minute except at the doors: docs/decisions/0026-seeing-and-robustness.md.
Buffers are chosen in dispatch.simulation.buffers, which alone here loads the solvers.
"""

from dispatch.simulation.monte_carlo import simulate
from dispatch.simulation.road import HOLD_MIN
from dispatch.simulation.robustness import (
    BufferCandidate,
    BufferChoice,
    Cause,
    Group,
    OrderRisk,
    Quantile,
    Resource,
    Robustness,
)
from dispatch.simulation.spread import Spread, usual_spread

__all__ = [
    "HOLD_MIN",
    "BufferCandidate",
    "BufferChoice",
    "Cause",
    "Group",
    "OrderRisk",
    "Quantile",
    "Resource",
    "Robustness",
    "Spread",
    "simulate",
    "usual_spread",
]
