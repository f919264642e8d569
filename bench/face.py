"""Figures of the face reader: drawn faces under coloured light, pictures without a face, time.

    python -m bench.face [--others DIR] [--tongues DIR]

`--others` is a folder of photographs, whose answers are listed by name; `--tongues` one of tongues close up,
none of which should be taken for a face. OpenCV runs on one thread, so that ms means one core.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from vision import capture, face
from vision.face import complexion, detect, drawn, light, reading, regions
from vision.train import negatives

SEEDS = range(20)
# Channel gains, blue-green-red: what a lamp, a wall or a white balance does.
LAMPS = {
    "white": (1.0, 1.0, 1.0),
    "warm": (0.82, 1.0, 1.15),
    "warmer": (0.7, 1.0, 1.25),
    "cool": (1.2, 1.0, 0.85),
    "green": (0.92, 1.08, 0.92),
    "dimmer": (0.7, 0.7, 0.7),
    "lighter": (1.12, 1.12, 1.12),
}


def under(photo: np.ndarray, lamp: tuple[float, ...]) -> np.ndarray:
    """The picture under another lamp."""
    return np.clip(np.rint(photo * np.array(lamp)), 0, 255).astype(np.uint8)


def complexions() -> None:
    """Label, abstention and refusal of each drawn complexion under each lamp."""
    for name, lamp in LAMPS.items():
        for label in drawn.SKIN_LAB:
            readings = [face.read(under(drawn.draw(seed, label), lamp)) for seed in SEEDS]
            signs = [one.signs["complexion"] for one in readings if "complexion" in one.signs]
            right = sum(sign.label == label for sign in signs)
            wrong = sum(sign.label != label and not sign.abstained for sign in signs)
            stood = sum(not sign.abstained for sign in signs)
            refused = dict(Counter(one.refused for one in readings if one.refused))
            print(
                f"  {name:8} {label:7} right {right:2} asserted {stood:2} wrongly {wrong} refused {refused}"
            )


def spread() -> None:
    """Root mean square error of hue, ITA and chroma under the lamps, by where the lamp was read from."""
    wander: dict[str, list[list[float]]] = {}
    for seed in SEEDS:
        picture = drawn.draw(seed)
        true, _ = _skin(picture)
        for lamp in LAMPS.values():
            skin, reference = _skin(under(picture, lamp))
            if skin is not None and true is not None:
                row = [skin.hue_deg - true.hue_deg, skin.ita_deg - true.ita_deg, skin.chroma - true.chroma]
                wander.setdefault(reference, []).append(row)
    for reference, rows in wander.items():
        hue, ita, chroma = np.sqrt(np.mean(np.square(rows), axis=0))
        print(
            f"  {reference}: off by hue {hue:.1f} deg, ITA {ita:.1f} deg, chroma {chroma:.1f} ({len(rows)})"
        )


def _skin(picture: np.ndarray) -> tuple[complexion.SkinColour | None, str]:
    found = detect.shipped().find(picture)
    if not found:
        return None, "none"
    lamp = light.estimate(picture, found[0].points)
    corrected = light.correct(picture, lamp)
    skin = regions.skin_mask(corrected, found[0].points)
    parts = regions.refine(regions.divide(picture.shape, found[0].points), skin)
    return complexion.measure(corrected, parts, found[0].eye_distance_px), lamp.reference


def places() -> None:
    """How far the found points lie from the drawn ones."""
    away = []
    for seed in SEEDS:
        picture, points = drawn.draw_with_points(seed)
        found = detect.shipped().find(picture)[0]
        away.append(np.linalg.norm(found.points[:4] - points, axis=1) / found.eye_distance_px)
    names = zip(detect.POINTS[:4], np.median(away, axis=0), np.max(away, axis=0), strict=True)
    print("points off, in eye distances, median and most:", *(f"{n} {m:.2f} {w:.2f};" for n, m, w in names))


def spent(data: bytes, name: str) -> None:
    """Milliseconds of one photograph, and of its stages."""
    whole, stages = [], Counter[str]()
    for _ in range(9):
        started_s = time.perf_counter()
        face.read(data)
        whole.append((time.perf_counter() - started_s) * 1000)
        started_s = time.perf_counter()
        picture = capture.decode(data)
        stages["decode"] += time.perf_counter() - started_s
        started_s = time.perf_counter()
        detect.shipped().find(picture)
        stages["find"] += time.perf_counter() - started_s
    told = ", ".join(f"{stage} {total_s / 9 * 1000:.1f}" for stage, total_s in stages.items())
    print(f"  {name}: median {np.median(whole):.1f} ms, most {max(whole):.1f}; mean of {told}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--others", type=Path)
    parser.add_argument("--tongues", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(reading.model_name(), "time on one core:")
    small = drawn.draw(1)
    for width, height in ((480, 480), (4000, 3000)):
        picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
        spent(capture.clean(picture), f"{width} x {height}, a face")
    spent(capture.clean(negatives.make("room", 1)), "320 x 320, none, all four turns")
    places()
    print("drawn faces under lamps, of", len(SEEDS))
    complexions()
    spread()
    for kind in negatives.MAKERS:
        answers = Counter(
            str(face.read(negatives.make(kind, 1_000_000 + seed)).refused) for seed in range(40)
        )
        print(f"drawn {kind}: {dict(answers)}")
    for folder in (options.tongues, options.others):
        if folder is not None:
            pictures = {path.name: cv2.imread(str(path)) for path in sorted(folder.iterdir())}
            answers = {name: face.read(one) for name, one in pictures.items() if one is not None}
            print(f"{folder.name}: {dict(Counter(str(one.refused) for one in answers.values()))}")
            for name, one in answers.items():
                if one.refused is None:
                    print(" ", name, one.signs.get("complexion"), one.doubts, one.light)


if __name__ == "__main__":
    main()
