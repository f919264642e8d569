"""Where the machines' broker is; a password is never shown."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

PLAIN_PORT, TLS_PORT = 1883, 8883


@dataclass(frozen=True)
class Broker:
    """A broker and how to log in to it.

    Args:
        host: Name or address.
        port: TCP port.
        is_tls: Whether the line is encrypted and the broker's certificate checked.
        ca_file: Who signed that certificate; empty for the authorities that the system trusts.
        user: Empty for none.
        password: Its own `repr` hides it.
        prefix: First part of every topic.
        client_id: Under which the broker keeps what was not fetched; one listener a house.
    """

    host: str
    port: int
    is_tls: bool
    ca_file: str
    user: str
    password: SecretStr
    prefix: str
    client_id: str

    @property
    def shown(self) -> str:
        """Its address as it may be told."""
        return f"{'mqtts' if self.is_tls else 'mqtt'}://{self.host}:{self.port}"


def broker_at(
    url: str, *, user: str, password: SecretStr, ca_file: str, prefix: str, client_id: str
) -> Broker:
    """The broker that an address names.

    Args:
        url: `mqtt://host[:1883]`, or `mqtts://host[:8883]` for TLS.
        user: Empty for none.
        password: Of that user.
        ca_file: PEM file; empty for the system's authorities.
        prefix: First part of every topic.
        client_id: Ours.

    Returns:
        The broker.

    Raises:
        ValueError: When the address is none, or carries the password in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no address such as mqtt://host:1883") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("is no address such as mqtt://host:1883 or mqtts://host:8883")
    if parts.username or parts.password:
        raise ValueError("must not carry a user or password; give TANGYE_MQTT_USER and TANGYE_MQTT_PASSWORD")
    is_tls = parts.scheme == "mqtts"
    return Broker(
        host=parts.hostname,
        port=port or (TLS_PORT if is_tls else PLAIN_PORT),
        is_tls=is_tls,
        ca_file=ca_file,
        user=user,
        password=password,
        prefix=prefix,
        client_id=client_id,
    )
