"""The shell of the command line: lazy verbs, errors without tracebacks, exit codes."""

import subprocess
import sys

import pytest

from cairn.cli import main as cli
from cairn.hardware.errors import CairnError


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    code = ended.value.code
    return code if isinstance(code, int) else 0


@pytest.fixture
def verb(monkeypatch):
    """Register a function as the verb `probe`, as if cli/probe.py defined it as `command`."""

    def register(function):
        module = type(sys)("cairn.cli.probe")
        module.command = function
        monkeypatch.setitem(sys.modules, "cairn.cli.probe", module)
        monkeypatch.setitem(cli.VERBS, "probe", "A verb of this test.")

    return register


def test_help_lists_every_verb_without_importing_any(capsys):
    before = set(sys.modules)
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in cli.VERBS:
        assert name in shown
    assert not {f"cairn.cli.{name}" for name in cli.VERBS} & (set(sys.modules) - before)


@pytest.mark.parametrize("name", list(cli.VERBS))
def test_every_verb_loads_and_has_help(name, capsys):
    assert run([name, "--help"]) == 0
    assert f"cairn {name}" in capsys.readouterr().out


def test_a_verb_receives_its_typed_arguments(verb):
    got = []

    def probe(count: int) -> None:
        got.append(count)

    verb(probe)
    assert run(["probe", "3"]) == 0
    assert got == [3]
    assert run(["probe", "three"]) == 2
    assert got == [3]


def test_an_error_of_cairn_is_a_message_and_exit_code_2(verb, capsys):
    def probe() -> None:
        raise CairnError("expected a map, got a picture; valid: *.cairnmap")

    verb(probe)
    assert run(["probe"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "cairn: expected a map, got a picture; valid: *.cairnmap\n"
    assert captured.out == ""


def test_any_other_error_keeps_its_traceback(verb):
    def probe() -> None:
        raise ZeroDivisionError

    verb(probe)
    with pytest.raises(ZeroDivisionError):
        cli.main(["probe"])


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("rclpy", "ROS 2 is absent"),
        ("cairn_interfaces", "make setup"),
        ("mujoco", "cairn-robotics[sim]"),
        ("torch", "cairn-robotics[train]"),
    ],
)
def test_an_absent_optional_part_names_what_brings_it(verb, capsys, module, words):
    def probe() -> None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=f"{module}.msg")

    verb(probe)
    assert run(["probe"]) == 2
    assert words in capsys.readouterr().err


def test_an_unexpected_absent_module_is_not_hidden(verb):
    def probe() -> None:
        raise ModuleNotFoundError("No module named 'nonesuch'", name="nonesuch")

    verb(probe)
    with pytest.raises(ModuleNotFoundError, match="nonesuch"):
        cli.main(["probe"])


def test_ctrl_c_exits_130(verb):
    def probe() -> None:
        raise KeyboardInterrupt

    verb(probe)
    assert run(["probe"]) == 130


def test_an_unknown_verb_is_refused_with_the_nearest_name(capsys):
    assert run(["lunch"]) == 2
    assert "launch" in capsys.readouterr().err


def test_importing_the_command_line_loads_no_heavy_module():
    heavy = "{'numpy', 'scipy', 'cv2', 'torch', 'rclpy', 'mujoco', 'onnxruntime', 'pydantic', 'matplotlib'}"
    code = f"import sys, cairn.cli.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
