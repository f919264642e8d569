"""The demo county's shelf: herbs, lots, prices and schemes; suppliers, prices and shares are invented."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from tcm.demand.series import WEEK
from tcm.knowledge import Knowledge, load
from tcm.knowledge.dispensing import locked_by_rule, may_be_precious
from tcm.knowledge.herbs import Herb
from tcm.records.clock import county_day
from tcm.records.dispensing import Weighing
from tcm.records.lifecycle import State
from tcm.records.roles import Actor, Role
from tcm.records.stock import MG_PER_G, SELF_PAID, Keeping
from tcm.services import book_keeping, forecasting, reserving, stock_settings, stocking, weighing
from tcm.services.insuring import schemes_to_choose
from tcm.services.pricing import dispensed_as
from tcm.services.stock_settings import Price
from tcm.services.stock_views import NEAR_EXPIRY_DAYS
from tcm.services.stocking import Goods
from tcm.store.work import Work
from web.demo.town import Town
from web.demo.usage import GROWTH_A_YEAR, invented_use

SUPPLIERS = (
    ("岳阳演示药材有限公司", "湘演AA730001"),
    ("亳州演示饮片厂", "皖演AA558001"),
    ("安国演示药业有限公司", "冀演AA312001"),
)
ORIGINS = ("甘肃", "四川", "云南", "河南", "湖南", "安徽", "浙江", "广西", "内蒙古", "吉林")
_DEMO_SOURCE = "演示数据，不代表任何统筹地区的政策"
SCHEMES = (("resident", "居民医保", 40), ("employee", "职工医保", 30))
# Of ten patients in the country seven are in the residents' scheme and two in the employees'.
_SCHEME_OF_TEN = ("resident",) * 7 + ("employee",) * 2 + (SELF_PAID,)
# Fen a kilogram around which a class of price lies, as `price_ceiling` counts it.
_CLASS_PARAMETERS = {
    "廉": "cheap_fen_per_g",
    "常": "common_fen_per_g",
    "贵": "dear_fen_per_g",
    "珍": "precious_fen_per_g",
}
# The national cap on what is added to the price of decoction pieces: a quarter.
MARK_UP = 1.25
# Kilograms kept of a herb by the formulas that name it, the commonest first.
_KEPT_KG = ((50, 200.0), (10, 60.0), (1, 15.0), (0, 3.0))
_LOW_SHARE = 0.25
_DRAWERS_A_CABINET = 40
NEARLY_EXPIRED, RUN_LOW = 9, 6
# A year and a half: the season a year ago, and what led to it.
PAST_WEEKS = 80


def stock_the_shelf(work: Work, seed: int) -> None:
    """Fill an empty shelf by the same services as the centre's people, and begin to keep it on record.

    Args:
        work: In which the staff are there already.
        seed: Of prices, origins and dates.
    """
    rng = random.Random(f"{seed}/shelf")  # noqa: S311 - an invented shelf, not a secret
    knowledge = load()
    manager, floor, pharmacist = _people(work)
    herbs = _kept(knowledge)
    for name, licence in SUPPLIERS:
        stock_settings.add_supplier(work, manager, name, licence)
    for code, name, percent in SCHEMES:
        stock_settings.set_scheme(
            work, manager, code, name=name, patient_percent=percent, source=_DEMO_SOURCE
        )
    bins = [(_bin_code(place), shelved) for place, shelved in enumerate(herbs)]
    stock_settings.add_bins(work, manager, knowledge, bins)
    prices = [
        Price(shelved, _price(knowledge, herb, rng), 1000 * _LOW_SHARE * _kept_kg(herb))
        for shelved, herb in herbs.items()
    ]
    stock_settings.set_prices(work, manager, knowledge, prices)
    stock_settings.set_keeping(work, manager, Keeping.REFUSE, NEAR_EXPIRY_DAYS)
    weighing.set_dispensing(work, manager, Weighing.TYPED, photograph=False)
    bin_of = {herb: code for code, herb in bins}
    rare = [shelved for shelved, herb in herbs.items() if not herb.use_count]
    odd = rng.sample(rare, NEARLY_EXPIRED + RUN_LOW)
    near, low = set(odd[:NEARLY_EXPIRED]), set(odd[NEARLY_EXPIRED:])
    lots = stocking.receive(
        work,
        floor,
        knowledge,
        work.suppliers.all()[0].id or 0,
        [
            _goods(
                work,
                rng,
                price,
                bin_of[shelved],
                _kept_kg(herb) * (0.2 if shelved in low else rng.uniform(0.8, 1.4)),
                number=number,
                days=rng.randrange(20, 80) if shelved in near else rng.randrange(240, 720),
            )
            for number, ((shelved, herb), price) in enumerate(
                zip(herbs.items(), prices, strict=True), start=1
            )
        ],
        "demo-shelf",
    )
    stocking.inspect(work, pharmacist, [lot.id or 0 for lot in lots], passed=True)
    _begin_the_book(work, knowledge, bin_of)


def _begin_the_book(work: Work, knowledge: Knowledge, bin_of: Mapping[str, str]) -> None:
    """Toxic, narcotic and precious herbs lie in drawers behind two locks from the first day."""
    manager, _floor, pharmacist = _people(work)
    dear = [dispensed_as(knowledge, herb) for herb in may_be_precious(knowledge)]
    precious = [herb for herb in dict.fromkeys(dear) if herb in bin_of]
    ruled = [herb for herb in bin_of if locked_by_rule(knowledge, herb)]
    drawers = {bin_of[herb] for herb in (*precious, *ruled)}
    book_keeping.keep(work, manager, knowledge, precious=precious, locked_bins=drawers, second=pharmacist)


def bring_past_use(work: Work, seed: int, until: date, patients_a_week: float) -> None:
    """What the county used before its stock was on record, as if another system had kept it; it is drawn.

    Args:
        work: In which the staff are there already.
        seed: Of everything drawn.
        until: Monday of the first week that is on record.
        patients_a_week: In the last of these weeks.
    """
    knowledge = load()
    begun_with = patients_a_week / (1 + GROWTH_A_YEAR) ** (PAST_WEEKS / 52)
    rows = invented_use(knowledge, seed, until - PAST_WEEKS * WEEK, PAST_WEEKS, patients_a_week=begun_with)
    forecasting.bring_past_use(work, _people(work)[0], knowledge, rows)


def bring_goods(work: Work, seed: int, herbs: Sequence[str]) -> None:
    """A delivery that waits for inspection when the desks open.

    Args:
        work: With a stocked shelf.
        seed: Of amounts and dates.
        herbs: What comes.
    """
    _receive(work, random.Random(f"{seed}/goods"), herbs, f"demo-goods-{seed}")  # noqa: S311


def bring_what_lacks(town: Town, prescription_id: int) -> None:
    """Where the shelf cannot fill a prescription, goods come and are passed before anybody goes on.

    Args:
        town: The county today.
        prescription_id: Which.
    """
    with town.work() as work:
        prescription = work.prescriptions.get(prescription_id)
        if prescription.state is State.SIGNED:
            herbs = list(reserving.lacking_now(work, town.knowledge, prescription))
        else:
            herbs = [each.herb for each in work.shortages.of_prescription(prescription_id)]
        if not herbs:
            return
        rng = random.Random(f"{prescription_id}/{work.now}")  # noqa: S311
        lots = _receive(work, rng, herbs, f"demo-{prescription_id}-{work.now:%m%d%H%M%S}")
        stocking.inspect(work, _people(work)[2], lots, passed=True)
        work.commit()


def scheme_of(work: Work, key: str) -> str:
    """The scheme of an invented patient, by the key of their form.

    Args:
        work: A county set up before there were schemes has none.
        key: Of the form.

    Returns:
        A code.
    """
    code = random.Random(f"{key}/scheme").choice(_SCHEME_OF_TEN)  # noqa: S311 - an invented patient
    return code if code in dict(schemes_to_choose(work)) else SELF_PAID


def _kept(knowledge: Knowledge) -> dict[str, Herb]:
    """What the centre keeps, by the name on the shelf: every herb, and every form the formulas name."""
    named = [line.herb for formula in knowledge.formulas.values() for line in formula.items]
    written = (text for text in (*knowledge.herbs, *named) if knowledge.herb(text) is not None)
    shelved = dict.fromkeys(dispensed_as(knowledge, text) for text in written)
    return {name: _herb_of(knowledge, name) for name in shelved}


def _herb_of(knowledge: Knowledge, shelved: str) -> Herb:
    return knowledge.herbs[knowledge.names.resolve(shelved).name or shelved]


def _receive(work: Work, rng: random.Random, herbs: Sequence[str], key: str) -> list[int]:
    knowledge = load()
    bin_of = {place.herb: place.code for place in work.bins.all()}
    listed = {each.herb: each for each in work.herb_listings.current(herbs)}
    lots_so_far = len(work.lots.all())
    goods = [
        _goods(
            work,
            rng,
            Price(herb, listed[herb].fen_per_kg, listed[herb].low_mg / MG_PER_G),
            bin_of[herb],
            _kept_kg(_herb_of(knowledge, herb)),
            number=number,
            days=rng.randrange(400, 720),
        )
        for number, herb in enumerate(herbs, start=lots_so_far + 1)
    ]
    supplier = rng.choice(work.suppliers.all())
    lots = stocking.receive(work, _people(work)[1], knowledge, supplier.id or 0, goods, key)
    return [lot.id or 0 for lot in lots]


def _goods(
    work: Work, rng: random.Random, price: Price, bin_code: str, amount_kg: float, *, number: int, days: int
) -> Goods:
    return Goods(
        herb=price.herb,
        lot_number=f"{county_day(work.now):%y%m}{number:04}",
        origin=rng.choice(ORIGINS),
        expires_on=county_day(work.now) + timedelta(days=days),
        amount_g=round(1000 * amount_kg, 1),
        fen_per_kg=round((price.fen_per_kg or 0) / MARK_UP),
        bin_code=bin_code,
    )


def _people(work: Work) -> tuple[Actor, Actor, Actor]:
    """A manager, floor staff, a pharmacist."""
    roles = (Role.MANAGER, Role.FLOOR, Role.PHARMACIST)
    manager, floor, pharmacist = (work.staff.with_role(role)[0].actor for role in roles)
    return manager, floor, pharmacist


def _price(knowledge: Knowledge, herb: Herb, rng: random.Random) -> int:
    properties = knowledge.properties_of(herb)
    key = _CLASS_PARAMETERS[properties.price_class or "常"] if properties else _CLASS_PARAMETERS["常"]
    fen_per_g = float(knowledge.rule_parameters["price_ceiling"][key].value)
    # Whole tens of fen a kilogram.
    return 10 * round(100 * fen_per_g * rng.uniform(0.6, 1.5))


def _kept_kg(herb: Herb) -> float:
    return next(kg for least, kg in _KEPT_KG if herb.use_count >= least)


def _bin_code(place: int) -> str:
    return f"{place // _DRAWERS_A_CABINET + 1:02}-{place % _DRAWERS_A_CABINET + 1:02}"
