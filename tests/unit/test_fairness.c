/* SPDX-License-Identifier: MIT */
/* Fairness: figures of fairlearn, intervals by hand, every covering against figures from the list of records. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_RECORDS = 400, N_GROUPS = 4, N_RATES = 7 };

typedef struct record {
    uint32_t group, truth, predicted;
    double score, weight;
} record;

static record records[N_RECORDS];

static uint32_t draw(uint64_t *x, uint32_t n)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*x >> 33) % n);
}

static void fill(void)
{
    uint64_t x = 12345;
    kedge_rng rng = {3};
    for (size_t i = 0; i < N_RECORDS; i++) {
        record *r = &records[i];
        uint32_t k = draw(&x, 10) / 3;
        r->group = k < 3 ? k : 3;
        r->truth = draw(&x, 100) < 30 + 10 * r->group;
        r->predicted = draw(&x, 100) < (r->truth ? 65 + 5 * r->group : 20 + 6 * r->group);
        r->weight = 1 + draw(&x, 4);
        r->score = i % 50 == 0 ? r->truth : kedge_rng_uniform(&rng);
    }
}

static kedge_metric fairness(uint32_t n_groups, uint32_t over, uint32_t window, double fading)
{
    kedge_fairness_config cfg = kedge_fairness_defaults(n_groups);
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void take(kedge_metric *m, const record *r)
{
    assert_int_equal(kedge_fairness_record(m, r->group, r->truth, r->predicted, r->score, r->weight), KEDGE_OK);
}

/* fairlearn 0.15.0 with scikit-learn 1.9.1 on these records: MetricFrame.by_group, .overall, .difference() and .ratio(), both also
 * with method='to_overall', of selection_rate, true_positive_rate, false_positive_rate, precision_score and accuracy_score; with
 * sample weights and without; then equalized_odds_difference and _ratio. */
typedef struct golden {
    double by_group[N_GROUPS], overall, difference, ratio, to_overall, ratio_to_overall;
} golden;

static const golden weighted[5] = {
    {{0.4223826714801444, 0.44649446494464945, 0.5709876543209876, 0.5149253731343284},
     0.48906560636182905,
     0.14860498284084322,
     0.7397404624841448,
     0.08192204795915858,
     0.8565257106012574},
    {{0.704225352112676, 0.7701149425287356, 0.7921348314606742, 0.5942028985507246},
     0.7382716049382716,
     0.1979319329099496,
     0.7501284818583616,
     0.14406870638754699,
     0.8048567689399447},
    {{0.32524271844660196, 0.29347826086956524, 0.3013698630136986, 0.4307692307692308},
     0.3211314475873544,
     0.13729096989966555,
     0.6812888198757764,
     0.10963778318187639,
     0.7454837176135012},
    {{0.42735042735042733, 0.5537190082644629, 0.7621621621621621, 0.5942028985507246},
     0.6077235772357723,
     0.3348117348117348,
     0.5607080075165182,
     0.18037314988534497,
     0.7031986965097333},
    {{0.6823104693140795, 0.7269372693726938, 0.75, 0.582089552238806},
     0.7027833001988072,
     0.16791044776119401,
     0.7761194029850746,
     0.12069374796000121,
     0.8282632101163208},
};

static const golden plain[5] = {
    {{0.41284403669724773, 0.4017857142857143, 0.5447154471544715, 0.5892857142857143},
     0.475,
     0.1875,
     0.6818181818181819,
     0.11428571428571432,
     0.806060606060606},
    {{0.7142857142857143, 0.7142857142857143, 0.7727272727272727, 0.6785714285714286},
     0.732484076433121,
     0.0941558441558441,
     0.8781512605042018,
     0.053912647861692364,
     0.9263975155279505},
    {{0.30864197530864196, 0.2597402597402597, 0.2807017543859649, 0.5},
     0.30864197530864196,
     0.24025974025974028,
     0.5194805194805194,
     0.19135802469135804,
     0.6172839506172839},
    {{0.4444444444444444, 0.5555555555555556, 0.7611940298507462, 0.5757575757575758},
     0.6052631578947368,
     0.3167495854063018,
     0.5838779956427015,
     0.16081871345029242,
     0.7342995169082125},
    {{0.6972477064220184, 0.7321428571428571, 0.7479674796747967, 0.5892857142857143},
     0.7075,
     0.1586817653890824,
     0.7878493788819877,
     0.11821428571428572,
     0.8329126703685008},
};

static void assert_golden(const kedge_metric *m, const golden *rates, double odds_difference, double odds_ratio)
{
    kedge_fairness_report report;
    for (uint32_t r = 0; r < 5; r++) {
        kedge_fairness_comparison c;
        assert_int_equal(kedge_fairness_compare(m, r + 1, &c), KEDGE_OK);
        assert_int_equal(c.n_groups, N_GROUPS);
        assert_close(c.overall, rates[r].overall, 1e-12);
        assert_close(c.gap.difference, rates[r].difference, 1e-12);
        assert_close(c.gap.ratio, rates[r].ratio, 1e-12);
        assert_close(c.difference_to_overall, rates[r].to_overall, 1e-12);
        assert_close(c.ratio_to_overall, rates[r].ratio_to_overall, 1e-12);
        assert_close(c.least, rates[r].by_group[c.i_least], 1e-12);
        assert_close(c.most, rates[r].by_group[c.i_most], 1e-12);
        for (uint32_t g = 0; g < N_GROUPS; g++) {
            kedge_fairness_group_report by;
            assert_int_equal(kedge_fairness_read_group(m, g, &by), KEDGE_OK);
            const double values[5] = {by.selected.value, by.true_positive.value, by.false_positive.value, by.precision.value,
                                      by.accuracy.value};
            assert_close(values[r], rates[r].by_group[g], 1e-12);
        }
    }
    assert_int_equal(kedge_fairness_read(m, &report), KEDGE_OK);
    assert_close(report.demographic_parity_difference, rates[0].difference, 1e-12);
    assert_close(report.demographic_parity_ratio, rates[0].ratio, 1e-12);
    assert_close(report.equal_opportunity_difference, rates[1].difference, 1e-12);
    assert_close(report.equal_opportunity_ratio, rates[1].ratio, 1e-12);
    assert_close(report.predictive_parity_difference, rates[3].difference, 1e-12);
    assert_close(report.predictive_parity_ratio, rates[3].ratio, 1e-12);
    assert_close(report.equalised_odds_difference, odds_difference, 1e-12);
    assert_close(report.equalised_odds_ratio, odds_ratio, 1e-12);
    assert_true(report.n_groups == N_GROUPS && report.n_small == 0 && report.i_small == KEDGE_NO_GROUP && report.n == N_RECORDS);
    assert_int_equal(report.four_fifths, 0);
}

static void test_as_fairlearn(void **unused)
{
    (void)unused;
    kedge_metric with = fairness(N_GROUPS, KEDGE_OVER_ALL, 1, 0.5), without = fairness(N_GROUPS, KEDGE_OVER_ALL, 1, 0.5);
    fill();
    for (size_t i = 0; i < N_RECORDS; i++) {
        const record *r = &records[i];
        take(&with, r);
        assert_int_equal(kedge_fairness_record(&without, r->group, r->truth, r->predicted, r->predicted, 1), KEDGE_OK);
    }
    assert_golden(&with, weighted, 0.1979319329099496, 0.6812888198757764);
    assert_golden(&without, plain, 0.24025974025974028, 0.5194805194805194);
    guard_free(with.state);
    guard_free(without.state);
}

/* Group 1 has no truth 1, group 2 no truth 0. fairlearn 0.15.0 counts what is not there as 0, and divides 0 by 0 to NaN. */
static void test_undefined_rates(void **unused)
{
    (void)unused;
    static const uint32_t group[5] = {0, 0, 1, 1, 2}, truth[5] = {1, 0, 0, 0, 1}, predicted[5] = {1, 0, 0, 0, 0};
    kedge_fairness_config cfg = kedge_fairness_defaults(4);
    for (uint32_t as_zero = 0; as_zero < 2; as_zero++) {
        kedge_metric m;
        kedge_fairness_comparison c;
        kedge_fairness_report report;
        kedge_fairness_gap gap;
        kedge_fairness_group_report g;
        size_t used;
        cfg.undefined_as_zero = as_zero;
        size_t bytes = kedge_metric_size(&cfg.base);
        assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0x5C), bytes), KEDGE_OK);
        feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(kedge_fairness_record_many(&m, group, truth, predicted, NULL, NULL, 5, &used), KEDGE_OK);
        assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_SELECTED, &c), KEDGE_OK);
        assert_true(c.n_groups == 3 && c.gap.difference == 0.5 && c.gap.ratio == 0 && c.overall == 0.2 && c.ratio_to_overall == 0);
        assert_true(c.i_least == 1 && c.i_most == 0 && c.n_undefined == 0);
        assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_TRUE_POSITIVE, &c), KEDGE_OK);
        assert_true(c.gap.difference == 1 && c.gap.ratio == 0 && c.n_undefined == 1 && c.n_groups == 2 + as_zero &&
                    c.overall == 0.5);
        assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_FALSE_POSITIVE, &c), KEDGE_OK);
        assert_true(c.gap.difference == 0 && isnan(c.gap.ratio) && isnan(c.ratio_to_overall) && c.n_groups == 2 + as_zero);
        assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_PRECISION, &c), KEDGE_OK);
        assert_true(c.n_groups == 1 + 2 * as_zero && c.n_undefined == 2 && c.gap.difference == as_zero &&
                    c.gap.ratio == 1 - as_zero);
        assert_true(isnan(c.gap.difference_low) == !as_zero);
        assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_PRECISION, 0, 1, &gap), as_zero ? KEDGE_OK : KEDGE_EMPTY);
        assert_true(as_zero ? gap.difference == 1 && isinf(gap.ratio) : isnan(gap.difference) && isnan(gap.ratio_high));
        assert_int_equal(kedge_fairness_read(&m, &report), KEDGE_OK);
        assert_true(report.equalised_odds_difference == 1 && report.equalised_odds_ratio == 0 && report.n_groups == 3 &&
                    report.n_small == 3);
        assert_true(report.i_small == 2 && report.four_fifths == 0);
        assert_int_equal(kedge_fairness_read_group(&m, 1, &g), KEDGE_OK);
        assert_true(g.n_undefined == 2 && g.is_small && g.true_positive.rows == 0 && g.weight == 2);
        assert_int_equal(kedge_fairness_read_group(&m, 3, &g), KEDGE_EMPTY);
        assert_true(g.n_undefined == 7 && isnan(g.selected.value) && isnan(g.mean_score) && g.weight == 0);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        guard_free(m.state);
    }
}

/* Newcombe 1998, table II, (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339. And the log interval by its formula. */
static void test_intervals(void **unused)
{
    (void)unused;
    kedge_metric m = fairness(3, KEDGE_OVER_ALL, 1, 0.5);
    kedge_fairness_gap gap;
    kedge_fairness_comparison c;
    kedge_fairness_group_report g;
    const double z = 1.959963984540054;
    for (uint32_t i = 0; i < 70; i++)
        assert_int_equal(kedge_fairness_record(&m, 0, 1, i < 56, 0.7, 1), KEDGE_OK);
    for (uint32_t i = 0; i < 80; i++)
        assert_int_equal(kedge_fairness_record(&m, 1, 1, i < 48, 0.9, 1), KEDGE_OK);
    assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_SELECTED, 0, 1, &gap), KEDGE_OK);
    assert_close(gap.difference, 0.2, 1e-12);
    assert_true(fabs(gap.difference_low - 0.0524) < 5e-5 && fabs(gap.difference_high - 0.3339) < 5e-5);
    double spread = z * sqrt(1 / 56.0 - 1 / 70.0 + 1 / 48.0 - 1 / 80.0), ratio = 0.8 / 0.6;
    assert_close(gap.ratio, ratio, 1e-12);
    assert_close(gap.ratio_low, ratio * exp(-spread), 1e-12);
    assert_close(gap.ratio_high, ratio * exp(spread), 1e-12);
    assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_SELECTED, &c), KEDGE_OK); /* one pair: nothing to adjust */
    assert_close(c.gap.difference_low, gap.difference_low, 1e-12);
    assert_close(c.gap.ratio_low, 1 / gap.ratio_high, 1e-12);
    assert_close(c.gap.ratio_high, 1 / gap.ratio_low, 1e-12);
    assert_int_equal(kedge_fairness_read_group(&m, 0, &g), KEDGE_OK); /* Wilson 1927 for 56 of 70 */
    double centre = (0.8 + z * z / 140) / (1 + z * z / 70), half = z / (1 + z * z / 70) * sqrt(0.16 / 70 + z * z / 4 / 4900);
    assert_close(g.selected.low, centre - half, 1e-12);
    assert_close(g.selected.high, centre + half, 1e-12);
    assert_close(g.calibration.value, 0.3, 1e-12);
    assert_close(g.mean_score, 0.7, 1e-12);
    assert_close(g.calibration_error, 0.3, 1e-12);
    assert_close(g.brier, 0.09, 1e-12);
    kedge_fairness_bin_report bin;
    assert_int_equal(kedge_fairness_read_bin(&m, 0, 6, &bin), KEDGE_OK); /* 0.7 is the upper end of (0.6, 0.7] */
    assert_true(bin.weight == 70 && fabs(bin.mean_score - 0.7) < 1e-12 && fabs(bin.high - 0.7) < 1e-12);
    assert_true(bin.observed.value == 1 && bin.observed.rows == 70 && bin.observed.high == 1);
    assert_close(bin.observed.low, 1 / (1 + z * z / 70), 1e-12); /* Wilson 1927 for 70 of 70 */
    assert_int_equal(kedge_fairness_read_bin(&m, 0, 7, &bin), KEDGE_EMPTY);
    assert_true(bin.weight == 0 && isnan(bin.observed.value) && isnan(bin.mean_score));
    assert_int_equal(kedge_fairness_read_bin(&m, 0, 10, &bin), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_read_bin(&m, 3, 0, &bin), KEDGE_ERR_RANGE);
    assert_true(g.selected.rows == 70 && !g.is_small && g.n_undefined == 1); /* no truth 0 */
    for (uint32_t i = 0; i < 60; i++)
        assert_int_equal(kedge_fairness_record(&m, 2, i % 2, 0, 0.5, 1), KEDGE_OK);
    assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_SELECTED, 2, 1, &gap), KEDGE_OK);
    spread = z * sqrt(2 - 1 / 60.5 + 1 / 48.5 - 1 / 80.5);
    assert_true(gap.ratio == 0 && gap.ratio_low == 0);
    assert_close(gap.ratio_high, 0.5 / 60.5 / (48.5 / 80.5) * exp(spread), 1e-12);
    assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_SELECTED, 1, 2, &gap), KEDGE_OK);
    assert_true(isinf(gap.ratio) && isinf(gap.ratio_high) && gap.ratio_low > 1);
    assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_SELECTED, &c), KEDGE_OK);
    assert_true(c.i_least == 2 && c.i_most == 0 && c.gap.ratio == 0);
    kedge_fairness_gap pair;
    assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_SELECTED, 0, 2, &pair), KEDGE_OK);
    assert_true(c.gap.difference_low < pair.difference_low &&
                c.gap.difference_high > pair.difference_high); /* picked after looking */
    assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_CALIBRATION, 0, 2, &gap), KEDGE_OK);
    assert_close(gap.difference, 0.3, 1e-12);
    half = z * sqrt(0.25 / 60);
    assert_close(gap.difference_low, 0.3 - half, 1e-9);
    assert_true(isnan(gap.ratio));
    guard_free(m.state);
}

/* How often do intervals hold what is true? 95 % up to what few rows can do. */
static void test_coverage_of_intervals(void **unused)
{
    (void)unused;
    enum { N_RUNS = 1000, N_ROWS = 60 };
    uint32_t differs = 0, ratios = 0, all_pairs = 0;
    kedge_metric m = fairness(4, KEDGE_OVER_ALL, 1, 0.5);
    kedge_rng rng = {11};
    for (uint32_t run = 0; run < N_RUNS; run++) {
        kedge_fairness_gap gap;
        kedge_fairness_comparison c;
        assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
        for (uint32_t i = 0; i < 4 * N_ROWS; i++) {
            uint32_t selected = kedge_rng_uniform(&rng) < 0.4;
            assert_int_equal(kedge_fairness_record(&m, i % 4, 1, selected, 0.5, 1), KEDGE_OK);
        }
        assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_SELECTED, 0, 1, &gap), KEDGE_OK);
        differs += gap.difference_low <= 0 && gap.difference_high >= 0;
        ratios += gap.ratio_low <= 1 && gap.ratio_high >= 1;
        assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_SELECTED, &c), KEDGE_OK);
        all_pairs += c.gap.difference_low <= 0; /* equal groups, and the extreme ones picked */
    }
    assert_true(differs > 0.93 * N_RUNS && differs < 0.97 * N_RUNS);
    assert_true(ratios > 0.93 * N_RUNS && ratios < 0.97 * N_RUNS);
    assert_true(all_pairs > 0.93 * N_RUNS);
    guard_free(m.state);
}

/* Straight from the definitions. */
static void assert_as_records(const kedge_metric *m, size_t end, size_t n, double fading)
{
    kedge_fairness_report report;
    double bins[N_GROUPS][10], weight[N_GROUPS] = {0}, error_most = 0;
    memset(bins, 0, sizeof bins);
    for (uint32_t g = 0; g < N_GROUPS; g++) {
        double cell[2][2] = {{0, 0}, {0, 0}}, squares = 0, score = 0, error = 0;
        for (size_t i = end - n; i < end; i++) {
            const record *r = &records[i];
            double faded = pow(fading, (double)(end - 1 - i)), w = r->weight * faded, at;
            if (r->group != g)
                continue;
            cell[r->truth][r->predicted] += w;
            squares += r->weight * w;
            score += w * r->score;
            at = floor(r->score * 10);
            bins[g][(size_t)(at > 9 ? 9 : at)] += w * (r->truth - r->score);
        }
        weight[g] = cell[0][0] + cell[0][1] + cell[1][0] + cell[1][1];
        for (size_t b = 0; b < 10; b++)
            error += fabs(bins[g][b]);
        kedge_fairness_group_report out;
        kedge_status st = kedge_fairness_read_group(m, g, &out);
        assert_int_equal(st, weight[g] > 0 ? KEDGE_OK : KEDGE_EMPTY);
        if (st != KEDGE_OK)
            continue;
        for (uint32_t k = 0; k < 4; k++) {
            double w;
            assert_int_equal(kedge_fairness_read_cell(m, g, k / 2, k % 2, &w), KEDGE_OK);
            assert_close(w, cell[k / 2][k % 2], 1e-11);
        }
        assert_close(out.weight, weight[g], 1e-11);
        assert_close(out.selected.value, (cell[0][1] + cell[1][1]) / weight[g], 1e-11);
        assert_close(out.base.value, (cell[1][0] + cell[1][1]) / weight[g], 1e-11);
        assert_close(out.selected.rows, weight[g] * weight[g] / squares, 1e-11);
        assert_close(out.mean_score, score / weight[g], 1e-11);
        assert_close(out.calibration.value, out.base.value - out.mean_score, 1e-11);
        assert_close(out.calibration_error, error / weight[g], 1e-11);
        assert_int_equal(out.is_small, out.selected.rows < 30);
        assert_true(out.selected.low <= out.selected.value && out.selected.value <= out.selected.high);
        error_most = fmax(error_most, error / weight[g]);
    }
    assert_int_equal(kedge_fairness_read(m, &report), KEDGE_OK);
    assert_int_equal(report.n, n);
    assert_close(report.calibration_error, error_most, 1e-11);
    assert_close(report.weight, weight[0] + weight[1] + weight[2] + weight[3], 1e-11);
}

static void test_coverings(void **unused)
{
    (void)unused;
    fill();
    kedge_metric all = fairness(N_GROUPS, KEDGE_OVER_ALL, 1, 0.5), window = fairness(N_GROUPS, KEDGE_OVER_WINDOW, 37, 0.5);
    kedge_metric fading = fairness(N_GROUPS, KEDGE_OVER_FADING, 1, 0.97),
                 tumbling = fairness(N_GROUPS, KEDGE_OVER_TUMBLING, 50, 0.5);
    kedge_metric *const metrics[] = {&all, &window, &fading, &tumbling};
    for (size_t n = 1; n <= N_RECORDS; n++) {
        for (size_t i = 0; i < 4; i++)
            take(metrics[i], &records[n - 1]);
        if (n % 7 != 0)
            continue;
        assert_as_records(&all, n, n, 1);
        assert_as_records(&window, n, n < 37 ? n : 37, 1);
        assert_as_records(&fading, n, n, 0.97);
        if (n >= 50)
            assert_as_records(&tumbling, n / 50 * 50, 50, 1);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(kedge_metric_check(metrics[i]), KEDGE_OK);
        guard_free(metrics[i]->state);
    }
}

/* A group that is no longer seen becomes small while the past fades; and it can be left out. */
static void test_small_groups(void **unused)
{
    (void)unused;
    kedge_fairness_config cfg = kedge_fairness_defaults(2);
    kedge_fairness_report report;
    kedge_fairness_comparison c;
    kedge_fairness_group_report g;
    kedge_metric m;
    cfg.over = KEDGE_OVER_FADING;
    cfg.fading = 0.99;
    cfg.skip_small = 1;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(kedge_fairness_record(&m, i % 2, 1, i % 2, 0.5, 1), KEDGE_OK);
    assert_int_equal(kedge_fairness_read(&m, &report), KEDGE_OK);
    assert_true(report.n_small == 0 && report.demographic_parity_ratio == 0 && report.demographic_parity_difference == 1);
    feclearexcept(FE_ALL_EXCEPT);
    for (uint32_t i = 0; i < 120000; i++) /* until its weight is the least that there is */
        assert_int_equal(kedge_fairness_record(&m, 1, 1, 1, 0.5, 1), KEDGE_OK);
    assert_int_equal(kedge_fairness_read(&m, &report), KEDGE_OK);
    assert_true(report.demographic_parity_ratio == 1 && report.demographic_parity_difference == 0 && report.four_fifths == 1);
    assert_true(report.n_small == 1 && report.i_small == 0 && report.n_groups == 2 && report.demographic_parity_ratio == 1);
    assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_SELECTED, &c), KEDGE_OK);
    assert_true(c.n_groups == 1 && c.i_least == 1 && c.i_most == 1 && isnan(c.gap.difference_low));
    assert_int_equal(kedge_fairness_read_group(&m, 0, &g), KEDGE_OK);
    assert_true(g.is_small && g.selected.value == 0);
    kedge_fairness_gap gap;
    assert_int_equal(kedge_fairness_compare_pair(&m, KEDGE_RATE_SELECTED, 0, 1, &gap), KEDGE_OK);
    assert_true(gap.difference == -1 && gap.difference_low >= -1.0001 && gap.ratio_low == 0 && gap.ratio_high >= 1);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
}

static void test_merge(void **unused)
{
    (void)unused;
    fill();
    kedge_metric a = fairness(N_GROUPS, KEDGE_OVER_ALL, 1, 0.5), b = fairness(N_GROUPS, KEDGE_OVER_ALL, 1, 0.5);
    kedge_metric other = fairness(N_GROUPS + 1, KEDGE_OVER_ALL, 1, 0.5);
    for (size_t i = 0; i < N_RECORDS; i++)
        take(i % 3 ? &a : &b, &records[i]);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_as_records(&a, N_RECORDS, N_RECORDS, 1);
    assert_int_equal(kedge_metric_merge(&a, &other), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(other.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric m = fairness(2, KEDGE_OVER_ALL, 1, 0.5);
    kedge_fairness_report report;
    kedge_fairness_comparison c;
    kedge_fairness_gap gap;
    const uint32_t group[2] = {0, 2}, one[2] = {1, 1};
    size_t used = 9;
    assert_int_equal(kedge_fairness_read(&m, &report), KEDGE_EMPTY);
    assert_true(isnan(report.demographic_parity_ratio) && isnan(report.calibration_error) && report.n_groups == 0 &&
                report.four_fifths == 0);
    assert_int_equal(kedge_fairness_compare(&m, KEDGE_RATE_BASE, &c), KEDGE_EMPTY);
    assert_true(isnan(c.least) && c.i_least == KEDGE_NO_GROUP && isnan(c.gap.ratio));
    assert_int_equal(kedge_fairness_record(&m, 2, 0, 0, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(&m, 0, 2, 0, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(&m, 0, 0, 2, 0, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(&m, 0, 0, 0, 1.1, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(&m, 0, 0, 0, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_fairness_record(&m, 0, 0, 0, 0, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_record(&m, 0, 0, 0, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_fairness_record_many(&m, group, one, one, NULL, NULL, 2, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 1);
    assert_int_equal(kedge_fairness_compare(&m, 0, &c), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_compare(&m, N_RATES + 1, &c), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_compare_pair(&m, 1, 0, 0, &gap), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_compare_pair(&m, 1, 0, 2, &gap), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_fairness_compare_pair(&m, 1, 0, 1, &gap), KEDGE_EMPTY);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_fairlearn), cmocka_unit_test(test_undefined_rates), cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_coverage_of_intervals), cmocka_unit_test(test_coverings), cmocka_unit_test(test_small_groups),
        cmocka_unit_test(test_merge), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
