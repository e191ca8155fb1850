/* SPDX-License-Identifier: MIT */
/** @file preps/quantiles.h
 *  Columns by the ranks of their values, see #kedge_quantiles_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/quantiles.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[4096];
 *      kedge_quantiles_config cfg = kedge_quantiles_defaults(1);
 *      kedge_prep p;
 *      double x, out;
 *      int i;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1001; i++) {
 *          x = (double)i * i;
 *          if (kedge_prep_learn(&p, &x, 0, NULL) < 0) return 1;
 *      }
 *      x = 500.0 * 500.0;
 *      return kedge_prep_transform(&p, &x, &out) == KEDGE_OK && out > 0.45 && out < 0.55 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_QUANTILES_H
#define KEDGE_PREPS_QUANTILES_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** The distribution that comes out. */
enum {
    KEDGE_QUANTILES_UNIFORM = 1, /**< 0 to 1 */
    KEDGE_QUANTILES_NORMAL = 2   /**< mean 0 and variance 1, within 5.2 of 0 */
};

/** Quantile transform: each number becomes the share of the column's values below it, by straight lines between n_quantiles of
 *  these, so that whatever the distribution, a uniform or a normal one comes out. A fit gives what scikit-learn's
 *  QuantileTransformer gives, but for a constant column, which becomes 0. Row by row the quantiles are those of a sketch, looked
 *  at anew each time the rows have become a sixteenth part more; before the first value numbers stay as they are. Missing values
 *  stay missing. Cost: O(log n_quantiles) a column to transform, and to learn n_quantiles looks into the sketch, of some 5 us
 *  each, in each sixteenth part more rows. */
typedef struct kedge_quantiles_config {
    kedge_prep_config base; /**< set by kedge_quantiles_config_init() */
    uint32_t output;      /**< KEDGE_QUANTILES_..., default #KEDGE_QUANTILES_UNIFORM */
    uint32_t n_quantiles; /**< 2 to 4096, default 100; fewer while there are fewer values */
    uint32_t level_size;  /**< of the sketch of each column, a power of two from 16 to 65536, default 128 */
    uint32_t reserved;    /**< 0 */
} kedge_quantiles_config;

extern KEDGE_API const kedge_prep_class kedge_quantiles; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_quantiles_config_init(kedge_quantiles_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_quantiles_config kedge_quantiles_defaults(uint32_t n_columns)
{
    kedge_quantiles_config cfg;
    if (kedge_quantiles_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
