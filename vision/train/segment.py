"""Train the network that finds the tongue, measure it on held-out photographs, export it as ONNX.

    python -m vision.train.segment --data DIR --out FILE --seed 1 [--folds 5 --fold 0] [--others DIR]

DIR holds images/*.png and masks/*.png (0/255) of the same names. `--others` is a folder of any
photographs without a tongue; they are used for training only, beside the drawn negatives.
"""

import argparse
import copy
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vision.tongue.drawn import BODY_BGR, COAT_BGR, draw_with_mask
from vision.tongue.segment import Segmenter
from vision.train import augment, negatives
from vision.train.network import Exported, TongueNet, loss

Image = npt.NDArray[np.uint8]
Pair = tuple[Image, Image]

EMA_DECAY = 0.998
NEGATIVES_PER_KIND = 90
DRAWN_TONGUES = 120
# Shares of a batch: photographs, drawn tongues, the rest negatives.
SHARE_PHOTOS, SHARE_DRAWN = 0.60, 0.06


@dataclass(frozen=True)
class Material:
    """Everything a batch is put together from, in memory."""

    photos: list[Pair]
    drawn: list[Pair]
    negatives: list[Image]


def load_pairs(data: Path) -> list[Pair]:
    """Photographs and masks of a folder, in order of their names.

    Args:
        data: Folder with images/ and masks/.

    Returns:
        Pairs of H x W x 3 and H x W uint8.

    Raises:
        FileNotFoundError: when the folder holds no photograph or a mask is missing.
    """
    paths = sorted((data / "images").glob("*.png"))
    if not paths:
        raise FileNotFoundError(f"no photographs in {data / 'images'}")
    pairs: list[Pair] = []
    for path in paths:
        photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
        mask = cv2.imread(str(data / "masks" / path.name), cv2.IMREAD_GRAYSCALE)
        if photo is None or mask is None:
            raise FileNotFoundError(f"{path.name}: photograph or mask cannot be read")
        pairs.append((photo.astype(np.uint8, copy=False), mask.astype(np.uint8, copy=False)))
    return pairs


def fold_of(count: int, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Which fold each photograph is held out in: a seeded shuffle, so neighbours in name are spread."""
    order = np.random.default_rng(seed).permutation(count)
    return np.argsort(order) % folds


def gather(photos: list[Pair], others: Path | None, seed: int) -> Material:
    """Draw the drawn tongues and the negatives; read the folder of other photographs.

    Args:
        photos: The training photographs; their surroundings become negatives too.
        others: Folder of photographs without a tongue, or None.
        seed: Same seed, same material.
    """
    rng = np.random.default_rng(seed)
    bodies, coats = list(BODY_BGR), ["none", *COAT_BGR]
    drawn = [
        draw_with_mask(
            int(rng.integers(1 << 30)),
            str(rng.choice(bodies)),
            str(rng.choice(coats)),
            str(rng.choice(["thin", "thick"])),
            int(rng.integers(0, 4)),
            int(rng.integers(0, 25)),
            caption=bool(rng.random() < 0.5),
        )
        for _ in range(DRAWN_TONGUES)
    ]
    empty = [
        negatives.make(kind, int(rng.integers(1 << 30)))
        for kind in negatives.MAKERS
        for _ in range(NEGATIVES_PER_KIND)
    ]
    for photo, mask in photos:
        empty.append(negatives.painted_over(photo, mask, rng))
        free = negatives.outside(photo, mask, rng)
        if free is not None:
            empty.append(free)
    if others is not None:
        found = (cv2.imread(str(path), cv2.IMREAD_COLOR) for path in sorted(others.iterdir()))
        # Twice: a real photograph teaches more than a drawn one.
        empty += 2 * [picture.astype(np.uint8, copy=False) for picture in found if picture is not None]
    return Material(photos, drawn, empty)


def sample(material: Material, size: int, rng: np.random.Generator) -> Pair:
    """One training picture and its mask, size x size."""
    chance = rng.random()
    if chance < SHARE_PHOTOS + SHARE_DRAWN:
        pool = material.photos if chance < SHARE_PHOTOS else material.drawn
        photo, mask = pool[int(rng.integers(len(pool)))]
        ground = material.negatives[int(rng.integers(len(material.negatives)))]
        picture, truth = augment.place(photo, mask, ground, size, rng)
    else:
        other = material.negatives[int(rng.integers(len(material.negatives)))]
        picture, truth = augment.crop(other, size, rng), np.zeros((size, size), np.uint8)
        if rng.random() < 0.3:  # so that a picture lying on another does not mean a tongue
            ground = material.negatives[int(rng.integers(len(material.negatives)))]
            picture, truth = augment.place(picture, truth, ground, size, rng)
    if rng.random() < 0.12:
        augment.letterbox(picture, truth, rng)
    return augment.relight(picture, rng), truth


def batches(
    material: Material, size: int, batch: int, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches: N x 3 x S x S and N x 1 x S x S, floats from 0 to 1."""
    while True:
        pairs = [sample(material, size, rng) for _ in range(batch)]
        pictures = torch.from_numpy(np.stack([p for p, _ in pairs])).permute(0, 3, 1, 2)
        masks = torch.from_numpy(np.stack([m for _, m in pairs]))[:, None]
        yield (
            pictures.float().div_(255).contiguous(memory_format=torch.channels_last),
            masks.float().div_(255),
        )


def train(
    material: Material, stages: Sequence[tuple[int, int]], batch: int, rate: float, seed: int
) -> TongueNet:
    """Train from a seed and return the averaged weights.

    Args:
        material: What batches are made of.
        stages: (side in pixels, steps) one after the other.
        batch: Pictures a step.
        rate: Highest learning rate of the one cycle.
        seed: Seeds weights and augmentation.

    Returns:
        The exponential moving average of the network, in evaluation mode.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = TongueNet()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, unused-ignore]
    averaged = copy.deepcopy(net)
    total = sum(steps for _, steps in stages)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-2)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=total, pct_start=0.08)
    started_s, done, smooth = time.monotonic(), 0, 0.0
    for size, steps in stages:
        stream = batches(material, size, batch, rng)
        for _ in range(steps):
            pictures, masks = next(stream)
            with torch.autocast("cpu", torch.bfloat16):
                mask, presence = net(pictures)
            value = loss(mask.float(), presence.float(), masks)
            optimiser.zero_grad()
            value.backward()  # type: ignore[no-untyped-call, unused-ignore]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            cycle.step()
            done += 1
            _average(averaged, net, min(EMA_DECAY, done / (done + 10)))
            smooth = value.item() if done == 1 else 0.98 * smooth + 0.02 * value.item()
            if done % 50 == 0 or done == total:
                spent_s = time.monotonic() - started_s
                _say(f"step {done}/{total} side {size} loss {smooth:.4f} {spent_s:.0f} s")
    averaged.eval()
    return averaged


def _average(averaged: TongueNet, net: TongueNet, decay: float) -> None:
    with torch.no_grad():
        for old, new in zip(averaged.state_dict().values(), net.state_dict().values(), strict=True):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - decay)
            else:
                old.copy_(new)


def export(net: TongueNet, out: Path, size: int) -> None:
    """Write the network as ONNX: `picture` 1 x 3 x S x S in, `mask` and `presence` probabilities out."""
    # The older exporter: OpenCV's reader knows every operator it writes.
    torch.onnx.export(
        Exported(net).eval(),
        (torch.zeros(1, 3, size, size),),
        str(out),
        opset_version=13,
        dynamo=False,
        input_names=["picture"],
        output_names=["mask", "presence"],
    )


def overlap(model: Path, pairs: Sequence[Pair]) -> npt.NDArray[np.float64]:
    """Intersection over union of each photograph, as the shipped reader would segment it."""
    segmenter = Segmenter.load(model)
    scores = []
    for photo, mask in pairs:
        found, true = segmenter.segment(photo).mask > 0, mask > 127
        scores.append((found & true).sum() / max(1, (found | true).sum()))
    return np.array(scores)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, export, and print the figures of the held-out fold where one is held out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folds", type=int, default=0, help="0 trains on everything")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--others", type=Path, help="folder of photographs without a tongue")
    parser.add_argument("--steps", type=int, nargs=2, default=(2600, 1400), metavar=("AT192", "AT256"))
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    pairs = load_pairs(options.data)
    held: list[Pair] = []
    if options.folds:
        fold = fold_of(len(pairs), options.folds, seed=0)
        held = [pair for pair, number in zip(pairs, fold, strict=True) if number == options.fold]
        pairs = [pair for pair, number in zip(pairs, fold, strict=True) if number != options.fold]
    material = gather(pairs, options.others, options.seed)
    _say(f"{len(pairs)} photographs, {len(held)} held out, {len(material.negatives)} negatives")
    stages = [(192, options.steps[0]), (256, options.steps[1])]
    net = train(material, stages, options.batch, options.rate, options.seed)
    export(net, options.out, 256)
    _say(f"wrote {options.out}, {options.out.stat().st_size} bytes")
    if held:
        scores = overlap(options.out, held)
        low = np.percentile(scores, 5)
        print(f"held out {len(scores)}: IoU mean {scores.mean():.4f}, 5th percentile {low:.4f}")  # noqa: T201
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
