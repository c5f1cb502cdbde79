/* SPDX-License-Identifier: MIT */
/* Neighbour discovery in masses: addresses sought that nobody has, until neighbour caches run over (RFC
 * 6583), and advertisements or solicitations of ever new senders. */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/watch.h"

enum {
    ROWS = 64,
    WINDOW_S = 10,
    UNANSWERED = 200,        /* targets in the window that nobody answers for, */
    UNANSWERED_PERCENT = 30, /* and of all targets */
    UNSEEN = 1000,           /* where advertisements do not pass here */
    ROUTERS = 20,            /* senders of router advertisements in the window */
    ADVERTISEMENTS = 100,    /* of routers, more than solicitations ask for */
    SOLICITATIONS = 1500,    /* of hosts that look for a router */
    CLAIMS = 1000,           /* neighbour advertisements that nobody asked for, */
    CLAIMED = 200,           /* for so many addresses */
    SEEKERS = 300,           /* senders of neighbour solicitations, of */
    SEEKINGS = 2000,         /* solicitations */
    MESSAGE = 24,            /* octets up to the end of the target address */
};

enum message { ROUTER_SOLICIT, ROUTER_ADVERTISE, NEIGHBOR_SOLICIT, NEIGHBOR_ADVERTISE, MESSAGES };

/* Somebody who looks for neighbours. */
struct row {
    uint64_t tag; /* 0: free */
    uint8_t address[16], target[16];
    uint32_t count;  /* solicitations in the window */
    uint32_t wanted; /* those for addresses to which messages went through here */
    struct distinct targets, answered;
    bool raised;
};

/* All messages of a type in the window. */
struct mass {
    uint32_t count;
    struct distinct senders, targets;
    uint8_t target[16]; /* destination of the last one */
    bool raised;
};

struct nd_flood {
    struct row rows[ROWS];
    struct mass masses[MESSAGES];
    uint32_t begin_s;
    uint64_t advertisements; /* neighbour advertisements in all: none at all means that they pass elsewhere */
    uint8_t samples;         /* packets kept of the finding raised last */
    const uint8_t *sample_source, *sample_target;
    uint8_t sample_message;
};

static const enum finding_kind kinds[] = {KIND_ND_FLOOD};

static struct row *row_of(struct nd_flood *flood, uint64_t tag, const uint8_t *address)
{
    struct row *row = &flood->rows[(tag >> 20) % ROWS];

    if (row->tag == tag)
        return row;
    if (row->tag && row->count >= UNANSWERED / 4) /* who looks for many keeps his row */
        return NULL;
    *row = (struct row){.tag = tag};
    memcpy(row->address, address, sizeof(row->address));
    return row;
}

static bool is_unspecified(const uint8_t *address)
{
    static const uint8_t zero[16];

    return !memcmp(address, zero, sizeof(zero));
}

/* A seeker asks the group of the target; questions to the target itself check a neighbour that is known. */
static void solicit(struct watch *watch, struct nd_flood *flood, const struct packet *packet, uint64_t sender)
{
    struct row *row = packet->destination[0] == 0xff ? row_of(flood, sender, packet->source) : NULL;

    if (!row)
        return;
    row->count++;
    memcpy(row->target, packet->octets + 8, sizeof(row->target));
    distinct_add(&row->targets, hash_address(&watch->options.key, row->target));
    row->wanted += hosts_find_target(&watch->hosts, hosts_target_hash(&watch->hosts, 6, row->target)) != NULL;
}

static void advertise(struct watch *watch, struct nd_flood *flood, const struct packet *packet)
{
    uint64_t asker = hosts_target_hash(&watch->hosts, packet->family, packet->destination);
    struct row *row = &flood->rows[(asker >> 20) % ROWS];

    flood->advertisements++;
    if (row->tag == asker)
        distinct_add(&row->answered, hash_address(&watch->options.key, packet->octets + 8));
}

static void keep_sample(struct watch *watch, struct nd_flood *flood, const struct packet *packet,
                        enum message message)
{
    if (!flood->sample_target || flood->samples >= FINDING_SAMPLES || flood->sample_message != message ||
        (flood->sample_source && memcmp(flood->sample_source, packet->source, 16) != 0))
        return;
    flood->samples++;
    watch_raise_prefix(watch, KIND_ND_FLOOD, packet, 6, flood->sample_source, 0, flood->sample_target, 64,
                       NULL);
}

static void nd_flood_packet(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct nd_flood *flood = state;
    enum message message = packet->type - 133U;
    struct mass *mass;
    uint64_t sender;

    if (packet->family != 6 || message >= MESSAGES || (sighting->source->flags & HOST_ALLOWED) ||
        (message >= NEIGHBOR_SOLICIT && packet->available < MESSAGE))
        return;
    if (message == NEIGHBOR_SOLICIT && is_unspecified(packet->source))
        return; /* machines that start ask whether their own address is taken (RFC 4862 5.4.2) */
    sender = hosts_target_hash(&watch->hosts, 6, packet->source);
    mass = &flood->masses[message];
    mass->count++;
    distinct_add(&mass->senders, sender);
    memcpy(mass->target, packet->destination, sizeof(mass->target));
    if (message == NEIGHBOR_SOLICIT)
        solicit(watch, flood, packet, sender);
    else if (message == NEIGHBOR_ADVERTISE)
        advertise(watch, flood, packet);
    if (message == NEIGHBOR_ADVERTISE)
        distinct_add(&mass->targets, hash_address(&watch->options.key, packet->octets + 8));
    keep_sample(watch, flood, packet, message);
}

static void describe(struct finding *finding, double observed, double threshold, const char *measure)
{
    evidence_number(&finding->evidence, FACT_OBSERVED, observed);
    evidence_number(&finding->evidence, FACT_THRESHOLD, threshold);
    evidence_text(&finding->evidence, FACT_MEASURE, measure);
    evidence_number(&finding->evidence, FACT_WINDOW, (double)WINDOW_S * (double)NS_PER_S);
    finding->excluded |= 1U << INNOCENT_BOOT | 1U << INNOCENT_ALLOWED;
}

static void sample_from(struct nd_flood *flood, const uint8_t *source, const uint8_t *target,
                        enum message message)
{
    flood->samples = 0;
    flood->sample_source = source;
    flood->sample_target = target;
    flood->sample_message = (uint8_t)message;
}

/* Real neighbours answer, and who gets an answer does not ask again. Where neither advertisements nor what
 * the targets get is seen, only that a seeker asks again and again, or for very many, is a proof. */
static void judge_row(struct watch *watch, struct nd_flood *flood, struct row *row)
{
    double unanswered = (double)row->targets.count - (double)row->answered.count;
    bool blind = flood->advertisements == 0 && row->wanted < row->count / 2;
    bool proven = !blind || row->targets.count > UNSEEN || (double)row->count > 1.5 * row->targets.count;
    struct finding *finding;
    bool fresh;

    if (row->targets.count <= UNANSWERED || unanswered <= UNANSWERED ||
        unanswered * 100 < row->targets.count * (double)UNANSWERED_PERCENT)
        return;
    finding = watch_raise_prefix(watch, KIND_ND_FLOOD, NULL, 6, row->address, 0, row->target, 64, &fresh);
    if (!finding)
        return;
    if (!row->raised) {
        finding->packets += row->count;
        sample_from(flood, row->address, row->target, NEIGHBOR_SOLICIT);
    }
    row->raised = true;
    if (fresh && !proven)
        finding->severity = SEVERITY_WARNING;
    else if (proven)
        finding->severity = SEVERITY_ALERT;
    finding->confidence = blind ? 0.6 : 0.9;
    finding->excluded |= blind ? 0 : 1U << INNOCENT_ONE_WAY;
    describe(finding, unanswered, UNANSWERED, "neighbours sought in 10 s that do not answer");
    evidence_number(&finding->evidence, FACT_DISTINCT_TARGETS, row->targets.count);
    evidence_number(&finding->evidence, FACT_SOLICITED, row->count);
    evidence_number(&finding->evidence, FACT_ADVERTISED, row->answered.count);
}

static void raise_mass(struct watch *watch, struct nd_flood *flood, enum message message, double observed,
                       double threshold, const char *measure)
{
    struct mass *mass = &flood->masses[message];
    struct finding *finding;

    finding = watch_raise_prefix(watch, KIND_ND_FLOOD, NULL, 6, NULL, 0, mass->target, 64, NULL);
    if (!finding)
        return;
    if (!mass->raised) {
        finding->packets += mass->count;
        sample_from(flood, NULL, mass->target, message);
    }
    mass->raised = true;
    finding->confidence = 0.9;
    describe(finding, observed, threshold, measure);
    evidence_number(&finding->evidence, FACT_ICMP_TYPE, 133 + message);
    evidence_number(&finding->evidence, FACT_DISTINCT_SOURCES, mass->senders.count);
    evidence_number(&finding->evidence, FACT_RATE,
                    (double)mass->count / (double)(watch->now_s - flood->begin_s + 1));
}

static void judge_masses(struct watch *watch, struct nd_flood *flood)
{
    const struct mass *masses = flood->masses;
    const struct mass *routers = &masses[ROUTER_ADVERTISE], *claims = &masses[NEIGHBOR_ADVERTISE];
    const struct mass *lost = &masses[ROUTER_SOLICIT], *seekers = &masses[NEIGHBOR_SOLICIT];

    if (routers->senders.count > ROUTERS)
        raise_mass(watch, flood, ROUTER_ADVERTISE, routers->senders.count, ROUTERS,
                   "senders of router advertisements in 10 s");
    else if (routers->count > ADVERTISEMENTS + 3 * lost->count)
        raise_mass(watch, flood, ROUTER_ADVERTISE, routers->count, ADVERTISEMENTS + 3 * lost->count,
                   "router advertisements in 10 s");
    if (lost->count > SOLICITATIONS)
        raise_mass(watch, flood, ROUTER_SOLICIT, lost->count, SOLICITATIONS, "router solicitations in 10 s");
    if (claims->count > CLAIMS + 2 * seekers->count && claims->targets.count > CLAIMED)
        raise_mass(watch, flood, NEIGHBOR_ADVERTISE, claims->count, CLAIMS + 2 * seekers->count,
                   "neighbour advertisements in 10 s that nobody asked for");
    if (seekers->count > SEEKINGS && seekers->senders.count > SEEKERS && claims->count < seekers->count / 2)
        raise_mass(watch, flood, NEIGHBOR_SOLICIT, seekers->senders.count, SEEKERS,
                   "senders of neighbour solicitations in 10 s");
}

static void judge(struct watch *watch, struct nd_flood *flood)
{
    for (size_t i = 0; i < ROWS; i++)
        if (flood->rows[i].tag)
            judge_row(watch, flood, &flood->rows[i]);
    judge_masses(watch, flood);
}

static bool is_empty(const struct nd_flood *flood)
{
    uint32_t count = 0;

    for (size_t i = 0; i < MESSAGES; i++)
        count += flood->masses[i].count;
    return count == 0;
}

static void nd_flood_second(struct watch *watch, void *state, uint32_t now_s)
{
    struct nd_flood *flood = state;

    judge(watch, flood);
    if (now_s - flood->begin_s < WINDOW_S && !is_empty(flood))
        return;
    flood->begin_s = now_s;
    if (is_empty(flood))
        return;
    flood->sample_target = flood->sample_source = NULL;
    memset(flood->rows, 0, sizeof(flood->rows));
    memset(flood->masses, 0, sizeof(flood->masses));
}

static void nd_flood_finish(struct watch *watch, void *state)
{
    judge(watch, state);
}

const struct detector detector_nd_flood = {
    .name = "nd-flood",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_NEIGHBOR) | WANTS(PACKET_ROUTER),
    .state_size = sizeof(struct nd_flood),
    .packet = nd_flood_packet,
    .second = nd_flood_second,
    .finish = nd_flood_finish,
};
