# SPDX-License-Identifier: MIT
"""Streams that drift on purpose, with the truth of where they change. Same seed, same stream."""
from __future__ import annotations

import array
import ctypes
from ctypes import POINTER, byref, c_int32, c_size_t, c_uint32, c_void_p
from typing import Any

from . import _abi
from ._abi import constants
from ._library import core, function
from ._numbers import unsigned
from ._object import Noun, Object, configure
from .errors import check

_next = function(core, "kedge_stream_next", c_int32, c_void_p, c_void_p, c_void_p, c_void_p, c_size_t)
_features = function(core, "kedge_stream_features", c_uint32, c_void_p)
_classes = function(core, "kedge_stream_label_classes", c_uint32, c_void_p)
_BASE = ("pattern", "seed", "at", "width", "period")  # settings that all streams share
_PATTERNS = {name.lower(): constants[f"KEDGE_CHANGE_{name}"]
             for name in ("NONE", "SUDDEN", "GRADUAL", "INCREMENTAL", "RECURRING", "BLIP")}


class Stream(Object):
    """Base of all streams. Settings of all: pattern='sudden' ('none', 'gradual', 'incremental', 'recurring', 'blip'), seed=1,
    at=10000 (index of the change), width=1000 (of a transition or blip), period=10000 (from switch to switch)."""
    _noun = Noun("stream")
    _struct: Any
    _choices: dict[str, dict[str, int]] = {}

    def __init__(self, **settings: Any) -> None:
        config = self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t)
        check(init(byref(config), ctypes.sizeof(config)))
        configure(config.base, {name: settings.pop(name) for name in _BASE if name in settings}, {"pattern": _PATTERNS})
        configure(config, settings, self._choices)
        self._make(config)

    @property
    def n_features(self) -> int:
        """Features of a row; 0: numbers only."""
        return int(_features(self._ref))

    @property
    def n_classes(self) -> int:
        """Classes of the label; 0: y is a number."""
        return int(_classes(self._ref))

    def draw(self, n: int) -> tuple[list[tuple[float, ...]], list[float], bytes]:
        """The next n observations: rows of features, numbers or labels, and bytes that are 1 at the first observation of each
        change."""
        n, width = unsigned(n, 32), self.n_features
        x, y, changed = array.array("d", bytes(8 * n * width)), array.array("d", bytes(8 * n)), array.array("B", bytes(n))
        check(_next(self._ref, x.buffer_info()[0], y.buffer_info()[0], changed.buffer_info()[0], n))
        rows = [tuple(x[i:i + width]) for i in range(0, n * width, width)] if width else [()] * n
        return rows, y.tolist(), changed.tobytes()


class Series(Stream):
    """Numbers of a named distribution. Settings: distribution='bernoulli' ('normal', 'uniform', 'student', 'ar1'),
    level_before=0.2, level_after=0.5, spread_before=1, spread_after=1, shape=0.5 (degrees of freedom, or correlation of
    neighbours)."""
    _symbol, _struct = "kedge_series", _abi.SeriesConfig
    _choices = {"distribution": {name.lower(): constants[f"KEDGE_SERIES_{name}"]
                                 for name in ("BERNOULLI", "NORMAL", "UNIFORM", "STUDENT", "AR1")}}


class Concepts(Stream):
    """Labelled rows of the field's classic families. Settings: family='sea' ('stagger', 'sine', 'agrawal', 'led'), before=1,
    after=2 (numbers of the concepts), noise=0.1."""
    _symbol, _struct = "kedge_concepts", _abi.ConceptsConfig
    _choices = {"family": {name.lower(): constants[f"KEDGE_CONCEPTS_{name}"] for name in ("SEA", "STAGGER", "SINE", "AGRAWAL",
                                                                                          "LED")}}


class Hyperplane(Stream):
    """Rotating hyperplane (Hulten, Spencer, Domingos 2001). Settings: n_features=10, n_drifting=10, noise=0.05."""
    _symbol, _struct = "kedge_hyperplane", _abi.HyperplaneConfig


class Centroids(Stream):
    """Random radial basis functions (Bifet et al. 2009). Settings: n_features=10, n_classes=2, n_centroids=50, n_drifting=50."""
    _symbol, _struct = "kedge_centroids", _abi.CentroidsConfig
