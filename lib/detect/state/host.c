/* SPDX-License-Identifier: MIT */
/* Who sends and who receives ICMP: two tables of fixed size. */
#include "detect/state/host.h"

#include <string.h>

enum {
    PATIENCE_S = 3600, /* how long an entry is kept at most for what was in it */
    IDLE_S = 60,
    FORGET_S = 600,    /* how long an entry is kept when there is little room */
    FORGET_PARTS = 64, /* of the tables, one a second */
};

_Static_assert(sizeof(struct source) == 64 && sizeof(struct target) == 64, "an entry is a cache line");

size_t hosts_size(size_t source_sets, size_t target_sets)
{
    return (source_sets * (sizeof(struct source) + sizeof(uint32_t)) +
            target_sets * (sizeof(struct target) + sizeof(uint32_t))) *
               HOST_WAYS +
           HOST_CROWD;
}

void hosts_init(struct hosts *hosts, void *memory, size_t source_sets, size_t target_sets,
                const struct hash_key *key)
{
    *hosts = (struct hosts){.key = *key, .source_sets = source_sets, .target_sets = target_sets};
    hosts->sources = memory;
    hosts->targets = (struct target *)(hosts->sources + source_sets * HOST_WAYS);
    hosts->source_tags = (uint32_t *)(hosts->targets + target_sets * HOST_WAYS);
    hosts->target_tags = hosts->source_tags + source_sets * HOST_WAYS;
    hosts->crowd = (uint8_t *)(hosts->target_tags + target_sets * HOST_WAYS);
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

/* Free the entries of a part of both tables that nobody will miss, so that a crowd that is gone is forgotten.
 */
static void forget(struct hosts *hosts, uint32_t now_s)
{
    size_t sources = hosts->source_sets * HOST_WAYS / FORGET_PARTS,
           targets = hosts->target_sets * HOST_WAYS / FORGET_PARTS;
    size_t part = hosts->part++ % FORGET_PARTS;

    for (size_t at = part * sources; at < (part + 1) * sources; at++) {
        struct source *source = &hosts->sources[at];

        if (!source->tag || source_worth(source) + FORGET_S > now_s)
            continue;
        source->tag = hosts->source_tags[at] = 0;
        hosts->sources_used--;
    }
    for (size_t at = part * targets; at < (part + 1) * targets; at++) {
        struct target *target = &hosts->targets[at];

        if (!target->tag || worth(target->last_s, target->packets) + FORGET_S > now_s)
            continue;
        target->tag = hosts->target_tags[at] = 0;
        hosts->targets_used--;
    }
}

void hosts_fade(struct hosts *hosts, uint32_t now_s)
{
    uint8_t *crowd = hosts->crowd; /* octets alias everything: without this the loop is not made of vectors */

    if (!hosts_are_crowded(hosts->sources_used, hosts->source_sets) &&
        !hosts_are_crowded(hosts->targets_used, hosts->target_sets))
        return;
    for (size_t i = 0; i < HOST_CROWD; i++)
        crowd[i] /= 2;
    forget(hosts, now_s);
}

static uint8_t *counter_of(const struct hosts *hosts, uint64_t hash)
{
    return hosts->crowd + (hash >> 40) % HOST_CROWD;
}

/* In a crowd a host has to show up several times of late before anybody looks whose place it could have. */
static bool may_ask(struct hosts *hosts, uint64_t hash)
{
    uint8_t *counter = counter_of(hosts, hash);

    *counter += *counter < UINT8_MAX;
    return *counter >= HOST_ADMISSION;
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

/* The place of a host that has none, or SIZE_MAX when it has to wait: it must have shown up more often of
 * late than the one who lives there ever did, or that one is idle. So the table does not turn over, however
 * many hosts there are. */
static size_t source_place(struct hosts *hosts, bool crowded, size_t set, uint64_t hash, uint32_t now_s)
{
    size_t at = set + hosts_resident(hash);
    const struct source *resident = hosts->sources + at;

    if (!crowded)
        return source_victim(hosts, set);
    if (may_ask(hosts, hash) &&
        (*counter_of(hosts, hash) > resident->packets || source_worth(resident) + IDLE_S < now_s))
        return at;
    hosts->strangers++;
    return SIZE_MAX;
}

struct source *hosts_make_source(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                                 uint32_t now_s)
{
    size_t set = (hash & (hosts->source_sets - 1)) * HOST_WAYS, place;
    struct source *source = &hosts->stranger_source;
    bool crowded = hosts_are_crowded(hosts->sources_used, hosts->source_sets);

    place = source_place(hosts, crowded, set, hash, now_s);
    if (place != SIZE_MAX) {
        source = hosts->sources + place;
        hosts->source_evictions += source->tag != 0;
        hosts->sources_used += source->tag == 0;
        hosts->source_tags[place] = (uint32_t)(hash >> 32) | 1;
    }
    *source = (struct source){.tag = hash, .family = family, .first_s = now_s, .last_s = now_s};
    source->packets = crowded ? *counter_of(hosts, hash) - 1U : 0; /* those that it had to wait for */
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

/* The place of a host that has none, or SIZE_MAX when it has to wait. A crowd has no time to compare a whole
 * set. */
static size_t target_place(struct hosts *hosts, bool crowded, size_t set, uint64_t hash, uint32_t now_s)
{
    size_t at = set + hosts_resident(hash);
    const struct target *resident = hosts->targets + at;

    if (!crowded)
        return target_victim(hosts, set);
    if (may_ask(hosts, hash) && (*counter_of(hosts, hash) > resident->packets ||
                                 worth(resident->last_s, resident->packets) + IDLE_S < now_s))
        return at;
    hosts->strangers++;
    return SIZE_MAX;
}

struct target *hosts_make_target(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                                 uint32_t now_s)
{
    size_t set = (hash & (hosts->target_sets - 1)) * HOST_WAYS, place;
    struct target *target = &hosts->stranger_target;
    bool crowded = hosts_are_crowded(hosts->targets_used, hosts->target_sets);

    place = target_place(hosts, crowded, set, hash, now_s);
    if (place != SIZE_MAX) {
        target = hosts->targets + place;
        hosts->target_evictions += target->tag != 0;
        hosts->targets_used += target->tag == 0;
        hosts->target_tags[place] = (uint32_t)(hash >> 32) | 1;
    }
    *target = (struct target){.tag = hash, .family = family, .first_s = now_s, .last_s = now_s};
    target->packets = crowded ? *counter_of(hosts, hash) - 1U : 0; /* those that it had to wait for */
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
