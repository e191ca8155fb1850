/* SPDX-License-Identifier: MIT */
/* What the preps of categories do alike, and what a simple kind needs. */
#ifndef KEDGE_PREP_PREP_CODED_H
#define KEDGE_PREP_PREP_CODED_H

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "prep/prep_codes.h"
#include "prep/prep_state.h"

kedge_codes kedge_i_coded_defaults(void);
kedge_status kedge_i_coded_admit(const kedge_prep_state *s, const prep_codes *c, const kedge_row *x);
void kedge_i_coded_learn(kedge_prep_state *s, const prep_codes *c, const kedge_row *x);
/* KEDGE_ERR_UNKNOWN: there is a category that the prep refuses. work: two numbers a row. */
kedge_status kedge_i_coded_fit(kedge_prep_state *s, const prep_codes *c, const kedge_rows *x, double *work);

#endif
