/* SPDX-License-Identifier: MIT */
/* Connections that fail: hosts that want a service which refuses them or which a filter forbids. */
#include <netinet/in.h>

#include "base/distinct.h"
#include "base/macro.h"
#include "catalog/services.h"
#include "detect/detectors.h"
#include "detect/trouble/clients.h"
#include "detect/trouble/quoted.h"

enum {
    SERVICES_SETS = 32,
    SERVICES_WAYS = 4,
    WINDOW_S = 60,
    ERRORS = 5,  /* in the window make a finding */
    CLIENTS = 3, /* or so many different clients */
    PORT_PEERS = 1024,
    INSISTENT = 3, /* errors for each client */
};

/* A host that was refused. */
struct refused {
    uint32_t tag, last_s;
};

/* A service that refuses. */
struct refusal {
    uint64_t tag; /* 0: free */
    uint32_t times_s[ERRORS];
    uint32_t errors;  /* since the row was made */
    uint32_t untold;  /* of them, not in a finding yet */
    uint32_t last_s;  /* of errors */
    uint32_t told_s;  /* second of the last word about it */
    uint32_t samples; /* packets shown */
    struct refused refused[CLIENTS];
    struct distinct clients;
};

struct failed {
    struct clients clients;
    struct refusal rows[SERVICES_SETS * SERVICES_WAYS];
};

/* RFC 792, RFC 1812 5.2.7.1, RFC 4443 3.1: the port, or somebody in between, says no. */
static bool is_refusal(const struct packet *packet)
{
    if (packet->family == 6)
        return packet->type == 1 && (packet->code == 1 || packet->code == 4 || packet->code == 6);
    return packet->type == 3 &&
           (packet->code == 3 || packet->code == 9 || packet->code == 10 || packet->code == 13);
}

static bool is_connection(const struct packet_quote *quote)
{
    return quote->ports && (quote->protocol == IPPROTO_TCP || quote->protocol == IPPROTO_UDP ||
                            quote->protocol == IPPROTO_SCTP);
}

static struct refusal *row_of(struct failed *failed, uint64_t hash, uint32_t now_s)
{
    struct refusal *set = failed->rows + (hash % SERVICES_SETS) * SERVICES_WAYS, *victim = set;

    for (int way = 0; way < SERVICES_WAYS; way++) {
        if (set[way].tag == hash)
            return set + way;
        if (!set[way].tag || quoted_age(now_s, set[way].last_s) > quoted_age(now_s, victim->last_s))
            victim = set + way;
    }
    *victim = (struct refusal){.tag = hash, .last_s = now_s, .told_s = UINT32_MAX};
    return victim;
}

/* Whether the oldest of the last five errors is young enough. */
static bool is_frequent(const struct refusal *row, uint32_t now_s)
{
    return row->errors >= ERRORS && quoted_age(now_s, row->times_s[row->errors % ERRORS]) <= WINDOW_S;
}

static unsigned clients_now(const struct refusal *row, uint32_t now_s)
{
    unsigned count = 0;

    for (int i = 0; i < CLIENTS; i++)
        count += row->refused[i].tag && quoted_age(now_s, row->refused[i].last_s) <= WINDOW_S;
    return count;
}

static void note_client(struct refusal *row, uint64_t hash, uint32_t now_s)
{
    uint32_t tag = (uint32_t)hash | 1;
    struct refused *oldest = row->refused;

    distinct_add(&row->clients, hash);
    for (int i = 0; i < CLIENTS; i++) {
        if (row->refused[i].tag == tag) {
            row->refused[i].last_s = now_s;
            return;
        }
        if (!row->refused[i].tag ||
            quoted_age(now_s, row->refused[i].last_s) > quoted_age(now_s, oldest->last_s))
            oldest = row->refused + i;
    }
    *oldest = (struct refused){tag, now_s};
}

/* A datagram for a program of no known name: perhaps peers that have not noticed that one of them went. */
static bool is_peering(const struct packet_quote *quote)
{
    return quote->protocol == IPPROTO_UDP && quote->destination_port >= PORT_PEERS &&
           !service_find(IPPROTO_UDP, quote->destination_port);
}

/* Each of the peers tries once or twice; who needs a service insists. */
static enum severity severity_of(const struct refusal *row, const struct packet_quote *quote)
{
    return is_peering(quote) && (float)row->errors < INSISTENT * row->clients.count ? SEVERITY_INFO
                                                                                    : SEVERITY_WARNING;
}

static void tell(struct watch *watch, struct refusal *row, const struct sighting *sighting)
{
    const struct packet_quote *quote = sighting->quote;
    bool by_errors = is_frequent(row, sighting->now_s);
    bool fresh;
    struct finding *finding = watch_raise_prefix(watch, KIND_FAILED_CONNECTIONS, sighting->packet,
                                                 quote->family, NULL, 0, quote->destination, 0, &fresh);

    row->told_s = sighting->now_s;
    row->samples++;
    if (!finding)
        return;
    finding->packets += row->untold - 1;
    row->untold = 0;
    finding->severity = severity_of(row, quote);
    if (!fresh && finding->evidence.facts[FACT_QUOTED_PORT].integer != quote->destination_port)
        return; /* another service of the same host is out of order as well */
    quoted_tell(finding, sighting);
    quoted_measure(finding, by_errors ? row->errors : clients_now(row, sighting->now_s),
                   by_errors ? ERRORS : CLIENTS,
                   by_errors ? "errors about one service, the last 5 within 60 s"
                             : "clients refused by one service in 60 s");
    evidence_number(&finding->evidence, FACT_CLIENTS, row->clients.count + 0.5);
    evidence_number(&finding->evidence, FACT_WINDOW, (double)(WINDOW_S * NS_PER_S));
    finding->excluded |= 1U << INNOCENT_TRACEROUTE | 1U << INNOCENT_ONE_ERROR;
    finding->confidence = sighting->flow == FLOW_SEEN ? 0.95 : 0.8;
}

static void see(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet_quote *quote = sighting->quote;
    struct failed *failed = state;
    uint32_t now_s = sighting->now_s;
    struct refusal *row;
    uint64_t client, service;

    if (!quote || !is_refusal(sighting->packet) || !is_connection(quote) || quoted_is_trace(quote) ||
        quoted_is_answer(quote) || quoted_is_foreign(watch, sighting))
        return;
    client = quoted_client(watch, quote);
    service = quoted_service(watch, quote);
    if (clients_scan(&failed->clients, client, service, now_s))
        return;
    row = row_of(failed, service, now_s);
    row->times_s[row->errors++ % ERRORS] = now_s;
    row->untold++;
    row->last_s = now_s;
    note_client(row, client, now_s);
    if ((row->samples < FINDING_SAMPLES || row->told_s != now_s) &&
        (is_frequent(row, now_s) || (clients_now(row, now_s) >= CLIENTS && !is_peering(quote))))
        tell(watch, row, sighting);
}

static const enum finding_kind kinds[] = {KIND_FAILED_CONNECTIONS};

const struct detector detector_failed = {
    .name = "failed",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ERROR),
    .state_size = sizeof(struct failed),
    .packet = see,
};
