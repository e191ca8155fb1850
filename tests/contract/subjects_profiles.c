/* SPDX-License-Identifier: MIT */
/* Profiles of columns. */
#include "subjects.h"

static void config_profile(any_config *cfg)
{
    kedge_profile_config c = kedge_profile_defaults();
    c.level_size = 16;
    c.max_values = 4096;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_profile(any_config *cfg, size_t i)
{
    SPOIL(kedge_profile_config,
          BAD(c->level_size = 8) BAD(c->level_size = 17) BAD(c->level_size = 131072) BAD(c->level_size = 0) BAD(c->max_values = 15)
              BAD(c->max_values = ((uint64_t)1 << 48) + 1) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* Every ninth is missing. A forged state may be full: it refuses, and no more. */
static double profile_value(size_t i)
{
    return i % 9 == 4 ? NAN_D : contract_value(i) * 100;
}

static void feed_profile(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_profile_record(&h->metric, profile_value(i));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

static void feed_profile_many(handle *h, size_t from, size_t to)
{
    double *x = guard_new((to - from) * sizeof *x, 0);
    size_t used;
    for (size_t i = from; i < to; i++)
        x[i - from] = profile_value(i);
    kedge_rows rows = kedge_rows_float64(x, to - from, 1);
    assert_int_equal(kedge_profile_record_column(&h->metric, &rows, 0, &used), KEDGE_OK);
    assert_int_equal(used, to - from);
    guard_free(x);
}

static void config_categories(any_config *cfg)
{
    kedge_categories_config c = kedge_categories_defaults();
    c.max_categories = 5;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_categories(any_config *cfg, size_t i)
{
    SPOIL(kedge_categories_config, BAD(c->max_categories = 1) BAD(c->max_categories = 4097)
    BAD(c->base.config_bytes = sizeof *c + 8)
                                       BAD(c->base.cls = NULL));
}

/* More categories than it may keep, of very different shares. */
static double categories_value(size_t i)
{
    return i % 9 == 4 ? NAN_D : floor(30 * contract_value(i) * contract_value(i));
}

static void feed_categories(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        kedge_status st = kedge_categories_record(&h->metric, categories_value(i));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

static void feed_categories_many(handle *h, size_t from, size_t to)
{
    double *x = guard_new((to - from) * sizeof *x, 0);
    size_t used;
    for (size_t i = from; i < to; i++)
        x[i - from] = categories_value(i);
    kedge_rows rows = kedge_rows_float64(x, to - from, 1);
    assert_int_equal(kedge_categories_record_column(&h->metric, &rows, 0, &used), KEDGE_OK);
    assert_int_equal(used, to - from);
    guard_free(x);
}

static const subject profiles[] = {
    {"categories", &noun_metric, config_categories, spoil_categories, feed_categories, feed_categories_many, 300},
    {"profile", &noun_metric, config_profile, spoil_profile, feed_profile, feed_profile_many, 300},
};

const subject_group group_profiles = {profiles, sizeof profiles / sizeof *profiles};
