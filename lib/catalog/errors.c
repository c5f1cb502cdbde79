/* SPDX-License-Identifier: MIT */
/* The errno table: what Linux reports for which ICMP message, and what else produces it. */
#include "catalog/errors.h"

#include <errno.h>
#include <strings.h>

#include "base/macro.h"

/* Pairs of number and name cannot diverge. */
#define NAMED(number) number, #number

/* Which message becomes which errno: icmp_err_convert[] in net/ipv4/icmp.c, tab_unreach[] in net/ipv6/icmp.c.
 */
static const struct sonde_errno_entry rows[] = {
    {
        NAMED(ECONNREFUSED),
        "Connection refused",
        "The other side, or a firewall that speaks for it, said no at once: nothing listens there.",
        "3/3",
        "1/4",
        "the service is down or listens on another port; it listens only on 127.0.0.1 or only on the other "
        "IP version; a firewall rejects with tcp reset or port-unreachable, which looks the same; a "
        "Kubernetes Service or load balancer without backends",
        "On the server: `ss -ltnp` (TCP) or `ss -lunp` (UDP), then its firewall. From here `sonde why` "
        "separates closed from rejected.",
    },
    {
        NAMED(EHOSTUNREACH),
        "No route to host",
        "The host cannot be reached: its last router or a firewall says so. In most cases no route is "
        "missing.",
        "3/1 3/10 3/12 3/13 3/14 3/15 11/0 11/1",
        "1/2 1/3 3/0 3/1",
        "after about 3 s: the host (or your gateway) does not answer ARP, it is off or the address is "
        "wrong; at once: a firewall rejects with host-prohibited or admin-prohibited (firewalld, RHEL, "
        "Cisco access lists); at once: an `unreachable` route here or on a router; a routing loop (time "
        "exceeded)",
        "Look at who said it: `sonde why HOST:PORT` names the sender and the code. If it is the target "
        "itself, open the port in its firewall.",
    },
    {
        NAMED(ENETUNREACH),
        "Network is unreachable",
        "There is no route to the network: here, if it came at once and without a packet, or at a router.",
        "3/0 3/6 3/9 3/11",
        "1/0",
        "this machine has no default route, or no IPv6 at all; the interface is down; the VPN is down; a "
        "router on the way has no route; a filter rejects with net-prohibited",
        "`ip route get ADDRESS` shows whether it is local. If not, the router that answered has to get a "
        "route.",
    },
    {
        NAMED(EACCES),
        "Permission denied",
        "A rule forbids it: a prohibit route of this machine, a filter on the way (IPv6), or a broadcast "
        "address.",
        "",
        "1/1 1/5 1/6",
        "IPv6: a firewall rejects with admin-prohibited; a `prohibit` route on this machine (at once, no "
        "packet); sending to a broadcast address without SO_BROADCAST; SELinux or another security module",
        "`ip route get ADDRESS` (prohibit?); for IPv6 `sonde why` names the filter. It is not about file "
        "permissions.",
    },
    {
        NAMED(EPERM),
        "Operation not permitted",
        "This machine's own firewall dropped the packet on its way out, or the program lacks a capability.",
        "",
        "",
        "an nftables or iptables OUTPUT rule drops it (UDP and raw sockets see it at once, TCP only times "
        "out); a cgroup or container policy (BPF); a raw socket without CAP_NET_RAW; the conntrack table is "
        "full",
        "`nft list ruleset` here, chain output; `dmesg` for \"nf_conntrack: table full\".",
    },
    {
        NAMED(EMSGSIZE),
        "Message too long",
        "The packet is larger than the path MTU and may not be fragmented, or than a datagram can be.",
        "3/4",
        "2",
        "a tunnel, VPN or PPPoE link on the way has a smaller MTU; the local interface has a smaller MTU; a "
        "UDP payload above 65507 octets",
        "Normal during path-MTU discovery: the program must send less. `ip route get ADDRESS` shows the "
        "learnt MTU, tracepath finds the link.",
    },
    {
        NAMED(ENOPROTOOPT),
        "Protocol not available",
        "The host does not speak the IP protocol; or a socket option does not exist.",
        "3/2",
        "",
        "a GRE, IPsec or SCTP module is not loaded at the target; a firewall rejects with "
        "protocol-unreachable; getsockopt or setsockopt with an option that this kernel does not have",
        "On the network: load the protocol at the target. In a program: check the option.",
    },
    {
        NAMED(EOPNOTSUPP),
        "Operation not supported",
        "A source route failed; or the socket cannot do what was asked.",
        "3/5",
        "",
        "source-routed packets (nobody should send them); a system call that this kind of socket does not "
        "support",
        "Stop using source routes.",
    },
    {
        NAMED(EHOSTDOWN),
        "Host is down",
        "The last router knows that the host is down.",
        "3/7",
        "",
        "a router with a link layer that can tell (rare); SMB and Bluetooth use the same errno for their "
        "own reasons; on macOS and BSD: ARP failed",
        "Look at the host's power and link; on BSD and macOS treat it as EHOSTUNREACH after 3 s.",
    },
    {
        NAMED(ENONET),
        "Machine is not on the network",
        "A router says that this host is isolated (obsolete).",
        "3/8",
        "",
        "a forged or crafted ICMP message; nobody sends it today",
        "Find the sender of the ICMP message.",
    },
    {
        NAMED(EPROTO),
        "Protocol error",
        "Somebody could not process a header of the packet (parameter problem).",
        "12/0 12/1 12/2",
        "1/7 1/8 1/9 4",
        "a broken or unknown IP option or extension header; a driver, tunnel or NAT that damages headers; "
        "IPv6: the target does not know the protocol",
        "Capture the ICMP message: its pointer names the octet.",
    },
    {
        NAMED(ETIMEDOUT),
        "Connection timed out",
        "Nothing came back at all: no answer, no refusal, no error.",
        "",
        "",
        "a firewall drops silently (here, on the way or at the host); the host is off behind a router that "
        "does not say so; a blackhole route; the answer takes a way back that loses it; the accept queue of "
        "the service is full; large packets vanish (path-MTU black hole), when the connection was open "
        "already",
        "Silence has many causes: `sonde why HOST:PORT` compares with other ports, the host and the hops "
        "before it.",
    },
    {
        NAMED(ECONNRESET),
        "Connection reset by peer",
        "The connection existed, or was being made, and was torn down by RST.",
        "",
        "",
        "the service crashed, restarted or closed with data unread; a proxy or load balancer lost its "
        "backend; a stateful firewall or NAT forgot an idle connection; a middlebox forges resets "
        "(censorship, IPS); plain text sent to a TLS port, or the reverse",
        "Look at the service's log at that moment. If resets come after idle time, use keep-alives shorter "
        "than the firewall's time-out.",
    },
    {
        NAMED(ENETDOWN),
        "Network is down",
        "The local interface is down.",
        "",
        "",
        "the interface was shut down or unplugged; the VPN interface went away; a driver problem",
        "`ip -br link`; `ip link set IFACE up`.",
    },
    {
        NAMED(ENETRESET),
        "Network dropped connection on reset",
        "The connection was dropped because keep-alive or the network found it dead.",
        "",
        "",
        "Windows: keep-alive failed; rare on Linux",
        "Treat it as ECONNRESET.",
    },
    {
        NAMED(EINVAL),
        "Invalid argument",
        "For a connection: a blackhole route of this machine, or an address that cannot be used so.",
        "",
        "",
        "a `blackhole` route on this machine (at once, no packet); an IPv6 link-local address without an "
        "interface (fe80::1%eth0); a socket bound to 127.0.0.1 that talks to the outside; port or address "
        "of the wrong kind",
        "`ip route get ADDRESS`; for link-local addresses add %INTERFACE.",
    },
    {
        NAMED(EADDRNOTAVAIL),
        "Cannot assign requested address",
        "This machine has no address, or no free port, to send from.",
        "",
        "",
        "bind to an address that is not here (yet); IPv6 with only a link-local address, or none; all "
        "ephemeral ports to that target are in use (many short connections); connecting to port 0",
        "`ip addr`; `ss -tan state time-wait | wc -l`; widen net.ipv4.ip_local_port_range or reuse "
        "connections.",
    },
    {
        NAMED(EADDRINUSE),
        "Address already in use",
        "Another socket has the address and port.",
        "",
        "",
        "another process listens there; the old instance still runs; TIME_WAIT without SO_REUSEADDR",
        "`ss -lntup | grep :PORT` names the process.",
    },
    {
        NAMED(EAFNOSUPPORT),
        "Address family not supported by protocol",
        "This kernel or socket does not do that IP version.",
        "",
        "",
        "IPv6 is switched off on this machine (ipv6.disable=1, containers); an IPv6 address given to an "
        "IPv4 socket",
        "Use the other IP version, or switch IPv6 on.",
    },
    {
        NAMED(EPROTONOSUPPORT),
        "Protocol not supported",
        "This kernel does not have the protocol.",
        "",
        "",
        "SCTP, DCCP or a ping socket of a missing module; ping sockets are disabled for this group",
        "`modprobe` the module; for ping sockets look at net.ipv4.ping_group_range.",
    },
    {
        NAMED(EPIPE),
        "Broken pipe",
        "The program wrote to a connection that was closed already.",
        "",
        "",
        "the other side closed or reset before; a proxy gave up",
        "Look why the other side closed: the read before usually saw ECONNRESET or the end of data.",
    },
    {
        NAMED(ECONNABORTED),
        "Software caused connection abort",
        "The connection was aborted before or while it was accepted.",
        "",
        "",
        "the client went away while it waited in the accept queue; Windows: the local stack gave up after "
        "retransmissions",
        "Servers: just accept the next one. If frequent, the queue is too long or the service too slow.",
    },
    {
        NAMED(ENOBUFS),
        "No buffer space available",
        "The kernel or the device queue has no room for the packet.",
        "",
        "",
        "sending faster than the device (full transmit queue); the neighbour table is full; memory limits",
        "Send more slowly; look at `ip -s link`, `tc -s qdisc` and net.ipv4.neigh.default.gc_thresh3.",
    },
    {
        NAMED(EAGAIN),
        "Resource temporarily unavailable",
        "Nothing to read yet, or no room to write: a time-out of a program that set one, not an error of "
        "the network.",
        "",
        "",
        "SO_RCVTIMEO or SO_SNDTIMEO ended (the answer is late or lost); a non-blocking socket",
        "Treat it as \"no answer yet\"; `sonde why` tells whether the silence has a cause on the way.",
    },
    {
        NAMED(EINPROGRESS),
        "Operation now in progress",
        "A non-blocking connect has been started; its result comes later.",
        "",
        "",
        "normal; a program that prints it does not wait for the result",
        "Wait until the socket is writable, then read SO_ERROR.",
    },
};

SONDE_API const struct sonde_errno_entry *sonde_errno_find(int number)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].number == number)
            return &rows[i];
    return NULL;
}

SONDE_API const struct sonde_errno_entry *sonde_errno_find_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

SONDE_API const struct sonde_errno_entry *sonde_errno_table(size_t *count)
{
    *count = COUNT_OF(rows);
    return rows;
}
