"""Daily heads as the house publishes them: a few lines of text, signed, that anyone can keep and check.

What is published cannot be taken back: whoever kept the text, or a printed proof, can show later that the
ledger was rewritten. Checking one needs no database: a published text holds the head before it, and the
signature is Ed25519 (RFC 8032) over its own lines.
"""

import base64
import binascii
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tcm.records.ledger import GENESIS, Break

# What the key of the house is derived for.
HEADS_PURPOSE = "ledger-heads"
FORMAT = "tangye-head 1"
MOST_CHARACTERS = 1000
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
_TEXT = re.compile(
    rf"(?P<signed>{re.escape(FORMAT)}\n"
    r"number: (?P<number>[1-9][0-9]{0,8})\n"
    r"day: (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\n"
    r"events: (?P<events>[0-9]{1,9})\n"
    r"head: (?P<head>[0-9a-f]{64})\n"
    r"previous: (?P<previous>[0-9a-f]{64})\n"
    r"sealed: (?P<sealed>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n"
    r"key: (?P<key>[A-Za-z0-9+/=]{44})\n)"
    r"signature: (?P<signature>[A-Za-z0-9+/=]{88})\n"
)


class HeadUnusableError(Exception):
    """A text is no published head, or its signature does not fit."""


@dataclass(frozen=True)
class SealedHead:
    """A head as the ledger holds it.

    Args:
        number: 1, 2, 3 ... in the order they were sealed.
        day: County date.
        events_count: How many events it seals.
        head: Hash over the head before and the hashes of the events, hexadecimal.
        prev_head: The head before, `GENESIS` for the first.
        sealed_at: Aware UTC.
    """

    number: int
    day: date
    events_count: int
    head: str
    prev_head: str
    sealed_at: datetime


@dataclass(frozen=True)
class PublishedHead:
    """A head as it was published, its signature checked.

    Args:
        sealed: What it says; its moment to the second.
        key: Public key it is signed with, base64.
    """

    sealed: SealedHead
    key: str


class Seal:
    """What the house signs its heads with.

    Args:
        seed: 32 bytes that are derived from the key of the house for `HEADS_PURPOSE`.
    """

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key()
        self.key = base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        self.pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def publish(self, sealed: SealedHead) -> str:
        """The text of a head; the same head gives the same bytes.

        Args:
            sealed: As the ledger holds it.

        Returns:
            Nine lines, ending with a line end.
        """
        signed = (
            f"{FORMAT}\n"
            f"number: {sealed.number}\n"
            f"day: {sealed.day.isoformat()}\n"
            f"events: {sealed.events_count}\n"
            f"head: {sealed.head}\n"
            f"previous: {sealed.prev_head}\n"
            f"sealed: {sealed.sealed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
            f"key: {self.key}\n"
        )
        signature = base64.b64encode(self._private.sign(signed.encode())).decode()
        return f"{signed}signature: {signature}\n"


def read_published(text: str) -> PublishedHead:
    """Read a published head and check its signature.

    Args:
        text: As it was published; line ends of other systems are accepted.

    Returns:
        The head.

    Raises:
        HeadUnusableError: When it is none, or was altered since.
    """
    found = _TEXT.fullmatch(text[: MOST_CHARACTERS + 1].replace("\r\n", "\n"))
    if found is None:
        raise HeadUnusableError("it is no published head")
    try:
        key = base64.b64decode(found["key"], validate=True)
        signature = base64.b64decode(found["signature"], validate=True)
        day = date.fromisoformat(found["day"])
        sealed_at = datetime.strptime(found["sealed"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, found["signed"].encode())
    except (binascii.Error, ValueError, InvalidSignature):
        raise HeadUnusableError("its signature does not fit: it was altered") from None
    head, previous = found["head"], found["previous"]
    sealed = SealedHead(int(found["number"]), day, int(found["events"]), head, previous, sealed_at)
    return PublishedHead(sealed, found["key"])


def gap_between(heads: Sequence[PublishedHead]) -> str:
    """Where published heads do not follow one another; a head between two others may be missing.

    Args:
        heads: In any order.

    Returns:
        What is wrong, empty where nothing is.
    """
    ordered = sorted(heads, key=lambda each: each.sealed.number)
    if len({each.key for each in ordered}) > 1:
        return "they are signed with different keys"
    for each in ordered:
        if each.sealed.number == 1 and each.sealed.prev_head != GENESIS:
            return f"head 1 of {each.sealed.day} is not the first"
    for before, after in itertools.pairwise(ordered):
        one, two = before.sealed, after.sealed
        if one.number == two.number and one != two:
            return f"there are two heads {one.number}"
        if two.number == one.number + 1 and two.prev_head != one.head:
            return f"head {two.number} of {two.day} does not follow head {one.number}"
    return ""


def changed_since(
    published: Iterable[tuple[str, str]], sealed: Sequence[SealedHead], key: str
) -> Break | None:
    """The first published head that the ledger does not hold any more.

    Args:
        published: Name and text of every published head.
        sealed: Every head of the ledger.
        key: Public key of the house, base64.

    Returns:
        What was changed, None where everything published still holds.
    """
    holds: Mapping[int, SealedHead] = {each.number: each for each in sealed}
    for name, text in sorted(published):
        try:
            read = read_published(text)
        except HeadUnusableError as error:
            return Break(None, None, f"the published head {name} cannot be used: {error}")
        if read.key != key:
            return Break(None, None, f"the published head {name} is not signed by this house")
        now = holds.get(read.sealed.number)
        if now is None:
            return Break(None, None, f"the head of {read.sealed.day} was published and is gone")
        if (now.head, now.prev_head, now.day) != (read.sealed.head, read.sealed.prev_head, read.sealed.day):
            return Break(None, None, f"the head of {read.sealed.day} was changed after it was published")
    return None
