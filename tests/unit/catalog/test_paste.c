/* SPDX-License-Identifier: MIT */
/* Lines as programs print them and people type them: what sonde explain reads in them. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "catalog/icmp.h"
#include "catalog/paste.h"
#include "catalog/paste_rows.h"
#include "catalog/pattern.h"

#define ANY ICMP_ANY_CODE
#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP

/* A message as "4 3/3", or nothing. */
#define V4(type, code) .v4 = {true, type, code}
#define V6(type, code) .v6 = {true, type, code}

struct line {
    const char *text;
    struct paste_message v4, v6;
    int error;
    const char *symptom, *sender, *host;
    int port;
    uint8_t protocol;
    int mtu;
};

static const struct line lines[] = {
    /* typed */
    {"3/3", V4(3, 3), V6(3, 3)},
    {" 3/3 ", V4(3, 3), V6(3, 3)},
    {"4 3/3", V4(3, 3)},
    {"6 1/4", V6(1, 4)},
    {"6 1 4", V6(1, 4)},
    {"3:3", V4(3, 3), V6(3, 3)},
    {"3 3", V4(3, 3), V6(3, 3)},
    {"type 3 code 3", V4(3, 3), V6(3, 3)},
    {"Type 3, Code 13", V4(3, 13), V6(3, 13)},
    {"icmp type 3 code 3", V4(3, 3)},
    {"ICMP Type 3", V4(3, ANY)},
    {"icmp6 type 1 code 4", V6(1, 4)},
    {"icmpv6 1/4", V6(1, 4)},
    {"icmpv6 type 128", V6(128, ANY)},
    {"type 8", V4(8, ANY), V6(8, ANY)},
    {"8", V4(8, ANY), V6(8, ANY)},
    {"6 101", V6(101, ANY)},
    {"port-unreachable", V4(3, 3), V6(1, 4)},
    {"Port Unreachable", V4(3, 3), V6(1, 4)},
    {"PORT_UNREACHABLE", V4(3, 3), V6(1, 4)},
    {"packet too big", V6(2, ANY)},
    {"icmp echo request", V4(8, 0), V6(128, 0)},
    {"admin-prohibited", V4(3, 13), V6(1, 1)},
    {"destination unreachable", V4(3, ANY), V6(1, ANY)},
    {"EHOSTUNREACH", .error = EHOSTUNREACH},
    {"ehostunreach", .error = EHOSTUNREACH},
    {"errno EHOSTUNREACH", .error = EHOSTUNREACH},
    {"113", .error = EHOSTUNREACH},
    {"111", .error = ECONNREFUSED},
    {"errno 13", .error = EACCES},
    {"No route to host", .error = EHOSTUNREACH},
    {"silence", .symptom = "silence"},

    /* ping: iputils, BSD and macOS, busybox, Windows */
    {"From 10.0.0.1 icmp_seq=1 Destination Port Unreachable", V4(3, 3), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Destination Host Unreachable", V4(3, 1), .sender = "10.0.0.1"},
    {"From gw.example.net (10.0.0.1) icmp_seq=2 Destination Net Unreachable", V4(3, 0), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Packet filtered", V4(3, 13), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Destination Host Prohibited", V4(3, 10), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Destination Protocol Unreachable", V4(3, 2), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Dest Unreachable, Bad Code: 16", V4(3, 16), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Time to live exceeded", V4(11, 0), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Frag reassembly time exceeded", V4(11, 1), .sender = "10.0.0.1"},
    {"From 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)", V4(3, 4), .sender = "10.0.0.1",
     .mtu = 1400},
    {"From 10.0.0.1: icmp_seq=1 Redirect Host(New nexthop: 10.0.0.254)", V4(5, 1), .sender = "10.0.0.1"},
    {"From 2001:db8::1 icmp_seq=1 Destination unreachable: No route", V6(1, 0), .sender = "2001:db8::1"},
    {"From 2001:db8::1 icmp_seq=1 Destination unreachable: Address unreachable", V6(1, 3),
     .sender = "2001:db8::1"},
    {"From 2001:db8::1 icmp_seq=1 Destination unreachable: Administratively prohibited", V6(1, 1),
     .sender = "2001:db8::1"},
    {"From 2001:db8::1 icmp_seq=1 Destination unreachable: Port unreachable", V6(1, 4),
     .sender = "2001:db8::1"},
    {"From 2001:db8::1 icmp_seq=1 Destination unreachable: Unknown code 9", V6(1, 9),
     .sender = "2001:db8::1"},
    {"From fe80::1%eth0 icmp_seq=1 Packet too big: mtu=1280", V6(2, ANY), .sender = "fe80::1", .mtu = 1280},
    {"From 2001:db8::1 icmp_seq=1 Time exceeded: Hop limit", V6(3, 0), .sender = "2001:db8::1"},
    {"From 2001:db8::1 icmp_seq=1 Parameter problem: Unknown header at 6", V6(4, 1), .sender = "2001:db8::1"},
    {"36 bytes from 10.0.0.1: Communication prohibited by filter", V4(3, 13), .sender = "10.0.0.1"},
    {"92 bytes from gw (10.0.0.1): Time to live exceeded", V4(11, 0), .sender = "10.0.0.1"},
    {"Request timeout for icmp_seq 0", .symptom = "silence"},
    {"ping: sendto: No route to host", .error = EHOSTUNREACH},
    {"ping: sendto: Host is down", .error = EHOSTDOWN},
    {"ping: sendmsg: Operation not permitted", .error = EPERM},
    {"ping: connect: Network is unreachable", .error = ENETUNREACH},
    {"ping: local error: message too long, mtu=1400", .error = EMSGSIZE, .mtu = 1400},
    {"ping: no.such.name: Name or service not known", .symptom = "name-not-resolved", .host = "no.such.name"},
    {"ping: example.net: Temporary failure in name resolution", .symptom = "name-server-silent",
     .host = "example.net"},
    {"4 packets transmitted, 0 received, 100% packet loss, time 3050ms", .symptom = "silence"},
    {"64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.1 ms", V4(0, 0), .sender = "10.0.0.1"},
    {"64 bytes from one.example (2001:db8::1): icmp_seq=1 ttl=64 time=0.1 ms", V6(129, 0),
     .sender = "2001:db8::1"},
    {"64 bytes from 10.0.0.1: seq=0 ttl=64 time=0.045 ms", V4(0, 0), .sender = "10.0.0.1"},
    {"Reply from 10.0.0.1: bytes=32 time<1ms TTL=64", V4(0, 0), .sender = "10.0.0.1"},
    {"10 packets transmitted, 7 received, 30% packet loss, time 9012ms", .symptom = "partial-loss"},
    {"ping: warning: got ICMP 3 (Destination Unreachable)", V4(3, ANY), V6(3, ANY)},
    {"Reply from 10.0.0.1: Destination host unreachable.", V4(3, 1), .sender = "10.0.0.1"},
    {"Reply from 10.0.0.1: Destination port unreachable.", V4(3, 3), .sender = "10.0.0.1"},
    {"Reply from 2001:db8::1: Destination host unreachable.", V6(1, 3), .sender = "2001:db8::1"},
    {"Reply from 10.0.0.1: TTL expired in transit.", V4(11, 0), .sender = "10.0.0.1"},
    {"Packet needs to be fragmented but DF set.", V4(3, 4)},
    {"Request timed out.", .symptom = "silence"},
    {"PING: transmit failed. General failure.", .symptom = "local-failure"},
    {"Ping request could not find host nosuch. Please check the name and try again.",
     .symptom = "name-not-resolved", .host = "nosuch"},
    {"PING example.net (192.0.2.7) 56(84) bytes of data.\nFrom 10.0.0.1 icmp_seq=1 Packet filtered",
     V4(3, 13), .sender = "10.0.0.1", .host = "example.net"},

    /* traceroute, tracepath, mtr */
    {" 3  10.0.2.1 (10.0.2.1)  0.412 ms !H  0.390 ms !H  0.377 ms !H", V4(3, 1), .sender = "10.0.2.1"},
    {" 3  10.0.2.1  0.412 ms !X  0.390 ms !X", V4(3, 13), .sender = "10.0.2.1"},
    {" 4  r.example (10.0.2.1)  1.2 ms !N * *", V4(3, 0), .sender = "10.0.2.1"},
    {" 3  2001:db8::1  0.412 ms !X", V6(1, 1), .sender = "2001:db8::1"},
    {" 3  10.0.2.1  0.412 ms !F-1400", V4(3, 4), .sender = "10.0.2.1", .mtu = 1400},
    {" 3  10.0.2.1  0.4 ms !P", V4(3, 2), .sender = "10.0.2.1"},
    {" 3  10.0.2.1  0.4 ms !S", V4(3, 5), .sender = "10.0.2.1"},
    {" 3  10.0.2.1  0.4 ms !V", V4(3, 14), .sender = "10.0.2.1"},
    {" 3  10.0.2.1  0.4 ms !C", V4(3, 15), .sender = "10.0.2.1"},
    {" 3  10.0.2.1  0.4 ms !<10>", V4(3, 10), .sender = "10.0.2.1"},
    {" 3  10.0.2.1  0.4 ms !<12-1>", V4(12, 1), .sender = "10.0.2.1"},
    {"!X", V4(3, 13), V6(1, 1)},
    {" 7  * * *", .symptom = "hop-silent"},
    {"  3.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0", .symptom = "hop-silent"},
    {"  2.|-- 10.0.2.1                  30.0%    10    0.3   0.3   0.2   0.4   0.1", .symptom = "hop-loss"},
    {"  2.|-- 10.0.2.1                 100.0%    10    0.0   0.0   0.0   0.0   0.0", .symptom = "hop-silent"},
    {" 2. (waiting for reply)", .symptom = "hop-silent"},
    {" 2:  no reply", .symptom = "hop-silent"},

    /* nmap */
    {"53/udp closed domain port-unreach ttl 62", V4(3, 3), V6(1, 4), .port = 53, .protocol = UDP},
    {"22/tcp filtered ssh admin-prohibited ttl 63", V4(3, 13), V6(1, 1), .port = 22, .protocol = TCP},
    {"22/tcp filtered ssh host-prohibited from 10.0.0.1 ttl 63", V4(3, 10), .sender = "10.0.0.1", .port = 22,
     .protocol = TCP},
    {"Nmap scan report for db.example (10.0.0.7)\n22/tcp filtered ssh no-response", .symptom = "silence",
     .host = "db.example", .port = 22, .protocol = TCP},
    {"22/tcp closed ssh conn-refused", .error = ECONNREFUSED, .port = 22, .protocol = TCP},
    {"22/tcp closed ssh reset ttl 62", .error = ECONNREFUSED, .port = 22, .protocol = TCP},
    {"161/udp open|filtered snmp no-response", .symptom = "open-or-filtered", .port = 161, .protocol = UDP},
    {"443/tcp filtered https", .symptom = "filtered", .port = 443, .protocol = TCP},

    /* programs that connect */
    {"curl: (7) Failed to connect to example.net port 443 after 3 ms: Couldn't connect to server",
     .symptom = "connect-failed", .host = "example.net", .port = 443, .protocol = TCP},
    {"curl: (7) Failed to connect to 10.0.0.1 port 80: Connection refused", .error = ECONNREFUSED,
     .host = "10.0.0.1", .port = 80, .protocol = TCP},
    {"curl: (7) Failed to connect to 10.0.0.1 port 80: No route to host", .error = EHOSTUNREACH,
     .host = "10.0.0.1", .port = 80, .protocol = TCP},
    {"curl: (28) Failed to connect to 10.0.0.1 port 80 after 5001 ms: Timeout was reached",
     .error = ETIMEDOUT, .host = "10.0.0.1", .port = 80, .protocol = TCP},
    {"curl: (28) Connection timed out after 5001 milliseconds", .error = ETIMEDOUT},
    {"curl: (6) Could not resolve host: no.such.name", .symptom = "name-not-resolved",
     .host = "no.such.name"},
    {"curl: (56) Recv failure: Connection reset by peer", .error = ECONNRESET},
    {"curl: (52) Empty reply from server", .symptom = "closed-without-answer"},
    {"* connect to 10.0.0.1 port 443 failed: Connection refused", .error = ECONNREFUSED, .host = "10.0.0.1",
     .port = 443, .protocol = TCP},
    {"(28)", .error = ETIMEDOUT},
    {"ssh: connect to host db1 port 22: No route to host", .error = EHOSTUNREACH, .host = "db1", .port = 22,
     .protocol = TCP},
    {"ssh: connect to host 2001:db8::7 port 22: Permission denied", .error = EACCES, .host = "2001:db8::7",
     .port = 22, .protocol = TCP},
    {"ssh: connect to host 10.0.0.7 port 2222: Connection timed out", .error = ETIMEDOUT, .host = "10.0.0.7",
     .port = 2222, .protocol = TCP},
    {"ssh: Could not resolve hostname db1: Name or service not known", .symptom = "name-not-resolved",
     .host = "db1"},
    {"kex_exchange_identification: Connection closed by remote host", .symptom = "closed-without-answer"},
    {"Connection closed by 10.0.0.7 port 22", .symptom = "closed-without-answer", .host = "10.0.0.7",
     .port = 22, .protocol = TCP},
    {"nc: connect to 10.0.0.1 port 53 (udp) failed: Connection refused", .error = ECONNREFUSED,
     .host = "10.0.0.1", .port = 53, .protocol = UDP},
    {"telnet: Unable to connect to remote host: Connection refused", .error = ECONNREFUSED},
    {"Connecting to example.net (example.net)|192.0.2.7|:443... failed: Connection refused.",
     .error = ECONNREFUSED, .host = "192.0.2.7", .port = 443, .protocol = TCP},
    {"dial tcp 10.0.0.1:443: connect: connection refused", .error = ECONNREFUSED, .host = "10.0.0.1",
     .port = 443, .protocol = TCP},
    {"dial tcp [2001:db8::7]:443: i/o timeout", .error = ETIMEDOUT, .host = "2001:db8::7", .port = 443,
     .protocol = TCP},
    {"dial tcp: lookup no.such on 10.0.0.53:53: no such host", .symptom = "name-not-resolved",
     .host = "no.such"},
    {"Error: connect EHOSTUNREACH 10.0.0.1:443 - Local (10.0.0.2:40000)", .error = EHOSTUNREACH,
     .host = "10.0.0.1", .port = 443, .protocol = TCP},
    {"Error: connect ECONNREFUSED ::1:5432", .error = ECONNREFUSED},
    {"Error: getaddrinfo ENOTFOUND no.such", .symptom = "name-not-resolved", .host = "no.such"},
    {"ConnectionRefusedError: [Errno 111] Connection refused", .error = ECONNREFUSED},
    {"OSError: [Errno 101] Network is unreachable", .error = ENETUNREACH},
    {"HTTPSConnectionPool(host='example.net', port=443): Max retries exceeded (Caused by "
     "NewConnectionError('[Errno 113] No route to host'))",
     .error = EHOSTUNREACH, .host = "example.net", .port = 443, .protocol = TCP},
    {"Os { code: 113, kind: HostUnreachable } (os error 113)", .error = EHOSTUNREACH},
    {"java.net.NoRouteToHostException: No route to host (Host unreachable)", .error = EHOSTUNREACH},
    {"java.net.SocketTimeoutException: connect timed out", .error = ETIMEDOUT},
    {"connection to server at \"10.0.0.1\", port 5432 failed: Connection refused", .error = ECONNREFUSED,
     .host = "10.0.0.1", .port = 5432, .protocol = TCP},
    {"ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.0.1:3306' (113)", .error = EHOSTUNREACH,
     .host = "10.0.0.1", .port = 3306, .protocol = TCP},
    {"ERROR 2003 (HY000): Can't connect to MySQL server on 'db1' (111)", .error = ECONNREFUSED, .host = "db1",
     .port = 3306, .protocol = TCP},
    {"Could not connect to Redis at 127.0.0.1:6379: Connection refused", .error = ECONNREFUSED,
     .host = "127.0.0.1", .port = 6379, .protocol = TCP},
    {"The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
     .error = ECONNREFUSED, .host = "10.0.0.1", .port = 6443, .protocol = TCP},
    {"No connection could be made because the target machine actively refused it. (10.0.0.1:80)",
     .error = ECONNREFUSED, .host = "10.0.0.1", .port = 80, .protocol = TCP},
    {"net::ERR_CONNECTION_REFUSED", .error = ECONNREFUSED},
    {"net::ERR_NAME_NOT_RESOLVED", .symptom = "name-not-resolved"},
    {";; communications error to 10.0.0.53#53: timed out", .symptom = "name-server-silent",
     .host = "10.0.0.53", .port = 53, .protocol = UDP},
    {";; connection timed out; no servers could be reached", .symptom = "name-server-silent"},
    {"Get \"https://example.net/api\": context deadline exceeded", .error = ETIMEDOUT, .host = "example.net",
     .port = 443, .protocol = TCP},

    /* logs of firewalls */
    {"IN=eth0 OUT= MAC= SRC=10.0.0.1 DST=10.0.0.2 LEN=56 TTL=64 ID=1 PROTO=ICMP TYPE=3 CODE=3 "
     "[SRC=10.0.0.2 DST=10.0.0.1 LEN=28 TTL=63 ID=2 PROTO=UDP SPT=40000 DPT=53 LEN=8 ]",
     V4(3, 3), .sender = "10.0.0.1", .host = "10.0.0.1", .port = 53, .protocol = UDP},
    {"IN=eth0 OUT= SRC=2001:db8::1 DST=2001:db8::2 LEN=96 HOPLIMIT=255 PROTO=ICMPv6 TYPE=1 CODE=4 ", V6(1, 4),
     .sender = "2001:db8::1"},
    {"IN=eth0 OUT= SRC=fe80::1 DST=ff02::1 PROTO=ICMPv6 TYPE=134 CODE=0", V6(134, 0), .sender = "fe80::1"},
    {"[UFW BLOCK] IN=eth0 OUT= SRC=198.51.100.7 DST=10.0.0.2 LEN=60 TTL=50 PROTO=TCP SPT=40000 DPT=22 SYN",
     .symptom = "firewall-log", .sender = "198.51.100.7", .host = "10.0.0.2", .port = 22, .protocol = TCP},
    {"%SEC-6-IPACCESSLOGDP: list 101 denied icmp 10.0.0.1 -> 10.0.0.2 (3/13), 1 packet", V4(3, 13),
     .sender = "10.0.0.1"},
    {"%ASA-4-106023: Deny icmp src outside:198.51.100.7 dst inside:10.0.0.2 (type 8, code 0)", V4(8, 0),
     .sender = "198.51.100.7"},
    {"ICMP: dst (10.0.0.9) administratively prohibited unreachable rcv from 10.0.0.1", V4(3, 13),
     .sender = "10.0.0.1"},
    {"2026-11-21 02:00:00 DROP ICMP 10.0.0.1 10.0.0.2 - - 60 - - - - 8 0 - RECEIVE", V4(8, 0),
     .sender = "10.0.0.1"},
    {"-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT", V4(8, ANY)},
    {"-A INPUT -j REJECT --reject-with icmp-host-prohibited", V4(3, 10)},
    {"REJECT all -- anywhere anywhere reject-with icmp-port-unreachable", V4(3, 3)},
    {"-A INPUT -j REJECT --reject-with icmp6-adm-prohibited", V6(1, 1)},
    {"tcp dport 22 reject with icmp type admin-prohibited", V4(3, 13)},
    {"icmpv6 type nd-neighbor-solicit accept", V6(135, 0)},
    {"-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type neighbor-advertisement -j ACCEPT", V6(136, 0)},
    {"neighbour solicitation", V6(135, 0)},
    {"icmp type echo-request limit rate 5/second accept", V4(8, 0)},

    /* Cisco's ping */
    {"U.U.U", V4(3, 1)},
    {"U", V4(3, 1)},
    {".....", .symptom = "silence"},
    {"Success rate is 0 percent (0/5)", .symptom = "silence"},
    {"ICMP type 3 code 13", V4(3, 13)},
};

static void check_message(const char *text, const struct paste_message *is,
                          const struct paste_message *wanted)
{
    if (is->known != wanted->known || is->type != wanted->type || is->code != wanted->code)
        fail_msg("\"%s\": read %s %d/%d, not %s %d/%d", text, is->known ? "message" : "nothing", is->type,
                 is->code, wanted->known ? "message" : "nothing", wanted->type, wanted->code);
}

static void check_host(const char *text, struct slice host, const char *wanted)
{
    if (host.length != strlen(wanted) ||
        memcmp(host.data ? (const char *)host.data : "", wanted, host.length) != 0)
        fail_msg("\"%s\": the target is read as \"%.*s\", not \"%s\"", text, (int)host.length,
                 (const char *)host.data, wanted);
}

static void check_sender(const char *text, const struct sonde_address *sender, const char *wanted)
{
    char is[SONDE_ADDRESS_TEXT];

    if (strcmp(sonde_address_format(sender, is), wanted) != 0)
        fail_msg("\"%s\": the sender is read as %s, not %s", text, is, wanted);
}

static void check_numbers(const struct line *line, const struct paste *paste)
{
    if (paste->port != (line->port ? line->port : -1) || paste->protocol != line->protocol)
        fail_msg("\"%s\": port %d of protocol %d", line->text, (int)paste->port, paste->protocol);
    if (paste->mtu != (line->mtu ? line->mtu : -1))
        fail_msg("\"%s\": MTU %d", line->text, (int)paste->mtu);
    if (paste->error != line->error)
        fail_msg("\"%s\": errno %d, not %d", line->text, paste->error, line->error);
}

static void check_symptom(const struct line *line, const struct paste *paste)
{
    const char *is = paste->symptom ? paste->symptom->name : "", *wanted = line->symptom ? line->symptom : "";

    if (strcmp(is, wanted) != 0)
        fail_msg("\"%s\": symptom \"%s\", not \"%s\"", line->text, is, wanted);
}

static void test_lines(void **state)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const struct line *line = &lines[i];
        struct paste paste = paste_parse(line->text, 0);

        check_message(line->text, &paste.v4, &line->v4);
        check_message(line->text, &paste.v6, &line->v6);
        check_symptom(line, &paste);
        check_numbers(line, &paste);
        check_sender(line->text, &paste.sender, line->sender ? line->sender : "-");
        check_host(line->text, paste.host, line->host ? line->host : "");
        assert_int_not_equal(paste.kind, PASTE_NOTHING);
    }
    assert_true(COUNT_OF(lines) >= 80);
}

/* What tcpdump 4.99 prints for each type and code, in the order of RFC 792 and RFC 4443. */
static const struct {
    const char *text;
    struct paste_message v4, v6;
} dumped[] = {
    {"ICMP net 10.0.0.1 unreachable, length 48", V4(3, 0)},
    {"ICMP host 10.0.0.1 unreachable, length 48", V4(3, 1)},
    {"ICMP 10.0.0.1 protocol 17 unreachable, length 48", V4(3, 2)},
    {"ICMP 10.0.0.1 udp port 53 unreachable, length 48", V4(3, 3)},
    {"ICMP 10.0.0.1 unreachable - need to frag (mtu 1400), length 48", V4(3, 4)},
    {"ICMP 10.0.0.1 unreachable - source route failed, length 48", V4(3, 5)},
    {"ICMP net 10.0.0.1 unreachable - unknown, length 48", V4(3, 6)},
    {"ICMP host 10.0.0.1 unreachable - unknown, length 48", V4(3, 7)},
    {"ICMP 10.0.0.1 unreachable - source host isolated, length 48", V4(3, 8)},
    {"ICMP net 10.0.0.1 unreachable - admin prohibited, length 48", V4(3, 9)},
    {"ICMP host 10.0.0.1 unreachable - admin prohibited, length 48", V4(3, 10)},
    {"ICMP net 10.0.0.1 unreachable - tos prohibited, length 48", V4(3, 11)},
    {"ICMP host 10.0.0.1 unreachable - tos prohibited, length 48", V4(3, 12)},
    {"ICMP host 10.0.0.1 unreachable - admin prohibited filter, length 48", V4(3, 13)},
    {"ICMP host 10.0.0.1 unreachable - host precedence violation, length 48", V4(3, 14)},
    {"ICMP host 10.0.0.1 unreachable - precedence cutoff, length 48", V4(3, 15)},
    {"ICMP source quench, length 48", V4(4, 0)},
    {"ICMP redirect 10.0.0.1 to net 10.0.0.253, length 48", V4(5, 0)},
    {"ICMP redirect 10.0.0.1 to host 10.0.0.253, length 48", V4(5, 1)},
    {"ICMP redirect-tos 10.0.0.1 to net 10.0.0.253, length 48", V4(5, 2)},
    {"ICMP redirect-tos 10.0.0.1 to host 10.0.0.253, length 48", V4(5, 3)},
    {"ICMP echo request, id 1, seq 1, length 64", V4(8, 0)},
    {"ICMP echo reply, id 1, seq 1, length 64", V4(0, 0)},
    {"ICMP router advertisement lifetime 30:00 1: {10.0.0.1 0}, length 16", V4(9, 0)},
    {"ICMP router solicitation, length 8", V4(10, 0)},
    {"ICMP time exceeded in-transit, length 48", V4(11, 0)},
    {"ICMP ip reassembly time exceeded, length 48", V4(11, 1)},
    {"ICMP parameter problem - octet 20, length 48", V4(12, 0)},
    {"ICMP parameter problem - code 1, length 48", V4(12, 1)},
    {"ICMP parameter problem - code 2, length 48", V4(12, 2)},
    {"ICMP time stamp query id 1 seq 1, length 20", V4(13, 0)},
    {"ICMP time stamp reply id 1 seq 1: org 00:00:00.000, recv 00:00:00.000", V4(14, 0)},
    {"ICMP address mask request, length 12", V4(17, ANY)},
    {"ICMP address mask is 0x00000000, length 12", V4(18, ANY)},
    {"ICMP type-#42, length 8", V4(42, ANY)},
    {"ICMP6, destination unreachable, unreachable route 2001:db8::1, length 68", V6(1, 0)},
    {"ICMP6, destination unreachable,  unreachable prohibited 2001:db8::1, length 68", V6(1, 1)},
    {"ICMP6, destination unreachable, beyond scope 2001:db8::1, source address 2001:db8::2", V6(1, 2)},
    {"ICMP6, destination unreachable, unreachable address 2001:db8::1, length 68", V6(1, 3)},
    {"ICMP6, destination unreachable, unreachable port, 2001:db8::1 udp port 53, length 68", V6(1, 4)},
    {"ICMP6, destination unreachable, unknown unreach code (5)", V6(1, 5)},
    {"ICMP6, destination unreachable, unknown unreach code (9)", V6(1, 9)},
    {"ICMP6, packet too big, mtu 1280, length 68", V6(2, ANY)},
    {"ICMP6, time exceeded in-transit for 2001:db8::1, length 68", V6(3, 0)},
    {"ICMP6, time exceeded in-transit (reassembly), length 68", V6(3, 1)},
    {"ICMP6, parameter problem, erroneous - octet 6, length 68", V6(4, 0)},
    {"ICMP6, parameter problem, next header - octet 6, length 68", V6(4, 1)},
    {"ICMP6, parameter problem, option - octet 6, length 68", V6(4, 2)},
    {"ICMP6, parameter problem, incomplete header chain - octet 6, length 68", V6(4, 3)},
    {"ICMP6, echo request, id 1, seq 1, length 64", V6(128, 0)},
    {"ICMP6, echo reply, id 1, seq 1, length 64", V6(129, 0)},
    {"ICMP6, multicast listener querymax resp delay: 0 addr: ::, length 24", V6(130, 0)},
    {"ICMP6, multicast listener reportmax resp delay: 0 addr: 2001:db8::1, length 24", V6(131, 0)},
    {"ICMP6, multicast listener donemax resp delay: 0 addr: 2001:db8::1, length 24", V6(132, 0)},
    {"ICMP6, router solicitation, length 8", V6(133, 0)},
    {"ICMP6, router advertisement, length 16", V6(134, 0)},
    {"ICMP6, neighbor solicitation, who has 2001:db8::1, length 24", V6(135, 0)},
    {"ICMP6, neighbor advertisement, tgt is 2001:db8::1, length 24", V6(136, 0)},
    {"ICMP6, redirect, 2001:db8::1 to 2001:db8::1, length 40", V6(137, 0)},
    {"ICMP6, multicast listener report v2, 0 group record(s), length 8", V6(143, ANY)},
    {"ICMP6, unknown icmp6 type (160), length 68", V6(160, ANY)},
};

/* With the prefix that gives time and addresses, and without. */
static void test_tcpdump(void **state)
{
    for (size_t i = 0; i < COUNT_OF(dumped); i++) {
        bool six = dumped[i].v6.known;
        struct paste paste = paste_parse(dumped[i].text, 0);
        char line[256];

        check_message(dumped[i].text, &paste.v4, &dumped[i].v4);
        check_message(dumped[i].text, &paste.v6, &dumped[i].v6);
        snprintf(line, sizeof(line), "02:03:04.000001 %s: %s",
                 six ? "IP6 2001:db8::fe > 2001:db8::2" : "IP 10.0.0.254 > 10.0.0.2", dumped[i].text);
        paste = paste_parse(line, 0);
        check_message(line, &paste.v4, &dumped[i].v4);
        check_message(line, &paste.v6, &dumped[i].v6);
        check_sender(line, &paste.sender, six ? "2001:db8::fe" : "10.0.0.254");
        assert_int_equal(paste.family, six ? 6 : 4);
        assert_string_equal(paste.tool, "tcpdump");
    }
}

/* What tshark 4 prints in its last column; most is the same for both families, the addresses decide. */
static const struct {
    const char *text;
    struct paste_message v4, v6;
} sharked[] = {
    {"Destination unreachable (Network unreachable)", V4(3, 0)},
    {"Destination unreachable (Host unreachable)", V4(3, 1)},
    {"Destination unreachable (Protocol unreachable)", V4(3, 2)},
    {"Destination unreachable (Port unreachable)", V4(3, 3)},
    {"Destination unreachable (Fragmentation needed)", V4(3, 4)},
    {"Destination unreachable (Source route failed)", V4(3, 5)},
    {"Destination unreachable (Destination network unknown)", V4(3, 6)},
    {"Destination unreachable (Destination host unknown)", V4(3, 7)},
    {"Destination unreachable (Source host isolated)", V4(3, 8)},
    {"Destination unreachable (Network administratively prohibited)", V4(3, 9)},
    {"Destination unreachable (Host administratively prohibited)", V4(3, 10)},
    {"Destination unreachable (Network unreachable for TOS)", V4(3, 11)},
    {"Destination unreachable (Host unreachable for TOS)", V4(3, 12)},
    {"Destination unreachable (Communication administratively filtered)", V4(3, 13)},
    {"Destination unreachable (Host precedence violation)", V4(3, 14)},
    {"Destination unreachable (Precedence cutoff in effect)", V4(3, 15)},
    {"Source quench (flow control)", V4(4, 0)},
    {"Redirect             (Redirect for network)", V4(5, 0)},
    {"Redirect             (Redirect for host)", V4(5, 1)},
    {"Redirect             (Redirect for TOS and network)", V4(5, 2)},
    {"Redirect             (Redirect for TOS and host)", V4(5, 3)},
    {"Echo (ping) request  id=0x0001, seq=1/256, ttl=64", V4(8, 0)},
    {"Echo (ping) reply    id=0x0001, seq=1/256, ttl=64 (request in 23)", V4(0, 0)},
    {"Time-to-live exceeded (Time to live exceeded in transit)", V4(11, 0)},
    {"Time-to-live exceeded (Fragment reassembly time exceeded)", V4(11, 1)},
    {"Parameter problem    (Pointer indicates the error)", V4(12, 0)},
    {"Parameter problem    (Required option missing)", V4(12, 1)},
    {"Parameter problem    (Bad length)", V4(12, 2)},
    {"Destination Unreachable (no route to destination)", V6(1, 0)},
    {"Destination Unreachable (Administratively prohibited)", V6(1, 1)},
    {"Destination Unreachable (Beyond scope of source address)", V6(1, 2)},
    {"Destination Unreachable (Address unreachable)", V6(1, 3)},
    {"Destination Unreachable (Port unreachable)", V6(1, 4)},
    {"Destination Unreachable (Source address failed ingress/egress policy)", V6(1, 5)},
    {"Destination Unreachable (Reject route to destination)", V6(1, 6)},
    {"Destination Unreachable (Error in Source Routing Header)", V6(1, 7)},
    {"Packet Too Big", V6(2, ANY)},
    {"Time Exceeded (hop limit exceeded in transit)", V6(3, 0)},
    {"Time Exceeded (fragment reassembly time exceeded)", V6(3, 1)},
    {"Parameter Problem (erroneous header field encountered)", V6(4, 0)},
    {"Parameter Problem (unrecognized Next Header type encountered)", V6(4, 1)},
    {"Parameter Problem (unrecognized IPv6 option encountered)", V6(4, 2)},
    {"Echo (ping) request id=0x0001, seq=1, hop limit=255", V6(128, 0)},
    {"Neighbor Solicitation for 2001:db8::1", V6(135, 0)},
    {"Neighbor Advertisement 2001:db8::1 (sol, ovr)", V6(136, 0)},
};

static void test_tshark(void **state)
{
    for (size_t i = 0; i < COUNT_OF(sharked); i++) {
        struct paste paste;
        char line[256];

        snprintf(line, sizeof(line), "    %zu   %zu.000000 %s %s", i + 1, i,
                 sharked[i].v6.known ? "2001:db8::fe \xe2\x86\x92 2001:db8::2  ICMPv6 108"
                                     : "10.0.0.254 \xe2\x86\x92 10.0.0.2 ICMP 68",
                 sharked[i].text);
        paste = paste_parse(line, 0);
        check_message(line, &paste.v4, &sharked[i].v4);
        check_message(line, &paste.v6, &sharked[i].v6);
        check_sender(line, &paste.sender, sharked[i].v6.known ? "2001:db8::fe" : "10.0.0.254");
    }
}

/* People who look for ports in ICMP are helped, not corrected away. */
static const struct {
    const char *text;
    int type; /* -1: a symptom */
} misunderstood[] = {
    {"ICMP port 3", 3},
    {"icmp port 8", 8},
    {"block port 8 icmp", 8},
    {"open icmp on port 8", 8},
    {"please open port 8 for icmp", 8},
    {"port 0 icmp", 0},
    {"8/icmp", 8},
    {"port 8/icmp", 8},
    {"ICMP ports 8", 8},
    {"icmp code 13", 3},
    {"which port does icmp use?", -1},
    {"what is the ping port", -1},
    {"ping port", -1},
    {"ping example.net:443", -1},
    {"ping 10.0.0.1 port 22", -1},
    {"ping 10.0.0.1 -p 22", -1},
};

static void test_corrections(void **state)
{
    for (size_t i = 0; i < COUNT_OF(misunderstood); i++) {
        struct paste paste = paste_parse(misunderstood[i].text, 0);

        if (!paste.correction)
            fail_msg("\"%s\" is not corrected", misunderstood[i].text);
        if (misunderstood[i].type < 0)
            assert_int_equal(paste.kind, PASTE_SYMPTOM);
        else
            assert_int_equal(paste.v4.type, misunderstood[i].type);
    }
    assert_null(paste_parse("From 10.0.0.1 icmp_seq=1 Destination Port Unreachable", 0).correction);
    assert_null(paste_parse("icmp port unreachable", 0).correction);
}

static void test_ping_with_port_names_the_target(void **state)
{
    struct paste paste = paste_parse("ping example.net:443", 0);

    check_host("ping example.net:443", paste.host, "example.net");
    assert_int_equal(paste.port, 443);
    assert_int_equal(paste.protocol, TCP);
}

static void test_nothing(void **state)
{
    static const char *const texts[] = {
        "",   " ",     "hello world", "3/300",  "256/0", "999", "EHOSTUNREACHED", "/", "3/", "/3",
        "-1", "errno", "errno 4711",  "{type}", "*",     "\\",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (paste_parse(texts[i], 0).kind != PASTE_NOTHING)
            fail_msg("\"%s\" is read as something", texts[i]);
}

/* A family that the caller knows decides where the text does not. */
static void test_given_family(void **state)
{
    struct paste paste = paste_parse("port-unreachable", 6);

    assert_false(paste.v4.known);
    assert_true(paste.v6.known);
    paste = paste_parse("From 10.0.0.1 icmp_seq=1 Destination Port Unreachable", 6);
    assert_true(paste.v4.known); /* the address knows better */
    assert_int_equal(paste.family, 4);
    paste = paste_parse("113", 6);
    assert_int_equal(paste.kind, PASTE_ICMP);
}

/* Every ICMP name and every errno name is understood by itself. */
static void test_all_names(void **state)
{
    const struct sonde_icmp_entry *row;

    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++) {
            struct paste paste = paste_parse(row->name, family);
            const struct paste_message *message = family == 4 ? &paste.v4 : &paste.v6;

            if (!message->known || message->type != row->type || message->code != row->code)
                fail_msg("%s is not understood", row->name);
        }
}

/* Rows are what they should be: their symptoms exist, their placeholders are known, each can be told apart.
 */
static void test_rows(void **state)
{
    for (size_t i = 0; i < paste_meaning_count; i++) {
        const struct paste_meaning *row = &paste_meanings[i];

        if (row->symptom && !symptom_find_name(row->symptom))
            fail_msg("there is no symptom %s", row->symptom);
        if (!row->v4 && !row->v6 && !row->error && !row->symptom)
            fail_msg("\"%s\" means nothing", row->pattern);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(paste_meanings[j].pattern, row->pattern);
    }
}

static bool found(const char *pattern, const char *text)
{
    static struct pattern_text prepared;
    struct pattern_captures captures = pattern_captures_none();

    pattern_text_init(&prepared, text);
    return pattern_find(pattern, &prepared, &captures);
}

static void test_patterns(void **state)
{
    assert_true(found("abc", "xxABCxx"));
    assert_false(found("^abc", "xabc"));
    assert_true(found("^abc", "  abc"));
    assert_true(found("abc$", "xabc \n"));
    assert_false(found("abc$", "abcx"));
    assert_true(found("a b", "a \t\n b"));
    assert_false(found("a b", "ab"));
    assert_true(found("a*b*c", "aXbYc"));
    assert_false(found("a*b*c", "aXcYb"));
    assert_true(found("~word~", "a word."));
    assert_false(found("~word~", "swordfish"));
    assert_true(found("a\\*b", "a*b"));
    assert_false(found("a\\*b", "axb"));
    assert_true(found("type {type}~", "type 255"));
    assert_false(found("type {type}~", "type 256"));
    assert_false(found("port {port}~", "port 65536"));
    assert_true(found("n {n} ", "n 999999999999999 "));
    assert_false(found("n {n} ", "n 99999999999999999999999999999999 "));
    assert_true(found("from {sender}:", "from 10.0.0.1:"));
    assert_false(found("from {sender}:", "from host:"));
    assert_true(found("at [{host}]:{port}", "at [2001:db8::1]:443"));
    assert_true(found("{unknown}", "x") == false);
}

static void test_host_shapes(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
    } shapes[] = {
        {"dial tcp 10.0.0.1:443:", "10.0.0.1", 443},
        {"dial tcp [fe80::1%eth0]:22:", "fe80::1%eth0", 22},
        {"dial tcp a.b-c.example:1:", "a.b-c.example", 1},
        {"dial tcp host.:1:", "host.", 1},
    };

    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        static struct pattern_text prepared;
        struct pattern_captures captures = pattern_captures_none();

        pattern_text_init(&prepared, shapes[i].text);
        assert_true(pattern_find("dial tcp {host}:{port}", &prepared, &captures));
        check_host(shapes[i].text, captures.host, shapes[i].host);
        assert_int_equal(captures.port, shapes[i].port);
    }
}

/* A text of any length costs a bounded time and no octet beyond it is read. */
static void test_long_texts(void **state)
{
    static char text[100000];
    static const char *const fillers[] = {"a", "*", "0", ":", "a:", "1.", " ", "!<", "from ", "connect to "};

    for (size_t i = 0; i < COUNT_OF(fillers); i++) {
        size_t length = strlen(fillers[i]);

        for (size_t at = 0; at + length < sizeof(text); at += length)
            memcpy(text + at, fillers[i], length);
        text[sizeof(text) - 1] = '\0';
        paste_parse(text, 0);
        unit_guarded(slice_of(text, 4096));
    }
    memset(text, ' ', sizeof(text) - 1);
    memcpy(text + 5000, "3/3", 3); /* beyond what is looked at */
    assert_int_equal(paste_parse("connection refused", 0).kind, PASTE_ERRNO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_tcpdump),
        cmocka_unit_test(test_tshark),
        cmocka_unit_test(test_corrections),
        cmocka_unit_test(test_ping_with_port_names_the_target),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_given_family),
        cmocka_unit_test(test_all_names),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_host_shapes),
        cmocka_unit_test(test_long_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
