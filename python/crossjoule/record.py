# SPDX-License-Identifier: BSD-3-Clause
"""One record: the HDF5 file that every verb of crossjoule leaves behind (docs/file_format.md)."""

import contextlib
import hashlib
import math
import os
from dataclasses import dataclass

import h5py
import numpy as np
import xarray as xr

from .errors import BadInput, Damaged
from .quantity import Quantity

FORMAT_VERSION = 1
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Network:
    """What a record says of its network: name, graph digest, parameters, MACs per sample."""

    name: str
    digest: str
    params: int
    macs: int
    text: str = ""


def open_record(path):
    """The record at `path`. BadInput: absent or no record; Damaged: it cannot be read."""
    return Record(path)


class Record:
    """A record, opened anew for each access, so that many of them may be held at once."""

    def __init__(self, path):
        self.path = os.fspath(path)
        with self._file() as file:
            if "meta" not in file:
                raise BadInput(
                    f"{self.path} is not a crossjoule record (it has no group /meta) give a "
                    "file that a crossjoule verb wrote"
                )
            self.meta = attributes(file["meta"])
            version = self.meta.get("format_version", 0)
            if self.meta.get("format") != "crossjoule-record" or version > FORMAT_VERSION:
                raise BadInput(
                    f"{self.path} has format {self.meta.get('format')} {version} (this package"
                    f" reads crossjoule-record up to {FORMAT_VERSION}) use a newer package"
                )
            self.network = self._read_network(file)
            self.input = _text_at(file, ("input/config",))
            self.build = _leaves(file.get("build"))
            self.system = _leaves(file.get("system"))
            self.error = _leaves(file.get("error"))

    def __repr__(self):
        name = self.network.name if self.network else "no network"
        return f"<crossjoule record {self.path}: {self.verb}, {name}>"

    @property
    def verb(self):
        return str(self.meta.get("verb", ""))

    @property
    def name(self):
        """The file's name without its folder."""
        return os.path.basename(self.path)

    def exists(self, name):
        with self._file() as file:
            return name in file

    def is_group(self, name):
        with self._file() as file:
            return isinstance(file.get(name), h5py.Group)

    def children(self, group="/"):
        """Names directly below a group, in name order; [] where there is none."""
        with self._file() as file:
            node = file.get(group)
            return sorted(node) if isinstance(node, h5py.Group) else []

    def attributes(self, name):
        """The attributes of a group or dataset as plain Python values."""
        with self._file() as file:
            return attributes(file[name]) if name in file else {}

    def array(self, name):
        """One dataset as an xarray.DataArray with units and description in attrs."""
        with self._file() as file:
            node = file.get(name)
            if not isinstance(node, h5py.Dataset):
                raise BadInput(
                    f"{self.path} has no dataset {name} (it has: "
                    f"{', '.join(sorted(file)) or 'nothing'}) ask for one that exists"
                )
            return _array(node, os.path.basename(name))

    def strings(self, name):
        """A dataset of padded strings as a list."""
        with self._file() as file:
            return [decode(value) for value in np.atleast_1d(file[name][()])]

    def text(self, name):
        """A text dataset."""
        with self._file() as file:
            return _text_at(file, (name.strip("/"),))

    def group(self, name):
        """All datasets directly below a group as an xarray.Dataset; equal lengths share an axis."""
        with self._file() as file:
            node = file.get(name)
            if not isinstance(node, h5py.Group):
                raise BadInput(f"{self.path} has no group {name} ask for one that exists")
            arrays = {
                key: _array(item, key)
                for key, item in node.items()
                if isinstance(item, h5py.Dataset)
            }
            return xr.Dataset(arrays, attrs=attributes(node))

    def quantity(self, name):
        """The figure whose low, value, high, kind and unit are attributes of the group `name`."""
        found = self.attributes(name)
        if not {"kind", "unit"} <= set(found):
            raise BadInput(
                f"{self.path} has no figure at {name} (a group with kind and unit) ask for another"
            )
        return _quantity(found)

    def quantities(self, under="/"):
        """Every figure below a group: {path: (Quantity, description)} in name order."""
        found = {}
        with self._file() as file:
            root = file.get(under)
            if not isinstance(root, h5py.Group):
                return found

            def visit(name, node):
                if isinstance(node, h5py.Group):
                    values = attributes(node)
                    if {"kind", "unit"} <= set(values):
                        found[name] = (_quantity(values), str(values.get("description", "")))

            root.visititems(visit)
        return dict(sorted(found.items()))

    def datasets(self, under="/"):
        """Paths of every dataset below a group."""
        names = []
        with self._file() as file:
            root = file.get(under)
            if isinstance(root, h5py.Group):
                root.visititems(
                    lambda name, node: (
                        names.append(name) if isinstance(node, h5py.Dataset) else None
                    )
                )
        return sorted(names)

    def sha256(self):
        """SHA-256 of the file's bytes, so that a report names exactly what it read."""
        state = hashlib.sha256()
        with open(self.path, "rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                state.update(block)
        return state.hexdigest()

    def check(self):
        """Read every dataset once, so that each Fletcher32 checksum is tested. Damaged on the first
        that differs. The xxh3 digests are compared too where the module xxhash is installed."""
        with self._file() as file:
            names = []
            file.visititems(
                lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None
            )
            for name in names:
                self._check_one(file[name], name)
        return len(names)

    def _check_one(self, node, name):
        try:
            data = node[()]
        except OSError as error:
            raise Damaged(
                f"{self.path}: /{name} cannot be read ({_reason(error)}) restore the file "
                "from a copy"
            ) from error
        stored = decode(node.attrs.get("xxh3_128", ""))
        if not stored or not isinstance(data, np.ndarray):
            return
        try:
            import xxhash
        except ImportError:
            return
        if xxhash.xxh3_128_hexdigest(np.ascontiguousarray(data).tobytes()) != stored:
            raise Damaged(
                f"{self.path}: /{name} differs from its digest (the bytes are not those "
                "that were written) restore the file from a copy"
            )

    def _read_network(self, file):
        node = file.get("graph")
        if node is None:
            return None
        found = attributes(node)
        if not found.get("digest"):
            return None
        return Network(
            str(found.get("name", "")),
            str(found["digest"]),
            int(found.get("params", 0)),
            int(found.get("macs", 0)),
            _text_at(file, ("graph/text",)),
        )

    @contextlib.contextmanager
    def _file(self):
        file = _open(self.path)
        try:
            yield file
        except OSError as error:  # a checksum that fails, a truncated chunk
            raise Damaged(
                f"{self.path} cannot be read ({_reason(error)}) restore the file from a copy"
            ) from error
        finally:
            file.close()


def _open(path):
    if not os.path.exists(path):
        raise BadInput(f"{path} does not exist (no such file) check the name")
    if os.path.isdir(path):
        raise BadInput(f"{path} is a folder (a record is one HDF5 file) name the file in it")
    try:
        with open(path, "rb") as stream:
            start = stream.read(len(_SIGNATURE))
    except OSError as error:
        raise BadInput(
            f"{path} cannot be opened ({error.strerror}) check its permissions"
        ) from error
    if start != _SIGNATURE:
        raise BadInput(
            f"{path} is not an HDF5 file (its first bytes differ) give a record that a "
            "crossjoule verb wrote"
        )
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise Damaged(
            f"{path} cannot be opened ({_reason(error)}) restore the file from a copy"
        ) from error


def _reason(error):
    return str(error).splitlines()[0].strip() or type(error).__name__


def decode(value):
    """HDF5 text (bytes, numpy bytes or str) as str; anything else unchanged."""
    if isinstance(value, (bytes, np.bytes_)):
        return bytes(value).rstrip(b"\0").decode("utf-8", "replace")
    return str(value) if isinstance(value, np.str_) else value


def attributes(node):
    """Attributes as plain Python values: text, numbers, lists."""
    plain = {}
    for key in sorted(node.attrs):
        value = node.attrs[key]
        if isinstance(value, np.ndarray):
            plain[key] = [decode(item) for item in value.tolist()]
        elif isinstance(value, np.generic) and not isinstance(value, (np.bytes_, np.str_)):
            plain[key] = value.item()
        else:
            plain[key] = decode(value)
    return plain


def _quantity(found):
    if found["kind"] == "absent":
        return Quantity(unit=str(found.get("unit", "1")))
    numbers = [float(found[key]) for key in ("low", "value", "high")]
    if not all(math.isfinite(number) for number in numbers):
        return Quantity(unit=str(found.get("unit", "1")))
    return Quantity(*numbers, str(found["kind"]), str(found.get("unit", "1")))


def _array(node, name):
    data = node[()]
    labels = attributes(node)
    if isinstance(data, np.ndarray) and data.dtype.kind in "SO":
        data = np.array([decode(item) for item in data.ravel()], dtype=object).reshape(data.shape)
    data = np.asarray(data)
    attrs = {"units": labels.get("unit", "1"), "description": labels.get("description", "")}
    dims = [
        f"axis_{length}" if data.ndim == 1 else f"{name}_{axis}_{length}"
        for axis, length in enumerate(data.shape)
    ]
    return xr.DataArray(data, dims=dims, attrs=attrs, name=name)


def _text_at(file, names):
    """The first of several places that holds text (a uint8 array, a string or an attribute)."""
    for name in names:
        node = file.get(name)
        if not isinstance(node, h5py.Dataset):
            continue
        data = node[()]
        if isinstance(data, np.ndarray) and data.dtype.kind == "u":
            return data.tobytes().decode("utf-8", "replace")
        if isinstance(data, np.ndarray):
            return "\n".join(decode(item) for item in data.ravel())
        return decode(data)
    return ""


def _leaves(node, prefix=""):
    """Attributes and small datasets below a group as {name: plain value}."""
    found = {}
    if node is None:
        return found
    for key, value in attributes(node).items():
        if key not in ("description", "unit", "xxh3_128"):
            found[prefix + key] = value
    if isinstance(node, h5py.Group):
        for key in sorted(node):
            child = node[key]
            if isinstance(child, h5py.Group):
                found.update(_leaves(child, f"{prefix}{key}/"))
            else:
                data = child[()]
                if isinstance(data, np.ndarray) and data.dtype == np.uint8:
                    found[prefix + key] = data.tobytes().decode("utf-8", "replace")
                elif isinstance(data, np.ndarray):
                    found[prefix + key] = [decode(item) for item in data.ravel()[:64].tolist()]
                else:
                    found[prefix + key] = decode(data)
    return found
