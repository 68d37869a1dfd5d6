"""The report on a time offset."""

from __future__ import annotations

from collections.abc import Mapping

from cairn.calibration.timing.motion_signal import MotionSignal
from cairn.calibration.timing.stream_clock import StreamClock
from cairn.calibration.timing.time_offset import TimeOffset
from cairn.evaluation.calibration.calibration_page import CalibrationPage, Row, Section
from cairn.evaluation.figures.png import png
from cairn.evaluation.figures.time_figures import correlation_figure, overlay_figure


def time_page(
    reference: MotionSignal, late: MotionSignal, result: TimeOffset, clocks: Mapping[str, StreamClock]
) -> CalibrationPage:
    """The page; `clocks` are those of all streams of the bag."""
    offset = result.offset_ms
    return CalibrationPage(
        title=f"{late.name} against {reference.name}",
        verdict="refused" if result.problems else "good",
        problems=result.problems,
        figures={
            "the second is late by": f"{offset.value:.1f} ± {offset.half_width:.1f} ms",
            "correlation at that offset": f"{result.correlation:.3f}",
            "drift of the offset": f"{result.drift.value:.2f} ± {result.drift.half_width:.2f} ms/s",
        },
        details={
            "reference": f"{reference.name}, {len(reference.times)} samples",
            "compared": f"{late.name}, {len(late.times)} samples",
            "scale": f"{result.scale:.4f} times the second is the first",
        },
        sections=(
            Section("The same motion in both", png(overlay_figure(reference, late, result))),
            Section(
                "Where they match best",
                png(correlation_figure(result)),
                note="Right: the offset in stretches of two seconds; a slope is a clock that runs wrong.",
            ),
            Section(
                "Clocks of all stamped streams",
                columns=(
                    "topic",
                    "rate [Hz]",
                    "jitter [ms]",
                    "gaps",
                    "delay [ms]",
                    "delay jitter [ms]",
                    "drift [ppm]",
                ),
                rows=tuple(
                    Row(
                        (
                            name,
                            f"{clock.rate:.2f}",
                            f"{clock.jitter_ms:.2f}",
                            f"{clock.gaps}",
                            f"{clock.delay_ms:.1f}",
                            f"{clock.delay_jitter_ms:.2f}",
                            f"{clock.drift.value:.0f} ± {clock.drift.half_width:.0f}",
                        )
                    )
                    for name, clock in clocks.items()
                ),
                note="Jitter: of a stamp about the beat of its neighbours. Delay: from stamp to recording. "
                "Drift: of the stamps' clock against the recorder's.",
            ),
        ),
    )
