"""Hospitals' own codes of herbs: set by a pharmacist, whole or not at all."""

import pytest

from tcm.records.errors import Forbidden, Invalid
from tcm.records.roles import Role
from tcm.services import coding
from tests.tcm.county import County


def set_codes(county: County, *pairs: tuple[str, str]) -> int:
    """A pharmacist sets codes of the doctor's hospital."""
    house_id = county.hospital.id or 0
    return county.do(coding.set_codes, county.pharmacist, county.knowledge, house_id, pairs)


def listed(county: County) -> list[tuple[str, str]]:
    """Codes of the doctor's hospital."""
    codes = county.do(coding.list_codes, county.pharmacist, county.hospital.id or 0)
    return [(code.code, code.herb) for code in codes]


def test_a_code_stands_for_what_was_written_with_how_it_is_processed(county: County) -> None:
    assert set_codes(county, ("Y2", "北芪"), ("Y1", "栀子炭")) == 2
    assert listed(county) == [("Y1", "栀子炭"), ("Y2", "北芪")]


def test_a_code_set_again_is_set_anew(county: County) -> None:
    set_codes(county, ("Y1", "党参"))
    set_codes(county, ("Y1", "白术"))
    assert listed(county) == [("Y1", "白术")]


@pytest.mark.parametrize(
    "pairs",
    [
        [("Y1", "党参"), ("Y2", "仙丹草")],
        [("Y1", "焦三仙")],
        [("Y1", "党参"), ("Y1", "白术")],
        [("Y1", "栀子"), ("Y1", "栀子炭")],
    ],
)
def test_what_is_not_clear_sets_nothing(county: County, pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid, match="没有保存"):
        set_codes(county, *pairs)
    assert listed(county) == []


def test_a_dropped_code_is_gone(county: County) -> None:
    set_codes(county, ("Y1", "党参"), ("Y2", "白术"))
    first, _ = county.do(coding.list_codes, county.pharmacist, county.hospital.id or 0)
    county.do(coding.drop_code, county.pharmacist, first.id or 0)
    assert listed(county) == [("Y2", "白术")]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PHARMACIST}))
def test_only_a_pharmacist_says_what_a_code_stands_for(county: County, role: Role) -> None:
    house_id, actor = county.hospital.id or 0, county.actors[role]
    with pytest.raises(Forbidden):
        county.do(coding.set_codes, actor, county.knowledge, house_id, [("Y1", "党参")])
    with pytest.raises(Forbidden):
        county.do(coding.list_codes, actor, house_id)
