from collections.abc import Callable
from pathlib import Path

import pytest

from web.prints import PotLabel, pot_label_pdf

STATUS = Path("/proc/self/status")


def resident_mib() -> float:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(not STATUS.exists(), reason="reads the resident memory from Linux's /proc")
def test_long_runs_do_not_pile_up_in_memory(make_pot: Callable[..., PotLabel]) -> None:
    def run(number: int) -> None:
        pot_label_pdf([make_pot(pot=f"{index}", scan_code=f"POT-{number}-{index}") for index in range(60)])

    run(0)
    before = resident_mib()
    for number in range(1, 9):
        run(number)
    # Eight runs that Typst keeps take over 500 MiB.
    assert resident_mib() - before < 150
