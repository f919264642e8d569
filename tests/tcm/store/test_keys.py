"""The key of the house: what it seals opens again for nobody else, nowhere else, and not when touched."""

import base64
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.store.keys import KEY_FILE, KEY_VARIABLE, KeyRing, KeyUnusableError, load_key

RING = KeyRing(bytes(range(32)))
OTHER = KeyRing(bytes(range(1, 33)))
PLACE = "patients.name"


@given(st.binary(max_size=300), st.text(max_size=20))
def test_what_is_sealed_opens_again(data: bytes, place: str) -> None:
    assert RING.open(RING.seal(data, place), place) == data


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert RING.seal(b"same", PLACE) != RING.seal(b"same", PLACE)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(KeyUnusableError, match="another key, or was altered"):
        OTHER.open(RING.seal(b"secret", PLACE), PLACE)


def test_it_does_not_open_in_another_place() -> None:
    with pytest.raises(KeyUnusableError, match="another key, or was altered"):
        RING.open(RING.seal(b"secret", PLACE), "patients.phone")


def test_any_flipped_bit_is_noticed() -> None:
    sealed = RING.seal(b"secret", PLACE)
    for position in range(len(sealed)):
        touched = bytearray(sealed)
        touched[position] ^= 1
        with pytest.raises(KeyUnusableError):
            RING.open(bytes(touched), PLACE)


def test_any_cut_is_noticed() -> None:
    sealed = RING.seal(b"secret", PLACE)
    for length in range(len(sealed)):
        with pytest.raises(KeyUnusableError):
            RING.open(sealed[:length], PLACE)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_secret_has_32_bytes(length: int) -> None:
    with pytest.raises(KeyUnusableError, match="must have 32 bytes"):
        KeyRing(bytes(length))


def test_keys_for_two_purposes_differ_and_stay() -> None:
    assert RING.derive("cookie") != RING.derive("seal")
    assert RING.derive("cookie") == KeyRing(bytes(range(32))).derive("cookie")
    assert len(RING.derive("cookie")) == 32


@pytest.mark.parametrize(
    "written", ["13900001234", "１３９００００１２３４", " 139 0000 1234 ", "139\u30000000\u00a01234"]
)
def test_width_and_spaces_do_not_change_a_blind_index(written: str) -> None:
    assert RING.blind(written, "patients.phone") == RING.blind("13900001234", "patients.phone")


def test_case_does_not_change_a_blind_index() -> None:
    assert RING.blind("43068219661121552x", PLACE) == RING.blind("43068219661121552Ｘ", PLACE)


def test_a_blind_index_differs_by_value_column_and_key() -> None:
    fingerprints = {
        RING.blind("李", "patients.name"),
        RING.blind("季", "patients.name"),
        RING.blind("李", "patients.phone"),
        OTHER.blind("李", "patients.name"),
    }
    assert len(fingerprints) == 4
    assert {len(fingerprint) for fingerprint in fingerprints} == {64}


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\t\n"])
def test_nothing_has_no_fingerprint(blank: str) -> None:
    assert RING.blind(blank, PLACE) == ""


def test_a_new_house_makes_a_key_only_its_owner_reads(tmp_path: Path) -> None:
    made = load_key(tmp_path, {})
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert load_key(tmp_path, {}).open(made.seal(b"secret", PLACE), PLACE) == b"secret"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    load_key(tmp_path, {})
    path = tmp_path / KEY_FILE
    path.chmod(mode)
    with pytest.raises(KeyUnusableError) as refusal:
        load_key(tmp_path, {})
    assert str(refusal.value) == f"{path} can be read by others; run: chmod 600 {path}"
    path.chmod(0o600)
    load_key(tmp_path, {})


def test_the_environment_goes_before_the_file_and_leaves_none(tmp_path: Path) -> None:
    secret = os.urandom(32)
    ring = load_key(tmp_path, {KEY_VARIABLE: base64.b64encode(secret).decode()})
    assert KeyRing(secret).open(ring.seal(b"secret", PLACE), PLACE) == b"secret"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoded", ["", "not base64!", "钥匙", "AAAA", base64.b64encode(bytes(31)).decode()])
def test_a_malformed_key_is_refused(tmp_path: Path, encoded: str) -> None:
    with pytest.raises(KeyUnusableError):
        load_key(tmp_path, {KEY_VARIABLE: encoded})


def test_an_emptied_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    load_key(tmp_path, {})
    (tmp_path / KEY_FILE).write_text("")
    with pytest.raises(KeyUnusableError):
        load_key(tmp_path, {})
    assert (tmp_path / KEY_FILE).read_text() == ""


def test_processes_that_start_together_agree_on_one_new_key(tmp_path: Path) -> None:
    for house in range(20):
        home, starts, keys = tmp_path / str(house), threading.Barrier(4), []

        def start(home: Path = home, starts: threading.Barrier = starts, keys: list[bytes] = keys) -> None:
            starts.wait(5)
            keys.append(load_key(home, {}).derive("test"))

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert keys == [load_key(home, {}).derive("test")] * 4
