"""Blank forms in the drawers of the demo county, printed before anybody needs them."""

from tcm.records.outage import PaperKind
from tcm.records.roles import Role
from tcm.services.outages import print_papers
from web.demo.town import Town

SHEETS = 20
# Who prints what for their own house.
PRINTS = {
    Role.DOCTOR: PaperKind.PRESCRIPTION,
    Role.PHARMACIST: PaperKind.REVIEW,
    Role.FLOOR: PaperKind.DECOCTION,
    Role.COURIER: PaperKind.DELIVERY,
}


def fill_drawers(town: Town, key: str) -> None:
    """Print each kind of form once at the centre, and prescriptions at the first township.

    Args:
        town: The county on its day.
        key: Makes the forms' keys of this run its own.
    """
    with town.work() as work:
        for role, kind in PRINTS.items():
            print_papers(work, town.staff[role][0].actor, kind, SHEETS, f"{key}-{kind.value}")
        work.commit()
