/* SPDX-License-Identifier: MIT */
/* Pings that stop being answered: a pair of hosts that worked, and does not, or only now and then. */
#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/flood/throttle.h"
#include "detect/watch.h"

enum {
    PAIRS = 2048,
    BEGIN = 4,      /* requests to a host before it is looked at */
    TTL_MIN = 32,   /* what traceroutes send is not meant to arrive */
    WORKED = 5,     /* replies that make a pair one that works */
    LOST = 5,       /* requests in a row that are lost, */
    LOST_MS = 2000, /* for so long at least */
    WINDOW = 32,    /* requests of which a share is lost: */
    LOST_PERCENT = 20,
    FAST_MS = 10,     /* requests that come faster are a flood's or a test's, */
    LIMIT_MS = 100,   /* and those that come faster than this may meet a rate limit */
    IDLE_MS = 120000, /* a pair that is idle for so long makes room */
};

/* Somebody who asks somebody. */
struct pair {
    uint32_t tag;                   /* 0: free */
    uint32_t asked_ms, answered_ms; /* last times */
    uint32_t interval_ms;           /* between requests, a moving mean */
    uint16_t answered;              /* replies in all; stops at the top */
    uint16_t open;                  /* requests since the last reply */
    uint16_t window_asked, window_answered;
};

struct loss {
    struct throttle throttle;
    struct pair pairs[PAIRS];
};

static const enum finding_kind kinds[] = {KIND_ECHO_LOSS};

static uint32_t now_ms(const struct watch *watch)
{
    return (uint32_t)((watch->now_ns - watch->begin_ns) / NS_PER_MS);
}

static struct pair *place(struct loss *loss, const struct watch *watch, uint64_t asker, uint64_t asked,
                          uint64_t *hash)
{
    *hash = hash_with(&watch->options.key, asker + (asked << 1), asked);
    return &loss->pairs[*hash % PAIRS];
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32) | 1;
}

/* Any reply is a sign of life, also one whose request was forgotten. */
static void see_reply(struct watch *watch, struct loss *loss, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    uint64_t asked = hosts_target_key(sighting->source_address, packet->family), hash;
    struct pair *pair = place(loss, watch, sighting->target_hash, asked, &hash);
    uint32_t now = now_ms(watch);

    if (sighting->echo.match == ECHO_DUPLICATE)
        return;
    if (pair->tag != tag_of(hash)) {
        if (pair->tag && now - pair->asked_ms < IDLE_MS && pair->answered >= WORKED)
            return; /* who works at present keeps his place */
        *pair = (struct pair){.tag = tag_of(hash), .asked_ms = now, .interval_ms = UINT16_MAX};
    }
    pair->answered_ms = now;
    pair->answered += pair->answered < UINT16_MAX;
    pair->window_answered += pair->window_answered < pair->window_asked;
    pair->open = 0;
}

/* Whether something else is known about these hosts that explains lost requests. */
static bool is_explained(const struct watch *watch, const struct packet *packet)
{
    static const uint64_t others = 1U << KIND_ECHO_FLOOD | 1U << KIND_SWEEP | 1U << KIND_SWEEP_MONOTONIC |
                                   1U << KIND_SWEEP_SLOW | 1U << KIND_RATE_LIMITED | 1U << KIND_TUNNEL;
    struct sonde_address asker = packet_address(packet, packet->source);
    struct sonde_address asked = packet_address(packet, packet->destination);

    for (size_t i = 0; i < watch->findings->count; i++) {
        const struct finding *finding = &watch->findings->rows[i];
        const struct finding_subject *subject = &finding->subject;

        if (finding->state == FINDING_OPEN && others >> subject->kind & 1 &&
            (sonde_address_equal(&subject->source, &asker) || sonde_address_equal(&subject->source, &asked) ||
             sonde_address_equal(&subject->target, &asked)))
            return true;
    }
    return false;
}

static void raise_loss(struct watch *watch, struct loss *loss, const struct sighting *sighting, uint64_t hash,
                       const struct pair *pair, bool silent)
{
    const struct packet *packet = sighting->packet;
    uint32_t lost = silent ? pair->open - 1U : (uint32_t)(pair->window_asked - pair->window_answered);
    struct finding *finding;
    uint32_t skipped;

    if (is_explained(watch, packet) || !throttle_passes(&loss->throttle, hash, watch->now_ns, &skipped))
        return;
    finding = watch_raise(watch, KIND_ECHO_LOSS, packet, packet->source, packet->destination, NULL);
    if (!finding)
        return;
    finding->packets += skipped;
    finding->confidence = silent ? 0.9 : 0.8;
    finding->excluded |= 1U << INNOCENT_ONE_WAY | 1U << INNOCENT_START;
    evidence_number(&finding->evidence, FACT_OBSERVED,
                    silent ? lost : 100.0 * lost / (double)pair->window_asked);
    evidence_number(&finding->evidence, FACT_THRESHOLD, silent ? LOST : LOST_PERCENT);
    evidence_text(&finding->evidence, FACT_MEASURE,
                  silent ? "echo requests in a row without a reply" : "percent of 32 echo requests lost");
    evidence_number(&finding->evidence, FACT_FAILED, lost);
    evidence_number(&finding->evidence, FACT_REPLIES, pair->answered);
    evidence_number(&finding->evidence, FACT_PERIOD, (double)pair->interval_ms * (double)NS_PER_MS);
    if (!silent)
        evidence_number(&finding->evidence, FACT_ANSWERED_RATIO,
                        (double)pair->window_answered / (double)pair->window_asked);
}

static void judge(struct watch *watch, struct loss *loss, const struct sighting *sighting, uint64_t hash,
                  struct pair *pair, uint32_t now)
{
    uint32_t lost = (uint32_t)(pair->window_asked - pair->window_answered);
    uint32_t quiet_ms = LOST * pair->interval_ms > LOST_MS ? LOST * pair->interval_ms : LOST_MS;

    if (pair->answered >= WORKED && pair->interval_ms >= FAST_MS && pair->open > LOST &&
        now - pair->answered_ms >= quiet_ms / 10 * 8)
        raise_loss(watch, loss, sighting, hash, pair, true);
    if (pair->window_asked < WINDOW)
        return;
    if (pair->window_answered >= WORKED && pair->interval_ms >= LIMIT_MS && lost > pair->open &&
        (lost - pair->open) * 100 >= LOST_PERCENT * pair->window_asked)
        raise_loss(watch, loss, sighting, hash, pair, false);
    pair->window_asked = pair->window_answered = 0;
}

static void see_request(struct watch *watch, struct loss *loss, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    uint64_t asker = hosts_target_key(sighting->source_address, packet->family), hash;
    struct pair *pair = place(loss, watch, asker, sighting->target_hash, &hash);
    uint32_t now = now_ms(watch), since = now - pair->asked_ms;

    if (pair->tag != tag_of(hash))
        return;
    since = since < UINT16_MAX ? since : UINT16_MAX;
    pair->interval_ms = pair->interval_ms == UINT16_MAX ? since : (3 * pair->interval_ms + since) / 4;
    pair->asked_ms = now;
    pair->open += pair->open < UINT16_MAX;
    pair->window_asked++;
    judge(watch, loss, sighting, hash, pair, now);
}

static void loss_packet(struct watch *watch, void *state, const struct sighting *sighting)
{
    if (sighting->packet->class == PACKET_ECHO_REPLY)
        see_reply(watch, state, sighting);
    else if (sighting->target->requests_in > BEGIN && sighting->packet->ttl >= TTL_MIN)
        see_request(watch, state, sighting);
}

const struct detector detector_loss = {
    .name = "loss",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_ECHO_REPLY),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_PINGED},
    .state_size = sizeof(struct loss),
    .packet = loss_packet,
};
