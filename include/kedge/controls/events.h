/* SPDX-License-Identifier: MIT */
/** @file events.h
 *  Events: what happened to a model in service, newest last, in a ring in the caller's memory. Whoever wants to know keeps the
 *  number of the next event to read, and so any number of readers poll one ring, each at its own pace; what a slow one missed it
 *  is told.
 *
 *  @code
 *  #include <kedge/controls/events.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_EVENTS_BYTES_FOR(16u)]; } mem;
 *      kedge_events_config cfg = kedge_events_defaults();
 *      kedge_event drift = {0}, seen;
 *      kedge_control events;
 *      uint64_t next = 0;
 *      cfg.n_events = 16;
 *      if (kedge_control_init(&events, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      drift.kind = KEDGE_EVENT_DRIFT;
 *      drift.at_ns = 5000;
 *      if (kedge_events_put(&events, &drift) < 0) return 1;
 *      while (kedge_events_get(&events, &next, &seen) == KEDGE_OK) // at leisure, maybe in a loop of its own
 *          if (seen.kind != KEDGE_EVENT_DRIFT || seen.at_ns != 5000) return 1;
 *      return next == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROLS_EVENTS_H
#define KEDGE_CONTROLS_EVENTS_H

#include "../audit.h"
#include "../control.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup control
 *  @{ */

/** Kinds of events. Those from #KEDGE_EVENT_OWN up mean what the caller wants. */
enum {
    KEDGE_EVENT_WARNING = 1,      /**< a detector warns; code: its status */
    KEDGE_EVENT_DRIFT = 2,        /**< a detector signals drift; code: its status */
    KEDGE_EVENT_SKEW = 3,         /**< rows break the schema: they are kept from the model; subject: column, code: what is wrong */
    KEDGE_EVENT_SHIFT = 4,        /**< values are distributed otherwise than in the reference; subject: column, value: statistic */
    KEDGE_EVENT_TRIGGER = 5,      /**< a training was called for; subject: source of the trigger, code: its kind, value beyond
                                   *   limit */
    KEDGE_EVENT_TRAINING = 6,     /**< a training has begun; value: rows */
    KEDGE_EVENT_TRAINED = 7,      /**< there is a new model; value: its error on held-back rows, limit: the champion's */
    KEDGE_EVENT_FAILED = 8,       /**< a training has failed; code: why */
    KEDGE_EVENT_PASSED = 9,       /**< the gate lets the model through; value and limit as of #KEDGE_EVENT_TRAINED */
    KEDGE_EVENT_REFUSED = 10,     /**< it does not, likewise; code #KEDGE_ERR_STATE: the very model was refused or taken back
                                   *   before, #KEDGE_MORE: its verdict was still open */
    KEDGE_EVENT_STAGE = 11,       /**< the model has entered a stage of its rollout; code: its kind, value: how much worse it was
                                   *   in the stage before, limit: the upper end of that */
    KEDGE_EVENT_ASKED = 12,       /**< the rollout waits for an approval; code: kind of the stage */
    KEDGE_EVENT_APPROVED = 13,    /**< the host gave it; code: kind of the stage, value: who */
    KEDGE_EVENT_PROMOTED = 14,    /**< the model serves */
    KEDGE_EVENT_ROLLED_BACK = 15, /**< the challenger was taken back; code: why (KEDGE_ROLLOUT_WORSE ...), value: how much worse
                                   *   it was, limit: the lower end of that */
    KEDGE_EVENT_RECALLED = 16,    /**< an earlier model fits again and was taken as a challenger; value and limit as of
                                   *   #KEDGE_EVENT_TRAINED */
    KEDGE_EVENT_EVICTED = 17,     /**< the store has dropped a version */
    KEDGE_EVENT_TESTED = 18,      /**< tests have failed: the host's verdict on a stage of the rollout, by kedge_rollout_judge();
                                   *   subject: which stage, code: why, the host's */
    KEDGE_EVENT_STEP = 19,        /**< a step of a flow has ended; subject: step, code: its status */
    KEDGE_EVENT_LOST = 20,        /**< in an audit log only: events were overwritten before they reached it; value: how many,
                                   *   pipeline: that of the event behind them */
    KEDGE_EVENT_FINISHED = 21,    /**< the model's rollout has ended well; code: why, value and limit as of #KEDGE_EVENT_STAGE */
    KEDGE_EVENT_TRIAL = 22,       /**< the gate wants more rows: the model is compared on each whose label comes; value and limit
                                   *   as of #KEDGE_EVENT_TRAINED */
    KEDGE_EVENT_CHECK = 23,       /**< a check of kedge_pipeline_judge() has failed; subject: which (KEDGE_BATTERY_... or
                                   *   KEDGE_GATE_...), code: why (KEDGE_WHY_...), value: its figure, limit: what was asked */
    KEDGE_EVENT_UNKEPT = 24,      /**< the store keeps a version without its model, which can neither be recalled nor exported then:
                                   *   value: bytes of its artifact, limit: the store's room for all of them; NaN: the training had
                                   *   too little work memory to make one */
    KEDGE_EVENT_RETURNED = 25,    /**< the model serves again, since the one that had taken its place was taken back */
    KEDGE_EVENT_OWN = 256         /**< the first kind of the caller's own */
};

/** Something that happened. What a kind does not need is 0. */
typedef struct kedge_event {
    uint32_t kind;    /**< KEDGE_EVENT_..., not 0 */
    uint32_t subject; /**< of what in the pipeline: see the kind */
    int32_t code;     /**< a status, or a number that the kind explains */
    uint32_t pipeline; /**< of which pipeline or segment, the caller's number (kedge_pipeline_config::number): several may write
                        *   into one ring */
    uint64_t number;  /**< counts the events of a ring from 0; set by kedge_events_put() */
    uint64_t at_ns;   /**< when, as the caller's clock says; need not rise */
    uint64_t version; /**< of which model, 0: none */
    double value;     /**< what was measured, any number, NaN and infinity too */
    double limit;     /**< what it was held against, likewise */
} kedge_event;

/** Configuration. Cost: O(1) to put and to get. Memory: 48 bytes an event. */
typedef struct kedge_events_config {
    kedge_control_config base; /**< set by kedge_events_config_init() */
    uint32_t n_events;         /**< newest events that are kept, 1 to 2^20, default 64 */
    uint32_t reserved;         /**< 0 */
} kedge_events_config;

/** Figures of a ring. */
typedef struct kedge_events_report {
    uint64_t n;        /**< events so far: the number of the next one */
    uint64_t first;    /**< number of the oldest that is kept; n if there is none */
    uint64_t last_ns;  /**< time of the newest, 0 if there is none */
    uint32_t n_kept;   /**< how many are kept */
    uint32_t reserved; /**< 0 */
} kedge_events_report;

/** Bytes of a ring. @param n_events as in kedge_events_config */
#define KEDGE_EVENTS_BYTES_FOR(n_events) (72u + 32u * (n_events) + 4u * (((n_events) + 1u) / 2u * 2u) * 4u)
#define KEDGE_EVENTS_BYTES KEDGE_EVENTS_BYTES_FOR(64u) /**< bytes of a ring with the defaults */
#define KEDGE_EVENT_BYTES 56u /**< payload of an event in an audit log */
#define KEDGE_EVENT_TEXT_BYTES 256u /**< room for kedge_event_text() */

extern KEDGE_API const kedge_control_class kedge_events; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_events_config_init(kedge_events_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_events_config kedge_events_defaults(void)
{
    kedge_events_config cfg;
    if (kedge_events_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Put an event into the ring; the oldest makes room.
 *  @param c a ring, used by this thread only  @param event what happened; its number is set by the ring
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control
 *  @retval KEDGE_ERR_RANGE kind is 0, or there are 2^62 events  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_events_put(kedge_control *c, const kedge_event *event);

/** The next event of a reader.
 *  @param c a ring, may be shared  @param next number of the event to read, 0 to begin with; afterwards the one behind it. If
 *  that event is overwritten already, reading goes on with the oldest that is kept: out->number minus what next was is what was
 *  missed
 *  @param out the event
 *  @retval KEDGE_OK there is one  @retval KEDGE_EMPTY there is none yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE next is beyond the next event: it is of another ring
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_events_get(const kedge_control *c, uint64_t *next, kedge_event *out);

/** What a host does with an event. @param user as given to kedge_events_each()  @param event it
 *  @return 0: go on, other: stop behind this one */
typedef int (*kedge_event_call)(void *user, const kedge_event *event);

/** Call the host for each event that a reader has not seen.
 *  @param c a ring, may be shared  @param next as in kedge_events_get()  @param call the host's function, which must not put events
 *  @param user handed on to it, may be NULL  @return as kedge_events_get(), #KEDGE_OK if the host stopped, else #KEDGE_EMPTY
 *  @complexity O(events)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_events_each(const kedge_control *c, uint64_t *next, kedge_event_call call, void *user);

/** Append each event that is not there yet to an audit log, as a record of kind #KEDGE_AUDIT_EVENT; what was overwritten before it
 *  came there as one event #KEDGE_EVENT_LOST.
 *  @param c a ring, may be shared  @param next as in kedge_events_get(): of the log  @param audit the log
 *  @retval KEDGE_OK all are there  @retval KEDGE_ERR_BUFFER the segment is full; next stands at the first that is not there: rotate
 *  and call again  @retval others as kedge_events_get() and kedge_audit_append()  @complexity O(events)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_events_audit(const kedge_control *c, uint64_t *next, kedge_audit *audit);

/** An event from its record in an audit log. @param record a record  @param out the event  @return as kedge_audit_read_decision()
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_read_event(const kedge_audit_record *record, kedge_event *out);

/** Who served then, by the audit log: for times that a store has forgotten. A log has all promotions and returns of a pipeline
 *  whose events go there by kedge_events_audit() before they are overwritten.
 *  @param log a segment, which need not be intact: verify it first  @param n its length  @param pipeline whose
 *  (kedge_event::pipeline)
 *  @param when_ns a time  @param id the version, 0: none served; as long as the result is #KEDGE_EMPTY untouched, so that segments
 *  can be asked in their order
 *  @retval KEDGE_OK a version began to serve in this segment by then: it, unless a later segment says otherwise
 *  @retval KEDGE_EMPTY none did  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT this is no segment, or a
 *  record is cut short; what stands before it counts  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_served_at(const void *log, size_t n, uint32_t pipeline, uint64_t when_ns,
                                                             uint64_t *id);

/** Figures of a ring.  @param c a ring, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a
 *  pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_events_read(const kedge_control *c, kedge_events_report *out);

/** An event as a line for people, without an end of line, for example "1045 ns: trained, version 7: error 0.12, champion's 0.1".
 *  @param event it  @param buf where to; may be NULL if cap is 0  @param cap its size; #KEDGE_EVENT_TEXT_BYTES are always enough
 *  @param len characters, without the ending zero  @retval KEDGE_OK written  @retval KEDGE_ERR_BUFFER cap is not more than *len;
 *  nothing written  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_event_text(const kedge_event *event, char *buf, size_t cap, size_t *len);

/** Name of a kind for people, for example "rolled back"; never NULL, static text. @param kind KEDGE_EVENT_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_event_string(uint32_t kind);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
