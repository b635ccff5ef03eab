"""The recorder: follows the event feed and writes a trajectory as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from fleetmind.memory import TERMINAL, Event, FleetmindError, Picture, Scene, SceneStore
from fleetmind.training.trajectory import Manifest, picture_path

log = logging.getLogger(__name__)


class Recorder:
    """Writes one task's trajectory.

    Args:
        store: whose feed to follow.
        out: the trajectory's directory, created.
        manifest: what is known at the start.
        blobs: where the fleet service keeps pictures; None records none.
        on_event: told every event of the task too, e.g. by a live view.
    """

    def __init__(self, store: SceneStore, out: Path, manifest: Manifest, *, blobs: Path | None = None,
                 on_event: Callable[[Event], None] | None = None) -> None:
        self._store, self.out, self.manifest = store, out, manifest
        self._blobs, self._on_event = blobs, on_event
        self._file: IO[str] | None = None
        self._follower: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._seen = 0

    async def start(self, scene: Scene, truth: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Write what was before, and follow from the scene's version on."""
        self.out.mkdir(parents=True, exist_ok=True)
        self._write_scene("before", scene)
        self._write_truth("before", truth)
        self._write_manifest()
        self._file = (self.out / "events.jsonl").open("a", encoding="utf-8")
        self._seen = scene.version
        self._follower = asyncio.create_task(self._follow())

    async def wait(self, timeout_s: float) -> bool:
        """Wait until the task has ended; False when it has not within the time."""
        try:
            await asyncio.wait_for(self._ended.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def finish(self, scene: Scene, truth: Sequence[Mapping[str, Any]] | None = None, **fields: Any) -> Manifest:
        """Write what was after, and the manifest's last word; `fields` are those of `Manifest`."""
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)
        if self._file is not None:
            self._file.close()
        self._write_scene("after", scene)
        self._write_truth("after", truth)
        self.manifest = self.manifest.model_copy(update=fields)
        self._write_manifest()
        return self.manifest

    async def _follow(self) -> None:
        while True:
            try:
                async for event in self._store.watch(self._seen):
                    self._seen = event.seq
                    self._take(event)
            except FleetmindError as error:
                if error.code == "LOG_TRIMMED":  # we were too slow: what is left is better than nothing
                    oldest, _ = await self._store.base(())
                    log.warning("events %d to %d were not recorded: %s", self._seen + 1, oldest, error)
                    self._seen = max(self._seen, oldest)
                await asyncio.sleep(0.1)  # or the server is away; the feed goes on where it was

    def _take(self, event: Event) -> None:
        about = event.data.get("task") or (event.data.get("id") if event.kind == "task" else None)
        if about is not None and about != self.manifest.task:
            return
        if self._file is not None:
            self._file.write(event.model_dump_json() + "\n")
            self._file.flush()
        if event.kind == "step":
            self._keep_pictures(event)
        if self._on_event is not None:
            self._on_event(event)
        if event.kind == "task" and str(event.data.get("state")) in TERMINAL:
            self._ended.set()

    def _keep_pictures(self, event: Event) -> None:
        pictures: Any = event.data.get("pictures") or []
        for raw in pictures if self._blobs is not None else ():
            picture = Picture.model_validate(raw)
            source = picture_path(self._blobs or self.out, picture)
            target = picture_path(self.out / "pictures", picture)
            if source.exists() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(source, target)
                except OSError:  # another file system
                    with contextlib.suppress(OSError):
                        shutil.copyfile(source, target)

    def _write_scene(self, when: str, scene: Scene) -> None:
        content = {"version": scene.version, "nodes": [n.model_dump(mode="json") for n in scene]}
        (self.out / f"scene_{when}.json").write_text(json.dumps(content), encoding="utf-8")

    def _write_truth(self, when: str, truth: Sequence[Mapping[str, Any]] | None) -> None:
        if truth is not None:
            (self.out / f"truth_{when}.json").write_text(json.dumps(list(truth)), encoding="utf-8")

    def _write_manifest(self) -> None:
        part = self.out / "manifest.json.part"
        part.write_text(self.manifest.model_dump_json(indent=1), encoding="utf-8")
        part.replace(self.out / "manifest.json")
