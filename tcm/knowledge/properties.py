"""What a herb is like: category, nature, flavours, channels, actions, and its classes for water and price."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcm.knowledge.tables import listed, rows

NATURES = ("大寒", "寒", "微寒", "凉", "平", "微温", "温", "热", "大热")
ABSORPTIONS = ("低", "中", "高", "极高")
PRICE_CLASSES = ("廉", "常", "贵", "珍")
INSURANCE_CLASSES = ("", "可支付", "单味不予支付", "不予支付")


@dataclass(frozen=True, slots=True)
class HerbProperties:
    """性味归经 and the classes of one herb.

    `nature` is one of NATURES or empty where the source gives none; `insurance` is empty where unknown.
    """

    name: str
    category: str
    nature: str
    flavours: tuple[str, ...]
    channels: tuple[str, ...]
    actions: tuple[str, ...]
    absorption: str
    price_class: str
    insurance: str
    source: str
    edition: str


def read_properties() -> Mapping[str, HerbProperties]:
    """Properties by standard name."""
    return {
        row["name"]: HerbProperties(
            name=row["name"],
            category=row["category"],
            nature=row["nature"],
            flavours=listed(row["flavours"]),
            channels=listed(row["channels"]),
            actions=listed(row["actions"]),
            absorption=row["absorption"],
            price_class=row["price_class"],
            insurance=row["insurance"],
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("herb_properties")
    }
