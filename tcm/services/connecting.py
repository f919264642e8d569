"""Keys of other systems: made by the administrator, shown once, kept as a hash, withdrawn at any time."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tcm.records.errors import N_, Forbidden, Invalid
from tcm.records.people import Institution, InstitutionKind
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.systems import ApiCall, ApiKey, Caller, Right
from tcm.store.work import Work

# Scanners of leaked secrets know a key by how it begins.
KEY_PREFIX = "tgy_"
# 256 bits cannot be guessed, so a fast keyed hash keeps them as safe as a slow one keeps a password.
_SECRET_BYTES = 32
_SHOWN_CHARACTERS = 10
_LONGEST_KEY = 200
# What the key of the house derives for hashing these.
PEPPER_PURPOSE = "api-key"
CALLS_SHOWN = 100


class KeyRefused(Forbidden):
    """No key, or none that opens the door.

    Args:
        msgid: As for every refusal.
        caller: Whose key it was, None where the house never made it.
    """

    def __init__(self, msgid: str, caller: Caller | None = None) -> None:
        super().__init__(msgid)
        self.caller = caller


@dataclass(frozen=True)
class KeyDetails:
    """What the form of a new key asks.

    Args:
        institution_id: The house whose records it may see.
        name: Of the other system.
        rights: What it may ask for.
        days: How long it is good.
    """

    institution_id: int
    name: str
    rights: tuple[Right, ...]
    days: int


@dataclass(frozen=True)
class KeyView:
    """A key as the administrator sees it.

    Args:
        key: The key.
        institution: Whose records it may see.
        used_at: When it was last shown, None where it never was.
        good: Whether it opens the door now.
    """

    key: ApiKey
    institution: Institution
    used_at: datetime | None
    good: bool


def make_key(work: Work, actor: Actor, details: KeyDetails, pepper: bytes) -> tuple[ApiKey, str]:
    """Make a key for another system.

    Args:
        work: The unit of work.
        actor: An administrator.
        details: What the form says.
        pepper: Derived from the key of the house for this purpose alone.

    Returns:
        The key, and the secret itself, which is kept nowhere and can never be shown again.

    Raises:
        Invalid: When it has no right, or the house has a good key of that name already.
        NotFound: When there is no such house.
        Forbidden: For other roles.
    """
    demand(actor, Action.SYSTEMS_MANAGE)
    work.institutions.get(details.institution_id)
    if not details.rights:
        raise Invalid(N_("请至少选一项权限。"))
    same = (each for each in work.api_keys.all() if each.institution_id == details.institution_id)
    if any(each.name == details.name and each.is_good(work.now) for each in same):
        # A form that is sent twice would leave a second key that nobody holds.
        raise Invalid(N_("这个机构已经有一个同名的密钥在用，请先停用它，或换一个名称。"))
    secret = KEY_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = work.api_keys.add(
        ApiKey(
            institution_id=details.institution_id,
            name=details.name,
            beginning=secret[:_SHOWN_CHARACTERS],
            secret_hash=hash_of(secret, pepper),
            rights=sorted(right.value for right in details.rights),
            made_by_id=actor.staff_id,
            made_at=work.now,
            expires_at=work.now + timedelta(days=details.days),
        )
    )
    return key, secret


def hash_of(secret: str, pepper: bytes) -> str:
    """What is kept of a secret.

    Args:
        secret: The whole key.
        pepper: As for `make_key`.

    Returns:
        64 hexadecimal digits.
    """
    return hmac.new(pepper, secret.encode(), sha256).hexdigest()


def admit(work: Work, secret: str, pepper: bytes) -> Caller:
    """Let a system in by the key it shows.

    Args:
        work: The unit of work.
        secret: As shown, empty where none was.
        pepper: As for `make_key`.

    Returns:
        The system.

    Raises:
        KeyRefused: When there is no such key, or it was withdrawn or has run out; only who holds the key
            itself learns which.
    """
    if not secret:
        raise KeyRefused(N_("请在 Authorization 标头里出示接口密钥：Bearer 加密钥。"))
    known = secret.startswith(KEY_PREFIX) and len(secret) <= _LONGEST_KEY
    key = work.api_keys.by_hash(hash_of(secret, pepper)) if known else None
    if key is None:
        raise KeyRefused(N_("接口密钥不对。"))
    if key.revoked_at is not None:
        raise KeyRefused(N_("这个接口密钥已停用。"), key.caller)
    if not key.is_good(work.now):
        raise KeyRefused(N_("这个接口密钥已过期。"), key.caller)
    return key.caller


def record_call(work: Work, caller: Caller, operation: str, subject_id: int | None, status: int) -> None:
    """Put what a system asked on record.

    Args:
        work: The unit of work.
        caller: Which system.
        operation: What it asked.
        subject_id: Row of the prescription it was about, or None.
        status: How it was answered.
    """
    work.api_keys.record(ApiCall(caller.key_id, work.now, operation, subject_id, status))


def houses(work: Work, actor: Actor) -> list[Institution]:
    """The houses that a key can be made for: those that write or review prescriptions.

    Args:
        work: The unit of work.
        actor: An administrator.

    Returns:
        The centre first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.SYSTEMS_MANAGE)
    kinds = (InstitutionKind.CENTRE, InstitutionKind.TOWNSHIP_HOSPITAL)
    return [house for kind in kinds for house in work.institutions.of_kind(kind)]


def list_keys(work: Work, actor: Actor) -> list[KeyView]:
    """Every key, those that open the door first.

    Args:
        work: The unit of work.
        actor: An administrator.

    Returns:
        The keys, newest first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.SYSTEMS_MANAGE)
    keys = work.api_keys.all()
    houses = work.institutions.by_ids(key.institution_id for key in keys)
    used = work.api_keys.last_used()
    views = [_view(key, houses, used, work.now) for key in reversed(keys)]
    return sorted(views, key=lambda view: not view.good)


def look_at_key(work: Work, actor: Actor, key_id: int) -> tuple[KeyView, Sequence[ApiCall]]:
    """One key and what was asked with it.

    Args:
        work: The unit of work.
        actor: An administrator.
        key_id: Which.

    Returns:
        The key, and its newest calls.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.SYSTEMS_MANAGE)
    key = work.api_keys.get(key_id)
    calls = work.api_keys.calls_of(key_id, CALLS_SHOWN)
    used = {key_id: calls[0].at} if calls else {}
    return _view(key, work.institutions.by_ids([key.institution_id]), used, work.now), calls


def revoke_key(work: Work, actor: Actor, key_id: int) -> ApiKey:
    """Withdraw a key; the next request that shows it is refused.

    Args:
        work: The unit of work.
        actor: An administrator.
        key_id: Which.

    Returns:
        The key; one that was withdrawn before keeps when and by whom.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.SYSTEMS_MANAGE)
    key = work.api_keys.get(key_id)
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by_id = work.now, actor.staff_id
    return key


def _view(key: ApiKey, houses: dict[int, Institution], used: dict[int, datetime], now: datetime) -> KeyView:
    return KeyView(key, houses[key.institution_id], used.get(key.id or 0), key.is_good(now))
