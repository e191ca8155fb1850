/* SPDX-License-Identifier: MIT */
/** @file triggers.h
 *  Triggers: when to train again, and why. A list of reasons (on demand, by schedule, after so many rows, a figure beyond its
 *  limit, a detector's signal), each with patience and hysteresis; one cool-down, budget and back-off over all of them.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/controls/triggers.h>
 *  int main(void)
 *  {
 *      kedge_trigger when[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
 *      kedge_triggers_config cfg = kedge_triggers_defaults(when, 2);
 *      kedge_triggers_call call;
 *      kedge_control triggers;
 *      size_t bytes;
 *      void *mem;
 *      when[0].kind = KEDGE_TRIGGER_SIGNAL; // the detector of source 0 signals drift
 *      when[0].priority = 1;
 *      when[1].kind = KEDGE_TRIGGER_FLOOR; // the accuracy, source 1, is below 0.8 in five reports in a row
 *      when[1].source = 1;
 *      when[1].patience = 5;
 *      when[1].limit = 0.8;
 *      when[1].release = 0.85;
 *      bytes = kedge_control_size(&cfg.base);
 *      mem = malloc(bytes);
 *      if (kedge_control_init(&triggers, &cfg.base, mem, bytes) < 0) return 1;
 *      if (kedge_triggers_signal(&triggers, 1000, 0, KEDGE_DRIFT) < 0) return 1;
 *      if (kedge_triggers_start(&triggers, 2000, &call) != KEDGE_OK || call.trigger != 0) return 1;
 *      // train; then tell what became of it
 *      if (kedge_triggers_end(&triggers, 3000, KEDGE_OUTCOME_PROMOTED) < 0) return 1;
 *      free(mem);
 *      return 0;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROLS_TRIGGERS_H
#define KEDGE_CONTROLS_TRIGGERS_H

#include "../control.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup control
 *  @{ */

#define KEDGE_TRIGGERS_MAX 16u /**< most triggers of a list */

/** Reasons to train. */
enum {
    KEDGE_TRIGGER_DEMAND = 1,   /**< kedge_triggers_demand() was called */
    KEDGE_TRIGGER_SCHEDULE = 2, /**< the time is a multiple of `every` nanoseconds, plus `offset_ns`; one that is missed is made
                                 *   up for once */
    KEDGE_TRIGGER_ROWS = 3,     /**< `every` labelled rows have come since the last training began */
    KEDGE_TRIGGER_AGE = 4,      /**< `every` nanoseconds have passed since the last training began, or since the first call */
    KEDGE_TRIGGER_FLOOR = 5,    /**< a figure is below `limit` */
    KEDGE_TRIGGER_CEILING = 6,  /**< a figure is above `limit` */
    KEDGE_TRIGGER_SIGNAL = 7    /**< a detector's status is #KEDGE_DRIFT, or at least #KEDGE_WARNING if `limit` is 1 */
};

/** One reason to train. Set every member; #KEDGE_TRIGGER_INIT has the defaults of all. */
typedef struct kedge_trigger {
    uint32_t kind;       /**< KEDGE_TRIGGER_..., default #KEDGE_TRIGGER_DEMAND */
    uint32_t source;     /**< floor, ceiling, signal: number of the figure or detector, the caller's own, default 0; several
                          *   triggers may watch one */
    uint32_t priority;   /**< of several that call the highest gives the reason; of equal ones the first in the list. Default 0 */
    uint32_t patience;   /**< floor, ceiling, signal: so many reports in a row must be beyond the limit, 1 to 2^20, default 1 */
    double limit;        /**< floor, ceiling: any finite number; signal: #KEDGE_WARNING or #KEDGE_DRIFT, as a number; default 2
                          *   (drift) */
    double release;      /**< floor, ceiling: once a model was promoted for it, it calls again only when the figure has been back
                          *   at this, at least limit (floor), at most (ceiling), default 2 */
    uint64_t every;      /**< schedule, age: nanoseconds; rows: rows; 1 to 2^62, default 1 */
    uint64_t offset_ns;  /**< schedule: below `every`, default 0 */
    uint64_t least_rows; /**< labelled rows since the last training began that it wants, default 0 */
    uint64_t delay_rows; /**< labelled rows that it waits for after its call, for example to see the new concept, default 0 */
    uint64_t again_rows; /**< floor, ceiling: though not released it may call again so many rows after the promotion; signal: it
                          *   calls again so many rows after a training that it called for has ended without a promotion; 0:
                          *   neither; default 0 */
} kedge_trigger;

/** The defaults of a trigger, as an initialiser. */
#define KEDGE_TRIGGER_INIT {KEDGE_TRIGGER_DEMAND, 0, 0, 1, 2.0, 2.0, 1, 0, 0, 0, 0}

/** What became of a training. */
enum {
    KEDGE_OUTCOME_PROMOTED = 1,    /**< its model serves */
    KEDGE_OUTCOME_REFUSED = 2,     /**< the gate refused it */
    KEDGE_OUTCOME_FAILED = 3,      /**< the training failed */
    KEDGE_OUTCOME_ROLLED_BACK = 4  /**< its model served, and had to go */
};

/** Why a call waits: bits of kedge_triggers_call::held. */
enum {
    KEDGE_HELD_BUSY = 1,   /**< a training is under way */
    KEDGE_HELD_ROWS = 2,   /**< too few labelled rows: least_rows, delay_rows */
    KEDGE_HELD_COOL = 4,   /**< cool-down after the last training, longer after those that failed */
    KEDGE_HELD_BUDGET = 8  /**< the budget of trainings is spent */
};

/** Configuration. Cost: O(triggers) to tell something and to ask. Memory: 200 bytes, 176 a trigger, 8 a training of the budget. */
typedef struct kedge_triggers_config {
    kedge_control_config base;      /**< set by kedge_triggers_config_init() */
    const kedge_trigger *triggers;  /**< the list; read by size and init only */
    uint32_t n_triggers;            /**< 1 to #KEDGE_TRIGGERS_MAX */
    uint32_t budget;                /**< most trainings that begin within budget_ns, 0 to 4096, default 0: no limit */
    uint64_t budget_ns;             /**< see there, 1 to 2^62, default a day */
    uint64_t cool_ns;               /**< nanoseconds from the end of a training to the next one's begin, 0 to 2^62, default 0 */
    uint64_t cool_rows;             /**< labelled rows likewise, default 0 */
    double backoff;                 /**< after k trainings in a row that gave no model to serve, cool-downs are backoff^k times as
                                     *   long, but no longer than backoff_max times, 1 to 100, default 2. Without a cool-down
                                     *   there is nothing to lengthen */
    double backoff_max;             /**< see there, 1 to 1e6, default 64 */
} kedge_triggers_config;

/** A call for a training, with its reason; to be recorded with the model. */
typedef struct kedge_triggers_call {
    uint32_t trigger;     /**< which of the list; UINT32_MAX: none calls */
    uint32_t kind;        /**< its kind */
    uint32_t source;      /**< its source */
    uint32_t held;        /**< KEDGE_HELD_...: why it waits; 0: it does not */
    uint32_t n_calling;   /**< triggers that call */
    int32_t code;         /**< demand: what the caller said; signal: the status */
    double value;         /**< floor, ceiling: the figure; signal: the status; rows: rows; schedule: the time in ns; age: ns */
    double limit;         /**< its limit, or every */
    uint64_t since_ns;    /**< when it began to call */
    uint64_t since_row;   /**< labelled rows until then */
    uint64_t new_rows;    /**< labelled rows since the last training began */
} kedge_triggers_call;

/** Figures of one trigger. */
typedef struct kedge_trigger_report {
    uint64_t n_calls;    /**< times that it began to call */
    uint64_t n_started;  /**< trainings of which it was the reason */
    uint32_t is_calling; /**< 1: it calls now */
    uint32_t is_armed;   /**< 0: it has called and was not released yet */
    uint32_t n_beyond;   /**< last reports in a row beyond the limit, at most patience */
    uint32_t reserved;   /**< 0 */
} kedge_trigger_report;

/** Figures of all. */
typedef struct kedge_triggers_report {
    uint64_t n_rows;        /**< labelled rows so far */
    uint64_t n_started;     /**< trainings that began */
    uint64_t n_promoted;    /**< that ended so */
    uint64_t n_refused;     /**< likewise */
    uint64_t n_failed;      /**< likewise */
    uint64_t n_rolled_back; /**< likewise */
    uint64_t started_ns;    /**< when the last one began, 0: none */
    uint64_t cool_until_ns; /**< when the cool-down is over, 0: there is none */
    uint32_t in_vain;       /**< trainings in a row that gave no model to serve */
    uint32_t is_busy;       /**< 1: one is under way */
} kedge_triggers_report;

extern KEDGE_API const kedge_control_class kedge_triggers; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param triggers the list @param n_triggers how many
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_triggers_config_init(kedge_triggers_config *cfg, size_t cfg_bytes, const kedge_trigger *triggers,
                                                  uint32_t n_triggers);

/** The default configuration.  @param triggers the list, to live until init; may be filled after this call  @param n_triggers how
 *  many
 *  @return it @since 0.1 */
static inline kedge_triggers_config kedge_triggers_defaults(const kedge_trigger *triggers, uint32_t n_triggers)
{
    kedge_triggers_config cfg;
    if (kedge_triggers_config_init(&cfg, sizeof cfg, triggers, n_triggers) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Labelled rows have come, or time has passed.
 *  @param c triggers, used by this thread only  @param now_ns the caller's clock, nanoseconds, at most 2^62; must not go back
 *  @param n how many rows, maybe 0
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE the
 *  time goes back or exceeds 2^62, or there are more than 2^62 rows; nothing changed  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_rows(kedge_control *c, uint64_t now_ns, uint64_t n);

/** A figure was measured: accuracy, loss, a label-free estimate, a latency's quantile, the age of the queue ...
 *  @param c triggers, used by this thread only  @param now_ns as above  @param source which figure  @param value it; NaN: not
 *  known, which neither fulfils nor breaks anything
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no trigger watches this source  @retval KEDGE_ERR_NOT_FINITE infinite
 *  @retval others as above  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_figure(kedge_control *c, uint64_t now_ns, uint32_t source, double value);

/** A detector was updated, or a test made.
 *  @param c triggers, used by this thread only  @param now_ns as above  @param source which detector  @param status what it
 *  returned: #KEDGE_OK, #KEDGE_WARNING or #KEDGE_DRIFT
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no trigger watches this source  @retval KEDGE_ERR_RANGE another status, or time
 *  @retval others as above  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_signal(kedge_control *c, uint64_t now_ns, uint32_t source,
                                                             kedge_status status);

/** Somebody wants a training.
 *  @param c triggers, used by this thread only  @param now_ns as above  @param code who or why, the caller's number
 *  @retval KEDGE_OK asked  @retval KEDGE_ERR_UNSUPPORTED no trigger is of kind #KEDGE_TRIGGER_DEMAND  @retval others as above
 *  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_demand(kedge_control *c, uint64_t now_ns, int32_t code);

/** Is a training due, and why, or why not yet?
 *  @param c triggers, may be shared  @param now_ns as above, changes nothing  @param out the call; of one that waits too, with
 *  `held`
 *  @retval KEDGE_OK one is due  @retval KEDGE_EMPTY none is  @retval others as above  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_due(const kedge_control *c, uint64_t now_ns, kedge_triggers_call *out);

/** Begin the training that is due, if one is: it answers all triggers that call.
 *  @param c triggers, used by this thread only  @param now_ns as above  @param out the call that it answers
 *  @return as kedge_triggers_due()  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_start(kedge_control *c, uint64_t now_ns, kedge_triggers_call *out);

/** The training has ended. A floor or ceiling whose training gave no model to serve may call again, after its patience and the
 *  cool-down; one whose model serves when it was released. A call of theirs is withdrawn if it was released before a training
 *  began.
 *  @param c triggers, used by this thread only  @param now_ns as above  @param outcome KEDGE_OUTCOME_...;
 *  #KEDGE_OUTCOME_ROLLED_BACK also after an end with #KEDGE_OUTCOME_PROMOTED, when nothing is under way
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE none is under way  @retval KEDGE_ERR_RANGE unknown outcome, or time  @retval
 *  others as above
 *  @complexity O(triggers)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_end(kedge_control *c, uint64_t now_ns, uint32_t outcome);

/** Figures of all.  @param c triggers, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a
 *  pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_read(const kedge_control *c, kedge_triggers_report *out);

/** Figures of one. @param c triggers, may be shared  @param i which of the list  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE there is no such
 *  trigger
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_triggers_read_one(const kedge_control *c, uint32_t i, kedge_trigger_report *out);

/** Name of a kind for people, for example "schedule"; never NULL, static text.  @param kind KEDGE_TRIGGER_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_trigger_string(uint32_t kind);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
