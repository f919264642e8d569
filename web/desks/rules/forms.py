"""What the rules' pages send, and a form read into the settings of a version."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from flask_babel import gettext
from pydantic import Field
from werkzeug.datastructures import MultiDict

from tcm.knowledge import Knowledge
from tcm.knowledge.rules import RuleFact
from tcm.records.errors import N_, Invalid
from tcm.review import RuleSet, RuleSetting, problems
from tcm.review.rule_set import Problem
from web.desks.rules.shown import (
    TypedRules,
    figure_name,
    figure_text,
    severities_of,
    severity_term,
)
from web.door import WHOLE, Form, Rejected, RowId, clean, parse

INCOMPLETE = N_("规则表与现在的不一致，请刷新后再改。")
_SENTENCES = {
    "locked": N_("法规强制的规则不能关闭。"),
    "below_floor": N_("法规要求不低于“%(floor)s”。"),
    "out_of_range": N_("要在 %(least)s 到 %(most)s 之间。"),
}


class BeginForm(Form):
    """A new draft."""

    request_key: str = Field(min_length=8, max_length=64)


class SettingRow(Form):
    """The severity of one rule."""

    rule: str = Field(max_length=40)
    severity: Literal["warn", "return", "sign", "block"]


class FigureRow(Form):
    """One parameter, named rule.key."""

    figure: str = Field(max_length=80)
    value: float


class RulesForm(Form):
    """A whole version; `seen` tells when the draft was last changed before the page was opened."""

    seen: datetime
    note: str = Field(default="", max_length=400)
    enabled: list[str] = Field(default=[])
    settings: list[SettingRow] = Field(default=[])
    figures: list[FigureRow] = Field(default=[])


class SeenForm(Form):
    """A decision on a draft as it was read."""

    seen: datetime


class ReplayForm(Form):
    """Since when past prescriptions are tried."""

    since: date
    request_key: str = Field(min_length=8, max_length=64)


class RunForm(Form):
    """Which of a version's replays is shown, the newest where none is named."""

    run: RowId | None = None


class PeriodForm(Form):
    """From which day to which the statistics count, both included."""

    since: date
    until: date


class RulesRejected(Invalid):
    """A version that cannot be kept as it was typed.

    Args:
        typed: What stands in the form, with a sentence at each field that is wrong.
        note: As typed.
    """

    def __init__(self, typed: TypedRules, note: str) -> None:
        super().__init__(WHOLE, count=len(typed.errors))
        self.typed = typed
        self.note = note


def read_rules(form: MultiDict[str, str], knowledge: Knowledge) -> tuple[RulesForm, dict[str, RuleSetting]]:
    """The form of a whole version.

    Args:
        form: Flask's `request.form`.
        knowledge: The shipped rules.

    Returns:
        The form, and what it sets differently from the shipped rules.

    Raises:
        RulesRejected: With a sentence at every field that is wrong.
        Invalid: When the form's rows are not the rules there are.
    """
    if not _is_even(form):
        raise Invalid(INCOMPLETE)
    try:
        read = parse(RulesForm, form)
    except Rejected as rejected:
        errors = _named_errors(form, rejected.typed.errors)
        errors = {**_errors_beside(form, errors, knowledge), **errors}
        raise RulesRejected(typed_rules(form, errors), clean(form.get("note", ""))) from rejected
    figures = {row.figure: row.value for row in read.figures}
    severities = {row.rule: row.severity for row in read.settings}
    _demand_all_rows(severities, figures, knowledge)
    settings = {
        rule: _setting(fact, rule in read.enabled, severities[rule], figures, knowledge)
        for rule, fact in knowledge.rules.items()
    }
    settings = {rule: setting for rule, setting in settings.items() if setting != RuleSetting()}
    errors = {
        figure_name(each.rule, each.key) if each.key else each.rule: _sentence(each, knowledge)
        for each in problems(RuleSet("", settings), knowledge)
    }
    if errors:
        raise RulesRejected(typed_rules(form, errors), read.note)
    return read, settings


def typed_rules(form: MultiDict[str, str], errors: Mapping[str, str]) -> TypedRules:
    """What stands in a form, by rule and figure.

    Args:
        form: Flask's `request.form`.
        errors: Sentence by rule or figure.

    Returns:
        The same values by name.
    """
    return TypedRules(
        enabled=frozenset(form.getlist("enabled")),
        severities=dict(zip(form.getlist("rule"), form.getlist("severity"), strict=False)),
        figures={
            name: clean(text)
            for name, text in zip(form.getlist("figure"), form.getlist("value"), strict=False)
        },
        errors=errors,
    )


def _setting(
    fact: RuleFact, ticked: bool, severity: str, figures: Mapping[str, float], knowledge: Knowledge
) -> RuleSetting:
    # A rule that may not be switched off has a box that browsers do not send.
    enabled = ticked or bool(fact.floor)
    known = knowledge.rule_parameters.get(fact.rule, {})
    return RuleSetting(
        enabled=None if enabled == fact.enabled else enabled,
        severity=None if severity == fact.severity else severity,  # type: ignore[arg-type]
        parameters={
            key: value
            for key, parameter in known.items()
            if (value := figures[figure_name(fact.rule, key)]) != parameter.value
        },
    )


def _is_even(form: MultiDict[str, str]) -> bool:
    """Whether every severity has its rule and every value its figure, so that a sentence finds its row."""
    pairs = (("rule", "severity"), ("figure", "value"))
    return all(len(form.getlist(name)) == len(form.getlist(column)) for name, column in pairs)


def _demand_all_rows(
    severities: Mapping[str, str], figures: Mapping[str, float], knowledge: Knowledge
) -> None:
    expected = {figure_name(rule, key) for rule, known in knowledge.rule_parameters.items() for key in known}
    # A page from before an update would set the rules it does not know to what was shipped.
    if severities.keys() != knowledge.rules.keys() or figures.keys() != expected:
        raise Invalid(INCOMPLETE)


def _sentence(problem: Problem, knowledge: Knowledge) -> str:
    fact = knowledge.rules[problem.rule]
    values = {"floor": severity_term(severities_of(fact)[0])}
    if problem.key:
        parameter = knowledge.rule_parameters[problem.rule][problem.key]
        values |= {"least": figure_text(parameter.minimum), "most": figure_text(parameter.maximum)}
    return str(gettext(_SENTENCES[problem.what], **values))


def _errors_beside(
    form: MultiDict[str, str], errors: Mapping[str, str], knowledge: Knowledge
) -> Mapping[str, str]:
    """What else is wrong beside figures that cannot be read, so that all is told at once."""
    shipped = {
        figure_name(rule, key): figure_text(parameter.value)
        for rule, known in knowledge.rule_parameters.items()
        for key, parameter in known.items()
    }
    if not errors.keys() <= shipped.keys():
        return {}
    mended = form.copy()
    rows = zip(form.getlist("figure"), form.getlist("value"), strict=True)
    mended.setlist("value", [shipped[name] if name in errors else text for name, text in rows])
    try:
        read_rules(mended, knowledge)
    except RulesRejected as rejected:
        return rejected.typed.errors
    except Invalid:
        # The rows are not the rules there are; that is said when the figures can be read.
        return {}
    return {}


def _named_errors(form: MultiDict[str, str], errors: Mapping[tuple[str, int | None], str]) -> dict[str, str]:
    """Sentences by the rule or figure that their row belongs to; the others by their own name."""
    names = {"severity": form.getlist("rule"), "value": form.getlist("figure")}
    return {
        names[column][row] if row is not None and column in names else column: sentence
        for (column, row), sentence in errors.items()
    }
