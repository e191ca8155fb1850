/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "quiet.h"

#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define QUIET_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QUIET_SANITIZED 1
#endif

enum { QUIET_USUAL_CASES = 5000, QUIET_SECONDS = 5 };

volatile unsigned long quiet_allocations;
volatile unsigned quiet_current;

/* The executable's definitions stand before the C library's, for all shared libraries too. Sanitizers bring their own. */
#if defined(__GLIBC__) && !defined(QUIET_SANITIZED)
#define QUIET_COUNTED 1
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t align, size_t bytes);
void __libc_free(void *memory);

void *malloc(size_t bytes)
{
    quiet_allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
    quiet_allocations++;
    return __libc_calloc(n, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    quiet_allocations++;
    return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t align, size_t bytes)
{
    quiet_allocations++;
    return __libc_memalign(align, bytes);
}

void *memalign(size_t align, size_t bytes);
void *memalign(size_t align, size_t bytes)
{
    quiet_allocations++;
    return __libc_memalign(align, bytes);
}

int posix_memalign(void **memory, size_t align, size_t bytes)
{
    quiet_allocations++;
    *memory = __libc_memalign(align, bytes);
    return *memory ? 0 : ENOMEM;
}

void free(void *memory)
{
    __libc_free(memory);
}
#endif

void quiet_check_counting(void)
{
#ifdef QUIET_COUNTED
    unsigned long before = quiet_allocations;
    void *volatile memory = malloc(8);
    assert_true(quiet_allocations == before + 1);
    free(memory);
    before = quiet_allocations;
    char *volatile copy = strdup("inside the C library");
    free(copy);
    assert_true(quiet_allocations > before);
#endif
}

unsigned quiet_cases(void)
{
    const char *told = getenv("KEDGE_QUIET_CASES");
    return told && atoi(told) > 0 ? (unsigned)atoi(told) : QUIET_USUAL_CASES;
}

void quiet_begin(unsigned k)
{
    time_limit(QUIET_SECONDS);
    quiet_current = k;
}

void quiet_end(void)
{
    time_limit(0);
}

void quiet_clear_flags(void)
{
    (void)feclearexcept(FE_ALL_EXCEPT);
}

int quiet_raised(void)
{
    return fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
}

/* Tables ---------------------------------------------------------------------------------------------------------------------- */

double quiet_below(quiet_case *c, uint64_t n)
{
    return (double)kedge_rng_below(&c->rng, n);
}

int quiet_chance(quiet_case *c, uint64_t one_in)
{
    return kedge_rng_below(&c->rng, one_in) == 0;
}

double quiet_draw(quiet_case *c, uint64_t kind)
{
    static const double extremes[] = {0.0,         -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, 0x1p-1074, -0x1p-1074,
                                      DBL_EPSILON, 1.0,  -1.0,    1e300,    -1e300,  1e-300,   -1e-300,   1e100};
    if (kind == 0)
        return kedge_rng_normal(&c->rng);
    if (kind == 1)
        return quiet_below(c, 3) - 1;
    if (kind == 2)
        return extremes[kedge_rng_below(&c->rng, sizeof extremes / sizeof *extremes)];
    if (kind == 3) {
        int exponent = (int)kedge_rng_below(&c->rng, 2040) - 1020;
        return ldexp(kedge_rng_normal(&c->rng), exponent);
    }
    return 0.0;
}

/* How one column comes: its own kind, scale and offset; or constant, a copy, a sum or nearly a copy of earlier ones. */
static void fill_column(quiet_case *c, size_t j)
{
    uint64_t relation = j > 0 ? kedge_rng_below(&c->rng, 12) : 4 + kedge_rng_below(&c->rng, 8), kind = kedge_rng_below(&c->rng, 5);
    double scale = quiet_chance(c, 3) ? (quiet_chance(c, 2) ? 1e300 : 1e-300) : 1.0, offset = quiet_chance(c, 4) ? 1e9 : 0.0;
    double constant = quiet_draw(c, kind);
    size_t from = j > 0 ? (size_t)kedge_rng_below(&c->rng, j) : 0;
    for (size_t i = 0; i < c->n; i++) {
        double *row = c->x + i * c->p, v;
        if (relation == 0)
            v = row[from];
        else if (relation == 1)
            v = row[from] / 2 + row[j - 1] / 4;
        else if (relation == 2)
            v = row[from] * (1 + DBL_EPSILON * quiet_draw(c, 1));
        else if (relation == 3)
            v = row[from] + 1e-9 * quiet_draw(c, 0);
        else if (relation == 4)
            v = constant;
        else
            v = kind < 2 ? scale * (offset + quiet_draw(c, kind)) : quiet_draw(c, kind);
        row[j] = v - v == 0 ? v : DBL_MAX;
    }
}

int quiet_n_classes(int targets)
{
    return targets == QUIET_CLASSES_2 ? 2 : targets == QUIET_CLASSES_3 ? 3 : 0;
}

static double draw_number(quiet_case *c, uint64_t kind, double scale, double first)
{
    double v = kind == 0 ? first : kind > 1 ? scale * quiet_draw(c, kind - 2) : 0;
    return fmax(-1e100, fmin(1e100, v));
}

/* Separable, one class, one row of its class, or random. */
static double draw_class(quiet_case *c, uint64_t kind, size_t i, double first, uint64_t n_classes)
{
    return kind == 0 ? first > 0 : kind == 1 ? 1 : kind == 2 ? i == 0 : quiet_below(c, n_classes);
}

static void fill_targets(quiet_case *c, int targets)
{
    uint64_t kind = kedge_rng_below(&c->rng, 6), scale_kind = kedge_rng_below(&c->rng, 3);
    double scale = scale_kind == 0 ? 1e-300 : scale_kind == 1 ? 1.0 : 1e99;
    for (size_t i = 0; i < c->n; i++) {
        double first = c->x[i * c->p];
        double v = quiet_n_classes(targets) ? draw_class(c, kind, i, first, (uint64_t)quiet_n_classes(targets))
                                         : draw_number(c, kind, scale, first);
        if (targets == QUIET_SHARES)
            v = kind < 3 ? draw_class(c, kind, i, first, 2) : kind == 3 ? quiet_below(c, 5) / 4 : kedge_rng_uniform(&c->rng);
        else if (targets == QUIET_COUNTS)
            v = kind == 1 ? 0 : kind == 2 ? i == 0 : kind == 3 ? quiet_below(c, 5) : fabs(v) < 1e-100 ? 0 : fabs(v);
        else if (targets == QUIET_POSITIVES)
            v = kind == 1 ? 1 : kind == 2 ? 1 + quiet_below(c, 3) : fmax(1e-100, fabs(v));
        c->y[i] = v;
    }
}

static void fill_weights(quiet_case *c)
{
    uint64_t kind = kedge_rng_below(&c->rng, 4);
    c->weighted = quiet_chance(c, 3);
    for (size_t i = 0; i < c->n; i++)
        c->weight[i] = kind == 0   ? quiet_below(c, 3)
                       : kind == 1 ? fmin(1e9, fabs(quiet_draw(c, 3)))
                       : kind == 2 ? (quiet_chance(c, 10) ? 1e9 : 0x1p-1074)
                                   : 1e9 * kedge_rng_uniform(&c->rng);
}

static void spoil(quiet_case *c)
{
    static const double bad[3] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double v = bad[kedge_rng_below(&c->rng, 3)];
    c->hostile = quiet_chance(c, 8);
    if (!c->hostile)
        return;
    if (quiet_chance(c, 2))
        c->y[kedge_rng_below(&c->rng, c->n)] = v;
    else
        c->x[kedge_rng_below(&c->rng, c->n * c->p)] = v;
}

void quiet_fill(quiet_case *c, uint64_t seed, int targets)
{
    c->rng.state = seed;
    c->p = 1 + (size_t)kedge_rng_below(&c->rng, quiet_chance(c, 10) ? QUIET_FEATURES : 4);
    c->n = 1 + (size_t)kedge_rng_below(&c->rng, quiet_chance(c, 10) ? QUIET_ROWS : 24);
    for (size_t j = 0; j < c->p; j++)
        fill_column(c, j);
    fill_targets(c, targets);
    fill_weights(c);
    spoil(c);
}
