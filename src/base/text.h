/* SPDX-License-Identifier: MIT */
/* Text into a buffer of the caller's. Numbers have a point whatever the locale says: libc's printf follows the locale, and a
 * library
 * for small machines does without it. */
#ifndef KEDGE_BASE_TEXT_H
#define KEDGE_BASE_TEXT_H

#include "kedge/base.h"

/* Counts what it is given, and keeps what it has room for. */
typedef struct kedge_i_text {
    char *to;
    size_t cap;
    size_t n;
} kedge_i_text;

void kedge_i_text_char(kedge_i_text *out, char c);
void kedge_i_text_string(kedge_i_text *out, const char *s);
/* Spaces until `width` characters stand behind place `since`. */
void kedge_i_text_pad(kedge_i_text *out, size_t since, size_t width);
void kedge_i_text_whole(kedge_i_text *out, uint64_t x);

/* Any number for people: four digits, those of whole ones below 10^15 all; nan, inf, -inf. */
void kedge_i_text_short(kedge_i_text *out, double x);
/* A finite number for machines: the fewest digits that read back as the same double. Both forms are numbers of JSON. */
void kedge_i_text_exact(kedge_i_text *out, double x);

/* How a name is told. What is no UTF-8 becomes U+FFFD in all, as Unicode 15, section 3.9, table 3-8 has it. */
enum {
    KEDGE_I_TEXT_PLAIN, /* for people: control characters become U+FFFD too */
    KEDGE_I_TEXT_JSON,  /* between the quotes of a string: RFC 8259, section 7 */
    KEDGE_I_TEXT_LABEL  /* between the quotes of a label of OpenMetrics 1.0 */
};

/* A name that ends with a zero or after `most` bytes. Returns its code points. */
size_t kedge_i_text_name(kedge_i_text *out, const char *s, size_t most, int how);
/* Are two such names the same, once told? */
int kedge_i_text_same(const char *a, const char *b, size_t most);

/* Write what `tell` tells of `what`, and a zero, into buf if there is room for all, else nothing. *len: without the zero. */
kedge_status kedge_i_text_write(void (*tell)(kedge_i_text *out, const void *what), const void *what, char *buf, size_t cap,
                                size_t *len);

#endif
