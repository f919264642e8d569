"""Where the demo's tongues come from: a folder of the user's own, else drawn ones that say so."""

import random
from itertools import count
from pathlib import Path

import vision
from tcm.records.clinical import PhotographKind
from tcm.services.photographing import Upload
from vision.tongue.drawn import draw
from web.reading import PictureRefused, take_in

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")


class Photographs:
    """Gives a photograph for each visit.

    Args:
        folder: The user's photographs, None for drawn tongues.
        seed: Of the order and of the drawings.
        one_in: Of so many visits one is photographed; at the others the doctor looks alone.

    Raises:
        FileNotFoundError: When the folder holds no photograph.
    """

    def __init__(self, folder: Path | None, seed: int, one_in: int = 1) -> None:
        self._visits = count()
        self._one_in = one_in
        self._rng = random.Random(seed)  # noqa: S311 - drawn pictures, not secrets
        self._files = sorted(_pictures_in(folder)) if folder is not None else None
        if self._files == []:
            raise FileNotFoundError(f"no photographs in {folder}")
        self.refused = 0

    def take(self) -> Upload | None:
        """The next photograph, taken in as at the doctor's desk.

        Returns:
            The picture, or None where the file is none, or none was taken, and the doctor looked alone.
        """
        if next(self._visits) % self._one_in:
            return None
        if self._files is None:
            return self._drawn()
        data = self._rng.choice(self._files).read_bytes()
        try:
            return take_in(data, PhotographKind.TONGUE)
        except PictureRefused:
            self.refused += 1
            return None

    def _drawn(self) -> Upload:
        body = self._rng.choice(("light_red", "red"))
        coat = self._rng.choice(("white", "white", "yellow"))
        picture = draw(self._rng.randrange(2**31), body=body, coat=coat)
        return take_in(vision.clean(picture), PhotographKind.TONGUE, drawn=True)


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
