"""How an image comes to a policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.bundle.schema import ManifestPart, Name, PositiveFloat, PositiveInt

ImageSide = Annotated[int, Field(ge=1, le=4096)]
ResizeKernel = Literal["area", "linear", "cubic", "lanczos4", "nearest", "linear_exact", "nearest_exact"]


class TrainedLens(ManifestPart):
    """Intrinsics of the training camera's images, as in `cairn.hardware.camera_model`."""

    width: ImageSide
    height: ImageSide
    fx: PositiveFloat
    fy: PositiveFloat
    cx: float
    cy: float
    distortion_model: str = "plumb_bob"
    distortion: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        try:
            self.camera_model()
        except CairnError as error:
            raise ValueError(str(error)) from error
        return self

    def camera_model(self) -> CameraModel:
        """The same for projections.  Raises CairnError for a lens that there can't be."""
        return CameraModel(**self.model_dump())


class CameraSpec(ManifestPart):
    """The camera that the policy was trained with.

    Attributes:
        name: of the model, e.g. `jackal_wide`.
        horizontal_fov: degrees seen by the image, after the cut to aspect and the crop.
        projection: `pinhole` for a rectified image, else the lens's model.
        lens: its intrinsics; images of another camera are then remapped to it before anything else.
    """

    name: Name
    horizontal_fov: Annotated[float, Field(gt=0, le=360)]
    projection: Literal["pinhole", "equidistant", "plumb_bob", "rational_polynomial"] = "pinhole"
    lens: TrainedLens | None = None


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


class CylinderView(ManifestPart):
    """The virtual camera of `cairn.policies.cylindrical_view`; sizes in pixels, field of view in degrees."""

    width: Annotated[int, Field(ge=8, le=4096)]
    height: Annotated[int, Field(ge=8, le=4096)]
    horizontal_fov: Annotated[float, Field(ge=10, le=180)]
    top: float
    bottom: float

    @model_validator(mode="after")
    def _upright(self) -> Self:
        if not self.bottom < self.top:
            raise ValueError(f"bottom must lie below top, got {self.bottom} and {self.top}")
        return self


class ImageInput(ManifestPart):
    """RGB uint8 of any size to what the graph takes, in the order of these attributes.

    Attributes:
        camera: the one it was trained with; where its lens is named, images are remapped to it.
        view: seen through this virtual camera first; needs the real camera's intrinsics.
        aspect: width / height of the largest centred window, which is cut out; absent: all of it.
        resize: to this size; absent only where there is a view.
        crop: then this window; absent: all of it.
        colour: order of the channels the graph sees.
        mean, std: value = (pixel / 255 - mean) / std, one number a channel; (0, 1) leaves [0, 1].
        layout: `chw` or `hwc`.
        history: frames the graph sees, the present one included, oldest first, one control step apart.
        stacking: the axis that history is stacked on; `none` where history is 1.
    """

    camera: CameraSpec
    view: CylinderView | None = None
    aspect: PositiveFloat | None = None
    resize: Resize | None = None
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
        return (self.crop or self._sampled).width

    @property
    def height(self) -> int:
        """Of one frame as the graph sees it [pixels]."""
        return (self.crop or self._sampled).height

    @property
    def _sampled(self) -> Resize | CylinderView:
        """What gives the size before the crop."""
        sampled = self.resize or self.view
        assert sampled is not None  # ensured by validation
        return sampled

    @property
    def horizontal_fov(self) -> float:
        """Degrees seen by the graph."""
        return self.view.horizontal_fov if self.view else self.camera.horizontal_fov

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
        if self.resize is None and self.view is None:
            raise ValueError("resize is missing, and there is no view to give the size instead")
        box, size = self.crop, self._sampled
        if box and (box.left + box.width > size.width or box.top + box.height > size.height):
            raise ValueError(f"crop must lie inside the resized image of {size.width}x{size.height} pixels")
        if (self.history > 1) != (self.stacking != "none"):
            raise ValueError("stacking must be `none` for a history of 1 and `channels` or `frames` for more")
        return self
