/* SPDX-License-Identifier: MIT */
/* The state of ABCD, which three files share: abcd_model.c learns and reconstructs, abcd_window.c keeps and splits the losses,
 * abcd.c is the class. */
#ifndef KEDGE_DETECTORS_ABCD_STATE_H
#define KEDGE_DETECTORS_ABCD_STATE_H

#include "kedge/detectors/abcd.h"

#include "base/arena.h"
#include "detectors/record.h"

enum { ABCD_MAX_SIZES = 32 }; /* 2^30 rows in parts of at least 1 need 30 */

typedef struct abcd_state {
    kedge_state_head head;
    double delta;
    double delta_warning;
    double clip;
    double subspace_p;
    uint32_t n_features;
    uint32_t n_components;
    uint32_t n_train;
    uint32_t min_window;
    uint32_t max_window;
    uint32_t max_buckets;
    uint32_t bucket_rows;
    uint8_t direction;
    uint8_t warned;
    uint8_t reserved[2];
    uint32_t n_sizes;    /* layout: sizes of parts */
    uint32_t n_matrix;   /* layout: n_features^2 */
    uint32_t n_sums;     /* layout: numbers in all parts */
    uint32_t at_row;     /* layout: the row that comes in; then scaled and centred */
    uint32_t at_scores;  /* layout: scratch, written before it is read: its components; while learning, its deviations */
    uint32_t at_low;     /* layout: least of each feature in training */
    uint32_t at_range;   /* layout: greatest of each feature; learned: 1 / range */
    uint32_t at_mean;    /* layout: mean of each feature; learned: scaled */
    uint32_t at_gain;    /* layout: learned: 1 / (clip * mean squared error of each feature in training) */
    uint32_t at_p;       /* layout: the last alarm's p-value of each feature */
    uint32_t at_products; /* layout: sums of products of deviations, upper triangle; learned: 0 */
    uint32_t at_axes;    /* layout: learned: the principal axes, row after row */
    uint32_t at_sums;    /* layout: parts by size and age, oldest first; the last one is open */
    uint32_t filled;     /* numbers of a row that is coming in */
    uint32_t n_open;     /* rows in the open part */
    uint32_t n_learned;  /* rows learned from, n_train: all */
    detector_record record; /* counts rows */
    double loss_gain;    /* learned: 1 / (clip * mean squared error of a row in training) */
    double severity;     /* of the last alarm */
    uint8_t n_held[ABCD_MAX_SIZES]; /* parts of each size, at most max_buckets */
} abcd_state;

/* One side of a split: n losses within [0, 1], their sum and that of their squares. */
typedef struct abcd_part {
    double n;
    double sum;
    double squares;
} abcd_part;

typedef struct abcd_split {
    double evidence;  /* -ln p, 0 if there is no split */
    uint64_t n_after; /* rows behind it */
} abcd_split;

static inline double *abcd_at(abcd_state *s, uint32_t offset)
{
    return kedge_i_at(s, offset);
}

static inline const double *abcd_read(const abcd_state *s, uint32_t offset)
{
    return kedge_i_at_const(s, offset);
}

static inline int abcd_is_learned(const abcd_state *s)
{
    return s->n_learned == s->n_train;
}

/* abcd_model.c */
void kedge_i_abcd_learn(abcd_state *s);                 /* from the row that came in */
double kedge_i_abcd_loss(abcd_state *s, double *sums);  /* of the row that came in; adds those of its features to a part's sums */
int kedge_i_abcd_model_is_sound(const abcd_state *s);

/* abcd_window.c */
uint32_t kedge_i_abcd_sizes(const abcd_state *s);
uint32_t kedge_i_abcd_stride(const abcd_state *s);      /* numbers in a part: two sums of loss, then of each feature's */
double *kedge_i_abcd_open(abcd_state *s);
void kedge_i_abcd_close(abcd_state *s);                 /* the open part is full */
uint64_t kedge_i_abcd_width(const abcd_state *s);
abcd_split kedge_i_abcd_best(const abcd_state *s);      /* over the closed parts */
uint64_t kedge_i_abcd_likeliest(const abcd_state *s, const abcd_split *alarm); /* rows behind the likeliest change of an alarm */
double kedge_i_abcd_evidence(const abcd_state *s, const abcd_part *before, const abcd_part *after); /* -ln p of a split */
void kedge_i_abcd_parts(const abcd_state *s, uint32_t column, uint64_t n_after, abcd_part *before, abcd_part *after);
double kedge_i_abcd_variance(const abcd_part *part);
int kedge_i_abcd_window_is_sound(const abcd_state *s);

#endif
