"""Pickles of numpy arrays are read; whatever would run something is refused."""

import io
import os
import pickle
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cairn.episodes.formats.array_pickle import PickleRefused, dump, load


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "traj_data.pkl"
    path.write_bytes(data)
    return path


def refused(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(PickleRefused, match=words):
        load(written(tmp_path, data))


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(3, 2),
        np.asfortranarray(np.arange(6.0).reshape(3, 2)),
        np.arange(4, dtype=">f4"),
        np.array([True, False]),
        np.zeros((0, 2)),
        np.arange(3, dtype=np.uint8),
    ],
    ids=["C", "Fortran", "big-endian", "bool", "empty", "uint8"],
)
def test_every_protocol_and_layout_is_read(tmp_path: Path, protocol: int, array: Any) -> None:
    value = {"position": array, "yaw": [1.5, 2], "scalar": np.float64(0.25), "name": ("a", None)}
    found = load(written(tmp_path, pickle.dumps(value, protocol)))
    np.testing.assert_array_equal(found["position"], array)
    assert found["position"].dtype == array.dtype
    assert (found["yaw"], found["scalar"], found["name"]) == ([1.5, 2], 0.25, ("a", None))


@pytest.mark.parametrize("module", ["numpy.core", "numpy._core"])
def test_both_names_of_numpy_are_known(tmp_path: Path, module: str) -> None:
    data = pickle.dumps({"yaw": np.arange(3.0)}, 2)
    other = b"numpy._core" if b"numpy._core" in data else b"numpy.core"
    found = load(written(tmp_path, data.replace(other, module.encode())))
    np.testing.assert_array_equal(found["yaw"], np.arange(3.0))


def test_what_is_written_is_read_by_pickle_itself(tmp_path: Path) -> None:
    dump({"position": np.ones((2, 2)), "yaw": np.zeros(2)}, tmp_path / "x.pkl")
    with (tmp_path / "x.pkl").open("rb") as stream:
        found = pickle.load(stream)
    np.testing.assert_array_equal(found["position"], np.ones((2, 2)))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Calls(os.system, "touch mark"), "system"),
        (Calls(subprocess.check_output, ["touch", "mark"]), "check_output"),
        (Calls(eval, "open('mark', 'w')"), "eval"),
        (Calls(exec, "open('mark', 'w')"), "exec"),
        (Calls(np.load, "mark", None, True), "load"),
        (Calls(np.fromfile, "/etc/hostname"), "fromfile"),
        (Calls(np.memmap, "mark", "uint8", "w+", 0, (4,)), "memmap"),
        (Calls(getattr, os, "system"), "getattr"),
        (Calls(open, "mark", "w"), "open"),
        (Calls(pickle.loads, b"cos\nsystem\n(S'touch mark'\ntR."), "loads"),
        (Path("/etc/passwd"), "Path"),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("nested", [False, True])
def test_calls_are_refused_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Any, name: str, protocol: int, nested: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    value = {"position": np.ones((2, 2)), "yaw": [[(call,)]]} if nested else call
    try:
        data = pickle.dumps(value, protocol)
    except TypeError:  # a module can't be pickled by value
        data = b"cbuiltins\ngetattr\n(cos\nsystem\nS'x'\ntR."
    refused(tmp_path, data, f"it calls .*{name}|it calls (os|posix|nt)|unknown class")
    assert not Path("mark").exists()


class ObjectArray:
    def __reduce__(self) -> Any:
        return np.array([Calls(os.system, "true")], dtype=object).__reduce__()


def reconstructed(state: Any, kind: Any = np.ndarray) -> bytes:
    """A pickle that builds an array of `kind` and then sets a state made by hand."""
    reconstruct = np.zeros(1).__reduce__()[0]

    class Crafted:
        def __reduce__(self) -> Any:
            return reconstruct, (kind, (0,), b"b"), state

    return pickle.dumps(Crafted(), 2)


def test_arrays_made_by_hand_are_refused(tmp_path: Path) -> None:
    f8 = np.dtype("f8")
    refused(tmp_path, pickle.dumps(np.array([{}], object)), "array of type 'O8'")
    refused(tmp_path, pickle.dumps(np.zeros(2, [("a", "f8")])), "array of type 'V8'")
    refused(tmp_path, pickle.dumps(np.array(["text"])), "array of type 'U4'")
    refused(tmp_path, pickle.dumps(ObjectArray()), "it calls|array of type")
    refused(tmp_path, reconstructed((1, (10**12,), f8, False, b"12345678")), "8 bytes for an array")
    refused(tmp_path, reconstructed((1, (-1,), f8, False, b"")), "not made of bytes")
    refused(tmp_path, reconstructed((1, (1,), f8, False, [os.getcwd])), "it calls")
    refused(tmp_path, reconstructed((1, (1,), "f8", False, b"12345678")), "not made of bytes")
    refused(tmp_path, reconstructed((1, (1,), f8, False, b"12345678"), np.memmap), "it calls numpy.memmap")
    refused(tmp_path, reconstructed((1, (1,), f8, False, b"12345678"), dict), "it calls|unknown class")


def test_tricks_of_the_format_are_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, 2)
    pickler.persistent_id = lambda value: "x" if value == "outside" else None  # type: ignore[method-assign]
    pickler.dump(["outside"])
    refused(tmp_path, stream.getvalue(), "outside of itself")
    # A place in the memory far beyond the data would make the unpickler reserve gigabytes.
    refused(tmp_path, b"\x80\x02]r" + struct.pack("<I", 2**31) + b".", "memory of 2147483648 places")
    refused(tmp_path, b"\x80\x05\x8e" + struct.pack("<Q", 2**40) + b"x.", "no pickle")
    refused(tmp_path, b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"N.", "no pickle")
    refused(tmp_path, b"\x80\x02\x82\x01.", "no pickle|it calls")
    refused(tmp_path, b"(" * 10 + b"l" * 5, "no pickle")
    refused(tmp_path, b"", "no pickle")
    refused(tmp_path, b"\x80\x02" + b"]" * 50 + b"a" * 49 + b".", "nested more than 20 deep")
    refused(tmp_path, b"\x80\x02]q\x00h\x00a.", "nested more than 20 deep")
    refused(tmp_path, pickle.dumps({1, 2}), "it calls builtins.set|it holds a set")
    refused(tmp_path, pickle.dumps(np.dtype("f8")), "it holds a Dtype")
    refused(tmp_path, pickle.dumps(np.ndarray), "it holds a object")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PickleRefused, match=r"none\.pkl can't be read: No such file"):
        load(tmp_path / "none.pkl")


def test_arrays_of_objects_are_read_as_lists_where_they_are_asked_for(tmp_path: Path) -> None:
    row = np.empty(2, object)
    row[:] = [{"actions": np.ones(2)}, [None, "text"]]
    path = written(tmp_path, pickle.dumps({"row": row, "numbers": np.arange(3)}, 4))
    refused(tmp_path, path.read_bytes(), "array of type 'O8'")
    found = load(path, objects=True)
    np.testing.assert_array_equal(found["row"][0]["actions"], np.ones(2))
    assert found["row"][1] == [None, "text"]
    np.testing.assert_array_equal(found["numbers"], np.arange(3))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ((1, (1,), np.dtype("O"), False, [Calls(os.system, "true")]), r"it calls (posix|nt)\.system"),
        ((1, (2,), np.dtype("O"), False, [1]), "array of objects of shape"),
        ((1, (1, 1), np.dtype("O"), False, [1]), "array of objects of shape"),
        ((1, (1,), np.dtype("O"), False, b"12345678"), "array of objects of shape"),
    ],
)
def test_arrays_of_objects_are_checked_like_all_else(tmp_path: Path, state: Any, words: str) -> None:
    path = written(tmp_path, reconstructed(state))
    with pytest.raises(PickleRefused, match=words):
        load(path, objects=True)


def test_references_that_would_multiply_do_not(tmp_path: Path) -> None:
    value: Any = ["x"]
    for _ in range(18):
        value = [value] * 100
    found = load(written(tmp_path, pickle.dumps(value)))
    assert found[0] is found[99]
