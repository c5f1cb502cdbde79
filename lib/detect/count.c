/* SPDX-License-Identifier: MIT */
/* What was counted: packets and octets by layer, family, type and code, by interface and direction. */
#include "detect/count.h"

enum { PROBES = 64 /* cells that are looked at */ };

static bool is_cell(const struct breakdown *cell, const struct breakdown *key)
{
    return cell->family == key->family && cell->type == key->type && cell->code == key->code &&
           cell->layer == key->layer && cell->direction == key->direction &&
           cell->interface == key->interface;
}

/* The cell of a key, or NULL when the table is full. That a stranger can choose types and codes that collide
 * costs no more than walking what he filled. */
static struct breakdown *find_cell(struct counts *counts, const struct breakdown *key)
{
    uint32_t word = (uint32_t)key->type << 8 | key->code | (uint32_t)(key->family == 6) << 16 |
                    (uint32_t)key->layer << 17 | (uint32_t)key->direction << 18 |
                    (uint32_t)key->interface << 20;
    uint32_t at = word * 2654435761U >> 20;

    for (unsigned probes = 0; probes < PROBES; probes++, at = (at + 1) % BREAKDOWN_MAX) {
        struct breakdown *cell = &counts->breakdown[at];

        if (is_cell(cell, key))
            return cell;
        if (cell->family)
            continue;
        *cell = *key;
        cell->tally = (struct tally){0};
        return cell;
    }
    return NULL;
}

static void add_detail(struct counts *counts, const struct breakdown *key)
{
    if (!counts->last || !is_cell(counts->last, key))
        counts->last = find_cell(counts, key);
    if (!counts->last) {
        counts->not_broken_down += key->tally.packets;
        return;
    }
    counts->last->tally.packets += key->tally.packets;
    counts->last->tally.octets += key->tally.octets;
}

void count_detail(struct counts *counts, const struct packet *packet)
{
    const struct breakdown key = {packet->interface, packet->direction, packet->layer,         packet->family,
                                  packet->type,      packet->code,      {1, packet->ip_length}};

    add_detail(counts, &key);
}

void count_first(struct counts *counts, uint8_t layer, uint8_t family, uint8_t type, uint8_t code)
{
    if (counts->first_count < COUNT_FIRST)
        counts->first[counts->first_count++] = (struct count_name){layer, family, type, code};
}

void count_add(struct counts *counts, const struct breakdown *more)
{
    struct tally *cell =
        &counts->cells[more->layer][more->family == 6][(unsigned)more->type << 8 | more->code];

    if (cell->packets == 0 && more->tally.packets != 0)
        count_first(counts, more->layer, more->family, more->type, more->code);
    counts->icmp += more->tally.packets;
    cell->packets += more->tally.packets;
    cell->octets += more->tally.octets;
    add_detail(counts, more);
}
