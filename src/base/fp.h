/* SPDX-License-Identifier: MIT */
/* Floating point as written: included first by every source file, because users of the amalgamation bring their own flags. A fused
 * multiply-add would change the last bit and with it, rarely, a decision. gcc ignores the STDC pragma under gnu11, clang obeys
 * it. */
#ifndef KEDGE_BASE_FP_H
#define KEDGE_BASE_FP_H

#include <float.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("-ffp-contract=off")
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#ifdef __FAST_MATH__
#error "kedge needs IEEE arithmetic: build it without -ffast-math"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1 /* 1: only float is widened */
#error "kedge needs double arithmetic in double precision: on 32-bit x86 add -msse2 -mfpmath=sse"
#endif

#endif
