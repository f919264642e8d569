"""The pages of quality, as a pharmacist, the floor and a manager use them."""

import hashlib
from datetime import timedelta

import pypdfium2
import pytest

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.machines import Deviation, DeviationKind, MachineReading
from tcm.records.machines import Verdict as Decided
from tcm.store.engine import Store
from tests.tcm.centre import packed
from tests.web.desks.hands import Browser, Web, hidden, shown, statements

ASKED = {
    "check_every": "1",
    "sample_ml": "100",
    "sample_days": "3",
    "sample_source": "本中心留样制度第4条",
    "health": "off",
}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages, every batch looked at and a little of it retained."""
    web = Web(sqlite_store)
    manager = web.browser(web.county.manager)
    assert manager.post("/quality/settings", **ASKED).status_code == 303
    return web


def look(browser: Browser, prescription: Prescription, **answer: object) -> tuple[int, str]:
    path = f"/quality/p/{prescription.key()}"
    version = hidden(browser.get(path).text, f"{path}/look")["version"]
    sent = browser.post(f"{path}/look", version=version, **answer)
    return sent.status_code, sent.text


def test_a_batch_is_looked_at_passed_and_shown_in_the_days_records(web: Web) -> None:
    prescription, pharmacist = packed(web.county), web.browser(web.county.pharmacist)
    floor = web.browser(web.county.floor)
    assert f'href="/quality/p/{prescription.key()}"' in pharmacist.get("/quality").text
    own = floor.get(f"/quality/p/{prescription.key()}").text
    assert ("这一批是您包装的，须由另一位同事质检。" in own, "放行" in own) == (True, False)
    status, page = look(pharmacist, prescription, verdict="passed", measured_ml="150")
    assert (status, "每袋应装 200 毫升（180–220），量到 150 毫升，不能放行。" in page) == (422, True)
    status, page = look(pharmacist, prescription, verdict="passed", measured_ml="fifty")
    assert (status, "没有保存：请填整数。" in page, 'value="fifty"' in page) == (422, True, True)
    assert look(pharmacist, prescription, verdict="passed", measured_ml="198")[0] == 303
    assert f"{prescription.number} 已放行，可以装车。" in pharmacist.get("/quality").text
    assert "合格放行" in shown(pharmacist.get("/quality/records").text)


def test_what_leaks_goes_back_to_the_floor_and_comes_again(web: Web) -> None:
    prescription, pharmacist = packed(web.county), web.browser(web.county.pharmacist)
    floor = web.browser(web.county.floor)
    path = f"/quality/p/{prescription.key()}"
    assert look(pharmacist, prescription, verdict="repack", measured_ml="200", faults=["leaking"])[0] == 303
    page = floor.get(path).text
    answer = floor.post(f"{path}/packed-anew", **hidden(page, f"{path}/packed-anew"))
    assert "已重新包装，等另一位同事再检。" in floor.follow(answer)
    assert "第 2 次检" in pharmacist.get("/quality").text
    assert look(pharmacist, prescription, verdict="scrap", measured_ml="200", faults=["burnt"])[0] == 303
    assert web.county.now(prescription).state is State.SCRAPPED


def test_a_sample_is_kept_waits_and_is_poured_out_by_name(web: Web) -> None:
    prescription, floor = packed(web.county), web.browser(web.county.floor)
    assert "还没留样" in floor.get("/quality/samples").text
    form = {"prescription_id": prescription.key(), "place": "留样柜 2 层"}
    assert floor.post("/quality/samples/keep", **form).status_code == 303
    assert floor.post("/quality/samples/keep", **form).status_code == 303
    page = floor.get("/quality/samples").text
    assert (page.count('name="sample_ids"'), "还没留样" in page) == (1, False)
    early = floor.post("/quality/samples/dispose", sample_ids="1", disposal="expired")
    assert (early.status_code, "有的留样还没到期；提前销毁请选别的原因。" in early.text) == (422, True)
    web.county.watch.pass_(days=3)
    floor = web.browser(web.county.floor)
    assert "可以销毁" in floor.get("/quality/samples").text
    done = floor.post("/quality/samples/dispose", sample_ids="1", disposal="expired")
    assert "已销毁 1 份留样，由您签名。" in floor.follow(done)
    assert web.county.events(prescription)[-1].kind == "sample_disposed"


def test_the_record_is_printed_and_a_days_records_are_put_away_once(web: Web) -> None:
    prescription, floor = packed(web.county), web.browser(web.county.floor)
    with web.county.work() as work:
        bag_id = work.bags.of_prescription(prescription.key())[0].id
    text = pdf_text(floor.get(f"/quality/records/{bag_id}.pdf").data)
    for said in ("煎 药 记 录", prescription.number, "欧*", "浸泡", "14 小袋 × 200 ml", "等待质检", "周麦冬"):
        assert said in text, said
    assert "欧阳桂芳" not in text
    day = "2026-11-21"
    whole = floor.get(f"/quality/records/day-{day}.pdf").data
    assert len(pypdfium2.PdfDocument(whole)) == 2
    assert floor.post("/quality/records/keep", day=day).status_code == 303
    assert floor.post("/quality/records/keep", day=day).status_code == 303
    with web.county.work() as work:
        [kept] = work.record_archives.all()
    pdf = floor.get(f"/quality/records/kept-{kept.id}.pdf").data
    assert (hashlib.sha256(pdf).hexdigest(), pdf[:5]) == (kept.sha256, b"%PDF-")
    empty = floor.post("/quality/records/keep", day="2026-11-20")
    assert (empty.status_code, "这一天没有煎药记录。" in empty.text) == (422, True)


def test_the_record_shows_the_curve_and_what_went_another_way_with_the_word_on_it(web: Web) -> None:
    prescription, floor = packed(web.county), web.browser(web.county.floor)
    with web.county.work() as work:
        run = work.pot_runs.last_of(prescription.key())
        assert run is not None
        for minute, degrees in enumerate((20.0, 60.0, 98.5, 100.0, 109.0, 99.0)):
            at = run.opened_at + timedelta(minutes=8 * minute)
            work.machine_readings.add(
                MachineReading(run_id=run.key(), sequence=minute, at=at, temperature_c=degrees)
            )
        work.deviations.add(
            Deviation(
                run_id=run.key(),
                prescription_id=prescription.key(),
                pot_id=run.pot_id,
                kind=DeviationKind.TOO_HOT,
                stops=True,
                began_at=run.opened_at + timedelta(minutes=32),
                found_at=run.opened_at + timedelta(minutes=33),
                measured={},
                verdict=Decided.GO_ON,
                reason_code="inspected",
                note="药液清亮",
                decided_by_id=web.county.pharmacist.staff_id,
                decided_at=run.opened_at + timedelta(minutes=40),
            )
        )
        bag_id = work.bags.of_prescription(prescription.key())[0].id
        work.commit()
    text = pdf_text(floor.get(f"/quality/records/{bag_id}.pdf").data)
    for said in (
        "煎煮温度",
        "1 上锅 08:00",
        "超温 08:32 · 继续 · 已查看药液，合格 · 药液清亮 · 陈半夏 08:40",
    ):
        assert said in text, text


def test_devices_are_cleaned_checked_broken_and_repaired(web: Web) -> None:
    manager, floor = web.browser(web.county.manager), web.browser(web.county.floor)
    assert manager.post("/quality/devices", code="S1", kind="scale", name="JJ500").status_code == 303
    taken = manager.post("/quality/devices", code="P01", kind="scale", name="")
    assert (taken.status_code, "编号 P01 已经有了。" in taken.text) == (422, True)
    form = {"codes": ["P01", "S1"], "request_key": "clean-one"}
    assert "已记 2 项清洁，由您签名。" in floor.follow(floor.post("/quality/devices/cleaned", **form))
    assert "已记 0 项清洁，由您签名。" in floor.follow(floor.post("/quality/devices/cleaned", **form))
    rest = floor.post("/quality/devices/cleaned", everything="1", request_key="clean-two")
    assert "已记 4 项清洁，由您签名。" in floor.follow(rest)
    silent = floor.post("/quality/devices/P01/done", kind="fault", request_key="fault-one")
    assert (silent.status_code, "请写明是什么问题。" in silent.text) == (422, True)
    floor.post("/quality/devices/P01/done", kind="fault", remark="加热管坏", request_key="fault-two")
    assert pot_is_active(web) is False
    assert "待修，停用" in floor.get("/quality/devices/P01").text
    floor.post("/quality/devices/P01/done", kind="repaired", request_key="repair-one")
    assert pot_is_active(web) is True
    checked = {"kind": "checked", "passed": "1", "holds_until": "2027-11-20", "certificate": "JL-2026-0071"}
    floor.post("/quality/devices/S1/done", **checked, request_key="check-one")
    page = shown(floor.get("/quality/devices/S1").text)
    assert ("有效" in page, "JL-2026-0071" in page) == (True, True)


def test_of_a_persons_health_only_the_manager_sees_and_the_person_is_kept_out(web: Web) -> None:
    manager, floor = web.browser(web.county.manager), web.browser(web.county.floor)
    assert floor.get("/quality/people").status_code == 403
    manager.post("/quality/settings", **ASKED | {"health": "block"})
    assert "您的健康检查：没有记录。请找主管登记。" in floor.get("/quality").text
    prescription = web.county.approved()
    step = {"prescription_id": prescription.key(), "version": web.county.now(prescription).version}
    refused = floor.post("/floor/step", **step, target="dispensed")
    assert refused.status_code == 409
    assert "系统里没有您的健康检查记录，按中心规定不能操作煎药，请找主管登记。" in refused.text
    form = {"staff_id": web.county.floor.staff_id, "examined_on": "2026-11-20", "fit": "1"}
    assert manager.post("/quality/people", **form, request_key="health-one").status_code == 303
    assert floor.post("/floor/step", **step, target="dispensed").status_code == 303
    unfit = form | {"fit": "0", "request_key": "health-two"}
    manager.post("/quality/people", **unfit)
    assert "您的健康检查：不合格。请找主管登记。" in floor.get("/quality").text
    future = manager.post("/quality/people", **form | {"examined_on": "2026-11-23", "request_key": "h-3"})
    assert (future.status_code, "体检日期不能晚于今天。" in future.text) == (422, True)


def test_the_quarter_is_reviewed_with_its_figures(web: Web) -> None:
    packed(web.county)
    manager, floor = web.browser(web.county.manager), web.browser(web.county.floor)
    form = {"quarter": "2026Q4", "findings": "无", "measures": "继续抽检", "opinions": ""}
    assert floor.post("/quality/reviews", **form, request_key="review-one").status_code == 403
    assert manager.post("/quality/reviews", **form, request_key="review-one").status_code == 303
    page = shown(manager.get("/quality/reviews").text)
    assert ("2026Q4 秦当归" in page, "煎好包装 1 · 质检 0" in page) == (True, True)
    wrong = manager.post("/quality/reviews", **form | {"quarter": "2026Q7"}, request_key="review-two")
    assert (wrong.status_code, "季度写法如 2026Q4。" in wrong.text, "继续抽检" in wrong.text) == (
        422,
        True,
        True,
    )


def test_samples_without_a_source_are_refused_and_other_roles_are_not_let_in(web: Web) -> None:
    manager = web.browser(web.county.manager)
    sourceless = manager.post("/quality/settings", **ASKED | {"sample_source": ""})
    assert sourceless.status_code == 422
    assert "留样要写明留几天、依据哪份文件" in sourceless.text
    for actor in (web.county.doctor, web.county.courier, web.county.admin):
        assert web.browser(actor).get("/quality").status_code == 403


def test_the_lists_cost_the_same_for_three_batches_as_for_one(web: Web) -> None:
    floor = web.browser(web.county.floor)
    pages = ("/quality", "/quality/samples", "/quality/records", "/quality/devices")
    packed(web.county)
    one = [statements(web.county, floor, path) for path in pages]
    packed(web.county)
    packed(web.county)
    assert [statements(web.county, floor, path) for path in pages] == one


def pot_is_active(web: Web) -> bool:
    with web.county.work() as work:
        return work.pots.by_code("P01").active


def pdf_text(data: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))
