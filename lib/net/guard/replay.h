/* SPDX-License-Identifier: MIT */
/* Recorded traffic as messages that a plan can count: a capture file, or what `sonde watch --json` wrote. */
#ifndef SONDE_NET_GUARD_REPLAY_H
#define SONDE_NET_GUARD_REPLAY_H

#include "base/error.h"
#include "policy/plan.h"

enum { REPLAY_LOCALS_MAX = 256 };

/** Whose traffic it is. */
struct replay {
    struct sonde_address locals[REPLAY_LOCALS_MAX]; /* of this machine: by them input and output are known */
    size_t local_count;
    unsigned directions; /* bits 1 << enum direction of what is filtered; of what is not local the last way of
                            forward-in, forward and input that is among them */
    int64_t icmp, other; /* filled: messages handed over, packets that are none */
};

/** Add the addresses of this machine. @return 0 or -errno */
int replay_add_locals(struct replay *replay);

/**
 * Read traffic.
 * @param path pcap or pcapng, or NDJSON with records sonde.watch.count/1
 * @param take hears of each ICMP message
 * @return 0 or an error with its context
 */
int replay_read(struct replay *replay, const char *path,
                void (*take)(void *context, const struct plan_message *message), void *context,
                struct sonde_error *error);

#endif
