"""Figures of many doctors uploading at once: how long a page waits at most, and when the readings are there.

    python -m bench.uploading [--doctors 20] [--megapixels 1 12] [--url http://... --password ...]

Without `--url` it starts `tangye up --demo` in a folder of its own, on this machine: two web processes of
four threads and one worker. Every doctor logs in, opens a visit and holds a drawn tongue as a phone would
send it; then all post at the same moment, and ask every half second, as the page does, until it is read.
"""

import argparse
import os
import platform
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from io import BytesIO
from statistics import median

import cv2
import numpy as np
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from bench.typing import PASSWORD, demo_county
from vision import clean
from vision.tongue.drawn import draw

LIMIT_S = 1.0
POLL_S = 0.5
PATIENCE_S = 180
_TOKEN = re.compile(r'X-CSRFToken": "([^"]+)"')


@dataclass(frozen=True)
class Upload:
    """One doctor's upload.

    Args:
        status: Of the answer.
        post_s: How long the answer to the upload took.
        longest_poll_s: How long the slowest question took while the picture was read.
        read_s: From the moment of sending until the page that was asked for had the signs.
        outcome: "read", "refused", or "waiting" where patience ended.
    """

    status: int
    post_s: float
    longest_poll_s: float
    read_s: float
    outcome: str


class Doctor:
    """A doctor's browser with one visit open.

    Args:
        url: Where the house is reached.
        username: Such as doctor01.
        password: Of the demo.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url = url
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._submit("/login", "/login", username=username, password=password)
        new = self._get("/doctor/patients/new")
        village = re.search(r'<option value="(\d+)"', new[new.index('name="village_id"') :])
        assert village
        self._visit = self._submit(
            "/doctor/patients/new",
            "/doctor/patients",
            request_key=f"bench-{username}-{time.monotonic_ns()}",
            name="某患者",
            sex="F",
            born_on="1968年5月6日",
            village_id=village[1],
        )

    def upload(self, data: bytes, together: threading.Barrier) -> Upload:
        """Send a photograph when all are ready, and ask until it is read.

        Args:
            data: A file as a phone sends it.
            together: Waits for all.

        Returns:
            The times.
        """
        page = self._get(self._visit)
        key = re.search(r'name="request_key" value="([^"]+)"><input type="hidden" name="kind"', page)
        assert key
        form = {
            "request_key": key[1],
            "kind": "tongue",
            "photograph": FileStorage(BytesIO(data), "tongue.jpg"),
        }
        request = self._request(f"{self._visit}/photographs", page, form)
        together.wait()
        began = time.monotonic()
        with self._open(request) as answer:
            answer.read()
            post_s = time.monotonic() - began
        longest_s, outcome = self._ask(began)
        return Upload(answer.status, post_s, longest_s, time.monotonic() - began, outcome)

    def _ask(self, began: float) -> tuple[float, str]:
        longest_s, tag = 0.0, '""'
        while time.monotonic() - began < PATIENCE_S:
            time.sleep(POLL_S)
            headers = {"HX-Request": "true", "If-None-Match": tag}
            request = urllib.request.Request(f"{self._url}{self._visit}/photographs/tongue", headers=headers)  # noqa: S310 - http
            asked, text = time.monotonic(), "hx-get"
            try:
                with self._open(request) as answer:
                    text, tag = answer.read().decode(), answer.headers["ETag"]
            except urllib.error.HTTPError as unchanged:
                if unchanged.code != 304:
                    raise
            longest_s = max(longest_s, time.monotonic() - asked)
            if "hx-get" not in text:
                return longest_s, "read" if 'class="signs"' in text else "refused"
        return longest_s, "waiting"

    def _get(self, path: str) -> str:
        answer: HTTPResponse
        with self._open(f"{self._url}{path}") as answer:
            return answer.read().decode()

    def _submit(self, page: str, path: str, **fields: str) -> str:
        """Submit a form; answers the path of the page that it leads to."""
        with self._open(self._request(path, self._get(page), fields)) as answer:
            url: str = answer.url
        return url.removeprefix(self._url).split("#")[0]

    def _request(self, path: str, page: str, fields: dict[str, object]) -> urllib.request.Request:
        token = _TOKEN.search(page)
        assert token
        boundary, body = encode_multipart(fields)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Referer": self._url,
            "X-CSRFToken": token[1],
            "HX-Request": "true" if "photograph" in fields else "",
        }
        if not headers["HX-Request"]:
            del headers["HX-Request"]
        return urllib.request.Request(f"{self._url}{path}", body, headers)  # noqa: S310 - http


def photograph(megapixels: float, seed: int) -> bytes:
    """A drawn tongue as a phone of so many pixels sends it, with the noise that makes files large.

    Args:
        megapixels: Width times height over a million.
        seed: Of the drawing and the noise.

    Returns:
        The bytes of a JPEG file.
    """
    side = round((megapixels * 1e6) ** 0.5)
    picture = cv2.resize(draw(seed, body="red", coat="yellow"), (side, side), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(seed).normal(0, 4, (side, side, 1)).astype(np.float32)
    return clean(np.clip(picture + noise, 0, 255).astype(np.uint8))


def measure(desks: Sequence[Doctor], megapixels: float) -> list[Upload]:
    """Let doctors upload at the same moment.

    Args:
        desks: The doctors.
        megapixels: Of each photograph.

    Returns:
        One a doctor.
    """
    # Four drawings are enough: what an upload costs hangs on its size alone.
    files = [photograph(megapixels, seed) for seed in range(4)]
    together = threading.Barrier(len(desks))
    with ThreadPoolExecutor(len(desks)) as pool:
        asked = [
            pool.submit(desk.upload, files[number % len(files)], together)
            for number, desk in enumerate(desks)
        ]
        return [each.result() for each in asked]


def report(megapixels: float, uploads: Sequence[Upload]) -> None:
    """Print one line of the table."""
    posts, reads = sorted(each.post_s for each in uploads), sorted(each.read_s for each in uploads)
    polls = max(each.longest_poll_s for each in uploads)
    outcomes = {
        name: sum(each.outcome == name for each in uploads) for name in ("read", "refused", "waiting")
    }
    longest = max(posts[-1], polls)
    print(
        f"| {megapixels:g} | {len(uploads)} | {median(posts):.2f} | {posts[-1]:.2f} | {polls:.2f} |"
        f" {reads[0]:.2f} | {median(reads):.2f} | {reads[-1]:.2f} | {outcomes} |"
        f" {'under' if longest < LIMIT_S else 'OVER'} {LIMIT_S:g} s |"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--doctors", type=int, default=20)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.16, 2, 12])
    parser.add_argument("--url", help="A house at work, with its worker.")
    parser.add_argument("--password", default=PASSWORD)
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    print("| MP | doctors | upload, median s | longest | longest poll | first read | median | last | | |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with nullcontext(given.url) if given.url else demo_county() as url:
        desks = [Doctor(url, f"doctor{number:02}", given.password) for number in range(1, given.doctors + 1)]
        for megapixels in given.megapixels:
            report(megapixels, measure(desks, megapixels))


if __name__ == "__main__":
    main()
