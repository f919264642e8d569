"""Who may come in: passwords, log-in with lock-out, and what staff choose for themselves."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tcm.records.errors import N_, Forbidden, Invalid
from tcm.records.people import Staff
from tcm.records.roles import Actor
from tcm.store.work import Work

LANGUAGES = ("zh", "en")
PASSWORD_MIN_LENGTH = 8
PASSWORD_MAX_LENGTH = 128
_USERNAME_LENGTH = 40


@dataclass(frozen=True)
class LockOut:
    """When a log-in name is locked: too many failures within a sliding window.

    Args:
        failures: So many lock it.
        window: Counted back from now; the lock ends as they fall out of it.
    """

    failures: int = 5
    window: timedelta = timedelta(minutes=15)


class Hasher:
    """Argon2id with one set of parameters, and a decoy to verify where there is no such user.

    Args:
        time_cost: Passes over the memory.
        memory_kib: Memory in kibibytes.
        parallelism: Lanes.
    """

    def __init__(self, time_cost: int, memory_kib: int, parallelism: int) -> None:
        self._argon2 = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        self.decoy = self._argon2.hash("decoy")

    def hash(self, password: str) -> str:
        """The salted hash of a password in argon2's own encoding."""
        return self._argon2.hash(_normal(password))

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether a password is the one that was hashed."""
        try:
            return self._argon2.verify(password_hash, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)


def make_hasher(time_cost: int = 3, memory_kib: int = 65_536, parallelism: int = 4) -> Hasher:
    """A hasher; the defaults are RFC 9106's second recommended option (64 MiB).

    Args:
        time_cost: Passes over the memory.
        memory_kib: Memory in kibibytes.
        parallelism: Lanes.

    Returns:
        The hasher; keep it, since making one hashes a decoy.
    """
    return Hasher(time_cost, memory_kib, parallelism)


def hash_password(hasher: Hasher, password: str) -> str:
    """The hash of a new password, if the password will do.

    Args:
        hasher: Made by `make_hasher`.
        password: As chosen.

    Returns:
        What to keep in `Staff.password_hash`.

    Raises:
        Invalid: When it is too short or too long.
    """
    length = len(_normal(password))
    # Log-in reads no more than so many as typed: letters and accents typed apart are counted apart.
    if length < PASSWORD_MIN_LENGTH or max(length, len(password)) > PASSWORD_MAX_LENGTH:
        raise Invalid(
            N_("密码需要 %(least)s 到 %(most)s 个字符。"), least=PASSWORD_MIN_LENGTH, most=PASSWORD_MAX_LENGTH
        )
    return hasher.hash(password)


def sign_in(
    work: Work, username: str, password: str, *, hasher: Hasher, lock_out: LockOut | None = None
) -> Staff:
    """Let a person in; every attempt is on record before its password is looked at.

    Args:
        work: Open unit of work; it is committed here, on refusal too, so that failures stay counted.
        username: As typed.
        password: As typed.
        hasher: Made by `make_hasher`.
        lock_out: When a name is locked.

    Returns:
        The person.

    Raises:
        Forbidden: When name and password do not fit, the person has left, or the name is locked;
            the sentence is the same whether or not the name exists.
    """
    name = normal_username(username)
    _count_attempt(work, name, lock_out or LockOut())
    # The hash takes long on purpose; the commit above lets other writers work meanwhile.
    person = work.staff.by_username(name)
    fits = hasher.matches(
        person.password_hash if person else hasher.decoy, password[: PASSWORD_MAX_LENGTH + 1]
    )
    if person is None or not fits or not person.active:
        raise Forbidden(N_("用户名或密码不对。"))
    if hasher.is_outdated(person.password_hash):
        person.password_hash = hasher.hash(password)
    work.staff.clear_failed_logins(name)
    work.commit()
    return person


def change_password(work: Work, actor: Actor, old: str, new: str, *, hasher: Hasher) -> Staff:
    """Give oneself a new password; log-ins elsewhere end with the old one.

    Args:
        work: Open unit of work; the attempt is committed here, the change by the caller.
        actor: Who asks.
        old: The present password.
        new: The one to come.
        hasher: Made by `make_hasher`.

    Returns:
        The person with the new hash.

    Raises:
        Forbidden: When the present password is not right, or failed too often.
        Invalid: When the new one will not do.
    """
    person = work.staff.get(actor.staff_id)
    new_hash = hash_password(hasher, new)
    _count_attempt(work, person.username, LockOut())
    if not hasher.matches(person.password_hash, old):
        raise Forbidden(N_("现在的密码不对。"))
    person.password_hash = new_hash
    work.staff.clear_failed_logins(person.username)
    return person


def choose_language(work: Work, actor: Actor, language: str) -> None:
    """Remember the language a person reads.

    Args:
        work: Open unit of work.
        actor: Who asks.
        language: `zh` or `en`.

    Raises:
        Invalid: When it is another.
    """
    if language not in LANGUAGES:
        raise Invalid(N_("没有这种语言。"))
    work.staff.get(actor.staff_id).language = language


def put_tour_away(work: Work, actor: Actor, tour: str) -> None:
    """Remember that a person took a tour, or does not want it; it is not offered again.

    Args:
        work: Open unit of work.
        actor: Who asks.
        tour: Its name.
    """
    person = work.staff.get(actor.staff_id)
    person.tours_taken = sorted({*person.tours_taken, tour})


def normal_username(username: str) -> str:
    """A log-in name as it is stored: width and case do not matter.

    Args:
        username: As typed.

    Returns:
        At most 40 characters, lower case.
    """
    return unicodedata.normalize("NFKC", username).strip().lower()[:_USERNAME_LENGTH]


def _count_attempt(work: Work, username: str, lock_out: LockOut) -> None:
    since = work.now - lock_out.window
    # Counting first bounds guesses made at the same moment; a log-in that succeeds clears the count.
    # What a clock that ran ahead has counted locks nobody out until then; a few seconds ahead are no jump.
    if work.staff.failed_logins_between(username, since, work.now + lock_out.window) >= lock_out.failures:
        minutes = int(lock_out.window.total_seconds() // 60)
        raise Forbidden(N_("登录失败次数太多，请 %(minutes)s 分钟后再试。"), minutes=minutes)
    work.staff.forget_failed_logins(since)
    work.staff.add_failed_login(username, work.now)
    work.commit()


def _normal(password: str) -> str:
    # An input method may type the same letters full width.
    return unicodedata.normalize("NFKC", password)
