"""The token, and for whom requests are meant."""

import socket

import pytest

from cairn.monitor.access_token import AccessToken
from cairn.monitor.errors import MonitorError, PageRefused
from cairn.monitor.same_host import SameHost


def test_a_token_matches_itself_alone_and_does_not_show():
    token = AccessToken.random()
    assert token.matches(token.reveal())
    assert not token.matches(token.reveal()[:-1])
    assert not token.matches("")
    assert not token.matches("\ud800é")
    assert token.reveal() not in f"{token!r} {token}"
    assert AccessToken.random().reveal() != token.reveal()


def test_a_token_file_must_be_private_and_long_enough(tmp_path):
    file = tmp_path / "token"
    with pytest.raises(MonitorError, match="can't be read"):
        AccessToken.read(file)
    file.write_text("correct horse battery\nsecond line\n")
    file.chmod(0o644)
    with pytest.raises(MonitorError, match=r"others may read or change .*: chmod 600"):
        AccessToken.read(file)
    file.chmod(0o600)
    assert AccessToken.read(file).matches("correct horse battery")
    file.write_text("short\n")
    with pytest.raises(MonitorError, match=r"at least 12 characters in .*, got 5"):
        AccessToken.read(file)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:8480"},
        {"Host": "127.0.0.1:8480", "Origin": "http://127.0.0.1:8480"},
        {"Host": "[::1]:8480"},
        {"Host": "192.168.131.1", "Origin": "https://192.168.131.1"},
        {"Host": f"{socket.gethostname()}:80"},
        {"Host": f"{socket.gethostname().upper()}.local"},
        {"Host": "robot.lab.example", "Origin": "http://Robot.Lab.Example"},
    ],
)
def test_the_same_host_is_let_in(headers):
    SameHost(("Robot.lab.example",)).check(headers)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"Host": "evil.example:8480", "Origin": "http://evil.example:8480"},
            "'evil.example:8480' is not known",
        ),
        ({"Host": "127.0.0.1.evil.example"}, "is not known here; valid are addresses and "),
        ({"Host": "evil.example@127.0.0.1"}, "is not known"),
        ({}, "host '' is not known"),
        ({"Host": "[::1"}, "is not known"),
        (
            {"Host": "127.0.0.1:8480", "Origin": "http://evil.example"},
            "'http://evil.example' is another site",
        ),
        ({"Host": "127.0.0.1:8480", "Origin": "http://127.0.0.1:9999"}, "another site"),
        ({"Host": "127.0.0.1:8480", "Origin": "null"}, "origin 'null' is another site"),
    ],
)
def test_other_sites_and_rebound_names_are_kept_out(headers, message):
    with pytest.raises(PageRefused, match=message):
        SameHost().check(headers)
