"""What a version would change, and what became of findings: replays, their progress, statistics."""

import json
import re
from collections.abc import Iterator

import pytest

from tcm.store.engine import Store
from tests.tcm.county import KNOWLEDGE
from tests.web.desks.hands import Browser, Web, shown, statements
from tests.web.desks.rules_form import (
    FIVE,
    TALL,
    begun,
    drafted,
    overrule,
    replayed,
    rules_form,
    saved,
)
from web.house import EXTENSION
from web.jobs.queue import prepare
from web.jobs.replaying import Replayer


@pytest.fixture
def web(sqlite_store: Store) -> Iterator[Web]:
    """A county with its pages and a queue for jobs."""
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A qualified pharmacist's browser."""
    return web.browser(web.county.pharmacist)


def test_a_replay_tells_what_would_change_and_links_the_pharmacist_to_the_case(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    tall, small = county.signed(TALL), county.signed()
    path = drafted(pharmacist)
    page = replayed(web, pharmacist, path)
    sums = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)
    assert sums == [("重审", "2"), ("提示有变化", "1"), ("结论会变", "1")]
    assert f'<a href="/pharmacist/{tall.id}">{tall.number}</a>' in page
    assert small.number is not None
    assert small.number not in page
    assert re.search(r"#herb_count\">药味数</a></td><td class=\"number\">1</td><td class=\"number\">0", page)
    assert "更严" in shown(page)
    assert county.now(tall).rules_version == tall.rules_version
    said = shown(web.browser(county.manager).get(f"{path}/changes").text)
    assert "最近一次重放：重审 2 张，1 张的结论会变。" in said


def test_a_replay_without_changes_says_so_and_an_old_one_is_marked(web: Web, pharmacist: Browser) -> None:
    web.county.signed()
    path = begun(pharmacist)
    assert "没有处方的提示会变。" in shown(replayed(web, pharmacist, path))
    saved(pharmacist, path, rules_form(pharmacist.get(path).text))
    assert "这次重放之后，草稿又改动过" in shown(pharmacist.get(f"{path}/replay").text)


def test_the_manager_sees_numbers_without_links(web: Web, pharmacist: Browser) -> None:
    tall = web.county.signed(TALL)
    path = drafted(pharmacist)
    page = replayed(web, web.browser(web.county.manager), path)
    assert tall.number is not None
    assert (tall.number in page, "/pharmacist/" in page) == (True, False)


def test_an_unchanged_progress_is_answered_without_a_body_and_ends_with_the_page_anew(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    county.signed(TALL)
    path = drafted(pharmacist)
    pharmacist.post(f"{path}/replay", since="2026-11-01", request_key="key-of-replay")
    page = pharmacist.get(f"{path}/replay").text
    found = re.search(r'hx-get="([^"]+/progress)"[^>]*hx-headers=\'([^\']+)\'', page)
    assert found is not None
    tag = json.loads(found[2].replace("&#34;", '"'))["If-None-Match"]
    same = pharmacist.get(found[1], if_none_match=tag)
    assert (same.status_code, same.data) == (304, b"")
    with county.work() as work:
        [replay] = work.rule_replays.all()
    Replayer(county.store, county.watch, KNOWLEDGE).run(replay.id or 0)
    over = pharmacist.get(found[1], if_none_match=tag)
    assert (over.status_code, over.headers["HX-Refresh"]) == (204, "true")


@pytest.mark.parametrize(
    ("since", "sentence"),
    [("2026-11-23", "不能晚于今天。"), ("gestern", "日期写法如 2026-11-21。"), ("", "请填写这一项。")],
)
def test_a_replay_from_no_usable_day_is_refused_at_the_field(
    web: Web, pharmacist: Browser, since: str, sentence: str
) -> None:
    path = begun(pharmacist)
    answer = pharmacist.post(f"{path}/replay", since=since, request_key="key-of-replay")
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with web.county.work() as work:
        assert work.rule_replays.all() == []


def test_the_same_replay_form_sent_twice_asks_once(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    for _ in range(2):
        pharmacist.post(f"{path}/replay", since="2026-11-01", request_key="key-of-replay")
    with web.county.work() as work:
        assert len(work.rule_replays.all()) == 1


def test_statistics_count_what_pharmacists_made_of_each_rule(web: Web, pharmacist: Browser) -> None:
    county = web.county
    county.rules_in_force("test", {"herb_count": {"parameters": {"most_herbs": 5.0}}})
    county.approve(county.signed(TALL))
    overrule(web)
    page = pharmacist.get("/rules/statistics").text
    row = re.search(r'#herb_count">药味数</a></td>(.*?)</tr>', page, re.S)
    assert row is not None
    assert re.findall(r'<td class="number">(\d+)</td>', row[1]) == ["2", "1", "1", "0"]
    assert ('width="50.0"' in row[1], ">50%<" in row[1], "唐远志 1" in row[1]) == (True, True, True)
    elsewhere = pharmacist.get("/rules/statistics?since=2026-10-01&until=2026-10-31").text
    assert "这段时间药师还没有处理过提示。" in shown(elsewhere)


def test_a_period_that_cannot_be_read_keeps_what_was_typed(web: Web, pharmacist: Browser) -> None:
    answer = pharmacist.get("/rules/statistics?since=wann&until=2026-11-20")
    assert answer.status_code == 422
    assert ('value="wann"' in answer.text, "日期写法如 2026-11-21。" in answer.text) == (True, True)


def test_the_pages_cost_as_many_statements_with_three_rows_as_with_one(web: Web, pharmacist: Browser) -> None:
    county = web.county
    county.rules_in_force("test", {"herb_count": {"parameters": {"most_herbs": 5.0}}})
    county.approve(county.signed(TALL))
    path = drafted(pharmacist)
    replayed(web, pharmacist, path)
    pages = ["/rules", path, f"{path}/changes", f"{path}/replay", "/rules/statistics"]
    one = [statements(county, pharmacist, page) for page in pages]
    for _ in range(2):
        drafted(pharmacist)
        visit = county.visited(county.registered(name="何田", id_number=""))
        county.approve(county.signed(FIVE, visit))
        county.approve(county.signed(TALL, county.visited(county.registered(name="何山", id_number=""))))
        replayed(web, pharmacist, path)
    assert [statements(county, pharmacist, page) for page in pages] == one
