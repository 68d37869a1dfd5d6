"""A graph as a TensorRT engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle.graph_spec import GraphSpec
from cairn.policies.runtime.compilation import cached_engine, compile_graph
from cairn.policies.runtime.cuda_device import checked, cuda_runtime, gpu_name
from cairn.policies.runtime.errors import PolicyInputError, PolicyOutputError, ProviderError
from cairn.policies.runtime.graph_runner import GraphRunner
from cairn.policies.runtime.tensor_checks import Tensors
from cairn.policies.runtime.tensorrt_module import load_tensorrt


def open_tensorrt_runner(content: bytes, spec: GraphSpec, build: bool) -> TensorRtRunner:
    """A runner with the cached engine, or a new one where `build`.

    Raises:
        ProviderError: no TensorRT, no GPU that can run it, or no engine.
    """
    load_tensorrt()
    gpu_name()
    if build:
        compile_graph(content, spec, spec.file)
    return TensorRtRunner(cached_engine(content), spec)


class TensorRtRunner(GraphRunner):
    """One engine on device 0, with device buffers of the largest batch allocated once."""

    def __init__(self, engine: bytes, spec: GraphSpec) -> None:
        """Load an engine.

        Raises:
            ProviderError: no TensorRT, no GPU, or the engine is not for them.
        """
        trt = load_tensorrt()
        self._gpu = gpu_name()
        self._cuda = cuda_runtime()
        self._spec = spec
        self._runtime = trt.Runtime(trt.Logger(trt.Logger.ERROR))
        self._engine = self._runtime.deserialize_cuda_engine(engine)
        if self._engine is None:
            raise ProviderError(f"{trt.__name__} {trt.__version__} refuses the engine on {self._gpu}")
        self._context = self._engine.create_execution_context()
        if self._context is None:
            raise ProviderError(f"{trt.__name__} {trt.__version__} can't start the engine on {self._gpu}")
        self._stream = checked(self._cuda.cudaStreamCreate())
        self._buffers: dict[str, int] = {}
        for name in spec.inputs:
            largest = tuple(self._engine.get_tensor_profile_shape(name, 0)[2])
            self._context.set_input_shape(name, largest)
            self._allocate(name, int(np.prod(largest)) * np.dtype(spec.inputs[name].dtype).itemsize)
        for name in spec.outputs:
            self._allocate(name, self._context.get_max_output_size(name))

    @property
    def provider(self) -> str:
        return "tensorrt"

    @property
    def placement(self) -> Mapping[str, int | None]:
        return {f"TensorRT engine on {self._gpu}": self._engine.num_layers}

    def run(self, inputs: Tensors) -> dict[str, NDArray[np.generic]]:
        try:
            return self._run(inputs)
        except ProviderError as error:
            raise PolicyOutputError(f"{self._spec.file} failed on {self._gpu}: {error}") from error

    def _run(self, inputs: Tensors) -> dict[str, NDArray[np.generic]]:
        kinds = self._cuda.cudaMemcpyKind
        for name, tensor in inputs.items():
            largest = tuple(self._engine.get_tensor_profile_shape(name, 0)[2])
            if any(size > most for size, most in zip(tensor.shape, largest, strict=True)):
                raise PolicyInputError(
                    f"{self._spec.file}: input {name!r} must be at most {list(largest)}, "
                    f"got {list(tensor.shape)}"
                )
            self._context.set_input_shape(name, tensor.shape)
            self._copy(self._buffers[name], tensor.ctypes.data, tensor.nbytes, kinds.cudaMemcpyHostToDevice)
        outputs = {
            name: np.empty(tuple(self._context.get_tensor_shape(name)), spec.dtype)
            for name, spec in self._spec.outputs.items()
        }
        if not self._context.execute_async_v3(self._stream):
            raise ProviderError("TensorRT could not start")
        for name, output in outputs.items():
            self._copy(output.ctypes.data, self._buffers[name], output.nbytes, kinds.cudaMemcpyDeviceToHost)
        checked(self._cuda.cudaStreamSynchronize(self._stream))
        return outputs

    def _allocate(self, name: str, size: int) -> None:
        self._buffers[name] = checked(self._cuda.cudaMalloc(size))
        self._context.set_tensor_address(name, self._buffers[name])

    def _copy(self, target: int, source: int, size: int, kind: Any) -> None:
        checked(self._cuda.cudaMemcpyAsync(target, source, size, kind, self._stream))

    def __del__(self) -> None:
        for buffer in getattr(self, "_buffers", {}).values():
            self._cuda.cudaFree(buffer)
        if hasattr(self, "_stream"):
            self._cuda.cudaStreamDestroy(self._stream)
