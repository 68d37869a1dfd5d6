"""A recording as pictures and one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from cairn.episodes.episode import Episode
from cairn.evaluation.figures.contact_sheet import contact_sheet
from cairn.evaluation.figures.event_marks import event_colour
from cairn.evaluation.figures.path_figure import path_figure
from cairn.evaluation.figures.png import png
from cairn.evaluation.figures.topic_strips import topic_strips
from cairn.evaluation.recording.recording import Recording, TopicTrack
from cairn.evaluation.recording.regularity import regularity
from cairn.evaluation.whole_file import write_whole
from cairn.hardware.errors import CairnError

PAGE = "index.html"
_MOST_EVENTS = 300


def write_recording(recording: Recording, directory: Path) -> list[Path]:
    """Write `contact_sheet.png`, `path.png`, `topics.png` and `index.html`; a picture of nothing is left out.

    Files of these names in `directory` are replaced.  Returns what was written, the page last.
    Raises CairnError when a file can't be written.
    """
    pictures = draw(recording)
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in pictures.items():
            path = directory / f"{name}.png"
            path.write_bytes(content)
            written.append(path)
    except OSError as error:
        raise CairnError(f"{directory}: pictures can't be written there: {error.strerror}") from error
    write_whole(directory / PAGE, render(recording, pictures))
    return [*written, directory / PAGE]


def draw(recording: Recording) -> dict[str, bytes]:
    """PNG files by name, of what there is to show."""
    figures = {
        "contact_sheet": contact_sheet if recording.frames else None,
        "path": path_figure if recording.path is not None else None,
        "topics": topic_strips if recording.topics else None,
    }
    return {name: png(drawn(recording)) for name, drawn in figures.items() if drawn is not None}


def render(recording: Recording, pictures: dict[str, bytes]) -> str:
    """The page with all pictures inside it."""
    source = resources.files("cairn.evaluation.recording").joinpath("recording_page.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(source).render(
        recording=recording,
        title=f"{recording.name} · {recording.episode}" if recording.episode else recording.name,
        begin=_moment(recording),
        figures=_figures(recording),
        episodes=[_episode(recording, episode) for episode in recording.episodes],
        events=[
            {"time": f"{event.time:.1f} s", "kind": event.kind.value, "detail": event.detail}
            | {"colour": event_colour(event.kind), "place": _place(recording, event.time)}
            for event in recording.events[:_MOST_EVENTS]
        ],
        more_events=max(0, len(recording.events) - _MOST_EVENTS),
        topics=[_topic(recording, track) for track in recording.topics],
        pictures={name: _inline(content) for name, content in pictures.items()},
    )


def _figures(recording: Recording) -> dict[str, str]:
    lost = [track.lost for track in recording.topics]
    known = sum(count for count in lost if count is not None)
    figures = {"duration": f"{recording.seconds:.1f} s"}
    if recording.path is not None:
        mean = recording.path.length / recording.seconds if recording.seconds else 0.0
        figures |= {"driven": f"{recording.path.length:.1f} m", "mean speed": f"{mean:.2f} m/s"}
    messages = sum(len(track.times) for track in recording.topics)
    return figures | {
        "messages": f"{messages:,}",
        "lost": f"{known:,}" if None not in lost else f"{known:,} known",
        "size of the bag": f"{recording.size / 1e6:,.1f} MB",
    }


def _episode(recording: Recording, episode: Episode) -> dict[str, Any]:
    return {
        "name": episode.name,
        "task": episode.task,
        "verdict": episode.verdict.value,
        "outcome": episode.outcome.value,
        "operator": episode.operator,
        "start": f"{recording.since_start(episode.start):.1f} s",
        "duration": f"{(episode.end - episode.start) * 1e-9:.1f} s",
        "interventions": len(episode.interventions),
        "note": episode.note,
    }


def _topic(recording: Recording, track: TopicTrack) -> dict[str, Any]:
    rhythm = regularity(track.times, recording.seconds)
    gaps = [last - first for first, last in rhythm.gaps] if rhythm else []
    return {
        "name": track.name,
        "type": track.type,
        "messages": f"{len(track.times):,}",
        "rate": f"{rhythm.rate:.1f} Hz" if rhythm else "",
        "gaps": f"{len(gaps)}, up to {max(gaps):.2f} s" if gaps else "",
        "lost": "" if not track.lost else f"{track.lost:,}",
    }


def _place(recording: Recording, time: float) -> str:
    path = recording.path
    if path is None:
        return ""
    x, y = (round(path.at(time, values), 1) + 0.0 for values in (path.x, path.y))  # no "-0.0"
    return f"{x:.1f}, {y:.1f} m"


def _moment(recording: Recording) -> str:
    if recording.simulated:
        return f"simulated, from t = {recording.start * 1e-9:.1f} s"
    return f"{datetime.fromtimestamp(recording.start * 1e-9).astimezone():%d %B %Y, %H:%M:%S %Z}"


def _inline(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
