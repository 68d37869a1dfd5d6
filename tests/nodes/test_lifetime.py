import signal
import subprocess
import sys

import pytest

# The node says goodbye on a topic: that fails where the context is already shut.
PROGRAM = """
import sys
from rclpy.node import Node
from std_msgs.msg import String
from cairn.hardware.errors import CairnError
from cairn.nodes.lifetime import run_node

class Guest(Node):
    def __init__(self):
        super().__init__("guest")
        if "refuse" in sys.argv:
            raise CairnError("expected an invitation, got none")
        self.words = self.create_publisher(String, "words", 1)
        if "fail" in sys.argv:
            self.create_timer(0.01, self.fail)
        print("ready", flush=True)

    def fail(self):
        raise ValueError("a defect")

    def close(self):
        self.words.publish(String(data="goodbye"))
        print("goodbye", self.context.ok(), flush=True)

sys.exit(run_node(Guest))
"""


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_lets_the_node_publish_a_last_word(number):
    process = start()
    assert process.stdout.readline() == "ready\n"

    process.send_signal(number)
    out, err = process.communicate(timeout=20)

    assert (out, process.returncode) == ("goodbye True\n", 0)
    assert "Traceback" not in err


def test_a_refusal_is_a_message_and_status_2():
    process = start("refuse")

    out, err = process.communicate(timeout=30)

    assert (out, process.returncode) == ("", 2)
    assert "error: expected an invitation, got none\n" in err
    assert "Traceback" not in err


def test_a_defect_ends_the_process_after_the_last_word():
    process = start("fail")

    out, err = process.communicate(timeout=30)

    assert out == "ready\ngoodbye True\n"
    assert "ValueError: a defect" in err
    assert process.returncode == 1


def test_a_missing_parameter_file_is_a_message_and_status_2():
    process = start("--ros-args", "--params-file", "/nowhere.yaml")

    out, err = process.communicate(timeout=30)

    assert "the ROS arguments or a parameter file can't be read" in err
    assert "/nowhere.yaml" in err
    assert "Traceback" not in err
    assert (out, process.returncode) == ("", 2)
