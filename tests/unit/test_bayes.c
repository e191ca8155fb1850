/* SPDX-License-Identifier: MIT */
/* Multinomial, complement and Bernoulli naive Bayes against their formulas, written out over the whole table. */
#include <float.h>
#include <math.h>

#include "kedge/models/bayes.h"
#include "support.h"

enum { ROWS = 300, FEATURES = 6, CLASSES = 3 };
enum { MULTINOMIAL, COMPLEMENT, BERNOULLI, KINDS };

typedef struct table {
    double x[ROWS][FEATURES], y[ROWS], weight[ROWS];
    kedge_rows rows;
} table;

static void table_fill(table *t, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        t->y[i] = (double)kedge_rng_below(&rng, CLASSES);
        t->weight[i] = (double)kedge_rng_below(&rng, 4) * 0.5;
        for (size_t j = 0; j < FEATURES; j++)
            t->x[i][j] = (double)kedge_rng_below(&rng, j == (size_t)t->y[i] ? 6 : 3) * 0.75;
    }
    t->rows = kedge_rows_float64(&t->x[0][0], ROWS, FEATURES);
}

static kedge_model new_model(int kind, double fading, double alpha)
{
    kedge_multinomial_nb_config c = kedge_multinomial_nb_defaults(FEATURES, CLASSES);
    kedge_bernoulli_nb_config b = kedge_bernoulli_nb_defaults(FEATURES, CLASSES);
    const kedge_model_config *cfg = kind == BERNOULLI ? &b.base : &c.base;
    kedge_model m;
    c.fading = b.fading = fading;
    c.alpha = b.alpha = alpha;
    c.complement = kind == COMPLEMENT;
    b.threshold = 1;
    size_t bytes = kedge_model_size(cfg);
    assert_int_equal(bytes, kind == BERNOULLI ? KEDGE_BERNOULLI_NB_BYTES_FOR(FEATURES, CLASSES)
                                              : KEDGE_MULTINOMIAL_NB_BYTES_FOR(FEATURES, CLASSES));
    assert_int_equal(kedge_model_init(&m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static double naive_value(int kind, double x)
{
    return kind == BERNOULLI ? x > 1 : x;
}

/* Weighted sum of a feature over the rows of class c, or of all classes but c. */
static double naive_sum(const table *t, int kind, size_t j, double c, int others)
{
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++)
        if ((t->y[i] == c) != others)
            sum += t->weight[i] * naive_value(kind, t->x[i][j]);
    return sum;
}

/* scikit-learn's joint log likelihood of MultinomialNB, ComplementNB and BernoulliNB. */
static double naive_log_joint(const table *t, int kind, const double *x, double c, double alpha)
{
    double own = 0, all = 0, total = 0, joint = 0;
    for (size_t i = 0; i < ROWS; i++) {
        own += t->y[i] == c ? t->weight[i] : 0;
        all += t->weight[i];
    }
    for (size_t j = 0; j < FEATURES; j++)
        total += naive_sum(t, kind, j, c, kind == COMPLEMENT) + alpha;
    for (size_t j = 0; j < FEATURES; j++) {
        double sum = naive_sum(t, kind, j, c, kind == COMPLEMENT) + alpha, yes = sum / (own + 2 * alpha);
        if (kind == BERNOULLI)
            joint += x[j] > 1 ? log(yes) : log(1 - yes);
        else
            joint += (kind == COMPLEMENT ? -1 : 1) * x[j] * log(sum / total);
    }
    return kind == COMPLEMENT ? joint : joint + log(own / all);
}

static void compare(const kedge_model *m, const table *t, int kind, double alpha)
{
    assert_int_equal(kedge_model_check(m), KEDGE_OK);
    for (size_t i = 0; i < 40; i++) {
        double joint[CLASSES], sum = 0, scores[CLASSES], y;
        for (size_t c = 0; c < CLASSES; c++)
            joint[c] = naive_log_joint(t, kind, t->x[i], (double)c, alpha);
        for (size_t c = 0; c < CLASSES; c++)
            sum += exp(joint[c]);
        assert_int_equal(kedge_model_score(m, t->x[i], scores, CLASSES), KEDGE_OK);
        assert_int_equal(kedge_model_predict(m, t->x[i], &y), KEDGE_OK);
        for (size_t c = 0; c < CLASSES; c++) {
            assert_close(scores[c], exp(joint[c]) / sum, 1e-9);
            assert_true(scores[c] <= scores[(size_t)y]);
        }
    }
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static table t;
    table_fill(&t, 1);
    for (int kind = 0; kind < KINDS; kind++)
        for (double alpha = 0.01; alpha < 200; alpha *= 100) {
            kedge_model m = new_model(kind, 1, alpha);
            uint64_t work;
            size_t used;
            assert_int_equal(kedge_model_learn_many(&m, &t.rows, t.y, t.weight, &used), KEDGE_OK);
            compare(&m, &t, kind, alpha);
            assert_int_equal(kedge_model_fit(&m, &t.rows, t.y, t.weight, &work, sizeof work), KEDGE_OK);
            compare(&m, &t, kind, alpha);
            guard_free(m.state);
        }
}

/* scikit-learn's example by hand: words a, b; class 0 has counts (2, 1), class 1 (0, 3), alpha 1: 3/5, 2/5 and 1/5, 4/5. */
static void test_by_hand(void **unused)
{
    (void)unused;
    static unsigned long long mem[KEDGE_MULTINOMIAL_NB_BYTES_FOR(2u, 2u) / 8];
    kedge_multinomial_nb_config c = kedge_multinomial_nb_defaults(2, 2);
    kedge_model m;
    double a[2] = {2, 1}, b[2] = {0, 3}, x[2] = {1, 1}, scores[2];
    assert_int_equal(kedge_model_init(&m, &c.base, mem, sizeof mem), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&m, a, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&m, b, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, x, scores, 2), KEDGE_OK);
    assert_close(scores[0], 6.0 / 10, 1e-14); /* 3/5 * 2/5 against 1/5 * 4/5 */
}

static void test_fading_is_a_weight(void **unused)
{
    (void)unused;
    static table t;
    for (int kind = 0; kind < KINDS; kind++) {
        kedge_model m = new_model(kind, 0.97, 0.5);
        double zero[FEATURES] = {0}, scores[CLASSES];
        table_fill(&t, 2);
        for (size_t i = 0; i < ROWS; i++) {
            assert_int_equal(kedge_model_learn(&m, t.x[i], t.y[i], 1), KEDGE_OK);
            t.weight[i] = pow(0.97, (double)(ROWS - 1 - i));
        }
        compare(&m, &t, kind, 0.5);
        for (size_t i = ROWS - 20; i < ROWS; i++) {
            assert_int_equal(kedge_model_forget(&m, t.x[i], t.y[i], t.weight[i]), KEDGE_OK);
            t.weight[i] = 0;
        }
        compare(&m, &t, kind, 0.5);
        for (size_t i = 0; i < 20000; i++) /* the other classes fade away in the end */
            assert_int_equal(kedge_model_learn(&m, zero, 1, 1), KEDGE_OK);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        assert_int_equal(kedge_model_score(&m, t.x[0], scores, CLASSES), KEDGE_OK);
        assert_true(scores[0] == 0 && scores[1] == 1 && scores[2] == 0);
        guard_free(m.state);
    }
}

static void test_windows_and_merging(void **unused)
{
    (void)unused;
    static table t;
    table_fill(&t, 3);
    for (int kind = 0; kind < KINDS; kind++) {
        kedge_model m[3] = {new_model(kind, 1, 1), new_model(kind, 1, 1), new_model(kind, 1, 2)};
        for (size_t i = 0; i < 100 * ROWS; i++) { /* a window of all rows slides */
            assert_int_equal(kedge_model_learn(&m[0], t.x[i % ROWS], t.y[i % ROWS], t.weight[i % ROWS]), KEDGE_OK);
            if (i >= ROWS)
                assert_int_equal(kedge_model_forget(&m[0], t.x[i % ROWS], t.y[i % ROWS], t.weight[i % ROWS]), KEDGE_OK);
        }
        compare(&m[0], &t, kind, 1);
        for (size_t i = 0; i < ROWS / 2; i++) {
            assert_int_equal(kedge_model_forget(&m[0], t.x[i], t.y[i], t.weight[i]), KEDGE_OK);
            assert_int_equal(kedge_model_learn(&m[1], t.x[i], t.y[i], t.weight[i]), KEDGE_OK);
        }
        assert_int_equal(kedge_model_merge(&m[1], &m[0]), KEDGE_OK);
        compare(&m[1], &t, kind, 1);
        assert_int_equal(kedge_model_merge(&m[1], &m[2]), KEDGE_ERR_CONFIG);
        for (int k = 0; k < 3; k++)
            guard_free(m[k].state);
    }
}

/* What is refused changes nothing: negative or huge counts, rows that cannot have been learned, too much weight. */
static void test_refusals(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        kedge_model m = new_model(kind, 1, 1), other = new_model(kind, 1, 1);
        double x[FEATURES] = {0, 2, 0, 3, 0, 0}, y = 0, scores[CLASSES], zero = 0;
        kedge_rows row = kedge_rows_float64(x, 1, FEATURES);
        uint64_t work;
        size_t bytes =
            kind == BERNOULLI ? KEDGE_BERNOULLI_NB_BYTES_FOR(FEATURES, CLASSES) : KEDGE_MULTINOMIAL_NB_BYTES_FOR(FEATURES, CLASSES);
        assert_int_equal(kedge_model_score(&m, x, scores, CLASSES), KEDGE_EMPTY);
        assert_true(scores[0] == 1.0 / CLASSES && scores[2] == 1.0 / CLASSES);
        assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_EMPTY);
        assert_int_equal(kedge_model_learn(&m, x, 1, 2), KEDGE_OK);
        unsigned char *before = guard_copy(m.state, bytes);
        x[0] = 5;
        assert_int_equal(kedge_model_forget(&m, x, 1, 1), KEDGE_ERR_RANGE); /* feature 0 was never there */
        x[0] = x[1] = x[3] = 0;
        assert_int_equal(kedge_model_forget(&m, x, 1, 3), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_model_forget(&m, x, 0, 1), KEDGE_ERR_RANGE);
        if (kind == BERNOULLI)
            assert_int_equal(kedge_model_forget(&m, x, 1, 1), KEDGE_ERR_RANGE); /* feature 1 was never absent */
        assert_int_equal(kedge_model_fit(&m, &row, &zero, &zero, &work, sizeof work), KEDGE_ERR_NUMERIC);
        for (int k = 0; k < 2 && kind != BERNOULLI; k++) {
            x[5] = k ? -1 : 2 * KEDGE_COUNT_MAX;
            assert_int_equal(kedge_model_learn(&m, x, 1, 1), KEDGE_ERR_RANGE);
            assert_int_equal(kedge_model_forget(&m, x, 1, 1), KEDGE_ERR_RANGE);
            assert_int_equal(kedge_model_fit(&m, &row, &zero, NULL, &work, sizeof work), KEDGE_ERR_RANGE);
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
        }
        assert_memory_equal(m.state, before, bytes);
        x[5] = 0;
        kedge_status st = KEDGE_OK;
        assert_int_equal(kedge_model_learn(&other, x, 1, KEDGE_WEIGHT_MAX), KEDGE_OK);
        for (int i = 0; i < 120 && st == KEDGE_OK; i++) /* weights grow until they are too large together */
            st = kedge_model_merge(i % 2 ? &m : &other, i % 2 ? &other : &m);
        assert_int_equal(st, KEDGE_ERR_RANGE);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(before);
        guard_free(other.state);
        guard_free(m.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),   cmocka_unit_test(test_by_hand),  cmocka_unit_test(test_fading_is_a_weight),
        cmocka_unit_test(test_windows_and_merging), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
