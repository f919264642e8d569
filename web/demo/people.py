"""Invented people: names, phones and addresses that belong to nobody."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from tcm.records.people import Sex

SURNAMES = (
    "李王张刘陈杨黄吴周徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏"
    "卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾"
    "侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "秀英桂兰玉梅凤霞建国志强海涛文斌春生国华立新永红小平金莲月娥长青福生德明光荣银花"
    "腊香细毛满秀运来湘云岳阳临江桃林"
)
PREGNANT_SHARE = 0.05


@dataclass(frozen=True)
class Person:
    """An invented patient.

    Args:
        name: Two or three characters.
        sex: As on the prescription.
        born_on: Date of birth.
        phone: In a number range that is not assigned.
        pregnant: Of some women of that age.
    """

    name: str
    sex: Sex
    born_on: date
    phone: str
    pregnant: bool


def invented_name(rng: random.Random) -> str:
    """A name of two or three characters.

    Args:
        rng: Seeded.

    Returns:
        The name.
    """
    given = "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2, 2))))
    return rng.choice(SURNAMES) + given


def invented_person(rng: random.Random, today: date) -> Person:
    """A patient as a township sees them: more old than young.

    Args:
        rng: Seeded.
        today: To count the age from.

    Returns:
        The person.
    """
    age_years = rng.choice((8, 27, 33, 41, 48, 55, 60, 63, 66, 68, 71, 74, 77, 80, 84))
    sex = rng.choice((Sex.FEMALE, Sex.MALE))
    fertile = sex is Sex.FEMALE and 18 <= age_years <= 42
    return Person(
        name=invented_name(rng),
        sex=sex,
        born_on=today - timedelta(days=age_years * 365 + rng.randrange(360) + 20),
        phone=f"100{rng.randrange(10**8):08}",
        pregnant=fertile and rng.random() < PREGNANT_SHARE,
    )
