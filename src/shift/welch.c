/* SPDX-License-Identifier: MIT */
/* Welch's t-test of two means (Welch 1947, "The generalization of 'Student's' problem when several different population
 * variances are involved"); degrees of freedom by Satterthwaite 1946, "An approximate distribution of estimates of variance
 * components", equation 17. Figures are those of SciPy's ttest_ind(equal_var=False). Effect: Hedges 1981, "Distribution theory
 * for Glass's estimator of effect size and related estimators". */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/special.h"
#include "shift/resample.h"

/* Values as (x - low) / range of all: an offset costs no digits, and no square leaves the range of a double. */
typedef struct welch_unit {
    double low;
    double range;
} welch_unit;

typedef struct welch_side {
    double n;
    double mean;    /* in units */
    double squares; /* sum of squared distances from it */
} welch_side;

typedef struct welch_test {
    welch_side reference;
    welch_side current;
} welch_test;

static welch_unit welch_unit_of(const kedge_shift_samples *s)
{
    double low = fmin(s->reference[0], s->current[0]);
    double high = fmax(s->reference[s->n_reference - 1], s->current[s->n_current - 1]);
    return (welch_unit){low, high > low ? high - low : 1.0};
}

/* By Neumaier's sum (1974), since t of large samples takes the last digits of the means. */
static double welch_mean(const double *x, size_t n, welch_unit unit)
{
    double sum = 0.0;
    double rest = 0.0;
    for (size_t i = 0; i < n; i++) {
        double z = (x[i] - unit.low) / unit.range;
        double next = sum + z;
        rest += sum >= z ? (sum - next) + z : (z - next) + sum; /* none is negative */
        sum = next;
    }
    return (sum + rest) / (double)n;
}

static welch_side welch_side_of(const double *x, size_t n, welch_unit unit)
{
    welch_side side = {(double)n, welch_mean(x, n, unit), 0.0};
    for (size_t i = 0; i < n; i++) {
        double off = (x[i] - unit.low) / unit.range - side.mean;
        side.squares += off * off;
    }
    return side;
}

static welch_test welch_test_of(const kedge_shift_samples *s)
{
    welch_unit unit = welch_unit_of(s);
    return (welch_test){welch_side_of(s->reference, s->n_reference, unit), welch_side_of(s->current, s->n_current, unit)};
}

/* Variance of a mean. */
static double welch_error(const welch_side *side)
{
    return side->squares / (side->n - 1.0) / side->n;
}

/* a / b, at most 1e100 far from 0. */
static double welch_ratio(double a, double b)
{
    if (a == 0.0)
        return 0.0;
    return fabs(a) < b * KEDGE_SHIFT_INPUT_MAX ? a / b : copysign(KEDGE_SHIFT_INPUT_MAX, a);
}

static double welch_t(const welch_test *w)
{
    return welch_ratio(w->reference.mean - w->current.mean, sqrt(welch_error(&w->reference) + welch_error(&w->current)));
}

static double welch_far(const void *config, const kedge_shift_samples *s)
{
    welch_test w = welch_test_of(s);
    (void)config;
    return fabs(welch_t(&w));
}

/* Satterthwaite's equation 17, by the shares of the two variances, which cannot underflow. */
static double welch_df(const welch_test *w)
{
    double a = welch_error(&w->reference);
    double b = welch_error(&w->current);
    double share = a / (a + b);
    double other = b / (a + b);
    return 1.0 / (share * share / (w->reference.n - 1.0) + other * other / (w->current.n - 1.0));
}

/* Two constants, each the low or the high end of all: then their units are 0 and 1, and no rounding stands between. */
static int welch_is_flat(const welch_test *w)
{
    return w->reference.squares + w->current.squares == 0.0;
}

/* Chance to deal two constants out so that no side has both: one way, or two if the sides are of one size. */
static double welch_apart(double n, double m)
{
    return (n == m ? 2.0 : 1.0) * kedge_i_hypergeometric_term(n, n, m, n);
}

static void welch_student(const welch_test *w, kedge_shift_result *out)
{
    int is_flat = welch_is_flat(w);
    out->p_method = is_flat ? KEDGE_P_EXACT : KEDGE_P_ASYMPTOTIC;
    if (!is_flat)
        out->p_value = fmin(1.0, kedge_i_student_two_sided(out->statistic, welch_df(w)));
    else
        out->p_value = out->statistic == 0.0 ? 1.0 : welch_apart(w->reference.n, w->current.n);
}

/* Hedges' g, by the approximation to his equation 6e. */
static double welch_effect(const welch_test *w)
{
    double df = w->reference.n + w->current.n - 2.0;
    double deviation = sqrt((w->reference.squares + w->current.squares) / df);
    return welch_ratio((w->current.mean - w->reference.mean) * (1.0 - 3.0 / (4.0 * df - 1.0)), deviation);
}

static uint64_t welch_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint32_t method = ((const kedge_shift_config *)config)->p_method;
    (void)n_columns;
    return method == KEDGE_P_EXACT || method == KEDGE_P_PERMUTATION ? kedge_i_resample_scratch(n, m) : 0;
}

static kedge_status welch_p(const kedge_shift_config *cfg, const kedge_shift_samples *s, const welch_test *w, double *scratch,
                            kedge_shift_result *out)
{
    if (cfg->p_method == KEDGE_P_EXACT || cfg->p_method == KEDGE_P_PERMUTATION)
        return kedge_i_resample(cfg, s, welch_far, fabs(out->statistic), cfg->p_method, scratch, out);
    if (cfg->p_method != KEDGE_P_NONE)
        welch_student(w, out);
    return KEDGE_OK;
}

static kedge_status welch_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    if (s->n_reference < 2 || s->n_current < 2)
        return KEDGE_EMPTY;
    welch_test w = welch_test_of(s);
    out->statistic = welch_t(&w);
    out->effect = welch_effect(&w);
    kedge_status st = welch_p(config, s, &w, scratch, out);
    out->expected = 0.0; /* of t; dealing anew has that of |t| */
    return st;
}

const kedge_shift_class kedge_welch = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "welch",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .scratch = welch_scratch,
    .samples = welch_compare,
};
