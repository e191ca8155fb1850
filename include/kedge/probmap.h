/* SPDX-License-Identifier: MIT */
/** @file probmap.h
 *  Calibrated probabilities: maps, fitted on predictions for rows that a model has not seen, after which "0.8" is right in 8 of 10
 *  cases. For any model, static, online or frozen, since a map only sees scores; #kedge_calibrated_config is a model that fits its
 *  own.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_PROBMAP_PLATT_BYTES(2u) / 8], work[2048];
 *      static double scores[400], y[200];
 *      kedge_probmap_config cfg = kedge_probmap_defaults(2);
 *      kedge_probmap map;
 *      double p[2] = {0.01, 0.99};
 *      int i;
 *      for (i = 0; i < 200; i++) {                       // a model that says 99 % and is right in 80 %
 *          y[i] = i % 2;
 *          scores[2 * i + 1] = (i % 10 < 2) != (i % 2) ? 0.99 : 0.01;
 *          scores[2 * i] = 1 - scores[2 * i + 1];
 *      }
 *      if (kedge_probmap_init(&map, &cfg, mem, sizeof mem) < 0) return 1;
 *      if (kedge_probmap_fit(&map, scores, y, NULL, 200, work, sizeof work) < 0) return 1;
 *      if (kedge_probmap_apply(&map, p, 2) < 0) return 1;
 *      return p[1] > 0.77 && p[1] < 0.83 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PROBMAP_H
#define KEDGE_PROBMAP_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup probmap Calibrated probabilities
 *  From what a model says to how often it is right.
 *  @{ */

/* Maps of one number ----------------------------------------------------------------------------------------------------------- */

/** A sigmoid: 1 / (1 + exp(slope * score + offset)). */
typedef struct kedge_platt {
    double slope;  /**< below 0 where greater scores mean class 1 more often */
    double offset; /**< of the logarithm of the odds */
} kedge_platt;

/** Fit a sigmoid to scores and classes: Platt 1999, "Probabilistic outputs for support vector machines", with targets that two
 *  more rows pull off 0 and 1, by the Newton method of Lin, Lin, Weng 2007, "A note on Platt's probabilistic outputs for support
 *  vector machines".  @param score n numbers of magnitude up to 1e100: margins, log odds  @param y n classes, 0 or 1  @param
 *  weight n weights, or NULL: all 1  @param n how many  @param out the sigmoid
 *  @retval KEDGE_OK fitted  @retval KEDGE_EMPTY no row has a weight; *out is untouched  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a score is too great, y is no class, a weight is out of
 *  range  @complexity O(n), some 5 to 15 passes  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_platt_fit(const double *score, const double *y, const double *weight, size_t n,
                                                       kedge_platt *out);

/** Chance of class 1. @param map the sigmoid  @param score a score  @return 0 to 1; NaN if map is NULL or score NaN  @since 0.1 */
KEDGE_API double kedge_platt_apply(const kedge_platt *map, double score);

/** Bytes of work memory that kedge_isotonic_fit() needs. @param n rows  @return bytes, 20 a row; 0: more than 2^32 - 2  @since 0.1
 *  */
KEDGE_API size_t kedge_isotonic_work(size_t n);

/** Isotonic regression: the function that never falls with the least squared error, by pooling adjacent violators (Ayer, Brunk,
 *  Ewing, Reid, Silverman 1955). Rows with the same score are one, with their mean. It is kept by the points between which it is
 *  linear, as in scikit-learn.
 *  @param score n numbers of magnitude up to 1e100  @param y n numbers of magnitude up to 1e100, for probabilities 0 or 1  @param
 *  weight n weights, or NULL: all 1  @param n how many  @param at room for n scores, ascending  @param value room for n values,
 *  that never fall  @param n_points how many points there are  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its
 *  size, at least kedge_isotonic_work()
 *  @retval KEDGE_OK fitted  @retval KEDGE_EMPTY no row has a weight: no points  @retval KEDGE_ERR_NULL a pointer is NULL  @retval
 *  KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a number is out of range  @retval KEDGE_ERR_SHAPE too many rows
 *  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN it is misaligned
 *  @complexity O(n log n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_isotonic_fit(const double *score, const double *y, const double *weight, size_t n,
                                                          double *at, double *value, size_t *n_points, void *work,
                                                          size_t work_bytes);

/** The function of kedge_isotonic_fit(): linear between points, the outermost values beyond them. @param at scores  @param value
 *  values  @param n_points how many  @param score where  @return the value; NaN without points, or if score is NaN  @complexity
 *  O(log n_points)  @since 0.1 */
KEDGE_API double kedge_isotonic_apply(const double *at, const double *value, size_t n_points, double score);

/* Maps of class probabilities -------------------------------------------------------------------------------------------------- */

/** How probabilities are mapped. */
enum {
    KEDGE_MAP_PLATT = 1,   /**< a sigmoid of the log odds: needs few rows, and leaves alone what is right already */
    KEDGE_MAP_ISOTONIC = 2 /**< any function that never falls: for a thousand rows and more */
};

/** What a map is made for. */
typedef struct kedge_probmap_config {
    uint32_t config_bytes; /**< size of this struct; set by kedge_probmap_config_init() */
    uint32_t method;       /**< KEDGE_MAP_..., default #KEDGE_MAP_PLATT */
    uint32_t n_classes;    /**< 2 to #KEDGE_CLASSES_MAX */
    uint32_t max_points;   /**< isotonic: most points of a class, 2 to 65,536, default 256; if there are more, evenly chosen ones
                            *   are kept. Of a sigmoid not looked at */
} kedge_probmap_config;

/** Handle: cheap to copy. The memory holds no pointers, and may be copied or mapped. */
typedef struct kedge_probmap {
    void *mem; /**< the caller's memory */
} kedge_probmap;

/** Bytes of a map by sigmoids. */
#define KEDGE_PROBMAP_PLATT_BYTES(n_classes)                                                                                       \
    (32u + (((n_classes) == 2u ? 1u : (n_classes)) + 1u) / 2u * 8u + 16u * ((n_classes) == 2u ? 1u : (n_classes)))

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_probmap_config_init(kedge_probmap_config *cfg, size_t cfg_bytes, uint32_t n_classes);

/** The defaults. @param n_classes classes @return them @since 0.1 */
static inline kedge_probmap_config kedge_probmap_defaults(uint32_t n_classes)
{
    kedge_probmap_config cfg;
    if (kedge_probmap_config_init(&cfg, sizeof cfg, n_classes) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of a map. @param cfg what for @return bytes; 0: NULL or out of range @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_probmap_size(const kedge_probmap_config *cfg);

/** Begin a map that changes nothing. @param map to set  @param cfg what for  @param mem memory, aligned to #KEDGE_ALIGN  @param
 *  mem_bytes its size, at least kedge_probmap_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG out of range  @retval
 *  KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_probmap_init(kedge_probmap *map, const kedge_probmap_config *cfg, void *mem,
                                                          size_t mem_bytes);

/** Bind a handle to a map that is already in memory, after verifying all of it. @param map to set  @param mem the map, aligned to
 *  #KEDGE_ALIGN, of this machine's byte order  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER cut short  @retval KEDGE_ERR_ALIGN
 *  misaligned  @retval KEDGE_ERR_CLASS no map  @retval KEDGE_ERR_STATE a broken one  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_probmap_open(kedge_probmap *map, void *mem, size_t mem_bytes);

/** Bytes of work memory that kedge_probmap_fit() needs. @param map a map  @param n rows  @return bytes, 16 a row, isotonic 52; 0:
 *  no map, or more than 2^32 - 2 rows  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_probmap_work(const kedge_probmap *map, size_t n);

/** Fit a map anew: class 1 of two, or each class of more against the rest (Zadrozny, Elkan 2002).
 *  @param map handle, used by this thread only  @param scores n rows of n_classes probabilities, as kedge_model_score() gives
 *  them, for rows that the model has not learned: a hold-out, or kedge_cross_scores()  @param y the rows' classes  @param weight
 *  their weights, or NULL: all 1  @param n rows  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its size, at
 *  least kedge_probmap_work()  @retval KEDGE_OK fitted  @retval KEDGE_EMPTY no row has a weight; nothing has changed  @retval
 *  KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a probability is not
 *  from 0 to 1, y is no class, a weight is out of range  @retval KEDGE_ERR_SHAPE too many rows  @retval KEDGE_ERR_BUFFER work is
 *  too small  @retval KEDGE_ERR_ALIGN it is misaligned. An error has changed nothing
 *  @complexity n_classes times kedge_platt_fit() or kedge_isotonic_fit()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_probmap_fit(kedge_probmap *map, const double *scores, const double *y,
                                                         const double *weight, size_t n, void *work, size_t work_bytes);

/** Map the probabilities of one row, in place; their sum is 1 again. Where all classes are mapped to 0 they become equal.
 *  @param map handle, may be shared  @param scores n_classes probabilities  @param n_scores room in scores: n_classes
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but the map was not fitted yet: nothing changed  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @retval KEDGE_ERR_SHAPE n_scores does not fit  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval
 *  KEDGE_ERR_RANGE a probability is not from 0 to 1; scores are then untouched
 *  @complexity O(n_classes), isotonic O(n_classes log max_points)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_probmap_apply(const kedge_probmap *map, double *scores, size_t n_scores);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
