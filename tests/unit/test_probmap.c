/* SPDX-License-Identifier: MIT */
/* Sigmoids at their optimum and beside scikit-learn's, isotonic regression against its min-max formula, and maps of several
 * classes against their definition. */
#include <fenv.h>
#include <math.h>

#include "echo.h"

static unsigned long long work[20000];

enum { MOST = 200 };

/* Sigmoids ------------------------------------------------------------------------------------------------------------------- */

/* Gradient of the loss with Platt's targets, per weight: 0 at the optimum. */
static void gradient(const kedge_platt *map, const double *x, const double *y, const double *w, size_t n, double *slope,
                     double *offset)
{
    double classes[2] = {0, 0};
    *slope = *offset = 0;
    for (size_t i = 0; i < n; i++)
        classes[y[i] > 0] += w ? w[i] : 1;
    for (size_t i = 0; i < n; i++) {
        double t = y[i] > 0 ? (classes[1] + 1) / (classes[1] + 2) : 1 / (classes[0] + 2);
        double off = (w ? w[i] : 1) * (t - kedge_platt_apply(map, x[i])) / (classes[0] + classes[1]);
        *slope += off * x[i];
        *offset += off;
    }
}

static void test_platt_optimum(void **unused)
{
    double x[MOST], y[MOST], w[MOST], slope, offset;
    kedge_rng rng = {1};
    kedge_platt map;
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    for (int round = 0; round < 200; round++) {
        size_t n = 2 + kedge_rng_below(&rng, MOST - 2);
        double unit = round % 4 == 0 ? 1e-6 : round % 4 == 1 ? 1e6 : 1, level = round % 5 ? 0 : 100 * unit;
        for (size_t i = 0; i < n; i++) {
            y[i] = (double)kedge_rng_below(&rng, 2);
            x[i] = level + unit * (kedge_rng_normal(&rng) + (round % 3) * 2 * y[i]);
            w[i] = (double)kedge_rng_below(&rng, 3);
        }
        w[0] = 1;
        const double *weights = round % 2 ? w : NULL;
        assert_int_equal(kedge_platt_fit(x, y, weights, n, &map), KEDGE_OK);
        gradient(&map, x, y, weights, n, &slope, &offset);
        assert_true(fabs(offset) < 1e-12 && fabs(slope) < 1e-12 * (unit + fabs(level)));
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

/* What _SigmoidCalibration of scikit-learn 1.9 finds: a_ and b_. */
static void test_platt_peer(void **unused)
{
    static const double x[12] = {-2.1, -1.3, -0.7, -0.2, 0.1, 0.4, 0.9, 1.2, 1.8, 2.4, -0.9, 0.6},
                        y[12] = {0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1};
    static const double w[12] = {1, 2, 1, .5, 1, 1, 3, 1, 1, 1, 2, 1};
    kedge_platt map;
    (void)unused;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 12, &map), KEDGE_OK);
    assert_close(map.slope, -0.8058261990366495, 1e-6);
    assert_close(map.offset, 0.1493042581306762, 1e-6);
    assert_int_equal(kedge_platt_fit(x, y, w, 12, &map), KEDGE_OK);
    assert_close(map.slope, -1.0834368310640623, 1e-6);
    assert_close(map.offset, 0.05291532675014862, 1e-6);
}

static void test_platt_edges(void **unused)
{
    double x[] = {5, 5, 5, 5}, y[] = {0, 1, 1, 1}, w[] = {0, 0, 0, 0};
    kedge_platt map = {7, 7};
    (void)unused;
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_platt_fit(x, y, w, 4, &map), KEDGE_EMPTY);
    assert_int_equal(kedge_platt_fit(NULL, NULL, NULL, 0, &map), KEDGE_EMPTY);
    assert_true(map.slope == 7);
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_OK); /* all the same: the share, pulled inwards */
    assert_true(map.slope == 0);
    assert_close(kedge_platt_apply(&map, 5), (3 * 4.0 / 5 + 1 / 3.0) / 4, 1e-9);
    y[0] = 1;
    x[0] = 1;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_OK); /* one class only */
    assert_close(kedge_platt_apply(&map, 3), 5 / 6.0, 1e-6);
    x[0] = -1e100, x[1] = 1e100, y[0] = 0;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_OK);
    assert_true(isfinite(map.slope) && isfinite(map.offset) && kedge_platt_apply(&map, 1e308) > kedge_platt_apply(&map, -1e308));
    for (int i = 0; i < 4; i++)
        x[i] = y[i] * 1e-300;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_platt_fit(NULL, y, NULL, 4, &map), KEDGE_ERR_NULL);
    x[2] = 2e100;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_ERR_RANGE);
    x[2] = (double)NAN;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_ERR_NOT_FINITE);
    x[2] = 0, y[2] = 0.5;
    assert_int_equal(kedge_platt_fit(x, y, NULL, 4, &map), KEDGE_ERR_RANGE);
    y[2] = 1, w[3] = -1;
    assert_int_equal(kedge_platt_fit(x, y, w, 4, &map), KEDGE_ERR_RANGE);
    assert_true(isnan(kedge_platt_apply(NULL, 1)) && isnan(kedge_platt_apply(&map, (double)NAN)));
}

/* Isotonic regression -------------------------------------------------------------------------------------------------------- */

/* Robertson, Wright, Dykstra 1988: the greatest over beginnings of the least over ends of means between, of the rows sorted and
 * merged. */
static double naive_isotonic(const double *x, const double *y, const double *w, size_t n, double at)
{
    double best = -INFINITY;
    for (size_t a = 0; a < n; a++) {
        double least = INFINITY;
        if (x[a] > at || !(w[a] > 0))
            continue;
        for (size_t b = 0; b < n; b++) {
            double sum = 0, mass = 0;
            if (x[b] < at || !(w[b] > 0))
                continue;
            for (size_t i = 0; i < n; i++)
                if (x[i] >= x[a] && x[i] <= x[b]) {
                    sum += w[i] * y[i];
                    mass += w[i];
                }
            least = fmin(least, sum / mass);
        }
        best = fmax(best, least);
    }
    return best;
}

static void test_isotonic(void **unused)
{
    kedge_rng rng = {5};
    (void)unused;
    for (int round = 0; round < 60; round++) {
        double x[50], y[50], w[50];
        size_t n = 1 + kedge_rng_below(&rng, 50), n_points;
        for (size_t i = 0; i < n; i++) {
            x[i] = round % 2 ? kedge_rng_normal(&rng) : (double)kedge_rng_below(&rng, 12);
            y[i] = round % 3 ? (double)(kedge_rng_normal(&rng) + x[i] / 4 > 1) : kedge_rng_normal(&rng) + x[i] / 3;
            w[i] = round % 5 ? (double)kedge_rng_below(&rng, 3) : 1;
        }
        w[0] = 1;
        size_t bytes = kedge_isotonic_work(n);
        void *room = guard_new(bytes, 0x5C);
        double *at = guard_new(n * sizeof *at, 0), *value = guard_new(n * sizeof *value, 0);
        assert_int_equal(kedge_isotonic_fit(x, y, w, n, at, value, &n_points, room, bytes - 1), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_isotonic_fit(x, y, round % 5 ? w : NULL, n, at, value, &n_points, room, bytes), KEDGE_OK);
        assert_true(n_points >= 1 && n_points <= n);
        for (size_t i = 0; i < n; i++)
            if (w[i] > 0)
                assert_true(fabs(kedge_isotonic_apply(at, value, n_points, x[i]) - naive_isotonic(x, y, w, n, x[i])) < 1e-12);
        for (size_t i = 1; i < n_points; i++) {
            double middle = (at[i - 1] + at[i]) / 2;
            assert_true(at[i] > at[i - 1] && value[i] >= value[i - 1]);
            assert_close(kedge_isotonic_apply(at, value, n_points, middle), (value[i - 1] + value[i]) / 2, 1e-9);
            assert_true(i < 2 || value[i] > value[i - 1] || value[i - 1] > value[i - 2]); /* no point that says nothing */
        }
        assert_true(kedge_isotonic_apply(at, value, n_points, -1e300) == value[0]);
        assert_true(kedge_isotonic_apply(at, value, n_points, 1e300) == value[n_points - 1]);
        guard_free(room);
        guard_free(at);
        guard_free(value);
    }
}

/* X_thresholds_ and y_thresholds_ of scikit-learn 1.9's IsotonicRegression(out_of_bounds="clip"). */
static void test_isotonic_peer(void **unused)
{
    static const double x[] = {.1, .4, .4, .35, .8, .9, .2, .7, .6, .95}, y[] = {0, 1, 0, 0, 1, 1, 1, 0, 1, 1};
    static const double at[] = {.1, .2, .7, .8, .95}, value[] = {0, .5, .5, 1, 1};
    double got_at[10], got[10];
    size_t n;
    (void)unused;
    assert_int_equal(kedge_isotonic_fit(x, y, NULL, 10, got_at, got, &n, work, sizeof work), KEDGE_OK);
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        assert_true(got_at[i] == at[i]);
        assert_close(got[i], value[i], 1e-15);
    }
}

static void test_isotonic_edges(void **unused)
{
    double x[] = {1, 2}, y[] = {1, 0}, w[] = {0, 0}, at[2], value[2];
    size_t n = 7;
    (void)unused;
    assert_int_equal(kedge_isotonic_fit(x, y, w, 2, at, value, &n, work, sizeof work), KEDGE_EMPTY);
    assert_int_equal(n, 0);
    assert_int_equal(kedge_isotonic_fit(NULL, NULL, NULL, 0, at, value, &n, work, 8), KEDGE_EMPTY);
    assert_true(isnan(kedge_isotonic_apply(at, value, 0, 1)));
    assert_int_equal(kedge_isotonic_fit(x, y, NULL, 2, at, value, &n, (char *)work + 4, 64), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_isotonic_fit(x, y, NULL, 2, NULL, value, &n, work, 64), KEDGE_ERR_NULL);
    assert_int_equal(kedge_isotonic_fit(x, y, NULL, (size_t)UINT32_MAX, at, value, &n, work, 64), KEDGE_ERR_SHAPE);
    x[1] = (double)INFINITY;
    assert_int_equal(kedge_isotonic_fit(x, y, NULL, 2, at, value, &n, work, 64), KEDGE_ERR_NOT_FINITE);
    x[1] = 1, y[1] = 2e100;
    assert_int_equal(kedge_isotonic_fit(x, y, NULL, 2, at, value, &n, work, 64), KEDGE_ERR_RANGE);
    assert_true(isnan(kedge_isotonic_apply(at, value, 1, (double)NAN)));
}

/* Maps ----------------------------------------------------------------------------------------------------------------------- */

static void shares(double *scores, double *y, double *w, size_t n, uint32_t n_classes, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (uint32_t c = 0; c < n_classes; c++)
            sum += scores[i * n_classes + c] = kedge_rng_uniform(&rng);
        for (uint32_t c = 0; c < n_classes; c++)
            scores[i * n_classes + c] /= sum;
        y[i] = (double)kedge_rng_below(&rng, n_classes);
        w[i] = (double)kedge_rng_below(&rng, 3);
    }
    w[0] = 1;
}

/* One against the rest by the maps of one number, then shares. */
static void naive_map(uint32_t method, uint32_t n_classes, const double *scores, const double *y, const double *w, size_t n,
                      double *row)
{
    double out[4], sum = 0;
    for (uint32_t c = n_classes == 2 ? 1 : 0; c < n_classes; c++) {
        double x[MOST], is[MOST], at[MOST], value[MOST];
        kedge_platt platt;
        size_t n_points;
        for (size_t i = 0; i < n; i++) {
            double p = scores[i * n_classes + c];
            x[i] = method == KEDGE_MAP_PLATT ? log(p / (1 - p)) : p;
            is[i] = y[i] == c;
        }
        if (method == KEDGE_MAP_PLATT) {
            assert_int_equal(kedge_platt_fit(x, is, w, n, &platt), KEDGE_OK);
            out[c] = kedge_platt_apply(&platt, log(row[c] / (1 - row[c])));
        } else {
            assert_int_equal(kedge_isotonic_fit(x, is, w, n, at, value, &n_points, work, sizeof work), KEDGE_OK);
            out[c] = kedge_isotonic_apply(at, value, n_points, row[c]);
        }
        sum += out[c];
    }
    for (uint32_t c = 0; c < n_classes; c++)
        row[c] = n_classes == 2 ? (c ? out[1] : 1 - out[1]) : sum > 0 ? out[c] / sum : 1.0 / n_classes;
}

static void test_maps(void **unused)
{
    (void)unused;
    for (uint64_t round = 0; round < 40; round++) {
        double scores[MOST * 4], y[MOST], w[MOST];
        uint32_t n_classes = 2 + (uint32_t)round % 3;
        size_t n = 20 + round * 4;
        kedge_probmap_config cfg = kedge_probmap_defaults(n_classes);
        kedge_probmap map, opened;
        shares(scores, y, w, n, n_classes, round + 1);
        cfg.method = 1 + (uint32_t)round / 3 % 2;
        size_t bytes = kedge_probmap_size(&cfg);
        void *mem = guard_new(bytes, 0xA5);
        assert_int_equal(kedge_probmap_init(&map, &cfg, mem, bytes - 1), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_probmap_init(&map, &cfg, mem, bytes), KEDGE_OK);
        double row[4], before[4];
        memcpy(row, scores, sizeof row);
        memcpy(before, scores, sizeof row);
        assert_int_equal(kedge_probmap_apply(&map, row, n_classes), KEDGE_EMPTY);
        assert_memory_equal(row, before, sizeof row);
        size_t need = kedge_probmap_work(&map, n);
        void *room = guard_new(need, 0x5C);
        assert_int_equal(kedge_probmap_fit(&map, scores, y, w, n, room, need - 1), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_probmap_fit(&map, scores, y, w, n, room, need), KEDGE_OK);
        guard_free(room);
        for (size_t i = 0; i < n; i += 7) {
            double sum = 0;
            memcpy(row, scores + i * n_classes, n_classes * sizeof *row);
            memcpy(before, row, n_classes * sizeof *row);
            assert_int_equal(kedge_probmap_apply(&map, row, n_classes), KEDGE_OK);
            naive_map(cfg.method, n_classes, scores, y, w, n, before);
            for (uint32_t c = 0; c < n_classes; c++) {
                assert_close(row[c], before[c], 1e-9);
                sum += row[c];
            }
            assert_close(sum, 1, 1e-14);
        }
        void *copy = guard_copy(mem, bytes);
        assert_int_equal(kedge_probmap_open(&opened, copy, bytes), KEDGE_OK);
        assert_int_equal(kedge_probmap_open(&opened, copy, bytes - 1), KEDGE_ERR_BUFFER);
        guard_free(copy);
        guard_free(mem);
    }
    assert_int_equal(KEDGE_PROBMAP_PLATT_BYTES(2u), 56);
    kedge_probmap_config five = kedge_probmap_defaults(5);
    assert_int_equal(KEDGE_PROBMAP_PLATT_BYTES(5u), kedge_probmap_size(&five));
}

/* Too many points: evenly chosen ones, the outermost among them, and never far from the whole function. */
static void test_few_points(void **unused)
{
    static double scores[4000], y[2000], w[2000];
    static unsigned long long few_mem[100], all_mem[5000];
    static unsigned long long room[20000];
    kedge_probmap_config cfg = kedge_probmap_defaults(2);
    kedge_probmap few, all;
    kedge_rng rng = {3};
    double worst = 0;
    (void)unused;
    for (size_t i = 0; i < 2000; i++) {
        scores[2 * i + 1] = kedge_rng_uniform(&rng);
        scores[2 * i] = 1 - scores[2 * i + 1];
        y[i] = kedge_rng_uniform(&rng) < scores[2 * i + 1] * scores[2 * i + 1];
        w[i] = 1;
    }
    cfg.method = KEDGE_MAP_ISOTONIC;
    cfg.max_points = 2000;
    assert_int_equal(kedge_probmap_init(&all, &cfg, all_mem, sizeof all_mem), KEDGE_OK);
    cfg.max_points = 16;
    assert_int_equal(kedge_probmap_init(&few, &cfg, few_mem, sizeof few_mem), KEDGE_OK);
    assert_int_equal(kedge_probmap_fit(&all, scores, y, w, 2000, room, sizeof room), KEDGE_OK);
    assert_int_equal(kedge_probmap_fit(&few, scores, y, NULL, 2000, room, sizeof room), KEDGE_OK);
    for (int i = 0; i <= 100; i++) {
        double a[2] = {1 - i / 100.0, i / 100.0}, b[2] = {1 - i / 100.0, i / 100.0};
        assert_int_equal(kedge_probmap_apply(&all, a, 2), KEDGE_OK);
        assert_int_equal(kedge_probmap_apply(&few, b, 2), KEDGE_OK);
        worst = fmax(worst, fabs(a[1] - b[1]));
        assert_true(i > 0 && i < 100 ? 1 : a[1] == b[1]);
    }
    assert_true(worst > 0 && worst < 0.15);
}

static void test_map_errors(void **unused)
{
    unsigned long long mem[20], room[100];
    double scores[4] = {.5, .5, .2, .8}, y[2] = {0, 1}, w[2] = {0, 0}, row[2] = {.5, .5};
    kedge_probmap_config good = kedge_probmap_defaults(2), cfg = good;
    kedge_probmap map, none = {NULL};
    (void)unused;
    assert_int_equal(kedge_probmap_config_init(NULL, sizeof cfg, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_probmap_config_init(&cfg, 4, 2), KEDGE_ERR_CONFIG);
#define BAD_MAP(change)                                                                                                            \
    cfg = good;                                                                                                                    \
    change;                                                                                                                        \
    assert_int_equal(kedge_probmap_size(&cfg), 0);                                                                                 \
    assert_int_equal(kedge_probmap_init(&map, &cfg, mem, sizeof mem), KEDGE_ERR_CONFIG)
    BAD_MAP(cfg.config_bytes = 0);
    BAD_MAP(cfg.method = 0);
    BAD_MAP(cfg.method = 3);
    BAD_MAP(cfg.n_classes = 1);
    BAD_MAP(cfg.n_classes = KEDGE_CLASSES_MAX + 1);
    BAD_MAP(cfg.max_points = 1);
    BAD_MAP(cfg.max_points = 65537);
    assert_int_equal(kedge_probmap_size(NULL), 0);
    assert_int_equal(kedge_probmap_init(NULL, &good, mem, sizeof mem), KEDGE_ERR_NULL);
    assert_int_equal(kedge_probmap_init(&map, &good, (char *)mem + 4, 100), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_probmap_init(&map, &good, mem, sizeof mem), KEDGE_OK);
    assert_int_equal(kedge_probmap_fit(&none, scores, y, NULL, 2, room, sizeof room), KEDGE_ERR_NULL);
    assert_int_equal(kedge_probmap_fit(&map, NULL, y, NULL, 2, room, sizeof room), KEDGE_ERR_NULL);
    assert_int_equal(kedge_probmap_fit(&map, scores, y, NULL, 2, NULL, sizeof room), KEDGE_ERR_NULL);
    assert_int_equal(kedge_probmap_fit(&map, scores, y, w, 2, room, sizeof room), KEDGE_EMPTY);
    assert_int_equal(kedge_probmap_fit(&map, scores, y, NULL, (size_t)UINT32_MAX, room, sizeof room), KEDGE_ERR_SHAPE);
    scores[3] = 1.5;
    assert_int_equal(kedge_probmap_fit(&map, scores, y, NULL, 2, room, sizeof room), KEDGE_ERR_RANGE);
    scores[3] = (double)NAN;
    assert_int_equal(kedge_probmap_fit(&map, scores, y, NULL, 2, room, sizeof room), KEDGE_ERR_NOT_FINITE);
    scores[3] = .8, y[1] = 2;
    assert_int_equal(kedge_probmap_fit(&map, scores, y, NULL, 2, room, sizeof room), KEDGE_ERR_RANGE);
    y[1] = 1, w[0] = -1;
    assert_int_equal(kedge_probmap_fit(&map, scores, y, w, 2, room, sizeof room), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_probmap_apply(&map, row, 2), KEDGE_EMPTY);
    assert_int_equal(kedge_probmap_apply(&map, row, 3), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_probmap_apply(&map, NULL, 2), KEDGE_ERR_NULL);
    row[1] = -.1;
    assert_int_equal(kedge_probmap_apply(&map, row, 2), KEDGE_ERR_RANGE);
    row[1] = (double)INFINITY;
    assert_int_equal(kedge_probmap_apply(&map, row, 2), KEDGE_ERR_NOT_FINITE);
    assert_true(row[0] == .5);
}

/* No byte of a block that open takes makes a map say something that is no probability. */
static void test_hostile_block(void **unused)
{
    double scores[200], y[100], w[100];
    kedge_probmap_config cfg = kedge_probmap_defaults(2);
    kedge_rng rng = {9};
    (void)unused;
    shares(scores, y, w, 100, 2, 4);
    for (cfg.method = 1; cfg.method <= 2; cfg.method++) {
        cfg.max_points = 20;
        unsigned long long sound[100] = {0};
        kedge_probmap map;
        size_t bytes = kedge_probmap_size(&cfg);
        assert_int_equal(kedge_probmap_init(&map, &cfg, sound, sizeof sound), KEDGE_OK);
        assert_int_equal(kedge_probmap_fit(&map, scores, y, NULL, 100, work, sizeof work), KEDGE_OK);
        for (int round = 0; round < 20000; round++) {
            unsigned char *forged = guard_copy(sound, bytes);
            for (uint64_t k = 1 + kedge_rng_below(&rng, 3); k > 0; k--)
                forged[kedge_rng_below(&rng, bytes)] = (unsigned char)kedge_rng_next(&rng);
            if (kedge_probmap_open(&map, forged, bytes) == KEDGE_OK) {
                double row[2] = {.25, .75};
                assert_true(kedge_probmap_apply(&map, row, 2) >= 0);
                assert_true(row[0] >= 0 && row[0] <= 1 && row[1] >= 0 && row[1] <= 1);
            }
            guard_free(forged);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_platt_optimum),
        cmocka_unit_test(test_platt_peer),
        cmocka_unit_test(test_platt_edges),
        cmocka_unit_test(test_isotonic),
        cmocka_unit_test(test_isotonic_peer),
        cmocka_unit_test(test_isotonic_edges),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_few_points),
        cmocka_unit_test(test_map_errors),
        cmocka_unit_test(test_hostile_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
