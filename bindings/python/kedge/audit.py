# SPDX-License-Identifier: MIT
"""A log of decisions and of changes of models that nobody can alter unseen: each record carries the hash of the one before."""
from __future__ import annotations

import ctypes
import hashlib
import time
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Iterator, NamedTuple, Optional, Union

from . import _abi
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from .controls import Event, _event
from .errors import check

Bytes = Union[bytes, bytearray, memoryview]

_KEY = (c_char_p, c_size_t)
_HEAD = POINTER(_abi.AuditHead)
_begin = function(core, "kedge_audit_begin", c_int32, c_void_p, c_void_p, c_size_t, *_KEY, _HEAD)
_open = function(core, "kedge_audit_open", c_int32, c_void_p, c_void_p, c_size_t, c_size_t, *_KEY, _HEAD)
_append = function(core, "kedge_audit_append", c_int32, c_void_p, c_uint32, c_uint64, c_char_p, c_size_t)
_append_decision = function(core, "kedge_audit_append_decision", c_int32, c_void_p, c_uint64, POINTER(_abi.AuditDecision))
_append_model = function(core, "kedge_audit_append_model", c_int32, c_void_p, c_uint64, POINTER(_abi.AuditModel))
_rotate = function(core, "kedge_audit_rotate", c_int32, c_void_p, c_void_p, c_size_t)
_read = function(core, "kedge_audit_read", c_int32, c_void_p, _HEAD)
_verify = function(core, "kedge_audit_verify", c_int32, c_char_p, c_size_t, *_KEY, _HEAD, _HEAD, POINTER(_abi.AuditReport))
_next = function(core, "kedge_audit_next", c_int32, c_char_p, c_size_t, POINTER(c_size_t), POINTER(_abi.AuditRecord))
_read_decision = function(core, "kedge_audit_read_decision", c_int32, POINTER(_abi.AuditRecord), POINTER(_abi.AuditDecision))
_read_model = function(core, "kedge_audit_read_model", c_int32, POINTER(_abi.AuditRecord), POINTER(_abi.AuditModel))
_read_event = function(core, "kedge_audit_read_event", c_int32, POINTER(_abi.AuditRecord), POINTER(_abi.EventRecord))
_served_at = function(core, "kedge_audit_served_at", c_int32, c_char_p, c_size_t, c_uint32, c_uint64, POINTER(c_uint64))
_fault_string = function(core, "kedge_audit_fault_string", c_char_p, c_uint32)

DECISION, MODEL, DRIFT, FORGET, RELEASE, EVENT, OWN = (
    constants["KEDGE_AUDIT_" + name] for name in ("DECISION", "MODEL", "DRIFT", "FORGET", "RELEASE", "EVENT", "OWN"))
_EVENTS = {name: constants["KEDGE_AUDIT_" + name.upper()] for name in ("trained", "promoted", "rejected", "retired")}


class Head(NamedTuple):
    """Where a chain stands; keep it where those who can write the log cannot write."""
    n_records: int
    hash: bytes


class Record(NamedTuple):
    """A record of a log; `payload` is an AuditDecision, AuditModel or Event where kind is DECISION, MODEL or EVENT, else
    bytes."""
    number: int
    kind: int
    time_ns: int
    payload: Any
    hash: bytes


class Verdict(NamedTuple):
    """What verifying found: fault 'intact' or what is wrong, where, and where the chain stood before and stands behind what is
    intact."""
    fault: str
    n_intact: int
    n_after: int
    at_record: int
    at_byte: int
    start: Head
    head: Head


def _key(key: Optional[Bytes]) -> tuple[Optional[bytes], int]:
    return (None, 0) if key is None else (bytes(key), len(key))


def _to_c(head: Optional[Head]) -> Optional[_abi.AuditHead]:
    if head is None:
        return None
    n, digest = head
    if len(digest) != constants["KEDGE_HASH_BYTES"]:
        raise ValueError("a hash has 32 bytes")
    return _abi.AuditHead(unsigned(n, 64), (ctypes.c_ubyte * len(digest))(*digest))


def _from_c(head: _abi.AuditHead) -> Head:
    return Head(head.n_records, bytes(head.hash))


def verify(log: Bytes, key: Optional[Bytes] = None, start: Optional[Head] = None, end: Optional[Head] = None) -> Verdict:
    """Verify a segment. `start`: where the chain must stand before it; `end`: a head that it must reach, without which a log from
    which the last records were cut off looks intact."""
    log, report = bytes(log), _abi.AuditReport()
    st = _verify(log, len(log), *_key(key), _to_c(start), _to_c(end), byref(report))
    if st != constants["KEDGE_ERR_SNAPSHOT"]:
        check(st)
    return Verdict(_fault_string(report.fault).decode(), report.n_intact, report.n_after, report.at_record, report.at_byte,
                   _from_c(report.start), _from_c(report.head))


def served_at(when_ns: int, *segments: Bytes, pipeline: int = 0) -> int:
    """Who served then, by the events of a pipeline in the segments of a log, oldest first: for times that its store has forgotten.
    0: none did."""
    id = c_uint64()
    for log in map(bytes, segments):
        check(_served_at(log, len(log), unsigned(pipeline), unsigned(when_ns, 64), byref(id)))
    return id.value


def records(log: Bytes) -> Iterator[Record]:
    """The records of a segment, which need not be intact: verify it first."""
    log, at, record = bytes(log), c_size_t(), _abi.AuditRecord()
    while check(_next(log, len(log), byref(at), byref(record))) == constants["KEDGE_OK"]:
        payload: Any = ctypes.string_at(record.payload, record.payload_bytes)
        for struct, read in ((_abi.AuditDecision, _read_decision), (_abi.AuditModel, _read_model)):
            value = struct()
            if read(byref(record), byref(value)) == constants["KEDGE_OK"]:
                payload = value
        event = _abi.EventRecord()
        if _read_event(byref(record), byref(event)) == constants["KEDGE_OK"]:
            payload = _event(event)
        digest = ctypes.string_at(record.hash, constants["KEDGE_HASH_BYTES"])
        yield Record(record.number, record.kind, record.time_ns, payload, digest)


class Audit:
    """A log that is being written, in segments of `size` bytes. With a key nobody without it can make up or mend a log. Times are
    those of the system's clock unless they are given."""

    def __init__(self, key: Optional[Bytes] = None, size: int = 1 << 16, after: Optional[Head] = None) -> None:
        self._audit, self._memory = _abi.Audit(), ctypes.create_string_buffer(max(unsigned(size, 40), 1))
        check(_begin(byref(self._audit), self._memory, size, *_key(key), _to_c(after)))

    @classmethod
    def open(cls, log: Bytes, key: Optional[Bytes] = None, expected: Optional[Head] = None, size: int = 1 << 16) -> Audit:
        """Go on with a segment that was stored, once it is verified."""
        log, self = bytes(log), cls.__new__(cls)
        size = max(unsigned(size, 40), len(log))
        self._audit, self._memory = _abi.Audit(), ctypes.create_string_buffer(log, max(size, 1))
        check(_open(byref(self._audit), self._memory, size, len(log), *_key(key), _to_c(expected)))
        return self

    def append(self, kind: int, payload: Bytes = b"", time_ns: Optional[int] = None) -> None:
        """Append a record; kinds from OWN up are yours. A full segment raises SmallBufferError: rotate() then, and store what it
        gives."""
        check(_append(byref(self._audit), unsigned(kind), self._time(time_ns), bytes(payload), len(payload)))

    def decision(self, subject: int, model: int, score: float, decision: int, detail: int = 0,
                 time_ns: Optional[int] = None) -> None:
        """Append a decision."""
        value = _abi.AuditDecision(unsigned(subject, 64), unsigned(model, 64), real(score), unsigned(decision),
                                   unsigned(detail))
        check(_append_decision(byref(self._audit), self._time(time_ns), byref(value)))

    def model(self, event: str, model: int, other: int = 0, snapshot: Bytes = b"", detail: int = 0,
              time_ns: Optional[int] = None) -> None:
        """Append a change of a model, 'trained', 'promoted', 'rejected' or 'retired', with the hash of its snapshot."""
        digest = hashlib.sha256(snapshot).digest()
        value = _abi.AuditModel(unsigned(model, 64), unsigned(other, 64), _EVENTS[event], unsigned(detail),
                                (ctypes.c_ubyte * 32)(*digest))
        check(_append_model(byref(self._audit), self._time(time_ns), byref(value)))

    @staticmethod
    def _time(time_ns: Optional[int]) -> int:
        return time.time_ns() if time_ns is None else unsigned(time_ns, 64)

    def rotate(self) -> bytes:
        """The finished segment, to be stored; the log goes on in a new one of the same chain."""
        done = self.log
        check(_rotate(byref(self._audit), self._memory, self._audit.log_bytes))
        return done

    @property
    def log(self) -> bytes:
        """The segment as it stands."""
        return ctypes.string_at(self._memory, self._audit.used)

    @property
    def head(self) -> Head:
        """Where the chain stands."""
        out = _abi.AuditHead()
        check(_read(byref(self._audit), byref(out)))
        return _from_c(out)


__all__ = ["Audit", "DECISION", "DRIFT", "EVENT", "Event", "FORGET", "Head", "MODEL", "OWN", "RELEASE", "Record", "Verdict",
           "records", "verify"]
