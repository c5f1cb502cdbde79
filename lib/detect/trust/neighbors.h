/* SPDX-License-Identifier: MIT */
/* Who is who on the link: which link address an address sends with, and where a host's packets to another go
 * first. */
#ifndef SONDE_DETECT_TRUST_NEIGHBORS_H
#define SONDE_DETECT_TRUST_NEIGHBORS_H

#include "detect/watch.h"

enum {
    NEIGHBORS = 1024,
    HOPS = 1024,
    ADVERTISERS = 64,
    NEIGHBOR_LINKS = 2,
    LINK_OCTETS = 6,
    NEIGHBORS_PER_SECOND = 1000
};

/** What is known of the sender of a packet. */
enum neighbor_known {
    NEIGHBOR_UNKNOWN,  /* nothing, or it changes */
    NEIGHBOR_SAME,     /* it always sent with this link address */
    NEIGHBOR_DIFFERENT /* it always sent with another one */
};

/** An address, and the link addresses it was seen with. */
struct neighbor {
    uint64_t tag; /* 0: free */
    uint8_t links[NEIGHBOR_LINKS][LINK_OCTETS];
    uint8_t count; /* of the above; more than there are: it changes */
};

/** A host's way to another. */
struct hop {
    uint64_t tag;
    uint8_t links[NEIGHBOR_LINKS][LINK_OCTETS]; /* the latest one first; 0: none */
};

/** Both tables, of fixed size: newer entries replace older ones. Zero-initialise it. */
struct neighbors {
    struct neighbor neighbors[NEIGHBORS];
    struct hop hops[HOPS];
    uint32_t now_s, learned;           /* packets of this second */
    uint64_t advertisers[ADVERTISERS]; /* tags of those who sent router advertisements */
    uint32_t advertiser_count;         /* of all that there were */
};

/** Whether there is anything to learn from a packet. Of a second, only the first thousand count, so that a
 * flood costs nothing. */
static inline bool neighbors_want(const struct neighbors *neighbors, const struct packet *packet,
                                  uint32_t now_s)
{
    return neighbors->learned < NEIGHBORS_PER_SECOND || neighbors->now_s != now_s ||
           packet->class == PACKET_ROUTER;
}

/** Learn from a packet. */
void neighbors_learn(struct neighbors *neighbors, const struct watch *watch, const struct packet *packet,
                     uint32_t now_s);

/** Compare the link address of a packet with those that another address of its family is known to have. */
enum neighbor_known neighbors_compare(const struct neighbors *neighbors, const struct watch *watch,
                                      const struct packet *packet, const uint8_t *address);

/** Compare the link address of a packet with the one to which `source` sends what is for `destination`. */
enum neighbor_known neighbors_compare_hop(const struct neighbors *neighbors, const struct watch *watch,
                                          const struct packet *packet, const uint8_t *source,
                                          const uint8_t *destination);

/** Whether the sender of a packet made itself known as a router. UNKNOWN: nobody did, or too many. */
enum neighbor_known neighbors_is_router(const struct neighbors *neighbors, const struct watch *watch,
                                        const struct packet *packet);

/** Whether a link address belongs to no machine, but to a group of routers that share it (VRRP, HSRP, GLBP).
 */
bool link_is_virtual(const uint8_t *link);

/** Whether a packet has the link address of a real sender. */
bool link_is_told(const struct packet *packet);

/** A number for the link that a packet passed: the interface and the VLAN. */
uint32_t link_number(const struct packet *packet);

/** Write a link address, such as 02:00:00:00:00:01. */
void link_format(const uint8_t *link, char text[static 18]);

#endif
