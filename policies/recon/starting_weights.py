"""A trained model to go on from."""

from __future__ import annotations

from pathlib import Path

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import PolicyBundle, load_bundle
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.bundle_weights import model_of_bundle
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.training import load_model


def starting_model(path: Path, view: CylindricalView) -> tuple[LatentGoalModel, float | None]:
    """The model of a bundle's directory or of a checkpoint, and its match threshold where that is known.

    Raises CairnError when it is neither, is damaged, or was trained to see through another view.
    """
    if path.is_dir():
        bundle = load_bundle(path)
        _check_view(bundle, view)
        return model_of_bundle(bundle), bundle.manifest.parameters.get("match_threshold")
    if not path.is_file():
        raise CairnError(f"there is no {path}: expected a bundle's directory or a checkpoint")
    model = load_model(path)
    size = (model.settings.image_width, model.settings.image_height)
    if size != (view.width, view.height):
        raise CairnError(f"{path} sees {size[0]}x{size[1]} pixels, expected {view.width}x{view.height}")
    return model, None


def _check_view(bundle: PolicyBundle, view: CylindricalView) -> None:
    described = bundle.manifest.image.view
    seen = described and (
        described.width, described.height, described.horizontal_fov, described.top, described.bottom
    )  # fmt: skip
    wanted = (view.width, view.height, view.horizontal_fov, view.top, view.bottom)
    if seen != wanted:
        raise CairnError(
            f"{bundle.directory} sees through the view {seen}, expected {wanted} (width, height, field of "
            "view, top, bottom)"
        )
