/* SPDX-License-Identifier: MIT */
/* Numbers and texts for a terminal. */
#ifndef EXAMPLES_WORDS_H
#define EXAMPLES_WORDS_H

#include <stddef.h>

/* A whole number with its digits in groups of three. */
void words_count(double n, char *text, size_t text_bytes);

/* A text from the data, cut to so many characters if it is longer, ".." at its end then; '?' for what would steer a terminal or is
 * no UTF-8. text_bytes: more than 4 * characters. */
void words_plain(const char *from, size_t characters, char *text, size_t text_bytes);

/* Characters of a UTF-8 text. */
size_t words_width(const char *text);

#endif
