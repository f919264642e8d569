"""The floor: one step after another, pots with their rules, a batch thrown away and made again."""

from datetime import date

import pytest

from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from tcm.records.lifecycle import REASONS, State
from tcm.records.roles import Role
from tcm.services import flooring, packing
from tcm.services.prescribing import ItemDraft
from tests.tcm.centre import FLOOR_STEPS, brought_to, packed, step
from tests.tcm.county import FOUR_GENTLEMEN, County, draft

TOXIC = draft([*FOUR_GENTLEMEN, ItemDraft("附子", 9.0, "先煎")])
STRONG = draft([*FOUR_GENTLEMEN, ItemDraft("乳香", 4.0)])


def scrap(county: County, prescription: Prescription, reason: str = "burnt") -> Prescription:
    version = county.now(prescription).version
    return county.do(flooring.scrap, county.floor, prescription.key(), version, reason)


def draw_off(county: County, prescription: Prescription) -> Prescription:
    version = county.now(prescription).version
    return county.do(flooring.draw_off, county.floor, prescription.key(), version)


def soaking(county: County) -> Prescription:
    return brought_to(county, county.approved(), State.SOAKING)


def bags(county: County, prescription: Prescription) -> list[tuple[int, int, int]]:
    with county.work() as work:
        kept = work.bags.of_prescriptions([prescription.key()]).get(prescription.key(), [])
    return [(bag.position, bag.pouches, bag.pouch_ml) for bag in kept]


def test_steps_are_taken_in_their_order_only(county: County) -> None:
    prescription = county.approved()
    for target in FLOOR_STEPS:
        for other in set(State) - {target, State.SCRAPPED}:
            with pytest.raises((IllegalMove, Invalid)):
                step(county, prescription, other, "P02")
        prescription = step(county, prescription, target, "P01")
    assert county.story(prescription)[2:] == ["approved", "dispensed", "soaking", "decocting", "packed"]


def test_what_is_not_approved_is_not_dispensed(county: County) -> None:
    for prescription in (county.drafted(), county.signed()):
        with pytest.raises(IllegalMove, match="不能改为“已调剂”"):
            step(county, prescription, State.DISPENSED)


def test_only_floor_staff_work_the_floor(county: County) -> None:
    prescription = brought_to(county, county.approved(), State.DECOCTING)
    key, version = prescription.key(), prescription.version
    for role, actor in county.actors.items():
        if role is Role.FLOOR:
            continue
        for use_case, args in (
            (flooring.advance, (county.knowledge, key, version, State.PACKED)),
            (flooring.draw_off, (key, version)),
            (flooring.scrap, (key, version, "burnt")),
            (flooring.set_pot_active, ("P01",)),
            (flooring.find_by_scan, (prescription.number,)),
        ):
            named = {"active": False} if use_case is flooring.set_pot_active else {}
            with pytest.raises(Forbidden, match="您没有这项权限"):
                county.do(use_case, actor, *args, **named)
    assert county.now(prescription).version == version


def test_a_stale_page_takes_no_step(county: County) -> None:
    old = county.approved()
    step(county, old, State.DISPENSED)
    for use_case, args in (
        (flooring.advance, (county.knowledge, old.key(), old.version, State.DISPENSED)),
        (flooring.draw_off, (old.key(), old.version)),
        (flooring.scrap, (old.key(), old.version, "burnt")),
    ):
        with pytest.raises(Stale):
            county.do(use_case, county.floor, *args)
    assert county.story(old)[-2:] == ["approved", "dispensed"]


@pytest.mark.parametrize("pot", [None, ""])
def test_decocting_asks_for_a_pot(county: County, pot: str | None) -> None:
    with pytest.raises(Invalid, match="请扫描或选择煎药锅"):
        step(county, soaking(county), State.DECOCTING, pot)


def test_a_foreign_pot_code_is_said_in_words(county: County) -> None:
    with pytest.raises(NotFound, match="没有这口锅"):
        step(county, soaking(county), State.DECOCTING, "P99")


def test_a_pot_out_of_order_is_refused_until_it_is_back(county: County) -> None:
    prescription = soaking(county)
    county.do(flooring.set_pot_active, county.floor, "P01", active=False)
    with pytest.raises(Invalid) as refusal:
        step(county, prescription, State.DECOCTING, "P01")
    assert str(refusal.value) == "P01号锅已停用。"
    county.do(flooring.set_pot_active, county.floor, "P01", active=True)
    assert step(county, prescription, State.DECOCTING, "P01").pot_id == county.pots["P01"].id


def test_a_pot_too_small_is_refused(county: County) -> None:
    with pytest.raises(Invalid, match="S01号锅装不下这张处方"):
        step(county, soaking(county), State.DECOCTING, "S01")


@pytest.mark.parametrize(
    ("form", "own", "others"),
    [
        (draft(), "P01", ("T01", "Q01")),
        (TOXIC, "T01", ("P01", "Q01")),
        (STRONG, "Q01", ("P01", "T01")),
    ],
    ids=["mild", "toxic", "strong"],
)
def test_toxic_and_strong_herbs_have_pots_of_their_own(
    county: County, form: object, own: str, others: tuple[str, ...]
) -> None:
    prescription = brought_to(county, county.approved(form), State.SOAKING)  # type: ignore[arg-type]
    for pot in others:
        with pytest.raises(Invalid) as refusal:
            step(county, prescription, State.DECOCTING, pot)
        assert str(refusal.value) == f"{pot}号锅不是这类药的专用锅。"
    assert step(county, prescription, State.DECOCTING, own).pot_id == county.pots[own].id


def test_a_taken_pot_says_what_is_in_it(county: County) -> None:
    first = brought_to(county, county.approved(), State.DECOCTING, "P01")
    second = soaking(county)
    with pytest.raises(Invalid) as refusal:
        step(county, second, State.DECOCTING, "P01")
    assert str(refusal.value) == f"P01号锅正在煎{first.number}。"
    assert (county.now(second).state, county.now(second).pot_id) == (State.SOAKING, None)
    assert step(county, second, State.DECOCTING, "P02").pot_id == county.pots["P02"].id


def test_packing_frees_the_pot(county: County) -> None:
    first = brought_to(county, county.approved(), State.PACKED, "P01")
    assert first.pot_id is None
    assert brought_to(county, county.approved(), State.DECOCTING, "P01").pot_id == county.pots["P01"].id


def test_drawing_off_frees_the_pot_before_packing(county: County) -> None:
    first = brought_to(county, county.approved(), State.DECOCTING, "P01")
    drawn = draw_off(county, first)
    assert (drawn.state, drawn.pot_id) == (State.DECOCTING, None)
    assert county.events(drawn)[-1].payload == {"pot": "P01"}
    brought_to(county, county.approved(), State.DECOCTING, "P01")
    assert step(county, drawn, State.PACKED).state is State.PACKED
    assert county.story(drawn)[-3:] == ["decocting", "drawn_off", "packed"]


@pytest.mark.parametrize("state", FLOOR_STEPS)
def test_what_is_in_no_pot_is_not_drawn_off(county: County, state: State) -> None:
    prescription = brought_to(county, county.approved(), state)
    if state is State.DECOCTING:
        prescription = draw_off(county, prescription)
    with pytest.raises(IllegalMove, match="这张处方不在锅里"):
        draw_off(county, prescription)


@pytest.mark.parametrize(
    ("doses_count", "expected"),
    [
        (1, [(1, 2, 200)]),
        (7, [(1, 14, 200)]),
        (15, [(1, 30, 200)]),
        (16, [(1, 30, 200), (2, 2, 200)]),
    ],
)
def test_two_pouches_a_dose_and_thirty_pouches_a_bag(
    county: County, doses_count: int, expected: list[tuple[int, int, int]]
) -> None:
    form = draft(doses_count=doses_count, extended_supply_reason="路远")
    assert bags(county, brought_to(county, county.approved(form), State.PACKED)) == expected


def test_a_child_gets_small_pouches(county: County) -> None:
    child = county.registered(name="小欧阳", born_on=date(2014, 6, 1), phone="", id_number="")
    small = draft([ItemDraft("茯苓", 10.0), ItemDraft("陈皮", 3.0)])
    prescription = county.approved(small, county.visited(child))
    assert bags(county, brought_to(county, prescription, State.PACKED)) == [(1, 14, 125)]


def test_every_bag_has_a_code_of_twelve_signs_nobody_mixes_up(county: County) -> None:
    form = draft(doses_count=30, extended_supply_reason="路远")
    prescription = brought_to(county, county.approved(form), State.PACKED)
    with county.work() as work:
        codes = [bag.code for bag in work.bags.of_prescriptions([prescription.key()])[prescription.key()]]
    assert len(set(codes)) == 2
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) & set("01ILO") == set()
    found = [
        county.do(flooring.find_by_scan, county.floor, code).id for code in [*codes, prescription.number]
    ]
    assert found == [prescription.id] * 3


def test_a_foreign_label_is_said_in_words(county: County) -> None:
    with pytest.raises(NotFound, match="没有这个袋码，请核对后再扫一次"):
        county.do(flooring.find_by_scan, county.floor, "20261121-99999")


@pytest.mark.parametrize("state", FLOOR_STEPS)
def test_a_batch_is_scrapped_from_any_step_and_made_again(county: County, state: State) -> None:
    prescription = brought_to(county, county.approved(), state)
    scrapped = scrap(county, prescription, "spilled")
    assert (scrapped.state, scrapped.pot_id, bags(county, scrapped)) == (State.SCRAPPED, None, [])
    assert county.events(scrapped)[-1].payload == {"reason": "spilled"}
    again = brought_to(county, scrapped, State.PACKED)
    assert (again.state, bags(county, again)) == (State.PACKED, [(1, 14, 200)])


def test_scrapped_bags_are_void_and_their_codes_never_used_again(county: County) -> None:
    prescription = packed(county)
    scrapped = scrap(county, prescription)
    at = county.watch()
    brought_to(county, scrapped, State.PACKED)
    with county.work() as work:
        old, new = work.bags.all()
    assert (old.voided_at, new.voided_at) == (at, None)
    assert old.code != new.code


@pytest.mark.parametrize("made", ["drafted", "signed", "approved"])
def test_what_is_not_dispensed_is_not_scrapped(county: County, made: str) -> None:
    with pytest.raises(IllegalMove, match="不能改为“已报废”"):
        scrap(county, getattr(county, made)())


@pytest.mark.parametrize("reason", ["", "not_home", "no such reason"])
def test_scrapping_says_why(county: County, reason: str) -> None:
    with pytest.raises(Invalid, match="请选择原因"):
        scrap(county, packed(county), reason)


def test_every_reason_to_scrap_is_taken(county: County) -> None:
    prescription = county.approved()
    for reason in REASONS[State.SCRAPPED]:
        prescription = scrap(county, step(county, prescription, State.DISPENSED), reason)
        assert county.events(prescription)[-1].payload == {"reason": reason}


def test_scrapping_by_the_next_step_button_is_refused_without_a_reason(county: County) -> None:
    with pytest.raises(Invalid, match="请选择原因"):
        step(county, packed(county), State.SCRAPPED)


def test_the_board_shows_what_is_owed_and_names_no_patient(county: County) -> None:
    county.drafted()
    county.signed()
    late = county.approved()
    urgent = brought_to(county, county.approved(draft(urgent=True)), State.SOAKING)
    for actor in (county.floor, county.manager):
        rows = county.do(flooring.board, actor)
        assert [(row.prescription_id, row.state, row.urgent) for row in rows] == [
            (urgent.key(), State.SOAKING, True),
            (late.key(), State.APPROVED, False),
        ]
    assert vars(rows[1]) == {
        "prescription_id": late.key(),
        "number": late.number,
        "version": late.version,
        "state": State.APPROVED,
        "since": late.edited_at,
        "institution": "詹桥镇卫生院",
        "village": "白石村卫生室",
        "doses_count": 7,
        "urgent": False,
        "preparation": Preparation.DECOCTED,
        "paper_number": None,
    }
    for role in (Role.DOCTOR, Role.PHARMACIST, Role.COURIER, Role.ADMIN):
        with pytest.raises(Forbidden):
            county.do(flooring.board, county.actors[role])


def test_a_dose_makes_as_many_pouches_as_the_boil_rules_say(county: County) -> None:
    prescription = county.approved()
    with county.work() as work:
        boil = flooring.boil_programme(work, county.knowledge, prescription)
    assert packing.pouches_of(prescription) == boil.bags == prescription.doses_count * 2
