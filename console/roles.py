"""The processes of a site: `python -m fleetmind.console.roles ROLE --state-dir DIR`, started by the launcher.

Each ends on SIGTERM, and when its launcher is gone: its standard input is a pipe whose other end the launcher
holds, so the end of the pipe is the end of the process, whatever killed the launcher.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from fleetmind.console.site import SiteFile, StateDir
from fleetmind.memory import FleetmindError, Ledger, SceneStore
from fleetmind.simulators.errors import WorldError

log = logging.getLogger("fleetmind")
_LAST_WORDS_S = 1.5


def watch_lifeline() -> None:
    """End this process when standard input ends."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 64):
                pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(_LAST_WORDS_S)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


async def _until_stopped(work: Awaitable[None], stopping: asyncio.Event) -> None:
    """Run until the work ends or SIGTERM arrives."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    working = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        working.cancel()
    waiting.cancel()
    results = await asyncio.gather(working, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


async def run_safety(state: StateDir, port: int) -> None:
    """The safety service."""
    from fleetmind.agents.safety import serve_safety

    server, bound = await serve_safety(state.root, site_token=state.token("site"), reset_token=state.token("reset"),
                                       port=port)
    state.put_port("safety", bound)
    try:
        await server.wait_for_termination()
    finally:
        await server.stop(grace=0.2)


async def run_fleet(state: StateDir, port: int) -> None:
    """The fleet service with the dispatcher."""
    from fleetmind.agents import FleetService, FleetSettings
    from fleetmind.brain import make_brain

    site = await asyncio.to_thread(state.wait_for, "store", "safety")
    store, ledger = await connect(state, site)
    brain = make_brain(site.brain)
    service = FleetService(store, ledger, brain, FleetSettings(
        site=site.site, state_dir=state.root, token=state.token("site"), safety=site.safety,
        pictures=site.pictures, lost_s=site.limits.get("robot_lost_s", 3.0)))
    state.put_port("fleet", await service.start(port=port))
    try:
        assert service.failed is not None
        await service.failed
    finally:
        await service.stop()
        await brain.close()
        await store.close()


async def run_planner(state: StateDir, port: int) -> None:
    """The planner."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from fleetmind.agents import PlannerDeps, PlannerService
    from fleetmind.brain import make_brain
    from fleetmind.memory import FollowingReplica

    site = await asyncio.to_thread(state.wait_for, "store", "fleet")
    store, ledger = await connect(state, site)
    replica = FollowingReplica(store)
    await replica.start()
    brain = make_brain(site.brain)
    deps = PlannerDeps(store=store, ledger=ledger, brain=brain, replica=replica,
                       max_replans=int(site.limits.get("replans", 12)),
                       robots_return_s=site.limits.get("robots_return_s", 8.0))
    async with AsyncSqliteSaver.from_conn_string(str(state.root / "checkpoints.sqlite")) as saver:
        state.put_port("planner", 0)
        try:
            await PlannerService(deps, checkpointer=saver).run()
        finally:
            await replica.stop()
            await brain.close()
            await store.close()


async def run_robot(state: StateDir, name: str) -> None:
    """One robot agent on its simulated body."""
    from fleetmind.agents import RobotAgent, RobotLink, SimBody, SimEmbodiment

    site = await asyncio.to_thread(state.wait_for, "fleet", "safety", "world")
    fields = next((b for b in site.bodies if b["name"] == name), None)
    if fields is None:
        raise FleetmindError("ROBOT_UNKNOWN", f"no robot {name!r} at this site; there are "
                                              f"{[b['name'] for b in site.bodies]!r}")
    token = state.token("site")
    embodiment = SimEmbodiment(SimBody.model_validate(fields), site.world, token=token, size=site.picture_size)
    agent = RobotAgent(embodiment, RobotLink(fleet=site.fleet, token=token, safety=site.safety,
                                             state_dir=state.root / "robots"))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.shut_down)
    await agent.run()


async def connect(state: StateDir, site: SiteFile) -> tuple[SceneStore, Ledger]:
    """Store and ledger of the site."""
    return await state.connect(site.site)


_ROLES: dict[str, Callable[[StateDir, int], Awaitable[None]]] = {
    "safety": run_safety, "fleet": run_fleet, "planner": run_planner,
}


def main(argv: list[str] | None = None) -> int:
    """Run one role to its end; errors go to the log in one line."""
    parser = argparse.ArgumentParser(prog="fleetmind.console.roles")
    parser.add_argument("role", choices=[*_ROLES, "robot"])
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--name", default="")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr,
                        format=f"%(asctime)s %(levelname)s {arguments.role} %(name)s: %(message)s")
    watch_lifeline()
    state = StateDir(arguments.state_dir)
    try:
        if arguments.role == "robot":
            asyncio.run(run_robot(state, arguments.name))
        else:
            asyncio.run(_serve(arguments.role, state, arguments.port))
    except (FleetmindError, WorldError) as error:
        log.error("%s", error)
        return 3
    return 0


async def _serve(role: str, state: StateDir, port: int) -> None:
    await _until_stopped(_ROLES[role](state, port), asyncio.Event())


if __name__ == "__main__":
    # Strict checkpoint loading is read once, when langgraph is imported.
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    sys.exit(main())
