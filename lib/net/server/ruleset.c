/* SPDX-License-Identifier: MIT */
/* Which rules of a ruleset could stop packets to one port (libnftables-json(5)). */
#include "net/server/ruleset.h"

#include <jansson.h>
#include <string.h>

/** Whether a condition holds for the question, or depends on more than the question says. */
enum truth { NO, YES, MAYBE };

/** What a condition looks at. */
enum subject { SUBJECT_OTHER, SUBJECT_PORT, SUBJECT_PROTOCOL, SUBJECT_FAMILY, SUBJECT_STATE };

/** The question with the ruleset in which sets are looked up. */
struct search {
    const json_t *objects;
    const struct ruleset_question *question;
    const char *family, *table; /* of the chain that is looked at */
};

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, SET_DEPTH_MAX = 4 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static bool is_in(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* The inverse of a condition. */
static enum truth inverse(enum truth truth)
{
    return truth == MAYBE ? MAYBE : truth == YES ? NO : YES;
}

static enum truth is_word(const struct search *search, enum subject subject, const char *word)
{
    static const char *const v4[] = {"ip", "ipv4", NULL}, *const v6[] = {"ip6", "ipv6", NULL};

    if (subject == SUBJECT_PROTOCOL)
        return strcmp(word, search->question->udp ? "udp" : "tcp") == 0 ? YES : NO;
    if (subject == SUBJECT_FAMILY)
        return is_in(word, search->question->family == 6 ? v6 : v4) ? YES : NO;
    if (subject == SUBJECT_STATE)
        return strcmp(word, "new") == 0 ? YES : NO; /* of conntrack, for the first packet */
    return MAYBE;                                   /* a port by name, as `nft -S` would write it */
}

static json_int_t number_of(const struct search *search, enum subject subject)
{
    if (subject == SUBJECT_PORT)
        return search->question->port;
    return search->question->udp ? PROTOCOL_UDP : PROTOCOL_TCP;
}

static const json_t *find_set(const struct search *search, const char *name)
{
    size_t i;
    const json_t *object;

    json_array_foreach(search->objects, i, object)
    {
        const json_t *set = json_object_get(object, "set");

        if (set == NULL)
            set = json_object_get(object, "map");
        if (set != NULL && strcmp(text_of(set, "name"), name) == 0 &&
            strcmp(text_of(set, "table"), search->table) == 0 &&
            strcmp(text_of(set, "family"), search->family) == 0)
            return json_object_get(set, "elem");
    }
    return NULL;
}

static enum truth holds(const struct search *search, enum subject subject, const json_t *value, int depth);

static enum truth holds_any(const struct search *search, enum subject subject, const json_t *list, int depth)
{
    enum truth result = NO;
    size_t i;
    const json_t *value;

    json_array_foreach(list, i, value)
    {
        enum truth one = holds(search, subject, value, depth);

        if (one == YES)
            return YES;
        if (one == MAYBE)
            result = MAYBE;
    }
    return result;
}

static enum truth holds_in_range(const struct search *search, enum subject subject, const json_t *range)
{
    const json_t *low = json_array_get(range, 0), *high = json_array_get(range, 1);
    json_int_t number = number_of(search, subject);

    if (!json_is_integer(low) || !json_is_integer(high))
        return MAYBE;
    return number >= json_integer_value(low) && number <= json_integer_value(high) ? YES : NO;
}

static enum truth holds_object(const struct search *search, enum subject subject, const json_t *value,
                               int depth)
{
    const json_t *range = json_object_get(value, "range"), *set = json_object_get(value, "set");
    const json_t *element = json_object_get(value, "elem");

    if (range != NULL)
        return holds_in_range(search, subject, range);
    if (set != NULL)
        return holds(search, subject, set, depth);
    if (element != NULL)
        return holds(search, subject, json_object_get(element, "val"), depth);
    return MAYBE;
}

/* Whether the question's value is the value, in the list, in the range or in the set of the rule. */
static enum truth holds(const struct search *search, enum subject subject, const json_t *value, int depth)
{
    if (subject == SUBJECT_OTHER || value == NULL || depth == SET_DEPTH_MAX)
        return MAYBE;
    if (json_is_integer(value))
        return subject <= SUBJECT_PROTOCOL && json_integer_value(value) == number_of(search, subject) ? YES
                                                                                                      : NO;
    if (json_is_array(value))
        return holds_any(search, subject, value, depth + 1);
    if (json_is_object(value))
        return holds_object(search, subject, value, depth + 1);
    if (!json_is_string(value))
        return MAYBE;
    if (json_string_value(value)[0] == '@')
        return holds(search, subject, find_set(search, json_string_value(value) + 1), depth + 1);
    return is_word(search, subject, json_string_value(value));
}

/* Whether a header with this name is in the packets of the question at all. */
static enum truth has_header(const struct search *search, const char *header)
{
    static const char *const others[] = {"icmp", "icmpv6", "sctp", "dccp", "udplite",
                                         "esp",  "ah",     "comp", "arp",  NULL};

    if (strcmp(header, search->question->udp ? "tcp" : "udp") == 0 || is_in(header, others))
        return NO;
    if (strcmp(header, search->question->family == 6 ? "ip" : "ip6") == 0)
        return NO;
    return YES;
}

/* What the left side of a condition looks at, and whether the packets have it. */
static enum subject subject_of(const struct search *search, const json_t *left, enum truth *present)
{
    const json_t *payload = json_object_get(left, "payload"), *meta = json_object_get(left, "meta");
    const char *field = text_of(payload, "field"), *key = text_of(meta, "key");
    static const char *const protocols[] = {"protocol", "nexthdr", NULL}, *const families[] = {
                                                                              "nfproto", "protocol", NULL};

    *present = payload != NULL ? has_header(search, text_of(payload, "protocol")) : YES;
    if (strcmp(text_of(json_object_get(left, "ct"), "key"), "state") == 0)
        return SUBJECT_STATE;
    if (strcmp(field, "dport") == 0)
        return SUBJECT_PORT;
    if (is_in(field, protocols) || strcmp(key, "l4proto") == 0)
        return SUBJECT_PROTOCOL;
    return is_in(key, families) ? SUBJECT_FAMILY : SUBJECT_OTHER;
}

static enum truth compare(const struct search *search, enum subject subject, const char *operator,
                          const json_t * right)
{
    json_int_t number = number_of(search, subject), limit = json_integer_value(right);

    if (strcmp(operator, "==") == 0 || strcmp(operator, "in") == 0)
        return holds(search, subject, right, 0);
    if (strcmp(operator, "!=") == 0)
        return inverse(holds(search, subject, right, 0));
    if ((subject != SUBJECT_PORT && subject != SUBJECT_PROTOCOL) || !json_is_integer(right))
        return MAYBE;
    if (strcmp(operator, "<") == 0)
        return number < limit ? YES : NO;
    if (strcmp(operator, ">") == 0)
        return number > limit ? YES : NO;
    if (strcmp(operator, "<=") == 0)
        return number <= limit ? YES : NO;
    return strcmp(operator, ">=") == 0 && number < limit ? NO : YES;
}

static enum truth check_match(const struct search *search, const json_t *match)
{
    enum truth present;
    enum subject subject = subject_of(search, json_object_get(match, "left"), &present);

    if (present == NO)
        return NO;
    return compare(search, subject, text_of(match, "op"), json_object_get(match, "right"));
}

/** The words for verdicts, of nft itself and of what iptables leaves behind as targets. */
static const struct {
    const char *word;
    enum ruleset_verdict verdict;
} verdicts[] = {
    {"accept", RULESET_ACCEPT}, {"drop", RULESET_DROP},     {"reject", RULESET_REJECT},
    {"queue", RULESET_QUEUE},   {"ACCEPT", RULESET_ACCEPT}, {"DROP", RULESET_DROP},
    {"REJECT", RULESET_REJECT}, {"NFQUEUE", RULESET_QUEUE},
};

static bool read_verdict(const json_t *statement, struct ruleset_rule *rule)
{
    const char *target = text_of(json_object_get(statement, "xt"), "name");

    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        if (json_object_get(statement, verdicts[i].word) == NULL && strcmp(target, verdicts[i].word) != 0)
            continue;
        rule->verdict = verdicts[i].verdict;
        return true;
    }
    return false;
}

/* A verdict map: the verdict of the first key that fits. */
static bool read_map(const struct search *search, const json_t *map, struct ruleset_rule *rule,
                     enum truth *truth)
{
    enum truth present;
    enum subject subject = subject_of(search, json_object_get(map, "key"), &present);
    const json_t *data = json_object_get(map, "data"), *pairs = json_object_get(data, "set"), *pair;
    size_t i;

    if (json_is_string(data) && json_string_value(data)[0] == '@')
        pairs = find_set(search, json_string_value(data) + 1);
    json_array_foreach(present != NO ? pairs : NULL, i, pair)
    {
        enum truth fits = holds(search, subject, json_array_get(pair, 0), 0);

        if (fits == NO || !read_verdict(json_array_get(pair, 1), rule))
            continue;
        *truth = fits;
        return true;
    }
    return false;
}

static void read_counter(const json_t *counter, struct ruleset_rule *rule)
{
    if (!json_is_integer(json_object_get(counter, "packets")))
        return;
    rule->packets = json_integer_value(json_object_get(counter, "packets"));
    rule->bytes = json_integer_value(json_object_get(counter, "bytes"));
}

/* Statements that change nothing about whether the next one is reached. */
static bool is_harmless(const json_t *statement)
{
    static const char *const harmless[] = {"counter", "log", "mangle", "notrack", "nftrace", NULL};

    for (size_t i = 0; harmless[i] != NULL; i++)
        if (json_object_get(statement, harmless[i]) != NULL)
            return true;
    return false;
}

/* Go through a rule's statements: does it decide about the question's packets? */
static bool read_rule(const struct search *search, const json_t *statements, struct ruleset_rule *rule)
{
    size_t i;
    const json_t *statement;

    json_array_foreach(statements, i, statement)
    {
        const json_t *match = json_object_get(statement, "match"), *map = json_object_get(statement, "vmap");
        enum truth truth = MAYBE;

        read_counter(json_object_get(statement, "counter"), rule);
        if (match == NULL && read_verdict(statement, rule))
            return true;
        if (map != NULL && read_map(search, map, rule, &truth)) {
            rule->certain &= truth == YES;
            return true;
        }
        if (match != NULL)
            truth = check_match(search, match);
        if (truth == NO)
            return false;
        if (truth == MAYBE && !is_harmless(statement))
            rule->certain = false;
    }
    return false;
}

static void copy(char *to, size_t size, const char *from)
{
    strncpy(to, from, size - 1);
    to[size - 1] = '\0';
}

static struct ruleset_rule new_rule(const json_t *chain)
{
    struct ruleset_rule rule = {.certain = true, .packets = -1, .bytes = -1};

    copy(rule.family, sizeof(rule.family), text_of(chain, "family"));
    copy(rule.table, sizeof(rule.table), text_of(chain, "table"));
    copy(rule.chain, sizeof(rule.chain), text_of(chain, "name"));
    copy(rule.hook, sizeof(rule.hook), text_of(chain, "hook"));
    return rule;
}

static bool is_of(const json_t *rule, const json_t *chain)
{
    return strcmp(text_of(rule, "chain"), text_of(chain, "name")) == 0 &&
           strcmp(text_of(rule, "table"), text_of(chain, "table")) == 0 &&
           strcmp(text_of(rule, "family"), text_of(chain, "family")) == 0;
}

static void append(const struct ruleset_rule *rule, struct ruleset_rule *rules, size_t max, size_t *count)
{
    if (*count < max)
        rules[*count] = *rule;
    (*count)++;
}

static void search_chain(const struct search *search, const json_t *chain, struct ruleset_rule *rules,
                         size_t max, size_t *count)
{
    size_t i;
    const json_t *object;
    struct ruleset_rule found;

    json_array_foreach(search->objects, i, object)
    {
        const json_t *rule = json_object_get(object, "rule");

        found = new_rule(chain);
        if (rule == NULL || !is_of(rule, chain) || !read_rule(search, json_object_get(rule, "expr"), &found))
            continue;
        found.handle = json_integer_value(json_object_get(rule, "handle"));
        copy(found.comment, sizeof(found.comment), text_of(rule, "comment"));
        if (found.verdict != RULESET_ACCEPT)
            append(&found, rules, max, count);
        if (found.certain)
            return;
    }
    found = new_rule(chain);
    found.policy = true;
    found.verdict = RULESET_DROP;
    if (strcmp(text_of(chain, "policy"), "drop") == 0)
        append(&found, rules, max, count);
}

static bool concerns_family(const char *family, uint8_t asked)
{
    if (strcmp(family, "arp") == 0)
        return false;
    return strcmp(family, asked == 6 ? "ip" : "ip6") != 0;
}

size_t ruleset_find(const struct ruleset *ruleset, const struct ruleset_question *question,
                    struct ruleset_rule *rules, size_t max)
{
    struct search search = {.objects = json_object_get(ruleset->root, "nftables"), .question = question};
    size_t count = 0, i;
    const json_t *object;

    json_array_foreach(search.objects, i, object)
    {
        const json_t *chain = json_object_get(object, "chain");

        if (chain == NULL || !concerns_family(text_of(chain, "family"), question->family))
            continue;
        search.family = text_of(chain, "family");
        search.table = text_of(chain, "table");
        search_chain(&search, chain, rules, max, &count);
    }
    return count;
}
