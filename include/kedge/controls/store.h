/* SPDX-License-Identifier: MIT */
/** @file store.h
 *  Store: the metadata of every version of a model, in one bounded buffer: from which data, configuration and seed it was
 *  trained, why, how long and at what cost, how it tested, what became of it, and who served when. The snapshots of models may
 *  lie in it too, so that an earlier one can serve again. When it is full the oldest version goes that nobody needs.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/controls/store.h>
 *  int main(void)
 *  {
 *      kedge_store_config cfg = kedge_store_defaults();
 *      kedge_store_version v = {0}, seen;
 *      uint64_t first, second, at_500;
 *      size_t bytes;
 *      kedge_control store;
 *      void *mem;
 *      cfg.artifact_bytes = 1000;
 *      bytes = kedge_control_size(&cfg.base);
 *      mem = malloc(bytes);
 *      if (kedge_control_init(&store, &cfg.base, mem, bytes) < 0) return 1;
 *      if (kedge_store_add(&store, &v, &first) < 0 || kedge_store_serve(&store, first, 100) < 0) return 1;
 *      if (kedge_store_put_artifact(&store, first, "a snapshot", 10) < 0) return 1;
 *      v.parent = first;
 *      if (kedge_store_add(&store, &v, &second) < 0 || kedge_store_serve(&store, second, 900) < 0) return 1;
 *      if (kedge_store_served_at(&store, 500, &at_500) < 0 || at_500 != first) return 1; // who served then?
 *      if (kedge_store_get(&store, first, &seen) < 0 || seen.status != KEDGE_VERSION_RETIRED) return 1;
 *      free(mem);
 *      return 0;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROLS_STORE_H
#define KEDGE_CONTROLS_STORE_H

#include "../audit.h"
#include "../control.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup control
 *  @{ */

#define KEDGE_TAG_BYTES 16u       /**< room for a tag, ending zero included */
#define KEDGE_SIGNATURE_BYTES 72u /**< greatest signature: Ed25519 has 64, ECDSA P-256 in DER at most 72 */

/** What became of a version. */
enum {
    KEDGE_VERSION_CANDIDATE = 1,  /**< it was trained, and waits */
    KEDGE_VERSION_REFUSED = 2,    /**< the gate refused it */
    KEDGE_VERSION_STAGED = 3,     /**< it is in a rollout */
    KEDGE_VERSION_SERVING = 4,    /**< it serves; at most one does */
    KEDGE_VERSION_RETIRED = 5,    /**< it has served, and another one took its place */
    KEDGE_VERSION_ROLLED_BACK = 6 /**< it was taken back */
};

/** All that is kept of a version. What is not known is 0. */
typedef struct kedge_store_version {
    uint64_t id;           /**< grows by one with each version, from 1; set by the store */
    uint64_t parent;       /**< the version that it was trained to replace, or comes from, 0: none */
    uint64_t created_ns;   /**< when, as the caller's clock says */
    uint64_t first_row;    /**< first row of the data, the caller's number */
    uint64_t last_row;     /**< last one */
    uint64_t from_ns;      /**< time of the first row */
    uint64_t to_ns;        /**< of the last one */
    uint64_t n_rows;       /**< rows trained on, which may be fewer than lie between */
    uint64_t seed;         /**< of the model's class, if it has one */
    uint64_t training_ns;  /**< how long it took by the caller's clock; a pipeline knows it of a training in slices only, since that
                            *   goes on over several calls */
    uint64_t compute_ns;   /**< compute time that it used, as far as it was told; see kedge_pipeline_spent() */
    double cost;           /**< what it cost, in the caller's money; finite */
    double trigger_value;  /**< figure that called for it, see kedge_triggers_call; any number */
    double trigger_limit;  /**< its limit, likewise */
    uint32_t trigger_kind; /**< KEDGE_TRIGGER_... */
    uint32_t trigger_source; /**< its source */
    int32_t trigger_code;  /**< its code */
    uint32_t candidate;    /**< which candidate of a contest has won, from 0 */
    uint32_t tests_passed;    /**< set of the tests that passed: 1 << KEDGE_BATTERY_... or KEDGE_GATE_..., which cards name, and
                               *   from 1 << 26 on the caller's own */
    uint32_t tests_failed;    /**< that failed */
    uint32_t tests_undecided; /**< that could not be decided */
    uint32_t status;          /**< KEDGE_VERSION_...; set by the store */
    uint32_t is_pinned;       /**< 1: never evicted; set by the store */
    uint32_t artifact_bytes;  /**< length of its snapshot in the store, 0: none; set by the store */
    uint32_t signature_bytes; /**< length of the signature, 0: none; set by the store */
    uint32_t n_served;        /**< how often it began to serve; set by the store */
    char model_class[KEDGE_NAME_BYTES];            /**< name of the model's class, ending with zeros; of a contest the winner's,
                                                    *   though its snapshot is the contest's */
    char tag[KEDGE_TAG_BYTES];                     /**< a name for it, ending with zeros, at most one version has; set by the
                                                    *   store */
    unsigned char config_digest[KEDGE_HASH_BYTES]; /**< hash of its configuration; by a pipeline: of names and parameters of prep
                                                    *   and model, so that it is the same for all that are made alike */
    unsigned char prep_digest[KEDGE_HASH_BYTES];   /**< hash of the snapshot of its data preparation */
    unsigned char model_digest[KEDGE_HASH_BYTES];  /**< hash of its snapshot; set by kedge_store_put_artifact(), else the
                                                    *   caller's. By a pipeline with a prep: of both snapshots */
    unsigned char signature[KEDGE_SIGNATURE_BYTES]; /**< over kedge_store_digest(); set by kedge_store_sign() */
} kedge_store_version;

/** Configuration. Cost: O(versions) unless said otherwise. Memory: 144 bytes, 384 a version and 8 for each of its figures, 16 a
 *  figure's name, 16 an entry of the serving history, and the artifacts. */
typedef struct kedge_store_config {
    kedge_control_config base; /**< set by kedge_store_config_init() */
    uint32_t n_versions;       /**< versions that are kept, 2 to 4096, default 32 */
    uint32_t n_served;         /**< entries of the serving history that are kept, 1 to 2^20, default 256; they outlive their
                                *   versions */
    uint32_t n_figures;        /**< figures of each version, whatever the caller numbers so, 0 to 64, default 8 */
    uint32_t artifact_bytes;   /**< room for the snapshots of all versions, 0 to 2^31, default 0. In a pipeline one of them takes
                                *   about kedge_model_size() and, with a prep, kedge_prep_size(); a forest's is megabytes. One that
                                *   finds no room is told as #KEDGE_EVENT_UNKEPT */
    uint32_t keep_refused;     /**< 1: versions that never served are evicted by age like all; 0, the default: before those that
                                *   did */
    uint32_t reserved;         /**< 0 */
} kedge_store_config;

/** Figures of a store. */
typedef struct kedge_store_report {
    uint64_t n_added;        /**< versions so far: the id of the last one */
    uint64_t n_evicted;      /**< versions that were dropped */
    uint64_t last_evicted;   /**< id of the last of them, 0: none */
    uint64_t n_dropped;      /**< artifacts that were dropped while their version stayed */
    uint64_t serving;        /**< id of the version that serves, 0: none */
    uint64_t served_before;  /**< serving history before the oldest kept entry is lost: that entry's time; 0: nothing is lost */
    uint32_t n_versions;     /**< versions kept */
    uint32_t n_history;      /**< entries of the serving history kept */
    uint32_t artifact_bytes; /**< room in use */
    uint32_t artifact_free;  /**< room left without dropping any */
} kedge_store_report;

/** A stretch of time in which a version served. */
typedef struct kedge_store_stretch {
    uint64_t id;       /**< the version, which need not be kept any more; 0: none served */
    uint64_t from_ns;  /**< since when */
    uint64_t to_ns;    /**< until when; UINT64_MAX: it still does */
} kedge_store_stretch;

extern KEDGE_API const kedge_control_class kedge_store; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_store_config_init(kedge_store_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_store_config kedge_store_defaults(void)
{
    kedge_store_config cfg;
    if (kedge_store_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Add a version, as a candidate. If the store is full, the oldest version goes that is not pinned, tagged, staged or serving.
 *  @param c a store, used by this thread only  @param version all that is known; what the store sets is ignored  @param id its
 *  number
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_BUFFER full of versions that must stay  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE the parent is no earlier version, the class name does not
 *  end, or there are 2^62 versions  @retval KEDGE_ERR_NOT_FINITE cost; nothing changed  @complexity O(versions + artifacts)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_add(kedge_control *c, const kedge_store_version *version, uint64_t *id);

/** A version. @param c a store, may be shared  @param id which  @param out all that is known of it  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_UNKNOWN not there, or not any more  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS
 *  another control
 *  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_get(const kedge_control *c, uint64_t id, kedge_store_version *out);

/** The i-th of the versions that are kept, oldest first.  @param c a store, may be shared  @param i from 0  @param out all that
 *  is known of it  @retval KEDGE_OK done  @retval KEDGE_EMPTY there are no more  @retval others as above  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_at(const kedge_control *c, uint32_t i, kedge_store_version *out);

/** Set a figure of a version.  @param c a store, used by this thread only  @param id which version  @param figure which, below
 *  n_figures
 *  @param value any number  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no such version  @retval KEDGE_ERR_RANGE no such
 *  figure
 *  @retval others as above  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_set_figure(kedge_control *c, uint64_t id, uint32_t figure, double value);

/** Name a figure, for cards.  @param c a store, used by this thread only  @param figure which, below n_figures  @param name 1 to
 *  #KEDGE_TAG_BYTES - 1 characters; "": none any more  @retval KEDGE_OK done  @retval KEDGE_ERR_RANGE no such figure, or too long
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_name_figure(kedge_control *c, uint32_t figure, const char *name);

/** Name of a figure.  @param c a store, may be shared  @param figure which, below n_figures  @param name it, ends with a zero; ""
 *  if it has none  @return as kedge_store_name_figure()  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_figure_name(const kedge_control *c, uint32_t figure, char name[KEDGE_TAG_BYTES]);

/** Set what a version's training used and cost, where that is known only afterwards. A signature is removed if something changes.
 *  @param c a store, used by this thread only  @param id which  @param compute_ns compute time, nanoseconds  @param cost in the
 *  caller's money, finite; at a #kedge_cost's prices by kedge_cost_price()  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no
 *  such version is kept  @retval KEDGE_ERR_NOT_FINITE cost  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another
 *  control
 *  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_set_cost(kedge_control *c, uint64_t id, uint64_t compute_ns, double cost);

/** Set what its tests gave. A signature is removed if something changes.
 *  @param c a store, used by this thread only  @param id which  @param passed set of the tests that passed, see kedge_store_version
 *  @param failed that failed  @param undecided that could not be decided
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no such version is kept  @retval KEDGE_ERR_NULL no handle  @retval
 *  KEDGE_ERR_CLASS another control  @complexity O(versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_set_tests(kedge_control *c, uint64_t id, uint32_t passed, uint32_t failed,
                                                             uint32_t undecided);

/** A figure of a version, NaN until it was set.  @param c a store, may be shared  @param id which version  @param figure which
 *  @param value it
 *  @return as kedge_store_set_figure()  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_figure(const kedge_control *c, uint64_t id, uint32_t figure, double *value);

/** Set what became of a version, except that it serves. The one that serves may not be set so while it serves.
 *  @param c a store, used by this thread only  @param id which  @param status KEDGE_VERSION_..., not #KEDGE_VERSION_SERVING
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE it serves  @retval KEDGE_ERR_RANGE another status  @retval others as above
 *  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_set_status(kedge_control *c, uint64_t id, uint32_t status);

/** A version begins to serve; the one that did is retired.
 *  @param c a store, used by this thread only  @param id which; 0: none serves any more  @param now_ns when; must not go back
 *  @retval KEDGE_OK done; nothing changed if it serves already  @retval KEDGE_ERR_RANGE the time goes back  @retval others as above
 *  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_serve(kedge_control *c, uint64_t id, uint64_t now_ns);

/** Who served then? @param c a store, may be shared  @param when_ns a time  @param id the version; 0: none
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN so old that the history is lost: the audit log has it, see
 *  kedge_audit_served_at()  @retval others as above
 *  @complexity O(log history)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_served_at(const kedge_control *c, uint64_t when_ns, uint64_t *id);

/** The i-th stretch of the serving history that is kept, oldest first.  @param c a store, may be shared  @param i from 0  @param
 *  out it
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY there are no more  @retval others as above  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_history(const kedge_control *c, uint32_t i, kedge_store_stretch *out);

/** Pin a version: it is never evicted, nor is its artifact; or let it go.  @param c a store, used by this thread only  @param id
 *  which
 *  @param is_pinned 1 or 0  @retval KEDGE_OK done  @retval others as above  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_pin(kedge_control *c, uint64_t id, int32_t is_pinned);

/** Give a version a name, for example "last good"; whoever had it loses it. A tagged version is not evicted.
 *  @param c a store, used by this thread only  @param id which  @param tag 1 to #KEDGE_TAG_BYTES - 1 characters; "": none any more
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_RANGE too long  @retval others as above  @complexity O(versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_set_tag(kedge_control *c, uint64_t id, const char *tag);

/** The version of that name. @param c a store, may be shared  @param tag its name  @param id the version  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_UNKNOWN none has it  @retval others as above  @complexity O(versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_find_tag(const kedge_control *c, const char *tag, uint64_t *id);

/** The newest version of that model digest: so a model that was refused or taken back is known when it comes again.
 *  @param c a store, may be shared  @param digest #KEDGE_HASH_BYTES bytes  @param id the version  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_UNKNOWN none has it  @retval others as above  @complexity O(versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_find_digest(const kedge_control *c, const unsigned char *digest, uint64_t *id);

/** Lay the snapshot of a version's model into the store; sets its model_digest. A pipeline with a prep lays the prep's there, and
 *  the model's behind it: kedge_snapshot_length() tells where that begins. If there is no room, artifacts of the oldest versions
 *  are dropped that are not pinned, tagged, staged or serving; of the version itself the one that it has.
 *  @param c a store, used by this thread only  @param id which  @param bytes the snapshot, not inside the store  @param n its
 *  length, 1 to artifact_bytes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_BUFFER no room; nothing changed  @retval KEDGE_ERR_RANGE n is 0  @retval others as
 *  above
 *  @complexity O(versions + artifacts)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_put_artifact(kedge_control *c, uint64_t id, const void *bytes, size_t n);

/** The snapshot of a version's model, in the store. Its hash is checked first.
 *  @param c a store, may be shared  @param id which  @param bytes where it lies, valid until the next call that changes the store
 *  @param n its length  @retval KEDGE_OK done  @retval KEDGE_EMPTY it has none  @retval KEDGE_ERR_SNAPSHOT its hash is not
 *  model_digest  @retval others as above  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_artifact(const kedge_control *c, uint64_t id, const void **bytes, size_t *n);

/** What a signature signs: the hash of what is known of the version's making (data, reason, configuration, seed, times, cost, test
 *  report, digests); what becomes of it in service, and its names, do not change it.  @param c a store, may be shared  @param id
 *  which  @param hash #KEDGE_HASH_BYTES bytes  @retval KEDGE_OK done  @retval others as above
 *  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_digest(const kedge_control *c, uint64_t id,
                                                          unsigned char hash[KEDGE_HASH_BYTES]);

/** Keep a signature over kedge_store_digest() that the caller's function made. A new artifact, test report or cost removes it: sign
 *  when these are there.
 *  @param c a store, used by this thread only  @param id which  @param signature its bytes  @param n how many, at most
 *  #KEDGE_SIGNATURE_BYTES; 0: none any more  @retval KEDGE_OK done  @retval KEDGE_ERR_RANGE too long  @retval others as above
 *  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_sign(kedge_control *c, uint64_t id, const unsigned char *signature, size_t n);

/** Write one version with its figures and artifact as portable bytes, for another store; a whole store goes by
 *  kedge_control_save().
 *  @param c a store, may be shared  @param id which  @param buf where to; may be NULL if cap is 0  @param cap its size  @param
 *  len bytes written, or needed  @retval KEDGE_OK written  @retval KEDGE_ERR_BUFFER too small; *len tells what is needed  @retval
 *  others as above
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_export(const kedge_control *c, uint64_t id, void *buf, size_t cap, size_t *len);

/** Take a version in that kedge_store_export() wrote: as a new candidate, without parent, tag and pin; its digests and signature
 *  stay. Figures beyond n_figures are left out; they have the names that this store has given them.
 *  @param c a store, used by this thread only  @param buf the bytes, not inside the store  @param len how many  @param id its
 *  number here
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged  @retval KEDGE_ERR_BUFFER no room for it or its
 *  artifact; nothing changed  @retval others as kedge_store_add()  @complexity O(len + artifacts)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_import(kedge_control *c, const void *buf, size_t len, uint64_t *id);

/** Figures of the store.  @param c a store, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL
 *  a pointer is NULL
 *  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_read(const kedge_control *c, kedge_store_report *out);

/** A model card: all that is known of a version, as text for people (Mitchell et al. 2019, "Model cards for model reporting").
 *  What a user must say himself (what the model is for, what it is not for) is `intent`.
 *  @param c a store, may be shared  @param id which  @param title heads the card, NULL: "Model"  @param intent a paragraph of the
 *  caller's, NULL: none  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len characters, without the
 *  ending zero
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_BUFFER cap is not more than *len; nothing written  @retval others as above
 *  @complexity O(len + history)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_store_card(const kedge_control *c, uint64_t id, const char *title, const char *intent,
                                                        char *buf, size_t cap, size_t *len);

/** Name of a status for people, for example "retired"; never NULL, static text.  @param status KEDGE_VERSION_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_store_status_string(uint32_t status);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
