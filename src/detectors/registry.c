/* SPDX-License-Identifier: MIT */
/* The list of all detectors, in a file of its own: a static link takes it in only where a program asks for a detector by name. */
#include "base/fp.h"

#include <string.h>

#include "kedge/detector.h"

static const kedge_detector_class *const detector_all[] = {
    &kedge_abcd,
    &kedge_adwin,
    &kedge_bocpd,
    &kedge_conformal,
    &kedge_cs_detector,
    &kedge_cusum,
    &kedge_ddm,
    &kedge_e_detector,
    &kedge_ecdd,
    &kedge_eddm,
    &kedge_ensemble,
    &kedge_ewma_chart,
    &kedge_fhddm,
    &kedge_focus,
    &kedge_gma,
    &kedge_hdddm,
    &kedge_hddm_a,
    &kedge_hddm_w,
    &kedge_kswin,
    &kedge_lfr,
    &kedge_md3,
    &kedge_mddm,
    &kedge_optwin,
    &kedge_page_hinkley,
    &kedge_pca_cd,
    &kedge_rddm,
    &kedge_seed,
    &kedge_seqdrift2,
    &kedge_shewhart,
    &kedge_sliding_histogram,
    &kedge_sliding_ks,
    &kedge_sliding_mmd,
    &kedge_stepd,
    NULL,
};

const kedge_detector_class *const *kedge_detector_classes(void)
{
    return detector_all;
}

const kedge_detector_class *kedge_detector_find(const char *name)
{
    for (size_t i = 0; name && detector_all[i]; i++)
        if (strcmp(detector_all[i]->base.name, name) == 0)
            return detector_all[i];
    return NULL;
}
