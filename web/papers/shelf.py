"""Labels to be scanned at the shelf: bins, and the trays in which prescriptions are weighed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from tcm.knowledge import Knowledge
from tcm.knowledge.dispensing import is_regulated_toxic, locked_by_rule
from tcm.records.clinical import PREPARATION_TERMS, Prescription
from tcm.records.errors import N_
from tcm.records.locked_book import LOCKED_TERMS, LockedKind
from tcm.records.stock import Bin
from tcm.services.pricing import dispensed_as
from tcm.store.work import Work
from web.prints.scan_label import ScanLabel

_LOCKED = N_("专柜 双人双锁")
_CLOSED = N_("库架")
_TOXIC = N_("毒性药材：双人核对")
_URGENT = N_("加急")


def bin_labels(
    knowledge: Knowledge, bins: Sequence[Bin], printed_at: datetime, say: Callable[[str], str]
) -> list[ScanLabel]:
    """The labels of some bins.

    Args:
        knowledge: Says which herbs are toxic.
        bins: Which.
        printed_at: Aware UTC.
        say: Translates a msgid.

    Returns:
        In the order of the bins.

    Raises:
        ValueError: When a text is longer than a label has room for.
    """
    labels = []
    for place in bins:
        kind = locked_by_rule(knowledge, place.herb) if place.herb else ""
        marks = [say(LOCKED_TERMS[LockedKind(kind)])] if kind else []
        marks += [say(_LOCKED)] if place.locked else []
        labels.append(
            ScanLabel(
                code=place.code,
                title=place.herb or say(_CLOSED),
                mark=" · ".join(marks),
                printed_at=printed_at,
            )
        )
    return labels


def tray_label(
    work: Work,
    knowledge: Knowledge,
    prescription: Prescription,
    printed_at: datetime,
    say: Callable[[str], str],
) -> ScanLabel:
    """The label of the tray in which a prescription is weighed; it names no patient.

    Args:
        work: The unit of work the prescription belongs to.
        knowledge: Says which herbs are toxic.
        prescription: Approved.
        printed_at: Aware UTC.
        say: Translates a msgid.

    Returns:
        The label.

    Raises:
        ValueError: When a text is longer than the label has room for.
    """
    herbs = {dispensed_as(knowledge, item.written_as) for item in prescription.items}
    marks = [say(_URGENT)] if prescription.urgent else []
    marks += [say(_TOXIC)] if any(is_regulated_toxic(knowledge, herb) for herb in herbs) else []
    counts = say(N_("%(herbs)s 味 · %(doses)s 剂")) % {
        "herbs": len(prescription.items),
        "doses": prescription.doses_count,
    }
    return ScanLabel(
        code=prescription.number or "",
        title=work.institutions.get(prescription.village_id).name,
        mark=" · ".join(marks),
        lines=(counts, say(PREPARATION_TERMS[prescription.preparation])),
        printed_at=printed_at,
    )
