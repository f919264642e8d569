"""Pictures lie sealed under names that say nothing."""

from pathlib import Path

import pytest

from tcm.store.blobs import Blobs
from tcm.store.keys import KeyRing, KeyUnusableError

RING = KeyRing(bytes(range(32)))
PICTURE = b"\xff\xd8\xff\xe0 a tongue " * 50


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """An empty folder of pictures."""
    return Blobs(str(tmp_path), RING)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_picture_comes_back(blobs: Blobs) -> None:
    assert blobs.get(blobs.put(PICTURE)) == PICTURE


def test_the_file_shows_nothing_of_the_picture(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put(PICTURE)
    [file] = files(tmp_path)
    assert b"tongue" not in file.read_bytes()
    assert len(file.read_bytes()) == len(PICTURE) + 1 + 12 + 16


def test_the_same_picture_twice_has_two_names_of_32_hexadecimal_digits(blobs: Blobs, tmp_path: Path) -> None:
    keys = {blobs.put(PICTURE), blobs.put(PICTURE)}
    assert len(keys) == 2
    assert {(len(key), set(key) <= set("0123456789abcdef")) for key in keys} == {(32, True)}
    assert sorted(path.name for path in files(tmp_path)) == sorted(f"{key[:2]}-{key}" for key in keys)


def test_a_touched_file_is_refused(blobs: Blobs, tmp_path: Path) -> None:
    key = blobs.put(PICTURE)
    [file] = files(tmp_path)
    sealed = bytearray(file.read_bytes())
    sealed[-1] ^= 1
    file.write_bytes(bytes(sealed))
    with pytest.raises(KeyUnusableError):
        blobs.get(key)


def test_a_file_renamed_to_another_key_is_refused(blobs: Blobs, tmp_path: Path) -> None:
    key, other = blobs.put(PICTURE), "0" * 32
    [file] = files(tmp_path)
    file.rename(tmp_path / f"00-{other}")
    with pytest.raises(KeyUnusableError):
        blobs.get(other)
    with pytest.raises(FileNotFoundError):
        blobs.get(key)


def test_another_house_cannot_open_it(blobs: Blobs, tmp_path: Path) -> None:
    key = blobs.put(PICTURE)
    with pytest.raises(KeyUnusableError):
        Blobs(str(tmp_path), KeyRing(bytes(32))).get(key)


@pytest.mark.parametrize("key", ["../tangye.key", "..", "a/b", "", "ab-abc", "file:///etc/passwd"])
def test_a_key_is_never_a_path(blobs: Blobs, key: str) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.get(key)
