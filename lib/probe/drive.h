/* SPDX-License-Identifier: MIT */
/* The one loop that runs a state machine on a network, real or simulated. */
#ifndef SONDE_PROBE_DRIVE_H
#define SONDE_PROBE_DRIVE_H

#include "probe/probe.h"

/** A machine that decides what to send next. An implementation embeds it first. */
struct machine {
    /** The next probe to send now; false: none now. */
    bool (*next_send)(struct machine *machine, int64_t now_ns, struct probe *probe);
    /** An answer, or this machine's refusal to send. */
    void (*on_reply)(struct machine *machine, const struct reply *reply);
    /** Time has passed. */
    void (*on_tick)(struct machine *machine, int64_t now_ns);
    /** When on_tick is due; INT64_MAX: the machine is done. */
    int64_t (*next_deadline)(const struct machine *machine);
};

/**
 * Run a machine until it is done.
 * @return 0, or -errno when the network broke (-EINTR: interrupted)
 */
int drive(struct machine *machine, struct network *network);

/**
 * Do everything that can be done without waiting.
 * @return 1 when the machine is done, 0 when it wants to wait, or -errno when the network broke
 */
int drive_step(struct machine *machine, struct network *network);

#endif
