"""What the manipulate node can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import check_settings, setting
from cairn.nodes.image_topics import image_setting


@dataclass(frozen=True)
class ManipulateSettings:
    """Policy, timing and budgets.  Raises InvalidSetting; all are fixed while it runs."""

    bundle: str = setting("policy bundle: a directory or a shipped name", "bridge", fixed=True)
    image: str = image_setting()
    provider: str = setting("execution provider of ONNX Runtime; empty: the best there is", "", fixed=True)
    ensemble: float = setting(
        "rate of the weights by age with which plans are averaged, 0: all alike; below 0: the newest alone",
        -1.0,
        minimum=-1.0,
        maximum=10.0,
        fixed=True,
    )
    patience: float = setting(
        "longest wait for the hand to arrive, where the bundle's steps block [s]",
        2.0,
        minimum=0.1,
        maximum=30.0,
        fixed=True,
    )
    time_budget: float = setting(
        "of a task whose goal names none [s]", 30.0, minimum=0.5, maximum=3600.0, fixed=True
    )
    silence: float = setting(
        "time without an image or a word of the gate that ends a task [s, real time]",
        2.0,
        minimum=0.2,
        maximum=60.0,
        fixed=True,
    )

    def __post_init__(self) -> None:
        check_settings(self)
