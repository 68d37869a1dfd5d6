"""Check that a colcon install of the workspace is used and complete; run with it sourced."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1]


def main(install: Path) -> None:
    """Import from `install`, look for every executable and shared file, and start the command line."""
    for module in (
        "cairn.launch.parser",
        "cairn.navigation.decision",
        "cairn_interfaces.msg",
        "tf2_msgs.msg",
    ):
        file = importlib.import_module(module).__file__ or ""
        assert file.startswith(str(install)), f"{module}: expected a file in {install}, got {file}"
    from cairn_interfaces.msg import GateStatus
    from rclpy.serialization import deserialize_message, serialize_message

    status = GateStatus(state=GateStatus.LATCHED, reason="emergency stop")
    assert deserialize_message(serialize_message(status), GateStatus) == status

    nodes = [path.stem.removesuffix("_node") for path in (SOURCES / "nodes").glob("*_node.py")]
    for executable in ("cairn", *nodes):
        path = install / "cairn" / "lib" / "cairn" / executable
        assert os.access(path, os.X_OK), f"expected the executable {path}"
    share = install / "cairn" / "share" / "cairn"
    for pattern in (
        "package.xml",
        "launch/*.launch.yaml",
        "launch/parameters/**/*.yaml",
        "policies/bundles/**/*",
    ):
        for source in SOURCES.glob(pattern):
            if source.is_file():
                path = share / source.relative_to(SOURCES)
                assert path.read_bytes() == source.read_bytes(), f"expected a copy of {source} at {path}"
    subprocess.run(
        [install / "cairn" / "lib" / "cairn" / "cairn", "--help"], check=True, stdout=subprocess.DEVNULL
    )
    sys.stdout.write(f"colcon install complete: cairn with {', '.join(sorted(nodes))}; interfaces import\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
