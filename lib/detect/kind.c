/* SPDX-License-Identifier: MIT */
/* The kinds of findings: what each is called, how grave it is, and what to do about it. */
#include "detect/kind.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"

static const struct kind kinds[KIND_COUNT] = {
    [KIND_SWEEP] =
        {"sweep", "Address sweep", SEVERITY_ALERT, "One host asks many addresses whether they live.",
         "Find out who runs {source}. If it is a scanner of yours, allow it; else block it at the edge.",
         "sonde why {source}", "drop echo-request from {source}"},
    [KIND_SWEEP_MONOTONIC] =
        {"sweep-monotonic", "Sweep through consecutive addresses", SEVERITY_ALERT,
         "One host asks one address after the other.",
         "Find out who runs {source}. If it is a scanner of yours, allow it; else block it at "
         "the edge.",
         "sonde why {source}", "drop echo-request from {source}"},
    [KIND_SWEEP_SLOW] =
        {"sweep-slow", "Slow sweep", SEVERITY_ALERT,
         "One host asks ever new addresses, and too many of them do not exist for it to know them.",
         "Look at what else {source} does: whoever scans slowly does not want to be seen.",
         "sonde why {source}", "drop echo-request from {source}"},
    [KIND_QUERY_RECONNAISSANCE] =
        {"query-reconnaissance", "Reconnaissance by rare queries", SEVERITY_ALERT,
         "One host asks for clocks, netmasks or interfaces, which tells it what runs here.",
         "Drop these queries at the edge: nothing needs them. Find out who runs {source}.",
         "sonde explain timestamp", "drop timestamp, address-mask, extended-echo, node-information from any"},
    [KIND_DARK_SPACE_PROBE] = {"dark-space-probe", "Traffic to unused addresses", SEVERITY_ALERT,
                               "Packets go to addresses where nobody lives.",
                               "Whoever sends there scans, or has stale configuration: look at {source}.",
                               "sonde why {source}", "drop any from {source}"},
    [KIND_TRACEROUTE] = {"traceroute", "Traceroute", SEVERITY_INFO, "Somebody maps the path to a host.",
                         "Normal work of administrators; nothing to do.", NULL, NULL},
    [KIND_ECHO_FLOOD] =
        {"echo-flood", "Echo flood", SEVERITY_ALERT, "One host gets far more ICMP than it ever did.",
         "Limit echo requests per source in front of {target}; ask the upstream to filter when the "
         "link is full.",
         "sonde why {target}", "limit echo-request to {target} rate 100/s per-source 10/s"},
    [KIND_PREFIX_FLOOD] = {"prefix-flood", "Flood spread over a prefix", SEVERITY_ALERT,
                           "A whole prefix gets far more ICMP than usual, although no single host does.",
                           "Limit by prefix, not by host; ask the upstream to filter {target}.", NULL,
                           "limit echo-request to {target} rate 1000/s"},
    [KIND_RATE_SPIKE] = {"rate-spike", "More than usual", SEVERITY_WARNING,
                         "There is far more of one type of message than this network usually has.",
                         "Look at the talkers of that time.", NULL, NULL},
    [KIND_SMURF] =
        {"smurf", "Smurf amplification", SEVERITY_ALERT,
         "Echo requests to a broadcast or multicast address make many hosts answer one victim.",
         "Switch off directed broadcasts on the routers and answers to broadcast echoes on the hosts "
         "(net.ipv4.icmp_echo_ignore_broadcasts=1).",
         "sonde why {target}", "drop echo-request to broadcast"},
    [KIND_OVERSIZE_FRAGMENT] =
        {"oversize-fragment", "Fragments that do not fit together", SEVERITY_ALERT,
         "Fragments of ICMP end beyond what IP allows, overlap, or stand where no fragment may.",
         "Drop fragmented ICMP at the edge; nothing here needs it.", NULL, "drop fragments of icmp from any"},
    [KIND_ND_FLOOD] =
        {"nd-flood", "Neighbour cache exhaustion", SEVERITY_ALERT,
         "Neighbours are sought that do not exist, so many that caches run over (RFC 6583).",
         "Limit unresolved neighbours on {source}, filter sweeps of the /64 at the edge, or use a "
         "longer prefix on links with few hosts.",
         NULL, "limit echo-request to {target} rate 100/s"},
    [KIND_REDIRECT] =
        {"redirect", "Redirect", SEVERITY_ALERT, "Somebody tells a host to send its packets another way.",
         "Ignore redirects on hosts (net.ipv4.conf.all.accept_redirects=0, the same for ipv6); find "
         "the sender by its link address.",
         "sonde why {target}", "drop redirect from any"},
    [KIND_ROUTER_ADVERTISEMENT_ROGUE] =
        {"router-advertisement-rogue", "Unexpected router advertisement", SEVERITY_ALERT,
         "Somebody offers itself as a router, or changes what a router said.",
         "Find the sender by its link address; switch on RA guard (RFC 6105) on the "
         "switch ports of hosts.",
         NULL, "link-only router-advertisement from routers"},
    [KIND_FORGED_ERROR] =
        {"forged-error", "Forged error message", SEVERITY_ALERT,
         "An ICMP error quotes a packet that was never sent: somebody wants to break a connection "
         "(RFC 5927).",
         "Hosts that follow RFC 5927 ignore it. Filter spoofed sources at the edge (BCP 38).",
         "sonde why {service}", "drop destination-unreachable from any without-state"},
    [KIND_PMTU_ATTACK] =
        {"pmtu-attack", "Path MTU attack", SEVERITY_ALERT, "Somebody asks a host to send tiny packets.",
         "Set net.ipv4.route.min_pmtu to 552 or more; do not block fragmentation-needed as such: "
         "path MTU discovery needs it.",
         "sonde why {target}", "drop fragmentation-needed from any without-state"},
    [KIND_PMTU_BLACK_HOLE] =
        {"pmtu-black-hole", "Path MTU trouble", SEVERITY_WARNING,
         "A router asks again and again for smaller packets, and the sender does not shrink them.",
         "Let fragmentation-needed and packet-too-big reach {target}; else clamp the MSS.",
         "sonde why {service} --deep", "accept fragmentation-needed, packet-too-big to any"},
    [KIND_SCAN_BACKSCATTER] =
        {"scan-backscatter", "Backscatter", SEVERITY_INFO,
         "Many hosts answer packets that nobody here sent: somebody uses our addresses.",
         "Nothing is wrong here. The prefix {target} is being spoofed; tell the upstream.", NULL, NULL},
    [KIND_TUNNEL] =
        {"tunnel", "Tunnel in echo messages", SEVERITY_ALERT,
         "Two hosts exchange data inside of ping packets.",
         "Find out which program on {source} does this; limit the size and rate of echo messages.",
         "sonde explain echo-request", "limit echo-request from {source} rate 1/s size 128"},
    [KIND_UNREACHABLE_BURST] = {"unreachable-burst", "Burst of unreachable messages", SEVERITY_WARNING,
                                "Far more destinations are reported unreachable than usual.",
                                "Look at the service that is quoted; it may have stopped or be cut off.",
                                "sonde why {service}", NULL},
    [KIND_FAILED_CONNECTIONS] =
        {"failed-connections", "Connections that fail", SEVERITY_WARNING,
         "Hosts want to reach a port that answers \"port unreachable\" or is prohibited.",
         "Start the service, open the port, or take the address out of the clients.", "sonde why {service}",
         NULL},
    [KIND_ROUTING_TROUBLE] = {"routing-trouble", "Routing trouble", SEVERITY_WARNING,
                              "Routers report a prefix as unreachable, or packets to it go round in circles.",
                              "Look at the routes to {target} on the routers that report it.",
                              "sonde why {service}", NULL},
    [KIND_RATE_LIMITED] = {"rate-limited", "ICMP is rate limited", SEVERITY_INFO,
                           "A host answers only so many questions a second: silence from it proves nothing.",
                           "Ask more slowly.", NULL, NULL},
    [KIND_ECHO_LOSS] = {"echo-loss", "Unanswered pings", SEVERITY_WARNING,
                        "A host that answered pings does not answer any more, or only some.",
                        "Look at the path and the host.", "sonde why {target}", NULL},
    [KIND_DEPRECATED_TYPE] = {"deprecated-type", "Message that no current system sends", SEVERITY_INFO,
                              "A type or code was seen that is deprecated or was never assigned.",
                              "Find the sender: a scanner, a tunnel or very old equipment. Nothing needs it.",
                              NULL, "drop deprecated from any"},
};

static const char *const innocents[INNOCENT_COUNT] = {
    [INNOCENT_MONITORING] =
        "Not a monitoring system: it does not come back to the same targets, or most of them never answered.",
    [INNOCENT_TRACEROUTE] = "Not a traceroute: the packets do not have rising TTLs towards one target.",
    [INNOCENT_ALLOWED] =
        "Not an allowed host: neither named by --allow nor seen to do this in the quiet capture.",
    [INNOCENT_START] = "Not the beginning of the capture: it had run long enough to see what came before.",
    [INNOCENT_ONE_WAY] = "Not a capture of one direction only: other packets of that host were seen.",
    [INNOCENT_PMTU] = "Not path MTU discovery: that asks once for each flow, for a size that exists.",
    [INNOCENT_BOOT] = "Not machines that start: they seek their own address and their router, not strangers.",
    [INNOCENT_OWN_BASELINE] = "Not the usual traffic: it is far above what this network had before.",
    [INNOCENT_ONE_ERROR] = "Not a single mishap: it happened again and again.",
    [INNOCENT_QUOTE_OURS] = "Not an answer to a real packet: the quoted one never passed.",
    [INNOCENT_TWO_ROUTERS] =
        "Not a second router that helps: the sender or the new way is no router known here.",
    [INNOCENT_KNOWN_ROUTER] = "Not a known router: it never advertised before, or something else.",
    [INNOCENT_LARGE_PING] =
        "Not a large ping: the parts would end beyond the 65,535 octets that IP allows, or overlap.",
    [INNOCENT_PING_PATTERN] = "Not an ordinary ping: the payload is none that an operating system sends.",
    [INNOCENT_SAME_DATA] = "Not ordinary replies: they do not return the data of their requests (RFC 792).",
    [INNOCENT_RETRY] = "Not a program that tries again: there are too many different ones.",
    [INNOCENT_PING_FLOOD] =
        "Not ping -f by an administrator: most of it is not answered, or comes from many senders.",
};

const struct kind *kind_row(enum finding_kind kind)
{
    return &kinds[kind];
}

int kind_find(const char *name, enum finding_kind *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (!strcmp(kinds[i].name, name)) {
            *kind = (enum finding_kind)i;
            return 0;
        }
    return -EINVAL;
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"info", "warning", "alert"};

    return names[severity];
}

const char *innocent_sentence(enum innocent innocent)
{
    return innocents[innocent];
}
