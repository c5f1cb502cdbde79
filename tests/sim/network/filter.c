/* SPDX-License-Identifier: MIT */
/* Packet filters of the nodes: matching, and answering in somebody's name as nf_reject does. */
#include <netinet/in.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/icmp.h"
#include "wire/udp.h"

enum { CODE_TOO_BIG4 = 4, OFFSET_SYN_FLAGS = TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN };

static const enum sim_error rejections[] = {
    [SIM_REJECT_PORT] = SIM_ERROR_PORT,
    [SIM_REJECT_ADMIN] = SIM_ERROR_ADMIN,
    [SIM_REJECT_HOST_PROHIBITED] = SIM_ERROR_HOST_PROHIBITED,
    [SIM_REJECT_NET] = SIM_ERROR_NET,
};

static bool matches_icmp(const struct ip_header *ip, struct slice payload, enum sim_icmp wanted)
{
    uint8_t type, code;

    if (ip->protocol != (ip->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) || payload.length < 8)
        return false;
    type = payload.data[0];
    code = payload.data[1];
    switch (wanted) {
    case SIM_ICMP_ANY:
        return true;
    case SIM_ICMP_UNREACHABLE:
        return type == (ip->family == 4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE);
    case SIM_ICMP_TOO_BIG:
        return ip->family == 4 ? type == ICMP4_UNREACHABLE && code == CODE_TOO_BIG4 : type == ICMP6_TOO_BIG;
    case SIM_ICMP_EXCEEDED:
        return type == (ip->family == 4 ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED);
    case SIM_ICMP_ECHO:
        return type == (ip->family == 4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST);
    case SIM_ICMP_NONE:
        break;
    }
    return false;
}

/* A filter looks at ports and flags only, so a malformed header does not disturb it. */
static bool matches_transport(const struct ip_header *ip, struct slice payload, const struct sim_rule *rule)
{
    struct tcp_header tcp = {0};
    struct slice rest;

    if (rule->protocol && ip->protocol != rule->protocol)
        return false;
    if (!rule->port && !rule->syn_only)
        return true;
    if ((ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP) || payload.length < 8)
        return false;
    (void)tcp_parse(payload, &tcp, &rest); /* the ports of UDP stand at the same place */
    if (rule->port && tcp.destination_port != rule->port)
        return false;
    return !rule->syn_only || (ip->protocol == IPPROTO_TCP && (tcp.flags & OFFSET_SYN_FLAGS) == TCP_SYN);
}

static bool matches(const struct ip_header *ip, struct slice payload, const struct sim_rule *rule)
{
    if (rule->source.family && !sonde_address_equal(&rule->source, &ip->source))
        return false;
    if (rule->destination.family && !sonde_address_equal(&rule->destination, &ip->destination))
        return false;
    if (rule->icmp != SIM_ICMP_NONE)
        return matches_icmp(ip, payload, rule->icmp);
    return matches_transport(ip, payload, rule);
}

static bool admits(struct sim_rule *rule, int64_t now_ns)
{
    if (rule->updated_ns == 0)
        rule->tokens = rule->burst;
    else
        rule->tokens += (double)(now_ns - rule->updated_ns) / (double)rule->every_ns;
    rule->updated_ns = now_ns;
    if (rule->tokens > rule->burst)
        rule->tokens = rule->burst;
    if (rule->tokens < 1)
        return false;
    rule->tokens -= 1;
    return true;
}

/* RFC 9293 3.10.7.1; the octets are counted from the header's own data offset, true or not (nf_reject_ipv4).
 */
static struct tcp_header reset_for(const struct tcp_header *tcp, size_t octets)
{
    struct tcp_header reset = {
        .source_port = tcp->destination_port, .destination_port = tcp->source_port, .flags = TCP_RST};

    if (tcp->flags & TCP_ACK) {
        reset.sequence = tcp->acknowledgement;
        return reset;
    }
    reset.flags |= TCP_ACK;
    reset.acknowledgement = tcp->sequence + (tcp->flags & TCP_SYN ? 1 : 0) + (tcp->flags & TCP_FIN ? 1 : 0) +
                            (uint32_t)(octets - tcp->data_offset * 4u);
    return reset;
}

void sim_send_reset(struct sim *sim, int node, const struct sim_packet *cause, uint8_t tos)
{
    struct ip_header ip;
    struct tcp_header tcp, reset;
    struct slice payload, rest;
    struct sim_packet packet;
    uint8_t segment[64];
    size_t length;

    if (!sim_parse(cause, &ip, &payload) || ip.protocol != IPPROTO_TCP || payload.length < 20)
        return;
    (void)tcp_parse(payload, &tcp, &rest);
    if (tcp.flags & TCP_RST)
        return;
    reset = reset_for(&tcp, payload.length);
    length = tcp_build(&reset, &ip.destination, &ip.source, slice_of(NULL, 0), segment, sizeof(segment));
    ip = (struct ip_header){
        .family = ip.family,
        .source = ip.destination,
        .destination = ip.source,
        .protocol = IPPROTO_TCP,
        .ttl = sim->nodes[node].ttl,
        .tos = tos,
        .dont_fragment = ip.family == 4,
    };
    sim_build(&packet, &ip, slice_of(segment, length));
    sim_output(sim, node, &packet);
}

static void reject(struct sim *sim, int node, const struct sim_packet *packet, enum sim_reject how)
{
    if (how == SIM_REJECT_RESET)
        sim_send_reset(sim, node, packet, 0);
    else
        sim_send_error(sim, node, packet, rejections[how], 0);
}

bool sim_filter(struct sim *sim, int node, enum sim_hook hook, const struct sim_packet *packet)
{
    struct sim_node *filter = &sim->nodes[node];
    struct ip_header ip;
    struct slice payload;

    if (!filter->rule_count || !sim_parse(packet, &ip, &payload))
        return true;
    for (size_t i = 0; i < filter->rule_count; i++) {
        struct sim_rule *rule = &filter->rules[i];

        if (rule->hook != hook || !matches(&ip, payload, rule))
            continue;
        if (rule->verdict == SIM_LIMIT && admits(rule, sim->now_ns))
            return true;
        rule->hits++;
        if (rule->verdict == SIM_REJECT)
            reject(sim, node, packet, rule->reject);
        return false;
    }
    return true;
}
