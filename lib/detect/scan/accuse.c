/* SPDX-License-Identifier: MIT */
/* How a finding about a sweep is raised, kept up to date and proved. */
#include "detect/scan/accuse.h"

#include <string.h>

#include "base/macro.h"
#include "detect/scan/slow.h"
#include "detect/scan/tool.h"

enum { NET_ADDRESSES = 256, RUN_WORTH_TELLING = 8 };

#define SHORTEST_NS (100 * NS_PER_MS) /* a rate over less time says little */

/* How the numbers of a reason are told. */
static const struct {
    enum finding_kind kind;
    double threshold;
    const char *measure;
    int64_t window_ns, patience_ns;
} reasons[REASONS] = {
    [REASON_SHORT] = {KIND_SWEEP, SWEEP_SHORT, "targets in 10 s", SWEEP_SHORT_S *NS_PER_S, 0},
    [REASON_LONG] = {KIND_SWEEP, SWEEP_LONG, "targets in 10 min", SWEEP_LONG_S *NS_PER_S, 0},
    [REASON_BURST] = {KIND_SWEEP, SLOW_BURST, "first contacts that failed, less those that were answered", 0,
                      0},
    [REASON_SCANNER] = {KIND_SWEEP, SWEEP_SCANNER, "targets asked with packets of a scanner", 0, 0},
    [REASON_SLOW_SCANNER] = {KIND_SWEEP_SLOW, SWEEP_SCANNER, "targets asked with packets of a scanner", 0,
                             1800 * NS_PER_S},
    [REASON_RUN] = {KIND_SWEEP_MONOTONIC, SWEEP_RUN, "addresses in one direction", 0, 1800 * NS_PER_S},
    [REASON_WALK] = {KIND_SWEEP_SLOW, SLOW_LIMIT, "first contacts that failed, less those that were answered",
                     0, 1800 * NS_PER_S},
    [REASON_RANGE] = {KIND_SWEEP_SLOW, SWEEP_RANGE, "addresses of one net of 256", 0, 1800 * NS_PER_S},
};

enum finding_kind reason_kind(enum reason reason)
{
    return reasons[reason].kind;
}

bool is_scanner(const struct scan *scan)
{
    return scan->verdict.scanned >= SWEEP_SCANNER - SCAN_PROMOTE;
}

static double observed(const struct scan *scan, enum reason reason)
{
    switch (reason) {
    case REASON_BURST:
    case REASON_WALK:
        return scan->verdict.walk;
    case REASON_RUN:
        return scan->order.best_run;
    case REASON_RANGE:
        return scans_covered(scan);
    case REASON_SCANNER:
    case REASON_SLOW_SCANNER:
        return (double)scans_distinct(scan);
    default:
        return (double)scan->verdict.observed;
    }
}

static const char *pattern_of(const struct scan *scan)
{
    const struct scan_order *order = &scan->order;
    bool ordered = order->best_run >= SWEEP_RUN || (float)(order->best_run * 2) >= scans_distinct(scan);

    if (!ordered)
        return "permuted";
    if (order->best_way < 0)
        return "descending";
    return order->stride > 1 ? "strided" : "sequential";
}

static void state_order(struct evidence *evidence, const struct scan *scan, uint8_t family)
{
    const struct scan_order *order = &scan->order;

    evidence_text(evidence, FACT_PATTERN, pattern_of(scan));
    evidence_number(evidence, FACT_COVERAGE, (double)scans_covered(scan) / NET_ADDRESSES);
    if (order->best_run < RUN_WORTH_TELLING)
        return;
    evidence_number(evidence, FACT_RUN, order->best_run);
    evidence_number(evidence, FACT_STRIDE, order->stride);
    evidence_address(evidence, FACT_FIRST_TARGET, address_from(family, order->best_first));
    evidence_address(evidence, FACT_LAST_TARGET, address_from(family, order->best_last));
}

static void state_answers(struct evidence *evidence, const struct watch *watch, const struct source *source,
                          const struct scan *scan)
{
    unsigned answered = source->answered, settled = scans_settled(source, scan, watch->now_s, 2);

    if (scan->verdict.final)
        settled = source->fresh;
    if (settled == 0 || settled < answered)
        return;
    evidence_number(evidence, FACT_FAILED, settled - answered);
    evidence_number(evidence, FACT_SUCCEEDED, answered);
    evidence_number(evidence, FACT_ANSWERED_RATIO, (double)answered / settled);
    evidence_number(evidence, FACT_WALK, slow_ratio(scan->verdict.walk));
}

static void state(struct finding *finding, const struct watch *watch, const struct source *source,
                  const struct scan *scan, enum reason reason)
{
    struct evidence *evidence = &finding->evidence;
    int64_t lasted_ns = watch->now_ns - finding->first_ns;

    if (!finding->subject.source.family) /* it sums up many senders */
        return;
    evidence_number(evidence, FACT_OBSERVED, observed(scan, reason));
    evidence_number(evidence, FACT_THRESHOLD, reasons[reason].threshold);
    evidence_text(evidence, FACT_MEASURE, reasons[reason].measure);
    if (reasons[reason].window_ns)
        evidence_number(evidence, FACT_WINDOW, (double)reasons[reason].window_ns);
    evidence_number(evidence, FACT_RATE,
                    (double)finding->packets * NS_PER_S /
                        (double)(lasted_ns > SHORTEST_NS ? lasted_ns : SHORTEST_NS));
    evidence_number(evidence, FACT_DISTINCT_TARGETS, (double)scans_distinct(scan));
    state_answers(evidence, watch, source, scan);
    state_order(evidence, scan, source->family);
    if (tool_name(scan->verdict.tool))
        evidence_text(evidence, FACT_TOOL, tool_name(scan->verdict.tool));
}

/* IPv6 senders are known by their /64, but as long as one address of it asks, that is named. */
static struct finding *raise_one(struct watch *watch, const struct source *source, const struct scan *scan,
                                 enum reason reason, const struct packet *packet, bool *fresh)
{
    return watch_raise_prefix(watch, reasons[reason].kind, packet, source->family, scan->address,
                              scan->verdict.broad ? 64 : 0, NULL, 0, fresh);
}

static uint32_t excluded(const struct watch *watch, const struct source *source)
{
    uint32_t bits = 1U << INNOCENT_MONITORING | 1U << INNOCENT_TRACEROUTE | 1U << INNOCENT_ALLOWED;

    return watch->echoes.answers && source->answered ? bits | 1U << INNOCENT_ONE_WAY : bits;
}

static double confidence(const struct watch *watch, const struct scan *scan, bool harmless)
{
    if (harmless)
        return 0.5;
    if (is_scanner(scan))
        return 0.98;
    return watch->echoes.answers ? 0.95 : 0.85;
}

/* When it began, as well as it is known, and how many questions there were since. */
static void date_back(struct finding *finding, const struct scan *scan)
{
    const struct scan_verdict *verdict = &scan->verdict;

    if (verdict->since_ns && verdict->since_ns < finding->first_ns)
        finding->first_ns = verdict->since_ns;
    finding->packets = scan->probes - verdict->since_probes + (verdict->since_probes ? 0 : SCAN_PROMOTE);
}

static void accuse_of(struct watch *watch, const struct source *source, struct scan *scan,
                      struct suspect *suspect, const struct packet *packet, enum reason reason, bool harmless)
{
    struct finding *finding = NULL;
    bool fresh = false, made;

    for (size_t i = 0; suspect && i < suspect->count; i++) {
        finding = raise_one(watch, source, scan, reason, suspect_packet(suspect, i), &made);
        fresh |= made;
    }
    if (packet || !suspect) {
        finding = raise_one(watch, source, scan, reason, packet, &made);
        fresh |= made;
    }
    if (!finding)
        return;
    if (fresh) {
        date_back(finding, scan);
        finding->patience_ns = reasons[reason].patience_ns;
        finding->excluded = excluded(watch, source);
        finding->confidence = confidence(watch, scan, harmless);
        finding->severity = harmless ? SEVERITY_WARNING : finding->severity;
    }
    state(finding, watch, source, scan, reason);
}

static bool is_accused(const struct scan *scan, enum finding_kind kind)
{
    for (int reason = 0; reason < REASONS; reason++)
        if (scan->verdict.shown >> reason & 1 && reasons[reason].kind == kind)
            return true;
    return false;
}

/* Who sweeps fast is not accused of sweeping slowly as well. */
static bool is_covered(const struct scan *scan, enum reason reason)
{
    return is_accused(scan, reasons[reason].kind) ||
           (reasons[reason].kind == KIND_SWEEP_SLOW &&
            (is_accused(scan, KIND_SWEEP) || is_accused(scan, KIND_SWEEP_MONOTONIC)));
}

static void note_told(struct scan *scan, uint32_t now_s, size_t samples)
{
    struct scan_verdict *verdict = &scan->verdict;

    verdict->told_s = now_s;
    verdict->told_probes = scan->probes;
    verdict->told_count = scan->targets.count;
    verdict->samples = (uint8_t)(verdict->samples + samples < FINDING_SAMPLES ? verdict->samples + samples
                                                                              : FINDING_SAMPLES);
}

void accuse(struct watch *watch, const struct source *source, struct scan *scan, struct suspect *suspect,
            const struct packet *packet, bool harmless)
{
    struct scan_verdict *verdict = &scan->verdict;

    if (verdict->shown)
        accuse_again(watch, source, scan, NULL);
    if (!verdict->raised)
        verdict->broad = scan->several;
    for (int reason = 0; reason < REASONS; reason++) {
        if (!((verdict->suspected & ~verdict->raised) >> reason & 1))
            continue;
        verdict->raised |= (uint8_t)(1 << reason);
        if (is_covered(scan, (enum reason)reason))
            continue;
        verdict->shown |= (uint8_t)(1 << reason);
        accuse_of(watch, source, scan, suspect, packet, (enum reason)reason, harmless);
    }
    note_told(scan, watch->now_s, suspect ? suspect->count : packet != NULL);
}

void accuse_again(struct watch *watch, const struct source *source, struct scan *scan,
                  const struct packet *packet)
{
    struct scan_verdict *verdict = &scan->verdict;
    uint32_t more = scan->probes - verdict->told_probes;

    for (int reason = 0; reason < REASONS; reason++) {
        struct finding *finding;

        if (!(verdict->shown >> reason & 1))
            continue;
        finding = raise_one(watch, source, scan, (enum reason)reason, packet, NULL);
        if (!finding)
            continue;
        finding->packets += packet && more ? more - 1 : more;
        state(finding, watch, source, scan, (enum reason)reason);
    }
    note_told(scan, watch->now_s, packet != NULL);
}
