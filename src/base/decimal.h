/* SPDX-License-Identifier: MIT */
/* The shortest decimal that reads back as the same double. */
#ifndef KEDGE_BASE_DECIMAL_H
#define KEDGE_BASE_DECIMAL_H

#include <stdint.h>

#define KEDGE_I_DECIMAL_MOST 17u /* digits that any double needs at most */

/* x = 0.d1 d2 ... dn times 10^point; d1 and dn are not 0. */
typedef struct kedge_i_decimal {
    uint32_t n;                          /* digits, 1 to 17 */
    int32_t point;                       /* -323 to 309 */
    uint8_t digit[KEDGE_I_DECIMAL_MOST]; /* 0 to 9 */
} kedge_i_decimal;

/* Of all decimals that read back as x, finite and above 0, one of the shortest, and of those the closest to x. */
kedge_i_decimal kedge_i_decimal_of(double x);

/* At most so many digits, >= 1: half away from 0. */
void kedge_i_decimal_round(kedge_i_decimal *d, uint32_t most);

#endif
