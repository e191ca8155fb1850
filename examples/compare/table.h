/* SPDX-License-Identifier: MIT */
/* What has become of each column as one table: on a terminal, and in the report. And what was found, in words. */
#ifndef COMPARE_TABLE_H
#define COMPARE_TABLE_H

#include "drift.h"

enum { TABLE_COLUMNS = 8, TABLE_CELL = 192, TABLE_WORDS = 600 };

/* Heading and meaning of a column of the table. */
const char *table_heading(size_t cell);
const char *table_meaning(size_t cell);

/* A cell of the line about a column, as text that is safe to print. */
void table_cell(const drift *d, const frame *f, size_t column, size_t cell, char text[TABLE_CELL]);

void table_print(const drift *d, const frame *f);

/* Why a column was not compared, and which look like numbers but are not: the i-th such note, from 0. 0: there is none. */
int table_note(const drift *d, const frame *f, size_t column, size_t i, char text[TABLE_WORDS]);

/* What was found. */
void table_conclude(const drift *d, const frame *f, const options *o, char text[TABLE_WORDS]);

/* A probability with the digits that matter. */
void table_probability(double p, char text[TABLE_CELL]);

/* What the adjustment keeps, for example "false discovery rate 5 %". */
void table_promise(const options *o, char *text, size_t text_bytes);

#endif
