/* SPDX-License-Identifier: MIT */
/* Every order in which one writer and one or two readers can take their steps: no torn version, no slot written while it is read,
 * none lost, no refusal that is not due; and each weakening of the algorithm is noticed. */
#include "explore.h"

#include "support.h"

static explore_result assert_sound(const explore_plan *plan, int may_refuse)
{
    explore_result r = explore(plan);
    print_message("%u slots, %d readers x %d, %d publications%s: %llu worlds, refused %llu times\n", (unsigned)plan->n_slots,
                  plan->n_readers, plan->reader_ops, plan->writer_ops, plan->stale ? ", old values" : "",
                  (unsigned long long)r.n_worlds, (unsigned long long)r.n_refused);
    if (r.fault)
        print_error("%s: %s\n", r.path, r.fault);
    assert_null(r.fault);
    assert_true(r.n_worlds > 100);
    if (!plan->stale && !plan->dies_at)
        assert_int_equal(r.n_refused > 0, may_refuse);
    return r;
}

static void test_orders(void **unused)
{
    (void)unused;
    for (uint32_t n_slots = 2; n_slots <= 4; n_slots++)
        for (int stale = 0; stale < 2; stale++) {
            explore_plan plan = {n_slots, 2, 2, (int)n_slots + 1, 0, stale, EXPLORE_FAITHFUL};
            assert_sound(&plan, n_slots < 4);
        }
}

/* Counts wrap: a slot is entered more often than its two bits count. */
static void test_wraps(void **unused)
{
    explore_plan plan = {2, 1, 9, 3, 0, 1, EXPLORE_FAITHFUL}, two = {3, 2, 3, 2, 0, 1, EXPLORE_FAITHFUL};
    (void)unused;
    assert_sound(&plan, 1);
    assert_sound(&two, 1);
}

/* The writer dies after any action of its second publication; the next one finds no half-written slot and disturbs no reader. */
static void test_writer_dies(void **unused)
{
    int at = 0, died;
    (void)unused;
    do {
        explore_plan plan = {4, 2, 2, 3, ++at, 1, EXPLORE_FAITHFUL};
        died = assert_sound(&plan, 1).died;
    } while (died);
    assert_true(at > 10);
}

/* Is a mutant found by one of the plans above? */
static void test_mutants(void **unused)
{
    static const explore_plan plans[] = {
        {3, 2, 2, 3, 0, 0, 0}, {2, 2, 2, 3, 0, 0, 0}, {3, 2, 2, 3, 0, 1, 0}, {2, 1, 9, 3, 0, 1, 0}, {3, 2, 3, 2, 0, 1, 0},
    };
    (void)unused;
    for (int mutant = EXPLORE_FAITHFUL + 1; mutant < EXPLORE_MUTANTS; mutant++) {
        explore_result r = {NULL, "", 0, 0, 0};
        for (size_t i = 0; i < sizeof plans / sizeof plans[0] && !r.fault; i++) {
            explore_plan plan = plans[i];
            plan.mutant = mutant;
            r = explore(&plan);
        }
        print_message("mutant %d: %s (%s)\n", mutant, r.fault ? r.fault : "NOT FOUND", r.path);
        assert_non_null(r.fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_writer_dies),
        cmocka_unit_test(test_mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
