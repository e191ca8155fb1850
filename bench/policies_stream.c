/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEGMENTS_MAX = 8 };

/* Concepts by number, in the order in which they rule, for so many rows each. */
typedef struct policies_plan {
    const char *name;
    int is_sea;
    unsigned n_segments;
    size_t segment;
    unsigned char order[SEGMENTS_MAX];
} policies_plan;

static const policies_plan plans[] = {
    {"made_sea", 1, 4, 5000, {0, 1, 2, 3}},
    {"made_hyperplane", 0, 4, 5000, {0, 1, 2, 3}},
    {"made_recurring", 0, 8, 2500, {0, 1, 2, 0, 1, 2, 0, 1}},
};

void *policies_take(size_t bytes)
{
    void *mem = malloc(bytes > 0 ? bytes : 1);
    if (!mem) {
        fputs("bench-policies: out of memory\n", stderr);
        exit(1);
    }
    return mem;
}

uint64_t policies_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static policies_rows rows_take(size_t n, uint32_t n_features)
{
    policies_rows r = {policies_take(n * n_features * sizeof(double)), policies_take(n * sizeof(double)), n};
    return r;
}

int policies_read(policies_stream *s, const char *path)
{
    size_t n;
    FILE *f = fopen(path, "r");
    int ok = f && fscanf(f, "%zu %u %u", &n, &s->n_features, &s->n_classes) == 3;
    if (ok) {
        s->rows = rows_take(n, s->n_features);
        s->first = n / 20 < 1000 ? n / 20 : 1000;
    }
    for (size_t i = 0; ok && i < n; i++) {
        for (uint32_t j = 0; ok && j < s->n_features; j++)
            ok = fscanf(f, "%lf", &s->rows.x[i * s->n_features + j]) == 1;
        ok = ok && fscanf(f, "%lf", &s->rows.y[i]) == 1;
    }
    if (f)
        fclose(f);
    if (!ok)
        fprintf(stderr, "bench-policies: %s cannot be read\n", path);
    return ok;
}

static void concept_open(kedge_stream *c, const policies_plan *plan, unsigned concept, unsigned long seed)
{
    union {
        kedge_stream_config base;
        kedge_concepts_config sea;
        kedge_hyperplane_config plane;
    } cfg;
    if (plan->is_sea) {
        cfg.sea = kedge_concepts_defaults();
        cfg.sea.before = concept + 1;
    } else {
        cfg.plane = kedge_hyperplane_defaults();
    }
    cfg.base.pattern = KEDGE_CHANGE_NONE;
    cfg.base.seed = 100 * seed + concept;
    size_t bytes = kedge_stream_size(&cfg.base);
    if (kedge_stream_init(c, &cfg.base, policies_take(bytes), bytes) < 0)
        exit(1);
}

static void concept_draw(kedge_stream *c, double *x, double *y, size_t n)
{
    if (kedge_stream_next(c, x, y, NULL, n) < 0)
        exit(1);
}

int policies_make(policies_stream *s, const char *name, unsigned long seed)
{
    const policies_plan *plan = NULL;
    kedge_stream concepts[POLICIES_CONCEPTS];
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        plan = strcmp(plans[i].name, name) == 0 ? &plans[i] : plan;
    if (!plan)
        return 0;
    s->seed = seed;
    s->first = 1000;
    s->n_concepts = POLICIES_CONCEPTS;
    for (unsigned k = 0; k < POLICIES_CONCEPTS; k++)
        concept_open(&concepts[k], plan, k, seed);
    s->n_features = kedge_stream_features(&concepts[0]);
    s->n_classes = kedge_stream_label_classes(&concepts[0]);
    for (unsigned k = 0; k < POLICIES_CONCEPTS; k++) {
        s->held[k] = rows_take(POLICIES_HELD, s->n_features);
        s->fresh[k] = rows_take(s->first, s->n_features);
        concept_draw(&concepts[k], s->held[k].x, s->held[k].y, POLICIES_HELD);
        concept_draw(&concepts[k], s->fresh[k].x, s->fresh[k].y, s->first);
    }
    s->rows = rows_take(plan->n_segments * plan->segment, s->n_features);
    s->concept_of = policies_take(s->rows.n);
    for (unsigned i = 0; i < plan->n_segments; i++) {
        size_t at = i * plan->segment;
        memset(s->concept_of + at, plan->order[i], plan->segment);
        concept_draw(&concepts[plan->order[i]], s->rows.x + at * s->n_features, s->rows.y + at, plan->segment);
    }
    for (unsigned k = 0; k < POLICIES_CONCEPTS; k++)
        free(concepts[k].state);
    return 1;
}

void policies_free(policies_stream *s)
{
    for (unsigned k = 0; k < s->n_concepts; k++) {
        free(s->held[k].x);
        free(s->held[k].y);
        free(s->fresh[k].x);
        free(s->fresh[k].y);
    }
    free(s->concept_of);
    free(s->rows.x);
    free(s->rows.y);
}

policies_rows policies_unseen(const policies_stream *s, size_t t)
{
    if (s->concept_of)
        return s->held[s->concept_of[t]];
    size_t left = s->rows.n - t - 1;
    policies_rows r = {s->rows.x + (t + 1) * s->n_features, s->rows.y + t + 1, left < POLICIES_NEXT ? left : POLICIES_NEXT};
    return r;
}

int policies_choose(policies_model *cfg, const char *name, uint32_t n_features, uint32_t n_classes)
{
    if (strcmp(name, "gaussian_nb") == 0) {
        cfg->gaussian_nb = kedge_gaussian_nb_defaults(n_features, n_classes);
    } else if (strcmp(name, "gradient_boosting") == 0) {
        cfg->gradient_boosting = kedge_gradient_boosting_defaults(n_features, n_classes);
        cfg->gradient_boosting.n_rounds = 30;
        cfg->gradient_boosting.max_leaves = 8;
    } else if (strcmp(name, "random_forest") == 0) {
        cfg->random_forest = kedge_random_forest_defaults(n_features, n_classes);
        cfg->random_forest.n_trees = 20;
        cfg->random_forest.max_leaves = 64;
    } else if (strcmp(name, "logistic") == 0) {
        cfg->logistic = kedge_logistic_defaults(n_features, n_classes);
    } else if (strcmp(name, "adaptive_tree") == 0) {
        cfg->adaptive_tree = kedge_adaptive_tree_defaults(n_features, n_classes);
    } else {
        return 0;
    }
    return 1;
}

double policies_accuracy(const kedge_model *m, const policies_rows *rows)
{
    size_t right = 0;
    kedge_model_info info;
    if (kedge_model_describe(m, &info) < 0)
        exit(1);
    for (size_t i = 0; i < rows->n; i++) {
        double y;
        if (kedge_model_predict(m, rows->x + i * info.n_features, &y) < 0)
            exit(1);
        right += y == rows->y[i];
    }
    return rows->n > 0 ? (double)right / (double)rows->n : 0.0;
}
