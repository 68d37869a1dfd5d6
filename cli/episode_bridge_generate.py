"""`cairn episodes bridge generate`: demonstrations of a scripted expert in simulated kitchens."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cairn.cli.episode_tables import AsJson, simple_table

ALL = "all"


def command(
    directory: Annotated[Path, typer.Argument(help="Where to write; what is there already is not redone.")],
    tasks: Annotated[str, typer.Option(help="Names of tasks, separated by commas, or all.")] = ALL,
    domains: Annotated[str, typer.Option(help="Names of kitchens, separated by commas, or all.")] = ALL,
    seeds: Annotated[str, typer.Option(help="A-B: of each task in each kitchen.")] = "0-9",
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Let a scripted expert demonstrate in simulated kitchens, through the gate, at 5 Hz.

    Demonstrations that succeed by physics go to DIRECTORY/kept, the others to DIRECTORY/failed, both as raw
    directories of Bridge Data; labels.jsonl has a line for each.

        cairn episodes bridge generate demos --tasks put_carrot_on_plate --domains oak_table --seeds 0-49

        cairn episodes bridge generate demos --seeds 0-19 --jobs 8

    Exit status: 0 done, 2 a name or seed that there is not.
    """
    from cairn.cli.fan_out import fan_out_over
    from cairn.hardware.sim.kitchens.domains import DOMAINS, domain_named
    from cairn.policies.bridge.expert.generate import generate
    from cairn.policies.bridge.expert.scripts import SCRIPTS, script_of

    kitchens = [domain_named(name).name for name in _names(domains, DOMAINS)]
    work = _names(tasks, SCRIPTS)
    for task in work:
        script_of(task)
    wanted = [(domain, task, seed) for seed in _range(seeds) for task in work for domain in kitchens]
    kept: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    began = time.monotonic()
    with _bar(len(wanted)) as advance:
        for label in generate(directory, wanted, fan_out_over(jobs, None)):
            tried[label.task] += 1
            kept[label.task] += label.succeeded
            advance()
    minutes = (time.monotonic() - began) / 60
    rate = round(kept.total() / minutes, 1) if tried else 0.0
    if as_json:
        rows = {task: {"kept": kept[task], "tried": tried[task]} for task in tried}
        typer.echo(json.dumps({"directory": str(directory), "tasks": rows, "kept_per_minute": rate}))
        return
    from rich.console import Console

    table = simple_table("task", "kept", "tried", figures=2)
    for task in tried:
        table.add_row(task, str(kept[task]), str(tried[task]))
    Console().print(table)
    there = len(wanted) - tried.total()
    typer.echo(f"{directory}: {kept.total()} kept, {rate:g} a minute" + f"; {there} were there" * (there > 0))


def _names(text: str, valid: Iterable[str]) -> list[str]:
    return list(valid) if text == ALL else [name.strip() for name in text.split(",")]


def _range(text: str) -> range:
    """Seeds of "A-B" or "A".  Raises CairnError."""
    from cairn.hardware.errors import CairnError
    from cairn.hardware.sim.kitchens.kitchen import SEEDS

    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not (first <= last and last in SEEDS):
        raise CairnError(f"expected seeds as A-B within 0-{SEEDS[-1]}, got {text!r}")
    return range(first, last + 1)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """Demonstrations so far, on standard error and only where somebody looks."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("demonstrations", total=total)
        yield lambda: progress.advance(task)
