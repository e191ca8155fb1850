/* SPDX-License-Identifier: MIT */
/* Tables through strides, the seeded generator, status and version. */
#include "base/bytes.h"
#include "support.h"

static void test_get_follows_strides(void **unused)
{
    (void)unused;
    const double wide[6] = {1, 2, 3, 4, 5, 6};
    const float narrow[6] = {1, 2, 3, 4, 5, 6};
    kedge_rows d = kedge_rows_float64(wide, 2, 3);
    kedge_rows f = kedge_rows_float32(narrow, 3, 2);
    kedge_rows transposed = d;
    double x = 0, y = 0;
    transposed.n_rows = 3;
    transposed.n_columns = 2;
    transposed.row_stride = 1;
    transposed.column_stride = 3;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(kedge_rows_get(&d, i, j, &x), KEDGE_OK);
            assert_true(x == wide[3 * i + j]);
            assert_int_equal(kedge_rows_get(&transposed, j, i, &y), KEDGE_OK);
            assert_true(x == y);
            assert_int_equal(kedge_rows_get(&f, j, i, &y), KEDGE_OK);
            assert_true(y == (double)narrow[2 * j + i]);
        }
    kedge_rows backwards = d;
    backwards.data = wide + 3;
    backwards.row_stride = -3;
    assert_int_equal(kedge_rows_get(&backwards, 1, 0, &x), KEDGE_OK);
    assert_true(x == 1);
}

static void test_get_refuses(void **unused)
{
    (void)unused;
    const double data[2] = {1, 2};
    kedge_rows rows = kedge_rows_float64(data, 1, 2);
    double x = 7;
    assert_int_equal(kedge_rows_get(NULL, 0, 0, &x), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rows_get(&rows, 0, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rows_get(&rows, 1, 0, &x), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_rows_get(&rows, 0, 2, &x), KEDGE_ERR_SHAPE);
    kedge_rows bad = rows;
    bad.type = 3;
    assert_int_equal(kedge_rows_get(&bad, 0, 0, &x), KEDGE_ERR_SHAPE);
    bad = rows;
    bad.n_columns = 0;
    assert_int_equal(kedge_rows_get(&bad, 0, 0, &x), KEDGE_ERR_SHAPE);
    bad = rows;
    bad.data = NULL;
    assert_int_equal(kedge_rows_get(&bad, 0, 0, &x), KEDGE_ERR_NULL);
    bad = rows;
    bad.data = (const unsigned char *)data + 1;
    assert_int_equal(kedge_rows_get(&bad, 0, 0, &x), KEDGE_ERR_ALIGN);
    bad = rows;
    bad.n_rows = SIZE_MAX;
    assert_int_equal(kedge_rows_get(&bad, 0, 0, &x), KEDGE_ERR_SHAPE);
    bad = rows;
    bad.n_rows = 2;
    bad.row_stride = PTRDIFF_MIN;
    assert_int_equal(kedge_rows_get(&bad, 0, 0, &x), KEDGE_ERR_SHAPE);
    assert_true(x == 7);
}

static void test_slice(void **unused)
{
    (void)unused;
    const float data[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    kedge_rows rows = kedge_rows_float32(data, 4, 2);
    kedge_rows part;
    double x;
    assert_int_equal(kedge_rows_slice(&rows, 1, 3, &part), KEDGE_OK);
    assert_int_equal(part.n_rows, 3);
    assert_int_equal(kedge_rows_get(&part, 2, 1, &x), KEDGE_OK);
    assert_true(x == 7);
    assert_int_equal(kedge_rows_slice(&rows, 4, 0, &part), KEDGE_OK);
    assert_int_equal(kedge_rows_slice(&rows, 4, 1, &part), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_rows_slice(&rows, 1, SIZE_MAX, &part), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_rows_slice(&rows, 0, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rows_slice(NULL, 0, 1, &part), KEDGE_ERR_NULL);
}

/* First outputs for seed 1234567, as published with the algorithm's reference implementation. */
static void test_rng_is_splitmix64(void **unused)
{
    (void)unused;
    kedge_rng rng = {1234567};
    assert_true(kedge_rng_next(&rng) == 6457827717110365317u);
    assert_true(kedge_rng_next(&rng) == 3203168211198807973u);
    assert_true(kedge_rng_next(&rng) == 9817491932198370423u);
}

static void test_rng_ranges(void **unused)
{
    (void)unused;
    kedge_rng rng = {1};
    unsigned counts[7] = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < 70000; i++) {
        double u = kedge_rng_uniform(&rng);
        assert_true(u >= 0 && u < 1);
        counts[kedge_rng_below(&rng, 7)]++;
        double z = kedge_rng_normal(&rng);
        sum += z;
        squares += z * z;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9600, 10400); /* 10000 +- 4.3 deviations */
    assert_close(sum / 70000, 0, 0.017);
    assert_close(squares / 70000, 1, 0.025);
    assert_true(kedge_rng_below(&rng, 0) == 0 && kedge_rng_below(NULL, 5) == 0 && kedge_rng_next(NULL) == 0);
    assert_true(kedge_rng_normal(NULL) == 0 && kedge_rng_uniform(NULL) == 0);
}

static void test_status_and_version(void **unused)
{
    (void)unused;
    for (kedge_status st = -20; st <= 10; st++)
        assert_non_null(kedge_status_string(st));
    assert_string_equal(kedge_status_string(KEDGE_DRIFT), "drift");
    assert_string_equal(kedge_status_string(99), "unknown status");
    for (kedge_status a = KEDGE_ERR_SKEW; a <= KEDGE_EMPTY; a++)
        for (kedge_status b = a + 1; b <= KEDGE_EMPTY; b++)
            assert_string_not_equal(kedge_status_string(a), kedge_status_string(b));
    assert_string_equal(kedge_version(), KEDGE_VERSION);
    assert_int_equal(kedge_version_number(), KEDGE_VERSION_MAJOR * 1000000 + KEDGE_VERSION_MINOR * 1000 + KEDGE_VERSION_PATCH);
    assert_string_equal(kedge_license(), "MIT");
    assert_int_equal(kedge_align(), KEDGE_ALIGN);
}

/* The remainder bit by bit, as the polynomial defines it. */
static uint32_t crc32_by_bits(const unsigned char *bytes, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < 8 * n; i++) {
        uint32_t bit = (crc ^ ((uint32_t)bytes[i / 8] >> i % 8)) & 1u;
        crc = (crc >> 1) ^ (bit ? 0xEDB88320u : 0u);
    }
    return ~crc;
}

static void test_crc32_is_the_polynomials(void **unused)
{
    (void)unused;
    assert_int_equal(kedge_i_crc32((const unsigned char *)"123456789", 9), 0xCBF43926u);
    unsigned char *bytes = guard_new(300, 0);
    kedge_rng rng = {7};
    for (size_t i = 0; i < 300; i++)
        bytes[i] = (unsigned char)kedge_rng_next(&rng);
    for (size_t n = 0; n <= 300; n++)
        assert_int_equal(kedge_i_crc32(bytes + 300 - n, n), crc32_by_bits(bytes + 300 - n, n));
    guard_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get_follows_strides), cmocka_unit_test(test_get_refuses),  cmocka_unit_test(test_slice),
        cmocka_unit_test(test_rng_is_splitmix64),   cmocka_unit_test(test_rng_ranges), cmocka_unit_test(test_status_and_version),
        cmocka_unit_test(test_crc32_is_the_polynomials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
