# SPDX-License-Identifier: MIT
"""What all objects share: a buffer of their own, configuration from C's defaults, snapshots, copies, pickles."""
from __future__ import annotations

import copy
import ctypes
from ctypes import POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, TypeVar

from . import _library
from ._abi import Handle
from ._numbers import real, unsigned
from .errors import ConfigError, RangeError, check

AnyObject = TypeVar("AnyObject", bound="Object")

_OWN = {"_bytes", "_config", "_handle", "_memory", "_owner", "_ref"}  # attributes that must not go from one object to another


def aligned(n_bytes: int) -> Any:
    """Memory aligned to 8 bytes, at least one word long."""
    return (ctypes.c_uint64 * max(1, (n_bytes + 7) // 8))()


class Noun:
    """The C functions of one noun."""

    def __init__(self, prefix: str) -> None:
        def bind(name: str, result: Any, *arguments: Any) -> Any:
            return _library.function(_library.core, f"kedge_{prefix}_{name}", result, *arguments)

        self.size = bind("size", c_size_t, c_void_p)
        self.init = bind("init", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)
        self.check = bind("check", c_int32, c_void_p)
        self.reset = bind("reset", c_int32, c_void_p)
        self.save = bind("save", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
        self.load_size = bind("load_size", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
        self.load = bind("load", c_int32, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t)


def _as_field(kind: Any, name: str, value: Any, words: dict[str, int]) -> Any:
    if isinstance(value, str) and words:
        if value not in words:
            raise ValueError(f"{name} is one of {', '.join(sorted(words))}, not {value!r}")
        return words[value]
    try:
        return real(value) if kind is c_double else unsigned(value, 8 * ctypes.sizeof(kind))
    except RangeError:
        raise ConfigError(f"{name} is out of its range") from None
    except TypeError:
        raise TypeError(f"{name} is a number, not {value!r}") from None


def configure(config: Any, settings: dict[str, Any], choices: dict[str, dict[str, int]]) -> None:
    """Write keyword arguments into a configuration; words stand for the constants in `choices`."""
    # structs that several have
    parts = [config] + [getattr(config, name) for name in ("growth", "members") if hasattr(config, name)]
    kinds = {name: (part, kind) for part in parts for name, kind in part._fields_ if kind in (c_double, c_uint32, c_uint64)}
    for name in ("config_bytes", "reserved"):
        kinds.pop(name, None)
    for name, value in settings.items():
        if name not in kinds:
            raise TypeError(f"no setting is called {name!r}; there are {', '.join(kinds)}")
        part, kind = kinds[name]
        setattr(part, name, _as_field(kind, name, value, choices.get(name, {})))


def class_of(part: Any) -> Any:
    """The C class that a Python class, or an object, stands for."""
    return _library.address_of(part._library, part._symbol) if isinstance(part, type) else part._class_address()


def view_of(part: Any, handle: Handle, memory: Any, n_bytes: int = 0) -> Any:
    """An object like `part` (a class, or an object) on a state that lies in memory of another object, which it keeps alive."""
    cls: Any = part if isinstance(part, type) else type(part)
    view = cls.__new__(cls)
    view._adopt(handle, memory, n_bytes)
    return view


class Object:
    """Base of detectors, models and metrics. Objects may be used from several threads: calls keep the interpreter lock."""
    _noun: Noun
    _library: Any = _library.core
    _symbol: str              # the C class object
    _config: Any = None       # ctypes configuration of this object; None after load

    def _make(self, config: Any) -> None:
        self._config = config
        n_bytes = self._noun.size(byref(config))
        memory = aligned(n_bytes)
        handle = Handle()
        check(self._noun.init(byref(handle), byref(config), memory, n_bytes or ctypes.sizeof(memory)))
        self._adopt(handle, memory, n_bytes)

    def _adopt(self, handle: Handle, memory: Any, n_bytes: int) -> None:
        self._handle, self._memory, self._bytes = handle, memory, n_bytes
        self._ref = byref(handle)
        self._ready()

    def _class_address(self) -> Any:
        return _library.address_of(self._library, self._symbol)

    def _prototype(self) -> Any:
        """What names this object's C class to load(), and keeps it alive: its Python class, unless the C class was made for this
        object."""
        return type(self)

    def _ready(self) -> None:
        """For subclasses: the object has its state."""

    @property
    def state_bytes(self) -> int:
        """Bytes of the state."""
        return self._bytes

    def reset(self) -> None:
        """As just after construction."""
        check(self._noun.reset(self._ref))
        self._ready()

    def save(self) -> bytes:
        """A snapshot: portable bytes from which load() gives an object with the same future, on any machine."""
        n = c_size_t()
        self._noun.save(self._ref, None, 0, byref(n))
        buffer = ctypes.create_string_buffer(n.value)
        check(self._noun.save(self._ref, buffer, n.value, byref(n)))
        return buffer.raw

    @classmethod
    def load(cls: type[AnyObject], snapshot: bytes) -> AnyObject:
        """The object in a snapshot that save() gave."""
        snapshot = bytes(snapshot)
        self = cls.__new__(cls)
        self._restore(snapshot, _library.address_of(cls._library, cls._symbol))
        return self

    def _restore(self, snapshot: bytes, c_class: Any) -> None:
        n = c_size_t()
        check(self._noun.load_size(c_class, snapshot, len(snapshot), byref(n)))
        memory, handle = aligned(n.value), Handle()
        check(self._noun.load(byref(handle), c_class, memory, n.value, snapshot, len(snapshot)))
        self._adopt(handle, memory, n.value)

    def _extras(self) -> dict[str, Any]:
        """What Python knows beside the state: the last status, and what a subclass or a caller has added."""
        return {name: value for name, value in vars(self).items() if name not in _OWN}

    def __reduce__(self) -> Any:
        return type(self).load, (self.save(),), self._extras()

    def __copy__(self: AnyObject) -> AnyObject:
        clone = type(self).load(self.save())
        vars(clone).update(self._extras(), _config=self._config)
        return clone

    def __deepcopy__(self: AnyObject, memo: dict[int, Any]) -> AnyObject:
        clone = self.__copy__()
        vars(clone).update(copy.deepcopy(self._extras(), memo))
        return clone
