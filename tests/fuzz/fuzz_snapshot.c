/* SPDX-License-Identifier: MIT */
/* Whatever bytes a snapshot loader gets: an error, or an object that keeps its invariants, goes on working, and saves the same
 * bytes again.
 *
 * Input: one byte that chooses the class (upper bit: mend the checksum, or no mutation would get past it), then the snapshot. One
 * target, three drivers: libFuzzer (tools/fuzz), a replay of files, and the seeds' own mutations (both in `meson test`). */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fuzz.h"

#define FUZZ_ASSERT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

enum { FUZZ_MEM = 1 << 16 };

static _Alignas(8) unsigned char fuzz_mem[FUZZ_MEM];
static unsigned char fuzz_again[1 << 20];

static void fuzz_detector(const kedge_detector_class *cls, const unsigned char *buf, size_t len)
{
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    size_t again = 0;
    if (kedge_detector_load(&d, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_detector_check(&d) == KEDGE_OK);
    FUZZ_ASSERT(kedge_detector_save(&d, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    FUZZ_ASSERT(kedge_detector_estimate(&d, &e) >= 0 && kedge_detector_alarm(&d, &a) >= 0);
    for (int i = 0; i < 100; i++)
        FUZZ_ASSERT(kedge_detector_update(&d, (double)(i % 2)) >= 0);
    FUZZ_ASSERT(kedge_detector_reset(&d) == KEDGE_OK && kedge_detector_check(&d) == KEDGE_OK);
}

const kedge_model_class *fuzz_members_class(void)
{
    static kedge_members_class cls;
    return kedge_bagging_class(&cls, &kedge_gaussian_nb, &kedge_hddm_a, &kedge_ddm) < 0 ? NULL : &cls.model;
}

const kedge_contest_of *fuzz_contest_class(void)
{
    static kedge_contest_of cls;
    const kedge_model_class *const candidates[2] = {&kedge_gaussian_nb, &kedge_random_forest};
    return kedge_contest_class(&cls, candidates, 2) < 0 ? NULL : &cls;
}

/* A loaded contest races as if it had been made here, whatever budget and hold-out its bytes say. */
static void fuzz_contest(kedge_model *m, uint32_t n_features)
{
    static _Alignas(8) unsigned char work[1 << 20];
    double x[16 * 64] = {0}, y[16];
    kedge_contest_report report;
    kedge_rows rows = kedge_rows_float64(x, 16, n_features);
    FUZZ_ASSERT(kedge_contest_read(m, &report) >= 0 && report.winner < report.n_candidates);
    for (uint32_t i = 0; i < 16; i++) {
        x[i * n_features] = i;
        y[i] = i % 2;
    }
    if (kedge_model_work(m, 16) <= sizeof work)
        (void)!kedge_model_fit(m, &rows, y, NULL, work, sizeof work);
    FUZZ_ASSERT(kedge_model_check(m) == KEDGE_OK && kedge_contest_read(m, &report) >= 0);
}

static void fuzz_model(const kedge_model_class *cls, const unsigned char *buf, size_t len)
{
    kedge_model m;
    kedge_model_info info;
    size_t again = 0;
    if (kedge_model_load(&m, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_model_check(&m) == KEDGE_OK && kedge_model_describe(&m, &info) == KEDGE_OK);
    FUZZ_ASSERT(kedge_model_save(&m, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    if (info.n_features > 64)
        return;
    double x[64] = {0.5, -1.0, 1e10}, y;
    FUZZ_ASSERT(kedge_model_predict(&m, x, &y) >= 0 && y - y == 0);
    for (int i = 0; i < 20; i++) {
        x[0] = i;
        (void)!kedge_model_learn(&m, x, (double)(i % 2), 1.0); /* a forged weight may leave no room for more */
    }
    const uint32_t index = info.n_features - 1;
    const double value = -2.5;
    const kedge_sparse row = {&index, &value, 1, 0};
    kedge_status st = kedge_model_predict_sparse(&m, &row, &y);
    FUZZ_ASSERT(st == KEDGE_ERR_UNSUPPORTED || (st >= 0 && y - y == 0));
    (void)!kedge_model_learn_sparse(&m, &row, 1.0, 1.0);
    FUZZ_ASSERT(kedge_model_check(&m) == KEDGE_OK);
    if (cls == &fuzz_contest_class()->model)
        fuzz_contest(&m, info.n_features);
}

static void fuzz_fairness(kedge_metric *m)
{
    kedge_fairness_report f;
    for (uint32_t i = 0; i < 20; i++)
        (void)!kedge_fairness_record(m, 0, i % 2, i % 3 == 0, 0.25, 1.0);
    FUZZ_ASSERT(kedge_metric_check(m) == KEDGE_OK && kedge_fairness_read(m, &f) >= 0);
    FUZZ_ASSERT(f.weight == 0 || (f.demographic_parity_difference <= 1 && f.calibration_error <= 1));
}

static void fuzz_metric(const kedge_metric_class *cls, const unsigned char *buf, size_t len)
{
    kedge_metric m;
    size_t again = 0;
    if (kedge_metric_load(&m, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_metric_check(&m) == KEDGE_OK);
    FUZZ_ASSERT(kedge_metric_save(&m, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    if (cls == &kedge_fairness) {
        fuzz_fairness(&m);
        return;
    }
    for (uint64_t i = 0; i < 20; i++) {
        const double p[2] = {0.25, 0.75};
        (void)!kedge_quality_record(&m, 0, 1, 1.0);
        const kedge_prediction served = {i, i + 1000000, 1.0, 0.5, 1.0};
        kedge_joined pair;
        (void)!kedge_joiner_add(&m, &served);
        (void)!kedge_joiner_join(&m, i / 2, i + 1000000, 0.0, &pair);
        (void)!kedge_cbpe_record(&m, 1, p, 2, 1.0);
        (void)!kedge_dle_record(&m, (double)i, 1.0);
        (void)!kedge_slo_record(&m, i % 2 == 0, i + 1000000);
        (void)!kedge_slo_record(&m, i % 2 == 0, UINT64_MAX - 20 + i);
        (void)!kedge_cost_add(&m, 1 + (uint32_t)(i % 5), i, i << 59, i << 58);
        (void)!kedge_cost_hold(&m, i << 58, ((uint64_t)1 << 61) + (i << 56));
        (void)!kedge_cost_gain(&m, (double)i - 9.0);
        (void)!kedge_auc_stream_record(&m, (uint32_t)(i % 2), 0.125 * (double)(i % 9), 1.0);
        (void)!kedge_auc_window_record(&m, (uint32_t)(i % 2), (double)(i % 5));
        (void)!kedge_slices_record(&m, i * i % 13, i % 4 == 0);
        (void)!kedge_paired_record(&m, (double)(i % 3) / 2, (double)(i % 2), (double)(i % 4));
        (void)!kedge_regression_record(&m, (double)i, 3.0, 1.0);
        (void)!kedge_reliability_record(&m, 1, p, 2, 1.0);
        (void)!kedge_latency_record(&m, i * 1000);
        (void)!kedge_latency_record_expected(&m, i << 57, 1 + (i << 50));
        (void)!kedge_latency_record_times(&m, i, i << 56);
        (void)!kedge_latency_advance(&m, i << 58);
        (void)!kedge_latency_shared_record(&m, (uint32_t)i, i << 57);
        (void)!kedge_backlog_arrive(&m, i << 56, i << 58);
        (void)!kedge_backlog_done(&m, i << 55, i << 58);
        (void)!kedge_profile_record(&m, (double)(i * i));
        (void)!kedge_categories_record(&m, (double)(i * i % 13));
        (void)!kedge_throughput_record(&m, i, 1);
        (void)!kedge_upkeep_event(&m, 1 + (uint32_t)(i * 7 % 11), UINT64_MAX - 40 + i);
        (void)!kedge_detection_record(&m, i % 7 == 0, i % 3 == 0); /* a forged count may be full */
    }
    kedge_joiner_report joined;
    kedge_cbpe_report expected;
    kedge_dle_report loss;
    kedge_slo_report slo;
    kedge_cost_report cost;
    kedge_auc_stream_report as;
    kedge_auc_window_report a;
    kedge_detection_report d;
    kedge_quality_report q;
    kedge_latency_report l;
    kedge_throughput_report t;
    kedge_backlog_report queue;
    kedge_upkeep_report life;
    kedge_profile_report p;
    kedge_regression_report g;
    kedge_paired_report pair;
    kedge_slices_report slices;
    kedge_slice worst;
    size_t n_worst = 0;
    kedge_reliability_report b;
    kedge_profile_shift shift;
    kedge_categories_report c;
    kedge_categories_shift moved;
    FUZZ_ASSERT(kedge_metric_check(&m) == KEDGE_OK);
    FUZZ_ASSERT(kedge_profile_compare(&m, &m, &shift) == KEDGE_ERR_CLASS || shift.ks == 0 || shift.ks != shift.ks);
    FUZZ_ASSERT(kedge_categories_compare(&m, &m, &moved) == KEDGE_ERR_CLASS || moved.psi == 0 || moved.psi != moved.psi);
    FUZZ_ASSERT(kedge_quality_read(&m, &q) != KEDGE_OK ||
                (q.mcc - q.mcc == 0 && q.kappa_m <= 1 && q.kappa_temporal <= 1 && q.g_mean <= 1));
    FUZZ_ASSERT(kedge_slices_worst(&m, &worst, 1, &n_worst) < 0 || n_worst == 0 || worst.excess_low <= worst.excess_high);
    FUZZ_ASSERT(kedge_paired_read(&m, &pair) < 0 || pair.weight == 0 || (pair.p_value <= 1 && pair.q - pair.q == 0));
    FUZZ_ASSERT(kedge_regression_read(&m, &g) < 0 || g.weight == 0 || (g.mse - g.mse == 0 && g.r2 <= 1));
    FUZZ_ASSERT(kedge_reliability_read(&m, &b) < 0 || b.weight == 0 || (b.log_loss <= 37 && b.ece <= 1));
    FUZZ_ASSERT(kedge_auc_window_read(&m, &a) < 0 || a.n == 0 || a.auc != a.auc || (a.auc >= 0 && a.auc <= 1));
    FUZZ_ASSERT(kedge_auc_stream_read(&m, &as) != KEDGE_OK || (as.auc >= 0 && as.auc <= 1 && as.auc_error <= 0.5));
    FUZZ_ASSERT(kedge_cbpe_read(&m, &expected) != KEDGE_OK || (expected.accuracy >= 0 && expected.accuracy <= 1));
    FUZZ_ASSERT(kedge_dle_read(&m, &loss) != KEDGE_OK || (loss.mean >= 0 && loss.high - loss.high == 0));
    FUZZ_ASSERT(kedge_cost_read(&m, &cost) != KEDGE_OK ||
                (cost.price >= 0 && cost.price - cost.price == 0 && cost.bytes_now <= cost.bytes_peak));
    FUZZ_ASSERT(kedge_slo_read(&m, &slo) != KEDGE_OK || (slo.spent - slo.spent == 0 && slo.left <= 1 && slo.exhausted_ns >= 0));
    FUZZ_ASSERT(kedge_latency_read(&m, &l) < 0 || (l.p50 <= l.p99 && l.p99 <= l.max && l.n_above <= l.n));
    FUZZ_ASSERT(kedge_latency_read_life(&m, &l) < 0 || (l.p50 <= l.p99 && l.p99 <= l.max && l.n_above <= l.n));
    FUZZ_ASSERT(kedge_backlog_read(&m, &queue) != KEDGE_OK || (queue.utilisation <= 1 && queue.oldest_ns <= queue.oldest_max_ns));
    FUZZ_ASSERT(kedge_upkeep_read(&m, &life) < 0 ||
                (life.lead.max_ns <= life.seen_ns && life.n_change_failures <= life.n_promoted && !(life.restore.share > 1)));
    FUZZ_ASSERT(kedge_cost_read(&m, &cost) >= 0 || kedge_slo_read(&m, &slo) >= 0 || kedge_joiner_read(&m, &joined) >= 0 ||
                kedge_upkeep_read(&m, &life) >= 0 || kedge_cbpe_read(&m, &expected) >= 0 || kedge_dle_read(&m, &loss) >= 0 ||
                kedge_auc_stream_read(&m, &as) >= 0 || kedge_auc_window_read(&m, &a) >= 0 || kedge_regression_read(&m, &g) >= 0 ||
                kedge_paired_read(&m, &pair) >= 0 || kedge_slices_read(&m, &slices) >= 0 || kedge_reliability_read(&m, &b) >= 0 ||
                kedge_categories_read(&m, &c) >= 0 || kedge_profile_read(&m, &p) >= 0 || kedge_quality_read(&m, &q) >= 0 ||
                kedge_latency_read(&m, &l) >= 0 || kedge_throughput_read(&m, &t) >= 0 || kedge_backlog_read(&m, &queue) >= 0 ||
                cls == &kedge_latency_shared || kedge_detection_read(&m, &d) >= 0);
}

static void fuzz_stream(const kedge_stream_class *cls, const unsigned char *buf, size_t len)
{
    kedge_stream s;
    size_t again = 0;
    double x[64], y;
    if (kedge_stream_load(&s, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_stream_check(&s) == KEDGE_OK);
    FUZZ_ASSERT(kedge_stream_save(&s, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    for (int i = 0; i < 50 && kedge_stream_features(&s) <= 64; i++)
        FUZZ_ASSERT(kedge_stream_next(&s, x, &y, NULL, 1) == KEDGE_OK);
    FUZZ_ASSERT(kedge_stream_reset(&s) == KEDGE_OK && kedge_stream_check(&s) == KEDGE_OK);
}

static void fuzz_fleet(const kedge_fleet_class *cls, const unsigned char *buf, size_t len)
{
    static double x[64];
    static uint8_t signals[64], discovered[64];
    static uint32_t work[64];
    kedge_fleet f;
    size_t again = 0, n_found;
    if (kedge_fleet_load(&f, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_fleet_check(&f) == KEDGE_OK);
    FUZZ_ASSERT(kedge_fleet_save(&f, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    uint32_t n = kedge_fleet_streams(&f);
    if (n > 64)
        return;
    for (uint32_t i = 0; i < n; i++) {
        kedge_estimate e;
        kedge_alarm a;
        FUZZ_ASSERT(kedge_fleet_estimate(&f, i, &e) >= 0 && kedge_fleet_alarm(&f, i, &a) >= 0);
    }
    (void)!kedge_fleet_discover(&f, 0.1, 0, work, discovered, &n_found);
    for (int tick = 0; tick < 50; tick++) {
        for (uint32_t i = 0; i < n; i++)
            x[i] = (double)((tick + (int)i) % 2);
        FUZZ_ASSERT(kedge_fleet_update(&f, x, n, signals, NULL) >= 0);
    }
    FUZZ_ASSERT(kedge_fleet_reset(&f) == KEDGE_OK && kedge_fleet_check(&f) == KEDGE_OK);
}

const kedge_chain_class *fuzz_chain_class(void)
{
    static kedge_chain_class cls;
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale};
    return kedge_chain_class_init(&cls, kinds, 2) < 0 ? NULL : &cls;
}

static void fuzz_prep(const kedge_prep_class *cls, const unsigned char *buf, size_t len)
{
    static double x[64], out[4096];
    kedge_prep p;
    kedge_prep_info info;
    kedge_prep_origin origin;
    char name[40];
    size_t again = 0;
    if (kedge_prep_load(&p, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_prep_check(&p) == KEDGE_OK && kedge_prep_describe(&p, &info) == KEDGE_OK);
    FUZZ_ASSERT(kedge_prep_save(&p, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    if (info.n_columns > 64 || info.n_out > 4096)
        return;
    for (uint32_t i = 0; i < info.n_out; i++)
        FUZZ_ASSERT(kedge_prep_column(&p, i, &origin) == KEDGE_OK &&
                    kedge_prep_column_name(&p, i, NULL, name, sizeof name, &again) != KEDGE_ERR_NULL);
    for (int i = 0; i < 50; i++) {
        for (uint32_t j = 0; j < info.n_columns; j++)
            x[j] = (i + (int)j) % 9 == 0 ? 0.0 / 0.0 : (double)((i + (int)j) % 5) * (i == 40 ? 1e299 : 1.0);
        kedge_status st = kedge_prep_learn(&p, x, (double)(i % 3), out);
        FUZZ_ASSERT(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
        st = kedge_prep_transform(&p, x, out);
        FUZZ_ASSERT(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
        for (uint32_t j = 0; j < info.n_out; j++)
            FUZZ_ASSERT(out[j] != out[j] || (out[j] < 2e300 && out[j] > -2e300));
    }
    FUZZ_ASSERT(kedge_prep_check(&p) == KEDGE_OK && kedge_prep_reset(&p) == KEDGE_OK && kedge_prep_check(&p) == KEDGE_OK);
}

static void fuzz_pipeline(const unsigned char *buf, size_t len)
{
    static _Alignas(8) unsigned char work[1 << 16];
    kedge_pipeline p;
    kedge_pipeline_report r;
    kedge_model m;
    kedge_model_info info;
    kedge_prep prep;
    kedge_prep_info prep_info;
    size_t again = 0;
    kedge_status loaded = kedge_pipeline_load(&p, &kedge_gaussian_nb, &kedge_ddm, NULL, fuzz_mem, FUZZ_MEM, buf, len);
    if (loaded == KEDGE_ERR_CLASS)
        loaded = kedge_pipeline_load(&p, &kedge_gaussian_nb, &kedge_ddm, &fuzz_chain_class()->prep, fuzz_mem, FUZZ_MEM, buf, len);
    if (loaded < 0)
        return;
    FUZZ_ASSERT(kedge_pipeline_check(&p) == KEDGE_OK);
    FUZZ_ASSERT(kedge_pipeline_save(&p, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    FUZZ_ASSERT(kedge_pipeline_champion(&p, &m) == KEDGE_OK && kedge_model_describe(&m, &info) == KEDGE_OK);
    if (info.n_features > 64 || (kedge_pipeline_champion_prep(&p, &prep) == KEDGE_OK &&
                                 (kedge_prep_describe(&prep, &prep_info) < 0 || prep_info.n_columns > 64)))
        return;
    double x[64] = {1.0, 2.0}, y;
    for (uint64_t i = 0; i < 20; i++) {
        kedge_status served = kedge_pipeline_predict(&p, i, i + 1000000, x, &y);
        FUZZ_ASSERT(served >= 0 || served == KEDGE_ERR_SKEW);
        kedge_status st = kedge_pipeline_label(&p, i, i + 1000000, (double)(i % 2));
        FUZZ_ASSERT(st >= 0 || served == KEDGE_ERR_SKEW);
        (void)!kedge_pipeline_step(&p, i, work, sizeof work);
        (void)!kedge_pipeline_spent(&p, i, i);
    }
    FUZZ_ASSERT(kedge_pipeline_read(&p, &r) == KEDGE_OK && kedge_pipeline_check(&p) == KEDGE_OK);
}

static void fuzz_events(kedge_control *c)
{
    kedge_event event = {KEDGE_EVENT_DRIFT, 0, 0, 0, 0, 0, 0, 0, 0};
    kedge_events_report r;
    uint64_t next = 0;
    for (int i = 0; i < 20; i++)
        (void)!kedge_events_put(c, &event);
    while (kedge_events_get(c, &next, &event) == KEDGE_OK)
        FUZZ_ASSERT(event.kind != 0);
    FUZZ_ASSERT(kedge_events_read(c, &r) == KEDGE_OK && next == r.n);
}

static void fuzz_triggers(kedge_control *c)
{
    kedge_triggers_report r;
    kedge_triggers_call call;
    for (uint64_t i = 0; i < 20; i++) {
        uint64_t now = ((uint64_t)1 << 62) - 100 + i;
        (void)!kedge_triggers_rows(c, now, i);
        (void)!kedge_triggers_figure(c, now, (uint32_t)i % 3, (double)i - 10);
        (void)!kedge_triggers_signal(c, now, (uint32_t)i % 3, KEDGE_DRIFT);
        (void)!kedge_triggers_demand(c, now, 1);
        (void)!kedge_triggers_start(c, now, &call);
        (void)!kedge_triggers_end(c, now, 1 + (uint32_t)i % 4);
    }
    FUZZ_ASSERT(kedge_triggers_read(c, &r) == KEDGE_OK);
}

static void fuzz_rollout(kedge_control *c)
{
    kedge_rollout_report r;
    kedge_rollout_action action;
    kedge_rollout_request ask;
    for (uint64_t i = 0; i < 40; i++) {
        uint64_t now = ((uint64_t)1 << 62) - 100 + i;
        (void)!kedge_rollout_begin(c, now, i + 1, NULL);
        (void)!kedge_rollout_record_pair(c, now, (double)(i % 2), 0.5);
        (void)!kedge_rollout_record(c, now, i % 3 == 0, 1.0);
        (void)!kedge_rollout_judge(c, now, i % 7 != 6, 0);
        if (kedge_rollout_ask(c, &ask) == KEDGE_OK)
            FUZZ_ASSERT(kedge_rollout_approve(c, now, ask.token, 1) == KEDGE_OK);
        (void)!kedge_rollout_step(c, now, &action);
    }
    FUZZ_ASSERT(kedge_rollout_read(c, &r) == KEDGE_OK);
}

static void fuzz_flow(kedge_control *c)
{
    static char text[1 << 16]; /* a forged name may be long */
    kedge_flow_report r;
    kedge_flow_job job;
    size_t n;
    for (uint64_t i = 0; i < 60; i++) {
        uint64_t now = ((uint64_t)1 << 62) - 100 + i;
        (void)!kedge_flow_begin(c, now, ((uint64_t)1 << 62) - 60 + i);
        if (kedge_flow_next(c, now, &job) == KEDGE_OK) {
            (void)!kedge_flow_intend(c, now, &job);
            FUZZ_ASSERT((i % 3 ? kedge_flow_done(c, now, &job, NULL, i) : kedge_flow_failed(c, now, &job, 1)) == KEDGE_OK);
        }
        (void)!kedge_flow_settle(c, now, (uint32_t)i % 3, i & 1, NULL, i);
        (void)!kedge_flow_forget(c, (uint32_t)i % 3);
        if (i % 20 == 10)
            FUZZ_ASSERT(kedge_flow_resume(c, now) == KEDGE_OK);
        if (i % 20 == 19)
            (void)!kedge_flow_cancel(c, now);
    }
    FUZZ_ASSERT(kedge_flow_read(c, &r) == KEDGE_OK);
    FUZZ_ASSERT(kedge_flow_text(c, text, sizeof text, &n) == KEDGE_OK);
}

static void fuzz_schema(kedge_control *c)
{
    static char text[1 << 16];
    kedge_schema_report r;
    kedge_schema_verdict v;
    kedge_column column;
    double x[64];
    size_t n;
    FUZZ_ASSERT(kedge_schema_read(c, &r) == KEDGE_OK);
    for (uint64_t i = 0; i < 200; i++) {
        for (uint32_t k = 0; k < 64; k++)
            x[k] = (i + k) % 17 == 0 ? (double)NAN : (double)((i * 7 + k) % 11) - (double)(i % 5 == 4) / 2;
        uint32_t width = r.n_columns <= 64 ? r.n_columns : 64;
        (void)!kedge_schema_learn(c, x, width);
        if (i == 60)
            (void)!kedge_schema_finish(c);
        if (i == 100)
            (void)!kedge_schema_renew(c);
        if (kedge_schema_check_row(c, i, x, width, &v) == KEDGE_OK)
            FUZZ_ASSERT(v.n_findings == 0 && kedge_schema_verdict_text(c, &v, text, sizeof text, &n) == KEDGE_OK);
        if (i % 50 == 49 && kedge_schema_column(c, (uint32_t)i % r.n_columns, &column) == KEDGE_OK)
            (void)!kedge_schema_set_column(c, (uint32_t)i % r.n_columns, &column);
    }
    if (r.n_columns <= 64)
        FUZZ_ASSERT(kedge_schema_text(c, text, sizeof text, &n) == KEDGE_OK);
}

static void fuzz_store(kedge_control *c)
{
    static unsigned char export[4096];
    kedge_store_version v = {0};
    kedge_store_report r;
    uint64_t id = 0, other;
    size_t n;
    for (uint64_t i = 0; i < 20; i++) {
        (void)!kedge_store_add(c, &v, &id);
        (void)!kedge_store_put_artifact(c, id, export, 1 + (size_t)i);
        (void)!kedge_store_serve(c, i % 3 ? id : 0, UINT64_MAX - 100 + i);
        if (kedge_store_export(c, id, export, sizeof export, &n) == KEDGE_OK)
            (void)!kedge_store_import(c, export, n, &other);
    }
    FUZZ_ASSERT(kedge_store_read(c, &r) == KEDGE_OK);
}

static void fuzz_control(const kedge_control_class *cls, const unsigned char *buf, size_t len)
{
    kedge_control c;
    size_t again = 0;
    if (kedge_control_load(&c, cls, fuzz_mem, FUZZ_MEM, buf, len) < 0)
        return;
    FUZZ_ASSERT(kedge_control_check(&c) == KEDGE_OK);
    FUZZ_ASSERT(kedge_control_save(&c, fuzz_again, sizeof fuzz_again, &again) == KEDGE_OK);
    FUZZ_ASSERT(again == len && memcmp(fuzz_again, buf, len) == 0);
    if (cls == &kedge_events)
        fuzz_events(&c);
    if (cls == &kedge_flow)
        fuzz_flow(&c);
    if (cls == &kedge_rollout)
        fuzz_rollout(&c);
    if (cls == &kedge_schema)
        fuzz_schema(&c);
    if (cls == &kedge_store)
        fuzz_store(&c);
    if (cls == &kedge_triggers)
        fuzz_triggers(&c);
    FUZZ_ASSERT(kedge_control_check(&c) == KEDGE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char buf[1 << 16];
    if (size < 2 || size - 1 > sizeof buf)
        return 0;
    size_t len = size - 1;
    unsigned choice = data[0] & 0x7Fu;
    if (choice == FUZZ_FROZEN) {
        fuzz_frozen(data, size);
        fuzz_audit(data, size);
        return 0;
    }
    memcpy(buf, data + 1, len);
    if ((data[0] & 0x80u) && len >= 36) {
        kedge_i_put(buf + 12, len, 4);
        kedge_i_put(buf + len - 4, kedge_i_crc32(buf, len - 4), 4);
    }
    size_t n = 0;
    for (const kedge_detector_class *const *c = kedge_detector_classes(); *c; c++)
        if (choice == n++)
            fuzz_detector(*c, buf, len);
    for (const kedge_model_class *const *c = kedge_model_classes(); *c; c++)
        if (choice == n++)
            fuzz_model(*c, buf, len);
    for (const kedge_metric_class *const *c = kedge_metric_classes(); *c; c++)
        if (choice == n++)
            fuzz_metric(*c, buf, len);
    for (const kedge_stream_class *const *c = kedge_stream_classes(); *c; c++)
        if (choice == n++)
            fuzz_stream(*c, buf, len);
    for (const kedge_fleet_class *const *c = kedge_fleet_classes(); *c; c++)
        if (choice == n++)
            fuzz_fleet(*c, buf, len);
    for (const kedge_control_class *const *c = kedge_control_classes(); *c; c++)
        if (choice == n++)
            fuzz_control(*c, buf, len);
    for (const kedge_prep_class *const *c = kedge_prep_classes(); *c; c++)
        if (choice == n++)
            fuzz_prep(*c, buf, len);
    FUZZ_ASSERT(n < FUZZ_CONTEST);
    if (choice == n)
        fuzz_pipeline(buf, len);
    if (choice == FUZZ_CHAIN)
        fuzz_prep(&fuzz_chain_class()->prep, buf, len);
    if (choice == FUZZ_CONTEST)
        fuzz_model(&fuzz_contest_class()->model, buf, len);
    if (choice == FUZZ_MEMBERS)
        fuzz_model(fuzz_members_class(), buf, len);
    return 0;
}
