"""A site's secrets: files that only their owner can read, made on first use, compared in constant time."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Literal

from fleetmind.memory.errors import FleetmindError

Kind = Literal["site", "reset", "launcher"]
"""`site`: store and services. `reset`: releasing a protective stop. `launcher`: a world's whole metadata."""
MIN_CHARS = 16


def token_path(state_dir: Path, kind: Kind) -> Path:
    """Where the secret lies: `site.token`, `reset.token` or `launcher.token` in the state directory."""
    return state_dir / f"{kind}.token"


def ensure_token(state_dir: Path, kind: Kind) -> str:
    """Read the secret, making it first where there is none. Safe when several processes do it at once.

    Raises:
        FleetmindError: as `read_token`.
    """
    path = token_path(state_dir, kind)
    if not path.exists():
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_urlsafe(32) + "\n", replace=False)
    return read_token(state_dir, kind)


def read_token(state_dir: Path, kind: Kind) -> str:
    """Read a secret that must exist.

    Raises:
        FleetmindError: `TOKEN_MISSING`, `TOKEN_EXPOSED` (others can read it), `TOKEN_INVALID` (empty or short).
    """
    path = token_path(state_dir, kind)
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(4096).strip()
    except (FileNotFoundError, NotADirectoryError):
        raise FleetmindError("TOKEN_MISSING", f"there is no {str(path)!r}: start the site first, or copy the file from "
                                              "where it runs") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FleetmindError("TOKEN_INVALID", f"{str(path)!r} cannot be read: {error}") from None
    if mode & 0o077:
        raise FleetmindError("TOKEN_EXPOSED", f"{str(path)!r} has mode {mode:04o}, others can read it: run "
                                              f"chmod 600 {path}, and delete it for a new one if it was seen")
    if len(text) < MIN_CHARS or not text.isascii() or not text.isprintable() or " " in text:
        raise FleetmindError("TOKEN_INVALID", f"{str(path)!r} holds no token of {MIN_CHARS} or more printable "
                                              "characters: delete it for a new one")
    return text


def matches(presented: str, expected: str) -> bool:
    """Whether a presented secret is the expected one, in a time that tells nothing."""
    return hmac.compare_digest(presented.encode(), expected.encode())


def write_private(path: Path, text: str, *, replace: bool) -> None:
    """Write a file only its owner can read, whole or not at all.

    Args:
        path: the file.
        text: its content.
        replace: False keeps a file that is there already.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:  # mkstemp makes it 0600
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(temporary, path)
            return
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
    finally:
        Path(temporary).unlink(missing_ok=True)
