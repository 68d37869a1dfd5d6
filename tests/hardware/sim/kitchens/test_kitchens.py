"""Kitchens are what their seed says, and only physics says that something was done in them."""

import numpy as np
import pytest

from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.kitchens.domains import DOMAINS
from cairn.hardware.sim.kitchens.kitchen_rig import KitchenRig
from cairn.hardware.sim.kitchens.kitchen_simulation import KitchenSimulation
from cairn.hardware.sim.kitchens.make_kitchen import make_kitchen
from cairn.hardware.sim.kitchens.tasks import TASKS

SMALL = (64, 48)


@pytest.fixture
def simulate():
    opened = []

    def open_kitchen(domain, task, seed):
        opened.append(KitchenSimulation(make_kitchen(domain, task, seed)))
        return opened[-1]

    yield open_kitchen
    for simulation in opened:
        simulation.close()


def carry(simulation, name, to):
    """Put a loose thing somewhere by hand."""
    joint = simulation.arm.model.joint(f"{name}_free")
    simulation.arm.data.qpos[joint.qposadr[0] : joint.qposadr[0] + 3] = to


def test_there_are_enough_of_them():
    assert len(DOMAINS) >= 8
    assert len(TASKS) >= 10


@pytest.mark.parametrize("task", TASKS)
def test_nothing_is_done_at_first(simulate, task):
    simulation = simulate(list(DOMAINS)[len(task) % len(DOMAINS)], task, 1)
    simulation.advance(1.0)
    assert not simulation.kitchen.goal.is_reached(simulation.state)
    assert not simulation.is_done()


def test_equal_seeds_give_equal_kitchens_and_others_do_not(simulate):
    first, again, other, elsewhere = (
        simulate(domain, "put_carrot_on_plate", seed)
        for domain, seed in (("oak_table", 4), ("oak_table", 4), ("oak_table", 5), ("steel_sink", 4))
    )
    assert (first.arm.data.qpos == again.arm.data.qpos).all()
    assert (first.image(size=SMALL) == again.image(size=SMALL)).all()
    assert np.abs(first.state.pose("carrot") - other.state.pose("carrot")).max() > 0.01
    differing = np.abs(first.image(size=SMALL).astype(int) - elsewhere.image(size=SMALL)).mean()
    assert differing > 20


def test_domains_look_different(simulate):
    looks = [
        simulate(domain, "put_carrot_on_plate", 0).image(size=SMALL)[24:].reshape(-1, 3).mean(0)
        for domain in DOMAINS
    ]
    apart = [np.abs(one - other).max() for i, one in enumerate(looks) for other in looks[:i]]
    assert min(apart) > 4


def test_done_is_resting_on_the_plate_and_not_near_it(simulate):
    simulation = simulate("oak_table", "put_carrot_on_plate", 2)
    plate = simulation.state.pose("plate")[:3, 3]
    carry(simulation, "carrot", plate + np.array([0.0, 0.0, 0.06]))
    simulation.advance(0.02)
    assert not simulation.is_done()  # in the air
    simulation.advance(1.5)
    assert simulation.is_done()
    radius = simulation.kitchen.props["plate"].radius
    carry(simulation, "carrot", plate + np.array([radius + 0.03, 0.0, 0.017]))
    simulation.advance(1.5)
    assert not simulation.is_done()
    simulation.reset()
    assert not simulation.is_done()


def test_a_joint_must_go_far_enough(simulate):
    simulation = simulate("oak_table", "open_drawer", 2)
    for opened, is_done in ((0.03, False), (0.08, True)):
        simulation.arm.data.joint("drawer").qpos[0] = opened
        simulation.advance(1.0)
        assert simulation.is_done() == is_done


def test_the_camera_sees_things_where_its_lens_says():
    """What changes in the picture when a carrot is moved is where its pose projects to."""
    simulation = KitchenSimulation(make_kitchen("marble_counter", "put_carrot_on_plate", 3), shadows=False)
    model = simulation.kitchen.camera.model
    assert (model.fx, model.fy, model.width, model.height) == (623.6, 623.6, 640, 480)
    carry(simulation, "carrot", (0.3, 0.6, 0.017))  # out of the picture
    simulation.advance(1.0)
    without = simulation.image().astype(int)
    for spot in ((0.26, -0.10, 0.017), (0.24, 0.09, 0.017)):
        carry(simulation, "carrot", spot)
        simulation.advance(0.3)
        changed = np.abs(simulation.image() - without).max(-1) > 25
        rows, columns = np.nonzero(changed)
        pose = simulation.state.pose("carrot")
        expected = simulation.kitchen.camera.pixel(pose[:3, 3] + pose[:3, :3] @ (0.0035, 0, 0))
        assert np.median(columns) == pytest.approx(expected[0], abs=10)
        assert np.median(rows) == pytest.approx(expected[1], abs=10)
    simulation.close()


def test_what_is_not_there_is_named(simulate):
    for seed in (-1, 3000):
        with pytest.raises(CairnError, match=f"seed must lie in 0 to 2999, got {seed}"):
            make_kitchen("oak_table", "open_drawer", seed)
    with pytest.raises(CairnError, match="no kitchen 'castle'; valid: oak_table"):
        make_kitchen("castle", "open_drawer", 0)
    with pytest.raises(CairnError, match="no task 'fly' in the kitchens; valid: put_carrot"):
        make_kitchen("oak_table", "fly", 0)
    with pytest.raises(CairnError, match="no camera 'roof'; valid: shoulder, wrist"):
        simulate("oak_table", "open_drawer", 0).image("roof")


def test_a_rig_takes_steps_through_the_gate(simulate):
    rig = KitchenRig(simulate("oak_table", "open_drawer", 0))
    start = rig.state
    assert start[:3] == pytest.approx(rig.simulation.kitchen.start[:3], abs=0.02)
    before = rig.target
    for _ in range(2):
        rig.step(HandStep((1.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0))
    # However far is asked for, .05 m a step is what the gate takes.
    assert rig.target[0, 3] - before[0, 3] == pytest.approx(0.10, abs=0.002)
    rig.step(HandStep((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0))
    assert rig.state[0] - start[0] == pytest.approx(0.10, abs=0.02)
    assert rig.state[6] < 0.2
    assert rig.simulation.time == pytest.approx(0.6 + 0.12, abs=0.03)
    shoulder, wrist = (rig.image(camera, SMALL) for camera in ("shoulder", "wrist"))
    assert shoulder.shape == wrist.shape == (48, 64, 3)
    assert np.abs(shoulder.astype(int) - wrist).mean() > 5
    rig.reset()
    assert rig.state == pytest.approx(start, abs=1e-6)
