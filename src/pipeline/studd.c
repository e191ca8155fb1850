/* SPDX-License-Identifier: MIT */
/* STUDD: Cerqueira, Gomes, Bifet, Torgo 2023, "STUDD: a student-teacher method for unsupervised concept drift detection", Machine
 * Learning 112, section 3.2: the student's error in imitating the teacher is the detector's stream. */
#include "base/fp.h"

#include <math.h>

#include "kedge/studd.h"

#include "base/check.h"
#include "base/number.h"

kedge_status kedge_studd_update(const kedge_model *student, kedge_detector *d, const double *x, double teacher)
{
    double imitated = 0.0;
    kedge_model_info info;
    if (!d)
        return KEDGE_ERR_NULL;
    if (!kedge_i_finite(teacher))
        return KEDGE_ERR_NOT_FINITE;
    KEDGE_TRY(kedge_model_describe(student, &info));
    kedge_status st = kedge_model_predict(student, x, &imitated);
    if (st != KEDGE_OK)
        return st;
    return kedge_detector_update(d, info.n_classes > 0 ? (double)(imitated != teacher) : fabs(imitated - teacher));
}
