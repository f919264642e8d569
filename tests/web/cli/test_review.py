"""`tangye review`, as the contract has it: good lines, bad lines, versions of the rules."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tcm.records.governance import RuleVersion, Standing
from tcm.records.people import Institution, InstitutionKind, Staff
from tcm.records.roles import Role
from tcm.store.engine import open_store
from tcm.store.migrate import upgrade
from tests.web.cli.conftest import Tangye
from web.cli import main
from web.review_contract import MOST_LINE_BYTES

FINDING = {
    *("kind", "severity", "herbs", "rule", "source", "message", "message_en", "value", "limit", "unit"),
    *("signed", "clears", "clears_en"),
}


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


def with_patient(**facts: object) -> dict[str, object]:
    return prescription(patient={"age": 46, "sex": "F", **facts})


def reviewed(text: str | bytes, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", "-", *arguments], input=text)


def answers(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def kinds(answer: dict[str, object]) -> list[tuple[str, str]]:
    assert isinstance(answer["findings"], list)
    return [(found["kind"], found["severity"]) for found in answer["findings"]]


def test_a_clean_prescription_answers_none_and_the_rules_it_was_held_against() -> None:
    result = reviewed(json.dumps(prescription()))
    assert (result.exit_code, answers(result)) == (
        0,
        [{"id": "rx-1", "verdict": "none", "rules": "shipped", "findings": []}],
    )


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
    assert [(set(found), found["herbs"]) for found in second["findings"]] == [(FINDING, ["附子", "法半夏"])]


def test_a_finding_says_value_limit_unit_and_what_clears_it_in_both_languages() -> None:
    (answer,) = answers(reviewed(json.dumps(one_item(herb="细辛", grams=4))))
    assert isinstance(answer["findings"], list)
    told = [
        {key: found[key] for key in ("value", "limit", "unit", "clears", "clears_en")}
        for found in answer["findings"]
    ]
    assert told == [
        {
            **{"value": 4.0, "limit": 3.0, "unit": "g/日", "clears": "双签字或减量"},
            "clears_en": "a second signature, or a smaller dose",
        }
    ]


def test_a_second_signature_leaves_the_finding_signed_and_the_verdict_warn() -> None:
    items = [{"herb": "细辛", "grams": 6, "decoction_note": ""}]
    (answer,) = answers(reviewed(json.dumps(prescription(items=items, second_signatures=["北细辛"]))))
    assert isinstance(answer["findings"], list)
    assert (answer["verdict"], [found["signed"] for found in answer["findings"]]) == ("warn", [True])


@pytest.mark.parametrize(
    ("labs", "found"),
    [
        ({"creatinine_umol_l": 300}, [("organ_contra", "sign")]),
        ({"egfr_ml_min": 30}, [("organ_contra", "sign")]),
        ({"alt_u_l": 500}, [("organ_contra", "sign")]),
        ({"ast_u_l": 500}, [("organ_contra", "sign")]),
        ({"total_bilirubin_umol_l": 99.5}, [("organ_contra", "sign")]),
        ({"creatinine_umol_l": 60, "alt_u_l": None}, []),
        ({}, []),
        (None, []),
    ],
)
def test_laboratory_values_make_the_organ_rules_speak(
    labs: dict[str, object] | None, found: list[tuple[str, str]]
) -> None:
    items = [{"herb": "苦楝皮", "grams": 4}, {"herb": "桂枝", "grams": 6}]
    patient = {"age": 46, "sex": "F", "labs": labs}
    (answer,) = answers(reviewed(json.dumps(prescription(patient=patient, items=items))))
    assert kinds(answer) == found


def test_what_is_left_of_earlier_prescriptions_makes_the_course_rules_speak() -> None:
    earlier = [
        {"label": "乙院", "days_left": 3, "doses_per_day": 1, "items": [{"herb": "细辛", "grams": 2}]},
        {
            "label": "甲院",
            "days_left": 2,
            "items": [{"herb": "制川乌", "grams": 3, "decoction_note": "先煎"}],
        },
    ]
    items = [{"herb": "北细辛", "grams": 2}, {"herb": "附子", "grams": 9, "decoction_note": "先煎"}]
    (answer,) = answers(reviewed(json.dumps(prescription(items=items, earlier=earlier))))
    assert sorted(kinds(answer)) == [
        ("cumulative_dose", "warn"),
        ("repeated_supply", "warn"),
        ("toxic_sum", "warn"),
    ]
    for nothing in (None, []):
        (clean,) = answers(reviewed(json.dumps(prescription(items=items, earlier=nothing))))
        assert clean["verdict"] == "none"


BAD_LINES = {
    "nonsense": "nonsense",
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "nothing in it": "{}",
    "deep lists": "[" * 100_000,
    "deep objects": '{"id": "rx-1", "a": ' + '{"a":' * 50_000,
    "NaN": json.dumps(one_item(grams=float("nan"))),
    "Infinity": json.dumps(one_item(grams=float("inf"))),
    "minus Infinity": json.dumps(one_item(grams=float("-inf"))),
    "NaN a day": json.dumps(prescription(doses_per_day=float("nan"))),
    "NaN in a laboratory value": json.dumps(with_patient(labs={"alt_u_l": float("nan")})),
    "1e308": json.dumps(one_item(grams=1e308)),
    "1e999": json.dumps(one_item()).replace("6", "1e999"),
    "1e400 doses": json.dumps(prescription(doses_count="7")).replace('"7"', "1e400"),
    "half a dose": json.dumps(prescription(doses_count=2.5)),
    "doses in words": json.dumps(prescription(doses_count="7")),
    "true doses": json.dumps(prescription(doses_count=True)),
    "grams in words": json.dumps(one_item(grams="9克")),
    "no grams": json.dumps(one_item(grams=None)),
    "true grams": json.dumps(one_item(grams=True)),
    "true age": json.dumps(with_patient(age=True)),
    "pregnant by number": json.dumps(with_patient(pregnant=1)),
    "true laboratory value": json.dumps(with_patient(labs={"alt_u_l": True})),
    "a laboratory value of another unit": json.dumps(with_patient(labs={"creatinine_mg_dl": 2.0})),
    "a laboratory value below nothing": json.dumps(with_patient(labs={"alt_u_l": -1})),
    "no name": json.dumps(one_item(herb="")),
    "a blank name": json.dumps(one_item(herb="  ")),
    "an invisible name": json.dumps(one_item(herb="\u200b\u2060\ufeff")),
    "a name of 5 MB": json.dumps(one_item(herb="草" * 1_700_000), ensure_ascii=False),
    "a null name": json.dumps(one_item(herb=None)),
    "half a surrogate in a name": json.dumps(one_item(herb="\ud800")),
    "half a surrogate in a signature": json.dumps(prescription(second_signatures=["\udfff"])),
    "half a surrogate in the id": json.dumps(one_item(grams=None)).replace("rx-1", "\\ud800"),
    "an invisible character in a key": json.dumps(prescription()).replace('"items"', '"it\u200bems"'),
    "an invisible character in the id's key": json.dumps(prescription()).replace('"id"', '"i\u200bd"'),
    "a true id": json.dumps(prescription(id=True)),
    "a broken id": json.dumps(prescription(id=1.5)),
    "a long id": json.dumps(prescription(id="x" * 201)),
    "a number of 5,000 digits": json.dumps(one_item()).replace("6", "6" * 5_000),
    "no herbs": json.dumps(prescription(items=[])),
    "10,000 herbs": json.dumps(prescription(items=[{"herb": "甘草", "grams": 6}] * 10_000)),
    "201 herbs": json.dumps(prescription(items=[{"herb": "甘草", "grams": 6}] * 201)),
    "age below nothing": json.dumps(with_patient(age=-1)),
    "an unknown visit": json.dumps(prescription(visit_type="weekend")),
    "21 earlier prescriptions": json.dumps(
        prescription(earlier=[{"label": "甲", "days_left": 1, "items": [{"herb": "甘草", "grams": 6}]}] * 21)
    ),
    "an earlier prescription without days": json.dumps(
        prescription(earlier=[{"label": "甲", "items": [{"herb": "甘草", "grams": 6}]}])
    ),
    "an earlier prescription of no doses": json.dumps(
        prescription(
            earlier=[
                {"label": "甲", "days_left": 1, "doses_per_day": 0, "items": [{"herb": "甘草", "grams": 6}]}
            ]
        )
    ),
    "a key of 100,000 characters": json.dumps(with_patient(labs={"x" * 100_000: 1})),
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_line_that_cannot_be_read_is_answered_and_the_run_goes_on(line: str) -> None:
    result = reviewed(f"{line}\n{json.dumps(prescription(id='next'))}\n")
    refused, clean = answers(result)
    assert (result.exit_code, clean["id"], clean["verdict"]) == (2, "next", "none")
    assert set(refused) in ({"id", "error"}, {"line", "error"})
    assert len(str(refused["error"])) < 300
    assert result.stderr == "1 lines could not be read\n"


@pytest.mark.parametrize(
    ("line", "label"),
    [
        (json.dumps(one_item(grams=1e308)), {"id": "rx-1"}),
        (json.dumps(prescription(id=7, items=[])), {"id": 7}),
        (json.dumps(prescription(id=True)), {"line": 1}),
        ("nonsense", {"line": 1}),
        ('{"id": "rx-1", "items": [', {"line": 1}),
        ('{"id": "5 \\"MB\\"", "usage": "' + "草" * 1_700_000 + '"}', {"id": '5 "MB"'}),
        ('\ufeff { "id" : 12 , "usage": "' + "x" * 300_000 + '"}', {"id": 12}),
        ('{"usage": "' + "x" * 300_000 + '", "id": "late"}', {"line": 1}),
        ('{"id": "' + "x" * 300_000 + '"}', {"line": 1}),
        ('{"id": {"id": "inner"}, "usage": "' + "x" * 300_000 + '"}', {"line": 1}),
        ('{"id": "\\u12", "usage": "' + "x" * 300_000 + '"}', {"line": 1}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_refused_line_is_named_by_its_id_where_it_can_be_told_else_by_its_number(
    line: str, label: dict[str, object]
) -> None:
    (refused,) = answers(reviewed(line))
    del refused["error"]
    assert refused == label


def test_a_line_is_too_long_by_one_byte_and_the_next_is_still_read() -> None:
    whole = json.dumps(prescription())
    fitting = whole + " " * (MOST_LINE_BYTES - len(whole) - 1)
    for added in ("", " ", "  "):
        result = reviewed(f"{fitting}{added}\n{json.dumps(prescription(id='next'))}\n")
        first, second = answers(result)
        assert ("error" in first, second["id"]) == (bool(added), "next")


def test_bytes_that_are_no_text_are_refused_and_a_byte_order_mark_is_not() -> None:
    result = reviewed(b"\xff\xfe\x00\n" + b"\xef\xbb\xbf" + json.dumps(prescription()).encode())
    refused, clean = answers(result)
    assert (refused["error"], clean["verdict"]) == ("the line is not UTF-8", "none")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n", " \r\n\t\n"])
def test_any_end_of_line_and_blank_lines_are_read(ending: str) -> None:
    text = "\ufeff" + ending.join([json.dumps(prescription(id=1)), json.dumps(prescription(id=2)), ""])
    result = reviewed(text.encode())
    assert (result.exit_code, [answer["id"] for answer in answers(result)]) == (0, [1, 2])


def test_lines_of_one_id_are_answered_one_by_one_in_order() -> None:
    lines = [prescription(), one_item(grams=0), prescription()]
    found = answers(reviewed("\n".join(json.dumps(line) for line in lines)))
    assert [(answer["id"], answer["verdict"]) for answer in found] == [
        ("rx-1", "none"),
        ("rx-1", "return"),
        ("rx-1", "none"),
    ]


@pytest.mark.parametrize(
    ("herb", "meant"),
    [
        *(
            ("甘\u200b草", "甘草"),
            ("\ufeff甘草", "甘草"),
            ("甘 草", "甘草"),
            ("黃芪", "黄芪"),
            ("黄耆", "黄芪"),
        ),
        *(("甘草（炙）", "炙甘草"), ("ｇan草", None), ("Gancao甘草", None), ("🌿甘草", None)),
    ],
)
def test_mixed_scripts_and_invisible_characters_in_a_name_are_read_or_asked_about(
    herb: str, meant: str | None
) -> None:
    (answer,) = answers(reviewed(json.dumps(one_item(herb=herb, grams=3))))
    assert kinds(answer) == ([("unknown_herb", "return")] if meant is None else [])


def test_minus_nothing_is_no_dose() -> None:
    (answer,) = answers(reviewed(json.dumps(one_item(grams=-0.0))))
    assert isinstance(answer["findings"], list)
    assert [(found["kind"], str(found["value"])) for found in answer["findings"]] == [("invalid_dose", "0.0")]
    assert "剂量0g" in answer["findings"][0]["message"]


def test_whole_numbers_of_doses_may_be_written_with_a_point() -> None:
    (answer,) = answers(reviewed(json.dumps(prescription(doses_count=3.0))))
    assert answer["verdict"] == "none"


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


def test_a_missing_file_a_directory_and_no_file_are_one_clear_line(tmp_path: Path) -> None:
    for arguments, said in (
        (["/nonexistent/day.jsonl"], "No such file"),
        ([str(tmp_path)], "Is a directory"),
        ([], "name a FILE.jsonl, or a VERSION"),
        (["-", "--since", "2026-11-01"], "--since is for past prescriptions"),
        (["--since", "yesterday", "--rules", "x"], "does not match the format"),
    ):
        result = CliRunner().invoke(main, ["review", *arguments], input="")
        assert (result.exit_code, said in result.stderr, "Traceback" in result.output) == (2, True, False)


def test_an_empty_file_answers_nothing() -> None:
    result = reviewed("")
    assert (result.exit_code, result.stdout) == (0, "")


def test_memory_does_not_grow_with_the_length_of_a_line_or_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    line = json.dumps(prescription()).encode() + b"\n"
    with file.open("wb") as written:
        written.write(line)
        written.write(b'{"id": "long", "usage": "' + b"x" * 30_000_000 + b'"}\n')
        written.writelines([line] * 300)
    CliRunner().invoke(main, ["review", str(file)])
    tracemalloc.start()
    result = CliRunner().invoke(main, ["review", str(file)])
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(answers(result)), answers(result)[1]["id"]) == (302, "long")
    assert peak_bytes < 8_000_000


@pytest.fixture
def keep_version(tangye: Tangye) -> Callable[[str, dict[str, dict[str, object]]], None]:
    """Keeps a version of the rules in the command's own database."""

    def keep(version: str, settings: dict[str, dict[str, object]]) -> None:
        store = open_store(dict(tangye.environ))
        upgrade(store.engine)
        at = datetime(2026, 11, 22, tzinfo=UTC)
        with store.work() as work:
            centre = work.institutions.add(
                Institution(
                    code="C1",
                    kind=InstitutionKind.CENTRE,
                    name="中心药房",
                    township="城关",
                    lon=113.4,
                    lat=29.4,
                    coordinate_source="测试",
                )
            )
            work.session.flush()
            chief = work.staff.add(
                Staff(
                    institution_id=centre.id or 0,
                    username="chief",
                    password_hash="x",
                    name="药师甲",
                    role=Role.PHARMACIST,
                )
            )
            work.session.flush()
            work.rule_versions.add(
                RuleVersion(
                    institution_id=centre.id or 0,
                    version=version,
                    standing=Standing.DRAFT,
                    settings=settings,
                    made_by_id=chief.id or 0,
                    made_at=at,
                    request_key="a" * 32,
                )
            )
            work.commit()
        store.close()

    return keep


def test_a_file_is_held_against_a_version_of_the_database(
    tangye: Tangye, tmp_path: Path, keep_version: Callable[[str, dict[str, dict[str, object]]], None]
) -> None:
    keep_version(
        "2026-11-22.1",
        {"days_supply": {"parameters": {"outpatient_days": 2}}, "child_dose": {"enabled": False}},
    )
    file = tmp_path / "day.jsonl"
    file.write_text(json.dumps(prescription()), encoding="utf-8")
    kept = tangye.run("review", str(file), "--rules", "2026-11-22.1")
    answer = json.loads(kept.stdout)
    assert (kept.returncode, kept.stderr, answer["rules"]) == (0, "", "2026-11-22.1")
    assert [(found["rule"], found["limit"], found["source"]) for found in answer["findings"]] == [
        ("days_supply", 2.0, "机构规则 2026-11-22.1")
    ]
    unknown = tangye.run("review", str(file), "--rules", "2026-11-22.9")
    assert (unknown.returncode, unknown.stdout, unknown.stderr) == (
        2,
        "",
        "tangye: there is no version '2026-11-22.9' of the rules\n",
    )
    past = tangye.run("review", "--rules", "2026-11-22.1", "--since", "2026-11-01")
    assert (past.returncode, past.stdout, past.stderr.count("\n")) == (0, "", 1)


def test_the_shipped_rules_need_no_database_and_a_version_does(tangye: Tangye, tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text(json.dumps(prescription()), encoding="utf-8")
    shipped = tangye.run("review", str(file), "--rules", "shipped")
    assert (shipped.returncode, json.loads(shipped.stdout)["rules"]) == (0, "shipped")
    assert not tangye.home.exists()
    for arguments in (["review", str(file), "--rules", "x"], ["review", "--rules", "x"]):
        asked = tangye.run(*arguments)
        assert (asked.returncode, asked.stdout, asked.stderr.count("\n")) == (2, "", 1)
        assert asked.stderr.startswith("tangye: there is no database in ")


def test_what_it_prints_is_utf_8_whatever_the_locale(tangye: Tangye, tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    broken = json.dumps(one_item(grams=None)).replace("rx-1", "\\ud800")
    file.write_text(f"{json.dumps(one_item(grams=0))}\n{broken}\n", encoding="utf-8")
    answer = tangye.run("review", str(file), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    first, second = (json.loads(line) for line in answer.stdout.splitlines())
    assert (answer.returncode, "甘草" in answer.stdout, first["verdict"], second["id"]) == (
        2,
        True,
        "return",
        "\ud800",
    )
