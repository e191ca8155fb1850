/* SPDX-License-Identifier: MIT */
/** @file preps/clip.h
 *  Columns kept within bounds, see #kedge_clip_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/clip.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_clip_config cfg = kedge_clip_defaults(1);
 *      kedge_prep p;
 *      double x = 1000, out;
 *      cfg.method = KEDGE_CLIP_FIXED;
 *      cfg.low = -1;
 *      cfg.high = 1;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      return kedge_prep_transform(&p, &x, &out) == KEDGE_OK && out == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_CLIP_H
#define KEDGE_PREPS_CLIP_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** Where the bounds come from. */
enum {
    KEDGE_CLIP_FIXED = 1,    /**< low and high */
    KEDGE_CLIP_QUANTILES = 2 /**< the quantiles lower and upper of each column */
};

/** Clipping: numbers beyond a bound become the bound. Missing values stay missing. Quantiles are exact after a fit; row by row
 *  they are those of a sketch, as in #kedge_scale_config, and there are no bounds before the first value. Cost: some 2 ns a
 *  column to transform. */
typedef struct kedge_clip_config {
    kedge_prep_config base; /**< set by kedge_clip_config_init() */
    uint32_t method;     /**< KEDGE_CLIP_..., default #KEDGE_CLIP_QUANTILES */
    uint32_t level_size; /**< quantiles: of the sketch of each column, a power of two from 16 to 65536, default 128 */
    double low;          /**< fixed: at most high, default -#KEDGE_PREP_INPUT_MAX */
    double high;         /**< fixed: at least low, default #KEDGE_PREP_INPUT_MAX */
    double lower;        /**< [0, upper], default 0.01 */
    double upper;        /**< [lower, 1], default 0.99 */
} kedge_clip_config;

extern KEDGE_API const kedge_prep_class kedge_clip; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_clip_config_init(kedge_clip_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_clip_config kedge_clip_defaults(uint32_t n_columns)
{
    kedge_clip_config cfg;
    if (kedge_clip_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
