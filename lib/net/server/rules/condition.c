/* SPDX-License-Identifier: MIT */
/* Whether the condition of a firewall rule holds for the packets in question (libnftables-json(5)). */
#include "net/server/rules/condition.h"

#include <string.h>

#include "base/json.h"

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, SET_DEPTH_MAX = 4 };

enum truth truth_and(enum truth a, enum truth b)
{
    return a < b ? a : b;
}

enum truth truth_or(enum truth a, enum truth b)
{
    return a > b ? a : b;
}

enum truth truth_not(enum truth truth)
{
    return (enum truth)(TRUTH_YES - truth);
}

static enum truth truth_of(bool holds)
{
    return holds ? TRUTH_YES : TRUTH_NO;
}

static bool is_in(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

const json_t *condition_find_set(const struct scope *scope, const char *name)
{
    size_t i;
    const json_t *object;

    json_array_foreach(scope->objects, i, object)
    {
        const json_t *set = json_object_get(object, "set");

        if (set == NULL)
            set = json_object_get(object, "map");
        if (set != NULL && strcmp(json_member(set, "name"), name) == 0 &&
            strcmp(json_member(set, "table"), scope->table) == 0 &&
            strcmp(json_member(set, "family"), scope->family) == 0)
            return set;
    }
    return NULL;
}

/* An address of the question against one of a rule; of an unknown sender, only few have a certain address. */
static enum truth compare_address(const struct sonde_address *asked, enum subject subject, const char *low,
                                  const char *high)
{
    struct sonde_address first, last;

    if (sonde_address_parse(low, &first) < 0 || sonde_address_parse(high, &last) < 0)
        return TRUTH_MAYBE;
    if (asked->family == 0 && subject == SUBJECT_SOURCE)
        return address_is_loopback(&first) ? TRUTH_NO : TRUTH_RARELY;
    if (asked->family == 0)
        return TRUTH_MAYBE;
    if (asked->family != first.family || asked->family != last.family)
        return TRUTH_NO;
    return truth_of(memcmp(asked->bytes, first.bytes, address_length(asked->family)) >= 0 &&
                    memcmp(asked->bytes, last.bytes, address_length(asked->family)) <= 0);
}

static const struct sonde_address *asked_address(const struct scope *scope, enum subject subject)
{
    return subject == SUBJECT_SOURCE ? &scope->question->source : &scope->question->destination;
}

static bool is_address(enum subject subject)
{
    return subject == SUBJECT_SOURCE || subject == SUBJECT_DESTINATION;
}

/* "eth*" stands for all names that begin so. */
static enum truth is_interface(const struct scope *scope, const char *name)
{
    const char *asked = scope->question->interface;
    size_t length = strlen(name);

    if (asked == NULL)
        return strcmp(name, "lo") == 0 ? TRUTH_NO : strcmp(name, "*") == 0 ? TRUTH_YES : TRUTH_MAYBE;
    if (length > 0 && name[length - 1] == '*')
        return truth_of(strncmp(name, asked, length - 1) == 0);
    return truth_of(strcmp(name, asked) == 0);
}

static enum truth is_word(const struct scope *scope, enum subject subject, const char *word)
{
    static const char *const v4[] = {"ip", "ipv4", NULL}, *const v6[] = {"ip6", "ipv6", NULL};
    static const char *const unicast[] = {"host", "unicast", NULL};

    switch (subject) {
    case SUBJECT_PROTOCOL:
        return truth_of(strcmp(word, scope->question->udp ? "udp" : "tcp") == 0);
    case SUBJECT_FAMILY:
        return truth_of(is_in(word, scope->question->family == 6 ? v6 : v4));
    case SUBJECT_STATE: /* of conntrack, for the first packet */
        return truth_of(strcmp(word, "new") == 0);
    case SUBJECT_STATUS:
        return strcmp(word, "dnat") == 0 ? truth_of(scope->question->translated) : TRUTH_MAYBE;
    case SUBJECT_INTERFACE:
        return is_interface(scope, word);
    case SUBJECT_SOURCE:
    case SUBJECT_DESTINATION:
        return compare_address(asked_address(scope, subject), subject, word, word);
    case SUBJECT_DESTINATION_TYPE:
        return truth_of(strcmp(word, "local") == 0 && !scope->question->translated);
    case SUBJECT_PACKET_TYPE:
        return truth_of(is_in(word, unicast));
    case SUBJECT_FLAGS:
        return truth_of(strcmp(word, "syn") == 0);
    default: /* a port by name, as `nft -S` would write it */
        return TRUTH_MAYBE;
    }
}

static enum truth holds(const struct scope *scope, enum subject subject, const json_t *value, int depth);

static enum truth holds_any(const struct scope *scope, enum subject subject, const json_t *list, int depth)
{
    enum truth result = TRUTH_NO;
    size_t i;
    const json_t *value;

    json_array_foreach(list, i, value)
    {
        result = truth_or(result, holds(scope, subject, value, depth));
        if (result == TRUTH_YES)
            break;
    }
    return result;
}

static json_int_t number_of(const struct scope *scope, enum subject subject)
{
    if (subject == SUBJECT_PORT)
        return scope->question->port;
    return scope->question->udp ? PROTOCOL_UDP : PROTOCOL_TCP;
}

static bool is_number(enum subject subject)
{
    return subject == SUBJECT_PORT || subject == SUBJECT_PROTOCOL;
}

static enum truth holds_in_range(const struct scope *scope, enum subject subject, const json_t *range)
{
    const json_t *low = json_array_get(range, 0), *high = json_array_get(range, 1);
    json_int_t number = number_of(scope, subject);

    if (is_address(subject) && json_is_string(low) && json_is_string(high))
        return compare_address(asked_address(scope, subject), subject, json_string_value(low),
                               json_string_value(high));
    if (!is_number(subject) || !json_is_integer(low) || !json_is_integer(high))
        return TRUTH_MAYBE;
    return truth_of(number >= json_integer_value(low) && number <= json_integer_value(high));
}

static enum truth holds_in_prefix(const struct scope *scope, enum subject subject, const json_t *prefix)
{
    struct sonde_address first, last;
    json_int_t bits = json_integer_value(json_object_get(prefix, "len"));
    char low[SONDE_ADDRESS_TEXT], high[SONDE_ADDRESS_TEXT];

    if (!is_address(subject) || sonde_address_parse(json_member(prefix, "addr"), &first) < 0)
        return TRUTH_MAYBE;
    if (bits <= 0)
        return TRUTH_YES;
    last = first;
    for (size_t bit = (size_t)bits; bit < 8 * address_length(first.family); bit++) {
        first.bytes[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
        last.bytes[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
    }
    return compare_address(asked_address(scope, subject), subject, sonde_address_format(&first, low),
                           sonde_address_format(&last, high));
}

static enum truth holds_object(const struct scope *scope, enum subject subject, const json_t *value,
                               int depth)
{
    const json_t *range = json_object_get(value, "range"), *set = json_object_get(value, "set");
    const json_t *prefix = json_object_get(value, "prefix"), *element = json_object_get(value, "elem");

    if (range != NULL)
        return holds_in_range(scope, subject, range);
    if (prefix != NULL)
        return holds_in_prefix(scope, subject, prefix);
    if (set != NULL)
        return holds(scope, subject, set, depth);
    if (element != NULL)
        return holds(scope, subject, json_object_get(element, "val"), depth);
    return TRUTH_MAYBE;
}

/* A named set. Of unknown senders few are in it, however many it holds. */
static enum truth holds_in_set(const struct scope *scope, enum subject subject, const char *name, int depth)
{
    const json_t *set = condition_find_set(scope, name), *elements = json_object_get(set, "elem");

    if (set == NULL)
        return TRUTH_MAYBE;
    if (elements == NULL)
        return TRUTH_NO;
    if (subject == SUBJECT_SOURCE && scope->question->source.family == 0)
        return TRUTH_RARELY;
    return holds(scope, subject, elements, depth);
}

/* Whether the question's value is the value, in the list, in the range or in the set of the rule. */
static enum truth holds(const struct scope *scope, enum subject subject, const json_t *value, int depth)
{
    if (subject == SUBJECT_OTHER || value == NULL || depth == SET_DEPTH_MAX)
        return TRUTH_MAYBE;
    if (json_is_integer(value))
        return truth_of(is_number(subject) && json_integer_value(value) == number_of(scope, subject));
    if (json_is_array(value))
        return holds_any(scope, subject, value, depth + 1);
    if (json_is_object(value))
        return holds_object(scope, subject, value, depth + 1);
    if (!json_is_string(value))
        return TRUTH_MAYBE;
    if (json_string_value(value)[0] == '@')
        return holds_in_set(scope, subject, json_string_value(value) + 1, depth + 1);
    return is_word(scope, subject, json_string_value(value));
}

enum truth condition_holds(const struct scope *scope, enum subject subject, const json_t *value)
{
    return holds(scope, subject, value, 0);
}

/* Whether a header with this name is in the packets of the question at all. */
static bool has_header(const struct scope *scope, const char *header)
{
    static const char *const others[] = {"icmp", "icmpv6", "sctp", "dccp", "udplite",
                                         "esp",  "ah",     "comp", "arp",  NULL};

    if (strcmp(header, scope->question->udp ? "tcp" : "udp") == 0 || is_in(header, others))
        return false;
    return strcmp(header, scope->question->family == 6 ? "ip" : "ip6") != 0;
}

/** The words for what a condition looks at; `kind` is the member of the left side, NULL for any. */
static const struct {
    const char *kind, *word;
    enum subject subject;
} subjects[] = {
    {"payload", "dport", SUBJECT_PORT},
    {"payload", "saddr", SUBJECT_SOURCE},
    {"payload", "daddr", SUBJECT_DESTINATION},
    {"payload", "protocol", SUBJECT_PROTOCOL},
    {"payload", "nexthdr", SUBJECT_PROTOCOL},
    {"payload", "flags", SUBJECT_FLAGS},
    {"meta", "l4proto", SUBJECT_PROTOCOL},
    {"meta", "nfproto", SUBJECT_FAMILY},
    {"meta", "protocol", SUBJECT_FAMILY},
    {"meta", "iif", SUBJECT_INTERFACE},
    {"meta", "iifname", SUBJECT_INTERFACE},
    {"meta", "pkttype", SUBJECT_PACKET_TYPE},
    {"ct", "state", SUBJECT_STATE},
    {"ct", "status", SUBJECT_STATUS},
};

static enum subject subject_of_fib(const json_t *fib)
{
    const char *result = json_member(fib, "result");

    if (strcmp(result, "type") == 0 && json_holds(json_object_get(fib, "flags"), "daddr"))
        return SUBJECT_DESTINATION_TYPE;
    return strcmp(result, "oif") == 0 && json_holds(json_object_get(fib, "flags"), "saddr") ? SUBJECT_WAY_BACK
                                                                                            : SUBJECT_OTHER;
}

/* What the left side of a condition looks at, and whether the packets have it. */
static enum subject subject_of(const struct scope *scope, const json_t *left, bool *present)
{
    const json_t *payload = json_object_get(left, "payload");

    *present = payload == NULL || has_header(scope, json_member(payload, "protocol"));
    if (json_object_get(left, "fib") != NULL)
        return subject_of_fib(json_object_get(left, "fib"));
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        const json_t *inner = json_object_get(left, subjects[i].kind);

        if (inner != NULL &&
            strcmp(json_member(inner, payload != NULL ? "field" : "key"), subjects[i].word) == 0)
            return subjects[i].subject;
    }
    return SUBJECT_OTHER;
}

static enum truth compare(const struct scope *scope, enum subject subject, const char *operator,
                          const json_t * right)
{
    json_int_t number = number_of(scope, subject), limit = json_integer_value(right);

    if (strcmp(operator, "==") == 0 || strcmp(operator, "in") == 0)
        return holds(scope, subject, right, 0);
    if (strcmp(operator, "!=") == 0)
        return truth_not(holds(scope, subject, right, 0));
    if (!is_number(subject) || !json_is_integer(right))
        return TRUTH_MAYBE;
    if (strcmp(operator, "<") == 0)
        return truth_of(number < limit);
    if (strcmp(operator, ">") == 0)
        return truth_of(number > limit);
    if (strcmp(operator, "<=") == 0)
        return truth_of(number <= limit);
    return truth_of(strcmp(operator, ">=") != 0 || number >= limit);
}

static bool names_syn(const json_t *flags)
{
    size_t i;
    const json_t *word;

    if (json_is_string(flags))
        return strcmp(json_string_value(flags), "syn") == 0;
    json_array_foreach(flags, i, word)
    {
        if (names_syn(word))
            return true;
    }
    return false;
}

/* "tcp flags & (fin|syn|rst|ack) == syn": the first packet has SYN and nothing else. */
static enum truth match_masked(const struct scope *scope, const json_t *masked, const char *operator,
                               const json_t * right)
{
    bool present, only_syn = json_is_string(right) || json_array_size(right) == 1;
    enum subject subject = subject_of(scope, json_array_get(masked, 0), &present);
    enum truth equal;

    if (!present)
        return TRUTH_NO;
    if (subject != SUBJECT_FLAGS || (!json_is_string(right) && !json_is_array(right)))
        return TRUTH_MAYBE;
    if (names_syn(json_array_get(masked, 1)))
        equal = truth_of(only_syn && names_syn(right));
    else
        equal = TRUTH_NO; /* none of the flags it looks at is set, but one is asked for */
    return strcmp(operator, "!=") == 0 ? truth_not(equal) : equal;
}

static enum truth holds_all(const struct scope *scope, const json_t *parts, const json_t *values)
{
    enum truth result = TRUTH_YES;
    size_t i;
    const json_t *part;

    json_array_foreach(parts, i, part)
    {
        bool present;
        enum subject subject = subject_of(scope, part, &present);

        if (!present)
            return TRUTH_NO;
        result = truth_and(result, holds(scope, subject, json_array_get(values, i), 1));
    }
    return result;
}

/* "ip saddr . tcp dport": some element has to fit in all its parts. */
static enum truth holds_concatenated(const struct scope *scope, const json_t *parts, const json_t *value)
{
    enum truth result = TRUTH_NO;
    size_t i;
    const json_t *element;

    if (json_is_string(value) && json_string_value(value)[0] == '@') {
        const json_t *set = condition_find_set(scope, json_string_value(value) + 1);

        if (set == NULL)
            return TRUTH_MAYBE;
        value = json_object_get(set, "elem");
    }
    if (json_object_get(value, "set") != NULL)
        value = json_object_get(value, "set");
    if (json_object_get(value, "concat") != NULL)
        return holds_all(scope, parts, json_object_get(value, "concat"));
    json_array_foreach(value, i, element)
    {
        const json_t *inner = json_object_get(element, "elem");

        if (inner != NULL)
            element = json_object_get(inner, "val");
        result = truth_or(result, holds_all(scope, parts, json_object_get(element, "concat")));
    }
    return result;
}

enum truth condition_key(const struct scope *scope, const json_t *key, const json_t *value)
{
    const json_t *parts = json_object_get(key, "concat");
    bool present;
    enum subject subject;

    if (parts != NULL)
        return holds_concatenated(scope, parts, value);
    subject = subject_of(scope, key, &present);
    return present ? holds(scope, subject, value, 0) : TRUTH_NO;
}

enum truth condition_match(const struct scope *scope, const json_t *match)
{
    const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
    const char *operator= json_member(match, "op");
    bool present;
    enum subject subject = subject_of(scope, left, &present);

    if (json_object_get(left, "&") != NULL)
        return match_masked(scope, json_object_get(left, "&"), operator, right);
    if (json_object_get(left, "concat") != NULL) {
        enum truth equal = holds_concatenated(scope, json_object_get(left, "concat"), right);

        return strcmp(operator, "!=") == 0 ? truth_not(equal) : equal;
    }
    if (!present)
        return TRUTH_NO;
    /* Whether there is a way back is the kernel's own matter too, and rarely missing. */
    if (subject == SUBJECT_WAY_BACK && json_is_false(right))
        return strcmp(operator, "!=") == 0 ? TRUTH_OFTEN : TRUTH_RARELY;
    return compare(scope, subject, operator, right);
}
