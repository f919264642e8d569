"""Prescriptions on their way from another system, for the tests of services and of pages."""

from dataclasses import replace
from typing import Any

from tcm.records.clinical import Preparation, VisitType
from tcm.records.people import Institution, Sex
from tcm.records.systems import Caller, Right
from tcm.services import connecting, receiving
from tcm.services.connecting import KeyDetails, admit
from tcm.services.receiving import IncomingShown
from tcm.services.sent import Sent, SentLine, SentPatient
from tests.conftest import KEYS
from tests.tcm.county import NAME, PHONE, County

# What the application derives, so that a key made here opens its door too.
PEPPER = KEYS.derive("api-key")
LINES = (SentLine("Y1", "党参", 12.0, ""), SentLine("", "炙甘草", 6.0, ""))
PATIENT = SentPatient(NAME, Sex.FEMALE, 60, PHONE)
SENT = Sent("R-1", "li", PATIENT, "泄泻", 7, "水煎服", Preparation.DECOCTED, VisitType.OUTPATIENT, LINES)


def caller_of(county: County, house: Institution | None = None) -> Caller:
    """The system of a house, the doctor's where none is named."""
    where = (house or county.hospital).id or 0
    details = KeyDetails(where, f"HIS {county.new_key()}", tuple(Right), 30)
    _, secret = county.do(connecting.make_key, county.admin, details, PEPPER)
    with county.work() as work:
        return admit(work, secret, PEPPER)


def send(county: County, caller: Caller, **changes: Any) -> tuple[IncomingShown, bool]:
    """Send a prescription."""
    with county.work() as work:
        received = receiving.receive(work, caller, county.knowledge, replace(SENT, **changes))
        work.commit()
    return received
