/* SPDX-License-Identifier: MIT */
/* Models that go wrong in a known way, a table for them, and how tests of the battery run it. */
#ifndef KEDGE_TESTS_MUTANTS_H
#define KEDGE_TESTS_MUTANTS_H

#include <fenv.h>
#include <math.h>

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

static inline void mutant_defaults(void *config)
{
    memset(config, 0, sizeof(mutant_config));
    ((mutant_config *)config)->base.config_bytes = sizeof(mutant_config);
}

static inline void mutant_configure(const void *config, void *fixed)
{
    const mutant_config *c = config;
    ((mutant_state *)fixed)->model.n_features = c->base.n_features;
    ((mutant_state *)fixed)->model.n_classes = c->base.n_classes;
    ((mutant_state *)fixed)->kind = c->kind;
}

static inline int mutant_valid(const void *fixed)
{
    const kedge_model_state *s = fixed;
    return s->n_features == WIDTH && s->n_classes <= 3;
}

static inline size_t mutant_layout(void *fixed)
{
    (void)fixed;
    return sizeof(mutant_state);
}

static inline int mutant_check(const void *state)
{
    return mutant_valid(state);
}

static inline kedge_status mutant_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    (void)x;
    (void)y;
    (void)weight;
    ((kedge_model_state *)state)->n_learned++;
    return KEDGE_OK;
}

/* The signal, as each kind sees it; in [-1, 1]. */
static inline double signal_of(const mutant_state *s, const kedge_row *x)
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

static inline kedge_status mutant_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
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

static inline kedge_status mutant_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
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
static inline void table(size_t n, uint32_t n_classes, uint64_t seed)
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

static inline kedge_model make(uint32_t kind, uint32_t n_classes, const kedge_model_class *cls, void *mem)
{
    mutant_config cfg = {{cls, sizeof cfg, WIDTH, n_classes, 0}, kind, 0};
    kedge_model m;
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof(mutant_state)), KEDGE_OK);
    return m;
}

static inline kedge_battery_config limits(void)
{
    kedge_battery_config c = kedge_battery_defaults();
    c.n_resamples = DRAWS;
    c.n_hostile = 64;
    return c;
}

static inline kedge_battery_report run_weighted(const kedge_model *m, const kedge_battery_config *c, const kedge_model *champion,
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

static inline kedge_battery_report run(const kedge_model *m, const kedge_battery_config *c, const kedge_model *champion)
{
    return run_weighted(m, c, champion, NULL);
}

static inline kedge_battery_report run_kind(uint32_t kind, uint32_t n_classes, const kedge_battery_config *c)
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

static inline double score_on(const kedge_model *m, uint32_t by, const kedge_rows *t, const double *truth, const double *w)
{
    static unsigned long long work[8 + 4 * ROWS];
    double value = (double)NAN;
    assert_true(kedge_score_model(m, by, t, truth, w, work, sizeof work, &value) >= 0);
    return value;
}

#endif
