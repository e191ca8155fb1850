# SPDX-License-Identifier: MIT
"""Model selection: splits, cross-validation, search for settings, early stopping, the importance of each feature, calibrated
probabilities. A `model` here stands for its settings: it is never trained, but for learn_early, score and importance, which take it
as it is."""
from __future__ import annotations

import array
import ctypes
from ctypes import CFUNCTYPE, POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, Iterator, NamedTuple, Optional, Sequence, Union

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import aligned
from .errors import ConfigError, ShapeError, check, error
from .metrics import Metric
from .models import Model, _labels

SCORES = {name.lower(): constants["KEDGE_SCORE_" + name] for name in ("ACCURACY", "LOG_LOSS", "BRIER", "AUC", "MSE", "RMSE", "MAE",
                                                                      "R2")}
_SPLITS = {name: constants["KEDGE_SPLIT_" + name.upper()] for name in ("hold_out", "k_fold", "stratified", "forward")}
_METHODS = {name: constants["KEDGE_SEARCH_" + name.upper()] for name in ("grid", "random", "halving")}
_MAPS = {name: constants["KEDGE_MAP_" + name.upper()] for name in ("platt", "isotonic")}
_TYPES = {c_double: constants["KEDGE_TYPE_F64"], c_uint32: constants["KEDGE_TYPE_U32"], c_uint64: constants["KEDGE_TYPE_U64"]}
_Stop = CFUNCTYPE(c_int32, c_void_p, POINTER(_abi.SearchTrial), c_uint32)

_TABLE = (POINTER(_abi.Rows), c_void_p, c_void_p)
_WORK = (c_void_p, c_size_t)
_split_init = function(core, "kedge_split_config_init", c_int32, c_void_p, c_size_t)
_split_size = function(core, "kedge_split_size", c_size_t, c_void_p, c_size_t, c_uint32)
_split = function(core, "kedge_split_init", c_int32, c_void_p, c_void_p, c_size_t, c_void_p, c_uint32, *_WORK)
_split_rows = function(core, "kedge_split_rows", c_int32, c_void_p, c_uint32, c_int32, c_void_p, c_size_t, POINTER(c_size_t))
_score_work = function(core, "kedge_score_work", c_size_t, c_void_p, c_uint32, c_size_t)
_score = function(core, "kedge_score_model", c_int32, c_void_p, c_uint32, *_TABLE, *_WORK, POINTER(c_double))
_evaluation_work = function(core, "kedge_evaluation_work", c_size_t, c_void_p)
_prequential = function(core, "kedge_prequential", c_int32, c_void_p, c_void_p, *_TABLE, *_WORK, POINTER(c_size_t))
_hold_out = function(core, "kedge_hold_out", c_int32, c_void_p, c_void_p, *_TABLE, *_WORK, POINTER(c_size_t))
_validation_init = function(core, "kedge_validation_config_init", c_int32, c_void_p, c_size_t)
_validate_work = function(core, "kedge_validate_work", c_size_t, c_void_p, c_void_p, c_size_t)
_validate = function(core, "kedge_validate", c_int32, c_void_p, c_void_p, *_TABLE, *_WORK, c_void_p, c_void_p)
_cross_scores = function(core, "kedge_cross_scores", c_int32, c_void_p, c_void_p, *_TABLE, *_WORK, c_void_p)
_search_init = function(core, "kedge_search_config_init", c_int32, c_void_p, c_size_t)
_search_work = function(core, "kedge_search_work", c_size_t, c_void_p, c_void_p, c_void_p, c_size_t)
_search_trials = function(core, "kedge_search_trials", c_uint32, c_void_p, c_void_p, c_uint32)
_search = function(core, "kedge_search", c_int32, c_void_p, c_void_p, c_uint32, c_void_p, c_void_p, *_TABLE, *_WORK, c_void_p,
                   c_void_p, c_void_p)
_early_init = function(core, "kedge_early_config_init", c_int32, c_void_p, c_size_t)
_early_work = function(core, "kedge_learn_early_work", c_size_t, c_void_p, c_void_p, c_size_t, c_size_t)
_early = function(core, "kedge_learn_early", c_int32, c_void_p, c_void_p, *_TABLE, POINTER(_abi.Rows), c_void_p, *_WORK, c_void_p)
_importance_work = function(core, "kedge_permutation_importance_work", c_size_t, c_void_p, c_uint32, c_size_t, c_uint32)
_importance = function(core, "kedge_permutation_importance", c_int32, c_void_p, c_uint32, *_TABLE, c_uint32, c_uint64, *_WORK,
                       c_void_p, c_void_p)
_map_init = function(core, "kedge_probmap_config_init", c_int32, c_void_p, c_size_t, c_uint32)
_map_size = function(core, "kedge_probmap_size", c_size_t, c_void_p)
_map_begin = function(core, "kedge_probmap_init", c_int32, c_void_p, c_void_p, *_WORK)
_map_open = function(core, "kedge_probmap_open", c_int32, c_void_p, *_WORK)
_map_work = function(core, "kedge_probmap_work", c_size_t, c_void_p, c_size_t)
_map_fit = function(core, "kedge_probmap_fit", c_int32, c_void_p, c_void_p, c_void_p, c_void_p, c_size_t, *_WORK)
_map_apply = function(core, "kedge_probmap_apply", c_int32, c_void_p, c_void_p, c_size_t)


def _word(words: dict[str, int], name: str) -> int:
    if name not in words:
        raise ValueError(f"one of {', '.join(words)} is needed, not {name!r}")
    return words[name]


def _doubles(n: int) -> Any:
    return array.array("d", bytes(8 * n))


class _Table:
    """A table with its targets and weights as C sees them."""

    def __init__(self, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> None:
        self.owner, self.rows = _arrays.table(x)
        self.labels = _labels(y, self.rows)
        self.weights = _labels(weight, self.rows) if weight is not None else (None, None)
        self.arguments = byref(self.rows), self.labels[1], self.weights[1]


class Split:
    """How a table is split. `kind`: "hold_out", "k_fold", "stratified", "forward" (rows in the order of time). Numbers as in C:
    `gap` and `train_rows` (None: all that came before) and `test_rows` (None: n / (n_folds + 1)) are for "forward", `test_share`
    for "hold_out"."""

    def __init__(self, kind: str = "k_fold", n_folds: int = 5, *, shuffle: bool = False, test_share: float = 0.25, seed: int = 1,
                 gap: int = 0, train_rows: Optional[int] = None, test_rows: Optional[int] = None) -> None:
        self._config = config = _abi.SplitConfig()
        check(_split_init(byref(config), ctypes.sizeof(config)))
        config.kind, config.n_folds, config.shuffle = _word(_SPLITS, kind), unsigned(n_folds), int(shuffle)
        config.test_share, config.seed, config.gap = real(test_share), unsigned(seed, 64), unsigned(gap, 64)
        for name, value in (("train_rows", train_rows), ("test_rows", test_rows)):
            if value is not None:
                setattr(config, name, unsigned(value, 64))

    def parts(self, n_rows: int, y: Optional[_arrays.Numbers] = None) -> Iterator[tuple[list[int], list[int]]]:
        """Of each fold the rows to train on and those to test. `y`: the classes, which "stratified" needs."""
        labels = array.array("d", [real(label) for label in y]) if y is not None else None
        if labels is not None and len(labels) != n_rows:
            raise ShapeError(f"{n_rows} rows, but {len(labels)} labels")
        n_classes = min(int(max(0.0, *labels)) + 1, constants["KEDGE_CLASSES_MAX"]) if labels else 0
        address = labels.buffer_info()[0] if labels is not None else None
        n_bytes = _split_size(byref(self._config), n_rows, n_classes)
        memory, split = aligned(n_bytes), _abi.SplitHandle()
        check(_split(byref(split), byref(self._config), n_rows, address, n_classes, memory, ctypes.sizeof(memory)))
        for i in range(split.n_folds):
            yield self._rows(split, i, constants["KEDGE_SIDE_TRAIN"]), self._rows(split, i, constants["KEDGE_SIDE_TEST"])
        del memory, labels

    @staticmethod
    def _rows(split: Any, i: int, side: int) -> list[int]:
        rows, n = (c_uint32 * split.n_rows)(), c_size_t()
        check(_split_rows(byref(split), i, side, rows, split.n_rows, byref(n)))
        return rows[:n.value]


def score(model: Model, by: str, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> float:
    """How good a trained model is: by "accuracy", "log_loss", "brier", "auc", "mse", "rmse", "mae" or "r2"; nan if the rows
    determine no such number."""
    table, out = _Table(x, y, weight), c_double()
    n = _score_work(model._ref, _word(SCORES, by), table.rows.n_rows)
    check(_score(model._ref, _word(SCORES, by), *table.arguments, aligned(n), n, byref(out)))
    return out.value


def _evaluate(call: Any, model: Model, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers],
              slice: Optional[_arrays.Numbers], start: int, delay: int, metrics: dict[str, Optional[Metric]]) -> Any:
    table, how, used = _Table(x, y, weight), _abi.Evaluation(), c_size_t()
    predicted = (c_double * table.rows.n_rows)()
    n = _evaluation_work(model._ref)
    for name, metric in metrics.items():
        if metric is not None:
            setattr(how, name, ctypes.cast(metric._ref, c_void_p).value)
    how.predicted, how.delay = ctypes.addressof(predicted), unsigned(delay, 64)
    setattr(how, "from", unsigned(start, 64))
    owner: Any = None
    if slice is not None:
        owner, how.slice, n_slices = _arrays.uint64s(slice)
        if n_slices != table.rows.n_rows:
            raise ShapeError("sequences of different lengths")
    check(call(model._ref, byref(how), *table.arguments, aligned(n), n, byref(used)), used.value)
    del owner
    return predicted[:]


def prequential(model: Model, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
                quality: Optional[Metric] = None, reliability: Optional[Metric] = None, regression: Optional[Metric] = None,
                slices: Optional[Metric] = None, slice: Optional[_arrays.Numbers] = None, start: int = 0,
                delay: int = 0) -> list[float]:
    """Test, then train, row by row: each row is predicted by a model that has not seen it, the metrics record that, and the model
    learns it, `delay` rows later. Rows before `start` are learned only. `slice` gives the slice of each row. Returns the
    predictions, nan before `start`."""
    return _evaluate(_prequential, model, x, y, weight, slice, start, delay,
                     {"quality": quality, "reliability": reliability, "regression": regression, "slices": slices})


def hold_out(model: Model, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
             quality: Optional[Metric] = None, reliability: Optional[Metric] = None, regression: Optional[Metric] = None,
             slices: Optional[Metric] = None, slice: Optional[_arrays.Numbers] = None) -> list[float]:
    """Test a trained model on rows that it has not seen, into metrics. Returns the predictions."""
    return _evaluate(_hold_out, model, x, y, weight, slice, 0, 0,
                     {"quality": quality, "reliability": reliability, "regression": regression, "slices": slices})


def _judge(by: str, split: Optional[Split], n_passes: int) -> _abi.ValidationConfig:
    how = _abi.ValidationConfig()
    check(_validation_init(byref(how), ctypes.sizeof(how)))
    how.score, how.n_passes = _word(SCORES, by), unsigned(n_passes)
    how.split = ctypes.addressof(split._config) if split is not None else None
    return how


def _settings_of(model: Model) -> Any:
    if model._config is None:
        raise ConfigError("a loaded object does not know its settings: make it anew")
    return model._config


class Validation(NamedTuple):
    """What cross-validation found."""
    mean: float          # of the folds' scores
    deviation: float     # of them
    folds: list[float]   # nan: its rows determine no score
    n_rows: int          # rows learned


def cross_validate(model: Model, by: str, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
                   split: Optional[Split] = None, n_passes: int = 1) -> Validation:
    """Train anew for each fold and score on the rows left out; 5 folds, stratified where there are classes, if no split is
    given."""
    config, how, table, report = _settings_of(model), _judge(by, split, n_passes), _Table(x, y, weight), _abi.ValidationReport()
    n = _validate_work(byref(config), byref(how), table.rows.n_rows)
    folds = _doubles(table.rows.n_rows + 1)
    check(_validate(byref(config), byref(how), *table.arguments, aligned(n), n, folds.buffer_info()[0], byref(report)))
    return Validation(report.mean, report.deviation, folds[:report.n_folds].tolist(), report.n_rows)


def cross_scores(model: Model, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
                 split: Optional[Split] = None, n_passes: int = 1) -> list[list[float]]:
    """What models say of rows that they have not learned: class probabilities of each row, or [value]; nan of rows that no fold
    tests."""
    config, table, width = _settings_of(model), _Table(x, y, weight), model._n_scores
    how = _judge("log_loss" if model.info.n_classes else "mse", split, n_passes)
    n, out = _validate_work(byref(config), byref(how), table.rows.n_rows), _doubles(table.rows.n_rows * width)
    check(_cross_scores(byref(config), byref(how), *table.arguments, aligned(n), n, out.buffer_info()[0]))
    return [out[i:i + width].tolist() for i in range(0, len(out), width)]


Axis = Union[Sequence[float], tuple[float, float, str], tuple[float, float, str, int]]


class Trial(NamedTuple):
    """One configuration that was tried."""
    settings: dict[str, float]
    mean: float          # nan: it has no score
    deviation: float
    n_rows: int          # rows of the table that it was tried on
    status: int          # 0; else why it has no score


class Search(NamedTuple):
    """What a search found."""
    model: Model         # a new one with the best settings, not trained
    settings: dict[str, float]
    mean: float
    deviation: float
    trials: list[Trial]
    complete: bool       # False: the budget or stop ended it


def _field(config: Any, name: str) -> tuple[int, Any]:
    for part in [config] + [getattr(config, inner) for inner in ("growth", "members") if hasattr(config, inner)]:
        for field, kind, *_ in part._fields_:
            if field == name and kind in _TYPES and name not in ("config_bytes", "reserved"):
                return ctypes.addressof(part) + getattr(type(part), name).offset, kind
    raise TypeError(f"no setting is called {name!r}")


def _axis(config: Any, name: str, axis: Axis, keep: list[Any]) -> _abi.SearchAxis:
    address, kind = _field(config, name)
    out = _abi.SearchAxis(address, _TYPES[kind], constants["KEDGE_SCALE_LINEAR"], 1, 0, None, 0.0, 0.0)
    if isinstance(axis, tuple) and len(axis) in (3, 4) and isinstance(axis[2], str):
        out.low, out.high = real(axis[0]), real(axis[1])
        out.scale = _word({"linear": constants["KEDGE_SCALE_LINEAR"], "log": constants["KEDGE_SCALE_LOG"]}, axis[2])
        out.n_values = unsigned(axis[3]) if len(axis) == 4 else 5
        return out
    values = array.array("d", [real(value) for value in axis])
    keep.append(values)
    out.values, out.n_values = values.buffer_info()[0], len(values)
    return out


def search(model: Model, axes: dict[str, Axis], by: str, x: _arrays.Table, y: _arrays.Numbers,
           weight: Optional[_arrays.Numbers] = None, *, method: str = "random", n_trials: int = 32, seed: int = 1,
           max_fits: Optional[int] = None, max_rows: Optional[int] = None, factor: int = 3, least_rows: int = 100,
           stop: Optional[Callable[[int, float], bool]] = None, split: Optional[Split] = None, n_passes: int = 1) -> Search:
    """Search for the best settings of a model. `axes` has for each setting a list of values, or (low, high, "linear" or "log"),
    with the number of steps of a grid as a fourth (5). `method`: "grid", "random", "halving", which begins with `least_rows` rows:
    the newest where the split is forward in time, else drawn by the seed, of each class its share. `stop(i_trial, mean)` is asked
    after each trial."""
    config = type(_settings_of(model)).from_buffer_copy(_settings_of(model))
    config.kept = getattr(_settings_of(model), "kept", None)  # what it points to
    keep: list[Any] = []
    names = list(axes)
    c_axes = (_abi.SearchAxis * max(1, len(names)))(*(_axis(config, name, axes[name], keep) for name in names))
    cfg, how, table, report = _abi.SearchConfig(), _judge(by, split, n_passes), _Table(x, y, weight), _abi.SearchReport()
    check(_search_init(byref(cfg), ctypes.sizeof(cfg)))
    cfg.method, cfg.n_trials, cfg.seed = _word(_METHODS, method), unsigned(n_trials), unsigned(seed, 64)
    cfg.factor, cfg.least_rows = unsigned(factor), unsigned(least_rows, 64)
    for name, value in (("max_fits", max_fits), ("max_rows", max_rows)):
        if value is not None:
            setattr(cfg, name, unsigned(value, 64))
    raised: list[BaseException] = []
    call = _Stop(lambda _, trial, i: _asked(stop, raised, i, trial.contents.mean))
    if stop is not None:
        cfg.stop = ctypes.cast(call, c_void_p)
    n = _search_trials(byref(cfg), c_axes, len(names))
    if n == 0:
        raise error(constants["KEDGE_ERR_RANGE"])
    trials, values = (_abi.SearchTrial * n)(), _doubles(n * len(names))
    work = aligned(max(_greatest_work(config, c_axes, names, cfg, how, table), 4 * n))
    st = _search(byref(config), c_axes, len(names), byref(cfg), byref(how), *table.arguments, work, ctypes.sizeof(work), trials,
                 values.buffer_info()[0], byref(report))
    if raised:
        raise raised[0]
    check(st)
    found = [Trial(dict(zip(names, values[i * len(names):(i + 1) * len(names)])), t.mean, t.deviation, t.n_rows, t.status)
             for i, t in enumerate(trials)]
    best = type(model).__new__(type(model))
    vars(best).update(model._extras(), **{name: value for name, value in vars(model).items() if name in ("_cls", "_parts")})
    best._make(config)
    return Search(best, found[report.best].settings, report.mean, report.deviation, found, st == 0)


def _asked(stop: Optional[Callable[[int, float], bool]], raised: list[BaseException], i: int, mean: float) -> int:
    try:
        return int(stop is not None and bool(stop(i, mean)))
    except BaseException as exception:  # C cannot pass it on
        raised.append(exception)
        return 1


def _ends(axis: Any) -> tuple[float, float]:
    if not axis.values:
        return axis.low, axis.high
    values = (c_double * axis.n_values).from_address(axis.values)
    return min(values), max(values)


def _greatest_work(config: Any, axes: Any, names: list[str], cfg: Any, how: Any, table: _Table) -> int:
    """Memory grows with each setting: that of the settings as they are, and with each of them, and all, at their ends."""
    def need() -> int:
        return int(_search_work(byref(config), byref(cfg), byref(how), table.rows.n_rows))

    most, fields = need(), [_field(config, name) for name in names]
    before = [kind.from_address(address).value for address, kind in fields]
    ends = [_ends(axis) for axis in axes[:len(names)]]
    for all_at in (0, 1):
        for (address, kind), end in zip(fields, ends):
            kind.from_address(address).value = end[all_at] if kind is c_double else int(end[all_at])
            most = max(most, need())
    for (address, kind), value in zip(fields, before):
        kind.from_address(address).value = value
    return most


class Early(NamedTuple):
    """How learning went."""
    n_epochs: int        # passes made
    best_epoch: int      # the one whose model was kept
    best: float          # its score on the hold-out
    last: float
    complete: bool       # False: it still improved within `patience` passes of the last one


def learn_early(model: Model, by: str, x: _arrays.Table, y: _arrays.Numbers, held_x: _arrays.Table, held_y: _arrays.Numbers,
                weight: Optional[_arrays.Numbers] = None, *, max_epochs: int = 100, patience: int = 5, tolerance: float = 0.0,
                shuffle: bool = False, seed: int = 1) -> Early:
    """Learn a table pass by pass until the score on a hold-out has not improved for `patience` passes; the model is then that of
    the best pass."""
    cfg, table, held, report = _abi.EarlyConfig(), _Table(x, y, weight), _Table(held_x, held_y), _abi.EarlyReport()
    check(_early_init(byref(cfg), ctypes.sizeof(cfg)))
    cfg.score, cfg.max_epochs, cfg.patience = _word(SCORES, by), unsigned(max_epochs), unsigned(patience)
    cfg.tolerance, cfg.seed, cfg.shuffle = real(tolerance), unsigned(seed, 64), int(shuffle)
    n = _early_work(model._ref, byref(cfg), table.rows.n_rows, held.rows.n_rows)
    st = check(_early(model._ref, byref(cfg), *table.arguments, *held.arguments[:2], aligned(n), n, byref(report)))
    return Early(report.n_epochs, report.best_epoch, report.best, report.last, st == 0)


class Importance(NamedTuple):
    """How much a model needs a feature."""
    mean: float          # by how much the score is worse with that column shuffled
    deviation: float
    repeats: list[float]


def importance(model: Model, by: str, x: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None, *,
               n_repeats: int = 5, seed: int = 1) -> list[Importance]:
    """Permutation importance of each feature to a trained model."""
    table, d, n_repeats = _Table(x, y, weight), model._n_features, unsigned(n_repeats)
    n = _importance_work(model._ref, _word(SCORES, by), table.rows.n_rows, n_repeats)
    out, raw = _doubles(2 * d), _doubles(d * n_repeats)
    check(_importance(model._ref, _word(SCORES, by), *table.arguments, n_repeats, unsigned(seed, 64), aligned(n), n,
                      out.buffer_info()[0], raw.buffer_info()[0]))
    return [Importance(out[2 * j], out[2 * j + 1], raw[j * n_repeats:(j + 1) * n_repeats].tolist()) for j in range(d)]


class ProbabilityMap:
    """Calibrated probabilities: fitted to what a model said of rows that it had not learned (cross_scores, or a hold-out), then
    applied to what it says. `method`: "platt" or "isotonic"."""

    def __init__(self, n_classes: int = 2, *, method: str = "platt", max_points: int = 256) -> None:
        self._config = cfg = _abi.ProbmapConfig()
        check(_map_init(byref(cfg), ctypes.sizeof(cfg), unsigned(n_classes)))
        cfg.method, cfg.max_points = _word(_MAPS, method), unsigned(max_points)
        self._memory, self._handle = aligned(_map_size(byref(cfg))), _abi.ProbmapHandle()
        check(_map_begin(byref(self._handle), byref(cfg), self._memory, ctypes.sizeof(self._memory)))

    def fit(self, scores: _arrays.Table, y: _arrays.Numbers, weight: Optional[_arrays.Numbers] = None) -> ProbabilityMap:
        """Fit anew. Returns the map."""
        flat, width = _arrays.flat(scores)
        owner, address, n = _arrays.doubles(flat)
        if width != self._config.n_classes:
            raise ShapeError(f"{self._config.n_classes} probabilities a row are needed, not {width}")
        rows = _abi.Rows(address, constants["KEDGE_FLOAT64"], 0, n // width, width, width, 1)
        labels = _labels(y, rows)
        weights = _labels(weight, rows) if weight is not None else (None, None)
        n_work = _map_work(byref(self._handle), n // width)
        check(_map_fit(byref(self._handle), address, labels[1], weights[1], n // width, aligned(n_work), n_work))
        del owner
        return self

    def apply(self, scores: _arrays.Numbers) -> list[float]:
        """The probabilities of one row, mapped."""
        owner, address, n = _arrays.doubles(scores)
        row = (c_double * n).from_buffer_copy(ctypes.string_at(address, 8 * n))
        check(_map_apply(byref(self._handle), row, n))
        del owner
        return list(row)

    def __reduce__(self) -> Any:
        return _map_from_bytes, (bytes(self._config), bytes(self._memory))


def _map_from_bytes(config: bytes, memory: bytes) -> ProbabilityMap:
    self = ProbabilityMap.__new__(ProbabilityMap)
    self._config = _abi.ProbmapConfig.from_buffer_copy(config)
    self._memory, self._handle = aligned(len(memory)), _abi.ProbmapHandle()
    ctypes.memmove(self._memory, memory, len(memory))
    check(_map_open(byref(self._handle), self._memory, len(memory)))
    return self
