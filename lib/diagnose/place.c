/* SPDX-License-Identifier: MIT */
/* Finding the device to blame. */
#include "diagnose/place.h"

#include "base/macro.h"

enum { NEIGHBOURS = 2 }; /* a device and the next one: to blame either is right for the link between them */

struct sonde_address place_router(const struct evidence *evidence, int hop)
{
    static const enum question ladders[] = {ASK_LADDER, ASK_LARGE_LADDER, ASK_REFERENCE};

    for (size_t i = 0; i < COUNT_OF(ladders); i++) {
        const struct reply *reply = evidence_hop(evidence, ladders[i], hop);

        if (reply && reply->kind == REPLY_ICMP && answer_class(reply) == ANSWER_TTL)
            return reply->from;
    }
    if (hop == 1)
        return evidence->route.gateway;
    return (struct sonde_address){0};
}

int place_routers(const struct evidence *evidence)
{
    int distance = evidence_distance(evidence), end = evidence_ladder_end(evidence, ASK_LADDER);

    return distance > end ? distance : end;
}

static struct place target(const struct evidence *evidence)
{
    int distance = evidence_distance(evidence);

    return (struct place){WHERE_TARGET, evidence->subject.address, distance >= 0 ? distance + 1 : 0, 0};
}

/* On the link there is no router to blame. */
static struct place router(const struct evidence *evidence, int hop)
{
    if (evidence->route_known && !evidence->route.gateway.family)
        return target(evidence);
    if (hop < 1)
        hop = 1;
    return (struct place){WHERE_PATH, place_router(evidence, hop), hop, 0};
}

static struct place here(const struct evidence *evidence)
{
    return (struct place){WHERE_LOCAL, evidence->route.source, 0, 0};
}

static int hop_of(const struct evidence *evidence, const struct sonde_address *address)
{
    for (int hop = 1; hop <= HOPS_MAX; hop++) {
        const struct reply *reply = evidence_hop(evidence, ASK_LADDER, hop);

        if (reply && sonde_address_equal(&reply->from, address))
            return hop;
    }
    return 0;
}

/* Who sent the error: the port's own probe tells, or another one to the host. */
static struct place answerer(const struct evidence *evidence)
{
    static const enum question order[] = {ASK_FIRST, ASK_ECHO, ASK_TCP, ASK_UDP};

    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const struct reply *reply = evidence_first(evidence, order[i], NULL);
        struct place place = {.where = WHERE_PATH};

        if (!reply || reply->kind != REPLY_ICMP ||
            sonde_address_equal(&reply->from, &evidence->subject.address))
            continue;
        place.address = reply->from;
        place.hop = hop_of(evidence, &reply->from);
        if (!place.hop && reply->ttl > 0)
            place.hop = distance_of_ttl(reply->ttl) + 1;
        return place;
    }
    return (struct place){.where = WHERE_PATH};
}

static struct place reporter(const struct evidence *evidence)
{
    const struct reply *reply = evidence_first(evidence, ASK_LARGE, NULL);
    struct place place = {.where = WHERE_PATH};

    if (!reply || reply->kind != REPLY_ICMP)
        return place;
    place.address = reply->from;
    place.hop = hop_of(evidence, &reply->from);
    return place;
}

static struct place loop(const struct evidence *evidence)
{
    int hop = evidence_loop(evidence);

    return hop ? router(evidence, hop) : answerer(evidence);
}

/* With a gap before it, the first router that was heard in the target's name need not be the one that
 * translates. */
static struct place translator(const struct evidence *evidence)
{
    int hop = evidence_translator(evidence);

    if (hop > 1 && !evidence_hop(evidence, ASK_LADDER, hop - 1))
        return target(evidence);
    return router(evidence, hop);
}

static struct place end_of(const struct evidence *evidence, enum question ladder, int offset)
{
    int hop = evidence_ladder_end(evidence, ladder) + offset, distance = evidence_distance(evidence);

    if (distance >= 0 && hop > distance)
        return target(evidence);
    return router(evidence, hop);
}

/* By the distance the reset came from; where that is not visible, by the ladder: the filter stands where it
 * ends. */
static struct place reset_sender(const struct evidence *evidence)
{
    const struct reply *reply = evidence_first(evidence, ASK_FIRST, NULL);

    if (!reply || reply->ttl < 0)
        return end_of(evidence, ASK_LADDER, 0);
    return router(evidence, distance_of_ttl(reply->ttl) + 1);
}

/* The device between the last hop that is fine and the first one that is not. The trouble is at the former,
 * on the link behind it or, with hops between them that were not heard, at one of those: take the middle. */
static struct place between(const struct evidence *evidence, int before, int after)
{
    int gap = after - before;
    struct place place = router(evidence, (before + after) / 2);

    if (gap > NEIGHBOURS)
        place.doubt = 1 - (double)NEIGHBOURS / gap;
    return place;
}

static struct place queue(const struct evidence *evidence)
{
    struct queue_step step = queue_step(evidence);

    return between(evidence, step.before, step.after);
}

static struct place large_end(const struct evidence *evidence)
{
    struct large_span span = large_span(evidence);

    return between(evidence, span.passes, span.lost);
}

struct place place_of(const struct evidence *evidence, enum locator locator)
{
    switch (locator) {
    case AT_NOBODY:
        return (struct place){0};
    case AT_HERE:
        return here(evidence);
    case AT_TARGET:
        return target(evidence);
    case AT_ANSWERER:
        return answerer(evidence);
    case AT_END:
        return end_of(evidence, ASK_LADDER, 0);
    case AT_AFTER_END:
        return end_of(evidence, ASK_LADDER, 1);
    case AT_RESET:
        return reset_sender(evidence);
    case AT_LOOP:
        return loop(evidence);
    case AT_GATEWAY:
        return (struct place){WHERE_PATH, evidence->route.gateway, 1, 0};
    case AT_TRANSLATOR:
        return translator(evidence);
    case AT_LARGE_END:
        return large_end(evidence);
    case AT_QUEUE:
        return queue(evidence);
    case AT_REPORTER:
        return reporter(evidence);
    }
    return (struct place){0};
}

bool place_equal(const struct place *a, const struct place *b)
{
    if (a->where != b->where)
        return false;
    if (a->where != WHERE_PATH)
        return true;
    return a->hop == b->hop || (a->address.family && sonde_address_equal(&a->address, &b->address));
}
