# SPDX-License-Identifier: MIT
"""Serve one version of a model while the next is trained: across threads, or across processes that share memory. Nobody waits."""
from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from types import TracebackType
from typing import Any, Generic, NamedTuple, Optional, TypeVar, Union

from . import _abi, _arrays, _library
from ._abi import constants
from ._library import core, function
from ._numbers import unsigned
from ._object import aligned, class_of, configure, view_of
from .errors import check
from .models import Model
from .prep import Prep

AnyModel = TypeVar("AnyModel", bound=Model)


def _bind(name: str, result: Any, *arguments: Any) -> Any:
    return function(core, f"kedge_publish_{name}", result, *arguments)


_config_init = _bind("config_init", c_int32, c_void_p, c_size_t, c_size_t)
_size = _bind("size", c_size_t, c_void_p)
_init = _bind("init", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)
_open = _bind("open", c_int32, c_void_p, c_void_p, c_size_t)
_check = _bind("check", c_int32, c_void_p)
_copy = _bind("copy", c_int32, c_void_p, c_char_p, c_size_t, c_uint64)
_model = _bind("model", c_int32, c_void_p, c_void_p, c_uint64)
_prepared = _bind("prepared", c_int32, c_void_p, c_void_p, c_void_p, c_uint64)
_prepared_acquire = _bind("prepared_acquire", c_int32, c_void_p, c_void_p, c_void_p, POINTER(_abi.PublishTicket),
                          POINTER(_abi.Handle), POINTER(_abi.Handle))
_acquire = _bind("acquire", c_int32, c_void_p, POINTER(_abi.PublishTicket))
_model_acquire = _bind("model_acquire", c_int32, c_void_p, c_void_p, POINTER(_abi.PublishTicket), POINTER(_abi.Handle))
_release = _bind("release", c_int32, c_void_p, POINTER(_abi.PublishTicket))
_slots = _bind("slots", c_int32, c_void_p, POINTER(_abi.PublishSlot), c_size_t, POINTER(c_size_t))
_reclaim = _bind("reclaim", c_int32, c_void_p, c_uint32)
_cancel = _bind("cancel", c_int32, c_void_p)

_USES = {constants["KEDGE_PUBLISH_" + name.upper()]: name for name in ("free", "writing", "serving", "held", "lost")}


class Slot(NamedTuple):
    """What stands in a slot: use is 'free', 'writing', 'serving', 'held' (by readers of an older version) or 'lost'."""
    use: str
    version: int
    bytes: int
    n_tickets: int


class Ticket(Generic[AnyModel]):
    """A version in use; a context manager, which gives it back. Afterwards every call raises KedgeError."""

    def __init__(self, publication: Publish, ticket: _abi.PublishTicket, model: Optional[AnyModel],
                 prep: Optional[Prep] = None) -> None:
        self._publication, self._ticket, self._model, self._prep = publication, ticket, model, prep
        self.version: int = ticket.version

    def __enter__(self) -> Ticket[AnyModel]:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.release()

    def release(self) -> None:
        """Give the version back; again does nothing."""
        if self._ticket.memory:
            check(_release(self._publication._ref, byref(self._ticket)))
        for view in (self._model, self._prep):
            if view is not None:
                view._handle.cls = view._handle.state = None

    def _read(self) -> AnyModel:
        if self._model is None:
            raise TypeError("the ticket was taken without a class of models")
        return self._model

    def predict_one(self, x: _arrays.Numbers) -> float:
        """As the model's; with a prep of rows as they come."""
        model = self._read()
        return model.predict_one(x if self._prep is None else self._prep.transform_one(x))

    def predict_many(self, x: _arrays.Table) -> Any:
        """Likewise."""
        model = self._read()
        return model.predict_many(x if self._prep is None else self._prep.transform_many(x))

    def score(self, x: _arrays.Numbers) -> list[float]:
        """Likewise."""
        model = self._read()
        return model.score(x if self._prep is None else self._prep.transform_one(x))

    @property
    def info(self) -> _abi.ModelInfo:
        """As the model's."""
        return self._read().info

    def save(self) -> bytes:
        """A snapshot of the model, for its class's load()."""
        return self._read().save()

    def data(self) -> bytes:
        """A copy of what was published."""
        return ctypes.string_at(self._ticket.memory, self._ticket.bytes) if self._ticket.memory else b""


class Publish:
    """Publish(room, n_slots=4, memory=None): room is a model, for versions of its size, a prep and a model, as
    (pipeline.champion_prep, pipeline.champion), or the bytes of a version. memory is a
    writable buffer of size() bytes, for example of multiprocessing.shared_memory; by default the object has its own. With two more
    slots than tickets that are out at the same time publishing is never refused."""

    def __init__(self, room: Union[Model, tuple[Prep, Model], int], n_slots: int = 4, memory: Any = None) -> None:
        config = self._configure(room, n_slots)
        n_bytes = _size(byref(config))
        self._bind(aligned(n_bytes) if memory is None else memory)
        check(_init(self._ref, byref(config), self._memory, ctypes.sizeof(self._memory)))

    @staticmethod
    def _configure(room: Union[Model, tuple[Prep, Model], int], n_slots: int) -> _abi.PublishConfig:
        config = _abi.PublishConfig()
        if isinstance(room, tuple):
            n_bytes = sum((part.state_bytes + 7) // 8 * 8 for part in room)
        else:
            n_bytes = room.state_bytes if isinstance(room, Model) else unsigned(room, 64)
        check(_config_init(byref(config), ctypes.sizeof(config), n_bytes))
        configure(config, {"n_slots": n_slots}, {})
        return config

    def _bind(self, memory: Any) -> None:
        self._memory = memory if isinstance(memory,
                                            ctypes.Array) else (ctypes.c_char * memoryview(memory).nbytes).from_buffer(memory)
        self._handle = _abi.PublishHandle()
        self._ref = byref(self._handle)

    @staticmethod
    def size(room: Union[Model, tuple[Prep, Model], int], n_slots: int = 4) -> int:
        """Bytes of memory that such a publication takes; 0: out of range."""
        return int(_size(byref(Publish._configure(room, n_slots))))

    @classmethod
    def open(cls, memory: Any) -> Publish:
        """The publication that is in a writable buffer already, made by another process."""
        self = cls.__new__(cls)
        self._bind(memory)
        check(_open(self._ref, self._memory, ctypes.sizeof(self._memory)))
        return self

    def close(self) -> None:
        """Let go of the memory, so that a shared one can be closed."""
        self._handle.state = None
        self._memory = None

    def publish(self, version: Union[Model, tuple[Prep, Model], bytes], number: int) -> None:
        """Publish a copy of a model, of a prep and the model behind it, or bytes, under a number. BusyError if readers hold all
        slots: the next version will do."""
        if isinstance(version, tuple):
            prep, model = version
            check(_prepared(self._ref, prep._ref, model._ref, unsigned(number, 64)))
        elif isinstance(version, Model):
            check(_model(self._ref, version._ref, unsigned(number, 64)))
        else:
            data = bytes(version)
            check(_copy(self._ref, data, len(data), unsigned(number, 64)))

    def acquire(self, model: Union[type[AnyModel], AnyModel, None] = None,
                prep: Union[type[Prep], Prep, None] = None) -> Optional[Ticket[AnyModel]]:
        """A ticket to the newest version, to be used in a `with`; None if nothing was published yet. `model` is the class that was
        published, for example kedge.Linear, of models over models an object like it, None for bytes; `prep` likewise where there is
        one:
        the ticket then predicts rows as they come."""
        if prep is not None and model is None:
            raise TypeError("a prep goes with a model")
        ticket, handle, prep_handle = _abi.PublishTicket(), _abi.Handle(), _abi.Handle()
        if model is None:
            st = check(_acquire(self._ref, byref(ticket)))
        elif prep is None:
            st = check(_model_acquire(self._ref, class_of(model), byref(ticket), byref(handle)))
        else:
            st = check(_prepared_acquire(self._ref, class_of(prep), class_of(model), byref(ticket), byref(prep_handle),
                                         byref(handle)))
        if st == constants["KEDGE_EMPTY"]:
            return None
        n = ticket.bytes
        return Ticket(self, ticket, None if model is None else view_of(model, handle, self._memory, n),
                      None if prep is None else view_of(prep, prep_handle, self._memory, n))

    @property
    def slots(self) -> list[Slot]:
        """What stands in each slot; for the writer."""
        out, n = (_abi.PublishSlot * constants["KEDGE_PUBLISH_SLOTS_MAX"])(), c_size_t()
        check(_slots(self._ref, out, len(out), byref(n)))
        return [Slot(_USES[s.use], s.version, s.bytes, s.n_tickets) for s in out[:n.value]]

    def reclaim(self, slot: int) -> None:
        """Take a slot back whose readers have died; only if nobody living reads it."""
        check(_reclaim(self._ref, unsigned(slot)))

    def take_over(self) -> None:
        """For a new writer, after another has died: free what it had begun."""
        check(_cancel(self._ref))

    def check(self) -> None:
        """Verify all invariants; KedgeError if one is broken. For the writer."""
        check(_check(self._ref))
