/* SPDX-License-Identifier: MIT */
/* A simulated network behind the seam of probe/probe.h: client, routers, server, and what can be wrong with
 * them.
 *
 * Real packet octets walk over simulated nodes that behave as Linux was measured to (facts of issue 2).
 * Nothing depends on anything but the seed. A caller makes a healthy network with sim_init, breaks it by
 * writing to nodes, links and `local`, and then asks questions through `network`.
 */
#ifndef SONDE_TESTS_SIM_H
#define SONDE_TESTS_SIM_H

#include "probe/packet.h"
#include "probe/probe.h"

enum {
    SIM_ROUTERS_MAX = 8,
    SIM_EXTRAS_MAX = 2, /* hosts beside the path: a NAT's backend, a neighbour of the target */
    SIM_NODES_MAX = SIM_ROUTERS_MAX + 2 + SIM_EXTRAS_MAX,
    SIM_LINKS_MAX = SIM_ROUTERS_MAX + 1,
    SIM_RULES_MAX = 4,
    SIM_PACKET_MAX = 1600,
    SIM_REPLIES_MAX = 128,
    SIM_CONNECTIONS_MAX = 32,
    SIM_NEIGHBOURS_MAX = 16,
    SIM_QUEUE_MAX = 1024,
    SIM_MTU = 1500,
    SIM_CLIENT = 0, /* node number; routers are 1..routers, then the server, then the extras */
};

/** A stream of random numbers (splitmix64, Steele et al. 2014). */
struct sim_random {
    uint64_t state;
};

/** A packet under way. */
struct sim_packet {
    size_t length;
    bool fragmented; /* travels in fragments; they are carried as one */
    uint8_t octets[SIM_PACKET_MAX];
};

/** Which way on the line of nodes. */
enum sim_side { SIM_LEFT, SIM_RIGHT, SIM_SIDES };

/** Where a filter rule looks. */
enum sim_hook { SIM_FORWARD, SIM_INPUT, SIM_OUTPUT };

/** ICMP messages that a rule can match, whatever the family. */
enum sim_icmp {
    SIM_ICMP_NONE,
    SIM_ICMP_ANY,
    SIM_ICMP_UNREACHABLE,
    SIM_ICMP_TOO_BIG,
    SIM_ICMP_EXCEEDED,
    SIM_ICMP_ECHO
};

/** What a rule does. */
enum sim_verdict {
    SIM_DROP,
    SIM_REJECT,
    SIM_LIMIT /* admits `burst`, then one per `every_ns`; drops the rest */
};

/** How a rule rejects. */
enum sim_reject {
    SIM_REJECT_PORT,
    SIM_REJECT_ADMIN,
    SIM_REJECT_HOST_PROHIBITED,
    SIM_REJECT_NET,
    SIM_REJECT_RESET
};

/** A filter rule; zero members match everything. */
struct sim_rule {
    enum sim_hook hook;
    uint8_t protocol;   /* IPPROTO_TCP, IPPROTO_UDP or 0 */
    uint16_t port;      /* destination port */
    bool syn_only;      /* connection requests only */
    enum sim_icmp icmp; /* not SIM_ICMP_NONE: ICMP of this kind only */
    struct sonde_address source, destination;
    enum sim_verdict verdict;
    enum sim_reject reject;
    unsigned burst;
    int64_t every_ns;
    double tokens;      /* of SIM_LIMIT */
    int64_t updated_ns; /* of SIM_LIMIT */
    unsigned hits;      /* packets that met the verdict */
};

/** What serves the target port. */
enum sim_service_kind {
    SIM_CLOSED,
    SIM_ECHO,
    SIM_MUTE,     /* takes data and says nothing */
    SIM_RESETS,   /* accepts and resets */
    SIM_CLOSES,   /* accepts and closes */
    SIM_GREETS,   /* speaks first */
    SIM_FULL,     /* its accept queue is full */
    SIM_LOOPBACK, /* listens on 127.0.0.1 only */
};

/** A service. */
struct sim_service {
    uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
    uint16_t port;
    enum sim_service_kind kind;
};

/** The allowance for ICMP errors towards one destination, in ms of credit (inet_peer_xrlim_allow, ip_error).
 */
struct sim_bucket {
    bool used;
    double tokens_ms;
    int64_t updated_ns;
};

/** A device. */
struct sim_node {
    int link[SIM_SIDES];        /* number of the link on this side, or -1 */
    struct sonde_address extra; /* an address beside those that its links give it, or family 0 */
    uint8_t ttl;
    double loss;           /* share of arriving packets that get lost */
    bool bleach;           /* clears the DSCP of arriving packets */
    unsigned ratelimit_ms; /* icmp_ratelimit; 0: the default */
    uint16_t quote_max;    /* octets of the quote in errors; 0: as Linux */
    struct sim_rule rules[SIM_RULES_MAX];
    size_t rule_count;
    enum route_type target_route; /* ROUTE_UNICAST: a good one */
    bool whole_net;               /* target_route is about the target's network, not its address alone */
    bool target_back;             /* the route to the target leads back to the left */
    bool no_return;               /* no route to the client's network */
    bool conntrack;               /* tracks connections: reassembles what it forwards */
    uint16_t nat_port;            /* TCP port of the target that is translated; 0: none */
    struct sonde_address nat_to;
    struct sonde_address twin; /* a second router at this hop that takes every other flow; family 0: none */
    bool arp_off;              /* does not answer on the link */
    bool mute;                 /* discards whatever arrives (reverse-path filter), or cannot answer */
    bool echo_off;             /* ignores echo requests */
    bool incomplete;           /* its stack answers no unknown protocol */
    struct sim_service service;
    uint16_t sink; /* a UDP port that is open and silent */
    struct sim_bucket bucket;
    unsigned redirects;
    int64_t redirected_ns;
    unsigned path_mtu; /* towards the client, once learnt; 0: unknown */
};

/** A slow link with a queue and a background load on it: a token bucket filter with a FIFO, as tc tbf. */
struct sim_queue {
    int64_t rate_bps;         /* 0: the link is fast */
    double load;              /* background load as a multiple of the rate */
    bool mixed;               /* the load's packets are of many sizes, not of one */
    struct sim_random random; /* of the load, so that it does not depend on who probes when */
    double tokens;            /* octets that may leave at once */
    int64_t updated_ns, next_load_ns;
    uint16_t lengths[SIM_QUEUE_MAX]; /* of the waiting packets, a ring */
    size_t first, count, backlog;    /* backlog in octets */
    unsigned dropped;
};

/** A network between two nodes. */
struct sim_link {
    struct sonde_address address[SIM_SIDES]; /* of the node at its left end, at its right end */
    int64_t delay_ns[SIM_SIDES];             /* of packets that travel to this side */
    int64_t jitter_ns;
    double loss[SIM_SIDES];
    uint32_t mtu;
    struct sim_queue queue; /* of packets that travel right */
};

/** What is wrong with the client itself. */
struct sim_local {
    enum route_type route; /* to the target */
    bool no_default;       /* the default route is gone */
    bool interface_down;
    bool carrier_lost;
};

/** One end of a TCP connection. */
struct sim_connection {
    bool used, client, established;
    int node;
    struct sonde_address local, remote;
    uint16_t local_port, remote_port;
    uint32_t start, acknowledged, next, end, received; /* sequence numbers */
    uint16_t mss;
    int64_t timeout_ns; /* of retransmission */
    unsigned timer;     /* generation of the pending timer */
    int64_t started_ns;
    struct probe probe; /* of the client's end */
    enum sim_service_kind kind;
};

/** An address that nobody answers for, as a node knows it. */
struct sim_neighbour {
    bool used;
    int node;
    struct sonde_address address;
    int64_t fails_ns;
};

/** What happens later. */
enum sim_event_kind { SIM_ARRIVES, SIM_FORGED, SIM_UNRESOLVED, SIM_REASSEMBLY, SIM_TIMER, SIM_DEADLINE };

/** Something that is going to happen. */
struct sim_event {
    struct sim_event *next;
    int64_t when_ns;
    enum sim_event_kind kind;
    int node;          /* or the connection of timers and deadlines */
    unsigned argument; /* generation of a timer */
    struct sim_packet packet;
};

/** What a network can be asked to do beyond answering. */
struct sim_options {
    bool unprivileged; /* only what works without CAP_NET_RAW */
    bool hostile;      /* strangers inject forged, damaged and repeated answers */
};

/** The network. */
struct sim {
    struct network network;
    struct sim_options options;
    int64_t now_ns;
    struct sim_event *events;
    struct sim_random random, hostile_random;
    struct packet_book book;
    uint8_t family;
    int routers;
    int target_node; /* the server; SIM_CLIENT when the target is this machine */
    struct sonde_address target;
    struct sim_node nodes[SIM_NODES_MAX];
    struct sim_link links[SIM_LINKS_MAX];
    int extras;
    struct sim_local local;
    unsigned path_mtu; /* to the target, once the client has learnt it; 0: unknown */
    bool gateway_resolved;
    struct sim_neighbour neighbours[SIM_NEIGHBOURS_MAX];
    struct sim_connection connections[SIM_CONNECTIONS_MAX];
    struct reply replies[SIM_REPLIES_MAX];
    size_t reply_first, reply_count;
    unsigned probes_sent;  /* by the caller, without local questions */
    unsigned packets_sent; /* that left the client */
    unsigned injected;     /* by strangers */
};

/**
 * Make a healthy network: everything answers, nothing is lost, the target's port is a closed one.
 * @param seed draws topology, addresses, TTLs, delays and all later chance
 * @param family 4 or 6
 * @param routers 0..SIM_ROUTERS_MAX; with 0 the server is on the client's link
 */
void sim_init(struct sim *sim, uint64_t seed, uint8_t family, int routers);

/** Make a network whose target is the client itself: `address` is one of its own, or loopback. */
void sim_init_local(struct sim *sim, uint64_t seed, uint8_t family, bool loopback);

/** Free what is under way. */
void sim_deinit(struct sim *sim);

/** Add a rule to a node and return it, so that the caller can fill it in. */
struct sim_rule *sim_add_rule(struct sim *sim, int node);

/** Add a host to a link, by its number, and return its node. `link` -1: the last one. */
int sim_add_host(struct sim *sim, int link, const struct sonde_address *address);

/** An address on a link with this last octet; the same network as its nodes have. */
struct sonde_address sim_address_on(const struct sim *sim, int link, uint8_t last);

/** The number of the server's node. */
int sim_server(const struct sim *sim);

/** An address of a node, on its left side if it has one. */
struct sonde_address sim_node_address(const struct sim *sim, int node);

/** The next 64 random bits. */
uint64_t sim_random_next(struct sim_random *random);

/** A random number from low to high, both included. */
int64_t sim_random_between(struct sim_random *random, int64_t low, int64_t high);

/** Whether something of this probability happens. */
bool sim_random_happens(struct sim_random *random, double probability);

#endif
