/* SPDX-License-Identifier: MIT */
/* Distances of histograms: against their definitions and SciPy, on the edge, and what a configuration may say. */
#include <math.h>
#include <stdlib.h>

#include "distances.h"

/* Where bins end: before or behind a value. */
typedef struct edge {
    double value;
    int behind;
} edge;

/* Edges between the bins, in rising order, as their definition says. */
static size_t edges_of(const kedge_histogram_config *c, const double *x, size_t n, const double *y, size_t m, edge *to)
{
    double pooled[80];
    size_t n_edges = 0, all = n + m;
    memcpy(pooled, x, n * sizeof *x);
    if (c->binning == KEDGE_BINS_QUANTILES)
        all = n;
    else
        memcpy(pooled + n, y, m * sizeof *y);
    qsort(pooled, all, sizeof *pooled, rising);
    for (size_t k = 1; k < (c->binning == KEDGE_BINS_VALUES ? all : c->n_bins); k++) {
        size_t copies = 0, at = (size_t)ceil((double)(k * n) / c->n_bins - 1e-9) - 1;
        if (c->binning == KEDGE_BINS_EQUAL) {
            to[n_edges++] = (edge){pooled[0] + (pooled[all - 1] - pooled[0]) / c->n_bins * (double)k, 0};
            continue;
        }
        at = c->binning == KEDGE_BINS_VALUES ? k - 1 : at;
        if (n_edges > 0 && to[n_edges - 1].value == pooled[at])
            continue;
        for (size_t i = 0; i < all; i++)
            copies += pooled[i] == pooled[at];
        if (c->binning == KEDGE_BINS_QUANTILES && copies > 1 && copies * c->n_bins > n)
            to[n_edges++] = (edge){pooled[at], 0};
        to[n_edges++] = (edge){pooled[at], 1};
    }
    return n_edges;
}

static size_t bin_of(double v, const edge *edges, size_t n_edges)
{
    size_t bin = 0;
    for (size_t k = 0; k < n_edges; k++)
        bin += v > edges[k].value || (v == edges[k].value && !edges[k].behind);
    return bin;
}

typedef struct shares {
    double p[200], q[200];
    size_t k;       /* bins */
    size_t at[200]; /* where each bin went; those without values nowhere */
    edge edges[200];
    size_t n_edges;
} shares;

static void shares_of(const kedge_histogram_config *c, const double *x, size_t n, const double *y, size_t m, shares *to)
{
    double a[200] = {0}, b[200] = {0};
    to->n_edges = edges_of(c, x, n, y, m, to->edges);
    to->k = 0;
    for (size_t i = 0; i < n; i++)
        a[bin_of(x[i], to->edges, to->n_edges)]++;
    for (size_t i = 0; i < m; i++)
        b[bin_of(y[i], to->edges, to->n_edges)]++;
    for (size_t i = 0; i <= to->n_edges; i++) {
        if (a[i] + b[i] == 0)
            continue;
        to->at[i] = to->k;
        to->p[to->k] = a[i] + c->pseudo_count;
        to->q[to->k++] = b[i] + c->pseudo_count;
    }
    for (size_t i = 0; i < to->k; i++) {
        to->p[i] /= (double)n + (double)to->k * c->pseudo_count;
        to->q[i] /= (double)m + (double)to->k * c->pseudo_count;
    }
}

static double times_log(double a, double b)
{
    return a > 0 ? a * log(a / b) : 0;
}

/* The distances in the order of `histograms`, as the textbooks write them. */
static void naive_distances(const shares *s, double *d)
{
    double affinity = 0, overlap = 0, half = 0;
    for (size_t k = 0; k < N_HISTOGRAMS; k++)
        d[k] = 0;
    for (size_t i = 0; i < s->k; i++) {
        double p = s->p[i], q = s->q[i], middle = (p + q) / 2;
        d[0] += (p - q) * log(p / q);
        d[1] += times_log(q, p);
        half += times_log(p, middle) + times_log(q, middle);
        affinity += sqrt(p * q);
        d[5] += fabs(p - q) / 2;
        d[6] = fmax(d[6], fabs(p - q));
        overlap += fmin(p, q);
    }
    d[2] = sqrt(fmax(0, half / 2));
    d[3] = sqrt(fmax(0, 1 - affinity));
    d[4] = -log(affinity);
    d[7] = 1 - overlap;
}

static kedge_histogram_config histogram_of(const kedge_shift_class *cls, uint32_t binning, uint32_t n_bins, double pseudo_count)
{
    kedge_histogram_config c = kedge_histogram_defaults(cls);
    c.base.p_method = KEDGE_P_NONE;
    c.binning = binning;
    c.n_bins = n_bins;
    c.pseudo_count = pseudo_count;
    return c;
}

static int needs_pseudo_count(const kedge_shift_class *cls)
{
    return cls == &kedge_psi || cls == &kedge_kullback_leibler || cls == &kedge_bhattacharyya;
}

static kedge_shift_result measure(const kedge_histogram_config *c, const double *x, size_t n, const double *y, size_t m)
{
    any_config any;
    memset(&any, 0, sizeof any);
    memcpy(&any, c, sizeof *c);
    return compare(&any, x, n, y, m);
}

static void test_histograms_against_definitions(void **unused)
{
    (void)unused;
    static const double pseudo[] = {0.5, 0, 3};
    kedge_rng rng = {77};
    for (int round = 0; round < 900; round++) {
        double x[40], y[40], naive[N_HISTOGRAMS];
        size_t n = 1 + kedge_rng_below(&rng, 40), m = 1 + kedge_rng_below(&rng, 40);
        uint32_t binning = 1 + (uint32_t)round / 3 % 3, n_bins = 2 + (uint32_t)kedge_rng_below(&rng, 12);
        fill(x, n, round % 3, 0, &rng);
        fill(y, m, round % 3, round % 2, &rng);
        for (size_t k = 0; k < N_HISTOGRAMS; k++) {
            double unit = pseudo[round / 9 % 3];
            unit = unit == 0 && needs_pseudo_count(histograms[k]) ? 1 : unit;
            kedge_histogram_config c = histogram_of(histograms[k], binning, n_bins, unit);
            shares s;
            shares_of(&c, x, n, y, m, &s);
            naive_distances(&s, naive);
            kedge_shift_result r = measure(&c, x, n, y, m);
            /* the textbook's 1 - affinity has lost half of the digits under the root */
            assert_close(r.statistic * r.statistic, naive[k] * naive[k], 1e-12);
            assert_true(r.effect == r.statistic);
            if (naive[6] < 1e-9)
                continue;
            size_t at = s.at[bin_of(r.where, s.edges, s.n_edges)];
            assert_close(fabs(s.p[at] - s.q[at]), naive[6], 1e-12);
        }
    }
}

/* Figures of SciPy's documentation: spatial.distance.jensenshannon and stats.entropy. */
static void test_scipy(void **unused)
{
    (void)unused;
    double x[2] = {0, 0}, y[2] = {0, 1}, ten[10] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    kedge_histogram_config c = histogram_of(&kedge_jensen_shannon, KEDGE_BINS_VALUES, 2, 0);
    assert_close(measure(&c, x, 2, y, 2).statistic, 0.46450140402245893, 1e-15);
    c = histogram_of(&kedge_kullback_leibler, KEDGE_BINS_VALUES, 2, 1e-9);
    assert_close(measure(&c, ten, 10, y, 2).statistic, 0.5108256237659907, 1e-8);
}

static void test_histogram_metrics(void **unused)
{
    (void)unused;
    kedge_rng rng = {5};
    for (int round = 0; round < 100; round++) {
        double x[40], y[30], z[50];
        fill(x, 40, 1 + round % 2, 0, &rng);
        fill(y, 30, 1 + round % 2, 0.3, &rng);
        fill(z, 50, 1 + round % 2, -0.4, &rng);
        for (size_t k = 0; k < N_HISTOGRAMS; k++) {
            for (uint32_t binning = KEDGE_BINS_QUANTILES; binning <= KEDGE_BINS_VALUES; binning++) {
                int needs = needs_pseudo_count(histograms[k]);
                kedge_histogram_config c = histogram_of(histograms[k], binning, 10, needs ? 0.5 : 0);
                double xy = measure(&c, x, 40, y, 30).statistic, yx = measure(&c, y, 30, x, 40).statistic;
                assert_true(measure(&c, x, 40, x, 40).statistic == 0);
                assert_true(isnan(measure(&c, x, 40, x, 40).where));
                assert_true(xy >= 0);
                if (binning != KEDGE_BINS_QUANTILES && histograms[k] != &kedge_kullback_leibler)
                    assert_close(xy, yx, 1e-12);
                if (binning == KEDGE_BINS_VALUES && !needs)
                    assert_true(xy <= measure(&c, x, 40, z, 50).statistic + measure(&c, z, 50, y, 30).statistic + 1e-12);
            }
        }
    }
}

/* Small distances keep their digits: an affinity of 1 - 1e-13 is no rounding error. */
static void test_small_distances(void **unused)
{
    (void)unused;
    enum { N = 2000000 };
    double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
    for (size_t i = 0; i < N / 2; i++)
        x[i] = y[i] = 1;
    y[N - 1] = 1; /* shares of 1/2 and 1/2 + e */
    double e = 1.0 / N;
    static const double factor[] = {4, 2, 0.5, 0.5, 0.5};
    for (size_t k = 0; k < 5; k++) {
        kedge_histogram_config c = histogram_of(histograms[k], KEDGE_BINS_VALUES, 2, 1e-9);
        double d = measure(&c, x, N, y, N).statistic;
        double square = histograms[k] == &kedge_jensen_shannon || histograms[k] == &kedge_hellinger ? d * d : d;
        assert_close(square / (factor[k] * e * e), 1, 1e-6);
    }
    free(x);
    free(y);
}

static void test_histograms_on_the_edge(void **unused)
{
    (void)unused;
    static const double cases[][2][4] = {
        {{3, 3, 3, 3}, {3, 3, 3, 3}},
        {{3, 3, 3, 3}, {5, 5, 5, 5}},
        {{3, 3, 3, 3}, {1, 1, 1, 1}},
        {{1, 2, 3, 4}, {9, 9, 9, 9}},
        {{1, 2, 3, 4}, {-1e100, 0, 0, 1e100}},
        {{-1e100, 1e100, 0, 0}, {1e100, 1e100, 1e100, 1e100}},
        {{0, 5e-324, 0, 0}, {5e-324, 0, 0, 5e-324}},
        {{1, 1, 1, 2}, {1e-300, 1e-300, 2, 2}},
    };
    for (size_t k = 0; k < N_HISTOGRAMS; k++) {
        for (uint32_t binning = KEDGE_BINS_QUANTILES; binning <= KEDGE_BINS_VALUES; binning++) {
            for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                for (size_t n = 1; n <= 4; n += 3) {
                    double unit = needs_pseudo_count(histograms[k]) ? 1e-9 : 0;
                    kedge_histogram_config c = histogram_of(histograms[k], binning, 1024, unit);
                    kedge_shift_result r = measure(&c, cases[i][0], n, cases[i][1], 4);
                    assert_true(isfinite(r.statistic) && r.statistic >= 0 && !isinf(r.where));
                    if (i == 0 || (i < 3 && n == 4))
                        assert_int_equal(r.statistic > 0, i > 0); /* what leaves a constant is seen on either side */
                    c.pseudo_count = 1e9;
                    assert_true(isfinite(measure(&c, cases[i][0], n, cases[i][1], 4).statistic));
                }
            }
        }
    }
}

/* A rare first category is a bin of its own only by its neighbour's weight. */
static void test_heavy_values(void **unused)
{
    (void)unused;
    double x[100], y[100];
    for (size_t i = 0; i < 100; i++) {
        x[i] = i >= 4;
        y[i] = i >= 30;
    }
    kedge_histogram_config c = histogram_of(&kedge_total_variation, KEDGE_BINS_QUANTILES, 10, 0);
    kedge_shift_result r = measure(&c, x, 100, y, 100);
    assert_close(r.statistic, 0.26, 1e-14);
    assert_true(r.where == 0 || r.where == 1);
}

static void test_histogram_config(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < N_HISTOGRAMS; k++) {
        const kedge_histogram_config good = kedge_histogram_defaults(histograms[k]);
        int needs = needs_pseudo_count(histograms[k]);
        assert_true(good.binning == KEDGE_BINS_QUANTILES && good.n_bins == 10 && good.pseudo_count == 0.5);
        assert_int_equal(good.base.config_bytes, sizeof good);
#define WORKS(field, value, is_good)                                                               \
    do {                                                                                           \
        kedge_histogram_config c = good;                                                           \
        c.field = value;                                                                           \
        assert_int_equal(kedge_shift_work(&c.base, 10, 10, 1) > 0, is_good);                       \
    } while (0)
        WORKS(binning, 0, 0);
        WORKS(binning, 4, 0);
        WORKS(n_bins, 1, 0);
        WORKS(n_bins, 2, 1);
        WORKS(n_bins, 1024, 1);
        WORKS(n_bins, 1025, 0);
        WORKS(pseudo_count, 0, !needs);
        WORKS(pseudo_count, -0.0, !needs);
        WORKS(pseudo_count, 1e-10, 0);
        WORKS(pseudo_count, -1, 0);
        WORKS(pseudo_count, 1e9, 1);
        WORKS(pseudo_count, 2e9, 0);
        WORKS(pseudo_count, NAN, 0);
        WORKS(base.p_method, KEDGE_P_ASYMPTOTIC, 0);
#undef WORKS
    }
    kedge_shift_config c = kedge_shift_defaults(&kedge_psi); /* a caller that knows the common fields only */
    kedge_histogram_config whole = kedge_psi_defaults();
    double x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, y[9] = {5, 6, 7, 8, 9, 10, 11, 12, 13};
    any_config any;
    memcpy(&any, &c, sizeof c);
    assert_true(compare(&any, x, 9, y, 9).statistic == measure(&whole, x, 9, y, 9).statistic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histograms_against_definitions),
        cmocka_unit_test(test_scipy),
        cmocka_unit_test(test_histogram_metrics),
        cmocka_unit_test(test_small_distances),
        cmocka_unit_test(test_histograms_on_the_edge),
        cmocka_unit_test(test_heavy_values),
        cmocka_unit_test(test_histogram_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
