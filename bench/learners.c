/* SPDX-License-Identifier: MIT */
/* Learners test-then-train on a table: bench-learners TABLE, with a request a line on standard input ("learner memory", memory 0:
 * the default; "auto@2000": the portfolio with a budget of 2,000 ns a row), each answered with one line of JSON. TABLE is text:
 * rows, features and classes, then each row's features and label. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kedge.h"

enum { REPORTED = 500 }; /* rows of a report to a portfolio with a budget */

typedef struct table {
    size_t n;
    unsigned n_features, n_classes;
    double *x;
    unsigned *y;
} table;

typedef union any_model {
    kedge_model_config base;
    kedge_adaptive_forest_config forest;
    kedge_adaptive_tree_config adaptive;
    kedge_auto_config portfolio;
    kedge_baseline_config baseline;
    kedge_efdt_config efdt;
    kedge_gaussian_nb_config bayes;
    kedge_hoeffding_tree_config tree;
    kedge_knn_config neighbours;
    kedge_sam_knn_config memories;
    kedge_last_config last;
    kedge_linear_config linear;
    kedge_logistic_config logistic;
} any_model;

static int read_table(const char *path, table *t)
{
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%zu %u %u", &t->n, &t->n_features, &t->n_classes) != 3)
        return 0;
    t->x = malloc(t->n * t->n_features * sizeof *t->x);
    t->y = malloc(t->n * sizeof *t->y);
    for (size_t i = 0; i < t->n; i++) {
        for (unsigned j = 0; j < t->n_features; j++)
            if (fscanf(file, "%lf", &t->x[i * t->n_features + j]) != 1)
                return 0;
        if (fscanf(file, "%u", &t->y[i]) != 1)
            return 0;
    }
    fclose(file);
    return 1;
}

/* Defaults, but for the memory. */
static int configure(const char *learner, unsigned memory, const table *t, any_model *cfg)
{
    if (strncmp(learner, "auto", 4) == 0) {
        cfg->portfolio = kedge_auto_defaults(t->n_features, t->n_classes);
        if (learner[4] == '@')
            cfg->portfolio.budget_ns = strtoull(learner + 5, NULL, 10);
        cfg->portfolio.memory = memory ? memory : cfg->portfolio.memory;
    } else if (strcmp(learner, "adaptive_forest") == 0) {
        cfg->forest = kedge_adaptive_forest_defaults(t->n_features, t->n_classes);
        cfg->forest.growth.memory = memory ? memory : cfg->forest.growth.memory;
    } else if (strcmp(learner, "hoeffding_tree") == 0) {
        cfg->tree = kedge_hoeffding_tree_defaults(t->n_features, t->n_classes);
        cfg->tree.growth.memory = memory ? memory : cfg->tree.growth.memory;
    } else if (strcmp(learner, "adaptive_tree") == 0) {
        cfg->adaptive = kedge_adaptive_tree_defaults(t->n_features, t->n_classes);
        cfg->adaptive.growth.memory = memory ? memory : cfg->adaptive.growth.memory;
    } else if (strcmp(learner, "efdt") == 0) {
        cfg->efdt = kedge_efdt_defaults(t->n_features, t->n_classes);
        cfg->efdt.growth.memory = memory ? memory : cfg->efdt.growth.memory;
    } else if (strcmp(learner, "last_tree") == 0) {
        cfg->last = kedge_last_defaults(t->n_features, t->n_classes);
        cfg->last.growth.memory = memory ? memory : cfg->last.growth.memory;
    } else if (strcmp(learner, "gaussian_nb") == 0) {
        cfg->bayes = kedge_gaussian_nb_defaults(t->n_features, t->n_classes);
    } else if (strcmp(learner, "knn") == 0) {
        cfg->neighbours = kedge_knn_defaults(t->n_features, t->n_classes);
    } else if (strcmp(learner, "sam_knn") == 0) {
        cfg->memories = kedge_sam_knn_defaults(t->n_features, t->n_classes);
    } else if (strcmp(learner, "linear") == 0) {
        cfg->linear = kedge_linear_defaults(t->n_features, t->n_classes);
    } else if (strcmp(learner, "logistic") == 0) {
        cfg->logistic = kedge_logistic_defaults(t->n_features, t->n_classes);
    } else if (strcmp(learner, "usual") == 0 || strcmp(learner, "last") == 0) {
        cfg->baseline = kedge_baseline_defaults(t->n_features, t->n_classes);
        cfg->baseline.kind = learner[0] == 'l' ? KEDGE_BASELINE_LAST : KEDGE_BASELINE_USUAL;
    } else {
        return 0;
    }
    return 1;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int run(const char *learner, unsigned memory, const table *t)
{
    any_model cfg;
    kedge_model m;
    size_t right = 0;
    double reported;
    if (!configure(learner, memory, t, &cfg))
        return 0;
    size_t bytes = kedge_model_size(&cfg.base);
    void *mem = malloc(bytes);
    if (bytes == 0 || !mem || kedge_model_init(&m, &cfg.base, mem, bytes) < 0)
        return 0;
    double begin = reported = seconds();
    for (size_t i = 0; i < t->n; i++) {
        double y;
        const double *x = t->x + i * t->n_features;
        if (kedge_model_predict(&m, x, &y) < 0)
            return 0;
        right += y == t->y[i];
        if (kedge_model_learn(&m, x, t->y[i], 1.0) < 0)
            return 0;
        if (learner[4] == '@' && i % REPORTED == REPORTED - 1) {
            double now = seconds();
            if (kedge_auto_spent(&m, REPORTED, (uint64_t)(1e9 * (now - reported))) < 0)
                return 0;
            reported = now;
        }
    }
    double ns = (seconds() - begin) * 1e9 / (double)t->n;
    printf("{\"learner\": \"%s\", \"accuracy\": %.5f, \"ns\": %.1f, \"bytes\": %zu}\n", learner, (double)right / (double)t->n, ns,
           bytes);
    fflush(stdout);
    free(mem);
    return 1;
}

int main(int argc, char **argv)
{
    table t;
    char learner[32];
    unsigned memory;
    if (argc != 2 || !read_table(argv[1], &t)) {
        fprintf(stderr, "usage: bench-learners TABLE\n");
        return 2;
    }
    while (scanf("%31s %u", learner, &memory) == 2)
        if (!run(learner, memory, &t)) {
            fprintf(stderr, "bench-learners: %s cannot be run\n", learner);
            return 2;
        }
    return 0;
}
