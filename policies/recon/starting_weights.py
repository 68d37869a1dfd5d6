"""A trained model to go on from."""

from __future__ import annotations

from pathlib import Path

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import BundleError, PolicyBundle, find_bundle, load_bundle
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.bundle_weights import model_of_bundle
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.training import load_model


def starting_model(path: Path, view: CylindricalView) -> tuple[LatentGoalModel, float | None]:
    """The model of a bundle or of a checkpoint, and its match threshold where that is known.

    Args:
        path: a checkpoint, a bundle's directory, or the name of a shipped bundle.

    Raises CairnError when it is none of these, is damaged, or was trained to see through another view.
    """
    if not path.is_file():
        bundle = load_bundle(_bundle_at(path))
        _check_view(bundle, view)
        return model_of_bundle(bundle), bundle.manifest.parameters.get("match_threshold")
    model = load_model(path)
    size = (model.settings.image_width, model.settings.image_height)
    if size != (view.width, view.height):
        raise CairnError(f"{path} sees {size[0]}x{size[1]} pixels, expected {view.width}x{view.height}")
    return model, None


def _bundle_at(path: Path) -> Path:
    try:
        return find_bundle(path)
    except BundleError as error:
        raise CairnError(
            f"there is no {path}: expected a bundle's directory, the name of a shipped one or a checkpoint"
        ) from error


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
