/* SPDX-License-Identifier: MIT */
/* One way of running a model over a stream: a pipeline that trains on the first rows and serves the rest, test then train. */
#ifndef WATCH_WAYS_H
#define WATCH_WAYS_H

#include <kedge.h>

#include "data_set.h"
#include "options.h"
#include "progress.h"

enum { WAYS_MAX = 3, WAYS_POINTS = 240, WAYS_QUANTILES = 61 };

enum {
    WAYS_ROSE,     /* alarm: the error rose */
    WAYS_FELL,     /* alarm: the error fell */
    WAYS_REPLACED, /* retrained; the gate let the new model through */
    WAYS_KEPT,     /* retrained; the new model was not much better */
    WAYS_GIVEN_UP, /* retrained; another model came before it was known which is better */
    WAYS_FAILED    /* the rows allowed no training */
};

typedef struct way_event {
    size_t row;        /* of the stream, from 1 */
    size_t changed_at; /* alarms: row of the estimated change, from 1 */
    double before;     /* error before the change; of the old model */
    double after;      /* error since; of the new model */
    int kind;          /* WAYS_... */
} way_event;

typedef struct way_point {
    size_t row;
    double accuracy; /* of the newest `curve_window` rows */
} way_point;

typedef struct way {
    const char *name;
    const char *model;
    uint32_t policy;
    size_t n_train;
    size_t window_rows;  /* rows kept to retrain on; 0: none */
    size_t curve_window; /* rows */
    size_t state_bytes;  /* the pipeline with models and detector */
    size_t work_bytes;   /* scratch for training */
    double train_seconds;
    double f1; /* of class 1 if there are two classes, else macro */
    kedge_quality_report quality;
    kedge_pipeline_report pipeline;
    kedge_latency_report latency;
    kedge_throughput_report throughput;
    way_point points[WAYS_POINTS];
    size_t n_points;
    uint64_t quantiles[WAYS_QUANTILES]; /* latency, ns, at ways_share(i) */
    way_event *events;
    size_t n_events;
    size_t events_capacity;
} way;

/* The share of rows at quantile i: 0, ..., 0.9, ..., 0.99 and so on, evenly in the number of nines. */
double ways_share(size_t i);

/* Runs one way and prints its alarms as they happen. 0: it cannot; a message went to standard error. */
int ways_run(way *w, const data_set *d, const options *o, uint32_t policy, progress *bar);

void ways_free(way *w);

#endif
