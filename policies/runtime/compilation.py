"""Engines for a bundle's graphs, from the cache or built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from cairn.policies.bundle.graph_spec import GraphSpec
from cairn.policies.bundle.policy_bundle import PolicyBundle
from cairn.policies.runtime.cuda_device import gpu_name
from cairn.policies.runtime.engine_cache import EngineCache
from cairn.policies.runtime.errors import ProviderError
from cairn.policies.runtime.tensorrt_builder import EngineFlags, build_engine
from cairn.policies.runtime.tensorrt_module import load_tensorrt

NO_GPU = "none"


@dataclass(frozen=True)
class CompiledGraph:
    """An engine in the cache.

    Attributes:
        graph: its name in the bundle, or of its file.
        seconds: spent building; 0 where it was there already.
        gpu: that it was built on, or `none`.
    """

    graph: str
    path: Path
    size: int
    seconds: float
    cached: bool
    tensorrt: str
    gpu: str


def compile_bundle(
    bundle: PolicyBundle, flags: EngineFlags | None = None, cache: EngineCache | None = None
) -> list[CompiledGraph]:
    """An engine for each graph; `tensorrt_rtx` builds them on a machine without a GPU, too.

    Raises:
        BundleError: a file changed since the bundle was verified.
        ProviderError: no TensorRT, or it refuses a graph.
    """
    return [
        compile_graph(bundle.read(spec.file), spec, name, flags, cache)
        for name, spec in bundle.manifest.graphs.items()
    ]


def compile_graph(
    content: bytes,
    spec: GraphSpec,
    name: str,
    flags: EngineFlags | None = None,
    cache: EngineCache | None = None,
) -> CompiledGraph:
    """The engine of one graph, built where the cache lacks it.

    Raises:
        ProviderError: no TensorRT, it refuses the graph, or the cached engine was changed.
    """
    flags, cache = flags or EngineFlags(), cache or EngineCache()
    trt = load_tensorrt()
    version, gpu = f"{trt.__name__} {trt.__version__}", _gpu_name_or_none()
    key = cache.key(content, version, gpu, flags.as_dict())
    engine = cache.load(key)
    if engine is not None:
        return CompiledGraph(name, cache.path(key), len(engine), 0.0, True, version, gpu)
    start = perf_counter()
    engine = build_engine(trt, content, spec, flags)
    seconds = perf_counter() - start
    facts = {"graph": name, "tensorrt": version, "gpu": gpu, "flags": flags.as_dict()}
    path = cache.store(key, engine, facts)
    return CompiledGraph(name, path, len(engine), seconds, False, version, gpu)


def cached_engine(content: bytes, flags: EngineFlags | None = None) -> bytes:
    """The engine of a graph for this machine's GPU.

    Raises:
        ProviderError: no TensorRT, no GPU, not compiled yet, or changed since.
    """
    trt = load_tensorrt()
    gpu = gpu_name()
    flags = flags or EngineFlags()
    cache = EngineCache()
    key = cache.key(content, f"{trt.__name__} {trt.__version__}", gpu, flags.as_dict())
    engine = cache.load(key)
    if engine is None:
        raise ProviderError(f"no engine for {gpu} yet: run `cairn compile`")
    return engine


def _gpu_name_or_none() -> str:
    try:
        return gpu_name()
    except ProviderError:
        return NO_GPU
