/* SPDX-License-Identifier: MIT */
/* Streams in the contract's shape. Nothing is fed to them: they are drawn from, and their bytes tell whether two drew the same. */
#include <math.h>

#include "contract.h"

static size_t stream_size(const any_config *cfg)
{
    return kedge_stream_size(cfg ? &cfg->stream : NULL);
}

static kedge_status stream_init(handle *h, const any_config *cfg, void *mem, size_t bytes)
{
    return kedge_stream_init(h ? &h->stream : NULL, cfg ? &cfg->stream : NULL, mem, bytes);
}

static const kedge_stream_class *stream_class_of(const subject *s)
{
    any_config cfg;
    s->config(&cfg);
    return cfg.stream.cls;
}

static kedge_status stream_open(handle *h, const subject *s, void *mem, size_t bytes)
{
    return kedge_stream_open(h ? &h->stream : NULL, stream_class_of(s), mem, bytes);
}

static kedge_status stream_check(const handle *h)
{
    return kedge_stream_check(h ? &h->stream : NULL);
}

static kedge_status stream_reset(handle *h)
{
    return kedge_stream_reset(h ? &h->stream : NULL);
}

static kedge_status stream_save(const handle *h, void *buf, size_t cap, size_t *len)
{
    return kedge_stream_save(h ? &h->stream : NULL, buf, cap, len);
}

static kedge_status stream_load_size(const subject *s, const void *buf, size_t len, size_t *bytes)
{
    return kedge_stream_load_size(stream_class_of(s), buf, len, bytes);
}

static kedge_status stream_load(handle *h, const subject *s, void *mem, size_t bytes, const void *buf, size_t len)
{
    return kedge_stream_load(h ? &h->stream : NULL, stream_class_of(s), mem, bytes, buf, len);
}

static void stream_refusals(handle *h, const subject *s)
{
    kedge_stream none = {NULL, NULL};
    double x[64], y[1];
    uint8_t changed[1];
    (void)s;
    assert_int_equal(kedge_stream_next(NULL, x, y, changed, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_stream_next(&none, x, y, changed, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_stream_next(&h->stream, x, NULL, changed, 1), KEDGE_ERR_NULL);
    if (kedge_stream_features(&h->stream) > 0)
        assert_int_equal(kedge_stream_next(&h->stream, NULL, y, changed, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_stream_next(&h->stream, NULL, NULL, NULL, 0), KEDGE_OK);
}

static void stream_read(const handle *h, const subject *s)
{
    (void)s;
    assert_true(kedge_stream_features(&h->stream) <= 64 && kedge_stream_label_classes(&h->stream) != 1);
    assert_int_equal(kedge_stream_features(NULL), 0);
    assert_int_equal(kedge_stream_label_classes(NULL), 0);
}

void feed_stream(handle *h, size_t from, size_t to)
{
    double x[64], y;
    uint8_t changed;
    uint32_t n_classes = kedge_stream_label_classes(&h->stream);
    for (size_t i = from; i < to; i++) {
        assert_int_equal(kedge_stream_next(&h->stream, x, &y, &changed, 1), KEDGE_OK);
        assert_true(isfinite(y) && (n_classes == 0 || (y >= 0 && y < n_classes && y == floor(y))));
    }
}

void feed_stream_many(handle *h, size_t from, size_t to)
{
    size_t n = to - from, n_features = kedge_stream_features(&h->stream);
    double *x = guard_new(n * n_features * sizeof *x, 0);
    double *y = guard_new(n * sizeof *y, 0);
    uint8_t *changed = guard_new(n, 7);
    assert_int_equal(kedge_stream_next(&h->stream, x, y, from % 2 ? changed : NULL, n), KEDGE_OK);
    guard_free(changed);
    guard_free(y);
    guard_free(x);
}

const noun noun_stream = {stream_size, stream_init,      stream_open, stream_check,     stream_reset,
                          stream_save, stream_load_size, stream_load, stream_refusals, stream_read};
