/* SPDX-License-Identifier: MIT */
/* ICMPv4 types 0 to 12: the messages that networks live by, one row for each type and code. */
#include "catalog/tables.h"

#define UNREACHABLE "Destination unreachable: "

static const struct sonde_icmp_entry rows[] = {
    {
        CODE(4, 0, 0),
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
                  "for a port ask `sonde why tcp://HOST:PORT`.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 2,
        .filter_reason = "Without it none of your own pings is answered; let in only what answers a "
                         "request, so that nobody tunnels in it.",
        .rfc = "RFC 792; RFC 1122 3.2.2.6",
    },
    {
        TYPE(4, 0),
        "echo-reply-other-code",
        "Echo reply with an unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason =
            "Only a host that was probed with a non-zero code (a fingerprinting trick) sends it.",
        .rfc = "RFC 792",
    },
    {
        TYPES(4, 1, 2),
        "unassigned-1-2",
        "Unassigned types 1 and 2",
        ICMP_UNASSIGNED,
        .says = "Nothing: no standard gives these types a meaning.",
        .sender = "Nobody who follows a standard.",
        .causes = "an ICMPv6 type was sent with IPv4's protocol number by a broken program; a scanner or a "
                  "fuzzer; a tunnel",
        .action = "Find the sender; in ICMPv6 these numbers mean destination unreachable and packet too big.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks when they are dropped.",
        .rfc = "IANA icmp-parameters",
    },
    {
        CODE(4, 3, 0),
        "net-unreachable",
        UNREACHABLE "network unreachable",
        ICMP_CURRENT,
        .says = "The router that answers has no route towards the destination network.",
        .sender = "A router without a matching route; a firewall that rejects with `net-unreachable`.",
        .causes = "a route is missing or was withdrawn; a link behind that router is down; a private or "
                  "misspelt address left the site; the VPN that carries the network is down",
        .action = "Ask at the answering router: `ip route get ADDRESS`. If it comes from your own gateway, "
                  "look at its default route; if it comes from further away, its operator has to act. Linux "
                  "programs see ENETUNREACH.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 2,
        .filter_reason =
            "Dropped, clients wait for a time-out instead of failing (or trying the next address) at once.",
        .rfc = "RFC 792; RFC 1812 5.2.7.1; RFC 5927",
    },
    {
        CODE(4, 3, 1),
        "host-unreachable",
        UNREACHABLE "host unreachable",
        ICMP_CURRENT,
        .says = "The last router could not deliver to this host: its network is known, the host does not "
                "answer ARP.",
        .sender = "The last router before the target, after about 3 s without ARP answer; the client's own "
                  "kernel when the target or the gateway is on its link; at once: a Linux `unreachable` "
                  "route or a firewall's REJECT.",
        .causes = "the host is off, not plugged in or in another VLAN; the address is wrong or unused; the "
                  "host's netmask is wrong, so that ARP goes astray; port forwarding (DNAT) leads to a dead "
                  "backend; the answer came at once: a route or firewall says so on purpose",
        .action = "Look at the time until the answer: about 3 s means ARP failed, so look at power, cable, "
                  "VLAN and address of the host; at once means a rule or route. On the router: `ip neigh "
                  "show ADDRESS`. Linux programs see EHOSTUNREACH, \"No route to host\".",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 2,
        .filter_reason =
            "Dropped, clients hang until a time-out; sent, it tells a scanner which addresses are unused.",
        .rfc = "RFC 792; RFC 1812 5.2.7.1; RFC 5927",
    },
    {
        CODE(4, 3, 2),
        "protocol-unreachable",
        UNREACHABLE "protocol unreachable",
        ICMP_CURRENT,
        .says = "The host was reached, but it does not speak the IP protocol (the number in the header, not "
                "a port).",
        .sender =
            "The target itself: GRE, SCTP, ESP, OSPF ... without a handler; a firewall that rejects so.",
        .causes = "a tunnel, IPsec or SCTP module is not loaded at the target; a protocol scan (nmap -sO); "
                  "a firewall rejects with `protocol-unreachable`",
        .action = "Load or configure the protocol at the target (`modprobe sctp`, the tunnel interface). "
                  "Linux programs see ENOPROTOOPT.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, POLICY),
        .tier = 2,
        .filter_reason =
            "Lets protocols fall back quickly; old stacks reset a TCP connection when it is forged.",
        .rfc = "RFC 792; RFC 1122 3.2.2.1; RFC 5927 5.2",
    },
    {
        CODE(4, 3, 3),
        "port-unreachable",
        UNREACHABLE "port unreachable",
        ICMP_CURRENT,
        .says =
            "The host was reached, but nothing listens on the UDP port; or a firewall wants it to look so.",
        .sender = "The target's kernel for a closed UDP port; a firewall on the way or at the target: it is "
                  "the default answer of REJECT in iptables and nftables; kube-proxy for a Service without "
                  "endpoints.",
        .causes = "the service is down; the service listens on another port, or only on 127.0.0.1; a "
                  "firewall rejects the port; a Kubernetes Service has no ready endpoints; a UDP traceroute "
                  "has arrived (then it means success); an answer came after the client had closed its port",
        .action = "A closed UDP port and a firewall's REJECT look the same on the wire; `sonde why "
                  "udp://HOST:PORT` separates them. For TCP it is always a firewall: a closed TCP port "
                  "answers with RST. At the target: `ss -lnup`, then `nft list ruleset`. Linux programs see "
                  "ECONNREFUSED, UDP only on connected sockets.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, POLICY),
        .tier = 2,
        .filter_reason = "Dropped, DNS and VPN clients wait instead of trying the next server, and "
                         "traceroute never sees the end; sent without a limit, it helps to scan UDP ports.",
        .rfc = "RFC 792; RFC 1122 4.1.3.1; RFC 5927",
    },
    {
        CODE(4, 3, 4),
        "fragmentation-needed",
        UNREACHABLE "fragmentation needed and DF set",
        ICMP_CURRENT,
        .says = "The packet is larger than the next link's MTU and may not be fragmented; the message "
                "carries that MTU.",
        .sender = "The router before the narrow link: a tunnel, VPN, PPPoE or mobile link.",
        .causes = "normal path-MTU discovery: one for each path and then smaller packets; a tunnel (GRE "
                  "1476, PPPoE 1492, WireGuard 1420, IPsec about 1400); repeated without end: the sender's "
                  "host or firewall discards the message; MTU 0 in it: a router from before RFC 1191; MTU "
                  "below 552: forged or broken",
        .action = "Nothing, if transfers work. If small requests work and large transfers hang, somebody "
                  "drops this message: let it through everywhere, clamp the TCP MSS at the narrow link, or "
                  "set net.ipv4.tcp_mtu_probing=1. Linux programs see EMSGSIZE; `ip route get ADDRESS` "
                  "shows the MTU that was learnt.",
        .filter = FILTER(STATE, ACCEPT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 1,
        .filter_reason = "Never drop it: without it connections open and then hang as soon as a full-sized "
                         "packet is sent (a path-MTU black hole). Accepting only what quotes a known flow "
                         "keeps forgeries out.",
        .rfc = "RFC 792; RFC 1191; RFC 2979 3.1.1; RFC 5927 7",
    },
    {
        CODE(4, 3, 5),
        "source-route-failed",
        UNREACHABLE "source route failed",
        ICMP_CURRENT,
        .says = "A router could not forward a source-routed packet to the next address of its option.",
        .sender = "A router on the way; practically never seen, because source-routed packets are dropped "
                  "everywhere.",
        .causes = "somebody tries IP source routing; a scanner",
        .action = "Find out who sends packets with source-route options: nobody should. Linux programs see "
                  "EOPNOTSUPP.",
        .filter = FILTER(STATE, DROP, STATE, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "It only answers source routing, which is itself filtered.",
        .rfc = "RFC 792; RFC 7126 4.3",
    },
    {
        CODE(4, 3, 6),
        "net-unknown",
        UNREACHABLE "destination network unknown",
        ICMP_CURRENT,
        .says = "The destination network does not exist at all, as far as the sender knows.",
        .sender = "Nobody today: routers should send net-unreachable (3/0) instead.",
        .causes = "very old equipment; a forged or crafted packet",
        .action = "Treat it as net-unreachable (3/0). Linux programs see ENETUNREACH, and UDP sockets too.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, STATE, POLICY),
        .tier = 3,
        .filter_reason = "Rare; harmless when it quotes a flow of yours.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 7),
        "host-unknown",
        UNREACHABLE "destination host unknown",
        ICMP_CURRENT,
        .says = "The link layer told the last router that the host does not exist.",
        .sender = "The last router on links that can know it (X.25, old ATM); practically nobody today.",
        .causes = "very old equipment; a forged or crafted packet",
        .action = "Treat it as host-unreachable (3/1). Linux programs see EHOSTDOWN.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, STATE, POLICY),
        .tier = 3,
        .filter_reason = "Rare; harmless when it quotes a flow of yours.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 8),
        "source-host-isolated",
        UNREACHABLE "source host isolated",
        ICMP_CURRENT,
        .says = "The sending host is cut off from the rest of the network (an ARPANET notion).",
        .sender = "Nobody: RFC 1812 says routers should not send it.",
        .causes = "a forged or crafted packet; a fuzzer",
        .action = "Find the sender. Linux programs see ENONET.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "Nothing breaks when it is dropped.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 9),
        "net-prohibited",
        UNREACHABLE "network administratively prohibited",
        ICMP_CURRENT,
        .says = "A filter forbids traffic to the whole destination network.",
        .sender = "A router or firewall with an access list; `reject with icmp type net-prohibited`.",
        .causes = "an access list of the provider or the site; a firewall rule",
        .action = "The answering address is the filter: ask its operator for the rule. Linux programs see "
                  "ENETUNREACH.",
        .filter = FILTER(STATE, DROP, STATE, ACCEPT, STATE, POLICY),
        .tier = 3,
        .filter_reason =
            "It makes a filter visible: clients fail at once and the owner can be found; some sites hide it.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 10),
        "host-prohibited",
        UNREACHABLE "host administratively prohibited",
        ICMP_CURRENT,
        .says = "A filter forbids traffic to this host (or to this port of it).",
        .sender = "The target's own firewall: last rule of the default rule set of older RHEL, CentOS and "
                  "Fedora (`REJECT --reject-with icmp-host-prohibited`); a router's access list.",
        .causes = "the port was never opened in the target's firewall; an access list on the way",
        .action = "If it comes from the target's address: open the port there (`firewall-cmd "
                  "--add-port=PORT/tcp`). Otherwise the answering router filters. Programs say \"No route "
                  "to host\" (EHOSTUNREACH), but no route is missing.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, POLICY),
        .tier = 3,
        .filter_reason =
            "It makes a filter visible: clients fail at once instead of hanging; some sites hide it.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 11),
        "net-unreachable-for-tos",
        UNREACHABLE "network unreachable for this type of service",
        ICMP_CURRENT,
        .says = "A route exists, but not for the type of service that the packet asks for.",
        .sender = "A router with routes by type of service; practically nobody today.",
        .causes = "routing by type of service; a forged or crafted packet",
        .action = "Try with TOS 0; look for `ip rule` and `ip route ... tos` at the answering router. Linux "
                  "programs see ENETUNREACH.",
        .filter = FILTER(STATE, DROP, STATE, POLICY, STATE, DROP),
        .tier = 4,
        .filter_reason = "Nobody needs it today.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 12),
        "host-unreachable-for-tos",
        UNREACHABLE "host unreachable for this type of service",
        ICMP_CURRENT,
        .says = "The host can be reached, but not with the type of service that the packet asks for.",
        .sender = "A router with routes by type of service; practically nobody today.",
        .causes = "routing by type of service; a forged or crafted packet",
        .action = "Try with TOS 0. Linux programs see EHOSTUNREACH.",
        .filter = FILTER(STATE, DROP, STATE, POLICY, STATE, DROP),
        .tier = 4,
        .filter_reason = "Nobody needs it today.",
        .rfc = "RFC 1122 3.2.2.1; RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 13),
        "admin-prohibited",
        UNREACHABLE "communication administratively prohibited",
        ICMP_CURRENT,
        .says = "A filter forbids this communication, and says so.",
        .sender = "Cisco and other routers' access lists; firewalld's REJECT zones; a Linux `prohibit` "
                  "route; `reject with icmp type admin-prohibited`.",
        .causes = "an access list denies the address, protocol or port; a host firewall denies it; a "
                  "prohibit route",
        .action = "The answering address is the filter. If other ports of the same host answer, it is a "
                  "rule for this port; if every port and the ping gets it, it is an address rule or a "
                  "prohibit route. Programs say \"No route to host\" (EHOSTUNREACH), but no route is "
                  "missing.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, LIMIT),
        .tier = 2,
        .filter_reason = "It makes a filter visible: clients fail at once and the owner can be found; it "
                         "also shows the filter's address to strangers.",
        .rfc = "RFC 1812 5.2.7.1",
    },
    {
        CODE(4, 3, 14),
        "host-precedence-violation",
        UNREACHABLE "host precedence violation",
        ICMP_CURRENT,
        .says = "The precedence in the packet is not permitted for this combination of hosts and service.",
        .sender = "A first-hop router in networks with IP precedence (military); nobody elsewhere.",
        .causes = "a special network; a forged or crafted packet",
        .action = "Find the sender. Linux programs see EHOSTUNREACH.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "Nobody needs it.",
        .rfc = "RFC 1812 5.2.7.1, 5.3.3.3",
    },
    {
        CODE(4, 3, 15),
        "precedence-cutoff",
        UNREACHABLE "precedence cutoff in effect",
        ICMP_CURRENT,
        .says = "The network's operators have set a minimum precedence, and the packet's is lower.",
        .sender = "A router in networks with IP precedence (military); nobody elsewhere.",
        .causes = "a special network; a forged or crafted packet",
        .action = "Find the sender. Linux programs see EHOSTUNREACH.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "Nobody needs it.",
        .rfc = "RFC 1812 5.2.7.1, 5.3.3.3",
    },
    {
        TYPE(4, 3),
        "destination-unreachable",
        "Destination unreachable, unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Codes 0 to 15 are assigned; nothing breaks when others are dropped.",
        .rfc = "RFC 792; IANA icmp-parameters",
    },
    {
        CODE(4, 4, 0),
        "source-quench",
        "Source quench",
        ICMP_DEPRECATED,
        .says = "\"Send more slowly\": a router or host was congested and had to discard.",
        .sender = "Nobody since the 1990s: routers must not send it and hosts must ignore it.",
        .causes = "very old equipment; an attempt to slow down a connection with forged messages",
        .action = "Ignore it and find the sender; congestion is told by loss and by ECN today.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks; accepted by an old stack, it lets strangers throttle connections.",
        .rfc = "RFC 792; RFC 6633",
    },
    {
        TYPE(4, 4),
        "source-quench-other-code",
        "Source quench with an unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "The whole type is deprecated.",
        .rfc = "RFC 6633",
    },
    {
        CODE(4, 5, 0),
        "redirect-net",
        "Redirect for the network",
        ICMP_CURRENT,
        .says = "\"For this network use another gateway on your link\"; the message carries the gateway's "
                "address.",
        .sender = "Nobody: RFC 1812 forbids routers to send redirects for networks; hosts treat it as a "
                  "redirect for one host.",
        .causes = "very old routers; an attacker on the link who wants to read traffic",
        .action =
            "Treat it as an attack until the sender is known; set net.ipv4.conf.all.accept_redirects=0.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Whoever can send it can lead traffic through his own machine.",
        .rfc = "RFC 792; RFC 1122 3.2.2.2; RFC 1812 5.2.7.2",
    },
    {
        CODE(4, 5, 1),
        "redirect-host",
        "Redirect for the host",
        ICMP_CURRENT,
        .says =
            "\"For this host use another gateway on your link\"; the message carries the gateway's address.",
        .sender = "The first router, when the best next hop is on the same link as the client.",
        .causes = "two routers on one link and a client that knows only one; a static route on the client "
                  "is missing; a wrong netmask on the client; an attacker on the link who wants to read "
                  "traffic",
        .action = "Give the clients the right route (DHCP option 121), then switch redirects off: "
                  "net.ipv4.conf.all.send_redirects=0 on the router, accept_redirects=0 on hosts.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Whoever can send it can lead traffic through his own machine; without it traffic "
                         "still flows, one hop longer.",
        .rfc = "RFC 792; RFC 1122 3.2.2.2; RFC 1812 5.2.7.2",
    },
    {
        CODE(4, 5, 2),
        "redirect-tos-net",
        "Redirect for type of service and network",
        ICMP_CURRENT,
        .says = "\"For this network and this type of service use another gateway\".",
        .sender = "Nobody: RFC 1812 forbids routers to send redirects for networks.",
        .causes = "very old routers; an attacker on the link; a crafted packet",
        .action = "Treat it as an attack until the sender is known.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Whoever can send it can lead traffic through his own machine.",
        .rfc = "RFC 792; RFC 1122 3.2.2.2; RFC 1812 5.2.7.2",
    },
    {
        CODE(4, 5, 3),
        "redirect-tos-host",
        "Redirect for type of service and host",
        ICMP_CURRENT,
        .says = "\"For this host and this type of service use another gateway\".",
        .sender = "A router that routes by type of service; practically nobody.",
        .causes = "very old routers; an attacker on the link; a crafted packet",
        .action = "Treat it as an attack until the sender is known.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Whoever can send it can lead traffic through his own machine.",
        .rfc = "RFC 792; RFC 1122 3.2.2.2; RFC 1812 5.2.7.2",
    },
    {
        TYPE(4, 5),
        "redirect",
        "Redirect, unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Codes 0 to 3 are assigned; nothing breaks when others are dropped.",
        .rfc = "RFC 792; IANA icmp-parameters",
    },
    {
        TYPE(4, 6),
        "alternate-host-address",
        "Alternate host address",
        ICMP_DEPRECATED,
        .says = "Registered in the 1980s for \"use another address of this host\"; never specified.",
        .sender = "Nobody; never implemented.",
        RETIRED,
        .rfc = "RFC 6918",
    },
    {
        TYPE(4, 7),
        "unassigned-7",
        "Unassigned type 7",
        ICMP_UNASSIGNED,
        .says = "Nothing: no standard gives this type a meaning.",
        .sender = "Nobody who follows a standard.",
        .causes =
            "a scanner or a fuzzer; a tunnel; somebody mixed it up with the TCP and UDP port 7, \"echo\"",
        .action = "Find the sender. Ping is type 8 (request) and type 0 (reply).",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks when it is dropped.",
        .rfc = "IANA icmp-parameters",
    },
    {
        CODE(4, 8, 0),
        "echo-request",
        "Echo request",
        ICMP_CURRENT,
        .says = "A ping: please send identifier, sequence number and data back.",
        .sender = "ping, monitoring, load balancers, DHCP servers (is the address free?), scanners.",
        .causes = "somebody tests whether a host is there; monitoring; a sweep over many addresses "
                  "(reconnaissance); a flood; a tunnel that hides data in echo messages",
        .action = "Answer it, with a rate limit: a host that does not answer cannot be diagnosed. No answer "
                  "does not prove a host is down: many firewalls drop it. Linux: "
                  "net.ipv4.icmp_echo_ignore_all.",
        .filter = FILTER(LIMIT, ACCEPT, LIMIT, ACCEPT, LIMIT, ACCEPT),
        .tier = 2,
        .filter_reason = "Dropped, monitoring is blind and every fault takes longer to find; unlimited, it "
                         "serves floods and sweeps. Never answer it for a broadcast address (smurf).",
        .rfc = "RFC 792; RFC 1122 3.2.2.6; RFC 2644",
    },
    {
        TYPE(4, 8),
        "echo-request-other-code",
        "Echo request with an unassigned code",
        ICMP_UNASSIGNED,
        .says =
            "A ping with a code other than 0, which no standard defines; many hosts answer it all the same.",
        .sender = "Programs that find out the operating system of a host (nmap -O, xprobe), testers.",
        .causes = "a fingerprinting scan; a tunnel",
        .action = "Find the sender; ordinary ping never does it.",
        .filter = FILTER(DROP, DROP, DROP, POLICY, DROP, DROP),
        .tier = 5,
        .filter_reason = "Nothing breaks when it is dropped.",
        .rfc = "RFC 792",
    },
    {
        CODE(4, 9, 0),
        "router-advertisement",
        "Router advertisement",
        ICMP_CURRENT,
        .says = "\"I am a router on this link\", with addresses, preference and lifetime (IRDP).",
        .sender = "Routers with IRDP, Mobile IPv4 agents; almost nobody today: DHCP does it.",
        .causes = "IRDP is switched on somewhere; a rogue default router",
        .action = "Find the sender; clients should not listen to it unless Mobile IPv4 is in use.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Whoever can send it can become the default router of clients that listen.",
        .rfc = "RFC 1256; RFC 5944",
    },
    {
        CODE(4, 9, 16),
        "router-advertisement-mobile",
        "Router advertisement: does not route common traffic",
        ICMP_CURRENT,
        .says = "\"I am a mobility agent, but do not use me as default router\".",
        .sender = "Mobile IPv4 home and foreign agents.",
        .causes = "Mobile IPv4 is in use; a crafted packet",
        .action = "Nothing where Mobile IPv4 is in use; elsewhere find the sender.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Only Mobile IPv4 links need it.",
        .rfc = "RFC 5944 2.1",
    },
    {
        TYPE(4, 9),
        "router-advertisement-other-code",
        "Router advertisement, unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Codes 0 and 16 are assigned; nothing breaks when others are dropped.",
        .rfc = "RFC 1256; RFC 5944",
    },
    {
        CODE(4, 10, 0),
        "router-solicitation",
        "Router solicitation",
        ICMP_CURRENT,
        .says = "\"Which routers are on this link?\" (IRDP).",
        .sender = "Hosts with IRDP, Mobile IPv4 nodes; some old Windows versions at start-up.",
        .causes = "a host looks for routers; fingerprinting",
        .action = "Harmless; switch IRDP off at the host if nobody needs it.",
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Nothing breaks: hosts learn their gateway by DHCP.",
        .rfc = "RFC 1256",
    },
    {
        TYPE(4, 10),
        "router-solicitation-other-code",
        "Router solicitation, unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Only code 0 is assigned; nothing breaks when others are dropped.",
        .rfc = "RFC 1256",
    },
    {
        CODE(4, 11, 0),
        "ttl-exceeded",
        "Time exceeded: TTL exceeded in transit",
        ICMP_CURRENT,
        .says = "The packet's time to live reached 0 at this router; each router on the way takes one.",
        .sender = "A router on the way, in traceroute each of them in turn.",
        .causes = "traceroute or mtr is running (normal); a routing loop: the same routers appear again and "
                  "again; the initial TTL is too small for the path",
        .action = "In traceroute it is how each hop shows itself. Otherwise look for a loop: routers that "
                  "point at each other, often a default route against a missing customer route. Linux "
                  "programs see EHOSTUNREACH.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, LIMIT),
        .tier = 2,
        .filter_reason = "Dropped, traceroute and mtr show only stars and loops look like time-outs; sent, "
                         "it shows the path.",
        .rfc = "RFC 792; RFC 1812 5.3.1",
    },
    {
        CODE(4, 11, 1),
        "reassembly-time-exceeded",
        "Time exceeded: fragment reassembly time exceeded",
        ICMP_CURRENT,
        .says = "Some fragments of a packet arrived, the rest did not in time (30 s in Linux).",
        .sender = "The end host, or a firewall that reassembles; never a plain router.",
        .causes = "fragments are lost by congestion; a firewall drops fragments other than the first; "
                  "fragments take different paths through a load balancer; a scan with single fragments",
        .action = "Avoid fragments: smaller UDP answers (DNS: EDNS size 1232), right MTU for tunnels. It "
                  "proves that the first fragment reached the host.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, ACCEPT),
        .tier = 2,
        .filter_reason = "The only sign that fragments get lost on the way.",
        .rfc = "RFC 792; RFC 1122 3.2.2.4",
    },
    {
        TYPE(4, 11),
        "time-exceeded",
        "Time exceeded, unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Codes 0 and 1 are assigned; nothing breaks when others are dropped.",
        .rfc = "RFC 792; IANA icmp-parameters",
    },
    {
        CODE(4, 12, 0),
        "pointer-indicates-error",
        "Parameter problem: the pointer indicates the error",
        ICMP_CURRENT,
        .says = "A field of the IP header is wrong; the pointer in the message gives its octet.",
        .sender = "A router or the target that cannot process the header or an option of it.",
        .causes = "a broken IP option; a bug in a driver, tunnel or NAT that damages headers; a scan with "
                  "odd headers",
        .action = "Look at the octet that the pointer names in the quoted packet, and at who could have "
                  "changed it. Linux programs see EPROTO.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, POLICY),
        .tier = 3,
        .filter_reason = "Rare, but the only hint at damaged headers.",
        .rfc = "RFC 792; RFC 1122 3.2.2.5; RFC 1812 5.2.7.4",
    },
    {
        CODE(4, 12, 1),
        "required-option-missing",
        "Parameter problem: a required option is missing",
        ICMP_CURRENT,
        .says = "The packet lacks an IP option that this network demands, usually a security label.",
        .sender = "Routers and hosts of networks with labelled security (military).",
        .causes = "an unlabelled host in a labelled network; a forged or crafted packet",
        .action = "Configure the label (CIPSO, netlabelctl) or find the sender. Linux programs see EPROTO.",
        .filter = FILTER(STATE, DROP, STATE, POLICY, DROP, DROP),
        .tier = 4,
        .filter_reason = "Nobody needs it outside labelled networks.",
        .rfc = "RFC 1108; RFC 1122 3.2.2.5",
    },
    {
        CODE(4, 12, 2),
        "bad-length",
        "Parameter problem: bad length",
        ICMP_CURRENT,
        .says = "A length in the packet's header or options does not fit the packet.",
        .sender = "A router or the target that checks lengths.",
        .causes = "a bug in a driver, tunnel or NAT; a scan with damaged packets",
        .action = "Compare the quoted packet with what was sent, and find who changed it. Linux programs "
                  "see EPROTO.",
        .filter = FILTER(STATE, LIMIT, STATE, ACCEPT, STATE, POLICY),
        .tier = 3,
        .filter_reason = "Rare, but a hint at damaged packets.",
        .rfc = "RFC 1122 3.2.2.5; IANA icmp-parameters",
    },
    {
        TYPE(4, 12),
        "parameter-problem",
        "Parameter problem, unassigned code",
        ICMP_UNASSIGNED,
        NO_SUCH_CODE,
        .filter = DROP_EVERYWHERE,
        .tier = 5,
        .filter_reason = "Codes 0 to 2 are assigned; nothing breaks when others are dropped.",
        .rfc = "RFC 792; IANA icmp-parameters",
    },
};

const struct icmp_part icmp4_living = {rows, COUNT_OF(rows)};
