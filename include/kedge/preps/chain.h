/* SPDX-License-Identifier: MIT */
/** @file preps/chain.h
 *  Preps one behind the other as one prep in one buffer, see #kedge_chain_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <math.h>
 *  #include <kedge/prep.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[256];
 *      const kedge_prep_class *const kinds[2] = {&kedge_impute, &kedge_scale};
 *      kedge_impute_config impute = kedge_impute_defaults(3);
 *      kedge_scale_config scale;
 *      kedge_chain_class cls;
 *      kedge_chain_config cfg;
 *      kedge_prep p;
 *      double x[3] = {7, 1, (double)NAN}, out[3];
 *      if (kedge_chain_class_init(&cls, kinds, 2) < 0 || kedge_chain_config_init(&cfg, sizeof cfg, &cls, 3) < 0) return 1;
 *      scale = kedge_scale_defaults(kedge_prep_width(&impute.base));
 *      cfg.steps[0] = &impute.base;
 *      cfg.steps[1] = &scale.base;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      return kedge_prep_learn(&p, x, 0, out) == KEDGE_OK && kedge_prep_n_out(&p) == 3 && out[2] == 0.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_CHAIN_H
#define KEDGE_PREPS_CHAIN_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

#define KEDGE_CHAIN_MAX 16u /**< most steps of a chain; a step may be a chain */

/** A class of chains of steps of classes that the caller chooses; in the caller's memory, for as long as chains of it live.
 *  Written by kedge_chain_class_init() and never copied, since it points into itself; also what kedge_prep_open() and
 *  kedge_prep_load() need, as their cls: &prep. */
typedef struct kedge_chain_class {
    kedge_prep_class prep;                     /**< the class; first member */
    const kedge_class *parts[KEDGE_CHAIN_MAX]; /**< classes of the steps; NULL: none */
} kedge_chain_class;

/** A chain: each step takes the rows that the one before gives. Columns that it does not select (base.columns) never get in: the
 *  place for what no model should see, such as an id. When a row is learned, each step learns it as the steps before give it in
 *  training. A row that one step refuses is learned by none. Cost: that of its steps; to learn, twice if a step can refuse a
 *  row. */
typedef struct kedge_chain_config {
    kedge_prep_config base;                          /**< set by kedge_chain_config_init() */
    /** Of the steps, of the classes that the class was made for; the n_columns of the first is the number of columns selected, that
     *  of each other the kedge_prep_width() of the one before. Only read by kedge_prep_size(), kedge_prep_width() and
     *  kedge_prep_init(). */
    const kedge_prep_config *steps[KEDGE_CHAIN_MAX];
} kedge_chain_config;

/** A class of chains. @param cls to fill, lives as long as chains of it  @param steps n_steps classes  @param n_steps 1 to
 *  #KEDGE_CHAIN_MAX
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer or a class is NULL  @retval KEDGE_ERR_CONFIG no or too many steps
 *  @retval KEDGE_ERR_CLASS no class of preps  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_chain_class_init(kedge_chain_class *cls, const kedge_prep_class *const *steps,
                                                               uint32_t n_steps);

/** Defaults into a caller's struct; then set the steps. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_chain_class_init()  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_chain_config_init(kedge_chain_config *cfg, size_t cfg_bytes,
                                                               const kedge_chain_class *cls, uint32_t n_columns);

/** A handle on a step, to look at it; it is valid as long as the chain's memory. Learning by it breaks what the chain knows of
 *  it.
 *  @param p a chain  @param i_step which, from 0  @param step handle to set
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS no chain  @retval KEDGE_ERR_RANGE no
 *  such step  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_chain_get(const kedge_prep *p, uint32_t i_step, kedge_prep *step);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
