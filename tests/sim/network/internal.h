/* SPDX-License-Identifier: MIT */
/* What the files of the simulated network tell each other. */
#ifndef SONDE_TESTS_SIM_INTERNAL_H
#define SONDE_TESTS_SIM_INTERNAL_H

#include "tests/sim/network/sim.h"
#include "wire/ip.h"
#include "wire/tcp.h"

/** The errors that nodes send, whatever the family. */
enum sim_error {
    SIM_ERROR_TTL,
    SIM_ERROR_REASSEMBLY,
    SIM_ERROR_PORT,
    SIM_ERROR_PROTOCOL,
    SIM_ERROR_TOO_BIG,
    SIM_ERROR_ADDRESS, /* no answer on the link */
    SIM_ERROR_NO_ROUTE,
    SIM_ERROR_UNREACHABLE_ROUTE,
    SIM_ERROR_PROHIBIT_ROUTE,
    SIM_ERROR_REDIRECT,
    SIM_ERROR_ADMIN,
    SIM_ERROR_HOST_PROHIBITED,
    SIM_ERROR_NET,
    SIM_ERRORS
};

/** Where a node sends a packet. */
struct sim_hop {
    enum route_type type; /* ROUTE_UNICAST: `side` and `next` are set */
    enum sim_side side;
    struct sonde_address next; /* the neighbour's address */
};

/* clock.c */

/** Let something happen later; packet may be NULL. */
void sim_schedule(struct sim *sim, int64_t when_ns, enum sim_event_kind kind, int node, unsigned argument,
                  const struct sim_packet *packet);

/** Take the next event up to a time, or NULL; the caller frees it. */
struct sim_event *sim_next_event(struct sim *sim, int64_t until_ns);

/* packet.c */

/** Read a packet's IP header; false when it is no packet. */
bool sim_parse(const struct sim_packet *packet, struct ip_header *ip, struct slice *payload);

/** Write an IP packet with this header and payload. */
void sim_build(struct sim_packet *packet, const struct ip_header *ip, struct slice payload);

/** Replace the TTL. */
void sim_set_ttl(struct sim_packet *packet, uint8_t ttl);

/** Clear the DSCP and keep the ECN bits. */
void sim_bleach(struct sim_packet *packet);

/** Replace the source or destination address in an IP packet, which may be cut, and mend its checksums. */
void sim_replace_address(uint8_t *octets, size_t length, bool destination,
                         const struct sonde_address *address);

/** Whether a packet is an ICMP error. */
bool sim_is_icmp_error(const struct ip_header *ip, struct slice payload);

/* error.c */

/** Let a node send an ICMP error about a packet, if its allowance permits. */
void sim_send_error(struct sim *sim, int node, const struct sim_packet *cause, enum sim_error error,
                    uint32_t mtu);

/* filter.c */

/** Whether a packet passes a hook; rejecting rules have answered when it does not. */
bool sim_filter(struct sim *sim, int node, enum sim_hook hook, const struct sim_packet *packet);

/** Answer a TCP segment with a reset in the name of its destination. */
void sim_send_reset(struct sim *sim, int node, const struct sim_packet *cause, uint8_t tos);

/* nat.c */

/** Translate a packet that arrives at a node; false when the node keeps it to reassemble. */
bool sim_translate(struct sim *sim, int node, struct sim_packet *packet);

/** Undo the translation of an answer that leaves a node. */
void sim_translate_back(struct sim *sim, int node, struct sim_packet *packet);

/* router.c */

/** How a node would send to a destination. */
struct sim_hop sim_route(const struct sim *sim, int node, const struct sonde_address *destination);

/** A packet arrives at a node. */
void sim_arrive(struct sim *sim, int node, struct sim_packet *packet);

/** A node sends a packet of its own; false when its filter refuses it. */
bool sim_output(struct sim *sim, int node, struct sim_packet *packet);

/* link.c */

/** Put a packet on a link towards a neighbour. */
void sim_transmit(struct sim *sim, int node, const struct sim_hop *hop, const struct sim_packet *packet);

/** The node that has an address on a link and answers for it, or -1. */
int sim_owner(const struct sim *sim, int link, const struct sonde_address *address);

/** What a node's neighbour table says about an address. */
enum neighbour sim_neighbour(const struct sim *sim, int node, const struct sonde_address *address);

/* host.c */

/** Whether an address belongs to a node. */
bool sim_is_own(const struct sim *sim, int node, const struct sonde_address *address);

/** A packet has reached the node it is for. */
void sim_deliver(struct sim *sim, int node, const struct sim_packet *packet);

/** The time to reassemble a packet is over. */
void sim_reassembly_failed(struct sim *sim, int node, const struct sim_packet *packet);

/* tcp.c */

/** A segment has reached its host. */
void sim_segment(struct sim *sim, int node, const struct sim_packet *packet);

/** The connection of a host that a segment with these ports belongs to, or NULL. */
struct sim_connection *sim_connection(struct sim *sim, int node, uint16_t local_port, uint16_t remote_port,
                                      const struct sonde_address *remote);

/** An endpoint learns that its segments are too large. */
void sim_connection_shrink(struct sim *sim, struct sim_connection *connection, uint32_t mtu);

/** Start PROBE_STREAM. */
int sim_stream_start(struct sim *sim, const struct probe *probe);

/** A connection request met an ICMP error. */
void sim_stream_error(struct sim *sim, struct sim_connection *connection, const struct reply *reply);

/** A retransmission timer of a connection. */
void sim_connection_timer(struct sim *sim, int number, unsigned generation);

/** The patience of PROBE_STREAM is over. */
void sim_connection_deadline(struct sim *sim, int number, unsigned stage);

/* local.c */

/** Answer a question about this machine. */
void sim_ask_local(struct sim *sim, const struct probe *probe);

/** Why this machine refuses to send at all: 0 or -errno. */
int sim_local_refusal(const struct sim *sim, const struct sonde_address *destination);

/* sim.c */

/** Hand a reply to the caller of receive. */
void sim_reply(struct sim *sim, const struct reply *reply);

/** A packet for the client: compare it with what was sent. */
void sim_client_receive(struct sim *sim, const struct sim_packet *packet);

/* hostile.c */

/** Strangers react to a probe they may have guessed. */
void sim_hostile_probe(struct sim *sim, const struct sim_packet *probe);

/** Strangers repeat and damage an answer. */
void sim_hostile_answer(struct sim *sim, const struct sim_packet *answer);

#endif
