/* SPDX-License-Identifier: MIT */
/* ICMPv6 types 144 to 255: mobility, mesh networks, PROBE, experiments, and what is not assigned. */
#include "catalog/tables.h"

#define LINK_ONLY FILTER(LINK, LINK, LINK, DROP, DROP, DROP)
#define MOBILE_IPV6                                                                                          \
    .causes = "normal where Mobile IPv6 is in use; elsewhere a scan",                                        \
    .action = "Nothing where Mobile IPv6 is in use; elsewhere find the sender.",                             \
    .filter = FILTER(DROP, DROP, POLICY, POLICY, POLICY, POLICY), .tier = 3,                                 \
    .filter_reason = "Only Mobile IPv6 needs it; it helps to find home agents."
#define SEND_PATH                                                                                            \
    .causes = "normal where SEND is in use; elsewhere a scan",                                               \
    .action = "Nothing where SEND is in use; elsewhere find the sender.", .filter = LINK_ONLY, .tier = 3,    \
    .hop_limit = 255, .filter_reason = "Only SEND needs it; certificates cost processor time.",              \
    .rfc = "RFC 3971 6; RFC 4890 4.4.1"
#define MULTICAST_ROUTER                                                                                     \
    .filter = LINK_ONLY, .tier = 3, .hop_limit = 1,                                                          \
    .filter_reason =                                                                                         \
        "Snooping switches find multicast routers by it; forged, it draws multicast to a stranger.",         \
    .rfc = "RFC 4286; RFC 4890 4.4.1"
#define MESH                                                                                                 \
    .sender = "Routers and nodes of low-power mesh networks (RPL).",                                         \
    .causes = "normal inside the mesh; elsewhere a crafted packet or an attack on its routing",              \
    .action = "Nothing inside the mesh; it must not cross the border router.",                               \
    .filter = FILTER(DROP, DROP, POLICY, DROP, DROP, DROP), .tier = 4,                                       \
    .filter_reason = "Only mesh routers need it; forged, it changes routes."
#define RPL(number, name, title, says_what, reference)                                                       \
    {                                                                                                        \
        CODE(6, 155, number), name, "RPL control: " title, ICMP_CURRENT, .says = says_what, MESH,            \
                                                                         .rfc = reference                    \
    }
#define LOWPAN                                                                                               \
    .sender = "Routers of 6LoWPAN networks.",                                                                \
    .causes = "normal inside such networks; elsewhere a crafted packet",                                     \
    .action = "Nothing inside such networks; elsewhere find the sender.",                                    \
    .filter = FILTER(DROP, DROP, POLICY, DROP, DROP, DROP), .tier = 4,                                       \
    .filter_reason = "Only 6LoWPAN routers need it; forged, it takes addresses away.",                       \
    .rfc = "RFC 6775; RFC 8505"
#define PROBE_REPLY                                                                                          \
    .sender = "A router or host with PROBE (RFC 8335) that was asked.",                                      \
    .filter = FILTER(STATE, DROP, POLICY, POLICY, DROP, DROP), .tier = 4,                                    \
    .filter_reason = "Only whoever sends extended echo requests needs it.", .rfc = "RFC 8335"
#define UNASSIGNED_INFORMATION                                                                               \
    .sender = "Nobody who follows a current standard.",                                                      \
    .causes = "a newer standard; a scanner or a fuzzer; a tunnel",                                           \
    .action = "Find the sender; compare with https://www.iana.org/assignments/icmpv6-parameters.",           \
    .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP), .tier = 5,                                       \
    .filter_reason = "Nothing breaks: receivers discard unknown informational messages.",                    \
    .rfc = "RFC 4443 2.4; RFC 4890 4.3.4, 4.4.5"
#define PRIVATE_INFORMATION                                                                                  \
    .says = "Whatever the experiment in your network defines.", .sender = "Laboratories.",                   \
    .causes = "an experiment; a tunnel", .action = "Find the sender unless it is your experiment.",          \
    .filter = DROP_EVERYWHERE, .tier = 5, .filter_reason = "Must not leave a laboratory.",                   \
    .rfc = "RFC 4443 2.1; RFC 4890 4.3.5"

static const struct sonde_icmp_entry rows[] = {
    {
        CODE(6, 144, 0),
        "home-agent-discovery-request",
        "Home agent address discovery request",
        ICMP_CURRENT,
        .says = "\"Which home agents are on my home link?\"",
        .sender = "Mobile IPv6 nodes away from home.",
        MOBILE_IPV6,
        .rfc = "RFC 6275 6.5; RFC 4890 4.3.2",
    },
    OTHER_CODES(6, 144, "home-agent-discovery-request-other-code",
                "Home agent address discovery request, unassigned code", "RFC 6275"),
    {
        CODE(6, 145, 0),
        "home-agent-discovery-reply",
        "Home agent address discovery reply",
        ICMP_CURRENT,
        .says = "The addresses of the home agents.",
        .sender = "Mobile IPv6 home agents.",
        MOBILE_IPV6,
        .rfc = "RFC 6275 6.6; RFC 4890 4.3.2",
    },
    OTHER_CODES(6, 145, "home-agent-discovery-reply-other-code",
                "Home agent address discovery reply, unassigned code", "RFC 6275"),
    {
        CODE(6, 146, 0),
        "mobile-prefix-solicitation",
        "Mobile prefix solicitation",
        ICMP_CURRENT,
        .says = "\"Which prefixes does my home link have now?\"",
        .sender = "Mobile IPv6 nodes away from home.",
        MOBILE_IPV6,
        .rfc = "RFC 6275 6.7; RFC 4890 4.3.2",
    },
    OTHER_CODES(6, 146, "mobile-prefix-solicitation-other-code",
                "Mobile prefix solicitation, unassigned code", "RFC 6275"),
    {
        CODE(6, 147, 0),
        "mobile-prefix-advertisement",
        "Mobile prefix advertisement",
        ICMP_CURRENT,
        .says = "The prefixes of the home link.",
        .sender = "Mobile IPv6 home agents.",
        MOBILE_IPV6,
        .rfc = "RFC 6275 6.8; RFC 4890 4.3.2",
    },
    OTHER_CODES(6, 147, "mobile-prefix-advertisement-other-code",
                "Mobile prefix advertisement, unassigned code", "RFC 6275"),
    {
        CODE(6, 148, 0),
        "certification-path-solicitation",
        "Certification path solicitation",
        ICMP_CURRENT,
        .says = "\"Which certificates prove that this router may be one?\" (secure neighbour discovery).",
        .sender = "Hosts with SEND; practically nobody.",
        SEND_PATH,
    },
    OTHER_CODES(6, 148, "certification-path-solicitation-other-code",
                "Certification path solicitation, unassigned code", "RFC 3971"),
    {
        CODE(6, 149, 0),
        "certification-path-advertisement",
        "Certification path advertisement",
        ICMP_CURRENT,
        .says = "A certificate of a router (secure neighbour discovery).",
        .sender = "Routers with SEND; practically nobody.",
        SEND_PATH,
    },
    OTHER_CODES(6, 149, "certification-path-advertisement-other-code",
                "Certification path advertisement, unassigned code", "RFC 3971"),
    {
        TYPE(6, 150),
        "experimental-mobility",
        "Experimental mobility protocols (Seamoby)",
        ICMP_EXPERIMENTAL,
        .says = "A message of an experimental mobility protocol; a subtype in it tells which.",
        .sender = "Research networks with Seamoby candidate access router discovery.",
        .causes = "an experiment; a scanner or a fuzzer",
        .action = "Find the sender unless you run the experiment.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "Nobody needs it outside the experiment.",
        .rfc = "RFC 4065; RFC 4890 4.3.4",
    },
    {
        TYPE(6, 151),
        "multicast-router-advertisement",
        "Multicast router advertisement",
        ICMP_CURRENT,
        .says = "\"I am a multicast router on this link\"; the code field holds the advertisement interval "
                "in seconds.",
        .sender = "Multicast routers, with hop limit 1.",
        .causes = "normal where multicast is routed; elsewhere a crafted packet",
        .action = "Nothing where multicast is routed; elsewhere find the sender.",
        MULTICAST_ROUTER,
    },
    {
        TYPE(6, 152),
        "multicast-router-solicitation",
        "Multicast router solicitation",
        ICMP_CURRENT,
        .says = "\"Which multicast routers are on this link?\" The code field is reserved.",
        .sender = "Switches with MLD snooping.",
        .causes = "normal: a snooping switch started; elsewhere a crafted packet",
        .action = "Nothing.",
        MULTICAST_ROUTER,
    },
    {
        TYPE(6, 153),
        "multicast-router-termination",
        "Multicast router termination",
        ICMP_CURRENT,
        .says = "\"I stop being a multicast router on this link.\" The code field is reserved.",
        .sender = "Multicast routers that shut down.",
        .causes = "normal: a multicast router stops; forged: somebody wants to stop multicast",
        .action = "If multicast stops although the router lives, find the sender.",
        MULTICAST_ROUTER,
    },
    {
        TYPE(6, 154),
        "fmipv6",
        "FMIPv6 messages (fast handovers)",
        ICMP_CURRENT,
        .says = "A message of fast handovers for Mobile IPv6; a subtype in it tells which.",
        .sender = "Access routers and mobile nodes with FMIPv6; practically nobody.",
        .causes = "normal where it is in use; elsewhere a crafted packet",
        .action = "Nothing where it is in use; elsewhere find the sender.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "Only fast mobile handovers need it.",
        .rfc = "RFC 5568",
    },
    RPL(0, "rpl-dis", "DODAG information solicitation",
        "\"Which RPL routers are near? Please tell about your graph.\"", "RFC 6550 6.2"),
    RPL(1, "rpl-dio", "DODAG information object", "A mesh router's offer: its graph, rank and metrics.",
        "RFC 6550 6.3"),
    RPL(2, "rpl-dao", "destination advertisement object", "\"These destinations are reached through me.\"",
        "RFC 6550 6.4"),
    RPL(3, "rpl-dao-ack", "destination advertisement object acknowledgement",
        "The answer to a destination advertisement.", "RFC 6550 6.5"),
    RPL(4, "rpl-p2p-dro", "P2P discovery reply object",
        "The answer to a route discovery between two nodes of the mesh.", "RFC 6997"),
    RPL(5, "rpl-p2p-dro-ack", "P2P discovery reply object acknowledgement",
        "The answer to a P2P discovery reply.", "RFC 6997"),
    RPL(6, "rpl-measurement", "measurement object", "A measurement of a route in the mesh.", "RFC 6998"),
    RPL(7, "rpl-dco", "destination cleanup object", "\"Forget the route to this destination.\"", "RFC 9009"),
    RPL(8, "rpl-dco-ack", "destination cleanup object acknowledgement",
        "The answer to a destination cleanup.", "RFC 9009"),
    RPL(9, "rpl-pdr", "projected DAO request", "\"Please install this route\", to the root of the mesh.",
        "RFC 9914"),
    RPL(10, "rpl-pdr-ack", "projected DAO request acknowledgement",
        "The root's answer to a projected DAO request.", "RFC 9914"),
    {
        CODES(6, 155, 128, 133),
        "rpl-secure",
        "RPL control: secure variants",
        ICMP_CURRENT,
        .says = "The same messages with a security section: 0x80 DIS, 0x81 DIO, 0x82 DAO, 0x83 DAO-ACK, "
                "0x84 and 0x85 P2P discovery.",
        MESH,
        .rfc = "RFC 6550 6.1; RFC 6997",
    },
    {
        CODES(6, 155, 135, 136),
        "rpl-secure-dco",
        "RPL control: secure destination cleanup",
        ICMP_CURRENT,
        .says = "Destination cleanup (0x87) and its acknowledgement (0x88) with a security section.",
        MESH,
        .rfc = "RFC 9009",
    },
    RPL(138, "rpl-consistency-check", "consistency check",
        "A challenge that checks the counters of secure messages.", "RFC 6550 6.6"),
    OTHER_CODES(6, 155, "rpl-control", "RPL control message, unassigned code", "RFC 6550; IANA rpl"),
    {
        CODE(6, 156, 0),
        "ilnp-locator-update",
        "ILNPv6 locator update",
        ICMP_EXPERIMENTAL,
        .says = "\"I moved: reach me at this locator now.\"",
        .sender = "Nodes with the experimental ILNPv6; practically nobody.",
        .causes = "an experiment; somebody tries to take over flows",
        .action = "Find the sender unless you run the experiment.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 5,
        .filter_reason = "Only ILNP needs it; forged, it moves flows.",
        .rfc = "RFC 6743",
    },
    OTHER_CODES(6, 156, "ilnp-locator-update-other-code", "ILNPv6 locator update, unassigned code",
                "RFC 6743"),
    {
        CODE(6, 157, 0),
        "duplicate-address-request",
        "Duplicate address request",
        ICMP_CURRENT,
        .says = "\"Is this address in use anywhere in the mesh?\"",
        LOWPAN,
    },
    {
        CODES(6, 157, 1, 4),
        "extended-duplicate-address-request",
        "Extended duplicate address request",
        ICMP_CURRENT,
        .says = "The same with proof of ownership; the code gives its length: 64, 128, 192 or 256 bits.",
        LOWPAN,
    },
    OTHER_CODES(6, 157, "duplicate-address-request-other-code", "Duplicate address request, unassigned code",
                "RFC 6775; RFC 8505"),
    {
        CODE(6, 158, 0),
        "duplicate-address-confirmation",
        "Duplicate address confirmation",
        ICMP_CURRENT,
        .says = "The answer: the address is free, in use, or the table is full.",
        LOWPAN,
    },
    {
        CODES(6, 158, 1, 4),
        "extended-duplicate-address-confirmation",
        "Extended duplicate address confirmation",
        ICMP_CURRENT,
        .says = "The same with proof of ownership; the code gives its length: 64, 128, 192 or 256 bits.",
        LOWPAN,
    },
    OTHER_CODES(6, 158, "duplicate-address-confirmation-other-code",
                "Duplicate address confirmation, unassigned code", "RFC 6775; RFC 8505"),
    {
        CODE(6, 159, 0),
        "mpl-control",
        "MPL control message",
        ICMP_CURRENT,
        .says = "Which multicast packets a mesh router has; its neighbours send what is missing.",
        .sender = "Routers of low-power mesh networks with MPL.",
        .causes = "normal inside the mesh; elsewhere a crafted packet",
        .action = "Nothing inside the mesh; elsewhere find the sender.",
        .filter = LINK_ONLY,
        .tier = 4,
        .filter_reason = "Only mesh networks need it.",
        .rfc = "RFC 7731",
    },
    OTHER_CODES(6, 159, "mpl-control-other-code", "MPL control message, unassigned code", "RFC 7731"),
    {
        CODE(6, 160, 0),
        "extended-echo-request",
        "Extended echo request (PROBE)",
        ICMP_CURRENT,
        .says = "\"Is that interface of yours (or your neighbour) alive?\", by name, index or address.",
        .sender = "Operators of routers with PROBE (Junos, Linux 5.13 and later answer it).",
        .causes = "an operator tests an interface through another one; a scan for interfaces",
        .action = "Allow it only inside your own network; it is off by default in Linux.",
        .filter = FILTER(DROP, POLICY, POLICY, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "It tells strangers the names and states of interfaces.",
        .rfc = "RFC 8335",
    },
    OTHER_CODES(6, 160, "extended-echo-request-other-code", "Extended echo request, unassigned code",
                "RFC 8335"),
    {
        CODE(6, 161, 0),
        "extended-echo-reply",
        "Extended echo reply (PROBE)",
        ICMP_CURRENT,
        .says = "The probed interface is known; flags tell whether it is active and which protocols it runs.",
        .causes = "somebody probed an interface",
        .action = "Read the flags: A active, 4 IPv4, 6 IPv6, and the state of the neighbour's entry.",
        PROBE_REPLY,
    },
    {
        CODE(6, 161, 1),
        "extended-echo-malformed-query",
        "Extended echo reply: malformed query",
        ICMP_CURRENT,
        .says = "The extended echo request could not be understood.",
        .causes = "a bug in the probing program; a probe of another version; PROBE is not enabled for this "
                  "kind of query",
        .action = "Check the interface identification object of the request.",
        PROBE_REPLY,
    },
    {
        CODE(6, 161, 2),
        "extended-echo-no-such-interface",
        "Extended echo reply: no such interface",
        ICMP_CURRENT,
        .says = "The probed node has no interface of that name, index or address.",
        .causes = "a misspelt interface name; an index that has changed; the interface was removed",
        .action = "Check the name or index at the probed node.",
        PROBE_REPLY,
    },
    {
        CODE(6, 161, 3),
        "extended-echo-no-such-entry",
        "Extended echo reply: no such table entry",
        ICMP_CURRENT,
        .says = "The probed node has no neighbour entry for that address.",
        .causes = "the neighbour is down or silent; a wrong address",
        .action = "Make the node talk to the neighbour (ping it from there), then probe again.",
        PROBE_REPLY,
    },
    {
        CODE(6, 161, 4),
        "extended-echo-multiple-interfaces",
        "Extended echo reply: several interfaces fit",
        ICMP_CURRENT,
        .says = "More than one interface fits the query.",
        .causes = "an address that several interfaces share (unnumbered, anycast, link-local)",
        .action = "Ask by name or index instead of by address.",
        PROBE_REPLY,
    },
    OTHER_CODES(6, 161, "extended-echo-reply-other-code", "Extended echo reply, unassigned code", "RFC 8335"),
    {
        TYPES(6, 162, 199),
        "unassigned-162-199",
        "Unassigned types 162 to 199",
        ICMP_UNASSIGNED,
        .says = "Nothing that a published standard defines (ICMPv6 Reflection, in the making, will take "
                "numbers from here).",
        UNASSIGNED_INFORMATION,
    },
    {
        TYPE(6, 200),
        "private-200",
        "Private experimentation",
        ICMP_EXPERIMENTAL,
        PRIVATE_INFORMATION,
    },
    {
        TYPE(6, 201),
        "private-201",
        "Private experimentation",
        ICMP_EXPERIMENTAL,
        PRIVATE_INFORMATION,
    },
    {
        TYPES(6, 202, 254),
        "unassigned-202-254",
        "Unassigned types 202 to 254",
        ICMP_UNASSIGNED,
        .says = "Nothing: no standard gives these types a meaning.",
        UNASSIGNED_INFORMATION,
    },
    {
        TYPE(6, 255),
        "reserved-255",
        "Reserved for expansion of informational messages",
        ICMP_RESERVED,
        .says = "Nothing yet: reserved for the day when the numbers run out.",
        .sender = "Nobody who follows a current standard.",
        .causes = "a scanner or a fuzzer; a tunnel",
        .action = "Find the sender.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks when it is dropped.",
        .rfc = "RFC 4443 2.1; RFC 4890 4.3.5",
    },
};

const struct icmp_part icmp6_rare = {rows, COUNT_OF(rows)};
