/* SPDX-License-Identifier: MIT */
/** @file detectors/ensemble.h
 *  Several detectors on one stream, and drift when enough of them agree; see #kedge_ensemble_config.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[(KEDGE_DDM_BYTES + KEDGE_PAGE_HINKLEY_BYTES + KEDGE_ENSEMBLE_BYTES) / 8];
 *      kedge_ddm_config ddm = kedge_ddm_defaults();
 *      kedge_page_hinkley_config page_hinkley = kedge_page_hinkley_defaults();
 *      kedge_ensemble_config both = kedge_ensemble_defaults(2, 2);   // two members, and both must say so
 *      kedge_detector members[2], votes;
 *      int i, drifts = 0;
 *      if (kedge_detector_init(&members[0], &ddm.base, mem, KEDGE_DDM_BYTES) < 0) return 1;
 *      if (kedge_detector_init(&members[1], &page_hinkley.base, mem + KEDGE_DDM_BYTES / 8, KEDGE_PAGE_HINKLEY_BYTES) < 0) return 1;
 *      if (kedge_detector_init(&votes, &both.base, mem + (KEDGE_DDM_BYTES + KEDGE_PAGE_HINKLEY_BYTES) / 8,
 *                              KEDGE_ENSEMBLE_BYTES) < 0) return 1;
 *      for (i = 0; i < 3000; i++)
 *          drifts += kedge_ensemble_update(&votes, members, 2, i < 1500 ? i % 10 == 0 : i % 2 == 0) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_ENSEMBLE_H
#define KEDGE_DETECTORS_ENSEMBLE_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

#define KEDGE_ENSEMBLE_MAX 16u /**< most members of an ensemble */

/** Ensemble: drift when `votes` of `n_members` detectors have raised drift within `window` observations; warning as long as any
 *  has, or warns. The members are detectors of the caller's, of any class, each with its own state and snapshot; this class counts
 *  their votes, and kedge_ensemble_update() feeds all of them. After drift no vote counts any more; the members have restarted each
 *  in its own time, as they do. By itself the class takes the numbers of kedge_ensemble_vote(). Alarm: changed_at is the earliest
 *  vote that counted. Statistic: votes that count; threshold: votes - 1/2. Cost: O(n_members), and the members'. */
typedef struct kedge_ensemble_config {
    kedge_detector_config base; /**< set by kedge_ensemble_config_init() */
    uint64_t window;     /**< observations that a vote counts for, 1 to 2^62, default 100 */
    uint32_t n_members;  /**< 1 to #KEDGE_ENSEMBLE_MAX */
    uint32_t votes;      /**< of these, as many must agree, 1 to n_members */
} kedge_ensemble_config;

#define KEDGE_ENSEMBLE_BYTES 264u /**< bytes of an ensemble's votes, for any number of members */

extern KEDGE_API const kedge_detector_class kedge_ensemble; /**< the class; takes whole numbers from 0 to 2^32 - 1 */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_members detectors  @param votes as many must agree
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_ensemble_config_init(kedge_ensemble_config *cfg, size_t cfg_bytes, uint32_t n_members, uint32_t votes);

/** The default configuration. @param n_members detectors @param votes as many must agree @return it @since 0.1 */
static inline kedge_ensemble_config kedge_ensemble_defaults(uint32_t n_members, uint32_t votes)
{
    kedge_ensemble_config cfg;
    if (kedge_ensemble_config_init(&cfg, sizeof cfg, n_members, votes) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** What members say, as the observation that the class takes: bit i for drift of member i, bit 16 + i for its warning.
 *  @param statuses what kedge_detector_update() returned for each  @param n_members how many, at most #KEDGE_ENSEMBLE_MAX
 *  @return the number to feed  @since 0.1 */
static inline double kedge_ensemble_vote(const kedge_status *statuses, uint32_t n_members)
{
    uint32_t bits = 0;
    uint32_t i;
    for (i = 0; i < n_members && i < KEDGE_ENSEMBLE_MAX; i++)
        bits |= statuses[i] == KEDGE_DRIFT ? 1u << i : statuses[i] == KEDGE_WARNING ? 65536u << i : 0u;
    return bits;
}

/** Feed one observation to all members, and their votes to the ensemble. All or nothing: what one member refuses none gets.
 *  @param votes an ensemble  @param members its detectors, each with its own state  @param n_members how many, as configured
 *  @param x the observation  @return as kedge_detector_update(), for the ensemble  @retval KEDGE_ERR_NULL a handle is missing
 *  @retval KEDGE_ERR_CLASS votes is no ensemble  @retval KEDGE_ERR_SHAPE n_members is not what was configured
 *  @complexity O(n_members), and the members'  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_ensemble_update(kedge_detector *votes, kedge_detector *members, uint32_t n_members,
                                                             double x);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
