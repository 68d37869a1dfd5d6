"""Signs that a latent goal model ignores its latent."""

from __future__ import annotations

from collections.abc import Mapping

# A working model stays far from all three: some nats, several dimensions, samples that turn both ways.
_LEAST = {
    "kl": (0.5, "KL is {:.2f} nats, expected at least {}: the latent carries nothing about the goal"),
    "active_dimensions": (1.0, "{:.0f} latent dimensions are active, expected at least {:.0f}"),
    "prior_turn_spread": (
        0.05,
        "samples of the prior differ by {:.3f} rad/s in turn rate, expected at least {}: they all lead the "
        "same way",
    ),
}


def signs_of_collapse(metrics: Mapping[str, float]) -> list[str]:
    """What in the numbers of `diagnose` speaks for a collapsed posterior; empty for a working model."""
    return [
        sentence.format(metrics[name], least)
        for name, (least, sentence) in _LEAST.items()
        if name in metrics and not metrics[name] >= least
    ]
