"""The book on the counter: herbs and formulas as everybody who is logged in may look them up."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from tcm.knowledge import Formula, Herb, Knowledge, Resolution
from tcm.knowledge.book import (
    MixUp,
    Step,
    find_formula,
    formula_sheet,
    handling_of,
    herb_sheet,
    unverified,
)
from tcm.knowledge.decoction import DECOCTION_CLASSES
from tcm.knowledge.properties import NATURES, HerbProperties
from tcm.records.errors import N_
from web.desks.shown import SEVERITY_TERMS, SEVERITY_TONES
from web.door import clean
from web.house import current_house

desk = Blueprint("herbs", __name__)
desk.add_app_template_test(unverified, "unverified")

LONGEST_QUERY = 40
PER_PAGE = 60
MOST_PAGES = 1000
# Order of the textbooks.
CHANNELS = ("肺", "心", "脾", "肝", "肾", "心包", "胃", "大肠", "小肠", "膀胱", "胆", "三焦")
# What the tables call a route, as one would say it.
ROUTES = {
    "煎": N_("煎服"),
    "粉": N_("研粉"),
    "丸散": N_("入丸散"),
    "鲜": N_("鲜品"),
    "单味": N_("单味煎服"),
    "酒": N_("浸酒"),
    "泡": N_("泡服"),
    "炖": N_("炖服"),
    "吸": N_("作卷烟吸"),
    "叶": N_("用叶"),
    "枝": N_("用枝"),
    "炭": N_("制炭"),
}
STANDING_TERMS = {
    "within": N_("在药典量内"),
    "above": N_("高于药典量"),
    "below": N_("低于药典量"),
    "uncompared": N_("无可比的量"),
}
RESTRICTION_TERMS = {
    "not_for_decoction": N_("不宜入煎剂"),
    "regulated_toxic": N_("毒性药品"),
    "child_forbidden": N_("儿童禁用"),
    "external_only": N_("只作外用"),
    "banned": N_("已禁止使用"),
    "preg_forbidden": N_("孕妇禁用"),
    "narcotic": N_("麻醉药品"),
}


@dataclass(frozen=True)
class Asked:
    """What a reader looks for.

    Args:
        text: Name, alias, pinyin or initials.
        category: 功效 class, empty for all.
        nature: One of NATURES, empty for all.
        channel: One of CHANNELS, empty for all.
        page: From 1.
    """

    text: str
    category: str
    nature: str
    channel: str
    page: int

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.text or self.category or self.nature or self.channel)

    def at(self, page: int) -> dict[str, str | int]:
        """The arguments of another page of the same list."""
        fields = {"q": self.text, "category": self.category, "nature": self.nature, "channel": self.channel}
        return {**{name: value for name, value in fields.items() if value}, "page": page}


@dataclass(frozen=True)
class Row:
    """One herb of the list.

    Args:
        herb: The herb.
        properties: What it is like, None where no table says.
        handling: Its decoction notes.
    """

    herb: Herb
    properties: HerbProperties | None
    handling: tuple[Step, ...]


@dataclass(frozen=True)
class Meaning:
    """What a written name means, for a reader who must choose.

    Args:
        resolution: Of the name.
        candidates: The herbs it may mean, with what sets them apart.
        mix_ups: What the tables say of their being mixed up.
    """

    resolution: Resolution
    candidates: tuple[Row, ...]
    mix_ups: tuple[MixUp, ...]


@desk.get("/herbs")
def index() -> str:
    """The search for herbs, the most used first while nothing is asked."""
    return render_template("herbs/index.html", **_list(), **_choices())


@desk.get("/herbs/found")
def found() -> str:
    """The list alone, as one types."""
    return render_template("herbs/found.html", **_list())


@desk.get("/herbs/<name>")
def herb(name: str) -> str:
    """One herb."""
    knowledge = current_house().knowledge
    if name not in knowledge.herbs:
        abort(404)
    sheet = herb_sheet(name, knowledge)
    instead = knowledge.herbs[sheet.herb.unmarked_as] if sheet.herb.unmarked_as else None
    return render_template(
        "herbs/herb.html",
        sheet=sheet,
        herb=sheet.herb,
        instead=instead,
        routes=ROUTES,
        restriction_terms=RESTRICTION_TERMS,
        severity_terms=SEVERITY_TERMS,
        severity_tones=SEVERITY_TONES,
    )


@desk.get("/formulas")
def formulas() -> str:
    """The search for formulas."""
    return render_template("herbs/formulas.html", classes=DECOCTION_CLASSES, **_formulas())


@desk.get("/formulas/found")
def formulas_found() -> str:
    """The list of formulas alone, as one types."""
    return render_template("herbs/formulas_found.html", **_formulas())


@desk.get("/formulas/<name>")
def formula(name: str) -> str:
    """One formula."""
    knowledge = current_house().knowledge
    if name not in knowledge.formulas:
        abort(404)
    return render_template(
        "herbs/formula.html",
        sheet=formula_sheet(name, knowledge),
        formula=knowledge.formulas[name],
        routes=ROUTES,
        standings=STANDING_TERMS,
        herb_of=knowledge.herb,
    )


def _list() -> dict[str, object]:
    knowledge = current_house().knowledge
    asked = _asked()
    herbs = _narrowed(_searched(asked.text, knowledge), asked, knowledge)
    first = (asked.page - 1) * PER_PAGE
    return {
        "asked": asked,
        "meaning": _meaning(asked.text, knowledge),
        "total": len(herbs),
        "rows": [_row(each, knowledge) for each in herbs[first : first + PER_PAGE]],
        "pages": -(-len(herbs) // PER_PAGE),
    }


def _asked() -> Asked:
    given = request.args
    return Asked(
        text=clean(given.get("q", ""))[:LONGEST_QUERY],
        category=clean(given.get("category", "")),
        nature=clean(given.get("nature", "")),
        channel=clean(given.get("channel", "")),
        page=min(max(given.get("page", 1, type=int), 1), MOST_PAGES),
    )


def _searched(text: str, knowledge: Knowledge) -> list[Herb]:
    if not text:
        every = knowledge.herbs.values()
        return sorted(every, key=lambda each: (-each.use_count, not each.in_pharmacopoeia, each.pinyin))
    return knowledge.herbs.search(knowledge.names.normalise(text), limit=len(knowledge.herbs))


def _narrowed(herbs: Iterable[Herb], asked: Asked, knowledge: Knowledge) -> list[Herb]:
    def fits(each: Herb) -> bool:
        properties = knowledge.properties_of(each)
        if properties is None:
            return not (asked.category or asked.nature or asked.channel)
        return (
            asked.category in ("", properties.category)
            and asked.nature in ("", properties.nature)
            and (not asked.channel or asked.channel in properties.channels)
        )

    return [each for each in herbs if fits(each)]


def _row(each: Herb, knowledge: Knowledge) -> Row:
    return Row(each, knowledge.properties_of(each), handling_of(each, knowledge))


def _meaning(text: str, knowledge: Knowledge) -> Meaning | None:
    # Pinyin means nothing by itself; the list below is what it may stand for.
    if not text or text.isascii():
        return None
    resolution = knowledge.names.resolve(text)
    names = resolution.candidates if resolution.name is None else (resolution.name,)
    return Meaning(
        resolution,
        tuple(_row(knowledge.herbs[name], knowledge) for name in names),
        _mix_ups(names, knowledge) if resolution.status == "ambiguous" else (),
    )


def _mix_ups(names: Sequence[str], knowledge: Knowledge) -> tuple[MixUp, ...]:
    pairs = {
        pair
        for name in names
        for pair in knowledge.look_alikes.get(name, ())
        if pair.left in names and pair.right in names
    }
    return tuple(
        MixUp(f"{pair.left}、{pair.right}", pair.why, pair.note, pair.source, pair.edition)
        for pair in sorted(pairs, key=lambda pair: (pair.left, pair.right))
    )


def _choices() -> dict[str, object]:
    knowledge = current_house().knowledge
    properties = [knowledge.properties_of(each) for each in knowledge.herbs.values()]
    counts = Counter(each.category for each in properties if each is not None and each.category)
    return {"categories": sorted(counts.items()), "natures": NATURES, "channels": CHANNELS}


def _formulas() -> dict[str, object]:
    knowledge = current_house().knowledge
    text = clean(request.args.get("q", ""))[:LONGEST_QUERY]
    wanted = clean(request.args.get("decoction_class", ""))
    every = _formulas_searched(text, knowledge)
    fitting = [each for each in every if wanted in ("", each.decoction_class)]
    near: tuple[str, ...] = ()
    if text and not every:
        near = find_formula(text, knowledge)[1]
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    return {
        "text": text,
        "wanted": wanted,
        "near": near,
        "total": len(fitting),
        "page": page,
        "pages": -(-len(fitting) // PER_PAGE),
        "found": fitting[(page - 1) * PER_PAGE : page * PER_PAGE],
    }


def _formulas_searched(text: str, knowledge: Knowledge) -> list[Formula]:
    """By name; then those that answer a syndrome of that name, then those that hold that herb."""
    every = list(knowledge.formulas.values())
    if not text:
        return every
    plain = knowledge.names.normalise(text)
    named = knowledge.formulas.search(plain, limit=len(every))
    if plain.isascii():
        return named
    answering = [each for each in every if any(plain in syndrome for syndrome in each.syndromes)]
    herb_meant = knowledge.herb(text)
    holding = [
        each
        for each in every
        if herb_meant is not None and any(item.herb == herb_meant.name for item in each.items)
    ]
    by_name = {each.name: each for each in (*named, *answering, *holding)}
    return list(by_name.values())
