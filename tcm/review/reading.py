"""A case with its lines read: names resolved, decoction notes understood."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tcm.knowledge import Herb, Knowledge, Resolution
from tcm.review.model import Case, Line


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
    def fresh(self) -> bool:
        """Whether the fresh herb was written."""
        return self.resolution.form == "鲜"


@dataclass(frozen=True)
class Reading:
    """A case beside the knowledge, as every rule receives it."""

    case: Case
    knowledge: Knowledge
    lines: tuple[ReadLine, ...]

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
        """How the herbs of these standard names are written in the prescription, each spelling once."""
        return tuple(dict.fromkeys(line.written for line, herb in self.mentions() if herb.name in names))


def read_case(case: Case, knowledge: Knowledge) -> Reading:
    """Resolve every line of a case.

    Args:
        case: the prescription.
        knowledge: the tables.

    Returns:
        The reading; its lines stand in an order that does not depend on the order written.
    """
    lines = [_read_line(line, knowledge) for line in case.lines]
    lines.sort(key=lambda read: (read.resolution.name or "", read.written, read.line.grams))
    return Reading(case, knowledge, tuple(lines))


def _read_line(line: Line, knowledge: Knowledge) -> ReadLine:
    resolution = knowledge.names.resolve(line.herb)
    names: tuple[str, ...] = ()
    if resolution.name is not None:
        names = (resolution.name,)
    elif resolution.status == "ambiguous":
        names = resolution.candidates
    handling = knowledge.handlings(line.decoction_note) | knowledge.handlings(resolution.handling)
    return ReadLine(line, resolution, tuple(knowledge.herbs[name] for name in names), handling)
