/* SPDX-License-Identifier: MIT */
/* Floods: one host, or one prefix, gets far more ICMP than usual, and nobody there asked for it. */
#include <math.h>
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/flood/heavy.h"
#include "detect/flood/ping.h"
#include "detect/watch.h"
#include "wire/octets.h"

enum {
    FLOOR_PPS = 1000, /* below this nothing is a flood */
    TIMES_USUAL = 8,
    UNANSWERED_PPS = 200, /* ping -f sends on an answer, or after 10 ms without one: 100 at most go lost */
    PREFIX_TARGETS = 8,   /* fewer are hosts of their own */
    DEVIATIONS = 5,       /* standard ones, within which a sample is believed to be like all */
    CAPTURE_SHORT_S = 6,
    PARTS_MAX = 45, /* fragments of the largest packet on Ethernet */
};

/* How long it must last, the higher it is the shorter: times the threshold, seconds. */
static const struct {
    uint32_t times, seconds;
} patience[] = {{45, 1}, {9, 2}, {3, 3}, {1, 5}};

static const enum finding_kind kinds[] = {KIND_ECHO_FLOOD, KIND_PREFIX_FLOOD, KIND_RATE_SPIKE};

/* What somebody asked for is no flood, however much it is: answers to pings, errors about real packets. */
static bool is_solicited(const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;

    if (packet->class == PACKET_ECHO_REPLY)
        return sighting->echo.match == ECHO_ANSWER || sighting->echo.match == ECHO_ALTERED ||
               (sighting->target->flags & HOST_ALLOWED);
    return packet->class == PACKET_ERROR &&
           (sighting->flow == FLOW_SEEN || (sighting->target->flags & HOST_ALLOWED));
}

static bool is_multicast(const struct packet *packet)
{
    return packet->family == 4 ? packet->destination[0] >= 224 : packet->destination[0] == 0xff;
}

/* What a packet that stands for so many adds to the variance of how many there are. */
static uint64_t doubt_of(uint32_t weight)
{
    return (uint64_t)weight * (weight - 1);
}

static void add_answer(struct heavy_second *now, uint32_t weight)
{
    now->answers += weight;
    now->doubt += doubt_of(weight);
}

/* An echo reply leaves a busy host, or one in parts reaches the busy host that wants it. */
static void note_answer(struct watch *watch, struct heavy *heavy, const struct sighting *sighting,
                        bool arrives)
{
    const struct packet *packet = sighting->packet;
    const uint8_t *address = arrives ? packet->destination : packet->source;
    uint64_t host =
        arrives ? sighting->target_hash : hosts_target_key(sighting->source_address, packet->family);

    for (int level = 0; level < HEAVY_LEVELS; level++) {
        struct heavy_row *row = heavy_find(heavy, heavy_tag(watch, level, packet->family, address, host));

        if (row && arrives)
            row->now.in_parts += heavy->weight;
        else if (row)
            add_answer(&row->now, heavy->weight);
    }
}

/* Of a query; its replies have the number behind it. */
static bool is_question(const struct packet *packet)
{
    return packet->family == 4 ? packet->type % 2 == (packet->type < 42)
                               : packet->type % 2 == (packet->type == 139);
}

static void vote(struct heavy_second *now, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;

    now->detailed++;
    if (now->votes == 0) {
        memcpy(now->sender, packet->source, sizeof(now->sender));
        now->sender_flags = sighting->source->flags;
    }
    now->votes += memcmp(now->sender, packet->source, sizeof(now->sender)) ? -1U : 1U;
}

static void look_closely(struct heavy_second *now, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;

    vote(now, sighting);
    now->routine += sighting->scan && sighting->scan->routine;
    if (packet->class <= PACKET_ECHO_REPLY && packet->available >= PING_HEADER) {
        uint16_t id = octets_get16(packet->octets + 4);

        now->echoes++;
        now->patterned += ping_is_usual(packet);
        now->steady += id == now->id;
        now->id = id;
    }
    if (packet->class != PACKET_FRAGMENT) {
        now->type = packet->type;
        now->code = packet->code;
    }
}

/* Questions that a host sent so far. */
static uint32_t probes_of(const struct watch *watch, const struct heavy_row *row)
{
    const struct source *source =
        hosts_find_source(&watch->hosts, hosts_source_hash(&watch->hosts, row->family, row->address));

    return source ? source->probes : 0;
}

static void begin_row(const struct watch *watch, struct heavy_row *row, enum heavy_level level,
                      const struct sighting *sighting)
{
    static const uint8_t bits[2][HEAVY_LEVELS] = {{16, 24, 0}, {48, 64, 0}};
    const struct target *target = sighting->target;
    uint32_t age = sighting->now_s - target->first_s;

    row->family = sighting->packet->family;
    row->level = (uint8_t)level;
    row->bits = bits[row->family == 6][level];
    memcpy(row->address, sighting->packet->destination, sizeof(row->address));
    if (level == HEAVY_HOST && age >= 10) /* a host may get a little less than a busy one all the time */
        row->usual = target->packets / age;
    row->first_s = watch->now_s;
    row->probes = level == HEAVY_HOST ? probes_of(watch, row) : 0;
}

static void keep_sample(struct watch *watch, struct heavy_row *row, const struct packet *packet)
{
    row->samples++;
    watch_raise_prefix(watch, row->kind, packet, row->family, row->single ? row->single_sender : NULL, 0,
                       row->address, row->bits, NULL);
}

static void count_in_row(struct watch *watch, struct heavy *heavy, enum heavy_level level, uint64_t tag,
                         const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    uint32_t weight = heavy->weight;
    bool fresh;
    struct heavy_row *row = heavy_get(heavy, tag, &fresh);

    if (fresh)
        begin_row(watch, row, level, sighting);
    row->now.packets += weight;
    row->now.of_class[packet->class] += weight;
    row->now.doubt += packet->class == PACKET_ECHO_REQUEST ? doubt_of(weight) : 0;
    row->now.query_replies += packet->class == PACKET_QUERY && !is_question(packet) ? weight : 0;
    row->now.sweeping += sighting->scan && !sighting->scan->routine ? weight : 0;
    row->octets += packet->ip_length * (uint64_t)weight;
    if (row->now.packets < HEAVY_DETAIL && row->last < HEAVY_DETAIL)
        return;
    heavy->busy += !row->now.detailed;
    distinct_add(&row->senders, sighting->source_hash);
    if (level != HEAVY_HOST)
        distinct_add(&row->targets, sighting->target_hash);
    look_closely(&row->now, sighting);
    if (row->raised && row->samples < FINDING_SAMPLES && row->now.packets >= HEAVY_DETAIL)
        keep_sample(watch, row, packet);
}

static void flood_packet(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct heavy *heavy = state;

    heavy->weight = sighting->weight;
    if (packet->class == PACKET_ECHO_REPLY && heavy->busy)
        note_answer(watch, heavy, sighting, false);
    if (is_solicited(sighting)) {
        if ((packet->flags & PACKET_FRAGMENTED) && heavy->busy)
            note_answer(watch, heavy, sighting, true);
        return;
    }
    if (sighting->source->flags & HOST_ALLOWED)
        return;
    for (enum heavy_level level = HEAVY_AREA; level < HEAVY_LEVELS; level++) {
        uint64_t tag = heavy_tag(watch, level, packet->family, packet->destination, sighting->target_hash);

        if (!heavy_count(heavy, level, tag))
            return;
        if (level == HEAVY_HOST || !is_multicast(packet))
            count_in_row(watch, heavy, level, tag, sighting);
    }
}

/* Packets that the host asked for, although it did not look so one by one: replies to requests that were
 * forgotten because there were too many, and the fragments of answers. And sweeps through a prefix. */
static uint32_t explained(const struct watch *watch, struct heavy_row *row)
{
    const struct heavy_second *now = &row->now;
    uint32_t replies = now->of_class[PACKET_ECHO_REPLY] + now->query_replies, before = row->probes, asked;
    uint32_t parts = now->of_class[PACKET_FRAGMENT];
    uint64_t most = (uint64_t)now->in_parts * PARTS_MAX;

    if (row->level != HEAVY_HOST)
        return now->sweeping;
    row->probes = probes_of(watch, row);
    asked = row->probes > before ? row->probes - before : 0;
    return (asked < replies ? asked : replies) + (most < parts ? (uint32_t)most : parts);
}

/* Messages that are neither echo nor error nor a fragment of something. */
static uint32_t others_of(const struct heavy_second *now)
{
    return now->packets - now->of_class[PACKET_ECHO_REQUEST] - now->of_class[PACKET_ECHO_REPLY] -
           now->of_class[PACKET_ERROR] - now->of_class[PACKET_FRAGMENT];
}

static bool has_one_sender(const struct heavy_second *now)
{
    return now->detailed && now->votes >= now->detailed / 5 * 4;
}

/* ping -f: one sender, one identifier, the payload of a ping program; and its pace follows the answers, which
 * a flood does not wait for. Where the capture has only the answers, they must be of that shape. */
static bool is_ping_flood(const struct watch *watch, const struct heavy_row *row)
{
    const struct heavy_second *now = &row->now;
    uint32_t requests = now->of_class[PACKET_ECHO_REQUEST], replies = now->of_class[PACKET_ECHO_REPLY];
    uint32_t most = now->echoes - now->echoes / 20;

    if (!has_one_sender(now) || !(now->sender_flags & HOST_INTERNAL) ||
        now->of_class[PACKET_ERROR] + others_of(now) > (requests + replies) / 20)
        return false;
    if (now->echoes == 0 || now->patterned < most || now->steady < most)
        return false;
    if (replies > requests)
        return requests == 0 && !flows_is_sender(&watch->flows, row->address);
    return now->answers >= requests / 5 * 4 &&
           now->answers + UNANSWERED_PPS + requests / 50.0 + DEVIATIONS * sqrt((double)now->doubt) >=
               requests;
}

/* Who asks many hosts of a prefix, each now and then, sweeps or monitors it: others decide about that. */
static bool is_round(const struct heavy_row *row)
{
    const struct heavy_second *now = &row->now;
    double targets = row->targets.count;

    if (targets < PREFIX_TARGETS)
        return true;
    if (has_one_sender(now) &&
        (double)row->total < (row->now.packets >= WATCH_MANY ? 3.0 * WATCH_WEIGHT_STORM : 3.0) * targets)
        return true;
    if (now->routine >= now->detailed / 10 * 9 && now->packets < 2 * targets)
        return true;
    return row->senders.count <= 8 && now->of_class[PACKET_ECHO_REQUEST] > now->packets / 2 &&
           now->packets < 5 * targets && now->answers >= now->of_class[PACKET_ECHO_REQUEST] / 5 * 4;
}

static enum finding_kind kind_of(const struct heavy_row *row)
{
    if (row->level != HEAVY_HOST)
        return KIND_PREFIX_FLOOD;
    return row->now.of_class[PACKET_ERROR] + others_of(&row->now) > row->now.packets / 2 ? KIND_RATE_SPIKE
                                                                                         : KIND_ECHO_FLOOD;
}

static const char *measure_of(const struct heavy_row *row)
{
    if (row->level == HEAVY_HOST)
        return "ICMP packets to one host in 1 s";
    return row->level == HEAVY_NET ? "ICMP packets to one /24 or /64 in 1 s"
                                   : "ICMP packets to one /16 or /48 in 1 s";
}

static void describe(struct finding *finding, const struct heavy_row *row, uint32_t usual, uint32_t threshold)
{
    struct evidence *evidence = &finding->evidence;

    evidence_number(evidence, FACT_OBSERVED, row->peak);
    evidence_number(evidence, FACT_THRESHOLD, threshold);
    evidence_text(evidence, FACT_MEASURE, measure_of(row));
    evidence_number(evidence, FACT_WINDOW, (double)row->above * (double)NS_PER_S);
    evidence_number(evidence, FACT_RATE, (double)row->total / row->above);
    evidence_number(evidence, FACT_BASELINE, usual);
    evidence_number(evidence, FACT_OCTETS, (double)row->octets);
    evidence_number(evidence, FACT_DISTINCT_SOURCES, row->single ? 1 : row->senders.count);
    if (row->level != HEAVY_HOST)
        evidence_number(evidence, FACT_DISTINCT_TARGETS, row->targets.count);
    if (row->asked)
        evidence_number(evidence, FACT_ANSWERED_RATIO,
                        row->answered < row->asked ? (double)row->answered / (double)row->asked : 1);
    if (finding->subject.kind == KIND_RATE_SPIKE) {
        evidence_number(evidence, FACT_ICMP_TYPE, row->now.type);
        evidence_number(evidence, FACT_ICMP_CODE, row->now.code);
    }
}

/* Errors in masses may follow from what somebody outside of this capture does; nothing innocent sends other
 * messages at this rate. */
static enum severity severity_of(const struct heavy_row *row, bool ping)
{
    if (ping)
        return SEVERITY_INFO;
    return row->now.of_class[PACKET_ERROR] > row->now.packets / 2 ? SEVERITY_WARNING : SEVERITY_ALERT;
}

static void raise_row(struct watch *watch, struct heavy_row *row, uint32_t usual, uint32_t threshold)
{
    bool ping = row->level == HEAVY_HOST && is_ping_flood(watch, row), fresh;
    struct finding *finding;

    if (!row->raised) {
        row->single = has_one_sender(&row->now);
        memcpy(row->single_sender, row->now.sender, sizeof(row->single_sender));
        row->kind = (uint8_t)kind_of(row);
    }
    finding = watch_raise_prefix(watch, row->kind, NULL, row->family, row->single ? row->single_sender : NULL,
                                 0, row->address, row->bits, &fresh);
    if (!finding)
        return;
    if (fresh || severity_of(row, ping) > finding->severity)
        finding->severity = severity_of(row, ping);
    finding->packets += fresh ? row->total : row->now.packets;
    row->raised = true;
    finding->confidence = ping ? 0.8 : row->above >= 5 || row->peak >= 10 * threshold ? 0.95 : 0.8;
    finding->excluded |= 1U << INNOCENT_ALLOWED | (ping ? 0 : 1U << INNOCENT_PING_FLOOD) |
                         (row->past_count >= 8 || row->first_s >= 10 ? 1U << INNOCENT_OWN_BASELINE : 0);
    if (ping)
        evidence_text(&finding->evidence, FACT_TOOL, "ping -f");
    describe(finding, row, usual, threshold);
}

static uint32_t patience_for(uint64_t times)
{
    size_t i = 0;

    while (i + 1 < COUNT_OF(patience) && times < patience[i].times)
        i++;
    return patience[i].seconds;
}

static void calm_down(struct heavy_row *row, uint32_t packets)
{
    heavy_keep(row, packets);
    if (row->above || row->senders.count > 0)
        row->senders = row->targets = (struct distinct){0};
    row->above = row->peak = 0;
    row->total = row->octets = row->asked = row->answered = 0;
}

/* A second of a row is over; `packets` are those that no row below stands for. Returns those that need no
 * explanation any more. */
static uint32_t judge(struct watch *watch, struct heavy_row *row, uint32_t packets, bool last)
{
    uint32_t usual = heavy_usual(row), threshold = usual * TIMES_USUAL, needed;
    uint32_t asked_for = explained(watch, row);

    packets -= asked_for < packets ? asked_for : packets;
    threshold = threshold > FLOOR_PPS ? threshold : FLOOR_PPS;
    if (packets < threshold) {
        calm_down(row, packets);
        return asked_for;
    }
    row->above++;
    row->total += packets;
    row->asked += row->now.of_class[PACKET_ECHO_REQUEST];
    row->answered += row->now.answers;
    row->peak = packets > row->peak ? packets : row->peak;
    needed = patience_for(row->total / row->above / threshold);
    if (last && needed > 2) /* what goes on when the capture ends will not be seen to last */
        needed = watch->now_s < CAPTURE_SHORT_S ? 2 : 3;
    if ((row->above >= needed || row->raised) && (row->level == HEAVY_HOST || !is_round(row)))
        raise_row(watch, row, usual, threshold);
    return row->now.packets;
}

/* What is known of a row says nothing about the prefixes around it. */
static void deduct(struct watch *watch, struct heavy *heavy, const struct heavy_row *row, uint32_t packets,
                   uint32_t *rest)
{
    for (int level = 0; level < row->level; level++) {
        const struct heavy_row *around =
            heavy_find(heavy, heavy_tag(watch, level, row->family, row->address, 0));
        uint32_t *left = around ? rest + (around - heavy->rows) : NULL;

        if (left)
            *left -= packets < *left ? packets : *left;
    }
}

static void close_row(struct heavy *heavy, size_t at)
{
    struct heavy_row *row = &heavy->rows[at];

    row->idle = row->now.packets ? 0 : row->idle + 1;
    if (row->idle > 60) {
        heavy->tags[at] = 0;
        return;
    }
    row->last = row->now.packets;
    row->now = (struct heavy_second){.id = row->now.id};
    heavy->busy += row->last >= HEAVY_DETAIL;
}

/* Hosts first: what they explain is not held against their prefixes. */
static void close_second(struct watch *watch, struct heavy *heavy, bool last)
{
    uint32_t rest[HEAVY_ROWS];

    for (size_t at = 0; at < HEAVY_ROWS; at++)
        rest[at] = heavy->rows[at].now.packets;
    for (int level = HEAVY_HOST; level >= HEAVY_AREA; level--)
        for (size_t at = 0; at < HEAVY_ROWS; at++) {
            struct heavy_row *row = &heavy->rows[at];

            if (heavy->tags[at] && row->level == level)
                deduct(watch, heavy, row, judge(watch, row, rest[at], last), rest);
        }
    heavy->busy = 0;
    for (size_t at = 0; at < HEAVY_ROWS; at++)
        if (heavy->tags[at])
            close_row(heavy, at);
}

static void flood_second(struct watch *watch, void *state, uint32_t now_s)
{
    struct heavy *heavy = state;

    (void)now_s;
    close_second(watch, heavy, false);
    heavy->second = (uint32_t)(watch->now_ns / NS_PER_S);
}

static void flood_finish(struct watch *watch, void *state)
{
    close_second(watch, state, true);
}

const struct detector detector_flood = {
    .name = "flood",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_ECHO_REPLY) | WANTS(PACKET_ERROR) |
             WANTS(PACKET_REDIRECT) | WANTS(PACKET_QUERY) | WANTS(PACKET_OTHER_ICMP) | WANTS(PACKET_FRAGMENT),
    .only = {[0 ... PACKET_CLASSES - 1] = TRAIT_SAMPLE},
    .state_size = sizeof(struct heavy),
    .packet = flood_packet,
    .second = flood_second,
    .finish = flood_finish,
};
