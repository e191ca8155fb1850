/* SPDX-License-Identifier: MIT */
/* Quality: figures computed by hand and by scikit-learn, and every covering against figures from the list of records. */
#include "naive_quality.h"

static void test_size(void **unused)
{
    (void)unused;
    for (uint32_t n = 2; n <= 1024; n += n < 16 ? 1 : 63) {
        kedge_quality_config cfg = kedge_quality_defaults(n);
        assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_QUALITY_BYTES_FOR(n));
    }
    kedge_quality_config cfg = kedge_quality_defaults(3);
    cfg.over = KEDGE_OVER_WINDOW;
    cfg.window = 10;
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_QUALITY_BYTES_FOR(3) + 20 * 10);
    cfg.over = KEDGE_OVER_TUMBLING;
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_QUALITY_BYTES_FOR(3));
    cfg.over = KEDGE_OVER_FADING;
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_QUALITY_BYTES_FOR(3) - 8 * 9);
}

/* Two classes, 20 right and 5 wrong of 0, 15 right and 10 wrong of 1: Cohen's kappa of the textbook table is 0.4. */
static void test_by_hand(void **unused)
{
    (void)unused;
    kedge_metric m = quality_of_all(2);
    kedge_quality_report r;
    double cell = -1;
    assert_int_equal(kedge_quality_record(&m, 0, 0, 20), KEDGE_OK);
    assert_int_equal(kedge_quality_record(&m, 0, 1, 5), KEDGE_OK);
    assert_int_equal(kedge_quality_record(&m, 1, 0, 10), KEDGE_OK);
    assert_int_equal(kedge_quality_record(&m, 1, 1, 15), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 4 && r.weight == 50 && r.n_undefined == 0);
    assert_close(r.accuracy, 0.7, 1e-15);
    assert_close(r.kappa, 0.4, 1e-15);
    assert_close(r.precision_macro, (20.0 / 30 + 15.0 / 20) / 2, 1e-15);
    assert_close(r.recall_macro, (20.0 / 25 + 15.0 / 25) / 2, 1e-15);
    assert_close(r.f1_macro, (40.0 / 55 + 30.0 / 45) / 2, 1e-15);
    assert_int_equal(kedge_quality_read_cell(&m, 1, 0, &cell), KEDGE_OK);
    assert_true(cell == 10);
    guard_free(m.state);
}

/* scikit-learn: accuracy_score, cohen_kappa_score, precision_recall_fscore_support(zero_division=0), all with sample_weight. Class
 * 3 is only predicted, class 4 only occurs, class 5 does neither. */
static void test_equals_scikit_learn(void **unused)
{
    (void)unused;
    const record r[] = {{0, 0, 1},   {1, 2, .5}, {2, 2, 2},  {2, 2, 1},    {0, 1, .25}, {1, 1, 3},
                        {4, 0, 1},   {2, 3, .7}, {0, 0, 1e-3}, {0, 0, 2}, {1, 1, 1},   {2, 2, .1}};
    kedge_metric m = quality_of_all(6);
    kedge_quality_report have;
    feed(&m, r, sizeof r / sizeof *r);
    assert_int_equal(kedge_quality_read(&m, &have), KEDGE_OK);
    assert_close(have.accuracy, 0.8047964305633019, 1e-14);
    assert_close(have.kappa, 0.7247473153868291, 1e-14);
    assert_close(have.precision_macro, 0.5104700132156503, 1e-14);
    assert_close(have.recall_macro, 0.5255557894017315, 1e-14);
    assert_close(have.f1_macro, 0.5159514616657475, 1e-14);
    assert_close(have.precision_weighted, 0.7924443850358618, 1e-14);
    assert_close(have.recall_weighted, 0.8047964305633016, 1e-14);
    assert_close(have.f1_weighted, 0.795849481275799, 1e-14);
    assert_close(have.balanced_accuracy, 0.6569447367521645, 1e-14);
    assert_close(have.mcc, 0.7318175090317773, 1e-14);
    assert_close(have.f_beta_macro, 0.5211464045358543, 1e-14);
    assert_close(have.f_beta_weighted, 0.8004592792341008, 1e-14);
    assert_close(have.jaccard_macro, 0.4537974073059921, 1e-14);
    assert_close(have.jaccard_weighted, 0.7030560933087028, 1e-14);
    assert_close(have.jaccard_micro, 0.673355109659356, 1e-14);
    assert_close(have.kappa_m, 0.695689976400447, 1e-14);         /* from the definition, in NumPy */
    assert_close(have.kappa_temporal, 0.7134838030639692, 1e-14); /* likewise */
    assert_true(have.g_mean == 0); /* class 4 has recall 0, and 3 none */
    assert_int_equal(have.n_undefined, 2);
    guard_free(m.state);
}

/* scikit-learn 1.9.1: balanced_accuracy_score, matthews_corrcoef, jaccard_score and fbeta_score(beta=2), all with sample_weight;
 * the others from their definitions in NumPy. */
static void test_equals_scikit_learn_more(void **unused)
{
    (void)unused;
    kedge_metric m = quality_of_all(3);
    kedge_quality_report have;
    kedge_quality_class_report c;
    for (uint32_t i = 0; i < 60; i++) {
        uint32_t truth = i * i / 7 % 3;
        assert_int_equal(kedge_quality_record(&m, truth, i % 4 ? truth : i % 3, 1 + 0.25 * (i % 3)), KEDGE_OK);
    }
    assert_int_equal(kedge_quality_read(&m, &have), KEDGE_OK);
    assert_close(have.balanced_accuracy, 0.8026039942623856, 1e-14);
    assert_close(have.mcc, 0.6876452878977095, 1e-14);
    assert_close(have.g_mean, 0.8025481045397783, 1e-14);
    assert_close(have.kappa_m, 0.6407185628742516, 1e-14);
    assert_close(have.kappa_temporal, 0.696969696969697, 1e-14);
    assert_close(have.f_beta_macro, 0.7966652030970561, 1e-14);
    assert_close(have.f_beta_weighted, 0.8001474707018352, 1e-14);
    assert_close(have.jaccard_macro, 0.653468583044753, 1e-14);
    assert_close(have.jaccard_weighted, 0.669813367656523, 1e-14);
    assert_close(have.jaccard_micro, 0.6666666666666666, 1e-14);
    assert_int_equal(kedge_quality_read_class(&m, 1, &c), KEDGE_OK);
    assert_close(c.f_beta, 0.7818181818181819, 1e-14);
    assert_close(c.jaccard, 0.589041095890411, 1e-14);
    guard_free(m.state);
}

/* statsmodels 0.15.0, proportion_confint(method='wilson'); a record of weight 2 counts as two. */
static void test_interval(void **unused)
{
    (void)unused;
    kedge_metric m = quality_of_all(2);
    kedge_quality_report r;
    assert_int_equal(kedge_quality_record(&m, 0, 0, 20), KEDGE_OK);
    assert_int_equal(kedge_quality_record(&m, 0, 1, 15), KEDGE_OK);
    assert_int_equal(kedge_quality_record(&m, 1, 1, 15), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_close(r.accuracy_low, 0.5624964953554659, 1e-13);
    assert_close(r.accuracy_high, 0.8089644649911905, 1e-13);
    guard_free(m.state);
    m = quality(2, KEDGE_OVER_FADING, 1, 0.5); /* weights 1, 1/2, 1/4 ...: (sum)^2 / sum of squares is 3 in the end, nearly */
    for (int i = 0; i < 100; i++)
        assert_int_equal(kedge_quality_record(&m, 0, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_close(r.accuracy_low, 3 / (3 + 1.959963984540054 * 1.959963984540054), 1e-12);
    assert_true(r.accuracy_high == 1);
    guard_free(m.state);
    m = quality_of_all(2); /* next to no weight says next to nothing */
    assert_int_equal(kedge_quality_record(&m, 0, 0, 5e-324), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.accuracy == 1 && r.accuracy_low < 1e-12 && r.accuracy_high == 1);
    guard_free(m.state);
}

/* What a baseline that is nearly never wrong leaves of the kappas is finite, and a prediction that tells nothing has no
 * correlation. */
static void test_baselines(void **unused)
{
    (void)unused;
    kedge_metric m = quality_of_all(3);
    kedge_quality_report r;
    for (int i = 0; i < 10; i++)
        assert_int_equal(kedge_quality_record(&m, 0, 1, 1e9), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.kappa_m == 0 && r.kappa_temporal == 0 && r.mcc == 0 && r.kappa == 0 && r.g_mean == 0 && r.balanced_accuracy == 0);
    assert_int_equal(kedge_quality_record(&m, 1, 1, 1e-300), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.kappa_m <= -1e199 && isfinite(r.kappa_m) && r.kappa_temporal <= -1e199 && isfinite(r.kappa_temporal));
    assert_true(r.mcc >= -1 && r.mcc <= 1);
    assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
    for (uint32_t i = 0; i < 12; i++) /* truth and prediction are independent */
        assert_int_equal(kedge_quality_record(&m, i % 2, i / 2 % 3, 1), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_close(r.mcc, 0, 1e-16);
    assert_close(r.kappa_temporal, 1 - 8.0 / 11, 1e-15); /* the truth alternates: only the first, class 0, is as the baseline says
                                                          * */
    guard_free(m.state);
}

static void test_tumbling_is_the_last_whole_window(void **unused)
{
    (void)unused;
    const uint32_t windows[] = {1, 7, 50, 333};
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        kedge_metric m = quality(N_MAX_CLASSES, KEDGE_OVER_TUMBLING, windows[w], 0.5);
        kedge_quality_report r;
        fill_records(w + 40);
        for (size_t n = 1; n <= N_RECORDS; n++) {
            feed(&m, records + n - 1, 1);
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
            if (n < windows[w]) {
                assert_int_equal(kedge_quality_read(&m, &r), KEDGE_EMPTY);
                assert_true(r.n == 0 && isnan(r.mcc));
            } else if (n % 5 == 0 || n == windows[w]) {
                assert_is(&m, records + (n / windows[w] - 1) * windows[w], windows[w], 1);
            }
        }
        guard_free(m.state);
    }
}

static void test_one_class_only(void **unused)
{
    (void)unused;
    kedge_metric m = quality_of_all(3);
    kedge_quality_report r;
    kedge_quality_class_report c;
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && isnan(r.accuracy) && isnan(r.kappa) && isnan(r.f1_macro));
    assert_int_equal(kedge_quality_record(&m, 1, 1, 0), KEDGE_OK); /* weight 0: a record, but nothing to share */
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 1 && r.weight == 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(kedge_quality_record(&m, 1, 1, 0.1), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.accuracy == 1 && r.error_rate == 0 && r.kappa == 0 && r.f1_macro == 1 && r.n_undefined == 0);
    assert_int_equal(kedge_quality_read_class(&m, 1, &c), KEDGE_OK);
    assert_true(c.recall == 1 && c.false_positive_rate == 0 && c.n_undefined == 1);
    guard_free(m.state);
}

static void test_all_is_the_list(void **unused)
{
    (void)unused;
    kedge_metric m = quality_of_all(N_MAX_CLASSES);
    fill_records(1);
    for (size_t n = 0; n < N_RECORDS; n++) {
        feed(&m, records + n, 1);
        if (n % 10 == 0)
            assert_is(&m, records, n + 1, 1);
    }
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    guard_free(m.state);
}

static void test_window_is_the_newest_records(void **unused)
{
    (void)unused;
    const uint32_t windows[] = {1, 2, 7, 50, 333, 1000};
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        kedge_metric m = quality(N_MAX_CLASSES, KEDGE_OVER_WINDOW, windows[w], 0.5);
        fill_records(w + 10);
        for (size_t n = 1; n <= N_RECORDS; n++) {
            size_t width = n < windows[w] ? n : windows[w];
            feed(&m, records + n - 1, 1);
            if (n % 5 == 0)
                assert_is(&m, records + n - width, width, 1);
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        }
        guard_free(m.state);
    }
}

/* What has left a window leaves nothing: not the rest of 0.1 + 0.1 + 0.1 - 0.1 - 0.1 - 0.1, nor the rounding of a great weight. */
static void test_window_leaves_no_rounding(void **unused)
{
    (void)unused;
    kedge_metric m = quality(3, KEDGE_OVER_WINDOW, 4, 0.5);
    kedge_quality_report r;
    double cell = -1;
    for (uint32_t i = 0; i < 7; i++)
        assert_int_equal(kedge_quality_record(&m, i < 3 ? 2 : 0, i < 3 ? 2 : 0, 0.1), KEDGE_OK);
    assert_int_equal(kedge_quality_read_cell(&m, 2, 2, &cell), KEDGE_OK);
    assert_true(cell == 0);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.kappa == 0 && r.precision_macro == 1);
    assert_int_equal(kedge_quality_record(&m, 1, 1, 1e9), KEDGE_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(kedge_quality_record(&m, 1, 1, 1e-9), KEDGE_OK);
    assert_int_equal(kedge_quality_read_cell(&m, 1, 1, &cell), KEDGE_OK);
    assert_close(cell * 1e9, 4, 1e-15);
    guard_free(m.state);
}

static void test_fading_is_the_faded_list(void **unused)
{
    (void)unused;
    const double fadings[] = {0.999, 0.9, 0.5, 1e-3, 0.25}; /* the smaller ones rescale many times */
    for (size_t f = 0; f < sizeof fadings / sizeof *fadings; f++) {
        kedge_metric m = quality(N_MAX_CLASSES, KEDGE_OVER_FADING, 1, fadings[f]);
        fill_records(f + 20);
        for (size_t i = 0; i < N_RECORDS; i++)
            records[i].weight = 0.5 + records[i].weight / 1000; /* of one magnitude, so that the newest always counts */
        for (size_t n = 1; n <= N_RECORDS; n++) {
            size_t width = n < 400 ? n : 400;
            feed(&m, records + n - 1, 1);
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
            kedge_quality_report have;
            if (fadings[f] > 0.95 && n % 10 == 0) {
                assert_is(&m, records, n, fadings[f]);
            } else if (fadings[f] < 0.95 && n % 5 == 0) { /* older ones are far below the last bit */
                kedge_quality_report want = naive(records + n - width, width, fadings[f]);
                assert_int_equal(kedge_quality_read(&m, &have), KEDGE_OK);
                assert_close(have.accuracy, want.accuracy, 1e-12);
                assert_close(have.weight, want.weight, 1e-12);
                assert_close(have.kappa, want.kappa, 1e-12);
            }
        }
        guard_free(m.state);
    }
}

/* Classes that were not seen for long do not weigh on the macro figures, though their cells are not yet 0. */
static void test_fading_forgets_classes(void **unused)
{
    (void)unused;
    kedge_metric m = quality(3, KEDGE_OVER_FADING, 1, 0.9);
    kedge_quality_report r;
    assert_int_equal(kedge_quality_record(&m, 1, 2, 1), KEDGE_OK);
    for (int i = 0; i < 500; i++)
        assert_int_equal(kedge_quality_record(&m, 0, 0, 1), KEDGE_OK);
    assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
    assert_true(r.precision_macro == 1 && r.recall_macro == 1 && r.f1_macro == 1 && r.n_undefined == 0);
    guard_free(m.state);
}

/* One error of weight 1e-8 beside 1e9 rights: neither error rate nor kappa drown in rounding. */
static void test_light_beside_heavy(void **unused)
{
    (void)unused;
    const record r[] = {{0, 0, 1e9}, {1, 1, 1e-8}, {2, 1, 1e-8}, {1, 0, 1e-8}};
    kedge_metric m = quality_of_all(3);
    kedge_quality_report have;
    feed(&m, r, sizeof r / sizeof *r);
    assert_int_equal(kedge_quality_read(&m, &have), KEDGE_OK);
    assert_close(have.kappa, 0.6, 1e-15); /* scikit-learn */
    assert_close(have.error_rate * 5e16, 1, 1e-15);
    guard_free(m.state);
}

/* The increment stays in range for every factor, the smallest and the greatest included. */
static void test_fading_extremes(void **unused)
{
    (void)unused;
    const double fadings[] = {5e-324, 1e-300, 1e-100, 1e-50, 0x1.fffffffffffffp-1};
    for (size_t f = 0; f < sizeof fadings / sizeof *fadings; f++) {
        kedge_metric m = quality(2, KEDGE_OVER_FADING, 1, fadings[f]);
        kedge_quality_report r;
        for (uint32_t i = 0; i < 50; i++) {
            assert_int_equal(kedge_quality_record(&m, i % 2, 0, 1e9), KEDGE_OK);
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
            assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
            assert_true(r.weight >= 1e9 * (1 - 1e-12) && r.n == i + 1);
        }
        assert_close(r.accuracy, fadings[f] > 0.5 ? 0.5 : 0, 1e-12);
        guard_free(m.state);
    }
}

static void test_merge(void **unused)
{
    (void)unused;
    kedge_metric a = quality_of_all(N_MAX_CLASSES);
    kedge_metric b = quality_of_all(N_MAX_CLASSES);
    kedge_metric w = quality(N_MAX_CLASSES, KEDGE_OVER_WINDOW, 5, 0.5);
    kedge_metric w2 = quality(N_MAX_CLASSES, KEDGE_OVER_WINDOW, 5, 0.5);
    fill_records(3);
    feed(&a, records, 200);
    feed(&b, records + 200, N_RECORDS - 200);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_is(&a, records, N_RECORDS, 1);
    assert_int_equal(kedge_metric_merge(&a, &w), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_metric_merge(&w, &w2), KEDGE_ERR_UNSUPPORTED);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(w.state);
    guard_free(w2.state);
}

static void test_batch_stops_at_the_bad_one(void **unused)
{
    (void)unused;
    const uint32_t truth[] = {0, 1, 1, 2, 0};
    const uint32_t predicted[] = {0, 1, 0, 0, 0};
    const double weight[] = {1, 2, 3, 1, 1};
    kedge_metric m = quality_of_all(2);
    kedge_metric single = quality_of_all(2);
    size_t used = 99;
    assert_int_equal(kedge_quality_record_many(&m, truth, predicted, weight, 5, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(kedge_quality_record(&single, truth[i], predicted[i], weight[i]), KEDGE_OK);
    assert_memory_equal(m.state, single.state, KEDGE_QUALITY_BYTES_FOR(2u));
    assert_int_equal(kedge_quality_record_many(&m, truth, predicted, NULL, 3, &used), KEDGE_OK);
    assert_int_equal(used, 3);
    guard_free(m.state);
    guard_free(single.state);
}

/* Every number of a state in turn replaced by what it must not be, by the order of the state: place, n, increment, then arrays. */
static void assert_check_finds(kedge_metric *m, size_t at, const void *bad, size_t n)
{
    unsigned char kept[8];
    unsigned char *bytes = m->state;
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    memcpy(kept, bytes + at, n);
    memcpy(bytes + at, bad, n);
    assert_int_equal(kedge_metric_check(m), KEDGE_ERR_STATE);
    memcpy(bytes + at, kept, n);
}

static void test_check_finds_forged(void **unused)
{
    (void)unused;
    const double bad[] = {(double)NAN, (double)INFINITY, -1.0, 1e200};
    const uint64_t no_count = UINT64_MAX;
    const uint32_t no_place = 4, other_place = 1;
    for (uint32_t over = KEDGE_OVER_ALL; over <= KEDGE_OVER_TUMBLING; over++) {
        kedge_metric m = quality(2, over, 3, 0.9);
        for (uint32_t i = 0; i < 5; i++)
            assert_int_equal(kedge_quality_record(&m, i % 2, 0, 1), KEDGE_OK);
        assert_check_finds(&m, 92, &no_place, sizeof no_place);
        assert_check_finds(&m, 92, &other_place, sizeof other_place);
        assert_check_finds(&m, 96, &no_place, sizeof no_place); /* the last truth */
        assert_check_finds(&m, 104, &no_count, sizeof no_count);
        size_t n_sums = 3 + (over == KEDGE_OVER_FADING ? 4 : 8); /* changes, and one table or two */
        for (size_t i = 0; i < 4; i++)
            for (size_t k = 0; k <= n_sums; k++)
                assert_check_finds(&m, 112 + 8 * k, &bad[i], sizeof bad[i]);
        if (over == KEDGE_OVER_WINDOW) {
            const double more = 5;
            assert_check_finds(&m, 144 + 64, &no_place, sizeof no_place); /* a record of a cell that is not there */
            assert_check_finds(&m, 128, &more, sizeof more);              /* changes that are not those of the records */
            assert_check_finds(&m, 144, &more, sizeof more);              /* cells that are not the sums of their records */
            for (size_t i = 0; i < 4; i++)
                for (size_t k = 0; k < 6; k++) /* weights and changes */
                    assert_check_finds(&m, 144 + 64 + 16 + 8 * k, &bad[i], sizeof bad[i]);
        }
        guard_free(m.state);
    }
}

/* Many classes and a short window: a turn visits the cells of its records only, and a sum forged into another one stays within
 * bounds. */
static void test_sparse_window_stays_sound(void **unused)
{
    (void)unused;
    const double forged[] = {0.5, 7e9, 1e30};
    for (size_t f = 0; f < sizeof forged / sizeof *forged; f++) {
        kedge_metric m = quality(6, KEDGE_OVER_WINDOW, 3, 0.5);
        kedge_quality_report r;
        for (size_t k = 0; k < 72; k += 5) /* cells, and older ones */
            memcpy((unsigned char *)m.state + 144 + 8 * k, &forged[f], sizeof forged[f]);
        for (uint32_t i = 0; i < 60; i++) {
            kedge_status st = kedge_metric_check(&m);
            assert_int_equal(st, i < 3 ? KEDGE_ERR_STATE : KEDGE_OK); /* until the ring is full older cells are empty */
            assert_int_equal(kedge_quality_record(&m, i * i % 6, i % 5, 1e9), KEDGE_OK);
        }
        assert_int_equal(kedge_quality_read(&m, &r), KEDGE_OK);
        assert_true(r.accuracy >= 0 && r.accuracy <= 1 && r.kappa >= -1 && r.kappa <= 1 && isfinite(r.weight));
        guard_free(m.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_equals_scikit_learn),
        cmocka_unit_test(test_equals_scikit_learn_more),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_baselines),
        cmocka_unit_test(test_tumbling_is_the_last_whole_window),
        cmocka_unit_test(test_one_class_only),
        cmocka_unit_test(test_all_is_the_list),
        cmocka_unit_test(test_window_is_the_newest_records),
        cmocka_unit_test(test_window_leaves_no_rounding),
        cmocka_unit_test(test_fading_is_the_faded_list),
        cmocka_unit_test(test_fading_forgets_classes),
        cmocka_unit_test(test_light_beside_heavy),
        cmocka_unit_test(test_fading_extremes),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_batch_stops_at_the_bad_one),
        cmocka_unit_test(test_check_finds_forged),
        cmocka_unit_test(test_sparse_window_stays_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
