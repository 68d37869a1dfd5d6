"""Keep a camera image as a goal photo."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError

FORMATS = (".png", ".jpg", ".jpeg")


def capture_goal(image: NDArray[np.uint8], path: Path) -> None:
    """Write RGB uint8 (height, width, 3) as PNG or JPEG, by the suffix; all or nothing.

    Raises CairnError for another suffix and when the file can't be written.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise CairnError(f"a goal photo must end in one of {', '.join(FORMATS)}, got {path}")
    quality = [] if suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, 95]
    _, content = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.write_bytes(content.tobytes())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CairnError(f"the goal photo {path} can't be written: {error.strerror or error}") from error
