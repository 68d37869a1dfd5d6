"""Reference outputs for the bundles of `example_bundles`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from example_bundles import recon_manifest

from cairn.policies.bundle.graph_spec import GraphSpec
from cairn.policies.bundle.parity import Reference, parity_bytes
from cairn.policies.runtime.example_inputs import example_inputs

TOLERANCES = {
    "encode.ranges": 1e-3,
    "compare.steps": 1e-2,
    "compare.bearing": 1e-3,
    "decode.twist": 1e-3,
    "decode.waypoints": 1e-3,
}


def recon_references(**offsets: float) -> tuple[dict[str, Any], bytes]:
    """The manifest with tolerances, and its parity.npz; `offsets` falsify outputs named `graph__tensor`."""
    manifest = recon_manifest()
    manifest["parity"] = {"file": "parity.npz", "tolerances": TOLERANCES}
    references = {}
    for name, graph in manifest["graphs"].items():
        inputs = example_inputs(GraphSpec.model_validate_json(json.dumps(graph)), {"B": 3})
        # What `graph_bytes` computes: the mean of each input, an item at a time, summed.
        total = sum(tensor.reshape(3, -1).mean(axis=1) for tensor in inputs.values())
        outputs = {}
        for output, spec in graph["outputs"].items():
            value = total + offsets.get(f"{name}__{output}", 0.0)
            shape = (3, *spec["shape"][1:])
            expanded = value.reshape(3, *[1] * (len(shape) - 1))
            outputs[output] = np.broadcast_to(expanded, shape).astype(np.float32)
        references[name] = Reference(inputs, outputs)
    return manifest, parity_bytes(references)
