/* SPDX-License-Identifier: MIT */
/* Smurf: echo requests to everybody, in the name of a victim, who then gets everybody's replies. */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/flood/ping.h"
#include "detect/flood/throttle.h"
#include "detect/watch.h"
#include "wire/link.h"

enum {
    ROWS = 64,
    WINDOW_S = 10,
    REPLIERS = 20,        /* more than so many hosts answer, */
    TIMES = 3,            /* and more than so many replies come to a request */
    HAND_PPS = 2,         /* people who look for their neighbours send one request a second */
    OTHERS = 2,           /* targets that somebody may ask besides */
    TOOL = 3,             /* requests whose data no ping program sends */
    MANY_TOOL = 20,       /* requests in the window that no person sends: of other programs, */
    MANY_PING = 100,      /* and of ping, whose users may choose 5 a second */
    REPLIES_EACH_PPS = 2, /* from hosts that nobody asked, as far as this place sees */
};

/* Whom requests go to. */
enum group { GROUP_NONE, GROUP_PERHAPS, GROUP_LINK, GROUP_MULTICAST, GROUP_BROADCAST };

/* Somebody in whose name everybody is asked, or who gets replies without having asked. */
struct row {
    uint64_t tag; /* of the victim; 0: free */
    uint32_t begin_s, last_s;
    uint32_t requests, total, unusual; /* in the window; in all; those that are no ping program's */
    uint32_t replies;                  /* in the window, as are: */
    struct distinct repliers;
    uint8_t group; /* enum group */
    bool outside;  /* requests come from outside */
    bool lives;    /* the address that looks like a broadcast is a host's */
    bool scanner;  /* asks other addresses too */
    bool learned;  /* that it is a broadcast is concluded from who answers */
};

struct smurf {
    struct throttle throttle;
    struct row asked[ROWS], unasked[ROWS];
};

static const enum finding_kind kinds[] = {KIND_SMURF};

static bool is_link_broadcast(const struct packet *packet)
{
    static const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
    const struct frame *frame = packet->frame;

    return packet->layer == PACKET_OUTER && frame->link == LINK_ETHERNET &&
           frame->data.length >= sizeof(broadcast) && !memcmp(frame->data.data, broadcast, sizeof(broadcast));
}

static enum group group_of6(const uint8_t *to)
{
    if (to[0] != 0xff)
        return GROUP_NONE;
    return (to[1] & 15) <= 2 ? GROUP_LINK : GROUP_MULTICAST;
}

/* Multicast, the reserved class E, and the limited broadcast in it. */
static enum group group_of_class_d(const uint8_t *to)
{
    static const uint8_t limited[4] = {255, 255, 255, 255};

    if (to[0] >= 240)
        return memcmp(to, limited, sizeof(limited)) ? GROUP_NONE : GROUP_BROADCAST;
    return to[0] == 224 && to[1] == 0 && to[2] == 0 ? GROUP_LINK : GROUP_MULTICAST;
}

static enum group group_of(const struct packet *packet)
{
    const uint8_t *to = packet->destination;

    if (packet->family == 6)
        return group_of6(to);
    if (to[0] >= 224)
        return group_of_class_d(to);
    if (to[3] != 255 && to[3] != 0)
        return GROUP_NONE;
    return is_link_broadcast(packet) ? GROUP_BROADCAST : GROUP_PERHAPS;
}

static struct row *find(struct row *rows, uint64_t tag)
{
    struct row *row = &rows[(tag >> 20) % ROWS];

    return row->tag == tag ? row : NULL;
}

/* The row of a victim; in one that is busy with another victim nothing changes, and NULL comes back. */
static struct row *get(struct row *rows, uint64_t tag, uint32_t now_s)
{
    struct row *row = &rows[(tag >> 20) % ROWS];

    if (row->tag != tag) {
        if (row->tag && now_s - row->last_s < WINDOW_S && row->total + row->replies > TOOL)
            return NULL;
        *row = (struct row){.tag = tag, .begin_s = now_s};
    }
    if (now_s - row->begin_s >= WINDOW_S) {
        row->repliers = (struct distinct){0};
        row->begin_s = now_s;
        row->requests = row->replies = 0;
    }
    row->last_s = now_s;
    return row;
}

static void raise_smurf(struct watch *watch, struct smurf *smurf, const struct sighting *sighting,
                        const uint8_t *victim, const struct row *row, enum severity severity,
                        const char *check)
{
    const struct packet *packet = sighting->packet;
    struct finding *finding;
    uint32_t skipped;
    bool fresh;

    if (!throttle_passes(&smurf->throttle, row->tag + severity, watch->now_ns, &skipped))
        return;
    finding = watch_raise(watch, KIND_SMURF, packet, NULL, victim, &fresh);
    if (!finding)
        return;
    finding->packets += skipped;
    if (fresh || severity >= finding->severity) {
        finding->severity = severity;
        finding->confidence = row->repliers.count > REPLIERS ? 0.95 : severity == SEVERITY_ALERT ? 0.8 : 0.6;
        evidence_text(&finding->evidence, FACT_CHECK, check);
    }
    finding->excluded |= 1U << INNOCENT_ALLOWED;
    if (row->total)
        evidence_number(&finding->evidence, FACT_REQUESTS, row->total);
    evidence_number(&finding->evidence, FACT_REPLIES, row->replies);
    evidence_number(&finding->evidence, FACT_DISTINCT_SOURCES, row->repliers.count);
    evidence_number(&finding->evidence, FACT_WINDOW, (double)WINDOW_S * (double)NS_PER_S);
    if (row->repliers.count > REPLIERS) {
        evidence_number(&finding->evidence, FACT_OBSERVED, row->repliers.count);
        evidence_number(&finding->evidence, FACT_THRESHOLD, REPLIERS);
        evidence_text(&finding->evidence, FACT_MEASURE, "hosts that answer one victim in 10 s");
    } else {
        evidence_number(&finding->evidence, FACT_OBSERVED, row->requests);
        evidence_number(&finding->evidence, FACT_THRESHOLD, row->unusual ? TOOL : MANY_PING);
        evidence_text(&finding->evidence, FACT_MEASURE, "echo requests to everybody in 10 s");
    }
}

/* A person who looks who is there: slowly, with ping, from inside. */
static bool is_by_hand(const struct row *row, uint32_t now_s)
{
    return !row->unusual && !row->outside && row->requests <= HAND_PPS * (now_s - row->begin_s + 1);
}

/* Whether requests alone are an attack, however few answer. */
static bool is_too_much(const struct row *row)
{
    uint32_t most = row->unusual ? MANY_TOOL : MANY_PING;

    if (row->group == GROUP_PERHAPS)
        return row->requests >= most && !row->lives && !row->scanner;
    if (row->group == GROUP_LINK)
        return row->requests >= MANY_PING;
    return row->requests >= most || (row->outside && row->total >= TOOL) ||
           (row->group == GROUP_BROADCAST && row->unusual >= TOOL && !row->scanner);
}

static void judge(struct watch *watch, struct smurf *smurf, const struct sighting *sighting,
                  const uint8_t *victim, const struct row *row)
{
    bool amplified =
        row->repliers.count > REPLIERS && row->replies > TIMES * row->requests && row->group != GROUP_PERHAPS;

    if (amplified && !is_by_hand(row, sighting->now_s))
        raise_smurf(watch, smurf, sighting, victim, row, SEVERITY_ALERT,
                    "many hosts answer requests to a broadcast or multicast address");
    else if (is_too_much(row))
        raise_smurf(watch, smurf, sighting, victim, row, SEVERITY_ALERT,
                    "echo requests to a broadcast or multicast address, as no person sends them");
    else if (amplified || row->group == GROUP_BROADCAST)
        raise_smurf(watch, smurf, sighting, victim, row,
                    amplified && row->total > TOOL && row->group != GROUP_LINK ? SEVERITY_WARNING
                                                                               : SEVERITY_INFO,
                    "an echo request to a broadcast or multicast address");
}

/* Whoever sweeps comes by the broadcast address too. */
static bool asks_others(const struct source *source)
{
    return source && __builtin_popcountll(source->asked) > OTHERS;
}

static void see_request(struct watch *watch, struct smurf *smurf, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    enum group group = group_of(packet);
    struct row *row;

    if (group == GROUP_NONE || (sighting->source->flags & HOST_ALLOWED))
        return;
    row = get(smurf->asked, hosts_target_key(sighting->source_address, packet->family), sighting->now_s);
    if (!row)
        return;
    row->requests++;
    row->total++;
    row->unusual += !ping_is_usual(packet);
    row->group = group > row->group ? (uint8_t)group : row->group;
    row->outside |= !(sighting->source->flags & HOST_INTERNAL);
    row->scanner |= asks_others(sighting->source);
    if (row->learned && row->scanner) {
        row->learned = false;
        row->group = GROUP_PERHAPS;
    }
    judge(watch, smurf, sighting, packet->source, row);
}

/* Who gets the replies, as a sender; or NULL. */
static const struct source *victim_of(const struct watch *watch, const struct packet *packet)
{
    return hosts_find_source(&watch->hosts,
                             hosts_source_hash(&watch->hosts, packet->family, packet->destination));
}

/* Nobody was asked, but many answer again and again. One reply from each may be a capture of one direction.
 */
static void see_unasked(struct watch *watch, struct smurf *smurf, const struct sighting *sighting)
{
    struct row *row = get(smurf->unasked, sighting->target_hash, sighting->now_s);
    uint32_t seconds;

    if (!row)
        return;
    row->replies++;
    distinct_add(&row->repliers, sighting->source_address);
    seconds = sighting->now_s - row->begin_s;
    if (row->repliers.count <= REPLIERS || asks_others(victim_of(watch, sighting->packet)))
        return;
    if (seconds >= 1 &&
        (float)row->replies >= row->repliers.count * (float)(REPLIES_EACH_PPS * (seconds + 1)))
        raise_smurf(watch, smurf, sighting, sighting->packet->destination, row, SEVERITY_ALERT,
                    "many hosts answer again and again what was not asked");
}

static void see_reply(struct watch *watch, struct smurf *smurf, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct row *row = find(smurf->asked, sighting->target_hash);

    if (sighting->echo.match == ECHO_ANSWER || sighting->echo.match == ECHO_ALTERED) {
        if (row && row->group == GROUP_PERHAPS && (packet->source[3] == 255 || packet->source[3] == 0))
            row->lives = true;
        return;
    }
    if (sighting->target->flags & HOST_ALLOWED)
        return;
    if (!row || sighting->now_s - row->last_s > WINDOW_S) {
        see_unasked(watch, smurf, sighting);
        return;
    }
    row->replies++;
    distinct_add(&row->repliers, sighting->source_address);
    if (row->group == GROUP_PERHAPS && row->repliers.count >= TOOL && !row->lives &&
        !asks_others(victim_of(watch, packet))) {
        row->learned = true;
        row->group = GROUP_BROADCAST; /* several hosts answer: that is what a broadcast address does */
    }
    judge(watch, smurf, sighting, packet->destination, row);
}

static void smurf_packet(struct watch *watch, void *state, const struct sighting *sighting)
{
    if (sighting->packet->class == PACKET_ECHO_REQUEST)
        see_request(watch, state, sighting);
    else
        see_reply(watch, state, sighting);
}

const struct detector detector_smurf = {
    .name = "smurf",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_ECHO_REPLY),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_GROUP, [PACKET_ECHO_REPLY] = TRAIT_GROUP | TRAIT_UNASKED},
    .state_size = sizeof(struct smurf),
    .packet = smurf_packet,
};
