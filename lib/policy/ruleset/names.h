/* SPDX-License-Identifier: MIT */
/* The words that nft and iptables use for protocols, ICMP types and codes. */
#ifndef SONDE_POLICY_RULESET_NAMES_H
#define SONDE_POLICY_RULESET_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/** A number in full. @return whether the text is one between 0 and max */
bool names_number(const char *text, uint32_t max, uint32_t *number);

/** The number of a protocol ("icmp", "ipv6-icmp", "47"). @return whether there is one */
bool names_protocol(const char *name, uint32_t *protocol);

/** A type, perhaps with a code: "echo-request", "3", "3/4", "fragmentation-needed".
 * @param family 4 or 6
 * @param code filled, or -1 when the name is about all codes
 * @return whether there is one */
bool names_type(uint8_t family, const char *name, uint32_t *type, int *code);

/** A code as nft names it whatever the type is: "frag-needed", "admin-prohibited", "4". */
bool names_code(uint8_t family, const char *name, uint32_t *code);

/** A bit of enum rules_state from its name in nft or iptables. */
bool names_state(const char *name, uint32_t *state);

/** Bits of enum rules_local from a name of nft (fib type, pkttype) or iptables (addrtype, pkttype). */
bool names_local(const char *name, uint32_t *local);

#endif
