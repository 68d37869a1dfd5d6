"""Substitutions by value."""

from pathlib import Path

import pytest

from cairn.launch.errors import LaunchError
from cairn.launch.scope import Scope
from cairn.launch.share import SOURCE_TREE
from cairn.launch.substitutions import substitute


@pytest.fixture
def scope(monkeypatch):
    monkeypatch.setenv("FROM_SHELL", "shell")
    monkeypatch.delenv("ABSENT", raising=False)
    return Scope(
        Path("/launch/files/a.launch.yaml"),
        {"robot": "jackal", "key": "robot", "spaced": "a b", "yes": "true", "no": "False"},
        environment={"FROM_FILE": "file"},
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$(var robot)", "jackal"),
        ("/$(var robot)/$(var key)", "/jackal/robot"),
        ("$(var $(var key))", "jackal"),
        ("$(var absent fallback)", "fallback"),
        ("$(var absent '')", ""),
        ("$(env FROM_SHELL)", "shell"),
        ("$(env FROM_FILE)", "file"),
        ("$(env ABSENT 'a (quoted) default')", "a (quoted) default"),
        ("$(env ABSENT $(var robot))", "jackal"),
        ("$(dirname)/b.yaml", "/launch/files/b.yaml"),
        ("$(filename)", "/launch/files/a.launch.yaml"),
        ("$(find-pkg-share cairn)/launch", f"{SOURCE_TREE}/launch"),
        ("$(not $(var yes))", "false"),
        ("$(and $(var yes) $(not $(var no)))", "true"),
        ("$(or $(var no) 0)", "false"),
        ("$(equals $(var spaced) 'a b')", "true"),
        ("$(not-equals '$(var robot)' jackal)", "false"),
        ("$(equals '' $(var absent ''))", "true"),
    ],
)
def test_value(scope, text, value):
    assert substitute(text, scope) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$(var)", r"expected 1 or 2 argument\(s\) after `var`, got 0"),
        ("$(dirname x)", r"expected 0 argument\(s\) after `dirname`, got 1"),
        ("$()", r"unknown substitution"),
        ("$(env 'x)", r"without its `\)`"),
        ("$(not maybe)", r"expected one of true, 1, false, 0, got `maybe`"),
    ],
)
def test_mistake(scope, text, message):
    with pytest.raises(LaunchError, match=message):
        substitute(text, scope)
