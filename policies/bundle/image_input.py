"""How an image comes to a policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from cairn.policies.bundle.schema import ManifestPart, Name, PositiveFloat, PositiveInt

ImageSide = Annotated[int, Field(ge=1, le=4096)]
ResizeKernel = Literal["area", "linear", "cubic", "lanczos4", "nearest", "linear_exact", "nearest_exact"]


class CameraSpec(ManifestPart):
    """The camera that the policy was trained with.

    Attributes:
        name: of the model, e.g. `jackal_wide`.
        horizontal_fov: degrees seen by the image after all cropping.
        projection: `pinhole` for a rectified image, else the lens's model.
    """

    name: Name
    horizontal_fov: Annotated[float, Field(gt=0, le=360)]
    projection: Literal["pinhole", "equidistant", "plumb_bob", "rational_polynomial"] = "pinhole"


class Resize(ManifestPart):
    """To width and height by OpenCV's kernel of that name; the kernel is part of the checkpoint."""

    width: ImageSide
    height: ImageSide
    kernel: ResizeKernel


class CropBox(ManifestPart):
    """A window of the resized image [pixels]."""

    left: Annotated[int, Field(ge=0, le=4096)]
    top: Annotated[int, Field(ge=0, le=4096)]
    width: ImageSide
    height: ImageSide


class ImageInput(ManifestPart):
    """RGB uint8 of any size → what the graph takes: crop to aspect, resize, crop, colour, scale, lay out.

    Attributes:
        aspect: width / height of the largest centred window cut out of the source first; absent: all of it.
        resize: then to this size.
        crop: then this window; absent: all of it.
        colour: order of the channels the graph sees.
        mean, std: value = (pixel / 255 - mean) / std, one number a channel; (0, 1) leaves [0, 1].
        layout: `chw` or `hwc`.
        history: frames the graph sees, the present one included, oldest first, one control step apart.
        stacking: the axis that history is stacked on; `none` where history is 1.
    """

    camera: CameraSpec
    aspect: PositiveFloat | None = None
    resize: Resize
    crop: CropBox | None = None
    colour: Literal["rgb", "bgr", "gray"]
    mean: tuple[float, ...]
    std: tuple[PositiveFloat, ...]
    layout: Literal["chw", "hwc"]
    history: PositiveInt = 1
    stacking: Literal["none", "channels", "frames"] = "none"

    @property
    def channels(self) -> int:
        """Of one frame."""
        return 1 if self.colour == "gray" else 3

    @property
    def width(self) -> int:
        """Of one frame as the graph sees it [pixels]."""
        return self.crop.width if self.crop else self.resize.width

    @property
    def height(self) -> int:
        """Of one frame as the graph sees it [pixels]."""
        return self.crop.height if self.crop else self.resize.height

    @property
    def frame_shape(self) -> tuple[int, int, int]:
        """Of one frame, in the graph's layout."""
        size = (self.height, self.width)
        return (self.channels, *size) if self.layout == "chw" else (*size, self.channels)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) != self.channels:
                raise ValueError(
                    f"{name} needs {self.channels} number(s) for {self.colour}, got {len(values)}"
                )
        box, size = self.crop, self.resize
        if box and (box.left + box.width > size.width or box.top + box.height > size.height):
            raise ValueError(f"crop must lie inside the resized image of {size.width}x{size.height} pixels")
        if (self.history > 1) != (self.stacking != "none"):
            raise ValueError("stacking must be `none` for a history of 1 and `channels` or `frames` for more")
        return self
