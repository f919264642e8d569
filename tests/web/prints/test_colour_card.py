"""The colour card on paper: what is printed is what is found in a photograph."""

from datetime import UTC, datetime

import cv2
import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision import card, light
from web.prints.card import colour_card_pdf

PRINTED_AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
PDF = colour_card_pdf("a6", PRINTED_AT)


def raster(pdf: bytes, dpi: int = 150) -> np.ndarray:
    page = pypdfium2.PdfDocument(pdf)[0]
    return np.ascontiguousarray(page.render(scale=dpi / 72).to_numpy()[:, :, :3])


@pytest.mark.parametrize(("size", "paper_mm"), [("a6", (105, 148)), ("a5", (148, 210))])
def test_the_card_is_one_page_of_its_paper(size: str, paper_mm: tuple[int, int]) -> None:
    document = pypdfium2.PdfDocument(colour_card_pdf(size, PRINTED_AT))  # type: ignore[arg-type]
    assert len(document) == 1
    assert np.allclose(np.array(document[0].get_size()) / 72 * 25.4, paper_mm, atol=0.1)


@pytest.mark.parametrize("size", ["a6", "a5"])
def test_the_printed_card_is_found_and_read_exactly(size: str) -> None:
    sighting = card.find(raster(colour_card_pdf(size, PRINTED_AT)))  # type: ignore[arg-type]
    assert isinstance(sighting, card.Sighting)
    assert sighting.fault is None
    told = light.fit(sighting, card.printed())
    assert told is not None
    assert np.allclose(told.gains, 1.0, atol=0.005)
    assert told.residual_de == pytest.approx(0.0, abs=0.3)


@settings(max_examples=15, deadline=None)
@given(
    degrees=st.floats(-60, 60),
    shear=st.floats(-0.1, 0.1),
    blue=st.floats(0.6, 1.0),
    seed=st.integers(0, 1000),
)
def test_a_photograph_of_the_paper_gives_back_the_lamp(
    degrees: float, shear: float, blue: float, seed: int
) -> None:
    paper = raster(PDF)
    height, width = paper.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.42)
    turn[:, 2] += (600 - width / 2, 450 - height / 2)
    way = np.vstack([turn, [shear / 1000, 0, 1]])
    photo = cv2.warpPerspective(
        paper,
        way,
        (1200, 900),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(110, 130, 180),
    )
    # The lamp scales coded values here: in linear light that is about its power of 2.3.
    noise = np.random.default_rng(seed).normal(0, 2, photo.shape)
    cast = np.clip(np.rint(photo * [blue, 0.9, 0.95] + noise), 0, 255).astype(np.uint8)
    told = light.by_card(cv2.imdecode(cv2.imencode(".jpg", cast, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], 1))
    assert isinstance(told, light.Light)
    wanted = np.array([blue, 0.9, 0.95]) ** -2.3
    assert np.allclose(np.log(told.gains), np.log(wanted), atol=0.12)


def test_the_card_says_how_to_use_it_in_both_languages_with_version_and_the_countys_day() -> None:
    text = pypdfium2.PdfDocument(PDF)[0].get_textpage().get_text_range()
    flat = "".join(text.split())
    for sentence in (
        "舌象比色卡",
        "关闭闪光灯",
        "未经仪器逐块测量",
        "Noflash",
        "noinstrumenthasmeasured",
        f"版本{card.VERSION}·2026-11-23打印",
    ):
        assert sentence in flat


def test_equal_arguments_give_equal_bytes() -> None:
    assert colour_card_pdf("a6", PRINTED_AT) == PDF


def test_an_unknown_size_or_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="a6 or a5"):
        colour_card_pdf("a4", PRINTED_AT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="aware UTC"):
        colour_card_pdf("a6", datetime(2026, 11, 22))  # noqa: DTZ001
