"""What an institution may set of the rules, and what is kept of it."""

from collections.abc import Mapping

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, Invalid
from tcm.review import Problem, RuleSet, RuleSetting, problems

PROBLEM_SENTENCES = {
    "unknown_rule": N_("没有名为“%(title)s”的审核规则。"),
    "locked": N_("“%(title)s”出自法规，不能停用。"),
    "below_floor": N_("“%(title)s”不能设得比规定的最低级别更轻。"),
    "unknown_parameter": N_("“%(title)s”没有名为“%(key)s”的参数。"),
    "out_of_range": N_("“%(title)s”的“%(key)s”须在 %(minimum)s 到 %(maximum)s 之间。"),
}


def refuse_problems(rule_set: RuleSet, knowledge: Knowledge) -> None:
    """Let settings pass that an institution may make, or refuse.

    Args:
        rule_set: As proposed.
        knowledge: The shipped rules with their floors and ranges.

    Raises:
        Invalid: With a sentence that names the rule and what is wrong with its setting.
    """
    first = next(iter(problems(rule_set, knowledge)), None)
    if first is not None:
        raise Invalid(PROBLEM_SENTENCES[first.what], **_told(first, knowledge))


def _told(problem: Problem, knowledge: Knowledge) -> dict[str, object]:
    fact = knowledge.rules.get(problem.rule)
    told: dict[str, object] = {"title": problem.rule if fact is None else fact.title}
    if problem.key:
        told["key"] = problem.key
    if problem.what == "out_of_range":
        figure = knowledge.rule_parameters[problem.rule][problem.key]
        told |= {"key": figure.note, "minimum": _plain(figure.minimum), "maximum": _plain(figure.maximum)}
    return told


def _plain(figure: float) -> str:
    return f"{figure:.10g}"


def differing(settings: Mapping[str, RuleSetting], knowledge: Knowledge) -> dict[str, dict[str, object]]:
    """What is kept of a version: only that which is not as shipped.

    Args:
        settings: By rule; without problems.
        knowledge: The shipped rules.

    Returns:
        Rule id to {"enabled", "severity", "parameters"}, for JSON.
    """
    kept: dict[str, dict[str, object]] = {}
    for rule, setting in sorted(settings.items()):
        fact, shipped = knowledge.rules[rule], knowledge.rule_parameters.get(rule, {})
        enabled = None if setting.enabled == fact.enabled else setting.enabled
        severity = None if setting.severity == fact.severity else setting.severity
        parameters = {k: value for k, value in setting.parameters.items() if value != shipped[k].value}
        if enabled is not None or severity is not None or parameters:
            kept[rule] = {"enabled": enabled, "severity": severity, "parameters": parameters}
    return kept
