"""`cairn verify`: whether a bundle is what it says, and what this machine runs it on."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cairn.policies.bundle import find_bundle, load_bundle
from cairn.policies.runtime import PolicyRuntime
from cairn.policies.runtime.parity_check import ParityResult, check_parity

FAILED_EXIT = 1


def command(
    bundle: Annotated[str, typer.Argument(help="A bundle's directory, or the name of a shipped one.")],
    provider: Annotated[
        str | None, typer.Option(help="tensorrt, tensorrt-onnxruntime, cuda or cpu; the best by default.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, max=10_000, help="Timed runs of each graph.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check hashes and shapes, run every graph on fixed inputs, and compare with the trained model.

    Exits 1 if an output differs from the trained model's by more than its tolerance, 2 if the bundle is
    refused.

    Examples: `cairn verify recon`, `cairn verify ./my_bundle --provider cuda --json`
    """
    verified = load_bundle(find_bundle(bundle))
    runtime = PolicyRuntime(verified, provider)
    parity = check_parity(runtime) if verified.manifest.parity else []
    runtime.warm_up()
    runtime.measure(repeats)
    passed = all(result.passed for result in parity)
    if as_json:
        report = {
            "directory": str(verified.directory),
            "files": len(verified.manifest.files),
            **runtime.report().as_dict(),
            "parity": [asdict(result) | {"passed": result.passed} for result in parity],
            "passed": passed,
        }
        typer.echo(json.dumps(report))
    else:
        typer.echo(f"{verified.directory}: {len(verified.manifest.files)} files have their hashes and shapes")
        typer.echo(str(runtime.report()))
        typer.echo(_parity_table(parity))
    if not passed:
        raise typer.Exit(FAILED_EXIT)


def _parity_table(parity: list[ParityResult]) -> str:
    if not parity:
        return "no reference outputs in this bundle: parity with the trained model was not checked"
    lines = ["largest difference from the trained model:"]
    for result in parity:
        verdict = "ok" if result.passed else "TOO LARGE"
        lines.append(
            f"  {result.output:<28} {result.error:.2e} {result.unit:<6} "
            f"(tolerance {result.tolerance:.0e}) {verdict}"
        )
    return "\n".join(lines)
