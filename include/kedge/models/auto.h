/* SPDX-License-Identifier: MIT */
/** @file models/auto.h
 *  The model for whoever does not want to choose one: a portfolio that follows its best member; see #kedge_auto_config. The verbs
 *  stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/auto.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[(1 << 20) / 8];
 *      kedge_auto_config cfg = kedge_auto_defaults(2, 2);
 *      kedge_model m;
 *      kedge_rng rng = {7};
 *      double x[2], y;
 *      int i, right = 0;
 *      cfg.memory = sizeof mem;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000; i++) {
 *          x[0] = kedge_rng_normal(&rng), x[1] = kedge_rng_normal(&rng);
 *          if (kedge_model_predict(&m, x, &y) < 0) return 1;
 *          right += i >= 2000 && y == (x[0] > x[1]);
 *          if (kedge_model_learn(&m, x, x[0] > x[1], 1.0) < 0) return 1;
 *      }
 *      return right > 970 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_AUTO_H
#define KEDGE_MODELS_AUTO_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** Members of the portfolio. */
enum {
    KEDGE_AUTO_FOREST = 0,   /**< #kedge_adaptive_forest; regression: #kedge_forest_reg */
    KEDGE_AUTO_LOGISTIC = 1, /**< #kedge_logistic; more than two classes: with four rates and as many models that expect wrong
                              *   labels */
    KEDGE_AUTO_BAYES = 2,    /**< naive Bayes: a #kedge_hoeffding_tree of one leaf, which begins anew when #kedge_hddm_a sees its
                              *   errors rise */
    KEDGE_AUTO_LAST = 3,     /**< #kedge_baseline: the class or value of the row before */
    KEDGE_AUTO_USUAL = 4,    /**< #kedge_baseline: the class that was most frequent of late, or the mean of the values */
    KEDGE_AUTO_NEAR = 5,     /**< classes: #kedge_sam_knn, distances in deviations */
    KEDGE_AUTO_NEAR_RAW = 6, /**< classes: #kedge_sam_knn, distances in the features' own units */
    KEDGE_AUTO_MEMBERS = 7,  /**< how many */
    KEDGE_AUTO_LINEAR = 1,   /**< regression: #kedge_rls, with more than 64 features #kedge_linear */
    KEDGE_AUTO_TREE = 2      /**< regression: #kedge_fimt_dd */
};

#define KEDGE_AUTO_UNBOUNDED UINT64_MAX /**< kedge_auto_config::budget_ns: no bound of time */

/** Portfolio: models of different kinds learn every row, and their class shares are mixed by how well each has foretold the
 *  labels of late. No single learner is near the top on every stream; this is, without tuning. The mixture is Learn-alpha
 *  (Monteleoni, Jaakkola 2003, "Online learning of non-stationary sequences", NIPS 16): the fixed share of Herbster, Warmuth 1998
 *  for three rates of change side by side (0.0003, 0.003, 0.03), themselves mixed. So its log loss exceeds that of the best
 *  sequence of members, with m changes among n rows, by no more than about (m + 1) (ln n + 4) + 7 nats; a member's shares count
 *  with a thousandth of an even share, which bounds what a row can cost. With more than 64 classes the members vote by class
 *  instead.
 *
 *  Who gives labels the likeliest shares is not always right most often: a member may be too sure of itself, and one that foretells
 *  what lasts is doubted whenever something changes. So the answer is a second mixture, in the same way, of that one and the
 *  members themselves, by who was right: a wrong answer takes a factor exp(-0.3) of a voter's weight. The first mixture begins with
 *  four fifths of it. What kedge_auto_weights() tells is what each member counts in the answer, by both ways.
 *
 *  Neighbours (`n_near`) know classes whose places in the space jump, move or come back, which trees learn too slowly: once with
 *  distances in deviations, for features of different units, once with raw ones. As k votes claim too much where labels are noisy,
 *  their shares are mixed with even ones, in the proportion that has made the labels of some 300 rows likeliest. They learn every
 *  row; while they count less than a hundredth, they are not asked. Frozen portfolios have none.
 *
 *  Regression: the answer is the mean of the members', by weights that come about likewise, from the density of Student's
 *  distribution with 4 degrees of freedom around each member's answer, in units of the portfolio's own error over some 100 rows.
 *  Members see the last `n_lags` targets behind the row's features. Of a member no answer is heard that lies farther from the
 *  targets so far than their width. A target more than 10,000 errors of late away from the answer is taken for a glitch, and
 *  learned as 10 errors away, unless the one before was as far off: so a spike leaves no mark, and a level that jumps is followed
 *  from the third row on. A constant is answered exactly.
 *
 *  Thrift (`rest`): members that do not pay may rest. A resting member is a sleeping expert (Freund, Schapire, Singer, Warmuth
 *  1997, "Using and combining predictors that specialize", STOC): it is counted as having said what the others did, so that its
 *  weight stays as it is.
 *
 *  Budget (`budget_ns`): a row, its prediction included, costs that much on average. Where it is too little for all, members learn
 *  a share of the rows only, and are asked about four times as many; dear members that count little lose most. kedge reads no
 *  clock: tell what rows have cost by kedge_auto_spent(), now and then; from these reports it learns how fast the machine is. Until
 *  then it takes it for one core of a server. Every member learns one row in 256 at least, so that it can come back; that and the
 *  baselines, with 7 features some 500 ns, without neighbours 200, are the least that a row can cost. The same reports between the
 *  same rows give the same bytes.
 *
 *  Cost: that of the members, of which the forest, about n_trees times a Hoeffding tree, and the neighbours, two searches of what
 *  they remember, have nearly all. */
typedef struct kedge_auto_config {
    kedge_model_config base; /**< set by kedge_auto_config_init(); n_classes = 0: a regression; n_features at most 65472 */
    uint64_t seed;           /**< of all random choices, default 1 */
    uint32_t memory;         /**< bytes of the whole model: kedge_model_size() is at most this; default 2 MiB, or more
                              *   for large rows, and up to 16 MiB for many classes, of each of which neighbours then hold 50
                              *   rows; beside neighbours the forest takes at most half of it, or its own default */
    uint32_t n_trees;        /**< trees in the forest: what it costs to learn and predict a row, 1 to #KEDGE_FOREST_TREES_MAX,
                              *   default 10 */
    uint32_t n_lags;    /**< regression: earlier targets that the members see as features, 0 to 64, default 3; those that there are
                         *   not yet are 0; classes: 0 */
    uint32_t rest;      /**< thrift: a costly member that counts less than a hundredth learns and is asked on every rest-th row
                         *   only, 1 to 1000, default 1: on all */
    uint32_t n_near;    /**< classes: rows and centres that each of the two kinds of neighbours remembers at most, 100 to
                         *   #KEDGE_KNN_WINDOW_MAX, or 0: the portfolio has none; default 5000; fewer where one would take more than
                         *   an eighth of the memory, none where that leaves less than 100; regression: 0 */
    uint32_t reserved;  /**< 0 */
    uint64_t budget_ns; /**< nanoseconds to predict and learn a row, on average, 1 or more, default #KEDGE_AUTO_UNBOUNDED: all
                         *   members learn all rows, but for `rest` */
} kedge_auto_config;

extern KEDGE_API const kedge_model_class kedge_auto; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_auto_config_init(kedge_auto_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes, 0: a regression @return it @since 0.1 */
static inline kedge_auto_config kedge_auto_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_auto_config cfg;
    if (kedge_auto_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** How much each member counts in the answer at present. @param m a portfolio, may be shared @param weights #KEDGE_AUTO_MEMBERS
 *  numbers, sum 1
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auto_weights(const kedge_model *m, double *weights);

/** A member, for looking at it: a handle into the portfolio's memory, which must not be trained or reset by itself. Of a regression
 *  it has n_lags features more.
 *  @param m a portfolio @param i KEDGE_AUTO_..., below #KEDGE_AUTO_MEMBERS @param member the handle
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @retval KEDGE_ERR_RANGE
 *  no such member @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auto_member(const kedge_model *m, uint32_t i, kedge_model *member);

/** Tell what rows have cost, so that the portfolio keeps to its `budget_ns`. Report batches of rows, or one by one; every few
 *  hundred rows do.
 *  What a report says holds for all rows learned since the one before. Once 64 rows are reported, they tell how fast the machine
 *  is; that it is more than four times faster or slower than it was is believed when the next 64 say so too. Without a budget, or
 *  where no row was learned since, nothing changes.
 *  @param m a portfolio @param rows how many were measured, 1 or more @param ns what they cost together, nanoseconds of any
 *  clock: predicting and learning them, and all else that the budget is to pay
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL m is NULL  @retval KEDGE_ERR_CLASS another class
 *  @retval KEDGE_ERR_RANGE rows is 0
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auto_spent(kedge_model *m, uint64_t rows, uint64_t ns);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
