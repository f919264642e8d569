"""Log-in: failures counted and kept, names locked, nobody told whether a name exists."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.people import Institution, InstitutionKind, Staff
from tcm.records.roles import Role
from tcm.services.signing_in import (
    LockOut,
    change_password,
    choose_language,
    hash_password,
    make_hasher,
    normal_username,
    sign_in,
)
from tcm.store.engine import Store
from tcm.store.tables import failed_logins
from tcm.store.work import Work

PASSWORD = "correct horse"
HASHER = make_hasher(1, 8, 1)
START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


class Desk:
    """A store with one doctor, and a clock to move."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        with self.work() as work:
            house = work.institutions.add(
                Institution(
                    code="T01",
                    kind=InstitutionKind.TOWNSHIP_HOSPITAL,
                    name="青石镇卫生院",
                    township="青石镇",
                    lon=105.0,
                    lat=31.0,
                    coordinate_source="drawn",
                )
            )
            person = work.staff.add(
                Staff(
                    institution_id=house.id or 0,
                    username="li",
                    password_hash=hash_password(HASHER, PASSWORD),
                    name="李医师",
                    role=Role.DOCTOR,
                )
            )
            self.actor = person.actor
            work.commit()

    def work(self) -> Work:
        return self.store.work(lambda: self.now)

    def sign_in(self, username: str = "li", password: str = PASSWORD) -> str:
        """The name of who was let in."""
        with self.work() as work:
            return sign_in(work, username, password, hasher=HASHER).name

    def fail(self, times: int, username: str = "li") -> None:
        for _ in range(times):
            with pytest.raises(Forbidden, match="用户名或密码不对"):
                self.sign_in(username, "wrong")

    def failures(self, username: str = "li") -> int:
        with self.work() as work:
            day = timedelta(days=1)
            return work.staff.failed_logins_between(username, START - day, START + day)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_the_right_password_lets_in_and_clears_the_failures(desk: Desk) -> None:
    desk.fail(4)
    assert desk.failures() == 4
    assert desk.sign_in() == "李医师"
    assert desk.failures() == 0


def test_a_failure_stays_counted_although_the_log_in_is_refused(desk: Desk) -> None:
    desk.fail(1)
    assert desk.failures() == 1


def test_five_failures_lock_the_name_even_for_the_right_password(desk: Desk) -> None:
    desk.fail(5)
    with pytest.raises(Forbidden, match="请 15 分钟后再试"):
        desk.sign_in()


def test_the_lock_ends_after_fifteen_minutes(desk: Desk) -> None:
    desk.fail(5)
    desk.now += timedelta(minutes=15, seconds=1)
    assert desk.sign_in() == "李医师"


def test_a_password_typed_where_the_name_goes_is_forgotten_after_the_window(desk: Desk) -> None:
    desk.fail(1, username=PASSWORD)
    desk.now += timedelta(minutes=15, seconds=1)
    desk.fail(1, username="somebody else")
    with desk.store.engine.connect() as connection:
        assert list(connection.scalars(select(failed_logins.c.username))) == ["somebody else"]


def test_attempts_while_locked_do_not_prolong_the_lock(desk: Desk) -> None:
    desk.fail(5)
    desk.now += timedelta(minutes=14)
    with pytest.raises(Forbidden):
        desk.sign_in()
    assert desk.failures() == 5


def test_one_name_locked_leaves_others_free(desk: Desk) -> None:
    desk.fail(5, "zhang")
    assert desk.sign_in() == "李医师"


def test_an_unknown_name_is_refused_and_locked_like_a_known_one(desk: Desk) -> None:
    def sentences(username: str) -> list[str]:
        said = []
        for _ in range(6):
            with pytest.raises(Forbidden) as refusal:
                desk.sign_in(username, "wrong")
            said.append(str(refusal.value))
        return said

    assert sentences("nobody") == sentences("li")


def test_an_unknown_name_costs_as_much_time_as_a_wrong_password(sqlite_store: Store) -> None:
    desk = Desk(sqlite_store)
    slow = make_hasher(time_cost=2, memory_kib=16_384, parallelism=1)
    with desk.work() as work:
        work.staff.get(desk.actor.staff_id).password_hash = hash_password(slow, PASSWORD)
        work.commit()

    def seconds(username: str) -> float:
        def once() -> float:
            began = time.perf_counter()
            with desk.work() as work, pytest.raises(Forbidden):
                sign_in(work, username, "wrong", hasher=slow, lock_out=LockOut(failures=99))
            return time.perf_counter() - began

        return statistics.median(once() for _ in range(5))

    assert seconds("nobody") > seconds("li") / 2


def test_who_has_left_is_refused_with_the_same_sentence(desk: Desk) -> None:
    with desk.work() as work:
        work.staff.get(desk.actor.staff_id).active = False
        work.commit()
    with pytest.raises(Forbidden, match="用户名或密码不对"):
        desk.sign_in()


@pytest.mark.parametrize("typed", ["LI", " li ", "ｌｉ"])
def test_width_case_and_spaces_of_a_name_do_not_matter(desk: Desk, typed: str) -> None:
    assert desk.sign_in(typed) == "李医师"


def test_a_very_long_name_is_refused_like_any_other(desk: Desk) -> None:
    desk.fail(1, "x" * 5000)
    assert desk.failures(normal_username("x" * 5000)) == 1


def test_a_hash_with_old_parameters_is_renewed_at_log_in(desk: Desk) -> None:
    newer = make_hasher(2, 16, 1)
    with desk.work() as work:
        sign_in(work, "li", PASSWORD, hasher=newer)
    with desk.work() as work:
        assert not newer.is_outdated(work.staff.get(desk.actor.staff_id).password_hash)
        assert sign_in(work, "li", PASSWORD, hasher=newer).name == "李医师"


def test_something_that_is_no_hash_lets_nobody_in(desk: Desk) -> None:
    assert not HASHER.matches("", PASSWORD)
    assert not HASHER.matches("not a hash", PASSWORD)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129, "e\u0301" * 65])
def test_a_password_that_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="密码需要 8 到 128 个字符"):
        hash_password(HASHER, password)


def test_a_new_password_takes_the_place_of_the_old_one(desk: Desk) -> None:
    with desk.work() as work:
        change_password(work, desk.actor, PASSWORD, "battery staple", hasher=HASHER)
        work.commit()
    desk.fail(1)
    assert desk.sign_in(password="battery staple") == "李医师"


def _change_wrongly(work: Work, desk: Desk) -> None:
    change_password(work, desk.actor, "wrong", "battery staple", hasher=HASHER)


def _choose_klingon(work: Work, desk: Desk) -> None:
    choose_language(work, desk.actor, "tlh")


@pytest.mark.parametrize(("deed", "refusal"), [(_change_wrongly, Forbidden), (_choose_klingon, Invalid)])
def test_a_refused_change_changes_nothing(
    desk: Desk, deed: Callable[[Work, Desk], None], refusal: type[Exception]
) -> None:
    with desk.work() as work, pytest.raises(refusal):
        deed(work, desk)
    assert desk.sign_in() == "李医师"
    with desk.work() as work:
        assert work.staff.get(desk.actor.staff_id).language == "zh"


def test_guessing_the_present_password_locks_too(desk: Desk) -> None:
    for _ in range(5):
        with desk.work() as work, pytest.raises(Forbidden, match="现在的密码不对"):
            _change_wrongly(work, desk)
    with desk.work() as work, pytest.raises(Forbidden, match="请 15 分钟后再试"):
        change_password(work, desk.actor, PASSWORD, "battery staple", hasher=HASHER)


def test_a_chosen_language_is_kept(desk: Desk) -> None:
    with desk.work() as work:
        choose_language(work, desk.actor, "en")
        work.commit()
    with desk.work() as work:
        assert work.staff.get(desk.actor.staff_id).language == "en"


def test_nobody_can_change_a_password_for_staff_that_is_not_there(desk: Desk) -> None:
    stranger = type(desk.actor)(999, Role.DOCTOR, 1)
    with desk.work() as work, pytest.raises(NotFound):
        change_password(work, stranger, PASSWORD, "battery staple", hasher=HASHER)
