"""Papers of the pharmacy: prescription, pot label, bag label, route sheet, as PDF by Typst.

Frozen sheets in (`web.prints.sheets`), PDF bytes out; no clock, no network, no system fonts.
"""

from web.prints.advice import AdviceSheet, advice_pdf
from web.prints.fonts import FontError
from web.prints.paper import bag_label_pdf, mask_name, pot_label_pdf, prescription_pdf, route_sheet_pdf
from web.prints.sheets import (
    BagLabel,
    HerbLine,
    Parcel,
    PotLabel,
    PotStep,
    PrescriptionSheet,
    RouteSheet,
    Signature,
    StepKind,
    Stop,
    Trip,
)
from web.prints.wording import Language

__all__ = [
    "AdviceSheet",
    "BagLabel",
    "FontError",
    "HerbLine",
    "Language",
    "Parcel",
    "PotLabel",
    "PotStep",
    "PrescriptionSheet",
    "RouteSheet",
    "Signature",
    "StepKind",
    "Stop",
    "Trip",
    "advice_pdf",
    "bag_label_pdf",
    "mask_name",
    "pot_label_pdf",
    "prescription_pdf",
    "route_sheet_pdf",
]
