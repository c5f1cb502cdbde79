/* SPDX-License-Identifier: MIT */
/* sonde guard show: the policy as a table, what becomes of each message in each direction. */
#include <stdlib.h>
#include <string.h>

#include "cmd/guard/guard.h"
#include "cmd/guard/policy/describe.h"

/* A line of the table: the rules about the same messages at the same place. */
struct line {
    int64_t family, type, type_last, code, code_last, tier, source_line;
    const char *messages, *name, *where, *owner, *reason, *why;
    const char *verdicts[DIRECTION_COUNT];
    bool exception;
};

#define LINE(member)   offsetof(struct line, member)
#define WAY(direction) (LINE(verdicts) + sizeof(const char *) * (direction))

static const struct field fields[] = {
    {"family", FIELD_INTEGER, LINE(family), .doc = "4 or 6.", .title = "IP"},
    {"messages", FIELD_TEXT, LINE(messages), .doc = "Type and code as the policy may write them.",
     .title = "Type"},
    {"type", FIELD_INTEGER, LINE(type), .doc = "Type, or the first of a range.", .style = STYLE_HIDDEN},
    {"type_last", FIELD_INTEGER, LINE(type_last), .doc = "Last type of a range.", .style = STYLE_HIDDEN},
    {"code", FIELD_INTEGER, LINE(code), .doc = "Code, or the first of a range; absent: all others.",
     .style = STYLE_HIDDEN},
    {"code_last", FIELD_INTEGER, LINE(code_last), .doc = "Last code of a range.", .style = STYLE_HIDDEN},
    {"name", FIELD_TEXT, LINE(name), .doc = "echo-request."},
    {"input", FIELD_TEXT, WAY(DIRECTION_INPUT), .doc = "What becomes of it on its way to this host."},
    {"output", FIELD_TEXT, WAY(DIRECTION_OUTPUT), .doc = "On its way from this host."},
    {"forward", FIELD_TEXT, WAY(DIRECTION_FORWARD), .doc = "On its way through this host."},
    {"forward_in", FIELD_TEXT, WAY(DIRECTION_FORWARD_IN), .doc = "Through an edge, from outside.",
     .title = "Forward in"},
    {"forward_out", FIELD_TEXT, WAY(DIRECTION_FORWARD_OUT), .doc = "Through an edge, to the outside.",
     .title = "Forward out"},
    {"tier", FIELD_INTEGER, LINE(tier),
     .doc = "1 must not be dropped, 2 should not, 3 and 4 site policy, 5 drop."},
    {"where", FIELD_TEXT, LINE(where),
     .doc = "Interface, source and last day, of a rule that asks for them."},
    {"exception", FIELD_BOOLEAN, LINE(exception), .doc = "Whether it is an exception.",
     .style = STYLE_HIDDEN},
    {"owner", FIELD_TEXT, LINE(owner), .doc = "Who owns the rule.", .style = STYLE_HIDDEN},
    {"reason", FIELD_TEXT, LINE(reason), .doc = "Why the site wants it.", .style = STYLE_HIDDEN},
    {"line", FIELD_INTEGER, LINE(source_line), .doc = "The line of the file.", .style = STYLE_HIDDEN},
    {"why", FIELD_TEXT, LINE(why),
     .doc = "The reason in the policy, or the begin of what the catalog says about filtering."},
    {0},
};

static const struct schema schema = {"sonde.guard.line/1", "A line of a policy.", sizeof(struct line), fields,
                                     .tabular = true};

/* Whether two rules belong to one line. */
static bool same_line(const struct policy_rule *a, const struct policy_rule *b)
{
    return a->exception == b->exception && a->family == b->family && a->type == b->type &&
           a->type_last == b->type_last && a->code == b->code && a->code_last == b->code_last &&
           strcmp(a->interface, b->interface) == 0 && sonde_address_equal(&a->source, &b->source) &&
           a->source_length == b->source_length && a->expires_s == b->expires_s;
}

/* Exceptions first, then as the catalog orders messages: by family, type, code, the other codes last. */
static int compare(const void *left, const void *right)
{
    const struct policy_rule *a = *(const struct policy_rule *const *)left;
    const struct policy_rule *b = *(const struct policy_rule *const *)right;
    const int of_a[] = {!a->exception, a->family, a->type, a->type_last, a->code < 0 ? 256 : a->code};
    const int of_b[] = {!b->exception, b->family, b->type, b->type_last, b->code < 0 ? 256 : b->code};

    for (size_t i = 0; i < sizeof(of_a) / sizeof(of_a[0]); i++)
        if (of_a[i] != of_b[i])
            return of_a[i] - of_b[i];
    return a < b ? -1 : a > b; /* as they are tried */
}

/* As much of a reason as a table has room for: up to the first stop. */
static void add_begin(struct text *text, const char *reason)
{
    size_t length = strcspn(reason, ".;:");

    text_add(text, "%.*s", (int)length, reason);
}

static int64_t or_absent(int value, bool present)
{
    return present ? value : INTEGER_ABSENT;
}

/* One line, from its first rule and those that belong to it. */
static void emit(const struct session *session, const struct policy_rule *const *rules, size_t count)
{
    const struct policy_rule *rule = rules[0];
    const struct sonde_icmp_entry *row = describe_row(rule);
    _cleanup_text_ struct text messages = {0}, where = {0}, why = {0};
    struct text verdicts[DIRECTION_COUNT] = {0};
    struct line line = {.family = rule->family,
                        .type = rule->type,
                        .type_last = or_absent(rule->type_last, rule->type_last > rule->type),
                        .code = or_absent(rule->code, rule->code != POLICY_ANY_CODE),
                        .code_last = or_absent(rule->code_last, rule->code_last > rule->code),
                        .tier = row->tier,
                        .source_line = rule->place.line,
                        .name = rule->type_last > row->type_last ? NULL : row->name,
                        .owner = rule->owner,
                        .reason = rule->reason,
                        .exception = rule->exception};

    describe_messages(&messages, rule);
    describe_where(&where, rule);
    if (rule->reason != NULL)
        text_add(&why, "%s", rule->reason);
    else
        add_begin(&why, row->filter_reason);
    line.messages = text_get(&messages);
    line.where = where.length > 0 ? where.data : NULL;
    line.why = text_get(&why);
    for (size_t i = 0; i < count; i++) {
        enum direction direction = rules[i]->direction;

        if (verdicts[direction].length == 0)
            text_add(&verdicts[direction], "%s", verdict_name(rules[i]->verdict));
        line.verdicts[direction] = text_get(&verdicts[direction]);
    }
    session->sink->begin(session->sink, &schema);
    session->sink->record(session->sink, &schema, &line);
    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        text_deinit(&verdicts[direction]);
}

/* The last line: what no other names. */
static void emit_unlisted(const struct session *session, const struct policy *policy)
{
    struct line line = {.family = INTEGER_ABSENT,
                        .type = INTEGER_ABSENT,
                        .type_last = INTEGER_ABSENT,
                        .code = INTEGER_ABSENT,
                        .code_last = INTEGER_ABSENT,
                        .tier = INTEGER_ABSENT,
                        .source_line = INTEGER_ABSENT,
                        .messages = "*",
                        .name = "unlisted"};

    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (policy_filters(policy, (enum direction)direction))
            line.verdicts[direction] = verdict_name(policy->unlisted);
    session->sink->begin(session->sink, &schema);
    session->sink->record(session->sink, &schema, &line);
}

static void show(const struct session *session, const struct policy *policy)
{
    const struct policy_rule **rules =
        reallocarray(NULL, policy->rule_count + 1, sizeof(const struct policy_rule *));
    size_t begin = 0;

    if (rules == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    for (size_t i = 0; i < policy->rule_count; i++)
        rules[i] = &policy->rules[i];
    qsort(rules, policy->rule_count, sizeof(const struct policy_rule *), compare);
    for (size_t i = 1; i <= policy->rule_count; i++)
        if (i == policy->rule_count || !same_line(rules[begin], rules[i])) {
            emit(session, rules + begin, i - begin);
            begin = i;
        }
    emit_unlisted(session, policy);
    free(rules);
}

static int run(const struct session *session, const void *config, char **operands, size_t count)
{
    _cleanup_text_ struct text path = {0};
    struct policy policy = {0};
    int exit;

    (void)config;
    text_add(&path, "%s/guard.yaml", guard_etc());
    exit = guard_load_policy(count > 0 ? operands[0] : text_get(&path), &policy);
    if (exit == EXIT_HOLDS)
        show(session, &policy);
    policy_deinit(&policy);
    return exit;
}

static const struct schema *const records[] = {&schema, NULL};

const struct command command_guard_show = {
    .name = "guard show",
    .synopsis = "[FILE]",
    .summary = "show a policy as a table: what becomes of each message in each direction, and why",
    .details =
        "Exceptions come first, as they are tried first; the last line is what no other names. Without FILE "
        "it is the policy in force.",
    .run = run,
    .records = records,
    .most = 1,
};
