/* SPDX-License-Identifier: MIT */
/* What a pipeline with everything in it costs a row beside the model: nanoseconds, allocations, and whether its size is exact. */
#include "policies.h"

#include <stdio.h>
#include <stdlib.h>

enum { COST_ROWS = 20000, COST_RUNS = 101, COST_FEATURES = 8 };

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define COST_COUNTED 1
/* The executable's definitions stand before the C library's. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
static volatile unsigned long cost_allocations;

void *malloc(size_t bytes)
{
    cost_allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
    cost_allocations++;
    return __libc_calloc(n, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    cost_allocations++;
    return __libc_realloc(memory, bytes);
}
#else
static const unsigned long cost_allocations = 0;
#endif

typedef struct cost {
    kedge_pipeline pipeline;
    kedge_model model;
    size_t bytes, work_bytes;
    void *mem, *work, *model_mem;
    int is_exact;
} cost;

static int cost_begin(cost *c, const double *x, const double *y, int is_level_2)
{
    kedge_gaussian_nb_config model = kedge_gaussian_nb_defaults(COST_FEATURES, 2);
    kedge_adwin_config detector = kedge_adwin_defaults();
    kedge_trigger when = KEDGE_TRIGGER_INIT;
    kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    kedge_triggers_config triggers = kedge_triggers_defaults(&when, 1);
    kedge_rollout_config rollout = kedge_rollout_defaults(stages, 2);
    kedge_store_config store = kedge_store_defaults();
    kedge_events_config events = kedge_events_defaults();
    kedge_pipeline_config cfg = kedge_pipeline_defaults(&model.base, &detector.base);
    kedge_rows rows = kedge_rows_float64(x, 1000, COST_FEATURES);
    when.kind = KEDGE_TRIGGER_SIGNAL;
    stages[0].kind = KEDGE_STAGE_SHADOW;
    store.artifact_bytes = 1u << 16;
    if (is_level_2) {
        cfg.triggers = &triggers.base;
        cfg.rollout = &rollout.base;
        cfg.store = &store.base;
        cfg.events = &events.base;
        cfg.recall_rows = 32;
    }
    c->bytes = kedge_pipeline_size(&cfg);
    c->work_bytes = kedge_pipeline_work(&cfg);
    c->mem = policies_take(c->bytes);
    c->work = policies_take(c->work_bytes);
    c->is_exact = kedge_pipeline_init(&c->pipeline, &cfg, c->mem, c->bytes - 1) == KEDGE_ERR_BUFFER;
    return kedge_pipeline_init(&c->pipeline, &cfg, c->mem, c->bytes) == KEDGE_OK &&
           kedge_pipeline_train(&c->pipeline, &rows, y, c->work, c->work_bytes) == KEDGE_OK &&
           kedge_pipeline_champion(&c->pipeline, &c->model) == KEDGE_OK;
}

static double cost_pipeline(cost *c, const double *x, const double *y, uint64_t *t)
{
    uint64_t begun = policies_cpu_ns();
    for (size_t i = 0; i < COST_ROWS; i++, ++*t) {
        double answer;
        if (kedge_pipeline_predict(&c->pipeline, *t, *t, x + i * COST_FEATURES, &answer) < 0 ||
            kedge_pipeline_label(&c->pipeline, *t, *t, y[i]) < 0 ||
            kedge_pipeline_step(&c->pipeline, *t, c->work, c->work_bytes) < 0)
            exit(1);
    }
    return (double)(policies_cpu_ns() - begun) / COST_ROWS;
}

static double cost_model(const cost *c, const double *x)
{
    uint64_t begun = policies_cpu_ns();
    for (size_t i = 0; i < COST_ROWS; i++) {
        double answer;
        if (kedge_model_predict(&c->model, x + i * COST_FEATURES, &answer) < 0)
            exit(1);
    }
    return (double)(policies_cpu_ns() - begun) / COST_ROWS;
}

static int cost_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int cost_one(const double *x, const double *y, int is_level_2)
{
    cost c;
    uint64_t t = 1;
    static double beyond[COST_RUNS], model[COST_RUNS];
    kedge_pipeline_report report;
    if (!cost_begin(&c, x, y, is_level_2))
        return 1;
    unsigned long allocations = cost_allocations;
    for (int i = -1; i < COST_RUNS; i++) { /* the first warms up */
        double plain = cost_model(&c, x), all = cost_pipeline(&c, x, y, &t);
        if (i < 0)
            continue;
        model[i] = plain;
        beyond[i] = all - plain;
    }
    allocations = cost_allocations - allocations;
    KEDGE_IGNORE(kedge_pipeline_read(&c.pipeline, &report));
    qsort(beyond, COST_RUNS, sizeof *beyond, cost_compare);
    qsort(model, COST_RUNS, sizeof *model, cost_compare);
    printf("{\"pipeline\": \"%s\", \"ns\": %.1f, \"lower\": %.1f, \"upper\": %.1f, \"model_ns\": %.1f, \"allocations\": %ld, "
           "\"bytes\": %zu, "
           "\"is_exact\": %d, \"trainings\": %.0f}\n",
           is_level_2 ? "level 2" : "retrain on drift", beyond[COST_RUNS / 2], beyond[COST_RUNS / 4], beyond[3 * COST_RUNS / 4],
               model[COST_RUNS / 2],
#ifdef COST_COUNTED
           (long)allocations,
#else
           -1L,
#endif
           c.bytes, c.is_exact, (double)report.n_trainings - 1.0);
    free(c.mem);
    free(c.work);
    return 0;
}

int policies_cost(void)
{
    kedge_rng rng = {1};
    double *x = policies_take(COST_ROWS * COST_FEATURES * sizeof *x), *y = policies_take(COST_ROWS * sizeof *y);
    for (size_t i = 0; i < COST_ROWS; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < COST_FEATURES; j++)
            sum += x[i * COST_FEATURES + j] = kedge_rng_uniform(&rng);
        y[i] = (sum > 0.5 * COST_FEATURES) != (kedge_rng_uniform(&rng) < 0.1);
    }
    int failed = cost_one(x, y, 0) || cost_one(x, y, 1);
    free(x);
    free(y);
    return failed;
}
