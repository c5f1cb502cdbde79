/* SPDX-License-Identifier: MIT */
/* Who gives out addresses. */
#include "detect/scan/lease.h"

#include <netinet/in.h>
#include <string.h>

#include "wire/octets.h"

enum { PORT_SERVER = 67, PORT_CLIENT = 68, TARGETS_MIN = 4, ANSWERED_PERCENT = 10 };

bool leases_server(const struct leases *leases, uint8_t family, const uint8_t *address)
{
    for (size_t i = 0; family == 4 && i < leases->server_count; i++)
        if (!memcmp(leases->servers[i], address, sizeof(leases->servers[i])))
            return true;
    return false;
}

void leases_see(struct leases *leases, const struct packet *packet)
{
    uint16_t to;

    if (packet->protocol != IPPROTO_UDP || packet->available < 4 ||
        octets_get16(packet->octets) != PORT_SERVER || packet->family != 4 || packet->fragment_offset)
        return;
    to = octets_get16(packet->octets + 2);
    if ((to != PORT_CLIENT && to != PORT_SERVER) || leases_server(leases, 4, packet->source))
        return;
    memcpy(leases->servers[leases->server_next], packet->source, sizeof(leases->servers[0]));
    leases->server_next = (uint8_t)((leases->server_next + 1) % LEASE_SERVERS);
    leases->server_count += leases->server_count < LEASE_SERVERS;
}

/* Only targets that never sent anything are of interest: an address that is given out begins to live. */
void leases_ask(struct leases *leases, const struct flows *flows, const struct sighting *sighting)
{
    struct lease_asker *asker = &leases->askers[sighting->source->tag % LEASE_ASKERS];

    if (flows_is_noted(flows, sighting->target_address))
        return;
    if (asker->tag != sighting->source->tag)
        *asker = (struct lease_asker){.tag = sighting->source->tag};
    memcpy(asker->targets[asker->next], sighting->packet->destination, sizeof(asker->targets[0]));
    asker->next = (uint8_t)((asker->next + 1) % LEASE_TARGETS);
    asker->count += asker->count < LEASE_TARGETS;
}

bool leases_explain(const struct leases *leases, const struct flows *flows, const struct source *source)
{
    const struct lease_asker *asker = &leases->askers[source->tag % LEASE_ASKERS];
    unsigned alive = 0;

    if (leases_server(leases, source->family, source->address))
        return true;
    if (asker->tag != source->tag || asker->count < TARGETS_MIN ||
        source->answered * 100U > source->fresh * (unsigned)ANSWERED_PERCENT)
        return false;
    for (size_t i = 0; i < asker->count; i++)
        alive += flows_is_sender(flows, asker->targets[i]);
    return alive * 2 >= asker->count;
}
