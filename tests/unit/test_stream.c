/* SPDX-License-Identifier: MIT */
/* Streams: what is drawn has the distribution that the configuration says, before and after the change, and the change is where it
 * says. */
#include <math.h>

#include "support.h"

enum { N = 40000, AT = 20000 };

static double x[N * 24], y[N];
static uint8_t changed[N];
static union {
    double align;
    unsigned char bytes[8192];
} memory;

static kedge_stream draw(const kedge_stream_config *cfg)
{
    kedge_stream s = {NULL, NULL};
    assert_true(kedge_stream_size(cfg) <= sizeof memory);
    assert_int_equal(kedge_stream_init(&s, cfg, &memory, sizeof memory), KEDGE_OK);
    assert_int_equal(kedge_stream_next(&s, x, y, changed, N), KEDGE_OK);
    return s;
}

static double mean_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

static double variance_of(const double *v, size_t n)
{
    double m = mean_of(v, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (v[i] - m) * (v[i] - m);
    return sum / (double)n;
}

static void test_sizes(void **unused)
{
    (void)unused;
    kedge_series_config s = kedge_series_defaults();
    kedge_concepts_config c = kedge_concepts_defaults();
    kedge_hyperplane_config h = kedge_hyperplane_defaults();
    kedge_centroids_config r = kedge_centroids_defaults();
    assert_int_equal(kedge_stream_size(&s.base), KEDGE_SERIES_BYTES);
    assert_int_equal(kedge_stream_size(&c.base), KEDGE_CONCEPTS_BYTES);
    for (uint32_t n = 1; n < 40; n += 13) {
        h.n_features = r.n_features = n;
        h.n_drifting = 1;
        assert_int_equal(kedge_stream_size(&h.base), KEDGE_HYPERPLANE_BYTES_FOR(n));
        assert_int_equal(kedge_stream_size(&r.base), KEDGE_CENTROIDS_BYTES_FOR(n, 50u));
    }
}

static void test_series(void **unused)
{
    (void)unused;
    kedge_series_config c = kedge_series_defaults();
    c.base.at = AT;
    draw(&c.base);
    assert_close(mean_of(y, AT), 0.2, 0.01);
    assert_close(mean_of(y + AT, AT), 0.5, 0.015);
    c.level_before = 3;
    c.level_after = 4;
    c.spread_before = 1;
    c.spread_after = 2;
    c.distribution = KEDGE_SERIES_NORMAL;
    draw(&c.base);
    assert_close(mean_of(y, AT), 3, 0.01);
    assert_close(variance_of(y, AT), 1, 0.05);
    assert_close(mean_of(y + AT, AT), 4, 0.02);
    assert_close(variance_of(y + AT, AT), 4, 0.05);
    c.distribution = KEDGE_SERIES_UNIFORM;
    draw(&c.base);
    assert_close(variance_of(y, AT), 1 / 3.0, 0.02);
    for (size_t i = 0; i < AT; i++)
        assert_true(y[i] >= 2 && y[i] < 4);
    c.distribution = KEDGE_SERIES_STUDENT;
    c.shape = 5;
    draw(&c.base);
    assert_close(mean_of(y, AT), 3, 0.02);
    assert_close(variance_of(y, AT), 5 / 3.0, 0.1);
    c.distribution = KEDGE_SERIES_AR1;
    c.shape = 0.8;
    draw(&c.base);
    double m = mean_of(y, AT), product = 0;
    for (size_t i = 1; i < AT; i++)
        product += (y[i] - m) * (y[i - 1] - m);
    assert_close(variance_of(y, AT), 1, 0.1);
    assert_close(product / AT / variance_of(y, AT), 0.8, 0.02);
}

/* Share of the new concept in each tenth of the stream, read from the mean of a series of 0 and 1. */
static void expect_shares(const kedge_series_config *c, const double *shares, size_t n_changes)
{
    size_t n = 0;
    draw(&c->base);
    for (size_t i = 0; i < 10; i++)
        assert_true(fabs(mean_of(y + i * (N / 10), N / 10) - shares[i]) < 0.03);
    for (size_t i = 0; i < N; i++)
        n += changed[i];
    assert_int_equal(n, n_changes);
}

static void test_patterns(void **unused)
{
    (void)unused;
    static const double none[10] = {0}, sudden[10] = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, ramp[10] = {0, 0, 0, 0, 0, .25, .75, 1, 1, 1},
                        recurring[10] = {0, 0, 0, 0, 0, 1, 1, 0, 0, 1}, blip[10] = {0, 0, 0, 0, 0, .25, 0, .25, 0, .25};
    kedge_series_config c = kedge_series_defaults();
    c.level_before = 0;
    c.level_after = 1;
    c.base.at = AT;
    expect_shares(&c, sudden, 1);
    assert_int_equal(changed[AT], 1);
    c.base.pattern = KEDGE_CHANGE_NONE;
    expect_shares(&c, none, 0);
    c.base.width = 8000;
    c.base.period = 8000;
    c.base.pattern = KEDGE_CHANGE_GRADUAL;
    expect_shares(&c, ramp, 1);
    c.base.pattern = KEDGE_CHANGE_INCREMENTAL;
    expect_shares(&c, ramp, 1);
    c.base.pattern = KEDGE_CHANGE_RECURRING;
    expect_shares(&c, recurring, 3);
    assert_true(changed[AT] && changed[AT + 8000] && changed[AT + 16000]);
    c.base.pattern = KEDGE_CHANGE_BLIP;
    c.base.width = 1000;
    expect_shares(&c, blip, 0);
}

static size_t n_wrong(size_t from, size_t to, size_t n_features, int (*label)(const double *x))
{
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        n += y[i] != label(x + i * n_features);
    return n;
}

static int sea_8(const double *v)
{
    return v[0] + v[1] > 8;
}

static int sea_9(const double *v)
{
    return v[0] + v[1] > 9;
}

static int small_and_red(const double *v)
{
    return v[0] == 0 && v[1] == 0;
}

static int green_or_circle(const double *v)
{
    return v[1] == 2 || v[2] == 0;
}

static int below_sine(const double *v)
{
    return v[1] < sin(v[0]);
}

static int above_sine(const double *v)
{
    return v[1] >= sin(v[0]);
}

static void test_rules(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t family;
        size_t n_features;
        int (*before)(const double *);
        int (*after)(const double *);
    } rules[] = {{KEDGE_CONCEPTS_SEA, 3, sea_8, sea_9},
                 {KEDGE_CONCEPTS_STAGGER, 3, small_and_red, green_or_circle},
                 {KEDGE_CONCEPTS_SINE, 2, below_sine, above_sine}};
    kedge_concepts_config c = kedge_concepts_defaults();
    c.base.at = AT;
    for (size_t i = 0; i < 3; i++) {
        c.family = rules[i].family;
        c.noise = 0;
        draw(&c.base);
        assert_int_equal(n_wrong(0, AT, rules[i].n_features, rules[i].before), 0);
        assert_int_equal(n_wrong(AT, N, rules[i].n_features, rules[i].after), 0);
        assert_true(n_wrong(0, AT, rules[i].n_features, rules[i].after) > AT / 20);
        c.noise = 0.1;
        draw(&c.base);
        assert_close((double)n_wrong(0, AT, rules[i].n_features, rules[i].before) / AT, 0.1, 0.01);
    }
}

/* The paper's group A of functions 1, 2, 5 and 7, written out. */
static int loan_1(const double *v)
{
    return !(v[2] < 40 || v[2] >= 60);
}

static int loan_2(const double *v)
{
    double s = v[0];
    return !(v[2] < 40 ? s >= 50e3 && s <= 100e3 : v[2] < 60 ? s >= 75e3 && s <= 125e3 : s >= 25e3 && s <= 75e3);
}

static int loan_5(const double *v)
{
    double s = v[0], l = v[8];
    if (v[2] < 40)
        return s >= 50e3 && s <= 100e3 ? !(l >= 100e3 && l <= 300e3) : !(l >= 200e3 && l <= 400e3);
    if (v[2] < 60)
        return s >= 75e3 && s <= 125e3 ? !(l >= 200e3 && l <= 400e3) : !(l >= 300e3 && l <= 500e3);
    return s >= 25e3 && s <= 75e3 ? !(l >= 300e3 && l <= 500e3) : !(l >= 100e3 && l <= 300e3);
}

static int loan_7(const double *v)
{
    return !(2 * (v[0] + v[1]) / 3 - v[8] / 5 - 20000 > 0);
}

static void test_agrawal(void **unused)
{
    (void)unused;
    static int (*const rules[])(const double *) = {loan_1, loan_2, loan_5, loan_7};
    static const uint32_t functions[] = {1, 2, 5, 7};
    kedge_concepts_config c = kedge_concepts_defaults();
    c.family = KEDGE_CONCEPTS_AGRAWAL;
    c.base.at = AT;
    for (size_t i = 0; i < 4; i++) {
        c.noise = 0;
        c.before = functions[i];
        c.after = functions[(i + 1) % 4];
        draw(&c.base);
        assert_int_equal(n_wrong(0, AT, 9, rules[i]), 0);
        assert_int_equal(n_wrong(AT, N, 9, rules[(i + 1) % 4]), 0);
    }
    for (uint32_t f = 1; f <= 10; f++) { /* none is trivial, and perturbing the features misleads some */
        c.before = f;
        c.noise = 0.05;
        draw(&c.base);
        double share = mean_of(y, AT);
        assert_true(share > 0.001 && share < 0.999);
    }
}

/* Each digit's segments, without noise; with a concept k the first k - 1 stand behind. */
static void test_led(void **unused)
{
    (void)unused;
    static const char *const segments[10] = {"1110111", "0010010", "1011101", "1011011", "0111010",
                                             "1101011", "1101111", "1010010", "1111111", "1111011"};
    kedge_concepts_config c = kedge_concepts_defaults();
    c.family = KEDGE_CONCEPTS_LED;
    c.base.at = AT;
    c.noise = 0;
    c.after = 4;
    draw(&c.base);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < 7; j++) {
            size_t at = i >= AT && j < 3 ? 7 + j : j;
            assert_true(x[24 * i + at] == segments[(size_t)y[i]][j] - '0');
        }
}

/* The label is which side of the plane; a model that knows the old weights is right before, and not after. */
static void test_hyperplane(void **unused)
{
    (void)unused;
    kedge_hyperplane_config c = kedge_hyperplane_defaults();
    c.base.at = AT;
    c.noise = 0;
    draw(&c.base);
    double weights[10], before[10];
    memcpy(before, memory.bytes + KEDGE_HYPERPLANE_BYTES_FOR(0u), sizeof before);
    size_t wrong[2] = {0, 0};
    for (size_t i = 0; i < N; i++) {
        double side = 0;
        for (int j = 0; j < 10; j++)
            side += before[j] * (x[10 * i + (size_t)j] - 0.5);
        wrong[i >= AT] += y[i] != (side >= 0);
    }
    assert_int_equal(wrong[0], 0);
    assert_true(wrong[1] > AT / 20);
    c.n_drifting = 2;
    draw(&c.base);
    memcpy(before, memory.bytes + KEDGE_HYPERPLANE_BYTES_FOR(0u), sizeof before);
    memcpy(weights, memory.bytes + KEDGE_HYPERPLANE_BYTES_FOR(0u) + sizeof before, sizeof weights);
    for (int j = 0; j < 10; j++)
        assert_true((weights[j] != before[j]) == (j < 2));
}

/* Labels and features belong together, and the new concept puts them elsewhere: the nearest centre of each class tells. */
static void test_centroids(void **unused)
{
    (void)unused;
    kedge_centroids_config c = kedge_centroids_defaults();
    c.base.at = AT;
    c.n_features = 2;
    c.n_centroids = c.n_drifting = 3;
    draw(&c.base);
    double centre[2][2] = {{0, 0}, {0, 0}};
    for (size_t half = 0; half < 2; half++)
        for (size_t i = half * AT; i < (half + 1) * AT; i++)
            for (size_t j = 0; j < 2; j++)
                centre[half][j] += x[2 * i + j] / AT;
    assert_true(fabs(centre[0][0] - centre[1][0]) + fabs(centre[0][1] - centre[1][1]) > 0.1);
    for (size_t i = 0; i < N; i++)
        assert_true(isfinite(x[2 * i]) && (y[i] == 0 || y[i] == 1));
}

static void test_same_seed_same_stream(void **unused)
{
    (void)unused;
    static double again[N];
    kedge_series_config c = kedge_series_defaults();
    c.base.pattern = KEDGE_CHANGE_GRADUAL;
    c.distribution = KEDGE_SERIES_STUDENT;
    kedge_stream s = draw(&c.base);
    memcpy(again, y, sizeof y);
    assert_int_equal(kedge_stream_reset(&s), KEDGE_OK);
    assert_int_equal(kedge_stream_next(&s, NULL, y, NULL, N), KEDGE_OK);
    assert_memory_equal(y, again, sizeof y);
    c.base.seed = 2;
    draw(&c.base);
    assert_memory_not_equal(y, again, sizeof y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_series),    cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_rules),      cmocka_unit_test(test_agrawal),   cmocka_unit_test(test_led),
        cmocka_unit_test(test_hyperplane), cmocka_unit_test(test_centroids), cmocka_unit_test(test_same_seed_same_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
