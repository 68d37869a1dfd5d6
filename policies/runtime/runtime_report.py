"""What runs where, and why not elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cairn.policies.runtime.latency import LatencySummary


@dataclass(frozen=True)
class GraphReport:
    """One graph.

    Attributes:
        placement: its nodes by what executes them; None where the number is not known.
        not_used: why each preferred provider was passed over.
    """

    provider: str
    placement: Mapping[str, int | None]
    not_used: Mapping[str, str]
    latency: LatencySummary | None


@dataclass(frozen=True)
class RuntimeReport:
    """All graphs of a bundle, by name."""

    bundle: str
    fingerprint: str
    graphs: Mapping[str, GraphReport]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as for JSON; durations in seconds."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.bundle} ({self.fingerprint[:12]})"]
        for name, graph in self.graphs.items():
            nodes = ", ".join(
                executor if count is None else f"{executor}: {count} node{'s' * (count != 1)}"
                for executor, count in graph.placement.items()
            )
            lines.append(f"  {name} runs on {graph.provider} ({nodes})")
            lines += [f"    not on {provider}: {reason}" for provider, reason in graph.not_used.items()]
            if graph.latency:
                lines.append(
                    f"    {graph.latency.count} calls: median {1e3 * graph.latency.median:.2f} ms, "
                    f"99 % {1e3 * graph.latency.p99:.2f} ms, most {1e3 * graph.latency.maximum:.2f} ms"
                )
        return "\n".join(lines)
