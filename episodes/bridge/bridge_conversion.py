"""Convert Bridge Data between its formats."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cairn.episodes.bridge.arm_bag_writer import ArmBagWriter
from cairn.episodes.bridge.bridge_report import BridgeReport
from cairn.episodes.bridge.bridge_trajectory import BridgeOpener
from cairn.episodes.bridge.bridge_writer import BridgeWriter
from cairn.episodes.bridge.lerobot_writer import BridgeLerobotWriter
from cairn.episodes.bridge.numpy_writer import NumpyWriter
from cairn.episodes.bridge.open_bridge import BridgeSource, bridge_sources
from cairn.episodes.bridge.raw_writer import RawWriter
from cairn.episodes.bridge.rlds_writer import RldsWriter
from cairn.episodes.picture import PictureError
from cairn.hardware.errors import CairnError

BRIDGE_FORMATS = ("raw", "numpy", "rlds", "bag", "lerobot")


@dataclass(frozen=True)
class BridgeConversionOptions:
    """How to convert.

    Attributes:
        format: of the new data set, one of BRIDGE_FORMATS.
        jpeg_quality: of images that were not stored as JPEG, 1 to 100.
        val_share: numpy, rlds: share of demonstrations for validation, where the source knows no split.

    Raises CairnError when a value is out of range.
    """

    format: str
    jpeg_quality: int = 95
    val_share: float = 0.1

    def __post_init__(self) -> None:
        if self.format not in BRIDGE_FORMATS:
            raise CairnError(f"format {self.format!r} is unknown; valid: {', '.join(BRIDGE_FORMATS)}")
        if not 1 <= self.jpeg_quality <= 100:
            raise CairnError(f"a JPEG quality must lie in [1, 100], got {self.jpeg_quality}")
        if not 0.0 <= self.val_share <= 1.0:
            raise CairnError(f"the share for validation must lie in [0, 1], got {self.val_share}")


def convert_bridge(
    paths: Iterable[Path],
    output: Path,
    options: BridgeConversionOptions,
    progress: Callable[[int], None] = lambda written: None,
) -> BridgeReport:
    """Write all demonstrations that can be read to a new data set, which appears whole or not at all.

    `progress` is called with the number of demonstrations written so far.  What could not be read goes
    into the report.  Raises CairnError when the output exists, can't be written, or nothing is left.
    """
    if output.exists() or output.is_symlink():
        raise CairnError(f"{output} exists already; a data set is never overwritten: choose another name")
    sources = [source for path in paths for source in bridge_sources(path)]
    unfinished = output.with_name(f".{output.name}.unfinished-{os.getpid()}")
    report = BridgeReport()
    try:
        unfinished.mkdir(parents=True)
        writer = _writer(unfinished, options)
        try:
            for opener in (opener for source in sources for opener in _read(source, report)):
                _write(writer, opener, report)
                progress(len(report.written))
            report.left_out = +writer.left_out
            if not report.written:
                said = "; ".join(report.problems) or "there was no demonstration"
                raise CairnError(f"nothing is left: {said}")
            writer.close()
        finally:
            writer.abandon()
        unfinished.rename(output)
    except OSError as error:
        raise CairnError(f"{output} can't be written: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return report


def _read(source: BridgeSource, report: BridgeReport) -> Iterator[BridgeOpener]:
    try:
        yield from source()
    except CairnError as error:
        report.problems.append(str(error))


def _write(writer: BridgeWriter, opener: BridgeOpener, report: BridgeReport) -> None:
    try:
        trajectory = opener()
    except CairnError as error:
        report.problems.append(str(error))
        return
    try:
        steps = writer.write(trajectory)
    except PictureError as error:
        report.problems.append(f"{trajectory.info.source}, {trajectory.info.name}: {error}")
        return
    except CairnError as error:
        report.problems.append(str(error))
        return
    report.written[f"{trajectory.info.source}: {trajectory.info.name}"] = steps


def _writer(directory: Path, options: BridgeConversionOptions) -> BridgeWriter:
    if options.format == "rlds":
        return RldsWriter(directory, options.jpeg_quality, options.val_share)
    if options.format == "numpy":
        return NumpyWriter(directory, options.val_share)
    if options.format == "bag":
        return ArmBagWriter(directory, options.jpeg_quality)
    if options.format == "lerobot":
        return BridgeLerobotWriter(directory)
    return RawWriter(directory, options.jpeg_quality)
