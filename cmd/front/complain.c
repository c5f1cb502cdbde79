/* SPDX-License-Identifier: MIT */
/* How every command says that something went wrong, and which exit code belongs to it. */
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

int complain(const struct sonde_error *error)
{
    const char *what = error->what[0] ? error->what : sonde_error_text(error->code);

    fprintf(stderr, "sonde: %s%s%s\n", what, error->hint[0] ? ". " : "", error->hint);
    for (size_t i = 0; i < COUNT_OF(exits); i++)
        if (exits[i].code == error->code)
            return exits[i].exit;
    return EXIT_HOLDS_NOT;
}
