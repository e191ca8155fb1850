/* SPDX-License-Identifier: MIT */
/* Calibration: every class that has a knob against an independent count of alarms, published tables, formulas against simulation,
 * samples with and without memory, steps, budgets, guards. */
#include <math.h>

#include "calibrated.h"

/* Observations for each alarm, counted with nothing but the detector's own verbs, of numbers drawn from a sample; 20 ARLs without
 * one begin afresh, as documented. */
static double count(const any_config *cfg, const double *sample, uint64_t n_sample, double arl, double n_alarms)
{
    size_t bytes = kedge_detector_size(&cfg->base);
    void *mem = guard_new(bytes, 0x5C);
    kedge_detector d;
    kedge_rng rng = {77};
    double n = 0.0;
    double since = 0.0;
    double alarms = 0.0;
    assert_int_equal(kedge_detector_init(&d, &cfg->base, mem, bytes), KEDGE_OK);
    while (alarms < n_alarms && n < 4.0 * arl * n_alarms) {
        kedge_status st = kedge_detector_update(&d, sample[kedge_rng_below(&rng, n_sample)]);
        assert_true(st >= 0);
        n++;
        since = st == KEDGE_DRIFT ? 0.0 : since + 1.0;
        alarms += st == KEDGE_DRIFT;
        if (since >= 20.0 * arl) {
            assert_int_equal(kedge_detector_reset(&d), KEDGE_OK);
            since = 0.0;
        }
    }
    guard_free(mem);
    return n / alarms;
}

/* How each class is tried. ARLs are low for speed; what needs long to learn learns from less. */
typedef struct trial {
    const char *name;
    double arl;
    double precision;
    void (*adjust)(any_config *cfg);
} trial;

static void adjust_abcd(any_config *cfg)
{
    kedge_abcd_config *c = (void *)cfg;
    *c = kedge_abcd_defaults(1);
    c->n_train = 50;
    c->max_window = 1000;
}

static void adjust_bocpd(any_config *cfg)
{
    kedge_bocpd_config *c = (kedge_bocpd_config *)cfg;
    c->family = KEDGE_BOCPD_BERNOULLI;
    c->max_run_lengths = 8;
}

static void adjust_conformal(any_config *cfg)
{
    ((kedge_conformal_config *)cfg)->max_bag = 256;
}

static void adjust_cs(any_config *cfg)
{
    ((kedge_cs_detector_config *)cfg)->max_sequences = 8;
}

static void adjust_e(any_config *cfg)
{
    ((kedge_e_detector_config *)cfg)->levels = 8;
}

static void adjust_ewma(any_config *cfg)
{
    ((kedge_ewma_chart_config *)cfg)->n_learn = 100;
}

static void adjust_focus(any_config *cfg)
{
    ((kedge_focus_config *)cfg)->family = KEDGE_FOCUS_BERNOULLI;
}

static void adjust_hdddm(any_config *cfg)
{
    kedge_hdddm_config *c = (kedge_hdddm_config *)cfg;
    c->batch_size = 25;
    c->n_bins = 5;
    c->n_learn = 4;
}

static void adjust_kswin(any_config *cfg)
{
    ((kedge_kswin_config *)cfg)->window_size = 40;
    ((kedge_kswin_config *)cfg)->stat_size = 15;
}

static void adjust_optwin(any_config *cfg)
{
    ((kedge_optwin_config *)cfg)->max_window = 40;
}

static void adjust_shewhart(any_config *cfg)
{
    ((kedge_shewhart_config *)cfg)->n_learn = 100;
}

static void adjust_sliding_histogram(any_config *cfg)
{
    ((kedge_sliding_histogram_config *)cfg)->n_reference = 100;
    ((kedge_sliding_histogram_config *)cfg)->window_size = 50;
}

static void adjust_sliding_mmd(any_config *cfg)
{
    kedge_sliding_mmd_config *c = (void *)cfg;
    *c = kedge_sliding_mmd_defaults(1);
    c->n_features = 3;
    c->n_reference = 50;
    c->window_size = 30;
}

static void adjust_pca_cd(any_config *cfg)
{
    kedge_pca_cd_config *c = (void *)cfg;
    c->window_size = 50;
    c->n_bins = 7;
    c->step = 5;
}

static void adjust_sliding_ks(any_config *cfg)
{
    ((kedge_sliding_ks_config *)cfg)->n_reference = 100;
    ((kedge_sliding_ks_config *)cfg)->window_size = 50;
}

static void adjust_seqdrift2(any_config *cfg)
{
    ((kedge_seqdrift2_config *)cfg)->block_size = 20;
    ((kedge_seqdrift2_config *)cfg)->max_reservoir = 100;
}

static const trial trials[] = {
    {"abcd", 15000.0, 0.2, adjust_abcd},
    {"adwin", 4000.0, 0.12, NULL},
    {"bocpd", 400.0, 0.15, adjust_bocpd},
    {"conformal", 400.0, 0.1, adjust_conformal},
    {"cs_detector", 400.0, 0.15, adjust_cs},
    {"cusum", 400.0, 0.06, NULL},
    {"ddm", 300.0, 0.15, NULL},
    {"e_detector", 400.0, 0.15, adjust_e},
    {"ecdd", 400.0, 0.08, NULL},
    {"eddm", 500.0, 0.15, NULL},
    {"ewma_chart", 600.0, 0.1, adjust_ewma},
    {"fhddm", 600.0, 0.1, NULL},
    {"focus", 400.0, 0.08, adjust_focus},
    {"gma", 400.0, 0.06, NULL},
    {"hdddm", 1000.0, 0.15, adjust_hdddm},
    {"hddm_a", 400.0, 0.12, NULL},
    {"hddm_w", 400.0, 0.06, NULL},
    {"kswin", 400.0, 0.12, adjust_kswin},
    {"lfr", 600.0, 0.1, NULL},
    {"md3", 6000.0, 0.15, NULL},
    {"mddm", 600.0, 0.1, NULL},
    {"optwin", 400.0, 0.2, adjust_optwin},
    {"page_hinkley", 400.0, 0.06, NULL},
    {"pca_cd", 2000.0, 0.15, adjust_pca_cd},
    {"rddm", 700.0, 0.15, NULL},
    {"seed", 4000.0, 0.12, NULL},
    {"seqdrift2", 8000.0, 0.15, adjust_seqdrift2},
    {"shewhart", 600.0, 0.1, adjust_shewhart},
    {"sliding_hist", 800.0, 0.15, adjust_sliding_histogram},
    {"sliding_ks", 800.0, 0.15, adjust_sliding_ks},
    {"sliding_mmd", 800.0, 0.15, adjust_sliding_mmd},
    {"stepd", 400.0, 0.08, NULL},
};

static const trial *trial_of(const char *name)
{
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        if (strcmp(trials[i].name, name) == 0)
            return &trials[i];
    return NULL;
}

static void source_of(const char *name, const double **sample, size_t *n)
{
    *sample = strcmp(name, "lfr") == 0 ? decisions : strcmp(name, "md3") == 0 ? labelled : errors;
    *n = *sample == errors ? sizeof errors / sizeof *errors : sizeof decisions / sizeof *decisions;
}

static void check_class(const kedge_detector_class *cls, const trial *t)
{
    any_config cfg;
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    memset(&cfg, 0, sizeof cfg);
    cls->base.defaults(&cfg);
    if (t->adjust)
        t->adjust(&cfg);
    double share = cls->knob.warning_offset ? read_number(&cfg, cls->knob.warning_offset) / read_number(&cfg, cls->knob.offset)
        : 0.0;
    how.arl = t->arl;
    how.precision = t->precision;
    source_of(cls->base.name, &how.sample, &how.n_sample);
    kedge_status st = run(set, &cfg, &how, &r);
    print_message("%-12s %s knob %g: asked %g, measured %g [%g, %g], %.0f ARLs spent%s\n", cls->base.name, kedge_status_string(st),
                  r.knob, t->arl, r.arl, r.arl_low, r.arl_high, (double)r.n_used / t->arl, r.stepped ? ", stepped" : "");
    assert_int_equal(st, KEDGE_OK);
    assert_true(read_number(&cfg, cls->knob.offset) == r.knob && r.arl_low < r.arl && r.arl < r.arl_high);
    assert_true(r.stepped ? r.arl > t->arl : fabs(log(r.arl / t->arl)) <= t->precision);
    if (cls->knob.warning_offset)
        assert_true(r.warning == read_number(&cfg, cls->knob.warning_offset) &&
                    (r.warning == r.knob || fabs(r.warning - share * r.knob) < 1e-12 * r.warning));
    double dispersion = r.dispersion > 1.0 ? r.dispersion : 1.0;
    double n_alarms = 300.0 * dispersion;
    double again = count(&cfg, how.sample, how.n_sample, t->arl, n_alarms);
    print_message("%-12s counted again: %g, %.3f of what was asked\n", "", again, again / t->arl);
    double other = r.stepped ? r.arl : t->arl; /* within a tenth, and what 300 alarms can tell */
    assert_true(fabs(log(again / other)) <= 0.1 + 3.0 * sqrt(dispersion / n_alarms));
}

static void test_every_class(void **unused)
{
    (void)unused;
    for (const kedge_detector_class *const *cls = kedge_detector_classes(); *cls; cls++) {
        if ((*cls)->knob.offset == 0)
            assert_ptr_equal(*cls, &kedge_ensemble);
        else {
            assert_non_null(trial_of((*cls)->base.name));
            check_class(*cls, trial_of((*cls)->base.name));
        }
    }
}

/* Lucas, Saccucci 1990, table 3: lambda 0.2 has an ARL of 500 at 2.962 deviations. Hawkins, Olwell 1998: a two-sided CUSUM with a
 * reference value of 0.5 has 465 at 5 (one side: 930). */
static void test_tables(void **unused)
{
    (void)unused;
    any_config cfg;
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    kedge_stream s = quiet(KEDGE_SERIES_NORMAL, 0.0, 3);
    how.stream = &s;
    how.precision = 0.05;
    how.arl = 500.0;
    kedge_ewma_chart_config *ewma = (kedge_ewma_chart_config *)&cfg;
    *ewma = kedge_ewma_chart_defaults();
    ewma->reference = KEDGE_REFERENCE_FIXED;
    assert_int_equal(run(set, &cfg, &how, &r), KEDGE_OK);
    assert_close(ewma->limit, 2.962, 0.015); /* 10 % of the ARL are 0.035 */
    how.arl = 465.0;
    kedge_cusum_config *cusum = (kedge_cusum_config *)&cfg;
    *cusum = kedge_cusum_defaults();
    cusum->reference = KEDGE_REFERENCE_FIXED;
    cusum->delta = 0.5;
    assert_int_equal(run(set, &cfg, &how, &r), KEDGE_OK);
    assert_close(cusum->threshold, 5.0, 0.02);
}

/* Formulas against the same, simulated. */
static void check_formula(any_config *cfg, double arl, double level)
{
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    kedge_stream s = quiet(KEDGE_SERIES_NORMAL, level, 9);
    how.method = KEDGE_CALIBRATE_FORMULA;
    how.arl = arl;
    assert_int_equal(kedge_calibrate(&cfg->base, &how, NULL, 0, &r), KEDGE_OK);
    assert_true(r.arl == arl && isnan(r.arl_low) && isnan(r.arl_high) && r.n_used == 0);
    how.method = KEDGE_CALIBRATE_SIMULATION;
    how.stream = &s;
    how.precision = 0.06;
    assert_int_equal(run(measure, cfg, &how, &r), KEDGE_OK);
    print_message("formula: asked %g, measured %g [%g, %g]\n", arl, r.arl, r.arl_low, r.arl_high);
    assert_true(fabs(log(r.arl / arl)) < 0.1);
}

static void test_formulas(void **unused)
{
    (void)unused;
    static const double deltas[] = {0.0, 0.1, 0.25, 0.5, 1.0};
    any_config cfg;
    for (size_t i = 0; i < sizeof deltas / sizeof *deltas; i++) {
        kedge_cusum_config *cusum = (kedge_cusum_config *)&cfg;
        *cusum = kedge_cusum_defaults();
        cusum->reference = KEDGE_REFERENCE_FIXED;
        cusum->delta = deltas[i];
        cusum->direction = i % 2 ? KEDGE_DIRECTION_UP : KEDGE_DIRECTION_BOTH;
        check_formula(&cfg, 500.0, 0.0);
    }
    kedge_shewhart_config *shewhart = (kedge_shewhart_config *)&cfg;
    *shewhart = kedge_shewhart_defaults();
    shewhart->reference = KEDGE_REFERENCE_FIXED;
    shewhart->target = 7.0;
    check_formula(&cfg, 370.398, 7.0);
    assert_close(shewhart->limit, 3.0, 1e-5);
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    how.method = KEDGE_CALIBRATE_FORMULA;
    shewhart->runs = 1;
    assert_int_equal(kedge_calibrate(&cfg.base, &how, NULL, 0, &r), KEDGE_ERR_UNSUPPORTED);
    kedge_focus_config focus = kedge_focus_defaults();
    assert_int_equal(kedge_calibrate(&focus.base, &how, NULL, 0, &r), KEDGE_ERR_UNSUPPORTED);
    kedge_e_detector_config e = kedge_e_detector_defaults();
    how.arl = 54321.0;
    assert_int_equal(kedge_calibrate(&e.base, &how, NULL, 0, &r), KEDGE_OK);
    assert_true(e.arl == 54321.0 && r.arl_low == 54321.0 && isinf(r.arl_high));
}

/* A sample whose neighbours hang together: taken for independent it promises an ARL that the stream does not keep. */
static void test_blocks(void **unused)
{
    (void)unused;
    static double sample[20000];
    kedge_stream s = quiet(KEDGE_SERIES_AR1, 0.0, 4);
    any_config cfg[2];
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    double arl[2];
    assert_int_equal(kedge_stream_next(&s, NULL, sample, NULL, 20000), KEDGE_OK);
    for (size_t i = 0; i < 2; i++) {
        kedge_cusum_config *cusum = (kedge_cusum_config *)&cfg[i];
        *cusum = kedge_cusum_defaults();
        cusum->reference = KEDGE_REFERENCE_FIXED;
        cusum->delta = 0.5;
        how.arl = 500.0;
        how.stream = NULL;
        how.sample = sample;
        how.n_sample = 20000;
        how.block = i == 0 ? 1 : 100;
        assert_int_equal(run(set, &cfg[i], &how, &r), KEDGE_OK);
        how.sample = NULL;
        how.stream = &s;
        assert_int_equal(run(measure, &cfg[i], &how, &r), KEDGE_OK);
        arl[i] = r.arl;
    }
    print_message("AR1: %g taken for independent, %g in blocks\n", arl[0], arl[1]);
    assert_true(arl[0] < 200.0 && arl[1] > 350.0 && arl[1] < 700.0);
}

static void test_steps(void **unused)
{
    (void)unused;
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    any_config cfg;
    *(kedge_fhddm_config *)&cfg = kedge_fhddm_defaults();
    ((kedge_fhddm_config *)&cfg)->window = 8; /* counts from 0 to 8 */
    ((kedge_fhddm_config *)&cfg)->short_window = 4;
    how.arl = 3000.0;
    how.sample = errors;
    how.n_sample = 5;
    assert_int_equal(run(set, &cfg, &how, &r), KEDGE_OK);
    print_message("steps: asked 3000, %g [%g, %g], %.0f ARLs spent\n", r.arl, r.arl_low, r.arl_high, (double)r.n_used / 3000.0);
    assert_true(r.stepped == 1 && r.arl_low > 3000.0);
}

/* Detectors that alarm again and again or not for long: what a short trial sees of them says little, and must not be taken for
 * sure. */
static void test_bursts(void **unused)
{
    (void)unused;
    static const char *const names[] = {"ddm", "eddm", "eddm"};
    static const double arls[] = {2000.0, 1000.0, 3000.0};
    for (size_t i = 0; i < sizeof arls / sizeof *arls; i++) {
        kedge_calibration how = kedge_calibration_defaults();
        kedge_calibration_report r, again;
        any_config cfg;
        memset(&cfg, 0, sizeof cfg);
        kedge_detector_find(names[i])->base.defaults(&cfg);
        how.arl = arls[i];
        how.sample = errors;
        how.n_sample = sizeof errors / sizeof *errors;
        assert_int_equal(run(set, &cfg, &how, &r), KEDGE_OK);
        how.seed = 2;
        assert_int_equal(run(measure, &cfg, &how, &again), KEDGE_OK);
        print_message("%s: asked %g, measured %g, dispersion %g, again %g\n", names[i], arls[i], r.arl, r.dispersion, again.arl);
        assert_true(!r.stepped && fabs(log(r.arl / arls[i])) <= 0.1 && r.dispersion > 5.0);
        assert_true(fabs(log(again.arl / arls[i])) <= 0.2); /* a tenth, and twice what this can tell */
    }
}

/* A stream of rows: its labels are the observations. */
static void test_rows(void **unused)
{
    (void)unused;
    kedge_concepts_config rows = kedge_concepts_defaults();
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    kedge_stream s;
    any_config cfg;
    rows.base.pattern = KEDGE_CHANGE_NONE;
    assert_int_equal(kedge_stream_init(&s, &rows.base, &stream_memory, sizeof stream_memory), KEDGE_OK);
    *(kedge_page_hinkley_config *)&cfg = kedge_page_hinkley_defaults();
    how.arl = 300.0;
    how.stream = &s;
    assert_int_equal(run(set, &cfg, &how, &r), KEDGE_OK);
    assert_true(fabs(log(r.arl / 300.0)) < 0.1);
}

/* A detector of rows: whole rows are drawn, so what ties their numbers together stays, and runs are counted in rows. */
static void test_rows_of_several_numbers(void **unused)
{
    (void)unused;
    enum { N = 3000, COLUMNS = 3 };
    static double sample[N][COLUMNS];
    kedge_calibration how = kedge_calibration_defaults();
    kedge_calibration_report r;
    kedge_rng rng = {31};
    any_config cfg;
    kedge_detector d;
    kedge_sliding_mmd_config mmd = kedge_sliding_mmd_defaults(COLUMNS);
    double alarms = 0, n = 0;
    for (int i = 0; i < N; i++) {
        sample[i][0] = kedge_rng_normal(&rng);
        sample[i][1] = sample[i][0] + 0.1 * kedge_rng_normal(&rng);
        sample[i][2] = floor(kedge_rng_uniform(&rng) * 3);
    }
    mmd.n_reference = 200;
    mmd.window_size = 50;
    mmd.n_features = 8;
    memset(&cfg, 0, sizeof cfg);
    memcpy(&cfg, &mmd, sizeof mmd);
    how.arl = 1000;
    how.sample = &sample[0][0];
    how.n_sample = N;
    how.row_length = COLUMNS;
    assert_int_equal(run(set, &cfg, &how, &r), KEDGE_OK);
    assert_true(fabs(log(r.arl / 1000)) < 0.15);
    size_t bytes = kedge_detector_size(&cfg.base);
    void *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, bytes), KEDGE_OK);
    for (; alarms < 300; n++) {
        kedge_status st = kedge_sliding_mmd_update(&d, sample[kedge_rng_below(&rng, N)]);
        assert_true(st >= 0);
        alarms += st == KEDGE_DRIFT;
    }
    assert_true(fabs(log(n / alarms / 1000)) < 0.3); /* 300 alarms, known to a tenth or so */
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_class),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_bursts),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_of_several_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
