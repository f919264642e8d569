"""The herbs: identity, dose, toxicity, cautions, and the search behind the keyboard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tcm.knowledge.names import Alias
from tcm.knowledge.tables import listed, number, rows

# Beyond any closeness of a typed text to a spelling.
_FAR = 3
# 熟地 (98 formulas) comes before 柿蒂 (2) at `sd`, but 官桂 (50) not before 葛根 (20) at `gg`.
_ALIAS_WEIGHT = 0.2
PHARMACOPOEIA_STANDINGS = frozenset({"药典", "药典饮片", "药典炮制"})
PROVINCIAL_STANDINGS = frozenset({"省级", "省级炮制"})


@dataclass(frozen=True, slots=True)
class Herb:
    """One standard name and what its source says about it.

    `base` is the material it comes from (炙甘草 -> 甘草). `monograph` is the name whose facts hold for it:
    its own, or that of the herb it is a processed form of (酒大黄 -> 大黄, with the `form` 酒). `dose_group`
    is the name under which grams are summed (地黄 -> 生地黄). `unmarked_as` is the processed form that is
    dispensed when a poisonous drug is written without 生 (川乌 -> 制川乌). Doses are grams a day by
    `dose_route` (煎 unless the source gives only another), None where the source gives none.
    """

    name: str
    pinyin: str
    initials: str
    base: str
    monograph: str
    form: str
    dose_group: str
    dose_min_g: float | None
    dose_max_g: float | None
    dose_route: str
    dose_text: str
    toxicity: str
    pregnancy: str
    caution_text: str
    decoction: tuple[str, ...]
    unmarked_as: str
    use_count: int
    standing: str
    source: str
    edition: str

    @property
    def in_pharmacopoeia(self) -> bool:
        """Whether the pharmacopoeia has it as a monograph or as a decoction piece of one."""
        return self.standing in PHARMACOPOEIA_STANDINGS

    @property
    def verified(self) -> bool:
        """Whether its figures were read from the pharmacopoeia (provincial rows were not)."""
        return self.standing not in PROVINCIAL_STANDINGS


class Herbs(Mapping[str, Herb]):
    """All herbs by standard name, searchable by pinyin, initials, name or alias."""

    def __init__(self, herbs: dict[str, Herb], aliases: Mapping[str, tuple[Alias, ...]]) -> None:
        self._herbs = herbs
        self._aliases = aliases

    def __getitem__(self, name: str) -> Herb:
        return self._herbs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._herbs)

    def __len__(self) -> int:
        return len(self._herbs)

    def search(self, text: str, limit: int = 10) -> list[Herb]:
        """Herbs that what was typed may mean, likeliest first.

        Args:
            text: initials (`hq`), pinyin (`huangqi`, `huang qi`) or Chinese characters of a name or an alias.
            limit: most herbs to return.

        Returns:
            Exact initials, pinyin or name first, then prefixes, then containment; at equal closeness the herb
            that more formulas of SZJG 38.2 use, where a match of an alias counts a fifth; of those that none
            uses, names before aliases and the forms of the commoner material.
        """
        typed = "".join(text.lower().split())
        if not typed or len(typed) > 40:
            return []
        ranked = [
            (*rank, not herb.in_pharmacopoeia, -self._material_use(herb), herb.name)
            for herb in self._herbs.values()
            if (rank := self._rank(typed, herb)) is not None
        ]
        return [self._herbs[name] for *_, name in sorted(ranked)[: max(limit, 0)]]

    def _material_use(self, herb: Herb) -> int:
        # Most processed forms stand in no formula of the code list under their own name.
        return self._herbs[herb.monograph].use_count

    def _rank(self, typed: str, herb: Herb) -> tuple[int, float, bool] | None:
        """Closeness, use (negative, so that the commoner comes first) and whether an alias matched."""
        aliases = self._aliases.get(herb.name, ())
        if typed.isascii():
            own = _closeness(typed, (herb.initials, herb.pinyin.replace(" ", "")))
            other = _closeness(typed, tuple(alias.initials for alias in aliases))
        else:
            own = _closeness(typed, (herb.name,))
            other = _closeness(typed, tuple(alias.alias for alias in aliases))
        if min(own, other) == _FAR:
            return None
        return min((own, -herb.use_count - 1, False), (other, -herb.use_count * _ALIAS_WEIGHT, True))


def _closeness(typed: str, spellings: tuple[str, ...]) -> int:
    """0 for a spelling itself, 1 for its beginning, 2 for its middle, else `_FAR`."""
    best = _FAR
    for spelling in spellings:
        if spelling == typed:
            return 0
        if spelling.startswith(typed):
            best = 1
        elif best == _FAR and len(typed) > 1 and typed in spelling:
            best = 2
    return best


def read_herbs(aliases: Mapping[str, tuple[Alias, ...]]) -> Herbs:
    """Read the herb table.

    Args:
        aliases: the unambiguous aliases of each standard name, for the search.

    Returns:
        All herbs, in the order of the table.
    """
    herbs = {
        row["name"]: Herb(
            name=row["name"],
            pinyin=row["pinyin"],
            initials=row["initials"],
            base=row["base"],
            monograph=row["monograph"],
            form=row["form"],
            dose_group=row["dose_group"],
            dose_min_g=number(row["dose_min_g"]),
            dose_max_g=number(row["dose_max_g"]),
            dose_route=row["dose_route"],
            dose_text=row["dose_text"],
            toxicity=row["toxicity"],
            pregnancy=row["pregnancy"],
            caution_text=row["caution_text"],
            decoction=listed(row["decoction"]),
            unmarked_as=row["unmarked_as"],
            use_count=int(row["use_count"]),
            standing=row["standing"],
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("herbs")
    }
    return Herbs(herbs, aliases)
