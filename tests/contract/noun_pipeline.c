/* SPDX-License-Identifier: MIT */
/* Pipelines in the contract's shape: how they are fed, read and offered bad input. */
#include <math.h>

#include "contract.h"

static size_t pipeline_size(const any_config *cfg)
{
    return kedge_pipeline_size(cfg ? &cfg->pipeline : NULL);
}

static kedge_status pipeline_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_pipeline_init(h ? &h->pipeline : NULL, cfg ? &cfg->pipeline : NULL, mem, bytes);
}

static kedge_pipeline_config pipeline_config_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.pipeline;
}

static const kedge_prep_class *pipeline_prep(const kedge_pipeline_config *cfg)
{
    return cfg->prep ? cfg->prep->cls : NULL;
}

static kedge_status pipeline_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    kedge_pipeline_config cfg = pipeline_config_of(s);
    return kedge_pipeline_open(h ? &h->pipeline : NULL, cfg.model->cls, cfg.detector->cls, pipeline_prep(&cfg), mem, bytes);
}

static kedge_status pipeline_check(const handle *h)
{
    return kedge_pipeline_check(h ? &h->pipeline : NULL);
}

static kedge_status pipeline_reset(handle *h)
{
    return kedge_pipeline_reset(h ? &h->pipeline : NULL);
}

static kedge_status pipeline_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_pipeline_save(h ? &h->pipeline : NULL, buf, cap, len);
}

static kedge_status pipeline_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    (void)s;
    return kedge_pipeline_load_size(buf, len, bytes);
}

static kedge_status pipeline_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    kedge_pipeline_config cfg = pipeline_config_of(s);
    return kedge_pipeline_load(h ? &h->pipeline : NULL, cfg.model->cls, cfg.detector->cls, pipeline_prep(&cfg), mem, bytes, buf,
                               len);
}

static void pipeline_refusals(handle *h, const subject *s)
{
    kedge_pipeline *p = &h->pipeline;
    kedge_pipeline_config cfg = pipeline_config_of(s);
    kedge_pipeline_report report;
    kedge_model m;
    kedge_detector d;
    double x[CONTRACT_MAX_FEATURES] = {0}, y = 7;
    double labels[2] = {0, 0};
    uint32_t n = cfg.prep ? cfg.prep->n_columns : cfg.model->n_features;
    kedge_rows rows = kedge_rows_float64(x, 1, n), wide = kedge_rows_float64(x, 1, n + 1u);
    x[0] = cfg.prep ? (double)INFINITY : (double)NAN;
    assert_int_equal(kedge_pipeline_predict(p, 1, 1000000, x, &y), KEDGE_ERR_NOT_FINITE);
    x[0] = 0;
    assert_int_equal(kedge_pipeline_predict(NULL, 1, 1, x, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_predict(p, 1, 1, NULL, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_predict(p, 1, 1, x, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_label(p, 1, 1000001, 0), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_pipeline_label(NULL, 1, 1, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_step(NULL, 1, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_train(NULL, &rows, labels, NULL, 0), KEDGE_ERR_NULL);
    assert_true(kedge_pipeline_train(p, NULL, labels, NULL, 0) < 0);
    assert_true(kedge_pipeline_train(p, &wide, labels, NULL, 0) < 0);
    x[0] = (double)INFINITY;
    assert_true(kedge_pipeline_train(p, &rows, labels, x, sizeof x) < 0);
    x[0] = 0;
    labels[0] = cfg.model->n_classes;
    assert_true(kedge_pipeline_train(p, &rows, labels, x, sizeof x) < 0);
    assert_int_equal(kedge_pipeline_request(NULL), KEDGE_ERR_NULL);
    if (cfg.policy != KEDGE_POLICY_RETRAIN)
        assert_int_equal(kedge_pipeline_request(p), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_pipeline_read(NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_read(p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_champion(NULL, &m), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_champion(p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_watcher(NULL, &d), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_watcher(p, NULL), KEDGE_ERR_NULL);
    assert_true(y == 7);
}

static void pipeline_read(const handle *h, const subject *s)
{
    kedge_pipeline_report r;
    kedge_model m;
    kedge_detector d;
    kedge_prep prep;
    kedge_pipeline_config cfg = pipeline_config_of(s);
    assert_int_equal(kedge_pipeline_champion_prep(&h->pipeline, &prep), cfg.prep ? KEDGE_OK : KEDGE_ERR_UNSUPPORTED);
    if (cfg.prep)
        assert_int_equal(kedge_prep_check(&prep), KEDGE_OK);
    assert_int_equal(kedge_pipeline_read(&h->pipeline, &r), KEDGE_OK);
    assert_true(r.n_labelled == 0 ? isnan(r.error_mean) : r.error_mean >= 0);
    assert_int_equal(kedge_pipeline_champion(&h->pipeline, &m), KEDGE_OK);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    assert_int_equal(kedge_pipeline_watcher(&h->pipeline, &d), KEDGE_OK);
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
}

const noun noun_pipeline = {pipeline_size, pipeline_init,      pipeline_open, pipeline_check,     pipeline_reset,
                            pipeline_save, pipeline_load_size, pipeline_load, pipeline_refusals, pipeline_read};
