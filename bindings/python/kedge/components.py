# SPDX-License-Identifier: MIT
"""Principal components of a table, on the GNU Scientific Library: such a build of the package is under the GPL."""
from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_void_p
from typing import Any, Optional

from . import _abi, _arrays, _library
from ._library import function
from ._numbers import unsigned
from ._object import aligned, configure
from .errors import ShapeError, check
from .models import _labels


class PCA:
    """Principal components: the directions in which the rows of a table differ most. Settings: n_components (all), standardise=0
    (1: columns of deviation 1 before), whiten=0 (1: coordinates over their deviation), explained=1 (no more components than explain
    this share). Numbers and signs are those of scikit-learn's PCA; what is not kept is 0. Objects can be pickled."""

    def __init__(self, n_features: int, **settings: Any) -> None:
        library = _library.require(_library.gsl)
        how = _abi.GslPcaSettings()
        init = function(library, "kedge_gsl_pca_settings_init", c_int32, c_void_p, c_size_t, c_uint32)
        check(init(byref(how), ctypes.sizeof(how), unsigned(n_features)))
        configure(how, settings, {})
        n_bytes = function(library, "kedge_gsl_pca_size", c_size_t, c_void_p)(byref(how))
        self._n_work = function(library, "kedge_gsl_pca_work", c_size_t, c_void_p)(byref(how))
        self._memory, self._n_bytes, self._handle = aligned(n_bytes), n_bytes, c_void_p()
        begin = function(library, "kedge_gsl_pca_init", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)
        check(begin(byref(self._handle), byref(how), self._memory, n_bytes or ctypes.sizeof(self._memory)))

    def __getstate__(self) -> dict[str, Any]:
        return {"bytes": ctypes.string_at(self._memory, self._n_bytes), "work": self._n_work}

    def __setstate__(self, state: dict[str, Any]) -> None:
        library = _library.require(_library.gsl)
        self._n_work, self._n_bytes = state["work"], len(state["bytes"])
        self._memory, self._handle = aligned(self._n_bytes), c_void_p()
        ctypes.memmove(self._memory, state["bytes"], self._n_bytes)
        begin = function(library, "kedge_gsl_pca_open", c_int32, c_void_p, c_void_p, c_size_t)
        check(begin(byref(self._handle), self._memory, self._n_bytes))

    def _call(self, verb: str, *arguments: Any, kinds: tuple[Any, ...]) -> int:
        call = function(_library.require(_library.gsl), "kedge_gsl_pca_" + verb, c_int32, c_void_p, *kinds)
        return check(call(byref(self._handle), *arguments))

    def fit(self, x: _arrays.Table, weight: Optional[_arrays.Numbers] = None) -> PCA:
        """Find the components of a table. Returns the object."""
        owner, rows = _arrays.table(x)
        weights = _labels(weight, rows) if weight is not None else (None, None)
        work = aligned(self._n_work)
        self._call("fit", byref(rows), weights[1], work, self._n_work, kinds=(POINTER(_abi.Rows), c_void_p, c_void_p, c_size_t))
        del owner
        return self

    @property
    def found(self) -> _abi.GslPcaFound:
        """The last fit: n_rows, n_kept, rank, explained."""
        out = _abi.GslPcaFound()
        self._call("summary", byref(out), kinds=(c_void_p,))
        return out

    @property
    def components(self) -> list[list[float]]:
        """Unit vectors, by falling variance."""
        k, n = self.found.n_components, self.found.n_features
        out = (c_double * (k * n))()
        self._call("components", out, k * n, kinds=(c_void_p, c_size_t))
        return [out[i * n:(i + 1) * n] for i in range(k)]

    @property
    def variances(self) -> tuple[list[float], list[float]]:
        """The variance along each component, and its share in that of all columns."""
        k = self.found.n_components
        variance, share = (c_double * k)(), (c_double * k)()
        self._call("variances", variance, share, k, kinds=(c_void_p, c_void_p, c_size_t))
        return list(variance), list(share)

    @property
    def centre(self) -> tuple[list[float], list[float]]:
        """Of each column the mean, and the deviation that it is divided by: 1 without standardise."""
        n = self.found.n_features
        mean, deviation = (c_double * n)(), (c_double * n)()
        self._call("centre", mean, deviation, n, kinds=(c_void_p, c_void_p, c_size_t))
        return list(mean), list(deviation)

    def transform(self, x: _arrays.Table) -> list[list[float]]:
        """Rows as coordinates along the components."""
        owner, rows = _arrays.table(x)
        k = self.found.n_components
        out = (c_double * (rows.n_rows * k))()
        self._call("transform", byref(rows), out, rows.n_rows * k, kinds=(POINTER(_abi.Rows), c_void_p, c_size_t))
        del owner
        return [out[i * k:(i + 1) * k] for i in range(rows.n_rows)]

    def inverse_transform(self, scores: _arrays.Table) -> list[list[float]]:
        """The rows that have given coordinates, as near as the components come to them."""
        k, n = self.found.n_components, self.found.n_features
        numbers, width = _arrays.flat(scores)
        owner, address, n_numbers = _arrays.doubles(numbers)
        if width != k:
            raise ShapeError(f"{k} coordinates a row, not {width}")
        n_rows = n_numbers // k
        out = (c_double * (n_rows * n))()
        self._call("inverse", address, n_rows, out, n_rows * n, kinds=(c_void_p, c_size_t, c_void_p, c_size_t))
        del owner
        return [out[i * n:(i + 1) * n] for i in range(n_rows)]
