/* SPDX-License-Identifier: MIT */
/** @file preps/impute.h
 *  Missing values filled, see #kedge_impute_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <math.h>
 *  #include <kedge/preps/impute.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[64];
 *      kedge_impute_config cfg = kedge_impute_defaults(1);
 *      kedge_prep p;
 *      double x[3] = {1, 4, (double)NAN}, out[2];
 *      int i;
 *      cfg.indicator = 1;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3; i++)
 *          if (kedge_prep_learn(&p, &x[i], 0, out) < 0) return 1;
 *      return out[0] == 2.5 && out[1] == 1.0 ? 0 : 1;   // the mean, and that it was missing
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_IMPUTE_H
#define KEDGE_PREPS_IMPUTE_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** What a missing value becomes. */
enum {
    KEDGE_IMPUTE_MEAN = 1,    /**< the mean of the column's values */
    KEDGE_IMPUTE_MEDIAN = 2,  /**< their median */
    KEDGE_IMPUTE_MODE = 3,    /**< the most frequent one, of equally frequent ones the least */
    KEDGE_IMPUTE_LAST = 4,    /**< the last one that was learned */
    KEDGE_IMPUTE_CONSTANT = 5 /**< `constant` */
};

/** Missing values filled by what the column was so far; as long as that is nothing, by `constant`. A fit gives what
 *  scikit-learn's SimpleImputer gives. Row by row the median is that of a sketch, as in #kedge_scale_config; the mode is exact as
 *  long as a column has at most max_categories values, else one of count too low by at most n / (max_categories + 1) may win.
 *  Cost: some 5 ns a column to learn the mean, 30 the median or mode; 1 ns to transform. */
typedef struct kedge_impute_config {
    kedge_prep_config base;  /**< set by kedge_impute_config_init() */
    uint32_t method;         /**< KEDGE_IMPUTE_..., default #KEDGE_IMPUTE_MEAN */
    uint32_t indicator;      /**< 1: for each selected column one more, behind all others, that is 1 where the value was
                              *   missing, else 0; default 0 */
    double constant;         /**< magnitude up to #KEDGE_PREP_INPUT_MAX, default 0 */
    uint32_t level_size;     /**< median: of the sketch of each column, a power of two from 16 to 65536, default 128 */
    uint32_t max_categories; /**< mode: values told apart of each column, 2 to 4096, default 256 */
} kedge_impute_config;

/** Bytes of a prep that fills so many columns, all selected, other than by median or mode. */
#define KEDGE_IMPUTE_BYTES_FOR(n_columns) (144u + 20u * (n_columns) + 4u * ((n_columns) % 2u))

extern KEDGE_API const kedge_prep_class kedge_impute; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_impute_config_init(kedge_impute_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_impute_config kedge_impute_defaults(uint32_t n_columns)
{
    kedge_impute_config cfg;
    if (kedge_impute_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
