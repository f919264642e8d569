"""`tangye tongue`: read photographs of tongues, one JSON line each."""

import json
import time
from pathlib import Path
from typing import Any

import click

from web.cli.photographs import answer_each, make_folder, reading_line


def _tell_model(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print which model answers, and stop."""
    if wanted:
        import vision  # noqa: PLC0415  # heavy, see _read

        click.echo(json.dumps({"model": vision.model_name()}))
        context.exit()


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...")
@click.option(
    "--masks", type=click.Path(file_okay=False, path_type=Path), help="Folder for <stem>.png, 0 or 255."
)
@click.option(
    "--overlays", type=click.Path(file_okay=False, path_type=Path), help="Folder for <stem>.jpg, drawn on."
)
@click.option(
    "--model", is_flag=True, is_eager=True, expose_value=False, callback=_tell_model, help="Name the model."
)
def tongue(photos: tuple[str, ...], masks: Path | None, overlays: Path | None) -> None:
    """Read photographs of tongues (舌象): JPEG, PNG or WebP files, or - for standard input.

    Writes one JSON line a photograph: photo, refused (null, or unreadable, no_tongue, blurred, dark, bright,
    colour_cast, too_small, cut_off), quality, signs, model, ms. What it answers is a suggestion for a doctor.

    Exits 2 when a file could not be opened; the others are read all the same.
    """
    for folder in (masks, overlays):
        if folder is not None:
            make_folder(folder)
    answer_each("tongue", photos, lambda name, data: _read(name, data, masks, overlays))


def _read(name: str, data: bytes, masks: Path | None, overlays: Path | None) -> dict[str, Any]:
    """Read one photograph, write its pictures where wanted, return its line."""
    import vision  # noqa: PLC0415  # heavy: OpenCV and the network, half a second that --help should not cost

    vision.model_name()  # loads both models, so that ms is the time of the photograph
    started_s = time.perf_counter()
    reading = vision.read(data)
    spent_ms = (time.perf_counter() - started_s) * 1000
    stem = "stdin" if name == "-" else Path(name).stem
    if reading.mask is not None and masks is not None:
        (masks / f"{stem}.png").write_bytes(vision.clean(reading.mask, "png"))
    if reading.mask is not None and overlays is not None:
        (overlays / f"{stem}.jpg").write_bytes(vision.overlay(data, reading))
    return reading_line(name, reading, spent_ms)
