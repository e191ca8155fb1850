/* SPDX-License-Identifier: MIT */
/* The contract: one table of subjects (a class with a configuration) times one list of laws that every object of every noun keeps.
 * A new class adds one line to a table and, at most, how it is fed. */
#ifndef KEDGE_TESTS_CONTRACT_H
#define KEDGE_TESTS_CONTRACT_H

#include "support.h"

typedef union handle {
    kedge_detector detector;
    kedge_fleet fleet;
    kedge_model model;
    kedge_metric metric;
    kedge_control control;
    kedge_pipeline pipeline;
    kedge_prep prep;
    kedge_stream stream;
} handle;

typedef union any_config {
    kedge_detector_config detector;
    kedge_fleet_config fleet;
    kedge_model_config model;
    kedge_metric_config metric;
    kedge_control_config control;
    kedge_pipeline_config pipeline;
    kedge_prep_config prep;
    kedge_stream_config stream;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} any_config;

typedef struct subject subject;

/* A noun's verbs, in one shape. */
typedef struct noun {
    size_t (*size)(const any_config *cfg);
    kedge_status (*init)(handle *h, const any_config *cfg, void *mem, size_t bytes);
    kedge_status (*open)(handle *h, const subject *s, void *mem, size_t bytes);
    kedge_status (*check)(const handle *h);
    kedge_status (*reset)(handle *h);
    kedge_status (*save)(const handle *h, void *buf, size_t cap, size_t *len);
    kedge_status (*load_size)(const subject *s, const void *buf, size_t len, size_t *bytes);
    kedge_status (*load)(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len);
    void (*refusals)(handle *h, const subject *s); /* calls everything with bad input; the law compares the bytes */
    void (*read)(const handle *h, const subject *s); /* all read-outs */
} noun;

struct subject {
    const char *name;
    const noun *noun;
    void (*config)(any_config *cfg);                    /* the configuration under test */
    int (*spoil)(any_config *cfg, size_t i);            /* the i-th way to put one field out of range; 0: there are no more */
    void (*feed)(handle *h, size_t from, size_t to);    /* observations from .. to - 1 of a fixed stream, one at a time */
    void (*feed_many)(handle *h, size_t from, size_t to); /* the same in one batch; NULL: the noun has none */
    size_t n;                                           /* length of the stream */
};

extern const noun noun_detector, noun_fleet, noun_model, noun_metric, noun_control, noun_pipeline, noun_prep, noun_stream;

/* A table of subjects; a file of it for each family of classes. */
typedef struct subject_group {
    const subject *subjects;
    size_t n;
} subject_group;

extern const subject_group group_auc, group_cost, group_estimates, group_bayes, group_detectors, group_charts, group_controls,
    group_errors, group_fleets, group_hoeffding, group_latency, group_windows, group_likelihood, group_linear, group_neighbours,
    group_members, group_pairs, group_preps, group_profiles, group_quality, group_regression, group_schema, group_betting,
    group_static, group_streams, group_trees;

/* Runs all laws for each subject, while developing only for those whose name has in it what KEDGE_SUBJECTS in the environment says;
 * returns the number of failures, which is not 0 where there was none to run. */
int contract_run(const subject_group *const *groups, size_t n);

enum { CONTRACT_MAX_FEATURES = 8, CONTRACT_MAX_CLASSES = 16 };

/* Feeding shared by subjects. */
/* Set while laws try forged snapshots. What one says may be of another shape, or leave no room for more: then a class may refuse an
 * observation of the subject's stream, so long as it does so by this status. */
extern int contract_is_forged;
void assert_fed(kedge_status st, kedge_status refusal);
double contract_value(size_t i);  /* a stream with two changes, in [0, 1] */
void contract_row(size_t i, double *x, size_t n, double *y, uint32_t n_classes);
void feed_detector(handle *h, size_t from, size_t to);
void feed_detector_many(handle *h, size_t from, size_t to);
void feed_fleet(handle *h, size_t from, size_t to);
void feed_fleet_many(handle *h, size_t from, size_t to);
void feed_prep(handle *h, size_t from, size_t to);
void feed_prep_many(handle *h, size_t from, size_t to);
void fit_prep(handle *h, size_t from, size_t to); /* fits rows 0 .. to - 1 */
void feed_stream(handle *h, size_t from, size_t to);
void feed_stream_many(handle *h, size_t from, size_t to);
void feed_model(handle *h, size_t from, size_t to);
void feed_model_many(handle *h, size_t from, size_t to);
void model_laws(const subject *s); /* of forgetting and merging, for models that can */
void refuse_cost(kedge_metric *m, const kedge_metric_class *cls);
int read_cost(const kedge_metric *m, const kedge_metric_class *cls);
void refuse_events(kedge_control *c);
void read_events(const kedge_control *c);
void refuse_flow(kedge_control *c);
void read_flow(const kedge_control *c);
void refuse_rollout(kedge_control *c);
void read_rollout(const kedge_control *c);
void refuse_schema(kedge_control *c);
void read_schema(const kedge_control *c);
void refuse_store(kedge_control *c);
void read_store(const kedge_control *c);
void refuse_triggers(kedge_control *c);
void read_triggers(const kedge_control *c);
void refuse_estimates(kedge_metric *m, const kedge_metric_class *cls);
int read_estimates(const kedge_metric *m, const kedge_metric_class *cls);
void refuse_latencies(kedge_metric *m, const kedge_metric_class *cls);
int read_latencies(const kedge_metric *m, const kedge_metric_class *cls);
void refuse_auc(kedge_metric *m, const kedge_metric_class *cls);
int read_auc(const kedge_metric *m, const kedge_metric_class *cls); /* 1: it is one of them */
void fit_model(handle *h, size_t from, size_t to); /* fits rows 0 .. to - 1 */

#endif
