from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest

from web.prints import FontError
from web.prints.fonts import FAMILIES, SHA256, drawable, typefaces, verify

INSTALLED = Path(pylopdf_fonts_zh_cn.sans_path()).parent


def linked_copy(folder: Path) -> Path:
    for name in SHA256:
        (folder / name).symlink_to(INSTALLED / name)
    return folder


def test_the_installed_fonts_are_the_pinned_ones() -> None:
    verify(INSTALLED)


def test_the_compiler_sees_two_families_and_no_others() -> None:
    assert typefaces().families() == FAMILIES


def test_a_changed_font_file_is_named_and_refused(tmp_path: Path) -> None:
    folder = linked_copy(tmp_path)
    (folder / "NotoSerifSC-Regular.otf").unlink()
    (folder / "NotoSerifSC-Regular.otf").write_bytes(b"OTTO and something else")
    with pytest.raises(FontError, match=r"NotoSerifSC-Regular\.otf has SHA-256 .*expected e8f396decc1f0963"):
        verify(folder)


def test_a_missing_font_file_is_named_and_refused(tmp_path: Path) -> None:
    folder = linked_copy(tmp_path)
    (folder / "NotoSansSC-Regular.otf").unlink()
    with pytest.raises(FontError, match=r"NotoSansSC-Regular\.otf is missing"):
        verify(folder)


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("张桂兰", "张桂兰"),
        ("䶮㛃", "䶮㛃"),
        ("𠮷野", "[U+20BB7]野"),
        ("a\nb", "a\nb"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("🙂", "[U+1F642]"),
    ],
)
def test_only_characters_without_a_glyph_are_spelt_out(given: str, printed: str) -> None:
    assert drawable(given) == printed
