/* SPDX-License-Identifier: MIT */
/* The simulated network as probe/probe.h sees it, and how a healthy one is drawn from a seed. */
#include "tests/sim/network/sim.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/icmp.h"

enum {
    SEND_NS = 12000, /* what a system call takes */
    PORT_FIRST = 33000,
    PORT_STEP = 613,
    LAB_DELAY_US_MAX = 60,
    WIDE_DELAY_US_MAX = 6000,
    JITTER_PERCENT = 5,
};

#define START_NS (100 * NS_PER_S)

static const uint8_t loopback4[] = {127, 0, 0, 1};

/* The rest needs CAP_NET_RAW. */
static const bool unprivileged[PROBE_KINDS] = {
    [PROBE_ROUTE] = true,   [PROBE_NEIGHBOUR] = true, [PROBE_LISTENER] = true, [PROBE_ECHO] = true,
    [PROBE_TCP_SYN] = true, [PROBE_UDP] = true,       [PROBE_STREAM] = true,
};

static struct sim *sim_of(struct network *network)
{
    return (struct sim *)network;
}

static bool network_can(const struct network *network, enum probe_kind kind)
{
    const struct sim *sim = (const struct sim *)network;

    return !sim->options.unprivileged || unprivileged[kind];
}

static int64_t network_now(struct network *network)
{
    return sim_of(network)->now_ns;
}

/* Larger than the interface takes is refused; larger than the path is known to take, too, unless fragmented.
 */
static int check_size(const struct sim *sim, const struct probe *probe, struct sim_packet *packet)
{
    bool to_target = sonde_address_equal(&probe->destination, &sim->target);

    if (packet->length > SIM_MTU)
        return -EMSGSIZE;
    if (!to_target || !sim->path_mtu || packet->length <= sim->path_mtu)
        return 0;
    if (probe->dont_fragment || sim->family == 6)
        return -EMSGSIZE;
    packet->fragmented = true;
    return 0;
}

static int send_packet(struct sim *sim, const struct probe *probe)
{
    struct sim_packet packet = {0};
    int error;

    if (probe->first_fragment && sim->options.unprivileged)
        return -EOPNOTSUPP;
    packet.length = packet_build(&sim->book, probe, sim->now_ns, packet.octets, sizeof(packet.octets));
    if (packet.length == 0)
        return -EINVAL;
    error = check_size(sim, probe, &packet);
    if (error < 0)
        return error;
    sim->probes_sent++;
    sim_hostile_probe(sim, &packet);
    /* connect(2) hides from an unprivileged caller that the SYN was dropped. */
    if (!sim_output(sim, SIM_CLIENT, &packet))
        return sim->options.unprivileged && probe->kind == PROBE_TCP_SYN ? 0 : -EPERM;
    return 0;
}

static int network_send(struct network *network, const struct probe *probe)
{
    struct sim *sim = sim_of(network);
    int error;

    if ((unsigned)probe->kind >= PROBE_KINDS || !network_can(network, probe->kind))
        return -EOPNOTSUPP;
    sim->now_ns += SEND_NS;
    if (probe_is_local(probe->kind)) {
        sim_ask_local(sim, probe);
        return 0;
    }
    error = sim_local_refusal(sim, &probe->destination);
    if (error < 0)
        return error;
    if (probe->kind == PROBE_STREAM) {
        sim->probes_sent++;
        return sim_stream_start(sim, probe);
    }
    return send_packet(sim, probe);
}

void sim_reply(struct sim *sim, const struct reply *reply)
{
    if (sim->reply_count == SIM_REPLIES_MAX)
        abort(); /* the caller never listens */
    sim->replies[(sim->reply_first + sim->reply_count++) % SIM_REPLIES_MAX] = *reply;
}

/* An established connection's own reset of a probe's half-open one. */
static void reset_half_open(struct sim *sim, const struct sim_packet *answer)
{
    sim_send_reset(sim, SIM_CLIENT, answer, 0);
}

static void hide(const struct sim *sim, struct reply *reply)
{
    if (!sim->options.unprivileged)
        return;
    reply->quoted_tos = -1;
    if (reply->kind == REPLY_RESET || reply->kind == REPLY_SYN_ACK) {
        reply->ttl = reply->tos = -1;
        reply->socket_reset = false;
    }
}

static bool is_too_big(const struct sim *sim, const struct reply *reply)
{
    return reply->kind == REPLY_ICMP &&
           (sim->family == 4 ? reply->type == ICMP4_UNREACHABLE && reply->code == 4
                             : reply->type == ICMP6_TOO_BIG);
}

/* An error about a stream's segment. */
static void receive_stream_error(struct sim *sim, const struct sim_packet *packet)
{
    struct ip_header ip, quoted;
    struct icmp_message message;
    struct tcp_header tcp;
    struct slice payload, transport, rest;
    struct sim_connection *connection;
    struct reply reply = {.kind = REPLY_ICMP, .when_ns = sim->now_ns, .quoted_tos = -1};

    if (!sim_parse(packet, &ip, &payload) || !sim_is_icmp_error(&ip, payload) ||
        icmp_parse(ip.family, &ip.source, &ip.destination, payload, &message) < 0 ||
        ip_parse(message.quote, &quoted, &transport) < 0 || quoted.protocol != IPPROTO_TCP ||
        transport.length < 8)
        return;
    (void)tcp_parse(transport, &tcp, &rest);
    connection = sim_connection(sim, SIM_CLIENT, tcp.source_port, tcp.destination_port, &quoted.destination);
    reply.from = ip.source;
    reply.ttl = ip.ttl;
    reply.tos = ip.tos;
    reply.type = message.type;
    reply.code = message.code;
    reply.mtu = message.mtu;
    if (connection && !is_too_big(sim, &reply))
        sim_stream_error(sim, connection, &reply);
}

static bool match(struct sim *sim, const struct sim_packet *packet)
{
    struct reply reply;

    if (packet_match(&sim->book, slice_of(packet->octets, packet->length), true, sim->now_ns, &reply) != 0)
        return false;
    if (is_too_big(sim, &reply) && reply.mtu >= 576)
        sim->path_mtu = reply.mtu;
    if (reply.kind == REPLY_SYN_ACK)
        reset_half_open(sim, packet);
    hide(sim, &reply);
    sim_reply(sim, &reply);
    return true;
}

void sim_client_receive(struct sim *sim, const struct sim_packet *packet)
{
    receive_stream_error(sim, packet);
    if (match(sim, packet))
        sim_hostile_answer(sim, packet);
}

static void run(struct sim *sim, struct sim_event *event)
{
    switch (event->kind) {
    case SIM_ARRIVES:
        sim_arrive(sim, event->node, &event->packet);
        break;
    case SIM_FORGED:
        match(sim, &event->packet);
        break;
    case SIM_UNRESOLVED:
        sim_send_error(sim, event->node, &event->packet, SIM_ERROR_ADDRESS, 0);
        break;
    case SIM_REASSEMBLY:
        sim_reassembly_failed(sim, event->node, &event->packet);
        break;
    case SIM_TIMER:
        sim_connection_timer(sim, event->node, event->argument);
        break;
    case SIM_DEADLINE:
        sim_connection_deadline(sim, event->node, event->argument);
        break;
    }
}

static int network_receive(struct network *network, int64_t deadline_ns, struct reply *reply)
{
    struct sim *sim = sim_of(network);

    if (deadline_ns < sim->now_ns)
        deadline_ns = sim->now_ns;
    while (sim->reply_count == 0) {
        struct sim_event *event = sim_next_event(sim, deadline_ns);

        if (!event) {
            if (deadline_ns != INT64_MAX)
                sim->now_ns = deadline_ns;
            return 0;
        }
        /* Sending takes time, during which something may have happened. */
        if (event->when_ns > sim->now_ns)
            sim->now_ns = event->when_ns;
        run(sim, event);
        free(event);
    }
    *reply = sim->replies[sim->reply_first];
    sim->reply_first = (sim->reply_first + 1) % SIM_REPLIES_MAX;
    sim->reply_count--;
    return 1;
}

struct sonde_address sim_address_on(const struct sim *sim, int link, uint8_t last)
{
    struct sonde_address address = sim->links[link].address[SIM_LEFT];

    address.bytes[address_length(address.family) - 1] = last;
    return address;
}

int sim_server(const struct sim *sim)
{
    return sim->routers + 1;
}

struct sonde_address sim_node_address(const struct sim *sim, int node)
{
    const struct sim_node *here = &sim->nodes[node];

    if (node > sim->routers + 1)
        return here->extra;
    if (here->link[SIM_LEFT] >= 0)
        return sim->links[here->link[SIM_LEFT]].address[SIM_RIGHT];
    return sim->links[here->link[SIM_RIGHT]].address[SIM_LEFT];
}

static struct sonde_address draw_net(struct sim *sim, int number)
{
    struct sonde_address net = {.family = sim->family};

    /* Each link has a second octet of its own, so that no two nets are the same. */
    if (sim->family == 4) {
        net.bytes[0] = 10;
        net.bytes[1] = (uint8_t)(number * 25 + sim_random_between(&sim->random, 1, 24));
        net.bytes[2] = (uint8_t)sim_random_between(&sim->random, 0, 255);
        return net;
    }
    net.bytes[0] = 0xfd;
    net.bytes[1] = (uint8_t)(number * 25 + sim_random_between(&sim->random, 1, 24));
    for (size_t i = 2; i < 8; i++)
        net.bytes[i] = (uint8_t)sim_random_next(&sim->random);
    return net;
}

static void draw_link(struct sim *sim, int number, int64_t delay_us_max)
{
    struct sim_link *link = &sim->links[number];
    struct sonde_address net = draw_net(sim, number);
    int left = (int)sim_random_between(&sim->random, 1, 199), right = left;

    while (right == left)
        right = (int)sim_random_between(&sim->random, 1, 199);
    link->address[SIM_LEFT] = link->address[SIM_RIGHT] = net;
    link->address[SIM_LEFT].bytes[address_length(sim->family) - 1] = (uint8_t)left;
    link->address[SIM_RIGHT].bytes[address_length(sim->family) - 1] = (uint8_t)right;
    for (enum sim_side side = SIM_LEFT; side < SIM_SIDES; side++)
        link->delay_ns[side] = sim_random_between(&sim->random, 10, delay_us_max) * NS_PER_US;
    link->jitter_ns = link->delay_ns[SIM_LEFT] * JITTER_PERCENT / 100;
    link->mtu = SIM_MTU;
}

static void draw_node(struct sim *sim, int number)
{
    static const uint8_t host_ttls[] = {64, 128, 255}, router_ttls[] = {64, 255};
    struct sim_node *node = &sim->nodes[number];
    bool host = number == SIM_CLIENT || number > sim->routers;

    node->link[SIM_LEFT] = number == SIM_CLIENT ? -1 : number - 1;
    node->link[SIM_RIGHT] = number > sim->routers ? -1 : number;
    node->ttl = host ? host_ttls[sim_random_next(&sim->random) % COUNT_OF(host_ttls)]
                     : router_ttls[sim_random_next(&sim->random) % COUNT_OF(router_ttls)];
}

static void draw_book(struct sim *sim, const struct sonde_address *source)
{
    const struct siphash_key key = {{sim_random_next(&sim->random), sim_random_next(&sim->random)}};
    uint16_t base = (uint16_t)(PORT_FIRST + sim_random_between(&sim->random, 0, 20000));

    packet_book_init(&sim->book, &key, source);
    sim->book.echo_id = (uint16_t)sim_random_next(&sim->random);
    for (uint16_t i = 0; i < PROBE_FLOWS; i++) {
        sim->book.tcp_ports[i] = (uint16_t)(base + i * PORT_STEP);
        sim->book.udp_ports[i] = (uint16_t)(base + i * PORT_STEP + 7);
    }
    sim->book.default_ttl = sim->nodes[SIM_CLIENT].ttl;
}

static void draw_topology(struct sim *sim, uint64_t seed, uint8_t family, int routers)
{
    bool lab;

    *sim = (struct sim){
        .network = {network_send, network_receive, network_now, network_can},
        .now_ns = START_NS,
        .random = {seed},
        .hostile_random = {~seed},
        .family = family,
        .routers = routers,
    };
    lab = sim_random_happens(&sim->random, 0.5);
    for (int i = 0; i <= routers; i++)
        draw_link(sim, i, lab ? LAB_DELAY_US_MAX : WIDE_DELAY_US_MAX);
    for (int i = 0; i <= routers + 1; i++)
        draw_node(sim, i);
    sim->nodes[SIM_CLIENT].ttl = 64;
}

void sim_init(struct sim *sim, uint64_t seed, uint8_t family, int routers)
{
    struct sonde_address source;

    draw_topology(sim, seed, family, routers);
    source = sim_node_address(sim, SIM_CLIENT);
    draw_book(sim, &source);
    sim->target_node = sim_server(sim);
    sim->target = sim_node_address(sim, sim->target_node);
}

void sim_init_local(struct sim *sim, uint64_t seed, uint8_t family, bool loopback)
{
    draw_topology(sim, seed, family, 1);
    sim->target_node = SIM_CLIENT;
    sim->target = sim_node_address(sim, SIM_CLIENT);
    if (loopback)
        sim->target = family == 4 ? address_from(4, loopback4) : address_from(6, &in6addr_loopback);
    draw_book(sim, &sim->target);
}

void sim_deinit(struct sim *sim)
{
    while (sim->events) {
        struct sim_event *event = sim->events;

        sim->events = event->next;
        free(event);
    }
}

struct sim_rule *sim_add_rule(struct sim *sim, int node)
{
    struct sim_node *filter = &sim->nodes[node];

    if (filter->rule_count == SIM_RULES_MAX)
        abort();
    filter->rules[filter->rule_count] = (struct sim_rule){0};
    return &filter->rules[filter->rule_count++];
}

int sim_add_host(struct sim *sim, int link, const struct sonde_address *address)
{
    int number = sim->routers + 2 + sim->extras;

    if (sim->extras == SIM_EXTRAS_MAX)
        abort();
    sim->extras++;
    sim->nodes[number] =
        (struct sim_node){.link = {link < 0 ? sim->routers : link, -1}, .extra = *address, .ttl = 64};
    return number;
}
