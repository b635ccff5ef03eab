"""Places for a scene that knows none, such as RoboOS's: boxes in boxes, so that at least what is where can be seen."""

from __future__ import annotations

import math

from fleetmind.memory.scene import Node, Pose, Scene

_LEAF_M = (1.15, 0.3)
"""Room for a dot and its name."""
_HEAD_M, _PAD_M = 0.34, 0.14
_DEEPEST = 4
"""What is deeper inside lies beside what contains it."""
_REGIONS = ("site", "building", "floor")


def schematic(scene: Scene) -> Scene:
    """The same nodes with made-up poses and sizes; regions get none."""
    roots = [node for node in scene if node.parent is None or node.parent not in scene]
    while any(node.kind in _REGIONS for node in roots):  # a containment forest: each round is a level further down
        roots = [below for node in roots
                 for below in (scene.children(node.id) if node.kind in _REGIONS else (node,))]
    made: dict[str, Node] = {}
    block = _Block(scene, None, sorted(roots, key=lambda n: n.id), 0)
    block.place(made, 0.0, 0.0)
    return Scene(made.values(), version=scene.version)


class _Block:
    """A node with what is in it, or the whole page; knows its size before its place."""

    def __init__(self, scene: Scene, node: Node | None, inside: list[Node], depth: int) -> None:
        self._node = node
        self._blocks: list[tuple[_Block, float, float]] = []
        self.width, self.height = _LEAF_M
        self._boxed = bool(inside) or (node is not None and node.kind in ("room", "receptacle"))
        if inside:
            self._pack([_Block(scene, child, _inside(scene, child, depth + 1), depth + 1) for child in inside])

    def _pack(self, blocks: list[_Block]) -> None:
        """In rows, about as wide as high."""
        widest = max(max(b.width for b in blocks), 1.25 * math.sqrt(sum(b.width * b.height for b in blocks)))
        x, y, row, right = _PAD_M, _HEAD_M, 0.0, 0.0
        for block in sorted(blocks, key=lambda b: -b.height):
            if x > _PAD_M and x + block.width > widest + _PAD_M:
                x, y, row = _PAD_M, y + row + _PAD_M, 0.0
            self._blocks.append((block, x, y))
            x, row = x + block.width + _PAD_M, max(row, block.height)
            right = max(right, x)
        self.width, self.height = right, y + row + _PAD_M

    def place(self, made: dict[str, Node], left: float, top: float) -> None:
        """Give the node and all in it their poses; y grows downwards on a page, upwards in `map`."""
        if self._node is not None:
            size = (self.width, self.height, 0.1) if self._boxed else None
            pose = Pose(x=left + self.width / 2, y=-top - self.height / 2)
            made[self._node.id] = self._node.model_copy(update={"pose": pose, "size": size, "box": None})
        for block, x, y in self._blocks:
            block.place(made, left + x, top + y)


def _inside(scene: Scene, node: Node, depth: int) -> list[Node]:
    """The children; at the deepest level everything below."""
    children = sorted(scene.children(node.id), key=lambda n: n.id) if depth <= _DEEPEST else []
    if depth < _DEEPEST:
        return children
    out: list[Node] = []
    while children:
        child = children.pop()
        out.append(child)
        children += scene.children(child.id)
    return out
