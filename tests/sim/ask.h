/* SPDX-License-Identifier: MIT */
/* Asking a simulated network single questions, for its own tests. */
#ifndef SONDE_TESTS_SIM_ASK_H
#define SONDE_TESTS_SIM_ASK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/macro.h"
#include "tests/sim/network/sim.h"

enum { ASK_TTL_DEFAULT = 0, ASK_TOS = 0x28, ASK_CLOSED = 40999 };

/** A probe of the target with an identifier that has not been used. */
struct probe ask_probe(struct sim *sim, enum probe_kind kind, uint16_t port);

/**
 * Send a probe and wait for its first answer.
 * @param wait_ns how long at most
 * @return 1 and a reply, 0 for silence, or -errno of the refusal to send
 */
int ask(struct sim *sim, const struct probe *probe, int64_t wait_ns, struct reply *reply);

/** Send a probe of this kind, port and TTL, wait a second, and say what came back; REPLY_KINDS for silence.
 */
struct reply ask_for(struct sim *sim, enum probe_kind kind, uint16_t port, uint8_t ttl);

/** Whether a reply is this ICMP error, by its IPv4 or IPv6 number according to the network. */
bool ask_is_error(const struct sim *sim, const struct reply *reply, int type4, int code4, int type6,
                  int code6);

/** Answers to `count` probes that are sent `gap_ns` apart; each waits for the next. */
unsigned ask_many(struct sim *sim, enum probe_kind kind, uint16_t port, unsigned count, int64_t gap_ns);

/** The received TTL of a packet from a node, straight along the line. */
int ask_ttl_from(const struct sim *sim, int node);

/** Make the target's port a service. */
void ask_serve(struct sim *sim, uint8_t protocol, uint16_t port, enum sim_service_kind kind);

/** Whether a reply comes from a node. */
bool ask_is_from(const struct sim *sim, const struct reply *reply, int node);

#endif
