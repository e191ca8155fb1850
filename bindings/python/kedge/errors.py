# SPDX-License-Identifier: MIT
"""Exceptions from status codes. Each also is the built-in exception that fits."""
from __future__ import annotations

import ctypes
from typing import Any, Optional

from ._abi import constants
from ._library import core, function

_text = function(core, "kedge_status_string", ctypes.c_char_p, ctypes.c_int32)


class KedgeError(Exception):
    """A call was refused and has changed nothing. `status` is the C library's code; `used` says how many items of a batch were
    applied before the bad one, None outside of batches."""
    status: int = 0
    used: Optional[int] = None


class ConfigError(KedgeError, ValueError):
    """A setting is out of its range."""


class NotFiniteError(KedgeError, ValueError):
    """nan or infinity where a finite number is due."""


class RangeError(KedgeError, ValueError):
    """A finite number outside of the range that is taken."""


class ShapeError(KedgeError, ValueError):
    """Rows, columns or lengths do not fit."""


class SnapshotError(KedgeError, ValueError):
    """The bytes are no intact snapshot of this class."""


class SmallBufferError(KedgeError, BufferError):
    """Something of yours is full: a store of versions that must all stay, the segment of a log. Else memory is too small or
    misaligned, which is the package's own fault."""


class UnsupportedError(KedgeError, NotImplementedError):
    """This class does not offer the call."""


class NumericError(KedgeError, ArithmeticError):
    """The data determine no answer."""


class UnknownIdError(KedgeError, KeyError):
    """No such id waits."""

    __str__ = Exception.__str__


class BusyError(KedgeError):
    """All that could be given is in use: try again later."""


class SkewError(KedgeError, ValueError):
    """The row breaks the schema: neither serve nor learn it. `verdict` (a schema's Verdict) says what is wrong with it, None where
    a table was refused."""
    verdict: Any = None


_classes: dict[str, type[KedgeError]] = {
    "KEDGE_ERR_CONFIG": ConfigError, "KEDGE_ERR_NOT_FINITE": NotFiniteError, "KEDGE_ERR_RANGE": RangeError,
    "KEDGE_ERR_SHAPE": ShapeError, "KEDGE_ERR_SNAPSHOT": SnapshotError, "KEDGE_ERR_CLASS": SnapshotError,
    "KEDGE_ERR_BUFFER": SmallBufferError, "KEDGE_ERR_ALIGN": SmallBufferError, "KEDGE_ERR_UNSUPPORTED": UnsupportedError,
    "KEDGE_ERR_NUMERIC": NumericError, "KEDGE_ERR_UNKNOWN": UnknownIdError,
    "KEDGE_ERR_BUSY": BusyError, "KEDGE_ERR_SKEW": SkewError,
}
_by_status = {constants[name]: cls for name, cls in _classes.items()}


def error(status: int, used: Optional[int] = None) -> KedgeError:
    """The exception for an error status."""
    cls = _by_status.get(status, KedgeError)
    text = _text(status).decode()
    e = cls(text if used is None else f"{text} (item {used}; those before it were applied)")
    e.status = status
    e.used = used
    return e


def check(status: int, used: Optional[int] = None) -> int:
    """Raise if the status is an error; else give it back."""
    if status < 0:
        raise error(status, used)
    return status
