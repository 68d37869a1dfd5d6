"""Starts the processes of a launch description, watches them, and ends them together."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from cairn.launch.command import node_command
from cairn.launch.environment import node_environment
from cairn.launch.errors import LaunchError
from cairn.launch.guarded import Guarded
from cairn.launch.node_description import NodeDescription
from cairn.launch.node_process import NodeProcess
from cairn.launch.node_state import NodePhase, NodeState

POLL_S = 0.05
_ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@dataclass
class _Entry:
    description: NodeDescription
    command: list[str]
    phase: NodePhase = NodePhase.WAITING
    process: NodeProcess | None = None
    exit_code: int | None = None
    respawns: int = 0
    respawn_at: float = 0.0


class Supervisor:
    """Runs nodes until they end, a required one ends, or someone asks to stop.

    It has no thread of its own for decisions: call `poll` every 50 ms or so, or `run`.  Output arrives
    in one thread a node, so `show` must take calls from several threads.

    Args:
        nodes: what to start, in this order.
        exit_when: the name of a node whose end ends all, with its exit code as the result.
        grace: [s] from SIGINT to SIGTERM, and again from SIGTERM to SIGKILL.
        show: gets (node name, line) for every line to be shown, the supervisor's own under `supervisor`.
        log_directory: where each node's output is kept as `<name>.log`; it must exist.
        environment: what the nodes inherit; by default this process's.

    Raises:
        LaunchError: no nodes, an unknown executable, or an unknown `exit_when`; nothing is started.
    """

    def __init__(
        self,
        nodes: Sequence[NodeDescription],
        *,
        exit_when: str | None = None,
        grace: float = 5.0,
        show: Callable[[str, str], None] | None = None,
        log_directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Check everything that can be checked before the first process starts."""
        if not nodes:
            raise LaunchError("nothing to start: the launch file describes no node for these arguments")
        self._entries = {node.full_name: _Entry(node, node_command(node)) for node in nodes}
        if exit_when is not None and exit_when not in self._entries:
            raise LaunchError(f"no node is named `{exit_when}`; valid: {', '.join(self._entries)}")
        self._exit_when = exit_when
        self._grace = grace
        self._show = show or (lambda _name, _line: None)
        self._log_directory = log_directory
        self._environment = node_environment(os.environ if environment is None else environment)
        self._guarded: Guarded | None = None
        self._requests: deque[tuple[signal.Signals, str]] = deque()
        self._step: int | None = None
        self._step_at = 0.0
        self.exit_code = 0
        """The result so far: 0, the exit code of the `exit_when` node, or 1 when a required one ended."""
        self.ended_because = ""
        """Why all were stopped; empty while they run."""

    def __enter__(self) -> "Supervisor":
        """Start the nodes."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop whatever still runs."""
        self.stop()

    def start(self) -> None:
        """Start every node; if the system refuses one, those already started are stopped.

        Raises:
            LaunchError: a process cannot be started, or the supervisor was started before.
        """
        if self._guarded is not None:
            raise LaunchError("this supervisor was started before; make another one")
        self._guarded = Guarded(self._grace)
        try:
            for entry in self._entries.values():
                self._spawn(entry)
        except BaseException:
            self.stop("the start failed")
            raise

    def poll(self) -> bool:
        """Take note of what ended, respawn and escalate as due; False once every node has ended."""
        for name, entry in self._entries.items():
            if entry.phase is NodePhase.RUNNING and entry.process is not None:
                code = entry.process.poll()
                if code is not None:
                    self._ended(name, entry, code)
        while self._requests:
            self._stop_all(*self._requests.popleft())
        now = time.monotonic()
        for entry in self._entries.values():
            if entry.phase is NodePhase.RESPAWNING and now >= entry.respawn_at:
                entry.respawns += 1
                # Ended until the start succeeds: a failed one is not tried again while all are stopped.
                entry.phase = NodePhase.ENDED
                self._spawn(entry)
        if self._step is not None and now >= self._step_at:
            self._escalate()
        if any(entry.phase is not NodePhase.ENDED for entry in self._entries.values()):
            return True
        if self._guarded is not None:
            self._guarded.close()
        return False

    def run(self) -> int:
        """Poll until every node has ended; return `exit_code`."""
        while self.poll():
            time.sleep(POLL_S)
        return self.exit_code

    def request_stop(self, number: signal.Signals = signal.SIGINT, reason: str = "asked to stop") -> None:
        """Have the next `poll` begin to stop all with this signal; a second request escalates at once.

        Only takes note, so that a signal handler may call it at any moment.
        """
        self._requests.append((number, reason))

    def stop(self, reason: str = "asked to stop") -> None:
        """Stop all and wait until they have ended, at most two grace times; nothing if they have."""
        if self._guarded is not None and self.poll():
            if self._step is None:
                self.request_stop(reason=reason)
            self.run()

    def states(self) -> dict[str, NodeState]:
        """The state of every node by its full name."""
        return {
            name: NodeState(
                name,
                entry.phase,
                entry.process.pid if entry.process and entry.phase is NodePhase.RUNNING else None,
                entry.exit_code,
                entry.respawns,
                tuple(entry.process.tail) if entry.process else (),
            )
            for name, entry in self._entries.items()
        }

    def _spawn(self, entry: _Entry) -> None:
        assert self._guarded is not None
        node = entry.description
        name = node.full_name
        shown = node.shown

        def on_line(line: str) -> None:
            if shown:
                self._show(name, line)

        log = self._log_directory / f"{name.replace('/', '.')}.log" if self._log_directory else None
        environment = {**self._environment, **node.environment}
        entry.process = NodeProcess(name, entry.command, environment, on_line, log)
        self._guarded.add(entry.process.pid)
        entry.phase = NodePhase.RUNNING

    def _ended(self, name: str, entry: _Entry, code: int) -> None:
        assert self._guarded is not None
        assert entry.process is not None
        self._guarded.discard(entry.process.pid)
        entry.exit_code = code
        entry.phase = NodePhase.ENDED
        node = entry.description
        if self._step is not None:
            return
        self._show(name, f"ended {_how(code)}")
        if code != 0 and not node.shown:
            for line in list(entry.process.tail):
                self._show(name, line)
        if name == self._exit_when:
            self.exit_code = code if code >= 0 else 1
            self._stop_all(signal.SIGINT, f"`{name}` ended {_how(code)}")
        elif node.respawn and entry.respawns != node.respawn_max_retries:
            entry.phase = NodePhase.RESPAWNING
            entry.respawn_at = time.monotonic() + node.respawn_delay
        elif node.required:
            self.exit_code = 1
            self._stop_all(signal.SIGINT, f"the required node `{name}` ended {_how(code)}")

    def _stop_all(self, number: signal.Signals, reason: str) -> None:
        if self._step is not None:
            self._step_at = time.monotonic()
            return
        self.ended_because = reason
        self._show("supervisor", f"stopping all: {reason}")
        self._step = _ESCALATION.index(number)
        for entry in self._entries.values():
            if entry.phase in (NodePhase.RESPAWNING, NodePhase.WAITING):
                entry.phase = NodePhase.ENDED
        self._signal_all()

    def _escalate(self) -> None:
        assert self._step is not None
        if self._step + 1 < len(_ESCALATION):
            self._step += 1
            left = [name for name, entry in self._entries.items() if entry.phase is NodePhase.RUNNING]
            if left:
                self._show("supervisor", f"{_ESCALATION[self._step].name} to {', '.join(left)}")
        self._signal_all()

    def _signal_all(self) -> None:
        assert self._step is not None
        self._step_at = time.monotonic() + self._grace
        for entry in self._entries.values():
            if entry.phase is NodePhase.RUNNING and entry.process is not None:
                entry.process.signal(_ESCALATION[self._step])


def _how(code: int) -> str:
    if code == 0:
        return "by itself"
    if code > 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
