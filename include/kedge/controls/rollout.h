/* SPDX-License-Identifier: MIT */
/** @file rollout.h
 *  Rollout: how a new model (the challenger) comes into service in place of the one that serves (the champion): stage by stage,
 *  from development over test and pre-production to production, in the shadow of the champion, then with a growing share of the
 *  traffic. In each stage a sequential test on a guard metric compares the two, and takes the challenger back as soon as it is
 *  surely worse, also where it was good for long before; where somebody must approve, the rollout waits for that.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/controls/rollout.h>
 *  int main(void)
 *  {
 *      kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
 *      kedge_rollout_config cfg = kedge_rollout_defaults(stages, 2);
 *      kedge_rollout_action action = {0};
 *      kedge_rollout_route route;
 *      kedge_control rollout;
 *      size_t bytes;
 *      uint64_t id;
 *      void *mem;
 *      stages[0].kind = KEDGE_STAGE_CANARY; // a tenth of the traffic until it is surely not worse by more than 0.1
 *      stages[0].share = 0.1;
 *      stages[0].tolerance = 0.1;
 *      stages[1].kind = KEDGE_STAGE_PRODUCTION;
 *      bytes = kedge_control_size(&cfg.base);
 *      mem = malloc(bytes);
 *      if (kedge_control_init(&rollout, &cfg.base, mem, bytes) < 0) return 1;
 *      if (kedge_rollout_begin(&rollout, 0, 7, NULL) < 0) return 1; // version 7 is the challenger
 *      for (id = 0; action.kind != KEDGE_ROLLOUT_PROMOTE && id < 100000; id++) {
 *          if (kedge_rollout_pick(&rollout, id, &route) < 0) return 1;
 *          // the model that was picked serves this row; later its loss is known: 1 wrong, 0 right
 *          if (kedge_rollout_record(&rollout, id, route.is_challenger, id % 10 < (route.is_challenger ? 1 : 2)) < 0) return 1;
 *          if (kedge_rollout_step(&rollout, id, &action) < 0) return 1;
 *      }
 *      free(mem);
 *      return action.kind == KEDGE_ROLLOUT_PROMOTE && action.version == 7 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROLS_ROLLOUT_H
#define KEDGE_CONTROLS_ROLLOUT_H

#include "../audit.h"
#include "../control.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup control
 *  @{ */

#define KEDGE_STAGES_MAX 12u /**< most stages of a rollout */

/** Kinds of stages. Only from #KEDGE_STAGE_SHADOW on does the traffic meet the challenger. */
enum {
    KEDGE_STAGE_DEVELOPMENT = 1,    /**< it exists; what is asked of it there is the host's verdict */
    KEDGE_STAGE_TEST = 2,           /**< integration tests: the host's verdict, or losses of both models on test rows */
    KEDGE_STAGE_PREPRODUCTION = 3,  /**< likewise, in surroundings like those of production */
    KEDGE_STAGE_SHADOW = 4,         /**< the champion serves; the challenger answers beside it, unseen, and both losses are
                                     *   recorded */
    KEDGE_STAGE_CANARY = 5,         /**< the challenger serves a share of the traffic, the same ids as long as the stage lasts */
    KEDGE_STAGE_PRODUCTION = 6      /**< it serves everything (the old and the new one change places at once: blue/green); the old
                                     *   one stays until the stage is passed, ready to serve again */
};

/** What becomes of a stage that has seen `most_rows` and is not decided. */
enum {
    KEDGE_UNDECIDED_PASSES = 1,    /**< it passes if the challenger's mean loss is within the tolerance so far */
    KEDGE_UNDECIDED_ROLLS_BACK = 2 /**< the challenger is taken back */
};

/** One stage. Set every member; #KEDGE_STAGE_INIT has the defaults of all. */
typedef struct kedge_stage {
    uint32_t kind;           /**< KEDGE_STAGE_..., default #KEDGE_STAGE_PRODUCTION */
    uint32_t needs_approval; /**< 1: it is entered only with the host's approval; default 0 */
    uint32_t needs_verdict;  /**< 1: it is passed only after kedge_rollout_judge(); default 0 */
    uint32_t both_answer;    /**< canary, production: 1: the model that does not serve answers too, unseen, which compares them on
                              *   the same rows and so decides sooner; default 0. In the shadow both do anyway */
    uint32_t undecided;      /**< KEDGE_UNDECIDED_..., default #KEDGE_UNDECIDED_PASSES */
    uint32_t reserved;       /**< 0 */
    double share;            /**< canary: of the ids, in (0, 1], default 0.05 */
    double tolerance;        /**< by how much its mean loss may be greater than the champion's, -loss_max to loss_max, default
                              *   0.01: surely more, in the whole stage or from any row of it on, is taken back; surely less in
                              *   the stage passes */
    double loss_limit;       /**< surely more than this mean loss of its own, likewise, is taken back, whatever the champion's, 0
                              *   to 1e100, default 1e100: no limit */
    uint64_t least_rows;     /**< records that a stage must see before it can be passed, 0 to 2^62, default 100 */
    uint64_t most_rows;      /**< after so many it is decided as `undecided` says, least_rows to 2^62, default 10,000 */
    uint64_t least_ns;       /**< time that it must last, 0 to 2^62 nanoseconds, default 0 */
} kedge_stage;

/** The defaults of a stage, as an initialiser. */
#define KEDGE_STAGE_INIT {KEDGE_STAGE_PRODUCTION, 0, 0, 0, KEDGE_UNDECIDED_PASSES, 0, 0.05, 0.01, 1e100, 100, 10000, 0}

/** Configuration. Cost: O(1) for everything but ask and approve, which hash. Memory: 592 bytes and 96 a stage. */
typedef struct kedge_rollout_config {
    kedge_control_config base;  /**< set by kedge_rollout_config_init() */
    const kedge_stage *stages;  /**< in the order in which they are passed; the last is production, and no other one is; read by
                                 *   size and init only */
    uint32_t n_stages;          /**< 1 to #KEDGE_STAGES_MAX */
    uint32_t reserved;          /**< 0 */
    uint64_t seed;              /**< of the choice of ids that a canary serves, any, default 1 */
    double loss_max;            /**< greatest loss, in (0, 1e100], default 1: of wrong and right */
    double confidence;          /**< of each stage's tests, at all times together: the probability that a challenger that is never
                                 *   beyond the tolerance is taken back, or one that always is passes before most_rows, is at most
                                 *   1 - confidence each; (0, 1), default 0.95. What the guard compares, and how soon it is sure:
                                 *   docs/algorithms.md */
} kedge_rollout_config;

/** What the host has to do next. */
enum {
    KEDGE_ROLLOUT_NONE = 0,      /**< nothing: wait for records, time, a verdict or an approval */
    KEDGE_ROLLOUT_ASK = 1,       /**< the next stage needs an approval: see kedge_rollout_ask() */
    KEDGE_ROLLOUT_ENTER = 2,     /**< a stage has begun */
    KEDGE_ROLLOUT_PROMOTE = 3,   /**< production has begun: the challenger serves, the old champion stays at hand */
    KEDGE_ROLLOUT_FINISH = 4,    /**< production is passed: the challenger is the champion, the old one may go */
    KEDGE_ROLLOUT_ROLL_BACK = 5  /**< the challenger goes, the champion serves everything again */
};

/** Why a challenger was taken back, or a stage was passed. */
enum {
    KEDGE_ROLLOUT_WORSE = 1,     /**< taken back: surely worse than the champion by more than the tolerance, in the stage or since
                                  *   some row of it */
    KEDGE_ROLLOUT_LIMIT = 2,     /**< taken back: surely beyond loss_limit, likewise */
    KEDGE_ROLLOUT_VERDICT = 3,   /**< taken back: the host's verdict */
    KEDGE_ROLLOUT_UNDECIDED = 4, /**< taken back, or passed, undecided after most_rows */
    KEDGE_ROLLOUT_SURE = 5,      /**< passed: surely within the tolerance */
    KEDGE_ROLLOUT_FREE = 6,      /**< passed: no loss was recorded and least_rows is 0 */
    KEDGE_ROLLOUT_STOPPED = 7    /**< taken back: kedge_rollout_stop(); also by a pipeline, for a model of the world as it has
                                  * become
                                  *   meanwhile */
};

/** Something to do, told once. */
typedef struct kedge_rollout_action {
    uint32_t kind;       /**< KEDGE_ROLLOUT_NONE ... */
    uint32_t stage;      /**< which of the list: entered, asked for, passed or broken off */
    uint32_t stage_kind; /**< its kind */
    uint32_t why;        /**< KEDGE_ROLLOUT_WORSE ...; 0 where nothing was decided */
    int32_t code;        /**< the host's, from kedge_rollout_judge() and kedge_rollout_stop() */
    uint32_t rows;       /**< taken back as worse, by the guard: on so many of the newest comparisons, as far as can be told; else
                          *   0 */
    uint64_t version;    /**< the challenger's */
    double difference;   /**< of the mean losses in the stage as they were, challenger minus champion; with `rows`: on those, in
                          *   production without both_answer beyond the upper end of what is known of the champion; NaN: not
                          *   known */
    double low;          /**< interval of the stage's, which holds at all times at once; with `rows`: the tolerance, which it was
                          *   surely beyond; NaN: not known */
    double high;         /**< likewise; with `rows`: NaN */
} kedge_rollout_action;

/** Who answers a row. */
typedef struct kedge_rollout_route {
    uint32_t is_challenger; /**< 1: the challenger serves it */
    uint32_t both_answer;   /**< 1: let the other one answer too, unseen, and record the losses of both */
} kedge_rollout_route;

/** An approval that is asked for. */
typedef struct kedge_rollout_request {
    uint64_t version;   /**< of the challenger */
    uint64_t asked_ns;  /**< since when */
    uint32_t stage;     /**< to be entered */
    uint32_t stage_kind; /**< its kind */
    unsigned char token[KEDGE_HASH_BYTES]; /**< give it to kedge_rollout_approve(): it is bound to this version, digest, stage and
                                            *   time, so that an approval of one model lets no other pass */
} kedge_rollout_request;

/** Where a rollout stands. */
typedef struct kedge_rollout_report {
    uint64_t version;         /**< of the challenger, 0: none is under way */
    uint64_t begun_ns;        /**< when its rollout began */
    uint64_t entered_ns;      /**< when its stage began, or was asked for */
    uint64_t n_pairs;         /**< rows of this stage with the losses of both */
    uint64_t n_champion;      /**< rows with the loss of the champion, those included; in production those of the stage before
                               *   too */
    uint64_t n_challenger;    /**< rows with the loss of the challenger, pairs included */
    double loss_champion;     /**< mean; NaN if there is none */
    double loss_challenger;   /**< likewise */
    double low;               /**< interval of the difference, challenger minus champion, holding at all times at once; NaN: not
                               *   known */
    double high;              /**< likewise */
    uint64_t n_begun;         /**< rollouts so far */
    uint64_t n_finished;      /**< that came to their end */
    uint64_t n_rolled_back;   /**< that were taken back */
    uint64_t approver;        /**< who gave the last approval, the host's number; 0: none yet */
    uint32_t stage;           /**< which of the list */
    uint32_t stage_kind;      /**< its kind, 0: none is under way */
    uint32_t is_asking;       /**< 1: it waits for an approval to enter the stage */
    uint32_t is_judged;       /**< 1: the host's verdict on this stage was good */
    uint32_t is_serving;      /**< 1: production has begun */
    uint32_t reserved;        /**< 0 */
} kedge_rollout_report;

extern KEDGE_API const kedge_control_class kedge_rollout; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param stages the list @param n_stages how many
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_rollout_config_init(kedge_rollout_config *cfg, size_t cfg_bytes, const kedge_stage *stages,
                                                 uint32_t n_stages);

/** The default configuration. @param stages the list, to live until init; may be filled after this call @param n_stages how many
 *  @return it @since 0.1 */
static inline kedge_rollout_config kedge_rollout_defaults(const kedge_stage *stages, uint32_t n_stages)
{
    kedge_rollout_config cfg;
    if (kedge_rollout_config_init(&cfg, sizeof cfg, stages, n_stages) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Begin the rollout of a challenger. The first action of kedge_rollout_step() tells of its first stage.
 *  @param c a rollout, used by this thread only  @param now_ns the caller's clock, nanoseconds, at most 2^62; must not go back
 *  @param version of the challenger, not 0  @param digest #KEDGE_HASH_BYTES bytes: the hash of the model's snapshot, to which
 *  approvals are bound; NULL: zeros
 *  @retval KEDGE_OK begun  @retval KEDGE_ERR_STATE one is under way  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS
 *  another control
 *  @retval KEDGE_ERR_RANGE version 0, or the time; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_begin(kedge_control *c, uint64_t now_ns, uint64_t version,
                                                           const unsigned char *digest);

/** Who answers a row. The same id gets the same answer as long as a stage lasts, and whoever was served by the challenger at a
 *  smaller share is so at a greater one.
 *  @param c a rollout, may be shared  @param id of the row, or of whoever must not see two models in turn  @param out who
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_pick(const kedge_control *c, uint64_t id, kedge_rollout_route *out);

/** The loss of a row that one model answered. Where no stage is under way it has no effect, so that late labels do no harm; while
 *  an approval is asked for, the stage before goes on, and a challenger that is surely worse is still taken back.
 *  @param c a rollout, used by this thread only  @param now_ns as above  @param is_challenger 1: it was the challenger's answer
 *  @param loss 0 to loss_max
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no stage is under way  @retval KEDGE_ERR_RANGE loss or time out of range
 *  @retval KEDGE_ERR_NOT_FINITE loss is NaN or infinite  @retval others as above; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_record(kedge_control *c, uint64_t now_ns, uint32_t is_challenger, double loss);

/** The losses of a row that both models answered.
 *  @param c a rollout, used by this thread only  @param now_ns as above  @param champion its loss  @param challenger its loss
 *  @return as kedge_rollout_record()  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_record_pair(kedge_control *c, uint64_t now_ns, double champion,
                                                                 double challenger);

/** The host's own verdict on the stage that is under way.
 *  @param c a rollout, used by this thread only  @param now_ns as above  @param is_good 0: the challenger is taken back at the
 *  next step
 *  @param code why, the host's number
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE no stage is under way  @retval others as above  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_judge(kedge_control *c, uint64_t now_ns, int32_t is_good, int32_t code);

/** Take the challenger back at the next step, in whatever stage, also while it waits.
 *  @param c a rollout, used by this thread only  @param now_ns as above  @param code why, the host's number
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE none is under way  @retval others as above  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_stop(kedge_control *c, uint64_t now_ns, int32_t code);

/** The approval that is asked for.  @param c a rollout, may be shared  @param out it  @retval KEDGE_OK one is  @retval
 *  KEDGE_EMPTY none is
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_ask(const kedge_control *c, kedge_rollout_request *out);

/** Approve what is asked for.
 *  @param c a rollout, used by this thread only  @param now_ns as above  @param token #KEDGE_HASH_BYTES bytes, as
 *  kedge_rollout_ask() gave them
 *  @param approver who, the host's number; whether he may is the host's to know
 *  @retval KEDGE_OK approved: the next step enters the stage  @retval KEDGE_ERR_STATE nothing is asked for  @retval
 *  KEDGE_ERR_UNKNOWN the token is of another version, model, stage or time  @retval others as above  @complexity O(1)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_approve(kedge_control *c, uint64_t now_ns, const unsigned char *token,
                                                             uint64_t approver);

/** What there is to do: at most one thing a call, so call it until it is #KEDGE_ROLLOUT_NONE.
 *  @param c a rollout, used by this thread only  @param now_ns as above  @param out what to do
 *  @retval KEDGE_OK done, maybe nothing is to do  @retval KEDGE_ERR_NULL a pointer is NULL  @retval others as above  @complexity
 *  O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_step(kedge_control *c, uint64_t now_ns, kedge_rollout_action *out);

/** Where it stands.  @param c a rollout, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a
 *  pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rollout_read(const kedge_control *c, kedge_rollout_report *out);

/** Name of a kind of stage for people, for example "canary"; never NULL, static text. @param kind KEDGE_STAGE_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_stage_string(uint32_t kind);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
