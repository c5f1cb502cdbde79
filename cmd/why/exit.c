/* SPDX-License-Identifier: MIT */
/* Exit codes of several answers: the worst one counts. */
#include "cmd/why/exit.h"

#include <string.h>

#include "cmd/command.h"

int exit_worse(int a, int b)
{
    static const int order[] = {EXIT_HOLDS,      EXIT_CANNOT_TELL, EXIT_HOLDS_NOT,
                                EXIT_PERMISSION, EXIT_USAGE,       EXIT_INTERRUPTED};
    int worst = a;

    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (order[i] == a || order[i] == b)
            worst = order[i];
    return worst;
}

int exit_of_state(const char *state)
{
    if (!strcmp(state, "reachable"))
        return EXIT_HOLDS;
    return strcmp(state, "unknown") ? EXIT_HOLDS_NOT : EXIT_CANNOT_TELL;
}
