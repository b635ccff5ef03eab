"""The examples and the documentation run as they are written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_own_graph_example_runs() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "examples" / "own_graph.py")], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "succeeded" in done.stdout
    assert "scout: turn off" in done.stdout


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    script = tmp_path / "readme.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("succeeded")


def test_the_memory_example_runs() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "examples" / "memory_only.py")], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    for said in ("bob: SCENE_HELD", "version 4: set_states by ann", "the mug is on tray and in kitchen",
                 "where the tray was: ['kitchen', 'ann', 'table']", "nearest to bob: ['table', 'tray']"):
        assert said in done.stdout


def test_a_third_party_runs_the_kit(tmp_path: Path) -> None:
    """As somebody else would: outside the checkout, without its configuration."""
    theirs = tmp_path / "test_own_store.py"
    theirs.write_text((ROOT / "examples" / "own_store.py").read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", str(theirs)], capture_output=True, text=True,
                          timeout=100, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 40


def test_the_memory_pages_code_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "memory.md").read_text(encoding="utf-8"), re.DOTALL)
    first, *body = "".join(blocks).splitlines()
    code = "\n".join(["import asyncio", first, "async def main():", *(f"    {line}" for line in body),
                      "asyncio.run(main())", "print('done')"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False,
                          cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"


@pytest.mark.parametrize("page", ["own-robot.md", "own-graph.md"])
def test_the_pages_quote_the_examples(page: str) -> None:
    """Lines of the pages' longest code block stand in the example they speak of."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    example = (ROOT / "examples" / page.replace("-", "_").replace(".md", ".py")).read_text(encoding="utf-8")
    block = max(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL), key=len)
    known = {line.strip() for line in example.splitlines()}
    missing = [line for line in block.splitlines() if line.strip() and line.strip() not in known]
    assert not missing, missing


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_architecture_names_real_modules() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for module in re.findall(r"agents/\w+|simulators/\w+", text):
        path = ROOT / module
        assert path.is_dir() or path.with_suffix(".py").exists(), module
