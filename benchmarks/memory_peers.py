"""networkx and Spark-DSG on a scene of ours: what they take for the operations that they have too.

Neither is shared between processes, keeps a past or checks a write, so these numbers stand beside ours, they are no
race.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import networkx

from fleetmind.memory import Scene
from fleetmind.memory.interchange import scene_to_spark_dsg

READS = 5000


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    out = work()
    return time.perf_counter() - start, out


def measure(scene: Scene) -> dict[str, dict[str, float]]:
    """Seconds to load from text, copy and export, and microseconds a random read takes, of each peer that is here."""
    found = {"networkx": _networkx(scene)}
    with suppress(ImportError):  # its wheels are for Linux on x86-64 only
        found["Spark-DSG"] = _spark_dsg(scene)
    return found


def _networkx(scene: Scene) -> dict[str, float]:
    graph: Any = networkx.DiGraph()
    for node in map(json.loads, (entry.json for entry in scene.entries)):
        graph.add_node(node["id"], **{key: value for key, value in node.items() if key != "id"})
        if node["parent"] is not None:
            graph.add_edge(node["parent"], node["id"])
    ids = random.Random(2).choices(list(graph), k=READS)
    reads_s, _ = _seconds(lambda: [graph.nodes[i]["pose"] for i in ids])
    copy_s, _ = _seconds(graph.copy)
    export_s, text = _seconds(lambda: json.dumps(networkx.node_link_data(graph, edges="edges")))
    load_s, _ = _seconds(lambda: networkx.node_link_graph(json.loads(text), edges="edges"))
    return {"read_us": reads_s / READS * 1e6, "copy_s": copy_s, "export_s": export_s, "load_s": load_s}


def _spark_dsg(scene: Scene) -> dict[str, float]:
    import spark_dsg

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.json"
        path.write_text(scene_to_spark_dsg(scene), "utf-8")
        load_s, graph = _seconds(lambda: spark_dsg.DynamicSceneGraph.load(str(path)))
        ids = random.Random(2).choices([node.id.value for node in graph.nodes], k=READS)
        reads_s, _ = _seconds(lambda: [graph.get_node(i).attributes.position for i in ids])
        copy_s, _ = _seconds(graph.clone)
        export_s, _ = _seconds(lambda: graph.save(str(path), False))
    return {"read_us": reads_s / READS * 1e6, "copy_s": copy_s, "export_s": export_s, "load_s": load_s}
