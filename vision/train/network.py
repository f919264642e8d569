"""The network that finds the tongue: a trunk that knows pictures, a light decoder. Needs PyTorch."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.train.encoder import CHANNELS, Encoder

# Channels of the decoder at a sixteenth, an eighth, a quarter and a half of the side.
WIDTHS: Final = (56, 40, 32, 16)


def _normed(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    """A convolution, normalised."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _enlarge(field: Tensor) -> Tensor:
    return functional.interpolate(field, scale_factor=2.0, mode="bilinear", align_corners=False)


class TongueNet(nn.Module):  # type: ignore[misc, unused-ignore]  # no stubs where torch is not installed
    """Encoder, decoder with a shortcut at every level, and a head for "is a tongue there".

    The shape follows U-Net: Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
    segmentation", MICCAI 2015.
    """

    def __init__(self) -> None:
        super().__init__()
        half, quarter, eighth, deep = CHANNELS
        self.encoder = Encoder()
        self.deep = _normed(deep, WIDTHS[0], 1)
        self.up3 = _normed(WIDTHS[0] + eighth, WIDTHS[1])
        self.up2 = _normed(WIDTHS[1] + quarter, WIDTHS[2])
        self.up1 = _normed(WIDTHS[2] + half, WIDTHS[3])
        self.mask = nn.Conv2d(WIDTHS[3], 1, 1)
        self.presence = nn.Sequential(nn.Linear(2 * deep, 32), nn.ReLU(inplace=True), nn.Linear(32, 1))

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the mask and of a tongue being there at all.

        Args:
            picture: N x 3 x S x S float, blue-green-red from 0 to 1, S a multiple of 16.

        Returns:
            N x 1 x S x S mask logits and N x 1 presence logits.
        """
        half, quarter, eighth, deep = self.encoder(picture)
        decoded = self.up3(torch.cat([_enlarge(self.deep(deep)), eighth], 1))
        decoded = self.up2(torch.cat([_enlarge(decoded), quarter], 1))
        decoded = self.up1(torch.cat([_enlarge(decoded), half], 1))
        mean = functional.adaptive_avg_pool2d(deep, 1).flatten(1)
        peak = functional.adaptive_max_pool2d(deep, 1).flatten(1)
        return _enlarge(self.mask(decoded)), self.presence(torch.cat([mean, peak], 1))


class Exported(nn.Module):  # type: ignore[misc, unused-ignore]  # as above
    """What is shipped: the same network answering probabilities."""

    def __init__(self, net: TongueNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities in place of logits; shapes as in TongueNet."""
        mask, presence = self.net(picture)
        return torch.sigmoid(mask), torch.sigmoid(presence)


def loss(mask: Tensor, presence: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy of the mask and of the presence, plus Dice where there is a tongue.

    Args:
        mask: N x 1 x S x S logits.
        presence: N x 1 logits.
        truth: N x 1 x S x S, 0 to 1.

    Returns:
        One number.
    """
    there = (truth.flatten(1).sum(1, keepdim=True) > 0).float()
    pixelwise = functional.binary_cross_entropy_with_logits(mask, truth)
    probability = torch.sigmoid(mask).flatten(1)
    flat = truth.flatten(1)
    overlap = 2 * (probability * flat).sum(1) + 1
    dice = 1 - overlap / (probability.sum(1) + flat.sum(1) + 1)
    dice_there = (dice * there[:, 0]).sum() / there.sum().clamp(min=1)
    present = functional.binary_cross_entropy_with_logits(presence, there)
    return pixelwise + dice_there + 0.3 * present
