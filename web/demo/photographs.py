"""Where the demo's tongues come from: a folder of the user's own, else drawn ones that say so."""

import random
from dataclasses import replace
from pathlib import Path

import vision
from tcm.services.charting import Picture
from vision.tongue.drawn import draw
from web.reading import PictureRefused, read_photograph

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


class Photographs:
    """Gives a read photograph for each visit.

    Args:
        folder: The user's photographs, None for drawn tongues.
        seed: Of the order and of the drawings.

    Raises:
        FileNotFoundError: When the folder holds no photograph.
    """

    def __init__(self, folder: Path | None, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - drawn pictures, not secrets
        self._files = sorted(_pictures_in(folder)) if folder is not None else None
        if self._files == []:
            raise FileNotFoundError(f"no photographs in {folder}")
        self.refused = 0

    def take(self) -> Picture | None:
        """The next photograph, read.

        Returns:
            The picture, or None where the software would not read it and the doctor looked alone.
        """
        if self._files is None:
            return self._drawn()
        data = self._rng.choice(self._files).read_bytes()
        try:
            return read_photograph(data)
        except PictureRefused:
            self.refused += 1
            return None

    def _drawn(self) -> Picture | None:
        body = self._rng.choice(("light_red", "red"))
        coat = self._rng.choice(("white", "white", "yellow"))
        picture = draw(self._rng.randrange(2**31), body=body, coat=coat)
        try:
            return replace(read_photograph(vision.clean(picture)), drawn=True)
        except PictureRefused:
            self.refused += 1
            return None


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
