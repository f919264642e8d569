"""The printed labels in both languages, from words.csv."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]


@lru_cache(maxsize=2)
def words(language: Language) -> dict[str, str]:
    """Return every printed label in one language.

    Args:
        language: "zh" or "en".

    Returns:
        Key of words.csv to its text; `{name}` marks a place to fill.

    Raises:
        ValueError: when the language is neither.
    """
    if language not in ("zh", "en"):
        raise ValueError(f"papers are printed in zh or en, not {language!r}")
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row[language] for row in csv.DictReader(file)}
