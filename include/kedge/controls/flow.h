/* SPDX-License-Identifier: MIT */
/** @file flow.h
 *  A flow: the steps of a retraining as a small graph, from preparing the data to promoting the model. The host does the work;
 *  the flow tells which step is ready, retries with growing pauses, skips what would give the same again, and goes on after a
 *  crash where it was.
 *
 *  **Effects that must not happen twice** (promote, send, pay) are steps with `is_once`. The host's way with them:
 *  kedge_flow_next(), kedge_flow_intend(), *save the snapshot*, do it, kedge_flow_done(), save. After a crash load the last
 *  snapshot and call kedge_flow_resume(): a step that was intended is now unsure, for the effect may have happened. Ask your own
 *  store by the key (run, step), which you write together with the effect, and tell kedge_flow_settle(). Who can ask gets each
 *  effect exactly once; who cannot answers "it happened" and gets it at most once. A snapshot older than the last one knows less:
 *  a host that restarts from such must ask its store before each such effect, not only when the flow is unsure.
 *
 *  @code
 *  #include <kedge/controls/flow.h>
 *  int main(void)
 *  {
 *      const kedge_flow_step init = KEDGE_FLOW_STEP_INIT;
 *      union { double align; unsigned char bytes[KEDGE_FLOW_BYTES_FOR(2u)]; } mem;
 *      kedge_flow_step steps[2] = {init, init};
 *      kedge_flow_config cfg = kedge_flow_defaults(steps, 2);
 *      kedge_control flow;
 *      kedge_flow_job job;
 *      steps[0].name[0] = 't'; // train
 *      steps[0].max_retries = 3;
 *      steps[1].name[0] = 'p'; // promote
 *      steps[1].needs = 1u << 0;
 *      steps[1].is_once = 1;
 *      if (kedge_control_init(&flow, &cfg.base, &mem, sizeof mem) < 0 || kedge_flow_begin(&flow, 1000, 1) < 0) return 1;
 *      while (kedge_flow_next(&flow, 2000, &job) == KEDGE_OK) {
 *          if (job.is_once && kedge_flow_intend(&flow, 2000, &job) < 0) return 1; // and save the flow
 *          // work, then tell what came of it
 *          if (kedge_flow_done(&flow, 3000, &job, NULL, 0) < 0) return 1;
 *      }
 *      return job.kind == KEDGE_FLOW_DONE ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROLS_FLOW_H
#define KEDGE_CONTROLS_FLOW_H

#include "../audit.h"
#include "../control.h"
#include "events.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup control
 *  @{ */

#define KEDGE_FLOW_STEPS_MAX 32u  /**< most steps of a flow */
#define KEDGE_FLOW_NAME_BYTES 16u /**< room for a step's name, ending zero included */

/** One step. Set every member; #KEDGE_FLOW_STEP_INIT has the defaults of all but the name. */
typedef struct kedge_flow_step {
    char name[KEDGE_FLOW_NAME_BYTES]; /**< 1 to 15 bytes and a zero, best UTF-8, no two alike; what stands behind the zero does
                                       *   not count */
    uint32_t needs;                   /**< bit i: needs step i, which must stand before it in the list; default 0 */
    uint32_t max_retries;             /**< after a failure it is tried again so many times, 0 to 1000, default 0 */
    uint64_t retry_ns;                /**< pause before the first retry; doubles with each further one; 0 to 2^62, default 0 */
    uint64_t timeout_ns;              /**< an attempt that takes so long has failed, 0 to 2^62, default 0: it may take any time */
    uint32_t is_once;                 /**< 1: it has an effect that must not happen twice, see on top; default 0 */
    uint32_t always_runs;             /**< 1: is never skipped, default 0 */
    unsigned char config_digest[KEDGE_HASH_BYTES]; /**< content hash of the step's own settings or code, any bytes, default 0 */
} kedge_flow_step;

/** The defaults of a step, as an initialiser. */
#define KEDGE_FLOW_STEP_INIT {{0}, 0, 0, 0, 0, 0, 0, {0}}

/** Where a step stands. */
enum {
    KEDGE_STEP_IDLE = 0,     /**< there was no run yet */
    KEDGE_STEP_WAITING = 1,  /**< for the steps that it needs, or for its next attempt */
    KEDGE_STEP_RUNNING = 2,  /**< the host works at it */
    KEDGE_STEP_UNSURE = 3,   /**< its effect may have happened: kedge_flow_settle() */
    KEDGE_STEP_DONE = 4,     /**< well ended */
    KEDGE_STEP_SKIPPED = 5,  /**< nothing has changed since it was done last: that output stands */
    KEDGE_STEP_FAILED = 6,   /**< and has no retries left */
    KEDGE_STEP_CANCELLED = 7 /**< a step that it needs has failed, or kedge_flow_cancel() */
};

/** What kedge_flow_next() says, and where a run stands. */
enum {
    KEDGE_FLOW_IDLE = 0,     /**< there was no run yet */
    KEDGE_FLOW_STEP = 1,     /**< run this step */
    KEDGE_FLOW_WAIT = 2,     /**< nothing is ready: steps run, or pause before a retry */
    KEDGE_FLOW_UNSURE = 3,   /**< nothing is ready, and a step is unsure: kedge_flow_settle() */
    KEDGE_FLOW_DONE = 4,     /**< the run is over: all steps are done or skipped */
    KEDGE_FLOW_FAILED = 5,   /**< the run is over: a step has failed */
    KEDGE_FLOW_CANCELLED = 6 /**< the run is over: kedge_flow_cancel() */
};

/** Configuration. Cost: O(steps) a call, and some hashing in kedge_flow_next(). Memory: 112 bytes and 328 a step. */
typedef struct kedge_flow_config {
    kedge_control_config base;    /**< set by kedge_flow_config_init() */
    const kedge_flow_step *steps; /**< the list; read by size and init only */
    uint32_t n_steps;             /**< 1 to #KEDGE_FLOW_STEPS_MAX */
    uint32_t reserved;            /**< 0 */
} kedge_flow_config;

/** A step to run, or why there is none. (run, step) is the key of a once-effect: the same whatever happens in between. */
typedef struct kedge_flow_job {
    uint64_t run;      /**< number of the run, 0: there was none */
    uint64_t attempt;  /**< step: which attempt in this run, from 1 */
    uint64_t until_ns; /**< step: when its time is over; wait, unsure: ask again then, if nothing is told before; UINT64_MAX:
                        *   never */
    uint32_t kind;     /**< KEDGE_FLOW_... */
    uint32_t step;     /**< step, unsure: which; else UINT32_MAX */
    uint32_t is_once;  /**< 1: kedge_flow_intend() before the effect */
    uint32_t reserved; /**< 0 */
} kedge_flow_job;

/** Figures of one step, of the latest run unless it says otherwise. */
typedef struct kedge_flow_step_report {
    char name[KEDGE_FLOW_NAME_BYTES];       /**< its name, filled with zeros */
    uint32_t state;                         /**< KEDGE_STEP_... */
    uint32_t needs;                         /**< as in kedge_flow_step */
    uint64_t attempt;                       /**< attempts, those that a crash ended included */
    uint32_t n_failed;                      /**< attempts that failed */
    uint32_t n_timeouts;                    /**< of these, those that took too long */
    int32_t code;                           /**< what the last failure said; #KEDGE_ERR_BUSY: it took too long */
    uint32_t has_output;                    /**< 1: it was done in some run; output and artifact are of the last such */
    uint64_t retry_at_ns;                   /**< waiting: not before then */
    uint64_t first_ns;                      /**< when its first attempt began, 0: none has */
    uint64_t started_ns;                    /**< when its last attempt began, 0: none has */
    uint64_t ended_ns;                      /**< when it came to an end, 0: it has not */
    uint64_t artifact;                      /**< id or version that kedge_flow_done() was told */
    uint64_t n_done;                        /**< over all runs: times that it was done */
    uint64_t n_skipped;                     /**< over all runs: times that it was skipped */
    unsigned char output[KEDGE_HASH_BYTES]; /**< digest of its output */
    unsigned char key[KEDGE_HASH_BYTES];    /**< digest of all that this output came from: settings, input, outputs of its needs */
} kedge_flow_step_report;

/** Figures of the latest run, and of all. Sets have bit i for step i. */
typedef struct kedge_flow_report {
    uint64_t run;         /**< its number, 0: none yet */
    uint64_t began_ns;    /**< when it began */
    uint64_t ended_ns;    /**< when it ended, 0: it has not */
    uint64_t critical_ns; /**< time of the longest chain of steps that need each other, pauses before retries included: no number
                           *   of threads would have been faster */
    uint64_t n_runs;      /**< runs that began */
    uint64_t n_done;      /**< that ended so */
    uint64_t n_failed;    /**< likewise */
    uint64_t n_cancelled; /**< likewise */
    uint32_t state;       /**< KEDGE_FLOW_WAIT while it is under way (with KEDGE_FLOW_UNSURE if a step is), else how it ended */
    uint32_t n_steps;     /**< steps of the flow */
    uint32_t critical;    /**< set: the steps of that chain */
    uint32_t waiting;     /**< set */
    uint32_t running;     /**< set */
    uint32_t unsure;      /**< set */
    uint32_t done;        /**< set: done or skipped */
    uint32_t skipped;     /**< set */
    uint32_t failed;      /**< set */
    uint32_t cancelled;   /**< set */
} kedge_flow_report;

/** Bytes of a flow. @param n_steps as in kedge_flow_config */
#define KEDGE_FLOW_BYTES_FOR(n_steps) (112u + 328u * (n_steps))

extern KEDGE_API const kedge_control_class kedge_flow; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param steps the list @param n_steps how many
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_flow_config_init(kedge_flow_config *cfg, size_t cfg_bytes, const kedge_flow_step *steps,
                                              uint32_t n_steps);

/** The default configuration. @param steps the list, to live until init; may be filled after this call @param n_steps how many
 *  @return it @since 0.1 */
static inline kedge_flow_config kedge_flow_defaults(const kedge_flow_step *steps, uint32_t n_steps)
{
    kedge_flow_config cfg;
    if (kedge_flow_config_init(&cfg, sizeof cfg, steps, n_steps) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Which step has this name? @param c a flow, may be shared  @param name ends with a zero  @param step its number
 *  @retval KEDGE_OK found  @retval KEDGE_ERR_UNKNOWN there is none  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @complexity O(steps)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_find(const kedge_control *c, const char *name, uint32_t *step);

/** Content hash of what a step reads from outside of the flow: data, code, environment. Stays until it is told again; zeros to
 *  begin with.
 *  @param c a flow, used by this thread only  @param step which  @param digest it; any hash, for example of kedge_sha256()
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control
 *  @retval KEDGE_ERR_RANGE there is no such step  @retval KEDGE_ERR_BUSY it runs, or is unsure  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_set_input(kedge_control *c, uint32_t step,
                                                            const unsigned char digest[KEDGE_HASH_BYTES]);

/** Content hash of a step's settings, in place of the configuration's: for a new program that goes on with an old one's snapshot.
 *  @param c a flow, used by this thread only  @param step which  @param digest it  @return as kedge_flow_set_input()
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_set_config(kedge_control *c, uint32_t step,
                                                             const unsigned char digest[KEDGE_HASH_BYTES]);

/** A step's last output is not to stand for its next one, so that it is not skipped: its artifact was lost, say.
 *  @param c a flow, used by this thread only  @param step which  @return as kedge_flow_set_input()
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_forget(kedge_control *c, uint32_t step);

/** Begin a run.
 *  @param c a flow, used by this thread only  @param now_ns the caller's clock, nanoseconds, at most 2^62; one that went back
 *  stands still
 *  @param run its number, of the caller's choice: 1 to 2^62, above that of the run before, for with the step it is the key of an
 *  effect
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_STATE a
 *  run is under way  @retval KEDGE_ERR_RANGE the time or the number  @complexity O(steps)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_begin(kedge_control *c, uint64_t now_ns, uint64_t run);

/** What to do next. Ends attempts whose time is over, skips what has not changed, and hands out the first step of the list that
 *  is ready; it counts as running from now on. May be called again while steps run: others may be ready too.
 *  @param c a flow, used by this thread only  @param now_ns as above  @param job the step, or why there is none
 *  @retval KEDGE_OK job->kind is #KEDGE_FLOW_STEP: run it  @retval KEDGE_EMPTY nothing to run now: see job->kind
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE the time
 *  @complexity O(steps^2), and hashing of each ready step's inputs  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_next(kedge_control *c, uint64_t now_ns, kedge_flow_job *job);

/** The effect of a once-step is about to be made: save the flow behind this call, then make it. Twice does no harm.
 *  @param c a flow, used by this thread only  @param now_ns as above  @param job as handed out
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNSUPPORTED the step is not once  @retval KEDGE_ERR_STATE this attempt is over: do
 *  not make the effect  @retval KEDGE_ERR_RANGE the time, or the job has no step  @retval others as kedge_flow_next()
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_intend(kedge_control *c, uint64_t now_ns, const kedge_flow_job *job);

/** A step has ended well. A once-step must have been intended; one that is unsure may still be told.
 *  @param c a flow, used by this thread only  @param now_ns as above  @param job as handed out
 *  @param output content hash of what it made, 32 bytes; NULL: taken as never seen before, so that what needs it runs
 *  @param artifact id or version of what it made, the caller's number
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE this attempt is over, or a once-step was not intended; nothing changed
 *  @retval others as kedge_flow_intend()  @complexity O(steps)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_done(kedge_control *c, uint64_t now_ns, const kedge_flow_job *job,
                                                       const unsigned char *output, uint64_t artifact);

/** A step has failed: it is tried again after its pause, or it and all that need it are given up, while others go on. A once-step
 *  that was intended becomes unsure instead, for half an effect is one.
 *  @param c a flow, used by this thread only  @param now_ns as above  @param job as handed out  @param code why, the caller's
 *  number
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE this attempt is over; nothing changed  @retval others as kedge_flow_intend()
 *  @complexity O(steps)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_failed(kedge_control *c, uint64_t now_ns, const kedge_flow_job *job,
                                                         int32_t code);

/** The flow was loaded by a new process: nobody works any more at the steps that ran. They are ready again, with no retry spent;
 *  those intended are unsure.
 *  @param c a flow, used by this thread only  @param now_ns as above
 *  @retval KEDGE_OK done, also if there is no run  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another control
 *  @retval KEDGE_ERR_RANGE the time  @complexity O(steps)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_resume(kedge_control *c, uint64_t now_ns);

/** What became of an effect that is unsure.
 *  @param c a flow, used by this thread only  @param now_ns as above  @param step which, of kedge_flow_job::step or
 *  kedge_flow_report::unsure
 *  @param happened 1: the caller's store knows it, or nobody can say; 0: it certainly did not, and the step is ready again if a
 *  retry is left
 *  @param output happened: as in kedge_flow_done()  @param artifact likewise
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE the step is not unsure  @retval KEDGE_ERR_RANGE the time, no such step, or
 *  happened is neither 0 nor 1  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another control  @complexity O(steps)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_settle(kedge_control *c, uint64_t now_ns, uint32_t step, uint32_t happened,
                                                        const unsigned char *output, uint64_t artifact);

/** Give the run up: what has not ended is cancelled, what was intended is unsure and has to be settled before the run is over.
 *  @param c a flow, used by this thread only  @param now_ns as above
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE none is under way  @retval others as kedge_flow_resume()  @complexity O(steps)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_cancel(kedge_control *c, uint64_t now_ns);

/** Figures of the latest run and of all. @param c a flow, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(steps^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_read(const kedge_control *c, kedge_flow_report *out);

/** Figures of one step. @param c a flow, may be shared  @param step which  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE there is no such step
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_read_step(const kedge_control *c, uint32_t step, kedge_flow_step_report *out);

/** The event #KEDGE_EVENT_STEP of a step that has come to an end, for kedge_events_put(): subject: step, code: of the failure,
 *  version: artifact, value: nanoseconds from its first attempt to its end, limit: its timeout.
 *  @param c a flow, may be shared  @param step which  @param out the event  @retval KEDGE_OK filled  @retval KEDGE_EMPTY it has not
 *  ended; nothing filled  @retval others as kedge_flow_read_step()  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_event(const kedge_control *c, uint32_t step, kedge_event *out);

/** The graph for people: a line for the run and one for each step, indented by how far it is from the beginning, for example
 *  "  train <- prepare: done, 2 attempts, 1.5e+09 ns".
 *  @param c a flow, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len characters,
 *  without the ending zero  @retval KEDGE_OK written  @retval KEDGE_ERR_BUFFER cap is not more than *len; nothing written
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(steps^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_flow_text(const kedge_control *c, char *buf, size_t cap, size_t *len);

/** Name of where a step stands, for example "skipped"; never NULL, static text.  @param state KEDGE_STEP_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_step_string(uint32_t state);

/** Name of where a run stands, for example "under way"; never NULL, static text.  @param kind KEDGE_FLOW_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_flow_string(uint32_t kind);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
