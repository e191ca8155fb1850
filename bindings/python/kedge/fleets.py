# SPDX-License-Identifier: MIT
"""Fleets: a detector for each of many streams, one value of each a tick, in one call."""
from __future__ import annotations

import array
import ctypes
from ctypes import POINTER, byref, c_double, c_int32, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any, Optional

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import Noun, Object, configure
from .detectors import _PEERS, Cusum, DDM, EDetector, EwmaChart, PageHinkley
from .errors import ShapeError, check, error

_streams = function(core, "kedge_fleet_streams", c_uint32, c_void_p)
_update_many = function(core, "kedge_fleet_update_many", c_int32, c_void_p, c_void_p, c_size_t, c_void_p, POINTER(_abi.FleetNews))
_pick = function(core, "kedge_fleet_pick", c_int32, c_void_p, c_size_t, c_uint8, c_void_p, c_size_t, POINTER(c_size_t))
_estimate = function(core, "kedge_fleet_estimate", c_int32, c_void_p, c_uint32, POINTER(_abi.Estimate))
_alarm = function(core, "kedge_fleet_alarm", c_int32, c_void_p, c_uint32, POINTER(_abi.Alarm))
_reset_one = function(core, "kedge_fleet_reset_one", c_int32, c_void_p, c_uint32)
_log_evidence = function(core, "kedge_fleet_log_evidence", c_int32, c_void_p, c_uint64, c_void_p, c_size_t)
_discover = function(core, "kedge_fleet_discover", c_int32, c_void_p, c_double, c_uint64, c_void_p, c_void_p, POINTER(c_size_t))
_e_bh = function(core, "kedge_e_bh", c_int32, c_void_p, c_size_t, c_double, c_void_p, c_void_p, POINTER(c_size_t))


def _bytes(n: int) -> array.array[int]:
    return array.array("B", bytes(n))


def _words(n: int) -> array.array[int]:
    return array.array("I", bytes(4 * n))


def _marked(marks: array.array[int], mark: int, n_marked: int) -> list[int]:
    """Indices at which a mark stands."""
    streams, n = _words(n_marked), c_size_t()
    check(_pick(marks.buffer_info()[0], len(marks), mark, streams.buffer_info()[0], n_marked, byref(n)))
    return streams.tolist()


def e_bh(log_e: _arrays.Numbers, alpha: float) -> list[int]:
    """Which of many hypotheses to reject at false discovery rate alpha, from the natural logarithms of their e-values, however
    these depend on each other (Wang, Ramdas 2022): a list of indices."""
    owner, address, n = _arrays.doubles(log_e)
    marks, work, found = _bytes(n), _words(n), c_size_t()
    check(_e_bh(address, n, real(alpha), work.buffer_info()[0], marks.buffer_info()[0], byref(found)))
    del owner
    return _marked(marks, 1, found.value)


class Fleet(Object):
    """Base of all fleets. nan is "no value of this stream in this tick"; infinity, or a number out of range, refuses the whole
    tick."""
    _noun = Noun("fleet")
    _struct: Any
    _each: Any  # the detector that each stream gets
    _own: tuple[str, ...] = ()  # settings of the fleet, not of each detector

    def __init__(self, n_streams: int, *, peer: Optional[str] = None, **settings: Any) -> None:
        if peer not in _PEERS:
            raise ValueError("peer is 'river', 'moa' or None")
        config = self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t)
        check(init(byref(config), ctypes.sizeof(config)))
        if peer is not None:
            check(self._each._bind("config_peer", c_uint32)(byref(config.each), ctypes.sizeof(config.each), _PEERS[peer]))
        config.base.n_streams = unsigned(n_streams)
        configure(config, {name: settings.pop(name) for name in self._own if name in settings}, {})
        configure(config.each, settings, self._each._choices)
        self._make(config)

    @property
    def n_streams(self) -> int:
        """How many streams."""
        return int(_streams(self._ref))

    def _feed(self, address: int, n_ticks: int, signals: int) -> _abi.FleetNews:
        news = _abi.FleetNews()
        st = _update_many(self._ref, address, n_ticks, signals, byref(news))
        if st < 0:
            e = error(st)
            e.args = (f"{e.args[0]} (value {news.refused})",)
            e.used = news.n_ticks
            raise e
        return news

    def update(self, x: _arrays.Numbers) -> list[int]:
        """Feed one tick: a value of each stream. A list of the streams that have drifted; each of them has started afresh."""
        n = self.n_streams
        owner, address = _arrays.row(x, n)
        signals = _bytes(n)
        news = self._feed(address, 1, signals.buffer_info()[0])
        del owner
        return _marked(signals, constants["KEDGE_DRIFT"], news.n_drifts) if news.n_drifts else []

    def signal(self, x: _arrays.Numbers, out: Any = None) -> Any:
        """Feed one tick: a value of each stream. Bytes with one Status value for each; with `out`, a writable buffer or NumPy array
        of as many bytes, they go there."""
        n = self.n_streams
        owner, address = _arrays.row(x, n)
        signals = _bytes(n) if out is None else out
        self._feed(address, 1, self._room(signals, n))
        del owner
        return signals.tobytes() if out is None else out

    def signal_many(self, x: Any, out: Any = None) -> Any:
        """Feed a table of ticks, one row each. Bytes with one Status value for each number, row after row; with `out`, a writable
        buffer or contiguous NumPy array of as many bytes, they go there. An error's `used` tells how many ticks were fed."""
        n = self.n_streams
        owner, address, n_ticks = self._ticks(x, n)
        signals = _bytes(n_ticks * n) if out is None else out
        self._feed(address, n_ticks, self._room(signals, n_ticks * n))
        del owner
        return signals.tobytes() if out is None else out

    @staticmethod
    def _ticks(x: Any, n: int) -> tuple[Any, int, int]:
        """(owner, address, ticks) of a table: a NumPy array that is float64 and contiguous as it is."""
        a = _arrays.as_numpy(x)
        if a is None:
            x = [list(row) for row in x]
            if any(len(row) != n for row in x):
                raise ShapeError(f"a tick has {n} numbers")
            return *_arrays.address_of(array.array("d", [v for row in x for v in row])), len(x)
        if a.ndim != 2 or a.shape[1] != n:
            raise ShapeError(f"a table of ticks has {n} columns")
        owner, address, _ = _arrays.doubles(a.reshape(-1))
        return owner, address, len(a)

    @staticmethod
    def _room(out: Any, n: int) -> int:
        view = memoryview(out)
        if view.readonly or not view.c_contiguous or view.nbytes != n:
            raise ShapeError(f"out must be {n} writable bytes in one piece")
        return ctypes.addressof(ctypes.c_char.from_buffer(view)) if n else 0

    def estimate(self, i_stream: int) -> _abi.Estimate:
        """What the detector of one stream sees now."""
        out = _abi.Estimate()
        check(_estimate(self._ref, unsigned(i_stream), byref(out)))
        return out

    def alarm(self, i_stream: int) -> Optional[_abi.Alarm]:
        """What the last alarm of one stream saw; None before the first."""
        out = _abi.Alarm()
        return None if check(_alarm(self._ref, unsigned(i_stream), byref(out))) == constants["KEDGE_EMPTY"] else out

    def reset_one(self, i_stream: int) -> None:
        """One stream as just after construction."""
        check(_reset_one(self._ref, unsigned(i_stream)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_streams={self.n_streams}, state_bytes={self.state_bytes})"


class FleetCusum(Fleet):
    """CUSUM for each of n_streams; settings and alarms of kedge.Cusum."""
    _symbol, _struct, _each = "kedge_fleet_cusum", _abi.FleetCusumConfig, Cusum


class FleetDDM(Fleet):
    """DDM for each of n_streams; settings and alarms of kedge.DDM."""
    _symbol, _struct, _each = "kedge_fleet_ddm", _abi.FleetDdmConfig, DDM


class FleetEDetector(Fleet):
    """An e-detector for each of n_streams, each told that its mean stays within [low, high]; settings and signals of
    kedge.EDetector with told='bound'. With keep_evidence=1 no stream alarms by itself: discover() tells which have changed at a
    false discovery rate."""
    _symbol, _struct, _each = "kedge_fleet_e_detector", _abi.FleetEDetectorConfig, EDetector
    _own = ("keep_evidence",)

    def log_evidence(self, horizon: Optional[int] = None) -> array.array[float]:
        """Natural logarithms of the streams' e-values: for a time that does not depend on the data, or, with a horizon, for any
        time within so many observations of a stream."""
        out = array.array("d", bytes(8 * self.n_streams))
        check(_log_evidence(self._ref, unsigned(horizon or 0, 64), out.buffer_info()[0], len(out)))
        return out

    def discover(self, alpha: float, horizon: Optional[int] = None) -> list[int]:
        """The streams that have changed, of which a share of alpha at most has not, in expectation; see log_evidence(). Changes
        nothing: call reset_one() for each."""
        n = self.n_streams
        marks, work, found = _bytes(n), _words(n), c_size_t()
        check(_discover(self._ref, real(alpha), unsigned(horizon or 0, 64), work.buffer_info()[0], marks.buffer_info()[0],
                        byref(found)))
        return _marked(marks, 1, found.value)


class FleetEwmaChart(Fleet):
    """An EWMA chart for each of n_streams; settings and alarms of kedge.EwmaChart."""
    _symbol, _struct, _each = "kedge_fleet_ewma_chart", _abi.FleetEwmaChartConfig, EwmaChart


class FleetPageHinkley(Fleet):
    """Page-Hinkley for each of n_streams; settings and alarms of kedge.PageHinkley."""
    _symbol, _struct, _each = "kedge_fleet_page_hinkley", _abi.FleetPageHinkleyConfig, PageHinkley
