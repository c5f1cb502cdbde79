/* SPDX-License-Identifier: MIT */
/* Far more messages of one type and code than this network usually has. */
#include <math.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "detect/detectors.h"
#include "detect/watch.h"

enum {
    FLOOR_PPS = 100, /* below this nothing is a spike */
    TIMES_USUAL = 8,
    TIMES_DEVIATION = 6,
    LASTING_S = 5,
    LEARNING_S = 60,
    SECONDS = HISTORY_SLOTS - 1,
};

#define TIMES_PEAK 1.5 /* what comes now and then, such as rounds of monitoring, is no spike */

/* What is usual for a type and code. */
struct usual {
    uint8_t family, type, code; /* family 0: free */
    float peak; /* most in LASTING_S seconds, from the hour before and from the quiet capture */
    float peaks[HISTORY_SLOTS];  /* of each minute of the last hour */
    float learned, learned_peak; /* median and peak of the quiet capture */
    uint32_t above;              /* seconds above the threshold */
    uint32_t calm;               /* seconds below it */
    uint64_t total;              /* packets since then */
    float baseline, threshold;   /* as they were before */
};

struct spikes {
    struct usual rows[HISTORY_SERIES];
    size_t count;
    int64_t minute;
};

static const enum finding_kind kinds[] = {KIND_RATE_SPIKE};

static struct usual *row_of(struct spikes *spikes, const struct history_series *series)
{
    for (size_t i = 0; i < spikes->count; i++)
        if (spikes->rows[i].family == series->family && spikes->rows[i].type == series->type &&
            spikes->rows[i].code == series->code)
            return &spikes->rows[i];
    if (spikes->count == HISTORY_SERIES)
        return NULL;
    spikes->rows[spikes->count] =
        (struct usual){.family = series->family, .type = series->type, .code = series->code};
    return &spikes->rows[spikes->count++];
}

static void sort(float *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        float number = numbers[i];
        size_t at = i;

        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

/* Median of the last minute, and its median absolute deviation, which a few strange seconds do not move. */
static float median_of(const struct history *history, const struct history_series *series, float *deviation)
{
    float numbers[SECONDS], median;

    for (unsigned back = 1; back <= SECONDS; back++)
        numbers[back - 1] = (float)history_second(history, series, back);
    sort(numbers, SECONDS);
    median = numbers[SECONDS / 2];
    for (size_t i = 0; i < SECONDS; i++)
        numbers[i] = fabsf(numbers[i] - median);
    sort(numbers, SECONDS);
    *deviation = numbers[SECONDS / 2];
    return median;
}

static float recent_mean(const struct history *history, const struct history_series *series)
{
    float sum = 0;

    for (unsigned back = 1; back <= LASTING_S; back++)
        sum += (float)history_second(history, series, back);
    return sum / LASTING_S;
}

static float peak_of(const struct usual *usual)
{
    float peak = usual->learned_peak;

    for (size_t i = 0; i < HISTORY_SLOTS; i++)
        peak = usual->peaks[i] > peak ? usual->peaks[i] : peak;
    return peak;
}

static float threshold_of(const struct usual *usual, float median, float deviation)
{
    float threshold = FLOOR_PPS, peak = (float)TIMES_PEAK * peak_of(usual);

    threshold = fmaxf(threshold, TIMES_USUAL * fmaxf(median, usual->learned));
    threshold = fmaxf(threshold, median + TIMES_DEVIATION * deviation);
    return fmaxf(threshold, peak);
}

#define ECHOES (WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_ECHO_REPLY))
#define ERRORS WANTS(PACKET_ERROR)

/* What other findings say better: each explains more of the classes that it is about. */
static const struct {
    enum finding_kind kind;
    unsigned classes;
} explanations[] = {
    {KIND_SWEEP, ECHOES | ERRORS | WANTS(PACKET_QUERY)},
    {KIND_SWEEP_MONOTONIC, ECHOES | ERRORS | WANTS(PACKET_QUERY)},
    {KIND_SWEEP_SLOW, ECHOES | ERRORS},
    {KIND_QUERY_RECONNAISSANCE, WANTS(PACKET_QUERY)},
    {KIND_DARK_SPACE_PROBE, ECHOES},
    {KIND_ECHO_FLOOD, ECHOES | ERRORS},
    {KIND_PREFIX_FLOOD, ECHOES | ERRORS},
    {KIND_RATE_SPIKE, WANTS_ALL},
    {KIND_SMURF, ECHOES},
    {KIND_TUNNEL, ECHOES},
    {KIND_ND_FLOOD, WANTS(PACKET_NEIGHBOR) | WANTS(PACKET_ROUTER)},
    {KIND_SCAN_BACKSCATTER, ECHOES | ERRORS},
    {KIND_UNREACHABLE_BURST, ERRORS},
    {KIND_ROUTING_TROUBLE, ERRORS},
    {KIND_FAILED_CONNECTIONS, ERRORS},
};

static bool explains(const struct finding *finding, enum packet_class class)
{
    const struct finding_subject *subject = &finding->subject;

    if (!subject->source.family && !subject->target.family)
        return false;
    for (size_t i = 0; i < COUNT_OF(explanations); i++)
        if (explanations[i].kind == subject->kind)
            return explanations[i].classes >> class & 1;
    return false;
}

static bool is_explained(const struct watch *watch, const struct usual *usual)
{
    enum packet_class class = packet_class_of(usual->family, usual->type);

    for (size_t i = 0; i < watch->findings->count; i++) {
        const struct finding *finding = &watch->findings->rows[i];

        if (finding->state == FINDING_OPEN && watch->now_ns - finding->last_ns < 15 * NS_PER_S &&
            explains(finding, class))
            return true;
    }
    return false;
}

static void raise_spike(struct watch *watch, const struct usual *usual, float now)
{
    struct finding *finding;
    struct evidence *evidence;
    bool fresh;

    if (is_explained(watch, usual))
        return;
    finding = watch_raise(watch, KIND_RATE_SPIKE, NULL, NULL, NULL, &fresh);
    if (!finding)
        return;
    evidence = &finding->evidence;
    finding->severity = SEVERITY_WARNING;
    finding->confidence = 0.7;
    finding->packets += fresh ? usual->total : (uint64_t)now;
    finding->excluded |= 1U << INNOCENT_OWN_BASELINE | 1U << INNOCENT_START;
    evidence_number(evidence, FACT_OBSERVED, now);
    evidence_number(evidence, FACT_THRESHOLD, usual->threshold);
    evidence_text(evidence, FACT_MEASURE, "messages of one type and code a second");
    evidence_number(evidence, FACT_WINDOW, (double)LASTING_S * (double)NS_PER_S);
    evidence_number(evidence, FACT_RATE, now);
    evidence_number(evidence, FACT_BASELINE, usual->baseline);
    if (usual->family != 4 && usual->family != 6)
        return;
    evidence_number(evidence, FACT_ICMP_TYPE, usual->type);
    evidence_number(evidence, FACT_ICMP_CODE, usual->code);
    evidence_text(evidence, FACT_ICMP_NAME, sonde_icmp_find(usual->family, usual->type, usual->code)->name);
}

/* A second as usual. What comes right behind a spike still has the spike in its mean. */
static void keep_usual(const struct watch *watch, struct usual *usual, const struct history_series *series,
                       float *peak)
{
    float mean = recent_mean(watch->history, series);

    if (usual->above)
        usual->calm = 0;
    if (usual->calm++ >= LASTING_S)
        *peak = fmaxf(*peak, mean);
    usual->above = 0;
    usual->total = 0;
}

static void judge(struct watch *watch, struct spikes *spikes, const struct history_series *series)
{
    struct usual *usual = row_of(spikes, series);
    float now = (float)history_second(watch->history, series, 1), deviation;
    bool ready = watch->now_s >= LEARNING_S || watch->learned;

    if (!usual)
        return;
    if (usual->above == 0 && now >= FLOOR_PPS) {
        usual->baseline = median_of(watch->history, series, &deviation);
        usual->threshold = threshold_of(usual, usual->baseline, deviation);
    }
    if (now < FLOOR_PPS || now <= usual->threshold || !ready) {
        keep_usual(watch, usual, series, &usual->peaks[spikes->minute % HISTORY_SLOTS]);
        return;
    }
    usual->above++;
    usual->total += (uint64_t)now;
    if (usual->above >= LASTING_S)
        raise_spike(watch, usual, now);
}

static void spike_second(struct watch *watch, void *state, uint32_t now_s)
{
    struct spikes *spikes = state;
    int64_t minute = watch->now_ns / NS_PER_S / 60;

    (void)now_s;
    for (int64_t back = 0; back < minute - spikes->minute && back < HISTORY_SLOTS; back++)
        for (size_t i = 0; i < spikes->count; i++)
            spikes->rows[i].peaks[(minute - back) % HISTORY_SLOTS] = 0;
    spikes->minute = minute;
    for (size_t i = 0; i < HISTORY_SERIES; i++)
        if (watch->history->series[i].family)
            judge(watch, spikes, &watch->history->series[i]);
}

/* The quiet capture ends: what it had is usual, also when the watch begins anew. */
static void spike_finish(struct watch *watch, void *state)
{
    struct spikes *spikes = state;

    for (size_t i = 0; i < HISTORY_SERIES && watch->learning; i++) {
        const struct history_series *series = &watch->history->series[i];
        struct usual *usual = series->family ? row_of(spikes, series) : NULL;
        float deviation;

        if (!usual)
            continue;
        usual->learned = median_of(watch->history, series, &deviation);
        usual->learned_peak = peak_of(usual);
        usual->above = 0;
        memset(usual->peaks, 0, sizeof(usual->peaks));
    }
    spikes->minute = 0;
}

const struct detector detector_spike = {
    .name = "spike",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .state_size = sizeof(struct spikes),
    .second = spike_second,
    .finish = spike_finish,
};
