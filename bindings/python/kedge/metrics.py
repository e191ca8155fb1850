# SPDX-License-Identifier: MIT
"""Metrics of a model in service: how often it is right, how long a row takes, how many rows a second."""
from __future__ import annotations

import array
import ctypes
from ctypes import CFUNCTYPE, POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, Optional, Sequence

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import Noun, Object, aligned, configure
from .detectors import Status
from .errors import ConfigError, ShapeError, check
from .models import Model


def _bind(name: str, *arguments: Any) -> Any:
    return function(core, f"kedge_{name}", c_int32, c_void_p, *arguments)


_merge = _bind("metric_merge", c_void_p)
_detection_record = _bind("detection_record", c_int32, c_int32)
_detection_record_many = _bind("detection_record_many", c_void_p, c_void_p, c_size_t)
_detection_end = _bind("detection_end")
_detection_read = _bind("detection_read", POINTER(_abi.DetectionReport))
_quality_record = _bind("quality_record", c_uint32, c_uint32, c_double)
_quality_record_many = _bind("quality_record_many", c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_quality_read = _bind("quality_read", POINTER(_abi.QualityReport))
_quality_read_class = _bind("quality_read_class", c_uint32, POINTER(_abi.QualityClassReport))
_quality_read_cell = _bind("quality_read_cell", c_uint32, c_uint32, POINTER(c_double))
_latency_record = _bind("latency_record", c_uint64)
_latency_record_many = _bind("latency_record_many", c_void_p, c_size_t)
_latency_record_times = _bind("latency_record_times", c_uint64, c_uint64)
_latency_record_expected = _bind("latency_record_expected", c_uint64, c_uint64)
_latency_advance = _bind("latency_advance", c_uint64)
_latency_quantile = _bind("latency_quantile", c_double, POINTER(c_uint64))
_latency_share = _bind("latency_share", c_uint64, POINTER(c_double))
_latency_count = _bind("latency_count", c_uint64, c_uint64, POINTER(c_uint64))
_latency_read = _bind("latency_read", POINTER(_abi.LatencyReport))
_latency_read_life = _bind("latency_read_life", POINTER(_abi.LatencyReport))
_latency_copy = _bind("latency_copy", c_uint64, c_void_p)
_latency_shared_record = _bind("latency_shared_record", c_uint32, c_uint64)
_latency_shared_collect = _bind("latency_shared_collect", c_void_p)
_backlog_arrive = _bind("backlog_arrive", c_uint64, c_uint64)
_backlog_done = _bind("backlog_done", c_uint64, c_uint64)
_backlog_read = _bind("backlog_read", POINTER(_abi.BacklogReport))
_categories_record = _bind("categories_record", c_double)
_categories_record_column = _bind("categories_record_column", c_void_p, c_size_t, POINTER(c_size_t))
_categories_read = _bind("categories_read", POINTER(_abi.CategoriesReport))
_categories_top = _bind("categories_top", c_void_p, c_size_t, POINTER(c_size_t))
_categories_find = _bind("categories_find", c_double, POINTER(_abi.Category))
_categories_compare = _bind("categories_compare", c_void_p, POINTER(_abi.CategoriesShift))
_profile_record = _bind("profile_record", c_double)
_profile_record_column = _bind("profile_record_column", c_void_p, c_size_t, POINTER(c_size_t))
_profile_read = _bind("profile_read", POINTER(_abi.ProfileReport))
_profile_quantile = _bind("profile_quantile", c_double, POINTER(c_double))
_profile_shares = _bind("profile_shares", c_void_p, c_void_p, c_size_t)
_profile_compare = _bind("profile_compare", c_void_p, POINTER(_abi.ProfileShift))
_slices_record = _bind("slices_record", c_uint64, c_int32)
_slices_record_many = _bind("slices_record_many", c_void_p, c_void_p, c_size_t)
_slices_read = _bind("slices_read", POINTER(_abi.SlicesReport))
_slices_worst = _bind("slices_worst", c_void_p, c_size_t, POINTER(c_size_t))
_slices_find = _bind("slices_find", c_uint64, POINTER(_abi.Slice))
_paired_record = _bind("paired_record", c_double, c_double, c_double)
_paired_record_many = _bind("paired_record_many", c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_paired_read = _bind("paired_read", POINTER(_abi.PairedReport))
_mcnemar = function(core, "kedge_mcnemar", c_int32, c_uint64, c_uint64, POINTER(_abi.McnemarReport))
_regression_record = _bind("regression_record", c_double, c_double, c_double)
_regression_record_many = _bind("regression_record_many", c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_regression_read = _bind("regression_read", POINTER(_abi.RegressionReport))
_fairness_record = _bind("fairness_record", c_uint32, c_uint32, c_uint32, c_double, c_double)
_fairness_record_many = _bind("fairness_record_many", *[c_void_p] * 5, c_size_t, POINTER(c_size_t))
_fairness_forget = _bind("fairness_forget", c_uint32, c_uint32, c_uint32, c_double, c_double)
_fairness_read = _bind("fairness_read", POINTER(_abi.FairnessReport))
_fairness_read_group = _bind("fairness_read_group", c_uint32, POINTER(_abi.FairnessGroupReport))
_fairness_read_bin = _bind("fairness_read_bin", c_uint32, c_uint32, POINTER(_abi.FairnessBinReport))
_fairness_read_cell = _bind("fairness_read_cell", c_uint32, c_uint32, c_uint32, POINTER(c_double))
_fairness_compare = _bind("fairness_compare", c_uint32, POINTER(_abi.FairnessComparison))
_fairness_compare_pair = _bind("fairness_compare_pair", c_uint32, c_uint32, c_uint32, POINTER(_abi.FairnessGap))
_reliability_record = _bind("reliability_record", c_uint32, c_void_p, c_size_t, c_double)
_reliability_record_many = _bind("reliability_record_many", c_void_p, c_void_p, c_void_p, POINTER(c_size_t))
_reliability_read = _bind("reliability_read", POINTER(_abi.ReliabilityReport))
_reliability_read_bin = _bind("reliability_read_bin", c_uint32, POINTER(_abi.ReliabilityBinReport))
_ranking_work = function(core, "kedge_ranking_work", c_size_t, c_size_t)
_ranking_measure = function(core, "kedge_ranking_measure", c_int32, POINTER(_abi.RankingOptions), c_void_p, c_void_p, c_void_p,
                            c_size_t, c_void_p, c_size_t, POINTER(_abi.RankingReport))
_ranking_compare_work = function(core, "kedge_ranking_compare_work", c_size_t, c_size_t)
_ranking_compare = function(core, "kedge_ranking_compare", c_int32, c_double, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p,
                            c_size_t, POINTER(_abi.RankingComparison))
_cost_add = _bind("cost_add", c_uint32, c_uint64, c_uint64, c_uint64)
_cost_hold = _bind("cost_hold", c_uint64, c_uint64)
_cost_gain = _bind("cost_gain", c_double)
_cost_read = _bind("cost_read", POINTER(_abi.CostReport))
_cost_price = _bind("cost_price", c_uint64, c_uint64, POINTER(_abi.CostPart))
_cost_read_kind = _bind("cost_read_kind", c_uint32, POINTER(_abi.CostPart))
_cost_worth = function(core, "kedge_cost_worth", c_int32, POINTER(_abi.CostCase), POINTER(_abi.CostVerdict))
_joiner_add = _bind("joiner_add", POINTER(_abi.Prediction))
_joiner_add_many = _bind("joiner_add_many", c_void_p, c_size_t, POINTER(c_size_t))
_joiner_join = _bind("joiner_join", c_uint64, c_uint64, c_double, POINTER(_abi.Joined))
_joiner_join_many = _bind("joiner_join_many", c_void_p, c_void_p, c_size_t, c_uint64, c_void_p, POINTER(c_size_t),
                          POINTER(c_size_t))
_joiner_expire = _bind("joiner_expire", c_uint64)
_joiner_find = _bind("joiner_find", c_uint64, POINTER(_abi.Prediction))
_joiner_oldest = _bind("joiner_oldest", POINTER(_abi.Prediction))
_joiner_read = _bind("joiner_read", POINTER(_abi.JoinerReport))
_slo_record_many = _bind("slo_record_many", c_uint64, c_uint64, c_uint64)
_slo_read = _bind("slo_read", POINTER(_abi.SloReport))
_cbpe_record = _bind("cbpe_record", c_uint32, c_void_p, c_size_t, c_double)
_cbpe_record_many = _bind("cbpe_record_many", c_void_p, c_void_p, c_void_p, POINTER(c_size_t))
_cbpe_read = _bind("cbpe_read", POINTER(_abi.CbpeReport))
_cbpe_read_class = _bind("cbpe_read_class", c_uint32, POINTER(_abi.CbpeClassReport))
_cbpe_read_cell = _bind("cbpe_read_cell", c_uint32, c_uint32, POINTER(c_double))
_dle_record = _bind("dle_record", c_double, c_double)
_dle_record_many = _bind("dle_record_many", c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_dle_ask = _bind("dle_ask", c_void_p, c_void_p, c_double)
_dle_read = _bind("dle_read", POINTER(_abi.DleReport))
_auc_stream_record = _bind("auc_stream_record", c_uint32, c_double, c_double)
_auc_stream_record_many = _bind("auc_stream_record_many", c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_auc_stream_expect = _bind("auc_stream_expect", c_double, c_double, c_double)
_auc_stream_read = _bind("auc_stream_read", POINTER(_abi.AucStreamReport))
_auc_window_record = _bind("auc_window_record", c_uint32, c_double)
_auc_window_record_many = _bind("auc_window_record_many", c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_auc_window_read = _bind("auc_window_read", POINTER(_abi.AucWindowReport))
_auc_window_measure = _bind("auc_window_measure", POINTER(_abi.RankingOptions), c_void_p, c_size_t, POINTER(_abi.RankingReport))
_throughput_record = _bind("throughput_record", c_uint64, c_uint64)
_throughput_read = _bind("throughput_read", POINTER(_abi.ThroughputReport))
_upkeep_event = _bind("upkeep_event", c_uint32, c_uint64)
_upkeep_read = _bind("upkeep_read", POINTER(_abi.UpkeepReport))


class Metric(Object):
    """Base of all metrics."""
    _noun = Noun("metric")
    _struct: Any
    _choices: dict[str, dict[str, int]] = {}

    def _construct(self, shape: tuple[int, ...], settings: dict[str, Any]) -> None:
        config = self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, *([c_uint32] * len(shape)))
        check(init(byref(config), ctypes.sizeof(config), *shape))
        configure(config, settings, self._choices)
        self._make(config)

    @property
    def report(self) -> _abi.Report:
        """All figures at once."""
        raise NotImplementedError

    def merge(self, other: Metric) -> None:
        """Add what another object of the same configuration has recorded."""
        if not isinstance(other, Metric):
            raise TypeError("merge takes another metric")
        check(_merge(self._ref, other._ref))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.report!r})"


_OVER = {"over": {name: constants["KEDGE_OVER_" + name.upper()] for name in ("all", "window", "fading", "tumbling")}}


class Quality(Metric):
    """Confusion matrix and what follows from it. Settings: over='all', 'window', 'fading' or 'tumbling', window=1000, fading=0.999,
    beta=1 (of F-beta), confidence=0.95 (of the accuracy's interval)."""
    _symbol, _struct, _choices = "kedge_quality", _abi.QualityConfig, _OVER

    def __init__(self, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_classes),), settings)

    def record(self, truth: int, predicted: int, weight: float = 1.0) -> None:
        """Record one decision."""
        check(_quality_record(self._ref, unsigned(truth), unsigned(predicted), real(weight)))

    def record_many(self, truth: _arrays.Numbers, predicted: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch of decisions. An error's `used` tells how many were recorded."""
        t, p = _arrays.uint32s(truth), _arrays.uint32s(predicted)
        w = _arrays.doubles(weight) if weight is not None else (None, None, t[2])
        if not t[2] == p[2] == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_quality_record_many(self._ref, t[1], p[1], w[1], t[2], byref(used)), used.value)

    @property
    def report(self) -> _abi.QualityReport:
        """All figures; nan before anything was recorded."""
        out = _abi.QualityReport()
        check(_quality_read(self._ref, byref(out)))
        return out

    def of_class(self, i_class: int) -> _abi.QualityClassReport:
        """Figures of one class against all others."""
        out = _abi.QualityClassReport()
        check(_quality_read_class(self._ref, unsigned(i_class), byref(out)))
        return out

    def cell(self, truth: int, predicted: int) -> float:
        """Weight of one cell of the confusion matrix."""
        out = c_double()
        check(_quality_read_cell(self._ref, unsigned(truth), unsigned(predicted), byref(out)))
        return out.value


class Paired(Metric):
    """Two models' losses on the same rows: their mean difference (second minus first) with its interval and test, Gama's Q, and an
    interval that holds however often one looks. Settings: over='all', 'window', 'fading' or 'tumbling', window=1000, fading=0.999,
    confidence=0.95, loss_max=1."""
    _symbol, _struct, _choices = "kedge_paired", _abi.PairedConfig, _OVER

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, first: float, second: float, weight: float = 1.0) -> None:
        """Record what both models lost on one row."""
        check(_paired_record(self._ref, real(first), real(second), real(weight)))

    def record_many(self, first: _arrays.Numbers, second: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch. An error's `used` tells how many were recorded."""
        a, b = _arrays.doubles(first), _arrays.doubles(second)
        w = _arrays.doubles(weight) if weight is not None else (None, None, a[2])
        if not a[2] == b[2] == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_paired_record_many(self._ref, a[1], b[1], w[1], a[2], byref(used)), used.value)

    @property
    def report(self) -> _abi.PairedReport:
        """All figures; nan before anything was recorded."""
        out = _abi.PairedReport()
        check(_paired_read(self._ref, byref(out)))
        return out


def mcnemar(only_first: int, only_second: int) -> _abi.McnemarReport:
    """McNemar's test of two classifiers by the rows on which one of them alone is right: exact, mid-p and chi-squared."""
    out = _abi.McnemarReport()
    check(_mcnemar(unsigned(only_first, 64), unsigned(only_second, 64), byref(out)))
    return out


class RegressionQuality(Metric):
    """MAE, MSE, RMSE, MAPE, sMAPE, R2, quantile loss and bias. Settings: over='all', 'window', 'fading' or 'tumbling', window=1000,
    fading=0.999, quantile=0.5."""
    _symbol, _struct, _choices = "kedge_regression", _abi.RegressionConfig, _OVER

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, truth: float, predicted: float, weight: float = 1.0) -> None:
        """Record one prediction."""
        check(_regression_record(self._ref, real(truth), real(predicted), real(weight)))

    def record_many(self, truth: _arrays.Numbers, predicted: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch of predictions. An error's `used` tells how many were recorded."""
        t, p = _arrays.doubles(truth), _arrays.doubles(predicted)
        w = _arrays.doubles(weight) if weight is not None else (None, None, t[2])
        if not t[2] == p[2] == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_regression_record_many(self._ref, t[1], p[1], w[1], t[2], byref(used)), used.value)

    @property
    def report(self) -> _abi.RegressionReport:
        """All figures; nan before anything was recorded."""
        out = _abi.RegressionReport()
        check(_regression_read(self._ref, byref(out)))
        return out


class Reliability(Metric):
    """Are probabilities right? Log loss, Brier score, calibration error and the bins of a reliability diagram. Settings:
    over='all', 'window', 'fading' or 'tumbling', window=1000, fading=0.999, n_bins=10, binned=None (of the predicted class) or a
    class."""
    _symbol, _struct, _choices = "kedge_reliability", _abi.ReliabilityConfig, _OVER

    def __init__(self, n_classes: int = 2, binned: Optional[int] = None, **settings: Any) -> None:
        self._construct((unsigned(n_classes),), {**settings, "binned": constants["KEDGE_TOP_CLASS"] if binned is None
                                                 else unsigned(binned)})

    def record(self, truth: int, scores: _arrays.Numbers, weight: float = 1.0) -> None:
        """Record the probabilities that were predicted and the class that it was."""
        p = _arrays.doubles(scores)
        check(_reliability_record(self._ref, unsigned(truth), p[1], p[2], real(weight)))

    def record_many(self, truth: _arrays.Numbers, scores: Any, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch: a table with one column a class. An error's `used` tells how many were recorded."""
        t = _arrays.uint32s(truth)
        owner, rows = _arrays.table(scores)
        w = _arrays.doubles(weight) if weight is not None else (None, None, t[2])
        if not t[2] == rows.n_rows == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_reliability_record_many(self._ref, t[1], byref(rows), w[1], byref(used)), used.value)
        del owner

    @property
    def report(self) -> _abi.ReliabilityReport:
        """All figures; nan before anything was recorded."""
        out = _abi.ReliabilityReport()
        check(_reliability_read(self._ref, byref(out)))
        return out

    def bin(self, i_bin: int) -> _abi.ReliabilityBinReport:
        """One bin of the reliability diagram."""
        out = _abi.ReliabilityBinReport()
        check(_reliability_read_bin(self._ref, unsigned(i_bin), byref(out)))
        return out


class Fairness(Metric):
    """Are groups treated alike? Groups are numbers from 0, outcome 1 is the favourable one. Settings: over='all', 'window',
    'fading' or 'tumbling', window=1000, fading=0.999, confidence=0.95, n_bins=10, min_rows=30, skip_small=False,
    undefined_as_zero=False (True: as fairlearn)."""
    _symbol, _struct, _choices = "kedge_fairness", _abi.FairnessConfig, _OVER
    _rates = {name: constants["KEDGE_RATE_" + name.upper()]
              for name in ("selected", "true_positive", "false_positive", "precision", "accuracy", "base", "calibration")}

    def __init__(self, n_groups: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_groups),), settings)

    def record(self, group: int, truth: int, predicted: int, score: Optional[float] = None, weight: float = 1.0) -> None:
        """Record one decision, with the score that it was taken from where there is one."""
        check(_fairness_record(self._ref, unsigned(group), unsigned(truth), unsigned(predicted),
                               real(predicted if score is None else score), real(weight)))

    def record_many(self, group: _arrays.Numbers, truth: _arrays.Numbers, predicted: _arrays.Numbers,
                    score: Optional[_arrays.Numbers] = None, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch of decisions. An error's `used` tells how many were recorded."""
        g, t, p = _arrays.uint32s(group), _arrays.uint32s(truth), _arrays.uint32s(predicted)
        s, w = (_arrays.doubles(x) if x is not None else (None, None, g[2]) for x in (score, weight))
        if not g[2] == t[2] == p[2] == s[2] == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_fairness_record_many(self._ref, g[1], t[1], p[1], s[1], w[1], g[2], byref(used)), used.value)

    def forget(self, group: int, truth: int, predicted: int, score: Optional[float] = None, weight: float = 1.0) -> None:
        """Forget a decision that was recorded; only with over='all'."""
        check(_fairness_forget(self._ref, unsigned(group), unsigned(truth), unsigned(predicted),
                               real(predicted if score is None else score), real(weight)))

    @property
    def report(self) -> _abi.FairnessReport:
        """The usual figures; nan before anything was recorded."""
        out = _abi.FairnessReport()
        check(_fairness_read(self._ref, byref(out)))
        return out

    def of_group(self, group: int) -> _abi.FairnessGroupReport:
        """All rates of one group, with their intervals."""
        out = _abi.FairnessGroupReport()
        check(_fairness_read_group(self._ref, unsigned(group), byref(out)))
        return out

    def bin(self, group: int, i_bin: int) -> _abi.FairnessBinReport:
        """One bin of a group's reliability diagram."""
        out = _abi.FairnessBinReport()
        check(_fairness_read_bin(self._ref, unsigned(group), unsigned(i_bin), byref(out)))
        return out

    def cell(self, group: int, truth: int, predicted: int) -> float:
        """Weight of one cell of a group's confusion matrix."""
        out = c_double()
        check(_fairness_read_cell(self._ref, unsigned(group), unsigned(truth), unsigned(predicted), byref(out)))
        return out.value

    def compare(self, rate: str = "selected") -> _abi.FairnessComparison:
        """All groups by 'selected', 'true_positive', 'false_positive', 'precision', 'accuracy', 'base' or 'calibration'."""
        out = _abi.FairnessComparison()
        check(_fairness_compare(self._ref, self._rates[rate], byref(out)))
        return out

    def compare_pair(self, rate: str, group: int, reference: int) -> _abi.FairnessGap:
        """A group against one that was chosen beforehand."""
        out = _abi.FairnessGap()
        check(_fairness_compare_pair(self._ref, self._rates[rate], unsigned(group), unsigned(reference), byref(out)))
        return out


def _labels(labels: _arrays.Numbers, n: int) -> Any:
    data = bytes(bytearray(unsigned(x) for x in labels))
    if len(data) != n:
        raise ShapeError("sequences of different lengths")
    return ctypes.create_string_buffer(data, max(n, 1))


def ranking(scores: _arrays.Numbers, labels: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *, max_fpr: float = 0.1,
            lift_at: float = 0.1, confidence: float = 0.95) -> _abi.RankingReport:
    """Exact areas under the ROC and the precision-recall curve, partial area, Kolmogorov-Smirnov statistic and lift of scores of
    class 1."""
    x = _arrays.doubles(scores)
    y = _labels(labels, x[2])
    w = _arrays.doubles(weight) if weight is not None else (None, None, x[2])
    if w[2] != x[2]:
        raise ShapeError("sequences of different lengths")
    work = ctypes.create_string_buffer(_ranking_work(x[2]))
    options = _abi.RankingOptions(real(max_fpr), real(lift_at), real(confidence))
    out = _abi.RankingReport()
    check(_ranking_measure(byref(options), x[1], y, w[1], x[2], work, len(work), byref(out)))
    return out


def compare_rankings(first: _arrays.Numbers, second: _arrays.Numbers, labels: _arrays.Numbers,
                     confidence: float = 0.95) -> _abi.RankingComparison:
    """Has one of two models the greater area under the ROC curve? The paired test of DeLong on scores of the same rows."""
    a, b = _arrays.doubles(first), _arrays.doubles(second)
    if a[2] != b[2]:
        raise ShapeError("sequences of different lengths")
    work = ctypes.create_string_buffer(_ranking_compare_work(a[2]))
    out = _abi.RankingComparison()
    check(_ranking_compare(real(confidence), a[1], b[1], _labels(labels, a[2]), a[2], work, len(work), byref(out)))
    return out


_BootstrapValues = CFUNCTYPE(None, c_void_p, POINTER(c_uint32), POINTER(c_double))
_bootstrap = function(core, "kedge_bootstrap", c_int32, POINTER(_abi.BootstrapOptions), c_size_t, _BootstrapValues, c_void_p,
                      c_void_p, c_size_t, POINTER(_abi.Figure))
_bootstrap_work = function(core, "kedge_bootstrap_work", c_size_t, POINTER(_abi.BootstrapOptions), c_size_t)


def bootstrap(statistic: Callable[[Sequence[int]], float], n: int, confidence: float = 0.95, n_resamples: int = 1000,
              block: int = 1, seed: int = 1) -> _abi.Figure:
    """Confidence interval (BCa) of any statistic of n rows that you hold: statistic(times) is given how often each row counts, and
    nan where these determine none. Where rows hang together in time, block is how many are drawn together. What it raises ends the
    call."""
    options = _abi.BootstrapOptions(real(confidence), unsigned(seed, 64), unsigned(block, 64), 1, unsigned(n_resamples))
    failures: list[BaseException] = []

    def tell(_context: Any, times: Any, values: Any) -> None:
        values[0] = float("nan")
        if not failures:
            try:
                values[0] = real(statistic(times[:n]))
            except BaseException as failure:  # no exception may cross C
                failures.append(failure)

    n_work, out = _bootstrap_work(byref(options), n), _abi.Figure()
    work = aligned(max(n_work, 1))
    st = _bootstrap(byref(options), unsigned(n, 64), _BootstrapValues(tell), None, work, n_work, byref(out))
    if failures:
        raise failures[0]
    check(st)
    return out


class Joiner(Metric):
    """Keeps predictions, by an id, until their label comes, in time that never goes back: nanoseconds, or a count. Settings:
    capacity=10000, max_age (default: none expires)."""
    _symbol, _struct = "kedge_joiner", _abi.JoinerConfig

    def __init__(self, capacity: int = 10000, **settings: Any) -> None:
        self._construct((), {"capacity": unsigned(capacity), **settings})

    def add(self, id: int, at: int, predicted: float, score: float = 0.0, weight: float = 1.0) -> None:
        """Keep a prediction. An id that waits already is refused."""
        check(_joiner_add(self._ref, byref(_abi.Prediction(unsigned(id, 64), unsigned(at, 64), real(predicted), real(score),
                                                           real(weight)))))

    def add_many(self, ids: _arrays.Numbers, at: _arrays.Numbers, predicted: _arrays.Numbers,
                 score: Optional[_arrays.Numbers] = None, weight: Optional[_arrays.Numbers] = None) -> None:
        """Keep a batch, in the order of time. An error's `used` tells how many were kept."""
        columns = [list(ids), list(at), list(predicted)]
        n = len(columns[0])
        columns += [[0.0] * n if score is None else list(score), [1.0] * n if weight is None else list(weight)]
        if any(len(column) != n for column in columns):
            raise ShapeError("sequences of different lengths")
        rows = (_abi.Prediction * n)(*((unsigned(i, 64), unsigned(t, 64), real(p), real(s), real(w))
                                       for i, t, p, s, w in zip(*columns)))
        used = c_size_t()
        check(_joiner_add_many(self._ref, rows, n, byref(used)), used.value)

    def join_many(self, ids: _arrays.Numbers, at: int, truth: _arrays.Numbers) -> list[_abi.Joined]:
        """Tell truths that have come together and take the pairs out, in their order; a label that no prediction waits for is
        passed over. An error's `used` tells how many were told; the pairs of these are gone."""
        i, y = _arrays.uint64s(ids), _arrays.doubles(truth)
        if i[2] != y[2]:
            raise ShapeError("sequences of different lengths")
        pairs, n, used = (_abi.Joined * y[2])(), c_size_t(), c_size_t()
        check(_joiner_join_many(self._ref, i[1], y[1], y[2], unsigned(at, 64), pairs, byref(n), byref(used)), used.value)
        return list(pairs[:n.value])

    def join(self, id: int, at: int, truth: float) -> _abi.Joined:
        """Tell the truth of a prediction and take the pair out; UnknownIdError if none of this id waits."""
        out = _abi.Joined()
        check(_joiner_join(self._ref, unsigned(id, 64), unsigned(at, 64), real(truth), byref(out)))
        return out

    def expire(self, at: int) -> None:
        """Tell the time, so that what is too old expires."""
        check(_joiner_expire(self._ref, unsigned(at, 64)))

    def find(self, id: int) -> _abi.Prediction:
        """A prediction that waits."""
        out = _abi.Prediction()
        check(_joiner_find(self._ref, unsigned(id, 64), byref(out)))
        return out

    @property
    def oldest(self) -> Optional[_abi.Prediction]:
        """The oldest prediction that waits: the next to expire or to give way."""
        out = _abi.Prediction()
        return out if check(_joiner_oldest(self._ref, byref(out))) == 0 else None

    @property
    def report(self) -> _abi.JoinerReport:
        """What has become of the predictions."""
        out = _abi.JoinerReport()
        check(_joiner_read(self._ref, byref(out)))
        return out


_WORK = {name: constants["KEDGE_COST_" + name.upper()] for name in ("predict", "learn", "train", "evaluate", "other")}


def _work(kind: str) -> int:
    if kind not in _WORK:
        raise ValueError(f"kind is one of {', '.join(_WORK)}, not {kind!r}")
    return _WORK[kind]


class Cost(Metric):
    """What a model in service uses, at your prices. Settings, all 0 by default: price_compute (a second), price_held (a GiB for
    an hour), price_moved (a GiB), price_energy (a kilowatt-hour), watts (while computing)."""
    _symbol, _struct = "kedge_cost", _abi.CostConfig

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def add(self, kind: str, n: int, compute_ns: int, bytes_moved: int = 0) -> None:
        """Record work: 'predict', 'learn', 'train', 'evaluate' or 'other'; n rows, or trainings."""
        check(_cost_add(self._ref, _work(kind), unsigned(n, 64), unsigned(compute_ns, 64), unsigned(bytes_moved, 64)))

    def hold(self, n_bytes: int, time_ns: int) -> None:
        """Tell how many bytes are held from now on; time never goes back."""
        check(_cost_hold(self._ref, unsigned(n_bytes, 64), unsigned(time_ns, 64)))

    def gain(self, points: float) -> None:
        """Tell how many points of accuracy a training brought, once for each."""
        check(_cost_gain(self._ref, real(points)))

    @property
    def report(self) -> _abi.CostReport:
        """All figures; those that are not determined are nan."""
        out = _abi.CostReport()
        check(_cost_read(self._ref, byref(out)))
        return out

    def price(self, compute_ns: int, bytes_moved: int = 0) -> _abi.CostPart:
        """What so much work costs, without recording it."""
        out = _abi.CostPart()
        check(_cost_price(self._ref, unsigned(compute_ns, 64), unsigned(bytes_moved, 64), byref(out)))
        return out

    def of_kind(self, kind: str) -> _abi.CostPart:
        """Figures of one kind of work."""
        out = _abi.CostPart()
        check(_cost_read_kind(self._ref, _work(kind), byref(out)))
        return out


def cost_worth(gain: float, low: float, high: float, right_value: float, rows: float, price: float) -> _abi.CostVerdict:
    """Is a retraining worth its price? The gain in points of accuracy that is expected, and its range; what a right answer is worth
    more than a wrong one; rows to be predicted before the next retraining; the price of the training."""
    out = _abi.CostVerdict()
    case = _abi.CostCase(*map(real, (gain, low, high, right_value, rows, price)))
    check(_cost_worth(byref(case), byref(out)))
    return out


class CBPE(Metric):
    """Quality of a classifier without labels, as its calibrated probabilities let expect it (NannyML's CBPE). Settings: over='all',
    'window', 'fading' or 'tumbling', window=1000, fading=0.999, confidence=0.95."""
    _symbol, _struct, _choices = "kedge_cbpe", _abi.CbpeConfig, _OVER

    def __init__(self, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_classes),), settings)

    def record(self, predicted: int, scores: _arrays.Numbers, weight: float = 1.0) -> None:
        """Record a prediction and its probabilities."""
        p = _arrays.doubles(scores)
        check(_cbpe_record(self._ref, unsigned(predicted), p[1], p[2], real(weight)))

    def record_many(self, predicted: _arrays.Numbers, scores: Any, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch: a table with one column a class. An error's `used` tells how many were recorded."""
        d = _arrays.uint32s(predicted)
        owner, rows = _arrays.table(scores)
        w = _arrays.doubles(weight) if weight is not None else (None, None, d[2])
        if not d[2] == rows.n_rows == w[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_cbpe_record_many(self._ref, d[1], byref(rows), w[1], byref(used)), used.value)
        del owner

    @property
    def report(self) -> _abi.CbpeReport:
        """All figures; nan before anything was recorded."""
        out = _abi.CbpeReport()
        check(_cbpe_read(self._ref, byref(out)))
        return out

    def of_class(self, i_class: int) -> _abi.CbpeClassReport:
        """Figures of one class against all others."""
        out = _abi.CbpeClassReport()
        check(_cbpe_read_class(self._ref, unsigned(i_class), byref(out)))
        return out

    def cell(self, truth: int, predicted: int) -> float:
        """Expected weight of one cell of the confusion matrix."""
        out = c_double()
        check(_cbpe_read_cell(self._ref, unsigned(truth), unsigned(predicted), byref(out)))
        return out.value


class DLE(Metric):
    """Loss of a regression without labels, from the losses that a second model estimates (NannyML's DLE). Settings: over='all',
    'window',
    'fading' or 'tumbling', window=1000, fading=0.999, confidence=0.95, residual=0."""
    _symbol, _struct, _choices = "kedge_dle", _abi.DleConfig, _OVER

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, loss: float, weight: float = 1.0) -> None:
        """Record an estimated loss."""
        check(_dle_record(self._ref, real(loss), real(weight)))

    def record_many(self, loss: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch. An error's `used` tells how many were recorded."""
        x = _arrays.doubles(loss)
        w = _arrays.doubles(weight) if weight is not None else (None, None, x[2])
        if w[2] != x[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_dle_record_many(self._ref, x[1], w[1], x[2], byref(used)), used.value)

    def ask(self, model: Model, x: _arrays.Numbers, weight: float = 1.0) -> None:
        """Ask the regression that estimates losses for a row's, and record it."""
        owner, address = _arrays.row(x, model._n_features)
        check(_dle_ask(self._ref, model._ref, address, real(weight)))
        del owner

    @property
    def report(self) -> _abi.DleReport:
        """The expected loss; nan before anything was recorded."""
        out = _abi.DleReport()
        check(_dle_read(self._ref, byref(out)))
        return out


class AucStream(Metric):
    """Areas under the ROC and the precision-recall curve of a stream in fixed memory, with bounds of their error. Settings:
    over='all', 'fading' or 'tumbling', fading=0.999, window=1000, scores='probability' or 'real', bits=7, octaves=24."""
    _symbol, _struct = "kedge_auc_stream", _abi.AucStreamConfig
    _choices = {**_OVER, "scores": {name: constants["KEDGE_SCORES_" + name.upper()] for name in ("probability", "real")}}

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, truth: int, score: float, weight: float = 1.0) -> None:
        """Record a score of class 1 and the class that it was."""
        check(_auc_stream_record(self._ref, unsigned(truth), real(score), real(weight)))

    def record_many(self, labels: _arrays.Numbers, scores: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Record a batch. An error's `used` tells how many were recorded."""
        x = _arrays.doubles(scores)
        y = _labels(labels, x[2])
        w = _arrays.doubles(weight) if weight is not None else (None, None, x[2])
        if w[2] != x[2]:
            raise ShapeError("sequences of different lengths")
        used = c_size_t()
        check(_auc_stream_record_many(self._ref, y, x[1], w[1], x[2], byref(used)), used.value)

    def expect(self, score: float, probability: Optional[float] = None, weight: float = 1.0) -> None:
        """Record a score without its class, by the calibrated probability of class 1, which is the score if it is not given."""
        check(_auc_stream_expect(self._ref, real(score), real(score if probability is None else probability), real(weight)))

    @property
    def report(self) -> _abi.AucStreamReport:
        """The areas and their bounds; nan while a class is missing."""
        out = _abi.AucStreamReport()
        check(_auc_stream_read(self._ref, byref(out)))
        return out


class AucWindow(Metric):
    """Exact area under the ROC curve of the newest records, kept up to date at each. Setting: window=1000."""
    _symbol, _struct = "kedge_auc_window", _abi.AucWindowConfig

    def __init__(self, window: int = 1000, **settings: Any) -> None:
        self._construct((), {"window": unsigned(window), **settings})

    def record(self, truth: int, score: float) -> None:
        """Record a score of class 1 and the class that it was."""
        check(_auc_window_record(self._ref, unsigned(truth), real(score)))

    def record_many(self, labels: _arrays.Numbers, scores: _arrays.Numbers) -> None:
        """Record a batch. An error's `used` tells how many were recorded."""
        x = _arrays.doubles(scores)
        y = _labels(labels, x[2])
        used = c_size_t()
        check(_auc_window_record_many(self._ref, y, x[1], x[2], byref(used)), used.value)

    @property
    def report(self) -> _abi.AucWindowReport:
        """The area; nan while a class is missing."""
        out = _abi.AucWindowReport()
        check(_auc_window_read(self._ref, byref(out)))
        return out

    def ranking(self, *, max_fpr: float = 0.1, lift_at: float = 0.1, confidence: float = 0.95) -> _abi.RankingReport:
        """All that ranking() tells, of the window's records."""
        work = ctypes.create_string_buffer(_ranking_work(self.report.n))
        options = _abi.RankingOptions(real(max_fpr), real(lift_at), real(confidence))
        out = _abi.RankingReport()
        check(_auc_window_measure(self._ref, byref(options), work, len(work), byref(out)))
        return out


class Categories(Metric):
    """A nominal column in a fixed buffer that can be merged, pickled and compared: its most frequent categories, exact as long as
    there are no more than it keeps. Settings: max_categories=256. A category is a number (code); nan is a missing value."""
    _symbol, _struct = "kedge_categories", _abi.CategoriesConfig

    def __init__(self, codes: Optional[_arrays.Numbers] = None, **settings: Any) -> None:
        self._construct((), settings)
        if codes is not None:
            self.record_many(codes)

    def record(self, code: float) -> None:
        """Record one value."""
        check(_categories_record(self._ref, real(code)))

    def record_many(self, codes: _arrays.Numbers) -> None:
        """Record a column: a NumPy array of float32 or float64 with any stride as it is. An error's `used` tells how many were
        recorded."""
        owner, rows = _arrays.column(codes)
        used = c_size_t()
        check(_categories_record_column(self._ref, byref(rows), 0, byref(used)), used.value)
        del owner

    def top(self, n: int = 10) -> list[_abi.Category]:
        """The n most frequent categories, in falling order."""
        out = (_abi.Category * unsigned(n))()
        held = c_size_t()
        check(_categories_top(self._ref, out, len(out), byref(held)))
        return list(out[:held.value])

    def find(self, code: float) -> _abi.Category:
        """One category."""
        out = _abi.Category()
        check(_categories_find(self._ref, real(code), byref(out)))
        return out

    def compare(self, current: Categories) -> _abi.CategoriesShift:
        """How far another column is from this one, the reference."""
        out = _abi.CategoriesShift()
        check(_categories_compare(self._ref, current._ref, byref(out)))
        return out

    @property
    def report(self) -> _abi.CategoriesReport:
        """Counts and their error."""
        out = _abi.CategoriesReport()
        check(_categories_read(self._ref, byref(out)))
        return out


class Slices(Metric):
    """Errors per slice (a country, a device, a customer, told by a whole number) in a bounded table, the worst first, with bounds
    that hold for all of them at once. Settings: max_slices=256, confidence=0.95, over='all', 'window' or 'tumbling',
    window=1000."""
    _symbol, _struct, _choices = "kedge_slices", _abi.SlicesConfig, _OVER

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, slice: int, wrong: bool) -> None:
        """Record one decision."""
        check(_slices_record(self._ref, unsigned(slice, 64), bool(wrong)))

    def record_many(self, slices: _arrays.Numbers, wrong: Any) -> None:
        """Record a batch."""
        s = _arrays.uint64s(slices)
        w = bytes(bytearray(bool(i) for i in wrong))
        if s[2] != len(w):
            raise ShapeError("sequences of different lengths")
        check(_slices_record_many(self._ref, s[1], w, s[2]))

    @property
    def report(self) -> _abi.SlicesReport:
        """All slices together; nan before anything was recorded."""
        out = _abi.SlicesReport()
        check(_slices_read(self._ref, byref(out)))
        return out

    def worst(self, n: int = 10) -> list[_abi.Slice]:
        """The n slices that are most surely worse than the rest."""
        out = (_abi.Slice * unsigned(n))()
        held = c_size_t()
        check(_slices_worst(self._ref, out, len(out), byref(held)))
        return list(out[:held.value])

    def find(self, slice: int) -> _abi.Slice:
        """One slice; nan if it is not in the table."""
        out = _abi.Slice()
        check(_slices_find(self._ref, unsigned(slice, 64), byref(out)))
        return out


class Detection(Metric):
    """How good a detector is on a stream whose changes are known: delay, missed changes, false alarms, with confidence intervals,
    and what firing at random as often would give. Settings: horizon (observations after a change in which an alarm detects it),
    confidence=0.95."""
    _symbol, _struct = "kedge_detection", _abi.DetectionConfig

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, changed: bool, alarmed: bool) -> None:
        """Record one observation: is it the first of a new concept, did it raise an alarm?"""
        check(_detection_record(self._ref, bool(changed), bool(alarmed)))

    def record_many(self, changed: Optional[bytes], signals: bytes) -> None:
        """Record a batch: changed as Stream.draw() gives it (None: nothing changes), signals as Detector.signal_many() does."""
        signals = bytes(signals)
        changed = bytes(changed) if changed is not None else None
        if changed is not None and len(changed) != len(signals):
            raise ShapeError("sequences of different lengths")
        check(_detection_record_many(self._ref, changed, signals, len(signals)))

    def end(self) -> None:
        """The stream ends here; the next record begins another one."""
        check(_detection_end(self._ref))

    @property
    def report(self) -> _abi.DetectionReport:
        """All figures."""
        out = _abi.DetectionReport()
        check(_detection_read(self._ref, byref(out)))
        return out


class Backlog(Metric):
    """A queue seen from outside: depth, age of the oldest, utilisation, stay. Settings: capacity=1024 (arrival times kept),
    n_servers=1."""
    _symbol, _struct = "kedge_backlog", _abi.BacklogConfig

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def arrive(self, now_ns: int, n: int = 1) -> None:
        """Items came, at a time of a monotonic clock; n=0 only tells the time."""
        check(_backlog_arrive(self._ref, unsigned(n, 64), unsigned(now_ns, 64)))

    def done(self, now_ns: int, n: int = 1) -> None:
        """Items left."""
        check(_backlog_done(self._ref, unsigned(n, 64), unsigned(now_ns, 64)))

    @property
    def report(self) -> _abi.BacklogReport:
        """All figures at the time of the last call; nan where time or items are missing."""
        out = _abi.BacklogReport()
        check(_backlog_read(self._ref, byref(out)))
        return out


class Latency(Metric):
    """Histogram of durations with a bounded relative error, over all or a sliding window. Settings: highest=3600e9 (ns), lowest=1
    (ns), digits=2; over='all' or 'window', window_ns=60e9, n_slots=60."""
    _symbol, _struct, _choices = "kedge_latency", _abi.LatencyConfig, _OVER

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, ns: int) -> None:
        """Record one duration in nanoseconds."""
        check(_latency_record(self._ref, unsigned(ns, 64)))

    def record_many(self, ns: Sequence[int]) -> None:
        """Record durations in nanoseconds, all or none."""
        values = array.array("Q", [unsigned(x, 64) for x in ns])
        check(_latency_record_many(self._ref, values.buffer_info()[0], len(values)))

    def record_times(self, ns: int, n: int) -> None:
        """Record one duration as often as it occurred."""
        check(_latency_record_times(self._ref, unsigned(ns, 64), unsigned(n, 64)))

    def record_expected(self, ns: int, interval_ns: int) -> None:
        """Record a duration, and those of the requests that it kept from being sent, one of which was due every interval_ns
        (coordinated omission)."""
        check(_latency_record_expected(self._ref, unsigned(ns, 64), unsigned(interval_ns, 64)))

    def advance(self, now_ns: int) -> None:
        """Tell the time of a monotonic clock, for example time.monotonic_ns(), so that the window moves on."""
        check(_latency_advance(self._ref, unsigned(now_ns, 64)))

    def quantile(self, q: float) -> int:
        """The duration that a share q of all do not exceed; 0 before anything was recorded."""
        out = c_uint64()
        check(_latency_quantile(self._ref, real(q), byref(out)))
        return out.value

    def share(self, ns: int) -> float:
        """The share of all that do not exceed a duration, its bucket included; nan before anything was recorded."""
        out = c_double()
        check(_latency_share(self._ref, unsigned(ns, 64), byref(out)))
        return out.value

    def count(self, from_ns: int, to_ns: int) -> int:
        """How many lie between two durations, both with their buckets."""
        out = c_uint64()
        check(_latency_count(self._ref, unsigned(from_ns, 64), unsigned(to_ns, 64), byref(out)))
        return out.value

    def copy_into(self, other: Latency, interval_ns: int = 0) -> None:
        """Add what this one covers to another with the same buckets, corrected for coordinated omission if an interval is given."""
        check(_latency_copy(self._ref, unsigned(interval_ns, 64), other._ref))

    @property
    def report(self) -> _abi.LatencyReport:
        """p50, p90, p99, p99.9, p99.99, min, max, mean, deviation, of the window if there is one."""
        out = _abi.LatencyReport()
        check(_latency_read(self._ref, byref(out)))
        return out

    @property
    def life(self) -> _abi.LatencyReport:
        """The same over everything that was recorded."""
        out = _abi.LatencyReport()
        check(_latency_read_life(self._ref, byref(out)))
        return out


class LatencyShared(Metric):
    """Durations that several threads record without waiting for each other, to be collected into a Latency with the same buckets.
    Settings:
    highest=3600e9 (ns), lowest=1 (ns), digits=2, n_lanes=1 (as many as threads: they never touch the same memory)."""
    _symbol, _struct = "kedge_latency_shared", _abi.LatencySharedConfig

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def record(self, ns: int, lane: int = 0) -> None:
        """Record one duration in nanoseconds; in any thread, while another one collects."""
        check(_latency_shared_record(self._ref, unsigned(lane), unsigned(ns, 64)))

    def collect(self, into: Latency) -> None:
        """Move what was recorded since the last time into a Latency."""
        check(_latency_shared_collect(self._ref, into._ref))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Profile(Metric):
    """A numeric column in a fixed buffer that can be merged, pickled and compared: count, missing values, moments, quantiles with a
    stated error.
    Settings: level_size=512, max_values=2**32, seed=1. nan is a missing value."""
    _symbol, _struct = "kedge_profile", _abi.ProfileConfig

    def __init__(self, values: Optional[_arrays.Numbers] = None, **settings: Any) -> None:
        self._construct((), settings)
        if values is not None:
            self.record_many(values)

    def record(self, x: float) -> None:
        """Record one value."""
        check(_profile_record(self._ref, real(x)))

    def record_many(self, values: _arrays.Numbers) -> None:
        """Record a column: a NumPy array of float32 or float64 with any stride as it is. An error's `used` tells how many were
        recorded."""
        owner, rows = _arrays.column(values)
        used = c_size_t()
        check(_profile_record_column(self._ref, byref(rows), 0, byref(used)), used.value)
        del owner

    def quantile(self, q: float) -> float:
        """The value that a share q of all does not exceed; nan before anything was recorded."""
        out = c_double()
        check(_profile_quantile(self._ref, real(q), byref(out)))
        return out.value

    def shares(self, limits: _arrays.Numbers) -> list[float]:
        """Shares of the values up to each limit."""
        owner, address, n = _arrays.doubles(limits)
        out = (c_double * n)()
        check(_profile_shares(self._ref, address, out, n))
        del owner
        return list(out)

    def compare(self, current: Profile) -> _abi.ProfileShift:
        """How far another column is from this one, the reference."""
        out = _abi.ProfileShift()
        check(_profile_compare(self._ref, current._ref, byref(out)))
        return out

    @property
    def report(self) -> _abi.ProfileReport:
        """Count, moments, extremes, errors."""
        out = _abi.ProfileReport()
        check(_profile_read(self._ref, byref(out)))
        return out


class Slo(Metric):
    """A service level objective: its error budget, and alerts on how fast it burns. Settings: objective=0.999, period_ns (30 days),
    n_slots=43200; alerts: up to four of (long_ns, short_ns, burn, 'drift' or 'warning'), default the Site Reliability
    Workbook's."""
    _symbol, _struct = "kedge_slo", _abi.SloConfig

    def __init__(self, objective: float = 0.999, alerts: Optional[Sequence[tuple[int, int, float, str]]] = None,
                 **settings: Any) -> None:
        self._alerts = alerts
        self._construct((), {"objective": objective, **settings})

    def _make(self, config: Any) -> None:
        alerts = vars(self).pop("_alerts")
        if alerts is not None:
            if len(alerts) > len(config.alerts):
                raise ConfigError(f"at most {len(config.alerts)} alerts")
            config.n_alerts = len(alerts)
            for i, (long_ns, short_ns, burn, status) in enumerate(alerts):
                if status not in ("drift", "warning"):
                    raise ValueError(f"an alert says 'drift' or 'warning', not {status!r}")
                config.alerts[i] = _abi.SloAlert(unsigned(long_ns, 64), unsigned(short_ns, 64), real(burn),
                                                 constants["KEDGE_" + status.upper()], 0)
        super()._make(config)

    def record(self, good: bool, time_ns: int) -> Status:
        """Record an event at a time of a monotonic clock, for example time.monotonic_ns(); which alert is on."""
        return self.record_many(1 if good else 0, 0 if good else 1, time_ns)

    def record_many(self, n_good: int, n_bad: int, time_ns: int) -> Status:
        """Record events of one time, or none: this tells the time."""
        return Status(check(_slo_record_many(self._ref, unsigned(n_good, 64), unsigned(n_bad, 64), unsigned(time_ns, 64))))

    @property
    def report(self) -> _abi.SloReport:
        """Budget and burn rates at the time of the last record; nan without events."""
        out = _abi.SloReport()
        check(_slo_read(self._ref, byref(out)))
        return out


class Throughput(Metric):
    """Items a second, over the whole run, recently, over up to eight horizons and at the peak. Settings: half_life_ns=10e9,
    peak_ns=1e9;
    horizons_ns: default a second, 1, 5 and 15 minutes."""
    _symbol, _struct = "kedge_throughput", _abi.ThroughputConfig

    def __init__(self, horizons_ns: Optional[Sequence[int]] = None, **settings: Any) -> None:
        self._horizons = horizons_ns
        self._construct((), settings)

    def _make(self, config: Any) -> None:
        horizons = vars(self).pop("_horizons")
        if horizons is not None:
            if len(horizons) > len(config.horizon_ns):
                raise ConfigError(f"at most {len(config.horizon_ns)} horizons")
            config.n_horizons = len(horizons)
            for i, ns in enumerate(horizons):
                config.horizon_ns[i] = unsigned(ns, 64)
        super()._make(config)

    def record(self, now_ns: int, n_items: int = 1) -> None:
        """Record finished items at a time of a monotonic clock, for example time.monotonic_ns()."""
        check(_throughput_record(self._ref, unsigned(now_ns, 64), unsigned(n_items, 64)))

    @property
    def report(self) -> _abi.ThroughputReport:
        """Rates; nan until time has passed."""
        out = _abi.ThroughputReport()
        check(_throughput_read(self._ref, byref(out)))
        return out


_UPKEEP = {name: constants["KEDGE_UPKEEP_" + name.upper()]
           for name in ("change", "detected", "training", "failed", "trained", "promoted", "rolled_back", "incident", "restored",
                        "intervention", "tick")}


class Upkeep(Metric):
    """The life of a model by its events: time from drift to detection, to a new model, to its promotion, and to restore;
    deployments a day, change failure rate with its interval; how often people had to act. Settings: confidence=0.95,
    blame_ns=2**64 - 1 (an incident later than that after a promotion does not count against it)."""
    _symbol, _struct = "kedge_upkeep", _abi.UpkeepConfig

    def __init__(self, **settings: Any) -> None:
        self._construct((), settings)

    def event(self, kind: str, time_ns: int) -> None:
        """Record that something happened: 'change' (of the world), 'detected', 'training', 'failed', 'trained', 'promoted',
        'rolled_back', 'incident', 'restored', 'intervention', or 'tick' (nothing but time has passed). Time does not go back."""
        if kind not in _UPKEEP:
            raise ValueError(f"kind must be one of {', '.join(_UPKEEP)}")
        check(_upkeep_event(self._ref, _UPKEEP[kind], unsigned(time_ns, 64)))

    @property
    def report(self) -> _abi.UpkeepReport:
        """All figures as of the last event; nan where nothing determines them."""
        out = _abi.UpkeepReport()
        check(_upkeep_read(self._ref, byref(out)))
        return out
