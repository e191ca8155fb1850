/* SPDX-License-Identifier: MIT */
/* All built-in methods of data drift, A-Z. Nothing else names this file's functions, so a program that does not links only what it
 * uses. */
#include "base/fp.h"

#include <string.h>

#include "kedge/shift.h"

static const kedge_shift_class *const shift_all[] = {
    &kedge_anderson_darling,
    &kedge_bhattacharyya,
    &kedge_bws,
    &kedge_chi_squared,
    &kedge_classifier_test,
    &kedge_cramer_von_mises,
    &kedge_energy,
    &kedge_fisher,
    &kedge_g_test,
    &kedge_hdddm_distance,
    &kedge_hellinger,
    &kedge_histogram_intersection,
    &kedge_jensen_shannon,
    &kedge_kdq_tree,
    &kedge_ks,
    &kedge_kuiper,
    &kedge_kullback_leibler,
    &kedge_l_infinity,
    &kedge_lsdd,
    &kedge_mann_whitney,
    &kedge_mmd,
    &kedge_nn_dvi,
    &kedge_psi,
    &kedge_quant_tree,
    &kedge_total_variation,
    &kedge_wasserstein,
    &kedge_welch,
    NULL,
};

const kedge_shift_class *const *kedge_shift_classes(void)
{
    return shift_all;
}

const kedge_shift_class *kedge_shift_find(const char *name)
{
    for (size_t i = 0; name && shift_all[i]; i++)
        if (strcmp(shift_all[i]->name, name) == 0)
            return shift_all[i];
    return NULL;
}
