/* SPDX-License-Identifier: MIT */
/* The list of all preps, in a file of its own: a static link takes it in only where a program asks for it. */
#include "base/fp.h"

#include "kedge/prep.h"

static const kedge_prep_class *const prep_all[] = {
    &kedge_clip,
    &kedge_hash_code,
    &kedge_impute,
    &kedge_lag,
    &kedge_one_hot,
    &kedge_ordinal,
    &kedge_polynomial,
    &kedge_quantiles,
    &kedge_scale,
    &kedge_target_code,
    NULL,
};

const kedge_prep_class *const *kedge_prep_classes(void)
{
    return prep_all;
}
