"""Draw what the evidence misses and what it finds falsely, on drawn tongues: never on a photograph.

    python -m bench.evidence_pictures --out docs/pictures

Seeds are tried in order; the first ones on which a faint mark is missed, or on which something is found that
was not drawn, are shown. A white square is around what was missed; what was found is as the overlay shows it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from bench.construct import MARKS_OF
from bench.matching import same
from vision.tongue import drawn_into, evidence, features, overlay
from vision.tongue.brush import length_of
from vision.tongue.drawn import BODY_BGR, draw_with_mask
from vision.tongue.evidence import Marks
from vision.tongue.signs import Sign

# Marks at the limit of what is found: size and strength.
FAINT = {
    "crack": (0.12, 0.35),
    "notch": (0.016, 0.22),
    "spot": (0.02, 0.28),
    "peeled": (0.22, 10.0),
    "stasis": (0.05, 0.32),
}
SEEDS = 60
CELL_PX = 220
SIGNS = {
    name: Sign("2", "", 0.5, True) for name in ("cracks", "tooth_marks", "red_spots", "peeled", "stasis")
}


def sure_marks(photo: np.ndarray, mask: np.ndarray) -> Marks:
    """What is found by the sure limits."""
    return evidence.sure(evidence.find(features.view(photo, mask)))


def missed() -> Iterator[tuple[str, np.ndarray]]:
    """For each kind, the first drawn mark that is not found."""
    for kind, level in FAINT.items():
        for seed in range(SEEDS):
            photo, mask = draw_with_mask(
                seed, thickness="thick" if kind == "peeled" else "thin", caption=False
            )
            drawn = drawn_into.MARKS[kind](photo, mask, np.random.default_rng(seed), *level)
            if drawn.truth is None:
                continue
            marks = sure_marks(drawn.picture, drawn.mask)
            if any(same(kind, one, drawn.truth, length_of(mask)) for one in getattr(marks, MARKS_OF[kind])):
                continue
            sheet = drawn.picture.copy()
            x, y = (round(part) for part in drawn.truth.at)
            reach = max(18, round(0.6 * level[0] * length_of(mask)))
            corners = ((x - reach, y - reach), (x + reach, y + reach))
            cv2.rectangle(sheet, *corners, (255, 255, 255), 1, cv2.LINE_AA)
            yield f"missed: {kind} {level[0]:g}, {level[1]:g}", sheet
            break


def false() -> Iterator[tuple[str, np.ndarray]]:
    """For each kind, the first untouched tongue on which it is found."""
    shown: set[str] = set()
    for seed in range(SEEDS):
        for body in BODY_BGR:
            photo, mask = draw_with_mask(
                seed, body=body, coat="none" if seed % 3 == 0 else "white", caption=False
            )
            marks = sure_marks(photo, mask)
            for kind, name in MARKS_OF.items():
                if kind not in shown and getattr(marks, name):
                    shown.add(kind)
                    yield f"false: {kind}, {body}", overlay.draw_over(photo, mask, SIGNS, marks)
        if len(shown) == len(MARKS_OF):
            return


def sheet_of(pictures: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """The tongues side by side, each under its caption."""
    cells = []
    for caption, picture in pictures:
        cell = cv2.resize(picture[40:380, 30:370], (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)
        band = np.full((20, CELL_PX, 3), 245, np.uint8)
        cv2.putText(band, caption, (5, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (20, 20, 20), 1, cv2.LINE_AA)
        cells.append(np.vstack([band, cell]))
    return np.hstack(cells)


def main() -> None:
    """Write missed.jpg and false.jpg."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, pictures in (("missed", list(missed())), ("false", list(false()))):
        if pictures:
            path = options.out / f"evidence-{name}.jpg"
            cv2.imwrite(str(path), sheet_of(pictures), [cv2.IMWRITE_JPEG_QUALITY, 82])
            print(path, path.stat().st_size, "bytes:", "; ".join(caption for caption, _ in pictures))


if __name__ == "__main__":
    main()
