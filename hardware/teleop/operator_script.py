"""A script for a fake hand, in YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.hands import OFF, Hands
from cairn.hardware.teleop.script_step import (
    Arm,
    Drive,
    Label,
    PressEmergencyStop,
    Release,
    ScriptError,
    Step,
    WaitFor,
)

MOST_STEPS = 10_000
_LARGEST = 1_000_000  # [bytes]
_ARM = {"linear", "angular", "opening"}
"""What makes a step that drives one of an arm."""
_KINDS = {
    "for": ("forward", "turn", "turbo", "linear", "angular", "opening"),
    "release": (),
    "emergency_stop": (),
    "arm": (),
    "episode": ("name", "task", "operator", "note"),
    "wait_for": ("within",),
    "repeat": ("steps",),
}
"""The key that makes a step what it is, and the keys that it may have besides."""


@dataclass(frozen=True)
class OperatorScript:
    """What a fake hand does, step by step, under the name of a controller."""

    steps: tuple[Step, ...]
    controller: str = "script"

    def __post_init__(self) -> None:
        kinds = {type(step.hands) for step in self.steps if isinstance(step, Drive)}
        if len(kinds) > 1:
            raise ScriptError("a script drives a base or an arm, not both")

    @property
    def drives_arm(self) -> bool:
        """Whether its hands are an arm's; a base's where it drives nothing."""
        return any(isinstance(step, Drive) and isinstance(step.hands, ArmInput) for step in self.steps)

    @property
    def hands_off(self) -> Hands | ArmInput:
        """Hands that do nothing, of the kind that it has."""
        return ArmInput() if self.drives_arm else OFF

    @classmethod
    def read(cls, path: Path) -> OperatorScript:
        """From a file.  Raises ScriptError, naming the step that is wrong."""
        try:
            if path.stat().st_size > _LARGEST:
                raise ScriptError(f"{path}: expected a script of at most {_LARGEST} bytes")
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ScriptError(f"{path}: the script can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ScriptError(f"{path}: the script is no UTF-8 text: {error.reason}") from error
        try:
            return cls.parse(text)
        except ScriptError as error:
            raise ScriptError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> OperatorScript:
        """From YAML: a mapping with `steps`, and `controller` where it is not to be "script"."""
        try:
            content = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ScriptError(f"not YAML: {error}") from error
        if not isinstance(content, dict) or not {"steps"} <= set(content) <= {"steps", "controller"}:
            got = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
            raise ScriptError(f"expected the key steps, and perhaps controller; got {got}")
        controller = content.get("controller", "script")
        if not isinstance(controller, str) or not controller:
            raise ScriptError(f"controller: expected a name, got {controller!r}")
        steps: list[Step] = []
        for step in _steps(content["steps"], "step "):
            steps.append(step)
            if len(steps) > MOST_STEPS:
                raise ScriptError(f"expected at most {MOST_STEPS} steps, repetitions included")
        if not steps:
            raise ScriptError("expected at least one step, got none")
        return cls(tuple(steps), controller)


def _steps(raw: Any, where: str, depth: int = 0) -> Iterator[Step]:
    if not isinstance(raw, list):
        raise ScriptError(f"{where}: expected a list of steps, got {type(raw).__name__}")
    for number, entry in enumerate(raw, 1):
        place = f"{where}{number}"
        if not isinstance(entry, dict):
            raise ScriptError(f"{place}: expected a step such as {{for: 2.0, forward: 0.5}}, got {entry!r}")
        kind = _kind(entry, place)
        if kind != "repeat":
            try:
                yield _step(kind, entry)
            except CairnError as error:
                raise ScriptError(f"{place}: {error}") from error
            continue
        times = entry["repeat"]
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_STEPS:
            raise ScriptError(f"{place}: repeat: expected a number from 1 to {MOST_STEPS}, got {times!r}")
        if depth > 3:
            raise ScriptError(f"{place}: repetitions lie in each other too deep")
        for _ in range(times):
            before = None
            for before in _steps(entry.get("steps"), f"{place}.", depth + 1):
                yield before
            if before is None:
                raise ScriptError(f"{place}: repeat: expected steps, got none")


def _kind(entry: Mapping[Any, Any], place: str) -> str:
    kinds = [key for key in entry if key in _KINDS]
    if len(kinds) != 1:
        got = ", ".join(map(str, entry)) or "none"
        raise ScriptError(f"{place}: expected exactly one of {', '.join(_KINDS)}, got {got}")
    kind = str(kinds[0])
    unknown = sorted(str(key) for key in set(entry) - {kind, *_KINDS[kind]})
    if unknown:
        valid = ", ".join(_KINDS[kind]) or "nothing else"
        raise ScriptError(f"{place}: unknown {', '.join(unknown)}; beside {kind} valid are: {valid}")
    return kind


def _step(kind: str, entry: Mapping[str, Any]) -> Step:
    if kind == "for":
        return Drive(_number(entry, "for"), _hands(entry))
    if kind == "release":
        return Release(_number(entry, "release"))
    if kind == "emergency_stop":
        return PressEmergencyStop(_number(entry, "emergency_stop"))
    if kind == "arm":
        if not _flag(entry, "arm", True):
            raise ScriptError("arm: expected true")
        return Arm()
    if kind == "wait_for":
        return WaitFor(_text(entry, "wait_for"), _number(entry, "within", 60.0))
    return Label(
        _action(_text(entry, "episode")),
        *(_text(entry, key) for key in ("name", "task", "operator", "note")),
    )


def _hands(entry: Mapping[str, Any]) -> Hands | ArmInput:
    if _ARM.isdisjoint(entry):
        return Hands(
            _number(entry, "forward", 0.0), _number(entry, "turn", 0.0), True, _flag(entry, "turbo", False)
        )
    if others := sorted(set(entry) - _ARM - {"for"}):
        raise ScriptError(f"{', '.join(others)}: the base's, in a step that moves an arm")
    opening = _number(entry, "opening") if "opening" in entry else None
    return ArmInput(_shares(entry, "linear"), _shares(entry, "angular"), opening, deadman=True)


def _shares(entry: Mapping[str, Any], key: str) -> tuple[float, float, float]:
    values = entry.get(key, [0.0, 0.0, 0.0])
    if not isinstance(values, list) or len(values) != 3:
        raise ScriptError(f"{key}: expected a list of three shares from -1 to 1, got {values!r}")
    x, y, z = (_number({key: value}, key) for value in values)
    return x, y, z


def _action(word: str) -> EpisodeAction:
    actions = {action.word: action for action in EpisodeAction}
    if word not in actions:
        raise ScriptError(f"episode: expected one of {', '.join(actions)}, got {word!r}")
    return actions[word]


def _number(entry: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ScriptError(f"{key}: expected a number, got {value!r}")
    return float(value)


def _flag(entry: Mapping[str, Any], key: str, default: bool) -> bool:
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise ScriptError(f"{key}: expected true or false, got {value!r}")
    return value


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise ScriptError(f"{key}: expected text, got {value!r}")
    return value
