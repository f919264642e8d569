"""A case with its lines read: names resolved, decoction notes understood."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tcm.knowledge import Herb, Knowledge, Resolution
from tcm.knowledge.rules import RuleFact
from tcm.review.model import Case, Line, Supply
from tcm.review.rule_set import RuleSet, RulesInUse

_NOTHING: frozenset[str] = frozenset()


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


@dataclass(frozen=True, slots=True)
class DoseGroup:
    """Lines whose grams add up, under the name they add up under; `herb` is what the first of them means."""

    name: str
    herb: Herb
    lines: tuple[ReadLine, ...]

    @property
    def written(self) -> tuple[str, ...]:
        """The herbs as written, one for each line."""
        return tuple(line.written for line in self.lines)

    def daily_g(self, doses_per_day: float) -> float:
        """Grams a day of all its lines."""
        return sum(line.line.grams for line in self.lines) * doses_per_day


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
        return _clear(self.lines)

    @cached_property
    def dose_groups(self) -> tuple[DoseGroup, ...]:
        """Lines of clear names with grams above nothing, gathered by dose group, in the order of its name."""
        return _by_dose_group(self.clear_lines)

    @cached_property
    def earlier(self) -> tuple[tuple[Supply, tuple[DoseGroup, ...]], ...]:
        """What the patient still has of other prescriptions, each supply with its herbs by dose group."""
        return tuple(
            (supply, _by_dose_group(_clear(tuple(read_line(line, self.knowledge) for line in supply.lines))))
            for supply in sorted(self.case.earlier, key=lambda supply: (supply.label, supply.days_left))
        )

    @cached_property
    def _mentions(self) -> tuple[tuple[ReadLine, Herb], ...]:
        return tuple((line, herb) for line in self.lines for herb in line.herbs)

    def mentions(self) -> Iterator[tuple[ReadLine, Herb]]:
        """Every line with every herb it may mean: an ambiguous name is held against all its candidates."""
        return iter(self._mentions)

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
    lines.sort(
        key=lambda read: (
            read.resolution.name or "",
            read.written,
            read.line.grams,
            read.line.decoction_note,
        )
    )
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
    noted = "，".join(filter(None, (line.decoction_note, resolution.handling)))
    handling = knowledge.handlings(noted) if noted else _NOTHING
    return ReadLine(line, resolution, tuple(knowledge.herbs[name] for name in names), handling)


def _clear(lines: Sequence[ReadLine]) -> tuple[tuple[ReadLine, Herb], ...]:
    return tuple((line, herb) for line in lines if (herb := line.herb) is not None)


def _by_dose_group(clear_lines: Sequence[tuple[ReadLine, Herb]]) -> tuple[DoseGroup, ...]:
    groups: dict[str, list[tuple[ReadLine, Herb]]] = defaultdict(list)
    for line, herb in clear_lines:
        if line.line.grams > 0:
            groups[herb.dose_group].append((line, herb))
    return tuple(
        DoseGroup(name, members[0][1], tuple(line for line, _ in members))
        for name, members in sorted(groups.items(), key=lambda group: group[0])
    )
