"""Publishing the daily heads: a file each in a folder, written once and never again."""

import os
from pathlib import Path

from tcm.records.heads import HEADS_PURPOSE, Seal, SealedHead
from tcm.store.engine import Store

HEADS = "heads"
_MOST_BYTES = 4096


def seal_of(store: Store) -> Seal:
    """What this house signs its heads with.

    Args:
        store: The open store.

    Returns:
        The seal.
    """
    return Seal(store.keys.derive(HEADS_PURPOSE))


def file_name(head: SealedHead) -> str:
    """The name of a head's file: number and day, which sort alike."""
    return f"head-{head.number:05}-{head.day.isoformat()}.txt"


def publish_heads(store: Store, folder: Path) -> int:
    """Write the heads that are not in the folder yet; a file that is there stays as it was published.

    Args:
        store: The open store.
        folder: Made where it is missing.

    Returns:
        How many were written.

    Raises:
        OSError: When the folder cannot be written.
    """
    seal = seal_of(store)
    with store.work(reads_only=True) as work:
        heads = work.ledger.heads()
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for head in heads:
        path = folder / file_name(head)
        if not path.exists():
            _write(path, seal.publish(head))
            written += 1
    return written


def published_in(folder: Path) -> list[tuple[str, str]]:
    """What lies in a folder of published heads.

    Args:
        folder: Perhaps missing.

    Returns:
        Name and text of each file, by name; bytes that are no text stand as what no head holds.
    """
    return [(path.name, _read(path)) for path in sorted(folder.glob("head-*.txt"))]


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")


def _write(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
