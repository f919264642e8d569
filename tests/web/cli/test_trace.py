"""`tangye trace` and `tangye recall`: one JSON document each, no name, one line where there is nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tcm.records.lifecycle import State
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from tests.tcm.centre import brought_to, on_the_road
from tests.tcm.county import NAME, County, draft
from tests.tcm.stocked import keep_stock, shelve
from tests.web.cli.conftest import Tangye


@pytest.fixture
def store(tangye: Tangye) -> Iterator[Store]:
    """The store in the command's home."""
    opened = open_store(tangye.environ)
    upgrade(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def bag(store: Store) -> tuple[County, str]:
    """A bag on the road, and its county."""
    county = County(store)
    keep_stock(county)
    shelve(county, "党参", 500)
    prescription = brought_to(county, county.approved(draft([ItemDraft("党参", 12.0)])), State.PACKED)
    on_the_road(county, prescription)
    with county.work() as work:
        return county, work.bags.of_prescription(prescription.key())[0].code


def test_a_bag_is_traced_to_its_lots_and_every_step(tangye: Tangye, bag: tuple[County, str]) -> None:
    county, code = bag
    answer = tangye.run("trace", f"https://centre.example/t/{code.lower()}")
    assert (answer.returncode, answer.stderr) == (0, "")
    told: dict[str, Any] = json.loads(answer.stdout)
    assert (told["bag"], told["prescription"], told["pot"]) == (code, 1, "P01")
    assert [(each["herb"], each["grams"], each["lot"]) for each in told["herbs"]] == [
        ("党参", 12.0, "260901")
    ]
    states = [each["state"] for each in told["steps"] if each["kind"] == "move"]
    assert states == ["signed", "approved", "dispensed", "soaking", "decocting", "packed", "loaded"]
    assert told["steps"][-1]["staff"] == county.courier.staff_id
    assert (told["route"]["trip"], told["chain_holds"]) == (1, True)
    assert NAME not in answer.stdout


def test_a_lot_is_recalled_to_its_bags_with_state_and_village(
    tangye: Tangye, bag: tuple[County, str]
) -> None:
    county, code = bag
    answer = tangye.run("recall", "260901")
    assert (answer.returncode, answer.stderr) == (0, "")
    told: dict[str, Any] = json.loads(answer.stdout)
    bags = [(each["bag"], each["state"], each["village"], each["grams"]) for each in told["bags"]]
    assert bags == [(code, "loaded", county.village.name, 84.0)]
    assert [(each["herb"], each["bags"]) for each in told["lots"]] == [("党参", 1)]
    assert told["not_packed"] == []
    assert NAME not in answer.stdout


def test_of_a_number_that_two_herbs_share_one_is_recalled(tangye: Tangye, bag: tuple[County, str]) -> None:
    county, code = bag
    shelve(county, "茯苓", 500)
    both = json.loads(tangye.run("recall", "260901").stdout)
    assert [each["herb"] for each in both["lots"]] == ["党参", "茯苓"]
    by_alias = json.loads(tangye.run("recall", "260901", "--herb", "潞党参").stdout)
    assert [each["herb"] for each in by_alias["lots"]] == ["党参"]
    assert [each["bag"] for each in by_alias["bags"]] == [code]
    other = json.loads(tangye.run("recall", "260901", "--herb", "茯苓").stdout)
    assert ([each["herb"] for each in other["lots"]], other["bags"]) == (["茯苓"], [])


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("trace", "NO-SUCH-BAG"), "tangye: no bag has the code NO-SUCH-BAG\n"),
        (("recall", "999999"), "tangye: there is no lot 999999\n"),
        (("recall", "999999", "--herb", "潞党参"), "tangye: there is no lot 999999 of 党参\n"),
        (("recall", "999999", "--herb", "没有的药"), "tangye: there is no herb 没有的药\n"),
    ],
)
def test_what_is_not_there_is_one_line(
    tangye: Tangye, store: Store, words: tuple[str, ...], line: str
) -> None:
    answer = tangye.run(*words)
    assert (answer.returncode, answer.stdout, answer.stderr) == (2, "", line)
