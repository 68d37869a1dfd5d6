"""Convert recordings and data sets into another format."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from cairn.episodes.conversion_report import ConversionReport, SourceReport
from cairn.episodes.formats.dataset_writer import DatasetWriter
from cairn.episodes.open_trajectories import ReadingOptions, TrajectorySource
from cairn.episodes.quality_limits import QualityLimits
from cairn.episodes.trajectory_cutter import TrajectoryCutter
from cairn.hardware.errors import CairnError

LEAST_FREE = 100 * 2**20
"""Free space on the disk below which a conversion ends [bytes]: HDF5 does not survive a full disk."""

FORMATS = ("recon", "gnm", "lerobot", "bag")


@dataclass(frozen=True)
class ConversionOptions:
    """How to convert.

    Attributes:
        format: of the new data set, one of FORMATS.
        reading: how the sources are read.
        limits: what is left out.
        jpeg_quality: of images that were not recorded as JPEG, 1 to 100.
        test_share: gnm: share of drives that goes into the test split.
        namespace: bag: of the topics.

    Raises CairnError when a value is out of range.
    """

    format: str
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    limits: QualityLimits = field(default_factory=QualityLimits)
    jpeg_quality: int = 95
    test_share: float = 0.0
    namespace: str = ""

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise CairnError(f"format {self.format!r} is unknown; valid: {', '.join(FORMATS)}")
        if not 1 <= self.jpeg_quality <= 100:
            raise CairnError(f"a JPEG quality must lie in [1, 100], got {self.jpeg_quality}")
        if not 0.0 <= self.test_share <= 1.0:
            raise CairnError(f"the share of the test split must lie in [0, 1], got {self.test_share}")


@dataclass(frozen=True)
class ConversionJob:
    """One source to convert, by whatever process.

    Attributes:
        source: what to read.
        number: of the job, counted from 0.
        prefix: of the names of its trajectories, where names of several sources are alike.
        directory: where to write.
        options: how.
    """

    source: TrajectorySource
    number: int
    prefix: str
    directory: Path
    options: ConversionOptions


class Conversion:
    """A data set that appears whole when its `with` block ends, or not at all when that fails.

    Run `convert_source` on each of `jobs`, in any order and process, then `complete`.

    Args:
        sources: what to read, at least one.
        output: the directory to create.
        options: how.

    Raises CairnError when the output exists or can't be created.
    """

    def __init__(self, sources: list[TrajectorySource], output: Path, options: ConversionOptions) -> None:
        if output.exists() or output.is_symlink():
            raise CairnError(f"{output} exists already; a data set is never overwritten: choose another name")
        self._output = output
        self._options = options
        self._unfinished = output.with_name(f".{output.name}.unfinished-{os.getpid()}")
        stems = Counter(source.path.stem for source in sources)
        self.jobs = [
            ConversionJob(
                source,
                number,
                f"{number:03d}_" if stems[source.path.stem] > 1 else "",
                self._unfinished,
                options,
            )
            for number, source in enumerate(sources)
        ]

    def __enter__(self) -> Conversion:
        try:
            self._unfinished.mkdir(parents=True)
        except OSError as error:
            raise CairnError(f"{self._output} can't be created: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def complete(self, report: ConversionReport) -> None:
        """Write what all trajectories share, and let the data set appear.

        Raises CairnError, and leaves nothing, when no step was kept or the disk refuses.
        """
        if not report.kept:
            raise CairnError(nothing_left(report))
        try:
            if self._options.format == "gnm":
                from cairn.episodes.formats.gnm_writer import write_splits

                write_splits(self._unfinished, report.written, self._options.test_share)
            elif self._options.format == "lerobot":
                from cairn.episodes.formats.lerobot_completion import complete_lerobot

                complete_lerobot(self._unfinished)
            self._unfinished.rename(self._output)
        except OSError as error:
            raise CairnError(f"{self._output} can't be written: {error}") from error


def nothing_left(report: ConversionReport) -> str:
    """Why there is no data set."""
    reasons = [f"{count} {reason.value}" for reason, count in report.dropped.most_common()]
    said = "; ".join([*report.problems, *([", ".join(reasons)] if reasons else [])])
    return f"nothing is left of {report.read} steps: {said or 'no episode was to be read, see --include'}"


def convert_source(job: ConversionJob, progress: Callable[[int], None] | None = None) -> SourceReport:
    """Convert all trajectories of one source.

    `progress` is called with the number of steps read, now and then.  What is wrong with the source goes
    into the report; what was read before is kept.  Raises CairnError when the data set can't be written.
    """
    report = SourceReport(str(job.source.path))
    writer = _writer(job)
    cutter = TrajectoryCutter(writer, job.options.limits, job.prefix, report)

    def read(steps: int) -> None:
        if shutil.disk_usage(job.directory).free < LEAST_FREE:
            raise OSError(f"less than {LEAST_FREE >> 20} MiB are free")
        if progress is not None:
            progress(steps)

    try:
        for trajectory in job.source.trajectories(job.options.reading):
            cutter.convert(trajectory, read)
    except CairnError as error:
        report.problem = f"{job.source.path}: {error}"
    except OSError as error:
        raise CairnError(f"{job.directory} can't be written: {error}") from error
    finally:
        writer.close()
    return report


def _writer(job: ConversionJob) -> DatasetWriter:
    """That of the format; the libraries of the others are not loaded."""
    options = job.options
    if options.format == "recon":
        from cairn.episodes.formats.recon_writer import ReconWriter

        return ReconWriter(job.directory, options.jpeg_quality)
    if options.format == "gnm":
        from cairn.episodes.formats.gnm_writer import GnmWriter

        return GnmWriter(job.directory, options.jpeg_quality)
    if options.format == "lerobot":
        from cairn.episodes.formats.lerobot_writer import LerobotWriter

        return LerobotWriter(job.directory, job.number)
    from cairn.episodes.formats.bag_folder_writer import BagFolderWriter

    return BagFolderWriter(job.directory, options.namespace)
