/* SPDX-License-Identifier: MIT */
/* Lines and exceptions: who may do what, in which direction, on which interface. */
#include "policy/file/clause.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "base/suggest.h"
#include "base/text.h"
#include "policy/file/value.h"

enum { RULES_MAX = 4096 };

/* A line or an exception being read: the rule that it makes, apart from messages, direction and verdict. */
struct clause {
    struct policy *policy;
    struct policy_problems *problems;
    struct policy_rule rule; /* its owner and reason point into the tree */
    unsigned breaks;         /* what `i-know-this-breaks` names */
    size_t exception;        /* its number from 1, or 0 */
};

/* A verdict for some directions. */
struct ruling {
    enum verdict verdict;
    struct policy_limit limit;
};

const char *clause_suggest(const char *typed, const char *const *words, char text[80])
{
    struct suggestion suggestion = {typed};

    for (; *words != NULL; words++)
        suggestion_consider(&suggestion, *words);
    text[0] = '\0';
    if (suggestion.nearest != NULL)
        snprintf(text, 80, "; did you mean '%s'?", suggestion.nearest);
    return text;
}

/* The text of a node that must be a word. */
static const char *word_of(const struct clause *clause, const struct tree_node *node, const char *what)
{
    if (node->kind == TREE_SCALAR && node->text[0] != '\0')
        return node->text;
    problem_add(clause->problems, node->place, "%s must be a word, not %s", what,
                node->kind == TREE_SCALAR ? "nothing" : tree_kind_name(node->kind));
    return NULL;
}

/* "limit", "limit 50/second burst 100", "limit 50/second total 500/second". */
static bool parse_limit(const char *text, struct policy_limit *limit)
{
    if (strncmp(text, "limit", 5) != 0)
        return false;
    text += 5;
    if (*text != '\0' && *text != ' ')
        return false;
    text += strspn(text, " ");
    if (*text != '\0' && strncmp(text, "total ", 6) != 0 && !value_rate(text, &limit->source, &text))
        return false;
    if (strncmp(text, "total ", 6) == 0)
        return value_rate(text + 6 + strspn(text + 6, " "), &limit->total, NULL);
    return *text == '\0';
}

static bool read_ruling(const struct clause *clause, const struct tree_node *node, struct ruling *ruling)
{
    static const char *const words[] = {"accept", "limit",  "answer-only", "link-only",
                                        "drop",   "reject", NULL};
    const char *text = word_of(clause, node, "a verdict");
    char hint[80];

    if (text == NULL)
        return false;
    ruling->limit = clause->policy->limit;
    if (parse_limit(text, &ruling->limit)) {
        ruling->verdict = VERDICT_LIMIT;
        return true;
    }
    if (verdict_parse(text, &ruling->verdict))
        return true;
    if (strncmp(text, "limit ", 6) == 0)
        problem_add(
            clause->problems, node->place,
            "'%.60s' is no limit: write 'limit 50/second burst 100', per second, minute or hour, from 1 "
            "packet on",
            text);
    else
        problem_add(clause->problems, node->place,
                    "'%.40s' is no verdict%s: accept, limit, answer-only, link-only, drop or reject", text,
                    clause_suggest(text, words, hint));
    return false;
}

/* "v4.3.4.input", "v4.44-252.forward.eth1", "x1.v4.13.0.input": words that nftables takes as names. */
static char *id_of(const struct clause *clause, const struct policy_rule *rule)
{
    struct text id = {0};

    if (clause->exception > 0)
        text_add(&id, "x%zu.", clause->exception);
    text_add(&id, "v%d.%d", rule->family, rule->type);
    if (rule->type_last > rule->type)
        text_add(&id, "-%d", rule->type_last);
    if (rule->code != POLICY_ANY_CODE)
        text_add(&id, ".%d", rule->code);
    if (rule->code_last > rule->code)
        text_add(&id, "-%d", rule->code_last);
    text_add(&id, ".%s", direction_name(rule->direction));
    if (rule->interface[0] != '\0')
        text_add(&id, ".");
    for (const char *letter = rule->interface; *letter != '\0'; letter++)
        text_add(&id, "%c", isalnum((unsigned char)*letter) || strchr(".-_", *letter) ? *letter : '_');
    return text_take(&id);
}

static char *copy_of(const char *text)
{
    return text != NULL ? text_format("%s", text) : NULL;
}

static void add_rule(const struct clause *clause, const struct message_range *range, enum direction direction,
                     const struct ruling *ruling, struct policy_place place)
{
    struct policy_rule rule = clause->rule;

    if (clause->policy->rule_count == RULES_MAX)
        problem_add(clause->problems, place, "more than %d rules: this is no policy", RULES_MAX);
    if (clause->policy->rule_count >= RULES_MAX)
        return;
    rule.family = range->family;
    rule.type = range->type;
    rule.type_last = range->type_last;
    rule.code = range->code;
    rule.code_last = range->code_last;
    rule.direction = direction;
    rule.verdict = ruling->verdict;
    rule.limit = ruling->limit;
    rule.place = place;
    rule.override = clause_breaks(&rule) != 0 && (clause_breaks(&rule) & ~clause->breaks) == 0;
    rule.id = id_of(clause, &rule);
    rule.owner = copy_of(clause->rule.owner);
    rule.reason = copy_of(clause->rule.reason);
    policy_add_rule(clause->policy, &rule);
}

/* A verdict may not fit a direction. */
static void rule_direction(const struct clause *clause, const struct message_range *range,
                           enum direction direction, const struct ruling *ruling, struct policy_place place)
{
    if (ruling->verdict == VERDICT_LINK && direction_hook(direction) == HOOK_FORWARD)
        problem_add(
            clause->problems, place,
            "link-only and %s contradict each other: what was forwarded is not from the link; write drop",
            direction_name(direction));
    else
        add_rule(clause, range, direction, ruling, place);
}

static void rule_everywhere(const struct clause *clause, const struct message_range *range,
                            const struct tree_node *verdict)
{
    struct ruling ruling;

    if (!read_ruling(clause, verdict, &ruling))
        return;
    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (policy_filters(clause->policy, (enum direction)direction))
            rule_direction(clause, range, (enum direction)direction, &ruling, verdict->place);
}

static void rule_one_way(const struct clause *clause, const struct message_range *range,
                         enum direction direction, const struct tree_node *key,
                         const struct tree_node *verdict)
{
    struct ruling ruling;

    if (!policy_filters(clause->policy, direction))
        problem_add(clause->problems, key->place, "a %s does not filter %s; %s does",
                    policy_role_name(clause->policy->role), direction_name(direction),
                    direction == DIRECTION_FORWARD ? "a router or an edge" : "an edge");
    else if (read_ruling(clause, verdict, &ruling))
        rule_direction(clause, range, direction, &ruling, verdict->place);
}

static void read_interface(struct clause *clause, const struct tree_node *node)
{
    const char *name = word_of(clause, node, "an interface");

    if (name != NULL && value_is_interface(name))
        snprintf(clause->rule.interface, sizeof(clause->rule.interface), "%s", name);
    else if (name != NULL)
        problem_add(clause->problems, node->place, "'%.40s' cannot be an interface's name", name);
}

static void read_from(struct clause *clause, const struct tree_node *node)
{
    const char *prefix = word_of(clause, node, "a source");
    char why[160];

    if (prefix != NULL && !value_prefix(prefix, &clause->rule.source, &clause->rule.source_length, why))
        problem_add(clause->problems, node->place, "%s", why);
}

static void read_owner(struct clause *clause, const struct tree_node *node)
{
    clause->rule.owner = (char *)word_of(clause, node, "an owner");
}

static void read_reason(struct clause *clause, const struct tree_node *node)
{
    clause->rule.reason = (char *)word_of(clause, node, "a reason");
}

static void read_expires(struct clause *clause, const struct tree_node *node)
{
    const char *date = word_of(clause, node, "a date");

    if (date != NULL && !value_date(date, &clause->rule.expires_s))
        problem_add(clause->problems, node->place,
                    "'%.40s' is no date such as 2027-03-31, the last day on which the exception holds", date);
}

static void read_broken(struct clause *clause, const struct tree_node *node)
{
    static const char *const words[] = {BREAKS_PMTUD, BREAKS_ND, NULL};
    char hint[80];

    if (node->kind != TREE_SCALAR)
        problem_add(clause->problems, node->place, "write one of these words: %s, %s", BREAKS_PMTUD,
                    BREAKS_ND);
    else if (strcmp(node->text, BREAKS_PMTUD) == 0)
        clause->breaks |= BREAK_PMTUD;
    else if (strcmp(node->text, BREAKS_ND) == 0)
        clause->breaks |= BREAK_ND;
    else
        problem_add(clause->problems, node->place, "'%.40s' is nothing that can be broken%s: %s or %s",
                    node->text, clause_suggest(node->text, words, hint), BREAKS_PMTUD, BREAKS_ND);
}

static void read_breaks(struct clause *clause, const struct tree_node *node)
{
    if (node->kind != TREE_LIST)
        read_broken(clause, node);
    else
        for (size_t i = 0; i < node->count; i++)
            read_broken(clause, node->children[i]);
}

/* What a clause may say besides verdicts. */
static const struct part {
    const char *key;
    void (*read)(struct clause *clause, const struct tree_node *node);
    bool exceptions_only;
} parts[] = {
    {"interface", read_interface, false},       {"owner", read_owner, false}, {"reason", read_reason, false},
    {"i-know-this-breaks", read_breaks, false}, {"from", read_from, true},    {"expires", read_expires, true},
};

static const struct part *part_of(const struct clause *clause, const char *key)
{
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && (clause->exception > 0 || !parts[i].exceptions_only))
            return &parts[i];
    return NULL;
}

static bool is_family(const char *key)
{
    return strcmp(key, "ipv4") == 0 || strcmp(key, "ipv6") == 0;
}

/* Everything in a clause that is no verdict, and a complaint about what is nothing at all. */
static void read_parts(struct clause *clause, const struct tree_node *map)
{
    static const char *const words[] = {
        "input",     "forward", "output", "forward-in",         "forward-out", "all",     "ipv4", "ipv6",
        "interface", "owner",   "reason", "i-know-this-breaks", "from",        "expires", NULL};
    char hint[80];

    for (size_t i = 0; i + 1 < map->count; i += 2) {
        const struct tree_node *key = map->children[i];
        const struct part *part = part_of(clause, key->text);
        enum direction direction;

        if (part != NULL)
            part->read(clause, map->children[i + 1]);
        else if (strcmp(key->text, "from") == 0 || strcmp(key->text, "expires") == 0)
            problem_add(clause->problems, key->place, "'%s' is for exceptions only", key->text);
        else if (!direction_parse(key->text, &direction) && strcmp(key->text, "all") != 0 &&
                 !(clause->exception > 0 && is_family(key->text)))
            problem_add(clause->problems, key->place, "'%.40s' means nothing here%s", key->text,
                        clause_suggest(key->text, words, hint));
    }
}

/* The verdicts of a clause for some messages. */
static void read_verdicts(const struct clause *clause, const struct tree_node *map,
                          const struct message_range *range)
{
    const struct tree_node *all = tree_find(map, "all");
    enum direction direction;
    size_t count = 0;

    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (direction_parse(map->children[i]->text, &direction)) {
            rule_one_way(clause, range, direction, map->children[i], map->children[i + 1]);
            count++;
        }
    if (all != NULL && count > 0)
        problem_add(clause->problems, all->place, "'all' and single directions contradict each other");
    else if (all != NULL)
        rule_everywhere(clause, range, all);
    else if (count == 0)
        problem_add(
            clause->problems, map->place,
            "no verdict: write '{all: drop}', or one for each direction, '{input: limit, output: accept}'");
}

static struct clause clause_of(struct policy *policy, struct policy_problems *problems, size_t exception)
{
    return (struct clause){
        .policy = policy, .problems = problems, .rule = {.exception = exception > 0}, .exception = exception};
}

/* What stands behind the messages of a line: a verdict, a map, or a list of maps. */
static void read_line(struct policy *policy, const struct message_range *range, const struct tree_node *value,
                      struct policy_problems *problems)
{
    struct clause clause = clause_of(policy, problems, 0);

    if (value->kind == TREE_SCALAR) {
        rule_everywhere(&clause, range, value);
    } else if (value->kind == TREE_MAP) {
        read_parts(&clause, value);
        read_verdicts(&clause, value, range);
    } else {
        for (size_t i = 0; i < value->count; i++) {
            if (value->children[i]->kind == TREE_MAP)
                read_line(policy, range, value->children[i], problems);
            else
                problem_add(problems, value->children[i]->place,
                            "an item of this list must be a map such as {interface: eth1, input: drop}");
        }
    }
}

void clause_read_family(struct policy *policy, uint8_t family, const struct tree_node *map,
                        struct policy_problems *problems)
{
    for (size_t i = 0; i + 1 < map->count; i += 2) {
        struct message_range range = {.family = family};
        char why[160];

        if (value_messages(map->children[i]->text, &range, why))
            read_line(policy, &range, map->children[i + 1], problems);
        else
            problem_add(problems, map->children[i]->place, "%s", why);
    }
}

/* One message of an exception. */
static void except(const struct clause *clause, uint8_t family, const struct tree_node *map,
                   const struct tree_node *message)
{
    struct message_range range = {.family = family};
    char why[160];

    if (message->kind != TREE_SCALAR)
        problem_add(clause->problems, message->place, "a message must be a word, not %s",
                    tree_kind_name(message->kind));
    else if (!value_messages(message->text, &range, why))
        problem_add(clause->problems, message->place, "%s", why);
    else if (clause->rule.source.family != 0 && clause->rule.source.family != family)
        problem_add(clause->problems, message->place, "an IPv%d message does not come from an IPv%d source",
                    family, clause->rule.source.family);
    else
        read_verdicts(clause, map, &range);
}

static void read_exception(const struct clause *clause, const struct tree_node *map)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        const struct tree_node *messages = tree_find(map, family == 4 ? "ipv4" : "ipv6");

        if (messages == NULL)
            continue;
        if (messages->kind != TREE_LIST)
            except(clause, family, map, messages);
        else
            for (size_t i = 0; i < messages->count; i++)
                except(clause, family, map, messages->children[i]);
    }
}

void clause_read_exceptions(struct policy *policy, const struct tree_node *list,
                            struct policy_problems *problems)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tree_node *map = list->children[i];
        struct clause clause = clause_of(policy, problems, i + 1);

        if (map->kind != TREE_MAP) {
            problem_add(problems, map->place, "an exception must be a map, not %s",
                        tree_kind_name(map->kind));
            continue;
        }
        read_parts(&clause, map);
        if (tree_find(map, "ipv4") == NULL && tree_find(map, "ipv6") == NULL)
            problem_add(problems, map->place,
                        "the exception names no message: write 'ipv4: echo-request' or 'ipv6: 128/0'");
        read_exception(&clause, map);
    }
}
