/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "prep/prep_coded.h"

#include "base/sort.h"

enum { CODED_CATEGORIES = 16 };

kedge_codes kedge_i_coded_defaults(void)
{
    kedge_codes codes = {0, CODED_CATEGORIES, KEDGE_UNSEEN_OTHER, 0};
    return codes;
}

kedge_status kedge_i_coded_admit(const kedge_prep_state *s, const prep_codes *c, const kedge_row *x)
{
    const uint32_t *picked = kedge_i_prep_picked(s);
    for (uint32_t k = 0; k < s->n_picked; k++)
        if (kedge_i_codes_refuse(c, s, k, kedge_i_row_at(x, picked[k])))
            return KEDGE_ERR_UNKNOWN;
    return KEDGE_OK;
}

void kedge_i_coded_learn(kedge_prep_state *s, const prep_codes *c, const kedge_row *x)
{
    const uint32_t *picked = kedge_i_prep_picked(s);
    for (uint32_t k = 0; k < s->n_picked; k++)
        (void)kedge_i_codes_add(c, s, k, kedge_i_row_at(x, picked[k]));
}

kedge_status kedge_i_coded_fit(kedge_prep_state *s, const prep_codes *c, const kedge_rows *x, double *work)
{
    for (uint32_t k = 0; k < s->n_picked; k++) {
        size_t n = kedge_i_prep_gather(x, kedge_i_prep_picked(s)[k], work);
        kedge_i_sort(work, n, work + x->n_rows);
        if (!kedge_i_codes_fit(c, s, k, work, n))
            return KEDGE_ERR_UNKNOWN;
    }
    return KEDGE_OK;
}
