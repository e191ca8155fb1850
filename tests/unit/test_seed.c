/* SPDX-License-Identifier: MIT */
/* SEED against its definition on the observations themselves. */
#include "naive.h"

enum { N = 20000, BLOCKS = 1000 };

static double x[N];

/* Where blocks begin, the oldest first; block n_blocks would begin at `end`. */
typedef struct blocks {
    size_t begin[BLOCKS + 1];
    size_t n_blocks;
    size_t since_merge;
    double deltas[3]; /* of the last alarm: ratio, before, after */
} blocks;

static double spread(size_t from, size_t to)
{
    double mean = naive_mean(x, from, to), sum = 0;
    for (size_t i = from; i < to; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

/* A block has been filled up to `end`: 1 if a change is found. */
static int definition(blocks *b, size_t end, const kedge_seed_config *c)
{
    int drift = 0;
    b->begin[b->n_blocks++] = end - c->block_size;
    b->begin[b->n_blocks] = end;
    double n = (double)(end - b->begin[0]), variance = spread(b->begin[0], end) / n, term = log(2 * log(n) / c->delta);
    for (size_t i = b->n_blocks - 1; i > 0 && b->n_blocks > 1; i--) {
        size_t cut = b->begin[i];
        double old = naive_mean(x, b->begin[0], cut), new = naive_mean(x, cut, end);
        double inverse = 1 / (double)(cut - b->begin[0]) + 1 / (double)(end - cut);
        double bound = sqrt(2 * inverse * variance * term) + 2.0 / 3 * term * inverse;
        if (fabs(new - old) > bound) {
            b->deltas[0] = fabs(new - old) / bound;
            b->deltas[1] = old;
            b->deltas[2] = new;
            memmove(b->begin, b->begin + i, (b->n_blocks - i + 1) * sizeof *b->begin);
            b->n_blocks -= i;
            drift = 1;
            break;
        }
    }
    if (b->n_blocks > 1 && b->since_merge > c->compress_term) {
        double tolerance = 0;
        b->since_merge = 0;
        for (size_t i = b->n_blocks - 1; i > 0; i--) { /* block i and the one before it */
            tolerance += c->epsilon_prime * c->alpha;
            size_t to = b->begin[i + 1];
            if (fabs(naive_mean(x, b->begin[i - 1], b->begin[i]) - naive_mean(x, b->begin[i], to)) < tolerance) {
                memmove(&b->begin[i], &b->begin[i + 1], (b->n_blocks - i) * sizeof *b->begin);
                b->n_blocks--;
            }
        }
    }
    b->since_merge++;
    return drift;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static blocks b;
    size_t n_drifts = 0;
    kedge_seed_config c = kedge_seed_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_SEED_BYTES);
    c.delta = 0.05;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        int bernoulli = seed % 2 == 0;
        kedge_detector d;
        c.block_size = seed > 4 ? 8 : 32;
        c.max_blocks = BLOCKS;
        c.compress_term = seed > 2 ? 20 : 75;
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_SEED_BYTES_FOR(c.max_blocks));
        kedge_rng rng = {seed};
        double level = 0.5;
        for (size_t i = 0; i < N; i++) {
            if (kedge_rng_below(&rng, 2000) == 0)
                level = kedge_rng_uniform(&rng);
            x[i] = bernoulli ? kedge_rng_uniform(&rng) < level : 1e6 + level + 0.3 * kedge_rng_normal(&rng);
        }
        unsigned char *mem = guard_new(kedge_detector_size(&c.base), 0xA5);
        memset(&b, 0, sizeof b);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, kedge_detector_size(&c.base)), KEDGE_OK);
        for (size_t i = 0; i < N; i++) {
            kedge_status st = kedge_detector_update(&d, x[i]);
            int drift = (i + 1) % c.block_size == 0 && definition(&b, i + 1, &c);
            assert_int_equal(st, drift ? KEDGE_DRIFT : KEDGE_OK);
            if (drift) {
                kedge_alarm a;
                assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
                assert_int_equal(a.changed_at, b.begin[0]);
                assert_close(a.statistic, b.deltas[0], 1e-6);
                assert_close(a.mean_before, b.deltas[1], 1e-9);
                assert_close(a.mean_after, b.deltas[2], 1e-9);
                n_drifts++;
            }
            if ((i + 1) % c.block_size == 0) {
                kedge_estimate e;
                assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
                assert_int_equal(e.width, i + 1 - b.begin[0]);
                assert_close(e.mean, naive_mean(x, b.begin[0], i + 1), 1e-9);
                assert_close(e.variance, spread(b.begin[0], i + 1) / (double)e.width, 1e-6);
            }
        }
        guard_free(mem);
    }
    assert_true(n_drifts > 50);
}

static void test_constants(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, -1e100, 0.1, 1e-300};
    kedge_seed_config c = kedge_seed_defaults();
    naive_constants(&c.base, constants, 5);
}

/* Few places: the oldest blocks merge, and a change is found all the same. One direction: the other only shortens the window. */
static void test_few_blocks_and_direction(void **unused)
{
    (void)unused;
    kedge_seed_config c = kedge_seed_defaults();
    unsigned char mem[KEDGE_SEED_BYTES_FOR(4u)] __attribute__((aligned(16)));
    c.max_blocks = 4;
    c.epsilon_prime = 1e-9;
    for (c.direction = KEDGE_DIRECTION_BOTH; c.direction <= KEDGE_DIRECTION_DOWN; c.direction++) {
        kedge_detector d;
        kedge_rng rng = {3};
        uint64_t drifts[2] = {0, 0};
        kedge_estimate e;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, sizeof mem), KEDGE_OK);
        for (int i = 0; i < 6000; i++)
            drifts[i >= 4000] += kedge_detector_update(&d,
                                                       kedge_rng_uniform(&rng) < (i >= 2000 &&
                                                                                  i < 4000 ? 0.8 : 0.1)) == KEDGE_DRIFT;
        assert_int_equal(drifts[0] > 0, c.direction != KEDGE_DIRECTION_DOWN);
        assert_int_equal(drifts[1] > 0, c.direction != KEDGE_DIRECTION_UP);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        assert_true(e.mean < 0.15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_few_blocks_and_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
