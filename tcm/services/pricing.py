"""What a prescription costs and whether the shelf can fill it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge, shelving
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid
from tcm.records.stock import MG_PER_G, MG_PER_KG, SELF_PAID, Keeping
from tcm.store.stock_queries import ShelfRow, shelf
from tcm.store.work import Work

_NOT_PAID, _NOT_PAID_ALONE = "不予支付", "单味不予支付"


@dataclass(frozen=True)
class QuoteLine:
    """One line with its price.

    Args:
        herb: Standard name.
        fen_a_dose: Of this line in one dose, None where the price list has no price.
        in_stock_g: Grams at the centre that nobody has a claim on, None where no stock is kept on record.
        enough: Whether they fill all doses of every line with this herb; True where no stock is kept.
    """

    herb: str
    fen_a_dose: int | None
    in_stock_g: float | None
    enough: bool


@dataclass(frozen=True)
class Quote:
    """What a prescription would cost today.

    Args:
        lines: One for each line asked about, in order.
        dose_fen: One dose: the sum of its lines, those without a price left out.
        total_fen: All doses.
        patient_fen: The patient's share of that.
        unpriced: Herbs without a price, in order, each once; while there is one the sums are too low.
    """

    lines: tuple[QuoteLine, ...]
    dose_fen: int
    total_fen: int
    patient_fen: int
    unpriced: tuple[str, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """Herbs of which the shelf has too little, in order, each once."""
        return tuple(dict.fromkeys(line.herb for line in self.lines if not line.enough))


def quote(
    work: Work,
    lines: Sequence[tuple[str, float]],
    doses_count: int,
    scheme: str = SELF_PAID,
    *,
    not_paid: Collection[str] = (),
) -> Quote:
    """What lines would cost and whether the shelf has them; nothing is changed.

    Args:
        work: The unit of work; asked three times at most, however many lines there are.
        lines: Herb as dispensed (`dispensed_as`) and grams a dose.
        doses_count: 剂数.
        scheme: `Patient.scheme`.
        not_paid: Herbs that no insurance pays here (`not_paid_here`): the patient pays all of them.

    Returns:
        The quote.

    Raises:
        NotFound: When there is no such scheme.
    """
    settings = work.stock_settings.current()
    kept = settings is not None and settings.keeping is not Keeping.OFF
    known = shelf(work.session, county_day(work.now), {herb for herb, _ in lines})
    asked_mg: dict[str, int] = {}
    for herb, dose_g in lines:
        asked_mg[herb] = asked_mg.get(herb, 0) + milligrams(dose_g) * doses_count
    priced = tuple(_line(herb, dose_g, known.get(herb), asked_mg[herb], kept=kept) for herb, dose_g in lines)
    dose_fen = sum(line.fen_a_dose or 0 for line in priced)
    own_fen = sum(line.fen_a_dose or 0 for line in priced if line.herb in not_paid) * doses_count
    total_fen = dose_fen * doses_count
    percent = 100 if scheme == SELF_PAID else work.schemes.by_code(scheme).patient_percent
    return Quote(
        lines=priced,
        dose_fen=dose_fen,
        total_fen=total_fen,
        patient_fen=own_fen + _share((total_fen - own_fen) * percent, 100),
        unpriced=tuple(dict.fromkeys(line.herb for line in priced if line.fen_a_dose is None)),
    )


def dispensed_as(knowledge: Knowledge, written: str) -> str:
    """What is taken from the shelf for a name: processed as it says (栀子炭), `shelving.shelf_name`.

    Args:
        knowledge: The herbs.
        written: As the doctor wrote it, not the standard name, which says nothing of the processing.

    Returns:
        The name that lots, drawers and prices go by; the same text where no herb is meant.
    """
    return shelving.shelf_name(knowledge, knowledge.names.resolve(written)) or written


def shelf_name(knowledge: Knowledge, herb: str) -> str:
    """The name under which the shelf and the price list know a herb.

    Args:
        knowledge: Resolves names.
        herb: Any name somebody typed.

    Returns:
        The name of what is dispensed.

    Raises:
        Invalid: When there is no such herb.
    """
    name = shelving.shelf_name(knowledge, knowledge.names.resolve(herb))
    if name is None:
        raise Invalid(N_("没有叫“%(herb)s”的药。"), herb=herb)
    return name


def not_paid_here(knowledge: Knowledge, herbs: Collection[str]) -> frozenset[str]:
    """Of a prescription's herbs, those that the national list of medicines leaves to the patient.

    Args:
        knowledge: The herbs' classes of insurance.
        herbs: All of the prescription's, as dispensed.

    Returns:
        Some of them.
    """
    known = {shelved: knowledge.herb(shelved) for shelved in herbs}
    names = {herb.name if herb is not None else shelved for shelved, herb in known.items()}
    classes = {_NOT_PAID, _NOT_PAID_ALONE} if len(names) == 1 else {_NOT_PAID}
    facts = {shelved: knowledge.properties_of(herb) for shelved, herb in known.items() if herb is not None}
    return frozenset(shelved for shelved, row in facts.items() if row and row.insurance in classes)


def milligrams(grams: float) -> int:
    """Grams as the shelf counts them.

    Args:
        grams: Such as 4.5.

    Returns:
        Whole milligrams.
    """
    return round(grams * MG_PER_G)


def _line(herb: str, dose_g: float, row: ShelfRow | None, asked_mg: int, *, kept: bool) -> QuoteLine:
    price = row.fen_per_kg if row is not None else None
    free_mg = row.free_mg if row is not None else 0
    return QuoteLine(
        herb,
        None if price is None else _share(milligrams(dose_g) * price, MG_PER_KG),
        free_mg / MG_PER_G if kept else None,
        not kept or free_mg >= asked_mg,
    )


def _share(amount: int, whole: int) -> int:
    """A quotient rounded half up, in whole numbers."""
    return (2 * amount + whole) // (2 * whole)
