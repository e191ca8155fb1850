# SPDX-License-Identifier: MIT
"""Two samples compared: has a column changed, and how much? `kedge.shift.ks(reference, current).drift`

Each method is a function of the reference, the current sample and settings: alpha=0.05, min_effect=0, p_method="auto" ("exact", "asymptotic",
"permutation", "none"), n_resamples=999, seed=1, missing="skip" ("refuse"), and what the method has of its own. Samples are NumPy arrays of float32
or float64 with any stride, as they are, or sequences of numbers; nan is missing. What a method does stands in kedge/shift.h and docs/shift.md."""
from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_int32, c_size_t, c_void_p
from typing import Any

from . import _abi, _arrays, _library
from ._abi import constants
from ._object import aligned, configure
from .errors import check

_config_init = _library.function(_library.core, "kedge_shift_config_init", c_int32, c_void_p, c_void_p, c_size_t)
_work = _library.function(_library.core, "kedge_shift_work_many", c_size_t, c_void_p, c_size_t, c_size_t, c_size_t, c_size_t)
_compare = _library.function(_library.core, "kedge_shift_compare_many", c_int32, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p, c_size_t,
                             POINTER(_abi.ShiftResult))


def _words(prefix: str) -> dict[str, int]:
    return {name[len(prefix):].lower(): value for name, value in constants.items() if name.startswith(prefix)}


_CHOICES = {"p_method": _words("KEDGE_P_"), "missing": _words("KEDGE_MISSING_")}
_P_NAMES = {value: name for name, value in _CHOICES["p_method"].items()}


class Result:
    """What a comparison tells; a figure that a method has not is nan."""
    __slots__ = ("statistic", "p_value", "effect", "expected", "where", "mean_reference", "mean_current", "n_reference", "n_current",
                 "missing_reference", "missing_current", "p_method", "drift", "empty")

    def __init__(self, raw: _abi.ShiftResult) -> None:
        for name in self.__slots__[:11]:
            setattr(self, name, getattr(raw, name))
        self.p_method: str = _P_NAMES[raw.p_method]
        self.drift: bool = raw.status == constants["KEDGE_DRIFT"]
        self.empty: bool = raw.status == constants["KEDGE_EMPTY"]

    def __repr__(self) -> str:
        return "Result(" + ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__) + ")"


class Method:
    """A method with its settings: call it with a reference and a current sample."""
    _symbol, _struct = "", _abi.ShiftConfig

    def __init__(self, **settings: Any) -> None:
        self._config = self._struct()
        check(_config_init(_library.address_of(_library.core, self._symbol), byref(self._config), ctypes.sizeof(self._struct)))
        base = {name: settings.pop(name) for name in list(settings) if name in _BASE}
        configure(self._config if self._struct is _abi.ShiftConfig else self._config.base, base, _CHOICES)
        if settings and self._struct is _abi.ShiftConfig:
            raise TypeError(f"no setting is called {next(iter(settings))!r}; there are {', '.join(_BASE)}")
        configure(self._config, settings, _CHOICES)

    def __call__(self, reference: _arrays.Numbers, current: _arrays.Numbers) -> Result:
        return compare([self], reference, current)[0]


_BASE = tuple(name for name, _ in _abi.ShiftConfig._fields_ if name not in ("cls", "config_bytes"))


def compare(methods: list[Method], reference: _arrays.Numbers, current: _arrays.Numbers) -> list[Result]:
    """Several methods on the same two samples, which are sorted once: `compare([shift.KS(), shift.KS(alpha=0.01)], x, y)`."""
    owner, a = _arrays.column(reference)
    other, b = _arrays.column(current)
    configs = (c_void_p * len(methods))(*[ctypes.addressof(m._config) for m in methods])
    n_bytes = _work(configs, len(methods), a.n_rows, b.n_rows, 1)
    work = aligned(n_bytes)
    out = (_abi.ShiftResult * len(methods))()
    check(_compare(configs, len(methods), byref(a), byref(b), work, ctypes.sizeof(work), out))
    for raw in out:
        check(min(raw.status, 0))
    del owner, other
    return [Result(raw) for raw in out]


class KS(Method):
    """Kolmogorov-Smirnov. Effect: the greatest distance of the distribution functions, at `where`."""
    _symbol = "kedge_ks"


def ks(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Kolmogorov-Smirnov test, see `KS`."""
    return KS(**settings)(reference, current)


class Wasserstein(Method):
    """Wasserstein-1 distance. Effect: the distance in standard deviations of the reference."""
    _symbol = "kedge_wasserstein"


def wasserstein(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Wasserstein-1 distance, see `Wasserstein`."""
    return Wasserstein(**settings)(reference, current)


class Energy(Method):
    """Energy distance. Effect: the energy coefficient, 0 to 1."""
    _symbol = "kedge_energy"


def energy(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Energy distance, see `Energy`."""
    return Energy(**settings)(reference, current)


class MannWhitney(Method):
    """Mann-Whitney's U test. Effect: P(current > reference) - P(current < reference), -1 to 1."""
    _symbol = "kedge_mann_whitney"


def mann_whitney(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Mann-Whitney's U test, see `MannWhitney`."""
    return MannWhitney(**settings)(reference, current)


class Welch(Method):
    """Welch's t-test of the means. Effect: Hedges' g, positive where the current mean is the larger one."""
    _symbol = "kedge_welch"


def welch(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Welch's t-test, see `Welch`."""
    return Welch(**settings)(reference, current)
