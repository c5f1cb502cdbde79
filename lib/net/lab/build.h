/* SPDX-License-Identifier: MIT */
/* Building the network of a scenario. */
#ifndef SONDE_NET_LAB_BUILD_H
#define SONDE_NET_LAB_BUILD_H

#include "net/lab/scenario.h"

enum { BUILD_NAME_MAX = 128 };

/** Write the name of a host's namespace: "sonde-INSTANCE-HOST". Returns name. */
const char *build_namespace_name(const char *instance, const char *host, char name[BUILD_NAME_MAX]);

/**
 * Make the namespaces of all hosts and take every step: the healthy network first, the fault last. The
 * caller's children are the services. Whoever calls must be alone in its process: it changes namespaces on
 * the way.
 * @return 0 or an error with its context; what was made until then stays and is the caller's to remove
 */
int build_network(const struct scenario *scenario, const char *instance, struct sonde_error *error);

#endif
