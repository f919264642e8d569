"""What the web is told from outside: addresses, limits and time-outs, read once from the environment."""

import os
from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from dispatch.roads import RoadSettings
from web.machines.address import Broker, broker_at
from web.scales import ScaleAddress, scales_in

PREFIX = "TANGYE_"


class SettingsUnusableError(Exception):
    """An environment variable has a value that cannot be used; the message names it."""


class Settings(BaseModel):
    """Settings of one web process; each field `x` is read from `TANGYE_X`.

    Where the data lies (`TANGYE_HOME`, `TANGYE_DATABASE_URL`, `TANGYE_BLOBS_URL`, `TANGYE_KEY`) is read by
    `tcm.store.engine.open_store`, not here.

    Args:
        public_url: Address that QR codes and printed links begin with, without a slash at its end.
        insecure_cookies: True only where the pages are served on plain http, as on one's own machine.
        idle_minutes: A log-in ends after so many minutes without use.
        session_hours: A log-in ends after so many hours in any case.
        upload_mb: Largest request, in mebibytes.
        trusted_proxies: How many proxies in front of us set X-Forwarded-* headers.
        default_limit: Requests of one person, or of one address before log-in.
        login_limit: Log-in attempts of one address.
        trace_limit: Looks at public trace pages from one address.
        pin_limit: Tries at PINs of bags from one address.
        api_limit: Requests of another system by one key.
        api_stranger_limit: Requests to the API of one address without a good key.
        argon2_time_cost: Passes over the memory for one password hash.
        argon2_memory_kib: Memory for one password hash, in kibibytes.
        argon2_parallelism: Lanes of one password hash.
        travel: Where road distances come from: great-circle, osm:PATH of a map, osrm:URL of a server.
        travel_max_age_days: Kept distances that are older are made anew.
        travel_snap_m: A place farther than so many metres from any usable road is unreachable.
        travel_closures: Path of the county's own list of closed roads; for a map only.
        travel_winding_factor: Road metres for a metre of straight line; for great-circle only.
        travel_osrm_motorbike: Address of the server that knows a motorbike's roads.
        travel_osrm_foot: Address of the server that knows footpaths.
        travel_osrm_timeout_s: Of one request to a server.
        travel_osrm_table_size: The most places in one request, the server's --max-table-size.
        scales: Scales of the dispensary, such as S1=tcp://10.0.0.5:8001; see docs/scales.md.
        mqtt_url: Broker of the decoction machines, such as mqtts://10.0.0.6:8883; see docs/machines.md.
        mqtt_user: Name to log in to it with.
        mqtt_password: Of that name; no log line and no page shows it.
        mqtt_ca: File of the authority that signed the broker's certificate; empty for the system's.
        mqtt_prefix: First part of every topic.
        mqtt_client_id: Under which the broker keeps for us what comes while we are away.
        plan_memory_mb: Most memory that the search for one plan may hold, in mebibytes.
        plan_seconds_max: Longest that the computing of one plan may take from its start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_url: str = "http://localhost:8000"
    insecure_cookies: bool = False
    idle_minutes: int = Field(default=30, ge=1, le=240)
    session_hours: int = Field(default=8, ge=1, le=24)
    upload_mb: int = Field(default=25, ge=1, le=200)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    default_limit: str = "600 per minute"
    login_limit: str = "30 per minute"
    trace_limit: str = "60 per minute"
    pin_limit: str = "10 per minute"
    api_limit: str = "300 per minute"
    api_stranger_limit: str = "30 per minute"
    argon2_time_cost: int = Field(default=3, ge=1, le=20)
    argon2_memory_kib: int = Field(default=65_536, ge=8, le=1_048_576)
    argon2_parallelism: int = Field(default=4, ge=1, le=16)
    travel: str = "great-circle"
    travel_max_age_days: int = Field(default=7, ge=0, le=3650)
    travel_snap_m: int = Field(default=1000, ge=1, le=50_000)
    travel_closures: str = ""
    travel_winding_factor: float | None = Field(default=None, ge=1, le=10)
    travel_osrm_motorbike: str = ""
    travel_osrm_foot: str = ""
    travel_osrm_timeout_s: float = Field(default=20.0, ge=0.1, le=600)
    travel_osrm_table_size: int = Field(default=100, ge=2, le=10_000)
    scales: str = ""
    mqtt_url: str = ""
    mqtt_user: str = ""
    mqtt_password: SecretStr = SecretStr("")
    mqtt_ca: str = ""
    mqtt_prefix: str = Field(default="tangye", pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")
    mqtt_client_id: str = Field(default="tangye-machines", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    plan_memory_mb: int = Field(default=2048, ge=64, le=1_048_576)
    plan_seconds_max: int = Field(default=600, ge=10, le=86_400)

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")

    @property
    def idle(self) -> timedelta:
        """How long a log-in lasts without use."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a log-in lasts in any case."""
        return timedelta(hours=self.session_hours)

    @property
    def scale_addresses(self) -> dict[str, ScaleAddress]:
        """The scales by name; raises ValueError naming what is no scale."""
        return scales_in(self.scales)

    @property
    def broker(self) -> Broker | None:
        """The machines' broker, None without one; raises ValueError saying why the address is none."""
        if not self.mqtt_url:
            return None
        return broker_at(
            self.mqtt_url,
            user=self.mqtt_user,
            password=self.mqtt_password,
            ca_file=self.mqtt_ca,
            prefix=self.mqtt_prefix,
            client_id=self.mqtt_client_id,
        )

    @property
    def roads(self) -> RoadSettings:
        """Where road distances come from; raises ValueError naming what does not fit together."""
        return RoadSettings(
            travel=self.travel,
            max_age_days=self.travel_max_age_days,
            snap_m=self.travel_snap_m,
            closures=self.travel_closures,
            winding_factor=self.travel_winding_factor,
            osrm_motorbike=self.travel_osrm_motorbike,
            osrm_foot=self.travel_osrm_foot,
            osrm_timeout_s=self.travel_osrm_timeout_s,
            osrm_table_size=self.travel_osrm_table_size,
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that the environment describes.

        Args:
            environ: Environment variables; an empty one counts as not set.

        Returns:
            The settings.

        Raises:
            SettingsUnusableError: When a variable has a value that cannot be used.
        """
        given = {name: environ.get(PREFIX + name.upper()) for name in cls.model_fields}
        try:
            settings = cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise SettingsUnusableError(f"{name}: {first['msg']}") from None
        refused = _refused_travel(settings) or _refused_scales(settings) or _refused_broker(settings)
        if refused is not None:
            raise SettingsUnusableError(refused)
        return settings


def _refused_travel(settings: Settings) -> str | None:
    """One sentence that begins with the variable at fault, where the words about distances make no sense."""
    try:
        _ = settings.roads
    except ValueError as error:
        field, _, why = str(error).partition(" ")
        variable = "TRAVEL" if field == "travel" else f"TRAVEL_{field.upper()}"
        return f"{PREFIX}{variable}: {why}"
    return None


def _refused_scales(settings: Settings) -> str | None:
    """One sentence, where a scale's name or address makes no sense."""
    try:
        _ = settings.scale_addresses
    except ValueError as error:
        return f"{PREFIX}SCALES: {error}"
    return None


def _refused_broker(settings: Settings) -> str | None:
    """One sentence, where the broker's address makes no sense."""
    try:
        _ = settings.broker
    except ValueError as error:
        return f"{PREFIX}MQTT_URL: {error}"
    return None
