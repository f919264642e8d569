"""What a study is asked, as it is stored; imports no solver, so that pages can write it."""

from dataclasses import dataclass

from dispatch.outcomes import Change, Kind


@dataclass(frozen=True)
class CurveAsked:
    """One quantity in rising steps.

    Args:
        kind: The quantity.
        amounts: As of `Change`, rising.
    """

    kind: Kind
    amounts: tuple[int, ...]


@dataclass(frozen=True)
class WhatIfAsked:
    """Each change by itself, and perhaps one quantity in steps.

    Args:
        changes: What is different.
        curve: Drawn as a curve.
    """

    changes: tuple[Change, ...]
    curve: CurveAsked | None = None


@dataclass(frozen=True)
class RobustnessAsked:
    """How robust the plan is, and which buffers would make it so.

    Args:
        draws: Days drawn.
        target: Share of bags wanted on time.
    """

    draws: int = 1000
    target: float = 0.95
