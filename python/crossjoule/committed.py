# SPDX-License-Identifier: BSD-3-Clause
"""HDF5 files that appear whole under their name, or not at all."""

import contextlib
import os
import tempfile

import h5py

from .errors import BadInput, Damaged


def refuse_existing(path, force):
    """BadInput where `path` exists, unless `force`."""
    if os.path.exists(path) and not force:
        raise BadInput(
            f"{path} exists (it is never overwritten unasked) give another name or force=True"
        )


@contextlib.contextmanager
def committed_file(path):
    """An h5py.File to write, under a temporary name beside `path`; renamed when the block ends.

    BadInput where the folder cannot be written, Damaged where the disk gives up; what stood at
    `path` is untouched by any failure, and no temporary file stays.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        descriptor, temporary = tempfile.mkstemp(suffix=".h5", dir=folder)
    except OSError as error:
        raise BadInput(
            f"{folder} cannot be written ({error.strerror}) choose another folder"
        ) from error
    os.close(descriptor)
    try:
        with h5py.File(temporary, "w") as file:
            yield file
        os.replace(temporary, path)
    except OSError as error:
        raise Damaged(f"{path} could not be written ({error}) free some space") from error
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
