# SPDX-License-Identifier: MIT
"""Metrics of a model in service: how often it is right, how long a row takes, how many rows a second."""
import ctypes
from ctypes import POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._object import Noun, Object, configure
from .errors import ShapeError, check


def _bind(name, *arguments):
    return function(core, f"kedge_{name}", c_int32, c_void_p, *arguments)


_merge = _bind("metric_merge", c_void_p)
_quality_record = _bind("quality_record", c_uint32, c_uint32, c_double)
_quality_record_many = _bind("quality_record_many", c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_quality_read = _bind("quality_read", POINTER(_abi.QualityReport))
_quality_read_class = _bind("quality_read_class", c_uint32, POINTER(_abi.QualityClassReport))
_quality_read_cell = _bind("quality_read_cell", c_uint32, c_uint32, POINTER(c_double))
_latency_record = _bind("latency_record", c_uint64)
_latency_quantile = _bind("latency_quantile", c_double, POINTER(c_uint64))
_latency_read = _bind("latency_read", POINTER(_abi.LatencyReport))
_throughput_record = _bind("throughput_record", c_uint64, c_uint64)
_throughput_read = _bind("throughput_read", POINTER(_abi.ThroughputReport))


class Metric(Object):
    """Base of all metrics."""
    _noun = Noun("metric")
    _struct = None
    _choices = {}

    def _construct(self, shape, settings):
        config = self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, *([c_uint32] * len(shape)))
        check(init(byref(config), ctypes.sizeof(config), *shape))
        configure(config, settings, self._choices)
        self._make(config)

    def merge(self, other):
        """Add what another object of the same configuration has recorded."""
        if not isinstance(other, Metric):
            raise TypeError("merge takes another metric")
        check(_merge(self._ref, other._ref))

    def __repr__(self):
        return f"{type(self).__name__}({self.report!r})"


class Quality(Metric):
    """Confusion matrix and what follows from it. Settings: over='all', 'window' or 'fading', window=1000, fading=0.999."""
    _symbol, _struct = "kedge_quality", _abi.QualityConfig
    _choices = {"over": {"all": constants["KEDGE_OVER_ALL"], "window": constants["KEDGE_OVER_WINDOW"],
                         "fading": constants["KEDGE_OVER_FADING"]}}

    def __init__(self, n_classes=2, **settings):
        self._construct((n_classes,), settings)

    def record(self, truth, predicted, weight=1.0):
        """Record one decision."""
        if truth < 0 or predicted < 0:
            check(constants["KEDGE_ERR_RANGE"])
        check(_quality_record(self._ref, int(truth), int(predicted), weight))

    def record_many(self, truth, predicted, weight=None):
        """Record a batch of decisions. An error's `used` tells how many were recorded."""
        t, p = _arrays.uint32s(truth), _arrays.uint32s(predicted)
        w = _arrays.doubles(weight) if weight is not None else (None, None, t[2])
        if not t[2] == p[2] == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_quality_record_many(self._ref, t[1], p[1], w[1], t[2], byref(used)), used.value)

    @property
    def report(self):
        """All figures; nan before anything was recorded."""
        out = _abi.QualityReport()
        check(_quality_read(self._ref, byref(out)))
        return out

    def of_class(self, i_class):
        """Figures of one class against all others."""
        out = _abi.QualityClassReport()
        check(_quality_read_class(self._ref, i_class, byref(out)))
        return out

    def cell(self, truth, predicted):
        """Weight of one cell of the confusion matrix."""
        out = c_double()
        check(_quality_read_cell(self._ref, truth, predicted, byref(out)))
        return out.value


class Latency(Metric):
    """Histogram of durations with a bounded relative error. Settings: highest=3600e9 (ns), digits=2."""
    _symbol, _struct = "kedge_latency", _abi.LatencyConfig

    def __init__(self, **settings):
        self._construct((), settings)

    def record(self, ns):
        """Record one duration in nanoseconds."""
        if ns < 0:
            check(constants["KEDGE_ERR_RANGE"])
        check(_latency_record(self._ref, int(ns)))

    def quantile(self, q):
        """The duration that a share q of all do not exceed; 0 before anything was recorded."""
        out = c_uint64()
        check(_latency_quantile(self._ref, q, byref(out)))
        return out.value

    @property
    def report(self):
        """p50, p90, p99, p99.9, min, max, mean."""
        out = _abi.LatencyReport()
        check(_latency_read(self._ref, byref(out)))
        return out


class Throughput(Metric):
    """Items a second, over the whole run and recently. Settings: half_life_ns=10e9."""
    _symbol, _struct = "kedge_throughput", _abi.ThroughputConfig

    def __init__(self, **settings):
        self._construct((), settings)

    def record(self, now_ns, n_items=1):
        """Record finished items at a time of a monotonic clock, for example time.monotonic_ns()."""
        check(_throughput_record(self._ref, now_ns, n_items))

    @property
    def report(self):
        """Rates; nan until time has passed."""
        out = _abi.ThroughputReport()
        check(_throughput_read(self._ref, byref(out)))
        return out
