/* SPDX-License-Identifier: MIT */
/* Routing trouble: routers have no way to a prefix, or packets to it go round in circles. */
#include "detect/trouble/routing.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/services.h"

enum {
    WINDOW_S = 60,
    ERRORS = ROUTING_ERRORS,       /* in the window, about */
    PEERS = 2,                     /* so many targets, or of so many clients */
    PREFIXES = 3,                  /* of one reporter, are one trouble */
    REPORTERS = ROUTING_REPORTERS, /* that are named */
    LOOP_MAX = 2,                  /* routers in the most common loop; traceroute meets more */
    ALIVE_S = 60,                  /* a host that sent something so lately lives */
};

/* Remember the last two different ones. */
static void note_peer(uint32_t *tags, uint32_t *seen_s, uint32_t hash, uint32_t now_s)
{
    uint32_t tag = hash | 1;
    int place = !tags[1] || seen_s[1] <= seen_s[0] ? 1 : 0;

    if (tags[0] == tag || !tags[0])
        place = 0;
    else if (tags[1] == tag)
        place = 1;
    tags[place] = tag;
    seen_s[place] = now_s;
}

static bool are_several(const uint32_t *tags, const uint32_t *seen_s, uint32_t now_s)
{
    return tags[0] && tags[1] && quoted_age(now_s, seen_s[0]) <= WINDOW_S &&
           quoted_age(now_s, seen_s[1]) <= WINDOW_S;
}

static void note_reporter(struct routing_row *row, const struct packet *packet)
{
    row->family = packet->family;
    for (int i = 0; i < row->reporters_count && i < REPORTERS; i++)
        if (!memcmp(row->reporters[i], packet->source, sizeof(row->reporters[i])))
            return;
    if (row->reporters_count < REPORTERS)
        memcpy(row->reporters[row->reporters_count], packet->source, sizeof(row->reporters[0]));
    row->reporters_count += row->reporters_count <= REPORTERS;
}

static bool lives(const struct watch *watch, uint8_t family, const uint8_t *address)
{
    const struct source *source =
        hosts_find_source(&watch->hosts, hosts_source_hash(&watch->hosts, family, address));

    return source && source->packets > source->errors && quoted_age(watch->now_s, source->last_s) <= ALIVE_S;
}

/* Whether somebody in the prefix answers, so that the way there is right. Looked for once in a while only. */
static bool is_prefix_alive(const struct watch *watch, struct routing_row *row,
                            const struct packet_quote *quote)
{
    uint8_t address[16];

    if (quoted_age(watch->now_s, row->alive_s) <= WINDOW_S / 6)
        return row->alive;
    row->alive_s = watch->now_s;
    row->alive = false;
    memcpy(address, quote->destination, sizeof(address));
    if (quote->family == 6)
        return row->alive = lives(watch, 6, address);
    for (unsigned last = 0; last < 256 && !row->alive; last++) {
        address[3] = (uint8_t)last;
        row->alive = lives(watch, 4, address);
    }
    return row->alive;
}

/* Whether the quote is of a packet that carries something, which no traceroute sends. */
static bool carries_data(const struct packet_quote *quote)
{
    if (quote->protocol == IPPROTO_TCP)
        return quote->whole && !(quote->flags & 2) && quote->length > (quote->family == 6 ? 80U : 60U);
    return quote->protocol == IPPROTO_UDP && quote->ports &&
           service_find(IPPROTO_UDP, quote->destination_port);
}

/* A loop ends packets at one or two routers; a traceroute meets each router on its way. */
static bool is_loop(const struct watch *watch, struct routing_row *row, const struct complaint *complaint)
{
    if (row->reporters_count > LOOP_MAX && !row->certain)
        return false;
    if (!row->certain && !are_several(row->clients, row->clients_s, complaint->now_s))
        return false;
    return !is_prefix_alive(watch, row, complaint->quote);
}

/* Whoever needs a target asks it again; a sweep goes on to the next. */
static bool is_sweep(const struct routing_row *row)
{
    return row->errors < 2 * (unsigned)__builtin_popcountll(row->classes);
}

static bool is_trouble(const struct watch *watch, struct routing_row *row, const struct complaint *complaint)
{
    uint32_t now_s = complaint->now_s;

    if (row->errors < ERRORS || quoted_age(now_s, row->times_s[row->errors % ERRORS]) > WINDOW_S)
        return false;
    if (!are_several(row->clients, row->clients_s, now_s) &&
        (!are_several(row->targets, row->targets_s, now_s) || is_sweep(row)))
        return false;
    if (row->loop)
        return is_loop(watch, row, complaint);
    return !(complaint->about & COMPLAINT_HOST) || !is_prefix_alive(watch, row, complaint->quote);
}

/* "no route, says 192.0.2.1, 192.0.2.2" */
static void name_reporters(struct finding *finding, const struct routing_row *row)
{
    size_t used = (size_t)snprintf(finding->words, sizeof(finding->words), "%s",
                                   row->loop ? "routing loop: packets expire at" : "no route, report");

    for (int i = 0; i < row->reporters_count && i < REPORTERS && used < sizeof(finding->words); i++) {
        char text[SONDE_ADDRESS_TEXT];
        struct sonde_address address = address_from(row->family, row->reporters[i]);

        used += (size_t)snprintf(finding->words + used, sizeof(finding->words) - used, "%s %s", i ? "," : "",
                                 sonde_address_format(&address, text));
    }
    if (row->reporters_count > REPORTERS && used < sizeof(finding->words))
        snprintf(finding->words + used, sizeof(finding->words) - used, " and others");
    evidence_text(&finding->evidence, FACT_CHECK, finding->words);
}

/* Whether the router told of other prefixes lately: then its uplink is the trouble and no prefix. */
static bool is_widespread(const struct routing *routing, const struct routing_row *row, uint32_t now_s)
{
    unsigned prefixes = 0;

    for (int i = 0; i < ROUTING_SETS * TROUBLE_WAYS; i++) {
        const struct routing_row *other = &routing->rows[i];

        prefixes += other->head.samples && other != row && other->loop == row->loop &&
                    quoted_age(now_s, other->head.last_s) <= WINDOW_S &&
                    !memcmp(other->reporters[0], row->reporters[0], sizeof(row->reporters[0]));
    }
    return prefixes >= PREFIXES;
}

static void tell(struct watch *watch, const struct routing *routing, struct routing_row *row,
                 const struct complaint *complaint)
{
    const struct sighting *sighting = complaint->sighting;
    const struct packet_quote *quote = sighting->quote;
    bool fresh, everywhere = is_widespread(routing, row, sighting->now_s);
    struct finding *finding = watch_raise_prefix(watch, KIND_ROUTING_TROUBLE, sighting->packet, quote->family,
                                                 row->reporters[0], 0, everywhere ? NULL : quote->destination,
                                                 everywhere           ? 0
                                                 : quote->family == 6 ? 64
                                                                      : 24,
                                                 &fresh);

    if (!trouble_tell(&row->head, finding, sighting->now_s))
        return;
    if (fresh)
        quoted_tell(finding, sighting);
    quoted_measure(finding, row->errors, ERRORS,
                   everywhere ? "errors about one of many prefixes, the last 5 within 60 s"
                              : "errors about one prefix, the last 5 within 60 s");
    name_reporters(finding, row);
    evidence_number(&finding->evidence, FACT_REPORTERS, row->reporters_count);
    evidence_number(&finding->evidence, FACT_WINDOW, (double)(WINDOW_S * NS_PER_S));
    finding->excluded |= 1U << INNOCENT_ONE_ERROR | 1U << INNOCENT_TRACEROUTE;
    finding->confidence = !row->loop     ? ((complaint->about & COMPLAINT_HOST) ? 0.6 : 0.9)
                          : row->certain ? 0.9
                                         : 0.6;
}

/* An error that was asked for: the time to live was meant to end. */
static bool is_probe(const struct packet_quote *quote, enum trace trace)
{
    return trace == TRACE_PATH ||
           (quote->protocol == IPPROTO_UDP && quoted_is_trace(quote) && !carries_data(quote));
}

static void note(struct routing_row *row, uint32_t now_s)
{
    row->times_s[row->errors++ % ERRORS] = now_s;
    row->head.last_s = now_s;
    row->head.untold++;
}

/* The row of a prefix, from the second error on. */
static struct routing_row *row_of(struct watch *watch, struct routing *routing,
                                  const struct complaint *complaint)
{
    const struct trouble_rows rows = TROUBLE_ROWS(routing->rows);
    const struct packet_quote *quote = complaint->quote;
    bool expired = complaint->about & COMPLAINT_EXPIRED;
    const struct candidate *first;
    struct routing_row *row;
    uint8_t prefix[16];
    uint64_t hash;

    memcpy(prefix, quote->destination, sizeof(prefix));
    memset(prefix + (quote->family == 6 ? 8 : 3), 0, quote->family == 6 ? 8 : 1);
    hash = hosts_target_hash(&watch->hosts, quote->family, prefix) + expired;
    row = trouble_find(&rows, hash);
    if (row)
        return row;
    first = candidates_find(&routing->prefixes, hash, (uint32_t)complaint->client, complaint->now_s);
    if (!first)
        return NULL;
    row = trouble_make(&rows, hash, complaint->now_s);
    row->alive_s = UINT32_MAX;
    row->loop = expired;
    note(row, first->now_s);
    note_peer(row->clients, row->clients_s, first->client, first->now_s);
    return row;
}

void routing_see(struct watch *watch, struct routing *routing, const struct complaint *complaint)
{
    const struct sighting *sighting = complaint->sighting;
    uint32_t now_s = complaint->now_s;
    enum trace trace = tracers_find(&routing->tracers, complaint->client, complaint->target, now_s);
    struct routing_row *row;

    if ((complaint->about & COMPLAINT_EXPIRED) && is_probe(complaint->quote, trace))
        return;
    row = row_of(watch, routing, complaint);
    if (!row)
        return;
    note(row, now_s);
    note_peer(row->clients, row->clients_s, (uint32_t)complaint->client, now_s);
    note_peer(row->targets, row->targets_s, (uint32_t)complaint->target, now_s);
    note_reporter(row, sighting->packet);
    row->classes |= UINT64_C(1) << (complaint->target >> 58);
    row->certain |= carries_data(complaint->quote) || sighting->flow == FLOW_SEEN || trace == TRACE_CIRCLE;
    if (trouble_is_due(&row->head, now_s) && is_trouble(watch, row, complaint))
        tell(watch, routing, row, complaint);
}
