"""From records to printed sheets: everything `web.prints` needs, gathered from one unit of work.

Nothing here knows of requests: the same functions print for a desk and for a whole day without one. Who may
print is asked by the services before.
"""

from web.papers.advice import advice_sheet
from web.papers.book import book_page_sheet
from web.papers.common import KEEP, centre_of, exact_age, how_to_take, phone_of, use_before
from web.papers.labels import bag_labels, pot_labels
from web.papers.prescription import prescription_sheet
from web.papers.route import numbered_stops, route_sheet
from web.papers.shelf import bin_labels, tray_label

__all__ = [
    "KEEP",
    "advice_sheet",
    "bag_labels",
    "bin_labels",
    "book_page_sheet",
    "centre_of",
    "exact_age",
    "how_to_take",
    "numbered_stops",
    "phone_of",
    "pot_labels",
    "prescription_sheet",
    "route_sheet",
    "tray_label",
    "use_before",
]
