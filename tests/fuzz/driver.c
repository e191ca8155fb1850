/* SPDX-License-Identifier: MIT */
/* Runs the target without libFuzzer. Usage: driver FILE ... replays files; driver --write DIRECTORY writes the seeds there;
 * driver --mutate ROUNDS feeds every seed and random mutations of it. Prints how many inputs it ran. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { DRIVER_MAX = 1 << 16 };

static unsigned char input[DRIVER_MAX], mutant[DRIVER_MAX];

static int write_seeds(const char *directory)
{
    size_t i = 0, len;
    for (; (len = fuzz_seed(i, input, DRIVER_MAX)) > 0; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/seed-%03zu", directory, i);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(input, 1, len, f) != len || fclose(f) != 0)
            return 1;
    }
    printf("%zu seeds written\n", i);
    return i < 50;
}

static size_t mutate(kedge_rng *rng, size_t len)
{
    static const unsigned char nasty[] = {0x00, 0xFF, 0x7F, 0x80, 0xF0, 0x01, 0x7E};
    memcpy(mutant, input, len);
    for (uint64_t n = kedge_rng_below(rng, 6); n > 0; n--) {
        size_t at = kedge_rng_below(rng, len);
        for (uint64_t run = 1 + kedge_rng_below(rng, 8); run > 0 && at < len; run--, at++)
            mutant[at] = kedge_rng_below(rng, 2) ? nasty[kedge_rng_below(rng, sizeof nasty)] : (unsigned char)kedge_rng_next(rng);
    }
    if (kedge_rng_below(rng, 8) == 0)
        len = 1 + kedge_rng_below(rng, len);
    mutant[0] |= 0x80;
    return len;
}

static int run_mutants(unsigned long rounds)
{
    kedge_rng rng = {20240229};
    size_t n = 0, len;
    for (size_t i = 0; (len = fuzz_seed(i, input, DRIVER_MAX)) > 0; i++) {
        LLVMFuzzerTestOneInput(input, len);
        for (unsigned long r = 0; r < rounds; r++, n++)
            LLVMFuzzerTestOneInput(mutant, mutate(&rng, len));
    }
    printf("%zu inputs run\n", n);
    return n == 0;
}

static int replay(int n_files, char **files)
{
    for (int i = 0; i < n_files; i++) {
        FILE *f = fopen(files[i], "rb");
        if (!f) {
            fprintf(stderr, "cannot open %s\n", files[i]);
            return 1;
        }
        size_t len = fread(input, 1, DRIVER_MAX, f);
        fclose(f);
        LLVMFuzzerTestOneInput(input, len);
    }
    printf("%d files replayed\n", n_files);
    return n_files == 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_seeds(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--mutate") == 0)
        return run_mutants(strtoul(argv[2], NULL, 10));
    return replay(argc - 1, argv + 1);
}
