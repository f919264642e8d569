"""What a prescription costs, and whether the shelf can fill it."""

from datetime import date

import pytest

from tcm.records.errors import NotFound
from tcm.records.stock import Keeping, LotState
from tcm.services.pricing import QuoteLine, dispensed_as, not_paid_here, quote
from tests.tcm.county import County
from tests.tcm.stocked import insure, keep_stock, price, shelve

LINES = (("党参", 12.0), ("茯苓", 9.5), ("朱砂", 0.1))


def _priced(county: County) -> None:
    keep_stock(county)
    price(county, "党参", 99_99)
    price(county, "党参", 120_00)
    price(county, "茯苓", 45_50)
    shelve(county, "党参", 84)
    shelve(county, "茯苓", 66.499)


def test_a_line_costs_its_grams_at_the_newest_price_rounded_half_up_and_the_sums_are_of_the_lines(
    county: County,
) -> None:
    _priced(county)
    with county.work() as work:
        asked = quote(work, LINES, 7)
    assert asked.lines == (
        QuoteLine("党参", 144, 84.0, enough=True),
        # 9.5 g at 45.50 a kilogram are 43.225 fen; seven doses need 66.5 g.
        QuoteLine("茯苓", 43, 66.499, enough=False),
        QuoteLine("朱砂", None, 0.0, enough=False),
    )
    assert (asked.dose_fen, asked.total_fen, asked.patient_fen) == (187, 1309, 1309)
    assert (asked.unpriced, asked.lacking) == (("朱砂",), ("茯苓", "朱砂"))


def test_a_herb_on_two_lines_must_suffice_for_both(county: County) -> None:
    _priced(county)
    with county.work() as work:
        asked = quote(work, (("党参", 6.0), ("党参", 6.1)), 7)
    assert [line.enough for line in asked.lines] == [False, False]


@pytest.mark.parametrize(("percent", "share_fen"), [(0, 0), (30, 393), (50, 655), (100, 1309)])
def test_the_patient_pays_the_share_of_their_scheme_rounded_half_up(
    county: County, percent: int, share_fen: int
) -> None:
    _priced(county)
    insure(county, "resident", 77)
    insure(county, "resident", percent)
    with county.work() as work:
        assert quote(work, LINES, 7, "resident").patient_fen == share_fen


def test_what_no_insurance_pays_is_the_patients_whole(county: County) -> None:
    _priced(county)
    insure(county, "resident", 30)
    with county.work() as work:
        asked = quote(work, LINES, 7, "resident", not_paid={"茯苓"})
    # 301 fen of 茯苓 whole, and 30 % of 1008.
    assert asked.patient_fen == 603


def test_an_unknown_scheme_is_refused(county: County) -> None:
    with county.work() as work, pytest.raises(NotFound) as refusal:
        quote(work, LINES, 7, "nobody's")
    assert str(refusal.value) == "没有这种参保类型。"


@pytest.mark.parametrize("keeping", [None, Keeping.OFF])
def test_where_no_stock_is_kept_on_record_none_is_told_and_nothing_lacks(
    county: County, keeping: Keeping | None
) -> None:
    if keeping is not None:
        keep_stock(county, keeping)
    price(county, "党参", 120_00)
    with county.work() as work:
        assert quote(work, LINES[:1], 7).lines == (QuoteLine("党参", 144, None, enough=True),)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": LotState.WAITING},
        {"state": LotState.REFUSED},
        {"state": LotState.BLOCKED},
        {"expires_on": date(2026, 11, 20)},
        {"reserved_mg": 84_000},
    ],
)
def test_what_waits_was_refused_is_blocked_expired_or_promised_is_not_in_stock(
    county: County, fields: dict[str, object]
) -> None:
    keep_stock(county)
    shelve(county, "党参", 84, **fields)
    with county.work() as work:
        assert quote(work, LINES[:1], 7).lines == (QuoteLine("党参", None, 0.0, enough=False),)


def test_a_lot_may_be_dispensed_on_the_day_it_expires(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 84, expires_on=date(2026, 11, 21))
    with county.work() as work:
        assert quote(work, LINES[:1], 7).lines == (QuoteLine("党参", None, 84.0, enough=True),)


@pytest.mark.parametrize("count", [1, 30])
def test_however_many_lines_there_are_three_questions_are_asked(county: County, count: int) -> None:
    _priced(county)
    insure(county, "resident", 30)
    lines = [(herb, 3.0) for herb in list(county.knowledge.herbs)[:count]]
    with county.work() as work, county.counted() as statements:
        quote(work, lines, 7, "resident")
    assert len([each for each in statements if each.startswith("SELECT")]) == 3


def test_a_poisonous_herb_that_is_not_marked_raw_is_priced_as_what_is_dispensed(county: County) -> None:
    names = ("川乌", "生川乌", "党参", "没有的药")
    assert [dispensed_as(county.knowledge, name) for name in names] == [
        "制川乌",
        "生川乌",
        "党参",
        "没有的药",
    ]


def test_the_national_list_leaves_some_herbs_to_the_patient_and_some_only_alone(county: County) -> None:
    knowledge = county.knowledge
    never = next(name for name, row in knowledge.properties.items() if row.insurance == "不予支付")
    alone = next(name for name, row in knowledge.properties.items() if row.insurance == "单味不予支付")
    assert not_paid_here(knowledge, [never, alone, "党参", "没有的药"]) == {never}
    assert not_paid_here(knowledge, [alone]) == {alone}
