"""`tangye formula`: one JSON line a name."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from web.cli import main


def looked_up(*names: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, ["formula", "--", *names])
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_formula_answers_with_its_herbs_roles_and_the_range_beside_the_grams() -> None:
    (answer,) = looked_up("麻黄汤")
    assert (answer["status"], answer["name"], answer["classic"]) == ("ok", "麻黄汤", "《伤寒论》")
    assert answer["items"][0] == {
        "herb": "麻黄",
        "name": "麻黄",
        "grams": 9.0,
        "role": "君",
        "decoction_note": "",
        "dose_min_g": 2.0,
        "dose_max_g": 10.0,
        "standing": "within",
    }
    assert [item["role"] for item in answer["items"]] == ["君", "臣", "佐", "使"]
    assert answer["source"].startswith(answer["edition"])


def test_modifications_are_herbs_with_grams() -> None:
    (answer,) = looked_up("麻黄汤")
    assert len(answer["changes"]) >= 2
    assert all(change["when"] and (change["add"] or change["remove"]) for change in answer["changes"])
    assert all(added["grams"] > 0 for change in answer["changes"] for added in change["add"])


def test_the_programme_is_that_of_one_dose() -> None:
    (answer,) = looked_up("真武汤")
    programme = answer["programme"]
    assert (programme["pre_boil_min"], programme["soak_min"], programme["bags"]) == (60, 30, 2)
    assert programme["volume_ml"] == programme["total_ml"]
    assert "附子" in programme["notes"][0]


def test_every_name_gets_a_line_in_order_and_none_is_corrected_silently() -> None:
    answers = looked_up("小柴胡汤", "小柴湖汤", "xcht", "", "x" * 5000)
    assert [answer["status"] for answer in answers] == ["ok", *["unknown"] * 4]
    assert [answer["name"] for answer in answers] == ["小柴胡汤", *[None] * 4]
    assert answers[1]["candidates"][0] == "小柴胡汤"
    assert answers[2]["candidates"] == ["小柴胡汤"]
    assert answers[4]["candidates"] == []


def test_no_name_is_unusable_input() -> None:
    result = CliRunner().invoke(main, ["formula"])
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("name", ["回阳救急汤", "真人养脏汤"])
def test_a_formula_with_a_clash_or_a_narcotic_says_so(name: str) -> None:
    (answer,) = looked_up(name)
    assert answer["marked"]
