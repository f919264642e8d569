"""What a machine may publish: the topic names the pot, the JSON says how it is (docs/machines.md)."""

import re
from datetime import UTC
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tcm.records.machines import Reading

# A reading is a few hundred bytes; a longer one is none.
LONGEST_BYTES = 2048
_TOPIC = re.compile(r"^(?P<prefix>.+)/pots/(?P<pot>[A-Za-z0-9-]{1,16})/reading$")


class NotAReading(Exception):
    """A message that cannot be read.

    Args:
        pot_code: The pot its topic names, empty where even that is none.
    """

    def __init__(self, pot_code: str) -> None:
        super().__init__(pot_code)
        self.pot_code = pot_code


class ReadingMessage(BaseModel):
    """The JSON of one reading; what it has besides is passed over.

    Args:
        sequence: Counts up by each message of one boot.
        at: By the machine's clock, with its offset.
        temperature_c: In the decoction.
        boot: Anything that changes when the machine is switched on; empty where it knows nothing.
        lid: Whether the lid is closed.
        heater: Whether it heats.
        level_ml: What is in the pot.
        weight_g: What the pot's content weighs, for machines on a scale: a gram counts as a millilitre.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)

    sequence: Annotated[int, Field(ge=0, le=2_147_483_647)]
    at: AwareDatetime
    temperature_c: Annotated[float, Field(ge=-40, le=400)]
    boot: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{0,32}$")] = ""
    lid: Literal["open", "closed"] | None = None
    heater: Literal["on", "off"] | None = None
    level_ml: Annotated[int, Field(ge=0, le=200_000)] | None = None
    weight_g: Annotated[float, Field(ge=0, le=200_000)] | None = None


def topic_of(prefix: str, pot_code: str) -> str:
    """Where a pot's machine publishes.

    Args:
        prefix: Of the house.
        pot_code: As painted on the pot; `+` for all of them.

    Returns:
        The topic.
    """
    return f"{prefix}/pots/{pot_code}/reading"


def reading_in(topic: str, payload: bytes) -> Reading:
    """Read a message.

    Args:
        topic: Where it was published.
        payload: Its bytes.

    Returns:
        The reading, its moment in UTC.

    Raises:
        NotAReading: When it is none.
    """
    named = _TOPIC.match(topic)
    if named is None:
        raise NotAReading("")
    if len(payload) > LONGEST_BYTES:
        raise NotAReading(named["pot"])
    try:
        message = ReadingMessage.model_validate_json(payload)
        at = message.at.astimezone(UTC)
    except (ValidationError, OverflowError) as error:
        raise NotAReading(named["pot"]) from error
    level_ml = message.level_ml
    if level_ml is None and message.weight_g is not None:
        level_ml = round(message.weight_g)
    return Reading(
        pot_code=named["pot"],
        boot=message.boot,
        sequence=message.sequence,
        at=at,
        temperature_c=message.temperature_c,
        lid_closed=None if message.lid is None else message.lid == "closed",
        heater_on=None if message.heater is None else message.heater == "on",
        level_ml=level_ml,
    )


def message_of(reading: Reading) -> bytes:
    """A reading as a machine publishes it.

    Args:
        reading: Which.

    Returns:
        JSON bytes.
    """
    message = ReadingMessage(
        sequence=reading.sequence,
        at=reading.at,
        temperature_c=round(reading.temperature_c, 2),
        boot=reading.boot,
        lid=None if reading.lid_closed is None else "closed" if reading.lid_closed else "open",
        heater=None if reading.heater_on is None else "on" if reading.heater_on else "off",
        level_ml=reading.level_ml,
    )
    return message.model_dump_json(exclude_none=True).encode()
