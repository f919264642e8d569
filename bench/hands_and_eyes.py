"""Pages and what keeps somebody out of them: axe-core, room, fingers, keyboard.

    python -m bench.hands_and_eyes

Runs the walk of tests/journeys/test_every_page.py over a demo county of its own and prints a table: a row for
each kind of page, who looks at it, how many of its pages look different and were looked at (each wide and at
390 px, in normal and in large type), and the findings: axe-core's rules of WCAG 2.2 A and AA and its best
practice by impact, words without room, targets under 44 px on a phone, stops of the Tab key that are not
marked or are hidden.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WALK = "tests/journeys/test_every_page.py"
TABLE = ROOT / "artefacts/journeys/hands-and-eyes.json"
# How the table names what `tests.journeys.looks` calls its kinds.
COLUMNS = {
    "serious, critical": ("serious", "critical"),
    "minor, moderate": ("minor", "moderate"),
    "room": ("room",),
    "touch": ("touch",),
    "focus": ("focus",),
}


def rows(pages: Sequence[dict[str, str]], found: Sequence[dict[str, str]]) -> list[list[str]]:
    """The table's rows.

    Args:
        pages: With endpoint, username and path.
        found: With endpoint and kind.

    Returns:
        Endpoint, who looks, how many pages, then the findings of each column.
    """
    findings = Counter((each["endpoint"], each["kind"]) for each in found)
    table = []
    for endpoint in sorted({page["endpoint"] for page in pages}):
        of = [page for page in pages if page["endpoint"] == endpoint]
        who = sorted({page["username"].rstrip("0123456789") or "nobody" for page in of})
        counts = [sum(findings[endpoint, kind] for kind in kinds) for kinds in COLUMNS.values()]
        table.append([endpoint or "(no such page)", ", ".join(who), str(len(of)), *map(str, counts)])
    return table


def main() -> None:
    """Walk, and print."""
    TABLE.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-k", "read_pressed", WALK]
    walked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if not TABLE.exists():
        sys.exit(walked.stdout)
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    heads = ["page", "seen by", "looked at", *COLUMNS]
    print(f"| {' | '.join(heads)} |\n|{'---|' * 2}{'---:|' * (len(heads) - 2)}")
    for row in rows(table["pages"], table["found"]):
        print(f"| {' | '.join(row)} |")
    print(f"\n{len(table['pages'])} pages, {len(table['found'])} findings")


if __name__ == "__main__":
    main()
