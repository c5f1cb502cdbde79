/* SPDX-License-Identifier: MIT */
/* The way of a packet through the chains of a ruleset (libnftables-json(5), nft(8)). */
#include "net/server/rules/ruleset.h"

#include <string.h>

#include "base/json.h"
#include "net/server/rules/condition.h"

enum {
    JUMP_DEPTH_MAX = 16, /* NFT_JUMP_STACK_SIZE of the kernel */
    STEPS_MAX = 4000000, /* rules looked at, so that chains that jump in circles end */
    CHAINS_MAX = 64,     /* base chains of a hook */
};

/** The way through one hook. */
struct walk {
    struct scope scope;
    const struct ruleset *ruleset;
    const char *hook;
    struct ruleset_trace *trace;
    enum truth accepted; /* by a rule of this base chain */
    long steps;
};

/** The way through one chain. */
struct frame {
    const json_t *chain;
    enum truth here;     /* how many of the packets get to the next rule */
    enum truth returned; /* how many went back to where they came from */
    bool decided;        /* a rule had the last word for some of them */
    int depth;
};

/** One rule while its statements are read. */
struct step {
    const json_t *rule;
    struct ruleset_rule found;
    enum truth holds; /* its conditions, so far */
};

static void copy(char *to, size_t size, const char *from)
{
    strncpy(to, from, size - 1);
    to[size - 1] = '\0';
}

static void note(struct ruleset_trace *trace, const struct ruleset_rule *rule)
{
    if (trace->count < RULESET_TRACE_MAX)
        trace->rules[trace->count] = *rule;
    trace->count++;
}

static struct ruleset_rule new_rule(const struct walk *walk, const json_t *chain)
{
    struct ruleset_rule rule = {.packets = -1, .bytes = -1};

    copy(rule.family, sizeof(rule.family), json_member(chain, "family"));
    copy(rule.table, sizeof(rule.table), json_member(chain, "table"));
    copy(rule.chain, sizeof(rule.chain), json_member(chain, "name"));
    copy(rule.hook, sizeof(rule.hook), walk->hook);
    return rule;
}

static bool is_of(const json_t *rule, const json_t *chain)
{
    return strcmp(json_member(rule, "chain"), json_member(chain, "name")) == 0 &&
           strcmp(json_member(rule, "table"), json_member(chain, "table")) == 0 &&
           strcmp(json_member(rule, "family"), json_member(chain, "family")) == 0;
}

/** The words for verdicts, of nft itself and of what iptables leaves behind as targets. */
static const struct {
    const char *word;
    enum ruleset_verdict verdict;
} verdicts[] = {
    {"accept", RULESET_ACCEPT},      {"drop", RULESET_DROP},        {"reject", RULESET_REJECT},
    {"queue", RULESET_QUEUE},        {"ACCEPT", RULESET_ACCEPT},    {"DROP", RULESET_DROP},
    {"REJECT", RULESET_REJECT},      {"NFQUEUE", RULESET_QUEUE},    {"dnat", RULESET_TRANSLATE},
    {"redirect", RULESET_TRANSLATE}, {"tproxy", RULESET_TRANSLATE}, {"DNAT", RULESET_TRANSLATE},
    {"REDIRECT", RULESET_TRANSLATE},
};

static bool is_verdict(const json_t *statement, enum ruleset_verdict *verdict)
{
    const char *target = json_member(json_object_get(statement, "xt"), "name");

    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        if (json_object_get(statement, verdicts[i].word) == NULL && strcmp(target, verdicts[i].word) != 0)
            continue;
        *verdict = verdicts[i].verdict;
        return true;
    }
    return false;
}

/* "dnat to 172.17.0.2:80" and "redirect to :8081": what nft -j does not say of iptables' targets. */
static void read_translation_text(const char *words, struct ruleset_rule *rule)
{
    const char *to = strstr(words, " to ");
    char address[SONDE_ADDRESS_TEXT + 2];
    size_t length;

    if (to == NULL)
        return;
    to += strlen(" to ");
    length = *to == '[' ? strcspn(++to, "]") : strcspn(to, ": ");
    if (length < sizeof(address)) {
        memcpy(address, to, length);
        address[length] = '\0';
        (void)sonde_address_parse(address, &rule->to);
    }
    to += length;
    to += *to == ']';
    if (*to == ':')
        rule->to_port = (uint16_t)strtoul(to + 1, NULL, 10);
}

static void read_translation(const struct walk *walk, const json_t *statement, struct ruleset_rule *rule)
{
    static const char *const kinds[] = {"dnat", "redirect", "tproxy"};
    struct text _cleanup_text_ words = {0};

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const json_t *kind = json_object_get(statement, kinds[i]);

        (void)sonde_address_parse(json_member(kind, "addr"), &rule->to);
        if (json_is_integer(json_object_get(kind, "port")))
            rule->to_port = (uint16_t)json_integer_value(json_object_get(kind, "port"));
        if (kind != NULL)
            return;
    }
    ruleset_add_text(walk->ruleset, rule, &words);
    read_translation_text(text_get(&words), rule);
}

static enum truth walk_chain(struct walk *walk, const json_t *chain, enum truth entry, int depth);

static const json_t *find_chain(const struct walk *walk, const char *name)
{
    size_t i;
    const json_t *object;

    json_array_foreach(walk->scope.objects, i, object)
    {
        const json_t *chain = json_object_get(object, "chain");

        if (chain != NULL && strcmp(json_member(chain, "name"), name) == 0 &&
            strcmp(json_member(chain, "table"), walk->scope.table) == 0 &&
            strcmp(json_member(chain, "family"), walk->scope.family) == 0)
            return chain;
    }
    return NULL;
}

/* Packets go to another chain; those that come back go on here after a jump, and leave after a goto. */
static void follow(struct walk *walk, struct frame *frame, const char *target, enum truth holds, bool jump)
{
    enum truth applies = truth_and(frame->here, holds), rest = truth_and(frame->here, truth_not(holds)), back;
    const json_t *chain = find_chain(walk, target);
    size_t known = walk->trace->count;

    if (chain == NULL)
        return;
    back = walk_chain(walk, chain, applies, frame->depth + 1);
    frame->decided |= walk->trace->count > known;
    if (!jump) {
        frame->returned = truth_or(frame->returned, back);
        frame->here = rest;
    } else if (walk->trace->count > known) {
        frame->here = truth_or(rest, back);
    }
}

/* Is this statement a verdict? Then it is carried out. */
static bool decide(struct walk *walk, struct frame *frame, struct step *step, const json_t *statement,
                   enum truth holds)
{
    const json_t *jump = json_object_get(statement, "jump"), *go = json_object_get(statement, "goto");
    enum truth applies = truth_and(frame->here, holds);

    if (jump != NULL || go != NULL) {
        follow(walk, frame, json_member(jump != NULL ? jump : go, "target"), holds, jump != NULL);
        return true;
    }
    if (json_object_get(statement, "return") != NULL) {
        frame->returned = truth_or(frame->returned, applies);
        frame->here = truth_and(frame->here, truth_not(holds));
        return true;
    }
    if (!is_verdict(statement, &step->found.verdict))
        return false;
    step->found.applies = applies;
    if (step->found.verdict == RULESET_TRANSLATE)
        read_translation(walk, statement, &step->found);
    note(walk->trace, &step->found);
    if (step->found.verdict == RULESET_ACCEPT || step->found.verdict == RULESET_TRANSLATE)
        walk->accepted = truth_or(walk->accepted, applies);
    else /* what is queued comes back if the program that gets it lets it */
        walk->trace->stopped =
            truth_or(walk->trace->stopped,
                     step->found.verdict == RULESET_QUEUE ? truth_and(applies, TRUTH_MAYBE) : applies);
    frame->decided = true;
    frame->here = truth_and(frame->here, truth_not(holds));
    return true;
}

/* A verdict map: each key that may fit. */
static void decide_by_map(struct walk *walk, struct frame *frame, struct step *step, const json_t *map)
{
    const json_t *data = json_object_get(map, "data"), *pairs = json_object_get(data, "set"), *pair;
    size_t i;

    if (json_is_string(data) && json_string_value(data)[0] == '@')
        pairs = json_object_get(condition_find_set(&walk->scope, json_string_value(data) + 1), "elem");
    json_array_foreach(pairs, i, pair)
    {
        enum truth fits = condition_key(&walk->scope, json_object_get(map, "key"), json_array_get(pair, 0));

        if (fits == TRUTH_NO)
            continue;
        decide(walk, frame, step, json_array_get(pair, 1), truth_and(step->holds, fits));
        if (fits == TRUTH_YES)
            return;
    }
}

static void read_counter(const json_t *counter, struct ruleset_rule *rule)
{
    if (!json_is_integer(json_object_get(counter, "packets")))
        return;
    rule->packets = json_integer_value(json_object_get(counter, "packets"));
    rule->bytes = json_integer_value(json_object_get(counter, "bytes"));
}

/* A limit holds for a while, or only beyond; also within "add @set { ... limit ... }". */
static enum truth limited(const json_t *statement)
{
    static const char *const limits[] = {"limit", "ct count", "quota"}, *const sets[] = {"set", "meter"};
    enum truth result = TRUTH_YES;
    size_t k;
    const json_t *inner;

    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        const json_t *limit = json_object_get(statement, limits[i]);

        if (limit != NULL)
            return json_is_true(json_object_get(limit, "inv")) ? TRUTH_RARELY : TRUTH_OFTEN;
    }
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        const json_t *list = json_object_get(json_object_get(statement, sets[i]), "stmt");

        if (json_is_object(list))
            return limited(list);
        json_array_foreach(list, k, inner)
        {
            if (json_is_object(inner) && json_object_get(inner, "set") == NULL)
                result = truth_and(result, limited(inner));
        }
    }
    return result;
}

/* Statements that change nothing about whether the next one is reached, or only by their limit. */
static bool is_harmless(const json_t *statement)
{
    static const char *const harmless[] = {
        "counter", "log",      "mangle", "notrack",   "nftrace",    "limit", "quota",    "set",
        "meter",   "ct count", "last",   "ct helper", "ct timeout", "dup",   "continue", NULL};

    for (size_t i = 0; harmless[i] != NULL; i++)
        if (json_object_get(statement, harmless[i]) != NULL)
            return true;
    return false;
}

/* Whether a condition of a rule holds; of what is no condition, TRUTH_YES. */
static enum truth check(const struct walk *walk, const struct step *step, const json_t *statement)
{
    const json_t *match = json_object_get(statement, "match"), *xt = json_object_get(statement, "xt");
    struct text _cleanup_text_ words = {0};

    if (match != NULL)
        return condition_match(&walk->scope, match);
    if (is_harmless(statement))
        return limited(statement);
    if (xt == NULL)
        return TRUTH_MAYBE;
    ruleset_add_text(walk->ruleset, &step->found, &words);
    return condition_xt(&walk->scope, json_member(xt, "name"), text_get(&words));
}

static void take_step(struct walk *walk, struct frame *frame, struct step *step)
{
    size_t i;
    const json_t *statement;

    step->found = new_rule(walk, frame->chain);
    step->found.handle = json_integer_value(json_object_get(step->rule, "handle"));
    copy(step->found.comment, sizeof(step->found.comment), json_member(step->rule, "comment"));
    step->holds = TRUTH_YES;
    json_array_foreach(json_object_get(step->rule, "expr"), i, statement)
    {
        const json_t *map = json_object_get(statement, "vmap");

        read_counter(json_object_get(statement, "counter"), &step->found);
        if (map != NULL)
            decide_by_map(walk, frame, step, map);
        else if (!decide(walk, frame, step, statement, step->holds))
            step->holds = truth_and(step->holds, check(walk, step, statement));
        else
            return;
        if (step->holds == TRUTH_NO || frame->here == TRUTH_NO)
            return;
    }
}

/* How many of the packets that enter a chain come out of it undecided. */
static enum truth walk_chain(struct walk *walk, const json_t *chain, enum truth entry, int depth)
{
    struct frame frame = {chain, entry, TRUTH_NO, false, depth};
    size_t i;
    const json_t *object;

    json_array_foreach(walk->scope.objects, i, object)
    {
        struct step step = {.rule = json_object_get(object, "rule")};

        if (depth == JUMP_DEPTH_MAX || ++walk->steps > STEPS_MAX) {
            walk->trace->incomplete = true;
            break;
        }
        if (step.rule != NULL && is_of(step.rule, chain))
            take_step(walk, &frame, &step);
        if (frame.here == TRUTH_NO)
            break;
    }
    return frame.decided ? truth_or(frame.here, frame.returned) : entry;
}

/* A base chain: what comes out of it undecided meets its policy. How many of the packets get past it. */
static enum truth walk_base(struct walk *walk, const json_t *chain)
{
    /* A chain of one device sees only what arrives there. */
    bool everywhere = strcmp(walk->hook, "ingress") != 0 || walk->scope.question->interface != NULL;
    enum truth entry = everywhere ? TRUTH_YES : TRUTH_MAYBE, others = truth_not(entry), rest;
    struct ruleset_rule policy = new_rule(walk, chain);

    walk->scope.family = json_member(chain, "family");
    walk->scope.table = json_member(chain, "table");
    walk->accepted = TRUTH_NO;
    rest = walk_chain(walk, chain, entry, 0);
    if (rest == TRUTH_NO || strcmp(json_member(chain, "policy"), "drop") != 0)
        return truth_or(others, truth_or(walk->accepted, rest));
    policy.policy = true;
    policy.verdict = RULESET_DROP;
    policy.applies = rest;
    note(walk->trace, &policy);
    walk->trace->stopped = truth_or(walk->trace->stopped, rest);
    return truth_or(others, walk->accepted);
}

static bool concerns(const struct walk *walk, const json_t *chain)
{
    const struct ruleset_question *question = walk->scope.question;
    const char *family = json_member(chain, "family");
    struct ruleset_rule base = new_rule(walk, chain);

    if (chain == NULL || strcmp(json_member(chain, "hook"), walk->hook) != 0)
        return false;
    if (strcmp(family, "arp") == 0 || strcmp(family, "bridge") == 0 ||
        strcmp(family, question->family == 6 ? "ip" : "ip6") == 0 || ruleset_is_dormant(walk->ruleset, &base))
        return false;
    if (strcmp(walk->hook, "ingress") != 0)
        return true;
    if (question->interface != NULL)
        return ruleset_hooks_device(walk->ruleset, &base, question->interface);
    /* Nobody asks about packets that never left this machine. */
    return walk->ruleset->text == NULL || !ruleset_hooks_device(walk->ruleset, &base, "lo");
}

static size_t base_chains(const struct walk *walk, const json_t *chains[CHAINS_MAX])
{
    size_t count = 0, i;
    const json_t *object;

    json_array_foreach(walk->scope.objects, i, object)
    {
        const json_t *chain = json_object_get(object, "chain");
        json_int_t priority = json_integer_value(json_object_get(chain, "prio"));
        size_t at = count;

        if (!concerns(walk, chain) || count == CHAINS_MAX)
            continue;
        for (; at > 0 && json_integer_value(json_object_get(chains[at - 1], "prio")) > priority; at--)
            chains[at] = chains[at - 1];
        chains[at] = chain;
        count++;
    }
    return count;
}

void ruleset_trace(const struct ruleset *ruleset, const struct ruleset_question *question, const char *hook,
                   struct ruleset_trace *trace)
{
    struct walk walk = {
        .scope = {.objects = json_object_get(ruleset->root, "nftables"), .question = question},
        .ruleset = ruleset,
        .hook = hook,
        .trace = trace};
    const json_t *chains[CHAINS_MAX];
    size_t count = base_chains(&walk, chains);

    memset(trace, 0, sizeof(*trace));
    trace->passed = TRUTH_YES;
    for (size_t i = 0; i < count; i++)
        trace->passed = truth_and(trace->passed, walk_base(&walk, chains[i]));
    if (trace->incomplete) {
        trace->stopped = truth_or(trace->stopped, TRUTH_RARELY);
        trace->passed = truth_and(trace->passed, TRUTH_MAYBE);
    }
}
