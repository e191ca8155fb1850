/* SPDX-License-Identifier: MIT */
/** @file audit.h
 *  A log of decisions and of changes of models that nobody can alter unseen. Each record carries the hash of the one before it, so
 *  that a record that is changed, dropped, inserted or moved breaks the chain; with a key nobody without it can mend the chain; and
 *  the head (number and hash of the last record), kept elsewhere, shows a log that was cut short. docs/compliance.md has the format
 *  byte by byte.
 *
 *  @code
 *  #include <kedge/audit.h>
 *  int main(void)
 *  {
 *      static unsigned char log[4096];
 *      const kedge_audit_decision granted = {1234, 7, 0.83, 1, 0};
 *      kedge_audit audit;
 *      kedge_audit_head head;
 *      kedge_audit_report report;
 *      if (kedge_audit_begin(&audit, log, sizeof log, "a secret", 8, NULL) < 0) return 1;
 *      if (kedge_audit_append_decision(&audit, 1000000, &granted) < 0) return 1;
 *      if (kedge_audit_append(&audit, KEDGE_AUDIT_OWN, 2000000, "appealed", 8) < 0) return 1;
 *      if (kedge_audit_read(&audit, &head) < 0) return 1;
 *      if (kedge_audit_verify(log, audit.used, "a secret", 8, NULL, &head, &report) != KEDGE_OK) return 1;
 *      log[130] ^= 1;
 *      return kedge_audit_verify(log, audit.used, "a secret", 8, NULL, &head, &report) == KEDGE_ERR_SNAPSHOT &&
 *                     report.fault == KEDGE_AUDIT_CHANGED && report.at_record == 0
 *                 ? 0
 *                 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_AUDIT_H
#define KEDGE_AUDIT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup audit Audit
 *  A tamper-evident log in the caller's buffer. It is bytes, needs no alignment, and is the same on every machine.
 *  @{ */

#define KEDGE_HASH_BYTES 32u            /**< bytes of a SHA-256 */
#define KEDGE_AUDIT_SEGMENT_BYTES 96u   /**< bytes at the start of a segment */
#define KEDGE_AUDIT_RECORD_BYTES 96u    /**< bytes of a record without payload */
#define KEDGE_AUDIT_PAYLOAD_MAX 16777216u /**< greatest payload of a record: 16 MiB */
/** Bytes of a record. @param payload_bytes of its payload */
#define KEDGE_AUDIT_RECORD_BYTES_FOR(payload_bytes) (KEDGE_AUDIT_RECORD_BYTES + ((payload_bytes) + 7u) / 8u * 8u)

/** Kinds of records. Those from #KEDGE_AUDIT_OWN up mean what the caller wants, those below are kedge's. */
enum {
    KEDGE_AUDIT_DECISION = 1, /**< a kedge_audit_decision */
    KEDGE_AUDIT_MODEL = 2,    /**< a kedge_audit_model */
    KEDGE_AUDIT_DRIFT = 3,    /**< a detector raised an alarm; the payload is the caller's */
    KEDGE_AUDIT_FORGET = 4,   /**< a row was forgotten on request; the payload is the caller's */
    KEDGE_AUDIT_RELEASE = 5,  /**< a figure was released under differential privacy; the payload is the caller's */
    KEDGE_AUDIT_EVENT = 6,    /**< a kedge_event, by kedge_events_audit() */
    KEDGE_AUDIT_OWN = 256     /**< the first kind of the caller's own */
};

/** What kedge_audit_verify() found. */
enum {
    KEDGE_AUDIT_INTACT = 0,  /**< nothing wrong */
    KEDGE_AUDIT_SEGMENT = 1, /**< the start of the segment is damaged, or of another key */
    KEDGE_AUDIT_KEY = 2,     /**< the log has a key and none was given, or the other way round */
    KEDGE_AUDIT_START = 3,   /**< the segment does not follow what it should follow */
    KEDGE_AUDIT_CUT = 4,     /**< the bytes end inside a record */
    KEDGE_AUDIT_CHANGED = 5, /**< a record is not what was written */
    KEDGE_AUDIT_ORDER = 6,   /**< a record is intact, but not the one that comes here: others were dropped, moved, doubled or
                              *   inserted */
    KEDGE_AUDIT_HEAD = 7     /**< all that is there is intact, but the chain does not reach the head that was expected */
};

/** Where a chain stands; keep it where those who can write the log cannot write. */
typedef struct kedge_audit_head {
    uint64_t n_records;                    /**< records in the chain so far, over all segments */
    unsigned char hash[KEDGE_HASH_BYTES];  /**< of the last record; before the first, of the segment's start */
} kedge_audit_head;

/** A log that is being written. Read `used`; change nothing. As secret as its key. */
typedef struct kedge_audit {
    unsigned char *log;                   /**< the segment, in the caller's memory */
    size_t log_bytes;                     /**< its size */
    size_t used;                          /**< bytes written: what to store, to send, to verify */
    uint64_t n_records;                   /**< records in the chain, over all segments */
    unsigned char hash[KEDGE_HASH_BYTES]; /**< of the last record */
    uint32_t inner[8];                    /**< the key, as hashing begins inside (RFC 2104) */
    uint32_t outer[8];                    /**< and outside */
    uint32_t is_keyed;                    /**< 1: there is a key */
    uint32_t reserved;                    /**< 0 */
} kedge_audit;

/** A record, seen where it lies. */
typedef struct kedge_audit_record {
    const unsigned char *payload; /**< inside the log */
    const unsigned char *hash;    /**< #KEDGE_HASH_BYTES, inside the log */
    size_t payload_bytes;         /**< of the payload */
    uint64_t number;              /**< in the chain, from 0 */
    uint64_t time_ns;             /**< as the caller gave it */
    uint32_t kind;                /**< KEDGE_AUDIT_... or the caller's own */
    uint32_t reserved;            /**< 0 */
} kedge_audit_record;

/** What verifying found. */
typedef struct kedge_audit_report {
    uint64_t n_intact;      /**< records of this segment, from its start on, that are intact and in order */
    uint64_t n_after;       /**< of these, records behind the expected head; 0 without one */
    uint64_t at_record;     /**< number of the first bad record; of the one that is missing */
    uint64_t at_byte;       /**< where it begins, from the start of the segment */
    kedge_audit_head start; /**< where the chain stood before this segment, as the segment says */
    kedge_audit_head head;  /**< where it stands behind the intact records */
    uint32_t fault;         /**< KEDGE_AUDIT_INTACT or what is wrong */
    uint32_t reserved;      /**< 0 */
} kedge_audit_report;

/** A decision about somebody; 32 bytes in the log. */
typedef struct kedge_audit_decision {
    uint64_t subject;  /**< about whom or what: the caller's number, better a pseudonym */
    uint64_t model;    /**< by which model: the caller's number */
    double score;      /**< what the model said */
    uint32_t decision; /**< what was decided */
    uint32_t detail;   /**< the caller's own: a reason, a group, who overruled */
} kedge_audit_decision;

/** What happened to a model. */
enum {
    KEDGE_AUDIT_TRAINED = 1,  /**< it was trained */
    KEDGE_AUDIT_PROMOTED = 2, /**< it began to serve */
    KEDGE_AUDIT_REJECTED = 3, /**< it was found no better */
    KEDGE_AUDIT_RETIRED = 4   /**< it ceased to serve */
};

/** A change of a model; 56 bytes in the log. */
typedef struct kedge_audit_model {
    uint64_t model;                         /**< which: the caller's number */
    uint64_t other;                         /**< the model that it replaced, was measured against, or was replaced by; 0: none */
    uint32_t event;                         /**< KEDGE_AUDIT_TRAINED ... */
    uint32_t detail;                        /**< the caller's own */
    unsigned char digest[KEDGE_HASH_BYTES]; /**< SHA-256 of its snapshot, by kedge_sha256() */
} kedge_audit_model;

/** SHA-256 (FIPS 180-4). @param bytes n bytes; may be NULL if n is 0  @param n how many  @param hash #KEDGE_HASH_BYTES bytes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(n)  @since 0.1 */
KEDGE_API kedge_status kedge_sha256(const void *bytes, size_t n, unsigned char hash[KEDGE_HASH_BYTES]);

/** HMAC-SHA-256 (RFC 2104). @param key key_bytes bytes, NULL: plain SHA-256 @param key_bytes how many, any number @param bytes n
 *  bytes; may be NULL if n is 0 @param n how many @param hash #KEDGE_HASH_BYTES bytes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(n)  @since 0.1 */
KEDGE_API kedge_status kedge_hmac_sha256(const void *key, size_t key_bytes, const void *bytes, size_t n,
                                         unsigned char hash[KEDGE_HASH_BYTES]);

/** Begin a log.
 *  @param a to set @param log memory of the segment, of any alignment @param log_bytes its size, at least
 *  #KEDGE_AUDIT_SEGMENT_BYTES
 *  @param key key_bytes secret bytes, not needed afterwards; NULL: whoever can write the log can also make up a new one @param
 *  key_bytes how many; 32 random ones are right, 0 if key is NULL @param after where the chain stands that this segment goes on;
 *  NULL: a new chain
 *  @retval KEDGE_OK ready @retval KEDGE_ERR_NULL a pointer is NULL @retval KEDGE_ERR_BUFFER too small @retval KEDGE_ERR_RANGE a key
 *  without bytes, or more than 2^62 records
 *  @complexity O(key_bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_begin(kedge_audit *a, void *log, size_t log_bytes, const void *key,
                                                         size_t key_bytes, const kedge_audit_head *after);

/** Go on with a log that is in memory already, once it is verified.
 *  @param a to set @param log the segment @param log_bytes size of its memory @param used bytes of it that are written @param key
 *  as it was begun with @param key_bytes how many @param expected where the chain stands, kept elsewhere; NULL: not known
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER used is more than log_bytes
 *  @retval others as kedge_audit_verify(); and #KEDGE_ERR_SNAPSHOT too if the log goes on behind `expected`
 *  @complexity O(used)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_open(kedge_audit *a, void *log, size_t log_bytes, size_t used, const void *key,
                                                        size_t key_bytes, const kedge_audit_head *expected);

/** Append a record. @param a the log @param kind of record, any number @param time_ns when, as the caller's clock says; it need not
 *  rise
 *  @param payload n bytes, not inside the log's free memory; may be NULL if n is 0  @param n at most #KEDGE_AUDIT_PAYLOAD_MAX
 *  @retval KEDGE_OK done @retval KEDGE_ERR_NULL a pointer is NULL, or nothing was begun @retval KEDGE_ERR_RANGE the payload is too
 *  long, or there are 2^62 records @retval KEDGE_ERR_BUFFER the segment is full: store it, and kedge_audit_rotate(); nothing
 *  changed
 *  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_append(kedge_audit *a, uint32_t kind, uint64_t time_ns, const void *payload,
                                                          size_t n);

/** Append a decision. @param a the log  @param time_ns when  @param decision it  @return as kedge_audit_append()  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_append_decision(kedge_audit *a, uint64_t time_ns,
                                                                   const kedge_audit_decision *decision);

/** Append a change of a model. @param a the log @param time_ns when @param model it @return as kedge_audit_append() @complexity
 *  O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_append_model(kedge_audit *a, uint64_t time_ns, const kedge_audit_model *model);

/** Begin the next segment of the chain, with the same key. @param a the log @param log memory of the next segment, also that of the
 *  last, which has been stored then @param log_bytes its size
 *  @retval KEDGE_OK done @retval KEDGE_ERR_NULL a pointer is NULL, or nothing was begun @retval KEDGE_ERR_BUFFER too small; nothing
 *  changed
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_rotate(kedge_audit *a, void *log, size_t log_bytes);

/** Where the chain stands. @param a the log, may be shared @param out the head @retval KEDGE_OK done @retval KEDGE_ERR_NULL a
 *  pointer is NULL, or nothing was begun @complexity O(1) @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_read(const kedge_audit *a, kedge_audit_head *out);

/** Verify a segment, on any machine.
 *  @param log the segment @param n its bytes @param key as it was begun with, or NULL @param key_bytes how many @param start where
 *  the chain must stand before this segment (the `head` of the segment before); NULL: wherever it says @param end a head that the
 *  chain must reach; NULL: none, and then a log from which the last records were cut off looks intact
 *  @param out what was found; may be NULL
 *  @retval KEDGE_OK intact  @retval KEDGE_ERR_SNAPSHOT it is not: see out->fault  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_RANGE a key without bytes  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_verify(const void *log, size_t n, const void *key, size_t key_bytes,
                                                          const kedge_audit_head *start, const kedge_audit_head *end,
                                                          kedge_audit_report *out);

/** The next record, of a log that need not be intact. @param log the segment @param n its bytes @param at 0 to begin with; then
 *  left alone
 *  @param out the record @retval KEDGE_OK there is one @retval KEDGE_EMPTY there is none @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SNAPSHOT what is there is no record  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_next(const void *log, size_t n, size_t *at, kedge_audit_record *out);

/** A decision from its record. @param record a record @param out the decision @retval KEDGE_OK done @retval KEDGE_ERR_NULL a
 *  pointer is NULL @retval KEDGE_ERR_CLASS it is of another kind @retval KEDGE_ERR_SHAPE it has another length @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_read_decision(const kedge_audit_record *record, kedge_audit_decision *out);

/** A change of a model from its record. @param record a record  @param out the change  @return as kedge_audit_read_decision()
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_audit_read_model(const kedge_audit_record *record, kedge_audit_model *out);

/** Name of a fault for people, for example "changed"; never NULL, static text. @param fault KEDGE_AUDIT_INTACT ... @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_audit_fault_string(uint32_t fault);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
