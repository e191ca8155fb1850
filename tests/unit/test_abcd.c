/* SPDX-License-Identifier: MIT */
/* ABCD against its definition: all rows are kept, their moments taken in two passes, axes found by powers of the matrix, and
 * every split is computed from the losses one by one. */
#include <float.h>
#include <math.h>

#include "support.h"

#include "detectors/principal.h"
#include "kedge/detectors/abcd.h"

enum { N = 900, D = 5, MEM = 1 << 20 };

static _Alignas(8) unsigned char mem[MEM];

static kedge_detector make(const kedge_abcd_config *cfg)
{
    kedge_detector d;
    assert_int_equal(kedge_detector_init(&d, &cfg->base, mem, MEM), KEDGE_OK);
    return d;
}

/* --- the naive one --- */

typedef struct naive {
    kedge_abcd_config c;
    double rows[N][D];      /* since the restart */
    double loss[N][D + 1];  /* of the row, then of each feature */
    size_t n_rows, n_loss;  /* training rows come first */
    size_t start[N], len[N], n_parts; /* closed parts, in order of time */
    double low[D], high[D], mean[D], axes[D][D], gain[D + 1];
    double p[D], severity, evidence, before, after;
    size_t n_after;
} naive;

static double scaled(const naive *m, size_t i, size_t j)
{
    double z = (m->rows[i][j] - m->low[j]) / (m->high[j] - m->low[j]);
    return fmin(fmax(z, -1), 2);
}

/* The greatest axis of a by repeated multiplication; a is deflated. */
static double strongest(double a[D][D], uint32_t d, double *v)
{
    double value = 0;
    for (uint32_t j = 0; j < d; j++)
        v[j] = 1 + 0.1 * j;
    for (int round = 0; round < 20000; round++) {
        double w[D], norm = 0;
        for (uint32_t j = 0; j < d; j++) {
            w[j] = 0;
            for (uint32_t k = 0; k < d; k++)
                w[j] += a[j][k] * v[k];
            norm += w[j] * w[j];
        }
        value = sqrt(norm);
        for (uint32_t j = 0; j < d; j++)
            v[j] = w[j] / value;
    }
    for (uint32_t j = 0; j < d; j++)
        for (uint32_t k = 0; k < d; k++)
            a[j][k] -= value * v[j] * v[k];
    return value;
}

/* Squared errors of row i; returns their mean. */
static double errors(const naive *m, size_t i, double *square)
{
    uint32_t d = m->c.n_features;
    double z[D], total = 0;
    for (uint32_t j = 0; j < d; j++)
        z[j] = square[j] = scaled(m, i, j) - m->mean[j];
    for (uint32_t k = 0; k < m->c.n_components; k++) {
        double score = 0;
        for (uint32_t j = 0; j < d; j++)
            score += m->axes[k][j] * z[j];
        for (uint32_t j = 0; j < d; j++)
            square[j] -= score * m->axes[k][j];
    }
    for (uint32_t j = 0; j < d; j++)
        total += square[j] *= square[j];
    return total / d;
}

static void naive_fit(naive *m)
{
    uint32_t d = m->c.n_features;
    double cov[D][D] = {{0}}, sums[D + 1] = {0}, square[D];
    for (uint32_t j = 0; j < d; j++) {
        m->low[j] = DBL_MAX;
        m->high[j] = -DBL_MAX;
        m->mean[j] = 0;
        for (size_t i = 0; i < m->n_rows; i++) {
            m->low[j] = fmin(m->low[j], m->rows[i][j]);
            m->high[j] = fmax(m->high[j], m->rows[i][j]);
        }
        for (size_t i = 0; i < m->n_rows; i++)
            m->mean[j] += scaled(m, i, j) / (double)m->n_rows;
    }
    for (size_t i = 0; i < m->n_rows; i++)
        for (uint32_t j = 0; j < d; j++)
            for (uint32_t k = 0; k < d; k++)
                cov[j][k] += (scaled(m, i, j) - m->mean[j]) * (scaled(m, i, k) - m->mean[k]) / (double)m->n_rows;
    for (uint32_t k = 0; k < m->c.n_components; k++)
        strongest(cov, d, m->axes[k]);
    for (size_t i = 0; i < m->n_rows; i++) {
        sums[0] += errors(m, i, square) / (double)m->n_rows;
        for (uint32_t j = 0; j < d; j++)
            sums[1 + j] += square[j] / (double)m->n_rows;
    }
    for (uint32_t j = 0; j <= d; j++)
        m->gain[j] = 1 / (m->c.clip * sums[j]);
}

/* Moments of a column of losses from row `from` to `to`. */
static void moments(const naive *m, size_t column, size_t from, size_t to, double *mean, double *variance)
{
    *mean = *variance = 0;
    for (size_t i = from; i < to; i++)
        *mean += m->loss[i][column] / (double)(to - from);
    for (size_t i = from; i < to; i++)
        *variance += (m->loss[i][column] - *mean) * (m->loss[i][column] - *mean) / (double)(to - from);
}

/* The theorem as it stands, at most 1. */
static double bernstein(const naive *m, size_t column, size_t from, size_t cut, size_t to)
{
    double m1, v1, m2, v2, n1 = (double)(cut - from), n2 = (double)(to - cut);
    moments(m, column, from, cut, &m1, &v1);
    moments(m, column, cut, to, &m2, &v2);
    double e = fabs(m1 - m2), k = n2 / (n1 + n2);
    int away = (m->c.direction == KEDGE_DIRECTION_UP && m2 < m1) || (m->c.direction == KEDGE_DIRECTION_DOWN && m2 > m1);
    if (e < 1e-14 || away)
        return 1;
    double p = 2 * exp(-n1 * pow(k * e, 2) / (2 * (v1 + k * e / 3))) +
               2 * exp(-n2 * pow((1 - k) * e, 2) / (2 * (v2 + (1 - k) * e / 3)));
    return fmin(p, 1);
}

static void naive_alarm(naive *m, size_t cut)
{
    size_t from = m->start[0], to = m->n_loss, likeliest = cut;
    double all, v, m1, m2, best = 0, change = 0, variance = 0, least = 1;
    moments(m, 0, from, to, &all, &v);
    moments(m, 0, from, cut, &m1, &v);
    moments(m, 0, cut, to, &m2, &v);
    double rise = m2 > m1 ? 1 : -1;
    for (size_t i = 1; i < m->n_parts; i++) {
        size_t at = m->start[i];
        double mean, n2 = (double)(to - at), n1 = (double)(at - from);
        moments(m, 0, at, to, &mean, &v);
        double gain = (mean - all) * rise > 0 ? pow((mean - all) * n2, 2) / (n1 * n2) : 0;
        if (gain > best * (1 + 1e-9)) {
            best = gain;
            likeliest = at;
        }
    }
    moments(m, 0, from, likeliest, &m->before, &v);
    moments(m, 0, likeliest, to, &m->after, &v);
    m->n_after = to - likeliest;
    for (size_t j = 0; j < m->c.n_features; j++) {
        m->p[j] = bernstein(m, j + 1, from, likeliest, to);
        least = fmin(least, m->p[j]);
    }
    for (size_t j = 0; j < m->c.n_features; j++) {
        if (least < m->c.subspace_p && m->p[j] >= m->c.subspace_p)
            continue;
        moments(m, j + 1, from, likeliest, &m1, &v);
        variance += v;
        moments(m, j + 1, likeliest, to, &m2, &v);
        change += m2 - m1;
    }
    m->severity = fabs(change) / sqrt(variance);
}

/* Two oldest of a size merge when there are too many of it. */
static void naive_close(naive *m)
{
    m->start[m->n_parts] = m->n_loss - m->c.bucket_rows;
    m->len[m->n_parts++] = m->c.bucket_rows;
    size_t size = m->c.bucket_rows, top = size;
    while (m->c.max_buckets * (2 * top - size) < m->c.max_window)
        top *= 2;
    for (; size <= top; size *= 2) {
        size_t first = m->n_parts, n = 0;
        for (size_t i = m->n_parts; i-- > 0;)
            if (m->len[i] == size) {
                first = i;
                n++;
            }
        if (n <= m->c.max_buckets)
            return;
        size_t gone = size == top ? first : first + 1;
        if (size < top)
            m->len[first] *= 2;
        memmove(&m->start[gone], &m->start[gone + 1], (m->n_parts - gone - 1) * sizeof *m->start);
        memmove(&m->len[gone], &m->len[gone + 1], (m->n_parts - gone - 1) * sizeof *m->len);
        m->n_parts--;
    }
}

static kedge_status naive_judge(naive *m)
{
    size_t from = m->start[0], to = m->n_loss, cut = 0;
    double least = 1;
    for (size_t i = m->n_parts - 1; i > 0 && to - from >= m->c.min_window; i--) {
        size_t at = m->start[i];
        if (at - from < m->c.min_window / 2 || to - at < m->c.min_window / 2)
            continue;
        double p = bernstein(m, 0, from, at, to);
        if (p < least * (1 - 1e-9)) {
            least = p;
            cut = at;
        }
    }
    m->evidence = -log(least);
    if (least < m->c.delta) {
        naive_alarm(m, cut);
        m->n_rows = m->n_loss = m->n_parts = 0;
        return KEDGE_DRIFT;
    }
    return least < m->c.delta_warning && least < 1 ? KEDGE_WARNING : KEDGE_OK;
}

static kedge_status naive_update(naive *m, const double *row, kedge_status last)
{
    memcpy(m->rows[m->n_rows++], row, m->c.n_features * sizeof *row);
    if (m->n_rows <= m->c.n_train) {
        m->n_loss = 0;
        if (m->n_rows == m->c.n_train)
            naive_fit(m);
        return KEDGE_OK;
    }
    double square[D], mean = errors(m, m->n_rows - 1, square), *loss = m->loss[m->n_loss++];
    loss[0] = fmin(1, mean * m->gain[0]);
    for (size_t j = 0; j < m->c.n_features; j++)
        loss[j + 1] = fmin(1, square[j] * m->gain[j + 1]);
    if (m->n_loss % m->c.bucket_rows)
        return last == KEDGE_DRIFT ? KEDGE_OK : last;
    naive_close(m);
    return naive_judge(m);
}

/* Features with a common cause; from 450 on, feature 1 goes alone, moves, or spreads. */
static void draw(kedge_rng *rng, size_t i, uint32_t d, int kind, double *row)
{
    double a = kedge_rng_normal(rng), b = kedge_rng_normal(rng);
    for (uint32_t j = 0; j < d; j++) {
        double e = kedge_rng_normal(rng);
        row[j] = (j % 2 ? a : b) + (0.2 + 0.05 * j) * e;
        if (i >= N / 2 && j == 1)
            row[j] = kind == 0 ? 1.1 * e : kind == 1 ? row[j] + 2 : kind == 2 ? 3 * row[j] : row[j];
        row[j] = 100 * j + row[j] * (1 + j); /* units of their own */
    }
}

static void compare_alarms(const naive *m, const kedge_detector *d)
{
    kedge_alarm a;
    double p[D], severity;
    assert_int_equal(kedge_detector_alarm(d, &a), KEDGE_OK);
    assert_int_equal(a.at + 1 - a.changed_at, m->n_after);
    assert_close(a.mean_before, m->c.clip * m->before, 1e-6);
    assert_close(a.mean_after, m->c.clip * m->after, 1e-6);
    assert_close(a.statistic, m->evidence, 1e-6);
    assert_close(a.threshold, -log(m->c.delta), 1e-12);
    assert_int_equal(kedge_abcd_subspace(d, p, m->c.n_features, &severity), KEDGE_OK);
    for (size_t j = 0; j < m->c.n_features; j++)
        assert_close(p[j], m->p[j], 1e-6);
    assert_close(severity, m->severity, 1e-6);
}

static size_t against_naive(const kedge_abcd_config *cfg, int kind, uint64_t seed)
{
    static naive m;
    kedge_rng rng = {seed};
    kedge_status last = KEDGE_OK;
    kedge_detector d = make(cfg);
    size_t n_drifts = 0, n_warnings = 0;
    memset(&m, 0, sizeof m);
    m.c = *cfg;
    for (size_t i = 0; i < N; i++) {
        double row[D];
        kedge_estimate e;
        draw(&rng, i, cfg->n_features, kind, row);
        kedge_status want = naive_update(&m, row, last);
        assert_int_equal(kedge_abcd_update(&d, row), want);
        n_warnings += want == KEDGE_WARNING && last != KEDGE_WARNING;
        last = want;
        kedge_status st = kedge_detector_estimate(&d, &e);
        assert_int_equal(e.n_seen, i + 1);
        assert_int_equal(e.width, m.n_loss ? m.n_loss - (m.n_parts ? m.start[0] : 0) : 0);
        assert_int_equal(st, m.n_loss ? KEDGE_OK : KEDGE_EMPTY);
        if (m.n_loss > 0) {
            double mean, variance;
            moments(&m, 0, m.n_parts ? m.start[0] : 0, m.n_loss, &mean, &variance);
            assert_close(e.mean, cfg->clip * mean, 1e-6);
            assert_close(e.variance, cfg->clip * cfg->clip * variance, 1e-5);
        }
        if (want == KEDGE_DRIFT) {
            n_drifts++;
            compare_alarms(&m, &d);
        }
    }
    kedge_estimate e;
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    assert_int_equal(e.n_warnings, n_warnings);
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    return n_drifts;
}

static void test_naive(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    for (int kind = 0; kind < 4; kind++)
        for (uint32_t components = 0; components < 4; components++) {
            kedge_abcd_config cfg = kedge_abcd_defaults(kind == 3 ? 4 : D);
            cfg.n_components = components;
            cfg.n_train = 60 + 10 * components;
            cfg.bucket_rows = 1 + 3 * (uint32_t)kind;
            cfg.max_buckets = 2 + components;
            cfg.min_window = 2 + 20 * components;
            cfg.max_window = 100 * (components + 1);
            cfg.delta = kind == 3 ? 0.9 : 0.05;
            cfg.delta_warning = 2.0;
            n_drifts += against_naive(&cfg, kind, components + 1);
            cfg.direction = KEDGE_DIRECTION_UP + components % 2;
            cfg.clip = 3;
            cfg.delta_warning = 0.95;
            n_drifts += against_naive(&cfg, kind, components + 11);
        }
    if (n_drifts <= 10)
        fail_msg("%zu drifts", n_drifts);
}

/* --- the axes --- */

static void test_axes(void **unused)
{
    (void)unused;
    enum { MOST = 12 };
    kedge_rng rng = {4};
    for (int round = 0; round < 200; round++) {
        double a[MOST * MOST], work[MOST * MOST], axes[MOST * MOST];
        uint32_t n = 1 + (uint32_t)round % MOST, rank = round % 3 == 0 ? 1 : n;
        double size = pow(10, (double)(round % 9) * 20 - 80);
        memset(a, 0, sizeof a);
        for (uint32_t r = 0; r < rank; r++) { /* equal eigenvalues and rank deficiency among them */
            double x[MOST];
            for (uint32_t j = 0; j < n; j++)
                x[j] = round % 5 == 0 ? j == r : kedge_rng_normal(&rng);
            for (uint32_t j = 0; j < n; j++)
                for (uint32_t k = 0; k < n; k++)
                    a[j * n + k] += size * x[j] * x[k];
        }
        memcpy(work, a, sizeof a);
        kedge_i_principal_axes(work, axes, n);
        double trace = 0;
        for (uint32_t j = 0; j < n; j++)
            trace += a[j * n + j];
        for (uint32_t i = 0; i < n; i++) {
            if (i > 0)
                assert_true(work[i * n + i] <= work[(i - 1) * n + i - 1]);
            for (uint32_t j = 0; j < n; j++) {
                double product = 0, image = 0;
                for (uint32_t k = 0; k < n; k++) {
                    product += axes[i * n + k] * axes[j * n + k];
                    image += a[j * n + k] * axes[i * n + k];
                }
                assert_close(product, i == j, 1e-12);
                assert_true(fabs(image - work[i * n + i] * axes[i * n + j]) <= 1e-12 * trace);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_naive), cmocka_unit_test(test_axes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
