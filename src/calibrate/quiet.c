/* SPDX-License-Identifier: MIT */
/* Quiet observations for calibration: of a stream, or drawn from a sample with replacement. Politis, Romano 1994, "The stationary
 * bootstrap", JASA 89: pieces of geometric length from random places of the sample, which is taken for a circle; length 1 is
 * Efron's bootstrap. */
#include "base/fp.h"

#include <string.h>

#include "calibrate/quiet.h"

#include "base/check.h"

size_t kedge_i_quiet_features(const kedge_calibration *how)
{
    return how->stream ? (size_t)kedge_stream_features(how->stream) * KEDGE_I_QUIET_BLOCK : 0;
}

void kedge_i_quiet_begin(quiet_source *q, const kedge_calibration *how, double *x)
{
    memset(q, 0, sizeof *q);
    q->stream = how->stream;
    q->sample = how->sample;
    q->n_sample = how->n_sample;
    q->row_length = how->row_length;
    q->block = how->block;
    q->rng.state = how->seed;
    q->x = x;
}

/* Returns how many numbers. */
static size_t quiet_draw(quiet_source *q)
{
    size_t n = 0;
    for (; n + q->row_length <= KEDGE_I_QUIET_BLOCK; n += q->row_length) {
        if (kedge_rng_below(&q->rng, q->block) == 0) /* a piece ends with the chance 1 / block */
            q->place = (size_t)kedge_rng_below(&q->rng, q->n_sample);
        else if (++q->place == q->n_sample)
            q->place = 0;
        memcpy(q->y + n, q->sample + q->place * q->row_length, q->row_length * sizeof *q->y);
    }
    return n;
}

static kedge_status quiet_refill(quiet_source *q)
{
    if (q->stream) {
        KEDGE_TRY(kedge_stream_next(q->stream, q->x, q->y, q->changed, KEDGE_I_QUIET_BLOCK));
        if (memchr(q->changed, 1, sizeof q->changed))
            return KEDGE_ERR_STATE;
        q->n = KEDGE_I_QUIET_BLOCK;
    } else {
        q->n = quiet_draw(q);
    }
    q->at = 0;
    return KEDGE_OK;
}

kedge_status kedge_i_quiet_look(quiet_source *q, const double **y, size_t *n)
{
    if (q->at == q->n)
        KEDGE_TRY(quiet_refill(q));
    *y = q->y + q->at;
    *n = q->n - q->at;
    return KEDGE_OK;
}
