"""`tangye face`: read photographs of faces, one JSON line each."""

import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.photographs import make_folder, read_bytes

if TYPE_CHECKING:
    from vision.face import FaceReading

DECIMALS = 4


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...")
@click.option(
    "--overlays", type=click.Path(file_okay=False, path_type=Path), help="Folder for <stem>.jpg, drawn on."
)
def face(photos: tuple[str, ...], overlays: Path | None) -> None:
    """Read photographs of faces (面色): JPEG, PNG or WebP files, or - for standard input.

    Writes one JSON line a photograph: photo, refused (null, or unreadable, no_face, blurred, dark, bright,
    colour_cast, too_small, cut_off), quality, signs, model, ms. What it answers is a suggestion for a doctor,
    and it abstains unless the light is good and the white of eyes or teeth tells its colour.

    Exits 2 when a file could not be opened; the others are read all the same.
    """
    # OpenCV and the network, half a second that --help should not cost
    from vision.capture import MAX_BYTES  # noqa: PLC0415

    if overlays is not None:
        make_folder(overlays)
    missing = False
    for name in photos:
        try:
            data = read_bytes(name, MAX_BYTES)
        except OSError as error:
            click.echo(f"tangye face: {name}: {error.strerror}", err=True)
            missing = True
            continue
        click.echo(json.dumps(_read(name, data, overlays), ensure_ascii=False))
    if missing:
        raise SystemExit(2)


def _read(name: str, data: bytes, overlays: Path | None) -> dict[str, Any]:
    """Read one photograph, write its overlay where wanted, return its line."""
    from vision import face as faces  # noqa: PLC0415  # heavy, see face

    faces.model_name()  # loads the detector, so that ms is the time of the photograph
    started_s = time.perf_counter()
    reading = faces.read(data)
    spent_ms = (time.perf_counter() - started_s) * 1000
    if reading.parts is not None and overlays is not None:
        stem = "stdin" if name == "-" else Path(name).stem
        (overlays / f"{stem}.jpg").write_bytes(faces.overlay(data, reading))
    return _line(name, reading, spent_ms)


def _line(name: str, reading: "FaceReading", spent_ms: float) -> dict[str, Any]:
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
