from __future__ import annotations

import json
import time

import cv2
import numpy as np
import pytest
from example_bundles import IMAGENET, image_input

from cairn.policies.bundle.image_input import ImageInput
from cairn.policies.image_error import ImageError
from cairn.policies.image_transform import ImageTransform


def transform_of(*size: int, **changes) -> ImageTransform:
    return ImageTransform(ImageInput.model_validate_json(json.dumps(image_input(*size, **changes))))


@pytest.fixture
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)


def test_area_to_unit_range_as_in_training(photo):
    expected = cv2.resize(photo, (160, 120), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(
        255
    )
    result = transform_of(160, 120)(photo)
    assert result.dtype == np.float32
    assert result.flags.c_contiguous
    np.testing.assert_array_equal(result, expected.transpose(2, 0, 1))


def test_gnm_cuts_to_four_by_three_first_and_scales_as_imagenet():
    wide = np.zeros((480, 854, 3), np.uint8)
    wide[:, 107:747] = (10, 20, 30)  # the centred 4:3 window
    result = transform_of(85, 64, aspect=4 / 3, **IMAGENET)(wide)
    for channel, (value, mean, std) in enumerate(
        zip((10, 20, 30), IMAGENET["mean"], IMAGENET["std"], strict=True)
    ):
        np.testing.assert_allclose(result[channel], (value / 255 - mean) / std, atol=1e-6)


def test_tall_image_is_cut_in_height():
    tall = np.zeros((900, 400, 3), np.uint8)
    tall[300:600] = 255
    assert transform_of(85, 64, aspect=4 / 3)(tall).min() == 1.0


def test_bridge_resizes_then_crops(photo):
    crop = {"left": 8, "top": 8, "width": 128, "height": 96}
    result = transform_of(144, 112, crop=crop)(photo)
    resized = cv2.resize(photo, (144, 112), interpolation=cv2.INTER_AREA)
    expected = resized[8:104, 8:136].astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(result, expected.transpose(2, 0, 1))


def test_colour_order_and_layout(photo):
    rgb = transform_of(160, 120)(photo)
    np.testing.assert_array_equal(transform_of(160, 120, colour="bgr")(photo), rgb[::-1])
    hwc = transform_of(160, 120, layout="hwc")(photo)
    np.testing.assert_array_equal(hwc, rgb.transpose(1, 2, 0))
    gray = transform_of(160, 120, colour="gray", mean=[0.0], std=[1.0])(photo)
    assert gray.shape == (1, 120, 160)
    weighted = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
    np.testing.assert_allclose(gray[0], weighted, atol=1 / 255)


def test_same_size_is_untouched_and_the_input_kept():
    small = np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8)
    before = small.copy()
    result = transform_of(160, 120)(small)
    np.testing.assert_array_equal(result, small.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(small, before)


def test_results_do_not_share_memory(photo):
    transform = transform_of(160, 120)
    first = transform(photo)
    kept = first.copy()
    transform(255 - photo)
    np.testing.assert_array_equal(first, kept)


def test_writes_into_a_batch(photo):
    transform = transform_of(160, 120)
    batch = np.full((2, 3, 120, 160), np.nan, np.float32)
    transform(photo, out=batch[1])
    np.testing.assert_array_equal(batch[1], transform(photo))
    assert np.isnan(batch[0]).all()


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((0, 640, 3), np.uint8),
    ],
)
def test_refuses_other_arrays(bad):
    with pytest.raises(ImageError, match=r"must be uint8 of shape \(height, width, 3\), got"):
        transform_of(160, 120)(bad)


def test_refuses_a_wrong_destination(photo):
    with pytest.raises(ImageError, match=r"out must be contiguous float32 \(3, 120, 160\), got float64"):
        transform_of(160, 120)(photo, out=np.empty((3, 120, 160)))


def test_is_quick(photo, record_property):
    """VGA to 160x120 by area; .65 ms on an idle core, the bound leaves room for a busy machine."""
    transform = transform_of(160, 120)
    out = np.empty(transform.shape, np.float32)
    durations = []
    for _ in range(50):
        start = time.perf_counter()
        transform(photo, out)
        durations.append(time.perf_counter() - start)
    record_property("median_ms", 1e3 * float(np.median(durations)))
    assert min(durations) < 5e-3
