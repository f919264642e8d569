"""The doctor's desk: what is saved, what may be signed, what is lost when a dose changes, what is refused."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused, Stale
from tcm.records.lifecycle import REASONS, State
from tcm.records.roles import Role
from tcm.services import keeping, prescribing
from tcm.services.prescribing import ItemDraft
from tests.tcm.centre import step
from tests.tcm.county import FOUR_GENTLEMEN, County, draft

MUCH_ATRACTYLODES = ItemDraft("白术", 20.0)
OVERDOSED = (FOUR_GENTLEMEN[0], MUCH_ATRACTYLODES, *FOUR_GENTLEMEN[2:])


def second_signed(county: County, prescription: Prescription, *herbs: str) -> Prescription:
    return county.do(
        prescribing.second_sign,
        county.doctor,
        county.knowledge,
        prescription.key(),
        prescription.version,
        tuple(herbs),
    )


def cancel(county: County, prescription: Prescription, reason: str = "rewritten") -> Prescription:
    version = county.now(prescription).version
    return county.do(prescribing.cancel, county.doctor, prescription.key(), version, reason)


def test_a_draft_holds_what_the_form_said(county: County) -> None:
    form = draft(doses_count=5, urgent=True, usage="冲服")
    saved = county.now(county.drafted(form))
    assert [
        (i.position, i.herb, i.written_as, i.dose_g, i.decoction_note, i.origin) for i in saved.items
    ] == [
        (0, "党参", "党参", 12.0, "", "typed"),
        (1, "白术", "白术", 9.0, "", "typed"),
        (2, "茯苓", "茯苓", 12.0, "", "typed"),
        (3, "炙甘草", "炙甘草", 6.0, "", "typed"),
    ]
    assert (saved.doses_count, saved.urgent, saved.usage, saved.syndrome) == (5, True, "冲服", "脾胃气虚证")
    assert (saved.patient_id, saved.institution_id, saved.village_id, saved.doctor_id) == (
        county.patient.id,
        county.hospital.id,
        county.village.id,
        county.doctor.staff_id,
    )


def test_saving_again_replaces_the_lines_and_leaves_no_orphans(county: County) -> None:
    saved = county.saved(county.drafted(), draft(FOUR_GENTLEMEN[:2]))
    assert [item.herb for item in county.now(saved).items] == ["党参", "白术"]
    with county.work() as work:
        assert work.session.connection().exec_driver_sql("SELECT count(*) FROM items").scalar() == 2


def test_another_name_of_a_herb_is_kept_as_written_and_known_by_its_standard_name(county: County) -> None:
    [item] = county.now(county.drafted(draft([ItemDraft("云苓", 12.0)]))).items
    assert (item.written_as, item.herb) == ("云苓", "茯苓")


def test_an_unknown_herb_is_kept_as_written_and_cannot_be_signed(county: County) -> None:
    saved = county.drafted(draft([*FOUR_GENTLEMEN, ItemDraft("无此药", 9.0)]))
    assert saved.items[-1].herb == "无此药"
    with pytest.raises(Invalid, match="还有需要处理的审核提示"):
        county.sign(saved)


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (draft([ItemDraft("白术", -9.0)]), "invalid_dose"),
        (draft([ItemDraft("白术", 0.0)]), "invalid_dose"),
        (draft(OVERDOSED), "overdose"),
        (draft(doses_count=0), "invalid_dose"),
        (draft(doses_count=14), "days_supply"),
        (draft(syndrome="", disease=""), "missing_diagnosis"),
        (draft([*FOUR_GENTLEMEN, ItemDraft("附子", 9.0)]), "missing_decoction_note"),
        (draft([*FOUR_GENTLEMEN, ItemDraft("党参", 9.0)]), "duplicate"),
        (draft([*FOUR_GENTLEMEN, ItemDraft("甘遂", 1.0)]), "incompat_18"),
        (draft([*FOUR_GENTLEMEN, ItemDraft("生半夏", 3.0)]), "regulated_toxic"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_must_be_mended_first_cannot_be_signed(
    county: County, form: prescribing.PrescriptionDraft, rule: str
) -> None:
    saved = county.drafted(form)
    found = county.do(prescribing.findings, county.doctor, county.knowledge, saved.key())
    assert rule in {finding.rule for finding in found}
    with pytest.raises(Invalid) as refusal:
        county.sign(saved)
    assert str(refusal.value) == "还有需要处理的审核提示，请修改，或在所列药味上再次签名。"
    now = county.now(saved)
    assert (now.state, now.number, now.version) == (State.DRAFT, None, saved.version)
    assert county.story(saved) == []


def test_an_empty_prescription_cannot_be_signed(county: County) -> None:
    with pytest.raises(Invalid, match="处方里还没有药味"):
        county.sign(county.drafted(draft([])))


def test_a_second_signature_lets_an_unusual_dose_pass(county: County) -> None:
    signed_twice = second_signed(county, county.drafted(draft(OVERDOSED)), "白术")
    assert [item.second_signed_by_id for item in signed_twice.items] == [
        None,
        county.doctor.staff_id,
        None,
        None,
    ]
    assert signed_twice.items[1].second_signed_at == county.watch()
    assert county.sign(signed_twice).state is State.SIGNED
    assert county.story(signed_twice) == ["second_signed", "signed"]
    assert county.events(signed_twice)[0].payload == {"herbs": ["白术"]}


def test_a_second_signature_stays_while_other_lines_change(county: County) -> None:
    signed_twice = second_signed(county, county.drafted(draft(OVERDOSED)), "白术")
    saved = county.saved(signed_twice, draft([MUCH_ATRACTYLODES, ItemDraft("茯苓", 15.0)]))
    assert [(i.herb, i.second_signed_by_id) for i in saved.items] == [
        ("白术", county.doctor.staff_id),
        ("茯苓", None),
    ]


@pytest.mark.parametrize("changed", [ItemDraft("白术", 21.0), ItemDraft("麸炒白术", 20.0)])
def test_a_second_signature_is_lost_with_the_dose_or_the_herb(county: County, changed: ItemDraft) -> None:
    signed_twice = second_signed(county, county.drafted(draft(OVERDOSED)), "白术")
    saved = county.saved(signed_twice, draft([changed]))
    assert [item.second_signed_by_id for item in saved.items] == [None]
    back = county.saved(saved, draft([MUCH_ATRACTYLODES]))
    assert [item.second_signed_by_id for item in back.items] == [None]


def test_no_signature_above_a_herb_that_is_not_there(county: County) -> None:
    saved = county.drafted()
    with pytest.raises(Invalid, match="处方里没有要再次签名的药味"):
        second_signed(county, saved, "党参", "附子")
    assert county.story(saved) == []


def test_a_block_is_not_cleared_by_any_signature(county: County) -> None:
    pregnant = county.visited(pregnant=True)
    saved = county.drafted(draft([*FOUR_GENTLEMEN, ItemDraft("三棱", 6.0)]), pregnant)
    signed_twice = second_signed(county, saved, "三棱")
    with pytest.raises(Invalid, match="还有需要处理的审核提示"):
        county.sign(signed_twice)


def test_adopted_lines_are_noted_once_with_their_origin(county: County) -> None:
    adopted = [ItemDraft(i.written_as, i.dose_g, origin="四君子汤") for i in FOUR_GENTLEMEN[:2]]
    saved = county.drafted(draft([*adopted, *FOUR_GENTLEMEN[2:]]))
    again = county.saved(saved, draft([*adopted, ItemDraft("陈皮", 6.0, origin="异功散")]))
    assert [(event.kind, event.payload) for event in county.events(again)] == [
        (
            "adopted",
            {"lines": [{"herb": "党参", "origin": "四君子汤"}, {"herb": "白术", "origin": "四君子汤"}]},
        ),
        ("adopted", {"lines": [{"herb": "陈皮", "origin": "异功散"}]}),
    ]


def test_typed_lines_leave_no_note(county: County) -> None:
    assert county.story(county.saved(county.drafted(), draft(FOUR_GENTLEMEN[:3]))) == []


def test_one_form_sent_twice_begins_one_prescription(county: County) -> None:
    visit, key = county.visited(), county.new_key()
    first = county.do(prescribing.begin, county.doctor, visit.id or 0, key)
    second = county.do(prescribing.begin, county.doctor, visit.id or 0, key)
    assert first.id == second.id
    with county.work() as work:
        assert len(work.prescriptions.of_encounter(visit.id or 0)) == 1


def test_the_key_of_one_visit_opens_nothing_at_another(county: County) -> None:
    key = county.new_key()
    county.do(prescribing.begin, county.doctor, county.visited().id or 0, key)
    with pytest.raises(Refused):
        county.do(prescribing.begin, county.doctor, county.visited().id or 0, key)


def test_signing_twice_from_one_page_is_stale_and_signs_once(county: County) -> None:
    saved = county.drafted()
    county.sign(saved)
    with pytest.raises(Stale):
        county.sign(saved)
    assert county.story(saved) == ["signed"]


def test_a_stale_page_overwrites_nothing(county: County) -> None:
    old = county.drafted()
    county.saved(old, draft(usage="新的"))
    for attempt in (
        lambda: county.saved(old, draft(usage="旧的")),
        lambda: county.sign(old),
        lambda: second_signed(county, old, "党参"),
        lambda: county.do(prescribing.cancel, county.doctor, old.key(), old.version, "other"),
    ):
        with pytest.raises(Stale):
            attempt()
    now = county.now(old)
    assert (now.usage, now.state, county.story(old)) == ("新的", State.DRAFT, [])


def test_a_signed_prescription_is_not_edited(county: County) -> None:
    signed = county.signed()
    with pytest.raises(IllegalMove, match="处方已经签名，不能再改"):
        county.saved(signed, draft(usage="改"))
    with pytest.raises(IllegalMove, match="处方已经签名，不能再改"):
        second_signed(county, signed, "党参")


@pytest.mark.parametrize("who", ["other_doctor", "foreign_doctor", "pharmacist", "floor", "manager", "admin"])
def test_nobody_but_its_doctor_writes_a_prescription(county: County, who: str) -> None:
    saved, actor = county.drafted(), getattr(county, who)
    for use_case, args in (
        (prescribing.begin, (saved.encounter_id, county.new_key())),
        (prescribing.save, (county.knowledge, saved.key(), saved.version, draft())),
        (prescribing.sign, (county.knowledge, saved.key(), saved.version)),
        (prescribing.second_sign, (county.knowledge, saved.key(), saved.version, ("党参",))),
    ):
        with pytest.raises(Forbidden, match="您没有这项权限"):
            county.do(use_case, actor, *args)
    assert [(who, allowed) for who, _, _, _, allowed in county.looks()[-4:]] == [(actor.staff_id, False)] * 4
    assert (county.now(saved).version, county.story(saved)) == (saved.version, [])


def test_findings_are_for_the_house_and_the_pharmacists(county: County) -> None:
    saved = county.drafted()
    allowed = set()
    for role, actor in county.actors.items():
        try:
            county.do(prescribing.findings, actor, county.knowledge, saved.key())
            allowed.add(role)
        except Forbidden:
            continue
    assert allowed == {Role.DOCTOR, Role.PHARMACIST}
    with pytest.raises(Forbidden):
        county.do(prescribing.findings, county.foreign_doctor, county.knowledge, saved.key())


def test_a_prescription_that_is_not_there_is_said_in_words(county: County) -> None:
    with pytest.raises(NotFound, match="没有这张处方"):
        county.do(prescribing.sign, county.doctor, county.knowledge, 999, 1)


@pytest.mark.parametrize("made", ["drafted", "signed", "approved"])
def test_a_doctor_cancels_until_it_is_dispensed(county: County, made: str) -> None:
    prescription = cancel(county, getattr(county, made)())
    assert prescription.state is State.CANCELLED
    event = county.events(prescription)[-1]
    assert (event.target, event.payload) == (State.CANCELLED, {"reason": "rewritten"})


def test_nothing_is_cancelled_once_it_is_dispensed(county: County) -> None:
    dispensed = step(county, county.approved(), State.DISPENSED)
    with pytest.raises(IllegalMove, match="处方现在是“已调剂”，不能改为“已取消”。"):
        cancel(county, dispensed)
    assert county.now(dispensed).state is State.DISPENSED


@pytest.mark.parametrize("reason", ["", "no such reason", "burnt"])
def test_a_cancellation_says_why(county: County, reason: str) -> None:
    with pytest.raises(Invalid, match="请选择原因"):
        cancel(county, county.signed(), reason)


def test_every_reason_to_cancel_is_taken(county: County) -> None:
    states = {cancel(county, county.drafted(), reason).state for reason in REASONS[State.CANCELLED]}
    assert states == {State.CANCELLED}


def test_a_pharmacist_cancels_what_is_approved_and_nothing_earlier(county: County) -> None:
    approved, signed = county.approved(), county.signed()
    county.do(prescribing.cancel, county.pharmacist, approved.key(), approved.version, "other")
    assert county.now(approved).state is State.CANCELLED
    with pytest.raises(IllegalMove, match="您的岗位不能把处方改为“已取消”。"):
        county.do(prescribing.cancel, county.pharmacist, signed.key(), signed.version, "other")
    assert county.now(signed).state is State.SIGNED


def test_a_cancelled_prescription_lies_on_no_desk(county: County) -> None:
    claimed = county.claimed(county.signed())
    cancelled = cancel(county, claimed)
    assert (cancelled.claimed_by_id, cancelled.claimed_at) == (None, None)


def test_nothing_is_signed_over_notes_that_the_doctor_typed_and_that_are_not_written(county: County) -> None:
    prescription = county.drafted()
    visit = prescription.encounter_id
    county.do(
        keeping.keep_notes, county.doctor, visit, {"complaint": ["停经两月"], "creatinine_umol_l": ["0.9"]}
    )
    with pytest.raises(Invalid, match="四诊"):
        county.sign(prescription)
    assert county.now(prescription).state is State.DRAFT
    county.do(keeping.drop_draft, county.doctor, visit, keeping.NOTES)
    # What a colleague of the house left there is not the doctor's.
    county.do(keeping.keep_notes, county.other_doctor, visit, {"complaint": ["停经"]})
    assert county.sign(county.now(prescription)).state is State.SIGNED
