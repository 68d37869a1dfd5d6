"""Names and patterns."""

import pytest

from cairn.episodes.topic_selection import TopicSelection


@pytest.mark.parametrize(
    ("wanted", "excluded", "namespace", "topic", "expected"),
    [
        (["*"], [], "/", "/cmd_vel", True),
        (["*"], [], "/jackal", "/jackal/sensors/camera/image", True),
        (["*"], [], "/jackal", "/husky/cmd_vel", False),
        (["/*"], [], "/jackal", "/husky/cmd_vel", True),
        (["sensors/*", "/tf"], [], "/jackal", "/jackal/sensors/imu", True),
        (["sensors/*", "/tf"], [], "/jackal", "/tf", True),
        (["sensors/*", "/tf"], [], "/jackal", "/jackal/cmd_vel", False),
        (["camera?/image"], [], "/", "/camera2/image", True),
        (["*"], ["*/compressed"], "/", "/camera/image/compressed", False),
        (["*"], [], "/", "/_action/feedback", False),
        (["*"], [], "/", "/explore/_action/feedback", False),
        (["/explore/_action/feedback"], [], "/", "/explore/_action/feedback", True),
        (["/Camera"], [], "/", "/camera", False),
        ([""], [], "/", "/", False),
    ],
)
def test_selection(
    wanted: list[str], excluded: list[str], namespace: str, topic: str, expected: bool
) -> None:
    assert TopicSelection(wanted, excluded, namespace).matches(topic) is expected
