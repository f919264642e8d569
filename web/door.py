"""Validation at the door: what a form brings is cleaned and read into a model, or answered field by field.

    class VisitForm(Form):
        complaint: str = Field(min_length=1, max_length=500)
        items: list[ItemRow] = []          # ItemRow(Form): herb: str, dose_g: float

    try:
        visit = parse(VisitForm, request.form)
    except Rejected as rejected:
        return render_template("doctor/visit.html", typed=rejected.typed), 422

A list of models is read from columns of equal length, here the repeated fields `herb` and `dose_g`; rows that
are left empty are passed over. An empty field with a default counts as not typed.
"""

import re
import types
import typing
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from tcm.records.errors import N_, Invalid, Refused

MAX_CHARACTERS = 4000
MAX_ROWS = 200
# The databases' integers: a larger number would break the statement instead of finding nothing.
MAX_ROW_ID = 2**31 - 1

MISSING = N_("请填写这一项。")
TOO_LONG = N_("最多 %(max_length)s 个字。")
# One sentence for each way pydantic says no; %(name)s places come from the error's own context.
SENTENCES = {
    "missing": MISSING,
    "string_too_short": N_("至少要 %(min_length)s 个字。"),
    "string_too_long": TOO_LONG,
    "string_pattern_mismatch": N_("格式不对。"),
    "too_short": N_("至少要 %(min_length)s 项。"),
    "too_long": N_("最多 %(max_length)s 项。"),
    "int_parsing": N_("请填整数。"),
    "int_from_float": N_("请填整数。"),
    "int_parsing_size": N_("这个数太大了。"),
    "float_parsing": N_("请填数字。"),
    "decimal_parsing": N_("请填数字。"),
    "finite_number": N_("请填数字。"),
    "greater_than": N_("要大于 %(gt)s。"),
    "greater_than_equal": N_("不能小于 %(ge)s。"),
    "less_than": N_("要小于 %(lt)s。"),
    "less_than_equal": N_("不能大于 %(le)s。"),
    "multiple_of": N_("要是 %(multiple_of)s 的倍数。"),
    "bool_parsing": N_("请选“是”或“否”。"),
    "bool_type": N_("应为 true 或 false。"),
    "int_type": N_("请填整数。"),
    "float_type": N_("请填数字。"),
    "string_type": N_("应为文字。"),
    "list_type": N_("应为列表。"),
    "model_type": N_("应为对象。"),
    "model_attributes_type": N_("应为对象。"),
    "blank": N_("要有看得见的字。"),
    "extra_forbidden": N_("没有这一项。"),
    "enum": N_("请从列出的项目中选择。"),
    "literal_error": N_("请从列出的项目中选择。"),
    "date_parsing": N_("日期写法如 2026-11-21。"),
    "date_from_datetime_parsing": N_("日期写法如 2026-11-21。"),
    "date_from_datetime_inexact": N_("日期写法如 2026-11-21。"),
    "date_past": N_("日期要在今天以前。"),
    "date_future": N_("日期要在今天以后。"),
    "datetime_parsing": N_("时间写法如 2026-11-21 14:05。"),
    "datetime_from_date_parsing": N_("时间写法如 2026-11-21 14:05。"),
}
OTHERWISE = N_("这一项填得不对。")
WHOLE = N_("有 %(count)s 处需要修改，您填写的内容还在。")
UNEVEN = N_("表格的行没有对齐，请刷新后再填。")
TOO_MANY_ROWS = N_("最多 %(most)s 行。")

_NUMBERS = (int, float, Decimal)
_CHINESE_DATE = re.compile(r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")
_LOCATION = tuple[str, int | None]
Model = TypeVar("Model", bound=BaseModel)
RowId = Annotated[int, Field(ge=1, le=MAX_ROW_ID)]


class Form(BaseModel):
    """Base of the models that forms are read into: frozen, unknown fields ignored, no infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, str_strip_whitespace=True)


@dataclass(frozen=True)
class Typed:
    """What stands in a form: values as they were typed, and what is wrong with them.

    Args:
        values: Every field's values in order.
        errors: Sentence for a field, or for one row of a field.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[_LOCATION, str] = field(default_factory=dict)

    @classmethod
    def of(cls, **values: object) -> "Typed":
        """A form filled in beforehand.

        Args:
            values: A value, or a list of them, for each field; None leaves it empty.

        Returns:
            The form without errors.
        """
        return cls({name: _as_texts(value) for name, value in values.items()})

    def value(self, name: str, row: int = 0) -> str:
        """What stands in a field, empty where nothing does."""
        values = self.values.get(name, ())
        return values[row] if row < len(values) else ""

    def all(self, name: str) -> Sequence[str]:
        """Everything that stands in a repeated field."""
        return self.values.get(name, ())

    def error(self, name: str, row: int | None = None) -> str:
        """The sentence for a field, or for one row of it; empty where nothing is wrong."""
        return self.errors.get((name, row), "")


class Rejected(Invalid):
    """A form that cannot be read; shown again with what was typed.

    Args:
        typed: Values and errors.
    """

    def __init__(self, typed: Typed) -> None:
        super().__init__(WHOLE, count=len(typed.errors))
        self.typed = typed


def typed_of(refusal: Refused, form: MultiDict[str, str]) -> Typed:
    """What was typed into a form that was refused, to be shown again.

    Args:
        refusal: Why; with an error for each field where the form could not be read.
        form: Flask's `request.form`.

    Returns:
        Values, and errors where there are any.
    """
    return refusal.typed if isinstance(refusal, Rejected) else Typed(typed_in(form))


def parse(model: type[Model], form: MultiDict[str, str]) -> Model:
    """Read a form into a model.

    Args:
        model: A subclass of `Form`; its fields are texts, numbers, dates, enumerations, lists of these, or
            lists of models (rows).
        form: Flask's `request.form` or `request.args`.

    Returns:
        The model.

    Raises:
        Rejected: With a translated sentence for every field that cannot be read.
        Invalid: When a field has more rows than any form.
    """
    values = typed_in(form)
    errors: dict[_LOCATION, str] = {}
    data: dict[str, Any] = {}
    kept_rows: dict[str, list[int]] = {}
    for name, info in model.model_fields.items():
        row_model = _row_model(info)
        if row_model is not None:
            data[name], kept_rows[name] = _read_rows(name, row_model, values, errors)
        else:
            _read_field(name, info, values, errors, data)
    try:
        parsed = model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            errors.setdefault(_location(detail, kept_rows), sentence_of(detail))
    if errors:
        raise Rejected(Typed(values, errors))
    return parsed


def parse_sound(model: type[Model], form: MultiDict[str, str]) -> tuple[Model, Typed]:
    """Read of a form what can be read: a slip in one field does not take the others with it.

    Args:
        model: As for `parse`; every field has a default, which stands where a field could not be read.
        form: Flask's `request.form`.

    Returns:
        The model, and the form as it was typed with a sentence for every field that is left out.

    Raises:
        Rejected: When a field without a default cannot be read.
        Invalid: When a field has more rows than any form.
    """
    try:
        return parse(model, form), Typed(typed_in(form))
    except Rejected as rejected:
        wrong = {name for name, _row in rejected.typed.errors}
        sound = MultiDict((name, text) for name, text in form.items(multi=True) if name not in wrong)
        return parse(model, sound), rejected.typed


def typed_in(form: MultiDict[str, str]) -> dict[str, list[str]]:
    """Everything that stands in a form, read into no model yet.

    Args:
        form: Flask's `request.form` or `request.args`.

    Returns:
        Every field's values in order, clean.

    Raises:
        Invalid: When a field has more rows than any form.
    """
    if any(len(texts) > MAX_ROWS for _, texts in form.lists()):
        raise Invalid(TOO_MANY_ROWS, most=MAX_ROWS)
    return {name: [clean(text) for text in texts] for name, texts in form.lists()}


def clean(text: str) -> str:
    """A typed text without what cannot be seen: controls, zero-width and direction marks.

    Args:
        text: As it came.

    Returns:
        Composed (NFC), line ends as \\n, stripped.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Unassigned code points stay: rare characters of names are newer than Python's tables.
    seen = (c for c in composed if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "".join(seen).strip()


def plain_number(text: str) -> str:
    """A number as Python writes it, from full-width digits, a decimal comma or a Chinese full stop.

    Args:
        text: As typed, such as １２，５.

    Returns:
        Such as 12.5; other texts are returned half width.
    """
    half_width = unicodedata.normalize("NFKC", text).replace("。", ".").strip()
    # 1,000 could be a thousand or one: it is left as it is, and refused.
    return half_width.replace(",", ".") if _DECIMAL_COMMA.fullmatch(half_width) else half_width


def plain_date(text: str) -> str:
    """A date as ISO 8601 writes it, from 2026/11/21, 2026.11.21 or 2026年11月21日.

    Args:
        text: As typed.

    Returns:
        Such as 2026-11-21; other texts are returned half width.
    """
    half_width = unicodedata.normalize("NFKC", text)
    found = _CHINESE_DATE.fullmatch(half_width)
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else half_width


def _read_field(
    name: str,
    info: FieldInfo,
    values: Mapping[str, list[str]],
    errors: dict[_LOCATION, str],
    data: dict[str, Any],
) -> None:
    given = values.get(name, [])
    if any(len(text) > MAX_CHARACTERS for text in given):
        errors[name, None] = gettext(TOO_LONG, max_length=MAX_CHARACTERS)
        return
    plain = [_plain(text, info.annotation) for text in given if text]
    if _is_list(info.annotation):
        data[name] = plain
    elif plain:
        data[name] = plain[-1]


def _read_rows(
    name: str, row_model: type[BaseModel], values: Mapping[str, list[str]], errors: dict[_LOCATION, str]
) -> tuple[list[dict[str, str]], list[int]]:
    columns = {column: values.get(column, []) for column in row_model.model_fields}
    # A column that the page does not have at all takes its default in every row.
    lengths = {len(column) for column in columns.values() if column}
    if len(lengths) > 1:
        errors[name, None] = gettext(UNEVEN)
        return [], []
    rows = max(lengths, default=0)
    read: list[dict[str, str]] = []
    kept: list[int] = []
    for index in range(rows):
        row = {
            column: _plain(texts[index], row_model.model_fields[column].annotation)
            for column, texts in columns.items()
            if texts and texts[index]
        }
        for column in (column for column, text in row.items() if len(text) > MAX_CHARACTERS):
            errors[column, index] = gettext(TOO_LONG, max_length=MAX_CHARACTERS)
        if row:
            read.append(row)
            kept.append(index)
    return read, kept


def _location(detail: ErrorDetails, kept_rows: Mapping[str, list[int]]) -> _LOCATION:
    where = detail["loc"]
    name = str(where[0]) if where else ""
    if name in kept_rows and len(where) >= 2 and isinstance(where[1], int):
        row = kept_rows[name][where[1]]
        # A row that contradicts itself has no column: its sentence stands beside the first one.
        return (str(where[2]) if len(where) > 2 else name), row
    return name, None


def sentence_of(detail: ErrorDetails) -> str:
    """What is wrong with one field, in the reader's language.

    Args:
        detail: As pydantic tells it.

    Returns:
        One sentence that does not repeat what was typed.
    """
    context = {name: _without_zeros(value) for name, value in detail.get("ctx", {}).items()}
    if detail["type"] == "value_error":
        # A validator of ours: raise ValueError(N_("...")).
        return str(gettext(str(context["error"])))
    if detail["type"] == "string_too_short" and context.get("min_length") == 1:
        return str(gettext(MISSING))
    return str(gettext(SENTENCES.get(detail["type"], OTHERWISE), **context))


def _without_zeros(value: object) -> object:
    # A limit of a decimal field is a float; nobody writes 10000.0 grams.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(text: str, annotation: Any) -> str:
    kinds = _kinds(annotation)
    if str in kinds:
        return text
    if any(issubclass(kind, datetime) for kind in kinds):
        return unicodedata.normalize("NFKC", text)
    if any(issubclass(kind, date) for kind in kinds):
        return plain_date(text)
    return plain_number(text) if any(kind in _NUMBERS for kind in kinds) else text


def _kinds(annotation: Any) -> list[type]:
    """The plain classes an annotation is made of, looking into lists, unions and Annotated."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return _kinds(arguments[0])
    if arguments:
        return [kind for argument in arguments for kind in _kinds(argument)]
    return [annotation] if isinstance(annotation, type) and annotation is not types.NoneType else []


def _is_list(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (list, tuple, set, frozenset)


def _row_model(info: FieldInfo) -> type[BaseModel] | None:
    if not _is_list(info.annotation):
        return None
    kinds = _kinds(info.annotation)
    return kinds[0] if kinds and issubclass(kinds[0], BaseModel) else None


def _as_texts(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [str(value)]
