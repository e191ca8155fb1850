/* SPDX-License-Identifier: MIT */
/* Included before a source, this makes its atomic operations order nothing: what the thread sanitizer must notice. */
#ifndef KEDGE_TESTS_RELAXED_ORDERS_H
#define KEDGE_TESTS_RELAXED_ORDERS_H

#include <stdatomic.h>

#define memory_order_acquire memory_order_relaxed
#define memory_order_release memory_order_relaxed
#define memory_order_acq_rel memory_order_relaxed

#endif
