/* SPDX-License-Identifier: MIT */
/* Ensembles: votes against a naive count, members fed alike, all or nothing. */
#include <math.h>

#include "support.h"

enum { N = 3000, MEMBERS = 5 };

static union {
    double align;
    unsigned char bytes[KEDGE_ENSEMBLE_BYTES];
} memory;

static kedge_detector ensemble(uint32_t n_members, uint32_t votes, uint64_t window)
{
    kedge_ensemble_config cfg = kedge_ensemble_defaults(n_members, votes);
    kedge_detector d = {NULL, NULL};
    cfg.window = window;
    assert_int_equal(kedge_detector_size(&cfg.base), KEDGE_ENSEMBLE_BYTES);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, &memory, sizeof memory), KEDGE_OK);
    return d;
}

/* The definition: looks at all votes since the last alarm. */
static kedge_status naive(kedge_status votes[][MEMBERS], size_t from, size_t now, size_t window, uint32_t needed, size_t *earliest)
{
    uint32_t n = 0;
    int warns = 0;
    *earliest = now;
    for (size_t m = 0; m < MEMBERS; m++) {
        size_t last = SIZE_MAX;
        for (size_t i = from; i <= now; i++)
            if (votes[i][m] == KEDGE_DRIFT)
                last = i;
        warns |= votes[now][m] == KEDGE_WARNING;
        if (last != SIZE_MAX && now - last < window) {
            n++;
            *earliest = last < *earliest ? last : *earliest;
        }
    }
    return n >= needed ? KEDGE_DRIFT : n > 0 || warns ? KEDGE_WARNING : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static kedge_status votes[N][MEMBERS];
    for (uint32_t needed = 1; needed <= MEMBERS; needed++) {
        kedge_rng rng = {needed};
        kedge_detector d = ensemble(MEMBERS, needed, 20);
        size_t from = 0, n_drifts = 0;
        for (size_t i = 0; i < N; i++) {
            size_t earliest;
            for (size_t m = 0; m < MEMBERS; m++)
                votes[i][m] = kedge_rng_below(&rng, 30) == 0 ? KEDGE_DRIFT : kedge_rng_below(&rng, 20) == 0 ? KEDGE_WARNING
                    : KEDGE_OK;
            kedge_status want = naive(votes, from, i, 20, needed, &earliest);
            assert_int_equal(kedge_detector_update(&d, kedge_ensemble_vote(votes[i], MEMBERS)), want);
            if (want == KEDGE_DRIFT) {
                kedge_alarm alarm;
                assert_int_equal(kedge_detector_alarm(&d, &alarm), KEDGE_OK);
                assert_true(alarm.at == i && alarm.changed_at == earliest && alarm.statistic > alarm.threshold);
                from = i + 1;
                n_drifts++;
            }
        }
        assert_true(n_drifts > 0);
    }
}

static void test_members(void **unused)
{
    (void)unused;
    static union {
        double align;
        unsigned char bytes[KEDGE_ADWIN_BYTES];
    } mem[3];
    kedge_adwin_config adwin = kedge_adwin_defaults();
    kedge_ddm_config ddm = kedge_ddm_defaults();
    kedge_page_hinkley_config page_hinkley = kedge_page_hinkley_defaults();
    kedge_detector members[3], d = ensemble(3, 2, 500);
    kedge_estimate e;
    size_t n_drifts = 0, first = 0;
    kedge_rng rng = {1};
    assert_int_equal(kedge_detector_init(&members[0], &adwin.base, &mem[0], sizeof mem[0]), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&members[1], &ddm.base, &mem[1], sizeof mem[1]), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&members[2], &page_hinkley.base, &mem[2], sizeof mem[2]), KEDGE_OK);
    for (size_t i = 0; i < 2 * N; i++) {
        kedge_status st = kedge_ensemble_update(&d, members, 3, kedge_rng_uniform(&rng) < (i < N ? 0.1 : 0.5));
        assert_true(st >= 0);
        first = st == KEDGE_DRIFT && n_drifts == 0 ? i : first;
        n_drifts += st == KEDGE_DRIFT;
    }
    assert_true(n_drifts >= 1 && n_drifts <= 2 && first > N && first < N + 300);
    assert_int_equal(kedge_ensemble_update(&d, members, 3, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_ensemble_update(&d, members, 3, 2), KEDGE_ERR_RANGE); /* ADWIN would take it, DDM does not */
    for (int i = 0; i < 3; i++) {
        assert_true(kedge_detector_estimate(&members[i], &e) >= 0);
        assert_int_equal(e.n_seen, 2 * N);
    }
    assert_int_equal(kedge_ensemble_update(&d, members, 2, 0), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_ensemble_update(&members[0], members, 3, 0), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_ensemble_update(NULL, members, 3, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_ensemble_update(&d, NULL, 3, 0), KEDGE_ERR_NULL);
    members[2].state = NULL;
    assert_int_equal(kedge_ensemble_update(&d, members, 3, 0), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_members)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
