/* SPDX-License-Identifier: MIT */
/* Where the guard keeps its files; tests and containers say otherwise. */
#include <stdlib.h>

#include "cmd/guard/guard.h"

static const char *place(const char *variable, const char *usual)
{
    const char *said = getenv(variable);

    return said && *said ? said : usual;
}

const char *guard_state(void)
{
    return place("SONDE_GUARD_STATE", GUARD_STATE);
}

const char *guard_etc(void)
{
    return place("SONDE_GUARD_ETC", GUARD_ETC);
}
