"""Regenerate the committed protobuf code: `python tools/protoc.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ("fleetmind/agents/protocol/fleet.proto", "fleetmind/simulators/protocol/world.proto")


def main() -> int:
    """Compile every proto from the source root, so that imports read `fleetmind.<room>.protocol`."""
    src = ROOT / "src"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{src}", f"--python_out={src}", f"--pyi_out={src}",
               f"--grpc_python_out={src}", *(str(p) for p in PROTOS if (src / p).exists())]
    return subprocess.run(command, cwd=src, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
