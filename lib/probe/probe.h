/* SPDX-License-Identifier: MIT */
/* The seam between deciding and doing: what can be asked of a network, and what it can answer. */
#ifndef SONDE_PROBE_PROBE_H
#define SONDE_PROBE_PROBE_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"
#include "wire/extension.h"

/** What is asked. The first group asks this machine and sends nothing. */
enum probe_kind {
    PROBE_ROUTE,     /* how would this machine send to the destination? */
    PROBE_NEIGHBOUR, /* does the next hop answer on the link? */
    PROBE_LISTENER,  /* the destination is this machine: what listens on the port? */
    PROBE_ECHO,      /* ICMP echo request */
    PROBE_TCP_SYN,   /* a connection request; a SYN-ACK is reset at once */
    PROBE_TCP_ACK,   /* an acknowledgement out of the blue: hosts answer with a reset (RFC 9293 3.10.7.1) */
    PROBE_TCP_SHORT, /* a SYN whose data offset (4) is too small: hosts discard it, careless filters answer */
    PROBE_UDP,       /* a datagram */
    PROBE_UDP_LYING, /* a datagram that claims more octets than it has: discarded and answered likewise */
    PROBE_PROTOCOL,  /* a packet of a protocol nobody speaks (253, RFC 3692): "protocol unreachable" */
    PROBE_STREAM,    /* a real connection: connect, send `payload`, wait for data */
    PROBE_KINDS
};

/** Probes of one flow share their source port, so that load balancers and filters treat them alike. */
enum probe_flow { FLOW_TARGET, FLOW_CONTROL, FLOW_MALFORMED, FLOW_OTHER, PROBE_FLOWS };

enum { PROBES_MAX = 96, PROBE_QUOTE_MAX = 192 };

/** One question. */
struct probe {
    uint16_t id; /* below PROBES_MAX, unique in a session */
    enum probe_kind kind;
    enum probe_flow flow;
    struct sonde_address destination;
    uint16_t port;        /* of TCP, UDP, PROBE_LISTENER; for PROBE_LISTENER `udp` says which */
    bool udp;             /* PROBE_LISTENER and PROBE_ROUTE: ask about UDP, else TCP */
    uint8_t ttl;          /* 0: the system's default */
    uint8_t tos;          /* DSCP and ECN octet */
    uint16_t size;        /* octets of the whole IP packet; 0: as small as the probe can be */
    bool dont_fragment;   /* IPv4; IPv6 never fragments on the way */
    bool first_fragment;  /* send only the first fragment of a longer packet */
    struct slice payload; /* of PROBE_UDP and PROBE_STREAM; else, and if empty, the network's cookie */
    int64_t timeout_ns;   /* of PROBE_STREAM: how long to wait for connection and for data, each */
};

/** What came back. */
enum reply_kind {
    REPLY_LOCAL,          /* this machine's kernel refused: `error` */
    REPLY_ROUTE,          /* `route` */
    REPLY_NEIGHBOUR,      /* `neighbour` */
    REPLY_LISTENER,       /* `listener` */
    REPLY_ECHO,           /* echo reply */
    REPLY_SYN_ACK,        /* the port accepts connections */
    REPLY_RESET,          /* TCP reset, to a probe outside a connection */
    REPLY_DATA,           /* a datagram, or data on a stream */
    REPLY_ICMP,           /* an ICMP error that quotes the probe: `type`, `code` */
    REPLY_STREAM_OPEN,    /* the stream's connection stands; a further reply follows */
    REPLY_STREAM_RESET,   /* the connection stood and was then reset */
    REPLY_STREAM_CLOSED,  /* the connection stood and was then closed without data */
    REPLY_STREAM_SILENT,  /* data were acknowledged, nothing came back in time */
    REPLY_STREAM_STALLED, /* the connection stood, but data were not acknowledged in time */
    REPLY_STREAM_TIMEOUT, /* the connection did not come about in time */
    REPLY_KINDS
};

/** The route types that matter (rtnetlink(7)). */
enum route_type {
    ROUTE_UNICAST,
    ROUTE_LOCAL,
    ROUTE_NONE,
    ROUTE_BLACKHOLE,
    ROUTE_PROHIBIT,
    ROUTE_UNREACHABLE
};

enum { INTERFACE_NAME_MAX = 16 };

/** How this machine would send to a destination. */
struct route {
    enum route_type type;
    struct sonde_address gateway; /* family 0: the destination is on the link */
    struct sonde_address source;
    char interface[INTERFACE_NAME_MAX];
    uint32_t index; /* of the interface */
    uint32_t mtu;   /* octets the interface takes */
    bool up;        /* the interface is up and has a carrier */
    bool loopback;  /* the packets never leave this machine */
};

/** The next hop in the neighbour table. */
enum neighbour { NEIGHBOUR_UNKNOWN, NEIGHBOUR_RESOLVED, NEIGHBOUR_PENDING, NEIGHBOUR_FAILED };

/** What listens on a port of this machine. */
enum listener {
    LISTENER_NONE,
    LISTENER_HERE,      /* on the destination address or on all */
    LISTENER_ELSEWHERE, /* on another address of this machine: `from` */
    LISTENER_FULL,      /* here, but its accept queue is full */
};

/** One answer. Fields that do not belong to the kind, or were not visible, are 0 or -1 as stated. */
struct reply {
    uint16_t probe; /* id of the probe it answers */
    enum reply_kind kind;
    struct sonde_address from;
    int16_t ttl;        /* of the answer as received; -1: not visible at this privilege */
    int16_t tos;        /* of the answer as received; -1: not visible */
    uint8_t type, code; /* REPLY_ICMP */
    uint32_t mtu;       /* REPLY_ICMP that reports one; REPLY_LOCAL with EMSGSIZE: the known path MTU, or 0 */
    int error;          /* REPLY_LOCAL: positive errno */
    int64_t when_ns;    /* when it arrived, on the network's clock */
    int64_t rtt_ns;     /* since the probe was sent */
    int16_t quoted_tos; /* TOS of the quoted probe as the sender of the error saw it; -1: not visible */
    bool socket_reset;  /* REPLY_RESET: it looks like one of a live connection (has options or an IP id) */
    struct extension extension; /* REPLY_ICMP: RFC 4884 objects */
    struct route route;
    enum neighbour neighbour;
    enum listener listener;
    uint32_t queue, backlog; /* REPLY_LISTENER: accept queue and its limit */
};

/** A network: the kernel's (lib/net) or a simulated one (tests/sim). An implementation embeds it first. */
struct network {
    /**
     * Ask. Answers to local questions are available to `receive` at once.
     * @return 0, or -errno when this machine refuses to send; that is evidence, the caller records it.
     *         -EOPNOTSUPP: this privilege level cannot ask such a question (see `can`)
     */
    int (*send)(struct network *network, const struct probe *probe);
    /**
     * Wait for one answer.
     * @param deadline_ns on the network's clock; in the past: only look
     * @return 1 and a reply, 0 at the deadline, or -errno when the network broke (-EINTR: the user
     *         wants to stop)
     */
    int (*receive)(struct network *network, int64_t deadline_ns, struct reply *reply);
    /** The network's clock in ns; monotonic, any origin. */
    int64_t (*now)(struct network *network);
    /** Whether such probes can be sent with what this process may do. */
    bool (*can)(const struct network *network, enum probe_kind kind);
};

/** Whether a kind asks this machine only and so costs no packet. */
bool probe_is_local(enum probe_kind kind);

/** A word for a kind, for evidence and tests: "echo", "tcp-syn". */
const char *probe_kind_name(enum probe_kind kind);

#endif
