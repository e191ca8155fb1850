/* SPDX-License-Identifier: MIT */
#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "progress.h"

#include <stdio.h>
#ifdef _WIN32
#include <io.h>
#define isatty _isatty
#define fileno _fileno
#else
#include <unistd.h>
#endif

void progress_begin(progress *p, size_t total, int is_wanted)
{
    p->total = total;
    p->is_on = is_wanted && total > 0 && isatty(fileno(stderr));
    p->shown = -1;
}

void progress_show(progress *p, const char *what, size_t done)
{
    static const char bar[] = "########################################";
    const int width = (int)sizeof bar - 1;
    if (!p->is_on)
        return;
    int percent = (int)(100.0 * (double)done / (double)p->total);
    if (percent == p->shown)
        return;
    fprintf(stderr, "\r%-8s [%-*.*s] %3d %%", what, width, percent * width / 100, bar, percent);
    fflush(stderr);
    p->shown = percent;
}

void progress_clear(progress *p)
{
    if (p->shown >= 0)
        fputs("\r\033[K", stderr);
    p->shown = -1;
}
