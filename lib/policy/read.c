/* SPDX-License-Identifier: MIT */
/* The sections of a policy file, one after the other, and the problems in their order. */
#include "policy/read.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "policy/file/clause.h"
#include "policy/file/tree.h"
#include "policy/file/value.h"

/* A file being read. */
struct reader {
    struct policy *policy;
    struct policy_problems *problems;
    struct policy_place unlisted; /* where it is said what becomes of what is not named */
};

static bool want(const struct reader *reader, const struct tree_node *node, enum tree_kind kind,
                 const char *what)
{
    bool is_empty = node->kind == TREE_SCALAR && node->text[0] == '\0' && kind != TREE_SCALAR;

    if (node->kind != kind && !is_empty) /* "ipv4:" with nothing behind it is a map without lines */
        problem_add(reader->problems, node->place, "%s must be %s, not %s", what, tree_kind_name(kind),
                    tree_kind_name(node->kind));
    return node->kind == kind;
}

static void read_role(struct reader *reader, const struct tree_node *node)
{
    static const char *const words[] = {"host", "router", "edge", NULL};
    char hint[80];

    if (!want(reader, node, TREE_SCALAR, "role"))
        return;
    for (int role = 0; role < ROLE_COUNT; role++)
        if (strcmp(node->text, policy_role_name((enum policy_role)role)) == 0) {
            reader->policy->role = (enum policy_role)role;
            return;
        }
    problem_add(reader->problems, node->place, "'%.40s' is no role%s: host, router or edge", node->text,
                clause_suggest(node->text, words, hint));
}

static void add_outside(struct reader *reader, const struct tree_node *node)
{
    struct policy *policy = reader->policy;

    if (!want(reader, node, TREE_SCALAR, "an interface"))
        return;
    if (!value_is_interface(node->text)) {
        problem_add(reader->problems, node->place, "'%.40s' cannot be an interface's name", node->text);
        return;
    }
    policy->outside = reallocarray(policy->outside, policy->outside_count + 1, sizeof(*policy->outside));
    if (policy->outside == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    snprintf(policy->outside[policy->outside_count++], POLICY_INTERFACE_MAX, "%s", node->text);
}

static void read_outside(struct reader *reader, const struct tree_node *node)
{
    if (reader->policy->role != ROLE_EDGE)
        problem_add(reader->problems, node->place, "only an edge has an outside; this is a %s",
                    policy_role_name(reader->policy->role));
    else if (node->kind == TREE_LIST)
        for (size_t i = 0; i < node->count; i++)
            add_outside(reader, node->children[i]);
    else
        add_outside(reader, node);
}

/* Complain about keys of a map that are not among some words. */
static void check_keys(const struct reader *reader, const struct tree_node *map, const char *const *words)
{
    char hint[80];

    for (size_t i = 0; i + 1 < map->count; i += 2) {
        const char *const *word = words;

        while (*word != NULL && strcmp(*word, map->children[i]->text) != 0)
            word++;
        if (*word == NULL)
            problem_add(reader->problems, map->children[i]->place, "'%.40s' means nothing here%s",
                        map->children[i]->text, clause_suggest(map->children[i]->text, words, hint));
    }
}

static void read_defaults(struct reader *reader, const struct tree_node *node)
{
    static const char *const words[] = {"unlisted", NULL};
    const struct tree_node *unlisted;
    enum verdict verdict;

    if (!want(reader, node, TREE_MAP, "defaults"))
        return;
    check_keys(reader, node, words);
    unlisted = tree_find(node, "unlisted");
    if (unlisted == NULL || !want(reader, unlisted, TREE_SCALAR, "unlisted"))
        return;
    reader->unlisted = unlisted->place;
    if (verdict_parse(unlisted->text, &verdict) &&
        (verdict == VERDICT_DROP || verdict == VERDICT_REJECT || verdict == VERDICT_ACCEPT))
        reader->policy->unlisted = verdict;
    else
        problem_add(reader->problems, unlisted->place,
                    "'%.40s' cannot be said of everything that is unlisted: drop, reject or accept",
                    unlisted->text);
}

static void read_rate(struct reader *reader, const struct tree_node *limits, const char *key,
                      struct policy_rate *rate)
{
    const struct tree_node *node = tree_find(limits, key);

    if (node != NULL && want(reader, node, TREE_SCALAR, key) && !value_rate(node->text, rate, NULL))
        problem_add(reader->problems, node->place,
                    "'%.40s' is no rate such as '10/second burst 20', per second, minute or hour",
                    node->text);
}

static void read_limits(struct reader *reader, const struct tree_node *node)
{
    static const char *const words[] = {"source", "total", NULL};

    if (!want(reader, node, TREE_MAP, "limits"))
        return;
    check_keys(reader, node, words);
    read_rate(reader, node, "source", &reader->policy->limit.source);
    read_rate(reader, node, "total", &reader->policy->limit.total);
}

static void read_ipv4(struct reader *reader, const struct tree_node *node)
{
    if (want(reader, node, TREE_MAP, "ipv4"))
        clause_read_family(reader->policy, 4, node, reader->problems);
}

static void read_ipv6(struct reader *reader, const struct tree_node *node)
{
    if (want(reader, node, TREE_MAP, "ipv6"))
        clause_read_family(reader->policy, 6, node, reader->problems);
}

static void read_exceptions(struct reader *reader, const struct tree_node *node)
{
    if (want(reader, node, TREE_LIST, "exceptions"))
        clause_read_exceptions(reader->policy, node, reader->problems);
}

/* The sections in the order in which they are understood: what a role filters and how limits are meant by
 * default is known before the lines are read. */
static const struct section {
    const char *key;
    void (*read)(struct reader *reader, const struct tree_node *node);
} sections[] = {
    {"role", read_role}, {"outside", read_outside}, {"defaults", read_defaults},     {"limits", read_limits},
    {"ipv4", read_ipv4}, {"ipv6", read_ipv6},       {"exceptions", read_exceptions},
};

static void read_sections(struct reader *reader, const struct tree_node *root)
{
    const char *words[COUNT_OF(sections) + 1] = {NULL};

    if (root->kind != TREE_MAP) {
        problem_add(reader->problems, root->place, "a policy is a map that begins with 'role: host', not %s",
                    tree_kind_name(root->kind));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(sections); i++)
        words[i] = sections[i].key;
    check_keys(reader, root, words);
    reader->unlisted = root->place;
    if (tree_find(root, "role") == NULL)
        problem_add(reader->problems, root->place, "no role: write 'role: host', router or edge");
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        const struct tree_node *node = tree_find(root, sections[i].key);

        if (node != NULL)
            sections[i].read(reader, node);
    }
    if (reader->policy->role == ROLE_EDGE && reader->policy->outside_count == 0)
        problem_add(reader->problems, root->place,
                    "an edge must say which interfaces lead to the Internet: 'outside: [eth0]'");
    clause_sort(reader->policy, reader->problems);
    clause_refuse(reader->policy, reader->unlisted, reader->problems);
}

/* Into the order of the file; insertion, since they nearly are. */
static void sort_problems(struct policy_problems *problems)
{
    size_t kept = problems->count < POLICY_PROBLEMS_MAX ? problems->count : POLICY_PROBLEMS_MAX;

    for (size_t i = 1; i < kept; i++) {
        struct policy_problem problem = problems->items[i];
        size_t at = i;

        while (at > 0 && (problems->items[at - 1].place.line > problem.place.line ||
                          (problems->items[at - 1].place.line == problem.place.line &&
                           problems->items[at - 1].place.column > problem.place.column))) {
            problems->items[at] = problems->items[at - 1];
            at--;
        }
        problems->items[at] = problem;
    }
}

int policy_read(struct slice file, const char *name, struct policy *policy, struct policy_problems *problems,
                struct sonde_error *error)
{
    struct reader reader = {.policy = policy, .problems = problems};
    struct tree_node *root;

    problems->count = 0;
    policy->unlisted = VERDICT_DROP;
    policy->limit = (struct policy_limit){{10, 1, 20}, {1000, 1, 2000}};
    root = tree_read(file, problems);
    if (root != NULL)
        read_sections(&reader, root);
    else if (problems->count == 0)
        problem_add(problems, (struct policy_place){1, 1},
                    "the file is empty; `sonde guard init --role host` writes a policy");
    tree_free(root);
    sort_problems(problems);
    if (problems->count == 0)
        return 0;
    error_set(error, SONDE_E_FORMAT, "%s:%u:%u: %s", name, problems->items[0].place.line,
              problems->items[0].place.column, problems->items[0].message);
    if (problems->count > 1)
        error_hint(error, "%zu problems in all; `sonde guard lint %s` shows them", problems->count, name);
    return SONDE_E_FORMAT;
}
