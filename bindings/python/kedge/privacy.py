# SPDX-License-Identifier: MIT
"""Figures about people that may leave the house: releases under differential privacy, from the system's random bytes and under a
budget, and a check that no slice of a table is small."""
from __future__ import annotations

import array
import ctypes
import os
from ctypes import CFUNCTYPE, POINTER, byref, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, Iterable

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from .errors import check, error

_Fill = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t)
_RELEASE = (POINTER(_abi.DpBudget), POINTER(_abi.DpSource), POINTER(_abi.DpCost))
_budget_init = function(core, "kedge_dp_budget_init", c_int32, POINTER(_abi.DpBudget), c_uint32, c_double, c_double)
_spent = function(core, "kedge_dp_spent", c_int32, POINTER(_abi.DpBudget), POINTER(c_double))
_charge = function(core, "kedge_dp_charge", c_int32, POINTER(_abi.DpBudget), POINTER(_abi.DpCost), c_uint64)
_noise_of = function(core, "kedge_dp_noise_of", c_int32, POINTER(_abi.DpCost), c_uint64, POINTER(_abi.DpNoise))
_release = function(core, "kedge_dp_release", c_int32, *_RELEASE, c_int64, c_uint64, POINTER(c_int64))
_histogram = function(core, "kedge_dp_histogram", c_int32, *_RELEASE, c_void_p, c_size_t, c_void_p)
_mean = function(core, "kedge_dp_mean", c_int32, *_RELEASE, POINTER(_abi.Rows), c_size_t, c_double, c_double,
                 POINTER(_abi.DpMeanReport))
_anonymity = function(core, "kedge_anonymity", c_int32, c_void_p, c_size_t, c_size_t, c_uint64, c_uint64,
                      POINTER(_abi.AnonymityReport))
_COMPOSITIONS = {name: constants["KEDGE_DP_" + name.upper()] for name in ("basic", "advanced", "zcdp")}


def _cost(epsilon: float, delta: float) -> _abi.DpCost:
    """Gaussian noise where there is a delta, else Laplace noise."""
    return _abi.DpCost(constants["KEDGE_DP_GAUSSIAN" if delta else "KEDGE_DP_LAPLACE"], 0, real(epsilon), real(delta))


def noise(epsilon: float, delta: float = 0.0, sensitivity: int = 1) -> _abi.DpNoise:
    """The noise of a release: discrete Laplace, or with a delta discrete Gaussian."""
    out = _abi.DpNoise()
    check(_noise_of(byref(_cost(epsilon, delta)), unsigned(sensitivity, 64), byref(out)))
    return out


def _counts(x: Iterable[Any]) -> array.array[int]:
    return array.array("Q", [unsigned(i, 64) for i in (x.tolist() if hasattr(x, "tolist") else x)])


def anonymity(counts: Iterable[Any], k: int = 5, l: int = 1) -> _abi.AnonymityReport:
    """Is a slice of a table smaller than k rows, or alike in what is sensitive? Counts of slices, or for each slice a row of counts
    by sensitive value."""
    flat, n_values = _arrays.flat(counts)
    data = _counts(flat)
    out = _abi.AnonymityReport()
    check(_anonymity(data.buffer_info()[0], len(data) // n_values, n_values, unsigned(k, 64), unsigned(l, 64), byref(out)))
    return out


class Budget:
    """What may be told about the same people in all. composition: 'basic', 'advanced' or 'zcdp', of which the last two need a
    delta. `random`: gives n random bytes, os.urandom if it is not given. A release that the budget has not left raises KedgeError,
    and nothing is told. Pickles."""

    def __init__(self, epsilon: float, delta: float = 0.0, composition: str = "basic",
                 random: Callable[[int], bytes] = os.urandom) -> None:
        self._budget, self._random = _abi.DpBudget(), random
        check(_budget_init(byref(self._budget), _COMPOSITIONS[composition], real(epsilon), real(delta)))

    def _source(self, failures: list[BaseException]) -> _abi.DpSource:
        def fill(_: Any, to: int, n: int) -> int:
            try:
                ctypes.memmove(to, self._random(n), n)
            except BaseException as e:  # it must not run through C
                failures.append(e)
                return constants["KEDGE_ERR_UNSUPPORTED"]
            return constants["KEDGE_OK"]
        keep = _Fill(fill)
        source = _abi.DpSource(ctypes.cast(keep, c_void_p), None)
        source.keep = keep
        return source

    def _call(self, f: Any, epsilon: float, delta: float, *arguments: Any) -> None:
        failures: list[BaseException] = []
        st = f(byref(self._budget), byref(self._source(failures)), byref(_cost(epsilon, delta)), *arguments)
        if failures:
            raise failures[0]
        self._paid(st)

    @staticmethod
    def _paid(st: int) -> None:
        e = error(st) if st < 0 else None
        if st == constants["KEDGE_ERR_STATE"] and e is not None:
            e.args = ("the budget has not that much left",)
        if e is not None:
            raise e

    def release(self, value: int, epsilon: float, delta: float = 0.0, sensitivity: int = 1) -> int:
        """A whole number and noise; one row can change it by `sensitivity`."""
        if not -2**62 <= value <= 2**62:
            raise error(constants["KEDGE_ERR_RANGE"])
        out = c_int64()
        self._call(_release, epsilon, delta, value, unsigned(sensitivity, 64), byref(out))
        return out.value

    def histogram(self, counts: Iterable[Any], epsilon: float, delta: float = 0.0) -> list[int]:
        """Counts of slices of which no row is in two, and noise, for the price of one."""
        data = _counts(counts)
        out = (c_int64 * max(len(data), 1))()
        self._call(_histogram, epsilon, delta, data.buffer_info()[0], len(data), out)
        return list(out)

    def mean(self, x: _arrays.Numbers, low: float, high: float, epsilon: float, delta: float = 0.0) -> _abi.DpMeanReport:
        """The mean of numbers cut to [low, high], which must not be read from them."""
        owner, rows = _arrays.column(x)
        out = _abi.DpMeanReport()
        self._call(_mean, epsilon, delta, byref(rows), 0, real(low), real(high), byref(out))
        del owner
        return out

    def charge(self, epsilon: float, delta: float = 0.0, sensitivity: int = 1) -> None:
        """Charge a release that was made elsewhere."""
        self._paid(_charge(byref(self._budget), byref(_cost(epsilon, delta)), unsigned(sensitivity, 64)))

    @property
    def spent(self) -> float:
        """The epsilon that is spent, at the budget's delta."""
        out = c_double()
        check(_spent(byref(self._budget), byref(out)))
        return out.value

    @property
    def n_releases(self) -> int:
        """How many releases were charged."""
        return self._budget.n_releases

    def __getstate__(self) -> dict[str, Any]:
        return {"budget": bytes(self._budget), "random": self._random}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._budget, self._random = _abi.DpBudget.from_buffer_copy(state["budget"]), state["random"]
        self.spent  # refuses what is no budget


__all__ = ["Budget", "anonymity", "noise"]
