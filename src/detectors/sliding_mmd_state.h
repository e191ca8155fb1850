/* SPDX-License-Identifier: MIT */
/* The state of a sliding comparison of rows, and what its two files share. */
#ifndef KEDGE_DETECTORS_SLIDING_MMD_STATE_H
#define KEDGE_DETECTORS_SLIDING_MMD_STATE_H

#include "kedge/detectors/sliding_mmd.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/standard.h"
#include "detectors/record.h"

#define KEDGE_I_SLIDING_MMD_BANDWIDTH_MIN 1e-3
#define KEDGE_I_SLIDING_MMD_BANDWIDTH_MAX 1e3

typedef struct sliding_mmd_state {
    kedge_state_head head;
    double threshold;
    double bandwidth;
    double regularisation;
    uint64_t seed;
    uint32_t n_columns;
    uint32_t n_features;
    uint32_t n_reference;
    uint32_t window_size;
    uint8_t figure;
    uint8_t on_drift;
    uint8_t reserved[2];
    uint32_t n_kept;      /* layout: numbers in the ring, of the greater of n_reference and window_size rows */
    uint32_t n_centres;   /* layout: n_features n_columns */
    uint32_t n_vector;    /* layout: numbers in a row's vector */
    uint32_t n_factor;    /* layout: of LSDD a triangle of n_features, else 0 */
    uint32_t at_row;      /* layout: the row that comes in */
    uint32_t at_means;    /* layout: of the reference's columns */
    uint32_t at_deviations; /* layout: likewise; 0: a constant column */
    uint32_t at_centres;  /* layout: a row for each feature: frequencies, or centres of kernels in deviations */
    uint32_t at_factor;   /* layout: of LSDD's system */
    uint32_t at_ring;     /* layout: the reference as it comes, later the window, by time */
    uint32_t at_reference; /* layout: sum of the reference's vectors */
    uint32_t at_window;   /* layout: sum of the window's vectors */
    uint32_t at_fresh;    /* layout: sum of the vectors since the ring began its turn */
    uint32_t at_vector;   /* layout: of one row; nothing between updates */
    uint32_t at_scaled;   /* layout: a row in deviations; likewise */
    uint32_t filled;      /* numbers of the row that comes in */
    uint32_t n_learned;   /* rows of the reference */
    uint32_t held;        /* rows in the window */
    uint32_t place;       /* where the next row goes in the ring */
    uint32_t reserved2;
    double width;         /* of the kernel, 0 while the reference is learned */
    double statistic;     /* of the full window; 0 while it fills */
    detector_record record;
} sliding_mmd_state;

static inline double *sliding_mmd_row_of(sliding_mmd_state *s, uint32_t i)
{
    return (double *)kedge_i_at(s, s->at_ring) + (size_t)i * s->n_columns;
}

/* Four sums, so that an addition does not wait for the one before. */
static inline double sliding_mmd_product(const sliding_mmd_state *s, const double *a, const double *b)
{
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    uint32_t k = 0;
    for (; k + 4 <= s->n_vector; k += 4)
        for (uint32_t lane = 0; lane < 4; lane++)
            sums[lane] += a[k + lane] * b[k + lane];
    for (; k < s->n_vector; k++)
        sums[0] += a[k] * b[k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* sliding_mmd_map.c */
uint32_t kedge_i_sliding_mmd_numbers(const sliding_mmd_state *s); /* in a vector */
uint32_t kedge_i_sliding_mmd_factor(const sliding_mmd_state *s);  /* in LSDD's factor */
void kedge_i_sliding_mmd_adopt(sliding_mmd_state *s);             /* the reference lies in the ring: set up scales, features, LSDD's
                                                                   * system */
int kedge_i_sliding_mmd_map_is_sound(const sliding_mmd_state *s);
void kedge_i_sliding_mmd_vector(sliding_mmd_state *s, const double *row, double *vector);
double kedge_i_sliding_mmd_figure(sliding_mmd_state *s);                       /* of a full window; uses at_vector */
void kedge_i_sliding_mmd_witness(sliding_mmd_state *s, double *witness); /* times a row's vector: how much it is the window's;
                                                                          * n_vector numbers */

#endif
