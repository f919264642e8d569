"""How well the signs are read, and how well that holds when the photograph is worse.

    python -m bench.signs --data DIR [--seed 1] [--cache FILE] [--lamps]

DIR holds images/, masks/ and labels.csv as vision.train.signs reads them. Ten-fold cross-validation: every
answer comes from a model, and a calibration, that did not see the photograph. Kappa is the mean of those with
reader A and reader B; the second figure, where the labels have an order, has quadratic weights.
`annotated`: with the annotated mask in place of the network's. `small` scales the mask with the photograph.
`--lamps` compares the references by which the light may be judged, on the two signs of colour.
"""

import argparse
import dataclasses
from pathlib import Path

import cv2
import numpy as np

from vision.tongue import features
from vision.train import augment, signs


def calibration_error(chance: np.ndarray, right: np.ndarray) -> float:
    """Mean distance of stated probability from agreement, over ten bins of probability."""
    bins = np.minimum((chance * 10).astype(int), 9)
    gaps = [(bins == b).mean() * abs(chance[bins == b].mean() - right[bins == b].mean()) for b in set(bins)]
    return float(np.sum(gaps))


def report(table: signs.Table, sign: str, seed: int) -> str:
    """One row of the table for one sign."""
    answers, readings = signs.held_out(table, sign, seed), signs.codes(table, sign)
    ordinal = signs.SETTINGS[sign].ordinal

    def cell(pairs: list[tuple[np.ndarray, np.ndarray]]) -> str:
        plain = np.mean([signs.kappa(sign, *pair) for pair in pairs])
        weighted = np.mean([signs.kappa(sign, *pair, weighted=True) for pair in pairs])
        return f"{plain:.2f}/{weighted:.2f}" if ordinal else f"{plain:.2f}"

    ways = range(answers.chosen.shape[1])
    cells = [cell([(readings[0], readings[1])])]
    cells += [cell([(one, answers.chosen[:, way]) for one in readings]) for way in ways]
    chosen = answers.chosen[:, 0]
    chance = np.take_along_axis(answers.chances[:, 0], chosen[:, None], axis=1)[:, 0]
    _, agreement, answered = signs.abstain_threshold(chosen, chance, readings)
    right = np.mean([chosen == one for one in readings], axis=0)
    cells += [f"{1 - answered:.0%}", f"{agreement:.0%}", f"{calibration_error(chance, right):.3f}"]
    return f"| {sign} | " + " | ".join(cells) + " |"


def judged_by(table: signs.Table, references: tuple[str, ...]) -> signs.Table:
    """The table with all other references for the light, and the absolute Lab values, blanked."""
    kept = {f"{reference}_{ch}" for reference in references for ch in features.CHANNELS}
    blank = [name in {*features.GROUPS["light"], *features.GROUPS["lab"]} - kept for name in features.NAMES]

    def blanked(numbers: np.ndarray) -> np.ndarray:
        return np.where(blank, 0.0, numbers)

    return dataclasses.replace(
        table,
        worse=blanked(table.worse),
        annotated=blanked(table.annotated),
        copies=blanked(table.copies),
    )


def lamps(table: signs.Table, seed: int) -> None:
    """Body and coating colour by each reference for the light beside the tongue's own colour."""
    choices: dict[str, tuple[str, ...]] = {"none": (), "tongue": ("tongue",)}
    choices |= {reference: ("tongue", reference) for reference in features.REFERENCES[1:]}
    choices["all"] = features.REFERENCES
    for name, references in choices.items():
        for sign in ("body", "coat_colour"):
            print(name, report(judged_by(table, references), sign, seed))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, help="keep the features in this .npz file")
    parser.add_argument("--lamps", action="store_true", help="compare references for the light instead")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    table = signs.tabulate(options.data, options.seed, options.cache)
    heads = ["sign", "readers", *augment.WORSE, "annotated", "abstained", "agreeing", "calibration error"]
    print("| " + " | ".join(heads) + " |")
    print("| " + " | ".join("---" for _ in heads) + " |")
    if options.lamps:
        lamps(table, options.seed)
        return
    for sign in signs.SETTINGS:
        print(report(table, sign, options.seed))


if __name__ == "__main__":
    main()
