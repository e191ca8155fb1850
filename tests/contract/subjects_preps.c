/* SPDX-License-Identifier: MIT */
/* Contract subjects: preps. */
#include "subjects.h"

enum { N_ROWS = 150, N_COLUMNS = 5 };

#define PREP_CONFIG(c)                                                                             \
    do {                                                                                           \
        memset(cfg, 0, sizeof *cfg);                                                               \
        memcpy(cfg, &(c), sizeof(c));                                                              \
    } while (0)

#define SPOIL_PREP_BASE                                                                            \
    BAD(c->base.n_columns = 0)                                                                     \
    BAD(c->base.n_columns = KEDGE_PREP_COLUMNS_MAX + 1)                                            \
    BAD(c->base.columns.first = N_COLUMNS)                                                         \
    BAD(c->base.columns.n = 0)                                                                     \
    BAD(c->base.columns.n = UINT32_MAX)                                                            \
    BAD(c->base.columns = kedge_columns_none(N_COLUMNS))                                           \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)

static kedge_scale_config scale_by(uint32_t method)
{
    kedge_scale_config c = kedge_scale_defaults(N_COLUMNS);
    c.method = method;
    c.level_size = 16;
    return c;
}

static void config_standard(any_config *cfg)
{
    kedge_scale_config c = scale_by(KEDGE_SCALE_STANDARD);
    PREP_CONFIG(c);
}

static void config_min_max(any_config *cfg)
{
    kedge_scale_config c = scale_by(KEDGE_SCALE_MIN_MAX);
    c.base.columns.mask[0] = 1u | 2u | 8u;
    c.clip = 1;
    PREP_CONFIG(c);
}

static void config_robust(any_config *cfg)
{
    kedge_scale_config c = scale_by(KEDGE_SCALE_ROBUST);
    c.base.columns.first = 1;
    c.base.columns.n = 2;
    PREP_CONFIG(c);
}

static int spoil_scale(any_config *cfg, size_t i)
{
    SPOIL(kedge_scale_config, SPOIL_PREP_BASE BAD(c->method = 0) BAD(c->method = 4) BAD(c->center = 2) BAD(c->scale = 2)
          BAD(c->clip = 2)
          BAD(c->low = NAN_D) BAD(c->low = -2e6) BAD(c->low = 1) BAD(c->high = NAN_D) BAD(c->high = 2e6) BAD(c->lower = -0.1)
          BAD(c->lower = NAN_D) BAD(c->lower = 0.75) BAD(c->upper = 1.1) BAD(c->upper = NAN_D) BAD(c->level_size = 0)
          BAD(c->level_size = 100) BAD(c->level_size = 1u << 17));
}

static void impute_by(any_config *cfg, uint32_t method, uint32_t indicator)
{
    kedge_impute_config c = kedge_impute_defaults(N_COLUMNS);
    c.method = method;
    c.indicator = indicator;
    c.level_size = 16;
    c.max_categories = 3;
    PREP_CONFIG(c);
}

static void config_mean(any_config *cfg)
{
    impute_by(cfg, KEDGE_IMPUTE_MEAN, 1);
}

static void config_median(any_config *cfg)
{
    impute_by(cfg, KEDGE_IMPUTE_MEDIAN, 0);
}

static void config_mode(any_config *cfg)
{
    impute_by(cfg, KEDGE_IMPUTE_MODE, 0);
}

static void config_last(any_config *cfg)
{
    impute_by(cfg, KEDGE_IMPUTE_LAST, 1);
}

static int spoil_impute(any_config *cfg, size_t i)
{
    SPOIL(kedge_impute_config, SPOIL_PREP_BASE BAD(c->method = 0) BAD(c->method = 6) BAD(c->indicator = 2) BAD(c->constant = NAN_D)
          BAD(c->constant = INFINITY) BAD(c->constant = 2e300) BAD(c->level_size = 8) BAD(c->max_categories = 1)
          BAD(c->max_categories = 5000));
}

static void config_one_hot(any_config *cfg)
{
    kedge_one_hot_config c = kedge_one_hot_defaults(N_COLUMNS);
    c.base.columns.mask[0] = 1u | 4u;
    c.codes.max = 3;
    c.other = 1;
    PREP_CONFIG(c);
}

static void config_one_hot_strict(any_config *cfg)
{
    kedge_one_hot_config c = kedge_one_hot_defaults(N_COLUMNS);
    c.base.columns.mask[0] = 1u | 4u;
    c.codes.max = 3;
    c.codes.unseen = KEDGE_UNSEEN_ERROR;
    c.drop_first = 1;
    PREP_CONFIG(c);
}

#define SPOIL_CODES                                                                                \
    BAD(c->codes.max = 0)                                                                          \
    BAD(c->codes.max = KEDGE_CODES_MAX + 1)                                                        \
    BAD(c->codes.known = 2)                                                                        \
    BAD(c->codes.unseen = 0)                                                                       \
    BAD(c->codes.unseen = 3)

static int spoil_one_hot(any_config *cfg, size_t i)
{
    SPOIL(kedge_one_hot_config, SPOIL_PREP_BASE SPOIL_CODES BAD(c->drop_first = 2) BAD(c->other = 2)
          BAD((c->codes.max = 1, c->drop_first = 1, c->other = 0)));
}

static void config_ordinal(any_config *cfg)
{
    kedge_ordinal_config c = kedge_ordinal_defaults(N_COLUMNS);
    c.codes.max = 5;
    PREP_CONFIG(c);
}

static int spoil_ordinal(any_config *cfg, size_t i)
{
    SPOIL(kedge_ordinal_config, SPOIL_PREP_BASE SPOIL_CODES BAD(c->other = NAN_D) BAD(c->other = 2e300));
}

static void config_target(any_config *cfg)
{
    kedge_target_code_config c = kedge_target_code_defaults(N_COLUMNS);
    c.codes.max = 3;
    PREP_CONFIG(c);
}

static void config_target_known(any_config *cfg)
{
    kedge_target_code_config c = kedge_target_code_defaults(N_COLUMNS);
    c.base.columns.n = 1;
    c.codes.known = 1;
    c.codes.max = 3;
    c.codes.unseen = KEDGE_UNSEEN_ERROR;
    PREP_CONFIG(c);
}

static int spoil_target(any_config *cfg, size_t i)
{
    SPOIL(kedge_target_code_config, SPOIL_PREP_BASE SPOIL_CODES BAD(c->smooth = -1) BAD(c->smooth = NAN_D) BAD(c->smooth = 2e9)
          BAD(c->prior = INFINITY) BAD(c->prior = 2e100));
}

static void config_hash(any_config *cfg)
{
    kedge_hash_code_config c = kedge_hash_code_defaults(N_COLUMNS);
    c.base.columns.mask[0] = 1u | 4u;
    c.n_buckets = 4;
    PREP_CONFIG(c);
}

static int spoil_hash(any_config *cfg, size_t i)
{
    SPOIL(kedge_hash_code_config, SPOIL_PREP_BASE BAD(c->n_buckets = 1) BAD(c->n_buckets = 0)
          BAD(c->n_buckets = KEDGE_PREP_COLUMNS_MAX));
}

static void config_polynomial(any_config *cfg)
{
    kedge_polynomial_config c = kedge_polynomial_defaults(N_COLUMNS);
    c.base.columns.mask[0] = 1u | 2u | 8u;
    c.degree = 3;
    PREP_CONFIG(c);
}

static int spoil_polynomial(any_config *cfg, size_t i)
{
    SPOIL(kedge_polynomial_config, SPOIL_PREP_BASE BAD(c->degree = 1) BAD(c->degree = 4) BAD(c->interactions = 2)
          BAD((c->base.n_columns = 60000, c->base.columns = kedge_columns_all(60000))));
}

static void config_lag(any_config *cfg)
{
    kedge_lag_config c = kedge_lag_defaults(N_COLUMNS);
    c.base.columns.mask[0] = 2u | 8u;
    c.n_lags = 4;
    PREP_CONFIG(c);
}

static int spoil_lag(any_config *cfg, size_t i)
{
    SPOIL(kedge_lag_config, SPOIL_PREP_BASE BAD(c->n_lags = 0) BAD(c->n_lags = 1025) BAD(c->missing = INFINITY)
          BAD(c->missing = -2e300));
}

static void config_clip(any_config *cfg)
{
    kedge_clip_config c = kedge_clip_defaults(N_COLUMNS);
    c.level_size = 16;
    c.base.columns.n = 3;
    PREP_CONFIG(c);
}

static void config_clip_fixed(any_config *cfg)
{
    kedge_clip_config c = kedge_clip_defaults(N_COLUMNS);
    c.method = KEDGE_CLIP_FIXED;
    c.low = -1;
    c.high = 20;
    PREP_CONFIG(c);
}

static int spoil_clip(any_config *cfg, size_t i)
{
    SPOIL(kedge_clip_config, SPOIL_PREP_BASE BAD(c->method = 0) BAD(c->method = 3) BAD(c->level_size = 15) BAD(c->low = NAN_D)
          BAD(c->low = -2e300)
          BAD(c->high = NAN_D) BAD((c->low = 1, c->high = 0)) BAD(c->high = 2e300) BAD(c->lower = -0.1) BAD(c->lower = 1)
              BAD(c->upper = 1.5)
          BAD(c->upper = NAN_D));
}

static void config_quantiles(any_config *cfg)
{
    kedge_quantiles_config c = kedge_quantiles_defaults(N_COLUMNS);
    c.level_size = 16;
    c.base.columns.n = 2;
    c.n_quantiles = 7;
    c.output = KEDGE_QUANTILES_NORMAL;
    PREP_CONFIG(c);
}

static int spoil_quantiles(any_config *cfg, size_t i)
{
    SPOIL(kedge_quantiles_config, SPOIL_PREP_BASE BAD(c->output = 0) BAD(c->output = 3) BAD(c->n_quantiles = 1)
          BAD(c->n_quantiles = 4097)
          BAD(c->level_size = 17));
}

/* A step that refuses rows, and one that needs targets. */
static void config_chain_strict(any_config *cfg)
{
    static kedge_chain_class cls;
    static kedge_lag_config lag;
    static kedge_one_hot_config one_hot;
    static kedge_target_code_config target;
    const kedge_prep_class *const kinds[] = {&kedge_lag, &kedge_one_hot, &kedge_target_code};
    kedge_chain_config c;
    assert_int_equal(kedge_chain_class_init(&cls, kinds, 3), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&c, sizeof c, &cls, N_COLUMNS), KEDGE_OK);
    lag = kedge_lag_defaults(N_COLUMNS);
    lag.base.columns.n = 2;
    one_hot = kedge_one_hot_defaults(kedge_prep_width(&lag.base));
    one_hot.base.columns.n = 1;
    one_hot.codes.max = 3;
    one_hot.codes.unseen = KEDGE_UNSEEN_ERROR;
    target = kedge_target_code_defaults(kedge_prep_width(&one_hot.base));
    target.base.columns.first = 4;
    target.base.columns.n = 1;
    c.steps[0] = &lag.base;
    c.steps[1] = &one_hot.base;
    c.steps[2] = &target.base;
    PREP_CONFIG(c);
}

static void config_chain(any_config *cfg)
{
    static kedge_chain_class cls;
    static kedge_impute_config impute;
    static kedge_scale_config scale, robust;
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale, &kedge_scale};
    kedge_chain_config c;
    assert_int_equal(kedge_chain_class_init(&cls, kinds, 3), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&c, sizeof c, &cls, N_COLUMNS), KEDGE_OK);
    c.base.columns.mask[0] = 1u | 2u | 8u | 16u;
    impute = kedge_impute_defaults(4);
    impute.indicator = 1;
    scale = kedge_scale_defaults(8);
    robust = kedge_scale_defaults(8);
    robust.method = KEDGE_SCALE_ROBUST;
    robust.level_size = 16;
    robust.base.columns.n = 2;
    c.steps[0] = &impute.base;
    c.steps[1] = &scale.base;
    c.steps[2] = &robust.base;
    PREP_CONFIG(c);
}

static int spoil_chain(any_config *cfg, size_t i)
{
    SPOIL(kedge_chain_config, SPOIL_PREP_BASE BAD(c->steps[0] = NULL) BAD(c->steps[1] = NULL) BAD(c->steps[2] = NULL)
          BAD(c->steps[1] = c->steps[0]) BAD(c->base.columns.n = 3));
}

static int spoil_chain_strict(any_config *cfg, size_t i)
{
    SPOIL(kedge_chain_config, SPOIL_PREP_BASE BAD(c->steps[1] = NULL) BAD(c->steps[1] = c->steps[0])
          BAD(c->steps[2] = c->steps[0]));
}

static const subject subjects[] = {
    {"standard scale", &noun_prep, config_standard, spoil_scale, feed_prep, feed_prep_many, N_ROWS},
    {"standard scale, fitted", &noun_prep, config_standard, spoil_scale, fit_prep, NULL, N_ROWS},
    {"min-max scale", &noun_prep, config_min_max, spoil_scale, feed_prep, feed_prep_many, N_ROWS},
    {"robust scale", &noun_prep, config_robust, spoil_scale, feed_prep, feed_prep_many, N_ROWS},
    {"robust scale, fitted", &noun_prep, config_robust, spoil_scale, fit_prep, NULL, N_ROWS},
    {"mean for missing", &noun_prep, config_mean, spoil_impute, feed_prep, feed_prep_many, N_ROWS},
    {"median for missing", &noun_prep, config_median, spoil_impute, feed_prep, feed_prep_many, N_ROWS},
    {"mode for missing", &noun_prep, config_mode, spoil_impute, feed_prep, feed_prep_many, N_ROWS},
    {"mode for missing, fitted", &noun_prep, config_mode, spoil_impute, fit_prep, NULL, N_ROWS},
    {"last for missing", &noun_prep, config_last, spoil_impute, feed_prep, feed_prep_many, N_ROWS},
    {"one-hot encoding", &noun_prep, config_one_hot, spoil_one_hot, feed_prep, feed_prep_many, N_ROWS},
    {"one-hot encoding, strict", &noun_prep, config_one_hot_strict, spoil_one_hot, feed_prep, feed_prep_many, N_ROWS},
    {"one-hot encoding, fitted", &noun_prep, config_one_hot, spoil_one_hot, fit_prep, NULL, N_ROWS},
    {"ordinal encoding", &noun_prep, config_ordinal, spoil_ordinal, feed_prep, feed_prep_many, N_ROWS},
    {"ordinal encoding, fitted", &noun_prep, config_ordinal, spoil_ordinal, fit_prep, NULL, N_ROWS},
    {"target encoding", &noun_prep, config_target, spoil_target, feed_prep, feed_prep_many, N_ROWS},
    {"target encoding of known categories", &noun_prep, config_target_known, spoil_target, feed_prep, feed_prep_many, N_ROWS},
    {"target encoding, fitted", &noun_prep, config_target, spoil_target, fit_prep, NULL, N_ROWS},
    {"hashed encoding", &noun_prep, config_hash, spoil_hash, feed_prep, feed_prep_many, N_ROWS},
    {"polynomial features", &noun_prep, config_polynomial, spoil_polynomial, feed_prep, feed_prep_many, N_ROWS},
    {"lags", &noun_prep, config_lag, spoil_lag, feed_prep, feed_prep_many, N_ROWS},
    {"clipping", &noun_prep, config_clip, spoil_clip, feed_prep, feed_prep_many, N_ROWS},
    {"clipping, fixed", &noun_prep, config_clip_fixed, spoil_clip, feed_prep, feed_prep_many, N_ROWS},
    {"clipping, fitted", &noun_prep, config_clip, spoil_clip, fit_prep, NULL, N_ROWS},
    {"quantile transform", &noun_prep, config_quantiles, spoil_quantiles, feed_prep, feed_prep_many, N_ROWS},
    {"quantile transform, fitted", &noun_prep, config_quantiles, spoil_quantiles, fit_prep, NULL, N_ROWS},
    {"chain, strict", &noun_prep, config_chain_strict, spoil_chain_strict, feed_prep, feed_prep_many, N_ROWS},
    {"chain", &noun_prep, config_chain, spoil_chain, feed_prep, feed_prep_many, N_ROWS},
    {"chain, fitted", &noun_prep, config_chain, spoil_chain, fit_prep, NULL, N_ROWS},
};

const subject_group group_preps = {subjects, sizeof subjects / sizeof *subjects};
