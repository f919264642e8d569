"""The administrator's page of keys, and the pharmacist's page of codes."""

import re

import pytest

from tcm.records.roles import Actor
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown

NEW = {"name": "詹桥镇卫生院 HIS", "institution_id": "2", "rights": ["herbs", "send"], "days": "365"}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def admin(web: Web) -> Browser:
    """The administrator's browser."""
    return web.browser(web.county.admin)


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A pharmacist's browser."""
    return web.browser(web.county.pharmacist)


def ask(web: Web, secret: str) -> int:
    """How the API answers a key."""
    client = web.anyone().client
    header = {"Authorization": f"Bearer {secret}"}
    return client.get("/api/v1/herbs?q=hq", base_url="https://localhost", headers=header).status_code


def test_a_new_key_is_shown_once_works_at_once_and_never_again_after_it_is_withdrawn(
    web: Web, admin: Browser
) -> None:
    found = re.search(r"tgy_[\w-]{43}", admin.post("/admin/systems", **NEW).text)
    assert found is not None
    secret = found[0]
    assert ask(web, secret) == 200
    page = admin.get("/admin/systems").text
    assert secret not in page
    assert "詹桥镇卫生院 HIS 詹桥镇卫生院 查药、送处方给本院医师" in shown(page)
    one = admin.get("/admin/systems/1").text
    assert (secret in one, "按首字母、拼音或药名查药 200" in shown(one)) == (False, True)
    gone = admin.follow(admin.post("/admin/systems/1/revoke"))
    assert "密钥“詹桥镇卫生院 HIS”已停用。" in shown(gone)
    assert ask(web, secret) == 401


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rights": []}, "至少要 1 项。"),
        ({"rights": ["everything"]}, "请从列出的项目中选择。"),
        ({"days": "3650"}, "请从列出的项目中选择。"),
        ({"name": ""}, "请填写这一项。"),
    ],
)
def test_a_key_that_cannot_be_made_is_answered_beside_the_field(
    admin: Browser, change: dict[str, object], sentence: str
) -> None:
    answer = admin.post("/admin/systems", **{**NEW, **change})
    assert (answer.status_code, sentence in shown(answer.text)) == (422, True)


def test_a_second_key_of_one_name_is_refused_and_what_was_typed_stays(admin: Browser) -> None:
    admin.post("/admin/systems", **NEW)
    answer = admin.post("/admin/systems", **NEW)
    assert (answer.status_code, "同名的密钥" in shown(answer.text)) == (422, True)
    assert 'value="send" checked' in answer.text


def test_only_the_administrator_has_the_page_of_keys(web: Web) -> None:
    def status(actor: Actor) -> int:
        return web.browser(actor).get("/admin/systems").status_code

    county = web.county
    assert [status(one) for one in (county.doctor, county.pharmacist, county.manager, county.admin)] == [
        403,
        403,
        403,
        200,
    ]


def test_codes_copied_from_a_spreadsheet_are_set_and_can_be_dropped(web: Web, pharmacist: Browser) -> None:
    house_id = web.county.hospital.id
    lines = "Y001\t黄芪\r\nY002，党参\n\nY003 炒白术"
    page = shown(pharmacist.follow(pharmacist.post("/rules/codes", institution_id=house_id, lines=lines)))
    assert "已登记 3 个编码。" in page
    assert ["Y001 黄芪 陈半夏" in page, "Y002 党参" in page, "Y003" in page] == [True, True, True]
    page = shown(pharmacist.follow(pharmacist.post("/rules/codes/1/drop")))
    assert ("编码 Y001 已删除。" in page, "Y001 黄芪" in page) == (True, False)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("Y001", "这一行不是“编码 药名”：Y001"),
        ("Y001 仙丹草", "没有保存：Y001 仙丹草"),
        ("", "请填写这一项。"),
    ],
)
def test_codes_that_cannot_be_read_are_told_and_stay_typed(
    web: Web, pharmacist: Browser, lines: str, sentence: str
) -> None:
    answer = pharmacist.post("/rules/codes", institution_id=web.county.hospital.id, lines=lines)
    assert (answer.status_code, sentence in shown(answer.text)) == (422, True)
    assert lines in answer.text


def test_the_page_of_keys_asks_as_much_for_three_keys_as_for_one(web: Web, admin: Browser) -> None:
    def asked() -> int:
        with web.county.counted() as statements:
            assert admin.get("/admin/systems").status_code == 200
        return len(statements)

    admin.post("/admin/systems", **NEW)
    for_one = asked()
    for name in ("two", "three"):
        admin.post("/admin/systems", **{**NEW, "name": name})
    assert asked() == for_one
