# SPDX-License-Identifier: MIT
"""All current figures of a model on one card: quality, service, upkeep, cost, compliance."""
from __future__ import annotations

import copy
import ctypes
import math
from collections.abc import Iterator, Sequence
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Callable, NamedTuple, Optional, Union

from . import _abi
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from .errors import RangeError, UnsupportedError, check
from .metrics import Metric
from .models import Model
from .pipeline import Pipeline
from .privacy import Budget

_Card = POINTER(_abi.Scorecard)
_init = function(core, "kedge_scorecard_init", c_int32, _Card, c_size_t, c_char_p, c_char_p)
_set = function(core, "kedge_scorecard_set", c_int32, _Card, c_uint32, c_double, c_double, c_double, c_uint64)
_set_extra = function(core, "kedge_scorecard_set_extra", c_int32, _Card, c_char_p, c_uint32, c_int32, c_double, c_double, c_double,
                      c_uint64)
_describe = function(core, "kedge_scorecard_describe", c_int32, c_uint32, POINTER(_abi.CardAbout))
_kind = function(core, "kedge_kind_string", c_char_p, c_uint32)
_judge = function(core, "kedge_scorecard_judge", c_int32, _Card, _Card, c_void_p, c_size_t, c_void_p)
_compare = function(core, "kedge_scorecard_compare", c_int32, _Card, _Card, POINTER(_abi.ScorecardComparison))
_outcome = function(core, "kedge_scorecard_outcome_string", c_char_p, c_uint32)
_text = function(core, "kedge_scorecard_text", c_int32, _Card, _Card, c_void_p, c_size_t, POINTER(c_size_t))
_json = function(core, "kedge_scorecard_json", c_int32, _Card, c_void_p, c_size_t, POINTER(c_size_t))
_openmetrics = function(core, "kedge_scorecard_openmetrics", c_int32, c_void_p, c_size_t, c_void_p, c_size_t, POINTER(c_size_t))
_verdict = function(core, "kedge_battery_verdict_string", c_char_p, c_int32)
_reason = function(core, "kedge_battery_reason_string", c_char_p, c_int32)
_takes = {name: function(core, "kedge_scorecard_take" + name, c_int32, _Card, c_void_p)
          for name in ("", "_model", "_ranking", "_pipeline", "_privacy")}


def _about(i: int) -> Any:
    out = _abi.CardAbout()
    check(_describe(i, byref(out)))
    return out


FIGURES = {_about(i).name.decode(): i for i in range(constants["KEDGE_CARD_FIGURES"])}
KINDS = {_kind(i).decode(): i for i in range(1, 6)}


class Figure(NamedTuple):
    """A number with its interval; nan: not known."""
    value: float
    low: float
    high: float
    n: int  # observations that it rests on; 0: none, or it counts none


class Rule(NamedTuple):
    """A figure is at least, or at most, a limit; with a `share` the limit is that plus share times what the champion has. A rule
    that is broken is a "warning" or a "fail". `by`: "value", or "interval": all of it must be there."""
    figure: str
    at_least: Optional[float] = None
    at_most: Optional[float] = None
    share: float = 0.0
    severity: str = "fail"
    by: str = "value"


class Check(NamedTuple):
    """What came of a rule."""
    rule: Rule
    verdict: str  # "pass", "fail", "undecided": it cannot be told, "skipped": there is no champion
    why: str
    value: float
    limit: float  # what it was held against


class Judgement(NamedTuple):
    """What came of all rules. True if every "fail" rule that was not skipped holds."""
    verdict: str  # "fail", "undecided": one of severity "fail" is; "warning", "pass"
    checks: list[Check]

    def __bool__(self) -> bool:
        return self.verdict in ("pass", "warning")


def _figure(f: Any) -> Figure:
    return Figure(f.value, f.low, f.high, f.n)


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _encoded(name: str) -> bytes:
    if "\0" in name:
        raise RangeError("a name has no zero in it")
    return name.encode("utf-8", "replace")


def _written(write: Callable[..., int], *arguments: Any) -> str:
    n = c_size_t()
    write(*arguments, None, 0, byref(n))
    buffer = ctypes.create_string_buffer(n.value + 1)
    check(write(*arguments, buffer, n.value + 1, byref(n)))
    return buffer.raw[:n.value].decode()


class Scorecard:
    """A card with a model's figures, by name: card["accuracy"].value. `take` fills it from the metrics that you have, and each call
    again brings the newest figures. Pickles and copies."""

    def __init__(self, model: str = "", version: str = "", *sources: Any) -> None:
        self._card = _abi.Scorecard()
        check(_init(byref(self._card), ctypes.sizeof(self._card), _encoded(model), _encoded(version)))
        self.take(*sources)

    def take(self, *sources: Any) -> Scorecard:
        """Take all figures of metrics, models, pipelines, rankings (kedge.ranking) and privacy budgets; None is passed over."""
        for source in sources:
            if isinstance(source, Metric):
                check(_takes[""](byref(self._card), source._ref))
            elif isinstance(source, Model):
                check(_takes["_model"](byref(self._card), source._ref))
            elif isinstance(source, Pipeline):
                check(_takes["_pipeline"](byref(self._card), byref(source.report)))
            elif isinstance(source, _abi.RankingReport):
                check(_takes["_ranking"](byref(self._card), byref(source)))
            elif isinstance(source, Budget):
                check(_takes["_privacy"](byref(self._card), byref(source._budget)))
            elif source is not None:
                raise UnsupportedError(f"a card takes no {type(source).__name__}")
        return self

    def set(self, name: str, value: float, low: float = math.nan, high: float = math.nan, n: int = 0, *, kind: str = "quality",
            better: Optional[str] = None) -> None:
        """Set a figure by hand. A name that kedge has not is one of your own, up to 47 bytes and 16 of them, of a kind ("quality",
        "service", "upkeep", "cost", "compliance"); `better`: "more", "less" or None."""
        numbers = real(value), real(low), real(high), unsigned(n, 64)
        if name in FIGURES:
            check(_set(byref(self._card), FIGURES[name], *numbers))
            return
        if kind not in KINDS or better not in ("more", "less", None):
            raise ValueError("kind is one of %s, better is 'more', 'less' or None" % ", ".join(KINDS))
        direction = 0 if better is None else 1 if better == "more" else -1
        check(_set_extra(byref(self._card), _encoded(name), KINDS[kind], direction, *numbers))

    @property
    def model(self) -> str:
        """Name of the model."""
        return _name(self._card.model)

    @property
    def version(self) -> str:
        """Its version."""
        return _name(self._card.version)

    @property
    def figures(self) -> dict[str, Figure]:
        """All figures that a source was there for, by name."""
        out = {name: _figure(self._card.figures[i]) for name, i in FIGURES.items() if self._card.figures[i].taken}
        for extra in self._card.extras[:self._card.n_extras]:
            out[_name(extra.name)] = _figure(extra.figure)
        return out

    def __getitem__(self, name: str) -> Figure:
        return self.figures[name]

    def __contains__(self, name: object) -> bool:
        return name in self.figures

    def __iter__(self) -> Iterator[str]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def judge(self, rules: Sequence[Union[Rule, tuple[Any, ...]]], champion: Optional[Scorecard] = None) -> Judgement:
        """Hold the card against rules; those with a share need the champion's card, and are skipped without one."""
        told = [Rule(*rule) for rule in rules]
        limits, checks = (_abi.ScorecardRule * len(told))(), (_abi.BatteryCheck * len(told))()
        for limit, rule in zip(limits, told):
            _fill_rule(limit, rule)
        st = check(_judge(byref(self._card), byref(champion._card) if champion is not None else None, limits, len(told), checks))
        words = {constants["KEDGE_OK"]: "pass", constants["KEDGE_WARNING"]: "warning", constants["KEDGE_EMPTY"]: "undecided",
                 constants["KEDGE_DRIFT"]: "fail"}
        return Judgement(words[st], [Check(rule, _verdict(c.verdict).decode(), _reason(c.why).decode(), c.figure.value, c.limit)
                                     for rule, c in zip(told, checks)])

    def compare(self, champion: Scorecard) -> dict[str, str]:
        """Of each figure, "better", "worse", "equal", "unsure" (the interval of the difference holds 0) or "unknown"; those that
        neither card has, and those of which more is neither better nor worse, are left out."""
        out = _abi.ScorecardComparison()
        check(_compare(byref(champion._card), byref(self._card), byref(out)))
        outcomes = {name: out.figures[i] for name, i in FIGURES.items()}
        for extra, outcome in zip(self._card.extras[:self._card.n_extras], out.extras):
            outcomes[_name(extra.name)] = outcome
        return {name: _outcome(outcome).decode() for name, outcome in outcomes.items() if outcome != constants["KEDGE_CARD_NONE"]}

    def text(self, champion: Optional[Scorecard] = None) -> str:
        """The card as a table, alone or beside another one."""
        return _written(_text, byref(self._card), byref(champion._card) if champion is not None else None)

    def json(self) -> str:
        """The card as one object of JSON."""
        return _written(_json, byref(self._card))

    def openmetrics(self, *others: Scorecard) -> str:
        """The card, and others, as an exposition of OpenMetrics 1.0, for Prometheus; serve it as
        application/openmetrics-text; version=1.0.0; charset=utf-8."""
        cards = (_abi.Scorecard * (1 + len(others)))(*[copy.copy(card._card) for card in (self, *others)])
        return _written(_openmetrics, cards, len(cards))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Scorecard({self.model!r}, {self.version!r}, {len(self)} figures)"

    def __copy__(self) -> Scorecard:
        clone = type(self).__new__(type(self))
        clone.__setstate__(self.__getstate__())
        return clone

    def __deepcopy__(self, memo: dict[int, Any]) -> Scorecard:
        return self.__copy__()

    def __getstate__(self) -> bytes:
        return bytes(self._card)

    def __setstate__(self, state: bytes) -> None:
        if len(state) != ctypes.sizeof(_abi.Scorecard):
            raise RangeError("a card of another version")
        self._card = _abi.Scorecard.from_buffer_copy(state)


def _fill_rule(out: Any, rule: Rule) -> None:
    if (rule.at_least is None) == (rule.at_most is None):
        raise ValueError("a rule has either at_least or at_most")
    if rule.severity not in ("warning", "fail") or rule.by not in ("value", "interval"):
        raise ValueError("severity is 'warning' or 'fail', by is 'value' or 'interval'")
    if rule.figure in FIGURES:
        out.figure = FIGURES[rule.figure]
    else:
        out.figure, out.name = constants["KEDGE_CARD_EXTRA"], _encoded(rule.figure)
    out.side = constants["KEDGE_AT_LEAST" if rule.at_least is not None else "KEDGE_AT_MOST"]
    out.limit = real(rule.at_least if rule.at_least is not None else rule.at_most)
    out.share, out.by = real(rule.share), constants["KEDGE_BY_" + rule.by.upper()]
    out.status = constants["KEDGE_DRIFT" if rule.severity == "fail" else "KEDGE_WARNING"]
