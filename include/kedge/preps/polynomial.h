/* SPDX-License-Identifier: MIT */
/** @file preps/polynomial.h
 *  Products of columns, see #kedge_polynomial_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/polynomial.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_polynomial_config cfg = kedge_polynomial_defaults(2);
 *      kedge_prep p;
 *      double x[2] = {2, 3}, out[5];
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      if (kedge_prep_transform(&p, x, out) < 0 || kedge_prep_n_out(&p) != 5) return 1;
 *      return out[2] == 4.0 && out[3] == 6.0 && out[4] == 9.0 ? 0 : 1;   // behind x0, x1: x0*x0, x0*x1, x1*x1
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_POLYNOMIAL_H
#define KEDGE_PREPS_POLYNOMIAL_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** Polynomial features: behind all columns come the products of two, then of three of the selected ones, in the order of
 *  scikit-learn's PolynomialFeatures. A product with a missing value is missing. Factors beyond 10^150, or 10^100 with degree 3,
 *  count as that, so that no product overflows. Nothing is learned. Cost: some 1 ns a product. */
typedef struct kedge_polynomial_config {
    kedge_prep_config base; /**< set by kedge_polynomial_config_init() */
    uint32_t degree;       /**< 2, default, or 3 */
    uint32_t interactions; /**< 1: only products of different columns; 0, default: squares and cubes too */
} kedge_polynomial_config;

extern KEDGE_API const kedge_prep_class kedge_polynomial; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_polynomial_config_init(kedge_polynomial_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_polynomial_config kedge_polynomial_defaults(uint32_t n_columns)
{
    kedge_polynomial_config cfg;
    if (kedge_polynomial_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
