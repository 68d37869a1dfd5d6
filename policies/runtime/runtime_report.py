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
            lines.append(f"  {name} runs on {graph.provider} ({_describe(graph.placement)})")
            if graph.latency:
                lines.append(
                    f"    {graph.latency.count} calls: median {1e3 * graph.latency.median:.2f} ms, "
                    f"99 % {1e3 * graph.latency.p99:.2f} ms, most {1e3 * graph.latency.maximum:.2f} ms"
                )
        graphs_of: dict[tuple[str, str], list[str]] = {}
        for name, graph in self.graphs.items():
            for refusal in graph.not_used.items():
                graphs_of.setdefault(refusal, []).append(name)
        lines += [
            f"  not on {provider} ({', '.join(names)}): {reason}"
            for (provider, reason), names in graphs_of.items()
        ]
        return "\n".join(lines)


def _describe(placement: Mapping[str, int | None]) -> str:
    return ", ".join(
        executor if count is None else f"{executor}: {count} node{'s' * (count != 1)}"
        for executor, count in placement.items()
    )
