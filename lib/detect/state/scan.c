/* SPDX-License-Identifier: MIT */
/* Senders that asked several targets: how many, in which order, and whether they come back. */
#include "detect/state/scan.h"

#include <string.h>

#include "wire/octets.h"

enum {
    CLASSES = 64,      /* of targets, in source->asked */
    ASTRAY_MAX = 12,   /* questions in a row that a run survives */
    PASS_TIMES = 7,    /* more questions to each target than any scanner sends */
    PASS_MIN = 42,     /* questions */
    PASS_S = 300,      /* or it lasts so long, and most targets were asked */
    PAUSE_S = 20,      /* longer than scanners wait before they ask again */
    INSIST = 4,        /* questions in a row */
    TURN_MIN = 6,      /* questions */
    REFORMED_MIN = 32, /* new targets that end a routine */
    OFTEN = 64,        /* questions after which one in */
    SELDOM = 8,        /* so many is enough to judge habits by */
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

struct scan *scans_get(struct scans *scans, struct source *source, uint32_t now_s)
{
    struct scan *set, *victim;

    if (scans->slots[source->scan_place].tag == source->tag)
        return scans->slots + source->scan_place;
    set = victim = set_of(scans, source->tag);
    for (int way = 0; way < SCAN_WAYS; way++) {
        if (set[way].tag == source->tag) {
            source->scan_place = (uint32_t)(set + way - scans->slots);
            return set + way;
        }
        if (set[way].last_s < victim->last_s || !set[way].tag)
            victim = set + way;
    }
    source->scan_place = (uint32_t)(victim - scans->slots);
    scans->evictions += victim->tag != 0;
    *victim = (struct scan){.tag = source->tag, .last_s = now_s, .pass.begin_s = now_s};
    return victim;
}

/* A number that goes up by one from one target to the next, whether a scanner walks through hosts or, in
 * IPv6, through networks. */
static uint32_t word_of(const struct packet *packet)
{
    const uint8_t *address = packet->destination;

    return packet->family == 4 ? octets_get32(address)
                               : octets_get32(address + 4) + octets_get32(address + 12);
}

static void begin_run(struct scan_order *order, const struct packet *packet, uint32_t word)
{
    order->head = word;
    order->run = 1;
    order->astray = order->strays = order->even = order->last_step = 0;
    order->way = 0;
    order->begin_ns = packet->time_ns;
    memcpy(order->first, packet->destination, sizeof(order->first));
}

static void vote_stride(struct scan_order *order, uint32_t stride)
{
    if (order->stride == stride) {
        order->stride_votes += order->stride_votes < UINT16_MAX;
    } else if (order->stride_votes == 0) {
        order->stride = stride;
        order->stride_votes = 1;
    } else {
        order->stride_votes--;
    }
}

/* In a small net, random questions look like a run now and then; but they stray, and their steps differ. */
static bool is_genuine(const struct scan_order *order)
{
    return order->even * 2 >= order->run || order->strays <= order->run;
}

static void step(struct scan_order *order, const struct packet *packet, uint32_t word, int way)
{
    uint16_t length = (uint16_t)((word - order->head) * (uint32_t)way);

    vote_stride(order, length);
    order->even += length == order->last_step && order->even < UINT16_MAX;
    order->last_step = length;
    order->head = word;
    order->way = (int8_t)way;
    order->astray = 0;
    order->run += order->run < UINT16_MAX;
    if (order->run <= order->best_run || !is_genuine(order))
        return;
    if (order->best_begin_ns != order->begin_ns)
        memcpy(order->best_first, order->first, sizeof(order->best_first));
    order->best_begin_ns = order->begin_ns;
    order->best_run = order->run;
    order->best_way = order->way;
    memcpy(order->best_last, packet->destination, sizeof(order->best_last));
}

/* A run goes on in one direction in small steps; retries of what lies behind and a few other questions in
 * between are forgiven. */
static void follow_run(struct scan_order *order, const struct packet *packet, uint32_t word)
{
    int64_t distance = (int64_t)word - order->head;
    int way = distance > 0 ? 1 : -1;

    if (order->run == 0) {
        begin_run(order, packet, word);
        return;
    }
    if (distance == 0)
        return;
    if (distance * way <= SCAN_STEP_MAX && (order->way == 0 || order->way == way)) {
        step(order, packet, word, way);
        return;
    }
    order->strays += order->strays < UINT16_MAX;
    if (++order->astray > ASTRAY_MAX)
        begin_run(order, packet, word);
}

static void begin_stretch(const struct scan *scan, struct scan_stretch *stretch, uint32_t now_s)
{
    *stretch = (struct scan_stretch){scan->targets.count, scan->asked, now_s};
}

/* Somebody who asks everybody many times, or for long, and finds hardly anyone new, repeats himself. */
static void judge_pass(struct scan *scan, uint32_t now_s)
{
    float asked = (float)(scan->asked - scan->pass.asked), known = scan->targets.count;
    float grown = known - scan->pass.known;
    bool many = asked >= PASS_MIN && asked >= PASS_TIMES * known;
    bool lasting = now_s - scan->pass.begin_s >= PASS_S && asked >= TURN_MIN && asked >= 0.75F * known;

    if (scan->routine && grown > REFORMED_MIN && grown * 4 > asked)
        scan->routine = false;
    else if (many || lasting)
        scan->routine = grown * 6 <= asked;
    else
        return;
    begin_stretch(scan, &scan->pass, now_s);
}

/* Somebody who comes back to most of his targets after a pause does it again and again. */
static void judge_turn(struct scan *scan, uint32_t now_s)
{
    float asked;

    if (now_s - scan->last_s >= PAUSE_S) {
        scan->turned = true;
        begin_stretch(scan, &scan->turn, now_s);
    }
    asked = (float)(scan->asked + 1 - scan->turn.asked);
    if (scan->turned && asked >= TURN_MIN && asked >= 0.75F * scan->targets.count)
        scan->routine |= (scan->targets.count - scan->turn.known) * 10 <= asked;
}

/* Set a bit. Returns whether it was not set before. */
static unsigned cover_bit(uint8_t *bits, uint8_t number)
{
    unsigned fresh = ~(unsigned)bits[number >> 3] >> (number & 7) & 1;

    bits[number >> 3] |= (uint8_t)(1 << (number & 7));
    return fresh;
}

/* Whether two addresses have all but the last octet in common. */
static bool are_near(uint8_t family, const uint8_t *a, const uint8_t *b)
{
    if (family == 4)
        return (octets_get32(a) ^ octets_get32(b)) <= UINT8_MAX;
    return !memcmp(a, b, 15);
}

/* Whether a target is new, or was not noticed before: of the net asked first that is known of each address,
 * of the others of those only that change the estimate.
 * @param known it may have been asked before the promotion */
static bool note_target(struct scan *scan, uint64_t target_hash, bool known, const struct packet *packet)
{
    size_t last = packet->family == 4 ? 3 : 15;
    bool changes = !known && distinct_add(&scan->targets, target_hash);
    unsigned uncovered;

    if (scan->probes == 0)
        memcpy(scan->net, packet->destination, last);
    if (!are_near(packet->family, scan->net, packet->destination))
        return changes;
    uncovered = cover_bit(scan->covered, packet->destination[last]);
    scan->covered_count = (uint16_t)(scan->covered_count + uncovered);
    return uncovered && !known;
}

static void note_asker(struct scan *scan, const struct packet *packet)
{
    if (scan->probes == 0)
        memcpy(scan->address, packet->source, sizeof(scan->address));
    else if (packet->family == 6 && !scan->several)
        scan->several = memcmp(scan->address, packet->source, sizeof(scan->address)) != 0;
}

static void age(struct scan *scan, uint32_t now_s)
{
    if (now_s == scan->young_s)
        return;
    scan->young[1] = now_s == scan->young_s + 1 ? scan->young[0] : 0;
    scan->young[0] = 0;
    scan->young_s = now_s;
}

static bool ask_promoted(struct scan *scan, uint64_t target_hash, bool known, const struct packet *packet,
                         uint32_t now_s)
{
    uint32_t word = word_of(packet);
    bool fresh = note_target(scan, target_hash, known, packet);

    note_asker(scan, packet);
    if (scan->probes == 0 || word != scan->last_word) {
        bool judged = scan->asked < OFTEN || scan->asked % SELDOM == 0 || now_s != scan->last_s;

        if (judged)
            judge_turn(scan, now_s);
        scan->asked++;
        scan->in_row = 0;
        scan->last_fresh = fresh;
        follow_run(&scan->order, packet, word);
        if (judged)
            judge_pass(scan, now_s);
    }
    scan->in_row += scan->in_row < UINT8_MAX;
    scan->insisted += scan->in_row == INSIST && scan->last_fresh && scan->insisted < UINT16_MAX;
    scan->last_word = word;
    scan->queries += packet->class == PACKET_QUERY;
    scan->probes++;
    scan->last_s = now_s;
    age(scan, now_s);
    return fresh;
}

static void begin_scan(struct source *source, struct scan *scan)
{
    if (source->fresh > SCAN_PROMOTE) /* there was an entry, which was lost: begin anew */
        source->fresh = source->answered = 0;
    else if (source->probes > SCAN_PROMOTE * INSIST)
        scan->insisted = SCAN_PROMOTE;
}

/* Which classes were asked is frozen at the promotion: of the targets in them it is not known whether they
 * are new, and so none counts twice. */
bool scans_ask(struct source *source, struct scan *scan, uint64_t target_hash, const struct packet *packet,
               uint32_t now_s)
{
    uint64_t bit = UINT64_C(1) << (target_hash >> 58);
    bool known = source->asked & bit, fresh = !known;

    source->probes++;
    if (scan) {
        if (scan->probes == 0)
            begin_scan(source, scan);
        fresh = ask_promoted(scan, target_hash, known, packet, now_s);
    } else {
        source->asked |= bit;
        if (fresh && __builtin_popcountll(source->asked) >= SCAN_PROMOTE)
            source->flags |= HOST_PROMOTED;
    }
    if (!fresh || packet->class != PACKET_ECHO_REQUEST)
        return fresh;
    source->fresh += source->fresh < UINT16_MAX;
    if (scan)
        scan->young[0] += scan->young[0] < UINT16_MAX;
    return true;
}

void scans_restart(struct scans *scans)
{
    for (size_t i = 0; scans->slots && i < scans->sets * SCAN_WAYS; i++) {
        struct scan *scan = scans->slots + i;
        struct scan_verdict verdict = {.short_mark = scan->targets.count,
                                       .long_mark = scan->targets.count,
                                       .failed = scan->verdict.failed,
                                       .answered = scan->verdict.answered};

        scan->last_s = scan->young_s = 0;
        scan->young[0] = scan->young[1] = 0;
        scan->order = (struct scan_order){0};
        scan->turned = false;
        begin_stretch(scan, &scan->pass, 0);
        scan->verdict = verdict;
    }
}

float scans_distinct(const struct scan *scan)
{
    float estimate = SCAN_PROMOTE + scan->targets.count * CLASSES / (CLASSES - SCAN_PROMOTE);
    float most = SCAN_PROMOTE + (float)scan->asked;

    return estimate < most ? estimate : most;
}

unsigned scans_settled(const struct source *source, const struct scan *scan, uint32_t now_s, unsigned age_s)
{
    unsigned young = 0;

    if (now_s == scan->young_s && age_s > 0)
        young = scan->young[0] + (age_s > 1 ? scan->young[1] : 0U);
    else if (now_s == scan->young_s + 1)
        young = age_s > 1 ? scan->young[0] : 0;
    return source->fresh > young ? source->fresh - young : 0;
}

unsigned scans_covered(const struct scan *scan)
{
    return scan->covered_count - (unsigned)scan->covered_mark;
}
