"""What decoction machines say of their pots, and where a boil went another way than it should."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from tcm.records.errors import N_


class DeviationKind(StrEnum):
    """How a boil went another way; what follows is a row of `machine_deviations.csv`."""

    BOILED_DRY = "boiled_dry"
    TOO_HOT = "too_hot"
    UNDER_TIME = "under_time"
    NEVER_BOILED = "never_boiled"
    SILENCE = "silence"
    CLOCK = "clock"


DEVIATION_TERMS = {
    DeviationKind.BOILED_DRY: N_("煎干"),
    DeviationKind.TOO_HOT: N_("超温"),
    DeviationKind.UNDER_TIME: N_("煎煮时间不足"),
    DeviationKind.NEVER_BOILED: N_("没有煮沸"),
    DeviationKind.SILENCE: N_("煎药机没有读数"),
    DeviationKind.CLOCK: N_("煎药机的钟不准"),
}


class Verdict(StrEnum):
    """What a named person decides of a batch that was stopped."""

    GO_ON = "go_on"
    SCRAP = "scrap"


VERDICT_TERMS = {Verdict.GO_ON: N_("继续"), Verdict.SCRAP: N_("报废")}

# Why a batch may go on; which of them a deviation allows is a row of `machine_deviations.csv`.
GO_ON_REASONS = {
    "false_alarm": N_("已到锅前查明是误报"),
    "boiled_again": N_("已补足煎煮时间"),
    "inspected": N_("已查看药液，合格"),
}


class RefusedBecause(StrEnum):
    """Why a message of a machine was not taken."""

    GARBAGE = "garbage"
    FOREIGN = "foreign"
    REPEATED = "repeated"
    RETAINED = "retained"


REFUSAL_TERMS = {
    RefusedBecause.GARBAGE: N_("读不懂"),
    RefusedBecause.FOREIGN: N_("没有这口锅"),
    RefusedBecause.REPEATED: N_("重复或倒序"),
    RefusedBecause.RETAINED: N_("服务器留存的旧消息"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One message of a machine, validated at the door.

    Args:
        pot_code: Of which pot, as painted on it.
        boot: Changes whenever the machine is switched on.
        sequence: Counts the messages of one boot.
        at: By the machine's clock, aware.
        temperature_c: In the decoction.
        lid_closed: None where it does not know.
        heater_on: None where it does not know.
        level_ml: What is in the pot, None where it does not know.
    """

    pot_code: str
    boot: str
    sequence: int
    at: datetime
    temperature_c: float
    lid_closed: bool | None = None
    heater_on: bool | None = None
    level_ml: int | None = None


@dataclass(eq=False, kw_only=True)
class Machine:
    """What a pot's machine said last.

    Args:
        id: Row, None before it is stored.
        pot_id: Its pot.
        boot: Of the last message.
        previous_boot: The one before, whose messages are not taken any more.
        sequence: Of the last message.
        at: Its moment, aware UTC: the machine's, or ours where its clock is not to be believed.
        received_at: When it came, aware UTC.
        is_clock_wrong: Whether its clock was not to be believed.
        temperature_c: In the decoction.
        lid_closed: None where it does not know.
        heater_on: None where it does not know.
        level_ml: None where it does not know.
        kept_run_id: The run that the last kept reading belongs to, None before one is kept.
        kept_at: Its moment.
        kept_c: Its temperature.
    """

    id: int | None = None
    pot_id: int
    boot: str
    previous_boot: str | None = None
    sequence: int
    at: datetime
    received_at: datetime
    is_clock_wrong: bool
    temperature_c: float
    lid_closed: bool | None = None
    heater_on: bool | None = None
    level_ml: int | None = None
    kept_run_id: int | None = None
    kept_at: datetime | None = None
    kept_c: float | None = None


class Temperature(NamedTuple):
    """A point of a curve, and nothing besides.

    Args:
        at: Aware UTC.
        temperature_c: In the decoction.
    """

    at: datetime
    temperature_c: float


class Point(Protocol):
    """A point of a curve, whatever else is known of it."""

    @property
    def at(self) -> datetime:
        """Aware UTC."""

    @property
    def temperature_c(self) -> float:
        """In the decoction."""


@dataclass(eq=False, kw_only=True)
class MachineReading:
    """A point of a run's curve.

    Args:
        id: Row, None before it is stored.
        run_id: Of which boil.
        sequence: The machine's own number.
        at: Aware UTC.
        temperature_c: In the decoction.
        lid_closed: None where the machine does not know.
        heater_on: None where the machine does not know.
        level_ml: None where the machine does not know.
        is_clock_wrong: Whether `at` is when it came, for the machine's clock was not to be believed.
    """

    id: int | None = None
    run_id: int
    sequence: int
    at: datetime
    temperature_c: float
    lid_closed: bool | None = None
    heater_on: bool | None = None
    level_ml: int | None = None
    is_clock_wrong: bool = False


@dataclass(eq=False, kw_only=True)
class MachineRefusal:
    """How many messages of a pot's machine were not taken on a day.

    Args:
        id: Row, None before it is stored.
        day: County date.
        pot_code: Which pot, empty where the message names none of ours.
        reason: Why.
        count: How many.
        last_at: The newest of them, aware UTC.
    """

    id: int | None = None
    day: date
    pot_code: str
    reason: RefusedBecause
    count: int
    last_at: datetime


@dataclass(eq=False, kw_only=True)
class Deviation:
    """Where one boil went another way, and what was decided.

    Args:
        id: Row, None before it is stored.
        run_id: Which boil.
        prescription_id: Of which prescription.
        pot_id: In which pot.
        kind: How.
        stops: Whether the batch waits for a decision.
        began_at: Aware UTC; with run and kind it names the deviation.
        over_at: When it was over, None while it lasts or where it cannot be over.
        found_at: Aware UTC.
        measured: What was measured against what limit: numbers by name, units in the names.
        verdict: What was decided, None before.
        reason_code: Why it may go on; empty for scrapping.
        note: What else there is to say; never a patient's data.
        decided_by_id: Who decided.
        decided_at: When, aware UTC.
    """

    id: int | None = None
    run_id: int
    prescription_id: int
    pot_id: int
    kind: DeviationKind
    stops: bool
    began_at: datetime
    over_at: datetime | None = None
    found_at: datetime
    measured: dict[str, float] = field(default_factory=dict)
    verdict: Verdict | None = None
    reason_code: str = ""
    note: str = ""
    decided_by_id: int | None = None
    decided_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the batch stands still until somebody decides."""
        return self.stops and self.verdict is None

    @property
    def holds(self) -> bool:
        """Whether nothing goes on with the batch: nobody has decided yet, or it is to be scrapped."""
        return self.is_waiting or self.verdict is Verdict.SCRAP
