# SPDX-License-Identifier: MIT
"""The thorough test before deployment: one call runs a standard battery of checks on a trained model and says of each what was
measured, how sure that is, what was asked for, and whether it holds."""
from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Iterable, Sequence
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

_gate_init = function(core, "kedge_gate_config_init", c_int32, c_void_p, c_size_t, c_void_p)
_gate_work = function(core, "kedge_gate_work", c_size_t, c_void_p, c_void_p, c_void_p, c_size_t)
_gate_judge = function(core, "kedge_gate_judge", c_int32, c_void_p, c_void_p, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p,
                       c_void_p, c_size_t, c_void_p, c_void_p)
_gate_write = function(core, "kedge_gate_write", c_int32, c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_gate_name = function(core, "kedge_gate_check_name", c_char_p, c_uint32)
_Custom = CFUNCTYPE(c_int32, c_void_p, c_void_p, POINTER(_abi.GateOutcome))

Names = Union[str, Iterable[str]]
CHECKS = tuple(_name(i).decode() for i in range(constants["KEDGE_BATTERY_CHECKS"]))
GATE_CHECKS = tuple(_gate_name(i).decode() for i in range(constants["KEDGE_GATE_FIRST"],
                                                          constants["KEDGE_GATE_FIRST"] + constants["KEDGE_GATE_CHECKS"]))
_RATES = {name: constants[f"KEDGE_RATE_{name.upper()}"]
          for name in ("selected", "true_positive", "false_positive", "precision", "accuracy", "base", "calibration")}


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


def _set_of(names: Names, all_names: Sequence[str] = CHECKS, first: int = 0) -> int:
    places = {name: first + i for i, name in enumerate(all_names)}
    return sum({1 << _word(places, name) for name in ([names] if isinstance(names, str) else names)})


def _checks(names: Iterable[str], checks: Any) -> dict[str, Check]:
    told = {}
    for name, c in zip(names, checks):
        f = c.figure
        told[name] = Check(name, _verdict(c.verdict).decode(), _reason(c.why).decode(), f.value, f.deviation, f.low, f.high,
                           c.limit)
    return told


def _report(r: Any) -> Report:
    checks = _checks(CHECKS, r.checks)
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


def _settings(cfg: Any, model: Model, n_rows: int, score: Optional[str], groups: Optional[_arrays.Numbers], nominal: Iterable[int],
              clock: Union[bool, Callable[[], int]], raised: list[BaseException]) -> Any:
    """Write what is no plain number into a battery's configuration. Returns what must live as long as that."""
    cfg.score = _word(SCORES, score or ("accuracy" if model.info.n_classes else "r2"))
    for feature in nominal:
        if unsigned(feature) >= 256:
            raise RangeError("nominal features are among the first 256")
        cfg.nominal[feature // 64] |= 1 << feature % 64
    owner = _groups(groups, n_rows) if groups is not None else (None, None)
    cfg.groups = owner[1]
    call = _Clock(lambda _: _ticked(time.perf_counter_ns if clock is True else clock, raised))
    if clock:
        cfg.clock = ctypes.cast(call, c_void_p)
    return owner, call


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
    cfg.checks, cfg.prove = _set_of(checks) & ~_set_of(without), _set_of(prove)
    raised: list[BaseException] = []
    owners = _settings(cfg, model, table.rows.n_rows, score, groups, nominal, clock, raised)
    rival = champion._ref if champion is not None else None
    n = _work(model._ref, byref(cfg), table.rows.n_rows, rival)
    st = _run(model._ref, byref(cfg), *table.arguments, rival, aligned(n), max(n, 8), byref(out))
    del owners  # they had to live until now
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


class Test:
    """An integration test of the gate. `output`: the class whose probability is looked at; None: the prediction. `rows`: the rows;
    None: those that the gate is given."""
    kind = ""

    def __init__(self, name: str, rows: Optional[_arrays.Table] = None, *, output: Optional[int] = None, tolerance: float = 1e-9,
                 feature: int = 0, other: Optional[int] = None, direction: int = 1, low: float = -1e300, high: float = 1e300,
                 centre: float = 0.0, values: Iterable[float] = (), expected: Iterable[float] = ()) -> None:
        self._values, self._expected = _arrays.doubles(list(values)), _arrays.doubles(list(expected))
        self._rows = _arrays.table(rows) if rows is not None else None
        if self.kind == "golden" and (self._rows is None or self._rows[1].n_rows != self._expected[2]):
            raise ShapeError("golden rows need an expected output each")
        none = constants["KEDGE_NO_COLUMN"]
        self.name, self.c = name, _abi.GateTest(
            name=name.encode(), kind=constants[f"KEDGE_TEST_{self.kind.upper()}"], output=none if output is None
            else unsigned(output), rows=ctypes.addressof(self._rows[1]) if self._rows else None, expected=self._expected[1],
            values=self._values[1], n_values=self._values[2], feature=unsigned(feature), other=none if other is None
            else unsigned(other), direction=direction, low=low, high=high, centre=centre, tolerance=tolerance)

    def _bind(self, challenger: Model, raised: list[BaseException]) -> Any:
        return self.c


class Golden(Test):
    """The output of each row is the expected one, within the tolerance."""
    kind = "golden"

    def __init__(self, name: str, rows: _arrays.Table, expected: Iterable[float], *, output: Optional[int] = None,
                 tolerance: float = 1e-9) -> None:
        super().__init__(name, rows, expected=expected, output=output, tolerance=tolerance)


class Range(Test):
    """The output is within [low, high]."""
    kind = "range"

    def __init__(self, name: str, low: float, high: float, rows: Optional[_arrays.Table] = None, *, output: Optional[int] = None,
                 tolerance: float = 1e-9) -> None:
        super().__init__(name, rows, low=low, high=high, output=output, tolerance=tolerance)


class Monotone(Test):
    """As the feature takes one of the values after the other, which rise, the output never falls, or with falls=True never
    rises."""
    kind = "monotone"

    def __init__(self, name: str, feature: int, values: Iterable[float], rows: Optional[_arrays.Table] = None, *,
                 falls: bool = False, output: Optional[int] = None, tolerance: float = 1e-9) -> None:
        super().__init__(name, rows, feature=feature, values=values, direction=-1 if falls else 1, output=output,
                         tolerance=tolerance)


class Symmetric(Test):
    """With the feature exchanged for the other one, or negated if there is none, the output is the same, or mirrored at
    `mirror`."""
    kind = "symmetric"

    def __init__(self, name: str, feature: int, other: Optional[int] = None, rows: Optional[_arrays.Table] = None, *,
                 mirror: Optional[float] = None, output: Optional[int] = None, tolerance: float = 1e-9) -> None:
        super().__init__(name, rows, feature=feature, other=other, direction=1 if mirror is None else -1, centre=mirror or 0.0,
                         output=output, tolerance=tolerance)


class Invariant(Test):
    """Whatever of the values the feature takes, the output stays the same."""
    kind = "invariant"

    def __init__(self, name: str, feature: int, values: Iterable[float], rows: Optional[_arrays.Table] = None, *,
                 output: Optional[int] = None, tolerance: float = 1e-9) -> None:
        super().__init__(name, rows, feature=feature, values=values, output=output, tolerance=tolerance)


def _as_judged(challenger: Model, address: int) -> Model:
    """The challenger, or where it is judged together with its prep the two as one model."""
    handle = _abi.Handle.from_address(address)
    if handle.cls == challenger._handle.cls:
        return challenger
    both: Model = type(challenger).__new__(type(challenger))
    both._adopt(handle, challenger._memory, 0)
    return both


class Custom(Test):
    """A function of the challenger that says whether it passes; in a pipeline with a prep the challenger takes rows as they
    come."""
    kind = "custom"

    def __init__(self, name: str, passes: Callable[[Model], bool]) -> None:
        super().__init__(name)
        self._passes = passes

    def _bind(self, challenger: Model, raised: list[BaseException]) -> Any:
        def call(_context: Any, model: Any, _outcome: Any) -> int:
            try:
                return int(bool(self._passes(_as_judged(challenger, model))))
            except BaseException as exception:  # C cannot pass it on
                raised.append(exception)
                return 0
        self._call = _Custom(call)
        self.c.custom = ctypes.cast(self._call, c_void_p)
        return self.c


class Outcome(NamedTuple):
    """What came of a test of the host's own."""
    name: str
    verdict: str        # "pass", "fail", or "skipped": the check was not made
    why: str
    n_rows: int         # rows that it looked at
    n_failed: int       # of these, rows that fail
    first_failed: Optional[int]  # the first of them, which the rest is about
    at: float           # the value that the feature took
    got: float
    expected: float     # what it should have been, or the bound that it went beyond


class GateReport(NamedTuple):
    """What the gate says; true if the challenger passed. report["better"] is the check of that name, report["quality"] the
    battery's."""
    verdict: str        # "pass", "fail", "undecided" or "skipped"; only "pass" is a reason to promote
    checks: dict[str, Check]  # the battery's and the gate's
    tests: list[Outcome]
    n_rows: int
    rows_needed: int    # with so many rows a challenger that is better by `sought` would pass with chance `power`; 0: not known
    challenger: float   # scores
    champion: float
    only_challenger: int  # rows that it alone got right
    only_champion: int
    slice: float        # value or group of the worst slice
    slice_rows: int     # its rows; 0: there is none
    fair_rate: str      # the rate that differs most between groups; "": none
    fairer_rate: str    # the rate whose difference has grown most
    passed: int         # sets of checks, as a store of versions keeps them
    failed: int
    undecided: int
    text: str           # all of it as a table

    def __bool__(self) -> bool:
        return self.verdict == "pass"

    def __getitem__(self, name: Any) -> Any:
        return self.checks[name] if isinstance(name, str) else tuple(self)[name]

    def __str__(self) -> str:
        return self.text

    def named(self, verdict: str) -> list[Check]:
        """The checks with a verdict."""
        return [c for c in self.checks.values() if c.verdict == verdict]


def _outcome(test: Test, o: Any) -> Outcome:
    first = o.first_failed if o.first_failed < 2**64 - 1 else None
    return Outcome(test.name, _verdict(o.verdict).decode(), _reason(o.why).decode(), o.n_rows, o.n_failed, first, o.at, o.got,
                   o.expected)


def _gate_report(r: Any, cfg: Any, tests: Sequence[Test], outcomes: Any) -> GateReport:
    n = c_size_t()
    _gate_write(byref(r), byref(cfg), None, 0, byref(n))  # asks for the length
    text = ctypes.create_string_buffer(n.value + 1)
    check(_gate_write(byref(r), byref(cfg), text, n.value + 1, byref(n)))
    checks = {**_checks(CHECKS, r.battery.checks), **_checks(GATE_CHECKS, r.checks)}
    rates = {place: name for name, place in _RATES.items()}
    return GateReport(_verdict(r.verdict).decode(), checks, [_outcome(t, o) for t, o in zip(tests, outcomes)], r.n_rows,
                      r.rows_needed, r.challenger, r.champion, r.only_challenger, r.only_champion, r.slice, r.slice_rows,
                      rates.get(r.fair_rate, ""), rates.get(r.fairer_rate, ""), r.passed, r.failed, r.undecided,
                      text.value.decode())


def gate(challenger: Model, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
         champion: Optional[Model] = None, tests: Sequence[Test] = (), score: Optional[str] = None,
         checks: Names = (*CHECKS, *GATE_CHECKS), without: Names = (), prove: Names = ("quality", "usual", "better", "safe"),
         slices: Optional[_arrays.Numbers] = None, people: Optional[_arrays.Numbers] = None, fair_rates: Names = "selected",
         fresh: Union[bool, Model] = True, nominal: Iterable[int] = (), clock: Union[bool, Callable[[], int]] = False,
         battery: Optional[dict[str, Any]] = None,
         **limits: Any) -> GateReport:
    """May the challenger take the champion's place? Judged on rows that neither was trained on.

    `tests`: Golden, Range, Monotone, Symmetric, Invariant, Custom. `checks`, `without`: which to make, the battery's and the
    gate's.
    `prove`: those that must pass for the whole to pass; the others must not fail. `slices`: of each row the slice that it belongs
    to, or battery={"slice_column": ...}. `people`: of each row the group of people, 0, 1, ..., that the `fair_rates` are compared
    between ("selected", "true_positive", "false_positive", "precision", "accuracy", "base", "calibration"). `fresh`: a model whose
    settings a fresh one gets that must learn a few rows; True: the challenger, if it was not loaded. `score`, `nominal`, `clock`:
    as of battery(), whose limits and settings are in `battery`.

    Limits, None for measured but not judged: gain=0, loss_most=0.01, loss_slice=0.05, unfair=None, unfairer=0.05, load_ns=None,
    memory_bytes=None. Settings: confidence=0.95, confidence_safe=0.999, sought=0.02, power=0.975, period_ns=1e6, fit_rows=0,
    n_load=1000, n_few=32, n_passes=100, favourable=1, fair_column and n_groups=2: instead of `people` the feature that tells the
    groups, and how many."""
    table = _Table(x, y, weight)
    asked = GateCall(challenger, table.rows.n_rows, tests, score, checks, without, prove, slices, people, fair_rates, fresh,
                     nominal, clock, battery, limits)
    rival = champion._ref if champion is not None else None
    n = _gate_work(byref(asked.cfg), rival, challenger._ref, table.rows.n_rows)
    return asked.report(_gate_judge(byref(asked.cfg), rival, challenger._ref, *table.arguments, aligned(n), max(n, 8),
                                    asked.outcomes, byref(asked.out)))


class GateCall:
    """What is asked of the gate, as C sees it: kept together for as long as a call takes."""

    def __init__(self, challenger: Model, n_rows: int, tests: Sequence[Test], score: Optional[str], checks: Names, without: Names,
                 prove: Names, slices: Optional[_arrays.Numbers], people: Optional[_arrays.Numbers], fair_rates: Names,
                 fresh: Union[bool, Model], nominal: Iterable[int], clock: Union[bool, Callable[[], int]],
                 battery: Optional[dict[str, Any]], limits: dict[str, Any]) -> None:
        cfg, how, self.out = _abi.GateConfig(), _abi.BatteryConfig(), _abi.GateReport()
        check(_init(byref(how), ctypes.sizeof(how)))
        check(_gate_init(byref(cfg), ctypes.sizeof(cfg), byref(how)))
        own = {"score", "checks", "prove", "n_tests", "fair_rates"} | ({"n_groups"} if "fair_column" not in limits else set())
        if not own.isdisjoint(limits) or not own.isdisjoint(battery or {}):
            raise TypeError("score, checks, prove, tests, people and fair_rates are arguments of their own")
        configure(how, {name: math.nan if value is None else value for name, value in (battery or {}).items()}, {})
        configure(cfg, {name: math.nan if value is None else value for name, value in limits.items()}, {})
        wanted = _set_of(checks, (*CHECKS, *GATE_CHECKS)) & ~_set_of(without, (*CHECKS, *GATE_CHECKS))
        proven = _set_of(prove, (*CHECKS, *GATE_CHECKS))
        first = constants["KEDGE_GATE_FIRST"]
        how.checks, how.prove = wanted & ((1 << first) - 1), proven & ((1 << first) - 1)
        cfg.checks, cfg.prove = wanted >> first << first, proven >> first << first
        cfg.fair_rates = sum({1 << _word(_RATES, name) for name in ([fair_rates] if isinstance(fair_rates, str) else fair_rates)})
        self._raised: list[BaseException] = []
        groups = _groups(people, n_rows) if people is not None else (None, None)
        self._owners = how, groups, _settings(how, challenger, n_rows, score, slices, nominal, clock, self._raised)
        cfg.groups = groups[1]
        if people is not None:
            cfg.n_groups = _n_groups(people)
        mould = challenger if fresh is True else fresh
        if isinstance(mould, Model) and mould._config is not None:
            cfg.fresh = ctypes.addressof(mould._config)
        self._tests = list(tests)
        self._array = (_abi.GateTest * max(len(self._tests), 1))(*[t._bind(challenger, self._raised) for t in self._tests])
        self.outcomes = (_abi.GateOutcome * max(len(self._tests), 1))()
        cfg.tests, cfg.n_tests = ctypes.addressof(self._array), len(self._tests)
        self.cfg = cfg

    def report(self, st: int) -> GateReport:
        """What came of the call that gave this status."""
        if self._raised:
            raise self._raised[0]
        check(st)
        return _gate_report(self.out, self.cfg, self._tests, self.outcomes)


def _n_groups(people: _arrays.Numbers) -> int:
    """Groups are numbered from 0."""
    return max((int(group) for group in people), default=0) + 1
