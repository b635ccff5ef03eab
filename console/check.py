"""`fleetmind config check`: find out what will not work before anything starts."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from fleetmind.agents.bodies import bodies_of
from fleetmind.brain import make_brain
from fleetmind.console.config import FleetConfig, load_config
from fleetmind.memory import FleetmindError, connect_site
from fleetmind.simulators import HouseholdWorld


async def check_config(path: Path) -> tuple[FleetConfig, list[str]]:
    """Read a configuration and try what it names: robots, scene, ports, store, brain.

    Raises:
        FleetmindError: the first thing that will not work.
    """
    config = load_config(path)
    notes = [f"{path}: site {config.site!r}"]
    bodies = bodies_of(config.robots)
    notes.append(f"robots: {', '.join(b.name for b in bodies)}")
    world = HouseholdWorld()
    try:
        await asyncio.to_thread(world.reset, config.world.scene, [], seed=config.world.seed)
    finally:
        world.close()
    notes.append(f"scene: {config.world.scene.name}, seed {config.world.seed}, clock {config.world.clock}")
    for name, port in config.ports.model_dump().items():
        _check_port(name, port)
    if config.store.url is not None:
        store, _ = await connect_site(config.store.url, config.site, None, options=config.store.options())
        await store.close()
        notes.append("store: answers")
    else:
        notes.append("store: embedded")
    brain = make_brain(config.brain)
    notes.append(f"brain: {brain.name}, can {', '.join(sorted(brain.capabilities))}")
    await brain.close()
    return config, notes


def _check_port(name: str, port: int) -> None:
    if port == 0:
        return
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise FleetmindError("PORT_BUSY", f"ports.{name}: {port!r} cannot be used: {error.strerror}") from None
