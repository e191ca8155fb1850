/* SPDX-License-Identifier: MIT */
/** @file preps/ordinal.h
 *  A column of categories as codes, see #kedge_ordinal_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/ordinal.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_ordinal_config cfg = kedge_ordinal_defaults(1);
 *      kedge_prep p;
 *      double x[3] = {7, 3, 7}, out;
 *      int i;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3; i++)
 *          if (kedge_prep_learn(&p, &x[i], 0, &out) < 0 || out != (i == 1 ? 1.0 : 0.0)) return 1;
 *      return 0;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_ORDINAL_H
#define KEDGE_PREPS_ORDINAL_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** Ordinal encoding: each category becomes its code. A missing value stays missing. A fit gives what scikit-learn's
 *  OrdinalEncoder gives. Cost: O(log max) a column. */
typedef struct kedge_ordinal_config {
    kedge_prep_config base; /**< set by kedge_ordinal_config_init() */
    kedge_codes codes; /**< the categories */
    double other;      /**< what a category without a code becomes, magnitude up to #KEDGE_PREP_INPUT_MAX, default -1 */
} kedge_ordinal_config;

extern KEDGE_API const kedge_prep_class kedge_ordinal; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_ordinal_config_init(kedge_ordinal_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_ordinal_config kedge_ordinal_defaults(uint32_t n_columns)
{
    kedge_ordinal_config cfg;
    if (kedge_ordinal_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
