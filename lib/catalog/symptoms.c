/* SPDX-License-Identifier: MIT */
/* The table of symptoms. */
#include "catalog/symptoms.h"

#include "base/macro.h"
#include "catalog/icmp.h"

static const struct symptom_entry rows[] = {
    {
        "silence",
        "No answer at all",
        "Nothing came back before the program lost patience: no answer, no refusal, no ICMP error.",
        "Nobody: that is the difficulty. The request or the answer was lost, or nobody wanted to answer.",
        "a firewall drops silently, here, on the way or at the host; the host is off and no router says so; "
        "a blackhole route; the answer takes a way back that loses it; the host answers TCP but not ping; a "
        "UDP service does not answer what it does not understand; congestion, if only some are lost",
        "Silence has to be compared: with other ports of the host, the host itself and the hops before it. "
        "`sonde why HOST:PORT` does that.",
    },
    {
        "hop-silent",
        "A hop of the path does not answer",
        "A router on the way did not send time-exceeded for these probes; it may forward them all the same.",
        "traceroute prints * and mtr prints ??? for a hop without answers.",
        "the router does not send ICMP errors, or limits them; a firewall drops them on the way back; if "
        "every later hop is silent too: the packets are dropped here or after here, or the target does not "
        "answer",
        "If later hops or the target answer, ignore it: loss at a hop that does not continue to the target "
        "is no loss. If nothing answers from here on, `sonde why HOST:PORT` finds which side of the gap "
        "drops.",
    },
    {
        "hop-loss",
        "Loss at a hop of the path",
        "The share of probes to which this router sent no time-exceeded; it says little about packets that "
        "pass through it.",
        "mtr counts it for each hop.",
        "the router limits its ICMP errors (usual, and harmless); the path is congested from here on; "
        "several paths of different quality (load balancing); the way back from this router differs",
        "Compare with the last line: only loss that begins at a hop and continues to the target is loss. If "
        "the target has none, ignore it.",
    },
    {
        "partial-loss",
        "Some answers are missing",
        "A part of the requests or of the answers was lost.",
        "ping counts it.",
        "congestion: loss and delay grow with the load; the host or a router limits pings; a bad link "
        "(radio, cable, optics, duplex); one of several parallel paths is broken; ARP for the first packet",
        "`mtr -n -c 100 HOST` shows whether loss begins at a hop and continues to the target; `ip -s link` "
        "shows errors here. A test of the service itself (`sonde why HOST:PORT`) is not misled by limits "
        "for pings.",
    },
    {
        "open-or-filtered",
        "Open or filtered",
        "The scanner got no answer to its UDP packet and cannot tell a silent service from a firewall that "
        "drops.",
        "nmap, for UDP ports without an answer.",
        "the service is there and ignores the empty probe; a firewall drops the probe; the answer was lost "
        "or rate-limited",
        "Ask the service in its own language: `sonde why udp://HOST:PORT` sends a real request and tests "
        "other ports.",
    },
    {
        "filtered",
        "Filtered",
        "The scanner got no answer, or an ICMP error, instead of what a host would send.",
        "nmap; with --reason it says which: no-response, admin-prohibited, host-unreach ...",
        "a firewall drops or rejects; the host or its gateway is down; the host's own rate limit",
        "Use --reason, or `sonde why tcp://HOST:PORT`, which names the device and separates drop, reject "
        "and a host that is down.",
    },
    {
        "connect-failed",
        "The connection could not be made",
        "The program hides the reason: refused, unreachable or reset are all possible.",
        "curl's error 7, and programs that print only \"couldn't connect\".",
        "after a few milliseconds: the port is closed or a firewall rejects; after about 3 seconds: the "
        "host or the gateway does not answer ARP; after a minute or more: nothing answers",
        "Look at the time in the line, or at `curl -v`. `sonde why` names cause and place.",
    },
    {
        "closed-without-answer",
        "The other side closed the connection without an answer",
        "The connection was made; the service, or something in front of it, closed it before it said "
        "anything.",
        "The service itself, a proxy, a TCP wrapper or a ban list (fail2ban, MaxStartups of sshd).",
        "the service crashed or refuses this client; a limit of connections; a load balancer without a "
        "healthy backend; plain text sent to a TLS port, or the reverse",
        "The network works: look at the service's log for this client's address.",
    },
    {
        "name-not-resolved",
        "The name has no address",
        "The name could not be turned into an address, so no packet was sent to the target.",
        "The resolver library of this machine, after the name server said that the name does not exist or "
        "has no address.",
        "a misspelt name; a name of an internal zone asked outside of it (VPN down, split DNS); the search "
        "domain is missing; the name has only an IPv6 or only an IPv4 address; a registration that expired",
        "`getent ahosts NAME` and `dig NAME`; look at /etc/resolv.conf and /etc/hosts.",
    },
    {
        "name-server-silent",
        "The name server does not answer",
        "The name may exist: the resolver got no usable answer from a name server (\"temporary failure\").",
        "The resolver library of this machine, after its time-out (5 s for each server).",
        "the name server is down or unreachable; UDP port 53 is filtered; a container has a wrong "
        "resolv.conf; SERVFAIL: its upstream or DNSSEC fails",
        "`sonde why udp://NAMESERVER:53` with the server of /etc/resolv.conf.",
    },
    {
        "firewall-log",
        "A firewall logged a packet",
        "A log rule matched; in most rule sets the next rule drops or rejects the packet.",
        "The kernel of the machine whose log this is (nftables or iptables LOG).",
        "a rule set that does not allow this traffic (default drop); an answer that conntrack does not know "
        "any more; somebody scans",
        "The text before IN= is the rule's prefix: find it with `nft list ruleset | grep PREFIX`. IN= says "
        "it came in there, OUT= that it was going out; both, that it was forwarded.",
    },
    {
        "icmp-has-no-ports",
        "ICMP has types, not ports",
        "ICMP messages are told apart by a type and a code; ports belong to TCP and UDP.",
        "Firewall tickets and forms with a field for ports.",
        "\"ping\" is meant: that is ICMP type 8 (ICMPv6: 128), and its answer type 0 (129); a TCP or UDP "
        "port is meant",
        "Name the types in the rule: `sonde explain` lists them with advice for firewalls. For a port of a "
        "service use tcp://HOST:PORT or udp://HOST:PORT.",
    },
    {
        "ping-has-no-ports",
        "Ping does not test a port",
        "Ping sends ICMP echo requests to a host; ICMP has types, not ports.",
        "ping, which takes what follows as another argument or as part of the name.",
        "a port of a service is to be tested",
        "`sonde why tcp://HOST:PORT` tests the port. A host may answer ping and not the port, and the "
        "reverse.",
    },
    {
        "local-failure",
        "This machine could not send the packet",
        "The packet never left: the local stack, firewall or driver refused it.",
        "The local system (Windows says \"General failure\").",
        "the interface or VPN adapter is down or disabled; security software filters it; no IPv6 or no IPv4 "
        "on this machine",
        "Look at this machine's interfaces, routes and firewall first.",
    },
};

const struct symptom_entry *symptom_find_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (icmp_name_equal(rows[i].name, name))
            return &rows[i];
    return NULL;
}

const struct symptom_entry *symptom_row(size_t index)
{
    return index < COUNT_OF(rows) ? &rows[index] : NULL;
}
