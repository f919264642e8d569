"""An MQTT client for the machines' broker."""

import ssl

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from web.machines.address import Broker

# Between two tries to reach the broker.
_RETRY_FROM_S, _RETRY_TO_S = 1, 30
_KEEPALIVE_S = 30


def client_for(broker: Broker, client_id: str, *, keeps_session: bool) -> mqtt.Client:
    """A client that is not connected yet.

    Args:
        broker: Where it will connect.
        client_id: Its name there; empty for one that the broker makes up.
        keeps_session: Whether the broker keeps for it what comes while it is away; then a message counts as
            fetched only when it is acknowledged by `client.ack`.

    Returns:
        The client.

    Raises:
        OSError: When the file of authorities cannot be read.
    """
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id,
        clean_session=not keeps_session,
        protocol=mqtt.MQTTv311,
        manual_ack=keeps_session,
    )
    if broker.user:
        client.username_pw_set(broker.user, broker.password.get_secret_value())
    if broker.is_tls:
        client.tls_set_context(ssl.create_default_context(cafile=broker.ca_file or None))
    client.reconnect_delay_set(_RETRY_FROM_S, _RETRY_TO_S)
    client.connect_async(broker.host, broker.port, _KEEPALIVE_S)
    return client
