"""TensorRT engines from ONNX."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

from cairn.policies.bundle.graph_spec import GraphSpec
from cairn.policies.runtime.errors import ProviderError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineFlags:
    """What changes an engine; part of its cache key.

    Attributes:
        optimal_batch: the size of named axes that kernels are chosen for.
        largest_batch: the largest size of named axes that the engine accepts.
        tf32: whether float32 products may be rounded to 10 bits of mantissa; off, to keep parity.
    """

    optimal_batch: int = 1
    largest_batch: int = 256
    tf32: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.optimal_batch <= self.largest_batch <= 1 << 16:
            raise ProviderError(
                "batch sizes must rise as 1 <= optimal <= largest <= 65536, got "
                f"{self.optimal_batch} and {self.largest_batch}"
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def build_engine(trt: ModuleType, content: bytes, spec: GraphSpec, flags: EngineFlags) -> bytes:
    """A serialised engine; strongly typed, so that precision is what the ONNX file says.

    Args:
        trt: from `load_tensorrt`.
        content: of a verified ONNX file.

    Raises:
        ProviderError: TensorRT refuses the graph, or needs a GPU to build; the message holds its own words.
    """
    logger = _collecting_logger(trt)
    try:
        builder = trt.Builder(logger)
    except TypeError as error:  # how TensorRT's bindings say that CUDA could not start
        raise ProviderError(f"{_version(trt)} can't build here: {logger.said or error}") from error
    network = builder.create_network(_network_flags(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(content):
        reasons = "; ".join(parser.get_error(index).desc() for index in range(parser.num_errors))
        raise ProviderError(f"{_version(trt)} can't read {spec.file}: {reasons or logger.said}")
    config = builder.create_builder_config()
    if not flags.tf32:
        config.clear_flag(trt.BuilderFlag.TF32)
    profile = builder.create_optimization_profile()
    for name, tensor in spec.inputs.items():
        sizes = (1, flags.optimal_batch, flags.largest_batch)
        shapes = [[batch if isinstance(size, str) else size for size in tensor.shape] for batch in sizes]
        profile.set_shape(name, *shapes)
    config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise ProviderError(f"{_version(trt)} can't build {spec.file}: {logger.said}")
    return bytes(plan)


def _version(trt: ModuleType) -> str:
    return f"{trt.__name__} {trt.__version__}"


def _network_flags(trt: ModuleType) -> int:
    """TensorRT before 10 must be told that the batch axis is explicit; later versions know no other."""
    known = trt.NetworkDefinitionCreationFlag
    names = ("EXPLICIT_BATCH", "STRONGLY_TYPED")
    return sum(1 << int(getattr(known, name)) for name in names if hasattr(known, name))


def _collecting_logger(trt: ModuleType) -> Any:
    """A TensorRT logger that passes on to `logging` and remembers errors for messages."""

    class Logger(trt.ILogger):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.said = ""

        def log(self, severity: Any, message: str) -> None:
            if severity in (trt.ILogger.Severity.INTERNAL_ERROR, trt.ILogger.Severity.ERROR):
                self.said = f"{self.said}; {message}" if self.said else message
                _log.error(message)
            elif severity == trt.ILogger.Severity.WARNING:
                _log.warning(message)

    return Logger()
