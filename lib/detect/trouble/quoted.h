/* SPDX-License-Identifier: MIT */
/* What errors say of the packets they quote: which service, whose fault, and whether anybody cares. */
#ifndef SONDE_DETECT_TROUBLE_QUOTED_H
#define SONDE_DETECT_TROUBLE_QUOTED_H

#include "detect/watch.h"

/** How long ago a second was; a second that is yet to come, because the watch began anew, is long ago. */
static inline uint32_t quoted_age(uint32_t now_s, uint32_t then_s)
{
    return now_s >= then_s ? now_s - then_s : UINT32_MAX;
}

/** Whether the quoted packet looks like a probe of traceroute: it came with little time to live. */
bool quoted_is_trace(const struct packet_quote *quote);

/** Whether the quoted packet is the answer of a server whose client is gone, such as late answers of DNS. */
bool quoted_is_answer(const struct packet_quote *quote);

/** Whether the quoted packet certainly was not sent: the error is forged or the answer to somebody else. */
bool quoted_is_foreign(const struct watch *watch, const struct sighting *sighting);

/** Whether flows pass here at all; captures of ICMP alone know nothing of them. */
bool quoted_sees_flows(const struct watch *watch);

/** The hash of a quoted service: its host, of which the hash is known, protocol and port. */
uint64_t quoted_service(const struct watch *watch, const struct packet_quote *quote, uint64_t target);

/** State the error and what it quotes as evidence. */
void quoted_tell(struct finding *finding, const struct sighting *sighting);

/** State the number that crossed its threshold. */
void quoted_measure(struct finding *finding, double observed, double threshold, const char *measure);

#endif
