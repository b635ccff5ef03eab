"""`fleet.yaml`: one file for site, store, brain, world, robots and limits. Unknown keys are refused.

Precedence: defaults < file < environment (`FLEETMIND_STORE__URL=...`) < flag.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from fleetmind.brain import BrainConfig
from fleetmind.memory import FleetmindError, StoreOptions
from fleetmind.simulators import SceneSpec

MAX_CONFIG_BYTES = 1_000_000


PictureSide = Annotated[int, Field(ge=16, le=2048)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreConfig(_Section):
    """Where the scene graph and the ledger live."""

    url: str | None = None
    """`redis://user:password@127.0.0.1:6379/0` of a server of yours, `rediss://` with TLS; None: the launcher starts
    the embedded one."""
    tls_ca: Path | None = None
    """Certificate authority of a `rediss://` server, a PEM file; None: the system's."""
    tls_cert: Path | None = None
    """Our own certificate, where the server asks for one."""
    tls_key: Path | None = None
    """Its key."""
    keep_events: int = Field(200_000, ge=64, le=100_000_000)
    """History: the newest so many events are kept,"""
    keep_s: float = Field(0.0, ge=0)
    """and whatever is younger than this, seconds."""

    def options(self) -> StoreOptions:
        """What a client of this server needs beside its address."""
        return StoreOptions(tls_ca=self.tls_ca, tls_cert=self.tls_cert, tls_key=self.tls_key)


class WorldConfig(_Section):
    """The simulated world."""

    scene: SceneSpec = SceneSpec(name="Kitchen1")
    """What to build."""
    seed: int = Field(0, ge=0)
    """Same seed, same world."""
    clock: str = Field("lockstep", pattern=r"^(lockstep|real(x([1-9][0-9]{0,3}(\.[0-9]{1,3})?|0\.[0-9]{0,2}[1-9]))?)$")
    """`lockstep`, `real`, or `realx4` for four times real time."""
    pictures: bool = True
    """Robots take pictures."""
    picture_size: tuple[PictureSide, PictureSide] = (320, 240)
    """Width and height, pixels."""


class PortConfig(_Section):
    """Loopback ports; 0 picks a free one."""

    fleet: int = Field(0, ge=0, le=65535)
    """Fleet service."""
    safety: int = Field(0, ge=0, le=65535)
    """Safety service."""


class LimitConfig(_Section):
    """What a task may cost."""

    task_s: float = Field(600.0, gt=0, le=86_400)
    """Wall seconds until a demo or evaluation gives a task up."""
    replans: int = Field(12, ge=0, le=1000)
    """New plans after the first."""
    robot_lost_s: float = Field(3.0, gt=0.2, le=3600)
    """A robot away for so long loses its attempt."""
    robots_return_s: float = Field(8.0, ge=0, le=3600)
    """How long a new plan waits for lost robots."""


class FleetConfig(BaseSettings):
    """Everything a site is made of."""

    model_config = SettingsConfigDict(env_prefix="FLEETMIND_", env_nested_delimiter="__", extra="forbid", frozen=True)

    site: str = Field("home", pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    """Name of the site; part of every store key."""
    state_dir: Path = Path(".fleetmind")
    """Tokens, logs, journals, and the embedded server's data."""
    store: StoreConfig = StoreConfig()
    """Where memory lives."""
    brain: BrainConfig = BrainConfig()
    """What plans and thinks."""
    world: WorldConfig = WorldConfig()
    """The simulated world."""
    robots: tuple[str | dict[str, Any], ...] = ("trio",)
    """Names of built-in robots or fleets, or descriptions (`{name: kim, like: scout, reach_m: 1.8}`)."""
    ports: PortConfig = PortConfig()
    """Where services listen, on 127.0.0.1 only."""
    limits: LimitConfig = LimitConfig()
    """What a task may cost."""
    by_hand: tuple[str, ...] = ()
    """Robots of `robots` that the launcher does not start; `fleetmind robot NAME` does, in another terminal."""
    restart: bool = True
    """Restart processes that die."""
    oracle: bool = False
    """Debugging only: the first scene graph knows everything. Printed in every report it touched."""

    @field_validator("robots")
    @classmethod
    def _some_robots(cls, robots: tuple[Any, ...]) -> tuple[Any, ...]:
        if not robots:
            raise ValueError("name at least one robot")
        return robots

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, whose content comes as init values."""
        return env_settings, init_settings


def load_config(path: Path | None = None, *, overrides: dict[str, Any] | None = None) -> FleetConfig:
    """Read `fleet.yaml` (or take the defaults), the environment, then `overrides` from flags.

    Raises:
        FleetmindError: `CONFIG_FILE`, `CONFIG_YAML`, `CONFIG_KEY`, naming the key and what is accepted.
    """
    content = _read(path) if path is not None else {}
    try:
        config = FleetConfig(**content)
        if overrides:
            merged = _merge(config.model_dump(), overrides)
            # Flags are above the environment, which is in `config` already.
            config = FleetConfig.model_construct(**dict(_FlagsOnly.model_validate(merged)))
    except ValidationError as error:
        raise _explain(error, path) from None
    except SettingsError as error:
        raise FleetmindError("CONFIG_ENV", f"an environment variable FLEETMIND_... cannot be read ({error}); lists and "
                                           "sections are written as JSON") from None
    return config


class _FlagsOnly(FleetConfig):
    """The same fields without the environment, for values that are already resolved."""

    @classmethod
    def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, **_: Any) -> tuple[Any, ...]:  # type: ignore[override]
        """Only what is given."""
        return (init_settings,)


def _merge(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in top.items():
        out[key] = _merge(out[key], value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FleetmindError("CONFIG_FILE", f"cannot read {str(path)!r}: {error}") from None
    if len(text) > MAX_CONFIG_BYTES:
        raise FleetmindError("CONFIG_FILE", f"{str(path)!r} has {len(text)} bytes; at most {MAX_CONFIG_BYTES}")
    try:
        if any(isinstance(token, yaml.tokens.AliasToken) for token in yaml.scan(text)):
            raise FleetmindError("CONFIG_YAML", f"{str(path)!r}: YAML aliases are not accepted; write the value out")
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise FleetmindError("CONFIG_YAML", f"{str(path)!r} is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise FleetmindError("CONFIG_YAML", f"{str(path)!r} must hold keys, got {type(content).__name__}")
    return content


def _explain(error: ValidationError, path: Path | None) -> FleetmindError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    where = f" in {str(path)!r}" if path is not None else ""
    if first["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(first["loc"][-1]), _keys_near(first["loc"]), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; there are {sorted(_keys_near(first['loc']))!r}"
        return FleetmindError("CONFIG_KEY", f"unknown key {key!r}{where}{hint}")
    given = first["input"]
    # A whole section may hold a password; only a plain value is shown, without what stands before an @.
    shown = f" (got {str(given).rsplit('@', 1)[-1][:80]!r})" if isinstance(given, (str, int, float, bool)) else ""
    return FleetmindError("CONFIG_KEY", f"{key!r}{where}: {first['msg']}{shown}")


def _keys_near(where: tuple[int | str, ...]) -> list[str]:
    """Names that would be accepted where an unknown key stood."""
    model: Any = FleetConfig
    for part in where[:-1]:
        field = model.model_fields.get(str(part)) if isinstance(model, type) and issubclass(model, BaseModel) else None
        if field is None:
            return []
        model = field.annotation
    fields: list[str] = list(getattr(model, "model_fields", {}))
    return fields
