"""Herbs on the scales and the second look: right drawer, right grams, two people; or a refusal in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.records.clinical import Preparation, Prescription
from tcm.records.dispensing import Weighing
from tcm.records.errors import Forbidden, IllegalMove, Invalid, Stale
from tcm.records.lifecycle import State
from tcm.records.outage import PaperReason, PaperSignature, PaperStep
from tcm.records.stock import Bin, LotState
from tcm.records.upkeep import DeviceKind, Upkeep
from tcm.services import checking, flooring, prescribing, upkeeping, weighing
from tcm.services.prescribing import ItemDraft
from tcm.services.upkeeping import Done
from tcm.services.weighing_sheet import Line, Sheet
from tests.tcm.centre import step
from tests.tcm.county import County, draft
from tests.tcm.stocked import keep_stock, shelve

DISSOLVED = "开水冲服，一日一剂，分两次温服"
# 四君子汤 for seven doses.
TARGETS = {"党参": 84, "白术": 63, "茯苓": 84, "炙甘草": 42}


def test_without_a_decision_weighing_is_kept_on_paper_and_one_act_dispenses(county: County) -> None:
    prescription = county.approved()
    with pytest.raises(Invalid) as refusal:
        county.do(weighing.begin, county.floor, county.knowledge, prescription.key())
    assert str(refusal.value) == "中心没有开启称量上账，请在卡片上点“调剂完成”。"
    assert step(county, prescription, State.DISPENSED).state is State.DISPENSED


def test_where_weighing_is_kept_line_by_line_the_one_act_is_refused(county: County) -> None:
    weigh_on_record(county)
    with pytest.raises(Invalid) as refusal:
        step(county, county.approved(), State.DISPENSED)
    assert str(refusal.value) == "请逐味称量上账；药师复核签名后才算调剂完成。"


def test_what_was_weighed_on_paper_in_an_outage_is_signed_again_as_before(county: County) -> None:
    weigh_on_record(county)
    prescription = county.approved()
    with county.work() as work:
        from_paper(county, work, prescription)
        work.commit()
    assert step(county, prescription, State.DISPENSED).state is State.DISPENSED


def test_from_the_first_drawer_to_the_second_signature(county: County) -> None:
    lots = stocked(county)
    prescription = county.approved()
    assert (all_weighed(county, prescription).weighed_count, county.now(prescription).state) == (
        4,
        State.APPROVED,
    )
    assert check(county, prescription).state is State.DISPENSED
    payload = county.events(prescription)[-1].payload
    assert payload["lots_mg"] == {str(lots[herb]): 1000 * grams for herb, grams in TARGETS.items()}
    assert sorted((each["herb"], each["lot"], each["net_mg"], each["by"]) for each in payload["weighed"]) == (
        sorted((herb, lots[herb], 1000 * grams, county.floor.staff_id) for herb, grams in TARGETS.items())
    )
    assert [event.kind for event in county.events(prescription)[-3:]] == ["weighing", "weighed", "move"]
    assert [on_hand(county, lot) for lot in lots.values()] == [1.0] * 4


def test_the_list_follows_the_drawers_and_tells_grams_a_dose_and_the_limits(
    county: County,
) -> None:
    stocked(county)
    sheet = begun(county, county.approved())
    assert [(line.bin_code, line.herb, line.dose_g, line.low_mg, line.high_mg) for line in sheet.lines] == [
        ("A01", "党参", 12.0, 79_800, 88_200),
        ("A02", "白术", 9.0, 59_850, 66_150),
        ("A03", "茯苓", 12.0, 79_800, 88_200),
        ("A04", "炙甘草", 6.0, 39_900, 44_100),
    ]


@pytest.mark.parametrize("net_g", [79.79, 88.21, 8.4, 840])
def test_a_dose_that_is_off_by_more_than_five_percent_is_refused_and_nothing_kept(
    county: County, net_g: float
) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    with pytest.raises(Invalid) as refusal:
        put_on_scale(county, prescription, "A01", net_g)
    assert str(refusal.value) == (f"党参要称 84 g（79.8–88.2 g），秤上 {net_g:g} g，误差超过百分之5。")
    assert sheet_now(county, prescription).weighed_count == 0


@pytest.mark.parametrize("net_g", [79.8, 88.2])
def test_exactly_five_percent_is_right(county: County, net_g: float) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    assert put_on_scale(county, prescription, "A01", net_g).weighed_count == 1


@given(dose_mg=st.integers(1, 60_000), doses=st.integers(1, 30), net_mg=st.integers(1, 2_000_000))
def test_what_the_limits_let_pass_is_within_five_percent_of_every_dose(
    dose_mg: int, doses: int, net_mg: int
) -> None:
    line = line_of(dose_mg * doses, doses)
    passes = line.low_mg <= net_mg <= line.high_mg
    assert passes == (abs(net_mg / doses - dose_mg) * 100 <= 5 * dose_mg + 1e-6)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("B09", "扫到的是桂枝，这张处方里没有这味药，请放回原处。"),
        ("260999", "扫到的是桂枝，这张处方里没有这味药，请放回原处。"),
        ("260777", "党参要取货位A01、批号260901的，扫到的不是。"),
        ("SHELF", "货位SHELF不是专放一味药的，请扫药袋上的批号。"),
        ("Z99", "没有货位或批号“Z99”，请再扫一次。"),
        ("260901", "有几味药的批号都是260901，请扫货位：A01、A02、A03、A04。"),
    ],
)
def test_a_scan_of_anything_else_is_refused_by_name(county: County, code: str, sentence: str) -> None:
    stocked(county)
    drawer(county, "桂枝", 50, "B09", lot_number="260999")
    drawer(county, "党参", 50, "B10", lot_number="260777")
    drawer(county, "", 0, "SHELF")
    prescription = county.approved()
    begun(county, prescription)
    with pytest.raises(Invalid) as refusal:
        put_on_scale(county, prescription, code, 84)
    assert str(refusal.value) == sentence


def test_two_lots_of_an_herb_in_one_drawer_are_told_apart_by_their_numbers(county: County) -> None:
    weigh_on_record(county)
    keep_stock(county)
    drawer(county, "党参", 50, "A01", lot_number="OLD1")
    drawer(county, "党参", 50, "A01", lot_number="NEW2")
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    begun(county, prescription)
    with pytest.raises(Invalid) as refusal:
        put_on_scale(county, prescription, "A01", 50)
    assert str(refusal.value) == "货位A01里有几个批号，请扫药袋上的批号：OLD1、NEW2。"
    put_on_scale(county, prescription, "old1", 50)
    assert put_on_scale(county, prescription, "NEW2", 34).is_ready


def test_the_same_form_sent_twice_is_one_weighing(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    put_on_scale(county, prescription, "A01", 84, key="once")
    put_on_scale(county, prescription, "A01", 85, key="once")
    weighed = [line.weighed.net_mg for line in sheet_now(county, prescription).lines if line.weighed]
    assert weighed == [84_000]


def test_where_only_a_scale_may_say_it_typed_grams_are_refused(county: County) -> None:
    stocked(county)
    weigh_on_record(county, Weighing.SCALE)
    prescription = county.approved()
    begun(county, prescription)
    with pytest.raises(Invalid) as refusal:
        put_on_scale(county, prescription, "A01", 84)
    assert str(refusal.value) == "中心只收电子秤的读数，不能手填。"
    assert put_on_scale(county, prescription, "A01", 84, scale="S1").weighed_count == 1


@pytest.mark.parametrize(
    "done", [Done(Upkeep.CHECKED, passed=False, remark="超差"), Done(Upkeep.FAULT, remark="坏")]
)
def test_a_scale_that_failed_its_check_or_is_broken_weighs_nothing(county: County, done: Done) -> None:
    stocked(county)
    weigh_on_record(county, Weighing.SCALE)
    prescription = county.approved()
    begun(county, prescription)
    county.do(upkeeping.add_device, county.manager, "S1", DeviceKind.SCALE, "JJ500")
    county.do(upkeeping.note_done, county.manager, "S1", done, "device-1")
    with pytest.raises(Invalid, match="S1 已报修或检查不合格"):
        put_on_scale(county, prescription, "A01", 84, scale="S1")
    assert put_on_scale(county, prescription, "A01", 84, scale="S2").weighed_count == 1


def test_without_stock_on_record_herbs_are_named_by_name(county: County) -> None:
    weigh_on_record(county)
    prescription = county.approved()
    begun(county, prescription)
    for herb, grams in TARGETS.items():
        put_on_scale(county, prescription, herb, grams)
    assert check(county, prescription).state is State.DISPENSED


def test_granules_are_counted_out_and_still_looked_at_again(county: County) -> None:
    weigh_on_record(county)
    prescription = county.approved(draft(preparation=Preparation.GRANULES, usage=DISSOLVED))
    assert (begun(county, prescription).lines, county.now(prescription).state) == ((), State.APPROVED)
    assert check(county, prescription).state is State.DISPENSED


def test_nobody_signs_for_what_their_own_hands_weighed(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    all_weighed(county, prescription)
    with pytest.raises(Forbidden):
        check(county, prescription, county.floor)
    with county.work() as work:
        # A pharmacist who lent a hand on the floor.
        for each in work.weighed.all():
            each.weighed_by_id = county.pharmacist.staff_id
        work.commit()
    with pytest.raises(Forbidden) as refusal:
        check(county, prescription)
    assert str(refusal.value) == "您称过这张处方的药，须由另一位药师复核。"
    assert check(county, prescription, county.colleague).state is State.DISPENSED


def test_nothing_is_signed_before_everything_is_weighed(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    put_on_scale(county, prescription, "A01", 84)
    with pytest.raises(IllegalMove) as refusal:
        check(county, prescription)
    assert str(refusal.value) == "还没有称完，不能复核。"


def test_a_toxic_herb_takes_a_signature_of_its_own(county: County) -> None:
    weigh_on_record(county)
    prescription = county.approved()
    keep_stock(county)
    drawer(county, "雄黄", 10, "T01")
    with county.work() as work:
        # Review would not let it pass; the second look does not rely on that.
        first = work.prescriptions.get(prescription.key()).items[0]
        first.herb = first.written_as = "雄黄"
        for item in work.prescriptions.get(prescription.key()).items:
            item.dose_g = 0.1
        work.commit()
    for herb in ("白术", "茯苓", "炙甘草"):
        drawer(county, herb, 10, f"D{herb}")
    all_weighed(county, prescription)
    with pytest.raises(Invalid) as refusal:
        check(county, prescription)
    assert str(refusal.value) == "毒性药要逐味复核签名：雄黄。"
    assert check(county, prescription, toxic=["雄黄"]).state is State.DISPENSED
    assert county.events(prescription)[-1].payload["toxic"] == ["雄黄"]


def test_where_the_setting_asks_nothing_waits_without_a_picture_and_a_new_weight_makes_it_void(
    county: County,
) -> None:
    stocked(county)
    weigh_on_record(county, photograph=True)
    prescription = county.approved()
    assert all_weighed(county, prescription).is_ready is False
    with pytest.raises(IllegalMove):
        check(county, prescription)
    arguments = (county.floor, county.knowledge, prescription.key())
    assert county.do(weighing.attach_photograph, *arguments, b"clean").is_ready is True
    assert county.do(checking.open_picture, county.pharmacist, prescription.key()) == b"clean"
    assert put_on_scale(county, prescription, "A01", 85).is_ready is False
    county.do(weighing.attach_photograph, *arguments, b"again")
    assert check(county, prescription).state is State.DISPENSED
    assert county.do(checking.open_picture, county.pharmacist, prescription.key()) == b"again"


def test_a_picture_comes_when_everything_is_weighed(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    with pytest.raises(IllegalMove) as refusal:
        county.do(weighing.attach_photograph, county.floor, county.knowledge, prescription.key(), b"x")
    assert str(refusal.value) == "全部称完再拍照。"


def test_what_is_found_wrong_is_weighed_again_and_the_rest_stands(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    all_weighed(county, prescription)
    send_back(county, prescription, ["白术"], "weight")
    assert county.events(prescription)[-1].payload == {"herbs": ["白术"], "reason": "weight"}
    sheet = sheet_now(county, prescription)
    assert [line.herb for line in sheet.lines if line.weighed is None] == ["白术"]
    assert put_on_scale(county, prescription, "A02", 63).is_ready
    assert check(county, prescription).state is State.DISPENSED


@pytest.mark.parametrize(("herbs", "fault"), [([], "weight"), (["白术"], ""), (["桂枝"], "weight")])
def test_sending_back_needs_herbs_that_were_weighed_and_a_reason(
    county: County, herbs: list[str], fault: str
) -> None:
    stocked(county)
    prescription = county.approved()
    all_weighed(county, prescription)
    with pytest.raises(Invalid) as refusal:
        send_back(county, prescription, herbs, fault)
    assert str(refusal.value) == "请选出要重称的药味和原因。"


def test_a_page_that_shows_older_weights_is_not_signed(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    all_weighed(county, prescription)
    seen = county.now(prescription).version
    put_on_scale(county, prescription, "A01", 80)
    with pytest.raises(Stale):
        county.do(checking.sign, county.pharmacist, county.knowledge, prescription.key(), seen)


def test_an_herb_that_is_not_there_goes_back_to_the_doctor_by_name_and_everything_is_free_again(
    county: County,
) -> None:
    lots = stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    put_on_scale(county, prescription, "A01", 84)
    report_lacking(county, prescription, "茯苓")
    assert [row.dispensing.lacking for row in waiting(county)] == [["茯苓"]]
    returned = return_for_want(county, prescription)
    assert (returned.state, returned.reviewed_by_id) == (State.RETURNED, None)
    [decision, _] = county.do(reviews_of, county.doctor, prescription)
    assert (decision.decision, decision.reason_code, decision.note, decision.herbs) == (
        "returned",
        "out_of_stock",
        "缺药：茯苓。到货约需三天。",
        ["茯苓"],
    )
    assert [reserved(county, lot) for lot in lots.values()] == [0.0] * 4
    assert waiting(county) == []
    # The doctor answers, and it is reviewed and weighed from the start.
    again = county.do(prescribing.sign, county.doctor, county.knowledge, prescription.key(), returned.version)
    assert again.state is State.SIGNED


def test_nothing_is_returned_for_want_of_what_is_there(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    with pytest.raises(Invalid) as refusal:
        return_for_want(county, prescription)
    assert str(refusal.value) == "这张处方没有报缺的药。"


def test_what_was_missed_and_is_found_after_all_is_weighed(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    begun(county, prescription)
    report_lacking(county, prescription, "党参")
    assert put_on_scale(county, prescription, "A01", 84).dispensing.lacking == []  # type: ignore[union-attr]


def test_a_lot_that_is_locked_meanwhile_is_filled_from_another_or_stops_the_signature(county: County) -> None:
    lots = stocked(county)
    prescription = county.approved()
    all_weighed(county, prescription)
    lock(county, lots["党参"])
    with pytest.raises(IllegalMove):
        check(county, prescription)
    other = drawer(county, "党参", 90, "C07", lot_number="261111")
    lines = {line.herb: line for line in begun(county, prescription).lines}
    assert (lines["党参"].lot_id, lines["党参"].bin_code, lines["党参"].weighed) == (other, "C07", None)
    put_on_scale(county, prescription, "C07", 84)
    assert check(county, prescription).state is State.DISPENSED
    assert (on_hand(county, lots["党参"]), reserved(county, lots["党参"])) == (85.0, 0.0)
    assert (on_hand(county, other), reserved(county, other)) == (6.0, 0.0)


def test_a_cancelled_prescription_is_not_weighed_any_more(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    all_weighed(county, prescription)
    version = county.now(prescription).version
    county.do(prescribing.cancel, county.doctor, prescription.key(), version, "patient_declined")
    assert waiting(county) == []
    with pytest.raises(IllegalMove):
        put_on_scale(county, prescription, "A01", 84)


def test_a_scrapped_batch_is_weighed_anew(county: County) -> None:
    stocked(county, twice=True)
    prescription = county.approved()
    all_weighed(county, prescription)
    check(county, prescription)
    county.do(
        flooring.scrap, county.floor, prescription.key(), county.now(prescription).version, "wrong_herb"
    )
    assert begun(county, prescription).weighed_count == 0
    all_weighed(county, prescription)
    assert check(county, prescription).state is State.DISPENSED


def test_only_the_floor_weighs_and_only_a_manager_decides(county: County) -> None:
    stocked(county)
    prescription = county.approved()
    for actor in (county.pharmacist, county.doctor, county.manager):
        with pytest.raises(Forbidden):
            county.do(weighing.begin, actor, county.knowledge, prescription.key())
    for actor in (county.pharmacist, county.floor):
        with pytest.raises(Forbidden):
            county.do(weighing.set_dispensing, actor, Weighing.OFF, photograph=False)
    for actor in (county.floor, county.doctor):
        with pytest.raises(Forbidden):
            county.do(checking.waiting, actor)


def test_the_list_of_what_waits_asks_as_much_for_three_as_for_one(county: County) -> None:
    weigh_on_record(county)
    counts = []
    for wanted in (1, 3):
        while len(waiting(county)) < wanted:
            begun(county, county.approved(draft(preparation=Preparation.GRANULES, usage=DISSOLVED)))
        with county.work() as work, county.counted() as said:
            checking.waiting(work, county.pharmacist)
        counts.append(len(said))
    assert counts[0] == counts[1]


def weigh_on_record(county: County, how: Weighing = Weighing.TYPED, *, photograph: bool = False) -> None:
    """The manager decides."""
    county.do(weighing.set_dispensing, county.manager, how, photograph=photograph)


def drawer(county: County, herb: str, grams: float, code: str, **fields: Any) -> int:
    """A lot in a drawer of its own herb; without a herb only the shelf is made."""
    with county.work() as work:
        place = work.bins.by_code(code) or work.bins.add(Bin(code=code, herb=herb))
        work.commit()
    return shelve(county, herb, grams, bin_id=place.id, **fields) if herb else 0


def stocked(county: County, *, twice: bool = False) -> dict[str, int]:
    """Drawers with a gram more than 四君子汤 takes; lots by herb."""
    weigh_on_record(county)
    keep_stock(county)
    return {
        herb: drawer(county, herb, grams * (2 if twice else 1) + 1, f"A0{number}")
        for number, (herb, grams) in enumerate(TARGETS.items(), start=1)
    }


def begun(county: County, prescription: Prescription) -> Sheet:
    """Begun, or gone on with."""
    return county.do(weighing.begin, county.floor, county.knowledge, prescription.key())


def sheet_now(county: County, prescription: Prescription) -> Sheet:
    """As the floor's page shows it."""
    return county.do(weighing.open_sheet, county.floor, county.knowledge, prescription.key())


def put_on_scale(
    county: County, prescription: Prescription, code: str, net_g: float, *, scale: str = "", key: str = ""
) -> Sheet:
    """One herb scanned and weighed."""
    return county.do(
        weighing.weigh,
        county.floor,
        county.knowledge,
        prescription.key(),
        code,
        round(net_g * 1000),
        scale=scale,
        request_key=key or county.new_key(),
    )


def all_weighed(county: County, prescription: Prescription) -> Sheet:
    """Every line weighed to the milligram."""
    sheet = begun(county, prescription)
    for line in sheet.lines:
        sheet = put_on_scale(county, prescription, line.bin_code, line.target_mg / 1000)
    return sheet


def check(county: County, prescription: Prescription, by: Any = None, toxic: Any = ()) -> Prescription:
    """Signed by the second person."""
    return county.do(
        checking.sign,
        by or county.pharmacist,
        county.knowledge,
        prescription.key(),
        county.now(prescription).version,
        toxic=toxic,
    )


def send_back(county: County, prescription: Prescription, herbs: list[str], fault: str) -> Prescription:
    """Some of it is to be weighed again."""
    version = county.now(prescription).version
    key = prescription.key()
    return county.do(checking.send_back, county.pharmacist, county.knowledge, key, version, herbs, fault)


def report_lacking(county: County, prescription: Prescription, herb: str) -> Sheet:
    """The floor cannot find it."""
    return county.do(weighing.report_lacking, county.floor, county.knowledge, prescription.key(), herb)


def return_for_want(county: County, prescription: Prescription) -> Prescription:
    """Back to the doctor."""
    version = county.now(prescription).version
    key = prescription.key()
    return county.do(
        checking.return_for_want, county.pharmacist, county.knowledge, key, version, "到货约需三天。"
    )


def waiting(county: County) -> list[checking.Waiting]:
    """The pharmacists' list."""
    return county.do(checking.waiting, county.pharmacist)


def reviews_of(work: Any, _actor: Any, prescription: Prescription) -> Any:
    """Decisions, newest first."""
    return work.reviews.of_prescription(prescription.key())


def lock(county: County, lot_id: int) -> None:
    """A lot is locked, as for a recall."""
    with county.work() as work:
        work.lots.get(lot_id).state = LotState.BLOCKED
        work.commit()


def on_hand(county: County, lot_id: int) -> float:
    """Grams that are there."""
    with county.work() as work:
        return work.lots.get(lot_id).on_hand_mg / 1000


def reserved(county: County, lot_id: int) -> float:
    """Grams that are set aside."""
    with county.work() as work:
        return work.lots.get(lot_id).reserved_mg / 1000


def line_of(target_mg: int, doses_count: int) -> Line:
    """A line that asks for so much."""
    return Line("党参", (), None, "", "", False, target_mg, doses_count, False, True, False, None)


def from_paper(county: County, work: Any, prescription: Prescription) -> None:
    """A signature for the dispensing that was given on paper."""
    work.paper_signatures.add(
        PaperSignature(
            prescription_id=prescription.key(),
            step=PaperStep.DISPENSED,
            paper_number="C1-J-000001",
            signed_by_id=county.floor.staff_id,
            signed_at=work.now,
            reason=next(iter(PaperReason)),
            entered_by_id=county.floor.staff_id,
            entered_at=work.now,
        )
    )
