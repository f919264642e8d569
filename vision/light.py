"""The light on a photograph: told by a colour card where there is one, else estimated from tongue and skin.

The card's matrix is fitted in linear light, one of the two ways that Finlayson, Mackiewicz, Hurlbert, "Color
correction using root-polynomial regression", IEEE Transactions on Image Processing 24, 2015, compare. The
estimate is the linear one of least expected error; docs/decisions/0017 compares it with the known ones.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import card, colour
from vision.card import Reference, Sighting
from vision.colour import Light

__all__ = ["Light", "by_card", "estimated", "fit", "references", "told"]

Image = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]

TABLE: Final = Path(__file__).with_name("light.csv")

# A card whose patches are farther than this from what they should be, after its own correction, is not used:
# mean CIEDE2000. Ink of an unknown printer may be farther off than ink that was measured.
MOST_RESIDUAL_DE: Final = {True: 3.0, False: 9.0}
# Pull of the matrix towards no change, beside the sum of squares over the patches.
STIFFNESS: Final = 0.005
# Greys darker than this are left out of the gains: matt paper is never as black as asked for.
LEAST_GREY: Final = 0.08
# Two of three simulated photographs lie within; for a card, the middle between blood and ink answering alike
# to a lamp and not (docs/decisions/0017).
UNCERTAIN_DE: Final = {"measured": 3.5, "printed": 5.0, "estimate": 4.5}

# The estimate looks at the tongue and at what is brightest in a ring around it, thinned to about so many
# pixels across; distances in roots of the tongue's area.
LOOK_PX: Final = 130
RING: Final = (0.06, 0.30)
LEAST_RING_PX: Final = 20
# Added to linear light before the logarithm: black is noise.
BLACK: Final = 0.002
_LOGS: Final = np.log(colour.linear_of(np.arange(256, dtype=np.uint8)) + BLACK)


def told(picture: Image, mask: Image, reference: Reference | None = None) -> Light:
    """Find out about the light.

    Args:
        picture: H x W x 3 uint8, blue-green-red; a 12 megapixel photograph is fine.
        mask: H x W uint8, nonzero on the tongue, not empty.
        reference: Of the card, as card.read_reference answers; None takes the values sent to the printer.

    Returns:
        Light; "card" where one was found and is fit for use, else "estimate", with the card's fault if any.

    Raises:
        ValueError: for an empty mask where no card tells.
    """
    found = by_card(picture, reference)
    return found if isinstance(found, Light) else estimated(picture, mask, found)


def by_card(picture: Image, reference: Reference | None = None) -> Light | str | None:
    """The light by the card alone, before any tongue was looked for.

    Args:
        picture: H x W x 3 uint8, blue-green-red.
        reference: As in `told`.

    Returns:
        Light; or why the card in sight cannot be used, "incomplete", "misfit" or a fault of card.Sighting; or
        None where no card is seen.
    """
    sighting = card.find(picture)
    if sighting is None or isinstance(sighting, str):
        return sighting
    return fit(sighting, reference or card.printed()) or sighting.fault or "misfit"


def references(picture: Image, mask: Image) -> tuple[Numbers, Numbers]:
    """What the estimate looks at.

    Args:
        picture: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, nonzero on the tongue, not empty.

    Returns:
        Medians of the logarithm of linear light, blue-green-red: of the tongue, and of the brighter half of
        the ring around it; the ring is NaN where the tongue fills the picture. Clipped pixels are left out.

    Raises:
        ValueError: for an empty mask.
    """
    x, y, width, height = cv2.boundingRect(mask)
    if not width:
        raise ValueError("no tongue to estimate the light by")
    margin = round(RING[1] * (width * height) ** 0.5)
    step = max(1, round((max(width, height) + 2 * margin) / LOOK_PX))
    rows = slice(max(0, y - margin), y + height + margin, step)
    columns = slice(max(0, x - margin), x + width + margin, step)
    small, inside = picture[rows, columns], mask[rows, columns] > 0
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3) / max(
        1.0, np.count_nonzero(inside) ** 0.5
    )
    good = small.max(axis=2) < colour.CLIPPED
    tongue = small[inside & good] if (inside & good).any() else small[inside]
    ring = small[(away > RING[0]) & (away <= RING[1]) & good]
    lit = ring[ring[:, 1] >= np.median(ring[:, 1])] if len(ring) >= LEAST_RING_PX else ring[:0]
    middle = _LOGS[lit].reshape(-1, 3)
    return np.median(_LOGS[tongue], axis=0), np.median(middle, axis=0) if len(middle) else np.full(3, np.nan)


@cache
def _table() -> tuple[Numbers, Numbers]:
    """Usual references (6) and what a step away from them says about the lamp (3 x 6)."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    usual = np.array([float(row["usual"]) for row in rows])
    return usual, np.array(
        [[float(row[f"lamp_{channel}"]) for row in rows] for channel in ("blue", "green", "red")]
    )


def estimated(picture: Image, mask: Image, card_fault: str | None = None) -> Light:
    """Estimate the light from the tongue and its surroundings.

    Args:
        picture, mask: As in `references`.
        card_fault: Why a card in sight is not used, handed on.

    Returns:
        Light with source "estimate".

    Raises:
        ValueError: for an empty mask.
    """
    tongue, ring = references(picture, mask)
    usual, share = _table()
    away_tongue = tongue - usual[:3]
    away = np.concatenate([away_tongue, away_tongue if np.isnan(ring).any() else ring - usual[3:]])
    gains: Numbers = np.exp(-share @ away)
    return Light("estimate", gains, None, None, None, UNCERTAIN_DE["estimate"], card_fault)


def fit(sighting: Sighting, reference: Reference) -> Light | None:
    """The correction by a card.

    Args:
        sighting: As card.find answers.
        reference: What its patches are. Only measured ones are used for a matrix; else the greys for gains.

    Returns:
        Light, or None where the card has a fault or its patches do not fit.
    """
    if sighting.fault is not None:
        return None
    true = colour.linear_of_lab(reference.lab)
    gains = _gains(sighting, true)
    seen = sighting.linear[sighting.usable] * gains
    wanted, lab = true[sighting.usable], reference.lab[sighting.usable]
    matrix = _matrix(seen, wanted) if reference.measured else None
    corrected = seen if matrix is None else _left_out(seen, wanted)
    residual_de = float(colour.delta_e(colour.lab_of(corrected), lab).mean())
    if residual_de > MOST_RESIDUAL_DE[reference.measured]:
        return None
    uncertainty_de = UNCERTAIN_DE["measured" if reference.measured else "printed"]
    return Light("card", gains, matrix, sighting.corners, residual_de, uncertainty_de)


def _gains(sighting: Sighting, true: Numbers) -> Numbers:
    """What makes the greys as bright and as grey as they are: the median over them of the ratio."""
    grey = (
        np.array([patch.grey for patch in card.patches()])
        & sighting.usable
        & (true.mean(axis=1) > LEAST_GREY)
    )
    gains: Numbers = np.median(true[grey] / np.maximum(sighting.linear[grey], 1e-4), axis=0)
    return gains


def _weights(wanted: Numbers) -> Numbers:
    """The eye's: an error of linear light counts by the slope of the cube root."""
    weights: Numbers = (wanted.mean(axis=1) + 0.02) ** (-2 / 3)
    return weights


def _matrix(seen: Numbers, wanted: Numbers) -> Numbers:
    """Least squares from seen to wanted, weighted as the eye does, leaning to no change."""
    weights = _weights(wanted)[:, None]
    rows = np.concatenate([seen * weights, np.eye(3) * np.sqrt(STIFFNESS * len(seen))])
    answers = np.concatenate([wanted * weights, np.eye(3) * np.sqrt(STIFFNESS * len(seen))])
    matrix: Numbers = np.linalg.lstsq(rows, answers, rcond=None)[0].T
    return matrix


def _left_out(seen: Numbers, wanted: Numbers) -> Numbers:
    """Each patch corrected by the matrix of all others; a closed form of leaving one out."""
    weights = _weights(wanted)[:, None]
    rows = seen * weights
    inverse = np.linalg.inv(rows.T @ rows + np.eye(3) * STIFFNESS * len(seen))
    fitted = rows @ _matrix(seen, wanted).T
    share = np.einsum("ij,jk,ik->i", rows, inverse, rows)[:, None]
    corrected: Numbers = (wanted * weights - (wanted * weights - fitted) / (1 - share)) / weights
    return corrected
