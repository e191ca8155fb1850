/* SPDX-License-Identifier: MIT */
/* Memory is asked early for what will probably be read soon. It is not read here, so the address may lie anywhere. */
#ifndef KEDGE_BASE_AHEAD_H
#define KEDGE_BASE_AHEAD_H

#include <stddef.h>
#include <stdint.h>

enum { KEDGE_I_LINE = 64 /* bytes of a line of the cache, where it is not more */ };

/* The line so many bytes behind `from`. */
static inline void kedge_i_ahead(const void *from, size_t bytes)
{
#ifdef __GNUC__
    __builtin_prefetch((const void *)((uintptr_t)from + bytes));
#else
    (void)from;
    (void)bytes;
#endif
}

#endif
