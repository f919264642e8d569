"""What should be bought: proposed from the forecast and the shelf, adopted line by line by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.clock import county_day
from tcm.records.demand import Forecast, ForecastState
from tcm.records.errors import N_, Invalid
from tcm.records.orders import Purchase
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import MG_PER_G
from tcm.services.pricing import milligrams
from tcm.services.purchasing import Wanted, draft
from tcm.store.demand_queries import bought_last
from tcm.store.order_queries import on_order_mg
from tcm.store.stock_queries import ShelfRow, owed, shelf
from tcm.store.work import Work

# Suppliers sell whole bags.
BAG_G = 500


@dataclass(frozen=True)
class ProposedLine:
    """One herb that should be bought.

    Args:
        herb: Standard name.
        free_mg: On the shelf, and nobody has a claim on it.
        on_order_mg: Ordered and not come yet.
        owed_mg: What approved prescriptions wait for.
        mean_mg: What the weeks ahead are expected to need.
        high_mg: What they need in one case out of ten.
        low_mg: The centre's own lower limit.
        order_mg: What to order, in whole bags.
        supplier_id: Where it was bought last, None where never.
        fen_per_kg: For how much, None likewise.
    """

    herb: str
    free_mg: int
    on_order_mg: int
    owed_mg: int
    mean_mg: int
    high_mg: int
    low_mg: int
    order_mg: int
    supplier_id: int | None
    fen_per_kg: int | None


@dataclass(frozen=True)
class Proposal:
    """What should be bought now.

    Args:
        asked: The newest forecast asked for, whatever came of it; None before the first.
        forecast: The newest that has a result, None before the first.
        lines: Herbs that would run short, dearest first.
        suppliers: Names by row.
    """

    asked: Forecast | None
    forecast: Forecast | None
    lines: list[ProposedLine]
    suppliers: dict[int, str]


@dataclass(frozen=True)
class Adopted:
    """One line that a person takes over.

    Args:
        herb: Standard name.
        amount_g: As the person wants it.
    """

    herb: str
    amount_g: float


def propose(work: Work, actor: Actor) -> Proposal:
    """Hold the shelf and what is on its way against what the weeks ahead need; nothing is changed.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.

    Returns:
        The proposal; without a forecast only what is below its limit or owed is in it.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PURCHASE_DRAFT)
    forecast = work.forecasts.newest(ForecastState.DONE)
    needs = _needs_mg({} if forecast is None else forecast.result)
    rows = shelf(work.session, county_day(work.now))
    coming, bought = on_order_mg(work.session), bought_last(work.session)
    waiting: dict[str, int] = {}
    for each in owed(work.session):
        waiting[each.herb] = waiting.get(each.herb, 0) + each.missing_mg
    lines = []
    for herb in {*rows, *needs, *waiting}:
        row = rows.get(herb, ShelfRow(herb, None, 0, 0, 0, None))
        mean_mg, high_mg = needs.get(herb, (0, 0))
        owed_mg, on_order = waiting.get(herb, 0), coming.get(herb, 0)
        there_mg = row.free_mg + on_order - owed_mg
        if there_mg >= max(high_mg, row.low_mg):
            continue
        supplier_id, fen_per_kg = bought.get(herb, (None, None))
        order_mg = _bags_mg(high_mg + row.low_mg - there_mg)
        lines.append(
            ProposedLine(
                herb,
                row.free_mg,
                on_order,
                owed_mg,
                mean_mg,
                high_mg,
                row.low_mg,
                order_mg,
                supplier_id,
                fen_per_kg,
            )
        )
    lines.sort(key=lambda line: (-line.order_mg * (line.fen_per_kg or 0), line.herb))
    suppliers = work.suppliers.by_ids(line.supplier_id for line in lines if line.supplier_id is not None)
    names = {row: supplier.name for row, supplier in suppliers.items()}
    return Proposal(work.forecasts.newest(), forecast, lines, names)


def adopt(
    work: Work, actor: Actor, knowledge: Knowledge, adopted: Sequence[Adopted], request_key: str
) -> list[Purchase]:
    """Write what a person takes over into purchase orders, one a supplier; the manager approves them.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        knowledge: Resolves herb names.
        adopted: The lines.
        request_key: The form's own key, at most 48 characters.

    Returns:
        The drafts, by supplier.

    Raises:
        Invalid: When there is none, a herb was never bought, its supplier is out of use, or an amount wrong.
        Forbidden: For other roles.
    """
    demand(actor, Action.PURCHASE_DRAFT)
    if not adopted:
        raise Invalid(N_("请先勾选要订的药。"))
    bought = bought_last(work.session)
    by_supplier: dict[int, list[Wanted]] = {}
    for line in adopted:
        if line.herb not in bought:
            raise Invalid(N_("%(herb)s没有买过，请另写采购单并选供应商。"), herb=line.herb)
        supplier_id, fen_per_kg = bought[line.herb]
        by_supplier.setdefault(supplier_id, []).append(Wanted(line.herb, line.amount_g, fen_per_kg))
    return [
        draft(work, actor, knowledge, supplier_id, wanted, f"{request_key}-{supplier_id}")
        for supplier_id, wanted in sorted(by_supplier.items())
    ]


def _needs_mg(result: Mapping[str, object]) -> dict[str, tuple[int, int]]:
    herbs = result.get("herbs", {})
    if not isinstance(herbs, Mapping):
        return {}
    return {herb: (milligrams(mean_g), milligrams(high_g)) for herb, (mean_g, high_g) in herbs.items()}


def _bags_mg(mg: int) -> int:
    bag_mg = BAG_G * MG_PER_G
    return -(-mg // bag_mg) * bag_mg
