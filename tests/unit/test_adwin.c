/* SPDX-License-Identifier: MIT */
/* ADWIN against a naive one that keeps every observation and every bucket in a list, one observation at a time, as the paper has
 * it. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N = 6000, MAX_LIST = 4096 };

typedef struct bucket {
    uint64_t n;
} bucket;

typedef struct naive {
    kedge_adwin_config c;
    const double *x;
    size_t start, end;       /* the window is x[start .. end - 1] */
    bucket list[MAX_LIST];   /* oldest first */
    size_t n_list;
    size_t alarm_at;
    int n_alarms, alarm_up;
} naive;

static double mean_of(const double *x, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += x[i];
    return sum / (double)(to - from);
}

static double variance_of(const double *x, size_t from, size_t to)
{
    double mean = mean_of(x, from, to), sum = 0;
    for (size_t i = from; i < to; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum / (double)(to - from);
}

static void remove_at(naive *m, size_t i)
{
    memmove(m->list + i, m->list + i + 1, (m->n_list - i - 1) * sizeof *m->list);
    m->n_list--;
}

/* Whenever there is one bucket of a size too many, the two oldest of them become one. */
static void compress(naive *m)
{
    for (uint64_t size = 1;; size *= 2) {
        size_t count = 0, oldest = 0;
        for (size_t i = m->n_list; i-- > 0;)
            if (m->list[i].n == size) {
                count++;
                oldest = i;
            }
        if (count <= m->c.max_buckets)
            return;
        m->list[oldest].n *= 2;
        remove_at(m, oldest + 1);
    }
}

/* Difference of means over its bound, at the cut behind the first `n_old` observations of the window. */
static double ratio_at(const naive *m, size_t n_old)
{
    size_t width = m->end - m->start, n_new = width - n_old;
    if (n_old < m->c.min_cut || n_new < m->c.min_cut)
        return 0;
    double less = m->c.min_window - 1.0, v = variance_of(m->x, m->start, m->end);
    double l = log(2 * log((double)width) / m->c.delta);
    double k = 1 / ((double)n_old - less) + 1 / ((double)n_new - less);
    double apart = fabs(mean_of(m->x, m->start, m->start + n_old) - mean_of(m->x, m->start + n_old, m->end));
    return apart / (sqrt(2 * k * v * l) + 2.0 / 3 * l * k);
}

static double greatest_ratio(const naive *m)
{
    double greatest = 0;
    size_t n_old = 0;
    if (m->end - m->start <= m->c.grace || m->end - m->start < 2)
        return 0;
    for (size_t i = 0; i < m->n_list; i++) {
        n_old += m->list[i].n;
        greatest = fmax(greatest, ratio_at(m, n_old));
    }
    return greatest;
}

/* The cut of the greatest likelihood of a shift of the mean. */
static size_t likeliest_cut(const naive *m)
{
    size_t width = m->end - m->start, n_old = 0, best = 0;
    double greatest = -1;
    for (size_t i = 0; i < m->n_list; i++) {
        n_old += m->list[i].n;
        if (n_old < m->c.min_cut || width - n_old < m->c.min_cut)
            continue;
        double d = mean_of(m->x, m->start, m->start + n_old) - mean_of(m->x, m->start + n_old, m->end);
        double likelihood = d * d * (double)n_old * (double)(width - n_old);
        if (likelihood > greatest * (1 + 1e-9)) {
            greatest = likelihood;
            best = n_old;
        }
    }
    return best;
}

static void drop_until(naive *m, size_t n_old)
{
    for (size_t dropped = 0; dropped < n_old;) {
        dropped += m->list[0].n;
        m->start += m->list[0].n;
        remove_at(m, 0);
    }
}

static int naive_update(naive *m, size_t i)
{
    m->end = i + 1;
    m->list[m->n_list++].n = 1;
    compress(m);
    if ((i + 1) % m->c.clock != 0 || greatest_ratio(m) <= 1)
        return 0;
    size_t cut = likeliest_cut(m);
    double before = mean_of(m->x, m->start, m->start + cut), after = mean_of(m->x, m->start + cut, m->end);
    double with_old = mean_of(m->x, m->start, m->end - 1);
    do
        drop_until(m, m->c.report == KEDGE_ADWIN_EACH_CUT ? m->list[0].n : likeliest_cut(m));
    while (greatest_ratio(m) > 1);
    int up = after > before;
    if (m->c.report == KEDGE_ADWIN_EACH_CUT)
        up = mean_of(m->x, m->start, m->end) > with_old;
    if ((m->c.direction == KEDGE_DIRECTION_UP && !up) || (m->c.direction == KEDGE_DIRECTION_DOWN && up))
        return 0;
    if (m->c.report == KEDGE_ADWIN_EACH_CHANGE && m->n_alarms > 0 && up == m->alarm_up && m->start <= m->alarm_at)
        return 0;
    m->n_alarms++;
    m->alarm_at = i;
    m->alarm_up = after > before;
    if (m->c.on_drift == KEDGE_ADWIN_RESTART) {
        m->start = m->end;
        m->n_list = 0;
    }
    return 1;
}

static size_t compare(const double *x, const kedge_adwin_config *c)
{
    static naive m;
    size_t bytes = kedge_detector_size(&c->base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    memset(&m, 0, sizeof m);
    m.c = *c;
    m.x = x;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        kedge_estimate e;
        int alarm = naive_update(&m, i);
        if ((st == KEDGE_DRIFT) != alarm)
            fail_msg("observation %zu: %d, naive %d", i, (int)st, alarm);
        if (i % 97 != 0 && st != KEDGE_DRIFT)
            continue;
        kedge_status est = kedge_detector_estimate(&d, &e);
        assert_int_equal(e.width, m.end - m.start);
        assert_int_equal(est == KEDGE_EMPTY, e.width == 0);
        if (e.width == 0)
            continue;
        assert_close(e.mean, mean_of(x, m.start, m.end), 1e-9);
        assert_close(e.variance, variance_of(x, m.start, m.end), 1e-9);
        if ((i + 1) % c->clock == 0)
            assert_close(e.statistic, greatest_ratio(&m), 1e-9);
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    }
    guard_free(mem);
    return (size_t)m.n_alarms;
}

static void test_equals_naive(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {11};
    size_t n_alarms = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        kedge_adwin_config c = kedge_adwin_defaults();
        size_t at = 0;
        while (at < N) { /* pieces of different levels */
            size_t n = 200 + kedge_rng_below(&rng, 2500);
            n = n < N - at ? n : N - at;
            if (seed % 2)
                fill_normal(x + at, n, 3 * kedge_rng_uniform(&rng), 1, seed * 100 + at);
            else
                fill_bernoulli(x + at, n, kedge_rng_uniform(&rng), seed * 100 + at);
            at += n;
        }
        c.delta = seed % 3 ? 0.002 : 0.1;
        c.clock = seed % 4 ? 32 : 50;
        c.max_buckets = 2 + (uint32_t)(seed % 5);
        c.min_window = 1 + (uint32_t)(seed % 6);
        c.min_cut = c.min_window + (uint32_t)(seed % 3);
        c.on_drift = seed % 5 == 1 ? KEDGE_ADWIN_RESTART : KEDGE_ADWIN_KEEP;
        c.report = seed % 3 == 1 ? KEDGE_ADWIN_EACH_CUT : KEDGE_ADWIN_EACH_CHANGE;
        c.direction = KEDGE_DIRECTION_BOTH + (uint32_t)(seed % 4 == 3) + (uint32_t)(seed % 8 == 3);
        n_alarms += compare(x, &c);
    }
    assert_true(n_alarms > 15); /* the comparison saw changes */
}

/* Each of four changes is reported once, in time, and placed where it was. */
static void test_each_change_once(void **unused)
{
    (void)unused;
    static const double levels[] = {0.1, 0.3, 0.1, 0.6, 0.2};
    kedge_adwin_config c = kedge_adwin_defaults();
    unsigned char *mem = guard_new(KEDGE_ADWIN_BYTES, 0xA5);
    kedge_detector d;
    size_t n_alarms = 0;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_ADWIN_BYTES);
    assert_true(KEDGE_ADWIN_BYTES < 4096);
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_ADWIN_BYTES), KEDGE_OK);
    for (size_t part = 0; part < 5; part++) {
        double x[5000];
        fill_bernoulli(x, 5000, levels[part], part + 40);
        for (size_t i = 0; i < 5000; i++) {
            if (kedge_detector_update(&d, x[i]) != KEDGE_DRIFT)
                continue;
            kedge_alarm a;
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            assert_in_range(i, 0, 400);
            assert_in_range(a.changed_at, part * 5000 - 100, part * 5000 + 100);
            assert_true((a.effect > 0) == (levels[part] > levels[part - 1]));
            n_alarms++;
        }
    }
    assert_int_equal(n_alarms, 4);
    guard_free(mem);
}

/* A window that is full forgets its oldest bucket; the sizes are those that the macro says. */
static void test_full_window(void **unused)
{
    (void)unused;
    for (uint32_t max_buckets = 2; max_buckets <= 64; max_buckets += 3) {
        kedge_adwin_config c = kedge_adwin_defaults();
        kedge_detector d;
        kedge_estimate e;
        uint32_t rows = 1;
        c.max_buckets = max_buckets;
        c.max_window = 64 + 10 * (uint64_t)max_buckets;
        c.clock = 1 + max_buckets;
        while (max_buckets * (((uint64_t)1 << rows) - 1) < c.max_window)
            rows++;
        size_t bytes = kedge_detector_size(&c.base);
        uint64_t capacity = max_buckets * (((uint64_t)1 << rows) - 1);
        assert_int_equal(bytes, KEDGE_ADWIN_BYTES_FOR(max_buckets, rows));
        unsigned char *mem = guard_new(bytes, 0xA5);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
        uint64_t widest = 0;
        for (uint64_t i = 0; i < 3 * capacity; i++) {
            assert_true(kedge_detector_update(&d, (double)(i % 2)) >= 0);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_true(e.width <= capacity + 32);
            assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
            widest = e.width > widest ? e.width : widest;
        }
        assert_true(widest >= c.max_window);
        guard_free(mem);
    }
}

static void test_extremes(void **unused)
{
    (void)unused;
    kedge_adwin_config c = kedge_adwin_defaults();
    unsigned char *mem = guard_new(KEDGE_ADWIN_BYTES, 0);
    kedge_detector d;
    kedge_rng rng = {3};
    const double extremes[] = {1e100, -1e100, 0, 5e-324, 1, -1e-300, 1e99};
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_ADWIN_BYTES), KEDGE_OK);
    for (int i = 0; i < 100000; i++) {
        assert_true(kedge_detector_update(&d, i < 50000 ? extremes[kedge_rng_below(&rng, 7)] : 1e100) >= 0);
        if (i % 1000 == 0)
            assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    }
    assert_int_equal(kedge_detector_reset(&d), KEDGE_OK);
    for (int i = 0; i < 10000; i++) /* a constant never alarms */
        assert_int_equal(kedge_detector_update(&d, 0.1), KEDGE_OK);
    kedge_adwin_config peer;
    assert_int_equal(kedge_adwin_config_peer(&peer, sizeof peer, 0), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_adwin_config_peer(NULL, sizeof peer, KEDGE_PEER_RIVER), KEDGE_ERR_NULL);
    assert_int_equal(kedge_adwin_config_init(&peer, 4), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_adwin_config_peer(&peer, sizeof peer, KEDGE_PEER_NONE), KEDGE_OK);
    assert_int_equal(peer.report, KEDGE_ADWIN_EACH_CHANGE);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_naive), cmocka_unit_test(test_each_change_once),
        cmocka_unit_test(test_full_window),  cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
