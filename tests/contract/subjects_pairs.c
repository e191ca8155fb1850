/* SPDX-License-Identifier: MIT */
/* Contract subjects: pairs of models over everything that they can cover; slices. */
#include "subjects.h"

enum { N_BATCH = 300 };

CONFIG_COVERINGS(paired, kedge_paired_defaults(), c.loss_max = 2)

static int spoil_paired(any_config *cfg, size_t i)
{
    SPOIL(kedge_paired_config, SPOIL_COVERING BAD(c->confidence = 0) BAD(c->confidence = 1) BAD(c->confidence = NAN_D)
          BAD(c->loss_max = 0) BAD(c->loss_max = 1e101) BAD(c->loss_max = NAN_D));
}

static double loss(size_t i)
{
    return 0.25 * (double)(i % 5);
}

static void feed_paired(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_paired_record(&h->metric, loss(i), loss(i / 3), 0.5 * (double)(i % 4));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE); /* a forged snapshot may have another loss_max */
    }
}

static void feed_paired_many(handle *h, size_t from, size_t to)
{
    double first[N_BATCH], second[N_BATCH], weight[N_BATCH];
    size_t n = to - from, used = 0;
    for (size_t i = 0; i < n; i++) {
        first[i] = loss(from + i);
        second[i] = loss((from + i) / 3);
        weight[i] = 0.5 * (double)((from + i) % 4);
    }
    assert_int_equal(kedge_paired_record_many(&h->metric, first, second, weight, n, &used), KEDGE_OK);
    assert_int_equal(used, n);
}

static void slices_over(any_config *cfg, uint32_t over)
{
    kedge_slices_config c = kedge_slices_defaults();
    c.max_slices = 5;
    c.over = over;
    c.window = 12;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_slices(any_config *cfg)
{
    slices_over(cfg, KEDGE_OVER_ALL);
}

static void config_slices_window(any_config *cfg)
{
    slices_over(cfg, KEDGE_OVER_WINDOW);
}

static void config_slices_tumbling(any_config *cfg)
{
    slices_over(cfg, KEDGE_OVER_TUMBLING);
}

static int spoil_slices(any_config *cfg, size_t i)
{
    SPOIL(kedge_slices_config, BAD(c->max_slices = 1) BAD(c->max_slices = 4097) BAD(c->over = 0) BAD(c->over = KEDGE_OVER_FADING)
          BAD(c->over = 5) BAD(c->window = 0) BAD(c->window = (1u << 24) + 1) BAD(c->confidence = 0) BAD(c->confidence = 1)
          BAD(c->confidence = NAN_D) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* More slices than have a place. */
static uint64_t slice_of(size_t i)
{
    return i % 3 ? i % 4 : i * i % 11;
}

static void feed_slices(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(kedge_slices_record(&h->metric, slice_of(i), i % 5 == 0), KEDGE_OK);
}

static void feed_slices_many(handle *h, size_t from, size_t to)
{
    uint64_t slices[N_BATCH];
    uint8_t wrong[N_BATCH];
    for (size_t i = from; i < to; i++) {
        slices[i - from] = slice_of(i);
        wrong[i - from] = i % 5 == 0;
    }
    assert_int_equal(kedge_slices_record_many(&h->metric, slices, wrong, to - from), KEDGE_OK);
}

static const subject subjects[] = {
    SUBJECT_COVERINGS("paired", paired, N_BATCH),
    {"slices", &noun_metric, config_slices, spoil_slices, feed_slices, feed_slices_many, N_BATCH},
    {"slices in a window", &noun_metric, config_slices_window, spoil_slices, feed_slices, feed_slices_many, N_BATCH},
    {"slices tumbling", &noun_metric, config_slices_tumbling, spoil_slices, feed_slices, feed_slices_many, N_BATCH},
};

const subject_group group_pairs = {subjects, sizeof subjects / sizeof *subjects};
