# SPDX-License-Identifier: MIT
"""Detectors read one number at a time (an error, a loss, a value) and say stable, warning or drift."""
from __future__ import annotations

import array
import ctypes
import enum
from ctypes import POINTER, byref, c_double, c_int32, c_size_t, c_uint32, c_void_p
from typing import Any, Optional, Sequence, TypeVar

from . import _abi, _arrays
from ._abi import constants
from ._library import core, function
from ._numbers import real, unsigned
from ._object import Noun, Object, configure
from .calibration import Quiet
from .errors import check, error
from .streams import Stream

AnyDetector = TypeVar("AnyDetector", bound="Detector")


class Status(enum.IntEnum):
    """What a detector says of an observation; false while all is stable."""
    OK = constants["KEDGE_OK"]
    WARNING = constants["KEDGE_WARNING"]
    DRIFT = constants["KEDGE_DRIFT"]

    @property
    def drift(self) -> bool:
        """True for drift, which is reported once, by the observation that raised it."""
        return self is Status.DRIFT

    @property
    def warning(self) -> bool:
        """True while the warning level is crossed."""
        return self is Status.WARNING


_STATUS = (Status.OK, Status.WARNING, Status.DRIFT)
_update = function(core, "kedge_detector_update", c_int32, c_void_p, c_double)
_signal_many = function(core, "kedge_detector_signal_many", c_int32, c_void_p, c_void_p, c_size_t, c_void_p, POINTER(c_size_t))
_estimate = function(core, "kedge_detector_estimate", c_int32, c_void_p, POINTER(_abi.Estimate))
_alarm = function(core, "kedge_detector_alarm", c_int32, c_void_p, POINTER(_abi.Alarm))

_sliding_ks_reference = function(core, "kedge_sliding_ks_reference", c_int32, c_void_p, c_void_p, c_size_t)
_sliding_mmd_reference = function(core, "kedge_sliding_mmd_reference", c_int32, c_void_p, c_void_p)
_sliding_mmd_columns = function(core, "kedge_sliding_mmd_columns", c_uint32, c_void_p)
_sliding_mmd_update = function(core, "kedge_sliding_mmd_update", c_int32, c_void_p, c_void_p)
_sliding_mmd_update_rows = function(core, "kedge_sliding_mmd_update_rows", c_int32, c_void_p, c_void_p, c_void_p)
_sliding_histogram_reference = function(core, "kedge_sliding_histogram_reference", c_int32, c_void_p, c_void_p, c_size_t)
_ON_DRIFT = {"relearn": constants["KEDGE_SLIDING_RELEARN"], "keep": constants["KEDGE_SLIDING_KEEP"]}
_abcd_features = function(core, "kedge_abcd_features", c_uint32, c_void_p)
_abcd_update = function(core, "kedge_abcd_update", c_int32, c_void_p, c_void_p)
_abcd_update_rows = function(core, "kedge_abcd_update_rows", c_int32, c_void_p, POINTER(_abi.Rows), POINTER(c_size_t))
_abcd_subspace = function(core, "kedge_abcd_subspace", c_int32, c_void_p, POINTER(c_double), c_size_t, POINTER(c_double))
_pca_cd_features = function(core, "kedge_pca_cd_features", c_uint32, c_void_p)
_pca_cd_components = function(core, "kedge_pca_cd_components", c_uint32, c_void_p)
_pca_cd_update = function(core, "kedge_pca_cd_update", c_int32, c_void_p, c_void_p)
_pca_cd_update_rows = function(core, "kedge_pca_cd_update_rows", c_int32, c_void_p, POINTER(_abi.Rows), POINTER(c_size_t))
_pca_cd_divergences = function(core, "kedge_pca_cd_divergences", c_int32, c_void_p, POINTER(c_double), c_size_t)
_hdddm_features = function(core, "kedge_hdddm_features", c_uint32, c_void_p)
_hdddm_update = function(core, "kedge_hdddm_update", c_int32, c_void_p, c_void_p)
_hdddm_update_rows = function(core, "kedge_hdddm_update_rows", c_int32, c_void_p, POINTER(_abi.Rows), POINTER(c_size_t))
_hdddm_distances = function(core, "kedge_hdddm_distances", c_int32, c_void_p, POINTER(c_double), c_size_t)
_ensemble_update = function(core, "kedge_ensemble_update", c_int32, c_void_p, c_void_p, c_uint32, c_double)

_PEERS = {"river": constants["KEDGE_PEER_RIVER"], "moa": constants["KEDGE_PEER_MOA"], None: None}
_DIRECTIONS = {"both": constants["KEDGE_DIRECTION_BOTH"], "up": constants["KEDGE_DIRECTION_UP"],
               "down": constants["KEDGE_DIRECTION_DOWN"]}
_REFERENCES = {"learned": constants["KEDGE_REFERENCE_LEARNED"], "fixed": constants["KEDGE_REFERENCE_FIXED"]}


class Detector(Object):
    """Base of all detectors."""
    _noun = Noun("detector")
    _struct: Any
    _choices: dict[str, dict[str, int]] = {}
    _status: Status
    calibration: Optional[_abi.CalibrationReport] = None  # what calibrated() found

    def __init__(self, *, peer: Optional[str] = None, **settings: Any) -> None:
        self._make(self._configured(peer, settings))

    def _configured(self, peer: Optional[str], settings: dict[str, Any]) -> Any:
        if peer not in _PEERS:
            raise ValueError("peer is 'river', 'moa' or None")
        config = self._struct()
        if peer is None:
            self._defaults(config, settings)
        else:
            check(self._bind("config_peer", c_uint32)(byref(config), ctypes.sizeof(config), _PEERS[peer]))
        configure(config, settings, self._choices)
        return config

    @classmethod
    def calibrated(cls: type[AnyDetector], arl: float, *, sample: Optional[_arrays.Numbers] = None, stream: Optional[Stream] = None,
                   precision: float = 0.1, confidence: float = 0.95, budget: Optional[int] = None, seed: int = 1, block: int = 1,
                   sd: float = 1.0, peer: Optional[str] = None, **settings: Any) -> AnyDetector:
        """A detector that raises one alarm in `arl` observations on average while nothing changes, with other `settings` as given.

        Quiet data are a `sample` of yours (for a detector of rows a table), drawn from at random (in pieces of mean length `block`,
        where neighbours hang together), or a `stream` that does not change. Without either it is done by formula (normal
        observations of standard deviation `sd`), or by theorem (EDetector, Conformal, ConfidenceSequences), where the class has
        one.

        The average run length is measured until its interval at this `confidence` is within `precision` of it, or `budget`
        observations are spent, by default 5000 * arl; then a RuntimeWarning tells. What came out stands in the detector's
        `calibration`."""
        self = cls.__new__(cls)
        config = self._configured(peer, settings)
        report = Quiet(arl, sample, stream, precision, confidence, budget, seed, block, sd).calibrate(config)
        self._make(config)
        self.calibration = report
        return self

    def measure_arl(self, *, sample: Optional[_arrays.Numbers] = None, stream: Optional[Stream] = None, precision: float = 0.1,
                    confidence: float = 0.95, budget: Optional[int] = None, seed: int = 2, block: int = 1,
                    arl: float = 1e5) -> _abi.CalibrationReport:
        """The average run length of a detector that is configured like this one, on quiet data; see calibrated(). Runs are cut at
        20 * arl. This object stays as it is."""
        if self._config is None:
            raise ValueError("a detector that was loaded does not know its configuration")
        return Quiet(arl, sample, stream, precision, confidence, budget, seed, block, 1.0).measure(self._config)

    @classmethod
    def _bind(cls, name: str, *arguments: Any) -> Any:
        try:
            return function(core, f"{cls._symbol}_{name}", c_int32, c_void_p, c_size_t, *arguments)
        except AttributeError:
            raise ValueError(f"no peer has {cls.__name__}") from None

    def _defaults(self, config: Any, settings: dict[str, Any]) -> None:
        check(self._bind("config_init")(byref(config), ctypes.sizeof(config)))

    def _ready(self) -> None:
        self._status = Status.OK

    def update(self, x: float) -> Status:
        """Feed one observation. NotFiniteError and RangeError change nothing: go on with the next one."""
        try:
            st = _update(self._ref, x)
        except ctypes.ArgumentError:  # of no use to the caller: let Python say what is wrong
            st = _update(self._ref, real(x))
        if st < 0:
            raise error(st)
        self._status = st = _STATUS[st]
        return st

    def signal_many(self, x: _arrays.Numbers) -> bytes:
        """Feed a sequence without stopping; bytes with one Status value for each. An error's `used` tells how many were fed."""
        owner, address, n = _arrays.doubles(x)
        signals = array.array("B", bytes(n))
        used = c_size_t()
        st = _signal_many(self._ref, address, n, signals.buffer_info()[0], byref(used))
        del owner
        if used.value:
            self._status = _STATUS[signals[used.value - 1]]
        if st < 0:
            raise error(st, used.value)
        return signals.tobytes()

    def update_many(self, x: _arrays.Numbers) -> list[int]:
        """Feed a sequence without stopping; a list of the indices in it at which drift was raised."""
        signals = self.signal_many(x)
        drifts, at = [], signals.find(2)
        while at >= 0:
            drifts.append(at)
            at = signals.find(2, at + 1)
        return drifts

    @property
    def drift_detected(self) -> bool:
        """Did the last observation raise drift?"""
        return self._status is Status.DRIFT

    @property
    def warning_detected(self) -> bool:
        """Is the warning level crossed?"""
        return self._status is Status.WARNING

    @property
    def estimate(self) -> _abi.Estimate:
        """What the detector sees now: counts, window width, mean, variance, statistic, threshold."""
        out = _abi.Estimate()
        check(_estimate(self._ref, byref(out)))
        return out

    @property
    def alarm(self) -> Optional[_abi.Alarm]:
        """What the last alarm saw: where, since when, from what to what; None before the first."""
        out = _abi.Alarm()
        return None if check(_alarm(self._ref, byref(out))) == constants["KEDGE_EMPTY"] else out

    def __repr__(self) -> str:
        e = self.estimate
        return f"{type(self).__name__}(n_seen={e.n_seen}, n_drifts={e.n_drifts}, width={e.width}, mean={e.mean:.6g})"


class _OfRows(Detector):
    """Takes rows of several numbers; the verbs for single numbers take a row number by number."""
    _verbs: Any

    def _n_row(self) -> int:
        raise NotImplementedError

    def update_row(self, x: _arrays.Numbers) -> Status:
        """Feed one row. NotFiniteError and RangeError change nothing: go on with the next one."""
        owner, address = _arrays.row(x, self._n_row())
        self._status = _STATUS[check(self._verbs[0](self._ref, address))]
        del owner
        return self._status

    def update_rows(self, x: _arrays.Table) -> list[int]:
        """Feed a table without stopping; a list of the rows in it that raised drift. An error's `used` tells how many were fed."""
        owner, rows = _arrays.table(x)
        drifts, done, n, used = [], 0, rows.n_rows, c_size_t()
        size = 4 if rows.type == constants["KEDGE_FLOAT32"] else 8
        address = rows.data or 0
        while done < n:
            rows.data, rows.n_rows = address + done * rows.row_stride * size, n - done
            st = self._verbs[1](self._ref, byref(rows), byref(used))
            if st < 0:
                raise error(st, done + used.value)
            done += used.value
            self._status = _STATUS[st]
            if st == Status.DRIFT:
                drifts.append(done - 1)
        del owner
        return drifts


class _OfFeatures(_OfRows):
    def __init__(self, n_features: int, **settings: Any) -> None:
        super().__init__(n_features=unsigned(n_features), **settings)

    def _defaults(self, config: Any, settings: dict[str, Any]) -> None:
        check(self._bind("config_init", c_uint32)(byref(config), ctypes.sizeof(config), settings["n_features"]))

    @property
    def n_features(self) -> int:
        """Numbers in a row."""
        return int(self._verbs[2](self._ref))

    def _n_row(self) -> int:
        return self.n_features


class ABCD(_OfFeatures):
    """ABCD (Heyden et al. 2024): rows of many features; when, in which features and how severely they changed, in values or in
    correlation. Feed it with update_row() and update_rows(); the verbs for single numbers take a row number by number.

    Settings: delta=0.01, delta_warning=0.05, clip=10, subspace_p=0.2, n_components=n_features // 2, n_train=200 (10 n_features if
    more), min_window=60, max_window=65536, max_buckets=4, bucket_rows=8, direction (of the reconstruction loss)."""
    _symbol, _struct, _verbs = "kedge_abcd", _abi.AbcdConfig, (_abcd_update, _abcd_update_rows, _abcd_features)
    _choices = {"direction": _DIRECTIONS}

    def subspace(self) -> Optional[tuple[list[float], float]]:
        """The last alarm's p-value of each feature, and its severity; None before the first."""
        n = self.n_features
        p, severity = (c_double * n)(), c_double()
        st = check(_abcd_subspace(self._ref, p, n, byref(severity)))
        return None if st == constants["KEDGE_EMPTY"] else (list(p), severity.value)


class Adwin(Detector):
    """ADWIN (Bifet, Gavalda 2007): a window that grows while its mean is steady and drops its older part when two parts differ.

    Settings: delta=0.002, max_window, clock=32, max_buckets=5, min_window=5, min_cut=5, grace=10, on_drift='keep' or 'restart',
    report='each_change' or 'each_cut', direction='both', 'up' or 'down'; peer='river' or 'moa' gives their alarms."""
    _symbol, _struct = "kedge_adwin", _abi.AdwinConfig
    _choices = {
        "direction": _DIRECTIONS,
        "on_drift": {"keep": constants["KEDGE_ADWIN_KEEP"], "restart": constants["KEDGE_ADWIN_RESTART"]},
        "report": {"each_change": constants["KEDGE_ADWIN_EACH_CHANGE"], "each_cut": constants["KEDGE_ADWIN_EACH_CUT"]},
    }


class BOCPD(Detector):
    """Bayesian online change point detection (Adams, MacKay 2007): the posterior of the run length, of normal or Bernoulli
    observations.

    Settings: hazard=0.001, odds=1000, family='normal' or 'bernoulli', prior='learned' or 'fixed' (mean=0, kappa=0.1, alpha=1,
    beta=1), min_samples=30, max_run_lengths=40, direction."""
    _symbol, _struct = "kedge_bocpd", _abi.BocpdConfig
    _choices = {"direction": _DIRECTIONS,
                "family": {"normal": constants["KEDGE_BOCPD_NORMAL"], "bernoulli": constants["KEDGE_BOCPD_BERNOULLI"]},
                "prior": {"learned": constants["KEDGE_REFERENCE_LEARNED"], "fixed": constants["KEDGE_REFERENCE_FIXED"]}}


class ConfidenceSequences(Detector):
    """Confidence sequences of the mean of observations in [0, 1] (Shekhar, Ramdas 2024): without a change they run at least `arl`
    observations on average.

    Settings: arl=1e6, max_sequences=24, direction."""
    _symbol, _struct = "kedge_cs_detector", _abi.CsDetectorConfig
    _choices = {"direction": _DIRECTIONS}


class Conformal(Detector):
    """Conformal test martingale (Vovk et al. 2021): bets on the ranks of observations; without a change it runs at least `arl`
    independent observations on average, whatever their distribution.

    Settings: arl=1e6, score='value' or 'distance' (from the median), direction, jump=0.01, max_bag=4000, seed=1."""
    _symbol, _struct = "kedge_conformal", _abi.ConformalConfig
    _choices = {"direction": _DIRECTIONS,
                "score": {"value": constants["KEDGE_CONFORMAL_VALUE"], "distance": constants["KEDGE_CONFORMAL_DISTANCE"]}}


class Cusum(Detector):
    """CUSUM (Page 1954): the cumulative sum of deviations from a reference mean, that starts over below 0.

    Settings: delta=0.005, threshold=50, reference='learned' or 'fixed' (then target), min_samples=30, direction; peer='moa'."""
    _symbol, _struct = "kedge_cusum", _abi.CusumConfig
    _choices = {"direction": _DIRECTIONS, "reference": _REFERENCES}


class DDM(Detector):
    """DDM (Gama et al. 2004): alarms when an error rate rises significantly above the least it had. Input 0 right, 1 wrong.

    Settings: warning_threshold=2, drift_threshold=3, warm_start=30, drift_warm_start=30, smooth=1; peer='river' or 'moa'."""
    _symbol, _struct = "kedge_ddm", _abi.DdmConfig


class EDetector(Detector):
    """E-detector (Shin, Ramdas, Rinaldo 2024) for observations in [0, 1]: without a change it runs at least `arl` observations on
    average, whatever their distribution, dependent ones included.

    Settings: arl=1e6, told='nothing' (the mean stays what it is; levels=64) or 'bound' (it stays within low=0 and high=0.5),
    form='shiryaev_roberts' or 'cusum', direction, bets=12."""
    _symbol, _struct = "kedge_e_detector", _abi.EDetectorConfig
    _choices = {"direction": _DIRECTIONS,
                "form": {"shiryaev_roberts": constants["KEDGE_E_SHIRYAEV_ROBERTS"], "cusum": constants["KEDGE_E_CUSUM"]},
                "told": {"nothing": constants["KEDGE_E_NOTHING"], "bound": constants["KEDGE_E_BOUND"]}}


class ECDD(Detector):
    """ECDD (Ross et al. 2012): an exponentially weighted average of the errors against their mean. Input 0 right, 1 wrong.

    Settings: lambda (as **{'lambda': 0.2}), limit=6, warning=0.5, form='fixed' or 'polynomial', min_samples=29, direction='up';
    peer='moa'."""
    _symbol, _struct = "kedge_ecdd", _abi.EcddConfig
    _choices = {"direction": _DIRECTIONS,
                "form": {"fixed": constants["KEDGE_ECDD_FIXED"], "polynomial": constants["KEDGE_ECDD_POLYNOMIAL"]}}


class EDDM(Detector):
    """EDDM (Baena-Garcia et al. 2006): the distances between errors shrink, or grow. Input 0 right, 1 wrong.

    Settings: warning_threshold=0.95, drift_threshold=0.9, warm_start=30, min_errors=30, peak_errors=30, direction='up';
    peer='river' or 'moa'."""
    _symbol, _struct = "kedge_eddm", _abi.EddmConfig
    _choices = {"direction": _DIRECTIONS}


class EwmaChart(Detector):
    """EWMA control chart (Roberts 1959; Lucas, Saccucci 1990).

    Settings: lambda (as **{'lambda': 0.2}), limit=5, reference='learned' (n_learn=1000) or 'fixed' (target, sd), direction."""
    _symbol, _struct = "kedge_ewma_chart", _abi.EwmaChartConfig
    _choices = {"direction": _DIRECTIONS, "reference": _REFERENCES}


class FHDDM(Detector):
    """FHDDM and FHDDMS (Pesaranghader, Viktor 2016, 2018): the error rate of a window against its best. Input 0 right, 1 wrong.

    Settings: confidence=1e-6, window=100, form='single' or 'stacked' (short_window=25), direction='up'; peer='river'."""
    _symbol, _struct = "kedge_fhddm", _abi.FhddmConfig
    _choices = {"direction": _DIRECTIONS, "form": {"single": constants["KEDGE_FHDDM_SINGLE"],
                                                   "stacked": constants["KEDGE_FHDDM_STACKED"]}}


class Focus(Detector):
    """FOCuS (Romano et al. 2023): the likelihood-ratio test over all change points and sizes of change; told neither level.

    Settings: threshold=14.5 (nats), family='normal', 'normal_sd' (sd), 'normal_known' (mean, sd), 'bernoulli', 'bernoulli_known'
    (mean), direction, min_samples=30, max_candidates=64."""
    _symbol, _struct = "kedge_focus", _abi.FocusConfig
    _choices = {"direction": _DIRECTIONS,
                "family": {name.lower(): constants[f"KEDGE_FOCUS_{name}"]
                           for name in ("NORMAL", "NORMAL_SD", "NORMAL_KNOWN", "BERNOULLI", "BERNOULLI_KNOWN")}}


class GeometricMovingAverage(Detector):
    """Geometric moving average (Roberts 1959) of the deviations from the running mean, in its own deviations.

    Settings: alpha=0.99, threshold=5, form='standard' or 'raw', min_samples=100, direction; peer='moa'."""
    _symbol, _struct = "kedge_gma", _abi.GmaConfig
    _choices = {"direction": _DIRECTIONS, "form": {"standard": constants["KEDGE_GMA_STANDARD"], "raw": constants["KEDGE_GMA_RAW"]}}


class HDDDM(_OfFeatures):
    """HDDDM (Ditzler, Polikar 2011): batches of rows against all since the last drift, by the distance of their histograms, feature
    by feature. With distance='kullback_leibler' and one feature, a classifier's certainty: the distance of CDBD (Lindstrom, Mac
    Namee, Delany 2013). Feed it with update_row() and update_rows(); the verbs for single numbers take a row number by number.

    Settings: gamma=5, batch_size=200, n_bins=14 (the root of batch_size), n_learn=10, distance='hellinger', pseudo_count=0.5;
    threshold='student' with alpha=0.05 in place of gamma."""
    _symbol, _struct, _verbs = "kedge_hdddm", _abi.HdddmConfig, (_hdddm_update, _hdddm_update_rows, _hdddm_features)
    _choices = {"distance": {"hellinger": constants["KEDGE_HDDDM_HELLINGER"],
                             "kullback_leibler": constants["KEDGE_HDDDM_KULLBACK_LEIBLER"]},
                "threshold": {"deviations": constants["KEDGE_HDDDM_DEVIATIONS"], "student": constants["KEDGE_HDDDM_STUDENT"]}}

    def distances(self) -> Optional[list[float]]:
        """How far each feature of the newest full batch was from the reference, that of an alarm included; None before the
        first."""
        n = self.n_features
        out = (c_double * n)()
        return None if check(_hdddm_distances(self._ref, out, n)) == constants["KEDGE_EMPTY"] else list(out)


class HDDMA(Detector):
    """HDDM-A (Frias-Blanco et al. 2015): the mean against its surest extreme, by Hoeffding's bound. Input 0 to 1.

    Settings: drift_confidence=0.001, warning_confidence=0.005, direction, silent_falls=0; peer='river' or 'moa'."""
    _symbol, _struct = "kedge_hddm_a", _abi.HddmAConfig
    _choices = {"direction": _DIRECTIONS}


class HDDMW(Detector):
    """HDDM-W (Frias-Blanco et al. 2015): a weighted average against its surest extreme, by McDiarmid's bound. Input 0 to 1.

    Settings: drift_confidence=0.001, warning_confidence=0.005, lambda (as **{'lambda': 0.05}), direction; peer='river' or 'moa'."""
    _symbol, _struct = "kedge_hddm_w", _abi.HddmWConfig
    _choices = {"direction": _DIRECTIONS}


class Ensemble(Detector):
    """Several detectors on one stream: drift when `votes` of them have raised drift within `window`=100 observations. The members
    are any detectors; the ensemble feeds them."""
    _symbol, _struct = "kedge_ensemble", _abi.EnsembleConfig

    def __init__(self, members: Sequence[Detector], votes: int, **settings: Any) -> None:
        self._members = list(members)
        super().__init__(votes=votes, n_members=len(self._members), **settings)

    def _defaults(self, config: Any, settings: dict[str, Any]) -> None:
        if "n_members" not in settings:
            raise TypeError("an ensemble has no threshold of its own: calibrate its members")
        init = self._bind("config_init", c_uint32, c_uint32)
        check(init(byref(config), ctypes.sizeof(config), settings["n_members"], unsigned(settings["votes"])))

    @property
    def members(self) -> tuple[Detector, ...]:
        """The detectors that vote."""
        return tuple(self._members)

    def update(self, x: float) -> Status:
        """Feed one observation to all members. What one of them refuses none gets."""
        handles = (_abi.Handle * len(self._members))(*(member._handle for member in self._members))
        st = _ensemble_update(self._ref, handles, len(self._members), real(x))
        if st < 0:
            raise error(st)
        self._status = st = _STATUS[st]
        return st

    def signal_many(self, x: _arrays.Numbers) -> bytes:
        """Feed a sequence without stopping; bytes with one Status value for each."""
        return bytes(self.update(value) for value in x)


class KSWIN(Detector):
    """KSWIN (Raab, Heusinger, Schleif 2020): the newest of a window against the older ones by the Kolmogorov-Smirnov test; any
    change.

    Settings: alpha=1e-6, window_size=100, stat_size=30, older='all' or 'drawn' (seed=1), min_distance=0.1, direction;
    peer='river'."""
    _symbol, _struct = "kedge_kswin", _abi.KswinConfig
    _choices = {"direction": _DIRECTIONS, "older": {"all": constants["KEDGE_KSWIN_ALL"], "drawn": constants["KEDGE_KSWIN_DRAWN"]}}


class LFR(Detector):
    """Linear Four Rates (Wang, Abraham 2015): the true positive, true negative and predictive rates of a binary classifier, each
    against its own past. Feed it with record(), not with update().

    Settings: decay=0.9, alpha_warning=0.01, alpha_drift=0.0001, warm_start=50, direction (of the rates)."""
    _symbol, _struct = "kedge_lfr", _abi.LfrConfig
    _choices = {"direction": _DIRECTIONS}

    def record(self, truth: bool, predicted: bool) -> Status:
        """A decision: what was true, what was predicted."""
        return self.update(2.0 * bool(truth) + bool(predicted))


class MD3(Detector):
    """MD3 (Sethi, Kantardzic 2017): drift without labels, from the share of rows that a classifier is unsure of; Status.WARNING
    asks for labels. Feed it with margin() and label(), not with update().

    Settings: theta=2, fading=0.9933, reference=1000, n_labels=100, n_chunks=5, direction (of the share of unsure rows)."""
    _symbol, _struct = "kedge_md3", _abi.Md3Config
    _choices = {"direction": _DIRECTIONS}

    def margin(self, in_margin: bool) -> Status:
        """A row: is the model unsure of it?"""
        return self.update(1.0 if in_margin else 0.0)

    def label(self, right: bool) -> Status:
        """A label: was the model right?"""
        return self.update(2.0 if right else 3.0)


class MDDM(Detector):
    """MDDM (Pesaranghader, Viktor, Paquet 2018): the weighted error rate of a window against its best. Input 0 right, 1 wrong.

    Settings: confidence=1e-6, weight=0.01, window=100, form='arithmetic', 'geometric' or 'euler', direction='up'."""
    _symbol, _struct = "kedge_mddm", _abi.MddmConfig
    _choices = {"direction": _DIRECTIONS,
                "form": {name.lower(): constants[f"KEDGE_MDDM_{name}"] for name in ("ARITHMETIC", "GEOMETRIC", "EULER")}}


class OPTWIN(Detector):
    """OPTWIN (Dalle Lucca Tosi, Theobald 2024): a window with an optimal cut, by t-test (and F-test).

    Settings: alpha=1e-5, rho=0.5, max_window=1000, min_window=30, min_noise=1e-5, direction, tests='mean' or 'mean_and_spread'."""
    _symbol, _struct = "kedge_optwin", _abi.OptwinConfig
    _choices = {"direction": _DIRECTIONS,
                "tests": {"mean_and_spread": constants["KEDGE_OPTWIN_MEAN_AND_SPREAD"], "mean": constants["KEDGE_OPTWIN_MEAN"]}}


class PCACD(_OfFeatures):
    """PCA-CD (Qahtan et al. 2015): the newest rows against a reference of as many, along its principal components, and a
    Page-Hinkley test. Feed it with update_row() and update_rows(); the verbs for single numbers take a row number by number.

    Settings: threshold=1, delta=0.02 (of the test), explained=0.99, window_size=500, n_bins=22 (the root of window_size), step=25,
    divergence='area' or 'kullback_leibler', pseudo_count=0.5, on_drift='newest' or 'relearn'."""
    _symbol, _struct, _verbs = "kedge_pca_cd", _abi.PcaCdConfig, (_pca_cd_update, _pca_cd_update_rows, _pca_cd_features)
    _choices = {"divergence": {"area": constants["KEDGE_PCA_CD_AREA"],
                               "kullback_leibler": constants["KEDGE_PCA_CD_KULLBACK_LEIBLER"]},
                "on_drift": {"newest": constants["KEDGE_PCA_CD_NEWEST"], "relearn": constants["KEDGE_PCA_CD_RELEARN"]}}

    @property
    def n_components(self) -> int:
        """Components of the reference, the one for constant features included; 0 while it is learned."""
        return int(_pca_cd_components(self._ref))

    def divergences(self) -> Optional[list[float]]:
        """The newest divergence of each component, that of an alarm included, NaN behind them; None before the first."""
        n = self.n_features
        out = (c_double * n)()
        return None if check(_pca_cd_divergences(self._ref, out, n)) == constants["KEDGE_EMPTY"] else list(out)


class PageHinkley(Detector):
    """Page-Hinkley (Page 1954): cumulative deviation from the running mean, both sides, with forgetting.

    Settings: delta=0.005, threshold=50, alpha=0.9999, min_samples=30, direction='both', 'up' or 'down', form='excursion' or 'sum';
    peer='river' or 'moa' gives their alarms."""
    _symbol, _struct = "kedge_page_hinkley", _abi.PageHinkleyConfig
    _choices = {
        "direction": _DIRECTIONS,
        "form": {"excursion": constants["KEDGE_PAGE_HINKLEY_EXCURSION"], "sum": constants["KEDGE_PAGE_HINKLEY_SUM"]},
    }


class RDDM(Detector):
    """RDDM (Barros et al. 2017): DDM that cuts long concepts and ends long warnings. Input 0 right, 1 wrong. peer='moa'."""
    _symbol, _struct = "kedge_rddm", _abi.RddmConfig


class SEED(Detector):
    """SEED (Huang, Koh, Dobbie, Pears 2014): blocks, merged where alike, and a test of every cut between them.

    Settings: delta=0.002, block_size=32, epsilon_prime=0.01, alpha=0.8, compress_term=75, max_blocks=256, variance='exact' or
    'moa',
    direction; peer='moa'."""
    _symbol, _struct = "kedge_seed", _abi.SeedConfig
    _choices = {"direction": _DIRECTIONS, "variance": {"exact": constants["KEDGE_SEED_EXACT"], "moa": constants["KEDGE_SEED_MOA"]}}


class SeqDrift2(Detector):
    """SeqDrift2 (Pears, Sakthithasan, Koh 2014): each new block against a reservoir sample of all before it.

    Settings: delta=0.01, block_size=200, max_reservoir=2000, variance='sample' or 'bernoulli', direction, seed=1; peer='moa'."""
    _symbol, _struct = "kedge_seqdrift2", _abi.Seqdrift2Config
    _choices = {"direction": _DIRECTIONS,
                "variance": {"sample": constants["KEDGE_SEQDRIFT2_SAMPLE"], "bernoulli": constants["KEDGE_SEQDRIFT2_BERNOULLI"]}}


class Shewhart(Detector):
    """Shewhart chart for single observations.

    Settings: limit=5, reference='learned' (n_learn=1000) or 'fixed' (target, sd), direction, runs=0 or 1 (Western Electric
    rules)."""
    _symbol, _struct = "kedge_shewhart", _abi.ShewhartConfig
    _choices = {"direction": _DIRECTIONS, "reference": _REFERENCES}


class _Sliding(Detector):
    """The newest observations against a fixed reference."""
    _take: Any

    def __init__(self, *, reference: Optional[_arrays.Numbers] = None, **settings: Any) -> None:
        if reference is None:
            super().__init__(**settings)
            return
        owner, address, n = _arrays.doubles(reference)
        super().__init__(**{"n_reference": n, **settings})
        check(self._take(self._ref, address, n))
        del owner

    def learn(self, reference: _arrays.Numbers) -> None:
        """Take another sample, of n_reference numbers, for the reference, and empty the window."""
        owner, address, n = _arrays.doubles(reference)
        check(self._take(self._ref, address, n))
        del owner


class SlidingHistogram(_Sliding):
    """Sliding histogram: the shares of bins among the newest observations against those of a fixed reference; numbers or category
    codes.

    SlidingHistogram(reference=[...]) compares with that sample; without one, the first n_reference observations are the reference.
    Settings: threshold=0.1, distance='psi' ('kullback_leibler', 'jensen_shannon', 'hellinger', 'total_variation', 'chi_squared'),
    n_bins=10, binning='quantiles' or 'values' (codes), pseudo_count=0.5, n_reference=1000, window_size=1000, on_drift='relearn' or
    'keep'."""
    _symbol, _struct, _take = "kedge_sliding_histogram", _abi.SlidingHistogramConfig, staticmethod(_sliding_histogram_reference)
    _choices = {"on_drift": _ON_DRIFT, "binning": {"quantiles": constants["KEDGE_BINS_QUANTILES"],
                                                   "values": constants["KEDGE_BINS_VALUES"]},
                "distance": {name: constants[f"KEDGE_HISTOGRAM_{name.upper()}"]
                             for name in ("psi", "kullback_leibler", "jensen_shannon", "hellinger", "total_variation",
                                          "chi_squared")}}


class SlidingKS(_Sliding):
    """Sliding Kolmogorov-Smirnov (after dos Reis et al. 2016): the newest observations against a fixed reference; any change of the
    distribution.

    SlidingKS(reference=[...]) compares with that sample; without one, the first n_reference observations are the reference.
    Settings: alpha=1e-6, min_distance=0.05, n_reference=1000, window_size=1000, direction='both', on_drift='relearn' or 'keep'."""
    _symbol, _struct, _take = "kedge_sliding_ks", _abi.SlidingKsConfig, staticmethod(_sliding_ks_reference)
    _choices = {"direction": _DIRECTIONS, "on_drift": _ON_DRIFT}


class SlidingMMD(_OfRows):
    """Sliding maximum mean discrepancy: the newest rows of n_columns numbers against a fixed reference, by random features; also in
    how columns go together.

    SlidingMMD(reference=[[...], ...]) compares with that table; SlidingMMD(3) takes its first n_reference rows of 3 numbers for the
    reference.
    Settings: threshold=0.015, bandwidth=0 (median distance), n_features=32, n_reference=1000, window_size=500, seed=1,
    on_drift='relearn' or 'keep', figure='mmd' or 'lsdd' (least-squares density difference; regularisation=0.1)."""
    _symbol, _struct, _verbs = "kedge_sliding_mmd", _abi.SlidingMmdConfig, (_sliding_mmd_update, _sliding_mmd_update_rows)
    _choices = {"on_drift": _ON_DRIFT, "figure": {"mmd": constants["KEDGE_SLIDING_FIGURE_MMD"],
                                                  "lsdd": constants["KEDGE_SLIDING_FIGURE_LSDD"]}}

    def __init__(self, n_columns: int = 1, *, reference: Optional[_arrays.Table] = None, **settings: Any) -> None:
        if reference is None:
            super().__init__(n_columns=unsigned(n_columns), **settings)
            return
        owner, rows = _arrays.table(reference)
        super().__init__(**{"n_columns": rows.n_columns, "n_reference": rows.n_rows, **settings})
        check(_sliding_mmd_reference(self._ref, byref(rows)))
        del owner

    def _defaults(self, config: Any, settings: dict[str, Any]) -> None:
        check(self._bind("config_init", c_uint32)(byref(config), ctypes.sizeof(config), settings["n_columns"]))

    @property
    def n_columns(self) -> int:
        """Numbers in a row."""
        return int(_sliding_mmd_columns(self._ref))

    def _n_row(self) -> int:
        return self.n_columns

    def learn(self, reference: _arrays.Table) -> None:
        """Take another sample, of n_reference rows, for the reference, and empty the window."""
        owner, rows = _arrays.table(reference)
        check(_sliding_mmd_reference(self._ref, byref(rows)))
        del owner


class STEPD(Detector):
    """STEPD (Nishida, Yamauchi 2007): the newest 30 predictions against all before. Input 0 right, 1 wrong. peer='moa'."""
    _symbol, _struct = "kedge_stepd", _abi.StepdConfig
    _choices = {"direction": _DIRECTIONS}
