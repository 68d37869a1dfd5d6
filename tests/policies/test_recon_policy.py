"""ReconPolicy computes what the torch model behind its bundle does."""

from __future__ import annotations

import io
from typing import ClassVar

import numpy as np
import pytest
import torch
from example_bundles import bridge_files, bridge_manifest, recon_manifest
from torch import Tensor, nn

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.bundle import BundleError, write_bundle
from cairn.policies.bundle.parity import Reference, parity_bytes
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.embedding import Embedding
from cairn.policies.image_error import ImageError
from cairn.policies.recon_policy import ReconPolicy
from cairn.policies.runtime import PolicyInputError, PolicyRuntime
from cairn.policies.runtime.parity_check import check_parity

SIZES = {"width": 32, "height": 24, "D": 8, "T": 8, "C": 4, "S": 5, "Z": 3, "W": 4}
D, T, C, S, Z, W = (SIZES[name] for name in "DTCSZW")


class Encode(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.columns = nn.Conv2d(3, C, (24, 4), stride=4)
        self.descriptor = nn.Linear(T * C, D)
        self.ranges = nn.Linear(T * C, S)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        tokens = self.columns(image).squeeze(2).transpose(1, 2).tanh()
        flat = tokens.flatten(1)
        return nn.functional.normalize(self.descriptor(flat), dim=1), tokens, self.ranges(flat).exp()


class Compare(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.Linear(2 * T * C, 5 + 2 * Z)

    def forward(self, tokens_observation: Tensor, tokens_goal: Tensor) -> tuple[Tensor, ...]:
        heads = self.heads(torch.cat([tokens_observation.flatten(1), tokens_goal.flatten(1)], 1))
        steps, match, bearing, yaw, distance = heads[:, :5].unbind(1)
        return (
            10 * steps.exp(),
            match.sigmoid(),
            3 * bearing.tanh(),
            3 * yaw.tanh(),
            distance.exp(),
            heads[:, 5 : 5 + Z],
            heads[:, 5 + Z :],
        )


class Decode(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.Linear(T * C + Z, 3 + 2 * W)

    def forward(self, tokens_observation: Tensor, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        heads = self.heads(torch.cat([tokens_observation.flatten(1), latent], 1))
        return heads[:, :2], heads[:, 2 : 2 + 2 * W].unflatten(1, (W, 2)), 10 * heads[:, -1].exp()


class Exported:
    """A random model, its bundle and what torch says of the reference inputs."""

    MODULES: ClassVar = {"encode": Encode, "compare": Compare, "decode": Decode}

    def __init__(self, directory) -> None:
        torch.manual_seed(3)
        self.manifest = recon_manifest(**SIZES)
        self.modules = {name: module().eval() for name, module in self.MODULES.items()}
        files, references = {"MODEL_CARD.md": b"# random\n"}, {}
        for name, module in self.modules.items():
            graph = self.manifest["graphs"][name]
            inputs = {key: torch.rand(2, *spec["shape"][1:]) for key, spec in graph["inputs"].items()}
            files[graph["file"]] = exported(module, inputs, list(graph["outputs"]))
            references[name] = Reference(
                {key: value.numpy() for key, value in inputs.items()},
                dict(zip(graph["outputs"], self.torch(name, *inputs.values()), strict=True)),
            )
        outputs = [
            f"{name}.{key}" for name, graph in self.manifest["graphs"].items() for key in graph["outputs"]
        ]
        self.manifest["parity"] = {"file": "parity.npz", "tolerances": dict.fromkeys(outputs, 1e-4)}
        self.files = files | {"parity.npz": parity_bytes(references)}
        self.bundle = write_bundle(directory / "bundle", self.manifest, self.files)

    def torch(self, name: str, *inputs) -> list[np.ndarray]:
        with torch.no_grad():
            return [output.numpy() for output in self.modules[name](*map(torch.as_tensor, inputs))]


def exported(module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> bytes:
    stream = io.BytesIO()
    torch.onnx.export(
        module,
        tuple(inputs.values()),
        stream,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes={name: {0: "B"} for name in [*inputs, *outputs]},
        opset_version=17,
        dynamo=False,
    )
    return stream.getvalue()


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Exported:
    return Exported(tmp_path_factory.mktemp("recon"))


@pytest.fixture(scope="module")
def policy(model) -> ReconPolicy:
    return ReconPolicy.load(model.bundle.directory, provider="cpu")


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (4, 24, 32, 3), np.uint8)


def test_encode(model, policy, photos):
    embedding = policy.encode(photos[0])
    image = photos[:1].transpose(0, 3, 1, 2).astype(np.float32) / 255
    descriptor, tokens, ranges = model.torch("encode", image)
    np.testing.assert_allclose(embedding.descriptor, descriptor[0], atol=1e-6)
    np.testing.assert_allclose(embedding.tokens, tokens[0], atol=1e-3)  # kept as float16
    np.testing.assert_allclose(embedding.ranges, ranges[0], rtol=1e-5)
    assert [array.dtype for array in vars(embedding).values()] == ["float32", "float16", "float32"]
    assert np.linalg.norm(embedding.descriptor) == pytest.approx(1, abs=1e-6)


def test_encode_takes_any_size_and_is_deterministic(policy):
    large = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    first, again = policy.encode(large), policy.encode(large)
    np.testing.assert_array_equal(first.tokens, again.tokens)
    assert not np.array_equal(first.tokens, policy.encode(255 - large).tokens)


def test_compare(model, policy, photos):
    here, *goals = [policy.encode(photo) for photo in photos]
    comparison = policy.compare(here, goals)
    tokens = np.stack([goal.tokens for goal in goals]).astype(np.float32)
    expected = model.torch("compare", np.repeat(here.tokens[None], 3, axis=0).astype(np.float32), tokens)
    for name, values in zip(model.manifest["graphs"]["compare"]["outputs"], expected, strict=True):
        np.testing.assert_allclose(getattr(comparison, name), values, rtol=1e-4, atol=1e-5)


def test_many_goals_are_compared_in_batches_of_bounded_size(policy, photos):
    here, goal = policy.encode(photos[0]), policy.encode(photos[1])
    calls = policy.runtime.report().graphs["compare"].latency
    before = calls.count if calls else 0
    many = policy.compare(here, [here] * 300 + [goal])
    assert policy.runtime.report().graphs["compare"].latency.count == before + 2
    one = policy.compare(here, [goal])
    assert many.steps.shape == (301,)
    np.testing.assert_allclose(many.latent_mean[-1], one.latent_mean[0], rtol=1e-5)
    np.testing.assert_allclose(many.steps[:300], many.steps[0], rtol=1e-5)


def test_nothing_to_compare_or_decode(policy, photos):
    here = policy.encode(photos[0])
    comparison = policy.compare(here, [])
    assert comparison.steps.shape == comparison.match.shape == (0,)
    assert comparison.latent_mean.shape == (0, Z)
    action = policy.decode(here, np.empty((0, Z), np.float32))
    assert (action.twist.shape, action.waypoints.shape, action.steps.shape) == ((0, 2), (0, W, 2), (0,))


def test_decode(model, policy, photos):
    here = policy.encode(photos[0])
    latents = np.random.default_rng(2).standard_normal((5, Z)).astype(np.float32)
    action = policy.decode(here, latents)
    tokens = np.repeat(here.tokens[None], 5, axis=0).astype(np.float32)
    twist, waypoints, steps = model.torch("decode", tokens, latents)
    np.testing.assert_allclose(action.twist, twist, atol=1e-5)
    np.testing.assert_allclose(action.waypoints, waypoints, atol=1e-5)
    np.testing.assert_allclose(action.steps, steps, rtol=1e-5)


def test_constants_come_from_the_manifest(policy):
    assert (policy.rate, policy.latent_size, policy.horizontal_fov) == (4.0, Z, 120.0)


def test_parity_of_every_output(policy):
    results = check_parity(policy.runtime)
    assert len(results) == 14  # 13 outputs, one of them of two units
    assert all(result.passed for result in results)


def test_fingerprint_is_of_encoder_and_preparation_alone(model, policy, tmp_path):
    def fingerprint(name, manifest, files):
        bundle = write_bundle(tmp_path / name, manifest, files)
        return ReconPolicy(PolicyRuntime(bundle, "cpu")).fingerprint

    other_card = fingerprint("card", model.manifest, model.files | {"MODEL_CARD.md": b"# other\n"})
    assert other_card == policy.fingerprint
    image = model.manifest["image"]
    linear = image | {"resize": image["resize"] | {"kernel": "linear"}}
    assert fingerprint("kernel", model.manifest | {"image": linear}, model.files) != policy.fingerprint
    inputs = {"image": torch.rand(2, 3, 24, 32)}
    other = exported(Encode().eval(), inputs, ["descriptor", "tokens", "ranges"])
    assert fingerprint("encoder", model.manifest, model.files | {"encode.onnx": other}) != policy.fingerprint


def test_embedding_of_another_encoder(policy, photos):
    here = policy.encode(photos[0])
    foreign = Embedding(here.descriptor, np.zeros((T, C + 1), np.float16), here.ranges)
    with pytest.raises(PolicyInputError, match=r"tokens must have shape \[8, 4\] .* got \[8, 5\]: .*"):
        policy.compare(here, [here, foreign])


def test_wrong_latents(policy, photos):
    here = policy.encode(photos[0])
    with pytest.raises(PolicyInputError, match=r"latents must have shape \(N, 3\), got \[2, 4\]"):
        policy.decode(here, np.zeros((2, 4), np.float32))
    with pytest.raises(PolicyInputError, match="input 'latent' must be finite, got 1 NaN"):
        policy.decode(here, np.array([[0, np.nan, 0]], np.float32))


def test_wrong_image(policy):
    with pytest.raises(ImageError, match="must be uint8"):
        policy.encode(np.zeros((24, 32, 3), np.float32))


def test_looks_through_the_cylinder_that_the_manifest_names(model, policy, tmp_path):
    view = {"width": 32, "height": 24, "horizontal_fov": 90.0, "top": 0.4, "bottom": -0.6}
    image = {key: value for key, value in model.manifest["image"].items() if key != "resize"}
    manifest = model.manifest | {"image": image | {"view": view}}
    runtime = PolicyRuntime(write_bundle(tmp_path / "view", manifest, model.files), "cpu")
    with pytest.raises(ImageError, match="needs the camera's intrinsics"):
        ReconPolicy(runtime)
    camera = CameraModel.pinhole(160, 120, 120.0)
    seeing = ReconPolicy(runtime, camera)
    photo = np.random.default_rng(4).integers(0, 256, (120, 160, 3), np.uint8)
    through = CylindricalView(32, 24, 90.0, 0.4, -0.6)(photo, camera)
    np.testing.assert_array_equal(seeing.encode(photo).tokens, policy.encode(through).tokens)
    assert seeing.horizontal_fov == 90.0
    assert seeing.fingerprint != policy.fingerprint


def test_other_families_are_no_recon(tmp_path):
    manifest = bridge_manifest()
    runtime = PolicyRuntime(write_bundle(tmp_path / "bridge", manifest, bridge_files(manifest)), "cpu")
    with pytest.raises(BundleError, match=r"no RECON bundle: expected graphs \['compare', .* got \['act'\]"):
        ReconPolicy(runtime)


def test_unknown_name():
    with pytest.raises(CairnError, match="'atlantis' is neither a directory nor a shipped bundle"):
        ReconPolicy.load("atlantis")
