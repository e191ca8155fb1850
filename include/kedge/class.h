/* SPDX-License-Identifier: MIT */
/** @file class.h
 *  What a class of objects (a detector, a model, a metric ...) tells the library about itself. Programs that only use the built-in
 *  classes never need this header; a host that brings a detector or model of its own fills these tables, and gets sizing, init,
 *  reset, open, snapshots and checks for them as for a built-in one.
 *
 *  A state is one block: a struct that starts with kedge_state_head and kedge_state_..., followed by arrays at offsets that the
 *  class's layout computes. The field table names what a snapshot carries: first the parameters (the configuration), then values.
 *
 *  @code
 *  #include <kedge/class.h>
 *  typedef struct my_state {
 *      kedge_state_head head;
 *      double limit;   // a parameter
 *      uint64_t n;     // a value
 *  } my_state;
 *  static const kedge_field my_fields[] = {
 *      KEDGE_PARAM(my_state, limit, KEDGE_TYPE_F64),
 *      KEDGE_VALUE(my_state, n, KEDGE_TYPE_U64),
 *  };
 *  int main(void) { return my_fields[1].offset == offsetof(my_state, n) ? 0 : 1; }
 *  @endcode */
#ifndef KEDGE_CLASS_H
#define KEDGE_CLASS_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup cls Classes
 *  Bring a detector or model of your own.
 *  @{ */

#define KEDGE_CLASS_ABI 1u     /**< version of the class structs; stands in kedge_class::abi */
#define KEDGE_NAME_BYTES 16u   /**< room for a class name, ending zero included */
#define KEDGE_FIXED_MAX 512u   /**< largest sizeof of a state struct (arrays behind it do not count) */
#define KEDGE_CONFIG_MAX 256u  /**< largest sizeof of a configuration struct */

/** Nouns; stand in states and snapshots. */
enum {
    KEDGE_NOUN_DETECTOR = 1, /**< kedge_detector */
    KEDGE_NOUN_MODEL = 2,    /**< kedge_model */
    KEDGE_NOUN_METRIC = 3,   /**< kedge_quality, kedge_latency, kedge_throughput */
    KEDGE_NOUN_PIPELINE = 4, /**< kedge_pipeline */
    KEDGE_NOUN_STREAM = 5,   /**< kedge_stream */
    KEDGE_NOUN_FLEET = 6,    /**< kedge_fleet */
    KEDGE_NOUN_PREP = 7,     /**< kedge_prep */
    KEDGE_NOUN_CONTROL = 8,  /**< kedge_control */
    KEDGE_NOUN_PUBLISH = 9   /**< kedge_publish; not in snapshots */
};

/** Element types of fields. */
enum {
    KEDGE_TYPE_U8 = 1,  /**< uint8_t */
    KEDGE_TYPE_U32 = 2, /**< uint32_t */
    KEDGE_TYPE_U64 = 3, /**< uint64_t */
    KEDGE_TYPE_F64 = 4, /**< double */
    KEDGE_TYPE_F32 = 5, /**< float */
    KEDGE_TYPE_COUNT = 6 /**< uint64_t that counts one by one, and no parameter: a snapshot with more than 2^61 is refused, since
                          *   no run gets there, so a loaded object never comes to the end of its counters */
};

/** Roles of fields, in the order in which a table must list them. */
enum {
    KEDGE_ROLE_PARAM = 1, /**< configuration: set once by init, kept by reset */
    KEDGE_ROLE_VALUE = 2, /**< member of the state struct, one element or a fixed number */
    KEDGE_ROLE_ARRAY = 3, /**< array behind the struct; the struct holds its offset and its length, both uint32_t */
    KEDGE_ROLE_PART = 4,  /**< object of another class inside this one; the struct holds its offset and its bytes, both uint32_t */
    KEDGE_ROLE_PARTS = 5  /**< objects of another class side by side; the member behind the one with the bytes of each holds how
                           *   many, uint32_t */
};

/** One field of a state, as the snapshot codec sees it. */
typedef struct kedge_field {
    const char *name; /**< for people and tests */
    uint32_t offset;  /**< PARAM, VALUE: of the member; ARRAY, PART, PARTS: of the uint32_t that holds the array's or part's
                       *   offset */
    uint32_t count;   /**< PARAM: 1; VALUE: elements; ARRAY, PART, PARTS: offset of the uint32_t that holds the length or bytes */
    uint16_t type;    /**< KEDGE_TYPE_...; PART, PARTS: index into the parts that the caller names */
    uint16_t role;    /**< KEDGE_ROLE_... */
} kedge_field;

/** Table line for a parameter. */
#define KEDGE_PARAM(state, member, type) {#member, (uint32_t)offsetof(state, member), 1u, type, KEDGE_ROLE_PARAM}
/** Table line for one value. */
#define KEDGE_VALUE(state, member, type) {#member, (uint32_t)offsetof(state, member), 1u, type, KEDGE_ROLE_VALUE}
/** Table line for a member that is an array of fixed length. */
#define KEDGE_VALUES(state, member, n, type) {#member, (uint32_t)offsetof(state, member), n, type, KEDGE_ROLE_VALUE}
/** Table line for an array behind the struct, by the members that hold its offset and its length. */
#define KEDGE_ARRAY(state, at, length, type)                                                       \
    {#at, (uint32_t)offsetof(state, at), (uint32_t)offsetof(state, length), type, KEDGE_ROLE_ARRAY}
/** Table line for an object inside this one, by the members that hold its offset and its bytes, and its number among the parts. */
#define KEDGE_PART(state, at, bytes, part)                                                         \
    {#at, (uint32_t)offsetof(state, at), (uint32_t)offsetof(state, bytes), part, KEDGE_ROLE_PART}
/** Table line for objects side by side, by the members that hold the offset of the first and the bytes of each, behind which
 *  stands how many. */
#define KEDGE_PARTS(state, at, bytes, part)                                                        \
    {#at, (uint32_t)offsetof(state, at), (uint32_t)offsetof(state, bytes), part, KEDGE_ROLE_PARTS}

/** First member of every state; written by init, verified by open. */
typedef struct kedge_state_head {
    char name[KEDGE_NAME_BYTES]; /**< the class's name, zero padded */
    uint32_t version;            /**< noun * 2^24 + the class's version, in the byte order of this machine */
    uint32_t bytes;              /**< size of the whole state */
} kedge_state_head;


/** What all classes of all nouns have in common. Every noun's class struct begins with it. The functions trust their arguments:
 *  the library has checked pointers, sizes and alignment before. */
typedef struct kedge_class {
    uint32_t abi;          /**< #KEDGE_CLASS_ABI */
    uint16_t noun;         /**< KEDGE_NOUN_... */
    uint16_t version;      /**< changes with the state's layout or meaning, below 2^16 */
    const char *name;      /**< at most 15 characters a-z, 0-9, _ */
    uint32_t fixed_bytes;  /**< sizeof the state struct, at most #KEDGE_FIXED_MAX */
    uint32_t config_bytes; /**< sizeof the configuration struct, at most #KEDGE_CONFIG_MAX */
    uint32_t n_fields;     /**< lines in fields */
    uint32_t reserved;     /**< 0 */
    const kedge_field *fields; /**< what a snapshot carries: parameters first */
    /** Write the defaults into a configuration of config_bytes. */
    void (*defaults)(void *config);
    /** Copy a whole configuration into the parameters of a zeroed state struct. */
    void (*configure)(const void *config, void *fixed);
    /** Are all parameters in range? 1 yes, 0 no. Must take any bytes. */
    int (*valid)(const void *fixed);
    /** Offsets and lengths from valid parameters; returns the bytes of the whole state, 0 if they exceed 2^32 - 1. */
    size_t (*layout)(void *fixed);
    /** The state as it begins. Called on memory that is zero behind head, parameters and layout. May be NULL: all zero. */
    void (*start)(void *state);
    /** All invariants of a state with valid parameters: 1 they hold, 0 not. Must take any bytes in the values. */
    int (*check)(const void *state);
    const struct kedge_class *const *parts; /**< classes of the objects inside its states, by the index in #KEDGE_PART and
                                             *   #KEDGE_PARTS; NULL: none, or the noun names them */
    /** For classes whose parts are of classes that the caller chose, so that only a configuration can tell how each begins; NULL:
     *  start begins the parts. Init all parts from a whole configuration; called once, before start, which leaves them alone.
     *  Reset, load and check of the parts are the library's. */
    void (*begin_parts)(const struct kedge_class *cls, const void *config, void *state);
} kedge_class;

/** Is a class table well formed (name, sizes, field order, slots)? For hosts that bring classes of their own, and their tests.
 *  @param cls the table  @retval KEDGE_OK it is  @retval KEDGE_ERR_NULL it or a slot that must be there is NULL
 *  @retval KEDGE_ERR_CLASS the rest  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_class_check(const kedge_class *cls);

/** Fill a configuration struct of the caller's size with a class's defaults: what every kedge_..._config_init() does. Fields are
 *  only ever appended, so an older, shorter struct is valid; its missing fields are the defaults when it is read.
 *  @param cls the class  @param config to fill; begins with a class pointer and a uint32_t config_bytes  @param config_bytes its
 *  size @param first_bytes size of the struct in the first release that had it
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG config_bytes is shorter than
 *  first_bytes or longer than the class knows  @since 0.1 */
KEDGE_API kedge_status kedge_class_defaults(const kedge_class *cls, void *config, size_t config_bytes, size_t first_bytes);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
