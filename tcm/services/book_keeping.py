"""The locked book by two hands: begun, counted, destroyed from; and the manager's word to a difference."""

from collections.abc import Collection, Mapping, Sequence

from tcm.knowledge import Knowledge
from tcm.records.dispensing import Weighing
from tcm.records.errors import N_, Forbidden, IllegalMove, Invalid, NotFound, Stale
from tcm.records.locked_book import (
    AGREES,
    DIFFERENCE_REASONS,
    REMOVAL_REASONS,
    BookAnswer,
    BookKind,
    BookLine,
    BookSettings,
)
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import Keeping, Lot, LotState, StockKind
from tcm.services.booking import Change, change, demand_two, enter, kinds_of
from tcm.services.pricing import milligrams, shelf_name
from tcm.services.reserving import fill_owed, keeping_of
from tcm.services.stocking import hold_lot
from tcm.services.weighing_sheet import settings_of
from tcm.store.work import Work

MOST_NOTE = 200


def keep(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    *,
    precious: Sequence[str],
    locked_bins: Collection[str],
    second: Actor,
) -> BookSettings:
    """Begin the locked book, or say anew what is precious and which bins stand behind two locks.

    Toxic and narcotic herbs are on the book by regulation. What comes onto it opens a page with what the
    record says is there; what is precious no longer leaves it by a line of its own.

    Args:
        work: The unit of work.
        actor: A manager.
        knowledge: The restrictions.
        precious: Herbs that this house calls precious, by any of their names.
        locked_bins: Codes of every bin in the double-locked cabinet.
        second: A pharmacist who signs beside the manager.

    Returns:
        The decision.

    Raises:
        Invalid: When no stock is on record or nothing is weighed on record, a herb or bin is unknown, or
            something that is not on the book lies in such a bin.
        Forbidden: For other roles, or when the second may not sign.
    """
    demand(actor, Action.BOOK_SET)
    demand_two(work, actor.staff_id, second)
    if keeping_of(work) is Keeping.OFF or settings_of(work).weighing is Weighing.OFF:
        raise Invalid(N_("先在库房设置里记库存、开启称量上账，再建双人双锁账。"))
    settings = work.book_settings.add(
        BookSettings(
            precious=list(dict.fromkeys(shelf_name(knowledge, herb) for herb in precious)),
            set_by_id=actor.staff_id,
            set_at=work.now,
        )
    )
    _turn_pages(work, actor, knowledge, second)
    _lock_bins(work, locked_bins)
    return settings


def count(
    work: Work,
    actor: Actor,
    second: Actor,
    herb: str,
    counted_g: Mapping[int, float],
    seen_g: Mapping[int, float],
    reason: str = "",
) -> list[BookLine]:
    """Write down what two people counted of a herb, lot by lot; the manager is told what does not agree.

    Args:
        work: The unit of work.
        actor: Floor staff or a pharmacist.
        second: The other of them; one is a pharmacist.
        herb: Name on the shelf.
        counted_g: What is really there, by row of the lot; every lot with anything on record.
        seen_g: What the page said was there.
        reason: A key of DIFFERENCE_REASONS where something differs.

    Returns:
        A line a lot, those that agree too.

    Raises:
        Stale: When something moved since the page was opened.
        Invalid: When a lot is left out, or a difference has no reason.
        Forbidden: For other roles, or when the two may not sign together.
    """
    demand(actor, Action.BOOK_SIGN)
    demand_two(work, actor.staff_id, second)
    held = work.lots.locked_of_herbs({herb}, counted_g)
    lots = [lot for lot in held if lot.locked_as is not None and lot.state is not LotState.WAITING]
    deltas = [(lot, _delta_mg(lot, counted_g, seen_g)) for lot in lots]
    differs = any(delta_mg for _, delta_mg in deltas)
    if not deltas or (differs and reason not in DIFFERENCE_REASONS):
        raise Invalid(N_("点数和账上不一样，请选择原因。") if deltas else N_("账上没有这味药，不用盘点。"))
    why = Change(StockKind.COUNTED, work.now, reason=reason)
    for lot, delta_mg in deltas:
        if delta_mg:
            change(work, lot, delta_mg, why, actor.staff_id, second)
        else:
            agreed = Change(StockKind.COUNTED, work.now, reason=AGREES)
            enter(work, lot, 0, BookKind.COUNTED, actor.staff_id, second, agreed)
    work.session.flush()
    if any(delta_mg > 0 for _, delta_mg in deltas):
        fill_owed(work, {herb})
    return work.book.page(herb)[-len(deltas) :]


def remove(
    work: Work,
    actor: Actor,
    second: Actor,
    lot_id: int,
    *,
    amount_g: float,
    seen_g: float,
    reason: str,
    note: str,
) -> BookLine:
    """Take something out of the cabinet for good: destroyed, or back to the supplier.

    Args:
        work: The unit of work.
        actor: Floor staff or a pharmacist.
        second: The other of them; one is a pharmacist.
        lot_id: Which lot.
        amount_g: How much.
        seen_g: What the page said was there.
        reason: A key of REMOVAL_REASONS.
        note: Who witnessed it, under which permit or receipt.

    Returns:
        The line.

    Raises:
        Stale: When something moved since the page was opened.
        Invalid: When reason or note is missing, or more is taken than lies there.
        NotFound: When there is no such lot on the book.
        Forbidden: For other roles, or when the two may not sign together.
    """
    demand(actor, Action.BOOK_SIGN)
    demand_two(work, actor.staff_id, second)
    lot = hold_lot(work, lot_id)
    if lot.locked_as is None or lot.state is LotState.WAITING:
        raise NotFound(N_("这个批次不在双人双锁账上。"))
    if reason not in REMOVAL_REASONS or not note.strip() or len(note) > MOST_NOTE:
        raise Invalid(N_("请选择原因，并写明监督人、批件号或收据号。"))
    if lot.on_hand_mg != milligrams(seen_g):
        raise Stale
    amount_mg = milligrams(amount_g)
    if not 0 < amount_mg <= lot.on_hand_mg:
        raise Invalid(N_("%(herb)s的数量填得不对。"), herb=lot.herb)
    kind = StockKind(REMOVAL_REASONS[reason][0].value)
    change(
        work,
        lot,
        -amount_mg,
        Change(kind, work.now, reason=reason, note=note.strip()),
        actor.staff_id,
        second,
    )
    work.session.flush()
    return work.book.page(lot.herb)[-1]


def answer(work: Work, actor: Actor, line_id: int, words: str) -> BookAnswer:
    """What the manager says to a count that did not agree.

    Args:
        work: The unit of work.
        actor: A manager.
        line_id: The count's row.
        words: What was found out and done.

    Returns:
        The answer.

    Raises:
        Invalid: When nothing is said.
        NotFound: When there is no such difference.
        IllegalMove: When it was answered already.
        Forbidden: For other roles, and for whoever signed the count.
    """
    demand(actor, Action.BOOK_SET)
    line = work.book.line(line_id)
    if line is None or not line.is_difference:
        raise NotFound(N_("没有这条盘点差异。"))
    if actor.staff_id in (line.first_id, line.second_id):
        raise Forbidden(N_("您在这次盘点上签过名，须由另一位主管答复。"))
    if not words.strip() or len(words) > MOST_NOTE:
        raise Invalid(N_("请写明查到了什么、怎么处理。"))
    if work.book_answers.of_lines([line_id]):
        raise IllegalMove(N_("这条差异已经答复过。"))
    return work.book_answers.add(
        BookAnswer(line_id=line_id, words=words.strip(), by_id=actor.staff_id, at=work.now)
    )


def _delta_mg(lot: Lot, counted_g: Mapping[int, float], seen_g: Mapping[int, float]) -> int:
    row = lot.id or 0
    if row not in counted_g:
        raise Invalid(N_("%(herb)s的批号%(lot)s还没有点数。"), herb=lot.herb, lot=lot.lot_number)
    if row not in seen_g or milligrams(seen_g[row]) != lot.on_hand_mg:
        raise Stale
    return milligrams(counted_g[row]) - lot.on_hand_mg


def _turn_pages(work: Work, actor: Actor, knowledge: Knowledge, second: Actor) -> None:
    """Open a page for what comes onto the book, close one for what is precious no longer."""
    kinds = kinds_of(work, knowledge, work.lots.herbs())
    now_on = {lot.herb for lot in work.lots.behind_locks()}
    turned = {*kinds, *now_on}
    empty = [lot.id or 0 for herb in sorted(turned) for lot in work.lots.of_herb(herb)]
    for lot in work.lots.locked_of_herbs(turned, empty):
        kind, lies_there = kinds.get(lot.herb), lot.on_hand_mg > 0 and lot.state is not LotState.WAITING
        if lot.locked_as is None and kind is not None and lies_there:
            enter(work, lot, lot.on_hand_mg, BookKind.OPENED, actor.staff_id, second)
        if lot.locked_as is not None and kind is None and lies_there:
            enter(work, lot, -lot.on_hand_mg, BookKind.CLOSED, actor.staff_id, second)
        lot.locked_as = kind
    work.session.flush()


def _lock_bins(work: Work, codes: Collection[str]) -> None:
    places = {place.code: place for place in work.bins.all()}
    unknown = sorted(set(codes) - set(places))
    if unknown:
        raise Invalid(N_("没有货位“%(code)s”。"), code=unknown[0])
    for code, place in places.items():
        place.locked = code in codes
    work.session.flush()
    codes_by_row = {places[code].id or 0: code for code in codes}
    for lot in work.lots.in_bins(codes_by_row):
        if lot.locked_as is None:
            raise Invalid(
                N_("货位%(code)s里有%(herb)s，不在专账上，不能算专柜。"),
                code=codes_by_row[lot.bin_id],
                herb=lot.herb,
            )
