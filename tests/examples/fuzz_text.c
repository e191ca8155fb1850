/* SPDX-License-Identifier: MIT */
#include "fuzz_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_ROOM = 64, FUZZ_DAMAGES = 3 };

size_t fuzz_below(fuzz_text *t, size_t n)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return (size_t)(t->random % n);
}

static void fuzz_put(fuzz_text *t, const char *piece)
{
    size_t n = strlen(piece);
    if (t->len + n > FUZZ_BYTES)
        return;
    memcpy(t->bytes + t->len, piece, n);
    t->len += n;
}

static void fuzz_table(fuzz_text *t)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    static const char *const delimiters[] = {",", ";", "\t"};
    static const char *const numbers[] = {"1", "-2.5", "\"3\"", " 4e-3 ", "?", "NA", "", "0.1", "1e300", "\"\""};
    static const char *const labels[] = {"0", "1", "\"a \"\"b\"\"\"", "yes", "\"c,;\nd\"", ""};
    const char *end = ends[fuzz_below(t, 3)];
    const char *delimiter = delimiters[fuzz_below(t, 3)];
    size_t n_columns = 1 + fuzz_below(t, 4);
    fuzz_put(t, fuzz_below(t, 4) == 0 ? "\xEF\xBB\xBF" : "");
    for (size_t row = 0, n_rows = fuzz_below(t, 12); row <= n_rows; row++) {
        for (size_t j = 0; j < n_columns; j++) {
            const char *header[] = {"b", "c", "\"a\"", "d"};
            fuzz_put(t, row == 0 ? header[j] : numbers[fuzz_below(t, 10)]);
            fuzz_put(t, delimiter);
        }
        fuzz_put(t, row == 0 ? "y" : labels[fuzz_below(t, 6)]);
        fuzz_put(t, row < n_rows || fuzz_below(t, 2) ? end : "");
    }
}

/* Changes a byte, leaves out a piece, or writes one of the bytes that mean something. */
static void fuzz_damage(fuzz_text *t)
{
    static const char special[] = ",;\t\"\n\r?-eE.+ \x7f\x1b";
    size_t at = t->len ? fuzz_below(t, t->len) : 0;
    size_t n;
    if (t->len == 0)
        return;
    switch (fuzz_below(t, 3)) {
    case 0:
        t->bytes[at] = (char)fuzz_below(t, 256);
        return;
    case 1:
        t->bytes[at] = special[fuzz_below(t, sizeof special - 1)];
        return;
    default:
        n = 1 + fuzz_below(t, t->len - at);
        n = n > 8 && fuzz_below(t, 8) ? 1 : n;
        memmove(t->bytes + at, t->bytes + at + n, t->len - at - n);
        t->len -= n;
        return;
    }
}

static void fuzz_noise(fuzz_text *t)
{
    for (size_t n = fuzz_below(t, FUZZ_ROOM); t->len < n;)
        t->bytes[t->len++] = (char)fuzz_below(t, 256);
}

const char *fuzz_message_fault(const csv_error *e, size_t len)
{
    if (e->line == 0 || e->column == 0 || e->line > len + 1 || e->column > len + 1)
        return "the message names no place in the text";
    if (e->what[0] == '\0')
        return "no message";
    for (const char *c = e->what; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return "the message is not printable";
    return NULL;
}

char *fuzz_copy(const fuzz_text *t)
{
    char *text = malloc(t->len + 1);
    if (text)
        memcpy(text, t->bytes, t->len);
    return text;
}

int fuzz_run(int argc, char **argv, const char *(*read)(fuzz_text *t, uint64_t *n_taken))
{
    static fuzz_text t = {.random = 88172645463325252u};
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    uint64_t n_taken = 0;
    for (uint64_t i = 0; i < n; i++) {
        t.len = 0;
        if (i % 8 == 0)
            fuzz_noise(&t);
        else
            fuzz_table(&t);
        for (size_t k = i % 8 == 0 ? 0 : fuzz_below(&t, FUZZ_DAMAGES + 1); k > 0; k--)
            fuzz_damage(&t);
        const char *fault = read(&t, &n_taken);
        if (fault) {
            fprintf(stderr, "case %" PRIu64 ": %s:\n", i, fault);
            fwrite(t.bytes, 1, t.len, stderr);
            return EXIT_FAILURE;
        }
    }
    printf("%" PRIu64 " cases, %" PRIu64 " of them tables\n", n, n_taken);
    return n_taken > n / 20 && n_taken < n - n / 20 ? EXIT_SUCCESS : EXIT_FAILURE;
}
