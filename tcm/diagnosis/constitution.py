"""What the answers to the constitution form (体质) come to, by the standard's own arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from tcm.knowledge.constitution import BALANCED, Constitution, ConstitutionForm

Verdict = Literal["是", "基本是", "倾向是", "否"]

# An answer runs from 1 (没有) to 5 (总是).
LEAST, MOST = 1, 5
_BALANCED_FROM, _OTHERS_BELOW, _OTHERS_NEARLY_BELOW = 60, 30, 40
_IS_FROM, _TENDS_FROM = 40, 30


@dataclass(frozen=True, slots=True)
class TypeScore:
    """One type: its raw sum, the sum on a scale from 0 to 100, and what the standard makes of it."""

    constitution: str
    raw: int
    converted: float
    verdict: Verdict


def judge(answers: Mapping[int, int], sex: str, form: ConstitutionForm) -> tuple[TypeScore, ...]:
    """Score a filled form.

    Args:
        answers: number of each question asked of the person to 1 (没有) .. 5 (总是).
        sex: F or M; questions for the other sex do not count.
        form: the questions.

    Returns:
        One score for each type, in the order of the form. It describes; a doctor concludes.

    Raises:
        ValueError: a question is missing or not asked of this sex, or an answer lies outside 1 to 5.

    Source:
        中医体质分类与判定 ZYYXH/T157-2009: converted = (raw - items) / (items x 4) x 100.
    """
    asked = {question.number for question in form.asked_of(sex)}
    if set(answers) != asked:
        odd = sorted(set(answers) ^ asked)
        raise ValueError(f"question {odd[0]} is missing or not asked")
    for number, answer in answers.items():
        if not LEAST <= answer <= MOST:
            raise ValueError(f"the answer to question {number} lies between {LEAST} and {MOST}")
    sums = {each.name: _sum(each, answers) for each in form.constitutions}
    # Fractions: a sum of exactly 40 must not fall below it by rounding.
    highest = max(converted for name, (_, converted) in sums.items() if name != BALANCED)
    return tuple(
        TypeScore(name, raw, round(float(converted), 1), _verdict(name, converted, highest))
        for name, (raw, converted) in sums.items()
    )


def _sum(constitution: Constitution, answers: Mapping[int, int]) -> tuple[int, Fraction]:
    points = [
        LEAST + MOST - answers[item.question] if item.reversed else answers[item.question]
        for item in constitution.items
        if item.question in answers
    ]
    return sum(points), Fraction(sum(points) - len(points), len(points) * (MOST - LEAST)) * 100


def _verdict(name: str, converted: Fraction, highest_of_others: Fraction) -> Verdict:
    if name != BALANCED:
        return "是" if converted >= _IS_FROM else "倾向是" if converted >= _TENDS_FROM else "否"
    if converted < _BALANCED_FROM or highest_of_others >= _OTHERS_NEARLY_BELOW:
        return "否"
    return "是" if highest_of_others < _OTHERS_BELOW else "基本是"
