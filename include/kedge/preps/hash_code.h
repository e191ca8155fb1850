/* SPDX-License-Identifier: MIT */
/** @file preps/hash_code.h
 *  Columns of categories as a few columns, without a table, see #kedge_hash_code_config. The verbs stand in kedge/prep.h.
 *
 *  @code
 *  #include <kedge/preps/hash_code.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[2048];
 *      kedge_hash_code_config cfg = kedge_hash_code_defaults(3);
 *      kedge_prep p;
 *      double x[3] = {7, 123456789, 0.5}, out[17];
 *      int i, n = 0;
 *      cfg.base.columns.n = 2;
 *      cfg.n_buckets = 16;
 *      if (kedge_prep_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      if (kedge_prep_transform(&p, x, out) < 0 || kedge_prep_n_out(&p) != 17 || out[0] != 0.5) return 1;
 *      for (i = 1; i < 17; i++) n += out[i] != 0.0;
 *      return n == 2 || n == 1 || n == 0 ? 0 : 1;   // two categories, each +1 or -1 in its bucket
 *  }
 *  @endcode */
#ifndef KEDGE_PREPS_HASH_CODE_H
#define KEDGE_PREPS_HASH_CODE_H

#include "../prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup prep
 *  @{ */

/** Hashed encoding (Weinberger, Dasgupta, Langford, Smola, Attenberg 2009, "Feature hashing for large scale multitask learning",
 *  ICML): the selected columns go, and n_buckets come behind all others. Each value adds its sign, +1 or -1, to its bucket; a
 *  missing one adds nothing. Nothing is learned, so any number of categories takes no memory. Bucket and sign come from h = mix(b
 *  ^ mix(seed + c)), with the 64 bits b of the value (-0 as 0), the number c of the column among those selected, and the
 *  finaliser mix of splitmix64 (#kedge_rng: z = x + 0x9e3779b97f4a7c15; z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9; z = (z ^ z >> 27)
 *  * 0x94d049bb133111eb; z ^ z >> 31): bucket (h >> 32) * n_buckets >> 32, sign - where h is odd. The same on every machine.
 *  Cost: some 5 ns a selected column. */
typedef struct kedge_hash_code_config {
    kedge_prep_config base; /**< set by kedge_hash_code_config_init() */
    uint64_t seed;      /**< any, default 1 */
    uint32_t n_buckets; /**< from the number of selected columns, at most 256 of these, to #KEDGE_PREP_COLUMNS_MAX, default 256 */
    uint32_t reserved;  /**< 0 */
} kedge_hash_code_config;

extern KEDGE_API const kedge_prep_class kedge_hash_code; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_hash_code_config_init(kedge_hash_code_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_hash_code_config kedge_hash_code_defaults(uint32_t n_columns)
{
    kedge_hash_code_config cfg;
    if (kedge_hash_code_config_init(&cfg, sizeof cfg, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
