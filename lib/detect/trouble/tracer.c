/* SPDX-License-Identifier: MIT */
/* Who sends packets with little time to live to whom: the errors that follow were asked for. */
#include "detect/trouble/tracer.h"

enum {
    LOOP_FALLS = 8,   /* packets on their way down that prove a loop */
    LOOP_RATIO = 4,   /* falls for each rise: a traceroute falls back only when it begins again */
    LOOP_ROUTERS = 6, /* hops of a loop between two passes of this place */
};

static size_t place_of(uint64_t client, uint64_t target)
{
    return (size_t)((client + (target << 1)) % TRACERS);
}

static uint32_t tag_of(uint64_t client, uint64_t target)
{
    return (uint32_t)((client + (target << 1)) >> 32) | 1;
}

static bool is_multicast(const struct packet *packet)
{
    return packet->destination[0] >= (packet->family == 6 ? 0xff : 0xe0);
}

void tracers_see(struct tracers *tracers, const struct watch *watch, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    uint64_t client, target;
    struct tracer *row;

    if (packet->ttl >= TRACER_TTL || is_multicast(packet))
        return;
    client = hosts_target_key(sighting->source_address, packet->family);
    target = hosts_target_key(sighting->target_address, packet->family);
    row = &tracers->rows[place_of(client, target)];
    if (row->tag != tag_of(client, target) || quoted_age(sighting->now_s, row->last_s) > TRACER_S)
        *row = (struct tracer){.tag = tag_of(client, target), .ttl = packet->ttl};
    if (packet->ttl > row->ttl)
        row->rises += row->rises < UINT8_MAX;
    else if (packet->ttl < row->ttl && row->ttl - packet->ttl <= LOOP_ROUTERS)
        row->falls += row->falls < UINT8_MAX;
    row->ttl = packet->ttl;
    row->last_s = sighting->now_s;
}

enum trace tracers_find(const struct tracers *tracers, uint64_t client, uint64_t target, uint32_t now_s)
{
    const struct tracer *row = &tracers->rows[place_of(client, target)];

    if (row->tag != tag_of(client, target) || quoted_age(now_s, row->last_s) > TRACER_S)
        return TRACE_NONE;
    return row->falls >= LOOP_FALLS && row->falls > LOOP_RATIO * row->rises ? TRACE_CIRCLE : TRACE_PATH;
}
