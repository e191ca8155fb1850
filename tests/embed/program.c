/* SPDX-License-Identifier: MIT */
/* A host of kedge, as small as one can be: it notices that an error rate rose from 10 % to 50 %. C11 and C++11. */
#include <inttypes.h>
#include <stdio.h>

#include <kedge.h>

int main(void)
{
    union {
        double align;
        unsigned char bytes[KEDGE_ADWIN_BYTES];
    } mem;
    kedge_adwin_config cfg = kedge_adwin_defaults();
    kedge_detector d;
    kedge_alarm alarm;
    if (kedge_detector_init(&d, &cfg.base, &mem, sizeof mem) < 0)
        return 1;
    for (int i = 0; i < 4000; i++)
        if (kedge_detector_update(&d, i < 2000 ? i % 10 == 0 : i % 2 == 0) < 0)
            return 1;
    if (kedge_detector_alarm(&d, &alarm) != KEDGE_OK || alarm.at < 2000 || alarm.at > 2200)
        return 1;
    printf("kedge %s: drift at %" PRIu64 "\n", kedge_version(), alarm.at);
    return 0;
}
