"""`langgraph.json` names factories that load."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GRAPHS = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_the_graph_loads_by_its_module_path(name: str) -> None:
    module, factory = GRAPHS[name].split(":")
    graph = getattr(importlib.import_module(module), factory)()
    assert "__start__" in graph.get_graph().nodes
    assert {"planner": "decompose", "robot": "think"}[name] in graph.get_graph().nodes
