# SPDX-License-Identifier: MIT
"""Models learn from rows and predict. learn_*: row by row (dynamic training). fit: once, on a table (static training)."""
from __future__ import annotations

import array
import ctypes
import sys
import time
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional, TypeVar, Union

from . import _abi, _arrays, _library
from ._library import core, function
from ._numbers import real, unsigned
from ._object import Noun, Object, aligned, configure
from .detectors import Detector
from .errors import ConfigError, RangeError, ShapeError, check, error

AnyModel = TypeVar("AnyModel", bound="Model")

_describe = function(core, "kedge_model_describe", c_int32, c_void_p, POINTER(_abi.ModelInfo))
_learn = function(core, "kedge_model_learn", c_int32, c_void_p, c_void_p, c_double, c_double)
_learn_many = function(core, "kedge_model_learn_many", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, POINTER(c_size_t))
_forget = function(core, "kedge_model_forget", c_int32, c_void_p, c_void_p, c_double, c_double)
_merge = function(core, "kedge_model_merge", c_int32, c_void_p, c_void_p)
_work = function(core, "kedge_model_work", c_size_t, c_void_p, c_size_t)
_fit = function(core, "kedge_model_fit", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, c_void_p, c_size_t)
_predict = function(core, "kedge_model_predict", c_int32, c_void_p, c_void_p, POINTER(c_double))
_predict_many = function(core, "kedge_model_predict_many", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, POINTER(c_size_t))
_score = function(core, "kedge_model_score", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)
_freeze = function(core, "kedge_model_freeze", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_frozen_swap = function(core, "kedge_frozen_swap", c_int32, c_void_p, c_size_t)
_learn_sparse = function(core, "kedge_model_learn_sparse", c_int32, c_void_p, POINTER(_abi.Sparse), c_double, c_double)
_predict_sparse = function(core, "kedge_model_predict_sparse", c_int32, c_void_p, POINTER(_abi.Sparse), POINTER(c_double))
_score_sparse = function(core, "kedge_model_score_sparse", c_int32, c_void_p, POINTER(_abi.Sparse), c_void_p, c_size_t)
_describe_members = function(core, "kedge_members_describe", c_int32, c_void_p, POINTER(_abi.MembersInfo))
_lagged_features = function(core, "kedge_lagged_features", c_uint32, c_void_p)
_hash_feature = function(core, "kedge_hash_feature", c_uint32, c_char_p, c_size_t, c_uint32)


def hash_feature(name: Union[str, bytes], n_features: int) -> int:
    """The feature, 0 to n_features - 1, that a name stands for: MurmurHash3 of its bytes (UTF-8), the same on every machine."""
    name_bytes = name.encode() if isinstance(name, str) else name
    return int(_hash_feature(name_bytes, len(name_bytes), unsigned(n_features)))


def _sparse(x: Mapping[int, float]) -> tuple[Any, _abi.Sparse]:
    features = sorted(x)
    index = (c_uint32 * len(features))(*(unsigned(feature) for feature in features))
    value = (c_double * len(features))(*(real(x[feature]) for feature in features))
    out = _abi.Sparse(ctypes.cast(index, c_void_p), ctypes.cast(value, c_void_p), len(features), 0)
    return (index, value), out


def _labels(y: _arrays.Numbers, rows: _abi.Rows) -> _arrays.Pointer:
    owner, address, n = _arrays.doubles(y)
    if n != rows.n_rows:
        raise ShapeError(f"{rows.n_rows} rows, but {n} labels or weights")
    return owner, address


def _feature_set(features: Iterable[int]) -> list[int]:
    numbers = [unsigned(feature) for feature in features]
    if any(feature >= 256 for feature in numbers):
        raise RangeError("nominal and constrained features are among the first 256")
    return numbers


class Model(Object):
    """Base of all models. Classes are the numbers 0, 1, ...; tables are NumPy arrays (float32 or float64, any strides, not copied)
    or sequences of rows."""
    _noun = Noun("model")
    _struct: Any
    _n_features: int
    _n_scores: int

    def _construct(self, shape: tuple[int, ...], settings: dict[str, Any]) -> None:
        config = self._struct()
        init = function(self._library, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, *([c_uint32] * len(shape)))
        check(init(byref(config), ctypes.sizeof(config), *shape))
        self._fill(config, settings)
        self._make(config)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, {})

    def _ready(self) -> None:
        info = self.info
        self._n_features = info.n_features
        self._n_scores = info.n_classes or 1

    @property
    def info(self) -> _abi.ModelInfo:
        """Shape, and how many rows were learned."""
        out = _abi.ModelInfo()
        check(_describe(self._ref, byref(out)))
        return out

    def learn_one(self, x: _arrays.Numbers, y: float, weight: float = 1.0) -> None:
        """Learn one row."""
        owner, address = _arrays.row(x, self._n_features)
        check(_learn(self._ref, address, real(y), real(weight)))
        del owner

    def learn_many(self, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Learn the rows of a table, one after the other. An error's `used` tells how many were learned."""
        owner, rows = _arrays.table(x)
        labels = _labels(y, rows)
        weights = _labels(weight, rows) if weight is not None else (None, None)
        used = c_size_t()
        st = _learn_many(self._ref, byref(rows), labels[1], weights[1], byref(used))
        del owner
        check(st, used.value)

    def forget_one(self, x: _arrays.Numbers, y: float, weight: float = 1.0) -> None:
        """Take a row out again that was learned before, exactly as it was learned."""
        owner, address = _arrays.row(x, self._n_features)
        check(_forget(self._ref, address, real(y), real(weight)))
        del owner

    def merge(self: AnyModel, other: Model) -> AnyModel:
        """Add what another model of the same class and configuration has learned. Returns the model."""
        check(_merge(self._ref, other._ref))
        return self

    def fit(self: AnyModel, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> AnyModel:
        """Train anew on a table, forgetting what was learned before. Returns the model."""
        owner, rows = _arrays.table(x)
        labels = _labels(y, rows)
        weights = _labels(weight, rows) if weight is not None else (None, None)
        n_work = _work(self._ref, rows.n_rows)
        work = aligned(n_work)
        check(_fit(self._ref, byref(rows), labels[1], weights[1], work, n_work))
        del owner
        return self

    def predict_one(self, x: _arrays.Numbers) -> float:
        """The class of a row, or a regression's value."""
        owner, address = _arrays.row(x, self._n_features)
        y = c_double()
        check(_predict(self._ref, address, byref(y)))
        del owner
        return self._label(y.value)

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
        scores = (c_double * self._n_scores)()
        check(_score(self._ref, address, scores, self._n_scores))
        del owner
        return list(scores)

    def freeze(self, byteorder: str = sys.byteorder) -> bytes:
        """The model as it is now, for prediction only, in the byte order ("little", "big") of the machine that will use it. See
        Frozen. UnsupportedError where the class cannot be frozen."""
        if byteorder not in ("little", "big"):
            raise ValueError(f"byteorder is 'little' or 'big', not {byteorder!r}")
        n = c_size_t()
        _freeze(self._ref, None, 0, byref(n))
        buffer = aligned(n.value)
        check(_freeze(self._ref, buffer, n.value, byref(n)))
        if byteorder != sys.byteorder:
            check(_frozen_swap(buffer, n.value))
        return bytes(buffer)

    def learn_sparse(self, x: Mapping[int, float], y: float, weight: float = 1.0) -> None:
        """Learn one row given as {feature: number}; the other features are 0. UnsupportedError where the class takes no such
        rows."""
        owner, row = _sparse(x)
        check(_learn_sparse(self._ref, byref(row), real(y), real(weight)))
        del owner

    def predict_sparse(self, x: Mapping[int, float]) -> float:
        """The class of a row given as {feature: number}, or a regression's value."""
        owner, row = _sparse(x)
        y = c_double()
        check(_predict_sparse(self._ref, byref(row), byref(y)))
        del owner
        return self._label(y.value)

    def score_sparse(self, x: Mapping[int, float]) -> list[float]:
        """Class probabilities of a row given as {feature: number}, or a regression's value, as a list."""
        owner, row = _sparse(x)
        scores = (c_double * self._n_scores)()
        check(_score_sparse(self._ref, byref(row), scores, self._n_scores))
        del owner
        return list(scores)

    def _label(self, y: float) -> float:
        return int(y)

    def __repr__(self) -> str:
        i = self.info
        return f"{type(self).__name__}(n_features={i.n_features}, n_classes={i.n_classes}, n_learned={i.n_learned})"


class Logistic(Model):
    """Logistic regression that learns online; needs no tuning and no scaling. Settings: rate=2, memory=0.99, share=0.001,
    n_rates=3, n_noisy=1 (models that expect wrong labels)."""
    _symbol, _struct = "kedge_logistic", _abi.LogisticConfig

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)


class Linear(Model):
    """Online linear model; n_classes=0 for a regression. Also learns from sparse rows, see learn_sparse().

    loss: 'logistic' (default for two classes), 'softmax' (for more), 'hinge'; regressions: 'squared' (default), 'huber',
    'quantile',
    'epsilon', 'poisson'. optimiser: 'nag' (default), 'sgd', 'ftrl', 'coin'; with hinge or epsilon 'pa1', 'pa2'; with hinge 'alma'.
    Settings: rate=2, decay=0.01, memory=0.99, beta=1, l1=0, l2=0, aggressiveness=1, alpha=0.9, delta=1, quantile=0.5,
    epsilon=0.1."""
    _symbol, _struct = "kedge_linear", _abi.LinearConfig
    _choices = {
        field: {word: _abi.constants[f"KEDGE_LINEAR_{word.upper()}"] for word in words.split()}
        for field, words in (("loss", "logistic softmax hinge squared huber quantile epsilon poisson"),
                             ("optimiser", "nag sgd ftrl coin pa1 pa2 alma"))
    }

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, self._choices)

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y


class KNN(Model):
    """k nearest neighbours in a sliding window; n_classes=0 for a regression. Takes NaN for a missing value, can forget rows.

    distance: 'euclidean' (default), 'manhattan'. weights: 'uniform' (default), 'inverse'. scale: 'standard' (default), 'range',
    'raw'.
    Settings: k=5, window=1000."""
    _symbol, _struct = "kedge_knn", _abi.KnnConfig
    _choices = {
        field: {word: _abi.constants[f"KEDGE_KNN_{word.upper()}"] for word in words.split()}
        for field, words in (("distance", "euclidean manhattan"), ("weights", "uniform inverse"), ("scale", "standard range raw"))
    }

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, self._choices)

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y


class SAMKNN(KNN):
    """k nearest neighbours with a short-term memory that adjusts its size and a long-term one; for classes. Takes NaN for a missing
    value.

    distance: 'euclidean' (default), 'manhattan'. weights: 'inverse' (default), 'uniform'. scale: 'standard' (default), 'range',
    'raw'.
    Settings: k=5, window=1000, min_short=50, long_share=0.4, seed=1."""
    _symbol, _struct = "kedge_sam_knn", _abi.SamKnnConfig


class GradientBoosting(Model):
    """Histogram gradient boosting of trees, static; n_classes=0 for a regression. Takes NaN for a missing value. `nominal`: the
    features that are numbers of categories; `rising`, `falling`: those with which the answer may only rise or fall. loss of a
    regression: 'squared' (default), 'absolute'.
    hold: 'last' (default), 'random': which share `holdout` of the rows stops early.

    Settings: learning_rate=0.1, l2=0, min_gain=0, min_hessian=1e-3, row_share=1, feature_share=1, holdout=0, seed=1, n_rounds=100,
    max_leaves=31, max_depth=4096, min_rows=20, n_bins=255, patience=10."""
    _symbol, _struct = "kedge_gradient_boosting", _abi.GradientBoostingConfig
    _choices = {
        "loss": {"squared": _abi.constants["KEDGE_BOOST_SQUARED"], "absolute": _abi.constants["KEDGE_BOOST_ABSOLUTE"]},
        "hold": {"last": _abi.constants["KEDGE_HOLD_LAST"], "random": _abi.constants["KEDGE_HOLD_RANDOM"]},
    }
    _told = function(core, "kedge_gradient_boosting_describe", c_int32, c_void_p, POINTER(_abi.GradientBoostingInfo))

    def __init__(self, n_features: int, n_classes: int = 2, *, nominal: Iterable[int] = (), rising: Iterable[int] = (),
                 falling: Iterable[int] = (),
                 **settings: Any) -> None:
        self._sets = {"nominal": _feature_set(nominal), "rising": _feature_set(rising), "falling": _feature_set(falling)}
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, self._choices)
        for name, features in self._sets.items():
            for feature in features:
                getattr(config, name)[feature // 64] |= 1 << feature % 64

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y

    @property
    def fitted(self) -> _abi.GradientBoostingInfo:
        """What the last fit made."""
        out = _abi.GradientBoostingInfo()
        check(self._told(self._ref, byref(out)))
        return out


class RandomForest(Model):
    """Random forest, static; n_classes=0 for a regression. Takes NaN for a missing value. `nominal`: the features that are numbers
    of categories. With n_trees=1, bootstrap=0, n_subset=n_features it is CART. out_of_bag=1 measures the forest by the rows that
    trees did not draw, see `fitted`; ccp_alpha prunes.

    Settings: seed=1, n_trees=100, max_leaves=1024, max_depth=32767, min_rows=1, n_subset (the root of n_features; a third of them
    for a regression), n_bins=255, bootstrap=1, out_of_bag=0, ccp_alpha=0."""
    _symbol, _struct = "kedge_random_forest", _abi.RandomForestConfig
    _told = function(core, "kedge_random_forest_describe", c_int32, c_void_p, POINTER(_abi.RandomForestInfo))

    def __init__(self, n_features: int, n_classes: int = 2, *, nominal: Iterable[int] = (), **settings: Any) -> None:
        self._nominal = _feature_set(nominal)
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, {})
        for feature in self._nominal:
            config.nominal[feature // 64] |= 1 << feature % 64

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y

    @property
    def fitted(self) -> _abi.RandomForestInfo:
        """What the last fit made."""
        out = _abi.RandomForestInfo()
        check(self._told(self._ref, byref(out)))
        return out


class RLS(Model):
    """Recursive least squares with exponential forgetting; a regression. Settings: forgetting=0.999, ridge=1e-3."""
    _symbol, _struct = "kedge_rls", _abi.RlsConfig

    def __init__(self, n_features: int, **settings: Any) -> None:
        self._construct((unsigned(n_features),), settings)

    def _label(self, y: float) -> float:
        return y


class GaussianNB(Model):
    """Gaussian naive Bayes, online and static. Settings: smoothing=1e-9, fading=1."""
    _symbol, _struct = "kedge_gaussian_nb", _abi.GaussianNbConfig

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)


class Auto(Model):
    """A portfolio that follows its best member: the model for whoever does not want to choose one. n_classes=0: a regression.
    Settings: memory=2097152 (bytes; more for large rows and many classes), n_trees=10, seed=1, rest=1 (members that do not pay
    learn every rest-th row only); of classes n_near=5000, rows that neighbours remember at most, 0: without them; of a regression
    n_lags=3, earlier values that the members see.

    budget_ns: what predicting and learning a row may cost, in nanoseconds; costly members then learn fewer rows. predict_many and
    learn_many measure themselves by `clock`, a function that returns nanoseconds; clock=None: spent() alone tells, and the same
    calls give the same model. Rows that go by learn_one are for the caller to measure."""
    _symbol, _struct = "kedge_auto", _abi.AutoConfig
    _weights = function(core, "kedge_auto_weights", c_int32, c_void_p, c_void_p)
    _spent = function(core, "kedge_auto_spent", c_int32, c_void_p, c_uint64, c_uint64)
    _members = {True: ("forest", "logistic", "bayes", "last", "usual", "near", "near_raw"),
                False: ("forest", "linear", "tree", "last", "usual")}
    _clock: Optional[Callable[[], int]] = None
    _predicting = 0.0  # nanoseconds a row, by the last predict_many

    def __init__(self, n_features: int, n_classes: int = 2, *, clock: Optional[Callable[[], int]] = time.perf_counter_ns,
                 **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)
        if "budget_ns" in settings:
            self._clock = clock

    def spent(self, rows: int, ns: int) -> None:
        """Tell what predicting and learning so many rows has cost together, in nanoseconds."""
        check(self._spent(self._ref, unsigned(rows, 64), unsigned(ns, 64)))

    def learn_many(self, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        """Learn the rows of a table, one after the other. An error's `used` tells how many were learned."""
        begin = self._clock() if self._clock else 0
        super().learn_many(x, y, weight)
        if self._clock and len(y) > 0:
            self.spent(len(y), round(self._clock() - begin + self._predicting * len(y)))

    def predict_many(self, x: _arrays.Table) -> Any:
        """The classes or values of a table's rows: a NumPy array for a NumPy table, else an array('d')."""
        begin = self._clock() if self._clock else 0
        out = super().predict_many(x)
        if self._clock and len(out) > 0:
            self._predicting = (self._clock() - begin) / len(out)
        return out

    @property
    def weights(self) -> dict[str, float]:
        """How much each member counts at present."""
        out = (c_double * _abi.constants["KEDGE_AUTO_MEMBERS"])()
        check(self._weights(self._ref, out))
        return dict(zip(self._members[self.info.n_classes > 0], out))

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y


class Baseline(Model):
    """What every model must beat: kind="usual", the most frequent class or the mean, or "last", the one before. n_classes=0:
    values. Settings: fading=1."""
    _symbol, _struct = "kedge_baseline", _abi.BaselineConfig

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, {"kind": {"last": _abi.constants["KEDGE_BASELINE_LAST"],
                                              "usual": _abi.constants["KEDGE_BASELINE_USUAL"]}})

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y


class MultinomialNB(Model):
    """Naive Bayes of counts, online and static. Settings: alpha=1, fading=1, complement=False."""
    _symbol, _struct = "kedge_multinomial_nb", _abi.MultinomialNbConfig

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)


class BernoulliNB(Model):
    """Naive Bayes of features that are there or not, online and static. Settings: alpha=1, fading=1, threshold=0."""
    _symbol, _struct = "kedge_bernoulli_nb", _abi.BernoulliNbConfig

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)


class _TreeModel(Model):
    """What trees have in common. NaN is a missing value."""
    _shape: Any
    _choices: dict[str, dict[str, int]] = {}
    _leaf = {name: _abi.constants[f"KEDGE_LEAF_{name.upper()}"] for name in ("majority", "bayes", "adaptive")}

    def __init__(self, n_features: int, n_classes: int = 2, *, nominal: Iterable[int] = (), **settings: Any) -> None:
        self._nominal = self._features(nominal)
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    @staticmethod
    def _features(nominal: Iterable[int]) -> list[int]:
        features = [unsigned(feature) for feature in nominal]
        if any(feature >= 256 for feature in features):
            raise RangeError("nominal features are among the first 256")
        return features

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, {"leaf": self._leaf, **self._choices})
        for feature in self._nominal:
            config.growth.nominal[feature // 64] |= 1 << feature % 64

    @property
    def shape(self) -> _abi.TreeShape:
        """How many trees, splits and leaves there are."""
        out = _abi.TreeShape()
        check(self._shape(self._ref, byref(out)))
        return out


class HoeffdingTree(_TreeModel):
    """Hoeffding tree. `nominal`: the features that are numbers of categories. Settings: delta=1e-7, tie=0.05, memory=262144
    (bytes), grace=200, n_splits=10, n_values=16, leaf="adaptive" ("majority", "bayes")."""
    _symbol, _struct = "kedge_hoeffding_tree", _abi.HoeffdingTreeConfig
    _shape = function(core, "kedge_hoeffding_tree_shape", c_int32, c_void_p, POINTER(_abi.TreeShape))


class AdaptiveTree(_TreeModel):
    """Hoeffding adaptive tree. Settings: drift_delta=0.002, swap_delta=0.05, least=300, and those of a Hoeffding tree."""
    _symbol, _struct = "kedge_adaptive_tree", _abi.AdaptiveTreeConfig
    _shape = function(core, "kedge_adaptive_tree_shape", c_int32, c_void_p, POINTER(_abi.TreeShape))


class EFDT(_TreeModel):
    """Extremely fast decision tree. Settings: reevaluate=2000, and those of a Hoeffding tree."""
    _symbol, _struct = "kedge_efdt", _abi.EfdtConfig
    _shape = function(core, "kedge_efdt_shape", c_int32, c_void_p, POINTER(_abi.TreeShape))


class LAST(_TreeModel):
    """Local adaptive streaming tree. Settings: drift_delta=0.002, max_share=0.99, watches="error" ("impurity"), memory, n_splits,
    n_values and leaf of a Hoeffding tree."""
    _symbol, _struct = "kedge_last", _abi.LastConfig
    _choices = {"watches": {name: _abi.constants[f"KEDGE_LAST_{name.upper()}"] for name in ("error", "impurity")}}
    _shape = function(core, "kedge_last_shape", c_int32, c_void_p, POINTER(_abi.TreeShape))


class AdaptiveForest(_TreeModel):
    """Adaptive random forest. `nominal`: the features that are numbers of categories. Settings: n_trees=10, n_subset (60 % of the
    features), lambda_=6, warning_delta=0.01, drift_delta=0.001, seed=1, and those of a Hoeffding tree: delta=0.01, tie=0.05,
    memory=1048576 (bytes), grace=50, n_splits=10, n_values=16, leaf="adaptive" ("majority", "bayes")."""
    _symbol, _struct = "kedge_adaptive_forest", _abi.AdaptiveForestConfig
    _shape = function(core, "kedge_adaptive_forest_shape", c_int32, c_void_p, POINTER(_abi.TreeShape))

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        super()._fill(config, {"lambda" if name == "lambda_" else name: value for name, value in settings.items()})


class _RegressionTreeModel(_TreeModel):
    """What learners made of regression trees' leaves have in common."""
    _leaf = {name: _abi.constants[f"KEDGE_HEAD_{name.upper()}"] for name in ("mean", "linear", "adaptive")}

    def __init__(self, n_features: int, *, nominal: Iterable[int] = (), **settings: Any) -> None:
        self._nominal = self._features(nominal)
        self._construct((unsigned(n_features),), settings)

    def _label(self, y: float) -> float:
        return y


class FIMTDD(_RegressionTreeModel):
    """Model tree for regression. `nominal`: the features that are numbers of categories. Settings: delta=1e-7, tie=0.05,
    memory=262144 (bytes), grace=100, n_splits=15, n_values=16, leaf="adaptive" ("mean", "linear"), drift_delta=0.005,
    drift_threshold=20 (0: never)."""
    _symbol, _struct = "kedge_fimt_dd", _abi.FimtDdConfig
    _facts = function(core, "kedge_fimt_dd_shape", c_int32, c_void_p, POINTER(_abi.TreeShape), POINTER(c_uint64))

    def _look(self) -> tuple[_abi.TreeShape, int]:
        out, n_drifts = _abi.TreeShape(), c_uint64()
        check(self._facts(self._ref, byref(out), byref(n_drifts)))
        return out, n_drifts.value

    @property
    def shape(self) -> _abi.TreeShape:
        """How many splits and leaves there are."""
        return self._look()[0]

    @property
    def n_drifts(self) -> int:
        """Times that a node forgot."""
        return self._look()[1]


class ForestRegression(_RegressionTreeModel):
    """Adaptive random forest for regression. Settings: n_trees=10, n_subset (60 % of the features), lambda_=6, warning_delta=0.01,
    drift_delta=0.001, seed=1, and those of FIMTDD but the last two: delta=0.01, tie=0.05, memory=1048576 (bytes), grace=200,
    n_splits=7, n_values=16, leaf="adaptive"."""
    _symbol, _struct = "kedge_forest_reg", _abi.ForestRegConfig
    _shape = function(core, "kedge_forest_reg_shape", c_int32, c_void_p, POINTER(_abi.TreeShape))

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        super()._fill(config, {"lambda" if name == "lambda_" else name: value for name, value in settings.items()})


class _MembersModel(Model):
    """A model over members: `member` is a model that shows what each of them is (its class and settings), and is not changed."""
    _library = _library.core
    _has_detectors = True
    _on_drift = {name: _abi.constants[f"KEDGE_ON_DRIFT_{name.upper()}"] for name in ("replace", "worst")}

    def __init__(self, member: Model, n_features: Optional[int] = None, *, warning: Optional[Detector] = None,
                 drift: Optional[Detector] = None,
                 **settings: Any) -> None:
        if any(part is not None and part._config is None for part in (member, warning, drift)):
            raise ConfigError("a loaded object does not know its settings: make the members' models and detectors anew")
        self._name_parts(member, warning, drift)
        config = self._struct()
        init = function(self._library, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32, c_uint32)
        shape = member.info
        check(init(byref(config), ctypes.sizeof(config), self._cls, unsigned(n_features or shape.n_features), shape.n_classes))
        configure(config, {"lambda" if name == "lambda_" else name: value for name, value in settings.items()},
                  {"on_drift": self._on_drift})
        config.members.model = ctypes.addressof(member._config)
        for name, detector in (("warning", warning), ("drift", drift)):
            setattr(config.members, name, None if detector is None else ctypes.addressof(detector._config))
        self._make(config)

    def _name_parts(self, *parts: Any) -> None:
        """The C class over these parts' classes: a model and two detectors, or a model alone."""
        self._parts = parts
        self._cls = aligned(_abi.sizes["kedge_members_class"])
        make = function(self._library, self._symbol + "_class", c_int32, c_void_p, *([c_void_p] * len(parts)))
        check(make(self._cls, *(None if part is None else part._class_address() for part in parts)))

    def _class_address(self) -> Any:
        return ctypes.cast(self._cls, c_void_p)

    @classmethod
    def load(cls: type[AnyMembers], snapshot: bytes, member: Optional[Model] = None, warning: Optional[Detector] = None,
             drift: Optional[Detector] = None) -> AnyMembers:
        """The object in a snapshot that save() gave; member, warning and drift are of the classes that it was made with."""
        if member is None:
            raise TypeError("a model over members is loaded with a member of the class that it was made with")
        self = cls.__new__(cls)
        self._name_parts(member, *([warning, drift] if cls._has_detectors else []))
        self._restore(bytes(snapshot), self._class_address())
        return self

    def __reduce__(self) -> Any:
        return type(self).load, (self.save(), *self._parts), self._extras()

    def _extras(self) -> dict[str, Any]:
        return {name: value for name, value in super()._extras().items() if name not in ("_cls", "_parts")}

    def __copy__(self: AnyMembers) -> AnyMembers:
        clone = type(self).load(self.save(), *self._parts)
        vars(clone).update(self._extras(), _config=self._config)
        return clone

    def _label(self, y: float) -> float:
        return int(y) if self.info.n_classes else y

    def _prototype(self) -> Any:
        return self  # its C class was made for it, and lives as long as it

    @property
    def members(self) -> _abi.MembersInfo:
        """How many members there are, and what drift has done to them."""
        out = _abi.MembersInfo()
        check(_describe_members(self._ref, byref(out)))
        return out


AnyMembers = TypeVar("AnyMembers", bound=_MembersModel)


class Bagging(_MembersModel):
    """Online bagging over any model: leveraging with an Adwin as `drift`, random patches with a `warning` too and a member of fewer
    than `n_features`.
    Settings: n=10, lambda_=6, on_drift="worst" ("replace", the default with a warning), seed=1."""
    _symbol, _struct = "kedge_bagging", _abi.BaggingConfig


class Boosting(_MembersModel):
    """Online boosting over any classifier; with a `drift` detector the worst member begins anew. Settings: n=10, fading=1,
    on_drift="worst", seed=1."""
    _symbol, _struct = "kedge_boosting", _abi.BoostingConfig


class AdaptiveModel(_MembersModel):
    """Any model with any detector on its errors as `drift`: at drift it begins anew, or what was trained since the `warning`
    detector's alarm takes over."""
    _symbol, _struct = "kedge_adaptive_model", _abi.AdaptiveModelConfig


class SGBT(_MembersModel):
    """Streaming gradient boosted trees, or other regressions: `member` is a regression. Settings: n=100 (steps), rate=0.0125,
    seed=1."""
    _symbol, _struct, _has_detectors = "kedge_sgbt", _abi.SgbtConfig, False

    def __init__(self, member: Model, n_features: Optional[int] = None, n_classes: int = 0, **settings: Any) -> None:
        if member._config is None:
            raise ConfigError("a loaded object does not know its settings: make the members' model anew")
        self._name_parts(member)
        config = self._struct()
        init = function(self._library, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), self._cls, unsigned(n_features or member.info.n_features),
                   unsigned(n_classes)))
        configure(config, settings, {})
        config.members.model = ctypes.addressof(member._config)
        self._make(config)


class Lagged(_MembersModel):
    """A model that sees the last `n_lags` targets as further features. `make` makes it, from the number of features that it then
    has:

        Lagged(lambda n: RLS(n), 3, n_lags=5)                     # a regression
        Lagged(lambda n: HoeffdingTree(n, 4), 3, 4, one_hot=0)    # four classes, each lag its class's number"""
    _symbol, _struct, _has_detectors = "kedge_lagged", _abi.LaggedConfig, False

    def __init__(self, make: Callable[[int], Model], n_features: int, n_classes: int = 0, **settings: Any) -> None:
        shape = (unsigned(n_features), unsigned(n_classes))
        init = function(self._library, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32, c_uint32)
        config = self._struct()
        self._name_parts(make(n_features + 1))  # for its class alone
        check(init(byref(config), ctypes.sizeof(config), self._cls, *shape))
        configure(config, settings, {})
        member = make(_lagged_features(byref(config)))
        self._name_parts(member)
        config.base.cls = self._class_address()
        config.model = ctypes.addressof(member._config)
        self._make(config)


class Calibrated(_MembersModel):
    """A classifier whose probabilities are calibrated while it learns, over any that learns row by row. `method`: "platt" or
    "isotonic". Settings: window=1000, every=100, max_points=256. For models that are fitted: kedge.selection.ProbabilityMap."""
    _symbol, _struct, _has_detectors = "kedge_calibrated", _abi.CalibratedConfig, False

    def __init__(self, member: Model, **settings: Any) -> None:
        if member._config is None:
            raise ConfigError("a loaded object does not know its settings: make the model anew")
        self._name_parts(member)
        config, info = self._struct(), member.info
        init = function(self._library, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), self._cls, info.n_features, info.n_classes))
        maps = {"platt": _abi.constants["KEDGE_MAP_PLATT"], "isotonic": _abi.constants["KEDGE_MAP_ISOTONIC"]}
        configure(config, settings, {"method": maps})
        config.model = ctypes.addressof(member._config)
        self._make(config)


class Candidate(NamedTuple):
    """How a candidate did in the last race; score is None where there is none, error the reason why it could not be trained."""
    name: str
    score: Optional[float]
    n_rows: int
    error: Optional[Exception]


class Contest(_MembersModel):
    """A model that is chosen anew at each training: `candidates`, up to 8 models that show what each is and are not changed, race
    on the newest rows, which are held out; the winner is fitted to all rows and answers. Settings: score="accuracy" ("mae" of a
    regression; or "log_loss", "brier", "auc", "mse", "rmse", "r2"), holdout=0.25 (share), least_rows=500 (of the first round) and
    factor=2 (successive halving), max_fits and max_rows (budget of the race), n_passes=1 (over the rows, for candidates without
    fit). It does not learn row by row.

        Contest(GaussianNB(3, 2), Logistic(3, 2), RandomForest(3, 2), least_rows=1000)"""
    _symbol, _struct, _has_detectors = "kedge_contest", _abi.ContestConfig, False
    _read = function(core, "kedge_contest_read", c_int32, c_void_p, POINTER(_abi.ContestReport))
    _scores = {name: _abi.constants["KEDGE_SCORE_" + name.upper()] for name in ("accuracy", "log_loss", "brier", "auc", "mse",
                                                                                "rmse", "mae", "r2")}

    def __init__(self, *candidates: Model, **settings: Any) -> None:
        if not candidates or not all(isinstance(candidate, Model) for candidate in candidates):
            raise TypeError("a contest is between models")
        if any(candidate._config is None for candidate in candidates):
            raise ConfigError("a loaded object does not know its settings: make the candidates anew")
        self._name_parts(*candidates)
        config, shape = self._struct(), candidates[0].info
        init = function(self._library, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), self._cls, shape.n_features, shape.n_classes))
        configure(config, settings, {"score": self._scores})
        for i, candidate in enumerate(candidates):
            config.candidates[i] = ctypes.addressof(candidate._config)
        self._make(config)

    def _name_parts(self, *parts: Any) -> None:
        self._parts = parts
        self._cls = aligned(_abi.sizes["kedge_contest_of"])
        make = function(self._library, self._symbol + "_class", c_int32, c_void_p, c_void_p, c_uint32)
        addresses = [ctypes.cast(part._class_address(), c_void_p).value for part in parts]
        check(make(self._cls, (c_void_p * max(1, len(parts)))(*addresses), len(parts)))

    @classmethod
    def load(cls: type[AnyMembers], snapshot: bytes, *candidates: Any) -> AnyMembers:
        """The contest in a snapshot that save() gave; candidates are of the classes that it was made with, in their order."""
        self = cls.__new__(cls)
        self._name_parts(*candidates)
        self._restore(bytes(snapshot), self._class_address())
        return self

    def _result(self) -> _abi.ContestReport:
        out = _abi.ContestReport()
        check(self._read(self._ref, byref(out)))
        return out

    @property
    def winner(self) -> int:
        """Which candidate answers, from 0: before the first fit the first."""
        return int(self._result().winner)

    @property
    def race(self) -> list[Candidate]:
        """How each candidate did in the last race."""
        results = zip(self._parts, self._result().candidates)
        return [Candidate(type(part)._symbol[len("kedge_"):], None if r.score != r.score else r.score, r.n_rows, error(r.status)
                          if r.status < 0 else None)
                for part, r in results]


class AMRules(_RegressionTreeModel):
    """Adaptive model rules for regression. `nominal`: the features that are numbers of categories. Settings: those of FIMTDD, with
    drift_threshold=10, and anomaly=-0.75 (0: learns all), ordered=True."""
    _symbol, _struct = "kedge_amrules", _abi.AmrulesConfig
    _count = function(core, "kedge_amrules_count", c_int32, c_void_p, POINTER(c_uint32), POINTER(c_uint32), POINTER(c_uint64))
    _read = function(core, "kedge_amrules_read", c_int32, c_void_p, c_uint32, POINTER(_abi.AmrulesRule))
    _signs = ("<=", ">", "is", "is not")

    @property
    def n_removed(self) -> int:
        """Rules that went since their errors rose."""
        n = c_uint64()
        check(self._count(self._ref, None, None, byref(n)))
        return n.value

    @property
    def rules(self) -> list[list[tuple[int, str, float]]]:
        """The rules in their order, each a list of conditions: feature, sign, number. The default rule, which has none, is left
        out."""
        n = c_uint32()
        check(self._count(self._ref, byref(n), None, None))
        return [self._conditions(i) for i in range(n.value)]

    def _conditions(self, i: int) -> list[tuple[int, str, float]]:
        rule = _abi.AmrulesRule()
        check(self._read(self._ref, i, byref(rule)))
        return [(c.feature, self._signs[c.kind], c.value) for c in rule.conditions[:rule.n_conditions]]


class _GslModel(Model):
    """Static training on the GNU Scientific Library: such a build of the package is under the GPL."""
    _library = _library.gsl

    def __init__(self, n_features: int, **settings: Any) -> None:
        _library.require(self._library)
        self._construct((unsigned(n_features),), settings)

    def weights(self) -> tuple[float, list[float]]:
        """The intercept, and one weight a feature, in the features' units."""
        library = _library.require(self._library)
        call = function(library, "kedge_gsl_coefficients", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_double))
        out, intercept = (c_double * self._n_features)(), c_double()
        check(call(self._ref, out, self._n_features, byref(intercept)))
        return intercept.value, list(out)


class LeastSquares(_GslModel):
    """Linear least squares with intercept; a regression. Settings: tolerance=1e-12, report=0 (1: keeps what report() and interval()
    need), method=1 (QR;
    2: normal equations)."""
    _symbol, _struct = "kedge_gsl_least_squares", _abi.GslLeastSquaresConfig

    def _label(self, y: float) -> float:
        return y

    def report(self, confidence: float = 0.95) -> tuple[_abi.GslFitReport, list[_abi.GslCoefficient]]:
        """The fit as a whole, and each coefficient with its standard error, test and interval: the intercept first, then one a
        feature."""
        call = function(_library.require(self._library), "kedge_gsl_report", c_int32, c_void_p, c_double, c_void_p, c_void_p,
                        c_size_t)
        n = self._n_features + 1
        out, coefficients = _abi.GslFitReport(), (_abi.GslCoefficient * n)()
        check(call(self._ref, real(confidence), byref(out), coefficients, n))
        return out, list(coefficients)

    def interval(self, x: _arrays.Numbers, confidence: float = 0.95) -> _abi.GslInterval:
        """The prediction for a row, with the intervals of its mean and of a new row like it."""
        call = function(_library.require(self._library), "kedge_gsl_predict_interval", c_int32, c_void_p, c_void_p, c_double,
                        c_void_p)
        owner, address = _arrays.row(x, self._n_features)
        out = _abi.GslInterval()
        check(call(self._ref, address, real(confidence), byref(out)))
        del owner
        return out


class LeastSquaresPass:
    """Least squares on a table that does not fit into memory: blocks of rows in, once each; a LeastSquares out. Settings: as
    there."""

    def __init__(self, n_features: int, **settings: Any) -> None:
        self._library = _library.require(_library.gsl)
        self._settings = dict(settings, n_features=n_features)
        self._config = LeastSquares(**self._settings)._config
        n_state = self._function("size", c_size_t)(byref(self._config))
        self._n_work = self._function("work", c_size_t)(byref(self._config))
        self._memory, self._work, self._handle = aligned(n_state), aligned(self._n_work), c_void_p()
        check(self._function("init", c_int32, c_void_p, c_void_p, c_size_t)(byref(self._handle), byref(self._config), self._memory,
                                                                            n_state))

    def _function(self, verb: str, result: Any, *more: Any) -> Any:
        return function(self._library, "kedge_gsl_one_pass_" + verb, result, c_void_p, *more)

    def add(self, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> LeastSquaresPass:
        """Take in a block of rows. Returns the pass."""
        owner, rows = _arrays.table(x)
        labels = _labels(y, rows)
        weights = _labels(weight, rows) if weight is not None else (None, None)
        call = self._function("add", c_int32, POINTER(_abi.Rows), c_void_p, c_void_p, c_void_p, c_size_t)
        check(call(byref(self._handle), byref(rows), labels[1], weights[1], self._work, self._n_work))
        del owner
        return self

    def merge(self, other: LeastSquaresPass) -> LeastSquaresPass:
        """Take in all rows of another pass. Returns the pass."""
        check(self._function("merge", c_int32, c_void_p, c_void_p, c_size_t)(byref(self._handle), byref(other._handle), self._work,
                                                                             self._n_work))
        return self

    def solve(self) -> LeastSquares:
        """A model of all rows so far; the pass goes on."""
        model = LeastSquares(**self._settings)
        check(self._function("solve", c_int32, c_void_p, c_void_p, c_size_t)(byref(self._handle), model._ref, self._work,
                                                                             self._n_work))
        return model


class Ridge(_GslModel):
    """Ridge regression with intercept. n_l2=1: the penalty is l2 (scikit-learn's alpha). More: n_l2 penalties in equal ratios from
    l2 to l2_high, of which choice='loo' (default; leave-one-out, exact, in one more pass) or 'gcv' takes the best. Or
    penalties=[...], up to 32 of your own, as RidgeCV's alphas; the path has them rising. method: 'qr' (default), 'normal'.

    Settings: l2=1, l2_high=1, n_l2=1, standardise=0 (1: the penalty goes by columns over their deviations), path=0 (1: keeps the
    coefficients of all penalties, for path())."""
    _symbol, _struct = "kedge_gsl_ridge", _abi.GslRidgeConfig
    _choices = {"choice": {"loo": 1, "gcv": 2}, "method": {"qr": 1, "normal": 2}}

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        penalties = settings.pop("penalties", None)
        configure(config, settings, self._choices)
        if penalties is not None:
            if "n_l2" in settings:
                raise TypeError("penalties say how many there are: no n_l2 beside them")
            config.kept = array.array("d", sorted(real(l2) for l2 in penalties))  # lives as long as what points to it
            config.penalties, config.n_l2 = config.kept.buffer_info()[0], len(config.kept)

    def _label(self, y: float) -> float:
        return y

    @property
    def fitted(self) -> _abi.GslRidgeFit:
        """Of the last fit: the chosen penalty, and what it is worth."""
        out = _abi.GslRidgeFit()
        check(function(_library.require(self._library), "kedge_gsl_ridge_summary", c_int32, c_void_p, c_void_p)(self._ref,
            byref(out)))
        return out

    def coefficients(self) -> list[float]:
        """The intercept, then the weights, for the chosen penalty."""
        weights, intercept = (c_double * self._n_features)(), c_double()
        call = function(_library.require(self._library), "kedge_gsl_coefficients", c_int32, c_void_p, c_void_p, c_size_t, c_void_p)
        check(call(self._ref, weights, self._n_features, byref(intercept)))
        return [intercept.value, *weights]

    def path(self) -> list[_abi.GslRidgePoint]:
        """What each penalty is worth, from the least to the greatest: l2, loo, gcv, df, deviance."""
        return list(self._read_path(False)[0])

    def path_coefficients(self) -> list[list[float]]:
        """The intercept and the weights for each penalty. Needs path=1."""
        n, flat = self._n_features + 1, self._read_path(True)[1]
        return [list(flat[i:i + n]) for i in range(0, len(flat), n)]

    def _read_path(self, with_coefficients: bool) -> tuple[Any, Any]:
        call = function(_library.require(self._library), "kedge_gsl_ridge_path", c_int32, c_void_p, c_void_p, c_size_t, c_void_p,
                        c_size_t)
        fit = self.fitted
        n_points = fit.n_l2 if fit.n_rows else 0
        if n_points == 0:
            return (), ()
        n = n_points * (self._n_features + 1) if with_coefficients else 0
        points, coefficients = (_abi.GslRidgePoint * n_points)(), (c_double * n)()
        check(call(self._ref, points, n_points, coefficients if n else None, n))
        return points, coefficients


class RobustRegression(_GslModel):
    """A line that few rows far off cannot move: norm='huber' (default) or 'bisquare', which leaves them out. statsmodels' RLM.

    Settings: tuning=1.345 (bisquare: 4.685; scales from the fit at which rows begin to count less, or no longer count),
    tolerance=1e-10, max_iterations=200, report=0 (1: keeps what coefficients() needs)."""
    _symbol, _struct = "kedge_gsl_robust", _abi.GslRobustConfig
    _norms = {"huber": 1, "bisquare": 2}

    def __init__(self, n_features: int, norm: str = "huber", **settings: Any) -> None:
        _library.require(self._library)
        self._construct((unsigned(n_features), self._norms[norm]), settings)

    def _label(self, y: float) -> float:
        return y

    @property
    def fitted(self) -> _abi.GslRobustFit:
        """Of the last fit: scale, share, converged, exact, Wald's test of all weights, degrees of freedom."""
        out = _abi.GslRobustFit()
        check(function(_library.require(self._library), "kedge_gsl_robust_summary", c_int32, c_void_p, c_void_p)(self._ref,
            byref(out)))
        return out

    def coefficients(self, confidence: float = 0.95) -> list[_abi.GslCoefficient]:
        """The intercept and one a feature: value, standard_error, statistic (z), p_value, low, high. Needs report=1."""
        n = self._n_features + 1
        out = (_abi.GslCoefficient * n)()
        report = function(_library.require(self._library), "kedge_gsl_report", c_int32, c_void_p, c_double, c_void_p, c_void_p,
                          c_size_t)
        check(report(self._ref, real(confidence), None, out, n))
        return list(out)

    def row_weights(self, x: _arrays.Table, y: _arrays.Numbers) -> list[float]:
        """How much each row counts by its distance from the fit, from 0 to 1."""
        owner, rows = _arrays.table(x)
        labels = _labels(y, rows)
        out = (c_double * rows.n_rows)()
        call = function(_library.require(self._library), "kedge_gsl_robust_weights", c_int32, c_void_p, POINTER(_abi.Rows),
                        c_void_p, c_void_p, c_size_t)
        check(call(self._ref, byref(rows), labels[1], out, rows.n_rows))
        del owner
        return list(out)


class LogisticIRLS(_GslModel):
    """Logistic regression by iteratively reweighted least squares; two classes. Settings: l2=1, tolerance=1e-10,
    max_iterations=100."""
    _symbol, _struct = "kedge_gsl_logistic", _abi.GslLogisticConfig


class GLM(_GslModel):
    """Generalised linear model with intercept; predicts means. family: 'binomial' (shares, 0 and 1), 'poisson', 'gamma'. link:
    'logit' (default of binomial), 'probit', 'cloglog', 'log' (default of the others), 'inverse', 'identity'.

    Settings: l2=0, tolerance=1e-10, max_iterations=100, offset: number of the feature whose coefficient is 1; report=1 keeps what
    coefficients() needs."""
    _symbol, _struct = "kedge_gsl_glm", _abi.GslGlmConfig
    _families = {"binomial": 1, "poisson": 2, "gamma": 3}
    _links = {"logit": 1, "probit": 2, "cloglog": 3, "log": 4, "inverse": 5, "identity": 6}

    def __init__(self, n_features: int, family: str, **settings: Any) -> None:
        _library.require(self._library)
        self._construct((unsigned(n_features), self._families[family]), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, {"link": self._links})

    def _label(self, y: float) -> float:
        return y

    @property
    def fitted(self) -> _abi.GslGlmFit:
        """Deviance, degrees of freedom and dispersion of the last fit."""
        out = _abi.GslGlmFit()
        told = function(self._library, "kedge_gsl_glm_summary", c_int32, c_void_p, c_void_p)
        check(told(self._ref, byref(out)))
        return out

    def coefficients(self, confidence: float = 0.95) -> list[_abi.GslCoefficient]:
        """The intercept and one a feature: value, standard_error, statistic (z), p_value, low, high. Needs report=1."""
        n = self._n_features + 1
        out = (_abi.GslCoefficient * n)()
        report = function(self._library, "kedge_gsl_report", c_int32, c_void_p, c_double, c_void_p, c_void_p, c_size_t)
        check(report(self._ref, real(confidence), None, out, n))
        return list(out)


class _Discriminant(_GslModel):
    _symbol, _struct = "kedge_gsl_discriminant", _abi.GslDiscriminantConfig
    _quadratic: int

    def __init__(self, n_features: int, n_classes: int = 2, **settings: Any) -> None:
        _library.require(self._library)
        if "quadratic" in settings:
            raise TypeError("the class says whether it is quadratic")
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def _fill(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, {})
        config.quadratic = self._quadratic


class LinearDiscriminant(_Discriminant):
    """Linear discriminant analysis: normal classes with one covariance; scikit-learn's LinearDiscriminantAnalysis. Settings:
    shrinkage=0 (1: as if columns were independent and alike), unbiased=0 (1: covariances over rows less classes)."""
    _quadratic = 0


class QuadraticDiscriminant(_Discriminant):
    """Quadratic discriminant analysis: normal classes, each with a covariance of its own; scikit-learn's
    QuadraticDiscriminantAnalysis. Settings: as those of LinearDiscriminant."""
    _quadratic = 1


class ElasticNet(_GslModel):
    """Linear regression whose penalty, alpha (l1_ratio |b| + (1 - l1_ratio) b^2 / 2), leaves out columns: scikit-learn's ElasticNet
    and, with n_folds, ElasticNetCV, which chooses alpha by cross-validation.

    Settings: alpha=1, l1_ratio=0.5, tolerance=1e-15, max_iterations=1000, standardise=0 (1: the penalty is on columns of deviation
    1), n_folds=0, n_alphas=100, path_ratio=1e-3, shuffle=0, seed=1, one_error=0 (1: the greatest alpha within a standard error of
    the best)."""
    _symbol, _struct = "kedge_gsl_elastic_net", _abi.GslElasticNetConfig

    def _label(self, y: float) -> float:
        return y

    @property
    def fitted(self) -> _abi.GslElasticNetFit:
        """The last fit: alpha, r2, n_nonzero, gap, converged, error of cross-validation and others."""
        out = _abi.GslElasticNetFit()
        library = _library.require(self._library)
        check(function(library, "kedge_gsl_elastic_net_summary", c_int32, c_void_p, c_void_p)(self._ref, byref(out)))
        return out

    def path(self, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None,
             alphas: Union[int, _arrays.Numbers] = 100) -> list[tuple[_abi.GslElasticNetFit, list[float]]]:
        """A fit with these settings for each of some falling alphas, or for so many that are chosen: what fitted tells, and the
        weights. The model stays as it is."""
        library = _library.require(self._library)
        owner, rows = _arrays.table(x)
        labels = _labels(y, rows)
        weights = _labels(weight, rows) if weight is not None else (None, None)
        given = (None, None, alphas) if isinstance(alphas, int) else _arrays.doubles(alphas)
        points, out = (_abi.GslElasticNetFit * given[2])(), (c_double * (given[2] * self._n_features))()
        size = function(library, "kedge_gsl_elastic_net_path_work", c_size_t, c_void_p, c_size_t)
        n_work = size(byref(self._config), rows.n_rows)
        work = aligned(n_work)
        call = function(library, "kedge_gsl_elastic_net_path", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, c_void_p,
                        c_void_p, c_size_t, c_void_p, c_void_p, c_size_t)
        check(call(byref(self._config), byref(rows), labels[1], weights[1], given[1], points, given[2], out, work, n_work))
        del owner
        return [(point, out[i * self._n_features:(i + 1) * self._n_features]) for i, point in enumerate(points)]


class Lasso(ElasticNet):
    """An ElasticNet with l1_ratio=1; settings as there."""

    def __init__(self, n_features: int, **settings: Any) -> None:
        super().__init__(n_features, **{"l1_ratio": 1.0, **settings})


class SoftmaxIRLS(_GslModel):
    """Multinomial logistic regression by Newton's method; any number of classes. Settings: l2=1 (scikit-learn's 1/C; 0: the first
    class is the reference, as in statsmodels' MNLogit), standardise=1 (0: the penalty is on the columns as they are, as in
    scikit-learn), tolerance=1e-10, max_iterations=100, report=0 (1, with l2=0: keeps what coefficients() needs)."""
    _symbol, _struct = "kedge_gsl_softmax", _abi.GslSoftmaxConfig

    def __init__(self, n_features: int, n_classes: int, **settings: Any) -> None:
        _library.require(self._library)
        self._construct((unsigned(n_features), unsigned(n_classes)), settings)

    def class_weights(self, i_class: int) -> tuple[float, list[float]]:
        """The intercept of a class, and its weight for each feature, in the features' units."""
        library = _library.require(self._library)
        call = function(library, "kedge_gsl_softmax_coefficients", c_int32, c_void_p, c_uint32, c_void_p, c_size_t,
                        POINTER(c_double))
        out, intercept = (c_double * self._n_features)(), c_double()
        check(call(self._ref, unsigned(i_class), out, self._n_features, byref(intercept)))
        return intercept.value, list(out)

    @property
    def fitted(self) -> _abi.GslSoftmaxFit:
        """The last fit: deviance, null_deviance, p_value of the likelihood ratio test, rank, iterations, n_seen."""
        out = _abi.GslSoftmaxFit()
        library = _library.require(self._library)
        check(function(library, "kedge_gsl_softmax_summary", c_int32, c_void_p, c_void_p)(self._ref, byref(out)))
        return out

    def coefficients(self, i_class: int, confidence: float = 0.95) -> list[_abi.GslCoefficient]:
        """The intercept of a class and one a feature, against the first class: value, standard_error, statistic (z), p_value, low,
        high. Needs report=1."""
        n = self._n_features + 1
        out = (_abi.GslCoefficient * n)()
        library = _library.require(self._library)
        call = function(library, "kedge_gsl_softmax_report", c_int32, c_void_p, c_uint32, c_double, c_void_p, c_size_t)
        check(call(self._ref, unsigned(i_class), real(confidence), out, n))
        return list(out)
