/* SPDX-License-Identifier: MIT */
/* What the two halves of the model checker share: explore_memory.c does single steps, explore.c tries all orders of them. */
#ifndef KEDGE_TESTS_EXPLORE_WORLD_H
#define KEDGE_TESTS_EXPLORE_WORLD_H

#include "explore.h"

#include <setjmp.h>

#include "pipeline/publish_steps.h"

enum { SLOTS = 4, THREADS = 3, WRITER = 0, LOG = 64, HISTORY = 12, PAYLOAD = 2, STEPS = 255, PLACES = 5 };

/* What a thread knows: the newest value of each slot's `left`, and how far the others had come. */
typedef struct view {
    uint8_t left[SLOTS];
    uint8_t clock[THREADS];
    uint8_t apart;
} view;

typedef struct message {
    uint32_t value;
    view with;
} message;

/* Plain memory, and who was there last: the writer's clock at the last write, each thread's at its last read. */
typedef struct place {
    uint32_t value;
    uint8_t writer, written, read[THREADS];
    uint8_t apart[3];
} place;

typedef struct thread {
    view knows;
    uint8_t op, n_log, n_steps, inside; /* inside: slot + 1 */
    uint32_t serving;                   /* version that served when it entered */
    uint32_t log[LOG];
} thread;

typedef struct world {
    message current;
    message left[SLOTS][HISTORY];
    uint8_t n_left[SLOTS];
    uint32_t phase[SLOTS], writing;
    place places[SLOTS][PLACES]; /* entered, bytes, version, payload */
    uint32_t newest;
    uint32_t serving; /* version that serves */
    thread threads[THREADS];
} world;

/* Where one run of an operation stands. */
typedef struct explore_run {
    const explore_plan *plan;
    explore_result result;
    thread *self;
    int self_index;
    int at_log;    /* how much of the thread's log is used up */
    int choice;    /* which old value to read, 0: the newest */
    int n_choices; /* how many there are */
    int is_done;   /* 1: this run has taken its step */
    int died;      /* 1: in some order the writer died */
    jmp_buf yield;
    jmp_buf faulty;
} explore_run;

extern explore_run run;
extern world now;
extern publish_state *const explore_state;     /* only its addresses are used, and n_slots */
extern uint32_t explore_payload[SLOTS][PAYLOAD]; /* likewise */

_Noreturn void explore_fault(const char *what);
int explore_is_dead(void);                  /* the second publication dies before one of its actions; then another writer takes
                                             * over */
int explore_readers_in(uint32_t slot);

#endif
