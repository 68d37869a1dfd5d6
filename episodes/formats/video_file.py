"""An MP4 file that is written frame by frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError

_ENCODERS = {
    "libx264": {"crf": "18", "preset": "veryfast", "g": "2", "bf": "0"},
    "libsvtav1": {"crf": "25", "preset": "10", "g": "2"},
    "mpeg4": {"qscale": "2", "g": "2", "bf": "0"},
}
"""The first that the installed libav has; keyframes are close, for training seeks at random."""


class VideoFile:
    """Frames at a constant rate, the k-th at exactly k / rate seconds.

    Raises CairnError when no encoder is there.
    """

    def __init__(self, path: Path, width: int, height: int, rate: int) -> None:
        self.width, self.height = width, height
        self.frames = 0
        # Halved colour needs even sides.
        self.pixel_format = "yuv420p" if width % 2 == 0 and height % 2 == 0 else "yuv444p"
        name = _encoder()
        self._container = av.open(str(path), "w")
        stream: Any = self._container.add_stream(name, rate=rate, options=_ENCODERS[name])
        self._stream = stream
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = self.pixel_format
        self._stream.codec_context.time_base = Fraction(1, rate)
        self.codec = self._stream.codec_context.codec.canonical_name

    def add(self, image: NDArray[np.uint8]) -> None:
        """Append RGB pixels of shape (height, width, 3)."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, self.frames = self.frames, self.frames + 1
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Complete the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()


def _encoder() -> str:
    for name in _ENCODERS:
        try:
            av.Codec(name, "w")
        except UnknownCodecError:
            continue
        return name
    raise CairnError(f"this libav has no encoder for video; expected one of {', '.join(_ENCODERS)}")
