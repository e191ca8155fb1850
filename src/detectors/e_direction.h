/* SPDX-License-Identifier: MIT */
/* Which bets of an e-detector can win: no mean of numbers in [0, 1] falls below 0 or rises above 1. The stake goes on those that
 * can, and a stream that stays at 0 or 1 for ever is nothing to bet on: each bet would be just fair, and their number alone would
 * reach any threshold. */
#ifndef KEDGE_DETECTORS_E_DIRECTION_H
#define KEDGE_DETECTORS_E_DIRECTION_H

#include "kedge/detector.h"

static inline uint32_t kedge_i_e_direction(uint32_t direction, double low, double high)
{
    if (direction != KEDGE_DIRECTION_BOTH || (low <= 0.0 && high >= 1.0))
        return direction;
    return low <= 0.0 ? KEDGE_DIRECTION_UP : high >= 1.0 ? KEDGE_DIRECTION_DOWN : KEDGE_DIRECTION_BOTH;
}

#endif
