"""`cairn doctor`: what this machine has and lacks."""

import json
from typing import Annotated

import typer

from cairn.cli.machine_checks import Verdict, run_checks

_MARKS = {Verdict.OK: "✓", Verdict.ABSENT: "·", Verdict.WARNING: "!", Verdict.FAILED: "✗"}


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check what this machine has and lacks, each part by using it.

    Exits 1 when something that Cairn needs does not work; optional parts may be absent.

        cairn doctor

        cairn doctor --json
    """
    findings = run_checks()
    if as_json:
        rows = [
            {"check": item.check, "verdict": item.verdict.value, "detail": item.detail, "advice": item.advice}
            for item in findings
        ]
        typer.echo(json.dumps(rows, indent=2))
    else:
        for item in findings:
            typer.echo(f"{_MARKS[item.verdict]} {item.check:<14} {item.detail}")
            if item.advice:
                typer.echo(f"  {'':<14} → {item.advice}")
    if any(item.verdict is Verdict.FAILED for item in findings):
        raise typer.Exit(1)
