"""One torch module as an ONNX file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

OPSET = 18


def export_graph(module: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], path: Path) -> None:
    """Write `module` in evaluation mode, weights inside, batch axis dynamic.

    Args:
        inputs: examples by name, batch axis first.
        outputs: names.
    """
    torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        path,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={key: {0: "batch"} for key in [*inputs, *outputs]},
        opset_version=OPSET,
        dynamo=False,
    )
