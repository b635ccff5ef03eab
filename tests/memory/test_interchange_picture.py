"""Pictures of scenes: everything is there, nothing escapes its markup, and any scene can be drawn."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from fleetmind.memory.conformance import refused
from fleetmind.memory.interchange import scene_from_roboos
from fleetmind.memory.interchange.picture import scene_to_html, scene_to_png, scene_to_svg
from fleetmind.memory.interchange.picture.drawing import draw
from fleetmind.memory.interchange.picture.floorplan import overlap
from fleetmind.memory.interchange.picture.labels import width_of
from fleetmind.memory.interchange.picture.shapes import Drawing
from fleetmind.memory.scene import Node, Pose, Scene

NASTY = '"><script>alert(1)</script>&\u202e\x85 \'</svg>'


def thing(name: str, x: float, y: float, **more: object) -> Node:
    return Node.model_validate({
        "id": name, "kind": "object", "type": "Mug", "pose": {"x": x, "y": y}, "parent": "kitchen", "relation": "in",
        "attributes": {"pickupable": True}, **more})


def room(*nodes: Node) -> Scene:
    turned = Pose(x=1, y=1, z=0.4, qz=math.sin(math.pi / 8), qw=math.cos(math.pi / 8))
    return Scene([
        Node(id="kitchen", kind="room", type="Kitchen", pose=Pose(x=0, y=0, z=1.25), size=(6, 4, 2.5)),
        Node(id="table", kind="receptacle", type="Table", parent="kitchen", relation="in", pose=turned,
             size=(1.4, 1.4, 0.8), box=(1.2, 0.8, 0.8)),
        Node(id="ann", kind="robot", type="Robot", parent="kitchen", relation="in",
             pose=Pose(x=-1, y=-1, qz=math.sqrt(0.5), qw=math.sqrt(0.5))),
        Node(id="cup", kind="object", type="Cup", parent="ann", relation="held_by"), *nodes], version=5)


def drawn(scene: Scene) -> Drawing:
    return draw(scene)


def test_what_is_where() -> None:
    drawing = drawn(room(thing("mug", 2, 1)))
    on = {shape.node: shape for shape in drawing.shapes if shape.node != "ann"}
    (kx, ky), (mx, my) = on["kitchen"].points[0], on["mug"].points[0]
    scale = (on["kitchen"].points[1][0] - kx) / 6
    assert (mx - kx) / scale == pytest.approx(5)
    assert (ky - my) / scale == pytest.approx(3)  # y is up
    table = on["table"].points
    assert math.dist(table[0], table[1]) / scale == pytest.approx(1.2)
    assert math.atan2(table[0][1] - table[1][1], table[1][0] - table[0][0]) == pytest.approx(math.pi / 4)
    body, arrow = (s for s in drawing.shapes if s.node == "ann")
    assert arrow.points[0][1] < body.points[0][1]  # she looks along +y
    assert arrow.points[0][0] == pytest.approx(body.points[0][0])
    assert "ann holds cup" in [w.text for w in drawing.words]
    assert "cup" not in on
    assert any(w.text in ("0.5 m", "1 m") for w in drawing.frame_words)
    assert any("1 room, 1 piece of furniture, 1 movable thing, 1 robot" in w.text for w in drawing.frame_words)


def test_doubt_is_hollow() -> None:
    scene = room(thing("sure", 2, 1), thing("unsure", 2, -1, confidence=0.2), thing("nowhere", 0, 0, pose=None),
                 thing("vague", -2, 1, covariance=(0.04, 0, 0, 0.01, 0, 0.01)))
    inks = {s.node: s.ink for s in drawn(scene).shapes}
    assert inks["sure"].fill is not None
    assert inks["unsure"].fill is None
    assert inks["unsure"].dash is not None
    assert inks["nowhere"].dash is not None  # beside the middle of the kitchen, where it may be anywhere
    rings = [s for s in drawn(scene).shapes if s.node == "vague" and s.radius is None]
    xs = [x for x, _ in rings[0].points]
    ys = [y for _, y in rings[0].points]
    assert (max(xs) - min(xs)) / (max(ys) - min(ys)) == pytest.approx(2, rel=0.05)


def test_names_do_not_cover_each_other() -> None:
    crowd = [thing(f"mug-{i}", 2 + 0.05 * (i % 7), 1 + 0.05 * (i // 7)) for i in range(60)]
    drawing = drawn(room(*crowd))
    areas = []
    for w in drawing.words:
        wide, high = width_of(w.text, w.size), w.size
        areas.append((w.x - wide / 2, w.y - high / 2, w.x + wide / 2, w.y + high / 2))
    assert not any(overlap(a, b) for i, a in enumerate(areas) for b in areas[:i])
    assert len(areas) > 25
    assert any("left out where it is crowded" in w.text for w in drawing.frame_words)


def test_nothing_escapes_its_markup() -> None:
    names = [NASTY.replace("\x85", ""), "</title><img src=x>", "]]>", "日本語"]
    scene = room(*(thing(name, i, 0, type="<b>", source=NASTY, states={NASTY: NASTY}) for i, name in enumerate(names)))
    svg, page = scene_to_svg(scene, title=NASTY), scene_to_html(scene, title=NASTY)
    root = ET.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "rect", "g", "polygon", "circle", "line", "text"}
    assert any("source: " in (t.text or "") for t in root.iter("{http://www.w3.org/2000/svg}title"))
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "http" not in re.sub(r"http-equiv|http://www\.w3\.org", "", page)
    blob = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert blob is not None
    assert {"kitchen", "日本語"} <= set(json.loads(blob[1]))


def test_the_pages_script_is_allowed_by_its_policy() -> None:
    page = scene_to_html(room())
    for kind, block in (("script", "<script>"), ("style", "<style>")):
        content = page.split(block)[1].split(f"</{kind}>")[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src &#x27;sha256-{digest}&#x27;" in page


@pytest.mark.parametrize("scene", [
    Scene(), Scene([Node(id="s", kind="site", type="Site")]), Scene([Node(id="a", kind="object", type="A")]),
    Scene([Node(id="a", kind="object", type="A", pose=Pose(x=1e300, y=0))]),
    Scene([Node(id="a", kind="object", type="A", pose=Pose(x=1, y=1))]),
    Scene([Node(id="r", kind="room", type="R", pose=Pose(x=0, y=0), size=(0, 0, 0))]),
    Scene([Node(id="r", kind="room", type="R", pose=Pose(x=0, y=0), size=(-3, 1e9, 0))]),
    Scene([Node(id="p", kind="person", type="Person", pose=Pose(x=0, y=0))]),
    Scene([Node(id="x" * 128, kind="robot", type="Robot", pose=Pose(x=9000, y=0), confidence=0)]),
    Scene([Node(id=f"n{i}", kind="receptacle", type="Box", parent=f"n{i - 1}" if i else None,
                relation="inside" if i else None) for i in range(600)]),
    Scene([Node(id="lonely", kind="object", type="A", parent="gone", relation="on")]),
])
def test_any_scene_can_be_drawn(scene: Scene) -> None:
    with Image.open(io.BytesIO(scene_to_png(scene))) as image:
        assert image.width >= 600
    ET.fromstring(scene_to_svg(scene))
    assert "</html>" in scene_to_html(scene)


def test_a_profile_without_positions_is_boxes_in_boxes() -> None:
    scene = scene_from_roboos("scene: [{name: table, type: table, contains: [box]}, {name: box, type: container, "
                              "contains: [egg]}, {name: hall, type: room}]")
    drawing = drawn(scene)
    on = {s.node: s for s in drawing.shapes}

    def within(inner: str, outer: str) -> bool:
        xs, ys = zip(*on[outer].points, strict=True)
        return all(min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys) for x, y in on[inner].points)

    assert within("egg", "box")
    assert within("box", "table")
    assert not within("hall", "table")
    assert any("not where" in w.text for w in drawing.frame_words)
    assert not any(w.text.endswith(" m") for w in drawing.frame_words)


def test_only_a_part() -> None:
    scene = room(thing("mug", 2, 1), Node(id="hall", kind="room", type="Hall", pose=Pose(x=9, y=9), size=(2, 2, 2)))
    names = {s.node for s in draw(scene, within="kitchen").shapes}
    assert "mug" in names
    assert "hall" not in names
    with refused("SCENE_UNKNOWN"):
        draw(scene, within="cellar")
