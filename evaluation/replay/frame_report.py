"""`cairn replay --as frames`: run, write and show."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.replay.frame_figures import frames_figure, perturbation_figure
from cairn.evaluation.replay.frame_replay import (
    FrameRow,
    Image,
    LoggedActions,
    PolicyAnswer,
    check_camera,
    replay_frames,
)
from cairn.evaluation.replay.frame_table import summary, write_rows
from cairn.evaluation.replay.gate_replay import GateReplay, gate_settings
from cairn.evaluation.replay.perturbation_suite import FIGURES, PerturbationSuite
from cairn.evaluation.replay.picture import png, write_picture
from cairn.evaluation.replay.recorded_frames import RecordedFrame, RecordedFrames
from cairn.evaluation.replay.time_window import TimeWindow
from cairn.evaluation.whole_file import write_whole
from cairn.hardware.errors import CairnError
from cairn.policies.bundle import find_bundle, load_bundle
from cairn.policies.goal_image import read_goal_image
from cairn.policies.recon_policy import ReconPolicy


@dataclass
class FrameReplay:
    """A policy and the frames of a bag; `run` fills `rows` and `result`.

    Attributes:
        notes: in words, what one should know besides.
    """

    bag: Path
    frames: RecordedFrames
    policy: ReconPolicy
    goal: Image
    gate: GateReplay
    logged: LoggedActions
    facts: dict[str, str]
    notes: tuple[str, ...]
    rows: list[FrameRow] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        reader: BagReader,
        bag: Path,
        window: TimeWindow,
        namespace: str,
        bundle: str,
        goal: Path | None,
        every: int = 1,
    ) -> FrameReplay:
        """Load everything.

        Args:
            bundle: a directory or a shipped name.
            goal: a photo; None: the last frame of the window.

        Raises CairnError for a bag without images, a bundle that is refused or made for another camera, and
        a photo that can't be read.
        """
        frames = RecordedFrames(reader, window, namespace, every)
        loaded = load_bundle(find_bundle(bundle))
        camera = frames.camera()
        if camera is not None:
            seen = (frames.last.image.shape[1], frames.last.image.shape[0])
            if seen != (camera.width, camera.height):
                raise CairnError(
                    f"the bag's images are {seen[0]}x{seen[1]}, but its camera info says "
                    f"{camera.width}x{camera.height}"
                )
        notes = check_camera(camera, loaded.manifest.image)
        if not reader.complete:
            notes = (*notes, "the bag is cut: replayed up to the cut")
        photo = frames.last.image if goal is None else read_goal_image(goal)
        facts = {"bag": str(bag), "bundle": bundle, "bundle_sha256": loaded.fingerprint}
        facts["goal"] = "last frame" if goal is None else str(goal)
        return cls(
            bag,
            frames,
            ReconPolicy.load(bundle, camera),
            photo,
            GateReplay(gate_settings(reader, frames.prefix)),
            LoggedActions(reader, frames.prefix),
            facts,
            notes,
        )

    def run(self, perturb: bool, progress: Callable[[float, float], None]) -> dict[str, Any]:
        """Ask the policy; with `perturb` also about disturbed frames.  Returns all figures as JSON."""
        suite = PerturbationSuite(self.policy, self.policy.encode(self.goal)) if perturb else None
        done = 0

        def also(frame: RecordedFrame, clean: PolicyAnswer) -> None:
            nonlocal done
            if suite is not None:
                suite.add(frame, clean)
            done += 1
            progress(done, len(self.frames))

        self.rows = replay_frames(self.frames, self.policy, self.goal, self.gate, self.logged, also)
        self.result = self.facts | {"summary": summary(self.rows), "notes": list(self.notes)}
        if suite is not None:
            self.result["perturbed"] = suite.as_json()
        return self.result

    def write(self, output: Path) -> list[Path]:
        """Parquet, JSON and pictures beside each other; `output` is the Parquet file or a directory.

        Raises CairnError when something can't be written.
        """
        table = output if output.suffix == ".parquet" else output / "rows.parquet"
        figures, text = table.with_suffix(".png"), table.with_suffix(".json")
        write_rows(self.rows, table, self.facts)
        write_whole(text, json.dumps(self.result, indent=1, allow_nan=False) + "\n")
        write_picture(figures, png(frames_figure(self.rows)))
        written = [table, text, figures]
        if "perturbed" in self.result:
            written.append(table.with_name(f"{table.stem}_perturbed.png"))
            write_picture(written[-1], png(perturbation_figure(self.result["perturbed"])))
        return written

    def tables(self) -> list[Table]:
        """The summary, and the perturbations where they were tried."""
        tables = [_summary_table(self.result["summary"])]
        if "perturbed" in self.result:
            tables.append(_perturbation_table(self.result["perturbed"]))
        return tables


def _summary_table(figures: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_header=False)
    table.add_row("frames", f"{figures['frames']} in {figures['seconds']:.1f} s")
    for name, unit in (("action_linear", "m/s"), ("action_angular", "rad/s"), ("predicted_distance_m", "m")):
        spread = figures[name]
        text = f"{spread['p50']:.2f} {unit} (5-95 %: {spread['p5']:.2f} to {spread['p95']:.2f})"
        table.add_row(name.removesuffix("_m").replace("_", " "), text)
    for name, unit in (("linear", "m/s"), ("angular", "rad/s")):
        logged = figures[f"{name}_against_logged"]
        if logged:
            table.add_row(f"{name} against the logged", f"{logged['median_difference']:.2f} {unit} (median)")
    table.add_row(
        "latency", f"{figures['latency_ms']['p50']:.1f} ms, 99 %: {figures['latency_ms']['p99']:.1f} ms"
    )
    table.add_row("the gate", ", ".join(f"{count} {verdict}" for verdict, count in figures["gate"].items()))
    if figures["stamps_back"]:
        table.add_row("stamps that go back", str(figures["stamps_back"]))
    return table


def _perturbation_table(figures: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, title="median change (95th percentile)")
    table.add_column("perturbation")
    for name, unit in FIGURES.items():
        table.add_column(f"{name} [{unit}]" if unit and unit != name else name, justify="right")
    for name, changes in figures["perturbations"].items():
        table.add_row(name, *(f"{changes[key]['median']:.2f} ({changes[key]['p95']:.2f})" for key in FIGURES))
    return table
