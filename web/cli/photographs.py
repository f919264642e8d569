"""What the commands that read photographs share: a file's bytes, and the folders they write to."""

import sys
from pathlib import Path

import click


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
