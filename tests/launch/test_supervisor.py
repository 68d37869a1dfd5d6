"""The supervisor over real processes: start, output, respawn, required nodes, signals, escalation."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from cairn.launch.errors import LaunchError
from cairn.launch.forward_signals import forward_signals
from cairn.launch.node_description import NodeDescription
from cairn.launch.node_state import NodePhase
from cairn.launch.supervisor import Supervisor


class Screen:
    """Keeps what the supervisor shows; called from several threads."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        with self._lock:
            self.lines.append((name, line))

    def said(self, name: str, pattern: str) -> list[str]:
        return [line for who, line in list(self.lines) if who == name and re.search(pattern, line)]


@pytest.fixture
def screen() -> Screen:
    return Screen()


def node(executable: str, name: str | None = None, **more: object) -> NodeDescription:
    return NodeDescription("probe", executable, name=name, **more)


def test_nodes_get_arguments_parameters_remaps_and_environment(programs, screen, until, tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("")
    described = node(
        "waiter",
        "gate",
        namespace="/jackal",
        parameters=(file, ("rate", 4.0), ("label", "4"), ("on", True), ("gains", [1.0, 0.5])),
        remappings=(("image", "camera/image"),),
        arguments=("--seed", "3"),
        environment={"PROBE": "here"},
    )
    with Supervisor([described], show=screen) as supervisor:
        until(lambda: screen.said("jackal/gate", "^env"), supervisor.poll)
    assert screen.said("jackal/gate", "^args") == [
        f'args --seed 3 --ros-args --params-file {file} -p rate:=4.0 -p label:="4" -p on:=true'
        " -p gains:=[1.0, 0.5] -r image:=camera/image -r __node:=gate -r __ns:=/jackal"
    ]
    assert screen.said("jackal/gate", "^env") == ["env here 1"]


def test_stop_sends_sigint_first_and_all_end(programs, screen, until):
    supervisor = Supervisor([node("waiter", "a"), node("waiter", "b")], show=screen)
    assert supervisor.states()["a"].phase is NodePhase.WAITING
    supervisor.start()
    until(lambda: screen.said("a", "^env") and screen.said("b", "^env"), supervisor.poll)
    pids = [state.pid for state in supervisor.states().values()]
    assert all(psutil.pid_exists(pid) for pid in pids)
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert {state.phase for state in supervisor.states().values()} == {NodePhase.ENDED}
    assert {state.exit_code for state in supervisor.states().values()} == {0}
    assert screen.said("a", "^got") == ["got SIGINT"]
    assert not supervisor.poll()


def test_a_stubborn_node_is_killed_after_two_grace_times(programs, screen, until):
    supervisor = Supervisor([node("stubborn"), node("waiter")], show=screen, grace=0.2)
    supervisor.start()
    until(lambda: screen.said("stubborn", "^pid") and screen.said("waiter", "^env"), supervisor.poll)
    supervisor.stop()
    states = supervisor.states()
    assert (states["stubborn"].exit_code, states["waiter"].exit_code) == (-signal.SIGKILL, 0)
    assert screen.said("supervisor", "^SIGTERM to") == ["SIGTERM to stubborn"]
    assert screen.said("supervisor", "^SIGKILL to") == ["SIGKILL to stubborn"]


def test_a_second_request_escalates_at_once(programs, screen, until):
    supervisor = Supervisor([node("stubborn")], show=screen, grace=3600.0)
    supervisor.start()
    until(lambda: screen.said("stubborn", "^pid"), supervisor.poll)
    for _ in range(3):
        supervisor.request_stop()
        supervisor.poll()
    until(lambda: not supervisor.poll())
    assert supervisor.states()["stubborn"].exit_code == -signal.SIGKILL


def test_a_respawned_node_comes_back_until_its_retries_are_spent(programs, screen):
    described = node("quitter", respawn=True, respawn_max_retries=2, arguments=("3",))
    assert Supervisor([described], show=screen).states()["quitter"].respawns == 0
    supervisor = Supervisor([described], show=screen)
    supervisor.start()
    assert supervisor.run() == 0
    state = supervisor.states()["quitter"]
    assert (state.phase, state.respawns, state.exit_code) == (NodePhase.ENDED, 2, 3)
    assert len(screen.said("quitter", "quitting")) == 3
    assert screen.said("quitter", "ended") == ["ended with exit code 3"] * 3


def test_a_killed_node_is_respawned_after_its_delay(programs, screen, until):
    described = node("waiter", respawn=True, respawn_delay=0.05)
    with Supervisor([described], show=screen) as supervisor:
        until(lambda: screen.said("waiter", "^env"), supervisor.poll)
        first = supervisor.states()["waiter"].pid
        os.kill(first, signal.SIGKILL)
        until(lambda: len(screen.said("waiter", "^env")) == 2, supervisor.poll)
        state = supervisor.states()["waiter"]
        assert (state.phase, state.respawns) == (NodePhase.RUNNING, 1)
        assert state.pid != first
        assert screen.said("waiter", "ended") == ["ended by SIGKILL"]


def test_the_end_of_a_required_node_ends_all(programs, screen):
    nodes = [node("waiter"), node("quitter", required=True, arguments=("0",))]
    supervisor = Supervisor(nodes, show=screen)
    supervisor.start()
    assert supervisor.run() == 1
    assert supervisor.ended_because == "the required node `quitter` ended by itself"


def test_the_end_of_any_other_node_ends_nothing(programs, screen, until):
    with Supervisor([node("waiter"), node("quitter", arguments=("1",))], show=screen) as supervisor:
        until(lambda: supervisor.states()["quitter"].phase is NodePhase.ENDED, supervisor.poll)
        assert supervisor.poll()
        assert supervisor.states()["waiter"].phase is NodePhase.RUNNING


@pytest.mark.parametrize("code", [0, 7])
def test_exit_when_ends_all_with_that_nodes_code(programs, screen, code):
    nodes = [node("waiter"), node("quitter", arguments=(str(code),))]
    supervisor = Supervisor(nodes, show=screen, exit_when="quitter")
    supervisor.start()
    assert supervisor.run() == code
    assert supervisor.states()["waiter"].phase is NodePhase.ENDED


def test_output_is_logged_and_kept_for_the_end(programs, screen, tmp_path):
    described = node("quitter", shown=False, arguments=("4",))
    supervisor = Supervisor([described], show=screen, log_directory=tmp_path)
    supervisor.start()
    supervisor.run()
    assert (tmp_path / "quitter.log").read_text() == "quitting\n"
    assert supervisor.states()["quitter"].tail == ("quitting",)
    # It was not to be shown, but it failed.
    assert screen.said("quitter", "") == ["ended with exit code 4", "quitting"]


def test_a_wrong_node_starts_nothing(programs):
    with pytest.raises(
        LaunchError, match=r"`probe` has no executable `nonesuch`; valid: quitter, stubborn, w"
    ):
        Supervisor([node("waiter"), node("nonesuch")])
    with pytest.raises(LaunchError, match=r"`cairn` has no executable `nonesuch`; valid: .*command_gate"):
        Supervisor([NodeDescription("cairn", "nonesuch")])
    with pytest.raises(LaunchError, match=r"no node is named `explore`; valid: waiter"):
        Supervisor([node("waiter")], exit_when="explore")
    with pytest.raises(LaunchError, match="nothing to start"):
        Supervisor([])


def test_if_one_cannot_start_the_others_are_stopped(programs):
    supervisor = Supervisor([node("waiter"), node("quitter")])
    (programs / "lib/probe/quitter").unlink()
    with pytest.raises(LaunchError, match=r"node `quitter`: cannot start .*No such file"):
        supervisor.start()
    state = supervisor.states()["waiter"]
    assert (state.phase, state.pid) == (NodePhase.ENDED, None)
    assert state.exit_code is not None


@pytest.mark.parametrize(
    ("sent", "received"), [("SIGINT", "SIGINT"), ("SIGTERM", "SIGTERM"), ("SIGHUP", "SIGTERM")]
)
def test_signals_to_the_supervisor_reach_the_nodes(programs, screen, until, sent, received):
    before = signal.getsignal(signal.SIGTERM)
    supervisor = Supervisor([node("waiter")], show=screen)
    with forward_signals(supervisor), supervisor:
        until(lambda: screen.said("waiter", "^env"), supervisor.poll)
        os.kill(os.getpid(), signal.Signals[sent])
        supervisor.run()
    assert screen.said("waiter", "^got") == [f"got {received}"]
    assert supervisor.ended_because == f"received {sent}"
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("executable", ["waiter", "stubborn"])
def test_no_node_outlives_a_killed_supervisor(programs, until, write, executable):
    file = write(f"launch: [{{node: {{pkg: probe, exec: {executable}}}}}]")
    cairn = Path(sys.executable).with_name("cairn")
    running = subprocess.Popen(
        [cairn, "launch", str(file), "--grace", "0.3"], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    line = next(line for line in running.stdout if "pid" in line)
    child = psutil.Process(int(line.split()[-1]))
    running.kill()
    running.wait()
    running.stdout.close()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_the_verb_prefixes_output_and_returns_the_exit_code(programs, write):
    file = write(
        """
launch:
- arg: {name: code, default: "5", description: How it ends}
- node: {pkg: probe, exec: waiter}
- node: {pkg: probe, exec: quitter, args: $(var code)}
"""
    )
    cairn = str(Path(sys.executable).with_name("cairn"))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([cairn, "launch", *arguments], capture_output=True, text=True, timeout=60)

    done = run(str(file), "code:=6", "--exit-when", "quitter")
    assert done.returncode == 6
    assert "[quitter] quitting\n" in done.stdout
    assert run(str(file), "--show-args").stdout == "code  How it ends  (default: 5)\n"
    assert "quitter: " in run(str(file), "--dry-run").stdout
    refused = run(str(file), "kode:=6")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("cairn: ")
    assert "unknown launch argument `kode`; valid: code" in refused.stderr
