"""Shared memory alone, in two processes: a robot's process writes, this one watches, asks and looks back.

Needs nothing but `pip install 'fleetmind[planner]'`:  python examples/memory_only.py
"""

import asyncio
import sys
import tempfile

from fleetmind.memory import (
    Change,
    Conflict,
    EmbeddedServer,
    FollowingReplica,
    Node,
    Pose,
    connect_site,
    context,
    nearest,
)

HOME = Change(put=(
    Node(id="kitchen", kind="room", type="Kitchen", pose=Pose(x=2, y=1.5), size=(4, 3, 2.5)),
    Node(id="table", kind="receptacle", type="DiningTable", parent="kitchen", relation="in",
         pose=Pose(x=2, y=1, z=0.4)),
    Node(id="tray", kind="receptacle", type="Tray", parent="table", relation="on", pose=Pose(x=2, y=1, z=0.8)),
    Node(id="mug", kind="object", type="Mug", parent="tray", relation="on", pose=Pose(x=2.1, y=1, z=0.85)),
    Node(id="ann", kind="robot", type="Robot", parent="kitchen", relation="in", pose=Pose(x=0, y=0)),
    Node(id="bob", kind="robot", type="Robot", parent="kitchen", relation="in", pose=Pose(x=1, y=0)),
))


async def write(url: str, token: str) -> None:
    """The other process: takes the tray, with what stands on it, and puts it down elsewhere."""
    store, _ = await connect_site(url, "home", token)
    await store.grasp("ann", "tray")
    try:
        await store.grasp("bob", "tray")
    except Conflict as refused:
        print(f"bob: {refused}", flush=True)
    await store.place("ann", "tray", "in", "kitchen", pose=Pose(x=3, y=2, z=0.1))
    await store.set_states("mug", {"dirty": True}, require={"dirty": False}, source="ann")
    await store.close()


async def watch() -> None:
    """This process: serves the site, follows every change, and asks questions."""
    with tempfile.TemporaryDirectory() as state, EmbeddedServer(state, "home") as server:
        store, _ = await connect_site(server.url, "home", server.token)
        start = await store.apply(HOME)
        replica = FollowingReplica(store)  # reads cost no round trip from here on
        await replica.start()
        writer = await asyncio.create_subprocess_exec(sys.executable, __file__, server.url, server.token)
        async for event in replica.subscribe():
            print(f"version {event.seq}: {event.data['op']} by {event.source}")
            if event.data["op"] == "set_states":
                break
        await writer.wait()
        now, then = replica.scene, await replica.at(start)
        print("the mug is", now["mug"].relation, now["mug"].parent, "and", now["tray"].relation, now["tray"].parent)
        print("it was on the", then["tray"].parent, "before")
        print("nearest to bob:", [node.id for node in nearest(now, Pose(x=1, y=0), 2, types=("Tray", "DiningTable"))])
        print("where the tray was:", [stay.parent for stay in await store.where_was("tray")])
        print("changed since:", [change.node for change in (await store.diff(start, now.version)).changes])
        print(context(now, "wash the mug", ("ann", "bob")))
        await replica.stop()
        await store.close()


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:]) if len(sys.argv) > 1 else watch())
