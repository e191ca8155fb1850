/* SPDX-License-Identifier: MIT */
/** @file control.h
 *  Controls: what steers the retraining of a model and remembers it. Events tell what happened, triggers say when to train and
 *  why, a rollout brings a new model into service in stages, a store keeps versions and their history, a flow runs the steps of a
 *  retraining, a schema says what rows may hold. Each works alone; kedge_pipeline joins all but the flow. All controls share the
 *  verbs for memory and snapshots; each has calls of its own.
 *
 *  @code
 *  #include <kedge/controls/events.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_EVENTS_BYTES_FOR(8u)]; } mem;
 *      kedge_events_config cfg = kedge_events_defaults();
 *      kedge_control events;
 *      cfg.n_events = 8;
 *      if (kedge_control_size(&cfg.base) != sizeof mem) return 1;
 *      return kedge_control_init(&events, &cfg.base, &mem, sizeof mem) == KEDGE_OK ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROL_H
#define KEDGE_CONTROL_H

#include "base.h"
#include "class.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup control Controls
 *  Events, triggers, rollout, store, flow, schema.
 *  @{ */

typedef struct kedge_control_class kedge_control_class;

/** First member of every control's configuration. */
typedef struct kedge_control_config {
    const kedge_control_class *cls; /**< the control; set by kedge_..._config_init() */
    uint32_t config_bytes;          /**< size of the caller's whole configuration struct; set likewise */
    uint32_t reserved;              /**< 0 */
} kedge_control_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_control {
    const kedge_control_class *cls; /**< the control */
    void *state;                    /**< the state in the caller's memory */
} kedge_control;

/** A control's table; const, shared by all its objects. */
struct kedge_control_class {
    kedge_class base; /**< sizing, init, snapshots; noun #KEDGE_NOUN_CONTROL */
};

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_control_size(const kedge_control_config *cfg);

/** Lay the control out in the caller's memory, whatever that held before.
 *  @param c handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the
 *  control, aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_control_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_init(kedge_control *c, const kedge_control_config *cfg, void *mem,
                                                          size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param c handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order  @complexity O(1)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_open(kedge_control *c, const kedge_control_class *cls, void *mem,
                                                          size_t mem_bytes);

/** Verify all invariants of a state. @param c handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_check(const kedge_control *c);

/** Make the state the same bytes as just after init. @param c handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_reset(kedge_control *c);

/** Write a portable snapshot, see kedge_detector_save().
 *  @param c handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written,
 *  or needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_save(const kedge_control *c, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the control in a snapshot needs. @param cls the class  @param buf a snapshot  @param len its length
 *  @param bytes what kedge_control_load() needs  @return as kedge_control_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_load_size(const kedge_control_class *cls, const void *buf, size_t len,
                                                               size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param c handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS another class or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_control_load(kedge_control *c, const kedge_control_class *cls, void *mem,
                                                          size_t mem_bytes, const void *buf, size_t len);

/** All control classes, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_control_class *const *kedge_control_classes(void);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
