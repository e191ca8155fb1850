/* SPDX-License-Identifier: MIT */
/* Upkeep: a life by hand, statsmodels' intervals, random lives replayed from their lists by definition, merged ones, forged
 * states. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N_EVENTS = 120, N_LIVES = 60, N_LEGS = 6 };

static const uint64_t hour = 3600000000000u;

typedef struct event {
    uint32_t kind;
    uint64_t at;
} event;

typedef struct life {
    event events[N_EVENTS];
    size_t n;
} life;

static kedge_metric upkeep(uint64_t blame_ns)
{
    kedge_upkeep_config cfg = kedge_upkeep_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.blame_ns = blame_ns;
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(KEDGE_UPKEEP_BYTES, 0xA5), KEDGE_UPKEEP_BYTES), KEDGE_OK);
    return m;
}

static void feed(kedge_metric *m, const event *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(kedge_upkeep_event(m, events[i].kind, events[i].at), KEDGE_OK);
        assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    }
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_upkeep_config cfg = kedge_upkeep_defaults();
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_UPKEEP_BYTES);
    assert_true(cfg.confidence == 0.95 && cfg.blame_ns == UINT64_MAX);
}

/* Two days: a change found after 2 h, a training that fails and one that does not, promoted 10 h after the detection, rolled back,
 * mended by the next model. */
static void test_by_hand(void **unused)
{
    (void)unused;
    const event events[] = {
        {KEDGE_UPKEEP_TICK, 0},         {KEDGE_UPKEEP_CHANGE, 1},     {KEDGE_UPKEEP_DETECTED, 3},      {KEDGE_UPKEEP_TRAINING, 4},
        {KEDGE_UPKEEP_FAILED, 5},       {KEDGE_UPKEEP_DETECTED, 6},   {KEDGE_UPKEEP_INTERVENTION, 7},  {KEDGE_UPKEEP_TRAINING, 8},
        {KEDGE_UPKEEP_TRAINED, 11},     {KEDGE_UPKEEP_PROMOTED, 13},  {KEDGE_UPKEEP_ROLLED_BACK, 14},  {KEDGE_UPKEEP_INCIDENT, 15},
        {KEDGE_UPKEEP_TRAINED, 20},     {KEDGE_UPKEEP_PROMOTED, 24},  {KEDGE_UPKEEP_INCIDENT, 40},     {KEDGE_UPKEEP_RESTORED, 42},
        {KEDGE_UPKEEP_TICK, 48},
    };
    kedge_metric m = upkeep(10 * hour); /* the incident 16 h after the promotion is not its fault */
    kedge_upkeep_report r;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        assert_int_equal(kedge_upkeep_event(&m, events[i].kind, 1000 * hour + events[i].at * hour), KEDGE_OK);
    assert_int_equal(kedge_upkeep_read(&m, &r), KEDGE_OK);
    assert_true(r.seen_ns == 48 * hour && r.n_changes == 1 && r.n_detected == 2 && r.n_trainings == 2 && r.n_failed == 1);
    assert_true(r.n_trained == 2 && r.n_promoted == 2 && r.n_rolled_back == 1 && r.n_incidents == 2 && r.n_restored == 1);
    assert_true(r.n_interventions == 1 && r.n_change_failures == 1 && r.change_failure_rate == 0.5);
    assert_close(r.promotions_per_day, 1, 1e-14);
    assert_true(r.detect.n == 1 && r.detect.mean_ns == (double)(2 * hour) && r.detect.n_open == 0);
    assert_true(r.retrain.n == 1 && r.retrain.mean_ns == (double)(8 * hour)); /* from the first of two detections */
    assert_true(r.lead.n == 1 && r.lead.mean_ns == r.retrain.mean_ns + (double)(2 * hour));
    assert_true(r.detect.p50_ns == r.detect.mean_ns && r.restore.p90_ns == (double)(10 * hour));
    assert_close(r.promote.p50_ns / (double)(2 * hour), 1, 0.0625);
    assert_true(r.promote.n == 2 && r.promote.mean_ns == (double)(3 * hour) && r.promote.max_ns == 4 * hour);
    assert_true(r.restore.n == 2 && r.restore.mean_ns == (double)(6 * hour) && r.restore.max_ns == 10 * hour);
    assert_close(r.restore.share, 0.25, 1e-15);
    assert_true(r.train.n == 2 && r.train.mean_ns == (double)(2 * hour) && r.train.n_open == 0);
    guard_free(m.state);
}

/* statsmodels 0.15.0: proportion_confint(k, n, 0.05, 'wilson'). */
static void test_interval_equals_statsmodels(void **unused)
{
    (void)unused;
    const struct {
        uint64_t k, n;
        double low, high;
    } golden[] = {
        {1, 3, 0.06149194472039626, 0.7923403991979523},
        {2, 7, 0.08221892400405661, 0.6410655481673807},
        {0, 4, 0.0, 0.4898908364545974},
        {4, 4, 0.5101091635454025, 1.0},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        kedge_metric m = upkeep(UINT64_MAX);
        kedge_upkeep_report r;
        for (uint64_t k = 0; k < golden[i].n; k++) {
            assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_PROMOTED, k), KEDGE_OK);
            for (int twice = 0; twice < 2 && k < golden[i].k; twice++) /* a promotion fails once */
                assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_ROLLED_BACK, k), KEDGE_OK);
        }
        assert_int_equal(kedge_upkeep_read(&m, &r), KEDGE_OK);
        assert_true(r.n_change_failures == golden[i].k && r.n_promoted == golden[i].n);
        assert_close(r.change_failure_low, golden[i].low, 1e-12);
        assert_close(r.change_failure_high, golden[i].high, 1e-12);
        guard_free(m.state);
    }
}

/* By definition, from the whole list ------------------------------------------------------------------------------------------- */

static int starts(size_t leg, uint32_t kind)
{
    switch (leg) {
    case 0: return kind == KEDGE_UPKEEP_CHANGE;
    case 1: case 3: return kind == KEDGE_UPKEEP_DETECTED;
    case 2: return kind == KEDGE_UPKEEP_TRAINED;
    case 4: return kind == KEDGE_UPKEEP_INCIDENT || kind == KEDGE_UPKEEP_ROLLED_BACK;
    default: return kind == KEDGE_UPKEEP_TRAINING;
    }
}

static int ends(size_t leg, uint32_t kind)
{
    switch (leg) {
    case 0: return kind == KEDGE_UPKEEP_DETECTED;
    case 1: return kind == KEDGE_UPKEEP_TRAINED;
    case 2: case 3: return kind == KEDGE_UPKEEP_PROMOTED;
    case 4: return kind == KEDGE_UPKEEP_RESTORED || kind == KEDGE_UPKEEP_PROMOTED;
    default: return kind == KEDGE_UPKEEP_TRAINED || kind == KEDGE_UPKEEP_FAILED;
    }
}

/* The oldest start after the last end before event `to`; `to` itself if there is none. */
static size_t start_of(const life *l, size_t leg, size_t to)
{
    size_t first = to;
    for (size_t i = to; i-- > 0 && !ends(leg, l->events[i].kind);)
        if (starts(leg, l->events[i].kind))
            first = i;
    return first;
}

static uint64_t seen(const life *l)
{
    return l->n > 0 ? l->events[l->n - 1].at - l->events[0].at : 0;
}

/* `busy` takes the leg's whole time, mean_ns the sum of the finished ones: lives are added up before they are divided. */
static uint64_t took_all[3 * N_EVENTS]; /* what each finished leg took */
static size_t n_took;

static void naive_leg(const life *l, size_t leg, kedge_upkeep_leg *out, double *busy)
{
    for (size_t i = 0; i < l->n; i++) {
        size_t from = start_of(l, leg, i);
        if (!ends(leg, l->events[i].kind) || from == i)
            continue;
        uint64_t took = l->events[i].at - l->events[from].at;
        took_all[n_took++] = took;
        out->n++;
        out->mean_ns += (double)took;
        out->max_ns = took > out->max_ns ? took : out->max_ns;
        *busy += (double)took;
    }
    size_t from = start_of(l, leg, l->n);
    out->n_open = from < l->n;
    out->open_ns = from < l->n ? l->events[l->n - 1].at - l->events[from].at : 0;
    *busy += (double)out->open_ns;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The sorted list's, but for the width of a bucket. */
static void assert_quantile(double got, double q, uint64_t max_ns)
{
    if (n_took == 0) {
        assert_true(isnan(got));
        return;
    }
    double want = (double)took_all[(size_t)ceil(q * (double)n_took) - 1];
    assert_true(fabs(got - want) <= fmax(want / 16, 524288));
    assert_true(got <= (double)max_ns);
}

static uint64_t naive_failures(const life *l, uint64_t blame_ns)
{
    uint64_t n = 0;
    for (size_t p = 0; p < l->n; p++) {
        int failed = 0;
        for (size_t i = p + 1; l->events[p].kind == KEDGE_UPKEEP_PROMOTED && i < l->n; i++) {
            if (l->events[i].kind == KEDGE_UPKEEP_PROMOTED)
                break;
            failed |= l->events[i].kind == KEDGE_UPKEEP_ROLLED_BACK ||
                      (l->events[i].kind == KEDGE_UPKEEP_INCIDENT && l->events[i].at - l->events[p].at <= blame_ns);
        }
        n += (uint64_t)failed;
    }
    return n;
}

static uint64_t naive_count(const life *lives, size_t n_lives, uint32_t kind)
{
    uint64_t n = 0;
    for (size_t k = 0; k < n_lives; k++)
        for (size_t i = 0; i < lives[k].n; i++)
            n += lives[k].events[i].kind == kind;
    return n;
}

/* The first life goes on, the others were merged in. */
static void assert_is(const kedge_metric *m, const life *lives, size_t n_lives, uint64_t blame_ns)
{
    kedge_upkeep_report r;
    uint64_t all_seen = 0, failures = 0, n_promoted = naive_count(lives, n_lives, KEDGE_UPKEEP_PROMOTED);
    for (size_t k = 0; k < n_lives; k++) {
        all_seen += seen(&lives[k]);
        failures += naive_failures(&lives[k], blame_ns);
    }
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    assert_int_equal(kedge_upkeep_read(m, &r), all_seen > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.seen_ns == all_seen && r.n_change_failures == failures);
    const uint64_t counts[] = {r.n_changes,  r.n_detected,    r.n_trainings, r.n_failed,   r.n_trained,
                               r.n_promoted, r.n_rolled_back, r.n_incidents, r.n_restored, r.n_interventions};
    for (uint32_t kind = 1; kind <= 10; kind++)
        assert_true(counts[kind - 1] == naive_count(lives, n_lives, kind));
    if (n_promoted > 0) {
        assert_close(r.change_failure_rate, (double)failures / (double)n_promoted, 1e-15);
        assert_true(r.change_failure_low <= r.change_failure_rate && r.change_failure_rate <= r.change_failure_high);
    } else {
        assert_true(isnan(r.change_failure_rate) && isnan(r.change_failure_low) && isnan(r.change_failure_high));
    }
    if (all_seen > 0)
        assert_close(r.promotions_per_day * (double)all_seen / (24 * (double)hour), (double)n_promoted, 1e-12);
    else
        assert_true(isnan(r.promotions_per_day));
    const kedge_upkeep_leg legs[N_LEGS] = {r.detect, r.retrain, r.promote, r.lead, r.restore, r.train};
    for (size_t leg = 0; leg < N_LEGS; leg++) {
        kedge_upkeep_leg want = {0, 0, 0, 0, 0, 0, 0, 0, 0}, one;
        double busy = 0;
        n_took = 0;
        for (size_t k = n_lives; k-- > 0;) { /* the first one last: its open leg is the one that stays */
            want.n_cut += want.n_open;
            naive_leg(&lives[k], leg, &want, &busy);
        }
        one = legs[leg];
        assert_true(one.n == want.n && one.n_cut == want.n_cut && one.n_open == want.n_open && one.max_ns == want.max_ns &&
                    one.open_ns == want.open_ns);
        qsort(took_all, n_took, sizeof *took_all, by_size);
        assert_quantile(one.p50_ns, 0.5, want.max_ns);
        assert_quantile(one.p90_ns, 0.9, want.max_ns);
        if (want.n > 0)
            assert_close(one.mean_ns / (want.mean_ns / (double)want.n + 1e-300), want.mean_ns > 0, 1e-12);
        else
            assert_true(isnan(one.mean_ns));
        if (all_seen > 0)
            assert_close(one.share, busy / (double)all_seen, 1e-12);
        else
            assert_true(isnan(one.share));
    }
}

/* Events of all kinds, some kinds rare, some at the same moment. */
static void make_life(life *l, kedge_rng *rng, size_t n)
{
    uint64_t at = kedge_rng_below(rng, 1000000);
    uint32_t n_kinds = 3 + (uint32_t)kedge_rng_below(rng, 9);
    uint32_t shift = (uint32_t)kedge_rng_below(rng, 11);
    l->n = n;
    for (size_t i = 0; i < n; i++) {
        at += kedge_rng_below(rng, 5) * kedge_rng_below(rng, 1000000000);
        l->events[i].kind = 1 + ((uint32_t)kedge_rng_below(rng, n_kinds) + shift) % 11;
        l->events[i].at = at;
    }
}

static void test_lives_are_their_lists(void **unused)
{
    (void)unused;
    static life l;
    for (uint64_t seed = 0; seed < N_LIVES; seed++) {
        kedge_rng rng = {seed};
        const uint64_t blame_ns = seed % 3 ? seed * 100000000 : UINT64_MAX;
        kedge_metric m = upkeep(blame_ns);
        make_life(&l, &rng, N_EVENTS);
        assert_is(&m, &l, 0, blame_ns);
        for (l.n = 1; l.n <= N_EVENTS; l.n++) {
            feed(&m, &l.events[l.n - 1], 1);
            if (l.n % 7 < 2)
                assert_is(&m, &l, 1, blame_ns);
        }
        guard_free(m.state);
    }
}

/* Three lives with clocks of their own, merged before, amid and after the events of the first; an empty one adds nothing. */
static void test_merged_lives_add_up(void **unused)
{
    (void)unused;
    static life lives[3];
    for (uint64_t seed = 0; seed < N_LIVES; seed++) {
        kedge_rng rng = {seed + 1000};
        kedge_metric a = upkeep(500000000), b = upkeep(500000000), c = upkeep(500000000), other = upkeep(7);
        for (size_t k = 0; k < 3; k++)
            make_life(&lives[k], &rng, (size_t)kedge_rng_below(&rng, N_EVENTS));
        size_t cut = lives[0].n * (seed % 3) / 2;
        feed(&b, lives[1].events, lives[1].n);
        feed(&c, lives[2].events, lives[2].n);
        feed(&a, lives[0].events, cut);
        assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
        assert_int_equal(kedge_metric_merge(&a, &c), KEDGE_OK);
        feed(&a, lives[0].events + cut, lives[0].n - cut);
        assert_is(&a, lives, 3, 500000000);
        assert_int_equal(kedge_metric_merge(&a, &other), KEDGE_ERR_CONFIG);
        assert_int_equal(kedge_metric_reset(&c), KEDGE_OK);
        assert_int_equal(kedge_metric_merge(&a, &c), KEDGE_OK);
        assert_is(&a, lives, 3, 500000000);
        guard_free(a.state);
        guard_free(b.state);
        guard_free(c.state);
        guard_free(other.state);
    }
}

static void test_refuses_and_stays(void **unused)
{
    (void)unused;
    unsigned char before[KEDGE_UPKEEP_BYTES];
    kedge_metric m = upkeep(UINT64_MAX);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_PROMOTED, 100), KEDGE_OK);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_PROMOTED, 100), KEDGE_OK); /* standing still is allowed */
    memcpy(before, m.state, sizeof before);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_INCIDENT, 99), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_upkeep_event(&m, 0, 101), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_TICK + 1, 101), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_upkeep_event(&m, UINT32_MAX, 101), KEDGE_ERR_RANGE);
    assert_memory_equal(before, m.state, sizeof before);
    guard_free(m.state);
}

/* Nothing, one moment, the whole range of the clock, and more time than that from two. */
static void test_extremes(void **unused)
{
    (void)unused;
    unsigned char before[KEDGE_UPKEEP_BYTES];
    kedge_metric m = upkeep(UINT64_MAX), other = upkeep(UINT64_MAX);
    kedge_upkeep_report r;
    assert_int_equal(kedge_upkeep_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.seen_ns == 0 && r.n_promoted == 0 && isnan(r.promotions_per_day) && isnan(r.change_failure_rate));
    assert_true(isnan(r.lead.mean_ns) && isnan(r.lead.share) && r.lead.max_ns == 0 && r.lead.n_open == 0);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_DETECTED, 0), KEDGE_OK);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_PROMOTED, 0), KEDGE_OK);
    assert_int_equal(kedge_upkeep_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.lead.n == 1 && r.lead.mean_ns == 0 && isnan(r.lead.share) && r.change_failure_rate == 0);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_INCIDENT, 0), KEDGE_OK);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_RESTORED, UINT64_MAX), KEDGE_OK);
    assert_int_equal(kedge_upkeep_read(&m, &r), KEDGE_OK);
    assert_true(r.seen_ns == UINT64_MAX && r.restore.max_ns == UINT64_MAX && r.restore.share == 1 && r.change_failure_rate == 1);
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    assert_int_equal(kedge_upkeep_event(&other, KEDGE_UPKEEP_TICK, 5), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&other, &m), KEDGE_OK);
    memcpy(before, other.state, sizeof before);
    assert_int_equal(kedge_upkeep_event(&other, KEDGE_UPKEEP_TICK, 6), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_metric_merge(&other, &m), KEDGE_ERR_RANGE);
    assert_memory_equal(before, other.state, sizeof before);
    assert_int_equal(kedge_upkeep_event(&other, KEDGE_UPKEEP_CHANGE, 5), KEDGE_OK);
    guard_free(m.state);
    guard_free(other.state);
}

/* Where the values lie: 24 bytes of head, then by eights, in the order of the state. */
enum {
    AT_CONFIDENCE = 24,
    AT_FIRST = 40,
    AT_LAST = 48,
    AT_MERGED = 56,
    AT_PROMOTED_NS = 64,
    AT_N = 72,
    AT_FAILURES = 152,
    AT_LEG_N = 160,
    AT_LEG_NS = 208,
    AT_LEG_MAX = 256,
    AT_CUT_N = 304,
    AT_CUT_NS = 352,
    AT_SINCE = 400,
    AT_OPEN = 448,
    AT_STARTED = 452,
    AT_TRIAL = 456,
};

static void assert_forged(const kedge_metric *m, size_t at, uint64_t value, size_t bytes)
{
    unsigned char kept[8];
    unsigned char *state = m->state;
    uint32_t narrow = (uint32_t)value;
    memcpy(kept, state + at, bytes);
    memcpy(state + at, bytes == 8 ? (const void *)&value : (const void *)&narrow, bytes);
    assert_int_equal(kedge_metric_check(m), KEDGE_ERR_STATE);
    memcpy(state + at, kept, bytes);
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
}

static void test_check_finds_forged(void **unused)
{
    (void)unused;
    const uint64_t most = UINT64_MAX, full = (uint64_t)1 << 62;
    const event events[] = {
        {KEDGE_UPKEEP_DETECTED, 10}, {KEDGE_UPKEEP_TRAINED, 15}, {KEDGE_UPKEEP_PROMOTED, 20}, {KEDGE_UPKEEP_CHANGE, 30}};
    kedge_metric m = upkeep(UINT64_MAX);
    feed(&m, events, 4);
    assert_forged(&m, AT_CONFIDENCE, 0, 8);
    assert_forged(&m, AT_CONFIDENCE, most, 8); /* NaN */
    assert_forged(&m, AT_FIRST, 31, 8);
    assert_forged(&m, AT_FIRST, 25, 8); /* the promotion was before; legs took longer than was seen */
    assert_forged(&m, AT_LAST, 19, 8);
    assert_forged(&m, AT_MERGED, most, 8);
    assert_forged(&m, AT_PROMOTED_NS, 31, 8);
    assert_forged(&m, AT_PROMOTED_NS, 9, 8);
    assert_forged(&m, AT_N, full + 1, 8);
    assert_forged(&m, AT_N, 0, 8);              /* of the change that is under way */
    assert_forged(&m, AT_N + 8 * 5, 0, 8);      /* of promotions, whose leg is finished */
    assert_forged(&m, AT_FAILURES, 1, 8);       /* nothing that failed it */
    assert_forged(&m, AT_LEG_N + 8 * 3, 0, 8);  /* time of no leg */
    assert_forged(&m, AT_LEG_N + 8 * 3, 2, 8);
    assert_forged(&m, AT_LEG_NS + 8 * 3, 11, 8); /* above the number times the longest */
    assert_forged(&m, AT_LEG_NS + 8 * 3, 9, 8);  /* below the longest */
    assert_forged(&m, AT_LEG_NS + 8 * 3, most, 8);
    assert_forged(&m, AT_LEG_MAX + 8 * 3, 9, 8);
    assert_forged(&m, AT_CUT_N, 1, 8);
    assert_forged(&m, AT_CUT_NS, 1, 8);
    assert_forged(&m, AT_SINCE, 31, 8);
    assert_forged(&m, AT_SINCE, 9, 8);
    assert_forged(&m, AT_SINCE + 8, 15, 8); /* of a leg that is not under way */
    for (size_t i = 0; i < 6; i++)
        assert_forged(&m, KEDGE_UPKEEP_BYTES - 4 * (1 + 290 * i), 1, 4);            /* longer than the longest */
    assert_forged(&m, KEDGE_UPKEEP_BYTES - 4 * 290 * 3, 2, 4); /* not as many as have finished: the lead's shortest */
    assert_forged(&m, AT_OPEN, 0, 4);
    assert_forged(&m, AT_OPEN, 64 + 1, 4);
    assert_forged(&m, AT_OPEN, 2 + 1, 4);
    assert_forged(&m, AT_STARTED, 0, 4);
    assert_forged(&m, AT_STARTED, 2, 4);
    assert_forged(&m, AT_TRIAL, 0, 4);
    assert_forged(&m, AT_TRIAL, 2, 4);
    memcpy((unsigned char *)m.state + AT_N, &full, sizeof full); /* a count that is full stays so */
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_CHANGE, 40), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_upkeep_event(&m, KEDGE_UPKEEP_DETECTED, 40), KEDGE_OK);
    kedge_metric twin = upkeep(UINT64_MAX);
    feed(&twin, events, 4);
    assert_int_equal(kedge_metric_merge(&twin, &m), KEDGE_ERR_RANGE);
    assert_is(&twin, &(const life){.events = {events[0], events[1], events[2], events[3]}, .n = 4}, 1, UINT64_MAX);
    guard_free(m.state);
    guard_free(twin.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_interval_equals_statsmodels),
        cmocka_unit_test(test_lives_are_their_lists),
        cmocka_unit_test(test_merged_lives_add_up),
        cmocka_unit_test(test_refuses_and_stays),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_check_finds_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
