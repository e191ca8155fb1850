# SPDX-License-Identifier: MIT
"""What the columns of rows may hold, learned from rows or declared: rows that break it (skew) are refused before they reach a
model, and values that spread otherwise than they did (shift) are told.

    schema = Schema(["age", "country", "member"])    # by name, or how many; all are inferred
    schema.learn(training_rows)
    schema.finish()
    verdict = schema.check(row)
    if not verdict: print(verdict)                   # row 17: refused ... column 0 (age): out of range: 212, limit 120"""
from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, byref, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, NamedTuple, Optional, Union

from . import _abi
from ._abi import constants
from ._arrays import Numbers, Table, doubles, table
from ._library import core, function
from ._numbers import unsigned
from ._object import configure
from .controls import Control, Event, _event, _names, _words
from .errors import ConfigError, check


def _bind(name: str, *arguments: Any) -> Any:
    return function(core, "kedge_schema_" + name, c_int32, *arguments)


_learn_many = _bind("learn_many", c_void_p, POINTER(_abi.Rows), POINTER(c_size_t))
_finish = _bind("finish", c_void_p)
_renew = _bind("renew", c_void_p)
_check_row = _bind("check_row", c_void_p, c_uint64, c_void_p, c_size_t, POINTER(_abi.SchemaVerdict))
_explain = _bind("explain", c_void_p, c_void_p, c_size_t, POINTER(_abi.SchemaVerdict))
_check_many = _bind("check_many", c_void_p, c_uint64, POINTER(_abi.Rows), c_void_p, POINTER(c_size_t), POINTER(_abi.SchemaVerdict))
_column = _bind("column", c_void_p, c_uint32, POINTER(_abi.ColumnPart))
_set_column = _bind("set_column", c_void_p, c_uint32, POINTER(_abi.ColumnPart))
_read = _bind("read", c_void_p, POINTER(_abi.SchemaReport))
_read_column = _bind("read_column", c_void_p, c_uint32, POINTER(_abi.SchemaColumnReport))
_schema_event = _bind("event", POINTER(_abi.SchemaVerdict), POINTER(_abi.EventRecord))
_verdict_text = _bind("verdict_text", c_void_p, POINTER(_abi.SchemaVerdict), c_void_p, c_size_t, POINTER(c_size_t))
_text = _bind("text", c_void_p, c_void_p, c_size_t, POINTER(c_size_t))

_KINDS = _words("KEDGE_COLUMN_", "inferred numeric nominal boolean ignored")
_KIND_NAMES = _names(_KINDS)
_WHY = _names(_words("KEDGE_SCHEMA_", "shape missing missing_rate type range unseen unseen_rate new shift rare"))
_STATUSES = {constants["KEDGE_OK"]: "ok", constants["KEDGE_WARNING"]: "warning", constants["KEDGE_DRIFT"]: "drift",
             constants["KEDGE_ERR_SKEW"]: "skew"}
_EMPTY, _SKEW = constants["KEDGE_EMPTY"], constants["KEDGE_ERR_SKEW"]
_NAME_BYTES, _WHOLE_ROW = constants["KEDGE_COLUMN_NAME_BYTES"], (1 << 32) - 1


class Column(_abi.ColumnPart):
    """What a column may hold. kind: 'inferred', 'numeric', 'nominal' (categories as whole numbers), 'boolean' (0 or 1), 'ignored'.
    Settings: low, high (numeric; infinite: open), is_whole=0 (1: whole numbers only), n_categories=0 (nominal: the codes 0 to
    n_categories - 1 and no others; 0: what was learned, and what comes new while there is room for max_categories=64),
    missing_max=0 (greatest share of nan; 0: a row with nan is refused), unseen_max=0 (likewise, of unknown categories)."""
    _defaults = (b"", constants["KEDGE_COLUMN_INFERRED"], 0, 64, 0, float("-inf"), float("inf"), 0.0, 0.0)  # KEDGE_COLUMN_INIT

    def __init__(self, name: str = "", kind: str = "inferred", **settings: Any) -> None:
        super().__init__(*self._defaults)
        coded = name.encode()
        if len(coded) >= _NAME_BYTES or b"\0" in coded:
            raise ConfigError(f"a name has at most {_NAME_BYTES - 1} bytes")
        self.name = coded
        configure(self, {"kind": kind, **settings}, {"kind": _KINDS})

    def __repr__(self) -> str:
        said = [repr(self.name.decode(errors="replace")), repr(_KIND_NAMES.get(self.kind, self.kind))]
        said += [f"{field}={getattr(self, field)!r}" for (field, *_), default in zip(self._fields_[2:], self._defaults[2:])
                 if getattr(self, field) != default]
        return f"Column({', '.join(said)})"


class Finding(NamedTuple):
    """Something found in a row. why: 'shape', 'missing', 'missing_rate', 'type', 'range', 'unseen', 'unseen_rate' (skew), 'new' (a
    category that was not known), 'shift', 'rare' (rare values that are frequent now). column is None for the whole row."""
    column: Optional[int]
    name: str
    why: str
    value: float
    limit: float


class Verdict:
    """What a check found: true if the row may be served, and `str()` of it is for people. status is 'ok', 'warning' (a new
    category), 'drift' (a column has shifted: train again) or 'skew' (refused)."""

    def __init__(self, record: _abi.SchemaVerdict, names: Sequence[str], text: str) -> None:
        self._record, self._text = record, text
        self.row: int = record.row
        self.status: str = _STATUSES[record.status]
        self.n_wrong: int = record.n_wrong
        self.n_news: int = record.n_news
        self.n_shifted: int = record.n_shifted
        self.is_fresh: bool = bool(record.is_fresh)
        self.findings = [Finding(None if f.column == _WHOLE_ROW else f.column, names[f.column] if f.column < len(names) else "",
                                 _WHY[f.why], f.value, f.limit) for f in record.findings[:record.n_findings]]

    def __bool__(self) -> bool:
        return self.status != "skew"

    @property
    def event(self) -> Optional[Event]:
        """The event 'skew', 'shift' or 'warning' that it is worth; None: nothing that was not told before in this window."""
        out = _abi.EventRecord()
        return _event(out) if check(_schema_event(byref(self._record), byref(out))) != _EMPTY else None

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Verdict({self.status!r}, {self.findings!r})"


class Schema(Control):
    """What rows may hold. columns: a list of names and of Column, or how many there are. Settings: max_categories=64,
    sample_rows=1024 (the reference for shifts), window=512 (rows over which rates and shifts are judged), slack=0.5 (how far
    inferred ranges go beyond what was seen, in distances of the extremes), confidence=0.999 (of inferred missing rates),
    rate_alpha=0.001 and shift_alpha=0.001 (chance of a false alarm in a window, over all columns), seed=1."""
    _symbol, _struct = "kedge_schema", _abi.SchemaConfig

    def __init__(self, columns: Union[int, Sequence[Union[str, Column]]], **settings: Any) -> None:
        config, array = _abi.SchemaConfig(), None
        if isinstance(columns, int):
            n = unsigned(columns)
        else:
            given = [Column(c) if isinstance(c, str) else c for c in columns]
            if not all(isinstance(c, Column) for c in given):
                raise TypeError("a list of names or of Column is needed")
            n, array = len(given), (_abi.ColumnPart * len(given))(*given)
        init = function(core, "kedge_schema_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), array, n))
        configure(config, settings, {})
        config.parts = array  # lives as long as the configuration, which points to it
        self._make(config)

    def learn(self, rows: Table) -> int:
        """Learn rows; how many were refused, because they break what was declared."""
        owner, t = table(rows)
        n = c_size_t()
        check(_learn_many(self._ref, byref(t), byref(n)))
        return n.value

    def finish(self) -> None:
        """End learning: infer what is to be inferred, and take the reference for shifts."""
        check(_finish(self._ref))

    def check(self, x: Numbers, now_ns: int = 0) -> Verdict:
        """Check a row; nan is a missing value."""
        owner, address, n = doubles(x)
        out = _abi.SchemaVerdict()
        st = _check_row(self._own, unsigned(now_ns, 64), address, n, byref(out))
        if st != _SKEW:
            check(st)
        return self._verdict(out)

    def explain(self, x: Numbers) -> Verdict:
        """What is wrong with a row, without counting it."""
        owner, address, n = doubles(x)
        out = _abi.SchemaVerdict()
        st = _explain(self._ref, address, n, byref(out))
        if st != _SKEW:
            check(st)
        return self._verdict(out)

    def check_table(self, rows: Table, now_ns: int = 0) -> tuple[list[str], Optional[Verdict]]:
        """Check rows: the status of each, and the verdict on the worst; None: none was refused."""
        owner, t = table(rows)
        statuses, n, worst = (c_int32 * t.n_rows)(), c_size_t(), _abi.SchemaVerdict()
        check(_check_many(self._own, unsigned(now_ns, 64), byref(t), statuses, byref(n), byref(worst)))
        return [_STATUSES[st] for st in statuses], self._verdict(worst) if n.value else None

    def _verdict(self, record: _abi.SchemaVerdict) -> Verdict:
        text, n = ctypes.create_string_buffer(2048), c_size_t()
        check(_verdict_text(self._ref, byref(record), text, len(text), byref(n)))
        names = [c.name.decode(errors="replace") for c in self.columns] if record.n_findings else []
        return Verdict(record, names, text.value.decode())

    @property
    def columns(self) -> list[Column]:
        """What the columns may hold, as it is in force."""
        out = []
        for i in range(self.report.n_columns):
            column = Column()
            check(_column(self._ref, i, byref(column)))
            out.append(column)
        return out

    def set_column(self, i: int, column: Column) -> None:
        """Change what a column may hold, once learning is over: its range, rates, room; or ignore it."""
        if not isinstance(column, Column):
            raise TypeError("a Column is needed")
        check(_set_column(self._ref, unsigned(i), byref(column)))

    def renew(self) -> None:
        """Take a new reference for shifts from the rows that come, once a model serves that was trained on the new data."""
        check(_renew(self._ref))

    @property
    def report(self) -> _abi.SchemaReport:
        """Figures of all."""
        out = _abi.SchemaReport()
        check(_read(self._ref, byref(out)))
        return out

    def of_column(self, i: int) -> _abi.SchemaColumnReport:
        """Figures of a column."""
        out = _abi.SchemaColumnReport()
        check(_read_column(self._ref, unsigned(i), byref(out)))
        return out

    def __str__(self) -> str:
        n = c_size_t()
        _text(self._ref, None, 0, byref(n))
        text = ctypes.create_string_buffer(n.value + 1)
        check(_text(self._ref, text, len(text), byref(n)))
        return text.value.decode()

    def __repr__(self) -> str:
        return f"Schema({self.report!r})"
