/* SPDX-License-Identifier: MIT */
/* Contract subjects: areas under the ROC curve as records come. */
#include "subjects.h"

enum { N_BATCH = 300 };

static uint32_t label_of(size_t i)
{
    return (uint32_t)(i * i % 7 < 3);
}

/* Some are equal. */
static double score_of(size_t i)
{
    return (double)(i * 37 % 101 % 60) / 68.0 + (label_of(i) ? 0.0625 : 0.0);
}

static void auc_window_of(any_config *cfg, uint32_t window)
{
    kedge_auc_window_config c = kedge_auc_window_defaults();
    c.window = window;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_auc_window(any_config *cfg)
{
    auc_window_of(cfg, 12);
}

static void config_auc_window_of_nodes(any_config *cfg)
{
    auc_window_of(cfg, 130);
}

static int spoil_auc_window(any_config *cfg, size_t i)
{
    SPOIL(kedge_auc_window_config, BAD(c->window = 0) BAD(c->window = 1) BAD(c->window = (1u << 24) + 1)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_auc_window(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(kedge_auc_window_record(&h->metric, label_of(i), score_of(i)), KEDGE_OK);
}

static void feed_auc_window_many(handle *h, size_t from, size_t to)
{
    uint8_t labels[N_BATCH];
    double scores[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint8_t)label_of(from + i);
        scores[i] = score_of(from + i);
    }
    assert_int_equal(kedge_auc_window_record_many(&h->metric, labels, scores, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static void auc_stream_over(any_config *cfg, uint32_t over, uint32_t scores)
{
    kedge_auc_stream_config c = kedge_auc_stream_defaults();
    c.over = over;
    c.scores = scores;
    c.bits = 2;
    c.octaves = 5;
    c.fading = 0.4;
    c.window = 12;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_auc_stream(any_config *cfg)
{
    auc_stream_over(cfg, KEDGE_OVER_ALL, KEDGE_SCORES_PROBABILITY);
}

static void config_auc_stream_fading(any_config *cfg)
{
    auc_stream_over(cfg, KEDGE_OVER_FADING, KEDGE_SCORES_REAL);
}

static void config_auc_stream_tumbling(any_config *cfg)
{
    auc_stream_over(cfg, KEDGE_OVER_TUMBLING, KEDGE_SCORES_PROBABILITY);
}

static int spoil_auc_stream(any_config *cfg, size_t i)
{
    SPOIL(kedge_auc_stream_config, BAD(c->over = 0) BAD(c->over = KEDGE_OVER_WINDOW) BAD(c->over = 5) BAD(c->window = 0)
          BAD(c->window = (1u << 24) + 1)
          BAD(c->fading = 0) BAD(c->fading = 1) BAD(c->fading = NAN_D) BAD(c->scores = 0) BAD(c->scores = 3) BAD(c->bits = 0)
          BAD(c->bits = 13) BAD(c->octaves = 3) BAD(c->octaves = 65) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static double weight_of(size_t i)
{
    return 0.25 * (double)(i % 5);
}

static void feed_auc_stream(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_fed(kedge_auc_stream_record(&h->metric, label_of(i), score_of(i), weight_of(i)), KEDGE_ERR_RANGE);
}

static void feed_auc_stream_many(handle *h, size_t from, size_t to)
{
    uint8_t labels[N_BATCH];
    double scores[N_BATCH], weight[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint8_t)label_of(from + i);
        scores[i] = score_of(from + i);
        weight[i] = weight_of(from + i);
    }
    assert_int_equal(kedge_auc_stream_record_many(&h->metric, labels, scores, weight, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static const subject subjects[] = {
    {"area of a stream", &noun_metric, config_auc_stream, spoil_auc_stream, feed_auc_stream, feed_auc_stream_many, N_BATCH},
    {"area of a stream, fading", &noun_metric, config_auc_stream_fading, spoil_auc_stream, feed_auc_stream, feed_auc_stream_many,
     N_BATCH},
    {"area of a stream, tumbling", &noun_metric, config_auc_stream_tumbling, spoil_auc_stream, feed_auc_stream,
     feed_auc_stream_many, N_BATCH},
    {"area in a window", &noun_metric, config_auc_window, spoil_auc_window, feed_auc_window, feed_auc_window_many, N_BATCH},
    {"area in a window of nodes", &noun_metric, config_auc_window_of_nodes, spoil_auc_window, feed_auc_window, feed_auc_window_many,
     N_BATCH},
};

const subject_group group_auc = {subjects, sizeof subjects / sizeof *subjects};
