"""What an invented county used of each herb, week by week: the seasons' formulas, a festival, waves.

Drawn, not observed: illnesses come in their seasons (colds of wind-cold in winter, summer-heat in July,
dryness in October), more patients come from year to year, few come at the Spring Festival, and now and then
a wave of colds that no calendar knows of lasts some weeks.
"""

import math
import random
from datetime import date, timedelta

from tcm.demand.methods import SPRING_FESTIVALS
from tcm.demand.series import WEEK
from tcm.knowledge import Formula, Knowledge
from tcm.services.pricing import dispensed_as

PATIENTS_A_WEEK = 480
GROWTH_A_YEAR = 0.08
# What a formula's patterns hold, the week of the year it is asked for most, and how much more than otherwise.
_SEASONS = (
    ("暑", 29, 6.0),
    ("燥", 42, 3.0),
    ("风寒", 2, 3.0),
    ("风热", 13, 2.0),
    ("湿", 25, 1.2),
    ("阳虚", 1, 1.5),
    ("气虚", 48, 0.6),
)
_WIDTH_WEEKS = 6.0
_FESTIVAL_WEEK = 0.35
_WAVE_OF, _WAVE_ONE_IN, _WAVE_WEEKS, _WAVE_TIMES = "风", 26, 4, 2.5
_DOSES = (5, 7, 7, 7, 7, 10, 14)
_NOISE = 0.08


def invented_use(
    knowledge: Knowledge, seed: int, first: date, weeks: int, *, patients_a_week: float = PATIENTS_A_WEEK
) -> list[tuple[str, date, float]]:
    """Draw years of prescriptions and add up their herbs.

    Args:
        knowledge: The formulas and their doses.
        seed: Of everything drawn.
        first: Monday of the first week.
        weeks: How many.
        patients_a_week: At the beginning.

    Returns:
        Herb, Monday and grams.
    """
    rng = random.Random(f"{seed}/use")  # noqa: S311 - an invented past, not a secret
    formulas = [knowledge.formulas[name] for name in knowledge.formulas]
    liked = [rng.paretovariate(1.1) for _ in formulas]
    rows: list[tuple[str, date, float]] = []
    wave_left = 0
    for number in range(weeks):
        monday = first + number * WEEK
        wave_left = (
            _WAVE_WEEKS if not wave_left and not rng.randrange(_WAVE_ONE_IN) else max(wave_left - 1, 0)
        )
        weights = [
            share * _season(formula, monday) * (_WAVE_TIMES if wave_left and _is_wave(formula) else 1.0)
            for share, formula in zip(liked, formulas, strict=True)
        ]
        grown = (1 + GROWTH_A_YEAR) ** (number / 52)
        patients = round(patients_a_week * grown * _festival(monday) * rng.gauss(1.0, _NOISE))
        used: dict[str, float] = {}
        for formula in rng.choices(formulas, weights, k=max(patients, 0)):
            doses = rng.choice(_DOSES)
            for item in formula.items:
                herb = dispensed_as(knowledge, item.herb)
                used[herb] = used.get(herb, 0.0) + item.grams * doses
        rows.extend((herb, monday, grams) for herb, grams in used.items())
    return rows


def _season(formula: Formula, monday: date) -> float:
    patterns = "".join(formula.syndromes)
    week = monday.timetuple().tm_yday / 7
    found = [(peak, more) for word, peak, more in _SEASONS if word in patterns]
    if not found:
        return 1.0
    peak, more = found[0]
    away = min(abs(week - peak), 52 - abs(week - peak))
    return 0.4 + more * math.exp(-((away / _WIDTH_WEEKS) ** 2))


def _is_wave(formula: Formula) -> bool:
    return any(_WAVE_OF in syndrome for syndrome in formula.syndromes)


def _festival(monday: date) -> float:
    days = [monday + timedelta(days=day) for day in range(7)]
    rests = any(
        timedelta(0) <= day - festival < timedelta(days=10) for day in days for festival in SPRING_FESTIVALS
    )
    return _FESTIVAL_WEEK if rests else 1.0
