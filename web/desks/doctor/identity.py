"""The resident identity number: whether it can exist, and what it says of its holder."""

import re
from dataclasses import dataclass
from datetime import date

from tcm.records.errors import N_
from tcm.records.people import Sex

_SHAPE = re.compile(r"[1-9]\d{5}(?P<born>\d{8})\d{2}(?P<sex>\d)[\dX]", re.ASCII)
# Weights 2**(18 - i) mod 11 of the first 17 digits. Source: GB 11643-1999 公民身份号码, ISO 7064 MOD 11-2.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True)
class Identity:
    """What an identity number says.

    Args:
        number: Eighteen characters, X as a capital.
        born_on: Date of birth.
        sex: By the seventeenth digit.
    """

    number: str
    born_on: date
    sex: Sex


def read_identity(text: str) -> Identity:
    """Read a resident identity number.

    Args:
        text: As typed; spaces and a small x are allowed.

    Returns:
        The number with date of birth and sex.

    Raises:
        ValueError: With a sentence (msgid), when the number cannot exist.

    Source:
        GB 11643-1999.
    """
    number = "".join(text.split()).upper()
    match = _SHAPE.fullmatch(number)
    if match is None:
        raise ValueError(N_("身份证号应为 18 位数字，末位可为 X。"))
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    if number[-1] != _CHECKS[total % 11]:
        raise ValueError(N_("身份证号校验码不对，请核对。"))
    try:
        born_on = date.fromisoformat(match["born"])
    except ValueError:
        raise ValueError(N_("身份证号里的出生日期不存在，请核对。")) from None
    return Identity(number, born_on, Sex.MALE if int(match["sex"]) % 2 else Sex.FEMALE)
