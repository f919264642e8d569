"""How well the signs are read, and how well that holds when the photograph is worse.

    python -m bench.signs --data DIR [--data DIR ...] --cache DIR [--seed 1] [--lamps | --parts]

DIR holds images/, masks/ and labels.csv as vision.train.signs reads them; the cache is that of training,
or is filled. Ten-fold cross-validation: every answer comes from a model, and a calibration, that did not see
the photograph. Kappa is the mean of those with reader A and reader B; the second figure, where labels have
an order, has quadratic weights. `annotated`: with the annotated mask in place of the network's; `small` and
`turned` move the mask with the photograph. `lost`: the most that the last figure falls in any of these.
`--lamps` compares the references by which the light may be judged, on the two signs of colour; `--parts`
shows what the measured features and the network reach alone.
"""

import argparse
import dataclasses
from pathlib import Path

import cv2
import numpy as np

from vision.tongue import features
from vision.train import signs, signs_table


def calibration_error(chance: np.ndarray, right: np.ndarray) -> float:
    """Mean distance of stated probability from agreement, over ten bins of probability."""
    bins = np.minimum((chance * 10).astype(int), 9)
    gaps = [(bins == b).mean() * abs(chance[bins == b].mean() - right[bins == b].mean()) for b in set(bins)]
    return float(np.sum(gaps))


def cell(sign: str, pairs: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Kappa, and with quadratic weights where the labels have an order."""
    plain = np.mean([signs.kappa(sign, *pair) for pair in pairs])
    weighted = np.mean([signs.kappa(sign, *pair, weighted=True) for pair in pairs])
    return f"{plain:.2f}/{weighted:.2f}" if signs.SETTINGS[sign].ordinal else f"{plain:.2f}"


def report(table: signs.Table, sign: str, seed: int, logits: np.ndarray) -> str:
    """One row of the table for one sign."""
    answers, readings = signs.held_out(table, sign, seed, logits), signs.codes(table, sign)
    by_way = [[(one, answers.chosen[:, way]) for one in readings] for way in range(answers.chosen.shape[1])]
    cells = [cell(sign, pairs) for pairs in ([(readings[0], readings[1])], *by_way)]
    best = [np.mean([signs.kappa(sign, *pair, weighted=True) for pair in pairs]) for pairs in by_way]
    chosen = answers.chosen[:, 0]
    chance = np.take_along_axis(answers.chances[:, 0], chosen[:, None], axis=1)[:, 0]
    _, agreement, answered = signs.abstain_threshold(chosen, chance, readings)
    right = np.mean([chosen == one for one in readings], axis=0)
    cells += [f"{best[0] - min(best):.2f}", f"{1 - answered:.0%}", f"{agreement:.0%}"]
    return f"| {sign} | " + " | ".join([*cells, f"{calibration_error(chance, right):.3f}"]) + " |"


def alone(table: signs.Table, sign: str, seed: int, logits: np.ndarray) -> str:
    """One row for one sign: the measured features alone, the network alone, both where both count."""
    answers, readings = signs.held_out(table, sign, seed, logits), signs.codes(table, sign)
    looked = signs.own_shares(logits, sign)[:, 0]
    labels, parts = len(signs.SETTINGS[sign].labels), signs.folds(len(table.numbers), seed)
    cells = []
    for scores in (answers.scores[:, 0, :labels], looked, answers.scores[:, 0]):
        chosen = np.zeros(len(parts), np.intp)
        for part in range(signs.FOLDS):
            others = [one[parts != part] for one in readings]
            calibration = signs.calibrate(scores[parts != part], others, sign)
            chosen[parts == part] = calibration.choose(scores[parts == part])
        cells.append(cell(sign, [(one, chosen) for one in readings]))
    return f"| {sign} | " + " | ".join(cells) + " |"


def judged_by(table: signs.Table, references: tuple[str, ...]) -> signs.Table:
    """The table with all other references for the light, and the absolute Lab values, blanked."""
    kept = {f"{reference}_{ch}" for reference in references for ch in features.CHANNELS}
    blank = [name in {*features.GROUPS["light"], *features.GROUPS["lab"]} - kept for name in features.NAMES]

    def blanked(numbers: np.ndarray) -> np.ndarray:
        return np.where(blank, 0.0, numbers)

    return dataclasses.replace(table, numbers=blanked(table.numbers))


def lamps(table: signs.Table, seed: int, logits: np.ndarray) -> None:
    """Body and coating colour by each reference for the light beside the tongue's own colour."""
    choices: dict[str, tuple[str, ...]] = {"none": (), "tongue": ("tongue",)}
    choices |= {reference: ("tongue", reference) for reference in features.REFERENCES[1:]}
    choices["all"] = features.REFERENCES
    for name, references in choices.items():
        for sign in ("body", "coat_colour"):
            print(name, report(judged_by(table, references), sign, seed, logits))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, action="append", help="may be repeated")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is computed on the way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lamps", action="store_true", help="compare references for the light instead")
    parser.add_argument("--parts", action="store_true", help="show features and network apart instead")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    table = signs_table.tabulate(options.data, signs.labels_of(), options.seed, options.cache)
    logits = signs.network_held_out(table, options.seed, options.cache)
    heads = ["sign", "readers", *signs_table.EVALUATED, "lost", "abstained", "agreeing", "calibration error"]
    if options.parts:
        heads = ["sign", "measured", "network", "both"]
    print("| " + " | ".join(heads) + " |")
    print("| " + " | ".join("---" for _ in heads) + " |")
    if options.lamps:
        lamps(table, options.seed, logits)
        return
    for sign in signs.SETTINGS:
        print((alone if options.parts else report)(table, sign, options.seed, logits))


if __name__ == "__main__":
    main()
