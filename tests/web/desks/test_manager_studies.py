"""Questions about a plan: what if, how robust; asked, computed apart, answered, and decided upon."""

import re
from collections.abc import Iterator

import pytest

from dispatch.formats import read
from dispatch.simulation.buffers import BUFFERS_MIN
from dispatch.simulation.robustness import BufferChoice
from tcm.records.plans import PlanState
from tcm.records.studies import Study
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, hidden, planned_day, shown
from web.desks.manager.studies import ROBUSTNESS_PLANS
from web.house import EXTENSION
from web.jobs.planning import Planner
from web.jobs.queue import prepare
from web.jobs.studying import NOTHING_TO_COPY, Studies

QUICK = {"seconds": "1"}


@pytest.fixture
def unplanned(sqlite_store: Store) -> Iterator[Web]:
    """A county with its pages and its job tables."""
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()


@pytest.fixture
def web(unplanned: Web) -> Web:
    """The same with a planned day."""
    for _ in range(2):
        unplanned.county.approved()
    planned_day(unplanned.county)
    return unplanned


def asked(web: Web, path: str, **fields: str) -> Browser:
    """A question asked by its form."""
    browser = web.browser(web.county.manager)
    sent = hidden(browser.get(path).text, path) | QUICK | fields
    answer = browser.post(path, **sent)
    assert answer.status_code == 303, shown(answer.text)
    return browser


def newest(web: Web) -> Study:
    """The study last asked for."""
    with web.county.work() as work:
        return work.studies.all()[-1]


def answered(web: Web) -> Study:
    """The study last asked for, after the worker had it."""
    county = web.county
    Studies(Planner(county.store, county.watch, county.knowledge, repeatable=True)).run(newest(web).id or 0)
    return newest(web)


def test_what_if_tells_each_change_beside_the_day_as_it_is_and_draws_a_curve(web: Web) -> None:
    browser = asked(web, "/manager/what-if", vehicles="1", cut_off="09:30", curve="pots")
    assert "已排队，等待计算" in shown(browser.get("/manager/what-if").text)
    study = answered(web)
    assert (study.state, study.failure, study.progress_percent) == (PlanState.DONE, "", 100)
    text = browser.get("/manager/what-if").text
    page = shown(text)
    assert re.search(r"现状 ¥[\d.,]+ 1 ", page)
    assert re.search(r"多 1 辆车\*? ¥[\d.,]+ ", page)
    assert "09:30 截单，之后的次日煎" in page
    [chart] = re.findall(r"<svg xmlns.*?</svg>", text, re.S)
    assert "style=" not in chart


def test_the_day_itself_is_not_touched_by_a_question(web: Web) -> None:
    with web.county.work() as work:
        before = [(plan.id, plan.in_force, plan.result) for plan in work.plans.all()]
    asked(web, "/manager/what-if", vehicles="1")
    answered(web)
    with web.county.work() as work:
        assert [(plan.id, plan.in_force, plan.result) for plan in work.plans.all()] == before


def test_robustness_tells_the_share_on_time_by_wave_and_proposes_buffers(web: Web) -> None:
    browser = asked(web, "/manager/robustness", draws="100", target_percent="95")
    study = answered(web)
    assert (study.state, study.failure) == (PlanState.DONE, "")
    page = shown(browser.get("/manager/robustness").text)
    assert re.search(r"准时的药袋：\d+%", page)
    assert re.search(r"约 \d\d:\d\d（\d\d:\d\d–\d\d:\d\d） 2 2 \d+% \d+%", page)
    assert re.search(r"包装后留 \d+ 分钟，承诺到预计到达后 \d+ 分钟", page)


def test_the_proposed_buffer_is_adopted_and_the_next_plan_keeps_it(web: Web) -> None:
    browser = asked(web, "/manager/robustness", draws="100", target_percent="95")
    study = answered(web)
    fields = hidden(browser.get("/manager/robustness").text, "/manager/settings")
    assert fields["study"] == str(study.id)
    assert browser.post("/manager/settings", **fields).status_code == 303
    with web.county.work() as work:
        settings = work.planning_settings.current()
    assert settings is not None
    assert (settings.buffer_min, settings.study_id) == (int(fields["buffer_min"]), study.id)
    assert settings.set_by_id == web.county.manager.staff_id
    problem = planned_day(web.county, from_minute=540).problem
    assert (problem["buffer_min"], problem["promise_late_min"]) == (
        settings.buffer_min,
        settings.promise_late_min,
    )


def test_limits_of_the_box_are_decided_by_hand_and_can_be_taken_back(web: Web) -> None:
    browser = web.browser(web.county.manager)
    fields = {"buffer_min": "5", "promise_late_min": "60", "longest_box_min": "240", "fragile_box_min": "90"}
    assert browser.post("/manager/settings", **fields).status_code == 303
    page = browser.get("/manager/robustness").text
    assert re.search(r'name="longest_box_min" type="text" value="240"', page)
    limited = planned_day(web.county, from_minute=540).problem
    assert (limited["longest_box_min"], limited["fragile_box_min"]) == (240, 90)
    browser.post("/manager/settings", **(fields | {"longest_box_min": "", "fragile_box_min": ""}))
    free = planned_day(web.county, from_minute=545).problem
    assert (free["longest_box_min"], free["fragile_box_min"], free["buffer_min"]) == (None, None, 5)


def test_figures_that_will_not_do_are_answered_beside_their_field(web: Web) -> None:
    browser = web.browser(web.county.manager)
    fields = {
        "request_key": "a-form-key",
        "seconds": "1",
        "target_percent": "95",
        "buffer_min": "5",
        "promise_late_min": "45",
    }
    for path, field, value, sentence in (
        ("/manager/what-if", "vehicles", "0", "不能小于 1。"),
        ("/manager/what-if", "seconds", "61", "不能大于 60。"),
        ("/manager/what-if", "cut_off", "half past nine", "这一项填得不对。"),
        ("/manager/what-if", "curve", "cats", "请从列出的项目中选择。"),
        ("/manager/robustness", "target_percent", "101", "不能大于 100。"),
        ("/manager/robustness", "draws", "many", "请填整数。"),
        ("/manager/settings", "buffer_min", "-1", "不能小于 0。"),
        ("/manager/settings", "longest_box_min", "5", "不能小于 10。"),
    ):
        answer = browser.post(path, **(fields | {field: value}))
        assert (answer.status_code, field) == (422, field)
        assert sentence in shown(answer.text), (path, field)
    with web.county.work() as work:
        assert (work.studies.all(), work.planning_settings.all()) == ([], [])


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        (
            "/manager/what-if",
            {"seconds": "60", "curve": "buffer_min", "vehicles": "1", "pots": "5", "packers": "1"},
            "要排 10 份计划，每份 60 秒，共 600 秒；一次推演须少于 600 秒。请把秒数改小，或少问几样。",
        ),
        (
            "/manager/robustness",
            {"seconds": "60", "target_percent": "95"},
            "要排 6 份计划，每份 60 秒，共 360 秒；一次推演须少于 300 秒。请把秒数改小，或少问几样。",
        ),
    ],
)
def test_a_question_that_cannot_be_computed_in_time_is_refused_with_both_figures(
    sqlite_store: Store, path: str, fields: dict[str, str], sentence: str
) -> None:
    limited = Web(sqlite_store, plan_seconds_max=300 if "robustness" in path else 600)
    limited.county.approved()
    planned_day(limited.county)
    browser = limited.browser(limited.county.manager)
    refused = browser.post(path, request_key="a-form-key", **fields)
    assert (refused.status_code, sentence in shown(refused.text)) == (422, True), shown(refused.text)
    assert 'name="seconds" type="text" value="60"' in refused.text


@pytest.mark.parametrize("plan_seconds_max", [10, 30, 600])
def test_what_the_page_itself_proposes_can_be_computed_in_time(
    sqlite_store: Store, plan_seconds_max: int
) -> None:
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store, plan_seconds_max=plan_seconds_max)
    opened.county.approved()
    planned_day(opened.county)
    browser = opened.browser(opened.county.manager)
    for path in ("/manager/what-if", "/manager/robustness"):
        page = browser.get(path).text
        form = next(each for each in re.findall(r"<form.*?</form>", page, re.S) if f'action="{path}"' in each)
        shown_fields = dict(re.findall(r'name="(\w+)" type="text" value="(\d*)"', form))
        curve = re.findall(r'<option value="(\w+)" selected', form)
        fields = hidden(page, path) | shown_fields | ({"curve": curve[0]} if curve else {})
        answer = browser.post(path, **fields)
        assert answer.status_code == 303, shown(answer.text)
    opened.app.extensions[EXTENSION].jobs.close()


def test_robustness_plans_the_day_once_for_each_buffer() -> None:
    assert len(BUFFERS_MIN) == ROBUSTNESS_PLANS


def test_each_pair_of_buffers_is_shown_with_its_share_and_with_what_is_held_against_the_target(
    web: Web,
) -> None:
    browser = asked(web, "/manager/robustness", draws="100", target_percent="95")
    study = answered(web)
    choice = read(BufferChoice, study.answer["choice"], "choice")
    text = browser.get("/manager/robustness").text
    assert "平均准时 有把握至少准时（对照目标）" in shown(text)
    shares = re.findall(r'<td class="number">([\d.]+\.\d%)</td><td class="number">([\d.]+\.\d%)</td>', text)
    assert shares == [(f"{each.on_time:.1%}", f"{each.at_least:.1%}") for each in choice.candidates]


def test_one_question_at_a_time_and_one_for_one_form(web: Web) -> None:
    browser = web.browser(web.county.manager)
    fields = hidden(browser.get("/manager/what-if").text, "/manager/what-if") | QUICK | {"vehicles": "1"}
    for _ in range(2):
        assert browser.post("/manager/what-if", **fields).status_code == 303
    refused = browser.post("/manager/what-if", **(fields | {"request_key": "another form"}))
    assert (refused.status_code, "上一次推演还在计算" in shown(refused.text)) == (422, True)
    with web.county.work() as work:
        assert len(work.studies.all()) == 1


def test_a_cancelled_study_answers_nothing_and_another_may_be_asked(web: Web) -> None:
    browser = asked(web, "/manager/what-if", vehicles="1")
    study_id = newest(web).id
    assert browser.post(f"/manager/studies/{study_id}/cancel").status_code == 303
    over = answered(web)
    assert (over.state, over.answer) == (PlanState.CANCELLED, {})
    assert "这次推演已取消。" in shown(browser.get("/manager/what-if").text)
    assert browser.get(f"/manager/studies/{study_id}/progress").headers["HX-Refresh"] == "true"
    asked(web, "/manager/what-if", pots="5")
    assert answered(web).state is PlanState.DONE


def test_a_change_that_the_day_cannot_have_fails_with_a_sentence(web: Web) -> None:
    county = web.county
    with county.work() as work:
        for vehicle in work.vehicles.all():
            vehicle.active = False
        work.commit()
    planned_day(county, from_minute=540)
    browser = asked(web, "/manager/what-if", vehicles="1")
    Studies(Planner(county.store, county.watch, county.knowledge)).run(newest(web).id or 0)
    assert (newest(web).state, newest(web).failure) == (PlanState.FAILED, NOTHING_TO_COPY)
    assert "没有算成。" in shown(browser.get("/manager/what-if").text)


def test_without_a_plan_there_is_nothing_to_ask(unplanned: Web) -> None:
    browser = unplanned.browser(unplanned.county.manager)
    for path in ("/manager/what-if", "/manager/robustness"):
        refused = browser.post(path, request_key="a-form-key", seconds="1", target_percent="95")
        assert (refused.status_code, "先排计划再推演" in shown(refused.text)) == (422, True)


def test_nobody_else_asks_or_decides(unplanned: Web) -> None:
    county = unplanned.county
    for actor in (county.doctor, county.pharmacist, county.floor, county.courier, county.admin):
        browser = unplanned.browser(actor)
        for path in ("/manager/what-if", "/manager/robustness"):
            assert browser.get(path).status_code == 403
            assert browser.post(path).status_code == 403
        assert browser.post("/manager/settings").status_code == 403
