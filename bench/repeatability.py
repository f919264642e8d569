"""How far two pictures of one unchanged tongue lie apart, and which known changes stand out from that.

    python -m bench.repeatability --data DIR --seed 1 [--every 5] [--write]

DIR holds images/ and masks/ as vision.train.segment reads them. Every photograph is taken again twice by
vision.followup.retake: a simulation, no substitute for patients photographed twice. The first table gives
each measure's limit (95th percentile of the differences), and how often it was exceeded by photographs
that had no part in it: limits of one half held against the other, both ways. The second gives known
changes, made before the second re-take, and how often they are found. `--every` looks at every so many
photographs for a glance; `--write` writes vision/followup/repeatability.csv, from all of them only.
"""

import argparse
import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from vision import reading
from vision.followup.align import LEAST_OVERLAP, align
from vision.followup.changes import (
    LIGHT,
    LIGHT_PERCENTILE,
    PERCENTILE,
    REPEATABILITY,
    TOGETHER,
    light_apart,
    light_of,
    limits,
    values,
)
from vision.followup.look import Look, look
from vision.followup.measures import MEASURES
from vision.followup.retake import retake
from vision.tongue import drawn_into, zones

NAMES = tuple(measure.name for measure in MEASURES)
# Known changes are made on every so many photographs.
CHANGED_EVERY = 5
Change = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray | None]


@dataclass(frozen=True)
class Pair:
    """Two looks at one tongue: every difference in the order of NAMES, NaN where there is none."""

    differences: np.ndarray
    light: float
    overlap: float
    mask: np.ndarray


def photographs(data: Path, every: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Photographs with their annotated masks."""
    for path in sorted((data / "images").glob("*.png"))[::every]:
        yield cv2.imread(str(path)), cv2.imread(str(data / "masks" / path.name), cv2.IMREAD_GRAYSCALE)


def middle(mask: np.ndarray) -> tuple[float, float]:
    """Where the camera points: the middle of the tongue."""
    moments = cv2.moments(mask, True)
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]


def paired(before: Look, after: Look) -> Pair:
    """Two looks brought together and measured."""
    aligned = align(before.picture, before.reading.mask, after.picture, after.reading.mask)
    first, second = values(before, after, aligned)
    gaps = [
        np.nan if first[name] is None or second[name] is None else second[name] - first[name]
        for name in NAMES
    ]
    apart = light_apart(light_of(before), light_of(after))
    return Pair(np.array(gaps), apart, aligned.overlap, before.reading.mask)


def shifted(mask: np.ndarray, where: np.ndarray, photo: np.ndarray, channel: int, by: float) -> np.ndarray:
    """One channel of Lab moved by so much, softly at the border."""
    soft = cv2.GaussianBlur(((where & (mask > 0)) * 1.0).astype(np.float32), (0, 0), 4)
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)
    lab[..., channel] += by * soft
    moved = cv2.cvtColor(lab, cv2.COLOR_Lab2BGR)
    return np.clip(np.rint(moved * 255), 0, 255).astype(np.uint8)


def coat_yellower(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The middle of centre and root, where coat lies, by 6 along b*."""
    where = np.isin(zones.divide(mask), (zones.CENTRE, zones.ROOT))
    return shifted(mask, where, photo, 2, 6.0)


def tip_redder(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The tip by 6 along a*."""
    return shifted(mask, zones.divide(mask) == zones.TIP, photo, 1, 6.0)


def all_redder(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The whole tongue by 8 along a*."""
    return shifted(mask, mask > 0, photo, 1, 8.0)


def picture_of(drawn: drawn_into.Drawn) -> np.ndarray | None:
    """What was drawn, None where it found no room."""
    return drawn.picture if drawn.truth else None


def cracked(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """One crack of two fifths of the tongue's length."""
    return picture_of(drawn_into.crack(photo, mask, rng, 0.4, 0.4))


def notched(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Four notches, each of 4 % of the tongue's length."""
    for _ in range(4):
        drawn = drawn_into.notch(photo, mask, rng, 0.04, 0.35)
        if drawn.truth is None:
            return None
        photo, mask = drawn.picture, drawn.mask
    return photo


def peeled(photo: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """One bare patch of a quarter of the tongue's length."""
    return picture_of(drawn_into.peeled(photo, mask, rng, 0.25, 18.0))


# What is done, and where it should show.
CHANGES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "coat yellower, b* +6": (coat_yellower, ("coat_yellowness_above_body_lab", "centre_yellowness_lab")),
    "tip redder, a* +6": (tip_redder, ("tip_redness_above_tongue_lab", "tip_redness_lab")),
    "whole tongue redder, a* +8": (all_redder, ("edges_redness_lab", "tip_redness_lab")),
    "a crack of 0.4 of the length": (cracked, ("crack_length_share", "cracks_grade")),
    "four notches of 0.04": (notched, ("notches_count", "tooth_marks_grade")),
    "a peeled patch of 0.25": (peeled, ("peeled_share",)),
}


def limit_of(gaps: np.ndarray) -> np.ndarray:
    """Each measure's limit; the next difference that occurred, so that counts stay counts."""
    return np.array([np.nanpercentile(np.abs(column), PERCENTILE, method="higher") for column in gaps.T])


def held_out(gaps: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which differences exceed a limit that was measured without them, and where there is a difference."""
    order = np.random.default_rng(seed).permutation(len(gaps))
    halves = (order[: len(order) // 2], order[len(order) // 2 :])
    exceeded = np.zeros(gaps.shape, bool)
    for one, other in (halves, halves[::-1]):
        exceeded[other] = np.abs(gaps[other]) > limit_of(gaps[one])
    return exceeded, ~np.isnan(gaps)


def report_limits(pairs: list[Pair], seed: int) -> tuple[dict[str, float], dict[str, int]]:
    """Print the first table; the limits, and how many pairs each was measured on."""
    gaps = np.stack([pair.differences for pair in pairs])
    found = limit_of(gaps)
    exceeded, there = held_out(gaps, seed)
    print("| measure | limit | pairs | falsely changed, held out |\n|---|---|---|---|")
    for name, limit, false, count in zip(NAMES, found, exceeded.sum(0), there.sum(0), strict=True):
        print(f"| {name} | {limit:.3f} | {count} | {false / max(1, count):.1%} |")
    lights = np.array([pair.light for pair in pairs])
    light = float(np.percentile(lights, LIGHT_PERCENTILE))
    print(f"| {LIGHT} | {light:.3f} | {len(pairs)} | |")
    a_pair = exceeded.sum(1)
    print(
        f"\n{len(NAMES)} measures: {a_pair.mean():.2f} falsely changed in a pair on average, "
        f"at least one in {(a_pair > 0).mean():.0%} of pairs, more than three in {(a_pair > 3).mean():.0%}"
    )
    together = float(np.percentile(a_pair, PERCENTILE, method="higher"))
    print(f"{PERCENTILE} % of pairs have {together:.0f} or fewer")
    overlaps = np.percentile([pair.overlap for pair in pairs], [0, 1, 5, 50])
    print("overlap at 0 1 5 50 %: " + " ".join(f"{value:.3f}" for value in overlaps))
    refused = np.mean([pair.overlap < LEAST_OVERLAP for pair in pairs])
    print(f"pairs whose contours are not comparable: {refused:.1%}")
    limit = {**dict(zip(NAMES, found.tolist(), strict=True)), LIGHT: light, TOGETHER: together}
    counted = {**dict.fromkeys(limit, len(pairs)), **dict(zip(NAMES, there.sum(0).tolist(), strict=True))}
    return limit, counted


def report_strangers(pairs: list[Pair]) -> None:
    """How alike the contours of two people's tongues are."""
    overlaps = [align(one.mask, one.mask, other.mask, other.mask).overlap for one, other in pairwise(pairs)]
    spread = " ".join(f"{value:.3f}" for value in np.percentile(overlaps, [5, 25, 50, 75, 95]))
    print(f"overlap of two people's tongues at 5 25 50 75 95 %: {spread}")


def report_changes(pairs: list[tuple[str, Pair]], limit: dict[str, float]) -> None:
    """Print the second table."""
    print("\n| known change | measure | pairs | found | wrong way | not comparable |")
    print("|---|---|---|---|---|---|")
    for change, (_, measures) in CHANGES.items():
        of_change = [pair for name, pair in pairs if name == change]
        apart = np.array([pair.light > limit[LIGHT] or pair.overlap < LEAST_OVERLAP for pair in of_change])
        for name in measures:
            gaps = np.array([pair.differences[NAMES.index(name)] for pair in of_change])
            of_colour = MEASURES[NAMES.index(name)].of_colour
            none = np.isnan(gaps) | (apart & of_colour)
            more, less = ~none & (gaps > limit[name]), ~none & (gaps < -limit[name])
            shares = " | ".join(f"{one.mean():.0%}" for one in (more, less, none))
            print(f"| {change} | {name} | {len(gaps)} | {shares} |")


def write(limit: dict[str, float], counted: dict[str, int], command: str) -> None:
    """Write the shipped table."""
    today = datetime.now(UTC).date().isoformat()
    with REPEATABILITY.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["measure", "limit", "pairs", "command", "measured_on", "model"])
        for name, value in limit.items():
            rows.writerow([name, f"{value:.4f}", counted[name], command, today, reading.model_name()])
    limits.cache_clear()


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write and options.every != 1:
        parser.error("the shipped table is measured on every photograph: leave --every out")
    cv2.setNumThreads(1)
    started_s = time.process_time()
    rng = np.random.default_rng(options.seed)
    pairs: list[Pair] = []
    changed: list[tuple[str, Pair]] = []
    refused: Counter[str] = Counter()
    for number, (photo, mask) in enumerate(photographs(options.data, options.every)):
        at = middle(mask)
        before = look(retake(photo, at, rng))
        if before.reading.refused:
            refused[before.reading.refused] += 1
            continue
        versions: dict[str, np.ndarray | None] = {"": photo}
        if number % CHANGED_EVERY == 0:
            versions |= {name: change(photo, mask, rng) for name, (change, _) in CHANGES.items()}
        for name, version in versions.items():
            if version is None:
                refused["no room for the mark"] += 1
                continue
            after = look(retake(version, at, rng))
            if after.reading.refused:
                refused[after.reading.refused] += 1
            elif name:
                changed.append((name, paired(before, after)))
            else:
                pairs.append(paired(before, after))
    print(f"model {reading.model_name()}; {len(pairs)} pairs; refused and left out: {dict(refused)}\n")
    limit, counted = report_limits(pairs, options.seed)
    report_strangers(pairs)
    report_changes(changed, limit)
    command = f"python -m bench.repeatability --data DIR --seed {options.seed} --write"
    if options.write:
        write(limit, counted, command)
    print(f"\n{time.process_time() - started_s:.0f} s of processor time")


if __name__ == "__main__":
    main()
