/* SPDX-License-Identifier: MIT */
/* What watch saw, as records: how structs are filled. */
#include "detect/report.h"

#include <inttypes.h>
#include <string.h>

#include "catalog/icmp.h"
#include "catalog/services.h"

enum { PLACES = PACKET_LAYERS * COUNT_FAMILIES * COUNT_PAIRS, PORT_TEXT = SONDE_ADDRESS_TEXT + 24 };

static const char *const layers[PACKET_LAYERS] = {"outer", "inner"};

const char *watch_direction_name(uint8_t direction)
{
    static const char *const names[] = {NULL, "in", "out"};

    return names[direction];
}

bool watch_next_count(const struct watch *watch, uint32_t *place, struct watch_count *count)
{
    for (; *place < PLACES; (*place)++) {
        unsigned layer = *place / (COUNT_FAMILIES * COUNT_PAIRS), pair = *place % COUNT_PAIRS;
        uint8_t family = *place / COUNT_PAIRS % COUNT_FAMILIES ? 6 : 4;
        const struct tally *cell =
            count_cell(watch->counts, (enum packet_layer)layer, family, (uint8_t)(pair >> 8), (uint8_t)pair);

        if (cell->packets == 0)
            continue;
        *count = (struct watch_count){family,
                                      pair >> 8,
                                      pair & 255,
                                      sonde_icmp_find(family, (uint8_t)(pair >> 8), (uint8_t)pair)->name,
                                      layers[layer],
                                      (int64_t)cell->packets,
                                      (int64_t)cell->octets};
        (*place)++;
        return true;
    }
    return false;
}

static void add_subject(struct text *text, const struct sonde_address *address, uint8_t bits)
{
    char buffer[SONDE_ADDRESS_TEXT];

    text_add(text, "%s", sonde_address_format(address, buffer));
    if (bits)
        text_add(text, "/%u", bits);
}

/* The quoted service as a target of `why`; without a port its host. */
static bool add_service(struct text *text, const struct finding *finding)
{
    const union fact_value *facts = finding->evidence.facts;
    const struct sonde_address *host = facts[FACT_QUOTED_TARGET].address.family
                                           ? &facts[FACT_QUOTED_TARGET].address
                                           : &finding->subject.target;
    const char *protocol = facts[FACT_QUOTED_PROTOCOL].text;
    char buffer[SONDE_ADDRESS_TEXT];

    if (!host->family)
        return false;
    sonde_address_format(host, buffer);
    if (protocol && facts[FACT_QUOTED_PORT].integer != INTEGER_ABSENT &&
        (!strcmp(protocol, "tcp") || !strcmp(protocol, "udp")))
        text_add(text, host->family == 6 ? "%s://[%s]:%" PRId64 : "%s://%s:%" PRId64, protocol, buffer,
                 facts[FACT_QUOTED_PORT].integer);
    else
        text_add(text, "%s", buffer);
    return true;
}

/* Put what was found in the place of a word in braces. Returns false for a word that nothing is known of. */
static bool add_word(struct text *text, const char *word, size_t length, const struct finding *finding)
{
    const struct finding_subject *subject = &finding->subject;

    if (!strncmp(word, "source", length) && subject->source.family)
        add_subject(text, &subject->source, subject->source_bits);
    else if (!strncmp(word, "target", length) && subject->target.family)
        add_subject(text, &subject->target, subject->target_bits);
    else
        return !strncmp(word, "service", length) && add_service(text, finding);
    return true;
}

/* A finding that sums up many has no source and no target. */
static bool add_any(struct text *text, const char *word, size_t length)
{
    text_add(text, "each %s", strncmp(word, "source", length) ? "target" : "sender");
    return true;
}

/* A text with its words filled in; NULL when one is unknown, unless any will do. */
static char *fill_any(const char *pattern, const struct finding *finding, bool any)
{
    struct text text = {0};

    if (!pattern)
        return NULL;
    for (const char *at = pattern; *at; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;

        if (!end) {
            text_add_octets(&text, at, 1);
        } else if (add_word(&text, at + 1, (size_t)(end - at - 1), finding) ||
                   (any && add_any(&text, at + 1, (size_t)(end - at - 1)))) {
            at = end;
        } else {
            text_deinit(&text);
            return NULL;
        }
    }
    return text_take(&text);
}

static char *fill(const char *pattern, const struct finding *finding)
{
    return fill_any(pattern, finding, false);
}

/* Sentences of an advice; one whose word is unknown is left out, unless nothing would remain. */
static char *fill_sentences(const char *advice, const struct finding *finding)
{
    const char *pattern = advice;
    struct text text = {0};

    while (*pattern) {
        const char *stop = strstr(pattern, ". ");
        size_t length = stop ? (size_t)(stop - pattern) + 1 : strlen(pattern);
        char *sentence = text_format("%.*s", (int)length, pattern), *filled = fill(sentence, finding);

        if (filled)
            text_add(&text, "%s%s", text.length ? " " : "", filled);
        free(sentence);
        free(filled);
        pattern += length + (stop != NULL);
    }
    return text.length ? text_take(&text) : fill_any(advice, finding, true);
}

/* "Address sweep by 192.0.2.1: 812 targets in 10 s (64 are enough)." */
static char *summarize(const struct finding *finding)
{
    const union fact_value *facts = finding->evidence.facts;
    struct text text = {0};

    text_add(&text, "%s", kind_row(finding->subject.kind)->title);
    if (finding->merged.count > 0)
        text_add(&text, ", %.0f more like those listed", finding->merged.count);
    if (finding->subject.source.family) {
        text_add(&text, " by ");
        add_subject(&text, &finding->subject.source, finding->subject.source_bits);
    }
    if (finding->subject.target.family) {
        text_add(&text, finding->subject.source.family ? " to " : " at ");
        add_subject(&text, &finding->subject.target, finding->subject.target_bits);
    }
    if (facts[FACT_MEASURE].text && !isnan(facts[FACT_OBSERVED].real))
        text_add(&text, ": %.*f %s",
                 facts[FACT_OBSERVED].real < 10 &&
                     facts[FACT_OBSERVED].real != floor(facts[FACT_OBSERVED].real),
                 facts[FACT_OBSERVED].real, facts[FACT_MEASURE].text);
    if (facts[FACT_MEASURE].text && !isnan(facts[FACT_THRESHOLD].real))
        text_add(&text, " (%g is the limit)", facts[FACT_THRESHOLD].real);
    if (facts[FACT_CHECK].text)
        text_add(&text, ": %s", facts[FACT_CHECK].text);
    text_add(&text, ".");
    return text_take(&text);
}

void watch_finding_init(struct watch_finding *record, const struct finding *finding)
{
    static const char *const states[] = {"free", "open", "ended"};
    const struct kind *kind = kind_row(finding->subject.kind);

    *record = (struct watch_finding){
        .id = finding->id,
        .incident = finding->incident,
        .kind = kind->name,
        .severity = severity_name(finding->severity),
        .state = states[finding->state],
        .title = kind->title,
        .first_ns = finding->first_ns - finding->shift_ns,
        .last_ns = finding->last_ns - finding->shift_ns,
        .source = finding->subject.source,
        .target = finding->subject.target,
        .source_bits = finding->subject.source_bits ? finding->subject.source_bits : INTEGER_ABSENT,
        .target_bits = finding->subject.target_bits ? finding->subject.target_bits : INTEGER_ABSENT,
        .packets = (int64_t)finding->packets,
        .merged = finding->merged.count > 0 ? llroundf(finding->merged.count) : INTEGER_ABSENT,
        .confidence = finding->confidence,
        .evidence = &finding->evidence,
        .summary = summarize(finding),
        .advice = fill_sentences(kind->advice, finding),
        .next = fill(kind->next, finding),
        .guard = fill(kind->guard, finding),
        .samples = (int64_t)finding->sample_count,
    };
    for (unsigned i = 0; i < INNOCENT_COUNT; i++)
        if (finding->excluded >> i & 1)
            record->excluded_texts[record->excluded.count++] = innocent_sentence((enum innocent)i);
    record->excluded.items = record->excluded_texts;
}

void watch_finding_deinit(struct watch_finding *record)
{
    free(record->summary);
    free(record->advice);
    free(record->next);
    free(record->guard);
}

void watch_summarize(const struct watch *watch, uint64_t dropped_by_kernel, struct watch_summary *summary)
{
    const struct counts *counts = watch->counts;

    *summary = (struct watch_summary){
        .packets = (int64_t)counts->packets,
        .icmp_packets = (int64_t)(counts->icmp + counts->fragments),
        .malformed = (int64_t)counts->malformed,
        .dropped_by_kernel = (int64_t)dropped_by_kernel,
        .elapsed_ns = watch->now_ns - watch->begin_ns,
        .frames = (int64_t)counts->frames,
        .fragments = (int64_t)counts->fragments,
        .late = (int64_t)watch->late,
        .not_ip = (int64_t)counts->not_ip,
        .first_ns = watch->begin_ns ? watch->begin_ns : INTEGER_ABSENT,
        .last_ns = watch->begin_ns ? watch->now_ns : INTEGER_ABSENT,
        .findings = watch->findings->next_id,
        .suppressed = (int64_t)watch->findings->suppressed,
        .sources = watch->hosts.sources_used,
        .source_evictions = (int64_t)watch->hosts.source_evictions,
        .targets = watch->hosts.targets_used,
        .target_evictions = (int64_t)watch->hosts.target_evictions,
        .scan_evictions = (int64_t)watch->scans.evictions,
        .echo_evictions = (int64_t)watch->echoes.evictions,
        .flow_evictions = (int64_t)watch->flows.evictions,
        .not_broken_down = (int64_t)counts->not_broken_down,
        .memory_octets = (int64_t)watch->memory_size,
    };
    for (size_t i = 0; i < watch->findings->count; i++) {
        summary->alerts += watch->findings->rows[i].severity == SEVERITY_ALERT;
        summary->warnings += watch->findings->rows[i].severity == SEVERITY_WARNING;
    }
}
