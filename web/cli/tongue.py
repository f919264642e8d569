"""`tangye tongue`: read photographs of tongues, one JSON line each."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.photographs import DECIMALS, answer_each, make_folder, reading_line

if TYPE_CHECKING:
    from vision import TongueReading
    from vision.versions import Version


def _tell_models(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print which model answers and which did before, and stop."""
    if not wanted:
        return
    import vision  # noqa: PLC0415  # heavy, see _read
    from vision import versions  # noqa: PLC0415  # in the package whose import is heavy

    digests = versions.at_hand()
    shipped = versions.listed(digests)
    _tell({"model": vision.model_name(), "shipped": True, **_facts(shipped, digests)})
    for earlier in reversed(versions.known()):
        if earlier != shipped:
            _tell({"model": earlier.name, "shipped": False, **_facts(earlier, earlier.digests)})
    context.exit()


def _facts(version: "Version | None", digests: dict[str, str]) -> dict[str, Any]:
    """What is known of a version; of one that is on no list, only its files."""
    from vision.versions import MODELS  # noqa: PLC0415  # in the package whose import is heavy

    told = {} if version is None else {one.file: one for one in version.files}
    files = []
    for name, sha256 in digests.items():
        one, card = told.get(name), (MODELS / name).with_suffix(".md")
        files.append(
            {
                "file": name,
                "sha256": sha256,
                "figures": one.figures if one else None,
                "change": one.change if one else None,
                "card": str(card.relative_to(MODELS.parent.parent)) if card.exists() else None,
            }
        )
    return {
        "version": version.version if version else None,
        "date": version.date if version else None,
        "files": files,
    }


def _tell(line: dict[str, Any]) -> None:
    click.echo(json.dumps(line, ensure_ascii=False))


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...")
@click.option(
    "--masks", type=click.Path(file_okay=False, path_type=Path), help="Folder for <stem>.png, 0 or 255."
)
@click.option(
    "--overlays", type=click.Path(file_okay=False, path_type=Path), help="Folder for <stem>.jpg, drawn on."
)
@click.option(
    "--model",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_models,
    help="List the models, the one that answers first, one JSON line each.",
)
def tongue(photos: tuple[str, ...], masks: Path | None, overlays: Path | None) -> None:
    """Read photographs of tongues (舌象): JPEG, PNG, WebP or HEIC files, or - for standard input.

    Writes one JSON line a photograph: photo, refused (null, or unreadable, no_tongue, blurred, dark, bright,
    colour_cast, too_small, cut_off), quality, signs, model, ms, zones (Lab, the light put right), light.
    What it answers is a suggestion for a doctor.

    Exits 2 when a file could not be opened; the others are read all the same.
    """
    for folder in (masks, overlays):
        if folder is not None:
            make_folder(folder)
    answer_each("tongue", photos, lambda name, data: _read(name, data, masks, overlays))


def _read(name: str, data: bytes, masks: Path | None, overlays: Path | None) -> dict[str, Any]:
    """Read one photograph, write its pictures where wanted, return its line."""
    import vision  # noqa: PLC0415  # heavy: OpenCV and the network, half a second that --help should not cost

    vision.model_name()  # loads the models, so that ms is the time of the photograph
    started_s = time.perf_counter()
    reading = vision.read(data)
    spent_ms = (time.perf_counter() - started_s) * 1000
    stem = "stdin" if name == "-" else Path(name).stem
    if reading.mask is not None and masks is not None:
        (masks / f"{stem}.png").write_bytes(vision.clean(reading.mask, "png"))
    if reading.mask is not None and overlays is not None:
        (overlays / f"{stem}.jpg").write_bytes(vision.overlay(data, reading))
    return reading_line(name, reading, spent_ms) | _colours(reading)


def _colours(reading: "TongueReading") -> dict[str, Any]:
    """Lab by zone, and the light by which it was put right, so that a reading can be followed up."""
    light = reading.light
    return {
        "zones": {zone: [round(value, 2) for value in lab] for zone, lab in reading.zones.items()},
        "light": light
        and {
            "source": light.source,
            "gains": [round(float(gain), DECIMALS) for gain in light.gains],
            "uncertainty_de": round(light.uncertainty_de, 2),
            "card_fault": light.card_fault,
        },
    }
