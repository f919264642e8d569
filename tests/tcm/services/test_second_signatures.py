"""A second signature stands for the findings it was given for, no graver, and for nothing else."""

import pytest
from sqlalchemy import null, update

from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import Invalid
from tcm.records.lifecycle import State
from tcm.services import prescribing
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.second_signatures import tick_of
from tcm.store import tables
from tests.tcm.county import County, draft

MUCH_ACONITE = (ItemDraft("附子", 20.0, "先煎"), ItemDraft("炙甘草", 6.0), ItemDraft("干姜", 6.0))
PINELLIA = ItemDraft("法半夏", 9.0)


def signed_again(county: County, prescription: Prescription, *herbs: str) -> Prescription:
    page = (county.knowledge, prescription.key(), prescription.version)
    return county.do(prescribing.second_sign, county.doctor, *page, herbs)


def answered(county: County, prescription: Prescription) -> dict[str, bool]:
    """Of each finding that asks for a second signature whether it has one."""
    found = county.do(prescribing.findings, county.doctor, county.knowledge, prescription.key())
    return {each.rule: each.signed for each in found if each.severity == "sign"}


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        (draft(MUCH_ACONITE, preparation=Preparation.OWN_COOKING, usage="温服"), "preparation_limit"),
        (draft([*MUCH_ACONITE, PINELLIA]), "incompat_18"),
    ],
)
def test_what_is_found_later_of_a_signed_herb_asks_for_a_signature_of_its_own(
    county: County, changed: PrescriptionDraft, asked: str
) -> None:
    once = signed_again(county, county.drafted(draft(MUCH_ACONITE)), "附子")
    assert answered(county, once) == {"overdose": True}
    saved = county.saved(once, changed)
    assert answered(county, saved) == {"overdose": True, asked: False}
    with pytest.raises(Invalid, match="还有需要处理的审核提示"):
        county.sign(saved)
    twice = signed_again(county, saved, "附子", *({"法半夏"} & {item.herb for item in saved.items}))
    assert answered(county, twice) == {"overdose": True, asked: True}
    assert county.sign(twice).state is State.SIGNED


def test_a_pair_is_signed_only_when_both_signatures_were_given_for_it(county: County) -> None:
    once = signed_again(county, county.drafted(draft(MUCH_ACONITE)), "附子")
    saved = county.saved(once, draft([*MUCH_ACONITE, PINELLIA]))
    assert answered(county, signed_again(county, saved, "法半夏"))["incompat_18"] is False


@pytest.mark.parametrize(
    ("doses_a_day", "stands"), [(1, True), (2, False)], ids=["as many grams a day", "twice the grams a day"]
)
def test_a_signature_stands_no_further_beyond_the_limit_than_it_was_given_for(
    county: County, doses_a_day: int, stands: bool
) -> None:
    once = signed_again(county, county.drafted(draft(MUCH_ACONITE)), "附子")
    assert answered(county, county.saved(once, draft(MUCH_ACONITE, doses_per_day=doses_a_day))) == {
        "overdose": stands
    }


def test_less_a_day_than_was_signed_for_needs_no_new_signature(county: County) -> None:
    once = signed_again(county, county.drafted(draft(MUCH_ACONITE, doses_per_day=2)), "附子")
    assert answered(county, county.saved(once, draft(MUCH_ACONITE))) == {"overdose": True}


def test_what_the_notes_say_later_asks_again(county: County) -> None:
    visit = county.visited()
    once = signed_again(county, county.drafted(draft([ItemDraft("丹参", 60.0)]), visit), "丹参")
    assert answered(county, once) == {"overdose": True}
    with county.work() as work:
        work.encounters.get(visit.id or 0).western_drugs = ["华法林"]
        work.commit()
    assert answered(county, once) == {"overdose": True, "ddi": False}


def test_a_signature_of_before_findings_were_kept_stands_until_the_prescription_is_saved(
    county: County,
) -> None:
    once = signed_again(county, county.drafted(draft(MUCH_ACONITE)), "附子")
    with county.work() as work:
        work.session.execute(update(tables.items).values(second_signed_for=null()))
        work.commit()
    assert answered(county, once) == {"overdose": True}
    assert county.sign(once).state is State.SIGNED
    other = signed_again(county, county.drafted(draft(MUCH_ACONITE)), "附子")
    with county.work() as work:
        work.session.execute(update(tables.items).values(second_signed_for=null()))
        work.commit()
    assert answered(county, county.saved(other, draft(MUCH_ACONITE))) == {"overdose": False}


def test_a_box_is_another_when_more_is_found_of_its_herb(county: County) -> None:
    visit = county.visited()

    def previewed(form: PrescriptionDraft, ticks: frozenset[str]) -> dict[str, bool]:
        page = (county.knowledge, visit.id or 0, form, ticks)
        found = county.do(prescribing.preview, county.doctor, *page).findings
        boxes.append(tick_of("附子", 20.0, found))
        return {each.rule: each.signed for each in found if each.severity == "sign"}

    boxes: list[str] = []
    form = draft(MUCH_ACONITE)
    assert previewed(form, frozenset()) == {"overdose": False}
    assert previewed(form, frozenset(boxes)) == {"overdose": True}
    at_home = draft(MUCH_ACONITE, preparation=Preparation.OWN_COOKING, usage="温服")
    assert previewed(at_home, frozenset(boxes)) == {"overdose": False, "preparation_limit": False}
    assert boxes[0] == boxes[1] != boxes[2]
