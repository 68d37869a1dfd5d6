"""What can run a graph, and which of it this machine has."""

from __future__ import annotations

from cairn.policies.runtime.errors import ProviderError

ONNXRUNTIME_NAMES = {
    "tensorrt-onnxruntime": ("TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider"),
    "cuda": ("CUDAExecutionProvider",),
    "cpu": ("CPUExecutionProvider",),
}

#: In order of preference: an engine made by `cairn compile`, then ONNX Runtime's providers.
PROVIDERS = ("tensorrt", *ONNXRUNTIME_NAMES)


def check_provider(name: str | None) -> None:
    """Check a provider's name; None means the best that is available.

    Raises:
        ProviderError: unknown.
    """
    if name is not None and name not in PROVIDERS:
        raise ProviderError(f"provider {name!r} is unknown; valid: {', '.join(PROVIDERS)}")


def onnxruntime_name(provider: str, available: list[str]) -> str:
    """ONNX Runtime's name of a provider, if its build has it.

    Args:
        available: what `onnxruntime.get_available_providers()` says.

    Raises:
        ProviderError: this build lacks it.
    """
    for name in ONNXRUNTIME_NAMES[provider]:
        if name in available:
            return name
    wanted = " or ".join(ONNXRUNTIME_NAMES[provider])
    raise ProviderError(
        f"provider {provider!r} is not available: this onnxruntime has no {wanted}, only "
        f"{', '.join(available)}; a GPU needs onnxruntime-gpu instead of onnxruntime"
    )
