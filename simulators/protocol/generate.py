"""Regenerate the wire code: `python -m fleetmind.simulators.protocol.generate` after a change of `world.proto`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run protoc from the source root, so that the generated modules import each other by package path."""
    from grpc_tools import protoc  # a development tool, absent from robots
    here = Path(__file__).absolute().parent
    root = here.parents[2]
    target = here.relative_to(root) / "world.proto"
    arguments = ["protoc", f"-I{root}", f"--python_out={root}", f"--pyi_out={root}", f"--grpc_python_out={root}"]
    return int(protoc.main([*arguments, str(root / target)]))


if __name__ == "__main__":
    sys.exit(main())
