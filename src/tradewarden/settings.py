"""Settings of the program: environment variables with the prefix ``TRADEWARDEN_``, read once, then frozen.

Risk is not set here: limits live in the record as a versioned policy. Unknown names are refused, and so is a value that
this version does not run, with the one that it does.
"""

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tradewarden.core.errors import InvalidSetting

PREFIX = "TRADEWARDEN_"
# Read by the tests and by the command line's error output; they are no settings of a desk.
_NOT_SETTINGS = frozenset(
    {"TRADEWARDEN_TEST_DATA", "TRADEWARDEN_DEBUG", "TRADEWARDEN_CHROMIUM", "TRADEWARDEN_SCREENSHOTS"}
)
_LATER = {
    "storage": "postgres",
    "jobs": "inprocess",
    "broker": "simulated",
    "auth": "session",
}


def default_data_dir() -> Path:
    """Return ``$XDG_DATA_HOME/tradewarden``, or the platform's place for it."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "tradewarden"


class Settings(BaseSettings):
    """Where the desk lives and what it stands on. ``speed`` is market seconds per real second."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    data_dir: Path = Field(default_factory=default_data_dir)
    host: Literal["127.0.0.1", "::1", "localhost"] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8420
    database_url: str | None = None
    speed: Annotated[float, Field(gt=0, le=3600)] = 60.0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    deposit: Annotated[Decimal, Field(gt=0, le=10**9)] = Decimal(100_000)
    leverage: Annotated[int, Field(ge=1, le=1000)] = 100
    storage: str = "postgres"
    jobs: str = "inprocess"
    broker: str = "simulated"
    auth: str = "session"

    @field_validator("storage", "jobs", "broker", "auth")
    @classmethod
    def _runs_in_this_version(cls, value: str, info: object) -> str:
        name = getattr(info, "field_name", "")
        if value != _LATER[name]:
            raise ValueError(f"this version runs {name}={_LATER[name]} only")
        return value


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment with ``overrides`` (None means: not given).

    Raises InvalidSetting that names every variable that is unknown or out of its limits.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in known and name not in _NOT_SETTINGS
    )
    if unknown:
        raise InvalidSetting(f"unknown setting {unknown[0]}; known are {', '.join(sorted(known))}")
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks every value
    except ValidationError as error:
        found = "; ".join(_problem(dict(problem)) for problem in error.errors())
        raise InvalidSetting(found) from error


def _problem(problem: dict[str, Any]) -> str:
    """Return one refused value in words: which variable, what is allowed, what was found."""
    name = PREFIX + str(problem["loc"][0]).upper()
    return f"{name}: {problem['msg'].removeprefix('Value error, ')} (found {problem['input']!r})"
