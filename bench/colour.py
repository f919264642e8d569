"""How well the colours of the tongue hold under another light, by method.

    python -m bench.colour --data DIR [--seed 1] [--photographs 60] [--alike] [--signs] [--write FILE]

DIR holds images/ and masks/. Every photograph is copied under lamps of bench/lamps.csv (see
bench/lamps.py), up to one stop darker or brighter, the camera's own white balance taking off 60 % of the
lamp's cast, with noise and JPEG 90. A colour card lies beside it, drawn with the matrix of pigments
where the tongue has that of tissue; `--alike`: the tongue has that of pigments too, as if blood and ink
answered alike to every lamp.

Figures: CIEDE2000 between the zones' Lab of the untouched photograph and those of its corrected copy,
mean / 95th percentile. "kept": how much of a true change of the tongue's colour alone survives the
method. Usual colours are learnt on the other half of the photographs. `--signs`: how often body and
coating are read as on the untouched photograph. `--write`: learns vision/light.csv on all photographs.

grey world: Buchsbaum, Journal of the Franklin Institute 310, 1980. white patch: Land, McCann, "Lightness
and retinex theory", JOSA 61, 1971. shades of grey: Finlayson, Trezzi, CIC 2004. grey edge: van de
Weijer, Gevers, Gijsenij, "Edge-based color constancy", IEEE Transactions on Image Processing 16, 2007.
root-polynomial: Finlayson, Mackiewicz, Hurlbert, IEEE Transactions on Image Processing 24, 2015.
"""

import argparse
import csv
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from bench.colour_copies import CHANGES, Case, Copy, Numbers, Seen, cases, plain, seen_in, zone_lab
from vision import card, colour, light
from vision.tongue import features, signs

# Spread of lamps that the estimate expects, in logarithms: brightness, blue to red, green against both.
EXPECTED: Final = (0.5, 0.25, 0.1)
# The photographs hold hardly a pale or a purple tongue: tongues are taken to vary twice as much as there.
WIDER: Final = 2.0
# The signs that colour decides, and the lamps of the strongest cast.
COLOUR_SIGNS: Final = ("body", "coat_colour")
STRONG: Final = ("2700", "F11", "F2")


def learn(seen: list[Seen]) -> tuple[Numbers, Numbers]:
    """Usual tongue and ring, and the linear estimate of the lamp of least expected error (6, 3 x 6)."""
    both = np.array(
        [np.concatenate([one["tongue"], one["ring"]]) for one in seen if not np.isnan(one["ring"]).any()]
    )
    spread = np.cov(both.T)
    spread[:3, :3] *= WIDER**2
    bright, warm, green = EXPECTED
    lamp = np.full((3, 3), bright**2)
    lamp += warm**2 * np.outer([-1, 0, 1], [-1, 0, 1]) + green**2 * np.outer([-0.5, 1, -0.5], [-0.5, 1, -0.5])
    both_see = np.tile(np.eye(3), (2, 1))
    share = lamp @ both_see.T @ np.linalg.inv(both_see @ lamp @ both_see.T + spread + 1e-4 * np.eye(6))
    return both.mean(axis=0), share


def write(path: Path, seen: list[Seen]) -> None:
    """Write what the shipped estimate uses."""
    usual, share = learn(seen)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["reference", "channel", "usual", "lamp_blue", "lamp_green", "lamp_red", "source", "edition"]
        )
        for index in range(6):
            name, channel = ("tongue", "ring")[index // 3], ("blue", "green", "red")[index % 3]
            numbers = [f"{value:.4f}" for value in (usual[index], *share[:, index])]
            writer.writerow([name, channel, *numbers, f"bench.colour on {len(seen)} photographs", "2026-11"])


Method = Callable[[int, Copy], colour.Light | None]


def single(table: list[Case], name: str) -> Method:
    """Make one reference as it usually is; no correction where the picture has none."""
    usual = [np.nanmean([case.seen[name] for case in table[1 - half :: 2]], axis=0) for half in (0, 1)]

    def method(index: int, copy: Copy) -> colour.Light:
        away = copy.seen[name] - usual[index % 2]
        return plain(np.exp(-np.nan_to_num(away)))

    return method


def combined(table: list[Case]) -> Method:
    """The shipped estimate, learnt on the other half."""
    learnt = [learn([case.seen for case in table[1 - half :: 2]]) for half in (0, 1)]

    def method(index: int, copy: Copy) -> colour.Light:
        usual, share = learnt[index % 2]
        away = np.concatenate([copy.seen["tongue"], copy.seen["ring"]]) - usual
        away[3:] = np.where(np.isnan(away[3:]), away[:3], away[3:])
        return plain(np.exp(-share @ away))

    return method


def by_card(measured: bool, which: str) -> Method:
    """The shipped correction by the card."""
    reference = card.Reference(card.printed().lab, measured)

    def method(_: int, copy: Copy) -> colour.Light | None:
        sighting = getattr(copy, which)
        return light.fit(sighting, reference) if isinstance(sighting, card.Sighting) else None

    return method


def root_polynomial(linear: Numbers) -> Numbers:
    """Blue, green, red and the roots of their products: n x 6."""
    blue, green, red = np.maximum(linear, 0).T
    return np.stack(
        [blue, green, red, np.sqrt(blue * green), np.sqrt(green * red), np.sqrt(red * blue)], axis=1
    )


def by_root_polynomial(copy: Copy, parts: np.ndarray) -> Numbers | None:
    """Zones' Lab after a root-polynomial correction of the second degree by the measured card."""
    if not isinstance(copy.good, card.Sighting) or copy.good.fault is not None:
        return None
    true = colour.linear_of_lab(card.printed().lab)
    gains = light.fit(copy.good, card.Reference(card.printed().lab, False))
    if gains is None:
        return None
    weights = (true.mean(axis=1, keepdims=True) + 0.02) ** (-2 / 3)
    stiff = np.sqrt(light.STIFFNESS * len(true))
    rows = np.concatenate([root_polynomial(copy.good.linear * gains.gains) * weights, stiff * np.eye(6)])
    wanted = np.concatenate([true * weights, stiff * np.eye(6, 3)])
    matrix = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    parts = parts[::2, ::2]
    inside = parts > 0
    lab = colour.lab_of(
        root_polynomial(colour.linear_of(copy.picture[::2, ::2][inside]) * gains.gains) @ matrix
    )
    return np.array([np.median(lab[parts[inside] == zone], axis=0) for zone in np.unique(parts[inside])])


def kept(table: list[Case], name: str) -> float:
    """Share of a true change of the tongue's colour that survives, mean over photographs and CHANGES."""
    share = learn([case.seen for case in table])[1]
    shares = []
    for case in table:
        for change, after in zip(map(np.array, CHANGES.values()), case.changed, strict=True):
            away = {reference: np.nan_to_num(after[reference] - case.seen[reference]) for reference in after}
            if name == "tongue and ring":
                taken = share @ np.concatenate([away["tongue"], away["ring"]])
            else:
                taken = away.get(name, np.zeros(3))
            shares.append(1 - float(change @ taken / (change @ change)))
    return float(np.mean(shares))


def line(name: str, errors: dict[str, list[float]], extra: str) -> str:
    """One row of the table."""
    groups = {"all": [value for values in errors.values() for value in values]}
    for kind in ("D65", "planck", "daylight", "fluorescent", "led"):
        groups[kind] = [one for lamp, values in errors.items() if lamp.startswith(kind) for one in values]
    cells = [f"{np.mean(values):.1f} / {np.percentile(values, 95):.1f}" for values in groups.values()]
    return f"| {name} | " + " | ".join(cells) + f" | {np.percentile(groups['all'], 67):.1f} | {extra} |"


def single_methods(table: list[Case]) -> dict[str, Method]:
    """No correction, and each reference by itself."""
    none: dict[str, Method] = {"none": lambda index, copy: plain(np.ones(3))}
    return none | {name: single(table, name) for name in table[0].seen}


def shipped_methods(table: list[Case]) -> dict[str, Method]:
    """The estimate and the card, as measured and as printed."""
    return {
        "tongue and ring": combined(table),
        "card measured, gains": by_card(False, "good"),
        "card measured, linear": by_card(True, "good"),
        "card unmeasured, gains": by_card(False, "unmeasured"),
        "card unmeasured, linear": by_card(True, "unmeasured"),
    }


def report_signs(table: list[Case]) -> None:
    """How often body and coating colour are read as on the untouched photograph."""
    print(
        "| correction before reading | "
        + " | ".join(f"{sign}, all | {sign}, strong cast" for sign in COLOUR_SIGNS)
        + " |"
    )
    print("| --- |" + " --- |" * 2 * len(COLOUR_SIGNS))
    none: dict[str, Method] = {"none": lambda index, copy: plain(np.ones(3))}
    untouched = [labels(case.picture, case.mask) for case in table]
    for name, method in (none | shipped_methods(table)).items():
        same: list[tuple[bool, list[bool]]] = []
        for index, case in enumerate(table):
            for copy in case.copies:
                lit = method(index, copy) or plain(np.ones(3))
                strong = copy.lamp.split("/")[0].endswith(STRONG)
                answers = labels(colour.relit(copy.picture, lit), case.mask)
                same.append((strong, [answers[sign] == untouched[index][sign] for sign in COLOUR_SIGNS]))
        strong_ones = [agreed for strong, agreed in same if strong]
        shares = zip(
            np.mean([agreed for _, agreed in same], axis=0), np.mean(strong_ones, axis=0), strict=True
        )
        cells = [f"{every:.2f} | {under_strong:.2f}" for every, under_strong in shares]
        print(f"| {name} | " + " | ".join(cells) + " |")


def labels(picture: np.ndarray, mask: np.ndarray) -> dict[str, str]:
    """Labels of all signs."""
    return {name: sign.label for name, sign in signs.shipped().read(features.view(picture, mask)).items()}


def report(table: list[Case]) -> None:
    """Print the table of methods."""
    print("| method | all | D65 | Planck | daylight | fluorescent | LED | 67 % below | refused | kept |")
    print("| --- |" + " --- |" * 9)
    for name, method in (single_methods(table) | shipped_methods(table)).items():
        errors: dict[str, list[float]] = {}
        refused = 0
        for index, case in enumerate(table):
            for copy in case.copies:
                lit = method(index, copy)
                if lit is None:
                    refused += 1
                    continue
                apart = colour.delta_e(zone_lab(copy.picture, case.parts, lit), case.truth).mean()
                errors.setdefault(copy.lamp, []).append(float(apart))
        print(line(name, errors, f"{refused} | {kept(table, name):.2f}"))
    errors = {}
    for case in table:
        for copy in case.copies:
            found = by_root_polynomial(copy, case.parts)
            if found is not None:
                errors.setdefault(copy.lamp, []).append(float(colour.delta_e(found, case.truth).mean()))
    print(line("card, root-polynomial", errors, "| 1.00"))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photographs", type=int, default=60)
    parser.add_argument("--alike", action="store_true")
    parser.add_argument("--signs", action="store_true")
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    if chosen.write is not None:
        masks = {path.stem: path for path in (chosen.data / "masks").iterdir()}
        write(
            chosen.write,
            [
                seen_in(cv2.imread(str(path)), cv2.imread(str(masks[path.stem]), cv2.IMREAD_GRAYSCALE))
                for path in sorted((chosen.data / "images").iterdir())
            ],
        )
        return
    table = cases(chosen.data, chosen.seed, chosen.photographs, chosen.alike)
    (report_signs if chosen.signs else report)(table)


if __name__ == "__main__":
    main()
