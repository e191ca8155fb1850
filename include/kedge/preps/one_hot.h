/* SPDX-License-Identifier: MIT */
/** @file preps/one_hot.h
 *  A column of categories as one column for each category, see #kedge_one_hot_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/one_hot.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_one_hot_config cfg = kedge_one_hot_defaults(1);
 *      kedge_prep p;
 *      double x[3] = {7, 3, 7}, out[3];
 *      int i;
 *      cfg.codes.max = 2;
 *      cfg.other = 1;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3; i++)
 *          if (kedge_prep_learn(&p, &x[i], 0, out) < 0) return 1;
 *      return kedge_prep_n_out(&p) == 3 && out[0] == 1.0 && out[1] == 0.0 && out[2] == 0.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_ONE_HOT_H
#define KEDGE_PREPS_ONE_HOT_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** One-hot encoding: in the place of each selected column stand as many as it may have categories, in the order of their codes;
 *  the one of the row's category is 1, the others are 0. All are 0 for a missing value, and for a category without a code unless
 *  `other` gives such a column of their own. The width is fixed by the configuration, so a model never has to grow. A fit gives
 *  what scikit-learn's OneHotEncoder gives. Cost: O(log max) a column, and what the row is wide. */
typedef struct kedge_one_hot_config {
    kedge_prep_config base; /**< set by kedge_one_hot_config_init() */
    kedge_codes codes;   /**< the categories */
    uint32_t drop_first; /**< 1: no column for code 0, so that the others do not add up to a constant; 0, default: all */
    uint32_t other;      /**< 1: one more column for categories without a code; default 0 */
} kedge_one_hot_config;

extern KEDGE_API const kedge_prep_class kedge_one_hot; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_one_hot_config_init(kedge_one_hot_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_one_hot_config kedge_one_hot_defaults(uint32_t n_columns)
{
    kedge_one_hot_config cfg;
    if (kedge_one_hot_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
