/* SPDX-License-Identifier: MIT */
/* One number for predictions, by its name: what a row adds, and what all rows come to. */
#ifndef KEDGE_METRICS_SCORE_H
#define KEDGE_METRICS_SCORE_H

#include "kedge/score.h"

/* A score in the making. */
typedef struct kedge_i_score {
    uint32_t by;           /* KEDGE_SCORE_... */
    uint32_t n_classes;    /* 0: regression */
    size_t n;              /* rows with weight */
    double weight;         /* of all rows */
    double sum, rest;      /* of weight times what each row adds: Neumaier 1974 */
    double mean, squares;  /* R2: of the targets, Welford 1962 with weights (West 1979) */
    struct kedge_i_pair *ranked; /* AUC: of each row the probability of class 1 and the weight, < 0: of class 0 */
    size_t n_most;               /* AUC: rows that there is room for, twice */
} kedge_i_score;

/* Does it fit models with so many classes? */
int kedge_i_score_fits(uint32_t by, uint32_t n_classes);

/* Bytes that it needs for at most so many rows, a multiple of KEDGE_ALIGN; 0 for all but the area. */
uint64_t kedge_i_score_bytes(uint32_t by, uint64_t n_rows);

/* Begin, in memory of so many bytes. */
void kedge_i_score_begin(kedge_i_score *s, uint32_t by, uint32_t n_classes, size_t n_rows, void *work);

/* What a row adds: the weighted mean of these over rows is the score, its square root the RMSE, (targets' deviation)^2 (1 - R2)
 * the R2's; for the area the probability of class 1. `predicted` is what predict says (the class; a regression's value), `scores`
 * what score says (n_classes numbers; unused for a regression and for accuracy). Never over- or underflows into an exception:
 * errors count as at most 1e140. */
double kedge_i_score_of_row(uint32_t by, uint32_t n_classes, double y, double predicted, const double *scores);

/* Add a row of weight >= 0 by what it adds. */
void kedge_i_score_add_term(kedge_i_score *s, double y, double term, double weight);

/* Add a row of weight >= 0. */
void kedge_i_score_add(kedge_i_score *s, double y, double predicted, const double *scores, double weight);

/* The number; NaN where the rows determine none: no weight, or for the area one class only. */
double kedge_i_score_read(const kedge_i_score *s);

/* Ask a model for a valid row and add what it says. `scores`: room for the greater of n_classes and 1. */
kedge_status kedge_i_score_ask(kedge_i_score *s, const kedge_model *m, const kedge_row *x, double y, double weight, double *scores);

#endif
