/* SPDX-License-Identifier: MIT */
/** @file preps/lag.h
 *  Columns as they were some rows before, see #kedge_lag_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/lag.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_lag_config cfg = kedge_lag_defaults(1);
 *      kedge_prep p;
 *      double x[3] = {1, 2, 3}, out[3];
 *      int i;
 *      cfg.n_lags = 2;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3; i++)
 *          if (kedge_prep_learn(&p, &x[i], 0, out) < 0) return 1;
 *      return out[0] == 3.0 && out[1] == 2.0 && out[2] == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_LAG_H
#define KEDGE_PREPS_LAG_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** Lag features: behind all columns come the selected ones as they were in the row learned last, then in the one before it, and
 *  so on. Time goes on when a row is learned, not when it is transformed: a row that is served before it is learned gets the same
 *  lags as then in training, and may be served any number of times. Learn every row, its target or not, in the order of time.
 *  Cost: O(lags). */
typedef struct kedge_lag_config {
    kedge_prep_config base; /**< set by kedge_lag_config_init() */
    double missing;    /**< what stands for rows before the first; NaN, default, or of magnitude up to #KEDGE_PREP_INPUT_MAX */
    uint32_t n_lags;   /**< 1 to 1024, default 1 */
    uint32_t reserved; /**< 0 */
} kedge_lag_config;

extern KEDGE_API const kedge_prep_class kedge_lag; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_lag_config_init(kedge_lag_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_lag_config kedge_lag_defaults(uint32_t n_columns)
{
    kedge_lag_config cfg;
    if (kedge_lag_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
