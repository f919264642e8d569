"""How two versions of an agreed formula differ."""

from hypothesis import given
from hypothesis import strategies as st

from tcm.review import Line
from tcm.services.recipes import LineChange, Recipe, compare
from tests.tcm.county import KNOWLEDGE


def with_lines(*lines: Line) -> Recipe:
    return Recipe(lines, ("脾虚湿困证",))


def test_two_versions_are_compared_herb_by_herb() -> None:
    before = with_lines(Line("党参", 12.0), Line("茯苓", 12.0), Line("陈皮", 6.0), Line("砂仁", 6.0))
    after = with_lines(
        Line("茯苓", 15.0), Line("潞党参", 12.0), Line("砂仁", 6.0, "后下"), Line("山药", 15.0)
    )
    assert compare(before, after, KNOWLEDGE) == (
        LineChange("茯苓", Line("茯苓", 12.0), Line("茯苓", 15.0)),
        LineChange("陈皮", Line("陈皮", 6.0), None),
        LineChange("砂仁", Line("砂仁", 6.0), Line("砂仁", 6.0, "后下")),
        LineChange("山药", None, Line("山药", 15.0)),
    )


LINES = st.lists(
    st.builds(Line, st.sampled_from(list(KNOWLEDGE.herbs)[:12]), st.sampled_from([6.0, 9.0])),
    unique_by=lambda line: line.herb,
)


@given(LINES, LINES)
def test_what_changed_applied_to_the_older_version_gives_the_newer(
    before: list[Line], after: list[Line]
) -> None:
    changes = compare(with_lines(*before), with_lines(*after), KNOWLEDGE)
    lines = {line.herb: line for line in before}
    for one in changes:
        lines.pop(one.herb, None)
        if one.after is not None:
            lines[one.herb] = one.after
    assert lines == {line.herb: line for line in after}
    assert all(one.before != one.after for one in changes)
