/* SPDX-License-Identifier: MIT */
/* The state of PCA-CD, for its two files. */
#ifndef KEDGE_DETECTORS_PCA_CD_STATE_H
#define KEDGE_DETECTORS_PCA_CD_STATE_H

#include "kedge/detectors/pca_cd.h"

#include "base/arena.h"
#include "base/object.h"
#include "detectors/page_hinkley_side.h"
#include "detectors/record.h"

typedef struct pca_cd_state {
    kedge_state_head head;
    double explained;
    double delta;
    double threshold;
    double pseudo_count;
    uint32_t n_features;
    uint32_t window_size;
    uint32_t n_bins;
    uint32_t step;
    uint8_t divergence;
    uint8_t on_drift;
    uint8_t reserved[2];
    uint32_t n_cells;        /* layout: n_features n_bins */
    uint32_t n_numbers;      /* layout: n_features window_size */
    uint32_t n_matrix;       /* layout: n_features^2 */
    uint32_t at_row;         /* layout: the row that comes in */
    uint32_t at_means;       /* layout: of the reference's features, 0 before there is one, as all that is learned */
    uint32_t at_deviations;  /* layout: 0: the feature is constant */
    uint32_t at_axes;        /* layout: the first n_principal rows are the components, 0 behind them */
    uint32_t at_low;         /* layout: ends of the bins of each component, 0 behind the last */
    uint32_t at_high;
    uint32_t at_divergences; /* layout: the newest, by component */
    uint32_t at_rows;        /* layout: the window, a ring; the reference while it is learned */
    uint32_t at_reference;   /* layout: rows by component and bin */
    uint32_t at_counts;      /* layout: likewise of the window */
    uint32_t at_bins;        /* layout: of the window's rows, by row and component */
    uint32_t at_matrix;      /* layout: scratch: 0 between updates */
    uint32_t at_scaled;      /* layout: scratch, likewise */
    uint32_t filled;         /* numbers of a row that is coming in */
    uint32_t n_learned;      /* rows of the reference */
    uint32_t n_principal;    /* components that are principal ones */
    uint32_t n_components;   /* with the one for constant features, if there are any */
    uint32_t n_shown;        /* components whose newest divergence is there */
    uint32_t held;           /* rows in the window */
    uint32_t place;          /* in the ring, of the next row */
    uint32_t wait;           /* rows until the next divergence, once the window has been full */
    uint32_t reserved_2;
    uint64_t n;              /* divergences since the reference */
    double mean;             /* of these */
    double m2;               /* sum of their squared deviations from it */
    page_hinkley_side rise;
    detector_record record;  /* counts rows */
} pca_cd_state;

static inline int pca_cd_is_learned(const pca_cd_state *s)
{
    return s->n_learned == s->window_size;
}

static inline double *pca_cd_row_of(pca_cd_state *s, uint32_t i)
{
    return (double *)kedge_i_at(s, s->at_rows) + (size_t)i * s->n_features;
}

/* Learn the means, deviations, components and histograms of the rows where the window lies. */
void kedge_i_pca_cd_learn(pca_cd_state *s);

/* The bin of a row along each component. */
void kedge_i_pca_cd_bins(pca_cd_state *s, const double *row, uint8_t *bins);

/* All that kedge_i_pca_cd_learn() has learned is 0. */
void kedge_i_pca_cd_forget(pca_cd_state *s);

#endif
