/* SPDX-License-Identifier: MIT */
/* A trial: how often a detector alarms on quiet data, with a given value of its knob. */
#ifndef KEDGE_CALIBRATE_TRIAL_H
#define KEDGE_CALIBRATE_TRIAL_H

#include "calibrate/quiet.h"

#include "base/interval.h"

/* What was seen at one place of the knob. */
typedef struct trial_tally {
    double at;         /* place: the knob's logarithm, turned so that alarms become rarer upward */
    uint64_t n;        /* observations */
    uint64_t n_alarms;
    uint64_t run;      /* observations since the last run ended */
    double alarmed;    /* sum of the lengths of the runs that an alarm ended */
    double squares;    /* of the squares of the lengths of all runs */
} trial_tally;

/* When a trial ends: with the run in which it has so many alarms and as many observations as `least`, or `most` observations. Never
 * within a run, after which it would begin afresh: a detector that alarms soon or not for long would seem to alarm more often than
 * it does. Only without any alarm does it end at `most`. */
typedef struct trial_goal {
    double n_alarms;
    double least;
    double most;
} trial_goal;

/* A copy of a configuration, whose knob can be turned. */
typedef struct trial_dial {
    union {
        kedge_detector_config base;
        uint64_t align;
        unsigned char bytes[KEDGE_CONFIG_MAX];
    } cfg;
    kedge_knob knob;
    double warning_share; /* warning level over knob; NaN: there is none */
} trial_dial;

/* What all trials of a call share. */
typedef struct trial_bench {
    quiet_source quiet;
    trial_dial dial;
    double cut;           /* longest run, observations */
    uint64_t left;        /* of the budget, observations */
    void *mem;            /* for the detector */
    size_t mem_bytes;
} trial_bench;

/* Copy a valid configuration. */
void kedge_i_dial_set(trial_dial *dial, const kedge_detector_config *cfg);

/* Turn the knob, and the warning level with it. */
void kedge_i_dial_turn(trial_dial *dial, double knob);

/* What knob and warning level are now; NaN if there is none. */
double kedge_i_dial_knob(const trial_dial *dial);
double kedge_i_dial_warning(const trial_dial *dial);

/* Write both into the configuration that was copied. */
void kedge_i_dial_give(const trial_dial *dial, kedge_detector_config *cfg);

/* Add to a tally until it reaches the goal, or the budget is spent. */
kedge_status kedge_i_trial_run(trial_bench *b, const trial_goal *goal, trial_tally *tally);

/* Variance of the number of alarms in a long time over their number; NaN below 20 alarms. */
double kedge_i_trial_dispersion(const trial_tally *tally);

/* Alarms that tell as much as these would if they came at random; at most as many as there are. */
double kedge_i_trial_weight(const trial_tally *tally);

/* Logarithm of the ARL; without an alarm as if there had been half of one. */
double kedge_i_trial_log_arl(const trial_tally *tally);

/* Interval of the ARL. */
kedge_i_interval kedge_i_trial_interval(const trial_tally *tally, double confidence);

#endif
