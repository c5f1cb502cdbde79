/* SPDX-License-Identifier: MIT */
/* The report of a diagnosis: verdict, evidence, path, advice. */
#include "diagnose/report.h"

#include <string.h>

#include "base/macro.h"
#include "diagnose/place.h"
#include "diagnose/session.h"

enum { CANDIDATES_MAX = 3 };

static const double negligible = 0.03;

#define FIELD(type_name, member, kind, ...)                                                                  \
    {                                                                                                        \
#member, kind, offsetof(struct type_name, member), __VA_ARGS__                                       \
    }

static const struct field target_fields[] = {
    FIELD(sonde_why_target, protocol, FIELD_TEXT, NULL, "tcp, udp or icmp", NULL, 0, NULL),
    FIELD(sonde_why_target, name, FIELD_TEXT, NULL, "the target as it was written", NULL, 0, NULL),
    FIELD(sonde_why_target, address, FIELD_ADDRESS, NULL, "its address", NULL, 0, NULL),
    FIELD(sonde_why_target, port, FIELD_INTEGER, NULL, "its port", NULL, 0, NULL),
    {0},
};
static const struct schema target_schema = {"target", "What was diagnosed.", sizeof(struct sonde_why_target),
                                            target_fields};

static const struct field place_fields[] = {
    FIELD(sonde_why_place, where, FIELD_TEXT, NULL, "local, path or target", NULL, 0, NULL),
    FIELD(sonde_why_place, address, FIELD_ADDRESS, NULL, "an address of the device", NULL, 0, NULL),
    FIELD(sonde_why_place, hop, FIELD_INTEGER, NULL, "its number on the path; the first router is 1", NULL, 0,
          NULL),
    {0},
};
static const struct schema place_schema = {"at", "The device to blame.", sizeof(struct sonde_why_place),
                                           place_fields};

static const struct field cause_fields[] = {
    FIELD(sonde_why_cause, cause, FIELD_TEXT, NULL, "a word of the vocabulary", NULL, 0, NULL),
    FIELD(sonde_why_cause, confidence, FIELD_REAL, "ratio", "probability that cause and place are both right",
          NULL, 0, NULL),
    FIELD(sonde_why_cause, at, FIELD_OBJECT, NULL, "the device to blame", &place_schema, STYLE_HIDDEN, NULL),
    FIELD(sonde_why_cause, place, FIELD_TEXT, NULL, "the device to blame, in words", NULL, 0, NULL),
    {0},
};
static const struct schema cause_schema = {"candidate", "A possible cause.", sizeof(struct sonde_why_cause),
                                           cause_fields};

static const struct field address_fields[] = {
    FIELD(sonde_why_address, address, FIELD_ADDRESS, NULL, "an address of the name", NULL, 0, NULL),
    FIELD(sonde_why_address, state, FIELD_TEXT, NULL, "its state", NULL, 0, NULL),
    FIELD(sonde_why_address, cause, FIELD_TEXT, NULL, "its most probable cause", NULL, 0, NULL),
    FIELD(sonde_why_address, confidence, FIELD_REAL, "ratio", "probability of the cause", NULL, 0, NULL),
    {0},
};
static const struct schema address_schema = {"address", "One address of a name.",
                                             sizeof(struct sonde_why_address), address_fields};

static const struct field hop_fields[] = {
    FIELD(sonde_why_hop, hop, FIELD_INTEGER, NULL, "number of the router; the first is 1", NULL, 0, NULL),
    FIELD(sonde_why_hop, address, FIELD_ADDRESS, NULL, "address that answered", NULL, 0, NULL),
    FIELD(sonde_why_hop, rtt_ms, FIELD_REAL, "ms", "round trip", NULL, 0, "ms"),
    FIELD(sonde_why_hop, note, FIELD_TEXT, NULL, "what it has to do with the verdict", NULL, 0, ""),
    {0},
};
static const struct schema hop_schema = {"hop", "A device on the path.", sizeof(struct sonde_why_hop),
                                         hop_fields};

static const struct field report_fields[] = {
    FIELD(sonde_why_report, target, FIELD_OBJECT, NULL, "what was diagnosed", &target_schema, STYLE_HIDDEN,
          NULL),
    FIELD(sonde_why_report, state, FIELD_TEXT, NULL, "reachable, degraded, unreachable or unknown", NULL,
          STYLE_HIDDEN, NULL),
    FIELD(sonde_why_report, sentence, FIELD_TEXT, NULL, "the verdict for people", NULL, STYLE_HEADLINE, NULL),
    FIELD(sonde_why_report, verdict, FIELD_LIST, NULL, "possible causes, most probable first", &cause_schema,
          STYLE_TABLE, "Verdict"),
    FIELD(sonde_why_report, addresses, FIELD_LIST, NULL, "the addresses of the name", &address_schema,
          STYLE_TABLE, "Addresses"),
    FIELD(sonde_why_report, evidence, FIELD_LIST, NULL, "what was seen", NULL, STYLE_NUMBERED, "Evidence"),
    FIELD(sonde_why_report, path, FIELD_LIST, NULL, "the routers on the way", &hop_schema, STYLE_TABLE,
          "Path"),
    FIELD(sonde_why_report, next, FIELD_LIST, NULL, "what to do, by whom", NULL, STYLE_BULLETS, "Next"),
    FIELD(sonde_why_report, limits, FIELD_LIST, NULL, "what could not be looked at", NULL, STYLE_BULLETS,
          "Not looked at"),
    FIELD(sonde_why_report, packets_sent, FIELD_INTEGER, "packets", "packets that were sent", NULL,
          STYLE_HIDDEN, NULL),
    FIELD(sonde_why_report, elapsed_ns, FIELD_INTEGER, "ns", "time from the first packet to the verdict",
          NULL, STYLE_HIDDEN, NULL),
    {0},
};
SONDE_API const struct schema sonde_why_schema = {"sonde.why/1", "Why a target can or cannot be reached.",
                                                  sizeof(struct sonde_why_report), report_fields};

/* Rows of the table that say the same about the same device, taken together. */
struct candidate {
    enum cause cause;
    struct place place;
    double probability;
};

/* Memory for a report of a few kilobytes: see base/text.c for why running out of it aborts. */
static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        abort();
    return memory;
}

static void *append(struct record_list *list, size_t size)
{
    void *items = realloc((void *)list->items, (list->count + 1) * size);

    if (!items)
        abort();
    list->items = items;
    memset((char *)items + list->count * size, 0, size);
    return (char *)items + list->count++ * size;
}

void report_add(struct record_list *list, const char *sentence)
{
    *(char **)append(list, sizeof(char *)) = text_format("%s", sentence);
}

void report_add_address(struct sonde_why_report *report, struct sonde_why_address address)
{
    *(struct sonde_why_address *)append(&report->addresses, sizeof(address)) = address;
}

void report_prefix(struct sonde_why_report *report, const char *sentence)
{
    char *joined = text_format("%s %s", sentence, report->sentence);

    free((char *)report->sentence);
    report->sentence = joined;
}

static size_t collect(const struct diagnosis *d, struct candidate *candidates)
{
    size_t rows, count = 0, known;
    const struct hypothesis *table = hypotheses(&rows);

    for (size_t i = 0; i < rows; i++) {
        struct place place;

        if (d->belief.probability[i] < negligible / 10)
            continue;
        place = place_of(&d->evidence, table[i].at);
        for (known = 0; known < count; known++)
            if (candidates[known].cause == table[i].cause && place_equal(&candidates[known].place, &place))
                break;
        if (known == count)
            candidates[count++] = (struct candidate){table[i].cause, place, 0};
        candidates[known].probability += d->belief.probability[i] * (1 - place.doubt);
    }
    return count;
}

static int by_probability(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    return (left->probability < right->probability) - (left->probability > right->probability);
}

/* "%T" target, "%P" place, "%Q" address:port. */
static char *fill(const char *words, const char *target, const char *place, const char *port)
{
    struct text text = {0};

    for (const char *at = words; *at; at++) {
        if (at[0] != '%' || !strchr("TPQ", at[1])) {
            text_add_octets(&text, at, 1);
            continue;
        }
        at++;
        text_add(&text, "%s", *at == 'T' ? target : *at == 'P' ? place : port);
    }
    return text_take(&text);
}

static char *describe_place(const struct place *place)
{
    char address[SONDE_ADDRESS_TEXT];
    const char *near = place->doubt > 0 ? "or near " : "";

    sonde_address_format(&place->address, address);
    if (place->where == WHERE_LOCAL)
        return text_format("this machine");
    if (place->where == WHERE_TARGET)
        return text_format("the target %s", address);
    if (place->where == WHERE_UNKNOWN)
        return text_format("an unknown device");
    if (place->hop && place->address.family)
        return text_format("%s%s (hop %d)", near, address, place->hop);
    if (place->hop)
        return text_format("%shop %d", near, place->hop);
    return text_format("%s", address);
}

static char *describe_target(const struct sonde_why_target *target)
{
    char address[SONDE_ADDRESS_TEXT];
    const char *name = target->name ? target->name : sonde_address_format(&target->address, address);
    const char *open = strchr(name, ':') ? "[" : "", *close = strchr(name, ':') ? "]" : "";

    if (target->port == INTEGER_ABSENT)
        return text_format("%s", name);
    return text_format("%s://%s%s%s:%d", target->protocol, open, name, close, (int)target->port);
}

static const struct sonde_why_target *make_target(const char *name, const struct sonde_address *address,
                                                  bool udp, uint16_t port)
{
    struct sonde_why_target *target = allocate(sizeof(*target));

    target->protocol = !port ? "icmp" : udp ? "udp" : "tcp";
    target->name = name ? text_format("%s", name) : NULL;
    target->address = *address;
    target->port = port ? port : INTEGER_ABSENT;
    return target;
}

static void add_candidate(struct sonde_why_report *report, const struct candidate *candidate)
{
    struct sonde_why_cause *entry = append(&report->verdict, sizeof(*entry));
    struct sonde_why_place *at;

    entry->cause = cause_row(candidate->cause)->name;
    entry->confidence = candidate->probability > 0.99 ? 0.99 : candidate->probability;
    entry->place = describe_place(&candidate->place);
    if (candidate->place.where == WHERE_UNKNOWN)
        return;
    at = allocate(sizeof(*at));
    at->where = where_name(candidate->place.where);
    at->address = candidate->place.address;
    at->hop = candidate->place.hop ? candidate->place.hop : INTEGER_ABSENT;
    entry->at = at;
}

static void add_evidence(struct sonde_why_report *report, const struct diagnosis *d)
{
    for (int test = 0; test < TESTS; test++) {
        struct text _cleanup_text_ sentence = {0};

        if (d->belief.outcomes[test] == OUTCOME_UNKNOWN)
            continue;
        test_row((enum test)test)->tell(&d->evidence, d->belief.outcomes[test], &sentence);
        if (sentence.length)
            report_add(&report->evidence, text_get(&sentence));
    }
}

static void add_path(struct sonde_why_report *report, const struct diagnosis *d, const struct place *blamed)
{
    int routers = place_routers(&d->evidence);

    for (int hop = 1; hop <= routers || (blamed->where == WHERE_PATH && hop <= blamed->hop); hop++) {
        const struct reply *reply = evidence_hop(&d->evidence, ASK_LADDER, hop);
        struct sonde_why_hop *entry = append(&report->path, sizeof(*entry));
        bool here = blamed->where == WHERE_PATH && blamed->hop == hop;

        entry->hop = hop;
        entry->address = place_router(&d->evidence, hop);
        entry->rtt_ms = reply ? (double)reply->rtt_ns / NS_PER_MS : NAN;
        entry->note = text_format("%s", here ? "<- here" : !reply ? "no answer" : "");
    }
}

static void add_advice(struct sonde_why_report *report, const struct cause_row *row, const char *target,
                       const char *place, const char *port)
{
    for (size_t i = 0; i < COUNT_OF(row->next) && row->next[i]; i++) {
        char _cleanup_free_ *sentence = fill(row->next[i], target, place, port);

        report_add(&report->next, sentence);
    }
}

/* Causes that nothing tells apart from here: say so, and name what would. */
static void add_decider(struct sonde_why_report *report, const struct candidate *top,
                        const struct candidate *other)
{
    const struct cause_row *row = cause_row(top->cause);
    char _cleanup_free_ *place = describe_place(&other->place);
    char _cleanup_free_ *sentence = text_format(
        "It may also be %s at %s; from here they look alike. What decides: %s.",
        cause_row(other->cause)->name, place, row->decide ? row->decide : "a look at the host itself");

    report_add(&report->next, sentence);
}

static void add_limits(struct sonde_why_report *report, const struct diagnosis *d)
{
    if (!diagnosis_can(d, PROBE_TCP_ACK))
        report_add(&report->limits,
                   "How the answers look and how malformed probes fare: run as root, or once: sudo "
                   "setcap cap_net_raw+ep $(which sonde)");
    if (!diagnosis_can(d, PROBE_ECHO))
        report_add(
            &report->limits,
            "Echo requests: allow ping sockets with: sudo sysctl net.ipv4.ping_group_range=\"0 2147483647\"");
}

/* Interrupted: what was seen so far, and no verdict. */
static struct sonde_why_report *report_unfinished(const struct diagnosis *diagnosis,
                                                  struct sonde_why_report *report)
{
    report->state = state_name(STATE_UNKNOWN);
    report->sentence = text_format("Interrupted before the cause was clear.");
    add_evidence(report, diagnosis);
    report->packets_sent = diagnosis->evidence.packets_sent;
    report->elapsed_ns = diagnosis->evidence.now_ns - diagnosis->evidence.start_ns;
    return report;
}

struct sonde_why_report *report_new(const struct diagnosis *diagnosis, const char *name)
{
    const struct evidence *evidence = &diagnosis->evidence;
    struct sonde_why_report *report = allocate(sizeof(*report));
    struct candidate candidates[HYPOTHESES_MAX];
    size_t count = collect(diagnosis, candidates);
    char _cleanup_free_ *target = NULL;
    char _cleanup_free_ *place = NULL;
    char _cleanup_free_ *port = NULL;
    const struct cause_row *row;

    qsort(candidates, count, sizeof(candidates[0]), by_probability);
    row = cause_row(candidates[0].cause);
    report->target =
        make_target(name, &evidence->subject.address, evidence->subject.udp, evidence->subject.port);
    if (!diagnosis->done)
        return report_unfinished(diagnosis, report);
    target = describe_target(report->target);
    place = describe_place(&candidates[0].place);
    port = text_format("%s port %u", evidence->subject.udp ? "UDP" : "TCP", evidence->subject.port);
    report->state = state_name(row->state);
    report->sentence = fill(row->sentence, target, place, evidence->subject.port ? port : target);
    for (size_t i = 0; i < count && i < CANDIDATES_MAX; i++)
        if (i == 0 || candidates[i].probability >= negligible)
            add_candidate(report, &candidates[i]);
    add_evidence(report, diagnosis);
    add_path(report, diagnosis, &candidates[0].place);
    add_advice(report, row, target, place, evidence->subject.port ? port : target);
    if (report->verdict.count > 1 && candidates[0].probability < 0.9)
        add_decider(report, &candidates[0], &candidates[1]);
    add_limits(report, diagnosis);
    report->packets_sent = evidence->packets_sent;
    report->elapsed_ns = evidence->now_ns - evidence->start_ns;
    return report;
}

struct sonde_why_report *report_unresolved(const char *name, bool udp, uint16_t port, const char *why)
{
    struct sonde_why_report *report = allocate(sizeof(*report));
    struct candidate candidate = {CAUSE_NAME_UNRESOLVED, {.where = WHERE_LOCAL}, 0.99};
    const struct cause_row *row = cause_row(CAUSE_NAME_UNRESOLVED);
    struct sonde_address none = {0};
    char _cleanup_free_ *target = NULL;

    report->target = make_target(name, &none, udp, port);
    target = describe_target(report->target);
    report->state = state_name(row->state);
    report->sentence = fill(row->sentence, target, "this machine", "");
    add_candidate(report, &candidate);
    report_add(&report->evidence, why);
    add_advice(report, row, target, "this machine", "");
    return report;
}

static void free_texts(struct record_list *list)
{
    char **items = (char **)list->items;

    for (size_t i = 0; i < list->count; i++)
        free(items[i]);
    free(items);
}

SONDE_API struct sonde_why_report *sonde_why_report_free(struct sonde_why_report *report)
{
    const struct sonde_why_cause *verdict;
    const struct sonde_why_hop *path;

    if (!report)
        return NULL;
    verdict = report->verdict.items;
    path = report->path.items;
    for (size_t i = 0; i < report->verdict.count; i++) {
        free((void *)verdict[i].at);
        free((char *)verdict[i].place);
    }
    for (size_t i = 0; i < report->path.count; i++)
        free((char *)path[i].note);
    free((void *)verdict);
    free((void *)path);
    free((void *)report->addresses.items);
    free_texts(&report->evidence);
    free_texts(&report->next);
    free_texts(&report->limits);
    free((char *)report->target->name);
    free((void *)report->target);
    free((char *)report->sentence);
    free(report);
    return NULL;
}
