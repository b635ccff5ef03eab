"""Pictures from robots: checked before anything decodes them, kept once under their hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fleetmind.memory import FleetmindError, Picture

MAX_PICTURE_BYTES = 4_000_000
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg"}


class PictureStore:
    """Pictures on disk by content hash: `blobs/ab/abcdef....png`.

    Args:
        root: directory, created on first use.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, picture: Picture) -> Path:
        """Where the picture is, or would be."""
        return self.root / picture.sha256[:2] / f"{picture.sha256}{_SUFFIX[picture.mime]}"

    def keep(self, picture: Picture, data: bytes) -> Path:
        """Store the bytes if they are what the reference says.

        Raises:
            FleetmindError: `IMAGE` when too large, of another type, or with another hash.
        """
        if len(data) > MAX_PICTURE_BYTES:
            raise FleetmindError("IMAGE", f"{len(data)!r} bytes; at most {MAX_PICTURE_BYTES} are accepted")
        if not data.startswith(_MAGIC[picture.mime]):
            raise FleetmindError("IMAGE", f"the bytes are not {picture.mime!r}")
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            raise FleetmindError("IMAGE", f"the bytes do not have the hash {picture.sha256[:12]!r}...")
        path = self.path(picture)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
        return path

    def read(self, picture: Picture) -> bytes | None:
        """The bytes, or None when they are not here."""
        path = self.path(picture)
        return path.read_bytes() if path.exists() else None
