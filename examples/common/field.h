/* SPDX-License-Identifier: MIT */
/* What a field of a table says: a number, or that it is missing. */
#ifndef EXAMPLES_FIELD_H
#define EXAMPLES_FIELD_H

/* Is the whole text one finite decimal number, but for spaces around it? */
int field_number(const char *text, double *value);

/* Is the text, but for spaces around it, empty, NA, NaN, null or another word for a value that is not there? */
int field_is_missing(const char *text);

#endif
