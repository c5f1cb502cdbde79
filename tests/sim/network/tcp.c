/* SPDX-License-Identifier: MIT */
/* TCP at both ends: listeners, and connections that hand over data, lose it and send it again. */
#include <errno.h>
#include <netinet/in.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/checksum.h"

enum {
    HEADERS4 = 40,
    HEADERS6 = 60,
    COOKIE = 8, /* octets that a stream without payload sends */
    GREETING = 64,
    WINDOW = 64240,
    FIRST_PORT = 32768,
    LAST_PORT = 60999,
    RETRIES_MAX = 7, /* doublings of a timeout */
};

#define FIRST_TIMEOUT_NS   NS_PER_S          /* RFC 6298 2 */
#define MINIMAL_TIMEOUT_NS (200 * NS_PER_MS) /* TCP_RTO_MIN */

static uint16_t link_mss(const struct sim *sim, int node)
{
    enum sim_side side = node == SIM_CLIENT ? SIM_RIGHT : SIM_LEFT;
    uint32_t mtu = sim->links[sim->nodes[node].link[side]].mtu;

    return (uint16_t)(mtu - (sim->family == 4 ? HEADERS4 : HEADERS6));
}

/* A listener's own segments carry IP id 0, those of a connection do not. */
static bool emit(struct sim *sim, struct sim_connection *c, uint8_t flags, uint32_t sequence, size_t octets)
{
    static const uint8_t filler[SIM_PACKET_MAX];
    bool listening = (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    struct ip_header ip = {
        .family = sim->family,
        .source = c->local,
        .destination = c->remote,
        .protocol = IPPROTO_TCP,
        .ttl = sim->nodes[c->node].ttl,
        .id = listening ? 0 : (uint16_t)(sim_random_next(&sim->random) | 1),
        .dont_fragment = sim->family == 4,
    };
    const struct tcp_header tcp = {
        .source_port = c->local_port,
        .destination_port = c->remote_port,
        .sequence = sequence,
        .acknowledgement = flags & TCP_ACK ? c->received : 0,
        .flags = flags,
        .window = flags & TCP_RST ? 0 : WINDOW,
        /* A connection's reset has options; which ones does not matter here. */
        .mss = flags & (TCP_SYN | TCP_RST) ? link_mss(sim, c->node) : 0,
    };
    struct sim_packet packet;
    uint8_t segment[SIM_PACKET_MAX];
    size_t length =
        tcp_build(&tcp, &ip.source, &ip.destination, slice_of(filler, octets), segment, sizeof(segment));

    sim_build(&packet, &ip, slice_of(segment, length));
    return sim_output(sim, c->node, &packet);
}

static void arm(struct sim *sim, struct sim_connection *c)
{
    c->timer++;
    sim_schedule(sim, sim->now_ns + c->timeout_ns, SIM_TIMER, (int)(c - sim->connections), c->timer, NULL);
}

static void send_from(struct sim *sim, struct sim_connection *c, uint32_t sequence)
{
    while (sequence != c->end) {
        uint32_t octets = c->end - sequence < c->mss ? c->end - sequence : c->mss;

        emit(sim, c, TCP_ACK | TCP_PSH, sequence, octets);
        sequence += octets;
    }
    c->next = c->end;
    if (c->acknowledged != c->next)
        arm(sim, c);
}

static void close_connection(struct sim_connection *c)
{
    c->used = false;
    c->timer++;
}

static void tell(struct sim *sim, const struct sim_connection *c, enum reply_kind kind)
{
    const struct reply reply = {
        .probe = c->probe.id,
        .kind = kind,
        .from = c->remote,
        .ttl = -1,
        .tos = -1,
        .quoted_tos = -1,
        .when_ns = sim->now_ns,
        .rtt_ns = sim->now_ns - c->started_ns,
        .socket_reset = kind == REPLY_STREAM_RESET,
    };

    sim_reply(sim, &reply);
}

static void end_stream(struct sim *sim, struct sim_connection *c, enum reply_kind kind)
{
    tell(sim, c, kind);
    close_connection(c);
}

struct sim_connection *sim_connection(struct sim *sim, int node, uint16_t local_port, uint16_t remote_port,
                                      const struct sonde_address *remote)
{
    for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++) {
        struct sim_connection *c = &sim->connections[i];

        if (c->used && c->node == node && c->local_port == local_port && c->remote_port == remote_port &&
            sonde_address_equal(&c->remote, remote))
            return c;
    }
    return NULL;
}

static struct sim_connection *open_connection(struct sim *sim, const struct sim_connection *values)
{
    for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++) {
        struct sim_connection *c = &sim->connections[i];
        unsigned timer = c->timer; /* timers of the former connection stay dead */

        if (c->used)
            continue;
        *c = *values;
        c->used = true;
        c->timer = timer + 1;
        c->start = (uint32_t)sim_random_next(&sim->random);
        c->acknowledged = c->start;
        c->next = c->end = c->start + 1;
        c->timeout_ns = FIRST_TIMEOUT_NS;
        c->started_ns = sim->now_ns;
        c->mss = link_mss(sim, c->node);
        return c;
    }
    return NULL;
}

static bool is_listening(const struct sim_service *service, const struct ip_header *ip, uint16_t port)
{
    if (service->protocol != IPPROTO_TCP || service->port != port || service->kind == SIM_CLOSED)
        return false;
    return service->kind != SIM_LOOPBACK || address_is_loopback(&ip->destination);
}

static void accept_request(struct sim *sim, int node, const struct ip_header *ip,
                           const struct tcp_header *tcp)
{
    const struct sim_connection values = {
        .node = node,
        .local = ip->destination,
        .remote = ip->source,
        .local_port = tcp->destination_port,
        .remote_port = tcp->source_port,
        .received = tcp->sequence + 1,
        .kind = sim->nodes[node].service.kind,
    };
    struct sim_connection *c;

    if (values.kind == SIM_FULL)
        return;
    c = open_connection(sim, &values);
    if (!c)
        return;
    if (tcp->mss && tcp->mss < c->mss)
        c->mss = tcp->mss;
    emit(sim, c, TCP_SYN | TCP_ACK, c->start, 0);
    arm(sim, c);
}

static bool is_probing_port(const struct sim *sim, int node, uint16_t port)
{
    for (size_t i = 0; i < PROBE_FLOWS; i++)
        if (node == SIM_CLIENT && sim->book.tcp_ports[i] == port)
            return true;
    return false;
}

/* A segment outside any connection (RFC 9293 3.10.7.1 and 3.10.7.2). */
static void stray(struct sim *sim, int node, const struct ip_header *ip, const struct tcp_header *tcp,
                  const struct sim_packet *packet)
{
    uint8_t flags = tcp->flags & (TCP_SYN | TCP_ACK | TCP_RST);

    if (flags & TCP_RST || is_probing_port(sim, node, tcp->destination_port))
        return;
    if (!is_listening(&sim->nodes[node].service, ip, tcp->destination_port) || flags & TCP_ACK)
        sim_send_reset(sim, node, packet, ip->tos);
    else if (flags == TCP_SYN)
        accept_request(sim, node, ip, tcp);
}

static void acknowledge(struct sim *sim, struct sim_connection *c, uint32_t number)
{
    if ((int32_t)(number - c->acknowledged) <= 0 || (int32_t)(number - c->next) > 0)
        return;
    c->acknowledged = number;
    c->timer++;
    if (c->acknowledged != c->next)
        arm(sim, c);
}

static void set_timeout(struct sim *sim, struct sim_connection *c)
{
    c->timeout_ns = MINIMAL_TIMEOUT_NS + (sim->now_ns - c->started_ns);
}

static void client_opened(struct sim *sim, struct sim_connection *c, const struct tcp_header *tcp)
{
    size_t octets = c->probe.payload.length ? c->probe.payload.length : COOKIE;

    c->established = true;
    c->received = tcp->sequence + 1;
    if (tcp->mss && tcp->mss < c->mss)
        c->mss = tcp->mss;
    acknowledge(sim, c, tcp->acknowledgement);
    set_timeout(sim, c);
    tell(sim, c, REPLY_STREAM_OPEN);
    emit(sim, c, TCP_ACK, c->next, 0);
    c->end = c->next + (uint32_t)octets;
    send_from(sim, c, c->next);
    sim_schedule(sim, sim->now_ns + c->probe.timeout_ns, SIM_DEADLINE, (int)(c - sim->connections),
                 c->start + 1, NULL);
}

static void client_opening(struct sim *sim, struct sim_connection *c, const struct tcp_header *tcp)
{
    if (!(tcp->flags & TCP_ACK) || tcp->acknowledgement != c->start + 1)
        return;
    if (tcp->flags & TCP_RST)
        end_stream(sim, c, REPLY_RESET);
    else if (tcp->flags & TCP_SYN)
        client_opened(sim, c, tcp);
}

static void client_segment(struct sim *sim, struct sim_connection *c, const struct tcp_header *tcp,
                           size_t octets)
{
    if (!c->established) {
        client_opening(sim, c, tcp);
        return;
    }
    if (tcp->flags & TCP_RST) {
        end_stream(sim, c, REPLY_STREAM_RESET);
        return;
    }
    if (tcp->flags & TCP_SYN) { /* our acknowledgement was lost */
        emit(sim, c, TCP_ACK, c->next, 0);
        return;
    }
    acknowledge(sim, c, tcp->acknowledgement);
    if (tcp->sequence != c->received)
        return;
    c->received += (uint32_t)octets;
    if (octets || tcp->flags & TCP_FIN) {
        emit(sim, c, TCP_ACK | TCP_FIN, c->next, 0);
        end_stream(sim, c, octets ? REPLY_DATA : REPLY_STREAM_CLOSED);
    }
}

static void server_opened(struct sim *sim, struct sim_connection *c)
{
    c->established = true;
    set_timeout(sim, c);
    switch (c->kind) {
    case SIM_RESETS:
        emit(sim, c, TCP_RST | TCP_ACK, c->next, 0);
        close_connection(c);
        break;
    case SIM_CLOSES:
        emit(sim, c, TCP_FIN | TCP_ACK, c->next, 0);
        break;
    case SIM_GREETS:
        c->end += GREETING;
        send_from(sim, c, c->next);
        break;
    default:
        break;
    }
}

static void server_data(struct sim *sim, struct sim_connection *c, const struct tcp_header *tcp,
                        size_t octets)
{
    if (tcp->sequence != c->received) {
        emit(sim, c, TCP_ACK, c->next, 0);
        return;
    }
    c->received += (uint32_t)octets;
    if (c->kind == SIM_ECHO || c->kind == SIM_LOOPBACK) {
        c->end += (uint32_t)octets;
        send_from(sim, c, c->next);
    } else {
        emit(sim, c, TCP_ACK, c->next, 0);
    }
}

static void server_segment(struct sim *sim, struct sim_connection *c, const struct tcp_header *tcp,
                           size_t octets)
{
    if (tcp->flags & TCP_SYN && tcp->sequence + 1 == c->received) {
        emit(sim, c, TCP_SYN | TCP_ACK, c->start, 0);
        return;
    }
    if (tcp->flags & (TCP_RST | TCP_SYN)) {
        close_connection(c);
        return;
    }
    acknowledge(sim, c, tcp->acknowledgement);
    if (!c->established && c->acknowledged == c->start + 1)
        server_opened(sim, c);
    if (!c->used || !c->established)
        return;
    if (octets)
        server_data(sim, c, tcp, octets);
    if (tcp->flags & TCP_FIN)
        close_connection(c);
}

void sim_segment(struct sim *sim, int node, const struct sim_packet *packet)
{
    struct ip_header ip;
    struct tcp_header tcp;
    struct slice segment, payload;
    struct sim_connection *c;

    if (!sim_parse(packet, &ip, &segment) || segment.length < 20 || tcp_parse(segment, &tcp, &payload) < 0 ||
        checksum_pseudo(&ip.source, &ip.destination, IPPROTO_TCP, segment) != 0)
        return;
    c = sim_connection(sim, node, tcp.destination_port, tcp.source_port, &ip.source);
    if (!c)
        stray(sim, node, &ip, &tcp, packet);
    else if (c->client)
        client_segment(sim, c, &tcp, payload.length);
    else
        server_segment(sim, c, &tcp, payload.length);
}

void sim_connection_shrink(struct sim *sim, struct sim_connection *c, uint32_t mtu)
{
    uint16_t mss = (uint16_t)(mtu - (sim->family == 4 ? HEADERS4 : HEADERS6));

    if (mtu < 576 || mss >= c->mss)
        return;
    c->mss = mss;
    send_from(sim, c, c->acknowledged);
}

static uint16_t free_port(struct sim *sim)
{
    for (;;) {
        uint16_t port = (uint16_t)sim_random_between(&sim->random, FIRST_PORT, LAST_PORT);

        if (!is_probing_port(sim, SIM_CLIENT, port))
            return port;
    }
}

int sim_stream_start(struct sim *sim, const struct probe *probe)
{
    const struct sim_connection values = {
        .client = true,
        .node = SIM_CLIENT,
        .local = sim->book.source,
        .remote = probe->destination,
        .local_port = free_port(sim),
        .remote_port = probe->port,
        .probe = *probe,
    };
    struct sim_connection *c = open_connection(sim, &values);

    if (!c)
        return -ENOBUFS;
    /* A local filter that swallows the SYN is not told to a connecting socket. */
    emit(sim, c, TCP_SYN, c->start, 0);
    arm(sim, c);
    sim_schedule(sim, sim->now_ns + probe->timeout_ns, SIM_DEADLINE, (int)(c - sim->connections), c->start,
                 NULL);
    return 0;
}

void sim_stream_error(struct sim *sim, struct sim_connection *c, const struct reply *error)
{
    struct reply reply = *error;

    if (!c->client || c->established)
        return;
    reply.probe = c->probe.id;
    reply.rtt_ns = sim->now_ns - c->started_ns;
    sim_reply(sim, &reply);
    close_connection(c);
}

void sim_connection_timer(struct sim *sim, int number, unsigned generation)
{
    struct sim_connection *c = &sim->connections[number];

    if (!c->used || c->timer != generation || c->timeout_ns > FIRST_TIMEOUT_NS << RETRIES_MAX)
        return;
    c->timeout_ns *= 2;
    if (c->established) {
        send_from(sim, c, c->acknowledged);
        return;
    }
    emit(sim, c, c->client ? TCP_SYN : TCP_SYN | TCP_ACK, c->start, 0);
    arm(sim, c);
}

/* A deadline's stage is the connection's initial sequence number, plus one once it stands. */
void sim_connection_deadline(struct sim *sim, int number, unsigned stage)
{
    struct sim_connection *c = &sim->connections[number];

    if (!c->used || !c->client)
        return;
    if (stage == c->start && !c->established)
        end_stream(sim, c, REPLY_STREAM_TIMEOUT);
    else if (stage == c->start + 1)
        end_stream(sim, c, c->acknowledged == c->end ? REPLY_STREAM_SILENT : REPLY_STREAM_STALLED);
}
