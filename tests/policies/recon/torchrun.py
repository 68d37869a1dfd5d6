"""Programs on two processes that train together, as torchrun starts them on one machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def torchrun(program: Path, *words: object, restarts: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Two processes of one thread, that meet on this machine and are started again when one is killed."""
    options = ["--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", "2"]
    running = subprocess.Popen(
        [
            *[sys.executable, "-m", "torch.distributed.run", *options, "--max-restarts", str(restarts)],
            *[str(program), *map(str, words)],
        ],
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield running
    finally:
        # It passes the signal on.
        running.terminate()
        running.communicate()
