"""The error of a policy bundle that can't be trusted."""

from __future__ import annotations

from cairn.hardware.errors import CairnError


class BundleError(CairnError):
    """A bundle, or a part of it, is not what its manifest promises."""
