"""What the doctor's and the pharmacist's desk show alike: ages, findings, pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import make_response
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.errors import N_
from tcm.review import SEVERITIES, SHIPPED, Finding, Severity
from tcm.services import hearing
from tcm.services.photographing import open_photograph
from web.auth import current_actor
from web.house import current_house, work
from web.i18n import language

SEVERITY_TERMS: dict[str, str] = {
    "none": N_("没有审核提示"),
    "warn": N_("提醒"),
    "return": N_("须修改"),
    "sign": N_("须再次签名"),
    "block": N_("不能开具"),
}
SEVERITY_TONES: dict[str, str] = {
    "none": "good",
    "warn": "work",
    "return": "warn",
    "sign": "warn",
    "block": "bad",
}


@dataclass(frozen=True)
class LabTerm:
    """What a laboratory test is called.

    Args:
        name: A msgid.
        unit: As it stands behind a value.
    """

    name: str
    unit: str


# Laboratory tests that bear on the review, by their key in `Encounter.labs`; in the order a form asks them.
LAB_TERMS: dict[str, LabTerm] = {
    "creatinine_umol_l": LabTerm(N_("肌酐"), "µmol/L"),
    "egfr_ml_min": LabTerm("eGFR", "mL/min"),
    "alt_u_l": LabTerm(N_("丙氨酸转氨酶 ALT"), "U/L"),
    "ast_u_l": LabTerm(N_("天冬氨酸转氨酶 AST"), "U/L"),
    "total_bilirubin_umol_l": LabTerm(N_("总胆红素"), "µmol/L"),
}
# Units of findings that are words; the others are written alike in every language.
UNIT_WORDS = (N_("g/日"), N_("天"), N_("味"), N_("倍"), N_("元"))
FEN = "分"
# A young child's age is written exactly. Source: 处方管理办法 第6条: 新生儿、婴幼儿写日、月龄.
MONTHS_BELOW_YEARS = 6


@dataclass(frozen=True)
class FindingShown:
    """A finding in the reader's language.

    Args:
        key: Its name within the prescription.
        severity: As the engine gives it.
        term: What that severity asks for.
        tone: Class of its colour.
        title: What its rule is called.
        herbs: As written.
        message: One sentence.
        value: What was found, with its unit; empty where the rule compares no figures.
        limit: What it was held against, with its unit.
        source: Clause and edition, as published.
        clears: What makes it go away.
        rules_version: Version of the rules that found it, empty where the page tells it elsewhere.
        signed: Whether a second signature answers it.
    """

    key: str
    severity: Severity
    term: str
    tone: str
    title: str
    herbs: tuple[str, ...]
    message: str
    value: str
    limit: str
    source: str
    clears: str
    rules_version: str
    signed: bool

    @property
    def open(self) -> bool:
        """Whether it keeps a prescription from being signed or approved."""
        return SEVERITIES.index(self.severity) > SEVERITIES.index("warn") and not self.signed


def show_findings(findings: Iterable[Finding], rules_version: str = "") -> list[FindingShown]:
    """Findings as a page shows them.

    Args:
        findings: Of the review engine.
        rules_version: Of the rules that found them, where each finding is to tell it.

    Returns:
        The same in the same order, in the reader's language; sources stay as published.
    """
    english = language() == "en"
    return [
        FindingShown(
            key=found.key,
            severity=found.severity,
            term=gettext(SEVERITY_TERMS[found.severity]),
            tone="good" if found.signed else SEVERITY_TONES[found.severity],
            title=rule_title(found.rule),
            herbs=found.herbs,
            message=found.message_en if english else found.message,
            value=amount_text(found.value, found.unit),
            limit=amount_text(found.limit, found.unit),
            source=found.source,
            clears=found.clears_en if english else found.clears,
            rules_version=version_text(rules_version),
            signed=found.signed,
        )
        for found in findings
    ]


def rule_title(rule: str) -> str:
    """What a rule is called.

    Args:
        rule: Its id.

    Returns:
        Its title in the reader's language; the id of a rule that is no longer shipped.
    """
    fact = current_house().knowledge.rules.get(rule)
    if fact is None:
        return rule
    return fact.title_en if language() == "en" else fact.title


def amount_text(value: float | None, unit: str) -> str:
    """A figure of a finding with its unit.

    Args:
        value: What was found or held against, None where there is none.
        unit: As the engine names it, empty for counts.

    Returns:
        Such as 16 g/日; money in yuan; empty without a value.
    """
    if value is None:
        return ""
    if unit == FEN:
        return f"{value / 100:.2f} {gettext('元')}"
    return f"{value:g} {gettext(unit)}" if unit else f"{value:g}"


def version_text(version: str) -> str:
    """What people call a version of the rules.

    Args:
        version: As stored, empty where none is known.

    Returns:
        The same; the rules as shipped in words.
    """
    return str(gettext(N_("出厂规则"))) if version == SHIPPED.version else version


def show_labs(labs: Mapping[str, float]) -> list[str]:
    """Laboratory values as a page shows them.

    Args:
        labs: Value by test, as in `Encounter.labs`.

    Returns:
        Such as 肌酐 132 µmol/L, in the order of the form.
    """
    return [
        f"{gettext(term.name)} {labs[test]:g} {term.unit}" for test, term in LAB_TERMS.items() if test in labs
    ]


def age_text(born_on: date, on: date) -> str:
    """An age as a prescription states it: days for the newborn, months for infants, then years.

    Args:
        born_on: Date of birth.
        on: The day it is asked for.

    Returns:
        Such as 12天, 7个月, 3岁2个月, 46岁.
    """
    months = (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)
    years, rest = divmod(max(0, months), 12)
    if years >= MONTHS_BELOW_YEARS or (years and not rest):
        return str(gettext(N_("%(years)s岁"), years=years))
    if years:
        return str(gettext(N_("%(years)s岁%(months)s个月"), years=years, months=rest))
    if rest:
        return str(gettext(N_("%(months)s个月"), months=rest))
    return str(gettext(N_("%(days)s天"), days=max(0, (on - born_on).days)))


def picture_response(photograph_id: int, *, overlay: bool) -> Response:
    """A photograph for the person who is logged in; the look is audited, and no cache keeps it.

    Args:
        photograph_id: Which.
        overlay: True for the picture with the findings drawn in.

    Returns:
        The JPEG.

    Raises:
        NotFound: When there is no such photograph.
        Forbidden: When it belongs to another house.
    """
    with work() as open_work:
        data = open_photograph(open_work, current_actor(), photograph_id, overlay=overlay)
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def sign_list(signs: Iterable[str]) -> str:
    """What a patient ticked who feels worse, in the reader's language.

    Args:
        signs: Of the table.

    Returns:
        Joined.
    """
    if language() != "en":
        return "、".join(signs)
    english = {each.sign: each.sign_en for each in hearing.SIGNS}
    return ", ".join(english.get(sign, sign) for sign in signs)
