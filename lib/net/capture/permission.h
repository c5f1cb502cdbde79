/* SPDX-License-Identifier: MIT */
/* What to say to somebody who may not listen. */
#ifndef SONDE_NET_CAPTURE_PERMISSION_H
#define SONDE_NET_CAPTURE_PERMISSION_H

#include "base/error.h"

/**
 * Record that the kernel refused, and the commands that would allow it.
 * @param name of the capture
 * @param capabilities that are missing, as setcap(8) wants them
 * @return SONDE_E_PERMISSION
 */
int permission_error(struct sonde_error *error, const char *name, const char *capabilities);

#endif
