/* SPDX-License-Identifier: MIT */
/* The public structs and constants of this build as a table, for bindings that cannot read headers. tools/public_headers.py writes
 * its entries while building. */
#include "base/fp.h"

#include "kedge.h"

#define ABI_TYPE(type) {#type, NULL, 0, (uint32_t)sizeof(type), 0}
#define ABI_MEMBER(type, member) {#type, #member, (int64_t)offsetof(type, member), (uint32_t)sizeof(((type *)0)->member), 0}
#define ABI_CONSTANT(name) {#name, NULL, (int64_t)(name), 0, 0}

static const kedge_abi_entry abi_entries[] = {
#include "abi_table.h"
};

const kedge_abi_entry *kedge_abi_describe(size_t *n_entries)
{
    if (n_entries)
        *n_entries = sizeof abi_entries / sizeof *abi_entries;
    return abi_entries;
}
