"""What the floor sees of one prescription."""

import pytest

from tcm.records.errors import Forbidden, NotFound
from tcm.records.lifecycle import State
from tcm.services import guiding
from tests.tcm.centre import brought_to, packed
from tests.tcm.county import County


def test_a_card_tells_herbs_programme_and_next_step(county: County) -> None:
    prescription = county.approved()
    card = county.do(guiding.open_card, county.floor, county.knowledge, prescription.key())
    assert [item.written_as for item in card.prescription.items] == ["党参", "白术", "茯苓", "炙甘草"]
    assert (card.boil.soak_min, card.boil.first_boil_min, card.boil.second_boil_min) == (30, 30, 20)
    assert (card.next_step, card.pot_code, card.bags) == (State.DISPENSED, "", [])
    assert (card.institution.name, card.village.name) == ("詹桥镇卫生院", "白石村卫生室")
    assert county.looks()[-1] == (
        county.floor.staff_id,
        "floor.move",
        "prescription",
        prescription.key(),
        True,
    )


def test_a_card_names_the_pot_while_it_is_in_one_and_the_bags_after(county: County) -> None:
    cooking = brought_to(county, county.approved(), State.DECOCTING, pot="P02")
    card = county.do(guiding.open_card, county.floor, county.knowledge, cooking.key())
    assert (card.pot_code, card.next_step) == ("P02", State.PACKED)
    card = county.do(guiding.open_card, county.floor, county.knowledge, packed(county).key())
    assert (card.pot_code, card.next_step, len(card.bags)) == ("", None, 1)


def test_a_card_is_the_floors_alone_and_a_refused_look_is_on_record(county: County) -> None:
    prescription = county.approved()
    with pytest.raises(Forbidden):
        county.do(guiding.open_card, county.courier, county.knowledge, prescription.key())
    assert county.looks()[-1] == (
        county.courier.staff_id,
        "floor.move",
        "prescription",
        prescription.key(),
        False,
    )
    with pytest.raises(NotFound):
        county.do(guiding.open_card, county.floor, county.knowledge, 99)
