/* SPDX-License-Identifier: MIT */
/* Who gets much: cells that count by hashed prefix, and exact rows for the few that are busy. */
#include "detect/flood/heavy.h"

#include <string.h>

#include "wire/octets.h"

/* A cell is the number of its second, whether it was busy in the one before, and a count. */
enum { COUNT_BITS = 17, HOT_BIT = 1 << COUNT_BITS, COUNT_MASK = HOT_BIT - 1, SECOND_SHIFT = COUNT_BITS + 1 };

/* Packets a second from which on the next level is looked at: low enough that what is lost before a row is
 * made, their sum in one second, does not matter for a threshold of 1000. */
static const uint32_t limits[HEAVY_LEVELS] = {[HEAVY_AREA] = 100, [HEAVY_NET] = 100, [HEAVY_HOST] = 200};

uint64_t heavy_tag(const struct watch *watch, enum heavy_level level, uint8_t family, const uint8_t *address,
                   uint64_t host_hash)
{
    const uint64_t *key = watch->options.key.words;
    uint64_t word = 0;

    if (level == HEAVY_HOST)
        return host_hash;
    if (family == 4)
        word = __builtin_bswap32(octets_get32(address)) & (level == HEAVY_AREA ? 0xffff : 0xffffff);
    else
        memcpy(&word, address, level == HEAVY_AREA ? 6 : 8);
    word = hash_mix(word ^ key[level], key[2] ^ ((uint64_t)family << 1 | 1));
    return word ? word : 1;
}

static uint32_t *cell_of(struct heavy *heavy, enum heavy_level level, uint64_t tag)
{
    if (level == HEAVY_AREA)
        return heavy->area_cells + tag % HEAVY_AREA_CELLS;
    if (level == HEAVY_NET)
        return heavy->net_cells + tag % HEAVY_NET_CELLS;
    return heavy->host_cells + tag % HEAVY_HOST_CELLS;
}

bool heavy_count(struct heavy *heavy, enum heavy_level level, uint64_t tag)
{
    uint32_t *cell = cell_of(heavy, level, tag), value = *cell, now = heavy->second << SECOND_SHIFT;

    if ((value ^ now) >> SECOND_SHIFT) { /* it was used in another second; only the one before matters */
        bool hot = value - (now - (1U << SECOND_SHIFT)) < 1U << SECOND_SHIFT &&
                   (value & COUNT_MASK) >= limits[level];

        value = now | (hot ? HOT_BIT : 0);
    }
    if ((value & COUNT_MASK) <= COUNT_MASK - WATCH_WEIGHT_STORM)
        value += heavy->weight;
    *cell = value;
    return (value & HOT_BIT) || (value & COUNT_MASK) >= limits[level];
}

static size_t set_of(uint64_t tag)
{
    return (tag >> 32) % HEAVY_SETS * HEAVY_WAYS;
}

struct heavy_row *heavy_find(struct heavy *heavy, uint64_t tag)
{
    size_t set = set_of(tag);

    for (size_t at = set; at < set + HEAVY_WAYS; at++)
        if (heavy->tags[at] == tag)
            return &heavy->rows[at];
    return NULL;
}

static uint64_t worth(const struct heavy *heavy, size_t at)
{
    const struct heavy_row *row = &heavy->rows[at];

    if (!heavy->tags[at])
        return 0;
    return 1 + (row->now.packets > row->last ? row->now.packets : row->last) + ((uint64_t)row->raised << 32);
}

struct heavy_row *heavy_get(struct heavy *heavy, uint64_t tag, bool *fresh)
{
    struct heavy_row *row = heavy_find(heavy, tag);
    size_t set = set_of(tag), victim = set;

    *fresh = false;
    if (row)
        return row;
    for (size_t at = set + 1; at < set + HEAVY_WAYS; at++)
        if (worth(heavy, at) < worth(heavy, victim))
            victim = at;
    heavy->tags[victim] = tag;
    heavy->rows[victim] = (struct heavy_row){0};
    *fresh = true;
    return &heavy->rows[victim];
}

static void sort(uint32_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t number = numbers[i];
        size_t at = i;

        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

uint32_t heavy_usual(const struct heavy_row *row)
{
    uint32_t sorted[HEAVY_PAST];
    size_t count = row->past_count < HEAVY_PAST ? row->past_count : HEAVY_PAST;

    if (count < 8)
        return row->usual;
    memcpy(sorted, row->past, count * sizeof(*sorted));
    sort(sorted, count);
    return sorted[count / 2];
}

void heavy_keep(struct heavy_row *row, uint32_t packets)
{
    row->past[row->past_count++ % HEAVY_PAST] = packets;
}
