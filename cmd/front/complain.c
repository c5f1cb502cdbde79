/* SPDX-License-Identifier: MIT */
/* How every command says that something went wrong, and which exit code belongs to it. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "cmd/command.h"

static const struct {
    int code;
    enum exit_code exit;
} exits[] = {
    {SONDE_E_USAGE, EXIT_USAGE}, {SONDE_E_PERMISSION, EXIT_PERMISSION},   {-EPERM, EXIT_PERMISSION},
    {-EACCES, EXIT_PERMISSION},  {SONDE_E_UNSUPPORTED, EXIT_CANNOT_TELL}, {-EINTR, EXIT_INTERRUPTED},
};

/* What people typed may hold octets that would drive a terminal. */
static void clean(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

int complain(const struct sonde_error *error)
{
    struct sonde_error said = *error;

    if (!said.what[0])
        snprintf(said.what, sizeof(said.what), "%s", sonde_error_text(error->code));
    clean(said.what);
    clean(said.hint);
    fprintf(stderr, "sonde: %s%s%s\n", said.what, said.hint[0] ? ". " : "", said.hint);
    for (size_t i = 0; i < COUNT_OF(exits); i++)
        if (exits[i].code == error->code)
            return exits[i].exit;
    return EXIT_HOLDS_NOT;
}
