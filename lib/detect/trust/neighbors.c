/* SPDX-License-Identifier: MIT */
/* Who is who on the link: which link address an address sends with, and where a host's packets to another go
 * first. */
#include "detect/trust/neighbors.h"

#include <stdio.h>
#include <string.h>

#include "wire/link.h"
#include "wire/octets.h"

enum { VLAN = 12, VLAN_END = 16, ETHER_VLAN = 0x8100, ADVERTISEMENT = 134 };

bool link_is_virtual(const uint8_t *link)
{
    static const uint8_t prefixes[][5] = {
        {0x00, 0x00, 0x5e, 0x00, 0x01}, /* VRRP and CARP (RFC 9568 7.3) */
        {0x00, 0x00, 0x5e, 0x00, 0x02}, /* the same for IPv6 */
        {0x00, 0x00, 0x0c, 0x07, 0xac}, /* HSRP */
    };

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (!memcmp(link, prefixes[i], sizeof(prefixes[i])))
            return true;
    /* HSRP version 2, of both families, and GLBP */
    return (!memcmp(link, "\x00\x00\x0c\x9f", 4) && link[4] >> 4 == 0xf) ||
           !memcmp(link, "\x00\x05\x73\xa0", 4) || !memcmp(link, "\x00\x07\xb4\x00", 4);
}

/* Made-up captures have 0 or a group there. */
static bool is_unicast(const uint8_t *link)
{
    static const uint8_t zero[LINK_OCTETS];

    return !(link[0] & 1) && memcmp(link, zero, LINK_OCTETS) != 0;
}

bool link_is_told(const struct packet *packet)
{
    return packet->mac_length == LINK_OCTETS && packet->layer == PACKET_OUTER && is_unicast(packet->mac);
}

uint32_t link_number(const struct packet *packet)
{
    const struct frame *frame = packet->frame;
    bool tagged = frame->link == LINK_ETHERNET && frame->data.length >= VLAN_END &&
                  octets_get16(frame->data.data + VLAN) == ETHER_VLAN;

    return (uint32_t)packet->interface << 12 |
           (tagged ? octets_get16(frame->data.data + VLAN + 2) & 0xfffu : 0);
}

void link_format(const uint8_t *link, char text[static 18])
{
    snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", link[0], link[1], link[2], link[3], link[4], link[5]);
}

static uint64_t tag_of(const struct watch *watch, const struct packet *packet, const uint8_t *address)
{
    const struct hash_key *key = &watch->options.key;
    uint64_t word = (uint64_t)link_number(packet) << 8 | packet->family;

    return hash_with(key, hash_address(key, address), word) | 1;
}

static uint64_t hop_tag(const struct watch *watch, const struct packet *packet, const uint8_t *source,
                        const uint8_t *destination)
{
    const struct hash_key *key = &watch->options.key;

    return hash_with(key, tag_of(watch, packet, source), hash_address(key, destination)) | 1;
}

static bool has_link(const struct neighbor *neighbor, const uint8_t *link)
{
    for (size_t i = 0; i < neighbor->count && i < NEIGHBOR_LINKS; i++)
        if (!memcmp(neighbor->links[i], link, LINK_OCTETS))
            return true;
    return false;
}

static bool is_advertiser(const struct neighbors *neighbors, uint64_t tag)
{
    for (size_t i = 0; i < ADVERTISERS; i++)
        if (neighbors->advertisers[i] == tag)
            return true;
    return false;
}

static void learn_router(struct neighbors *neighbors, const struct watch *watch, const struct packet *packet)
{
    uint64_t tag = tag_of(watch, packet, packet->source);

    if (!is_advertiser(neighbors, tag))
        neighbors->advertisers[neighbors->advertiser_count++ % ADVERTISERS] = tag;
}

enum neighbor_known neighbors_is_router(const struct neighbors *neighbors, const struct watch *watch,
                                        const struct packet *packet)
{
    if (!neighbors->advertiser_count || neighbors->advertiser_count > ADVERTISERS)
        return NEIGHBOR_UNKNOWN;
    return is_advertiser(neighbors, tag_of(watch, packet, packet->source)) ? NEIGHBOR_SAME
                                                                           : NEIGHBOR_DIFFERENT;
}

static void learn_sender(struct neighbors *neighbors, const struct watch *watch, const struct packet *packet)
{
    uint64_t tag = tag_of(watch, packet, packet->source);
    struct neighbor *neighbor = &neighbors->neighbors[(tag >> 8) % NEIGHBORS];

    if (neighbor->tag != tag)
        *neighbor = (struct neighbor){.tag = tag};
    if (has_link(neighbor, packet->mac) || neighbor->count > NEIGHBOR_LINKS)
        return;
    if (neighbor->count < NEIGHBOR_LINKS)
        memcpy(neighbor->links[neighbor->count], packet->mac, LINK_OCTETS);
    neighbor->count++;
}

/* Two are kept, for after a rightful redirect a host changes over while packets are still under way. */
static void learn_hop(struct neighbors *neighbors, const struct watch *watch, const struct packet *packet)
{
    uint64_t tag = hop_tag(watch, packet, packet->source, packet->destination);
    struct hop *hop = &neighbors->hops[(tag >> 8) % HOPS];

    if (hop->tag != tag)
        *hop = (struct hop){.tag = tag};
    if (!memcmp(hop->links[0], packet->frame->data.data, LINK_OCTETS))
        return;
    memcpy(hop->links[1], hop->links[0], LINK_OCTETS);
    memcpy(hop->links[0], packet->frame->data.data, LINK_OCTETS);
}

void neighbors_learn(struct neighbors *neighbors, const struct watch *watch, const struct packet *packet,
                     uint32_t now_s)
{
    if (neighbors->now_s != now_s) {
        neighbors->now_s = now_s;
        neighbors->learned = 0;
    }
    if (packet->class == PACKET_ROUTER && packet->family == 6 && packet->type == ADVERTISEMENT)
        learn_router(neighbors, watch, packet);
    if (neighbors->learned >= NEIGHBORS_PER_SECOND || !link_is_told(packet))
        return;
    neighbors->learned++;
    /* what a router sends on has the router's link address; on its own other interface that is no news */
    if (packet->direction != FRAME_OUT)
        learn_sender(neighbors, watch, packet);
    if (packet->frame->link == LINK_ETHERNET && is_unicast(packet->frame->data.data))
        learn_hop(neighbors, watch, packet);
}

static const struct neighbor *find(const struct neighbors *neighbors, const struct watch *watch,
                                   const struct packet *packet, const uint8_t *address)
{
    uint64_t tag = tag_of(watch, packet, address);
    const struct neighbor *neighbor = &neighbors->neighbors[(tag >> 8) % NEIGHBORS];

    return neighbor->tag == tag ? neighbor : NULL;
}

enum neighbor_known neighbors_compare(const struct neighbors *neighbors, const struct watch *watch,
                                      const struct packet *packet, const uint8_t *address)
{
    const struct neighbor *neighbor = find(neighbors, watch, packet, address);

    if (!link_is_told(packet) || !neighbor || !neighbor->count || neighbor->count > NEIGHBOR_LINKS)
        return NEIGHBOR_UNKNOWN;
    return has_link(neighbor, packet->mac) ? NEIGHBOR_SAME : NEIGHBOR_DIFFERENT;
}

enum neighbor_known neighbors_compare_hop(const struct neighbors *neighbors, const struct watch *watch,
                                          const struct packet *packet, const uint8_t *source,
                                          const uint8_t *destination)
{
    uint64_t tag = hop_tag(watch, packet, source, destination);
    const struct hop *hop = &neighbors->hops[(tag >> 8) % HOPS];

    if (!link_is_told(packet) || hop->tag != tag)
        return NEIGHBOR_UNKNOWN;
    for (size_t i = 0; i < NEIGHBOR_LINKS; i++)
        if (link_is_virtual(hop->links[i]))
            return NEIGHBOR_UNKNOWN;
        else if (!memcmp(hop->links[i], packet->mac, LINK_OCTETS))
            return NEIGHBOR_SAME;
    return NEIGHBOR_DIFFERENT;
}
