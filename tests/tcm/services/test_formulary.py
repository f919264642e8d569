"""Agreed formulas: written by one, approved by another, one version in force."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from tcm.knowledge import load
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused
from tcm.records.governance import AgreedFormula, RuleVersion, Standing
from tcm.records.roles import Actor, Role
from tcm.review import Line
from tcm.services import formulary
from tcm.services.recipes import Recipe, fingerprint, recipe_of
from tests.tcm.county import County

NAME = "健脾化湿方"
KNOWLEDGE = load()
RECIPE = Recipe(
    items=(
        Line("党参", 12.0),
        Line("麸炒白术", 12.0),
        Line("茯苓", 15.0),
        Line("砂仁", 6.0, "后下"),
        Line("炙甘草", 6.0),
    ),
    syndromes=("脾虚湿困证", "脾胃气虚证"),
    usage="每日1剂，水煎400ml，分早晚两次饭后温服",
    note="由四君子汤化裁",
)


def with_lines(*lines: Line) -> Recipe:
    return replace(RECIPE, items=lines)


def drafted(
    county: County, recipe: Recipe = RECIPE, by: Actor | None = None, name: str = NAME
) -> AgreedFormula:
    return county.do(
        formulary.draft, by or county.pharmacist, county.knowledge, name, recipe, county.new_key()
    )


def approve(county: County, formula: AgreedFormula, by: Actor | None = None) -> AgreedFormula:
    return county.do(
        formulary.approve,
        by or county.colleague,
        county.knowledge,
        formula.id or 0,
        fingerprint(formula),
    )


def approved(county: County, recipe: Recipe = RECIPE, name: str = NAME) -> AgreedFormula:
    return approve(county, drafted(county, recipe, name=name))


def standings(county: County, institution_id: int | None = None) -> list[tuple[int, Standing]]:
    with county.work() as work:
        versions = work.agreed_formulas.versions(institution_id or county.centre.id or 0, NAME)
        return [(one.version, one.standing) for one in versions]


def test_a_draft_keeps_what_was_written_and_by_whom(county: County) -> None:
    made = drafted(county)
    with county.work() as work:
        kept = work.agreed_formulas.get(made.id or 0)
    assert (kept.name, kept.version, kept.standing) == (NAME, 1, Standing.DRAFT)
    assert (kept.institution_id, kept.made_by_id) == (county.centre.id, county.pharmacist.staff_id)
    assert recipe_of(kept) == RECIPE
    assert (kept.approved_by_id, kept.approved_at, kept.rules_version) == (None, None, "")


def test_the_next_draft_of_a_name_is_its_next_version_and_a_form_sent_twice_makes_one(county: County) -> None:
    drafted(county)
    key = county.new_key()
    both = [
        county.do(formulary.draft, county.colleague, county.knowledge, NAME, RECIPE, key) for _ in range(2)
    ]
    assert [(one.id, one.version) for one in both] == [(both[0].id, 2)] * 2
    assert standings(county) == [(2, Standing.DRAFT), (1, Standing.DRAFT)]


def test_another_person_puts_it_in_force_and_the_version_before_is_retired(county: County) -> None:
    first = approved(county)
    second = approved(county, replace(RECIPE, note="加陈皮前的一版"))
    assert standings(county) == [(2, Standing.IN_FORCE), (1, Standing.RETIRED)]
    with county.work() as work:
        former, now = (work.agreed_formulas.get(one.id or 0) for one in (first, second))
    assert (now.approved_by_id, now.rules_version) == (county.colleague.staff_id, "shipped")
    assert now.approved_at is not None
    assert former.retired_at == now.approved_at
    assert former.approved_by_id == county.colleague.staff_id


def test_the_writer_does_not_approve_and_the_approver_must_be_a_qualified_reviewer(county: County) -> None:
    made = drafted(county)
    for actor in (county.pharmacist, county.novice, county.untrained):
        with pytest.raises(Forbidden):
            approve(county, made, actor)
    assert standings(county) == [(1, Standing.DRAFT)]


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        (Line("石膏", 20.0), "return"),
        (Line("细辛", 6.0), "sign"),
        (Line("生川乌", 1.0, "先煎"), "block"),
    ],
)
def test_what_review_would_hold_back_is_not_put_in_force(county: County, line: Line, severity: str) -> None:
    recipe = with_lines(*RECIPE.items, line)
    found = county.do(formulary.preview, county.pharmacist, county.knowledge, recipe)
    assert found[0].severity == severity
    made = drafted(county, recipe)
    with pytest.raises(Invalid, match="不能批准"):
        approve(county, made)
    assert standings(county) == [(1, Standing.DRAFT)]


def test_it_is_checked_with_the_rules_of_its_house_and_keeps_their_version(county: County) -> None:
    stricter = {"herb_count": {"enabled": True, "severity": "return", "parameters": {"most_herbs": 5}}}
    made = drafted(county, with_lines(*RECIPE.items, Line("陈皮", 6.0)))
    with county.work() as work:
        work.rule_versions.add(
            RuleVersion(
                institution_id=county.centre.id or 0,
                version="2026-11-21.1",
                standing=Standing.IN_FORCE,
                settings=stricter,
                made_by_id=county.pharmacist.staff_id,
                made_at=work.now,
                request_key=county.new_key(),
            )
        )
        work.commit()
    with pytest.raises(Invalid, match="1 条"):
        approve(county, made)
    shorter = approved(county, with_lines(*RECIPE.items[:4]))
    assert shorter.rules_version == "2026-11-21.1"


def test_a_draft_is_changed_by_its_writer_alone_and_nothing_else_is_ever_changed(county: County) -> None:
    made = drafted(county)
    shorter = with_lines(*RECIPE.items[:4])
    with pytest.raises(Forbidden):
        county.do(formulary.change, county.colleague, county.knowledge, made.id or 0, shorter)
    changed = county.do(formulary.change, county.pharmacist, county.knowledge, made.id or 0, shorter)
    assert recipe_of(changed) == shorter
    approve(county, changed)
    with pytest.raises(IllegalMove):
        county.do(formulary.change, county.pharmacist, county.knowledge, made.id or 0, RECIPE)


def test_a_draft_changed_since_it_was_shown_is_not_approved_unseen(county: County) -> None:
    shown = drafted(county)
    seen = fingerprint(shown)
    shorter = with_lines(*RECIPE.items[:4])
    county.do(formulary.change, county.pharmacist, county.knowledge, shown.id or 0, shorter)
    with pytest.raises(Invalid, match="改动过"):
        county.do(formulary.approve, county.colleague, county.knowledge, shown.id or 0, seen)


def test_an_older_draft_does_not_come_into_force_over_a_newer_version(county: County) -> None:
    older = drafted(county)
    newer = approved(county)
    with pytest.raises(IllegalMove, match="更新的版本"):
        approve(county, older)
    county.do(formulary.retire, county.colleague, newer.id or 0)
    with pytest.raises(IllegalMove, match="更新的版本"):
        approve(county, older)


def test_approving_and_retiring_twice_is_nothing_new(county: County) -> None:
    made = approved(county)
    assert approve(county, made).approved_at == made.approved_at
    with pytest.raises(IllegalMove):
        approve(county, made, county.pharmacist)
    gone = county.do(formulary.retire, county.colleague, made.id or 0)
    again = county.do(formulary.retire, county.colleague, made.id or 0)
    assert (again.standing, again.retired_at) == (Standing.RETIRED, gone.retired_at)
    with pytest.raises(IllegalMove):
        approve(county, made)


def test_a_formula_in_force_is_retired_by_a_qualified_pharmacist_a_draft_also_by_its_writer(
    county: County,
) -> None:
    own = drafted(county, by=county.doctor)
    for actor in (county.other_doctor, county.novice, county.manager):
        with pytest.raises(Forbidden):
            county.do(formulary.retire, actor, own.id or 0)
    county.do(formulary.retire, county.doctor, own.id or 0)
    another = approve(county, drafted(county, by=county.doctor))
    with pytest.raises(Forbidden):
        county.do(formulary.retire, county.doctor, another.id or 0)
    assert county.do(formulary.retire, county.pharmacist, another.id or 0).standing is Standing.RETIRED


@pytest.mark.parametrize("name", ["健", "健" * 21, "四君子汤", "四 君子汤", "​ "])
def test_a_name_is_of_two_to_twenty_characters_and_no_classic(county: County, name: str) -> None:
    with pytest.raises(Invalid):
        drafted(county, name=name)


def test_a_name_is_kept_in_one_spelling(county: County) -> None:
    drafted(county, name="健脾化湿方")
    assert drafted(county, name=" 健脾 化湿\u200b方").version == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"items": ()}, "1 至 40 味"),
        ({"items": tuple(Line(name, 6.0) for name in list(KNOWLEDGE.herbs)[:41])}, "1 至 40 味"),
        ({"items": (Line("党叁", 9.0),)}, "没有“党叁”这味药，是不是 党参、"),
        ({"items": (Line("qqq", 9.0),)}, "没有“qqq”这味药。"),
        ({"items": (Line("党参", 9.0), Line("潞党参", 9.0))}, "党参 写了不止一次"),
        ({"items": (Line("党参", 501.0),)}, "不超过 500 克"),
        ({"items": (Line("党参", 0.0),)}, "不超过 500 克"),
        ({"items": (Line("党参", float("nan")),)}, "不超过 500 克"),
        ({"items": (Line("党参", 9.0, "随便煎"),)}, "脚注“随便煎”"),
        ({"syndromes": ()}, "主治证型"),
        ({"syndromes": ("脾虚湿困证",) * 5}, "主治证型"),
        ({"syndromes": ("脾虚",)}, "GB/T 16751.2"),
        ({"decoction_class": "随便"}, "煎法"),
        ({"usage": "温" * 201}, "用法"),
        ({"note": "温" * 401}, "说明"),
    ],
)
def test_a_recipe_that_cannot_be_kept_is_refused_with_one_sentence(
    sqlite_county: County, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        drafted(sqlite_county, replace(RECIPE, **changes))


def test_an_ambiguous_name_is_refused_with_what_it_may_mean(sqlite_county: County) -> None:
    names = KNOWLEDGE.names
    spelling = next(alias for alias in names.aliases if not alias.name)
    with pytest.raises(Invalid) as refused:
        drafted(sqlite_county, with_lines(Line(spelling.alias, 6.0)))
    assert refused.value.values == {
        "herb": spelling.alias,
        "candidates": "、".join(spelling.candidates),
    }


@pytest.mark.parametrize("role", list(Role))
def test_the_table_of_permissions_holds_for_every_role(county: County, role: Role) -> None:
    actor = county.actors[role]
    waiting = drafted(county, by=county.colleague)
    tries = {
        "read": lambda: county.do(formulary.shelves, actor),
        "offered": lambda: county.do(formulary.offered, actor),
        "open": lambda: county.do(formulary.open_formula, actor, county.knowledge, waiting.id or 0),
        "preview": lambda: county.do(formulary.preview, actor, county.knowledge, RECIPE),
        "draft": lambda: drafted(county, by=actor, name="新方"),
        "approve": lambda: approve(county, waiting, actor),
        "retire": lambda: county.do(formulary.retire, actor, waiting.id or 0),
    }
    allowed = {name for name, attempt in tries.items() if passes(attempt)}
    reading = {"read", "offered", "open"}
    assert allowed == {
        Role.DOCTOR: reading | {"preview", "draft"},
        Role.PHARMACIST: set(tries),
    }.get(role, set())


def test_a_doctor_is_offered_the_own_houses_and_the_centres_formulas_in_force(county: County) -> None:
    of_centre = approved(county)
    own = approve(county, drafted(county, by=county.doctor, name="詹桥止咳方"))
    foreign = approve(county, drafted(county, by=county.foreign_doctor, name="桃林止咳方"))
    drafted(county, name="未批方")
    assert [one.id for one in county.do(formulary.offered, county.doctor)] == [own.id, of_centre.id]
    assert [one.id for one in county.do(formulary.offered, county.foreign_doctor)] == [
        foreign.id,
        of_centre.id,
    ]
    shelves = county.do(formulary.shelves, county.doctor)
    assert next(shelf.shown.name for shelf in shelves) == "詹桥止咳方"
    assert {shelf.shown.name for shelf in shelves} == {NAME, "詹桥止咳方", "桃林止咳方", "未批方"}


def test_a_name_means_the_formula_of_one_house(county: County) -> None:
    drafted(county)
    with pytest.raises(Invalid, match="“健脾化湿方”已是临湘市共享中药房的协定方"):
        drafted(county, by=county.doctor)
    outcomes = at_once(
        lambda: drafted(county, by=county.doctor, name="止咳方"),
        lambda: drafted(county, by=county.foreign_doctor, name="止咳方"),
    )
    assert sorted(outcomes) == ["Invalid", "done"]


def test_an_inspector_finds_each_step_and_each_refused_one_in_the_access_log(county: County) -> None:
    before = len(county.looks())
    made = drafted(county)
    number = made.id or 0
    changed = county.do(
        formulary.change, county.pharmacist, county.knowledge, number, with_lines(*RECIPE.items)
    )
    approve(county, changed)
    county.do(formulary.retire, county.colleague, number)
    for refused in (
        lambda: drafted(county, by=county.manager),
        lambda: approve(county, made, county.doctor),
        lambda: county.do(formulary.retire, county.doctor, number),
    ):
        with pytest.raises(Forbidden):
            refused()
    written, approving = "formulary.write", "formulary.approve"
    writer, second, doctor = (one.staff_id for one in (county.pharmacist, county.colleague, county.doctor))
    assert county.looks()[before:] == [
        (writer, written, "agreed_formula", number, True),
        (writer, written, "agreed_formula", number, True),
        (second, approving, "agreed_formula", number, True),
        (second, approving, "agreed_formula", number, True),
        (county.manager.staff_id, written, "agreed_formula", None, False),
        (doctor, approving, "agreed_formula", number, False),
        (doctor, approving, "agreed_formula", number, False),
    ]


def test_of_two_approvals_at_once_one_wins(county: County) -> None:
    made = drafted(county, by=county.doctor)
    outcomes = at_once(
        lambda: approve(county, made, county.pharmacist), lambda: approve(county, made, county.colleague)
    )
    assert sorted(outcomes) == ["IllegalMove", "done"]
    assert standings(county, county.hospital.id) == [(1, Standing.IN_FORCE)]


def test_of_two_versions_approved_at_once_only_one_is_in_force(county: County) -> None:
    older, newer = drafted(county, by=county.doctor), drafted(county, by=county.doctor)
    outcomes = at_once(
        lambda: approve(county, older, county.pharmacist), lambda: approve(county, newer, county.colleague)
    )
    assert outcomes[1] == "done"
    found = standings(county, county.hospital.id)
    # The older one was first and is retired again, or came too late and stays a draft.
    expected = Standing.RETIRED if outcomes[0] == "done" else Standing.DRAFT
    assert found == [(2, Standing.IN_FORCE), (1, expected)]


def test_two_drafts_at_once_are_two_versions(county: County) -> None:
    at_once(lambda: drafted(county), lambda: drafted(county, by=county.colleague))
    assert standings(county) == [(2, Standing.DRAFT), (1, Standing.DRAFT)]


def test_a_formula_that_is_not_there_is_not_found(county: County) -> None:
    with pytest.raises(NotFound):
        county.do(formulary.open_formula, county.doctor, county.knowledge, 999)


def test_the_origin_of_a_line_fits_its_column() -> None:
    longest = AgreedFormula(
        institution_id=1,
        name="健" * 20,
        version=999,
        made_by_id=1,
        made_at=None,
        request_key="",  # type: ignore[arg-type]
    )
    assert formulary.origin_text(longest) == f"协定方:{'健' * 20} v999"
    assert len(formulary.origin_text(longest)) <= 40


def passes(attempt: Any) -> bool:
    try:
        attempt()
    except Forbidden:
        return False
    return True


def at_once(*tasks: Any) -> list[str]:
    """Run tasks in threads that start together; for each the name of its refusal, or `done`."""
    barrier, outcomes = threading.Barrier(len(tasks)), [""] * len(tasks)

    def run(place: int) -> None:
        barrier.wait(20)
        try:
            tasks[place]()
            outcomes[place] = "done"
        except Refused as refusal:
            outcomes[place] = type(refusal).__name__

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
