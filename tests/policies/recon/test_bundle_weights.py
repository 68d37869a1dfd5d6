"""Weights come back from ONNX, and what can't be recovered is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic_drive import TINY

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import PolicyBundle, load_bundle
from cairn.policies.bundle.parity import parse_parity
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.bundle import write_recon_bundle
from cairn.policies.recon.bundle_weights import model_of_bundle
from cairn.policies.recon.export import graphs
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.starting_weights import starting_model

SHIPPED = Path(__file__).parents[3] / "policies/bundles/recon"
VIEW = CylindricalView(width=TINY.image_width, height=TINY.image_height)


def exported(model: LatentGoalModel, directory: Path) -> PolicyBundle:
    return write_recon_bundle(
        model, directory, view=VIEW, data=["none"], seed=0, command="pytest", metrics={},
        parameters={"match_threshold": 0.75}, card="",
    )  # fmt: skip


def trained(**changes) -> LatentGoalModel:
    """With statistics of normalisation as training leaves them."""
    torch.manual_seed(0)
    model = LatentGoalModel(TINY.__class__(**{**vars(TINY), **changes}))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 2.0)
            torch.nn.init.uniform_(module.bias, -1.0, 1.0)
            torch.nn.init.uniform_(module.running_mean, -1.0, 1.0)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    return model.eval()


@pytest.mark.parametrize("changes", [{}, {"encoder": "mobilenet"}, {"fusion": "early"}])
def test_a_recovered_model_says_what_the_exported_one_says(tmp_path, changes):
    model = trained(**changes)
    recovered = model_of_bundle(exported(model, tmp_path / "bundle"))
    assert recovered.settings == model.settings
    for name, (module, inputs) in graphs(model).items():
        with torch.no_grad():
            ours, theirs = module(*inputs.values()), graphs(recovered)[name][0](*inputs.values())
        for a, b in zip(ours, theirs, strict=True):
            assert torch.allclose(a, b, atol=1e-4), name


def test_the_shipped_bundle_can_be_gone_on_from():
    model, threshold = starting_model(SHIPPED, CylindricalView())
    bundle = load_bundle(SHIPPED)
    assert threshold == bundle.manifest.parameters["match_threshold"]
    reference = parse_parity(bundle.read("parity.npz"), "parity.npz")["encode"]
    with torch.no_grad():
        descriptor = model.encode(torch.from_numpy(reference.inputs["image"]))[0].numpy()
    assert np.abs(descriptor - reference.outputs["descriptor"]).max() < 1e-4


def test_a_bundle_whose_parity_does_not_hold_is_refused(tmp_path, monkeypatch):
    bundle = exported(trained(), tmp_path / "bundle")
    from cairn.policies.recon import bundle_weights

    real = bundle_weights._identity
    shifted = lambda *a: {k: v + 0.5 if k.endswith(".bias") else v for k, v in real(*a).items()}  # noqa: E731
    monkeypatch.setattr(bundle_weights, "_identity", shifted)
    with pytest.raises(CairnError, match=r"give another encode\.\w+: off by .*, expected at most"):
        model_of_bundle(bundle)


def test_bundles_of_other_policies_and_views_are_refused(tmp_path, recon_bundle):
    with pytest.raises(CairnError, match="no bundle"):
        model_of_bundle(recon_bundle)
    exported(trained(), tmp_path / "bundle")
    with pytest.raises(CairnError, match=r"sees through the view \(64, 16.*expected \(128, 64"):
        starting_model(tmp_path / "bundle", CylindricalView())
    with pytest.raises(CairnError, match="the name of a shipped one or a checkpoint"):
        starting_model(tmp_path / "nothing.pt", VIEW)
