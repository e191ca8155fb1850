/* SPDX-License-Identifier: MIT */
/* Classifier two-sample test: against its definition written out, p-values without a change, power, and models of all kinds. */
#include "tables.h"

/* The split as the method draws it: rows of each sample shuffled from behind, the reference's last and the current sample's first
 * ones to learn from. */
static void naive_shuffle(double *z, size_t n, size_t d, kedge_rng *rng)
{
    for (size_t i = n - 1; i > 0; i--) {
        size_t k = (size_t)kedge_rng_below(rng, i + 1);
        for (size_t j = 0; j < d; j++) {
            double keep = z[i * d + j];
            z[i * d + j] = z[k * d + j];
            z[k * d + j] = keep;
        }
    }
}

static size_t naive_n_train(double share, size_t n)
{
    double k = floor(share * (double)n + 0.5);
    return k < 1 ? 1 : k > (double)(n - 1) ? n - 1 : (size_t)k;
}

typedef struct naive_scores {
    double reference[100], current[100];
    size_t n, m;
} naive_scores;

static double naive_area(const naive_scores *s)
{
    double wins = 0;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->m; j++)
            wins += s->current[j] > s->reference[i] ? 1 : s->current[j] == s->reference[i] ? 0.5 : 0;
    return wins / (double)(s->n * s->m);
}

/* Held-out scores of a model with the table z of n + m rows, by the public verbs. */
static naive_scores naive_run(const kedge_model_config *cfg, double *z, size_t n, size_t m, double share, uint32_t n_passes,
                              uint64_t seed)
{
    size_t d = cfg->n_features, a = naive_n_train(share, n), b = naive_n_train(share, m), bytes = kedge_model_size(cfg);
    kedge_rng rng = {seed};
    kedge_model model;
    naive_scores s = {.n = n - a, .m = m - b};
    double *mem = malloc(bytes), y[200], order[200];
    naive_shuffle(z, n, d, &rng);
    naive_shuffle(z + n * d, m, d, &rng);
    assert_int_equal(kedge_model_init(&model, cfg, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < a + b; i++) {
        y[i] = i >= a;
        order[i] = (double)i;
    }
    if (cfg->cls->fit) {
        kedge_rows rows = kedge_rows_float64(z + (n - a) * d, a + b, d);
        double work[64];
        assert_int_equal(kedge_model_fit(&model, &rows, y, NULL, work, sizeof work), KEDGE_OK);
    }
    for (uint32_t pass = 0; !cfg->cls->fit && pass < n_passes; pass++)
        for (size_t i = a + b; i > 0; i--) {
            size_t k = (size_t)kedge_rng_below(&rng, i), at = (size_t)order[k];
            order[k] = order[i - 1];
            order[i - 1] = (double)at;
            assert_int_equal(kedge_model_learn(&model, z + (n - a + at) * d, y[at], 1), KEDGE_OK);
        }
    for (size_t i = 0; i < s.n + s.m; i++) {
        double scores[2];
        assert_int_equal(kedge_model_score(&model, z + (i < s.n ? i : i + a + b) * d, scores, 2), KEDGE_OK);
        *(i < s.n ? &s.reference[i] : &s.current[i - s.n]) = scores[1];
    }
    free(mem);
    return s;
}

static void check_area(const kedge_shift_result *r, const naive_scores *s, double tolerance)
{
    double area = naive_area(s);
    assert_close(r->statistic, area, tolerance);
    assert_close(r->effect, area > 0.5 ? 2 * area - 1 : 0, 2 * tolerance);
    assert_true(r->expected == 0.5 && isnan(r->mean_reference) && isnan(r->where));
}

static void test_models_of_the_caller(void **unused)
{
    (void)unused;
    enum { D = 3 };
    double x[60 * D], y[40 * D];
    fill_normal(x, 60 * D, 0, 1, 1);
    fill_normal(y, 40 * D, 0.4, 1.5, 2);
    for (int kind = 0; kind < 2; kind++)
        for (size_t n = 2; n <= 60; n += 29)
            for (size_t m = 2; m <= 40; m += 19)
                for (double share = 0.01; share < 1; share += 0.49) {
                    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(D, 2);
                    kedge_logistic_config logistic = kedge_logistic_defaults(D, 2);
                    kedge_classifier_test_config c = kedge_classifier_test_defaults();
                    kedge_shift_result r;
                    c.model = kind ? &logistic.base : &bayes.base;
                    c.train_share = share;
                    c.n_passes = 3;
                    c.base.seed = 10 * n + m;
                    assert_true(compare(&c, x, n, y, m, D, &r) >= 0);
                    double *z = calloc((n + m) * D, sizeof *z);
                    memcpy(z, x, n * D * sizeof *z);
                    memcpy(z + n * D, y, m * D * sizeof *z);
                    naive_scores s = naive_run(c.model, z, n, m, share, 3, c.base.seed);
                    check_area(&r, &s, 1e-12);
                    assert_int_equal(r.n_reference, n);
                    assert_int_equal(r.n_current, m);
                    free(z);
                }
}

/* The built-in classifier is the logistic regression on terms of standardised columns. */
static void check_built_in(size_t d, uint32_t degree, size_t n_terms)
{
    enum { N = 30, M = 24 };
    double *x = calloc(N * d, sizeof *x), *y = calloc(M * d, sizeof *y), *t = calloc((N + M) * n_terms, sizeof *t), *to = t;
    kedge_classifier_test_config c = kedge_classifier_test_defaults();
    kedge_logistic_config logistic = kedge_logistic_defaults((uint32_t)n_terms, 2);
    kedge_shift_result r;
    fill_normal(x, N * d, 3, 1, 5);
    fill_normal(y, M * d, 3.4, 1.4, 6);
    double *z = pool(x, N, y, M, d, 1), *sum = calloc(d, sizeof *sum);
    for (size_t i = 0; i < (N + M) * d; i++)
        sum[i % d] += z[i] / (N + M);
    for (size_t i = 0; i < N + M; i++) {
        double *row = z + i * d;
        for (size_t j = 0; j < d; j++)
            *to++ = row[j] -= sum[j];
        for (size_t j = 0; degree == 2 && j < d; j++)
            for (size_t k = j; k < (d <= 43 ? d : j + 1); k++)
                *to++ = row[j] * row[k];
    }
    assert_true(to == t + (N + M) * n_terms);
    logistic.memory = 1;
    c.degree = degree;
    c.n_passes = 2;
    assert_true(compare(&c, x, N, y, M, d, &r) >= 0);
    naive_scores s = naive_run(&logistic.base, t, N, M, 0.5, 2, 1);
    check_area(&r, &s, 1e-12);
    free(x);
    free(y);
    free(t);
    free(z);
    free(sum);
}

static void test_built_in(void **unused)
{
    (void)unused;
    check_built_in(1, 1, 1);
    check_built_in(1, 2, 2);
    check_built_in(3, 1, 3);
    check_built_in(3, 2, 9);
    check_built_in(43, 2, 989);
    check_built_in(44, 2, 88);
}

/* A class of the host, a regression: column 0, in the direction in which its mean moved. */
typedef struct toy_state {
    kedge_model_state model;
    double direction;
} toy_state;

static const kedge_field toy_fields[] = {
    KEDGE_PARAM(toy_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(toy_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_VALUE(toy_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(toy_state, direction, KEDGE_TYPE_F64),
};

static void toy_defaults(void *config)
{
    memset(config, 0, sizeof(kedge_model_config));
}

static void toy_configure(const void *config, void *fixed)
{
    const kedge_model_config *cfg = config;
    ((toy_state *)fixed)->model.n_features = cfg->n_features;
    ((toy_state *)fixed)->model.n_classes = cfg->n_classes;
}

static int toy_valid(const void *fixed)
{
    return ((const toy_state *)fixed)->model.n_features > 0;
}

static size_t toy_layout(void *fixed)
{
    (void)fixed;
    return sizeof(toy_state);
}

static int toy_check(const void *state)
{
    return isfinite(((const toy_state *)state)->direction);
}

static size_t toy_work(const void *fixed, size_t n_rows)
{
    (void)fixed;
    return n_rows > 500 ? 0 : 8 * n_rows + 3; /* no whole number of doubles */
}

static kedge_status toy_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                            void *work)
{
    (void)cls;
    double mean[2] = {0, 0}, n[2] = {0, 0};
    (void)weight;
    memset(work, 0x5A, 8 * x->n_rows + 3);
    for (size_t i = 0; i < x->n_rows; i++) {
        mean[y[i] > 0] += ((const double *)x->data)[(ptrdiff_t)i * x->row_stride];
        n[y[i] > 0] += 1;
    }
    ((toy_state *)state)->direction = mean[1] / n[1] > mean[0] / n[0] ? 1 : -1;
    return KEDGE_OK;
}

static kedge_status toy_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    *scores = ((const toy_state *)state)->direction * ((const double *)x->data)[0];
    return KEDGE_OK;
}

static const kedge_model_class toy_class = {
    .base = {.abi = KEDGE_CLASS_ABI,
             .noun = KEDGE_NOUN_MODEL,
             .version = 1,
             .name = "toy",
             .fixed_bytes = sizeof(toy_state),
             .config_bytes = sizeof(kedge_model_config),
             .n_fields = 4,
             .fields = toy_fields,
             .defaults = toy_defaults,
             .configure = toy_configure,
             .valid = toy_valid,
             .layout = toy_layout,
             .check = toy_check},
    .fit_work = toy_work,
    .fit = toy_fit,
    .predict = toy_score,
    .score = toy_score,
};

/* The p-value with one side, by all ways to deal the held-out scores out. */
static double naive_p(const naive_scores *s)
{
    double all[16], far = 0, ways = 0, area = naive_area(s);
    memcpy(all, s->reference, s->n * sizeof *all);
    memcpy(all + s->n, s->current, s->m * sizeof *all);
    for (unsigned mask = 0; mask < 1u << (s->n + s->m); mask++) {
        naive_scores dealt = {.n = 0, .m = 0};
        for (size_t k = 0; k < s->n + s->m; k++)
            if (mask >> k & 1)
                dealt.reference[dealt.n++] = all[k];
            else
                dealt.current[dealt.m++] = all[k];
        if (dealt.n != s->n)
            continue;
        ways += 1;
        far += naive_area(&dealt) >= area - 1e-12;
    }
    return far / ways;
}

/* Normal with half a step of continuity, and ties taken off the variance. */
static double naive_limit(const naive_scores *s)
{
    double n = (double)s->n, m = (double)s->m, ties = 0, all[16];
    memcpy(all, s->reference, s->n * sizeof *all);
    memcpy(all + s->n, s->current, s->m * sizeof *all);
    for (size_t i = 0; i < s->n + s->m; i++) {
        double t = 0;
        for (size_t j = 0; j < s->n + s->m; j++)
            t += all[i] == all[j];
        ties += t * t - 1; /* each of t values has its share of t^3 - t */
    }
    double variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
    return variance > 0 ? 0.5 * erfc((naive_area(s) * n * m - n * m / 2 - 0.5) / sqrt(2 * variance)) : 1;
}

static void test_p_values(void **unused)
{
    (void)unused;
    int n_above = 0, n_below = 0, n_ties = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        size_t n = 4 + seed % 9, m = 16 - n;
        int ties = seed % 3 == 0;
        double x[32], y[32], z[32];
        kedge_model_config toy = {&toy_class, sizeof toy, 1, 0, 0};
        kedge_classifier_test_config c = kedge_classifier_test_defaults();
        kedge_shift_result r;
        fill_normal(x, n, 0, 1, seed);
        fill_normal(y, m, 0.5, 1, seed + 1000);
        for (size_t i = 0; ties && i < 16; i++) {
            x[i] = i < n ? floor(x[i]) : 0;
            y[i] = i < m ? floor(y[i]) : 0;
        }
        c.model = &toy;
        c.train_share = 0.25;
        c.base.seed = seed;
        c.base.p_method = KEDGE_P_EXACT;
        assert_true(compare(&c, x, n, y, m, 1, &r) >= 0);
        size_t a = naive_n_train(0.25, n), b = naive_n_train(0.25, m);
        kedge_rng rng = {seed};
        memcpy(z, x, n * sizeof *z);
        memcpy(z + n, y, m * sizeof *z);
        naive_shuffle(z, n, 1, &rng);
        naive_shuffle(z + n, m, 1, &rng);
        double mean[2] = {0, 0};
        for (size_t i = n - a; i < n + b; i++)
            mean[i >= n] += z[i] / (double)(i < n ? a : b);
        naive_scores s = {.n = n - a, .m = m - b};
        for (size_t i = 0; i < n + m; i++)
            if (i < n - a)
                s.reference[i] = mean[1] > mean[0] ? z[i] : -z[i];
            else if (i >= n + b)
                s.current[i - n - b] = mean[1] > mean[0] ? z[i] : -z[i];
        check_area(&r, &s, 1e-12);
        assert_close(r.p_value, naive_p(&s), 1e-12);
        assert_int_equal(r.p_method, KEDGE_P_EXACT);
        n_above += r.statistic > 0.5;
        n_below += r.statistic < 0.5;
        n_ties += ties;
        c.base.p_method = KEDGE_P_AUTO;
        assert_true(compare(&c, x, n, y, m, 1, &r) >= 0);
        assert_close(r.p_value, naive_p(&s), 1e-12);
        c.base.p_method = KEDGE_P_ASYMPTOTIC;
        assert_true(compare(&c, x, n, y, m, 1, &r) >= 0);
        assert_close(r.p_value, naive_limit(&s), 1e-9);
        c.base.p_method = KEDGE_P_PERMUTATION;
        c.base.n_resamples = 4000;
        assert_true(compare(&c, x, n, y, m, 1, &r) >= 0);
        double p = naive_p(&s);
        assert_true(fabs(r.p_value - p) < 5 * sqrt(p * (1 - p) / 4000) + 1e-3);
        c.base.p_method = KEDGE_P_NONE;
        assert_true(compare(&c, x, n, y, m, 1, &r) >= 0);
        assert_true(isnan(r.p_value) && r.p_method == KEDGE_P_NONE);
    }
    assert_true(n_above > 10 && n_below > 10 && n_ties > 10);
}

/* A classifier that is wrong about all rows proves nothing; and what is too large to count is refused. */
static void test_exact_at_its_ends(void **unused)
{
    (void)unused;
    const double x[2] = {0, 10}, y[2] = {1, 11};
    int n_seen[3] = {0, 0, 0};
    kedge_model_config toy = {&toy_class, sizeof toy, 1, 0, 0};
    kedge_classifier_test_config c = kedge_classifier_test_defaults();
    kedge_shift_result r;
    c.model = &toy;
    c.base.p_method = KEDGE_P_EXACT;
    for (c.base.seed = 1; c.base.seed <= 30; c.base.seed++) {
        assert_true(compare(&c, x, 2, y, 2, 1, &r) >= 0);
        assert_true(r.p_value == (r.statistic > 0.5 ? 0.5 : 1));
        n_seen[(int)(2 * r.statistic)]++;
    }
    assert_true(n_seen[0] > 0 && n_seen[2] > 0);
    double *a = calloc(2400, sizeof *a), *b = a + 1200;
    fill_normal(a, 2400, 0, 1, 3);
    c.train_share = 0.1;
    c.model = NULL;
    assert_int_equal(compare(&c, a, 1200, b, 1200, 1, &r), KEDGE_ERR_UNSUPPORTED);
    free(a);
}

static kedge_status failing_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                const double *weight, void *work)
{
    (void)cls;
    (void)state, (void)x, (void)y, (void)weight, (void)work;
    return KEDGE_ERR_NUMERIC;
}

static kedge_status failing_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    (void)state, (void)x, (void)y, (void)weight;
    return KEDGE_ERR_STATE;
}

static kedge_status wild_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    (void)state;
    *scores = ((const double *)x->data)[0] > 0 ? INFINITY : 1;
    return KEDGE_OK;
}

static kedge_status failing_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    (void)state, (void)x, (void)scores;
    return KEDGE_ERR_STATE;
}

/* What a model says is wrong is passed on, and the result stays as it was. */
static void test_models_that_fail(void **unused)
{
    (void)unused;
    const kedge_status expected[4] = {KEDGE_ERR_NUMERIC, KEDGE_ERR_STATE, KEDGE_ERR_NOT_FINITE, KEDGE_ERR_STATE};
    double x[20], y[20];
    fill_normal(x, 20, 0, 1, 1);
    fill_normal(y, 20, 0, 1, 2);
    for (int i = 0; i < 4; i++) {
        kedge_model_class bad = toy_class;
        kedge_model_config cfg = {&bad, sizeof cfg, 1, 0, 0};
        kedge_classifier_test_config c = kedge_classifier_test_defaults();
        kedge_shift_result r, same;
        memset(&r, 0x5A, sizeof r);
        same = r;
        bad.fit = i == 0 ? failing_fit : i == 1 ? NULL : toy_fit;
        bad.fit_work = i == 1 ? NULL : toy_work;
        bad.learn = i == 1 ? failing_learn : NULL;
        bad.score = i == 2 ? wild_score : i == 3 ? failing_score : toy_score;
        c.model = &cfg;
        assert_int_equal(compare(&c, x, 20, y, 20, 1, &r), expected[i]);
        assert_memory_equal(&r, &same, sizeof r);
    }
}

static void test_ranges(void **unused)
{
    (void)unused;
    const kedge_classifier_test_config good = kedge_classifier_test_defaults();
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(2, 2);
    kedge_model_config toy = {&toy_class, sizeof toy, 2, 0, 0};
    kedge_classifier_test_config c = good;
#define BAD(field, value)                                                                          \
    do {                                                                                           \
        kedge_classifier_test_config bad = good;                                                   \
        bad.field = value;                                                                         \
        assert_int_equal(kedge_shift_work(&bad.base, 10, 10, 2), 0);                               \
    } while (0)
    BAD(train_share, 0);
    BAD(train_share, NAN);
    BAD(train_share, 1);
    BAD(n_passes, 0);
    BAD(n_passes, 10001);
    BAD(degree, 0);
    BAD(degree, 3);
#undef BAD
    c.model = &bayes.base;
    assert_true(kedge_shift_work(&c.base, 10, 10, 2) > 0);
    assert_int_equal(kedge_shift_work(&c.base, 10, 10, 3), 0);
    bayes = kedge_gaussian_nb_defaults(2, 3);
    assert_int_equal(kedge_shift_work(&c.base, 10, 10, 2), 0);
    bayes = kedge_gaussian_nb_defaults(2, 2);
    bayes.smoothing = -1;
    assert_int_equal(kedge_shift_work(&c.base, 10, 10, 2), 0);
    c.model = &toy;
    assert_true(kedge_shift_work(&c.base, 500, 500, 2) > 0);
    assert_int_equal(kedge_shift_work(&c.base, 502, 500, 2), 0); /* fit_work says: too many rows */
    c = good;
    assert_true(kedge_shift_work(&c.base, 2, 2, 32768) > 0);
    assert_int_equal(kedge_shift_work(&c.base, 2, 2, 32769), 0); /* and their squares */
    c.degree = 1;
    assert_true(kedge_shift_work(&c.base, 2, 2, 65536) > 0);
    assert_int_equal(kedge_shift_work(&c.base, 2, 2, 65537), 0);
}

static void test_uniform(void **unused)
{
    (void)unused;
    kedge_classifier_test_config c = kedge_classifier_test_defaults();
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(2, 2);
    c.n_passes = 3;
    check_uniform(&c, &c.base, 60, 40);
    c.base.p_method = KEDGE_P_PERMUTATION;
    check_uniform(&c, &c.base, 24, 50);
    c.base.p_method = KEDGE_P_ASYMPTOTIC;
    c.model = &bayes.base;
    check_uniform(&c, &c.base, 100, 100);
}

static void test_power(void **unused)
{
    (void)unused;
    kedge_classifier_test_config c = kedge_classifier_test_defaults();
    assert_true(power(&c, 150, 0.6, 1, 0) >= 19);
    assert_true(power(&c, 150, 0, 2, 0) >= 19);
    assert_true(power(&c, 150, 0, 1, 0.8) >= 19); /* the margins are the same */
    assert_true(power(&c, 150, 0, 1, 0) <= 4);
    c.degree = 1;
    assert_true(power(&c, 150, 0.6, 1, 0) >= 19);
    assert_true(power(&c, 150, 0, 1, 0.8) <= 4); /* a plane does not see it */
}

/* D3's rule, an area of 0.7: it needs a change that matters, and takes no area below 1/2 for one. */
static void test_d3(void **unused)
{
    (void)unused;
    kedge_classifier_test_config c = kedge_classifier_test_defaults();
    c.base.p_method = KEDGE_P_NONE;
    c.base.min_effect = 0.4;
    c.degree = 1;
    assert_true(power(&c, 150, 0.8, 1, 0) >= 19);
    assert_int_equal(power(&c, 150, 0.1, 1, 0), 0);
    assert_int_equal(power(&c, 150, 0, 1, 0), 0);
    double x[4] = {0, 1, 2, 3}, y[4] = {0, 1, 2, 3};
    int n_below = 0;
    for (c.base.seed = 1; c.base.seed <= 50; c.base.seed++) {
        kedge_shift_result r;
        kedge_status st = compare(&c, x, 4, y, 4, 1, &r);
        n_below += r.statistic < 0.3;
        assert_true(r.statistic >= 0.7 ? st == KEDGE_DRIFT : st == KEDGE_OK);
    }
    assert_true(n_below > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models_of_the_caller),
        cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_p_values),
        cmocka_unit_test(test_exact_at_its_ends),
        cmocka_unit_test(test_models_that_fail),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_power),
        cmocka_unit_test(test_d3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
