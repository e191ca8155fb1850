/* SPDX-License-Identifier: MIT */
/* What the tests of empirical distribution functions share. */
#ifndef KEDGE_TESTS_EDF_SAMPLES_H
#define KEDGE_TESTS_EDF_SAMPLES_H

#include <math.h>
#include <stdlib.h>

#include "support.h"

#include "base/edf_limit.h"
#include "base/ks_limit.h"

enum { MOST = 200 };

typedef double (*definition)(const double *x, size_t n, const double *y, size_t m);

static inline double count_below(const double *x, size_t n, double limit)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] < limit;
    return count;
}

static inline double count_up_to(const double *x, size_t n, double limit)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] <= limit;
    return count;
}

/* Average rank of `value` among all. */
static inline double midrank(const double *x, size_t n, const double *y, size_t m, double value)
{
    double low = count_below(x, n, value) + count_below(y, m, value);
    double high = count_up_to(x, n, value) + count_up_to(y, m, value);
    return (low + high + 1) / 2;
}

static inline int rising(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Ranks of x's values among all, rising. */
static inline void ranks(const double *x, size_t n, const double *y, size_t m, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = midrank(x, n, y, m, x[i]);
    qsort(out, n, sizeof *out, rising);
}

/* Anderson 1962, (9) and (10). */
static inline double naive_cramer_von_mises(const double *x, size_t n, const double *y, size_t m)
{
    double r[MOST], s[MOST], a = 0, b = 0, nn = (double)n, mm = (double)m;
    ranks(x, n, y, m, r);
    ranks(y, m, x, n, s);
    for (size_t i = 0; i < n; i++)
        a += (r[i] - (double)i - 1) * (r[i] - (double)i - 1);
    for (size_t j = 0; j < m; j++)
        b += (s[j] - (double)j - 1) * (s[j] - (double)j - 1);
    return (nn * a + mm * b) / (nn * mm * (nn + mm)) - (4 * nn * mm - 1) / (6 * (nn + mm));
}

static inline double share_up_to(const double *x, size_t n, double limit)
{
    return (count_below(x, n, limit) + count_up_to(x, n, limit)) / (2 * (double)n);
}

/* Mean of (F - G)^2 over all values, jumping halfway. */
static inline double naive_squares(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n];
        sum += pow(share_up_to(x, n, at) - share_up_to(y, m, at), 2);
    }
    return sum / (double)(n + m);
}

/* Scholz, Stephens 1987, (7) and (4). */
static inline double ad_raw(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0, all = (double)(n + m);
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n];
        double b = (count_below(x, n, at) + count_below(y, m, at) + count_up_to(x, n, at) + count_up_to(y, m, at)) / 2;
        double l = count_up_to(x, n, at) + count_up_to(y, m, at) - count_below(x, n, at) - count_below(y, m, at);
        double a = all * (count_below(x, n, at) + count_up_to(x, n, at)) / 2 - (double)n * b;
        double c = all * (count_below(y, m, at) + count_up_to(y, m, at)) / 2 - (double)m * b;
        double under = b * (all - b) - all * l / 4;
        if (l < all)
            sum += (a * a / (double)n + c * c / (double)m) / under / all;
    }
    return (all - 1) / all * sum;
}

static inline double naive_anderson_darling(const double *x, size_t n, const double *y, size_t m)
{
    double h = 0, g = 0, all = (double)(n + m), k = 2, both = 1 / (double)n + 1 / (double)m;
    for (double i = 1; i < all; i++) {
        h += 1 / i;
        for (double j = i + 1; j < all; j++)
            g += 1 / ((all - i) * j);
    }
    double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * both;
    double b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * both - 8 * h + 4 * g - 6;
    double c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * both + 4 * h;
    double d = (2 * h + 6) * k * k - 4 * h * k;
    double variance = (a * pow(all, 3) + b * pow(all, 2) + c * all + d) / ((all - 1) * (all - 2) * (all - 3));
    return (ad_raw(x, n, y, m) - (k - 1)) / sqrt(variance);
}

/* Integral of (F - G)^2 / (H (1 - H)), over both samples alike. */
static inline double naive_tails(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n], f = share_up_to(x, n, at), g = share_up_to(y, m, at), h = (f + g) / 2;
        sum += (f - g) * (f - g) / (h * (1 - h)) / (2 * (double)(i < n ? n : m));
    }
    return sum;
}

static inline double naive_kuiper(const double *x, size_t n, const double *y, size_t m)
{
    double above = 0, below = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? x[i] : y[i - n];
        double gap = count_up_to(x, n, at) / (double)n - count_up_to(y, m, at) / (double)m;
        above = fmax(above, gap);
        below = fmax(below, -gap);
    }
    return above + below;
}

static inline double bws_side(const double *r, size_t n, size_t m)
{
    double sum = 0, nn = (double)n, all = (double)(n + m);
    for (size_t i = 1; i <= n; i++) {
        double share = (double)i / (nn + 1);
        sum += pow(r[i - 1] - all / nn * (double)i, 2) / (share * (1 - share) * (double)m * all / nn);
    }
    return sum / nn;
}

/* Baumgartner, Weiss, Schindler 1998. */
static inline double naive_bws(const double *x, size_t n, const double *y, size_t m)
{
    double r[MOST], s[MOST];
    ranks(x, n, y, m, r);
    ranks(y, m, x, n, s);
    return (bws_side(r, n, m) + bws_side(s, m, n)) / 2;
}

static const struct method {
    const kedge_shift_class *cls;
    definition naive;
    definition far;     /* what p-values go by */
    definition effect;
    size_t least;       /* N of the smallest samples */
    double lowest_step; /* lower end of false alarms in 1000 at 0.05 for sizes 20: p-values have steps */
    int exact_has_ties; /* exact with ties, and not only safe */
} methods[] = {
    {&kedge_cramer_von_mises, naive_cramer_von_mises, naive_squares, naive_squares, 2, 30, 1},
    {&kedge_anderson_darling, naive_anderson_darling, ad_raw, naive_tails, 4, 30, 1},
    {&kedge_kuiper, naive_kuiper, naive_kuiper, naive_kuiper, 2, 10, 0},
    {&kedge_bws, naive_bws, naive_bws, naive_tails, 2, 30, 1},
};

enum { METHODS = sizeof methods / sizeof *methods };

static inline kedge_status compare(const kedge_shift_config *c, const double *x, size_t n, const double *y, size_t m,
                            kedge_shift_result *r)
{
    kedge_rows reference = kedge_rows_float64(x, n, 1), current = kedge_rows_float64(y, m, 1);
    size_t bytes = kedge_shift_work(c, n, m, 1);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(c, &reference, &current, work, bytes, r);
    guard_free(work);
    return st;
}

static inline kedge_shift_config config(const struct method *method, uint32_t p_method)
{
    kedge_shift_config c = kedge_shift_defaults(method->cls);
    c.p_method = p_method;
    return c;
}

/* Normal values, or whole ones from 0 to levels - 1 where levels > 0. */
static inline void fill(double *x, size_t n, double levels, double shift, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = levels > 0 ? fmin(levels - 1, floor(kedge_rng_uniform(rng) * (levels + shift))) : kedge_rng_normal(rng) + shift;
}

#endif
