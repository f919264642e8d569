"""How warm or cold the box on a vehicle may be."""

from dataclasses import dataclass

from tcm.knowledge.tables import number, rows


@dataclass(frozen=True, slots=True)
class BoxLimits:
    """The limits of one kind of storage, in degrees Celsius; None where it has none on that side."""

    box: str
    term: str
    term_en: str
    low_c: float | None
    high_c: float | None
    source: str
    edition: str

    def holds(self, temp_c: float) -> bool:
        """Whether a temperature lies inside."""
        warm_enough = self.low_c is None or temp_c >= self.low_c
        return warm_enough and (self.high_c is None or temp_c <= self.high_c)


def read_box_limits() -> dict[str, BoxLimits]:
    """Read the table, by code."""
    return {
        row["box"]: BoxLimits(
            row["box"],
            row["term"],
            row["term_en"],
            number(row["low_c"]),
            number(row["high_c"]),
            row["source"],
            row["edition"],
        )
        for row in rows("box_limits")
    }
