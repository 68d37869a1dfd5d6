"""Real-time scheduling for processes on which safety depends."""

from __future__ import annotations

import os
from pathlib import Path


def ask_for_realtime(priority: int) -> bool:
    """Schedule every thread of this process, the middleware's included, by SCHED_FIFO.

    Processes started afterwards are ordinary ones.

    Args:
        priority: 1 (lowest) to 99.

    Returns:
        Whether the system permits it (root, CAP_SYS_NICE, or an `rtprio` limit in limits.conf).
    """
    parameters = os.sched_param(priority)
    try:
        for task in Path("/proc/self/task").iterdir():
            os.sched_setscheduler(int(task.name), os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, parameters)
    except PermissionError:
        return False
    return True
