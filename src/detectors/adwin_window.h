/* SPDX-License-Identifier: MIT */
/* ADWIN's window: the state, and what happens to its buckets. What is done about their means stands in adwin.c. */
#ifndef KEDGE_DETECTORS_ADWIN_WINDOW_H
#define KEDGE_DETECTORS_ADWIN_WINDOW_H

#include "kedge/detector.h"

#include "base/arena.h"

enum { ADWIN_ASIDE = 32 };

typedef struct adwin_bucket {
    double total;  /* sum of its observations */
    double spread; /* sum of their squared deviations from their mean, >= 0 */
} adwin_bucket;

typedef struct adwin_state {
    kedge_state_head head;
    double delta;
    uint64_t max_window;
    uint32_t clock;
    uint32_t max_buckets;
    uint32_t min_window;
    uint32_t min_cut;
    uint32_t grace;
    uint8_t on_drift;
    uint8_t report;
    uint8_t direction;
    uint8_t reserved;
    uint32_t n_rows;     /* layout: rows that hold max_window */
    uint32_t at_held;    /* layout: uint32_t[n_rows], buckets in each row, at most max_buckets */
    uint32_t at_buckets; /* layout: adwin_bucket[n_rows * max_buckets]; behind the held ones of a row they are zero */
    uint32_t bucket_words; /* layout: doubles in the buckets */
    uint32_t until_scan; /* updates until the next scan, 1 to clock */
    uint32_t n_aside;    /* observations put aside, below ADWIN_ASIDE */
    uint32_t reserved_2;
    uint64_t n_seen;     /* since init, without those aside */
    uint64_t n_drifts;   /* since init */
    uint64_t width;      /* observations in the buckets */
    double total;        /* their sum */
    double spread;       /* sum of their squared deviations from their mean, >= 0 */
    uint64_t alarm_at;   /* the last alarm */
    uint64_t alarm_changed_at;
    double alarm_before;
    double alarm_after;
    double alarm_statistic;
    double aside[ADWIN_ASIDE]; /* the newest observations */
} adwin_state;

/* Moments of a window. */
typedef struct adwin_window {
    uint64_t width;
    double total;
    double spread;
} adwin_window;

/* Could the buckets and what stands aside be those of a window? */
int kedge_i_adwin_check(const adwin_state *s);
void kedge_i_adwin_drop_oldest(adwin_state *s);
/* Moments of the window with the observations that stand aside. */
adwin_window kedge_i_adwin_moments(const adwin_state *s);
/* Let the observations that stand aside enter the buckets. */
void kedge_i_adwin_enter(adwin_state *s);
void kedge_i_adwin_empty(adwin_state *s);

#endif
