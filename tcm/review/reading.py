"""A case with its lines read: names resolved, decoction notes understood."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tcm.knowledge import Herb, Knowledge, Resolution
from tcm.knowledge.rules import RuleFact
from tcm.review.model import Case, Line
from tcm.review.rule_set import RuleSet, RulesInUse


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line and what it means.

    `herbs` holds the one herb of a clear name, every candidate of an ambiguous one, none of an unknown one.
    """

    line: Line
    resolution: Resolution
    herbs: tuple[Herb, ...]
    handling: frozenset[str]

    @property
    def written(self) -> str:
        """The herb as written."""
        return self.line.herb

    @property
    def herb(self) -> Herb | None:
        """The herb, where the name is clear."""
        return self.herbs[0] if self.resolution.status == "ok" else None

    @property
    def form(self) -> str:
        """How the herb was processed, as the name says: 麸炒, 鲜, 粉, or empty."""
        herb = self.herb
        return self.resolution.form or (herb.form if herb is not None else "")

    @property
    def fresh(self) -> bool:
        """Whether the fresh herb was written."""
        return self.resolution.form == "鲜"


@dataclass(frozen=True)
class Reading:
    """A case beside the knowledge and the rules in use, as every rule receives it."""

    case: Case
    knowledge: Knowledge
    rules: RulesInUse
    lines: tuple[ReadLine, ...]

    def fact(self, rule: str) -> RuleFact:
        """A rule's row."""
        return self.knowledge.rules[rule]

    @cached_property
    def clear_lines(self) -> tuple[tuple[ReadLine, Herb], ...]:
        """Lines whose name is clear, each with its herb."""
        return tuple((line, line.herb) for line in self.lines if line.herb is not None)

    def mentions(self) -> Iterator[tuple[ReadLine, Herb]]:
        """Every line with every herb it may mean: an ambiguous name is held against all its candidates."""
        for line in self.lines:
            for herb in line.herbs:
                yield line, herb

    def written_as(self, names: frozenset[str]) -> tuple[str, ...]:
        """How the herbs of these monographs are written in the prescription, each spelling once."""
        return tuple(dict.fromkeys(line.written for line, herb in self.mentions() if herb.monograph in names))


def read_case(case: Case, knowledge: Knowledge, rule_set: RuleSet) -> Reading:
    """Resolve every line of a case.

    Args:
        case: the prescription.
        knowledge: the tables.
        rule_set: the version of the rules to hold it against.

    Returns:
        The reading; its lines stand in an order that does not depend on the order written.
    """
    lines = [read_line(line, knowledge) for line in case.lines]
    lines.sort(key=lambda read: (read.resolution.name or "", read.written, read.line.grams))
    return Reading(case, knowledge, RulesInUse(rule_set, knowledge, case.written_on), tuple(lines))


def read_line(line: Line, knowledge: Knowledge) -> ReadLine:
    """Resolve one line.

    Args:
        line: as written.
        knowledge: the tables.

    Returns:
        The line with what it means.
    """
    resolution = knowledge.names.resolve(line.herb)
    names: tuple[str, ...] = ()
    if resolution.name is not None:
        names = (resolution.name,)
    elif resolution.status == "ambiguous":
        names = resolution.candidates
    handling = knowledge.handlings(line.decoction_note) | knowledge.handlings(resolution.handling)
    return ReadLine(line, resolution, tuple(knowledge.herbs[name] for name in names), handling)
