import json
import os
import subprocess
import sys

import pytest

from cairn.nodes.realtime import ask_for_realtime

PROGRAM = """
import json, os, subprocess, sys, threading, time
from cairn.nodes.realtime import ask_for_realtime
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
granted = ask_for_realtime(5)
tasks = map(int, os.listdir("/proc/self/task"))
threads = [os.sched_getscheduler(task) & ~os.SCHED_RESET_ON_FORK for task in tasks]
ask_child = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
child = subprocess.run(ask_child, capture_output=True)
print(json.dumps([granted, threads, int(child.stdout)]))
"""


def test_every_thread_but_no_child_gets_it_where_permitted():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, timeout=60)
    granted, threads, child = json.loads(answer.stdout)

    if not granted:
        pytest.skip("this system permits no real-time priority")
    assert len(threads) >= 2
    assert set(threads) == {os.SCHED_FIFO}
    assert child == os.SCHED_OTHER


def test_a_system_that_does_not_permit_it_is_no_error(monkeypatch):
    def refuse(*_):
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)

    assert ask_for_realtime(5) is False
