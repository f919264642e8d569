"""`tangye card`: print the colour card, or try a print in a photograph."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.doors import give_up

if TYPE_CHECKING:
    from vision.card import Reference
    from web.prints.card import Size


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.pdf")
@click.option(
    "--size", type=click.Choice(["a6", "a5"]), default="a6", show_default=True, help="Of the paper."
)
@click.option("--try", "photo", metavar="PHOTO", help="Look for a printed card in a photograph, - for stdin.")
@click.option(
    "--reference",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.csv",
    help="What an instrument measured on the print: columns patch, L, a, b (CIE Lab, D65).",
)
def card(file: Path | None, size: "Size", photo: str | None, reference: Path | None) -> None:
    """Write the colour card (比色卡) to FILE.pdf, to be printed at 100 % on matt paper.

    With --try, writes one JSON line: photo, source (card, or null where none can be used), fault, gains
    (blue, green, red in linear light), residual_de (mean CIEDE2000 of the patches), corners. Printed colours
    depend on the printer: without --reference only the greys are used.

    Exits 2 when a file cannot be read or written.
    """
    if file is None and photo is None:
        raise click.UsageError("name a FILE.pdf to write, or a photograph with --try")
    if reference is not None and photo is None:
        raise click.UsageError("--reference goes with --try: it says what was measured on the print")
    if file is not None:
        _print(file, size)
    if photo is not None:
        click.echo(json.dumps(_tried(photo, reference)))


def _print(file: Path, size: "Size") -> None:
    from web.prints.card import colour_card_pdf  # noqa: PLC0415  # heavy: OpenCV and Typst

    pdf = colour_card_pdf(size, datetime.now(UTC))
    try:
        file.write_bytes(pdf)
    except OSError as error:
        give_up(f"{file}: {error.strerror}")


def _tried(photo: str, reference: Path | None) -> dict[str, Any]:
    """What the card in a photograph tells."""
    from vision import Unreadable, capture, light  # noqa: PLC0415  # heavy: OpenCV
    from web.cli.photographs import read_bytes  # noqa: PLC0415  # beside it

    measured = None if reference is None else _reference(reference)
    try:
        picture = capture.decode(read_bytes(photo, capture.MAX_BYTES))
    except OSError as error:
        give_up(f"{photo}: {error.strerror}")
    except Unreadable as error:
        give_up(f"{photo}: {error}")
    found = light.by_card(picture, measured)
    if found is None or isinstance(found, str):
        return {"photo": photo, "source": None, "fault": found or "no_card"}
    return {
        "photo": photo,
        "source": found.source,
        "fault": None,
        "gains": [round(float(gain), 4) for gain in found.gains],
        "residual_de": None if found.residual_de is None else round(found.residual_de, 2),
        "corners": None if found.corners is None else found.corners.round(1).tolist(),
    }


def _reference(path: Path) -> "Reference":
    from vision.card import read_reference  # noqa: PLC0415  # heavy: OpenCV

    try:
        return read_reference(path)
    except OSError as error:
        give_up(f"{path}: {error.strerror}")
    except ValueError as error:
        give_up(f"{path}: {error}")
