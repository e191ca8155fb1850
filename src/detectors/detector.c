/* SPDX-License-Identifier: MIT */
/* The verbs of all detectors: they check what the caller gives, once, and hand it to the class, which trusts it. */
#include "base/fp.h"

#include "kedge/detector.h"

#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/snapshot.h"

enum { DETECTOR_BLOCK = 256 }; /* numbers validated ahead of feeding them: while few are fed the processor looks ahead into the
                                * next */

static int detector_is_bound(const kedge_detector *d)
{
    return d && d->cls && d->state;
}

static kedge_status detector_class_check(const kedge_detector_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (!cls->run || !cls->update || !cls->estimate || !cls->alarm)
        return KEDGE_ERR_NULL;
    return cls->base.noun == KEDGE_NOUN_DETECTOR ? KEDGE_OK : KEDGE_ERR_CLASS;
}

size_t kedge_detector_size(const kedge_detector_config *cfg)
{
    if (!cfg || detector_class_check(cfg->cls) < 0)
        return 0;
    return kedge_i_object_size(&cfg->cls->base, cfg, cfg->config_bytes);
}

kedge_status kedge_detector_init(kedge_detector *d, const kedge_detector_config *cfg, void *mem, size_t mem_bytes)
{
    if (!d || !cfg || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(detector_class_check(cfg->cls));
    KEDGE_TRY(kedge_i_object_init(&cfg->cls->base, cfg, cfg->config_bytes, mem, mem_bytes));
    d->cls = cfg->cls;
    d->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_detector_open(kedge_detector *d, const kedge_detector_class *cls, void *mem, size_t mem_bytes)
{
    if (!d || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(detector_class_check(cls));
    KEDGE_TRY(kedge_i_object_open(&cls->base, mem, mem_bytes));
    d->cls = cls;
    d->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_detector_check(const kedge_detector *d)
{
    if (!detector_is_bound(d))
        return KEDGE_ERR_NULL;
    return kedge_i_object_check(&d->cls->base, d->state);
}

kedge_status kedge_detector_update(kedge_detector *d, double x)
{
    if (!detector_is_bound(d))
        return KEDGE_ERR_NULL;
    if (!kedge_i_within(x, d->cls->input_low, d->cls->input_high))
        return kedge_i_refusal(x);
    return d->cls->update(d->state, x);
}

/* Bits of a number; of those that are not negative, in the same order as the numbers, with infinity and NaN above all. */
static inline uint64_t detector_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Are all n numbers surely within [-high, high], or [0, high] if signs = 1? On bits, because compilers may not vectorise
 * comparisons of doubles, which can raise flags: `lift` carries what is above high into the top bit. */
static int detector_all_within(const double *x, size_t n, double high, int signs)
{
    const uint64_t top = (uint64_t)1 << 63;
    uint64_t mask = signs ? UINT64_MAX : top - 1;
    uint64_t lift = top - 1 - detector_bits(high);
    uint64_t any[8] = {0};
    size_t i = 0;
    for (; n - i >= 8; i += 8)
        for (size_t k = 0; k < 8; k++) {
            uint64_t bits = detector_bits(x[i + k]) & mask;
            any[k] |= bits | (bits + lift);
        }
    for (; i < n; i++) {
        uint64_t bits = detector_bits(x[i]) & mask;
        any[0] |= bits | (bits + lift);
    }
    return (any[0] | any[1] | any[2] | any[3] | any[4] | any[5] | any[6] | any[7]) < top;
}

/* How many of the first n numbers the class takes. */
static size_t detector_count_valid(const kedge_detector_class *cls, const double *x, size_t n)
{
    double low = cls->input_low;
    double high = cls->input_high;
    if (high > 0.0 && (low == -high || low == 0.0) && detector_all_within(x, n, high, low == 0.0))
        return n;
    size_t i = 0;
    while (i < n && kedge_i_within(x[i], low, high))
        i++;
    return i;
}

static kedge_status detector_feed(kedge_detector *d, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    kedge_status st = KEDGE_OK;
    size_t done = 0;
    while (done < n) {
        size_t block = n - done < DETECTOR_BLOCK ? n - done : DETECTOR_BLOCK;
        size_t valid = detector_count_valid(d->cls, x + done, block);
        size_t fed = 0;
        if (valid > 0)
            st = d->cls->run(d->state, x + done, valid, signals ? signals + done : NULL, &fed);
        done += fed;
        if (fed == valid && valid < block && !(st == KEDGE_DRIFT && !signals && fed > 0))
            st = kedge_i_refusal(x[done]);
        if (st < 0 || (st == KEDGE_DRIFT && !signals))
            break;
    }
    *used = done;
    return st;
}

kedge_status kedge_detector_update_many(kedge_detector *d, const double *x, size_t n, size_t *used)
{
    if (!detector_is_bound(d) || !used || (!x && n > 0))
        return KEDGE_ERR_NULL;
    return detector_feed(d, x, n, NULL, used);
}

kedge_status kedge_detector_signal_many(kedge_detector *d, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    if (!detector_is_bound(d) || !used || ((!x || !signals) && n > 0))
        return KEDGE_ERR_NULL;
    if (n == 0) {
        *used = 0;
        return KEDGE_OK;
    }
    return detector_feed(d, x, n, signals, used);
}

kedge_status kedge_detector_estimate(const kedge_detector *d, kedge_estimate *out)
{
    if (!detector_is_bound(d) || !out)
        return KEDGE_ERR_NULL;
    memset(out, 0, sizeof *out);
    return d->cls->estimate(d->state, out);
}

kedge_status kedge_detector_alarm(const kedge_detector *d, kedge_alarm *out)
{
    if (!detector_is_bound(d) || !out)
        return KEDGE_ERR_NULL;
    memset(out, 0, sizeof *out);
    return d->cls->alarm(d->state, out);
}

kedge_status kedge_detector_reset(kedge_detector *d)
{
    if (!detector_is_bound(d))
        return KEDGE_ERR_NULL;
    kedge_i_object_reset(&d->cls->base, d->state);
    return KEDGE_OK;
}

kedge_status kedge_detector_save(const kedge_detector *d, void *buf, size_t cap, size_t *len)
{
    if (!detector_is_bound(d))
        return KEDGE_ERR_NULL;
    return kedge_i_snapshot_save(&d->cls->base, NULL, d->state, buf, cap, len);
}

kedge_status kedge_detector_load_size(const kedge_detector_class *cls, const void *buf, size_t len, size_t *bytes)
{
    KEDGE_TRY(detector_class_check(cls));
    return kedge_i_snapshot_load_size(&cls->base, buf, len, bytes);
}

kedge_status kedge_detector_load(kedge_detector *d, const kedge_detector_class *cls, void *mem, size_t mem_bytes, const void *buf,
                                 size_t len)
{
    if (!d)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(detector_class_check(cls));
    KEDGE_TRY(kedge_i_snapshot_load(&cls->base, NULL, mem, mem_bytes, buf, len));
    d->cls = cls;
    d->state = mem;
    return KEDGE_OK;
}
