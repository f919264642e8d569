"""Figures of the review: prescriptions a second, the command on 10,000 lines, what the shipped formulas draw.

    python -m bench.review [--seed 1] [--prescriptions 4000] [--lines 10000] [--herbs 12]

One process, one core; seconds are processor time, which a busy machine does not stretch much, with the
wall time of the command beside. A prescription is drawn with the seed: herbs of the shipped formulas as
they are written there, one in three under another of its spellings, a few with an unusual dose, for a
patient with something on record.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tcm.knowledge import Knowledge, load
from tcm.review import Case, Finding, Line, PatientFacts, check, verdict

USAGE = "每日1剂，水煎400ml，分早晚两次温服"
SYNDROMES = ("脾气虚证", "风寒束表证", "肝郁脾虚证", "阴虚火旺证", "脾胃虚寒证", "胃热炽盛证")


def machine() -> str:
    """Processor, cores and Python."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [
            line for line in info.read_text(encoding="utf-8").splitlines() if line.startswith("model name")
        ]
        model = named[0].partition(":")[2].strip() if named else model
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def spellings_of(knowledge: Knowledge) -> dict[str, list[str]]:
    """Other spellings of each standard name."""
    spellings: dict[str, list[str]] = {}
    for alias in knowledge.names.aliases:
        if alias.name and not alias.form:
            spellings.setdefault(alias.name, []).append(alias.alias)
    return spellings


def drawn(knowledge: Knowledge, count: int, herbs: int, rng: random.Random) -> list[Case]:
    """Prescriptions drawn with a seed."""
    pool = [item for formula in knowledge.formulas.values() for item in formula.items]
    spellings = spellings_of(knowledge)

    def line() -> Line:
        item = rng.choice(pool)
        others = spellings.get(item.herb, ())
        name = rng.choice(others) if others and rng.random() < 1 / 3 else item.herb
        factor = rng.choice((0.5, 2.0)) if rng.random() < 0.05 else 1.0
        return Line(name, item.grams * factor, item.decoction_note)

    return [
        Case(
            lines=tuple(line() for _ in range(herbs)),
            patient=PatientFacts(
                age_years=float(rng.randrange(1, 90)),
                sex=rng.choice(("M", "F")),
                allergies=rng.choice(((), ("青霉素",))),
                conditions=rng.choice(((), ("高血压", "2型糖尿病"))),
                western_drugs=rng.choice(((), (), ("二甲双胍",), ("阿司匹林肠溶片",))),
            ),
            disease="待查",
            syndrome=rng.choice(SYNDROMES),
            doses_count=7,
            usage=USAGE,
        )
        for _ in range(count)
    ]


def through_the_library(knowledge: Knowledge, cases: list[Case]) -> None:
    """Prescriptions a second on one core; the middle one of five runs."""
    spent_s = []
    for _ in range(5):
        started_s = time.process_time()
        findings = sum(len(check(case, knowledge)) for case in cases)
        spent_s.append(time.process_time() - started_s)
    middle_s = sorted(spent_s)[2]
    herbs = len(cases[0].lines)
    print(
        f"library: {len(cases) / middle_s:,.0f} prescriptions of {herbs} herbs a second "
        f"({len(cases):,} in {middle_s:.2f} s, {findings / len(cases):.1f} findings each)"
    )


def as_line(number: int, case: Case) -> str:
    """A case as a line of `tangye review`."""
    patient = case.patient
    return json.dumps(
        {
            "id": number,
            "patient": {
                "age": patient.age_years,
                "sex": patient.sex,
                "western_drugs": list(patient.western_drugs),
                "allergies": list(patient.allergies),
                "conditions": list(patient.conditions),
            },
            "diagnosis": {"disease": case.disease, "syndrome": case.syndrome},
            "doses_count": case.doses_count,
            "usage": case.usage,
            "items": [
                {"herb": line.herb, "grams": line.grams, "decoction_note": line.decoction_note}
                for line in case.lines
            ],
        },
        ensure_ascii=False,
    )


def through_the_command(cases: list[Case]) -> None:
    """Time of `tangye review`, start and loading included."""
    tangye = Path(sys.executable).with_name("tangye")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "day.jsonl"
        file.write_text("\n".join(as_line(*numbered) for numbered in enumerate(cases)), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started_s = time.perf_counter()
        run = subprocess.run([tangye, "review", file], capture_output=True, check=True)  # noqa: S603
        wall_s = time.perf_counter() - started_s
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.stdout.count(b"\n") == len(cases)
    spent_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(f"tangye review: {len(cases):,} lines in {spent_s:.1f} s of one core, {wall_s:.1f} s by the clock")


def false_alarms(knowledge: Knowledge) -> None:
    """What every shipped formula draws with each of its syndromes."""
    kinds: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    alarmed: dict[str, set[str]] = {}
    for formula in knowledge.formulas.values():
        lines = tuple(Line(item.herb, item.grams, item.decoction_note) for item in formula.items)
        for syndrome in formula.syndromes:
            findings = check(Case(lines, syndrome=syndrome, doses_count=7, usage=USAGE), knowledge)
            kinds.update(f"{found.kind} ({found.severity})" for found in findings)
            verdicts[verdict(findings)] += 1
            if any(is_alarm(found) for found in findings):
                alarmed.setdefault(formula.marked or "not marked", set()).add(formula.name)
    reviewed = sum(verdicts.values())
    print(f"shipped formulas: {len(knowledge.formulas)}, with their syndromes {reviewed} reviews")
    print(f"  verdicts: {dict(verdicts)}")
    for kind, count in kinds.most_common():
        print(f"  {kind}: {count}")
    for why, names in alarmed.items():
        print(f"  more than not_in_pharmacopoeia: {'、'.join(sorted(names))} ({why})")


def is_alarm(found: Finding) -> bool:
    """Whether a finding on a classic says more than that a herb is of a provincial standard."""
    return found.kind != "not_in_pharmacopoeia"


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prescriptions", type=int, default=4_000)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--herbs", type=int, default=12)
    options = parser.parse_args()
    knowledge, rng = load(), random.Random(options.seed)  # noqa: S311
    print(f"{machine()}; seed {options.seed}")
    through_the_library(knowledge, drawn(knowledge, options.prescriptions, options.herbs, rng))
    through_the_command(drawn(knowledge, options.lines, options.herbs, rng))
    false_alarms(knowledge)


if __name__ == "__main__":
    main()
