"""What the bundle's graphs compute is what the torch model says, in physical units."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from synthetic_drive import FOV, HEIGHT, TINY, WIDTH

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import load_bundle
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.bundle import write_recon_bundle
from cairn.policies.recon.export import GRAPH_OUTPUTS, export_graphs
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.settings import STEP_CENTRES, ModelSettings
from cairn.policies.runtime import PolicyRuntime
from cairn.policies.runtime.parity_check import check_parity


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return LatentGoalModel(TINY).eval()


@pytest.fixture(scope="module")
def sessions(model, tmp_path_factory):
    files = export_graphs(model, tmp_path_factory.mktemp("graphs"))
    return {name: onnxruntime.InferenceSession(path.read_bytes()) for name, path in files.items()}


@torch.no_grad()
def test_graphs_run_any_batch_and_give_steps_probabilities_radians_and_metres(model, sessions):
    image = torch.rand(5, 3, HEIGHT, WIDTH)
    descriptor, tokens, log_ranges = model.encode(image)
    got = sessions["encode"].run(GRAPH_OUTPUTS["encode"], {"image": image.numpy()})
    for ours, theirs in zip((descriptor, tokens, log_ranges.exp()), got, strict=True):
        assert theirs == pytest.approx(ours.numpy(), abs=1e-4)
    there = tokens.roll(1, 0)
    relation = model.compare(tokens, there)
    inputs = {"tokens_observation": tokens.numpy(), "tokens_goal": there.numpy()}
    steps, match, bearing, yaw, distance, mean, log_variance = sessions["compare"].run(
        GRAPH_OUTPUTS["compare"], inputs
    )
    assert ((steps >= STEP_CENTRES[0]) & (steps <= STEP_CENTRES[-1])).all()
    assert match == pytest.approx(relation.match_logit.sigmoid().numpy(), abs=1e-5)
    assert np.tan(bearing) == pytest.approx(
        (relation.bearing[:, 1] / relation.bearing[:, 0]).numpy(), rel=1e-2
    )
    assert np.sign(np.cos(yaw)) == pytest.approx(np.sign(relation.yaw[:, 0].numpy()))
    assert (distance >= 0).all()
    assert mean == pytest.approx(relation.latent_mean.numpy(), abs=1e-4)
    assert log_variance == pytest.approx(relation.latent_log_variance.numpy(), abs=1e-4)
    decoded = model.decode(tokens, relation.latent_mean)
    twist, waypoints, _ = sessions["decode"].run(
        GRAPH_OUTPUTS["decode"], {"tokens_observation": tokens.numpy(), "latent": mean}
    )
    assert twist == pytest.approx(decoded.twist.numpy(), abs=1e-4)
    assert waypoints == pytest.approx(decoded.waypoints.numpy(), abs=1e-4)


def test_a_bundle_agrees_with_the_model_it_was_made_of(model, tmp_path):
    made = write_recon_bundle(
        model,
        tmp_path / "b",
        view=CylindricalView(WIDTH, HEIGHT, FOV),
        data=["none"],
        seed=0,
        command="pytest",
        metrics={"kl": 1.0},
        parameters={"match_threshold": 0.5},
        card="# Test\n",
    )
    bundle = load_bundle(tmp_path / "b")
    assert bundle.fingerprint == made.fingerprint
    assert bundle.manifest.image.horizontal_fov == FOV
    results = check_parity(PolicyRuntime(bundle))
    assert len(results) >= 13
    assert all(result.passed for result in results)


def test_early_fusion_exports_too(tmp_path):
    torch.manual_seed(0)
    files = export_graphs(LatentGoalModel(replace(TINY, fusion="early")), tmp_path)
    session = onnxruntime.InferenceSession(files["compare"].read_bytes())
    assert [entry.name for entry in session.get_inputs()] == ["image_observation", "image_goal"]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"image_height": 60}, "multiple of 16 and image_width of 8, got 60, 128"),
        ({"image_width": 100}, "got 64, 100"),
        ({"sectors": 20}, "sectors must be a multiple of 16, got 20"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(sizes, message):
    with pytest.raises(CairnError, match=message):
        ModelSettings(**sizes)
