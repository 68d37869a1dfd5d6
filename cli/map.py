"""`cairn map`: show, merge and prune saved maps."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cairn.hardware.errors import CairnError

app = typer.Typer(no_args_is_help=True, help="Show, merge and prune saved maps.")

_File = Annotated[Path, typer.Argument(help="A saved map (*.cairnmap).")]
_Output = Annotated[Path, typer.Option("--output", "-o", help="Where the new map goes; may be an input.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for scripts.")]


@app.command()
def show(
    file: _File,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the map into this file (.png, .svg, .pdf).")
    ] = None,
    graphml: Annotated[
        Path | None, typer.Option(help="Write the graph as GraphML, for networkx or Gephi.")
    ] = None,
    thumbnails: Annotated[int, typer.Option(min=0, max=24, help="Thumbnails in the picture.")] = 8,
    as_json: _Json = False,
) -> None:
    """Say what a map holds, draw it, or export it.

    cairn map show yard.cairnmap --picture yard.png --graphml yard.graphml
    """
    from cairn.navigation.graph import map_file
    from cairn.navigation.graph.graphml import write_graphml
    from cairn.navigation.graph.map_picture import draw_map
    from cairn.navigation.graph.map_summary import summarise

    graph = map_file.load(file)
    if picture is not None:
        with _writing(picture):
            draw_map(graph, picture, thumbnails)
    if graphml is not None:
        with _writing(graphml):
            write_graphml(graph, graphml)
    _print({"file": str(file), **summarise(graph)}, as_json)


@app.command()
def prune(
    file: _File,
    output: _Output,
    nodes: Annotated[int, typer.Option(min=1, help="Nodes to keep at most.")] = 2000,
    as_json: _Json = False,
) -> None:
    """Unite neighbouring nodes that show nearly the same; ways stay connected.

    cairn map prune yard.cairnmap --nodes 800 --output yard_small.cairnmap
    """
    from cairn.navigation.graph import map_file, pruning

    graph = map_file.load(file)
    removed = pruning.prune(graph, nodes)
    map_file.save(graph, output)
    _print({"file": str(output), "nodes": len(graph), "edges": len(graph.edges), "removed": removed}, as_json)


@app.command()
def merge(
    first: _File,
    second: Annotated[
        Path, typer.Argument(help="A map of the same encoder that shares a place with the first.")
    ],
    output: _Output,
    similarity: Annotated[
        float, typer.Option(min=0, max=1, help="Descriptors at least this similar may be one view.")
    ] = 0.9,
    matches: Annotated[
        int, typer.Option(min=1, help="Views that must agree about where the maps lie to each other.")
    ] = 3,
    as_json: _Json = False,
) -> None:
    """Join two maps where they show the same places; the first map's node ids stay.

    cairn map merge north.cairnmap south.cairnmap --output campus.cairnmap
    """
    from cairn.navigation.graph import map_file, merging

    graphs = map_file.load(first), map_file.load(second)
    found = merging.find_cross_matches(*graphs, similarity)
    if len(found) < matches:
        raise CairnError(
            f"{len(found)} views agree between {first} and {second}, expected at least {matches}; "
            "lower --similarity or --matches if you know that the maps overlap"
        )
    merged = merging.merge(*graphs, found)
    map_file.save(merged, output)
    counts = {"nodes": len(merged), "edges": len(merged.edges), "matches": len(found)}
    _print({"file": str(output), **counts}, as_json)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what a file system or a drawing library refuses into an error of ours."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise CairnError(f"can't write {path}: {error}") from error


def _print(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(values))
        return
    width = max(map(len, values))
    for name, value in values.items():
        shown = f"{value:.2f}" if isinstance(value, float) else value
        typer.echo(f"{name.replace('_', ' '):{width}}  {shown}")
