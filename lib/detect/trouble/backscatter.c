/* SPDX-License-Identifier: MIT */
/* Backscatter: many hosts answer packets that nobody here sent, because somebody spoofs our addresses. */
#include <netinet/in.h>
#include <string.h>

#include "base/distinct.h"
#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/trouble/quoted.h"

enum {
    ROWS = 32,
    BITS4 = 16, /* prefixes of victims that are told apart */
    BITS6 = 48,
    WINDOW_S = 60,
    START_S = 5,           /* what was asked before the capture is answered by then */
    REPORTERS = 50,        /* in the window */
    REPORTERS_START = 100, /* while the capture begins, answers to older questions come too */
};

/* A prefix whose hosts get answers that they did not ask for. */
struct backscatter_row {
    uint64_t tag; /* 0: free */
    uint32_t since_s, last_s, told_s;
    uint32_t untold;
    uint32_t packets, samples;
    uint8_t family, common; /* bits that all victims have in common */
    bool told;
    uint8_t told_bits;           /* of its finding: length of the prefix; 0: a whole address */
    bool known;                  /* the victims are known to send other things, or to be nobody */
    uint16_t port, port_votes;   /* the port quoted most, by majority vote */
    uint32_t port_count, quotes; /* times it was there; errors with ports */
    uint8_t victim[16];          /* the first one */
    struct distinct reporters, early, victims;
};

struct backscatter {
    struct backscatter_row rows[ROWS];
};

/* Begin a minute. What was told of this prefix before keeps its name. */
static void begin_row(struct backscatter_row *row, uint64_t hash, const struct packet *packet, uint32_t now_s)
{
    bool known = row->tag == hash && row->told;
    uint8_t bits = row->told_bits, victim[sizeof(row->victim)];

    memcpy(victim, row->victim, sizeof(victim));
    *row = (struct backscatter_row){.tag = hash,
                                    .since_s = now_s,
                                    .told_s = UINT32_MAX,
                                    .family = packet->family,
                                    .common = packet->family == 6 ? 128 : 32};
    memcpy(row->victim, packet->destination, sizeof(row->victim));
    if (!known)
        return;
    row->told = true;
    row->told_bits = bits;
    memcpy(row->victim, victim, sizeof(row->victim));
}

static struct backscatter_row *row_of(struct watch *watch, struct backscatter *state,
                                      const struct packet *packet, uint32_t now_s)
{
    uint8_t prefix[16] = {0};
    uint64_t hash;
    struct backscatter_row *row;

    memcpy(prefix, packet->destination, packet->family == 6 ? BITS6 / 8 : BITS4 / 8);
    hash = hosts_target_hash(&watch->hosts, packet->family, prefix);
    row = &state->rows[hash % ROWS];
    if (row->tag == hash && quoted_age(now_s, row->since_s) <= WINDOW_S)
        return row;
    if (row->tag != hash && row->tag && quoted_age(now_s, row->last_s) <= WINDOW_S &&
        row->reporters.count > 8)
        return NULL; /* a busier prefix lives in this place */
    begin_row(row, hash, packet, now_s);
    return row;
}

/* How many bits two addresses have in common at their beginning, at most so many. */
static uint8_t common_bits(const uint8_t *a, const uint8_t *b, uint8_t most)
{
    for (uint8_t i = 0; i * 8 < most; i++)
        if (a[i] != b[i]) {
            int bits = i * 8 + __builtin_clz((unsigned)(a[i] ^ b[i])) - 24;

            return (uint8_t)(bits < most ? bits : most);
        }
    return most;
}

/* Whether nobody asked. `early` is set when that is not certain, because the capture has just begun; `known`
 * when the victim is known not to have asked, instead of being silent. */
static bool is_unasked(const struct watch *watch, const struct sighting *sighting, bool *early, bool *known)
{
    const struct packet *packet = sighting->packet;
    bool reply = packet->class == PACKET_ECHO_REPLY;

    if (reply ? sighting->echo.match < ECHO_ORPHAN
              : sighting->flow != FLOW_UNSEEN && sighting->flow != FLOW_UNCERTAIN)
        return false;
    *early = watch->now_ns - watch->begin_ns < START_S * NS_PER_S;
    *known = sighting->target->flags & HOST_DARK;
    if (*known) {
        *early = false;
        return true;
    }
    if (reply) {
        *known = flows_is_noted(&watch->flows, sighting->target_address);
        return sighting->echo.match == ECHO_ORPHAN || *early;
    }
    *known = quoted_is_foreign(watch, sighting);
    return (*known ||
            (sighting->flow == FLOW_UNCERTAIN && !flows_is_noted(&watch->flows, sighting->quote_source))) &&
           !quoted_is_trace(sighting->quote);
}

static void note_port(struct backscatter_row *row, const struct packet_quote *quote)
{
    if (!quote || !quote->ports || quote->protocol == IPPROTO_ICMP || quote->protocol == IPPROTO_ICMPV6)
        return;
    row->quotes++;
    if (row->port_votes == 0) {
        row->port = quote->destination_port;
        row->port_count = 0;
    }
    if (row->port == quote->destination_port) {
        row->port_count++;
        row->port_votes += row->port_votes < UINT16_MAX;
    } else {
        row->port_votes--;
    }
}

/* What the port mix says: one service was attacked in our name, or many were scanned. */
static const char *mix_of(const struct backscatter_row *row)
{
    if (row->quotes == 0)
        return "answers to pings";
    return row->port_count * 2 > row->quotes ? "one service is quoted" : "many ports are quoted";
}

static double confidence_of(const struct watch *watch, const struct backscatter_row *row)
{
    if (row->reporters.count < REPORTERS)
        return 0.4; /* the capture begins with it */
    if (row->known)
        return 0.9;
    return watch->echoes.requests || quoted_sees_flows(watch) ? 0.6 : 0.3; /* perhaps it sees one direction */
}

static void tell(struct watch *watch, struct backscatter_row *row, const struct sighting *sighting)
{
    bool certain = row->reporters.count >= REPORTERS;
    double reporters = (double)(certain ? row->reporters.count : row->early.count);
    struct finding *finding;

    if (!row->told)
        row->told_bits = row->common == (row->family == 6 ? 128 : 32) ? 0 : row->common;
    row->told = true;
    finding = watch_raise_prefix(watch, KIND_SCAN_BACKSCATTER, sighting->packet, row->family, NULL, 0,
                                 row->victim, row->told_bits, NULL);
    row->told_s = sighting->now_s;
    row->samples++;
    if (!finding)
        return;
    finding->packets += row->untold - 1;
    row->untold = 0;
    quoted_measure(finding, reporters, certain ? REPORTERS : REPORTERS_START,
                   "hosts that answer unasked in 60 s");
    evidence_number(&finding->evidence, FACT_WINDOW, (double)(WINDOW_S * NS_PER_S));
    evidence_number(&finding->evidence, FACT_REPORTERS, reporters + 0.5);
    evidence_number(&finding->evidence, FACT_DISTINCT_TARGETS, (double)row->victims.count + 0.5);
    evidence_text(&finding->evidence, FACT_QUERIES, mix_of(row));
    if (row->quotes && row->port_count * 2 > row->quotes)
        evidence_number(&finding->evidence, FACT_QUOTED_PORT, row->port);
    finding->confidence = confidence_of(watch, row);
    finding->excluded |= certain ? 1U << INNOCENT_START : 0;
    finding->excluded |= row->known ? 1U << INNOCENT_ONE_WAY | 1U << INNOCENT_QUOTE_OURS : 0;
}

static void see(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    bool early, known;
    struct backscatter_row *row;

    if (!is_unasked(watch, sighting, &early, &known))
        return;
    row = row_of(watch, state, packet, sighting->now_s);
    if (!row)
        return;
    row->last_s = sighting->now_s;
    row->packets++;
    row->untold++;
    row->known |= known;
    row->common = common_bits(row->victim, packet->destination, row->common);
    distinct_add(early ? &row->early : &row->reporters, sighting->source_hash);
    distinct_add(&row->victims, sighting->target_hash);
    note_port(row, sighting->quote);
    if ((row->reporters.count >= REPORTERS || row->early.count >= REPORTERS_START) &&
        (row->samples < FINDING_SAMPLES || row->told_s != sighting->now_s))
        tell(watch, row, sighting);
}

static const enum finding_kind kinds[] = {KIND_SCAN_BACKSCATTER};

const struct detector detector_backscatter = {
    .name = "backscatter",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ERROR) | WANTS(PACKET_ECHO_REPLY),
    .only = {[PACKET_ERROR] = TRAIT_UNASKED, [PACKET_ECHO_REPLY] = TRAIT_UNASKED},
    .state_size = sizeof(struct backscatter),
    .packet = see,
};
