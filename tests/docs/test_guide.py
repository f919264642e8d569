"""The guide and its pictures belong together: none missing, none left over, each made by a journey."""

import re
from pathlib import Path

import pytest

from tcm.records.roles import Role
from tests.journeys.guide_pictures import MOST_BYTES

ROOT = Path(__file__).resolve().parents[2]
GUIDE, PICTURES = ROOT / "docs" / "guide", ROOT / "docs" / "guide" / "pictures"
PAGES = sorted(page.relative_to(GUIDE).as_posix() for page in GUIDE.rglob("*.md"))
# An image, or a link.
_POINTS = re.compile(r"(!?)\[[^\]]*\]\(([^)#]+)\)")


def leads_to(page: str) -> dict[Path, bool]:
    """What a page points at, and whether it shows it as a picture."""
    path = GUIDE / page
    found = _POINTS.findall(path.read_text(encoding="utf-8"))
    return {(path.parent / target).resolve(): bool(mark) for mark, target in found}


def pictures_of(page: str) -> set[str]:
    return {path.stem for path, is_picture in leads_to(page).items() if is_picture}


def test_every_picture_named_exists_and_every_one_there_is_named() -> None:
    named = {name for page in PAGES for name in pictures_of(page)}
    assert named == {path.stem for path in PICTURES.iterdir()}


def test_every_picture_is_made_by_a_journey() -> None:
    journeys = (ROOT / "tests" / "journeys").glob("test_*.py")
    made = {name for path in journeys for name in re.findall(r'guide="([^"]+)"', path.read_text("utf-8"))}
    assert made == {path.stem for path in PICTURES.iterdir()}


def test_no_picture_is_too_large_for_a_slow_line() -> None:
    assert {path.name for path in PICTURES.iterdir() if path.stat().st_size > MOST_BYTES} == set()


def test_there_is_a_page_for_every_role_for_the_storeroom_and_for_the_patient() -> None:
    roles = {f"{role.value}.md" for role in Role}
    assert {page for page in PAGES if "/" not in page} == roles | {"README.md", "stock.md", "patient.md"}


@pytest.mark.parametrize("page", [page for page in PAGES if "/" not in page])
def test_every_page_has_one_in_english_with_the_same_pictures(page: str) -> None:
    assert pictures_of(page) == pictures_of(f"en/{page}")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    assert {path for path in leads_to(page) if not path.exists()} == set()
