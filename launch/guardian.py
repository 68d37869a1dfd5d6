"""A small process that ends the nodes when their supervisor is killed, so that none is left driving.

It reads its standard input: `+<process group>` when a node starts, `-<process group>` when it has ended.
At end of file the supervisor is gone, however it died: every node still listed gets SIGTERM, so that a
gate sends its zero and a recorder closes its bag, and after the grace time SIGKILL.

Run as a script in an isolated Python; it imports nothing of Cairn and starts in some 15 ms.
"""

import os
import signal
import sys
import time

_POLL_S = 0.05


def main() -> None:
    """Guard until standard input ends; `argv[1]` is the grace time in seconds."""
    # Ctrl-C and a closing terminal are the supervisor's business.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    _signal_all(groups, signal.SIGTERM)
    # A stopped process (SIGSTOP) takes SIGTERM only once it goes on.
    _signal_all(groups, signal.SIGCONT)
    deadline = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < deadline and _signal_all(groups, 0):
        time.sleep(_POLL_S)
    _signal_all(groups, signal.SIGKILL)


def _signal_all(groups: set[int], number: int) -> bool:
    """Signal every group that still exists; True if any does."""
    alive = False
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue
        alive = True
    return alive


if __name__ == "__main__":
    main()
