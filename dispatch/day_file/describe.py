"""docs/day-file.md from the schema: `python -m dispatch.day_file.describe > docs/day-file.md`."""

import json
import sys
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from dispatch.day_file import forms
from dispatch.day_file.example import example_text

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The file", forms.DayForm),
    ("clock", forms.ClockForm),
    ("centre", forms.CentreForm),
    ("places[]", forms.PlaceForm),
    ("pots[]", forms.PotForm),
    ("crew", forms.CrewForm),
    ("vehicles[]", forms.VehicleForm),
    ("vehicles[].breaks[]", forms.BreakForm),
    ("orders[]", forms.OrderForm),
    ("orders[].boil", forms.BoilForm),
    ("travel, provider great_circle", forms.GreatCircleForm),
    ("travel, provider osm", forms.OsmForm),
    ("travel, provider osrm", forms.OsrmForm),
    ("travel, provider matrix", forms.MatrixForm),
    ("prices", forms.PricesForm),
    ("limits", forms.LimitsForm),
    ("handling", forms.HandlingForm),
    ("promise", forms.PromiseForm),
)

_HEAD = """# The day file

What `tangye plan DAY.json` reads. This page is made from the schema: `python -m
dispatch.day_file.describe`. `tangye plan --schema` prints the JSON schema, `tangye plan --example` an
example.

Times ending in `_min` are whole minutes: points of time count from the day's start (`clock.start`),
others are lengths. Money is in fen (100 fen = 1 yuan). Unknown fields are refused, so that a slip of
the pen is not passed over.

An order that cannot be served today is no fault of the file: it is answered under `unserved`, with the
reason and the one constraint to relax. A file that cannot be meant is refused in one line that names
the field (exit 2): no pots, nobody of a role that is needed, no vehicles, an order larger than any pot
of its duty, due before release, an id twice, an unknown village, figures out of range, a table of roads
that does not reach a village, a file cut in half.
"""

_TAIL = """## The answer

One JSON document. `feasible`: every order is served. `cost`: the parts and `total_fen`, what the search
makes small. `lower_bound`: fen that no plan of the day can go below; `gap_percent` how far the plan is
above it. `made_by`: the way of planning that found it. `schedule`: a row for each job as in `tangye
decoct`. `routes`: for each vehicle its trips (`depart`, `return`) and stops (`village`, `orders`,
`arrive`, `leave`, and `wait` minutes of them before the door opens). `orders`: for each order served
`ready`, `arrive` and the window `promised_from` to `promised_to`, as minutes and, ending in `_clock`,
as clock times (hours past 24 are of the next day); its `arrive` is when handing over begins, that of a
stop when the vehicle is there. `unserved`: `id`, `why`, `why_zh`, `code`, and `relax`: the one
constraint whose relaxation by `amount` would serve it, null where no single one would. `violations` is
empty: a plan that breaks a rule is not printed as a success (exit 1).
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for heading, form in _SECTIONS:
        parts += [f"## {heading}\n", f"{(form.__doc__ or '').strip()}\n", _table(form)]
    return "\n".join([*parts, _TAIL, "## An example\n", "```json", example_text(), "```", ""])


def _table(form: type[BaseModel]) -> str:
    rows = ["| field | type | default | |", "|---|---|---|---|"]
    properties = form.model_json_schema(mode="validation")["properties"]
    for name, field in form.model_fields.items():
        cells = (f"`{name}`", _kind(properties[name]), _default(field), field.description or "")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _kind(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "oneOf" in schema or "$ref" in schema:
        return "object"
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    limits = [
        f"{sign} {schema[key]}"
        for key, sign in (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="))
        if key in schema
    ]
    kinds = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "true, false",
        "null": "null",
    }
    kind = kinds[schema["type"]]
    if schema.get("format") == "date":
        kind = "date"
    return " ".join([kind, *limits])


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "**needed**"
    if isinstance(field.default, BaseModel):
        return "its own defaults"
    return f"`{json.dumps(field.default, ensure_ascii=False)}`"


if __name__ == "__main__":
    sys.stdout.write(page())
