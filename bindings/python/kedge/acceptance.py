# SPDX-License-Identifier: MIT
"""The thorough test before deployment: one call runs a standard battery of checks on a trained model and says of each what was
measured, how sure that is, what was asked for, and whether it holds."""
from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Iterable
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, NamedTuple, Optional, Union

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import unsigned
from ._object import aligned, configure
from .errors import RangeError, ShapeError, check
from .models import Model
from .selection import SCORES, _Table, _word

_init = function(core, "kedge_battery_config_init", c_int32, c_void_p, c_size_t)
_work = function(core, "kedge_battery_work", c_size_t, c_void_p, c_void_p, c_size_t, c_void_p)
_run = function(core, "kedge_battery_run", c_int32, c_void_p, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, c_void_p, c_void_p,
                c_size_t, c_void_p)
_write = function(core, "kedge_battery_write", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_name = function(core, "kedge_battery_check_name", c_char_p, c_uint32)
_verdict = function(core, "kedge_battery_verdict_string", c_char_p, c_int32)
_reason = function(core, "kedge_battery_reason_string", c_char_p, c_int32)
_Clock = CFUNCTYPE(c_uint64, c_void_p)

Names = Union[str, Iterable[str]]
CHECKS = tuple(_name(i).decode() for i in range(constants["KEDGE_BATTERY_CHECKS"]))


class Check(NamedTuple):
    """What came of one check."""
    name: str
    verdict: str      # "pass", "fail", "undecided", "skipped"
    why: str
    value: float      # what was measured; nan: nothing, or not known
    deviation: float
    low: float        # its interval
    high: float
    limit: float      # what it was held against; nan: nothing


class Report(NamedTuple):
    """What came of all checks; true if the whole passed. report["slice"] is the check of that name."""
    verdict: str      # "fail": a check failed; "undecided": one of those to prove is; "skipped": none was judged; else "pass"
    checks: dict[str, Check]
    n_rows: int       # rows with a weight
    scores: dict[str, float]  # of "model", the "usual" answer, the "last" label, "champion", with "noise", with "missing" values
    slice: float      # value or group of the worst slice
    slice_score: float
    slice_rows: int   # its rows; 0: there is no slice
    n_slices: int     # slices that were looked at
    first_broken: Optional[int]  # first row whose answer is none
    text: str         # all of it as a table

    def __bool__(self) -> bool:
        return self.verdict == "pass"

    def __getitem__(self, name: Any) -> Any:
        return self.checks[name] if isinstance(name, str) else tuple(self)[name]

    def __str__(self) -> str:
        return self.text

    def named(self, verdict: str) -> list[Check]:
        """The checks with a verdict."""
        return [c for c in self.checks.values() if c.verdict == verdict]


def _set_of(names: Names) -> int:
    places = {name: i for i, name in enumerate(CHECKS)}
    return sum({1 << _word(places, name) for name in ([names] if isinstance(names, str) else names)})


def _report(r: Any) -> Report:
    checks = {}
    for name, c in zip(CHECKS, r.checks):
        f = c.figure
        verdict, why = _verdict(c.verdict).decode(), _reason(c.why).decode()
        checks[name] = Check(name, verdict, why, f.value, f.deviation, f.low, f.high, c.limit)
    scores = {name: getattr(r, name) for name in ("usual", "last", "champion", "noise", "missing")}
    scores["model"] = checks["quality"].value
    text, n = ctypes.create_string_buffer(4096), c_size_t()
    check(_write(byref(r), text, 4096, byref(n)))
    return Report(_verdict(r.verdict).decode(), checks, r.n_rows, scores, r.slice, r.slice_score, r.slice_rows, r.n_slices,
                  r.first_broken if r.first_broken < 2**64 - 1 else None, text.value.decode())


def _groups(groups: _arrays.Numbers, n_rows: int) -> Any:
    owner, address, n = _arrays.uint32s(groups)
    if n != n_rows:
        raise ShapeError(f"{n_rows} rows, but {n} groups")
    return owner, address


def battery(model: Model, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
            champion: Optional[Model] = None, score: Optional[str] = None, checks: Names = CHECKS, without: Names = (),
            prove: Names = ("quality", "usual", "last"), groups: Optional[_arrays.Numbers] = None, nominal: Iterable[int] = (),
            clock: Union[bool, Callable[[], int]] = False, **limits: Any) -> Report:
    """Run the battery on rows that the model was not trained on.

    `score`: "accuracy" for classes, "r2" for a regression, or another of kedge.selection.score. `checks`, `without`: which to make.
    `prove`: those that must pass for the whole to pass; the others must not fail. `groups`: of each row the slice that it belongs
    to, or `slice_column`: the feature that tells. `nominal`: features that are numbers of categories. `clock`: True for
    time.perf_counter_ns, or a function that gives ns; times include two calls of it, from C.

    Limits, None for measured but not judged: quality=None, gain_usual=0, gain_last=0, loss_champion=0.01, loss_noise=0.05,
    loss_missing=0.1, loss_slice=0.1, calibration=0.1, median_ns=None, tail_ns=None, state_bytes=None, snapshot_bytes=None.
    Settings: noise=0.1, missing=0.1, confidence=0.95, n_resamples=1000, block=1 (neighbours that depend on each other),
    least_rows=30, least_slice=30, n_bins=10, n_timed=1000, n_hostile=256, seed=1."""
    cfg, table, out = _abi.BatteryConfig(), _Table(x, y, weight), _abi.BatteryReport()
    check(_init(byref(cfg), ctypes.sizeof(cfg)))
    if not {"score", "checks", "prove"}.isdisjoint(limits):
        raise TypeError("score, checks and prove are arguments of their own")
    configure(cfg, {name: math.nan if value is None else value for name, value in limits.items()}, {})
    cfg.score = _word(SCORES, score or ("accuracy" if model.info.n_classes else "r2"))
    cfg.checks, cfg.prove = _set_of(checks) & ~_set_of(without), _set_of(prove)
    for feature in nominal:
        if unsigned(feature) >= 256:
            raise RangeError("nominal features are among the first 256")
        cfg.nominal[feature // 64] |= 1 << feature % 64
    owner = _groups(groups, table.rows.n_rows) if groups is not None else (None, None)
    cfg.groups = owner[1]
    raised: list[BaseException] = []
    call = _Clock(lambda _: _ticked(time.perf_counter_ns if clock is True else clock, raised))
    if clock:
        cfg.clock = ctypes.cast(call, c_void_p)
    rival = champion._ref if champion is not None else None
    n = _work(model._ref, byref(cfg), table.rows.n_rows, rival)
    st = _run(model._ref, byref(cfg), *table.arguments, rival, aligned(n), max(n, 8), byref(out))
    if raised:
        raise raised[0]
    check(st)
    return _report(out)


def _ticked(clock: Any, raised: list[BaseException]) -> int:
    try:
        return unsigned(clock(), 64)
    except BaseException as exception:  # C cannot pass it on
        raised.append(exception)
        return 0
