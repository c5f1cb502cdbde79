/* SPDX-License-Identifier: MIT */
/* Ctrl-C ends the work, not the report about it. */
#include "cmd/front/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/macro.h"

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

static void wake_up(int number)
{
    (void)number;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = wake_up, .sa_flags = (int)SA_RESETHAND};

    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        sigaction(numbers[i], &action, NULL);
}

static sigset_t all_numbers(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        sigaddset(&set, numbers[i]);
    return set;
}

int interrupt_descriptor(void)
{
    sigset_t set = all_numbers();
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);

    if (descriptor < 0)
        return -errno;
    sigprocmask(SIG_BLOCK, &set, NULL);
    return descriptor;
}

void interrupt_release(int descriptor)
{
    struct signalfd_siginfo came;
    sigset_t set = all_numbers();

    while (read(descriptor, &came, sizeof(came)) == sizeof(came))
        ;
    close(descriptor);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
