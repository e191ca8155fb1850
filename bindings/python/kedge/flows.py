# SPDX-License-Identifier: MIT
"""The steps of a retraining as a small graph: retries, skipping of what has not changed, a state that goes on after a crash, and
effects, such as a promotion, that do not happen twice.

    flow = Flow()

    @flow.step("train", max_retries=3)
    def train(job): return model_bytes            # what it made; its hash decides what has to run behind it

    @flow.step("promote", needs=["train"], is_once=True)
    def promote(job): registry.promote(key=(job.run, job.name))

    flow.run(save=write_file, happened=lambda run, name: registry.knows((run, name)))"""
from __future__ import annotations

import ctypes
import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, NamedTuple, Optional, TypeVar, Union

from . import _abi
from ._abi import constants
from ._library import core, function
from ._numbers import unsigned
from .controls import Control, Event, _event, _signed
from .errors import ConfigError, check

Content = Union[bytes, bytearray, memoryview, str]
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


def _bind(name: str, *arguments: Any) -> Any:
    return function(core, "kedge_flow_" + name, c_int32, *arguments)


_find = _bind("find", c_void_p, c_char_p, POINTER(c_uint32))
_set_input = _bind("set_input", c_void_p, c_uint32, c_char_p)
_set_config = _bind("set_config", c_void_p, c_uint32, c_char_p)
_forget = _bind("forget", c_void_p, c_uint32)
_begin = _bind("begin", c_void_p, c_uint64, c_uint64)
_next = _bind("next", c_void_p, c_uint64, POINTER(_abi.FlowJob))
_intend = _bind("intend", c_void_p, c_uint64, POINTER(_abi.FlowJob))
_done = _bind("done", c_void_p, c_uint64, POINTER(_abi.FlowJob), c_char_p, c_uint64)
_failed = _bind("failed", c_void_p, c_uint64, POINTER(_abi.FlowJob), c_int32)
_resume = _bind("resume", c_void_p, c_uint64)
_settle = _bind("settle", c_void_p, c_uint64, c_uint32, c_uint32, c_char_p, c_uint64)
_cancel = _bind("cancel", c_void_p, c_uint64)
_read = _bind("read", c_void_p, POINTER(_abi.FlowReport))
_read_step = _bind("read_step", c_void_p, c_uint32, POINTER(_abi.FlowStepReport))
_flow_event = _bind("event", c_void_p, c_uint32, POINTER(_abi.EventRecord))
_text = _bind("text", c_void_p, c_void_p, c_size_t, POINTER(c_size_t))

_KINDS = {constants["KEDGE_FLOW_" + name.upper()]: name for name in ("idle", "step", "wait", "unsure", "done", "failed",
                                                                     "cancelled")}
_STATES = {constants["KEDGE_STEP_" + name.upper()]: name
           for name in ("idle", "waiting", "running", "unsure", "done", "skipped", "failed", "cancelled")}
_EMPTY = constants["KEDGE_EMPTY"]
_NAME_BYTES = constants["KEDGE_FLOW_NAME_BYTES"]
_NEVER = (1 << 64) - 1


def _digest(content: Content) -> bytes:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).digest()


class Step(NamedTuple):
    """A step. needs: names of steps before it; retry_ns: pause before the first retry, doubles; timeout_ns: 0 for none; is_once:
    its effect must not happen twice; always_runs: never skipped; config: its own settings or code, as text or bytes, of which the
    hash counts."""
    name: str
    needs: Sequence[str] = ()
    max_retries: int = 0
    retry_ns: int = 0
    timeout_ns: int = 0
    is_once: bool = False
    always_runs: bool = False
    config: Content = b""


class Job(NamedTuple):
    """A step to run. (run, name) is the key of a once-effect: the same whatever happens in between."""
    run: int
    name: str
    attempt: int
    until_ns: Optional[int]
    is_once: bool


class StepReport(NamedTuple):
    """Figures of a step. state is 'idle', 'waiting', 'running', 'unsure', 'done', 'skipped', 'failed' or 'cancelled'; output is
    None if it was never done."""
    name: str
    state: str
    attempt: int
    n_failed: int
    n_timeouts: int
    code: int
    retry_at_ns: int
    first_ns: int
    started_ns: int
    ended_ns: int
    artifact: int
    n_done: int
    n_skipped: int
    output: Optional[bytes]


def _part(step: Step, before: dict[str, int]) -> _abi.FlowStepPart:
    name = step.name.encode()
    if not 0 < len(name) < _NAME_BYTES or b"\0" in name or step.name in before:
        raise ConfigError(f"a name has 1 to {_NAME_BYTES - 1} bytes, and no other step has it")
    if isinstance(step.needs, str):
        raise TypeError("needs is a list of names")
    needs = 0
    for need in step.needs:
        if need not in before:
            raise ConfigError(f"{step.name!r} needs {need!r}, which does not stand before it")
        needs |= 1 << before[need]
    config = (ctypes.c_uint8 * 32)(*(_digest(step.config) if step.config else bytes(32)))
    return _abi.FlowStepPart(name, needs, unsigned(step.max_retries), unsigned(step.retry_ns, 64), unsigned(step.timeout_ns, 64),
                             bool(step.is_once), bool(step.always_runs), config)


class Flow(Control):
    """A flow of steps, given as a list of Step or one by one with `step()`. Drive it with `run()`, or yourself: next(), intend(),
    done() and failed(). Times are nanoseconds; a clock that goes back stands still."""
    _symbol, _struct = "kedge_flow", _abi.FlowConfig
    _ref: Any = None  # until there is a step

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._steps: list[Step] = []
        self.names: list[str] = []
        self._functions: dict[str, Callable[[Job], Any]] = {}
        self.errors: dict[str, BaseException] = {}
        self._build(list(steps))

    def _build(self, steps: list[Step]) -> None:
        before: dict[str, int] = {}
        parts = []
        for step in steps:
            parts.append(_part(step, before))
            before[step.name] = len(before)
        if parts:
            self._construct_list(parts, _abi.FlowStepPart, _abi.FlowStepPart, {})
        self._steps = steps

    def _ready(self) -> None:
        """The names are those of the state; a loaded flow has neither functions nor errors yet."""
        vars(self).setdefault("_functions", {})
        vars(self).setdefault("errors", {})
        vars(self).setdefault("_steps", [])
        self.names = [self._report_of(i).name.decode() for i in range(self.report.n_steps)]

    def _extras(self) -> dict[str, Any]:
        return {name: value for name, value in super()._extras().items() if name not in ("_functions", "errors")}

    def _index(self, name: str) -> int:
        out = c_uint32()
        check(_find(self._ref, name.encode(), byref(out)))
        return out.value

    def step(self, name: str, needs: Sequence[str] = (), **settings: Any) -> Callable[[AnyFunction], AnyFunction]:
        """A decorator: the function is this step's; adds the step, unless the flow has it already. Settings as in Step. The
        function gets a Job and returns what it made, see run(). Steps are added before the first run only."""
        if name not in self.names:
            if self.names and (self.report.n_runs or len(self._steps) < len(self.names)):
                raise ConfigError("a flow that has run or was loaded gets no more steps")
            self._build(self._steps + [Step(name, needs, **settings)])

        def attach(work: AnyFunction) -> AnyFunction:
            self._functions[name] = work
            return work
        return attach

    def restore(self, snapshot: bytes, now_ns: Optional[int] = None) -> None:
        """Go on from a snapshot of the same steps, written by a process that is gone; functions stay. Settings of steps that differ
        count from now on. ConfigError if it is of other steps."""
        other = Flow.load(snapshot)
        if other.names != self.names or [other._report_of(i).needs for i in range(len(self.names))] != \
                [self._report_of(i).needs for i in range(len(self.names))]:
            raise ConfigError("the snapshot is of a flow with other steps")
        check(_resume(other._ref, time.time_ns() if now_ns is None else unsigned(now_ns, 64)))
        for i, step in enumerate(self._steps):
            if other.of_step(step.name).state != "unsure":
                check(_set_config(other._ref, i, _digest(step.config) if step.config else bytes(32)))
        self._adopt(other._handle, other._memory, other._bytes)

    def set_input(self, name: str, content: Content) -> None:
        """What a step reads from outside: its hash counts. BusyError while the step runs."""
        check(_set_input(self._ref, self._index(name), _digest(content)))

    def forget(self, name: str) -> None:
        """The step's last output is not to stand for its next one."""
        check(_forget(self._ref, self._index(name)))

    def begin(self, run: int, now_ns: int) -> None:
        """Begin a run, with a number above that of the one before."""
        check(_begin(self._ref, unsigned(now_ns, 64), unsigned(run, 64)))

    def _next(self, now_ns: int) -> _abi.FlowJob:
        out = _abi.FlowJob()
        check(_next(self._ref, unsigned(now_ns, 64), byref(out)))
        return out

    def _job(self, out: _abi.FlowJob) -> Job:
        return Job(out.run, self.names[out.step], out.attempt, None if out.until_ns == _NEVER else out.until_ns, bool(out.is_once))

    def next(self, now_ns: int) -> Optional[Job]:
        """The step that is ready, which counts as running from now on; None: none is."""
        out = self._next(now_ns)
        return self._job(out) if _KINDS[out.kind] == "step" else None

    def _record(self, job: Job) -> Any:
        return byref(_abi.FlowJob(unsigned(job.run, 64), unsigned(job.attempt, 64), 0, 0, self._index(job.name), 0, 0))

    def intend(self, job: Job, now_ns: int) -> None:
        """The effect of a once-step is about to be made: save() behind this call, then make it."""
        check(_intend(self._ref, unsigned(now_ns, 64), self._record(job)))

    def done(self, job: Job, now_ns: int, output: Optional[Content] = None, artifact: int = 0) -> None:
        """A step has ended well; output: what it made, of which the hash counts; None: something never seen before."""
        check(_done(self._ref, unsigned(now_ns, 64), self._record(job), None if output is None else _digest(output),
                    unsigned(artifact, 64)))

    def failed(self, job: Job, now_ns: int, code: int = 1) -> None:
        """A step has failed."""
        check(_failed(self._ref, unsigned(now_ns, 64), self._record(job), _signed(code)))

    def resume(self, now_ns: int) -> None:
        """The flow was loaded by a new process: nobody works any more at the steps that ran."""
        check(_resume(self._ref, unsigned(now_ns, 64)))

    def settle(self, name: str, happened: bool, now_ns: int, output: Optional[Content] = None, artifact: int = 0) -> None:
        """What became of an effect that is unsure."""
        check(_settle(self._ref, unsigned(now_ns, 64), self._index(name), bool(happened), None if output is None
                      else _digest(output), unsigned(artifact, 64)))

    def cancel(self, now_ns: int) -> None:
        """Give the run up."""
        check(_cancel(self._ref, unsigned(now_ns, 64)))

    @property
    def state(self) -> str:
        """Where the latest run stands: 'idle', 'wait' (under way), 'unsure', 'done', 'failed' or 'cancelled'."""
        return _KINDS[self.report.state]

    @property
    def report(self) -> _abi.FlowReport:
        """Figures of the latest run and of all; sets have bit i for the i-th step."""
        out = _abi.FlowReport()
        check(_read(self._ref, byref(out)))
        return out

    def _report_of(self, i: int) -> _abi.FlowStepReport:
        out = _abi.FlowStepReport()
        check(_read_step(self._ref, i, byref(out)))
        return out

    def of_step(self, name: str) -> StepReport:
        """Figures of a step."""
        r = self._report_of(self._index(name))
        return StepReport(name, _STATES[r.state], r.attempt, r.n_failed, r.n_timeouts, r.code, r.retry_at_ns, r.first_ns,
                          r.started_ns, r.ended_ns, r.artifact, r.n_done, r.n_skipped, bytes(r.output) if r.has_output else None)

    def event(self, name: str) -> Optional[Event]:
        """The event 'step' of a step that has ended; None: it has not."""
        out = _abi.EventRecord()
        return _event(out) if check(_flow_event(self._ref, self._index(name), byref(out))) != _EMPTY else None

    def __str__(self) -> str:
        n = c_size_t()
        _text(self._ref, None, 0, byref(n))
        text = ctypes.create_string_buffer(n.value + 1)
        check(_text(self._ref, text, len(text), byref(n)))
        return text.value.decode()

    def __repr__(self) -> str:
        return f"Flow({self.report!r})" if self._ref is not None else "Flow()"

    def _work(self, out: _abi.FlowJob, functions: Mapping[str, Callable[[Job], Any]], save: Callable[[bytes], Any],
              clock: Callable[[], int]) -> None:
        """One step: an exception of its function is a failure; one of save() is the caller's."""
        job = self._job(out)
        if job.is_once:
            self.intend(job, clock())
        save(self.save())
        try:
            made = functions[job.name](job)
            output, artifact = made if isinstance(made, tuple) else (made, 0)
            digest = None if output is None else _digest(output)
        except Exception as e:
            self.errors[job.name] = e
            check(_failed(self._ref, clock(), byref(out), 1))
            return
        self.errors.pop(job.name, None)
        check(_done(self._ref, clock(), byref(out), digest, unsigned(artifact, 64)))

    def run(self, functions: Optional[Mapping[str, Callable[[Job], Any]]] = None, run: Optional[int] = None,
            save: Callable[[bytes], Any] = lambda snapshot: None, happened: Callable[[int, str], bool] = lambda run, name: True,
            clock: Callable[[], int] = time.time_ns, sleep: Callable[[float], Any] = time.sleep) -> _abi.FlowReport:
        """Begin a run, or go on with the one that is under way, to its end, one step after the other.

        functions by name of the step, beside those that step() attached: they get a Job and return what they made, bytes or text,
        of which the hash counts, or None, or a tuple of that and the artifact's number. An exception is a failure; the last one of
        each step stands in `errors`. save gets a snapshot after each change: write it to a file before it returns. happened(run,
        name) tells of a once-effect that is unsure whether your own store knows it; without it, it counts as happened."""
        work = {**self._functions, **(functions or {})}
        missing = [name for name in self.names if name not in work]
        if missing:
            raise ValueError(f"no function for {', '.join(missing)}")
        if self.state not in ("wait", "unsure"):
            self.errors.clear()
            self.begin(self.report.run + 1 if run is None else run, clock())
        while True:
            out = self._next(clock())
            kind = _KINDS[out.kind]
            if kind == "step":
                self._work(out, work, save, clock)
            elif kind == "unsure":
                name = self.names[out.step]
                self.settle(name, happened(out.run, name), clock())
            elif kind == "wait":
                if not self.report.waiting or out.until_ns == _NEVER:
                    raise RuntimeError("steps run elsewhere: resume() if nobody works at them")
                sleep(max(0, out.until_ns - clock()) / 1e9)
            save(self.save())
            if kind in ("done", "failed", "cancelled"):
                return self.report
