/* SPDX-License-Identifier: MIT */
/* Free-format printing with whole numbers of any length: Burger, Dybvig 1996, "Printing floating-point numbers quickly and
 * accurately", after Steele, White 1990. The double is r / s; m / s is half of the way to its lower neighbour. Microseconds a
 * number
 * and some 700 bytes of stack, which is what a report wants; the fast algorithms need tables of kilobytes. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"

#include "base/check.h"

#define DECIMAL_WORDS 36u /* the longest is below 2^1085: ten times 2^1075, the denominator of the least double */

typedef struct decimal_whole {
    uint32_t n;                   /* words in use; the last one is not 0 */
    uint32_t word[DECIMAL_WORDS]; /* least significant first */
} decimal_whole;

static void decimal_set(decimal_whole *a, uint64_t x)
{
    a->word[0] = (uint32_t)x;
    a->word[1] = (uint32_t)(x >> 32);
    a->n = a->word[1] ? 2 : a->word[0] ? 1 : 0;
}

static void decimal_times(decimal_whole *a, uint32_t factor)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        carry += (uint64_t)a->word[i] * factor;
        a->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        KEDGE_ASSERT(a->n < DECIMAL_WORDS);
        a->word[a->n++] = (uint32_t)carry;
    }
}

static void decimal_times_ten_to(decimal_whole *a, uint32_t power)
{
    for (; power >= 9; power -= 9)
        decimal_times(a, 1000000000u);
    for (; power > 0; power--)
        decimal_times(a, 10);
}

static void decimal_times_two_to(decimal_whole *a, uint32_t power)
{
    uint32_t words = power / 32;
    decimal_times(a, (uint32_t)1 << power % 32);
    if (a->n == 0)
        return;
    KEDGE_ASSERT(a->n + words <= DECIMAL_WORDS);
    memmove(a->word + words, a->word, a->n * sizeof *a->word);
    memset(a->word, 0, words * sizeof *a->word);
    a->n += words;
}

static int decimal_compare(const decimal_whole *a, const decimal_whole *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (uint32_t i = a->n; i-- > 0;)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

static void decimal_add(decimal_whole *a, const decimal_whole *b)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < b->n || (carry && i < a->n) || carry; i++) {
        if (i == a->n)
            a->word[a->n++] = 0;
        carry += (uint64_t)a->word[i] + (i < b->n ? b->word[i] : 0);
        a->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* a >= b */
static void decimal_take(decimal_whole *a, const decimal_whole *b)
{
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        uint64_t less = (i < b->n ? b->word[i] : 0) + borrow;
        borrow = a->word[i] < less;
        a->word[i] = (uint32_t)(a->word[i] - less);
    }
    while (a->n > 0 && a->word[a->n - 1] == 0)
        a->n--;
}

/* The double, and what lies between it and its neighbours. */
typedef struct decimal_part {
    decimal_whole r, s, m, sum;
    int is_uneven; /* a power of two: the way to the upper neighbour is twice as long */
    int is_even;   /* halfway reads back as it */
} decimal_part;

/* Is r + (half of the way up) beyond s, or on it where that reads back? */
static int decimal_high(decimal_part *p)
{
    p->sum = p->r;
    decimal_add(&p->sum, &p->m);
    if (p->is_uneven)
        decimal_add(&p->sum, &p->m);
    return decimal_compare(&p->sum, &p->s) >= (p->is_even ? 0 : 1);
}

/* Sets all but sum; tells k with 10^(k-1) <= x < 10^(k+1), as k = ceil(log10(2^floor(log2 x))). */
static int32_t decimal_begin(decimal_part *p, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t f = bits & (((uint64_t)1 << 52) - 1);
    int32_t biased = (int32_t)(bits >> 52), e = (biased > 0 ? biased : 1) - 1075;
    p->is_uneven = f == 0 && biased > 1;
    p->is_even = f % 2 == 0;
    f |= (uint64_t)(biased > 0) << 52;
    uint32_t twice = p->is_uneven ? 2 : 1; /* so that half of the lower way is whole */
    decimal_set(&p->r, f);
    decimal_set(&p->s, 1);
    decimal_set(&p->m, 1);
    decimal_times_two_to(&p->r, twice + (e > 0 ? (uint32_t)e : 0));
    decimal_times_two_to(&p->s, twice + (e < 0 ? (uint32_t)-e : 0));
    decimal_times_two_to(&p->m, e > 0 ? (uint32_t)e : 0);
    int32_t log2 = e - 1;
    for (; f > 0; f >>= 1)
        log2++;
    return (int32_t)ceil(log2 * 0.30102999566398119521 - 1e-10);
}

kedge_i_decimal kedge_i_decimal_of(double x)
{
    kedge_i_decimal d = {.n = 0};
    decimal_part p;
    int32_t k = decimal_begin(&p, x);
    decimal_times_ten_to(&p.s, k > 0 ? (uint32_t)k : 0);
    decimal_times_ten_to(&p.r, k < 0 ? (uint32_t)-k : 0);
    decimal_times_ten_to(&p.m, k < 0 ? (uint32_t)-k : 0);
    if (decimal_high(&p)) {
        decimal_times(&p.s, 10);
        k++;
    }
    d.point = k;
    for (;;) {
        uint8_t digit = 0;
        decimal_times(&p.r, 10);
        decimal_times(&p.m, 10);
        for (; decimal_compare(&p.r, &p.s) >= 0; digit++)
            decimal_take(&p.r, &p.s);
        int low = decimal_compare(&p.r, &p.m) < (p.is_even ? 1 : 0), high = decimal_high(&p);
        KEDGE_ASSERT(d.n < KEDGE_I_DECIMAL_MOST && digit < 10);
        d.digit[d.n++] = digit;
        if (!low && !high)
            continue;
        decimal_times(&p.r, 2);
        if (high && (!low || decimal_compare(&p.r, &p.s) >= (digit % 2 == 0 ? 1 : 0))) /* half to even, as Python's repr() */
            d.digit[d.n - 1]++;
        return d;
    }
}

void kedge_i_decimal_round(kedge_i_decimal *d, uint32_t most)
{
    if (d->n <= most)
        return;
    int up = d->digit[most] >= 5;
    d->n = most;
    for (; up && d->n > 0 && d->digit[d->n - 1] == 9;)
        d->n--;
    if (up && d->n == 0) { /* 9.99 becomes 10 */
        d->digit[d->n++] = 1;
        d->point++;
        return;
    }
    if (up)
        d->digit[d->n - 1]++;
    while (d->n > 1 && d->digit[d->n - 1] == 0)
        d->n--;
}
