"""Train the readers of the signs, cross-validate them against two readings, write them as JSON.

    python -m vision.train.signs --data DIR --out FILE [--seed 1] [--cache FILE]

DIR holds images/*.png, masks/*.png and labels.csv (id, reader, a column a sign). Both readings of a
photograph are trained on, so a photograph on which the readers differ teaches a middling answer. Copies
as another phone would take them are trained on like the photographs themselves.

A reader is a ridge regression on the shares of the readers who gave each label, made into probabilities by
a multinomial logistic regression on held-out answers. Both are linear, so one matrix is shipped a sign.
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

from vision.tongue import features, segment
from vision.train import augment

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Labels = npt.NDArray[np.str_]
Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Setting:
    """How one sign is learnt: its labels in their order, the groups of features, the penalty of the ridge.

    Groups and penalties were compared by cross-validation on the shared set (docs/decisions/0013).
    """

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    penalty: float
    ordinal: bool = False


GRADES: Final = ("0", "1", "2")
COLOURS: Final = ("light", "zones", "shares")
SETTINGS: Final[dict[str, Setting]] = {
    "body": Setting(
        ("pale", "light_red", "red", "purple"),
        (*COLOURS, "lab", "around", "grain_red", "dots", "pattern"),
        4000,
    ),
    "coat_colour": Setting(
        ("none", "white", "yellow", "grey_black"), (*COLOURS, "cells", "grain_grey"), 10000
    ),
    "coat_thickness": Setting(
        ("none", "thin", "thick"),
        ("zones", "shares", "cells", "around", "grain_grey", "grain_red", "lines", "pattern"),
        4000,
        ordinal=True,
    ),
    "cracks": Setting(GRADES, ("grain_grey", "lines", "pattern"), 1000, ordinal=True),
    "tooth_marks": Setting(GRADES, ("around", "grain_grey", "outline", "strip"), 1000, ordinal=True),
    "red_spots": Setting(GRADES, ("zones", "shares", "grain_grey", "dots", "pattern"), 1000, ordinal=True),
    "shape": Setting(("thin", "normal", "swollen"), ("around", "outline", "strip"), 1000, ordinal=True),
}
READERS: Final = ("A", "B")
FOLDS: Final = 10
COPIES: Final = 4
# How much more than a copy the photograph itself counts, with either mask.
PLAIN_WEIGHT: Final = 1.5
# A label with fewer readings than this is flagged, never asserted.
RARE_BELOW: Final = 40
MOST_ABSTAINED: Final = 0.15
# An answer that is given agrees with a reader at least this often on held-out photographs, if it can be had.
WANTED_AGREEMENT: Final = 0.85
# Nor is a label stood by, within that share, that is less likely than all others together.
LIKELIER_THAN_NOT: Final = 0.5
FARTHEST: Final = 4.0


@dataclass(frozen=True)
class Table:
    """Features of every photograph, and both readings.

    worse: N x len(augment.WORSE) x F, with the network's mask; the first is the photograph as taken.
    annotated: N x F, as taken, with the annotated mask. copies: N x COPIES x F, as another phone takes it.
    readings: (sign, reader) -> N labels.
    """

    worse: Numbers
    annotated: Numbers
    copies: Numbers
    readings: dict[tuple[str, str], Labels]


@dataclass(frozen=True)
class Fit:
    """One sign's ridge: answers = (clip((x - mean) / scale) - middle) . weights + level, on its columns."""

    mean: Numbers
    scale: Numbers
    middle: Numbers
    weights: Numbers
    level: Numbers

    def answer(self, numbers: Numbers) -> Numbers:
        """Share of the readers expected to give each label, not yet a probability."""
        answers: Numbers = (_standard(numbers, self.mean, self.scale) - self.middle) @ self.weights
        return answers + self.level


@dataclass(frozen=True)
class HeldOut:
    """Cross-validated answers of one sign: for N photographs, made worse in V ways, of K labels.

    scores: N x V x K of the ridge. chances: N x V x K. chosen: N x V, indices of labels.
    """

    scores: Numbers
    chances: Numbers
    chosen: Rows


def tabulate(data: Path, seed: int, cache: Path | None = None) -> Table:
    """Describe every photograph and read the labels, some minutes; a cache makes the next time short.

    Args:
        data: Folder as above.
        seed: Seeds the copies.
        cache: An .npz file to read the features from, or to write them to where it is missing.

    Raises:
        FileNotFoundError: when a photograph, a mask or the labels are missing.
        ValueError: when the cache was made for other features.
    """
    with (data / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = sorted({row["id"] for row in rows})
    by_reader = {(row["id"], row["reader"]): row for row in rows}
    readings = {
        (sign, reader): np.array([by_reader[one, reader][sign] for one in ids])
        for sign in SETTINGS
        for reader in READERS
    }
    if cache is not None and cache.exists():
        with np.load(cache, allow_pickle=False) as kept:
            if tuple(kept["names"]) != features.NAMES or list(kept["ids"]) != ids:
                raise ValueError(f"{cache} was made for other features or photographs")
            parts = [kept[part].astype(np.float64) for part in ("worse", "annotated", "copies")]
        return Table(parts[0], parts[1], parts[2], readings)
    rng = np.random.default_rng(seed)
    described = []
    for number, one in enumerate(ids, start=1):
        described.append(_describe(data, one, rng))
        if number % 50 == 0:
            sys.stderr.write(f"{number} of {len(ids)} photographs described\n")
    worse, annotated, copies = (np.array(part) for part in zip(*described, strict=True))
    if cache is not None:
        names, kept32 = np.array(features.NAMES), [p.astype(np.float32) for p in (worse, annotated, copies)]
        np.savez(cache, names=names, ids=ids, worse=kept32[0], annotated=kept32[1], copies=kept32[2])
    return Table(worse, annotated, copies, readings)


def _describe(data: Path, one: str, rng: np.random.Generator) -> tuple[list[Numbers], Numbers, list[Numbers]]:
    photo = cv2.imread(str(data / "images" / f"{one}.png"), cv2.IMREAD_COLOR)
    mask = cv2.imread(str(data / "masks" / f"{one}.png"), cv2.IMREAD_GRAYSCALE)
    if photo is None or mask is None:
        raise FileNotFoundError(f"{one}: photograph or mask cannot be read")
    picture = photo.astype(np.uint8, copy=False)
    annotated: Image = ((mask > 127) * 255).astype(np.uint8)
    found = segment.shipped().segment(picture).mask
    smaller: Image = ((augment.shrink(found, augment.SMALL) > 127) * 255).astype(np.uint8)
    worse = [
        features.describe(features.view(make(picture), smaller if name == "small" else found))
        for name, make in augment.WORSE.items()
    ]
    plain = features.describe(features.view(picture, annotated))
    copies = [
        features.describe(
            features.view(*augment.another_phone(picture, annotated if number % 2 else found, rng))
        )
        for number in range(COPIES)
    ]
    return worse, plain, copies


def _standard(numbers: Numbers, mean: Numbers, scale: Numbers) -> Numbers:
    # A feature far outside what was learnt says nothing more than "far".
    return np.clip((numbers - mean) / scale, -FARTHEST, FARTHEST)


def columns(sign: str) -> Rows:
    """Which features a sign is read from."""
    wanted = {name for group in SETTINGS[sign].groups for name in features.GROUPS[group]}
    return np.flatnonzero([name in wanted for name in features.NAMES])


def codes(table: Table, sign: str) -> list[Rows]:
    """Both readings as indices into the labels of a sign."""
    labels = SETTINGS[sign].labels
    return [np.array([labels.index(one) for one in table.readings[sign, reader]]) for reader in READERS]


def fit(table: Table, sign: str, rows: Rows) -> Fit:
    """Fit the ridge of one sign on some photographs and their copies."""
    seen = columns(sign)
    # One after another before the columns are taken: a list index beside a slice would turn the axes round.
    stacks = [table.worse[rows, 0], table.annotated[rows], *np.moveaxis(table.copies[rows], 1, 0)]
    numbers = np.concatenate([stack[:, seen] for stack in stacks])
    weight = np.repeat([PLAIN_WEIGHT] * 2 + [1.0] * (len(stacks) - 2), len(rows))
    once = np.mean([np.eye(len(SETTINGS[sign].labels))[code[rows]] for code in codes(table, sign)], axis=0)
    shares = np.tile(once, (len(stacks), 1))
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0) + 1e-6
    inputs = _standard(numbers, mean, scale)
    middle, level = np.average(inputs, axis=0, weights=weight), np.average(shares, axis=0, weights=weight)
    centred = inputs - middle
    gram = (centred * weight[:, None]).T @ centred
    gram[np.diag_indices_from(gram)] += SETTINGS[sign].penalty
    weights = np.linalg.solve(gram, (centred * weight[:, None]).T @ (shares - level))
    return Fit(mean, scale, middle, weights, level)


@dataclass(frozen=True)
class Calibration:
    """Scores into probabilities; `lean` is added to their logarithms to choose, for the rarer labels."""

    slopes: Numbers
    offsets: Numbers
    lean: Numbers

    def chances(self, scores: Numbers) -> Numbers:
        """Probability of each label; 0 for labels that were never seen."""
        raw = scores @ self.slopes.T + self.offsets
        powers = np.exp(raw - raw.max(axis=-1, keepdims=True))
        chances: Numbers = powers / powers.sum(axis=-1, keepdims=True)
        return chances

    def choose(self, scores: Numbers) -> Rows:
        """The label to name."""
        chosen: Rows = (np.log(np.maximum(self.chances(scores), 1e-12)) + self.lean).argmax(axis=-1)
        return chosen


def calibrate(scores: Numbers, readings: Sequence[Rows]) -> Calibration:
    """Fit probabilities to held-out scores, and the lean that agrees best with the readers.

    Args:
        scores: N x K held-out answers of the ridge.
        readings: The labels that each reader gave, N each.
    """
    count = scores.shape[1]
    both = np.concatenate(list(readings))
    model = LogisticRegression(C=10, max_iter=1000).fit(np.concatenate([scores] * len(readings)), both)
    slopes, offsets = np.zeros((count, count)), np.full(count, -30.0)
    slope, offset = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two labels
        slope, offset = np.concatenate([-slope, slope]) / 2, np.concatenate([-offset, offset]) / 2
    slopes[model.classes_], offsets[model.classes_] = slope, offset
    prior = np.maximum(np.bincount(both, minlength=count) / len(both), 1e-3)
    best, kept = -1.0, Calibration(slopes, offsets, np.zeros(count))
    for strength in np.arange(0, 1.01, 0.1):
        tried = Calibration(slopes, offsets, -strength * np.log(prior))
        agreement = np.mean([cohen_kappa_score(one, tried.choose(scores)) for one in readings])
        if agreement > best + 0.004:
            best, kept = float(agreement), tried
    return kept


def held_out(table: Table, sign: str, seed: int) -> HeldOut:
    """Cross-validated answers of one sign, as taken, made worse, and last with the annotated mask."""
    count, seen = len(table.annotated), columns(sign)
    fold = np.argsort(np.random.default_rng(seed).permutation(count)) % FOLDS
    inputs = np.concatenate([table.worse, table.annotated[:, None]], axis=1)[..., seen]
    labels = len(SETTINGS[sign].labels)
    scores = np.zeros((*inputs.shape[:2], labels))
    for number in range(FOLDS):
        test = fold == number
        scores[test] = fit(table, sign, np.flatnonzero(~test)).answer(inputs[test])
    chances, chosen = np.zeros_like(scores), np.zeros(scores.shape[:2], np.intp)
    readings = codes(table, sign)
    for number in range(FOLDS):
        test = fold == number
        calibration = calibrate(scores[~test, 0], [one[~test] for one in readings])
        chances[test], chosen[test] = calibration.chances(scores[test]), calibration.choose(scores[test])
    return HeldOut(scores, chances, chosen)


def kappa(sign: str, one: Rows, other: Rows, weighted: bool = False) -> float:
    """Cohen's kappa; with quadratic weights where asked for and the labels have an order."""
    weights = "quadratic" if weighted and SETTINGS[sign].ordinal else None
    return float(cohen_kappa_score(one, other, weights=weights))


def abstain_threshold(chosen: Rows, chances: Numbers, readings: Sequence[Rows]) -> tuple[float, float, float]:
    """Lowest probability to stand by, by held-out agreement; with that agreement and the share answered.

    Args:
        chosen: The label named for each photograph.
        chances: Its probability.
        readings: What each reader said.
    """
    right = np.mean([chosen == reading for reading in readings], axis=0)
    answered = (0.0, float(right.mean()), 1.0)
    for threshold in np.arange(0.2, 0.95, 0.01):
        if answered[1] >= WANTED_AGREEMENT and threshold > LIKELIER_THAN_NOT:
            break
        kept = chances >= threshold
        if 1 - kept.mean() > MOST_ABSTAINED:
            break
        answered = (round(float(threshold), 2), float(right[kept].mean()), float(kept.mean()))
    return answered


def train(table: Table, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Fit every sign on all photographs; return the JSON document and one line of figures a sign."""
    everything = np.arange(len(table.annotated))
    signs, lines = {}, []
    for sign, setting in SETTINGS.items():
        answers, readings = held_out(table, sign, seed), codes(table, sign)
        chosen = answers.chosen[:, 0]
        chance = np.take_along_axis(answers.chances[:, 0], chosen[:, None], axis=1)[:, 0]
        threshold, agreement, answered = abstain_threshold(chosen, chance, readings)
        between = kappa(sign, readings[0], readings[1])
        with_each = [kappa(sign, reading, chosen) for reading in readings]
        lines.append(
            f"{sign}: kappa between readers {between:.3f}, "
            f"with A {with_each[0]:.3f}, with B {with_each[1]:.3f}; "
            f"answers {answered:.0%} at {threshold}, agreeing {agreement:.1%}"
        )
        seen = np.bincount(np.concatenate(readings), minlength=len(setting.labels))
        rare = [label for label, times in zip(setting.labels, seen, strict=True) if times < RARE_BELOW]
        calibration = calibrate(answers.scores[:, 0], readings)
        signs[sign] = _as_json(sign, fit(table, sign, everything), calibration, threshold, rare)
    return {"features": list(features.NAMES), "farthest": FARTHEST, "signs": signs}, lines


def _as_json(
    sign: str, ridge: Fit, calibration: Calibration, threshold: float, rare: list[str]
) -> dict[str, Any]:
    """The ridge and its calibration as one matrix over the standardised features."""
    weights = calibration.slopes @ ridge.weights.T
    offsets = calibration.slopes @ (ridge.level - ridge.middle @ ridge.weights) + calibration.offsets
    return {
        "labels": list(SETTINGS[sign].labels),
        "columns": columns(sign).tolist(),
        "mean": np.round(ridge.mean, 5).tolist(),
        "scale": np.round(ridge.scale, 7).tolist(),
        "weights": np.round(weights, 5).tolist(),
        "offsets": np.round(offsets, 5).tolist(),
        "lean": np.round(calibration.lean, 5).tolist(),
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
    parser.add_argument("--cache", type=Path, help="keep the features in this .npz file")
    options = parser.parse_args(arguments)
    document, lines = train(tabulate(options.data, options.seed, options.cache), options.seed)
    options.out.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
