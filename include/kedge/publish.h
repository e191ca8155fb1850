/* SPDX-License-Identifier: MIT */
/** @file publish.h
 *  Serve one version of a model while the next is trained. One writer publishes versions into slots in memory of yours; any number
 *  of readers, threads or processes, take a ticket to the newest one, use it, and give the ticket back. Nobody ever waits: taking
 *  and giving back are one atomic addition each, and a writer who finds every slot in use is told so and goes on serving the
 *  version that is there. A slot is used again when the last reader of its version has left. docs/publish.md shows it with threads.
 *
 *  @code
 *  #include <kedge/models/linear.h>
 *  #include <kedge/publish.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_LINEAR_BYTES_FOR(1u, 0u)]; } trained;
 *      static union { double align; unsigned char bytes[KEDGE_PUBLISH_BYTES_FOR(4u, sizeof trained)]; } shared;
 *      kedge_linear_config cfg = kedge_linear_defaults(1, 0);
 *      kedge_publish_config slots = kedge_publish_defaults(sizeof trained);
 *      kedge_publish p;
 *      kedge_publish_ticket ticket;
 *      kedge_model m, serving;
 *      double x = 0.5, y = -1;
 *      if (kedge_publish_init(&p, &slots, &shared, sizeof shared) < 0) return 1;
 *      if (kedge_model_init(&m, &cfg.base, &trained, sizeof trained) < 0) return 1;
 *      if (kedge_model_learn(&m, &x, 2.0, 1.0) < 0) return 1;
 *      if (kedge_publish_model(&p, &m, 1) < 0) return 1;                              // the writer
 *      if (kedge_publish_model_acquire(&p, m.cls, &ticket, &serving) < 0) return 1;   // a reader
 *      if (kedge_model_learn(&m, &x, 3.0, 1.0) < 0) return 1;                         // disturbs no reader
 *      if (kedge_model_predict(&serving, &x, &y) < 0 || ticket.version != 1) return 1;
 *      return kedge_publish_release(&p, &ticket) == KEDGE_OK ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PUBLISH_H
#define KEDGE_PUBLISH_H

#include "base.h"
#include "class.h"
#include "model.h"
#include "prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup publish Publication
 *  Lock-free publication of the serving model.
 *
 *  Functions that take a const kedge_publish may be called at any time, by any number of threads; the others belong to one writer
 *  at a time. Handles may be copied: each thread or process has its own or shares one. The memory may be shared between processes;
 *  each binds a handle by kedge_publish_open(), at any address.
 *  @{ */

#define KEDGE_PUBLISH_SLOTS_MAX 64u         /**< most slots */
#define KEDGE_PUBLISH_TICKETS_MAX 16777215u /**< most tickets to one version that may be out at the same time */

/** Bytes of a publication. @param n_slots slots @param slot_bytes bytes of each */
#define KEDGE_PUBLISH_BYTES_FOR(n_slots, slot_bytes) (128u + (n_slots) * (64u + ((slot_bytes) + 63u) / 64u * 64u))

/** What a publication holds. */
typedef struct kedge_publish_config {
    const kedge_class *cls; /**< set by kedge_publish_config_init() */
    uint32_t config_bytes;  /**< size of the caller's struct; set likewise */
    uint32_t n_slots;       /**< 2 to #KEDGE_PUBLISH_SLOTS_MAX, default 4. With two more slots than tickets that are ever out at the
                             *   same time the writer always finds one; readers that are quick do with three */
    uint32_t slot_bytes;    /**< room for one version, >= 1: kedge_model_size() of the model, with a prep also its
                             *   kedge_prep_size(); set by kedge_publish_config_init().
                             *   All slots together stay below 2^32 bytes */
    uint32_t reserved;      /**< 0 */
} kedge_publish_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_publish {
    void *state; /**< the state in the caller's memory */
} kedge_publish;

/** A version that a reader uses. One reader's own. It may be kept anywhere, and given back by another thread or process. */
typedef struct kedge_publish_ticket {
    const void *memory; /**< the version, aligned to #KEDGE_ALIGN: read it only; NULL: this is no ticket (any more) */
    uint64_t version;   /**< the writer's number of it */
    uint32_t bytes;     /**< of the version, as the writer committed it */
    uint32_t slot;      /**< in which it stands */
} kedge_publish_ticket;

/** What a slot is used for. */
enum {
    KEDGE_PUBLISH_FREE = 0,    /**< nobody uses it */
    KEDGE_PUBLISH_WRITING = 1, /**< between kedge_publish_begin() and kedge_publish_commit() */
    KEDGE_PUBLISH_SERVING = 2, /**< the newest version */
    KEDGE_PUBLISH_HELD = 3,    /**< an older version whose readers have not all left */
    KEDGE_PUBLISH_LOST = 4     /**< a writer died as it replaced this version: how many readers it has is not known */
};

/** What stands in a slot. */
typedef struct kedge_publish_slot {
    uint64_t version;   /**< its version; 0 if there never was one */
    uint32_t use;       /**< KEDGE_PUBLISH_FREE ... */
    uint32_t n_tickets; /**< tickets to it that are out; 0 for #KEDGE_PUBLISH_LOST, where it is not known */
    uint32_t bytes;     /**< of the version */
    uint32_t reserved;  /**< 0 */
} kedge_publish_slot;

/** Defaults into a caller's struct, see kedge_adwin_config_init().
 *  @param cfg to fill  @param cfg_bytes sizeof *cfg  @param slot_bytes room for one version
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or slot_bytes are more than 32
 *  bits hold  @since 0.1 */
KEDGE_API kedge_status kedge_publish_config_init(kedge_publish_config *cfg, size_t cfg_bytes, size_t slot_bytes);

/** The default configuration. @param slot_bytes room for one version @return it @since 0.1 */
static inline kedge_publish_config kedge_publish_defaults(size_t slot_bytes)
{
    kedge_publish_config cfg;
    if (kedge_publish_config_init(&cfg, sizeof cfg, slot_bytes) < 0) /* out of range: size is 0, init refuses */
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range, or a machine
 *  without lock-free 32-bit atomics  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_publish_size(const kedge_publish_config *cfg);

/** Lay a publication out in the caller's memory, whatever that held before; nothing is published yet.
 *  @param p handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the
 *  publication, aligned to #KEDGE_ALIGN; nobody else may use it yet  @param mem_bytes its size, at least kedge_publish_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_UNSUPPORTED this machine has no
 *  lock-free 32-bit atomics (Cortex-M0; a C compiler without them)  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_init(kedge_publish *p, const kedge_publish_config *cfg, void *mem,
                                                          size_t mem_bytes);

/** Bind a handle to a publication that is already in memory, in use or not: for readers in other processes, and for a new writer
 *  after the last one has ended. Such a writer calls kedge_publish_cancel() first.
 *  @param p handle to set  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS no publication, or of another version or byte order
 *  @retval KEDGE_ERR_UNSUPPORTED as kedge_publish_init()  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_open(kedge_publish *p, void *mem, size_t mem_bytes);

/** Writer: verify all invariants. @param p handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken; also where more tickets were given back than taken  @complexity O(n_slots)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_check(kedge_publish *p);

/** Writer: take a free slot to write the next version into; kedge_publish_commit() or kedge_publish_cancel() follows.
 *  @param p handle, used by this writer only  @param memory where to write: slot_bytes bytes, aligned to #KEDGE_ALIGN, which hold
 *  whatever they held
 *  @retval KEDGE_OK write  @retval KEDGE_ERR_BUSY readers hold all slots: try again later; nothing has changed
 *  @retval KEDGE_ERR_STATE a slot is taken already  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(n_slots), never waits  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_begin(kedge_publish *p, void **memory);

/** Writer: publish what was written. From now on readers get it.
 *  @param p handle, used by this writer only  @param bytes how many bytes of the slot count  @param version any number
 *  @retval KEDGE_OK published  @retval KEDGE_ERR_STATE no slot was taken  @retval KEDGE_ERR_RANGE more bytes than a slot has;
 *  nothing changed  @retval KEDGE_ERR_NULL no handle  @complexity O(1), never waits  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_commit(kedge_publish *p, size_t bytes, uint64_t version);

/** Writer: give a taken slot back unpublished. @param p handle, used by this writer only @retval KEDGE_OK done, also if none was
 *  taken  @retval KEDGE_ERR_NULL no handle  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_cancel(kedge_publish *p);

/** Writer: publish a copy of bytes, for example of a frozen model.
 *  @param p handle, used by this writer only  @param bytes n bytes, not inside the publication; may be NULL if n is 0 @param n how
 *  many  @param version any number
 *  @retval KEDGE_OK published  @retval KEDGE_ERR_BUFFER a slot is too small  @retval others as kedge_publish_begin(); an error has
 *  changed nothing  @complexity O(n + n_slots), never waits  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_copy(kedge_publish *p, const void *bytes, size_t n, uint64_t version);

/** Writer: publish a copy of a model's state; the model itself goes on learning.
 *  @param p handle, used by this writer only  @param m the model, not changed meanwhile  @param version any number
 *  @return as kedge_publish_copy()  @complexity O(bytes of the model + n_slots), never waits  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_model(kedge_publish *p, const kedge_model *m, uint64_t version);

/** Writer: publish a copy of a prep's state and of the model that sees rows through it, as one version: so a pipeline's
 *  kedge_pipeline_champion_prep() and kedge_pipeline_champion() reach the readers together.
 *  @param p handle, used by this writer only; its slots have room for kedge_prep_size() and kedge_model_size(), each rounded up to
 *  #KEDGE_ALIGN  @param prep the prep  @param m the model; neither is changed meanwhile  @param version any number
 *  @return as kedge_publish_copy()  @complexity O(bytes of both + n_slots), never waits  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_prepared(kedge_publish *p, const kedge_prep *prep, const kedge_model *m,
                                                              uint64_t version);

/** Reader: take a ticket to the newest version, which then stays as it is until the ticket is given back.
 *  @param p handle, may be shared  @param ticket to set; as long as it holds a ticket, do not use it for another
 *  @retval KEDGE_OK taken  @retval KEDGE_EMPTY nothing was published yet: no ticket  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity wait-free: one atomic addition  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_acquire(const kedge_publish *p, kedge_publish_ticket *ticket);

/** Reader: give a ticket back; its memory is not to be read any more.
 *  @param p handle, may be shared  @param ticket the ticket, cleared
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_STATE it is no ticket: never taken, or given back before  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @complexity wait-free: one atomic addition  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_release(const kedge_publish *p, kedge_publish_ticket *ticket);

/** Reader: kedge_publish_acquire(), and a handle on the model there, for calls that take a const kedge_model only.
 *  @param p handle, may be shared  @param cls the model's class, trusted as that of a handle: pass one of your own through
 *  kedge_class_check() once  @param ticket to set  @param m handle to set
 *  @retval KEDGE_OK taken  @retval KEDGE_EMPTY nothing was published yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS what was published is no model of this class, or is cut short; there is no ticket then
 *  @complexity wait-free, O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_model_acquire(const kedge_publish *p, const kedge_model_class *cls,
                                                                   kedge_publish_ticket *ticket, kedge_model *m);

/** Reader: likewise for what kedge_publish_prepared() has published: kedge_prep_transform() a row, then kedge_model_predict() it.
 *  @param p handle, may be shared  @param prep_cls the prep's class  @param cls the model's class, both trusted as above  @param
 *  ticket to set: one for both  @param prep handle to set, for calls that take a const kedge_prep only  @param m handle to set
 *  @retval KEDGE_OK taken  @retval KEDGE_EMPTY nothing was published yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS what was published is not a prep and a model of these classes; there is no ticket then
 *  @complexity wait-free, O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_prepared_acquire(const kedge_publish *p, const kedge_prep_class *prep_cls,
                                                                      const kedge_model_class *cls, kedge_publish_ticket *ticket,
                                                                      kedge_prep *prep, kedge_model *m);

/** Writer: what stands in each slot.
 *  @param p handle, used by this writer only  @param slots to fill; may be NULL if cap is 0  @param cap room in it  @param n how
 *  many slots there are
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_BUFFER cap is below *n  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(n_slots)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_slots(kedge_publish *p, kedge_publish_slot *slots, size_t cap, size_t *n);

/** Writer: take a slot back whose readers have died with their tickets. Only who knows that nobody living reads the slot may ask
 *  for it.
 *  @param p handle, used by this writer only  @param slot number of the slot
 *  @retval KEDGE_OK free  @retval KEDGE_ERR_RANGE no such slot  @retval KEDGE_ERR_STATE it serves or is being written; nothing
 *  changed
 *  @retval KEDGE_ERR_NULL no handle  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_publish_reclaim(kedge_publish *p, uint32_t slot);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
