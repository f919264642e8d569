"""What the web is told from outside: addresses, limits and time-outs, read once from the environment."""

import os
from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

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
        argon2_time_cost: Passes over the memory for one password hash.
        argon2_memory_kib: Memory for one password hash, in kibibytes.
        argon2_parallelism: Lanes of one password hash.
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
    argon2_time_cost: int = Field(default=3, ge=1, le=20)
    argon2_memory_kib: int = Field(default=65_536, ge=8, le=1_048_576)
    argon2_parallelism: int = Field(default=4, ge=1, le=16)
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
            return cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise SettingsUnusableError(f"{name}: {first['msg']}") from None
