/* SPDX-License-Identifier: MIT */
/* Echo that hears only what the rules let through to this machine, unlike a capture. */
#ifndef SONDE_NET_GUARD_APPLY_PROBE_ECHO_H
#define SONDE_NET_GUARD_APPLY_PROBE_ECHO_H

#include <stdint.h>

#include "base/address.h"

/** What came back. */
enum echo_answer { ECHO_NONE, ECHO_REPLY, ECHO_TOO_BIG /* a router says which size would fit */ };

/** One target. */
struct echo {
    struct sonde_address address;
    uint32_t interface; /* of a link-local address */
    uint16_t id;
    uint16_t size; /* octets of the whole packet, which must not be fragmented; 0: small */
};

/** Open a socket for it. @return a descriptor or -errno */
int echo_open(const struct echo *echo);

/** Send a request. @return 0, or -errno (-EPERM: our own rules refuse it) */
int echo_send(int fd, const struct echo *echo, uint16_t sequence);

/** Take what has come. */
enum echo_answer echo_hear(int fd, const struct echo *echo);

#endif
