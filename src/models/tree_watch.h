/* SPDX-License-Identifier: MIT */
/* ADWIN of zeros and ones, small enough for every node of a tree: Bifet, Gavalda 2007, "Learning from time-changing data with
 * adaptive windowing", SDM, algorithm ADWIN2 as in detectors/adwin.c. Since inputs are bits, a bucket is a count, and the
 * variance follows from the mean: 140 bytes instead of 2 KiB. */
#ifndef KEDGE_MODELS_TREE_WATCH_H
#define KEDGE_MODELS_TREE_WATCH_H

#include <stdint.h>

enum {
    WATCH_ROWS = 11,
    WATCH_BUCKETS = 5, /* in a row, as in MOA */
    WATCH_PACKED = (WATCH_ROWS * WATCH_BUCKETS + 1) / 2, /* one half is left over */
    WATCH_WIDEST = WATCH_BUCKETS * ((1 << WATCH_ROWS) - 1)
};

/* 32-bit members only: a snapshot carries watches as an array of words. */
typedef struct tree_watch {
    uint32_t width;                /* inputs in the window, at most WATCH_WIDEST: then the oldest go */
    uint32_t ones;                 /* ones among them */
    uint32_t since;                /* inputs since the last scan */
    uint32_t held[2];              /* buckets in each row, four bits each; a bucket of row r stands for 2^r inputs */
    uint32_t link;                 /* the class's own: another node */
    uint32_t counts[WATCH_PACKED]; /* ones of each bucket, 16 bits each, rows in order, the oldest of a row first; else 0 */
} tree_watch;

enum { TREE_WATCH_WORDS = sizeof(tree_watch) / sizeof(uint32_t) };

static inline double watch_mean(const tree_watch *w)
{
    return w->width > 0 ? (double)w->ones / (double)w->width : 0.0;
}

/* Takes a bit. 1: the mean has risen, -1: fallen, and what was before has left the window; 0: nothing changed. */
int kedge_i_watch_take(tree_watch *w, uint32_t bit, double delta);
/* Could this be a window? The link is not looked at. */
int kedge_i_watch_check(const tree_watch *w);

#endif
