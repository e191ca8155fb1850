/* SPDX-License-Identifier: MIT */
/* Estimated quality: figures of NannyML, every covering against the definition, and errors against labels that are drawn. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "support.h"

enum { N_RECORDS = 400, N_CLASSES = 3 };

static double scores[N_RECORDS][N_CLASSES];
static uint32_t predicted[N_RECORDS];
static double weight[N_RECORDS];

static kedge_metric cbpe(uint32_t n_classes, uint32_t over, uint32_t window, double fading)
{
    kedge_cbpe_config cfg = kedge_cbpe_defaults(n_classes);
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void fill(uint64_t seed, double spread)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < N_RECORDS; i++) {
        double sum = 0;
        for (size_t c = 0; c < N_CLASSES; c++)
            sum += scores[i][c] = exp(spread * kedge_rng_uniform(&rng));
        for (size_t c = 0; c < N_CLASSES; c++)
            scores[i][c] /= sum;
        predicted[i] = 0;
        for (uint32_t c = 1; c < N_CLASSES; c++)
            predicted[i] = scores[i][c] > scores[i][predicted[i]] ? c : predicted[i];
        if (i % 10 == 0)
            predicted[i] = (uint32_t)kedge_rng_below(&rng, N_CLASSES);
        weight[i] = i % 9 == 0 ? 0 : 0.5 * (double)(1 + kedge_rng_below(&rng, 4));
    }
}

static void feed(kedge_metric *m)
{
    for (size_t i = 0; i < N_RECORDS; i++)
        assert_int_equal(kedge_cbpe_record(m, predicted[i], scores[i], N_CLASSES, 1), KEDGE_OK);
}

/* nannyml 0.13.1: estimate_accuracy, estimate_precision, ... of its confidence_based.metrics, of class 1; macro as its multiclass
 * metrics take the mean. */
static void test_as_nannyml(void **unused)
{
    (void)unused;
    kedge_metric two = cbpe(2, KEDGE_OVER_ALL, 1, 0.5), three = cbpe(3, KEDGE_OVER_ALL, 1, 0.5);
    kedge_cbpe_report r;
    kedge_cbpe_class_report c;
    assert_int_equal(kedge_cbpe_read(&two, &r), KEDGE_EMPTY);
    assert_true(isnan(r.accuracy) && isnan(r.f1_macro));
    assert_int_equal(kedge_cbpe_read_class(&two, 1, &c), KEDGE_EMPTY);
    assert_true(isnan(c.recall) && isnan(c.f1_error) && c.support == 0);
    for (size_t i = 0; i < 40; i++) {
        double p = ((double)(i * 37 % 101) + 0.5) / 102, q = i % 3 ? p * sqrt(p) : p;
        const double row[2] = {1 - q, q};
        assert_int_equal(kedge_cbpe_record(&two, p >= 0.6, row, 2, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_cbpe_read(&two, &r), KEDGE_OK);
    assert_int_equal(kedge_cbpe_read_class(&two, 1, &c), KEDGE_OK);
    assert_close(r.accuracy, 0.7620964336589452, 1e-13);
    assert_close(c.precision, 0.7515917078853694, 1e-13);
    assert_close(c.recall, 0.660685989424319, 1e-13);
    assert_close(c.specificity, 0.8375432881291077, 1e-13);
    assert_close(c.f1, 0.7032131316854897, 1e-13);
    for (size_t i = 0; i < 30; i++) {
        double row[3] = {(double)(i * 7 % 11 + 1), (double)(i * 5 % 7 + 1), (double)(i * 3 % 13 + 1)};
        double sum = row[0] + row[1] + row[2];
        uint32_t top = 0;
        for (uint32_t k = 0; k < 3; k++) {
            row[k] /= sum;
            top = row[k] > row[top] ? k : top;
        }
        assert_int_equal(kedge_cbpe_record(&three, i % 4 == 0 ? (uint32_t)(i * i % 3) : top, row, 3, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_cbpe_read(&three, &r), KEDGE_OK);
    assert_close(r.accuracy, 0.43091747623541987, 1e-13);
    assert_close(r.precision_macro, 0.4253624017029496, 1e-13);
    assert_close(r.recall_macro, 0.42366444673713816, 1e-13);
    assert_close(r.specificity_macro, 0.7143546549155134, 1e-13);
    assert_close(r.f1_macro, 0.41672108684726483, 1e-13);
    guard_free(two.state);
    guard_free(three.state);
}

/* The expected matrix of records end - n .. end - 1, cell by cell, and the accuracy's error. */
static void assert_matrix(const kedge_metric *m, size_t end, size_t n, double fading)
{
    double cells[N_CLASSES][N_CLASSES] = {{0}}, all = 0, right = 0, variance = 0, cell;
    kedge_cbpe_report r;
    for (size_t i = end - n; i < end; i++) {
        double w = weight[i] * pow(fading, (double)(end - 1 - i));
        for (size_t c = 0; c < N_CLASSES; c++)
            cells[c][predicted[i]] += w * scores[i][c];
        all += w;
        right += w * scores[i][predicted[i]];
        variance += w * w * scores[i][predicted[i]] * (1 - scores[i][predicted[i]]);
    }
    kedge_status st = kedge_cbpe_read(m, &r);
    assert_int_equal(st, all > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(r.n, n);
    if (st != KEDGE_OK)
        return;
    assert_close(r.weight, all, 1e-11);
    assert_close(r.accuracy, right / all, 1e-11);
    assert_true(r.accuracy_low <= r.accuracy && r.accuracy <= r.accuracy_high);
    assert_close(r.accuracy_error, sqrt(variance) / all, fading < 1 && n > 20 ? 0.1 : fading < 1 ? 0.3 : 1e-11);
    for (uint32_t c = 0; c < N_CLASSES; c++)
        for (uint32_t d = 0; d < N_CLASSES; d++) {
            assert_int_equal(kedge_cbpe_read_cell(m, c, d, &cell), KEDGE_OK);
            assert_close(cell, cells[c][d], 1e-11);
        }
}

static void test_coverings(void **unused)
{
    (void)unused;
    kedge_metric all = cbpe(3, KEDGE_OVER_ALL, 1, 0.5), window = cbpe(3, KEDGE_OVER_WINDOW, 23, 0.5);
    kedge_metric fading = cbpe(3, KEDGE_OVER_FADING, 1, 0.9), tumbling = cbpe(3, KEDGE_OVER_TUMBLING, 40, 0.5);
    kedge_metric *const metrics[] = {&all, &window, &fading, &tumbling};
    fill(7, 2);
    for (size_t n = 1; n <= N_RECORDS; n++) {
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(kedge_cbpe_record(metrics[i], predicted[n - 1], scores[n - 1], 3, weight[n - 1]), KEDGE_OK);
        assert_matrix(&all, n, n, 1);
        assert_matrix(&window, n, n < 23 ? n : 23, 1);
        assert_matrix(&fading, n, n, 0.9);
        if (n >= 40)
            assert_matrix(&tumbling, n / 40 * 40, 40, 1);
    }
    for (size_t i = 0; i < 4; i++)
        guard_free(metrics[i]->state);
}

/* Standard deviations of what labels show, drawn by the probabilities, are the errors that were told. */
static void test_errors_are_those_of_labels(void **unused)
{
    (void)unused;
    enum { N_DRAWS = 3000, N_FIGURES = 5 };
    kedge_metric m = cbpe(3, KEDGE_OVER_ALL, 1, 0.5);
    kedge_cbpe_report r;
    kedge_cbpe_class_report e;
    kedge_rng rng = {5};
    double sum[N_FIGURES] = {0}, squares[N_FIGURES] = {0}, inside = 0;
    fill(11, 3);
    feed(&m);
    assert_int_equal(kedge_cbpe_read(&m, &r), KEDGE_OK);
    assert_int_equal(kedge_cbpe_read_class(&m, 1, &e), KEDGE_OK);
    for (size_t draw = 0; draw < N_DRAWS; draw++) {
        double right = 0, hits = 0, alarms = 0, missed = 0, rejected = 0;
        for (size_t i = 0; i < N_RECORDS; i++) {
            double u = kedge_rng_uniform(&rng);
            uint32_t truth = u < scores[i][0] ? 0 : u < scores[i][0] + scores[i][1] ? 1 : 2;
            right += truth == predicted[i];
            hits += truth == 1 && predicted[i] == 1;
            alarms += truth != 1 && predicted[i] == 1;
            missed += truth == 1 && predicted[i] != 1;
            rejected += truth != 1 && predicted[i] != 1;
        }
        const double x[N_FIGURES] = {right / N_RECORDS, hits / (hits + alarms), hits / (hits + missed),
                                     rejected / (rejected + alarms), 2 * hits / (2 * hits + alarms + missed)};
        for (size_t k = 0; k < N_FIGURES; k++) {
            sum[k] += x[k];
            squares[k] += x[k] * x[k];
        }
        inside += x[0] >= r.accuracy_low && x[0] <= r.accuracy_high;
    }
    const double expected[N_FIGURES] = {r.accuracy, e.precision, e.recall, e.specificity, e.f1};
    const double error[N_FIGURES] = {r.accuracy_error, e.precision_error, e.recall_error, e.specificity_error, e.f1_error};
    for (size_t k = 0; k < N_FIGURES; k++) {
        double mean = sum[k] / N_DRAWS, deviation = sqrt(squares[k] / N_DRAWS - mean * mean);
        assert_true(fabs(mean - expected[k]) < 0.1 * error[k]);
        assert_true(fabs(deviation / error[k] - 1) < 0.07);
    }
    assert_true(inside / N_DRAWS > 0.93 && inside / N_DRAWS < 0.97);
    guard_free(m.state);
}

static void test_merge_and_batch(void **unused)
{
    (void)unused;
    fill(3, 2);
    kedge_metric a = cbpe(3, KEDGE_OVER_ALL, 1, 0.5), b = cbpe(3, KEDGE_OVER_ALL, 1, 0.5), other = cbpe(2, KEDGE_OVER_ALL, 1, 0.5);
    kedge_rows first = kedge_rows_float64(scores[0], 150, 3), rest = kedge_rows_float64(scores[150], N_RECORDS - 150, 3);
    size_t used = 9;
    assert_int_equal(kedge_cbpe_record_many(&a, predicted, &first, weight, &used), KEDGE_OK);
    assert_int_equal(used, 150);
    assert_int_equal(kedge_cbpe_record_many(&b, predicted + 150, &rest, weight + 150, &used), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_matrix(&a, N_RECORDS, N_RECORDS, 1);
    assert_int_equal(kedge_metric_merge(&a, &other), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(other.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric m = cbpe(2, KEDGE_OVER_ALL, 1, 0.5);
    const double good[2] = {0, 1}, sum[2] = {0.6, 0.6}, negative[2] = {-0.1, 1.1}, nan[2] = {(double)NAN, 1};
    kedge_rows rows = kedge_rows_float64(good, 1, 2);
    const uint32_t d = 2;
    kedge_cbpe_report r;
    kedge_cbpe_class_report c;
    double cell;
    size_t used = 9;
    assert_int_equal(kedge_cbpe_record(&m, 0, good, 3, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_cbpe_record(&m, 2, good, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_record(&m, 0, sum, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_record(&m, 0, negative, 2, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_record(&m, 0, nan, 2, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_cbpe_record(&m, 0, good, 2, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_cbpe_record(&m, 0, NULL, 2, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_cbpe_record_many(&m, &d, &rows, NULL, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used, 0);
    assert_int_equal(kedge_cbpe_read_cell(&m, 2, 0, &cell), KEDGE_ERR_RANGE);
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_cbpe_record(&m, 1, good, 2, 1), KEDGE_OK); /* sure, and the other class neither predicted nor expected */
    assert_int_equal(kedge_cbpe_read(&m, &r), KEDGE_OK);
    assert_int_equal(kedge_cbpe_read_class(&m, 0, &c), KEDGE_OK);
    assert_true(r.accuracy == 1 && r.accuracy_error == 0 && r.accuracy_low == 1 && r.precision_macro == 0.5 && r.f1_macro == 0.5);
    assert_true(c.precision == 0 && c.recall == 0 && c.recall_error == 0 && c.specificity == 1 && c.f1 == 0 && c.support == 0);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
}

/* Regression --------------------------------------------------------------------------------------------------------------- */

static kedge_metric dle(uint32_t over, uint32_t window, double fading, double residual)
{
    kedge_dle_config cfg = kedge_dle_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    cfg.residual = residual;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void assert_losses(const kedge_metric *m, const double *loss, size_t end, size_t n, double residual)
{
    double all = 0, mean = 0, spread = 0, square = 0;
    kedge_dle_report r;
    for (size_t i = end - n; i < end; i++) {
        all += weight[i];
        mean += weight[i] * fmax(loss[i], 0);
        square += weight[i] * weight[i];
    }
    kedge_status st = kedge_dle_read(m, &r);
    assert_int_equal(st, all > 0 ? KEDGE_OK : KEDGE_EMPTY);
    if (st != KEDGE_OK)
        return;
    mean /= all;
    for (size_t i = end - n; i < end; i++)
        spread += weight[i] * pow(fmax(loss[i], 0) - mean, 2);
    assert_int_equal(r.n, n);
    assert_close(r.mean, mean, 1e-12);
    assert_close(r.root, sqrt(mean), 1e-12);
    assert_close(r.deviation, sqrt(spread / all), 1e-7);
    assert_close(r.error, sqrt((spread / all + residual * residual) * square) / all, 1e-7);
    assert_close(r.high - r.mean, 1.959963984540054 * r.error, 1e-12);
    assert_true(r.low >= 0 && r.low <= r.mean);
}

static void test_loss_estimates(void **unused)
{
    (void)unused;
    static double loss[N_RECORDS];
    kedge_metric all = dle(KEDGE_OVER_ALL, 1, 0.5, 0.5), other = dle(KEDGE_OVER_ALL, 1, 0.5, 0.5);
    kedge_metric window = dle(KEDGE_OVER_WINDOW, 17, 0.5, 0);
    kedge_dle_report r;
    size_t used = 9;
    assert_int_equal(kedge_dle_read(&all, &r), KEDGE_EMPTY);
    assert_true(isnan(r.mean) && isnan(r.high));
    fill(2, 2);
    fill_normal(loss, N_RECORDS, 1, 1, 3);
    for (size_t n = 1; n <= N_RECORDS; n++) {
        assert_int_equal(kedge_dle_record(&all, loss[n - 1], weight[n - 1]), KEDGE_OK);
        assert_int_equal(kedge_dle_record(&window, loss[n - 1], weight[n - 1]), KEDGE_OK);
        assert_losses(&all, loss, n, n, 0.5);
        assert_losses(&window, loss, n, n < 17 ? n : 17, 0);
    }
    assert_int_equal(kedge_dle_record_many(&other, loss, weight, N_RECORDS, &used), KEDGE_OK);
    assert_memory_equal(other.state, all.state, sizeof(kedge_state_head));
    assert_losses(&other, loss, N_RECORDS, N_RECORDS, 0.5);
    assert_int_equal(kedge_metric_merge(&all, &other), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&window, &other), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_dle_record(&all, 2e100, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dle_record(&all, (double)NAN, 1), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_dle_record(&all, 1, -1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_dle_record_many(&all, NULL, NULL, 1, &used), KEDGE_ERR_NULL);
    guard_free(all.state);
    guard_free(window.state);
    guard_free(other.state);
}

/* Noise that grows with the feature: a second model learns |error|, and tells the error of rows from elsewhere, whose labels it
 * never sees. */
static void test_asking_a_model(void **unused)
{
    (void)unused;
    kedge_rls_config loss_cfg = kedge_rls_defaults(1);
    kedge_gaussian_nb_config nb_cfg = kedge_gaussian_nb_defaults(1, 2);
    kedge_metric m = dle(KEDGE_OVER_ALL, 1, 0.5, 0);
    kedge_model loss, nb;
    kedge_dle_report r;
    kedge_rng rng = {8};
    double real = 0, x;
    static double noise[6000];
    size_t bytes = kedge_model_size(&loss_cfg.base), nb_bytes = kedge_model_size(&nb_cfg.base);
    assert_int_equal(kedge_model_init(&loss, &loss_cfg.base, guard_new(bytes, 0), bytes), KEDGE_OK);
    assert_int_equal(kedge_model_init(&nb, &nb_cfg.base, guard_new(nb_bytes, 0), nb_bytes), KEDGE_OK);
    fill_normal(noise, 6000, 0, 1, 4);
    for (size_t i = 0; i < 4000; i++) { /* the first model is right but for the noise */
        x = kedge_rng_uniform(&rng);
        assert_int_equal(kedge_model_learn(&loss, &x, fabs((0.5 + x) * noise[i]), 1), KEDGE_OK);
    }
    for (size_t i = 4000; i < 6000; i++) {
        x = 0.7 + 0.3 * kedge_rng_uniform(&rng);
        real += fabs((0.5 + x) * noise[i]) / 2000;
        assert_int_equal(kedge_dle_ask(&m, &loss, &x, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_dle_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 2000 && fabs(r.mean / real - 1) < 0.06);
    assert_int_equal(kedge_dle_ask(&m, &nb, &x, 1), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_dle_ask(&m, NULL, &x, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_dle_ask(&m, &loss, NULL, 1), KEDGE_ERR_NULL);
    guard_free(loss.state);
    guard_free(nb.state);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_nannyml),      cmocka_unit_test(test_coverings), cmocka_unit_test(test_errors_are_those_of_labels),
        cmocka_unit_test(test_merge_and_batch), cmocka_unit_test(test_refusals),  cmocka_unit_test(test_loss_estimates),
        cmocka_unit_test(test_asking_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
