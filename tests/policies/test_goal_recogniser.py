"""Local features and the motion they agree on, in a scene whose geometry is known."""

from __future__ import annotations

from dataclasses import replace
from math import pi, radians

import cv2
import numpy as np
import pytest

from cairn.hardware.camera_model import CameraModel
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.goal_recogniser import GoalRecogniser
from cairn.policies.local_features import LocalFeatureExtractor, LocalFeatures
from cairn.policies.planar_motion import find_planar_motion

CAMERA = CameraModel.pinhole(320, 240, 90.0)


class GlancePolicy:
    """Says of everything what it is told to say."""

    def __init__(self, match: float) -> None:
        one = np.ones(1, np.float32)
        blank = np.zeros((1, 2), np.float32)
        self.answer = Comparison(8 * one, match * one, 0.5 * one, -0.5 * one, 4 * one, blank, blank)

    horizontal_fov = 90.0

    def encode(self, image):
        return Embedding(np.ones(1, np.float32), np.ones((1, 1), np.float16), np.ones(1, np.float32))

    def compare(self, observation, goals):
        return self.answer


def spots(count: int, seed: int) -> np.ndarray:
    """Points in space, x forward, y left, z up from the first camera, shape (N, 3) [m]."""
    random = np.random.default_rng(seed)
    return random.uniform((4, -6, -0.5), (20, 6, 4), (count, 3))


def seen_from(points: np.ndarray, x: float, y: float, yaw: float, seed: int = 0) -> LocalFeatures:
    """What a camera at x, y [m] with this heading sees, every spot with a descriptor of its own."""
    offset = points - (x, y, 0.0)
    azimuth = np.arctan2(offset[:, 1], offset[:, 0]) - yaw
    elevation = offset[:, 2] / np.hypot(offset[:, 0], offset[:, 1])
    descriptor = np.random.default_rng(seed).standard_normal((len(points), 128)).astype(np.float32)
    descriptor /= np.linalg.norm(descriptor, axis=1, keepdims=True)
    return LocalFeatures((azimuth + pi) % (2 * pi) - pi, elevation, descriptor)


@pytest.mark.parametrize(("x", "y", "yaw"), [(2.0, 1.0, 0.4), (-3.0, 0.5, -0.6), (0.5, -2.0, 0.0)])
def test_the_motion_is_found_among_false_matches(x: float, y: float, yaw: float) -> None:
    points = spots(80, 1)
    first, second = seen_from(points, 0, 0, 0), seen_from(points, x, y, yaw)
    wrong = np.random.default_rng(2).permutation(25)
    second.azimuth[:25] = second.azimuth[:25][wrong]
    motion = find_planar_motion(first, second)
    assert motion.support > 12
    assert motion.turn == pytest.approx(yaw, abs=radians(4))
    travel = np.arctan2(y, x)
    assert abs((motion.travel - travel + pi) % (2 * pi) - pi) < radians(15)


@pytest.mark.parametrize(("x", "y", "yaw"), [(2.0, 1.0, 0.4), (-3.0, 0.5, -0.6), (0.5, -2.0, 0.0)])
def test_how_far_it_went_is_known_in_units_of_the_distance_to_what_was_seen(x, y, yaw) -> None:
    points = spots(80, 1)
    motion = find_planar_motion(seen_from(points, 0, 0, 0), seen_from(points, x, y, yaw))
    assert len(motion.share) == len(motion.azimuth) > 20
    away = np.hypot(*(points[:, :2] - (x, y)).T)
    azimuth = np.arctan2(points[:, 1] - y, points[:, 0] - x) - yaw
    spot = np.abs(azimuth[None] - motion.azimuth[:, None]).argmin(1)
    assert np.median(motion.share * away[spot]) == pytest.approx(np.hypot(x, y), rel=0.35)
    still = find_planar_motion(seen_from(points, 0, 0, 0), seen_from(points, 0.02, 0, 0.3))
    assert np.median(still.share) < 0.05


def test_other_spots_agree_on_nothing() -> None:
    first = seen_from(spots(60, 1), 0, 0, 0, seed=1)
    assert find_planar_motion(first, seen_from(spots(60, 2), 0, 0, 0, seed=1)).support < 12
    assert find_planar_motion(first, seen_from(spots(60, 1), 0, 0, 0, seed=3)).support < 12
    nothing = LocalFeatures(np.zeros(0), np.zeros(0), np.zeros((0, 128), np.float32))
    assert find_planar_motion(first, nothing).support == 0
    assert find_planar_motion(nothing, first).support == 0


def picture() -> np.ndarray:
    """Bright discs at known azimuths [rad], seen by CAMERA."""
    image = np.full((240, 320, 3), 90, np.uint8)
    random = np.random.default_rng(5)
    for azimuth, tangent in zip(np.linspace(-0.5, 0.5, 9), random.uniform(-0.4, 0.4, 9), strict=True):
        x, y = -np.tan(azimuth), -tangent / np.cos(azimuth)
        centre = (round(CAMERA.cx + CAMERA.fx * x), round(CAMERA.cy + CAMERA.fy * y))
        cv2.circle(image, centre, int(random.integers(4, 9)), (230, 240, 250), -1)
    return image


def test_directions_of_features_are_those_of_the_scene() -> None:
    features = LocalFeatureExtractor(CAMERA)(picture())
    assert len(features) >= 9
    nearest = np.abs(features.azimuth[:, None] - np.linspace(-0.5, 0.5, 9)).min(0)
    assert nearest.max() < 0.02
    assert np.allclose(np.linalg.norm(features.descriptor, axis=1), 1, atol=1e-3)
    assert np.allclose(np.linalg.norm(features.ray, axis=1), 1)


def test_a_larger_picture_gives_the_same_directions_and_a_blank_one_none() -> None:
    extract = LocalFeatureExtractor(CAMERA)
    small, large = extract(picture()), extract(cv2.resize(picture(), (640, 480)))
    assert np.abs(small.azimuth[:, None] - large.azimuth).min(1).mean() < 0.01
    assert len(extract(np.full((240, 320, 3), 90, np.uint8))) == 0


def test_distortion_is_removed() -> None:
    bent = replace(CAMERA, distortion_model="plumb_bob", distortion=(-0.2, 0.0, 0.0, 0.0, 0.0))
    straight = LocalFeatureExtractor(CAMERA)(picture())
    curved = LocalFeatureExtractor(bent)(picture())
    outermost = np.abs(straight.azimuth).argmax()
    assert abs(curved.azimuth[outermost]) > abs(straight.azimuth[outermost])


def view(policy: GlancePolicy, image: np.ndarray, photo: np.ndarray) -> Comparison:
    recognise = GoalRecogniser(policy, photo, LocalFeatureExtractor(CAMERA))  # type: ignore[arg-type]
    return recognise(image, policy.encode(image))


def test_agreeing_features_make_a_candidate_sure_and_their_absence_doubtful() -> None:
    random = np.random.default_rng(3)
    photo = cv2.GaussianBlur(random.integers(0, 256, (240, 320, 3)).astype(np.uint8), (0, 0), 3)
    other = cv2.GaussianBlur(random.integers(0, 256, (240, 320, 3)).astype(np.uint8), (0, 0), 3)
    sure = view(GlancePolicy(0.6), photo, photo)
    assert sure.match[0] > 0.99
    assert abs(sure.yaw[0]) < radians(4)
    doubtful = view(GlancePolicy(0.6), other, photo)
    assert doubtful.match[0] < 0.3
    assert doubtful.yaw[0] == pytest.approx(-0.5)
    assert view(GlancePolicy(0.01), photo, photo).match[0] < 0.01


def test_without_a_camera_the_policy_stands_alone() -> None:
    policy = GlancePolicy(0.6)
    photo = picture()
    recognise = GoalRecogniser(policy, photo)  # type: ignore[arg-type]
    assert recognise(photo, policy.encode(photo)) is policy.answer


def test_bearing_and_yaw_point_from_the_view_to_the_goal() -> None:
    points = spots(60, 7)
    goal, here = seen_from(points, 0, 0, 0), seen_from(points, -4.0, 1.0, 0.2)
    features = iter([goal, here])
    policy = GlancePolicy(0.6)
    recognise = GoalRecogniser(policy, picture(), lambda image: next(features))  # type: ignore[arg-type]
    seen = recognise(picture(), policy.encode(picture()))
    # From (-4, 1) with heading .2 the goal's place (0, 0) lies ahead and to the right.
    assert seen.bearing[0] == pytest.approx(np.arctan2(-1.0, 4.0) - 0.2, abs=radians(12))
    assert seen.yaw[0] == pytest.approx(-0.2, abs=radians(4))


def test_a_scene_seen_from_afar_is_not_near_whatever_the_glance_says() -> None:
    points = spots(60, 7)
    policy = GlancePolicy(0.6)
    policy.answer = replace(policy.answer, distance=np.full(1, 0.5, np.float32))
    ranges = np.full(8, 9.0, np.float32)  # about as far as the spots are
    here = replace(policy.encode(picture()), ranges=ranges)
    for x, y, far in ((-5.0, 3.0, True), (-0.1, 0.0, False)):
        features = iter([seen_from(points, 0, 0, 0), seen_from(points, x, y, 0.2)])
        recognise = GoalRecogniser(policy, picture(), lambda image, f=features: next(f))  # type: ignore[arg-type]
        distance = recognise(picture(), here).distance[0]
        assert bool(distance > 2.0) == far
        assert distance >= 0.5
