# SPDX-License-Identifier: MIT
"""What all objects share: a buffer of their own, configuration from C's defaults, snapshots, copies, pickles."""
import ctypes
from ctypes import POINTER, byref, c_int32, c_size_t, c_void_p

from . import _library
from ._abi import Handle
from .errors import check


def aligned(n_bytes):
    """Memory aligned to 8 bytes, at least one word long."""
    return (ctypes.c_uint64 * max(1, (n_bytes + 7) // 8))()


class Noun:
    """The C functions of one noun."""

    def __init__(self, prefix):
        def bind(name, result, *arguments):
            return _library.function(_library.core, f"kedge_{prefix}_{name}", result, *arguments)

        self.size = bind("size", c_size_t, c_void_p)
        self.init = bind("init", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)
        self.check = bind("check", c_int32, c_void_p)
        self.reset = bind("reset", c_int32, c_void_p)
        self.save = bind("save", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
        self.load_size = bind("load_size", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
        self.load = bind("load", c_int32, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t)


def configure(config, settings, choices):
    """Write keyword arguments into a configuration; words stand for the constants in `choices`."""
    for name, value in settings.items():
        if name == "reserved" or not hasattr(type(config), name) or name == "base":
            raise TypeError(f"no setting is called {name!r}")
        if isinstance(value, str):
            words = choices.get(name, {})
            if value not in words:
                raise ValueError(f"{name} is one of {', '.join(sorted(words))}, not {value!r}")
            value = words[value]
        setattr(config, name, value)


class Object:
    """Base of detectors, models and metrics. Objects may be used from several threads: calls keep the interpreter lock."""
    _noun = None      # Noun
    _library = _library.core
    _symbol = None    # the C class object
    _config = None    # ctypes configuration of this object; None after load

    def _make(self, config):
        self._config = config
        n_bytes = self._noun.size(byref(config))
        memory = aligned(n_bytes)
        handle = Handle()
        check(self._noun.init(byref(handle), byref(config), memory, n_bytes or ctypes.sizeof(memory)))
        self._adopt(handle, memory, n_bytes)

    def _adopt(self, handle, memory, n_bytes):
        self._handle, self._memory, self._bytes = handle, memory, n_bytes
        self._ref = byref(handle)
        self._ready()

    def _ready(self):
        """For subclasses: the object has its state."""

    @property
    def state_bytes(self):
        """Bytes of the state."""
        return self._bytes

    def reset(self):
        """As just after construction."""
        check(self._noun.reset(self._ref))
        self._ready()

    def save(self):
        """A snapshot: portable bytes from which load() gives an object with the same future, on any machine."""
        n = c_size_t()
        self._noun.save(self._ref, None, 0, byref(n))
        buffer = ctypes.create_string_buffer(n.value)
        check(self._noun.save(self._ref, buffer, n.value, byref(n)))
        return buffer.raw

    @classmethod
    def load(cls, snapshot):
        """The object in a snapshot that save() gave."""
        snapshot = bytes(snapshot)
        c_class = _library.address_of(cls._library, cls._symbol)
        n = c_size_t()
        check(cls._noun.load_size(c_class, snapshot, len(snapshot), byref(n)))
        self = cls.__new__(cls)
        memory, handle = aligned(n.value), Handle()
        check(cls._noun.load(byref(handle), c_class, memory, n.value, snapshot, len(snapshot)))
        self._adopt(handle, memory, n.value)
        return self

    def __reduce__(self):
        return type(self).load, (self.save(),)

    def __copy__(self):
        return type(self).load(self.save())

    def __deepcopy__(self, memo):
        return self.__copy__()
