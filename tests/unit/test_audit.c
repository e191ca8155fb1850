/* SPDX-License-Identifier: MIT */
/* Hashes on the vectors of NIST and RFC 4231; and no change of a log that is not found. */
#include <stdio.h>

#include "support.h"

enum { LOG_BYTES = 1 << 14, N_RECORDS = 12 };

static void assert_hash(const unsigned char *hash, const char *hex)
{
    char text[2 * KEDGE_HASH_BYTES + 1];
    for (size_t i = 0; i < KEDGE_HASH_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(text, hex);
}

/* NIST, "Secure Hash Standard" examples, and the lengths around a block's end by coreutils' sha256sum. */
static void test_sha256(void **unused)
{
    (void)unused;
    static const struct {
        size_t n; /* letters a */
        const char *hex;
    } lengths[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    static unsigned char a[1000000];
    unsigned char hash[KEDGE_HASH_BYTES];
    memset(a, 'a', sizeof a);
    assert_int_equal(kedge_sha256("abc", 3, hash), KEDGE_OK);
    assert_hash(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(kedge_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hash), KEDGE_OK);
    assert_hash(hash, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(kedge_sha256(lengths[i].n ? a : NULL, lengths[i].n, hash), KEDGE_OK);
        assert_hash(hash, lengths[i].hex);
    }
    assert_int_equal(kedge_sha256(NULL, 1, hash), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sha256(a, 1, NULL), KEDGE_ERR_NULL);
}

/* RFC 4231, test cases 1, 2, 3, 6 and 7. */
static void test_hmac(void **unused)
{
    (void)unused;
    unsigned char key[131], data[50], hash[KEDGE_HASH_BYTES];
    const char *long_data =
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before "
        "being used by the HMAC algorithm.";
    memset(key, 0x0b, 20);
    assert_int_equal(kedge_hmac_sha256(key, 20, "Hi There", 8, hash), KEDGE_OK);
    assert_hash(hash, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_int_equal(kedge_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, hash), KEDGE_OK);
    assert_hash(hash, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    assert_int_equal(kedge_hmac_sha256(key, 20, data, 50, hash), KEDGE_OK);
    assert_hash(hash, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    assert_int_equal(kedge_hmac_sha256(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54, hash), KEDGE_OK);
    assert_hash(hash, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_int_equal(kedge_hmac_sha256(key, 131, long_data, strlen(long_data), hash), KEDGE_OK);
    assert_hash(hash, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    assert_int_equal(kedge_hmac_sha256(NULL, 1, data, 1, hash), KEDGE_ERR_NULL);
}

static const char secret[] = "sixteen letters!";

/* A log of records with payloads of 0 to 11 bytes; `at[i]` is where record i begins, at[N_RECORDS] the end. */
static void fill(kedge_audit *a, unsigned char *log, size_t bytes, const char *key, size_t *at)
{
    assert_int_equal(kedge_audit_begin(a, log, bytes, key, key ? strlen(key) : 0, NULL), KEDGE_OK);
    for (uint32_t i = 0; i < N_RECORDS; i++) {
        at[i] = a->used;
        assert_int_equal(kedge_audit_append(a, KEDGE_AUDIT_OWN + i % 2, 1000u * i, "some letters", i), KEDGE_OK);
    }
    at[N_RECORDS] = a->used;
}

static kedge_status verify(const unsigned char *log, size_t n, const char *key, const kedge_audit_head *end,
                           kedge_audit_report *out)
{
    unsigned char *copy = guard_copy(log, n); /* a read behind it is caught */
    kedge_status st = kedge_audit_verify(copy, n, key, key ? strlen(key) : 0, NULL, end, out);
    guard_free(copy);
    return st;
}

static void test_round_trip(void **unused)
{
    (void)unused;
    for (int is_keyed = 0; is_keyed < 2; is_keyed++) {
        const char *key = is_keyed ? secret : NULL;
        unsigned char *log = guard_new(LOG_BYTES + 1, 0x5C);
        size_t at[N_RECORDS + 1], place = 0, n = 0;
        kedge_audit a, again;
        kedge_audit_head head, later;
        kedge_audit_report report;
        kedge_audit_record record;
        fill(&a, log + 1, LOG_BYTES, key, at); /* no alignment is needed */
        assert_int_equal(kedge_audit_read(&a, &head), KEDGE_OK);
        assert_int_equal(verify(log + 1, a.used, key, &head, &report), KEDGE_OK);
        assert_true(report.fault == KEDGE_AUDIT_INTACT && report.n_intact == N_RECORDS && report.n_after == 0 &&
                    report.at_byte == a.used);
        assert_memory_equal(&report.head, &head, sizeof head);
        for (; kedge_audit_next(log + 1, a.used, &place, &record) == KEDGE_OK; n++) {
            assert_true(record.number == n && record.time_ns == 1000 * n && record.kind == KEDGE_AUDIT_OWN + n % 2 &&
                        record.payload_bytes == n);
            assert_memory_equal(record.payload, "some letters", n);
            assert_int_equal(place, at[n + 1]);
        }
        assert_int_equal(n, N_RECORDS);
        assert_int_equal(kedge_audit_next(log + 1, a.used, &place, &record), KEDGE_EMPTY);
        assert_memory_equal(record.hash, head.hash, sizeof head.hash);
        /* Go on with it as with the first. */
        assert_int_equal(kedge_audit_open(&again, log + 1, LOG_BYTES, a.used, key, key ? strlen(key) : 0, &head), KEDGE_OK);
        assert_memory_equal(&again, &a, sizeof a);
        assert_int_equal(kedge_audit_append(&again, 7, 1, NULL, 0), KEDGE_OK);
        assert_int_equal(kedge_audit_read(&again, &later), KEDGE_OK);
        assert_int_equal(verify(log + 1, again.used, key, &later, &report), KEDGE_OK);
        assert_int_equal(report.n_after, 0);
        assert_int_equal(verify(log + 1, again.used, key, &head, &report), KEDGE_OK); /* it has gone on behind an older head */
        assert_int_equal(report.n_after, 1);
        assert_int_equal(kedge_audit_open(&a, log + 1, LOG_BYTES, again.used, key, key ? strlen(key) : 0, &head),
                         KEDGE_ERR_SNAPSHOT);
        /* Another key, none, or one too many. */
        assert_int_equal(verify(log + 1, again.used, "another", &later, &report), KEDGE_ERR_SNAPSHOT);
        assert_int_equal(report.fault, is_keyed ? KEDGE_AUDIT_SEGMENT : KEDGE_AUDIT_KEY);
        assert_int_equal(verify(log + 1, again.used, NULL, &later, &report), is_keyed ? KEDGE_ERR_SNAPSHOT : KEDGE_OK);
        assert_int_equal(report.fault, is_keyed ? KEDGE_AUDIT_KEY : KEDGE_AUDIT_INTACT);
        guard_free(log);
    }
}

/* Byte by byte, as docs/compliance.md has it; hashes by Python's hashlib and hmac. */
static void test_format(void **unused)
{
    (void)unused;
    static const unsigned char start[64] = {'K', 'E', 'D', 'G', 'E', 'A', 'U', 'D', 1, 0, 0, 0, 1};
    static const unsigned char record[64 - 32] = {104, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                                  0,   0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1};
    unsigned char log[200], hash[KEDGE_HASH_BYTES];
    kedge_audit a;
    assert_int_equal(kedge_audit_begin(&a, log, sizeof log, "key", 3, NULL), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 256, 0x0102030405060708u, "abc", 3), KEDGE_OK);
    assert_int_equal(a.used, sizeof log);
    assert_memory_equal(log, start, sizeof start);
    assert_hash(log + 64, "129011237ded454e3090c302091c10d0f2dfde85b2729d5cb579fa0d46e93e4e");
    assert_memory_equal(log + 96, record, sizeof record);
    assert_memory_equal(log + 96 + 32, log + 64, 32);
    assert_memory_equal(log + 96 + 64, "abc\0\0\0\0\0", 8);
    assert_hash(log + 96 + 72, "19f21a73a8a4bbdfb214507dade61bd3d65ad04bbe739b74f7eec957fd816bbc");
    assert_int_equal(kedge_hmac_sha256("key", 3, log + 96, 72, hash), KEDGE_OK);
    assert_memory_equal(log + 96 + 72, hash, sizeof hash);
    assert_memory_equal(a.hash, hash, sizeof hash);
}

/* Every bit flipped, every length cut; where and what is said. */
static void test_every_bit_and_every_length(void **unused)
{
    (void)unused;
    static unsigned char log[LOG_BYTES];
    size_t at[N_RECORDS + 1];
    kedge_audit a;
    kedge_audit_head head;
    kedge_audit_report report;
    for (int is_keyed = 0; is_keyed < 2; is_keyed++) {
        const char *key = is_keyed ? secret : NULL;
        fill(&a, log, sizeof log, key, at);
        assert_int_equal(kedge_audit_read(&a, &head), KEDGE_OK);
        for (size_t byte = 0; byte < a.used; byte++)
            for (uint32_t bit = 0; bit < 8; bit++) {
                size_t i = 0;
                log[byte] ^= (unsigned char)(1u << bit);
                assert_int_equal(kedge_audit_verify(log, a.used, key, key ? strlen(key) : 0, NULL, &head, &report),
                                 KEDGE_ERR_SNAPSHOT);
                log[byte] ^= (unsigned char)(1u << bit);
                while (byte >= KEDGE_AUDIT_SEGMENT_BYTES && byte >= at[i + 1])
                    i++;
                assert_int_equal(report.n_intact, i);
                if (byte < KEDGE_AUDIT_SEGMENT_BYTES)
                    assert_true(report.fault == KEDGE_AUDIT_SEGMENT || report.fault == KEDGE_AUDIT_KEY);
                else
                    assert_true((report.fault == KEDGE_AUDIT_CHANGED || report.fault == KEDGE_AUDIT_CUT) && report.at_record == i &&
                                report.at_byte == at[i]);
            }
        for (size_t n = 0; n < a.used; n++) {
            assert_int_equal(verify(log, n, key, &head, &report), KEDGE_ERR_SNAPSHOT);
            int is_border = n == at[report.n_intact] && n >= KEDGE_AUDIT_SEGMENT_BYTES;
            assert_int_equal(report.fault, n < KEDGE_AUDIT_SEGMENT_BYTES ? KEDGE_AUDIT_SEGMENT
                                           : is_border                   ? KEDGE_AUDIT_HEAD
                                                                         : KEDGE_AUDIT_CUT);
            if (is_border) /* intact as far as it goes: only a head that is kept elsewhere tells */
                assert_int_equal(verify(log, n, key, NULL, &report), KEDGE_OK);
        }
    }
}

/* Copies whole records of a log, in some order, behind its start. */
static size_t arrange(unsigned char *to, const unsigned char *log, const size_t *at, const uint32_t *order, uint32_t n)
{
    size_t used = KEDGE_AUDIT_SEGMENT_BYTES;
    memcpy(to, log, used);
    for (uint32_t i = 0; i < n; i++) {
        size_t bytes = at[order[i] + 1] - at[order[i]];
        memcpy(to + used, log + at[order[i]], bytes);
        used += bytes;
    }
    return used;
}

/* Records dropped, doubled, moved, or taken from another log with the same key: every one of each, then thousands of mixtures. */
static void test_records_dropped_doubled_moved(void **unused)
{
    (void)unused;
    static unsigned char log[LOG_BYTES], other[LOG_BYTES], forged[4 * LOG_BYTES];
    size_t at[N_RECORDS + 1];
    uint32_t order[N_RECORDS + 1];
    kedge_audit a;
    kedge_audit_head head;
    kedge_audit_report report;
    kedge_rng rng = {5};
    fill(&a, other, sizeof other, secret, at);
    memset(other, 0, sizeof other);
    assert_int_equal(kedge_audit_begin(&a, other, sizeof other, secret, strlen(secret), NULL), KEDGE_OK);
    for (uint32_t i = 0; i < N_RECORDS; i++)
        assert_int_equal(kedge_audit_append(&a, 300, 1000u * i, "some letters", i), KEDGE_OK); /* another kind, the same lengths */
    fill(&a, log, sizeof log, secret, at);
    assert_int_equal(kedge_audit_read(&a, &head), KEDGE_OK);
    for (uint32_t i = 0; i < N_RECORDS; i++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < N_RECORDS; k++) /* without record i */
            if (k != i)
                order[n++] = k;
        size_t used = arrange(forged, log, at, order, n);
        assert_int_equal(verify(forged, used, secret, &head, &report), KEDGE_ERR_SNAPSHOT);
        assert_int_equal(report.fault, i == N_RECORDS - 1 ? KEDGE_AUDIT_HEAD : KEDGE_AUDIT_ORDER);
        assert_int_equal(report.at_record, i);
        for (uint32_t k = 0; k <= N_RECORDS; k++) /* twice */
            order[k] = k <= i ? k : k - 1;
        used = arrange(forged, log, at, order, N_RECORDS + 1);
        assert_int_equal(verify(forged, used, secret, &head, &report), KEDGE_ERR_SNAPSHOT);
        assert_true(report.fault == KEDGE_AUDIT_ORDER && report.at_record == i + 1);
        for (uint32_t j = 0; j < i; j++) { /* with record j exchanged */
            for (uint32_t k = 0; k < N_RECORDS; k++)
                order[k] = k == i ? j : k == j ? i : k;
            used = arrange(forged, log, at, order, N_RECORDS);
            assert_int_equal(verify(forged, used, secret, &head, &report), KEDGE_ERR_SNAPSHOT);
            assert_true(report.fault == KEDGE_AUDIT_ORDER && report.at_record == j);
        }
        memcpy(forged, log, a.used); /* one that is as well keyed, from another chain */
        memcpy(forged + at[i], other + at[i], at[i + 1] - at[i]);
        assert_int_equal(verify(forged, a.used, secret, &head, &report), KEDGE_ERR_SNAPSHOT);
        assert_true(report.fault == KEDGE_AUDIT_ORDER || report.fault == KEDGE_AUDIT_HEAD || i == 0);
    }
    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t n = (uint32_t)kedge_rng_below(&rng, N_RECORDS + 2), same = n >= N_RECORDS;
        for (uint32_t k = 0; k < n; k++) {
            order[k] = kedge_rng_below(&rng, 4) ? k % N_RECORDS : (uint32_t)kedge_rng_below(&rng, N_RECORDS);
            same &= k >= N_RECORDS || order[k] == k;
        }
        size_t used = arrange(forged, log, at, order, n);
        kedge_status st = kedge_audit_verify(forged, used, secret, strlen(secret), NULL, &head, &report);
        assert_int_equal(st, same && n == N_RECORDS ? KEDGE_OK : KEDGE_ERR_SNAPSHOT);
    }
}

/* Random damage of bytes, as a fuzzer does it. */
static void test_random_damage(void **unused)
{
    (void)unused;
    static unsigned char log[LOG_BYTES], forged[2 * LOG_BYTES];
    size_t at[N_RECORDS + 1];
    kedge_audit a;
    kedge_audit_head head;
    kedge_rng rng = {8};
    fill(&a, log, sizeof log, NULL, at);
    assert_int_equal(kedge_audit_read(&a, &head), KEDGE_OK);
    for (uint32_t round = 0; round < 20000; round++) {
        size_t n = a.used, from = kedge_rng_below(&rng, n), to = kedge_rng_below(&rng, n), bytes = 1 + kedge_rng_below(&rng, 200);
        memcpy(forged, log, n);
        switch (kedge_rng_below(&rng, 4)) {
        case 0: /* bytes over others */
            bytes = bytes < n - (from > to ? from : to) ? bytes : n - (from > to ? from : to);
            memmove(forged + to, log + from, bytes);
            break;
        case 1: /* taken out */
            bytes = bytes < n - from ? bytes : n - from;
            memmove(forged + from, log + from + bytes, n - from - bytes);
            n -= bytes;
            break;
        case 2: /* put in */
            memmove(forged + from + bytes, log + from, n - from);
            memset(forged + from, (int)kedge_rng_below(&rng, 256), bytes);
            n += bytes;
            break;
        default: /* changed at random */
            for (size_t i = 0; i < 1 + bytes / 50; i++)
                forged[kedge_rng_below(&rng, n)] = (unsigned char)kedge_rng_next(&rng);
        }
        int is_same = n == a.used && memcmp(forged, log, n) == 0;
        kedge_status st = kedge_audit_verify(forged, n, NULL, 0, NULL, &head, NULL);
        assert_int_equal(st, is_same ? KEDGE_OK : KEDGE_ERR_SNAPSHOT);
    }
}

/* A full segment refuses and goes on in the next one, in the same memory or in another. */
static void test_segments(void **unused)
{
    (void)unused;
    unsigned char first[300], second[300], third[300];
    kedge_audit a;
    kedge_audit_head between, end;
    kedge_audit_report report;
    assert_int_equal(kedge_audit_begin(&a, first, 95, NULL, 0, NULL), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_audit_begin(&a, first, sizeof first, secret, 16, NULL), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 1000, 1, "12345678", 8), KEDGE_OK);
    kedge_audit before = a;
    assert_int_equal(kedge_audit_append(&a, 1000, 2, "12345678", 8), KEDGE_ERR_BUFFER);
    assert_memory_equal(&a, &before, sizeof a);
    assert_int_equal(kedge_audit_append(&a, 1000, 2, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_audit_read(&a, &between), KEDGE_OK);
    size_t first_bytes = a.used;
    assert_int_equal(kedge_audit_rotate(&a, second, 95), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_audit_rotate(&a, second, sizeof second), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 1000, 3, "abc", 3), KEDGE_OK);
    assert_int_equal(kedge_audit_read(&a, &end), KEDGE_OK);
    assert_int_equal(end.n_records, 3);
    assert_int_equal(kedge_audit_verify(first, first_bytes, secret, 16, NULL, &between, &report), KEDGE_OK);
    assert_int_equal(kedge_audit_verify(second, a.used, secret, 16, &report.head, &end, &report), KEDGE_OK);
    assert_true(report.start.n_records == 2 && report.n_intact == 1 && report.head.n_records == 3);
    assert_int_equal(kedge_audit_verify(second, a.used, secret, 16, &end, &end, &report), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(report.fault, KEDGE_AUDIT_START);
    assert_int_equal(kedge_audit_verify(second, a.used, secret, 16, NULL, &between, &report), KEDGE_OK); /* it begins there */
    assert_int_equal(report.n_after, 1);
    /* The second segment begun from the stored head is the same; and so is one that takes the place of the first in memory. */
    assert_int_equal(kedge_audit_begin(&a, third, sizeof third, secret, 16, &between), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 1000, 3, "abc", 3), KEDGE_OK);
    assert_memory_equal(third, second, a.used);
    assert_int_equal(kedge_audit_begin(&a, first, sizeof first, secret, 16, NULL), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 1000, 1, "12345678", 8), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 1000, 2, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_audit_rotate(&a, first, sizeof first), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, 1000, 3, "abc", 3), KEDGE_OK);
    assert_memory_equal(first, second, a.used);
}

static void test_typed_records(void **unused)
{
    (void)unused;
    unsigned char log[600];
    const kedge_audit_decision decision = {UINT64_MAX - 1, 77, -0.125, 3, 9};
    kedge_audit_model model = {77, 76, KEDGE_AUDIT_PROMOTED, 5, {0}}, model_again;
    kedge_audit_decision decision_again;
    kedge_audit_record record;
    kedge_audit a;
    size_t at = 0;
    assert_int_equal(kedge_sha256("snapshot", 8, model.digest), KEDGE_OK);
    assert_int_equal(kedge_audit_begin(&a, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    assert_int_equal(kedge_audit_append_decision(&a, 1, &decision), KEDGE_OK);
    assert_int_equal(kedge_audit_append_model(&a, 2, &model), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&a, KEDGE_AUDIT_DECISION, 3, "short", 5), KEDGE_OK);
    assert_int_equal(kedge_audit_next(log, a.used, &at, &record), KEDGE_OK);
    assert_int_equal(kedge_audit_read_decision(&record, &decision_again), KEDGE_OK);
    assert_memory_equal(&decision_again, &decision, sizeof decision);
    assert_int_equal(kedge_audit_read_model(&record, &model_again), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_audit_next(log, a.used, &at, &record), KEDGE_OK);
    assert_int_equal(kedge_audit_read_model(&record, &model_again), KEDGE_OK);
    assert_memory_equal(&model_again, &model, sizeof model);
    assert_int_equal(kedge_audit_next(log, a.used, &at, &record), KEDGE_OK);
    assert_int_equal(kedge_audit_read_decision(&record, &decision_again), KEDGE_ERR_SHAPE);
    assert_string_equal(kedge_audit_fault_string(KEDGE_AUDIT_ORDER), "order");
    assert_string_equal(kedge_audit_fault_string(99), "unknown");
}

static void test_refusals(void **unused)
{
    (void)unused;
    unsigned char log[400];
    kedge_audit a, none;
    kedge_audit_head head;
    kedge_audit_head far = {((uint64_t)1 << 62) + 1, {0}};
    kedge_audit_record record;
    kedge_audit_decision decision;
    size_t at = 0;
    memset(&none, 0, sizeof none);
    memset(&record, 0, sizeof record);
    assert_int_equal(kedge_audit_begin(NULL, log, sizeof log, NULL, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_begin(&a, NULL, sizeof log, NULL, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_begin(&a, log, sizeof log, NULL, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_begin(&a, log, sizeof log, "", 0, NULL), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_audit_begin(&a, log, sizeof log, NULL, 0, &far), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_audit_begin(&a, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&none, 1, 1, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_append(&a, 1, 1, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_append(&a, 1, 1, log, KEDGE_AUDIT_PAYLOAD_MAX + 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_audit_append_decision(&a, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_append_model(&a, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_rotate(&none, log, sizeof log), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_rotate(&a, NULL, sizeof log), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_read(&none, &head), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_read(&a, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_verify(NULL, 0, NULL, 0, NULL, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_verify(log, a.used, "", 0, NULL, NULL, NULL), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_audit_open(&none, log, 10, 11, NULL, 0, NULL), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_audit_open(&none, NULL, 10, 1, NULL, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_next(log, a.used, &at, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_next(log, a.used, NULL, &record), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_next(log, a.used - 1, &at, &record), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_audit_read_decision(&record, &decision), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_open(&none, log, sizeof log, a.used, NULL, 0, NULL), KEDGE_OK); /* an empty log */
    assert_memory_equal(&none, &a, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_every_bit_and_every_length),
        cmocka_unit_test(test_records_dropped_doubled_moved),
        cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_typed_records),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
