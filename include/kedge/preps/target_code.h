/* SPDX-License-Identifier: MIT */
/** @file preps/target_code.h
 *  A column of categories as what the target is in them, see #kedge_target_code_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/target_code.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_target_code_config cfg = kedge_target_code_defaults(1);
 *      kedge_prep p;
 *      double x[2] = {7, 3}, out;
 *      int i;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 100; i++)
 *          if (kedge_prep_learn(&p, &x[i % 2], i % 2, NULL) < 0) return 1;
 *      if (kedge_prep_transform(&p, &x[1], &out) < 0) return 1;
 *      return out > 0.990 && out < 0.991 ? 0 : 1;   // (50 * 1 + 1 * 0.5) / (50 + 1)
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_TARGET_CODE_H
#define KEDGE_PREPS_TARGET_CODE_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** Target encoding: each category becomes the mean of its rows' targets, drawn towards the mean of all: (n mean + smooth overall)
 *  / (n + smooth) (Micci-Barreca 2001, "A preprocessing scheme for high-cardinality categorical attributes", SIGKDD Explorations
 *  3). The target is a number, or 0 and 1 for a class. So that no row is told its own target, in training each row gets the code
 *  of what was known before it: ordered target statistics (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with
 *  categorical features", NeurIPS, section 3.2); a fit is the same as learning the rows in their order. In service all that was
 *  learned counts, as after a fit of scikit-learn's TargetEncoder. A missing value becomes the mean of all; so does a category
 *  that was never learned, while there is room. The categories for which there was no room are taken together. Cost: O(log max) a
 *  column. */
typedef struct kedge_target_code_config {
    kedge_prep_config base; /**< set by kedge_target_code_config_init() */
    kedge_codes codes; /**< the categories */
    double smooth;     /**< rows that the mean of all counts for, 0 to 10^9, default 1 (CatBoost) */
    double prior;      /**< the mean of all before the first row, magnitude up to #KEDGE_PREP_TARGET_MAX, default 0 */
} kedge_target_code_config;

extern KEDGE_API const kedge_prep_class kedge_target_code; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_target_code_config_init(kedge_target_code_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_target_code_config kedge_target_code_defaults(uint32_t n_columns)
{
    kedge_target_code_config cfg;
    if (kedge_target_code_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
