"""Maps as single files: a ZIP archive of NumPy arrays with a manifest, and never a pickle.

Members are stored uncompressed (`thumbnails/*` are JPEG already, tokens hardly compress), so sizes are
bounded by the file's.  `manifest.json` comes last and lists each member's SHA-256; the archive's comment
holds the manifest's own.  A file is written beside its target, synced, and renamed over it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import os
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.edge_table import EdgeTable
from cairn.navigation.graph.graph_memory import NODE_COLUMNS, GraphMemory
from cairn.navigation.graph.map_manifest import FORMAT, VERSION, MapManifest, Member, parse_manifest
from cairn.navigation.graph.map_schema import check_arrays
from cairn.navigation.graph.snapshot import GraphSnapshot

_MANIFEST_LIMIT = 1 << 20
_STORED_DTYPE = {"descriptors": "<f2", "tokens": "<f2", "ranges": "<f4"}
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, struct.error)
"""What zipfile raises over damaged bytes: it takes them for encryption, for newer versions, for anything."""
_serial = itertools.count()


class MapFileError(CairnError):
    """A map file can't be read or written; the message says what is wrong with it."""


def save(graph: GraphMemory | GraphSnapshot, path: Path) -> None:
    """Write a map atomically: whatever happens, `path` holds the old map or the new one, whole.

    Raises MapFileError when the disk is full or the folder can't be written; nothing half-written stays.
    """
    snapshot = graph if isinstance(graph, GraphSnapshot) else graph.snapshot()
    path = Path(path)
    _remove_leftovers(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}-{next(_serial)}.partial")
    try:
        with open(partial, "wb") as file:
            _write(snapshot, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise MapFileError(f"can't write the map {path}: {error.strerror or error}") from error


def load(path: Path, fingerprint: str | None = None) -> GraphMemory:
    """Read a map.

    Args:
        fingerprint: of the encoder in use; None accepts any, for tools that compare nothing.

    Raises MapFileError when the file is missing, truncated, damaged, of a newer version, of another encoder
    or inconsistent.
    """
    path = Path(path)
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise MapFileError(f"can't read the map {path}: {error.strerror or error}") from error
    except _BROKEN as error:
        size = path.stat().st_size
        reason = "is empty" if size == 0 else f"is truncated or no map ({size} bytes; {error})"
        expected = f"a {FORMAT} file of version {VERSION} or older"
        raise MapFileError(f"{path} {reason}; expected {expected}") from error
    with archive:
        try:
            return _read(archive, fingerprint)
        except CairnError as error:
            raise MapFileError(f"{path}: {error}") from error
        except OSError as error:
            raise MapFileError(f"can't read the map {path}: {error.strerror or error}") from error


def _write(snapshot: GraphSnapshot, file: Any) -> None:
    members: dict[str, Member] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:

        def put(name: str, chunks: Iterable[bytes]) -> None:
            digest, size = hashlib.sha256(), 0
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                for chunk in chunks:
                    digest.update(chunk)
                    member.write(chunk)
                    size += len(chunk)
            members[name] = Member(sha256=digest.hexdigest(), bytes=size)

        for name, column in snapshot.columns.items():
            put(f"nodes/{name}.npy", _npy([column], column.dtype.str))
        for name, blocks in snapshot.embeddings.items():
            put(f"embeddings/{name}.npy", _npy(blocks, _STORED_DTYPE[name]))
        for name, column in snapshot.edges.items():
            put(f"edges/{name}.npy", _npy([column], column.dtype.str))
        put("thumbnails/lengths.npy", _npy([snapshot.spans[:, 1]], "<i8"))
        put("thumbnails/jpegs.bin", snapshot.jpegs())
        manifest = MapManifest(
            fingerprint=snapshot.fingerprint,
            rate=snapshot.rate,
            nodes=len(snapshot.spans),
            edges=len(snapshot.edges["source"]),
            next_id=snapshot.next_id,
            calibration=snapshot.calibration,
            members=members,
        )
        content = manifest.model_dump_json(indent=1).encode()
        archive.writestr(zipfile.ZipInfo("manifest.json"), content)
        archive.comment = _comment(content).encode()


def _npy(blocks: list[NDArray[Any]], dtype: str) -> Iterator[bytes]:
    """The bytes of one .npy file from blocks of rows, a block at a time so that other threads get a turn."""
    rows = sum(len(block) for block in blocks)
    header = io.BytesIO()
    shape = (rows, *blocks[0].shape[1:])
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    yield header.getvalue()
    for block in blocks:
        yield np.ascontiguousarray(block, dtype).tobytes()


def _read(archive: zipfile.ZipFile, fingerprint: str | None) -> GraphMemory:
    manifest = _manifest(archive)
    if fingerprint is not None and manifest.fingerprint != fingerprint:
        raise MapFileError(
            f"made by encoder {manifest.fingerprint[:12]}, expected {fingerprint[:12]}: "
            "embeddings of two encoders can't be compared; load it with the bundle that made it"
        )
    nodes, edges = manifest.nodes, manifest.edges
    columns = {
        name: _array(archive, manifest, f"nodes/{name}.npy", dtype, (nodes, *shape))
        for name, (dtype, shape) in NODE_COLUMNS.items()
    }
    edge_columns = {
        name: _array(archive, manifest, f"edges/{name}.npy", dtype, (edges, *shape))
        for name, (dtype, shape) in EdgeTable.schema().items()
    }
    embeddings = {}
    if nodes:
        embeddings = {
            name: _array(archive, manifest, f"embeddings/{name}.npy", dtype, (nodes, *(None,) * axes))
            for (name, dtype), axes in zip(_STORED_DTYPE.items(), (1, 2, 1), strict=True)
        }
    lengths = _array(archive, manifest, "thumbnails/lengths.npy", "<i8", (nodes,))
    jpegs = memoryview(_member(archive, manifest, "thumbnails/jpegs.bin"))
    check_arrays(columns, edge_columns, embeddings, lengths, len(jpegs), manifest.next_id)
    graph = GraphMemory(manifest.fingerprint, manifest.rate)
    ends = np.cumsum(lengths).tolist()
    thumbnails = (bytes(jpegs[a:b]) for a, b in zip([0, *ends], ends, strict=False))
    graph.restore(
        columns,
        embeddings,
        edge_columns,
        manifest.calibration,
        manifest.next_id,
        thumbnails,
    )
    return graph


def _manifest(archive: zipfile.ZipFile) -> MapManifest:
    if "manifest.json" not in archive.namelist():
        raise MapFileError(f"no manifest.json in it; expected a {FORMAT} file")
    if archive.getinfo("manifest.json").file_size > _MANIFEST_LIMIT:
        raise MapFileError(f"its manifest is larger than {_MANIFEST_LIMIT} bytes")
    content = _raw(archive, "manifest.json")
    manifest = parse_manifest(content)
    if archive.comment.decode("ascii", "replace") != _comment(content):
        raise MapFileError("wrong checksum of its manifest: the file was damaged or changed")
    return manifest


def _comment(manifest: bytes) -> str:
    return f"{FORMAT} sha256:{hashlib.sha256(manifest).hexdigest()}"


def _raw(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise MapFileError(f"{name} is compressed; members of a map are stored as they are")
    try:
        return archive.read(name)
    except _BROKEN as error:
        raise MapFileError(f"{name} is damaged ({error})") from error


def _member(archive: zipfile.ZipFile, manifest: MapManifest, name: str) -> bytes:
    entry = manifest.members.get(name)
    if entry is None or name not in archive.namelist():
        raise MapFileError(f"{name} is missing")
    content = _raw(archive, name)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise MapFileError(f"wrong checksum of {name}: the file was damaged or changed")
    return content


def _array(
    archive: zipfile.ZipFile, manifest: MapManifest, name: str, dtype: str, shape: tuple[int | None, ...]
) -> NDArray[Any]:
    """A member of the given type; None in `shape` is any positive size."""
    stream = io.BytesIO(_member(archive, manifest, name))
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("not of .npy version 1.0")
        got_shape, _, got_dtype = np.lib.format.read_array_header_1_0(stream)
    except ValueError as error:
        raise MapFileError(f"{name} is no array ({error})") from error
    fits = len(got_shape) == len(shape) and all(
        want == got or (want is None and got > 0) for want, got in zip(shape, got_shape, strict=True)
    )
    if not fits or got_dtype != np.dtype(dtype):
        raise MapFileError(f"{name} should be {dtype} of shape {shape}, got {got_dtype.str} of {got_shape}")
    data = stream.getbuffer()[stream.tell() :]
    size = int(np.prod(got_shape, dtype=np.int64)) * got_dtype.itemsize
    if len(data) != size:
        raise MapFileError(f"{name} should hold {size} bytes, got {len(data)}")
    return np.frombuffer(data, got_dtype).reshape(got_shape)


def _remove_leftovers(path: Path) -> None:
    """Delete what writers that were killed left behind."""
    pattern = re.compile(re.escape(f".{path.name}.") + r"(\d+)-\d+\.partial")
    with contextlib.suppress(OSError):
        for file in path.parent.iterdir():
            match = pattern.fullmatch(file.name)
            if match and not Path(f"/proc/{match[1]}").exists():
                file.unlink()
