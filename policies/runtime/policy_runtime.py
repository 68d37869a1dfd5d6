"""The one way to run a bundle."""

from __future__ import annotations

import logging
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle.policy_bundle import PolicyBundle
from cairn.policies.runtime.errors import PolicyInputError, ProviderError
from cairn.policies.runtime.example_inputs import example_inputs
from cairn.policies.runtime.graph_runner import GraphRunner
from cairn.policies.runtime.latency import Latency
from cairn.policies.runtime.onnx_runner import OnnxRunner
from cairn.policies.runtime.provider import PROVIDERS, check_provider
from cairn.policies.runtime.runtime_report import GraphReport, RuntimeReport
from cairn.policies.runtime.tensor_checks import Tensors, check_inputs, check_outputs
from cairn.policies.runtime.tensorrt_runner import open_tensorrt_runner

_log = logging.getLogger(__name__)


class PolicyRuntime:
    """A bundle's graphs, each on the best provider that this machine has, or on the one asked for.

    One object serves one thread.
    """

    def __init__(self, bundle: PolicyBundle, provider: str | None = None, threads: int = 1) -> None:
        """Load every graph.

        Args:
            provider: one of `PROVIDERS`; None takes, a graph at a time, the first that works.  An engine that
                is not in the cache is built only where `tensorrt` is asked for.
            threads: of ONNX Runtime within an operator; a robot's node is best served by one.

        Raises:
            BundleError: a file changed since the bundle was verified.
            ProviderError: the provider asked for is unknown, absent or falls back to another.
        """
        check_provider(provider)
        if threads < 1:
            raise ProviderError(f"threads must be at least 1, got {threads}")
        self._bundle = bundle
        self._runners: dict[str, GraphRunner] = {}
        self._not_used: dict[str, dict[str, str]] = {}
        for graph in bundle.manifest.graphs:
            self._runners[graph], self._not_used[graph] = _open(bundle, graph, provider, threads)
        self._latency = {graph: Latency() for graph in self._runners}
        for line in str(self.report()).splitlines():
            _log.info(line)

    @property
    def bundle(self) -> PolicyBundle:
        return self._bundle

    def run(self, graph: str, inputs: Tensors) -> dict[str, NDArray[np.generic]]:
        """A graph's outputs by name.

        Args:
            inputs: by name, of the manifest's dtypes and shapes, finite.

        Raises:
            PolicyInputError: unknown graph, or inputs other than the manifest says.
            PolicyOutputError: outputs other than the manifest says, or not finite.
        """
        if graph not in self._runners:
            raise PolicyInputError(f"{graph!r} is no graph of this bundle; valid: {sorted(self._runners)}")
        spec = self._bundle.manifest.graphs[graph]
        start = perf_counter()
        sizes = check_inputs(graph, spec, inputs)
        outputs = self._runners[graph].run({name: np.ascontiguousarray(inputs[name]) for name in spec.inputs})
        check_outputs(graph, spec, outputs, sizes)
        self._latency[graph].add(perf_counter() - start)
        return outputs

    def warm_up(self, repeats: int = 3) -> None:
        """Run every graph on fixed inputs, so that the first real call is as quick as the others.

        The latency statistics begin anew.

        Raises:
            PolicyOutputError: a graph fails on inputs in [0, 1).
        """
        self.measure(repeats)
        for latency in self._latency.values():
            latency.reset()

    def measure(self, repeats: int) -> None:
        """Run every graph on fixed inputs, for the latencies in the report.

        Raises:
            PolicyOutputError: a graph fails on inputs in [0, 1).
        """
        for graph, spec in self._bundle.manifest.graphs.items():
            inputs = example_inputs(spec)
            for _ in range(repeats):
                self.run(graph, inputs)

    def report(self) -> RuntimeReport:
        """What runs where, why not elsewhere, and how fast it was so far."""
        graphs = {
            graph: GraphReport(
                runner.provider, runner.placement, self._not_used[graph], self._latency[graph].summary()
            )
            for graph, runner in self._runners.items()
        }
        return RuntimeReport(self._bundle.name, self._bundle.fingerprint, graphs)


def _open(
    bundle: PolicyBundle, graph: str, requested: str | None, threads: int
) -> tuple[GraphRunner, dict[str, str]]:
    """A runner, and why each preferred provider was passed over."""
    spec = bundle.manifest.graphs[graph]
    content = bundle.read(spec.file)
    not_used: dict[str, str] = {}
    for provider in (requested,) if requested else PROVIDERS:
        try:
            if provider == "tensorrt":
                return open_tensorrt_runner(content, spec, build=requested is not None), not_used
            return OnnxRunner(content, provider, threads), not_used
        except ProviderError as error:
            not_used[provider] = str(error)
    reasons = "; ".join(not_used.values())
    raise ProviderError(f"graph {graph!r} of {bundle.name} can't run here: {reasons}")
