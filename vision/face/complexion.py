"""Complexion and lustre from the colour of forehead and cheeks: published statistics of skin, not learnt.

Hue angle and individual typology angle (ITA) of 28 healthy Chinese women's faces under a chroma meter carry
the middle and the spread; docs/decisions/0012 names the source and says what was chosen without one.
"""

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour
from vision.face import regions
from vision.tongue.signs import Sign

Image = npt.NDArray[np.uint8]
HERE: Final = Path(__file__).parent

# Spread among healthy faces: hue as published; ITA a quarter of the published range; chroma chosen.
HUE_SPREAD_DEG: Final = 5.1
ITA_SPREAD_DEG: Final = 10.8
CHROMA_SPREAD: Final = 4.0
# What lamp and exposure add to it: hue, ITA, chroma. For the white of the eyes at least as much as drawn
# faces show (bench.face); teeth are yellower than white and a guess is a guess: chosen wide.
LIGHT_SPREAD: Final = {"sclera": (2.0, 20.0, 3.0), "teeth": (6.0, 20.0, 4.0), "none": (15.0, 20.0, 8.0)}
NORMAL_PRIOR: Final = 0.5
ASSERT_FROM: Final = 0.75

# Chosen, not published: a shining spot is so much lighter and no more coloured than what is around it.
SHINE_LIGHTER: Final = 4.0
SHINE_RADIUS_SHARE: Final = 0.12
USUAL_SHINE: Final = 0.03
USUAL_CHROMA: Final = 21.0


@dataclass(frozen=True)
class SkinColour:
    """Colour of forehead and cheeks after correction for the lamp.

    lightness, redness, yellowness: medians of L, a and b in CIE Lab.
    hue_deg: atan2(b, a). ita_deg: atan2(L - 50, b) (Chardon, Cretois, Hourseau, "Skin colour typology and
    suntanning pathways", International Journal of Cosmetic Science 13, 1991).
    chroma: root of a squared plus b squared.
    shine: share of forehead, cheeks and nose that shines.
    uneven, shaded: largest difference between the regions' medians, in a and b, and in L.
    """

    lightness: float
    redness: float
    yellowness: float
    hue_deg: float
    ita_deg: float
    chroma: float
    shine: float
    uneven: float
    shaded: float


def measure(photo: Image, parts: Image, eye_distance_px: float) -> SkinColour | None:
    """Measure the skin.

    Args:
        photo: H x W x 3 uint8, blue-green-red, corrected for the lamp.
        parts: H x W uint8, as vision.face.regions.refine answers.
        eye_distance_px: From eye to eye.

    Returns:
        SkinColour, or None where neither cheek was left.
    """
    lab = colour.to_lab(photo)
    numbers = [number for number in regions.JUDGED if (parts == number).any()]
    if regions.RIGHT_CHEEK not in numbers and regions.LEFT_CHEEK not in numbers:
        return None
    medians = np.array([np.median(lab[parts == number], axis=0) for number in numbers], np.float64)
    # Each region counts alike, so that a large forehead does not drown the cheeks.
    lightness, redness, yellowness = (float(value) for value in np.median(medians, axis=0))
    return SkinColour(
        lightness=lightness,
        redness=redness,
        yellowness=yellowness,
        hue_deg=math.degrees(math.atan2(yellowness, redness)),
        ita_deg=math.degrees(math.atan2(lightness - 50.0, max(yellowness, 1e-3))),
        chroma=math.hypot(redness, yellowness),
        shine=_shine(lab, parts, eye_distance_px),
        uneven=float(max(np.linalg.norm(one[1:] - other[1:]) for one in medians for other in medians)),
        shaded=float(np.ptp(medians[:, 0])),
    )


def _shine(lab: colour.Lab, parts: Image, eye_distance_px: float) -> float:
    """Share of skin lighter than its surroundings and not more coloured: light mirrored, not scattered."""
    where = np.isin(parts, (*regions.JUDGED, regions.NOSE))
    if not where.any():
        return 0.0
    around = cv2.GaussianBlur(lab, (0, 0), max(1.0, SHINE_RADIUS_SHARE * eye_distance_px))
    chroma, chroma_around = np.hypot(lab[..., 1], lab[..., 2]), np.hypot(around[..., 1], around[..., 2])
    shining = (lab[..., 0] - around[..., 0] > SHINE_LIGHTER) & (chroma <= chroma_around)
    return float(shining[where].mean())


@dataclass(frozen=True)
class _Kind:
    label: str
    middle: tuple[float, float, float]
    asserted: bool


@cache
def _kinds() -> tuple[_Kind, ...]:
    with (HERE / "complexion.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            _Kind(
                row["label"],
                (float(row["hue_deg"]), float(row["ita_deg"]), float(row["chroma"])),
                row["asserted"] == "1",
            )
            for row in csv.DictReader(file)
        )


@cache
def _terms() -> dict[tuple[str, str], str]:
    with (HERE / "terms.csv").open(encoding="utf-8", newline="") as file:
        return {(row["sign"], row["label"]): row["term"] for row in csv.DictReader(file)}


def chances(skin: SkinColour, reference: str) -> dict[str, float]:
    """Probability of each complexion: a normal distribution about each, widened by the doubt in the lamp.

    Args:
        skin: As `measure` answers.
        reference: As vision.face.light.Light names it.

    Returns:
        By label; they sum to 1.
    """
    own = np.array([HUE_SPREAD_DEG, ITA_SPREAD_DEG, CHROMA_SPREAD])
    spread = np.hypot(own, np.array(LIGHT_SPREAD[reference]))
    kinds = _kinds()
    seen = np.array([skin.hue_deg, skin.ita_deg, skin.chroma])
    prior = [
        NORMAL_PRIOR if kind.label == "normal" else (1 - NORMAL_PRIOR) / (len(kinds) - 1) for kind in kinds
    ]
    away = np.array([seen - kind.middle for kind in kinds])
    away[:, 0] = (away[:, 0] + 180) % 360 - 180
    scores = np.log(prior) - 0.5 * ((away / spread) ** 2).sum(axis=1)
    powers = np.exp(scores - scores.max())
    return {kind.label: float(power / powers.sum()) for kind, power in zip(kinds, powers, strict=True)}


def read(skin: SkinColour, reference: str, doubtful: bool) -> dict[str, Sign]:
    """Suggest complexion and lustre.

    Args:
        skin: As `measure` answers.
        reference: As vision.face.light.Light names it.
        doubtful: Something about the photograph forbids an assertion.

    Returns:
        Signs "complexion" and "lustre". Lustre is always abstained: nothing published calibrates it.
    """
    by_label = chances(skin, reference)
    label = max(by_label, key=lambda one: by_label[one])
    asserted = next(kind.asserted for kind in _kinds() if kind.label == label)
    abstained = doubtful or not asserted or reference == "none" or by_label[label] < ASSERT_FROM
    score = (skin.shine - USUAL_SHINE) / USUAL_SHINE + (skin.chroma - USUAL_CHROMA) / CHROMA_SPREAD
    present = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
    lustre = "present" if present >= 0.5 else "lacking"
    return {
        "complexion": Sign(label, _terms()["complexion", label], by_label[label], abstained),
        "lustre": Sign(lustre, _terms()["lustre", lustre], max(present, 1 - present), True),
    }
