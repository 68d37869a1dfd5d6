"""`cairn compile`: engines for a bundle's graphs, built on the machine that will run them."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from cairn.policies.bundle import find_bundle, load_bundle
from cairn.policies.runtime.compilation import NO_GPU, compile_bundle


class EngineProvider(str, Enum):
    """What an engine can be built for."""

    tensorrt = "tensorrt"


def command(
    bundle: Annotated[str, typer.Argument(help="A bundle's directory, or the name of a shipped one.")],
    provider: Annotated[EngineProvider, typer.Option(help="What to build for.")] = EngineProvider.tensorrt,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Build the engine of each graph, unless the cache in ~/.cache/cairn/engines has it already.

    An engine belongs to one ONNX file, TensorRT version and GPU.  The PyPI package `tensorrt-rtx-cu13` also
    builds where there is no GPU, to see whether it can; such an engine is not run.

    Examples: `cairn compile recon`, `cairn compile ./my_bundle --json`
    """
    verified = load_bundle(find_bundle(bundle))
    engines = compile_bundle(verified)
    runnable = all(engine.gpu != NO_GPU for engine in engines)
    if as_json:
        rows = [asdict(engine) | {"path": str(engine.path)} for engine in engines]
        report = {"bundle": verified.name, "provider": provider.value, "runnable": runnable, "engines": rows}
        typer.echo(json.dumps(report))
        return
    for engine in engines:
        how = "in the cache" if engine.cached else f"built in {engine.seconds:.1f} s"
        typer.echo(f"{engine.graph}: {engine.size / 1e6:.1f} MB, {how}: {engine.path}")
    typer.echo(f"{engines[0].tensorrt}, GPU: {engines[0].gpu}")
    if not runnable:
        typer.echo("No GPU can be used here, so these engines can't be run here.")
