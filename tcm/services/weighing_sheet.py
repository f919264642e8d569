"""What is to be weighed for a prescription, how far it is, and which line a scan means."""

import unicodedata
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.knowledge.dispensing import is_regulated_toxic, tolerance_percent
from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.dispensing import Dispensing, DispensingSettings, Weighed, Weighing
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import STATE_TERMS, State
from tcm.records.stock import MG_PER_G, Keeping
from tcm.services.pricing import dispensed_as
from tcm.services.reserving import claim_stands, keeping_of, needs_of
from tcm.store.work import Work

# From these states a prescription is dispensed.
TO_DISPENSE = frozenset({State.APPROVED, State.SCRAPPED})


@dataclass(frozen=True)
class Line:
    """An herb to be weighed, all doses together, as far as it comes from one lot.

    Args:
        herb: Standard name, as dispensed.
        decoction_notes: 先煎, 后下 ... of the prescription's lines for it.
        lot_id: The lot, None where no stock is kept on record, or none can give it.
        lot_number: 批号, empty likewise.
        bin_code: Where that lies, empty likewise.
        is_drawer: Whether the bin holds this herb alone, so that its code names the herb.
        target_mg: To be weighed.
        doses_count: That it is split into.
        is_toxic: Whether two people sign for it.
        can_be_taken: False where the lot was locked or has expired since, or no lot can give it.
        is_lacking: Whether the floor has said that it is not there.
        weighed: What the scale said, None before.
    """

    herb: str
    decoction_notes: tuple[str, ...]
    lot_id: int | None
    lot_number: str
    bin_code: str
    is_drawer: bool
    target_mg: int
    doses_count: int
    is_toxic: bool
    can_be_taken: bool
    is_lacking: bool
    weighed: Weighed | None

    @property
    def dose_g(self) -> float:
        """Grams a dose that are asked for."""
        return self.target_mg / self.doses_count / MG_PER_G

    @property
    def low_mg(self) -> int:
        """The least that a scale may say."""
        return -int(-self.target_mg * (100 - tolerance_percent()) // 100)

    @property
    def high_mg(self) -> int:
        """The most that a scale may say."""
        return int(self.target_mg * (100 + tolerance_percent()) // 100)

    @property
    def weighed_dose_g(self) -> float | None:
        """Grams a dose that lie there, split evenly; None before it is weighed."""
        return self.weighed.net_mg / self.doses_count / MG_PER_G if self.weighed else None

    @property
    def deviation_percent(self) -> float | None:
        """How far that lies from what was asked for; None before it is weighed."""
        return 100 * (self.weighed.net_mg / self.target_mg - 1) if self.weighed else None


@dataclass(frozen=True)
class Sheet:
    """Everything that is to be weighed for a prescription, and how far it is.

    Args:
        prescription: With its herbs.
        settings: How the centre dispenses.
        dispensing: The open one, None before anybody has begun.
        lines: In the order of the bins.
    """

    prescription: Prescription
    settings: DispensingSettings
    dispensing: Dispensing | None
    lines: tuple[Line, ...]

    @property
    def weighed_count(self) -> int:
        """Lines that are weighed."""
        return sum(line.weighed is not None for line in self.lines)

    @property
    def is_weighed(self) -> bool:
        """Whether every line is weighed from what can be taken; granules have none, and are counted out."""
        return all(line.weighed is not None and line.can_be_taken for line in self.lines)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left but the second person."""
        if self.dispensing is None or self.dispensing.lacking or not self.is_weighed:
            return False
        return bool(self.dispensing.photograph_key) or not self.settings.photograph

    @property
    def weigher_ids(self) -> frozenset[int]:
        """Whose hands it was, by row of staff."""
        hands = {line.weighed.weighed_by_id for line in self.lines if line.weighed}
        return frozenset(hands | ({self.dispensing.begun_by_id} if self.dispensing else set()))


def settings_of(work: Work) -> DispensingSettings:
    """How the centre dispenses.

    Args:
        work: The unit of work.

    Returns:
        The newest decision; before the first, one that keeps weighing on paper.
    """
    found = work.dispensing_settings.current()
    return found or DispensingSettings(weighing=Weighing.OFF, set_by_id=0, set_at=work.now)


def sheet_of(work: Work, knowledge: Knowledge, prescription: Prescription) -> Sheet:
    """The sheet of a prescription that somebody was allowed to look at.

    Args:
        work: The unit of work.
        knowledge: Says what is dispensed for a name.
        prescription: Which.

    Returns:
        The sheet.

    Raises:
        IllegalMove: When it is not to be dispensed now.
    """
    demand_to_dispense(prescription)
    dispensing = work.dispensings.open_of(prescription.key())
    return Sheet(
        prescription=prescription,
        settings=settings_of(work),
        dispensing=dispensing,
        lines=_lines(work, knowledge, prescription, dispensing),
    )


def find_line(work: Work, sheet: Sheet, code: str) -> Line:
    """The line that a scan means.

    Args:
        work: The unit of work.
        sheet: Of the prescription.
        code: A bin's code, a lot number, or an herb's name where no stock is kept on record.

    Returns:
        The line.

    Raises:
        Invalid: When the code is another herb's or another lot's, unknown, or says too little.
    """
    wanted = _plain(code)
    by_bin = [line for line in sheet.lines if line.is_drawer and _plain(line.bin_code) == wanted]
    by_lot = [line for line in sheet.lines if line.lot_id and _plain(line.lot_number) == wanted]
    by_name = [line for line in sheet.lines if line.lot_id is None and _plain(line.herb) == wanted]
    found = by_bin or by_lot or by_name
    if len(found) == 1:
        if not found[0].can_be_taken:
            raise Invalid(N_("%(herb)s现在取不到，请点“重新找药”，或报缺。"), herb=found[0].herb)
        return found[0]
    if by_bin:
        numbers = "、".join(line.lot_number for line in by_bin)
        raise Invalid(N_("货位%(code)s里有几个批号，请扫药袋上的批号：%(lots)s。"), code=code, lots=numbers)
    if by_lot:
        bins = "、".join(line.bin_code for line in by_lot)
        raise Invalid(N_("有几味药的批号都是%(code)s，请扫货位：%(bins)s。"), code=code, bins=bins)
    raise _foreign(work, sheet, code)


def told(sheet: Sheet) -> dict[str, object]:
    """What the ledger keeps of a sheet.

    Args:
        sheet: Weighed.

    Returns:
        Herb, row of the lot, milligrams and row of the weigher of each line.
    """
    return {
        "weighed": [
            {
                "herb": line.herb,
                "lot": line.lot_id,
                "net_mg": line.weighed.net_mg,
                "by": line.weighed.weighed_by_id,
            }
            for line in sheet.lines
            if line.weighed is not None
        ]
    }


def demand_begun(sheet: Sheet) -> Dispensing:
    """The dispensing that a sheet is weighed by.

    Args:
        sheet: Of a prescription.

    Returns:
        The open one.

    Raises:
        IllegalMove: When nobody has begun.
    """
    if sheet.dispensing is None:
        raise IllegalMove(N_("这张处方还没有开始称量。"))
    return sheet.dispensing


def demand_to_dispense(prescription: Prescription) -> None:
    """Let pass what is approved, or scrapped and to be dispensed again.

    Args:
        prescription: Which.

    Raises:
        IllegalMove: When it stands elsewhere.
    """
    if prescription.state not in TO_DISPENSE:
        raise IllegalMove(
            N_("处方现在是“%(source)s”，不能改为“%(target)s”。"),
            source=STATE_TERMS[prescription.state],
            target=STATE_TERMS[State.DISPENSED],
        )


def grams(amount_mg: int) -> str:
    """Milligrams as people on the floor say them.

    Args:
        amount_mg: Such as 84500.

    Returns:
        Grams, such as 84.5.
    """
    return f"{amount_mg / MG_PER_G:.2f}".rstrip("0").rstrip(".")


def _lines(
    work: Work, knowledge: Knowledge, prescription: Prescription, dispensing: Dispensing | None
) -> tuple[Line, ...]:
    """A line for each claim, and one without a lot for what no claim covers; in the order of the bins."""
    held = [each for each in work.reservations.of_prescription(prescription.key()) if each.used_at is None]
    lots = work.lots.by_ids(each.lot_id for each in held)
    bins = work.bins.by_ids(lot.bin_id for lot in lots.values())
    day, has_stock = county_day(work.now), keeping_of(work) is not Keeping.OFF
    parts = [
        (each.herb, each.amount_mg, lots[each.lot_id], claim_stands(each, lots[each.lot_id], day))
        for each in held
    ]
    rest_mg = needs_of(knowledge, prescription)
    for each in held:
        rest_mg[each.herb] = rest_mg.get(each.herb, 0) - each.amount_mg
    uncovered = [(herb, mg, None, not has_stock) for herb, mg in rest_mg.items() if mg > 0]
    # Of a line that was weighed twice the newest counts.
    said = {
        (each.herb, each.lot_id, each.target_mg): each
        for each in (work.weighed.of_dispensing(dispensing.key()) if dispensing else ())
    }
    notes = _notes(knowledge, prescription)
    lines = []
    for herb, target_mg, lot, can_be_taken in [*parts, *uncovered]:
        place = bins[lot.bin_id] if lot else None
        lines.append(
            Line(
                herb=herb,
                decoction_notes=notes.get(herb, ()),
                lot_id=lot.id if lot else None,
                lot_number=lot.lot_number if lot else "",
                bin_code=place.code if place else "",
                is_drawer=bool(place and place.herb),
                target_mg=target_mg,
                doses_count=prescription.doses_count,
                is_toxic=is_regulated_toxic(knowledge, herb),
                can_be_taken=can_be_taken,
                is_lacking=dispensing is not None and herb in dispensing.lacking,
                weighed=said.get((herb, lot.id if lot else None, target_mg)),
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.bin_code == "", line.bin_code)))


def _notes(knowledge: Knowledge, prescription: Prescription) -> dict[str, tuple[str, ...]]:
    """The decoction notes of each herb, as dispensed."""
    found: dict[str, tuple[str, ...]] = {}
    for item in prescription.items:
        herb = dispensed_as(knowledge, item.written_as)
        before = found.get(herb, ())
        if item.decoction_note and item.decoction_note not in before:
            found[herb] = (*before, item.decoction_note)
    return found


def _foreign(work: Work, sheet: Sheet, code: str) -> Invalid:
    """What to say of a scan that means no line."""
    place = work.bins.by_code(code)
    if place is not None and not place.herb:
        return Invalid(N_("货位%(code)s不是专放一味药的，请扫药袋上的批号。"), code=code)
    herbs = [place.herb] if place else list(dict.fromkeys(lot.herb for lot in work.lots.of_number(code)))
    if not herbs:
        return Invalid(N_("没有货位或批号“%(code)s”，请再扫一次。"), code=code)
    wanted = next((line for line in sheet.lines if line.herb in herbs and line.lot_id), None)
    if wanted is None:
        return Invalid(N_("扫到的是%(herb)s，这张处方里没有这味药，请放回原处。"), herb="、".join(herbs))
    return Invalid(
        N_("%(herb)s要取货位%(bin)s、批号%(lot)s的，扫到的不是。"),
        herb=wanted.herb,
        bin=wanted.bin_code,
        lot=wanted.lot_number,
    )


def _plain(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip().upper()
