/* SPDX-License-Identifier: MIT */
/* Tables, whole, damaged and plain noise, for the readers of the examples. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include <inttypes.h>
#include <stddef.h>

#include "csv.h"

enum { FUZZ_BYTES = 2048 };

typedef struct fuzz_text {
    uint64_t random; /* xorshift64 */
    size_t len;
    char bytes[FUZZ_BYTES];
} fuzz_text;

/* A random number below n. */
size_t fuzz_below(fuzz_text *t, size_t n);

/* What is wrong with a message about a text of len bytes; NULL: nothing. */
const char *fuzz_message_fault(const csv_error *e, size_t len);

/* A copy of exactly what a reader is promised, for the address sanitizer. NULL: out of memory. */
char *fuzz_copy(const fuzz_text *t);

/* Reads text after text, as many as argv says; returns what main() is to return. read: NULL, or what is wrong; adds to *n_taken if
 * the text was a table. */
int fuzz_run(int argc, char **argv, const char *(*read)(fuzz_text *t, uint64_t *n_taken));

#endif
