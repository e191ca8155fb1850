# SPDX-License-Identifier: MIT
"""The public structs, as ctypes; verified against what the library says of itself when the package is imported."""
from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char, c_char_p, c_double, c_int32, c_int64, c_size_t, c_ssize_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

from . import _library


class Handle(ctypes.Structure):
    """kedge_control, kedge_detector, kedge_fleet, kedge_model, kedge_metric, kedge_prep, kedge_stream."""
    _fields_ = [("cls", c_void_p), ("state", c_void_p)]


class PipelineHandle(ctypes.Structure):
    _fields_ = [("model", c_void_p), ("detector", c_void_p), ("state", c_void_p), ("prep", c_void_p)]


class DetectorConfig(ctypes.Structure):
    """Also kedge_control_config and kedge_metric_config: all begin alike."""
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("reserved", c_uint32)]


class ModelConfig(ctypes.Structure):
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("n_features", c_uint32), ("n_classes", c_uint32),
                ("reserved", c_uint32)]


class AdwinConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("delta", c_double), ("max_window", c_uint64), ("clock", c_uint32),
                ("max_buckets", c_uint32), ("min_window", c_uint32), ("min_cut", c_uint32), ("grace", c_uint32),
                ("on_drift", c_uint32), ("report", c_uint32), ("direction", c_uint32)]


class DdmConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("warning_threshold", c_double), ("drift_threshold", c_double), ("warm_start", c_uint32),
                ("drift_warm_start", c_uint32), ("smooth", c_uint32), ("reserved", c_uint32)]


class PageHinkleyConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("delta", c_double), ("threshold", c_double), ("alpha", c_double),
                ("min_samples", c_uint32), ("direction", c_uint32), ("form", c_uint32), ("reserved", c_uint32)]


class AbcdConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("delta", c_double), ("delta_warning", c_double), ("clip", c_double),
                ("subspace_p", c_double), ("n_features", c_uint32), ("n_components", c_uint32), ("n_train", c_uint32),
                ("min_window", c_uint32), ("max_window", c_uint32), ("max_buckets", c_uint32), ("bucket_rows", c_uint32),
                ("direction", c_uint32)]


class HdddmConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("gamma", c_double), ("pseudo_count", c_double), ("n_features", c_uint32),
                ("batch_size", c_uint32), ("n_bins", c_uint32), ("n_learn", c_uint32), ("distance", c_uint32),
                ("threshold", c_uint32), ("alpha", c_double)]


class PcaCdConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("explained", c_double), ("delta", c_double), ("threshold", c_double),
                ("pseudo_count", c_double), ("n_features", c_uint32), ("window_size", c_uint32), ("n_bins", c_uint32),
                ("step", c_uint32), ("divergence", c_uint32), ("on_drift", c_uint32)]


class EnsembleConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("window", c_uint64), ("n_members", c_uint32), ("votes", c_uint32)]


class Calibration(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("method", c_uint32), ("arl", c_double), ("precision", c_double),
                ("confidence", c_double), ("sd", c_double), ("budget", c_uint64), ("seed", c_uint64), ("block", c_uint64),
                ("stream", c_void_p), ("sample", c_void_p), ("n_sample", c_size_t), ("row_length", c_uint32),
                ("reserved", c_uint32)]


class Md3Config(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("theta", c_double), ("fading", c_double), ("reference", c_uint32), ("n_labels",
                c_uint32), ("n_chunks", c_uint32), ("direction", c_uint32)]


class CusumConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("delta", c_double), ("threshold", c_double), ("target", c_double), ("reference",
                c_uint32), ("min_samples", c_uint32), ("direction", c_uint32), ("reserved", c_uint32)]


class EcddConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("lambda", c_double), ("limit", c_double), ("warning", c_double), ("form",
                c_uint32), ("direction", c_uint32), ("min_samples", c_uint32), ("reserved", c_uint32)]


class EddmConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("warning_threshold", c_double), ("drift_threshold", c_double), ("warm_start",
                c_uint32), ("min_errors", c_uint32), ("peak_errors", c_uint32), ("sample_deviation", c_uint32),
                ("peak_ends_warning", c_uint32), ("direction", c_uint32)]


class EwmaChartConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("lambda", c_double), ("limit", c_double), ("target", c_double), ("sd", c_double),
                ("reference", c_uint32), ("n_learn", c_uint32), ("direction", c_uint32), ("reserved", c_uint32)]


class FhddmConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("confidence", c_double), ("window", c_uint32), ("short_window", c_uint32),
                ("form", c_uint32), ("direction", c_uint32)]


class FocusConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("threshold", c_double), ("mean", c_double), ("sd", c_double), ("family",
                c_uint32), ("direction", c_uint32), ("min_samples", c_uint32), ("max_candidates", c_uint32)]


class GmaConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("alpha", c_double), ("threshold", c_double), ("form", c_uint32), ("min_samples",
                c_uint32), ("direction", c_uint32), ("reserved", c_uint32)]


class HddmAConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("drift_confidence", c_double), ("warning_confidence", c_double), ("direction",
                c_uint32), ("silent_falls", c_uint32)]


class HddmWConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("drift_confidence", c_double), ("warning_confidence", c_double), ("lambda",
                c_double), ("direction", c_uint32), ("first_faded", c_uint32)]


class RddmConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("warning_threshold", c_double), ("drift_threshold", c_double), ("warm_start",
                c_uint32), ("max_concept", c_uint32), ("min_stable", c_uint32), ("warn_limit", c_uint32), ("keep_minimum",
                c_uint32), ("smooth", c_uint32)]


class ShewhartConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("limit", c_double), ("target", c_double), ("sd", c_double), ("reference",
                c_uint32), ("n_learn", c_uint32), ("direction", c_uint32), ("runs", c_uint32)]


class StepdConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("alpha_warning", c_double), ("alpha_drift", c_double), ("window_size", c_uint32),
                ("direction", c_uint32), ("exact", c_uint32), ("absolute", c_uint32)]


class LfrConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("decay", c_double), ("alpha_warning", c_double), ("alpha_drift", c_double),
                ("warm_start", c_uint32), ("direction", c_uint32)]


class EDetectorConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("arl", c_double), ("low", c_double), ("high", c_double), ("told", c_uint32),
                ("form", c_uint32), ("direction", c_uint32), ("levels", c_uint32), ("bets", c_uint32), ("reserved", c_uint32)]


class SlidingHistogramConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("threshold", c_double), ("pseudo_count", c_double), ("n_reference", c_uint32),
                ("window_size", c_uint32), ("n_bins", c_uint32), ("distance", c_uint32), ("binning", c_uint32),
                ("on_drift", c_uint32)]


class SlidingMmdConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("threshold", c_double), ("bandwidth", c_double), ("regularisation", c_double),
                ("seed", c_uint64), ("n_columns", c_uint32), ("n_features", c_uint32), ("n_reference", c_uint32),
                ("window_size", c_uint32), ("figure", c_uint32), ("on_drift", c_uint32)]


class SlidingKsConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("alpha", c_double), ("min_distance", c_double), ("n_reference", c_uint32),
                ("window_size", c_uint32), ("direction", c_uint32), ("on_drift", c_uint32)]


class CategoriesConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("max_categories", c_uint32), ("reserved", c_uint32)]


class ProfileConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("max_values", c_uint64), ("seed", c_uint64), ("level_size", c_uint32),
                ("reserved", c_uint32)]


class KswinConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("alpha", c_double), ("min_distance", c_double), ("seed", c_uint64),
                ("window_size", c_uint32), ("stat_size", c_uint32), ("older", c_uint32), ("direction", c_uint32)]


class MddmConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("confidence", c_double), ("weight", c_double), ("window", c_uint32), ("form",
                c_uint32), ("direction", c_uint32), ("reserved", c_uint32)]


class BocpdConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("hazard", c_double), ("odds", c_double), ("mean", c_double), ("kappa", c_double),
                ("alpha", c_double), ("beta", c_double), ("family", c_uint32), ("prior", c_uint32), ("min_samples",
                c_uint32), ("max_run_lengths", c_uint32), ("direction", c_uint32), ("reserved", c_uint32)]


class ConformalConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("arl", c_double), ("jump", c_double), ("seed", c_uint64), ("max_bag", c_uint32),
                ("score", c_uint32), ("direction", c_uint32), ("reserved", c_uint32)]


class CsDetectorConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("arl", c_double), ("max_sequences", c_uint32), ("direction", c_uint32)]


class OptwinConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("alpha", c_double), ("rho", c_double), ("min_noise", c_double), ("min_window",
                c_uint32), ("max_window", c_uint32), ("direction", c_uint32), ("tests", c_uint32)]


class SeedConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("delta", c_double), ("epsilon_prime", c_double), ("alpha", c_double),
                ("block_size", c_uint32), ("compress_term", c_uint32), ("max_blocks", c_uint32), ("variance", c_uint32),
                ("direction", c_uint32), ("reserved", c_uint32)]


class Seqdrift2Config(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("delta", c_double), ("seed", c_uint64), ("block_size", c_uint32),
                ("max_reservoir", c_uint32), ("variance", c_uint32), ("direction", c_uint32)]


class GaussianNbConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("smoothing", c_double), ("fading", c_double)]


class TreeGrowth(ctypes.Structure):
    _fields_ = [("delta", c_double), ("tie", c_double), ("nominal", c_uint64 * 4), ("memory", c_uint32), ("grace", c_uint32),
                ("n_splits", c_uint32), ("n_values", c_uint32), ("leaf", c_uint32), ("reserved", c_uint32)]


class HoeffdingTreeConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth)]


class Members(ctypes.Structure):
    _fields_ = [("model", c_void_p), ("warning", c_void_p), ("drift", c_void_p), ("seed", c_uint64), ("n", c_uint32),
                ("on_drift", c_uint32)]


class BaggingConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("members", Members), ("lambda", c_double)]


class BoostingConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("members", Members), ("fading", c_double)]


class SgbtConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("members", Members), ("rate", c_double)]


class AdaptiveModelConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("members", Members)]


class CalibratedConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("model", c_void_p), ("method", c_uint32), ("window", c_uint32), ("every", c_uint32),
                ("max_points", c_uint32)]


class ContestConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("candidates", c_void_p * 8), ("holdout", c_double), ("max_fits", c_uint64),
                ("max_rows", c_uint64), ("least_rows", c_uint64), ("score", c_uint32), ("factor", c_uint32), ("n_passes", c_uint32),
                ("reserved", c_uint32)]


class ContestResult(ctypes.Structure):
    _fields_ = [("score", c_double), ("n_rows", c_uint64), ("status", c_int32), ("reserved", c_uint32)]


class ContestReport(ctypes.Structure):
    _fields_ = [("winner", c_uint32), ("n_candidates", c_uint32), ("n_fits", c_uint64), ("n_rows", c_uint64), ("n_held", c_uint64),
                ("candidates", ContestResult * 8)]


class SplitConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("kind", c_uint32), ("n_folds", c_uint32), ("shuffle", c_uint32),
                ("test_share", c_double), ("seed", c_uint64), ("gap", c_uint64), ("train_rows", c_uint64), ("test_rows", c_uint64)]


class SplitHandle(ctypes.Structure):
    _fields_ = [("fold", c_void_p), ("n_rows", c_uint64), ("gap", c_uint64), ("train_rows", c_uint64), ("test_rows", c_uint64),
                ("kind", c_uint32), ("n_folds", c_uint32)]


class ValidationConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("score", c_uint32), ("split", c_void_p), ("n_passes", c_uint32),
                ("reserved", c_uint32)]


class ValidationReport(ctypes.Structure):
    _fields_ = [("mean", c_double), ("deviation", c_double), ("n_folds", c_uint32), ("n_undefined", c_uint32), ("n_rows", c_uint64)]


class SearchAxis(ctypes.Structure):
    _fields_ = [("field", c_void_p), ("type", c_uint32), ("scale", c_uint32), ("n_values", c_uint32), ("reserved", c_uint32),
                ("values", c_void_p), ("low", c_double), ("high", c_double)]


class SearchTrial(ctypes.Structure):
    _fields_ = [("mean", c_double), ("deviation", c_double), ("n_rows", c_uint64), ("status", c_int32), ("reserved", c_uint32)]


class SearchConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("method", c_uint32), ("seed", c_uint64), ("max_fits", c_uint64),
                ("max_rows", c_uint64), ("n_trials", c_uint32), ("factor", c_uint32), ("least_rows", c_uint64), ("stop", c_void_p),
                ("context", c_void_p)]


class Evaluation(ctypes.Structure):
    _fields_ = [("quality", c_void_p), ("reliability", c_void_p), ("regression", c_void_p), ("slices", c_void_p),
                ("slice", c_void_p), ("predicted", c_void_p), ("from", c_uint64), ("delay", c_uint64)]


class SearchReport(ctypes.Structure):
    _fields_ = [("best", c_uint32), ("n_trials", c_uint32), ("n_failed", c_uint32), ("reserved", c_uint32), ("n_fits", c_uint64),
                ("n_rows", c_uint64), ("mean", c_double), ("deviation", c_double)]


class EarlyConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("score", c_uint32), ("max_epochs", c_uint32), ("patience", c_uint32),
                ("tolerance", c_double), ("seed", c_uint64), ("shuffle", c_uint32), ("reserved", c_uint32)]


class EarlyReport(ctypes.Structure):
    _fields_ = [("n_epochs", c_uint32), ("best_epoch", c_uint32), ("best", c_double), ("last", c_double)]


class ProbmapConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("method", c_uint32), ("n_classes", c_uint32), ("max_points", c_uint32)]


class ProbmapHandle(ctypes.Structure):
    _fields_ = [("mem", c_void_p)]


class LaggedConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("model", c_void_p), ("n_lags", c_uint32), ("one_hot", c_uint32)]


class AdaptiveTreeConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth), ("drift_delta", c_double), ("swap_delta", c_double),
                ("least", c_uint32), ("reserved", c_uint32)]


class EfdtConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth), ("reevaluate", c_uint32), ("reserved", c_uint32)]


class LastConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth), ("drift_delta", c_double), ("max_share", c_double),
                ("watches", c_uint32), ("reserved", c_uint32)]


class AdaptiveForestConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth), ("seed", c_uint64), ("lambda", c_double),
                ("warning_delta", c_double), ("drift_delta", c_double), ("n_trees", c_uint32), ("n_subset", c_uint32)]


class FimtDdConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth), ("drift_delta", c_double), ("drift_threshold", c_double)]


class AmrulesConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("growth", TreeGrowth), ("drift_delta", c_double), ("drift_threshold", c_double),
                ("anomaly", c_double), ("ordered", c_uint32), ("reserved", c_uint32)]


class AmrulesCondition(ctypes.Structure):
    """A condition of a rule."""
    _fields_ = [("value", c_double), ("feature", c_uint32), ("kind", c_uint32)]


class AmrulesRule(ctypes.Structure):
    """A rule."""
    _fields_ = [("weight", c_double), ("mean", c_double), ("error", c_double), ("n_conditions", c_uint32), ("reserved", c_uint32),
                ("conditions", AmrulesCondition * 12)]


class ForestRegConfig(ctypes.Structure):
    _fields_ = AdaptiveForestConfig._fields_


class MultinomialNbConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("alpha", c_double), ("fading", c_double), ("complement", c_uint32), ("reserved", c_uint32)]


class BernoulliNbConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("alpha", c_double), ("fading", c_double), ("threshold", c_double)]


class LinearConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("rate", c_double), ("decay", c_double), ("memory", c_double), ("beta", c_double),
                ("l1", c_double), ("l2", c_double), ("aggressiveness", c_double), ("alpha", c_double), ("delta", c_double),
                ("quantile", c_double), ("epsilon", c_double), ("loss", c_uint32), ("optimiser", c_uint32)]


class KnnConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("k", c_uint32), ("window", c_uint32), ("distance", c_uint32), ("weights", c_uint32),
                ("scale", c_uint32), ("reserved", c_uint32)]


class SamKnnConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("seed", c_uint64), ("k", c_uint32), ("window", c_uint32), ("min_short", c_uint32),
                ("distance", c_uint32), ("weights", c_uint32), ("scale", c_uint32), ("long_share", c_double)]


class GradientBoostingConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("learning_rate", c_double), ("l2", c_double), ("min_gain", c_double),
                ("min_hessian", c_double), ("row_share", c_double), ("feature_share", c_double), ("holdout", c_double),
                ("seed", c_uint64), ("nominal", c_uint64 * 4), ("rising", c_uint64 * 4), ("falling", c_uint64 * 4),
                ("loss", c_uint32), ("n_rounds", c_uint32), ("max_leaves", c_uint32), ("max_depth", c_uint32),
                ("min_rows", c_uint32), ("n_bins", c_uint32), ("hold", c_uint32), ("patience", c_uint32)]


class RandomForestConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("seed", c_uint64), ("nominal", c_uint64 * 4), ("n_trees", c_uint32),
                ("max_leaves", c_uint32), ("max_depth", c_uint32), ("min_rows", c_uint32), ("n_subset", c_uint32),
                ("n_bins", c_uint32), ("bootstrap", c_uint32), ("out_of_bag", c_uint32), ("ccp_alpha", c_double)]


class RlsConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("forgetting", c_double), ("ridge", c_double)]


class Sparse(ctypes.Structure):
    _fields_ = [("index", c_void_p), ("value", c_void_p), ("n", c_uint32), ("reserved", c_uint32)]


class BaselineConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("fading", c_double), ("kind", c_uint32), ("reserved", c_uint32)]


class AutoConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("seed", c_uint64), ("memory", c_uint32), ("n_trees", c_uint32), ("n_lags", c_uint32),
                ("rest", c_uint32), ("n_near", c_uint32), ("reserved", c_uint32), ("budget_ns", c_uint64)]


class LogisticConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("rate", c_double), ("memory", c_double), ("share", c_double), ("n_rates", c_uint32),
                ("n_noisy", c_uint32)]


class Figure(ctypes.Structure):
    """A number with its standard error and confidence interval."""
    _fields_ = [("value", c_double), ("deviation", c_double), ("low", c_double), ("high", c_double)]


class BootstrapOptions(ctypes.Structure):
    _fields_ = [("confidence", c_double), ("seed", c_uint64), ("block", c_uint64), ("n_values", c_uint32),
                ("n_resamples", c_uint32)]


class BatteryConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("score", c_uint32), ("checks", c_uint32), ("prove", c_uint32), ("seed", c_uint64),
                ("confidence", c_double), ("n_resamples", c_uint32), ("block", c_uint32), ("least_rows", c_uint32),
                ("n_bins", c_uint32), ("quality", c_double), ("gain_usual", c_double), ("gain_last", c_double),
                ("loss_champion", c_double), ("noise", c_double), ("loss_noise", c_double), ("missing", c_double),
                ("loss_missing", c_double), ("loss_slice", c_double), ("calibration", c_double), ("median_ns", c_double),
                ("tail_ns", c_double), ("state_bytes", c_double), ("snapshot_bytes", c_double), ("nominal", c_uint64 * 4),
                ("groups", c_void_p), ("slice_column", c_uint32), ("least_slice", c_uint32), ("n_timed", c_uint32),
                ("n_hostile", c_uint32), ("clock", c_void_p), ("context", c_void_p)]


class BatteryCheck(ctypes.Structure):
    _fields_ = [("figure", Figure), ("limit", c_double), ("verdict", c_int32), ("why", c_int32)]


class BatteryReport(ctypes.Structure):
    _fields_ = [("verdict", c_int32), ("score", c_uint32), ("n_passed", c_uint32), ("n_failed", c_uint32),
                ("n_undecided", c_uint32), ("n_skipped", c_uint32), ("n_rows", c_uint64), ("usual", c_double), ("last", c_double),
                ("champion", c_double), ("noise", c_double), ("missing", c_double), ("slice", c_double), ("slice_score", c_double),
                ("slice_rows", c_uint64), ("n_slices", c_uint64), ("only_model", c_uint64), ("only_champion", c_uint64),
                ("first_broken", c_uint64), ("status", c_int32), ("reserved", c_uint32), ("checks", BatteryCheck * 16)]


class GateOutcome(ctypes.Structure):
    _fields_ = [("verdict", c_int32), ("why", c_int32), ("n_rows", c_uint64), ("n_failed", c_uint64), ("first_failed", c_uint64),
                ("at", c_double), ("got", c_double), ("expected", c_double), ("status", c_int32), ("reserved", c_uint32)]


class GateTest(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("kind", c_uint32), ("output", c_uint32), ("rows", c_void_p), ("expected", c_void_p),
                ("values", c_void_p), ("n_values", c_uint32), ("feature", c_uint32), ("other", c_uint32), ("direction", c_int32),
                ("low", c_double), ("high", c_double), ("centre", c_double), ("tolerance", c_double), ("custom", c_void_p),
                ("context", c_void_p)]


class GateConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("checks", c_uint32), ("prove", c_uint32), ("n_tests", c_uint32), ("tests", c_void_p),
                ("battery", c_void_p), ("fresh", c_void_p), ("groups", c_void_p), ("confidence", c_double), ("gain", c_double),
                ("confidence_safe", c_double), ("loss_most", c_double), ("sought", c_double), ("power", c_double),
                ("loss_slice", c_double), ("unfair", c_double), ("unfairer", c_double), ("load_ns", c_double),
                ("period_ns", c_double), ("memory_bytes", c_double), ("fit_rows", c_uint64), ("n_load", c_uint32),
                ("n_few", c_uint32), ("n_passes", c_uint32), ("n_groups", c_uint32), ("fair_rates", c_uint32),
                ("favourable", c_uint32), ("fair_column", c_uint32)]


class GateReport(ctypes.Structure):
    _fields_ = [("verdict", c_int32), ("score", c_uint32), ("passed", c_uint32), ("failed", c_uint32), ("undecided", c_uint32),
                ("skipped", c_uint32), ("n_rows", c_uint64), ("rows_needed", c_uint64), ("challenger", c_double),
                ("champion", c_double), ("unit", c_double), ("only_challenger", c_uint64), ("only_champion", c_uint64),
                ("n_slices", c_uint64), ("slice", c_double), ("slice_rows", c_uint64), ("fair_rate", c_uint32),
                ("fairer_rate", c_uint32), ("n_tests", c_uint32), ("n_tests_failed", c_uint32), ("first_test", c_uint32),
                ("reserved", c_uint32), ("first_outcome", GateOutcome), ("checks", BatteryCheck * 10), ("battery", BatteryReport)]


class CardFigure(ctypes.Structure):
    _fields_ = [("value", c_double), ("low", c_double), ("high", c_double), ("n", c_uint64), ("taken", c_uint32),
                ("reserved", c_uint32)]


class CardExtra(ctypes.Structure):
    _fields_ = [("name", c_char * 48), ("direction", c_int32), ("kind", c_uint32), ("figure", CardFigure)]


class Scorecard(ctypes.Structure):
    _fields_ = [("card_bytes", c_uint32), ("n_extras", c_uint32), ("model", c_char * 72), ("version", c_char * 72),
                ("figures", CardFigure * 96), ("extras", CardExtra * 16)]


class CardAbout(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("unit", c_char_p), ("help", c_char_p), ("kind", c_uint32), ("direction", c_int32),
                ("counter", c_uint32), ("reserved", c_uint32)]


class ScorecardRule(ctypes.Structure):
    _fields_ = [("figure", c_uint32), ("side", c_uint32), ("limit", c_double), ("share", c_double), ("status", c_int32),
                ("by", c_uint32), ("name", c_char_p)]


class ScorecardComparison(ctypes.Structure):
    _fields_ = [("n_better", c_uint32), ("n_worse", c_uint32), ("n_equal", c_uint32), ("n_unsure", c_uint32),
                ("n_unknown", c_uint32), ("reserved", c_uint32), ("figures", c_uint8 * 96), ("extras", c_uint8 * 16)]


class GslLeastSquaresConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("tolerance", c_double), ("report", c_uint32), ("method", c_uint32)]


class GslCoefficient(ctypes.Structure):
    _fields_ = [("value", c_double), ("standard_error", c_double), ("statistic", c_double), ("p_value", c_double),
                ("low", c_double), ("high", c_double)]


class GslFitReport(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("rank", c_uint32), ("reserved", c_uint32), ("df", c_double), ("residual_error", c_double),
                ("r2", c_double), ("adjusted_r2", c_double), ("f", c_double), ("f_p_value", c_double)]


class GslInterval(ctypes.Structure):
    _fields_ = [("value", c_double), ("standard_error", c_double), ("mean_low", c_double), ("mean_high", c_double),
                ("low", c_double), ("high", c_double)]


class GslLogisticConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("l2", c_double), ("tolerance", c_double), ("max_iterations", c_uint32),
                ("reserved", c_uint32)]


class GslGlmConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("l2", c_double), ("tolerance", c_double), ("family", c_uint32), ("link", c_uint32),
                ("offset", c_uint32), ("max_iterations", c_uint32), ("report", c_uint32), ("reserved", c_uint32)]


class GslRobustConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("tuning", c_double), ("tolerance", c_double), ("norm", c_uint32),
                ("max_iterations", c_uint32), ("report", c_uint32), ("reserved", c_uint32)]


class GslRobustFit(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("rank", c_uint32), ("iterations", c_uint32), ("converged", c_uint32), ("exact", c_uint32),
                ("scale", c_double), ("share", c_double), ("df", c_double), ("wald", c_double), ("wald_p_value", c_double)]


class GslRidgeConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("l2", c_double), ("l2_high", c_double), ("n_l2", c_uint32), ("choice", c_uint32),
                ("standardise", c_uint32), ("method", c_uint32), ("path", c_uint32), ("reserved", c_uint32),
                ("penalties", c_void_p)]


class GslRidgePoint(ctypes.Structure):
    _fields_ = [("l2", c_double), ("loo", c_double), ("gcv", c_double), ("df", c_double), ("deviance", c_double)]


class GslRidgeFit(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("rank", c_uint32), ("chosen", c_uint32), ("n_l2", c_uint32), ("reserved", c_uint32),
                ("l2", c_double), ("loo", c_double), ("gcv", c_double), ("df", c_double), ("deviance", c_double)]


class GslGlmFit(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("rank", c_uint32), ("iterations", c_uint32), ("df", c_double), ("deviance", c_double),
                ("null_deviance", c_double), ("pearson", c_double), ("dispersion", c_double)]


class GslDiscriminantConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("shrinkage", c_double), ("quadratic", c_uint32), ("unbiased", c_uint32)]


class GslElasticNetConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("alpha", c_double), ("l1_ratio", c_double), ("tolerance", c_double),
                ("path_ratio", c_double), ("seed", c_uint64), ("max_iterations", c_uint32), ("standardise", c_uint32),
                ("n_folds", c_uint32), ("n_alphas", c_uint32), ("shuffle", c_uint32), ("one_error", c_uint32)]


class GslElasticNetFit(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("alpha", c_double), ("intercept", c_double), ("deviance", c_double), ("r2", c_double),
                ("gap", c_double), ("error", c_double), ("error_se", c_double), ("n_nonzero", c_uint32), ("iterations", c_uint32),
                ("converged", c_uint32), ("n_folds", c_uint32)]


class GslSoftmaxConfig(ctypes.Structure):
    _fields_ = [("base", ModelConfig), ("l2", c_double), ("tolerance", c_double), ("max_iterations", c_uint32),
                ("standardise", c_uint32), ("report", c_uint32), ("reserved", c_uint32)]


class GslSoftmaxFit(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("deviance", c_double), ("null_deviance", c_double), ("p_value", c_double),
                ("rank", c_uint32), ("iterations", c_uint32), ("n_seen", c_uint32), ("reserved", c_uint32)]


class GslPcaSettings(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("n_features", c_uint32), ("n_components", c_uint32), ("standardise", c_uint32),
                ("whiten", c_uint32), ("reserved", c_uint32), ("explained", c_double)]


class GslPcaFound(ctypes.Structure):
    _fields_ = [("n_rows", c_uint64), ("n_features", c_uint32), ("n_components", c_uint32), ("n_kept", c_uint32),
                ("rank", c_uint32), ("explained", c_double)]


class LatencyConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("highest", c_uint64), ("digits", c_uint32), ("over", c_uint32), ("lowest", c_uint64),
                ("window_ns", c_uint64), ("n_slots", c_uint32), ("reserved", c_uint32)]


class LatencySharedConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("highest", c_uint64), ("lowest", c_uint64), ("digits", c_uint32), ("n_lanes", c_uint32)]


class BacklogConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("capacity", c_uint32), ("n_servers", c_uint32)]


class QualityConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("n_classes", c_uint32), ("over", c_uint32), ("window", c_uint32),
                ("reserved", c_uint32), ("beta", c_double), ("confidence", c_double)]


class ThroughputConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("half_life_ns", c_uint64), ("peak_ns", c_uint64), ("horizon_ns", c_uint64 * 8),
                ("n_horizons", c_uint32), ("reserved", c_uint32)]


class DetectionConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("horizon", c_uint64), ("confidence", c_double)]


class StreamConfig(ctypes.Structure):
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("pattern", c_uint32), ("seed", c_uint64), ("at", c_uint64),
                ("width", c_uint64), ("period", c_uint64)]


class SeriesConfig(ctypes.Structure):
    _fields_ = [("base", StreamConfig), ("level_before", c_double), ("level_after", c_double), ("spread_before", c_double),
                ("spread_after", c_double), ("shape", c_double), ("distribution", c_uint32), ("reserved", c_uint32)]


class ConceptsConfig(ctypes.Structure):
    _fields_ = [("base", StreamConfig), ("noise", c_double), ("family", c_uint32), ("before", c_uint32), ("after", c_uint32),
                ("reserved", c_uint32)]


class HyperplaneConfig(ctypes.Structure):
    _fields_ = [("base", StreamConfig), ("noise", c_double), ("n_features", c_uint32), ("n_drifting", c_uint32)]


class CentroidsConfig(ctypes.Structure):
    _fields_ = [("base", StreamConfig), ("n_features", c_uint32), ("n_classes", c_uint32), ("n_centroids", c_uint32),
                ("n_drifting", c_uint32)]


class PipelineConfig(ctypes.Structure):
    _fields_ = [("model", c_void_p), ("config_bytes", c_uint32), ("policy", c_uint32), ("prep", c_void_p), ("schema", c_void_p),
                ("detector", c_void_p), ("pending_rows", c_uint32), ("window_rows", c_uint32), ("reservoir_rows", c_uint32),
                ("select", c_uint32), ("old_weight", c_double), ("seed", c_uint64), ("triggers", c_void_p),
                ("delay_rows", c_uint32), ("min_rows", c_uint32), ("slice_rows", c_uint32), ("recall_rows", c_uint32),
                ("train_share", c_double), ("holdout_every", c_uint32), ("holdout_min", c_uint32), ("gate_rows", c_uint32),
                ("gate_margin", c_double), ("gate_loss", c_double), ("gate_sought", c_double), ("gate_confidence", c_double),
                ("gate_safe", c_double), ("rollout", c_void_p), ("store", c_void_p), ("events", c_void_p),
                ("cost", c_void_p), ("number", c_uint32), ("reserved", c_uint32)]


class Rows(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("type", c_int32), ("reserved", c_int32), ("n_rows", c_size_t), ("n_columns", c_size_t),
                ("row_stride", c_ssize_t), ("column_stride", c_ssize_t)]


class Report(ctypes.Structure):
    """A struct that a read-out fills in; prints its fields."""

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name, *_ in self._fields_ if name != "reserved"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.as_dict().items())})"


class Estimate(Report):
    """What a detector sees now; numbers that need data which are not there yet are nan."""
    _fields_ = [("n_seen", c_uint64), ("n_warnings", c_uint64), ("n_drifts", c_uint64), ("width", c_uint64), ("mean", c_double),
                ("variance", c_double), ("statistic", c_double), ("threshold", c_double)]


class Alarm(Report):
    """What the last alarm saw; indices count observations from 0."""
    _fields_ = [("at", c_uint64), ("changed_at", c_uint64), ("mean_before", c_double), ("mean_after", c_double),
                ("effect", c_double), ("statistic", c_double), ("threshold", c_double), ("log_evidence", c_double)]


class MembersInfo(Report):
    """What the members of a model have become."""
    _fields_ = [("n_members", c_uint32), ("n_background", c_uint32), ("n_warnings", c_uint64), ("n_drifts", c_uint64)]


class ModelInfo(Report):
    """What a model is and has seen."""
    _fields_ = [("n_features", c_uint32), ("n_classes", c_uint32), ("n_learned", c_uint64), ("can_learn", c_int32),
                ("can_fit", c_int32), ("takes_missing", c_int32), ("can_forget", c_int32), ("can_merge", c_int32),
                ("reserved", c_int32)]


class FrozenHandle(ctypes.Structure):
    """kedge_frozen."""
    _fields_ = [("blob", c_void_p), ("bytes", c_size_t)]


class FrozenInfo(Report):
    """What a frozen model is."""
    _fields_ = [("bytes", c_uint64), ("n_features", c_uint32), ("n_classes", c_uint32), ("kind", c_int32),
                ("takes_missing", c_int32), ("is_empty", c_int32), ("reserved", c_int32), ("name", ctypes.c_char * 16)]


class RandomForestInfo(Report):
    """What the last fit of a random forest made; `loss` is the out-of-bag estimate."""
    _fields_ = [("loss", c_double), ("n_out_of_bag", c_uint64), ("n_leaves", c_uint64), ("n_trees", c_uint32),
                ("reserved", c_uint32)]


class GradientBoostingInfo(Report):
    """What a fit of gradient boosting made."""
    _fields_ = [("loss", c_double), ("n_leaves", c_uint64), ("n_trees", c_uint32), ("n_rounds", c_uint32), ("n_tried", c_uint32),
                ("n_held_out", c_uint32)]


class TreeShape(Report):
    """What a tree, or all trees of an ensemble, have become."""
    _fields_ = [("n_trees", c_uint32), ("n_splits", c_uint32), ("n_leaves", c_uint32), ("n_inactive", c_uint32),
                ("depth", c_uint32), ("reserved", c_uint32)]


class LatencyReport(Report):
    """Figures of a latency histogram, nanoseconds."""
    _fields_ = [("n", c_uint64), ("n_above", c_uint64), ("n_below", c_uint64), ("min", c_uint64), ("max", c_uint64),
                ("mean", c_double), ("deviation", c_double), ("p50", c_uint64), ("p90", c_uint64), ("p99", c_uint64),
                ("p999", c_uint64), ("p9999", c_uint64)]


class BacklogReport(Report):
    """Figures of a queue."""
    _fields_ = [("n_arrived", c_uint64), ("n_done", c_uint64), ("n_blurred", c_uint64), ("depth", c_uint64),
                ("depth_max", c_uint64), ("oldest_ns", c_uint64), ("oldest_max_ns", c_uint64), ("elapsed_ns", c_uint64),
                ("arrived_per_second", c_double), ("done_per_second", c_double), ("depth_mean", c_double),
                ("utilisation", c_double), ("stay_ns", c_double), ("little_ns", c_double)]


class QualityReport(Report):
    """Figures of a classifier."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("accuracy", c_double), ("error_rate", c_double), ("kappa", c_double),
                ("precision_macro", c_double), ("recall_macro", c_double), ("f1_macro", c_double), ("precision_weighted", c_double),
                ("recall_weighted", c_double), ("f1_weighted", c_double), ("f1_micro", c_double), ("n_undefined", c_uint32),
                ("reserved", c_uint32), ("accuracy_low", c_double), ("accuracy_high", c_double), ("balanced_accuracy", c_double),
                ("mcc", c_double), ("g_mean", c_double), ("kappa_m", c_double), ("kappa_temporal", c_double),
                ("f_beta_macro", c_double), ("f_beta_weighted", c_double), ("jaccard_macro", c_double),
                ("jaccard_weighted", c_double), ("jaccard_micro", c_double)]


class QualityClassReport(Report):
    """Figures of one class against all others."""
    _fields_ = [("support", c_double), ("predicted", c_double), ("precision", c_double), ("recall", c_double), ("f1", c_double),
                ("false_positive_rate", c_double), ("false_negative_rate", c_double), ("n_undefined", c_uint32),
                ("reserved", c_uint32), ("false_discovery_rate", c_double), ("f_beta", c_double), ("jaccard", c_double)]


class ThroughputReport(Report):
    """Items a second."""
    _fields_ = [("n", c_uint64), ("elapsed_ns", c_uint64), ("per_second", c_double), ("recent_per_second", c_double),
                ("peak_per_second", c_double), ("horizons", c_double * 8)]


class UpkeepConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("confidence", c_double), ("blame_ns", c_uint64)]


class UpkeepLeg(Report):
    """One leg of the way, from an event until another one."""
    _fields_ = [("n", c_uint64), ("n_cut", c_uint64), ("n_open", c_uint64), ("max_ns", c_uint64), ("open_ns", c_uint64),
                ("mean_ns", c_double), ("share", c_double), ("p50_ns", c_double), ("p90_ns", c_double)]


class UpkeepReport(Report):
    """Figures of a model's life."""
    _fields_ = [("seen_ns", c_uint64), ("n_changes", c_uint64), ("n_detected", c_uint64), ("n_trainings", c_uint64),
                ("n_failed", c_uint64), ("n_trained", c_uint64), ("n_promoted", c_uint64), ("n_rolled_back", c_uint64),
                ("n_incidents", c_uint64), ("n_restored", c_uint64), ("n_interventions", c_uint64), ("n_change_failures", c_uint64),
                ("promotions_per_day", c_double), ("change_failure_rate", c_double), ("change_failure_low", c_double),
                ("change_failure_high", c_double), ("detect", UpkeepLeg), ("retrain", UpkeepLeg), ("promote", UpkeepLeg),
                ("lead", UpkeepLeg), ("restore", UpkeepLeg), ("train", UpkeepLeg)]


class PairedConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("confidence", c_double), ("loss_max", c_double),
                ("over", c_uint32), ("window", c_uint32)]


class PairedReport(Report):
    """Figures of two models on the same records."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("loss_first", c_double), ("loss_second", c_double),
                ("difference", c_double), ("deviation", c_double), ("error", c_double), ("low", c_double), ("high", c_double),
                ("z", c_double), ("p_value", c_double), ("q", c_double), ("wins_first", c_double), ("wins_second", c_double),
                ("always_low", c_double), ("always_high", c_double), ("n_always", c_uint64)]


class McnemarReport(Report):
    """McNemar's test."""
    _fields_ = [("n", c_uint64), ("share", c_double), ("chi_squared", c_double), ("p_exact", c_double), ("p_mid", c_double),
                ("p_chi_squared", c_double), ("p_value", c_double)]


class SlicesConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("confidence", c_double), ("max_slices", c_uint32), ("over", c_uint32),
                ("window", c_uint32), ("reserved", c_uint32)]


class SlicesReport(Report):
    """All slices together."""
    _fields_ = [("n", c_uint64), ("n_wrong", c_uint64), ("n_other", c_uint64), ("n_other_wrong", c_uint64), ("n_evicted", c_uint64),
                ("error_rate", c_double), ("low", c_double), ("high", c_double), ("n_slices", c_uint32), ("reserved", c_uint32)]


class Slice(Report):
    """One slice."""
    _fields_ = [("slice", c_uint64), ("n", c_uint64), ("n_wrong", c_uint64), ("n_missed", c_uint64), ("error_rate", c_double),
                ("low", c_double), ("high", c_double), ("rest", c_double), ("excess", c_double), ("excess_low", c_double),
                ("excess_high", c_double)]


class RegressionConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("quantile", c_double), ("over", c_uint32), ("window", c_uint32)]


class RegressionReport(Report):
    """Figures of a regression."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("mae", c_double), ("mse", c_double), ("rmse", c_double), ("mape", c_double),
                ("smape", c_double), ("r2", c_double), ("quantile_loss", c_double), ("bias", c_double), ("mean", c_double),
                ("variance", c_double)]


class ReliabilityConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("n_classes", c_uint32), ("over", c_uint32), ("window", c_uint32),
                ("n_bins", c_uint32), ("binned", c_uint32), ("reserved", c_uint32)]


class ReliabilityReport(Report):
    """Figures of probabilities."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("log_loss", c_double), ("brier", c_double), ("confidence", c_double),
                ("observed", c_double), ("ece", c_double), ("mce", c_double)]


class ReliabilityBinReport(Report):
    """A bin of a reliability diagram."""
    _fields_ = [("low", c_double), ("high", c_double), ("weight", c_double), ("confidence", c_double), ("observed", c_double)]


class FairnessConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("confidence", c_double), ("n_groups", c_uint32),
                ("over", c_uint32), ("window", c_uint32), ("n_bins", c_uint32), ("min_rows", c_uint32), ("skip_small", c_uint32),
                ("undefined_as_zero", c_uint32), ("reserved", c_uint32)]


class FairnessRate(Report):
    """A rate of a group with its interval, and the rows that it rests on."""
    _fields_ = [("value", c_double), ("low", c_double), ("high", c_double), ("rows", c_double)]


class FairnessGroupReport(Report):
    """All rates of one group."""
    _fields_ = [("selected", FairnessRate), ("true_positive", FairnessRate), ("false_positive", FairnessRate),
                ("precision", FairnessRate), ("accuracy", FairnessRate), ("base", FairnessRate), ("calibration", FairnessRate),
                ("weight", c_double), ("mean_score", c_double), ("brier", c_double), ("calibration_error", c_double),
                ("is_small", c_uint32), ("n_undefined", c_uint32)]


class FairnessBinReport(Report):
    """One bin of a group's reliability diagram."""
    _fields_ = [("low", c_double), ("high", c_double), ("weight", c_double), ("mean_score", c_double), ("observed", FairnessRate)]


class FairnessGap(Report):
    """How far two groups are apart in a rate."""
    _fields_ = [("difference", c_double), ("difference_low", c_double), ("difference_high", c_double), ("ratio", c_double),
                ("ratio_low", c_double), ("ratio_high", c_double)]


class FairnessComparison(Report):
    """A rate over all groups."""
    _fields_ = [("gap", FairnessGap), ("least", c_double), ("most", c_double), ("overall", c_double),
                ("difference_to_overall", c_double), ("ratio_to_overall", c_double), ("i_least", c_uint32), ("i_most", c_uint32),
                ("n_groups", c_uint32), ("n_undefined", c_uint32)]


class FairnessReport(Report):
    """The usual figures of fairness."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("demographic_parity_difference", c_double),
                ("demographic_parity_ratio", c_double), ("equal_opportunity_difference", c_double),
                ("equal_opportunity_ratio", c_double), ("equalised_odds_difference", c_double), ("equalised_odds_ratio", c_double),
                ("predictive_parity_difference", c_double), ("predictive_parity_ratio", c_double),
                ("calibration_difference", c_double), ("calibration_error", c_double), ("four_fifths", c_uint32),
                ("n_groups", c_uint32), ("n_small", c_uint32), ("i_small", c_uint32)]


class AuditHead(ctypes.Structure):
    _fields_ = [("n_records", c_uint64), ("hash", ctypes.c_ubyte * 32)]


class Audit(ctypes.Structure):
    _fields_ = [("log", c_void_p), ("log_bytes", c_size_t), ("used", c_size_t), ("n_records", c_uint64),
                ("hash", ctypes.c_ubyte * 32), ("inner", c_uint32 * 8), ("outer", c_uint32 * 8), ("is_keyed", c_uint32),
                ("reserved", c_uint32)]


class AuditRecord(ctypes.Structure):
    _fields_ = [("payload", c_void_p), ("hash", c_void_p), ("payload_bytes", c_size_t), ("number", c_uint64), ("time_ns", c_uint64),
                ("kind", c_uint32), ("reserved", c_uint32)]


class AuditReport(ctypes.Structure):
    _fields_ = [("n_intact", c_uint64), ("n_after", c_uint64), ("at_record", c_uint64), ("at_byte", c_uint64), ("start", AuditHead),
                ("head", AuditHead), ("fault", c_uint32), ("reserved", c_uint32)]


class AuditDecision(Report):
    """A decision about somebody."""
    _fields_ = [("subject", c_uint64), ("model", c_uint64), ("score", c_double), ("decision", c_uint32), ("detail", c_uint32)]


class AuditModel(Report):
    """A change of a model."""
    _fields_ = [("model", c_uint64), ("other", c_uint64), ("event", c_uint32), ("detail", c_uint32),
                ("digest", ctypes.c_ubyte * 32)]


class DpSource(ctypes.Structure):
    _fields_ = [("fill", c_void_p), ("context", c_void_p)]


class DpCost(ctypes.Structure):
    _fields_ = [("mechanism", c_uint32), ("reserved", c_uint32), ("epsilon", c_double), ("delta", c_double)]


class DpBudget(ctypes.Structure):
    _fields_ = [("epsilon", c_double), ("delta", c_double), ("epsilon_sum", c_double), ("epsilon_squares", c_double),
                ("delta_sum", c_double), ("rho_sum", c_double), ("n_releases", c_uint64), ("composition", c_uint32),
                ("reserved", c_uint32)]


class DpNoise(Report):
    """The noise that a release gets."""
    _fields_ = [("scale", c_double), ("sd", c_double), ("rho", c_double)]


class DpMeanReport(Report):
    """A mean under differential privacy."""
    _fields_ = [("mean", c_double), ("sum", c_double), ("sum_sd", c_double), ("count_sd", c_double), ("count", ctypes.c_int64)]


class AnonymityReport(Report):
    """How small the slices of a table are."""
    _fields_ = [("n_slices", c_uint64), ("n_below_k", c_uint64), ("rows_below_k", c_uint64), ("n_below_l", c_uint64),
                ("least_rows", c_uint64), ("least_values", c_uint64), ("i_least_rows", c_uint64), ("i_least_values", c_uint64)]


class RankingOptions(ctypes.Structure):
    _fields_ = [("max_fpr", c_double), ("lift_at", c_double), ("confidence", c_double)]


class RankingReport(Report):
    """Figures of a ranking."""
    _fields_ = [("n", c_uint64), ("positives", c_double), ("negatives", c_double), ("auc", c_double), ("auc_error", c_double),
                ("auc_low", c_double), ("auc_high", c_double), ("average_precision", c_double), ("partial_auc", c_double),
                ("ks", c_double), ("ks_score", c_double), ("lift", c_double)]


class RankingComparison(Report):
    """Two models' areas under the ROC curve on the same rows."""
    _fields_ = [("auc", c_double * 2), ("error", c_double * 2), ("difference", c_double), ("difference_error", c_double),
                ("low", c_double), ("high", c_double), ("z", c_double), ("p_value", c_double)]


class JoinerConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("max_age", c_uint64), ("capacity", c_uint32), ("reserved", c_uint32)]


class Prediction(Report):
    """A prediction that waits for its label."""
    _fields_ = [("id", c_uint64), ("made_at", c_uint64), ("predicted", c_double), ("score", c_double), ("weight", c_double)]


class Joined(Report):
    """A prediction and its truth."""
    _fields_ = [("id", c_uint64), ("made_at", c_uint64), ("delay", c_uint64), ("predicted", c_double), ("score", c_double),
                ("weight", c_double), ("truth", c_double)]


class JoinerReport(Report):
    """What has become of the predictions."""
    _fields_ = [("n_added", c_uint64), ("n_joined", c_uint64), ("n_expired", c_uint64), ("n_evicted", c_uint64),
                ("n_waiting", c_uint64), ("oldest_at", c_uint64), ("delay_max", c_uint64), ("delay_mean", c_double)]


class SloAlert(ctypes.Structure):
    _fields_ = [("long_ns", c_uint64), ("short_ns", c_uint64), ("burn", c_double), ("status", c_int32), ("reserved", c_uint32)]


class SloConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("objective", c_double), ("period_ns", c_uint64), ("n_slots", c_uint32),
                ("n_alerts", c_uint32), ("alerts", SloAlert * 4)]


class SloReport(Report):
    """An error budget, and how fast it burns."""
    _fields_ = [("n_good", c_uint64), ("n_bad", c_uint64), ("budget", c_double), ("spent", c_double), ("left", c_double),
                ("burn_long", c_double * 4), ("burn_short", c_double * 4), ("exhausted_ns", c_double), ("status", c_int32),
                ("alerts", c_uint32)]


class CbpeConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("confidence", c_double), ("n_classes", c_uint32),
                ("over", c_uint32), ("window", c_uint32), ("reserved", c_uint32)]


class CbpeReport(Report):
    """Quality of a classifier that its probabilities let expect."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("accuracy", c_double), ("accuracy_error", c_double),
                ("accuracy_low", c_double), ("accuracy_high", c_double), ("precision_macro", c_double), ("recall_macro", c_double),
                ("specificity_macro", c_double), ("f1_macro", c_double)]


class CbpeClassReport(Report):
    """The same of one class against all others."""
    _fields_ = [("support", c_double), ("predicted", c_double), ("precision", c_double), ("precision_error", c_double),
                ("recall", c_double), ("recall_error", c_double), ("specificity", c_double), ("specificity_error", c_double),
                ("f1", c_double), ("f1_error", c_double)]


class DleConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("confidence", c_double), ("residual", c_double),
                ("over", c_uint32), ("window", c_uint32)]


class DleReport(Report):
    """Loss of a regression that a second model estimates."""
    _fields_ = [("n", c_uint64), ("weight", c_double), ("mean", c_double), ("root", c_double), ("deviation", c_double),
                ("error", c_double), ("low", c_double), ("high", c_double)]


class CostConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("price_compute", c_double), ("price_held", c_double), ("price_moved", c_double),
                ("price_energy", c_double), ("watts", c_double)]


class CostPart(Report):
    """What one kind of work used and cost."""
    _fields_ = [("n", c_uint64), ("compute_ns", c_uint64), ("bytes_moved", c_uint64), ("joules", c_double),
                ("price_compute", c_double), ("price_moved", c_double), ("price_energy", c_double), ("price", c_double)]


class CostReport(Report):
    """What everything used and cost."""
    _fields_ = [("compute_ns", c_uint64), ("bytes_moved", c_uint64), ("bytes_now", c_uint64), ("bytes_peak", c_uint64),
                ("n_gains", c_uint64), ("joules", c_double), ("gib_hours", c_double), ("price_compute", c_double),
                ("price_moved", c_double), ("price_energy", c_double), ("price_held", c_double), ("price", c_double),
                ("per_thousand", c_double), ("per_thousand_all", c_double), ("per_training", c_double), ("points", c_double),
                ("per_point", c_double)]


class CostCase(ctypes.Structure):
    _fields_ = [("gain", c_double), ("gain_low", c_double), ("gain_high", c_double), ("right_value", c_double), ("rows", c_double),
                ("price", c_double)]


class CostVerdict(Report):
    """What a retraining brings."""
    _fields_ = [("worth", c_uint32), ("reserved", c_uint32), ("net", c_double), ("net_low", c_double), ("net_high", c_double),
                ("break_even", c_double), ("break_even_low", c_double), ("break_even_high", c_double)]

    @property
    def is_worth_it(self) -> bool | None:
        """True, False, or None: undecided."""
        return {1: False, 2: True}.get(self.worth)


class AucStreamConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("fading", c_double), ("over", c_uint32), ("scores", c_uint32), ("bits", c_uint32),
                ("octaves", c_uint32), ("window", c_uint32), ("reserved", c_uint32)]


class AucStreamReport(Report):
    """Areas of a stream and their bounds."""
    _fields_ = [("n", c_uint64), ("positives", c_double), ("negatives", c_double), ("auc", c_double), ("auc_error", c_double),
                ("average_precision", c_double), ("average_precision_low", c_double), ("average_precision_high", c_double)]


class AucWindowConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("window", c_uint32), ("reserved", c_uint32)]


class AucWindowReport(Report):
    """Area under the ROC curve of a window."""
    _fields_ = [("n", c_uint64), ("positives", c_uint64), ("negatives", c_uint64), ("auc", c_double)]


class CategoriesReport(Report):
    """What a profile of categories tells of its column."""
    _fields_ = [("n", c_uint64), ("n_missing", c_uint64), ("n_other", c_uint64), ("error", c_uint64), ("n_categories", c_uint32),
                ("reserved", c_uint32)]


class Category(Report):
    """One category: how often at least, at most, and the share of the former."""
    _fields_ = [("code", c_double), ("count", c_uint64), ("count_max", c_uint64), ("share", c_double)]


class CategoriesShift(Report):
    """How far two nominal columns are apart."""
    _fields_ = [("chi_squared", c_double), ("p_value", c_double), ("effect", c_double), ("total_variation", c_double),
                ("psi", c_double), ("unseen", c_double), ("where", c_double), ("share_reference", c_double),
                ("share_current", c_double), ("missing_reference", c_double), ("missing_current", c_double)]


class ProfileReport(Report):
    """What a profile tells of its column."""
    _fields_ = [("n", c_uint64), ("n_missing", c_uint64), ("min", c_double), ("max", c_double), ("mean", c_double),
                ("variance", c_double), ("skewness", c_double), ("kurtosis", c_double), ("rank_error", c_double),
                ("rank_error_max", c_double)]


class ProfileShift(Report):
    """How far two profiles are apart."""
    _fields_ = [("ks", c_double), ("ks_error", c_double), ("where", c_double), ("ks_p_value", c_double), ("wasserstein", c_double),
                ("mean_difference", c_double), ("effect", c_double), ("missing_reference", c_double), ("missing_current", c_double)]


class ShiftConfig(ctypes.Structure):
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("p_method", c_uint32), ("alpha", c_double),
                ("min_effect", c_double), ("seed", c_uint64), ("n_resamples", c_uint32), ("missing", c_uint32)]


class HistogramConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("binning", c_uint32), ("n_bins", c_uint32), ("pseudo_count", c_double)]


class ContingencyConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("correction", c_uint32), ("reserved", c_uint32)]


class ClassifierTestConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("model", c_void_p), ("train_share", c_double), ("n_passes", c_uint32), ("degree", c_uint32)]


class LsddConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("bandwidth", c_double), ("regularisation", c_double), ("bandwidth_rule", c_uint32),
                ("n_centres", c_uint32), ("standardise", c_uint32), ("reserved", c_uint32)]


class HdddmDistanceConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("n_bins", c_uint32), ("reserved", c_uint32)]


class KdqTreeConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("max_count", c_uint32), ("levels", c_uint32)]


class NnDviConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("n_neighbours", c_uint32), ("standardise", c_uint32)]


class QuantTreeConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("n_bins", c_uint32), ("figure", c_uint32)]


class GslPcaConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("method", c_void_p), ("explained", c_double)]


class MmdConfig(ctypes.Structure):
    _fields_ = [("base", ShiftConfig), ("bandwidth", c_double), ("bandwidth_rule", c_uint32), ("form", c_uint32),
                ("n_features", c_uint32), ("standardise", c_uint32)]


class ShiftResult(ctypes.Structure):
    _fields_ = [("statistic", c_double), ("p_value", c_double), ("effect", c_double), ("expected", c_double), ("where", c_double),
                ("mean_reference", c_double), ("mean_current", c_double), ("n_reference", c_uint64), ("n_current", c_uint64),
                ("missing_reference", c_uint64), ("missing_current", c_uint64), ("p_method", c_uint32), ("status", c_int32)]


class TableConfig(ctypes.Structure):
    _fields_ = [("config_bytes", c_uint32), ("adjust", c_uint32), ("alpha", c_double), ("min_missing", c_double),
                ("numeric", c_void_p), ("nominal", c_void_p), ("boolean", c_void_p)]


class TableColumn(ctypes.Structure):
    _fields_ = [("shift", ShiftResult), ("p_adjusted", c_double), ("p_missing", c_double), ("p_missing_adjusted", c_double),
                ("missing_reference", c_double), ("missing_current", c_double), ("since", c_uint64), ("kind", c_uint32),
                ("rank", c_uint32), ("has_moved", c_uint32), ("has_moved_missing", c_uint32)]


class TableReport(ctypes.Structure):
    _fields_ = [("n_columns", c_uint32), ("n_moved", c_uint32), ("n_tests", c_uint32), ("n_failed", c_uint32)]


class Labelled(ctypes.Structure):
    _fields_ = [("features", Rows), ("labels", Rows), ("scores", Rows)]


class TableDiagnosis(Report):
    """What has shifted; p-values are nan where there was nothing to test."""
    _fields_ = [("p_features", c_double), ("p_labels", c_double), ("p_features_given_labels", c_double),
                ("p_labels_given_features", c_double), ("kinds", c_uint32), ("reserved", c_uint32)]


class DetectionReport(Report):
    """How good a detector is; figures that need data which are not there are nan."""
    _fields_ = [("n", c_uint64), ("n_changes", c_uint64), ("n_alarms", c_uint64), ("n_detected", c_uint64), ("n_missed", c_uint64),
                ("n_open", c_uint64), ("n_false", c_uint64), ("delay", c_double), ("delay_low", c_double), ("delay_high", c_double),
                ("delay_max", c_double), ("missed", c_double), ("missed_low", c_double), ("missed_high", c_double),
                ("arl", c_double), ("arl_low", c_double), ("arl_high", c_double), ("mean_time_ratio", c_double),
                ("random_delay", c_double), ("random_missed", c_double), ("random_mean_time_ratio", c_double)]


class CalibrationReport(Report):
    """What calibration found: the knob's value and the average run length (ARL) that was measured with it, with its interval."""
    _fields_ = [("knob", c_double), ("warning", c_double), ("arl", c_double), ("arl_low", c_double), ("arl_high", c_double),
                ("dispersion", c_double), ("n_alarms", c_uint64), ("n_used", c_uint64), ("n_probes", c_uint32),
                ("stepped", c_uint32)]


class PipelineReport(Report):
    """What has happened in a pipeline."""
    _fields_ = [("n_predicted", c_uint64), ("n_labelled", c_uint64), ("n_expired", c_uint64), ("n_warnings", c_uint64),
                ("n_drifts", c_uint64), ("n_trainings", c_uint64), ("n_failures", c_uint64), ("n_promotions", c_uint64),
                ("n_rejections", c_uint64), ("n_pending", c_uint64), ("window_rows", c_uint64), ("drift_at_ns", c_uint64),
                ("promoted_at_ns", c_uint64), ("label_delay_ns", c_uint64), ("error_mean", c_double), ("gate_champion", c_double),
                ("gate_challenger", c_double), ("last_failure", c_int32), ("retrain_due", c_uint32), ("version", c_uint64),
                ("staged", c_uint64), ("n_rolled_back", c_uint64), ("n_recalls", c_uint64),
                ("rows_to_train", c_uint64), ("reservoir_rows", c_uint64), ("n_repeated", c_uint64),
                ("n_undecided", c_uint64), ("trial", c_uint64), ("trial_rows", c_uint64), ("n_refused_rows", c_uint64),
                ("n_shifts", c_uint64)]


class PublishConfig(ctypes.Structure):
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("n_slots", c_uint32), ("slot_bytes", c_uint32),
                ("reserved", c_uint32)]


class PublishHandle(ctypes.Structure):
    _fields_ = [("state", c_void_p)]


class PublishTicket(ctypes.Structure):
    _fields_ = [("memory", c_void_p), ("version", c_uint64), ("bytes", c_uint32), ("slot", c_uint32)]


class PublishSlot(ctypes.Structure):
    _fields_ = [("version", c_uint64), ("use", c_uint32), ("n_tickets", c_uint32), ("bytes", c_uint32), ("reserved", c_uint32)]


class Columns(ctypes.Structure):
    _fields_ = [("first", c_uint32), ("n", c_uint32), ("mask", c_uint64 * 4)]


class PrepConfig(ctypes.Structure):
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("n_columns", c_uint32), ("columns", Columns)]


class PrepInfo(Report):
    """What a prep is and has seen."""
    _fields_ = [("n_columns", c_uint32), ("n_out", c_uint32), ("n_learned", c_uint64), ("needs_target", c_int32),
                ("can_merge", c_int32)]


class PrepOrigin(Report):
    """Where an output column comes from."""
    _fields_ = [("kind", c_uint32), ("step", c_uint32), ("column", c_uint32 * 3), ("detail", c_uint32), ("value", c_double)]


class ScaleConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("method", c_uint32), ("center", c_uint32), ("scale", c_uint32), ("clip", c_uint32),
                ("low", c_double), ("high", c_double), ("lower", c_double), ("upper", c_double), ("level_size", c_uint32),
                ("reserved", c_uint32)]


class ImputeConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("method", c_uint32), ("indicator", c_uint32), ("constant", c_double),
                ("level_size", c_uint32), ("max_categories", c_uint32)]


class Codes(ctypes.Structure):
    _fields_ = [("known", c_uint32), ("max", c_uint32), ("unseen", c_uint32), ("reserved", c_uint32)]


class OneHotConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("codes", Codes), ("drop_first", c_uint32), ("other", c_uint32)]


class OrdinalConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("codes", Codes), ("other", c_double)]


class TargetCodeConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("codes", Codes), ("smooth", c_double), ("prior", c_double)]


class HashCodeConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("seed", c_uint64), ("n_buckets", c_uint32), ("reserved", c_uint32)]


class PolynomialConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("degree", c_uint32), ("interactions", c_uint32)]


class LagConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("missing", c_double), ("n_lags", c_uint32), ("reserved", c_uint32)]


class ClipConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("method", c_uint32), ("level_size", c_uint32), ("low", c_double), ("high", c_double),
                ("lower", c_double), ("upper", c_double)]


class QuantilesConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("output", c_uint32), ("n_quantiles", c_uint32), ("level_size", c_uint32),
                ("reserved", c_uint32)]


class ChainConfig(ctypes.Structure):
    _fields_ = [("base", PrepConfig), ("steps", c_void_p * 16)]


class FleetConfig(ctypes.Structure):
    _fields_ = [("cls", c_void_p), ("config_bytes", c_uint32), ("n_streams", c_uint32)]


class FleetCusumConfig(ctypes.Structure):
    _fields_ = [("base", FleetConfig), ("each", CusumConfig)]


class FleetDdmConfig(ctypes.Structure):
    _fields_ = [("base", FleetConfig), ("each", DdmConfig)]


class FleetEDetectorConfig(ctypes.Structure):
    _fields_ = [("base", FleetConfig), ("keep_evidence", c_uint32), ("reserved", c_uint32), ("each", EDetectorConfig)]


class FleetEwmaChartConfig(ctypes.Structure):
    _fields_ = [("base", FleetConfig), ("each", EwmaChartConfig)]


class FleetPageHinkleyConfig(ctypes.Structure):
    _fields_ = [("base", FleetConfig), ("each", PageHinkleyConfig)]


class FleetNews(ctypes.Structure):
    """What a call has fed to a fleet, and what came of it."""
    _fields_ = [("n_ticks", c_uint64), ("n_observed", c_uint64), ("n_missing", c_uint64), ("n_warnings", c_uint64),
                ("n_drifts", c_uint64), ("refused", c_uint64)]


class EventsConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("n_events", c_uint32), ("reserved", c_uint32)]


class EventRecord(ctypes.Structure):
    _fields_ = [("kind", c_uint32), ("subject", c_uint32), ("code", c_int32), ("pipeline", c_uint32), ("number", c_uint64),
                ("at_ns", c_uint64), ("version", c_uint64), ("value", c_double), ("limit", c_double)]


class EventsReport(Report):
    """Figures of a ring of events."""
    _fields_ = [("n", c_uint64), ("first", c_uint64), ("last_ns", c_uint64), ("n_kept", c_uint32), ("reserved", c_uint32)]


class TriggerPart(Report):
    _fields_ = [("kind", c_uint32), ("source", c_uint32), ("priority", c_uint32), ("patience", c_uint32), ("limit", c_double),
                ("release", c_double), ("every", c_uint64), ("offset_ns", c_uint64), ("least_rows", c_uint64),
                ("delay_rows", c_uint64), ("again_rows", c_uint64)]


class TriggersConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("triggers", c_void_p), ("n_triggers", c_uint32), ("budget", c_uint32),
                ("budget_ns", c_uint64), ("cool_ns", c_uint64), ("cool_rows", c_uint64), ("backoff", c_double),
                ("backoff_max", c_double)]


class TriggersCall(ctypes.Structure):
    _fields_ = [("trigger", c_uint32), ("kind", c_uint32), ("source", c_uint32), ("held", c_uint32), ("n_calling", c_uint32),
                ("code", c_int32), ("value", c_double), ("limit", c_double), ("since_ns", c_uint64), ("since_row", c_uint64),
                ("new_rows", c_uint64)]


class TriggerReport(Report):
    """Figures of one trigger."""
    _fields_ = [("n_calls", c_uint64), ("n_started", c_uint64), ("is_calling", c_uint32), ("is_armed", c_uint32),
                ("n_beyond", c_uint32), ("reserved", c_uint32)]


class TriggersReport(Report):
    """Figures of all triggers."""
    _fields_ = [("n_rows", c_uint64), ("n_started", c_uint64), ("n_promoted", c_uint64), ("n_refused", c_uint64),
                ("n_failed", c_uint64), ("n_rolled_back", c_uint64), ("started_ns", c_uint64), ("cool_until_ns", c_uint64),
                ("in_vain", c_uint32), ("is_busy", c_uint32)]


class FlowStepPart(ctypes.Structure):
    _fields_ = [("name", c_char * 16), ("needs", c_uint32), ("max_retries", c_uint32), ("retry_ns", c_uint64),
                ("timeout_ns", c_uint64), ("is_once", c_uint32), ("always_runs", c_uint32), ("config_digest", c_uint8 * 32)]


class FlowConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("steps", c_void_p), ("n_steps", c_uint32), ("reserved", c_uint32)]


class FlowJob(ctypes.Structure):
    _fields_ = [("run", c_uint64), ("attempt", c_uint64), ("until_ns", c_uint64), ("kind", c_uint32), ("step", c_uint32),
                ("is_once", c_uint32), ("reserved", c_uint32)]


class FlowStepReport(ctypes.Structure):
    _fields_ = [("name", c_char * 16), ("state", c_uint32), ("needs", c_uint32), ("attempt", c_uint64), ("n_failed", c_uint32),
                ("n_timeouts", c_uint32), ("code", c_int32), ("has_output", c_uint32), ("retry_at_ns", c_uint64),
                ("first_ns", c_uint64), ("started_ns", c_uint64), ("ended_ns", c_uint64), ("artifact", c_uint64),
                ("n_done", c_uint64), ("n_skipped", c_uint64), ("output", c_uint8 * 32), ("key", c_uint8 * 32)]


class FlowReport(Report):
    """Figures of a flow's latest run, and of all; sets have bit i for the i-th step."""
    _fields_ = [("run", c_uint64), ("began_ns", c_uint64), ("ended_ns", c_uint64), ("critical_ns", c_uint64), ("n_runs", c_uint64),
                ("n_done", c_uint64), ("n_failed", c_uint64), ("n_cancelled", c_uint64), ("state", c_uint32), ("n_steps", c_uint32),
                ("critical", c_uint32), ("waiting", c_uint32), ("running", c_uint32), ("unsure", c_uint32), ("done", c_uint32),
                ("skipped", c_uint32), ("failed", c_uint32), ("cancelled", c_uint32)]


class ColumnPart(ctypes.Structure):
    _fields_ = [("name", c_char * 16), ("kind", c_uint32), ("n_categories", c_uint32), ("max_categories", c_uint32),
                ("is_whole", c_uint32), ("low", c_double), ("high", c_double), ("missing_max", c_double), ("unseen_max", c_double)]


class SchemaConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("columns", c_void_p), ("n_columns", c_uint32), ("max_categories", c_uint32),
                ("sample_rows", c_uint32), ("window", c_uint32), ("slack", c_double), ("confidence", c_double),
                ("rate_alpha", c_double), ("shift_alpha", c_double), ("seed", c_uint64)]


class SchemaFinding(ctypes.Structure):
    _fields_ = [("column", c_uint32), ("why", c_uint32), ("value", c_double), ("limit", c_double)]


class SchemaVerdict(ctypes.Structure):
    _fields_ = [("row", c_uint64), ("now_ns", c_uint64), ("status", c_int32), ("n_wrong", c_uint32), ("n_news", c_uint32),
                ("n_shifted", c_uint32), ("n_findings", c_uint32), ("is_fresh", c_uint32), ("findings", SchemaFinding * 8)]


class SchemaReport(Report):
    """Figures of a schema."""
    _fields_ = [("n_learned", c_uint64), ("n_unlearned", c_uint64), ("n_checked", c_uint64), ("n_refused", c_uint64),
                ("n_warned", c_uint64), ("n_shifts", c_uint64), ("refused_ns", c_uint64), ("n_columns", c_uint32),
                ("n_watched", c_uint32), ("n_shifted", c_uint32), ("n_reference", c_uint32), ("is_finished", c_uint32),
                ("is_renewing", c_uint32)]


class SchemaColumnReport(Report):
    """Figures of a column of a schema."""
    _fields_ = [("n_wrong", c_uint64), ("n_news", c_uint64), ("n_shifts", c_uint64), ("n_windows", c_uint64),
                ("n_categories", c_uint32), ("n_reference", c_uint32), ("is_shifted", c_uint32), ("is_missing", c_uint32),
                ("is_unseen", c_uint32), ("why", c_uint32), ("statistic", c_double), ("limit", c_double), ("moved_low", c_double),
                ("moved_high", c_double), ("share_reference", c_double), ("share_current", c_double)]


class StagePart(Report):
    _fields_ = [("kind", c_uint32), ("needs_approval", c_uint32), ("needs_verdict", c_uint32), ("both_answer", c_uint32),
                ("undecided", c_uint32), ("reserved", c_uint32), ("share", c_double), ("tolerance", c_double),
                ("loss_limit", c_double), ("least_rows", c_uint64), ("most_rows", c_uint64), ("least_ns", c_uint64)]


class RolloutConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("stages", c_void_p), ("n_stages", c_uint32), ("reserved", c_uint32), ("seed", c_uint64),
                ("loss_max", c_double), ("confidence", c_double)]


class RolloutAction(ctypes.Structure):
    _fields_ = [("kind", c_uint32), ("stage", c_uint32), ("stage_kind", c_uint32), ("why", c_uint32), ("code", c_int32),
                ("rows", c_uint32), ("version", c_uint64), ("difference", c_double), ("low", c_double), ("high", c_double)]


class RolloutRoute(ctypes.Structure):
    _fields_ = [("is_challenger", c_uint32), ("both_answer", c_uint32)]


class RolloutRequest(ctypes.Structure):
    _fields_ = [("version", c_uint64), ("asked_ns", c_uint64), ("stage", c_uint32), ("stage_kind", c_uint32),
                ("token", ctypes.c_ubyte * 32)]


class RolloutReport(Report):
    """Where a rollout stands."""
    _fields_ = [("version", c_uint64), ("begun_ns", c_uint64), ("entered_ns", c_uint64), ("n_pairs", c_uint64),
                ("n_champion", c_uint64), ("n_challenger", c_uint64), ("loss_champion", c_double), ("loss_challenger", c_double),
                ("low", c_double), ("high", c_double), ("n_begun", c_uint64), ("n_finished", c_uint64), ("n_rolled_back", c_uint64),
                ("approver", c_uint64), ("stage", c_uint32), ("stage_kind", c_uint32), ("is_asking", c_uint32),
                ("is_judged", c_uint32), ("is_serving", c_uint32), ("reserved", c_uint32)]


class StoreConfig(ctypes.Structure):
    _fields_ = [("base", DetectorConfig), ("n_versions", c_uint32), ("n_served", c_uint32), ("n_figures", c_uint32),
                ("artifact_bytes", c_uint32), ("keep_refused", c_uint32), ("reserved", c_uint32)]


class StoreVersion(ctypes.Structure):
    _fields_ = [("id", c_uint64), ("parent", c_uint64), ("created_ns", c_uint64), ("first_row", c_uint64), ("last_row", c_uint64),
                ("from_ns", c_uint64), ("to_ns", c_uint64), ("n_rows", c_uint64), ("seed", c_uint64), ("training_ns", c_uint64),
                ("compute_ns", c_uint64), ("cost", c_double), ("trigger_value", c_double), ("trigger_limit", c_double),
                ("trigger_kind", c_uint32), ("trigger_source", c_uint32), ("trigger_code", c_int32), ("candidate", c_uint32),
                ("tests_passed", c_uint32), ("tests_failed", c_uint32), ("tests_undecided", c_uint32), ("status", c_uint32),
                ("is_pinned", c_uint32), ("artifact_bytes", c_uint32), ("signature_bytes", c_uint32), ("n_served", c_uint32),
                ("model_class", c_char * 16), ("tag", c_char * 16), ("config_digest", ctypes.c_ubyte * 32),
                ("prep_digest", ctypes.c_ubyte * 32), ("model_digest", ctypes.c_ubyte * 32), ("signature", ctypes.c_ubyte * 72)]


class StoreReport(Report):
    """Figures of a store."""
    _fields_ = [("n_added", c_uint64), ("n_evicted", c_uint64), ("last_evicted", c_uint64), ("n_dropped", c_uint64),
                ("serving", c_uint64), ("served_before", c_uint64), ("n_versions", c_uint32), ("n_history", c_uint32),
                ("artifact_bytes", c_uint32), ("artifact_free", c_uint32)]


class StoreStretch(ctypes.Structure):
    _fields_ = [("id", c_uint64), ("from_ns", c_uint64), ("to_ns", c_uint64)]


_structs = {
    "kedge_detector": Handle, "kedge_model": Handle, "kedge_metric": Handle, "kedge_pipeline": PipelineHandle,
    "kedge_detector_config": DetectorConfig, "kedge_metric_config": DetectorConfig, "kedge_model_config": ModelConfig,
    "kedge_adwin_config": AdwinConfig, "kedge_ddm_config": DdmConfig, "kedge_page_hinkley_config": PageHinkleyConfig,
    "kedge_abcd_config": AbcdConfig, "kedge_hdddm_config": HdddmConfig, "kedge_pca_cd_config": PcaCdConfig,
    "kedge_ensemble_config": EnsembleConfig, "kedge_md3_config": Md3Config,
    "kedge_cusum_config": CusumConfig, "kedge_ecdd_config": EcddConfig, "kedge_eddm_config": EddmConfig,
    "kedge_ewma_chart_config": EwmaChartConfig, "kedge_fhddm_config": FhddmConfig, "kedge_focus_config": FocusConfig,
    "kedge_gma_config": GmaConfig, "kedge_hddm_a_config": HddmAConfig, "kedge_hddm_w_config": HddmWConfig,
    "kedge_rddm_config": RddmConfig, "kedge_shewhart_config": ShewhartConfig, "kedge_stepd_config": StepdConfig,
    "kedge_lfr_config": LfrConfig, "kedge_calibration": Calibration, "kedge_calibration_report": CalibrationReport,
    "kedge_e_detector_config": EDetectorConfig,
    "kedge_kswin_config": KswinConfig,
    "kedge_table_config": TableConfig, "kedge_table_column": TableColumn, "kedge_table_report": TableReport,
    "kedge_labelled": Labelled, "kedge_table_diagnosis": TableDiagnosis,
    "kedge_categories_config": CategoriesConfig, "kedge_categories_report": CategoriesReport, "kedge_category": Category,
    "kedge_categories_shift": CategoriesShift,
    "kedge_profile_config": ProfileConfig, "kedge_profile_report": ProfileReport, "kedge_profile_shift": ProfileShift,
    "kedge_contingency_config": ContingencyConfig,
    "kedge_shift_config": ShiftConfig, "kedge_histogram_config": HistogramConfig, "kedge_shift_result": ShiftResult,
    "kedge_hdddm_distance_config": HdddmDistanceConfig, "kedge_kdq_tree_config": KdqTreeConfig, "kedge_nn_dvi_config": NnDviConfig,
    "kedge_quant_tree_config": QuantTreeConfig,
    "kedge_sliding_histogram_config": SlidingHistogramConfig, "kedge_sliding_ks_config": SlidingKsConfig,
    "kedge_sliding_mmd_config": SlidingMmdConfig,
    "kedge_classifier_test_config": ClassifierTestConfig, "kedge_lsdd_config": LsddConfig, "kedge_mmd_config": MmdConfig,
    "kedge_mddm_config": MddmConfig,
    "kedge_bocpd_config": BocpdConfig, "kedge_conformal_config": ConformalConfig, "kedge_cs_detector_config": CsDetectorConfig,
    "kedge_optwin_config": OptwinConfig, "kedge_seed_config": SeedConfig, "kedge_seqdrift2_config": Seqdrift2Config,
    "kedge_tree_growth": TreeGrowth, "kedge_tree_shape": TreeShape, "kedge_hoeffding_tree_config": HoeffdingTreeConfig,
    "kedge_adaptive_tree_config": AdaptiveTreeConfig, "kedge_efdt_config": EfdtConfig, "kedge_last_config": LastConfig,
    "kedge_adaptive_forest_config": AdaptiveForestConfig,
    "kedge_members": Members, "kedge_members_info": MembersInfo, "kedge_bagging_config": BaggingConfig,
    "kedge_boosting_config": BoostingConfig,
    "kedge_adaptive_model_config": AdaptiveModelConfig, "kedge_lagged_config": LaggedConfig, "kedge_sgbt_config": SgbtConfig,
    "kedge_linear_config": LinearConfig, "kedge_knn_config": KnnConfig, "kedge_rls_config": RlsConfig, "kedge_sparse": Sparse,
    "kedge_fimt_dd_config": FimtDdConfig, "kedge_forest_reg_config": ForestRegConfig,
    "kedge_sam_knn_config": SamKnnConfig,
    "kedge_random_forest_config": RandomForestConfig, "kedge_random_forest_info": RandomForestInfo,
    "kedge_gradient_boosting_config": GradientBoostingConfig, "kedge_gradient_boosting_info": GradientBoostingInfo,
    "kedge_amrules_config": AmrulesConfig, "kedge_amrules_condition": AmrulesCondition, "kedge_amrules_rule": AmrulesRule,
    "kedge_auto_config": AutoConfig, "kedge_baseline_config": BaselineConfig,
    "kedge_multinomial_nb_config": MultinomialNbConfig, "kedge_bernoulli_nb_config": BernoulliNbConfig,
    "kedge_gaussian_nb_config": GaussianNbConfig, "kedge_logistic_config": LogisticConfig, "kedge_latency_config": LatencyConfig,
    "kedge_quality_config": QualityConfig, "kedge_throughput_config": ThroughputConfig, "kedge_pipeline_config": PipelineConfig,
    "kedge_detection_config": DetectionConfig, "kedge_detection_report": DetectionReport, "kedge_stream": Handle,
    "kedge_stream_config": StreamConfig, "kedge_series_config": SeriesConfig, "kedge_concepts_config": ConceptsConfig,
    "kedge_hyperplane_config": HyperplaneConfig, "kedge_centroids_config": CentroidsConfig,
    "kedge_publish": PublishHandle, "kedge_publish_config": PublishConfig, "kedge_publish_ticket": PublishTicket,
    "kedge_prep": Handle, "kedge_columns": Columns, "kedge_prep_config": PrepConfig, "kedge_prep_info": PrepInfo,
    "kedge_prep_origin": PrepOrigin,
    "kedge_scale_config": ScaleConfig, "kedge_impute_config": ImputeConfig, "kedge_chain_config": ChainConfig,
    "kedge_codes": Codes, "kedge_one_hot_config": OneHotConfig, "kedge_ordinal_config": OrdinalConfig,
    "kedge_target_code_config": TargetCodeConfig,
    "kedge_hash_code_config": HashCodeConfig, "kedge_polynomial_config": PolynomialConfig, "kedge_lag_config": LagConfig,
    "kedge_clip_config": ClipConfig, "kedge_quantiles_config": QuantilesConfig,
    "kedge_publish_slot": PublishSlot, "kedge_fleet": Handle, "kedge_fleet_config": FleetConfig, "kedge_fleet_news": FleetNews,
    "kedge_fleet_cusum_config": FleetCusumConfig, "kedge_fleet_ddm_config": FleetDdmConfig,
    "kedge_fleet_e_detector_config": FleetEDetectorConfig, "kedge_fleet_ewma_chart_config": FleetEwmaChartConfig,
    "kedge_fleet_page_hinkley_config": FleetPageHinkleyConfig,
    "kedge_contest_config": ContestConfig, "kedge_contest_result": ContestResult, "kedge_contest_report": ContestReport,
    "kedge_calibrated_config": CalibratedConfig, "kedge_split_config": SplitConfig, "kedge_split": SplitHandle,
    "kedge_validation_config": ValidationConfig, "kedge_validation_report": ValidationReport, "kedge_search_axis": SearchAxis,
    "kedge_evaluation": Evaluation, "kedge_search_trial": SearchTrial, "kedge_search_config": SearchConfig,
    "kedge_search_report": SearchReport,
    "kedge_early_config": EarlyConfig, "kedge_early_report": EarlyReport, "kedge_probmap_config": ProbmapConfig,
    "kedge_probmap": ProbmapHandle,
    "kedge_figure": Figure, "kedge_battery_config": BatteryConfig, "kedge_battery_check": BatteryCheck,
    "kedge_battery_report": BatteryReport,
    "kedge_gate_outcome": GateOutcome, "kedge_gate_test": GateTest, "kedge_gate_config": GateConfig,
    "kedge_gate_report": GateReport,
    "kedge_card_figure": CardFigure, "kedge_card_extra": CardExtra, "kedge_scorecard": Scorecard, "kedge_card_about": CardAbout,
    "kedge_scorecard_rule": ScorecardRule, "kedge_scorecard_comparison": ScorecardComparison,
    "kedge_rows": Rows, "kedge_estimate": Estimate, "kedge_alarm": Alarm, "kedge_model_info": ModelInfo,
    "kedge_frozen": FrozenHandle, "kedge_frozen_info": FrozenInfo,
    "kedge_latency_report": LatencyReport, "kedge_quality_report": QualityReport, "kedge_quality_class_report": QualityClassReport,
    "kedge_slices_config": SlicesConfig, "kedge_slices_report": SlicesReport, "kedge_slice": Slice,
    "kedge_paired_config": PairedConfig, "kedge_paired_report": PairedReport, "kedge_mcnemar_report": McnemarReport,
    "kedge_regression_config": RegressionConfig, "kedge_regression_report": RegressionReport,
    "kedge_reliability_config": ReliabilityConfig, "kedge_reliability_report": ReliabilityReport,
    "kedge_reliability_bin_report": ReliabilityBinReport, "kedge_ranking_options": RankingOptions,
    "kedge_bootstrap_options": BootstrapOptions,
    "kedge_ranking_report": RankingReport, "kedge_ranking_comparison": RankingComparison,
    "kedge_cost_config": CostConfig, "kedge_cost_part": CostPart, "kedge_cost_report": CostReport, "kedge_cost_case": CostCase,
    "kedge_cost_verdict": CostVerdict,
    "kedge_joiner_config": JoinerConfig, "kedge_prediction": Prediction, "kedge_joined": Joined,
    "kedge_joiner_report": JoinerReport, "kedge_cbpe_config": CbpeConfig, "kedge_cbpe_report": CbpeReport,
    "kedge_cbpe_class_report": CbpeClassReport,
    "kedge_dle_config": DleConfig, "kedge_dle_report": DleReport,
    "kedge_latency_shared_config": LatencySharedConfig, "kedge_backlog_config": BacklogConfig,
    "kedge_backlog_report": BacklogReport,
    "kedge_slo_alert": SloAlert, "kedge_slo_config": SloConfig, "kedge_slo_report": SloReport,
    "kedge_auc_stream_config": AucStreamConfig, "kedge_auc_stream_report": AucStreamReport,
    "kedge_auc_window_config": AucWindowConfig, "kedge_auc_window_report": AucWindowReport,
    "kedge_audit": Audit, "kedge_audit_head": AuditHead, "kedge_audit_record": AuditRecord, "kedge_audit_report": AuditReport,
    "kedge_audit_decision": AuditDecision, "kedge_audit_model": AuditModel, "kedge_dp_source": DpSource, "kedge_dp_cost": DpCost,
    "kedge_dp_budget": DpBudget, "kedge_dp_noise": DpNoise, "kedge_dp_mean_report": DpMeanReport,
    "kedge_anonymity_report": AnonymityReport,
    "kedge_fairness_bin_report": FairnessBinReport, "kedge_fairness_config": FairnessConfig, "kedge_fairness_rate": FairnessRate,
    "kedge_fairness_group_report": FairnessGroupReport, "kedge_fairness_gap": FairnessGap,
    "kedge_fairness_comparison": FairnessComparison, "kedge_fairness_report": FairnessReport,
    "kedge_upkeep_config": UpkeepConfig, "kedge_upkeep_leg": UpkeepLeg, "kedge_upkeep_report": UpkeepReport,
    "kedge_flow_step": FlowStepPart, "kedge_flow_config": FlowConfig, "kedge_flow_job": FlowJob,
    "kedge_flow_step_report": FlowStepReport, "kedge_flow_report": FlowReport,
    "kedge_throughput_report": ThroughputReport, "kedge_pipeline_report": PipelineReport,
    "kedge_control": Handle, "kedge_control_config": DetectorConfig,
    "kedge_events_config": EventsConfig, "kedge_event": EventRecord, "kedge_events_report": EventsReport,
    "kedge_triggers_config": TriggersConfig, "kedge_trigger": TriggerPart, "kedge_triggers_call": TriggersCall,
    "kedge_trigger_report": TriggerReport, "kedge_triggers_report": TriggersReport,
    "kedge_schema_config": SchemaConfig, "kedge_column": ColumnPart, "kedge_schema_finding": SchemaFinding,
    "kedge_schema_verdict": SchemaVerdict, "kedge_schema_report": SchemaReport, "kedge_schema_column_report": SchemaColumnReport,
    "kedge_rollout_config": RolloutConfig, "kedge_stage": StagePart, "kedge_rollout_action": RolloutAction,
    "kedge_rollout_route": RolloutRoute, "kedge_rollout_request": RolloutRequest, "kedge_rollout_report": RolloutReport,
    "kedge_store_config": StoreConfig, "kedge_store_version": StoreVersion, "kedge_store_report": StoreReport,
    "kedge_store_stretch": StoreStretch,
}


class _Entry(ctypes.Structure):
    _fields_ = [("type", c_char_p), ("member", c_char_p), ("offset", c_int64), ("bytes", c_uint32), ("reserved", c_uint32)]


def _describe() -> list[_Entry]:
    describe = _library.function(_library.core, "kedge_abi_describe", POINTER(_Entry), POINTER(c_size_t))
    n = c_size_t()
    entries = describe(ctypes.byref(n))
    return [entries[i] for i in range(n.value)]


def verify() -> tuple[dict[str, int], dict[str, int]]:
    """Constants by name, and bytes of structs; raises ImportError if a struct here is not the library's."""
    constants: dict[str, int] = {}
    sizes: dict[str, int] = {}
    members: dict[str, dict[str, tuple[int, int]]] = {}
    for entry in _describe():
        name = entry.type.decode()
        if entry.member:
            members.setdefault(name, {})[entry.member.decode()] = (entry.offset, entry.bytes)
        elif entry.bytes:
            sizes[name] = entry.bytes
        else:
            constants[name] = entry.offset
    for name, struct in _structs.items():
        here = {field: (getattr(struct, field).offset, getattr(struct, field).size) for field, *_ in struct._fields_}
        if sizes.get(name) != ctypes.sizeof(struct) or members.get(name) != here:
            raise ImportError(f"kedge: {name} of this library is not what this package was written for")
    return constants, sizes


constants, sizes = verify()
