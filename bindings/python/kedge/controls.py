# SPDX-License-Identifier: MIT
"""What steers the retraining of a model and remembers it: events, triggers, a rollout in stages, a store of versions. Each works
alone; a Pipeline joins them. Times are nanoseconds of one clock of yours that never goes back."""
from __future__ import annotations

import ctypes
import operator
from collections.abc import Iterator, Sequence
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Union

from . import _abi
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import Noun, Object, configure
from .errors import RangeError, UnsupportedError, check, error
from .models import Model

if TYPE_CHECKING:
    from .audit import Audit

Bytes = Union[bytes, bytearray, memoryview]


def _words(prefix: str, names: str) -> dict[str, int]:
    return {name: constants[prefix + name.upper()] for name in names.split()}


def _names(words: dict[str, int]) -> dict[int, str]:
    return {value: name for name, value in words.items()}


_EVENTS = _words("KEDGE_EVENT_", "warning drift skew shift trigger training trained failed passed refused stage asked "
                 "approved promoted rolled_back recalled evicted tested step lost finished trial check unkept returned")
_TRIGGERS = _words("KEDGE_TRIGGER_", "demand schedule rows age floor ceiling signal")
_OUTCOMES = _words("KEDGE_OUTCOME_", "promoted refused failed rolled_back")
_HELD = _words("KEDGE_HELD_", "busy rows cool budget")
_STAGES = _words("KEDGE_STAGE_", "development test preproduction shadow canary production")
_UNDECIDED = _words("KEDGE_UNDECIDED_", "passes rolls_back")
_ACTIONS = _words("KEDGE_ROLLOUT_", "ask enter promote finish roll_back")
_WHY = _words("KEDGE_ROLLOUT_", "worse limit verdict undecided sure free stopped")
_STATUSES = _words("KEDGE_VERSION_", "candidate refused staged serving retired rolled_back")
_SIGNALS = {"ok": constants["KEDGE_OK"], "warning": constants["KEDGE_WARNING"], "drift": constants["KEDGE_DRIFT"]}
_EVENT_NAMES, _TRIGGER_NAMES, _STAGE_NAMES = _names(_EVENTS), _names(_TRIGGERS), _names(_STAGES)
_ACTION_NAMES, _WHY_NAMES, _STATUS_NAMES = _names(_ACTIONS), _names(_WHY), _names(_STATUSES)
_EMPTY = constants["KEDGE_EMPTY"]


def _bind(name: str, *arguments: Any) -> Any:
    return function(core, "kedge_" + name, c_int32, *arguments)


_put = _bind("events_put", c_void_p, POINTER(_abi.EventRecord))
_get = _bind("events_get", c_void_p, POINTER(c_uint64), POINTER(_abi.EventRecord))
_audit = _bind("events_audit", c_void_p, POINTER(c_uint64), POINTER(_abi.Audit))
_events_read = _bind("events_read", c_void_p, POINTER(_abi.EventsReport))
_event_text = _bind("event_text", POINTER(_abi.EventRecord), c_void_p, c_size_t, POINTER(c_size_t))
_rows = _bind("triggers_rows", c_void_p, c_uint64, c_uint64)
_figure = _bind("triggers_figure", c_void_p, c_uint64, c_uint32, c_double)
_signal = _bind("triggers_signal", c_void_p, c_uint64, c_uint32, c_int32)
_demand = _bind("triggers_demand", c_void_p, c_uint64, c_int32)
_due = _bind("triggers_due", c_void_p, c_uint64, POINTER(_abi.TriggersCall))
_start = _bind("triggers_start", c_void_p, c_uint64, POINTER(_abi.TriggersCall))
_end = _bind("triggers_end", c_void_p, c_uint64, c_uint32)
_triggers_read = _bind("triggers_read", c_void_p, POINTER(_abi.TriggersReport))
_triggers_read_one = _bind("triggers_read_one", c_void_p, c_uint32, POINTER(_abi.TriggerReport))
_begin = _bind("rollout_begin", c_void_p, c_uint64, c_uint64, c_char_p)
_pick = _bind("rollout_pick", c_void_p, c_uint64, POINTER(_abi.RolloutRoute))
_record = _bind("rollout_record", c_void_p, c_uint64, c_uint32, c_double)
_record_pair = _bind("rollout_record_pair", c_void_p, c_uint64, c_double, c_double)
_judge = _bind("rollout_judge", c_void_p, c_uint64, c_int32, c_int32)
_stop = _bind("rollout_stop", c_void_p, c_uint64, c_int32)
_ask = _bind("rollout_ask", c_void_p, POINTER(_abi.RolloutRequest))
_approve = _bind("rollout_approve", c_void_p, c_uint64, c_char_p, c_uint64)
_step = _bind("rollout_step", c_void_p, c_uint64, POINTER(_abi.RolloutAction))
_rollout_read = _bind("rollout_read", c_void_p, POINTER(_abi.RolloutReport))
_add = _bind("store_add", c_void_p, POINTER(_abi.StoreVersion), POINTER(c_uint64))
_version = _bind("store_get", c_void_p, c_uint64, POINTER(_abi.StoreVersion))
_at = _bind("store_at", c_void_p, c_uint32, POINTER(_abi.StoreVersion))
_set_figure = _bind("store_set_figure", c_void_p, c_uint64, c_uint32, c_double)
_get_figure = _bind("store_figure", c_void_p, c_uint64, c_uint32, POINTER(c_double))
_name_figure = _bind("store_name_figure", c_void_p, c_uint32, c_char_p)
_figure_name = _bind("store_figure_name", c_void_p, c_uint32, c_char_p)
_set_cost = _bind("store_set_cost", c_void_p, c_uint64, c_uint64, c_double)
_set_tests = _bind("store_set_tests", c_void_p, c_uint64, c_uint32, c_uint32, c_uint32)
_set_status = _bind("store_set_status", c_void_p, c_uint64, c_uint32)
_serve = _bind("store_serve", c_void_p, c_uint64, c_uint64)
_served_at = _bind("store_served_at", c_void_p, c_uint64, POINTER(c_uint64))
_history = _bind("store_history", c_void_p, c_uint32, POINTER(_abi.StoreStretch))
_pin = _bind("store_pin", c_void_p, c_uint64, c_int32)
_set_tag = _bind("store_set_tag", c_void_p, c_uint64, c_char_p)
_find_tag = _bind("store_find_tag", c_void_p, c_char_p, POINTER(c_uint64))
_find_digest = _bind("store_find_digest", c_void_p, c_char_p, POINTER(c_uint64))
_put_artifact = _bind("store_put_artifact", c_void_p, c_uint64, c_char_p, c_size_t)
_artifact = _bind("store_artifact", c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_size_t))
_snapshot_length = function(core, "kedge_snapshot_length", c_int32, c_char_p, c_size_t, POINTER(c_size_t))
_digest = _bind("store_digest", c_void_p, c_uint64, c_void_p)
_sign = _bind("store_sign", c_void_p, c_uint64, c_char_p, c_size_t)
_export = _bind("store_export", c_void_p, c_uint64, c_void_p, c_size_t, POINTER(c_size_t))
_import = _bind("store_import", c_void_p, c_char_p, c_size_t, POINTER(c_uint64))
_store_read = _bind("store_read", c_void_p, POINTER(_abi.StoreReport))
_card = _bind("store_card", c_void_p, c_uint64, c_char_p, c_char_p, c_void_p, c_size_t, POINTER(c_size_t))


def _time(now_ns: int) -> int:
    return unsigned(now_ns, 64)


def _timed(now_ns: int, status: int) -> int:
    """As check(); a time that was not given may be why a call is refused."""
    if status == constants["KEDGE_ERR_RANGE"] and now_ns == 0:
        e = error(status)
        e.args = (f"{e} (without now_ns the time is 0, and time must not go back)",)
        raise e
    return check(status)


def _signed(code: Any) -> int:
    i = operator.index(code)
    if not -1 << 31 <= i < 1 << 31:
        raise RangeError("a code has 32 bits")
    return i


def _word(what: str, word: Union[str, int], words: dict[str, int]) -> int:
    if not isinstance(word, str):
        return unsigned(word)
    if word not in words:
        raise ValueError(f"{what} is one of {', '.join(words)}, not {word!r}")
    return words[word]


def _hash(digest: Bytes) -> bytes:
    digest = bytes(digest)
    if len(digest) != constants["KEDGE_HASH_BYTES"]:
        raise ValueError("a hash has 32 bytes")
    return digest


class Control(Object):
    """Base of all controls. One inside a pipeline is a view: the pipeline itself begins and ends what it must, and such calls raise
    UnsupportedError; a copy of a view is a control of its own."""
    _noun = Noun("control")
    _struct: Any
    _owner: Any = None  # the pipeline whose memory a view shows

    def _construct(self, settings: dict[str, Any]) -> None:
        config = self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t)
        check(init(byref(config), ctypes.sizeof(config)))
        configure(config, settings, {})
        self._make(config)

    def _construct_list(self, parts: Sequence[Any], kind: Any, struct: Any, settings: dict[str, Any]) -> None:
        parts = list(parts)
        if not all(isinstance(part, kind) for part in parts):
            raise TypeError(f"a list of {kind.__name__} is needed")
        array, config = (struct * len(parts))(*parts), self._struct()
        init = function(core, self._symbol + "_config_init", c_int32, c_void_p, c_size_t, c_void_p, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), array, len(parts)))
        configure(config, settings, {})
        config.parts = array  # lives as long as the configuration, which points to it
        self._make(config)

    @classmethod
    def _view(cls, handle: _abi.Handle, owner: Any) -> Any:
        self = cls.__new__(cls)
        self._owner = owner
        self._adopt(handle, owner._memory, 0)
        return self

    @property
    def state_bytes(self) -> int:
        """Bytes of the state; 0 of a view, which has none of its own."""
        return self._bytes

    @property
    def _own(self) -> Any:
        """The handle, for calls that a pipeline makes by itself."""
        if self._owner is not None:
            raise UnsupportedError("the pipeline does this by itself")
        return self._ref

    def reset(self) -> None:
        """As just after construction."""
        check(self._noun.reset(self._own))


class Event(NamedTuple):
    """Something that happened: `str()` of it is a line for people. kind is 'warning', 'drift', 'skew', 'shift', 'trigger',
    'training', 'trained', 'failed', 'passed', 'refused', 'stage', 'asked', 'approved', 'promoted', 'rolled_back', 'recalled',
    'evicted', 'tested', 'step', 'lost', 'finished', 'trial', 'check', 'unkept' or 'returned', or a number of yours
    from 256 up."""
    kind: Union[str, int]
    number: int
    at_ns: int
    version: int
    subject: int
    code: int
    value: float
    limit: float
    pipeline: int

    def __str__(self) -> str:
        line, n = ctypes.create_string_buffer(256), c_size_t()
        check(_event_text(byref(_event_record(self)), line, len(line), byref(n)))
        return line.value.decode()


def _event_record(e: Event) -> _abi.EventRecord:
    return _abi.EventRecord(_word("a kind", e.kind, _EVENTS), unsigned(e.subject), _signed(e.code), unsigned(e.pipeline),
                            unsigned(e.number, 64), _time(e.at_ns), unsigned(e.version, 64), real(e.value), real(e.limit))


def _event(e: _abi.EventRecord) -> Event:
    return Event(_EVENT_NAMES.get(e.kind, e.kind), e.number, e.at_ns, e.version, e.subject, e.code, e.value, e.limit, e.pipeline)


class Reader:
    """A reader of events: iterating gives those that it has not given yet, and ends when there are no more for now. `next` is the
    number of the next one, to be kept and given to events.reader(next); `missed` counts those that were overwritten before they
    were read."""

    def __init__(self, events: Events, next: int) -> None:
        self._events, self._next, self.missed = events, c_uint64(unsigned(next, 64)), 0

    @property
    def next(self) -> int:
        """Number of the next event."""
        return self._next.value

    def __iter__(self) -> Iterator[Event]:
        out = _abi.EventRecord()
        while True:
            before = self._next.value
            if check(_get(self._events._ref, byref(self._next), byref(out))) == _EMPTY:
                return
            self.missed += out.number - before
            yield _event(out)

    def audit(self, log: Audit) -> None:
        """Append what was not read yet to an audit log. SmallBufferError if its segment is full: rotate() it and call again."""
        check(_audit(self._events._ref, byref(self._next), byref(log._audit)))


class Events(Control):
    """What happened, newest last, in a ring; iterating gives all that is kept, `reader()` only what is new. Settings: n_events=64
    that are kept."""
    _symbol, _struct = "kedge_events", _abi.EventsConfig

    def __init__(self, **settings: Any) -> None:
        self._construct(settings)

    def put(self, kind: Union[str, int], at_ns: int = 0, version: int = 0, subject: int = 0, code: int = 0, value: float = 0.0,
            limit: float = 0.0, pipeline: int = 0) -> None:
        """Put an event into the ring; the oldest makes room."""
        check(_put(self._ref, byref(_event_record(Event(kind, 0, at_ns, version, subject, code, value, limit, pipeline)))))

    def reader(self, next: int = 0) -> Reader:
        """A reader from that number on."""
        return Reader(self, next)

    def __iter__(self) -> Iterator[Event]:
        return iter(Reader(self, 0))

    def __len__(self) -> int:
        return int(self.report.n_kept)

    @property
    def report(self) -> _abi.EventsReport:
        """Figures of the ring."""
        out = _abi.EventsReport()
        check(_events_read(self._ref, byref(out)))
        return out

    def __repr__(self) -> str:
        return f"Events({self.report!r})"


class _Part:
    """One of a list: prints what differs from the defaults."""
    _fields_: Any
    _defaults: tuple[Any, ...]
    _choices: dict[str, dict[str, int]]

    def __repr__(self) -> str:
        said = []
        for (name, *_), default in zip(self._fields_, self._defaults):
            value = getattr(self, name)
            words = {} if name == "limit" else _names(self._choices.get(name, {}))
            if name == "kind" or value != default:
                said.append(f"{name}={words.get(value, value)!r}")
        return f"{type(self).__name__}({', '.join(said)})"


class Trigger(_Part, _abi.TriggerPart):
    """A reason to train. kind: 'signal' (a detector's), 'demand', 'schedule' (every ns, plus offset_ns), 'rows' (every so many),
    'age' (every ns since the last training), 'floor' or 'ceiling' (a figure below or above limit). Settings: source=0 (which figure
    or detector; a pipeline's own is 0), priority=0, patience=1 (reports in a row), limit=2 (signal: 'drift' or 'warning'),
    release=2 (floor, ceiling: calls again only when the figure has been back there), every=1, offset_ns=0, least_rows=0,
    delay_rows=0, again_rows=0."""
    _defaults = (constants["KEDGE_TRIGGER_DEMAND"], 0, 0, 1, 2.0, 2.0, 1, 0, 0, 0, 0)  # KEDGE_TRIGGER_INIT
    _choices = {"kind": _TRIGGERS, "limit": _SIGNALS}

    def __init__(self, kind: str = "signal", **settings: Any) -> None:
        super().__init__(*self._defaults)
        configure(self, {"kind": kind, **settings}, self._choices)


class Call(NamedTuple):
    """A call for a training: which trigger, its kind and source, and why it waits, if it does: 'busy' (a training is under way),
    'rows' (too few), 'cool' (cool-down), 'budget' (spent)."""
    trigger: int
    kind: str
    source: int
    held: tuple[str, ...]
    n_calling: int
    code: int
    value: float
    limit: float
    since_ns: int
    since_row: int
    new_rows: int


def _call(c: _abi.TriggersCall) -> Call:
    held = tuple(name for name, bit in _HELD.items() if c.held & bit)
    return Call(c.trigger, _TRIGGER_NAMES[c.kind], c.source, held, c.n_calling, c.code, c.value, c.limit, c.since_ns, c.since_row,
                c.new_rows)


class Triggers(Control):
    """When to train, and why: a list of Trigger. Settings: budget=0 (trainings within budget_ns, 0: no limit), budget_ns (a day),
    cool_ns=0 and cool_rows=0 (from the end of a training to the next), backoff=2 (as many times longer after each in vain),
    backoff_max=64."""
    _symbol, _struct = "kedge_triggers", _abi.TriggersConfig

    def __init__(self, triggers: Sequence[Trigger], **settings: Any) -> None:
        self._construct_list(triggers, Trigger, _abi.TriggerPart, settings)

    def rows(self, n: int = 1, now_ns: int = 0) -> None:
        """Labelled rows have come, or, with none, time has passed."""
        _timed(now_ns, _rows(self._own, _time(now_ns), unsigned(n, 64)))

    def figure(self, source: int, value: float, now_ns: int = 0) -> None:
        """A figure was measured; nan: not known. UnknownIdError if no trigger watches it."""
        _timed(now_ns, _figure(self._ref, _time(now_ns), unsigned(source), real(value)))

    def signal(self, source: int, status: Union[str, int], now_ns: int = 0) -> None:
        """A detector was updated: what it returned, or 'ok', 'warning', 'drift'. UnknownIdError if no trigger watches it."""
        _timed(now_ns, _signal(self._own, _time(now_ns), unsigned(source), _word("a signal", status, _SIGNALS)))

    def demand(self, code: int = 0, now_ns: int = 0) -> None:
        """Somebody wants a training."""
        _timed(now_ns, _demand(self._ref, _time(now_ns), _signed(code)))

    def due(self, now_ns: int = 0) -> Optional[Call]:
        """The training that is due; None: none is."""
        out = _abi.TriggersCall()
        return _call(out) if _timed(now_ns, _due(self._ref, _time(now_ns), byref(out))) != _EMPTY else None

    def waiting(self, now_ns: int = 0) -> Optional[Call]:
        """The call that waits, with `held`; None: none does."""
        out = _abi.TriggersCall()
        return _call(out) if _timed(now_ns,
                                    _due(self._ref, _time(now_ns), byref(out))) == _EMPTY and out.kind in _TRIGGER_NAMES else None

    def start(self, now_ns: int = 0) -> Optional[Call]:
        """Begin the training that is due: the call that it answers; None: none is."""
        out = _abi.TriggersCall()
        return _call(out) if _timed(now_ns, _start(self._own, _time(now_ns), byref(out))) != _EMPTY else None

    def end(self, outcome: str, now_ns: int = 0) -> None:
        """The training has ended: 'promoted', 'refused', 'failed', or 'rolled_back', also after 'promoted'."""
        _timed(now_ns, _end(self._own, _time(now_ns), _word("an outcome", outcome, _OUTCOMES)))

    @property
    def report(self) -> _abi.TriggersReport:
        """Figures of all."""
        out = _abi.TriggersReport()
        check(_triggers_read(self._ref, byref(out)))
        return out

    def of_trigger(self, i: int) -> _abi.TriggerReport:
        """Figures of one of the list."""
        out = _abi.TriggerReport()
        check(_triggers_read_one(self._ref, unsigned(i), byref(out)))
        return out

    def __repr__(self) -> str:
        return f"Triggers({self.report!r})"


class Stage(_Part, _abi.StagePart):
    """A stage of a rollout. kind: 'development', 'test', 'preproduction', 'shadow' (answers unseen), 'canary' (serves a share),
    'production' (serves all; the last of a list). Settings: needs_approval=0, needs_verdict=0, both_answer=0 (1: both answer each
    row, which decides sooner), undecided='passes' or 'rolls_back' (after most_rows), share=0.05, tolerance=0.01 (by which the mean
    loss may be greater), loss_limit, least_rows=100, most_rows=10000, least_ns=0."""
    _defaults = (constants["KEDGE_STAGE_PRODUCTION"], 0, 0, 0, constants["KEDGE_UNDECIDED_PASSES"], 0, 0.05, 0.01, 1e100, 100,
                 10000, 0)  # KEDGE_STAGE_INIT
    _choices = {"kind": _STAGES, "undecided": _UNDECIDED}

    def __init__(self, kind: str = "production", **settings: Any) -> None:
        super().__init__(*self._defaults)
        configure(self, {"kind": kind, **settings}, self._choices)


class Route(NamedTuple):
    """Who answers a row: the challenger or the champion, and whether the other one answers too, unseen."""
    is_challenger: bool
    both_answer: bool


class Action(NamedTuple):
    """What to do next: 'ask' (for an approval), 'enter' (a stage has begun), 'promote' (the challenger serves), 'finish' (the old
    champion may go) or 'roll_back'; why is 'worse', 'limit', 'verdict', 'undecided', 'sure', 'free', 'stopped' or ''. difference,
    low and high: of the stage's mean losses; with rows > 0, taken back as worse: difference on so many of the newest comparisons,
    low the tolerance that it was surely beyond."""
    kind: str
    version: int
    stage: int
    stage_kind: str
    why: str
    code: int
    difference: float
    low: float
    high: float
    rows: int


class Request(NamedTuple):
    """An approval that is asked for; the token is bound to this version, model, stage and time."""
    version: int
    stage: int
    stage_kind: str
    asked_ns: int
    token: bytes


class Rollout(Control):
    """How a challenger comes into service: a list of Stage, the last of kind 'production'. Settings: seed=1 (which ids a canary
    serves), loss_max=1, confidence=0.95 of each stage's test at all times together."""
    _symbol, _struct = "kedge_rollout", _abi.RolloutConfig

    def __init__(self, stages: Sequence[Stage], **settings: Any) -> None:
        self._construct_list(stages, Stage, _abi.StagePart, settings)

    def begin(self, version: int, digest: Optional[Bytes] = None, now_ns: int = 0) -> None:
        """Begin the rollout of a version; digest: the SHA-256 of its snapshot, to which approvals are bound."""
        _timed(now_ns, _begin(self._own, _time(now_ns), unsigned(version, 64), None if digest is None else _hash(digest)))

    def pick(self, id: int) -> Route:
        """Who answers a row; the same id gets the same answer as long as a stage lasts."""
        out = _abi.RolloutRoute()
        check(_pick(self._ref, unsigned(id, 64), byref(out)))
        return Route(bool(out.is_challenger), bool(out.both_answer))

    def record(self, is_challenger: bool, loss: float, now_ns: int = 0) -> bool:
        """The loss of a row that one model answered; False: no stage is under way, and it has no effect."""
        return _timed(now_ns, _record(self._own, _time(now_ns), bool(is_challenger), real(loss))) != _EMPTY

    def record_pair(self, champion: float, challenger: float, now_ns: int = 0) -> bool:
        """The losses of a row that both answered."""
        return _timed(now_ns, _record_pair(self._own, _time(now_ns), real(champion), real(challenger))) != _EMPTY

    def judge(self, good: bool, code: int = 0, now_ns: int = 0) -> None:
        """Your verdict on the stage that is under way; a bad one takes the challenger back at the next step."""
        _timed(now_ns, _judge(self._ref, _time(now_ns), bool(good), _signed(code)))

    def stop(self, code: int = 0, now_ns: int = 0) -> None:
        """Take the challenger back at the next step."""
        _timed(now_ns, _stop(self._ref, _time(now_ns), _signed(code)))

    @property
    def request(self) -> Optional[Request]:
        """The approval that is asked for; None: none is."""
        out = _abi.RolloutRequest()
        if check(_ask(self._ref, byref(out))) == _EMPTY:
            return None
        return Request(out.version, out.stage, _STAGE_NAMES[out.stage_kind], out.asked_ns, bytes(out.token))

    def approve(self, token: Bytes, approver: int, now_ns: int = 0) -> None:
        """Approve what is asked for, by the token of the request; approver: who, a number of yours. UnknownIdError if the token is
        of another version, model, stage or time."""
        _timed(now_ns, _approve(self._ref, _time(now_ns), _hash(token), unsigned(approver, 64)))

    def step(self, now_ns: int = 0) -> Optional[Action]:
        """What there is to do, one thing a call; None: nothing, wait."""
        a = _abi.RolloutAction()
        _timed(now_ns, _step(self._own, _time(now_ns), byref(a)))
        if a.kind not in _ACTION_NAMES:
            return None
        return Action(_ACTION_NAMES[a.kind], a.version, a.stage, _STAGE_NAMES[a.stage_kind], _WHY_NAMES.get(a.why, ""), a.code,
                      a.difference, a.low, a.high, a.rows)

    @property
    def stage(self) -> Optional[str]:
        """The kind of the stage that is under way or asked for; None: none is."""
        return _STAGE_NAMES.get(self.report.stage_kind)

    @property
    def report(self) -> _abi.RolloutReport:
        """Where it stands."""
        out = _abi.RolloutReport()
        check(_rollout_read(self._ref, byref(out)))
        return out

    def __repr__(self) -> str:
        return f"Rollout({self.report!r})"


class Version(NamedTuple):
    """All that is kept of a version; what is not known is 0 or empty, and not printed. status is 'candidate', 'refused', 'staged',
    'serving', 'retired' or 'rolled_back'."""
    id: int
    status: str
    tag: str
    model_class: str
    parent: int
    created_ns: int
    first_row: int
    last_row: int
    from_ns: int
    to_ns: int
    n_rows: int
    seed: int
    training_ns: int
    compute_ns: int
    cost: float
    trigger_kind: str
    trigger_source: int
    trigger_code: int
    trigger_value: float
    trigger_limit: float
    candidate: int
    tests_passed: int
    tests_failed: int
    tests_undecided: int
    is_pinned: bool
    n_served: int
    artifact_bytes: int
    config_digest: bytes
    prep_digest: bytes
    model_digest: bytes
    signature: bytes

    def __repr__(self) -> str:
        known = (f"{name}={value.hex() if isinstance(value, bytes) else value!r}"
                 for name, value in zip(self._fields, self) if value)
        return f"Version({', '.join(known)})"


def _known(v: _abi.StoreVersion) -> Version:
    fields = {name: getattr(v, name) for name, *_ in v._fields_ if name in Version._fields}
    digests = {name: bytes(value) if any(value) else b"" for name, value in fields.items() if name.endswith("_digest")}
    fields.update(digests, status=_STATUS_NAMES[v.status], tag=v.tag.decode(errors="replace"), model_class=v.model_class.decode(),
                  trigger_kind=_TRIGGER_NAMES.get(v.trigger_kind, ""), is_pinned=bool(v.is_pinned),
                  signature=bytes(v.signature)[:v.signature_bytes])
    return Version(**fields)


class Stretch(NamedTuple):
    """A time in which a version served, 0: none did; to_ns None: it still does."""
    id: int
    from_ns: int
    to_ns: Optional[int]


_SET_BY_STORE = ("id", "status", "is_pinned", "artifact_bytes", "signature_bytes", "n_served")


class Store(Control):
    """Versions of a model and their history. Settings: n_versions=32 that are kept, n_served=256 entries of the serving history,
    n_figures=8 of each version, artifact_bytes=0 (room for the snapshots of all), keep_refused=0 (1: those that never served are
    evicted by age like all)."""
    _symbol, _struct = "kedge_store", _abi.StoreConfig

    def __init__(self, **settings: Any) -> None:
        self._construct(settings)

    def add(self, **known: Any) -> int:
        """Add a version as a candidate, with what is known of it: the fields of Version, but for those that the store sets. Its id.
        If the store is full the oldest goes that nobody needs; SmallBufferError if all are needed."""
        version = _abi.StoreVersion()
        for name in _SET_BY_STORE:
            if name in known:
                raise TypeError(f"the store sets {name!r} itself")
        for name in ("config_digest", "prep_digest", "model_digest"):
            if known.get(name):
                setattr(version, name, (ctypes.c_ubyte * 32)(*_hash(known[name])))
            known.pop(name, None)
        version.model_class = str(known.pop("model_class", "")).encode()
        version.trigger_code = _signed(known.pop("trigger_code", 0))
        configure(version, known, {"trigger_kind": _TRIGGERS})
        id = c_uint64()
        check(_add(self._ref, byref(version), byref(id)))
        return id.value

    def version(self, id: int) -> Version:
        """A version; UnknownIdError if it is not kept."""
        out = _abi.StoreVersion()
        check(_version(self._ref, unsigned(id, 64), byref(out)))
        return _known(out)

    @property
    def versions(self) -> list[Version]:
        """The versions that are kept, oldest first."""
        out, found = _abi.StoreVersion(), []
        while check(_at(self._ref, len(found), byref(out))) != _EMPTY:
            found.append(_known(out))
        return found

    def set_figure(self, id: int, figure: int, value: float) -> None:
        """Set a figure of a version, by your number of it."""
        check(_set_figure(self._ref, unsigned(id, 64), unsigned(figure), real(value)))

    def figure(self, id: int, figure: int) -> float:
        """A figure of a version, nan until it was set."""
        out = c_double()
        check(_get_figure(self._ref, unsigned(id, 64), unsigned(figure), byref(out)))
        return out.value

    def name_figure(self, figure: int, name: str) -> None:
        """Name a figure, for cards: at most 15 bytes; "": none any more."""
        check(_name_figure(self._ref, unsigned(figure), name.encode()))

    def figure_name(self, figure: int) -> str:
        """The name of a figure, "" if it has none."""
        out = ctypes.create_string_buffer(16)
        check(_figure_name(self._ref, unsigned(figure), out))
        return out.value.decode(errors="replace")

    def set_cost(self, id: int, compute_ns: int, cost: float) -> None:
        """Set what a version's training used and cost, where that is known only afterwards; a signature over something else
        goes."""
        check(_set_cost(self._ref, unsigned(id, 64), unsigned(compute_ns, 64), real(cost)))

    def set_tests(self, id: int, passed: int = 0, failed: int = 0, undecided: int = 0) -> None:
        """Set what a version's tests gave, as sets of bits: `passed`, `failed` and `undecided` of a GateReport, for example. A
        signature over something else goes."""
        check(_set_tests(self._ref, unsigned(id, 64), unsigned(passed), unsigned(failed), unsigned(undecided)))

    def set_status(self, id: int, status: str) -> None:
        """What became of a version, except that it serves."""
        check(_set_status(self._ref, unsigned(id, 64), _word("a status", status, _STATUSES)))

    def serve(self, id: int, now_ns: int = 0) -> None:
        """A version begins to serve, 0: none does; the one that did is retired."""
        _timed(now_ns, _serve(self._own, unsigned(id, 64), _time(now_ns)))

    def served_at(self, when_ns: int) -> int:
        """Who served then; 0: none. UnknownIdError if the history is lost."""
        out = c_uint64()
        check(_served_at(self._ref, _time(when_ns), byref(out)))
        return out.value

    @property
    def history(self) -> list[Stretch]:
        """Who served when, oldest first."""
        out, found = _abi.StoreStretch(), []
        while check(_history(self._ref, len(found), byref(out))) != _EMPTY:
            found.append(Stretch(out.id, out.from_ns, None if out.to_ns == (1 << 64) - 1 else out.to_ns))
        return found

    def pin(self, id: int, pinned: bool = True) -> None:
        """Never evict a version, or let it go."""
        check(_pin(self._ref, unsigned(id, 64), bool(pinned)))

    def tag(self, id: int, name: str) -> None:
        """Give a version a name of at most 15 bytes; whoever had it loses it. "": none any more."""
        check(_set_tag(self._ref, unsigned(id, 64), name.encode()))

    def find_tag(self, name: str) -> int:
        """The version of that name; UnknownIdError if none has it."""
        out = c_uint64()
        check(_find_tag(self._ref, name.encode(), byref(out)))
        return out.value

    def find_digest(self, digest: Bytes) -> int:
        """The newest version whose snapshot has that SHA-256; UnknownIdError if none has."""
        out = c_uint64()
        check(_find_digest(self._ref, _hash(digest), byref(out)))
        return out.value

    def put_artifact(self, id: int, model: Union[Model, Bytes]) -> None:
        """Lay the snapshot of a version's model into the store. SmallBufferError if there is no room."""
        data = model.save() if isinstance(model, Model) else bytes(model)
        check(_put_artifact(self._ref, unsigned(id, 64), data, len(data)))

    def artifact(self, id: int) -> Optional[bytes]:
        """The snapshot of a version's model, for its class's load(), once its hash is checked; None: it has none."""
        data, n = c_void_p(), c_size_t()
        if check(_artifact(self._ref, unsigned(id, 64), byref(data), byref(n))) == _EMPTY:
            return None
        return ctypes.string_at(data, n.value)

    def snapshots(self, id: int) -> list[bytes]:
        """The snapshots in it, each for the load() of its class: of a pipeline with a prep that of the prep and that of the
        model."""
        left, found, n = self.artifact(id) or b"", [], c_size_t()
        while left:
            check(_snapshot_length(left, len(left), byref(n)))
            found.append(left[:n.value])
            left = left[n.value:]
        return found

    def digest(self, id: int) -> bytes:
        """What a signature signs: the hash of all that was known when the version was added, and of its snapshot."""
        out = (ctypes.c_ubyte * constants["KEDGE_HASH_BYTES"])()
        check(_digest(self._ref, unsigned(id, 64), out))
        return bytes(out)

    def sign(self, id: int, signature: Bytes) -> None:
        """Keep a signature over digest() that you made, at most 72 bytes; b"": none any more."""
        check(_sign(self._ref, unsigned(id, 64), bytes(signature), len(signature)))

    def export_version(self, id: int) -> bytes:
        """One version with its figures and snapshot as portable bytes, for another store."""
        n = c_size_t()
        _export(self._ref, unsigned(id, 64), None, 0, byref(n))
        buffer = ctypes.create_string_buffer(n.value)
        check(_export(self._ref, id, buffer, n.value, byref(n)))
        return buffer.raw

    def import_version(self, exported: Bytes) -> int:
        """Take a version in that export_version() gave, as a new candidate; its id here."""
        data, id = bytes(exported), c_uint64()
        check(_import(self._ref, data, len(data), byref(id)))
        return id.value

    def card(self, id: int, title: Optional[str] = None, intent: Optional[str] = None) -> str:
        """A model card: all that is known of a version, as text for people; intent: what the model is for, in your words."""
        texts, n = [None if text is None else text.encode() for text in (title, intent)], c_size_t()
        _card(self._ref, unsigned(id, 64), *texts, None, 0, byref(n))
        buffer = ctypes.create_string_buffer(n.value + 1)
        check(_card(self._ref, id, *texts, buffer, len(buffer), byref(n)))
        return buffer.value.decode()

    @property
    def report(self) -> _abi.StoreReport:
        """Figures of the store."""
        out = _abi.StoreReport()
        check(_store_read(self._ref, byref(out)))
        return out

    def __repr__(self) -> str:
        return f"Store({self.report!r})"
