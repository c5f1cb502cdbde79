/* SPDX-License-Identifier: MIT */
/* ICMP errors as Linux sends them: which code, how much of the cause is quoted, and how many are allowed. */
#include <netinet/in.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/icmp.h"

enum {
    RATELIMIT_MS = 1000,                      /* icmp_ratelimit, icmp/ratelimit of IPv6 */
    RATELIMIT6_ROUTER_MS = RATELIMIT_MS >> 2, /* towards a route of /64 (icmpv6_xrlim_allow) */
    RATELIMIT6_HOST_MS = RATELIMIT_MS >> 4,   /* towards a default route */
    BURST = 6,                                /* XRLIM_BURST_FACTOR */
    ROUTE_COST_MS = 1000,                     /* ip_rt_error_cost */
    ROUTE_BURST_MS = 5000,                    /* ip_rt_error_burst */
    QUOTE4_MAX = 548,
    QUOTE6_MAX = 1232,
    TOS_MASK = 0x1e,
    TOS_ERROR = 0xc0,
    REDIRECTS_MAX = 9,     /* ip_rt_redirect_number */
    REDIRECT_LOAD_MS = 20, /* ip_rt_redirect_load */
};

/* What an error says in each family, and whether the routing code asks for permission first (ip_error). */
static const struct {
    uint8_t type4, code4, type6, code6;
    bool route4;
    bool unlimited;
} forms[SIM_ERRORS] = {
    [SIM_ERROR_TTL] = {ICMP4_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0, false, false},
    [SIM_ERROR_REASSEMBLY] = {ICMP4_TIME_EXCEEDED, 1, ICMP6_TIME_EXCEEDED, 1, false, false},
    [SIM_ERROR_PORT] = {ICMP4_UNREACHABLE, 3, ICMP6_UNREACHABLE, 4, false, false},
    [SIM_ERROR_PROTOCOL] = {ICMP4_UNREACHABLE, 2, ICMP6_PARAMETER_PROBLEM, 1, false, false},
    [SIM_ERROR_TOO_BIG] = {ICMP4_UNREACHABLE, 4, ICMP6_TOO_BIG, 0, false, true},
    [SIM_ERROR_ADDRESS] = {ICMP4_UNREACHABLE, 1, ICMP6_UNREACHABLE, 3, false, false},
    [SIM_ERROR_NO_ROUTE] = {ICMP4_UNREACHABLE, 0, ICMP6_UNREACHABLE, 0, true, false},
    [SIM_ERROR_UNREACHABLE_ROUTE] = {ICMP4_UNREACHABLE, 1, ICMP6_UNREACHABLE, 0, true, false},
    [SIM_ERROR_PROHIBIT_ROUTE] = {ICMP4_UNREACHABLE, 13, ICMP6_UNREACHABLE, 1, true, false},
    [SIM_ERROR_REDIRECT] = {ICMP4_REDIRECT, 1, 0, 0, false, true},
    [SIM_ERROR_ADMIN] = {ICMP4_UNREACHABLE, 13, ICMP6_UNREACHABLE, 1, false, false},
    [SIM_ERROR_HOST_PROHIBITED] = {ICMP4_UNREACHABLE, 10, ICMP6_UNREACHABLE, 1, false, false},
    [SIM_ERROR_NET] = {ICMP4_UNREACHABLE, 0, ICMP6_UNREACHABLE, 0, false, false},
};

static bool spend(struct sim_bucket *bucket, int64_t now_ns, double cost_ms, double burst_ms)
{
    if (!bucket->used)
        bucket->tokens_ms = burst_ms;
    else
        bucket->tokens_ms += (double)(now_ns - bucket->updated_ns) / (double)NS_PER_MS;
    bucket->used = true;
    bucket->updated_ns = now_ns;
    if (bucket->tokens_ms > burst_ms)
        bucket->tokens_ms = burst_ms;
    if (bucket->tokens_ms < cost_ms)
        return false;
    bucket->tokens_ms -= cost_ms;
    return true;
}

static unsigned limit_ms(const struct sim *sim, int node)
{
    if (sim->family == 4)
        return sim->nodes[node].ratelimit_ms ? sim->nodes[node].ratelimit_ms : RATELIMIT_MS;
    return node > sim->routers ? RATELIMIT6_HOST_MS : RATELIMIT6_ROUTER_MS;
}

/* Both charges go to one account, which is why Linux routers fall silent about their routes (finding 5). */
static bool may_send(struct sim *sim, int node, enum sim_error error)
{
    struct sim_bucket *bucket = &sim->nodes[node].bucket;
    double limit = limit_ms(sim, node);

    if (forms[error].unlimited)
        return true;
    if (forms[error].route4 && sim->family == 4 && !spend(bucket, sim->now_ns, ROUTE_COST_MS, ROUTE_BURST_MS))
        return false;
    return spend(bucket, sim->now_ns, limit, BURST * limit);
}

/* Each redirect doubles the wait for the next; after some the router gives up (ip_rt_send_redirect). */
static bool may_redirect(struct sim *sim, struct sim_node *node)
{
    int64_t wait_ns = (REDIRECT_LOAD_MS * NS_PER_MS) << node->redirects;

    if (sim->family != 4 || node->redirects >= REDIRECTS_MAX ||
        (node->redirects && sim->now_ns < node->redirected_ns + wait_ns))
        return false;
    node->redirects++;
    node->redirected_ns = sim->now_ns;
    return true;
}

/* Routers share flows by a hash of addresses and ports, those of other packets by addresses alone. */
static bool is_on_twin(const struct ip_header *ip, struct slice payload)
{
    unsigned sum = ip->destination.bytes[address_length(ip->family) - 1];

    if ((ip->protocol == IPPROTO_TCP || ip->protocol == IPPROTO_UDP) && payload.length >= 4)
        for (size_t i = 0; i < 4; i++)
            sum += payload.data[i];
    return sum & 1;
}

static struct sonde_address source_of(const struct sim *sim, int node, const struct ip_header *cause)
{
    struct sim_hop back;

    if (sim_is_own(sim, node, &cause->destination) || sim_is_own(sim, node, &cause->source))
        return sim_is_own(sim, node, &cause->source) ? cause->source : cause->destination;
    back = sim_route(sim, node, &cause->source);
    if (back.type == ROUTE_UNICAST && sim->nodes[node].link[back.side] >= 0)
        return sim->links[sim->nodes[node].link[back.side]].address[!back.side];
    return sim_node_address(sim, node);
}

static size_t quote_max(const struct sim *sim, int node)
{
    if (sim->nodes[node].quote_max)
        return sim->nodes[node].quote_max;
    return sim->family == 4 ? QUOTE4_MAX : QUOTE6_MAX;
}

static void compose(struct sim *sim, int node, const struct sim_packet *cause, const struct ip_header *caused,
                    const struct icmp_message *message, struct sim_packet *packet)
{
    struct ip_header ip = {
        .family = sim->family,
        .source = source_of(sim, node, caused),
        .destination = caused->source,
        .protocol = sim->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
        .ttl = sim->nodes[node].ttl,
        .tos = sim->family == 4 ? (uint8_t)(TOS_ERROR | (caused->tos & TOS_MASK)) : 0,
        .id = (uint16_t)sim_random_next(&sim->random),
    };
    struct icmp_message whole = *message;
    struct ip_header cause_ip;
    struct slice payload;
    uint8_t body[SIM_PACKET_MAX];
    size_t length;

    if (sim->nodes[node].twin.family && sim_parse(cause, &cause_ip, &payload) &&
        is_on_twin(&cause_ip, payload))
        ip.source = sim->nodes[node].twin;
    whole.body = slice_first(slice_of(cause->octets, cause->length), quote_max(sim, node));
    length = icmp_build(&whole, &ip.source, &ip.destination, body, sizeof(body));
    sim_build(packet, &ip, slice_of(body, length));
}

void sim_send_error(struct sim *sim, int node, const struct sim_packet *cause, enum sim_error error,
                    uint32_t mtu)
{
    struct icmp_message message = {
        .family = sim->family,
        .type = sim->family == 4 ? forms[error].type4 : forms[error].type6,
        .code = sim->family == 4 ? forms[error].code4 : forms[error].code6,
        .mtu = mtu,
        .pointer = 6, /* of the parameter problem: the next-header octet */
    };
    struct ip_header ip;
    struct slice payload;
    struct sim_packet packet;

    if (!sim_parse(cause, &ip, &payload) || ip.fragment_offset || sim_is_icmp_error(&ip, payload))
        return;
    if (error == SIM_ERROR_REDIRECT && !may_redirect(sim, &sim->nodes[node]))
        return;
    /* There is no limit on the loopback. */
    if (!sim_is_own(sim, node, &ip.source) && !may_send(sim, node, error))
        return;
    compose(sim, node, cause, &ip, &message, &packet);
    sim_output(sim, node, &packet);
}
