/* SPDX-License-Identifier: MIT */
/* Marks for a report, by the rules of the exam: first cause and place must be among the accepted answers. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "tests/sim/exam/exam.h"

enum { SET_SIZE = 3 };

static const double confident = 0.8, blame = 0.5;

/* The states that agree with a cause (CONTRACT.md). */
static const struct {
    const char *cause;
    const char *states;
} vocabulary[] = {
    {"open", "reachable"},
    {"open-or-silent", "unknown"},
    {"port-closed", "unreachable unknown"},
    {"bound-elsewhere", "unreachable unknown"},
    {"backlog-full", "unreachable unknown"},
    {"service-silent", "degraded unreachable unknown"},
    {"service-resets", "degraded unreachable unknown"},
    {"host-down", "unreachable unknown"},
    {"firewall-drop", "unreachable unknown"},
    {"firewall-reject", "unreachable unknown"},
    {"syn-filtered", "unreachable unknown"},
    {"source-banned", "unreachable unknown"},
    {"connection-rate-limited", "degraded unreachable unknown"},
    {"icmp-filtered", "degraded unreachable unknown"},
    {"icmp-rate-limited", "degraded unreachable unknown"},
    {"no-route", "unreachable unknown"},
    {"route-blackhole", "unreachable unknown"},
    {"route-prohibited", "unreachable unknown"},
    {"route-unreachable", "unreachable unknown"},
    {"routing-loop", "unreachable unknown"},
    {"return-path-lost", "unreachable unknown"},
    {"gateway-down", "unreachable unknown"},
    {"interface-down", "unreachable unknown"},
    {"mtu-black-hole", "degraded unreachable unknown"},
    {"mtu-limited", "reachable"},
    {"congestion", "degraded unreachable unknown"},
    {"nat-backend-down", "unreachable unknown"},
    {"nat-backend-closed", "unreachable unknown"},
    {"name-unresolved", "unreachable unknown"},
};

/* What is being judged. */
struct case_of {
    const struct exam_scenario *scenario;
    const struct sim *sim;
    const struct exam_plan *plan;
};

/* How well a candidate fits an answer. */
enum fit { FIT_NO, FIT_UNNAMED, FIT_YES };

/* Whether a word stands in a text of words that one octet separates. */
static bool has_word(const char *text, const char *word, size_t length, char separator)
{
    while (*text) {
        const char *end = strchrnul(text, separator);

        if ((size_t)(end - text) == length && strncmp(text, word, length) == 0)
            return true;
        text = *end ? end + 1 : end;
    }
    return false;
}

static bool is_valid(const struct sonde_why_cause *top, const char *state)
{
    for (size_t i = 0; i < COUNT_OF(vocabulary); i++)
        if (strcmp(vocabulary[i].cause, top->cause) == 0)
            return top->confidence >= 0 && top->confidence <= 1 &&
                   has_word(vocabulary[i].states, state, strlen(state), ' ');
    return false;
}

/* The hop that a place stands for: a router's number, routers + 1 for the target, -1 for none. */
static int hop_of(const struct case_of *of, const char *place, size_t length)
{
    static const struct {
        const char *name;
        bool from_fault;
        int offset;
    } names[] = {{"fault", true, 0},       {"next", true, 1},      {"next-router", true, 1},
                 {"next-target", true, 1}, {"previous", true, -1}, {"gateway", false, 1}};
    int routers = of->plan->routers, hop = -1;

    if (length == 4 && strncmp(place, "last", 4) == 0)
        return routers ? routers : -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strlen(names[i].name) == length && strncmp(names[i].name, place, length) == 0)
            hop = names[i].offset + (names[i].from_fault ? of->plan->fault : 0);
    if (hop < 1 || (strncmp(place, "next-router", length) == 0 && length == 11 && hop > routers) ||
        (strncmp(place, "next-target", length) == 0 && length == 11 && hop <= routers))
        return -1;
    return hop;
}

static bool is_address_of(const struct sim *sim, int hop, const struct sonde_address *address)
{
    return (address->family && sonde_address_equal(address, &sim->nodes[hop].twin)) ||
           sonde_address_equal(address, &sim->links[hop - 1].address[SIM_RIGHT]) ||
           sonde_address_equal(address, &sim->links[hop].address[SIM_LEFT]);
}

static enum fit fit_hop(const struct case_of *of, int hop, const struct sonde_why_place *at)
{
    if (hop < 0)
        return FIT_NO;
    if (hop > of->plan->routers)
        return strcmp(at->where, "target") == 0 ? FIT_YES : FIT_NO;
    if (strcmp(at->where, "path") != 0)
        return FIT_NO;
    if (at->hop == INTEGER_ABSENT && !at->address.family)
        return FIT_UNNAMED;
    return at->hop == hop || is_address_of(of->sim, hop, &at->address) ? FIT_YES : FIT_NO;
}

static enum fit fit_place(const struct case_of *of, const char *place, size_t length,
                          const struct sonde_why_place *at)
{
    if (length == strlen("anywhere") && strncmp(place, "anywhere", length) == 0)
        return FIT_YES;
    if (!at || !at->where)
        return FIT_UNNAMED;
    if (has_word("local target", place, length, ' '))
        return strlen(at->where) == length && strncmp(at->where, place, length) == 0 ? FIT_YES : FIT_NO;
    return fit_hop(of, hop_of(of, place, length), at);
}

static enum fit fit_answer(const struct case_of *of, const char *answer,
                           const struct sonde_why_cause *candidate)
{
    const char *place = strchr(answer, '@') + 1;
    enum fit best = FIT_NO;

    if (strlen(candidate->cause) != (size_t)(place - 1 - answer) ||
        strncmp(candidate->cause, answer, (size_t)(place - 1 - answer)) != 0)
        return FIT_NO;
    while (*place) {
        const char *end = strchrnul(place, ',');
        enum fit fit = fit_place(of, place, (size_t)(end - place), candidate->at);

        if (fit > best)
            best = fit;
        place = *end ? end + 1 : end;
    }
    return best;
}

static bool is_cause_of(const char *const *answers, const char *cause)
{
    for (size_t i = 0; i < EXAM_ANSWERS_MAX && answers[i]; i++)
        if (has_word(answers[i], cause, strlen(cause), '@'))
            return true;
    return false;
}

static enum exam_mark mark_healthy(const struct case_of *of, const char *const *answers,
                                   const struct sonde_why_report *report)
{
    const struct sonde_why_cause *top = report->verdict.items;

    if (strcmp(report->state, "reachable") == 0)
        return is_cause_of(answers, top->cause) || is_cause_of(of->scenario->tolerate, top->cause)
                   ? MARK_EXACT
                   : MARK_PARTIAL;
    if (strcmp(report->state, "unknown") == 0 && top->confidence < blame)
        return MARK_MISS;
    return MARK_BLAMED;
}

static bool is_in_set(const struct case_of *of, const char *const *answers, const struct record_list *verdict)
{
    const struct sonde_why_cause *causes = verdict->items;

    if (verdict->count > SET_SIZE)
        return false;
    for (size_t i = 0; i < verdict->count; i++)
        if (is_cause_of(answers, causes[i].cause) || is_cause_of(of->scenario->tolerate, causes[i].cause))
            return true;
    return false;
}

static enum exam_mark mark_faulty(const struct case_of *of, const char *const *answers,
                                  const struct sonde_why_report *report)
{
    const struct sonde_why_cause *top = report->verdict.items;
    enum fit best = FIT_NO;

    for (size_t i = 0; i < EXAM_ANSWERS_MAX && answers[i]; i++) {
        enum fit fit = fit_answer(of, answers[i], top);

        if (fit > best)
            best = fit;
    }
    if (best == FIT_YES)
        return MARK_EXACT;
    if (best == FIT_UNNAMED || is_cause_of(of->scenario->tolerate, top->cause))
        return MARK_PARTIAL;
    if (top->confidence >= confident)
        return MARK_WRONG;
    return is_in_set(of, answers, &report->verdict) ? MARK_PARTIAL : MARK_MISS;
}

static void describe(const struct sonde_why_cause *top, char *text, size_t size)
{
    char address[SONDE_ADDRESS_TEXT];
    size_t length = (size_t)snprintf(text, size, "%s@%s", top->cause, top->at ? top->at->where : "?");

    if (top->at && top->at->hop != INTEGER_ABSENT)
        length += (size_t)snprintf(text + length, size - length, " hop %d", (int)top->at->hop);
    if (top->at && top->at->address.family)
        snprintf(text + length, size - length, " %s", sonde_address_format(&top->at->address, address));
}

static void describe_truth(const struct case_of *of, const char *const *answers, char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < EXAM_ANSWERS_MAX && answers[i]; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? " or " : "", answers[i]);
    snprintf(text + length, size - length, " (fault %d of %d)", of->plan->fault, of->plan->routers);
}

void exam_judge(const struct exam_scenario *scenario, const struct sim *sim, const struct exam_plan *plan,
                bool deep, const struct sonde_why_report *report, struct exam_result *result)
{
    const struct case_of of = {scenario, sim, plan};
    /* IPv6 hosts reassemble for 60 s: nobody waits that long. */
    bool patient = deep && sim->family == 4 && scenario->deep[0];
    const char *const *answers = patient ? scenario->deep : scenario->accept;
    const struct sonde_why_cause *top = report->verdict.items;

    describe_truth(&of, answers, result->right, sizeof(result->right));
    result->confidence = -1;
    if (report->verdict.count == 0) {
        snprintf(result->said, sizeof(result->said), "nothing");
        result->mark = strcmp(report->state, "unknown") == 0 ? MARK_UNKNOWN : MARK_INVALID;
        return;
    }
    describe(top, result->said, sizeof(result->said));
    result->confidence = top->confidence;
    if (!is_valid(top, report->state))
        result->mark = MARK_INVALID;
    else
        result->mark =
            scenario->healthy ? mark_healthy(&of, answers, report) : mark_faulty(&of, answers, report);
}

const char *exam_mark_name(enum exam_mark mark)
{
    static const char *const names[MARKS] = {"exact", "partial", "unknown", "miss",
                                             "wrong", "blamed",  "invalid"};

    return names[mark];
}

bool exam_is_confidently_wrong(const struct exam_result *result)
{
    return (result->mark == MARK_WRONG || result->mark == MARK_BLAMED) && result->confidence >= confident;
}
