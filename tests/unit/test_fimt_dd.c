/* SPDX-License-Identifier: MIT */
/* FIMT-DD: splits against sums over all rows, linear leaves, drift, little room, holes, categories, hostile scales. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"
#include "friedman.h"

enum { FEATURES = 3, ROWS = 3000, EDGES = 16 };

static void *new_tree(kedge_model *m, const kedge_fimt_dd_config *cfg)
{
    size_t bytes = kedge_model_size(&cfg->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0 && bytes <= cfg->growth.memory);
    assert_int_equal(kedge_model_init(m, &cfg->base, mem, bytes), KEDGE_OK);
    return mem;
}

static kedge_tree_shape shape_of(const kedge_model *m)
{
    kedge_tree_shape shape;
    uint64_t n_drifts;
    assert_int_equal(kedge_fimt_dd_shape(m, &shape, &n_drifts), KEDGE_OK);
    assert_int_equal(kedge_fimt_dd_shape(m, &shape, NULL), KEDGE_OK);
    return shape;
}

static uint64_t drifts_of(const kedge_model *m)
{
    kedge_tree_shape shape;
    uint64_t n_drifts;
    assert_int_equal(kedge_fimt_dd_shape(m, &shape, &n_drifts), KEDGE_OK);
    return n_drifts;
}

/* The first split, from all rows ----------------------------------------------------------------------------------------------- */

typedef struct naive_rows {
    double x[ROWS][FEATURES], y[ROWS];
    int n;
} naive_rows;

/* Lower end and width of 16 bins, as the first two values and the range decide. */
static void naive_bins(const naive_rows *r, int j, double *low, double *width)
{
    double first = r->x[0][j], second = r->x[1][j];
    *width = fabs(second - first) / (EDGES / 2);
    *low = first - *width / 2 - (second < first ? (EDGES - 1) * *width : 0);
    for (int i = 0; i < r->n; i++) {
        while (r->x[i][j] > *low + EDGES * *width)
            *width *= 2;
        while (r->x[i][j] <= *low) {
            *low -= EDGES * *width;
            *width *= 2;
        }
    }
}

/* Weight times standard deviation of the targets on one side. */
static long double naive_side(const naive_rows *r, int j, double threshold, int side, int *n, double *mean)
{
    long double sum = 0, squares = 0;
    *n = 0;
    for (int i = 0; i < r->n; i++)
        if ((r->x[i][j] > threshold) == side || side < 0) {
            sum += r->y[i];
            ++*n;
        }
    *mean = (double)(*n > 0 ? sum / *n : 0);
    for (int i = 0; i < r->n; i++)
        if ((r->x[i][j] > threshold) == side || side < 0)
            squares += (r->y[i] - sum / *n) * (r->y[i] - sum / *n);
    return sqrtl(squares * *n);
}

typedef struct naive_split {
    int feature;
    double threshold, merit, means[2];
} naive_split;

static naive_split naive_best(const naive_rows *r, int j)
{
    naive_split best = {j, 0, 0, {0, 0}};
    double low, width, mean;
    int n;
    naive_bins(r, j, &low, &width);
    long double whole = naive_side(r, j, 0, -1, &n, &mean);
    for (int k = 1; k < EDGES; k++) {
        int sides[2];
        double means[2];
        long double merit = whole - naive_side(r, j, low + k * width, 0, &sides[0], &means[0]);
        merit -= naive_side(r, j, low + k * width, 1, &sides[1], &means[1]);
        if (fmin(sides[0], sides[1]) >= fmax(5, 0.01 * r->n) && (double)(merit / r->n) > best.merit + 1e-12) {
            best.merit = (double)(merit / r->n);
            best.threshold = low + k * width;
            memcpy(best.means, means, sizeof means);
        }
    }
    return best;
}

static naive_split naive_find(const naive_rows *r, double *second)
{
    naive_split best = naive_best(r, 0);
    *second = 0;
    for (int j = 1; j < FEATURES; j++) {
        naive_split here = naive_best(r, j);
        *second = fmax(*second, fmin(here.merit, best.merit));
        if (here.merit > best.merit)
            best = here;
    }
    return best;
}

/* Where the answer changes along a feature, by halving. */
static double edge_of(const kedge_model *m, int j, double left, double right)
{
    double x[FEATURES] = {0.5, 0.5, 0.5}, first, y;
    x[j] = left;
    assert_int_equal(kedge_model_predict(m, x, &first), KEDGE_OK);
    for (int i = 0; i < 60; i++) {
        x[j] = left + (right - left) / 2;
        assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
        *(y == first ? &left : &right) = x[j];
    }
    return left;
}

/* One run until the root splits: at which row, where, and what both sides say then. */
static int first_split(uint64_t seed)
{
    static naive_rows r;
    kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(FEATURES);
    kedge_model m;
    kedge_rng rng = {seed};
    double rival = 2.5 + 0.5 * kedge_rng_uniform(&rng);
    int strong = (int)kedge_rng_below(&rng, FEATURES);
    cfg.growth.leaf = KEDGE_HEAD_MEAN;
    cfg.growth.grace = 60;
    cfg.growth.delta = 0.05;
    cfg.growth.tie = 0.06;
    void *mem = new_tree(&m, &cfg);
    naive_split best = {0, 0, 0, {0, 0}};
    for (r.n = 0; r.n < ROWS && shape_of(&m).n_splits == 0;) {
        double second, *x = r.x[r.n];
        for (int j = 0; j < FEATURES; j++)
            x[j] = kedge_rng_uniform(&rng);
        r.y[r.n] = (x[strong] > 0.6 ? 3 : 0) + (x[(strong + 1) % FEATURES] > 0.4 ? rival : 0) + kedge_rng_uniform(&rng);
        assert_int_equal(kedge_model_learn(&m, x, r.y[r.n], 1), KEDGE_OK);
        r.n++;
        if (r.n % 60 != 0)
            assert_int_equal(shape_of(&m).n_splits, 0);
        if (r.n % 60 != 0)
            continue;
        best = naive_find(&r, &second);
        double bound = sqrt(-log(0.05) / (2.0 * r.n));
        int splits = best.merit > 0 && (second / best.merit < 1 - bound || bound < 0.06);
        assert_int_equal(shape_of(&m).n_splits, splits);
    }
    double x[FEATURES] = {0.5, 0.5, 0.5}, y;
    for (int side = 0; side < 2; side++) {
        x[best.feature] = side;
        assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
        assert_close(y, best.means[side], 1e-9);
    }
    assert_close(edge_of(&m, best.feature, 0, 1), best.threshold, 1e-12);
    guard_free(mem);
    return r.n;
}

static void test_splits_as_all_rows_say(void **state)
{
    (void)state;
    int least = ROWS, most = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        int n = first_split(seed);
        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    assert_true(least <= 120 && most > 360 && most < 600); /* some were sure at once, some waited for the tie */
}

/* What it learns --------------------------------------------------------------------------------------------------------------- */

static double friedman_r2(uint32_t leaf, double drift_threshold, int change, uint32_t memory, uint64_t *n_drifts,
                          kedge_tree_shape *shape)
{
    kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(5);
    kedge_model m;
    cfg.growth.leaf = leaf;
    cfg.growth.memory = memory;
    cfg.drift_threshold = drift_threshold;
    void *mem = new_tree(&m, &cfg);
    double r2 = friedman_run(&m, 11, 30000, change);
    *n_drifts = drifts_of(&m);
    *shape = shape_of(&m);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
    return r2;
}

static void test_model_trees_beat_both_of_their_parts(void **state)
{
    (void)state;
    uint64_t n_drifts;
    kedge_tree_shape shape;
    double mean = friedman_r2(KEDGE_HEAD_MEAN, 20, 30000, 1 << 19, &n_drifts, &shape);
    double linear = friedman_r2(KEDGE_HEAD_LINEAR, 20, 30000, 1 << 19, &n_drifts, &shape);
    double adaptive = friedman_r2(KEDGE_HEAD_ADAPTIVE, 20, 30000, 1 << 19, &n_drifts, &shape);
    assert_true(mean > 0.70 && linear > 0.85 && adaptive > 0.85);
    assert_true(n_drifts == 0 && shape.n_trees == 1 && shape.n_leaves == shape.n_splits + 1 && shape.n_splits > 20 &&
                shape.depth >= 4 && shape.n_inactive == 0);
}

static void test_follows_drift(void **state)
{
    (void)state;
    uint64_t n_drifts;
    kedge_tree_shape shape;
    double never = friedman_r2(KEDGE_HEAD_MEAN, 0, 15000, 1 << 19, &n_drifts, &shape);
    assert_int_equal(n_drifts, 0);
    double forgets = friedman_r2(KEDGE_HEAD_MEAN, 20, 15000, 1 << 19, &n_drifts, &shape);
    assert_true(n_drifts >= 1 && n_drifts < 10);
    assert_true(forgets > never + 0.3 && forgets > 0.55);
}

/* The smallest rooms: a block for each of a few leaves, or for one. */
static void test_learns_in_little_room(void **state)
{
    (void)state;
    uint64_t n_drifts;
    kedge_tree_shape shape;
    double roomy = friedman_r2(KEDGE_HEAD_ADAPTIVE, 20, 15000, 1 << 20, &n_drifts, &shape);
    assert_int_equal(shape.n_inactive, 0);
    const uint32_t memory[] = {40000, 16000, 4200};
    const double lost[] = {0.1, 0.2, 0.5};
    for (int i = 0; i < 3; i++) {
        double r2 = friedman_r2(KEDGE_HEAD_ADAPTIVE, 20, 15000, memory[i], &n_drifts, &shape);
        assert_true(r2 > roomy - lost[i]);
        assert_true(shape.n_inactive > 0 || i < 2);
    }
    kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(5);
    cfg.growth.memory = 2500;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
}

/* Numbers that are all powers of two times as large: the same tree, the same bits. */
static void test_scales_do_not_matter(void **state)
{
    (void)state;
    const double scales[3][3] = {{1, 1, 1}, {0x1p60, 0x1p-60, 0x1p40}, {0x1p-80, 0x1p200, 0x1p-90}};
    kedge_model m[3];
    void *mem[3];
    for (int k = 0; k < 3; k++) {
        kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(2);
        mem[k] = new_tree(&m[k], &cfg);
    }
    kedge_rng rng = {5};
    for (int i = 0; i < 5000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, first = 0;
        double target = x[0] > 0.4 ? x[1] + 2 : 1 - x[0] * x[1];
        for (int k = 0; k < 3; k++) {
            double scaled[2] = {x[0] * scales[k][0], x[1] * scales[k][1]}, y;
            assert_true(kedge_model_predict(&m[k], scaled, &y) >= 0);
            first = k == 0 ? y : first;
            assert_true(y == first * scales[k][2]);
            assert_int_equal(kedge_model_learn(&m[k], scaled, target * scales[k][2], 1), KEDGE_OK);
        }
    }
    assert_true(shape_of(&m[0]).n_splits > 1 && shape_of(&m[2]).n_splits == shape_of(&m[0]).n_splits);
    for (int k = 0; k < 3; k++)
        guard_free(mem[k]);
}

/* One far value neither ruins the linear model nor the bins: both see it as near. */
static void test_outliers_do_not_blind(void **state)
{
    (void)state;
    kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(2);
    kedge_model m;
    kedge_rng rng = {9};
    double squares = 0;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 20000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        double target = x[0] > 0.5 ? 10 + x[1] : -x[1];
        if (i % 1000 == 500)
            x[0] = i % 2000 == 500 ? 1e300 : -1e90;
        double error = step(&m, x, target);
        squares += i >= 10000 && i % 1000 != 500 ? error * error : 0;
    }
    assert_true(squares / 10000 < 0.5); /* the target's variance is 30 */
    guard_free(mem);
}

static void test_takes_missing_values(void **state)
{
    (void)state;
    kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(5);
    kedge_model m;
    kedge_model_info info;
    kedge_rng rng = {3};
    double squares = 0, y;
    void *mem = new_tree(&m, &cfg);
    assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
    assert_int_equal(info.takes_missing, 1);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 30000; i++) {
        double x[5];
        for (int j = 0; j < 5; j++)
            x[j] = kedge_rng_uniform(&rng);
        double target = friedman(x);
        for (int j = 0; j < 5; j++)
            if (kedge_rng_uniform(&rng) < 0.1)
                x[j] = (double)NAN;
        double error = step(&m, x, target);
        squares += i >= 15000 ? error * error : 0;
    }
    assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
    assert_true(squares / 15000 < 11); /* the target's variance is 24 */
    double nothing[5] = {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    assert_int_equal(kedge_model_predict(&m, nothing, &y), KEDGE_OK);
    assert_true(y > 5 && y < 25);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* Categories have no order: neither have their targets. */
static void test_splits_categories(void **state)
{
    (void)state;
    const double of_category[8] = {0, 9, 1, 8, 0, 9, 9, 1};
    double squares[2] = {0, 0};
    for (int nominal = 0; nominal < 2; nominal++) {
        kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(2);
        kedge_model m;
        kedge_rng rng = {8};
        cfg.growth.nominal[0] = nominal ? 2 : 0;
        cfg.growth.n_values = 20;
        cfg.growth.leaf = KEDGE_HEAD_MEAN;
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 6000; i++) {
            double x[2] = {kedge_rng_uniform(&rng), (double)kedge_rng_below(&rng, 8)};
            double error = step(&m, x, of_category[(int)x[1]] + x[0]);
            squares[nominal] += i >= 5000 ? error * error : 0;
        }
        double beyond[2] = {0.5, 1e9}, last[2] = {0.5, 19}, y, y_last;
        assert_int_equal(kedge_model_predict(&m, beyond, &y), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&m, last, &y_last), KEDGE_OK);
        assert_true(!nominal || y == y_last);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
    assert_true(squares[1] / 1000 < 0.3 && squares[1] < squares[0]);
}

/* Hostile rows ----------------------------------------------------------------------------------------------------------------- */

static void test_nothing_makes_it_diverge(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(4);
        kedge_model m;
        kedge_rng rng = {seed};
        cfg.growth.memory = seed % 2 ? 20000 : 200000;
        cfg.growth.grace = 20;
        cfg.growth.n_values = 8;
        cfg.growth.tie = seed % 3 ? 0.5 : 0.05;
        cfg.growth.leaf = seed % 4 == 0 ? KEDGE_HEAD_LINEAR : KEDGE_HEAD_ADAPTIVE;
        cfg.growth.nominal[0] = seed % 5 == 0 ? 2 : 0;
        cfg.drift_threshold = seed % 2 ? 1 : 20;
        void *mem = new_tree(&m, &cfg);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 4000; i++) {
            double x[4], y = 0;
            for (int j = 0; j < 4; j++)
                x[j] = kedge_rng_below(&rng, 20) == 0 ? (double)NAN : hostile(&rng, 300);
            double target = i % 3 == 0 ? hostile(&rng, 100) : kedge_rng_uniform(&rng);
            double weight = i % 7 == 0 ? fmin(fabs(hostile(&rng, 300)), KEDGE_WEIGHT_MAX) : 1;
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            assert_true(fabs(y) <= KEDGE_TARGET_MAX);
            assert_int_equal(kedge_model_learn(&m, x, target, weight), KEDGE_OK);
            if (i % 500 == 0)
                assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

static void test_constants(void **state)
{
    (void)state;
    kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(2);
    kedge_model m, other;
    kedge_tree_shape shape;
    double x[2] = {3, 1e-300}, y;
    void *mem = new_tree(&m, &cfg), *mem2;
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_EMPTY);
    assert_true(y == 0);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(kedge_model_learn(&m, x, 7, i % 2 ? 1e9 : 1e-300), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_true(y == 7 && shape_of(&m).n_splits == 0 && drifts_of(&m) == 0);
    assert_int_equal(kedge_fimt_dd_shape(NULL, &shape, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fimt_dd_shape(&m, NULL, NULL), KEDGE_ERR_NULL);
    kedge_rls_config rls = kedge_rls_defaults(2);
    mem2 = guard_new(kedge_model_size(&rls.base), 0);
    assert_int_equal(kedge_model_init(&other, &rls.base, mem2, kedge_model_size(&rls.base)), KEDGE_OK);
    assert_int_equal(kedge_fimt_dd_shape(&other, &shape, NULL), KEDGE_ERR_CLASS);
    guard_free(mem2);
    guard_free(mem);
}

/* More features than leaves have room for by default. */
static void test_default_memory_grows(void **state)
{
    (void)state;
    kedge_fimt_dd_config narrow = kedge_fimt_dd_defaults(2), wide = kedge_fimt_dd_defaults(500);
    assert_int_equal(narrow.growth.memory, 256 * 1024);
    assert_true(wide.growth.memory > 10u * 1024 * 1024 && kedge_model_size(&wide.base) > 0 &&
                kedge_model_size(&wide.base) <= wide.growth.memory);
    assert_true(kedge_fimt_dd_defaults(60000).growth.memory == 1000000000u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splits_as_all_rows_say),
        cmocka_unit_test(test_model_trees_beat_both_of_their_parts),
        cmocka_unit_test(test_follows_drift),
        cmocka_unit_test(test_learns_in_little_room),
        cmocka_unit_test(test_scales_do_not_matter),
        cmocka_unit_test(test_outliers_do_not_blind),
        cmocka_unit_test(test_takes_missing_values),
        cmocka_unit_test(test_splits_categories),
        cmocka_unit_test(test_nothing_makes_it_diverge),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_default_memory_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
