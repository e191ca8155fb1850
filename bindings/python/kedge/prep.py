# SPDX-License-Identifier: MIT
"""Data preparation: rows made ready for models, alike in training and in service.

    p = Chain(3, Impute, lambda n: Scale(n, method="robust"))   # each step is made for the columns that the one before gives
    p.fit(table)                                                # or p.learn_one(x), row by row
    model.predict_one(p.transform_one(x))

nan is a missing value. learn_one and learn_many give the rows as a model should see them in training, transform_one and
transform_many as it sees them in service."""
from __future__ import annotations

import array
import ctypes
import sys
from collections.abc import Iterable, Sequence
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_void_p
from typing import Any, Callable, Optional, TypeVar, Union

from . import _abi, _arrays
from ._library import core, function
from ._numbers import real, unsigned
from ._object import Noun, Object, aligned, configure
from .errors import ConfigError, ShapeError, check

__all__ = ["Chain", "Clip", "Hash", "Impute", "Lag", "OneHot", "Ordinal", "Polynomial", "Prep", "Quantiles", "Scale", "Target"]

AnyPrep = TypeVar("AnyPrep", bound="Prep")
AnyChain = TypeVar("AnyChain", bound="Chain")

_describe = function(core, "kedge_prep_describe", c_int32, c_void_p, POINTER(_abi.PrepInfo))
_learn = function(core, "kedge_prep_learn", c_int32, c_void_p, c_void_p, c_double, c_void_p)
_learn_many = function(core, "kedge_prep_learn_many", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, POINTER(c_size_t))
_work = function(core, "kedge_prep_work", c_size_t, c_void_p, c_size_t)
_fit = function(core, "kedge_prep_fit", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, c_size_t, c_void_p)
_transform = function(core, "kedge_prep_transform", c_int32, c_void_p, c_void_p, c_void_p)
_transform_many = function(core, "kedge_prep_transform_many", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, POINTER(c_size_t))
_column = function(core, "kedge_prep_column", c_int32, c_void_p, c_uint32, POINTER(_abi.PrepOrigin))
_column_name = function(core, "kedge_prep_column_name", c_int32, c_void_p, c_uint32, POINTER(c_char_p), c_void_p, c_size_t,
                        POINTER(c_size_t))
_merge = function(core, "kedge_prep_merge", c_int32, c_void_p, c_void_p)
_chain_class = function(core, "kedge_chain_class_init", c_int32, c_void_p, c_void_p, c_uint32)
_chain_config = function(core, "kedge_chain_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32)


def _select(base: Any, columns: Optional[Iterable[int]], n_columns: int) -> None:
    """Write a selection into a configuration: any columns below 256, or a whole range."""
    if columns is None:
        return
    chosen = sorted({unsigned(i) for i in columns})
    if not chosen or chosen[-1] >= n_columns:
        raise ConfigError(f"columns are some of 0 to {n_columns - 1}")
    first, n = chosen[0], chosen[-1] - chosen[0] + 1
    if n != len(chosen) and n > 256:
        raise ConfigError("columns are a whole range, or within 256 of each other")
    base.columns.first, base.columns.n = first, n
    bits = sum(1 << (i - first) for i in chosen if i - first < 256)
    for word in range(4):
        base.columns.mask[word] = bits >> 64 * word & (1 << 64) - 1


class Prep(Object):
    """Base of all preps. `columns`: those that it works on, as numbers; default all. The others pass as they are."""
    _noun = Noun("prep")
    _struct: Any
    _choices: dict[str, dict[str, int]] = {}

    def __init__(self, n_columns: int, *, columns: Optional[Iterable[int]] = None, **settings: Any) -> None:
        config = self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), unsigned(n_columns)))
        _select(config.base, columns, n_columns)
        self._settings(config, settings)
        self._make(config)

    def _settings(self, config: Any, settings: dict[str, Any]) -> None:
        configure(config, settings, self._choices)

    def _ready(self) -> None:
        info = self.info
        self._n_columns, self._n_out = info.n_columns, info.n_out

    @property
    def info(self) -> _abi.PrepInfo:
        """What it is and has seen."""
        out = _abi.PrepInfo()
        check(_describe(self._ref, byref(out)))
        return out

    @property
    def n_out(self) -> int:
        """Numbers in a row that comes out."""
        return self._n_out

    def learn_one(self, x: _arrays.Numbers, y: float = 0.0) -> list[float]:
        """Learn one row; y is its target, for those that need it. The row as a model should see it in training."""
        owner, address = _arrays.row(x, self._n_columns)
        out = (c_double * self._n_out)()
        check(_learn(self._ref, address, real(y), out))
        del owner
        return list(out)

    def _targets(self, y: Optional[_arrays.Numbers], rows: Any) -> tuple[Any, Optional[int]]:
        if y is None:
            return None, None
        owner, address, n = _arrays.doubles(y)
        if n != rows.n_rows:
            raise ShapeError("one target for each row")
        return owner, address

    def _rows(self, out: array.array[float], x: Any) -> Any:
        if _arrays.as_numpy(x) is not None:
            numpy = sys.modules["numpy"]
            return (numpy.frombuffer(out) if out else numpy.empty(0)).reshape(-1, self._n_out)
        return [out[i:i + self._n_out].tolist() for i in range(0, len(out), self._n_out)]

    def _room(self, rows: Any) -> array.array[float]:
        return array.array("d", bytes(8 * rows.n_rows * self._n_out))

    def learn_many(self, x: _arrays.Table, y: Optional[_arrays.Numbers] = None) -> Any:
        """Learn the rows of a table, one after the other; the rows as a model should see them in training: a NumPy array for a
        NumPy table, else a list. An error's `used` tells how many were learned."""
        owner, rows = _arrays.table(x)
        targets, out, used = self._targets(y, rows), self._room(rows), c_size_t()
        st = _learn_many(self._ref, byref(rows), targets[1], out.buffer_info()[0], byref(used))
        del owner
        check(st, used.value)
        return self._rows(out, x)

    def _fit(self, x: _arrays.Table, y: Optional[_arrays.Numbers], wants: bool) -> Any:
        owner, rows = _arrays.table(x)
        targets = self._targets(y, rows)
        out = self._room(rows) if wants else array.array("d")
        n_work = _work(self._ref, rows.n_rows)
        check(_fit(self._ref, byref(rows), targets[1], aligned(n_work), n_work, out.buffer_info()[0] if wants else None))
        del owner
        return self._rows(out, x) if wants else None

    def fit(self: AnyPrep, x: _arrays.Table, y: Optional[_arrays.Numbers] = None) -> AnyPrep:
        """Forget all, then learn a whole table: exact quantiles, categories in ascending order. Returns the prep."""
        self._fit(x, y, False)
        return self

    def fit_transform(self, x: _arrays.Table, y: Optional[_arrays.Numbers] = None) -> Any:
        """fit(), and the rows as a model should see them in training."""
        return self._fit(x, y, True)

    def transform_one(self, x: _arrays.Numbers) -> list[float]:
        """A row as a model sees it in service."""
        owner, address = _arrays.row(x, self._n_columns)
        out = (c_double * self._n_out)()
        check(_transform(self._ref, address, out))
        del owner
        return list(out)

    def transform_many(self, x: _arrays.Table) -> Any:
        """Rows as a model sees them in service: a NumPy array for a NumPy table, else a list."""
        owner, rows = _arrays.table(x)
        out, used = self._room(rows), c_size_t()
        st = _transform_many(self._ref, byref(rows), out.buffer_info()[0], byref(used))
        del owner
        check(st, used.value)
        return self._rows(out, x)

    def origin(self, i_out: int) -> _abi.PrepOrigin:
        """Where an output column comes from."""
        out = _abi.PrepOrigin()
        check(_column(self._ref, unsigned(i_out), byref(out)))
        return out

    def names(self, columns: Optional[Sequence[str]] = None) -> list[str]:
        """Names of the output columns, made of those of the input columns, or of x0, x1 ..."""
        if columns is not None and len(columns) != self._n_columns:
            raise ShapeError(f"{self._n_columns} names")
        given = None if columns is None else (c_char_p * self._n_columns)(*(name.encode() for name in columns))
        names, n = [], c_size_t()
        for i in range(self._n_out):
            _column_name(self._ref, i, given, None, 0, byref(n))
            text = ctypes.create_string_buffer(n.value + 1)
            check(_column_name(self._ref, i, given, text, n.value + 1, byref(n)))
            names.append(text.value.decode())
        return names

    def merge(self: AnyPrep, other: Prep) -> AnyPrep:
        """Add what another prep of the same class and configuration has learned. Returns the prep."""
        check(_merge(self._ref, other._ref))
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_columns={self._n_columns}, n_out={self._n_out}, state_bytes={self.state_bytes})"


class Scale(Prep):
    """Columns on a common scale. `method`: "standard", "min_max" or "robust". Settings: center=1, scale=1; min_max: low=0, high=1,
    clip=0; robust: lower=0.25, upper=0.75, level_size=128."""
    _symbol, _struct = "kedge_scale", _abi.ScaleConfig
    _choices = {"method": {"standard": _abi.constants["KEDGE_SCALE_STANDARD"], "min_max": _abi.constants["KEDGE_SCALE_MIN_MAX"],
                           "robust": _abi.constants["KEDGE_SCALE_ROBUST"]}}


class Impute(Prep):
    """Missing values filled. `method`: "mean", "median", "mode", "last" or "constant". Settings: indicator=0, constant=0; median:
    level_size=128; mode: max_categories=256."""
    _symbol, _struct = "kedge_impute", _abi.ImputeConfig
    _choices = {"method": {name: _abi.constants["KEDGE_IMPUTE_" + name.upper()] for name in ("mean", "median", "mode", "last",
                                                                                             "constant")}}


class _Coded(Prep):
    """Base of the preps of categories. Any finite number is a category. Settings: known=0 (1: they are 0 to max - 1), max=16,
    unseen="other" or "error"."""
    _codes = {"unseen": {"other": _abi.constants["KEDGE_UNSEEN_OTHER"], "error": _abi.constants["KEDGE_UNSEEN_ERROR"]}}

    def _settings(self, config: Any, settings: dict[str, Any]) -> None:
        own = {name: settings.pop(name) for name in ("known", "max", "unseen") if name in settings}
        configure(config.codes, own, self._codes)
        configure(config, settings, self._choices)


class OneHot(_Coded):
    """A column of categories as one column for each. Settings: those of all preps of categories; drop_first=0; other=0 (1: a column
    for categories without one)."""
    _symbol, _struct = "kedge_one_hot", _abi.OneHotConfig


class Ordinal(_Coded):
    """Categories as their codes 0, 1, ... Settings: those of all preps of categories; other=-1 (what one without a code
    becomes)."""
    _symbol, _struct = "kedge_ordinal", _abi.OrdinalConfig


class Target(_Coded):
    """Categories as the mean of the target in them, drawn towards the mean of all; in training each row as the rows before it tell.
    Settings: those of all preps of categories; smooth=1, prior=0."""
    _symbol, _struct = "kedge_target_code", _abi.TargetCodeConfig


class Hash(Prep):
    """Columns of categories as n_buckets columns, by signed hashing; nothing is learned. Settings: n_buckets=256, seed=1."""
    _symbol, _struct = "kedge_hash_code", _abi.HashCodeConfig


class Polynomial(Prep):
    """Products of two columns, and with degree=3 of three, behind all columns. Settings: degree=2, interactions=0 (1: of different
    columns only)."""
    _symbol, _struct = "kedge_polynomial", _abi.PolynomialConfig


class Lag(Prep):
    """Columns as they were in the last n_lags rows that were learned. Settings: n_lags=1, missing=nan (what stands for rows before
    the first)."""
    _symbol, _struct = "kedge_lag", _abi.LagConfig

    def _settings(self, config: Any, settings: dict[str, Any]) -> None:
        missing = settings.pop("missing", None)
        if missing is not None:
            config.missing = float(missing)
        super()._settings(config, settings)


class Clip(Prep):
    """Numbers beyond a bound become the bound. `method`: "quantiles", with lower=0.01, upper=0.99, level_size=128; or "fixed", with
    low and high."""
    _symbol, _struct = "kedge_clip", _abi.ClipConfig
    _choices = {"method": {"fixed": _abi.constants["KEDGE_CLIP_FIXED"], "quantiles": _abi.constants["KEDGE_CLIP_QUANTILES"]}}


class Quantiles(Prep):
    """Numbers as the share of values below them. `output`: "uniform", or "normal" for its quantile. Settings: n_quantiles=100,
    level_size=128."""
    _symbol, _struct = "kedge_quantiles", _abi.QuantilesConfig
    _choices = {"output": {"uniform": _abi.constants["KEDGE_QUANTILES_UNIFORM"],
                           "normal": _abi.constants["KEDGE_QUANTILES_NORMAL"]}}


class Chain(Prep):
    """Preps one behind the other. Each step is made by a function, or class, of the number of columns that it will get. `columns`:
    those that get in at all; default all."""
    _symbol, _struct = "kedge_chain", _abi.ChainConfig

    def __init__(self, n_columns: int, *steps: Callable[[int], Prep], columns: Optional[Iterable[int]] = None) -> None:
        chosen = None if columns is None else list(columns)
        width = unsigned(n_columns) if chosen is None else len(set(chosen))
        parts: list[Prep] = []
        for make in steps:
            parts.append(make(width))
            if parts[-1]._config is None:
                raise ConfigError("a loaded object does not know its settings: make the step anew")
            width = parts[-1].n_out
        self._name_parts(parts)
        config = self._struct()
        check(_chain_config(byref(config), ctypes.sizeof(config), self._cls, unsigned(n_columns)))
        _select(config.base, chosen, n_columns)
        for i, part in enumerate(parts):
            config.steps[i] = ctypes.addressof(part._config)
        self._make(config)

    def _name_parts(self, parts: Sequence[Prep]) -> None:
        """The C class over these steps' classes."""
        addresses = (c_void_p * max(1, len(parts)))(*(ctypes.cast(part._class_address(), c_void_p).value for part in parts))
        self._parts = tuple(parts)
        self._cls = aligned(_abi.sizes["kedge_chain_class"])
        check(_chain_class(self._cls, addresses, len(parts)))

    def _class_address(self) -> Any:
        return ctypes.cast(self._cls, c_void_p)

    @classmethod
    def load(cls: type[AnyChain], snapshot: bytes, *steps: Union[Prep, type[Prep]]) -> AnyChain:
        """The chain in a snapshot that save() gave; steps are of the classes that it was made with."""
        self = cls.__new__(cls)
        self._name_parts([step(1) if isinstance(step, type) else step for step in steps])
        self._restore(bytes(snapshot), self._class_address())
        return self

    def __reduce__(self) -> Any:
        return type(self).load, (self.save(), *self._parts), self._extras()

    def _extras(self) -> dict[str, Any]:
        return {name: value for name, value in super()._extras().items() if name not in ("_cls", "_parts")}

    def __copy__(self: AnyChain) -> AnyChain:
        clone = type(self).load(self.save(), *self._parts)
        vars(clone).update(self._extras(), _config=self._config)
        return clone
