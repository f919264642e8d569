"""How well the quality gate tells good photographs from spoilt ones, and whether its limits hold on others.

    python -m bench.quality --data DIR [--every N] [--reader]

DIR holds images/ and masks/. Every photograph is made into what another phone might take of the same tongue,
which must be accepted, and spoilt on purpose, which must be refused with the right reason. Measures are taken
within the annotated mask; with `--reader` the whole reader answers instead, its own mask included. For each
limit, the one that half of the photographs would choose is tried on the other half.
"""

import argparse
import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from vision import quality, reading
from vision.train import augment

Image = np.ndarray
Change = Callable[[Image, Image, np.random.Generator], tuple[Image, Image]]

# What a limit may cost: the share of good photographs it refuses.
MOST_REFUSED: Final = 0.005
GROUND: Final = np.array([120, 130, 140], np.uint8)


def lit(blue: float, green: float, red: float) -> Change:
    """Another lamp: the channels multiplied."""
    return lambda photo, mask, _: (augment.scale_channels(photo, (blue, green, red)), mask)


def exposed(stops: float) -> Change:
    """Another exposure."""
    return lambda photo, mask, _: (augment.expose(photo, stops), mask)


def blurred(sigma_px: float) -> Change:
    """Out of focus, for a photograph of 400 px."""
    return lambda photo, mask, _: (cv2.GaussianBlur(photo, (0, 0), sigma_px), mask)


def moved(length_px: int, angle: float) -> Change:
    """The camera moved along a line while the shutter was open."""

    def change(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
        kernel = np.zeros((length_px, length_px), np.float32)
        middle = length_px // 2
        way = np.array([np.cos(angle), np.sin(angle)]) * middle
        begin, end = (tuple(int(at) for at in np.rint(middle + sign * way)) for sign in (-1, 1))
        cv2.line(kernel, begin, end, 1.0)
        return cv2.filter2D(photo, -1, kernel / kernel.sum()), mask

    return change


def noisy(deviation: float) -> Change:
    """Grain of a small sensor in the evening."""

    def change(photo: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
        return np.clip(photo + rng.normal(0, deviation, photo.shape), 0, 255).astype(np.uint8), mask

    return change


def compressed(jpeg: int) -> Change:
    """Through JPEG."""
    return lambda photo, mask, _: (augment.compress(photo, jpeg), mask)


def shrunk(share: float) -> Change:
    """Fewer pixels."""

    def change(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
        return augment.shrink(photo, share), _whole(augment.shrink(mask, share))

    return change


def _whole(mask: Image) -> Image:
    return ((mask > 127) * 255).astype(np.uint8)


def sharpened(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
    """As phones sharpen."""
    soft = cv2.GaussianBlur(photo, (0, 0), 1.5)
    return cv2.addWeighted(photo, 1.8, soft, -0.8, 0), mask


def contrasty(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
    """As phones steepen the middle of their curve."""
    light = np.arange(256) / 255
    curve = np.clip(255 * (light + 0.12 * np.sin(2 * np.pi * (light - 0.5))), 0, 255).astype(np.uint8)
    return cv2.LUT(photo, curve), mask


def saturated(share: float) -> Change:
    """Colours stronger or weaker."""

    def change(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
        grey = photo.mean(axis=2, keepdims=True)
        return np.clip(grey + (photo - grey) * share, 0, 255).astype(np.uint8), mask

    return change


def smoothed(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
    """As phones smooth away noise and skin."""
    return cv2.bilateralFilter(photo, 5, 18, 3), mask


def soft_ground(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
    """A portrait lens: everything but the tongue is out of focus."""
    wide = cv2.dilate(mask, np.ones((15, 15), np.uint8))
    return np.where(wide[..., None] > 0, photo, cv2.GaussianBlur(photo, (0, 0), 5)), mask


def soft_tongue(sigma_px: float) -> Change:
    """In focus on the teeth and not on the tongue."""

    def change(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
        return np.where(mask[..., None] > 0, cv2.GaussianBlur(photo, (0, 0), sigma_px), photo), mask

    return change


def grown(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
    """Three times the pixels, as soft as a phone's."""
    size = (photo.shape[1] * 3, photo.shape[0] * 3)
    large = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    return large, _whole(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR))


def small_in_frame(tongue_px: float) -> Change:
    """The tongue that large in a wide frame."""

    def change(photo: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
        share = tongue_px / np.sqrt(np.count_nonzero(mask))
        part, part_mask = shrunk(float(share))(photo, mask, rng)
        high, wide = part_mask.shape
        frame = np.full((2 * high, 2 * wide, 3), GROUND)
        whole = np.zeros(frame.shape[:2], np.uint8)
        place = slice(high // 2, high // 2 + high), slice(wide // 2, wide // 2 + wide)
        frame[place], whole[place] = part, part_mask
        return frame, whole

    return change


def cut(side: str, share: float) -> Change:
    """So much of the tongue's height or width outside the frame."""

    def change(photo: Image, mask: Image, _: np.random.Generator) -> tuple[Image, Image]:
        x, y, width, height = cv2.boundingRect(mask)
        rows = slice(0, y + round(height * (1 - share))) if side == "tip" else slice(None)
        columns = slice(x + round(width * share), None) if side == "side" else slice(None)
        return np.ascontiguousarray(photo[rows, columns]), np.ascontiguousarray(mask[rows, columns])

    return change


# What another phone might take, and must be accepted.
GOOD: Final[dict[str, Change]] = {
    "as it is": lambda photo, mask, _: (photo, mask),
    "another phone": augment.another_phone,
    "warm": lit(*augment.WARM),
    "cool": lit(*augment.COOL),
    "greenish": lit(0.95, 1.06, 0.95),
    "half a stop less": exposed(-0.5),
    "half a stop more": exposed(0.5),
    "steeper curve": contrasty,
    "colours 1.3": saturated(1.3),
    "colours 0.75": saturated(0.75),
    "sharpened": sharpened,
    "smoothed": smoothed,
    "soft ground": soft_ground,
    "blur 0.8 px": blurred(0.8),
    "noise 4": noisy(4),
    "JPEG 50": compressed(50),
    "0.6 of the size": shrunk(0.6),
    "three times the size": grown,
    "100 px in a wide frame": small_in_frame(100),
}

# What must be refused, by the reason to be given.
SPOILT: Final[dict[str, dict[str, Change]]] = {
    "blurred": {
        "blur 2 px": blurred(2),
        "blur 3 px": blurred(3),
        "blur 4 px": blurred(4),
        "moved 7 px": moved(7, 0.4),
        "moved 9 px": moved(9, 0.0),
        "moved 13 px": moved(13, 1.1),
        "tongue alone 3 px": soft_tongue(3),
        "blur 3 px, noise 4": lambda photo, mask, rng: noisy(4)(*blurred(3)(photo, mask, rng), rng),
        "blur 3 px, sharpened": lambda photo, mask, rng: sharpened(*blurred(3)(photo, mask, rng), rng),
    },
    "dark": {"2 stops less": exposed(-2), "2.5 stops less": exposed(-2.5), "3 stops less": exposed(-3)},
    "bright": {"1.5 stops more": exposed(1.5), "2 stops more": exposed(2), "2.5 stops more": exposed(2.5)},
    "colour_cast": {
        "blue": lit(1.6, 1.0, 0.6),
        "cyan": lit(1.3, 1.15, 0.55),
        "green": lit(0.75, 1.35, 0.75),
        "orange": lit(0.5, 0.9, 1.3),
        "magenta": lit(1.4, 0.65, 1.3),
        "yellow": lit(0.45, 1.05, 1.1),
    },
    "too_small": {"80 px": small_in_frame(80), "60 px": small_in_frame(60)},
    "cut_off": {
        "tip, a tenth": cut("tip", 0.1),
        "tip, a quarter": cut("tip", 0.25),
        "side, a tenth": cut("side", 0.1),
        "side, a quarter": cut("side", 0.25),
    },
}

# Limits to be found again by halves: the measure, whether less of it is worse, the reason, and the limit.
LIMITS: Final = (
    ("sharpness", True, "blurred", quality.LEAST_SHARPNESS),
    ("lightness", True, "dark", quality.LEAST_LIGHTNESS),
    ("cut_share", False, "cut_off", quality.MOST_CUT_SHARE),
    ("burnt_share", False, "bright", quality.MOST_BURNT_SHARE),
    ("redness", True, "colour_cast", quality.REDNESS[0]),
    ("redness", False, "colour_cast", quality.REDNESS[1]),
    ("yellowness", True, "colour_cast", quality.YELLOWNESS[0]),
    ("yellowness", False, "colour_cast", quality.YELLOWNESS[1]),
)


def measured(photo: Image, mask: Image) -> tuple[quality.Quality, str | None]:
    """The measures within the annotated mask, and the fault they show."""
    found = quality.measure(photo, mask, presence=1.0, confidence=1.0)
    return found, quality.fault_of(found)


def read(photo: Image, _: Image) -> tuple[quality.Quality, str | None]:
    """The measures and the answer of the whole reader."""
    found = reading.read(photo)
    assert found.quality is not None
    return found.quality, found.refused


def told(answers: list[str | None]) -> str:
    """Answers counted, the most frequent first."""
    counted = Counter(str(answer) for answer in answers).most_common()
    return ", ".join(f"{answer} {count}" for answer, count in counted)


def by_halves(good: np.ndarray, spoilt: dict[str, np.ndarray], name: str, less: bool, shipped: float) -> None:
    """Print what the limits chosen on either half refuse on the other.

    Args:
        good: Variants x photographs, the measure.
        spoilt: By variant, one for each photograph.
        name: Of the measure.
        less: Whether less of it is worse.
        shipped: The limit in use.
    """
    sign = 1.0 if less else -1.0
    half = np.arange(good.shape[1]) % 2
    for chosen_on in (0, 1):
        own, other = sign * good[:, half == chosen_on], sign * good[:, half != chosen_on]
        limit = float(np.quantile(own, MOST_REFUSED))
        caught = {
            variant: float((sign * values[half != chosen_on] < limit).mean())
            for variant, values in spoilt.items()
        }
        print(
            f"  {name} {'below' if less else 'above'} {sign * limit + 0.0:.2f} (shipped {shipped}): "
            f"good refused {(other < limit).mean():.2%}; caught "
            + ", ".join(f"{variant} {share:.0%}" for variant, share in caught.items())
        )


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="take every n-th photograph only")
    parser.add_argument("--reader", action="store_true", help="ask the whole reader")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    look = read if options.reader else measured
    values: dict[str, list[dict[str, float]]] = {}
    answers: dict[str, list[str | None]] = {}
    variants = GOOD | {name: change for changes in SPOILT.values() for name, change in changes.items()}
    for number, path in enumerate(sorted((options.data / "images").glob("*.png"))[:: options.every]):
        photo = cv2.imread(str(path))
        mask = _whole(cv2.imread(str(options.data / "masks" / path.name), cv2.IMREAD_GRAYSCALE))
        for variant, change in variants.items():
            found, answer = look(*change(photo, mask, np.random.default_rng(number)))
            values.setdefault(variant, []).append(dataclasses.asdict(found))
            answers.setdefault(variant, []).append(answer)
    refused = [answer is not None for variant in GOOD for answer in answers[variant]]
    print(f"good, to be accepted ({np.mean(refused):.2%} of {len(refused)} refused):")
    for variant in GOOD:
        print(f"  {variant}: {told(answers[variant])}")
    for code, changes in SPOILT.items():
        print(f"to be refused as {code}:")
        for variant in changes:
            caught = np.mean([answer == code for answer in answers[variant]])
            print(f"  {variant}: {caught:.0%}; {told(answers[variant])}")
    print(f"limits that refuse {MOST_REFUSED:.1%} of the good of one half, on the other half:")
    for name, less, code, shipped in LIMITS:
        good = np.array([[one[name] for one in values[variant]] for variant in GOOD])
        spoilt = {variant: np.array([one[name] for one in values[variant]]) for variant in SPOILT[code]}
        by_halves(good, spoilt, name, less, shipped)


if __name__ == "__main__":
    main()
