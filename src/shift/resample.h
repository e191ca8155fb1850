/* SPDX-License-Identifier: MIT */
/* P-values by dealing the pooled values out anew: all ways where they are few, else some at random. */
#ifndef KEDGE_SHIFT_RESAMPLE_H
#define KEDGE_SHIFT_RESAMPLE_H

#include "kedge/shift.h"

/* A statistic of two sorted samples that grows with their difference. */
typedef double (*kedge_i_statistic)(const void *config, const kedge_shift_samples *s);

/* Doubles of scratch. */
uint64_t kedge_i_resample_scratch(uint64_t n, uint64_t m);

/* The same if only all ways are gone through, and only where they are few: then the samples are small. */
uint64_t kedge_i_resample_few_scratch(uint64_t n, uint64_t m);

/* Are all ways to deal n + m values out few enough to go through? */
int kedge_i_resample_few(const kedge_shift_samples *s);

/* The p_method to use: cfg's own, or for KEDGE_P_AUTO KEDGE_P_EXACT where it is few, else `large`. */
uint32_t kedge_i_p_method(const kedge_shift_config *cfg, const kedge_shift_samples *s, uint32_t large);

/* KEDGE_P_EXACT or KEDGE_P_PERMUTATION: sets p_value, expected (the mean over the ways) and p_method. KEDGE_ERR_UNSUPPORTED: too
 * many ways. */
kedge_status kedge_i_resample(const kedge_shift_config *cfg, const kedge_shift_samples *s, kedge_i_statistic statistic,
                              double observed, uint32_t p_method, double *scratch, kedge_shift_result *out);

/* What a method has whose p-values all come from here: AUTO is EXACT where the ways are few, else PERMUTATION. */
#define KEDGE_I_RESAMPLE_ONLY (1u << KEDGE_P_AUTO | 1u << KEDGE_P_EXACT | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE)

/* What a method has that has all. */
#define KEDGE_I_ALL_P_METHODS (KEDGE_I_RESAMPLE_ONLY | 1u << KEDGE_P_ASYMPTOTIC)

/* Scratch of KEDGE_I_RESAMPLE_ONLY. */
uint64_t kedge_i_resample_only_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns);

/* Its p_value, expected and p_method for out->statistic; nothing for KEDGE_P_NONE. */
kedge_status kedge_i_resample_only(const void *config, const kedge_shift_samples *s, kedge_i_statistic statistic, double *scratch,
                                   kedge_shift_result *out);

#endif
