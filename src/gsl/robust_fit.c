/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M-estimates of a linear model by iteratively reweighted least squares: Huber 1981, "Robust Statistics", section 7.8, "weights";
 * the covariance is that of section 7.6, equation 7.6.5. Each step is a least squares fit by QR (triangle.c, least_squares_solve.c)
 * with the row weights times what the rows count by the step before; then the scale follows, statsmodels' order. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/robust_state.h"

#include "base/check.h"
#include "base/lanes.h"
#include "base/number.h"
#include "gsl/inference.h"
#include "gsl/least_squares.h"
#include "models/row.h"

#define FIT_NORMAL_MEDIAN 0.6744897501960817  /* of |z|: the upper quartile of the normal distribution */
#define FIT_ROUNDING      (64.0 * DBL_EPSILON)  /* of what the rows' targets are about */
#define FIT_EXACT         (8.0 * FIT_ROUNDING) /* likewise, with room for steps that still become smaller */
#define FIT_TOLERANCE     1e-12               /* as least squares has it by default */
#define FIT_ROUGHLY       1e-3                /* of Huber's answer, from which the bisquare starts */
#define FIT_SLOPE_MIN     1e-6                /* mean of psi' that says something of the errors */
#define FIT_SCALE_MAX     1e290               /* keeps products with it finite */
#define FIT_VALUE_MAX     1e140               /* of a prediction in units of target_scale, so that squares are finite */
#define FIT_FACTOR_MAX    1e50                /* scales in units of target_scale: rows that do not count may be that far off */
#define FIT_SPREAD_MIN    1e-150              /* a spread below this has no use as a divisor */
#define FIT_HUBER         1.345               /* tuning of the start */

enum { FIT_DIGIT = 11, FIT_BUCKETS = 1 << FIT_DIGIT };

/* A fit on the way. */
typedef struct robust_task {
    robust_state *s;
    const kedge_rows *x;
    const double *y, *weight; /* weight may be NULL */
    kedge_i_gsl_triangle t;
    double *size;    /* n_rows: |residual| */
    double *counts;  /* n_rows: weight times what the row counts */
    double *buckets; /* FIT_BUCKETS */
    double *rest;    /* scratch of least squares */
    double *kept;    /* with report: unit, centre, weight, 1, n each */
    double unit;     /* power of two that weights are multiplied by: the greatest comes to [1, 2) */
    double total;    /* of weights, in this unit */
    double change;   /* greatest of a residual in the last step, beyond rounding */
    double level;    /* what the targets of the rows that count are about */
} robust_task;

size_t kedge_i_robust_work(uint32_t n_features, uint32_t report, size_t n_rows)
{
    uint64_t block = kedge_i_gsl_triangle_block(n_features), scratch = kedge_i_least_squares_scratch(n_features, report);
    uint64_t used = kedge_i_gsl_triangle_numbers(n_features);
    (void)kedge_i_gsl_take(&used, block > scratch ? block : scratch, 1);
    (void)kedge_i_gsl_take(&used, n_rows, 2);
    (void)kedge_i_gsl_take(&used, FIT_BUCKETS, 1);
    if (report)
        (void)kedge_i_gsl_take(&used, n_features, 4);
    return kedge_i_gsl_work_bytes(used);
}

static void fit_place(robust_task *f, double *work)
{
    size_t n = f->x->n_rows, n_features = f->s->linear.n;
    uint64_t block = kedge_i_gsl_triangle_block(n_features);
    uint64_t scratch = kedge_i_least_squares_scratch(n_features, f->s->linear.report);
    f->t = kedge_i_gsl_triangle_at(work, n_features, KEDGE_GSL_METHOD_QR);
    f->rest = f->t.rest;
    f->size = f->rest + (block > scratch ? block : scratch);
    f->counts = f->size + n;
    f->buckets = f->counts + n;
    f->kept = f->buckets + FIT_BUCKETS;
}

static inline double fit_weight(const robust_task *f, size_t i)
{
    return f->weight ? f->weight[i] * f->unit : 1.0;
}

static double fit_value(const robust_task *f, size_t i)
{
    kedge_row row = kedge_i_row_of_rows(f->x, i);
    return kedge_i_gsl_value(f->s, &row);
}

/* Unit and total of the weights, which become what the rows count. Returns the number of rows that have one. */
static uint64_t fit_weigh(robust_task *f)
{
    double most = 0.0;
    uint64_t n_used = 0;
    for (size_t i = 0; f->weight && i < f->x->n_rows; i++)
        most = f->weight[i] > most ? f->weight[i] : most;
    f->unit = kedge_i_gsl_unit(most);
    f->total = 0.0;
    for (size_t i = 0; i < f->x->n_rows; i++) {
        f->size[i] = 0.0;
        f->counts[i] = fit_weight(f, i);
        f->total += f->counts[i];
        n_used += f->counts[i] > 0.0;
    }
    return n_used;
}

/* Weights ------------------------------------------------------------------------------------------------------------------- */

double kedge_i_robust_weight(uint32_t norm, double tuning, double scale, double residual)
{
    double reach = tuning * scale, size = fabs(residual);
    if (norm == KEDGE_ROBUST_HUBER)
        return reach / fmax(size, reach);
    double u = fmin(size, reach) / reach;
    return size < reach ? (1.0 - u * u) * (1.0 - u * u) : 0.0;
}

/* d (weight(u) u) / du at the size of a residual. */
static double fit_slope(const robust_task *f, double size)
{
    double reach = f->s->tuning * f->s->scale;
    double u = fmin(size, reach) / reach;
    if (f->s->norm == KEDGE_ROBUST_HUBER)
        return size <= reach ? 1.0 : 0.0;
    return (1.0 - u * u) * (1.0 - 5.0 * u * u);
}

/* Scale --------------------------------------------------------------------------------------------------------------------- */

/* Weight of the rows by the next digit of their size, among those whose digits so far are `prefix`. */
static void fit_count(robust_task *f, uint64_t prefix, unsigned shift)
{
    memset(f->buckets, 0, FIT_BUCKETS * sizeof *f->buckets);
    for (size_t i = 0; i < f->x->n_rows; i++) {
        uint64_t bits = kedge_i_bits_of(f->size[i]) >> shift;
        if (bits >> FIT_DIGIT == prefix)
            f->buckets[bits & (FIT_BUCKETS - 1)] += fit_weight(f, i);
    }
}

/* The digit in which the weight of the rows up to there reaches half; *below: what is below it. */
static uint64_t fit_digit(const robust_task *f, double half, double *below)
{
    uint64_t last = 0;
    for (uint64_t d = 0; d < FIT_BUCKETS; d++) {
        if (f->buckets[d] == 0.0)
            continue;
        last = d;
        if (*below + f->buckets[d] >= half)
            return d;
        *below += f->buckets[d];
    }
    *below -= f->buckets[last]; /* rounding */
    return last;
}

/* Weighted median of the sizes, that of weights 1 where a weight is a number of equal rows. Sizes are not negative, so they are in
 * the order of their bits: digit by digit, each in one pass. */
static double fit_median(robust_task *f)
{
    double half = 0.5 * f->total, below = 0.0, next = DBL_MAX;
    uint64_t prefix = 0;
    for (unsigned shift = 5 * FIT_DIGIT; shift > 0; shift -= FIT_DIGIT) {
        fit_count(f, prefix, shift);
        prefix = prefix << FIT_DIGIT | fit_digit(f, half, &below);
    }
    fit_count(f, prefix, 0);
    uint64_t digit = fit_digit(f, half, &below);
    double median = kedge_i_from_bits(prefix << FIT_DIGIT | digit);
    if (below + f->buckets[digit] != half)
        return median;
    for (size_t i = 0; i < f->x->n_rows; i++)
        if (f->size[i] > median && f->size[i] < next && fit_weight(f, i) > 0.0)
            next = f->size[i];
    return next < DBL_MAX ? 0.5 * median + 0.5 * next : median;
}

/* Residuals of the fit that the state has, how much they have changed, and about what targets. */
static void fit_measure(robust_task *f)
{
    double sum = 0.0, squares = 0.0, total = 0.0;
    f->change = 0.0;
    for (size_t i = 0; i < f->x->n_rows; i++) {
        double by = f->counts[i];
        double size = fit_weight(f, i) > 0.0 ? fabs(f->y[i] - fit_value(f, i)) : 0.0;
        double change = fabs(size - f->size[i]) - FIT_ROUNDING * size;
        double root = sqrt(by) * size;
        f->change = change > f->change ? change : f->change;
        f->size[i] = size;
        sum += by * fabs(f->y[i]);
        squares += root * root;
        total += by;
    }
    f->level = sum / total + sqrt(squares / total);
}

/* The scale of these residuals. 0: they are rounding. */
static int fit_rescale(robust_task *f)
{
    double scale = fit_median(f) / FIT_NORMAL_MEDIAN, rounding = fmax(FIT_EXACT * f->level, DBL_MIN);
    f->s->exact = !(scale > rounding);
    f->s->scale = fmin(fmax(scale, rounding), FIT_SCALE_MAX);
    return !f->s->exact;
}

/* Steps --------------------------------------------------------------------------------------------------------------------- */

/* With what the rows count. */
static kedge_status fit_least_squares(robust_task *f, int with_errors)
{
    kedge_i_gsl_triangle_begin(&f->t);
    kedge_i_gsl_triangle_add(&f->t, f->x, f->y, f->counts);
    return kedge_i_least_squares_solve(&f->t, &f->s->linear, FIT_TOLERANCE, with_errors, f->rest);
}

/* Weighted fits until the residuals stay as they are, or the fit is exact. 0: max_iterations were not enough. */
static uint32_t fit_iterate(robust_task *f, uint32_t norm, double tuning, double tolerance, uint32_t *n_steps)
{
    for (uint32_t step = 0; step < f->s->max_iterations; step++) {
        for (size_t i = 0; i < f->x->n_rows; i++)
            f->counts[i] = fit_weight(f, i) * kedge_i_robust_weight(norm, tuning, f->s->scale, f->size[i]);
        if (fit_least_squares(f, 0) < 0)
            return 0;
        ++*n_steps;
        fit_measure(f);
        if (!fit_rescale(f) || f->change <= tolerance * f->s->scale + FIT_ROUNDING * f->level)
            return 1;
    }
    return 0;
}

/* From least squares to the answer. Returns whether it got there. */
static uint32_t fit_steps(robust_task *f, uint32_t *n_steps)
{
    const robust_state *s = f->s;
    fit_measure(f);
    if (!fit_rescale(f))
        return 1;
    if (s->norm == KEDGE_ROBUST_BISQUARE) {
        (void)fit_iterate(f, KEDGE_ROBUST_HUBER, FIT_HUBER, fmax(s->tolerance, FIT_ROUGHLY), n_steps);
        if (s->exact)
            return 1;
    }
    return fit_iterate(f, s->norm, s->tuning, s->tolerance, n_steps);
}

/* Errors -------------------------------------------------------------------------------------------------------------------- */

/* Sums over the rows at the answer. */
typedef struct fit_sums {
    double counts;    /* weighted mean of what rows count */
    double slope;     /* weighted mean of psi' */
    double variance;  /* of psi' */
    double squares;   /* weighted sum of psi^2 */
    double explained; /* weighted squares of the values about their mean, in units of target_scale */
} fit_sums;

/* A mean and the squares about it, as the next number comes with a share of the weight so far: West 1979. */
static void fit_follow(double x, double weight, double total, double *mean, double *squares)
{
    double off = x - *mean;
    *mean += off * (weight / total);
    *squares += weight * off * (x - *mean);
}

static fit_sums fit_sum(const robust_task *f)
{
    const robust_state *s = f->s;
    fit_sums r = {0.0, 0.0, 0.0, 0.0, 0.0};
    double unit = s->linear.target_scale, most = FIT_VALUE_MAX * unit, total = 0.0, mean = 0.0;
    for (size_t i = 0; i < f->x->n_rows; i++) {
        double weight = fit_weight(f, i);
        if (weight == 0.0)
            continue;
        double by = kedge_i_robust_weight(s->norm, s->tuning, s->scale, f->size[i]);
        double psi = (s->norm == KEDGE_ROBUST_HUBER ? 1.0 : by) * (fmin(f->size[i], s->tuning * s->scale) / s->scale);
        total += weight;
        r.counts += weight * by;
        r.squares += weight * psi * psi;
        fit_follow(fit_slope(f, f->size[i]), weight, total, &r.slope, &r.variance);
        fit_follow(fmax(-most, fmin(most, fit_value(f, i))) / unit, weight, total, &mean, &r.explained);
    }
    r.counts /= f->total;
    r.variance = fmax(r.variance, 0.0) / f->total; /* rounding may leave less than nothing */
    r.explained = fmax(r.explained, 0.0);
    return r;
}

/* Huber 1981, equation 7.6.5: covariance = F^2 (X' W X)^-1. Returns F in units of target_scale, 0 for an exact fit; negative: it is
 * not known. */
static double fit_factor(const robust_task *f, const fit_sums *r)
{
    const kedge_i_gsl_state *linear = &f->s->linear;
    double n = (double)linear->model.n_learned, used = (double)linear->rank + 1.0;
    double slope = fmax(r->slope, FIT_SLOPE_MIN);
    double correction = 1.0 + used / n * (r->variance / (slope * slope));
    if (!(n > used) || !(r->slope > FIT_SLOPE_MIN))
        return -1.0;
    double scale = f->s->exact ? 0.0 : fmin(f->s->scale, FIT_FACTOR_MAX * linear->target_scale) / linear->target_scale;
    return correction * sqrt(r->squares / fmax(n - used, 1.0)) / slope * scale;
}

/* The answer, while least squares on all rows is where it was. */
typedef struct fit_kept {
    double *unit, *centre, *weight, *one; /* n each */
    double intercept, target_scale, deviance, condition;
    uint64_t n_learned;
    uint32_t rank, iterations;
} fit_kept;

static fit_kept fit_keep(const robust_task *f)
{
    const kedge_i_gsl_state *linear = &f->s->linear;
    size_t n = linear->n, bytes = n * sizeof(double);
    fit_kept k = {.unit = f->kept, .centre = f->kept + n, .weight = f->kept + 2 * n, .one = f->kept + 3 * n};
    k.intercept = linear->intercept;
    k.target_scale = linear->target_scale;
    k.deviance = linear->deviance;
    k.condition = linear->condition;
    k.n_learned = linear->model.n_learned;
    k.rank = linear->rank;
    k.iterations = linear->iterations;
    memcpy(k.unit, kedge_i_at_const(linear, linear->unit_at), bytes);
    memcpy(k.centre, kedge_i_at_const(linear, linear->centre_at), bytes);
    memcpy(k.weight, kedge_i_at_const(linear, linear->weight_at), bytes);
    for (size_t j = 0; j < n; j++)
        k.one[j] = 1.0;
    return k;
}

/* A number that a state may hold? */
static int fit_holds(double x)
{
    return kedge_i_within(x, -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
}

/* The answer in the units and about the centres that the state has now. 0: it does not fit; the state's weights are spoilt. */
static int fit_translate(kedge_i_gsl_state *linear, const fit_kept *k)
{
    const double *unit = kedge_i_at_const(linear, linear->unit_at), *centre = kedge_i_at_const(linear, linear->centre_at);
    double *weight = kedge_i_at(linear, linear->weight_at);
    int target = ilogb(k->target_scale) - ilogb(linear->target_scale), good = 1;
    double intercept = k->intercept;
    for (uint32_t j = 0; j < linear->n && good; j++) {
        int power = ilogb(k->unit[j]) - ilogb(unit[j]);
        if (k->weight[j] == 0.0) {
            weight[j] = 0.0;
            continue;
        }
        good = ilogb(k->weight[j]) + power < 300 && power < 300;
        power = good ? power : 0;
        intercept += k->weight[j] * (scalbn(centre[j], power) - k->centre[j]);
        weight[j] = scalbn(scalbn(k->weight[j], power), target);
        good &= fit_holds(weight[j]) && fit_holds(intercept);
    }
    linear->intercept = scalbn(intercept, target);
    return good && fit_holds(linear->intercept);
}

/* The root of least squares with residuals of deviation `spread`, times factor / spread. 0: it does not fit. */
static int fit_commit_root(kedge_i_gsl_state *linear, double factor)
{
    double *root = kedge_i_at(linear, linear->root_at);
    double by = factor / fmax(linear->spread, FIT_SPREAD_MIN);
    int good = factor == 0.0 || linear->spread > FIT_SPREAD_MIN;
    for (uint32_t i = 0; i < linear->n_root && good; i++) {
        root[i] *= by;
        good = fit_holds(root[i]);
    }
    return good;
}

/* (X' W X)^-1 comes from least squares with the weights alone; its units and centres are those of all rows, and become those of the
 * answer. */
static void fit_with_errors(robust_task *f, double factor)
{
    kedge_i_gsl_state *linear = &f->s->linear;
    fit_kept k = fit_keep(f);
    (void)fit_weigh(f);
    if (fit_least_squares(f, 1) < 0)
        return;
    /* from units of the answer's target_scale */
    factor = scalbn(factor, ilogb(k.target_scale) - ilogb(linear->target_scale));
    int good = linear->has_root && fit_translate(linear, &k) && fit_commit_root(linear, factor);
    if (!good) {
        kedge_i_gsl_columns columns = {.unit = k.unit, .centre = k.centre, .inverse_sd = k.one, .n_used = k.n_learned};
        (void)kedge_i_gsl_commit(f->s, &columns, k.weight, k.intercept, k.target_scale);
    }
    linear->model.n_learned = k.n_learned;
    linear->deviance = k.deviance;
    linear->condition = k.condition;
    linear->rank = k.rank;
    linear->iterations = k.iterations;
    linear->df = KEDGE_I_GSL_NORMAL;
    linear->spread = 0.0;
    linear->unexplained = 0.0;
}

kedge_status kedge_i_robust_fit(robust_state *s, const kedge_rows *x, const double *y, const double *weight, double *work)
{
    robust_task f = {.s = s, .x = x, .y = y, .weight = weight};
    uint32_t n_steps = 0;
    fit_place(&f, work);
    uint64_t n_used = fit_weigh(&f);
    if (n_used == 0)
        return KEDGE_ERR_NUMERIC;
    KEDGE_TRY(fit_least_squares(&f, 0));
    s->converged = fit_steps(&f, &n_steps);
    s->linear.iterations = n_steps;
    s->linear.deviance /= f.unit;
    s->linear.model.n_learned = n_used;
    fit_sums sums = fit_sum(&f);
    double factor = fit_factor(&f, &sums);
    s->share = fmin(sums.counts, 1.0);
    s->wald = factor < 0.0 ? 0.0 : kedge_i_gsl_ratio(kedge_i_gsl_ratio(sums.explained, factor), factor);
    if (s->linear.report && factor >= 0.0)
        fit_with_errors(&f, factor);
    return s->converged ? KEDGE_OK : KEDGE_WARNING;
}
