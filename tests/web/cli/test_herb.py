"""`tangye herb`: what it adds to the contract; the contract itself is held in tests/web/test_cli_herb.py."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from web.cli import main


def looked_up(name: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["herb", "--", name])
    assert result.exit_code == 0
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_a_processed_form_names_its_material_its_monograph_and_how_it_was_made() -> None:
    answer = looked_up("酒军")
    assert {key: answer[key] for key in ("name", "base", "monograph", "form", "edition", "verified")} == {
        "name": "酒大黄",
        "base": "大黄",
        "monograph": "大黄",
        "form": "酒",
        "edition": "中国药典2020一部",
        "verified": True,
    }


def test_properties_are_those_of_the_row_or_of_its_material() -> None:
    properties = looked_up("附子")["properties"]
    assert properties.pop("source")
    assert properties == {
        "category": "温里药",
        "nature": "大热",
        "flavours": ["辛", "甘"],
        "channels": ["心", "肾", "脾"],
        "actions": ["回阳救逆", "补火助阳", "散寒止痛"],
    }
    assert looked_up("炮附片")["properties"]["category"] == "温里药"


def test_doses_are_told_by_route_and_indication() -> None:
    doses = [{key: dose[key] for key in dose if key != "source"} for dose in looked_up("麦芽")["doses"]]
    assert doses[0] == {"route": "煎", "indication": [], "min_g": 10.0, "max_g": 15.0, "basis": "日"}
    assert (doses[1]["max_g"], "回乳" in doses[1]["indication"]) == (60.0, True)
    assert looked_up("三七")["doses"][1]["basis"] == "次"
    assert looked_up("生川乌")["doses"] == []


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("水牛角", [("先煎", 180)]),
        ("附子", [("先煎", 60), ("久煎", 60)]),
        ("薄荷", [("后下", 10)]),
        ("甘草", []),
    ],
)
def test_handling_has_minutes_while_decoction_stays_a_list_of_notes(
    name: str, notes: list[tuple[str, int]]
) -> None:
    answer = looked_up(name)
    assert [(step["note"], step["minutes"]) for step in answer["handling"]] == notes
    assert answer["decoction"] == [note for note, _ in notes]


def test_a_provincial_row_says_that_it_was_not_verified() -> None:
    answer = looked_up("龙骨")
    assert (answer["verified"], answer["edition"]) == (False, "未核对")


@pytest.mark.parametrize("name", ["沙参", "黄岑"])
def test_an_unclear_name_has_candidates_and_no_facts(name: str) -> None:
    answer = looked_up(name)
    assert answer["candidates"]
    assert {answer[key] for key in ("name", "dose_min_g", "source")} == {None}
    assert "properties" not in answer
