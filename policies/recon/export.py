"""From a checkpoint to the ONNX graphs of a bundle."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from cairn.policies.recon.model import LatentGoalModel, Relation
from cairn.policies.recon.settings import STEP_CENTRES
from cairn.policies.training.graph_export import export_graph

# Made before a graph is traced: the tracer warns of tensors that come into being on the way.
_CENTRES = torch.tensor(STEP_CENTRES)


def _expected_steps(logits: Tensor) -> Tensor:
    return torch.softmax(logits, dim=-1) @ _CENTRES


class _Encode(nn.Module):
    def __init__(self, model: LatentGoalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        descriptor, tokens, log_ranges = self.model.encode(image)
        return descriptor, tokens, log_ranges.exp().clamp(0.0, 20.0)


class _Compare(nn.Module):
    def __init__(self, model: LatentGoalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens_observation: Tensor, tokens_goal: Tensor) -> tuple[Tensor, ...]:
        return _physical(self.model.compare(tokens_observation, tokens_goal))


class _CompareImages(nn.Module):
    def __init__(self, model: LatentGoalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image_observation: Tensor, image_goal: Tensor) -> tuple[Tensor, ...]:
        return _physical(self.model.compare_images(image_observation, image_goal))


def _physical(relation: Relation) -> tuple[Tensor, ...]:
    """Steps, probability, radians and metres from raw heads."""
    return (
        _expected_steps(relation.step_logits),
        torch.sigmoid(relation.match_logit),
        torch.atan2(relation.bearing[..., 1], relation.bearing[..., 0]),
        torch.atan2(relation.yaw[..., 1], relation.yaw[..., 0]),
        (relation.log_distance.exp() - 0.3).clamp(min=0.0),
        relation.latent_mean,
        relation.latent_log_variance,
    )


class _Decode(nn.Module):
    def __init__(self, model: LatentGoalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens_observation: Tensor, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        decoded = self.model.decode(tokens_observation, latent)
        return decoded.twist, decoded.waypoints, _expected_steps(decoded.step_logits)


_RELATION = ["steps", "match", "bearing", "yaw", "distance", "latent_mean", "latent_log_variance"]
GRAPH_OUTPUTS = {
    "encode": ["descriptor", "tokens", "ranges"],
    "compare": _RELATION,
    "decode": ["twist", "waypoints", "steps"],
}


def graphs(model: LatentGoalModel) -> dict[str, tuple[nn.Module, dict[str, Tensor]]]:
    """Each graph as a torch module with example inputs by name, batch axis first."""
    s = model.settings
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(2, 3, s.image_height, s.image_width, generator=generator)
    with torch.no_grad():
        tokens = model.encode(image)[1]
    latent = torch.randn(2, s.latent_size, generator=generator)
    compare: tuple[nn.Module, dict[str, Tensor]]
    if s.fusion == "late":
        compare = (_Compare(model), {"tokens_observation": tokens, "tokens_goal": tokens.flip(0)})
    else:
        compare = (_CompareImages(model), {"image_observation": image, "image_goal": image.flip(0)})
    return {
        "encode": (_Encode(model), {"image": image}),
        "compare": compare,
        "decode": (_Decode(model), {"tokens_observation": tokens, "latent": latent}),
    }


def export_graphs(model: LatentGoalModel, directory: Path) -> dict[str, Path]:
    """Write `encode.onnx`, `compare.onnx`, `decode.onnx`, weights inside, batch axis dynamic."""
    model = model.eval()
    files = {}
    for name, (module, inputs) in graphs(model).items():
        path = directory / f"{name}.onnx"
        export_graph(module, inputs, GRAPH_OUTPUTS[name], path)
        files[name] = path
    return files
