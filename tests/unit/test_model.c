/* SPDX-License-Identifier: MIT */
/* The verbs of all models: tables in every shape, what is refused and when, snapshots, classes that a host brings. */
#include <float.h>
#include <math.h>

#include "base/bytes.h"
#include "support.h"

enum { ROWS = 200, FEATURES = 4, CLASSES = 3, MAX_BYTES = 4096 };

typedef union any_config {
    kedge_model_config base;
    kedge_gaussian_nb_config nb;
    kedge_logistic_config logistic;
} any_config;

/* Every model class of the core; 0 past the end. */
static int config_of(any_config *cfg, int i, uint32_t n_classes)
{
    memset(cfg, 0, sizeof *cfg);
    if (i == 0)
        cfg->nb = kedge_gaussian_nb_defaults(FEATURES, n_classes);
    if (i == 1)
        cfg->logistic = kedge_logistic_defaults(FEATURES, n_classes);
    return i < 2;
}

typedef struct data {
    double x[ROWS][FEATURES], y[ROWS], weight[ROWS];
    float narrow[ROWS][FEATURES];
    double column[FEATURES][ROWS];
} data;

/* Numbers that a float holds exactly. Some weights are 0. */
static void data_fill(data *d, uint64_t seed, uint32_t n_classes)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < ROWS; i++) {
        d->y[i] = (double)kedge_rng_below(&rng, n_classes);
        d->weight[i] = (double)kedge_rng_below(&rng, 3);
        for (size_t j = 0; j < FEATURES; j++) {
            d->narrow[i][j] = (float)(kedge_rng_normal(&rng) + d->y[i] * (double)j);
            d->x[i][j] = d->column[j][i] = (double)d->narrow[i][j];
        }
    }
}

static kedge_model new_model(const any_config *cfg)
{
    kedge_model m;
    size_t bytes = kedge_model_size(&cfg->base);
    assert_in_range(bytes, 1, MAX_BYTES);
    assert_int_equal(kedge_model_init(&m, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void free_model(kedge_model *m)
{
    assert_int_equal(kedge_model_check(m), KEDGE_OK);
    guard_free(m->state);
}

static void assert_same_state(const kedge_model *a, const kedge_model *b, size_t bytes)
{
    assert_memory_equal(a->state, b->state, bytes);
}

/* One table in five shapes: dense, float, by column, backwards from its end, and a part of a wider one. */
static void test_tables_equal_rows(void **unused)
{
    (void)unused;
    static data d;
    static double reversed[ROWS][FEATURES], y_reversed[ROWS];
    any_config cfg;
    for (uint32_t k = 2; k <= CLASSES; k++)
        for (int c = 0; config_of(&cfg, c, k); c++) {
            data_fill(&d, k, k);
            for (size_t i = 0; i < ROWS; i++) {
                memcpy(reversed[ROWS - 1 - i], d.x[i], sizeof d.x[i]);
                y_reversed[i] = d.y[i];
            }
            kedge_rows shapes[4] = {kedge_rows_float64(&d.x[0][0], ROWS, FEATURES),
                            kedge_rows_float32(&d.narrow[0][0], ROWS, FEATURES),
                                    kedge_rows_float64(&d.column[0][0], ROWS, FEATURES),
                                    kedge_rows_float64(&reversed[ROWS - 1][0], ROWS, FEATURES)};
            shapes[2].row_stride = 1;
            shapes[2].column_stride = ROWS;
            shapes[3].row_stride = -FEATURES;
            size_t bytes = kedge_model_size(&cfg.base), used;
            kedge_model one = new_model(&cfg);
            for (size_t i = 0; i < ROWS; i++)
                assert_int_equal(kedge_model_learn(&one, d.x[i], d.y[i], d.weight[i]), KEDGE_OK);
            for (int s = 0; s < 4; s++) {
                kedge_model many = new_model(&cfg);
                double predicted[ROWS], y;
                assert_int_equal(kedge_model_learn_many(&many, &shapes[s], y_reversed, d.weight, &used), KEDGE_OK);
                assert_int_equal(used, ROWS);
                assert_same_state(&one, &many, bytes);
                assert_int_equal(kedge_model_predict_many(&many, &shapes[s], predicted, &used), KEDGE_OK);
                for (size_t i = 0; i < ROWS; i++) {
                    assert_int_equal(kedge_model_predict(&one, d.x[i], &y), KEDGE_OK);
                    assert_true(predicted[i] == y);
                }
                free_model(&many);
            }
            free_model(&one);
        }
}

/* The batch stops at the bad row, has learned those before it, and says where it stopped. */
static void test_a_batch_stops_at_the_bad_row(void **unused)
{
    (void)unused;
    static const struct {
        int what; /* 0: a feature, 1: the target, 2: the weight */
        double value;
        kedge_status st;
    } bad[] = {{0, -(double)INFINITY, KEDGE_ERR_NOT_FINITE}, {0, (double)INFINITY, KEDGE_ERR_NOT_FINITE},
               {1, (double)NAN, KEDGE_ERR_NOT_FINITE},      {1, 0.5, KEDGE_ERR_RANGE},
               {1, -1, KEDGE_ERR_RANGE},                    {1, CLASSES, KEDGE_ERR_RANGE},
               {1, 1e300, KEDGE_ERR_RANGE},                 {2, -1e-300, KEDGE_ERR_RANGE},
               {2, (double)INFINITY, KEDGE_ERR_NOT_FINITE}, {2, 1.001 * KEDGE_WEIGHT_MAX, KEDGE_ERR_RANGE}};
    static data d;
    any_config cfg;
    for (int c = 0; config_of(&cfg, c, CLASSES); c++)
        for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
            for (size_t at = 0; at < ROWS; at += 66) {
                size_t bytes = kedge_model_size(&cfg.base), used = 7;
                kedge_model m = new_model(&cfg), before = new_model(&cfg);
                double predicted[ROWS] = {0};
                data_fill(&d, 5, CLASSES);
                kedge_rows rows = kedge_rows_float64(&d.x[0][0], ROWS, FEATURES), head = rows;
                *(bad[b].what == 0 ? &d.x[at][FEATURES - 1] : bad[b].what == 1 ? &d.y[at] : &d.weight[at]) = bad[b].value;
                head.n_rows = at;
                assert_int_equal(kedge_model_learn_many(&m, &rows, d.y, d.weight, &used), bad[b].st);
                assert_int_equal(used, at);
                assert_int_equal(kedge_model_learn_many(&before, &head, d.y, d.weight, &used), KEDGE_OK);
                assert_same_state(&m, &before, bytes);
                if (bad[b].what == 0) {
                    predicted[at] = 77;
                    assert_int_equal(kedge_model_predict_many(&m, &rows, predicted, &used), KEDGE_ERR_NOT_FINITE);
                    assert_int_equal(used, at);
                    assert_true(predicted[at] == 77);
                }
                free_model(&m);
                free_model(&before);
            }
}

/* fit looks at the whole table before it forgets anything. */
static void test_fit_validates_first(void **unused)
{
    (void)unused;
    static data d;
    any_config cfg;
    for (int c = 0; config_of(&cfg, c, CLASSES); c++) {
        kedge_model m = new_model(&cfg);
        size_t bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_work(&m, ROWS), used;
        data_fill(&d, 6, CLASSES);
        kedge_rows rows = kedge_rows_float64(&d.x[0][0], ROWS, FEATURES);
        assert_int_equal(work_bytes, kedge_model_fit_work(&cfg.base, ROWS));
        assert_int_equal(kedge_model_fit_work(&cfg.base, 0), 0);
        assert_int_equal(kedge_model_work(NULL, 1), 0);
        if (!cfg.base.cls->fit) {
            assert_int_equal(work_bytes, 0);
            assert_int_equal(kedge_model_fit(&m, &rows, d.y, NULL, NULL, 0), KEDGE_ERR_UNSUPPORTED);
            free_model(&m);
            continue;
        }
        void *work = guard_new(work_bytes, 0xA5);
        assert_int_equal(kedge_model_learn_many(&m, &rows, d.y, d.weight, &used), KEDGE_OK);
        unsigned char *before = guard_copy(m.state, bytes);
        double *const spots[3] = {&d.x[ROWS - 1][FEATURES - 1], &d.y[ROWS - 1], &d.weight[ROWS - 1]};
        for (int i = 0; i < 3; i++) {
            double good = *spots[i];
            *spots[i] = (double)NAN;
            assert_int_equal(kedge_model_fit(&m, &rows, d.y, d.weight, work, work_bytes), KEDGE_ERR_NOT_FINITE);
            *spots[i] = i == 0 ? good : -1;
            if (i > 0)
                assert_int_equal(kedge_model_fit(&m, &rows, d.y, d.weight, work, work_bytes), KEDGE_ERR_RANGE);
            *spots[i] = good;
            assert_memory_equal(m.state, before, bytes);
        }
        assert_int_equal(kedge_model_fit(&m, &rows, d.y, d.weight, work, work_bytes - 1), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_model_fit(&m, &rows, d.y, d.weight, NULL, work_bytes), KEDGE_ERR_NULL);
        assert_memory_equal(m.state, before, bytes);
        /* and then forgets: the same as fitting an empty model */
        kedge_model fresh = new_model(&cfg);
        assert_int_equal(kedge_model_fit(&m, &rows, d.y, d.weight, work, work_bytes), KEDGE_OK);
        assert_int_equal(kedge_model_fit(&fresh, &rows, d.y, d.weight, work, work_bytes), KEDGE_OK);
        assert_same_state(&m, &fresh, bytes);
        guard_free(before);
        guard_free(work);
        free_model(&fresh);
        free_model(&m);
    }
}

static void test_weight_zero_learns_nothing(void **unused)
{
    (void)unused;
    static data d;
    any_config cfg;
    data_fill(&d, 7, 2);
    for (int c = 0; config_of(&cfg, c, 2); c++) {
        kedge_model m = new_model(&cfg), empty = new_model(&cfg);
        kedge_model_info info;
        double y = 7, scores[2];
        assert_int_equal(kedge_model_learn(&m, d.x[0], d.y[0], 0), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&m, d.x[0], 2, 0), KEDGE_ERR_RANGE); /* it is looked at all the same */
        assert_same_state(&m, &empty, kedge_model_size(&cfg.base));
        assert_int_equal(kedge_model_predict(&m, d.x[0], &y), KEDGE_EMPTY);
        assert_int_equal(kedge_model_score(&m, d.x[0], scores, 2), KEDGE_EMPTY);
        assert_true(y == 0 && scores[0] == 0.5 && scores[1] == 0.5);
        assert_int_equal(kedge_model_learn(&m, d.x[0], d.y[0], 5e-324), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&m, d.x[0], &y), KEDGE_OK);
        assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
        assert_true(info.n_learned == 1 && info.n_features == FEATURES && info.n_classes == 2);
        assert_true(info.can_learn == (cfg.base.cls->learn != NULL) && info.can_fit == (cfg.base.cls->fit != NULL));
        assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
        assert_same_state(&m, &empty, kedge_model_size(&cfg.base));
        free_model(&empty);
        free_model(&m);
    }
}

/* A model that was saved and loaded has the same future, to the bit. */
static void test_snapshots_keep_the_future(void **unused)
{
    (void)unused;
    static data d;
    static unsigned char buf[2 * MAX_BYTES];
    any_config cfg;
    for (int c = 0; config_of(&cfg, c, CLASSES); c++)
        for (size_t at = 0; at <= ROWS; at += 50) {
            kedge_model m = new_model(&cfg), back;
            size_t bytes = kedge_model_size(&cfg.base), need, len;
            data_fill(&d, 8, CLASSES);
            for (size_t i = 0; i < at; i++)
                assert_int_equal(kedge_model_learn(&m, d.x[i], d.y[i], d.weight[i]), KEDGE_OK);
            assert_int_equal(kedge_model_save(&m, buf, sizeof buf, &len), KEDGE_OK);
            assert_int_equal(kedge_model_load_size(cfg.base.cls, buf, len, &need), KEDGE_OK);
            assert_int_equal(need, bytes);
            void *mem = guard_new(bytes, 0x5C);
            assert_int_equal(kedge_model_load(&back, cfg.base.cls, mem, bytes, buf, len), KEDGE_OK);
            for (size_t i = 0; i < ROWS; i++) {
                double a[CLASSES], b[CLASSES];
                kedge_status st = kedge_model_score(&m, d.x[i], a, CLASSES);
                assert_int_equal(kedge_model_score(&back, d.x[i], b, CLASSES), st);
                assert_memory_equal(a, b, sizeof a);
                assert_int_equal(kedge_model_learn(&m, d.x[i], d.y[i], 1), KEDGE_OK);
                assert_int_equal(kedge_model_learn(&back, d.x[i], d.y[i], 1), KEDGE_OK);
            }
            assert_same_state(&m, &back, bytes);
            free_model(&back);
            free_model(&m);
        }
}

/* Numbers that no history gives, behind a right checksum: refused, or harmless. NaN is never taken. */
static void test_forged_snapshots(void **unused)
{
    (void)unused;
    static const double forged[] = {-1, 1e308, -1e308, DBL_MAX, 5e-324, 1e30};
    static const size_t first[] = {48, 72}; /* the byte behind the parameters */
    static const size_t whole[] = {72, 0};  /* that of a whole number of four bytes among the doubles; 0: none */
    static data d;
    static unsigned char good[2 * MAX_BYTES], buf[2 * MAX_BYTES];
    any_config cfg;
    data_fill(&d, 9, CLASSES);
    for (int c = 0; config_of(&cfg, c, CLASSES); c++) {
        kedge_model m = new_model(&cfg), back;
        size_t bytes = kedge_model_size(&cfg.base), len, n_refused = 0;
        for (size_t i = 0; i < ROWS; i++)
            assert_int_equal(kedge_model_learn(&m, d.x[i], d.y[i], 1), KEDGE_OK);
        assert_int_equal(kedge_model_save(&m, good, sizeof good, &len), KEDGE_OK);
        assert_int_equal((len - 4 - first[c]) % 8, whole[c] > 0 ? 4 : 0);
        void *mem = guard_new(bytes, 0);
        for (size_t at = first[c]; at < len - 4; at += at + 8 == whole[c] ? 12 : 8)
            for (size_t f = 0; f <= sizeof forged / sizeof *forged; f++) {
                double value = f == 0 ? (double)NAN : forged[f - 1];
                uint64_t bits;
                memcpy(buf, good, len);
                memcpy(&bits, &value, sizeof bits);
                kedge_i_put(buf + at, bits, 8);
                kedge_i_put(buf + len - 4, kedge_i_crc32(buf, len - 4), 4);
                kedge_status st = kedge_model_load(&back, cfg.base.cls, mem, bytes, buf, len);
                assert_true(st == KEDGE_ERR_SNAPSHOT || (st == KEDGE_OK && f != 0));
                n_refused += st < 0;
                for (size_t i = 0; st == KEDGE_OK && i < 20; i++) {
                    double scores[CLASSES];
                    assert_int_equal(kedge_model_learn(&back, d.x[i], d.y[i], 1), KEDGE_OK);
                    assert_true(kedge_model_score(&back, d.x[i], scores, CLASSES) >= 0);
                    assert_close(scores[0] + scores[1] + scores[2], 1, 1e-12);
                }
                if (st == KEDGE_OK)
                    assert_int_equal(kedge_model_check(&back), KEDGE_OK);
            }
        assert_true(n_refused > 3 * (len - first[c]) / 8);
        guard_free(mem);
        free_model(&m);
    }
}

/* A class of the host: static training only, regression, the weighted mean of the targets. */
typedef struct mean_state {
    kedge_model_state model;
    double mean;
} mean_state;

static const kedge_field mean_fields[] = {
    KEDGE_PARAM(mean_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(mean_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_VALUE(mean_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(mean_state, mean, KEDGE_TYPE_F64),
};

static void mean_defaults(void *config)
{
    memset(config, 0, sizeof(kedge_model_config));
}

static void mean_configure(const void *config, void *fixed)
{
    const kedge_model_config *cfg = config;
    ((mean_state *)fixed)->model.n_features = cfg->n_features;
    ((mean_state *)fixed)->model.n_classes = cfg->n_classes;
}

static int mean_valid(const void *fixed)
{
    const mean_state *s = fixed;
    return s->model.n_features > 0 && s->model.n_classes == 0;
}

static size_t mean_layout(void *fixed)
{
    (void)fixed;
    return sizeof(mean_state);
}

static int mean_check(const void *state)
{
    return isfinite(((const mean_state *)state)->mean);
}

static size_t mean_work(const void *fixed, size_t n_rows)
{
    (void)fixed;
    return n_rows > 10 ? 0 : KEDGE_ALIGN;
}

static kedge_status mean_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                             void *work)
{
    (void)cls;
    double sum = 0, total = 0;
    (void)work;
    for (size_t i = 0; i < x->n_rows; i++) {
        sum += (weight ? weight[i] : 1) * y[i];
        total += weight ? weight[i] : 1;
    }
    ((mean_state *)state)->mean = sum / total;
    ((mean_state *)state)->model.n_learned = x->n_rows;
    return KEDGE_OK;
}

static kedge_status mean_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    (void)x;
    *y = ((const mean_state *)state)->mean;
    return ((const mean_state *)state)->model.n_learned ? KEDGE_OK : KEDGE_EMPTY;
}

static const kedge_model_class mean_class = {
    .base = {.abi = KEDGE_CLASS_ABI,
             .noun = KEDGE_NOUN_MODEL,
             .version = 1,
             .name = "mean",
             .fixed_bytes = sizeof(mean_state),
             .config_bytes = sizeof(kedge_model_config),
             .n_fields = 4,
             .fields = mean_fields,
             .defaults = mean_defaults,
             .configure = mean_configure,
             .valid = mean_valid,
             .layout = mean_layout,
             .check = mean_check},
    .fit_work = mean_work,
    .fit = mean_fit,
    .predict = mean_predict,
    .score = mean_predict,
};

static void test_a_host_brings_a_static_regression(void **unused)
{
    (void)unused;
    const double x[11] = {0}, weight[4] = {1, 1, 1, 5};
    double targets[11] = {1, 2, 3, 10}, y;
    kedge_rows rows = kedge_rows_float64(x, 4, 1), wide = kedge_rows_float64(x, 11, 1);
    kedge_model_config cfg = {&mean_class, sizeof cfg, 1, 0, 0};
    kedge_model m;
    kedge_model_info info;
    uint64_t work;
    size_t used;
    void *mem = guard_new(sizeof(mean_state), 0xA5);
    assert_int_equal(kedge_model_init(&m, &cfg, mem, sizeof(mean_state)), KEDGE_OK);
    assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
    assert_true(!info.can_learn && info.can_fit && info.n_classes == 0);
    assert_int_equal(kedge_model_learn(&m, x, 1, 1), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_model_learn_many(&m, &rows, targets, NULL, &used), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_EMPTY);
    assert_int_equal(kedge_model_fit(&m, &rows, targets, weight, &work, sizeof work), KEDGE_OK);
    assert_int_equal(kedge_model_score(&m, x, &y, 1), KEDGE_OK);
    assert_true(y == 7);
    assert_int_equal(kedge_model_score(&m, x, &y, 0), KEDGE_ERR_SHAPE);
    targets[2] = 1.001 * KEDGE_TARGET_MAX;
    assert_int_equal(kedge_model_fit(&m, &rows, targets, NULL, &work, sizeof work), KEDGE_ERR_RANGE);
    targets[2] = -KEDGE_TARGET_MAX;
    assert_int_equal(kedge_model_fit(&m, &rows, targets, NULL, &work, sizeof work), KEDGE_OK);
    /* fit_work says: too many rows */
    assert_int_equal(kedge_model_fit(&m, &wide, targets, NULL, &work, sizeof work), KEDGE_ERR_SHAPE);
    guard_free(mem);
}

static size_t parts_work(const kedge_model_class *cls, const void *fixed, const void *config, size_t n_rows)
{
    (void)cls;
    (void)fixed;
    (void)config;
    return n_rows;
}

/* A class table with a hole is refused where it is first given, not called. */
static void test_malformed_classes(void **unused)
{
    (void)unused;
    kedge_model_class bad[7];
    kedge_model m = {NULL, NULL};
    uint64_t mem[64] = {0};
    for (int i = 0; i < 7; i++)
        bad[i] = mean_class;
    bad[0].predict = NULL;
    bad[1].score = NULL;
    bad[2].fit_work = NULL;
    bad[3].fit = NULL; /* and no learn either */
    bad[4] = kedge_logistic; /* it learns, and tells the work of a fit that it has not */
    bad[4].parts_work = parts_work;
    bad[5].base.noun = KEDGE_NOUN_DETECTOR;
    bad[6].base.abi = KEDGE_CLASS_ABI + 1;
    for (int i = 0; i < 7; i++) {
        kedge_model_config cfg = {&bad[i], sizeof cfg, 1, 0, 0};
        kedge_status st = i < 5 ? KEDGE_ERR_NULL : KEDGE_ERR_CLASS;
        size_t bytes;
        assert_int_equal(kedge_model_size(&cfg), 0);
        assert_int_equal(kedge_model_fit_work(&cfg, 1), 0);
        assert_int_equal(kedge_model_init(&m, &cfg, mem, sizeof mem), st);
        assert_int_equal(kedge_model_open(&m, &bad[i], mem, sizeof mem), st);
        assert_int_equal(kedge_model_load(&m, &bad[i], mem, sizeof mem, mem, sizeof mem), st);
        assert_int_equal(kedge_model_load_size(&bad[i], mem, sizeof mem, &bytes), st);
        assert_true(m.cls == NULL && m.state == NULL);
    }
    assert_int_equal(kedge_model_size(NULL), 0);
    assert_int_equal(kedge_model_check(&m), KEDGE_ERR_NULL); /* never initialised */
    assert_int_equal(kedge_model_reset(&m), KEDGE_ERR_NULL);
}

static void test_registry(void **unused)
{
    (void)unused;
    const kedge_model_class *const *all = kedge_model_classes();
    size_t n = 0;
    for (; all[n]; n++) {
        assert_ptr_equal(kedge_model_find(all[n]->base.name), all[n]);
        if (n > 0)
            assert_true(strcmp(all[n - 1]->base.name, all[n]->base.name) < 0);
    }
    assert_int_equal(n, 20);
    assert_null(kedge_model_find("nonesuch"));
    assert_null(kedge_model_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_equal_rows),
        cmocka_unit_test(test_a_batch_stops_at_the_bad_row),
        cmocka_unit_test(test_fit_validates_first),
        cmocka_unit_test(test_weight_zero_learns_nothing),
        cmocka_unit_test(test_snapshots_keep_the_future),
        cmocka_unit_test(test_forged_snapshots),
        cmocka_unit_test(test_a_host_brings_a_static_regression),
        cmocka_unit_test(test_malformed_classes),
        cmocka_unit_test(test_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
