/* SPDX-License-Identifier: MIT */
/* sonde why --from-server: what this machine does with packets to its own ports. */
#ifndef SONDE_CMD_WHY_SERVER_H
#define SONDE_CMD_WHY_SERVER_H

#include "base/address.h"
#include "cmd/command.h"
#include "cmd/front/report_file.h"

/** How to ask. */
struct why_server_options {
    uint8_t family;              /* 4 or 6; 0: both */
    const char *interface;       /* where the packets arrive; NULL: anywhere */
    struct sonde_address source; /* who sends them; family 0: anybody */
    int64_t watch_ns;            /* how long to watch the counters; 0: not */
};

/**
 * Answer for each port, or for all ports on which anything waits.
 * @param ports, count "8443/tcp"; none: all
 * @param file gets the records too
 * @return the exit code
 */
int why_server(const struct session *session, const struct why_server_options *options, char **ports,
               size_t count, struct report_file *file);

#endif
