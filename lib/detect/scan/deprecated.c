/* SPDX-License-Identifier: MIT */
/* Messages that no current system sends: deprecated, reserved and unassigned types and codes, and ICMP of the
 * other family. A note for each sender, with the names of what it sends. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "detect/detectors.h"
#include "detect/watch.h"

enum {
    SENDERS = 256,
    OCTETS = COUNT_FAMILIES * COUNT_PAIRS / 8, /* a bit for each family, type and code */
    RAISES_MAX = 64,                           /* findings that are touched in a second */
};

/* A sender that was told of lately, and what of. */
struct sender {
    uint64_t tag;
    uint32_t told_s;
    uint32_t untold; /* packets since */
    uint16_t told;   /* type << 8 | code of that message */
};

struct deprecated {
    uint8_t fine[OCTETS]; /* looked up and found in use */
    struct sender senders[SENDERS];
    uint32_t now_s, raises; /* in the present second */
};

static unsigned pair_of(const struct packet *packet)
{
    return (unsigned)(packet->family == 6) << 16 | (unsigned)packet->type << 8 | packet->code;
}

static bool becomes_fine(struct deprecated *state, const struct packet *packet)
{
    unsigned pair = pair_of(packet);
    enum icmp_status status;

    status = sonde_icmp_find(packet->family, packet->type, packet->code)->status;
    if (status != ICMP_CURRENT && status != ICMP_EXPERIMENTAL)
        return false;
    state->fine[pair >> 3] |= (uint8_t)(1 << (pair & 7));
    return true;
}

/* Add a name to those that a finding lists. */
static void add_name(struct finding *finding, const char *name)
{
    size_t length = strlen(finding->words);

    if (strstr(finding->words, name) || length + strlen(name) + 3 > sizeof(finding->words))
        return;
    snprintf(finding->words + length, sizeof(finding->words) - length, "%s%s", length ? ", " : "", name);
}

static void state_facts(struct finding *finding, const struct packet *packet, bool fresh)
{
    struct evidence *evidence = &finding->evidence;
    bool crossed = packet->flags & PACKET_CROSSED;

    if (!finding->subject.source.family) /* it sums up many senders */
        return;
    if (fresh) {
        finding->confidence = 1;
        evidence_number(evidence, FACT_ICMP_TYPE, packet->type);
        evidence_number(evidence, FACT_ICMP_CODE, packet->code);
    }
    add_name(finding, crossed ? "ICMP of the other IP version"
                              : sonde_icmp_find(packet->family, packet->type, packet->code)->name);
    evidence_text(evidence, FACT_ICMP_NAME, finding->words);
    evidence_number(evidence, FACT_OBSERVED, (double)finding->packets);
    evidence_number(evidence, FACT_THRESHOLD, 1);
    evidence_text(evidence, FACT_MEASURE, "messages");
}

/* More raises in a second than a reader or the engine should bear. */
static bool is_flood(struct deprecated *state, uint32_t now_s)
{
    if (state->now_s != now_s)
        state->raises = 0;
    state->now_s = now_s;
    return state->raises++ >= RAISES_MAX;
}

RARE static void see_rare(struct watch *watch, struct deprecated *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct finding *finding;
    struct sender *sender;
    uint16_t pair = (uint16_t)(packet->type << 8 | packet->code);
    bool fresh;

    if (!(packet->flags & PACKET_CROSSED) && becomes_fine(state, packet))
        return;
    sender = &state->senders[sighting->source_hash % SENDERS];
    if (sender->tag != sighting->source_hash)
        *sender = (struct sender){.tag = sighting->source_hash};
    else if (sender->told_s == sighting->now_s && sender->told == pair && ++sender->untold)
        return;
    if (is_flood(state, sighting->now_s) && ++sender->untold)
        return;
    finding = watch_raise(watch, KIND_DEPRECATED_TYPE, packet, packet->source, NULL, &fresh);
    sender->told_s = sighting->now_s;
    sender->told = pair;
    if (!finding)
        return;
    finding->packets += sender->untold;
    finding->patience_ns = 3600 * NS_PER_S;
    sender->untold = 0;
    state_facts(finding, packet, fresh);
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct deprecated *state = memory;
    unsigned pair = pair_of(sighting->packet);

    if (!(state->fine[pair >> 3] >> (pair & 7) & 1) || sighting->packet->flags & PACKET_CROSSED)
        see_rare(watch, state, sighting);
}

static void finish(struct watch *watch, void *memory)
{
    struct deprecated *state = memory;

    memset(state->senders, 0, sizeof(state->senders));
    (void)watch;
}

static const enum finding_kind kinds[] = {KIND_DEPRECATED_TYPE};

const struct detector detector_deprecated = {
    .name = "deprecated",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS_ICMP & ~WANTS(PACKET_FRAGMENT),
    .only = {[0 ... PACKET_ERROR] = TRAIT_UNUSUAL | TRAIT_ODD},
    .state_size = sizeof(struct deprecated),
    .packet = see,
    .finish = finish,
};
