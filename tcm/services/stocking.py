"""What people do at the shelf: goods taken in and inspected, lots counted, locked and moved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tcm.knowledge import Knowledge
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid, Stale
from tcm.records.locked_book import BookKind, LockedKind
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import (
    COUNT_REASONS,
    Bin,
    Lot,
    LotState,
    StockKind,
    StockMove,
)
from tcm.services.access import demand_same_form
from tcm.services.booking import Change, change, enter, kinds_of
from tcm.services.pricing import dispensed_as, milligrams
from tcm.services.reserving import fill_owed
from tcm.store.work import Work

# Beyond it somebody has typed grams for kilograms.
MOST_KG = 20_000


@dataclass(frozen=True)
class Goods:
    """One line of a delivery note.

    Args:
        herb: As on the package.
        lot_number: 批号.
        origin: 产地.
        expires_on: Last day of use.
        amount_g: How much came.
        fen_per_kg: What it was bought for.
        bin_code: Where it is put; empty for where the herb lies already, if that is one place.
    """

    herb: str
    lot_number: str
    origin: str
    expires_on: date
    amount_g: float
    fen_per_kg: int
    bin_code: str


def receive(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    supplier_id: int,
    goods: Sequence[Goods],
    request_key: str,
) -> list[Lot]:
    """Take goods in; they wait for a pharmacist before any of them can be dispensed.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Resolves herb names.
        supplier_id: From whom.
        goods: Lines of the delivery note, at least one.
        request_key: The form's own key, at most 56 characters.

    Returns:
        The new lots; the same ones for the same form sent twice.

    Raises:
        Invalid: When a herb or bin is unknown, a bin is another herb's or not behind two locks as the herb
            must be, goods have expired, or the key came with other goods before.
        NotFound: When there is no such supplier.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_RECEIVE)
    keys = [f"{request_key}-{number}" for number, _ in enumerate(goods, start=1)]
    earlier = [work.lots.of_request(key) for key in (*keys, f"{request_key}-{len(goods) + 1}")]
    if any(earlier):
        lots = [lot for lot in earlier if lot is not None]
        demand_same_form(
            made_there=len(lots) == len(goods)
            and all(_is_of(lot, knowledge, supplier_id, line) for lot, line in zip(lots, goods, strict=True))
        )
        return lots
    if not work.suppliers.get(supplier_id).active:
        raise Invalid(N_("这家供应商已停用。"))
    places = {place.code: place for place in work.bins.all()}
    lots = [
        _lot(work, actor, knowledge, supplier_id, line, places, key)
        for line, key in zip(goods, keys, strict=True)
    ]
    locked = kinds_of(work, knowledge, {lot.herb for lot in lots})
    by_row = {place.id: place for place in places.values()}
    for lot in lots:
        lot.locked_as = locked.get(lot.herb)
        demand_place(by_row[lot.bin_id], lot.herb, lot.locked_as)
    work.session.add_all(lots)
    work.session.flush()
    work.session.add_all(
        StockMove(
            lot_id=lot.id or 0,
            kind=StockKind.RECEIVED,
            delta_mg=lot.received_mg,
            at=work.now,
            actor_id=actor.staff_id,
        )
        for lot in lots
    )
    work.session.flush()
    return lots


def inspect(work: Work, actor: Actor, lot_ids: Sequence[int], *, passed: bool, note: str = "") -> list[Lot]:
    """Pass lots that wait, or refuse them; what has passed goes to prescriptions that wait for it first.

    What is on the locked book comes into it here, passed or not, signed by who took it in and who inspects.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        lot_ids: Which.
        passed: Whether they may be dispensed.
        note: What was seen; a refusal needs one.

    Returns:
        The lots.

    Raises:
        Invalid: When one does not wait any more, or a refusal says nothing.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_INSPECT)
    if not passed and not note.strip():
        raise Invalid(N_("验收不合格要写明看到了什么。"))
    chosen = work.lots.by_ids(lot_ids)
    herbs = {lot.herb for lot in chosen.values()}
    # All lots of these herbs are held before anything is changed, in the order everybody holds them.
    held = {lot.id: lot for lot in work.lots.locked_of_herbs(herbs, lot_ids)}
    lots = [held[row] for row in chosen]
    if len(lots) != len(set(lot_ids)) or any(lot.state is not LotState.WAITING for lot in lots):
        raise Invalid(N_("这个批次已经验收过了。"))
    for lot in lots:
        lot.state = LotState.PASSED if passed else LotState.REFUSED
        lot.inspected_by_id, lot.inspected_at, lot.note = actor.staff_id, work.now, note.strip()
        if lot.locked_as is not None:
            enter(work, lot, lot.on_hand_mg, BookKind.RECEIVED, lot.received_by_id, actor)
    work.session.flush()
    if passed:
        fill_owed(work, herbs)
    return lots


def set_blocked(work: Work, actor: Actor, lot_id: int, *, blocked: bool, note: str) -> Lot:
    """Lock a lot that has passed, as for a recall, or unlock it.

    Prescriptions it is set aside for get other lots when they are dispensed, or are stopped there.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        lot_id: Which.
        blocked: True to lock it.
        note: Why.

    Returns:
        The lot.

    Raises:
        Invalid: When no reason is given, or a lot that is called back would be unlocked.
        Stale: When it stands otherwise than the page knew.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_INSPECT)
    if not note.strip():
        raise Invalid(N_("请写明原因。"))
    lot = hold_lot(work, lot_id)
    if lot.state is not (LotState.PASSED if blocked else LotState.BLOCKED):
        raise Stale
    if not blocked and work.recalls.standing_of([lot_id]):
        raise Invalid(N_("这个批次正在召回，不能解锁。"))
    lot.state = LotState.BLOCKED if blocked else LotState.PASSED
    lot.note = note.strip()
    work.session.flush()
    if not blocked:
        fill_owed(work, {lot.herb})
    return lot


def count(work: Work, actor: Actor, lot_id: int, *, counted_g: float, seen_g: float, reason: str) -> Lot:
    """Write down what a count found.

    Args:
        work: The unit of work.
        actor: A manager.
        lot_id: Which.
        counted_g: What is really there.
        seen_g: What the page said was there.
        reason: A key of COUNT_REASONS.

    Returns:
        The lot.

    Raises:
        Stale: When something was taken from it since the page was opened.
        Invalid: When the reason is missing, nothing differs, or two people count it in the locked book.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_COUNT)
    if reason not in COUNT_REASONS:
        raise Invalid(N_("请选择原因。"))
    lot = hold_lot(work, lot_id)
    if lot.locked_as is not None:
        raise Invalid(N_("%(herb)s在双人双锁账上，请由两个人在专账上盘点。"), herb=lot.herb)
    if lot.on_hand_mg != milligrams(seen_g):
        raise Stale
    delta_mg = milligrams(counted_g) - lot.on_hand_mg
    if not delta_mg:
        raise Invalid(N_("盘点数与账面一样，不用改。"))
    change(work, lot, delta_mg, Change(StockKind.COUNTED, work.now, reason=reason), actor.staff_id)
    work.session.flush()
    if delta_mg > 0:
        fill_owed(work, {lot.herb})
    return lot


def put_into(work: Work, actor: Actor, lot_id: int, bin_code: str) -> Lot:
    """Move a lot to another bin.

    Args:
        work: The unit of work.
        actor: Floor staff.
        lot_id: Which.
        bin_code: Where to.

    Returns:
        The lot.

    Raises:
        Invalid: When there is no such bin, it is another herb's, or on the other side of the locks.
        NotFound: When there is no such lot.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_RECEIVE)
    lot = hold_lot(work, lot_id)
    place = _fitting(work.bins.by_code(bin_code), bin_code, lot.herb)
    demand_place(place, lot.herb, lot.locked_as)
    lot.bin_id = place.id or 0
    work.session.flush()
    return lot


def hold_lot(work: Work, lot_id: int) -> Lot:
    """A lot as it is now, held until the work ends with the other lots of its herb.

    Args:
        work: The unit of work.
        lot_id: Which.

    Returns:
        The lot.

    Raises:
        NotFound: When there is none.
    """
    lot = work.lots.get(lot_id)
    return next(each for each in work.lots.locked_of_herbs({lot.herb}, [lot_id]) if each.id == lot_id)


def _lot(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    supplier_id: int,
    line: Goods,
    places: dict[str, Bin],
    key: str,
) -> Lot:
    meant = knowledge.names.resolve(line.herb)
    if meant.name is None:
        raise Invalid(N_("没有叫“%(herb)s”的药，请按包装上的名称再填一遍。"), herb=line.herb)
    herb = dispensed_as(knowledge, line.herb)
    if not meant.form and herb != meant.name:
        raise Invalid(N_("“%(herb)s”要写明炮制品，例如%(form)s。"), herb=meant.name, form=herb)
    if line.expires_on < county_day(work.now):
        raise Invalid(N_("%(herb)s批号%(lot)s已经过期，不能入库。"), herb=herb, lot=line.lot_number)
    amount_mg = milligrams(line.amount_g)
    if not 0 < amount_mg <= milligrams(MOST_KG * 1000):
        raise Invalid(N_("%(herb)s的数量填得不对。"), herb=herb)
    return Lot(
        herb=herb,
        supplier_id=supplier_id,
        lot_number=line.lot_number,
        origin=line.origin,
        expires_on=line.expires_on,
        bin_id=_place(work, places, line.bin_code, herb).id or 0,
        fen_per_kg=line.fen_per_kg,
        received_mg=amount_mg,
        on_hand_mg=amount_mg,
        received_by_id=actor.staff_id,
        received_at=work.now,
        request_key=key,
    )


def _is_of(lot: Lot, knowledge: Knowledge, supplier_id: int, line: Goods) -> bool:
    """Whether a lot came by this line of a delivery note; it may lie in another bin by now."""
    return (
        lot.supplier_id,
        lot.herb,
        lot.lot_number,
        lot.origin,
        lot.expires_on,
        lot.received_mg,
        lot.fen_per_kg,
    ) == (
        supplier_id,
        dispensed_as(knowledge, line.herb),
        line.lot_number,
        line.origin,
        line.expires_on,
        milligrams(line.amount_g),
        line.fen_per_kg,
    )


def bins_for(work: Work, herbs: Collection[str]) -> dict[str, list[Bin]]:
    """Where herbs belong: their own drawers, else where some of them lies now.

    Args:
        work: The unit of work.
        herbs: Names on the shelf.

    Returns:
        By herb, in the order of the bins; none for a herb that has no place yet.
    """
    found: dict[str, list[Bin]] = {herb: [] for herb in herbs}
    for drawer in work.bins.of_herbs(herbs):
        found[drawer.herb].append(drawer)
    lots = work.lots.lying([herb for herb, places in found.items() if not places])
    bins = work.bins.by_ids(lot.bin_id for lot in lots)
    for herb, bin_id in sorted({(lot.herb, lot.bin_id) for lot in lots}, key=lambda at: bins[at[1]].code):
        found[herb].append(bins[bin_id])
    return found


def _place(work: Work, places: Mapping[str, Bin], code: str, herb: str) -> Bin:
    if code:
        return _fitting(places.get(code), code, herb)
    fitting = bins_for(work, [herb])[herb]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise Invalid(N_("%(herb)s还没有货位，请填一个。"), herb=herb)
    codes = "、".join(place.code for place in fitting)
    raise Invalid(N_("%(herb)s有几个货位，请选一个：%(bins)s。"), herb=herb, bins=codes)


def demand_place(place: Bin, herb: str, locked_as: LockedKind | None) -> None:
    """Let what is on the locked book lie behind two locks, and nothing else there.

    Args:
        place: Where.
        herb: What.
        locked_as: Why it is on the book, None where it is not.

    Raises:
        Invalid: When it would lie on the wrong side of the locks.

    Source: 医疗用毒性药品管理办法 第六条 (严禁与其他药品混杂，专柜加锁).
    """
    if locked_as is not None and not place.locked:
        raise Invalid(N_("%(herb)s要放进双人双锁专柜，货位%(code)s不是。"), herb=herb, code=place.code)
    if locked_as is None and place.locked:
        raise Invalid(N_("货位%(code)s是双人双锁专柜，不能放%(herb)s。"), herb=herb, code=place.code)


def _fitting(place: Bin | None, code: str, herb: str) -> Bin:
    if place is None:
        raise Invalid(N_("没有货位“%(code)s”。"), code=code)
    if place.herb not in ("", herb):
        raise Invalid(
            N_("货位%(code)s是%(other)s的药斗，不能放%(herb)s。"), code=code, other=place.herb, herb=herb
        )
    return place
