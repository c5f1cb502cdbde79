/* SPDX-License-Identifier: MIT */
/* Findings: what detectors say, kept in a table of fixed size, with the packets that prove it. */
#include "detect/finding.h"

#include <string.h>

#include "base/macro.h"

#define INCIDENT_NS (300 * NS_PER_S) /* findings further apart are different incidents */

static bool subject_equal(const struct finding_subject *a, const struct finding_subject *b)
{
    return a->kind == b->kind && a->source_bits == b->source_bits && a->target_bits == b->target_bits &&
           sonde_address_equal(&a->source, &b->source) && sonde_address_equal(&a->target, &b->target);
}

static uint64_t hash_subject(const struct findings *findings, const struct finding_subject *subject)
{
    uint64_t source = hash_address(&findings->key, subject->source.bytes);
    uint64_t target = hash_address(&findings->key, subject->target.bytes);
    uint64_t bits = (uint64_t)subject->source_bits << 8 | subject->target_bits;

    return hash_with(&findings->key, hash_with(&findings->key, source, target), bits << 8 | subject->kind) |
           1;
}

static struct finding *find(struct findings *findings, const struct finding_subject *subject)
{
    uint64_t hash = hash_subject(findings, subject);

    for (size_t i = 0; i < findings->count; i++)
        if (findings->subjects[i] == hash && subject_equal(&findings->rows[i].subject, subject))
            return &findings->rows[i];
    return NULL;
}

/* The row of a kind that stands for all subjects that are too many to list. */
static struct finding *find_sum(struct findings *findings, enum finding_kind kind)
{
    struct finding_subject many = {.kind = kind};

    return find(findings, &many);
}

static bool is_related(const struct finding *finding, const struct finding_subject *subject, int64_t now_ns)
{
    const struct finding_subject *other = &finding->subject;

    if (now_ns - finding->last_ns > INCIDENT_NS || finding->severity == SEVERITY_INFO)
        return false;
    return (subject->source.family && sonde_address_equal(&subject->source, &other->source)) ||
           (subject->target.family && sonde_address_equal(&subject->target, &other->target));
}

static uint32_t incident_of(struct findings *findings, const struct finding_subject *subject, int64_t now_ns)
{
    for (size_t i = findings->count; i-- > 0;)
        if (is_related(&findings->rows[i], subject, now_ns))
            return findings->rows[i].incident;
    return ++findings->incidents;
}

static struct finding *oldest_ended(struct findings *findings)
{
    struct finding *oldest = NULL;

    for (size_t i = 0; i < findings->count; i++)
        if (findings->rows[i].state == FINDING_ENDED &&
            (!oldest || findings->rows[i].last_ns < oldest->last_ns))
            oldest = &findings->rows[i];
    return oldest;
}

static struct finding *make(struct findings *findings, const struct finding_subject *subject, int64_t now_ns)
{
    struct finding *finding =
        findings->count < FINDINGS_MAX ? &findings->rows[findings->count++] : oldest_ended(findings);

    if (!finding) {
        findings->suppressed++;
        return NULL;
    }
    *finding = (struct finding){.state = FINDING_OPEN,
                                .id = ++findings->next_id,
                                .incident = incident_of(findings, subject, now_ns),
                                .subject = *subject,
                                .first_ns = now_ns,
                                .shift_ns = findings->shift_ns,
                                .severity = kind_row(subject->kind)->severity,
                                .confidence = 0.9};
    evidence_clear(&finding->evidence);
    findings->subjects[finding - findings->rows] = hash_subject(findings, subject);
    findings->of_kind[subject->kind]++;
    findings->raised[subject->kind]++;
    return finding;
}

static void keep_sample(struct finding *finding, const struct packet *packet)
{
    struct finding_sample *sample = &finding->samples[finding->sample_count];
    const struct frame *frame = packet->frame;
    size_t octets = frame->data.length < FINDING_SAMPLE_MAX ? frame->data.length : FINDING_SAMPLE_MAX;

    if (finding->sample_count == FINDING_SAMPLES)
        return;
    sample->time_ns = frame->time_ns;
    sample->length = frame->length;
    sample->captured = (uint16_t)octets;
    sample->link = frame->link;
    sample->interface = frame->interface;
    memcpy(sample->octets, frame->data.data, octets);
    finding->sample_count++;
}

struct finding *finding_raise(struct findings *findings, const struct finding_subject *subject,
                              const struct packet *packet, int64_t now_ns, bool *fresh)
{
    struct finding *finding = NULL;
    bool made = false;

    if (fresh)
        *fresh = false;
    finding = find(findings, subject);
    if (!finding && findings->of_kind[subject->kind] >= FINDINGS_PER_KIND) {
        struct finding_subject many = {.kind = subject->kind};

        finding = find_sum(findings, subject->kind);
        made = !finding;
        finding = finding ? finding : make(findings, &many, now_ns);
        if (finding)
            distinct_add(&finding->merged, hash_subject(findings, subject) >> 1);
    } else if (!finding) {
        finding = make(findings, subject, now_ns);
        made = true;
    }
    if (!finding)
        return NULL;
    finding->last_ns = now_ns;
    if (packet) {
        finding->packets++;
        keep_sample(finding, packet);
    }
    if (fresh)
        *fresh = made;
    return finding;
}

void finding_grade(struct finding *finding, bool fresh, enum severity severity, double confidence)
{
    if (!fresh && severity < finding->severity)
        return;
    if (!fresh && severity == SEVERITY_ALERT && finding->severity < SEVERITY_ALERT)
        finding->told = FINDING_FREE;
    if (fresh || severity > finding->severity || confidence > finding->confidence)
        finding->confidence = confidence;
    finding->severity = severity;
}

void findings_expire(struct findings *findings, int64_t now_ns, int64_t quiet_ns)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *finding = &findings->rows[i];
        int64_t patience_ns = finding->patience_ns > quiet_ns ? finding->patience_ns : quiet_ns;

        if (finding->state != FINDING_OPEN || now_ns - finding->last_ns < patience_ns)
            continue;
        finding->state = FINDING_ENDED;
        findings->subjects[i] = 0;
        findings->of_kind[finding->subject.kind]--;
    }
}
