"""From a trained model to a bundle."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cairn.episodes.bridge.bridge_trajectory import RATE
from cairn.policies.bridge.action_statistics import STEP_LIMITS, ActionStatistics
from cairn.policies.bridge.augmentation import as_input, centre_window
from cairn.policies.bridge.model import BridgeModel, example_inputs
from cairn.policies.bridge.settings import ModelSettings
from cairn.policies.bridge.training_data import LabelledDemonstration
from cairn.policies.bridge.training_plan import TrainingPlan
from cairn.policies.bundle import PolicyBundle, write_bundle
from cairn.policies.bundle.parity import Reference, parity_bytes
from cairn.policies.training.graph_export import export_graph
from cairn.policies.training.provenance import provenance

GRAPH, OUTPUT = "act", "actions"
# Largest error between torch and a runtime [m, rad, gripper]: 1e-4 of the .1 m that a step spans.
_TOLERANCE = 1e-5
_PARITY_BATCH = 4

_Arrays = Mapping[str, np.ndarray]


def write_bridge_bundle(
    model: BridgeModel,
    statistics: ActionStatistics,
    plan: TrainingPlan,
    data: Sequence[str],
    metrics: Mapping[str, float],
    card: str,
    seen: Sequence[LabelledDemonstration],
) -> PolicyBundle:
    """Export, describe, check and write; replaces an older bundle there.

    Args:
        data: one line a data set.
        metrics: of held-out demonstrations.
        card: the model card, Markdown.
        seen: demonstrations whose frames become the parity file's.
    """
    module = _Exported(model.eval())
    inputs = parity_inputs(model.settings, seen)
    with torch.no_grad():
        actions = module(*inputs.values())
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch, f"{GRAPH}.onnx")
        export_graph(module, inputs, [OUTPUT], graph)
        reference = Reference(
            {name: value.contiguous().numpy() for name, value in inputs.items()}, {OUTPUT: actions.numpy()}
        )
        described = {"action_mean": statistics.mean.tolist(), "action_std": statistics.std.tolist()}
        files: dict[str, bytes | Path] = {
            graph.name: graph,
            "MODEL_CARD.md": card.encode(),
            "statistics.json": json.dumps(described, indent=1).encode(),
            "parity.npz": parity_bytes({GRAPH: reference}),
        }
        manifest = _manifest(model.settings, plan, reference.inputs, actions)
        manifest["provenance"] = provenance(data, plan.training.seed, plan.command, metrics)
        return write_bundle(plan.output, manifest, files, overwrite=True)


def parity_inputs(settings: ModelSettings, seen: Sequence[LabelledDemonstration]) -> dict[str, torch.Tensor]:
    """Inputs by name, with frames of demonstrations where the settings want images."""
    inputs = example_inputs(settings, _PARITY_BATCH)
    for name in {"image", "goal_image"} & inputs.keys():
        frames = []
        for row in range(_PARITY_BATCH):
            one = seen[row % len(seen)]
            step = int(one.steps[row % len(one.steps)]) if name == "image" else one.record.length - 1
            frames.append(centre_window(one.frame(0, step), settings.width, settings.height))
        inputs[name] = as_input(torch.from_numpy(np.stack(frames))).contiguous()
    return inputs


class _Exported(torch.nn.Module):
    """One step where the horizon is one."""

    def __init__(self, model: BridgeModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        actions: torch.Tensor = self.model(*inputs)
        return actions[:, 0] if self.model.settings.horizon == 1 else actions


def _manifest(
    settings: ModelSettings, plan: TrainingPlan, inputs: _Arrays, actions: torch.Tensor
) -> dict[str, Any]:
    def spec(shape: Sequence[int]) -> dict[str, Any]:
        return {"dtype": "float32", "shape": ["batch", *shape[1:]]}

    goal: dict[str, Any] = {"kind": "image"}
    if settings.goal == "task":
        goal = {"kind": "task", "tasks": list(settings.tasks), "encoding": "one_hot"}
    return {
        "name": f"bridge-{settings.kind}",
        "description": "Behaviour cloning of Bridge Data's demonstrations for WidowX arms.",
        "licence": "Apache-2.0",
        "rate": RATE,
        "image": {
            "camera": {"name": "c920", "horizontal_fov": round(settings.horizontal_fov, 3)},
            "resize": {
                "width": settings.resized_width,
                "height": settings.resized_height,
                "kernel": settings.kernel,
            },
            "crop": {
                "left": (settings.resized_width - settings.width) // 2,
                "top": (settings.resized_height - settings.height) // 2,
                "width": settings.width,
                "height": settings.height,
            },
            "colour": "rgb",
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "layout": "chw",
        },
        "goal": goal,
        "actions": [
            {
                "kind": "end_effector_delta",
                "output": f"{GRAPH}.{OUTPUT}",
                "units": ["m", "rad", "1"],
                "frame": "base_link",
                "relative_to": "previous_target",
                "gripper": "open",
                "limits": list(STEP_LIMITS),
                "horizon": settings.horizon,
                "execute": plan.execute,
                "blocking": plan.blocking,
                "normalisation": {"kind": "z_score", "offset": "action_mean", "scale": "action_std"},
            }
        ],
        "graphs": {
            GRAPH: {
                "file": f"{GRAPH}.onnx",
                "inputs": {name: spec(value.shape) for name, value in inputs.items()},
                "outputs": {OUTPUT: spec(actions.shape)},
            }
        },
        "statistics": "statistics.json",
        "parameters": {"relabelled": float(plan.relabelling == "reached")},
        "parity": {"file": "parity.npz", "tolerances": {f"{GRAPH}.{OUTPUT}": _TOLERANCE}},
    }
