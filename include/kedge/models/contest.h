/* SPDX-License-Identifier: MIT */
/** @file models/contest.h
 *  A model that is chosen anew at each training: candidates of several classes race on held-out rows within a budget, the winner is
 *  fitted to all rows and answers; see #kedge_contest_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static double x[600], y[300];
 *      kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(2, 2);
 *      kedge_random_forest_config forest = kedge_random_forest_defaults(2, 2);
 *      const kedge_model_class *classes[] = {&kedge_gaussian_nb, &kedge_random_forest};
 *      static kedge_contest_of cls;
 *      kedge_contest_config cfg;
 *      kedge_contest_report report;
 *      kedge_rows rows = kedge_rows_float64(x, 300, 2);
 *      kedge_rng rng = {1};
 *      kedge_model m;
 *      size_t bytes, work_bytes;
 *      void *mem, *work;
 *      int i;
 *      for (i = 0; i < 300; i++) {                       // opposite corners belong together: a forest sees it, Bayes cannot
 *          x[2 * i] = kedge_rng_normal(&rng); x[2 * i + 1] = kedge_rng_normal(&rng);
 *          y[i] = x[2 * i] * x[2 * i + 1] > 0;
 *      }
 *      if (kedge_contest_class(&cls, classes, 2) < 0) return 1;
 *      if (kedge_contest_config_init(&cfg, sizeof cfg, &cls, 2, 2) < 0) return 1;
 *      cfg.candidates[0] = &bayes.base;
 *      cfg.candidates[1] = &forest.base;
 *      bytes = kedge_model_size(&cfg.base); work_bytes = kedge_model_fit_work(&cfg.base, 300);
 *      mem = malloc(bytes); work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, y, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_contest_read(&m, &report) < 0) return 1;
 *      free(work); free(mem);
 *      return report.winner == 1 && report.candidates[1].score > report.candidates[0].score ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_CONTEST_H
#define KEDGE_MODELS_CONTEST_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_CONTEST_MAX 8u /**< most candidates of a contest */

/** A class of contests between candidates of classes that the caller chooses; in the caller's memory, for as long as models of it
 *  live. Written by kedge_contest_class(), and never copied, since it points into itself; also what kedge_model_open() and
 *  kedge_model_load() need, as their cls: &model. */
typedef struct kedge_contest_of {
    kedge_model_class model;                     /**< the class; first member */
    const kedge_class *parts[KEDGE_CONTEST_MAX]; /**< classes of the candidates; NULL: there are no more */
} kedge_contest_of;

/** Model selection inside of a model. fit holds the newest rows out, those at the table's end; trains each candidate, anew, on rows
 *  before them; scores it on those held out, all candidates on the same; and trains the best on all rows. So a pipeline, a search
 *  or a validation given this class selects among models at each training, without knowing of it.
 *
 *  - **Race:** successive halving (Jamieson, Talwalkar 2016). The first round trains on the `least_rows` newest rows before those
 *    held out, each next one on `factor` times as many, one candidate in `factor` goes on. The last round has them all. Few rows
 *    favour simple candidates: where a rich one must not go out early, raise `least_rows`.
 *  - **Order:** of those that reached most rows the best score wins; between equal ones, and where no score could be had (no row
 *    to hold out, one class only for an area, a budget that lets nobody begin), the one that you named first.
 *  - **Failures:** a candidate that cannot be trained is out of the race. Who wins and then cannot be trained on all rows leaves it
 *    to the next; those that failed in the race are tried last. fit fails, and changes nothing, only where all of them do; it then
 *    says what the first of the order failed of.
 *  - **Budget:** `max_fits` and `max_rows` are of the race, the training of the winner comes on top. The same rows and the same
 *    configuration give the same bytes, whatever was fitted before: of randomness there is only the candidates' own, from their
 *    seeds.
 *  - **No learn:** a contest has no row by row learning, even if its candidates have. So a pipeline with `slice_rows` still races,
 *    but in one step, and one with #KEDGE_POLICY_ONLINE refuses it; to follow the best of several row by row is what #kedge_auto
 *    does. A candidate that has no fit learns the rows in their order, `n_passes` times.
 *
 *  Missing values are taken if all candidates take them. freeze writes the winner, if its class can be frozen. No merge, no forget.
 *  Before the first fit the first candidate answers, with its prior.
 *  Memory: a state of each candidate; losers are reset. Work: a further state of the greatest, and what the hungriest fit needs.
 *  Cost: to predict as the winner; to fit, the race and a fit of the winner. */
typedef struct kedge_contest_config {
    kedge_model_config base; /**< set by kedge_contest_config_init(); n_classes as the candidates', 0: a regression */
    /** One of each class, in the order in which the contest's class was made for them, with as many features and classes; only read
     *  by kedge_model_size(), kedge_model_fit_work() and kedge_model_init(). */
    const kedge_model_config *candidates[KEDGE_CONTEST_MAX];
    double holdout;      /**< share of the rows that is held out, rounded up, (0, 1), default 0.25 (scikit-learn's test_size) */
    uint64_t max_fits;   /**< no candidate is tried that would make more trainings than these, >= 1, default 2^64 - 1: no limit */
    uint64_t max_rows;   /**< nor one that would learn more rows, >= 1, default 2^64 - 1: no limit */
    uint64_t least_rows; /**< rows of the first round, >= 1, default 500; as many as there are or more: one round, all of them */
    uint32_t score;      /**< KEDGE_SCORE_..., default #KEDGE_SCORE_ACCURACY, of a regression #KEDGE_SCORE_MAE: what a pipeline's
                          *   gate looks at */
    uint32_t factor;     /**< one of so many goes on, 2 to 16, default 2 */
    uint32_t n_passes;   /**< how often a candidate without fit learns the rows, 1 to 10,000, default 1 */
    uint32_t reserved;   /**< 0 */
} kedge_contest_config;

/** How a candidate did in the last race. */
typedef struct kedge_contest_result {
    double score;        /**< on the rows held out; NaN: none */
    uint64_t n_rows;     /**< rows that it was trained on for that; 0: it was not tried */
    kedge_status status; /**< #KEDGE_OK; #KEDGE_EMPTY: not scored; an error: it could not be trained */
    uint32_t reserved;   /**< 0 */
} kedge_contest_result;

/** What the last race came to. */
typedef struct kedge_contest_report {
    uint32_t winner;       /**< the candidate that answers, from 0 */
    uint32_t n_candidates; /**< how many there are */
    uint64_t n_fits;       /**< trainings of the race, without that of the winner */
    uint64_t n_rows;       /**< rows learned in it */
    uint64_t n_held;       /**< rows held out */
    kedge_contest_result candidates[KEDGE_CONTEST_MAX]; /**< how each of them did */
} kedge_contest_report;

/** A class of contests. @param cls to fill, lives as long as models of it  @param candidates their classes, of which one may stand
 *  there twice  @param n how many, 1 to #KEDGE_CONTEST_MAX
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL, or a class is malformed  @retval KEDGE_ERR_RANGE n
 *  @retval KEDGE_ERR_CLASS no class of models  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_contest_class(kedge_contest_of *cls, const kedge_model_class *const *candidates,
                                                           uint32_t n);

/** Defaults into a caller's struct; then set the candidates. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_contest_class()  @param n_features numbers in a row @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_contest_config_init(kedge_contest_config *cfg, size_t cfg_bytes,
                                                                 const kedge_contest_of *cls, uint32_t n_features,
                                                                 uint32_t n_classes);

/** Who won, and how the others did. @param m a contest, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing was fitted yet: the first candidate answers  @retval KEDGE_ERR_NULL
 *  a pointer is NULL  @retval KEDGE_ERR_CLASS no contest  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_contest_read(const kedge_model *m, kedge_contest_report *out);

/** A candidate, to look at it: a handle into the contest's memory, to treat as const, valid until the next fit. Only the winner has
 *  learned. Its class's name is what it is called: candidate.cls->base.name.
 *  @param m a contest  @param i which, from 0  @param candidate handle to set
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS no contest  @retval KEDGE_ERR_RANGE no
 *  such candidate  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_contest_get(const kedge_model *m, uint32_t i, kedge_model *candidate);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
