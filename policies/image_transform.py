"""From a camera's image to what a graph takes, as the manifest says."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.policies.bundle.image_input import ImageInput
from cairn.policies.camera_remap import CameraRemap
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.image_error import ImageError

#: OpenCV's interpolation by the name that bundles give it.
KERNELS = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "lanczos4": cv2.INTER_LANCZOS4,
    "nearest": cv2.INTER_NEAREST,
    "linear_exact": cv2.INTER_LINEAR_EXACT,
    "nearest_exact": cv2.INTER_NEAREST_EXACT,
}


class ImageTransform:
    """Views, cuts to aspect, resizes, crops, orders colours, scales and lays out, exactly as in training.

    Training and deployment use this class, so that they can't differ.  It keeps its buffers from call to
    call; one object serves one thread.
    """

    def __init__(self, spec: ImageInput, camera: CameraModel | None = None) -> None:
        """Prepare for images of one camera.

        Args:
            camera: that takes the images; a policy with a cylindrical view, or one that names its training
                camera's lens, must know it.

        Raises:
            ImageError: the policy must know the camera, and `camera` is None.
        """
        self._spec = spec
        self._camera = camera
        self._view: CylindricalView | None = None
        if spec.view:
            if camera is None:
                raise ImageError("a policy with a cylindrical view needs the camera's intrinsics, got none")
            view = spec.view
            self._view = CylindricalView(view.width, view.height, view.horizontal_fov, view.top, view.bottom)
        self._lens = spec.camera.lens.camera_model() if spec.camera.lens else None
        self._remaps: dict[tuple[int, int], CameraRemap] = {}
        if self._lens is not None:
            if camera is None:
                raise ImageError("a policy that names its lens needs the camera's intrinsics, got none")
            self._camera = self._lens
            self._real = camera
        if spec.resize:
            self._kernel = KERNELS[spec.resize.kernel]
            self._resized = np.empty((spec.resize.height, spec.resize.width, 3), np.uint8)
        window = slice(None), slice(None)
        if spec.crop:
            window = (
                slice(spec.crop.top, spec.crop.top + spec.crop.height),
                slice(spec.crop.left, spec.crop.left + spec.crop.width),
            )
        self._window = window
        # All 256 values of a channel at once: exact, and quicker than arithmetic on every pixel.
        values = np.arange(256, dtype=np.float32) / np.float32(255)
        self._tables = [
            (values - np.float32(mean)) / np.float32(std)
            for mean, std in zip(spec.mean, spec.std, strict=True)
        ]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the result."""
        return self._spec.frame_shape

    def __call__(
        self, image: NDArray[np.uint8], out: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """One frame for the graph, without batch axis.

        Args:
            image: RGB, uint8, shape (height, width, 3), any size; not changed.
            out: float32 of `shape` to write to; absent: a new array.

        Raises:
            ImageError: another dtype or shape.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise ImageError(
                f"an image must be uint8 of shape (height, width, 3), got {image.dtype} {image.shape}"
            )
        if out is None:
            out = np.empty(self.shape, np.float32)
        elif out.dtype != np.float32 or out.shape != self.shape or not out.flags.c_contiguous:
            raise ImageError(f"out must be contiguous float32 {self.shape}, got {out.dtype} {out.shape}")
        pixels = self._sample(image)[self._window]
        if self._spec.colour == "gray":
            planes = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)]
        else:
            planes = list(cv2.split(pixels))
            if self._spec.colour == "bgr":
                planes.reverse()
        for channel, (plane, table) in enumerate(zip(planes, self._tables, strict=True)):
            if self._spec.layout == "chw":
                cv2.LUT(plane, table, dst=out[channel])
            else:
                out[..., channel] = cv2.LUT(plane, table)
        return out

    def _sample(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._lens is not None:
            image = self._remapped(image)
        if self._view and self._camera:
            image = self._view(image, self._camera)
        return self._resize(self._cut_to_aspect(image))

    def _remapped(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = image.shape[:2]
        if (width, height) not in self._remaps:
            assert self._lens is not None  # else there is nothing to remap to
            real = self._real
            if (width, height) != (real.width, real.height):
                real = real.scaled(width, height)
            self._remaps[width, height] = CameraRemap(real, self._lens)
        return self._remaps[width, height](image)

    def _cut_to_aspect(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The largest centred window of the wanted aspect, as a view."""
        if self._spec.aspect is None:
            return image
        height, width = image.shape[:2]
        cut_width = max(1, min(width, round(height * self._spec.aspect)))
        cut_height = max(1, min(height, round(width / self._spec.aspect)))
        top, left = (height - cut_height) // 2, (width - cut_width) // 2
        return image[top : top + cut_height, left : left + cut_width]

    def _resize(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._spec.resize is None or image.shape == self._resized.shape:
            return image
        size = self._resized.shape[1::-1]
        cv2.resize(image, size, dst=self._resized, interpolation=self._kernel)
        return self._resized
