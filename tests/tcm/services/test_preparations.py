"""What is not decocted: from the scales into the bag, planned without a pot, explained to the patient."""

import pytest

from tcm.knowledge import load
from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import IllegalMove
from tcm.records.lifecycle import State
from tcm.services import flooring, gathering, guiding, instructing, packing
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.centre import packed, step
from tests.tcm.county import DAY, FOUR_GENTLEMEN, County, draft

GRANULES, OWN_COOKING = Preparation.GRANULES, Preparation.OWN_COOKING
DRY = pytest.mark.parametrize("preparation", [GRANULES, OWN_COOKING])
USAGES = {GRANULES: "每日1剂，每剂分两袋，开水冲服", OWN_COOKING: "每日1剂，分早晚两次温服"}
NOTED = (
    *FOUR_GENTLEMEN,
    ItemDraft("石膏", 30.0, "先煎"),
    ItemDraft("薄荷", 6.0, "后下"),
    ItemDraft("车前子", 10.0, "包煎"),
    ItemDraft("芒硝", 6.0, "冲服"),
)


@pytest.fixture
def county(store: Store) -> County:
    """A county on both databases."""
    return County(store)


def approved(county: County, preparation: Preparation, **changes: object) -> Prescription:
    """Approved, and not to be decocted."""
    return county.approved(draft(preparation=preparation, usage=USAGES[preparation], **changes))


@DRY
def test_it_goes_from_the_scales_into_the_bag(county: County, preparation: Preparation) -> None:
    prescription = approved(county, preparation)
    step(county, prescription, State.DISPENSED)
    with pytest.raises(IllegalMove, match="这张处方不由中心煎煮，不用浸泡。"):
        step(county, prescription, State.SOAKING)
    step(county, prescription, State.PACKED)
    assert county.story(prescription)[2:] == ["approved", "dispensed", "packed"]


def test_what_is_decocted_is_not_packed_from_the_scales(county: County) -> None:
    prescription = county.approved()
    step(county, prescription, State.DISPENSED)
    with pytest.raises(IllegalMove, match="这张处方由中心煎煮，要先浸泡、上锅。"):
        step(county, prescription, State.PACKED)
    assert county.now(prescription).state is State.DISPENSED


@DRY
def test_a_batch_thrown_away_is_dispensed_and_packed_again(county: County, preparation: Preparation) -> None:
    prescription = approved(county, preparation)
    for target in (State.DISPENSED, State.PACKED):
        step(county, prescription, target)
    version = county.now(prescription).version
    county.do(flooring.scrap, county.floor, prescription.key(), version, "spilled")
    for target in (State.DISPENSED, State.PACKED):
        step(county, prescription, target)
    with county.work() as work:
        bags = work.bags.of_prescription(prescription.key())
    assert [bag.voided_at is None for bag in bags] == [True]


@pytest.mark.parametrize(
    ("preparation", "doses_count", "parcels"),
    [(GRANULES, 7, [14]), (GRANULES, 40, [60, 20]), (OWN_COOKING, 7, [7]), (OWN_COOKING, 21, [10, 10, 1])],
)
def test_each_is_put_into_bags_by_its_own_parcels(
    county: County, preparation: Preparation, doses_count: int, parcels: list[int]
) -> None:
    reason = "慢性病，病情稳定" if doses_count > 7 else ""
    prescription = approved(county, preparation, doses_count=doses_count, extended_supply_reason=reason)
    for target in (State.DISPENSED, State.PACKED):
        step(county, prescription, target)
    with county.work() as work:
        bags = work.bags.of_prescription(prescription.key())
    assert [(bag.position, bag.pouches, bag.pouch_ml) for bag in bags] == [
        (position, count, 0) for position, count in enumerate(parcels, 1)
    ]
    assert (packing.pouches_of(prescription), packing.bags_of(prescription)) == (sum(parcels), len(parcels))


def test_the_card_of_herbs_to_be_cooked_at_home_names_the_small_packets(county: County) -> None:
    prescription = approved(county, OWN_COOKING, items=NOTED)
    card = county.do(guiding.open_card, county.floor, county.knowledge, prescription.key())
    assert (card.boil, card.parcels, card.next_step) == (None, 7, State.DISPENSED)
    assert card.apart == (
        ("先煎", ("石膏",)),
        ("后下", ("薄荷",)),
        ("包煎", ("车前子",)),
        ("冲服", ("芒硝",)),
    )
    step(county, prescription, State.DISPENSED)
    card = county.do(guiding.open_card, county.floor, county.knowledge, prescription.key())
    assert card.next_step is State.PACKED


def test_of_granules_only_what_was_never_boiled_lies_apart(county: County) -> None:
    prescription = approved(county, GRANULES, items=NOTED)
    card = county.do(guiding.open_card, county.floor, county.knowledge, prescription.key())
    assert (card.boil, card.parcels, card.apart) == (None, 14, (("冲服", ("芒硝",)),))


def told(county: County, prescription: Prescription) -> list[str]:
    """What the patient is told."""
    with county.work() as work:
        advice = instructing.advice_of(work, county.knowledge, work.prescriptions.get(prescription.key()))
    return [each.sentence % each.values for each in advice]


def test_a_patient_who_cooks_at_home_is_told_the_minutes_and_the_water_of_one_dose(county: County) -> None:
    plain = approved(county, OWN_COOKING)
    assert told(county, plain) == [
        "用砂锅或不锈钢锅，不用铁锅；一次煮一剂（一大包）。",
        "先用 600 毫升冷水泡 30 分钟，水要没过药面。",
        "大火煮开，改小火再煮 30 分钟，倒出药汁。",
        "药渣再加 400 毫升水，煮开后小火煮 20 分钟，倒出药汁。",
        "两次药汁合在一起，约 400 毫升，按医嘱分次温服，当天喝完。",
    ]


def test_each_small_packet_is_explained_and_no_herb_is_named(county: County) -> None:
    sentences = told(county, approved(county, OWN_COOKING, items=NOTED))
    assert [sentence for sentence in sentences if sentence.startswith("标着")] == [
        "标着“先煎”的小包先煮：水开后小火煮足 15 分钟，再放其他药。",
        "标着“后下”的小包，在这一煎的最后 10 分钟放进去。",
        "标着“包煎”的小包装进布袋，同其他药一起煮。",
        "标着“冲服”的小包不煮，用药汁冲服。",
    ]
    assert [item.written_as for item in NOTED if item.written_as in "".join(sentences)] == []


def test_granules_are_dissolved_and_never_boiled(county: County) -> None:
    assert told(county, approved(county, GRANULES)) == [
        "不用煮。每剂 2 小袋，每次取 1 小袋倒进杯里。",
        "加约 150 毫升开水，搅到化开，温热时喝；杯底有少许沉淀，搅匀一起喝。",
    ]


def test_of_what_the_centre_decocts_nothing_is_told(county: County) -> None:
    assert told(county, packed(county)) == []


def test_a_planner_is_told_of_no_pot_but_of_the_room_in_the_vehicle(county: County) -> None:
    granules, herbs = approved(county, GRANULES), approved(county, OWN_COOKING)
    grams = sum(item.dose_g for item in herbs.items)
    facts = county.do(gathering.day_facts, county.manager, county.knowledge, DAY)
    assert [(each.prescription_id, each.boil, each.bags, each.dry_ml) for each in facts.orders] == [
        (granules.key(), None, 1, 14 * 20),
        (herbs.key(), None, 1, round(grams * 7 * 6)),
    ]


def test_every_limit_names_a_herb_of_the_book_or_a_form() -> None:
    knowledge = load()
    limits = [limit for each in knowledge.preparation_limits.values() for limit in each]
    assert set(knowledge.preparation_limits) == {GRANULES.value, OWN_COOKING.value}
    assert [limit for limit in limits if limit.herb and limit.herb not in knowledge.herbs] == []
    assert [limit for limit in limits if not (limit.herb or limit.form)] == []
