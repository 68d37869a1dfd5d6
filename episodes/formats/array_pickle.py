"""Pickles that hold plain values and numpy arrays, and nothing else.

A pickle is a program.  Of the names that it may call, those that numpy uses for arrays are replaced by
stand-ins which check their arguments and build the array themselves; any other name is refused.  Nothing of
numpy's own unpickling runs, for that trusts its input too.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError

LARGEST_FILE = 256 * 2**20
_DTYPES = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)} | {"f2", "f4", "f8", "b1"}
_NUMPY_MODULES = {"numpy", "numpy.core.multiarray", "numpy._core.multiarray"}
_FRAME_MODULES = {"numpy.core.numeric", "numpy._core.numeric"}


class PickleRefused(CairnError):
    """A pickle holds something other than plain values and arrays of numbers."""


def load(path: Path, objects: bool = False) -> Any:
    """The dictionaries, lists, tuples, strings, numbers and numpy arrays in a file.

    `objects` says whether arrays may hold such values instead of numbers; they come as lists.

    Raises PickleRefused when it holds anything else, is damaged or larger than 256 MiB.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PickleRefused(f"{path} can't be read: {error.strerror}") from error
    if len(data) > LARGEST_FILE:
        raise PickleRefused(f"{path} is larger than the {LARGEST_FILE >> 20} MiB that are read")
    return load_stream(io.BytesIO(data), len(data), path, objects)


def load_stream(stream: BinaryIO, size: int, path: Path, objects: bool = False) -> Any:
    """As `load`, from where a stream of `size` bytes stands; `path` is what messages call it."""
    try:
        start = stream.tell()
        _check_memory(stream, size)
        stream.seek(start)
        return _Finisher().finished(_Unpickler(stream, objects).load())
    except PickleRefused as error:
        raise PickleRefused(f"{path} is refused: {error}") from error
    # A damaged or hostile program may raise anything that its instructions can.
    except Exception as error:
        raise PickleRefused(f"{path} is no pickle of plain values and arrays: {error}") from error


def dump(value: Any, path: Path) -> None:
    """Write plain values and arrays so that every `pickle.load` since Python 3.4 reads them."""
    path.write_bytes(pickle.dumps(value, protocol=4))


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: BinaryIO, objects: bool) -> None:
        super().__init__(stream)
        self._dtype = _ObjectDtype if objects else _Dtype

    def find_class(self, module: str, name: str) -> Any:
        if module in _NUMPY_MODULES:
            if name in ("_reconstruct", "scalar", "dtype"):
                return {"_reconstruct": _Array, "scalar": _scalar, "dtype": self._dtype}[name]
            if name == "ndarray":
                return _NDARRAY
        if module in _FRAME_MODULES and name == "_frombuffer":
            return _from_buffer
        if (module, name) == ("_codecs", "encode"):
            return _encode
        if (module, name) in (("builtins", "bytes"), ("__builtin__", "bytes")):
            return _no_bytes
        raise PickleRefused(
            f"it calls {module}.{name}; only dict, list, tuple, str, numbers and numpy arrays are read"
        )

    def persistent_load(self, pid: Any) -> NoReturn:
        raise PickleRefused("it refers to something outside of itself")


_NDARRAY = object()  # stands for numpy.ndarray, which `_reconstruct` is told to make


class _Dtype:
    """Stands for a numpy.dtype of numbers."""

    def __init__(self, name: object, *_: object) -> None:
        if not isinstance(name, str) or name.lstrip("<>|=") not in _DTYPES:
            raise PickleRefused(f"it has an array of type {name!r:.80}; valid are numbers and booleans")
        self._name = name.lstrip("<>|=")
        self._order = "<"

    def __setstate__(self, state: Any) -> None:
        if state[1] not in ("<", ">", "|", "=") or any(field is not None for field in state[2:5]):
            raise PickleRefused("it has an array of records")
        self._order = state[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self._order + self._name)


class _ObjectDtype(_Dtype):
    """Stands for a numpy.dtype of numbers, or of whatever else a pickle may hold."""

    def __init__(self, name: object, *others: object) -> None:
        self.holds_objects = name in ("O", "O4", "O8")
        if not self.holds_objects:
            super().__init__(name, *others)

    def __setstate__(self, state: Any) -> None:
        if not self.holds_objects:
            super().__setstate__(state)


class _Array:
    """Stands for an array that numpy would build in two steps."""

    def __init__(self, kind: object = None, *_: object) -> None:
        if kind is not _NDARRAY:
            raise PickleRefused("it builds an array of an unknown class")
        self.value: NDArray[Any] | list[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, data = state
        if isinstance(dtype, _ObjectDtype) and dtype.holds_objects:
            if not isinstance(data, list) or shape != (len(data),):
                raise PickleRefused(f"it has an array of objects of shape {shape!r:.40}; expected a row")
            self.value = data
            return
        self.value = _array(data, dtype, shape, "F" if fortran else "C")


def _scalar(dtype: object, data: object) -> Any:
    return _array(data, dtype, (), "C").item()


def _from_buffer(data: object, dtype: object, shape: object, order: object) -> NDArray[Any]:
    return _array(data, dtype, shape, order)


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """Bytes as protocols before 3 spell them."""
    if encoding not in ("latin1", "latin-1"):
        raise PickleRefused(f"it encodes text as {encoding!r:.40}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Empty bytes as protocols before 3 spell them; what they call can be given no argument here."""
    return b""


def _array(data: object, dtype: object, shape: object, order: object) -> NDArray[Any]:
    whole = isinstance(shape, tuple) and all(isinstance(size, int) and size >= 0 for size in shape)
    if not isinstance(data, (bytes, bytearray)) or not isinstance(dtype, _Dtype) or not whole:
        raise PickleRefused("it has an array that is not made of bytes, a type of number and a shape")
    assert isinstance(shape, tuple)
    if len(data) != prod(shape) * dtype.dtype.itemsize:
        raise PickleRefused(f"it has {len(data)} bytes for an array {dtype.dtype} of shape {shape}")
    array = np.frombuffer(data, dtype.dtype).reshape(shape, order="F" if order == "F" else "C")
    return np.array(array)


class _Finisher:
    """Puts arrays in place of their stand-ins; what is referred to twice is finished once."""

    def __init__(self) -> None:
        self._done: dict[int, Any] = {}

    def finished(self, value: Any, depth: int = 0) -> Any:
        if depth > 20:
            raise PickleRefused("it is nested more than 20 deep")
        if value is None or isinstance(value, (bool, int, float, str, bytes, np.ndarray)):
            return value
        if id(value) not in self._done:
            self._done[id(value)] = self._made(value, depth + 1)
        return self._done[id(value)]

    def _made(self, value: Any, depth: int) -> Any:
        if isinstance(value, _Array):
            if value.value is None:
                raise PickleRefused("it has an array without content")
            return self.finished(value.value, depth)
        if isinstance(value, dict):
            return {self.finished(key, depth): self.finished(item, depth) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.finished(item, depth) for item in value)
        raise PickleRefused(f"it holds a {type(value).__name__.lstrip('_')}")


def _check_memory(stream: BinaryIO, size: int) -> None:
    """Refuse places in the unpickler's memory beyond those that the data can fill: it would reserve them."""
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > size:
            raise PickleRefused(f"it asks for memory of {argument} places")
