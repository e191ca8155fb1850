/* SPDX-License-Identifier: MIT */
/* Objectives against a plain list of all events, and against what the Site Reliability Workbook says of its alerts. */
#include <fenv.h>
#include <math.h>

#include "support.h"

enum { NAIVE_MAX = 3000 };

static const uint64_t second = 1000000000u, minute = 60000000000u;

typedef struct naive_event {
    uint64_t at, good, bad;
} naive_event;

typedef struct naive_slo {
    naive_event events[NAIVE_MAX];
    size_t n;
    uint64_t slot_ns, now;
} naive_slo;

typedef struct naive_sum {
    uint64_t good, bad;
} naive_sum;

/* Events of the newest slots that make up a length. */
static naive_sum naive_window(const naive_slo *q, uint64_t length_ns)
{
    uint64_t n_slots = length_ns / q->slot_ns + (length_ns % q->slot_ns != 0);
    naive_sum sum = {0, 0};
    for (size_t i = 0; i < q->n; i++) {
        if (q->now / q->slot_ns - q->events[i].at / q->slot_ns >= n_slots)
            continue;
        sum.good += q->events[i].good;
        sum.bad += q->events[i].bad;
    }
    return sum;
}

/* Events that are younger than a length. */
static uint64_t naive_younger(const naive_slo *q, uint64_t length_ns)
{
    uint64_t n = 0;
    for (size_t i = 0; i < q->n; i++)
        if (q->now - q->events[i].at < length_ns)
            n += q->events[i].good + q->events[i].bad;
    return n;
}

static kedge_metric objective(const kedge_slo_config *cfg)
{
    kedge_metric m = {NULL, NULL};
    size_t bytes = kedge_metric_size(&cfg->base);
    assert_true(bytes >= 16 * (size_t)cfg->n_slots && bytes <= 512 + 16 * (size_t)cfg->n_slots);
    assert_int_equal(kedge_metric_init(&m, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* Burn rates in halves and an objective of 0.75, so that the reference can compare whole numbers: bad / n >= halves / 2 / 4. */
static kedge_slo_config small(uint32_t n_slots, uint64_t period_ns, uint64_t slot_ns)
{
    static const double burn[4] = {3.0, 2.0, 1.0, 0.5};
    static const int32_t status[4] = {KEDGE_DRIFT, KEDGE_WARNING, KEDGE_DRIFT, KEDGE_WARNING};
    kedge_slo_config cfg = kedge_slo_defaults();
    cfg.objective = 0.75;
    cfg.n_slots = n_slots;
    cfg.period_ns = period_ns;
    cfg.n_alerts = 4;
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t length = period_ns * (i + 1) / 4;
        cfg.alerts[i].long_ns = length > slot_ns ? length : slot_ns;
        cfg.alerts[i].short_ns = length / 3 > slot_ns ? length / 3 : slot_ns;
        cfg.alerts[i].burn = burn[i];
        cfg.alerts[i].status = status[i];
        if (cfg.alerts[i].long_ns > period_ns)
            cfg.alerts[i].long_ns = cfg.alerts[i].short_ns = period_ns;
    }
    return cfg;
}

static int naive_reaches(const naive_slo *q, uint64_t length_ns, double burn, double *rate)
{
    naive_sum s = naive_window(q, length_ns);
    uint64_t n = s.good + s.bad;
    *rate = n > 0 ? (double)s.bad * 4.0 / (double)n : (double)NAN;
    return s.bad > 0 && s.bad * 8 >= (uint64_t)(2.0 * burn) * n;
}

static void assert_same_number(double a, double b)
{
    if (isnan(b))
        assert_true(isnan(a));
    else
        assert_close(a, b, 1e-14);
}

static void assert_same(const kedge_metric *m, const kedge_slo_config *cfg, const naive_slo *q, kedge_status st)
{
    kedge_slo_report r;
    naive_sum s = naive_window(q, cfg->period_ns);
    uint64_t n = s.good + s.bad;
    uint32_t alerts = 0;
    int32_t worst = KEDGE_OK;
    assert_int_equal(kedge_slo_read(m, &r), n > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.n_good == s.good && r.n_bad == s.bad);
    assert_true(n >= naive_younger(q, cfg->period_ns > q->slot_ns ? cfg->period_ns - q->slot_ns : 0) &&
                n <= naive_younger(q, cfg->period_ns + q->slot_ns));
    assert_close(r.budget, 0.25 * (double)n, 1e-14);
    assert_same_number(r.spent, n > 0 ? (double)s.bad / (0.25 * (double)n) : (double)NAN);
    assert_same_number(r.left, n > 0 ? 1.0 - (double)s.bad / (0.25 * (double)n) : (double)NAN);
    for (uint32_t i = 0; i < cfg->n_alerts; i++) {
        double in_long, in_short;
        int is_long = naive_reaches(q, cfg->alerts[i].long_ns, cfg->alerts[i].burn, &in_long);
        int is_short = naive_reaches(q, cfg->alerts[i].short_ns, cfg->alerts[i].burn, &in_short);
        assert_same_number(r.burn_long[i], in_long);
        assert_same_number(r.burn_short[i], in_short);
        if (is_long && is_short) {
            alerts |= 1u << i;
            worst = cfg->alerts[i].status > worst ? cfg->alerts[i].status : worst;
        }
    }
    assert_int_equal(r.alerts, alerts);
    assert_int_equal(r.status, worst);
    assert_int_equal(st, worst);
    if (n > 0 && r.left > 0 && r.burn_long[0] > 0)
        assert_close(r.exhausted_ns / (double)cfg->period_ns, r.left / r.burn_long[0], 1e-14);
    else if (n > 0)
        assert_true(r.left <= 0 ? r.exhausted_ns == 0 : isinf(r.exhausted_ns));
    else
        assert_true(isnan(r.exhausted_ns));
}

static uint64_t random_gap(kedge_rng *rng, uint64_t slot_ns, uint32_t n_slots)
{
    uint64_t kind = kedge_rng_below(rng, 100);
    if (kind < 30)
        return 0;
    if (kind < 90)
        return kedge_rng_below(rng, slot_ns + 1);
    if (kind < 97)
        return kedge_rng_below(rng, slot_ns * n_slots / 2 + 1);
    return kedge_rng_below(rng, slot_ns * n_slots * 3); /* a silence, maybe of all windows */
}

/* A program of random events that starts at `start`. Returns a bit for each status that was seen. */
static uint32_t run_program(uint32_t n_slots, uint64_t period_ns, uint64_t start, uint64_t seed)
{
    static naive_slo q;
    uint32_t seen = 0;
    memset(&q, 0, sizeof q);
    q.slot_ns = period_ns / n_slots + (period_ns % n_slots != 0);
    q.now = start;
    kedge_slo_config cfg = small(n_slots, period_ns, q.slot_ns);
    kedge_metric m = objective(&cfg);
    kedge_rng rng = {seed};
    kedge_slo_report r;
    for (int step = 0; step < 600; step++) {
        uint64_t gap = random_gap(&rng, q.slot_ns, n_slots), ill = (uint64_t)(step / 100) % 3;
        naive_event e = {0, kedge_rng_below(&rng, 4), ill * kedge_rng_below(&rng, 3)};
        if (gap > UINT64_MAX - q.now)
            gap = UINT64_MAX - q.now; /* the end of time may come, and stay */
        e.at = q.now += gap;
        q.events[q.n++] = e;
        feclearexcept(FE_ALL_EXCEPT);
        kedge_status st = kedge_slo_record_many(&m, e.good, e.bad, e.at);
        assert_true(kedge_slo_read(&m, &r) >= 0);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_same(&m, &cfg, &q, st);
        seen |= 1u << st;
        if (step % 50 == 0)
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    }
    guard_free(m.state);
    return seen;
}

static void test_random_programs(void **unused)
{
    (void)unused;
    static const uint32_t slots[] = {1, 2, 3, 7, 20, 64, 200};
    uint32_t seen = 0;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        seen |= run_program(slots[i], slots[i] * second, 0, i);
        seen |= run_program(slots[i], 1000, 12345, i + 100); /* slots that do not divide the period */
        seen |= run_program(slots[i], 1000003, (uint64_t)1 << 63, i + 200);
        seen |= run_program(slots[i], slots[i] * minute, UINT64_MAX - 60 * slots[i] * minute, i + 300);
    }
    assert_int_equal(seen, 1u << KEDGE_OK | 1u << KEDGE_WARNING | 1u << KEDGE_DRIFT);
}

static void test_all_good_all_bad(void **unused)
{
    (void)unused;
    kedge_slo_config cfg = kedge_slo_defaults();
    kedge_slo_report r;
    for (int good = 0; good < 2; good++) {
        kedge_metric m = objective(&cfg);
        for (uint64_t t = 0; t < 5000; t++)
            assert_int_equal(kedge_slo_record(&m, good, t * minute), good ? KEDGE_OK : KEDGE_DRIFT);
        assert_int_equal(kedge_slo_read(&m, &r), KEDGE_OK);
        assert_close(r.spent, good ? 0.0 : 1000.0, 1e-12);
        assert_close(r.burn_long[2], r.spent, 0);
        assert_true(isnan(r.burn_long[3]) && isnan(r.burn_short[3]));
        assert_int_equal(r.alerts, good ? 0 : 7);
        assert_true(good ? r.left == 1.0 && isinf(r.exhausted_ns) : r.left < -998 && r.exhausted_ns == 0);
        guard_free(m.state);
    }
}

/* The workbook's figures for its first alert: of an outage it tells after (1 - objective) * burn * window = 52 seconds, and it is
 * off again once the short window of 5 minutes is clean. */
static void test_an_outage(void **unused)
{
    (void)unused;
    kedge_slo_config cfg = kedge_slo_defaults();
    uint64_t t = 0, begin = 20000, on = 0, off = 0;
    cfg.n_alerts = 1;
    kedge_metric m = objective(&cfg);
    for (; t < begin; t++)
        assert_int_equal(kedge_slo_record(&m, 1, t * second), KEDGE_OK);
    for (; on == 0; t++)
        on = kedge_slo_record(&m, 0, t * second) == KEDGE_DRIFT ? t : 0;
    assert_in_range(on - begin + 1, 51, 53);
    for (; t < begin + 120; t++)
        assert_int_equal(kedge_slo_record(&m, 0, t * second), KEDGE_DRIFT);
    for (; off == 0; t++)
        off = kedge_slo_record(&m, 1, t * second) == KEDGE_OK ? t : 0;
    assert_in_range(off - begin - 120, 240, 300);
    guard_free(m.state);
}

/* An objective is a decimal: 14.4 times what 0.999 allows is reached by 144 of 10,000, though neither is a binary fraction. */
static void test_burn_rates_are_decimals(void **unused)
{
    (void)unused;
    static const double objectives[] = {0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 0.999999};
    static const uint64_t millionths[] = {50000, 10000, 5000, 1000, 100, 10, 1};
    static const uint64_t tenths[] = {1, 7, 10, 33, 60, 144, 199};
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        for (size_t j = 0; j < sizeof tenths / sizeof *tenths; j++) {
            kedge_slo_config cfg = kedge_slo_defaults();
            cfg.objective = objectives[i];
            cfg.n_alerts = 1;
            cfg.alerts[0].burn = (double)tenths[j] / 10.0;
            kedge_metric m = objective(&cfg);
            uint64_t bad = millionths[i] * tenths[j], n = 10000000;
            assert_int_equal(kedge_slo_record_many(&m, n - bad + 1, bad - 1, 5), KEDGE_OK);
            assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
            assert_int_equal(kedge_slo_record_many(&m, n - bad, bad, 5), KEDGE_DRIFT);
            guard_free(m.state);
        }
    }
}

static void test_budget(void **unused)
{
    (void)unused;
    kedge_slo_config cfg = small(10, 1000, 100);
    kedge_metric m;
    kedge_slo_report r;
    cfg.n_alerts = 0;
    m = objective(&cfg);
    assert_int_equal(kedge_slo_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n_good == 0 && r.budget == 0 && isnan(r.spent) && isnan(r.left) && isnan(r.exhausted_ns));
    assert_int_equal(r.status, KEDGE_OK);
    assert_int_equal(kedge_slo_record_many(&m, 70, 10, 0), KEDGE_OK);
    assert_int_equal(kedge_slo_read(&m, &r), KEDGE_OK);
    assert_true(r.budget == 20.0 && r.spent == 0.5 && r.left == 0.5);
    assert_true(r.exhausted_ns == 1000.0); /* half is left at half the speed */
    assert_int_equal(kedge_slo_record_many(&m, 0, 0, 999), KEDGE_OK);
    assert_int_equal(kedge_slo_read(&m, &r), KEDGE_OK);
    assert_int_equal(kedge_slo_record_many(&m, 0, 0, 1000), KEDGE_OK); /* telling the time moves the windows */
    assert_int_equal(kedge_slo_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n_bad == 0 && isnan(r.left));
    guard_free(m.state);
}

static void test_many_is_one_by_one(void **unused)
{
    (void)unused;
    kedge_slo_config cfg = small(10, 1000, 100);
    kedge_metric one = objective(&cfg), many = objective(&cfg);
    for (uint64_t t = 0; t < 3000; t += 37) {
        kedge_status st = KEDGE_OK;
        for (uint64_t i = 0; i < 5; i++)
            st = kedge_slo_record(&one, i >= t % 4, t);
        assert_int_equal(kedge_slo_record_many(&many, 5 - t % 4, t % 4, t), st);
    }
    assert_memory_equal(one.state, many.state, kedge_metric_size(&cfg.base));
    guard_free(one.state);
    guard_free(many.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    const uint64_t most = (uint64_t)1 << 62;
    kedge_slo_config cfg = small(10, 1000, 100);
    kedge_metric m = objective(&cfg);
    kedge_slo_report r;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_slo_record_many(&m, most - 5, 3, 500), KEDGE_OK);
    void *before = guard_copy(m.state, bytes);
    assert_int_equal(kedge_slo_record(&m, 1, 499), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_slo_record_many(&m, 0, 0, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_slo_record_many(&m, 2, 1, 5000), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_slo_record_many(&m, UINT64_MAX, 2, 5000), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_slo_record_many(&m, most, most, 5000), KEDGE_ERR_RANGE);
    assert_memory_equal(m.state, before, bytes);
    assert_int_equal(kedge_slo_record_many(&m, 0, 2, 5000), KEDGE_DRIFT);
    assert_int_equal(kedge_slo_record(&m, 1, 5000), KEDGE_ERR_RANGE); /* all 2^62 events were recorded */
    assert_int_equal(kedge_slo_read(&m, &r), KEDGE_OK);
    assert_true(r.n_good == 0 && r.n_bad == 2);
    cfg.alerts[0].short_ns = 99; /* less than a slot */
    assert_int_equal(kedge_metric_size(&cfg.base), 0);
    cfg = kedge_slo_defaults();
    cfg.n_slots = 8639; /* slots of more than five minutes */
    assert_int_equal(kedge_metric_size(&cfg.base), 0);
    cfg.n_slots = 8640;
    assert_true(kedge_metric_size(&cfg.base) > 0);
    guard_free(before);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_programs),
        cmocka_unit_test(test_all_good_all_bad),
        cmocka_unit_test(test_an_outage),
        cmocka_unit_test(test_burn_rates_are_decimals),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_many_is_one_by_one),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
