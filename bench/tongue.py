"""Figures of the tongue reader: overlap, refusals, agreement, time.

    python -m bench.tongue --data DIR [--others DIR] [--signs] [--model FILE] [--folds 5 --fold 0]

DIR holds images/, masks/ and labels.csv as vision.train.segment and vision.train.signs read them.
`--others` is a folder of photographs without a tongue. With `--folds` only that fold is looked at: the figure
is honest for a model trained without it. OpenCV runs on one thread, so that ms means one core.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from vision import quality, reading
from vision.tongue import segment
from vision.train import negatives, signs


def fold_of(count: int, folds: int, seed: int = 0) -> np.ndarray:
    """The same split as vision.train.segment, which needs PyTorch to import."""
    return np.argsort(np.random.default_rng(seed).permutation(count)) % folds


def photographs(data: Path, folds: int, fold: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Photographs and masks, all of them or one fold."""
    paths = sorted((data / "images").glob("*.png"))
    if folds:
        paths = [
            path for path, number in zip(paths, fold_of(len(paths), folds), strict=True) if number == fold
        ]
    return [
        (cv2.imread(str(p)), cv2.imread(str(data / "masks" / p.name), cv2.IMREAD_GRAYSCALE)) for p in paths
    ]


def tongues(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Overlap, refusals and time on photographs with a tongue."""
    scores, refused, spent_ms = [], Counter(), []
    reading.read(pairs[0][0])
    for photo, mask in pairs:
        started_s = time.perf_counter()
        answer = reading.read(photo)
        spent_ms.append((time.perf_counter() - started_s) * 1000)
        refused[str(answer.refused)] += 1
        found, true = segment.shipped().segment(photo).mask > 0, mask > 127
        scores.append((found & true).sum() / max(1, (found | true).sum()))
    low = np.percentile(scores, 5)
    print(f"{len(pairs)} photographs: IoU mean {np.mean(scores):.4f}, 5th percentile {low:.4f}")
    print(f"  answers: {dict(refused)}")
    print(f"  ms a photograph: median {np.median(spent_ms):.0f}, 95 % {np.percentile(spent_ms, 95):.0f}")


def empty(name: str, pictures: list[np.ndarray]) -> None:
    """How many pictures without a tongue are let through."""
    if not pictures:
        return
    answers = Counter(str(reading.read(picture).refused) for picture in pictures)
    print(f"{name}: {answers['None']} of {len(pictures)} accepted; {dict(answers)}")


def gate(pairs: list[tuple[np.ndarray, np.ndarray]], pictures: list[np.ndarray]) -> None:
    """The measures the no-tongue gate stands on, at both ends."""
    for name, group in (("tongues", [photo for photo, _ in pairs]), ("others", pictures)):
        if not group:
            continue
        found = [segment.shipped().segment(photo) for photo in group]
        measured = [
            quality.measure(p, f.mask, f.presence, f.confidence) for p, f in zip(group, found, strict=True)
        ]
        for measure in ("presence", "confidence", "solidity", "area_share"):
            values = [getattr(one, measure) for one in measured]
            spread = " ".join(f"{value:.3f}" for value in np.percentile(values, [0, 1, 5, 50, 95, 99, 100]))
            print(f"  {name} {measure} at 0 1 5 50 95 99 100 %: {spread}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--model", type=Path, default=segment.MODEL)
    parser.add_argument("--signs", action="store_true", help="cross-validate the sign readers too, a minute")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--fold", type=int, default=0)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.model != segment.MODEL:
        chosen = segment.Segmenter.load(options.model)
        segment.shipped = lambda: chosen
    pairs = photographs(options.data, options.folds, options.fold)
    tongues(pairs)
    rng = np.random.default_rng(9)
    empty("tongue painted over", [negatives.painted_over(photo, mask, rng) for photo, mask in pairs])
    outside = [negatives.outside(photo, mask, rng) for photo, mask in pairs]
    empty("outside the tongue", [picture for picture in outside if picture is not None])
    for kind in negatives.MAKERS:
        empty(f"drawn {kind}", [negatives.make(kind, 1_000_000 + seed) for seed in range(40)])
    others = []
    if options.others:
        others = [cv2.imread(str(path)) for path in sorted(options.others.iterdir())]
        others = [picture for picture in others if picture is not None]
        empty("other photographs", others)
    gate(pairs, others)
    if options.signs:
        print("\n".join(signs.train(signs.tabulate(options.data, seed=1), seed=1)[1]))


if __name__ == "__main__":
    main()
