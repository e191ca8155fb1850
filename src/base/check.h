/* SPDX-License-Identifier: MIT */
/* Two kinds of fault: the caller's gives a status, always; ours is asserted, in builds for tests only. */
#ifndef KEDGE_BASE_CHECK_H
#define KEDGE_BASE_CHECK_H

#include "kedge/base.h"

#ifdef KEDGE_TEST_ASSERTS
#include <assert.h>
#define KEDGE_ASSERT(condition) assert(condition)
#else
#define KEDGE_ASSERT(condition) ((void)0)
#endif

/* Return an error upward. */
#define KEDGE_TRY(call)                                                                            \
    do {                                                                                           \
        kedge_status try_status = (call);                                                          \
        if (try_status < 0)                                                                        \
            return try_status;                                                                     \
    } while (0)

static inline int kedge_i_aligned(const void *memory)
{
    return ((uintptr_t)memory & (KEDGE_ALIGN - 1u)) == 0;
}

#endif
