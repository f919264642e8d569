"""Read the signs of a tongue: a linear model over its measured features, joined with what a network sees.

The coefficients are a JSON file and an ONNX file made by vision.train.signs; nothing executable is loaded.
"""

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vision.tongue import features, network

MODEL: Final = Path(__file__).parent.parent / "models" / "tongue_signs.json"
TERMS: Final = Path(__file__).parent / "terms.csv"


@dataclass(frozen=True)
class Sign:
    """One sign as suggested to the doctor.

    label: as the reading guide names it, "red" or "2".
    term: the Chinese term.
    probability: 0 to 1, of this label.
    abstained: the reader does not stand by it: too unsure, or a label too rare to have been learnt.
    """

    label: str
    term: str
    probability: float
    abstained: bool


@dataclass(frozen=True)
class Reader:
    """The model of one sign: softmax(weights . x + slopes . y + offsets).

    x are its own features, standardised and clipped; y the logarithms of the network's shares,
    log softmax(seen_weights . z + seen_offsets), z what network.Encoder.describe answers.
    columns: indices into features.NAMES. lean: added to the logarithms when the label is chosen, because
    readers name the rarer grades more readily than probability alone would. farthest: where x is clipped.
    """

    labels: tuple[str, ...]
    columns: npt.NDArray[np.intp]
    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    offsets: npt.NDArray[np.float64]
    slopes: npt.NDArray[np.float64]
    seen_weights: npt.NDArray[np.float64]
    seen_offsets: npt.NDArray[np.float64]
    lean: npt.NDArray[np.float64]
    farthest: float
    abstain_below: float
    rare: frozenset[str]

    def probabilities(
        self, numbers: npt.NDArray[np.float64], seen: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Probability of each label from len(features.NAMES) features and network.COUNT numbers."""
        # A feature far outside what was learnt says nothing more than "far".
        apart = (numbers[self.columns] - self.mean) / self.scale
        measured = self.weights @ np.clip(apart, -self.farthest, self.farthest)
        looked = self.slopes @ network.log_shares(self.seen_weights @ seen + self.seen_offsets)
        scores = measured + looked + self.offsets
        powers = np.exp(scores - scores.max())
        chances: npt.NDArray[np.float64] = powers / powers.sum()
        return chances

    def choose(self, chances: npt.NDArray[np.float64]) -> int:
        """Index of the label to name."""
        return int((np.log(np.maximum(chances, 1e-12)) + self.lean).argmax())


@dataclass(frozen=True)
class SignModel:
    """All readers, their network, and the SHA-256 of their file, which names that of the network."""

    readers: Mapping[str, Reader]
    encoder: network.Encoder
    digest: str

    def read(self, seen: features.View) -> dict[str, Sign]:
        """Read every sign of one tongue.

        Args:
            seen: The tongue as features.view gives it.

        Returns:
            Sign by name, in the order of the model.
        """
        numbers, looked = features.describe(seen), self.encoder.describe(seen)
        return {
            name: _decide(name, reader, reader.probabilities(numbers, looked))
            for name, reader in self.readers.items()
        }


def _decide(name: str, reader: Reader, chances: npt.NDArray[np.float64]) -> Sign:
    best = reader.choose(chances)
    label, probability = reader.labels[best], float(chances[best])
    unsure = probability < reader.abstain_below or label in reader.rare
    return Sign(label, terms()[name, label], probability, unsure)


def parse(data: bytes, encoder: network.Encoder) -> SignModel:
    """Build the model from its JSON file.

    Args:
        data: The bytes that vision.train.signs wrote.
        encoder: The network that was written with it.

    Raises:
        ValueError: when it is no JSON, or was made for other features or with another network.
        KeyError: when a part is missing.
    """
    document: Mapping[str, Any] = json.loads(data)
    if tuple(document["features"]) != features.NAMES:
        raise ValueError("the sign model was made for other features")
    if document["network_sha256"] != encoder.digest:
        raise ValueError("the sign model was made with another network")
    readers = {
        name: Reader(
            labels=tuple(part["labels"]),
            columns=np.array(part["columns"], np.intp),
            mean=np.array(part["mean"], np.float64),
            scale=np.array(part["scale"], np.float64),
            weights=np.array(part["weights"], np.float64),
            offsets=np.array(part["offsets"], np.float64),
            slopes=np.array(part["slopes"], np.float64),
            seen_weights=np.array(part["seen_weights"], np.float64),
            seen_offsets=np.array(part["seen_offsets"], np.float64),
            lean=np.array(part["lean"], np.float64),
            farthest=float(document["farthest"]),
            abstain_below=float(part["abstain_below"]),
            rare=frozenset(part["rare"]),
        )
        for name, part in document["signs"].items()
    }
    return SignModel(readers, encoder, hashlib.sha256(data).hexdigest())


@cache
def shipped() -> SignModel:
    """The model that comes with the package, read once."""
    return parse(MODEL.read_bytes(), network.shipped())


@cache
def terms() -> dict[tuple[str, str], str]:
    """Chinese term by sign and label."""
    with TERMS.open(encoding="utf-8", newline="") as file:
        return {(row["sign"], row["label"]): row["term"] for row in csv.DictReader(file)}
