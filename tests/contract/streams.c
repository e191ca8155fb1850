/* SPDX-License-Identifier: MIT */
/* What the subjects are fed with. */
#include <math.h>
#include <stdlib.h>

#include "contract.h"

int contract_is_forged;

void assert_fed(kedge_status st, kedge_status refusal)
{
    if (!(st >= 0 || (contract_is_forged && st == refusal)))
        fail_msg("an observation gives %d, %s", (int)st, kedge_status_string(st));
}

double contract_value(size_t i)
{
    kedge_rng rng = {i * 2654435761u};
    double rate = i < 300 ? 0.2 : i < 700 ? 0.7 : 0.3;
    return kedge_rng_uniform(&rng) < rate;
}

/* Rows whose label depends on the features, differently after row 500. */
void contract_row(size_t i, double *x, size_t n, double *y, uint32_t n_classes)
{
    kedge_rng rng = {i + 77};
    double sum = 0;
    for (size_t j = 0; j < n; j++) {
        x[j] = kedge_rng_normal(&rng) * (double)(j + 1);
        sum += x[j] / (double)(j + 1);
    }
    if (i >= 500)
        sum = -sum;
    sum += 0.3 * kedge_rng_normal(&rng);
    if (n_classes == 0)
        *y = sum;
    else
        *y = fmin(fmax(floor((sum + 1.0) * 0.5 * n_classes), 0.0), n_classes - 1.0);
}
