/* SPDX-License-Identifier: MIT */
/* Rate limits: a host that answers the same number of questions each second, however many come. */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/watch.h"

enum {
    ROWS = 256,
    PROTOCOL_UDP = 17,
    TTL_MIN = 32,     /* what traceroutes send is not meant to arrive */
    BEGIN_ASKED = 16, /* echo requests before a host is followed */
    TIMES = 2,        /* questions for each answer, at least */
    LASTING_S = 5,
    FEW = 5, /* answers a second that may be the same by chance: */
    FEW_TIMES = 5,
    FEW_LASTING_S = 10,
};

/* A host that is asked. */
struct row {
    uint64_t tag; /* 0: free */
    uint8_t address[16];
    uint8_t family;
    bool errors;                     /* port unreachable for UDP, instead of echo replies */
    uint32_t asked_now, answers_now; /* in the present second */
    uint32_t asked_last;
    uint32_t least, most, seconds; /* answers a second since they are the same */
    uint64_t asked, answers;       /* since then */
};

struct limited {
    struct row rows[ROWS];
    uint32_t udp_rows; /* rows for UDP: as long as there is none, flows are not looked at */
};

static const enum finding_kind kinds[] = {KIND_RATE_LIMITED};

static struct row *find(struct limited *limited, uint64_t tag)
{
    struct row *row = &limited->rows[(tag >> 24) % ROWS];

    return row->tag == tag ? row : NULL;
}

static struct row *get(struct limited *limited, uint64_t tag, uint8_t family, const uint8_t *address)
{
    struct row *row = &limited->rows[(tag >> 24) % ROWS];

    if (row->tag == tag)
        return row;
    if (row->asked_last || row->asked_now)
        return NULL; /* who is asked at present keeps his row */
    limited->udp_rows -= row->tag && row->errors;
    *row = (struct row){.tag = tag, .family = family};
    memcpy(row->address, address, sizeof(row->address));
    return row;
}

/* Questions by UDP and by echo have limits of their own. */
static uint64_t udp_tag(uint64_t host_hash)
{
    return ~host_hash ? ~host_hash : 1;
}

static void see_flow(struct watch *watch, struct limited *limited, const struct packet *packet)
{
    struct row *row;

    if (packet->protocol != PROTOCOL_UDP)
        return;
    row = find(limited, udp_tag(hosts_target_hash(&watch->hosts, packet->family, packet->destination)));
    if (row)
        row->asked_now++;
}

/* Only of errors of the asked host itself is it known how often it was asked. */
static void see_error(struct watch *watch, struct limited *limited, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    const struct packet_quote *quote = sighting->quote;
    struct row *row;

    if (!quote || quote->protocol != PROTOCOL_UDP || quote->family != packet->family ||
        memcmp(quote->destination, packet->source, 16) != 0)
        return;
    row = get(limited, udp_tag(hosts_target_key(sighting->source_address, packet->family)), packet->family,
              packet->source);
    if (!row)
        return;
    limited->udp_rows += !row->errors;
    row->errors = true;
    row->answers_now++;
}

static void limited_packet(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct limited *limited = state;
    struct row *row = NULL;

    if (packet->class == PACKET_FLOW) {
        if (limited->udp_rows)
            see_flow(watch, limited, packet);
    } else if (packet->class == PACKET_ERROR) {
        see_error(watch, limited, sighting);
    } else if (packet->class == PACKET_ECHO_REQUEST) {
        if (sighting->target->requests_in >= BEGIN_ASKED && packet->ttl >= TTL_MIN)
            row = get(limited, sighting->target_hash, packet->family, packet->destination);
        if (row)
            row->asked_now++;
    } else {
        row = find(limited, hosts_target_key(sighting->source_address, packet->family));
        if (row)
            row->answers_now++;
    }
}

static void raise_limited(struct watch *watch, const struct row *row)
{
    double answers = (double)row->answers / row->seconds, asked = (double)row->asked / row->seconds;
    struct finding *finding =
        watch_raise_prefix(watch, KIND_RATE_LIMITED, NULL, row->family, row->address, 0, NULL, 0, NULL);

    if (!finding)
        return;
    finding->packets += row->answers_now;
    finding->confidence = row->seconds >= FEW_LASTING_S ? 0.9 : 0.7;
    evidence_number(&finding->evidence, FACT_OBSERVED, answers);
    evidence_number(&finding->evidence, FACT_THRESHOLD, asked / TIMES);
    evidence_text(&finding->evidence, FACT_MEASURE,
                  row->errors ? "port-unreachable messages a second, always the same"
                              : "echo replies a second, always the same");
    evidence_number(&finding->evidence, FACT_WINDOW, (double)row->seconds * (double)NS_PER_S);
    evidence_number(&finding->evidence, FACT_RATE, answers);
    evidence_number(&finding->evidence, FACT_REQUESTS, (double)row->asked);
    evidence_number(&finding->evidence, FACT_REPLIES, (double)row->answers);
    evidence_number(&finding->evidence, FACT_ANSWERED_RATIO, (double)row->answers / (double)row->asked);
}

static bool is_limited(const struct row *row)
{
    if (row->seconds < LASTING_S)
        return false;
    return row->most >= FEW || (row->seconds >= FEW_LASTING_S && row->answers * 10 >= row->seconds * 8ULL &&
                                row->asked >= FEW_TIMES * row->answers);
}

static void close_second(struct watch *watch, struct row *row)
{
    uint32_t now = row->answers_now, least = row->least < now ? row->least : now;
    uint32_t most = row->most > now ? row->most : now, play = most / 20 > 1 ? most / 20 : 1;
    bool asked_more = row->asked_now >= TIMES * (now ? now : 1);

    if (row->seconds == 0 || !asked_more || most - least > play) {
        row->seconds = asked_more;
        row->least = row->most = now;
        row->asked = row->asked_now;
        row->answers = now;
    } else {
        row->seconds++;
        row->least = least;
        row->most = most;
        row->asked += row->asked_now;
        row->answers += now;
    }
    if (row->most > 0 && is_limited(row))
        raise_limited(watch, row);
    row->asked_last = row->asked_now;
    row->asked_now = row->answers_now = 0;
}

static void limited_second(struct watch *watch, void *state, uint32_t now_s)
{
    struct limited *limited = state;

    (void)now_s;
    for (size_t i = 0; i < ROWS; i++)
        if (limited->rows[i].tag)
            close_second(watch, &limited->rows[i]);
}

const struct detector detector_limited = {
    .name = "limited",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_ECHO_REPLY) | WANTS(PACKET_ERROR) | WANTS(PACKET_FLOW),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_PINGED, [PACKET_ERROR] = TRAIT_SELF},
    .state_size = sizeof(struct limited),
    .packet = limited_packet,
    .second = limited_second,
};
