"""One run as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import io
from importlib import resources
from math import hypot
from pathlib import Path
from typing import Any

import cv2
import jinja2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cairn.evaluation import scoring
from cairn.evaluation.figures.latency_figure import latency_figure
from cairn.evaluation.figures.map_figure import map_figure
from cairn.evaluation.figures.timeline_figure import timeline_figure
from cairn.evaluation.path_driver import CRUISE_SPEED
from cairn.evaluation.run_record import RunRecord, VisitRecord
from cairn.evaluation.task import SUCCESS_RADIUS
from cairn.evaluation.whole_file import write_whole

_DOTS_PER_INCH = 150
_SHOWN_WIDTH = 640  # [pixels] photos are enlarged to at least this, smoothly


def write_report(record: RunRecord, path: Path) -> Path:
    """Render `record` to `path`; nothing is left there when rendering or writing fails.

    Raises CairnError when the file can't be written.
    """
    write_whole(path, render_report(record))
    return path


def render_report(record: RunRecord) -> str:
    """The page; all pictures are inside it."""
    source = resources.files("cairn.evaluation").joinpath("report_template.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    height, width = record.goal_image.shape[:2]
    return environment.from_string(source).render(
        record=record,
        succeeded=record.visits[0].success,
        aspect=f"{width} / {height}",
        goal_image=_photo(record.goal_image),
        rows=[_row(record, visit) for visit in record.visits],
        fastest=record.shortest_length / CRUISE_SPEED,
        cruise=CRUISE_SPEED,
        radius=SUCCESS_RADIUS,
        map_image=_picture(map_figure(record)),
        latency_image=_picture(latency_figure(record.latencies_ms)) if record.latencies_ms else "",
    )


def _row(record: RunRecord, visit: VisitRecord) -> dict[str, Any]:
    trace = visit.trace
    shortest, fastest = [record.shortest_length], [record.shortest_length / CRUISE_SPEED]
    spl = scoring.success_weighted_by_path_length([visit.success], [trace.distance], shortest)
    sct = scoring.success_weighted_by_completion_time([visit.success], [visit.seconds], fastest)
    x, y, _ = trace.truth[-1]
    return {
        "name": visit.name,
        "verdict": visit.verdict,
        "success": visit.success,
        "time": f"{int(visit.seconds) // 60}:{visit.seconds % 60:04.1f}",
        "driven": f"{trace.distance:.1f} m",
        "speed": f"{trace.distance / visit.seconds if visit.seconds else 0.0:.2f} m/s",
        "spl": f"{spl:.2f}",
        "sct": f"{sct:.2f}",
        "collisions": visit.collisions,
        "error": f"{hypot(x - record.goal.x, y - record.goal.y):.1f} m",
        "image": _photo(visit.last_image),
        "timeline": _picture(timeline_figure(visit)),
    }


def _photo(image: NDArray[np.uint8]) -> str:
    scale = max(1.0, _SHOWN_WIDTH / image.shape[1])
    shown = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return _inline("image/jpeg", encoded.tobytes())


def _picture(figure: Figure) -> str:
    content = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(content, format="png", dpi=_DOTS_PER_INCH)
    return _inline("image/png", content.getvalue())


def _inline(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
