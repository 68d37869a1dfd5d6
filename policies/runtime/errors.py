"""The errors of running a policy."""

from __future__ import annotations

from cairn.hardware.errors import CairnError


class ProviderError(CairnError):
    """What should run a graph is not there, or can't."""


class PolicyInputError(CairnError):
    """A graph's input has another name, dtype or shape than the manifest says, or is not finite."""


class PolicyOutputError(CairnError):
    """A graph's output has another shape than the manifest says, or is not finite."""
