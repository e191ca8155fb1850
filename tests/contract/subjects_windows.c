/* SPDX-License-Identifier: MIT */
/* Detectors that compare parts of a window. */
#include "subjects.h"

static void config_kswin(any_config *cfg)
{
    kedge_kswin_config c = kedge_kswin_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_kswin_river(any_config *cfg)
{
    kedge_kswin_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_kswin_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_kswin(any_config *cfg, size_t i)
{
    SPOIL(kedge_kswin_config, BAD(c->alpha = 0) BAD(c->alpha = 1) BAD(c->alpha = NAN_D) BAD(c->min_distance = -0.1)
          BAD(c->min_distance = 1.1) BAD(c->min_distance = NAN_D) BAD(c->window_size = 3) BAD(c->window_size = 4097)
          BAD(c->stat_size = 1)
          BAD(c->stat_size = 51) BAD(c->older = 0) BAD(c->older = 3) BAD(c->older = 257) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static void config_sliding_ks(any_config *cfg)
{
    kedge_sliding_ks_config c = kedge_sliding_ks_defaults();
    c.n_reference = 20;
    c.window_size = 15;
    c.alpha = 0.05;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sliding_ks_keep(any_config *cfg)
{
    kedge_sliding_ks_config c = kedge_sliding_ks_defaults();
    c.n_reference = 33;
    c.window_size = 40;
    c.alpha = 0.01;
    c.direction = KEDGE_DIRECTION_UP;
    c.on_drift = KEDGE_SLIDING_KEEP;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_sliding_ks(any_config *cfg, size_t i)
{
    SPOIL(kedge_sliding_ks_config, BAD(c->alpha = 0) BAD(c->alpha = 1) BAD(c->alpha = NAN_D) BAD(c->min_distance = -0.1)
          BAD(c->min_distance = 1.1) BAD(c->min_distance = NAN_D) BAD(c->n_reference = 1) BAD(c->n_reference = (1 << 20) + 1)
          BAD(c->window_size = 1) BAD(c->window_size = (1 << 20) + 1) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->on_drift = 0)
          BAD(c->on_drift = 3) BAD(c->on_drift = 257) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_sliding_histogram(any_config *cfg)
{
    kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
    c.n_reference = 20;
    c.window_size = 15;
    c.n_bins = 4;
    c.threshold = 0.5;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sliding_histogram_codes(any_config *cfg)
{
    kedge_sliding_histogram_config c = kedge_sliding_histogram_defaults();
    c.n_reference = 13;
    c.window_size = 30;
    c.n_bins = 5;
    c.threshold = 0.3;
    c.binning = KEDGE_BINS_VALUES;
    c.distance = KEDGE_HISTOGRAM_HELLINGER;
    c.on_drift = KEDGE_SLIDING_KEEP;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_sliding_histogram(any_config *cfg, size_t i)
{
    SPOIL(kedge_sliding_histogram_config, BAD(c->threshold = 0) BAD(c->threshold = 1.1e6) BAD(c->threshold = NAN_D)
          BAD(c->pseudo_count = 0)
          BAD(c->pseudo_count = 2e9) BAD(c->pseudo_count = NAN_D) BAD(c->n_reference = 1) BAD(c->n_reference = (1 << 20) + 1)
          BAD(c->window_size = 1) BAD(c->window_size = (1 << 20) + 1) BAD(c->n_bins = 1) BAD(c->n_bins = 257) BAD(c->distance = 0)
          BAD(c->distance = 7) BAD(c->distance = 257) BAD(c->binning = 0) BAD(c->binning = KEDGE_BINS_EQUAL) BAD(c->binning = 4)
          BAD(c->on_drift = 0) BAD(c->on_drift = 3) BAD(c->on_drift = 257) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static void config_sliding_mmd(any_config *cfg)
{
    kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(2);
    c.n_reference = 20;
    c.window_size = 15;
    c.n_features = 5;
    c.threshold = 0.3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sliding_mmd_keep(any_config *cfg)
{
    kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(1);
    c.n_reference = 11;
    c.window_size = 30;
    c.n_features = 4;
    c.threshold = 0.2;
    c.bandwidth = 0.7;
    c.on_drift = KEDGE_SLIDING_KEEP;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sliding_lsdd(any_config *cfg)
{
    kedge_sliding_mmd_config c = kedge_sliding_mmd_defaults(2);
    c.n_reference = 20;
    c.window_size = 15;
    c.n_features = 5;
    c.threshold = 0.1;
    c.figure = KEDGE_SLIDING_FIGURE_LSDD;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_sliding_mmd(any_config *cfg, size_t i)
{
    SPOIL(kedge_sliding_mmd_config, BAD(c->threshold = 0) BAD(c->threshold = 2.1) BAD(c->threshold = NAN_D) BAD(c->bandwidth = 1e-4)
          BAD(c->bandwidth = 1001) BAD(c->bandwidth = NAN_D) BAD(c->n_columns = 0) BAD(c->n_columns = 257) BAD(c->n_features = 0)
          BAD(c->n_features = 4097) BAD(c->n_reference = 1) BAD(c->n_reference = (1 << 20) + 1) BAD(c->window_size = 1)
          BAD(c->window_size = (1 << 20) + 1) BAD(c->on_drift = 0) BAD(c->on_drift = 3) BAD(c->on_drift = 257) BAD(c->figure = 0)
          BAD(c->figure = 3) BAD(c->regularisation = 0) BAD(c->regularisation = NAN_D)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_seed(any_config *cfg)
{
    kedge_seed_config c = kedge_seed_defaults();
    c.block_size = 4;
    c.compress_term = 8;
    c.max_blocks = 24;
    c.delta = 0.3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_seed_moa(any_config *cfg)
{
    kedge_seed_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_seed_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_seed(any_config *cfg, size_t i)
{
    SPOIL(kedge_seed_config, BAD(c->delta = 0) BAD(c->delta = 1) BAD(c->delta = NAN_D) BAD(c->epsilon_prime = 0)
          BAD(c->epsilon_prime = NAN_D) BAD(c->alpha = 0) BAD(c->alpha = NAN_D) BAD(c->alpha = 1e101) BAD(c->block_size = 1)
          BAD(c->block_size = 65537) BAD(c->compress_term = 0) BAD(c->compress_term = 65537) BAD(c->max_blocks = 3)
          BAD(c->max_blocks =
          65537) BAD(c->variance = 0) BAD(c->variance = 3) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof
          *c + 8) BAD(c->base.cls = NULL));
}

static void config_seqdrift2(any_config *cfg)
{
    kedge_seqdrift2_config c = kedge_seqdrift2_defaults();
    c.block_size = 8;
    c.max_reservoir = 40;
    c.delta = 0.3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_seqdrift2_bernoulli(any_config *cfg)
{
    kedge_seqdrift2_config c = kedge_seqdrift2_defaults();
    c.block_size = 10;
    c.max_reservoir = 15;
    c.variance = KEDGE_SEQDRIFT2_BERNOULLI;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_seqdrift2(any_config *cfg, size_t i)
{
    SPOIL(kedge_seqdrift2_config, BAD(c->delta = 0) BAD(c->delta = 1) BAD(c->delta = NAN_D) BAD(c->block_size = 1) BAD(c->block_size
          = 65537) BAD(c->max_reservoir = 7) BAD(c->max_reservoir = UINT32_MAX) BAD(c->variance = 0) BAD(c->variance = 3)
          BAD(c->direction
          = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_optwin(any_config *cfg)
{
    kedge_optwin_config c = kedge_optwin_defaults();
    c.alpha = 0.01;
    c.max_window = 100;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_optwin(any_config *cfg, size_t i)
{
    SPOIL(kedge_optwin_config, BAD(c->alpha = 0) BAD(c->alpha = 0.6) BAD(c->alpha = NAN_D) BAD(c->rho = 0) BAD(c->rho = 11)
          BAD(c->rho = NAN_D) BAD(c->min_noise = -1) BAD(c->min_noise = NAN_D) BAD(c->min_window = 9) BAD(c->min_window = 101)
          BAD(c->max_window = 19) BAD(c->max_window = UINT32_MAX) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->tests = 0)
          BAD(c->tests = 3) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_abcd(any_config *cfg)
{
    kedge_abcd_config c = kedge_abcd_defaults(2);
    c.n_train = 20;
    c.min_window = 10;
    c.max_window = 40;
    c.bucket_rows = 2;
    c.delta = 0.3;
    c.delta_warning = 0.9;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_abcd(any_config *cfg, size_t i)
{
    SPOIL(kedge_abcd_config, BAD(c->delta = 0) BAD(c->delta = 1) BAD(c->delta = NAN_D) BAD(c->delta_warning = 0.2)
          BAD(c->delta_warning =
          NAN_D) BAD(c->delta_warning = (double)INFINITY) BAD(c->clip = 0.9) BAD(c->clip = 1001) BAD(c->clip = NAN_D)
          BAD(c->subspace_p = 0)
          BAD(c->subspace_p = 1.1) BAD(c->subspace_p = NAN_D) BAD(c->n_features = 0)
          BAD(c->n_features = KEDGE_ABCD_MAX_FEATURES + 1)
          BAD(c->n_components = 2) BAD(c->n_train = 9) BAD(c->n_train = UINT32_MAX) BAD(c->min_window = 1) BAD(c->min_window = 41)
          BAD(c->max_window = 9) BAD(c->max_window = UINT32_MAX) BAD(c->max_buckets = 1) BAD(c->max_buckets = 33)
          BAD(c->bucket_rows = 0)
          BAD(c->bucket_rows = 1025) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

/* Whole rows where they begin and end within the range, single numbers at its ends. */
static void feed_pairs(handle *h, size_t from, size_t to, kedge_status (*update)(kedge_detector *d, const double *row))
{
    size_t i = from;
    while (i < to) {
        double row[2] = {contract_value(i), contract_value(i + 1)};
        kedge_status st = i + 1 < to ? update(&h->detector, row) : KEDGE_ERR_STATE;
        if (st == KEDGE_ERR_STATE) { /* the last number, or a row is begun */
            assert_true(kedge_detector_update(&h->detector, row[0]) >= 0);
            i++;
        } else {
            assert_true(st >= 0);
            i += 2;
        }
    }
}

static void feed_sliding_mmd(handle *h, size_t from, size_t to)
{
    feed_pairs(h, from, to, kedge_sliding_mmd_update);
}

static void feed_abcd(handle *h, size_t from, size_t to)
{
    feed_pairs(h, from, to, kedge_abcd_update);
}

static void config_hdddm(any_config *cfg)
{
    kedge_hdddm_config c = kedge_hdddm_defaults(2);
    c.batch_size = 11;
    c.n_bins = 5;
    c.n_learn = 3;
    c.gamma = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_cdbd(any_config *cfg)
{
    kedge_hdddm_config c = kedge_hdddm_defaults(1);
    c.batch_size = 15;
    c.n_bins = 4;
    c.n_learn = 2;
    c.gamma = 0.5;
    c.distance = KEDGE_HDDDM_KULLBACK_LEIBLER;
    c.threshold = KEDGE_HDDDM_STUDENT;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_hdddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_hdddm_config, BAD(c->gamma = 0) BAD(c->gamma = 1.1e6) BAD(c->gamma = NAN_D) BAD(c->pseudo_count = 0)
          BAD(c->pseudo_count = 2e9)
          BAD(c->pseudo_count = NAN_D) BAD(c->n_features = 0) BAD(c->n_features = KEDGE_HDDDM_MAX_FEATURES + 1)
          BAD(c->batch_size = 1)
          BAD(c->batch_size = (1 << 20) + 1) BAD(c->n_bins = 1) BAD(c->n_bins = 1025) BAD(c->n_learn = 1)
          BAD(c->n_learn = (1 << 20) + 1)
          BAD(c->distance = 0) BAD(c->distance = 3) BAD(c->distance = 257) BAD(c->threshold = 0) BAD(c->threshold = 3)
          BAD(c->threshold = 258) BAD(c->alpha = 0) BAD(c->alpha = 1) BAD(c->alpha = NAN_D)
          BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static void feed_hdddm(handle *h, size_t from, size_t to)
{
    feed_pairs(h, from, to, kedge_hdddm_update);
}

static void config_pca_cd(any_config *cfg)
{
    kedge_pca_cd_config c = kedge_pca_cd_defaults(2);
    c.window_size = 20;
    c.n_bins = 5;
    c.step = 3;
    c.threshold = 0.3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_pca_cd_relearn(any_config *cfg)
{
    kedge_pca_cd_config c = kedge_pca_cd_defaults(1);
    c.window_size = 15;
    c.n_bins = 4;
    c.step = 2;
    c.threshold = 0.4;
    c.explained = 1;
    c.divergence = KEDGE_PCA_CD_KULLBACK_LEIBLER;
    c.on_drift = KEDGE_PCA_CD_RELEARN;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_pca_cd(any_config *cfg, size_t i)
{
    SPOIL(kedge_pca_cd_config, BAD(c->explained = 0) BAD(c->explained = 1.1) BAD(c->explained = NAN_D) BAD(c->delta = -0.1)
          BAD(c->delta = 11)
          BAD(c->delta = NAN_D) BAD(c->threshold = 0) BAD(c->threshold = 1.1e6) BAD(c->threshold = NAN_D) BAD(c->pseudo_count = 0)
          BAD(c->pseudo_count = 2e9) BAD(c->pseudo_count = NAN_D) BAD(c->n_features = 0)
          BAD(c->n_features = KEDGE_PCA_CD_MAX_FEATURES + 1)
          BAD(c->window_size = 1) BAD(c->window_size = (1 << 20) + 1) BAD(c->n_bins = 1) BAD(c->n_bins = 257) BAD(c->step = 0)
          BAD(c->step = (1 << 20) + 1) BAD(c->divergence = 0) BAD(c->divergence = 3) BAD(c->divergence = 257) BAD(c->on_drift = 0)
          BAD(c->on_drift = 3) BAD(c->on_drift = 257) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_pca_cd(handle *h, size_t from, size_t to)
{
    feed_pairs(h, from, to, kedge_pca_cd_update);
}

static const subject subjects[] = {
    {"pca_cd", &noun_detector, config_pca_cd, spoil_pca_cd, feed_pca_cd, feed_detector_many, 600},
    {"pca_cd, learned anew", &noun_detector, config_pca_cd_relearn, spoil_pca_cd, feed_detector, feed_detector_many, 600},
    {"sliding_mmd", &noun_detector, config_sliding_mmd, spoil_sliding_mmd, feed_sliding_mmd, feed_detector_many, 300},
    {"sliding_mmd, LSDD", &noun_detector, config_sliding_lsdd, spoil_sliding_mmd, feed_sliding_mmd, feed_detector_many, 300},
    {"sliding_mmd of numbers, kept", &noun_detector, config_sliding_mmd_keep, spoil_sliding_mmd, feed_detector, feed_detector_many,
     300},
    {"abcd", &noun_detector, config_abcd, spoil_abcd, feed_abcd, feed_detector_many, 600},
    {"hdddm", &noun_detector, config_hdddm, spoil_hdddm, feed_hdddm, feed_detector_many, 600},
    {"hdddm as CDBD", &noun_detector, config_cdbd, spoil_hdddm, feed_detector, feed_detector_many, 600},
    {"sliding_ks", &noun_detector, config_sliding_ks, spoil_sliding_ks, feed_detector, feed_detector_many, 300},
    {"sliding_ks, kept", &noun_detector, config_sliding_ks_keep, spoil_sliding_ks, feed_detector, feed_detector_many, 300},
    {"sliding_histogram", &noun_detector, config_sliding_histogram, spoil_sliding_histogram, feed_detector, feed_detector_many,
     300},
    {"sliding_histogram of codes", &noun_detector, config_sliding_histogram_codes, spoil_sliding_histogram, feed_detector,
     feed_detector_many, 300},
    {"kswin", &noun_detector, config_kswin, spoil_kswin, feed_detector, feed_detector_many, 600},
    {"kswin as in river", &noun_detector, config_kswin_river, spoil_kswin, feed_detector, feed_detector_many, 600},
    {"seed", &noun_detector, config_seed, spoil_seed, feed_detector, feed_detector_many, 600},
    {"seed as in MOA", &noun_detector, config_seed_moa, spoil_seed, feed_detector, feed_detector_many, 600},
    {"seqdrift2", &noun_detector, config_seqdrift2, spoil_seqdrift2, feed_detector, feed_detector_many, 600},
    {"seqdrift2, variance as in MOA", &noun_detector, config_seqdrift2_bernoulli, spoil_seqdrift2, feed_detector,
     feed_detector_many, 600},
    {"optwin", &noun_detector, config_optwin, spoil_optwin, feed_detector, feed_detector_many, 600},
};

const subject_group group_windows = {subjects, sizeof subjects / sizeof *subjects};
