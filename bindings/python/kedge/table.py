# SPDX-License-Identifier: MIT
"""Data drift over many columns: which have moved, since when, from what to what. `kedge.table.compare(before, after).moved`

A table is a mapping of names to columns (a pandas or polars frame, an Arrow table, a dict of lists) or a two-dimensional array. A
column of text or of bool is nominal or boolean by itself; `kinds` says so for others: "numeric", "nominal", "boolean", "none" (left
out). nan and None are missing."""
from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from ctypes import POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_void_p
from typing import Any, Optional, Union

from . import _abi, _arrays, _library
from ._abi import constants
from ._object import aligned, configure
from .errors import ShapeError, check
from .metrics import Categories, Profile
from .shift import Method, Result

_config_init = _library.function(_library.core, "kedge_table_config_init", c_int32, c_void_p, c_size_t)
_work = _library.function(_library.core, "kedge_table_work", c_size_t, c_void_p, c_size_t, c_size_t, c_size_t)
_compare_column = _library.function(_library.core, "kedge_table_compare_column", c_int32, c_void_p, c_void_p, c_void_p, c_uint32,
                                    c_void_p, c_size_t, c_void_p)
_compare_profiles = _library.function(_library.core, "kedge_table_compare_profiles", c_int32, c_void_p, c_void_p, c_void_p,
                                      c_void_p)
_diagnose_work = _library.function(_library.core, "kedge_table_diagnose_work", c_size_t, c_void_p, c_size_t, c_size_t, c_size_t)
_diagnose = _library.function(_library.core, "kedge_table_diagnose", c_int32, c_void_p, POINTER(_abi.Labelled),
                              POINTER(_abi.Labelled), c_void_p, c_uint32, c_void_p, c_size_t, POINTER(_abi.TableDiagnosis))
_decide = _library.function(_library.core, "kedge_table_decide", c_int32, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t,
                            POINTER(_abi.TableReport))
_adjust = _library.function(_library.core, "kedge_p_adjust", c_int32, c_uint32, c_void_p, c_size_t, c_void_p, c_void_p)

_ADJUST = {name[len("KEDGE_ADJUST_"):].lower(): value for name, value in constants.items() if name.startswith("KEDGE_ADJUST_")}
_KINDS = {name[len("KEDGE_KIND_"):].lower(): value for name, value in constants.items() if name.startswith("KEDGE_KIND_")}
_SHIFTS = {name[len("KEDGE_SHIFT_"):].lower(): constants[name]
           for name in ("KEDGE_SHIFT_COVARIATE", "KEDGE_SHIFT_LABEL", "KEDGE_SHIFT_PRIOR", "KEDGE_SHIFT_CONCEPT")}
_KIND_NAMES = {value: name for name, value in _KINDS.items()}
_NEVER = 2**64 - 1

AnyTable = Union[Mapping[str, Any], _arrays.Table]


class Column:
    """What has become of a column: `name`, `kind`, `moved`, `moved_missing`, `rank` (0 for the one that moved most surely), `since`
    (row of the current table, None where nothing moved), `p_adjusted`, `p_missing`, `p_missing_adjusted`, `missing_reference`,
    `missing_current` (shares), and `result`, the `shift.Result` of its values. `where` is the value, or the category, at which they
    differ most. `error` says why there is no answer."""

    def __init__(self, name: str, raw: _abi.TableColumn, labels: Sequence[Any]) -> None:
        self.name = name
        self.kind = _KIND_NAMES[raw.kind]
        self.moved, self.moved_missing = bool(raw.has_moved), bool(raw.has_moved_missing)
        self.rank: int = raw.rank
        self.since: Optional[int] = None if raw.since == _NEVER else raw.since
        self.p_adjusted: float = raw.p_adjusted
        self.p_missing: float = raw.p_missing
        self.p_missing_adjusted: float = raw.p_missing_adjusted
        self.missing_reference: float = raw.missing_reference
        self.missing_current: float = raw.missing_current
        self.error: Optional[Exception] = None
        try:
            check(min(raw.shift.status, 0))
        except Exception as error:  # of this column alone
            self.error = error
        self.result = Result(raw.shift)
        at = self.result.where
        self.where: Any = labels[int(at)] if labels and not math.isnan(at) else at

    def __repr__(self) -> str:
        since = f", since={self.since}" if self.since is not None else ""
        return f"Column({self.name!r}, moved={self.moved or self.moved_missing}, p_adjusted={self.p_adjusted:.3g}{since})"


class Table:
    """`columns` in the order of the table, `moved`: those that moved, most surely first; `table[name]` is one column. True if any
    moved."""

    def __init__(self, columns: list[Column], report: _abi.TableReport) -> None:
        self.columns = columns
        self.n_tests: int = report.n_tests
        self.n_failed: int = report.n_failed

    @property
    def moved(self) -> list[Column]:
        """Columns whose values or missing values moved, by rank."""
        return sorted((c for c in self.columns if c.moved or c.moved_missing), key=lambda c: c.rank)

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def __bool__(self) -> bool:
        return any(c.moved or c.moved_missing for c in self.columns)

    def __repr__(self) -> str:
        return f"Table({len(self.columns)} columns, {len(self.moved)} moved: {', '.join(c.name for c in self.moved)})"


class Diagnosis:
    """What has shifted: `kinds`, a set of "covariate", "label", "prior" and "concept", and what it was told by: `p_features`,
    `p_labels`, `p_features_given_labels`, `p_labels_given_features` (nan without scores). True if anything shifted."""

    def __init__(self, raw: _abi.TableDiagnosis) -> None:
        self.kinds = {name for name, bit in _SHIFTS.items() if raw.kinds & bit}
        self.p_features: float = raw.p_features
        self.p_labels: float = raw.p_labels
        self.p_features_given_labels: float = raw.p_features_given_labels
        self.p_labels_given_features: float = raw.p_labels_given_features

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def __repr__(self) -> str:
        return f"Diagnosis({', '.join(sorted(self.kinds)) or 'nothing shifted'})"


class _Comparison:
    """A configuration, and the columns compared by it so far."""

    def __init__(self, methods: dict[str, Optional[Method]], settings: dict[str, Any]) -> None:
        self._config = _abi.TableConfig()
        check(_config_init(byref(self._config), ctypes.sizeof(self._config)))
        configure(self._config, settings, {"adjust": _ADJUST})
        self._methods = methods  # they outlive the calls
        for name, method in methods.items():
            if method is not None:
                setattr(self._config, name, ctypes.addressof(method._config))
        self._names: list[str] = []
        self._raw: list[_abi.TableColumn] = []
        self._labels: list[Sequence[Any]] = []

    def _add(self, name: str, raw: _abi.TableColumn, labels: Sequence[Any]) -> None:
        self._names.append(name)
        self._raw.append(raw)
        self._labels.append(labels)

    def columns(self, name: str, reference: Any, current: Any, kind: Optional[str]) -> None:
        """Compare a column."""
        raw = _abi.TableColumn()
        owner, a, other, b, own, labels = _as_numbers(reference, current, kind)
        n_bytes = _work(byref(self._config), a.n_rows, b.n_rows, 1)
        work = aligned(n_bytes)
        check(_compare_column(byref(self._config), byref(a), byref(b), _KINDS[own], work, ctypes.sizeof(work), byref(raw)))
        del owner, other
        self._add(name, raw, labels)

    def profiles(self, name: str, reference: Any, current: Any) -> None:
        """Compare a column by its profiles."""
        raw = _abi.TableColumn()
        check(_compare_profiles(byref(self._config), reference._ref, current._ref, byref(raw)))
        self._add(name, raw, ())

    def decide(self) -> Table:
        """All together."""
        n = len(self._raw)
        raw = (_abi.TableColumn * n)(*self._raw)
        report = _abi.TableReport()
        work = aligned(_work(byref(self._config), 0, 0, n))
        check(_decide(byref(self._config), raw, n, work, ctypes.sizeof(work), byref(report)))
        return Table([Column(*it) for it in zip(self._names, raw, self._labels)], report)


def _as_list(x: Any) -> Any:
    """A column as something that can be looked through, an array of numbers as it is."""
    a = None if hasattr(x, "dtype") and str(x.dtype) not in _NUMERIC else _arrays.as_numpy(x) if hasattr(x, "__array__") else None
    if a is not None and str(a.dtype) in _NUMERIC:
        return a
    return x.to_pylist() if hasattr(x, "to_pylist") else x.tolist() if hasattr(x, "tolist") else list(x)


_NUMERIC = {"bool", *(f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64))}


def _is_missing(v: Any) -> bool:
    return v is None or v != v or type(v).__name__ in ("NAType", "NaTType")


def _kind_of(xs: list[Any]) -> str:
    if any(hasattr(x, "dtype") for x in xs):
        return "boolean" if all(str(getattr(x, "dtype", "bool")) == "bool" for x in xs) else "numeric"
    seen = [v for x in xs for v in x if not _is_missing(v)]
    if seen and all(isinstance(v, bool) for v in seen):
        return "boolean"
    return "nominal" if any(not isinstance(v, (int, float)) for v in seen) else "numeric"


def _as_values(reference: Any, current: Any, kind: Optional[str]) -> tuple[list[Any], str, Sequence[Any]]:
    """Both as numbers, their kind, and what the codes stand for."""
    xs = [_as_list(reference), _as_list(current)]
    own = kind or _kind_of(xs)
    labels: list[Any] = []
    if any(not hasattr(x, "dtype") for x in xs):
        values = [list(x) for x in xs]
        if own == "nominal":
            labels = sorted({v for x in values for v in x if not _is_missing(v)}, key=lambda v: (str(type(v)), v))
            codes = {v: float(i) for i, v in enumerate(labels)}
            values = [[math.nan if _is_missing(v) else codes[v] for v in x] for x in values]
        xs = [[math.nan if _is_missing(v) else float(v) for v in x] for x in values]
    return xs, own, labels


def _as_numbers(reference: Any, current: Any, kind: Optional[str]) -> tuple[Any, Any, Any, Any, str, Sequence[Any]]:
    xs, own, labels = _as_values(reference, current, kind)
    owner, a = _arrays.column(xs[0])
    other, b = _arrays.column(xs[1])
    return owner, a, other, b, own, labels


def _columns(table: AnyTable) -> dict[str, Any]:
    """Name and column, of anything that has both; the columns of an array are called by their numbers."""
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if isinstance(table, Mapping):
        return {str(name): column for name, column in table.items()}
    if names is not None and not callable(names):
        frame: Any = table
        return {str(name): frame[name] for name in names}
    a = _arrays.as_numpy(table)
    if a is not None:
        if a.ndim != 2:
            raise ShapeError("a table has two dimensions")
        return {str(i): a[:, i] for i in range(a.shape[1])}
    rows = [list(row) for row in table]
    if any(len(row) != len(rows[0]) for row in rows):
        raise ShapeError("rows of different lengths")
    return {str(i): [row[i] for row in rows] for i in range(len(rows[0]))} if rows else {}


def compare(reference: AnyTable, current: AnyTable, kinds: Optional[Mapping[str, str]] = None, *, numeric: Optional[Method] = None,
            nominal: Optional[Method] = None, boolean: Optional[Method] = None, **settings: Any) -> Table:
    """Compare two tables, column by column; only columns of both. Settings: adjust="benjamini_hochberg" ("none", "bonferroni",
    "holm",
    "benjamini_yekutieli"), alpha=0.05, min_missing=0; methods: `numeric=kedge.shift.KS(min_effect=0.1)`, `nominal=`, `boolean=`."""
    before, after = _columns(reference), _columns(current)
    comparison = _Comparison({"numeric": numeric, "nominal": nominal, "boolean": boolean}, settings)
    named = _check_kinds(kinds)
    names = [name for name in before if name in after and named.get(name) != "none"]
    if not names:
        raise ShapeError("the tables have no column in common")
    for name in names:
        comparison.columns(name, before[name], after[name], named.get(name))
    return comparison.decide()


def _check_kinds(kinds: Optional[Mapping[str, str]]) -> dict[str, str]:
    named = {str(name): kind for name, kind in (kinds or {}).items()}
    for kind in named.values():
        if kind not in _KINDS:
            raise ValueError(f"a kind is one of {', '.join(sorted(_KINDS))}, not {kind!r}")
    return named


def _joined(columns: list[Any]) -> tuple[Any, _abi.Rows]:
    """Columns of numbers, one behind the other."""
    n = len(columns[0])
    buffer = (c_double * (n * len(columns)))()
    for i, x in enumerate(columns):
        owner, address, n_here = _arrays.doubles(x)
        if n_here != n:
            raise ShapeError("columns of different lengths")
        ctypes.memmove(ctypes.addressof(buffer) + 8 * n * i, address, 8 * n)
        del owner
    return buffer, _abi.Rows(ctypes.addressof(buffer), constants["KEDGE_FLOAT64"], 0, n, len(columns), 1, n)


def diagnose(reference: AnyTable, current: AnyTable, label: str, score: Optional[str] = None,
             kinds: Optional[Mapping[str, str]] = None, *, numeric: Optional[Method] = None, nominal: Optional[Method] = None,
             boolean: Optional[Method] = None, **settings: Any) -> Diagnosis:
    """Tell covariate, label, prior and concept shift apart. `label` and `score` name columns of both tables: the true labels, and
    what a model said of each row before it learned from it; all others are features. Without a score a concept shift cannot be
    told. Settings as those of `compare`."""
    before, after = _columns(reference), _columns(current)
    comparison = _Comparison({"numeric": numeric, "nominal": nominal, "boolean": boolean}, settings)
    named = _check_kinds(kinds)
    features = [name for name in before if name in after and name not in (label, score) and named.get(name) != "none"]
    if not features:
        raise ShapeError("the tables have no feature in common")
    tables, owners = (_abi.Labelled(), _abi.Labelled()), []
    values = {name: _as_values(before[name], after[name], named.get(name)) for name in [*features, label, *([score] if score
        else [])]}
    for i, table in enumerate(tables):
        for member, names in (("features", features), ("labels", [label]), ("scores", [score] if score else [])):
            if names:
                owner, rows = _joined([values[name][0][i] for name in names])
                owners.append(owner)
                setattr(table, member, rows)
    codes = (c_uint32 * len(features))(*(_KINDS[values[name][1]] for name in features))
    n_bytes = _diagnose_work(byref(comparison._config), tables[0].features.n_rows, tables[1].features.n_rows, len(features))
    work = aligned(n_bytes)
    raw = _abi.TableDiagnosis()
    check(_diagnose(byref(comparison._config), byref(tables[0]), byref(tables[1]), codes, _KINDS[values[label][1]], work,
                    ctypes.sizeof(work), byref(raw)))
    return Diagnosis(raw)


def compare_profiles(reference: Mapping[str, Union[Profile, Categories]], current: Mapping[str, Union[Profile, Categories]],
                     **settings: Any) -> Table:
    """Compare two tables by the profiles of their columns: only those of both. Settings as those of `compare`."""
    comparison = _Comparison({}, settings)
    names = [name for name in reference if name in current]
    if not names:
        raise ShapeError("the tables have no column in common")
    for name in names:
        comparison.profiles(name, reference[name], current[name])
    return comparison.decide()


def adjust(p_values: _arrays.Numbers, method: str = "benjamini_hochberg") -> list[float]:
    """P-values of many tests, adjusted for their number; nan is no test."""
    if method not in _ADJUST:
        raise ValueError(f"method is one of {', '.join(sorted(_ADJUST))}, not {method!r}")
    owner, address, n = _arrays.doubles(p_values)
    out, order = (c_double * n)(), (c_uint32 * n)()
    check(_adjust(_ADJUST[method], address, n, out, order))
    del owner
    return list(out)
