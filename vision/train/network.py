"""The small U-Net that finds the tongue. PyTorch is needed for training only."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def _twice(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Two 3 x 3 convolutions, each normalised."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _enlarge(field: Tensor) -> Tensor:
    return functional.interpolate(field, scale_factor=2.0, mode="bilinear", align_corners=False)


class TongueNet(nn.Module):  # type: ignore[misc, unused-ignore]  # no stubs where torch is not installed
    """Four levels of 16, 32, 64 and 128 channels behind a stride-2 stem, and a head for "is a tongue there".

    The shape follows U-Net: Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
    segmentation", MICCAI 2015.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = _twice(3, 16, 2), _twice(16, 32)
        self.down3, self.down4 = _twice(32, 64), _twice(64, 128)
        self.up3, self.up2, self.up1 = _twice(192, 64), _twice(96, 32), _twice(48, 16)
        self.mask = nn.Conv2d(16, 1, 1)
        self.presence = nn.Sequential(nn.Linear(256, 32), nn.ReLU(inplace=True), nn.Linear(32, 1))

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the mask and of a tongue being there at all.

        Args:
            picture: N x 3 x S x S float, blue-green-red from 0 to 1, S a multiple of 16.

        Returns:
            N x 1 x S x S mask logits and N x 1 presence logits.
        """
        level1 = self.down1((picture - 0.5) * 4.0)
        level2 = self.down2(functional.max_pool2d(level1, 2))
        level3 = self.down3(functional.max_pool2d(level2, 2))
        level4 = self.down4(functional.max_pool2d(level3, 2))
        decoded = self.up3(torch.cat([_enlarge(level4), level3], 1))
        decoded = self.up2(torch.cat([_enlarge(decoded), level2], 1))
        decoded = self.up1(torch.cat([_enlarge(decoded), level1], 1))
        mean = functional.adaptive_avg_pool2d(level4, 1).flatten(1)
        peak = functional.adaptive_max_pool2d(level4, 1).flatten(1)
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
