/* SPDX-License-Identifier: MIT */
/* Streams and models of the bench of policies. */
#ifndef KEDGE_BENCH_POLICIES_H
#define KEDGE_BENCH_POLICIES_H

#include <stddef.h>

#include "kedge.h"

enum { POLICIES_CONCEPTS = 4, POLICIES_HELD = 4000, POLICIES_NEXT = 1000 };

/* Rows of one concept. */
typedef struct policies_rows {
    double *x, *y;
    size_t n;
} policies_rows;

/* A stream in memory. Where it is made the truth is known: which concept each row is of, and other rows of the same concept. */
typedef struct policies_stream {
    const char *name;
    unsigned long seed;
    uint32_t n_features, n_classes;
    size_t first;                /* rows to train on before serving starts; also the window of retraining */
    policies_rows rows;
    unsigned char *concept_of;   /* of each row; NULL: a stream that was recorded */
    unsigned n_concepts;
    policies_rows held[POLICIES_CONCEPTS];  /* rows that no policy sees */
    policies_rows fresh[POLICIES_CONCEPTS]; /* as many as a window, to train on */
} policies_stream;

/* Any configuration of a model. */
typedef union policies_model {
    kedge_model_config base;
    kedge_gaussian_nb_config gaussian_nb;
    kedge_gradient_boosting_config gradient_boosting;
    kedge_random_forest_config random_forest;
    kedge_logistic_config logistic;
    kedge_adaptive_tree_config adaptive_tree;
} policies_model;

/* 0 after a message: it cannot be read. */
int policies_read(policies_stream *s, const char *path);

/* 0: no stream is called that. */
int policies_make(policies_stream *s, const char *name, unsigned long seed);

void policies_free(policies_stream *s);

/* Rows that follow row t, unseen by then: of the concept, or the next ones of a recorded stream. */
policies_rows policies_unseen(const policies_stream *s, size_t t);

/* 0: none is called that. */
int policies_choose(policies_model *cfg, const char *name, uint32_t n_features, uint32_t n_classes);

/* Memory, or the end of the program. */
void *policies_take(size_t bytes);

/* Share of rows that the model classifies as they are. */
double policies_accuracy(const kedge_model *m, const policies_rows *rows);

/* Nanoseconds of this process's own time: others use the machine too. */
uint64_t policies_cpu_ns(void);

/* What the pipeline costs a row: prints a line of JSON. */
int policies_cost(void);

#endif
