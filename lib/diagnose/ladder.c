/* SPDX-License-Identifier: MIT */
/* Ladders: probes with rising TTLs, each answered by the next router. */
#include "base/macro.h"
#include "diagnose/ask.h"

enum {
    LADDER_GUESS = 6, /* hops to try at first when the distance is unknown */
    LADDER_MORE = 4,
    HOLE_TRIES = 2, /* probes to a silent hop with answering ones behind it */
    LOSSY_TRIES = 4,
    TAIL_TRIES = 3, /* probes to the first silent hop before it counts as the end */
};

#define LONG_WAIT_NS (200 * NS_PER_MS) /* a patience from which on rounds are dear */

/* A router that refuses is its own last hop: asking beyond it would only use up its errors. */
static int refuser_distance(const struct diagnosis *d)
{
    const struct reply *reply = evidence_first(&d->evidence, ASK_FIRST, NULL);

    if (!reply || reply->kind != REPLY_ICMP || reply->ttl < 0 || answer_class(reply) == ANSWER_TTL ||
        sonde_address_equal(&reply->from, &d->evidence.subject.address))
        return -1;
    return distance_of_ttl(reply->ttl);
}

static int ladder_length(const struct diagnosis *d)
{
    int host = evidence_distance(&d->evidence), refuser = refuser_distance(d);

    if (host >= 0)
        return host;
    return refuser >= 0 ? refuser : HOPS_MAX;
}

/* How far the host is decides how far to ask: probes beyond it would use up its ICMP errors. */
static bool length_known(const struct diagnosis *d)
{
    enum question host = d->evidence.subject.port ? ASK_ECHO : ASK_FIRST;

    return evidence_distance(&d->evidence) >= 0 || refuser_distance(d) >= 0 ||
           evidence_answered(&d->evidence, host) || d->evidence.silent[host];
}

bool ladder_ready(const struct diagnosis *d)
{
    return d->evidence.route_known && ask_on_wire(d) && d->evidence.route.gateway.family && length_known(d) &&
           ladder_length(d) > 0 && ask_outcome(d, TEST_FIRST) != ANSWER_LOCAL &&
           ask_outcome(d, TEST_BY) != BY_SELF;
}

/* A hop behind another that is silent so far and worth a further try; 0 if none. A full queue has many. */
static int hole_behind(const struct diagnosis *d, int hop)
{
    int end = evidence_ladder_end(&d->evidence, ASK_LADDER);
    unsigned tries = ask_outcome(d, TEST_QUEUE) == QUEUE_LOSSY ? LOSSY_TRIES : HOLE_TRIES;

    for (int ttl = hop + 1; ttl < end; ttl++)
        if (!evidence_hop(&d->evidence, ASK_LADDER, ttl) &&
            evidence_tries(&d->evidence, ASK_LADDER, ttl) < tries)
            return ttl;
    return 0;
}

/* Either the host's distance is reached, or somebody answered behind the last router. */
static bool tail_reached(const struct diagnosis *d)
{
    int end = evidence_ladder_end(&d->evidence, ASK_LADDER);

    return end >= ladder_length(d) || end == HOPS_MAX || evidence_hop(&d->evidence, ASK_LADDER, end + 1);
}

/* Where a queue loses packets, the ladder is for finding it. */
static bool queue_found(const struct diagnosis *d)
{
    struct queue_step step = queue_step(&d->evidence);

    return ask_outcome(d, TEST_QUEUE) == QUEUE_LOSSY && step.after - step.before == 1;
}

bool ladder_satisfied(const struct diagnosis *d)
{
    return evidence_loop(&d->evidence) || queue_found(d) || (tail_reached(d) && !hole_behind(d, 0));
}

static void ask_rung(struct diagnosis *d, int ttl)
{
    struct probe probe = ask_first_probe(d);

    probe.payload = (struct slice){0};
    probe.ttl = (uint8_t)ttl;
    diagnosis_ask(d, ASK_LADDER, probe);
}

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

/* One by one is polite, but takes a round trip each: not where those are long. */
static bool is_hasty(const struct diagnosis *d)
{
    return diagnosis_patience(d, false) >= LONG_WAIT_NS;
}

/* The last TTL to try in a round. */
static int last_rung(const struct diagnosis *d, unsigned round, int end)
{
    int length = ladder_length(d);
    unsigned tries = evidence_tries(&d->evidence, ASK_LADDER, end + 1);

    if (round == 0)
        return length < HOPS_MAX ? length : LADDER_GUESS;
    return lesser(tries == 0 || (tries == 1 && is_hasty(d)) ? end + LADDER_MORE : end + 1, length);
}

static void ask_holes(struct diagnosis *d)
{
    int ttl = hole_behind(d, 0);

    for (int count = 0; ttl && count < (is_hasty(d) ? LADDER_MORE : 1); count++) {
        ask_rung(d, ttl);
        ttl = hole_behind(d, ttl);
    }
}

void ladder_send(struct diagnosis *d, unsigned round)
{
    int end = evidence_ladder_end(&d->evidence, ASK_LADDER), last = last_rung(d, round, end);

    if (round > 0)
        ask_holes(d);
    if (tail_reached(d) || evidence_tries(&d->evidence, ASK_LADDER, end + 1) >= TAIL_TRIES)
        return;
    for (int ttl = end + 1; ttl <= last; ttl++)
        ask_rung(d, ttl);
}

bool ladder_is_mute(const struct diagnosis *d)
{
    return evidence_distance(&d->evidence) < 0 && !evidence_host_alive(&d->evidence);
}

/* A live host shows how long the path is; a router that never answers must not be taken for its end. */
static bool ends_early(const struct diagnosis *d)
{
    return evidence_ladder_end(&d->evidence, ASK_LADDER) < evidence_distance(&d->evidence);
}

bool ladder_reference_ready(const struct diagnosis *d)
{
    return d->inquiries[ASK_LADDER].closed && (ladder_is_mute(d) || ends_early(d)) &&
           ask_outcome(d, TEST_FIRST) == ANSWER_SILENT && !evidence_loop(&d->evidence) &&
           !evidence_translator(&d->evidence) && ask_outcome(d, TEST_NEIGHBOUR) != NEIGHBOUR_GATEWAY_DEAD;
}

/* The address beside the target; the same kind of probe, so that only the address makes a difference. */
static struct probe beside(const struct diagnosis *d)
{
    struct probe probe = ask_first_probe(d);
    uint8_t *last = &probe.destination.bytes[address_length(probe.destination.family) - 1];

    *last = *last < 0xfe ? *last + 1 : *last - 1;
    probe.payload = (struct slice){0};
    return probe;
}

/* The host in the way in which it answers: by echo, or on the other TCP port. */
static struct probe spared(const struct diagnosis *d)
{
    bool echo = evidence_answered(&d->evidence, ASK_ECHO) > 0;
    struct probe probe = ask_probe_to(d, echo ? PROBE_ECHO : PROBE_TCP_SYN, FLOW_OTHER);

    probe.port = d->evidence.subject.control_ports[0];
    return probe;
}

void ladder_reference_send(struct diagnosis *d, unsigned round)
{
    struct probe probe = ladder_is_mute(d) ? beside(d) : spared(d);
    int ttl = evidence_ladder_end(&d->evidence, ASK_LADDER) + 1 + (int)round / HOLE_TRIES;

    if (ladder_is_mute(d))
        ttl = evidence_ladder_end(&d->evidence, ASK_LADDER) + 1;
    if (ladder_is_mute(d) ? round >= TAIL_TRIES : ttl > ladder_length(d))
        return;
    probe.ttl = (uint8_t)ttl;
    probe.flow = FLOW_OTHER;
    diagnosis_ask(d, ASK_REFERENCE, probe);
}

/* The TTL halfway between the last hop that answers large packets and the first that does not; 0 when they
 * meet. */
static int large_middle(const struct diagnosis *d)
{
    struct large_span span = large_span(&d->evidence);

    return span.lost - span.passes > 1 ? (span.passes + span.lost) / 2 : 0;
}

bool ladder_large_ready(const struct diagnosis *d)
{
    return d->inquiries[ASK_LARGE].closed && ask_outcome(d, TEST_LARGE) == LARGE_LOST &&
           ladder_length(d) < HOPS_MAX && ask_outcome(d, TEST_QUEUE) != QUEUE_LOSSY;
}

bool ladder_large_satisfied(const struct diagnosis *d)
{
    return evidence_ladder_end(&d->evidence, ASK_LARGE_LADDER) >= ladder_length(d);
}

void ladder_large_send(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_large_probe(d);

    (void)round;
    probe.ttl = (uint8_t)large_middle(d);
    if (probe.ttl)
        diagnosis_ask(d, ASK_LARGE_LADDER, probe);
}
