"""The pharmacist's case page in a browser's hands: which words it asks for, and its buttons."""

import re
from typing import Any

from tcm.records.clinical import Prescription
from tests.web.desks.hands import Browser, hidden


def decide(browser: Browser, prescription: Prescription, what: str, **fields: Any) -> Any:
    """Press a button of the case page as it is shown now."""
    case = f"/pharmacist/{prescription.id}"
    page = browser.get(case).text
    # Approval and return are two buttons of one form.
    form = f"{case}/approve" if what == "return" else f"{case}/{what}"
    return browser.post(f"{case}/{what}", **{**hidden(page, form), **fields})


def asked(page: str) -> list[str]:
    """Keys of the findings a word is asked on."""
    return re.findall(r'name="judge-(\w+)" value="accepted"', page)


def accepted(browser: Browser, prescription: Prescription) -> dict[str, str]:
    """The fields that accept every finding of the case page."""
    page = browser.get(f"/pharmacist/{prescription.id}").text
    return {f"judge-{key}": "accepted" for key in asked(page)}
