/* SPDX-License-Identifier: MIT */
/* Who sends and who receives ICMP: two tables of fixed size. */
#include "detect/state/host.h"

#include <string.h>

enum {
    PATIENCE_S = 3600, /* how long an entry is kept at most for what was in it */
    IDLE_S = 60,
    FORGET_S = 600,    /* how long an entry is kept when there is little room */
    FORGET_PARTS = 16, /* of the tables, one a second */
};

_Static_assert(sizeof(struct source) == 64 && sizeof(struct target) == 64, "an entry is a cache line");
_Static_assert(sizeof(struct source_front) == 32 && sizeof(struct target_front) == 64,
               "a front is in one line");

size_t hosts_size(size_t source_sets, size_t target_sets)
{
    return source_sets * (HOST_WAYS * sizeof(struct source) + sizeof(struct source_front)) +
           target_sets * (HOST_WAYS * sizeof(struct target) + sizeof(struct target_front));
}

void hosts_init(struct hosts *hosts, void *memory, size_t source_sets, size_t target_sets,
                const struct hash_key *key)
{
    *hosts = (struct hosts){.key = *key, .source_sets = source_sets, .target_sets = target_sets};
    hosts->sources = memory;
    hosts->targets = (struct target *)(hosts->sources + source_sets * HOST_WAYS);
    hosts->target_fronts = (struct target_front *)(hosts->targets + target_sets * HOST_WAYS);
    hosts->source_fronts = (struct source_front *)(hosts->target_fronts + target_sets);
}

/* Of a full set the entry goes that is idle longest for what it did: packets count as seconds of patience. */
static uint64_t worth(uint32_t last_s, uint32_t packets)
{
    return (uint64_t)last_s + (packets < PATIENCE_S ? packets : PATIENCE_S);
}

/* Who asked several targets may do so slowly. */
static uint64_t source_worth(const struct source *source)
{
    return worth(source->last_s, source->packets) + (source->flags & HOST_PROMOTED ? PATIENCE_S : 0);
}

static void forget_source(struct hosts *hosts, size_t at, uint32_t now_s)
{
    struct source *source = &hosts->sources[at];
    struct source_front *front = &hosts->source_fronts[at / HOST_WAYS];
    uint64_t value = source_worth(source);

    if (!source->tag)
        return;
    if (value + IDLE_S < now_s)
        front->ranks[at % HOST_WAYS] = 0;
    if (value + FORGET_S > now_s)
        return;
    source->tag = front->tags[at % HOST_WAYS] = 0;
    hosts->sources_used--;
}

static void forget_target(struct hosts *hosts, size_t at, uint32_t now_s)
{
    struct target *target = &hosts->targets[at];
    struct target_front *front = &hosts->target_fronts[at / HOST_WAYS];
    uint64_t value = worth(target->last_s, target->packets);

    if (!target->tag)
        return;
    if (value + IDLE_S < now_s)
        front->ranks[at % HOST_WAYS] = 0;
    if (value + FORGET_S > now_s)
        return;
    target->tag = front->tags[at % HOST_WAYS] = 0;
    hosts->targets_used--;
}

/* In a part of both tables, mark who is idle, and free the entries that nobody will miss, so that a crowd
 * that is gone is forgotten. */
static void forget(struct hosts *hosts, uint32_t now_s)
{
    size_t sources = hosts->source_sets * HOST_WAYS / FORGET_PARTS,
           targets = hosts->target_sets * HOST_WAYS / FORGET_PARTS;
    size_t part = hosts->part++ % FORGET_PARTS;

    for (size_t at = part * sources; at < (part + 1) * sources; at++)
        forget_source(hosts, at, now_s);
    for (size_t at = part * targets; at < (part + 1) * targets; at++)
        forget_target(hosts, at, now_s);
}

void hosts_fade(struct hosts *hosts, uint32_t now_s)
{
    if (!hosts_are_crowded(hosts->sources_used, hosts->source_sets) &&
        !hosts_are_crowded(hosts->targets_used, hosts->target_sets))
        return;
    for (size_t set = 0; set < hosts->source_sets; set++)
        for (size_t i = 0; i < HOST_SOURCE_CROWD; i++)
            hosts->source_fronts[set].crowd[i] /= 2;
    for (size_t set = 0; set < hosts->target_sets; set++)
        for (size_t i = 0; i < HOST_TARGET_CROWD; i++)
            hosts->target_fronts[set].crowd[i] /= 2;
    forget(hosts, now_s);
}

/* Which way of its set a stranger may take over. */
static unsigned resident_of(uint64_t hash)
{
    return hash >> 20 & (HOST_WAYS - 1);
}

/* Count a packet of a host without an entry. Returns how often it, or one of those who share its counter,
 * showed up of late. */
static uint8_t show_up(uint8_t *crowd, size_t size, uint64_t hash)
{
    uint8_t *counter = crowd + ((hash >> 32) * size >> 32);

    *counter += *counter < UINT8_MAX;
    return *counter;
}

/* In a crowd a host has to show up several times of late before it gets a place; and more often than the one
 * who lives there ever did, or that one is idle. So the table does not turn over, however many hosts there
 * are. */
static bool is_admitted(uint8_t shown, uint8_t resident_rank)
{
    return shown >= HOST_ADMISSION && shown > resident_rank;
}

/* The entry of a set that makes room: a free one, or the one that is worth least. */
static size_t source_victim(const struct hosts *hosts, size_t set)
{
    size_t victim = set;
    uint64_t least = UINT64_MAX;

    for (size_t at = set; at < set + HOST_WAYS; at++) {
        uint64_t value = hosts->sources[at].tag ? source_worth(hosts->sources + at) + 1 : 0;

        victim = value < least ? at : victim;
        least = value < least ? value : least;
    }
    return victim;
}

/* Who asked several targets keeps his place for long. */
static bool is_kept(const struct source *source, uint32_t now_s)
{
    return source->flags & HOST_PROMOTED && source_worth(source) + IDLE_S >= now_s;
}

/* The place of a sender that has none, or SIZE_MAX when it has to wait. */
static size_t source_place(struct hosts *hosts, uint64_t hash, uint32_t now_s, uint8_t *shown)
{
    struct source_front *front = hosts_source_front(hosts, hash);
    size_t set = (hash & (hosts->source_sets - 1)) * HOST_WAYS;
    unsigned way = resident_of(hash);

    *shown = 1;
    if (!hosts_are_crowded(hosts->sources_used, hosts->source_sets))
        return source_victim(hosts, set);
    *shown = show_up(front->crowd, HOST_SOURCE_CROWD, hash);
    if (is_admitted(*shown, front->ranks[way]) && !is_kept(hosts->sources + set + way, now_s))
        return set + way;
    hosts->strangers++;
    return SIZE_MAX;
}

struct source *hosts_make_source(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                                 uint32_t now_s)
{
    struct source_front *front = hosts_source_front(hosts, hash);
    struct source *source = &hosts->stranger_source;
    uint8_t shown;
    size_t place = source_place(hosts, hash, now_s, &shown);

    if (place != SIZE_MAX) {
        source = hosts->sources + place;
        hosts->source_evictions += source->tag != 0;
        hosts->sources_used += source->tag == 0;
        hosts->made++;
        front->tags[place % HOST_WAYS] = (uint32_t)(hash >> 32) | 1;
        front->ranks[place % HOST_WAYS] = shown;
    }
    *source = (struct source){.tag = hash, .family = family, .first_s = now_s, .last_s = now_s};
    source->packets = shown - 1U; /* those that it had to wait for */
    memcpy(source->address, address, sizeof(source->address));
    return source;
}

/* The entry of a set that makes room: a free one, or the one that is worth least. */
static size_t target_victim(const struct hosts *hosts, size_t set)
{
    size_t victim = set;
    uint64_t least = UINT64_MAX;

    for (size_t at = set; at < set + HOST_WAYS; at++) {
        uint64_t value =
            hosts->targets[at].tag ? worth(hosts->targets[at].last_s, hosts->targets[at].packets) + 1 : 0;

        victim = value < least ? at : victim;
        least = value < least ? value : least;
    }
    return victim;
}

/* The place of a receiver that has none, or SIZE_MAX when it has to wait. */
static size_t target_place(struct hosts *hosts, uint64_t hash, uint8_t *shown)
{
    struct target_front *front = hosts_target_front(hosts, hash);
    size_t set = (hash & (hosts->target_sets - 1)) * HOST_WAYS;

    *shown = 1;
    if (!hosts_are_crowded(hosts->targets_used, hosts->target_sets))
        return target_victim(hosts, set);
    *shown = show_up(front->crowd, HOST_TARGET_CROWD, hash);
    if (is_admitted(*shown, front->ranks[resident_of(hash)]))
        return set + resident_of(hash);
    hosts->strangers++;
    return SIZE_MAX;
}

struct target *hosts_make_target(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                                 uint32_t now_s)
{
    struct target_front *front = hosts_target_front(hosts, hash);
    struct target *target = &hosts->stranger_target;
    uint8_t shown;
    size_t place = target_place(hosts, hash, &shown);

    if (place != SIZE_MAX) {
        target = hosts->targets + place;
        hosts->target_evictions += target->tag != 0;
        hosts->targets_used += target->tag == 0;
        hosts->made++;
        front->tags[place % HOST_WAYS] = (uint32_t)(hash >> 32) | 1;
        front->ranks[place % HOST_WAYS] = shown;
    }
    *target = (struct target){.tag = hash, .family = family, .first_s = now_s, .last_s = now_s};
    target->packets = shown - 1U; /* those that it had to wait for */
    memcpy(target->address, address, sizeof(target->address));
    return target;
}

/* Whether a host comes before another one: by packets, then by address, so that the order never depends on
 * the key. */
static bool source_precedes(const struct source *one, const struct source *other)
{
    int order = memcmp(one->address, other->address, sizeof(one->address));

    return one->packets != other->packets ? one->packets > other->packets : order < 0;
}

static bool target_precedes(const struct target *one, const struct target *other)
{
    int order = memcmp(one->address, other->address, sizeof(one->address));

    return one->packets != other->packets ? one->packets > other->packets : order < 0;
}

size_t hosts_top_sources(const struct hosts *hosts, const struct source **top, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < hosts->source_sets * HOST_WAYS; i++) {
        const struct source *source = hosts->sources + i;
        size_t at = count;

        if (!source->packets || (count == most && !source_precedes(source, top[most - 1])))
            continue;
        for (; at > 0 && source_precedes(source, top[at - 1]); at--)
            if (at < most)
                top[at] = top[at - 1];
        top[at] = source;
        count += count < most;
    }
    return count;
}

size_t hosts_top_targets(const struct hosts *hosts, const struct target **top, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < hosts->target_sets * HOST_WAYS; i++) {
        const struct target *target = hosts->targets + i;
        size_t at = count;

        if (!target->packets || (count == most && !target_precedes(target, top[most - 1])))
            continue;
        for (; at > 0 && target_precedes(target, top[at - 1]); at--)
            if (at < most)
                top[at] = top[at - 1];
        top[at] = target;
        count += count < most;
    }
    return count;
}
