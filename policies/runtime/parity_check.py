"""Whether the graphs still compute what the trained model did, in units that a roboticist can judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.manifest import Manifest
from cairn.policies.bundle.parity import Reference, parse_parity
from cairn.policies.bundle.policy_bundle import PolicyBundle
from cairn.policies.runtime.policy_runtime import PolicyRuntime


@dataclass(frozen=True)
class ParityResult:
    """The largest error of one output, or of its entries of one unit.

    Attributes:
        output: `graph.tensor`.
        error, tolerance: absolute, in `unit`.
    """

    output: str
    unit: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance


def check_parity(runtime: PolicyRuntime) -> list[ParityResult]:
    """Each output that the manifest gives a tolerance for, against the bundle's references.

    Raises:
        BundleError: the bundle has no references, or they don't fit its manifest.
        PolicyInputError: a reference input is not as in the manifest.
        PolicyOutputError: an output is not.
    """
    bundle = runtime.bundle
    parity = bundle.manifest.parity
    if parity is None:
        raise BundleError(f"{bundle.directory} has no parity references")
    references = parse_parity(bundle.read(parity.file), str(bundle.directory / parity.file))
    unknown = sorted(references.keys() - bundle.manifest.graphs.keys())
    if unknown:
        raise BundleError(f"{bundle.directory / parity.file} has references of unknown graphs {unknown}")
    computed = {graph: runtime.run(graph, reference.inputs) for graph, reference in references.items()}
    results = []
    for path, tolerance in parity.tolerances.items():
        graph, _, tensor = path.partition(".")
        expected = _expected(bundle, path, references)
        actual = computed[graph][tensor]
        if expected.shape != actual.shape:
            raise BundleError(
                f"{bundle.directory / parity.file}: {path} must have the output's shape "
                f"{list(actual.shape)}, got {list(expected.shape)}"
            )
        scale, unit = _physical(bundle, path)
        difference = actual.astype(np.float64) - expected.astype(np.float64)
        if unit == "rad":
            difference = (difference + np.pi) % (2 * np.pi) - np.pi
        results += _by_unit(path, np.abs(difference * scale), unit, tolerance)
    return results


def _expected(bundle: PolicyBundle, path: str, references: dict[str, Reference]) -> NDArray[np.generic]:
    graph, _, tensor = path.partition(".")
    if graph not in references or tensor not in references[graph].outputs:
        raise BundleError(f"{bundle.directory} has a tolerance for {path} but no reference output")
    return references[graph].outputs[tensor]


def _physical(bundle: PolicyBundle, path: str) -> tuple[NDArray[np.float64] | float, str | tuple[str, ...]]:
    """Physical units per unit of an output, and which: an action's normalisation and scale are undone."""
    manifest: Manifest = bundle.manifest
    for action in manifest.actions:
        if action.output != path:
            continue
        scale: NDArray[np.float64] | float = 1.0
        if action.normalisation:
            scale = bundle.statistics[action.normalisation.scale]
            if action.normalisation.kind == "min_max":
                scale = (scale - bundle.statistics[action.normalisation.offset]) / 2
        if action.kind == "twist":
            return scale, action.units
        if action.kind == "end_effector_delta":
            return scale, ("m",) * 3 + ("rad",) * 3 + ("1",)
        heading = {"none": (), "yaw": ("rad",), "cos_sin": ("1", "1")}[action.heading]
        metres = np.array([action.scale, action.scale] + [1.0] * len(heading))
        return scale * metres, ("m", "m", *heading)
    return 1.0, manifest.output(path).unit


def _by_unit(
    path: str, error: NDArray[np.float64], unit: str | tuple[str, ...], tolerance: float
) -> list[ParityResult]:
    if isinstance(unit, str):
        return [ParityResult(path, unit, float(error.max()), tolerance)]
    entries = error.reshape(-1, len(unit)).max(axis=0)
    return [
        ParityResult(path, name, float(entries[[one == name for one in unit]].max()), tolerance)
        for name in dict.fromkeys(unit)
    ]
