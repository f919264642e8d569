"""The worker seals a day once, however often it asks."""

from tests.tcm.county import County


def sealed(county: County) -> bool:
    with county.work() as work:
        head = work.ledger.seal_daily(work.now)
        work.commit()
    return head is not None


def test_a_day_is_sealed_at_the_first_asking_and_then_left(county: County) -> None:
    county.signed()
    first = sealed(county)
    county.signed()
    assert (first, sealed(county)) == (True, False)


def test_what_came_after_the_seal_is_sealed_the_next_day(county: County) -> None:
    county.signed()
    sealed(county)
    county.signed()
    county.watch.pass_(days=1)
    assert sealed(county)
    with county.work() as work:
        assert (work.ledger.verify().heads, work.ledger.verify().broken) == (2, None)


def test_a_day_on_which_nothing_happened_is_not_sealed(county: County) -> None:
    assert not sealed(county)
