"""Decoction machines on MQTT: what they publish, who listens, and machines that are simulated."""
