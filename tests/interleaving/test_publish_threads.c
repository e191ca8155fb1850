/* SPDX-License-Identifier: MIT */
/* One writer and four readers at full speed, as threads: every version is whole, none is older than the one before, and in the end
 * all slots are free. Built three times: as the library is; under the thread sanitizer, which must find nothing; and under it with
 * all memory orders relaxed (relaxed_orders.h), where it must find races. */
#include <kedge/models/linear.h>
#include <kedge/publish.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { READERS = 4, PUBLICATIONS = 20000, MODELS = 3000, WORDS = 64, SLOTS = 5, FEATURES = 8 };

typedef struct reader {
    kedge_publish p;
    pthread_t thread;
    uint64_t n_seen; /* different versions */
    int is_wrong;
    int of_models;
} reader;

static union {
    double align;
    unsigned char bytes[KEDGE_PUBLISH_BYTES_FOR(SLOTS, WORDS * 8u + 256u)];
} shared;

static void rest(void)
{
    const struct timespec little = {0, 20000};
    nanosleep(&little, NULL);
}

/* A version is its number, words made from it, and their sum. */
static void write_words(uint64_t *words, uint64_t version)
{
    words[WORDS - 1] = words[0] = version;
    for (uint64_t i = 1; i < WORDS - 1; i++) {
        words[i] = (version + i) * 0x9E3779B97F4A7C15u;
        words[WORDS - 1] += words[i];
    }
}

static int words_are_whole(const kedge_publish_ticket *t)
{
    const uint64_t *words = t->memory;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < WORDS - 1; i++)
        sum += words[i];
    return words[0] == t->version && sum == words[WORDS - 1] && t->bytes == WORDS * 8u;
}

/* Version v of the model has learned v rows; its prediction must be the one of a copy made while it is held. */
static int model_is_whole(const kedge_model *m, uint64_t version)
{
    kedge_model_info info;
    double x[FEATURES] = {1.0}, once = 0, twice = 1;
    if (kedge_model_check(m) < 0 || kedge_model_describe(m, &info) < 0 || info.n_learned != version)
        return 0;
    return kedge_model_predict(m, x, &once) == KEDGE_OK && kedge_model_predict(m, x, &twice) == KEDGE_OK && once == twice;
}

static int read_once(reader *r, kedge_publish_ticket *t)
{
    kedge_model m;
    kedge_status st = r->of_models ? kedge_publish_model_acquire(&r->p, &kedge_linear, t, &m) : kedge_publish_acquire(&r->p, t);
    if (st != KEDGE_OK)
        return st == KEDGE_EMPTY;
    return r->of_models ? model_is_whole(&m, t->version) : words_are_whole(t);
}

static void *read_all(void *argument)
{
    reader *r = argument;
    kedge_publish_ticket t;
    for (uint64_t seen = 0, last = r->of_models ? MODELS : PUBLICATIONS; seen < last;) {
        if (!read_once(r, &t)) {
            r->is_wrong = 1;
            break;
        }
        if (!t.memory) {
            rest();
            continue;
        }
        r->is_wrong |= t.version < seen;
        r->n_seen += t.version > seen;
        seen = t.version;
        r->is_wrong |= kedge_publish_release(&r->p, &t) < 0;
    }
    return NULL;
}

static kedge_status write_once(kedge_publish *p, uint64_t version)
{
    void *memory;
    kedge_status st = kedge_publish_begin(p, &memory);
    if (st < 0)
        return st;
    write_words(memory, version);
    return kedge_publish_commit(p, WORDS * 8u, version);
}

static kedge_status train_once(kedge_publish *p, kedge_model *m, uint64_t version)
{
    kedge_model_info info;
    double x[FEATURES] = {(double)(version % 7)};
    if (kedge_model_describe(m, &info) < 0 || (info.n_learned < version && kedge_model_learn(m, x, x[0], 1.0) < 0))
        return KEDGE_ERR_STATE;
    return kedge_publish_model(p, m, version);
}

/* Publishes all versions; readers that hold every slot are given time. */
static int write_all(kedge_publish *p, kedge_model *m, unsigned long *n_busy)
{
    for (uint64_t version = 1, last = m ? MODELS : PUBLICATIONS; version <= last;) {
        kedge_status st = m ? train_once(p, m, version) : write_once(p, version);
        if (st < 0 && st != KEDGE_ERR_BUSY)
            return 1;
        version += st == KEDGE_OK;
        *n_busy += st == KEDGE_ERR_BUSY;
        if (st == KEDGE_ERR_BUSY || version % 16 == 0)
            rest();
    }
    return 0;
}

static int slots_are_free(kedge_publish *p)
{
    kedge_publish_slot slots[SLOTS];
    size_t n;
    int wrong = kedge_publish_check(p) < 0 || kedge_publish_slots(p, slots, SLOTS, &n) < 0;
    for (size_t i = 0; !wrong && i < n; i++)
        wrong = slots[i].n_tickets != 0 || (slots[i].use != KEDGE_PUBLISH_FREE && slots[i].use != KEDGE_PUBLISH_SERVING);
    return !wrong;
}

static int run(kedge_model *m)
{
    kedge_publish p;
    kedge_publish_config cfg = kedge_publish_defaults(WORDS * 8u + 256u);
    reader readers[READERS];
    unsigned long n_busy = 0;
    int wrong;
    cfg.n_slots = SLOTS;
    if (kedge_publish_init(&p, &cfg, &shared, sizeof shared) < 0)
        return 1;
    for (int i = 0; i < READERS; i++) {
        readers[i] = (reader){.p = p, .of_models = m != NULL};
        if (pthread_create(&readers[i].thread, NULL, read_all, &readers[i]) != 0)
            return 1;
    }
    wrong = write_all(&p, m, &n_busy);
    for (int i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        printf("reader %d saw %llu versions%s\n", i, (unsigned long long)readers[i].n_seen,
               readers[i].is_wrong ? ", one wrong" : "");
        wrong |= readers[i].is_wrong || readers[i].n_seen == 0;
    }
    printf("%lu times all slots were held\n", n_busy);
    return wrong || !slots_are_free(&p);
}

int main(void)
{
    static union {
        double align;
        unsigned char bytes[KEDGE_LINEAR_BYTES_FOR(FEATURES, 0u)];
    } trained;
    kedge_linear_config cfg = kedge_linear_defaults(FEATURES, 0);
    kedge_model m;
    if (kedge_model_init(&m, &cfg.base, &trained, sizeof trained) < 0)
        return 1;
    return run(NULL) || run(&m);
}
