/* SPDX-License-Identifier: MIT */
/* Fragments of ICMP that do not fit together: beyond the end of IP, over each other, too small, or in
 * neighbour discovery. Many fragments that do fit are a large ping, however many there are. */
#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/flood/throttle.h"
#include "detect/watch.h"

enum {
    SLOTS = 2048,
    SPANS = 4,
    IP_MAX = 65535,
    HEADER6 = 40,
    TINY = 48,          /* no link has an MTU below 68 (RFC 791), which leaves so much for a part */
    PATIENCE_MS = 2000, /* identifications come again after that (RFC 4963) */
};

/* Octets that are there, from and up to. */
struct span {
    uint16_t from, to;
};

/* A packet that comes in parts. */
struct slot {
    uint32_t tag; /* 0: free */
    uint32_t time_ms;
    struct span spans[SPANS];
    uint16_t size;      /* octets of a part, the last may be shorter */
    uint16_t end;       /* of the whole, once its last part was seen; else 0 */
    struct span before; /* the part that came before */
    bool confused;      /* so many gaps that it cannot be judged */
};

struct fragments {
    struct throttle throttle;
    struct slot slots[SLOTS];
};

/* What is wrong with a fragment. */
enum fault { FAULT_NONE, FAULT_OVERSIZE, FAULT_OVERLAP, FAULT_BEYOND, FAULT_TINY, FAULT_NEIGHBOR };

static const struct {
    const char *check, *measure;
} faults[] = {
    [FAULT_OVERSIZE] = {"ends beyond the largest IP packet (ping of death)", "octets of the whole IP packet"},
    [FAULT_OVERLAP] = {"overlaps a fragment that came before (teardrop)", NULL},
    [FAULT_BEYOND] = {"lies beyond the last fragment", NULL},
    [FAULT_TINY] = {"smaller than any link needs", "octets of a fragment that is not the last"},
    [FAULT_NEIGHBOR] = {"neighbour discovery in fragments (RFC 6980)", NULL},
};

static const enum finding_kind kinds[] = {KIND_OVERSIZE_FRAGMENT};

/* Whether a fragment header stands before an ICMPv6 message, also of a packet in one part (RFC 6946). */
static bool has_fragment_header(const struct packet *packet)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };
    uint32_t headers = packet->ip_length - packet->length, at = HEADER6;
    const uint8_t *first = packet->octets - headers;
    uint8_t next;

    if (headers < HEADER6 || (size_t)(packet->octets - packet->frame->data.data) < headers)
        return false;
    for (next = first[6]; at + 8 <= headers; next = first[at], at += 8 * (first[at + 1] + 1U)) {
        if (next == FRAGMENT)
            return true;
        if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION)
            return false;
    }
    return false;
}

static struct slot *slot_of(struct fragments *fragments, const struct watch *watch,
                            const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    uint64_t hash = hash_with(&watch->options.key, sighting->source_hash + (sighting->target_hash << 1),
                              (uint64_t)packet->ip_id << 8 | packet->protocol);
    struct slot *slot = &fragments->slots[hash % SLOTS];
    uint32_t tag = (uint32_t)(hash >> 32) | 1, now_ms = (uint32_t)(packet->time_ns / NS_PER_MS);

    if (slot->tag != tag || now_ms - slot->time_ms > PATIENCE_MS)
        *slot = (struct slot){.tag = tag, .time_ms = now_ms};
    return slot;
}

/* Join a part with those that it touches. */
static void add_span(struct slot *slot, struct span part)
{
    struct span *free = NULL;

    for (struct span *span = slot->spans; span < slot->spans + SPANS; span++) {
        if (span->to == 0) {
            free = free ? free : span;
        } else if (span->from <= part.to && part.from <= span->to) {
            part.from = span->from < part.from ? span->from : part.from;
            part.to = span->to > part.to ? span->to : part.to;
            *span = (struct span){0};
            free = span;
        }
    }
    if (free)
        *free = part;
    else
        slot->confused = true;
    if (slot->end && part.from == 0 && part.to == slot->end)
        *slot = (struct slot){0}; /* whole: the identification may be used again */
}

/* The same part once more is a packet that the capture saw twice. */
static bool is_repeated(const struct slot *slot, struct span part, bool last)
{
    if (part.from == slot->before.from && part.to == slot->before.to)
        return true;
    return slot->size && part.from % slot->size == 0 &&
           (last ? !slot->end || slot->end == part.to : part.to - part.from == slot->size);
}

static enum fault judge_part(struct slot *slot, struct span part, bool last)
{
    enum fault fault = FAULT_NONE;
    bool repeated = is_repeated(slot, part, last);

    if (slot->confused)
        return FAULT_NONE;
    if (slot->end && part.to > slot->end)
        fault = FAULT_BEYOND;
    for (size_t i = 0; i < SPANS && !repeated; i++)
        if (slot->spans[i].from < part.to && part.from < slot->spans[i].to)
            fault = FAULT_OVERLAP;
    slot->before = part;
    if (last && !slot->end)
        slot->end = part.to;
    else if (!last && !slot->size)
        slot->size = (uint16_t)(part.to - part.from);
    add_span(slot, part);
    return fault;
}

/* Octets that an IP packet would have if this fragment were its last. */
static uint32_t whole_length(const struct packet *packet)
{
    uint32_t headers = packet->family == 4 && packet->ip_length > packet->length
                           ? packet->ip_length - packet->length
                           : 0; /* the length of IPv6 does not count its header */

    return headers + packet->fragment_offset + packet->length;
}

static enum fault judge(struct watch *watch, struct fragments *fragments, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    bool last = packet->flags & PACKET_LAST;
    struct span part = {packet->fragment_offset, (uint16_t)(packet->fragment_offset + packet->length)};

    if (packet->family == 6 && !(packet->flags & PACKET_CROSSED) &&
        (packet->class == PACKET_NEIGHBOR || packet->class == PACKET_ROUTER ||
         packet->class == PACKET_REDIRECT) &&
        has_fragment_header(packet))
        return FAULT_NEIGHBOR;
    if (packet->class != PACKET_FRAGMENT && !(packet->flags & PACKET_FRAGMENTED))
        return FAULT_NONE;
    if (whole_length(packet) > IP_MAX)
        return FAULT_OVERSIZE;
    if (packet->length == 0)
        return FAULT_NONE;
    if (!last && packet->length < TINY)
        return FAULT_TINY;
    return judge_part(slot_of(fragments, watch, sighting), part, last);
}

static void fragment_packet(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct fragments *fragments = state;
    struct finding *finding;
    enum fault fault;
    uint32_t skipped;

    if (packet->class != PACKET_FRAGMENT && !(packet->flags & (PACKET_FRAGMENTED | PACKET_EXTENDED)))
        return;
    fault = judge(watch, fragments, sighting);
    if (fault == FAULT_NONE ||
        !throttle_passes(&fragments->throttle, sighting->target_hash, watch->now_ns, &skipped))
        return;
    finding = watch_raise(watch, KIND_OVERSIZE_FRAGMENT, packet, packet->source, packet->destination, NULL);
    if (!finding)
        return;
    finding->packets += skipped;
    finding->confidence = fault == FAULT_OVERLAP || fault == FAULT_BEYOND ? 0.85 : 0.95;
    finding->excluded |= 1U << INNOCENT_LARGE_PING;
    evidence_text(&finding->evidence, FACT_CHECK, faults[fault].check);
    evidence_number(&finding->evidence, FACT_FRAGMENT_END, packet->fragment_offset + packet->length);
    if (!faults[fault].measure)
        return;
    evidence_text(&finding->evidence, FACT_MEASURE, faults[fault].measure);
    evidence_number(&finding->evidence, FACT_OBSERVED,
                    fault == FAULT_TINY ? packet->length : whole_length(packet));
    evidence_number(&finding->evidence, FACT_THRESHOLD, fault == FAULT_TINY ? TINY : IP_MAX);
}

const struct detector detector_fragment = {
    .name = "fragment",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS_ICMP,
    .only = {[0 ... PACKET_CLASSES - 1] = TRAIT_ODD},
    .state_size = sizeof(struct fragments),
    .packet = fragment_packet,
};
