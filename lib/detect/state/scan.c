/* SPDX-License-Identifier: MIT */
/* Senders that asked several targets: how many, in which order, and whether they come back. */
#include "detect/state/scan.h"

#include <string.h>

#include "wire/octets.h"

enum {
    STEP_MAX = 16,      /* addresses between two targets of a run */
    GROWTH_PROBES = 32, /* questions before growth is judged */
};

size_t scans_size(size_t sets)
{
    return sets * SCAN_WAYS * sizeof(struct scan);
}

void scans_init(struct scans *scans, void *memory, size_t sets)
{
    *scans = (struct scans){.slots = memory, .sets = sets};
}

static struct scan *set_of(const struct scans *scans, uint64_t tag)
{
    return scans->slots + (tag >> 32 & (scans->sets - 1)) * SCAN_WAYS;
}

struct scan *scans_find(const struct scans *scans, uint64_t tag)
{
    struct scan *set = set_of(scans, tag);

    for (int way = 0; way < SCAN_WAYS; way++)
        if (set[way].tag == tag)
            return set + way;
    return NULL;
}

struct scan *scans_get(struct scans *scans, const struct source *source, uint32_t now_s)
{
    struct scan *set = set_of(scans, source->tag), *victim = set;

    for (int way = 0; way < SCAN_WAYS; way++) {
        if (set[way].tag == source->tag)
            return set + way;
        if (set[way].last_s < victim->last_s || !set[way].tag)
            victim = set + way;
    }
    scans->evictions += victim->tag != 0;
    *victim = (struct scan){.tag = source->tag, .last_s = now_s, .short_s = now_s, .long_s = now_s};
    return victim;
}

/* The last 32 bits, of which a scanner walks through. */
static uint32_t low_word(const struct packet *packet)
{
    return octets_get32(packet->destination + (packet->family == 4 ? 0 : 12));
}

static void begin_run(struct scan *scan, const struct packet *packet, int way)
{
    scan->run = 1;
    scan->gaps = 0;
    scan->way = (int8_t)way;
    memcpy(scan->first_target, packet->destination, 16);
}

/* A run goes on in one direction in small steps; now and then a question out of order is forgiven. */
static void follow_run(struct scan *scan, const struct packet *packet)
{
    int64_t step = (int64_t)low_word(packet) - scan->last;
    int way = step > 0 ? 1 : -1;

    if (step == 0)
        return;
    if (step > STEP_MAX || step < -STEP_MAX) {
        scan->other++;
        if (++scan->gaps > 2 + scan->run / 8)
            begin_run(scan, packet, 0);
    } else {
        scan->upward += way > 0;
        scan->downward += way < 0;
        if (scan->way != way)
            begin_run(scan, packet, way);
        scan->stride = (uint32_t)(step * way);
        scan->run += scan->run < UINT16_MAX;
        if (scan->run > scan->best_run)
            scan->best_run = scan->run;
        memcpy(scan->last_target, packet->destination, 16);
    }
    scan->last = low_word(packet);
}

/* Somebody who asks as many questions as there are targets known, and finds no new one, repeats himself. */
static void judge_growth(struct scan *scan)
{
    uint32_t asked = scan->probes - scan->growth_probes;
    float grown = scan->targets.count - scan->growth_mark;

    if (asked < GROWTH_PROBES || (float)asked < scan->targets.count)
        return;
    scan->routine = grown < 0.25F * (float)asked;
    scan->growth_probes = scan->probes;
    scan->growth_mark = scan->targets.count;
}

static void cover(struct scan *scan, const struct packet *packet)
{
    size_t last = packet->family == 4 ? 3 : 15;

    if (scan->probes == 0)
        memcpy(scan->net, packet->destination, last);
    if (!memcmp(scan->net, packet->destination, last))
        scan->covered[packet->destination[last] >> 3] |= (uint8_t)(1 << (packet->destination[last] & 7));
}

bool scans_ask(struct source *source, struct scan *scan, uint64_t target_hash, const struct packet *packet,
               uint32_t now_s)
{
    uint64_t bit = UINT64_C(1) << (target_hash >> 58);
    bool fresh = !(source->asked & bit);

    source->asked |= bit;
    source->probes++;
    if (scan) {
        cover(scan, packet);
        fresh = distinct_add(&scan->targets, target_hash);
        follow_run(scan, packet);
        scan->probes++;
        scan->last_s = now_s;
        judge_growth(scan);
    } else if (__builtin_popcountll(source->asked) >= SCAN_PROMOTE) {
        source->flags |= HOST_PROMOTED;
    }
    source->fresh += fresh && source->fresh < UINT16_MAX;
    return fresh;
}
