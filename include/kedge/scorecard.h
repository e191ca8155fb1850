/* SPDX-License-Identifier: MIT */
/** @file scorecard.h
 *  All current figures of a model on one card, of all five kinds: quality, service, upkeep, cost and compliance. It is filled
 *  from
 *  the metrics that you have, held against limits, compared with another model's, and written as text, JSON and OpenMetrics.
 *
 *  @code
 *  #include <stdio.h>
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static kedge_scorecard card;
 *      static char text[8192];
 *      union { double align; unsigned char bytes[KEDGE_QUALITY_BYTES_FOR(2u)]; } mem;
 *      kedge_quality_config cfg = kedge_quality_defaults(2);
 *      kedge_scorecard_rule floor = {KEDGE_CARD_ACCURACY, KEDGE_AT_LEAST, 0.8, 0.0, KEDGE_DRIFT, KEDGE_BY_VALUE, NULL};
 *      kedge_battery_check check;
 *      kedge_metric q;
 *      size_t len;
 *      uint32_t i;
 *      if (kedge_metric_init(&q, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 200; i++)
 *          if (kedge_quality_record(&q, i % 2, i % 10 ? i % 2 : 0, 1.0) < 0) return 1;
 *      if (kedge_scorecard_init(&card, sizeof card, "fraud", "2024-05") < 0 || kedge_scorecard_take(&card, &q) < 0) return 1;
 *      if (kedge_scorecard_judge(&card, NULL, &floor, 1, &check) != KEDGE_OK) return 1;
 *      if (kedge_scorecard_openmetrics(&card, 1, text, sizeof text, &len) < 0) return 1;
 *      return fputs(text, stdout) < 0; // kedge_accuracy{model="fraud",version="2024-05"} 1 and so on
 *  }
 *  @endcode */
#ifndef KEDGE_SCORECARD_H
#define KEDGE_SCORECARD_H

#include "battery.h"
#include "metric.h"
#include "pipeline.h"
#include "privacy.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup scorecard Scorecards
 *  A model's current figures, comparable between champion and challenger.
 *
 *  A card is a plain value without pointers, 5.5 KB: copy it, keep it, send it. One writer; readers may share it.
 *  @{ */

/** What a figure tells of. */
enum {
    KEDGE_KIND_QUALITY = 1,   /**< how often is it right? */
    KEDGE_KIND_SERVICE = 2,   /**< latency, throughput, objectives */
    KEDGE_KIND_UPKEEP = 3,    /**< development and maintenance time */
    KEDGE_KIND_COST = 4,      /**< what its use costs */
    KEDGE_KIND_COMPLIANCE = 5 /**< fairness, privacy */
};

/** The figures, by their place on the card; kedge_scorecard_describe() has name, unit, kind, and which way is better. Behind
 *  each:
 *  where kedge_scorecard_take() finds it. */
enum {
    KEDGE_CARD_ACCURACY = 0,           /**< quality: #kedge_quality, with its interval */
    KEDGE_CARD_BALANCED_ACCURACY = 1,  /**< #kedge_quality */
    KEDGE_CARD_PRECISION = 2,          /**< precision_macro of #kedge_quality */
    KEDGE_CARD_RECALL = 3,             /**< recall_macro */
    KEDGE_CARD_F1 = 4,                 /**< f1_macro */
    KEDGE_CARD_MCC = 5,                /**< mcc */
    KEDGE_CARD_KAPPA = 6,              /**< kappa */
    KEDGE_CARD_KAPPA_TEMPORAL = 7,     /**< kappa_temporal */
    KEDGE_CARD_G_MEAN = 8,             /**< g_mean */
    KEDGE_CARD_AUC = 9,                /**< #kedge_auc_stream, #kedge_auc_window; with DeLong's interval from a ranking report */
    KEDGE_CARD_AVERAGE_PRECISION = 10, /**< #kedge_auc_stream, or a ranking report */
    KEDGE_CARD_LOG_LOSS = 11,          /**< #kedge_reliability */
    KEDGE_CARD_BRIER = 12,             /**< #kedge_reliability */
    KEDGE_CARD_CALIBRATION_ERROR = 13, /**< ece of #kedge_reliability */
    KEDGE_CARD_MAE = 14,               /**< #kedge_regression */
    KEDGE_CARD_MSE = 15,               /**< #kedge_regression */
    KEDGE_CARD_RMSE = 16,              /**< #kedge_regression */
    KEDGE_CARD_MAPE = 17,              /**< #kedge_regression */
    KEDGE_CARD_R2 = 18,                /**< #kedge_regression */
    KEDGE_CARD_BIAS = 19,              /**< #kedge_regression */
    KEDGE_CARD_EXPECTED_ACCURACY = 20, /**< without labels: #kedge_cbpe, with its interval */
    KEDGE_CARD_EXPECTED_LOSS = 21,     /**< without labels: #kedge_dle, with its interval */
    KEDGE_CARD_WORST_SLICE_ERROR = 22, /**< error rate of the worst slice of #kedge_slices, with its interval */
    KEDGE_CARD_ERROR = 23,             /**< error_mean of a pipeline */
    KEDGE_CARD_LABELLED = 24,          /**< #kedge_joiner: share with a label, of those that do not wait any more */
    KEDGE_CARD_LABEL_DELAY = 25,       /**< #kedge_joiner: mean, in its unit of time */
    KEDGE_CARD_LATENCY_MEAN = 26,      /**< service: #kedge_latency */
    KEDGE_CARD_LATENCY_P50 = 27,       /**< #kedge_latency; quantiles have an interval: of their rank, at 0.95 */
    KEDGE_CARD_LATENCY_P90 = 28,       /**< likewise */
    KEDGE_CARD_LATENCY_P99 = 29,       /**< likewise */
    KEDGE_CARD_LATENCY_P999 = 30,      /**< likewise */
    KEDGE_CARD_LATENCY_MAX = 31,       /**< #kedge_latency */
    KEDGE_CARD_THROUGHPUT = 32,        /**< per_second of #kedge_throughput */
    KEDGE_CARD_THROUGHPUT_RECENT = 33, /**< recent_per_second of #kedge_throughput */
    KEDGE_CARD_BUDGET_LEFT = 34,       /**< left of #kedge_slo */
    KEDGE_CARD_BURN_RATE = 35,         /**< burn_short[0] of #kedge_slo; spent, if it has no alert */
    KEDGE_CARD_PREDICTIONS = 36,       /**< counter: #kedge_cost, a pipeline */
    KEDGE_CARD_PROMOTIONS_PER_DAY = 37, /**< upkeep: #kedge_upkeep */
    KEDGE_CARD_LEAD_TIME = 38,         /**< mean of a leg of #kedge_upkeep, as all times here */
    KEDGE_CARD_DETECT_TIME = 39,       /**< likewise */
    KEDGE_CARD_RETRAIN_TIME = 40,      /**< likewise */
    KEDGE_CARD_PROMOTE_TIME = 41,      /**< likewise */
    KEDGE_CARD_RESTORE_TIME = 42,      /**< likewise */
    KEDGE_CARD_TRAINING_TIME = 43,     /**< likewise */
    KEDGE_CARD_CHANGE_FAILURE_RATE = 44, /**< #kedge_upkeep, with its interval */
    KEDGE_CARD_DRIFTS = 45,            /**< counter: #kedge_upkeep, a pipeline */
    KEDGE_CARD_TRAININGS = 46,         /**< counter: #kedge_upkeep, #kedge_cost, a pipeline */
    KEDGE_CARD_FAILED_TRAININGS = 47,  /**< counter: #kedge_upkeep, a pipeline */
    KEDGE_CARD_PROMOTIONS = 48,        /**< counter: #kedge_upkeep, a pipeline */
    KEDGE_CARD_ROLLBACKS = 49,         /**< counter: #kedge_upkeep */
    KEDGE_CARD_INCIDENTS = 50,         /**< counter: #kedge_upkeep */
    KEDGE_CARD_INTERVENTIONS = 51,     /**< counter: #kedge_upkeep */
    KEDGE_CARD_COST_PER_THOUSAND = 52, /**< cost: per_thousand of #kedge_cost */
    KEDGE_CARD_COST_PER_THOUSAND_ALL = 53, /**< per_thousand_all */
    KEDGE_CARD_COST_PER_TRAINING = 54, /**< per_training */
    KEDGE_CARD_COST_PER_POINT = 55,    /**< per_point */
    KEDGE_CARD_COST = 56,              /**< counter: price */
    KEDGE_CARD_COMPUTE = 57,           /**< counter: compute_ns */
    KEDGE_CARD_ENERGY = 58,            /**< counter: joules */
    KEDGE_CARD_MOVED = 59,             /**< counter: bytes_moved */
    KEDGE_CARD_HELD = 60,              /**< bytes_now of #kedge_cost */
    KEDGE_CARD_HELD_PEAK = 61,         /**< bytes_peak */
    KEDGE_CARD_STATE_SIZE = 62,        /**< kedge_scorecard_take_model() */
    KEDGE_CARD_SNAPSHOT_SIZE = 63,     /**< kedge_scorecard_take_model() */
    KEDGE_CARD_PARITY_DIFFERENCE = 64, /**< compliance: demographic parity of #kedge_fairness, with its interval */
    KEDGE_CARD_PARITY_RATIO = 65,      /**< likewise: disparate impact */
    KEDGE_CARD_OPPORTUNITY_DIFFERENCE = 66, /**< likewise: equal opportunity */
    KEDGE_CARD_ODDS_DIFFERENCE = 67,   /**< equalised odds of #kedge_fairness */
    KEDGE_CARD_PREDICTIVE_PARITY_DIFFERENCE = 68, /**< #kedge_fairness, with its interval */
    KEDGE_CARD_CALIBRATION_DIFFERENCE = 69, /**< likewise */
    KEDGE_CARD_GROUP_CALIBRATION_ERROR = 70, /**< calibration_error of #kedge_fairness */
    KEDGE_CARD_EPSILON = 71            /**< kedge_scorecard_take_privacy(): what was spent */
};

#define KEDGE_CARD_FIGURES   72u        /**< how many figures there are */
#define KEDGE_CARD_ROOM      96u        /**< places on the card; those behind are for figures to come */
#define KEDGE_CARD_EXTRAS    16u        /**< figures of your own that fit on it */
#define KEDGE_CARD_NAME_MAX  71u        /**< bytes of a model's name and of its version at most */
#define KEDGE_CARD_EXTRA_MAX 47u        /**< bytes of the name of a figure of your own */
#define KEDGE_CARD_EXTRA     UINT32_MAX /**< kedge_scorecard_rule::figure: one of your own */

/** A figure on a card. */
typedef struct kedge_card_figure {
    double value;    /**< the number; NaN: not known */
    double low;      /**< lower end of its interval; NaN: unknown, then both are */
    double high;     /**< upper end */
    uint64_t n;      /**< observations that it rests on; 0: none, or it counts none */
    uint32_t taken;  /**< 1: a source was there, so a value that is NaN means that it could not tell; 0: there was none */
    uint32_t reserved; /**< 0 */
} kedge_card_figure;

/** A figure of your own. */
typedef struct kedge_card_extra {
    char name[48];     /**< any text, best UTF-8; ends with a zero */
    int32_t direction; /**< 1: more is better; -1: less; 0: neither */
    uint32_t kind;     /**< KEDGE_KIND_... */
    kedge_card_figure figure; /**< its value */
} kedge_card_extra;

/** A model's current figures. Set by the functions here; read it as you like. */
typedef struct kedge_scorecard {
    uint32_t card_bytes; /**< size of this struct; set by kedge_scorecard_init() */
    uint32_t n_extras;   /**< figures of your own */
    char model[72];      /**< name of the model; ends with a zero */
    char version[72];    /**< its version; likewise */
    kedge_card_figure figures[96]; /**< by KEDGE_CARD_... */
    kedge_card_extra extras[16];   /**< the first n_extras */
} kedge_scorecard;

/** What a figure is. */
typedef struct kedge_card_about {
    const char *name;   /**< for example "latency_p99"; static text, as all of these */
    const char *unit;   /**< "ns", "bytes", "joules", or "" */
    const char *help;   /**< one sentence */
    uint32_t kind;      /**< KEDGE_KIND_... */
    int32_t direction;  /**< 1: more is better; -1: less is; 0: neither */
    uint32_t counter;   /**< 1: it only ever grows */
    uint32_t reserved;  /**< 0 */
} kedge_card_about;

/** Begin a card without any figure. @param card to set  @param card_bytes sizeof *card  @param model name of the model, up to
 *  #KEDGE_CARD_NAME_MAX bytes, any but a zero; NULL: ""  @param version likewise
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL  @retval KEDGE_ERR_CONFIG unknown size  @retval KEDGE_ERR_RANGE a
 *  name is
 *  too long; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_init(kedge_scorecard *card, size_t card_bytes, const char *model,
                                                            const char *version);

/** Take all figures that a metric has; those that it cannot tell yet become NaN. Of a figure that several sources have, the
 *  last one
 *  counts. Links all metrics: a small program reads what it has and calls kedge_scorecard_set().
 *  @param card a card  @param m one of the metrics named at KEDGE_CARD_..., may be shared; NULL: there is none, nothing is done
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL, or a handle is empty  @retval KEDGE_ERR_CONFIG it is no card
 *  @retval
 *  KEDGE_ERR_UNSUPPORTED a metric without a place on the card; nothing changed  @complexity that of its read-out  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_take(kedge_scorecard *card, const kedge_metric *m);

/** Take the size of a model's state and of its snapshot. @param card a card  @param m a model, may be shared; NULL: nothing is
 *  done
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL, or the handle is empty  @retval KEDGE_ERR_CONFIG it is no card
 *  @complexity O(fields of its class)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_take_model(kedge_scorecard *card, const kedge_model *m);

/** Take the areas of a ranking, with DeLong's interval. @param card a card  @param r from kedge_ranking_measure() or
 *  kedge_auc_window_measure(); NULL: nothing is done  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL
 *  @retval KEDGE_ERR_CONFIG it is no card  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_take_ranking(kedge_scorecard *card, const kedge_ranking_report *r);

/** Take the score, calibration error, times and sizes of the test before deployment, as far as it measured them. @param card a
 *  card
 *  @param r from kedge_battery_run(); NULL: nothing is done  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL
 *  @retval KEDGE_ERR_CONFIG it is no card, or r no report  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_take_battery(kedge_scorecard *card, const kedge_battery_report *r);

/** Take the error and the counts of a pipeline. @param card a card  @param r from kedge_pipeline_read(); NULL: nothing is done
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL  @retval KEDGE_ERR_CONFIG it is no card  @complexity O(1)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_take_pipeline(kedge_scorecard *card, const kedge_pipeline_report *r);

/** Take what is spent of a privacy budget. @param card a card  @param b a budget; NULL: nothing is done  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL card is NULL  @retval KEDGE_ERR_CONFIG it is no card  @retval KEDGE_ERR_STATE b is no budget
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_take_privacy(kedge_scorecard *card, const kedge_dp_budget *b);

/** Set a figure by hand. @param card a card  @param figure KEDGE_CARD_...  @param value NaN: not known  @param low lower end of
 *  its
 *  interval, not above value; NaN: unknown  @param high upper end, not below it; NaN: unknown  @param n observations, or 0
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL card is NULL  @retval KEDGE_ERR_CONFIG it is no card
 *  @retval KEDGE_ERR_UNKNOWN no such
 *  figure  @retval KEDGE_ERR_RANGE the interval does not hold the value, or a counter is below 0; nothing changed
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_set(kedge_scorecard *card, uint32_t figure, double value, double low,
                                                           double high, uint64_t n);

/** Set a figure of your own, a new one or one that the card has.
 *  @param card a card  @param name any text of 1 to #KEDGE_CARD_EXTRA_MAX bytes; what is no UTF-8 is told as U+FFFD, and names
 *  are
 *  the same if they are told alike  @param kind KEDGE_KIND_...  @param direction 1: more is better; -1: less; 0: neither
 *  @param value as for kedge_scorecard_set()  @param low likewise  @param high likewise  @param n likewise
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG it is no card
 *  @retval KEDGE_ERR_RANGE the
 *  name's length, kind, direction or interval  @retval KEDGE_ERR_BUFFER there are #KEDGE_CARD_EXTRAS already; nothing changed
 *  @complexity O(extras)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_set_extra(kedge_scorecard *card, const char *name, uint32_t kind,
                                                                 int32_t direction, double value, double low, double high,
                                                                 uint64_t n);

/** What a figure is. @param figure KEDGE_CARD_...  @param out what it is  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL out is
 *  NULL
 *  @retval KEDGE_ERR_UNKNOWN no such figure  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_describe(uint32_t figure, kedge_card_about *out);

/** The figure of a name. @param name for example "latency_p99"  @param figure KEDGE_CARD_...  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_UNKNOWN no such name  @complexity O(figures)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_find(const char *name, uint32_t *figure);

/** Name of a kind, for example "upkeep". @param kind KEDGE_KIND_...  @return static text; "unknown" if it is none  @since 0.1 */
KEDGE_API const char *kedge_kind_string(uint32_t kind);

/* Limits and comparisons
 *  ------------------------------------------------------------------------------------------------------- */

/** On which side of its limit a figure must be. */
enum {
    KEDGE_AT_LEAST = 1, /**< not below it */
    KEDGE_AT_MOST = 2   /**< not above it */
};

/** What must be there. */
enum {
    KEDGE_BY_VALUE = 1,   /**< the value, whatever its interval */
    KEDGE_BY_INTERVAL = 2 /**< all of the interval; where none is known, the value */
};

/** A rule: a figure is at least, or at most, limit + share * what the champion has. Not less accurate than the champion by more
 *  than a
 *  point: at least, limit -0.01, share 1. At most a fifth slower: at most, limit 0, share 1.2. */
typedef struct kedge_scorecard_rule {
    uint32_t figure;  /**< KEDGE_CARD_..., or #KEDGE_CARD_EXTRA */
    uint32_t side;    /**< #KEDGE_AT_LEAST or #KEDGE_AT_MOST */
    double limit;     /**< in units of the figure, magnitude up to 1e300 */
    double share;     /**< of the champion's figure, 0 to 1e6; 0: the limit stands alone */
    int32_t status;   /**< what breaking it means: #KEDGE_WARNING, or #KEDGE_DRIFT: the model must not serve like that */
    uint32_t by;      /**< #KEDGE_BY_VALUE or #KEDGE_BY_INTERVAL */
    const char *name; /**< of a figure of your own; else NULL */
} kedge_scorecard_rule;

/** Hold a card against rules.
 *  @param card a card, may be shared  @param champion the card of the model that serves now; NULL: there is none, and rules
 *  with a
 *  share are skipped  @param rules n of them; may be NULL if n is 0  @param n how many  @param checks for each rule: the
 *  figure, what
 *  it was held against, #KEDGE_BATTERY_PASS, #KEDGE_BATTERY_FAIL, #KEDGE_BATTERY_UNDECIDED (the interval holds the limit, or a
 *  figure
 *  is not known) or #KEDGE_BATTERY_SKIPPED, and the reason as in kedge_battery_report
 *  @retval KEDGE_OK every rule of #KEDGE_DRIFT that was not skipped holds, none of #KEDGE_WARNING is broken
 *  @retval KEDGE_WARNING one
 *  of these is broken  @retval KEDGE_EMPTY one of #KEDGE_DRIFT is undecided, none broken  @retval KEDGE_DRIFT one of these is
 *  broken
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a rule is malformed, or it is no card; checks are untouched
 *  @complexity O(n * extras)  @since 0.1
 *  Source: interval of a difference: Donner, Zou 2012 (square-and-add), for models that were seen on different rows */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_judge(const kedge_scorecard *card, const kedge_scorecard *champion,
                                                             const kedge_scorecard_rule *rules, size_t n,
                                                             kedge_battery_check *checks);

/** How a figure of the challenger is beside the champion's. */
enum {
    KEDGE_CARD_NONE = 0,    /**< neither has it, or more of it is neither better nor worse */
    KEDGE_CARD_BETTER = 1,  /**< better; where both intervals are known, that of the difference is all on the better side */
    KEDGE_CARD_WORSE = 2,   /**< worse, likewise */
    KEDGE_CARD_EQUAL = 3,   /**< the same value */
    KEDGE_CARD_UNSURE = 4,  /**< the values differ, but the interval of their difference holds 0 */
    KEDGE_CARD_UNKNOWN = 5  /**< one of them does not have it, or cannot tell */
};

/** Two cards, figure by figure. */
typedef struct kedge_scorecard_comparison {
    uint32_t n_better;    /**< figures, your own included */
    uint32_t n_worse;     /**< likewise */
    uint32_t n_equal;     /**< likewise */
    uint32_t n_unsure;    /**< likewise */
    uint32_t n_unknown;   /**< likewise */
    uint32_t reserved;    /**< 0 */
    uint8_t figures[96];  /**< by KEDGE_CARD_...: #KEDGE_CARD_BETTER ... */
    uint8_t extras[16];   /**< by the place on the challenger's card */
} kedge_scorecard_comparison;

/** Is a challenger better? Intervals of two cards count as independent; on the same rows #kedge_paired sees finer differences.
 *  @param champion the card of the model that serves now, may be shared  @param challenger that of the one to replace it
 *  @param out
 *  figure by figure  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG one is no card
 *  @complexity O(figures + extras^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_compare(const kedge_scorecard *champion, const kedge_scorecard *challenger,
                                                               kedge_scorecard_comparison *out);

/** Name of an outcome, for example "better". @param outcome #KEDGE_CARD_NONE ...  @return static text; "unknown" if it is none
 *  @since 0.1 */
KEDGE_API const char *kedge_scorecard_outcome_string(uint32_t outcome);

/* Writers
 *  ---------------------------------------------------------------------------------------------------------------------- */

/** A card as text for people, figures by kind; times and bytes in units that fit, numbers with four digits.
 *  @param card a card, may be shared  @param champion another one, to be told beside it with how they compare; NULL: none
 *  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written, the ending zero not counted, or
 *  how
 *  many there would be
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG one is no card
 *  @retval KEDGE_ERR_BUFFER no room for all and a zero: nothing is written, *len + 1 is needed
 *  @complexity O(figures + extras^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_text(const kedge_scorecard *card, const kedge_scorecard *champion, char *buf,
                                                            size_t cap, size_t *len);

/** A card as one object of JSON (RFC 8259) in UTF-8: model, version, figures and extras by name, each with kind, unit, direction,
 *  value, low, high and n. What no source was there for is left out; what is not known, or infinite, is null. Numbers read back
 *  as the
 *  same double. @param card a card, may be shared  @param buf as for kedge_scorecard_text()  @param cap likewise  @param len
 *  likewise
 *  @return as kedge_scorecard_text()  @complexity O(figures + extras)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_json(const kedge_scorecard *card, char *buf, size_t cap, size_t *len);

/** Cards as one exposition of OpenMetrics 1.0, for Prometheus and its like: a family for each figure, with the labels model and
 *  version; times in seconds; intervals as families ..._low and ..._high; your own figures as kedge_extra with the label name.
 *  Numbers read back as the same double, but for times; what is not known is NaN, or left out where it is a counter.
 *  @param cards n of them, may be shared  @param n how many  @param buf as for kedge_scorecard_text()  @param cap likewise
 *  @param len
 *  likewise  @retval KEDGE_ERR_SHAPE two cards have the same model and version  @retval others as kedge_scorecard_text()
 *  @complexity O(n figures + n^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_scorecard_openmetrics(const kedge_scorecard *cards, size_t n, char *buf, size_t cap,
                                                                   size_t *len);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
