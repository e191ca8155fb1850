/* SPDX-License-Identifier: MIT */
/* Usage cost against naive sums in long double, in random programs; merging; limits; when a retraining is worth its price. */
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_KINDS = 5 };

/* Every call kept, so that each figure is worked out anew from all of them. */
typedef struct naive_cost {
    uint64_t n[N_KINDS], ns[N_KINDS], moved[N_KINDS];
    uint64_t bytes, peak, time;
    long double byte_seconds, points;
    uint64_t n_gains;
} naive_cost;

static const double prices[5] = {0.25, 1.5, 0.125, 0.3, 65}; /* compute, held, moved, energy; watts */

static void cost_new(kedge_metric *m, const double *of)
{
    kedge_cost_config cfg = kedge_cost_defaults();
    cfg.price_compute = of[0];
    cfg.price_held = of[1];
    cfg.price_moved = of[2];
    cfg.price_energy = of[3];
    cfg.watts = of[4];
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_COST_BYTES);
    void *mem = guard_new(KEDGE_COST_BYTES, 0xA5);
    assert_int_equal(kedge_metric_init(m, &cfg.base, mem, KEDGE_COST_BYTES), KEDGE_OK);
}

static void assert_near(double x, long double expected)
{
    assert_true(fabsl((long double)x - expected) <= 1e-12L * fabsl(expected));
}

static long double naive_price(long double seconds, long double bytes)
{
    long double kwh = seconds * (long double)prices[4] / 3600 / 1000;
    return seconds * (long double)prices[0] + bytes / 1024 / 1024 / 1024 * (long double)prices[2] + kwh * (long double)prices[3];
}

static void assert_like_naive(const kedge_metric *m, const naive_cost *q)
{
    long double ns = 0, moved = 0, of_kind[N_KINDS];
    kedge_cost_report r;
    kedge_cost_part part;
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    assert_true(kedge_cost_read(m, &r) >= 0);
    for (uint32_t i = 0; i < N_KINDS; i++) {
        of_kind[i] = naive_price((long double)q->ns[i] / 1e9L, (long double)q->moved[i]);
        ns += (long double)q->ns[i];
        moved += (long double)q->moved[i];
        int is_empty = q->n[i] == 0 && q->ns[i] == 0 && q->moved[i] == 0;
        assert_int_equal(kedge_cost_read_kind(m, i + 1, &part), is_empty ? KEDGE_EMPTY : KEDGE_OK);
        assert_true(part.n == q->n[i] && part.compute_ns == q->ns[i] && part.bytes_moved == q->moved[i]);
        assert_near(part.joules, (long double)q->ns[i] / 1e9L * (long double)prices[4]);
        assert_near(part.price, of_kind[i]);
        assert_near(part.price_compute + part.price_energy + part.price_moved, of_kind[i]);
    }
    long double gib_hours = q->byte_seconds / 3600 / 1024 / 1024 / 1024;
    long double price = naive_price(ns / 1e9L, moved) + gib_hours * (long double)prices[1];
    assert_true((long double)r.compute_ns == ns && (long double)r.bytes_moved == moved);
    assert_true(r.bytes_now == q->bytes && r.bytes_peak == q->peak && r.n_gains == q->n_gains);
    assert_near(r.gib_hours, gib_hours);
    assert_near(r.price_held, gib_hours * (long double)prices[1]);
    assert_near(r.price, price);
    assert_near(r.price_compute + r.price_energy + r.price_held + r.price_moved, price);
    if (q->n[0] > 0) {
        assert_near(r.per_thousand, of_kind[0] / ((long double)q->n[0] / 1000));
        assert_near(r.per_thousand_all, price / ((long double)q->n[0] / 1000));
    } else {
        assert_true(isnan(r.per_thousand) && isnan(r.per_thousand_all));
    }
    if (q->n[2] > 0)
        assert_near(r.per_training, of_kind[2] / (long double)q->n[2]);
    else
        assert_true(isnan(r.per_training));
    assert_true(fabsl((long double)r.points - q->points) <= 1e-9L);
    if (q->points > 0.01L)
        assert_true(fabsl((long double)r.per_point - of_kind[2] / q->points) <= 1e-9L * of_kind[2] / q->points);
    else if (q->points <= 0)
        assert_true(isnan(r.per_point));
}

static void naive_hold(naive_cost *q, uint64_t bytes, uint64_t time)
{
    q->byte_seconds += (long double)q->bytes * ((long double)(time - q->time) / 1e9L);
    q->bytes = bytes;
    q->peak = bytes > q->peak ? bytes : q->peak;
    q->time = time;
}

static void random_call(kedge_metric *m, naive_cost *q, kedge_rng *rng)
{
    uint64_t what = kedge_rng_next(rng) % 4, a = kedge_rng_next(rng), b = kedge_rng_next(rng);
    uint32_t i = (uint32_t)(kedge_rng_next(rng) % N_KINDS);
    if (what < 2) {
        uint64_t n = a % 1000, ns = b >> (20 + a % 40), moved = a >> (20 + b % 40);
        assert_int_equal(kedge_cost_add(m, i + 1, n, ns, moved), KEDGE_OK);
        q->n[i] += n;
        q->ns[i] += ns;
        q->moved[i] += moved;
    } else if (what == 2) {
        uint64_t bytes = a >> (10 + b % 50), time = q->time + (b >> (20 + a % 40));
        assert_int_equal(kedge_cost_hold(m, bytes, time), KEDGE_OK);
        naive_hold(q, bytes, time);
    } else {
        double points = (double)(a % 2001) / 10.0 - 100.0;
        kedge_status st = kedge_cost_gain(m, points);
        assert_int_equal(st, q->n_gains < q->n[2] ? KEDGE_OK : KEDGE_ERR_STATE);
        if (st == KEDGE_OK) {
            q->n_gains++;
            q->points += (long double)points;
        }
    }
}

static void test_random_programs(void **state)
{
    (void)state;
    kedge_rng rng = {20150220};
    for (int round = 0; round < 60; round++) {
        kedge_metric m;
        naive_cost q = {{0}, {0}, {0}, 0, 0, 0, 0, 0, 0};
        cost_new(&m, prices);
        for (int i = 0; i < 60; i++) {
            assert_like_naive(&m, &q);
            random_call(&m, &q, &rng);
        }
        guard_free(m.state);
    }
}

/* Two sources on one clock are as one that is told of everything; in whatever order they are merged. */
static void test_merging(void **state)
{
    (void)state;
    kedge_rng rng = {31};
    for (int round = 0; round < 60; round++) {
        kedge_metric m[2];
        naive_cost q[2] = {{{0}, {0}, {0}, 0, 0, 0, 0, 0, 0}, {{0}, {0}, {0}, 0, 0, 0, 0, 0, 0}};
        for (int k = 0; k < 2; k++) {
            cost_new(&m[k], prices);
            for (int i = 0; i < 20 * (round % 3 + k); i++)
                random_call(&m[k], &q[k], &rng);
        }
        void *copy = guard_copy(m[1].state, KEDGE_COST_BYTES);
        kedge_metric other = {&kedge_cost, copy};
        assert_int_equal(kedge_metric_merge(&other, &m[0]), KEDGE_OK);
        assert_int_equal(kedge_metric_merge(&m[0], &m[1]), KEDGE_OK);
        assert_memory_equal(m[0].state, copy, KEDGE_COST_BYTES);
        uint64_t time = q[0].time > q[1].time ? q[0].time : q[1].time;
        naive_hold(&q[0], q[0].bytes, time);
        naive_hold(&q[1], q[1].bytes, time);
        for (int i = 0; i < N_KINDS; i++) {
            q[0].n[i] += q[1].n[i];
            q[0].ns[i] += q[1].ns[i];
            q[0].moved[i] += q[1].moved[i];
        }
        q[0].bytes += q[1].bytes;
        q[0].peak += q[1].peak;
        q[0].byte_seconds += q[1].byte_seconds;
        q[0].points += q[1].points;
        q[0].n_gains += q[1].n_gains;
        assert_like_naive(&m[0], &q[0]);
        assert_int_equal(kedge_cost_hold(&m[0], 5, time + 1000000000), KEDGE_OK);
        naive_hold(&q[0], 5, time + 1000000000);
        assert_like_naive(&m[0], &q[0]);
        guard_free(copy);
        guard_free(m[0].state);
        guard_free(m[1].state);
    }
}

static void test_alike(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        double other[5];
        kedge_metric a, b;
        memcpy(other, prices, sizeof other);
        other[i] += 1;
        cost_new(&a, prices);
        cost_new(&b, other);
        assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_ERR_CONFIG);
        guard_free(a.state);
        guard_free(b.state);
    }
}

/* An hour of a computer of 100 watts, at prices that anyone can work out. */
static void test_by_hand(void **state)
{
    (void)state;
    const double of[5] = {0.001, 0.5, 0.02, 0.4, 100};
    const uint64_t hour = 3600000000000, gib = 1u << 30;
    kedge_metric m;
    kedge_cost_report r;
    kedge_cost_part part;
    cost_new(&m, of);
    assert_int_equal(kedge_cost_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.price == 0 && isnan(r.per_thousand) && isnan(r.per_training) && isnan(r.per_point) && r.points == 0);
    assert_int_equal(kedge_cost_gain(&m, 1), KEDGE_ERR_STATE);
    assert_int_equal(kedge_cost_hold(&m, 2 * gib, 7 * hour), KEDGE_OK);
    assert_int_equal(kedge_cost_read(&m, &r), KEDGE_OK);
    assert_true(r.gib_hours == 0 && r.bytes_now == 2 * gib);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_TRAIN, 2, hour, 5 * gib), KEDGE_OK);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_PREDICT, 4000, 0, 0), KEDGE_OK);
    assert_int_equal(kedge_cost_hold(&m, gib, 8 * hour), KEDGE_OK);
    assert_int_equal(kedge_cost_hold(&m, gib, 8 * hour - 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_hold(&m, gib, 10 * hour), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&m, 2.5), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&m, -0.5), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&m, 1), KEDGE_ERR_STATE);
    assert_int_equal(kedge_cost_read_kind(&m, KEDGE_COST_TRAIN, &part), KEDGE_OK);
    assert_near(part.joules, 360000);
    assert_near(part.price_compute, 3.6L);
    assert_near(part.price_energy, 0.04L);
    assert_near(part.price_moved, 0.1L);
    assert_int_equal(kedge_cost_read(&m, &r), KEDGE_OK);
    assert_true(r.gib_hours == 4 && r.price_held == 2 && r.bytes_now == gib && r.bytes_peak == 2 * gib);
    assert_near(r.price, 5.74L);
    assert_true(r.per_thousand == 0);
    assert_near(r.per_thousand_all, 1.435L);
    assert_near(r.per_training, 1.87L);
    assert_near(r.per_point, 1.87L);
    guard_free(m.state);
}

/* Gains and losses that make up for each other leave rounding, not a price. */
static void test_no_points(void **state)
{
    (void)state;
    kedge_metric m;
    kedge_cost_report r;
    cost_new(&m, prices);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_TRAIN, 3, 1000, 0), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&m, 0.1), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&m, 0.2), KEDGE_OK);
    assert_int_equal(kedge_cost_gain(&m, -0.3), KEDGE_OK);
    assert_int_equal(kedge_cost_read(&m, &r), KEDGE_OK);
    assert_true(r.points > 0 && r.points < 1e-15 && isnan(r.per_point));
    guard_free(m.state);
}

/* At the highest counts and prices everything is finite, and what would pass them is refused and changes nothing. */
static void test_limits(void **state)
{
    (void)state;
    const double of[5] = {1e12, 1e12, 1e12, 1e12, 1e9};
    const uint64_t most = (uint64_t)1 << 62;
    kedge_metric m, other;
    kedge_cost_report r;
    cost_new(&m, of);
    cost_new(&other, of);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_TRAIN, most, most - 1, most), KEDGE_OK);
    assert_int_equal(kedge_cost_hold(&m, most, 0), KEDGE_OK);
    assert_int_equal(kedge_cost_hold(&m, 1, most), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    void *before = guard_copy(m.state, KEDGE_COST_BYTES);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_TRAIN, 1, 0, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_OTHER, 0, 2, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_OTHER, 0, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_OTHER, 0, 0, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_hold(&m, 1, most + 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_hold(&other, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&m, &other), KEDGE_ERR_RANGE); /* the peaks */
    assert_int_equal(kedge_metric_reset(&other), KEDGE_OK);
    assert_int_equal(kedge_cost_add(&other, KEDGE_COST_PREDICT, 0, 2, 0), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&m, &other), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_metric_reset(&other), KEDGE_OK);
    assert_int_equal(kedge_cost_add(&other, KEDGE_COST_TRAIN, 1, 0, 0), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&m, &other), KEDGE_ERR_RANGE);
    assert_memory_equal(m.state, before, KEDGE_COST_BYTES);
    assert_int_equal(kedge_cost_gain(&m, 2e-9), KEDGE_OK);
    assert_int_equal(kedge_cost_read(&m, &r), KEDGE_OK);
    assert_true(isfinite(r.price) && isfinite(r.per_training) && isfinite(r.per_point) && isnan(r.per_thousand));
    assert_near(r.gib_hours, 4611686018427387904.0L * 4611686018427387904.0L / 3.6e12L / 1073741824.0L);
    guard_free(before);
    guard_free(m.state);
    guard_free(other.state);
}

/* Free is a price: nothing costs anything, and use is counted all the same. */
static void test_free_of_charge(void **state)
{
    (void)state;
    const double of[5] = {0, 0, 0, 0, 0};
    kedge_metric m;
    kedge_cost_report r;
    cost_new(&m, of);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_PREDICT, 10, 1000, 7), KEDGE_OK);
    assert_int_equal(kedge_cost_read(&m, &r), KEDGE_OK);
    assert_true(r.price == 0 && r.per_thousand == 0 && r.joules == 0 && r.compute_ns == 1000 && r.bytes_moved == 7);
    guard_free(m.state);
}

/* Worth --------------------------------------------------------------------------------------------------------------------- */

static kedge_cost_verdict worth(double low, double gain, double high, double value, double rows, double price)
{
    const kedge_cost_case c = {gain, low, high, value, rows, price};
    kedge_cost_verdict v;
    memset(&v, 0xA5, sizeof v);
    assert_int_equal(kedge_cost_worth(&c, &v), KEDGE_OK);
    assert_true(v.net_low <= v.net && v.net <= v.net_high && isfinite(v.net_low) && isfinite(v.net_high));
    assert_true(v.break_even_low <= v.break_even && v.break_even <= v.break_even_high && v.break_even_low >= 0);
    assert_int_equal(v.reserved, 0);
    return v;
}

static void test_worth_by_hand(void **state)
{
    (void)state;
    kedge_cost_verdict v = worth(1, 2, 4, 0.5, 1000, 4); /* two more of a hundred right, half a coin each */
    assert_int_equal(v.worth, KEDGE_WORTH_YES);
    assert_true(v.net == 6 && v.net_low == 1 && v.net_high == 16);
    assert_true(v.break_even == 400 && v.break_even_low == 200 && v.break_even_high == 800);
    assert_int_equal(worth(1, 2, 4, 0.5, 800, 4).worth, KEDGE_WORTH_UNDECIDED); /* at the edge nothing is left */
    assert_int_equal(worth(1, 2, 4, 0.5, 300, 4).worth, KEDGE_WORTH_UNDECIDED);
    assert_int_equal(worth(1, 2, 4, 0.5, 200, 4).worth, KEDGE_WORTH_NO);
    v = worth(-1, 2, 4, 0.5, 1000, 4);
    assert_true(v.worth == KEDGE_WORTH_UNDECIDED && v.net_low == -9 && isinf(v.break_even_high));
    v = worth(-3, -2, -1, 0.5, 1000, 0);
    assert_true(v.worth == KEDGE_WORTH_NO && isinf(v.break_even) && isinf(v.break_even_low));
}

static void test_worth_degenerate(void **state)
{
    (void)state;
    kedge_cost_verdict v = worth(1, 1, 1, 1, 1, 0); /* a gift */
    assert_true(v.worth == KEDGE_WORTH_YES && v.break_even == 0);
    v = worth(0, 0, 0, 0, 0, 0);
    assert_true(v.worth == KEDGE_WORTH_NO && v.net == 0 && isinf(v.break_even));
    v = worth(1, 2, 3, 0, 1e18, 1);
    assert_true(v.worth == KEDGE_WORTH_NO && v.net == -1 && isinf(v.break_even));
    v = worth(DBL_TRUE_MIN, 1e-300, 100, 1e12, 1e18, 1e30);
    assert_true(v.worth == KEDGE_WORTH_NO && isinf(v.break_even) && v.break_even_low == 1e18);
    v = worth(100, 100, 100, DBL_TRUE_MIN, 1e18, DBL_TRUE_MIN);
    assert_true(v.break_even >= 0);
    v = worth(1e-9, 1e-9, 1e-9, 1e-9, 1, 1e30);
    assert_near(v.break_even, 1e50L);
}

/* The verdict is the sign of both ends, and the break-even is where net changes its sign. */
static void test_worth_random(void **state)
{
    (void)state;
    kedge_rng rng = {5};
    for (int i = 0; i < 2000; i++) {
        double x[6];
        for (int k = 0; k < 6; k++)
            x[k] = (double)(kedge_rng_next(&rng) % 100000) / 1000.0;
        double low = x[0] - 50, gain = fmin(100, low + x[1] / 4), high = fmin(100, gain + x[2] / 4);
        kedge_cost_verdict v = worth(low, gain, high, x[3], x[4] * 10, x[5] * 5);
        assert_int_equal(v.worth, v.net_low > 0 ? KEDGE_WORTH_YES : v.net_high > 0 ? KEDGE_WORTH_UNDECIDED : KEDGE_WORTH_NO);
        if (isfinite(v.break_even) && x[5] > 0) {
            assert_true(worth(low, gain, high, x[3], v.break_even * 1.001, x[5] * 5).net > 0);
            assert_true(worth(low, gain, high, x[3], v.break_even * 0.999, x[5] * 5).net < 0);
        }
    }
}

static void test_worth_refusals(void **state)
{
    (void)state;
    const kedge_cost_case good = {2, 1, 3, 1, 10, 1};
    const double bad[6][4] = {
        {101, 0.5, 3.5, -101}, {-100.5, 2.5, 101, -101}, {100.5, 1.5, 1.9, -1}, {-1, -1e-300, 1.1e12, 1e300},
        {-1, -1, 1.1e18, 1e300}, {-1, -1, 1.1e30, 1e300},
    };
    kedge_cost_verdict v, before;
    memset(&v, 0xA5, sizeof v);
    before = v;
    for (size_t k = 0; k < 6; k++) {
        for (size_t i = 0; i < 6; i++) {
            kedge_cost_case c = good;
            double x = i < 4 ? bad[k][i] : i == 4 ? (double)NAN : (double)INFINITY;
            memcpy((unsigned char *)&c + k * sizeof x, &x, sizeof x);
            kedge_status expected = i < 4 ? KEDGE_ERR_RANGE : KEDGE_ERR_NOT_FINITE;
            assert_int_equal(kedge_cost_worth(&c, &v), expected);
            assert_memory_equal(&v, &before, sizeof v);
        }
    }
    assert_int_equal(kedge_cost_worth(NULL, &v), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_worth(&good, NULL), KEDGE_ERR_NULL);
}

/* The price of work that is not recorded is what it would add if it were. */
static void test_price(void **unused)
{
    (void)unused;
    kedge_cost_config cfg = kedge_cost_defaults();
    unsigned char mem[KEDGE_COST_BYTES] __attribute__((aligned(8))), before[KEDGE_COST_BYTES];
    kedge_metric m;
    kedge_cost_part asked, recorded;
    cfg.price_compute = 3.5;
    cfg.price_moved = 0.125;
    cfg.price_energy = 0.25;
    cfg.watts = 7200.0;
    assert_int_equal(kedge_metric_init(&m, &cfg.base, mem, sizeof mem), KEDGE_OK);
    memcpy(before, mem, sizeof mem);
    assert_int_equal(kedge_cost_price(&m, 2000000000, UINT64_C(1) << 31, &asked), KEDGE_OK);
    assert_true(asked.price_compute == 7.0 && asked.price_moved == 0.25 && asked.joules == 14400.0 && asked.price == 7.251);
    assert_int_equal(kedge_cost_price(&m, UINT64_MAX, 0, &asked), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_price(&m, 0, UINT64_MAX, &asked), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cost_price(&m, 0, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cost_price(NULL, 0, 0, &asked), KEDGE_ERR_NULL);
    assert_memory_equal(before, mem, sizeof mem);
    assert_int_equal(kedge_cost_add(&m, KEDGE_COST_TRAIN, 0, 2000000000, UINT64_C(1) << 31), KEDGE_OK);
    assert_int_equal(kedge_cost_read_kind(&m, KEDGE_COST_TRAIN, &recorded), KEDGE_OK);
    assert_memory_equal(&asked, &recorded, sizeof asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_price),
        cmocka_unit_test(test_random_programs),
        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_alike),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_no_points),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_free_of_charge),
        cmocka_unit_test(test_worth_by_hand),
        cmocka_unit_test(test_worth_degenerate),
        cmocka_unit_test(test_worth_random),
        cmocka_unit_test(test_worth_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
