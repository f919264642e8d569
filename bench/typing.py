"""Figures of the doctor's desk: how long after a keystroke the word of the review stands on the page.

    python -m bench.typing [--prescriptions 6] [--herbs 12] [--seed 1] [--url http://... --password ...]

Without `--url` it starts `tangye up --demo` in a folder of its own, on this machine. A seeded doctor types
formulas by pinyin and grams, as a hand does, in Debian's Chromium without a window. A keystroke's time runs
from its input event until the first answer that knows it stands beside the herbs and below them: the waiting
for the next key, the way to the server and back, the review and the swapping are all in it.
"""

import argparse
import os
import platform
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, expect, sync_playwright

from tcm.knowledge import Formula, Knowledge, load

LIMIT_MS = 150
# Between two keys of one hand: a hurried typist to a slow one.
GAP_S = (0.12, 0.35)
PASSWORD = "dangshen-baizhu-9"  # noqa: S105 - of a county that is gone with the run
PATIENCE_S = 180

# An input of the form waits until the answer to a request that was sent after it has changed the page.
WATCH = """() => {
  const waiting = [];
  let sentAt = -1;
  const isCheck = (event) => event.detail.ctx?.sourceElement?.id === "findings";
  window.told = [];
  window.untold = () => waiting.length;
  document.addEventListener("input", (event) => {
    if (event.target.closest("#rx-form")) waiting.push({ at: event.timeStamp, field: event.target.name });
  }, true);
  document.addEventListener("htmx:before:request", (event) => {
    if (isCheck(event)) sentAt = performance.now();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const now = performance.now();
    while (isCheck(event) && waiting.length && waiting[0].at <= sentAt) {
      const { at, field } = waiting.shift();
      window.told.push({ field, ms: now - at });
    }
  });
}"""
REQUEST_MS = """() => performance.getEntriesByType("resource")
  .filter((entry) => entry.name.endsWith("/prescription/check") && entry.responseEnd > 0)
  .map((entry) => entry.duration)"""


@contextmanager
def demo_county() -> Iterator[str]:
    """A demo county at work in a folder of its own; yields its address."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TANGYE_")}
        environ |= {"TANGYE_HOME": f"{folder}/instance", "TANGYE_DEMO_PASSWORD": PASSWORD}
        log = Path(folder) / "up.log"
        with log.open("wb") as lines:
            command = [sys.executable, "-m", "web.cli", "up", "--demo", "--port", str(port)]
            process = subprocess.Popen(command, env=environ, stdout=lines, stderr=lines)  # noqa: S603
        try:
            _wait_for_greeting(process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_greeting(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        if "is open at" in log.read_text(encoding="utf-8"):
            return
        time.sleep(0.2)
    sys.exit(log.read_text(encoding="utf-8"))


def formulas_to_type(knowledge: Knowledge, herbs: int, random_: random.Random) -> Iterator[Formula]:
    """Formulas of at least so many herbs, in a seeded order, again and again."""
    known = set(knowledge.herbs)
    long_enough = [
        formula
        for formula in knowledge.formulas.values()
        if len(formula.items) >= herbs and known.issuperset(item.herb for item in formula.items)
    ]
    while True:
        yield from random_.sample(long_enough, len(long_enough))


def open_visit(page: Page, url: str, password: str) -> None:
    """Log in as a doctor, register somebody, open their visit."""
    page.goto(f"{url}/login")
    page.get_by_label("用户名").fill("doctor01")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name="登记新患者").first.click()
    page.get_by_label("姓名").fill("欧阳念慈")
    page.get_by_label("女", exact=True).check()
    page.get_by_label("出生日期").fill("1968年5月6日")
    page.get_by_role("button", name="登记并接诊").click()
    page.wait_for_url("**/doctor/visits/*")


def type_formula(
    page: Page, formula: Formula, herbs: int, knowledge: Knowledge, random_: random.Random
) -> None:
    """Type the first herbs of a formula into an empty form, each by its pinyin and grams."""
    page.locator("#rx-lines [name=herb]").first.focus()
    for item in formula.items[:herbs]:
        press(page, knowledge.herbs[item.herb].pinyin.replace(" ", ""), random_)
        line = page.locator("[data-line]:has(:focus)")
        option = line.locator(f"[role=option][data-value='{item.herb}']")
        expect(option).to_be_visible()
        option.click()
        press(page, f"{item.grams:g}", random_)
        page.keyboard.press("Enter")
    page.wait_for_function("() => window.untold() === 0")


def press(page: Page, keys: str, random_: random.Random) -> None:
    """Type as a hand does: one key after the other, with uneven gaps."""
    for key in keys:
        page.keyboard.press(key)
        time.sleep(random_.uniform(*GAP_S))


def machine() -> str:
    """What this ran on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = names[0] if names else platform.processor()
    return f"{os.cpu_count()} cores of {cpu}, Python {platform.python_version()}"


def told(name: str, times_ms: Sequence[float]) -> str:
    """Median, 95th percentile and longest of some times."""
    p95 = quantiles(times_ms, n=20)[-1]
    figures = (
        f"median {median(times_ms):.0f} ms, 95th percentile {p95:.0f} ms, longest {max(times_ms):.0f} ms"
    )
    return f"{name} ({len(times_ms)}): {figures}"


def measure(url: str, password: str, prescriptions: int, herbs: int, seed: int) -> None:
    """Type some prescriptions and print the figures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    knowledge, random_ = load(), random.Random(seed)  # noqa: S311 - of a typist
    keystrokes: dict[str, list[float]] = {"herb": [], "dose_g": []}
    answers: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}).new_page()
        open_visit(page, url, password)
        for formula in islice(formulas_to_type(knowledge, herbs, random_), prescriptions):
            page.reload()
            page.evaluate(WATCH)
            type_formula(page, formula, herbs, knowledge, random_)
            for one in page.evaluate("() => window.told"):
                keystrokes[one["field"]].append(one["ms"])
            answers += page.evaluate(REQUEST_MS)
        print(f"{machine()}, Chromium {browser.version}, server and browser on the same machine, seed {seed}")
        browser.close()
    every = [*keystrokes["herb"], *keystrokes["dose_g"]]
    print(told("from a keystroke to its findings on the page", every))
    print(told("  in the name of a herb", keystrokes["herb"]))
    print(told("  in its grams", keystrokes["dose_g"]))
    print(told("the request in it", answers))
    print(f"later than {LIMIT_MS} ms: {sum(1 for ms in every if ms > LIMIT_MS)} of {len(every)}")


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prescriptions", type=int, default=6)
    parser.add_argument("--herbs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="of a demo county that is open already")
    parser.add_argument("--password", default=PASSWORD, help="of its people")
    options = parser.parse_args()
    figures = (options.prescriptions, options.herbs, options.seed)
    if options.url:
        measure(options.url, options.password, *figures)
        return
    with demo_county() as url:
        measure(url, PASSWORD, *figures)


if __name__ == "__main__":
    main()
