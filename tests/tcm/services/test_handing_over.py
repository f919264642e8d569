"""What shows a hand-over: signature, code, clinic, paper; wrong codes count, clocks are not believed."""

from datetime import timedelta

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.road import CourierSettings, HandingWay, Handover, PhoneTime, Proof
from tcm.services import delivering, handing_over
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import County

PICTURE = b"a drawn name"


def carried(county: County) -> Prescription:
    prescription = packed(county)
    on_the_road(county, prescription)
    return prescription


def deliver(county: County, prescription: Prescription, proof: Proof, phone: PhoneTime | None = None) -> None:
    county.do(delivering.deliver, county.courier, prescription.key(), None, proof=proof, phone=phone)


def kept(county: County, prescription: Prescription) -> Handover | None:
    with county.work() as work:
        return work.handovers.of_prescription(prescription.key())


def code_of(county: County, prescription: Prescription) -> str:
    with county.work() as work:
        found = work.pickup_codes.of_prescription(prescription.key())
    assert found is not None
    return found.code


def wrong(code: str) -> Proof:
    return Proof(HandingWay.CODE, code="0000" if code != "0000" else "1111")


def test_a_signature_is_sealed_and_shown_to_the_manager_and_its_courier_alone(county: County) -> None:
    prescription = carried(county)
    deliver(county, prescription, Proof(HandingWay.SIGNATURE, "女儿", signature_png=PICTURE))
    handover = kept(county, prescription)
    assert handover is not None
    assert (handover.way, handover.received_by) == (HandingWay.SIGNATURE, "女儿")
    assert county.events(prescription)[-1].payload["way"] == "signature"
    for actor in (county.manager, county.courier):
        assert county.do(handing_over.open_signature, actor, prescription.key()) == PICTURE
    with pytest.raises(Forbidden):
        county.do(handing_over.open_signature, county.other_courier, prescription.key())
    with county.work() as work:
        assert PICTURE not in work.blobs.sealed(handover.signature_key)


def test_a_signature_of_what_was_not_handed_over_leaves_no_picture(county: County) -> None:
    prescription = carried(county)
    with county.work() as work:
        before = work.blobs.names()
    with pytest.raises(Invalid, match="这件没有代收"):
        county.do(
            delivering.deliver,
            county.courier,
            prescription.key(),
            None,
            proof=Proof(HandingWay.SIGNATURE, signature_png=PICTURE),
            paid_fen=100,
        )
    with county.work() as work:
        assert work.blobs.names() == before
    assert kept(county, prescription) is None


def test_the_code_that_the_patient_was_told_opens_and_stays_the_same(county: County) -> None:
    prescription = carried(county)
    code = code_of(county, prescription)
    assert len(code) == handing_over.PICKUP_DIGITS
    assert code.isdigit()
    with county.work() as work:
        handing_over.make_codes(work, [prescription.key()])
        work.commit()
    assert code_of(county, prescription) == code
    deliver(county, prescription, Proof(HandingWay.CODE, code=code))
    assert county.now(prescription).state is State.DELIVERED


def test_five_wrong_codes_lock_the_code_and_not_the_other_ways(county: County) -> None:
    prescription = carried(county)
    code = code_of(county, prescription)
    for _ in range(5):
        with pytest.raises(Forbidden, match="取药码不对"):
            deliver(county, prescription, wrong(code))
    with pytest.raises(Forbidden, match="取药码错的次数太多"):
        deliver(county, prescription, Proof(HandingWay.CODE, code=code))
    assert county.now(prescription).state is State.LOADED
    county.watch.pass_(hours=13)
    deliver(county, prescription, Proof(HandingWay.CODE, code=code))
    assert county.now(prescription).state is State.DELIVERED


@pytest.mark.parametrize(
    ("proof", "sentence"),
    [
        (Proof(HandingWay.SIGNATURE), "还没有签名"),
        (Proof(HandingWay.CLINIC), "请写明村卫生室谁收的"),
        (Proof(HandingWay.CODE), "请填四位取药码"),
    ],
)
def test_a_proof_that_is_none_hands_nothing_over(county: County, proof: Proof, sentence: str) -> None:
    prescription = carried(county)
    with pytest.raises(Invalid, match=sentence):
        deliver(county, prescription, proof)
    assert county.now(prescription).state is State.LOADED


def test_paper_is_proof_until_the_manager_says_otherwise(county: County) -> None:
    first, second = packed(county), packed(county)
    on_the_road(county, first, second)
    deliver(county, second, Proof())
    with county.work() as work:
        work.courier_settings.add(
            CourierSettings(paper_enough=False, set_by_id=county.manager.staff_id, set_at=work.now)
        )
        work.commit()
    with pytest.raises(Invalid, match="中心要求在手机上签收"):
        deliver(county, first, Proof())
    deliver(county, first, Proof(HandingWay.CLINIC, "村医李"))
    assert county.now(first).state is State.DELIVERED


def test_the_phones_clock_is_kept_and_set_right_but_not_believed(county: County) -> None:
    prescription = carried(county)
    done_at = county.watch() + timedelta(hours=5)
    deliver(county, prescription, Proof(), PhoneTime(done_at, skew_s=-6 * 3600))
    handover = kept(county, prescription)
    assert handover is not None
    assert handover.phone_at == done_at
    assert handover.happened_at == done_at - timedelta(hours=6)
    assert county.events(prescription)[-1].at == handover.received_at
    ahead = PhoneTime(done_at, skew_s=0)
    assert ahead.happened_at(handover.received_at) == handover.received_at


def test_nobody_signed_for_what_was_never_handed_over(county: County) -> None:
    prescription = carried(county)
    with pytest.raises(NotFound, match="没有这条签收记录"):
        county.do(handing_over.open_signature, county.manager, prescription.key())
