/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "prep/prep_codes.h"

#include "base/number.h"

static double *codes_values(const prep_codes *c, const void *state, uint32_t k)
{
    return (double *)(uintptr_t)kedge_i_at_const(state, c->at_values) + (size_t)k * c->max;
}

static uint32_t *codes_codes(const prep_codes *c, const void *state, uint32_t k)
{
    return (uint32_t *)(uintptr_t)kedge_i_at_const(state, c->at_codes) + (size_t)k * c->max;
}

static uint32_t *codes_used(const prep_codes *c, const void *state, uint32_t k)
{
    return (uint32_t *)(uintptr_t)kedge_i_at_const(state, c->at_used) + k;
}

void kedge_i_codes_configure(prep_codes *c, const kedge_codes *cfg)
{
    c->known = cfg->known;
    c->max = cfg->max;
    c->unseen = cfg->unseen;
}

int kedge_i_codes_valid(const prep_codes *c)
{
    return c->known <= 1 && kedge_i_u32_within(c->max, 1, KEDGE_CODES_MAX) &&
           kedge_i_u32_within(c->unseen, KEDGE_UNSEEN_OTHER, KEDGE_UNSEEN_ERROR);
}

void kedge_i_codes_plan(prep_codes *c, uint32_t n_picked, kedge_i_arena *arena)
{
    c->n_used = c->known ? 0 : n_picked;
    c->n_values = kedge_i_length(c->n_used, c->max);
    c->at_values = kedge_i_arena_take(arena, c->n_values, sizeof(double));
    c->at_codes = kedge_i_arena_take(arena, c->n_values, sizeof(uint32_t));
    c->at_used = kedge_i_arena_take(arena, c->n_used, sizeof(uint32_t));
}

/* Ascending values, behind them zeros; codes a permutation of those that are taken. */
static int codes_column_is_sound(const prep_codes *c, const void *state, uint32_t k)
{
    const double *values = codes_values(c, state, k);
    const uint32_t *codes = codes_codes(c, state, k);
    uint32_t n = *codes_used(c, state, k);
    uint64_t seen[KEDGE_CODES_MAX / 64] = {0};
    if (n > c->max)
        return 0;
    for (uint32_t i = 0; i < c->max; i++) {
        if (i >= n ? values[i] != 0.0 || codes[i] != 0
                   : !kedge_i_within(values[i], i ? values[i - 1] : -2.0 * KEDGE_PREP_INPUT_MAX, 2.0 * KEDGE_PREP_INPUT_MAX) ||
                         (i && values[i] == values[i - 1]) || codes[i] >= n || (seen[codes[i] / 64] >> codes[i] % 64 & 1))
            return 0;
        if (i < n)
            seen[codes[i] / 64] |= (uint64_t)1 << codes[i] % 64;
    }
    return 1;
}

int kedge_i_codes_check(const prep_codes *c, const void *state)
{
    for (uint32_t k = 0; k < c->n_used; k++)
        if (!codes_column_is_sound(c, state, k))
            return 0;
    return 1;
}

/* The first place whose value is not below x. */
static uint32_t codes_place(const double *values, uint32_t n, double x)
{
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = values[low + half] < x;
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

uint32_t kedge_i_codes_find(const prep_codes *c, const void *state, uint32_t k, double x)
{
    if (c->known)
        return kedge_i_within(x, 0.0, c->max - 1.0) && x == (double)(uint32_t)x ? (uint32_t)x : PREP_CODES_NONE;
    const double *values = codes_values(c, state, k);
    uint32_t n = *codes_used(c, state, k), at = codes_place(values, n, x);
    return at < n && values[at] == x ? codes_codes(c, state, k)[at] : PREP_CODES_NONE;
}

uint32_t kedge_i_codes_add(const prep_codes *c, void *state, uint32_t k, double x)
{
    uint32_t code = kedge_i_codes_find(c, state, k, x);
    if (c->known || code != PREP_CODES_NONE || x != x)
        return code;
    uint32_t *used = codes_used(c, state, k), *codes = codes_codes(c, state, k);
    double *values = codes_values(c, state, k);
    if (*used == c->max)
        return PREP_CODES_NONE;
    uint32_t at = codes_place(values, *used, x);
    memmove(values + at + 1, values + at, (*used - at) * sizeof *values);
    memmove(codes + at + 1, codes + at, (*used - at) * sizeof *codes);
    values[at] = x + 0.0; /* no negative zero */
    codes[at] = *used;
    return (*used)++;
}

uint32_t kedge_i_codes_used(const prep_codes *c, const void *state, uint32_t k)
{
    return c->known ? c->max : *codes_used(c, state, k);
}

double kedge_i_codes_value(const prep_codes *c, const void *state, uint32_t k, uint32_t code)
{
    if (c->known)
        return code < c->max ? (double)code : (double)NAN;
    for (uint32_t i = 0; i < *codes_used(c, state, k); i++)
        if (codes_codes(c, state, k)[i] == code)
            return codes_values(c, state, k)[i];
    return (double)NAN;
}

int kedge_i_codes_refuse(const prep_codes *c, const void *state, uint32_t k, double x)
{
    return c->unseen == KEDGE_UNSEEN_ERROR && x == x && (c->known || *codes_used(c, state, k) == c->max) &&
           kedge_i_codes_find(c, state, k, x) == PREP_CODES_NONE;
}

int kedge_i_codes_fit(const prep_codes *c, void *state, uint32_t k, const double *sorted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (kedge_i_codes_add(c, state, k, sorted[i]) == PREP_CODES_NONE && c->unseen == KEDGE_UNSEEN_ERROR)
            return 0;
    return 1;
}
