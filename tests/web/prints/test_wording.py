import re
from pathlib import Path
from string import Formatter

import web.prints
from web.prints.wording import words

ROOM = Path(web.prints.__file__).parent


def places(text: str) -> set[str]:
    return {field for _text, field, _spec, _conversion in Formatter().parse(text) if field}


def test_both_languages_fill_every_label_with_the_same_places() -> None:
    chinese, english = words("zh"), words("en")
    assert [key for key in chinese if not (chinese[key] and english[key])] == []
    assert [key for key in chinese if places(chinese[key]) != places(english[key])] == []


def test_every_label_is_printed_somewhere() -> None:
    files = [*ROOM.glob("**/*.typ"), *ROOM.glob("*.py")]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [key for key in words("zh") if not re.search(rf'words\.{key}\b|"{key}"', sources)] == []
