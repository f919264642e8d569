"""What the pharmacy answers when it will not do a thing: one sentence for the person who asked."""


def N_(text: str) -> str:  # noqa: N802 - the name gettext's extractors look for
    """Mark a Chinese sentence for translation without translating it here.

    Args:
        text: The msgid.

    Returns:
        The same text.
    """
    return text


class Refused(Exception):
    """The pharmacy refuses a request and says why.

    Args:
        msgid: A Chinese sentence, the msgid of the catalogue, with %(name)s places.
        values: What fills the places; never a patient's data.
    """

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid % values if values else msgid)
        self.msgid = msgid
        self.values = values


class Forbidden(Refused):
    """The actor's role or institution does not allow this."""


class NotFound(Refused):
    """There is no such thing, or not for this actor."""


class Invalid(Refused):
    """The request is not usable as it stands; the person can mend it."""


class Stale(Refused):
    """Somebody else changed the record since the page was opened."""

    def __init__(self) -> None:
        super().__init__(N_("刚刚有别人改动过，请刷新后再看一遍。您填写的内容仍在页面上。"))


class IllegalMove(Refused):
    """The lifecycle has no such move, or not for this role."""
