/* SPDX-License-Identifier: MIT */
/* Prints what must be the same on every machine: alarms, read-outs, and the bytes of snapshots; and reads them back. No test
 * library, so that it runs under emulation with nothing but libc. */
#include <stdio.h>
#include <string.h>

#include "kedge.h"

enum { N = 40000, MEM = 16384 };

static union {
    double align;
    unsigned char bytes[MEM];
} mem, twin;

static unsigned char snapshot[MEM];

static double draw(kedge_rng *rng, int i)
{
    return kedge_rng_uniform(rng) < (i < N / 2 ? 0.2 : 0.5);
}

static unsigned long checksum(const unsigned char *b, size_t n)
{
    unsigned long h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = ((h ^ b[i]) * 16777619u) & 0xFFFFFFFFu;
    return h;
}

static int show_snapshot(const char *name, kedge_status st, size_t len, size_t state_bytes)
{
    printf("%s state %lu bytes, snapshot %lu bytes, checksum %08lx\n", name, (unsigned long)state_bytes, (unsigned long)len,
           checksum(snapshot, len));
    return st == KEDGE_OK ? 0 : 1;
}

static int run_detector(const kedge_detector_config *cfg, const char *name)
{
    kedge_detector d, e;
    kedge_rng rng = {7};
    size_t len = 0, used = 0, bytes = kedge_detector_size(cfg);
    if (kedge_detector_init(&d, cfg, mem.bytes, MEM) < 0)
        return 1;
    printf("%s alarms", name);
    for (int i = 0; i < N; i++)
        if (kedge_detector_update(&d, draw(&rng, i)) == KEDGE_DRIFT)
            printf(" %d", i);
    printf("\n");
    kedge_status st = kedge_detector_save(&d, snapshot, MEM, &len);
    if (show_snapshot(name, st, len, bytes))
        return 1;
    if (kedge_detector_load(&e, d.cls, twin.bytes, MEM, snapshot, len) < 0 || memcmp(mem.bytes, twin.bytes, bytes) != 0)
        return 1;
    double x = 0;
    return kedge_detector_update_many(&e, &x, 1, &used) < 0 || used != 1;
}

static int run_naive_bayes(void)
{
    kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(3, 2);
    kedge_model m;
    kedge_rng rng = {9};
    size_t len = 0;
    unsigned right = 0;
    if (kedge_model_init(&m, &cfg.base, mem.bytes, MEM) < 0)
        return 1;
    for (int i = 0; i < 5000; i++) {
        double x[3], y = i % 2, predicted;
        for (int j = 0; j < 3; j++)
            x[j] = kedge_rng_uniform(&rng) + 0.3 * y * j;
        if (kedge_model_predict(&m, x, &predicted) < 0 || kedge_model_learn(&m, x, y, 1) < 0)
            return 1;
        right += predicted == y;
    }
    printf("gaussian_nb right %u\n", right);
    kedge_status st = kedge_model_save(&m, snapshot, MEM, &len);
    return show_snapshot("gaussian_nb", st, len, kedge_model_size(&cfg.base));
}

static int is_little(void)
{
    const unsigned one = 1;
    return *(const unsigned char *)&one == 1;
}

/* Prediction from a block of this machine's order; and the same bytes for little-endian machines everywhere. */
static int run_frozen(void)
{
    kedge_logistic_config cfg = kedge_logistic_defaults(3, 3);
    kedge_model m;
    kedge_frozen f;
    kedge_rng rng = {10};
    size_t len = 0;
    unsigned right = 0;
    if (kedge_model_init(&m, &cfg.base, mem.bytes, MEM) < 0)
        return 1;
    for (int i = 0; i < 3000; i++) {
        double x[3], y = i % 3, frozen = -1;
        for (int j = 0; j < 3; j++)
            x[j] = kedge_rng_uniform(&rng) + 0.3 * y * j;
        if (i >= 2000 && kedge_frozen_predict(&f, x, &frozen) < 0)
            return 1;
        right += i >= 2000 && frozen == y;
        if (kedge_model_learn(&m, x, y, 1) < 0)
            return 1;
        if (i == 1999 && (kedge_model_freeze(&m, twin.bytes, MEM, &len) < 0 || kedge_frozen_open(&f, twin.bytes, len) < 0))
            return 1;
    }
    if (!is_little() && (kedge_frozen_swap(twin.bytes, len) < 0 || kedge_frozen_open(&f, twin.bytes, len) != KEDGE_ERR_CLASS))
        return 1;
    printf("frozen logistic right %u, %lu bytes, checksum %08lx\n", right, (unsigned long)len, checksum(twin.bytes, len));
    return right < 300;
}

static int run_metrics(void)
{
    kedge_quality_config quality = kedge_quality_defaults(3);
    kedge_latency_config latency = kedge_latency_defaults();
    kedge_latency_report l;
    kedge_metric q, t;
    kedge_rng rng = {11};
    size_t len = 0;
    latency.digits = 1;
    if (kedge_metric_init(&q, &quality.base, mem.bytes, MEM) < 0 || kedge_metric_init(&t, &latency.base, twin.bytes, MEM) < 0)
        return 1;
    for (int i = 0; i < 5000; i++) {
        uint32_t truth = (uint32_t)kedge_rng_below(&rng, 3), predicted = (uint32_t)kedge_rng_below(&rng, 3);
        if (kedge_quality_record(&q, truth, predicted, 1) < 0 || kedge_latency_record(&t, kedge_rng_next(&rng) >> 30) < 0)
            return 1;
    }
    if (kedge_latency_read(&t, &l) < 0)
        return 1;
    printf("latency p50 %llu p99 %llu\n", (unsigned long long)l.p50, (unsigned long long)l.p99);
    kedge_status st = kedge_metric_save(&q, snapshot, MEM, &len);
    if (show_snapshot("quality", st, len, kedge_metric_size(&quality.base)))
        return 1;
    st = kedge_metric_save(&t, snapshot, MEM, &len);
    return show_snapshot("latency", st, len, kedge_metric_size(&latency.base));
}

/* Atomic operations of this machine; the layout is the same on all. */
static int run_publish(void)
{
    kedge_publish_config cfg = kedge_publish_defaults(100);
    kedge_publish p;
    kedge_publish_ticket t, older;
    if (kedge_publish_init(&p, &cfg, mem.bytes, MEM) < 0 || kedge_publish_acquire(&p, &t) != KEDGE_EMPTY)
        return 1;
    for (uint64_t version = 1; version <= 1000; version++) {
        if (kedge_publish_copy(&p, &version, sizeof version, version) < 0 || kedge_publish_acquire(&p, &t) < 0)
            return 1;
        if (t.version != version || memcmp(t.memory, &version, sizeof version) != 0)
            return 1;
        if (version > 1 && kedge_publish_release(&p, &older) < 0)
            return 1;
        older = t;
    }
    printf("publication %lu bytes, slot %u serves\n", (unsigned long)kedge_publish_size(&cfg), (unsigned)t.slot);
    return kedge_publish_check(&p) < 0;
}

int main(void)
{
    kedge_adwin_config adwin = kedge_adwin_defaults();
    kedge_ddm_config ddm = kedge_ddm_defaults();
    kedge_page_hinkley_config page_hinkley = kedge_page_hinkley_defaults();
    return run_detector(&adwin.base, "adwin") || run_detector(&ddm.base, "ddm") ||
        run_detector(&page_hinkley.base, "page_hinkley") ||
           run_naive_bayes() || run_frozen() || run_metrics() || run_publish();
}
