/* SPDX-License-Identifier: MIT */
/* Do the shares of categories differ? Pearson's chi-squared (Pearson 1900, "On the criterion that a given system of deviations
 * from the probable in the case of a correlated system of variables is such that it can be reasonably supposed to have arisen
 * from random sampling") and the likelihood ratio G (Wilks 1938, "The large-sample distribution of the likelihood ratio for
 * testing composite hypotheses") of a table with two rows, reference and current sample, and a column for each value that
 * occurs. The limit is chi-squared with one degree of freedom less than columns; AUTO trusts it where all expected counts are at
 * least 5, which is more than Cochran 1954, "Some methods for strengthening the common chi-squared tests", asks for. Figures are
 * those of SciPy's chi2_contingency. The sorted samples are the table: no counts are kept. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/special.h"
#include "shift/resample.h"
#include "shift/runs.h"

#define CONTINGENCY_EXPECTED 5.0

/* What a table is like, whatever the statistic. */
typedef struct contingency_shape {
    double columns;
    double fewest; /* values of the rarest category */
    double pearson; /* chi-squared, not corrected */
    double gap;    /* greatest difference of the shares of a category, times n m */
    double where;  /* its value */
} contingency_shape;

/* Count of the reference above the expected one; that of the current sample is as far below. */
static double contingency_off(const kedge_i_runs *r)
{
    double n = (double)r->s->n_reference;
    double m = (double)r->s->n_current;
    return ((double)r->n_here * m - (double)r->m_here * n) / (n + m);
}

static double contingency_count(const kedge_i_runs *r)
{
    return (double)r->n_here + (double)r->m_here;
}

/* Yates 1934, "Contingency tables involving small numbers and the chi-squared test": half a step, but not beyond what is
 * expected. */
static double contingency_corrected(double off)
{
    return fabs(off) > 0.5 ? off - copysign(0.5, off) : 0.0;
}

static int contingency_has_two(const kedge_shift_samples *s)
{
    int columns = 0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); columns < 3 && kedge_i_runs_next(&r);)
        columns++;
    return columns == 2;
}

static int contingency_corrects(const void *config, const kedge_shift_samples *s)
{
    return ((const kedge_contingency_config *)config)->correction != 0 && contingency_has_two(s);
}

/* Both cells of a column: off^2 / (c n / N) + off^2 / (c m / N). */
static double contingency_column(double off, double count, const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    return off * off / count * ((n + m) / n) * ((n + m) / m);
}

static double contingency_pearson(const void *config, const kedge_shift_samples *s)
{
    int corrects = contingency_corrects(config, s);
    double sum = 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double off = contingency_off(&r);
        sum += contingency_column(corrects ? contingency_corrected(off) : off, contingency_count(&r), s);
    }
    return sum;
}

/* 2 sum O ln(O / E), each with E - O added, which are 0 together: then no term is negative, and none loses digits to another. */
static double contingency_g(const void *config, const kedge_shift_samples *s)
{
    int corrects = contingency_corrects(config, s);
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double sum = 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double off = contingency_off(&r);
        double back = corrects ? off - contingency_corrected(off) : 0.0;
        double count = contingency_count(&r);
        sum += kedge_i_deviance(fmax(0.0, (double)r.n_here - back), count * n / (n + m));
        sum += kedge_i_deviance(fmax(0.0, (double)r.m_here + back), count * m / (n + m));
    }
    return 2.0 * sum;
}

static contingency_shape contingency_shape_of(const kedge_shift_samples *s)
{
    contingency_shape t = {0.0, INFINITY, 0.0, 0.0, (double)NAN};
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double off = contingency_off(&r);
        double count = contingency_count(&r);
        t.columns += 1.0;
        t.fewest = fmin(t.fewest, count);
        t.pearson += contingency_column(off, count, s);
        if (fabs(off) > t.gap) {
            t.gap = fabs(off);
            t.where = r.value;
        }
    }
    return t;
}

static uint32_t contingency_method(const kedge_shift_config *cfg, const kedge_shift_samples *s, const contingency_shape *t)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    if (cfg->p_method != KEDGE_P_AUTO)
        return cfg->p_method;
    if (t->columns == 1.0 || t->fewest * fmin(n, m) / (n + m) >= CONTINGENCY_EXPECTED)
        return KEDGE_P_ASYMPTOTIC;
    return kedge_i_p_method(cfg, s, KEDGE_P_PERMUTATION);
}

static kedge_status contingency_compare(const void *config, const kedge_shift_samples *s, kedge_i_statistic statistic,
                                        double *scratch, kedge_shift_result *out)
{
    contingency_shape t = contingency_shape_of(s);
    uint32_t method = contingency_method(config, s, &t);
    double df = t.columns - 1.0;
    out->statistic = df > 0.0 ? statistic(config, s) : 0.0;
    out->effect = fmin(1.0, sqrt(t.pearson / ((double)s->n_reference + (double)s->n_current)));
    out->expected = df;
    out->where = t.where;
    if (method == KEDGE_P_EXACT || method == KEDGE_P_PERMUTATION)
        return kedge_i_resample(config, s, statistic, out->statistic, method, scratch, out);
    if (method == KEDGE_P_ASYMPTOTIC)
        out->p_value = df > 0.0 ? fmin(1.0, kedge_i_chi_squared_upper(out->statistic, df)) : 1.0;
    out->p_method = method;
    return KEDGE_OK;
}

static kedge_status contingency_compare_pearson(const void *config, const kedge_shift_samples *s, double *scratch,
                                                kedge_shift_result *out)
{
    return contingency_compare(config, s, contingency_pearson, scratch, out);
}

static kedge_status contingency_compare_g(const void *config, const kedge_shift_samples *s, double *scratch,
                                          kedge_shift_result *out)
{
    return contingency_compare(config, s, contingency_g, scratch, out);
}

static uint64_t contingency_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint32_t method = ((const kedge_shift_config *)config)->p_method;
    (void)n_columns;
    return method == KEDGE_P_ASYMPTOTIC || method == KEDGE_P_NONE ? 0 : kedge_i_resample_scratch(n, m);
}

static int contingency_valid(const void *config)
{
    return ((const kedge_contingency_config *)config)->correction <= 1;
}

const kedge_shift_class kedge_chi_squared = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_contingency_config),
    .name = "chi_squared",
    .kinds = KEDGE_KIND_NOMINAL,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .valid = contingency_valid,
    .scratch = contingency_scratch,
    .samples = contingency_compare_pearson,
};

const kedge_shift_class kedge_g_test = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_contingency_config),
    .name = "g_test",
    .kinds = KEDGE_KIND_NOMINAL,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .valid = contingency_valid,
    .scratch = contingency_scratch,
    .samples = contingency_compare_g,
};
