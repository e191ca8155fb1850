# SPDX-License-Identifier: MIT
"""The pipeline serves a model, joins late labels, watches the error, and retrains or learns by policy."""
from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from ctypes import POINTER, addressof, byref, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, Optional, Union

from . import _abi, _arrays, _library
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import aligned, class_of, configure, view_of
from .acceptance import CHECKS, GATE_CHECKS, GateCall, GateReport, Names, Test
from .controls import Control, Events, Rollout, Stage, Store, Trigger, Triggers
from .detectors import Detector, Status
from .errors import KedgeError, ShapeError, SkewError, check, error
from .metrics import Cost
from .models import Model
from .prep import Prep
from .schemas import Schema


def _bind(name: str, result: Any, *arguments: Any) -> Any:
    return function(core, f"kedge_pipeline_{name}", result, *arguments)


_config_init = _bind("config_init", c_int32, c_void_p, c_size_t, c_void_p, c_void_p)
_size = _bind("size", c_size_t, c_void_p)
_work = _bind("work", c_size_t, c_void_p)
_init = _bind("init", c_int32, c_void_p, c_void_p, c_void_p, c_size_t)
_train = _bind("train", c_int32, c_void_p, POINTER(_abi.Rows), c_void_p, c_void_p, c_size_t)
_predict = _bind("predict", c_int32, c_void_p, c_uint64, c_uint64, c_void_p, POINTER(c_double))
_label = _bind("label", c_int32, c_void_p, c_uint64, c_uint64, c_double)
_step = _bind("step", c_int32, c_void_p, c_uint64, c_void_p, c_size_t)
_spent = _bind("spent", c_int32, c_void_p, c_uint64, c_uint64)
_cost = _bind("cost", c_int32, c_void_p, POINTER(_abi.Handle))
_request = _bind("request", c_int32, c_void_p)
_figure = _bind("figure", c_int32, c_void_p, c_uint64, c_uint32, c_double)
_control = _bind("control", c_int32, c_void_p, c_uint32, POINTER(_abi.Handle))
_read = _bind("read", c_int32, c_void_p, POINTER(_abi.PipelineReport))
_champion = _bind("champion", c_int32, c_void_p, POINTER(_abi.Handle))
_champion_prep = _bind("champion_prep", c_int32, c_void_p, POINTER(_abi.Handle))
_challenger_prep = _bind("challenger_prep", c_int32, c_void_p, POINTER(_abi.Handle))
_challenger = _bind("challenger", c_int32, c_void_p, POINTER(_abi.Handle))
_judge_work = _bind("judge_work", c_size_t, c_void_p, c_void_p)
_judge = _bind("judge", c_int32, c_void_p, c_uint64, c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)
_reset = _bind("reset", c_int32, c_void_p)
_save = _bind("save", c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
_load_size = _bind("load_size", c_int32, c_void_p, c_size_t, POINTER(c_size_t))
_load = _bind("load", c_int32, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t)
_train_work = _bind("train_work", c_size_t, c_void_p, c_size_t)
_describe = function(core, "kedge_model_describe", c_int32, c_void_p, POINTER(_abi.ModelInfo))
_describe_prep = function(core, "kedge_prep_describe", c_int32, c_void_p, POINTER(_abi.PrepInfo))

_WORK_MAX = 1 << 40
_CHOICES = {
    "policy": {"static": constants["KEDGE_POLICY_STATIC"], "retrain": constants["KEDGE_POLICY_RETRAIN"],
               "online": constants["KEDGE_POLICY_ONLINE"]},
    "select": {"window": constants["KEDGE_SELECT_WINDOW"], "change": constants["KEDGE_SELECT_CHANGE"]},
}


_CONTROLS: dict[str, type[Control]] = {"triggers": Triggers, "rollout": Rollout, "store": Store, "events": Events, "schema": Schema}


def _steers(name: str, control: Any) -> Optional[Control]:
    """A control whose settings are known, from one or from a list of its parts."""
    cls: Any = _CONTROLS[name]
    if isinstance(control, (list, tuple)) and name in ("triggers", "rollout"):
        control = cls(control)
    if control is not None and not isinstance(control, cls):
        raise TypeError(f"{name} is a kedge.{cls.__name__}, not {control!r}")
    if control is not None and control._config is None:
        raise ValueError(f"{name} must be constructed, not loaded or a view: its settings are needed")
    return control  # type: ignore[no-any-return]


def _copy_of(part: Any, handle: _abi.Handle, memory: Any) -> Any:
    """An object of its own, like `part`, of the state that a handle shows."""
    view = view_of(part, handle, memory)
    return type(view).load(view.save(), *(() if isinstance(part, type) else getattr(part, "_parts", ())))


class Pipeline:
    """Pipeline(model, detector, policy='retrain', ...): model, detector, prep and controls are fresh objects that say what to
    train, what watches, what prepares rows and what steers; they are not used themselves. With a prep (a Scale, a Chain ...) the
    rows of all calls are its input, nan is missing, and the model has its n_out features; each model gets a prep of its own, fitted
    on the rows that it is trained on.

    Settings. What becomes of drift: policy='retrain', 'static' or 'online'. Rows that are kept: pending_rows=64 (wait for their
    label), window_rows=1000 (newest), reservoir_rows=0 (a sample of older ones, drawn by seed=1). When to train: min_rows=200,
    delay_rows=0, train_share=1e6 (rows that trainings may use for each labelled one); on which rows: select='change' or 'window',
    old_weight=0.2 (of a row of the reservoir); how: slice_rows=0 (that one step trains at most, 0: all; the first model at once).
    What a challenger must show: holdout_every=5, holdout_min=20 (rows held back from trainings), gate_rows=2000 (that a verdict may
    take, those included), gate_margin=0, gate_confidence=0.95, gate_loss=0.01, gate_safe=0.99, gate_sought=0.02.

    Controls, each None or: triggers (Triggers, or a list of Trigger): when to train, in place of the detector's drift alone;
    rollout (Rollout, or a list of Stage): how a challenger comes into service; store (Store): keeps versions, with artifact_bytes
    also their models, and then recall_rows=0: so many rows after a drift, and at twice as many again and again, earlier models are
    asked whether they fit; events (Events): what happens, each of this pipeline's number=0, so that several can share a ring or an
    audit log; schema (Schema, fresh): learns the rows until the first model serves, then
    predict() raises SkewError for rows that break it, and a shift is the triggers' signal of source 1; cost (Cost): your prices, of
    what spent() is told. Those inside are `pipeline.triggers` and so on, UnsupportedError where there is none."""

    def __init__(self, model: Model, detector: Detector, *, prep: Optional[Prep] = None,
                 triggers: Union[Triggers, Sequence[Trigger], None] = None,
                 rollout: Union[Rollout, Sequence[Stage], None] = None, store: Optional[Store] = None,
                 events: Optional[Events] = None, schema: Optional[Schema] = None, cost: Optional[Cost] = None,
                 **settings: Any) -> None:
        if not isinstance(model, Model) or not isinstance(detector, Detector):
            raise TypeError("a model and a detector are needed")
        if model._config is None or detector._config is None:
            raise ValueError("model and detector must be constructed, not loaded: their settings are needed")
        if prep is not None and not isinstance(prep, Prep):
            raise TypeError(f"prep is a kedge.Prep, not {prep!r}")
        if prep is not None and prep._config is None:
            raise ValueError("prep must be constructed, not loaded: its settings are needed")
        config = _abi.PipelineConfig()
        check(_config_init(byref(config), ctypes.sizeof(config), addressof(model._config), addressof(detector._config)))
        configure(config, settings, _CHOICES)
        config.prep = None if prep is None else addressof(prep._config)
        given = {"triggers": triggers, "rollout": rollout, "store": store, "events": events, "schema": schema}
        controls = {name: _steers(name, control) for name, control in given.items()}
        for name, control in controls.items():
            if control is not None:
                setattr(config, name, addressof(control._config))
        if cost is not None and not isinstance(cost, Cost):
            raise TypeError(f"cost is a kedge.Cost, not {cost!r}")
        if cost is not None and cost._config is None:
            raise ValueError("cost must be constructed, not loaded: its prices are needed")
        config.cost = None if cost is None else addressof(cost._config)
        n_bytes = _size(byref(config))
        memory, handle = aligned(n_bytes), _abi.PipelineHandle()
        check(_init(byref(handle), byref(config), memory, n_bytes or ctypes.sizeof(memory)))
        self._adopt(handle, memory, n_bytes, (model._prototype(), detector._prototype(), prep))
        self._work = aligned(_work(byref(config)))

    def _adopt(self, handle: _abi.PipelineHandle, memory: Any, n_bytes: int, classes: tuple[Any, Any, Any]) -> None:
        self._handle, self._memory, self._bytes, self._classes = handle, memory, n_bytes, classes
        self._ref = byref(handle)
        self._work = aligned(0)
        champion, info = _abi.Handle(), _abi.ModelInfo()
        check(_champion(self._ref, byref(champion)))
        check(_describe(byref(champion), byref(info)))
        self._n_features, self._n_classes = info.n_features, info.n_classes
        if classes[2] is not None:
            prep, prep_info = _abi.Handle(), _abi.PrepInfo()
            check(_champion_prep(self._ref, byref(prep)))
            check(_describe_prep(byref(prep), byref(prep_info)))
            self._n_features = prep_info.n_columns

    @property
    def state_bytes(self) -> int:
        """Bytes of the state, models, preps and detector included."""
        return self._bytes

    def train(self, x: _arrays.Table, y: _arrays.Numbers) -> None:
        """Train the serving model on a table at once, and first its prep."""
        owner, rows = _arrays.table(x)
        labels, address, n = _arrays.doubles(y)
        if n != rows.n_rows:
            raise ShapeError(f"{rows.n_rows} rows, but {n} labels")
        work = aligned(_train_work(self._ref, n))
        st = _train(self._ref, byref(rows), address, work, ctypes.sizeof(work))
        del owner, labels
        if st == constants["KEDGE_ERR_STATE"]:
            raise self._busy(st)
        check(st)

    @staticmethod
    def _busy(st: int) -> KedgeError:
        e = error(st)
        e.args = ("a rollout is under way: end it, or stop it, before a training by hand",)
        return e

    def predict(self, id: int, x: _arrays.Numbers, now_ns: int = 0) -> float:
        """Serve one row and remember it until its label comes. SkewError, with a verdict, if the row breaks the schema."""
        owner, address = _arrays.row(x, self._n_features)
        y = c_double()
        st = _predict(self._ref, unsigned(now_ns, 64), unsigned(id, 64), address, byref(y))
        del owner
        if st == constants["KEDGE_ERR_SKEW"]:
            raise self._skew(x)
        check(st)
        return int(y.value) if self._n_classes else y.value

    def _skew(self, x: _arrays.Numbers) -> KedgeError:
        verdict, e = self.schema.explain(x), error(constants["KEDGE_ERR_SKEW"])
        if isinstance(e, SkewError) and not verdict:
            e.verdict = verdict
            e.args = (f"{e}: {'; '.join(line.strip() for line in str(verdict).splitlines()[1:])}",)
        return e

    def label(self, id: int, y: float, now_ns: int = 0) -> Status:
        """Tell the label of a row that was served; a Status. UnknownIdError if no such prediction waits."""
        return Status(check(_label(self._ref, unsigned(now_ns, 64), unsigned(id, 64), real(y))))

    def step(self, now_ns: int = 0) -> bool:
        """Take the next step of a rollout, do the training that is due, if any; True: a slice of a training is done, call again."""
        now_ns = unsigned(now_ns, 64)
        st = _step(self._ref, now_ns, self._work, ctypes.sizeof(self._work))
        while st == constants["KEDGE_ERR_BUFFER"] and ctypes.sizeof(self._work) < _WORK_MAX:  # a snapshot does not tell how much
            self._work = aligned(2 * ctypes.sizeof(self._work))
            st = _step(self._ref, now_ns, self._work, ctypes.sizeof(self._work))
        return check(st) == constants["KEDGE_MORE"]

    def judge(self, now_ns: int = 0, *, tests: Sequence[Test] = (), score: Optional[str] = None,
              checks: Names = (*CHECKS, *GATE_CHECKS), without: Names = (), prove: Names = ("quality", "usual", "better", "safe"),
              fresh: Union[bool, Model] = False, nominal: Iterable[int] = (), clock: Union[bool, Callable[[], int]] = False,
              battery: Optional[dict[str, Any]] = None,
              **limits: Any) -> Optional[GateReport]:
        """The standard tests of the challenger, and yours, where a stage of the rollout wants a verdict: kedge.gate() on those kept
        rows that neither model was trained on, with its arguments. With a prep both models are asked through their own: columns,
        rows of tests and nominal features are those of rows as they come, only `fresh` is of prepared ones. The verdict goes to the
        rollout and into the store. None: no verdict is wanted now."""
        handle = _abi.Handle()
        if check(_challenger(self._ref, byref(handle))) == constants["KEDGE_EMPTY"]:
            return None
        cls = self._classes[0] if isinstance(self._classes[0], type) else type(self._classes[0])
        challenger: Model = cls.__new__(cls)  # a view
        challenger._adopt(handle, self._memory, 0)
        asked = GateCall(challenger, 0, tests, score, checks, without, prove, None, None, "selected", fresh, nominal, clock,
                         battery, limits)
        n = _judge_work(self._ref, byref(asked.cfg))
        st = _judge(self._ref, unsigned(now_ns, 64), byref(asked.cfg), aligned(n), max(n, 8), asked.outcomes, byref(asked.out))
        return None if st == constants["KEDGE_EMPTY"] else asked.report(st)

    def spent(self, compute_ns: int, bytes_moved: int = 0) -> bool:
        """Tell what the last step() or train() used, by a clock of yours (time.process_time_ns); call it after each. True: it was a
        training, or a slice of one: the version that came of it knows compute time and cost, and `cost` has recorded it."""
        return check(_spent(self._ref, unsigned(compute_ns, 64), unsigned(bytes_moved, 64))) != constants["KEDGE_EMPTY"]

    def request(self) -> None:
        """Ask for a training at the next step; with triggers by the one of kind 'demand'."""
        check(_request(self._ref))

    def figure(self, source: int, value: float, now_ns: int = 0) -> bool:
        """A figure was measured, for the triggers of kind 'floor' and 'ceiling'; nan: not known. False: none of them watches it."""
        return check(_figure(self._ref, unsigned(now_ns, 64), unsigned(source), real(value))) != constants["KEDGE_EMPTY"]

    def _part(self, look: Any, part: Any) -> Any:
        handle = _abi.Handle()
        return None if check(look(self._ref, byref(handle))) == constants["KEDGE_EMPTY"] else _copy_of(part, handle, self._memory)

    @property
    def champion(self) -> Model:
        """A copy of the model that serves now: to publish, freeze or look at. With a prep it takes rows as champion_prep gives
        them."""
        copy: Model = self._part(_champion, self._classes[0])
        return copy

    @property
    def champion_prep(self) -> Prep:
        """A copy of its prep; UnsupportedError if the pipeline has none."""
        copy: Prep = self._part(_champion_prep, self._classes[2])
        return copy

    @property
    def challenger(self) -> Optional[Model]:
        """A copy of the model whose rollout is under way; None: none is."""
        copy: Optional[Model] = self._part(_challenger, self._classes[0])
        return copy

    @property
    def challenger_prep(self) -> Optional[Prep]:
        """A copy of its prep, likewise."""
        copy: Optional[Prep] = self._part(_challenger_prep, self._classes[2])
        return copy

    def _inside(self, name: str) -> Any:
        handle = _abi.Handle()
        check(_control(self._ref, constants["KEDGE_PIPELINE_" + name.upper()], byref(handle)))
        return _CONTROLS[name]._view(handle, self)

    @property
    def triggers(self) -> Triggers:
        """The triggers inside: a view, as the next four."""
        view: Triggers = self._inside("triggers")
        return view

    @property
    def rollout(self) -> Rollout:
        """The rollout inside: to approve, judge or stop it."""
        view: Rollout = self._inside("rollout")
        return view

    @property
    def store(self) -> Store:
        """The store inside: to look at, pin, tag or sign versions."""
        view: Store = self._inside("store")
        return view

    @property
    def events(self) -> Events:
        """The events inside."""
        view: Events = self._inside("events")
        return view

    @property
    def schema(self) -> Schema:
        """The schema inside: to read, edit, finish or renew it."""
        view: Schema = self._inside("schema")
        return view

    @property
    def cost(self) -> Cost:
        """The cost inside, of all trainings that spent() was told of: to add what else is used, and to read."""
        handle = _abi.Handle()
        check(_cost(self._ref, byref(handle)))
        view = Cost.__new__(Cost)
        view._adopt(handle, self._memory, 0)
        return view

    @property
    def report(self) -> _abi.PipelineReport:
        """What has happened."""
        out = _abi.PipelineReport()
        check(_read(self._ref, byref(out)))
        return out

    def reset(self) -> None:
        """As just after construction."""
        check(_reset(self._ref))

    def save(self) -> bytes:
        """A snapshot of everything, models, preps and detector included."""
        n = c_size_t()
        _save(self._ref, None, 0, byref(n))
        buffer = ctypes.create_string_buffer(n.value)
        check(_save(self._ref, buffer, n.value, byref(n)))
        return buffer.raw

    @classmethod
    def load(cls, snapshot: bytes, model: Union[type[Model], Model], detector: Union[type[Detector], Detector],
             prep: Union[type[Prep], Prep, None] = None) -> Pipeline:
        """The pipeline in a snapshot; model, detector and prep are the classes that it was made with, for example kedge.GaussianNB,
        kedge.DDM, kedge.prep.Scale. Of models over models, as kedge.Contest, and of chains of preps, an object like the one that it
        was made with."""
        snapshot = bytes(snapshot)
        n = c_size_t()
        check(_load_size(snapshot, len(snapshot), byref(n)))
        self = cls.__new__(cls)
        memory, handle = aligned(n.value), _abi.PipelineHandle()
        check(_load(byref(handle), class_of(model), class_of(detector), None if prep is None else class_of(prep), memory, n.value,
                    snapshot, len(snapshot)))
        self._adopt(handle, memory, n.value, (model, detector, prep))
        return self

    def __reduce__(self) -> Any:
        return type(self).load, (self.save(), *self._classes)

    def __copy__(self) -> Pipeline:
        return type(self).load(self.save(), *self._classes)

    def __deepcopy__(self, memo: Any) -> Pipeline:
        return self.__copy__()

    def __repr__(self) -> str:
        return f"Pipeline({self.report!r})"
