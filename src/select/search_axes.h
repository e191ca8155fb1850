/* SPDX-License-Identifier: MIT */
/* The fields that a search varies, and the values that it gives them. */
#ifndef KEDGE_SELECT_SEARCH_AXES_H
#define KEDGE_SELECT_SEARCH_AXES_H

#include "kedge/select.h"

typedef union search_number {
    uint8_t u8;
    uint32_t u32;
    uint64_t u64;
    double f64;
    float f32;
} search_number;

size_t kedge_i_search_type_bytes(uint32_t type); /* 0: no type */
int kedge_i_search_axis_is_valid(const kedge_search_axis *axis);
void kedge_i_search_write(const kedge_search_axis *axis, double value);
double kedge_i_search_step(const kedge_search_axis *axis, uint32_t i);        /* the i-th value of a grid */
double kedge_i_search_draw(const kedge_search_axis *axis, kedge_rng *rng);

#endif
