"""`cairn calibrate time`: how late one stream's stamps are against another's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cairn.cli.calibration_end import tell
from cairn.cli.episode_progress import progress_bar


def command(
    bag: Annotated[Path, typer.Argument(help="A bag in which the robot turns to and fro, for 20 s or more.")],
    reference: Annotated[str, typer.Option(help="Topic whose stamps count: odometry, IMU, joint states.")],
    late: Annotated[str, typer.Option(help="Topic to compare: images, or one of the above.")],
    intrinsics: Annotated[
        Path | None, typer.Option(help="Calibration of the images' camera; the bag's camera info, if absent.")
    ] = None,
    most: Annotated[
        float, typer.Option(min=0.02, max=5.0, help="Greatest offset looked for, in seconds.")
    ] = 0.5,
    report: Annotated[Path, typer.Option(help="HTML page to write.")] = Path("time.html"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Find the time offset between two streams of a bag from the motion that both show.

    Images give how fast the camera turns; odometry, IMU and joint states say it.  Exits 1 when the two do not
    show the same motion.

        cairn calibrate time bags/turning --reference /platform/odom --late /sensors/camera/image
    """
    from cairn.calibration.timing.bag_motion import clocks_in_bag, motion_in_bag
    from cairn.calibration.timing.time_offset import time_offset
    from cairn.evaluation.calibration.time_page import time_page
    from cairn.hardware.camera_calibration import load_camera_model

    camera = load_camera_model(intrinsics) if intrinsics else None
    with progress_bar("reading motion") as shown:
        first = motion_in_bag(bag, reference, camera)
        shown(0.2)
        second = motion_in_bag(bag, late, camera)
        shown(0.9)
        clocks = clocks_in_bag(bag)
    result = time_offset(first, second, most)
    time_page(first, second, result, clocks).write(report)
    content = {
        "offset_ms": result.offset_ms.value,
        "half_width_ms": result.offset_ms.half_width,
        "correlation": result.correlation,
        "drift_ms_per_s": result.drift.value,
        "clocks": {
            name: {
                "rate": clock.rate,
                "jitter_ms": clock.jitter_ms,
                "gaps": clock.gaps,
                "delay_ms": clock.delay_ms,
                "drift_ppm": clock.drift.value,
            }
            for name, clock in clocks.items()
        },
    }
    offset = result.offset_ms
    lines = (
        f"{late} is late by {offset.value:.1f} ± {offset.half_width:.1f} ms against {reference}",
        f"correlation {result.correlation:.3f}, drift {result.drift.value:.2f} ms/s",
    )
    tell(lines, content, result.problems, report, None, as_json)
