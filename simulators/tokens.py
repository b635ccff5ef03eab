"""Who may do what on a world server: one token for a site's robots, one for its launcher."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fleetmind.simulators.errors import WorldError

Right = Literal["seat", "launcher"]
MIN_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The two secrets of a site."""

    site: str
    """Allows taking seats and reading the status."""
    launcher: str
    """Allows everything."""

    def allows(self, token: str, right: Right) -> bool:
        """True when a token grants a right. Takes the same time for every wrong token."""
        offered = token.encode("utf-8", "surrogateescape")
        is_launcher = hmac.compare_digest(offered, self.launcher.encode())
        is_site = hmac.compare_digest(offered, self.site.encode())
        return is_launcher or (is_site and right == "seat")


def tokens_in(state_dir: Path) -> Tokens:
    """The tokens in `site.token` and `launcher.token` of a site's state directory, made where absent.

    Raises:
        WorldError: WORLD_DENIED when a file is readable by others or holds no token.
    """
    return Tokens(site=_token(state_dir / "site.token"), launcher=_token(state_dir / "launcher.token"))


def _token(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise WorldError("WORLD_DENIED", f"token file {str(path)!r} cannot be made: {error}") from error
    made = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(made + "\n")
    return made


def _read(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(4096).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError("WORLD_DENIED", f"token file {str(path)!r} cannot be read: {error}") from error
    if mode & 0o077:
        raise WorldError("WORLD_DENIED", f"token file {str(path)!r} has mode {mode:04o}; run chmod 600 on it")
    if len(text) < MIN_CHARS:
        raise WorldError("WORLD_DENIED", f"token file {str(path)!r} holds no token; delete it to get a new one")
    return text
