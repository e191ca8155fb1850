/* SPDX-License-Identifier: MIT */
/* All classes of the core: the tables of detectors stand in files of their own, those of the other nouns here. */
#include "subjects.h"

/* Models ----------------------------------------------------------------------------------------------------------------------- */

static void config_logistic(any_config *cfg)
{
    kedge_logistic_config c = kedge_logistic_defaults(5, 2);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_softmax(any_config *cfg)
{
    kedge_logistic_config c = kedge_logistic_defaults(3, 4);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_gaussian_nb(any_config *cfg)
{
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(4, 3);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_gaussian_nb_fading(any_config *cfg)
{
    kedge_gaussian_nb_config c = kedge_gaussian_nb_defaults(4, 3);
    c.fading = 0.98;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

#define SPOIL_MODEL_BASE                                                                           \
    BAD(c->base.n_features = 0)                                                                    \
    BAD(c->base.n_features = UINT32_MAX)                                                           \
    BAD(c->base.n_classes = 1)                                                                     \
    BAD(c->base.n_classes = UINT32_MAX)                                                            \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)

static int spoil_logistic(any_config *cfg, size_t i)
{
    SPOIL(kedge_logistic_config, SPOIL_MODEL_BASE BAD(c->base.n_classes = 0) BAD(c->rate = 0) BAD(c->rate = NAN_D) BAD(c->rate = -1)
          BAD(c->rate = 1e9) BAD(c->n_rates = 0) BAD(c->n_rates = 9) BAD(c->n_noisy = 9));
}

static int spoil_gaussian_nb(any_config *cfg, size_t i)
{
    SPOIL(kedge_gaussian_nb_config, SPOIL_MODEL_BASE BAD(c->base.n_classes = 0) BAD(c->smoothing = -1) BAD(c->smoothing = NAN_D)
          BAD(c->smoothing = 2) BAD(c->fading = 0) BAD(c->fading = 1.5) BAD(c->fading = NAN_D));
}

/* Metrics ---------------------------------------------------------------------------------------------------------------------- */

static void config_quality(any_config *cfg)
{
    kedge_quality_config c = kedge_quality_defaults(3);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_quality_window(any_config *cfg)
{
    kedge_quality_config c = kedge_quality_defaults(3);
    c.over = KEDGE_OVER_WINDOW;
    c.window = 50;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_quality_fading(any_config *cfg)
{
    kedge_quality_config c = kedge_quality_defaults(3);
    c.over = KEDGE_OVER_FADING;
    c.fading = 0.9;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_quality_tumbling(any_config *cfg)
{
    kedge_quality_config c = kedge_quality_defaults(3);
    c.over = KEDGE_OVER_TUMBLING;
    c.window = 20;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_quality(any_config *cfg, size_t i)
{
    SPOIL(kedge_quality_config, BAD(c->n_classes = 1) BAD(c->n_classes = 0) BAD(c->n_classes = UINT32_MAX) BAD(c->over = 0)
          BAD(c->over = 5) BAD(c->over = 257) BAD(c->over = KEDGE_OVER_WINDOW; c->window = 0) BAD(c->beta = 0) BAD(c->beta = 1001)
          BAD(c->beta = NAN_D) BAD(c->confidence = 0) BAD(c->confidence = 1) BAD(c->confidence = NAN_D)
          BAD(c->over = KEDGE_OVER_WINDOW; c->window = UINT32_MAX) BAD(c->over = KEDGE_OVER_FADING; c->fading = 0)
          BAD(c->over = KEDGE_OVER_FADING; c->fading = 1) BAD(c->over = KEDGE_OVER_FADING; c->fading = NAN_D)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static uint32_t decision(size_t i)
{
    kedge_rng rng = {i};
    return (uint32_t)kedge_rng_below(&rng, 3);
}

static void config_detection(any_config *cfg)
{
    kedge_detection_config c = kedge_detection_defaults();
    c.horizon = 20;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_detection(any_config *cfg, size_t i)
{
    SPOIL(kedge_detection_config, BAD(c->horizon = 0) BAD(c->horizon = ((uint64_t)1 << 62) + 1) BAD(c->confidence = 0)
          BAD(c->confidence = 1)
          BAD(c->confidence = NAN_D) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_detection(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_detection_record(&h->metric, decision(i) == 0 && i % 7 == 0, decision(i + 1) == 0 && i % 5 == 0);
        assert_fed(st, KEDGE_ERR_RANGE);
    }
}

static void feed_detection_many(handle *h, size_t from, size_t to)
{
    uint8_t changed[500], signals[500];
    for (size_t i = from; i < to; i++) {
        changed[i - from] = decision(i) == 0 && i % 7 == 0;
        signals[i - from] = decision(i + 1) == 0 && i % 5 == 0 ? KEDGE_DRIFT : KEDGE_WARNING;
    }
    assert_int_equal(kedge_detection_record_many(&h->metric, changed, signals, to - from), KEDGE_OK);
}

static void feed_quality(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_fed(kedge_quality_record(&h->metric, decision(i), decision(i / 2), 0.25 * (double)(i % 5)), KEDGE_ERR_RANGE);
}

static void feed_quality_many(handle *h, size_t from, size_t to)
{
    size_t n = to - from, used;
    uint32_t *truth = guard_new(n * sizeof *truth, 0);
    uint32_t *predicted = guard_new(n * sizeof *predicted, 0);
    double *weight = guard_new(n * sizeof *weight, 0);
    for (size_t i = 0; i < n; i++) {
        truth[i] = decision(from + i);
        predicted[i] = decision((from + i) / 2);
        weight[i] = 0.25 * (double)((from + i) % 5);
    }
    assert_int_equal(kedge_quality_record_many(&h->metric, truth, predicted, weight, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
    guard_free(weight);
    guard_free(predicted);
    guard_free(truth);
}

/* Pipelines -------------------------------------------------------------------------------------------------------------------- */

static kedge_gaussian_nb_config pipeline_nb;
static kedge_logistic_config pipeline_logistic;
static kedge_ddm_config pipeline_ddm;
static kedge_page_hinkley_config pipeline_page_hinkley;

static void config_pipeline(any_config *cfg, const kedge_model_config *model, uint32_t policy)
{
    pipeline_ddm = kedge_ddm_defaults();
    kedge_pipeline_config c = kedge_pipeline_defaults(model, &pipeline_ddm.base);
    c.policy = policy;
    c.window_rows = 60;
    c.min_rows = 30;
    c.pending_rows = 5;
    c.holdout_min = 4;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_pipeline_retrain(any_config *cfg)
{
    pipeline_nb = kedge_gaussian_nb_defaults(3, 2);
    config_pipeline(cfg, &pipeline_nb.base, KEDGE_POLICY_RETRAIN);
}

static void config_pipeline_static(any_config *cfg)
{
    pipeline_logistic = kedge_logistic_defaults(3, 2);
    config_pipeline(cfg, &pipeline_logistic.base, KEDGE_POLICY_STATIC);
}

static void config_pipeline_online(any_config *cfg)
{
    pipeline_logistic = kedge_logistic_defaults(3, 2);
    config_pipeline(cfg, &pipeline_logistic.base, KEDGE_POLICY_ONLINE);
    pipeline_page_hinkley = kedge_page_hinkley_defaults();
    cfg->pipeline.detector = &pipeline_page_hinkley.base;
}

static kedge_trigger pipeline_when[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
static kedge_stage pipeline_stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
static kedge_triggers_config pipeline_triggers;
static kedge_rollout_config pipeline_rollout;
static kedge_store_config pipeline_store;
static kedge_events_config pipeline_events;
static kedge_cost_config pipeline_cost;

/* With all controls. */
static void config_pipeline_delivers(any_config *cfg)
{
    config_pipeline_retrain(cfg);
    pipeline_when[1].source = 0;
    pipeline_when[0].kind = KEDGE_TRIGGER_SIGNAL;
    pipeline_when[1].kind = KEDGE_TRIGGER_ROWS;
    pipeline_when[1].every = 100;
    pipeline_stages[0].kind = KEDGE_STAGE_SHADOW;
    pipeline_stages[0].least_rows = pipeline_stages[1].least_rows = 3;
    pipeline_stages[0].most_rows = pipeline_stages[1].most_rows = 10;
    pipeline_triggers = kedge_triggers_defaults(pipeline_when, 2);
    pipeline_rollout = kedge_rollout_defaults(pipeline_stages, 2);
    pipeline_store = kedge_store_defaults();
    pipeline_store.n_versions = 3;
    pipeline_store.n_served = 4;
    pipeline_store.artifact_bytes = 1500;
    pipeline_events = kedge_events_defaults();
    pipeline_events.n_events = 5;
    cfg->pipeline.triggers = &pipeline_triggers.base;
    cfg->pipeline.rollout = &pipeline_rollout.base;
    cfg->pipeline.store = &pipeline_store.base;
    cfg->pipeline.events = &pipeline_events.base;
    pipeline_cost = kedge_cost_defaults();
    pipeline_cost.price_compute = 0.5;
    cfg->pipeline.cost = &pipeline_cost.base;
    cfg->pipeline.number = 3;
    cfg->pipeline.recall_rows = 10;
    cfg->pipeline.reservoir_rows = 6;
    cfg->pipeline.slice_rows = 9;
}

/* With holes filled and numbers scaled, in slices and at once. */
static void config_pipeline_prepares(any_config *cfg)
{
    static kedge_chain_class kind;
    static kedge_chain_config chain;
    static kedge_impute_config impute;
    static kedge_scale_config scale;
    const kedge_prep_class *const steps[] = {&kedge_impute, &kedge_scale};
    config_pipeline_delivers(cfg);
    assert_int_equal(kedge_chain_class_init(&kind, steps, 2), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&chain, sizeof chain, &kind, 3), KEDGE_OK);
    impute = kedge_impute_defaults(3);
    impute.indicator = 1;
    impute.base.columns = kedge_columns_none(3);
    kedge_columns_add(&impute.base.columns, 1);
    scale = kedge_scale_defaults(4);
    chain.steps[0] = &impute.base;
    chain.steps[1] = &scale.base;
    pipeline_nb = kedge_gaussian_nb_defaults(4, 2);
    pipeline_store.artifact_bytes = 9000;
    cfg->pipeline.prep = &chain.base;
}

static void config_pipeline_prepares_online(any_config *cfg)
{
    config_pipeline_online(cfg);
    static kedge_impute_config impute;
    impute = kedge_impute_defaults(3);
    cfg->pipeline.prep = &impute.base;
}

/* With a schema, of which the first column may be anything. */
static void config_pipeline_admits(any_config *cfg)
{
    static kedge_column columns[3] = {KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT, KEDGE_COLUMN_INIT};
    static kedge_schema_config schema;
    config_pipeline_delivers(cfg);
    columns[0].kind = KEDGE_COLUMN_IGNORED;
    schema = kedge_schema_defaults(columns, 3);
    schema.sample_rows = schema.window = 64;
    schema.max_categories = 2;
    pipeline_when[1].kind = KEDGE_TRIGGER_SIGNAL;
    pipeline_when[1].source = KEDGE_SOURCE_SCHEMA;
    cfg->pipeline.schema = &schema.base;
}

static int spoil_pipeline(any_config *cfg, size_t i)
{
    SPOIL(kedge_pipeline_config, BAD(c->policy = 0) BAD(c->policy = 4) BAD(c->policy = 257) BAD(c->select = 0) BAD(c->select = 3)
          BAD(c->window_rows = 1) BAD(c->window_rows = UINT32_MAX) BAD(c->min_rows = 1) BAD(c->min_rows = 61)
          BAD(c->delay_rows = 61)
          BAD(c->holdout_every = 1) BAD(c->holdout_every = 1001) BAD(c->holdout_min = 0) BAD(c->holdout_min = UINT32_MAX)
          BAD(c->pending_rows = 0) BAD(c->pending_rows = UINT32_MAX) BAD(c->gate_margin = -1) BAD(c->gate_margin = NAN_D)
          BAD(c->gate_loss = -0.1) BAD(c->gate_loss = NAN_D) BAD(c->gate_sought = 1.1) BAD(c->gate_confidence = 0.4)
          BAD(c->gate_confidence = 1)
          BAD(c->gate_safe = NAN_D) BAD(c->gate_safe = 1) BAD(c->gate_rows = UINT32_MAX) BAD(c->train_share = 0)
          BAD(c->train_share = NAN_D)
          BAD(c->reservoir_rows = UINT32_MAX) BAD(c->slice_rows = UINT32_MAX) BAD(c->old_weight = 0) BAD(c->old_weight = 1.5)
          BAD(c->old_weight = NAN_D)
          BAD(c->recall_rows = 7) BAD(c->model = NULL) BAD(c->detector = NULL) BAD(c->config_bytes = sizeof *c + 8));
}

/* Labels come two rows late; every seventh never comes. */
static void feed_pipeline(handle *h, size_t from, size_t to)
{
    static unsigned char work[16384] __attribute__((aligned(8)));
    for (size_t i = from; i < to; i++) {
        double x[3], y, late[3], label;
        contract_row(i, x, 3, &y, 2);
        if (h->pipeline.prep && i % 5 == 2)
            x[1] = NAN_D;
        kedge_control schema;
        int may_refuse = kedge_pipeline_control(&h->pipeline, KEDGE_PIPELINE_SCHEMA, &schema) == KEDGE_OK;
        if (may_refuse && i % 50 == 49)
            x[2] = 1e9;
        kedge_status served = kedge_pipeline_predict(&h->pipeline, i, i, x, &y);
        if (!(may_refuse && served == KEDGE_ERR_SKEW))
            assert_fed(served, KEDGE_ERR_NOT_FINITE); /* a prep that leaves holes */
        if (i >= 2 && i % 7 != 0) {
            contract_row(i - 2, late, 3, &label, 2);
            kedge_status st = kedge_pipeline_label(&h->pipeline, i, i - 2, label);
            assert_true(st >= 0 || st == KEDGE_ERR_UNKNOWN);
        }
        assert_true(kedge_pipeline_step(&h->pipeline, i, work, sizeof work) >= 0);
        assert_true(kedge_pipeline_spent(&h->pipeline, 100 + i, i) >= 0);
    }
}

static const subject others[] = {
    {"gaussian_nb", &noun_model, config_gaussian_nb, spoil_gaussian_nb, feed_model, feed_model_many, 300},
    {"gaussian_nb fading", &noun_model, config_gaussian_nb_fading, spoil_gaussian_nb, feed_model, feed_model_many, 300},
    {"gaussian_nb fitted", &noun_model, config_gaussian_nb, spoil_gaussian_nb, fit_model, NULL, 100},
    {"logistic", &noun_model, config_logistic, spoil_logistic, feed_model, feed_model_many, 300},
    {"logistic softmax", &noun_model, config_softmax, spoil_logistic, feed_model, feed_model_many, 300},
    {"detection", &noun_metric, config_detection, spoil_detection, feed_detection, feed_detection_many, 500},
    {"quality", &noun_metric, config_quality, spoil_quality, feed_quality, feed_quality_many, 300},
    {"quality in a window", &noun_metric, config_quality_window, spoil_quality, feed_quality, feed_quality_many, 300},
    {"quality tumbling", &noun_metric, config_quality_tumbling, spoil_quality, feed_quality, feed_quality_many, 300},
    {"quality fading", &noun_metric, config_quality_fading, spoil_quality, feed_quality, feed_quality_many, 300},
    {"pipeline that retrains", &noun_pipeline, config_pipeline_retrain, spoil_pipeline, feed_pipeline, NULL, 900},
    {"pipeline that delivers", &noun_pipeline, config_pipeline_delivers, spoil_pipeline, feed_pipeline, NULL, 900},
    {"pipeline that admits", &noun_pipeline, config_pipeline_admits, spoil_pipeline, feed_pipeline, NULL, 600},
    {"pipeline that prepares", &noun_pipeline, config_pipeline_prepares, spoil_pipeline, feed_pipeline, NULL, 600},
    {"pipeline that prepares and learns", &noun_pipeline, config_pipeline_prepares_online, spoil_pipeline, feed_pipeline, NULL,
     300},
    {"pipeline that is static", &noun_pipeline, config_pipeline_static, spoil_pipeline, feed_pipeline, NULL, 300},
    {"pipeline that learns", &noun_pipeline, config_pipeline_online, spoil_pipeline, feed_pipeline, NULL, 300},
};

static const subject_group group_others = {others, sizeof others / sizeof *others};

static const subject_group *const groups[] = {
    &group_auc,        &group_bayes,     &group_betting, &group_charts,    &group_controls, &group_cost,       &group_detectors,
    &group_errors,     &group_estimates, &group_fleets,  &group_hoeffding, &group_latency,  &group_likelihood, &group_linear,
    &group_neighbours, &group_members,   &group_pairs,   &group_preps,     &group_profiles, &group_quality,    &group_regression,
    &group_schema,     &group_static,    &group_streams, &group_trees,     &group_windows,  &group_others};

enum { N_GROUPS = sizeof groups / sizeof *groups };

/* Has one of a noun's subjects this class? A configuration of every noun begins with its class. */
static int is_subject(const noun *of, const void *cls)
{
    for (size_t g = 0; g < N_GROUPS; g++)
        for (size_t i = 0; i < groups[g]->n; i++) {
            const subject *s = &groups[g]->subjects[i];
            any_config cfg;
            if (s->noun == of && (s->config(&cfg), (const void *)cfg.detector.cls == cls))
                return 1;
        }
    return 0;
}

/* Every built-in class stands in a table, and its own table is well formed. */
static void test_all_classes_are_subjects(void **unused)
{
    (void)unused;
    size_t n_found = 0;
    for (const kedge_detector_class *const *c = kedge_detector_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_ptr_equal(kedge_detector_find((*c)->base.name), *c);
        assert_true(is_subject(&noun_detector, *c));
    }
    for (const kedge_fleet_class *const *c = kedge_fleet_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_true(is_subject(&noun_fleet, *c));
    }
    for (const kedge_model_class *const *c = kedge_model_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_ptr_equal(kedge_model_find((*c)->base.name), *c);
        assert_true(is_subject(&noun_model, *c));
    }
    for (const kedge_metric_class *const *c = kedge_metric_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_true(is_subject(&noun_metric, *c));
    }
    for (const kedge_control_class *const *c = kedge_control_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_true(is_subject(&noun_control, *c));
    }
    for (const kedge_prep_class *const *c = kedge_prep_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_true(is_subject(&noun_prep, *c));
    }
    for (const kedge_stream_class *const *c = kedge_stream_classes(); *c; c++, n_found++) {
        assert_int_equal(kedge_class_check(&(*c)->base), KEDGE_OK);
        assert_true(is_subject(&noun_stream, *c));
    }
    assert_true(n_found >= 13);
    assert_null(kedge_detector_find("nobody"));
    assert_null(kedge_detector_find(NULL));
    assert_null(kedge_model_find("nobody"));
    assert_null(kedge_model_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_classes_are_subjects)};
    int failed = cmocka_run_group_tests_name("classes", tests, NULL, NULL);
    return failed + contract_run(groups, N_GROUPS) > 0; /* an exit code has one byte */
}
