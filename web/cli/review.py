"""`tangye review`: hold prescriptions against the rules, one JSON line each."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, BinaryIO, Literal

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tcm.knowledge import Knowledge, load
from tcm.review import Case, Finding, Line, PatientFacts, check, verdict

# Limits of the door: far above any real prescription, far below what would cost time or memory.
MOST_LINE_BYTES = 256 * 1024
MOST_ITEMS = 200
MOST_GRAMS = 100_000.0

Text = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Texts = Annotated[list[Text], Field(max_length=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class Item(_Strict):
    """One herb line at the door."""

    herb: Name
    grams: Annotated[float, Field(ge=-MOST_GRAMS, le=MOST_GRAMS)]
    decoction_note: Text | None = ""


class Patient(_Strict):
    """The patient at the door."""

    age: Annotated[float, Field(ge=0, le=150)] | None = None
    sex: Literal["M", "F"] | None = None
    pregnant: bool | None = False
    lactating: bool | None = False
    western_drugs: Texts | None = None
    allergies: Texts | None = None
    conditions: Texts | None = None


class Diagnosis(_Strict):
    """The diagnosis at the door."""

    disease: Text | None = None
    syndrome: Text | None = None


class Prescription(_Strict):
    """One prescription at the door, as the contract has it."""

    id: Annotated[str, Field(max_length=200)] | int
    patient: Patient | None = None
    diagnosis: Diagnosis | None = None
    visit_type: Literal["outpatient", "emergency", "inpatient"] | None = "outpatient"
    doses_count: Annotated[int, Field(ge=-1000, le=1000, strict=False)] = 1
    doses_per_day: Annotated[float, Field(ge=-100, le=100)] | None = 1.0
    extended_supply_reason: Text | None = None
    second_signatures: Annotated[list[Name], Field(max_length=MOST_ITEMS)] | None = None
    usage: Text | None = ""
    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]

    def case(self) -> Case:
        """The case that review reads."""
        patient = self.patient or Patient()
        diagnosis = self.diagnosis or Diagnosis()
        return Case(
            lines=tuple(Line(item.herb, item.grams, item.decoction_note or "") for item in self.items),
            patient=PatientFacts(
                age_years=patient.age,
                sex=patient.sex,
                pregnant=bool(patient.pregnant),
                lactating=bool(patient.lactating),
                western_drugs=tuple(patient.western_drugs or ()),
                allergies=tuple(patient.allergies or ()),
                conditions=tuple(patient.conditions or ()),
            ),
            disease=diagnosis.disease,
            syndrome=diagnosis.syndrome,
            visit_type=self.visit_type or "outpatient",
            doses_count=self.doses_count,
            doses_per_day=1.0 if self.doses_per_day is None else self.doses_per_day,
            extended_supply_reason=self.extended_supply_reason,
            second_signatures=tuple(self.second_signatures or ()),
            usage=self.usage or "",
        )


class Unreadable(Exception):
    """A line that is no prescription; the message says why in one sentence."""


@click.command()
@click.argument("file", type=click.File("rb"), metavar="FILE.jsonl")
def review(file: BinaryIO) -> None:
    """Review prescriptions from FILE.jsonl (or - for standard input).

    One JSON line per prescription, in order. A line that cannot be read answers {"id" or "line", "error"};
    the run goes on and exits 2 at the end.
    """
    knowledge = load()
    unreadable = 0
    for number, raw in _lines(file):
        try:
            answer = _review(_parse(raw), knowledge)
        except Unreadable as error:
            unreadable += 1
            answer = {**_label(raw, number), "error": str(error)}
        click.echo(json.dumps(answer, ensure_ascii=False))
    if unreadable:
        click.echo(f"{unreadable} lines could not be read", err=True)
        sys.exit(2)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every line that is not blank; of a line too long, only its beginning."""
    number = 0
    while raw := file.readline(MOST_LINE_BYTES + 1):
        number += 1
        if len(raw) > MOST_LINE_BYTES:
            while (rest := file.readline(MOST_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        if raw.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, raw


def _parse(raw: bytes) -> Prescription:
    if len(raw) > MOST_LINE_BYTES:
        raise Unreadable(f"the line is longer than {MOST_LINE_BYTES} bytes")
    try:
        document = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
        return Prescription.model_validate(document)
    except UnicodeDecodeError:
        raise Unreadable("the line is not UTF-8") from None
    except RecursionError:
        raise Unreadable("the line nests too deep") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Unreadable(f"{where or 'line'}: {first['msg']}") from None
    except ValueError as error:
        raise Unreadable(f"the line is not JSON: {error}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _label(raw: bytes, number: int) -> dict[str, object]:
    """The line's own id where it can still be read, else its number."""
    if len(raw) <= MOST_LINE_BYTES:
        try:
            given = json.loads(raw.decode("utf-8-sig")).get("id")
        except (ValueError, RecursionError, AttributeError):
            given = None
        if isinstance(given, str | int) and len(str(given)) <= 200:
            return {"id": given}
    return {"line": number}


def _review(prescription: Prescription, knowledge: Knowledge) -> dict[str, object]:
    findings = check(prescription.case(), knowledge)
    return {
        "id": prescription.id,
        "verdict": verdict(findings),
        "findings": [_finding(found) for found in findings],
    }


def _finding(found: Finding) -> dict[str, object]:
    return {
        "kind": found.kind,
        "severity": found.severity,
        "herbs": list(found.herbs),
        "rule": found.rule,
        "source": found.source,
        "message": found.message,
        "message_en": found.message_en,
        "value": found.value,
        "limit": found.limit,
        "signed": found.signed,
        "clears": found.clears,
    }
