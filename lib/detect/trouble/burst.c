/* SPDX-License-Identifier: MIT */
/* Bursts of unreachable messages about one service or from one reporter: more than it ever had, or very many.
 */
#include "detect/trouble/burst.h"

#include <math.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/services.h"

enum {
    WINDOW_S = BURST_WINDOW_S,
    LARGE = 50,       /* errors a second: much for any service */
    HUGE = 500,       /* errors a second: much also for late answers, which concern nobody */
    RISE = 10,        /* times the baseline */
    RISE_LEAST = 100, /* errors in the window, so that little above nothing is no rise */
    BASELINE_S = 60,  /* a baseline is known after so long */
    LASTING_S = 3,    /* seconds above LARGE, longer than clients need to understand a restart */
    PORT_SERVICE = 1024,
};

#define SMOOTHING (1.0F / 64) /* weight of one second in the baseline */

/* The watch began anew after its lesson: what was usual then is usual now. */
static void begin_anew(struct burst_row *row, uint32_t now_s)
{
    row->head.last_s = now_s;
    row->lasting = 0;
    row->head.told_s = UINT32_MAX;
    memset(row->seconds, 0, sizeof(row->seconds));
}

/* Put the seconds that leave the window into the baseline, so that a burst is not measured with itself; and
 * none of the large ones, which are not usual however long they last. */
static void pass_seconds(struct burst_row *row, uint32_t now_s)
{
    uint32_t passed = now_s - row->head.last_s;

    row->lasting = row->seconds[row->head.last_s % WINDOW_S] >= LARGE && passed == 1 ? row->lasting + 1 : 0;
    for (uint32_t i = 1; i <= passed && i <= WINDOW_S; i++) {
        uint16_t *slot = &row->seconds[(row->head.last_s + i) % WINDOW_S];

        if (*slot < LARGE)
            row->baseline += ((float)*slot - row->baseline) * SMOOTHING;
        *slot = 0;
    }
    if (passed > WINDOW_S)
        row->baseline *= powf(1 - SMOOTHING, (float)(passed - WINDOW_S));
    row->head.last_s = now_s;
}

static void count(struct burst_row *row, uint32_t now_s, uint32_t other)
{
    uint16_t *second;

    if (now_s < row->head.last_s)
        begin_anew(row, now_s);
    else if (now_s > row->head.last_s)
        pass_seconds(row, now_s);
    second = &row->seconds[now_s % WINDOW_S];
    *second += *second < UINT16_MAX;
    row->head.untold++;
    distinct_add(&row->others, other);
}

static unsigned window_of(const struct burst_row *row)
{
    unsigned sum = 0;

    for (int i = 0; i < WINDOW_S; i++)
        sum += row->seconds[i];
    return sum;
}

static bool is_large(const struct burst_row *row, const struct packet_quote *quote)
{
    return row->seconds[row->head.last_s % WINDOW_S] >= (quoted_is_answer(quote) ? HUGE : LARGE);
}

static bool is_rise(const struct watch *watch, const struct burst_row *row, const struct packet_quote *quote)
{
    unsigned window = window_of(row);

    return window >= RISE_LEAST && (watch->now_s >= BASELINE_S || watch->learned) &&
           (float)window >= RISE * WINDOW_S * row->baseline && !quoted_is_answer(quote);
}

/* Late answers, and what peers still send to a program that has ended, are nobody's trouble unless it goes
 * on.
 */
static bool is_harmless(const struct burst_row *row, const struct packet_quote *quote)
{
    if (quoted_is_answer(quote))
        return true;
    return row->lasting < LASTING_S && quote->ports && quote->protocol == IPPROTO_UDP &&
           quote->destination_port >= PORT_SERVICE && !service_find(IPPROTO_UDP, quote->destination_port);
}

static void tell(struct watch *watch, struct burst_row *row, const struct sighting *sighting,
                 bool by_reporter)
{
    const struct packet_quote *quote = sighting->quote;
    const struct packet *packet = sighting->packet;
    bool large = is_large(row, quote), fresh;
    struct finding *finding =
        watch_raise(watch, KIND_UNREACHABLE_BURST, packet, by_reporter ? packet->source : NULL,
                    by_reporter ? NULL : quote->destination, &fresh);

    if (!trouble_tell(&row->head, finding, sighting->now_s))
        return;
    if (fresh)
        quoted_tell(finding, sighting);
    finding_grade(finding, fresh, is_harmless(row, quote) ? SEVERITY_INFO : SEVERITY_WARNING,
                  large && row->lasting ? 0.9 : 0.7);
    if (large)
        quoted_measure(finding, row->seconds[row->head.last_s % WINDOW_S], LARGE, "errors in one second");
    else
        quoted_measure(finding, window_of(row), fmax(RISE_LEAST, RISE * WINDOW_S * (double)row->baseline),
                       "errors in 10 s");
    evidence_number(&finding->evidence, FACT_RATE, window_of(row) / (double)WINDOW_S);
    evidence_number(&finding->evidence, FACT_BASELINE, (double)row->baseline);
    evidence_number(&finding->evidence, by_reporter ? FACT_DISTINCT_TARGETS : FACT_CLIENTS,
                    (double)row->others.count + 0.5);
    finding->excluded |= 1U << INNOCENT_TRACEROUTE | 1U << INNOCENT_ONE_ERROR;
    if (watch->now_s >= BASELINE_S || watch->learned)
        finding->excluded |= 1U << INNOCENT_OWN_BASELINE;
}

static bool is_due(const struct watch *watch, const struct burst_row *row, const struct sighting *sighting)
{
    return trouble_is_due(&row->head, sighting->now_s) &&
           (is_large(row, sighting->quote) || is_rise(watch, row, sighting->quote));
}

/* The row of a service or reporter, from its second error on. */
static struct burst_row *row_of(struct burst *burst, uint64_t hash, const struct candidate *first,
                                uint32_t now_s)
{
    const struct trouble_rows rows = TROUBLE_ROWS(burst->rows);
    struct burst_row *row = trouble_find(&rows, hash);

    if (row || !first)
        return row;
    row = trouble_make(&rows, hash, now_s);
    if (first->now_s == now_s)
        count(row, now_s, first->client);
    return row;
}

static void see_reporter(struct watch *watch, struct burst *burst, const struct complaint *complaint)
{
    const struct packet *packet = complaint->sighting->packet;
    uint64_t reporter = hosts_target_key(complaint->sighting->source_address, packet->family);
    const struct candidate *first =
        candidates_find(&burst->reporters, reporter, (uint32_t)complaint->target, complaint->now_s);
    struct burst_row *row = row_of(burst, reporter, first, complaint->now_s);

    if (!row)
        return;
    count(row, complaint->now_s, (uint32_t)complaint->target);
    if (is_due(watch, row, complaint->sighting))
        tell(watch, row, complaint->sighting, true);
}

void burst_see(struct watch *watch, struct burst *burst, const struct complaint *complaint)
{
    uint32_t now_s = complaint->now_s;
    struct burst_row *row;

    if (quoted_is_trace(complaint->quote))
        return;
    row = row_of(burst, complaint->service, complaint->first, now_s);
    if (row) {
        count(row, now_s, (uint32_t)complaint->client);
        if (is_due(watch, row, complaint->sighting))
            tell(watch, row, complaint->sighting, false);
        if (quoted_age(now_s, row->head.told_s) <= WINDOW_S)
            return; /* the service is the better name for it */
    }
    see_reporter(watch, burst, complaint);
}
