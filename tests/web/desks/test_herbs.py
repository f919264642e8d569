"""The book's pages: read by everybody who is logged in, and never deciding what a name means."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tcm.knowledge import load
from tcm.knowledge.book import herb_sheet
from tcm.records.roles import Role
from tcm.store.engine import Store
from tests.web.desks.hands import shown
from web.settings import Settings

LogIn = Callable[..., TestResponse]
KNOWLEDGE = load()


@pytest.fixture
def reader(client: FlaskClient, log_in: LogIn) -> FlaskClient:
    """A doctor's browser."""
    log_in(client, Role.DOCTOR)
    return client


def page(client: FlaskClient, path: str, **query: str | int) -> str:
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return shown(answer.text)


def listed(client: FlaskClient, path: str, **query: str | int) -> list[str]:
    """Names of the rows of a list, in order."""
    text = client.get(path, query_string=query).text
    return re.findall(r'class="h-name"><strong>([^<]+)<', text)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_who_is_logged_in_may_read(client: FlaskClient, log_in: LogIn, role: Role) -> None:
    log_in(client, role)
    for path in ("/herbs", "/herbs/附子", "/formulas", "/formulas/麻黄汤"):
        assert client.get(path).status_code == 200
    assert 'href="/herbs" aria-current="page"' in client.get("/herbs").text


@pytest.mark.parametrize("path", ["/herbs", "/herbs/found", "/herbs/附子", "/formulas", "/formulas/麻黄汤"])
def test_a_stranger_is_asked_to_log_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("path", ["/herbs/无此药", "/herbs/坤草", "/formulas/无此方", "/herbs/<script>"])
def test_what_is_not_in_the_book_is_no_page(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_nothing_here_changes_anything(reader: FlaskClient) -> None:
    rules = [rule for rule in reader.application.url_map.iter_rules() if rule.endpoint.startswith("herbs.")]
    assert len(rules) == 6
    assert {method for rule in rules for method in rule.methods or ()} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("typed", "first"),
    [("hq", "黄芩"), ("huangqi", "黄芪"), ("坤草", "益母草"), ("黃耆", "黄芪"), ("附子", "附子")],
)
def test_initials_pinyin_aliases_and_traditional_characters_find_the_herb(
    reader: FlaskClient, typed: str, first: str
) -> None:
    assert first in listed(reader, "/herbs/found", q=typed)[:2] or f"即 {first}" in page(
        reader, "/herbs/found", q=typed
    )


def test_an_alias_says_what_it_means_and_by_which_source(reader: FlaskClient) -> None:
    assert "“坤草”即 益母草" in page(reader, "/herbs/found", q="坤草")


def test_an_ambiguous_name_shows_its_candidates_and_why(reader: FlaskClient) -> None:
    text = page(reader, "/herbs/found", q="沙参")
    assert "“沙参”不止一味，请写明是哪一味。 同名异物" in text
    assert "北沙参 5–12 g" in text
    assert "南沙参 9–15 g" in text


def test_an_unknown_name_is_answered_by_near_spellings_and_not_corrected(reader: FlaskClient) -> None:
    text = page(reader, "/herbs/found", q="黄岑")
    assert "没有收录“黄岑”。 字形相近的有（请核对，不会自动代替）： 黄芩" in text
    assert listed(reader, "/herbs/found", q="黄岑") == []


def test_filters_narrow_the_list_together(reader: FlaskClient) -> None:
    found = listed(reader, "/herbs/found", category="温里药", nature="大热", channel="心")
    expected = {
        herb.name
        for herb in KNOWLEDGE.herbs.values()
        if (like := KNOWLEDGE.properties_of(herb)) is not None
        and (like.category, like.nature) == ("温里药", "大热")
        and "心" in like.channels
    }
    assert set(found) == expected
    assert "附子" in found
    assert listed(reader, "/herbs/found", category="无此类") == []


def test_the_list_goes_on_over_pages_without_losing_a_herb(reader: FlaskClient) -> None:
    names = [name for number in range(1, 40) for name in listed(reader, "/herbs", page=number)]
    assert sorted(names) == sorted(KNOWLEDGE.herbs)
    assert names[0] == "当归"


@pytest.mark.parametrize(
    "query", ["page=x", "page=-1", "page=99999999999999999999", "q=%00%ff", "q=" + "长" * 999]
)
def test_nonsense_in_the_address_is_an_ordinary_page(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/herbs?{query}").status_code == 200
    assert reader.get(f"/formulas?{query}").status_code == 200


def test_what_was_typed_is_text_and_never_markup(reader: FlaskClient) -> None:
    for path in ("/herbs", "/formulas"):
        text = reader.get(path, query_string={"q": "<b>黄芪"}).text
        assert "<b>黄芪" not in text
        assert "&lt;b&gt;黄芪" in text


def test_a_herb_page_begins_with_dose_handling_and_cautions(reader: FlaskClient) -> None:
    text = page(reader, "/herbs/附子")
    order = [text.index(word) for word in ("3–15 g", "先煎 60 分钟", "有毒 乌头碱类", "十八反", "性味归经")]
    assert order == sorted(order)


def test_a_herb_page_shows_every_dose_with_its_route(reader: FlaskClient) -> None:
    assert "1–3 g 每次 · 研粉" in page(reader, "/herbs/三七")
    assert "60 g 每日 · 煎服 · 回乳" in page(reader, "/herbs/麦芽")
    assert "没有写“生”时，按 制川乌 发药" in page(reader, "/herbs/川乌")


def test_what_nobody_held_against_the_book_is_marked(reader: FlaskClient) -> None:
    pattern = r'class="first-source">(.*?)</p>'
    (first,) = re.findall(pattern, reader.get("/herbs/龙骨").text, re.S)
    (proved,) = re.findall(pattern, reader.get("/herbs/附子").text, re.S)
    assert ("未核对</b>" in first, "未核对</b>" in proved) == (True, False)


class TestManyPages:
    """More requests than one person may send in a minute."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(
            default_limit="100000 per minute",
            argon2_time_cost=1,
            argon2_memory_kib=8,
            argon2_parallelism=1,
        )

    def test_every_unusual_herb_and_formula_opens_and_a_fifth_of_the_others(
        self, reader: FlaskClient
    ) -> None:
        herbs, formulas = KNOWLEDGE.herbs.values(), KNOWLEDGE.formulas.values()
        unusual = [each.name for each in herbs if each.dose_max_g is None or each.toxicity != "无"]
        marked = [each.name for each in formulas if each.marked or each.proportion]
        paths = [f"/herbs/{name}" for name in {*unusual, *list(KNOWLEDGE.herbs)[::5]}]
        paths += [f"/formulas/{name}" for name in {*marked, *list(KNOWLEDGE.formulas)[::5]}]
        assert len(paths) > 300
        assert [path for path in paths if reader.get(path).status_code != 200] == []


def test_a_formula_page_has_roles_ranges_programme_and_modifications(reader: FlaskClient) -> None:
    text = page(reader, "/formulas/真武汤")
    assert "君 附子 先煎 有毒 孕妇慎用 9 g 3–15 g" in text
    assert "先煎 60 分钟 头煎" in text
    assert "加减" in text
    assert "请注意： 十八反" in page(reader, "/formulas/回阳救急汤")


def test_formulas_are_found_by_name_initials_syndrome_and_herb(reader: FlaskClient) -> None:
    assert listed(reader, "/formulas/found", q="xcht") == ["小柴胡汤"]
    assert "逍遥散" in listed(reader, "/formulas/found", q="肝郁脾虚")
    assert "防己黄芪汤" in listed(reader, "/formulas/found", q="黄芪")
    near = page(reader, "/formulas/found", q="小柴湖汤")
    assert "没有收录“小柴湖汤”。" in near
    assert "小柴胡汤" in near


def test_the_list_costs_no_statement_for_its_rows(reader: FlaskClient, sqlite_store: Store) -> None:
    sent: list[str] = []
    event.listen(sqlite_store.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    counts = []
    for query in ("hq", "生", ""):
        sent.clear()
        reader.get("/herbs", query_string={"q": query})
        counts.append(len(sent))
    assert len(set(counts)) == 1


def test_the_page_names_every_clash_of_the_herb(reader: FlaskClient) -> None:
    text = reader.get("/herbs/炮附片").text
    section = text[text.index('id="clashes"') :]
    names = set(re.findall(r'class="herb-name" href="[^"]+">([^<]+)<', section.partition("</section>")[0]))
    assert names == {clash.herb for clash in herb_sheet("炮附片", KNOWLEDGE).clashes}
