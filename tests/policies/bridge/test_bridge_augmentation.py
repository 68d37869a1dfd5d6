"""What may differ between two pictures, and what then happens to the action."""

import numpy as np
import pytest
import torch
from square_demonstrations import TINY, brief, picture, with_tasks, write_rlds

from cairn.hardware.arm.hand_step import HandStep
from cairn.policies.bridge.augmentation import (
    MIRRORED,
    RandomLight,
    RandomWindow,
    as_input,
    centre_window,
)
from cairn.policies.bridge.frame_store import FrameSettings, open_frames
from cairn.policies.bridge.sampler import BatchSampler
from cairn.policies.bridge.settings import preset
from cairn.policies.bridge.train_settings import Augmentation
from cairn.policies.bridge.training_data import labelled, statistics_of

PLAIN = Augmentation(brightness=0, contrast=0, saturation=0, hue=0)


def cut(frame, window, settings, seed):
    out = np.empty((window[1], window[0], 3), np.uint8)
    drawn = RandomWindow((frame.shape[1], frame.shape[0]), window, settings, np.random.default_rng(seed))
    drawn(frame, out)
    return out, drawn


def test_windows_of_full_size_are_pieces_of_the_frame_and_differ():
    frame = np.random.default_rng(0).integers(0, 255, (20, 24, 3), np.uint8)
    seen = set()
    for seed in range(30):
        piece, _ = cut(frame, (16, 12), PLAIN, seed)
        places = [
            (top, left)
            for top in range(9)
            for left in range(9)
            if (frame[top : top + 12, left : left + 16] == piece).all()
        ]
        assert len(places) == 1
        seen.add(places[0])
    assert len(seen) > 15


def test_in_use_the_window_is_the_middle():
    frame = np.arange(20 * 24 * 3, dtype=np.uint8).reshape(20, 24, 3)
    assert (centre_window(frame, 16, 12) == frame[4:16, 4:20]).all()


@pytest.mark.parametrize("mirror", [False, True])
def test_turned_and_scaled_windows_show_the_same_square(mirror):
    settings = Augmentation(scale=(0.8, 1.0), rotation=0.3, mirror=mirror)
    sizes, sides = [], set()
    for seed in range(20):
        piece, drawn = cut(picture(0.4, 0.5), (80, 64), settings, seed)
        bright = piece[..., 0] > 200
        sizes.append(bright.sum())
        sides.add(drawn.mirrored)
    # 16x16 pixels, the larger the smaller the window.
    assert 0.9 * 256 < min(sizes) < max(sizes) < 1.1 * 256 / 0.8**2
    assert sides == ({True, False} if mirror else {False})


def test_a_mirrored_step_is_the_step_of_the_reflected_arm():
    """Reflected at the plane y = 0, a turn R becomes S·R·S with S = diag(1, -1, 1)."""
    action = np.array([0.01, 0.02, -0.03, 0.1, -0.2, 0.15, 1.0])
    mirrored = action * MIRRORED
    flip = np.diag([1.0, -1.0, 1.0])
    steps = [HandStep(tuple(one[:3]), tuple(one[3:6]), one[6]) for one in (action, mirrored)]
    straight, reflected = (step.from_pose(np.eye(4)) for step in steps)
    assert reflected[:3, :3] == pytest.approx(flip @ straight[:3, :3] @ flip)
    assert reflected[:3, 3] == pytest.approx(flip @ straight[:3, 3])
    assert mirrored[6] == action[6]


def test_light_stays_within_what_the_papers_allow():
    images = as_input(torch.randint(60, 190, (64, 24, 32, 3), dtype=torch.uint8))
    settings = Augmentation(brightness=0.2, contrast=0, saturation=0, hue=0)
    brighter = RandomLight(64, settings, torch.Generator().manual_seed(0))(images)
    shift = (brighter - images).flatten(1)
    assert (shift.amax(1) - shift.amin(1)).max() < 1e-4  # alike in all pixels of a picture
    assert 0.3 < shift[:, 0].abs().max() <= 0.4 + 1e-5  # .2 of what is 2 wide here
    settings = Augmentation(brightness=0, contrast=0.2, saturation=0, hue=0)
    ratio = RandomLight(64, settings, torch.Generator().manual_seed(0))(images).std((1, 2, 3)) / images.std(
        (1, 2, 3)
    )
    assert 0.79 < ratio.min() < 0.9
    assert 1.1 < ratio.max() < 1.21


def test_a_change_of_hue_and_saturation_leaves_grey_alone():
    grey = as_input(torch.full((8, 4, 4, 3), 90, dtype=torch.uint8))
    red = as_input(torch.tensor([180, 40, 40], dtype=torch.uint8).expand(8, 4, 4, 3))
    settings = Augmentation(brightness=0, contrast=0, saturation=0.2, hue=0.1)
    for images, least in ((grey, 0.0), (red, 0.1)):
        changed = RandomLight(8, settings, torch.Generator().manual_seed(3))(images)
        assert least <= (changed - images).abs().max() < (0.5 if least else 1e-4)
        assert changed.abs().max() <= 1


@pytest.fixture(scope="module")
def demonstrations(tmp_path_factory):
    path = tmp_path_factory.mktemp("data")
    return labelled(open_frames(write_rlds(path / "a", 6), path, FrameSettings.of(TINY)), "recorded")


def test_batches_are_drawn_by_weight(demonstrations):
    from dataclasses import replace

    from square_demonstrations import TASKS

    heavy = [replace(one, weight=3.0 if one.record.task == TASKS[0] else 1.0) for one in demonstrations]
    sampler = BatchSampler(heavy, with_tasks(), brief(batch=64), statistics_of(heavy))
    drawn = torch.cat([sampler().inputs["task"] for _ in range(15)])
    assert drawn.sum(1).eq(1).all()
    assert drawn[:, 0].mean().item() == pytest.approx(0.75, abs=0.05)


def test_chunks_end_with_the_demonstration(demonstrations):
    model = with_tasks(TINY.__class__(**(TINY.__dict__ | {"horizon": 4, "last_action": True})))
    statistics = statistics_of(demonstrations)
    settings = brief(batch=200, last_action_noise=0.0, last_action_dropout=0.0)
    batch = BatchSampler(demonstrations, model, settings, statistics)()
    known = batch.counts[..., 0].sum(1)
    assert set(known.tolist()) == {1.0, 2.0, 3.0, 4.0}
    assert (batch.counts[:, 0] == 1).all()
    assert (batch.targets * (1 - batch.counts)).abs().max() == 0
    # What is told of the action before is one of those of some demonstration, or that there was none.
    last = batch.inputs["last_action"]
    scores = np.concatenate([statistics.normalised(one.actions) for one in demonstrations])
    first = last[:, 7] == 0
    assert 0.05 < first.float().mean() < 0.35
    assert (last[first] == 0).all()
    gaps = np.abs(last[~first][:, None, :7].numpy() - scores[None]).max(-1).min(-1)
    assert gaps.max() < 1e-5


def test_goal_images_are_of_the_same_demonstration_and_later(demonstrations):
    model = preset("v2", resized_width=48, resized_height=40, width=48, height=40, horizon=1)
    settings = brief(batch=32, augmentation=PLAIN)
    batch = BatchSampler(demonstrations, model, settings, statistics_of(demonstrations))()
    frames = {
        (number, step): as_input(torch.from_numpy(np.array(one.frame(0, step)))[None])[0]
        for number, one in enumerate(demonstrations)
        for step in range(one.record.length)
    }

    def found(image):
        return min(frames, key=lambda place: (frames[place] - image).abs().max().item())

    for image, goal in zip(batch.inputs["image"], batch.inputs["goal_image"], strict=True):
        (here, now), (there, later) = found(image), found(goal)
        assert here == there
        assert later > now or now == 5
