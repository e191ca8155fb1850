/* SPDX-License-Identifier: MIT */
/** @file models/amrules.h
 *  Adaptive model rules for regression, see #kedge_amrules_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/amrules.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[65536 / 8];
 *      kedge_amrules_config cfg = kedge_amrules_defaults(2);
 *      kedge_amrules_rule rule;
 *      kedge_model m;
 *      double x[2], y = 0;
 *      int i;
 *      cfg.growth.memory = sizeof mem;   // as many rules as there is room for
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 20000; i++) {     // two planes, of which x[0] says which one
 *          x[0] = i % 13; x[1] = i % 11;
 *          if (kedge_model_learn(&m, x, x[0] > 6 ? 100 - x[1] : x[1], 1.0) < 0) return 1;
 *      }
 *      x[0] = 12; x[1] = 10;
 *      if (kedge_model_predict(&m, x, &y) < 0 || y < 85 || y > 95) return 1;
 *      return kedge_amrules_read(&m, 0, &rule) == KEDGE_OK && rule.n_conditions > 0 && rule.conditions[0].feature == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_AMRULES_H
#define KEDGE_MODELS_AMRULES_H

#include "../model.h"
#include "fimt_dd.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_RULE_CONDITIONS 12u /**< most conditions of a rule; one that is narrower replaces the wider one */

/** How a condition compares a feature. */
enum {
    KEDGE_RULE_AT_MOST = 0, /**< at most the number */
    KEDGE_RULE_ABOVE = 1,   /**< above the number */
    KEDGE_RULE_IS = 2,      /**< nominal: that category */
    KEDGE_RULE_IS_NOT = 3   /**< nominal: another category */
};

/** A condition of a rule. */
typedef struct kedge_amrules_condition {
    double value;     /**< the number, or the category */
    uint32_t feature; /**< from 0 */
    uint32_t kind;    /**< KEDGE_RULE_... */
} kedge_amrules_condition;

/** A rule: all its conditions hold of the rows that it covers. */
typedef struct kedge_amrules_rule {
    double weight;         /**< of the rows that it knows of */
    double mean;           /**< of their targets */
    double error;          /**< its mean absolute error of late, in units of three standard deviations of the target */
    uint32_t n_conditions; /**< how many conditions there are; 0: the default rule, which takes what no other covers */
    uint32_t reserved;     /**< 0 */
    kedge_amrules_condition conditions[KEDGE_RULE_CONDITIONS]; /**< them; 0 behind the last */
} kedge_amrules_rule;

/** AMRules: rules, each with a linear model, that grow condition by condition once a condition is surely the best, and go when
 *  their errors rise. Almeida, Ferreira, Gama 2013, "Adaptive model rules from data streams", ECML PKDD, algorithm 1; unordered
 *  sets: Duarte, Gama, Bifet 2016, "Adaptive model rules from high-speed data streams", ACM TKDD 10.
 *
 *  A row that no rule covers goes to the default rule, and where that expands, a new rule begins. Statistics, splits, linear models
 *  and Page-Hinkley are those of #kedge_fimt_dd_config; of a split's sides the one with the smaller standard deviation becomes the
 *  condition. An alarm removes the rule. A missing value fulfils no condition. There are as many rules as `growth.memory` has room
 *  for; beyond, the default rule learns without making new ones. Cost: O(rules conditions + n_features) to learn or predict a row,
 *  and at every `grace`-th row of a rule O(n_features n_splits). */
typedef struct kedge_amrules_config {
    kedge_model_config base;  /**< set by kedge_amrules_config_init(); n_classes is 0 */
    kedge_tree_growth growth; /**< as in #kedge_fimt_dd_config, same defaults; memory 256 KiB or what 32 rules need */
    double drift_delta;       /**< Page-Hinkley's alpha, 0 to 1, default 0.005 */
    double drift_threshold;   /**< Page-Hinkley's lambda, 0 to 1e9, default 10 (paper: 35); 0: never remove */
    double anomaly;           /**< -1000 to 0: a rule leaves out rows whose mean log odds of being as others are below this, default
                               *   -0.75 (river); 0: none */
    uint32_t ordered;         /**< 1: the first rule that covers a row answers and learns; 0: all that cover it, weighted by one
                               *   over their errors; default 1 (river) */
    uint32_t reserved;        /**< 0 */
} kedge_amrules_config;

extern KEDGE_API const kedge_model_class kedge_amrules; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_amrules_config_init(kedge_amrules_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_amrules_config kedge_amrules_defaults(uint32_t n_features)
{
    kedge_amrules_config cfg;
    if (kedge_amrules_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** How many rules there are. @param m a set of rules, may be shared @param n_rules rules, without the default rule @param n_most
 *  for how many there is room
 *  @param n_removed how many were removed since init; each of the last three may be NULL
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_amrules_count(const kedge_model *m, uint32_t *n_rules, uint32_t *n_most,
                                                           uint64_t *n_removed);

/** Read a rule. @param m a set of rules, may be shared @param i which, in their order, from 0; the default rule stands behind the
 *  last @param out the rule
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @retval KEDGE_ERR_RANGE
 *  there is none
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_amrules_read(const kedge_model *m, uint32_t i, kedge_amrules_rule *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
