"""A graph on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from cairn.policies.runtime.engine_cache import engine_directory
from cairn.policies.runtime.errors import PolicyOutputError, ProviderError
from cairn.policies.runtime.graph_runner import GraphRunner
from cairn.policies.runtime.provider import onnxruntime_name
from cairn.policies.runtime.tensor_checks import Tensors

_ERRORS_ONLY = 3


class OnnxRunner(GraphRunner):
    """One session, sequential, without spinning threads (they starve the rest of a robot's processes)."""

    def __init__(self, content: bytes, provider: str, threads: int = 1) -> None:
        """Load a model.

        Args:
            content: of a verified ONNX file.
            provider: `tensorrt-onnxruntime`, `cuda` or `cpu`.
            threads: within an operator.

        Raises:
            ProviderError: not available, or ONNX Runtime fell back to another one.
        """
        name = onnxruntime_name(provider, onnxruntime.get_available_providers())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = _ERRORS_ONLY
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
        fallback = [] if provider == "cpu" else ["CPUExecutionProvider"]  # for operators that `name` lacks
        chain: list[Any] = [(name, _options(name)), *fallback]
        try:
            session = onnxruntime.InferenceSession(content, options, providers=chain)
        except Exception as error:  # onnxruntime's errors share no public base
            raise ProviderError(f"provider {provider!r} can't load the graph: {error}") from error
        if name not in session.get_providers():
            raise ProviderError(
                f"provider {provider!r} is not usable: onnxruntime could not start {name} and fell back to "
                f"{', '.join(session.get_providers())}; check the driver and the CUDA libraries"
            )
        self._session = session
        self._provider = provider
        self._outputs = [output.name for output in session.get_outputs()]

    @property
    def provider(self) -> str:
        return self._provider

    @property
    def placement(self) -> Mapping[str, int | None]:
        if not hasattr(self._session, "get_provider_graph_assignment_info"):  # onnxruntime < 1.24
            return dict.fromkeys(self._session.get_providers())
        placement: dict[str, int | None] = {}
        for part in self._session.get_provider_graph_assignment_info():
            placement[part.ep_name] = (placement.get(part.ep_name) or 0) + len(part.get_nodes())
        return placement

    def run(self, inputs: Tensors) -> dict[str, NDArray[np.generic]]:
        try:
            outputs = self._session.run(self._outputs, dict(inputs))
        except Exception as error:  # onnxruntime's errors share no public base
            raise PolicyOutputError(f"the graph failed on {self._provider}: {error}") from error
        return dict(zip(self._outputs, outputs, strict=True))


def _options(name: str) -> dict[str, str]:
    if name != "TensorrtExecutionProvider":
        return {}
    return {"trt_engine_cache_enable": "1", "trt_engine_cache_path": str(engine_directory())}
