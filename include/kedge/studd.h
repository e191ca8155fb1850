/* SPDX-License-Identifier: MIT */
/** @file studd.h
 *  STUDD: drift without labels. A student model learns what the serving model (the teacher) predicts; when the student begins to
 *  disagree with the teacher, the rows have become unlike those that both have seen.
 *
 *  @code
 *  #include <kedge.h>
 *  static double teacher(const double *x) { return x[0] + x[1] > 1.0; }
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_GAUSSIAN_NB_BYTES_FOR(2u, 2u)]; } student_mem;
 *      static union { double align; unsigned char bytes[KEDGE_PAGE_HINKLEY_BYTES]; } detector_mem;
 *      kedge_gaussian_nb_config nb = kedge_gaussian_nb_defaults(2, 2);
 *      kedge_page_hinkley_config page_hinkley = kedge_page_hinkley_defaults();
 *      kedge_rng rng = {1};
 *      kedge_model student;
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_model_init(&student, &nb.base, &student_mem, sizeof student_mem) < 0) return 1;
 *      page_hinkley.threshold = 20.0;
 *      if (kedge_detector_init(&d, &page_hinkley.base, &detector_mem, sizeof detector_mem) < 0) return 1;
 *      for (i = 0; i < 6000; i++) {
 *          double x[2];
 *          kedge_status st = KEDGE_OK;
 *          x[0] = kedge_rng_uniform(&rng) + (i < 4000 ? 0.0 : 3.0);   // the rows move at 4000
 *          x[1] = kedge_rng_uniform(&rng) - (i < 4000 ? 0.0 : 3.0);
 *          if (i < 2000) st = kedge_model_learn(&student, x, teacher(x), 1.0);
 *          else st = kedge_studd_update(&student, &d, x, teacher(x));
 *          if (st < 0) return 1;
 *          drifts += st == KEDGE_DRIFT;
 *          early += st == KEDGE_DRIFT && i < 4000;
 *      }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_STUDD_H
#define KEDGE_STUDD_H

#include "detector.h"
#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** STUDD: feed a detector with whether the student disagrees with the teacher on a row (1) or not (0).
 *  Cerqueira, Gomes, Bifet, Torgo 2023, "STUDD: a student-teacher method for unsupervised concept drift detection", Machine
 *  Learning 112, section 3.2. Train the student with kedge_model_fit() or kedge_model_learn() on the rows that the teacher was
 *  trained on, with the teacher's predictions of them for labels; after a promotion train it anew. Any model can be the student,
 *  any detector of error rates the detector; the paper takes Page-Hinkley. For regressions the observation is the absolute
 *  difference.
 *  @param student a trained model, may be shared  @param d a detector  @param x n_features numbers  @param teacher what the teacher
 *  predicted for them  @return as kedge_detector_update()  @retval KEDGE_EMPTY the student has not learned; nothing was fed
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x or teacher; nothing was fed
 *  @complexity a prediction and an update  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_studd_update(const kedge_model *student, kedge_detector *d, const double *x,
                                                          double teacher);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
