"""From what was written to a standard name.

A wrong merge is the worst error, so only listed spellings resolve.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from tcm.knowledge.tables import listed, rows

Status = Literal["ok", "ambiguous", "unknown"]

# No herb name is longer; a longer text is refused before any work is spent on it.
LONGEST_NAME = 40
# A county writes a few thousand spellings over and over; each is looked up once.
_SPELLINGS_KEPT = 8192
_INVISIBLE = frozenset({"Cf", "Cc", "Mn", "Zs", "Zl", "Zp", "Co", "Cn"})
_BRACKETED = re.compile(r"(?P<before>[^()]*)\((?P<inside>[^()]+)\)(?P<after>[^()]*)")
# As the classics write it: 甘草炙, 白术炒.
_TRAILING = re.compile(r"(?P<before>.{2,})(?P<processing>[炒炙煅煨炮燀])")
_ENOUGH_ALIKE = 0.5
_JOINT = "合写"


@dataclass(frozen=True, slots=True)
class Alias:
    """One other spelling.

    `form` is the processing it names (麸炒, 鲜, 粉), empty where none; `initials` serve the search and are
    given for names in their own right only.
    """

    alias: str
    name: str
    candidates: tuple[str, ...]
    kind: str
    form: str
    initials: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a written name means.

    `name` is filled only when `status` is `ok`. `candidates` holds the possible names of an ambiguous text
    and near spellings of an unknown one; neither is ever taken silently. `handling` is a decoction note
    that was written in brackets after the name.
    """

    query: str
    status: Status
    name: str | None = None
    candidates: tuple[str, ...] = ()
    form: str = ""
    handling: str = ""
    source: str = ""


class Names:
    """Standard names and aliases, resolved by exact match after normalisation.

    `standard` gives how many formulas use each name: of near spellings alike, the commoner is shown first.
    """

    def __init__(
        self,
        standard: Mapping[str, int],
        aliases: Mapping[str, Alias],
        simplified: Mapping[int, str],
        handling_words: frozenset[str],
    ) -> None:
        self._standard = standard
        self._aliases = aliases
        self._simplified = dict(simplified)
        self._handling_words = handling_words
        self._by_character: dict[str, set[str]] | None = None
        self._by_form: dict[tuple[str, str], str] | None = None
        self._resolve_kept = lru_cache(maxsize=_SPELLINGS_KEPT)(self._resolve)

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """Every alias row."""
        return tuple(self._aliases.values())

    def normalise(self, text: str) -> str:
        """NFKC, without invisible characters and spaces, traditional characters simplified.

        Args:
            text: what was written.

        Returns:
            The text as the tables spell it.
        """
        folded = unicodedata.normalize("NFKC", text)
        visible = "".join(c for c in folded if unicodedata.category(c) not in _INVISIBLE)
        return visible.translate(self._simplified)

    def resolve(self, text: str) -> Resolution:
        """The standard name that was meant, if exactly one is listed for this spelling.

        Args:
            text: a name as written, perhaps with a processing word or a decoction note in brackets.

        Returns:
            `ok` with the name, `ambiguous` with the names it may mean, or `unknown` with near spellings.
        """
        if len(text) > LONGEST_NAME:
            return Resolution(text, "unknown")
        return self._resolve_kept(text)

    def _resolve(self, text: str) -> Resolution:
        plain = self.normalise(text)
        found = self._look_up(text, plain) or self._look_up_bracketed(text, plain)
        found = found or self._look_up_trailing(text, plain)
        return found or Resolution(text, "unknown", candidates=self._near(plain))

    def spelling_of(self, name: str, form: str) -> str | None:
        """The one listed spelling that stands for a herb in a processed form.

        Args:
            name: a standard name.
            form: as `Resolution.form` has it, not empty.

        Returns:
            The form before or after the name (炒升麻, 栀子炭) where that is listed, else the first spelling
            listed; None where there is none.
        """
        if self._by_form is None:
            index: dict[tuple[str, str], str] = {}
            for alias in self._aliases.values():
                if not alias.name or not alias.form:
                    continue
                key = (alias.name, alias.form)
                if alias.alias in (alias.form + alias.name, alias.name + alias.form):
                    index[key] = alias.alias
                index.setdefault(key, alias.alias)
            self._by_form = index
        return self._by_form.get((name, form))

    def is_joint(self, text: str) -> bool:
        """Whether a spelling is listed as several herbs written as one (焦三仙).

        Args:
            text: a name as written.
        """
        alias = self._aliases.get(self.normalise(text))
        return alias is not None and alias.kind == _JOINT

    def _look_up(self, query: str, plain: str, handling: str = "") -> Resolution | None:
        if plain in self._standard:
            return Resolution(query, "ok", plain, handling=handling, source="正名")
        alias = self._aliases.get(plain)
        if alias is None:
            return None
        if alias.name:
            return Resolution(query, "ok", alias.name, (), alias.form, handling, alias.source)
        return Resolution(query, "ambiguous", None, alias.candidates, alias.form, handling, alias.source)

    def _look_up_bracketed(self, query: str, plain: str) -> Resolution | None:
        match = _BRACKETED.fullmatch(plain)
        if match is None:
            return None
        before, inside, after = match["before"], match["inside"], match["after"]
        if inside in self._handling_words:
            return self._look_up(query, before + after, inside)
        # 白术(炒), (炒)白术 and 附子(制) are read as 炒白术 and 制附子, if that spelling is listed.
        return self._look_up(query, inside + before + after)

    def _look_up_trailing(self, query: str, plain: str) -> Resolution | None:
        match = _TRAILING.fullmatch(plain)
        return None if match is None else self._look_up(query, match["processing"] + match["before"])

    def _near(self, plain: str, limit: int = 5) -> tuple[str, ...]:
        scored: list[tuple[float, bool, bool, int, str]] = []
        for spelling in self._sharing_characters(plain):
            alike = SequenceMatcher(None, plain, spelling).ratio()
            if alike >= _ENOUGH_ALIKE:
                alias = self._aliases.get(spelling)
                names = _meant(spelling, alias)
                scored.extend(
                    (
                        -alike,
                        spelling[0] != plain[0],
                        spelling not in self._standard,
                        -self._standard[name],
                        name,
                    )
                    for name in names
                )
        return tuple(dict.fromkeys(name for *_, name in sorted(scored)))[:limit]

    def _sharing_characters(self, plain: str) -> list[str]:
        """Spellings that could be alike enough: the characters shared bound the ratio from above."""
        index = self._character_index()
        shared = Counter(spelling for character in plain for spelling in index.get(character, ()))
        return [
            spelling
            for spelling, count in shared.items()
            if 2 * min(count, len(spelling)) >= _ENOUGH_ALIKE * (len(plain) + len(spelling))
        ]

    def _character_index(self) -> dict[str, set[str]]:
        if self._by_character is None:
            index: dict[str, set[str]] = defaultdict(set)
            for spelling in (*self._standard, *self._aliases):
                for character in spelling:
                    index[character].add(spelling)
            self._by_character = dict(index)
        return self._by_character


def _meant(spelling: str, alias: Alias | None) -> tuple[str, ...]:
    """What a near spelling may have been meant for; two herbs in one word (参芪) were not."""
    if alias is None:
        return (spelling,)
    if alias.name:
        return (alias.name,)
    return () if alias.kind == _JOINT else alias.candidates


def read_aliases() -> dict[str, Alias]:
    """Read the alias table: alias to its row."""
    return {
        row["alias"]: Alias(
            alias=row["alias"],
            name=row["name"],
            candidates=listed(row["candidates"]),
            kind=row["kind"],
            form=row["form"],
            initials=row["initials"],
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("aliases")
    }


def read_simplified() -> dict[int, str]:
    """Read the character table: code point of a traditional or variant character to the simplified one."""
    return {ord(row["traditional"]): row["simplified"] for row in rows("characters")}
