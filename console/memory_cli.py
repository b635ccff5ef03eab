"""`fleetmind memory`: scenes into and out of files, pictures of them, and the schema of the document."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fleetmind.memory import FleetmindError, Scene, loads_strict
from fleetmind.memory.interchange import FORMATS, Format, read_scene, scene_json_schema, scene_to_json, write_scene
from fleetmind.memory.interchange.assemble import MAX_BYTES, assemble
from fleetmind.memory.interchange.document import json_of

FAILED, USAGE = 1, 2
PICTURES = (".png", ".svg", ".html")

memory_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown",
    help="What a running site knows and knew; scenes in files: convert, draw, describe. Formats: `fleetmind` (our "
         "JSON), `roboos` (profile.yaml), `thor` (AI2-THOR metadata), `graphml`, `networkx` (node-link JSON), "
         "`spark-dsg`. See docs/interchange.md.")

Source = Annotated[Path | None, typer.Argument(help="Scene file, - for standard input; without it, the running site.")]
Given = Annotated[str, typer.Option("--from", help="Format of the file: auto, or one of those above.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File; standard output when not given.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file when it is there.")]
StateDirOption = Annotated[
    Path, typer.Option(help="State directory of the running site.", envvar="FLEETMIND_STATE_DIR")]
DEFAULT_STATE = Path(".fleetmind")


@memory_app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="Scene file, - for standard input.")],
    given: Annotated[str, typer.Option("--format", "-f", help="auto, or one of the formats.")] = "auto",
    out: Out = None,
    force: Force = False,
) -> None:
    """Read a scene of any format and write it as our JSON.

    Examples:

        fleetmind memory import profile.yaml --out scene.json

        fleetmind memory import metadata.json --format thor --out scene.json
    """
    with errors():
        scene = read_file(file, given)
        write_file(out, scene_to_json(scene).encode() + b"\n", force=force, what=f"{len(scene)} nodes")


@memory_app.command("export")
def export_command(
    file: Source = None,
    wanted: Annotated[str, typer.Option("--format", "-f", help="What to write: one of the formats.")] = "fleetmind",
    given: Given = "auto",
    out: Out = None,
    force: Force = False,
    state_dir: StateDirOption = DEFAULT_STATE,
) -> None:
    """Write a scene, of a file or of the running site, in another format.

    Examples:

        fleetmind memory export scene.json --format graphml --out scene.graphml

        fleetmind memory export --format spark-dsg --out site.json
    """
    with errors():
        scene = _scene(file, given, state_dir)
        text = write_scene(scene, wanted, formats=_formats())
        end = b"" if text.endswith("\n") else b"\n"
        write_file(out, text.encode() + end, force=force, what=f"{len(scene)} nodes")


@memory_app.command("picture")
def picture_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="Where: the ending says what, .png, .svg or .html.")],
    file: Source = None,
    given: Given = "auto",
    within: Annotated[str | None, typer.Option(help="Only this node (a room, say) and what is in it.")] = None,
    title: Annotated[str | None, typer.Option(help="A name for it; without it, the file's.")] = None,
    force: Force = False,
    state_dir: StateDirOption = DEFAULT_STATE,
) -> None:
    """Draw a scene from above. The HTML page has zoom, tooltips and search, and needs no network.

    Examples:

        fleetmind memory picture scene.json --out map.html

        fleetmind memory picture --within kitchen-1 --out kitchen.png
    """
    from fleetmind.memory.interchange import picture

    with errors():
        if out.suffix.lower() not in PICTURES:
            raise FleetmindError("FORMAT_UNKNOWN", f"{out.name!r:.150} ends in none of {', '.join(PICTURES)}")
        scene = _scene(file, given, state_dir)
        words: dict[str, Any] = {"within": within, "title": title if title is not None else file.stem if file else ""}
        match out.suffix.lower():
            case ".png":
                content = picture.scene_to_png(scene, **words)
            case ".svg":
                content = picture.scene_to_svg(scene, **words).encode()
            case _:
                content = picture.scene_to_html(scene, **words).encode()
        write_file(out, content, force=force, what=f"{len(scene)} nodes")


@memory_app.command("schema")
def schema_command(out: Out = None, force: Force = False) -> None:
    """The JSON Schema of our scene document.

    Example: fleetmind memory schema --out scene.schema.json
    """
    with errors():
        write_file(out, json_of(scene_json_schema()).encode() + b"\n", force=force, what="the schema")


def _formats() -> Mapping[str, Format]:
    from fleetmind.agents.thor_scene import scene_from_thor, thor_from_scene  # loads the simulators' frames

    def read(text: str | bytes) -> Scene:
        data: Any = loads_strict(text, max_bytes=MAX_BYTES)
        return assemble([node.model_dump() for node in scene_from_thor(data)])

    def looks_like(data: Mapping[str, Any]) -> bool:
        return isinstance(data.get("objects"), list) or (bool(data) and all(
            isinstance(one, dict) and "objectType" in one for one in data.values()))

    thor = Format(name="thor", read=read, write=lambda scene: json_of(thor_from_scene(scene)), looks_like=looks_like)
    return {**FORMATS, thor.name: thor}


def _scene(file: Path | None, given: str, state_dir: Path) -> Scene:
    if file is not None:
        return read_file(file, given)
    from fleetmind.console.client import SiteClient

    async def ask() -> Scene:
        async with SiteClient(state_dir) as site:
            return await site.scene()

    return asyncio.run(ask())


def read_file(file: Path, given: str) -> Scene:
    with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
        content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise FleetmindError("IMPORT_TOO_LARGE", f"{str(file)!r} has more than {MAX_BYTES} bytes: split the scene")
    return read_scene(content, given, formats=_formats())


def write_file(out: Path | None, content: bytes, *, force: bool, what: str) -> None:
    """To standard output, or whole or not at all to a file."""
    if out is None:
        sys.stdout.buffer.write(content)
        return
    if not out.parent.is_dir():
        raise FleetmindError("FILE_KIND", f"{str(out.parent)!r} is no directory: make it first")
    if os.path.lexists(out):
        if not out.exists() or not stat.S_ISREG(out.stat().st_mode):
            raise FleetmindError("FILE_KIND", f"{str(out)!r} is no ordinary file: name another")
        if not force:
            raise FleetmindError("FILE_EXISTS", f"{str(out)!r} is there already: --force replaces it")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as target:
            target.write(content)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"{out}: {what}, {len(content)} bytes", err=True)


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Errors become one line and an exit code, never a traceback."""
    try:
        yield
    except FleetmindError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(FAILED if error.code.startswith(("SITE_", "TOKEN_")) else USAGE) from None
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in a file's name
        named = getattr(error, "filename", None) or ""
        typer.secho(f"error: FILE: {named}: {getattr(error, 'strerror', None) or error}", fg="red", err=True)
        raise typer.Exit(USAGE) from None
