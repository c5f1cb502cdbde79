/* SPDX-License-Identifier: MIT */
/* Probes as packets: writing them, each marked with a keyed cookie that only who saw the probe can repeat. */
#include "probe/packet.h"

#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
    DEFAULT_TTL = 64,
    COOKIE_LENGTH = 8,
    IP4_HEADER = 20,
    IP6_HEADER = 40,
    FRAGMENT_HEADER = 8,
    FRAGMENT_UNIT = 8, /* octets; a fragment that others follow holds a multiple (RFC 791 3.2) */
    ICMP_HEADER = 8,
    UDP_HEADER = 8,
    TCP_HEADER = 20,
    MSS_OPTION = 4,
    MSS4 = 1460,
    MSS6 = 1440,
    WINDOW = 64240,
    SHORT_OFFSET = 4,
    LYING_EXCESS = 8,            /* octets that a datagram claims and does not have */
    PROTOCOL_EXPERIMENT_1 = 253, /* RFC 3692 2.1 */
};

/* A probe while it is being written. */
struct draft {
    const struct packet_book *book;
    const struct probe *probe;
    uint64_t cookie;
    uint16_t source_port;
    uint16_t ip_id;
};

typedef size_t write_fn(const struct draft *draft, struct slice payload, uint8_t *buffer, size_t capacity);

/* How a kind becomes a packet; kinds without `write` are none. */
struct form {
    uint8_t protocol4, protocol6;
    uint8_t header; /* octets of the transport's header */
    bool tcp;       /* its cookie stands in the header, not in the payload */
    write_fn *write;
};

static write_fn write_echo, write_tcp, write_udp, write_protocol;

static const struct form forms[PROBE_KINDS] = {
    [PROBE_ECHO] = {IPPROTO_ICMP, IPPROTO_ICMPV6, ICMP_HEADER, false, write_echo},
    [PROBE_TCP_SYN] = {IPPROTO_TCP, IPPROTO_TCP, TCP_HEADER + MSS_OPTION, true, write_tcp},
    [PROBE_TCP_ACK] = {IPPROTO_TCP, IPPROTO_TCP, TCP_HEADER, true, write_tcp},
    [PROBE_TCP_SHORT] = {IPPROTO_TCP, IPPROTO_TCP, TCP_HEADER, true, write_tcp},
    [PROBE_UDP] = {IPPROTO_UDP, IPPROTO_UDP, UDP_HEADER, false, write_udp},
    [PROBE_UDP_LYING] = {IPPROTO_UDP, IPPROTO_UDP, UDP_HEADER, false, write_udp},
    [PROBE_PROTOCOL] = {PROTOCOL_EXPERIMENT_1, PROTOCOL_EXPERIMENT_1, 0, false, write_protocol},
};

static size_t write_echo(const struct draft *draft, struct slice payload, uint8_t *buffer, size_t capacity)
{
    const struct packet_book *book = draft->book;
    struct icmp_message message = {
        .family = book->source.family,
        .type = book->source.family == 4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST,
        .id = book->echo_id,
        .sequence = draft->probe->id,
        .body = payload,
    };

    return icmp_build(&message, &book->source, &draft->probe->destination, buffer, capacity);
}

static size_t write_tcp(const struct draft *draft, struct slice payload, uint8_t *buffer, size_t capacity)
{
    struct tcp_header tcp = {
        .source_port = draft->source_port,
        .destination_port = draft->probe->port,
        .sequence = (uint32_t)draft->cookie,
        .flags = TCP_SYN,
        .window = WINDOW,
    };

    if (draft->probe->kind == PROBE_TCP_SYN)
        tcp.mss = draft->book->source.family == 4 ? MSS4 : MSS6;
    if (draft->probe->kind == PROBE_TCP_SHORT)
        tcp.data_offset = SHORT_OFFSET;
    if (draft->probe->kind == PROBE_TCP_ACK) {
        tcp.flags = TCP_ACK;
        tcp.acknowledgement = (uint32_t)(draft->cookie >> 32);
    }
    return tcp_build(&tcp, &draft->book->source, &draft->probe->destination, payload, buffer, capacity);
}

/* A first fragment claims the octets of the fragments that never come, too. */
static size_t write_udp(const struct draft *draft, struct slice payload, uint8_t *buffer, size_t capacity)
{
    struct udp_header udp = {.source_port = draft->source_port, .destination_port = draft->probe->port};

    if (draft->probe->kind == PROBE_UDP_LYING || draft->probe->first_fragment)
        udp.length = (uint16_t)(UDP_HEADER + payload.length + LYING_EXCESS);
    return udp_build(&udp, &draft->book->source, &draft->probe->destination, payload, buffer, capacity);
}

/* No header: the payload is the message, and lies in its place already. */
static size_t write_protocol(const struct draft *draft, struct slice payload, uint8_t *buffer,
                             size_t capacity)
{
    return payload.length;
}

void packet_book_init(struct packet_book *book, const struct siphash_key *key,
                      const struct sonde_address *source)
{
    book->key = *key;
    book->source = *source;
    book->default_ttl = DEFAULT_TTL;
}

static uint64_t cookie_of(const struct packet_book *book, const struct probe *probe)
{
    uint8_t octets[2 + 1 + 1 + 16 + 2] = {0};

    octets_put16(octets, probe->id);
    octets[2] = (uint8_t)probe->kind;
    octets[3] = probe->destination.family;
    memcpy(octets + 4, probe->destination.bytes, address_length(probe->destination.family));
    octets_put16(octets + 20, probe->port);
    return siphash(&book->key, slice_of(octets, sizeof(octets)));
}

/* One flow label for a flow, so that load balancers that look at it keep the flow together (RFC 6438). */
static uint32_t flow_label_of(const struct packet_book *book, enum probe_flow flow)
{
    uint8_t octet = (uint8_t)flow;

    return (uint32_t)siphash(&book->key, slice_of(&octet, 1)) & 0xfffff;
}

static bool id_taken(const struct packet_book *book, uint16_t ip_id, uint16_t except)
{
    for (size_t i = 0; i < PROBES_MAX; i++)
        if (i != except && book->sent[i].used && book->sent[i].ip_id == ip_id)
            return true;
    return false;
}

/* From the cookie, yet unique: an old router quotes eight octets of transport, which the rungs of a ladder
 * share. Never 0, which the kernel would replace (raw(7)). */
static uint16_t ip_id_of(const struct packet_book *book, uint16_t probe, uint64_t cookie)
{
    uint16_t ip_id = (uint16_t)(cookie >> 48 ^ cookie >> 16);

    while (ip_id == 0 || id_taken(book, ip_id, probe))
        ip_id++;
    return ip_id;
}

static bool is_packet(const struct packet_book *book, const struct probe *probe)
{
    return probe->id < PROBES_MAX && (unsigned)probe->kind < PROBE_KINDS &&
           (unsigned)probe->flow < PROBE_FLOWS && forms[probe->kind].write &&
           probe->destination.family == book->source.family;
}

/* What the payload says, before padding. */
static struct slice content_of(const struct form *form, const struct probe *probe, const uint8_t *cookie)
{
    if (form->write == write_udp && probe->payload.length)
        return probe->payload;
    return slice_of(cookie, form->tcp ? 0 : COOKIE_LENGTH);
}

static size_t ip_header_length(const struct probe *probe)
{
    if (probe->destination.family == 4)
        return IP4_HEADER;
    return IP6_HEADER + (probe->first_fragment ? FRAGMENT_HEADER : 0);
}

static size_t padded(const struct probe *probe, size_t headers, size_t transport_header, size_t content)
{
    size_t transport;

    if (probe->size > headers + content)
        content = probe->size - headers;
    if (!probe->first_fragment)
        return content;
    transport = transport_header + content;
    return content + (FRAGMENT_UNIT - transport % FRAGMENT_UNIT) % FRAGMENT_UNIT;
}

/* The payload is laid at its final place; the builders put their headers in front of it. */
static size_t write_transport(const struct draft *draft, uint8_t *buffer, size_t capacity)
{
    const struct form *form = &forms[draft->probe->kind];
    size_t ip_header = ip_header_length(draft->probe), headers = ip_header + form->header, length;
    uint8_t cookie[COOKIE_LENGTH], *payload = buffer + headers;
    struct slice content = content_of(form, draft->probe, cookie);

    octets_put32(cookie, (uint32_t)(draft->cookie >> 32));
    octets_put32(cookie + 4, (uint32_t)draft->cookie);
    length = padded(draft->probe, headers, form->header, content.length);
    if (headers + length > capacity || headers + length > UINT16_MAX)
        return 0;
    memset(payload, 0, length);
    if (content.length)
        memcpy(payload, content.data, content.length);
    return form->write(draft, slice_of(payload, length), buffer + ip_header, capacity - ip_header);
}

static size_t write_ip(const struct draft *draft, size_t transport, uint8_t *buffer, size_t capacity)
{
    const struct packet_book *book = draft->book;
    const struct probe *probe = draft->probe;
    const struct form *form = &forms[probe->kind];
    struct ip_header ip = {
        .family = book->source.family,
        .source = book->source,
        .destination = probe->destination,
        .protocol = book->source.family == 4 ? form->protocol4 : form->protocol6,
        .ttl = probe->ttl ? probe->ttl : book->default_ttl,
        .tos = probe->tos,
        .id = draft->ip_id,
        .flow_label = flow_label_of(book, probe->flow),
        .dont_fragment = probe->dont_fragment,
        .more_fragments = probe->first_fragment,
    };

    return ip_build(&ip, slice_of(buffer + ip_header_length(probe), transport), buffer, capacity);
}

static void remember(struct packet_sent *sent, const struct draft *draft, int64_t now_ns, struct slice packet)
{
    struct slice quote = slice_first(packet, sizeof(sent->quote));

    *sent = (struct packet_sent){
        .used = true,
        .probe = *draft->probe,
        .sent_ns = now_ns,
        .source_port = draft->source_port,
        .ip_id = draft->ip_id,
        .sequence = forms[draft->probe->kind].tcp ? (uint32_t)draft->cookie : 0,
        .length = (uint16_t)packet.length,
    };
    sent->probe.payload = slice_of(NULL, 0); /* the caller's, and may be gone when the answer comes */
    memcpy(sent->quote, quote.data, quote.length);
}

size_t packet_build(struct packet_book *book, const struct probe *probe, int64_t now_ns, uint8_t *buffer,
                    size_t capacity)
{
    struct draft draft = {.book = book, .probe = probe};
    size_t length;

    if (!is_packet(book, probe))
        return 0;
    draft.cookie = cookie_of(book, probe);
    draft.ip_id = ip_id_of(book, probe->id, draft.cookie);
    if (forms[probe->kind].tcp)
        draft.source_port = book->tcp_ports[probe->flow];
    else if (forms[probe->kind].write == write_udp)
        draft.source_port = book->udp_ports[probe->flow];
    length = write_transport(&draft, buffer, capacity);
    if (length)
        length = write_ip(&draft, length, buffer, capacity);
    if (length)
        remember(&book->sent[probe->id], &draft, now_ns, slice_of(buffer, length));
    return length;
}
