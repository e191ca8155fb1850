/* SPDX-License-Identifier: MIT */
/* The battery before deployment: every check on models that pass and on mutants that fail it, figures against naive references,
 * and how often intervals hold the truth. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

enum { ROWS = 400, WIDTH = 4, DRAWS = 200 };

/* A host's class whose answers follow from its rows: feature 0 is a signal, 1 a slice, 2 is looked at by some mutants. */
enum {
    SOUND,
    BLIND,      /* feature 0 does not matter */
    INVERSE,    /* always the other class */
    NOT_A_NUMBER,
    NO_CLASS,
    NEGATIVE,   /* probabilities */
    HEAVY,      /* their sum is 1.5 */
    FAILS,      /* with an error */
    FORGETFUL,  /* every second time another answer */
    SCORES_VARY, /* likewise, but the class is the same */
    BATCH_ONLY, /* another answer from the fourth time on */
    LATER,      /* from the second */
    CHANGES,    /* its own state */
    EXPLODES,   /* far out: infinite */
    FALLS,      /* far out: an error */
    BRITTLE,    /* right only for numbers as they stand in the table */
    LAZY,       /* a missing value anywhere: class 0, or 0 */
    BAD_SLICE,  /* the other class where feature 1 is 2 */
    SURE        /* probabilities of 0.99 whatever it knows */
};

typedef struct mutant_config {
    kedge_model_config base;
    uint32_t kind;
    uint32_t reserved;
} mutant_config;

typedef struct mutant_state {
    kedge_model_state model;
    uint32_t kind;
    uint32_t reserved;
    uint64_t asked;
} mutant_state;

static uint64_t now, cost; /* the clock, and what a prediction takes */
static uint64_t n_predicted;

static const kedge_field mutant_fields[] = {
    KEDGE_PARAM(mutant_state, model.n_features, KEDGE_TYPE_U32),  KEDGE_PARAM(mutant_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(mutant_state, kind, KEDGE_TYPE_U32),              KEDGE_VALUE(mutant_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(mutant_state, asked, KEDGE_TYPE_U64),
};

static void mutant_defaults(void *config)
{
    memset(config, 0, sizeof(mutant_config));
    ((mutant_config *)config)->base.config_bytes = sizeof(mutant_config);
}

static void mutant_configure(const void *config, void *fixed)
{
    const mutant_config *c = config;
    ((mutant_state *)fixed)->model.n_features = c->base.n_features;
    ((mutant_state *)fixed)->model.n_classes = c->base.n_classes;
    ((mutant_state *)fixed)->kind = c->kind;
}

static int mutant_valid(const void *fixed)
{
    const kedge_model_state *s = fixed;
    return s->n_features == WIDTH && s->n_classes <= 3;
}

static size_t mutant_layout(void *fixed)
{
    (void)fixed;
    return sizeof(mutant_state);
}

static int mutant_check(const void *state)
{
    return mutant_valid(state);
}

static kedge_status mutant_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    (void)x;
    (void)y;
    (void)weight;
    ((kedge_model_state *)state)->n_learned++;
    return KEDGE_OK;
}

/* The signal, as each kind sees it; in [-1, 1]. */
static double signal_of(const mutant_state *s, const kedge_row *x)
{
    double a = kedge_row_at(x, 0);
    if (s->kind == BLIND || a != a)
        return 0;
    if (s->kind == LAZY)
        for (uint32_t j = 0; j < WIDTH; j++)
            if (kedge_row_at(x, j) != kedge_row_at(x, j))
                return -1;
    if (s->kind == BRITTLE && (fabs(a) > 1e6 || a * 1024 != floor(a * 1024)))
        return 0;
    a = fmin(1, fmax(-1, a));
    return s->kind == INVERSE || (s->kind == BAD_SLICE && kedge_row_at(x, 1) == 2) ? -a : a;
}

static kedge_status mutant_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const mutant_state *s = state;
    double a = signal_of(s, x), b = kedge_row_at(x, 2);
    (void)cls;
    if (s->model.n_classes == 0) {
        scores[0] = a;
        return KEDGE_OK;
    }
    double p = s->kind == SURE ? (a > 0 ? 0.99 : 0.01) : 0.5 + 0.5 * a;
    if (s->kind == SCORES_VARY)
        p = 0.5 * p + (a > 0 ? 0.5 : 0) + (n_predicted % 3 == 0 ? 0 : 1e-9 * (0.5 - p));
    scores[0] = 1 - p;
    scores[1] = p;
    if (s->model.n_classes == 3) {
        scores[0] = 0.8 * (1 - p);
        scores[1] = 0.8 * p;
        scores[2] = 0.2;
    }
    if (s->kind == NEGATIVE && b > 1)
        scores[1] = 1 + (scores[0] = -0.1) * -1;
    if (s->kind == HEAVY && b > 1)
        scores[0] = 1 - scores[1] / 2;
    return KEDGE_OK;
}

static kedge_status mutant_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const mutant_state *s = state;
    double a = signal_of(s, x), b = kedge_row_at(x, 2);
    (void)cls;
    now += cost;
    n_predicted++;
    *y = s->model.n_classes > 0 ? a > 0 : a;
    if (s->kind == FORGETFUL && b > 0)
        *y = (double)(n_predicted % 2);
    if ((s->kind == BATCH_ONLY && n_predicted > 3 * ROWS) || (s->kind == LATER && n_predicted > ROWS))
        *y = 1 - *y;
    if (s->kind == CHANGES)
        ((mutant_state *)(uintptr_t)state)->asked++;
    if ((s->kind == NOT_A_NUMBER && b > 1) || (s->kind == EXPLODES && fabs(b) > 1e200))
        *y = s->kind == EXPLODES ? (double)INFINITY : (double)NAN;
    if (s->kind == NO_CLASS && b > 1)
        *y = 0.5;
    return (s->kind == FAILS && b > 1) || (s->kind == FALLS && fabs(b) > 1e200) ? KEDGE_ERR_NUMERIC : KEDGE_OK;
}

#define MUTANT_CLASS(missing)                                                                                                    \
    {                                                                                                                            \
        .base = {.abi = KEDGE_CLASS_ABI, .noun = KEDGE_NOUN_MODEL, .version = 1, .name = "mutant",                               \
                 .fixed_bytes = sizeof(mutant_state), .config_bytes = sizeof(mutant_config), .n_fields = 5,                      \
                 .fields = mutant_fields, .defaults = mutant_defaults, .configure = mutant_configure, .valid = mutant_valid,     \
                 .layout = mutant_layout, .check = mutant_check},                                                                \
        .learn = mutant_learn, .predict = mutant_predict, .score = mutant_score, .takes_missing = (missing),                     \
    }

static const kedge_model_class mutant = MUTANT_CLASS(1);
static const kedge_model_class strict = MUTANT_CLASS(0);

static double x[ROWS * WIDTH], y[ROWS], weight[ROWS];
static kedge_rows rows;

/* What the library computes on sound data raises no floating-point exception. */
#define ASSERT_QUIET() assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0)

/* Classes follow the probabilities that SOUND gives; targets of a regression are its values with noise. */
static void table(size_t n, uint32_t n_classes, uint64_t seed)
{
    kedge_rng rng = {seed};
    feclearexcept(FE_ALL_EXCEPT);
    for (size_t i = 0; i < n; i++) {
        double a = 2 * kedge_rng_uniform(&rng) - 1;
        double sharp = a > 0 ? sqrt(a) : -sqrt(-a); /* most are clear cases */
        x[i * WIDTH] = floor(sharp * 1024) / 1024;
        x[i * WIDTH + 1] = (double)kedge_rng_below(&rng, 4);
        x[i * WIDTH + 2] = kedge_rng_normal(&rng);
        x[i * WIDTH + 3] = 7;
        y[i] = n_classes > 0 ? kedge_rng_uniform(&rng) < 0.5 + 0.5 * x[i * WIDTH] : x[i * WIDTH] + 0.1 * kedge_rng_normal(&rng);
        if (n_classes == 3 && kedge_rng_uniform(&rng) < 0.2)
            y[i] = 2;
        weight[i] = (double)kedge_rng_below(&rng, 3);
    }
    rows = kedge_rows_float64(x, n, WIDTH);
}

static kedge_model make(uint32_t kind, uint32_t n_classes, const kedge_model_class *cls, void *mem)
{
    mutant_config cfg = {{cls, sizeof cfg, WIDTH, n_classes, 0}, kind, 0};
    kedge_model m;
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof(mutant_state)), KEDGE_OK);
    return m;
}

static kedge_battery_config limits(void)
{
    kedge_battery_config c = kedge_battery_defaults();
    c.n_resamples = DRAWS;
    c.n_hostile = 64;
    return c;
}

static kedge_battery_report run_weighted(const kedge_model *m, const kedge_battery_config *c, const kedge_model *champion,
                                         const double *w)
{
    kedge_battery_report r;
    size_t bytes = kedge_battery_work(m, c, rows.n_rows, champion);
    assert_true(bytes > 0 && bytes % 8 == 0);
    void *work = guard_new(bytes, 0xA5);
    n_predicted = 0;
    assert_int_equal(kedge_battery_run(m, c, &rows, y, w, champion, work, bytes, &r), KEDGE_OK);
    guard_free(work);
    return r;
}

static kedge_battery_report run(const kedge_model *m, const kedge_battery_config *c, const kedge_model *champion)
{
    return run_weighted(m, c, champion, NULL);
}

static kedge_battery_report run_kind(uint32_t kind, uint32_t n_classes, const kedge_battery_config *c)
{
    mutant_state mem;
    kedge_model m = make(kind, n_classes, &mutant, &mem);
    return run(&m, c, NULL);
}

#define ASSERT_CHECK(report, i_check, what, reason)                                                                              \
    do {                                                                                                                         \
        assert_int_equal((report).checks[KEDGE_BATTERY_##i_check].verdict, KEDGE_BATTERY_##what);                                \
        assert_int_equal((report).checks[KEDGE_BATTERY_##i_check].why, KEDGE_WHY_##reason);                                      \
    } while (0)

static double score_on(const kedge_model *m, uint32_t by, const kedge_rows *t, const double *truth, const double *w)
{
    static unsigned long long work[8 + 4 * ROWS];
    double value = (double)NAN;
    assert_true(kedge_score_model(m, by, t, truth, w, work, sizeof work, &value) >= 0);
    return value;
}

/* Quality and costs ----------------------------------------------------------------------------------------------------------- */

static void test_quality(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 1);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, SKIPPED, NO_LIMIT); /* but measured */
    const kedge_figure f = r.checks[KEDGE_BATTERY_QUALITY].figure;
    assert_true(0.7 < f.low && f.low < f.value && f.value < f.high && f.high < 0.95 && f.deviation > 0.01 && f.deviation < 0.03);
    c.quality = f.low - 1e-6;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].limit == c.quality);
    c.quality = f.low + 1e-6;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNSURE);
    assert_int_equal(r.verdict, KEDGE_BATTERY_UNDECIDED);
    c.prove &= ~(1u << KEDGE_BATTERY_QUALITY); /* then it must not fail, no more */
    r = run_kind(SOUND, 2, &c);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    c.quality = f.high + 1e-6;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, FAIL, BEYOND);
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    c.score = KEDGE_SCORE_LOG_LOSS; /* less is better */
    c.quality = 1;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
    c.quality = 0.1;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, FAIL, BEYOND);
    c.score = KEDGE_SCORE_AUC;
    c.quality = 0.8;
    for (size_t i = 0; i < ROWS; i++)
        y[i] = 1;
    r = run_kind(SOUND, 2, &c); /* one class only: no area */
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNDEFINED);
    assert_true(isnan(r.usual) && isnan(r.checks[KEDGE_BATTERY_QUALITY].figure.value));
    ASSERT_QUIET();
}

/* All rows are right: the bootstrap knows of no error, Wilson's interval does. Few rows decide nothing. */
static void test_few_rows(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(40, 2, 2);
    for (size_t i = 0; i < 40; i++)
        y[i] = x[i * WIDTH] > 0;
    c.quality = 0.95;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNSURE);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].figure.value == 1 && r.checks[KEDGE_BATTERY_QUALITY].figure.high == 1);
    assert_close(r.checks[KEDGE_BATTERY_QUALITY].figure.low, 1 / (1 + 1.959963984540054 * 1.959963984540054 / 40), 1e-9);
    c.block = 2; /* rows that depend on each other: no interval of Wilson's */
    r = run_kind(SOUND, 2, &c);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].figure.low == 1);
    c.block = 1;
    c.quality = 0.9;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
    c.least_rows = 41;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, FEW_ROWS);
    ASSERT_CHECK(r, USUAL, UNDECIDED, FEW_ROWS);
    ASSERT_CHECK(r, BYTES, SKIPPED, NO_LIMIT);
    rows.n_rows = 1;
    c.least_rows = 1;
    r = run_kind(SOUND, 2, &c);
    assert_int_equal(r.n_rows, 1);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNSURE);
    for (size_t i = 0; i < ROWS; i++)
        weight[i] = 0;
    mutant_state mem;
    kedge_model m = make(SOUND, 2, &mutant, &mem);
    r = run_weighted(&m, &c, NULL, weight);
    assert_int_equal(r.n_rows, 0);
    ASSERT_CHECK(r, QUALITY, UNDECIDED, UNDEFINED);
    ASSERT_QUIET();
}

static uint64_t tick(void *context)
{
    return now + *(uint64_t *)context;
}

static void test_costs(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    uint64_t offset = 1000;
    (void)unused;
    table(ROWS, 2, 3);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MEDIAN, SKIPPED, NO_CLOCK);
    ASSERT_CHECK(r, TAIL, SKIPPED, NO_CLOCK);
    assert_true(r.checks[KEDGE_BATTERY_BYTES].figure.value == sizeof(mutant_state));
    c.clock = tick;
    c.context = &offset;
    cost = 250;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MEDIAN, SKIPPED, NO_LIMIT);
    assert_true(r.checks[KEDGE_BATTERY_MEDIAN].figure.value == 250 && r.checks[KEDGE_BATTERY_TAIL].figure.high == 250);
    c.median_ns = 250;
    c.tail_ns = 249;
    c.state_bytes = sizeof(mutant_state);
    c.snapshot_bytes = 1;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MEDIAN, PASS, WITHIN);
    ASSERT_CHECK(r, TAIL, FAIL, BEYOND);
    ASSERT_CHECK(r, BYTES, PASS, WITHIN);
    ASSERT_CHECK(r, SNAPSHOT, FAIL, BEYOND);
    mutant_state mem;
    kedge_model m = make(SOUND, 2, &mutant, &mem);
    size_t len = 0;
    assert_int_equal(kedge_model_save(&m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    assert_true(r.checks[KEDGE_BATTERY_SNAPSHOT].figure.value == (double)len);
    c.state_bytes -= 1;
    c.snapshot_bytes = (double)len;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, BYTES, FAIL, BEYOND);
    ASSERT_CHECK(r, SNAPSHOT, PASS, WITHIN);
    cost = 0;
    ASSERT_QUIET();
}

/* A clock by which the i-th prediction takes 37 i modulo 101: the numbers from 1 to 100 in some order. */
static uint64_t jumps(void *context)
{
    uint64_t call = ++*(uint64_t *)context;
    return (call + 1) / 2 * 1000 + (call % 2 ? 0 : call / 2 * 37 % 101);
}

/* Ranks from n q - 1.96 sqrt(n q (1 - q)) to one above its mirror. */
static void test_quantiles(void **unused)
{
    kedge_battery_config c = limits();
    uint64_t calls = 0;
    (void)unused;
    table(ROWS, 2, 4);
    c.clock = jumps;
    c.context = &calls;
    c.n_timed = 100;
    kedge_battery_report r = run_kind(SOUND, 2, &c);
    const kedge_figure median = r.checks[KEDGE_BATTERY_MEDIAN].figure, tail = r.checks[KEDGE_BATTERY_TAIL].figure;
    assert_int_equal(calls, 200);
    assert_true(median.value == 50 && median.low == 40 && median.high == 61);
    assert_true(tail.value == 99 && tail.low == 97 && tail.high == 100);
}

/* What it is measured against ------------------------------------------------------------------------------------------------- */

static void test_baselines(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 5);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = y[i] > 0 || i % 4 == 0; /* class 1 is usual */
    r = run_kind(SOUND, 2, &c);
    double ones = 0, same = y[0] == 0;
    for (size_t i = 0; i < ROWS; i++) {
        ones += y[i] / ROWS;
        same += i > 0 && y[i] == y[i - 1];
    }
    assert_close(r.usual, ones, 1e-12);
    assert_close(r.last, same / ROWS, 1e-12);
    ASSERT_CHECK(r, USUAL, PASS, WITHIN);
    ASSERT_CHECK(r, LAST, PASS, WITHIN);
    assert_close(r.checks[KEDGE_BATTERY_USUAL].figure.value, r.checks[KEDGE_BATTERY_QUALITY].figure.value - ones, 1e-12);
    c.gain_usual = 0.3;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, USUAL, FAIL, BEYOND);
    c.gain_usual = 0;
    r = run_kind(BLIND, 2, &c); /* always class 0 */
    ASSERT_CHECK(r, USUAL, FAIL, BEYOND);
    assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = (double)(i * 4 / ROWS % 2); /* changes seldom: the row before knows best */
    r = run_kind(SOUND, 2, &c);
    assert_close(r.last, 1 - 3.0 / ROWS, 1e-12);
    ASSERT_CHECK(r, LAST, FAIL, BEYOND);
    mutant_state mem;
    kedge_model m = make(SOUND, 2, &mutant, &mem);
    double before = 0, hits = 0, sum = 0; /* rows without weight are no rows before */
    table(ROWS, 2, 5);
    for (size_t i = 0; i < ROWS; i++) {
        hits += weight[i] * (y[i] == before);
        sum += weight[i];
        before = weight[i] > 0 ? y[i] : before;
    }
    r = run_weighted(&m, &c, NULL, weight);
    assert_close(r.last, hits / sum, 1e-12);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = 0;
    r = run_kind(BLIND, 2, &c); /* the same answers: not better */
    ASSERT_CHECK(r, USUAL, FAIL, BEYOND);
    ASSERT_QUIET();
}

/* P(as many or more go to the champion), half of its own chance; by sums of binomials. */
static double naive_mid_p(uint64_t lost, uint64_t won)
{
    double sum = 0, n = (double)(lost + won);
    for (uint64_t k = lost; k <= lost + won; k++) {
        double term = exp(lgamma(n + 1) - lgamma((double)k + 1) - lgamma(n - (double)k + 1) - n * log(2));
        sum += k == lost ? term / 2 : term;
    }
    return sum;
}

static void test_champion(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem, other;
    kedge_model m, champion;
    (void)unused;
    table(ROWS, 2, 6);
    m = make(SOUND, 2, &mutant, &mem);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, CHAMPION, SKIPPED, NO_CHAMPION);
    ASSERT_CHECK(r, MCNEMAR, SKIPPED, NO_CHAMPION);
    champion = make(SOUND, 2, &strict, &other);
    r = run(&m, &c, &champion); /* the same answers */
    ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
    ASSERT_CHECK(r, MCNEMAR, PASS, WITHIN);
    assert_true(r.checks[KEDGE_BATTERY_CHAMPION].figure.low == 0 && r.champion == r.checks[KEDGE_BATTERY_QUALITY].figure.value);
    assert_close(r.checks[KEDGE_BATTERY_MCNEMAR].figure.value, 0.5, 1e-12);
    champion = make(BAD_SLICE, 2, &mutant, &other);
    r = run(&m, &c, &champion);
    ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
    ASSERT_CHECK(r, MCNEMAR, PASS, WITHIN);
    uint64_t won = r.only_model, lost = r.only_champion;
    assert_true(won > 2 * lost && lost > 0);
    assert_close(r.checks[KEDGE_BATTERY_CHAMPION].figure.value, ((double)won - (double)lost) / ROWS, 1e-12);
    assert_close(r.checks[KEDGE_BATTERY_MCNEMAR].figure.value, naive_mid_p(lost, won), 1e-10);
    r = run(&champion, &c, &m); /* and the other way round */
    ASSERT_CHECK(r, CHAMPION, FAIL, BEYOND);
    ASSERT_CHECK(r, MCNEMAR, FAIL, BEYOND);
    assert_true(r.only_model == lost && r.only_champion == won);
    assert_true(fabs(r.checks[KEDGE_BATTERY_MCNEMAR].figure.value - naive_mid_p(won, lost)) < 1e-6 * naive_mid_p(won, lost));
    c.loss_champion = 0.5;
    r = run(&champion, &c, &m);
    ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
    c.block = 5;
    r = run(&m, &c, &champion);
    ASSERT_CHECK(r, MCNEMAR, SKIPPED, DEPENDENT);
    champion = make(NOT_A_NUMBER, 2, &mutant, &other);
    r = run(&m, &c, &champion);
    ASSERT_CHECK(r, CHAMPION, SKIPPED, CHAMPION_BROKEN);
    ASSERT_CHECK(r, MCNEMAR, SKIPPED, CHAMPION_BROKEN);
    assert_true(isnan(r.champion) && r.verdict == KEDGE_BATTERY_PASS);
    x[5] = (double)NAN;
    champion = make(SOUND, 2, &strict, &other);
    r = run(&m, &c, &champion); /* refuses a row that the model takes */
    ASSERT_CHECK(r, CHAMPION, SKIPPED, CHAMPION_BROKEN);
    ASSERT_QUIET();
}

/* Disturbed rows -------------------------------------------------------------------------------------------------------------- */

static uint64_t seed_of(const kedge_battery_config *c, int use)
{
    kedge_rng rng = {c->seed};
    uint64_t seed = 0;
    for (int i = 0; i <= use; i++)
        seed = kedge_rng_next(&rng);
    return seed;
}

static void naive_noise(const kedge_battery_config *c, double *out)
{
    kedge_rng rng = {seed_of(c, 1)};
    double deviation[WIDTH];
    for (size_t j = 0; j < WIDTH; j++) {
        double n = 0, mean = 0, squares = 0;
        for (size_t i = 0; i < ROWS; i++)
            if (!isnan(x[i * WIDTH + j])) {
                mean += x[i * WIDTH + j];
                n++;
            }
        for (size_t i = 0; i < ROWS; i++)
            if (!isnan(x[i * WIDTH + j]))
                squares += (x[i * WIDTH + j] - mean / n) * (x[i * WIDTH + j] - mean / n);
        deviation[j] = sqrt(squares / n);
    }
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < WIDTH; j++) {
            double *v = &out[i * WIDTH + j];
            *v = x[i * WIDTH + j];
            if (c->nominal[0] >> j & 1) {
                if (kedge_rng_uniform(&rng) < c->noise)
                    *v = x[kedge_rng_below(&rng, ROWS) * WIDTH + j];
            } else {
                *v += c->noise * deviation[j] * kedge_rng_normal(&rng);
            }
        }
}

static void test_noise(void **unused)
{
    static double noisy[ROWS * WIDTH];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem;
    kedge_model m = make(BAD_SLICE, 2, &mutant, &mem);
    kedge_rows t = kedge_rows_float64(noisy, ROWS, WIDTH);
    (void)unused;
    table(ROWS, 2, 7);
    x[0] = (double)NAN; /* stays missing */
    c.noise = 0.4;
    c.nominal[0] = 2;
    r = run(&m, &c, NULL);
    naive_noise(&c, noisy);
    assert_close(r.noise, score_on(&m, KEDGE_SCORE_ACCURACY, &t, y, NULL), 1e-12);
    assert_close(r.checks[KEDGE_BATTERY_NOISE].figure.value, r.checks[KEDGE_BATTERY_QUALITY].figure.value - r.noise, 1e-12);
    c.noise = 0.01;
    c.nominal[0] = 0;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, NOISE, PASS, WITHIN);
    r = run_kind(BRITTLE, 2, &c);
    ASSERT_CHECK(r, NOISE, FAIL, BEYOND);
    assert_true(r.checks[KEDGE_BATTERY_QUALITY].figure.value > 0.7 && r.noise < 0.6);
    c.loss_noise = (double)NAN;
    r = run_kind(BRITTLE, 2, &c);
    ASSERT_CHECK(r, NOISE, SKIPPED, NO_LIMIT);
    c.loss_noise = 0;
    c.noise = 0;
    r = run_kind(BRITTLE, 2, &c); /* no noise costs nothing */
    ASSERT_CHECK(r, NOISE, PASS, WITHIN);
    x[2] = DBL_MAX; /* far values stay, and do not spoil the spread of others */
    x[WIDTH + 2] = -DBL_MAX;
    c.noise = 100;
    r = run_kind(SOUND, 2, &c);
    assert_true(isfinite(r.noise));
    ASSERT_QUIET();
}

static void test_missing(void **unused)
{
    static double holes[ROWS * WIDTH];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem;
    kedge_model m = make(LAZY, 2, &mutant, &mem);
    kedge_rows t = kedge_rows_float64(holes, ROWS, WIDTH);
    (void)unused;
    table(ROWS, 2, 8);
    kedge_rng rng = {seed_of(&c, 2)};
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        holes[i] = kedge_rng_uniform(&rng) < c.missing ? (double)NAN : x[i];
    r = run(&m, &c, NULL);
    assert_close(r.missing, score_on(&m, KEDGE_SCORE_ACCURACY, &t, y, NULL), 1e-12);
    ASSERT_CHECK(r, MISSING, UNDECIDED, UNSURE);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS); /* it need not be proven */
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, MISSING, PASS, WITHIN);
    c.missing = 0.5;
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, MISSING, FAIL, BEYOND);
    m = make(SOUND, 2, &strict, &mem);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, MISSING, SKIPPED, REFUSES_MISSING);
    assert_true(isnan(r.missing));
    c.checks &= ~(1u << KEDGE_BATTERY_MISSING | 1u << KEDGE_BATTERY_NOISE);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, MISSING, SKIPPED, OFF);
    ASSERT_CHECK(r, NOISE, SKIPPED, OFF);
    assert_true(isnan(r.noise));
    ASSERT_QUIET();
}

/* Slices ----------------------------------------------------------------------------------------------------------------------- */

/* The worst of the slices by its own table. */
static double naive_worst(const kedge_model *m, uint32_t by, const double *key, const double *w, size_t least, double *which,
                          size_t *n_rows)
{
    static double part[ROWS * WIDTH], part_y[ROWS], part_w[ROWS];
    double worst = (double)NAN;
    for (size_t k = 0; k < ROWS; k++) {
        size_t n = 0, counted = 0;
        for (size_t i = 0; i < ROWS; i++)
            if (key[i] == key[k] || (isnan(key[i]) && isnan(key[k]))) {
                memcpy(part + n * WIDTH, x + i * WIDTH, WIDTH * sizeof *x);
                part_w[n] = w ? w[i] : 1;
                counted += part_w[n] > 0;
                part_y[n++] = y[i];
            }
        kedge_rows t = kedge_rows_float64(part, n, WIDTH);
        if (counted < least)
            continue;
        double score = score_on(m, by, &t, part_y, part_w);
        if (!isnan(score) && (isnan(worst) || (kedge_score_direction(by) > 0 ? score < worst : score > worst))) {
            worst = score;
            *which = key[k];
            *n_rows = counted;
        }
    }
    return worst;
}

static void test_slices(void **unused)
{
    static double key[ROWS];
    static uint32_t groups[ROWS];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    mutant_state mem;
    kedge_model m = make(BAD_SLICE, 2, &mutant, &mem);
    double which = 0;
    size_t n = 0;
    (void)unused;
    table(ROWS, 2, 9);
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, SLICE, SKIPPED, NO_SLICES);
    c.slice_column = 1;
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, SLICE, FAIL, BEYOND);
    assert_true(r.slice == 2 && r.n_slices == 4);
    c.loss_slice = 0.2;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SLICE, PASS, WITHIN);
    c.loss_slice = 0;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SLICE, UNDECIDED, UNSURE);
    c.least_slice = ROWS;
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SLICE, SKIPPED, SMALL_SLICES);
    assert_true(r.n_slices == 0 && r.slice_rows == 0 && isnan(r.slice));
    c = limits();
    c.groups = groups;
    c.n_resamples = 2000;
    kedge_figure of_two, of_many;
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = x[i * WIDTH + 1] == 2;
    r = run(&m, &c, NULL);
    of_two = r.checks[KEDGE_BATTERY_SLICE].figure;
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = x[i * WIDTH + 1] == 2 ? 100 : (uint32_t)(i % 7);
    r = run(&m, &c, NULL); /* the same slice is the worst, now of more, so it takes more to blame it */
    of_many = r.checks[KEDGE_BATTERY_SLICE].figure;
    assert_true(r.slice == 100 && r.n_slices == 8 && of_many.value == of_two.value);
    assert_true(of_many.low < of_two.low && of_two.high < of_many.high);
    for (size_t i = 0; i < ROWS; i++)
        groups[i] = (uint32_t)(i % 4);
    c.least_slice = ROWS / 4;
    r = run(&m, &c, NULL);
    assert_int_equal(r.n_slices, 4);
    c.least_slice = ROWS / 4 + 1;
    r = run(&m, &c, NULL);
    ASSERT_CHECK(r, SLICE, SKIPPED, SMALL_SLICES);
    for (uint32_t round = 0; round < 10; round++) { /* against tables of their own */
        static const uint32_t scores[] = {KEDGE_SCORE_ACCURACY, KEDGE_SCORE_LOG_LOSS, KEDGE_SCORE_BRIER, KEDGE_SCORE_AUC,
                                          KEDGE_SCORE_ACCURACY};
        const double *w = round % 2 ? weight : NULL;
        table(ROWS, 2, 20 + round);
        c = limits();
        c.checks = 1u << KEDGE_BATTERY_SLICE;
        c.score = scores[round / 2];
        c.least_slice = 20;
        for (size_t i = 0; i < ROWS; i++) {
            if (i % 9 == 0)
                x[i * WIDTH + 1] = i % 2 ? (double)NAN : -0.0;
            groups[i] = (uint32_t)(i * i % 7) + 4000000000u;
            key[i] = round < 5 ? x[i * WIDTH + 1] : (double)groups[i];
        }
        c.slice_column = round < 5 ? 1 : KEDGE_NO_COLUMN;
        c.groups = round < 5 ? NULL : groups;
        r = run_weighted(&m, &c, NULL, w);
        double worst = naive_worst(&m, c.score, key, w, c.least_slice, &which, &n);
        assert_close(r.slice_score, worst, 1e-12);
        assert_true(r.slice == which || (isnan(r.slice) && isnan(which)));
        assert_int_equal(r.slice_rows, n);
        double all = score_on(&m, c.score, &rows, y, w);
        assert_close(r.checks[KEDGE_BATTERY_SLICE].figure.value, kedge_score_direction(c.score) * (all - worst), 1e-12);
        assert_int_equal(r.n_skipped, KEDGE_BATTERY_CHECKS - 1);
    }
    ASSERT_QUIET();
}

static void test_calibration(void **unused)
{
    static unsigned long long mem[2000];
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    for (uint32_t n_classes = 2; n_classes <= 3; n_classes++) {
        kedge_reliability_config how = kedge_reliability_defaults(n_classes);
        kedge_reliability_report told;
        kedge_metric q;
        mutant_state state;
        kedge_model m = make(SOUND, n_classes, &mutant, &state);
        table(ROWS, n_classes, 10);
        c.n_bins = how.n_bins = 12;
        r = run_weighted(&m, &c, NULL, weight);
        assert_int_equal(kedge_metric_init(&q, &how.base, mem, sizeof mem), KEDGE_OK);
        for (size_t i = 0; i < ROWS; i++) {
            double scores[3];
            assert_int_equal(kedge_model_score(&m, x + i * WIDTH, scores, n_classes), KEDGE_OK);
            assert_int_equal(kedge_reliability_record(&q, (uint32_t)y[i], scores, n_classes, weight[i]), KEDGE_OK);
        }
        assert_int_equal(kedge_reliability_read(&q, &told), KEDGE_OK);
        assert_close(r.checks[KEDGE_BATTERY_CALIBRATION].figure.value, told.ece, 1e-12);
    }
    table(ROWS, 2, 11);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, CALIBRATION, PASS, WITHIN);
    c.calibration = 0.05;
    r = run_kind(SURE, 2, &c);
    ASSERT_CHECK(r, CALIBRATION, FAIL, BEYOND);
    table(ROWS, 0, 11);
    c.score = KEDGE_SCORE_R2;
    r = run_kind(SOUND, 0, &c);
    ASSERT_CHECK(r, CALIBRATION, SKIPPED, NOT_CLASSES);
    ASSERT_QUIET();
}

/* Answers --------------------------------------------------------------------------------------------------------------------- */

static void test_sound(void **unused)
{
    static const struct {
        uint32_t kind, n_classes;
        int32_t why;
    } broken[] = {{NOT_A_NUMBER, 2, KEDGE_WHY_NOT_FINITE}, {NOT_A_NUMBER, 0, KEDGE_WHY_NOT_FINITE},
                  {NO_CLASS, 2, KEDGE_WHY_NO_CLASS},       {NEGATIVE, 2, KEDGE_WHY_NO_PROBABILITY},
                  {HEAVY, 2, KEDGE_WHY_NO_PROBABILITY},    {FAILS, 2, KEDGE_WHY_ERROR}};
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
        uint64_t n = 0, first = UINT64_MAX;
        table(ROWS, broken[k].n_classes, 12);
        c.score = broken[k].n_classes > 0 ? KEDGE_SCORE_ACCURACY : KEDGE_SCORE_R2;
        r = run_kind(broken[k].kind, broken[k].n_classes, &c);
        for (size_t i = 0; i < ROWS; i++) {
            first = x[i * WIDTH + 2] > 1 && n == 0 ? i : first;
            n += x[i * WIDTH + 2] > 1;
        }
        assert_true(n > 20 && r.first_broken == first && r.checks[KEDGE_BATTERY_SOUND].figure.value == (double)n);
        assert_int_equal(r.checks[KEDGE_BATTERY_SOUND].verdict, KEDGE_BATTERY_FAIL);
        assert_int_equal(r.checks[KEDGE_BATTERY_SOUND].why, broken[k].why);
        ASSERT_CHECK(r, QUALITY, FAIL, BROKEN);
        ASSERT_CHECK(r, NOISE, FAIL, BROKEN);
        ASSERT_CHECK(r, SAME, FAIL, BROKEN);
        assert_int_equal(r.status, broken[k].kind == FAILS ? KEDGE_ERR_NUMERIC : KEDGE_OK);
        assert_int_equal(r.verdict, KEDGE_BATTERY_FAIL);
    }
    table(ROWS, 2, 12);
    c.score = KEDGE_SCORE_ACCURACY;
    for (uint32_t n_classes = 0; n_classes <= 3; n_classes += n_classes == 0 ? 2 : 1) {
        table(ROWS, n_classes, 12);
        c.score = n_classes > 0 ? KEDGE_SCORE_ACCURACY : KEDGE_SCORE_R2;
        r = run_kind(SOUND, n_classes, &c);
        ASSERT_CHECK(r, SOUND, PASS, WITHIN);
        ASSERT_CHECK(r, SAME, PASS, WITHIN);
        ASSERT_CHECK(r, HOSTILE, PASS, WITHIN);
        assert_int_equal(r.first_broken, UINT64_MAX);
    }
    ASSERT_QUIET();
}

static void test_same(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 13);
    c.checks = 1u << KEDGE_BATTERY_SAME;
    r = run_kind(FORGETFUL, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, FORGETFUL);
    assert_true(r.checks[KEDGE_BATTERY_SAME].figure.value > ROWS / 4);
    r = run_kind(SCORES_VARY, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, FORGETFUL);
    c.score = KEDGE_SCORE_LOG_LOSS; /* does not look at the classes, which change */
    r = run_kind(LATER, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, FORGETFUL);
    r = run_kind(BATCH_ONLY, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, BATCH);
    assert_true(r.checks[KEDGE_BATTERY_SAME].figure.value == ROWS);
    r = run_kind(CHANGES, 2, &c);
    ASSERT_CHECK(r, SAME, FAIL, CHANGED);
    r = run_kind(SOUND, 2, &c);
    ASSERT_CHECK(r, SAME, PASS, WITHIN);
    assert_int_equal(r.verdict, KEDGE_BATTERY_PASS);
    c.checks = 0;
    r = run_kind(CHANGES, 2, &c);
    assert_int_equal(r.verdict, KEDGE_BATTERY_SKIPPED);
    assert_int_equal(r.n_skipped, KEDGE_BATTERY_CHECKS);
}

static void test_hostile(void **unused)
{
    kedge_battery_config c = limits();
    kedge_battery_report r;
    (void)unused;
    table(ROWS, 2, 14);
    r = run_kind(EXPLODES, 2, &c);
    ASSERT_CHECK(r, SOUND, PASS, WITHIN); /* of rows like these */
    ASSERT_CHECK(r, HOSTILE, FAIL, NOT_FINITE);
    assert_int_equal(r.n_failed, 1);
    r = run_kind(FALLS, 2, &c);
    ASSERT_CHECK(r, HOSTILE, FAIL, ERROR);
    assert_int_equal(r.status, KEDGE_ERR_NUMERIC);
    c.n_hostile = 1;
    r = run_kind(FALLS, 2, &c); /* zeros only */
    ASSERT_CHECK(r, HOSTILE, PASS, WITHIN);
}

/* All scores, weights, strides ------------------------------------------------------------------------------------------------ */

static void test_all_scores(void **unused)
{
    (void)unused;
    for (uint32_t by = KEDGE_SCORE_ACCURACY; by <= KEDGE_SCORE_R2; by++) {
        static float narrow[ROWS * 2 * WIDTH];
        uint32_t n_classes = by <= KEDGE_SCORE_AUC ? 2 : 0;
        kedge_battery_config c = limits();
        mutant_state mem, other;
        unsigned long long base[KEDGE_BASELINE_BYTES_FOR(2u) / 8];
        kedge_model m = make(SOUND, n_classes, &mutant, &mem), champion = make(BAD_SLICE, n_classes, &mutant, &other), usual;
        kedge_baseline_config cfg = kedge_baseline_defaults(WIDTH, n_classes);
        size_t used;
        table(ROWS, n_classes, 30 + by);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < WIDTH; j++) {
                narrow[2 * (i * WIDTH + j)] = (float)x[i * WIDTH + j];
                x[i * WIDTH + j] = (double)(float)x[i * WIDTH + j];
            }
        c.score = by;
        c.slice_column = 1;
        kedge_battery_report r = run_weighted(&m, &c, &champion, weight), again;
        double all = score_on(&m, by, &rows, y, weight);
        int sign = kedge_score_direction(by);
        assert_close(r.checks[KEDGE_BATTERY_QUALITY].figure.value, all, 1e-12);
        assert_close(r.champion, score_on(&champion, by, &rows, y, weight), 1e-12);
        assert_int_equal(kedge_model_init(&usual, &cfg.base, base, sizeof base), KEDGE_OK);
        assert_int_equal(kedge_model_learn_many(&usual, &rows, y, weight, &used), KEDGE_OK);
        assert_close(r.usual, score_on(&usual, by, &rows, y, weight), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_USUAL].figure.value, sign * (all - r.usual), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_LAST].figure.value, sign * (all - r.last), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_NOISE].figure.value, sign * (all - r.noise), 1e-12);
        ASSERT_CHECK(r, USUAL, PASS, WITHIN);
        ASSERT_CHECK(r, LAST, PASS, WITHIN);
        ASSERT_CHECK(r, CHAMPION, PASS, WITHIN);
        for (int i = 0; i <= KEDGE_BATTERY_MISSING; i++) {
            const kedge_figure *f = &r.checks[i].figure;
            if (i != KEDGE_BATTERY_MCNEMAR)
                assert_true(f->low <= f->value && f->value <= f->high && f->deviation >= 0);
        }
        int has_unit = by == KEDGE_SCORE_MSE || by == KEDGE_SCORE_RMSE || by == KEDGE_SCORE_MAE;
        assert_close(r.checks[KEDGE_BATTERY_NOISE].limit, 0.05 * (has_unit ? r.usual : 1), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_SLICE].limit, 0.1 * (has_unit ? r.usual : 1), 1e-12);
        assert_close(r.checks[KEDGE_BATTERY_CHAMPION].limit, -0.01 * (has_unit ? r.usual : 1), 1e-12);
        rows = kedge_rows_float32(narrow, ROWS, WIDTH); /* every second number of a table of floats */
        rows.row_stride = 2 * WIDTH;
        rows.column_stride = 2;
        again = run_weighted(&m, &c, &champion, weight);
        assert_memory_equal(&r, &again, sizeof r);
        ASSERT_QUIET();
    }
}

/* Intervals ------------------------------------------------------------------------------------------------------------------- */

/* How often intervals of 90 % hold the truth. SOUND is right with the probability that it gives: 0.5 + 0.5 |signal|, 5/6 on average
 * for this signal; BAD_SLICE is wrong in a quarter of the rows instead, so it is worse by a quarter of 2 * 5/6 - 1. Limits are four
 * standard errors of 150 tables around a little less than what is nominal. */
static void test_coverage(void **unused)
{
    enum { TRIALS = 150, N = 150 };
    int quality = 0, gain = 0, wrong = 0;
    kedge_battery_config c = limits();
    (void)unused;
    c.confidence = 0.9;
    c.checks = 1u << KEDGE_BATTERY_QUALITY | 1u << KEDGE_BATTERY_CHAMPION;
    c.quality = 5.0 / 6.0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        mutant_state mem, other;
        kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(BAD_SLICE, 2, &mutant, &other);
        table(N, 2, 1000 + trial);
        c.seed = trial;
        kedge_battery_report r = run(&m, &c, &champion);
        const kedge_battery_check *q = &r.checks[KEDGE_BATTERY_QUALITY], *g = &r.checks[KEDGE_BATTERY_CHAMPION];
        quality += q->figure.low <= 5.0 / 6.0 && 5.0 / 6.0 <= q->figure.high;
        gain += g->figure.low <= 1.0 / 6.0 && 1.0 / 6.0 <= g->figure.high;
        wrong += q->verdict != KEDGE_BATTERY_UNDECIDED; /* a model at the limit is told apart from it as seldom */
    }
    assert_true(quality > 0.79 * TRIALS && quality < 0.99 * TRIALS);
    assert_true(gain > 0.77 * TRIALS && gain < 0.99 * TRIALS);
    assert_int_equal(wrong, TRIALS - quality);
}

/* The paired bootstrap's standard error against that of n differences. */
static void test_deviation(void **unused)
{
    kedge_battery_config c = limits();
    mutant_state mem, other;
    kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(BAD_SLICE, 2, &mutant, &other);
    (void)unused;
    table(ROWS, 2, 15);
    c.n_resamples = 2000;
    c.checks = 1u << KEDGE_BATTERY_CHAMPION;
    kedge_battery_report r = run(&m, &c, &champion);
    double won = (double)r.only_model / ROWS, lost = (double)r.only_champion / ROWS;
    double exact = sqrt((won + lost - (won - lost) * (won - lost)) / ROWS);
    const kedge_figure f = r.checks[KEDGE_BATTERY_CHAMPION].figure;
    assert_true(fabs(f.deviation / exact - 1) < 0.08);
    assert_true(fabs((f.high - f.low) / (2 * 1.96 * exact) - 1) < 0.12);
    c.block = ROWS + 5; /* one block is the whole table: nothing varies */
    r = run(&m, &c, &champion);
    assert_true(r.checks[KEDGE_BATTERY_CHAMPION].figure.deviation < 1e-12);
}

/* Every model of the core passes what must hold for all: answers that are sound, the same and finite. */
static void test_core_models(void **unused)
{
    kedge_battery_config c = limits();
    static unsigned long long mem[100000], work[200000];
    kedge_logistic_config logistic = kedge_logistic_defaults(WIDTH, 2);
    kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(WIDTH, 2);
    kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(WIDTH, 2);
    kedge_knn_config knn = kedge_knn_defaults(WIDTH, 2);
    kedge_random_forest_config forest = kedge_random_forest_defaults(WIDTH, 2);
    kedge_model_config *all[] = {&logistic.base, &bayes.base, &tree.base, &knn.base, &forest.base};
    (void)unused;
    forest.n_trees = 5;
    forest.max_leaves = 16;
    c.quality = 0.6;
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        kedge_model m;
        size_t used;
        table(ROWS, 2, 16);
        assert_int_equal(kedge_model_init(&m, all[k], mem, sizeof mem), KEDGE_OK);
        if (all[k]->cls->fit)
            assert_int_equal(kedge_model_fit(&m, &rows, y, NULL, work, sizeof work), KEDGE_OK);
        else
            assert_int_equal(kedge_model_learn_many(&m, &rows, y, NULL, &used), KEDGE_OK);
        table(ROWS, 2, 17);
        kedge_battery_report r = run(&m, &c, NULL);
        ASSERT_CHECK(r, QUALITY, PASS, WITHIN);
        ASSERT_CHECK(r, USUAL, PASS, WITHIN);
        ASSERT_CHECK(r, SOUND, PASS, WITHIN);
        ASSERT_CHECK(r, SAME, PASS, WITHIN);
        ASSERT_CHECK(r, HOSTILE, PASS, WITHIN);
        ASSERT_QUIET();
    }
}

/* Errors, memory, words ------------------------------------------------------------------------------------------------------- */

static void test_errors(void **unused)
{
    kedge_battery_config c = limits(), bad;
    kedge_battery_report r, before;
    mutant_state mem, other;
    kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(SOUND, 3, &mutant, &other), none = {NULL, NULL};
    size_t n;
    (void)unused;
    table(ROWS, 2, 18);
    n = kedge_battery_work(&m, &c, ROWS, NULL);
    unsigned char *work = guard_new(n + 8, 0x5C);
    memset(&r, 0x77, sizeof r);
    before = r;
#define ASSERT_REFUSED(status, ...) assert_int_equal(kedge_battery_run(__VA_ARGS__), status)
    ASSERT_REFUSED(KEDGE_ERR_BUFFER, &m, &c, &rows, y, NULL, NULL, work, n - 1, &r);
    ASSERT_REFUSED(KEDGE_ERR_ALIGN, &m, &c, &rows, y, NULL, NULL, work + 4, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, y, NULL, NULL, NULL, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, y, NULL, NULL, work, n, NULL);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, NULL, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, NULL, y, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, NULL, &rows, y, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &none, &c, &rows, y, NULL, NULL, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_NULL, &m, &c, &rows, y, NULL, &none, work, n, &r);
    ASSERT_REFUSED(KEDGE_ERR_SHAPE, &m, &c, &rows, y, NULL, &champion, work, n, &r);
    rows.n_rows = 0;
    ASSERT_REFUSED(KEDGE_ERR_SHAPE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    rows.n_rows = ROWS;
    rows.n_columns = WIDTH - 1;
    ASSERT_REFUSED(KEDGE_ERR_SHAPE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    rows.n_columns = WIDTH;
    bad = c;
    bad.score = KEDGE_SCORE_R2;
    ASSERT_REFUSED(KEDGE_ERR_UNSUPPORTED, &m, &bad, &rows, y, NULL, NULL, work, n, &r);
    y[3] = 2;
    ASSERT_REFUSED(KEDGE_ERR_RANGE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    y[3] = 1;
    x[3] = (double)INFINITY;
    ASSERT_REFUSED(KEDGE_ERR_NOT_FINITE, &m, &c, &rows, y, NULL, NULL, work, n, &r);
    x[3] = 0;
    weight[2] = -1;
    ASSERT_REFUSED(KEDGE_ERR_RANGE, &m, &c, &rows, y, weight, NULL, work, n, &r);
    assert_memory_equal(&r, &before, sizeof r);
#define ASSERT_CONFIG(field, value)                                                                                              \
    do {                                                                                                                         \
        bad = c;                                                                                                                 \
        bad.field = value;                                                                                                       \
        assert_true(kedge_battery_work(&m, &bad, ROWS, NULL) == 0);                                                              \
        ASSERT_REFUSED(KEDGE_ERR_CONFIG, &m, &bad, &rows, y, NULL, NULL, work, n, &r);                                           \
    } while (0)
    static const uint32_t groups[ROWS];
    ASSERT_CONFIG(config_bytes, 0);
    ASSERT_CONFIG(checks, 1u << 16);
    ASSERT_CONFIG(prove, 1u << 16);
    ASSERT_CONFIG(confidence, 0.4);
    ASSERT_CONFIG(confidence, 1);
    ASSERT_CONFIG(confidence, (double)NAN);
    ASSERT_CONFIG(n_resamples, 99);
    ASSERT_CONFIG(n_resamples, 100001);
    ASSERT_CONFIG(block, 0);
    ASSERT_CONFIG(least_rows, 0);
    ASSERT_CONFIG(least_slice, 0);
    ASSERT_CONFIG(n_bins, 0);
    ASSERT_CONFIG(n_bins, 1001);
    ASSERT_CONFIG(quality, (double)INFINITY);
    ASSERT_CONFIG(gain_usual, 2e6);
    ASSERT_CONFIG(gain_last, -2e6);
    ASSERT_CONFIG(loss_champion, -0.1);
    ASSERT_CONFIG(noise, -1);
    ASSERT_CONFIG(noise, (double)NAN);
    ASSERT_CONFIG(loss_noise, -1);
    ASSERT_CONFIG(missing, 1.1);
    ASSERT_CONFIG(loss_missing, -1);
    ASSERT_CONFIG(loss_slice, (double)INFINITY);
    ASSERT_CONFIG(calibration, 1.1);
    ASSERT_CONFIG(median_ns, -1);
    ASSERT_CONFIG(tail_ns, (double)INFINITY);
    ASSERT_CONFIG(state_bytes, -1);
    ASSERT_CONFIG(snapshot_bytes, 1e19);
    ASSERT_CONFIG(slice_column, WIDTH);
    ASSERT_CONFIG(n_timed, 0);
    ASSERT_CONFIG(n_hostile, 0);
    bad = c;
    bad.groups = groups;
    bad.slice_column = 1;
    ASSERT_REFUSED(KEDGE_ERR_CONFIG, &m, &bad, &rows, y, NULL, NULL, work, n, &r);
    guard_free(work);
    assert_int_equal(kedge_battery_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
    assert_int_equal(kedge_battery_config_init(&c, sizeof c - 8), KEDGE_ERR_CONFIG);
    assert_true(kedge_battery_work(NULL, &c, ROWS, NULL) == 0);
    assert_true(kedge_battery_work(&m, NULL, ROWS, NULL) == 0);
    assert_true(kedge_battery_work(&m, &c, 0, NULL) == 0);
    assert_true(kedge_battery_work(&m, &c, ROWS, &champion) == 0);
    assert_true(sizeof(size_t) == 4 || kedge_battery_work(&m, &c, (size_t)UINT32_MAX, NULL) == 0);
}

/* Dirty memory, the same report; another seed, another one; the limits of one check change no other. */
static void test_determinism(void **unused)
{
    kedge_battery_config c = limits();
    mutant_state mem, other;
    kedge_model m = make(SOUND, 2, &mutant, &mem), champion = make(LAZY, 2, &mutant, &other);
    kedge_battery_report r[4];
    (void)unused;
    table(ROWS, 2, 19);
    c.slice_column = 1;
    c.score = KEDGE_SCORE_AUC;
    size_t n = kedge_battery_work(&m, &c, ROWS, &champion);
    for (int i = 0; i < 4; i++) {
        void *work = guard_new(n, (unsigned char)(i * 85));
        c.seed = i == 2 ? 7 : 1;
        c.checks = i == 3 ? KEDGE_BATTERY_ALL & ~(1u << KEDGE_BATTERY_NOISE) : KEDGE_BATTERY_ALL;
        assert_int_equal(kedge_battery_run(&m, &c, &rows, y, NULL, &champion, work, n, &r[i]), KEDGE_OK);
        guard_free(work);
    }
    assert_memory_equal(&r[0], &r[1], sizeof r[0]);
    assert_memory_not_equal(&r[0], &r[2], sizeof r[0]);
    for (int i = 0; i < (int)KEDGE_BATTERY_CHECKS; i++)
        if (i != KEDGE_BATTERY_NOISE)
            assert_memory_equal(&r[0].checks[i], &r[3].checks[i], sizeof r[0].checks[i]);
    assert_int_equal(r[0].n_passed + r[0].n_failed + r[0].n_undecided + r[0].n_skipped, KEDGE_BATTERY_CHECKS);
}

static void test_words(void **unused)
{
    (void)unused;
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++)
        for (uint32_t k = 0; k <= i; k++)
            assert_int_equal(strcmp(kedge_battery_check_name(i), kedge_battery_check_name(k)) == 0, i == k);
    assert_string_equal(kedge_battery_check_name(KEDGE_BATTERY_HOSTILE), "hostile");
    assert_string_equal(kedge_battery_check_name(KEDGE_BATTERY_CHECKS), "unknown");
    assert_string_equal(kedge_battery_verdict_string(KEDGE_BATTERY_UNDECIDED), "undecided");
    assert_string_equal(kedge_battery_verdict_string(0), "unknown");
    for (int32_t i = KEDGE_WHY_WITHIN; i <= KEDGE_WHY_UNEXPECTED; i++)
        assert_string_not_equal(kedge_battery_reason_string(i), "unknown");
    assert_string_equal(kedge_battery_reason_string(KEDGE_WHY_UNEXPECTED + 1), "unknown");
}

/* Numbers as they read, and read back; a report into every size of buffer. */
static void test_text(void **unused)
{
    static const struct {
        double x;
        const char *text;
    } numbers[] = {{0, "0"},
                   {-0.0, "0"},
                   {1, "1"},
                   {0.5, "0.5"},
                   {0.05, "0.05"},
                   {-0.25, "-0.25"},
                   {0.8554, "0.8554"},
                   {0.99996, "1"},
                   {0.12347, "0.1235"},
                   {999.96, "1000"},
                   {12.344, "12.34"},
                   {1234.6, "1235"},
                   {1040536, "1040536"},
                   {123456789012345, "123456789012345"},
                   {1e15, "1e15"},
                   {1.5e-5, "1.5e-5"},
                   {2e-300, "2e-300"},
                   {-1e300, "-1e300"},
                   {1.2344e20, "1.234e20"},
                   {0.0001234, "0.0001234"},
                   {0.00099999, "0.001"},
                   {9.9996, "10"}};
    kedge_battery_config c = limits();
    char text[4096], expected[64];
    size_t len, again;
    (void)unused;
    table(ROWS, 2, 40);
    c.slice_column = 1;
    kedge_battery_report r = run_kind(SOUND, 2, &c);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        r.slice = numbers[k].x;
        snprintf(expected, sizeof expected, "worst slice: %s with ", numbers[k].text);
        assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
        assert_non_null(strstr(text, expected));
        assert_int_equal(strlen(text), len);
    }
    kedge_rng rng = {1};
    for (int k = 0; k < 2000; k++) {
        r.slice = exp(40 * kedge_rng_uniform(&rng) - 20);
        assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
        double back = strtod(strstr(text, "worst slice: ") + 13, NULL);
        assert_true(fabs(back / r.slice - 1) <= 0.5001e-3);
    }
    assert_non_null(strstr(text, "\nquality     skipped   0."));
    assert_non_null(strstr(text, ": no limit given\nusual       pass      "));
    assert_non_null(strstr(text, "\nmedian      skipped   no clock given\n"));
    assert_non_null(strstr(text, "\nsame        pass      0 against 0: within the limit\n"));
    assert_int_equal(kedge_battery_write(&r, NULL, 0, &again), KEDGE_ERR_BUFFER);
    assert_int_equal(again, len);
    for (size_t cap = 0; cap <= len + 1; cap++) {
        char *buf = guard_new(cap, 0x5C);
        again = 0;
        assert_int_equal(kedge_battery_write(&r, buf, cap, &again), cap > len ? KEDGE_OK : KEDGE_ERR_BUFFER);
        assert_int_equal(again, len);
        assert_true(cap == 0 || (cap > len ? strcmp(buf, text) == 0 : buf[0] == 0x5C));
        guard_free(buf);
    }
    r.slice = (double)NAN;
    assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
    assert_non_null(strstr(text, "worst slice: the missing values with "));
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++) { /* the longest that it can be */
        kedge_figure f = {-1.234e-300, 0, -1.234e-300, -1.234e-300};
        r.checks[i].figure = f;
        r.checks[i].limit = -1.234e-300;
    }
    assert_int_equal(kedge_battery_write(&r, text, sizeof text, &len), KEDGE_OK);
    ASSERT_QUIET();
    assert_int_equal(kedge_battery_write(NULL, text, sizeof text, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_battery_write(&r, NULL, 1, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_battery_write(&r, text, sizeof text, NULL), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quality),     cmocka_unit_test(test_few_rows),   cmocka_unit_test(test_costs),
        cmocka_unit_test(test_quantiles),   cmocka_unit_test(test_baselines),  cmocka_unit_test(test_champion),
        cmocka_unit_test(test_noise),       cmocka_unit_test(test_missing),    cmocka_unit_test(test_slices),
        cmocka_unit_test(test_calibration), cmocka_unit_test(test_sound),      cmocka_unit_test(test_same),
        cmocka_unit_test(test_hostile),     cmocka_unit_test(test_all_scores), cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_deviation),   cmocka_unit_test(test_core_models), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_determinism), cmocka_unit_test(test_words),       cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
