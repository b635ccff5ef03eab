"""A site's state directory: where its processes find one another, its secrets and its logs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fleetmind.brain import BrainConfig
from fleetmind.memory import (
    FleetmindError,
    Ledger,
    SceneStore,
    StoreOptions,
    connect_site,
    ensure_token,
    read_token,
    write_private,
)

TokenKind = Literal["site", "reset", "launcher"]


class SiteFile(BaseModel):
    """What every process of a site may know; no secret is in it. Kept as `site.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str
    """Name of the site."""
    launcher_pid: int
    """Process of the launcher."""
    store: str = ""
    """Store server without password: `127.0.0.1:port`."""
    fleet: str = ""
    """Address of the fleet service."""
    safety: str = ""
    """Address of the safety service."""
    world: str = ""
    """Address of the world server."""
    bodies: tuple[dict[str, Any], ...] = ()
    """The robots' bodies."""
    brain: BrainConfig = BrainConfig()
    """What plans and thinks; keys come from the environment or files."""
    pictures: bool = True
    """Robots take pictures."""
    picture_size: tuple[int, int] = (320, 240)
    """Pixels."""
    limits: dict[str, float] = Field(default_factory=dict)
    """`LimitConfig` as numbers."""
    oracle: bool = False
    """Debugging: everything was known from the start."""


class StateDir:
    """A site's directory on disk.

    Args:
        root: the directory; created private to its owner.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def create(self) -> None:
        """Make the directory and the three secrets in it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.root / "logs").mkdir(exist_ok=True)
        (self.root / "ports").mkdir(exist_ok=True)
        kinds: tuple[TokenKind, ...] = ("site", "reset", "launcher")
        for kind in kinds:
            ensure_token(self.root, kind)

    def token(self, name: TokenKind) -> str:
        """A secret: `site`, `reset` or `launcher`."""
        return read_token(self.root, name)

    def keep_store_access(self, url: str, *, embedded: bool, options: StoreOptions | None = None) -> None:
        """Keep where the store is in a private file; a user's URL may hold a password."""
        kept = {"url": url, "embedded": embedded, "options": (options or StoreOptions()).model_dump(mode="json")}
        write_private(self.root / "store.json", json.dumps(kept), replace=True)

    async def connect(self, site: str) -> tuple[SceneStore, Ledger]:
        """Connect to the site's store.

        Raises:
            FleetmindError: as `connect_site`; `SITE_ABSENT` when no store is known here.
        """
        try:
            kept = json.loads((self.root / "store.json").read_text(encoding="utf-8"))
        except OSError:
            raise FleetmindError("SITE_ABSENT", f"{str(self.root)!r} does not say where the store is; start a site "
                                                "with `fleetmind up`") from None
        return await connect_site(str(kept["url"]), site, self.token("site") if kept["embedded"] else None,
                                  options=StoreOptions.model_validate(kept["options"]))

    def write(self, site: SiteFile) -> None:
        """Replace `site.json` in one step."""
        part = self.root / "site.json.part"
        part.write_text(site.model_dump_json(indent=1), encoding="utf-8")
        part.replace(self.root / "site.json")

    def read(self) -> SiteFile:
        """What is in `site.json`.

        Raises:
            FleetmindError: `SITE_ABSENT`, `SITE_FILE`.
        """
        path = self.root / "site.json"
        if not path.exists():
            raise FleetmindError("SITE_ABSENT", f"no site runs in {str(self.root)!r}; start one with `fleetmind up`, "
                                                "or name its directory with --state-dir")
        try:
            return SiteFile.model_validate_json(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise FleetmindError("SITE_FILE", f"{str(path)!r} is not a site file: {str(error)[:200]}") from None

    def wait_for(self, *fields: str, timeout_s: float = 60.0) -> SiteFile:
        """`site.json` once all the named addresses are in it; blocks, for a process that is starting.

        Raises:
            FleetmindError: `SITE_START`, not in time.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                site = self.read()
                if all(getattr(site, field) for field in fields):
                    return site
            except FleetmindError:
                pass
            time.sleep(0.02)
        raise FleetmindError("SITE_START", f"{', '.join(fields)} did not start within {timeout_s:.0f} s; see "
                                           f"{str(self.root / 'logs')!r}")

    def put_port(self, role: str, port: int) -> None:
        """Tell the launcher where a process listens."""
        path = self.root / "ports" / f"{role}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"port": port}), encoding="utf-8")
        part.replace(path)

    def take_port(self, role: str) -> int | None:
        """Where a process listens, once it has said so."""
        path = self.root / "ports" / f"{role}.json"
        try:
            return int(json.loads(path.read_text(encoding="utf-8"))["port"])
        except (OSError, ValueError, KeyError):
            return None

    def clear_port(self, role: str) -> None:
        """Forget where a process listened, before it is started again."""
        (self.root / "ports" / f"{role}.json").unlink(missing_ok=True)
