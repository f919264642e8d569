"""The second person at one screen: their own log-in name and password under somebody else's form."""

from flask import request

from tcm.records.errors import N_, Forbidden, Invalid
from tcm.records.roles import Actor
from tcm.services.signing_in import sign_in
from web.door import clean
from web.house import current_house, work

# Fields of the macro `second_person` in stock/_second.html.
NAME_FIELD, PASSWORD_FIELD = "second_username", "second_password"
NOBODY_SIGNS = N_("请第二个人填用户名和密码签名。")


def second_person() -> Actor | None:
    """Who signs beside the person who is logged in, by the fields of this request's form.

    Nobody is logged in by it; the attempt counts and locks as one at the door does. Ask before any other
    work is open.

    Returns:
        The second person, None where no name was typed.

    Raises:
        Invalid: When name and password do not fit, or the name is locked.
    """
    username = clean(request.form.get(NAME_FIELD, ""))
    if not username:
        return None
    try:
        with work() as open_work:
            # Passwords are not cleaned, they are only hashed.
            password = request.form.get(PASSWORD_FIELD, "")
            return sign_in(open_work, username, password, hasher=current_house().hasher).actor
    except Forbidden as refusal:
        # The page is shown again: it is not the person who is logged in that is refused.
        raise Invalid(refusal.msgid, **refusal.values) from refusal


def demand_second_person() -> Actor:
    """The same, where nothing can be done without.

    Returns:
        The second person.

    Raises:
        Invalid: When nobody signs, or name and password do not fit.
    """
    second = second_person()
    if second is None:
        raise Invalid(NOBODY_SIGNS)
    return second
