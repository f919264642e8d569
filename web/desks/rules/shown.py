"""The rules as a page shows them: each beside what was shipped, and one version beside another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flask_babel import gettext

from tcm.knowledge import Knowledge
from tcm.knowledge.rules import RuleFact, RuleParameter
from tcm.records.errors import N_
from tcm.review import SEVERITIES
from tcm.services.ruling import RuleView
from web.desks.rules.words import grouped, unit_of
from web.desks.shown import SEVERITY_TERMS
from web.i18n import language

ON, OFF = N_("开"), N_("关")


@dataclass(frozen=True)
class FigureShown:
    """One figure of a rule.

    Args:
        key: Of the parameter.
        name: Of its field in the form.
        label: What it is, in the reader's language.
        text: Its value as written, or as it was typed.
        unit: In the reader's language.
        shipped: The shipped value as written.
        minimum: The least an institution may set.
        maximum: The most.
        source: Where the shipped value comes from.
        error: What is wrong with what was typed.
    """

    key: str
    name: str
    label: str
    text: str
    unit: str
    shipped: str
    minimum: str
    maximum: str
    source: str
    error: str = ""

    @property
    def differs(self) -> bool:
        """Whether it is not the shipped one."""
        return self.text != self.shipped


@dataclass(frozen=True)
class RuleShown:
    """One rule in the reader's language.

    Args:
        rule: Its id.
        kind: Kind of its findings.
        title: What it is called.
        other_title: The same in the other language.
        enabled: Whether it runs.
        shipped_enabled: Whether it runs as shipped.
        severity: Of its findings.
        shipped_severity: As shipped.
        is_mandatory: Whether it cannot be switched off.
        severities: What may be chosen.
        figures: Its parameters.
        clears: What makes a finding go away.
        effective_from: Its first day.
        effective_to: Its last day, None while it has no end.
        source: Where it comes from.
        edition: Of the source.
        error: What is wrong with the choice of the severity.
    """

    rule: str
    kind: str
    title: str
    other_title: str
    enabled: bool
    shipped_enabled: bool
    severity: str
    shipped_severity: str
    is_mandatory: bool
    severities: tuple[str, ...]
    figures: tuple[FigureShown, ...]
    clears: str
    effective_from: date
    effective_to: date | None
    source: str
    edition: str
    error: str = ""

    @property
    def figure_sources(self) -> list[str]:
        """Where its shipped figures come from, each source once."""
        return list(dict.fromkeys(figure.source for figure in self.figures))

    @property
    def differs(self) -> bool:
        """Whether anything of it is not as shipped."""
        return (self.enabled, self.severity) != (self.shipped_enabled, self.shipped_severity) or any(
            figure.differs for figure in self.figures
        )


@dataclass(frozen=True)
class Change:
    """One thing that another version does otherwise.

    Args:
        what: Switch, severity, or the label of a figure, in the reader's language.
        before: As it is.
        after: As it would be.
    """

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class RuleChange:
    """A rule that another version treats otherwise.

    Args:
        rule: Its id.
        title: In the reader's language.
        changes: What differs; at least one.
    """

    rule: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class TypedRules:
    """What stands in a form that was refused, by rule and by figure.

    Args:
        enabled: Ids of the rules that are ticked.
        severities: By rule.
        figures: Text by the field's name.
        errors: Sentence by rule (of its severity) or by a figure's name.
    """

    enabled: frozenset[str] = frozenset()
    severities: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def show_rules(
    rules: Sequence[RuleView], knowledge: Knowledge, typed: TypedRules | None = None
) -> dict[str, list[RuleShown]]:
    """A version of the rules as a page shows it.

    Args:
        rules: Every rule of the version.
        knowledge: The shipped rules.
        typed: What stands in a form that was refused, shown instead.

    Returns:
        Rules by the group's name in the reader's language.
    """
    shown = {view.fact.rule: _show(view, knowledge) for view in rules}
    if typed is not None:
        shown = {rule: _as_typed(each, typed) for rule, each in shown.items()}
    return {
        gettext(group): [shown[rule] for rule in members] for group, members in grouped(knowledge).items()
    }


def show_changes(
    before: Sequence[RuleView], after: Sequence[RuleView], knowledge: Knowledge
) -> list[RuleChange]:
    """What one version does otherwise than another.

    Args:
        before: Every rule as it is now.
        after: Every rule as it would be.
        knowledge: The shipped rules.

    Returns:
        The rules that differ, in the order of the table.
    """
    pairs = [(_show(old, knowledge), _show(new, knowledge)) for old, new in zip(before, after, strict=True)]
    changes = (RuleChange(old.rule, old.title, tuple(_changes(old, new))) for old, new in pairs)
    return [change for change in changes if change.changes]


def severities_of(fact: RuleFact) -> tuple[str, ...]:
    """The severities that an institution may give a rule, mildest first.

    Args:
        fact: The rule.

    Returns:
        From its floor on; never without any.
    """
    return SEVERITIES[SEVERITIES.index(fact.floor or "warn") :]


def figure_name(rule: str, key: str) -> str:
    """How a parameter is called in the form."""
    return f"{rule}.{key}"


def figure_text(value: float) -> str:
    """A figure without trailing zeros: 7.0 is 7."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def title_of(fact: RuleFact) -> str:
    """A rule's title in the reader's language."""
    return fact.title_en if language() == "en" else fact.title


def _show(view: RuleView, knowledge: Knowledge) -> RuleShown:
    fact = view.fact
    english = language() == "en"
    return RuleShown(
        rule=fact.rule,
        kind=fact.kind,
        title=title_of(fact),
        other_title=fact.title if english else fact.title_en,
        enabled=view.enabled,
        shipped_enabled=fact.enabled,
        severity=view.severity,
        shipped_severity=fact.severity,
        is_mandatory=bool(fact.floor),
        severities=severities_of(fact),
        figures=tuple(
            _figure(parameter, view.parameters[key])
            for key, parameter in knowledge.rule_parameters.get(fact.rule, {}).items()
        ),
        clears=fact.clears_en if english else fact.clears,
        effective_from=fact.effective_from,
        effective_to=fact.effective_to,
        source=fact.source,
        edition=fact.edition,
    )


def _figure(parameter: RuleParameter, value: float) -> FigureShown:
    return FigureShown(
        key=parameter.key,
        name=figure_name(parameter.rule, parameter.key),
        label=parameter.note_en if language() == "en" else parameter.note,
        text=figure_text(value),
        unit=gettext(unit_of(parameter)),
        shipped=figure_text(parameter.value),
        minimum=figure_text(parameter.minimum),
        maximum=figure_text(parameter.maximum),
        source=f"{parameter.source}（{parameter.edition}）",
    )


def _as_typed(shown: RuleShown, typed: TypedRules) -> RuleShown:
    return replace(
        shown,
        enabled=shown.is_mandatory or shown.rule in typed.enabled,
        severity=typed.severities.get(shown.rule, shown.severity),
        error=typed.errors.get(shown.rule, ""),
        figures=tuple(
            replace(
                figure,
                text=typed.figures.get(figure.name, figure.text),
                error=typed.errors.get(figure.name, ""),
            )
            for figure in shown.figures
        ),
    )


def _changes(before: RuleShown, after: RuleShown) -> Iterator[Change]:
    if before.enabled != after.enabled:
        yield Change(gettext("开关"), _switch(before.enabled), _switch(after.enabled))
    if before.severity != after.severity:
        yield Change(gettext("严重度"), severity_term(before.severity), severity_term(after.severity))
    for old, new in zip(before.figures, after.figures, strict=True):
        if old.text != new.text:
            yield Change(old.label, f"{old.text} {old.unit}".strip(), f"{new.text} {new.unit}".strip())


def _switch(enabled: bool) -> str:
    return str(gettext(ON if enabled else OFF))


def severity_term(severity: str) -> str:
    """What a severity asks for, in the reader's language."""
    return str(gettext(SEVERITY_TERMS[severity]))
