/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both trainers share: the linear part of their states, and columns brought to mean 0 and deviation 1 without overflow.
 *
 * A column is first multiplied by the power of two that brings its largest magnitude to [1, 2): exact, so 1e300 and 1e-300 are
 * alike. Then it is centred. States keep the weights in these units, since a weight in the caller's units need not fit a double:
 *     value = target_scale * (intercept + sum over j of weight[j] * (x[j] * unit[j] - centre[j])) */
#ifndef KEDGE_GSL_LINEAR_MODEL_H
#define KEDGE_GSL_LINEAR_MODEL_H

#include "kedge/model.h"

#include "base/arena.h"

#define KEDGE_I_GSL_NUMBER_MAX 1e100 /* of a stored weight or intercept: with inputs cut at 1e200, sums stay far below overflow */

/* First member of both classes' states. */
typedef struct kedge_i_gsl_state {
    kedge_model_state model;
    uint32_t n;          /* n_features: length of the arrays */
    uint32_t weight_at;  /* doubles, magnitude at most KEDGE_I_GSL_NUMBER_MAX */
    uint32_t centre_at;  /* doubles in [-2, 2] */
    uint32_t unit_at;    /* doubles, positive: what x is multiplied by */
    double intercept;    /* value at the centre, in units of target_scale */
    double target_scale; /* positive, at most KEDGE_TARGET_MAX; 1 for classes */
    double deviance;     /* of the fit, >= 0 */
    double condition;    /* of the standardised columns, >= 1; 0: not known */
    uint32_t rank;       /* columns that have a weight, at most n */
    uint32_t iterations; /* of the fit */
    uint32_t report;     /* parameter: 1: keeps the root */
    uint32_t n_root;     /* (n + 1) (n + 2) / 2, or 0 without report */
    uint32_t root_at;    /* doubles: lower triangle T, row i at i (i + 1) / 2, with T' T the covariance of the intercept, which
                          * comes first, and the weights, in units of target_scale; magnitude at most KEDGE_I_GSL_NUMBER_MAX. Row
                          * and column of what has no weight are 0 */
    uint32_t has_root;   /* 1: the last fit gave one */
    double df;           /* residual degrees of freedom of the root; KEDGE_I_GSL_NORMAL: the spread is known */
    double spread;       /* of a row of weight 1 about the model, in units of target_scale */
    double unexplained;  /* share of the target's weighted squares about its mean that the model leaves, [0, 1] */
} kedge_i_gsl_state;

/* Lines of both field tables: the parameters first, the rest last. */
#define KEDGE_I_GSL_PARAMS(state)                                                                  \
    KEDGE_PARAM(state, linear.model.n_features, KEDGE_TYPE_U32),                                   \
        KEDGE_PARAM(state, linear.model.n_classes, KEDGE_TYPE_U32)
#define KEDGE_I_GSL_REPORT(state) KEDGE_PARAM(state, linear.report, KEDGE_TYPE_U32) /* for classes that have one */
#define KEDGE_I_GSL_VALUES(state)                                                                  \
    KEDGE_VALUE(state, linear.model.n_learned, KEDGE_TYPE_COUNT),                                    \
        KEDGE_VALUE(state, linear.intercept, KEDGE_TYPE_F64),                                      \
        KEDGE_VALUE(state, linear.target_scale, KEDGE_TYPE_F64),                                   \
        KEDGE_VALUE(state, linear.deviance, KEDGE_TYPE_F64),                                       \
        KEDGE_VALUE(state, linear.condition, KEDGE_TYPE_F64),                                      \
        KEDGE_VALUE(state, linear.rank, KEDGE_TYPE_U32),                                           \
        KEDGE_VALUE(state, linear.iterations, KEDGE_TYPE_U32),                                     \
        KEDGE_VALUE(state, linear.has_root, KEDGE_TYPE_U32),                                       \
        KEDGE_VALUE(state, linear.df, KEDGE_TYPE_F64),                                             \
        KEDGE_VALUE(state, linear.spread, KEDGE_TYPE_F64),                                         \
        KEDGE_VALUE(state, linear.unexplained, KEDGE_TYPE_F64),                                    \
        KEDGE_ARRAY(state, linear.weight_at, linear.n, KEDGE_TYPE_F64),                            \
        KEDGE_ARRAY(state, linear.centre_at, linear.n, KEDGE_TYPE_F64),                            \
        KEDGE_ARRAY(state, linear.unit_at, linear.n, KEDGE_TYPE_F64),                              \
        KEDGE_ARRAY(state, linear.root_at, linear.n_root, KEDGE_TYPE_F64)

/* Columns of a table, seen through weights. The arrays, n_columns each, are the caller's. */
typedef struct kedge_i_gsl_columns {
    const kedge_rows *x;
    const double *weight; /* of rows; NULL: all 1 */
    double *unit;         /* power of two */
    double *centre;       /* mean of x * unit */
    double *inverse_sd;   /* of x * unit; 0: the column is constant */
    double *copy;         /* a row that does not stand in the table as it should */
    double weight_max;    /* of a row */
    double weight_sum;    /* of all rows, in units of weight_max */
    uint64_t n_used;      /* rows that have a weight */
} kedge_i_gsl_columns;

size_t kedge_i_gsl_layout(kedge_i_gsl_state *linear, size_t fixed_bytes);
void kedge_i_gsl_start(void *state);
int kedge_i_gsl_check(const void *state);
double kedge_i_gsl_value(const void *state, const kedge_row *x);

/* Take over the result of a fit: standardised weights (changed on the way) and the intercept at the centre. KEDGE_ERR_NUMERIC: a
 * number is not finite or too large; the state is as it was. Counts, rank and deviance are the caller's to set. */
kedge_status kedge_i_gsl_commit(void *state, const kedge_i_gsl_columns *columns, double *weight, double intercept,
                                double target_scale);

/* Errors of the fit that was just committed, from a root as the state keeps it but for the units: of the intercept and of the
 * weights of standardised columns, over `scale`. Changed on the way. A root beyond the state's bounds leaves the report empty. */
void kedge_i_gsl_commit_errors(void *state, const double *inverse_sd, double *root, double scale, double df, double spread,
                               double unexplained);

/* Standard error of the value at a row (NULL: at features that are all 0), in units of target_scale, at most 1e300. */
double kedge_i_gsl_value_error(const void *state, const kedge_row *x);

/* Standard error of weight i as the state keeps it. */
double kedge_i_gsl_weight_error(const void *state, uint32_t i);

/* scale * weight * unit. 0: it does not fit a double, nothing is written. */
int kedge_i_gsl_rescale(double weight, double unit, double scale, double *out);

/* A weight of the state, or its error, in the caller's units. 0: it does not fit a double, nothing is written. */
int kedge_i_gsl_in_units(const kedge_i_gsl_state *linear, uint32_t i, double weight, double *out);

/* The intercept in the caller's units: of the state, or of another value at the centre with other weights. */
double kedge_i_gsl_intercept_of(const kedge_i_gsl_state *linear, double intercept, const double *weight);
double kedge_i_gsl_intercept(const kedge_i_gsl_state *linear);

/* x * unit, cut at 1e200. */
double kedge_i_gsl_input(double x, double unit);

/* The linear part of a model of any class that has one: those are known by their start. */
kedge_status kedge_i_gsl_state_of(const kedge_model *m, const kedge_i_gsl_state **linear);

/* Measure all columns: two passes. n_used = 0: no row has a weight, nothing else is set. */
void kedge_i_gsl_measure(kedge_i_gsl_columns *columns);

/* Row i_row standardised, into n_columns numbers of magnitude below 2^52. */
void kedge_i_gsl_standardise(const kedge_i_gsl_columns *columns, size_t i_row, double *out);

/* One over the deviation of a column in its unit, from its mean square; 0: no more than rounding can make of a constant one. */
double kedge_i_gsl_inverse_sd(double mean_squares);

/* Are n numbers of magnitude up to `most`? */
int kedge_i_gsl_all_within(const double *x, size_t n, double most);

/* Are n numbers units that a state may have? */
int kedge_i_gsl_units_valid(const double *unit, size_t n);

/* Probabilities in proportion to exp(values), in their place; 0 where share is 0 (NULL: nowhere). */
void kedge_i_gsl_probabilities(double *values, const double *share, size_t n);

/* Rows for calls that are no class's: all numbers finite and in range. y and weight may be NULL. */
kedge_status kedge_i_gsl_check_rows(const kedge_rows *x, const double *y, const double *weight);

/* Is memory there, aligned and large enough? */
kedge_status kedge_i_gsl_check_room(const void *memory, size_t bytes, size_t need);

/* The slots predict and score of regressions whose state begins with the linear part. */
kedge_status kedge_i_gsl_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y);

/* Weight of a row in units of the greatest, in [0, 1]; only after measure. */
static inline double kedge_i_gsl_weight(const kedge_i_gsl_columns *columns, size_t i_row)
{
    return columns->weight ? columns->weight[i_row] / columns->weight_max : 1.0;
}

/* Power of two u with 1 <= x * u < 2, at most 1 / DBL_MIN; 1 for x = 0. */
double kedge_i_gsl_unit(double x);

/* Place of n doubles in a fit's work memory, counted from *used; saturates instead of wrapping around. */
uint64_t kedge_i_gsl_take(uint64_t *used, uint64_t n_rows, uint64_t n_columns);

/* Bytes of so many doubles; 0 if no object can be that large. */
size_t kedge_i_gsl_work_bytes(uint64_t n_doubles);

#endif
