/* SPDX-License-Identifier: MIT */
/* A log whose records each carry the hash of the one before: Haber, Stornetta 1991, "How to time-stamp a digital document"; with a
 * key, Schneier, Kelsey 1999, "Secure audit logs to support computer forensics", without their evolving keys. The format stands in
 * docs/compliance.md. */
#include "base/fp.h"

#include <string.h>

#include "kedge/audit.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/number.h"
#include "base/sha256.h"

/* Where things stand in the start of a segment, and in a record. */
enum {
    SEGMENT_VERSION = 8,
    SEGMENT_FLAGS = 12,
    SEGMENT_RECORDS = 16,
    SEGMENT_RESERVED = 24,
    SEGMENT_BEFORE = 32,
    SEGMENT_HASH = 64
};
enum { RECORD_BYTES = 0, RECORD_PAYLOAD_BYTES = 4, RECORD_KIND = 8, RECORD_RESERVED = 12, RECORD_NUMBER = 16, RECORD_TIME = 24 };
enum { RECORD_BEFORE = 32, RECORD_PAYLOAD = 64 };

enum { AUDIT_VERSION = 1, AUDIT_FLAG_KEYED = 1, AUDIT_DECISION_BYTES = 32, AUDIT_MODEL_BYTES = 56 };

static const unsigned char audit_magic[8] = {'K', 'E', 'D', 'G', 'E', 'A', 'U', 'D'};

static kedge_i_hash_key audit_key(const kedge_audit *a)
{
    kedge_i_hash_key k;
    memcpy(k.inner, a->inner, sizeof k.inner);
    memcpy(k.outer, a->outer, sizeof k.outer);
    k.is_keyed = a->is_keyed;
    return k;
}

static kedge_status audit_key_check(const void *key, size_t key_bytes)
{
    if (!key && key_bytes > 0)
        return KEDGE_ERR_NULL;
    return key && key_bytes == 0 ? KEDGE_ERR_RANGE : KEDGE_OK;
}

static int audit_is_begun(const kedge_audit *a)
{
    return a && a->log;
}

/* Writing --------------------------------------------------------------------------------------------------------------------- */

/* The start of a segment behind `before`. */
static void audit_start(kedge_audit *a, const unsigned char *before)
{
    unsigned char hash[KEDGE_HASH_BYTES];
    kedge_i_hash_key key = audit_key(a);
    memcpy(hash, before, sizeof hash); /* it may lie in the log */
    memcpy(a->log, audit_magic, sizeof audit_magic);
    kedge_i_put(a->log + SEGMENT_VERSION, AUDIT_VERSION, 4);
    kedge_i_put(a->log + SEGMENT_FLAGS, a->is_keyed ? AUDIT_FLAG_KEYED : 0, 4);
    kedge_i_put(a->log + SEGMENT_RECORDS, a->n_records, 8);
    kedge_i_put(a->log + SEGMENT_RESERVED, 0, 8);
    memcpy(a->log + SEGMENT_BEFORE, hash, sizeof hash);
    kedge_i_hash(&key, a->log, SEGMENT_HASH, a->log + SEGMENT_HASH);
    memcpy(a->hash, a->log + SEGMENT_HASH, sizeof a->hash);
    a->used = KEDGE_AUDIT_SEGMENT_BYTES;
}

static void audit_bind(kedge_audit *a, void *log, size_t log_bytes, const void *key, size_t key_bytes)
{
    kedge_i_hash_key k;
    kedge_i_hash_key_set(&k, key, key_bytes);
    memset(a, 0, sizeof *a);
    memcpy(a->inner, k.inner, sizeof k.inner);
    memcpy(a->outer, k.outer, sizeof k.outer);
    a->is_keyed = k.is_keyed;
    a->log = log;
    a->log_bytes = log_bytes;
}

kedge_status kedge_audit_begin(kedge_audit *a, void *log, size_t log_bytes, const void *key, size_t key_bytes,
                               const kedge_audit_head *after)
{
    static const unsigned char nothing[KEDGE_HASH_BYTES] = {0};
    if (!a || !log)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(audit_key_check(key, key_bytes));
    if (after && after->n_records > KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (log_bytes < KEDGE_AUDIT_SEGMENT_BYTES)
        return KEDGE_ERR_BUFFER;
    audit_bind(a, log, log_bytes, key, key_bytes);
    a->n_records = after ? after->n_records : 0;
    audit_start(a, after ? after->hash : nothing);
    return KEDGE_OK;
}

kedge_status kedge_audit_rotate(kedge_audit *a, void *log, size_t log_bytes)
{
    if (!audit_is_begun(a) || !log)
        return KEDGE_ERR_NULL;
    if (log_bytes < KEDGE_AUDIT_SEGMENT_BYTES)
        return KEDGE_ERR_BUFFER;
    a->log = log;
    a->log_bytes = log_bytes;
    audit_start(a, a->hash);
    return KEDGE_OK;
}

kedge_status kedge_audit_append(kedge_audit *a, uint32_t kind, uint64_t time_ns, const void *payload, size_t n)
{
    if (!audit_is_begun(a) || (!payload && n > 0))
        return KEDGE_ERR_NULL;
    if (n > KEDGE_AUDIT_PAYLOAD_MAX || a->n_records >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    size_t bytes = KEDGE_AUDIT_RECORD_BYTES_FOR(n);
    if (a->used > a->log_bytes || bytes > a->log_bytes - a->used)
        return KEDGE_ERR_BUFFER;
    unsigned char *record = a->log + a->used;
    size_t hashed = bytes - KEDGE_HASH_BYTES;
    kedge_i_hash_key key = audit_key(a);
    if (n > 0)
        memcpy(record + RECORD_PAYLOAD, payload, n);
    memset(record + RECORD_PAYLOAD + n, 0, hashed - RECORD_PAYLOAD - n);
    kedge_i_put(record + RECORD_BYTES, bytes, 4);
    kedge_i_put(record + RECORD_PAYLOAD_BYTES, n, 4);
    kedge_i_put(record + RECORD_KIND, kind, 4);
    kedge_i_put(record + RECORD_RESERVED, 0, 4);
    kedge_i_put(record + RECORD_NUMBER, a->n_records, 8);
    kedge_i_put(record + RECORD_TIME, time_ns, 8);
    memcpy(record + RECORD_BEFORE, a->hash, sizeof a->hash);
    kedge_i_hash(&key, record, hashed, record + hashed);
    memcpy(a->hash, record + hashed, sizeof a->hash);
    a->used += bytes;
    a->n_records++;
    return KEDGE_OK;
}

kedge_status kedge_audit_append_decision(kedge_audit *a, uint64_t time_ns, const kedge_audit_decision *decision)
{
    unsigned char payload[AUDIT_DECISION_BYTES];
    uint64_t score;
    if (!decision)
        return KEDGE_ERR_NULL;
    memcpy(&score, &decision->score, sizeof score);
    kedge_i_put(payload, decision->subject, 8);
    kedge_i_put(payload + 8, decision->model, 8);
    kedge_i_put(payload + 16, score, 8);
    kedge_i_put(payload + 24, decision->decision, 4);
    kedge_i_put(payload + 28, decision->detail, 4);
    return kedge_audit_append(a, KEDGE_AUDIT_DECISION, time_ns, payload, sizeof payload);
}

kedge_status kedge_audit_append_model(kedge_audit *a, uint64_t time_ns, const kedge_audit_model *model)
{
    unsigned char payload[AUDIT_MODEL_BYTES];
    if (!model)
        return KEDGE_ERR_NULL;
    kedge_i_put(payload, model->model, 8);
    kedge_i_put(payload + 8, model->other, 8);
    kedge_i_put(payload + 16, model->event, 4);
    kedge_i_put(payload + 20, model->detail, 4);
    memcpy(payload + 24, model->digest, KEDGE_HASH_BYTES);
    return kedge_audit_append(a, KEDGE_AUDIT_MODEL, time_ns, payload, sizeof payload);
}

kedge_status kedge_audit_read(const kedge_audit *a, kedge_audit_head *out)
{
    if (!audit_is_begun(a) || !out)
        return KEDGE_ERR_NULL;
    out->n_records = a->n_records;
    memcpy(out->hash, a->hash, sizeof out->hash);
    return KEDGE_OK;
}

/* Reading --------------------------------------------------------------------------------------------------------------------- */

/* Is what lies here shaped as a record? Of what is, the bytes. */
static uint32_t audit_shape(const unsigned char *at, size_t rest, size_t *bytes)
{
    if (rest < KEDGE_AUDIT_RECORD_BYTES)
        return KEDGE_AUDIT_CUT;
    uint64_t payload = kedge_i_get(at + RECORD_PAYLOAD_BYTES, 4);
    uint64_t all = kedge_i_get(at + RECORD_BYTES, 4);
    if (payload > KEDGE_AUDIT_PAYLOAD_MAX || all != KEDGE_AUDIT_RECORD_BYTES_FOR(payload))
        return KEDGE_AUDIT_CHANGED;
    *bytes = (size_t)all;
    return all > rest ? KEDGE_AUDIT_CUT : KEDGE_AUDIT_INTACT;
}

kedge_status kedge_audit_next(const void *log, size_t n, size_t *at, kedge_audit_record *out)
{
    const unsigned char *bytes = log;
    size_t record_bytes;
    if (!log || !at || !out)
        return KEDGE_ERR_NULL;
    size_t here = *at == 0 ? KEDGE_AUDIT_SEGMENT_BYTES : *at;
    if (n < KEDGE_AUDIT_SEGMENT_BYTES || memcmp(bytes, audit_magic, sizeof audit_magic) != 0 || here > n)
        return KEDGE_ERR_SNAPSHOT;
    if (here == n)
        return KEDGE_EMPTY;
    const unsigned char *record = bytes + here;
    if (audit_shape(record, n - here, &record_bytes) != KEDGE_AUDIT_INTACT)
        return KEDGE_ERR_SNAPSHOT;
    memset(out, 0, sizeof *out);
    out->payload = record + RECORD_PAYLOAD;
    out->payload_bytes = (size_t)kedge_i_get(record + RECORD_PAYLOAD_BYTES, 4);
    out->hash = record + record_bytes - KEDGE_HASH_BYTES;
    out->kind = (uint32_t)kedge_i_get(record + RECORD_KIND, 4);
    out->number = kedge_i_get(record + RECORD_NUMBER, 8);
    out->time_ns = kedge_i_get(record + RECORD_TIME, 8);
    *at = here + record_bytes;
    return KEDGE_OK;
}

static kedge_status audit_is(const kedge_audit_record *record, uint32_t kind, size_t bytes, const void *out)
{
    if (!record || !record->payload || !out)
        return KEDGE_ERR_NULL;
    if (record->kind != kind)
        return KEDGE_ERR_CLASS;
    return record->payload_bytes == bytes ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

kedge_status kedge_audit_read_decision(const kedge_audit_record *record, kedge_audit_decision *out)
{
    KEDGE_TRY(audit_is(record, KEDGE_AUDIT_DECISION, AUDIT_DECISION_BYTES, out));
    uint64_t score = kedge_i_get(record->payload + 16, 8);
    out->subject = kedge_i_get(record->payload, 8);
    out->model = kedge_i_get(record->payload + 8, 8);
    memcpy(&out->score, &score, sizeof score);
    out->decision = (uint32_t)kedge_i_get(record->payload + 24, 4);
    out->detail = (uint32_t)kedge_i_get(record->payload + 28, 4);
    return KEDGE_OK;
}

kedge_status kedge_audit_read_model(const kedge_audit_record *record, kedge_audit_model *out)
{
    KEDGE_TRY(audit_is(record, KEDGE_AUDIT_MODEL, AUDIT_MODEL_BYTES, out));
    out->model = kedge_i_get(record->payload, 8);
    out->other = kedge_i_get(record->payload + 8, 8);
    out->event = (uint32_t)kedge_i_get(record->payload + 16, 4);
    out->detail = (uint32_t)kedge_i_get(record->payload + 20, 4);
    memcpy(out->digest, record->payload + 24, KEDGE_HASH_BYTES);
    return KEDGE_OK;
}

/* Verifying ------------------------------------------------------------------------------------------------------------------- */

/* Is the hash behind n bytes theirs? */
static int audit_is_hashed(const kedge_i_hash_key *key, const unsigned char *bytes, size_t n)
{
    unsigned char hash[KEDGE_HASH_BYTES];
    kedge_i_hash(key, bytes, n, hash);
    return kedge_i_hash_equal(hash, bytes + n);
}

/* The start of a segment; fills in where the chain stood and stands. */
static uint32_t audit_verify_start(const unsigned char *log, size_t n, const kedge_i_hash_key *key, const kedge_audit_head *start,
                                   kedge_audit_report *out)
{
    if (n < KEDGE_AUDIT_SEGMENT_BYTES || memcmp(log, audit_magic, sizeof audit_magic) != 0 ||
        kedge_i_get(log + SEGMENT_VERSION, 4) != AUDIT_VERSION || kedge_i_get(log + SEGMENT_FLAGS, 4) > AUDIT_FLAG_KEYED)
        return KEDGE_AUDIT_SEGMENT;
    if (kedge_i_get(log + SEGMENT_FLAGS, 4) != key->is_keyed)
        return KEDGE_AUDIT_KEY;
    out->start.n_records = out->head.n_records = out->at_record = kedge_i_get(log + SEGMENT_RECORDS, 8);
    memcpy(out->start.hash, log + SEGMENT_BEFORE, KEDGE_HASH_BYTES);
    memcpy(out->head.hash, log + SEGMENT_HASH, KEDGE_HASH_BYTES);
    if (kedge_i_get(log + SEGMENT_RESERVED, 8) != 0 || out->start.n_records > KEDGE_I_COUNT_MAX ||
        !audit_is_hashed(key, log, SEGMENT_HASH))
        return KEDGE_AUDIT_SEGMENT;
    if (start && (start->n_records != out->start.n_records || !kedge_i_hash_equal(start->hash, out->start.hash)))
        return KEDGE_AUDIT_START;
    out->at_byte = KEDGE_AUDIT_SEGMENT_BYTES;
    return KEDGE_AUDIT_INTACT;
}

static int audit_padding_is_zero(const unsigned char *record, size_t hashed)
{
    for (size_t i = RECORD_PAYLOAD + (size_t)kedge_i_get(record + RECORD_PAYLOAD_BYTES, 4); i < hashed; i++)
        if (record[i] != 0)
            return 0;
    return kedge_i_get(record + RECORD_RESERVED, 4) == 0;
}

/* One record behind the head so far, which then becomes its own. */
static uint32_t audit_verify_record(const unsigned char *record, size_t rest, const kedge_i_hash_key *key, kedge_audit_report *out)
{
    size_t bytes;
    uint32_t fault = audit_shape(record, rest, &bytes);
    if (fault != KEDGE_AUDIT_INTACT)
        return fault;
    size_t hashed = bytes - KEDGE_HASH_BYTES;
    if (!audit_is_hashed(key, record, hashed) || !audit_padding_is_zero(record, hashed))
        return KEDGE_AUDIT_CHANGED;
    if (kedge_i_get(record + RECORD_NUMBER, 8) != out->head.n_records ||
        !kedge_i_hash_equal(record + RECORD_BEFORE, out->head.hash) || out->head.n_records >= KEDGE_I_COUNT_MAX)
        return KEDGE_AUDIT_ORDER;
    memcpy(out->head.hash, record + hashed, KEDGE_HASH_BYTES);
    out->head.n_records = ++out->at_record;
    out->at_byte += bytes;
    out->n_intact++;
    return KEDGE_AUDIT_INTACT;
}

static int audit_is_head(const kedge_audit_head *a, const kedge_audit_head *b)
{
    return a->n_records == b->n_records && kedge_i_hash_equal(a->hash, b->hash);
}

static uint32_t audit_verify(const unsigned char *log, size_t n, const kedge_i_hash_key *key, const kedge_audit_head *start,
                             const kedge_audit_head *end, kedge_audit_report *out)
{
    uint32_t fault = audit_verify_start(log, n, key, start, out);
    if (fault != KEDGE_AUDIT_INTACT)
        return fault;
    int is_reached = !end || audit_is_head(end, &out->start) || audit_is_head(end, &out->head);
    while (out->at_byte < n) {
        fault = audit_verify_record(log + out->at_byte, n - (size_t)out->at_byte, key, out);
        if (fault != KEDGE_AUDIT_INTACT)
            return fault;
        out->n_after += end && is_reached;
        is_reached = is_reached || audit_is_head(end, &out->head);
    }
    return is_reached ? KEDGE_AUDIT_INTACT : KEDGE_AUDIT_HEAD;
}

kedge_status kedge_audit_verify(const void *log, size_t n, const void *key, size_t key_bytes, const kedge_audit_head *start,
                                const kedge_audit_head *end, kedge_audit_report *out)
{
    kedge_audit_report here;
    kedge_i_hash_key k;
    if (!log)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(audit_key_check(key, key_bytes));
    kedge_i_hash_key_set(&k, key, key_bytes);
    memset(&here, 0, sizeof here);
    here.fault = audit_verify(log, n, &k, start, end, &here);
    if (out)
        *out = here;
    return here.fault == KEDGE_AUDIT_INTACT ? KEDGE_OK : KEDGE_ERR_SNAPSHOT;
}

kedge_status kedge_audit_open(kedge_audit *a, void *log, size_t log_bytes, size_t used, const void *key, size_t key_bytes,
                              const kedge_audit_head *expected)
{
    kedge_audit_report report;
    if (!a || !log)
        return KEDGE_ERR_NULL;
    if (used > log_bytes)
        return KEDGE_ERR_BUFFER;
    KEDGE_TRY(kedge_audit_verify(log, used, key, key_bytes, NULL, expected, &report));
    if (report.n_after > 0)
        return KEDGE_ERR_SNAPSHOT;
    audit_bind(a, log, log_bytes, key, key_bytes);
    a->used = used;
    a->n_records = report.head.n_records;
    memcpy(a->hash, report.head.hash, sizeof a->hash);
    return KEDGE_OK;
}

const char *kedge_audit_fault_string(uint32_t fault)
{
    static const char *const names[] = {"intact", "segment", "key", "start", "cut", "changed", "order", "head"};
    return fault < sizeof names / sizeof *names ? names[fault] : "unknown";
}
