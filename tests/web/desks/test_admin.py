"""The administrator's pages."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcm.records.roles import Role
from tcm.store.engine import Store
from tests.tcm.centre import packed
from tests.tcm.county import DAY
from tests.web.desks.hands import Browser, Web, shown

NEW = {
    "username": "bai",
    "name": "白及",
    "role": "pharmacist",
    "institution_id": "1",
    "title": "主管药师",
    "dispensing_years": "5",
    "reviewer_trained": "1",
    "password": "换过就不再用-2026",
    "password_again": "换过就不再用-2026",
}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def admin(web: Web) -> Browser:
    """The administrator's browser."""
    return web.browser(web.county.admin)


def test_a_new_member_of_staff_can_log_in_with_the_first_password(web: Web, admin: Browser) -> None:
    page = shown(admin.follow(admin.post("/admin/staff", **NEW)))
    assert "已添加 bai。" in page
    assert "白及 bai 药师 临湘市共享中药房 主管药师 审方培训合格 在用" in page
    with web.county.work() as work:
        person = work.staff.by_username("bai")
    assert person is not None
    assert (person.role, person.dispensing_years, person.reviewer_trained) == (Role.PHARMACIST, 5, True)
    answer = web.anyone().post("/login", username="bai", password=NEW["password"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/pharmacist")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password_again": "另一个密码-2026"}, "两次输入的密码不一样。"),
        (
            {"password": "短短短短短短短短短", "password_again": "短短短短短短短短短"},
            "首个密码至少要 10 个字符。",
        ),
        ({"username": "li"}, "这个登录名已经有人用了。"),
        ({"username": "Bai Ji"}, "格式不对。"),
        ({"role": "king"}, "请从列出的项目中选择。"),
        ({"name": ""}, "请填写这一项。"),
    ],
)
def test_a_form_that_will_not_do_keeps_what_was_typed_but_the_passwords(
    web: Web, admin: Browser, change: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/admin/staff", **(NEW | change))
    assert answer.status_code == 422
    assert sentence in shown(answer.text)
    assert 'value="主管药师"' in answer.text
    assert NEW["password"] not in answer.text
    with web.county.work() as work:
        assert work.staff.by_username("bai") is None


def test_who_has_left_can_no_longer_log_in_until_reinstated(web: Web, admin: Browser) -> None:
    floor = web.county.floor.staff_id
    working = web.browser(web.county.floor)
    assert "zhou 已停用。" in shown(admin.follow(admin.post(f"/admin/staff/{floor}/active", active="false")))
    assert working.get("/floor").status_code == 302
    admin.post(f"/admin/staff/{floor}/active", active="true")
    assert web.browser(web.county.floor).get("/floor").status_code == 200


def test_an_administrator_cannot_lock_themself_out(web: Web, admin: Browser) -> None:
    answer = admin.post(f"/admin/staff/{web.county.admin.staff_id}/active", active="false")
    assert (answer.status_code, "不能停用自己的账号。" in shown(answer.text)) == (422, True)


def test_houses_and_looks_are_listed(web: Web, admin: Browser) -> None:
    prescription = packed(web.county)
    assert "V1 白石村卫生室 村卫生室 詹桥镇" in shown(admin.get("/admin/institutions").text)
    web.browser(web.county.courier).get(f"/papers/prescription/{prescription.key()}.pdf")
    lines = shown(admin.get("/admin/audit").text)
    assert f"孙行舟 看处方 处方 {prescription.key()} 拒绝" in lines


def test_looks_are_narrowed_down(web: Web, admin: Browser) -> None:
    county = web.county
    prescription = packed(county)
    web.browser(county.courier).get(f"/papers/prescription/{prescription.key()}.pdf")
    refused = shown(admin.get("/admin/audit?refused=1").text)
    of_courier = shown(admin.get(f"/admin/audit?who={county.courier.staff_id}&kind=prescription").text)
    of_another = shown(admin.get(f"/admin/audit?kind=prescription&number={prescription.key() + 1}").text)
    yesterday = shown(admin.get(f"/admin/audit?day={DAY - timedelta(days=3)}").text)
    line = f"孙行舟 看处方 处方 {prescription.key()} 拒绝"
    assert (line in refused, "允许" in refused, line in of_courier) == (True, False, True)
    assert [
        ("没有符合条件的访问记录。" in page) for page in (refused, of_courier, of_another, yesterday)
    ] == [
        False,
        False,
        True,
        True,
    ]


def test_older_looks_are_on_further_pages_that_keep_what_was_asked_for(web: Web, admin: Browser) -> None:
    county = web.county
    with county.work() as work:
        for number in range(1, 251):
            work.audit(county.doctor, "patient.read", "patient", number, allowed=True)
            work.audit(county.courier, "patient.read", "patient", number, allowed=False)
    seen, path = [], f"/admin/audit?who={county.doctor.staff_id}"
    while path:
        text = admin.get(path).text
        seen.append(
            [int(number) for number in re.findall(r'<td>患者 <span class="number">(\d+)</span></td>', text)]
        )
        found = re.search(r'href="([^"]+)"><span>更早的记录', text)
        path = html.unescape(found[1]) if found else ""
    assert seen == [list(range(250, 150, -1)), list(range(150, 50, -1)), list(range(50, 0, -1))]


def test_a_day_that_is_none_is_said(admin: Browser) -> None:
    assert admin.get("/admin/audit?day=yesterday").status_code == 422


def test_the_ledger_is_verified_and_a_break_is_named(web: Web, admin: Browser) -> None:
    prescription = packed(web.county)
    assert "账本完好：1 张处方，7 条记录，0 个封存点。" in shown(admin.post("/admin/ledger").text)
    with web.county.store.engine.begin() as connection:
        connection.execute(text("UPDATE prescriptions SET state = 'delivered'"))
    broken = shown(admin.post("/admin/ledger").text)
    assert f"账本在这里断了： 处方 {prescription.key()}" in broken


def test_nobody_else_opens_the_desk(web: Web) -> None:
    county = web.county
    for actor in (county.doctor, county.pharmacist, county.floor, county.courier, county.manager):
        browser = web.browser(actor)
        assert [browser.get(path).status_code for path in ("/admin", "/admin/audit", "/admin/ledger")] == [
            403
        ] * 3


def test_the_list_takes_the_same_number_of_statements_for_more_staff(web: Web, admin: Browser) -> None:
    def statements() -> int:
        with web.county.counted() as sent:
            assert admin.get("/admin").status_code == 200
        return len(sent)

    before = statements()
    for name in ("bai", "hu"):
        assert admin.post("/admin/staff", **(NEW | {"username": name})).status_code == 303
    admin.get("/admin")
    assert statements() == before
