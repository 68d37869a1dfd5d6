"""Bundles of the policy families that one contract must express, with small graphs of the true signatures."""

from __future__ import annotations

import json
from typing import Any

import onnx
from onnx import TensorProto, helper

PROVENANCE = {
    "data": ["generated in the test"],
    "seed": 0,
    "command": "pytest",
    "git_revision": "unknown",
    "created": "2026-01-01",
    "metrics": {"loss": 0.5},
}
CARD = b"# A policy for tests\n"
_ONNX_TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "int32": TensorProto.INT32}


def graph_bytes(graph: dict[str, Any]) -> bytes:
    """An ONNX model with the inputs and outputs of a manifest's graph.

    Each output is the mean of all inputs, an item at a time, spread over the output's shape.
    """
    nodes = []
    for name, spec in graph["inputs"].items():
        nodes.append(helper.make_node("Cast", [name], [f"{name}_float"], to=TensorProto.FLOAT))
        axes = list(range(1, len(spec["shape"])))
        if axes:
            nodes.append(helper.make_node("Flatten", [f"{name}_float"], [f"{name}_flat"], axis=1))
        else:
            nodes.append(helper.make_node("Unsqueeze", [f"{name}_float", "last_axis"], [f"{name}_flat"]))
        nodes.append(helper.make_node("ReduceMean", [f"{name}_flat"], [f"{name}_mean"], axes=[1], keepdims=1))
    nodes.append(helper.make_node("Sum", [f"{name}_mean" for name in graph["inputs"]], ["total"]))
    constants = [helper.make_tensor("last_axis", TensorProto.INT64, [1], [1])]
    for name, spec in graph["outputs"].items():
        shape = [0, *spec["shape"][1:]] if len(spec["shape"]) > 1 else [-1]
        width = 1
        for size in spec["shape"][1:]:
            width *= size
        constants.append(helper.make_tensor(f"{name}_ones", TensorProto.FLOAT, [1, width], [1.0] * width))
        constants.append(helper.make_tensor(f"{name}_shape", TensorProto.INT64, [len(shape)], shape))
        nodes.append(helper.make_node("Mul", ["total", f"{name}_ones"], [f"{name}_wide"]))
        nodes.append(helper.make_node("Reshape", [f"{name}_wide", f"{name}_shape"], [name]))
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "test",
            [
                helper.make_tensor_value_info(name, _ONNX_TYPES[spec["dtype"]], spec["shape"])
                for name, spec in graph["inputs"].items()
            ],
            [
                helper.make_tensor_value_info(name, _ONNX_TYPES[spec["dtype"]], spec["shape"])
                for name, spec in graph["outputs"].items()
            ],
            constants,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def files_of(manifest: dict[str, Any], **extra: bytes) -> dict[str, bytes]:
    """The card and one small model a graph, by file name."""
    return {
        "MODEL_CARD.md": CARD,
        **{graph["file"]: graph_bytes(graph) for graph in manifest["graphs"].values()},
        **extra,
    }


def tensor(*shape: int | str, dtype: str = "float32", unit: str | list[str] = "1") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "unit": unit}


def image_input(width: int, height: int, **changes: Any) -> dict[str, Any]:
    return {
        "camera": {"name": "jackal_wide", "horizontal_fov": 120.0},
        "resize": {"width": width, "height": height, "kernel": "area"},
        "colour": "rgb",
        "mean": [0.0, 0.0, 0.0],
        "std": [1.0, 1.0, 1.0],
        "layout": "chw",
        **changes,
    }


IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def recon_manifest(
    width: int = 32, height: int = 24, D: int = 8, T: int = 6, C: int = 4, S: int = 5, Z: int = 3, W: int = 4
) -> dict[str, Any]:
    """RECON with late fusion: encode once, compare and decode cheaply."""
    return {
        "name": "recon-test",
        "description": "Explores to a photo.",
        "licence": "Apache-2.0",
        "rate": 4.0,
        "image": image_input(width, height),
        "goal": {"kind": "image"},
        "actions": [
            {
                "kind": "twist",
                "output": "decode.twist",
                "frame": "base_link",
                "blocking": False,
                "units": ["m/s", "rad/s"],
                "limits": [1.25, 1.0],
            },
            {
                "kind": "waypoints",
                "output": "decode.waypoints",
                "frame": "base_link",
                "blocking": False,
                "horizon": W,
                "units": "m",
                "scale": 1.0,
                "increments": False,
                "heading": "none",
            },
        ],
        "graphs": {
            "encode": {
                "file": "encode.onnx",
                "inputs": {"image": tensor("B", 3, height, width)},
                "outputs": {
                    "descriptor": tensor("B", D),
                    "tokens": tensor("B", T, C),
                    "ranges": tensor("B", S, unit="m"),
                },
            },
            "compare": {
                "file": "compare.onnx",
                "inputs": {
                    "tokens_observation": tensor("B", T, C),
                    "tokens_goal": tensor("B", T, C),
                },
                "outputs": {
                    "steps": tensor("B", unit="steps"),
                    "match": tensor("B"),
                    "bearing": tensor("B", unit="rad"),
                    "yaw": tensor("B", unit="rad"),
                    "distance": tensor("B", unit="m"),
                    "latent_mean": tensor("B", Z),
                    "latent_log_variance": tensor("B", Z),
                },
            },
            "decode": {
                "file": "decode.onnx",
                "inputs": {"tokens_observation": tensor("B", T, C), "latent": tensor("B", Z)},
                "outputs": {
                    "twist": tensor("B", 2, unit=["m/s", "rad/s"]),
                    "waypoints": tensor("B", W, 2, unit="m"),
                    "steps": tensor("B", unit="steps"),
                },
            },
        },
        "parameters": {"match_threshold": 0.7},
        "provenance": PROVENANCE,
    }


def bridge_manifest(goal: str = "image") -> dict[str, Any]:
    """Bridge Data V1 (task id) or V2 (goal image, six channels): 7-d end-effector delta at 5 Hz."""
    task = {"kind": "task", "tasks": ["put carrot in pot", "flip cup"], "encoding": "one_hot"}
    return {
        "name": f"bridge-{goal}",
        "description": "Manipulation on a WidowX 250s.",
        "licence": "Apache-2.0",
        "rate": 5.0,
        "image": image_input(
            144,
            112,
            camera={"name": "widowx_over_shoulder", "horizontal_fov": 60.0},
            crop={"left": 8, "top": 8, "width": 128, "height": 96},
            mean=[0.5, 0.5, 0.5],
            std=[0.5, 0.5, 0.5],
        ),
        "goal": {"kind": "image"} if goal == "image" else task,
        "actions": [
            {
                "kind": "end_effector_delta",
                "output": "act.action",
                "frame": "base_link",
                "blocking": True,
                "units": ["m", "rad", "1"],
                "relative_to": "previous_target",
                "gripper": "open",
                "limits": [0.05, 0.25],
                "normalisation": {"kind": "z_score", "offset": "action_mean", "scale": "action_std"},
            }
        ],
        "graphs": {
            "act": {
                "file": "act.onnx",
                "inputs": {
                    "image": tensor("B", 3, 96, 128),
                    **(
                        {"goal_image": tensor("B", 3, 96, 128)}
                        if goal == "image"
                        else {"task": tensor("B", 2)}
                    ),
                },
                "outputs": {"action": tensor("B", 7)},
            }
        },
        "statistics": "statistics.json",
        "provenance": PROVENANCE,
    }


BRIDGE_STATISTICS = {
    "action_mean": [1.93e-4, 1.37e-4, -1.46e-4, -1.84e-4, -3.08e-4, 2.74e-4, 0.597],
    "action_std": [0.00913, 0.01272, 0.01229, 0.02607, 0.02875, 0.07808, 0.48710],
}


def bridge_files(manifest: dict[str, Any]) -> dict[str, bytes]:
    return files_of(manifest, **{"statistics.json": json.dumps(BRIDGE_STATISTICS).encode()})


def _visual_navigation(name: str, graphs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What GNM, ViNT and NoMaD share: 4:3 crop, ImageNet scaling, history, waypoints in max_v / rate."""
    return {
        "name": name,
        "description": "Drives to a goal image.",
        "licence": "MIT",
        "rate": 4.0,
        "image": image_input(85, 64, aspect=4 / 3, history=6, stacking="channels", **IMAGENET),
        "goal": {"kind": "image"},
        "actions": [
            {
                "kind": "waypoints",
                "output": "navigate.waypoints",
                "frame": "base_link",
                "blocking": False,
                "horizon": 5,
                "units": "m",
                "scale": 0.2 / 4,
                "increments": False,
                "heading": "cos_sin",
            }
        ],
        "graphs": graphs,
        "provenance": PROVENANCE,
        **changes,
    }


def gnm_manifest(name: str = "gnm") -> dict[str, Any]:
    """GNM and ViNT: context of 5 and the present image at 85x64, 5 waypoints."""
    navigate = {
        "file": "navigate.onnx",
        "inputs": {"observation": tensor("B", 18, 64, 85), "goal_image": tensor("B", 3, 64, 85)},
        "outputs": {"steps": tensor("B", 1, unit="steps"), "waypoints": tensor("B", 5, 4)},
    }
    return _visual_navigation(name, {"navigate": navigate})


def nomad_manifest() -> dict[str, Any]:
    """NoMaD: three graphs, goal masking, 10 denoising steps, min-max scaled increments."""
    manifest = _visual_navigation(
        "nomad",
        {
            "encode": {
                "file": "encode.onnx",
                "inputs": {
                    "observation": tensor("B", 12, 96, 96),
                    "goal_image": tensor("B", 3, 96, 96),
                    "goal_mask": tensor("B", dtype="int64"),
                },
                "outputs": {"condition": tensor("B", 256)},
            },
            "predict_noise": {
                "file": "predict_noise.onnx",
                "inputs": {
                    "sample": tensor("B", 8, 2),
                    "timestep": tensor("B", dtype="int64"),
                    "condition": tensor("B", 256),
                },
                "outputs": {"noise": tensor("B", 8, 2)},
            },
            "predict_distance": {
                "file": "predict_distance.onnx",
                "inputs": {"condition": tensor("B", 256)},
                "outputs": {"steps": tensor("B", 1, unit="steps")},
            },
        },
        goal={"kind": "image", "mask": "goal_mask"},
        diffusion={
            "graph": "predict_noise",
            "sample": "sample",
            "timestep": "timestep",
            "steps": 10,
            "schedule": "squaredcos_cap_v2",
            "prediction": "epsilon",
            "clip": True,
            "samples": 8,
        },
        statistics="statistics.json",
    )
    manifest["image"] |= {"history": 4, "resize": {"width": 96, "height": 96, "kernel": "area"}}
    manifest["actions"][0] |= {
        "output": "predict_noise.noise",
        "horizon": 8,
        "execute": 2,
        "increments": True,
        "heading": "none",
        "normalisation": {"kind": "min_max", "offset": "waypoint_min", "scale": "waypoint_max"},
    }
    return manifest


NOMAD_STATISTICS = {"waypoint_min": [-2.5, -4.0], "waypoint_max": [5.0, 4.0]}


def nomad_files(manifest: dict[str, Any]) -> dict[str, bytes]:
    return files_of(manifest, **{"statistics.json": json.dumps(NOMAD_STATISTICS).encode()})
