"""Train the readers of the signs, cross-validate them against two readings, write them down.

    python -m vision.train.signs --data DIR [--data DIR ...] --cache DIR --out FILE [--seed 1]

DIR holds images/*.png, masks/*.png and labels.csv (id, reader, a column a sign). Both readings of a
photograph are trained on, so a photograph on which the readers differ teaches a middling answer. Copies
as another phone would take them are trained on like the photographs themselves. What is computed is kept in
the cache, and a run that was broken off goes on from there.

A reader joins two answers: a ridge regression over measured features, and a network tuned on all signs at
once. A multinomial logistic regression on held-out answers of both makes them into probabilities. The ridge
and the last layer are linear, so a few matrices are shipped as JSON, and the network's blocks as ONNX.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

from vision.tongue import features, network
from vision.train import signs_table
from vision.train.signs_table import EVALUATED, LEARNT, READERS, Table

if TYPE_CHECKING:
    from vision.train import signs_network

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Setting:
    """How one sign is learnt: its labels in their order, the groups of features, the penalty of the ridge.

    Groups and penalties were compared by cross-validation on the shared set (docs/decisions/0013).
    """

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    penalty: float
    ordinal: bool = False
    # Whether the network counts: it sees no colour of the whole tongue, and of the two it only took away.
    looks: bool = True


GRADES: Final = ("0", "1", "2")
COLOURS: Final = ("light", "zones", "shares")
SETTINGS: Final[dict[str, Setting]] = {
    "body": Setting(
        ("pale", "light_red", "red", "purple"),
        (*COLOURS, "lab", "around", "grain_red", "dots", "pattern"),
        4000,
        looks=False,
    ),
    "coat_colour": Setting(
        ("none", "white", "yellow", "grey_black"), (*COLOURS, "cells", "grain_grey"), 10000, looks=False
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
FOLDS: Final = 10
# The network is tuned once for two of the folds, without either.
NETWORK_FOLDS: Final = 5
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
    """Cross-validated answers of one sign: for N photographs, taken in V ways, of K labels.

    scores: N x V x 2K, of the ridge and then of the network, or K where that does not count.
    chances: N x V x K. chosen: N x V, indices of labels.
    """

    scores: Numbers
    chances: Numbers
    chosen: Rows


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


def wanted(table: Table, sign: str) -> Numbers:
    """Share of the readers who gave each label: N x K."""
    one = np.eye(len(SETTINGS[sign].labels))
    shares: Numbers = np.mean([one[code] for code in codes(table, sign)], axis=0)
    return shares


def fit(table: Table, sign: str, rows: Rows) -> Fit:
    """Fit the ridge of one sign on some photographs and their copies."""
    seen = columns(sign)
    stacks = [table.numbers[rows, way][:, seen] for way in LEARNT]
    numbers = np.concatenate(stacks)
    weight = np.repeat([PLAIN_WEIGHT if way < len(EVALUATED) else 1.0 for way in LEARNT], len(rows))
    shares = np.tile(wanted(table, sign)[rows], (len(stacks), 1))
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
    """Scores into probabilities; `lean` is added to their logarithms to choose, for the rarer labels.

    slopes: K x 2K, by label, over the scores of the ridge and of the network.
    """

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


def calibrate(scores: Numbers, readings: Sequence[Rows], sign: str) -> Calibration:
    """Fit probabilities to held-out scores, and the lean that agrees best with the readers.

    Args:
        scores: N x 2K held-out answers of the ridge and of the network.
        readings: The labels that each reader gave, N each.
        sign: Whether a miss by two grades is worse than by one is known of it.
    """
    count = len(SETTINGS[sign].labels)
    both = np.concatenate(list(readings))
    loose = 1 if SETTINGS[sign].looks else 10  # two answers that say much the same are held shorter
    model = LogisticRegression(C=loose, max_iter=1000).fit(np.concatenate([scores] * len(readings)), both)
    slopes, offsets = np.zeros((count, scores.shape[1])), np.full(count, -30.0)
    slope, offset = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two labels
        slope, offset = np.concatenate([-slope, slope]) / 2, np.concatenate([-offset, offset]) / 2
    slopes[model.classes_], offsets[model.classes_] = slope, offset
    prior = np.maximum(np.bincount(both, minlength=count) / len(both), 1e-3)
    best, kept = -1.0, Calibration(slopes, offsets, np.zeros(count))
    for strength in np.arange(0, 1.01, 0.1):
        tried = Calibration(slopes, offsets, -strength * np.log(prior))
        named = tried.choose(scores)
        pairs = [kappa(sign, one, named, weighted) for one in readings for weighted in (False, True)]
        agreement = float(np.mean(pairs))
        if agreement > best + 0.004:
            best, kept = agreement, tried
    return kept


def folds(count: int, seed: int) -> Rows:
    """The fold of each photograph."""
    parts: Rows = np.argsort(np.random.default_rng(seed).permutation(count)) % FOLDS
    return parts


def tune(table: Table, rows: Rows, seed: int) -> "signs_network.Head":
    """Tune the network for all signs on some photographs and their copies."""
    from vision.train import encoder, signs_network  # noqa: PLC0415  # PyTorch, heavy

    shares = np.concatenate([wanted(table, sign) for sign in SETTINGS], axis=1)[rows]
    counts = tuple(len(setting.labels) for setting in SETTINGS.values())
    ways = np.ix_(rows, np.array(LEARNT))
    weights = encoder.installed_weights()
    return signs_network.tune(table.near[ways], table.shares[ways], shares, counts, weights, seed)


def network_held_out(table: Table, seed: int, cache: Path) -> Numbers:
    """Logits of networks that did not see the photograph: N x len(EVALUATED) x labels of all signs.

    Args:
        table: As signs_table.tabulate gives it.
        seed: Of the folds and of the tuning.
        cache: Each network's answers are kept here, and read where they are there already.
    """
    parts = folds(len(table.numbers), seed) * NETWORK_FOLDS // FOLDS
    labels = sum(len(setting.labels) for setting in SETTINGS.values())
    logits = np.zeros((len(parts), len(EVALUATED), labels))
    for part in range(NETWORK_FOLDS):
        kept, test = cache / f"network{part}.npy", np.flatnonzero(parts == part)
        if not kept.exists():
            head = tune(table, np.flatnonzero(parts != part), seed + part)
            seen = np.ix_(test, np.arange(len(EVALUATED)))
            np.save(kept, head.answer(table.near[seen], table.shares[seen]))
            sys.stderr.write(f"network {part + 1} of {NETWORK_FOLDS} tuned\n")
        logits[test] = np.load(kept, allow_pickle=False)
    return logits


def own_shares(logits: Numbers, sign: str) -> Numbers:
    """Logarithms of the shares that the network expects for one sign, from the logits of all: ... x K."""
    names = list(SETTINGS)
    first = sum(len(SETTINGS[name].labels) for name in names[: names.index(sign)])
    return network.log_shares(logits[..., first : first + len(SETTINGS[sign].labels)])


def held_out(table: Table, sign: str, seed: int, logits: Numbers) -> HeldOut:
    """Cross-validated answers of one sign, in every way of EVALUATED.

    Args:
        table: As signs_table.tabulate gives it.
        sign: Name of the sign.
        seed: Of the folds.
        logits: As `network_held_out` gives them.
    """
    parts, seen = folds(len(table.numbers), seed), columns(sign)
    inputs = table.numbers[:, : len(EVALUATED)][..., seen]
    labels = len(SETTINGS[sign].labels)
    ridge = np.zeros((*inputs.shape[:2], labels))
    for part in range(FOLDS):
        test = parts == part
        ridge[test] = fit(table, sign, np.flatnonzero(~test)).answer(inputs[test])
    scores = np.concatenate([ridge, own_shares(logits, sign)], axis=-1) if SETTINGS[sign].looks else ridge
    chances, chosen = np.zeros_like(ridge), np.zeros(ridge.shape[:2], np.intp)
    readings = codes(table, sign)
    for part in range(FOLDS):
        test = parts == part
        calibration = calibrate(scores[~test, 0], [one[~test] for one in readings], sign)
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


def train(
    table: Table, seed: int, logits: Numbers, head: "signs_network.Head"
) -> tuple[dict[str, Any], list[str]]:
    """Fit every sign on all photographs; return the JSON document and one line of figures a sign."""
    everything = np.arange(len(table.numbers))
    weights, offsets = head.matrix()
    parts, lines, first = {}, [], 0
    for sign, setting in SETTINGS.items():
        answers, readings = held_out(table, sign, seed, logits), codes(table, sign)
        chosen = answers.chosen[:, 0]
        chance = np.take_along_axis(answers.chances[:, 0], chosen[:, None], axis=1)[:, 0]
        threshold, agreement, answered = abstain_threshold(chosen, chance, readings)
        between = kappa(sign, readings[0], readings[1], weighted=True)
        with_each = [kappa(sign, one, chosen, weighted=True) for one in readings]
        lines.append(
            f"{sign}: kappa between readers {between:.3f}, "
            f"with A {with_each[0]:.3f}, with B {with_each[1]:.3f}; "
            f"answers {answered:.0%} at {threshold}, agreeing {agreement:.1%}"
        )
        seen = np.bincount(np.concatenate(readings), minlength=len(setting.labels))
        rare = [label for label, times in zip(setting.labels, seen, strict=True) if times < RARE_BELOW]
        calibration = calibrate(answers.scores[:, 0], readings, sign)
        last = first + len(setting.labels)
        parts[sign] = as_json(sign, fit(table, sign, everything), calibration, threshold, rare) | {
            "seen_weights": np.round(weights[first:last], 5).tolist(),
            "seen_offsets": np.round(offsets[first:last], 5).tolist(),
        }
        first = last
    return {"features": list(features.NAMES), "farthest": FARTHEST, "signs": parts}, lines


def as_json(
    sign: str, ridge: Fit, calibration: Calibration, threshold: float, rare: list[str]
) -> dict[str, Any]:
    """The ridge and its share of the calibration as one matrix over the standardised features."""
    count = len(SETTINGS[sign].labels)
    of_ridge = calibration.slopes[:, :count]
    of_network = calibration.slopes[:, count:] if SETTINGS[sign].looks else np.zeros((count, count))
    weights = of_ridge @ ridge.weights.T
    offsets = of_ridge @ (ridge.level - ridge.middle @ ridge.weights) + calibration.offsets
    return {
        "labels": list(SETTINGS[sign].labels),
        "columns": columns(sign).tolist(),
        "mean": np.round(ridge.mean, 5).tolist(),
        "scale": np.round(ridge.scale, 7).tolist(),
        "weights": np.round(weights, 5).tolist(),
        "offsets": np.round(offsets, 5).tolist(),
        "slopes": np.round(of_network, 5).tolist(),
        "lean": np.round(calibration.lean, 5).tolist(),
        "abstain_below": threshold,
        "rare": rare,
    }


def labels_of() -> dict[str, tuple[str, ...]]:
    """The labels each sign may have."""
    return {sign: setting.labels for sign, setting in SETTINGS.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write the JSON and beside it the ONNX, print the cross-validated figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, action="append", help="may be repeated")
    parser.add_argument("--out", type=Path, required=True, help="tongue_signs.json, beside tongue_view.onnx")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is computed on the way")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        table = signs_table.tabulate(options.data, labels_of(), options.seed, options.cache)
    except (FileNotFoundError, ValueError) as wrong:
        parser.error(str(wrong))
    logits = network_held_out(table, options.seed, options.cache)
    head = tune(table, np.arange(len(table.numbers)), options.seed)
    document, lines = train(table, options.seed, logits, head)
    onnx = options.out.with_name(network.MODEL.name)
    head.export(onnx)
    document = {"network_sha256": hashlib.sha256(onnx.read_bytes()).hexdigest(), **document}
    options.out.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
