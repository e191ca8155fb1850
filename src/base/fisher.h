/* SPDX-License-Identifier: MIT */
/* Fisher's exact test of two shares. */
#ifndef KEDGE_BASE_FISHER_H
#define KEDGE_BASE_FISHER_H

/* Two samples of whole numbers of marked and other items: the chance of a table that is at most as likely as this one, given its
 * margins. Two-sided, in (0, 1]; 0 where it is below the smallest double. O(sqrt(n)). */
double kedge_i_fisher_two_sided(double marked, double other, double marked_now, double other_now);

#endif
