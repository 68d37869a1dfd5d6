"""The error of an image that can't be used."""

from __future__ import annotations

from cairn.hardware.errors import CairnError


class ImageError(CairnError):
    """An image from outside is not what it must be."""
