/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components: a line by hand, what they are by definition, computed from rows; scikit-learn's numbers; weights, units,
 * tables that say little, what is kept, and states that were damaged. */
#include "gsl_support.h"

#include <float.h>

enum { MAX_ROWS = 120, MAX_FEATURES = 8 };

typedef struct sample {
    size_t n, p;
    double x[MAX_ROWS * MAX_FEATURES], weight[MAX_ROWS];
} sample;

static void fill_sample(sample *s, size_t n, size_t p, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    for (size_t i = 0; i < n; i++) {
        double common = kedge_rng_normal(&rng);
        s->weight[i] = (double)kedge_rng_below(&rng, 4);
        for (size_t j = 0; j < p; j++)
            s->x[i * p + j] = 10 * (double)j + (1 + (double)(j * j)) * (kedge_rng_normal(&rng) + (j % 2 ? 2 : -1) * common);
    }
}

static kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

static kedge_gsl_pca new_pca(const kedge_gsl_pca_settings *how)
{
    kedge_gsl_pca pca;
    size_t bytes = kedge_gsl_pca_size(how);
    assert_true(bytes > 0);
    assert_int_equal(kedge_gsl_pca_init(&pca, how, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return pca;
}

static kedge_status fit(kedge_gsl_pca *pca, const kedge_gsl_pca_settings *how, const sample *s, const double *weight)
{
    kedge_rows rows = rows_of(s);
    size_t bytes = kedge_gsl_pca_work(how), state_bytes = kedge_gsl_pca_size(how);
    void *work = guard_new(bytes, 0xFF), *before = guard_copy(pca->state, state_bytes);
    kedge_gsl_pca again;
    kedge_status st = kedge_gsl_pca_fit(pca, &rows, weight, work, bytes);
    guard_check(pca->state);
    if (st < 0)
        assert_memory_equal(pca->state, before, state_bytes);
    assert_int_equal(kedge_gsl_pca_open(&again, pca->state, state_bytes), KEDGE_OK);
    guard_free(before);
    guard_free(work);
    return st;
}

typedef struct answer {
    double component[MAX_FEATURES * MAX_FEATURES], variance[MAX_FEATURES], share[MAX_FEATURES], mean[MAX_FEATURES],
        deviation[MAX_FEATURES];
    kedge_gsl_pca_found found;
} answer;

static void read_all(const kedge_gsl_pca *pca, answer *a)
{
    assert_int_equal(kedge_gsl_pca_summary(pca, &a->found), KEDGE_OK);
    size_t k = a->found.n_components, n = a->found.n_features;
    assert_int_equal(kedge_gsl_pca_components(pca, a->component, k * n), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_variances(pca, a->variance, a->share, k), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_centre(pca, a->mean, a->deviation, n), KEDGE_OK);
}

/* A fit of a new state, which is freed again. */
static void answer_to(const sample *s, const kedge_gsl_pca_settings *how, const double *weight, answer *a)
{
    kedge_gsl_pca pca = new_pca(how);
    assert_int_equal(fit(&pca, how, s, weight), KEDGE_OK);
    read_all(&pca, a);
    guard_free(pca.state);
}

/* y = 2 x + 1 for x = 0 .. 4: one direction, (1, 2) / sqrt 5, of variance 2.5 * 5. */
static void test_by_hand(void **unused)
{
    sample s = {5, 2, {0, 1, 1, 3, 2, 5, 3, 7, 4, 9}, {0}};
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(2);
    kedge_rows rows = rows_of(&s);
    double score[10], back[10], at[2] = {2, 1}; /* off the line, in the direction (2, -4) + ... */
    answer a;
    (void)unused;
    kedge_gsl_pca pca = new_pca(&how);
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
    read_all(&pca, &a);
    assert_true(a.found.rank == 1 && a.found.n_kept == 1 && a.found.n_rows == 5 && a.found.explained > 1 - 1e-15);
    assert_close(a.component[0], 1 / sqrt(5), 1e-15);
    assert_close(a.component[1], 2 / sqrt(5), 1e-15);
    assert_true(a.component[2] == 0 && a.component[3] == 0 && a.variance[1] == 0 && a.share[1] == 0);
    assert_close(a.variance[0], 12.5, 1e-14);
    assert_close(a.mean[0], 2, 1e-15);
    assert_close(a.mean[1], 5, 1e-15);
    assert_true(a.deviation[0] == 1 && a.deviation[1] == 1);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, score, 10), KEDGE_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_close(score[2 * i], sqrt(5) * ((double)i - 2), 1e-14);
        assert_true(score[2 * i + 1] == 0);
    }
    assert_int_equal(kedge_gsl_pca_inverse(&pca, score, 5, back, 10), KEDGE_OK);
    for (size_t i = 0; i < 10; i++)
        assert_close(back[i], s.x[i], 1e-14);
    kedge_rows off = kedge_rows_float64(at, 1, 2);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &off, score, 2), KEDGE_OK);
    assert_close(score[0], (0 * 1 - 4 * 2) / sqrt(5), 1e-14);
    guard_free(pca.state);
}

/* The covariance of standardised or plain columns times a component is its variance times it; components are orthonormal, fall, and
 * their greatest entries are positive; coordinates are products with them; all of them give the row back. */
static void check_definition(const sample *s, const kedge_gsl_pca_settings *how, const double *weight)
{
    static long double cov[MAX_FEATURES][MAX_FEATURES];
    long double total = 0, n = 0, mean[MAX_FEATURES] = {0}, sd[MAX_FEATURES], trace = 0;
    double scores[MAX_FEATURES], back[MAX_FEATURES];
    answer a;
    kedge_gsl_pca pca = new_pca(how);
    assert_int_equal(fit(&pca, how, s, weight), KEDGE_OK);
    read_all(&pca, &a);
    memset(cov, 0, sizeof cov);
    for (size_t i = 0; i < s->n; i++) {
        long double w = weight ? weight[i] : 1;
        total += w;
        n += w > 0;
        for (size_t j = 0; j < s->p; j++)
            mean[j] += w * s->x[i * s->p + j];
    }
    for (size_t j = 0; j < s->p; j++) {
        mean[j] /= total;
        assert_close(a.mean[j], (double)mean[j], 1e-13);
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->p; j++)
            for (size_t l = 0; l < s->p; l++)
                cov[j][l] += (weight ? weight[i] : 1) / total * (s->x[i * s->p + j] - mean[j]) * (s->x[i * s->p + l] - mean[l]);
    for (size_t j = 0; j < s->p; j++) {
        sd[j] = how->standardise ? sqrtl(cov[j][j]) : 1;
        assert_close(a.deviation[j], (double)sd[j], 1e-12);
    }
    for (size_t j = 0; j < s->p; j++)
        for (size_t l = 0; l < s->p; l++)
            cov[j][l] *= n / (n - 1) / sd[j] / sd[l];
    for (size_t j = 0; j < s->p; j++)
        trace += cov[j][j];
    for (size_t k = 0; k < a.found.n_kept; k++) {
        const double *c = a.component + k * s->p;
        double most = 0, found = 0;
        for (size_t j = 0; j < s->p; j++) {
            long double sum = 0;
            for (size_t l = 0; l < s->p; l++)
                sum += cov[j][l] * c[l];
            assert_true(fabsl(sum - a.variance[k] * c[j]) < 1e-12L * trace);
            most = fmax(most, fabs(c[j]));
        }
        for (size_t j = s->p; j-- > 0;) /* the last that is looked at is the first of equal ones */
            found = fabs(c[j]) > most * (1 - 1e-10) ? c[j] : found;
        assert_true(found > 0);
        assert_close(a.share[k], a.variance[k] / (double)trace, 1e-12);
        assert_true(k == 0 || a.variance[k] <= a.variance[k - 1]);
        for (size_t l = 0; l <= k; l++) {
            double product = 0;
            for (size_t j = 0; j < s->p; j++)
                product += c[j] * a.component[l * s->p + j];
            assert_close(product, l == k, 1e-13);
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        kedge_rows one = kedge_rows_float64(s->x + i * s->p, 1, s->p);
        assert_int_equal(kedge_gsl_pca_transform(&pca, &one, scores, a.found.n_components), KEDGE_OK);
        for (size_t k = 0; k < a.found.n_components; k++) {
            long double sum = 0;
            for (size_t j = 0; j < s->p; j++)
                sum += a.component[k * s->p + j] * (s->x[i * s->p + j] - mean[j]) / sd[j];
            sum /= how->whiten ? sqrtl(a.variance[k]) : 1;
            assert_true(fabs(scores[k] - (double)sum) < 1e-11 * (1 + fabs(scores[k])) * (how->whiten ? 1 : sqrt((double)trace)));
        }
        assert_int_equal(kedge_gsl_pca_inverse(&pca, scores, 1, back, s->p), KEDGE_OK);
        for (size_t j = 0; j < s->p && a.found.n_kept == s->p; j++)
            assert_close(back[j], s->x[i * s->p + j], 1e-12);
    }
    guard_free(pca.state);
}

static void test_definition(void **unused)
{
    static sample s;
    (void)unused;
    for (uint32_t k = 0; k < 48; k++) {
        fill_sample(&s, 20 + 2 * k, 1 + k % MAX_FEATURES, k);
        kedge_gsl_pca_settings how = kedge_gsl_pca_defaults((uint32_t)s.p);
        how.standardise = k % 2;
        how.whiten = k / 2 % 2;
        how.n_components = k % 5 == 0 && s.p > 2 ? 2 : (uint32_t)s.p;
        check_definition(&s, &how, k / 4 % 2 ? s.weight : NULL);
    }
}

/* scikit-learn 1.9.1: PCA(svd_solver="full") of the table and of StandardScaler().fit_transform(table): components_,
 * explained_variance_, explained_variance_ratio_, and the first two rows of transform(). */
static void test_golden(void **unused)
{
    static const struct {
        double component[16], variance[4], share[4], score[8];
    } golden[2] = {
        {{-0.0038601722633104115, -0.063074752007614601, 0.99799538447475211, -0.0034477958710856398, 0.0033963109698356259,
          0.99799070288199898, 0.063103417080898352, 0.004580478752735719, 0.68646720888844137, -0.0059762573353067221,
          0.0047894946333723624, 0.72712042758427042, 0.72714258248489794, 0.00064573100746675972, 0.00048172706409373069,
          -0.68648599090418083},
         {4.7648408307464392, 2.0718382774771396, 1.0677877729815795, 0.040817508879869471},
         {0.59970676904813069, 0.26076326230217767, 0.13439264355522362, 0.0051373250944680982},
         {-2.088556202043192, 0.90166480548405037, 1.0438782853309605, 0.2810860165713841, 3.139906381069681, -1.5748618704846016,
          0.46764082294484449, 0.24822468957669092}},
        {{0.70703036126698948, 0.0075900654455702586, -0.012932131416328457, 0.70702419981937892, -0.010187844556717436,
          0.70738433919051957, -0.70668016643691289, -0.010331837008833529, 0.0012572065082483918, 0.70678707966059118,
          0.70741337167541107, 0.0040945123610938413, 0.70710868719154774, 0.0013459566771730417, 0.0014912801730103782,
          -0.70710202162227964},
         {1.975741591021354, 1.0807009008042476, 0.97038193303883868, 0.075739677699660751},
         {0.48158701281145533, 0.26342084457103548, 0.23653059617821706, 0.018461546439292317},
         {1.4799191913273333, 1.1517331945351255, -0.15105013506581069, 0.37980546031779605, 0.59277921745678885,
          -1.8855609924584862, 0.12031195963580044, 0.3368285193727707}},
    };
    sample s = {40, 4, {0}, {0}};
    double score[8];
    answer a;
    (void)unused;
    for (size_t i = 0; i < s.n; i++) {
        double *x = s.x + i * 4;
        for (size_t j = 0; j < 4; j++)
            x[j] = sin(1.3 * (double)((i + 1) * (j + 1))) * (double)(j + 1) + 2 * (double)j;
        x[3] = x[0] + 0.1 * x[3];
    }
    for (uint32_t k = 0; k < 2; k++) {
        kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(4);
        how.standardise = k;
        kedge_gsl_pca pca = new_pca(&how);
        kedge_rows two = kedge_rows_float64(s.x, 2, 4);
        assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
        read_all(&pca, &a);
        for (size_t i = 0; i < 16; i++)
            assert_close(a.component[i], golden[k].component[i], 1e-12);
        for (size_t i = 0; i < 4; i++) {
            assert_close(a.variance[i], golden[k].variance[i], 1e-13);
            assert_close(a.share[i], golden[k].share[i], 1e-13);
        }
        assert_int_equal(kedge_gsl_pca_transform(&pca, &two, score, 8), KEDGE_OK);
        for (size_t i = 0; i < 8; i++)
            assert_close(score[i], golden[k].score[i], 1e-12);
        guard_free(pca.state);
    }
}

/* A row of weight 3 is three rows, but for what the number of rows does to the variance; weights in another unit change nothing. */
static void test_weights(void **unused)
{
    static sample s, t;
    double scaled[MAX_ROWS];
    answer a, b, c;
    (void)unused;
    fill_sample(&s, 30, 5, 3);
    t.n = 0;
    t.p = 5;
    double n_used = 0;
    for (size_t i = 0; i < s.n; i++) {
        scaled[i] = s.weight[i] * 1e8;
        n_used += s.weight[i] > 0;
        for (size_t k = 0; k < (size_t)s.weight[i]; k++)
            memcpy(t.x + t.n++ * 5, s.x + i * 5, 5 * sizeof(double));
    }
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(5);
    answer_to(&s, &how, s.weight, &a);
    answer_to(&t, &how, NULL, &b);
    answer_to(&s, &how, scaled, &c);
    for (size_t i = 0; i < 25; i++) {
        assert_close(a.component[i], b.component[i], 1e-12);
        assert_close(a.component[i], c.component[i], 1e-12);
    }
    for (size_t k = 0; k < 5; k++) {
        double factor = n_used / (n_used - 1) * ((double)t.n - 1) / (double)t.n;
        assert_close(a.variance[k], b.variance[k] * factor, 1e-12);
        assert_close(a.variance[k], c.variance[k], 1e-12);
    }
    assert_true(a.found.n_rows == (uint64_t)n_used && b.found.n_rows == t.n);
}

/* Standardised, units change nothing. As they are, all change together, and what is constant does not count however large it is. */
static void test_units(void **unused)
{
    static sample s, t;
    static const double unit[3] = {1e300, 1e-300, 7};
    double p[3], q[3], share[4], variance[4];
    answer a, b;
    (void)unused;
    fill_sample(&s, 50, 3, 5);
    t = s;
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < 3; j++)
            t.x[i * 3 + j] *= unit[j] / 1000;
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(3);
    how.standardise = 1;
    kedge_gsl_pca first = new_pca(&how), second = new_pca(&how);
    assert_int_equal(fit(&first, &how, &s, NULL), KEDGE_OK);
    assert_int_equal(fit(&second, &how, &t, NULL), KEDGE_OK);
    read_all(&first, &a);
    read_all(&second, &b);
    for (size_t i = 0; i < 9; i++)
        assert_close(a.component[i], b.component[i], 1e-12);
    for (size_t i = 0; i < s.n; i++) {
        kedge_rows x = kedge_rows_float64(s.x + i * 3, 1, 3), y = kedge_rows_float64(t.x + i * 3, 1, 3);
        assert_int_equal(kedge_gsl_pca_transform(&first, &x, p, 3), KEDGE_OK);
        assert_int_equal(kedge_gsl_pca_transform(&second, &y, q, 3), KEDGE_OK);
        for (size_t k = 0; k < 3; k++)
            assert_close(p[k], q[k], 1e-11);
        assert_int_equal(kedge_gsl_pca_inverse(&second, q, 1, p, 3), KEDGE_OK);
        for (size_t j = 0; j < 3; j++)
            assert_close(p[j] / t.x[i * 3 + j], 1, 1e-9);
    }
    guard_free(first.state);
    guard_free(second.state);
    how.standardise = 0;
    answer_to(&s, &how, NULL, &a);
    for (size_t i = 0; i < s.n * 3; i++)
        t.x[i] = s.x[i] * 0x1p-900;
    answer_to(&t, &how, NULL, &b);
    assert_memory_equal(a.component, b.component, 9 * sizeof(double));
    assert_memory_equal(a.share, b.share, 3 * sizeof(double));
    for (size_t i = 0; i < s.n * 3; i++)
        t.x[i] = s.x[i] * 0x1p900;
    second = new_pca(&how);
    assert_int_equal(fit(&second, &how, &t, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_variances(&second, variance, share, 3), KEDGE_ERR_NUMERIC);
    guard_free(second.state);
    t.p = 4;
    for (size_t i = 0; i < s.n; i++) {
        memcpy(t.x + i * 4, s.x + i * 3, 3 * sizeof(double));
        t.x[i * 4 + 3] = 1.7e308;
    }
    how = kedge_gsl_pca_defaults(4);
    answer_to(&t, &how, NULL, &b);
    assert_true(b.found.rank == 3 && b.mean[3] > 1.69e308);
    for (size_t k = 0; k < 3; k++) {
        assert_close(a.variance[k], b.variance[k], 1e-12);
        assert_true(b.component[k * 4 + 3] == 0);
    }
}

static void test_little(void **unused)
{
    static sample s;
    static const double nothing[MAX_ROWS];
    double one[MAX_ROWS] = {1};
    answer a;
    (void)unused;
    fill_sample(&s, 4, 6, 9);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(6);
    answer_to(&s, &how, NULL, &a); /* fewer rows than columns */
    assert_true(a.found.rank == 3 && a.found.n_kept == 3 && a.found.explained > 1 - 1e-12 && a.variance[3] == 0);
    kedge_gsl_pca pca = new_pca(&how);
    kedge_gsl_pca_found found;
    double x[36], y[6];
    kedge_rows rows = rows_of(&s);
    assert_int_equal(kedge_gsl_pca_summary(&pca, &found), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_components(&pca, x, 36), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_variances(&pca, x, y, 6), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_centre(&pca, x, y, 6), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, x, 24), KEDGE_EMPTY);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, x, 1, y, 6), KEDGE_EMPTY);
    assert_int_equal(fit(&pca, &how, &s, nothing), KEDGE_ERR_NUMERIC);
    assert_int_equal(fit(&pca, &how, &s, one), KEDGE_ERR_NUMERIC);
    s.n = 0;
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_ERR_NUMERIC);
    s.n = 20;
    for (uint32_t standardise = 0; standardise < 2; standardise++) {
        how.standardise = standardise;
        guard_free(pca.state);
        pca = new_pca(&how);
        for (size_t i = 0; i < s.n * 6; i++)
            s.x[i] = 0.1 * (double)(i % 6);
        assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK); /* all constant */
        read_all(&pca, &a);
        assert_true(a.found.rank == 0 && a.found.n_kept == 0 && a.found.explained == 0 && a.variance[0] == 0 && a.share[0] == 0);
        assert_int_equal(kedge_gsl_pca_inverse(&pca, x, 0, y, 0), KEDGE_OK);
        for (size_t k = 0; k < 6; k++)
            x[k] = 3;
        assert_int_equal(kedge_gsl_pca_inverse(&pca, x, 1, y, 6), KEDGE_OK);
        for (size_t j = 0; j < 6; j++)
            assert_close(y[j], 0.1 * (double)j, 1e-15);
    }
    guard_free(pca.state);
}

/* No more components than explain a share; whitened coordinates have variance 1; more columns than a block has rows. */
static void test_kept(void **unused)
{
    static sample s;
    static double wide[300 * 150], big[150 * 150], variance[150], share[150];
    answer all, some;
    (void)unused;
    fill_sample(&s, 100, 8, 12);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(8);
    answer_to(&s, &how, NULL, &all);
    how.explained = all.share[0] + all.share[1] + all.share[2] / 2;
    answer_to(&s, &how, NULL, &some);
    assert_true(some.found.n_kept == 3 && some.found.rank == 8 && some.component[3 * 8] == 0 && some.variance[3] == 0);
    assert_close(some.found.explained, all.share[0] + all.share[1] + all.share[2], 1e-12);
    assert_memory_equal(some.component, all.component, 3 * 8 * sizeof(double));
    how.explained = 1;
    how.n_components = 2;
    answer_to(&s, &how, NULL, &some);
    assert_true(some.found.n_kept == 2 && some.found.n_components == 2);
    how.whiten = 1;
    kedge_gsl_pca pca = new_pca(&how);
    double scores[200], sum[2] = {0}, squares[2] = {0};
    kedge_rows rows = rows_of(&s);
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, scores, 200), KEDGE_OK);
    for (size_t i = 0; i < 200; i++) {
        sum[i % 2] += scores[i];
        squares[i % 2] += scores[i] * scores[i] / 99;
    }
    for (size_t k = 0; k < 2; k++) {
        assert_true(fabs(sum[k]) < 1e-11);
        assert_close(squares[k], 1, 1e-12);
    }
    guard_free(pca.state);
    kedge_rng rng = {4};
    for (size_t i = 0; i < 300 * 150; i++)
        wide[i] = kedge_rng_normal(&rng);
    how = kedge_gsl_pca_defaults(150);
    rows = kedge_rows_float64(wide, 300, 150);
    pca = new_pca(&how);
    size_t bytes = kedge_gsl_pca_work(&how);
    void *work = guard_new(bytes, 0xFF);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_components(&pca, big, 150 * 150), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_variances(&pca, variance, share, 150), KEDGE_OK);
    for (size_t k = 0; k < 150; k++)
        for (size_t l = 0; l <= k; l++) {
            double product = 0;
            for (size_t j = 0; j < 150; j++)
                product += big[k * 150 + j] * big[l * 150 + j];
            assert_close(product, k == l, 1e-12);
        }
    assert_true(variance[149] > 0.01 && variance[0] < 4);
    guard_free(work);
    guard_free(pca.state);
}

/* A state of changed bytes is refused, or tells finite numbers. */
static void test_damage(void **unused)
{
    static sample s;
    static union {
        uint64_t align;
        unsigned char bytes[2048];
    } forged;
    kedge_rng rng = {77};
    unsigned n_opened = 0;
    (void)unused;
    fill_sample(&s, 30, 4, 2);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(4);
    how.standardise = 1;
    how.whiten = 1;
    how.n_components = 3;
    kedge_gsl_pca pca = new_pca(&how), again;
    size_t bytes = kedge_gsl_pca_size(&how);
    assert_true(bytes <= sizeof forged);
    assert_int_equal(fit(&pca, &how, &s, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_open(&again, pca.state, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_open(&again, pca.state, 8), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_open(&again, (char *)pca.state + 4, bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_gsl_pca_open(NULL, pca.state, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_open(&again, NULL, bytes), KEDGE_ERR_NULL);
    for (int round = 0; round < 20000; round++) {
        double x[4] = {1.7e308, -1e-300, 3, -1.7e308}, scores[3], back[4], share[3], variance[3];
        kedge_rows one = kedge_rows_float64(x, 1, 4);
        memcpy(forged.bytes, pca.state, bytes);
        for (uint64_t k = 1 + kedge_rng_below(&rng, 8); k > 0; k--)
            forged.bytes[(round % 2 ? 0 : 16) + kedge_rng_below(&rng, bytes - 16)] = (unsigned char)kedge_rng_next(&rng);
        kedge_status st = kedge_gsl_pca_open(&again, &forged, bytes);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_CLASS || st == KEDGE_ERR_STATE || st == KEDGE_ERR_BUFFER);
        if (st != KEDGE_OK)
            continue;
        n_opened++;
        st = kedge_gsl_pca_transform(&again, &one, scores, 3);
        assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
        for (int k = 0; k < 3 && st == KEDGE_OK; k++)
            assert_true(scores[k] - scores[k] == 0);
        st = kedge_gsl_pca_inverse(&again, x, 1, back, 4);
        for (int j = 0; j < 4 && st == KEDGE_OK; j++)
            assert_true(back[j] - back[j] == 0);
        st = kedge_gsl_pca_variances(&again, variance, share, 3);
        assert_true(st != KEDGE_OK || (variance[0] - variance[0] == 0 && share[0] - share[0] == 0));
    }
    assert_true(n_opened > 100);
    guard_free(pca.state);
}

static void test_refusals(void **unused)
{
    static sample s;
    static uint64_t work[4096], mem[256];
    double out[64], more[64];
    (void)unused;
    fill_sample(&s, 10, 3, 2);
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(3), bad;
    kedge_rows rows = rows_of(&s), wide = kedge_rows_float64(s.x, 5, 4);
    kedge_gsl_pca pca, none = {NULL};
    kedge_gsl_pca_found found;
    size_t bytes = kedge_gsl_pca_size(&how), work_bytes = kedge_gsl_pca_work(&how);
    assert_true(how.n_components == 3 && how.standardise == 0 && how.whiten == 0 && how.explained == 1 && bytes <= sizeof mem);
    assert_int_equal(kedge_gsl_pca_settings_init(NULL, sizeof how, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_settings_init(&bad, sizeof how + 8, 3), KEDGE_ERR_CONFIG);
#define REFUSED(change)                                                                            \
    bad = how, change;                                                                             \
    assert_true(kedge_gsl_pca_size(&bad) == 0 && kedge_gsl_pca_work(&bad) == 0);                    \
    assert_int_equal(kedge_gsl_pca_init(&pca, &bad, mem, sizeof mem), KEDGE_ERR_CONFIG)
    REFUSED(bad.n_features = 0);
    REFUSED(bad.n_features = 65537);
    REFUSED(bad.n_components = 0);
    REFUSED(bad.n_components = 4);
    REFUSED(bad.standardise = 2);
    REFUSED(bad.whiten = 2);
    REFUSED(bad.explained = 0);
    REFUSED(bad.explained = 1.5);
    REFUSED(bad.explained = (double)NAN);
    REFUSED(bad.config_bytes = 8);
    assert_true(kedge_gsl_pca_size(NULL) == 0 && kedge_gsl_pca_work(NULL) == 0);
    assert_int_equal(kedge_gsl_pca_init(NULL, &how, mem, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_init(&pca, NULL, mem, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, NULL, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, mem, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, (char *)mem + 4, bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_gsl_pca_init(&pca, &how, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_fit(&none, &rows, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_fit(&pca, NULL, NULL, work, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, NULL, work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &wide, NULL, work, work_bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, (char *)work + 4, work_bytes), KEDGE_ERR_ALIGN);
    s.weight[4] = -1;
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, s.weight, work, work_bytes), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes), KEDGE_OK);
    s.x[7] = (double)NAN;
    assert_int_equal(kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, out, 30), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, out, 29), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &wide, out, 15), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_transform(&pca, &rows, NULL, 30), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_transform(&none, &rows, out, 30), KEDGE_ERR_NULL);
    out[1] = (double)INFINITY;
    assert_int_equal(kedge_gsl_pca_inverse(&pca, out, 1, more, 3), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, out, 2, more, 3), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, NULL, 1, more, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_inverse(&pca, out, 1, NULL, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_components(&pca, out, 8), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_components(&pca, NULL, 9), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_variances(&pca, out, more, 2), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_variances(&pca, out, NULL, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_centre(&pca, out, more, 4), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_pca_centre(&pca, NULL, more, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_summary(&pca, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_pca_summary(&none, &found), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_definition), cmocka_unit_test(test_golden),
        cmocka_unit_test(test_weights), cmocka_unit_test(test_units),      cmocka_unit_test(test_little),
        cmocka_unit_test(test_kept),    cmocka_unit_test(test_damage),     cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
