"""Train the readers of the signs, cross-validate them against two readings, write them as JSON.

    python -m vision.train.signs --data DIR --out FILE [--seed 1]

DIR holds images/*.png, masks/*.png and labels.csv (id, reader, a column a sign). Both readings of a
photograph are trained on, so a photograph on which the readers differ teaches a middling probability.
Copies under another lamp are trained on at a small weight, so that a mild cast does not turn every tongue.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.preprocessing import StandardScaler

from vision.tongue import features

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.str_]
Image = npt.NDArray[np.uint8]

# Strength of the fit (inverse of the penalty) and how far rare labels are lifted, chosen by cross-validation
# on the shared set.
SETTINGS: Final[dict[str, tuple[float, float]]] = {
    "body": (0.02, 0.0),
    "coat_colour": (0.1, 0.0),
    "coat_thickness": (0.1, 0.5),
    "cracks": (0.3, 0.5),
}
FOLDS: Final = 10
CASTS: Final = 3
CAST_SPAN: Final = 0.2
CAST_WEIGHT: Final = 0.15
# A label with fewer readings than this is flagged, never asserted.
RARE_BELOW: Final = 40
# Never stand by a label that is less likely than all others together.
LEAST_PROBABILITY: Final = 0.5
# An answer that is given agrees with a reader at least this often on held-out photographs ...
WANTED_AGREEMENT: Final = 0.80
# ... unless that would leave fewer than this share answered.
LEAST_ANSWERED: Final = 0.7


@dataclass(frozen=True)
class Table:
    """Features of every photograph as taken and under other lamps, and both readings.

    plain: N x F; cast: N x CASTS x F; readings: (sign, reader) -> N labels.
    """

    plain: Numbers
    cast: Numbers
    readings: dict[tuple[str, str], Labels]


def tabulate(data: Path, seed: int) -> Table:
    """Describe every photograph and read the labels.

    Args:
        data: Folder as above.
        seed: Seeds the lamps of the copies.

    Raises:
        FileNotFoundError: when a photograph, a mask or the labels are missing.
    """
    with (data / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = sorted({row["id"] for row in rows})
    by_reader = {(row["id"], row["reader"]): row for row in rows}
    readings = {
        (sign, reader): np.array([by_reader[one, reader][sign] for one in ids])
        for sign in SETTINGS
        for reader in ("A", "B")
    }
    rng = np.random.default_rng(seed)
    plain, cast = [], []
    for one in ids:
        photo = cv2.imread(str(data / "images" / f"{one}.png"), cv2.IMREAD_COLOR)
        mask = cv2.imread(str(data / "masks" / f"{one}.png"), cv2.IMREAD_GRAYSCALE)
        if photo is None or mask is None:
            raise FileNotFoundError(f"{one}: photograph or mask cannot be read")
        picture = photo.astype(np.uint8, copy=False)
        binary: Image = ((mask > 127) * 255).astype(np.uint8)
        plain.append(features.describe(picture, binary))
        cast.append([features.describe(_other_lamp(picture, rng), binary) for _ in range(CASTS)])
    return Table(np.array(plain), np.array(cast), readings)


def _other_lamp(photo: Image, rng: np.random.Generator) -> Image:
    gains = np.exp(rng.uniform(-CAST_SPAN, CAST_SPAN, 3))
    lit: Image = np.clip(photo * gains, 0, 255).astype(np.uint8)
    return lit


def fit(table: Table, sign: str, rows: npt.NDArray[np.intp], scaler: StandardScaler) -> LogisticRegression:
    """Fit one sign on some photographs: both readings, as taken and under other lamps."""
    strength, lift = SETTINGS[sign]
    copies = [table.plain[rows], *np.moveaxis(table.cast[rows], 1, 0)]
    shares = [1.0] + [CAST_WEIGHT] * CASTS
    inputs, answers, weights = [], [], []
    for reader in ("A", "B"):
        for copy, share in zip(copies, shares, strict=True):
            inputs.append(np.clip(scaler.transform(copy), -4, 4))
            answers.append(table.readings[sign, reader][rows])
            weights.append(np.full(len(rows), share))
    answer = np.concatenate(answers)
    labels, inverse, seen = np.unique(answer, return_inverse=True, return_counts=True)
    weight = np.concatenate(weights) * ((len(answer) / len(labels) / seen) ** lift)[inverse]
    weight *= 2 * len(rows) / weight.sum()
    return LogisticRegression(C=strength, max_iter=1000).fit(
        np.concatenate(inputs), answer, sample_weight=weight
    )


def held_out(table: Table, sign: str, seed: int) -> tuple[Labels, Numbers, Labels]:
    """Cross-validated answers: labels and their probability as taken, labels under another lamp."""
    count = len(table.plain)
    fold = np.argsort(np.random.default_rng(seed).permutation(count)) % FOLDS
    answers, lit = np.empty(count, dtype="U16"), np.empty(count, dtype="U16")
    chances = np.zeros(count)
    for number in range(FOLDS):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        scaler = StandardScaler().fit(table.plain[train])
        model = fit(table, sign, train, scaler)
        probability = model.predict_proba(np.clip(scaler.transform(table.plain[test]), -4, 4))
        answers[test] = model.classes_[probability.argmax(axis=1)]
        chances[test] = probability.max(axis=1)
        lit[test] = model.predict(np.clip(scaler.transform(table.cast[test, 0]), -4, 4))
    return answers, chances, lit


def abstain_threshold(
    answers: Labels, chances: Numbers, readings: Sequence[Labels]
) -> tuple[float, float, float]:
    """Lowest probability to stand by, by held-out agreement; with that agreement and the share answered."""
    right = np.mean([answers == reading for reading in readings], axis=0)
    answered = (LEAST_PROBABILITY, 0.0, 0.0)
    for threshold in np.arange(LEAST_PROBABILITY, 0.95, 0.01):
        kept = chances >= threshold
        if threshold > LEAST_PROBABILITY and kept.mean() < LEAST_ANSWERED:
            break
        answered = (round(float(threshold), 2), float(right[kept].mean()), float(kept.mean()))
        if answered[1] >= WANTED_AGREEMENT:
            break
    return answered


def train(table: Table, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Fit every sign on all photographs; return the JSON document and one line of figures a sign."""
    scaler = StandardScaler().fit(table.plain)
    everything = np.arange(len(table.plain))
    signs, lines = {}, []
    for sign in SETTINGS:
        answers, chances, lit = held_out(table, sign, seed)
        readings = [table.readings[sign, reader] for reader in ("A", "B")]
        threshold, agreement, answered = abstain_threshold(answers, chances, readings)
        kappas = [cohen_kappa_score(readings[0], readings[1])]
        kappas += [cohen_kappa_score(reading, answers) for reading in readings]
        kappas += [float(np.mean([cohen_kappa_score(reading, lit) for reading in readings]))]
        lines.append(
            f"{sign}: kappa between readers {kappas[0]:.3f}, with A {kappas[1]:.3f}, with B {kappas[2]:.3f}, "
            f"under another lamp {kappas[3]:.3f}; "
            f"answers {answered:.0%} at {threshold}, agreeing {agreement:.1%}"
        )
        labels, seen = np.unique(np.concatenate(readings), return_counts=True)
        model = fit(table, sign, everything, scaler)
        signs[sign] = _as_json(model, threshold, [str(x) for x in labels[seen < RARE_BELOW]])
    document = {
        "features": list(features.NAMES),
        "mean": np.round(scaler.mean_, 6).tolist(),
        "scale": np.round(scaler.scale_, 6).tolist(),
        "signs": signs,
    }
    return document, lines


def _as_json(model: LogisticRegression, threshold: float, rare: list[str]) -> dict[str, Any]:
    weights, offsets = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two labels
        weights, offsets = np.concatenate([-weights, weights]) / 2, np.concatenate([-offsets, offsets]) / 2
    return {
        "labels": [str(label) for label in model.classes_],
        "weights": np.round(weights, 5).tolist(),
        "offsets": np.round(offsets, 5).tolist(),
        "abstain_below": threshold,
        "rare": rare,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write the JSON, print the cross-validated figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    document, lines = train(tabulate(options.data, options.seed), options.seed)
    options.out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
