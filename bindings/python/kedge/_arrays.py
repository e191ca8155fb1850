# SPDX-License-Identifier: MIT
"""Numbers of the caller as pointers: NumPy arrays and buffers without a copy where they already fit, anything else by one copy.
NumPy is never imported here; an array can only come from a program that has."""
from __future__ import annotations

import array
import ctypes
import sys
from collections.abc import Iterable
from typing import Any, Optional

from ._abi import Rows, constants
from ._numbers import unsigned
from .errors import ShapeError

Numbers = Iterable[Any]           # NumPy array, buffer or sequence of numbers
Table = Iterable[Iterable[Any]]   # NumPy array or sequence of rows
Pointer = tuple[Any, int]         # owner and address; the address is good as long as the owner lives

_FLOAT32, _FLOAT64 = constants["KEDGE_FLOAT32"], constants["KEDGE_FLOAT64"]


def as_numpy(x: Any) -> Optional[Any]:
    """The NumPy array that x is or gives of itself (pandas, Arrow), else None. What a mask hides is nan."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(x, "__array__"):
        return None
    a = x if isinstance(x, numpy.ndarray) else numpy.asarray(x)
    if a.dtype.kind not in "biufO":  # NumPy would read text as numbers, and drop imaginary parts
        raise TypeError(f"real numbers are needed, not {a.dtype}")
    return a.astype("float64").filled(numpy.nan) if isinstance(a, numpy.ma.MaskedArray) else a


def _numpy_vector(x: Any, dtype: str) -> Any:
    if x.ndim != 1:
        raise ShapeError("one-dimensional data needed")
    x = sys.modules["numpy"].ascontiguousarray(x, dtype=dtype)
    return x if x.flags.aligned else x.copy()


def _numpy_address(x: Any) -> Pointer:
    if x.nbytes and x.flags.writeable:  # five times as fast as the array interface
        owner = ctypes.c_char.from_buffer(x)
        return owner, ctypes.addressof(owner)
    return x, x.__array_interface__["data"][0]


def address_of(x: array.array[Any]) -> Pointer:
    """Pointer to an array's items."""
    return x, x.buffer_info()[0]


def doubles(x: Numbers) -> tuple[Any, int, int]:
    """(owner, address, n) of a sequence of numbers."""
    a = as_numpy(x)
    if a is not None:
        a = _numpy_vector(a, "float64")
        return *_numpy_address(a), len(a)
    if isinstance(x, memoryview) and x.format == "d" and x.ndim == 1 and x.c_contiguous and not x.readonly and len(x):
        owner = ctypes.c_char.from_buffer(x)
        return owner, ctypes.addressof(owner), len(x)
    if not (isinstance(x, array.array) and x.typecode == "d"):
        x = array.array("d", x if isinstance(x, (list, tuple)) else iter(x))
    return *address_of(x), len(x)


def flat(x: Any) -> tuple[Any, int]:
    """The numbers of a table, row after row, and how many a row has; of a sequence of numbers these, and 1."""
    a = as_numpy(x)
    if a is not None:
        return (a.reshape(-1), a.shape[1]) if a.ndim == 2 and a.shape[1] else (x, 1)
    if not (isinstance(x, (list, tuple)) and x and isinstance(x[0], (list, tuple))):
        return x, 1
    if any(len(row) != len(x[0]) for row in x):
        raise ShapeError("rows of different lengths")
    return [value for row in x for value in row], len(x[0])


def uint32s(x: Numbers) -> tuple[Any, int, int]:
    """(owner, address, n) of a sequence of whole numbers from 0 to 2^32 - 1."""
    a = as_numpy(x)
    if a is not None and a.dtype.kind in "bu" and a.dtype.itemsize <= 4:
        a = _numpy_vector(a, "uint32")
        return *_numpy_address(a), len(a)
    if a is not None and a.ndim == 1 and a.dtype.kind in "iuf":
        narrow = a.astype("uint32") if a.size and 0 <= a.min() and a.max() < 2**32 else None
        if narrow is not None and (narrow == a).all():
            return *_numpy_address(narrow), len(narrow)
    x = array.array("I", [unsigned(i) for i in (x if a is None else _numpy_vector(a, a.dtype).tolist())])
    return *address_of(x), len(x)


def uint64s(x: Numbers) -> tuple[Any, int, int]:
    """(owner, address, n) of a sequence of whole numbers from 0 to 2^64 - 1."""
    a = as_numpy(x)
    if a is not None and a.dtype.kind in "bu":
        a = _numpy_vector(a, "uint64")
        return *_numpy_address(a), len(a)
    x = array.array("Q", [unsigned(i, 64) for i in (x if a is None else _numpy_vector(a, a.dtype).tolist())])
    return *address_of(x), len(x)


def row(x: Numbers, n: int) -> Pointer:
    """One row of n numbers."""
    owner, address, n_here = doubles(x)
    if n_here != n:
        raise ShapeError(f"a row has {n} numbers, not {n_here}")
    return owner, address


def column(x: Numbers) -> tuple[Any, Rows]:
    """(owner, Rows of one column) of a sequence of numbers: a NumPy array of float32 or float64 with any stride as it is."""
    a = as_numpy(x)
    if a is not None and a.ndim == 1:
        return table(a[:, None])
    owner, address, n = doubles(x)
    return owner, Rows(address, _FLOAT64, 0, n, 1, 1, 1)


def _sequence_table(x: Any) -> tuple[Any, Rows]:
    given: Any = x.tolist() if isinstance(x, memoryview) else x
    rows = [list(r) for r in given]
    n_columns = len(rows[0]) if rows else 1
    if any(len(r) != n_columns for r in rows):
        raise ShapeError("rows of different lengths")
    owner, address = address_of(array.array("d", [v for r in rows for v in r]))
    return owner, Rows(address, _FLOAT64, 0, len(rows), n_columns, n_columns, 1)


def table(x: Table) -> tuple[Any, Rows]:
    """(owner, Rows) of a table: a NumPy array of float32 or float64 with any strides as it is, else a sequence of rows."""
    a = as_numpy(x)
    if a is None:
        return _sequence_table(x)
    if a.ndim != 2:
        raise ShapeError("a table has two dimensions")
    size = a.dtype.itemsize
    if a.dtype not in ("float32", "float64") or not a.flags.aligned or a.strides[0] % size or a.strides[1] % size:
        a = sys.modules["numpy"].array(a, dtype="float64", order="C")
        size = 8
    address = a.__array_interface__["data"][0]
    kind = _FLOAT32 if size == 4 else _FLOAT64
    return a, Rows(address, kind, 0, a.shape[0], a.shape[1], a.strides[0] // size, a.strides[1] // size)
