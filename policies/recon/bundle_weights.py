"""A model that can be trained on, from the ONNX graphs of a bundle."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import PolicyBundle
from cairn.policies.bundle.parity import parse_parity
from cairn.policies.recon.export import GRAPH_OUTPUTS, graphs
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.settings import ModelSettings

_MATRIX_NODES = {"Conv", "Gemm", "MatMul"}


def model_of_bundle(bundle: PolicyBundle) -> LatentGoalModel:
    """The model of a bundle that `cairn train recon` wrote, in evaluation mode.

    The export folds each batch normalisation into the convolution before it and can't be undone: it becomes
    the identity with the folded bias.  It computes the same, but must keep its statistics in training.

    Raises CairnError when a weight is missing or has another shape, or the model says something else than
    the bundle's parity file.
    """
    nodes = list(_weighted_nodes(bundle))
    named = {name: array for path, arrays in nodes for name, array in arrays.items() if not path}
    by_module = {path: arrays for path, arrays in nodes if path}
    model = LatentGoalModel(_settings(bundle, by_module))
    state = model.state_dict()
    found: dict[str, Tensor] = {name: torch.from_numpy(array.copy()) for name, array in named.items()}
    for name, module in model.named_modules():
        for part, array in by_module.get(name, {}).items():
            found.setdefault(f"{name}.{part}", torch.from_numpy(array.copy()))
        if isinstance(module, nn.BatchNorm2d):
            found |= _identity(name, module, found)
    missing = sorted(state.keys() - found.keys())
    wrong = sorted(name for name in state.keys() & found.keys() if state[name].shape != found[name].shape)
    if missing or wrong:
        raise CairnError(
            f"{bundle.directory} is no bundle to go on from: expected the weights of a RECON model, "
            f"missing {missing[:5]}, of another shape {wrong[:5]}; give a checkpoint instead"
        )
    model.load_state_dict({name: found[name] for name in state})
    _check_parity(model.eval(), bundle)
    return model


def _weighted_nodes(bundle: PolicyBundle) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Module path and its `weight` and `bias`; an empty path for weights that kept their own names."""
    for spec in bundle.manifest.graphs.values():
        graph = onnx.load_model_from_string(bundle.read(spec.file)).graph
        arrays = {entry.name: numpy_helper.to_array(entry) for entry in graph.initializer}
        yield "", {name[6:]: array for name, array in arrays.items() if name.startswith("model.")}
        for node in graph.node:
            weights = [arrays[name] for name in node.input if name in arrays]
            if node.op_type in _MATRIX_NODES and weights and weights[0].ndim > 1:
                # A linear layer over tokens is exported as a product with the transposed weight.
                weight = weights[0].T if node.op_type == "MatMul" else weights[0]
                rest = {"bias": weights[1]} if len(weights) > 1 else {}
                yield _module_path(node.name), {"weight": weight, **rest}


def _module_path(node: str) -> str:
    """ "encoder.features.3.body.0" from "/encoder/features/features.3/body/body.0/Conv"."""
    parts: list[str] = []
    for part in node.strip("/").split("/")[:-1]:
        if parts and part.startswith(f"{parts[-1]}."):
            parts.pop()
        parts.append(part)
    return ".".join(parts)


def _identity(name: str, norm: nn.BatchNorm2d, found: dict[str, Tensor]) -> dict[str, Tensor]:
    """A normalisation that only adds the bias which the export gave to the convolution before it."""
    parent, _, index = name.rpartition(".")
    bias = found.get(f"{parent}.{int(index) - 1}.bias")
    if bias is None:
        return {}
    ones = torch.ones(norm.num_features)
    return {
        f"{name}.weight": ones * (1 + norm.eps) ** 0.5,
        f"{name}.bias": bias,
        f"{name}.running_mean": torch.zeros(norm.num_features),
        f"{name}.running_var": ones,
        f"{name}.num_batches_tracked": torch.tensor(0),
    }


def _settings(bundle: PolicyBundle, modules: dict[str, dict[str, np.ndarray]]) -> ModelSettings:
    """Sizes by the manifest and the shapes of weights."""
    specs = bundle.manifest.graphs
    try:
        image = specs["encode"].inputs["image"].shape
        outputs = specs["encode"].outputs
        return ModelSettings(
            image_height=int(image[2]),
            image_width=int(image[3]),
            encoder="mobilenet" if "encoder.features.3.body.6" in modules else "compact",
            fusion="late" if "tokens_goal" in specs["compare"].inputs else "early",
            channels=int(outputs["tokens"].shape[2]),
            descriptor_size=int(outputs["descriptor"].shape[1]),
            latent_size=int(specs["decode"].inputs["latent"].shape[1]),
            sectors=int(outputs["ranges"].shape[1]),
            waypoints=int(specs["decode"].outputs["waypoints"].shape[1]),
            width=len(modules["encoder.features.0"]["weight"]) / 32,
        )
    except (KeyError, IndexError, ValueError) as error:
        raise CairnError(f"{bundle.directory} is no bundle of a RECON model: it lacks {error}") from error


@torch.no_grad()
def _check_parity(model: LatentGoalModel, bundle: PolicyBundle) -> None:
    parity = bundle.manifest.parity
    if parity is None:
        raise CairnError(f"{bundle.directory} has no parity file to check recovered weights by")
    references = parse_parity(bundle.read(parity.file), parity.file)
    for name, (module, inputs) in graphs(model).items():
        reference = references[name]
        said = module(*(torch.from_numpy(np.array(reference.inputs[key])) for key in inputs))
        for output, got in zip(GRAPH_OUTPUTS[name], said, strict=True):
            off = float(np.abs(got.numpy() - reference.outputs[output]).max())
            limit = parity.tolerances[f"{name}.{output}"]
            if not off <= limit:
                raise CairnError(
                    f"weights recovered from {bundle.directory} give another {name}.{output}: off by "
                    f"{off:.2g}, expected at most {limit}"
                )
