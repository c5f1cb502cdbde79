/* SPDX-License-Identifier: MIT */
/* Connections that fail: hosts that want a service which refuses them or which a filter forbids. */
#include "detect/trouble/failed.h"

#include <netinet/in.h>

#include "base/macro.h"
#include "catalog/services.h"

enum {
    WINDOW_S = 60,
    ERRORS = FAILED_ERRORS,   /* in the window make a finding */
    CLIENTS = FAILED_CLIENTS, /* or so many different clients */
    PORT_PEERS = 1024,
    INSISTENT = 3, /* errors for each client */
};

static bool is_connection(const struct packet_quote *quote)
{
    return quote->ports && (quote->protocol == IPPROTO_TCP || quote->protocol == IPPROTO_UDP ||
                            quote->protocol == IPPROTO_SCTP);
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

    if (!trouble_tell(&row->head, finding, sighting->now_s))
        return;
    finding_grade(finding, fresh, severity_of(row, quote), sighting->flow == FLOW_SEEN ? 0.95 : 0.8);
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
}

static void note(struct refusal *row, uint64_t client, uint32_t now_s)
{
    row->times_s[row->errors++ % ERRORS] = now_s;
    row->head.untold++;
    row->head.last_s = now_s;
    note_client(row, client, now_s);
}

/* The row of a service, from its second refusal on. */
static struct refusal *row_of(struct failed *failed, const struct complaint *complaint)
{
    const struct trouble_rows rows = TROUBLE_ROWS(failed->rows);
    struct refusal *row = trouble_find(&rows, complaint->service);

    if (row || !complaint->first)
        return row;
    row = trouble_make(&rows, complaint->service, complaint->now_s);
    note(row, complaint->first->client, complaint->first->now_s);
    return row;
}

void failed_see(struct watch *watch, struct failed *failed, const struct complaint *complaint)
{
    const struct packet_quote *quote = complaint->quote;
    uint32_t now_s = complaint->now_s;
    struct refusal *row;

    if (!is_connection(quote) || quoted_is_trace(quote) || quoted_is_answer(quote))
        return;
    row = row_of(failed, complaint);
    if (!row)
        return;
    note(row, (uint32_t)complaint->client, now_s);
    if (trouble_is_due(&row->head, now_s) &&
        (is_frequent(row, now_s) || (clients_now(row, now_s) >= CLIENTS && !is_peering(quote))))
        tell(watch, row, complaint->sighting);
}
