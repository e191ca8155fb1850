/* SPDX-License-Identifier: MIT */
/* Quiet observations without end, from a stream or from a sample. Blocks hold whole rows. */
#ifndef KEDGE_CALIBRATE_QUIET_H
#define KEDGE_CALIBRATE_QUIET_H

#include "kedge/calibrate.h"

enum { KEDGE_I_QUIET_BLOCK = 256 };

typedef struct quiet_source {
    kedge_stream *stream; /* or NULL */
    const double *sample;
    size_t n_sample;
    uint32_t row_length;
    uint64_t block;
    kedge_rng rng;
    size_t place;  /* in the sample: the draw after which the next follows */
    double *x;     /* room for the features of a block, if the stream has any */
    size_t at;     /* the next of the block */
    size_t n;      /* in the block */
    double y[KEDGE_I_QUIET_BLOCK];
    uint8_t changed[KEDGE_I_QUIET_BLOCK];
} quiet_source;

/* Doubles behind the struct that x needs. */
size_t kedge_i_quiet_features(const kedge_calibration *how);

void kedge_i_quiet_begin(quiet_source *q, const kedge_calibration *how, double *x);

/* The rest of the block, a new one if it is used up. Take some: add to q->at. KEDGE_ERR_STATE: the stream changes. */
kedge_status kedge_i_quiet_look(quiet_source *q, const double **y, size_t *n);

#endif
