"""Words and pens shared by the pictures."""

from dataclasses import dataclass

# Okabe & Ito (2008), told apart by colour-blind readers; dashes tell routes apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("", "9 4", "2 4", "12 4 2 4", "5 3", "14 6", "2 3 8 3", "20 4")


@dataclass(frozen=True, slots=True)
class Labels:
    """The words in the pictures, in the reader's language; Chinese by default."""

    gantt_title: str = "煎药锅日程"
    map_title: str = "配送路线"
    trip: str = "{vehicle} 第{number}趟"
    load: str = "上锅"
    cook: str = "煎煮"
    clean: str = "清洗"
    late: str = "逾期"
    metres: str = "米"
    kilometres: str = "公里"
    north: str = "北"
    unserved: str = "未送达"
