"""How likely the rare signs are, from the few cases there are: prints vision/tongue/evidence/rare.csv.

    python -m bench.rare --data DIR [--seed 1] > vision/tongue/evidence/rare.csv

DIR as bench.construct reads it. A label is flagged above the value that one in twenty photographs exceeds
which both readers read otherwise. With 9 photographs or more of a label a logistic regression on the one
measure is fitted (two parameters, both readings of a photograph, L2 penalty of 1 on the standardised
measure); its held-out area under the curve and log loss, by ten-fold cross-validation, go to the standard
error stream beside the log loss of the bare share of readings. With fewer, or where held out it does worse
than that share, two shares are counted."""

import argparse
import csv
import sys
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from bench.construct import labels
from vision.tongue import features
from vision.tongue.evidence import find
from vision.tongue.evidence.rare import MEASURES

FLAGGED = (
    ("peeled", "1", "peeled_strength"),
    ("stasis", "1", "stasis_strength"),
    ("moisture", "wet", "shine"),
    ("moisture", "dry", "matte"),
)
FEWEST = 9
FOLDS = 10
FLAG_SHARE = 0.95


def measured(data: Path) -> dict[str, dict[str, float]]:
    """Every measure of every photograph, with the annotated mask."""
    found = {}
    for name in sorted(labels(data)):
        photo = cv2.imread(str(data / "images" / f"{name}.png"))
        mask = cv2.imread(str(data / "masks" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
        marks = find(features.view(photo, mask))
        found[name] = {measure: of(marks) for measure, of in MEASURES.items()}
    return found


def line(values: np.ndarray, answers: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of a logistic regression on one measure; `answers` is photographs x readers."""
    spread = max(1e-9, float(values.std()))
    fitted = LogisticRegression(C=1.0)
    fitted.fit(np.repeat(values, answers.shape[1])[:, None] / spread, answers.ravel())
    return float(fitted.intercept_[0]), float(fitted.coef_[0, 0] / spread)


def held_out(values: np.ndarray, answers: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Area under the curve and log loss of the line, and log loss of the bare share, on other folds."""
    fold = np.random.default_rng(seed).permutation(len(values)) % FOLDS
    chance, share = np.zeros(len(values)), np.zeros(len(values))
    for one in range(FOLDS):
        a, b = line(values[fold != one], answers[fold != one])
        chance[fold == one] = 1 / (1 + np.exp(-(a + b * values[fold == one])))
        share[fold == one] = answers[fold != one].mean()
    truth = answers.ravel()
    both = [np.repeat(each, answers.shape[1]) for each in (chance, share)]
    return roc_auc_score(truth, both[0]), log_loss(truth, both[0]), log_loss(truth, both[1])


def main() -> None:
    """Print the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    found, read = measured(options.data), labels(options.data)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(
        ("sign", "label", "measure", "flag_above", "fit", "one", "other", "photographs", "source")
    )
    for sign, label, measure in FLAGGED:
        values = np.array([found[name][measure] for name in sorted(read)])
        answers = np.array([[row[sign] == label for row in read[name]] for name in sorted(read)]).astype(int)
        cases = answers.any(axis=1)
        above = float(np.percentile(values[~cases], 100 * FLAG_SHARE))
        flagged = values > above
        area, loss, bare = held_out(values, answers, options.seed)
        print(
            f"{sign} {label}: {cases.sum()} photographs, flagged {flagged[cases].sum()}; "
            f"held out AUC {area:.2f}, log loss {loss:.4f}, of the bare share {bare:.4f}",
            file=sys.stderr,
        )
        if cases.sum() >= FEWEST and loss < bare:
            fit, (one, other) = "logistic", line(values, answers)
        else:
            fit = "counts"
            one, other = (
                (answers[part].sum() + 1) / (answers[part].size + 2) for part in (flagged, ~flagged)
            )
        numbers = (f"{above:.4f}", fit, f"{one:.4f}", f"{other:.4f}", int(cases.sum()))
        writer.writerow((sign, label, measure, *numbers, "python -m bench.rare, 445 photographs"))


if __name__ == "__main__":
    main()
