"""The contract of `tangye review` and of the API's reviews: a prescription in, findings out, as JSON."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from tcm.knowledge import Knowledge
from tcm.review import Case, Finding, Line, PatientFacts, RuleSet, Supply, check, verdict

# Limits of the door: far above any real prescription, far below what would cost time or memory.
MOST_LINE_BYTES = 256 * 1024
MOST_ITEMS = 200
MOST_EARLIER = 20
MOST_GRAMS = 100_000.0
LONGEST_ID = 200
# The id of a line too long to read, where it stands at its beginning.
_ID_FIRST = re.compile(r'\s*\{\s*"id"\s*:\s*(?P<id>"(?:[^"\\]|\\.){0,200}"|-?\d{1,18})\s*[,}]')
_BEGINNING_BYTES = 2048
# A field's name in an error; one that the sender made up may be of any length.
_LONGEST_STEP = 60


class Unreadable(Exception):
    """A line that is no prescription; the message says why in one sentence."""


def _visible(name: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in name):
        raise PydanticCustomError("blank", "has no visible character")
    return name


def _whole(count: object) -> object:
    """7.0 is a count as JSON writes it in some languages; true and "7" are none."""
    return int(count) if isinstance(count, float) and count.is_integer() else count


Text = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_visible)]
Texts = Annotated[list[Text], Field(max_length=100)]
LabValue = Annotated[float, Field(ge=0, le=1_000_000)]
DosesPerDay = Annotated[float, Field(ge=-100, le=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class Item(_Strict):
    """One herb line at the door."""

    herb: Name
    grams: Annotated[float, Field(ge=-MOST_GRAMS, le=MOST_GRAMS)]
    decoction_note: Text | None = ""

    def line(self) -> Line:
        """The line that review reads; minus nothing is nothing."""
        return Line(self.herb, self.grams + 0.0, self.decoction_note or "")


Items = Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]


class Labs(_Strict):
    """Laboratory values at the door; another name or unit is refused, for it would be left out unseen."""

    model_config = ConfigDict(extra="forbid")

    creatinine_umol_l: LabValue | None = None
    egfr_ml_min: LabValue | None = None
    alt_u_l: LabValue | None = None
    ast_u_l: LabValue | None = None
    total_bilirubin_umol_l: LabValue | None = None


class Patient(_Strict):
    """The patient at the door."""

    age: Annotated[float, Field(ge=0, le=150)] | None = None
    sex: Literal["M", "F"] | None = None
    pregnant: bool | None = False
    lactating: bool | None = False
    western_drugs: Texts | None = None
    allergies: Texts | None = None
    conditions: Texts | None = None
    labs: Labs | None = None

    def facts(self) -> PatientFacts:
        """What review needs to know."""
        return PatientFacts(
            age_years=self.age,
            sex=self.sex,
            pregnant=bool(self.pregnant),
            lactating=bool(self.lactating),
            western_drugs=tuple(self.western_drugs or ()),
            allergies=tuple(self.allergies or ()),
            conditions=tuple(self.conditions or ()),
            labs=self.labs.model_dump(exclude_none=True) if self.labs else {},
        )


class Diagnosis(_Strict):
    """The diagnosis at the door."""

    disease: Text | None = None
    syndrome: Text | None = None


class Earlier(_Strict):
    """What the patient still has of an earlier prescription, at the door."""

    label: Name
    days_left: Annotated[float, Field(ge=0, le=1000)]
    doses_per_day: Annotated[float, Field(gt=0, le=100)] | None = 1.0
    items: Items

    def supply(self) -> Supply:
        """The supply that review reads."""
        lines = tuple(item.line() for item in self.items)
        return Supply(self.label, self.days_left, lines, self.doses_per_day or 1.0)


class Prescription(_Strict):
    """One prescription at the door, as the contract has it."""

    id: Annotated[Annotated[str, Field(max_length=LONGEST_ID)] | int, BeforeValidator(_whole)]
    patient: Patient | None = None
    diagnosis: Diagnosis | None = None
    visit_type: Literal["outpatient", "emergency", "inpatient"] | None = "outpatient"
    doses_count: Annotated[int, Field(ge=-1000, le=1000), BeforeValidator(_whole)] = 1
    doses_per_day: DosesPerDay | None = 1.0
    extended_supply_reason: Text | None = None
    second_signatures: Annotated[list[Name], Field(max_length=MOST_ITEMS)] | None = None
    usage: Text | None = ""
    preparation: Literal["decocted", "granules", "own_cooking"] | None = "decocted"
    items: Items
    earlier: Annotated[list[Earlier], Field(max_length=MOST_EARLIER)] | None = None

    def case(self) -> Case:
        """The case that review reads."""
        diagnosis = self.diagnosis or Diagnosis()
        return Case(
            lines=tuple(item.line() for item in self.items),
            patient=(self.patient or Patient()).facts(),
            disease=diagnosis.disease,
            syndrome=diagnosis.syndrome,
            visit_type=self.visit_type or "outpatient",
            doses_count=self.doses_count,
            doses_per_day=1.0 if self.doses_per_day is None else self.doses_per_day + 0.0,
            extended_supply_reason=self.extended_supply_reason,
            second_signatures=tuple(self.second_signatures or ()),
            usage=self.usage or "",
            preparation=self.preparation or "decocted",
            earlier=tuple(earlier.supply() for earlier in self.earlier or ()),
        )


def read_prescription(raw: bytes) -> Prescription:
    """Read one line.

    Args:
        raw: its bytes; of a line longer than MOST_LINE_BYTES, its beginning.

    Returns:
        The prescription.

    Raises:
        Unreadable: it is none; the message says why.
    """
    if len(raw) > MOST_LINE_BYTES:
        raise Unreadable(f"the line is longer than {MOST_LINE_BYTES} bytes")
    try:
        return Prescription.model_validate(_document(raw))
    except UnicodeDecodeError:
        raise Unreadable("the line is not UTF-8") from None
    except RecursionError:
        raise Unreadable("the line nests too deep") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step)[:_LONGEST_STEP] for step in first["loc"])
        raise Unreadable(f"{where or 'line'}: {first['msg']}") from None
    except ValueError as error:
        raise Unreadable(f"the line is not JSON: {error}") from None


def answer_of(prescription: Prescription, knowledge: Knowledge, rule_set: RuleSet) -> dict[str, object]:
    """What review says of a prescription.

    Args:
        prescription: As read.
        knowledge: The tables.
        rule_set: The version of the rules to hold it against.

    Returns:
        JSON values: id, verdict, rules, findings.
    """
    findings = check(prescription.case(), knowledge, rule_set)
    return {
        "id": prescription.id,
        "verdict": verdict(findings),
        "rules": rule_set.version,
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
        "unit": found.unit,
        "signed": found.signed,
        "clears": found.clears,
        "clears_en": found.clears_en,
    }


def label_of(raw: bytes, number: int) -> dict[str, object]:
    """How an unreadable line is named in its answer.

    Args:
        raw: as for `read_prescription`.
        number: of the line, from 1.

    Returns:
        {"id": ...} where the line's own id can still be told, else {"line": number}.
    """
    try:
        given = _id_at_the_beginning(raw) if len(raw) > MOST_LINE_BYTES else _document(raw).get("id")
    except (ValueError, RecursionError, AttributeError):
        given = None
    fits = isinstance(given, str | int) and not isinstance(given, bool) and len(str(given)) <= LONGEST_ID
    return {"id": given} if fits else {"line": number}


def _document(raw: bytes) -> Any:
    return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)


def _id_at_the_beginning(raw: bytes) -> object:
    beginning = raw[:_BEGINNING_BYTES].decode("utf-8-sig", errors="ignore")
    match = _ID_FIRST.match(beginning)
    return None if match is None else json.loads(match["id"])


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
