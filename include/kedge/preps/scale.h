/* SPDX-License-Identifier: MIT */
/** @file preps/scale.h
 *  Columns brought to a common scale, see #kedge_scale_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/scale.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[64];
 *      double x[4] = {2, 4, 6, 10}, work[16], out[4];
 *      kedge_rows rows = kedge_rows_float64(x, 4, 1);
 *      kedge_scale_config cfg = kedge_scale_defaults(1);
 *      kedge_prep p;
 *      cfg.method = KEDGE_SCALE_MIN_MAX;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0 || kedge_prep_work(&p, 4) > sizeof work) return 1;
 *      if (kedge_prep_fit(&p, &rows, NULL, work, sizeof work, out) < 0) return 1;
 *      return out[0] == 0.0 && out[1] == 0.25 && out[3] == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_SCALE_H
#define KEDGE_PREPS_SCALE_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** How columns are scaled. */
enum {
    KEDGE_SCALE_STANDARD = 1, /**< (x - mean) / standard deviation, with divisor n */
    KEDGE_SCALE_MIN_MAX = 2,  /**< from [least, greatest] to [low, high] */
    KEDGE_SCALE_ROBUST = 3    /**< (x - median) / (upper - lower quantile) */
};

/** Scaling of columns. A column that is constant, so far, becomes 0 (or `low`): its scale counts as 1. Missing values stay
 *  missing and are not learned from. A fit gives what scikit-learn's StandardScaler, MinMaxScaler and RobustScaler give. Row by
 *  row, mean and deviation are those of Welford 1962, extremes are exact, and quantiles come from a sketch (see
 *  #kedge_profile_config), looked at anew each time the rows have become a sixteenth part more, so that with a chance of 99 % a
 *  quantile is of a rank within 2 % of the one asked for (level_size 128; 1 % with 512). After a fit they stay exact until then.
 *  Cost: some 60 ns a column to learn, 1.3 ns to transform. Merges unless robust. */
typedef struct kedge_scale_config {
    kedge_prep_config base; /**< set by kedge_scale_config_init() */
    uint32_t method;        /**< KEDGE_SCALE_..., default #KEDGE_SCALE_STANDARD */
    uint32_t center;        /**< 1, default: subtract mean or median; 0: not. Nothing to a min-max scale */
    uint32_t scale;         /**< 1, default: divide by deviation or range of quantiles; 0: not. Nothing to a min-max scale */
    uint32_t clip;          /**< min-max: 1: values beyond those seen become low or high; 0, default: they go beyond */
    double low;             /**< min-max: -10^6 to high, default 0 */
    double high;            /**< min-max: low to 10^6, default 1 */
    double lower;           /**< robust: the lower quantile, [0, upper), default 0.25 */
    double upper;           /**< robust: the upper quantile, (lower, 1], default 0.75 */
    uint32_t level_size;    /**< robust: of the sketch of each column, a power of two from 16 to 65536, default 128 */
    uint32_t reserved;      /**< 0 */
} kedge_scale_config;

/** Bytes of a standard or min-max scale of so many columns, all selected. */
#define KEDGE_SCALE_BYTES_FOR(n_columns) (168u + 76u * (n_columns) + 4u * ((n_columns) % 2u))

extern KEDGE_API const kedge_prep_class kedge_scale; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_scale_config_init(kedge_scale_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_scale_config kedge_scale_defaults(uint32_t n_columns)
{
    kedge_scale_config cfg;
    if (kedge_scale_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
