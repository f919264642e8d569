"""What the manager decides about the stock: suppliers, bins, prices, schemes of insurance, shortages."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import (
    SELF_PAID,
    Bin,
    HerbListing,
    Keeping,
    Scheme,
    StockSettings,
    Supplier,
)
from tcm.services.booking import is_kept
from tcm.services.pricing import milligrams, shelf_name
from tcm.store.work import Work

# More than the life of most herbs lists everything.
_DAYS = range(1, 1001)


def set_keeping(work: Work, actor: Actor, keeping: Keeping, near_expiry_days: int) -> StockSettings:
    """Decide what the stock on record means; the newest decision holds.

    Args:
        work: The unit of work.
        actor: A manager.
        keeping: What a shortage means for an approval.
        near_expiry_days: A lot that expires within so many days is listed.

    Returns:
        The decision.

    Raises:
        Invalid: When the days are out of reason, or the record would end while the locked book is kept.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    if near_expiry_days not in _DAYS:
        raise Invalid(N_("近效期天数要在1到1000之间。"))
    if keeping is Keeping.OFF and is_kept(work):
        raise Invalid(N_("双人双锁账靠库存记录，不能停记库存。"))
    return work.stock_settings.add(
        StockSettings(
            keeping=keeping, near_expiry_days=near_expiry_days, set_by_id=actor.staff_id, set_at=work.now
        )
    )


def add_supplier(work: Work, actor: Actor, name: str, licence: str, phone: str = "") -> Supplier:
    """Write down somebody herbs are bought from.

    Args:
        work: The unit of work.
        actor: A manager.
        name: Full name.
        licence: Number of the licence to trade in medicines.
        phone: Or empty.

    Returns:
        The supplier.

    Raises:
        Invalid: When there is one of that name.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    if work.suppliers.by_name(name) is not None:
        raise Invalid(N_("已经有叫“%(name)s”的供应商。"), name=name)
    return work.suppliers.add(Supplier(name=name, licence=licence, phone=phone))


def set_supplier_active(work: Work, actor: Actor, supplier_id: int, *, active: bool) -> Supplier:
    """Stop buying from a supplier, or begin again; what came from there stays on record.

    Args:
        work: The unit of work.
        actor: A manager.
        supplier_id: Which.
        active: False to stop.

    Returns:
        The supplier.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    supplier = work.suppliers.get(supplier_id)
    supplier.active = active
    return supplier


def add_bins(work: Work, actor: Actor, knowledge: Knowledge, bins: Sequence[tuple[str, str]]) -> list[Bin]:
    """Name places where lots lie.

    Args:
        work: The unit of work.
        actor: A manager.
        knowledge: Resolves the herbs' names.
        bins: Of each, the code painted on it, and the one herb a drawer is for; empty for a shelf of closed
            packages.

    Returns:
        The bins.

    Raises:
        Invalid: When a code is taken or a herb unknown.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    taken = {place.code for place in work.bins.all()}
    made = []
    for code, herb in bins:
        if code in taken:
            raise Invalid(N_("已经有货位“%(code)s”。"), code=code)
        taken.add(code)
        made.append(Bin(code=code, herb=shelf_name(knowledge, herb) if herb else ""))
    work.session.add_all(made)
    work.session.flush()
    return made


@dataclass(frozen=True)
class Price:
    """What the price list is to say of a herb.

    Args:
        herb: Name.
        fen_per_kg: What patients are asked for it, None where it is not sold.
        low_g: Below this it is to be bought again.
    """

    herb: str
    fen_per_kg: int | None
    low_g: float


def set_prices(work: Work, actor: Actor, knowledge: Knowledge, prices: Sequence[Price]) -> list[HerbListing]:
    """Put herbs on the price list or change what it says; earlier prices stay on record.

    Args:
        work: The unit of work.
        actor: A manager.
        knowledge: Resolves the herbs' names.
        prices: What the list is to say.

    Returns:
        The new rows.

    Raises:
        Invalid: When a herb is unknown or a figure negative.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    if any(each.low_g < 0 or (each.fen_per_kg or 0) < 0 for each in prices):
        raise Invalid(N_("价格和低限不能是负数。"))
    listings = [
        HerbListing(
            herb=shelf_name(knowledge, each.herb),
            fen_per_kg=each.fen_per_kg,
            low_mg=milligrams(each.low_g),
            set_by_id=actor.staff_id,
            set_at=work.now,
        )
        for each in prices
    ]
    work.session.add_all(listings)
    work.session.flush()
    return listings


def set_scheme(
    work: Work, actor: Actor, code: str, *, name: str, patient_percent: int, source: str, active: bool = True
) -> Scheme:
    """Make a scheme of insurance or change it; earlier shares stay on record.

    Args:
        work: The unit of work.
        actor: A manager.
        code: What patients' rows name it by.
        name: As people call it.
        patient_percent: The patient's share of what it covers.
        source: The document that says so.
        active: Whether it can be chosen for a patient.

    Returns:
        The new row.

    Raises:
        Invalid: When it would stand for paying oneself, lacks a source, or is no percentage.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    if code == SELF_PAID:
        raise Invalid(N_("自费不是参保类型，不用设置。"))
    if not 0 <= patient_percent <= 100:
        raise Invalid(N_("个人负担比例要在0到100之间。"))
    if not name.strip() or not source.strip():
        raise Invalid(N_("请写明参保类型的名称和文件依据。"))
    return work.schemes.add(
        Scheme(
            code=code,
            name=name.strip(),
            patient_percent=patient_percent,
            active=active,
            source=source.strip(),
            set_by_id=actor.staff_id,
            set_at=work.now,
        )
    )
