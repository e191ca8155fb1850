/* SPDX-License-Identifier: MIT */
/* Values of JSON. */
#ifndef EXAMPLES_JSON_H
#define EXAMPLES_JSON_H

#include <stdio.h>

/* A string; bytes that are no UTF-8 as '?'. */
void json_text(FILE *f, const char *text);

/* A number with so many digits; null for NaN and infinity, which JSON does not know. */
void json_number(FILE *f, double x, int digits);

#endif
