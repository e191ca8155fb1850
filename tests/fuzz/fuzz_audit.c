/* SPDX-License-Identifier: MIT */
/* Whatever bytes kedge_audit_verify() gets: a fault, or a log whose records can be walked, that reaches its own head, and in which
 * every change is found. Input as in fuzz_frozen.c: a byte whose upper bit says to mend the chain, or no mutation would get past
 * the hashes; then the log. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fuzz.h"

#define FUZZ_ASSERT(condition)                                                                                                     \
    do {                                                                                                                           \
        if (!(condition))                                                                                                          \
            abort();                                                                                                               \
    } while (0)

enum { AUDIT_MAX = 1 << 16 };

static unsigned char audit_buf[AUDIT_MAX];

/* Numbers and hashes as they ought to be, as far as the lengths make sense. */
static void audit_mend(unsigned char *log, size_t n)
{
    uint64_t number = kedge_i_get(log + 16, 8);
    const unsigned char *before = log + 64;
    size_t at = KEDGE_AUDIT_SEGMENT_BYTES;
    memcpy(log, "KEDGEAUD\1\0\0\0\0\0\0", 16);
    kedge_i_put(log + 24, 0, 8);
    (void)!kedge_sha256(log, 64, log + 64);
    while (n - at >= KEDGE_AUDIT_RECORD_BYTES) {
        uint64_t bytes = kedge_i_get(log + at, 4);
        if (bytes < KEDGE_AUDIT_RECORD_BYTES || bytes > n - at)
            return;
        kedge_i_put(log + at + 12, 0, 4);
        kedge_i_put(log + at + 16, number++, 8);
        memcpy(log + at + 32, before, KEDGE_HASH_BYTES);
        before = log + at + bytes - KEDGE_HASH_BYTES;
        (void)!kedge_sha256(log + at, (size_t)bytes - KEDGE_HASH_BYTES, log + at + bytes - KEDGE_HASH_BYTES);
        at += (size_t)bytes;
    }
}

void fuzz_audit(const uint8_t *data, size_t size)
{
    kedge_audit_report report, again;
    kedge_audit_record record;
    kedge_audit a;
    size_t at = 0, n_records = 0;
    if (size < 2 || size - 1 > AUDIT_MAX)
        return;
    size_t n = size - 1;
    memcpy(audit_buf, data + 1, n);
    if ((data[0] & 0x80u) && n >= KEDGE_AUDIT_SEGMENT_BYTES)
        audit_mend(audit_buf, n);
    while (n_records <= n && kedge_audit_next(audit_buf, n, &at, &record) == KEDGE_OK) {
        FUZZ_ASSERT(at <= n && record.payload >= audit_buf && record.payload + record.payload_bytes <= record.hash);
        n_records++;
    }
    kedge_status st = kedge_audit_verify(audit_buf, n, NULL, 0, NULL, NULL, &report);
    FUZZ_ASSERT((st == KEDGE_OK) == (report.fault == KEDGE_AUDIT_INTACT) && report.n_intact <= n_records && report.at_byte <= n);
    if (st < 0)
        return;
    FUZZ_ASSERT(report.n_intact == n_records && report.at_byte == n);
    FUZZ_ASSERT(kedge_audit_verify(audit_buf, n, NULL, 0, &report.start, &report.head, &again) == KEDGE_OK && again.n_after == 0);
    FUZZ_ASSERT(kedge_audit_open(&a, audit_buf, AUDIT_MAX, n, NULL, 0, &report.head) == KEDGE_OK &&
                a.n_records == report.head.n_records);
    audit_buf[(n * 31u + data[size - 1]) % n] ^= 1;
    FUZZ_ASSERT(kedge_audit_verify(audit_buf, n, NULL, 0, &report.start, &report.head, &again) == KEDGE_ERR_SNAPSHOT);
}
