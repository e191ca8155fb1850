# SPDX-License-Identifier: MIT
"""kedge notices when the world of a deployed model has drifted, and hauls the model back.

Every object owns its buffer, refuses bad input with an exception and goes on, pickles by portable snapshots, and may be used from
several threads."""
import ctypes as _ctypes

from . import acceptance, audit, prep, privacy, selection, shift, table
from .acceptance import gate
from ._library import core as _core, function as _function
from .components import PCA
from .controls import Event, Events, Rollout, Stage, Store, Trigger, Triggers, Version
from .detectors import (ABCD, Adwin, BOCPD, ConfidenceSequences, Conformal, Cusum, DDM, ECDD, EDDM, EDetector, Ensemble, EwmaChart,
                        FHDDM, Focus, GeometricMovingAverage, HDDDM, HDDMA, HDDMW, KSWIN, LFR, MD3, MDDM, OPTWIN, PCACD,
                        PageHinkley, RDDM, SEED, SlidingHistogram, SlidingKS, SlidingMMD, STEPD, SeqDrift2, Shewhart, Status)
from .errors import (BusyError, ConfigError, KedgeError, NotFiniteError, NumericError, RangeError, ShapeError, SkewError,
                     SmallBufferError, SnapshotError, UnknownIdError, UnsupportedError)
from .fleets import FleetCusum, FleetDDM, FleetEDetector, FleetEwmaChart, FleetPageHinkley, e_bh
from .flows import Flow, Step
from .frozen import Frozen
from .metrics import (AucStream, AucWindow, Backlog, CBPE, Categories, Cost, DLE, Detection, Fairness, Joiner, Latency,
                      LatencyShared, Paired, Profile, Quality, RegressionQuality, Reliability, Slices, Slo, Throughput, Upkeep,
                      bootstrap, compare_rankings, cost_worth, mcnemar, ranking)
from .models import (AMRules, AdaptiveForest, AdaptiveModel, AdaptiveTree, Auto, Bagging, Baseline, BernoulliNB, Boosting,
                     Calibrated, Contest, EFDT, ElasticNet, FIMTDD, ForestRegression, GLM, GaussianNB, GradientBoosting,
                     HoeffdingTree, KNN, LAST, Lagged, Lasso, LeastSquares, LeastSquaresPass, Linear, LinearDiscriminant, Logistic,
                     LogisticIRLS, MultinomialNB, QuadraticDiscriminant, RLS, RandomForest, Ridge, RobustRegression, SAMKNN, SGBT,
                     SoftmaxIRLS, hash_feature)
from .pipeline import Pipeline
from .publish import Publish
from .schemas import Column, Schema
from .scorecard import Rule, Scorecard
from .streams import Centroids, Concepts, Hyperplane, Series

__version__: str = _function(_core, "kedge_version", _ctypes.c_char_p)().decode()
__all__ = [
    "ABCD", "AMRules", "AdaptiveForest", "AdaptiveModel", "AdaptiveTree", "Adwin", "AucStream", "AucWindow", "Auto", "BOCPD",
    "Backlog", "Bagging", "Baseline", "BernoulliNB", "Boosting", "BusyError", "CBPE", "Calibrated", "Categories", "Centroids",
    "Column", "Concepts", "ConfidenceSequences", "ConfigError", "Conformal", "Contest", "Cost", "Cusum", "DDM", "DLE", "Detection",
    "ECDD", "EDDM", "EDetector", "EFDT", "ElasticNet", "Ensemble", "Event", "Events", "EwmaChart", "FHDDM", "FIMTDD", "Fairness",
    "FleetCusum", "FleetDDM", "FleetEDetector", "FleetEwmaChart",
    "FleetPageHinkley", "Flow", "Focus", "ForestRegression", "Frozen", "GLM", "GaussianNB", "GeometricMovingAverage",
    "GradientBoosting", "HDDDM", "HDDMA", "HDDMW", "HoeffdingTree", "Hyperplane", "Joiner", "KNN", "KSWIN", "KedgeError",
    "LAST", "LFR", "Lagged", "Lasso", "Latency", "LatencyShared", "LeastSquares", "LeastSquaresPass", "Linear",
    "LinearDiscriminant", "Logistic", "LogisticIRLS", "MD3", "MDDM", "MultinomialNB", "NotFiniteError", "NumericError", "OPTWIN",
    "PCA", "PCACD", "PageHinkley", "Paired", "Pipeline", "Profile", "Publish", "QuadraticDiscriminant", "Quality", "RDDM", "RLS",
    "RandomForest", "RangeError", "RegressionQuality", "Reliability", "Ridge", "RobustRegression", "Rollout", "Rule", "SEED",
    "SGBT", "STEPD", "Schema", "Scorecard", "SeqDrift2", "Series", "ShapeError",
    "Shewhart", "SkewError", "Slices", "SlidingHistogram", "SlidingKS", "SlidingMMD", "Slo", "SmallBufferError", "SnapshotError",
    "SoftmaxIRLS", "Stage", "Status", "Step", "Store", "Throughput", "Trigger", "Triggers", "UnknownIdError", "UnsupportedError",
    "Upkeep", "Version",
    "acceptance", "audit", "bootstrap", "compare_rankings", "cost_worth", "e_bh", "gate", "hash_feature", "mcnemar", "prep",
    "privacy", "ranking", "selection", "shift", "table", "__version__",
]
