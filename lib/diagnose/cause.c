/* SPDX-License-Identifier: MIT */
/* The words a verdict is made of: causes, states and places. */
#include "diagnose/cause.h"

#include <stddef.h>

static const struct cause_row rows[CAUSES] = {
    [CAUSE_OPEN] = {"open", STATE_REACHABLE, "%T answers; nothing is wrong.", {0}, NULL},
    [CAUSE_OPEN_OR_SILENT] =
        {"open-or-silent",
         STATE_UNKNOWN,
         "%T takes datagrams and says nothing: the service keeps silent or hangs, or the "
         "host discards them.",
         {"Send what the service expects: a datagram it does not understand may get no answer.",
          "On the host: sonde why --from-server, to see whether a socket or a rule takes them."},
         "a look at the socket and the rules on the host itself"},
    [CAUSE_PORT_CLOSED] = {"port-closed",
                           STATE_UNREACHABLE,
                           "%T is closed: the host is up and says that nothing listens there.",
                           {"Start the service on the host, or correct the port number.",
                            "On the host: ss -lntu shows on which address and port it listens."},
                           "ss -lntu on the host"},
    [CAUSE_BOUND_ELSEWHERE] = {"bound-elsewhere",
                               STATE_UNREACHABLE,
                               "A service listens on the port of %T, but on another address of the host.",
                               {"Make the service listen on this address, or on all (0.0.0.0, ::).", NULL},
                               "ss -lntu on the host"},
    [CAUSE_BACKLOG_FULL] =
        {"backlog-full",
         STATE_UNREACHABLE,
         "The service at %T listens, but its accept queue is full: it does not accept.",
         {"On the host: ss -lnt (Recv-Q above Send-Q), nstat TcpExtListenOverflows; see why the "
          "service hangs.",
          NULL},
         "ss -lnt on the host: Recv-Q above Send-Q"},
    [CAUSE_SERVICE_SILENT] =
        {"service-silent",
         STATE_DEGRADED,
         "The service at %T takes the connection and the data, but does not answer.",
         {"Look at the service itself (its log, its threads, what it waits for); the network "
          "is fine.",
          NULL},
         "a request in the service's own protocol"},
    [CAUSE_SERVICE_RESETS] =
        {"service-resets",
         STATE_DEGRADED,
         "The service at %T takes the connection and then resets it.",
         {"Look at the service's log and access rules (tcp wrappers, TLS, proxy protocol); the "
          "network is fine.",
          NULL},
         "the service's log"},
    [CAUSE_HOST_DOWN] =
        {"host-down",
         STATE_UNREACHABLE,
         "The host of %T is down: its router gets no answer from it on the link.",
         {"Start the host, or correct the address; on its router: ip neigh shows it as FAILED.", NULL},
         "ip neigh on the last router"},
    [CAUSE_FIREWALL_DROP] =
        {"firewall-drop",
         STATE_UNREACHABLE,
         "A firewall at %P discards the packets to %T.",
         {"Ask who runs %P for a rule that drops %Q.",
          "If that is not wanted at all, ask for reject instead of drop: callers then learn at "
          "once."},
         "the rule counters of the firewall, or sonde why --deep"},
    [CAUSE_FIREWALL_REJECT] = {"firewall-reject",
                               STATE_UNREACHABLE,
                               "A firewall at %P refuses %T.",
                               {"Ask who runs %P for a rule that rejects %Q.", NULL},
                               "the rule counters of the firewall"},
    [CAUSE_SYN_FILTERED] = {"syn-filtered",
                            STATE_UNREACHABLE,
                            "A filter at %P discards connection requests to %T, but not other segments.",
                            {"Ask who runs %P for a rule on SYN or on new connections.", NULL},
                            "ss -lnt and the rule counters on the host"},
    [CAUSE_SOURCE_BANNED] =
        {"source-banned",
         STATE_UNREACHABLE,
         "%P refuses this machine's address, but not others, at %T.",
         {"On the host: look for a ban of this address (fail2ban-client status, nft list sets).", NULL},
         "the same probe from another address"},
    [CAUSE_CONNECTION_RATE_LIMITED] = {"connection-rate-limited",
                                       STATE_DEGRADED,
                                       "%P admits only some of the new connections to %T.",
                                       {"Wait and try again slowly; ask who runs %P for the limit on new "
                                        "connections.",
                                        NULL},
                                       "one connection a minute for some minutes (sonde why --deep)"},
    [CAUSE_ICMP_FILTERED] =
        {"icmp-filtered",
         STATE_UNKNOWN,
         "The ICMP errors that would tell about %T are discarded on the way back.",
         {"Ask for ICMP destination-unreachable (type 3) to pass: without it nobody can tell a "
          "closed port from a silent one.",
          NULL},
         "a look at the port on the host itself (ss -lnu)"},
    [CAUSE_ICMP_RATE_LIMITED] = {"icmp-rate-limited",
                                 STATE_UNKNOWN,
                                 "%P sends too few of the ICMP errors that would tell about %T.",
                                 {"Try again after some seconds, with nothing else probing the host.", NULL},
                                 "one probe after a minute of rest"},
    [CAUSE_NO_ROUTE] = {"no-route",
                        STATE_UNREACHABLE,
                        "%P has no route to %T.",
                        {"Add the route at %P, or mend the routing protocol there.", NULL},
                        "ip route get at that device"},
    [CAUSE_ROUTE_BLACKHOLE] = {"route-blackhole",
                               STATE_UNREACHABLE,
                               "%P has a route that discards everything to %T.",
                               {"At %P: ip route get shows the blackhole route; remove it.", NULL},
                               "ip route get at that device"},
    [CAUSE_ROUTE_PROHIBITED] = {"route-prohibited",
                                STATE_UNREACHABLE,
                                "%P has a route that prohibits %T.",
                                {"At %P: ip route get shows the prohibit route; remove it.", NULL},
                                "ip route get at that device"},
    [CAUSE_ROUTE_UNREACHABLE] = {"route-unreachable",
                                 STATE_UNREACHABLE,
                                 "%P has a route that declares %T unreachable.",
                                 {"At %P: ip route get shows the unreachable route; remove it.", NULL},
                                 "ip route get at that device"},
    [CAUSE_ROUTING_LOOP] =
        {"routing-loop",
         STATE_UNREACHABLE,
         "Packets to %T run in a circle at %P.",
         {"Compare the routes of %P and its neighbour: each sends the packets to the other.", NULL},
         "ip route get at both routers"},
    [CAUSE_RETURN_PATH_LOST] =
        {"return-path-lost",
         STATE_UNREACHABLE,
         "Packets reach the network of %T, but no answer of any kind comes back.",
         {"On the host: ip route get THIS-MACHINE shows whether it has a way back; nstat "
          "TcpExtIPReversePathFilter shows a reverse-path filter.",
          NULL},
         "tcpdump on the host: do the packets arrive?"},
    [CAUSE_GATEWAY_DOWN] = {"gateway-down",
                            STATE_UNREACHABLE,
                            "The gateway %P does not answer on the link.",
                            {"Check the gateway, the cable or VLAN, and the address: ip neigh, ip route.",
                             NULL},
                            "ip neigh show"},
    [CAUSE_INTERFACE_DOWN] = {"interface-down",
                              STATE_UNREACHABLE,
                              "The interface towards %T is down or has no carrier.",
                              {"ip link set DEVICE up, or plug the cable in; ip link shows the state.", NULL},
                              "ip link show"},
    [CAUSE_MTU_BLACK_HOLE] =
        {"mtu-black-hole",
         STATE_DEGRADED,
         "%T answers small packets, but large ones vanish at %P and nobody reports the "
         "smaller MTU.",
         {"Ask who runs %P to let fragmentation-needed (ICMP type 3 code 4, ICMPv6 type 2) out.",
          "Until then lower the MTU or clamp the MSS on this side."},
         "tracepath from the other side"},
    [CAUSE_MTU_LIMITED] = {"mtu-limited",
                           STATE_REACHABLE,
                           "%T answers; the path has a smaller MTU and says so, path MTU discovery works.",
                           {0},
                           NULL},
    [CAUSE_CONGESTION] =
        {"congestion",
         STATE_DEGRADED,
         "The queue behind %P is full: packets to %T are delayed and lost there.",
         {"Find what fills the link behind %P; shape or prioritise, or give it more capacity.", NULL},
         "the queue counters of that device (tc -s qdisc)"},
    [CAUSE_NAT_BACKEND_DOWN] =
        {"nat-backend-down",
         STATE_UNREACHABLE,
         "%T is translated at %P to a host that does not answer.",
         {"At %P: look up the translation (DNAT, load balancer) and start its backend.", NULL},
         "the translation table of that device"},
    [CAUSE_NAT_BACKEND_CLOSED] =
        {"nat-backend-closed",
         STATE_UNREACHABLE,
         "%T is translated at %P to a host where the port is closed.",
         {"At %P: look up the translation (DNAT, load balancer) and start the service on "
          "its backend.",
          NULL},
         "the translation table of that device"},
    [CAUSE_NAME_UNRESOLVED] =
        {"name-unresolved",
         STATE_UNREACHABLE,
         "The name of %T has no address.",
         {"Check the spelling; getent ahosts NAME and /etc/resolv.conf show what this machine "
          "asks.",
          NULL},
         "a look-up at the name's own servers"},
};

const struct cause_row *cause_row(enum cause cause)
{
    return &rows[cause];
}

const char *state_name(enum state state)
{
    static const char *const names[] = {"reachable", "degraded", "unreachable", "unknown"};

    return names[state];
}

const char *where_name(enum where where)
{
    static const char *const names[] = {NULL, "local", "path", "target"};

    return names[where];
}
