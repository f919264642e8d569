"""`tangye review`, as the contract has it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli import main

FINDING = {"kind", "severity", "herbs", "rule", "source", "message", "value", "limit", "signed"}


def prescription(**changes: object) -> dict[str, object]:
    """A clean prescription with every field of the contract."""
    return {
        "id": "rx-1",
        "patient": {
            **{"age": 46, "sex": "F", "pregnant": False, "lactating": False},
            **{"western_drugs": [], "allergies": [], "conditions": []},
        },
        "diagnosis": {"disease": "感冒", "syndrome": "风寒束表证"},
        "visit_type": "outpatient",
        "doses_count": 3,
        "doses_per_day": 1,
        "extended_supply_reason": None,
        "second_signatures": [],
        "usage": "每日1剂，水煎400ml，分早晚两次温服",
        "items": [
            {"herb": "麻黄", "grams": 9, "decoction_note": ""},
            {"herb": "桂枝", "grams": 6, "decoction_note": ""},
            {"herb": "燀苦杏仁", "grams": 9, "decoction_note": ""},
            {"herb": "炙甘草", "grams": 3.0, "decoction_note": ""},
        ],
        **changes,
    }


def one_item(**changes: object) -> dict[str, object]:
    return prescription(items=[{"herb": "甘草", "grams": 6, "decoction_note": "", **changes}])


def reviewed(text: str | bytes) -> Result:
    return CliRunner().invoke(main, ["review", "-"], input=text)


def answers(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clean_prescription_answers_none() -> None:
    result = reviewed(json.dumps(prescription()))
    assert (result.exit_code, answers(result)) == (0, [{"id": "rx-1", "verdict": "none", "findings": []}])


def test_findings_carry_the_fields_of_the_contract_and_a_file_is_read_in_order(tmp_path: Path) -> None:
    clash = [
        {"herb": "附子", "grams": 9, "decoction_note": "先煎"},
        {"herb": "法半夏", "grams": 9, "decoction_note": ""},
    ]
    lines = [prescription(id="a"), prescription(id="b", items=clash), prescription(id=3)]
    file = tmp_path / "day.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    result = CliRunner().invoke(main, ["review", str(file)])
    first, second, third = answers(result)
    assert (result.exit_code, first["id"], second["verdict"], third["id"]) == (0, "a", "sign", 3)
    assert isinstance(second["findings"], list)
    assert [set(found) >= FINDING for found in second["findings"]] == [True]
    assert second["findings"][0]["herbs"] == ["附子", "法半夏"]


def test_a_second_signature_leaves_the_finding_signed_and_the_verdict_warn() -> None:
    items = [{"herb": "细辛", "grams": 6, "decoction_note": ""}]
    (answer,) = answers(reviewed(json.dumps(prescription(items=items, second_signatures=["北细辛"]))))
    assert isinstance(answer["findings"], list)
    assert (answer["verdict"], [found["signed"] for found in answer["findings"]]) == ("warn", [True])


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "7",
        "{}",
        "[" * 100_000,
        json.dumps(one_item(grams=float("nan"))),
        json.dumps(one_item(grams=float("inf"))),
        json.dumps(one_item(grams=1e308)),
        json.dumps(one_item()).replace("6", "1e999"),
        json.dumps(one_item(grams="9克")),
        json.dumps(one_item(grams=None)),
        json.dumps(one_item(grams=True)),
        json.dumps(one_item(herb="")),
        json.dumps(one_item(herb="  ")),
        json.dumps(one_item(herb="草" * 5_000_000)),
        json.dumps(one_item(herb=None)),
        json.dumps(one_item(herb="\ud800")),
        json.dumps(one_item(grams=None)).replace("rx-1", "\\ud800"),
        json.dumps(prescription(items=[])),
        json.dumps(prescription(items=[{"herb": "甘草", "grams": 6}] * 10_000)),
        json.dumps(prescription(patient={"age": -1})),
        json.dumps(prescription(visit_type="weekend")),
        json.dumps(prescription(doses_count="7")).replace('"7"', "1e400"),
    ],
    ids=lambda line: line[:40],
)
def test_a_line_that_cannot_be_read_is_answered_and_the_run_goes_on(line: str) -> None:
    result = reviewed(f"{line}\n{json.dumps(prescription())}\n")
    refused, clean = answers(result)
    assert (result.exit_code, clean["verdict"]) == (2, "none")
    assert set(refused) in ({"id", "error"}, {"line", "error"})
    assert "Traceback" not in result.output


def test_a_refused_line_is_named_by_its_id_or_by_its_number() -> None:
    named, numbered = answers(reviewed(f"{json.dumps(one_item(grams=1e308))}\n\nnonsense\n"))
    assert (named["id"], numbered["line"]) == ("rx-1", 3)


def test_bytes_that_are_no_text_are_refused_and_a_byte_order_mark_is_not() -> None:
    result = reviewed(b"\xff\xfe\x00\n" + b"\xef\xbb\xbf" + json.dumps(prescription()).encode())
    refused, clean = answers(result)
    assert (refused["error"], clean["verdict"]) == ("the line is not UTF-8", "none")


def test_fields_that_may_be_missing_or_null_are_read_as_unknown() -> None:
    sparse = {
        "id": "s",
        "patient": {"age": None, "sex": None},
        "diagnosis": None,
        "items": [{"herb": "当归", "grams": 9}],
    }
    result = reviewed(json.dumps(sparse))
    (answer,) = answers(result)
    assert (result.exit_code, answer["verdict"]) == (0, "return")


def test_a_missing_file_is_one_clear_line() -> None:
    result = CliRunner().invoke(main, ["review", "/nonexistent/day.jsonl"])
    assert (result.exit_code, "No such file" in result.output, "Traceback" in result.output) == (
        2,
        True,
        False,
    )


def test_an_empty_file_answers_nothing() -> None:
    result = reviewed("")
    assert (result.exit_code, result.stdout) == (0, "")
