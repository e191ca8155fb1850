/* SPDX-License-Identifier: MIT */
/* Counts at their end. No stream gets there, but merging with oneself doubles a count: 62 times one record are 2^62, the greatest
 * count. Then a record is refused and changes nothing, as a snapshot with that count is still sound. */
#include "support.h"

typedef kedge_status record_one(kedge_metric *m);

static kedge_status record_quality(kedge_metric *m)
{
    return kedge_quality_record(m, 1, 0, 0.0);
}

static kedge_status record_quality_many(kedge_metric *m)
{
    const uint32_t truth[2] = {1, 0}, predicted[2] = {1, 1};
    const double weight[2] = {0.0, 0.0};
    size_t used = 7;
    kedge_status st = kedge_quality_record_many(m, truth, predicted, weight, 2, &used);
    assert_int_equal(used, st < 0 ? 0 : 2);
    return st;
}

static kedge_status record_regression(kedge_metric *m)
{
    return kedge_regression_record(m, 1.0, 2.0, 0.5);
}

static kedge_status record_reliability(kedge_metric *m)
{
    const double scores[2] = {0.25, 0.75};
    return kedge_reliability_record(m, 1, scores, 2, 0.5);
}

static kedge_status record_fairness(kedge_metric *m)
{
    return kedge_fairness_record(m, 1, 1, 0, 0.25, 1.0);
}

static kedge_status record_cbpe(kedge_metric *m)
{
    const double scores[2] = {0.25, 0.75};
    return kedge_cbpe_record(m, 1, scores, 2, 1.0);
}

static kedge_status record_dle(kedge_metric *m)
{
    return kedge_dle_record(m, 2.0, 1.0);
}

static kedge_status record_auc_stream(kedge_metric *m)
{
    return kedge_auc_stream_record(m, 1, 0.5, 1.0);
}

/* Returns what the next record is answered; nothing may have changed, and a snapshot must be taken back. */
static kedge_status next_is_refused(kedge_metric *m, size_t bytes, record_one *record)
{
    void *before = guard_copy(m->state, bytes);
    kedge_status st = record(m);
    size_t len = 0;
    assert_memory_equal(before, m->state, bytes);
    assert_int_equal(kedge_metric_save(m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    void *snapshot = guard_new(len, 0x5C);
    assert_int_equal(kedge_metric_save(m, snapshot, len, &len), KEDGE_OK);
    kedge_metric back;
    assert_int_equal(kedge_metric_load(&back, m->cls, before, bytes, snapshot, len), KEDGE_OK);
    assert_memory_equal(before, m->state, bytes);
    guard_free(snapshot);
    guard_free(before);
    return st;
}

/* `each` rows a call of `record`. */
static void count_up(const kedge_metric_config *cfg, uint32_t each, record_one *record)
{
    size_t bytes = kedge_metric_size(cfg);
    kedge_metric m, other;
    assert_int_equal(kedge_metric_init(&m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    assert_int_equal(record(&m), KEDGE_OK);
    for (uint64_t n = each; n < (uint64_t)1 << 62; n *= 2) {
        void *copy = guard_copy(m.state, bytes);
        assert_int_equal(kedge_metric_open(&other, cfg->cls, copy, bytes), KEDGE_OK);
        assert_int_equal(kedge_metric_merge(&m, &other), KEDGE_OK);
        guard_free(copy);
    }
    assert_int_equal(next_is_refused(&m, bytes, record), KEDGE_ERR_RANGE);
    guard_free(m.state);
}

static void test_the_greatest_count(void **unused)
{
    (void)unused;
    kedge_quality_config quality = kedge_quality_defaults(2);
    kedge_regression_config regression = kedge_regression_defaults();
    kedge_reliability_config reliability = kedge_reliability_defaults(2);
    kedge_fairness_config fairness = kedge_fairness_defaults(2);
    kedge_cbpe_config cbpe = kedge_cbpe_defaults(2);
    kedge_dle_config dle = kedge_dle_defaults();
    kedge_auc_stream_config auc_stream = kedge_auc_stream_defaults();
    count_up(&quality.base, 1, record_quality);
    count_up(&quality.base, 2, record_quality_many);
    count_up(&regression.base, 1, record_regression);
    count_up(&reliability.base, 1, record_reliability);
    count_up(&fairness.base, 1, record_fairness);
    count_up(&cbpe.base, 1, record_cbpe);
    count_up(&dle.base, 1, record_dle);
    count_up(&auc_stream.base, 1, record_auc_stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_greatest_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
