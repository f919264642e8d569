"""Photographs under other lamps, with a colour card beside the tongue: what bench.colour measures on."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from vision import card, card_drawn, colour, light
from vision.tongue import zones

LAMPS: Final = Path(__file__).with_name("lamps.csv")
# Share of the lamp's cast that the camera's own white balance takes off, in logarithms.
OWN_BALANCE: Final = 0.6
STOPS: Final = 1.0
NOISE: Final = 0.002
LAMPS_EACH: Final = 5
CHANGES: Final = {"paler": (0.15, 0.1, 0.1), "purpler": (0.2, 0.1, -0.1), "redder": (0.0, -0.1, 0.1)}
# An office printer: error of each ink in linear light by channel, tint of the greys, spots that spread on
# paper (an exponent), and what two patches of one ink differ on one sheet.
INK_ERROR: Final = 0.12
GREY_TINT: Final = 0.03
INK_SPREAD: Final = 1.08
SHEET_ERROR: Final = 0.01
Numbers = np.ndarray
Seen = Mapping[str, Numbers]


@dataclass(frozen=True)
class Copy:
    """One photograph under one lamp. good, unmeasured: sightings of a true and of a badly printed card."""

    lamp: str
    picture: np.ndarray
    seen: Seen
    good: card.Sighting | str | None
    unmeasured: card.Sighting | str | None


@dataclass(frozen=True)
class Case:
    """One photograph and its copies. changed: the references once the tongue alone has changed."""

    picture: np.ndarray
    mask: np.ndarray
    parts: np.ndarray
    seen: Seen
    changed: list[Seen]
    truth: Numbers
    copies: list[Copy]


@cache
def lamps() -> dict[tuple[str, str], dict[str, Numbers]]:
    """Channel matrices, blue-green-red, by lamp and camera, then by material."""
    table: dict[tuple[str, str], dict[str, Numbers]] = {}
    with LAMPS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            matrix = np.array([[float(row[f"m{i}{j}"]) for j in range(3)] for i in range(3)])[::-1, ::-1]
            table.setdefault((row["lamp"], row["camera"]), {})[row["material"]] = matrix
    return table


def srgb(linear: Numbers) -> Numbers:
    """Linear light as sRGB, both 0 to 1."""
    held = np.clip(linear, 0, 1)
    return np.where(held <= 0.0031308, held * 12.92, 1.055 * held ** (1 / 2.4) - 0.055)


def encoded(linear: Numbers, rng: np.random.Generator) -> np.ndarray:
    """A photograph of linear light: noise, 8 bits, JPEG."""
    coded = np.rint(255 * srgb(linear + rng.normal(0, NOISE, linear.shape))).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", coded, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], cv2.IMREAD_COLOR)


def seen_in(picture: np.ndarray, mask: np.ndarray) -> Seen:
    """References for the light: logarithms of linear light, blue-green-red; NaN where there is none."""
    tongue, ring = light.references(picture, mask)
    thin = max(1, round(max(picture.shape[:2]) / 200))
    small, inside = picture[::thin, ::thin], mask[::thin, ::thin] > 0
    good = small.max(axis=2) < colour.CLIPPED
    linear = colour.linear_of(small)
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3) / np.sqrt(
        np.count_nonzero(inside)
    )
    near = np.log(linear[(away > 0) & (away < 0.5) & good] + light.BLACK)
    # Teeth and eyes: less red than the tongue by this much, and brighter.
    redness = near[:, [2]] - near[:, :2] - (tongue[2] - tongue[:2])
    whites = near[(redness < -0.35).all(axis=1) & (near[:, 1] > tongue[1] + 0.2)]
    shining = np.log(linear[inside & good] + light.BLACK)
    shining = shining[shining.mean(axis=1) >= np.percentile(shining.mean(axis=1), 97)]
    edges = [
        np.abs(cv2.Sobel(cv2.GaussianBlur(linear, (0, 0), 2), cv2.CV_64F, *way)) for way in ((1, 0), (0, 1))
    ]
    pixels = linear[good]
    return {
        "grey world": np.log(pixels.mean(axis=0) + 1e-4),
        "white patch": np.log(np.percentile(linear.reshape(-1, 3), 99.5, axis=0) + 1e-4),
        "shades of grey": np.log((pixels**colour.MINKOWSKI_ORDER).mean(axis=0)) / colour.MINKOWSKI_ORDER,
        "grey edge": np.log(((np.hypot(*edges)[good]) ** 6).mean(axis=0)) / 6,
        "whites near by": np.median(whites, axis=0) if len(whites) >= 12 else np.full(3, np.nan),
        "shine": shining.mean(axis=0),
        "tongue": tongue,
        "ring": ring,
    }


def sighted(picture: Numbers, flat: Numbers, rng: np.random.Generator) -> card.Sighting | str | None:
    """The card laid beside a picture, photographed and found."""
    scene = np.full((420, 400 + 330, 3), np.median(picture, axis=(0, 1)), np.float32)
    scene[: picture.shape[0], : picture.shape[1]] = picture[:420]
    at = (400 + 165 + rng.uniform(-20, 20), 200 + rng.uniform(-20, 20))
    corners = card_drawn.turned(at, rng.uniform(170, 240), rng.uniform(-40, 40), rng.uniform(-0.1, 0.1))
    return card.find(encoded(card_drawn.lay(scene, flat, corners), rng))


def copied(
    picture: np.ndarray, mask: np.ndarray, key: tuple[str, str], alike: bool, rng: np.random.Generator
) -> Copy:
    """A copy under one lamp, and the cards beside it."""
    matrices = lamps()[key]
    material = "pigment" if alike else "tissue"
    white = matrices["pigment"].sum(axis=1)
    balance = np.diag((white / white[1]) ** -OWN_BALANCE * 2 ** rng.uniform(-STOPS, STOPS))
    linear = cv2.transform(colour.linear_of(picture), balance @ matrices[material])
    taken = encoded(linear, rng)
    true = colour.linear_of_lab(card.printed().lab)
    ink = badly_printed(true, rng)
    found = [
        sighted(linear, cv2.transform(card_drawn.draw(32, printed), balance @ matrices["pigment"]), rng)
        for printed in (true, ink)
    ]
    return Copy("/".join(key), taken, seen_in(taken, mask), *found)


def badly_printed(true: Numbers, rng: np.random.Generator) -> Numbers:
    """What an office printer makes of the patches; the two greys of a pair stay nearly alike."""
    patches = card.patches()
    error = rng.normal(0, INK_ERROR, true.shape)
    tint = rng.normal(0, GREY_TINT, 3)
    for index, patch in enumerate(patches):
        if patch.twin is not None:
            error[index] = tint
    return true**INK_SPREAD * np.exp(error + rng.normal(0, SHEET_ERROR, true.shape))


def cases(folder: Path, seed: int, count: int, alike: bool) -> list[Case]:
    """Photographs with their copies."""
    rng = np.random.default_rng(seed)
    files = sorted((folder / "images").iterdir())
    keys = list(lamps())
    table = []
    for index in rng.permutation(len(files))[:count]:
        picture = cv2.imread(str(files[index]))
        mask = cv2.imread(str(folder / "masks" / f"{files[index].stem}.png"), cv2.IMREAD_GRAYSCALE)
        parts = zones.divide(mask)
        own = [keys[at] for at in rng.permutation(len(keys))[:LAMPS_EACH]]
        copies = [copied(picture, mask, key, alike, rng) for key in own]
        truth = zone_lab(picture, parts, plain(np.ones(3)))
        seen = seen_in(picture, mask)
        table.append(Case(picture, mask, parts, seen, changed(picture, mask), truth, copies))
    return table


def plain(gains: Numbers, matrix: Numbers | None = None) -> colour.Light:
    """A light of these gains."""
    return colour.Light("estimate", gains, matrix, None, None, 0.0)


def zone_lab(picture: np.ndarray, parts: np.ndarray, lit: colour.Light) -> Numbers:
    """Lab by zone as an array, measured on every second row and column."""
    return np.array(list(colour.zone_lab(picture[::2, ::2], parts[::2, ::2], lit).values()))


def changed(picture: np.ndarray, mask: np.ndarray) -> list[Seen]:
    """The references once the tongue alone has another colour, for each of CHANGES."""
    every = []
    for change in CHANGES.values():
        linear = colour.linear_of(picture)
        linear[mask > 0] *= np.exp(change)
        every.append(seen_in(np.rint(255 * srgb(linear)).astype(np.uint8), mask))
    return every
