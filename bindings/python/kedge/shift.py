# SPDX-License-Identifier: MIT
"""Two samples compared: has a column changed, and how much? `kedge.shift.ks(reference, current).drift`

Each method is a function of the reference, the current sample and settings: alpha=0.05, min_effect=0, p_method="auto" ("exact",
"asymptotic", "permutation", "none"), n_resamples=999, seed=1, missing="skip" ("refuse"), and what the method has of its own.
Samples are NumPy arrays of float32 or float64 with any stride, as they are, or sequences of numbers; nan is missing.
`ClassifierTest`, `LSDD` and `MMD` take tables too, NumPy arrays of two dimensions or sequences of rows. What a method does stands
in kedge/shift.h and docs/shift.md."""
from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_int32, c_size_t, c_void_p
from typing import Any, Optional

from . import _abi, _arrays, _library
from ._abi import constants
from ._object import aligned, configure
from .errors import check
from .models import Model

_config_init = _library.function(_library.core, "kedge_shift_config_init", c_int32, c_void_p, c_void_p, c_size_t)
_work = _library.function(_library.core, "kedge_shift_work_many", c_size_t, c_void_p, c_size_t, c_size_t, c_size_t, c_size_t)
_compare = _library.function(_library.core, "kedge_shift_compare_many", c_int32, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p,
                             c_size_t, POINTER(_abi.ShiftResult))


def _words(prefix: str) -> dict[str, int]:
    return {name[len(prefix):].lower(): value for name, value in constants.items() if name.startswith(prefix)}


_CHOICES = {"p_method": _words("KEDGE_P_"), "missing": _words("KEDGE_MISSING_"), "binning": _words("KEDGE_BINS_"),
            "bandwidth_rule": _words("KEDGE_BANDWIDTH_"), "form": _words("KEDGE_MMD_"), "figure": _words("KEDGE_QUANT_TREE_")}
_P_NAMES = {value: name for name, value in _CHOICES["p_method"].items()}


class Result:
    """What a comparison tells; a figure that a method has not is nan."""
    __slots__ = ("statistic", "p_value", "effect", "expected", "where", "mean_reference", "mean_current", "n_reference",
                 "n_current",
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
    _symbol: str = ""
    _struct: Any = _abi.ShiftConfig
    _of_tables: bool = False
    _library: Any = _library.core

    def __init__(self, **settings: Any) -> None:
        self._config = self._struct()
        check(_config_init(_library.address_of(self._library, self._symbol), byref(self._config), ctypes.sizeof(self._struct)))
        base = {name: settings.pop(name) for name in list(settings) if name in _BASE}
        configure(self._config if self._struct is _abi.ShiftConfig else self._config.base, base, _CHOICES)
        if settings and self._struct is _abi.ShiftConfig:
            raise TypeError(f"no setting is called {next(iter(settings))!r}; there are {', '.join(_BASE)}")
        configure(self._config, settings, _CHOICES)

    def __call__(self, reference: Any, current: Any) -> Result:
        return compare([self], reference, current)[0]


_BASE = tuple(name for name, _ in _abi.ShiftConfig._fields_ if name not in ("cls", "config_bytes"))


def _sample(x: Any, of_tables: bool) -> tuple[Any, _abi.Rows]:
    """A table, or a sequence of numbers as a table of one column."""
    a = _arrays.as_numpy(x)
    if a is not None:
        return _arrays.table(a) if a.ndim == 2 else _arrays.column(a)
    if of_tables:
        x = x.tolist() if isinstance(x, memoryview) else list(x)
        if x and hasattr(x[0], "__iter__"):
            return _arrays.table(x)
    return _arrays.column(x)


def compare(methods: list[Method], reference: Any, current: Any) -> list[Result]:
    """Several methods on the same two samples, which are sorted once: `compare([shift.KS(), shift.KS(alpha=0.01)], x, y)`.
    Tables go to methods that take several columns."""
    of_tables = any(m._of_tables for m in methods)
    owner, a = _sample(reference, of_tables)
    other, b = _sample(current, of_tables)
    configs = (c_void_p * len(methods))(*[ctypes.addressof(m._config) for m in methods])
    n_bytes = _work(configs, len(methods), a.n_rows, b.n_rows, a.n_columns)
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


class CramerVonMises(Method):
    """Cramer-von Mises. Effect: the mean squared distance of the distribution functions, 0 to 1/3."""
    _symbol = "kedge_cramer_von_mises"


def cramer_von_mises(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Cramer-von Mises test, see `CramerVonMises`."""
    return CramerVonMises(**settings)(reference, current)


class AndersonDarling(Method):
    """Anderson-Darling. Effect: the mean squared distance of the distribution functions over its variance, 0 to 1.55."""
    _symbol = "kedge_anderson_darling"


def anderson_darling(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Anderson-Darling test, see `AndersonDarling`."""
    return AndersonDarling(**settings)(reference, current)


class Kuiper(Method):
    """Kuiper. Effect: the greatest distance of the distribution functions above plus that below, 0 to 1."""
    _symbol = "kedge_kuiper"


def kuiper(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Kuiper test, see `Kuiper`."""
    return Kuiper(**settings)(reference, current)


class BWS(Method):
    """Baumgartner-Weiss-Schindler. Effect: as of `AndersonDarling`."""
    _symbol = "kedge_bws"


def bws(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Baumgartner-Weiss-Schindler test, see `BWS`."""
    return BWS(**settings)(reference, current)


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


class ChiSquared(Method):
    """Pearson's chi-squared test for categories; correction=1 is Yates'. Effect: Cramer's V, 0 to 1."""
    _symbol, _struct = "kedge_chi_squared", _abi.ContingencyConfig


def chi_squared(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Pearson's chi-squared test, see `ChiSquared`."""
    return ChiSquared(**settings)(reference, current)


class Fisher(Method):
    """Fisher's exact test for categories. Effect: difference of the larger code's shares; total variation if there are more than
    two."""
    _symbol = "kedge_fisher"


def fisher(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Fisher's exact test, see `Fisher`."""
    return Fisher(**settings)(reference, current)


class GTest(Method):
    """Likelihood ratio test for categories, G; correction=1 is Yates'. Effect: Cramer's V, 0 to 1."""
    _symbol, _struct = "kedge_g_test", _abi.ContingencyConfig


def g_test(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Likelihood ratio test, see `GTest`."""
    return GTest(**settings)(reference, current)


class Welch(Method):
    """Welch's t-test of the means. Effect: Hedges' g, positive where the current mean is the larger one."""
    _symbol = "kedge_welch"


def welch(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Welch's t-test, see `Welch`."""
    return Welch(**settings)(reference, current)


class Histogram(Method):
    """Base of the distances of histograms: binning="quantiles" of the reference ("equal" width, "values": each one a
    category), n_bins=10, pseudo_count=0.5, added to each count. Effect: the distance itself; `where`: the middle of the bin that
    moved most."""
    _struct = _abi.HistogramConfig


class PSI(Histogram):
    """Population stability index."""
    _symbol = "kedge_psi"


def psi(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Population stability index. See `PSI`."""
    return PSI(**settings)(reference, current)


class KullbackLeibler(Histogram):
    """Kullback-Leibler divergence of the current sample from the reference, nats."""
    _symbol = "kedge_kullback_leibler"


def kullback_leibler(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Kullback-Leibler divergence of the current sample from the reference, nats. See `KullbackLeibler`."""
    return KullbackLeibler(**settings)(reference, current)


class JensenShannon(Histogram):
    """Jensen-Shannon distance, 0 to sqrt(ln 2)."""
    _symbol = "kedge_jensen_shannon"


def jensen_shannon(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Jensen-Shannon distance, 0 to sqrt(ln 2). See `JensenShannon`."""
    return JensenShannon(**settings)(reference, current)


class Hellinger(Histogram):
    """Hellinger distance, 0 to 1."""
    _symbol = "kedge_hellinger"


def hellinger(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Hellinger distance, 0 to 1. See `Hellinger`."""
    return Hellinger(**settings)(reference, current)


class Bhattacharyya(Histogram):
    """Bhattacharyya distance."""
    _symbol = "kedge_bhattacharyya"


def bhattacharyya(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Bhattacharyya distance. See `Bhattacharyya`."""
    return Bhattacharyya(**settings)(reference, current)


class TotalVariation(Histogram):
    """Total variation, 0 to 1."""
    _symbol = "kedge_total_variation"


def total_variation(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Total variation, 0 to 1. See `TotalVariation`."""
    return TotalVariation(**settings)(reference, current)


class LInfinity(Histogram):
    """Greatest change of a bin's share, 0 to 1."""
    _symbol = "kedge_l_infinity"


def l_infinity(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Greatest change of a bin's share, 0 to 1. See `LInfinity`."""
    return LInfinity(**settings)(reference, current)


class HistogramIntersection(Histogram):
    """Share that the histograms have not in common, 0 to 1."""
    _symbol = "kedge_histogram_intersection"


def histogram_intersection(reference: _arrays.Numbers, current: _arrays.Numbers, **settings: Any) -> Result:
    """Share that the histograms have not in common, 0 to 1. See `HistogramIntersection`."""
    return HistogramIntersection(**settings)(reference, current)


class ClassifierTest(Method):
    """A classifier that is to tell the rows of two tables apart: model=None (logistic regression on columns and, with degree=2,
    squares and products) or a model of kedge.models, whose settings are taken and which is not trained itself; train_share=0.5,
    n_passes=10. Statistic:
    the area under the curve of held-out rows. Effect: 2 area - 1, not below 0. D3: degree=1, p_method="none", min_effect=0.4."""
    _symbol, _struct, _of_tables = "kedge_classifier_test", _abi.ClassifierTestConfig, True

    def __init__(self, model: Optional[Model] = None, **settings: Any) -> None:
        super().__init__(**settings)
        self._model = None if model is None else model._config  # kept: the configuration points at it
        if model is not None:
            if self._model is None:
                raise ValueError("a model that was loaded has no settings; take one that was made")
            self._config.model = ctypes.addressof(self._model)


def classifier_test(reference: _arrays.Table, current: _arrays.Table, model: Optional[Model] = None, **settings: Any) -> Result:
    """Classifier two-sample test of two tables, see `ClassifierTest`."""
    return ClassifierTest(model, **settings)(reference, current)


class LSDD(Method):
    """Least-squares density difference of two tables: bandwidth_rule="median" ("fixed": bandwidth=1), regularisation=0.1,
    n_centres=100, standardise=1. Effect: the integral of (p - q)^2 over that of (p + q)^2, 0 to 1."""
    _symbol, _struct, _of_tables = "kedge_lsdd", _abi.LsddConfig, True


def lsdd(reference: _arrays.Table, current: _arrays.Table, **settings: Any) -> Result:
    """Least-squares density difference of two tables, see `LSDD`."""
    return LSDD(**settings)(reference, current)


class MMD(Method):
    """Maximum mean discrepancy of two tables: bandwidth_rule="median" ("fixed": bandwidth=1), form="auto" ("exact", "features"),
    n_features=100, standardise=1. Effect: half of the squared discrepancy, 0 to 1."""
    _symbol, _struct, _of_tables = "kedge_mmd", _abi.MmdConfig, True


def mmd(reference: _arrays.Table, current: _arrays.Table, **settings: Any) -> Result:
    """Maximum mean discrepancy of two tables, see `MMD`."""
    return MMD(**settings)(reference, current)


class HDDDMDistance(Method):
    """Distance of HDDDM: mean over the columns of Hellinger's distance of histograms; n_bins=0 (root of the rows). Effect: the
    same, 0 to 1."""
    _symbol, _struct, _of_tables = "kedge_hdddm_distance", _abi.HdddmDistanceConfig, True


def hdddm_distance(reference: _arrays.Table, current: _arrays.Table, **settings: Any) -> Result:
    """Distance of HDDDM of two tables, see `HDDDMDistance`."""
    return HDDDMDistance(**settings)(reference, current)


class KdqTree(Method):
    """kdq-tree: Kullback-Leibler divergence over the cells of a tree; max_count=50, levels=10. Effect: total variation, 0 to 1."""
    _symbol, _struct, _of_tables = "kedge_kdq_tree", _abi.KdqTreeConfig, True


def kdq_tree(reference: _arrays.Table, current: _arrays.Table, **settings: Any) -> Result:
    """kdq-tree of two tables, see `KdqTree`."""
    return KdqTree(**settings)(reference, current)


class NNDVI(Method):
    """NN-DVI: how the samples weigh on the neighbourhoods of all rows; n_neighbours=30, standardise=1. Effect: the same, 0 to 1."""
    _symbol, _struct, _of_tables = "kedge_nn_dvi", _abi.NnDviConfig, True


def nn_dvi(reference: _arrays.Table, current: _arrays.Table, **settings: Any) -> Result:
    """NN-DVI of two tables, see `NNDVI`."""
    return NNDVI(**settings)(reference, current)


class QuantTree(Method):
    """QuantTree: bins of like shares of the reference; n_bins=32, figure="pearson" ("total_variation"). Effect: total variation, 0
    to 1."""
    _symbol, _struct, _of_tables = "kedge_quant_tree", _abi.QuantTreeConfig, True


def quant_tree(reference: _arrays.Table, current: _arrays.Table, **settings: Any) -> Result:
    """QuantTree of two tables, see `QuantTree`."""
    return QuantTree(**settings)(reference, current)


class _PCA(Method):
    """By principal components of the reference: such a build of the package is under the GPL."""
    _struct, _of_tables, _library = _abi.GslPcaConfig, True, _library.gsl

    def __init__(self, method: Optional[Method] = None, **settings: Any) -> None:
        super().__init__(**settings)
        self._method = method  # it outlives the calls
        if method is not None:
            self._config.method = ctypes.addressof(method._config)


class PCAReconstruction(_PCA):
    """How badly the principal components of the reference reconstruct the rows: explained=0.65, method=MannWhitney(). Effect: in
    deviations."""
    _symbol = "kedge_gsl_pca_reconstruction"


class PCACD(_PCA):
    """PCA-CD: the rows along each principal component of the reference, by a method of one column: explained=0.999, method=KS().
    Effect: the method's."""
    _symbol = "kedge_gsl_pca_cd"
