"""The episodes of a bag as trajectories."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from cairn.episodes import message_values
from cairn.episodes.alignment import Alignment
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_source import BagSource, open_bag
from cairn.episodes.bag_trajectory import BagTrajectory
from cairn.episodes.episode import METADATA_PREFIX, Verdict
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.episode_log import EVENT_TOPIC
from cairn.episodes.topic_mapping import TopicMapping
from cairn.episodes.trajectory import TrajectoryInfo
from cairn.hardware.camera_model import CameraModel

_UNSAFE = str.maketrans('/\\:*?"<>| ', "__________")


def bag_trajectories(
    path: Path,
    alignment: Alignment,
    include: Collection[Verdict] = (Verdict.KEPT,),
    mapping: TopicMapping | None = None,
    namespace: str = "",
) -> Iterator[BagTrajectory]:
    """Trajectories of a bag's episodes in the order of their starts, named "<bag>_<episode>".

    A bag in which nobody ever marked an episode is one trajectory and always included.

    Raises BagError when the bag can't be read or lacks the topics, or a topic has another type.
    """
    source = open_bag(path)
    topics = (mapping or TopicMapping()).resolve(
        {name: topic.type for name, (topic, _) in source.topics.items()}, namespace
    )
    camera = _camera(source, topics)
    marked = has_episodes(source)
    for episode in read_episodes(source):
        if marked and episode.verdict not in include:
            continue
        name = f"{path.stem}_{episode.name}" if marked else path.stem
        end = episode.end or source.time_range[1]
        info = TrajectoryInfo(
            name=safe_name(name),
            rate=alignment.rate,
            source=path,
            camera=camera,
            task=episode.task,
            operator=episode.operator,
            outcome=episode.outcome,
            expected_steps=max(0, round((end - episode.start) * 1e-9 * alignment.rate)),
        )
        yield BagTrajectory(source, topics, episode, alignment, info)


def has_episodes(source: BagSource) -> bool:
    """Whether anybody marked an episode in the bag."""
    return any(name.startswith(METADATA_PREFIX) for name in source.metadata) or any(
        count and name.endswith(f"/{EVENT_TOPIC}") for name, (_, count) in source.topics.items()
    )


def _camera(source: BagSource, topics: dict[str, str]) -> CameraModel | None:
    """Intrinsics by the first readable CameraInfo."""
    if "camera_info" not in topics:
        return None
    for message in source.messages([topics["camera_info"]]):
        try:
            return message_values.camera_model(source.decode(message))
        except BagError:
            continue
    return None


def safe_name(name: str) -> str:
    """A recorded name as one that is safe for a file; episodes may be called anything."""
    printable = "".join(sign if sign.isprintable() else "_" for sign in name.translate(_UNSAFE))
    cut = printable.lstrip(".").encode()[:180].decode(errors="ignore")
    return cut or "unnamed"
