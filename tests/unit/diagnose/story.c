/* SPDX-License-Identifier: MIT */
/* Hand-made logs of diagnoses: what was asked and answered, without a network. */
#include "tests/unit/diagnose/story.h"

#include <string.h>

#include "wire/icmp.h"

enum { TTL_OF_HOST = 62 };

void story_begin(struct story *story, uint16_t port, bool udp)
{
    *story = (struct story){.clock_ns = NS_PER_S};
    story->evidence.subject = (struct subject){
        .address = unit_address(STORY_TARGET),
        .port = port,
        .udp = udp,
        .control_ports = {STORY_CONTROL_TCP, STORY_CONTROL_UDP},
    };
    story->evidence.start_ns = story->evidence.now_ns = story->clock_ns;
    story->evidence.route_known = story->evidence.raw = true;
    story->evidence.route = (struct route){
        .gateway = unit_address(STORY_GATEWAY),
        .source = unit_address(STORY_SELF),
        .interface = "eth0",
        .mtu = 1500,
        .up = true,
    };
}

static uint16_t port_of(const struct story *story, enum question question)
{
    if (question == ASK_TCP)
        return STORY_CONTROL_TCP;
    return question == ASK_UDP ? STORY_CONTROL_UDP : story->evidence.subject.port;
}

uint16_t story_ask(struct story *story, enum question question, enum probe_kind kind, uint8_t ttl)
{
    struct probe probe = {
        .id = story->next_id++,
        .kind = kind,
        .destination = story->evidence.subject.address,
        .port = port_of(story, question),
        .tos = kind == PROBE_TCP_SYN ? STORY_TOS : 0,
        .ttl = ttl,
    };

    evidence_sent(&story->evidence, &probe, question, story->clock_ns);
    return probe.id;
}

static const struct asked *asked_of(const struct story *story, uint16_t probe)
{
    for (size_t i = 0; i < story->evidence.asked_count; i++)
        if (story->evidence.asked[i].probe.id == probe)
            return &story->evidence.asked[i];
    return NULL;
}

bool story_answer(struct story *story, uint16_t probe, struct reply reply)
{
    const struct asked *asked = asked_of(story, probe);

    reply.probe = probe;
    if (!reply.rtt_ns)
        reply.rtt_ns = STORY_RTT_NS;
    if (!reply.from.family && reply.kind != REPLY_LOCAL)
        reply.from = story->evidence.subject.address;
    if (!reply.ttl)
        reply.ttl = TTL_OF_HOST;
    reply.when_ns = (asked ? asked->sent_ns : story->clock_ns) + reply.rtt_ns;
    if (story->evidence.now_ns < reply.when_ns)
        story->evidence.now_ns = reply.when_ns;
    return evidence_reply(&story->evidence, &reply);
}

void story_exchange(struct story *story, enum question question, enum probe_kind kind, struct reply reply)
{
    uint16_t probe = story_ask(story, question, kind, 0);

    assert_true(story_answer(story, probe, reply));
}

void story_silence(struct story *story, enum question question, enum probe_kind kind, unsigned tries)
{
    for (unsigned i = 0; i < tries; i++) {
        story_ask(story, question, kind, 0);
        story->clock_ns += NS_PER_S;
    }
    story->evidence.silent[question] = true;
    story->evidence.now_ns = story->clock_ns;
}

void story_rung(struct story *story, enum question ladder, uint8_t ttl, const char *router)
{
    uint16_t probe = story_ask(story, ladder, PROBE_TCP_SYN, ttl);

    assert_true(story_answer(story, probe, story_error(router, ICMP4_TIME_EXCEEDED, 0)));
}

struct reply story_error(const char *from, uint8_t type, uint8_t code)
{
    return (struct reply){.kind = REPLY_ICMP, .from = unit_address(from), .type = type, .code = code};
}

struct reply story_plain(enum reply_kind kind)
{
    return (struct reply){.kind = kind};
}
