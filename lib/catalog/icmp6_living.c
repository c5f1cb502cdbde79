/* SPDX-License-Identifier: MIT */
/* ICMPv6 types 128 to 143: echo, multicast listeners, neighbour discovery and its relatives. */
#include "catalog/tables.h"

#define LINK_ONLY FILTER(LINK, LINK, LINK, DROP, DROP, DROP)
#define NOT_ROUTED                                                                                           \
    "Link-local: hop limit 255 shows that it was not routed, so that nothing but the link can send it. "
#define NODE_INFO                                                                                            \
    .filter = DROP_EVERYWHERE,                                                                               \
    .filter_reason = "It tells names and addresses to strangers; nothing breaks without it.",                \
    .rfc = "RFC 4620; RFC 4890 4.3.5"
#define RENUMBERING                                                                                          \
    .filter = DROP_EVERYWHERE,                                                                               \
    .filter_reason = "Whoever can send it can renumber the network; it must be protected by IPsec and "      \
                     "never pass a border.",                                                                 \
    .rfc = "RFC 2894; RFC 4890 4.3.5"

static const struct sonde_icmp_entry rows[] = {
    {
        CODE(6, 128, 0),
        "echo-request",
        "Echo request",
        ICMP_CURRENT,
        .says = "A ping: please send identifier, sequence number and data back.",
        .sender = "ping, monitoring, load balancers, scanners.",
        .causes = "somebody tests whether a host is there; monitoring; a sweep over many addresses "
                  "(reconnaissance); a flood; a tunnel that hides data in echo messages",
        .action = "Answer it, with a rate limit. No answer does not prove that a host is down: many "
                  "firewalls drop it. Linux: net.ipv6.icmp.echo_ignore_all.",
        .filter = FILTER(LIMIT, ACCEPT, LIMIT, ACCEPT, LIMIT, ACCEPT),
        .filter_reason = "Must not be dropped (RFC 4890): monitoring and tunnels depend on it, and sweeping "
                         "a /64 is hopeless anyway.",
        .rfc = "RFC 4443 4.1; RFC 4890 4.3.1, 4.4.1",
    },
    OTHER_CODES(6, 128, "echo-request-other-code", "Echo request with an unassigned code", "RFC 4443 4.1"),
    {
        CODE(6, 129, 0),
        "echo-reply",
        "Echo reply",
        ICMP_CURRENT,
        .says = "The answer to a ping: identifier, sequence number and data of the echo request come back "
                "unchanged.",
        .sender = "The kernel of the pinged host; no service has to run there.",
        .causes = "somebody pinged this host, and the path works in both directions; unasked: somebody "
                  "forges your address in his pings (backscatter); unasked: a tunnel that hides data in "
                  "echo messages",
        .action = "It proves that the host and the path in both directions work, not that a service does: "
                  "for a port ask `sonde why tcp://[HOST]:PORT`.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .filter_reason = "Must not be dropped (RFC 4890): without it none of your own pings is answered.",
        .rfc = "RFC 4443 4.2; RFC 4890 4.3.1, 4.4.1",
    },
    OTHER_CODES(6, 129, "echo-reply-other-code", "Echo reply with an unassigned code", "RFC 4443 4.2"),
    {
        CODE(6, 130, 0),
        "mld-query",
        "Multicast listener query",
        ICMP_CURRENT,
        .says = "\"Who on this link listens to which multicast groups?\"",
        .sender = "The multicast querier of the link: a router, or a switch with MLD snooping.",
        .causes = "normal, every 125 s; a second querier or a forged one",
        .action =
            "Let it pass on the link: behind snooping switches neighbour discovery itself depends on it.",
        .filter = FILTER(LINK, DROP, LINK, DROP, DROP, DROP),
        .filter_reason = "Dropped at hosts, snooping switches forget them and multicast (also neighbour "
                         "discovery) stops after minutes.",
        .rfc = "RFC 2710; RFC 9777; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 130, "mld-query-other-code", "Multicast listener query, unassigned code", "RFC 2710"),
    {
        CODE(6, 131, 0),
        "mld-report",
        "Multicast listener report (version 1)",
        ICMP_CURRENT,
        .says = "\"I listen to this multicast group.\"",
        .sender = "Hosts and routers with MLD version 1.",
        .causes = "normal: a host joins a group or answers a query",
        .action = "Nothing; newer hosts send version 2 (type 143).",
        .filter = LINK_ONLY,
        .filter_reason = "Dropped, snooping switches do not deliver multicast, nor neighbour discovery.",
        .rfc = "RFC 2710; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 131, "mld-report-other-code", "Multicast listener report, unassigned code", "RFC 2710"),
    {
        CODE(6, 132, 0),
        "mld-done",
        "Multicast listener done",
        ICMP_CURRENT,
        .says = "\"I stop listening to this multicast group.\"",
        .sender = "Hosts and routers with MLD version 1.",
        .causes = "normal: a host leaves a group",
        .action = "Nothing.",
        .filter = LINK_ONLY,
        .filter_reason = "Dropped, groups linger until they time out.",
        .rfc = "RFC 2710; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 132, "mld-done-other-code", "Multicast listener done, unassigned code", "RFC 2710"),
    {
        CODE(6, 133, 0),
        "router-solicitation",
        "Router solicitation",
        ICMP_CURRENT,
        .says = "\"Which routers are on this link? Please advertise now.\"",
        .sender = "Hosts at start-up and when a link comes up.",
        .causes = "normal; again and again: no router answers",
        .action = "If no advertisement follows, look at the router (radvd, RA switched on?) and at RA guard "
                  "on the switch.",
        .filter = FILTER(DROP, LINK, LINK, DROP, DROP, DROP),
        .filter_reason = NOT_ROUTED "Dropped at the router, hosts wait minutes for their address.",
        .rfc = "RFC 4861 4.1; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 133, "router-solicitation-other-code", "Router solicitation, unassigned code", "RFC 4861"),
    {
        CODE(6, 134, 0),
        "router-advertisement",
        "Router advertisement",
        ICMP_CURRENT,
        .says = "\"I am a router\", with prefixes, MTU, DNS servers and how hosts get their address.",
        .sender = "Routers, every few minutes and on request; a rogue: a laptop with connection sharing, an "
                  "attacker.",
        .causes = "normal; a rogue router (hosts suddenly get a second prefix or default route); lifetime "
                  "0: the router withdraws itself",
        .action = "Allow only the routers you know: RA guard on switches (RFC 6105). `rdisc6 IFACE` shows "
                  "what is advertised.",
        .filter = FILTER(LINK, DROP, LINK, DROP, DROP, DROP),
        .filter_reason =
            NOT_ROUTED "Dropped at hosts, IPv6 dies when the lifetime of the default route ends.",
        .rfc = "RFC 4861 4.2; RFC 6104; RFC 6105; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 134, "router-advertisement-other-code", "Router advertisement, unassigned code",
                "RFC 4861"),
    {
        CODE(6, 135, 0),
        "neighbor-solicitation",
        "Neighbor solicitation",
        ICMP_CURRENT,
        .says = "\"Who has this address, and what is your link-layer address?\" (the ARP of IPv6); also: is "
                "my address free?",
        .sender = "Every IPv6 node.",
        .causes = "normal; many for unused addresses: somebody scans the prefix from outside",
        .action = "Let it pass on the link in both directions; against scans limit the neighbour table at "
                  "the router (RFC 6583).",
        .filter = LINK_ONLY,
        .filter_reason = NOT_ROUTED "Dropped, no IPv6 at all: neighbours cannot find each other.",
        .rfc = "RFC 4861 4.3; RFC 4862; RFC 6583; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 135, "neighbor-solicitation-other-code", "Neighbor solicitation, unassigned code",
                "RFC 4861"),
    {
        CODE(6, 136, 0),
        "neighbor-advertisement",
        "Neighbor advertisement",
        ICMP_CURRENT,
        .says = "\"I have this address, and this is my link-layer address.\"",
        .sender = "Every IPv6 node when asked, or unasked when its address moves (VRRP, failover).",
        .causes = "normal; unasked and for somebody else's address: neighbour cache poisoning",
        .action =
            "Let it pass on the link in both directions; against forgeries use ND inspection on switches.",
        .filter = LINK_ONLY,
        .filter_reason = NOT_ROUTED "Dropped, no IPv6 at all: neighbours cannot find each other.",
        .rfc = "RFC 4861 4.4; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 136, "neighbor-advertisement-other-code", "Neighbor advertisement, unassigned code",
                "RFC 4861"),
    {
        CODE(6, 137, 0),
        "redirect",
        "Redirect",
        ICMP_CURRENT,
        .says = "\"For this destination use another router on your link, or the host itself: it is on your "
                "link\".",
        .sender = "The first router.",
        .causes = "two routers on one link; hosts of one link that do not know they share it; an attacker "
                  "on the link who wants to read traffic",
        .action = "Hosts: net.ipv6.conf.all.accept_redirects=0 unless you need it; give the right routes by "
                  "router advertisement (RFC 4191).",
        .filter = FILTER(POLICY, DROP, DROP, DROP, DROP, DROP),
        .filter_reason = "Whoever can send it can lead traffic through his own machine; without it traffic "
                         "still flows, one hop longer.",
        .rfc = "RFC 4861 4.5, 8; RFC 4890 4.4.4",
    },
    OTHER_CODES(6, 137, "redirect-other-code", "Redirect, unassigned code", "RFC 4861"),
    {
        CODE(6, 138, 0),
        "router-renumbering-command",
        "Router renumbering: command",
        ICMP_CURRENT,
        .says = "\"Change these prefixes on your interfaces.\"",
        .sender = "Nobody in practice; a management station in theory.",
        .causes = "a crafted packet; a laboratory",
        .action = "Find the sender.",
        RENUMBERING,
    },
    {
        CODE(6, 138, 1),
        "router-renumbering-result",
        "Router renumbering: result",
        ICMP_CURRENT,
        .says = "A router reports what a renumbering command changed.",
        .sender = "Nobody in practice; a router that obeyed such a command.",
        .causes = "a crafted packet; a laboratory",
        .action = "Find the sender.",
        RENUMBERING,
    },
    {
        CODE(6, 138, 255),
        "router-renumbering-reset",
        "Router renumbering: sequence number reset",
        ICMP_CURRENT,
        .says = "\"Forget the sequence numbers and keys of renumbering commands.\"",
        .sender = "Nobody in practice.",
        .causes = "a crafted packet; a laboratory",
        .action = "Find the sender.",
        RENUMBERING,
    },
    OTHER_CODES(6, 138, "router-renumbering", "Router renumbering, unassigned code", "RFC 2894"),
    {
        CODE(6, 139, 0),
        "node-information-query-address",
        "Node information query about an IPv6 address",
        ICMP_EXPERIMENTAL,
        .says = "\"What is the name, or what are the other addresses, of the node with this IPv6 address?\"",
        .sender = "ping -N of older iputils, scanners; Linux never answers, KAME systems did.",
        .causes = "reconnaissance on the link; a laboratory",
        .action = "Find the sender.",
        NODE_INFO,
    },
    {
        CODE(6, 139, 1),
        "node-information-query-name",
        "Node information query about a name",
        ICMP_EXPERIMENTAL,
        .says =
            "\"Which addresses has the node of this name?\", or nothing (a NOOP, to see whether it answers).",
        .sender = "ping -N of older iputils, scanners.",
        .causes = "reconnaissance on the link; a laboratory",
        .action = "Find the sender.",
        NODE_INFO,
    },
    {
        CODE(6, 139, 2),
        "node-information-query-ipv4",
        "Node information query about an IPv4 address",
        ICMP_EXPERIMENTAL,
        .says = "\"What is the name, or what are the other addresses, of the node with this IPv4 address?\"",
        .sender = "ping -N of older iputils, scanners.",
        .causes = "reconnaissance on the link; a laboratory",
        .action = "Find the sender.",
        NODE_INFO,
    },
    OTHER_CODES(6, 139, "node-information-query", "Node information query, unassigned code", "RFC 4620"),
    {
        CODE(6, 140, 0),
        "node-information-reply",
        "Node information response: success",
        ICMP_EXPERIMENTAL,
        .says = "The name or the addresses that were asked for.",
        .sender = "KAME systems (older BSD, macOS) when asked.",
        .causes = "somebody asked",
        .action = "Switch it off at the host (sysctl net.inet6.icmp6.nodeinfo=0).",
        NODE_INFO,
    },
    {
        CODE(6, 140, 1),
        "node-information-refused",
        "Node information response: refused",
        ICMP_EXPERIMENTAL,
        .says = "The node knows the answer and does not tell it.",
        .sender = "KAME systems when asked.",
        .causes = "somebody asked",
        .action = "Nothing.",
        NODE_INFO,
    },
    {
        CODE(6, 140, 2),
        "node-information-unknown-query",
        "Node information response: unknown query type",
        ICMP_EXPERIMENTAL,
        .says = "The node does not know this kind of query.",
        .sender = "KAME systems when asked.",
        .causes = "somebody asked something new",
        .action = "Nothing.",
        NODE_INFO,
    },
    OTHER_CODES(6, 140, "node-information-response", "Node information response, unassigned code",
                "RFC 4620"),
    {
        CODE(6, 141, 0),
        "inverse-neighbor-solicitation",
        "Inverse neighbor discovery solicitation",
        ICMP_CURRENT,
        .says = "\"Which IPv6 address belongs to this link-layer address?\"",
        .sender = "Routers on frame relay and similar links.",
        .causes = "normal on such links; elsewhere a scan",
        .action = "Nothing on such links; elsewhere find the sender.",
        .filter = LINK_ONLY,
        .filter_reason = NOT_ROUTED "Only frame-relay-like links need it.",
        .rfc = "RFC 3122; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 141, "inverse-neighbor-solicitation-other-code",
                "Inverse neighbor discovery solicitation, unassigned code", "RFC 3122"),
    {
        CODE(6, 142, 0),
        "inverse-neighbor-advertisement",
        "Inverse neighbor discovery advertisement",
        ICMP_CURRENT,
        .says = "\"These IPv6 addresses belong to that link-layer address.\"",
        .sender = "Routers on frame relay and similar links.",
        .causes = "normal on such links; elsewhere a crafted packet",
        .action = "Nothing on such links; elsewhere find the sender.",
        .filter = LINK_ONLY,
        .filter_reason = NOT_ROUTED "Only frame-relay-like links need it.",
        .rfc = "RFC 3122; RFC 4890 4.4.1",
    },
    OTHER_CODES(6, 142, "inverse-neighbor-advertisement-other-code",
                "Inverse neighbor discovery advertisement, unassigned code", "RFC 3122"),
    {
        TYPE(6, 143),
        "mld2-report",
        "Multicast listener report (version 2)",
        ICMP_CURRENT,
        .says = "\"I listen to these multicast groups, from these sources\". The code field is reserved.",
        .sender = "Every IPv6 node: each address it has makes it join a solicited-node group.",
        .causes = "normal: an address was added, a group joined, a query answered",
        .action = "Nothing. If IPv6 neighbours vanish minutes after start-up, look at MLD snooping on the "
                  "switch and whether a querier exists.",
        .filter = LINK_ONLY,
        .filter_reason = "Dropped, snooping switches do not deliver multicast, nor neighbour discovery.",
        .rfc = "RFC 9777; RFC 3810; RFC 4890 4.4.1",
    },
};

const struct icmp_part icmp6_living = {rows, COUNT_OF(rows)};
