/* SPDX-License-Identifier: MIT */
/* Snapshots of metrics. */
#include "seeds.h"

size_t seed_metric(const kedge_metric_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_metric m;
    size_t len = 0;
    cls->base.defaults(seed_config);
    if (cls == &kedge_quality) {
        kedge_quality_config *cfg = (kedge_quality_config *)(void *)seed_config;
        cfg->n_classes = 2;
        cfg->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        cfg->window = 10;
    }
    if (cls == &kedge_regression) {
        ((kedge_regression_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_regression_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_slices) {
        kedge_slices_config *cfg = (kedge_slices_config *)(void *)seed_config;
        cfg->max_slices = 5;
        cfg->over = n % 3 == 2 ? KEDGE_OVER_TUMBLING : n % 3 ? KEDGE_OVER_WINDOW : KEDGE_OVER_ALL;
        cfg->window = 20;
    }
    if (cls == &kedge_paired) {
        ((kedge_paired_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_paired_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_reliability) {
        kedge_reliability_config *cfg = (kedge_reliability_config *)(void *)seed_config;
        cfg->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        cfg->window = 9;
        cfg->n_bins = 3;
    }
    if (cls == &kedge_cbpe) {
        ((kedge_cbpe_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_cbpe_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_cost) {
        ((kedge_cost_config *)(void *)seed_config)->price_compute = 2;
        ((kedge_cost_config *)(void *)seed_config)->watts = 30;
    }
    if (cls == &kedge_joiner) {
        ((kedge_joiner_config *)(void *)seed_config)->capacity = 7;
        ((kedge_joiner_config *)(void *)seed_config)->max_age = 1 + n;
    }
    if (cls == &kedge_slo) {
        kedge_slo_config *cfg = (kedge_slo_config *)(void *)seed_config;
        cfg->objective = 0.75;
        cfg->period_ns = 20;
        cfg->n_slots = 7;
        cfg->n_alerts = 1;
        cfg->alerts[0].long_ns = 10;
        cfg->alerts[0].short_ns = 3;
        cfg->alerts[0].burn = 2.0;
    }
    if (cls == &kedge_dle) {
        ((kedge_dle_config *)(void *)seed_config)->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        ((kedge_dle_config *)(void *)seed_config)->window = 9;
    }
    if (cls == &kedge_auc_stream) {
        ((kedge_auc_stream_config *)(void *)seed_config)->over = n % 3 == 2 ? KEDGE_OVER_TUMBLING
                                                                 : n % 3    ? KEDGE_OVER_FADING
                                                                            : KEDGE_OVER_ALL;
        ((kedge_auc_stream_config *)(void *)seed_config)->window = 20;
        ((kedge_auc_stream_config *)(void *)seed_config)->bits = 1;
        ((kedge_auc_stream_config *)(void *)seed_config)->octaves = 5;
    }
    if (cls == &kedge_auc_window)
        ((kedge_auc_window_config *)(void *)seed_config)->window = 70;
    if (cls == &kedge_fairness) {
        kedge_fairness_config *cfg = (kedge_fairness_config *)(void *)seed_config;
        cfg->over = KEDGE_OVER_ALL + (uint32_t)(n % 4);
        cfg->window = 9;
        cfg->n_bins = 2;
    }
    if (cls == &kedge_profile) {
        ((kedge_profile_config *)(void *)seed_config)->level_size = 16;
        ((kedge_profile_config *)(void *)seed_config)->max_values = 5000;
    }
    if (cls == &kedge_categories)
        ((kedge_categories_config *)(void *)seed_config)->max_categories = 7;
    if (cls == &kedge_latency) {
        kedge_latency_config *cfg = (kedge_latency_config *)(void *)seed_config;
        cfg->highest = n % 3 == 1 ? 2000 : 100000;
        cfg->digits = 1;
        cfg->over = n % 3 == 1 ? KEDGE_OVER_WINDOW : KEDGE_OVER_ALL;
        cfg->window_ns = 100;
        cfg->n_slots = 3;
    }
    if (cls == &kedge_latency_shared) {
        kedge_latency_shared_config *cfg = (kedge_latency_shared_config *)(void *)seed_config;
        cfg->highest = 2000;
        cfg->digits = 1;
    }
    if (cls == &kedge_backlog)
        ((kedge_backlog_config *)(void *)seed_config)->capacity = 7;
    if (kedge_metric_init(&m, (const kedge_metric_config *)(const void *)seed_config, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) { /* one of them is its own */
        const double p[2] = {0.125 * (double)(i % 9), 1.0 - 0.125 * (double)(i % 9)};
        const kedge_prediction served = {i * 37 % 11, i, 1.0, 0.5, 1.0};
        kedge_joined pair;
        (void)!kedge_joiner_add(&m, &served);
        (void)!kedge_joiner_join(&m, i * 5 % 11, i, 0.0, &pair);
        (void)!kedge_cbpe_record(&m, (uint32_t)(i % 2), p, 2, 1.0);
        (void)!kedge_dle_record(&m, (double)(i * 37 % 101), 1.0);
        (void)!kedge_slo_record(&m, i * i % 3 == 0, i + i / 30 * 25);
        (void)!kedge_cost_add(&m, 1 + (uint32_t)(i % 5), 1, i * 37 % 101, i);
        (void)!kedge_cost_hold(&m, i * 37 % 101, i);
        (void)!kedge_cost_gain(&m, 0.5);
        (void)!kedge_auc_stream_record(&m, (uint32_t)(i % 2), 0.125 * (double)(i % 9), 1.0);
        (void)!kedge_auc_window_record(&m, (uint32_t)(i * i % 3 % 2), (double)(i * 37 % 101));
        (void)!kedge_slices_record(&m, i * i % 11, i % 3 == 0);
        (void)!kedge_paired_record(&m, 0.25 * (double)(i % 5), (double)(i % 2), 1.0);
        (void)!kedge_regression_record(&m, (double)(i * 37 % 101), (double)(i % 7), 1.0);
        (void)!kedge_reliability_record(&m, (uint32_t)(i % 2), p, 2, 1.0);
        (void)!kedge_fairness_record(&m, (uint32_t)(i % 2), i % 7 < 3, i % 5 < 2, p[0] < 1.0 ? p[0] : 1.0, 1.0);
        (void)!kedge_quality_record(&m, (uint32_t)(i % 2), (uint32_t)(i % 3 % 2), 1.0);
        (void)!kedge_latency_record(&m, i * i);
        (void)!kedge_latency_advance(&m, i);
        (void)!kedge_latency_shared_record(&m, 0, i * i);
        (void)!kedge_backlog_arrive(&m, i % 4, i);
        (void)!kedge_backlog_done(&m, i % 3, i);
        (void)!kedge_categories_record(&m, (double)(i * 37 % 11));
        (void)!kedge_profile_record(&m, (double)(i * 37 % 101));
        (void)!kedge_throughput_record(&m, i * 1000, 1);
        (void)!kedge_upkeep_event(&m, 1 + (uint32_t)(i * i * 5 % 37 % 11), i * 1000);
        (void)!kedge_detection_record(&m, i % 50 == 0, i % 40 == 7);
    }
    return kedge_metric_save(&m, buf, cap, &len) < 0 ? 0 : len;
}
