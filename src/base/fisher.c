/* SPDX-License-Identifier: MIT */
/* Fisher's exact test of two shares (Fisher 1935, "The logic of inductive inference", JRSS 98): given the margins, the number of
 * marked items in the first sample is hypergeometric. Two-sided: all numbers that are at most as likely (Freeman, Halton 1951), as
 * SciPy and R do, with a little slack for equally likely ones. The distribution has one peak, so these are two tails: the observed
 * number's own, and another one whose beginning is found by halving; each is added up until it no longer counts. */
#include "base/fp.h"

#include <math.h>

#include "base/fisher.h"

#include "base/special.h"

#define FISHER_SLACK 1e-13 /* relative */
#define FISHER_END 1e-18   /* of the sum so far: smaller terms fall faster than geometrically */

typedef struct fisher_table {
    double marked; /* of both samples */
    double other;
    double drawn;  /* size of the first */
    double low;    /* least and greatest number of marked items in it */
    double high;
} fisher_table;

static double fisher_term(const fisher_table *t, double x)
{
    return kedge_i_hypergeometric_term(x, t->marked, t->other, t->drawn);
}

/* Ratio of the term at x + 1 to that at x. */
static double fisher_ratio(const fisher_table *t, double x)
{
    return (t->marked - x) / (x + 1.0) * ((t->drawn - x) / (t->other - t->drawn + x + 1.0));
}

/* Sum from x outwards, downwards or upwards. */
static double fisher_tail(const fisher_table *t, double x, int is_up)
{
    double term = fisher_term(t, x);
    double sum = term;
    double end = is_up ? t->high : t->low;
    while (x != end && term > sum * FISHER_END) {
        term = is_up ? term * fisher_ratio(t, x) : term / fisher_ratio(t, x - 1.0);
        x += is_up ? 1.0 : -1.0;
        sum += term;
    }
    return sum;
}

/* The other tail: from the place nearest to the peak, between it and the far end, that is at most as likely as `most`. */
static double fisher_far_tail(const fisher_table *t, double peak, int is_up, double most)
{
    double far = is_up ? t->high : t->low;
    double near = peak; /* more likely than `most`, or the peak itself */
    if (fisher_term(t, far) > most)
        return 0.0;
    while (fabs(far - near) > 1.0) {
        double middle = floor(0.5 * (near + far));
        if (fisher_term(t, middle) > most)
            near = middle;
        else
            far = middle;
    }
    return fisher_tail(t, far, is_up);
}

double kedge_i_fisher_two_sided(double marked, double other, double marked_now, double other_now)
{
    fisher_table t = {marked + marked_now, other + other_now, marked + other, 0.0, 0.0};
    t.low = fmax(0.0, t.drawn - t.other);
    t.high = fmin(t.drawn, t.marked);
    double peak = floor((t.drawn + 1.0) * ((t.marked + 1.0) / (t.marked + t.other + 2.0)));
    peak = fmin(fmax(peak, t.low), t.high);
    if (marked == peak)
        return 1.0;
    int is_up = marked > peak;
    double most = fisher_term(&t, marked) * (1.0 + FISHER_SLACK);
    if (fisher_term(&t, peak) <= most) /* next to the peak, and as likely */
        return 1.0;
    return fmin(1.0, fisher_tail(&t, marked, is_up) + fisher_far_tail(&t, peak, !is_up, most));
}
