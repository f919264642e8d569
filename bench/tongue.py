"""Figures of the tongue reader: overlap, refusals, what bad light and other cameras cost, time.

    python -m bench.tongue --data DIR [--others DIR] [--worse] [--model FILE] [--folds 5 --fold 0]

DIR holds images/ and masks/ as vision.train.segment reads them.
`--others` is a folder of photographs without a tongue. With `--folds` only that fold is looked at: the figure
is honest for a model trained without it. `--worse` adds the table of photographs made worse, and of the same
tongues as other cameras might show them (a stand-in: no photograph of another camera was at hand). There,
colour and tone change in other ways than in vision.train.augment, and the grounds are those of `--others`.
OpenCV runs on one thread, and ms is process time, so that it means one core.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from vision import quality, reading
from vision.tongue import segment
from vision.train import augment, negatives

Pair = tuple[np.ndarray, np.ndarray]

FRAME_PX = 720  # the longer side of a tongue pasted into another photograph


def fold_of(count: int, folds: int, seed: int = 0) -> np.ndarray:
    """The same split as vision.train.segment, which needs PyTorch to import."""
    return np.argsort(np.random.default_rng(seed).permutation(count)) % folds


def photographs(data: Path, folds: int, fold: int) -> list[Pair]:
    """Photographs and masks, all of them or one fold."""
    paths = sorted((data / "images").glob("*.png"))
    if folds:
        paths = [
            path for path, number in zip(paths, fold_of(len(paths), folds), strict=True) if number == fold
        ]
    return [
        (cv2.imread(str(p)), cv2.imread(str(data / "masks" / p.name), cv2.IMREAD_GRAYSCALE)) for p in paths
    ]


def tongues(pairs: list[Pair]) -> None:
    """Overlap, refusals and time on photographs with a tongue."""
    scores, refused, spent_ms = [], Counter(), []
    reading.read(pairs[0][0])
    for photo, mask in pairs:
        refused[str(reading.read(photo).refused)] += 1
        started_s = time.process_time()
        found = segment.shipped().segment(photo)
        spent_ms.append((time.process_time() - started_s) * 1000)
        scores.append(overlap(found.mask, mask))
    low = np.percentile(scores, 5)
    print(f"{len(pairs)} photographs: IoU mean {np.mean(scores):.4f}, 5th percentile {low:.4f}")
    print(f"  answers: {dict(refused)}")
    middle, high = np.percentile(spent_ms, [50, 95])
    print(f"  segmenting, ms of one core: median {middle:.0f}, 95 % {high:.0f}")


def overlap(found: np.ndarray, mask: np.ndarray) -> float:
    """Intersection over union of two masks."""
    one, other = found > 0, mask > 127
    return float((one & other).sum() / max(1, (one | other).sum()))


def shaded(photo: np.ndarray) -> np.ndarray:
    """Light from one side: 0.45 of it on the left, 1.15 on the right, less above than below."""
    height, width = photo.shape[:2]
    light = np.linspace(0.45, 1.15, width)[None, :] * np.linspace(0.8, 1.1, height)[:, None]
    return np.clip(photo * light[..., None], 0, 255).astype(np.uint8)


def turned(photo: np.ndarray, mask: np.ndarray, degrees: float) -> Pair:
    """Turned about the middle, a little smaller so that the tongue stays in the frame."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.9)
    border = cv2.BORDER_REFLECT
    return (
        cv2.warpAffine(photo, matrix, (width, height), borderMode=border),
        cv2.warpAffine(mask, matrix, (width, height)),
    )


def smaller(photo: np.ndarray, mask: np.ndarray, share: float) -> Pair:
    """Photograph and mask at a share of their side."""
    return augment.shrink(photo, share), augment.shrink(mask, share)


def developed(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another maker's picture: hues turned and stretched in Lab, S-shaped tone, local contrast, sharpened."""
    lab = cv2.cvtColor(photo, cv2.COLOR_BGR2LAB).astype(np.float32)
    angle = np.deg2rad(rng.uniform(-14, 14))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    lab[..., 1:] = (lab[..., 1:] - 128) @ turn.T * rng.uniform(0.6, 1.5) + 128 + rng.uniform(-12, 12, 2)
    tone, steep = lab[..., 0] / 255, rng.uniform(2.0, 6.0)
    middle = rng.uniform(0.35, 0.6)
    low, high = (1 / (1 + np.exp(-steep * (end - middle))) for end in (0.0, 1.0))
    lab[..., 0] = 255 * ((1 / (1 + np.exp(-steep * (tone - middle)))) - low) / (high - low)
    whole = np.clip(lab, 0, 255).astype(np.uint8)
    local = cv2.createCLAHE(clipLimit=rng.uniform(1.0, 2.5), tileGridSize=(4, 4)).apply(whole[..., 0])
    whole[..., 0] = cv2.addWeighted(whole[..., 0], 0.5, local, 0.5, 0)
    whole[..., 1:] = cv2.GaussianBlur(whole[..., 1:], (0, 0), rng.uniform(0.5, 2.5))
    picture = cv2.cvtColor(whole, cv2.COLOR_LAB2BGR)
    return cv2.addWeighted(picture, 1.8, cv2.GaussianBlur(picture, (0, 0), 1.5), -0.8, 0)


def bulged(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> Pair:
    """A wide or a long lens, another shape of pixel, dark corners."""
    height, width = mask.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns / width - 0.5, rows / height - 0.5
    far = x * x + y * y
    bend, aspect = 1 + rng.uniform(-0.35, 0.35) * far, np.exp(rng.uniform(-0.15, 0.15))
    xs = ((x * bend * aspect + 0.5) * width).astype(np.float32)
    ys = ((y * bend / aspect + 0.5) * height).astype(np.float32)
    picture = cv2.remap(photo, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    dim = 1 - rng.uniform(0, 0.9) * far[..., None]
    return (picture * dim).astype(np.uint8), cv2.remap(mask, xs, ys, cv2.INTER_LINEAR)


def pasted(photo: np.ndarray, mask: np.ndarray, ground: np.ndarray, rng: np.random.Generator) -> Pair:
    """The mouth, without the device about it, in another photograph, at 0.3 to 0.9 of its side."""
    side = int(FRAME_PX * rng.uniform(0.3, 0.9))
    small, truth = (cv2.resize(one, (side, side), interpolation=cv2.INTER_AREA) for one in (photo, mask))
    cover = np.zeros((side, side), np.float32)
    cv2.ellipse(cover, (side // 2, side // 2), (int(side * 0.45), int(side * 0.48)), 0, 0, 360, 1, -1)
    part = np.maximum(cv2.GaussianBlur(cover, (0, 0), side * 0.02), truth / 255.0)[..., None]
    scene = cv2.resize(ground, (FRAME_PX, FRAME_PX))
    whole = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    row, column = rng.integers(0, FRAME_PX - side + 1, 2)
    here = (slice(row, row + side), slice(column, column + side))
    scene[here] = (small * part + scene[here] * (1 - part)).astype(np.uint8)
    whole[here] = truth
    return scene, whole


def ways(grounds: list[np.ndarray]) -> dict[str, Callable[[np.ndarray, np.ndarray, int], Pair]]:
    """How photographs are made worse; the number of the photograph seeds what is drawn by lot."""

    def light(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray, np.ndarray, int], Pair]:
        return lambda photo, mask, _: (change(photo), mask)

    def camera(photo: np.ndarray, mask: np.ndarray, number: int) -> Pair:
        rng = np.random.default_rng(4_000 + number)
        picture, truth = bulged(photo, mask, rng)
        return developed(picture, rng), truth

    def far(photo: np.ndarray, mask: np.ndarray, number: int) -> Pair:
        rng = np.random.default_rng(8_000 + number)
        return pasted(photo, mask, grounds[int(rng.integers(len(grounds)))], rng)

    table: dict[str, Callable[[np.ndarray, np.ndarray, int], Pair]] = {
        "as taken": lambda photo, mask, _: (photo, mask),
        "light x 0.62": light(lambda photo: augment.scale_channels(photo, (0.62,) * 3)),
        "light x 1.3": light(lambda photo: augment.scale_channels(photo, (1.3,) * 3)),
        "warm": light(lambda photo: augment.scale_channels(photo, (0.7, 1.0, 1.2))),
        "cool": light(lambda photo: augment.scale_channels(photo, (1.3, 1.0, 0.8))),
        "shaded": light(shaded),
        "blurred, 2 px": light(lambda photo: cv2.GaussianBlur(photo, (0, 0), 2)),
        "JPEG quality 20": light(lambda photo: augment.compress(photo, 20)),
        "small, x 0.4": lambda photo, mask, _: smaller(photo, mask, 0.4),
        "turned 15 degrees": lambda photo, mask, _: turned(photo, mask, 15),
        "turned 35 degrees": lambda photo, mask, _: turned(photo, mask, -35),
        "held sideways": lambda photo, mask, _: (
            np.ascontiguousarray(np.rot90(photo)),
            np.ascontiguousarray(np.rot90(mask)),
        ),
        "other camera": camera,
    }
    if grounds:
        table["other place"] = far
        table["other camera and place"] = lambda photo, mask, number: far(
            *camera(photo, mask, number), number
        )
    return table


def worse(pairs: list[Pair], grounds: list[np.ndarray]) -> None:
    """What each way costs in overlap, how sure the network stays, and what the gate of quality answers."""
    print(f"{'way':24} IoU mean 5 % least; presence, confidence at 5 %; not sure; answers of the gate")
    for name, way in ways(grounds).items():
        scores, sure, answers = [], [], Counter()
        for number, (photo, mask) in enumerate(pairs):
            picture, truth = way(photo, mask, number)
            found = segment.shipped().segment(picture)
            scores.append(overlap(found.mask, truth))
            sure.append((found.presence, found.confidence))
            measured = quality.measure(picture, found.mask, found.presence, found.confidence)
            answers[str(quality.judge(measured))] += 1
        low = np.percentile(scores, 5)
        presence, confidence = np.percentile(sure, 5, axis=0)
        limits = (quality.SURE_PRESENCE, quality.SURE_CONFIDENCE)
        unsure = int((np.array(sure) < limits).any(axis=1).sum())
        print(
            f"{name:24} {np.mean(scores):.4f} {low:.4f} {min(scores):.3f};"
            f" {presence:.3f} {confidence:.3f}; {unsure} of {len(pairs)}; {dict(answers)}",
            flush=True,
        )


def empty(name: str, pictures: list[np.ndarray]) -> None:
    """How many pictures without a tongue are let through."""
    if not pictures:
        return
    answers = Counter(str(reading.read(picture).refused) for picture in pictures)
    print(f"{name}: {answers['None']} of {len(pictures)} accepted; {dict(answers)}")


def gate(pairs: list[Pair], pictures: list[np.ndarray]) -> None:
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
    parser.add_argument("--worse", action="store_true", help="the table of photographs made worse too")
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
    if options.worse:
        worse(pairs, others)


if __name__ == "__main__":
    main()
