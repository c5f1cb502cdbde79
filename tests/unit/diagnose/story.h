/* SPDX-License-Identifier: MIT */
/* Hand-made logs of diagnoses: what was asked and answered, without a network. */
#ifndef SONDE_TESTS_UNIT_DIAGNOSE_STORY_H
#define SONDE_TESTS_UNIT_DIAGNOSE_STORY_H

#include "diagnose/evidence.h"
#include "tests/unit/unit.h"

#define STORY_TARGET  "192.0.2.10"
#define STORY_GATEWAY "10.0.0.1"
#define STORY_SELF    "10.0.0.2"
#define STORY_RTT_NS  NS_PER_MS

enum { STORY_PORT = 4433, STORY_CONTROL_TCP = 40001, STORY_CONTROL_UDP = 40002, STORY_TOS = 0x28 };

/** A log in the making. */
struct story {
    struct evidence evidence;
    int64_t clock_ns;
    uint16_t next_id;
};

/** Start a log: the route is known and leads through the gateway. Port 0 is a bare host. */
void story_begin(struct story *story, uint16_t port, bool udp);

/** Note a probe of a kind for a question; returns its id. `ttl` 0 is the default. */
uint16_t story_ask(struct story *story, enum question question, enum probe_kind kind, uint8_t ttl);

/** Note an answer to a probe, a moment later; the members that are 0 become those of a plain answer of the
 * target. Returns whether it counts. */
bool story_answer(struct story *story, uint16_t probe, struct reply reply);

/** Ask and answer at once. */
void story_exchange(struct story *story, enum question question, enum probe_kind kind, struct reply reply);

/** Ask so many times without an answer, until patience is over. */
void story_silence(struct story *story, enum question question, enum probe_kind kind, unsigned tries);

/** A rung of a ladder that a router answers with "time exceeded". */
void story_rung(struct story *story, enum question ladder, uint8_t ttl, const char *router);

/** An ICMP error from an address. */
struct reply story_error(const char *from, uint8_t type, uint8_t code);

/** An answer that is no ICMP error. */
struct reply story_plain(enum reply_kind kind);

#endif
