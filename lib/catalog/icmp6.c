/* SPDX-License-Identifier: MIT */
/* ICMPv6 types 0 to 127: the error messages, one row for each type and code. */
#include "catalog/tables.h"

#define UNREACHABLE "Destination unreachable: "

static const struct sonde_icmp_entry rows[] = {
    {
        TYPE(6, 0),
        "reserved-0",
        "Reserved type 0",
        ICMP_RESERVED,
        .says =
            "Nothing: the number is reserved. (In ICMPv4, type 0 is the echo reply; in ICMPv6 that is 129.)",
        .sender = "Nobody who follows a standard.",
        .causes = "a program that sends ICMPv4 numbers over IPv6; a scanner or a fuzzer; a tunnel",
        .action = "Find the sender.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks when it is dropped.",
        .rfc = "RFC 4443 2.1",
    },
    {
        CODE(6, 1, 0),
        "no-route",
        UNREACHABLE "no route to destination",
        ICMP_CURRENT,
        .says = "The router that answers has no route towards the destination.",
        .sender = "A router without a matching route; a Linux `unreachable` route too; a firewall that "
                  "rejects with `no-route`.",
        .causes = "a route is missing or was withdrawn; the link or tunnel behind that router is down; the "
                  "site has addresses but no upstream (broken IPv6, working IPv4); a private address "
                  "(fc00::/7) left the site",
        .action = "Ask at the answering router: `ip -6 route get ADDRESS`. If it is your own gateway, look "
                  "at its default route and at the delegated prefix. Linux programs see ENETUNREACH and "
                  "should try IPv4 at once.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason =
            "Must not be dropped (RFC 4890): clients would wait for a time-out before they try IPv4.",
        .rfc = "RFC 4443 3.1; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 1, 1),
        "admin-prohibited",
        UNREACHABLE "communication administratively prohibited",
        ICMP_CURRENT,
        .says = "A filter forbids this communication, and says so.",
        .sender =
            "A router's access list; a host's firewall with REJECT; firewalld; a Linux `prohibit` route.",
        .causes = "an access list denies the address, protocol or port; a host firewall denies it; a "
                  "prohibit route",
        .action = "The answering address is the filter. If other ports of the host answer, it is a rule for "
                  "this port; if every port and the ping gets it, an address rule or prohibit route. Linux "
                  "programs see EACCES, \"Permission denied\": it looks like a local problem and is not.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, LIMIT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): it makes a filter visible and lets clients fail "
                         "at once; it also shows the filter's address to strangers.",
        .rfc = "RFC 4443 3.1; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 1, 2),
        "beyond-scope",
        UNREACHABLE "beyond scope of source address",
        ICMP_CURRENT,
        .says =
            "The packet would have to leave the scope of its source address, for example a link-local one.",
        .sender = "The first router.",
        .causes = "a program bound itself to a link-local (fe80::) or site-local address; the host has no "
                  "global address (no router advertisement, no DHCPv6)",
        .action = "Look at the host's addresses (`ip -6 addr`) and at what the program binds. Linux "
                  "programs see EHOSTUNREACH.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): the only hint at a wrong source address.",
        .rfc = "RFC 4443 3.1; RFC 4007; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 1, 3),
        "address-unreachable",
        UNREACHABLE "address unreachable",
        ICMP_CURRENT,
        .says = "The last router could not deliver: the host does not answer neighbour solicitations.",
        .sender = "The last router before the target after about 3 s; the client's own kernel when the "
                  "target or the gateway is on its link; a firewall that rejects with `addr-unreachable`.",
        .causes = "the host is off, not plugged in or in another VLAN; the address is wrong, or was a "
                  "temporary one that expired; a switch or host firewall drops neighbour discovery or its "
                  "multicast",
        .action = "On the router: `ip -6 neigh show ADDRESS`. Make sure ICMPv6 135 and 136 pass in both "
                  "directions at the host. Linux programs see EHOSTUNREACH, \"No route to host\".",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): clients would hang until a time-out.",
        .rfc = "RFC 4443 3.1; RFC 4890 4.3.1, 4.4.1; RFC 6583",
    },
    {
        CODE(6, 1, 4),
        "port-unreachable",
        UNREACHABLE "port unreachable",
        ICMP_CURRENT,
        .says =
            "The host was reached, but nothing listens on the UDP port; or a firewall wants it to look so.",
        .sender = "The target's kernel for a closed UDP port; a firewall on the way or at the target: it is "
                  "the default answer of REJECT in ip6tables and nftables; kube-proxy for a Service without "
                  "endpoints.",
        .causes = "the service is down; the service listens only on IPv4, on another port or only on ::1; a "
                  "firewall rejects the port; a Kubernetes Service has no ready endpoints; a UDP traceroute "
                  "has arrived (then it means success); an answer came after the client had closed its port",
        .action = "A closed UDP port and a firewall's REJECT look the same on the wire; `sonde why "
                  "udp://[HOST]:PORT` separates them. For TCP it is always a firewall: a closed TCP port "
                  "answers with RST. At the target: `ss -lnup6`, then `nft list ruleset`. Linux programs "
                  "see ECONNREFUSED, UDP only on connected sockets.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, LIMIT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): DNS and VPN clients would wait instead of trying "
                         "the next server.",
        .rfc = "RFC 4443 3.1; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 1, 5),
        "source-policy-failed",
        UNREACHABLE "source address failed ingress/egress policy",
        ICMP_CURRENT,
        .says = "A filter does not accept this source address from this side.",
        .sender = "A router with BCP 38 or reverse-path filtering; a home router for addresses of a prefix "
                  "that it lost.",
        .causes = "the host still uses an address of an old prefix (renumbering); two upstreams and the "
                  "wrong one for this source address; a forged source address",
        .action = "Look at the host's addresses and their lifetimes (`ip -6 addr`); with two upstreams, "
                  "route by source. Linux programs see EACCES.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Must not be dropped: it makes hosts change to a valid source address.",
        .rfc = "RFC 4443 3.1; RFC 7084 L-14; RFC 4890",
    },
    {
        CODE(6, 1, 6),
        "reject-route",
        UNREACHABLE "reject route to destination",
        ICMP_CURRENT,
        .says = "The router has a route for the destination that says: reject.",
        .sender = "A router with a reject (discard with answer) route, often for unused parts of a prefix.",
        .causes = "the destination's part of the prefix is not in use; an operator took it out of service",
        .action = "Ask the operator of the answering router. Linux programs see EACCES.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): clients would hang until a time-out.",
        .rfc = "RFC 4443 3.1; RFC 4890",
    },
    {
        CODE(6, 1, 7),
        "source-routing-header-error",
        UNREACHABLE "error in source routing header",
        ICMP_CURRENT,
        .says = "A router could not forward the packet along its source routing header.",
        .sender = "Routers of low-power mesh networks (RPL).",
        .causes = "a mesh link went away; a crafted routing header",
        .action = "The root of the mesh repairs the route by itself; elsewhere find the sender. Linux "
                  "programs see EPROTO.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, STATE, POLICY),
        .tier = 2,
        .filter_reason = "Only mesh networks need it.",
        .rfc = "RFC 6550 20.18; RFC 6554",
    },
    {
        CODE(6, 1, 8),
        "headers-too-long",
        UNREACHABLE "headers too long",
        ICMP_CURRENT,
        .says = "The chain of headers is longer than the device can look into.",
        .sender = "A forwarding device that must see the transport header: router with ACL, load balancer, "
                  "firewall.",
        .causes = "many or long extension headers; segment routing; a scan with extension headers",
        .action = "Send fewer extension headers; the pointer in the message gives the limit. Linux programs "
                  "see EPROTO.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 2,
        .filter_reason = "The only hint at a device that cannot process extension headers.",
        .rfc = "RFC 8883 3",
    },
    {
        CODE(6, 1, 9),
        "p-route-error",
        UNREACHABLE "error in projected route (P-Route)",
        ICMP_CURRENT,
        .says = "A projected route that the root of a mesh installed cannot be followed any more.",
        .sender = "Routers of low-power mesh networks (RPL with projected routes).",
        .causes = "a mesh link went away; a crafted packet",
        .action = "The root of the mesh repairs the route; elsewhere find the sender.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, STATE, POLICY),
        .tier = 4,
        .filter_reason = "Only mesh networks need it.",
        .rfc = "RFC 9914",
    },
    {
        TYPE(6, 1),
        "destination-unreachable",
        "Destination unreachable, unassigned code",
        ICMP_UNASSIGNED,
        .says = "The destination cannot be reached, for a reason that no standard names yet.",
        .sender = "A device with a newer or wrong idea of the codes; scanners.",
        .causes = "a newer standard; a scanner or a fuzzer; a device that uses IPv4's codes",
        .action = "Treat it as unreachable; capture one and look at the sender.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, POLICY, DROP),
        .tier = 4,
        .filter_reason = "Errors of the future: hosts must hand them to the program (RFC 4443 2.4).",
        .rfc = "RFC 4443 2.4; IANA icmpv6-parameters",
    },
    {
        TYPE(6, 2),
        "packet-too-big",
        "Packet too big",
        ICMP_CURRENT,
        .says = "The packet is larger than the next link's MTU, which the message carries; routers never "
                "fragment IPv6.",
        .sender = "The router before the narrow link: a tunnel, VPN, PPPoE or mobile link.",
        .causes = "normal path-MTU discovery: one for each path and then smaller packets; a tunnel (6in4 "
                  "1480, PPPoE 1492, WireGuard 1420); repeated without end: the sender's host, firewall or "
                  "load balancer loses the message; MTU below 1280: forged or broken",
        .action = "Nothing, if transfers work. If connections open and then hang, somebody drops this "
                  "message: let it through everywhere, or clamp the TCP MSS at the narrow link. Linux "
                  "programs see EMSGSIZE; `ip -6 route get ADDRESS` shows the MTU that was learnt. The code "
                  "is 0 and receivers ignore it.",
        .filter = FILTER(STATE, ACCEPT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Never drop it: without it every path with a smaller MTU is a black hole, since "
                         "routers may not fragment.",
        .rfc = "RFC 4443 3.2; RFC 8201; RFC 4890 4.3.1, 4.4.1; RFC 8021",
    },
    {
        CODE(6, 3, 0),
        "hop-limit-exceeded",
        "Time exceeded: hop limit exceeded in transit",
        ICMP_CURRENT,
        .says = "The packet's hop limit reached 0 at this router; each router on the way takes one.",
        .sender = "A router on the way, in traceroute each of them in turn.",
        .causes = "traceroute or mtr is running (normal); a routing loop: the same routers appear again and "
                  "again, often for an unused part of a delegated prefix; the initial hop limit is too "
                  "small",
        .action = "In traceroute it is how each hop shows itself. Otherwise look for a loop: the customer's "
                  "router needs an `unreachable` route for its whole prefix. Linux programs see "
                  "EHOSTUNREACH.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, LIMIT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): traceroute and mtr would show only stars.",
        .rfc = "RFC 4443 3.3; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 3, 1),
        "reassembly-time-exceeded",
        "Time exceeded: fragment reassembly time exceeded",
        ICMP_CURRENT,
        .says = "Some fragments of a packet arrived, the rest did not within 60 s.",
        .sender = "The end host, or a firewall that reassembles.",
        .causes = "a firewall drops fragments or extension headers (common for IPv6); fragments are lost by "
                  "congestion; a scan with single fragments",
        .action = "Avoid fragments: smaller UDP answers (DNS: EDNS size 1232). It proves that the first "
                  "fragment reached the host.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 2,
        .filter_reason =
            "Should not be dropped (RFC 4890): the only sign that fragments get lost on the way.",
        .rfc = "RFC 4443 3.3; RFC 8200 4.5; RFC 4890 4.3.2",
    },
    OTHER_CODES(6, 3, "time-exceeded", "Time exceeded, unassigned code", "RFC 4443; IANA icmpv6-parameters"),
#define HEADER_PROBLEM                                                                                       \
    .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT), .tier = 2,                                 \
    .filter_reason =                                                                                         \
        "Should not be dropped (RFC 4890): the only hint at headers that the path cannot process."
    {
        CODE(6, 4, 0),
        "erroneous-header-field",
        "Parameter problem: erroneous header field",
        ICMP_CURRENT,
        .says = "A header field has a value that the node cannot process; the pointer in the message gives "
                "its octet.",
        .sender = "A router or the target.",
        .causes = "a bug in a driver, tunnel or NAT64; a scan with odd headers; a fragment whose length is "
                  "no multiple of 8",
        .action = "Look at the octet that the pointer names in the quoted packet. Linux programs see EPROTO.",
        HEADER_PROBLEM,
        .rfc = "RFC 4443 3.4; RFC 4890 4.3.2",
    },
    {
        CODE(6, 4, 1),
        "unrecognized-next-header",
        "Parameter problem: unrecognized next header",
        ICMP_CURRENT,
        .says = "The host was reached, but it does not speak the protocol in the next-header field.",
        .sender = "The target: the IPv6 counterpart of IPv4's protocol-unreachable (3/2).",
        .causes = "a tunnel, IPsec or SCTP module is not loaded at the target; a protocol scan; an unknown "
                  "extension header",
        .action = "Load or configure the protocol at the target. Linux programs see EPROTO.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): protocols need it to fall back.",
        .rfc = "RFC 4443 3.4; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 4, 2),
        "unrecognized-option",
        "Parameter problem: unrecognized IPv6 option",
        ICMP_CURRENT,
        .says = "The node does not know an option in an extension header, and the option asks to be told.",
        .sender = "A router (hop-by-hop options) or the target (destination options).",
        .causes =
            "an option that the node does not know; a scan: this error is sent even for multicast packets",
        .action = "Look at the octet that the pointer names. Linux programs see EPROTO.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Must not be dropped (RFC 4890): protocols need it to fall back; it can be used to "
                         "find hosts by multicast.",
        .rfc = "RFC 4443 3.4; RFC 8200 4.2; RFC 4890 4.3.1, 4.4.1",
    },
    {
        CODE(6, 4, 3),
        "incomplete-header-chain",
        "Parameter problem: first fragment has an incomplete header chain",
        ICMP_CURRENT,
        .says = "The first fragment does not contain all headers up to the transport header.",
        .sender = "The target, or a firewall.",
        .causes = "a scan that hides its port from filters; very many extension headers",
        .action = "Find the sender: ordinary programs never do it.",
        HEADER_PROBLEM,
        .rfc = "RFC 7112",
    },
    {
        CODE(6, 4, 4),
        "sr-upper-layer-error",
        "Parameter problem: segment routing upper-layer header error",
        ICMP_CURRENT,
        .says =
            "An SRv6 segment end point does not accept the header that follows the segment routing header.",
        .sender = "A router of an SRv6 domain.",
        .causes = "a packet for a segment identifier from outside the domain; a wrong segment list",
        .action =
            "Check the SRv6 policy; packets for segment identifiers must be filtered at the domain's border.",
        .filter = FILTER(STATE, LIMIT, STATE, POLICY, DROP, DROP),
        .tier = 3,
        .filter_reason = "It shows the inside of an SRv6 domain to strangers.",
        .rfc = "RFC 8754; RFC 8986",
    },
#define PROCESSING_LIMIT                                                                                     \
    .sender = "A router, load balancer or firewall with limits for extension headers.",                      \
    .causes = "more or longer extension headers than the device can process; a scan with extension headers", \
    .action = "Send fewer and shorter extension headers; the pointer gives the octet where the limit was "   \
              "passed. Linux programs see EPROTO.",                                                          \
    HEADER_PROBLEM, .rfc = "RFC 8883 2"
    {
        CODE(6, 4, 5),
        "unrecognized-next-header-at-node",
        "Parameter problem: next header not recognized by an intermediate node",
        ICMP_CURRENT,
        .says = "A device on the way must know the next header to forward the packet, and does not.",
        PROCESSING_LIMIT,
    },
    {
        CODE(6, 4, 6),
        "extension-header-too-big",
        "Parameter problem: extension header too big",
        ICMP_CURRENT,
        .says = "One extension header is longer than the device can process.",
        PROCESSING_LIMIT,
    },
    {
        CODE(6, 4, 7),
        "extension-header-chain-too-long",
        "Parameter problem: extension header chain too long",
        ICMP_CURRENT,
        .says = "All extension headers together are longer than the device can process.",
        PROCESSING_LIMIT,
    },
    {
        CODE(6, 4, 8),
        "too-many-extension-headers",
        "Parameter problem: too many extension headers",
        ICMP_CURRENT,
        .says = "The packet has more extension headers than the device can process.",
        PROCESSING_LIMIT,
    },
    {
        CODE(6, 4, 9),
        "too-many-options",
        "Parameter problem: too many options in an extension header",
        ICMP_CURRENT,
        .says = "An extension header has more options than the device can process.",
        PROCESSING_LIMIT,
    },
    {
        CODE(6, 4, 10),
        "option-too-big",
        "Parameter problem: option too big",
        ICMP_CURRENT,
        .says = "An option is longer than the device can process.",
        PROCESSING_LIMIT,
    },
    {
        TYPE(6, 4),
        "parameter-problem",
        "Parameter problem, unassigned code",
        ICMP_UNASSIGNED,
        .says = "A header cannot be processed, for a reason that no standard names yet.",
        .sender = "A device with a newer or wrong idea of the codes; scanners.",
        .causes = "a newer standard; a scanner or a fuzzer",
        .action = "Capture one and look at the pointer and the sender. Linux programs see EPROTO.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, POLICY, DROP),
        .tier = 4,
        .filter_reason = "Errors of the future: hosts must hand them to the program (RFC 4443 2.4).",
        .rfc = "RFC 4443 2.4; IANA icmpv6-parameters",
    },
#define UNASSIGNED_ERROR                                                                                     \
    .says = "An error that no standard defines yet (numbers below 128 are errors in ICMPv6).",               \
    .sender = "Nobody who follows a current standard.",                                                      \
    .causes =                                                                                                \
        "a newer standard; a program that sends ICMPv4 numbers over IPv6; a scanner or a fuzzer; a tunnel",  \
    .action = "Find the sender; compare with https://www.iana.org/assignments/icmpv6-parameters. "           \
              "ICMPv4's echo request is 8, ICMPv6's is 128.",                                                \
    .filter = FILTER(POLICY, DROP, POLICY, POLICY, DROP, DROP), .tier = 4,                                   \
    .filter_reason =                                                                                         \
        "RFC 4443 wants unknown errors to reach the program; RFC 4890 leaves them to the site.",             \
    .rfc = "RFC 4443 2.4; RFC 4890 4.3.4, 4.4.4"
#define PRIVATE_ERROR                                                                                        \
    .says = "Whatever the experiment in your network defines (an error).", .sender = "Laboratories.",        \
    .causes = "an experiment; a tunnel", .action = "Find the sender unless it is your experiment.",          \
    .filter = DROP_EVERYWHERE, .tier = 5, .filter_reason = "Must not leave a laboratory.",                   \
    .rfc = "RFC 4443 2.1; RFC 4890 4.3.5"
    {
        TYPES(6, 5, 99),
        "unassigned-error-5-99",
        "Unassigned errors 5 to 99",
        ICMP_UNASSIGNED,
        UNASSIGNED_ERROR,
    },
    {
        TYPE(6, 100),
        "private-error-100",
        "Private experimentation (error)",
        ICMP_EXPERIMENTAL,
        PRIVATE_ERROR,
    },
    {
        TYPE(6, 101),
        "private-error-101",
        "Private experimentation (error)",
        ICMP_EXPERIMENTAL,
        PRIVATE_ERROR,
    },
    {
        TYPES(6, 102, 126),
        "unassigned-error-102-126",
        "Unassigned errors 102 to 126",
        ICMP_UNASSIGNED,
        UNASSIGNED_ERROR,
    },
    {
        TYPE(6, 127),
        "reserved-127",
        "Reserved for expansion of error messages",
        ICMP_RESERVED,
        .says = "Nothing yet: reserved for the day when the numbers of errors run out.",
        .sender = "Nobody who follows a current standard.",
        .causes = "a scanner or a fuzzer; a tunnel",
        .action = "Find the sender.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks when it is dropped.",
        .rfc = "RFC 4443 2.1; RFC 4890 4.3.5",
    },
};

const struct icmp_part icmp6_errors = {rows, COUNT_OF(rows)};
