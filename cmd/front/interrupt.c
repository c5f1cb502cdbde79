/* SPDX-License-Identifier: MIT */
/* Ctrl-C ends the work, not the report about it. */
#include "cmd/front/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "base/macro.h"

static void wake_up(int number)
{
    (void)number;
}

void interrupt_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = wake_up, .sa_flags = (int)SA_RESETHAND};

    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        sigaction(numbers[i], &action, NULL);
}
