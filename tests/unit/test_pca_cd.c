/* SPDX-License-Identifier: MIT */
/* PCA-CD against its definition, row by row; what it finds and how seldom it alarms without a change; when, where and how rows come
 * in. */
#include <math.h>

#include "naive_pca_cd.h"

enum { N = 1500, D = 3, MAX_BINS = 16 };

static double rows[N][D];

/* All rows from `first` on, of which the first window is the reference. */
typedef struct naive {
    const kedge_pca_cd_config *c;
    size_t first;
    size_t n_components; /* with the one of what is constant */
    size_t n_principal;
    double mean[D], sd[D], axes[D][D];
    double divergences[D];
    double seen[N]; /* greatest divergences since the reference */
    size_t n_seen;
} naive;

static double correlation(const naive *o, size_t j, size_t k)
{
    double sum = 0;
    if (o->sd[j] == 0 || o->sd[k] == 0)
        return 0;
    for (size_t i = o->first; i < o->first + o->c->window_size; i++)
        sum += (rows[i][j] - o->mean[j]) / o->sd[j] * (rows[i][k] - o->mean[k]) / o->sd[k];
    return sum / o->c->window_size;
}

/* By powers of the matrix, without what earlier axes hold. Returns the eigenvalue. */
static double naive_axis(naive *o, double matrix[D][D], size_t number)
{
    double *axis = o->axes[number], value = 0;
    for (size_t j = 0; j < D; j++)
        axis[j] = 1 + 0.3 * (double)(j + 2 * number);
    for (int round = 0; round < 20000; round++) {
        double next[D] = {0}, norm = 0;
        for (size_t j = 0; j < D; j++)
            for (size_t k = 0; k < D; k++)
                next[j] += matrix[j][k] * axis[k];
        for (size_t earlier = 0; earlier < number; earlier++) {
            double along = 0;
            for (size_t j = 0; j < D; j++)
                along += next[j] * o->axes[earlier][j];
            for (size_t j = 0; j < D; j++)
                next[j] -= along * o->axes[earlier][j];
        }
        for (size_t j = 0; j < D; j++)
            norm += next[j] * next[j];
        value = sqrt(norm);
        for (size_t j = 0; j < D && norm > 0; j++)
            axis[j] = next[j] / value;
    }
    return value;
}

static void naive_learn(naive *o)
{
    size_t d = o->c->n_features, n_constant = 0, w = o->c->window_size;
    double matrix[D][D] = {{0}}, held = 0;
    for (size_t j = 0; j < d; j++) {
        double variance = 0;
        o->mean[j] = 0;
        for (size_t i = o->first; i < o->first + w; i++)
            o->mean[j] += rows[i][j] / (double)w;
        for (size_t i = o->first; i < o->first + w; i++)
            variance += (rows[i][j] - o->mean[j]) * (rows[i][j] - o->mean[j]) / (double)w;
        o->sd[j] = variance > 1e-20 ? sqrt(variance) : 0;
        n_constant += o->sd[j] == 0;
    }
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < d; k++)
            matrix[j][k] = correlation(o, j, k);
    for (o->n_principal = 0; o->n_principal < d - n_constant && held < o->c->explained * (double)(d - n_constant) - 1e-9;
         o->n_principal++)
        held += naive_axis(o, matrix, o->n_principal);
    o->n_components = o->n_principal + (n_constant > 0);
}

static double naive_place(const naive *o, size_t i, size_t k)
{
    double sum = 0;
    for (size_t j = 0; j < o->c->n_features; j++)
        if (k == o->n_principal)
            sum = sum != 0 || (o->sd[j] == 0 && fabs(rows[i][j] - o->mean[j]) > 1e-9);
        else if (o->sd[j] > 0)
            sum += o->axes[k][j] * (rows[i][j] - o->mean[j]) / o->sd[j];
    return sum;
}

static void naive_count(const naive *o, size_t from, size_t k, double *share)
{
    size_t w = o->c->window_size, n_bins = o->c->n_bins;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = o->first; i < o->first + w; i++) {
        low = fmin(low, naive_place(o, i, k));
        high = fmax(high, naive_place(o, i, k));
    }
    for (size_t i = from; i < from + w; i++) {
        double x = naive_place(o, i, k);
        double bin = x < low       ? 0
                     : x > high    ? (double)n_bins - 1
                     : low == high ? floor((double)n_bins / 2)
                                   : floor((x - low) / (high - low) * (double)n_bins);
        share[bin < (double)n_bins ? (size_t)bin : n_bins - 1] += 1 / (double)w;
    }
}

static double naive_divergence(const naive *o, size_t i, size_t k)
{
    double p[MAX_BINS] = {0}, q[MAX_BINS] = {0}, area = 0, forth = 0, back = 0, w = o->c->window_size;
    naive_count(o, o->first, k, p);
    naive_count(o, i + 1 - o->c->window_size, k, q);
    for (size_t b = 0; b < o->c->n_bins; b++) {
        double whole = w + o->c->pseudo_count * o->c->n_bins;
        double r = (p[b] * w + o->c->pseudo_count) / whole, t = (q[b] * w + o->c->pseudo_count) / whole;
        area += fmin(p[b], q[b]);
        forth += r * log(r / t);
        back += t * log(t / r);
    }
    return o->c->divergence == KEDGE_PCA_CD_AREA ? 1 - area : fmax(forth, back);
}

/* The test's sum over its least, and where that stood. */
static double naive_rise(const naive *o, size_t *least_at)
{
    double mean = 0, sum = 0, least = INFINITY;
    for (size_t i = 0; i < o->n_seen; i++) {
        mean += (o->seen[i] - mean) / (double)(i + 1);
        sum += o->seen[i] - mean - o->c->delta;
        if (sum < least - 1e-12) {
            least = sum;
            *least_at = i + 1;
        }
    }
    return sum - least;
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] / (double)n;
    return sum;
}

static void expect_estimate(const naive *o, const kedge_detector *d)
{
    kedge_estimate e;
    double variance = 0, mean = mean_of(o->seen, o->n_seen);
    size_t at;
    assert_int_equal(kedge_detector_estimate(d, &e), o->n_seen ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(e.width, o->n_seen ? o->c->window_size : 0);
    if (o->n_seen == 0)
        return;
    for (size_t i = 0; i < o->n_seen; i++)
        variance += (o->seen[i] - mean) * (o->seen[i] - mean) / (double)o->n_seen;
    assert_true(fabs(e.statistic - naive_rise(o, &at)) < 1e-9 && fabs(e.mean - mean) < 1e-9 && fabs(e.variance - variance) < 1e-9);
    assert_true(e.threshold == o->c->threshold);
}

static int expect_alarm(naive *o, size_t i, size_t least_at, const kedge_detector *d)
{
    kedge_alarm a;
    size_t n_after = (o->n_seen - least_at) * o->c->step;
    assert_int_equal(kedge_detector_alarm(d, &a), KEDGE_OK);
    assert_true(a.at == i && a.changed_at == i + 1 - n_after && isnan(a.log_evidence) && a.threshold == o->c->threshold);
    assert_true(fabs(a.mean_before - mean_of(o->seen, least_at)) < 1e-9);
    assert_true(fabs(a.mean_after - mean_of(o->seen + least_at, o->n_seen - least_at)) < 1e-9);
    o->first = o->c->on_drift == KEDGE_PCA_CD_NEWEST ? i + 1 - o->c->window_size : i + 1;
    o->n_seen = 0;
    if (o->c->on_drift == KEDGE_PCA_CD_NEWEST)
        naive_learn(o);
    return 1;
}

/* The row i at which a divergence is due. */
static int naive_step(naive *o, size_t i, kedge_status st, const kedge_detector *d)
{
    double greatest = 0, of[D];
    size_t least_at = 0, d_n = o->c->n_features;
    assert_int_equal(kedge_pca_cd_divergences(d, of, d_n), KEDGE_OK);
    for (size_t k = 0; k < o->n_components; k++) {
        double divergence = naive_divergence(o, i, k);
        assert_true(fabs(of[k] - divergence) < 1e-9);
        greatest = fmax(greatest, divergence);
    }
    for (size_t k = o->n_components; k < d_n; k++)
        assert_true(isnan(of[k]));
    o->seen[o->n_seen++] = greatest;
    double rise = naive_rise(o, &least_at), off = rise - o->c->threshold;
    assert_int_equal(st, fabs(off) < 1e-9 ? st : off > 0 ? KEDGE_DRIFT : KEDGE_OK);
    return st == KEDGE_DRIFT ? expect_alarm(o, i, least_at, d) : 0;
}

static unsigned compare(const kedge_pca_cd_config *c)
{
    static naive o;
    size_t bytes = kedge_detector_size(&c->base), w = c->window_size;
    unsigned char *mem = guard_new(bytes, 0xA5);
    unsigned n_alarms = 0;
    kedge_detector d;
    memset(&o, 0, sizeof o);
    o.c = c;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_pca_cd_update(&d, rows[i]);
        size_t since = i + 1 - o.first;
        if (since == w)
            naive_learn(&o);
        if (since >= 2 * w && (since - 2 * w) % c->step == 0)
            n_alarms += (unsigned)naive_step(&o, i, st, &d);
        else
            assert_int_equal(st, KEDGE_OK);
        assert_int_equal(kedge_pca_cd_components(&d), i + 1 - o.first < w ? 0 : o.n_components);
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        expect_estimate(&o, &d);
    }
    guard_free(mem);
    return n_alarms;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    kedge_rng rng = {8};
    unsigned n_alarms = 0;
    for (uint64_t seed = 0; seed < 24; seed++) {
        kedge_pca_cd_config c = kedge_pca_cd_defaults(1 + (uint32_t)seed % D);
        c.window_size = 10 + (uint32_t)kedge_rng_below(&rng, 60);
        c.n_bins = 2 + (uint32_t)kedge_rng_below(&rng, MAX_BINS - 1);
        c.step = 1 + (uint32_t)kedge_rng_below(&rng, 9);
        c.explained = seed % 4 == 3 ? 1 : 0.5 + 0.49 * kedge_rng_uniform(&rng);
        c.delta = 0.05 * kedge_rng_uniform(&rng);
        c.threshold = 0.2 + kedge_rng_uniform(&rng);
        c.divergence = seed % 3 ? KEDGE_PCA_CD_AREA : KEDGE_PCA_CD_KULLBACK_LEIBLER;
        c.on_drift = seed % 5 < 3 ? KEDGE_PCA_CD_NEWEST : KEDGE_PCA_CD_RELEARN;
        for (size_t i = 0; i < N; i++) {
            int moved = i % 500 >= 300;
            double shared = kedge_rng_normal(&rng);
            rows[i][0] = shared + (moved ? 2 : 0);
            rows[i][1] = 5 * ((seed % 2 ? 0.8 : 0.4) * shared + kedge_rng_normal(&rng) * (moved ? 3 : 1));
            rows[i][2] = seed % 4 == 2 ? (moved ? shared : 7) : 1e-3 * (kedge_rng_normal(&rng) +
                                                                        (seed % 8 == 7 ? 0.5 : -0.5) * shared);
        }
        n_alarms += compare(&c);
    }
    if (n_alarms < 60)
        fail_msg("%u alarms", n_alarms);
}

/* With the defaults: documented in docs/detectors.md. */
static void test_found(void **unused)
{
    (void)unused;
    for (int kind = 1; kind <= 3; kind++)
        for (uint32_t way = 0; way < 4; way++) {
            kedge_pca_cd_config c = kedge_pca_cd_defaults(5);
            c.divergence = way % 2 ? KEDGE_PCA_CD_KULLBACK_LEIBLER : KEDGE_PCA_CD_AREA;
            c.on_drift = way / 2 ? KEDGE_PCA_CD_RELEARN : KEDGE_PCA_CD_NEWEST;
            unsigned char *mem;
            kedge_detector d = make(&c, &mem);
            kedge_rng rng = {31};
            kedge_alarm a;
            size_t n_drifts = 0;
            for (size_t i = 0; i < 9000; i++) {
                double row[5];
                draw(&rng, i < 3000 ? 0 : kind, row);
                if (kedge_pca_cd_update(&d, row) == KEDGE_DRIFT && n_drifts++ == 0)
                    assert_true(i > 3000 && i < 4500);
            }
            assert_true(n_drifts == 1 || (n_drifts == 2 && way < 2)); /* the newest window may hold rows of both concepts */
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            if (n_drifts == 1)
                assert_true(a.changed_at > 2700 && a.changed_at < 3500 && a.mean_after > a.mean_before + 0.05);
            guard_free(mem);
        }
}

/* Other kinds of feeding give the same bytes. */
static void test_feeding(void **unused)
{
    (void)unused;
    static float narrow[N][D];
    static uint8_t signals[N * D];
    kedge_pca_cd_config c = kedge_pca_cd_defaults(D);
    kedge_rng rng = {4};
    unsigned char *mem, *other, *third;
    c.window_size = 100;
    c.n_bins = 10;
    c.step = 5;
    kedge_detector d = make(&c, &mem), e = make(&c, &other), f = make(&c, &third);
    double divergences[D];
    size_t n_drifts = 0, used, bytes = kedge_detector_size(&c.base), at = 0;
    assert_int_equal(kedge_pca_cd_divergences(&d, divergences, D), KEDGE_EMPTY);
    assert_true(isnan(divergences[0]) && isnan(divergences[2]));
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < D; j++) {
            narrow[i][j] = (float)(kedge_rng_normal(&rng) + (j == 1 && i >= 1000 ? 2 : 0));
            rows[i][j] = narrow[i][j];
        }
        if (kedge_pca_cd_update(&d, rows[i]) == KEDGE_DRIFT && n_drifts++ == 0)
            at = i;
    }
    assert_true(n_drifts >= 1 && at > 1000 && at < 1100);
    kedge_rows table = kedge_rows_float32(&narrow[0][0], N, D), part;
    for (size_t done = 0; done < N; done += used) {
        assert_int_equal(kedge_rows_slice(&table, done, N - done, &part), KEDGE_OK);
        kedge_status st = kedge_pca_cd_update_rows(&e, &part, &used);
        assert_true(st >= 0 && (st == KEDGE_DRIFT || used == N - done));
    }
    assert_memory_equal(mem, other, bytes);
    assert_true(kedge_detector_signal_many(&f, &rows[0][0], (size_t)N * D, signals, &used) >= 0);
    assert_memory_equal(mem, third, bytes);
    assert_int_equal(signals[(at + 1) * D - 1], KEDGE_DRIFT);
    guard_free(mem);
    guard_free(other);
    guard_free(third);
}

/* How many components there are, and that units do not matter. */
static void test_components(void **unused)
{
    (void)unused;
    const double shares[] = {0.3, 0.6, 0.99, 1};
    const uint32_t expected[] = {1, 2, 3, 3}; /* two pairs are the same but for their units, one is constant, one is alone: 2/5,
                                               * 2/5, 1/5 */
    for (int way = 0; way < 4; way++) {
        kedge_pca_cd_config c = kedge_pca_cd_defaults(6);
        unsigned char *mem;
        c.explained = shares[way];
        c.window_size = 400;
        kedge_detector d = make(&c, &mem);
        kedge_rng rng = {3};
        for (size_t i = 0; i < 400; i++) {
            double a = kedge_rng_normal(&rng), b = kedge_rng_normal(&rng),
                   row[6] = {a, 1e30 * a + 1e30, b, 2, -1e-30 * b, kedge_rng_normal(&rng)};
            assert_int_equal(kedge_pca_cd_components(&d), 0);
            assert_int_equal(kedge_pca_cd_update(&d, row), KEDGE_OK);
        }
        assert_int_equal(kedge_pca_cd_components(&d), expected[way] + 1); /* and the constant one */
        guard_free(mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_feeding),
        cmocka_unit_test(test_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
