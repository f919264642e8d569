"""The demo's hands at the scales, and the pharmacist who looks again."""

import random
from collections.abc import Collection

from tcm.knowledge import Knowledge
from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.roles import Actor, Role
from tcm.services import checking, weighing
from tcm.services.weighing_sheet import Line, Sheet
from tcm.store.work import Work
from web.demo.town import Town

# A practised hand is this much off at most, on a scale that shows hundredths of a gram.
_OFF_SHARE, _STEP_MG = 0.02, 10


def weigh_out(work: Work, hand: Actor, knowledge: Knowledge, prescription_id: int, *, but: int = 0) -> Sheet:
    """Weigh a prescription line by line, each scanned by its drawer.

    Args:
        work: The unit of work.
        hand: Floor staff.
        knowledge: Says what is dispensed for a name.
        prescription_id: Approved.
        but: Leave so many of the last lines.

    Returns:
        The sheet.
    """
    rng = random.Random(f"{prescription_id}/{work.now}")  # noqa: S311 - an invented hand
    sheet = weighing.begin(work, hand, knowledge, prescription_id)
    for number, line in enumerate(sheet.lines[: len(sheet.lines) - but]):
        sheet = weighing.weigh(
            work,
            hand,
            knowledge,
            prescription_id,
            _code_of(sheet, line),
            _STEP_MG * round(line.target_mg * rng.uniform(1 - _OFF_SHARE, 1 + _OFF_SHARE) / _STEP_MG),
            scale="",
            request_key=f"demo-{prescription_id}-{work.now:%m%d%H%M%S}-{number}",
        )
    return sheet


def dispense(work: Work, hand: Actor, pharmacist: Actor, knowledge: Knowledge, prescription_id: int) -> None:
    """Weigh a prescription, and have it signed for by the second person.

    Args:
        work: The unit of work.
        hand: Floor staff.
        pharmacist: The second person.
        knowledge: Says what is dispensed for a name.
        prescription_id: Approved, or scrapped.
    """
    sheet = weigh_out(work, hand, knowledge, prescription_id)
    work.session.flush()
    version = work.prescriptions.get(prescription_id).version
    toxic = {line.herb for line in sheet.lines if line.is_toxic}
    checking.sign(work, pharmacist, knowledge, prescription_id, version, toxic=toxic)


def put_on_the_scales(town: Town, rows: Collection[int]) -> None:
    """What lies on the scales when the desks open: one weighed, one half weighed, one that lacks an herb.

    Args:
        town: The county, with approved prescriptions.
        rows: Those of them that are meant.
    """
    hand = town.staff[Role.FLOOR][0].actor
    with town.work() as work:
        approved = [each for each in work.prescriptions.in_states([State.APPROVED]) if each.key() in rows]
        ready, half, lacking = approved[:3]
        weigh_out(work, hand, town.knowledge, ready.key())
        weigh_out(work, hand, town.knowledge, half.key(), but=2)
        sheet = weigh_out(work, hand, town.knowledge, lacking.key(), but=1)
        if sheet.lines:
            weighing.report_lacking(work, hand, town.knowledge, lacking.key(), sheet.lines[-1].herb)
        work.commit()


def second_person(town: Town, prescription: Prescription) -> Actor:
    """The pharmacist who looks again.

    Args:
        town: The county today.
        prescription: Which.

    Returns:
        Each of them in turn.
    """
    pharmacists = town.staff[Role.PHARMACIST]
    return pharmacists[prescription.key() % len(pharmacists)].actor


def _code_of(sheet: Sheet, line: Line) -> str:
    """What a hand scans: the drawer, or the package where the drawer holds several lots."""
    in_drawer = [each for each in sheet.lines if each.bin_code == line.bin_code]
    if line.lot_id is None:
        return line.herb
    return line.bin_code if line.is_drawer and len(in_drawer) == 1 else line.lot_number
