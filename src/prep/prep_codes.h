/* SPDX-License-Identifier: MIT */
/* Categories of columns and their codes 0, 1, ...: either the codes are the values, or each column has a table that grows up
 * to a bound, ascending by value, with the code that each value got when it came. */
#ifndef KEDGE_PREP_PREP_CODES_H
#define KEDGE_PREP_PREP_CODES_H

#include "kedge/prep.h"

#include "base/arena.h"

#define PREP_CODES_NONE UINT32_MAX

/* Part of a prep's state. */
typedef struct prep_codes {
    uint32_t known;
    uint32_t max;
    uint32_t unseen;
    uint32_t at_values; /* layout: double[n_picked][max]; the rest is 0 */
    uint32_t at_codes;  /* layout: uint32_t[n_picked][max], likewise */
    uint32_t at_used;   /* layout: uint32_t[n_picked] */
    uint32_t n_values;  /* layout: of all columns; 0: the values are the codes */
    uint32_t n_used;    /* layout: n_picked, or 0 likewise */
} prep_codes;

#define PREP_CODES_PARAMS(type)                                                                                                    \
    KEDGE_PARAM(type, codes.known, KEDGE_TYPE_U32), KEDGE_PARAM(type, codes.max, KEDGE_TYPE_U32),                                  \
        KEDGE_PARAM(type, codes.unseen, KEDGE_TYPE_U32)
#define PREP_CODES_ARRAYS(type)                                                                                                    \
    KEDGE_ARRAY(type, codes.at_values, codes.n_values, KEDGE_TYPE_F64),                                               \
        KEDGE_ARRAY(type, codes.at_codes, codes.n_values, KEDGE_TYPE_U32),                                                         \
        KEDGE_ARRAY(type, codes.at_used, codes.n_used, KEDGE_TYPE_U32)

void kedge_i_codes_configure(prep_codes *c, const kedge_codes *cfg);
int kedge_i_codes_valid(const prep_codes *c);
void kedge_i_codes_plan(prep_codes *c, uint32_t n_picked, kedge_i_arena *arena);
int kedge_i_codes_check(const prep_codes *c, const void *state);

/* Of the k-th selected column, the code of a value; NONE: it has none. */
uint32_t kedge_i_codes_find(const prep_codes *c, const void *state, uint32_t k, double x);
/* The same, and a value that comes new gets one, if there is room. */
uint32_t kedge_i_codes_add(const prep_codes *c, void *state, uint32_t k, double x);
/* How many codes are taken. */
uint32_t kedge_i_codes_used(const prep_codes *c, const void *state, uint32_t k);
/* The value with a code; NaN: none has it yet. */
double kedge_i_codes_value(const prep_codes *c, const void *state, uint32_t k, uint32_t code);
/* Is this a value that learning refuses? */
int kedge_i_codes_refuse(const prep_codes *c, const void *state, uint32_t k, double x);
/* Codes in ascending order of n values, which are ascending; 0: it refuses one. */
int kedge_i_codes_fit(const prep_codes *c, void *state, uint32_t k, const double *sorted, size_t n);

#endif
