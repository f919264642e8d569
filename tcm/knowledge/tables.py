"""Reads the CSV tables that carry every clinical fact, each row with its source and edition."""

import csv
from collections.abc import Iterator
from importlib.resources import files

_DATA = files(__package__) / "data"


def rows(table: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a data table.

    Args:
        table: file name without its folder and ending, for example `herbs`.

    Yields:
        One dictionary a row: column name to text, empty text where the cell is empty.

    Raises:
        FileNotFoundError: there is no such table.
        ValueError: a row has not as many cells as the header.
    """
    text = (_DATA / f"{table}.csv").read_text(encoding="utf-8")
    lines = csv.reader(text.splitlines())
    header = next(lines)
    # Twice as fast as csv.DictReader, and a row of the wrong length is an error instead of a None.
    for cells in lines:
        yield dict(zip(header, cells, strict=True))


def number(cell: str) -> float | None:
    """The number in a cell, or None where the cell is empty."""
    return float(cell) if cell else None


def listed(cell: str) -> tuple[str, ...]:
    """The entries of a cell that separates them by semicolons."""
    return tuple(entry for entry in cell.split(";") if entry)
