"""`tangye face`: read photographs of faces, one JSON line each."""

import time
from pathlib import Path
from typing import Any

import click

from web.cli.photographs import answer_each, make_folder, reading_line


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...")
@click.option(
    "--overlays", type=click.Path(file_okay=False, path_type=Path), help="Folder for <stem>.jpg, drawn on."
)
def face(photos: tuple[str, ...], overlays: Path | None) -> None:
    """Read photographs of faces (面色): JPEG, PNG, WebP or HEIC files, or - for standard input.

    Writes one JSON line a photograph: photo, refused (null, or unreadable, no_face, blurred, dark, bright,
    colour_cast, too_small, cut_off), quality, signs, model, ms. What it answers is a suggestion for a doctor,
    and it abstains unless the light is good and the white of eyes or teeth tells its colour.

    Exits 2 when a file could not be opened; the others are read all the same.
    """
    if overlays is not None:
        make_folder(overlays)
    answer_each("face", photos, lambda name, data: _read(name, data, overlays))


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
    return reading_line(name, reading, spent_ms)
