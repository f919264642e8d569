"""What the readers of the signs are learnt from: every photograph described, taken well and taken worse.

A pass over 445 photographs takes some minutes; it is kept in a folder and goes on where it was broken off.
"""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import features, network, segment
from vision.train import augment

Numbers = npt.NDArray[np.float64]
Half = npt.NDArray[np.float16]
Labels = npt.NDArray[np.str_]
Image = npt.NDArray[np.uint8]
Pair = tuple[Image, Image]
Labelling = dict[str, tuple[str, ...]]

COPIES: Final = 5
TURN_DEGREES: Final = 10.0
# Light falling from one side: what the left and the right edge are multiplied by.
SHADE: Final = (0.65, 1.15)
# The ways a photograph is taken. The bench looks at all but the copies, training at the three last kinds.
EVALUATED: Final = (*augment.WORSE, "turned", "shaded", "annotated")
WAYS: Final = (*EVALUATED, *(f"copy{number}" for number in range(COPIES)))
LEARNT: Final = tuple(
    number for number, way in enumerate(WAYS) if way in ("clean", "annotated") or way not in EVALUATED
)
READERS: Final = ("A", "B")


@dataclass(frozen=True)
class Table:
    """Every photograph described in every way, and both readings.

    numbers: N x len(WAYS) x len(features.NAMES). near, shares: N x len(WAYS) x 40 x 24 x 24 and
    x 5 x 24 x 24, what the tuned blocks of the network begin from. readings: (sign, reader) -> N labels.
    """

    numbers: Numbers
    near: Half
    shares: Half
    readings: dict[tuple[str, str], Labels]


def turn(photo: Image, mask: Image, degrees: float) -> Pair:
    """Turn a photograph and its mask about the middle."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.warpAffine(mask, matrix, (width, height))
    return turned.astype(np.uint8, copy=False), ((soft > 127) * 255).astype(np.uint8)


def shade(photo: Image, edges: tuple[float, float] = SHADE) -> Image:
    """Light from one side."""
    across = np.linspace(*edges, photo.shape[1], dtype=np.float32)[None, :, None]
    shaded: Image = np.clip(np.rint(photo * across), 0, 255).astype(np.uint8)
    return shaded


def ways(photo: Image, found: Image, annotated: Image, rng: np.random.Generator) -> list[Pair]:
    """Photograph and mask in every one of WAYS.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        found: H x W uint8, 0 or 255, the network's mask.
        annotated: H x W uint8, 0 or 255.
        rng: Source of the copies.
    """
    smaller: Image = ((augment.shrink(found, augment.SMALL) > 127) * 255).astype(np.uint8)
    taken = [(make(photo), smaller if way == "small" else found) for way, make in augment.WORSE.items()]
    taken += [turn(photo, found, TURN_DEGREES), (shade(photo), found), (photo, annotated)]
    for number in range(COPIES):
        copy, mask = augment.another_phone(photo, annotated if number % 2 else found, rng)
        if rng.random() < 0.5:
            copy, mask = turn(copy, mask, float(rng.uniform(-12, 12)))
        if rng.random() < 0.3:
            left, right = rng.uniform(0.65, 1.15, 2)
            copy = shade(copy, (float(left), float(right)))
        taken.append((copy, mask))
    return taken


def read_labels(folders: Sequence[Path], labels: Labelling) -> dict[str, dict[str, list[str]]]:
    """The readings of every photograph in some folders.

    Args:
        folders: Each holds labels.csv: id, reader, a column a sign.
        labels: The labels a sign may have.

    Returns:
        By "folder number/id", by sign, the labels of the first and of the last reader; a photograph that was
        read once has that reading twice.

    Raises:
        FileNotFoundError: when a labels.csv is missing.
        ValueError: for a missing column, or a label that its sign does not have.
    """
    found: dict[str, dict[str, dict[str, str]]] = {}
    for number, folder in enumerate(folders):
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"id", "reader", *labels} - set(rows.fieldnames or ())
            if missing:
                raise ValueError(f"{folder}: labels.csv has no column {min(missing)}")
            for row in rows:
                for sign, allowed in labels.items():
                    if row[sign] not in allowed:
                        raise ValueError(f"{folder}: {row['id']}: {sign} cannot be {row[sign]!r}")
                found.setdefault(f"{number}/{row['id']}", {})[row["reader"]] = row
    readings = {}
    for one, by_reader in sorted(found.items()):
        first, last = by_reader[min(by_reader)], by_reader[max(by_reader)]
        readings[one] = {sign: [first[sign], last[sign]] for sign in labels}
    return readings


def tabulate(folders: Sequence[Path], labels: Labelling, seed: int, cache: Path) -> Table:
    """Describe every photograph in every way, or what a broken-off pass left over.

    Args:
        folders: Each holds images/*.png, masks/*.png and labels.csv.
        labels: The labels a sign may have.
        seed: Seeds the copies.
        cache: Folder to keep the descriptions in.

    Raises:
        FileNotFoundError: when a photograph, a mask or the labels are missing.
        ValueError: for a strange label, or when the folder was made of something else.
    """
    read = read_labels(folders, labels)
    ids = list(read)
    readings = {
        (sign, reader): np.array([read[one][sign][number] for one in ids])
        for sign in labels
        for number, reader in enumerate(READERS)
    }
    _claim(cache, {"ids": ids, "features": list(features.NAMES), "ways": list(WAYS), "seed": seed})
    channels, side = network.OUTPUTS["near"]
    count = (len(ids), len(WAYS))
    numbers = _kept(cache / "numbers.npy", (*count, len(features.NAMES)), "float32")
    near = _kept(cache / "near.npy", (*count, channels, side, side), "float16")
    shares = _kept(cache / "shares.npy", (*count, len(network.WHERE), side, side), "float16")
    done = _kept(cache / "done.npy", (len(ids),), "bool")
    from vision.train import encoder, signs_network  # noqa: PLC0415  # PyTorch, heavy

    eyes = signs_network.Eyes.pretrained(encoder.installed_weights())
    for number, one in enumerate(ids):
        if done[number]:
            continue
        folder, name = one.split("/", 1)
        rng = np.random.default_rng([seed, number])
        seen = [features.view(*pair) for pair in ways(*_load(folders[int(folder)], name), rng)]
        looks = [network.standard(view) for view in seen]
        numbers[number] = [features.describe(view) for view in seen]
        near[number] = signs_network.near_fields(eyes, looks)
        shares[number] = [look.shares for look in looks]
        done[number] = True
        if number % 50 == 49:
            sys.stderr.write(f"{number + 1} of {len(ids)} photographs described\n")
    return Table(np.asarray(numbers, np.float64), near, shares, readings)


def _claim(cache: Path, made_of: dict[str, object]) -> None:
    """Note what the folder is made of, or see that it is the same."""
    cache.mkdir(parents=True, exist_ok=True)
    made_of = made_of | {"segmenter": segment.shipped().digest}
    note = cache / "made_of.json"
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) != made_of:
        raise ValueError(f"{cache} was made of other photographs, features or masks: name an empty folder")
    note.write_text(json.dumps(made_of) + "\n", encoding="utf-8")


def _kept(path: Path, shape: tuple[int, ...], kind: str) -> npt.NDArray[Any]:
    mode = "r+" if path.exists() else "w+"
    return np.lib.format.open_memmap(path, mode, np.dtype(kind), shape)


def _load(folder: Path, name: str) -> tuple[Image, Image, Image]:
    """A photograph, the network's mask of it, and the annotated one."""
    photo = cv2.imread(str(folder / "images" / f"{name}.png"), cv2.IMREAD_COLOR)
    mask = cv2.imread(str(folder / "masks" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    if photo is None or mask is None:
        raise FileNotFoundError(f"{folder}: {name}: photograph or mask cannot be read")
    picture = photo.astype(np.uint8, copy=False)
    annotated: Image = ((mask > 127) * 255).astype(np.uint8)
    found = segment.shipped().segment(picture).mask
    return picture, found if found.any() else annotated, annotated
