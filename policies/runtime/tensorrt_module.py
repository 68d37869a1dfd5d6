"""NVIDIA's two TensorRT modules, which have one interface."""

from __future__ import annotations

import importlib
from types import ModuleType

from cairn.policies.runtime.errors import ProviderError

MODULES = ("tensorrt", "tensorrt_rtx")


def load_tensorrt() -> ModuleType:
    """`tensorrt` (JetPack, data centre), else `tensorrt_rtx` (PyPI; builds without a GPU too).

    Raises:
        ProviderError: neither can be imported.
    """
    reasons = []
    for name in MODULES:
        try:
            return importlib.import_module(name)
        except (ImportError, OSError, RuntimeError) as error:
            reasons.append(f"{name}: {error}")
    raise ProviderError(
        f"no TensorRT here ({'; '.join(reasons)}); expected one of {', '.join(MODULES)}: "
        "`pip install 'cairn-robotics[tensorrt]'`"
    )
