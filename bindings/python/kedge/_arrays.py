# SPDX-License-Identifier: MIT
"""Numbers of the caller as pointers: NumPy arrays and buffers without a copy where they already fit, anything else by one copy. NumPy is
never imported here; an array can only come from a program that has."""
import array
import ctypes
import sys

from ._abi import Rows, constants
from .errors import ShapeError

_FLOAT32, _FLOAT64 = constants["KEDGE_FLOAT32"], constants["KEDGE_FLOAT64"]


def _numpy(x):
    numpy = sys.modules.get("numpy")
    return numpy if numpy is not None and isinstance(x, numpy.ndarray) else None


def _from_buffer(buffer):
    """(owner, address) of a contiguous buffer."""
    view = memoryview(buffer)
    if view.readonly:
        owner = (ctypes.c_char * view.nbytes).from_buffer_copy(view)
    else:
        owner = (ctypes.c_char * view.nbytes).from_buffer(view) if view.nbytes else ctypes.c_char()
    return owner, ctypes.addressof(owner)


def doubles(x):
    """(owner, address, n) of a sequence of numbers; keep the owner as long as the address is used."""
    numpy = _numpy(x)
    if numpy is not None:
        if x.ndim != 1:
            raise ShapeError("one-dimensional data needed")
        x = numpy.ascontiguousarray(x, dtype=numpy.float64)
        return x, x.__array_interface__["data"][0], len(x)
    if not (isinstance(x, (array.array, memoryview)) and memoryview(x).format == "d" and memoryview(x).c_contiguous):
        x = array.array("d", x)
    owner, address = _from_buffer(x)
    return owner, address, len(x)


def uint32s(x):
    """(owner, address, n) of a sequence of small integers."""
    x = array.array("I", [int(i) for i in x])
    owner, address = _from_buffer(x)
    return owner, address, len(x)


def row(x, n):
    """(owner, address) of one row of n numbers."""
    owner, address, n_here = doubles(x)
    if n_here != n:
        raise ShapeError(f"a row has {n} numbers, not {n_here}")
    return owner, address


def table(x):
    """(owner, Rows) of a table: a NumPy array of float32 or float64 with any strides as it is, else a sequence of rows."""
    numpy = _numpy(x)
    if numpy is None:
        rows = [list(r) for r in x]
        n_columns = len(rows[0]) if rows else 1
        if any(len(r) != n_columns for r in rows):
            raise ShapeError("rows of different lengths")
        owner, address = _from_buffer(array.array("d", [v for r in rows for v in r]))
        return owner, Rows(address, _FLOAT64, 0, len(rows), n_columns, n_columns, 1)
    if x.ndim != 2:
        raise ShapeError("a table has two dimensions")
    size = x.dtype.itemsize
    if x.dtype not in (numpy.float32, numpy.float64) or not x.flags.aligned or x.strides[0] % size or x.strides[1] % size:
        x = numpy.ascontiguousarray(x, dtype=numpy.float64)
        size = 8
    kind = _FLOAT32 if size == 4 else _FLOAT64
    return x, Rows(x.__array_interface__["data"][0], kind, 0, x.shape[0], x.shape[1], x.strides[0] // size, x.strides[1] // size)
