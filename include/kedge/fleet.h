/* SPDX-License-Identifier: MIT */
/** @file fleet.h
 *  A fleet is a detector for each of many streams (sensors, models, customers), all of one kind: one buffer, one call for a tick
 *  that brings a value of each, one byte for each that says whether it has drifted. For a fleet of e-detectors the false discovery
 *  rate over the fleet is controlled, too, whatever the dependence between the streams.
 *
 *  @code
 *  #include <kedge/fleet.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_FLEET_PAGE_HINKLEY_BYTES_FOR(100, 2) / 8];
 *      kedge_fleet_page_hinkley_config cfg = kedge_fleet_page_hinkley_defaults(100);
 *      kedge_fleet f;
 *      kedge_fleet_news news;
 *      double x[100];
 *      unsigned char signals[100];
 *      int tick, i, right = 0, wrong = 0;
 *      cfg.each.threshold = 20.0;
 *      if (kedge_fleet_init(&f, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (tick = 0; tick < 1100; tick++) {
 *          for (i = 0; i < 100; i++)
 *              x[i] = i == 42 && tick >= 1000 ? 1.0 : 0.1;   // sensor 42 changes
 *          if (kedge_fleet_update(&f, x, 100, signals, &news) < 0) return 1;
 *          for (i = 0; i < 100; i++)
 *              if (signals[i] == KEDGE_DRIFT) {
 *                  right += i == 42;
 *                  wrong += i != 42;
 *              }
 *      }
 *      return right == 1 && wrong == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_FLEET_H
#define KEDGE_FLEET_H

#include "base.h"
#include "class.h"
#include "detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup fleet Fleets
 *  Many streams, one detector for each.
 *
 *  Every stream is on its own: it has the alarms, estimates and restarts that a detector of the same configuration would have, to
 *  the last bit, where a class does not say otherwise.
 *  Input: numbers as the detector takes them; NaN means that a stream has no observation in this tick, and leaves it as it was.
 *  Infinity and numbers out of the class's range are refused with the whole tick: an error has changed nothing of it.
 *  @{ */

typedef struct kedge_fleet_class kedge_fleet_class;

/** First member of every fleet's configuration. */
typedef struct kedge_fleet_config {
    const kedge_fleet_class *cls; /**< the algorithm; set by kedge_fleet_..._config_init() */
    uint32_t config_bytes;        /**< size of the caller's whole configuration struct; set likewise */
    uint32_t n_streams;           /**< how many, at least 1; the whole state stays below 2^32 bytes; default 1 */
} kedge_fleet_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_fleet {
    const kedge_fleet_class *cls; /**< the algorithm */
    void *state;                  /**< the state in the caller's memory */
} kedge_fleet;

/** What a call has fed, and what came of it. */
typedef struct kedge_fleet_news {
    uint64_t n_ticks;    /**< ticks that were applied, also on error */
    uint64_t n_observed; /**< values in them */
    uint64_t n_missing;  /**< NaN in them */
    uint64_t n_warnings; /**< signals #KEDGE_WARNING */
    uint64_t n_drifts;   /**< signals #KEDGE_DRIFT */
    uint64_t refused;    /**< index in x of the first value that was refused; without an error the length of x */
} kedge_fleet_news;

/** A fleet's algorithm; const, shared by all its objects. A host can bring its own. */
struct kedge_fleet_class {
    kedge_class base;  /**< sizing, init, snapshots; noun #KEDGE_NOUN_FLEET */
    double input_low;  /**< least observation allowed */
    double input_high; /**< greatest observation allowed */
    /** How many streams. */
    uint32_t (*n_streams)(const void *state);
    /** Feed n_ticks times n_streams valid values, NaN for none; write one signal for each; add to the news'
     *  n_observed, n_missing, n_warnings and n_drifts. */
    void (*update)(void *state, const double *x, size_t n_ticks, uint8_t *signals, kedge_fleet_news *news);
    /** Fill in the present view of one stream; KEDGE_EMPTY where width is 0. */
    kedge_status (*estimate)(const void *state, uint32_t i_stream, kedge_estimate *out);
    /** Fill in the last alarm of one stream; KEDGE_EMPTY where there was none. */
    kedge_status (*alarm)(const void *state, uint32_t i_stream, kedge_alarm *out);
    /** One stream as just after init. */
    void (*reset_one)(void *state, uint32_t i_stream);
    /** Natural logarithm of the e-value of one stream, see kedge_fleet_log_evidence(); NULL: the class has none. */
    double (*log_evidence)(const void *state, uint32_t i_stream, uint64_t horizon);
};

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_fleet_size(const kedge_fleet_config *cfg);

/** Lay the fleet out in the caller's memory, whatever that held before.
 *  @param f handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the fleet,
 *  aligned to #KEDGE_ALIGN; it is quickest if aligned to 64  @param mem_bytes its size, at least kedge_fleet_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_init(kedge_fleet *f, const kedge_fleet_config *cfg, void *mem, size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param f handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_open(kedge_fleet *f, const kedge_fleet_class *cls, void *mem, size_t mem_bytes);

/** Verify all invariants of a state. @param f handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_check(const kedge_fleet *f);

/** How many streams. @param f handle, may be shared @return how many; 0: no handle @since 0.1 */
KEDGE_API uint32_t kedge_fleet_streams(const kedge_fleet *f);

/** Feed one tick: one value of each stream.
 *  @param f handle, used by this thread only; for several cores make several fleets  @param x n values, NaN for "none in this tick"
 *  @param n how many, as many as the fleet has streams
 *  @param signals n bytes: KEDGE_OK, KEDGE_WARNING or KEDGE_DRIFT for each stream; untouched on error
 *  @param news what was fed and what came of it; may be NULL
 *  @retval KEDGE_OK all streams are stable  @retval KEDGE_WARNING some warn  @retval KEDGE_DRIFT some have drifted; each of them
 *  has started afresh, and kedge_fleet_pick() lists them  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE n is
 *  not the number of streams
 *  @retval KEDGE_ERR_NOT_FINITE x[news->refused] is infinite; nothing changed
 *  @retval KEDGE_ERR_RANGE x[news->refused] is not a number that this class takes; nothing changed
 *  @complexity n updates of the class  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_update(kedge_fleet *f, const double *x, size_t n, uint8_t *signals,
                                                          kedge_fleet_news *news);

/** Feed several ticks, never stopping. Gives the same bytes as single ticks, and is quicker for fleets beyond the cache: each part
 *  of the fleet is fetched once for all ticks.
 *  @param f handle, used by this thread only  @param x n_ticks rows of one value for each stream; may be NULL if n_ticks is 0
 *  @param n_ticks how many  @param signals one byte for each value of x; only those of the ticks that were applied are written
 *  @param news what was fed and what came of it, also on error: then the tick of x[news->refused] is the first that was not
 *  applied; may be NULL
 *  @retval KEDGE_OK all applied, no signal  @retval KEDGE_WARNING all applied, some warned  @retval KEDGE_DRIFT all applied, some
 *  drifted
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE n_ticks rows do not fit any memory
 *  @retval KEDGE_ERR_NOT_FINITE infinity  @retval KEDGE_ERR_RANGE as in kedge_fleet_update()
 *  @complexity n_ticks times that of kedge_fleet_update()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_update_many(kedge_fleet *f, const double *x, size_t n_ticks, uint8_t *signals,
                                                               kedge_fleet_news *news);

/** The streams that have a signal.
 *  @param signals n signals of one tick  @param n how many  @param signal which, for example KEDGE_DRIFT
 *  @param streams indices that have it, ascending; may be NULL if cap is 0  @param cap room for so many
 *  @param n_picked how many streams have it, also if that is more than cap
 *  @retval KEDGE_OK all are in streams  @retval KEDGE_MORE there are more than cap  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(n), quicker where the signal is rare  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_pick(const uint8_t *signals, size_t n, uint8_t signal, uint32_t *streams,
                                                        size_t cap, size_t *n_picked);

/** What the detector of one stream sees now.
 *  @param f handle, may be shared  @param i_stream which, from 0  @param out the view
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but no observation counts yet: mean, variance and statistic are NaN
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE there is no such stream  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_estimate(const kedge_fleet *f, uint32_t i_stream, kedge_estimate *out);

/** What the last alarm of one stream saw. Indices count the observations of that stream, without those that were missing.
 *  @param f handle, may be shared  @param i_stream which, from 0  @param out the alarm
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY there was no alarm yet; out is all zero  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE there is no such stream  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_alarm(const kedge_fleet *f, uint32_t i_stream, kedge_alarm *out);

/** Make the state the same bytes as just after init. @param f handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_reset(kedge_fleet *f);

/** One stream as just after init: another sensor, or a model that was replaced.
 *  @param f handle  @param i_stream which, from 0  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_SHAPE there is no such stream  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_reset_one(kedge_fleet *f, uint32_t i_stream);

/** Write a portable snapshot, see kedge_detector_save().
 *  @param f handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written, or
 *  needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed
 *  @retval KEDGE_ERR_UNSUPPORTED it would not stay below 2^32 bytes  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_save(const kedge_fleet *f, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the fleet in a snapshot needs. @param cls the class  @param buf a snapshot  @param len its length
 *  @param bytes what kedge_fleet_load() needs  @return as kedge_fleet_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_load_size(const kedge_fleet_class *cls, const void *buf, size_t len,
                                                             size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param f handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS another class or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_load(kedge_fleet *f, const kedge_fleet_class *cls, void *mem, size_t mem_bytes,
                                                        const void *buf, size_t len);

/** All built-in fleet classes, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_fleet_class *const *kedge_fleet_classes(void);

/* False discoveries ------------------------------------------------------------------------------------------------------------ */

/** Natural logarithms of e-values: how much each stream's observations since its restart speak against "the mean has stayed within
 *  the bounds since the restart", as kedge_e_bh() takes them. Only for fleets of e-detectors.
 *
 *  What holds without a change in a stream: horizon 0: at a time that does not depend on the data (each tick, every midnight) the
 *  expectation of its e-value is at most 1. A horizon: it is at most 1 at any time, chosen by looking at all streams if you like,
 *  and streams that have more observations than that have the e-value 0; the price is that evidence is divided by the horizon from
 *  the start. Source: Shin, Ramdas, Rinaldo 2024, "E-detectors", NEJSDS 2, definition 2.3 (an e-detector grows like its number of
 *  observations, so that by itself it is no e-value).
 *  @param f handle, may be shared  @param horizon 0: for a fixed time; else observations since a restart within which any time will
 *  do
 *  @param log_e n numbers; 0 for a stream that has no observations  @param n how many, as many as the fleet has streams
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE n is not the number of streams
 *  @retval KEDGE_ERR_UNSUPPORTED this class has no e-values  @complexity O(n bets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_log_evidence(const kedge_fleet *f, uint64_t horizon, double *log_e, size_t n);

/** Which streams of a fleet have changed, at a false discovery rate: e-BH on the e-values of kedge_fleet_log_evidence(), which
 *  tells when they hold. Of the streams that are listed the share that has not changed is alpha at most, in expectation, however
 *  the streams depend on each other. Changes nothing: restart what was found by kedge_fleet_reset_one(). Set keep_evidence in the
 *  configuration, or a stream's own alarm wipes its evidence out.
 *  @param f handle, may be shared  @param alpha false discovery rate, above 0 to 1  @param horizon see kedge_fleet_log_evidence()
 *  @param work as many words as the fleet has streams, whatever they hold
 *  @param discovered as many bytes: 1 has changed, 0 not  @param n_discovered how many have changed
 *  @retval KEDGE_OK none  @retval KEDGE_DRIFT some  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG alpha is out
 *  of range
 *  @retval KEDGE_ERR_UNSUPPORTED this class has no e-values  @complexity O(n bets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fleet_discover(const kedge_fleet *f, double alpha, uint64_t horizon, uint32_t *work,
                                                            uint8_t *discovered, size_t *n_discovered);

/** e-BH: of n hypotheses reject the k with the greatest e-values, for the largest k whose k-th greatest is at least n / (alpha k).
 *  Wang, Ramdas 2022, "False discovery rate control with e-values", JRSS B 84, section 3. The false discovery rate is alpha at most
 *  for e-values that depend on each other in any way; an e-value is at least 0, and 1 at most in expectation where its hypothesis
 *  is true.
 *  @param log_e natural logarithms of n e-values; minus infinity for 0, not NaN  @param n how many, below 2^32; 0: none is rejected
 *  @param alpha false discovery rate, above 0 to 1  @param work n words, whatever they hold  @param discovered n bytes: 1 rejected,
 *  0 not
 *  @param n_discovered how many are rejected
 *  @retval KEDGE_OK none  @retval KEDGE_DRIFT some  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG alpha is out
 *  of range
 *  @retval KEDGE_ERR_SHAPE n is too large  @retval KEDGE_ERR_NOT_FINITE NaN among the numbers; nothing is written
 *  @complexity O(n), without sorting  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_e_bh(const double *log_e, size_t n, double alpha, uint32_t *work, uint8_t *discovered,
                                                  size_t *n_discovered);

/* CUSUM -------------------------------------------------------------------------------------------------------------------- */

/** CUSUM for a fleet. Signals and read-outs are those of #kedge_cusum. Cost: O(1) a stream. */
typedef struct kedge_fleet_cusum_config {
    kedge_fleet_config base; /**< set by kedge_fleet_cusum_config_init() */
    kedge_cusum_config each; /**< the detector that each stream gets; defaults and ranges are there */
} kedge_fleet_cusum_config;

/** Bytes of the fleet: streams come in blocks of 64; sides is 2 for KEDGE_DIRECTION_BOTH, else 1. */
#define KEDGE_FLEET_CUSUM_BYTES_FOR(n_streams, sides) \
    (128u + ((n_streams) + 63u) / 64u * 64u * (24u + 24u * (sides)) + 64u * (n_streams))

extern KEDGE_API const kedge_fleet_class kedge_fleet_cusum; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fleet_cusum_config_init(kedge_fleet_cusum_config *cfg, size_t cfg_bytes);

/** The default configuration. @param n_streams how many streams @return it @since 0.1 */
static inline kedge_fleet_cusum_config kedge_fleet_cusum_defaults(uint32_t n_streams)
{
    kedge_fleet_cusum_config cfg;
    if (kedge_fleet_cusum_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    cfg.base.n_streams = n_streams;
    return cfg;
}

/* DDM ---------------------------------------------------------------------------------------------------------------------- */

/** DDM for a fleet. Signals and read-outs are those of #kedge_ddm. Cost: O(1) a stream. */
typedef struct kedge_fleet_ddm_config {
    kedge_fleet_config base; /**< set by kedge_fleet_ddm_config_init() */
    kedge_ddm_config each; /**< the detector that each stream gets; defaults and ranges are there */
} kedge_fleet_ddm_config;

/** Bytes of the fleet: streams come in blocks of 64. */
#define KEDGE_FLEET_DDM_BYTES_FOR(n_streams) \
    (128u + ((n_streams) + 63u) / 64u * 64u * 64u + 64u * (n_streams))

extern KEDGE_API const kedge_fleet_class kedge_fleet_ddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fleet_ddm_config_init(kedge_fleet_ddm_config *cfg, size_t cfg_bytes);

/** The default configuration. @param n_streams how many streams @return it @since 0.1 */
static inline kedge_fleet_ddm_config kedge_fleet_ddm_defaults(uint32_t n_streams)
{
    kedge_fleet_ddm_config cfg;
    if (kedge_fleet_ddm_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    cfg.base.n_streams = n_streams;
    return cfg;
}

/* E-detector --------------------------------------------------------------------------------------------------------------- */

/** E-detectors for a fleet, each told that the mean of its stream stays within [low, high]. Signals, e-values and statistics are
 *  those of #kedge_e_detector; when a change began is told by Page's sum of the distances from the bound instead of the newest
 *  observations. each.told is #KEDGE_E_BOUND, by default, and nothing else: without bounds a stream needs some kilobytes. Cost:
 *  O(bets) a stream. */
typedef struct kedge_fleet_e_detector_config {
    kedge_fleet_config base; /**< set by kedge_fleet_e_detector_config_init() */
    uint32_t keep_evidence;  /**< 0 (default): a stream whose evidence reaches each.arl alarms, and starts afresh; 1: for
                              *   kedge_fleet_discover(): no stream alarms by itself, evidence grows until the stream is reset */
    uint32_t reserved;       /**< 0 */
    kedge_e_detector_config each; /**< the detector that each stream gets; defaults and ranges are there */
} kedge_fleet_e_detector_config;

/** Bytes of the fleet: streams come in blocks of 64; sides is 2 for KEDGE_DIRECTION_BOTH where low is above 0
 *  and high below 1, else 1; bets as in the configuration. */
#define KEDGE_FLEET_E_DETECTOR_BYTES_FOR(n_streams, sides, bets) \
    (384u + ((n_streams) + 63u) / 64u * 64u * (16u + (sides) * (24u + 8u * (bets))) + 64u * (n_streams))

extern KEDGE_API const kedge_fleet_class kedge_fleet_e_detector; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fleet_e_detector_config_init(kedge_fleet_e_detector_config *cfg, size_t cfg_bytes);

/** The default configuration. @param n_streams how many streams @return it @since 0.1 */
static inline kedge_fleet_e_detector_config kedge_fleet_e_detector_defaults(uint32_t n_streams)
{
    kedge_fleet_e_detector_config cfg;
    if (kedge_fleet_e_detector_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    cfg.base.n_streams = n_streams;
    return cfg;
}

/* EWMA chart --------------------------------------------------------------------------------------------------------------- */

/** EWMA charts for a fleet. Signals and read-outs are those of #kedge_ewma_chart. Cost: O(1) a stream. */
typedef struct kedge_fleet_ewma_chart_config {
    kedge_fleet_config base; /**< set by kedge_fleet_ewma_chart_config_init() */
    kedge_ewma_chart_config each; /**< the detector that each stream gets; defaults and ranges are there */
} kedge_fleet_ewma_chart_config;

/** Bytes of the fleet: streams come in blocks of 64. */
#define KEDGE_FLEET_EWMA_CHART_BYTES_FOR(n_streams) \
    (128u + ((n_streams) + 63u) / 64u * 64u * 56u + 64u * (n_streams))

extern KEDGE_API const kedge_fleet_class kedge_fleet_ewma_chart; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fleet_ewma_chart_config_init(kedge_fleet_ewma_chart_config *cfg, size_t cfg_bytes);

/** The default configuration. @param n_streams how many streams @return it @since 0.1 */
static inline kedge_fleet_ewma_chart_config kedge_fleet_ewma_chart_defaults(uint32_t n_streams)
{
    kedge_fleet_ewma_chart_config cfg;
    if (kedge_fleet_ewma_chart_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    cfg.base.n_streams = n_streams;
    return cfg;
}

/* Page-Hinkley ----------------------------------------------------------------------------------------------------------------- */

/** Page-Hinkley for a fleet. Signals and read-outs are those of #kedge_page_hinkley. Cost: O(1) a stream. */
typedef struct kedge_fleet_page_hinkley_config {
    kedge_fleet_config base;        /**< set by kedge_fleet_page_hinkley_config_init() */
    kedge_page_hinkley_config each; /**< the detector that each stream gets; defaults and ranges are there */
} kedge_fleet_page_hinkley_config;

/** Bytes of the fleet: streams come in blocks of 64; sides is 2 for KEDGE_DIRECTION_BOTH, else 1. */
#define KEDGE_FLEET_PAGE_HINKLEY_BYTES_FOR(n_streams, sides) \
    (128u + ((n_streams) + 63u) / 64u * 64u * (24u + 32u * (sides)) + 64u * (n_streams))

extern KEDGE_API const kedge_fleet_class kedge_fleet_page_hinkley; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fleet_page_hinkley_config_init(kedge_fleet_page_hinkley_config *cfg, size_t cfg_bytes);

/** The default configuration. @param n_streams how many streams @return it @since 0.1 */
static inline kedge_fleet_page_hinkley_config kedge_fleet_page_hinkley_defaults(uint32_t n_streams)
{
    kedge_fleet_page_hinkley_config cfg;
    if (kedge_fleet_page_hinkley_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    cfg.base.n_streams = n_streams;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
