"""Keys of other systems: who makes them, what is kept of them, when they stop opening the door."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tcm.records.errors import Forbidden, Invalid
from tcm.records.roles import Role
from tcm.records.systems import Caller, Right
from tcm.services import connecting
from tcm.services.connecting import KeyDetails, KeyRefused, admit
from tcm.store.system_tables import api_keys
from tests.tcm.county import County

PEPPER = b"p" * 32


def details(county: County, **changes: object) -> KeyDetails:
    """A key for the hospital's system."""
    fields: dict[str, object] = {
        "institution_id": county.hospital.id,
        "name": "HIS",
        "rights": (Right.HERBS, Right.SEND),
        "days": 365,
    }
    return KeyDetails(**{**fields, **changes})  # type: ignore[arg-type]


def made(county: County, **changes: object) -> tuple[int, str]:
    """Row and secret of a new key."""
    key, secret = county.do(connecting.make_key, county.admin, details(county, **changes), PEPPER)
    return key.id or 0, secret


def let_in(county: County, secret: str) -> Caller:
    """The system that holds a secret."""
    with county.work() as work:
        return admit(work, secret, PEPPER)


def test_a_key_opens_the_door_for_its_house_and_rights(county: County) -> None:
    key_id, secret = made(county)
    rights = frozenset({Right.HERBS, Right.SEND})
    assert let_in(county, secret) == Caller(key_id, county.hospital.id or 0, rights)


def test_nothing_that_is_kept_holds_the_key(county: County) -> None:
    _, secret = made(county)
    with county.store.engine.connect() as connection:
        row = connection.execute(select(api_keys)).one()
    assert [value for value in row if secret[11:] in str(value)] == []
    assert (row.beginning, len(row.secret_hash)) == (secret[:10], 64)


@pytest.mark.parametrize(
    "bend", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.upper(), lambda key: ""]
)
def test_a_key_that_is_nearly_right_opens_nothing(county: County, bend: Callable[[str], str]) -> None:
    _, secret = made(county)
    with pytest.raises(KeyRefused):
        let_in(county, bend(secret))


def test_a_key_of_another_house_key_opens_nothing(county: County) -> None:
    _, secret = made(county)
    with county.work() as work, pytest.raises(KeyRefused):
        admit(work, secret, b"q" * 32)


def test_a_withdrawn_key_keeps_when_and_by_whom_it_was_first_withdrawn(county: County) -> None:
    key_id, secret = made(county)
    first = county.do(connecting.revoke_key, county.admin, key_id).revoked_at
    county.watch.pass_(days=1)
    again = county.do(connecting.revoke_key, county.admin, key_id)
    assert (again.revoked_at, again.revoked_by_id) == (first, county.admin.staff_id)
    with pytest.raises(KeyRefused, match="已停用"):
        let_in(county, secret)


def test_a_key_runs_out_on_its_day(county: County) -> None:
    _, secret = made(county, days=90)
    county.watch.pass_(days=89)
    let_in(county, secret)
    county.watch.pass_(days=1)
    with pytest.raises(KeyRefused, match="已过期"):
        let_in(county, secret)


def test_a_form_sent_twice_leaves_no_second_key_that_nobody_holds(county: County) -> None:
    key_id, _ = made(county)
    with pytest.raises(Invalid, match="同名"):
        made(county)
    county.do(connecting.revoke_key, county.admin, key_id)
    assert made(county)[0] != key_id


def test_a_key_without_a_right_is_not_made(county: County) -> None:
    with pytest.raises(Invalid):
        made(county, rights=())


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_the_administrator_makes_sees_and_withdraws_keys(county: County, role: Role) -> None:
    key_id, _ = made(county)
    actor = county.actors[role]
    for refused in (
        lambda: county.do(connecting.make_key, actor, details(county, name="other"), PEPPER),
        lambda: county.do(connecting.list_keys, actor),
        lambda: county.do(connecting.look_at_key, actor, key_id),
        lambda: county.do(connecting.revoke_key, actor, key_id),
        lambda: county.do(connecting.houses, actor),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_the_list_tells_who_is_good_and_who_was_last_used_in_as_many_statements_for_three_as_for_one(
    county: County,
) -> None:
    def listed() -> tuple[list[tuple[str, bool, bool]], int]:
        with county.counted() as statements:
            views = county.do(connecting.list_keys, county.admin)
        return [(view.key.name, view.good, view.used_at is not None) for view in views], len(statements)

    first_id, first_secret = made(county, name="one")
    caller = let_in(county, first_secret)
    with county.work() as work:
        connecting.record_call(work, caller, "find_herbs", None, 200)
        work.commit()
    _, for_one = listed()
    made(county, name="two")
    made(county, name="three", institution_id=county.centre.id)
    county.do(connecting.revoke_key, county.admin, first_id)
    rows, for_three = listed()
    assert rows == [("three", True, False), ("two", True, False), ("one", False, True)]
    assert for_three == for_one


def test_the_record_of_calls_cannot_be_changed(county: County) -> None:
    _, secret = made(county)
    with county.work() as work:
        connecting.record_call(work, admit(work, secret, PEPPER), "find_herbs", None, 200)
        work.commit()
    for statement in ("UPDATE api_calls SET status = 404", "DELETE FROM api_calls"):
        with pytest.raises(DatabaseError, match="append-only"), county.store.engine.begin() as connection:
            connection.execute(text(statement))
