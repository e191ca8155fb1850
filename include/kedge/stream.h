/* SPDX-License-Identifier: MIT */
/** @file stream.h
 *  Streams that drift on purpose, for tests of detectors and models: numbers (Bernoulli, normal, uniform, heavy-tailed,
 *  autocorrelated) and the field's classic labelled rows (SEA, STAGGER, AGRAWAL, LED, sine, rotating hyperplane, moving centroids),
 *  each with sudden, gradual, incremental or recurring change, or with blips, and with the truth of where the changes are. Same
 *  seed, same stream.
 *
 *  @code
 *  #include <kedge/stream.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_SERIES_BYTES]; } mem;
 *      kedge_series_config cfg = kedge_series_defaults();
 *      kedge_stream s;
 *      double y[300];
 *      unsigned char changed[300];
 *      cfg.base.at = 200;   // errors at a rate of 0.2, from index 200 on of 0.5
 *      if (kedge_stream_init(&s, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_stream_next(&s, NULL, y, changed, 300) < 0) return 1;
 *      return changed[199] == 0 && changed[200] == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_STREAM_H
#define KEDGE_STREAM_H

#include "base.h"
#include "class.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup stream Streams
 *  Drift on purpose, with the truth.
 *  @{ */

/** How a stream goes from its old concept to its new one. Indices count observations from 0 since init or reset. */
enum {
    KEDGE_CHANGE_NONE = 1,        /**< it does not */
    KEDGE_CHANGE_SUDDEN = 2,      /**< at index `at`, for good */
    KEDGE_CHANGE_GRADUAL = 3,     /**< over `width` observations from `at` on each one is of the new concept with a rising
                                   *   probability */
    KEDGE_CHANGE_INCREMENTAL = 4, /**< over `width` observations from `at` on the concept itself moves, evenly */
    KEDGE_CHANGE_RECURRING = 5,   /**< at `at` to the new one, `period` later back to the old one, and so on */
    KEDGE_CHANGE_BLIP = 6         /**< at `at`, and every `period` from there, `width` observations of the new one: noise that is no
                                   *   change */
};

typedef struct kedge_stream_class kedge_stream_class;

/** First member of every stream's configuration. */
typedef struct kedge_stream_config {
    const kedge_stream_class *cls; /**< the generator; set by kedge_..._config_init() */
    uint32_t config_bytes;         /**< size of the caller's whole configuration struct; set likewise */
    uint32_t pattern;              /**< KEDGE_CHANGE_..., default KEDGE_CHANGE_SUDDEN */
    uint64_t seed;                 /**< any, default 1 */
    uint64_t at;                   /**< index of the first observation of the change, 0 to 2^62, default 10000 */
    uint64_t width;                /**< observations that a transition or blip takes, 1 to 2^62, default 1000 */
    uint64_t period;               /**< observations from one switch or blip to the next, 1 to 2^62, for blips more than width,
                                    *   default 10000 */
} kedge_stream_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_stream {
    const kedge_stream_class *cls; /**< the generator */
    void *state;                   /**< the state in the caller's memory */
} kedge_stream;

/** A generator; const, shared by all its objects. A host can bring its own. */
struct kedge_stream_class {
    kedge_class base; /**< sizing, init, snapshots; noun #KEDGE_NOUN_STREAM */
    /** Features of a row; 0: the stream has numbers only. */
    uint32_t (*n_features)(const void *state);
    /** Classes of the label; 0: y is a number. */
    uint32_t (*n_classes)(const void *state);
    /** Draw one observation: n_features numbers into x, the number or label into *y. Returns 1 if it is the first of a change,
     *  else 0. */
    int (*next)(void *state, double *x, double *y);
};

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_stream_size(const kedge_stream_config *cfg);

/** Lay the stream out in the caller's memory, see kedge_detector_init() for the errors.
 *  @param s handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the stream,
 *  aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_stream_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_init(kedge_stream *s, const kedge_stream_config *cfg, void *mem,
                                                         size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param s handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order  @complexity O(1)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_open(kedge_stream *s, const kedge_stream_class *cls, void *mem,
                                                         size_t mem_bytes);

/** Verify all invariants of a state. @param s handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_check(const kedge_stream *s);

/** Draw the next n observations.
 *  @param s handle, used by this thread only
 *  @param x n rows of kedge_stream_features() numbers, row after row; may be NULL if that is 0
 *  @param y n numbers or labels  @param changed n bytes: 1 at the first observation of each change, else 0; may be NULL
 *  @param n how many  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer that is needed is NULL
 *  @complexity stands at the generator, n times  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_next(kedge_stream *s, double *x, double *y, uint8_t *changed, size_t n);

/** Features of a row. @param s handle @return how many; 0: numbers only, or no handle @since 0.1 */
KEDGE_API uint32_t kedge_stream_features(const kedge_stream *s);

/** Classes of the label. @param s handle @return how many; 0: y is a number, or no handle @since 0.1 */
KEDGE_API uint32_t kedge_stream_label_classes(const kedge_stream *s);

/** Back to the beginning: the same stream again. @param s handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_reset(kedge_stream *s);

/** Write a portable snapshot, see kedge_detector_save().
 *  @param s handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written, or
 *  needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_save(const kedge_stream *s, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the stream in a snapshot needs. @param cls the class  @param buf a snapshot  @param len its length
 *  @param bytes what kedge_stream_load() needs  @return as kedge_stream_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_load_size(const kedge_stream_class *cls, const void *buf, size_t len,
                                                              size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param s handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS another class or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_stream_load(kedge_stream *s, const kedge_stream_class *cls, void *mem,
                                                         size_t mem_bytes, const void *buf, size_t len);

/** All built-in stream classes, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_stream_class *const *kedge_stream_classes(void);

/* Series ----------------------------------------------------------------------------------------------------------------------- */

/** Distributions of a series; `level` and `spread` are the two numbers of the concept. */
enum {
    KEDGE_SERIES_BERNOULLI = 1, /**< 1 with probability level, else 0 */
    KEDGE_SERIES_NORMAL = 2,    /**< mean level, standard deviation spread */
    KEDGE_SERIES_UNIFORM = 3,   /**< even between level - spread and level + spread */
    KEDGE_SERIES_STUDENT = 4,   /**< level + spread * t, t of Student's distribution with `shape` degrees of freedom: heavy tails */
    KEDGE_SERIES_AR1 = 5        /**< level + spread * z, z <- shape z + sqrt(1 - shape^2) e, e unit normal: autocorrelated */
};

/** A series of numbers of a named distribution. Cost: O(1). */
typedef struct kedge_series_config {
    kedge_stream_config base; /**< seed and change */
    double level_before;  /**< of the old concept; magnitude up to 1e100, Bernoulli 0 to 1; default 0.2 */
    double level_after;   /**< of the new one, default 0.5 */
    double spread_before; /**< of the old concept, 0 to 1e100, default 1 */
    double spread_after;  /**< of the new one, default 1 */
    double shape;         /**< Student: degrees of freedom, 0.5 to 1e6; AR1: correlation of neighbours, (-1, 1); default 0.5, others
                           *   ignore it */
    uint32_t distribution; /**< KEDGE_SERIES_..., default KEDGE_SERIES_BERNOULLI */
    uint32_t reserved;     /**< 0 */
} kedge_series_config;

#define KEDGE_SERIES_BYTES 136u /**< bytes of a series state */

extern KEDGE_API const kedge_stream_class kedge_series; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_series_config_init(kedge_series_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_series_config kedge_series_defaults(void)
{
    kedge_series_config cfg;
    if (kedge_series_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/* Concepts --------------------------------------------------------------------------------------------------------------------- */

/** Families of labelled rows whose concepts are numbered functions. */
enum {
    KEDGE_CONCEPTS_SEA = 1,     /**< Street, Kim 2001: 3 features in [0, 10); 1 if x0 + x1 > 8, 9, 7, 9.5 (concepts 1 to 4) */
    KEDGE_CONCEPTS_STAGGER = 2, /**< Schlimmer, Granger 1986: size, colour, shape, each 0, 1, 2; concepts 1 to 3: small and red;
                                 *   green or circle; medium or large */
    KEDGE_CONCEPTS_SINE = 3,    /**< Gama et al. 2004: 2 features in [0, 1); 1 if x1 < sin x0; 2: reversed; 3: x1 < 0.5 + 0.3 sin(3
                                 *   pi x0); 4: reversed */
    KEDGE_CONCEPTS_AGRAWAL = 4, /**< Agrawal, Imielinski, Swami 1993: 9 features of a loan; functions 1 to 10 (group A is class 0);
                                 *   noise is the perturbation of the numeric features as a share of their range */
    KEDGE_CONCEPTS_LED = 5      /**< Breiman et al. 1984: 7 segments of a digit and 17 features that tell nothing, all 0 or 1; noise
                                 *   inverts segments; concept k has its first k - 1 segments swapped with features that tell
                                 *   nothing, 1 to 8 */
};

/** Labelled rows of a classic family. Sudden, gradual and recurring change, and blips; these concepts have nothing in between.
 *  Cost: O(1). */
typedef struct kedge_concepts_config {
    kedge_stream_config base; /**< seed and change; not #KEDGE_CHANGE_INCREMENTAL */
    double noise;             /**< share of rows with a wrong label (AGRAWAL and LED: see there), 0 to 1, default 0.1 */
    uint32_t family;          /**< KEDGE_CONCEPTS_..., default KEDGE_CONCEPTS_SEA */
    uint32_t before;          /**< number of the old concept, from 1, default 1 */
    uint32_t after;           /**< number of the new concept, default 2 */
    uint32_t reserved;        /**< 0 */
} kedge_concepts_config;

#define KEDGE_CONCEPTS_BYTES 96u /**< bytes of a concepts state */

extern KEDGE_API const kedge_stream_class kedge_concepts; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_concepts_config_init(kedge_concepts_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_concepts_config kedge_concepts_defaults(void)
{
    kedge_concepts_config cfg;
    if (kedge_concepts_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/* Hyperplane ------------------------------------------------------------------------------------------------------------------- */

/** Rotating hyperplane: Hulten, Spencer, Domingos 2001, "Mining time-changing data streams", section 4. Features even in [0, 1);
 *  class 1 above the plane through the middle whose weights are the concept; the new concept's weights are drawn anew, and
 *  INCREMENTAL change turns one plane into the other. Cost: O(n_features). */
typedef struct kedge_hyperplane_config {
    kedge_stream_config base; /**< seed and change */
    double noise;             /**< share of rows with a wrong label, 0 to 1, default 0.05 (paper, river) */
    uint32_t n_features;      /**< 1 to 65536, default 10 */
    uint32_t n_drifting;      /**< of these, features whose weight changes, 1 to n_features, default 10 */
} kedge_hyperplane_config;

#define KEDGE_HYPERPLANE_BYTES_FOR(n_features) (104u + 16u * (n_features)) /**< bytes of a hyperplane state */

extern KEDGE_API const kedge_stream_class kedge_hyperplane; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_hyperplane_config_init(kedge_hyperplane_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_hyperplane_config kedge_hyperplane_defaults(void)
{
    kedge_hyperplane_config cfg;
    if (kedge_hyperplane_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/* Centroids -------------------------------------------------------------------------------------------------------------------- */

/** Random radial basis functions (MOA's RandomRBFGenerator, Bifet et al. 2009): a row is a centroid of random place, class, weight
 *  and spread, plus a step in a random direction. The new concept has the same centroids in other places; INCREMENTAL change moves
 *  them. Cost: O(n_centroids + n_features). */
typedef struct kedge_centroids_config {
    kedge_stream_config base; /**< seed and change */
    uint32_t n_features;      /**< 1 to 1024, default 10 */
    uint32_t n_classes;       /**< 2 to 1024, default 2 */
    uint32_t n_centroids;     /**< 1 to 4096, default 50 */
    uint32_t n_drifting;      /**< of these, centroids that move, 1 to n_centroids, default 50 */
} kedge_centroids_config;

/** Bytes of a centroids state. */
#define KEDGE_CENTROIDS_BYTES_FOR(n_features, n_centroids) (120u + 16u * (n_features) * (n_centroids) + 24u * (n_centroids))

extern KEDGE_API const kedge_stream_class kedge_centroids; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_centroids_config_init(kedge_centroids_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_centroids_config kedge_centroids_defaults(void)
{
    kedge_centroids_config cfg;
    if (kedge_centroids_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
