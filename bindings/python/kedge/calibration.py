# SPDX-License-Identifier: MIT
"""From a wanted average run length (ARL: observations for each alarm while nothing changes) to a detector's own threshold."""
from __future__ import annotations

import ctypes
import warnings
from ctypes import POINTER, byref, c_int32, c_size_t, c_void_p
from typing import Any, Optional

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import aligned
from .errors import check
from .streams import Stream

_init = function(core, "kedge_calibration_init", c_int32, POINTER(_abi.Calibration), c_size_t)
_work = function(core, "kedge_calibrate_work", c_size_t, c_void_p, POINTER(_abi.Calibration))
_ARGUMENTS = (c_void_p, POINTER(_abi.Calibration), c_void_p, c_size_t, POINTER(_abi.CalibrationReport))
_calibrate = function(core, "kedge_calibrate", c_int32, *_ARGUMENTS)
_measure = function(core, "kedge_measure_arl", c_int32, *_ARGUMENTS)


class Quiet:
    """Quiet data, and how much of them to spend."""

    def __init__(self, arl: float, sample: Optional[_arrays.Numbers], stream: Optional[Stream], precision: float, confidence: float,
                 budget: Optional[int], seed: int, block: int, sd: float) -> None:
        how = self.how = _abi.Calibration()
        check(_init(byref(how), ctypes.sizeof(how)))
        how.arl, how.precision, how.confidence, how.sd = real(arl), real(precision), real(confidence), real(sd)
        how.seed, how.block = unsigned(seed, 64), unsigned(block, 64)
        how.budget = max(how.budget, int(min(5000.0 * how.arl, 4e18))) if budget is None else unsigned(budget, 64)
        if sample is not None and stream is not None:
            raise ValueError("quiet data come from a sample or from a stream, not from both")
        if sample is None and stream is None:
            how.method = constants["KEDGE_CALIBRATE_FORMULA"]
        elif stream is not None:
            if not isinstance(stream, Stream):
                raise TypeError("stream is a kedge stream, for example kedge.Series(pattern='none')")
            how.stream = ctypes.addressof(stream._handle)
        elif sample is not None:
            numbers, how.row_length = _arrays.flat(sample)
            self._owner, how.sample, n_numbers = _arrays.doubles(numbers)
            how.n_sample = n_numbers // how.row_length

    def _call(self, verb: Any, config: Any) -> tuple[int, _abi.CalibrationReport]:
        n_bytes = _work(byref(config), byref(self.how))
        out = _abi.CalibrationReport()
        work = aligned(n_bytes)
        return check(verb(byref(config), byref(self.how), work, ctypes.sizeof(work), byref(out))), out

    def calibrate(self, config: Any) -> _abi.CalibrationReport:
        """Set the knob in a configuration."""
        st, report = self._call(_calibrate, config)
        if st == constants["KEDGE_MORE"]:
            warnings.warn(f"the budget of {self.how.budget} observations was spent before the average run length was known well "
                          f"enough: "
                          f"{report.arl:.4g} in [{report.arl_low:.4g}, {report.arl_high:.4g}]", RuntimeWarning, stacklevel=3)
        return report

    def measure(self, config: Any) -> _abi.CalibrationReport:
        """Measure a configuration as it is."""
        return self._call(_measure, config)[1]
