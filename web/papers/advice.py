"""The sheet in a bag that is handed out dry."""

from collections.abc import Callable
from datetime import datetime

from tcm.knowledge import Knowledge
from tcm.records.clinical import PREPARATION_TERMS, Prescription
from tcm.records.errors import N_, Invalid
from tcm.services.instructing import KEEP_DRY, advice_of, packed_apart
from tcm.store.work import Work
from web.papers.common import centre_of, how_to_take, phone_of
from web.prints import AdviceSheet
from web.scan import trace_url


def in_chinese(sentence: str, **values: object) -> str:
    """A msgid filled in: how a sentence is said where nobody reads another language."""
    return sentence % values


def advice_sheet(
    work: Work,
    knowledge: Knowledge,
    prescription: Prescription,
    public_url: str,
    printed_at: datetime,
    say: Callable[..., str] = in_chinese,
) -> AdviceSheet:
    """How a patient prepares a prescription that the centre does not decoct.

    Args:
        work: The unit of work the prescription belongs to.
        knowledge: The boil rules.
        prescription: Which.
        public_url: Where the house is reached, for the QR code.
        printed_at: Aware UTC.
        say: Translates a msgid and fills it in.

    Returns:
        The sheet, in the reader's language; the same sentences stand on the page behind its code.

    Raises:
        Invalid: For what the centre decocts, or before a centre is set up.
        ValueError: When a text is longer than the paper has room for.
    """
    if prescription.preparation.needs_pot:
        raise Invalid(N_("这张处方由中心煎煮，没有煎服说明。"))
    patient, centre = work.patients.get(prescription.patient_id), centre_of(work)
    bags = work.bags.of_prescription(prescription.key())
    return AdviceSheet(
        patient_name=patient.name,
        prescription_number=prescription.number or "",
        institution=work.institutions.get(prescription.institution_id).name,
        prepared=say(PREPARATION_TERMS[prescription.preparation]),
        doses=prescription.doses_count,
        steps=tuple(
            say(each.sentence, **each.values) for each in advice_of(work, knowledge, prescription, patient)
        ),
        packets=tuple((note, "、".join(herbs)) for note, herbs in packed_apart(prescription, knowledge)),
        how_to_take=prescription.usage or how_to_take(prescription),
        how_to_keep=say(KEEP_DRY[prescription.preparation]),
        centre=centre.name,
        centre_phone=phone_of(centre),
        trace_url=trace_url(public_url, bags[0].code if bags else prescription.number or ""),
        printed_at=printed_at,
    )
