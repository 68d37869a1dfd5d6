"""A recorder whose disk takes two seconds for whatever must be on it."""

import os
import sys
import time

from cairn.nodes import recorder_node

_sync = os.fdatasync


def slow_sync(descriptor: int) -> None:
    time.sleep(2.0)
    _sync(descriptor)


if __name__ == "__main__":
    os.fdatasync = slow_sync
    sys.exit(recorder_node.main())
