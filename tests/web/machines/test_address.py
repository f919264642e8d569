"""Where the broker is: from the environment, and its password in no line."""

import pytest

from web.settings import Settings, SettingsUnusableError


def settings(**variables: str) -> Settings:
    return Settings.from_environment({f"TANGYE_{name}": value for name, value in variables.items()})


def test_without_an_address_there_is_no_broker() -> None:
    assert settings().broker is None


def test_tls_and_its_port_come_with_the_scheme() -> None:
    broker = settings(MQTT_URL="mqtts://broker.county", MQTT_USER="tangye", MQTT_PASSWORD="baizhu").broker
    assert broker is not None
    assert (broker.host, broker.port, broker.is_tls, broker.shown) == (
        "broker.county",
        8883,
        True,
        "mqtts://broker.county:8883",
    )
    assert broker.password.get_secret_value() == "baizhu"


def test_no_word_of_the_settings_shows_the_password() -> None:
    given = settings(MQTT_URL="mqtt://h", MQTT_PASSWORD="baizhu")
    assert "baizhu" not in f"{given!r}{given}{given.broker!r}"


@pytest.mark.parametrize(
    "address", ["broker", "http://broker", "mqtt://", "mqtt://h:99999", "mqtt://u:baizhu@h", "mqtt://h/x"]
)
def test_what_is_no_address_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(SettingsUnusableError, match=r"^TANGYE_MQTT_URL: ") as refused:
        settings(MQTT_URL=address)
    assert "baizhu" not in str(refused.value)
