# SPDX-License-Identifier: MIT
"""Frozen models: trained, for prediction only, in bytes that are used where they lie. Model.freeze() writes them."""
from __future__ import annotations

import array
import ctypes
import mmap
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_size_t, c_void_p
from typing import Any, Union

from . import _abi, _arrays
from ._library import core, function
from ._object import aligned
from .errors import check

_open = function(core, "kedge_frozen_open", c_int32, c_void_p, c_void_p, c_size_t)
_describe = function(core, "kedge_frozen_describe", c_int32, c_void_p, POINTER(_abi.FrozenInfo))
_predict = function(core, "kedge_frozen_predict", c_int32, c_void_p, c_void_p, POINTER(c_double))
_predict_many = function(core, "kedge_frozen_predict_many", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, POINTER(c_size_t))
_score = function(core, "kedge_frozen_score", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)


def _address(blob: Any, n: int) -> tuple[Any, int]:
    """(owner, address) of a buffer: as it is if it can be written to or is bytes, and lies as it must; else a copy."""
    if isinstance(blob, bytes):
        owner, address = blob, ctypes.cast(c_char_p(blob), c_void_p).value or 0
    elif not memoryview(blob).readonly and n > 0:
        owner = (ctypes.c_char * n).from_buffer(blob)
        address = ctypes.addressof(owner)
    else:
        owner, address = None, 1
    if address % 8:
        owner = aligned(n)
        address = ctypes.addressof(owner)
        ctypes.memmove(address, bytes(blob), n)
    return owner, address


class Frozen:
    """A frozen model, from the bytes that Model.freeze() gave: verified once, then used as they are. Their writer must leave them
    alone."""

    def __init__(self, blob: Any) -> None:
        n = memoryview(blob).nbytes
        self._owner, address = _address(blob, n)
        self._handle = _abi.FrozenHandle()
        self._ref = byref(self._handle)
        check(_open(self._ref, address, n))
        info = self.info
        self._n_features, self._n_classes = info.n_features, info.n_classes

    @classmethod
    def map(cls, path: Union[str, os.PathLike[str]]) -> Frozen:
        """The model in a file, which is mapped: processes that do so share its memory."""
        with open(path, "rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))

    @property
    def info(self) -> _abi.FrozenInfo:
        """Shape, size and kind."""
        out = _abi.FrozenInfo()
        check(_describe(self._ref, byref(out)))
        return out

    def predict_one(self, x: _arrays.Numbers) -> float:
        """The class of a row, or a regression's value."""
        owner, address = _arrays.row(x, self._n_features)
        y = c_double()
        check(_predict(self._ref, address, byref(y)))
        del owner
        return int(y.value) if self._n_classes else y.value

    def predict_many(self, x: _arrays.Table) -> Any:
        """The classes or values of a table's rows: a NumPy array for a NumPy table, else an array('d')."""
        owner, rows = _arrays.table(x)
        out = array.array("d", bytes(8 * rows.n_rows))
        used = c_size_t()
        st = _predict_many(self._ref, byref(rows), out.buffer_info()[0], byref(used))
        del owner
        check(st, used.value)
        if _arrays.as_numpy(x) is None:
            return out
        return sys.modules["numpy"].frombuffer(out) if out else sys.modules["numpy"].empty(0)

    def score(self, x: _arrays.Numbers) -> list[float]:
        """Class probabilities of a row, or a regression's value, as a list."""
        owner, address = _arrays.row(x, self._n_features)
        scores = (c_double * (self._n_classes or 1))()
        check(_score(self._ref, address, scores, len(scores)))
        del owner
        return list(scores)

    def __bytes__(self) -> bytes:
        return ctypes.string_at(self._handle.blob or 0, self._handle.bytes)

    def __reduce__(self) -> Any:
        return type(self), (bytes(self),)

    def __repr__(self) -> str:
        i = self.info
        return f"Frozen({i.name.decode()}, n_features={i.n_features}, n_classes={i.n_classes}, bytes={i.bytes})"
