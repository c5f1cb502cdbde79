/* SPDX-License-Identifier: MIT */
/* Sweeps: fast, in order, and slow ones. Most are plain, because hardly anybody answers. Where most targets
 * answer it may be monitoring: then the decision waits until it is clear whether the sender comes back. */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/scan/accuse.h"
#include "detect/scan/lease.h"
#include "detect/scan/query.h"
#include "detect/scan/slow.h"
#include "detect/scan/tool.h"

enum {
    SETTLED_MIN = 8,    /* questions that had time to be answered, to judge a share */
    SETTLED_S = 2,      /* that time */
    ONE_WAY_MIN = 64,   /* questions of others, none answered: answers go another way */
    HOLD_S = 900,       /* longer than the rounds of monitoring systems take, twice */
    HOLD_SLOW_S = 60,   /* the dead hosts of a list may come first */
    WHOLE_RANGE = 96,   /* consecutive targets that no list of hosts to monitor names */
    ALWAYS_MANY = 4096, /* targets that no monitoring system asks unseen until now */
    FAST_MIN = 10,      /* targets in the short window of a sender that is not slow */
    MANY = 1000,        /* targets; of so many, the count grows in jumps */
    RETRY_S = 10,       /* in which scanners ask again */
    OVER_S = 60,        /* a sweep has ended */
    STORM = 512,        /* new questions in a second, of which one in */
    STORM_PART = 16,    /* so many is looked at */
    OVER_SLOW_S = 1800,
};

#define BIT(reason)  (1U << (reason))
#define SLOW_REASONS (BIT(REASON_WALK) | BIT(REASON_RANGE) | BIT(REASON_SLOW_SCANNER))
#define FAST_REASONS (BIT(REASON_SHORT) | BIT(REASON_LONG) | BIT(REASON_BURST) | BIT(REASON_SCANNER))
#define MANY_REASONS (BIT(REASON_SHORT) | BIT(REASON_LONG) | BIT(REASON_RUN))
#define WALK_REASONS (BIT(REASON_WALK) | BIT(REASON_BURST))
#define INVENTORY    0.8F /* share of answers that only those get who know what is there */
#define UNKNOWN      (-1.0F)

struct sweep {
    uint64_t searching; /* echo requests of those who ask many hosts, and not the same ones again and again */
    struct suspects suspects;
    struct leases leases;
};

/* What to do about a suspect. */
enum ruling { RULING_WAIT, RULING_DROP, RULING_HARMLESS, RULING_ACCUSE };

/* @param probes how many questions led to the suspicion, about */
static void suspect(struct scan *scan, const struct watch *watch, enum reason reason, int64_t since_ns,
                    uint32_t probes, const struct packet *packet)
{
    struct scan_verdict *verdict = &scan->verdict;
    uint32_t before = scan->probes > probes + SCAN_PROMOTE ? scan->probes - probes : 0;

    if (verdict->suspected >> reason & 1)
        return;
    if (!(verdict->suspected & (uint8_t)~verdict->raised)) {
        verdict->suspected_s = watch->now_s;
        if (packet)
            verdict->tool = tool_guess(packet);
    }
    if (!verdict->since_ns || before < verdict->since_probes)
        verdict->since_probes = before;
    if (!verdict->since_ns || since_ns < verdict->since_ns)
        verdict->since_ns = since_ns;
    verdict->suspected |= (uint8_t)BIT(reason);
}

static float in_window(const struct scan *scan, float mark)
{
    float all = scans_distinct(scan), before = all - SCAN_PROMOTE;

    return mark > 0 ? before * (1 - mark / scan->targets.count) : all;
}

/* Windows begin anew with the first question after their end, so that a burst lies in one. */
static void open_windows(struct scan *scan, int64_t now_ns)
{
    struct scan_verdict *verdict = &scan->verdict;

    if (now_ns - verdict->short_ns > SWEEP_SHORT_S * NS_PER_S) {
        verdict->short_mark = verdict->short_ns ? scan->targets.count : 0;
        verdict->short_probes = verdict->short_ns ? scan->probes : 0;
        verdict->short_ns = now_ns;
    }
    if (now_ns - verdict->long_ns > SWEEP_LONG_S * NS_PER_S) {
        verdict->long_mark = verdict->long_ns ? scan->targets.count : 0;
        verdict->long_probes = verdict->long_ns ? scan->probes : 0;
        verdict->long_ns = now_ns;
    }
}

static void look_at_windows(struct scan *scan, const struct watch *watch, const struct packet *packet)
{
    struct scan_verdict *verdict = &scan->verdict;
    float in_short, in_long;
    bool is_short;

    open_windows(scan, watch->now_ns);
    in_short = in_window(scan, verdict->short_mark);
    in_long = in_window(scan, verdict->long_mark);
    is_short = in_short >= SWEEP_SHORT;
    if (!is_short && in_long < SWEEP_LONG)
        return;
    if (!(verdict->suspected & (BIT(REASON_SHORT) | BIT(REASON_LONG))))
        verdict->observed = is_short ? in_short : in_long;
    suspect(scan, watch, is_short ? REASON_SHORT : REASON_LONG,
            is_short ? verdict->short_ns : verdict->long_ns,
            scan->probes - (is_short ? verdict->short_probes : verdict->long_probes), packet);
}

/* Nobody's questions are answered here, not even those of hosts that surely do not scan. */
static bool is_one_way(const struct watch *watch, const struct sweep *sweep)
{
    return watch->echoes.answers == 0 && watch->echoes.requests >= sweep->searching + ONE_WAY_MIN;
}

static void look_at_walk(struct scan *scan, const struct source *source, const struct watch *watch,
                         const struct sweep *sweep, const struct packet *packet, unsigned age_s)
{
    struct scan_verdict *verdict = &scan->verdict;
    bool burst;

    slow_walk(scan, source, watch, age_s);
    if (slow_decides(scan, watch->now_ns, is_one_way(watch, sweep), &burst))
        suspect(scan, watch, burst ? REASON_BURST : REASON_WALK, verdict->walk_ns,
                verdict->failed + verdict->answered, packet);
    else
        verdict->suspected &= (uint8_t)(~WALK_REASONS | verdict->raised);
}

static void look_at_targets(struct scan *scan, const struct watch *watch, const struct packet *packet)
{
    struct scan_verdict *verdict = &scan->verdict;

    verdict->scanned += tool_use(tool_guess(packet)) == TOOL_SCANS && verdict->scanned < UINT16_MAX;
    if (is_scanner(scan))
        suspect(scan, watch,
                in_window(scan, verdict->short_mark) >= FAST_MIN ? REASON_SCANNER : REASON_SLOW_SCANNER,
                verdict->short_ns, scan->probes - verdict->short_probes, packet);
    if (scans_covered(scan) >= SWEEP_RANGE)
        suspect(scan, watch, REASON_RANGE, verdict->long_ns, scan->probes - verdict->long_probes, packet);
}

/* The share of the questions that were answered, or UNKNOWN while they are too young. */
static float answered_share(const struct watch *watch, const struct source *source, const struct scan *scan,
                            bool at_end)
{
    unsigned settled = at_end ? source->fresh : scans_settled(source, scan, watch->now_s, SETTLED_S);

    if (scan->queries * 2 > scan->probes)
        return at_end || watch->now_s - scan->verdict.suspected_s >= SETTLED_S
                   ? (float)scan->query_answers / (float)scan->queries
                   : UNKNOWN;
    if (settled == 0 || (settled < SETTLED_MIN && !at_end))
        return at_end ? 0 : UNKNOWN;
    return (float)source->answered / (float)settled;
}

static bool is_range(const struct scan *scan)
{
    return scan->order.best_run >= SWEEP_RUN ||
           (scans_covered(scan) >= SWEEP_RANGE && scan->verdict.suspected & (uint8_t)~SLOW_REASONS);
}

/* Whoever gives out addresses asks them slowly. */
static bool is_leasing(const struct watch *watch, const struct sweep *sweep, const struct source *source,
                       const struct scan *scan)
{
    return !(scan->verdict.suspected & BIT(REASON_SHORT)) &&
           (tool_use(scan->verdict.tool) == TOOL_LEASES ||
            leases_explain(&sweep->leases, &watch->flows, source));
}

/* Many targets are plain; with few it is worth waiting for what else the sender does. */
static enum ruling rule_unanswered(const struct watch *watch, const struct sweep *sweep,
                                   const struct scan *scan, bool patient)
{
    unsigned reasons = scan->verdict.suspected & ~(unsigned)scan->verdict.raised;

    if (patient)
        return RULING_ACCUSE;
    if (is_one_way(watch, sweep))
        return RULING_WAIT;
    if (reasons & MANY_REASONS)
        return RULING_ACCUSE;
    if (watch->echoes.answers == 0)
        return RULING_WAIT;
    return reasons & BIT(REASON_BURST) ||
                   (reasons & BIT(REASON_WALK) && watch->now_s - scan->verdict.suspected_s >= HOLD_SLOW_S)
               ? RULING_ACCUSE
               : RULING_WAIT;
}

static enum ruling rule(const struct watch *watch, const struct sweep *sweep, const struct source *source,
                        const struct scan *scan, bool at_end)
{
    bool patient = at_end || watch->now_s - scan->verdict.suspected_s >= HOLD_S;
    float share = answered_share(watch, source, scan, at_end);

    if (is_scanner(scan))
        return RULING_ACCUSE;
    if (scan->routine || is_leasing(watch, sweep, source, scan))
        return RULING_DROP;
    if (share == UNKNOWN)
        return RULING_WAIT;
    if (share < 0.5F)
        return rule_unanswered(watch, sweep, scan, patient);
    if (scans_distinct(scan) > ALWAYS_MANY)
        return RULING_ACCUSE;
    if (!patient)
        return RULING_WAIT;
    if (scan->order.best_run >= WHOLE_RANGE)
        return RULING_ACCUSE;
    return is_range(scan) && share < INVENTORY ? RULING_ACCUSE : RULING_HARMLESS;
}

/* Forget what a sender was suspected or accused of: it has to happen anew. */
static void acquit(struct scan *scan)
{
    struct scan_verdict *verdict = &scan->verdict;

    verdict->suspected = verdict->raised = verdict->shown = 0;
    verdict->since_ns = 0;
    verdict->since_probes = 0;
    verdict->observed = 0;
    verdict->walk = 0;
    verdict->scanned = 0;
    verdict->samples = 0;
    verdict->short_mark = verdict->long_mark = scan->targets.count;
    scan->order.best_run = scan->order.run = 0;
    scan->covered_mark = scan->covered_count;
}

static void decide(struct watch *watch, struct sweep *sweep, const struct source *source, struct scan *scan,
                   bool at_end)
{
    enum ruling ruling = rule(watch, sweep, source, scan, at_end);

    if (ruling == RULING_WAIT)
        return;
    if (ruling != RULING_DROP) {
        accuse(watch, source, scan, suspects_find(&sweep->suspects, scan->tag), NULL,
               ruling == RULING_HARMLESS);
        return;
    }
    scan->verdict.suspected = scan->verdict.raised;
    if (scan->verdict.raised)
        return;
    acquit(scan);
    suspects_drop(&sweep->suspects, scan->tag);
}

/* Whether there are new targets since the findings were brought up to date, or retries of the last ones. */
static bool goes_on(const struct scan *scan, uint32_t now_s)
{
    const struct scan_verdict *verdict = &scan->verdict;

    if (scan->targets.count > verdict->told_count)
        return true;
    return scan->probes > verdict->told_probes && (verdict->final || now_s - verdict->grown_s < RETRY_S ||
                                                   (scan->targets.count > MANY && !scan->routine));
}

/* An accused sender goes on as long as there are new targets; later he has to be suspected anew. */
static void follow(struct watch *watch, struct sweep *sweep, const struct source *source, struct scan *scan,
                   const struct packet *packet)
{
    struct scan_verdict *verdict = &scan->verdict;
    bool slow = !(verdict->raised & FAST_REASONS);
    uint32_t quiet_s = watch->now_s - verdict->told_s;

    if (goes_on(scan, watch->now_s)) {
        accuse_again(watch, source, scan, packet);
    } else if (quiet_s >= (slow ? OVER_SLOW_S : OVER_S)) {
        acquit(scan);
        suspects_drop(&sweep->suspects, scan->tag);
    }
}

/* Look at a sender as a whole: when he asks somebody new, and each second. */
static void judge(struct watch *watch, struct sweep *sweep, const struct source *source, struct scan *scan,
                  const struct packet *packet)
{
    struct scan_verdict *verdict = &scan->verdict;

    verdict->judged_s = watch->now_s;
    if (scan->order.best_run >= SWEEP_RUN)
        suspect(scan, watch, REASON_RUN, scan->order.best_begin_ns, scan->order.best_run + scan->order.strays,
                packet);
    look_at_walk(scan, source, watch, sweep, packet, SETTLED_S);
    if (!(verdict->suspected & (uint8_t)~verdict->raised)) {
        if (source->fresh >= source->answered + SLOW_LIMIT)
            suspects_offer(&sweep->suspects, scan->tag, packet);
        return;
    }
    suspects_keep(&sweep->suspects, scan->tag, packet);
    decide(watch, sweep, source, scan, false);
}

/* Of a sender that is accused and goes on at a high rate, each second is enough to look at. */
static bool is_storm(const struct scan *scan)
{
    return scan->verdict.raised && scan->young[0] > STORM && scan->young[0] % STORM_PART != 0;
}

static void see_question(struct watch *watch, struct sweep *sweep, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    const struct source *source = sighting->source;
    struct scan *scan = sighting->scan;
    struct scan_verdict *verdict = &scan->verdict;

    if (sighting->fresh) {
        verdict->grown_s = watch->now_s;
        leases_ask(&sweep->leases, &watch->flows, sighting);
    }
    if (sighting->fresh && !is_storm(scan)) {
        look_at_windows(scan, watch, packet);
        look_at_targets(scan, watch, packet);
    }
    if ((sighting->fresh && !is_storm(scan)) || verdict->judged_s != watch->now_s)
        judge(watch, sweep, source, scan, packet);
    if (verdict->raised && (verdict->samples < FINDING_SAMPLES || watch->now_s != verdict->told_s))
        follow(watch, sweep, source, scan, packet);
}

/* An answer to a query, such as a timestamp reply. */
static void see_answer(struct watch *watch, const struct packet *packet)
{
    struct scan *scan =
        scans_find(&watch->scans, hosts_source_hash(&watch->hosts, packet->family, packet->destination));

    if (scan && scan->query_answers < scan->queries)
        scan->query_answers++;
}

static void see(struct watch *watch, void *state, const struct sighting *sighting)
{
    struct sweep *sweep = state;
    const struct packet *packet = sighting->packet;

    if (packet->class == PACKET_FLOW)
        leases_see(&sweep->leases, packet);
    else if (sighting->scan && !(sighting->source->flags & HOST_ALLOWED))
        see_question(watch, sweep, sighting);
    else if (query_is_answer(packet))
        see_answer(watch, packet);
    sweep->searching += packet->class == PACKET_ECHO_REQUEST && sighting->scan && !sighting->scan->routine;
}

static void reconsider(struct watch *watch, struct sweep *sweep, struct scan *scan, bool at_end)
{
    const struct source *source = hosts_find_source(&watch->hosts, scan->tag);

    if (!source || source->flags & HOST_ALLOWED)
        return;
    scan->verdict.final = at_end;
    look_at_walk(scan, source, watch, sweep, NULL, at_end ? 0 : SETTLED_S);
    if (scan->verdict.suspected & (uint8_t)~scan->verdict.raised)
        decide(watch, sweep, source, scan, at_end);
    if (scan->verdict.raised)
        follow(watch, sweep, source, scan, NULL);
}

static void pass_second(struct watch *watch, void *state, uint32_t now_s)
{
    struct sweep *sweep = state;

    for (size_t i = 0; i < SUSPECTS; i++) {
        uint64_t tag = sweep->suspects.rows[i].tag;
        struct scan *scan = tag ? scans_find(&watch->scans, tag) : NULL;

        if (scan)
            reconsider(watch, sweep, scan, false);
    }
    (void)now_s;
}

static void finish(struct watch *watch, void *state)
{
    struct sweep *sweep = state;

    for (size_t i = 0; i < watch->scans.sets * SCAN_WAYS; i++)
        if (watch->scans.slots[i].tag)
            reconsider(watch, sweep, &watch->scans.slots[i], true);
    memset(&sweep->suspects, 0, sizeof(sweep->suspects));
}

static const enum finding_kind kinds[] = {KIND_SWEEP, KIND_SWEEP_MONOTONIC, KIND_SWEEP_SLOW};

const struct detector detector_sweep = {
    .name = "sweep",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_QUERY) | WANTS(PACKET_FLOW),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_SCANNER},
    .state_size = sizeof(struct sweep),
    .packet = see,
    .second = pass_second,
    .finish = finish,
};
