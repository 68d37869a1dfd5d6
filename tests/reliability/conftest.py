import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

from gate_rig import GateRig
from measurements import Measurements

REPORT = Path(__file__).parents[2] / "build" / "reliability.json"
_MEASUREMENTS = Measurements()


@pytest.fixture(scope="session")
def measured() -> Iterator[Measurements]:
    yield _MEASUREMENTS
    _MEASUREMENTS.write(REPORT)


@pytest.fixture
def make_rig() -> Iterator[Callable[..., GateRig]]:
    rigs: list[GateRig] = []

    def make(**parameters: Any) -> GateRig:
        rigs.append(GateRig(**parameters))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., GateRig]) -> GateRig:
    return make_rig()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    table = _MEASUREMENTS.table()
    if table:
        terminalreporter.section(f"reliability, measured (also in {REPORT})")
        for line in table:
            terminalreporter.write_line(line)
