/* SPDX-License-Identifier: MIT */
/* Frozen groves, what their writer and their reader agree on.
 *
 * Parameters: trees; categories of a nominal feature; 1: gradient boosting, whose trees are added up, 0: a forest. Doubles: of
 * boosting where the sums start, then the numbers of all leaves, tree after tree. Words: of each tree the leaves before it, and all
 * leaves; then of each nominal split GROVE_SET words, the categories that go left. A tree has one node fewer than leaves; its nodes
 * have in `what` and `child` the two words of grove.h, numbered from the tree's first node and leaf, and as their threshold that,
 * or where the set begins. */
#ifndef KEDGE_MODELS_FROZEN_GROVE_H
#define KEDGE_MODELS_FROZEN_GROVE_H

#include "models/frozen_blob.h"
#include "models/grove.h"

#define FROZEN_GROVE_VALUE_MAX 1e110 /* BOOST_VALUE_MAX; a forest's are less */

enum { FROZEN_GROVE_TREES, FROZEN_GROVE_CODES, FROZEN_GROVE_SUMS }; /* parameters */

/* Numbers of a leaf. */
static inline uint32_t frozen_grove_width(uint32_t n_classes, uint32_t sums)
{
    return sums || n_classes == 0 ? 1 : n_classes;
}

/* Doubles ahead of those of leaves. */
static inline uint32_t frozen_grove_ahead(uint32_t n_classes, uint32_t sums)
{
    return !sums ? 0 : n_classes > 2 ? n_classes : 1;
}

#endif
