/* SPDX-License-Identifier: MIT */
/* What must go on working while a policy is on trial, asked before and after. */
#ifndef SONDE_NET_GUARD_APPLY_PROBE_PROBE_H
#define SONDE_NET_GUARD_APPLY_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/guard/apply/probe/link.h"
#include "net/guard/apply/session.h"

enum { PROBES_LIST_MAX = 32, PROBE_NAME_MAX = 80 };

/** What is asked. */
enum guard_probe_kind {
    GUARD_PROBE_ECHO,      /* is there an answer to our echo? */
    GUARD_PROBE_SIZE,      /* does the largest packet get through, or does a router say what would? (RFC 1191,
                              RFC 8201) */
    GUARD_PROBE_CONNECT,   /* does a new TCP connection come about? */
    GUARD_PROBE_NEIGHBOUR, /* does the gateway answer on the link? (RFC 826, RFC 4861) */
};

/** One probe. */
struct guard_probe {
    enum guard_probe_kind kind;
    char name[PROBE_NAME_MAX]; /* "echo to the gateway 192.0.2.1" */
    struct sonde_address address;
    uint32_t interface;
    uint16_t port, size;
    bool was_green, is_green;
};

/** A list of them; zero-initialise. */
struct guard_probes {
    struct guard_probe items[PROBES_LIST_MAX];
    size_t count;
};

/** Add what every machine needs: its gateways of both families (on the link, echo, size), and under ssh the
 * peer and a new connection to the port it came to. Echo to itself is not among them: that is for the policy
 * to say. */
void guard_probes_usual(struct guard_probes *probes, const struct session_of *session);

/**
 * Add a target of the user's: HOST (echo and size), or HOST:PORT (a connection).
 * @return 0; SONDE_E_USAGE; SONDE_E_UNRESOLVED; -E2BIG when there are too many
 */
int guard_probes_add(struct guard_probes *probes, const char *target, struct sonde_error *error);

/**
 * Ask all side by side, which takes at most 0.6 s; `is_green` says what came of each.
 * @param only_green leave out those that were not green in the baseline
 * @return 0, or -EINTR: the user wants to stop
 */
int guard_probes_ask(struct guard_probes *probes, bool only_green);

/** What was green is what counts from now on. @return how many are */
size_t guard_probes_keep(struct guard_probes *probes);

/** The first that was green and is not; NULL: none. */
const struct guard_probe *guard_probes_red(const struct guard_probes *probes);

#endif
