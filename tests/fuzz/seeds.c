/* SPDX-License-Identifier: MIT */
/* Snapshots of live objects of every class, fresh and used, in the order in which the target numbers the classes. */
#include "seeds.h"

_Alignas(8) unsigned char seed_mem[SEED_MEM];
_Alignas(8) unsigned char seed_config[KEDGE_CONFIG_MAX];

double seed_value(size_t i)
{
    kedge_rng rng = {i};
    return kedge_rng_uniform(&rng) < (i < 400 ? 0.2 : 0.7);
}

static size_t seed_detector(const kedge_detector_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_detector d;
    size_t len = 0;
    cls->base.defaults(seed_config);
    if (cls == &kedge_adwin)
        ((kedge_adwin_config *)(void *)seed_config)->max_window = 200;
    if (cls == &kedge_abcd) { /* two concepts within 1,000 numbers */
        kedge_abcd_config *cfg = (kedge_abcd_config *)(void *)seed_config;
        cfg->n_features = 3;
        cfg->n_components = 1;
        cfg->n_train = 20;
        cfg->max_window = 100;
    }
    if (cls == &kedge_hdddm) {
        kedge_hdddm_config *cfg = (kedge_hdddm_config *)(void *)seed_config;
        cfg->n_features = 2;
        cfg->batch_size = 20;
        cfg->n_bins = 4;
        cfg->n_learn = 3;
    }
    if (cls == &kedge_pca_cd) {
        kedge_pca_cd_config *cfg = (kedge_pca_cd_config *)(void *)seed_config;
        cfg->n_features = 2;
        cfg->window_size = 30;
        cfg->n_bins = 4;
        cfg->step = 3;
        cfg->threshold = 0.3;
    }
    if (cls == &kedge_ensemble) {
        ((kedge_ensemble_config *)(void *)seed_config)->n_members = 3;
        ((kedge_ensemble_config *)(void *)seed_config)->votes = 2;
    }
    if (kedge_detector_init(&d, (const kedge_detector_config *)(const void *)seed_config, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (kedge_detector_update(&d, seed_value(i)) < 0)
            return 0;
    return kedge_detector_save(&d, buf, cap, &len) < 0 ? 0 : len;
}

static size_t seed_stream(const kedge_stream_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_stream_config *cfg = (kedge_stream_config *)(void *)seed_config;
    kedge_stream s;
    double x[64], y;
    size_t len = 0;
    cls->base.defaults(seed_config);
    cfg->at = 200;
    cfg->pattern = n % 2 ? KEDGE_CHANGE_RECURRING : KEDGE_CHANGE_GRADUAL;
    if (kedge_stream_init(&s, cfg, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (kedge_stream_next(&s, x, &y, NULL, 1) < 0)
            return 0;
    return kedge_stream_save(&s, buf, cap, &len) < 0 ? 0 : len;
}

static size_t seed_fleet(const kedge_fleet_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_fleet_config *cfg = (kedge_fleet_config *)(void *)seed_config;
    kedge_fleet f;
    double x[3];
    uint8_t signals[3];
    size_t len = 0;
    cls->base.defaults(seed_config);
    cfg->n_streams = 3;
    if (kedge_fleet_init(&f, cfg, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 3; k++)
            x[k] = seed_value(i + k);
        if (kedge_fleet_update(&f, x, 3, signals, NULL) < 0)
            return 0;
    }
    return kedge_fleet_save(&f, buf, cap, &len) < 0 ? 0 : len;
}

/* A log of some records. */
static size_t seed_audit(size_t n, unsigned char *buf, size_t cap)
{
    const kedge_audit_decision decision = {n, 1, 0.5, 1, 0};
    kedge_audit a;
    if (kedge_audit_begin(&a, buf, cap, NULL, 0, NULL) < 0)
        return 0;
    for (size_t i = 0; i < n % 97; i++)
        if ((i % 3 ? kedge_audit_append(&a, (uint32_t)i, i, seed_config, i % 17) : kedge_audit_append_decision(&a, i, &decision)) <
            0)
            return 0;
    return a.used;
}

size_t fuzz_seed(size_t i, unsigned char *buf, size_t cap)
{
    static const size_t lengths[] = {0, 31, 500, 901, 1000, 1001};
    const size_t n_lengths = sizeof lengths / sizeof *lengths;
    size_t class_number = i / n_lengths, n = 0, len = 0;
    size_t used = lengths[i % n_lengths];
    for (const kedge_detector_class *const *c = kedge_detector_classes(); *c; c++)
        if (class_number == n++)
            len = seed_detector(*c, used, buf + 1, cap - 1);
    for (const kedge_model_class *const *c = kedge_model_classes(); *c; c++)
        if (class_number == n++)
            len = seed_model(*c, used, buf + 1, cap - 1);
    for (const kedge_metric_class *const *c = kedge_metric_classes(); *c; c++)
        if (class_number == n++)
            len = seed_metric(*c, used, buf + 1, cap - 1);
    for (const kedge_stream_class *const *c = kedge_stream_classes(); *c; c++)
        if (class_number == n++)
            len = seed_stream(*c, used, buf + 1, cap - 1);
    for (const kedge_fleet_class *const *c = kedge_fleet_classes(); *c; c++)
        if (class_number == n++)
            len = seed_fleet(*c, used, buf + 1, cap - 1);
    for (const kedge_control_class *const *c = kedge_control_classes(); *c; c++)
        if (class_number == n++)
            len = seed_control(*c, used, buf + 1, cap - 1);
    for (const kedge_prep_class *const *c = kedge_prep_classes(); *c; c++)
        if (class_number == n++)
            len = seed_prep(*c, used, buf + 1, cap - 1);
    if (class_number == n)
        len = seed_pipeline(used, buf + 1, cap - 1);
    buf[0] = (unsigned char)(0x80u | class_number);
    for (const kedge_model_class *const *c = kedge_model_classes(); *c; c++)
        if (class_number == ++n) {
            len = seed_frozen(*c, used, buf + 1, cap - 1);
            buf[0] = 0x80u | FUZZ_FROZEN;
        }
    if (class_number == ++n) {
        len = seed_members(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_MEMBERS;
    }
    if (class_number == ++n) {
        len = seed_contest(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_CONTEST;
    }
    if (class_number == ++n) {
        len = seed_chain(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_CHAIN;
    }
    if (class_number == ++n) {
        len = seed_audit(used, buf + 1, cap - 1);
        buf[0] = 0x80u | FUZZ_FROZEN;
    }
    return class_number > n ? 0 : len + 1;
}
