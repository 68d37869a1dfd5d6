"""From a trained model to a bundle."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from cairn.policies.bundle import PolicyBundle, write_bundle
from cairn.policies.bundle.parity import Reference, parity_bytes
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.collect import RATE
from cairn.policies.recon.export import GRAPH_OUTPUTS, export_graphs, graphs
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.training.provenance import provenance

# Largest absolute error between torch and ONNX Runtime, in the output's own unit: steps, metres, radians,
# m/s; far below what a robot could notice.
_TOLERANCES = {
    "encode.descriptor": 1e-4,
    "encode.tokens": 1e-3,
    "encode.ranges": 1e-3,
    "compare.steps": 1e-2,
    "compare.match": 1e-4,
    "compare.bearing": 1e-3,
    "compare.yaw": 1e-3,
    "compare.distance": 1e-3,
    "compare.latent_mean": 1e-3,
    "compare.latent_log_variance": 1e-3,
    "decode.twist": 1e-3,
    "decode.waypoints": 1e-3,
    "decode.steps": 1e-2,
}


def write_recon_bundle(
    model: LatentGoalModel,
    directory: Path,
    *,
    view: CylindricalView,
    data: Sequence[str],
    seed: int,
    command: str,
    metrics: Mapping[str, float],
    parameters: Mapping[str, float],
    card: str,
) -> PolicyBundle:
    """Export, describe, check and write; replaces an older bundle there.

    Args:
        metrics: of held-out worlds, for the manifest.
        parameters: calibrated numbers that the searchers read, `match_threshold` among them.
        card: the model card, Markdown.
    """
    with tempfile.TemporaryDirectory() as scratch:
        exported = export_graphs(model, Path(scratch))
        files: dict[str, bytes | Path] = {f"{name}.onnx": path for name, path in exported.items()}
        files["MODEL_CARD.md"] = card.encode()
        files["parity.npz"] = parity_bytes(_references(model))
        return write_bundle(
            directory, _manifest(model, view, data, seed, command, metrics, parameters), files, overwrite=True
        )


def _references(model: LatentGoalModel) -> dict[str, Reference]:
    references = {}
    for name, (module, inputs) in graphs(model.eval()).items():
        with torch.no_grad():
            outputs = module(*inputs.values())
        references[name] = Reference(
            {key: value.numpy() for key, value in inputs.items()},
            {key: value.numpy() for key, value in zip(GRAPH_OUTPUTS[name], outputs, strict=True)},
        )
    return references


def _manifest(
    model: LatentGoalModel,
    view: CylindricalView,
    data: Sequence[str],
    seed: int,
    command: str,
    metrics: Mapping[str, float],
    parameters: Mapping[str, float],
) -> dict[str, Any]:
    twist: dict[str, Any] = {"kind": "twist", "output": "decode.twist", "units": ["m/s", "rad/s"]}
    waypoints: dict[str, Any] = {"kind": "waypoints", "output": "decode.waypoints", "units": "m"}
    return {
        "name": "recon",
        "description": "Latent goal model for a Clearpath Jackal with a wide camera.",
        "licence": "Apache-2.0",
        "rate": RATE,
        "image": {
            "camera": {"name": "jackal_wide", "horizontal_fov": view.horizontal_fov},
            "view": {
                "width": view.width,
                "height": view.height,
                "horizontal_fov": view.horizontal_fov,
                "top": view.top,
                "bottom": view.bottom,
            },
            "colour": "rgb",
            "mean": [0.0, 0.0, 0.0],
            "std": [1.0, 1.0, 1.0],
            "layout": "chw",
        },
        "goal": {"kind": "image"},
        "actions": [
            {**twist, "frame": "base_link", "blocking": False, "limits": [1.2, 1.2]},
            {
                **waypoints,
                "frame": "base_link",
                "blocking": False,
                "horizon": model.settings.waypoints,
                "scale": 1.0,
                "increments": False,
                "heading": "none",
            },
        ],
        "graphs": {name: _graph(model, name) for name in GRAPH_OUTPUTS},
        "parameters": dict(parameters),
        "parity": {"file": "parity.npz", "tolerances": _TOLERANCES},
        "provenance": provenance(data, seed, command, metrics),
    }


def _graph(model: LatentGoalModel, name: str) -> dict[str, Any]:
    module, inputs = graphs(model)[name]
    with torch.no_grad():
        outputs = module(*inputs.values())

    def spec(tensor: torch.Tensor) -> dict[str, Any]:
        return {"dtype": "float32", "shape": ["batch", *tensor.shape[1:]]}

    return {
        "file": f"{name}.onnx",
        "inputs": {key: spec(value) for key, value in inputs.items()},
        "outputs": {key: spec(value) for key, value in zip(GRAPH_OUTPUTS[name], outputs, strict=True)},
    }
