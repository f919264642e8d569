"""What the commands that read photographs share: their files, their lines, the folders they write to."""

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vision import TongueReading
    from vision.face import FaceReading

DECIMALS = 4


def answer_each(command: str, photos: tuple[str, ...], read: Callable[[str, bytes], dict[str, Any]]) -> None:
    """Print one JSON line for each photograph.

    Args:
        command: Which command says so where a file cannot be opened.
        photos: Paths, or "-" for standard input.
        read: Answers the line of one photograph, given its name and its bytes.

    Raises:
        SystemExit: with 2 when a file could not be opened; the others are read all the same. With 1 when a
            result could not be written.
    """
    from vision.capture import MAX_BYTES  # noqa: PLC0415  # heavy: OpenCV, which --help should not cost

    missing = False
    for name in photos:
        try:
            data = read_bytes(name, MAX_BYTES)
        except OSError as error:
            click.echo(f"tangye {command}: {name}: {error.strerror}", err=True)
            missing = True
            continue
        try:
            line = read(name, data)
        except OSError as error:
            click.echo(f"tangye {command}: {error.filename}: {error.strerror}", err=True)
            raise SystemExit(1) from error
        click.echo(json.dumps(line, ensure_ascii=False))
    if missing:
        raise SystemExit(2)


def reading_line(name: str, reading: "TongueReading | FaceReading", spent_ms: float) -> dict[str, Any]:
    """The line of one photograph, as the contract names its fields.

    Args:
        name: As on the command line.
        reading: What was read.
        spent_ms: How long it took.

    Returns:
        JSON values.
    """
    quality = {} if reading.quality is None else dataclasses.asdict(reading.quality)
    signs = {sign: dataclasses.asdict(found) for sign, found in reading.signs.items()}
    for found in signs.values():
        found["probability"] = round(found["probability"], DECIMALS)
    return {
        "photo": name,
        "refused": reading.refused,
        "quality": {measure: round(value, DECIMALS) for measure, value in quality.items()},
        "signs": signs,
        "model": reading.model,
        "ms": round(spent_ms, 1),
    }


def read_bytes(name: str, most: int) -> bytes:
    """Read a photograph, or as much of it as shows that it is too large.

    Args:
        name: Its path, or "-" for standard input.
        most: Bytes a photograph may have; one more is read at most.

    Returns:
        The bytes.

    Raises:
        OSError: when the file cannot be opened.
    """
    if name == "-":
        return sys.stdin.buffer.read(most + 1)
    with Path(name).open("rb") as file:
        return file.read(most + 1)


def make_folder(folder: Path) -> None:
    """Make a folder for results, with those above it.

    Args:
        folder: May exist already.

    Raises:
        click.UsageError: when it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{folder}: {error.strerror}") from error
