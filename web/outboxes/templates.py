"""Templates that a carrier has approved: a number for each kind of notice, and what is filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tcm.records.aftercare import NoticeKind

# What the texts proposed in docs/notices.md leave open. A carrier lets no address pass in a variable: the
# template itself holds it up to the bag's code.
DEFAULT_FIELDS: Mapping[NoticeKind, tuple[str, ...]] = {
    NoticeKind.LEFT: ("village", "when", "pickup", "code"),
    NoticeKind.ARRIVED: ("village", "code"),
    NoticeKind.ANSWERED: ("code",),
    NoticeKind.RECALLED: ("code", "phone"),
    NoticeKind.FOLLOW_UP: ("phone",),
}
FACTS = ("centre", "phone", "village", "when", "pickup", "code")
_ONE = re.compile(r"(?P<kind>[a-z_]+)=(?P<number>[A-Za-z0-9_-]{1,64})(:(?P<fields>[A-Za-z0-9_=+]+))?")
# What stands for a fact that is not known: carriers refuse an empty variable.
UNKNOWN = "见药袋"
# The bag does not say it: it is for the patient alone.
NO_PICKUP = "可签名领取"


@dataclass(frozen=True)
class Template:
    """One template.

    Args:
        number: As the carrier gave it.
        fields: Fact by the carrier's name of the variable.
    """

    number: str
    fields: Mapping[str, str]

    def filled(self, facts: Mapping[str, str]) -> dict[str, str]:
        """What its variables are for one notice.

        Args:
            facts: Of the letter.

        Returns:
            Text by the carrier's name.
        """
        return {name: facts.get(fact) or _unknown(fact) for name, fact in self.fields.items()}


def templates_in(text: str) -> dict[NoticeKind, Template]:
    """The templates that a setting names.

    Args:
        text: Such as `left=SMS_1 arrived=SMS_2:place=village+number=code`, one for every kind of notice.

    Returns:
        By kind.

    Raises:
        ValueError: Naming what cannot be read or is missing.
    """
    found: dict[NoticeKind, Template] = {}
    for each in text.split():
        read = _ONE.fullmatch(each)
        if read is None or read["kind"] not in set(NoticeKind):
            raise ValueError(f"{each!r} is no kind=NUMBER or kind=NUMBER:name=fact+name=fact")
        kind = NoticeKind(read["kind"])
        found[kind] = Template(read["number"], _fields(kind, read["fields"]))
    missing = [kind.value for kind in NoticeKind if kind not in found]
    if missing:
        raise ValueError(f"no template for {', '.join(missing)}")
    return found


def _unknown(fact: str) -> str:
    return NO_PICKUP if fact == "pickup" else UNKNOWN


def _fields(kind: NoticeKind, text: str | None) -> dict[str, str]:
    if text is None:
        return {name: name for name in DEFAULT_FIELDS[kind]}
    fields = dict(part.partition("=")[::2] for part in text.split("+"))
    strange = [fact for fact in fields.values() if fact not in FACTS]
    if strange:
        raise ValueError(f"{strange[0]!r} is no fact of a notice; there are {', '.join(FACTS)}")
    return fields
