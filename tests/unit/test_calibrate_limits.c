/* SPDX-License-Identifier: MIT */
/* What calibration refuses, how it keeps to its budget, and confidences next to one. */
#include <float.h>
#include <math.h>

#include "calibrated.h"

static void test_determinism_and_budget(void **unused)
{
    (void)unused;
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r[3];
    any_config cfg[3];
    how.arl = 200.0;
    how.sample = errors;
    how.n_sample = 5;
    for (size_t i = 0; i < 3; i++) {
        *(kedge_page_hinkley_config *)&cfg[i] = kedge_page_hinkley_defaults();
        how.seed = i < 2 ? 5 : 6;
        assert_int_equal(run(set, &cfg[i], &how, &r[i]), KEDGE_OK);
    }
    assert_memory_equal(&cfg[0], &cfg[1], sizeof(kedge_page_hinkley_config));
    assert_memory_equal(&r[0], &r[1], offsetof(kedge_calibration_report, warning));
    assert_true(r[0].knob != r[2].knob && r[0].n_used == r[1].n_used && isnan(r[0].warning));
    for (uint64_t budget = 1; budget < 200000; budget *= 7) {
        kedge_status st;
        how.budget = budget;
        *(kedge_page_hinkley_config *)&cfg[2] = kedge_page_hinkley_defaults();
        st = run(set, &cfg[2], &how, &r[2]);
        assert_true(r[2].n_used <= budget && r[2].arl_low <= r[2].arl);
        assert_int_equal(st, r[2].n_used == budget ? KEDGE_MORE : KEDGE_OK);
        assert_true(kedge_detector_size(&cfg[2].base) > 0 && read_number(&cfg[2], kedge_page_hinkley.knob.offset) == r[2].knob);
    }
    how.budget = 1000;
    assert_int_equal(run(measure, &cfg[0], &how, &r[2]), KEDGE_MORE);
    assert_true(r[2].n_used == 1000);
}

static void refused(any_config *cfg, const kedge_calibration *how, kedge_status want)
{
    unsigned char before[KEDGE_CONFIG_MAX];
    kedge_calibration_report r;
    _Alignas(8) static unsigned char work[65536];
    memcpy(before, cfg->bytes, sizeof before);
    assert_int_equal(kedge_calibrate(&cfg->base, how, work, sizeof work, &r), want);
    assert_memory_equal(before, cfg->bytes, sizeof before);
}

static void test_refusals(void **unused)
{
    (void)unused;
    static double bad[] = {0.0, (double)NAN, 2.0};
    any_config cfg;
    memset(&cfg, 0, sizeof cfg);
    *(kedge_ddm_config *)&cfg = kedge_ddm_defaults();
    kedge_calibration how = kedge_calibration_defaults();
    refused(&cfg, &how, KEDGE_ERR_CONFIG); /* no source */
    how.sample = bad;
    refused(&cfg, &how, KEDGE_ERR_CONFIG); /* of no length */
    how.n_sample = 3;
    refused(&cfg, &how, KEDGE_ERR_NOT_FINITE);
    bad[1] = 1.0;
    refused(&cfg, &how, KEDGE_ERR_RANGE);
    how.n_sample = 2;
    kedge_stream s = quiet(KEDGE_SERIES_BERNOULLI, 0.2, 1);
    how.stream = &s;
    refused(&cfg, &how, KEDGE_ERR_CONFIG); /* both */
    how.sample = NULL;
    kedge_calibration good = how;
    how.arl = (double)NAN;
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    how = good;
    how.precision = 0.0;
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    how = good;
    how.row_length = 2; /* of a stream */
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    how.row_length = 0;
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    how.row_length = 257;
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    how = good;
    how.block = 0;
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    how = good;
    how.config_bytes--;
    refused(&cfg, &how, KEDGE_ERR_CONFIG);
    kedge_series_config changing = kedge_series_defaults();
    changing.base.at = 700;
    assert_int_equal(kedge_stream_init(&s, &changing.base, &stream_memory, sizeof stream_memory), KEDGE_OK);
    refused(&cfg, &good, KEDGE_ERR_STATE);
    s = quiet(KEDGE_SERIES_NORMAL, 0.5, 1);
    refused(&cfg, &good, KEDGE_ERR_RANGE);
    s = quiet(KEDGE_SERIES_BERNOULLI, 0.2, 1);
    ((kedge_ddm_config *)&cfg)->warm_start = 0;
    refused(&cfg, &good, KEDGE_ERR_CONFIG);
    *(kedge_ensemble_config *)&cfg = kedge_ensemble_defaults(2, 1);
    refused(&cfg, &good, KEDGE_ERR_UNSUPPORTED);
    *(kedge_ecdd_config *)&cfg = kedge_ecdd_defaults();
    ((kedge_ecdd_config *)&cfg)->form = KEDGE_ECDD_POLYNOMIAL; /* does not look at its limit */
    good.arl = 5000.0;
    refused(&cfg, &good, KEDGE_ERR_NUMERIC);
}

/* The quantile of a confidence next to 1 was that of 1, which no number of alarms is enough for. */
static void test_confidence_next_to_one(void **unused)
{
    (void)unused;
    any_config cfg;
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    memset(&cfg, 0, sizeof cfg);
    static const double sample[2] = {0.0, 1.0};
    kedge_page_hinkley_config c = kedge_page_hinkley_defaults();
    c.threshold = 5.0;
    memcpy(&cfg, &c, sizeof c);
    how.sample = sample;
    how.n_sample = 2;
    how.budget = 1000000;
    how.precision = 1.0;
    how.arl = 100.0;
    how.confidence = 1.0 - DBL_EPSILON / 2.0;
    assert_int_equal(run(measure, &cfg, &how, &r), KEDGE_OK);
    assert_true(r.n_alarms >= 67); /* 8.2^2 */
}

static void test_guards(void **unused)
{
    (void)unused;
    _Alignas(8) static unsigned char work[65536];
    kedge_ddm_config cfg = kedge_ddm_defaults();
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    how.sample = errors;
    how.n_sample = 5;
    size_t bytes = kedge_calibrate_work(&cfg.base, &how);
    assert_true(bytes > kedge_detector_size(&cfg.base) && bytes < sizeof work);
    assert_int_equal(kedge_calibrate_work(NULL, &how), 0);
    assert_int_equal(kedge_calibrate_work(&cfg.base, NULL), 0);
    assert_int_equal(kedge_calibrate(NULL, &how, work, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibrate(&cfg.base, NULL, work, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibrate(&cfg.base, &how, NULL, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibrate(&cfg.base, &how, work, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibrate(&cfg.base, &how, work, bytes - 1, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_calibrate(&cfg.base, &how, work + 4, bytes, &r), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_measure_arl(&cfg.base, &how, work, bytes - 1, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_measure_arl(&cfg.base, &how, work, bytes, NULL), KEDGE_ERR_NULL);
    how.method = KEDGE_CALIBRATE_FORMULA;
    assert_int_equal(kedge_measure_arl(&cfg.base, &how, work, bytes, &r), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_calibration_init(NULL, sizeof how), KEDGE_ERR_NULL);
    assert_int_equal(kedge_calibration_init(&how, sizeof how - 8), KEDGE_ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_determinism_and_budget),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_confidence_next_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
