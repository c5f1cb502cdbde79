/* SPDX-License-Identifier: MIT */
/* What was counted: packets and octets by layer, family, type and code, by interface and direction. */
#include "detect/count.h"

static bool is_cell(const struct breakdown *cell, const struct packet *packet)
{
    return cell->family == packet->family && cell->type == packet->type && cell->code == packet->code &&
           cell->layer == packet->layer && cell->direction == packet->direction &&
           cell->interface == packet->interface;
}

/* The cell of a packet, or NULL when the table is full. Its order follows from the packet; that a stranger
 * can choose types and codes that collide costs no more than walking what he filled. */
static struct breakdown *find_cell(struct counts *counts, const struct packet *packet)
{
    uint32_t word = (uint32_t)packet->type << 8 | packet->code | (uint32_t)(packet->family == 6) << 16 |
                    (uint32_t)packet->layer << 17 | (uint32_t)packet->direction << 18 |
                    (uint32_t)packet->interface << 20;
    uint32_t at = word * 2654435761U >> 19;

    for (unsigned probes = 0; probes < 64; probes++, at = (at + 1) % BREAKDOWN_MAX) {
        struct breakdown *cell = &counts->breakdown[at];

        if (is_cell(cell, packet))
            return cell;
        if (cell->family)
            continue;
        *cell = (struct breakdown){packet->interface,
                                   packet->direction,
                                   packet->layer,
                                   packet->family,
                                   packet->type,
                                   packet->code,
                                   {0}};
        return cell;
    }
    return NULL;
}

void count_detail(struct counts *counts, const struct packet *packet)
{
    if (!counts->last || !is_cell(counts->last, packet))
        counts->last = find_cell(counts, packet);
    if (!counts->last) {
        counts->not_broken_down++;
        return;
    }
    counts->last->tally.packets++;
    counts->last->tally.octets += packet->ip_length;
}
