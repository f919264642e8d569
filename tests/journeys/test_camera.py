"""The camera in the page: it measures as the server does, says when to press, and what it takes is read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, Page, expect

from tcm.records.clinical import PhotographKind
from tests.journeys.conftest import CHROMIUM_OPTIONS
from tests.journeys.hands import PATIENT, register, send_photograph, write_tongue
from tests.journeys.windows import PHONE_PX, House, Windows
from vision import quality
from vision.tongue.drawn import draw
from web.desks.doctor.pictures import limits_of

Image = npt.NDArray[np.uint8]
SCRIPT = Path(__file__).resolve().parents[2] / "web" / "static" / "js" / "picture.js"
SIDE_PX = 300
# Of the code that tells pages what a picture is refused for.
FAULTS = ("dark", "bright", "colour_cast", "blurred")

MEASURE = """([pixels, side, inside, limits]) => {
  const seen = tangyePicture.measure(Uint8ClampedArray.from(pixels), side, side, Uint8Array.from(inside));
  return { ...seen, grey: null, fault: tangyePicture.judge(seen, limits) };
}"""


def as_taken(photo: Image) -> Image:
    return photo


def dark(photo: Image) -> Image:
    return (photo * 0.25).astype(np.uint8)


def bright(photo: Image) -> Image:
    return np.clip(photo.astype(np.float32) * 2.4, 0, 255).astype(np.uint8)


def blue(photo: Image) -> Image:
    return np.clip(photo * np.array([1.9, 1.0, 0.6]), 0, 255).astype(np.uint8)


def blurred(photo: Image) -> Image:
    return cv2.GaussianBlur(photo, (0, 0), 7).astype(np.uint8)


def swept(photo: Image) -> Image:
    return cv2.blur(photo, (25, 1)).astype(np.uint8)


def noisy(photo: Image) -> Image:
    noise = np.random.default_rng(1).normal(0, 12, photo.shape)
    return np.clip(photo + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page that knows how to measure."""
    opened = chromium.new_page()
    opened.add_script_tag(path=SCRIPT)
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", [3, 8])
@pytest.mark.parametrize("spoil", [as_taken, dark, bright, blue, blurred, swept, noisy])
def test_the_page_measures_what_the_server_measures(
    page: Page, seed: int, spoil: Callable[[Image], Image]
) -> None:
    photo = spoil(cv2.resize(draw(seed, body="red", coat="yellow"), (SIDE_PX, SIDE_PX)).astype(np.uint8))
    # As wide and high as the scale on which tongues are looked at, so that neither side scales it.
    half = quality.TONGUE_PX // 2
    mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    cv2.ellipse(mask, (150, 150), (half, half), 0, 0, 360, 255, cv2.FILLED)
    x, y = cv2.boundingRect(mask)[:2]
    mask[:, x + quality.TONGUE_PX :] = mask[y + quality.TONGUE_PX :] = 0
    theirs = quality.measure(photo, mask, 1.0, 1.0)
    cut = slice(y, y + quality.TONGUE_PX), slice(x, x + quality.TONGUE_PX)
    rgba = cv2.cvtColor(photo[cut], cv2.COLOR_BGR2RGBA)
    limits = limits_of(PhotographKind.TONGUE)
    inside = (mask[cut] > 0).astype(int).ravel().tolist()
    ours = page.evaluate(MEASURE, [rgba.ravel().tolist(), quality.TONGUE_PX, inside, limits])
    assert ours["lightness"] == pytest.approx(theirs.lightness, abs=0.5)
    assert ours["redness"] == pytest.approx(theirs.redness, abs=0.5)
    assert ours["yellowness"] == pytest.approx(theirs.yellowness, abs=0.5)
    assert ours["burnt_share"] == pytest.approx(theirs.burnt_share, abs=0.005)
    assert ours["sharpness"] == pytest.approx(theirs.sharpness, abs=0.02)
    fault = quality.fault_of(theirs)
    assert (ours["fault"] or None) == (fault if fault in FAULTS else None)


@pytest.fixture
def camera_windows(
    house: House, chromium: Browser, chromium_path: str, artefacts: Path, tmp_path: Path
) -> Iterator[Windows]:
    """Windows of a browser whose camera sees a drawn tongue, a little to and fro as a hand holds it."""
    film = tmp_path / "tongue.y4m"
    _write_film(film)
    options = [
        *CHROMIUM_OPTIONS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = chromium.browser_type.launch(executable_path=chromium_path, args=options)
    opened = Windows(house, browser, artefacts)
    yield opened
    opened.close()
    browser.close()


def test_the_guide_says_when_and_what_it_takes_is_read(camera_windows: Windows) -> None:
    doctor = camera_windows.log_in("doctor07", PHONE_PX)
    register(doctor, "端木七巧")
    tongue = doctor.locator("#tongue")
    tongue.get_by_role("button", name="对框拍照").click()
    expect(tongue.locator("[data-hints]")).to_have_text("可以拍了。", use_inner_text=True)
    camera_windows.shoot(doctor, "camera-guide")
    tongue.get_by_role("button", name="拍下").click()
    expect(tongue.locator("table.signs tbody tr").first).to_be_visible()
    assert (camera_windows.troubles, camera_windows.refusals) == ([], [])


def test_a_chosen_file_gets_advice_before_its_reading(windows: Windows, tmp_path: Path) -> None:
    doctor = windows.log_in("doctor08")
    register(doctor, PATIENT)
    path = write_tongue(tmp_path / "dark.png")
    cv2.imwrite(str(path), dark(dark(cv2.imread(str(path)))))
    # Nobody reads it meanwhile, as far as this page can tell.
    doctor.route("**/photographs/tongue", lambda route: route.fulfill(status=304))
    doctor.locator("#tongue input[type=file]:not([capture])").set_input_files(path)
    advice = doctor.locator("#tongue [data-advice] p:visible")
    expect(advice).to_contain_text("照片太暗")
    expect(doctor.locator("#tongue-shown")).to_contain_text("正在识别…")
    windows.shoot(doctor, "advice")
    doctor.unroute("**/photographs/tongue")
    expect(doctor.locator("#tongue .notice")).to_contain_text("照片太暗")
    expect(advice).to_have_count(0)
    doctor.get_by_role("button", name="收起").click()
    expect(doctor.locator("#tongue .notice")).to_have_count(0)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_large_photograph_travels_smaller(windows: Windows, tmp_path: Path) -> None:
    doctor = windows.log_in("doctor09")
    register(doctor, "东方九如")
    path = tmp_path / "large.jpg"
    large = cv2.resize(draw(7, body="red", coat="yellow"), (3000, 3000), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), large)
    send_photograph(doctor, path)
    expect(doctor.locator("#tongue table.signs")).to_be_visible()
    overlay = doctor.locator("#tongue img")
    expect(overlay).to_have_js_property("complete", True)
    # The server itself would have kept it at a half.
    assert overlay.evaluate("picture => picture.naturalWidth") == 2400
    assert (windows.troubles, windows.refusals) == ([], [])


def _write_film(path: Path, width: int = 640, height: int = 480, frames: int = 12) -> None:
    tongue = cv2.resize(draw(7, body="red", coat="yellow"), (height, height))
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(frames):
            frame = np.full((height, width, 3), (60, 60, 70), np.uint8)
            left = (width - height) // 2 + number % 2
            frame[:, left : left + height] = tongue
            film.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes())
