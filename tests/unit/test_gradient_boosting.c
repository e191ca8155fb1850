/* SPDX-License-Identifier: MIT */
/* Gradient boosting: against an exact greedy search of all splits, by hand, and what it promises of missing values, constraints,
 * early stopping, memory and hostile tables. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { ROWS = 120, FEATURES = 4, OUTPUTS = 3, LEAVES = 12 };

typedef kedge_gradient_boosting_config config;

/* A table of few values, the last feature nominal. */
typedef struct table {
    double x[ROWS][FEATURES];
    double y[ROWS];
    double weight[ROWS];
    kedge_rows rows;
} table;

static void table_fill(table *t, uint64_t seed, uint32_t n_classes, int missing)
{
    kedge_rng rng = {seed};
    double values[FEATURES][9];
    t->rows = kedge_rows_float64(&t->x[0][0], ROWS, FEATURES);
    for (int j = 0; j < FEATURES; j++)
        for (int k = 0; k < 9; k++)
            values[j][k] = j == FEATURES - 1 ? k : kedge_rng_normal(&rng);
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int j = 0; j < FEATURES; j++) {
            t->x[i][j] = values[j][kedge_rng_below(&rng, j == 1 ? 3 : 9)];
            sum += j == FEATURES - 1 ? sin(3 * t->x[i][j]) : t->x[i][j];
            if (missing && kedge_rng_below(&rng, 5) == 0)
                t->x[i][j] = (double)NAN;
        }
        sum += kedge_rng_normal(&rng);
        t->y[i] = n_classes == 0 ? sum : n_classes == 2 ? sum > 0 : (sum > -1) + (sum > 1);
        t->weight[i] = 0.5 + kedge_rng_uniform(&rng);
    }
}

static void fit_table(kedge_model *m, const kedge_rows *rows, const double *y, const double *weight)
{
    size_t bytes = kedge_model_work(m, rows->n_rows);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_fit(m, rows, y, weight, work, bytes), KEDGE_OK);
    guard_free(work);
    assert_int_equal(kedge_model_check(m), KEDGE_OK);
}

static void make(kedge_model *m, const config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(m, &c->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
}

static void make_fitted(kedge_model *m, const config *c, const kedge_rows *rows, const double *y, const double *weight)
{
    make(m, c);
    fit_table(m, rows, y, weight);
}

static double predict(const kedge_model *m, const double *x)
{
    double y;
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    return y;
}

static kedge_gradient_boosting_info info_of(const kedge_model *m)
{
    kedge_gradient_boosting_info info;
    assert_int_equal(kedge_gradient_boosting_describe(m, &info), KEDGE_OK);
    return info;
}

/* The definition --------------------------------------------------------------------------------------------------------------- */

typedef struct naive {
    const table *t;
    const config *c;
    double g[ROWS], h[ROWS];
    int leaf[ROWS]; /* of each row */
    int n_leaves;
} naive;

typedef struct naive_split {
    double gain;
    int leaf;
    char left[ROWS];
} naive_split;

static double naive_worth(const naive *v, double g, double h)
{
    return g * g / (h + v->c->l2);
}

/* Takes the split that sends `left` left, if it is the best so far. */
static void naive_try(const naive *v, int leaf, const char *left, naive_split *best)
{
    double g[2] = {0, 0}, h[2] = {0, 0};
    uint32_t n[2] = {0, 0};
    for (int i = 0; i < ROWS; i++) {
        if (v->leaf[i] != leaf)
            continue;
        int side = left[i] ? 0 : 1;
        g[side] += v->g[i];
        h[side] += v->h[i];
        n[side]++;
    }
    if (n[0] < v->c->min_rows || n[1] < v->c->min_rows || h[0] < v->c->min_hessian || h[1] < v->c->min_hessian)
        return;
    double both = naive_worth(v, g[0], h[0]) + naive_worth(v, g[1], h[1]);
    double gain = both - naive_worth(v, g[0] + g[1], h[0] + h[1]);
    if (gain <= best->gain || gain <= v->c->min_gain || gain <= 1e-12 * both)
        return;
    best->gain = gain;
    best->leaf = leaf;
    memcpy(best->left, left, ROWS);
}

/* All thresholds at all values, missing ones on both sides. */
static void naive_numeric(const naive *v, int leaf, int feature, naive_split *best)
{
    char left[ROWS];
    for (int k = 0; k < ROWS; k++)
        for (int missing_left = 0; missing_left < 2; missing_left++) {
            for (int i = 0; i < ROWS; i++)
                left[i] = isnan(v->t->x[i][feature]) ? (char)missing_left : v->t->x[i][feature] <= v->t->x[k][feature];
            naive_try(v, leaf, left, best);
        }
}

/* All beginnings of the order by mean gradient; category 9 is missing. */
static void naive_nominal(const naive *v, int leaf, int feature, naive_split *best)
{
    char left[ROWS] = {0};
    double g[10] = {0}, h[10] = {0};
    int taken[10] = {0}, n[10] = {0};
    for (int i = 0; i < ROWS; i++) {
        int code = isnan(v->t->x[i][feature]) ? 9 : (int)v->t->x[i][feature];
        if (v->leaf[i] != leaf)
            continue;
        g[code] += v->g[i];
        h[code] += v->h[i];
        n[code]++;
    }
    for (int step = 0; step < 10; step++) {
        int least = -1;
        for (int k = 0; k < 10; k++)
            if (!taken[k] && n[k] > 0 && (least < 0 || g[k] / (h[k] + 10) < g[least] / (h[least] + 10)))
                least = k;
        if (least < 0)
            return;
        taken[least] = 1;
        for (int i = 0; i < ROWS; i++)
            left[i] |= (isnan(v->t->x[i][feature]) ? 9 : (int)v->t->x[i][feature]) == least;
        naive_try(v, leaf, left, best);
    }
}

/* Grows a tree and writes each row's step. */
static void naive_tree(naive *v, double *step)
{
    memset(v->leaf, 0, sizeof v->leaf);
    for (v->n_leaves = 1; v->n_leaves < (int)v->c->max_leaves; v->n_leaves++) {
        naive_split best = {0, -1, {0}};
        for (int leaf = 0; leaf < v->n_leaves; leaf++)
            for (int j = 0; j < FEATURES; j++) {
                if (v->c->nominal[0] >> j & 1)
                    naive_nominal(v, leaf, j, &best);
                else
                    naive_numeric(v, leaf, j, &best);
            }
        if (best.leaf < 0)
            break;
        for (int i = 0; i < ROWS; i++)
            if (v->leaf[i] == best.leaf && !best.left[i])
                v->leaf[i] = v->n_leaves;
    }
    for (int leaf = 0; leaf < v->n_leaves; leaf++) {
        double g = 0, h = 0;
        for (int i = 0; i < ROWS; i++) {
            g += v->leaf[i] == leaf ? v->g[i] : 0;
            h += v->leaf[i] == leaf ? v->h[i] : 0;
        }
        for (int i = 0; i < ROWS; i++)
            if (v->leaf[i] == leaf)
                step[i] = -g / (h + v->c->l2);
    }
}

static int naive_outputs(const config *c)
{
    return c->base.n_classes > 2 ? (int)c->base.n_classes : 1;
}

/* Where the sums start. */
static void naive_start(const naive *v, const double *w, double score[OUTPUTS][ROWS])
{
    double all = 0, sum[OUTPUTS] = {0};
    for (int i = 0; i < ROWS; i++) {
        all += w[i];
        if (v->c->base.n_classes == 0)
            sum[0] += w[i] * v->t->y[i];
        else
            sum[v->c->base.n_classes > 2 ? (int)v->t->y[i] : 0] += v->c->base.n_classes > 2 || v->t->y[i] > 0 ? w[i] : 0;
    }
    for (int k = 0; k < naive_outputs(v->c); k++) {
        double p = sum[k] / all;
        for (int i = 0; i < ROWS; i++)
            score[k][i] = v->c->base.n_classes == 0 ? p : v->c->base.n_classes == 2 ? log(p / (1 - p)) : log(p);
    }
}

static double naive_probability(const naive *v, double score[OUTPUTS][ROWS], int i, int k)
{
    double sum = 0;
    if (v->c->base.n_classes == 2)
        return 1 / (1 + exp(-score[0][i]));
    for (int j = 0; j < naive_outputs(v->c); j++)
        sum += exp(score[j][i]);
    return exp(score[k][i]) / sum;
}

/* Sums of all rounds, for the rows of the table. */
static void naive_boost(const table *t, const config *c, double score[OUTPUTS][ROWS])
{
    static naive v;
    double w[ROWS], all = 0, p[OUTPUTS][ROWS], step[ROWS];
    v.t = t;
    v.c = c;
    for (int i = 0; i < ROWS; i++)
        all += t->weight[i];
    for (int i = 0; i < ROWS; i++)
        w[i] = t->weight[i] * ROWS / all;
    naive_start(&v, w, score);
    for (uint32_t round = 0; round < c->n_rounds; round++) {
        for (int k = 0; k < naive_outputs(c); k++)
            for (int i = 0; i < ROWS; i++)
                p[k][i] = c->base.n_classes > 0 ? naive_probability(&v, score, i, k) : 0;
        for (int k = 0; k < naive_outputs(c); k++) {
            for (int i = 0; i < ROWS; i++) {
                double is = c->base.n_classes > 2 ? t->y[i] == k : t->y[i];
                v.g[i] = w[i] * (c->base.n_classes == 0 ? score[0][i] - t->y[i] : p[k][i] - is);
                v.h[i] = w[i] * (c->base.n_classes == 0 ? 1 : p[k][i] * (1 - p[k][i]));
            }
            naive_tree(&v, step);
            for (int i = 0; i < ROWS; i++)
                score[k][i] += c->learning_rate * step[i];
        }
    }
}

static config small_config(uint32_t n_classes, uint64_t seed)
{
    config c = kedge_gradient_boosting_defaults(FEATURES, n_classes);
    c.nominal[0] = 1u << (FEATURES - 1);
    c.n_rounds = 4;
    c.learning_rate = 0.7;
    c.max_leaves = 3 + (uint32_t)(seed % 5);
    c.min_rows = 2 + (uint32_t)(seed % 7);
    c.l2 = seed % 2 ? 0.5 : 0;
    c.min_gain = seed % 3 ? 0 : 0.01;
    return c;
}

/* Trees that split the same rows at the same places: all sums of all rounds agree. */
static void test_equals_definition(void **unused)
{
    (void)unused;
    static table t;
    static double score[OUTPUTS][ROWS];
    for (uint64_t seed = 0; seed < 36; seed++) {
        uint32_t n_classes = (uint32_t)(seed % 3) + (seed % 3 > 0);
        config c = small_config(n_classes, seed);
        kedge_model m;
        table_fill(&t, seed, n_classes, seed % 4 > 0);
        make_fitted(&m, &c, &t.rows, t.y, t.weight);
        naive_boost(&t, &c, score);
        for (int i = 0; i < ROWS; i++) {
            double got[OUTPUTS], want[OUTPUTS] = {score[0][i]};
            int n = n_classes > 0 ? (int)n_classes : 1;
            assert_int_equal(kedge_model_score(&m, t.x[i], got, (size_t)n), KEDGE_OK);
            if (n_classes == 2) {
                want[1] = 1 / (1 + exp(-score[0][i]));
                want[0] = 1 - want[1];
            }
            for (int k = 0; n_classes == 3 && k < 3; k++)
                want[k] = exp(score[k][i]) / (exp(score[0][i]) + exp(score[1][i]) + exp(score[2][i]));
            for (int k = 0; k < n; k++)
                assert_close(got[k], want[k], 1e-9);
        }
        guard_free(m.state);
    }
}

/* By hand ---------------------------------------------------------------------------------------------------------------------- */

static config stump(uint32_t n_features, uint32_t n_classes)
{
    config c = kedge_gradient_boosting_defaults(n_features, n_classes);
    c.n_rounds = 1;
    c.max_leaves = 2;
    c.min_rows = 1;
    c.learning_rate = 1;
    return c;
}

/* One split of three below and three above, halfway; missing values go where they fit. */
static void test_by_hand(void **unused)
{
    (void)unused;
    double x[7] = {1, 2, 3, 5, 6, 7, (double)NAN}, y[7] = {0, 0, 0, 12, 12, 12, 12}, at;
    config c = stump(1, 0);
    kedge_rows rows = kedge_rows_float64(x, 7, 1);
    kedge_model m;
    make_fitted(&m, &c, &rows, y, NULL);
    at = 4;
    assert_close(predict(&m, &at), 0, 1e-14);
    at = nextafter(4, 5);
    assert_close(predict(&m, &at), 12, 1e-14);
    at = (double)NAN;
    assert_close(predict(&m, &at), 12, 1e-14);
    y[6] = 0;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 0, 1e-14);
    rows.n_rows = 6; /* none is missing: they go with most rows; of equals, not left */
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 12, 1e-14);
    x[0] = 6.5;
    y[0] = 12;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 12, 1e-14);
    x[0] = x[1];
    x[3] = 2.5;
    y[0] = y[3] = 0;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 0, 1e-14);
    for (int i = 0; i < 6; i++) /* missing or not is all there is to tell */
        x[i] = i < 4 ? 1 : (double)NAN;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 12, 1e-14);
    at = 1e300;
    assert_close(predict(&m, &at), 0, 1e-14);
    guard_free(m.state);
}

/* Two classes: from the log odds of 1/4, a Newton step to each side. */
static void test_log_by_hand(void **unused)
{
    (void)unused;
    double x[8] = {0, 0, 0, 0, 1, 1, 1, 1}, y[8] = {0, 0, 0, 0, 0, 0, 1, 1}, at = 1, scores[2];
    config c = stump(1, 2);
    kedge_rows rows = kedge_rows_float64(x, 8, 1);
    kedge_model m;
    c.l2 = 0.25;
    make_fitted(&m, &c, &rows, y, NULL);
    double p = 0.25, sum = log(p / (1 - p)) + (2 - 4 * p) / (4 * p * (1 - p) + 0.25);
    assert_int_equal(kedge_model_score(&m, &at, scores, 2), KEDGE_OK);
    assert_close(scores[1], 1 / (1 + exp(-sum)), 1e-12);
    assert_close(scores[0] + scores[1], 1, 1e-15);
    at = 0;
    sum = log(p / (1 - p)) - 4 * p / (4 * p * (1 - p) + 0.25);
    assert_int_equal(kedge_model_score(&m, &at, scores, 2), KEDGE_OK);
    assert_close(scores[1], 1 / (1 + exp(-sum)), 1e-12);
    guard_free(m.state);
}

/* Absolute error: the median, then medians of what is left; one far target moves nothing. */
static void test_medians(void **unused)
{
    (void)unused;
    double x[9] = {0, 0, 0, 0, 1, 1, 1, 1, 1}, y[9] = {1, 2, 3, 1e90, 10, 11, 12, 13, -1e90},
           weight[9] = {1, 1, 5, 1, 1, 1, 1, 9, 1}, at = 0;
    config c = stump(1, 0);
    c.loss = KEDGE_BOOST_ABSOLUTE;
    kedge_rows rows = kedge_rows_float64(x, 9, 1);
    kedge_model m;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_close(predict(&m, &at) * 1e-78, 0, 1e-3); /* within the rounding of the farthest target */
    y[3] = 50;
    y[8] = -50;
    fit_table(&m, &rows, y, NULL);
    assert_true(predict(&m, &at) == 2);
    at = 1;
    assert_true(predict(&m, &at) == 11);
    fit_table(&m, &rows, y, weight);
    assert_true(predict(&m, &at) == 13);
    at = 0;
    assert_true(predict(&m, &at) == 3);
    guard_free(m.state);
}

/* Categories without order; what was not seen goes the way of missing values, or of most rows. */
static void test_categories(void **unused)
{
    (void)unused;
    double x[60], y[60], at;
    config c = stump(1, 0);
    c.nominal[0] = 1;
    c.n_bins = 8;
    kedge_rows rows = kedge_rows_float64(x, 60, 1);
    kedge_model m;
    for (int i = 0; i < 60; i++) {
        x[i] = i % 6;
        y[i] = i % 6 == 1 || i % 6 == 4 ? 6 : 0;
    }
    make_fitted(&m, &c, &rows, y, NULL);
    static const double want[] = {0, 6, 0, 0, 6, 0, 0, 0};
    for (int k = 0; k < 8; k++) {
        at = k;
        assert_close(predict(&m, &at), want[k], 1e-14);
    }
    at = (double)NAN;
    assert_close(predict(&m, &at), 0, 1e-14); /* most rows */
    x[1] = x[7] = (double)NAN;
    x[4] = 1e300; /* the last category */
    x[10] = -3;   /* too */
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 6, 1e-14);
    at = 7;
    assert_close(predict(&m, &at), 6, 1e-14);
    at = 6; /* not seen: as missing */
    assert_close(predict(&m, &at), 6, 1e-14);
    at = 0.7;
    assert_close(predict(&m, &at), 0, 1e-14);
    guard_free(m.state);
}

/* Promises --------------------------------------------------------------------------------------------------------------------- */

/* Noise, and an effect against the constraint in places: answers keep to the direction all the same. */
static void test_constraints_hold(void **unused)
{
    (void)unused;
    enum { N = 600 };
    static double x[N][3], y[N];
    for (uint64_t seed = 0; seed < 9; seed++) {
        kedge_rng rng = {seed};
        config c = kedge_gradient_boosting_defaults(3, seed % 3 == 2 ? 2 : 0);
        c.loss = seed % 3 == 1 ? KEDGE_BOOST_ABSOLUTE : KEDGE_BOOST_SQUARED;
        c.rising[0] = 1;
        c.falling[0] = 2;
        c.min_rows = 3;
        c.n_rounds = 30;
        kedge_rows rows = kedge_rows_float64(&x[0][0], N, 3);
        kedge_model m;
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < 3; j++)
                x[i][j] = kedge_rng_uniform(&rng);
            double sum = sin(9 * x[i][0]) + x[i][0] + x[i][1] * x[i][2] + 0.3 * kedge_rng_normal(&rng);
            y[i] = seed % 3 == 2 ? sum > 0.6 : sum;
        }
        make_fitted(&m, &c, &rows, y, NULL);
        for (int k = 0; k < 400; k++) {
            double at[3] = {0, kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, last = 0, scores[2];
            int feature = k % 2;
            for (int i = 0; i <= 50; i++) {
                at[feature] = i / 50.0;
                assert_int_equal(kedge_model_score(&m, at, scores, seed % 3 == 2 ? 2 : 1), KEDGE_OK);
                double is = (feature == 0 ? 1 : -1) * scores[seed % 3 == 2];
                assert_true(i == 0 || is >= last - 1e-12);
                last = is;
            }
        }
        guard_free(m.state);
    }
}

static double log_loss(const kedge_model *m, const double *x, double y)
{
    double scores[3];
    assert_int_equal(kedge_model_score(m, x, scores, 3), KEDGE_OK);
    return -log(scores[(size_t)y]);
}

/* Labels that are half noise: it stops in time, says the loss of the rows held out, and is what training on the others for that
 * long gives. */
static void test_early_stopping(void **unused)
{
    (void)unused;
    enum { N = 900 };
    static double x[N][2], y[N], weight[N];
    kedge_rng rng = {5};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < 2; j++)
            x[i][j] = kedge_rng_uniform(&rng);
        y[i] = kedge_rng_below(&rng, 2) ? (double)kedge_rng_below(&rng, 3) : (x[i][0] > 0.4) + (x[i][1] > 0.7);
        weight[i] = 1;
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2);
    config c = kedge_gradient_boosting_defaults(2, 3);
    kedge_model m, same;
    c.n_rounds = 500;
    c.holdout = 0.2;
    c.patience = 5;
    make_fitted(&m, &c, &rows, y, weight);
    kedge_gradient_boosting_info info = info_of(&m);
    assert_true(info.n_tried == info.n_rounds + 5 && info.n_rounds > 3 && info.n_tried < 200);
    assert_true(info.n_trees == 3 * info.n_rounds && info.n_held_out == N / 5 && info.n_leaves > info.n_trees);
    double loss = 0;
    for (int i = 4 * N / 5; i < N; i++)
        loss += log_loss(&m, x[i], y[i]) / (N / 5);
    assert_close(info.loss, loss, 1e-10);
    config plain = c;
    plain.holdout = 0;
    plain.n_rounds = info.n_rounds;
    rows.n_rows = 4 * N / 5;
    make_fitted(&same, &plain, &rows, y, NULL);
    for (int i = 0; i < N; i++)
        assert_true(log_loss(&same, x[i], y[i]) == log_loss(&m, x[i], y[i]));
    rows.n_rows = N;
    c.hold = KEDGE_HOLD_RANDOM; /* other rows */
    guard_free(m.state);
    guard_free(same.state);
    make_fitted(&m, &c, &rows, y, NULL);
    assert_true(info_of(&m).n_held_out == N / 5 && info_of(&m).loss != info.loss && info_of(&m).n_tried < 200);
    guard_free(m.state);
}

/* Nothing to learn: no round is better than none. */
static void test_no_round_helps(void **unused)
{
    (void)unused;
    double x[100], y[100];
    kedge_rng rng = {1};
    for (int i = 0; i < 100; i++) {
        x[i] = kedge_rng_uniform(&rng);
        y[i] = i < 50 ? kedge_rng_normal(&rng) : 0;
    }
    kedge_rows rows = kedge_rows_float64(x, 100, 1);
    for (int loss = KEDGE_BOOST_SQUARED; loss <= KEDGE_BOOST_ABSOLUTE; loss++) {
        config c = kedge_gradient_boosting_defaults(1, 0);
        kedge_model m;
        c.loss = (uint32_t)loss;
        c.holdout = 0.5;
        c.min_rows = 2;
        c.nominal[0] = 0;
        make_fitted(&m, &c, &rows, y, NULL);
        assert_true(info_of(&m).n_rounds <= 2 && info_of(&m).n_tried == info_of(&m).n_rounds + 10);
        guard_free(m.state);
    }
}

/* Rows in any form, and the same seed: the same bytes. Another seed: others. */
static void test_bytes_by_seed(void **unused)
{
    (void)unused;
    enum { N = 400, M = 5 };
    static double x[N][M], y[N], apart[M][2 * N];
    static float narrow[N][M];
    kedge_rng rng = {3};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < M; j++) {
            narrow[i][j] = j == 1 ? (float)kedge_rng_below(&rng, 5) : (float)kedge_rng_normal(&rng);
            x[i][j] = apart[j][2 * i] = kedge_rng_below(&rng, 9) ? (double)narrow[i][j] : (double)NAN;
            narrow[i][j] = (float)x[i][j];
        }
        y[i] = kedge_rng_below(&rng, 3) ? (narrow[i][0] > 0) + (narrow[i][2] > 1) : (double)kedge_rng_below(&rng, 3);
    }
    kedge_rows rows[3] = {kedge_rows_float64(&x[0][0], N, M), kedge_rows_float32(&narrow[0][0], N, M),
                          kedge_rows_float64(&apart[0][0], N, M)};
    rows[2].row_stride = 2;
    rows[2].column_stride = 2 * N;
    config c = kedge_gradient_boosting_defaults(M, 3);
    c.n_rounds = 12;
    c.min_rows = 3;
    c.nominal[0] = 2;
    c.row_share = 0.6;
    c.feature_share = 0.5;
    c.holdout = 0.1;
    c.hold = KEDGE_HOLD_RANDOM;
    c.patience = 100;
    size_t bytes = kedge_model_size(&c.base);
    kedge_model m[4];
    for (int k = 0; k < 3; k++) {
        make_fitted(&m[k], &c, &rows[k], y, NULL);
        assert_memory_equal(m[k].state, m[0].state, bytes);
    }
    fit_table(&m[1], &rows[0], y, NULL); /* what it was fitted on before does not matter */
    assert_memory_equal(m[1].state, m[0].state, bytes);
    c.seed = 2;
    make_fitted(&m[3], &c, &rows[0], y, NULL);
    int differ = 0;
    for (int i = 0; i < N; i++)
        differ += predict(&m[3], x[i]) != predict(&m[0], x[i]);
    assert_true(differ > 0);
    for (int k = 0; k < 4; k++)
        guard_free(m[k].state);
}

/* Whole weights are that many rows, rows of weight 0 are none, and no scale of weights matters. */
static void test_weights(void **unused)
{
    (void)unused;
    enum { N = 80 };
    static double x[N][2], y[N], weight[N], far[N], x2[3 * N][2], y2[3 * N];
    kedge_rng rng = {8};
    size_t n = 0;
    for (int i = 0; i < N; i++) {
        x[i][0] = (double)kedge_rng_below(&rng, 30);
        x[i][1] = (double)kedge_rng_below(&rng, 30);
        y[i] = x[i][0] > 15 ? x[i][1] : kedge_rng_normal(&rng);
        weight[i] = (double)kedge_rng_below(&rng, 4);
        far[i] = weight[i] * 0x1p-900;
        for (int k = 0; k < (int)weight[i]; k++, n++) {
            memcpy(x2[n], x[i], sizeof x[i]);
            y2[n] = y[i];
        }
    }
    config c = kedge_gradient_boosting_defaults(2, 0);
    c.min_rows = 1;
    c.min_hessian = 1e-6;
    c.max_leaves = 6;
    c.n_rounds = 5;
    kedge_model m[3];
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2), rows2 = kedge_rows_float64(&x2[0][0], n, 2);
    make_fitted(&m[0], &c, &rows, y, weight);
    make_fitted(&m[1], &c, &rows, y, far);
    make_fitted(&m[2], &c, &rows2, y2, NULL);
    kedge_model_info info;
    assert_int_equal(kedge_model_describe(&m[2], &info), KEDGE_OK);
    assert_true(info.n_learned == n && info.takes_missing && !info.can_learn);
    for (int i = 0; i < N; i++) {
        if (weight[i] == 0)
            continue;
        assert_true(predict(&m[0], x[i]) == predict(&m[1], x[i]));
        assert_close(predict(&m[0], x[i]), predict(&m[2], x[i]), 1e-9);
    }
    for (int k = 0; k < 3; k++)
        guard_free(m[k].state);
}

/* More values than bins: cuts stand at quantiles, and a step is found to a bin's width. */
static void test_many_values(void **unused)
{
    (void)unused;
    enum { N = 5000 };
    static double x[N], y[N];
    kedge_rng rng = {4};
    for (int i = 0; i < N; i++) {
        x[i] = i % 3 ? exp(4 * kedge_rng_normal(&rng)) : 1; /* a third of all are 1 */
        y[i] = x[i] > 1;
    }
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    static const uint32_t bins[] = {2, 3, 16, 255};
    for (int k = 0; k < 4; k++) {
        config c = stump(1, 0);
        kedge_model m;
        int wrong = 0;
        c.n_bins = bins[k];
        make_fitted(&m, &c, &rows, y, NULL);
        for (int i = 0; i < N; i++)
            wrong += (predict(&m, &x[i]) > 0.5) != (y[i] > 0);
        assert_true(wrong <= (k == 0 ? N / 5 : N / (int)bins[k]));
        if (k == 3)
            assert_int_equal(wrong, 0); /* the cut behind so many equal values is exact */
        guard_free(m.state);
    }
}

/* Depth, leaves and rows of a leaf are kept to. */
static void test_limits_of_growth(void **unused)
{
    (void)unused;
    enum { N = 1000 };
    static double x[N], y[N], noise[N];
    kedge_rng rng = {6};
    for (int i = 0; i < N; i++) {
        x[i] = y[i] = i;
        noise[i] = kedge_rng_normal(&rng);
    }
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    config c = kedge_gradient_boosting_defaults(1, 0);
    kedge_model m;
    c.n_rounds = 1;
    c.max_depth = 3;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_true(info_of(&m).n_leaves == 8);
    guard_free(m.state);
    c.max_depth = KEDGE_BOOST_LEAVES_MAX;
    c.max_leaves = KEDGE_BOOST_LEAVES_MAX;
    c.min_rows = 100;
    make_fitted(&m, &c, &rows, noise, NULL);
    assert_true(info_of(&m).n_leaves >= 5 && info_of(&m).n_leaves <= 10);
    int run = 0, least = N;
    for (int i = 0; i < N; i++, run++)
        if (i > 0 && predict(&m, &x[i]) != predict(&m, &x[i - 1])) {
            least = run < least ? run : least;
            run = 0;
        }
    assert_true(least >= 100 && run >= 100);
    guard_free(m.state);
    c.min_gain = 1e9;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_true(info_of(&m).n_leaves == 1);
    guard_free(m.state);
}

/* Tables at the edges of what is allowed: the model is sound, what it says is finite, and no flag of the processor is raised. */
static void test_hostile_tables(void **unused)
{
    (void)unused;
    static const double values[] = {0, 1, -1, 1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, -5e-324, 1e140, 3, (double)NAN};
    static const double targets[] = {0, 1e100, -1e100, 1e-300, 5e-324, 1, -1e50};
    static const double weights[] = {1, 5e-324, 1e-310, 1e9, 0, 1e-100};
    enum { N = 60, M = 4 };
    static double x[N][M], y[N], weight[N];
    kedge_rng rng = {7};
    for (int k = 0; k < 400; k++) {
        uint32_t n_classes = (uint32_t)(k % 4) + (k % 4 > 0);
        size_t n = 1 + (size_t)kedge_rng_below(&rng, N);
        config c = kedge_gradient_boosting_defaults(M, n_classes);
        c.loss = k % 8 ? KEDGE_BOOST_SQUARED : KEDGE_BOOST_ABSOLUTE;
        c.n_rounds = 8;
        c.min_rows = 1 + (uint32_t)kedge_rng_below(&rng, 3);
        c.learning_rate = k % 3 ? 1 : 0.1;
        c.min_hessian = k % 5 ? 1e-10 : 1e-3;
        c.l2 = k % 7 ? 0 : 1e9;
        c.holdout = k % 6 ? 0 : 0.5;
        c.nominal[0] = k % 2 ? 1 : 0;
        c.rising[0] = n_classes < 3 ? 2 : 0;
        for (size_t i = 0; i < n; i++) {
            for (int j = 0; j < M; j++)
                x[i][j] = j == 2 ? k % 3 ? 7 : (double)NAN : values[kedge_rng_below(&rng, k % 11 ? 13 : 2)];
            y[i] = n_classes == 0 ? targets[kedge_rng_below(&rng, 7)] : k % 9 ? (double)kedge_rng_below(&rng, n_classes) : 1;
            weight[i] = weights[i == 0 ? 0 : kedge_rng_below(&rng, k % 2 ? 6 : 1)];
        }
        kedge_rows rows = kedge_rows_float64(&x[0][0], n, M);
        kedge_model m;
        make(&m, &c);
        feclearexcept(FE_ALL_EXCEPT);
        fit_table(&m, &rows, y, weight);
        for (size_t i = 0; i < n; i++) {
            double scores[4], sum = 0, says;
            size_t n_scores = n_classes > 0 ? n_classes : 1;
            assert_int_equal(kedge_model_score(&m, x[i], scores, n_scores), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&m, x[i], &says), KEDGE_OK);
            assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
            for (size_t j = 0; j < n_scores; j++) {
                assert_true(isfinite(scores[j]) && (n_classes == 0 || scores[j] <= scores[(size_t)says]));
                sum += scores[j];
            }
            assert_true(n_classes == 0 ? says == scores[0] : fabs(sum - 1) < 1e-12);
            feclearexcept(FE_ALL_EXCEPT); /* what the test's own conversions raise */
        }
        guard_free(m.state);
    }
}

/* Room and errors -------------------------------------------------------------------------------------------------------------- */

static void test_sizes(void **unused)
{
    (void)unused;
    config c = kedge_gradient_boosting_defaults(7, 5);
    c.n_rounds = 13;
    c.max_leaves = 9;
    assert_int_equal(kedge_model_size(&c.base), KEDGE_GRADIENT_BOOSTING_BYTES_FOR(5u, 13u, 9u));
    c.base.n_classes = 2;
    assert_int_equal(kedge_model_size(&c.base), KEDGE_GRADIENT_BOOSTING_BYTES_FOR(1u, 13u, 9u));
    assert_true(kedge_model_fit_work(&c.base, 1000) > kedge_model_fit_work(&c.base, 999));
    assert_int_equal(kedge_model_fit_work(&c.base, (size_t)1 << 31), 0);
    c.n_rounds = KEDGE_BOOST_ROUNDS_MAX;
    c.max_leaves = KEDGE_BOOST_LEAVES_MAX;
    assert_int_equal(kedge_model_size(&c.base), 0);
    assert_int_equal(kedge_model_fit_work(&c.base, 10), 0);
}

static void test_errors(void **unused)
{
    (void)unused;
    double x[4] = {1, 2, 3, 4}, y[4] = {0, 1, 0, 1}, zero[4] = {0}, scores[3], label = 7;
    config c = kedge_gradient_boosting_defaults(1, 3);
    kedge_rows rows = kedge_rows_float64(x, 4, 1);
    kedge_gradient_boosting_info info;
    kedge_model m, other;
    make(&m, &c);
    assert_int_equal(kedge_gradient_boosting_describe(&m, &info), KEDGE_EMPTY);
    assert_true(info.n_trees == 0 && info.n_leaves == 0 && info.loss == 0);
    assert_int_equal(kedge_model_score(&m, x, scores, 3), KEDGE_EMPTY);
    assert_int_equal(kedge_model_predict(&m, x, &label), KEDGE_EMPTY);
    assert_true(label == 0 && scores[0] == scores[2]);
    fit_table(&m, &rows, y, NULL);
    size_t bytes = kedge_model_size(&c.base), work_bytes = kedge_model_work(&m, 4);
    unsigned char *before = guard_copy(m.state, bytes);
    void *work = guard_new(work_bytes, 0xA5);
    assert_int_equal(kedge_model_fit(&m, &rows, y, zero, work, work_bytes), KEDGE_ERR_NUMERIC);
    assert_memory_equal(m.state, before, bytes);
    assert_int_equal(kedge_gradient_boosting_describe(NULL, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gradient_boosting_describe(&m, NULL), KEDGE_ERR_NULL);
    other.cls = &kedge_gaussian_nb;
    other.state = m.state;
    assert_int_equal(kedge_gradient_boosting_describe(&other, &info), KEDGE_ERR_CLASS);
    other.state = NULL;
    assert_int_equal(kedge_gradient_boosting_describe(&other, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gradient_boosting_config_init(&c, 3, 1, 2), KEDGE_ERR_CONFIG);
    guard_free(work);
    guard_free(before);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_log_by_hand),
        cmocka_unit_test(test_medians),
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_constraints_hold),
        cmocka_unit_test(test_early_stopping),
        cmocka_unit_test(test_no_round_helps),
        cmocka_unit_test(test_bytes_by_seed),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_limits_of_growth),
        cmocka_unit_test(test_hostile_tables),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
