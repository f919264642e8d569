"""What forms bring: cleaned, read, or answered field by field with everything typed kept."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator
from werkzeug.datastructures import MultiDict

from tcm.records.errors import N_, Invalid
from web.door import (
    MAX_CHARACTERS,
    MAX_ROWS,
    Form,
    Rejected,
    Typed,
    clean,
    parse,
    parse_sound,
    plain_date,
    plain_number,
)


class Sex(StrEnum):
    """Two of a kind."""

    FEMALE = "F"
    MALE = "M"


class Row(Form):
    """One line of a prescription."""

    herb: str = Field(min_length=1, max_length=10)
    dose_g: float = Field(gt=0, le=500)
    note: str = ""


class Visit(Form):
    """A form with one field of each kind."""

    complaint: str = Field(min_length=1, max_length=20)
    born_on: date | None = None
    sex: Sex = Sex.FEMALE
    doses_count: int = Field(default=7, ge=1, le=30)
    pulse: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    pregnant: bool = False
    share: Annotated[float | None, Field(ge=0)] = None
    items: tuple[Row, ...] = ()

    @field_validator("complaint")
    @classmethod
    def _not_a_joke(cls, text: str) -> str:
        if text == "joke":
            raise ValueError(N_("这一项填得不对。"))
        return text


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """A request in Chinese, in which sentences are made."""
    app = Flask("web")
    Babel(app, default_locale="zh")
    with app.test_request_context("/"):
        yield


def form(*pairs: tuple[str, str]) -> MultiDict[str, str]:
    """What a browser sends."""
    return MultiDict([("complaint", "乏力"), *pairs])


def errors_of(*pairs: tuple[str, str]) -> dict[tuple[str, int | None], str]:
    """What is said about a form that is rejected."""
    with pytest.raises(Rejected) as rejected:
        parse(Visit, form(*pairs))
    return dict(rejected.value.typed.errors)


def test_a_form_becomes_a_model() -> None:
    visit = parse(
        Visit,
        form(
            ("born_on", "1961年3月7日"),
            ("sex", "M"),
            ("doses_count", "１４"),
            ("pulse", "沉"),
            ("pulse", "细"),
            ("weights", "1,5"),
            ("pregnant", "1"),
            ("unknown", "ignored"),
        ),
    )
    assert visit == Visit(
        complaint="乏力",
        born_on=date(1961, 3, 7),
        sex=Sex.MALE,
        doses_count=14,
        pulse=("沉", "细"),
        weights=(1.5,),
        pregnant=True,
    )


def test_what_is_left_empty_takes_its_default() -> None:
    assert parse(Visit, form(("doses_count", " "), ("born_on", ""), ("share", ""))) == Visit(complaint="乏力")


def test_of_a_form_with_a_slip_the_rest_is_read_and_the_slip_is_told() -> None:
    form = MultiDict([("complaint", "咳嗽"), ("doses_count", "99"), ("pregnant", "1"), ("pulse", "浮")])
    visit, typed = parse_sound(Visit, form)
    assert (visit.complaint, visit.doses_count, visit.pregnant, visit.pulse) == ("咳嗽", 7, True, ("浮",))
    assert (set(typed.errors), typed.value("doses_count")) == ({("doses_count", None)}, "99")
    with pytest.raises(Rejected):
        parse_sound(Visit, MultiDict([("complaint", "长" * 21)]))


def test_rows_are_read_from_columns_and_empty_rows_passed_over() -> None:
    rows = form(
        ("herb", "黄芪"),
        ("dose_g", "30"),
        ("note", ""),
        ("herb", ""),
        ("dose_g", ""),
        ("note", ""),
        ("herb", "附子"),
        ("dose_g", "９．５"),
        ("note", "先煎"),
    )
    assert parse(Visit, rows).items == (
        Row(herb="黄芪", dose_g=30),
        Row(herb="附子", dose_g=9.5, note="先煎"),
    )


def test_an_error_in_a_row_stands_in_the_row_as_typed() -> None:
    pairs = [("herb", ""), ("dose_g", ""), ("herb", "黄芪"), ("dose_g", "多"), ("herb", ""), ("dose_g", "9")]
    assert errors_of(*pairs) == {("dose_g", 1): "请填数字。", ("herb", 2): "请填写这一项。"}


def test_columns_of_different_length_are_refused_rather_than_shifted() -> None:
    assert errors_of(("herb", "黄芪"), ("herb", "附子"), ("dose_g", "9")) == {
        ("items", None): "表格的行没有对齐，请刷新后再填。"
    }


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("born_on", "1961-13-40", "日期写法如 2026-11-21。"),
        ("born_on", "春天", "日期写法如 2026-11-21。"),
        ("sex", "X", "请从列出的项目中选择。"),
        ("doses_count", "七", "请填整数。"),
        ("doses_count", "7.5", "请填整数。"),
        ("doses_count", "0", "不能小于 1。"),
        ("doses_count", "31", "不能大于 30。"),
        ("weights", "nan", "请填数字。"),
        ("share", "inf", "请填数字。"),
        ("share", "1,000", "请填数字。"),
        ("pregnant", "perhaps", "请选“是”或“否”。"),
        ("pulse", "x" * (MAX_CHARACTERS + 1), f"最多 {MAX_CHARACTERS} 个字。"),
        ("complaint", "x" * 21, "最多 20 个字。"),
        ("complaint", "joke", "这一项填得不对。"),
    ],
)
def test_each_wrong_entry_has_its_sentence(name: str, typed: str, sentence: str) -> None:
    assert errors_of((name, typed)) == {(name, None): sentence}


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "\x00"])
def test_a_needed_text_of_nothing_visible_is_missing(typed: str) -> None:
    with pytest.raises(Rejected) as rejected:
        parse(Visit, MultiDict([("complaint", typed)]))
    assert rejected.value.typed.error("complaint") == "请填写这一项。"


def test_a_rejected_form_keeps_all_that_was_typed() -> None:
    with pytest.raises(Rejected) as rejected:
        parse(Visit, form(("pulse", "沉"), ("pulse", "细"), ("doses_count", "七"), ("unknown", "kept")))
    typed = rejected.value.typed
    assert (typed.value("complaint"), typed.value("doses_count"), typed.value("unknown")) == (
        "乏力",
        "七",
        "kept",
    )
    assert (typed.all("pulse"), typed.value("pulse", 1), typed.value("pulse", 2)) == (["沉", "细"], "细", "")
    assert (typed.error("doses_count"), typed.error("pulse")) == ("请填整数。", "")
    assert isinstance(rejected.value, Invalid)
    assert str(rejected.value) == "有 1 处需要修改，您填写的内容还在。"


def test_too_many_rows_or_values_are_refused() -> None:
    herbs = [("herb", "黄芪"), ("dose_g", "9")] * (MAX_ROWS + 1)
    for rows in (herbs, [("pulse", "沉")] * (MAX_ROWS + 1), [("unheard_of", "")] * (MAX_ROWS + 1)):
        with pytest.raises(Invalid, match=f"最多 {MAX_ROWS} 行。") as refused:
            errors_of(*rows)
        # What is typed is not handed on: nothing after the door counts rows again.
        assert not isinstance(refused.value, Rejected)


def test_a_form_can_be_filled_in_beforehand() -> None:
    typed = Typed.of(complaint="乏力", pulse=["沉", "细"], born_on=None, doses_count=7)
    assert (typed.value("complaint"), typed.all("pulse"), typed.value("born_on")) == (
        "乏力",
        ["沉", "细"],
        "",
    )
    assert (typed.value("doses_count"), typed.errors) == ("7", {})


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("１２，５", "12.5"),
        ("12,5", "12.5"),
        ("9。5", "9.5"),
        ("-0,25", "-0.25"),
        ("1,000", "1,000"),
        ("1,2,3", "1,2,3"),
    ],
)
def test_numbers_are_read_as_chinese_keyboards_type_them(typed: str, plain: str) -> None:
    assert plain_number(typed) == plain


@pytest.mark.parametrize(
    "typed", ["1961-03-07", "1961/3/7", "1961.3.7", "１９６１年３月７日", " 1961 年 3 月 7 日 "]
)
def test_dates_are_read_as_people_write_them(typed: str) -> None:
    assert plain_date(typed) == "1961-03-07"


def test_what_cannot_be_seen_is_taken_out_of_texts() -> None:
    assert clean("\ufeff 黄\u200b芪\x00\u202e\r\n炙\t用 ") == "黄芪\n炙\t用"


def test_rare_characters_of_names_stay() -> None:
    newest, private = "\U00031350", "\ue000"
    assert clean(newest + private) == newest + private


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(
    st.lists(
        st.tuples(st.sampled_from([*Visit.model_fields, "herb", "dose_g", "note", "other"]), st.text()),
        max_size=12,
    )
)
def test_any_form_is_read_or_rejected_with_sentences(pairs: list[tuple[str, str]]) -> None:
    outcome: Visit | Rejected
    try:
        outcome = parse(Visit, MultiDict(pairs))
    except Rejected as rejected:
        outcome = rejected
    if isinstance(outcome, Rejected):
        assert outcome.typed.errors
        assert all(outcome.typed.errors.values())
    else:
        assert 0 < len(outcome.complaint) <= 20
