/* SPDX-License-Identifier: MIT */
/* Classes that a host brings: a detector of one's own gets every verb, a malformed table is refused by all of them. */
#include <math.h>

#include "support.h"

/* A detector that alarms at the first value above its limit, and keeps the last values in an array behind the struct. */
typedef struct host_state {
    kedge_state_head head;
    double limit;
    uint32_t n_kept; /* a parameter, and the array's length */
    uint32_t at_kept;
    uint64_t n_seen;
    uint64_t n_drifts;
} host_state;

typedef struct host_config {
    kedge_detector_config base;
    double limit;
    uint32_t n_kept;
} host_config;

static const kedge_field host_fields[] = {
    KEDGE_PARAM(host_state, limit, KEDGE_TYPE_F64),
    KEDGE_PARAM(host_state, n_kept, KEDGE_TYPE_U32),
    KEDGE_VALUE(host_state, n_seen, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(host_state, n_drifts, KEDGE_TYPE_U64),
    KEDGE_ARRAY(host_state, at_kept, n_kept, KEDGE_TYPE_F32),
};

static kedge_detector_class host_class;

static void host_defaults(void *config)
{
    host_config *c = config;
    memset(c, 0, sizeof *c);
    c->base.cls = &host_class;
    c->base.config_bytes = sizeof *c;
    c->limit = 5;
    c->n_kept = 3;
}

static void host_configure(const void *config, void *fixed)
{
    const host_config *c = config;
    ((host_state *)fixed)->limit = c->limit;
    ((host_state *)fixed)->n_kept = c->n_kept;
}

static int host_valid(const void *fixed)
{
    const host_state *s = fixed;
    return s->limit > 0 && s->n_kept >= 1;
}

static size_t host_layout(void *fixed)
{
    host_state *s = fixed;
    uint64_t bytes = sizeof *s + 4 * (uint64_t)s->n_kept;
    s->at_kept = sizeof *s;
    return bytes > UINT32_MAX - 8 ? 0 : (size_t)((bytes + 7) / 8 * 8);
}

static int host_check(const void *state)
{
    const host_state *s = state;
    return host_valid(s) && s->n_drifts <= s->n_seen;
}

static kedge_status host_update(void *state, double x)
{
    host_state *s = state;
    ((float *)(void *)((unsigned char *)state + s->at_kept))[s->n_seen++ % s->n_kept] = (float)x;
    s->n_drifts += x > s->limit;
    return x > s->limit ? KEDGE_DRIFT : KEDGE_OK;
}

static kedge_status host_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    kedge_status st = KEDGE_OK;
    for (*used = 0; *used < n && !(st == KEDGE_DRIFT && !signals); ++*used) {
        st = host_update(state, x[*used]);
        if (signals)
            signals[*used] = (uint8_t)st;
    }
    return st;
}

static kedge_status host_estimate(const void *state, kedge_estimate *out)
{
    out->width = out->n_seen = ((const host_state *)state)->n_seen;
    return out->width > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static kedge_status host_alarm(const void *state, kedge_alarm *out)
{
    out->at = ((const host_state *)state)->n_seen;
    return ((const host_state *)state)->n_drifts > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static void host_table(kedge_detector_class *c)
{
    memset(c, 0, sizeof *c);
    c->base.abi = KEDGE_CLASS_ABI;
    c->base.noun = KEDGE_NOUN_DETECTOR;
    c->base.version = 1;
    c->base.name = "host";
    c->base.fixed_bytes = sizeof(host_state);
    c->base.config_bytes = sizeof(host_config);
    c->base.n_fields = sizeof host_fields / sizeof *host_fields;
    c->base.fields = host_fields;
    c->base.defaults = host_defaults;
    c->base.configure = host_configure;
    c->base.valid = host_valid;
    c->base.layout = host_layout;
    c->base.check = host_check;
    c->input_low = -100;
    c->input_high = 100;
    c->run = host_run;
    c->update = host_update;
    c->estimate = host_estimate;
    c->alarm = host_alarm;
}

static void test_host_detector_gets_every_verb(void **unused)
{
    (void)unused;
    host_config cfg;
    kedge_detector d, loaded;
    kedge_estimate e;
    size_t len, used;
    unsigned char buf[256];
    host_table(&host_class);
    host_defaults(&cfg);
    assert_int_equal(kedge_class_check(&host_class.base), KEDGE_OK);
    size_t bytes = kedge_detector_size(&cfg.base);
    assert_int_equal(bytes, (sizeof(host_state) + 12 + 7) / 8 * 8);
    void *mem = guard_new(bytes, 0xA5), *other = guard_new(bytes, 0x5A);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, bytes), KEDGE_OK);
    const double x[] = {1, 2, 6, 3};
    assert_int_equal(kedge_detector_update_many(&d, x, 4, &used), KEDGE_DRIFT);
    assert_int_equal(used, 3);
    assert_int_equal(kedge_detector_update(&d, 101), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_detector_save(&d, buf, sizeof buf, &len), KEDGE_OK);
    assert_int_equal(kedge_detector_load(&loaded, &host_class, other, bytes, buf, len), KEDGE_OK);
    assert_memory_equal(mem, other, bytes);
    assert_int_equal(kedge_detector_load(&loaded, &kedge_ddm, other, bytes, buf, len), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_detector_reset(&d), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    cfg.n_kept = UINT32_MAX; /* does not fit 32 bits of offsets */
    assert_int_equal(kedge_detector_size(&cfg.base), 0);
    guard_free(other);
    guard_free(mem);
}

/* Every way to spoil a table; all verbs that take a class refuse it. */
static void test_malformed_tables(void **unused)
{
    (void)unused;
    host_config cfg;
    static kedge_field fields[5];
    unsigned char mem[256];
    kedge_detector d;
    for (int spoil = 0; spoil < 25; spoil++) {
        host_table(&host_class);
        host_defaults(&cfg);
        memcpy(fields, host_fields, sizeof fields);
        host_class.base.fields = fields;
        switch (spoil) {
        case 0: host_class.base.abi = 2; break;
        case 1: host_class.base.name = NULL; break;
        case 2: host_class.base.name = ""; break;
        case 3: host_class.base.name = "much_too_long_name"; break;
        case 4: host_class.base.name = "Upper"; break;
        case 5: host_class.base.fields = NULL; break;
        case 6: host_class.base.fixed_bytes = 8; break;
        case 7: host_class.base.fixed_bytes = KEDGE_FIXED_MAX + 1; break;
        case 8: host_class.base.config_bytes = KEDGE_CONFIG_MAX + 1; break;
        case 9: host_class.base.defaults = NULL; break;
        case 10: host_class.base.configure = NULL; break;
        case 11: host_class.base.valid = NULL; break;
        case 12: host_class.base.layout = NULL; break;
        case 13: host_class.base.check = NULL; break;
        case 14: fields[0].type = 0; break;
        case 15: fields[0].type = KEDGE_TYPE_COUNT; break; /* a parameter counts nothing */
        case 16: fields[0].count = 2; break;
        case 17: fields[1].role = KEDGE_ROLE_ARRAY; break; /* values after it */
        case 18: fields[2].offset = 4; break; /* inside the head */
        case 19: fields[2].offset = sizeof(host_state) - 4; break;
        case 20: fields[4].count = 0; break;
        case 21: fields[4].count = sizeof(host_state); break;
        case 22: fields[3].role = 9; break;
        case 23: fields[3].type = KEDGE_TYPE_COUNT + 1; break;
        default: host_class.base.noun = KEDGE_NOUN_MODEL; break;
        }
        assert_true(spoil >= 24 || kedge_class_check(&host_class.base) < 0);
        assert_int_equal(kedge_detector_size(&cfg.base), 0);
        assert_true(kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0);
        assert_true(kedge_detector_open(&d, &host_class, mem, sizeof mem) < 0);
        assert_true(kedge_detector_load(&d, &host_class, mem, sizeof mem, mem, sizeof mem) < 0);
    }
    host_table(&host_class);
    host_class.run = NULL;
    assert_int_equal(kedge_detector_size(&cfg.base), 0);
    assert_int_equal(kedge_class_check(NULL), KEDGE_ERR_NULL);
}

/* A snapshot with a right checksum says of a counter what no run reaches. */
static void test_a_count_that_no_run_reaches(void **unused)
{
    (void)unused;
    static const uint64_t good = (uint64_t)1 << 61;
    host_config cfg;
    unsigned char mem[256] __attribute__((aligned(8))), buf[256];
    kedge_detector d;
    size_t len;
    host_table(&host_class);
    host_defaults(&cfg);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, sizeof mem), KEDGE_OK);
    ((host_state *)d.state)->n_seen = good + 1;
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK); /* a live object may have come there */
    assert_int_equal(kedge_detector_save(&d, buf, sizeof buf, &len), KEDGE_OK);
    assert_int_equal(kedge_detector_load(&d, &host_class, mem, sizeof mem, buf, len), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, sizeof mem), KEDGE_OK);
    ((host_state *)d.state)->n_seen = good;
    assert_int_equal(kedge_detector_save(&d, buf, sizeof buf, &len), KEDGE_OK);
    assert_int_equal(kedge_detector_load(&d, &host_class, mem, sizeof mem, buf, len), KEDGE_OK);
    assert_int_equal(kedge_detector_update(&d, 1.0), KEDGE_OK);
}

/* A caller that was built when the configuration was shorter: what it does not know are the defaults. */
static void test_older_and_newer_callers(void **unused)
{
    (void)unused;
    host_config cfg, before;
    unsigned char mem[256] = {0};
    kedge_detector d;
    const uint32_t old_bytes = offsetof(host_config, n_kept);
    host_table(&host_class);
    memset(&cfg, 0xEE, sizeof cfg);
    before = cfg;
    assert_int_equal(kedge_class_defaults(&host_class.base, &cfg, old_bytes, old_bytes), KEDGE_OK);
    assert_int_equal(cfg.base.config_bytes, old_bytes);
    assert_memory_equal(&cfg.n_kept, &before.n_kept, sizeof cfg.n_kept); /* behind the caller's struct: not ours */
    cfg.limit = 7;
    assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, sizeof mem), KEDGE_OK);
    assert_int_equal(((const host_state *)d.state)->n_kept, 3);
    assert_true(((const host_state *)d.state)->limit == 7);
    assert_int_equal(kedge_class_defaults(&host_class.base, &cfg, sizeof cfg + 8, old_bytes), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_class_defaults(&host_class.base, NULL, sizeof cfg, old_bytes), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_detector_gets_every_verb),
        cmocka_unit_test(test_malformed_tables),
        cmocka_unit_test(test_a_count_that_no_run_reaches),
        cmocka_unit_test(test_older_and_newer_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
