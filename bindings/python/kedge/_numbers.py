# SPDX-License-Identifier: MIT
"""Numbers of the caller on their way to C, where an integer that does not fit would wrap round without a word."""
from __future__ import annotations

import operator
from typing import Any

from ._abi import constants
from .errors import error


def unsigned(x: Any, bits: int = 32) -> int:
    """A whole number of at most `bits` bits; floats that are whole pass."""
    if isinstance(x, float) and x.is_integer():
        x = int(x)
    i = operator.index(x)
    if not 0 <= i < 1 << bits:
        raise error(constants["KEDGE_ERR_RANGE"])
    return i


def real(x: Any) -> float:
    """A float from any number; text is none."""
    if isinstance(x, (str, bytes, bytearray)):
        raise TypeError(f"a number is needed, not {type(x).__name__}")
    return float(x)
