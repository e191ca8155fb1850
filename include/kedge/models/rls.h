/* SPDX-License-Identifier: MIT */
/** @file models/rls.h
 *  Recursive least squares: configuration and class; see #kedge_rls_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/rls.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_RLS_BYTES_FOR(2u) / 8];
 *      kedge_rls_config cfg = kedge_rls_defaults(2);
 *      kedge_model m;
 *      double x[2], y = 0;
 *      int i;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 100; i++) {
 *          x[0] = i % 7; x[1] = i % 5;
 *          if (kedge_model_learn(&m, x, 3 * x[0] - x[1] + 10, 1) < 0) return 1;
 *      }
 *      x[0] = 100; x[1] = 200;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y > 109.9 && y < 110.1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_RLS_H
#define KEDGE_MODELS_RLS_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** Recursive least squares: after every row the coefficients (the constant 1 is an input of its own, after the features) that
 *  minimise the sum of weight * forgetting^age * (squared error) of all rows so far, plus `ridge` times their squares, which fades
 *  likewise. Plackett 1950, "Some theorems in least squares", Biometrika 37; forgetting: Haykin 2002, "Adaptive filter theory",
 *  chapter 9.
 *
 *  Stable: the covariance is kept as U D U' (Bierman 1977, "Factorization methods for discrete sequential estimation", chapter V),
 *  so that rounding can never make it indefinite. No wind-up: forgetting inflates each column's share of the trace to 1 / ridge at
 *  most, what it was at the start, and pauses while the trace is above twice that of the start; so the trace never exceeds three
 *  times that of the start, and directions that the rows go on showing are forgotten as ever. Features of magnitude above 1e20
 *  count as that, below 1e-20 as 0. Cost: O(n_features^2) to learn, O(n_features) to predict. */
typedef struct kedge_rls_config {
    kedge_model_config base; /**< set by kedge_rls_config_init(); n_classes 0 */
    double forgetting; /**< factor per row on all earlier ones, [0.1, 1], default 0.999: half is forgotten after 693 rows; 1:
                        *   nothing */
    double ridge;      /**< weight of the squared coefficients at the start, [1e-12, 1e12], default 1e-3; unit of a
                        *   feature's square */
} kedge_rls_config;

/** Bytes of a recursive least squares model. */
#define KEDGE_RLS_BYTES_FOR(n_features)                                                            \
    (88u + 32u * ((n_features) + 1u) + 4u * (n_features) * ((n_features) + 1u))

extern KEDGE_API const kedge_model_class kedge_rls; /**< the class; offers learn */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_rls_config_init(kedge_rls_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_rls_config kedge_rls_defaults(uint32_t n_features)
{
    kedge_rls_config cfg;
    if (kedge_rls_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
