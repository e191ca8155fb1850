/* SPDX-License-Identifier: MIT */
/* The peers' drift and warning indices, on all their streams, by the configurations that promise them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_N = 1000000, MAX_INDICES = 500 };

static double *stream; /* MAX_N numbers */

/* Files ------------------------------------------------------------------------------------------------------------------------ */

static FILE *golden_open(const char *name, const char *mode)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    FILE *f = fopen(path, mode);
    if (!f)
        print_error("cannot open %s\n", path);
    assert_non_null(f);
    return f;
}

static char *golden_text(const char *name)
{
    FILE *f = golden_open(name, "rb");
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
    fclose(f);
    return text;
}

static size_t load_f64(const char *name)
{
    FILE *f = golden_open(name, "rb");
    unsigned char b[8];
    size_t n = 0;
    while (fread(b, 1, 8, f) == 8) { /* little-endian on any machine */
        uint64_t bits = 0;
        for (int i = 7; i >= 0; i--)
            bits = bits << 8 | b[i];
        memcpy(&stream[n++], &bits, 8);
    }
    fclose(f);
    return n;
}

static size_t load_digits(const char *name)
{
    FILE *f = golden_open(name, "r");
    size_t n = 0;
    for (int c = fgetc(f); c != EOF; c = fgetc(f))
        if (c == '0' || c == '1')
            stream[n++] = c - '0';
    fclose(f);
    return n;
}

/* Streams ---------------------------------------------------------------------------------------------------------------------- */

/* Appends n draws whose rate goes evenly from one level to the other, both ends included. */
static void append_bernoulli(kedge_rng *rng, size_t *at, size_t n, double from, double to)
{
    double step = n > 1 ? (to - from) / (double)(n - 1) : 0.0;
    for (size_t i = 0; i < n; i++) {
        double rate = i + 1 == n ? to : (double)i * step + from;
        stream[(*at)++] = kedge_rng_uniform(rng) < rate;
    }
}

static size_t make_bernoulli(uint64_t seed, size_t n_parts, const double parts[][3])
{
    kedge_rng rng = {seed};
    size_t n = 0;
    for (size_t i = 0; i < n_parts; i++)
        append_bernoulli(&rng, &n, (size_t)parts[i][2], parts[i][0], parts[i][1]);
    return n;
}

static size_t make_stream(const char *name)
{
    static const double abrupt[][3] = {{.2, .2, 10000}, {.5, .5, 10000}};
    static const double multi[][3] = {{.1, .1, 10000}, {.3, .3, 10000}, {.1, .1, 10000}, {.6, .6, 10000}, {.2, .2, 10000}};
    static const double gradual[][3] = {{.2, .2, 20000}, {.2, .5, 10000}, {.5, .5, 20000}};
    static const double rare[][3] = {{.01, .01, 50000}, {.03, .03, 50000}};
    static const double stationary[][3] = {{.2, .2, 1000000}};
    if (strcmp(name, "bern_abrupt") == 0)
        return make_bernoulli(1, 2, abrupt);
    if (strcmp(name, "bern_multi") == 0)
        return make_bernoulli(2, 5, multi);
    if (strcmp(name, "bern_gradual") == 0)
        return make_bernoulli(3, 3, gradual);
    if (strcmp(name, "bern_rare") == 0)
        return make_bernoulli(4, 2, rare);
    if (strcmp(name, "bern_stationary") == 0)
        return make_bernoulli(5, 1, stationary);
    if (strcmp(name, "gauss_stationary") == 0) {
        fill_normal(stream, MAX_N, 0, 1, 9);
        return MAX_N;
    }
    if (strcmp(name, "unif_shift") == 0) {
        kedge_rng rng = {10};
        for (size_t i = 0; i < 20000; i++)
            stream[i] = kedge_rng_uniform(&rng) + (i < 10000 ? 0.0 : .2);
        return 20000;
    }
    if (strncmp(name, "nb_", 3) == 0)
        return load_digits(strcmp(name, "nb_sea") == 0 ? "nb_sea.txt" : "nb_elec2.txt");
    char file[64];
    snprintf(file, sizeof file, "%s.f64", name);
    return load_f64(file);
}

/* Expectations ----------------------------------------------------------------------------------------------------------------- */

typedef struct expectation {
    size_t n, n_drift, n_warning;
    size_t n_drifts_listed, n_warnings_listed;
    long drift[MAX_INDICES], warning[MAX_INDICES];
} expectation;

static const char *after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    assert_non_null(at);
    return at + strlen(key);
}

static size_t parse_list(const char *text, long *out)
{
    size_t n = 0;
    text = strchr(text, '[') + 1;
    while (*text != ']') {
        char *end;
        assert_true(n < MAX_INDICES);
        out[n++] = strtol(text, &end, 10);
        text = end;
        while (*text == ',' || *text == ' ')
            text++;
    }
    return n;
}

static size_t parse_number(const char *text)
{
    return (size_t)strtol(text + strspn(text, ": "), NULL, 10);
}

static void parse_stream(const char *json, const char *name, expectation *e)
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\"", name);
    const char *at = after(json, key);
    e->n = parse_number(after(at, "\"n\""));
    e->n_drift = parse_number(after(at, "\"n_drift\""));
    e->n_drifts_listed = parse_list(after(at, "\"drift\""), e->drift);
    e->n_warning = parse_number(after(at, "\"n_warning\""));
    e->n_warnings_listed = parse_list(after(at, "\"warning\""), e->warning);
}

/* The comparison --------------------------------------------------------------------------------------------------------------- */

static const char *const stream_names[] = {"bern_abrupt",      "bern_gradual", "bern_multi", "bern_rare", "bern_stationary",
                                           "gauss_mean",       "gauss_ramp",   "gauss_var",  "nb_elec2",  "nb_sea",
                                           "gauss_stationary", "unif_shift"};

static void compare(const kedge_detector_config *cfg, const expectation *e, const char *name, double low, double high)
{
    size_t bytes = kedge_detector_size(cfg);
    void *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    size_t n_drift = 0, n_warning = 0;
    int warned = 0;
    assert_int_equal(kedge_detector_init(&d, cfg, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < e->n; i++) {
        if (stream[i] < low || stream[i] > high)
            fail_msg("%s[%zu] is out of range", name, i);
        kedge_status st = kedge_detector_update(&d, stream[i]);
        if (st == KEDGE_DRIFT) {
            if (n_drift < e->n_drifts_listed && e->drift[n_drift] != (long)i)
                fail_msg("%s: drift %zu at %zu, expected %ld", name, n_drift, i, e->drift[n_drift]);
            n_drift++;
        }
        if (st == KEDGE_WARNING && !warned) {
            if (n_warning < e->n_warnings_listed && e->warning[n_warning] != (long)i)
                fail_msg("%s: warning %zu at %zu, expected %ld", name, n_warning, i, e->warning[n_warning]);
            n_warning++;
        }
        warned = st == KEDGE_WARNING;
    }
    if (n_drift != e->n_drift)
        fail_msg("%s: %zu drifts, expected %zu", name, n_drift, e->n_drift);
    if (n_warning != e->n_warning)
        fail_msg("%s: %zu warnings, expected %zu", name, n_warning, e->n_warning);
    guard_free(mem);
}

static void compare_all(const char *file, const kedge_detector_config *cfg, double low, double high)
{
    char *json = golden_text(file);
    static expectation e;
    size_t n_streams = 0;
    for (size_t i = 0; i < sizeof stream_names / sizeof *stream_names; i++) {
        char key[64];
        snprintf(key, sizeof key, "\"%s\"", stream_names[i]);
        if (!strstr(json, key))
            continue;
        parse_stream(json, stream_names[i], &e);
        assert_true(make_stream(stream_names[i]) >= e.n); /* slow peers were given the beginning of a long stream */
        compare(cfg, &e, stream_names[i], low, high);
        n_streams++;
    }
    for (const char *at = strstr(json, "\"n\""); at; at = strstr(at + 1, "\"n\""))
        n_streams--;
    assert_int_equal(n_streams, 0); /* none of the file was left out */
    free(json);
}

#define GOLDEN_TEST(name, alg, peer, file, low, high)                                              \
    static void name(void **unused)                                                                \
    {                                                                                              \
        kedge_##alg##_config cfg;                                                                  \
        (void)unused;                                                                              \
        assert_int_equal(kedge_##alg##_config_peer(&cfg, sizeof cfg, peer), KEDGE_OK);             \
        compare_all(file, &cfg.base, low, high);                                                   \
    }

GOLDEN_TEST(test_adwin_river, adwin, KEDGE_PEER_RIVER, "river_ADWIN.json", -100, 100)
GOLDEN_TEST(test_adwin_moa, adwin, KEDGE_PEER_MOA, "moa_ADWINChangeDetector.json", -100, 100)
GOLDEN_TEST(test_ddm_river, ddm, KEDGE_PEER_RIVER, "river_DDM.json", 0, 1)
GOLDEN_TEST(test_ddm_moa, ddm, KEDGE_PEER_MOA, "moa_DDM.json", 0, 1)
GOLDEN_TEST(test_page_hinkley_river, page_hinkley, KEDGE_PEER_RIVER, "river_PageHinkley.json", -100, 100)
GOLDEN_TEST(test_page_hinkley_moa, page_hinkley, KEDGE_PEER_MOA, "moa_PageHinkleyDM.json", -100, 100)
GOLDEN_TEST(test_cusum_moa, cusum, KEDGE_PEER_MOA, "moa_CusumDM.json", -100, 100)
GOLDEN_TEST(test_ecdd_moa, ecdd, KEDGE_PEER_MOA, "moa_EWMAChartDM.json", 0, 1)
GOLDEN_TEST(test_eddm_moa, eddm, KEDGE_PEER_MOA, "moa_EDDM.json", 0, 1)
GOLDEN_TEST(test_gma_moa, gma, KEDGE_PEER_MOA, "moa_GeometricMovingAverageDM.json", -100, 100)
GOLDEN_TEST(test_hddm_a_moa, hddm_a, KEDGE_PEER_MOA, "moa_HDDM_A_Test.json", 0, 1)
GOLDEN_TEST(test_hddm_w_moa, hddm_w, KEDGE_PEER_MOA, "moa_HDDM_W_Test.json", 0, 1)
GOLDEN_TEST(test_rddm_moa, rddm, KEDGE_PEER_MOA, "moa_RDDM.json", 0, 1)
GOLDEN_TEST(test_seed_moa, seed, KEDGE_PEER_MOA, "moa_SEEDChangeDetector.json", -100, 100)
GOLDEN_TEST(test_seqdrift2_moa, seqdrift2, KEDGE_PEER_MOA, "moa_SeqDrift2ChangeDetector.json", -100,
            100) /* its reservoir has not begun to draw */
GOLDEN_TEST(test_stepd_moa, stepd, KEDGE_PEER_MOA, "moa_STEPD.json", 0, 1)
GOLDEN_TEST(test_eddm_river, eddm, KEDGE_PEER_RIVER, "river_EDDM.json", 0, 1)
GOLDEN_TEST(test_fhddm_river, fhddm, KEDGE_PEER_RIVER, "river_FHDDM.json", 0, 1)
GOLDEN_TEST(test_hddm_a_river, hddm_a, KEDGE_PEER_RIVER, "river_HDDM_A.json", 0, 1)
GOLDEN_TEST(test_hddm_w_river, hddm_w, KEDGE_PEER_RIVER, "river_HDDM_W.json", 0, 1)

/* KSWIN draws at random, so river's count of alarms on a stream must be a likely one among those of other seeds. */
static void test_kswin_rates(void **unused)
{
    (void)unused;
    enum { SEEDS = 6 };
    char *json = golden_text("river_KSWIN.json");
    static expectation e;
    kedge_kswin_config cfg;
    unsigned char *mem = guard_new(KEDGE_KSWIN_BYTES, 0xA5);
    for (size_t i = 0; i < sizeof stream_names / sizeof *stream_names; i++) {
        double sum = 0, squares = 0;
        parse_stream(json, stream_names[i], &e);
        assert_true(make_stream(stream_names[i]) >= e.n);
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            kedge_detector d;
            kedge_estimate seen;
            size_t used, done = 0;
            assert_int_equal(kedge_kswin_config_peer(&cfg, sizeof cfg, KEDGE_PEER_RIVER), KEDGE_OK);
            cfg.seed = seed;
            assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, KEDGE_KSWIN_BYTES), KEDGE_OK);
            for (; done < e.n; done += used)
                assert_true(kedge_detector_update_many(&d, stream + done, e.n - done, &used) >= 0);
            assert_true(kedge_detector_estimate(&d, &seen) >= 0);
            sum += (double)seen.n_drifts;
            squares += (double)seen.n_drifts * (double)seen.n_drifts;
        }
        double mean = sum / SEEDS, spread = sqrt(fmax(squares / SEEDS - mean * mean, mean)); /* at least that of rare events */
        if (fabs((double)e.n_drift - mean) > 4 * spread + 1)
            fail_msg("%s: %zu alarms in river, here %g, spread %g", stream_names[i], e.n_drift, mean, spread);
    }
    guard_free(mem);
    free(json);
}

/* river's own record of width, mean and sum of squares along one stream. */
static void test_adwin_trace(void **unused)
{
    (void)unused;
    char *json = golden_text("river_ADWIN.json");
    const char *at = after(json, "trace_index_width_estimation_variance\": [");
    kedge_adwin_config cfg;
    unsigned char *mem = guard_new(KEDGE_ADWIN_BYTES, 0xA5);
    kedge_detector d;
    size_t next = 0, n_lines = 0;
    assert_int_equal(kedge_adwin_config_peer(&cfg, sizeof cfg, KEDGE_PEER_RIVER), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, KEDGE_ADWIN_BYTES), KEDGE_OK);
    make_stream("bern_abrupt");
    while (*(at += strspn(at, ", ")) == '[') {
        char *end;
        size_t index = (size_t)strtol(at + 1, &end, 10);
        double want[3];
        kedge_estimate e;
        for (int i = 0; i < 3; i++)
            want[i] = strtod(end + 1, &end);
        for (; next <= index; next++)
            assert_true(kedge_detector_update(&d, stream[next]) >= 0);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        assert_true((double)e.width == want[0]);
        assert_close(e.mean, want[1], 1e-12);
        assert_close(e.variance * (double)e.width, want[2], 1e-9);
        at = strchr(end, ']') + 1;
        n_lines++;
    }
    assert_true(n_lines >= 20);
    guard_free(mem);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adwin_river),        cmocka_unit_test(test_adwin_moa),        cmocka_unit_test(test_ddm_river),
        cmocka_unit_test(test_ddm_moa),            cmocka_unit_test(test_page_hinkley_river),
        cmocka_unit_test(test_page_hinkley_moa), cmocka_unit_test(test_adwin_trace),
        cmocka_unit_test(test_kswin_rates),
        cmocka_unit_test(test_cusum_moa),
        cmocka_unit_test(test_ecdd_moa),
        cmocka_unit_test(test_eddm_moa),
        cmocka_unit_test(test_gma_moa),
        cmocka_unit_test(test_hddm_a_moa),
        cmocka_unit_test(test_hddm_w_moa),
        cmocka_unit_test(test_rddm_moa),
        cmocka_unit_test(test_seed_moa),
        cmocka_unit_test(test_seqdrift2_moa),
        cmocka_unit_test(test_stepd_moa),
        cmocka_unit_test(test_eddm_river),
        cmocka_unit_test(test_fhddm_river),
        cmocka_unit_test(test_hddm_a_river),
        cmocka_unit_test(test_hddm_w_river),
    };
    stream = malloc(MAX_N * sizeof *stream);
    int failed = stream ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    free(stream);
    return failed;
}
