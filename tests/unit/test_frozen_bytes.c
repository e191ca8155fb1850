/* SPDX-License-Identifier: MIT */
/* Frozen models as bytes: what is refused, and that no bytes make them crash, hang or leave the numbers. */
#include "frozen_models.h"

static void test_refusals(void **state)
{
    (void)state;
    live l = live_new(&subjects[4], 0, 50), r = live_new(&subjects[1], 0, 50);
    kedge_frozen f, none = {NULL, 0};
    kedge_frozen_info info;
    double x[FEATURES] = {0}, y = 5, scores[2];
    size_t len, used;
    void *blob = freeze(&l.m, &len);
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    x[2] = NAN;
    assert_int_equal(kedge_frozen_predict(&f, x, &y), KEDGE_ERR_NOT_FINITE);
    x[2] = INFINITY;
    assert_int_equal(kedge_frozen_score(&f, x, scores, 2), KEDGE_ERR_NOT_FINITE);
    assert_true(y == 5);
    x[2] = 0;
    assert_int_equal(kedge_frozen_score(&f, x, scores, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_frozen_score(&f, x, NULL, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_score(&f, NULL, scores, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_score(&none, x, scores, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict(&f, x, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict(&f, NULL, &y), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict(NULL, x, &y), KEDGE_ERR_NULL);
    kedge_rows rows = kedge_rows_float64(x, 1, FEATURES);
    assert_int_equal(kedge_frozen_predict_many(&none, &rows, &y, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, &y, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_describe(&none, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_describe(&f, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_open(NULL, blob, len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_open(&f, NULL, len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_frozen_open(&f, (unsigned char *)blob + 1, len - 1), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_model_freeze(NULL, blob, len, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_freeze(&l.m, blob, len, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_freeze(&l.m, NULL, len, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_freeze(&l.m, (unsigned char *)blob + 1, len, &used), KEDGE_ERR_ALIGN);
    kedge_model_class without = kedge_gaussian_nb;
    kedge_model m = {&without, l.m.state};
    without.freeze = NULL;
    assert_int_equal(kedge_model_freeze(&m, blob, len, &used), KEDGE_ERR_UNSUPPORTED);
    guard_free(blob);
    kedge_members_class over;
    any_config c, of;
    of.mixture = kedge_auto_defaults(FEATURES, 2);
    assert_int_equal(kedge_bagging_class(&over, &kedge_auto, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&c.bagging, sizeof c.bagging, &over, FEATURES, 2), KEDGE_OK);
    c.bagging.members.model = &of.base;
    c.bagging.members.n = 2;
    live nested;
    nested.mem = guard_new(kedge_model_size(&c.base), 0xA5);
    assert_int_equal(kedge_model_init(&nested.m, &c.base, nested.mem, kedge_model_size(&c.base)), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&nested.m, x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_freeze(&nested.m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    blob = guard_new(len, 0);
    assert_int_equal(kedge_model_freeze(&nested.m, blob, len, &len), KEDGE_ERR_UNSUPPORTED); /* parts within parts */
    guard_free(blob);
    over.parts[0] = &without.base;
    assert_int_equal(kedge_model_freeze(&nested.m, NULL, 0, &len), KEDGE_ERR_UNSUPPORTED);
    guard_free(nested.mem);
    blob = freeze(&r.m, &len);
    x[2] = INFINITY; /* takes missing values, but not this */
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    assert_int_equal(kedge_frozen_predict(&f, x, &y), KEDGE_ERR_NOT_FINITE);
    guard_free(blob);
    guard_free(l.mem);
    guard_free(r.mem);
}

/* Bytes that ought to be refused: every bit turned, every cut. More bytes behind are fine. */
static void test_damage(void **state)
{
    (void)state;
    for (int s = 0; s < N_SUBJECTS; s++) {
        live l = live_new(&subjects[s], 0, 40);
        kedge_frozen f = {NULL, 0};
        size_t len;
        unsigned char *blob = freeze(&l.m, &len);
        size_t step = len > 4096 ? len / 512 : 1;
        for (size_t i = 0; i < 8 * len; i += i < 8 * HEAD_BYTES ? 1 : step) {
            blob[i / 8] ^= (unsigned char)(1u << i % 8);
            assert_true(kedge_frozen_open(&f, blob, len) < 0);
            blob[i / 8] ^= (unsigned char)(1u << i % 8);
        }
        assert_null(f.blob);
        for (size_t i = 0; i < len; i += step) {
            void *cut = guard_copy(blob, i > 0 ? i : 1);
            assert_true(kedge_frozen_open(&f, cut, i) < 0);
            guard_free(cut);
        }
        unsigned char *more = guard_new(len + 24, 0xFF);
        memcpy(more, blob, len);
        assert_int_equal(kedge_frozen_open(&f, more, len + 24), KEDGE_OK);
        assert_int_equal(f.bytes, len);
        guard_free(more);
        guard_free(blob);
        guard_free(l.mem);
    }
}

static void turn(unsigned char *p, size_t n, size_t width)
{
    for (; n > 0; n--, p += width)
        for (size_t j = 0; j < width / 2; j++) {
            unsigned char t = p[j];
            p[j] = p[width - 1 - j];
            p[width - 1 - j] = t;
        }
}

static uint32_t word_at(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* What the other machine would do with its bytes: the checksum stands over them as they are, then every number is turned. */
static size_t turn_back(unsigned char *blob)
{
    unsigned char *words = blob + 4, crc[4];
    turn(words, 15, 4);
    uint32_t bytes = word_at(blob + 12), n_nodes = word_at(blob + 32), n_doubles = word_at(blob + 36), n_words = word_at(blob + 40);
    unsigned char *p = blob + HEAD_BYTES;
    turn(words, 15, 4);
    kedge_i_put(crc, kedge_i_crc32(blob, bytes - 4), 4);
    turn(words, 15, 4);
    uint16_t one = 1;
    if (*(unsigned char *)&one == 1)
        turn(crc, 1, 4);
    assert_memory_equal(crc, blob + bytes - 4, 4); /* the other order's number */
    for (; n_nodes > 0; n_nodes--, p += 16) {
        turn(p, 1, 8);
        turn(p + 8, 2, 4);
    }
    turn(p, n_doubles, 8);
    p += 8 * (size_t)n_doubles;
    turn(p, n_words, 4);
    p += 4 * (size_t)n_words;
    while (p < blob + bytes - 8)
        p += turn_back(p);
    uint32_t own = kedge_i_crc32(blob, bytes - 4);
    memcpy(blob + bytes - 4, &own, 4);
    return bytes;
}

static void test_swap(void **state)
{
    (void)state;
    for (int s = 0; s < N_SUBJECTS; s++) {
        live l = live_new(&subjects[s], 0, 500);
        kedge_frozen f;
        size_t len;
        unsigned char *blob = freeze(&l.m, &len), *turned = guard_copy(blob, len);
        assert_int_equal(kedge_frozen_swap(NULL, len), KEDGE_ERR_NULL);
        assert_int_equal(kedge_frozen_swap(turned, len - 8), KEDGE_ERR_BUFFER);
        assert_int_equal(kedge_frozen_swap(turned, len), KEDGE_OK);
        assert_int_equal(kedge_frozen_open(&f, turned, len), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_frozen_swap(turned, len), KEDGE_ERR_CLASS);
        assert_int_equal(turn_back(turned), len);
        assert_memory_equal(turned, blob, len);
        guard_free(turned);
        guard_free(blob);
        guard_free(l.mem);
    }
}

/* Whoever forges bytes forges the checksums too, those of the parts first. */
static void mend(unsigned char *blob, size_t len)
{
    uint64_t at =
        HEAD_BYTES + 16 * (uint64_t)word_at(blob + 32) + 8 * (uint64_t)word_at(blob + 36) + 4 * (uint64_t)word_at(blob + 40);
    while (at + HEAD_BYTES < len - 8) {
        uint32_t bytes = word_at(blob + at + 12);
        if (bytes < HEAD_BYTES + 8 || bytes > len - at)
            break;
        uint32_t own = kedge_i_crc32(blob + at, bytes - 4);
        memcpy(blob + at + bytes - 4, &own, sizeof own);
        at += bytes;
    }
    uint32_t crc = kedge_i_crc32(blob, len - 4);
    memcpy(blob + len - 4, &crc, sizeof crc);
}

/* Returns whether the bytes were taken; then what they say must be a class, or finite. */
static int survives(const unsigned char *blob, size_t len, uint32_t n_classes)
{
    static const double rows[3][FEATURES] = {{0.5, 1, 2, 3, 4}, {1e300, -1e300, 0, -2, 7}, {-1, 0, 0, 5, 1e-300}};
    kedge_frozen f;
    kedge_frozen_info info;
    double y, scores[CLASSES_MAX];
    if (kedge_frozen_open(&f, blob, len) < 0)
        return 0;
    assert_int_equal(kedge_frozen_describe(&f, &info), KEDGE_OK);
    if (info.n_features != FEATURES || info.n_classes != n_classes)
        return 1;
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 3; i++) {
        assert_true(kedge_frozen_predict(&f, rows[i], &y) >= 0);
        assert_true(y - y == 0 && (n_classes == 0 || (y >= 0 && y < n_classes && y == floor(y))));
        assert_true(kedge_frozen_score(&f, rows[i], scores, n_classes > 0 ? n_classes : 1) >= 0);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    return 1;
}

static void test_forged(void **state)
{
    (void)state;
    static const double nasty[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, DBL_MAX, -DBL_MAX, 1e155, 0.0, -1.0, 5e-324};
    kedge_rng rng = {5};
    int n_taken = 0, n_refused = 0;
    for (int s = 0; s < N_SUBJECTS; s++)
        for (int k = 0; k < subjects[s].n_settings && k < 4; k++) {
            live l = live_new(&subjects[s], k, 300);
            size_t len;
            unsigned char *blob = freeze(&l.m, &len);
            for (int round = 0; round < 900; round++) {
                unsigned char *forged = guard_copy(blob, len);
                size_t at = round % 3 == 0 ? 4 * kedge_rng_below(&rng, HEAD_BYTES / 4) : 8 * kedge_rng_below(&rng, len / 8);
                uint32_t word = kedge_rng_below(&rng, 2) ? (uint32_t)kedge_rng_below(&rng, 9) : (uint32_t)kedge_rng_next(&rng);
                if (round % 3 == 0)
                    memcpy(forged + at, &word, sizeof word);
                else if (round % 3 == 1)
                    forged[at + kedge_rng_below(&rng, 8)] ^= (unsigned char)(1u << kedge_rng_below(&rng, 8));
                else
                    memcpy(forged + at, &nasty[kedge_rng_below(&rng, sizeof nasty / sizeof *nasty)], sizeof(double));
                mend(forged, len);
                if (survives(forged, len, l.info.n_classes))
                    n_taken++;
                else
                    n_refused++;
                guard_free(forged);
            }
            guard_free(blob);
            guard_free(l.mem);
        }
    assert_true(n_taken > 100 && n_refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_swap),
        cmocka_unit_test(test_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
