"""A scale on TCP and on a serial line: what it says is the weight, and everything else a sentence."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from tcm.records.errors import Invalid
from web.scales import ScaleAddress, ScaleRefused, ScaleSilent, milligrams_in, read_stable, scales_in
from web.scales.simulated import SimulatedScale
from web.settings import Settings, SettingsUnusableError

PATIENCE_S = 5.0


@pytest.fixture
def scale() -> Iterator[SimulatedScale]:
    """A simulated scale that is listening."""
    with SimulatedScale(load_g=84.25) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(PATIENCE_S)


def address_of(scale: SimulatedScale) -> ScaleAddress:
    host, port = scale.server_address[:2]
    return ScaleAddress("S1", host=str(host), port=port)


def test_a_scale_at_rest_says_its_net_weight(scale: SimulatedScale) -> None:
    assert read_stable(address_of(scale)) == 84_250
    scale.answer("T")
    scale.load_g = 100.0
    assert read_stable(address_of(scale)) == 15_750


def test_a_scale_that_moves_or_is_overloaded_says_so(scale: SimulatedScale) -> None:
    scale.is_moving = True
    with pytest.raises(ScaleRefused) as refusal:
        read_stable(address_of(scale))
    assert str(refusal.value) == "秤没有稳定，请等读数不动再记。"
    scale.is_moving, scale.load_g = False, 7000.0
    with pytest.raises(ScaleRefused) as refusal:
        read_stable(address_of(scale))
    assert str(refusal.value) == "秤超重了。"


def test_a_scale_that_is_not_there_or_says_nothing_is_named() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        silent = ScaleAddress("S7", host="127.0.0.1", port=listening.getsockname()[1])
        with pytest.raises(ScaleSilent) as refusal:
            read_stable(silent, patience_s=0.05)
    assert str(refusal.value) == "S7号秤没有回答，请检查连线，或看着秤手填。"
    with pytest.raises(ScaleSilent):
        read_stable(silent, patience_s=0.05)
    with pytest.raises(ScaleSilent):
        read_stable(ScaleAddress("S8", device="/nowhere/tty"), patience_s=0.05)


@pytest.mark.parametrize(
    "answer", [b"ES\r\n", b"S S 84.2 lb\r\n", b"\xff\xfe\r\n", b"S S 84.2 g S S 1 g\r\n"]
)
def test_what_is_no_weight_is_not_taken_for_one(answer: bytes) -> None:
    with pytest.raises(ScaleRefused) as refusal:
        said_over_serial(answer)
    assert str(refusal.value) == "听不懂秤的回答，请检查秤的设置。"


@pytest.mark.parametrize(
    ("answer", "weight_mg"),
    [(b"S S      84.20 g\r\n", 84_200), (b"S S  0.0842 kg\r\n", 84_200), (b"S S -3.1 g\r\n", -3_100)],
)
def test_a_serial_line_is_asked_and_heard_in_the_same_words(answer: bytes, weight_mg: int) -> None:
    assert said_over_serial(answer) == weight_mg


def test_an_answer_that_never_ends_is_given_up() -> None:
    with pytest.raises(ScaleSilent):
        said_over_serial(b"8" * 400)


@pytest.mark.parametrize(
    ("typed", "weight_mg"),
    [
        ("84.2", 84_200),
        (" 84,2 g ", 84_200),
        ("84克", 84_000),
        ("0.0842 kg", 84_200),
        ("S S      84.20 g", 84_200),
    ],
)
def test_grams_are_read_as_people_and_keyboards_type_them(typed: str, weight_mg: int) -> None:
    assert milligrams_in(typed) == weight_mg


@pytest.mark.parametrize("typed", ["", "0", "-3", "eighty", "84 lb", "1e5", "999999999"])
def test_what_is_no_weight_is_asked_for_again(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        milligrams_in(typed)
    assert str(refusal.value) == "请填克数，例如 84.2。"


def test_scales_are_named_in_the_settings() -> None:
    assert scales_in("S1=tcp://10.0.0.5:8001 S2=serial:///dev/ttyUSB0?baud=2400") == {
        "S1": ScaleAddress("S1", host="10.0.0.5", port=8001),
        "S2": ScaleAddress("S2", device="/dev/ttyUSB0", baud="2400"),
    }
    assert Settings().scale_addresses == {}


@pytest.mark.parametrize(
    "text", ["tcp://10.0.0.5:8001", "S1=tcp://10.0.0.5", "S1=http://a:1", "S1=serial:///dev/x?baud=7", "S1="]
)
def test_a_setting_that_names_no_scale_is_refused_by_its_variable(text: str) -> None:
    with pytest.raises(SettingsUnusableError) as refusal:
        Settings.from_environment({"TANGYE_SCALES": text})
    assert str(refusal.value).startswith("TANGYE_SCALES: ")


def said_over_serial(answer: bytes) -> int:
    """A pair of pseudo-terminals is a serial line; the scale at its end gives one answer."""
    scale_end, our_end = os.openpty()
    heard: list[bytes] = []

    def speak() -> None:
        heard.append(os.read(scale_end, 80))
        os.write(scale_end, answer)

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    try:
        weight_mg = read_stable(ScaleAddress("S1", device=os.ttyname(our_end)), patience_s=2.0)
    finally:
        thread.join(PATIENCE_S)
        os.close(scale_end)
        os.close(our_end)
    assert heard == [b"S\r\n"]
    return weight_mg
