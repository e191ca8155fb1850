/* SPDX-License-Identifier: MIT */
/** @file model.h
 *  Models learn from rows and predict. Static (offline) training is fit: once, on a fixed table. Dynamic (online) training is
 *  learn: row by row, serving the most recent model at any time. A class offers one or both.
 *
 *  @code
 *  #include <kedge/model.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_LOGISTIC_BYTES_FOR(2u, 2u)]; } mem;
 *      kedge_logistic_config cfg = kedge_logistic_defaults(2, 2);
 *      kedge_model m;
 *      double x[2], y = -1;
 *      int i;
 *      if (kedge_model_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1000; i++) {
 *          x[0] = i % 7; x[1] = i % 5;
 *          if (kedge_model_learn(&m, x, x[0] > 3 ? 1.0 : 0.0, 1.0) < 0) return 1;
 *      }
 *      x[0] = 6; x[1] = 2;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODEL_H
#define KEDGE_MODEL_H

#include "base.h"
#include "class.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup model Models
 *  Learn from rows and predict.
 *
 *  Input: rows of n_features finite numbers; NaN is a missing value to classes that say so, and refused by the others. Classes are
 *  the numbers 0, 1, ... n_classes - 1, as doubles; a regression has n_classes = 0
 *  and any finite target of magnitude up to #KEDGE_TARGET_MAX. Weights are finite and >= 0; weight 0 learns nothing.
 *  @{ */

#define KEDGE_TARGET_MAX 1e100  /**< largest magnitude of a regression target */
#define KEDGE_WEIGHT_MAX 1e9    /**< largest weight of a row */
#define KEDGE_FEATURES_MAX 65536u /**< most features */
#define KEDGE_CLASSES_MAX 4096u /**< most classes */

typedef struct kedge_model_class kedge_model_class;

/** First member of every model's configuration. */
typedef struct kedge_model_config {
    const kedge_model_class *cls; /**< the algorithm; set by kedge_..._config_init() */
    uint32_t config_bytes;        /**< size of the caller's whole configuration struct; set likewise */
    uint32_t n_features;          /**< numbers in a row, 1 to #KEDGE_FEATURES_MAX */
    uint32_t n_classes;           /**< 2 to #KEDGE_CLASSES_MAX; 0 for a regression */
    uint32_t reserved;            /**< 0 */
} kedge_model_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_model {
    const kedge_model_class *cls; /**< the algorithm */
    void *state;                  /**< the state in the caller's memory */
} kedge_model;

/** What a model is and has seen. */
typedef struct kedge_model_info {
    uint32_t n_features; /**< numbers in a row */
    uint32_t n_classes;  /**< 0: regression */
    uint64_t n_learned;  /**< rows learned since init or reset, by learn and by the last fit */
    int32_t can_learn;   /**< 1: the class offers learn */
    int32_t can_fit;     /**< 1: the class offers fit */
    int32_t takes_missing; /**< 1: NaN among the features is a missing value */
    int32_t can_forget;  /**< 1: the class offers forget */
    int32_t can_merge;   /**< 1: the class offers merge */
    int32_t reserved;    /**< 0 */
} kedge_model_info;

struct kedge_row_view;

/** One row as classes see it. Read it by kedge_row_at(), which knows all of its forms. */
typedef struct kedge_row {
    const void *data; /**< element 0; element j stands at data[j * stride] */
    ptrdiff_t stride; /**< elements from one to the next */
    int32_t type;     /**< KEDGE_FLOAT32 or KEDGE_FLOAT64 */
    int32_t reserved; /**< the library's own; 0 in a row that a host makes */
    const struct kedge_row_view *view; /**< NULL; else the elements are found through this, and data is not used */
} kedge_row;

/** What a model that passes rows on lets its members see: some elements of a row, then some of its own. */
typedef struct kedge_row_view {
    const kedge_row *of;   /**< the row */
    const uint32_t *index; /**< element j < n is its element index[j]; NULL: j */
    const double *more;    /**< element j >= n is more[j - n]; may be NULL if no model looks there */
    uint32_t n;            /**< elements that come from the row */
    uint32_t reserved;     /**< 0 */
} kedge_row_view;

/** A sparse row: the features that are not listed are 0. */
typedef struct kedge_sparse {
    const uint32_t *index; /**< n features, ascending, each below n_features; NULL if n is 0 */
    const double *value;   /**< their n numbers, finite; NULL if n is 0 */
    uint32_t n;            /**< how many are listed, 0 to n_features */
    uint32_t reserved;     /**< 0 */
} kedge_sparse;

/** First member of every model's state. */
typedef struct kedge_model_state {
    kedge_state_head head; /**< written by init */
    uint32_t n_features;   /**< parameter */
    uint32_t n_classes;    /**< parameter */
    uint64_t n_learned;    /**< value: rows learned */
} kedge_model_state;

/** A model's algorithm; const, shared by all its objects. A host can bring its own. Its functions get valid input only. */
struct kedge_model_class {
    kedge_class base; /**< sizing, init, snapshots; noun #KEDGE_NOUN_MODEL */
    /** Learn one row; NULL: the class is for static training only. An error has changed nothing. */
    kedge_status (*learn)(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight);
    /** Bytes of work memory for fit on so many rows, from valid parameters; 0: too many rows, so a fit that needs none says
     *  #KEDGE_ALIGN. NULL exactly if fit is, or if parts_work stands in its place. */
    size_t (*fit_work)(const void *fixed, size_t n_rows);
    /** Train anew on a table of valid rows (n_rows >= 1), see fit_looks; weight may be NULL: all 1. An error has changed nothing in
     *  the state. */
    kedge_status (*fit)(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                        void *work);
    /** Predict the class, or the regression's value. KEDGE_EMPTY where nothing was learned yet: the class's documented prior. */
    kedge_status (*predict)(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y);
    /** Class probabilities (n_classes numbers, sum 1), or the regression's value (1 number). KEDGE_EMPTY as above. */
    kedge_status (*score)(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores);
    uint32_t takes_missing;          /**< 1: a NaN among the features is a missing value, else 0: it is refused */
    uint32_t fit_looks;              /**< 1: fit itself refuses what is not finite in a table of doubles side by side, which so is
                                      *   read once; else 0 */
    /** As learn, from a sparse row; NULL: the class takes no sparse rows. */
    kedge_status (*learn_sparse)(const kedge_model_class *cls, void *state, const kedge_sparse *x, double y, double weight);
    /** As predict, from a sparse row; NULL: the class takes no sparse rows. */
    kedge_status (*predict_sparse)(const kedge_model_class *cls, const void *state, const kedge_sparse *x, double *y);
    /** As score, from a sparse row; NULL: the class takes no sparse rows. */
    kedge_status (*score_sparse)(const kedge_model_class *cls, const void *state, const kedge_sparse *x, double *scores);
    /** Take a row out again, weight > 0; NULL: not offered. An error has changed nothing. */
    kedge_status (*forget)(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight);
    /** Add what another state of equal parameters has learned, which may not be this one; NULL: not offered. An error has changed
     *  nothing. */
    kedge_status (*merge)(const kedge_model_class *cls, void *state, const void *other);
    /** Write the state as a frozen model of one of the kinds in kedge/frozen.h, as kedge_model_freeze(); rows were learned. NULL:
     *  not offered. */
    kedge_status (*freeze)(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len);
    /** As fit_work, where the work is that of parts whose classes the caller chose: of valid parameters and layout, from a whole
     *  configuration; where that is NULL `fixed` is a state. NULL: fit_work tells. */
    size_t (*parts_work)(const kedge_model_class *cls, const void *fixed, const void *config, size_t n_rows);
    /** The class of the candidate that answers, and which that is, from 0, where the model is one of several; NULL: the model
     *  itself answers. */
    const kedge_model_class *(*answering)(const kedge_model_class *cls, const void *state, uint32_t *candidate);
};

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_model_size(const kedge_model_config *cfg);

/** Lay the model out in the caller's memory, whatever that held before.
 *  @param m handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the model,
 *  aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_model_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_init(kedge_model *m, const kedge_model_config *cfg, void *mem, size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param m handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order  @complexity O(1)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_open(kedge_model *m, const kedge_model_class *cls, void *mem, size_t mem_bytes);

/** Verify all invariants of a state. @param m handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_check(const kedge_model *m);

/** What the model is and has seen. @param m handle, may be shared  @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_describe(const kedge_model *m, kedge_model_info *out);

/** An element of a row that a class's function has been given. @param x the row  @param j the element, below n_features  @return it
 *  @complexity O(1), and each view that it is seen through  @since 0.1 */
KEDGE_API double kedge_row_at(const kedge_row *x, uint32_t j);

/** Dynamic training: learn one row.
 *  @param m handle, used by this thread only  @param x n_features numbers  @param y class or target  @param weight of the row,
 *  usually 1
 *  @retval KEDGE_OK learned  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x, y or
 *  weight @retval KEDGE_ERR_RANGE y is no class or too large, weight is negative or too large  @retval KEDGE_ERR_UNSUPPORTED
 *  static class An error has changed nothing.  @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_learn(kedge_model *m, const double *x, double y, double weight);

/** Dynamic training on a batch; the same bytes as single calls.
 *  @param m handle, used by this thread only  @param x table of n_features columns  @param y x->n_rows classes or targets
 *  @param weight x->n_rows weights, or NULL: all 1  @param used how many rows were learned, also on error: then row *used is the
 *  bad one
 *  @retval KEDGE_OK all learned  @retval KEDGE_ERR_SHAPE the table does not fit  @retval others as kedge_model_learn()
 *  @complexity n_rows times learn  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_learn_many(kedge_model *m, const kedge_rows *x, const double *y,
                                                              const double *weight, size_t *used);

/** Take a row out again that was learned before: windows that slide, requests for erasure. The model is then, up to rounding, what
 *  it would be without that row.
 *  @param m handle, used by this thread only  @param x the row, exactly as it was learned  @param y its class or target  @param
 *  weight what it still weighs: its weight, times fading for every row learned since where a class fades; less takes out a part of
 *  the row
 *  @retval KEDGE_OK forgotten  @retval KEDGE_ERR_RANGE the model does not hold so much weight, or see kedge_model_learn()
 *  @retval KEDGE_ERR_UNSUPPORTED the class cannot forget  @retval others as kedge_model_learn()
 *  An error has changed nothing. That such a row was learned cannot be verified in full; a row that never was leaves a model that
 *  is sound, but wrong.  @complexity as learn; multinomial and Bernoulli naive Bayes O(n_features n_classes): totals are summed
 *  anew, so that no error builds up  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_forget(kedge_model *m, const double *x, double y, double weight);

/** Add to a model what another one of the same configuration has learned, as if this one had learned those rows too: parallel or
 *  distributed training.
 *  @param m handle, used by this thread only  @param other another model, which is only read
 *  @retval KEDGE_OK merged  @retval KEDGE_ERR_NULL a handle is missing  @retval KEDGE_ERR_CLASS another class
 *  @retval KEDGE_ERR_CONFIG another configuration, or the same model twice  @retval KEDGE_ERR_RANGE more weight than a model holds
 *  @retval KEDGE_ERR_UNSUPPORTED the class cannot merge
 *  An error has changed nothing.  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_merge(kedge_model *m, const kedge_model *other);

/** Bytes of work memory that kedge_model_fit() needs. @param cfg configuration @param n_rows rows of the table
 *  @return bytes; 0: the class has no fit, the configuration is out of range or the table too large  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_model_fit_work(const kedge_model_config *cfg, size_t n_rows);

/** kedge_model_fit_work() of an initialised model. @param m handle @param n_rows rows of the table @return bytes, 0 as there
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_model_work(const kedge_model *m, size_t n_rows);

/** Static training: train anew on a table, forgetting what was learned before.
 *  @param m handle, used by this thread only  @param x table of n_features columns  @param y x->n_rows classes or targets
 *  @param weight x->n_rows weights, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN, free again afterwards
 *  @param work_bytes its size, at least kedge_model_fit_work()
 *  @retval KEDGE_OK trained  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE the table does not fit, or has no
 *  rows @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a number is refused, as in kedge_model_learn()
 *  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work is misaligned  @retval KEDGE_ERR_NUMERIC the data
 *  determine no answer  @retval KEDGE_ERR_UNSUPPORTED the class has no fit
 *  An error has changed nothing in the model.  @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_fit(kedge_model *m, const kedge_rows *x, const double *y, const double *weight,
                                                       void *work, size_t work_bytes);

/** Predict one row.
 *  @param m handle, may be shared  @param x n_features numbers  @param y the class, or the regression's value
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing was learned yet: the class's prior (class 0, value 0)
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x; *y is untouched
 *  @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_predict(const kedge_model *m, const double *x, double *y);

/** Class probabilities of one row, or the regression's value.
 *  @param m handle, may be shared  @param x n_features numbers  @param scores n_classes probabilities with sum 1, or 1 value
 *  @param n_scores room in scores: n_classes, or 1 for a regression
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, nothing was learned yet: equal probabilities  @retval KEDGE_ERR_SHAPE n_scores
 *  does not fit  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x; scores are untouched
 *  @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_score(const kedge_model *m, const double *x, double *scores, size_t n_scores);

/** Predict a table.
 *  @param m handle, may be shared  @param x table of n_features columns  @param y x->n_rows classes or values
 *  @param used how many rows were predicted, also on error: then row *used is the bad one
 *  @retval KEDGE_OK all predicted  @retval KEDGE_EMPTY nothing was learned yet  @retval KEDGE_ERR_SHAPE the table does not fit
 *  @retval others as kedge_model_predict()
 *  @complexity n_rows times predict  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_predict_many(const kedge_model *m, const kedge_rows *x, double *y, size_t *used);

/** Dynamic training: learn one sparse row.
 *  @param m handle, used by this thread only  @param x the row  @param y class or target  @param weight of the row, usually 1
 *  @retval KEDGE_OK learned  @retval KEDGE_ERR_UNSUPPORTED the class takes no sparse rows  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE indices do not ascend or reach n_features  @retval others as kedge_model_learn()
 *  An error has changed nothing.  @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_learn_sparse(kedge_model *m, const kedge_sparse *x, double y, double weight);

/** Predict one sparse row. @param m handle, may be shared  @param x the row  @param y the class, or the regression's value
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing was learned yet  @retval KEDGE_ERR_UNSUPPORTED the class takes no
 *  sparse rows  @retval others as kedge_model_learn_sparse(); *y is untouched  @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_predict_sparse(const kedge_model *m, const kedge_sparse *x, double *y);

/** Class probabilities of one sparse row, or the regression's value. @param m handle, may be shared  @param x the row
 *  @param scores n_classes probabilities with sum 1, or 1 value  @param n_scores room in scores: n_classes, or 1 for a regression
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing was learned yet  @retval KEDGE_ERR_UNSUPPORTED the class takes no
 *  sparse rows  @retval KEDGE_ERR_SHAPE n_scores does not fit, or as kedge_model_learn_sparse(), like all others; scores are
 *  untouched @complexity stands at the algorithm  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_score_sparse(const kedge_model *m, const kedge_sparse *x, double *scores,
                                                                size_t n_scores);

/** The hashing trick: the feature that a name stands for, so that sparse rows need no dictionary. Weinberger et al. 2009, "Feature
 *  hashing for large scale multitask learning", ICML; the hash is MurmurHash3 (x86, 32 bits, seed 0; Appleby 2011), scaled to the
 *  range by its
 *  high bits. The same on every machine. Names that collide share a feature.
 *  @param name bytes of the name; may be NULL if there are none  @param bytes how many  @param n_features of the model, >= 1
 *  @return a feature, 0 to n_features - 1; 0 if n_features is 0  @complexity O(bytes)  @since 0.1 */
KEDGE_API uint32_t kedge_hash_feature(const void *name, size_t bytes, uint32_t n_features);

/** Make the state the same bytes as just after init. @param m handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_reset(kedge_model *m);

/** Write a portable snapshot, see kedge_detector_save().
 *  @param m handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written, or
 *  needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_save(const kedge_model *m, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the model in a snapshot needs. @param cls the class  @param buf a snapshot  @param len its length
 *  @param bytes what kedge_model_load() needs  @return as kedge_model_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_load_size(const kedge_model_class *cls, const void *buf, size_t len,
                                                             size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param m handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS another class or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_load(kedge_model *m, const kedge_model_class *cls, void *mem, size_t mem_bytes,
                                                        const void *buf, size_t len);

/** The model classes of the core, for tools that choose one by name. Naming this function links them all.
 *  @param name for example "logistic"  @return the class, or NULL if there is none of that name  @since 0.1 */
KEDGE_API const kedge_model_class *kedge_model_find(const char *name);

/** All model classes of the core, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_model_class *const *kedge_model_classes(void);

/* Gaussian naive Bayes --------------------------------------------------------------------------------------------------------- */

/** Gaussian naive Bayes: every feature normal within each class, independent of the others. Online by Welford's update (Welford
 *  1962;
 *  West 1979 for weights), static by two passes; both give the same model up to rounding. Features of magnitude above 1e140 count
 *  as that.
 *  Forgets rows by the same
 *  update backwards, merges as Chan, Golub, LeVeque 1979 do; a class that fades below a weight of 1e-100 counts as never seen. fit,
 *  which does not fade, needs 16 bytes of work memory for each feature and class and 8 for each class. Cost: O(n_features) to
 *  learn, with fading O(n_features * n_classes), as to predict. */
typedef struct kedge_gaussian_nb_config {
    kedge_model_config base; /**< set by kedge_gaussian_nb_config_init(); n_classes >= 2 */
    double smoothing; /**< share of the greatest feature variance that is added to every variance, [0, 1], default 1e-9
                       *   (scikit-learn) */
    double fading;    /**< factor, at each row learned, on the weight of those before, (0, 1], default 1: none fades; half life
                       *   log 2 / (1 - fading) rows */
} kedge_gaussian_nb_config;

/** Bytes of a Gaussian naive Bayes. */
#define KEDGE_GAUSSIAN_NB_BYTES_FOR(n_features, n_classes)                                         \
    (96u + 16u * (n_features) + 8u * (n_classes) + 16u * (n_features) * (n_classes))

extern KEDGE_API const kedge_model_class kedge_gaussian_nb; /**< the class; offers learn, fit, forget, merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gaussian_nb_config_init(kedge_gaussian_nb_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                     uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_gaussian_nb_config kedge_gaussian_nb_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_gaussian_nb_config cfg;
    if (kedge_gaussian_nb_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/* Logistic regression ---------------------------------------------------------------------------------------------------------- */

/** Logistic regression (softmax for more than two classes), trained online by stochastic gradient. Needs no tuning and no scaling
 *  of the features, and cannot diverge: AdaGrad steps (Duchi, Hazan, Singer 2011) on running standardised features, for a grid of
 *  rates at once
 *  (van Erven, Koolen 2016) that are mixed by how well each predicts (Herbster, Warmuth 1998). A row's weight scales its gradient;
 *  the running location and scale and the mixture count every row alike. A missing feature (NaN) counts as its location: it says
 *  nothing.
 *
 *  Wrong labels: models behind the grid (`n_noisy`) take a label for noise with a probability that they learn (Bootkrajang, Kaban
 *  2012), and learn the less from one the less they can believe it. Where a tenth of the labels is wrong, as in SEA, the log loss
 *  falls from 0.42 to 0.34; where none is, the mixture leaves them aside.
 *
 *  Cost: O(n_features * (n_rates + n_noisy)) for two classes, else times n_classes; models are computed in fours, so 1 to 3 cost as
 *  much as 4. */
typedef struct kedge_logistic_config {
    kedge_model_config base; /**< set by kedge_logistic_config_init(); n_classes >= 2 */
    double rate;       /**< greatest rate of the grid, each next one a quarter of it, (0, 100], default 2; no step of a weight is
                        *   longer */
    double memory;     /**< factor per row on past squared gradients, [0, 1], default 0.99; 1: none fades, steps shrink for ever */
    double share;      /**< part of the mixture that is shared out anew per row, [0, 0.5], default 0.001; more: rates change
                        *   faster */
    uint32_t n_rates;  /**< rates in the grid, 1 to 8, default 3 */
    uint32_t n_noisy;  /**< models that expect wrong labels, with the rates of such a grid from its second on, 0 to 8, default 1 */
} kedge_logistic_config;

/** Bytes of a logistic regression with the default number of rates. */
#define KEDGE_LOGISTIC_BYTES_FOR(n_features, n_classes)                                            \
    (208u + 32u * (n_features) + (((n_classes) == 2u ? 1u : (n_classes)) * (40u * (n_features) + 72u)))

extern KEDGE_API const kedge_model_class kedge_logistic; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_logistic_config_init(kedge_logistic_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                  uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_logistic_config kedge_logistic_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_logistic_config cfg;
    if (kedge_logistic_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

/* The algorithms that have headers of their own. */
#include "models/adaptive_forest.h"
#include "models/adaptive_tree.h"
#include "models/amrules.h"
#include "models/auto.h"
#include "models/baseline.h"
#include "models/bayes.h"
#include "models/calibrated.h"
#include "models/contest.h"
#include "models/efdt.h"
#include "models/knn.h"
#include "models/fimt_dd.h"
#include "models/forest_reg.h"
#include "models/last_tree.h"
#include "models/gradient_boosting.h"
#include "models/linear.h"
#include "models/members.h"
#include "models/random_forest.h"
#include "models/rls.h"
#include "models/sam_knn.h"
#include "models/tree.h"

#endif
