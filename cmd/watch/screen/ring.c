/* SPDX-License-Identifier: MIT */
/* The last packets, kept to be looked at; when they are too many, every n-th of them. */
#include "cmd/watch/screen/ring.h"

#include <string.h>

#include "base/macro.h"

static void keep(struct ring *ring, const struct packet *packet)
{
    struct kept *kept = &ring->slots[++ring->count % RING_PACKETS];

    kept->number = ring->count;
    kept->packet = *packet;
    kept->checksum_holds = packet->class >= PACKET_FRAGMENT || packet_checksum_holds(packet);
    if (packet->available > RING_OCTETS)
        kept->packet.available = RING_OCTETS;
    memcpy(kept->octets, packet->octets, kept->packet.available);
    kept->packet.octets = kept->octets;
    kept->packet.frame = NULL;
}

/* As many as can be read anyway: what the last second had says how many to leave out in this one. */
static void begin_second(struct ring *ring, int64_t now_ns)
{
    ring->every = 1 + ring->passed / RING_RATE;
    ring->left = 1;
    ring->fresh = ring->passed = 0;
    ring->next_ns = now_ns + NS_PER_S;
}

void ring_take(struct ring *ring, struct filter *filter, const struct packet *packets, size_t count)
{
    if (count && (packets[0].time_ns >= ring->next_ns || packets[0].time_ns < ring->next_ns - 2 * NS_PER_S))
        begin_second(ring, packets[0].time_ns);
    for (size_t i = 0; i < count; i++) {
        if (!filter_passes(filter, &packets[i]))
            continue;
        ring->passed++;
        if (--ring->left)
            continue;
        keep(ring, &packets[i]);
        if (++ring->fresh % (2 * RING_RATE) == 0) /* a burst that the last second did not foretell */
            ring->every *= 2;
        ring->left = ring->every;
    }
}

const struct kept *ring_get(const struct ring *ring, uint64_t number)
{
    const struct kept *kept = &ring->slots[number % RING_PACKETS];

    return number && kept->number == number ? kept : NULL;
}
