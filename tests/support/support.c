/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* setitimer, write */
#endif
#include "support.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define GUARD_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARD_POISONED 1
#endif
#endif
#ifdef GUARD_POISONED
#include <sanitizer/asan_interface.h>
#endif

enum { GUARD = 64, GUARD_FILL = 0x5C };

/* [length 8, padding to GUARD] [GUARD bytes] [memory] [GUARD bytes, starting at the very next byte] */
static unsigned char *guard_start(const void *memory)
{
    return (unsigned char *)(uintptr_t)memory - 2 * GUARD;
}

static size_t guard_length(const void *memory)
{
    size_t bytes;
    memcpy(&bytes, guard_start(memory), sizeof bytes);
    return bytes;
}

static void guard_poison(const void *memory, size_t bytes, int on)
{
#ifdef GUARD_POISONED
    const unsigned char *m = memory;
    if (on) {
        ASAN_POISON_MEMORY_REGION(m - GUARD, GUARD);
        ASAN_POISON_MEMORY_REGION(m + bytes, GUARD);
    } else {
        ASAN_UNPOISON_MEMORY_REGION(m - GUARD, GUARD);
        ASAN_UNPOISON_MEMORY_REGION(m + bytes, GUARD);
    }
#else
    (void)memory, (void)bytes, (void)on;
#endif
}

void *guard_new(size_t bytes, unsigned char fill)
{
    unsigned char *block = malloc(bytes + 3 * GUARD);
    assert_non_null(block);
    memset(block, GUARD_FILL, bytes + 3 * GUARD);
    memcpy(block, &bytes, sizeof bytes);
    memset(block + 2 * GUARD, fill, bytes);
    guard_poison(block + 2 * GUARD, bytes, 1);
    return block + 2 * GUARD;
}

void guard_check(const void *memory)
{
    size_t bytes = guard_length(memory);
    const unsigned char *m = memory;
    guard_poison(memory, bytes, 0);
    for (size_t i = 0; i < GUARD; i++) {
        assert_int_equal(m[-1 - (ptrdiff_t)i], GUARD_FILL);
        assert_int_equal(m[bytes + i], GUARD_FILL);
    }
    guard_poison(memory, bytes, 1);
}

void guard_free(void *memory)
{
    guard_check(memory);
    guard_poison(memory, guard_length(memory), 0);
    free(guard_start(memory));
}

void *guard_copy(const void *bytes, size_t n)
{
    void *copy = guard_new(n, 0);
    memcpy(copy, bytes, n);
    return copy;
}

size_t test_cases(size_t all, size_t few)
{
#ifdef ALL_CASES
    (void)few;
    return all;
#else
    (void)all;
    return few;
#endif
}

static void on_time_limit(int signal_number)
{
    static const char text[] = "a case hangs\n";
    (void)signal_number;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(3);
    _exit(2);
}

void time_limit(unsigned seconds)
{
    const struct itimerval once = {.it_value = {.tv_sec = seconds}};
    assert_true(signal(SIGVTALRM, on_time_limit) != SIG_ERR);
    assert_int_equal(setitimer(ITIMER_VIRTUAL, &once, NULL), 0);
}

size_t count_alarms(const kedge_detector_config *cfg, const double *x, size_t n)
{
    size_t bytes = kedge_detector_size(cfg), n_alarms = 0;
    void *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    assert_int_equal(kedge_detector_init(&d, cfg, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < n; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_true(st >= 0);
        n_alarms += st == KEDGE_DRIFT;
    }
    guard_free(mem);
    return n_alarms;
}

void fill_bernoulli(double *x, size_t n, double rate, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++)
        x[i] = kedge_rng_uniform(&rng) < rate;
}

void fill_normal(double *x, size_t n, double mean, double sd, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++)
        x[i] = mean + sd * kedge_rng_normal(&rng);
}

void assert_close(double a, double b, double tolerance)
{
    double scale = fmax(1.0, fmax(fabs(a), fabs(b)));
    if (!(fabs(a - b) <= tolerance * scale)) {
        print_error("%.17g and %.17g differ by more than %g\n", a, b, tolerance);
        fail();
    }
}
