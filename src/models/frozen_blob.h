/* SPDX-License-Identifier: MIT */
/* The bytes of a frozen model: head, nodes, doubles, words, parts (whole blocks themselves), checksum. What is in them depends on
 * the kind; that they are there, lie inside and that the doubles are finite does not, so frozen.c verifies that for all kinds, and
 * freeze.c turns the byte order of all. */
#ifndef KEDGE_MODELS_FROZEN_BLOB_H
#define KEDGE_MODELS_FROZEN_BLOB_H

#include "kedge/frozen.h"

#define FROZEN_ORDER  0x01020304u
#define FROZEN_FORMAT 1u
#define FROZEN_ABSENT (-1e300) /* what a class is worth of which there was no row, as a logarithm */

enum { FROZEN_TAKES_MISSING = 1, FROZEN_IS_EMPTY = 2 }; /* flags */
enum { FROZEN_LOOKED, FROZEN_SPREADS };                 /* parameters of a mixture: features of each part, see freeze.h */
enum { FROZEN_PARAMS = 4, FROZEN_PARTS_MAX = 128, FROZEN_FEW = 64 /* classes for which the stack has room */ };

#if defined(__GNUC__)
#define FROZEN_APART __attribute__((noinline)) /* so that the usual way saves no registers and needs no stack */
#else
#define FROZEN_APART
#endif

typedef struct frozen_head {
    char magic[4]; /* "KDGF" */
    uint32_t order;
    uint32_t format;
    uint32_t bytes; /* of the whole block, parts and checksum included; a multiple of 8 */
    uint32_t kind;
    uint32_t n_features;
    uint32_t n_classes;
    uint32_t flags;
    uint32_t n_nodes;
    uint32_t n_doubles;
    uint32_t n_words; /* a multiple of 2 */
    uint32_t n_parts;
    uint32_t params[FROZEN_PARAMS]; /* by kind */
    char name[KEDGE_NAME_BYTES];
} frozen_head;

/* Split: value > threshold goes to child + 1, else to child; nominal ones: value != threshold. Leaf: see frozen_tree.h. */
typedef struct frozen_node {
    double threshold;
    uint32_t what;
    uint32_t child;
} frozen_node;

/* Behind everything. */
typedef struct frozen_tail {
    uint32_t zero;
    uint32_t crc; /* of all bytes before it */
} frozen_tail;

static inline const frozen_node *frozen_nodes(const frozen_head *h)
{
    return (const frozen_node *)(const void *)(h + 1);
}

static inline const double *frozen_doubles(const frozen_head *h)
{
    return (const double *)(const void *)(frozen_nodes(h) + h->n_nodes);
}

static inline const uint32_t *frozen_words(const frozen_head *h)
{
    return (const uint32_t *)(const void *)(frozen_doubles(h) + h->n_doubles);
}

static inline const frozen_head *frozen_first_part(const frozen_head *h)
{
    return (const frozen_head *)(const void *)(frozen_words(h) + h->n_words);
}

static inline const frozen_head *frozen_next_part(const frozen_head *h)
{
    return (const frozen_head *)(const void *)((const unsigned char *)h + h->bytes);
}

/* What a kind does with a verified block. */
typedef struct frozen_kind {
    /* Are parameters, indices and numbers such that predictions are safe? The sections lie inside, the doubles are finite. */
    int (*is_sound)(const frozen_head *h);
    void (*predict)(const frozen_head *h, const kedge_row *x, double *y);
    void (*score)(const frozen_head *h, const kedge_row *x, double *scores);
} frozen_kind;

/* By KEDGE_FROZEN_...; NULL: there is no such kind. */
const frozen_kind *kedge_i_frozen_kind(uint32_t kind);

extern const frozen_kind kedge_i_frozen_linear;
extern const frozen_kind kedge_i_frozen_logistic;
extern const frozen_kind kedge_i_frozen_gaussian;
extern const frozen_kind kedge_i_frozen_table;
extern const frozen_kind kedge_i_frozen_tree;
extern const frozen_kind kedge_i_frozen_forest;
extern const frozen_kind kedge_i_frozen_mixture;
extern const frozen_kind kedge_i_frozen_values;
extern const frozen_kind kedge_i_frozen_grove;

static inline int frozen_all_within(const double *x, size_t n, double low, double high)
{
    for (size_t i = 0; i < n; i++)
        if (!(x[i] >= low && x[i] <= high))
            return 0;
    return 1;
}

static inline uint32_t frozen_n_vectors(const frozen_head *h)
{
    return h->n_classes > 2 ? h->n_classes : 1;
}

#endif
