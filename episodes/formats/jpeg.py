"""Images as JPEG, as they were recorded where that is possible."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from cairn.episodes.quality_gate import JudgedStep


def jpeg_of(judged: JudgedStep, quality: int) -> bytes:
    """The recorded JPEG without a loss, or the image encoded at `quality` (1 to 100)."""
    recorded = judged.step.jpeg
    if recorded is not None:
        return recorded
    stream = BytesIO()
    # Colours at full resolution: the images are small, and edges of colour are what tells places apart.
    Image.fromarray(judged.image).save(stream, "JPEG", quality=quality, subsampling=0)
    return stream.getvalue()
