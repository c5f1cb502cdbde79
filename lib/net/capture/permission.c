/* SPDX-License-Identifier: MIT */
/* What to say to somebody who may not listen. */
#include "net/capture/permission.h"

#include <unistd.h>

enum { PATH_SHOWN = 160 /* a longer path would not fit into the hint */ };

int permission_error(struct sonde_error *error, const char *name, const char *capabilities)
{
    char path[PATH_SHOWN + 1];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

    error_set(error, SONDE_E_PERMISSION, "cannot listen on %s: this user may not", name);
    if (length <= 0 || length > PATH_SHOWN)
        error_hint(error, "Run it with sudo, or once: sudo setcap %s+ep $(which sonde)", capabilities);
    else
        error_hint(error, "Run it with sudo, or once: sudo setcap %s+ep %.*s", capabilities, (int)length,
                   path);
    return SONDE_E_PERMISSION;
}
