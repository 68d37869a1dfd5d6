"""The first CUDA device of this machine, through NVIDIA's own bindings."""

from __future__ import annotations

from typing import Any

from cairn.policies.runtime.errors import ProviderError


def cuda_runtime() -> Any:
    """The module `cuda.bindings.runtime`.

    Raises:
        ProviderError: it is not installed.
    """
    try:
        from cuda.bindings import runtime
    except ImportError as error:
        raise ProviderError(
            f"no CUDA bindings here ({error}): `pip install 'cairn-robotics[tensorrt]'`"
        ) from error
    return runtime


def checked(result: tuple[Any, ...]) -> Any:
    """What a CUDA call returned, without its status.

    Raises:
        ProviderError: the call failed.
    """
    status, *values = result
    if status.value != 0:
        _, text = cuda_runtime().cudaGetErrorString(status)
        raise ProviderError(f"CUDA failed: {text.decode()} ({status.name})")
    return values[0] if len(values) == 1 else tuple(values)


def gpu_name() -> str:
    """Name and compute capability of device 0, such as `Orin 8.7`.

    Raises:
        ProviderError: no usable GPU; the message says why.
    """
    runtime = cuda_runtime()
    try:
        if checked(runtime.cudaGetDeviceCount()) < 1:
            raise ProviderError("CUDA finds no device")
        properties = checked(runtime.cudaGetDeviceProperties(0))
    except ProviderError as error:
        raise ProviderError(
            f"no GPU can be used here: {error}; expected an NVIDIA GPU and its driver"
        ) from error
    name = properties.name.split(b"\0")[0].decode()
    return f"{name} {properties.major}.{properties.minor}"
